// What a CPU can do at most: independent chains of float32 multiply-adds that touch no memory, so many rounds of them,
// in vectors of a width. They return the number of operations; the sums are used so that nothing is dropped.
#pragma once
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <arm_neon.h>
#endif

constexpr int CHAINS = 12;  // cover the latency of two units

#if defined(__x86_64__)
__attribute__((target("avx512f"))) inline double fma512(int64_t rounds) {
  __m512 x[CHAINS], a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
  for (auto& v : x) v = b;
  for (int64_t i = 0; i < rounds; i++)
    for (auto& v : x) v = _mm512_fmadd_ps(v, a, b);
  float sum = 0;
  for (auto& v : x) sum += _mm512_cvtss_f32(v);
  return sum > 0 ? 2.0 * 16 * CHAINS * static_cast<double>(rounds) : 0;
}
__attribute__((target("avx2,fma"))) inline double fma256(int64_t rounds) {
  __m256 x[CHAINS], a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
  for (auto& v : x) v = b;
  for (int64_t i = 0; i < rounds; i++)
    for (auto& v : x) v = _mm256_fmadd_ps(v, a, b);
  float sum = 0;
  for (auto& v : x) sum += _mm256_cvtss_f32(v);
  return sum > 0 ? 2.0 * 8 * CHAINS * static_cast<double>(rounds) : 0;
}
inline double fma128(int64_t rounds) {
  __m128 x[CHAINS], a = _mm_set1_ps(0.999f), b = _mm_set1_ps(0.001f);
  for (auto& v : x) v = b;
  for (int64_t i = 0; i < rounds; i++)
    for (auto& v : x) v = _mm_add_ps(_mm_mul_ps(v, a), b);
  float sum = 0;
  for (auto& v : x) sum += _mm_cvtss_f32(v);
  return sum > 0 ? 2.0 * 4 * CHAINS * static_cast<double>(rounds) : 0;
}
// In the widest vectors that the CPU has, or those of the CPU level named.
inline double multiplyAdds(int64_t rounds, const char* level = nullptr) {
  __builtin_cpu_init();
  if (level ? !std::strcmp(level, "avx512") : __builtin_cpu_supports("avx512f") != 0) return fma512(rounds);
  if (level ? !std::strcmp(level, "avx2") : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return fma256(rounds);
  return fma128(rounds);
}
#else
inline double multiplyAdds(int64_t rounds, const char* = nullptr) {
  float32x4_t x[CHAINS], a = vdupq_n_f32(0.999f), b = vdupq_n_f32(0.001f);
  for (auto& v : x) v = b;
  for (int64_t i = 0; i < rounds; i++)
    for (auto& v : x) v = vfmaq_f32(b, v, a);
  float sum = 0;
  for (auto& v : x) sum += vgetq_lane_f32(v, 0);
  return sum > 0 ? 2.0 * 4 * CHAINS * static_cast<double>(rounds) : 0;
}
#endif
