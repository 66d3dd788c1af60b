// Functions of the math library, element by element.
#include "loops.h"
#include "simd/math_trig.h"

namespace tenzo::TENZO_LEVEL {
namespace {

#define TENZO_FUNCTION(Name, function) \
  struct Name {                        \
    template <class V>                 \
    static V of(V a) {                 \
      return function(a);              \
    }                                  \
  };
TENZO_FUNCTION(Exp, exp)
TENZO_FUNCTION(Exp2, exp2)
TENZO_FUNCTION(Expm1, expm1)
TENZO_FUNCTION(Log, log)
TENZO_FUNCTION(Log2, log2)
TENZO_FUNCTION(Log10, log10)
TENZO_FUNCTION(Log1p, log1p)
TENZO_FUNCTION(Sin, sin)
TENZO_FUNCTION(Cos, cos)
TENZO_FUNCTION(Tan, tan)
TENZO_FUNCTION(Asin, asin)
TENZO_FUNCTION(Acos, acos)
TENZO_FUNCTION(Atan, atan)
TENZO_FUNCTION(Sinh, sinh)
TENZO_FUNCTION(Cosh, cosh)
TENZO_FUNCTION(Tanh, tanh)
TENZO_FUNCTION(Asinh, asinh)
TENZO_FUNCTION(Acosh, acosh)
TENZO_FUNCTION(Atanh, atanh)
TENZO_FUNCTION(Erf, erf)
TENZO_FUNCTION(Erfc, erfc)
TENZO_FUNCTION(Erfinv, erfinv)
TENZO_FUNCTION(Sigmoid, sigmoid)
#undef TENZO_FUNCTION

struct Sinc {
  template <class T>
  static Vec<T> of(Vec<T> a) {
    const Vec<T> p = a * Vec<T>::set1(T(3.141592653589793));
    return select(a == Vec<T>::zero(), Vec<T>::set1(1), sin(p) / p);
  }
};

struct Atan2 {
  template <class V>
  static V of(V a, V b) {
    return atan2(a, b);
  }
};

// ---- powers

struct Pow {
  static float of(float a, float b) {
    return static_cast<float>(::pow(static_cast<double>(a), static_cast<double>(b)));
  }
  static double of(double a, double b) { return ::pow(a, b); }
};
struct PowF {
  static VecF of(VecF a, VecF b) { return pow(a, b); }
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
      ByVector<PowF, float>::run(o, a, b, n);
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
#if TENZO_LEVEL_IS_baseline
  static constexpr double LIMIT = 0;  // needs a fused multiply-add
#else
  static constexpr double LIMIT = 4503599627370496.0;
#endif
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

template <class F, int Operands>
void putValues(Kernels& k, Op op) {
  put(k, op, F32, valueLoop<F, Operands, float, float>());
  put(k, op, F64, valueLoop<F, Operands, double, double>());
}

}  // namespace

void fill_math(Kernels& k) {
  putFloats<Exp, 1>(k, OP_exp);
  putFloats<Exp2, 1>(k, OP_exp2);
  putFloats<Expm1, 1>(k, OP_expm1);
  putFloats<Log, 1>(k, OP_log);
  putFloats<Log2, 1>(k, OP_log2);
  putFloats<Log10, 1>(k, OP_log10);
  putFloats<Log1p, 1>(k, OP_log1p);
  putFloats<Sin, 1>(k, OP_sin);
  putFloats<Cos, 1>(k, OP_cos);
  putFloats<Tan, 1>(k, OP_tan);
  putFloats<Asin, 1>(k, OP_asin);
  putFloats<Acos, 1>(k, OP_acos);
  putFloats<Atan, 1>(k, OP_atan);
  putFloats<Sinh, 1>(k, OP_sinh);
  putFloats<Cosh, 1>(k, OP_cosh);
  putFloats<Tanh, 1>(k, OP_tanh);
  putFloats<Asinh, 1>(k, OP_asinh);
  putFloats<Acosh, 1>(k, OP_acosh);
  putFloats<Atanh, 1>(k, OP_atanh);
  putFloats<Erf, 1>(k, OP_erf);
  putFloats<Erfc, 1>(k, OP_erfc);
  putFloats<Erfinv, 1>(k, OP_erfinv);
  putFloats<Sigmoid, 1>(k, OP_sigmoid);
  putFloats<Sinc, 1>(k, OP_sinc);
  putFloats<Atan2, 2>(k, OP_atan2);
  put(k, OP_pow, F32, vectorLoop<PowF, 2, float>());
  put(k, OP_pow, F64, valueLoop<Pow, 2, double, double>());
  put(k, OP_pow_scalar, F32, map2<ScalarPower<float>, float, float, float>);
  put(k, OP_pow_scalar, F64, map2<ScalarPower<double>, double, double, double>);
  putFloats<Fmod, 2>(k, OP_fmod);
  putFloats<Remainder, 2>(k, OP_remainder);
  putFloats<TruncDivide, 2>(k, OP_trunc_divide);
  putFloats<FloorDivide, 2>(k, OP_floor_divide);
  putFloats<Logaddexp, 2>(k, OP_logaddexp);
  putFloats<Logaddexp2, 2>(k, OP_logaddexp2);
  putFloats<TimesLog<false>, 2>(k, OP_xlogy);
  putFloats<TimesLog<true>, 2>(k, OP_xlog1py);
  putValues<Hypot, 2>(k, OP_hypot);
  putValues<Nextafter, 2>(k, OP_nextafter);
}

}  // namespace tenzo::TENZO_LEVEL
