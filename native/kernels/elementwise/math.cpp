// Functions of the math library, element by element.
#include "loops.h"
#include "simd/math_trig.h"

namespace tenzo::TENZO_LEVEL {
namespace {

struct Sinc {
  template <class T>
  static Vec<T> of(Vec<T> a) {
    const Vec<T> p = a * Vec<T>::set1(T(3.141592653589793));
    return select(a == Vec<T>::zero(), Vec<T>::set1(1), sin(p) / p);
  }
};

// ---- powers

struct Pow {
  static VecF of(VecF a, VecF b) { return pow(a, b); }
  static double of(double a, double b) { return ::pow(a, b); }
};
// x^y by squaring, wrapping. A negative power of 1 and -1 is what it is, of all else 0.
struct PowInt {
  template <class T>
  static T of(T a, T b) {
    if (b < T(0)) return a == T(1) ? T(1) : a == T(-1) ? (b % 2 ? T(-1) : T(1)) : T(0);
    T result = 1;
    for (T e = b; e; e = static_cast<T>(e / 2)) {
      if (e & 1) result = wrapMul(result, a);
      a = wrapMul(a, a);
    }
    return result;
  }
  static uint8_t of(uint8_t a, uint8_t b) { return static_cast<uint8_t>(of<uint32_t>(a, b)); }
};

// The exponents that PyTorch computes without a power when they are numbers; so the base's special values go through
// these, e.g. (-inf)^0.5 is sqrt(-inf).
template <class T>
struct ScalarPower {
  template <class F>
  TENZO_NOINLINE static void each(T* o, const T* a, int64_t n, const F& f) {
    using V = Vec<T>;
    int64_t i = 0;
    for (; i + V::N <= n; i += V::N) f(V::load(a + i)).store(o + i);
    if (i < n) f(V::loadN(a + i, n - i)).storeN(o + i, n - i);
  }
  static void run(T* o, const T* a, const T* b, int64_t n) {
    using V = Vec<T>;
    const T e = n ? *b : T(1);
    if (e == T(0)) return each(o, a, n, [](V) { return V::set1(1); });
    if (e == T(1)) return each(o, a, n, [](V x) { return x; });
    if (e == T(2)) return each(o, a, n, [](V x) { return x * x; });
    if (e == T(3)) return each(o, a, n, [](V x) { return x * x * x; });
    if (e == T(0.5)) return each(o, a, n, [](V x) { return sqrt(x); });
    if (e == T(-0.5)) return each(o, a, n, [](V x) { return V::set1(1) / sqrt(x); });
    if (e == T(-1)) return each(o, a, n, [](V x) { return V::set1(1) / x; });
    if (e == T(-2)) return each(o, a, n, [](V x) { return V::set1(1) / (x * x); });
    if constexpr (sizeof(T) == 4)
      ByVector<Pow, float>::run(o, a, b, n);
    else
      ByValue<Pow>::run(o, a, b, n);
  }
};

// ---- floating remainders

// The remainder of a / b with a's sign, exact: a quotient that double division gets within one is put right by adding
// or taking away one more b. Quotients beyond the exact integers, and what has no quotient, go to the C library.
template <class T>
struct Quotient;
template <>
struct Quotient<double> {
  static constexpr double LIMIT = FUSED ? 4503599627370496.0 : 0;
};
template <>
struct Quotient<float> {
  static constexpr double LIMIT = 536870912.0;  // 2^29: times a float is exact in double
};

template <class T>
inline VecD remainderOf(VecD a, VecD b) {
  using V = VecD;
  const V q = trunc(a / b), aa = abs(a), ab = abs(b);
  V r = fnma(q, ab | signBits(b), a);
  r = r ^ signBits(a);  // as if a were positive
  r = select(r < V::zero(), r + ab, select(r >= ab, r - ab, r));
  r = select(aa < ab, a, copysign(r, a));
  const auto hard = ~((abs(q) < V::set1(Quotient<T>::LIMIT)) | (aa < ab));
  if (any(hard)) {
    double as[V::N], bs[V::N], rs[V::N];
    a.store(as);
    b.store(bs);
    r.store(rs);
    for (unsigned i = 0, m = moveMask(hard); i < static_cast<unsigned>(V::N); i++)
      if (m >> i & 1) rs[i] = ::fmod(as[i], bs[i]);
    r = V::load(rs);
  }
  return r;
}
inline VecD fmod(VecD a, VecD b) { return remainderOf<double>(a, b); }
inline VecF fmod(VecF a, VecF b) {
  return viaDouble(a, b, [](VecD x, VecD y) { return remainderOf<float>(x, y); });
}
template <class T>
inline auto signsDiffer(Vec<T> mod, Vec<T> b) {
  const Vec<T> zero = Vec<T>::zero();
  return (mod != zero) & ((b < zero) ^ (mod < zero));
}

struct Fmod {
  template <class V>
  static V of(V a, V b) {
    return fmod(a, b);
  }
};
struct Remainder {
  template <class V>
  static V of(V a, V b) {
    const V mod = fmod(a, b);
    return select(signsDiffer(mod, b), mod + b, mod);
  }
};
struct TruncDivide {
  template <class V>
  static V of(V a, V b) {
    return trunc(a / b);
  }
};
// Python's: the quotient is made from the exact remainder, so that it and the remainder agree.
struct FloorDivide {
  template <class T>
  static Vec<T> of(Vec<T> a, Vec<T> b) {
    using V = Vec<T>;
    const V zero = V::zero(), one = V::set1(1), mod = fmod(a, b);
    V div = (a - mod) / b;
    div = select(signsDiffer(mod, b), div - one, div);
    const V down = floor(div), near = select(div - down > V::set1(T(0.5)), down + one, down);
    const V y = select(div == zero, copysign(zero, a / b), near);
    return select(b == zero, a / b, y);
  }
};

// ---- division of integers, where no divisor is zero. Dividing by -1 is negating, which wraps where a division traps.

struct TruncDivideInt {
  template <class T>
  static T of(T a, T b) {
    return b == T(-1) ? wrapSub(T(0), a) : static_cast<T>(a / b);
  }
  static uint8_t of(uint8_t a, uint8_t b) { return static_cast<uint8_t>(a / b); }
};
struct FmodInt {
  template <class T>
  static T of(T a, T b) {
    return b == T(-1) ? T(0) : static_cast<T>(a % b);
  }
  static uint8_t of(uint8_t a, uint8_t b) { return static_cast<uint8_t>(a % b); }
};
struct FloorDivideInt {
  template <class T>
  static T of(T a, T b) {
    if (b == T(-1)) return wrapSub(T(0), a);
    const T q = static_cast<T>(a / b);
    return static_cast<T>(a % b != 0 && (a < T(0)) != (b < T(0)) ? q - 1 : q);
  }
  static uint8_t of(uint8_t a, uint8_t b) { return static_cast<uint8_t>(a / b); }
};
struct RemainderInt {
  template <class T>
  static T of(T a, T b) {
    if (b == T(-1)) return T(0);
    const T r = static_cast<T>(a % b);
    return static_cast<T>(r != 0 && (r < T(0)) != (b < T(0)) ? r + b : r);
  }
  static uint8_t of(uint8_t a, uint8_t b) { return static_cast<uint8_t>(a % b); }
};

// Looks for a zero divisor before it divides, and says so in the command's status cell.
template <class F, class T>
void dividingLoop(char* const* ptr, const int64_t* stride, int64_t n) {
  bool zero = false;
  for (int64_t i = 0; i < (stride[2] ? n : 1); i++) zero |= *reinterpret_cast<const T*>(ptr[2] + i * stride[2]) == T(0);
  if (zero)
    __atomic_store_n(reinterpret_cast<int32_t*>(ptr[3]), static_cast<int32_t>(DIVISION_BY_ZERO), __ATOMIC_RELAXED);
  else
    map2<ByValue<F>, T, T, T>(ptr, stride, n);
}
template <class Floats, class Ints, class T>
constexpr MapLoop divisionLoop() {
  if constexpr (IS_FLOAT<T>)
    return vectorLoop<Floats, 2, T>();
  else
    return dividingLoop<Ints, T>;
}

// ---- sums of exponentials, products with logarithms

struct Logaddexp {
  template <class T>
  static Vec<T> of(Vec<T> a, Vec<T> b) {
    using V = Vec<T>;
    const auto same = (a == b) & (abs(a) == V::set1(Limits<T>::INF));
    return select(same, a, maximum(a, b) + log1p(exp(neg(abs(a - b)))));
  }
};
struct Logaddexp2 {
  template <class T>
  static Vec<T> of(Vec<T> a, Vec<T> b) {
    using V = Vec<T>;
    const auto same = (a == b) & (abs(a) == V::set1(Limits<T>::INF));
    return select(same, a, maximum(a, b) + log1p(exp2(neg(abs(a - b)))) * V::set1(T(1.4426950408889634)));
  }
};
template <bool OnePlus>
struct TimesLog {
  template <class T>
  static Vec<T> of(Vec<T> a, Vec<T> b) {
    const Vec<T> l = OnePlus ? log1p(b) : log(b);
    return select(isnan(b), b, select(a == Vec<T>::zero(), Vec<T>::zero(), a * l));
  }
};

// ---- by the C library, one value at a time

struct Hypot {
  static float of(float a, float b) {
    const double x = a, y = b;
    if (__builtin_isinf(a) || __builtin_isinf(b)) return __builtin_inff();
    return static_cast<float>(::sqrt(x * x + y * y));
  }
  static double of(double a, double b) { return ::hypot(a, b); }
};
struct Nextafter {
  static float of(float a, float b) { return ::nextafterf(a, b); }
  static double of(double a, double b) { return ::nextafter(a, b); }
};

}  // namespace

void fill_math(Kernels& k) {
  TENZO_MAP(sinc, Sinc)
  TENZO_MAP(pow, Pow, PowInt)
  TENZO_KERNEL(pow_scalar, map2<ScalarPower<T>, T, T, T>)
  TENZO_KERNEL(fmod, divisionLoop<Fmod, FmodInt, T>())
  TENZO_KERNEL(remainder, divisionLoop<Remainder, RemainderInt, T>())
  TENZO_KERNEL(trunc_divide, divisionLoop<TruncDivide, TruncDivideInt, T>())
  TENZO_KERNEL(floor_divide, divisionLoop<FloorDivide, FloorDivideInt, T>())
  TENZO_MAP(logaddexp, Logaddexp)
  TENZO_MAP(logaddexp2, Logaddexp2)
  TENZO_MAP(xlogy, TimesLog<false>)
  TENZO_MAP(xlog1py, TimesLog<true>)
  TENZO_MAP(hypot, Hypot)
  TENZO_MAP(nextafter, Nextafter)
}

}  // namespace tenzo::TENZO_LEVEL
