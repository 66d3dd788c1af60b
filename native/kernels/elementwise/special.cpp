// Special functions that are seldom hot: one value at a time, in double for both types.
#include "chebyshev.h"
#include "loops.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// glibc's lgamma writes a global sign.
inline double logGamma(double x) {
#if defined(_WIN32)
  return ::lgamma(x);
#else
  int sign;
  return ::lgamma_r(x, &sign);
#endif
}

constexpr double PI = 3.141592653589793;

// Recurrence up to 10, then the asymptotic series; reflection for negative x. A pole is NaN, but at a zero an infinity
// of the other sign. Error: 1e-15 of max(1, |digamma|).
inline double digamma(double x) {
  if (x == 0) return __builtin_copysign(__builtin_inf(), -x);
  double result = 0;
  if (x < 0) {
    if (x == ::trunc(x)) return __builtin_nan("");
    result = -PI / ::tan(PI * (x - ::nearbyint(x)));
    x = 1 - x;
  }
  for (; x < 10; x += 1) result -= 1 / x;
  static constexpr double B[] = {1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120, 1.0 / 12};
  double tail = 0;
  if (x < 1e17) {
    const double z = 1 / (x * x);
    for (double b : B) tail = tail * z + b;
    tail *= z;
  }
  return result + ::log(x) - 0.5 / x - tail;
}

// exp(-x) I0(x), as Chebyshev series in x/2 - 2 up to 8 and, times sqrt(x), in 32/x - 2 above. Error: 2 ULP.
inline double besselI0e(double x) {
  static constexpr double NEAR[] = {
      0.67679527440947608,    -0.3046826723431984,     0.17162090152220878,    -0.094901097048047644,
      0.049305284239670708,   -0.023737414805899469,   0.010546460394594998,   -0.0043243099950505759,
      0.0016394756169413358,  -0.00057637557453858237, 0.00018850288509584166, -5.7541950100821037e-5,
      1.6448448070728897e-5,  -4.4167383584587506e-6,  1.1173875391201037e-6,  -2.6707938539406117e-7,
      6.0469950225419189e-8,  -1.300025009986248e-8,   2.6598237246823867e-9,  -5.1897956016352629e-10,
      9.6758090353732369e-11, -1.7268262914415557e-11, 2.9550526631296398e-12, -4.8564467831119295e-13,
      7.6761854986049356e-14, -1.1685332877993452e-14, 1.715391285555133e-15,  -2.4312798465479547e-16,
      3.3307945188222381e-17, -4.4153416464793394e-18};
  static constexpr double FAR[] = {
      0.80449041101410883,     0.0033691164782556941,   6.889758346916824e-5,    2.8913705208347565e-6,
      2.0489185894690637e-7,   2.2666689904981781e-8,   3.3962320257083863e-9,   4.9406023882249696e-10,
      1.1889147107846438e-11,  -3.1499165279632414e-11, -1.3215811840447713e-11, -1.7941785315068061e-12,
      7.1801244513836662e-13,  3.8527783827421427e-13,  1.5400862175214098e-14,  -4.1505693472872221e-14,
      -9.5548466988283076e-15, 3.8116806693526224e-15,  1.7725601330565264e-15,  -3.4254856196772191e-16,
      -2.8276239805165835e-16, 3.4612228676974611e-17,  4.46562142029676e-17,    -4.8305044859441821e-18,
      -7.233180487874754e-18};
  const double a = __builtin_fabs(x);
  if (a <= 8) return chebyshev(0.5 * a - 2, NEAR, static_cast<int>(sizeof NEAR / sizeof *NEAR));
  return chebyshev(32 / a - 2, FAR, static_cast<int>(sizeof FAR / sizeof *FAR)) / ::sqrt(a);
}
inline double besselI0(double x) { return ::exp(__builtin_fabs(x)) * besselI0e(x); }  // NaN at infinity
inline float besselI0(float x) {
  return __builtin_fabsf(x) > 88.72284f && !__builtin_isinf(x) ? __builtin_inff()  // where float's exp overflows
                                                               : static_cast<float>(besselI0(static_cast<double>(x)));
}

struct I0 {
  template <class T>
    requires IS_FLOAT<T>
  static T of(T a) {
    return besselI0(a);
  }
};
}  // namespace

void fill_special(Kernels& k) {
  TENZO_MAP(lgamma, InDouble<logGamma>)
  TENZO_MAP(digamma, InDouble<digamma>)
  TENZO_MAP(i0, I0)
  TENZO_MAP(i0e, InDouble<besselI0e>)
}

}  // namespace tenzo::TENZO_LEVEL
