// Vec on plain SSE2, which every x86-64 CPU has: no fused multiply-add, no rounding or blend instructions.
#pragma once
#include <emmintrin.h>

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int REGISTERS = 16;
constexpr bool MASKED_TAILS = false;
constexpr int GEMM_ROWS = 4, GEMM_VECTORS = 2;

template <>
struct Vec<float> {
  static constexpr int N = 4;
  using Value = float;
  __m128 v;

  struct Mask {
    __m128 m;
    friend Mask operator&(Mask a, Mask b) { return {_mm_and_ps(a.m, b.m)}; }
    friend Mask operator|(Mask a, Mask b) { return {_mm_or_ps(a.m, b.m)}; }
    friend Mask operator^(Mask a, Mask b) { return {_mm_xor_ps(a.m, b.m)}; }
    friend Mask operator~(Mask a) { return {_mm_xor_ps(a.m, _mm_castsi128_ps(_mm_set1_epi32(-1)))}; }
    friend unsigned moveMask(Mask a) { return static_cast<unsigned>(_mm_movemask_ps(a.m)); }
    friend bool any(Mask a) { return moveMask(a) != 0; }
    friend bool all(Mask a) { return moveMask(a) == 15; }
  };

  struct Int {
    using Value = int32_t;
    __m128i i;
    static Int set1(int32_t x) { return {_mm_set1_epi32(x)}; }
    friend Int operator+(Int a, Int b) { return {_mm_add_epi32(a.i, b.i)}; }
    friend Int operator-(Int a, Int b) { return {_mm_sub_epi32(a.i, b.i)}; }
    friend Int operator&(Int a, Int b) { return {_mm_and_si128(a.i, b.i)}; }
    friend Int operator|(Int a, Int b) { return {_mm_or_si128(a.i, b.i)}; }
    friend Int operator^(Int a, Int b) { return {_mm_xor_si128(a.i, b.i)}; }
    template <int K>
    friend Int shl(Int a) {
      return {_mm_slli_epi32(a.i, K)};
    }
    template <int K>
    friend Int shr(Int a) {
      return {_mm_srli_epi32(a.i, K)};
    }
    friend Mask eq(Int a, Int b) { return {_mm_castsi128_ps(_mm_cmpeq_epi32(a.i, b.i))}; }
    friend Vec asFloat(Int a) { return {_mm_castsi128_ps(a.i)}; }
    friend Vec toFloat(Int a) { return {_mm_cvtepi32_ps(a.i)}; }
  };
  friend Int asInt(Vec a) { return {_mm_castps_si128(a.v)}; }
  friend Int toInt(Vec a) { return {_mm_cvtps_epi32(a.v)}; }

  static Vec load(const float* p) { return {_mm_loadu_ps(p)}; }
  static Vec loadN(const float* p, int64_t n) {
    if (n >= N) return load(p);
    float t[N] = {};
    for (int64_t i = 0; i < n; i++) t[i] = p[i];
    return load(t);
  }
  void store(float* p) const { _mm_storeu_ps(p, v); }
  void storeN(float* p, int64_t n) const {
    if (n >= N) return store(p);
    float t[N];
    store(t);
    for (int64_t i = 0; i < n; i++) p[i] = t[i];
  }
  static Vec set1(float x) { return {_mm_set1_ps(x)}; }
  static Vec zero() { return {_mm_setzero_ps()}; }

  friend Vec operator+(Vec a, Vec b) { return {_mm_add_ps(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {_mm_sub_ps(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {_mm_mul_ps(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {_mm_div_ps(a.v, b.v)}; }
  friend Vec operator&(Vec a, Vec b) { return {_mm_and_ps(a.v, b.v)}; }
  friend Vec operator|(Vec a, Vec b) { return {_mm_or_ps(a.v, b.v)}; }
  friend Vec operator^(Vec a, Vec b) { return {_mm_xor_ps(a.v, b.v)}; }
  friend Vec andnot(Vec a, Vec b) { return {_mm_andnot_ps(a.v, b.v)}; }
  friend Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
  friend Vec fnma(Vec a, Vec b, Vec c) { return c - a * b; }
  friend Vec min(Vec a, Vec b) { return {_mm_min_ps(a.v, b.v)}; }
  friend Vec max(Vec a, Vec b) { return {_mm_max_ps(a.v, b.v)}; }
  friend Vec sqrt(Vec a) { return {_mm_sqrt_ps(a.v)}; }

  friend Mask operator<(Vec a, Vec b) { return {_mm_cmplt_ps(a.v, b.v)}; }
  friend Mask operator<=(Vec a, Vec b) { return {_mm_cmple_ps(a.v, b.v)}; }
  friend Mask operator>(Vec a, Vec b) { return {_mm_cmplt_ps(b.v, a.v)}; }
  friend Mask operator>=(Vec a, Vec b) { return {_mm_cmple_ps(b.v, a.v)}; }
  friend Mask operator==(Vec a, Vec b) { return {_mm_cmpeq_ps(a.v, b.v)}; }
  friend Mask operator!=(Vec a, Vec b) { return {_mm_cmpneq_ps(a.v, b.v)}; }
  friend Vec select(Mask m, Vec a, Vec b) { return {_mm_or_ps(_mm_and_ps(m.m, a.v), _mm_andnot_ps(m.m, b.v))}; }

  // Adding 2^23 to the magnitude rounds it to an integer, half to even; larger values (and NaN) are integers already.
  friend Vec round(Vec x) {
    const Vec sign = x & set1(-0.0f), big = set1(8388608.0f), m = andnot(set1(-0.0f), x);
    return select(m < big, ((m + big) - big) | sign, x);
  }
  friend Vec trunc(Vec x) {
    const Vec sign = x & set1(-0.0f), m = andnot(set1(-0.0f), x), r = round(m);
    return select(m < set1(8388608.0f), (r - Vec{_mm_and_ps((r > m).m, set1(1).v)}) | sign, x);
  }
  friend Vec floor(Vec x) {
    const Vec sign = x & set1(-0.0f), r = round(x);
    return (r - Vec{_mm_and_ps((r > x).m, set1(1).v)}) | sign;
  }
  friend Vec ceil(Vec x) { return floor(x ^ set1(-0.0f)) ^ set1(-0.0f); }

  friend float reduceAdd(Vec a) {
    const __m128 h = _mm_add_ps(a.v, _mm_movehl_ps(a.v, a.v));
    return _mm_cvtss_f32(_mm_add_ss(h, _mm_shuffle_ps(h, h, 1)));
  }
  friend float reduceMax(Vec a) {
    const __m128 h = _mm_max_ps(a.v, _mm_movehl_ps(a.v, a.v));
    return _mm_cvtss_f32(_mm_max_ss(h, _mm_shuffle_ps(h, h, 1)));
  }
  friend float reduceMin(Vec a) {
    const __m128 h = _mm_min_ps(a.v, _mm_movehl_ps(a.v, a.v));
    return _mm_cvtss_f32(_mm_min_ss(h, _mm_shuffle_ps(h, h, 1)));
  }
};

template <>
struct Vec<double> {
  static constexpr int N = 2;
  using Value = double;
  __m128d v;

  struct Mask {
    __m128d m;
    friend Mask operator&(Mask a, Mask b) { return {_mm_and_pd(a.m, b.m)}; }
    friend Mask operator|(Mask a, Mask b) { return {_mm_or_pd(a.m, b.m)}; }
    friend Mask operator^(Mask a, Mask b) { return {_mm_xor_pd(a.m, b.m)}; }
    friend Mask operator~(Mask a) { return {_mm_xor_pd(a.m, _mm_castsi128_pd(_mm_set1_epi32(-1)))}; }
    friend unsigned moveMask(Mask a) { return static_cast<unsigned>(_mm_movemask_pd(a.m)); }
    friend bool any(Mask a) { return moveMask(a) != 0; }
    friend bool all(Mask a) { return moveMask(a) == 3; }
  };

  struct Int {
    using Value = int64_t;
    __m128i i;
    static Int set1(int64_t x) { return {_mm_set1_epi64x(x)}; }
    friend Int operator+(Int a, Int b) { return {_mm_add_epi64(a.i, b.i)}; }
    friend Int operator-(Int a, Int b) { return {_mm_sub_epi64(a.i, b.i)}; }
    friend Int operator&(Int a, Int b) { return {_mm_and_si128(a.i, b.i)}; }
    friend Int operator|(Int a, Int b) { return {_mm_or_si128(a.i, b.i)}; }
    friend Int operator^(Int a, Int b) { return {_mm_xor_si128(a.i, b.i)}; }
    template <int K>
    friend Int shl(Int a) {
      return {_mm_slli_epi64(a.i, K)};
    }
    template <int K>
    friend Int shr(Int a) {
      return {_mm_srli_epi64(a.i, K)};
    }
    friend Mask eq(Int a, Int b) {
      const __m128i halves = _mm_cmpeq_epi32(a.i, b.i);
      return {_mm_castsi128_pd(_mm_and_si128(halves, _mm_shuffle_epi32(halves, _MM_SHUFFLE(2, 3, 0, 1))))};
    }
    friend Vec asFloat(Int a) { return {_mm_castsi128_pd(a.i)}; }
    friend Vec toFloat(Int a) {
      const __m128d magic = _mm_set1_pd(6755399441055744.0);  // 1.5 * 2^52
      return {_mm_sub_pd(_mm_castsi128_pd(_mm_add_epi64(a.i, _mm_castpd_si128(magic))), magic)};
    }
  };
  friend Int asInt(Vec a) { return {_mm_castpd_si128(a.v)}; }
  friend Int toInt(Vec a) {
    const __m128d magic = _mm_set1_pd(6755399441055744.0);
    return {_mm_sub_epi64(_mm_castpd_si128(_mm_add_pd(a.v, magic)), _mm_castpd_si128(magic))};
  }

  static Vec load(const double* p) { return {_mm_loadu_pd(p)}; }
  static Vec loadN(const double* p, int64_t n) { return n >= N ? load(p) : n == 1 ? Vec{_mm_load_sd(p)} : zero(); }
  void store(double* p) const { _mm_storeu_pd(p, v); }
  void storeN(double* p, int64_t n) const {
    if (n >= N)
      store(p);
    else if (n == 1)
      _mm_store_sd(p, v);
  }
  static Vec set1(double x) { return {_mm_set1_pd(x)}; }
  static Vec zero() { return {_mm_setzero_pd()}; }

  friend Vec operator+(Vec a, Vec b) { return {_mm_add_pd(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {_mm_sub_pd(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {_mm_mul_pd(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {_mm_div_pd(a.v, b.v)}; }
  friend Vec operator&(Vec a, Vec b) { return {_mm_and_pd(a.v, b.v)}; }
  friend Vec operator|(Vec a, Vec b) { return {_mm_or_pd(a.v, b.v)}; }
  friend Vec operator^(Vec a, Vec b) { return {_mm_xor_pd(a.v, b.v)}; }
  friend Vec andnot(Vec a, Vec b) { return {_mm_andnot_pd(a.v, b.v)}; }
  friend Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
  friend Vec fnma(Vec a, Vec b, Vec c) { return c - a * b; }
  friend Vec min(Vec a, Vec b) { return {_mm_min_pd(a.v, b.v)}; }
  friend Vec max(Vec a, Vec b) { return {_mm_max_pd(a.v, b.v)}; }
  friend Vec sqrt(Vec a) { return {_mm_sqrt_pd(a.v)}; }

  friend Mask operator<(Vec a, Vec b) { return {_mm_cmplt_pd(a.v, b.v)}; }
  friend Mask operator<=(Vec a, Vec b) { return {_mm_cmple_pd(a.v, b.v)}; }
  friend Mask operator>(Vec a, Vec b) { return {_mm_cmplt_pd(b.v, a.v)}; }
  friend Mask operator>=(Vec a, Vec b) { return {_mm_cmple_pd(b.v, a.v)}; }
  friend Mask operator==(Vec a, Vec b) { return {_mm_cmpeq_pd(a.v, b.v)}; }
  friend Mask operator!=(Vec a, Vec b) { return {_mm_cmpneq_pd(a.v, b.v)}; }
  friend Vec select(Mask m, Vec a, Vec b) { return {_mm_or_pd(_mm_and_pd(m.m, a.v), _mm_andnot_pd(m.m, b.v))}; }

  friend Vec round(Vec x) {
    const Vec sign = x & set1(-0.0), big = set1(4503599627370496.0), m = andnot(set1(-0.0), x);
    return select(m < big, ((m + big) - big) | sign, x);
  }
  friend Vec trunc(Vec x) {
    const Vec sign = x & set1(-0.0), m = andnot(set1(-0.0), x), r = round(m);
    return select(m < set1(4503599627370496.0), (r - Vec{_mm_and_pd((r > m).m, set1(1).v)}) | sign, x);
  }
  friend Vec floor(Vec x) {
    const Vec sign = x & set1(-0.0), r = round(x);
    return (r - Vec{_mm_and_pd((r > x).m, set1(1).v)}) | sign;
  }
  friend Vec ceil(Vec x) { return floor(x ^ set1(-0.0)) ^ set1(-0.0); }

  friend double reduceAdd(Vec a) { return _mm_cvtsd_f64(_mm_add_sd(a.v, _mm_unpackhi_pd(a.v, a.v))); }
  friend double reduceMax(Vec a) { return _mm_cvtsd_f64(_mm_max_sd(a.v, _mm_unpackhi_pd(a.v, a.v))); }
  friend double reduceMin(Vec a) { return _mm_cvtsd_f64(_mm_min_sd(a.v, _mm_unpackhi_pd(a.v, a.v))); }
};

inline Vec<double> widenLow(Vec<float> a) { return {_mm_cvtps_pd(a.v)}; }
inline Vec<double> widenHigh(Vec<float> a) { return {_mm_cvtps_pd(_mm_movehl_ps(a.v, a.v))}; }
inline Vec<float> narrow(Vec<double> low, Vec<double> high) {
  return {_mm_movelh_ps(_mm_cvtpd_ps(low.v), _mm_cvtpd_ps(high.v))};
}

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

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
