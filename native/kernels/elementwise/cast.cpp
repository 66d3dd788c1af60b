// Casts between all dtypes; a cast of a dtype to itself copies, of bools as bytes of 0 and 1. arange and linspace.
#include "loops.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

struct Bool {
  uint8_t value;
};

inline uint32_t bitsOf(float x) {
  uint32_t u;
  std::memcpy(&u, &x, 4);
  return u;
}
inline float floatOf(uint32_t u) {
  float x;
  std::memcpy(&x, &u, 4);
  return x;
}

// ---- 16-bit floats, rounded to nearest, half to even

// The exponent is rebased by a multiplication, which normalises subnormal numbers as well.
inline float fromHalf(uint16_t h) {
  const uint32_t magnitude = static_cast<uint32_t>(h & 0x7fff) << 13, sign = static_cast<uint32_t>(h & 0x8000) << 16;
  const uint32_t rebased = bitsOf(floatOf(magnitude) * 0x1p112f);
  return floatOf(sign | ((h & 0x7c00) == 0x7c00 ? magnitude | 0x7f800000u : rebased));
}
inline uint16_t toHalf(float x) {
  const uint32_t u = bitsOf(x), a = u & 0x7fffffffu, sign = (u >> 16) & 0x8000u;
  const uint32_t normal = (a - 0x38000000u + 0xfffu + ((a >> 13) & 1u)) >> 13;
  const uint32_t subnormal = bitsOf(floatOf(a) + 0.5f) - 0x3f000000u;  // the sum's last bit weighs 2^-24
  const uint32_t special = a > 0x7f800000u ? 0x7e00u | ((a >> 13) & 0x3ffu) : 0x7c00u;
  return static_cast<uint16_t>(sign | (a >= 0x477ff000u ? special : a < 0x38800000u ? subnormal : normal));
}
inline float fromBfloat(uint16_t b) { return floatOf(static_cast<uint32_t>(b) << 16); }
inline uint16_t toBfloat(float x) {
  const uint32_t u = bitsOf(x);
  return static_cast<uint16_t>((u & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : (u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}

template <class V = VecF>
inline void widen(float* o, const Half* a, int64_t n) {
  int64_t i = 0;
  if constexpr (requires { V::loadHalf(&a->bits); })
    for (; i + V::N <= n; i += V::N) V::loadHalf(&a[i].bits).store(o + i);
  for (; i < n; i++) o[i] = fromHalf(a[i].bits);
}
template <class V = VecF>
inline void narrow(Half* o, const float* a, int64_t n) {
  int64_t i = 0;
  if constexpr (requires(V v) { v.storeHalf(&o->bits); })
    for (; i + V::N <= n; i += V::N) V::load(a + i).storeHalf(&o[i].bits);
  for (; i < n; i++) o[i].bits = toHalf(a[i]);
}
inline void widen(float* o, const BFloat16* a, int64_t n) {
  TENZO_INDEPENDENT for (int64_t i = 0; i < n; i++) o[i] = fromBfloat(a[i].bits);
}
inline void narrow(BFloat16* o, const float* a, int64_t n) {
  TENZO_INDEPENDENT for (int64_t i = 0; i < n; i++) o[i].bits = toBfloat(a[i]);
}

// ---- one value

// What cvttss2si and its kin give on x86, everywhere: what does not fit is the lowest integer.
template <class A>
inline int64_t truncate64(A x) {
  return x >= A(-9223372036854775808.0) && x < A(9223372036854775808.0) ? static_cast<int64_t>(x) : INT64_MIN;
}
inline int32_t truncate32(float x) {
  return x >= -2147483648.0f && x < 2147483648.0f ? static_cast<int32_t>(x) : INT32_MIN;
}
inline int32_t truncate32(double x) {
  return x > -2147483649.0 && x < 2147483648.0 ? static_cast<int32_t>(x) : INT32_MIN;
}

template <class O>
struct To {
  template <class A>
  static O of(A a) {
    return static_cast<O>(a);
  }
  static O of(float a) { return fromFloat(a); }
  static O of(double a) { return fromFloat(a); }
  static O of(Bool a) { return static_cast<O>(a.value != 0); }
  // As PyTorch: to uint8 through int64, to the smaller signed ones through int32.
  template <class A>
  static O fromFloat(A a) {
    if constexpr (sizeof(O) == 8 || O(-1) > O(0))
      return static_cast<O>(truncate64(a));
    else
      return static_cast<O>(truncate32(a));
  }
};
template <>
struct To<float> {
  template <class A>
  static float of(A a) {
    return static_cast<float>(a);
  }
  static float of(Bool a) { return a.value != 0; }
};
template <>
struct To<double> {
  template <class A>
  static double of(A a) {
    return static_cast<double>(a);
  }
  static double of(Bool a) { return a.value != 0; }
};
template <>
struct To<Bool> {
  template <class A>
  static Bool of(A a) {
    return {static_cast<uint8_t>(a != A(0))};
  }
  static Bool of(Bool a) { return {static_cast<uint8_t>(a.value != 0)}; }
};

// ---- loops

template <class T>
constexpr bool IS_16 = false;
template <>
constexpr bool IS_16<Half> = true;
template <>
constexpr bool IS_16<BFloat16> = true;

struct Cast {
  template <class O, class A>
  TENZO_NOINLINE static void run(O* o, const A* a, int64_t n) {
    if constexpr (SAME<O, float> && IS_16<A>) {
      widen(o, a, n);
    } else if constexpr (SAME<A, float> && IS_16<O>) {
      narrow(o, a, n);
    } else if constexpr (IS_16<O> || IS_16<A>) {
      float between[BLOCK];
      for (int64_t i = 0; i < n; i += BLOCK) {
        const int64_t m = n - i < BLOCK ? n - i : BLOCK;
        run(between, a + i, m);
        run(o + i, between, m);
      }
    } else {
      TENZO_INDEPENDENT for (int64_t i = 0; i < n; i++) o[i] = To<O>::of(a[i]);
    }
  }
};

template <class U>
void copyLoop(char* const* ptr, const int64_t* stride, int64_t n) {
  U* o = reinterpret_cast<U*>(ptr[0]);
  const U* a = reinterpret_cast<const U*>(ptr[1]);
  if (unit<U>(stride[0]) && unit<U>(stride[1])) {
    if (o != a) std::memcpy(o, a, static_cast<size_t>(n) * sizeof(U));
  } else if (unit<U>(stride[0]) && stride[1] == 0) {
    const U value = *a;
    for (int64_t i = 0; i < n; i++) o[i] = value;
  } else {
    for (int64_t i = 0; i < n; i++)
      *reinterpret_cast<U*>(ptr[0] + i * stride[0]) = *reinterpret_cast<const U*>(ptr[1] + i * stride[1]);
  }
}

template <class O, class A>
constexpr MapLoop castLoop() {
  if constexpr (!SAME<O, A> || SAME<A, Bool>)
    return map1<Cast, O, A>;
  else
    return copyLoop<BitsOf<A>>;
}

// The table's entry of a cast: the row of its source type, a function from target type to loop.
template <class A>
MapLoop row(DType to) {
  switch (to) {
    case F32:
      return castLoop<float, A>();
    case F64:
      return castLoop<double, A>();
    case F16:
      return castLoop<Half, A>();
    case BF16:
      return castLoop<BFloat16, A>();
    case I64:
      return castLoop<int64_t, A>();
    case I32:
      return castLoop<int32_t, A>();
    case I16:
      return castLoop<int16_t, A>();
    case I8:
      return castLoop<int8_t, A>();
    case U8:
      return castLoop<uint8_t, A>();
    case BOOL:
      return castLoop<Bool, A>();
    default:
      return nullptr;
  }
}

// ---- ranges. Floats are computed in double from their index, so a range has the same bits for any split.

constexpr int64_t RANGE_GRAIN = 16384;

template <class T, class F>
Status fillRange(T* out, int64_t n, const F& value) {
  parallelRange(n, RANGE_GRAIN, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) out[i] = value(i);
  });
  return OK;
}

template <class T>
Status arange(const Command&, const ArangeArgs& a) {
  if constexpr (T(0.5) != T(0)) {
    const double start = a.start.f64(), step = a.step.f64();
    return fillRange<T>(a.out, a.n, [=](int64_t i) { return static_cast<T>(start + step * static_cast<double>(i)); });
  } else {
    const uint64_t start = static_cast<uint64_t>(a.start.i64()), step = static_cast<uint64_t>(a.step.i64());
    return fillRange<T>(a.out, a.n, [=](int64_t i) { return static_cast<T>(start + step * static_cast<uint64_t>(i)); });
  }
}

// Each half is counted from its own end, as in PyTorch, in the dtype's own precision.
template <class T>
Status linspace(const Command&, const LinspaceArgs& a) {
  const T start = static_cast<T>(a.start), end = static_cast<T>(a.end);
  const int64_t n = a.n;
  const T step = n > 1 ? (end - start) / static_cast<T>(n - 1) : T(0);
  return fillRange<T>(a.out, n, [=](int64_t i) {
    return i < n / 2 || n == 1 ? start + step * static_cast<T>(i) : end - step * static_cast<T>(n - 1 - i);
  });
}

}  // namespace

void fill_cast(Kernels& k) {
  TENZO_KERNEL(cast, row<Choose<SAME<T, bool>, Bool, T>>)
  TENZO_KERNEL(arange, arange<T>)
  TENZO_KERNEL(linspace, linspace<T>)
}

}  // namespace tenzo::TENZO_LEVEL
