// Vec on AVX-512 (F, BW, DQ, VL).
#pragma once
// GCC 12 and 13 warn about their own header's _mm512_undefined_ps() (GCC bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int REGISTERS = 32;
constexpr bool MASKED_TAILS = true;
constexpr int GEMM_ROWS = 14, GEMM_VECTORS = 2;

template <>
struct Vec<float> {
  static constexpr int N = 16;
  using Value = float;
  __m512 v;

  struct Mask {
    __mmask16 m;
    friend Mask operator&(Mask a, Mask b) { return {static_cast<__mmask16>(a.m & b.m)}; }
    friend Mask operator|(Mask a, Mask b) { return {static_cast<__mmask16>(a.m | b.m)}; }
    friend Mask operator^(Mask a, Mask b) { return {static_cast<__mmask16>(a.m ^ b.m)}; }
    friend Mask operator~(Mask a) { return {static_cast<__mmask16>(~a.m)}; }
    friend unsigned moveMask(Mask a) { return a.m; }
    friend bool any(Mask a) { return a.m != 0; }
    friend bool all(Mask a) { return a.m == 0xffff; }
  };

  struct Int {
    using Value = int32_t;
    __m512i i;
    static Int set1(int32_t x) { return {_mm512_set1_epi32(x)}; }
    friend Int operator+(Int a, Int b) { return {_mm512_add_epi32(a.i, b.i)}; }
    friend Int operator-(Int a, Int b) { return {_mm512_sub_epi32(a.i, b.i)}; }
    friend Int operator&(Int a, Int b) { return {_mm512_and_si512(a.i, b.i)}; }
    friend Int operator|(Int a, Int b) { return {_mm512_or_si512(a.i, b.i)}; }
    friend Int operator^(Int a, Int b) { return {_mm512_xor_si512(a.i, b.i)}; }
    template <int K>
    friend Int shl(Int a) {
      return {_mm512_slli_epi32(a.i, K)};
    }
    template <int K>
    friend Int shr(Int a) {
      return {_mm512_srli_epi32(a.i, K)};
    }
    friend Mask eq(Int a, Int b) { return {_mm512_cmpeq_epi32_mask(a.i, b.i)}; }
    friend Vec asFloat(Int a) { return {_mm512_castsi512_ps(a.i)}; }
    friend Vec toFloat(Int a) { return {_mm512_cvtepi32_ps(a.i)}; }
  };
  friend Int asInt(Vec a) { return {_mm512_castps_si512(a.v)}; }
  friend Int toInt(Vec a) { return {_mm512_cvtps_epi32(a.v)}; }

  static Vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static __mmask16 firstLanes(int64_t n) { return static_cast<__mmask16>(n < N ? (1u << n) - 1 : 0xffff); }
  static Vec loadN(const float* p, int64_t n) { return {_mm512_maskz_loadu_ps(firstLanes(n), p)}; }
  void store(float* p) const { _mm512_storeu_ps(p, v); }
  void storeN(float* p, int64_t n) const { _mm512_mask_storeu_ps(p, firstLanes(n), v); }
  // Half-precision floats, as their bits.
  static Vec loadHalf(const uint16_t* p) {
    return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
  }
  void storeHalf(uint16_t* p) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtps_ph(v, 0)); }
  static Vec set1(float x) { return {_mm512_set1_ps(x)}; }
  static Vec zero() { return {_mm512_setzero_ps()}; }

  friend Vec operator+(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
  friend Vec operator&(Vec a, Vec b) { return {_mm512_and_ps(a.v, b.v)}; }
  friend Vec operator|(Vec a, Vec b) { return {_mm512_or_ps(a.v, b.v)}; }
  friend Vec operator^(Vec a, Vec b) { return {_mm512_xor_ps(a.v, b.v)}; }
  friend Vec andnot(Vec a, Vec b) { return {_mm512_andnot_ps(a.v, b.v)}; }
  friend Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
  friend Vec fnma(Vec a, Vec b, Vec c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }
  friend Vec min(Vec a, Vec b) { return {_mm512_min_ps(a.v, b.v)}; }
  friend Vec max(Vec a, Vec b) { return {_mm512_max_ps(a.v, b.v)}; }
  friend Vec sqrt(Vec a) { return {_mm512_sqrt_ps(a.v)}; }
  friend Vec round(Vec a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
  friend Vec floor(Vec a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)}; }
  friend Vec ceil(Vec a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)}; }
  friend Vec trunc(Vec a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)}; }
  friend Vec scale2(Vec a, Vec n) { return {_mm512_scalef_ps(a.v, n.v)}; }

  friend Mask operator<(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
  friend Mask operator<=(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
  friend Mask operator>(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ)}; }
  friend Mask operator>=(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ)}; }
  friend Mask operator==(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
  friend Mask operator!=(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_NEQ_UQ)}; }
  friend Vec select(Mask m, Vec a, Vec b) { return {_mm512_mask_blend_ps(m.m, b.v, a.v)}; }

  friend float reduceAdd(Vec a) {
    const __m256 e = _mm256_add_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
    const __m128 q = _mm_add_ps(_mm256_castps256_ps128(e), _mm256_extractf128_ps(e, 1));
    const __m128 h = _mm_add_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_add_ss(h, _mm_shuffle_ps(h, h, 1)));
  }
  friend float reduceMax(Vec a) {
    const __m256 e = _mm256_max_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
    const __m128 q = _mm_max_ps(_mm256_castps256_ps128(e), _mm256_extractf128_ps(e, 1));
    const __m128 h = _mm_max_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_max_ss(h, _mm_shuffle_ps(h, h, 1)));
  }
  friend float reduceMin(Vec a) {
    const __m256 e = _mm256_min_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
    const __m128 q = _mm_min_ps(_mm256_castps256_ps128(e), _mm256_extractf128_ps(e, 1));
    const __m128 h = _mm_min_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_min_ss(h, _mm_shuffle_ps(h, h, 1)));
  }
};

template <>
struct Vec<double> {
  static constexpr int N = 8;
  using Value = double;
  __m512d v;

  struct Mask {
    __mmask8 m;
    friend Mask operator&(Mask a, Mask b) { return {static_cast<__mmask8>(a.m & b.m)}; }
    friend Mask operator|(Mask a, Mask b) { return {static_cast<__mmask8>(a.m | b.m)}; }
    friend Mask operator^(Mask a, Mask b) { return {static_cast<__mmask8>(a.m ^ b.m)}; }
    friend Mask operator~(Mask a) { return {static_cast<__mmask8>(~a.m)}; }
    friend unsigned moveMask(Mask a) { return a.m; }
    friend bool any(Mask a) { return a.m != 0; }
    friend bool all(Mask a) { return a.m == 0xff; }
  };

  struct Int {
    using Value = int64_t;
    __m512i i;
    static Int set1(int64_t x) { return {_mm512_set1_epi64(x)}; }
    friend Int operator+(Int a, Int b) { return {_mm512_add_epi64(a.i, b.i)}; }
    friend Int operator-(Int a, Int b) { return {_mm512_sub_epi64(a.i, b.i)}; }
    friend Int operator&(Int a, Int b) { return {_mm512_and_si512(a.i, b.i)}; }
    friend Int operator|(Int a, Int b) { return {_mm512_or_si512(a.i, b.i)}; }
    friend Int operator^(Int a, Int b) { return {_mm512_xor_si512(a.i, b.i)}; }
    template <int K>
    friend Int shl(Int a) {
      return {_mm512_slli_epi64(a.i, K)};
    }
    template <int K>
    friend Int shr(Int a) {
      return {_mm512_srli_epi64(a.i, K)};
    }
    friend Mask eq(Int a, Int b) { return {_mm512_cmpeq_epi64_mask(a.i, b.i)}; }
    friend Vec asFloat(Int a) { return {_mm512_castsi512_pd(a.i)}; }
    friend Vec toFloat(Int a) { return {_mm512_cvtepi64_pd(a.i)}; }
  };
  friend Int asInt(Vec a) { return {_mm512_castpd_si512(a.v)}; }
  friend Int toInt(Vec a) { return {_mm512_cvtpd_epi64(a.v)}; }

  static Vec load(const double* p) { return {_mm512_loadu_pd(p)}; }
  static __mmask8 firstLanes(int64_t n) { return static_cast<__mmask8>(n < N ? (1u << n) - 1 : 0xff); }
  static Vec loadN(const double* p, int64_t n) { return {_mm512_maskz_loadu_pd(firstLanes(n), p)}; }
  void store(double* p) const { _mm512_storeu_pd(p, v); }
  void storeN(double* p, int64_t n) const { _mm512_mask_storeu_pd(p, firstLanes(n), v); }
  static Vec set1(double x) { return {_mm512_set1_pd(x)}; }
  static Vec zero() { return {_mm512_setzero_pd()}; }

  friend Vec operator+(Vec a, Vec b) { return {_mm512_add_pd(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {_mm512_sub_pd(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {_mm512_mul_pd(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {_mm512_div_pd(a.v, b.v)}; }
  friend Vec operator&(Vec a, Vec b) { return {_mm512_and_pd(a.v, b.v)}; }
  friend Vec operator|(Vec a, Vec b) { return {_mm512_or_pd(a.v, b.v)}; }
  friend Vec operator^(Vec a, Vec b) { return {_mm512_xor_pd(a.v, b.v)}; }
  friend Vec andnot(Vec a, Vec b) { return {_mm512_andnot_pd(a.v, b.v)}; }
  friend Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_pd(a.v, b.v, c.v)}; }
  friend Vec fnma(Vec a, Vec b, Vec c) { return {_mm512_fnmadd_pd(a.v, b.v, c.v)}; }
  friend Vec min(Vec a, Vec b) { return {_mm512_min_pd(a.v, b.v)}; }
  friend Vec max(Vec a, Vec b) { return {_mm512_max_pd(a.v, b.v)}; }
  friend Vec sqrt(Vec a) { return {_mm512_sqrt_pd(a.v)}; }
  friend Vec round(Vec a) { return {_mm512_roundscale_pd(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
  friend Vec floor(Vec a) { return {_mm512_roundscale_pd(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)}; }
  friend Vec ceil(Vec a) { return {_mm512_roundscale_pd(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)}; }
  friend Vec trunc(Vec a) { return {_mm512_roundscale_pd(a.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)}; }
  friend Vec scale2(Vec a, Vec n) { return {_mm512_scalef_pd(a.v, n.v)}; }

  friend Mask operator<(Vec a, Vec b) { return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_LT_OQ)}; }
  friend Mask operator<=(Vec a, Vec b) { return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_LE_OQ)}; }
  friend Mask operator>(Vec a, Vec b) { return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_GT_OQ)}; }
  friend Mask operator>=(Vec a, Vec b) { return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_GE_OQ)}; }
  friend Mask operator==(Vec a, Vec b) { return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_EQ_OQ)}; }
  friend Mask operator!=(Vec a, Vec b) { return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_NEQ_UQ)}; }
  friend Vec select(Mask m, Vec a, Vec b) { return {_mm512_mask_blend_pd(m.m, b.v, a.v)}; }

  friend double reduceAdd(Vec a) {
    const __m256d q = _mm256_add_pd(_mm512_castpd512_pd256(a.v), _mm512_extractf64x4_pd(a.v, 1));
    const __m128d h = _mm_add_pd(_mm256_castpd256_pd128(q), _mm256_extractf128_pd(q, 1));
    return _mm_cvtsd_f64(_mm_add_sd(h, _mm_unpackhi_pd(h, h)));
  }
  friend double reduceMax(Vec a) {
    const __m256d q = _mm256_max_pd(_mm512_castpd512_pd256(a.v), _mm512_extractf64x4_pd(a.v, 1));
    const __m128d h = _mm_max_pd(_mm256_castpd256_pd128(q), _mm256_extractf128_pd(q, 1));
    return _mm_cvtsd_f64(_mm_max_sd(h, _mm_unpackhi_pd(h, h)));
  }
  friend double reduceMin(Vec a) {
    const __m256d q = _mm256_min_pd(_mm512_castpd512_pd256(a.v), _mm512_extractf64x4_pd(a.v, 1));
    const __m128d h = _mm_min_pd(_mm256_castpd256_pd128(q), _mm256_extractf128_pd(q, 1));
    return _mm_cvtsd_f64(_mm_min_sd(h, _mm_unpackhi_pd(h, h)));
  }
};

inline Vec<double> widenLow(Vec<float> a) { return {_mm512_cvtps_pd(_mm512_castps512_ps256(a.v))}; }
inline Vec<double> widenHigh(Vec<float> a) { return {_mm512_cvtps_pd(_mm512_extractf32x8_ps(a.v, 1))}; }
inline Vec<float> narrow(Vec<double> low, Vec<double> high) {
  return {_mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low.v)), _mm512_cvtpd_ps(high.v), 1)};
}

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

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
