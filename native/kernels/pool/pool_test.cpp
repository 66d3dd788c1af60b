// Pooling against plain loops, at every level, for several numbers of threads.
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "test/check.h"
#include "test/guarded.h"
#include "threads/threads.h"

using namespace tenzo;

struct Case {
  int64_t planes;
  int64_t in[3], kernel[3], stride[3], padding[3], dilation[3];
  bool ceilMode, countPadding;
  int64_t divisor;

  // PyTorch's output size.
  int64_t out(int d) const {
    const int64_t reach = in[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1;
    if (reach < 0) return 0;
    int64_t n = (reach + (ceilMode ? stride[d] - 1 : 0)) / stride[d] + 1;
    if (ceilMode && (n - 1) * stride[d] >= in[d] + padding[d]) n--;
    return n;
  }
  int64_t inputs() const { return in[0] * in[1] * in[2]; }
  int64_t outputs() const { return out(0) * out(1) * out(2); }
  std::string text() const {
    std::string s = "planes " + std::to_string(planes) + (ceilMode ? " ceil" : "");
    const struct {
      const char* name;
      const int64_t* v;
    } lists[] = {{"in", in}, {"kernel", kernel}, {"stride", stride}, {"padding", padding}, {"dilation", dilation}};
    for (const auto& l : lists)
      s += std::string(" ") + l.name + " " + std::to_string(l.v[0]) + "," + std::to_string(l.v[1]) + "," +
           std::to_string(l.v[2]);
    return s;
  }
};

static Rng rng;
static int64_t pick(int64_t low, int64_t high) { return low + rng.below(high - low + 1); }

// An input in its own allocation without slack, so that the sanitizers see a read past it.
template <class T>
static std::vector<T> inputsOf(int64_t n, bool special) {
  std::vector<T> v(static_cast<size_t>(n));
  for (T& x : v) {
    if constexpr (std::is_integral_v<T>)
      x = static_cast<T>(rng.next());
    else
      x = static_cast<T>(pick(0, 3) ? rng.uniform() * 2 - 1 : 0.5);  // ties, too
    if constexpr (!std::is_integral_v<T>)
      if (special && pick(0, 9) == 0) x = static_cast<T>(pick(0, 1) ? NAN : pick(0, 1) ? INFINITY : -INFINITY);
  }
  return v;
}

template <class T>
static bool equalBits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || !std::memcmp(a.data(), b.data(), a.size() * sizeof(T)));
}

// Arguments with the geometry of the case.
template <class Args>
static Args geometry(const Case& c, const int64_t* out) {
  Args a = {};
  a.planes = c.planes;
  for (int d = 0; d < 3; d++) {
    a.in[d] = c.in[d], a.out[d] = out[d];
    if constexpr (requires { a.kernel; })
      a.kernel[d] = c.kernel[d], a.stride[d] = c.stride[d], a.padding[d] = c.padding[d];
    if constexpr (requires { a.dilation; }) a.dilation[d] = c.dilation[d];
  }
  if constexpr (requires { a.divisor; }) a.countPadding = c.countPadding, a.divisor = c.divisor;
  return a;
}

// The windows of one axis, as PyTorch computes them.
struct Window {
  int64_t begin, end, padded;
};
static Window windowOf(const Case& c, int d, int64_t o, bool adaptive, int64_t out) {
  if (adaptive) {
    const int64_t b = static_cast<int64_t>(std::floor(static_cast<double>(o * c.in[d]) / static_cast<double>(out)));
    const int64_t e =
        static_cast<int64_t>(std::ceil(static_cast<double>((o + 1) * c.in[d]) / static_cast<double>(out)));
    return {b, e, e - b};
  }
  int64_t b = o * c.stride[d] - c.padding[d];
  const int64_t e = std::min(b + (c.kernel[d] - 1) * c.dilation[d] + 1, c.in[d]);
  const int64_t padded = std::min(b + c.kernel[d], c.in[d] + c.padding[d]) - b;
  while (b < 0) b += c.dilation[d];
  return {b, e, padded};
}

// For every output f(output, its windows).
template <class F>
static void each(const Case& c, const int64_t* out, bool adaptive, const F& f) {
  for (int64_t p = 0, o = 0; p < c.planes; p++)
    for (int64_t d = 0; d < out[0]; d++)
      for (int64_t h = 0; h < out[1]; h++)
        for (int64_t w = 0; w < out[2]; w++, o++)
          f(p, o, windowOf(c, 0, d, adaptive, out[0]), windowOf(c, 1, h, adaptive, out[1]),
            windowOf(c, 2, w, adaptive, out[2]));
}

template <class T>
static void testMax(const Case& c, const int64_t* out, bool adaptive, bool special) {
  const int64_t outputs = out[0] * out[1] * out[2];
  const std::vector<T> x = inputsOf<T>(c.planes * c.inputs(), special);
  std::vector<T> want;
  std::vector<int64_t> at;
  each(c, out, adaptive, [&](int64_t p, int64_t, Window d, Window h, Window w) {
    T best =
        std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
    int64_t where = (d.begin * c.in[1] + h.begin) * c.in[2] + w.begin;
    for (int64_t i = d.begin; i < d.end; i += c.dilation[0])
      for (int64_t j = h.begin; j < h.end; j += c.dilation[1])
        for (int64_t k = w.begin; k < w.end; k += c.dilation[2]) {
          const int64_t flat = (i * c.in[1] + j) * c.in[2] + k;
          const T v = x[static_cast<size_t>(p * c.inputs() + flat)];
          if (v > best || v != v) {
            best = v;
            where = flat;
          }
        }
    want.push_back(best);
    at.push_back(where);
  });
  eachLevel([&](Level) {
    for (int threads : {1, 3})
      for (DType indexType : {I64, I32, F32}) {
        setNumThreads(threads);
        GuardedOf<T> y(c.planes * outputs);
        GuardedOf<int64_t> indices(c.planes * outputs);
        GuardedOf<int32_t> small(c.planes * outputs);
        const auto run = [&](Op op, auto a) {
          a.y = ::out(y), a.x = in(x);
          a.indices = indexType == I64 ? ::out(indices) : indexType == I32 ? ::out(small) : Out{};
          return send(op, dtypeOf<T>, a, nullptr, indexType);
        };
        const Status s = adaptive ? run(OP_adaptive_max_pool, geometry<AdaptiveMaxPoolArgs>(c, out))
                                  : run(OP_max_pool, geometry<MaxPoolArgs>(c, out));
        CHECK(s == OK, "status %d (%s)", s, c.text().c_str());
        CHECK(y.intact() && indices.intact() && small.intact(), "wrote outside (%s)", c.text().c_str());
        CHECK(equalBits(y.values(), want), "maxima (%s) dtype %d", c.text().c_str(), dtypeOf<T>);
        if (indexType == I64) CHECK(equalBits(indices.values(), at), "indices (%s)", c.text().c_str());
        if (indexType == I32) {
          const auto got = small.values();
          CHECK(std::equal(got.begin(), got.end(), at.begin(), at.end(), [](int32_t a, int64_t b) { return a == b; }),
                "small indices (%s)", c.text().c_str());
        }
      }
  });
  if constexpr (std::is_floating_point_v<T>) {
    const std::vector<T> dy = inputsOf<T>(c.planes * outputs, false);
    std::vector<T> dx(x.size(), 0);
    for (size_t i = 0; i < dy.size(); i++)
      dx[i / static_cast<size_t>(outputs) * static_cast<size_t>(c.inputs()) + static_cast<size_t>(at[i])] += dy[i];
    eachLevel([&](Level) {
      for (int threads : {1, 3}) {
        setNumThreads(threads);
        GuardedOf<T> got(static_cast<int64_t>(x.size()));
        const MaxPoolBackwardArgs a{::out(got), in(dy), in(at), c.planes, c.inputs(), outputs};
        const Status s = send(OP_max_pool_backward, dtypeOf<T>, a, nullptr, I64);
        CHECK(s == OK && got.intact() && equalBits(got.values(), dx), "gradient of maxima (%s)", c.text().c_str());
      }
    });
  }
}

template <class T>
static void close(const char* what, const Case& c, GuardedOf<T>& got, const std::vector<double>& want) {
  CHECK(got.intact(), "%s wrote outside (%s)", what, c.text().c_str());
  const double tolerance = sizeof(T) == 4 ? 2e-6 : 1e-14;
  for (size_t i = 0; i < want.size(); i++) {
    const double g = got.data()[i], w = want[i];
    const bool same = std::isnan(w)   ? std::isnan(g)
                      : std::isinf(w) ? g == w
                                      : std::fabs(g - w) <= tolerance * (1 + std::fabs(w));
    CHECK(same, "%s: [%zu] is %.9g, not %.9g (%s)", what, i, g, w, c.text().c_str());
    if (!same) return;
  }
}

template <class T>
static void testAverage(const Case& c, const int64_t* out, bool adaptive, bool special) {
  const int64_t outputs = out[0] * out[1] * out[2];
  const std::vector<T> x = inputsOf<T>(c.planes * c.inputs(), special), dy = inputsOf<T>(c.planes * outputs, special);
  std::vector<double> y, dx(x.size(), 0);
  each(c, out, adaptive, [&](int64_t p, int64_t o, Window d, Window h, Window w) {
    const int64_t inside = std::max<int64_t>(0, d.end - d.begin) * std::max<int64_t>(0, h.end - h.begin) *
                           std::max<int64_t>(0, w.end - w.begin);
    const double by = static_cast<double>(c.divisor && !adaptive        ? c.divisor
                                          : c.countPadding && !adaptive ? d.padded * h.padded * w.padded
                                                                        : inside);
    double sum = 0;
    for (int64_t i = d.begin; i < d.end; i++)
      for (int64_t j = h.begin; j < h.end; j++)
        for (int64_t k = w.begin; k < w.end; k++) {
          const auto flat = static_cast<size_t>(p * c.inputs() + (i * c.in[1] + j) * c.in[2] + k);
          sum += x[flat];
          dx[flat] += dy[static_cast<size_t>(o)] / by;
        }
    y.push_back(inside ? sum / by : 0);
  });
  std::vector<T> bits;
  eachLevel([&](Level) {
    for (int threads : {1, 3}) {
      setNumThreads(threads);
      GuardedOf<T> gotY(c.planes * outputs), gotDx(static_cast<int64_t>(x.size()));
      const auto forward = [&](Op op, auto a) {
        a.y = ::out(gotY), a.x = in(x);
        return send(op, dtypeOf<T>, a);
      };
      const auto backward = [&](Op op, auto a) {
        a.dx = ::out(gotDx), a.dy = in(dy);
        return send(op, dtypeOf<T>, a);
      };
      const Status s = adaptive ? forward(OP_adaptive_avg_pool, geometry<AdaptiveAvgPoolArgs>(c, out))
                                : forward(OP_avg_pool, geometry<AvgPoolArgs>(c, out));
      const Status b = adaptive ? backward(OP_adaptive_avg_pool_backward, geometry<AdaptiveAvgPoolBackwardArgs>(c, out))
                                : backward(OP_avg_pool_backward, geometry<AvgPoolBackwardArgs>(c, out));
      CHECK(s == OK && b == OK, "status %d, %d (%s)", s, b, c.text().c_str());
      close("average", c, gotY, y);
      close("gradient of average", c, gotDx, dx);
      std::vector<T> now = gotY.values();
      for (T v : gotDx.values()) now.push_back(v);
      for (T& v : now)
        if (std::isnan(v)) v = static_cast<T>(NAN);
      if (bits.empty()) bits = now;
      CHECK(equalBits(bits, now), "levels or threads differ (%s)", c.text().c_str());
    }
  });
  noteBits(bits.data(), bits.size() * sizeof(T));
}

static Case arbitrary(bool dilated) {
  Case c;
  c.planes = pick(1, 5);
  const int dims = static_cast<int>(pick(0, 5));
  for (int d = 0; d < 3; d++) {
    const bool there = d == 2 || (d == 1 && dims > 0) || (d == 0 && dims == 5);
    c.kernel[d] = there ? pick(1, 4) : 1;
    c.stride[d] = there ? pick(0, 2) ? pick(1, 2) : pick(1, 4) : 1;
    c.dilation[d] = there && dilated && !pick(0, 2) ? pick(1, 3) : 1;
    c.padding[d] = there && pick(0, 1) ? pick(0, c.kernel[d] / 2) : 0;
    const int64_t least = (c.kernel[d] - 1) * c.dilation[d] + 1;
    c.in[d] = there ? least + pick(0, dims == 0 ? 120 : dims == 5 ? 7 : 45) : 1;
  }
  c.ceilMode = pick(0, 1);
  c.countPadding = pick(0, 1);
  c.divisor = pick(0, 3) ? 0 : pick(1, 9);
  return c;
}

static Case plain(int64_t planes, int64_t h, int64_t w, int64_t k, int64_t s, int64_t pad, bool ceilMode = false) {
  return {planes, {1, h, w}, {1, k, k}, {1, s, s}, {0, pad, pad}, {1, 1, 1}, ceilMode, true, 0};
}

template <class T>
static void testCase(const Case& c, bool special) {
  const int64_t out[3] = {c.out(0), c.out(1), c.out(2)};
  testMax<T>(c, out, false, special);
  if constexpr (std::is_floating_point_v<T>) {
    Case a = c;
    for (int d = 0; d < 3; d++) a.dilation[d] = 1;
    const int64_t averageOut[3] = {a.out(0), a.out(1), a.out(2)};
    testAverage<T>(a, averageOut, false, special);
  }
}

template <class T>
static void testAdaptive(const Case& c, bool special) {
  Case a = c;
  for (int d = 0; d < 3; d++) a.dilation[d] = 1;
  const int64_t out[3] = {pick(1, a.in[0]), pick(0, 2) ? pick(1, a.in[1] + 2) : 1,
                          pick(0, 2) ? pick(1, a.in[2] + 2) : 1};
  testMax<T>(a, out, true, special);
  if constexpr (std::is_floating_point_v<T>) testAverage<T>(a, out, true, special);
}

static void refusals() {
  std::vector<float> v(64);
  std::vector<int64_t> indices{0, 99, 0, 0};
  double detail[6];
  const MaxPoolBackwardArgs back{out(v), in(v), in(indices), 1, 16, 4};
  CHECK(send(OP_max_pool_backward, F32, back, detail, I64) == INDEX_OUT_OF_RANGE);
  CHECK(detail[0] == 99 && detail[1] == 1 && detail[2] == 16, "%g %g %g", detail[0], detail[1], detail[2]);
  indices[1] = -1;
  CHECK(send(OP_max_pool_backward, F32, back, detail, I64) == INDEX_OUT_OF_RANGE);
  const auto run = [&](auto change) {
    MaxPoolArgs a{.y = out(v),
                  .x = in(v),
                  .planes = 1,
                  .in = {1, 4, 4},
                  .out = {1, 2, 2},
                  .kernel = {1, 2, 2},
                  .stride = {1, 2, 2},
                  .dilation = {1, 1, 1}};
    change(a);
    return send(OP_max_pool, F32, a);
  };
  CHECK(run([](auto&) {}) == OK);
  for (const int64_t bad : {0, -1}) {
    CHECK(run([&](auto& a) { a.kernel[1] = bad; }) == BAD_COMMAND);
    CHECK(run([&](auto& a) { a.stride[1] = bad; }) == BAD_COMMAND);
    CHECK(run([&](auto& a) { a.dilation[1] = bad; }) == BAD_COMMAND);
  }
  CHECK(run([](auto& a) { a.y = {}; }) == BAD_COMMAND);
  CHECK(run([](auto& a) { a.x.bytes = 63; }) == BAD_COMMAND);
}

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 300;
  const Level best = bestLevel();
  for (const Case& c : {plain(3, 28, 28, 2, 2, 0), plain(3, 10, 10, 2, 2, 0), plain(2, 112, 112, 3, 2, 1),
                        plain(2, 57, 33, 3, 1, 1), plain(1, 35, 35, 3, 2, 0, true), plain(0, 8, 8, 2, 2, 0),
                        plain(300, 14, 14, 2, 2, 0), plain(4, 7, 7, 7, 1, 0)}) {
    testCase<float>(c, false);
    testCase<double>(c, true);
    testCase<uint8_t>(c, false);
  }
  for (int i = 0; i < count; i++) {
    const Case c = arbitrary(i % 2);
    const bool special = pick(0, 2) == 0;
    switch (i % 8) {
      case 0:
        testCase<double>(c, special), testAdaptive<double>(c, special);
        break;
      case 1:
        testCase<int32_t>(c, false), testAdaptive<int32_t>(c, false);
        break;
      case 2:
        testCase<int64_t>(c, false);
        break;
      case 3:
        testCase<int16_t>(c, false), testCase<int8_t>(c, false);
        break;
      default:
        testCase<float>(c, special), testAdaptive<float>(c, special);
        break;
    }
  }
  refusals();
  setLevel(best);
  return report("pool_test");
}
