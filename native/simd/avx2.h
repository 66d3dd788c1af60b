// Vec on AVX2 with FMA and F16C.
#pragma once
#include <immintrin.h>

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int REGISTERS = 16;
constexpr bool MASKED_TAILS = false;
constexpr int GEMM_ROWS = 6, GEMM_VECTORS = 2;

template <>
struct Vec<float> {
  static constexpr int N = 8;
  using Value = float;
  __m256 v;

  struct Mask {
    __m256 m;
    friend Mask operator&(Mask a, Mask b) { return {_mm256_and_ps(a.m, b.m)}; }
    friend Mask operator|(Mask a, Mask b) { return {_mm256_or_ps(a.m, b.m)}; }
    friend Mask operator^(Mask a, Mask b) { return {_mm256_xor_ps(a.m, b.m)}; }
    friend Mask operator~(Mask a) { return {_mm256_xor_ps(a.m, _mm256_castsi256_ps(_mm256_set1_epi32(-1)))}; }
    friend unsigned moveMask(Mask a) { return static_cast<unsigned>(_mm256_movemask_ps(a.m)); }
    friend bool any(Mask a) { return moveMask(a) != 0; }
    friend bool all(Mask a) { return moveMask(a) == 255; }
  };

  struct Int {
    using Value = int32_t;
    __m256i i;
    static Int set1(int32_t x) { return {_mm256_set1_epi32(x)}; }
    friend Int operator+(Int a, Int b) { return {_mm256_add_epi32(a.i, b.i)}; }
    friend Int operator-(Int a, Int b) { return {_mm256_sub_epi32(a.i, b.i)}; }
    friend Int operator&(Int a, Int b) { return {_mm256_and_si256(a.i, b.i)}; }
    friend Int operator|(Int a, Int b) { return {_mm256_or_si256(a.i, b.i)}; }
    friend Int operator^(Int a, Int b) { return {_mm256_xor_si256(a.i, b.i)}; }
    template <int K>
    friend Int shl(Int a) {
      return {_mm256_slli_epi32(a.i, K)};
    }
    template <int K>
    friend Int shr(Int a) {
      return {_mm256_srli_epi32(a.i, K)};
    }
    friend Mask eq(Int a, Int b) { return {_mm256_castsi256_ps(_mm256_cmpeq_epi32(a.i, b.i))}; }
    friend Vec asFloat(Int a) { return {_mm256_castsi256_ps(a.i)}; }
    friend Vec toFloat(Int a) { return {_mm256_cvtepi32_ps(a.i)}; }
  };
  friend Int asInt(Vec a) { return {_mm256_castps_si256(a.v)}; }
  friend Int toInt(Vec a) { return {_mm256_cvtps_epi32(a.v)}; }

  static Vec load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static __m256i firstLanes(int64_t n) {
    alignas(32) static constexpr int32_t ON[2 * N] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(ON + N - (n < N ? n : N)));
  }
  static Vec loadN(const float* p, int64_t n) { return {_mm256_maskload_ps(p, firstLanes(n))}; }
  void store(float* p) const { _mm256_storeu_ps(p, v); }
  void storeN(float* p, int64_t n) const { _mm256_maskstore_ps(p, firstLanes(n), v); }
  // Half-precision floats, as their bits.
  static Vec loadHalf(const uint16_t* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
  }
  void storeHalf(uint16_t* p) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(v, 0)); }
  static Vec set1(float x) { return {_mm256_set1_ps(x)}; }
  static Vec zero() { return {_mm256_setzero_ps()}; }

  friend Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
  friend Vec operator&(Vec a, Vec b) { return {_mm256_and_ps(a.v, b.v)}; }
  friend Vec operator|(Vec a, Vec b) { return {_mm256_or_ps(a.v, b.v)}; }
  friend Vec operator^(Vec a, Vec b) { return {_mm256_xor_ps(a.v, b.v)}; }
  friend Vec andnot(Vec a, Vec b) { return {_mm256_andnot_ps(a.v, b.v)}; }
  friend Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
  friend Vec fnma(Vec a, Vec b, Vec c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }
  friend Vec min(Vec a, Vec b) { return {_mm256_min_ps(a.v, b.v)}; }
  friend Vec max(Vec a, Vec b) { return {_mm256_max_ps(a.v, b.v)}; }
  friend Vec sqrt(Vec a) { return {_mm256_sqrt_ps(a.v)}; }
  friend Vec round(Vec a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
  friend Vec floor(Vec a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)}; }
  friend Vec ceil(Vec a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)}; }
  friend Vec trunc(Vec a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)}; }

  friend Mask operator<(Vec a, Vec b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
  friend Mask operator<=(Vec a, Vec b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)}; }
  friend Mask operator>(Vec a, Vec b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)}; }
  friend Mask operator>=(Vec a, Vec b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_GE_OQ)}; }
  friend Mask operator==(Vec a, Vec b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)}; }
  friend Mask operator!=(Vec a, Vec b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_NEQ_UQ)}; }
  friend Vec select(Mask m, Vec a, Vec b) { return {_mm256_blendv_ps(b.v, a.v, m.m)}; }

  friend float reduceAdd(Vec a) {
    const __m128 q = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
    const __m128 h = _mm_add_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_add_ss(h, _mm_shuffle_ps(h, h, 1)));
  }
  friend float reduceMax(Vec a) {
    const __m128 q = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
    const __m128 h = _mm_max_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_max_ss(h, _mm_shuffle_ps(h, h, 1)));
  }
  friend float reduceMin(Vec a) {
    const __m128 q = _mm_min_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
    const __m128 h = _mm_min_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_min_ss(h, _mm_shuffle_ps(h, h, 1)));
  }
};

template <>
struct Vec<double> {
  static constexpr int N = 4;
  using Value = double;
  __m256d v;

  struct Mask {
    __m256d m;
    friend Mask operator&(Mask a, Mask b) { return {_mm256_and_pd(a.m, b.m)}; }
    friend Mask operator|(Mask a, Mask b) { return {_mm256_or_pd(a.m, b.m)}; }
    friend Mask operator^(Mask a, Mask b) { return {_mm256_xor_pd(a.m, b.m)}; }
    friend Mask operator~(Mask a) { return {_mm256_xor_pd(a.m, _mm256_castsi256_pd(_mm256_set1_epi32(-1)))}; }
    friend unsigned moveMask(Mask a) { return static_cast<unsigned>(_mm256_movemask_pd(a.m)); }
    friend bool any(Mask a) { return moveMask(a) != 0; }
    friend bool all(Mask a) { return moveMask(a) == 15; }
  };

  struct Int {
    using Value = int64_t;
    __m256i i;
    static Int set1(int64_t x) { return {_mm256_set1_epi64x(x)}; }
    friend Int operator+(Int a, Int b) { return {_mm256_add_epi64(a.i, b.i)}; }
    friend Int operator-(Int a, Int b) { return {_mm256_sub_epi64(a.i, b.i)}; }
    friend Int operator&(Int a, Int b) { return {_mm256_and_si256(a.i, b.i)}; }
    friend Int operator|(Int a, Int b) { return {_mm256_or_si256(a.i, b.i)}; }
    friend Int operator^(Int a, Int b) { return {_mm256_xor_si256(a.i, b.i)}; }
    template <int K>
    friend Int shl(Int a) {
      return {_mm256_slli_epi64(a.i, K)};
    }
    template <int K>
    friend Int shr(Int a) {
      return {_mm256_srli_epi64(a.i, K)};
    }
    friend Mask eq(Int a, Int b) { return {_mm256_castsi256_pd(_mm256_cmpeq_epi64(a.i, b.i))}; }
    friend Vec asFloat(Int a) { return {_mm256_castsi256_pd(a.i)}; }
    friend Vec toFloat(Int a) {
      const __m256d magic = _mm256_set1_pd(6755399441055744.0);  // 1.5 * 2^52
      return {_mm256_sub_pd(_mm256_castsi256_pd(_mm256_add_epi64(a.i, _mm256_castpd_si256(magic))), magic)};
    }
  };
  friend Int asInt(Vec a) { return {_mm256_castpd_si256(a.v)}; }
  friend Int toInt(Vec a) {
    const __m256d magic = _mm256_set1_pd(6755399441055744.0);
    return {_mm256_sub_epi64(_mm256_castpd_si256(_mm256_add_pd(a.v, magic)), _mm256_castpd_si256(magic))};
  }

  static Vec load(const double* p) { return {_mm256_loadu_pd(p)}; }
  static __m256i firstLanes(int64_t n) {
    alignas(32) static constexpr int64_t ON[2 * N] = {-1, -1, -1, -1, 0, 0, 0, 0};
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(ON + N - (n < N ? n : N)));
  }
  static Vec loadN(const double* p, int64_t n) { return {_mm256_maskload_pd(p, firstLanes(n))}; }
  void store(double* p) const { _mm256_storeu_pd(p, v); }
  void storeN(double* p, int64_t n) const { _mm256_maskstore_pd(p, firstLanes(n), v); }
  static Vec set1(double x) { return {_mm256_set1_pd(x)}; }
  static Vec zero() { return {_mm256_setzero_pd()}; }

  friend Vec operator+(Vec a, Vec b) { return {_mm256_add_pd(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {_mm256_sub_pd(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {_mm256_mul_pd(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {_mm256_div_pd(a.v, b.v)}; }
  friend Vec operator&(Vec a, Vec b) { return {_mm256_and_pd(a.v, b.v)}; }
  friend Vec operator|(Vec a, Vec b) { return {_mm256_or_pd(a.v, b.v)}; }
  friend Vec operator^(Vec a, Vec b) { return {_mm256_xor_pd(a.v, b.v)}; }
  friend Vec andnot(Vec a, Vec b) { return {_mm256_andnot_pd(a.v, b.v)}; }
  friend Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_pd(a.v, b.v, c.v)}; }
  friend Vec fnma(Vec a, Vec b, Vec c) { return {_mm256_fnmadd_pd(a.v, b.v, c.v)}; }
  friend Vec min(Vec a, Vec b) { return {_mm256_min_pd(a.v, b.v)}; }
  friend Vec max(Vec a, Vec b) { return {_mm256_max_pd(a.v, b.v)}; }
  friend Vec sqrt(Vec a) { return {_mm256_sqrt_pd(a.v)}; }
  friend Vec round(Vec a) { return {_mm256_round_pd(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
  friend Vec floor(Vec a) { return {_mm256_round_pd(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)}; }
  friend Vec ceil(Vec a) { return {_mm256_round_pd(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)}; }
  friend Vec trunc(Vec a) { return {_mm256_round_pd(a.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)}; }

  friend Mask operator<(Vec a, Vec b) { return {_mm256_cmp_pd(a.v, b.v, _CMP_LT_OQ)}; }
  friend Mask operator<=(Vec a, Vec b) { return {_mm256_cmp_pd(a.v, b.v, _CMP_LE_OQ)}; }
  friend Mask operator>(Vec a, Vec b) { return {_mm256_cmp_pd(a.v, b.v, _CMP_GT_OQ)}; }
  friend Mask operator>=(Vec a, Vec b) { return {_mm256_cmp_pd(a.v, b.v, _CMP_GE_OQ)}; }
  friend Mask operator==(Vec a, Vec b) { return {_mm256_cmp_pd(a.v, b.v, _CMP_EQ_OQ)}; }
  friend Mask operator!=(Vec a, Vec b) { return {_mm256_cmp_pd(a.v, b.v, _CMP_NEQ_UQ)}; }
  friend Vec select(Mask m, Vec a, Vec b) { return {_mm256_blendv_pd(b.v, a.v, m.m)}; }

  friend double reduceAdd(Vec a) {
    const __m128d h = _mm_add_pd(_mm256_castpd256_pd128(a.v), _mm256_extractf128_pd(a.v, 1));
    return _mm_cvtsd_f64(_mm_add_sd(h, _mm_unpackhi_pd(h, h)));
  }
  friend double reduceMax(Vec a) {
    const __m128d h = _mm_max_pd(_mm256_castpd256_pd128(a.v), _mm256_extractf128_pd(a.v, 1));
    return _mm_cvtsd_f64(_mm_max_sd(h, _mm_unpackhi_pd(h, h)));
  }
  friend double reduceMin(Vec a) {
    const __m128d h = _mm_min_pd(_mm256_castpd256_pd128(a.v), _mm256_extractf128_pd(a.v, 1));
    return _mm_cvtsd_f64(_mm_min_sd(h, _mm_unpackhi_pd(h, h)));
  }
};

inline Vec<double> widenLow(Vec<float> a) { return {_mm256_cvtps_pd(_mm256_castps256_ps128(a.v))}; }
inline Vec<double> widenHigh(Vec<float> a) { return {_mm256_cvtps_pd(_mm256_extractf128_ps(a.v, 1))}; }
inline Vec<float> narrow(Vec<double> low, Vec<double> high) {
  return {_mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(low.v)), _mm256_cvtpd_ps(high.v), 1)};
}

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

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
