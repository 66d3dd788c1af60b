// Special functions around the gamma, error and Bessel functions: one value at a time, in double for both types.
#include "chebyshev.h"
#include "loops.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr double INF = __builtin_inf(), NOT = __builtin_nan("");
constexpr double SQRT_PI = 1.7724538509055160, LOG_SQRT_2PI = 0.91893853320467274, SQRT_HALF = 0.70710678118654752;

inline double logGamma(double x) {
#if defined(_WIN32)
  return ::lgamma(x);
#else
  int sign;  // glibc's lgamma writes a global one
  return ::lgamma_r(x, &sign);
#endif
}

// ---- Bessel functions: exp(-|x|) I1(x), as Chebyshev series in x/2 - 2 up to 8 and, times sqrt(x), in 32/x - 2 above.
// Error: 2 ULP.
inline double besselI1e(double x) {
  static constexpr double NEAR[] = {
      0.25258718644363365,    -0.17641651835783406,    0.1026436586898471,     -0.052945981208094991,
      0.024726449030626517,   -0.010564084894626198,   0.0041564229443128882,  -0.0015135724506312531,
      0.00051228595616857577, -0.00016176081582589675, 4.7815651075500542e-5,  -1.3273163656039436e-5,
      3.4702513081376785e-6,  -8.5687202646954547e-7,  2.0032947535521353e-7,  -4.4450591287963281e-8,
      9.3815373864957718e-9,  -1.8872497517228293e-9,  3.625590281552117e-10,  -6.6634897235020277e-11,
      1.1736186298890902e-11, -1.9839743977649437e-12, 3.2237933659455747e-13, -5.0421855047279117e-14,
      7.6006842947354069e-15, -1.1055969477353863e-15, 1.5536319577362005e-16, -2.1114212143581661e-17,
      2.7779141127610464e-18};
  static constexpr double FAR[] = {
      0.77857623501828012,     -0.0097610974913614684,  -0.00011058893876262372, -3.8825648088776904e-6,
      -2.5122362378702089e-7,  -2.6314688468895195e-8,  -3.835380385964237e-9,   -5.5897434621965838e-10,
      -1.8974958123505412e-11, 3.2526035830154882e-11,  1.4125807436613781e-11,  2.0356285441470895e-12,
      -7.1985517762459085e-13, -4.0835511110921973e-13, -2.1015418427726643e-14, 4.2724400167119514e-14,
      1.0420276984128803e-14,  -3.8144030724370078e-15, -1.8803547755107824e-15, 3.3082023109209283e-16,
      2.9626289976459501e-16,  -3.209525921993424e-17,  -4.6503053684893583e-17, 4.4143483230717079e-18,
      7.5172963108421048e-18};
  const double a = __builtin_fabs(x);
  const double y = a <= 8 ? a * chebyshev(0.5 * a - 2, NEAR, static_cast<int>(sizeof NEAR / sizeof *NEAR))
                          : chebyshev(32 / a - 2, FAR, static_cast<int>(sizeof FAR / sizeof *FAR)) / ::sqrt(a);
  return x < 0 ? -y : y;
}
// NaN at infinity, as PyTorch's.
inline double besselI1(double x) { return ::exp(__builtin_fabs(x)) * besselI1e(x); }

// ---- the error function, scaled -----------------------------------------------------------------------------------

// exp(x^2) erfc(x). Error: 4 ULP, of the product where erfc is normal, of the asymptotic series above.
inline double erfcx(double x) {
  if (x < 25) {
    const double high = x * x, low = __builtin_fma(x, x, -high);
    return x < -27 ? INF : ::exp(high) * (1 + low) * ::erfc(x);
  }
  const double z = 0.5 / (x * x);
  return (1 - z * (1 - 3 * z * (1 - 5 * z * (1 - 7 * z * (1 - 9 * z))))) / SQRT_PI / x;
}
// The logarithm of the normal distribution function.
inline double logNdtr(double x) {
  const double t = x * SQRT_HALF;
  return x < -1 ? ::log(0.5 * erfcx(-t)) - t * t : ::log1p(-0.5 * ::erfc(t));
}
// The inverse of the normal distribution function: Acklam's approximation and two of Halley's steps. Error: 4 ULP.
inline double ndtri(double p) {
  if (p == 0) return -INF;
  if (p == 1) return INF;
  if (!(p > 0 && p < 1)) return NOT;
  if (p == 0.5) return 0;
  static constexpr double A[] = {-39.69683028665376, 220.9460984245205,  -275.9285104469687,
                                 138.3577518672690,  -30.66479806614716, 2.506628277459239};
  static constexpr double B[] = {-54.47609879822406, 161.5858368580409,  -155.6989798598866,
                                 66.80131188771972,  -13.28068155288572, 1};
  static constexpr double C[] = {-0.007784894002430293, -0.3223964580411365, -2.400758277161838,
                                 -2.549732539343734,    4.374664141464968,   2.938163982698783};
  static constexpr double D[] = {0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1};
  // Of the half below one half, where p itself is exact.
  const bool upper = p > 0.5;
  const double q = upper ? 1 - p : p;
  double x;
  if (q < 0.02425) {
    const double r = ::sqrt(-2 * ::log(q));
    x = (((((C[0] * r + C[1]) * r + C[2]) * r + C[3]) * r + C[4]) * r + C[5]) /
        ((((D[0] * r + D[1]) * r + D[2]) * r + D[3]) * r + D[4]);
  } else {
    const double r = q - 0.5, s = r * r;
    x = r * (((((A[0] * s + A[1]) * s + A[2]) * s + A[3]) * s + A[4]) * s + A[5]) /
        (((((B[0] * s + B[1]) * s + B[2]) * s + B[3]) * s + B[4]) * s + B[5]);
  }
  for (int i = 0; i < 2; i++) {
    // (Phi(x) - q) / phi(x), scaled so that nothing underflows.
    const double t = -x * SQRT_HALF;
    const double e = SQRT_PI * SQRT_HALF * (erfcx(t) - 2 * q * ::exp(t * t));
    x -= e / (1 + 0.5 * x * e);
  }
  return upper ? -x : x;
}

// ---- the Hurwitz zeta function: nine terms or up to 9, and the Euler-Maclaurin formula for the rest
// -------------------
inline double zeta(double x, double q) {
  if (x == 1) return INF;
  if (!(x >= 1)) return NOT;
  if (q <= 0) {
    if (q == ::floor(q)) return INF;
    if (x != ::floor(x)) return NOT;
  }
  if (q != q) return NOT;
  // (2k)! / B2k
  static constexpr double A[] = {12.0,
                                 -720.0,
                                 30240.0,
                                 -1209600.0,
                                 47900160.0,
                                 -1.8924375803183791606e9,
                                 7.47242496e10,
                                 -2.950130727918164224e12,
                                 1.1646782814350067249e14,
                                 -4.5979787224074726105e15,
                                 1.8152105401943546773e17,
                                 -7.1661652561756670113e18};
  constexpr double EPS = 1.1102230246251565e-16;
  double s = ::pow(q, -x), a = q, b = 0;
  for (int i = 0; i < 9 || a <= 9; i++) {
    a += 1;
    b = ::pow(a, -x);
    s += b;
    if (-EPS * s < b && b < EPS * s) return s;
  }
  const double w = a;
  s += b * w / (x - 1) - 0.5 * b;
  double factor = 1, k = 0;
  for (double c : A) {
    factor *= x + k;
    b /= w;
    const double t = factor * b / c;
    s += t;
    if (__builtin_fabs(t / s) < EPS) return s;
    factor *= x + k + 1;
    b /= w;
    k += 2;
  }
  return s;
}

// ---- the incomplete gamma functions
// -----------------------------------------------------------------------------------

// log(gamma(a + 1)) - Stirling's formula.
inline double stirlingError(double a) {
  if (a < 12) return logGamma(a + 1) - (a + 0.5) * ::log(a) + a - LOG_SQRT_2PI;
  const double z = 1 / (a * a);
  return (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 - z * 691.0 / 360360))))) / a;
}
// x log(x / a) + a - x, which is small where x is near a.
inline double deviance(double x, double a) {
  if (__builtin_fabs(x - a) >= 0.1 * (x + a)) return x * ::log(x / a) + a - x;
  const double v = (x - a) / (x + a);
  double s = (x - a) * v, e = 2 * x * v;
  for (int j = 3;; j += 2) {
    e *= v * v;
    const double next = s + e / j;
    if (next == s) return s;
    s = next;
  }
}
// x^a exp(-x) / gamma(a + 1), by Loader's form, which loses nothing where a and x are large and near.
inline double gammaDensity(double a, double x) {
  if (a < 1e-300) return ::exp(-x);
  return ::exp(-stirlingError(a) - deviance(a, x)) / ::sqrt(2 * 3.141592653589793 * a);
}
// The lower (or, `upper`, the upper) incomplete gamma function, regularised: a series below the peak of the density,
// a continued fraction above. Both take some sqrt(a) terms near it. Error: 1e-14 of the value or 1e-15.
inline double incompleteGamma(double a, double x, bool upper) {
  if (!(a >= 0 && x >= 0)) return NOT;
  const double none = upper ? 1 : 0, all = upper ? 0 : 1;
  if (a == 0) return x > 0 ? all : NOT;
  if (x == 0) return none;
  if (__builtin_isinf(a)) return __builtin_isinf(x) ? NOT : none;
  if (__builtin_isinf(x)) return all;
  const double density = gammaDensity(a, x);
  constexpr int MOST = 100000;
  if (x < 1 || x < a) {
    double term = 1, sum = 1;
    for (int i = 1; i < MOST; i++) {
      term *= x / (a + i);
      sum += term;
      if (term < sum * 1e-17) break;
    }
    const double lower = density * sum;
    if (!upper) return lower;
    if (!(x < 1 && a < 1)) return 1 - lower;
    // 1 - lower would cancel: x^a / gamma(a + 1) is near one.
    double rest = 0;
    term = 1;
    for (int i = 1; i < MOST; i++) {
      term *= -x / i;
      rest += term / (a + i);
      if (__builtin_fabs(term) < 1e-17 * __builtin_fabs(rest)) break;
    }
    const double lead = ::expm1(a * ::log(x) - logGamma(a + 1));
    return -lead - (1 + lead) * a * rest;
  }
  // Lentz's evaluation of the continued fraction.
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (int i = 1; i < MOST; i++) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    if (__builtin_fabs(d) < 1e-300) d = 1e-300;
    c = b + an / c;
    if (__builtin_fabs(c) < 1e-300) c = 1e-300;
    d = 1 / d;
    const double step = d * c;
    h *= step;
    if (__builtin_fabs(step - 1) < 1e-16) break;
  }
  const double above = density * a * h;
  return upper ? above : 1 - above;
}
inline double lowerGamma(double a, double x) { return incompleteGamma(a, x, false); }
inline double upperGamma(double a, double x) { return incompleteGamma(a, x, true); }

}  // namespace

void fill_gamma(Kernels& k) {
  TENZO_MAP(i1, InDouble<besselI1>)
  TENZO_MAP(i1e, InDouble<besselI1e>)
  TENZO_MAP(erfcx, InDouble<erfcx>)
  TENZO_MAP(log_ndtr, InDouble<logNdtr>)
  TENZO_MAP(ndtri, InDouble<ndtri>)
  TENZO_MAP(zeta, InDouble<zeta>)
  TENZO_MAP(igamma, InDouble<lowerGamma>)
  TENZO_MAP(igammac, InDouble<upperGamma>)
}

}  // namespace tenzo::TENZO_LEVEL
