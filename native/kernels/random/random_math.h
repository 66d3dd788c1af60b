// The arithmetic under random.cpp: element conversions, and the Box-Muller transform with the single-precision
// logarithm, sine and cosine that PyTorch's x86 build uses (Cephes polynomials, evaluated with fused multiply-adds
// where that build's compiler fuses them). Plain loops with explicit fma: the compiler vectorises them where the
// level has the instruction, and where it has not the result is still exact.
#pragma once
#include <cmath>

#include "kernels/fill.h"

namespace tenzo::TENZO_LEVEL {
namespace {

inline float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }

template <class T>
using Compute = Choose<IS_HALF<T>, float, T>;

inline uint16_t halfBits(float f) {
  const uint32_t x = __builtin_bit_cast(uint32_t, f);
  const uint32_t sign = (x >> 16) & 0x8000u, a = x & 0x7fffffffu;
  if (a >= 0x7f800000u) return static_cast<uint16_t>(sign | 0x7c00u | (a > 0x7f800000u ? 0x200u : 0));
  if (a < 0x38800000u) {  // subnormal or zero: let the addition round to a multiple of 2^-24
    const float r = __builtin_bit_cast(float, a) + 0.5f;
    return static_cast<uint16_t>(sign | (__builtin_bit_cast(uint32_t, r) - 0x3f000000u));
  }
  const uint32_t r = (a - 0x38000000u + 0xfffu + ((a >> 13) & 1)) >> 13;
  return static_cast<uint16_t>(sign | (r > 0x7c00u ? 0x7c00u : r));
}
inline uint16_t bfloat16Bits(float f) {
  const uint32_t x = __builtin_bit_cast(uint32_t, f);
  if ((x & 0x7fffffffu) > 0x7f800000u) return 0x7fc0u;
  return static_cast<uint16_t>((x + 0x7fffu + ((x >> 16) & 1)) >> 16);
}

template <class T>
inline T from(T v) {
  return v;
}
inline float from(BFloat16 v) { return __builtin_bit_cast(float, static_cast<uint32_t>(v.bits) << 16); }
inline float from(Half v) {
  const uint32_t sign = static_cast<uint32_t>(v.bits & 0x8000u) << 16, a = v.bits & 0x7fffu;
  if (a >= 0x7c00u) return __builtin_bit_cast(float, sign | 0x7f800000u | (a & 0x3ffu) << 13);
  if (a < 0x400u) {
    const float m = static_cast<float>(a) * 0x1p-24f;
    return sign ? -m : m;
  }
  return __builtin_bit_cast(float, sign | ((a << 13) + 0x38000000u));
}

template <class T>
struct To {
  template <class V>
  static T of(V v) {
    return static_cast<T>(v);
  }
};
template <>
struct To<Half> {
  template <class V>
  static Half of(V v) {
    return {halfBits(static_cast<float>(v))};
  }
};
template <>
struct To<BFloat16> {
  template <class V>
  static BFloat16 of(V v) {
    return {bfloat16Bits(static_cast<float>(v))};
  }
};
template <class T, class V>
inline T to(V v) {
  return To<T>::of(v);
}

template <class T>
inline bool same(T a, T b) {
  return from(a) == from(b);
}

// How many integers 0, 1, … a type of up to 32 bits holds exactly without a gap (`random_()` draws below this).
template <class T>
constexpr uint32_t integers() {
  return static_cast<uint32_t>(uint64_t(1) << (8 * sizeof(T) - (T(-1) < T(0) ? 1 : 0)));
}
template <>
constexpr uint32_t integers<bool>() {
  return 2;
}
template <>
constexpr uint32_t integers<float>() {
  return (1u << 24) + 1;
}
template <>
constexpr uint32_t integers<Half>() {
  return (1u << 11) + 1;
}
template <>
constexpr uint32_t integers<BFloat16>() {
  return (1u << 8) + 1;
}

// ln(x) for normal x in (0, 1]
inline float cephesLog(float x) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, x);
  float e = static_cast<float>(static_cast<int32_t>(bits >> 23) - 126);
  x = __builtin_bit_cast(float, (bits & 0x007fffffu) | 0x3f000000u);
  const bool low = x < 0.707106781186547524f;
  e = low ? e - 1.0f : e;
  x = low ? (x - 1.0f) + x : x - 1.0f;
  const float z = x * x;
  float y = 7.0376836292e-2f;
  y = fused(y, x, -1.1514610310e-1f);
  y = fused(y, x, 1.1676998740e-1f);
  y = fused(y, x, -1.2420140846e-1f);
  y = fused(y, x, 1.4249322787e-1f);
  y = fused(y, x, -1.6668057665e-1f);
  y = fused(y, x, 2.0000714765e-1f);
  y = fused(y, x, -2.4999993993e-1f);
  y = fused(y, x, 3.3333331174e-1f);
  y = fused(y * x, z, e * -2.12194440e-4f);
  y = fused(z, -0.5f, y);
  return fused(e, 0.693359375f, x + y);
}

// sin and cos of x in [0, 2 pi]
inline void cephesSinCos(float x, float& sine, float& cosine) {
  const int32_t j = (static_cast<int32_t>(x * 1.27323954473516f) + 1) & ~1;
  const float q = static_cast<float>(j);
  x = fused(q, -0.78515625f, x);
  x = fused(q, -2.4187564849853515625e-4f, x);
  x = fused(q, -3.77489497744594108e-8f, x);
  const float z = x * x;
  float c = 2.443315711809948e-5f;
  c = fused(c, z, -1.388731625493765e-3f);
  c = fused(c, z, 4.166664568298827e-2f);
  c = fused(c * z, z, -0.5f * z) + 1.0f;
  float s = -1.9515295891e-4f;
  s = fused(s, z, 8.3321608736e-3f);
  s = fused(s, z, -1.6666654611e-1f);
  s = fused(s * z, x, x);
  const bool swap = (j & 2) != 0;
  const float a = swap ? c : s, b = swap ? s : c;
  const uint32_t signA = static_cast<uint32_t>(j & 4) << 29, signB = static_cast<uint32_t>(~(j - 2) & 4) << 29;
  sine = __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, a) ^ signA);
  cosine = __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, b) ^ signB);
}

// Groups of 16 uniforms of [0, 1) to 16 normals: the first 8 give the radii, the last 8 the angles. In place if
// `units` is `out`.
inline void boxMuller(const float* units, float* out, int64_t groups, float mean, float std) {
  for (int64_t g = 0; g < groups; g++, units += 16, out += 16) {
    float radius[8], sine[8], cosine[8];
    for (int j = 0; j < 8; j++) {
      radius[j] = __builtin_sqrtf(-2.0f * cephesLog(1.0f - units[j]));
      cephesSinCos(6.28318530717958647692f * units[j + 8], sine[j], cosine[j]);
    }
    for (int j = 0; j < 8; j++) {
      out[j] = fused(radius[j] * cosine[j], std, mean);
      out[j + 8] = fused(radius[j] * sine[j], std, mean);
    }
  }
}
inline void boxMuller(const double* units, double* out, int64_t groups, double mean, double std) {
  for (int64_t g = 0; g < groups; g++, units += 16, out += 16)
    for (int j = 0; j < 8; j++) {
      const double radius = ::sqrt(-2 * ::log(1 - units[j])), theta = 6.283185307179586 * units[j + 8];
      out[j] = fused(radius * ::cos(theta), std, mean);
      out[j + 8] = fused(radius * ::sin(theta), std, mean);
    }
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
