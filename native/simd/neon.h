// Vec on AArch64 NEON.
#pragma once
#include <arm_neon.h>

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int REGISTERS = 32;
constexpr bool MASKED_TAILS = false;
constexpr int GEMM_ROWS = 7, GEMM_VECTORS = 3;  // the compiler keeps each element of A in a register of its own

template <>
struct Vec<float> {
  static constexpr int N = 4;
  using Value = float;
  float32x4_t v;

  struct Mask {
    uint32x4_t m;
    friend Mask operator&(Mask a, Mask b) { return {vandq_u32(a.m, b.m)}; }
    friend Mask operator|(Mask a, Mask b) { return {vorrq_u32(a.m, b.m)}; }
    friend Mask operator^(Mask a, Mask b) { return {veorq_u32(a.m, b.m)}; }
    friend Mask operator~(Mask a) { return {veorq_u32(a.m, vdupq_n_u32(~static_cast<uint32_t>(0)))}; }
    friend unsigned moveMask(Mask a) {
      static constexpr uint32_t BITS[4] = {1, 2, 4, 8};
      return vaddvq_u32(vandq_u32(a.m, vld1q_u32(BITS)));
    }
    friend bool any(Mask a) { return moveMask(a) != 0; }
    friend bool all(Mask a) { return moveMask(a) == 15; }
  };

  struct Int {
    using Value = int32_t;
    int32x4_t i;
    static Int set1(int32_t x) { return {vdupq_n_s32(x)}; }
    friend Int operator+(Int a, Int b) { return {vaddq_s32(a.i, b.i)}; }
    friend Int operator-(Int a, Int b) { return {vsubq_s32(a.i, b.i)}; }
    friend Int operator&(Int a, Int b) { return {vandq_s32(a.i, b.i)}; }
    friend Int operator|(Int a, Int b) { return {vorrq_s32(a.i, b.i)}; }
    friend Int operator^(Int a, Int b) { return {veorq_s32(a.i, b.i)}; }
    template <int K>
    friend Int shl(Int a) {
      return {vshlq_n_s32(a.i, K)};
    }
    template <int K>
    friend Int shr(Int a) {
      return {vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(a.i), K))};
    }
    friend Mask eq(Int a, Int b) { return {vceqq_s32(a.i, b.i)}; }
    friend Vec asFloat(Int a) { return {vreinterpretq_f32_s32(a.i)}; }
    friend Vec toFloat(Int a) { return {vcvtq_f32_s32(a.i)}; }
  };
  friend Int asInt(Vec a) { return {vreinterpretq_s32_f32(a.v)}; }
  friend Int toInt(Vec a) { return {vcvtnq_s32_f32(a.v)}; }

  static Vec load(const float* p) { return {vld1q_f32(p)}; }
  static Vec loadN(const float* p, int64_t n) {
    if (n >= N) return load(p);
    float t[N] = {};
    for (int64_t i = 0; i < n; i++) t[i] = p[i];
    return load(t);
  }
  void store(float* p) const { vst1q_f32(p, v); }
  void storeN(float* p, int64_t n) const {
    if (n >= N) return store(p);
    float t[N];
    store(t);
    for (int64_t i = 0; i < n; i++) p[i] = t[i];
  }
  // Half-precision floats, as their bits.
  static Vec loadHalf(const uint16_t* p) { return {vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)))}; }
  void storeHalf(uint16_t* p) const { vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(v))); }
  static Vec set1(float x) { return {vdupq_n_f32(x)}; }
  static Vec zero() { return {vdupq_n_f32(0)}; }

  friend Vec operator+(Vec a, Vec b) { return {vaddq_f32(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {vsubq_f32(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {vmulq_f32(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {vdivq_f32(a.v, b.v)}; }
  friend Vec operator&(Vec a, Vec b) {
    return {vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(a.v), vreinterpretq_u32_f32(b.v)))};
  }
  friend Vec operator|(Vec a, Vec b) {
    return {vreinterpretq_f32_u32(vorrq_u32(vreinterpretq_u32_f32(a.v), vreinterpretq_u32_f32(b.v)))};
  }
  friend Vec operator^(Vec a, Vec b) {
    return {vreinterpretq_f32_u32(veorq_u32(vreinterpretq_u32_f32(a.v), vreinterpretq_u32_f32(b.v)))};
  }
  friend Vec andnot(Vec a, Vec b) {
    return {vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(b.v), vreinterpretq_u32_f32(a.v)))};
  }
  friend Vec fma(Vec a, Vec b, Vec c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
  friend Vec fnma(Vec a, Vec b, Vec c) { return {vfmsq_f32(c.v, a.v, b.v)}; }
  friend Vec min(Vec a, Vec b) { return {vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v)}; }
  friend Vec max(Vec a, Vec b) { return {vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v)}; }
  friend Vec sqrt(Vec a) { return {vsqrtq_f32(a.v)}; }
  friend Vec round(Vec a) { return {vrndnq_f32(a.v)}; }
  friend Vec floor(Vec a) { return {vrndmq_f32(a.v)}; }
  friend Vec ceil(Vec a) { return {vrndpq_f32(a.v)}; }
  friend Vec trunc(Vec a) { return {vrndq_f32(a.v)}; }

  friend Mask operator<(Vec a, Vec b) { return {vcltq_f32(a.v, b.v)}; }
  friend Mask operator<=(Vec a, Vec b) { return {vcleq_f32(a.v, b.v)}; }
  friend Mask operator>(Vec a, Vec b) { return {vcgtq_f32(a.v, b.v)}; }
  friend Mask operator>=(Vec a, Vec b) { return {vcgeq_f32(a.v, b.v)}; }
  friend Mask operator==(Vec a, Vec b) { return {vceqq_f32(a.v, b.v)}; }
  friend Mask operator!=(Vec a, Vec b) { return {(~Mask{vceqq_f32(a.v, b.v)}).m}; }
  friend Vec select(Mask m, Vec a, Vec b) { return {vbslq_f32(m.m, a.v, b.v)}; }

  friend float reduceAdd(Vec a) {
    const Vec b{vextq_f32(a.v, a.v, 2)}, h = a + b;
    const float x = vgetq_lane_f32(h.v, 0), y = vgetq_lane_f32(h.v, 1);
    return x + y;
  }
  friend float reduceMax(Vec a) {
    const Vec b{vextq_f32(a.v, a.v, 2)}, h = max(a, b);
    const float x = vgetq_lane_f32(h.v, 0), y = vgetq_lane_f32(h.v, 1);
    return x > y ? x : y;
  }
  friend float reduceMin(Vec a) {
    const Vec b{vextq_f32(a.v, a.v, 2)}, h = min(a, b);
    const float x = vgetq_lane_f32(h.v, 0), y = vgetq_lane_f32(h.v, 1);
    return x < y ? x : y;
  }
};

template <>
struct Vec<double> {
  static constexpr int N = 2;
  using Value = double;
  float64x2_t v;

  struct Mask {
    uint64x2_t m;
    friend Mask operator&(Mask a, Mask b) { return {vandq_u64(a.m, b.m)}; }
    friend Mask operator|(Mask a, Mask b) { return {vorrq_u64(a.m, b.m)}; }
    friend Mask operator^(Mask a, Mask b) { return {veorq_u64(a.m, b.m)}; }
    friend Mask operator~(Mask a) { return {veorq_u64(a.m, vdupq_n_u64(~static_cast<uint64_t>(0)))}; }
    friend unsigned moveMask(Mask a) {
      return static_cast<unsigned>((vgetq_lane_u64(a.m, 0) & 1) | (vgetq_lane_u64(a.m, 1) & 2));
    }
    friend bool any(Mask a) { return moveMask(a) != 0; }
    friend bool all(Mask a) { return moveMask(a) == 3; }
  };

  struct Int {
    using Value = int64_t;
    int64x2_t i;
    static Int set1(int64_t x) { return {vdupq_n_s64(x)}; }
    friend Int operator+(Int a, Int b) { return {vaddq_s64(a.i, b.i)}; }
    friend Int operator-(Int a, Int b) { return {vsubq_s64(a.i, b.i)}; }
    friend Int operator&(Int a, Int b) { return {vandq_s64(a.i, b.i)}; }
    friend Int operator|(Int a, Int b) { return {vorrq_s64(a.i, b.i)}; }
    friend Int operator^(Int a, Int b) { return {veorq_s64(a.i, b.i)}; }
    template <int K>
    friend Int shl(Int a) {
      return {vshlq_n_s64(a.i, K)};
    }
    template <int K>
    friend Int shr(Int a) {
      return {vreinterpretq_s64_u64(vshrq_n_u64(vreinterpretq_u64_s64(a.i), K))};
    }
    friend Mask eq(Int a, Int b) { return {vceqq_s64(a.i, b.i)}; }
    friend Vec asFloat(Int a) { return {vreinterpretq_f64_s64(a.i)}; }
    friend Vec toFloat(Int a) { return {vcvtq_f64_s64(a.i)}; }
  };
  friend Int asInt(Vec a) { return {vreinterpretq_s64_f64(a.v)}; }
  friend Int toInt(Vec a) { return {vcvtnq_s64_f64(a.v)}; }

  static Vec load(const double* p) { return {vld1q_f64(p)}; }
  static Vec loadN(const double* p, int64_t n) {
    if (n >= N) return load(p);
    double t[N] = {};
    for (int64_t i = 0; i < n; i++) t[i] = p[i];
    return load(t);
  }
  void store(double* p) const { vst1q_f64(p, v); }
  void storeN(double* p, int64_t n) const {
    if (n >= N) return store(p);
    double t[N];
    store(t);
    for (int64_t i = 0; i < n; i++) p[i] = t[i];
  }
  static Vec set1(double x) { return {vdupq_n_f64(x)}; }
  static Vec zero() { return {vdupq_n_f64(0)}; }

  friend Vec operator+(Vec a, Vec b) { return {vaddq_f64(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {vsubq_f64(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {vmulq_f64(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {vdivq_f64(a.v, b.v)}; }
  friend Vec operator&(Vec a, Vec b) {
    return {vreinterpretq_f64_u64(vandq_u64(vreinterpretq_u64_f64(a.v), vreinterpretq_u64_f64(b.v)))};
  }
  friend Vec operator|(Vec a, Vec b) {
    return {vreinterpretq_f64_u64(vorrq_u64(vreinterpretq_u64_f64(a.v), vreinterpretq_u64_f64(b.v)))};
  }
  friend Vec operator^(Vec a, Vec b) {
    return {vreinterpretq_f64_u64(veorq_u64(vreinterpretq_u64_f64(a.v), vreinterpretq_u64_f64(b.v)))};
  }
  friend Vec andnot(Vec a, Vec b) {
    return {vreinterpretq_f64_u64(vbicq_u64(vreinterpretq_u64_f64(b.v), vreinterpretq_u64_f64(a.v)))};
  }
  friend Vec fma(Vec a, Vec b, Vec c) { return {vfmaq_f64(c.v, a.v, b.v)}; }
  friend Vec fnma(Vec a, Vec b, Vec c) { return {vfmsq_f64(c.v, a.v, b.v)}; }
  friend Vec min(Vec a, Vec b) { return {vbslq_f64(vcltq_f64(a.v, b.v), a.v, b.v)}; }
  friend Vec max(Vec a, Vec b) { return {vbslq_f64(vcgtq_f64(a.v, b.v), a.v, b.v)}; }
  friend Vec sqrt(Vec a) { return {vsqrtq_f64(a.v)}; }
  friend Vec round(Vec a) { return {vrndnq_f64(a.v)}; }
  friend Vec floor(Vec a) { return {vrndmq_f64(a.v)}; }
  friend Vec ceil(Vec a) { return {vrndpq_f64(a.v)}; }
  friend Vec trunc(Vec a) { return {vrndq_f64(a.v)}; }

  friend Mask operator<(Vec a, Vec b) { return {vcltq_f64(a.v, b.v)}; }
  friend Mask operator<=(Vec a, Vec b) { return {vcleq_f64(a.v, b.v)}; }
  friend Mask operator>(Vec a, Vec b) { return {vcgtq_f64(a.v, b.v)}; }
  friend Mask operator>=(Vec a, Vec b) { return {vcgeq_f64(a.v, b.v)}; }
  friend Mask operator==(Vec a, Vec b) { return {vceqq_f64(a.v, b.v)}; }
  friend Mask operator!=(Vec a, Vec b) { return {(~Mask{vceqq_f64(a.v, b.v)}).m}; }
  friend Vec select(Mask m, Vec a, Vec b) { return {vbslq_f64(m.m, a.v, b.v)}; }

  friend double reduceAdd(Vec a) {
    const double x = vgetq_lane_f64(a.v, 0), y = vgetq_lane_f64(a.v, 1);
    return x + y;
  }
  friend double reduceMax(Vec a) {
    const double x = vgetq_lane_f64(a.v, 0), y = vgetq_lane_f64(a.v, 1);
    return x > y ? x : y;
  }
  friend double reduceMin(Vec a) {
    const double x = vgetq_lane_f64(a.v, 0), y = vgetq_lane_f64(a.v, 1);
    return x < y ? x : y;
  }
};

inline Vec<double> widenLow(Vec<float> a) { return {vcvt_f64_f32(vget_low_f32(a.v))}; }
inline Vec<double> widenHigh(Vec<float> a) { return {vcvt_high_f64_f32(a.v)}; }
inline Vec<float> narrow(Vec<double> low, Vec<double> high) { return {vcvt_high_f32_f64(vcvt_f32_f64(low.v), high.v)}; }

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

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
