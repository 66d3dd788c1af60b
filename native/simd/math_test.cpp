// The largest error of the math functions over all binades, against the C library in higher precision (double for
// float, long double for double), in units of the last place; and what they give at the edges. Bounds are stated here
// and hold at every level; math.h refers to this table. With an argument, prints what is measured.
#include <cmath>
#include <cstdlib>
#include <limits>

#include "test/check.h"

using namespace tenzo;

namespace {

using Wide = long double;

struct Function {
  const char* name;
  Op op;
  double (*narrow)(double);
  Wide (*wide)(Wide);
  double floatBound, doubleBound;        // with fused multiply-add
  double baselineFloat, baselineDouble;  // without
  double from, to;                       // where most values are tried, besides all binades
};

double sigmoidD(double x) { return 1 / (1 + std::exp(-x)); }
Wide sigmoidL(Wide x) { return 1 / (1 + std::exp(-x)); }
double rsqrtD(double x) { return 1 / std::sqrt(x); }
Wide rsqrtL(Wide x) { return 1 / std::sqrt(x); }

#define BOTH(f) [](double x) { return std::f(x); }, [](Wide x) -> Wide { return std::f(x); }
const Function FUNCTIONS[] = {
    {"exp", OP_exp, BOTH(exp), 0.75, 0.75, 0.75, 0.75, -110, 110},
    {"exp2", OP_exp2, BOTH(exp2), 0.9, 0.9, 1.2, 1.2, -160, 140},
    {"expm1", OP_expm1, BOTH(expm1), 1.1, 1.1, 1.5, 1.5, -20, 100},
    {"log", OP_log, BOTH(log), 0.9, 0.9, 1.2, 1.2, 0.2, 4},
    {"log2", OP_log2, BOTH(log2), 1.0, 1.0, 2.0, 2.0, 0.2, 4},
    {"log10", OP_log10, BOTH(log10), 1.0, 1.0, 2.0, 2.0, 0.2, 4},
    {"log1p", OP_log1p, BOTH(log1p), 1.0, 1.0, 1.5, 1.5, -0.999, 3},
    {"sin", OP_sin, BOTH(sin), 0.51, 0.8, 0.51, 0.9, -100, 100},
    {"cos", OP_cos, BOTH(cos), 0.51, 0.8, 0.51, 0.9, -100, 100},
    {"tan", OP_tan, BOTH(tan), 0.51, 2.2, 0.51, 2.2, -100, 100},
    {"asin", OP_asin, BOTH(asin), 0.51, 2.2, 0.51, 2.3, -1, 1},
    {"acos", OP_acos, BOTH(acos), 0.51, 1.5, 0.51, 1.5, -1, 1},
    {"atan", OP_atan, BOTH(atan), 0.51, 1.5, 0.51, 1.5, -10, 10},
    {"sinh", OP_sinh, BOTH(sinh), 0.51, 2.0, 0.51, 2.5, -95, 95},
    {"cosh", OP_cosh, BOTH(cosh), 0.51, 2.0, 0.51, 2.5, -95, 95},
    {"tanh", OP_tanh, BOTH(tanh), 1.1, 2.6, 1.5, 2.6, -10, 10},
    {"asinh", OP_asinh, BOTH(asinh), 0.51, 2.0, 0.51, 2.5, -10, 10},
    {"acosh", OP_acosh, BOTH(acosh), 0.51, 2.0, 0.51, 2.5, 1, 10},
    {"atanh", OP_atanh, BOTH(atanh), 0.51, 2.0, 0.51, 2.5, -1, 1},
    {"erf", OP_erf, BOTH(erf), 1.1, 1.3, 1.5, 1.5, -5, 5},
    {"erfc", OP_erfc, BOTH(erfc), 0.51, 5.0, 0.51, 6.0, -6, 11},
    {"lgamma", OP_lgamma, BOTH(lgamma), 0.51, 6.0, 0.51, 6.0, 0.1, 20},
    {"sigmoid", OP_sigmoid, sigmoidD, sigmoidL, 2.5, 2.5, 2.5, 2.5, -20, 20},
    {"sqrt", OP_sqrt, BOTH(sqrt), 0.51, 0.51, 0.51, 0.51, 0, 10},
    {"rsqrt", OP_rsqrt, rsqrtD, rsqrtL, 1.5, 1.5, 1.5, 1.5, 0, 10},
};

template <class T>
void apply(Op op, const std::vector<T>& in, std::vector<T>& out) {
  out.resize(in.size());
  CHECK(send(op, sizeof(T) == 4 ? F32 : F64, elementwise({::out(out), ::in(in)}, static_cast<int64_t>(in.size()))) ==
        OK);
}

// One unit in the last place of T at v.
template <class T>
Wide ulp(Wide v) {
  const Wide a = std::fabs(v);
  if (a < std::numeric_limits<T>::min()) return std::numeric_limits<T>::denorm_min();
  int e;
  std::frexp(a, &e);
  return std::ldexp(Wide(1), e - std::numeric_limits<T>::digits);
}

template <class T>
std::vector<T> values(const Function& f) {
  std::vector<T> v;
  Rng rng;
  const int lowest = sizeof(T) == 4 ? -149 : -1074, highest = sizeof(T) == 4 ? 127 : 1023,
            each = sizeof(T) == 4 ? 60 : 16;
  for (int e = lowest; e <= highest; e++)
    for (int i = 0; i < each; i++)
      for (int sign = -1; sign <= 1; sign += 2)
        v.push_back(static_cast<T>(sign * std::ldexp(i == 0   ? 1.0
                                                     : i == 1 ? 1.9999999999999998
                                                              : 1 + rng.uniform(),
                                                     e)));
  for (int i = 0; i < 60000; i++) v.push_back(static_cast<T>(f.from + (f.to - f.from) * rng.uniform()));
  return v;
}

template <class T>
double largestError(const Function& f, T& where) {
  const std::vector<T> x = values<T>(f);
  std::vector<T> y;
  apply(f.op, x, y);
  double worst = 0;
  for (size_t i = 0; i < x.size(); i++) {
    const Wide want = sizeof(T) == 4 ? Wide(f.narrow(static_cast<double>(x[i]))) : f.wide(static_cast<Wide>(x[i]));
    const T rounded = static_cast<T>(want);
    // exp(-x) overflows just before sigmoid underflows, as in PyTorch.
    if (f.op == OP_sigmoid && std::fabs(want) < std::numeric_limits<T>::min()) continue;
    double error;
    if (std::isnan(rounded) || std::isinf(rounded) || rounded == 0)
      error = (std::isnan(rounded) && std::isnan(y[i])) ||
                      (y[i] == rounded && std::signbit(y[i]) == std::signbit(rounded)) ||
                      (rounded == 0 && std::fabs(y[i]) <= std::numeric_limits<T>::denorm_min()) ||
                      (std::isinf(rounded) && std::fabs(y[i]) >= std::numeric_limits<T>::max())
                  ? 0
                  : 1e9;
    else
      error = static_cast<double>(std::fabs(static_cast<Wide>(y[i]) - want) / ulp<T>(want));
    if (!(error <= worst)) {
      worst = error == error ? error : 1e9;
      where = x[i];
    }
  }
  return worst;
}

void testErrors(bool print) {
  eachLevel([&](Level l) {
    for (const Function& f : FUNCTIONS) {
      float atF = 0;
      double atD = 0;
      const double errorF = largestError<float>(f, atF), errorD = largestError<double>(f, atD);
      if (print)
        std::printf("%-9s %-8s float %.3f at %.9g   double %.3f at %.17g\n", levelName(l), f.name, errorF, atF, errorD,
                    atD);
      CHECK(errorF <= (fused(l) ? f.floatBound : f.baselineFloat), "%s float %.3f ULP at %.9g", f.name, errorF, atF);
      CHECK(errorD <= (fused(l) ? f.doubleBound : f.baselineDouble), "%s double %.3f ULP at %.17g", f.name, errorD,
            atD);
    }
  });
}

// NaN, infinities and signed zeros as the C library gives them.
template <class T>
void testEdges() {
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> x = {T(0),
                            T(-0.0),
                            inf,
                            -inf,
                            nan,
                            T(1),
                            T(-1),
                            T(2),
                            T(-2),
                            std::numeric_limits<T>::max(),
                            std::numeric_limits<T>::lowest(),
                            std::numeric_limits<T>::denorm_min()};
  for (const Function& f : FUNCTIONS) {
    std::vector<T> y;
    apply(f.op, x, y);
    for (size_t i = 0; i < x.size(); i++) {
      const T want = static_cast<T>(f.wide(static_cast<Wide>(x[i])));
      const bool edge = std::isnan(want) || std::isinf(want) || want == 0;
      const bool same =
          (std::isnan(want) && std::isnan(y[i])) || (want == y[i] && std::signbit(want) == std::signbit(y[i]));
      CHECK(edge ? same : std::fabs(y[i] - want) <= 8 * std::numeric_limits<T>::epsilon() * std::fabs(want),
            "%s(%g) = %.9g, not %.9g", f.name, double(x[i]), double(y[i]), double(want));
    }
  }
  for (Op op : {OP_pow, OP_atan2}) {
    std::vector<T> a, b;
    for (T p : {T(0), T(-0.0), inf, -inf, nan, T(1), T(-1), T(0.5), T(-0.5), T(2), T(3), T(-3), T(2.5), T(1e30)})
      for (T q : {T(0), T(-0.0), inf, -inf, nan, T(1), T(-1), T(0.5), T(-0.5), T(2), T(3), T(-3), T(2.5), T(1e30)}) {
        a.push_back(p);
        b.push_back(q);
      }
    std::vector<T> y(a.size());
    send(op, sizeof(T) == 4 ? F32 : F64, elementwise({out(y), in(a), in(b)}, static_cast<int64_t>(a.size())));
    for (size_t i = 0; i < a.size(); i++) {
      const T want = op == OP_pow ? std::pow(a[i], b[i]) : std::atan2(a[i], b[i]);
      const bool same =
          (std::isnan(want) && std::isnan(y[i])) || (want == y[i] && std::signbit(want) == std::signbit(y[i]));
      CHECK(same || std::fabs(y[i] - want) <= 4 * std::numeric_limits<T>::epsilon() * std::fabs(want),
            "%s(%g, %g) = %.9g, not %.9g", OPS[op].name, double(a[i]), double(b[i]), double(y[i]), double(want));
    }
  }
}

// Binary functions at random.
template <class T>
void testBinary() {
  Rng rng;
  std::vector<T> a, b;
  for (int i = 0; i < 50000; i++) {
    a.push_back(static_cast<T>(std::exp(rng.normal() * 3)));
    b.push_back(static_cast<T>(rng.normal() * 4));
  }
  std::vector<T> y(a.size());
  const DType t = sizeof(T) == 4 ? F32 : F64;
  const auto run = [&](Op op) { send(op, t, elementwise({out(y), in(a), in(b)}, static_cast<int64_t>(a.size()))); };
  double worst[4] = {};
  const Op ops[] = {OP_pow, OP_atan2, OP_fmod, OP_hypot};
  for (int o = 0; o < 4; o++) {
    run(ops[o]);
    for (size_t i = 0; i < a.size(); i++) {
      const Wide p = a[i], q = b[i];
      const Wide want = o == 0   ? std::pow(p, q)
                        : o == 1 ? std::atan2(p, q)
                        : o == 2 ? std::fmod(p, q)
                                 : std::hypot(p, q);
      if (std::fabs(want) > std::numeric_limits<T>::max()) continue;
      const double e = static_cast<double>(std::fabs(y[i] - want) / ulp<T>(want));
      if (e > worst[o]) worst[o] = e;
    }
  }
  CHECK(worst[0] <= 1.0, "pow %.3f", worst[0]);
  CHECK(worst[1] <= (t == F32 ? 0.51 : 2.5), "atan2 %.3f", worst[1]);
  CHECK(worst[2] == 0, "fmod %.3f", worst[2]);
  CHECK(worst[3] <= 1.0, "hypot %.3f", worst[3]);
  // erfinv undoes erf
  std::vector<T> x, back;
  for (int i = 0; i < 2000; i++) x.push_back(static_cast<T>((i - 1000) / 1000.5));
  apply(OP_erfinv, x, y);
  for (size_t i = 0; i < x.size(); i++) {
    const Wide r = std::erf(static_cast<Wide>(y[i])),
               slope = 1.1283791670955126L * std::exp(-static_cast<Wide>(y[i]) * y[i]);
    const Wide error = std::fabs(r - x[i]) / slope;
    CHECK(error <= 2.5 * ulp<T>(y[i]), "erfinv(%.9g) %.3Lf ULP", double(x[i]), error / ulp<T>(y[i]));
  }
}

}  // namespace

int main(int argc, char**) {
  testErrors(argc > 1);
  eachLevel([](Level) {
    testEdges<float>();
    testEdges<double>();
    testBinary<float>();
    testBinary<double>();
  });
  return report("math_test");
}
