// Trigonometric and hyperbolic functions on Vec, and their inverses (see math.h for what is promised).
#pragma once
#include "math.h"

namespace tenzo::TENZO_LEVEL {
namespace {

struct TrigConstants {
  static constexpr double TWO_OVER_PI = 0.6366197723675814;
  // pi/2 in parts of 33 bits, so that a multiple up to 2^20 is exact, and what is left
  static constexpr double HALF_PI_1 = 1.57079632673412561417e+00, HALF_PI_2 = 6.07710050630396597660e-11,
                          HALF_PI_3 = 2.02226624879595063154e-21, HALF_PI_REST = 6.07710050650619224932e-11;
  static constexpr double LARGE = 1.0e6;  // above, one value at a time by the C library
  static constexpr double SIN[] = {1.5917848665121939e-10,  -2.5051127945965639e-8, 2.7557316083825741e-6,
                                   -0.00019841269836722436, 0.0083333333333309246,  -0.16666666666666665};
  static constexpr double COS[] = {-1.1382456865840482e-11, 2.0876143829213937e-9,  -2.7557317260014707e-7,
                                   2.4801587298743081e-5,   -0.0013888888888887382, 0.041666666666666665};
  static constexpr double SIN_LOW[] = {2.7249314360416799e-6, -0.00019840082015127999, 0.0083333318659637959,
                                       -0.16666666663832776};
  static constexpr double COS_LOW[] = {-2.73004488746506e-7, 2.4800596437593729e-5, -0.0013888887664717277,
                                       0.041666666664302415};
};

// sin and cos of x less its multiple q of pi/2, |x| < LARGE. Low: for a float's result.
template <bool Low>
inline void sinCosReduced(VecD x, VecD& q, VecD& s, VecD& c) {
  using C = TrigConstants;
  using V = VecD;
  q = round(x * V::set1(C::TWO_OVER_PI));
  const V a = fnma(q, V::set1(C::HALF_PI_1), x);
  if constexpr (Low) {
    const V r = fnma(q, V::set1(C::HALF_PI_REST), a), z = r * r;
    s = fma(z * r, poly(z, C::SIN_LOW), r);
    c = fma(z * z, poly(z, C::COS_LOW), fnma(V::set1(0.5), z, V::set1(1)));
  } else {
    const V w = q * V::set1(C::HALF_PI_2), b = a - w;
    const V tail = fnma(q, V::set1(C::HALF_PI_3), (a - b) - w);
    const V r = b + tail, low = (b - r) + tail, z = r * r, half = V::set1(0.5) * z;
    s = r + fma(z * r, poly(z, C::SIN), low * (V::set1(1) - half));
    const V one = V::set1(1) - half;
    c = one + (((V::set1(1) - one) - half) + fma(z * z, poly(z, C::COS), neg(r * low)));
  }
}

inline VecD::Mask bitSet(VecD::Int i, int64_t bit) { return eq(i & VecD::Int::set1(bit), VecD::Int::set1(bit)); }

enum Trig { SIN, COS, TAN };

template <Trig W>
inline double trigScalar(double x) {
  return W == SIN ? ::sin(x) : W == COS ? ::cos(x) : ::tan(x);
}

template <Trig W, bool Low>
inline VecD trig(VecD x) {
  using V = VecD;
  const auto large = ~(abs(x) < V::set1(TrigConstants::LARGE));
  V q, s, c;
  sinCosReduced<Low>(select(large, V::zero(), x), q, s, c);
  const V::Int i = toInt(q);
  const auto odd = bitSet(i, 1), second = bitSet(i, 2);
  V y;
  if constexpr (W == TAN) {
    y = select(odd, neg(c), s) / select(odd, s, c);
  } else {
    y = W == SIN ? select(odd, c, s) : select(odd, s, c);
    const auto negative = W == SIN ? second : second ^ odd;
    y = select(negative, neg(y), y);
  }
  if constexpr (W != COS) y = select(x == V::zero(), x, y);
  if (any(large)) {
    double xs[V::N], ys[V::N];
    x.store(xs);
    y.store(ys);
    for (int k = 0; k < V::N; k++)
      if (!(xs[k] < TrigConstants::LARGE && xs[k] > -TrigConstants::LARGE)) ys[k] = trigScalar<W>(xs[k]);
    y = V::load(ys);
  }
  return y;
}

inline VecD sin(VecD x) { return trig<SIN, false>(x); }
inline VecD cos(VecD x) { return trig<COS, false>(x); }
inline VecD tan(VecD x) { return trig<TAN, false>(x); }
inline VecF sin(VecF x) {
  return viaDouble(x, [](VecD a) { return trig<SIN, true>(a); });
}
inline VecF cos(VecF x) {
  return viaDouble(x, [](VecD a) { return trig<COS, true>(a); });
}
inline VecF tan(VecF x) {
  return viaDouble(x, [](VecD a) { return trig<TAN, true>(a); });
}

// ---- inverse trigonometric

struct ArcConstants {
  static constexpr double ASIN[] = {
      0.028860974387998531, -0.014999855783811348, 0.017493569476248204, 0.0054242308398040009, 0.010330370295404406,
      0.011478047472510145, 0.013971325328728772,  0.017352385393480946, 0.022372173243832206,  0.030381944131237199,
      0.044642857146446051, 0.074999999999983891,  0.16666666666666668};
  static constexpr double ASIN_LOW[] = {0.031029188821619702, 0.01053701429069186, 0.023621326564543201,
                                        0.030268036998068824, 0.04464772076341057, 0.07499992298979763,
                                        0.16666666686394632};
  static constexpr double ATAN[] = {0.016216828288738334,  -0.034508209479156813, 0.045491626830682151,
                                    -0.052299201024234389, 0.058788562888443156,  -0.066664185462308374,
                                    0.076922960211830302,  -0.090909087412317782, 0.11111111104908268,
                                    -0.14285714285657285,  0.19999999999999794,   -0.33333333333333333};
  static constexpr double ATAN_LOW[] = {0.050380969110956821, -0.086207748843862764, 0.11070840561567537,
                                        -0.14284122824954842, 0.19999976731422461,   -0.33333333277724884};
  static constexpr double HALF_PI = 1.5707963267948966, HALF_PI_LOW = 6.123233995736766e-17, PI = 3.141592653589793,
                          PI_LOW = 1.2246467991473532e-16, QUARTER_PI = 0.7853981633974483;
};

template <bool Low>
inline VecD asinPoly(VecD z) {
  if constexpr (Low)
    return poly(z, ArcConstants::ASIN_LOW);
  else
    return poly(z, ArcConstants::ASIN);
}

// |x| < 1/2 by the series; above, asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2)).
template <bool Low>
inline VecD asinOf(VecD x) {
  using V = VecD;
  const V a = abs(x);
  const auto small = a < V::set1(0.5);
  const V z = select(small, a * a, (V::set1(1) - a) * V::set1(0.5)), r = select(small, a, sqrt(z));
  const V y = fma(z * r, asinPoly<Low>(z), r);
  const V large = V::set1(ArcConstants::HALF_PI) - fma(V::set1(2), y, V::set1(-ArcConstants::HALF_PI_LOW));
  return copysign(select(small, y, large), x);
}
template <bool Low>
inline VecD acosOf(VecD x) {
  using V = VecD;
  const V a = abs(x);
  const auto small = a < V::set1(0.5);
  const V z = select(small, a * a, (V::set1(1) - a) * V::set1(0.5)), r = select(small, a, sqrt(z));
  const V y = fma(z * r, asinPoly<Low>(z), r), signedY = y | signBits(x);
  const V middle = V::set1(ArcConstants::HALF_PI) - (signedY - V::set1(ArcConstants::HALF_PI_LOW));
  const V twice = y + y;
  const V outer = select(x < V::zero(), V::set1(ArcConstants::PI) - (twice - V::set1(ArcConstants::PI_LOW)), twice);
  return select(small, middle, outer);
}

// The angle of (x, y), both non-negative: by octants of pi/8 to |t| < tan(pi/8), with one division.
template <bool Low>
inline VecD atanQuadrant(VecD y, VecD x) {
  using V = VecD;
  const V t1 = V::set1(0.41421356237309503) * x, t2 = V::set1(2.414213562373095) * x;
  const auto low = y <= t1, high = y > t2;
  const V up = select(low, y, select(high, neg(x), y - x)), down = select(low, x, select(high, y, y + x));
  const V base =
      select(low, V::zero(), select(high, V::set1(ArcConstants::HALF_PI), V::set1(ArcConstants::QUARTER_PI)));
  const V rest = select(low, V::zero(),
                        select(high, V::set1(ArcConstants::HALF_PI_LOW), V::set1(ArcConstants::HALF_PI_LOW * 0.5)));
  const V t = up / down, z = t * t;
  V tail;
  if constexpr (Low)
    tail = z * t * poly(z, ArcConstants::ATAN_LOW);
  else
    tail = z * t * poly(z, ArcConstants::ATAN);
  return base + (t + (tail + rest));
}

template <bool Low>
inline VecD atanOf(VecD x) {
  using V = VecD;
  const V a = min(V::set1(1e300), abs(x));
  return select(isnan(x), x, copysign(atanQuadrant<Low>(a, V::set1(1)), x));
}

template <bool Low>
inline VecD atan2Of(VecD y, VecD x) {
  using V = VecD;
  const V inf = V::set1(Limits<double>::INF), one = V::set1(1);
  V ay = abs(y), ax = abs(x);
  // Two infinities make an angle of pi/4; of two zeros, one is made 1 so that the other wins. Large and small pairs
  // are scaled, so that sums and products stay in range.
  const auto both = (ay == inf) & (ax == inf);
  const auto huge = (ay > V::set1(1e300)) | (ax > V::set1(1e300)),
             tiny = (ay < V::set1(1e-300)) & (ax < V::set1(1e-300));
  const V scale = select(huge, V::set1(1e-8), select(tiny, V::set1(1e16), one));
  const V sy = select(both, one, ay * scale),
          sx = select(both | ((ax == V::zero()) & (ay == V::zero())), one, ax * scale);
  V r = atanQuadrant<Low>(sy, sx);
  r = select(sx == inf, V::zero(), r);
  r = select(sy == inf, V::set1(ArcConstants::HALF_PI), r);
  const auto left = signBits(x) | one;  // -1 or 1
  r = select(left < V::zero(), V::set1(ArcConstants::PI) - (r - V::set1(ArcConstants::PI_LOW)), r);
  return select(isnan(x) | isnan(y), x + y, copysign(r, y));
}

inline VecD asin(VecD x) { return asinOf<false>(x); }
inline VecD acos(VecD x) { return acosOf<false>(x); }
inline VecD atan(VecD x) { return atanOf<false>(x); }
inline VecD atan2(VecD y, VecD x) { return atan2Of<false>(y, x); }
inline VecF asin(VecF x) {
  return viaDouble(x, [](VecD a) { return asinOf<true>(a); });
}
inline VecF acos(VecF x) {
  return viaDouble(x, [](VecD a) { return acosOf<true>(a); });
}
inline VecF atan(VecF x) {
  return viaDouble(x, [](VecD a) { return atanOf<true>(a); });
}
inline VecF atan2(VecF y, VecF x) {
  return viaDouble(y, x, [](VecD a, VecD b) { return atan2Of<true>(a, b); });
}

// ---- hyperbolic

inline VecD tanh(VecD x) {
  using V = VecD;
  const V t = expm1(V::set1(-2) * min(V::set1(30), abs(x)));
  return select(isnan(x) | (x == V::zero()), x, copysign(neg(t) / (t + V::set1(2)), x));
}
// Below 3/4 by an odd polynomial, above by 1 - 2 / (exp(2|x|) + 1).
inline VecF tanh(VecF x) {
  using V = VecF;
  static constexpr float P[] = {0.00190950245f, -0.00793380762f, 0.0216153189f,
                                -0.0539358536f, 0.133331796f,    -0.333333321f};
  const V a = min(V::set1(10), abs(x)), z = x * x;
  const V small = fma(z * x, poly(z, P), x);
  const V large = V::set1(1) - V::set1(2) / (expNear(a + a) + V::set1(1));
  return copysign(select(abs(x) < V::set1(0.75f), small, select(isnan(x), x, large)), x);
}

// exp(a) / 2 for a large a, in two factors so that it does not overflow before it must.
inline VecD halfExp(VecD a) {
  const VecD h = exp(a * VecD::set1(0.5));
  return h * VecD::set1(0.5) * h;
}
inline VecD sinh(VecD x) {
  using V = VecD;
  const V a = abs(x), e = expm1(min(V::set1(50), a));
  const V y = V::set1(0.5) * (e + e / (e + V::set1(1)));
  return copysign(select(a < V::set1(40), y, halfExp(a)), x);
}
inline VecD cosh(VecD x) {
  using V = VecD;
  const V a = abs(x), e = exp(min(V::set1(50), a)) * V::set1(0.5);
  return select(a < V::set1(40), e + V::set1(0.25) / e, halfExp(a));
}
inline VecD asinh(VecD x) {
  using V = VecD;
  const V a = abs(x), b = min(V::set1(1e10), a), z = b * b;
  const V y = log1p(b + z / (V::set1(1) + sqrt(V::set1(1) + z)));
  return copysign(select(a < V::set1(1e10), y, log(a) + V::set1(0.6931471805599453)), x);
}
inline VecD acosh(VecD x) {
  using V = VecD;
  const V t = min(V::set1(1e10), x) - V::set1(1);
  const V y = log1p(t + sqrt(t * (t + V::set1(2))));
  const V far = log(x) + V::set1(0.6931471805599453);
  return select(x < V::set1(1), V::set1(Limits<double>::NaN), select(x < V::set1(1e10), y, far));
}
inline VecD atanh(VecD x) {
  using V = VecD;
  const V a = abs(x), y = V::set1(0.5) * log1p((a + a) / (V::set1(1) - a));
  return select(x == V::zero(), x, copysign(y, x));
}

#define TENZO_VIA_DOUBLE(name)                           \
  inline VecF name(VecF x) {                             \
    return viaDouble(x, [](VecD a) { return name(a); }); \
  }
TENZO_VIA_DOUBLE(sinh)
TENZO_VIA_DOUBLE(cosh)
TENZO_VIA_DOUBLE(asinh)
TENZO_VIA_DOUBLE(acosh)
TENZO_VIA_DOUBLE(atanh)
#undef TENZO_VIA_DOUBLE

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
