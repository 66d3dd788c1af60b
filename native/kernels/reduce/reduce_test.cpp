// Every reduction against a plain loop in long double, over random shapes, layouts and dtypes; then the promises:
// the same bits for AVX2 and AVX-512 and for any number of threads, nothing written beside the outputs.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "test/check.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

const double INF = std::numeric_limits<double>::infinity(), NAN_ = std::nan("");
Rng rng;

double get(const void* p, DType t, int64_t i) {
  switch (t) {
    case F32:
      return static_cast<const float*>(p)[i];
    case F64:
      return static_cast<const double*>(p)[i];
    case I64:
      return static_cast<double>(static_cast<const int64_t*>(p)[i]);
    case I32:
      return static_cast<const int32_t*>(p)[i];
    case I16:
      return static_cast<const int16_t*>(p)[i];
    case I8:
      return static_cast<const int8_t*>(p)[i];
    default:
      return static_cast<const uint8_t*>(p)[i];
  }
}
void put(void* p, DType t, int64_t i, double v) {
  switch (t) {
    case F32:
      static_cast<float*>(p)[i] = static_cast<float>(v);
      break;
    case F64:
      static_cast<double*>(p)[i] = v;
      break;
    case I64:
      static_cast<int64_t*>(p)[i] = static_cast<int64_t>(v);
      break;
    case I32:
      static_cast<int32_t*>(p)[i] = static_cast<int32_t>(v);
      break;
    case I16:
      static_cast<int16_t*>(p)[i] = static_cast<int16_t>(v);
      break;
    case I8:
      static_cast<int8_t*>(p)[i] = static_cast<int8_t>(v);
      break;
    default:
      static_cast<uint8_t*>(p)[i] = static_cast<uint8_t>(v);
      break;
  }
}
bool isFloat(DType t) { return t == F32 || t == F64; }

struct Case {
  std::vector<int64_t> sizes, strides, outStrides;
  std::vector<int> reduced;
  int64_t extent = 1, outputs = 1, count = 1;
  std::string text;
};

// Sizes as given, memory order a random permutation, at times with gaps between elements or a broadcast dim.
Case makeCase(std::vector<int64_t> sizes, std::vector<int> reduced, bool permute, bool gaps) {
  Case c;
  const size_t n = sizes.size();
  c.sizes = sizes;
  c.reduced = reduced;
  c.strides.assign(n, 0);
  c.outStrides.assign(n, 0);
  std::vector<size_t> order(n);
  for (size_t i = 0; i < n; i++) order[i] = i;
  if (permute)
    for (size_t i = n; i > 1; i--)
      std::swap(order[i - 1], order[static_cast<size_t>(rng.below(static_cast<int64_t>(i)))]);
  int64_t step = gaps ? 1 + rng.below(3) : 1;
  c.extent = 1;
  for (size_t i = n; i-- > 0;) {
    const size_t d = order[i];
    if (gaps && rng.below(6) == 0) {  // broadcast
      c.strides[d] = 0;
      continue;
    }
    c.strides[d] = step;
    c.extent += (sizes[d] > 0 ? sizes[d] - 1 : 0) * step;
    step *= std::max<int64_t>(1, sizes[d]);
    if (gaps) step += rng.below(2);
  }
  for (size_t i = n; i-- > 0;) {
    if (reduced[i]) {
      c.count *= sizes[i];
    } else {
      c.outStrides[i] = c.outputs;
      c.outputs *= sizes[i];
    }
    c.text = std::to_string(sizes[i]) + (reduced[i] ? "r" : "") + "@" + std::to_string(c.strides[i]) + " " + c.text;
  }
  return c;
}

struct Buffer {
  static constexpr int64_t PAD = 64;
  std::vector<unsigned char> bytes;
  int64_t used;
  size_t skew;
  // one element of misalignment now and then
  Buffer(DType t, int64_t n, size_t skewElements = 0)
      : bytes(static_cast<size_t>(n * itemsize(t) + 2 * PAD + 8), 0xA5),
        used(n * itemsize(t)),
        skew(skewElements * static_cast<size_t>(itemsize(t))) {}
  unsigned char* data() { return bytes.data() + PAD + skew; }
  In in() { return ::in(data(), used); }
  Out out() { return ::out(data(), used); }
  bool clean() const {
    for (size_t i = 0; i < static_cast<size_t>(PAD) + skew; i++)
      if (bytes[i] != 0xA5) return false;
    for (size_t i = static_cast<size_t>(PAD + used) + skew; i < bytes.size(); i++)
      if (bytes[i] != 0xA5) return false;
    return true;
  }
};

DType outType(Op op, DType t) {
  if (op == OP_any || op == OP_all) return BOOL;
  if (op == OP_argmax || op == OP_argmin || op == OP_count_nonzero) return I64;
  return t;
}
bool secondOut(Op op) { return op == OP_max || op == OP_min || op == OP_var || op == OP_std; }

// The command of a reduction, whichever of their schemas it has.
Status reduce(Op op, DType t, const Case& c, Out values, Out second, In a, double param = 0) {
  const auto command = [&](auto args) {
    args.out = values;
    args.a = a;
    args.param = param;
    args.ndim = static_cast<int>(c.sizes.size());
    args.sizes = dims(c.sizes);
    args.strides = dims(c.strides);
    args.outStrides = dims(c.outStrides);
    args.reduced = dims(c.reduced);
    return send(op, t, args);
  };
  switch (OPS[op].schema) {
    case SCHEMA_REDUCE_MOMENTS: {
      ReduceMomentsArgs args{};
      args.mean = second;
      return command(args);
    }
    case SCHEMA_REDUCE_EXTREME: {
      ReduceExtremeArgs args{};
      args.indices = second;
      return command(args);
    }
    case SCHEMA_REDUCE_COUNT:
      return command(ReduceCountArgs{});
    case SCHEMA_REDUCE_TRUTH:
      return command(ReduceTruthArgs{});
    default:
      return command(ReduceArgs{});
  }
}

int64_t wrap(unsigned __int128 v, DType t) {
  const uint64_t u = static_cast<uint64_t>(v);
  switch (t) {
    case I64:
      return static_cast<int64_t>(u);
    case I32:
      return static_cast<int32_t>(u);
    case I16:
      return static_cast<int16_t>(u);
    case I8:
      return static_cast<int8_t>(u);
    default:
      return static_cast<uint8_t>(u);
  }
}

struct Expected {
  long double value;
  long double second = 0;  // index or mean
  long double scale = 0;   // what the error may be relative to, if not to the value
  bool exact = false;
};

Expected reference(Op op, DType t, const std::vector<double>& x, double param) {
  const int64_t n = static_cast<int64_t>(x.size());
  Expected e{0};
  switch (op) {
    case OP_sum:
    case OP_nansum:
    case OP_mean: {
      if (!isFloat(t)) {
        unsigned __int128 s = 0;
        for (double v : x) s += static_cast<unsigned __int128>(static_cast<__int128>(v));
        e.value = static_cast<double>(wrap(s, t));
        e.exact = true;
        return e;
      }
      for (double v : x) {
        if (op == OP_nansum && v != v) continue;
        e.value += v;
        e.scale += std::fabs(v);
      }
      if (op == OP_mean) e.value /= n, e.scale /= n;
      return e;
    }
    case OP_prod: {
      if (!isFloat(t)) {
        uint64_t s = 1;
        for (double v : x) s *= static_cast<uint64_t>(static_cast<int64_t>(v));
        e.value = static_cast<double>(wrap(s, t));
        e.exact = true;
        return e;
      }
      e.value = 1;
      for (double v : x) e.value *= v;
      e.scale = std::fabs(e.value) * std::max<long double>(1, std::sqrt(static_cast<double>(n)));
      return e;
    }
    case OP_norm: {
      for (double v : x) {
        const long double m = std::fabs(v);
        if (param == 0)
          e.value += v != 0;
        else if (param == INF)
          e.value = m > e.value || m != m ? m : e.value;
        else if (param == -INF)
          e.value = &v == &x[0] || m < e.value || m != m ? m : e.value;
        else
          e.value += std::pow(m, static_cast<long double>(param));
      }
      if (param == -INF) {
        e.value = INF;
        for (double v : x)
          if (std::fabs(v) < e.value || v != v) e.value = std::fabs(v);
      }
      if (param != 0 && std::isfinite(param)) e.value = std::pow(e.value, 1 / static_cast<long double>(param));
      return e;
    }
    case OP_logsumexp: {
      long double m = -INF;
      for (double v : x) m = v > m || v != v ? v : m;
      if (std::isinf(m)) m = 0;
      for (double v : x) e.value += std::exp(v - m);
      e.value = std::log(e.value) + m;
      e.scale = std::max<long double>(1, std::fabs(m));
      return e;
    }
    case OP_var:
    case OP_std: {
      for (double v : x) e.second += v;
      e.second /= n;
      for (double v : x) e.value += (v - e.second) * (v - e.second);
      e.value /= std::max<long double>(0, n - static_cast<long double>(param));
      if (op == OP_std) e.value = std::sqrt(e.value);
      for (double v : x) e.scale = std::max<long double>(e.scale, std::fabs(v));
      e.scale = std::max(e.scale, std::fabs(e.value));
      return e;
    }
    case OP_any:
    case OP_all:
    case OP_count_nonzero: {
      int64_t k = 0;
      for (double v : x) k += v != 0;
      e.value = op == OP_any ? k > 0 : op == OP_all ? k == n : k;
      e.exact = true;
      return e;
    }
    default: {
      const bool max = op == OP_amax || op == OP_max || op == OP_argmax;
      double m = n ? x[0] : 0;
      int64_t at = 0;
      for (int64_t i = 1; i < n; i++) {
        const double v = x[static_cast<size_t>(i)];
        if (m == m && ((max ? v > m : v < m) || v != v)) m = v, at = i;
      }
      e.exact = true;
      e.value = op == OP_argmax || op == OP_argmin ? at : m;
      e.second = at;
      return e;
    }
  }
}

bool close(long double got, const Expected& e, long double eps) {
  if (std::isnan(e.value)) return std::isnan(got);
  if (e.exact || std::isinf(e.value)) return got == e.value;
  return std::fabs(got - e.value) <= eps * std::max(std::fabs(e.value), e.scale);
}

void fill(void* p, DType t, int64_t n, int style) {
  for (int64_t i = 0; i < n; i++) {
    double v;
    if (t == BOOL)
      v = static_cast<double>(rng.below(2));
    else if (t == U8)
      v = static_cast<double>(rng.below(7));
    else if (!isFloat(t))
      v = static_cast<double>(rng.below(13)) - 6;
    else if (style == 1)
      v = static_cast<double>(rng.below(5));  // ties
    else if (style == 2)
      v = rng.below(10) == 0 ? NAN_ : rng.below(10) == 0 ? -INF : rng.normal();
    else
      v = rng.normal();
    put(p, t, i, v);
  }
}

void checkOne(Op op, DType t, const Case& c, int style, double param, bool wantSecond) {
  const DType ot = outType(op, t);
  const DType ot2 = op == OP_max || op == OP_min ? I64 : t;
  Buffer in(t, c.extent, static_cast<size_t>(rng.below(2))), out(ot, c.outputs, static_cast<size_t>(rng.below(2))),
      out2(ot2, c.outputs);
  fill(in.data(), t, c.extent, style);
  if (op == OP_prod && isFloat(t))  // keep products finite
    for (int64_t i = 0; i < c.extent; i++) put(in.data(), t, i, 1 + 0.05 * (rng.uniform() - 0.5));
  const Status s = reduce(op, t, c, out.out(), wantSecond ? out2.out() : Out{}, in.in(), param);
  CHECK(s == OK, "%s dtype %d status %d", OPS[op].name, t, s);
  CHECK(out.clean() && out2.clean(), "%s dtype %d wrote outside, %s", OPS[op].name, t, c.text.c_str());
  const size_t n = c.sizes.size();
  std::vector<int64_t> at(n, 0);
  for (int64_t o = 0; o < c.outputs; o++) {
    int64_t rest = o, base = 0;
    for (size_t d = n; d-- > 0;)
      if (!c.reduced[d]) {
        base += rest % c.sizes[d] * c.strides[d];
        rest /= c.sizes[d];
      }
    std::vector<double> x(static_cast<size_t>(c.count));
    for (int64_t r = 0; r < c.count; r++) {
      int64_t left = r, off = base;
      for (size_t d = n; d-- > 0;)
        if (c.reduced[d]) {
          off += left % c.sizes[d] * c.strides[d];
          left /= c.sizes[d];
        }
      x[static_cast<size_t>(r)] = get(in.data(), t, off);
    }
    const Expected e = reference(op, t, x, param);
    const double got = get(out.data(), ot, o);
    const long double eps = t == F32 ? (op == OP_prod ? 2e-6L : 4e-7L) : 1e-14L;
    CHECK(close(got, e, eps), "%s dtype %d output %lld: %.17g, expected %.17Lg; style %d param %g; %s", OPS[op].name, t,
          static_cast<long long>(o), got, e.value, style, param, c.text.c_str());
    if (wantSecond && secondOut(op)) {
      Expected e2{e.second, 0, e.scale, op == OP_max || op == OP_min};
      const double got2 = get(out2.data(), ot2, o);
      // An updated mean turns to NaN when its next deviation is from infinity; PyTorch's does as well.
      if (!e2.exact && std::isinf(e.second) && std::isnan(got2)) continue;
      CHECK(close(got2, e2, eps), "%s second, dtype %d output %lld: %.17g, expected %.17Lg; %s", OPS[op].name, t,
            static_cast<long long>(o), got2, e.second, c.text.c_str());
    }
  }
}

const Op REDUCTIONS[] = {OP_sum,    OP_mean,   OP_nansum, OP_prod, OP_norm,         OP_logsumexp,
                         OP_var,    OP_std,    OP_amax,   OP_amin, OP_max,          OP_min,
                         OP_argmax, OP_argmin, OP_any,    OP_all,  OP_count_nonzero};

void checkCase(const Case& c, bool allTypes) {
  static const double ps[] = {0, 1, 2, 3, 0.5, -1, INF, -INF};
  for (Op op : REDUCTIONS)
    for (int t = 0; t < DTYPE_COUNT; t++) {
      if (!(OPS[op].dtypes & (1u << t)) || (!allTypes && t > F64 && rng.below(4))) continue;
      const bool values = op != OP_any && op != OP_all && op != OP_count_nonzero && op != OP_prod;
      const int style = isFloat(static_cast<DType>(t)) && values ? static_cast<int>(rng.below(3)) : 1;
      double param = op == OP_norm                  ? ps[rng.below(8)]
                     : op == OP_var || op == OP_std ? static_cast<double>(rng.below(3))
                                                    : 0;
      if (op == OP_norm && param < 0 && std::isfinite(param) && style == 1) param = 2;  // zeros to a negative power
      checkOne(op, static_cast<DType>(t), c, style, param, rng.below(3) != 0);
    }
}

void randomCases(int rounds) {
  for (int round = 0; round < rounds; round++) {
    const int64_t nd = rng.below(5);
    std::vector<int64_t> sizes;
    std::vector<int> reduced;
    int64_t total = 1;
    for (int64_t d = 0; d < nd; d++) {
      static const int64_t choices[] = {1, 2, 3, 4, 5, 7, 8, 10, 16, 17, 31, 33, 40, 65, 100, 130};
      int64_t s = choices[rng.below(16)];
      if (total * s > 6000) s = 1 + rng.below(3);
      total *= s;
      sizes.push_back(s);
      reduced.push_back(static_cast<int>(rng.below(2)));
    }
    checkCase(makeCase(sizes, reduced, rng.below(2), rng.below(3) == 0), false);
  }
}

// Bits of the outputs of one large problem.
std::vector<unsigned char> bits(Op op, DType t, const Case& c, In a, double param) {
  Buffer out(outType(op, t), c.outputs), out2(op == OP_max || op == OP_min ? I64 : t, c.outputs);
  CHECK(reduce(op, t, c, out.out(), secondOut(op) ? out2.out() : Out{}, a, param) == OK);
  std::vector<unsigned char> all = out.bytes;
  all.insert(all.end(), out2.bytes.begin(), out2.bytes.end());
  return all;
}

void everywhere() {
  rng = Rng();
  const std::vector<Case> cases{
      makeCase({200003}, {1}, false, false),           makeCase({700, 300}, {1, 0}, false, false),
      makeCase({60000, 3}, {0, 1}, false, false),      makeCase({60000, 3}, {1, 0}, false, false),
      makeCase({9, 40, 333}, {1, 0, 1}, false, false), makeCase({300, 700}, {0, 1}, false, false)};
  for (const Case& c : cases)
    for (DType t : {F32, F64}) {
      Buffer in(t, c.extent);
      fill(in.data(), t, c.extent, 0);
      for (Op op : REDUCTIONS)
        for (double p : {3.0, 2.0}) {
          if (p == 2 && op != OP_norm) continue;
          const double param = op == OP_norm ? p : 1;
          const auto all = sameBits({1, 2, 5}, [&] { return bits(op, t, c, in.in(), param); });
          noteBits(all.data(), all.size());
        }
    }
}

void accuracy() {
  // A million values of one sign: the float sum must be the rounded exact sum to within an ulp or so.
  const int64_t n = 1000000;
  std::vector<float> x(static_cast<size_t>(n));
  long double exact = 0;
  for (float& v : x) exact += v = static_cast<float>(rng.uniform());
  float y = 0, mean = 0;
  Case c = makeCase({n}, {1}, false, false);
  CHECK(reduce(OP_sum, F32, c, out(&y, 1), {}, in(x)) == OK);
  CHECK(std::fabs(y - exact) <= 1.2e-7L * exact, "%.9g %.12Lg", static_cast<double>(y), exact);
  // A large offset must not spoil the variance.
  long double m = 0, v = 0;
  for (float& f : x) m += f += 10000;
  m /= n;
  for (float f : x) v += (f - m) * (f - m);
  v /= n - 1;
  for (const auto& [sizes, reduced] : {std::pair<std::vector<int64_t>, std::vector<int>>{{n}, {1}}, {{n, 1}, {1, 0}}}) {
    c = makeCase(sizes, reduced, false, false);
    CHECK(reduce(OP_var, F32, c, out(&y, 1), out(&mean, 1), in(x), 1) == OK);
    CHECK(std::fabs(y - v) <= 1e-7L * v, "%.9g %.12Lg", static_cast<double>(y), v);
    CHECK(std::fabs(mean - m) <= 1e-7L * m, "%.9g %.12Lg", static_cast<double>(mean), m);
  }
}

// A start far from the rest, and constants: what a variance in one pass gets wrong.
void hardVariances() {
  for (int64_t n : {20, 1000, 5000})
    for (int style = 0; style < 4; style++) {
      std::vector<float> x(static_cast<size_t>(n));
      long double m = 0, v = 0;
      for (int64_t i = 0; i < n; i++) {
        const double r = rng.normal();
        x[static_cast<size_t>(i)] = static_cast<float>(style == 0   ? (i < 16 ? 1e4 : r)
                                                       : style == 1 ? (i == 3 ? 1e6 : r)
                                                       : style == 2 ? 1e7
                                                                    : 1000 + 1e-2 * r);
      }
      for (float f : x) m += f;
      m /= n;
      for (float f : x) v += (f - m) * (f - m);
      v /= n - 1;
      float y = 0;
      Case c = makeCase({n}, {1}, false, false);
      CHECK(reduce(OP_var, F32, c, out(&y, 1), {}, in(x), 1) == OK);
      CHECK(std::fabs(y - v) <= 4e-7L * v, "%lld %d: %.9g %.12Lg", static_cast<long long>(n), style,
            static_cast<double>(y), v);
    }
}

void specials() {
  const auto one = [](Op op, std::vector<float> x, double param = 0) {
    float y = -7;
    Case c = makeCase({static_cast<int64_t>(x.size())}, {1}, false, false);
    const Status s = reduce(op, F32, c, out(&y, 1), {}, in(x), param);
    CHECK(s == OK, "status %d", s);
    return static_cast<double>(y);
  };
  const float inf = static_cast<float>(INF), nan = static_cast<float>(NAN_);
  CHECK(one(OP_sum, {}) == 0);
  CHECK(one(OP_prod, {}) == 1);
  CHECK(std::isnan(one(OP_mean, {})));
  CHECK(std::isnan(one(OP_var, {}, 1)));
  CHECK(one(OP_logsumexp, {}) == -INF);
  CHECK(one(OP_norm, {}, 2) == 0);
  CHECK(one(OP_logsumexp, {inf, -inf}) == INF);
  CHECK(one(OP_logsumexp, {-inf, -inf}) == -INF);
  CHECK(one(OP_logsumexp, {1e30f, 1e30f}) == 1e30f);
  CHECK(std::isnan(one(OP_logsumexp, {nan, inf})));
  // columns whose later elements lie far below the first, and the other way round
  for (const float later : {-1000.0f, 1000.0f}) {
    std::vector<float> x(100 * 40, later), y(40);
    std::fill(x.begin(), x.begin() + 8 * 40, 0.0f);
    Case c = makeCase({100, 40}, {1, 0}, false, false);
    CHECK(reduce(OP_logsumexp, F32, c, out(y), {}, in(x)) == OK);
    const double e = later < 0 ? std::log(8.0) : 1000 + std::log(92.0);
    CHECK(std::fabs(y[0] - e) < 1e-4 && std::fabs(y[39] - e) < 1e-4, "%g", static_cast<double>(y[0]));
  }
  CHECK(std::isnan(one(OP_var, {1}, 1)));
  CHECK(one(OP_var, {1, 2}, 3) == INF);
  CHECK(std::isnan(one(OP_var, {inf, 1}, 1)));
  CHECK(one(OP_mean, {3e38f, 3e38f}) == INF);
  CHECK(one(OP_norm, {1e30f}, 2) == 1e30f);
  CHECK(one(OP_norm, {1e30f, 1e30f}, 2) == INF);
  CHECK(one(OP_norm, {nan, 1, 0}, 0) == 2);
  CHECK(one(OP_norm, {0, 1}, -1) == 0);
  uint8_t truth = 9;
  const float f = nan;
  Case c = makeCase({0}, {1}, false, false);
  CHECK(reduce(OP_all, F32, c, out(&truth, 1), {}, {}) == OK && truth == 1);
  CHECK(reduce(OP_any, F32, c, out(&truth, 1), {}, {}) == OK && truth == 0);
  c = makeCase({1}, {1}, false, false);
  CHECK(reduce(OP_any, F32, c, out(&truth, 1), {}, in(&f, 1)) == OK && truth == 1);
  CHECK(reduce(OP_mean, I64, c, out(&truth, 1), {}, in(&f, 1)) == UNSUPPORTED_DTYPE);
}

void refused() {
  std::vector<float> x(6), y(3), mean(3);
  CHECK(send(OP_sum, F32, {1, 2}) == BAD_COMMAND);
  CHECK(send(OP_sum, F32, {1, 24, 1, 24, 0, 70}) == BAD_COMMAND);
  Case c = makeCase({3, 2}, {0, 1}, false, false);
  CHECK(reduce(OP_sum, F32, c, out(y), {}, in(x)) == OK);
  CHECK(reduce(OP_sum, F32, c, {}, {}, in(x)) == BAD_COMMAND);
  CHECK(reduce(OP_sum, F32, c, out(y), {}, {}) == BAD_COMMAND);
  CHECK(reduce(OP_sum, F32, c, out(y), {}, in(x.data(), 5)) == BAD_COMMAND);
  CHECK(reduce(OP_sum, F32, c, out(y.data(), 2), {}, in(x)) == BAD_COMMAND);
  CHECK(reduce(OP_var, F32, c, out(y), out(mean.data(), 2), in(x)) == BAD_COMMAND);
  // A reduction of nothing writes all of its outputs nevertheless.
  c = makeCase({3, 0}, {0, 1}, false, false);
  CHECK(reduce(OP_var, F32, c, out(y), out(mean), {}) == OK && std::isnan(mean[2]));
  CHECK(reduce(OP_sum, F32, c, {}, {}, {}) == BAD_COMMAND);
  CHECK(reduce(OP_sum, F32, c, out(y.data(), 2), {}, {}) == BAD_COMMAND);
  CHECK(reduce(OP_var, F32, c, out(y), out(mean.data(), 2), {}) == BAD_COMMAND);
  // Broadcast dims need no memory, but are not endless.
  c = makeCase({2, 2}, {1, 1}, false, false);
  c.sizes = {int64_t(1) << 40, int64_t(1) << 40};
  c.strides = {0, 0};
  CHECK(reduce(OP_sum, F32, c, out(y), {}, in(x)) == BAD_COMMAND);
  const ScanArgs endless{.out = out(y),
                         .a = in(x),
                         .dim = 1,
                         .ndim = 2,
                         .sizes = dims(c.sizes),
                         .strides = dims(c.strides),
                         .outStrides = dims(c.strides)};
  CHECK(send(OP_cumsum, F32, endless) == BAD_COMMAND);
  ScanArgs axis = endless;
  axis.sizes = dims({1, 1});
  CHECK(send(OP_cumsum, F32, axis) == OK);
  axis.dim = 2;
  CHECK(send(OP_cumsum, F32, axis) == BAD_COMMAND);
}

// ---- cumulative

void cumulativeCase(Op op, DType t, const Case& c, size_t dim) {
  const bool indexed = op == OP_cummax || op == OP_cummin;
  int64_t total = 1;
  std::vector<int64_t> os(c.sizes.size());
  for (size_t d = c.sizes.size(); d-- > 0;) os[d] = total, total *= c.sizes[d];
  Buffer in(t, c.extent), out(t, total), out2(I64, indexed ? total : 0);
  fill(in.data(), t, c.extent, isFloat(t) && op != OP_cumprod ? static_cast<int>(rng.below(3)) : 1);
  const auto scan = [&](auto args) {
    args.out = out.out();
    args.a = in.in();
    args.dim = static_cast<int>(dim);
    args.ndim = static_cast<int>(c.sizes.size());
    args.sizes = dims(c.sizes);
    args.strides = dims(c.strides);
    args.outStrides = dims(os);
    return send(op, t, args);
  };
  ScanExtremeArgs extreme{};
  extreme.indices = out2.out();
  CHECK((indexed ? scan(extreme) : scan(ScanArgs{})) == OK);
  CHECK(out.clean() && out2.clean());
  for (int64_t o = 0; o < total; o++) {
    int64_t rest = o, k = 0, off = 0;
    for (size_t d = c.sizes.size(); d-- > 0;) {
      const int64_t i = rest % c.sizes[d];
      rest /= c.sizes[d];
      if (d == dim)
        k = i;
      else
        off += i * c.strides[d];
    }
    long double v = op == OP_cumprod ? 1 : op == OP_logcumsumexp ? -INF : 0, scale = 0;
    uint64_t w = op == OP_cumprod;
    int64_t index = 0;
    for (int64_t i = 0; i <= k; i++) {
      const double x = get(in.data(), t, off + i * c.strides[dim]);
      const uint64_t u = isFloat(t) ? 0 : static_cast<uint64_t>(static_cast<int64_t>(x));
      if (op == OP_cumsum) v += x, scale += std::fabs(x), w += u;
      if (op == OP_cumprod) v *= x, w *= u;
      if (op == OP_logcumsumexp) {
        const long double a = std::max(v, static_cast<long double>(x)), b = std::min(v, static_cast<long double>(x));
        v = v != v || x != x          ? static_cast<long double>(NAN_)
            : a == b && std::isinf(a) ? a
                                      : a + std::log1p(std::exp(b - a));
        scale = 4;
      }
      if (indexed && (i == 0 || x != x || (v == v && (op == OP_cummax ? x >= v : x <= v)))) v = x, index = i;
    }
    const Expected e{isFloat(t) || indexed ? v : static_cast<double>(wrap(w, t)), 0, scale, !isFloat(t) || indexed};
    const double got = get(out.data(), t, o);
    CHECK(close(got, e, t == F32 ? 2e-7L : 1e-14L), "%s dtype %d at %lld: %.17g, expected %.17Lg; dim %zu; %s",
          OPS[op].name, t, static_cast<long long>(o), got, e.value, dim, c.text.c_str());
    if (indexed)
      CHECK(get(out2.data(), I64, o) == static_cast<double>(index), "%s index; %s", OPS[op].name, c.text.c_str());
  }
}

void cumulatives() {
  const std::vector<std::vector<int64_t>> shapes{{1},         {0},       {7},        {33, 5},
                                                 {5, 300, 3}, {4, 0, 3}, {3, 9, 40}, {20, 3, 1, 6}};
  for (const auto& s : shapes)
    for (size_t dim = 0; dim < s.size(); dim++)
      for (Op op : {OP_cumsum, OP_cumprod, OP_logcumsumexp, OP_cummax, OP_cummin})
        for (int t = 0; t < DTYPE_COUNT; t++)
          if (OPS[op].dtypes & (1u << t))
            cumulativeCase(op, static_cast<DType>(t),
                           makeCase(s, std::vector<int>(s.size(), 0), rng.below(2), rng.below(2)), dim);
  // a number is a line of one element
  float x = 3, y = 0;
  int64_t at = 7;
  CHECK(send(OP_cummax, F32, ScanExtremeArgs{.out = out(&y, 1), .indices = out(&at, 1), .a = in(&x, 1)}) == OK);
  CHECK(y == 3 && at == 0);
}

}  // namespace

int main() {
  eachLevel([](Level) {
    specials();
    refused();
    checkCase(makeCase({1}, {1}, false, false), true);
    for (int64_t n : {2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129, 600, 5000}) {
      checkCase(makeCase({n}, {1}, false, false), true);
      checkCase(makeCase({3, n}, {0, 1}, false, false), false);
      checkCase(makeCase({n, 3}, {0, 1}, false, false), false);
      checkCase(makeCase({n, 3}, {1, 0}, false, false), false);
      checkCase(makeCase({9, n}, {1, 0}, false, false), false);
    }
    checkCase(makeCase({70001}, {1}, false, false), false);
    checkCase(makeCase({2, 40000}, {0, 1}, false, false), false);
    checkCase(makeCase({1500, 130}, {1, 0}, false, false), false);
    checkCase(makeCase({30001, 5}, {1, 0}, false, false), false);
    checkCase(makeCase({5, 3000, 3}, {0, 1, 0}, false, false), false);
    checkCase(makeCase({0, 3}, {0, 1}, false, false), false);
    randomCases(60);
    accuracy();
    hardVariances();
    cumulatives();
  });
  everywhere();
  return report("reduce_test");
}
