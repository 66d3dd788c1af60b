// Elementary functions on Vec: exponentials, logarithms and what is made of them, error functions.
// Trigonometric and hyperbolic functions: math_trig.h.
//
// The largest error of each, in ULP, over all binades, stands in the table of math_test.cpp, which fails
// above it: for float 0.5 to 1.1, for double 0.6 to 2.6 (erfc 5). NaN, infinities, signed zeros and subnormal numbers
// as in the C library. The float versions of the less used functions go through double, and are almost always correctly
// rounded. AVX2, AVX-512 and NEON give the same bits; the baseline level has no fused multiply-add and may differ in
// the last. The polynomials are Chebyshev interpolants of the remainder after the leading terms, on the reduced range.
#pragma once
#include "vec.h"

namespace tenzo::TENZO_LEVEL {
namespace {

template <class T>
struct Limits;
template <>
struct Limits<float> {
  static constexpr float INF = __builtin_inff(), NaN = __builtin_nanf(""), SMALLEST = 1.17549435e-38f;
  static constexpr int MANTISSA = 23, BIAS = 127;
};
template <>
struct Limits<double> {
  static constexpr double INF = __builtin_inf(), NaN = __builtin_nan(""), SMALLEST = 2.2250738585072014e-308;
  static constexpr int MANTISSA = 52, BIAS = 1023;
};

// What is called with an argument in angle brackets must be known as a template before (clang); the operands say which
// is meant.
template <int K>
void shl();

// Coefficients from the highest degree down.
template <class T, int D>
inline Vec<T> poly(Vec<T> x, const T (&c)[D]) {
  Vec<T> r = Vec<T>::set1(c[0]);
#pragma GCC unroll 32
  for (int i = 1; i < D; i++) r = fma(r, x, Vec<T>::set1(c[i]));
  return r;
}

// f on the two halves of a float vector, in double.
template <class F>
inline VecF viaDouble(VecF a, const F& f) {
  return narrow(f(widenLow(a)), f(widenHigh(a)));
}
template <class F>
inline VecF viaDouble(VecF a, VecF b, const F& f) {
  return narrow(f(widenLow(a), widenLow(b)), f(widenHigh(a), widenHigh(b)));
}

// 2^n for an integral n in the normal range.
template <class T>
inline Vec<T> pow2(Vec<T> n) {
  using I = typename Vec<T>::Int;
  return asFloat(shl<Limits<T>::MANTISSA>(toInt(n) + I::set1(Limits<T>::BIAS)));
}

// a * 2^n, rounded once, for an integral n up to twice the range of exponents; where a level has its own, that is
// taken.
template <class T>
inline Vec<T> scale2(Vec<T> a, Vec<T> n) {
  const Vec<T> half = floor(n * Vec<T>::set1(T(0.5)));
  return a * pow2(half) * pow2(n - half);
}

// ---- exponentials

template <class T>
struct ExpConstants;
template <>
struct ExpConstants<float> {
  static constexpr float LOG2E = 1.44269504f, LN2_HIGH = 0.693359375f, LN2_LOW = -2.12194440e-4f;
  static constexpr float LOWEST = -104.0f, HIGHEST = 89.0f, LOWEST2 = -151.0f, HIGHEST2 = 129.0f;
  static constexpr float P[] = {0.000198919813f, 0.00139345419f, 0.00833331002f, 0.0416664568f, 0.166666667f, 0.5f};
  static constexpr float P2[] = {0.000154541621f, 0.00133920174f, 0.00961808067f,
                                 0.0555035493f,   0.240226508f,   0.693147188f};
};
template <>
struct ExpConstants<double> {
  static constexpr double LOG2E = 1.4426950408889634, LN2_HIGH = 6.93147180369123816490e-01,
                          LN2_LOW = 1.90821492927058770002e-10;
  static constexpr double LOWEST = -746.0, HIGHEST = 710.0, LOWEST2 = -1076.0, HIGHEST2 = 1025.0;
  static constexpr double P[] = {2.0915442297780115e-9,
                                 2.5106274733573295e-8,
                                 2.75572718102198e-7,
                                 2.755725283351691e-6,
                                 2.4801587327007187e-5,
                                 0.00019841269876864355,
                                 0.0013888888888883327,
                                 0.0083333333333255447,
                                 0.04166666666666667,
                                 0.16666666666666671,
                                 0.5};
  static constexpr double P2[] = {2.5730348009234352e-11, 4.4560247551334641e-10, 7.0548967224703518e-9,
                                  1.0178055912546169e-7,  1.3215486809848002e-6,  1.5252733843864855e-5,
                                  0.00015403530393369832, 0.0013333558146404649,  0.0096181291076284797,
                                  0.055504108664821632,   0.24022650695910071,    0.69314718055994531};
  // For a float's result: error 4e-12.
  static constexpr double P_LOW[] = {2.4860745193047495e-5,
                                     0.00019900441465296743,
                                     0.001388885263392293,
                                     0.0083332970674287185,
                                     0.041666666722201,
                                     0.16666666722219043,
                                     0.5};
};

// x = n ln 2 + r + rest, |r| <= ln 2 / 2. LN2_HIGH has enough trailing zeros for n * LN2_HIGH to be exact.
template <class T>
inline void splitExp(Vec<T> x, Vec<T>& n, Vec<T>& r, Vec<T>& rest) {
  using C = ExpConstants<T>;
  using V = Vec<T>;
  n = round(x * V::set1(C::LOG2E));
  const V a = fnma(n, V::set1(C::LN2_HIGH), x), w = n * V::set1(C::LN2_LOW);
  r = a - w;
  rest = (a - r) - w;
}

// What rounding loses of r and of 1 + r is added back with the small terms: 0.9 ULP without, 0.52 with.
template <class T>
inline Vec<T> exp(Vec<T> x) {
  using C = ExpConstants<T>;
  using V = Vec<T>;
  V n, r, rest;
  splitExp(min(V::set1(C::HIGHEST), max(V::set1(C::LOWEST), x)), n, r, rest);
  const V sum = V::set1(1) + r, lost = r - (sum - V::set1(1));
  return scale2(sum + fma(r * r, poly(r, C::P), lost + rest), n);
}

// exp for |x| < 80, 0.95 ULP: where what follows damps the error.
inline VecF expNear(VecF x) {
  using C = ExpConstants<float>;
  const VecF n = round(x * VecF::set1(C::LOG2E));
  const VecF r = fnma(n, VecF::set1(C::LN2_LOW), fnma(n, VecF::set1(C::LN2_HIGH), x));
  return (fma(r * r, poly(r, C::P), r) + VecF::set1(1)) * pow2(n);
}

// For a float's result.
inline VecD expLow(VecD x) {
  using C = ExpConstants<double>;
  VecD n, r, rest;
  splitExp(min(VecD::set1(C::HIGHEST), max(VecD::set1(C::LOWEST), x)), n, r, rest);
  return scale2(fma(r * r, poly(r, C::P_LOW), r) + VecD::set1(1), n);
}

template <class T>
inline Vec<T> exp2(Vec<T> x) {
  using C = ExpConstants<T>;
  using V = Vec<T>;
  x = min(V::set1(C::HIGHEST2), max(V::set1(C::LOWEST2), x));
  const V n = round(x), r = x - n;
  return scale2(fma(r, poly(r, C::P2), V::set1(1)), n);
}

// (2^n - 1) + 2^n (e^r - 1), all halved so that the largest results do not overflow on the way. What rounding loses of
// r and of the first sum is added back, since the two parts partly cancel.
template <class T>
inline Vec<T> expm1(Vec<T> x) {
  using C = ExpConstants<T>;
  using V = Vec<T>;
  V n, r, rest;
  splitExp(min(V::set1(C::HIGHEST), max(V::set1(-60), x)), n, r, rest);
  const V square = r * r * poly(r, C::P), scale = pow2(n - V::set1(1));
  const V whole = scale - V::set1(T(0.5)), part = scale * r, sum = whole + part, lost = part - (sum - whole);
  const V y = (sum + fma(scale, square + rest, lost)) * V::set1(2);
  return select(n == V::zero(), select(x == V::zero(), x, r + square), y);
}

// ---- logarithms

template <class T>
struct LogConstants;
template <>
struct LogConstants<float> {
  static constexpr int32_t SQRT_HALF = 0x3f3504f3, ONE = 0x3f800000, FRACTION = 0x007fffff;
  static constexpr float P[] = {0.0697161147f, -0.114797338f, 0.116854199f, -0.124256873f, 0.142490576f,
                                -0.166678023f, 0.200007157f,  -0.24999997f, 0.333333312f};
  static constexpr float LN2_HIGH = 0.693359375f, LN2_LOW = -2.12194440e-4f;
  static constexpr float LOG2E_HIGH = 1.4426950216293335f, LOG2E_LOW = 1.9259629911267e-8f;
  static constexpr float LOG10E_HIGH = 0.4342944920063019f, LOG10E_LOW = -1.0103050118726e-8f;
  static constexpr float LOG10_2_HIGH = 0.30102920532226562f, LOG10_2_LOW = 7.9034151666e-7f;
};
template <>
struct LogConstants<double> {
  static constexpr int64_t SQRT_HALF = 0x3fe6a09e667f3bcd, ONE = 0x3ff0000000000000, FRACTION = 0x000fffffffffffff;
  static constexpr double P[] = {0.1463003136412286,  0.15330617306743305, 0.18182922513515942, 0.22222210674238515,
                                 0.28571428628810996, 0.39999999999893222, 0.66666666666666699};
  // For a float's result: error 1e-13.
  static constexpr double P_LOW[] = {0.19374971137771949, 0.22190763715392489, 0.28571764621021174, 0.39999998747695648,
                                     0.66666666667411712};
  static constexpr double LN2_HIGH = 6.93147180369123816490e-01, LN2_LOW = 1.90821492927058770002e-10;
  static constexpr double LOG2E_HIGH = 1.4426950408889634, LOG2E_LOW = 2.0355273740931032e-17;
  static constexpr double LOG10E_HIGH = 0.4342944819032518, LOG10E_LOW = 1.0983196502167651e-17;
  static constexpr double LOG10_2_HIGH = 0.3010299956639812, LOG10_2_LOW = -2.8037281277851703e-18;
};

// x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), for positive finite x.
template <class T>
inline void splitLog(Vec<T> x, Vec<T>& e, Vec<T>& f) {
  using C = LogConstants<T>;
  using V = Vec<T>;
  using I = typename V::Int;
  constexpr int M = Limits<T>::MANTISSA;
  const auto small = x < V::set1(Limits<T>::SMALLEST);
  x = select(small, x * V::set1(static_cast<T>(int64_t(1) << M)), x);
  const I t = asInt(x) + I::set1(C::ONE - C::SQRT_HALF);
  e = toFloat(shr<M>(t)) - select(small, V::set1(Limits<T>::BIAS + M), V::set1(Limits<T>::BIAS));
  f = asFloat((t & I::set1(C::FRACTION)) + I::set1(C::SQRT_HALF)) - V::set1(1);
}

// log(1 + f) - f
inline VecF logTail(VecF f) {
  const VecF z = f * f;
  return fma(z * f, poly(f, LogConstants<float>::P), z * VecF::set1(-0.5f));
}
template <int D>
inline VecD logTailOf(VecD f, const double (&p)[D]) {
  const VecD s = f / (VecD::set1(2) + f), z = s * s, half = VecD::set1(0.5) * f * f;
  return fma(s, fma(z, poly(z, p), half), neg(half));
}
inline VecD logTail(VecD f) { return logTailOf(f, LogConstants<double>::P); }

// What a logarithm gives where x is not positive and finite.
template <class T>
inline Vec<T> logEdges(Vec<T> x, Vec<T> y) {
  using V = Vec<T>;
  return select(x > V::zero(), select(x < V::set1(Limits<T>::INF), y, x),
                select(x == V::zero(), V::set1(-Limits<T>::INF), V::set1(Limits<T>::NaN)));
}

template <class T>
inline Vec<T> logSum(Vec<T> e, Vec<T> f) {
  using C = LogConstants<T>;
  using V = Vec<T>;
  return fma(e, V::set1(C::LN2_HIGH), f + fma(e, V::set1(C::LN2_LOW), logTail(f)));
}

template <class T>
inline Vec<T> log(Vec<T> x) {
  Vec<T> e, f;
  splitLog(x, e, f);
  return logEdges(x, logSum(e, f));
}

template <class T>
inline Vec<T> log2(Vec<T> x) {
  using C = LogConstants<T>;
  using V = Vec<T>;
  V e, f;
  splitLog(x, e, f);
  const V tail = fma(logTail(f), V::set1(C::LOG2E_HIGH), f * V::set1(C::LOG2E_LOW));
  return logEdges(x, e + fma(f, V::set1(C::LOG2E_HIGH), tail));
}

template <class T>
inline Vec<T> log10(Vec<T> x) {
  using C = LogConstants<T>;
  using V = Vec<T>;
  V e, f;
  splitLog(x, e, f);
  const V tail = fma(logTail(f), V::set1(C::LOG10E_HIGH), fma(f, V::set1(C::LOG10E_LOW), e * V::set1(C::LOG10_2_LOW)));
  return logEdges(x, fma(e, V::set1(C::LOG10_2_HIGH), fma(f, V::set1(C::LOG10E_HIGH), tail)));
}

// 1 + x rounded to u = 2^e (1 + f) loses c, which is added back as c / u; where e is 0, f is x itself.
template <class T>
inline Vec<T> log1p(Vec<T> x) {
  using C = LogConstants<T>;
  using V = Vec<T>;
  const V one = V::set1(1), u = one + x;
  const V c = select(x < one, x - (u - one), one - (u - x));
  V e, f;
  splitLog(u, e, f);
  const auto exact = e == V::zero();
  const V lost = c * pow2(max(V::set1(1 - Limits<T>::BIAS), neg(e))) * fnma(f, one - f, one);
  f = select(exact, x, f);
  const V low = fma(e, V::set1(C::LN2_LOW), select(exact, V::zero(), lost));
  const V y = fma(e, V::set1(C::LN2_HIGH), f + (logTail(f) + low));
  return select(x == V::zero(), x, logEdges(u, y));
}

// ---- powers

// |x|^y for float, in double: the error of y log2|x| (at most 150 in size) stays under 2^-36.
inline VecD powLow(VecD x, VecD y) {
  using C = LogConstants<double>;
  VecD e, f;
  splitLog(abs(x), e, f);
  const VecD l = fma(f + logTailOf(f, C::P_LOW), VecD::set1(ExpConstants<double>::LOG2E), e);
  VecD t = y * l;
  t = min(VecD::set1(300), max(VecD::set1(-300), t));
  const VecD n = round(t), r = (t - n) * VecD::set1(0.6931471805599453);
  return scale2(fma(r * r, poly(r, ExpConstants<double>::P_LOW), r) + VecD::set1(1), n);
}

// The C library's special cases, for both types: r is |x|^y where x and y are finite and x is not zero.
template <class T>
inline Vec<T> powEdges(Vec<T> x, Vec<T> y, Vec<T> r) {
  using V = Vec<T>;
  const V zero = V::zero(), one = V::set1(1), inf = V::set1(Limits<T>::INF), ax = abs(x), ay = abs(y);
  const V half = y * V::set1(T(0.5));
  const auto integral = (trunc(y) == y) & (ay < inf), odd = integral & (trunc(half) != half);
  const auto up = y > zero;
  r = select(ax == zero, select(up, zero, inf), r);
  r = select(ax == inf, select(up, inf, zero), r);
  r = select(ay == inf, select(ax == one, one, select((ax > one) ^ up, zero, inf)), r);
  r = select((x < zero) & (ax < inf) & ~integral & (ay < inf), V::set1(Limits<T>::NaN), r);
  r = select(odd, r | signBits(x), r);
  r = select(isnan(x) | isnan(y), V::set1(Limits<T>::NaN), r);
  return select((x == one) | (y == zero), one, r);
}

inline VecF pow(VecF x, VecF y) {
  return powEdges(x, y, viaDouble(x, y, [](VecD a, VecD b) { return powLow(a, b); }));
}

// ---- error functions

struct ErfConstants {
  // (erf(x) - x) / x in x^2, and -log(erfc(x)) in x
  static constexpr float SMALL_F[] = {8.33471862e-5f, -0.000813470933f, 0.00520036859f, -0.0268591515f,
                                      0.112836915f,   -0.376126335f,    0.128379167f};
  static constexpr float LOG_F[] = {-1.64356965e-6f, 4.61779128e-5f, -0.000597743472f, 0.00476357525f,  -0.0264310176f,
                                    0.110094481f,    0.631814517f,   1.13023762f,      -0.000320441531f};
  static constexpr double SMALL_D[] = {-8.8372073428354959e-10, 1.4189584294135369e-8,  -1.6300495998065118e-7,
                                       1.6457676496214065e-6,   -1.4925450090912942e-5, 0.00012055326932054654,
                                       -0.0008548326902886471,  0.0052239776239167891,  -0.02686617064501726,
                                       0.11283791670954685,     -0.37612638903183746,   0.12837916709551257};
  // exp(x^2) erfc(x) (1 + 2x) in (x - 4) / (x + 4)
  static constexpr double TAIL_D[] = {
      1.2637828580421369e-9,   1.8684873854735191e-9,   -1.4091982822555755e-8, -1.7999475459031421e-8,
      1.1005996198640058e-7,   7.471952780500971e-8,    -8.2546997448711614e-7, 2.9377854943443787e-7,
      5.7097847609665056e-6,   -1.1222046316669004e-5,  -2.4399244283129877e-5, 0.00015062169704678354,
      -0.00019925668432389152, -0.00075777329736691464, 0.0050319699757531763,  -0.016197734055994488,
      0.037167515537770254,    -0.066330365812409509,   0.093732834998330223,   -0.10103906603629459,
      0.068097054254693236,    0.015379652102619558,    -0.13962111684056252,   1.2329951186255525};
};

inline VecF erf(VecF x) {
  using V = VecF;
  const V a = min(V::set1(4), abs(x)), z = x * x;
  const V large = V::set1(1) - expNear(neg(poly(a, ErfConstants::LOG_F)));
  const V small = fma(x, poly(z, ErfConstants::SMALL_F), x);
  return select(abs(x) < V::set1(0.925f), small, select(isnan(x), x, copysign(large, x)));
}

// erfc of a >= 0. exp(-a^2) with a^2 = h^2 + (a - h)(a + h), h being the upper half of a, so that h^2 is exact.
inline VecD erfcPositive(VecD a) {
  using V = VecD;
  const V x = min(V::set1(28), a), h = asFloat(asInt(x) & V::Int::set1(~int64_t(0x7ffffff)));
  const V low = (x - h) * (x + h), p = x + V::set1(4), q = fma(V::set1(2), x, V::set1(1));
  const V inverse = V::set1(1) / (p * q), t = (x - V::set1(4)) * (q * inverse);
  const V correction = fnma(low, fnma(low, fnma(low, V::set1(1.0 / 6), V::set1(0.5)), V::set1(1)), V::set1(1));
  return exp(neg(h * h)) * correction * (poly(t, ErfConstants::TAIL_D) * (p * inverse));
}
inline VecD erfSmall(VecD x) { return fma(x, poly(x * x, ErfConstants::SMALL_D), x); }

inline VecD erf(VecD x) {
  using V = VecD;
  const V large = copysign(V::set1(1) - erfcPositive(abs(x)), x);
  return select(abs(x) < V::set1(0.85), erfSmall(x), select(isnan(x), x, large));
}
inline VecD erfc(VecD x) {
  using V = VecD;
  const V tail = erfcPositive(abs(x));
  const V y = select(abs(x) < V::set1(0.45), V::set1(1) - erfSmall(x), select(x < V::zero(), V::set1(2) - tail, tail));
  return select(isnan(x), x, y);
}
inline VecF erfc(VecF x) {
  return viaDouble(x, [](VecD a) { return erfc(a); });
}

// erfinv(x) / x in w = -log(1 - x^2), and beyond 6 in its square root. For a float that is enough (1e-8); a double
// takes coarser ones (5e-6) and one Halley step, which triples the digits, on erf or (near the ends) erfc.
struct ErfinvConstants {
  static constexpr double NEAR[] = {-5.480986588340674e-9,  1.438254372546854e-7,  -1.2273974139540222e-6,
                                    7.3749450461836092e-8,  5.6415655399335456e-5, -0.00014847986596820706,
                                    -0.0023135366467075298, 0.011538470812838418,  0.23201571461284017,
                                    0.88622686358826126};
  static constexpr double FAR[] = {1.5069076187560056e-5, -0.00055612975852203572, 0.0089258756708108001,
                                   -0.081419470065676651, 0.46210176151545878,     -1.6737449598277677,
                                   3.7883509522666818,    -3.9090387764326882,     2.6211594482399196};
  static constexpr double NEAR_F[] = {1.2732868700624293e-12,  -6.4221457563208529e-11, 1.4032584714338135e-9,
                                      -1.6923902436625355e-8,  1.152717126477136e-7,    -3.5632990549477386e-7,
                                      -2.545142917523534e-7,   7.7294695889869908e-7,   4.8005043850441242e-5,
                                      -0.00012905664603910535, -0.0023346575307747605,  0.011549239751570648,
                                      0.23201367588429839,     0.88622692530993268};
  static constexpr double FAR_F[] = {-2.5812676662842257e-7, 1.3580431669395527e-5, -0.00032429499074949569,
                                     0.0046428351165515241,  -0.04432209740186143,  0.29665865242090727,
                                     -1.4236880933905991,    4.9163984655734343,    -12.049349276617697,
                                     20.223447042161027,     -21.618659120237756,   13.62036581764647,
                                     -2.8115484394781332};
};

inline VecD erfinvEdges(VecD x, VecD y) {
  const VecD a = abs(x), one = VecD::set1(1);
  return select(a < one, copysign(y, x),
                select(a == one, copysign(VecD::set1(Limits<double>::INF), x), VecD::set1(Limits<double>::NaN)));
}
inline VecD erfinv(VecD x) {
  using V = VecD;
  using C = ErfinvConstants;
  const V one = V::set1(1), a = abs(x), w = neg(log((one - a) * (one + a)));
  const V guess = select(w < V::set1(6), poly(w, C::NEAR), poly(sqrt(w), C::FAR));
  const V y = a * guess;
  const V f = select(a > V::set1(0.75), (one - a) - erfcPositive(y), erfSmall(y) - a);
  const V u = f / (V::set1(1.1283791670955126) * exp(neg(y * y)));  // erf' = 2 / sqrt(pi) exp(-y^2)
  return erfinvEdges(x, y - u / fma(y, u, one));
}
inline VecF erfinv(VecF x) {
  using C = ErfinvConstants;
  return viaDouble(x, [](VecD v) {
    const VecD one = VecD::set1(1), a = abs(v), w = neg(log((one - a) * (one + a)));
    return erfinvEdges(v, a * select(w < VecD::set1(6), poly(w, C::NEAR_F), poly(sqrt(w), C::FAR_F)));
  });
}

// ---- functions of exp

// 1 / (1 + exp(-x))
template <class T>
inline Vec<T> sigmoid(Vec<T> x) {
  return Vec<T>::set1(1) / (Vec<T>::set1(1) + exp(neg(x)));
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
