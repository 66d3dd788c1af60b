// What every elementwise op should give, in plain double and int64 arithmetic.
#pragma once
#include <cmath>
#include <cstdlib>
#include <limits>

#include "command/schema.h"

using namespace tenzo;

namespace {

const double INF = std::numeric_limits<double>::infinity(), NaN = std::numeric_limits<double>::quiet_NaN();

// Of an operation that none is written for here. (An exact power of ten that no sample leads to.)
constexpr double NO_REFERENCE = 1e77;

double softplus(double x) { return x > 20 ? x : std::log1p(std::exp(x)); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double cdf(double x) { return 0.5 * std::erfc(-x * std::sqrt(0.5)); }
double geluTanh(double x) { return std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)); }
double floorMod(double a, double b) {
  const double m = std::fmod(a, b);
  return m != 0 && (b < 0) != (m < 0) ? m + b : m;
}
double erfinv(double x) {
  double low = -6, high = 6;
  for (int i = 0; i < 200; i++) {
    const double mid = 0.5 * (low + high);
    (std::erf(mid) < x ? low : high) = mid;
  }
  return x == 0 ? x : std::fabs(x) > 1 ? NaN : x == 1 ? INF : x == -1 ? -INF : low;
}
double i0(double x) {
  double term = 1, sum = 1;
  for (int k = 1; k < 400; k++) sum += term *= x * x / (4.0 * k * k);
  return sum;
}
double i1(double x) {
  double term = x / 2, sum = term;
  for (int k = 1; k < 400; k++) sum += term *= x * x / (4.0 * k * (k + 1));
  return sum;
}
long double normalCdf(long double x) { return 0.5L * erfcl(-x * sqrtl(0.5L)); }
double ndtri(double p) {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p == 0 || p == 1) return p == 0 ? -INF : INF;
  long double low = -40, high = 40;
  for (int i = 0; i < 200; i++) {
    const long double mid = 0.5L * (low + high);
    (normalCdf(mid) < static_cast<long double>(p) ? low : high) = mid;
  }
  return p == 0.5 ? 0 : static_cast<double>(low);
}
double zeta(double x, double q) {  // many terms, and the first corrections
  if (x == 1) return INF;
  if (x < 1) return NaN;
  if (q <= 0 && q == std::floor(q)) return INF;
  if (q <= 0 && x != std::floor(x)) return NaN;
  const long double n = 2000, at = static_cast<long double>(q) + n, e = x;
  long double sum = 0;
  for (int k = 0; k < 2000; k++) sum += powl(static_cast<long double>(q) + k, -e);
  return static_cast<double>(sum + powl(at, 1 - e) / (e - 1) + powl(at, -e) / 2 + e * powl(at, -e - 1) / 12 -
                             e * (e + 1) * (e + 2) * powl(at, -e - 3) / 720);
}
double igamma(double a, double x) {
  if (!(a >= 0 && x >= 0) || (a == 0 && x == 0)) return NaN;
  if (x == 0) return 0;
  if (a == 0) return 1;
  long double term = 1, sum = 1;
  for (int k = 1; k < 3000; k++) sum += term *= static_cast<long double>(x) / (static_cast<long double>(a) + k);
  return static_cast<double>(
      expl(static_cast<long double>(a) * logl(x) - static_cast<long double>(x) - lgammal(a + 1.0L)) * sum);
}
double digamma(double at) {  // by the recurrence from far away
  if (at <= 0 && at == std::floor(at)) return at == 0 ? std::copysign(INF, -at) : NaN;
  long double x = at, sum = 0;
  for (; x < 100; x += 1) sum -= 1 / x;
  const long double z = 1 / (x * x);
  return static_cast<double>(sum + std::log(x) - 0.5L / x -
                             z * (1 / 12.0L - z * (1 / 120.0L - z * (1 / 252.0L - z / 240))));
}
int64_t gcd(int64_t a, int64_t b) { return b ? gcd(b, a % b) : std::llabs(a); }

double floating(Op op, double a, double b, double c) {
  switch (op) {
    case OP_abs:
      return std::fabs(a);
    case OP_neg:
      return -a;
    case OP_sign:
      return (a > 0) - (a < 0);
    case OP_square:
      return a * a;
    case OP_relu:
      return a < 0 ? 0 : a;
    case OP_reciprocal:
      return 1 / a;
    case OP_sqrt:
      return std::sqrt(a);
    case OP_rsqrt:
      return 1 / std::sqrt(a);
    case OP_floor:
      return std::floor(a);
    case OP_ceil:
      return std::ceil(a);
    case OP_round:
      return std::nearbyint(a);
    case OP_trunc:
      return std::trunc(a);
    case OP_frac:
      return a - std::trunc(a);
    case OP_exp:
      return std::exp(a);
    case OP_exp2:
      return std::exp2(a);
    case OP_expm1:
      return std::expm1(a);
    case OP_log:
      return std::log(a);
    case OP_log2:
      return std::log2(a);
    case OP_log10:
      return std::log10(a);
    case OP_log1p:
      return std::log1p(a);
    case OP_sin:
      return std::sin(a);
    case OP_cos:
      return std::cos(a);
    case OP_tan:
      return std::tan(a);
    case OP_asin:
      return std::asin(a);
    case OP_acos:
      return std::acos(a);
    case OP_atan:
      return std::atan(a);
    case OP_sinh:
      return std::sinh(a);
    case OP_cosh:
      return std::cosh(a);
    case OP_tanh:
      return std::tanh(a);
    case OP_asinh:
      return std::asinh(a);
    case OP_acosh:
      return std::acosh(a);
    case OP_atanh:
      return std::atanh(a);
    case OP_erf:
      return std::erf(a);
    case OP_erfc:
      return std::erfc(a);
    case OP_erfinv:
      return erfinv(a);
    case OP_lgamma:
      return std::lgamma(a);
    case OP_digamma:
      return digamma(a);
    case OP_i0:
      return i0(a);
    case OP_i0e:
      return std::exp(-std::fabs(a)) * i0(a);
    case OP_i1:
      return i1(a);
    case OP_i1e:
      return std::exp(-std::fabs(a)) * i1(a);
    case OP_erfcx:
      return static_cast<double>(expl(static_cast<long double>(a) * a) * erfcl(a));
    case OP_log_ndtr:
      return static_cast<double>(a > 0 ? log1pl(-normalCdf(-a)) : logl(normalCdf(a)));
    case OP_ndtri:
      return ndtri(a);
    case OP_zeta:
      return zeta(a, b);
    case OP_igamma:
      return igamma(a, b);
    case OP_igammac:
      return 1 - igamma(a, b);
    case OP_sinc:
      return a == 0 ? 1 : std::sin(M_PI * a) / (M_PI * a);
    case OP_sigmoid:
      return sigmoid(a);
    case OP_log_sigmoid:
      return std::fmin(a, 0) - std::log1p(std::exp(-std::fabs(a)));
    case OP_silu:
      return a * sigmoid(a);
    case OP_gelu:
      return a * cdf(a);
    case OP_gelu_tanh:
      return 0.5 * a * (1 + geluTanh(a));
    case OP_softplus_1:
      return softplus(a);
    case OP_mish:
      return a * std::tanh(softplus(a));
    case OP_hardswish:
      return a * std::fmin(std::fmax(a + 3, 0), 6) / 6;
    case OP_hardsigmoid:
      return std::fmin(std::fmax(a + 3, 0), 6) / 6;
    case OP_relu6:
      return std::fmin(std::fmax(a, 0), 6);
    case OP_softsign:
      return a / (1 + std::fabs(a));
    case OP_tanhshrink:
      return a - std::tanh(a);
    case OP_isnan:
      return std::isnan(a);
    case OP_isinf:
      return std::isinf(a);
    case OP_isfinite:
      return std::isfinite(a);
    case OP_signbit:
      return std::signbit(a);
    case OP_logical_not:
      return a == 0;
    case OP_eq:
      return a == b;
    case OP_eq_nan:
      return a == b || (a != a && b != b);
    case OP_ne:
      return a != b;
    case OP_lt:
      return a < b;
    case OP_le:
      return a <= b;
    case OP_gt:
      return a > b;
    case OP_ge:
      return a >= b;
    case OP_logical_and:
      return a != 0 && b != 0;
    case OP_logical_or:
      return a != 0 || b != 0;
    case OP_logical_xor:
      return (a != 0) != (b != 0);
    case OP_add:
      return a + b;
    case OP_sub:
      return a - b;
    case OP_mul:
      return a * b;
    case OP_div:
      return a / b;
    case OP_floor_divide:
      return b == 0 ? a / b : std::isinf(b) && a != 0 && (a < 0) != (b < 0) ? -1 : std::floor(a / b);
    case OP_trunc_divide:
      return std::trunc(a / b);
    case OP_remainder:
      return floorMod(a, b);
    case OP_fmod:
      return std::fmod(a, b);
    case OP_pow:
    case OP_pow_scalar:
      return std::pow(a, b);
    case OP_maximum:
      return std::isnan(a) || std::isnan(b) ? NaN : a > b ? a : b;
    case OP_minimum:
      return std::isnan(a) || std::isnan(b) ? NaN : a < b ? a : b;
    case OP_fmax:
      return std::fmax(a, b);
    case OP_fmin:
      return std::fmin(a, b);
    case OP_atan2:
      return std::atan2(a, b);
    case OP_hypot:
      return std::hypot(a, b);
    case OP_copysign:
      return std::copysign(a, b);
    case OP_logaddexp:
      return std::isinf(a) && a == b ? a : std::fmax(a, b) + std::log1p(std::exp(-std::fabs(a - b)));
    case OP_logaddexp2:
      return std::isinf(a) && a == b ? a : std::fmax(a, b) + std::log1p(std::exp2(-std::fabs(a - b))) / M_LN2;
    case OP_xlogy:
      return std::isnan(b) ? NaN : a == 0 ? 0 : a * std::log(b);
    case OP_xlog1py:
      return std::isnan(b) ? NaN : a == 0 ? 0 : a * std::log1p(b);
    case OP_heaviside:
      return a == 0 ? b : a > 0;
    case OP_prelu:
    case OP_leaky_relu:
      return a > 0 ? a : a * b;
    case OP_elu:
      return a <= 0 ? b * std::expm1(a) : a;
    case OP_celu:
      return a <= 0 ? b * std::expm1(a / b) : a;
    case OP_hardshrink:
      return a >= -b && a <= b ? 0 : a;
    case OP_softshrink:
      return a > b ? a - b : a < -b ? a + b : 0;
    case OP_sigmoid_backward:
      return a * (1 - b) * b;
    case OP_tanh_backward:
      return a * (1 - b * b);
    case OP_relu_backward:
      return b <= 0 ? 0 : a;
    case OP_silu_backward:
      return a * sigmoid(b) * (1 + b * (1 - sigmoid(b)));
    case OP_gelu_backward:
      return a * (cdf(b) + b * std::exp(-0.5 * b * b) / std::sqrt(2 * M_PI));
    case OP_gelu_tanh_backward:
      return a * (0.5 * (1 + geluTanh(b)) +
                  0.5 * b * (1 - geluTanh(b) * geluTanh(b)) * std::sqrt(2 / M_PI) * (1 + 3 * 0.044715 * b * b));
    case OP_softplus_1_backward:
      return b > 20 ? a : a * sigmoid(b);
    case OP_log_sigmoid_backward:
      return a * sigmoid(-b);
    case OP_mish_backward: {
      const double t = std::tanh(softplus(b));
      return a * (t + b * sigmoid(b) * (1 - t * t));
    }
    case OP_hardswish_backward:
      return b <= -3 ? 0 : b >= 3 ? a : a * (b / 3 + 0.5);
    case OP_hardsigmoid_backward:
      return b > -3 && b < 3 ? a * static_cast<double>(1.0f / 6) : 0;
    case OP_softsign_backward:
      return a / ((1 + std::fabs(b)) * (1 + std::fabs(b)));
    case OP_leaky_relu_backward:
      return b > 0 ? a : a * c;
    case OP_elu_backward:
      return b > 0 ? a : a * c * std::exp(b);
    case OP_celu_backward:
      return b > 0 ? a : a * std::exp(b / c);
    case OP_shrink_backward:
      return b < -c || b > c ? a : 0;
    case OP_axpy:
      return a + c * b;
    case OP_clamp:
      return std::fmin(std::fmax(a, b), c);
    case OP_lerp:
      return std::fabs(c) < 0.5 ? a + c * (b - a) : b - (b - a) * (1 - c);
    case OP_addcmul1:
      return a + b * c;
    case OP_addcdiv1:
      return a + b / c;
    case OP_where:
      return a != 0 ? b : c;
    default:
      return NO_REFERENCE;
  }
}

int64_t integral(Op op, int64_t a, int64_t b, int64_t c, DType t) {
  const int64_t q = b ? a / b : 0, r = b ? a % b : 0;
  const int bits = 8 * itemsize(t);
  switch (op) {
    case OP_abs:
      return a < 0 ? -a : a;
    case OP_neg:
      return -a;
    case OP_sign:
      return (a > 0) - (a < 0);
    case OP_square:
      return a * a;
    case OP_bitwise_not:
      return t == BOOL ? !a : ~a;
    case OP_relu:
      return a > 0 ? a : 0;
    case OP_add:
      return t == BOOL ? a | b : a + b;
    case OP_sub:
      return a - b;
    case OP_mul:
      return a * b;
    case OP_floor_divide:
      return r && (r < 0) != (b < 0) ? q - 1 : q;
    case OP_trunc_divide:
      return q;
    case OP_remainder:
      return r && (r < 0) != (b < 0) ? r + b : r;
    case OP_fmod:
      return r;
    case OP_pow: {
      if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
      uint64_t y = 1;
      for (int64_t i = 0; i < b; i++) y *= static_cast<uint64_t>(a);
      return static_cast<int64_t>(y);
    }
    case OP_maximum:
    case OP_fmax:
      return a > b ? a : b;
    case OP_minimum:
    case OP_fmin:
      return a < b ? a : b;
    case OP_bitwise_and:
      return a & b;
    case OP_bitwise_or:
      return a | b;
    case OP_bitwise_xor:
      return a ^ b;
    case OP_shl:
      return b < 0 || b >= bits ? 0 : static_cast<int64_t>(static_cast<uint64_t>(a) << b);
    case OP_shr:
      return a >> (b < 0 || b >= bits ? bits - 1 : b) >> (t == U8 && (b < 0 || b >= bits));
    case OP_gcd:
      return gcd(a, b);
    case OP_lcm:
      return a && b ? std::llabs(a / gcd(a, b) * b) : 0;
    case OP_heaviside:
      return a == 0 ? b : a > 0;
    case OP_axpy:
      return a + c * b;
    case OP_clamp:
      return (a > b ? a : b) < c ? (a > b ? a : b) : c;
    case OP_addcmul1:
      return a + b * c;
    case OP_where:
      return a ? b : c;
    default:
      return 123456789123;
  }
}

}  // namespace
