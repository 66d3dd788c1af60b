// Transposes of blocks between memory and registers, for packing and for strided copies.
//   transposeLoad(rows, at, out): out[i] = { rows[0][at + i], rows[1][at + i], … }, N rows of N elements
#pragma once
#include "vec.h"

namespace tenzo::TENZO_LEVEL {
namespace {

#if TENZO_LEVEL_IS_avx512

// Building each vector from 128-bit pieces of four rows leaves the shuffle unit only the transposes inside the pieces:
// 32 shuffles a block of 256 elements, where a transpose of whole registers takes 64.
inline void transposeLoad(const float* const* rows, int64_t at, Vec<float>* out) {
  for (int q = 0; q < 4; q++) {
    const auto gather = [&](int r) {
      const int64_t x = at + 4 * q;
      __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(rows[r] + x));
      v = _mm512_insertf32x4(v, _mm_loadu_ps(rows[r + 4] + x), 1);
      v = _mm512_insertf32x4(v, _mm_loadu_ps(rows[r + 8] + x), 2);
      return _mm512_insertf32x4(v, _mm_loadu_ps(rows[r + 12] + x), 3);
    };
    const __m512 a = gather(0), b = gather(1), c = gather(2), d = gather(3);
    const __m512d ab = _mm512_castps_pd(_mm512_unpacklo_ps(a, b)), AB = _mm512_castps_pd(_mm512_unpackhi_ps(a, b));
    const __m512d cd = _mm512_castps_pd(_mm512_unpacklo_ps(c, d)), CD = _mm512_castps_pd(_mm512_unpackhi_ps(c, d));
    out[4 * q] = {_mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd))};
    out[4 * q + 1] = {_mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd))};
    out[4 * q + 2] = {_mm512_castpd_ps(_mm512_unpacklo_pd(AB, CD))};
    out[4 * q + 3] = {_mm512_castpd_ps(_mm512_unpackhi_pd(AB, CD))};
  }
}
inline void transposeLoad(const double* const* rows, int64_t at, Vec<double>* out) {
  for (int q = 0; q < 4; q++) {
    const auto gather = [&](int r) {
      const int64_t x = at + 2 * q;
      __m512d v = _mm512_castpd128_pd512(_mm_loadu_pd(rows[r] + x));
      v = _mm512_insertf64x2(v, _mm_loadu_pd(rows[r + 2] + x), 1);
      v = _mm512_insertf64x2(v, _mm_loadu_pd(rows[r + 4] + x), 2);
      return _mm512_insertf64x2(v, _mm_loadu_pd(rows[r + 6] + x), 3);
    };
    const __m512d a = gather(0), b = gather(1);
    out[2 * q] = {_mm512_unpacklo_pd(a, b)};
    out[2 * q + 1] = {_mm512_unpackhi_pd(a, b)};
  }
}

#elif TENZO_LEVEL_IS_avx2

inline void transposeLoad(const float* const* rows, int64_t at, Vec<float>* out) {
  for (int q = 0; q < 2; q++) {
    const auto gather = [&](int r) {
      const int64_t x = at + 4 * q;
      return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(rows[r] + x)), _mm_loadu_ps(rows[r + 4] + x), 1);
    };
    const __m256 a = gather(0), b = gather(1), c = gather(2), d = gather(3);
    const __m256d ab = _mm256_castps_pd(_mm256_unpacklo_ps(a, b)), AB = _mm256_castps_pd(_mm256_unpackhi_ps(a, b));
    const __m256d cd = _mm256_castps_pd(_mm256_unpacklo_ps(c, d)), CD = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
    out[4 * q] = {_mm256_castpd_ps(_mm256_unpacklo_pd(ab, cd))};
    out[4 * q + 1] = {_mm256_castpd_ps(_mm256_unpackhi_pd(ab, cd))};
    out[4 * q + 2] = {_mm256_castpd_ps(_mm256_unpacklo_pd(AB, CD))};
    out[4 * q + 3] = {_mm256_castpd_ps(_mm256_unpackhi_pd(AB, CD))};
  }
}
inline void transposeLoad(const double* const* rows, int64_t at, Vec<double>* out) {
  for (int q = 0; q < 2; q++) {
    const auto gather = [&](int r) {
      const int64_t x = at + 2 * q;
      return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(rows[r] + x)), _mm_loadu_pd(rows[r + 2] + x), 1);
    };
    const __m256d a = gather(0), b = gather(1);
    out[2 * q] = {_mm256_unpacklo_pd(a, b)};
    out[2 * q + 1] = {_mm256_unpackhi_pd(a, b)};
  }
}

#elif TENZO_LEVEL_IS_neon

inline void transposeLoad(const float* const* rows, int64_t at, Vec<float>* out) {
  const float32x4x2_t ab = vtrnq_f32(vld1q_f32(rows[0] + at), vld1q_f32(rows[1] + at));
  const float32x4x2_t cd = vtrnq_f32(vld1q_f32(rows[2] + at), vld1q_f32(rows[3] + at));
  out[0] = {vcombine_f32(vget_low_f32(ab.val[0]), vget_low_f32(cd.val[0]))};
  out[1] = {vcombine_f32(vget_low_f32(ab.val[1]), vget_low_f32(cd.val[1]))};
  out[2] = {vcombine_f32(vget_high_f32(ab.val[0]), vget_high_f32(cd.val[0]))};
  out[3] = {vcombine_f32(vget_high_f32(ab.val[1]), vget_high_f32(cd.val[1]))};
}
inline void transposeLoad(const double* const* rows, int64_t at, Vec<double>* out) {
  const float64x2_t a = vld1q_f64(rows[0] + at), b = vld1q_f64(rows[1] + at);
  out[0] = {vtrn1q_f64(a, b)};
  out[1] = {vtrn2q_f64(a, b)};
}

#else

inline void transposeLoad(const float* const* rows, int64_t at, Vec<float>* out) {
  __m128 a = _mm_loadu_ps(rows[0] + at), b = _mm_loadu_ps(rows[1] + at);
  __m128 c = _mm_loadu_ps(rows[2] + at), d = _mm_loadu_ps(rows[3] + at);
  _MM_TRANSPOSE4_PS(a, b, c, d);
  out[0] = {a};
  out[1] = {b};
  out[2] = {c};
  out[3] = {d};
}
inline void transposeLoad(const double* const* rows, int64_t at, Vec<double>* out) {
  const __m128d a = _mm_loadu_pd(rows[0] + at), b = _mm_loadu_pd(rows[1] + at);
  out[0] = {_mm_unpacklo_pd(a, b)};
  out[1] = {_mm_unpackhi_pd(a, b)};
}

#endif

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
