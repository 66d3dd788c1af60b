// Convolution and its gradients against plain loops in double, at every level, for several numbers of threads.
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "test/check.h"
#include "test/guarded.h"
#include "threads/threads.h"

using namespace tenzo;

struct Case {
  int64_t batch, inChannels, outChannels, groups;
  int64_t in[3], kernel[3], stride[3], before[3], after[3], dilation[3];
  bool bias, nan;

  int64_t out(int d) const {
    const int64_t reach = in[d] + before[d] + after[d] - dilation[d] * (kernel[d] - 1) - 1;
    return reach < 0 ? 0 : reach / stride[d] + 1;
  }
  int64_t inputs() const { return in[0] * in[1] * in[2]; }
  int64_t outputs() const { return out(0) * out(1) * out(2); }
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  std::string text() const {
    std::string s = "batch " + std::to_string(batch) + " channels " + std::to_string(inChannels) + "->" +
                    std::to_string(outChannels) + " groups " + std::to_string(groups);
    const struct {
      const char* name;
      const int64_t* v;
    } lists[] = {{"in", in},         {"kernel", kernel}, {"stride", stride},
                 {"before", before}, {"after", after},   {"dilation", dilation}};
    for (const auto& l : lists)
      s += std::string(" ") + l.name + " " + std::to_string(l.v[0]) + "," + std::to_string(l.v[1]) + "," +
           std::to_string(l.v[2]);
    return s;
  }
};

static Rng rng;
static int64_t pick(int64_t low, int64_t high) { return low + rng.below(high - low + 1); }

template <class T>
static std::vector<T> values(int64_t n) {
  std::vector<T> v(static_cast<size_t>(n));
  for (T& x : v) x = static_cast<T>(rng.uniform() * 2 - 1);
  return v;
}

// The reference: for every (output, tap) pair, f(y index, x index or -1 in the padding, w index).
template <class F>
static void visit(const Case& c, const F& f) {
  const int64_t gi = c.inChannels / c.groups, go = c.outChannels / c.groups;
  for (int64_t n = 0; n < c.batch; n++)
    for (int64_t co = 0; co < c.outChannels; co++)
      for (int64_t ci = 0; ci < gi; ci++)
        for (int64_t o = 0; o < c.outputs(); o++)
          for (int64_t t = 0; t < c.taps(); t++) {
            const int64_t os[3] = {o / (c.out(1) * c.out(2)), o / c.out(2) % c.out(1), o % c.out(2)};
            const int64_t ts[3] = {t / (c.kernel[1] * c.kernel[2]), t / c.kernel[2] % c.kernel[1], t % c.kernel[2]};
            int64_t at = 0;
            bool inside = true;
            for (int d = 0; d < 3; d++) {
              const int64_t i = os[d] * c.stride[d] - c.before[d] + ts[d] * c.dilation[d];
              inside = inside && i >= 0 && i < c.in[d];
              at = at * c.in[d] + i;
            }
            f((n * c.outChannels + co) * c.outputs() + o,
              inside ? (n * c.inChannels + co / go * gi + ci) * c.inputs() + at : -1, (co * gi + ci) * c.taps() + t);
          }
}

// Arguments with the geometry of the case.
template <class Args>
static Args geometry(const Case& c) {
  Args a = {};
  a.batch = c.batch, a.inChannels = c.inChannels, a.outChannels = c.outChannels, a.groups = c.groups;
  for (int d = 0; d < 3; d++) {
    a.in[d] = c.in[d], a.out[d] = c.out(d), a.kernel[d] = c.kernel[d];
    a.stride[d] = c.stride[d], a.padding[d] = c.before[d], a.dilation[d] = c.dilation[d];
  }
  return a;
}

template <class T>
static void compare(const char* what, const Case& c, GuardedOf<T>& got, const std::vector<double>& want,
                    const std::vector<double>& scale, double terms) {
  CHECK(got.intact(), "%s wrote outside (%s)", what, c.text().c_str());
  const double eps = sizeof(T) == 4 ? 6e-8 : 1.2e-16;
  for (int64_t i = 0; i < got.n; i++) {
    const double g = got.data()[i], w = want[static_cast<size_t>(i)];
    const bool same = std::isnan(w) ? std::isnan(g)
                      : std::isinf(w)
                          ? g == w
                          : std::fabs(g - w) <= eps * (4 + std::sqrt(terms)) * scale[static_cast<size_t>(i)];
    CHECK(same, "%s of %s: [%lld] is %.9g, not %.9g (%s)", what, sizeof(T) == 4 ? "f32" : "f64",
          static_cast<long long>(i), g, w, c.text().c_str());
    if (!same) return;
  }
}

template <class T>
static void test(const Case& c) {
  const int64_t gi = c.inChannels / c.groups;
  std::vector<T> x = values<T>(c.batch * c.inChannels * c.inputs()), w = values<T>(c.outChannels * gi * c.taps()),
                 dy = values<T>(c.batch * c.outChannels * c.outputs()), bias = values<T>(c.outChannels),
                 inBias = values<T>(c.inChannels);
  if (c.nan && !x.empty() && !dy.empty()) {
    x[static_cast<size_t>(pick(0, static_cast<int64_t>(x.size()) - 1))] = static_cast<T>(std::nan(""));
    dy[static_cast<size_t>(pick(0, static_cast<int64_t>(dy.size()) - 1))] = static_cast<T>(INFINITY);
  }
  const auto zeros = [](size_t n) { return std::vector<double>(n, 0); };
  auto y1 = zeros(dy.size()), y2 = y1, dx1 = zeros(x.size()), dx2 = dx1, dw1 = zeros(w.size()), dw2 = dw1,
       db1 = zeros(bias.size()), db2 = db1;
  const auto add = [](double& sum, double& size, double v) {
    sum += v;
    size += std::fabs(v);
  };
  visit(c, [&](int64_t yi, int64_t xi, int64_t wi) {
    const auto a = static_cast<size_t>(yi), b = static_cast<size_t>(xi), k = static_cast<size_t>(wi);
    if (xi < 0) {  // the padding's zeros take part: a gradient of infinity there is NaN, as in any im2col
      add(dw1[k], dw2[k], double(dy[a]) * 0.0);
      return;
    }
    add(y1[a], y2[a], double(x[b]) * double(w[k]));
    add(dx1[b], dx2[b], double(dy[a]) * double(w[k]));
    add(dw1[k], dw2[k], double(dy[a]) * double(x[b]));
  });
  for (size_t i = 0; i < y1.size(); i++) {
    const size_t co = i / static_cast<size_t>(c.outputs()) % static_cast<size_t>(c.outChannels);
    if (c.bias) add(y1[i], y2[i], double(bias[co]));
    add(db1[co], db2[co], double(dy[i]));
  }
  if (c.bias)
    for (size_t i = 0; i < dx1.size(); i++)
      add(dx1[i], dx2[i], double(inBias[i / static_cast<size_t>(c.inputs()) % static_cast<size_t>(c.inChannels)]));

  const auto bits = sameBits({1, 2, 5}, [&] {
    GuardedOf<T> y(static_cast<int64_t>(dy.size())), dx(static_cast<int64_t>(x.size())),
        dw(static_cast<int64_t>(w.size())), db(c.outChannels);
    auto forward = geometry<ConvArgs>(c);
    forward.y = out(y), forward.x = in(x), forward.w = in(w);
    if (c.bias) forward.bias = in(bias);
    Status s = send(OP_conv, dtypeOf<T>, forward);
    CHECK(s == OK, "conv: status %d", s);
    auto byInput = geometry<ConvBackwardInputArgs>(c);
    byInput.dx = out(dx), byInput.dy = in(dy), byInput.w = in(w);
    if (c.bias) byInput.bias = in(inBias);
    s = send(OP_conv_backward_input, dtypeOf<T>, byInput);
    CHECK(s == OK, "conv_backward_input: status %d", s);
    auto byWeight = geometry<ConvBackwardWeightArgs>(c);
    byWeight.dw = out(dw), byWeight.x = in(x), byWeight.dy = in(dy), byWeight.db = out(db);
    s = send(OP_conv_backward_weight, dtypeOf<T>, byWeight);
    CHECK(s == OK, "conv_backward_weight: status %d", s);
    if (numThreads() == 1) {
      compare("y", c, y, y1, y2, double(gi * c.taps()));
      compare("dx", c, dx, dx1, dx2, double(c.outChannels / c.groups * c.taps()));
      compare("dw", c, dw, dw1, dw2, double(c.batch * c.outputs()));
      compare("db", c, db, db1, db2, double(c.batch * c.outputs()));
    }
    std::vector<T> now;
    for (GuardedOf<T>* b : {&y, &dx, &dw, &db}) now.insert(now.end(), b->data(), b->data() + b->n);
    for (T& v : now)
      if (std::isnan(v)) v = static_cast<T>(std::nan(""));  // the sign of a NaN is nobody's promise
    return std::vector<unsigned char>(reinterpret_cast<unsigned char*>(now.data()),
                                      reinterpret_cast<unsigned char*>(now.data() + now.size()));
  });
  noteBits(bits.data(), bits.size());
}

static Case plain(int64_t batch, int64_t ci, int64_t co, int64_t h, int64_t w, int64_t k, int64_t stride, int64_t pad,
                  int64_t groups = 1) {
  return {batch,         ci,        co,   groups, {1, h, w}, {1, k, k}, {1, stride, stride}, {0, pad, pad},
          {0, pad, pad}, {1, 1, 1}, true, false};
}

static Case arbitrary() {
  Case c;
  c.batch = pick(1, 3);
  c.groups = pick(0, 3) ? 1 : pick(2, 4);
  const bool depthwise = pick(0, 5) == 0;
  c.inChannels = depthwise ? c.groups : c.groups * pick(1, pick(0, 1) ? 4 : 20);
  c.outChannels = c.groups * pick(1, pick(0, 1) ? 5 : 40);
  const int dims = static_cast<int>(pick(0, 4));  // mostly two
  for (int d = 0; d < 3; d++) {
    const bool there = d == 2 || (d == 1 && dims > 0) || (d == 0 && dims == 4);
    c.kernel[d] = there ? pick(1, pick(0, 3) ? 3 : 6) : 1;
    c.stride[d] = there && !pick(0, 2) ? pick(2, 4) : 1;
    c.dilation[d] = there && !pick(0, 2) ? pick(2, 3) : 1;
    c.before[d] = there && pick(0, 1) ? pick(0, c.kernel[d] + 1) : 0;
    c.after[d] = there && pick(0, 1) ? pick(0, c.kernel[d]) : 0;
    c.in[d] = there ? pick(1, dims == 0 ? 150 : dims == 4 ? 7 : 23) : 1;
  }
  c.bias = pick(0, 1);
  c.nan = pick(0, 3) == 0;
  return c;
}

static void refusals() {
  std::vector<float> v(64);
  const Case c = plain(1, 2, 2, 4, 4, 3, 1, 1);
  const auto forward = [&](auto change) {
    auto a = geometry<ConvArgs>(c);
    a.y = out(v), a.x = in(v), a.w = in(v);
    change(a);
    return send(OP_conv, F32, a);
  };
  const auto byInput = [&](auto change) {
    auto a = geometry<ConvBackwardInputArgs>(c);
    a.dx = out(v), a.dy = in(v), a.w = in(v);
    change(a);
    return send(OP_conv_backward_input, F32, a);
  };
  const auto byWeight = [&](auto change) {
    auto a = geometry<ConvBackwardWeightArgs>(c);
    a.dw = out(v), a.x = in(v), a.dy = in(v);
    change(a);
    return send(OP_conv_backward_weight, F32, a);
  };
  const auto all = [&](auto change, Status want, const char* what) {
    CHECK(forward(change) == want && byInput(change) == want && byWeight(change) == want, "%s", what);
  };
  all([](auto&) {}, OK, "a good command");
  all([](auto& a) { a.groups = 0; }, BAD_COMMAND, "zero groups");
  all([](auto& a) { a.groups = 3; }, BAD_COMMAND, "groups that do not divide");
  all([](auto& a) { a.batch = -1; }, BAD_COMMAND, "negative batch");
  all([](auto& a) { a.kernel[1] = 0; }, BAD_COMMAND, "empty kernel");
  all([](auto& a) { a.batch = 3; }, BAD_COMMAND, "too little memory");
  CHECK(forward([](auto& a) { a.y = {}; }) == BAD_COMMAND, "null output accepted");
  CHECK(forward([](auto& a) { a.x = {}; }) == BAD_COMMAND, "null input accepted");
  CHECK(byInput([](auto& a) { a.w = {}; }) == BAD_COMMAND, "null kernel accepted");
}

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 250;
  // The shapes of the benchmarks, smaller batches: LeNet, a residual net, pointwise, depthwise.
  const Case cases[] = {
      plain(2, 1, 6, 28, 28, 5, 1, 2),
      plain(3, 6, 16, 14, 14, 5, 1, 0),
      plain(1, 32, 64, 20, 20, 3, 1, 1),
      plain(1, 32, 48, 17, 19, 3, 2, 1),
      plain(2, 40, 33, 9, 9, 1, 1, 0),
      plain(2, 16, 33, 9, 9, 1, 2, 0),
      plain(1, 24, 24, 15, 15, 3, 1, 1, 24),
      plain(1, 24, 24, 15, 15, 3, 2, 1, 24),
      plain(1, 3, 20, 40, 70, 7, 2, 3),
      plain(70, 4, 4, 1, 1, 1, 1, 0),
      plain(1, 40, 150, 7, 7, 3, 1, 1),
      plain(0, 3, 4, 8, 8, 3, 1, 1),
      plain(2, 0, 4, 8, 8, 3, 1, 1),
      plain(2, 3, 0, 8, 8, 3, 1, 1),
      plain(2, 3, 4, 2, 2, 3, 1, 0),
      plain(20, 8, 40, 16, 16, 3, 1, 1),
      plain(1, 2, 2, 300, 300, 3, 1, 1),
      {1, 1, 3, 1, {1, 1, 200000}, {1, 1, 10}, {1, 1, 5}, {0, 0, 3}, {0, 0, 4}, {1, 1, 1}, true, false},
      {1, 30, 20, 1, {6, 9, 9}, {3, 3, 3}, {1, 2, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 2}, true, false},
      {2, 3, 9, 1, {1, 9, 9}, {1, 3, 3}, {1, 7, 9}, {0, 9, 4}, {0, 9, 0}, {1, 5, 6}, true, false},
      {2, 3, 9, 1, {1, 12, 30}, {1, 2, 3}, {1, 1, 1}, {0, -2, -5}, {0, -1, -3}, {1, 1, 1}, true, false},
  };
  for (const Case& c : cases) {
    test<float>(c);
    test<double>(c);
  }
  for (int i = 0; i < count; i++) {
    const Case c = arbitrary();
    if (i % 2)
      test<float>(c);
    else
      test<double>(c);
  }
  refusals();
  return report("conv_test");
}
