// Arithmetic, rounding, bits: what needs no function of the math library.
#include "loops.h"

namespace tenzo::TENZO_LEVEL {
namespace {

#define TENZO_VECTOR1(Name, expression) \
  struct Name {                         \
    template <class T>                  \
    static Vec<T> of(Vec<T> a) {        \
      using V = Vec<T>;                 \
      (void)sizeof(V);                  \
      return expression;                \
    }                                   \
  };
#define TENZO_VECTOR2(Name, expression)    \
  struct Name {                            \
    template <class T>                     \
    static Vec<T> of(Vec<T> a, Vec<T> b) { \
      using V = Vec<T>;                    \
      (void)sizeof(V);                     \
      return expression;                   \
    }                                      \
  };
#define TENZO_VECTOR3(Name, expression)              \
  struct Name {                                      \
    template <class T>                               \
    static Vec<T> of(Vec<T> a, Vec<T> b, Vec<T> c) { \
      using V = Vec<T>;                              \
      (void)sizeof(V);                               \
      return expression;                             \
    }                                                \
  };
// The same op on integers, in a struct of its own: Name is on vectors, NameInt on values.
#define TENZO_VALUE1(Name, expression)   \
  struct Name {                          \
    template <class T>                   \
    static T of(T a) {                   \
      return static_cast<T>(expression); \
    }                                    \
  };
#define TENZO_VALUE2(Name, expression)   \
  struct Name {                          \
    template <class T>                   \
    static T of(T a, T b) {              \
      return static_cast<T>(expression); \
    }                                    \
  };
#define TENZO_VALUE3(Name, expression)   \
  struct Name {                          \
    template <class T>                   \
    static T of(T a, T b, T c) {         \
      return static_cast<T>(expression); \
    }                                    \
  };

// ---- unary

TENZO_VECTOR1(Abs, abs(a))
TENZO_VALUE1(AbsInt, a < T(0) ? wrapSub(T(0), a) : a)
TENZO_VECTOR1(Neg, neg(a))
TENZO_VALUE1(NegInt, wrapSub(T(0), a))
TENZO_VECTOR1(Sign, select((a == V::zero()) | isnan(a), V::zero(), copysign(V::set1(1), a)))
TENZO_VALUE1(SignInt, (a > T(0)) - (a < T(0)))
TENZO_VECTOR1(Square, a* a)
TENZO_VALUE1(SquareInt, wrapMul(a, a))
TENZO_VALUE1(NotInt, ~a)
TENZO_VALUE1(NotBool, a == 0)
// max(0, a) is a where a is NaN, and keeps the sign of zero as PyTorch does.
TENZO_VECTOR1(Relu, max(V::zero(), a))
TENZO_VALUE1(ReluInt, a > T(0) ? a : T(0))
TENZO_VECTOR1(Reciprocal, V::set1(1) / a)
TENZO_VECTOR1(Sqrt, sqrt(a))
TENZO_VECTOR1(Rsqrt, V::set1(1) / sqrt(a))
TENZO_VECTOR1(Floor, floor(a))
TENZO_VECTOR1(Ceil, ceil(a))
TENZO_VECTOR1(Round, round(a))
TENZO_VECTOR1(Trunc, trunc(a))
TENZO_VECTOR1(Frac, a - trunc(a))
TENZO_VECTOR1(Relu6, min(V::set1(6), max(V::zero(), a)))
TENZO_VECTOR1(Softsign, a / (V::set1(1) + abs(a)))
TENZO_VECTOR1(Hardsigmoid, min(V::set1(6), max(V::zero(), a + V::set1(3))) / V::set1(6))
TENZO_VECTOR1(Hardswish, a* min(V::set1(6), max(V::zero(), a + V::set1(3))) / V::set1(6))

// ---- binary

TENZO_VECTOR2(Add, a + b)
TENZO_VALUE2(AddInt, wrapAdd(a, b))
TENZO_VECTOR2(Sub, a - b)
TENZO_VALUE2(SubInt, wrapSub(a, b))
TENZO_VECTOR2(Mul, a* b)
TENZO_VALUE2(MulInt, wrapMul(a, b))
TENZO_VECTOR2(Div, a / b)
TENZO_VECTOR2(Maximum, maximum(a, b))
TENZO_VALUE2(MaximumInt, a > b ? a : b)
TENZO_VECTOR2(Minimum, minimum(a, b))
TENZO_VALUE2(MinimumInt, a < b ? a : b)
TENZO_VECTOR2(Fmax, select(isnan(b), a, max(a, b)))
TENZO_VECTOR2(Fmin, select(isnan(b), a, min(a, b)))
TENZO_VALUE2(And, a& b)
TENZO_VALUE2(Or, a | b)
TENZO_VALUE2(Xor, a ^ b)
TENZO_VECTOR2(Copysign, copysign(a, b))
TENZO_VECTOR2(Heaviside, select(a == V::zero(), b, select(a > V::zero(), V::set1(1), V::zero())))
TENZO_VALUE2(HeavisideInt, a == T(0) ? b : T(a > T(0)))
TENZO_VECTOR2(Prelu, select(a > V::zero(), a, a* b))
TENZO_VECTOR2(Hardshrink, select((a >= neg(b)) & (a <= b), V::zero(), a))
TENZO_VECTOR2(Softshrink, select(a > b, a - b, select(a < neg(b), a + b, a* V::zero() + V::zero())))

template <class T>
constexpr int BITS = 8 * static_cast<int>(sizeof(T));
TENZO_VALUE2(Shl, b < T(0) || b >= T(BITS<T>) ? 0 : static_cast<typename Wide<T>::Type>(a) << static_cast<int>(b))
TENZO_VALUE2(Shr, a >> static_cast<int>(b < T(0) || b >= T(BITS<T>) ? T(BITS<T> - 1) : b))
struct ShrUnsigned {
  static uint8_t of(uint8_t a, uint8_t b) { return static_cast<uint8_t>(b >= 8 ? 0 : a >> b); }
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
template <class F>
void putDivision(Kernels& k, Op op) {
  put(k, op, I64, dividingLoop<F, int64_t>);
  put(k, op, I32, dividingLoop<F, int32_t>);
  put(k, op, I16, dividingLoop<F, int16_t>);
  put(k, op, I8, dividingLoop<F, int8_t>);
  put(k, op, U8, dividingLoop<F, uint8_t>);
}

template <class T>
inline T gcdOf(T x, T y) {
  // Magnitudes as unsigned, so that the lowest number of a type has one.
  uint64_t a = x < T(0) ? 0 - static_cast<uint64_t>(x) : static_cast<uint64_t>(x);
  uint64_t b = y < T(0) ? 0 - static_cast<uint64_t>(y) : static_cast<uint64_t>(y);
  while (a) {
    const uint64_t r = b % a;
    b = a;
    a = r;
  }
  return static_cast<T>(b);
}
struct Gcd {
  template <class T>
  static T of(T a, T b) {
    return gcdOf(a, b);
  }
};
struct Lcm {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(of(static_cast<int32_t>(a), static_cast<int32_t>(b)));
  }
  static int32_t of(int32_t a, int32_t b) { return wide(a, b); }
  static int64_t of(int64_t a, int64_t b) { return wide(a, b); }
  template <class T>
  static T wide(T a, T b) {
    const T g = gcdOf(a, b);
    if (g == 0) return 0;
    const T m = wrapMul(g == -1 ? wrapSub(T(0), a) : a / g, b);
    return m < 0 ? wrapSub(T(0), m) : m;
  }
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

// ---- ternary

TENZO_VECTOR3(Axpy, fma(c, b, a))
TENZO_VALUE3(AxpyInt, wrapAdd(a, wrapMul(c, b)))
TENZO_VECTOR3(Clamp, minimum(c, maximum(b, a)))  // a zero equal to its bound keeps its sign
TENZO_VALUE3(ClampInt, (a > b ? a : b) < c ? (a > b ? a : b) : c)
TENZO_VECTOR3(AddMul, fma(b, c, a))
TENZO_VALUE3(AddMulInt, wrapAdd(a, wrapMul(b, c)))
TENZO_VECTOR3(AddDiv, a + b / c)
// From the nearer end, so that a weight of 1 gives b to the bit.
struct Lerp {
  template <class T>
  static Vec<T> of(Vec<T> a, Vec<T> b, Vec<T> w) {
    const auto near = abs(w) < Vec<T>::set1(T(0.5));
    return fma(select(near, w, w - Vec<T>::set1(1)), b - a, select(near, a, b));
  }
};

}  // namespace

void fill_arithmetic(Kernels& k) {
  putFloats<Abs, 1>(k, OP_abs);
  putInts<AbsInt, 1>(k, OP_abs);
  putFloats<Neg, 1>(k, OP_neg);
  putInts<NegInt, 1>(k, OP_neg);
  putFloats<Sign, 1>(k, OP_sign);
  putInts<SignInt, 1>(k, OP_sign);
  putFloats<Square, 1>(k, OP_square);
  putInts<SquareInt, 1>(k, OP_square);
  putInts<NotInt, 1>(k, OP_bitwise_not);
  putBool<NotBool, 1>(k, OP_bitwise_not);
  putFloats<Relu, 1>(k, OP_relu);
  putInts<ReluInt, 1>(k, OP_relu);
  putFloats<Reciprocal, 1>(k, OP_reciprocal);
  putFloats<Sqrt, 1>(k, OP_sqrt);
  putFloats<Rsqrt, 1>(k, OP_rsqrt);
  putFloats<Floor, 1>(k, OP_floor);
  putFloats<Ceil, 1>(k, OP_ceil);
  putFloats<Round, 1>(k, OP_round);
  putFloats<Trunc, 1>(k, OP_trunc);
  putFloats<Frac, 1>(k, OP_frac);
  putFloats<Relu6, 1>(k, OP_relu6);
  putFloats<Softsign, 1>(k, OP_softsign);
  putFloats<Hardsigmoid, 1>(k, OP_hardsigmoid);
  putFloats<Hardswish, 1>(k, OP_hardswish);

  putFloats<Add, 2>(k, OP_add);
  putInts<AddInt, 2>(k, OP_add);
  putBool<Or, 2>(k, OP_add);
  putFloats<Sub, 2>(k, OP_sub);
  putInts<SubInt, 2>(k, OP_sub);
  putFloats<Mul, 2>(k, OP_mul);
  putInts<MulInt, 2>(k, OP_mul);
  putBool<And, 2>(k, OP_mul);
  putFloats<Div, 2>(k, OP_div);
  putDivision<FloorDivideInt>(k, OP_floor_divide);
  putDivision<TruncDivideInt>(k, OP_trunc_divide);
  putDivision<RemainderInt>(k, OP_remainder);
  putDivision<FmodInt>(k, OP_fmod);
  putInts<PowInt, 2>(k, OP_pow);
  putFloats<Maximum, 2>(k, OP_maximum);
  putInts<MaximumInt, 2>(k, OP_maximum);
  putBool<MaximumInt, 2>(k, OP_maximum);
  putFloats<Minimum, 2>(k, OP_minimum);
  putInts<MinimumInt, 2>(k, OP_minimum);
  putBool<MinimumInt, 2>(k, OP_minimum);
  putFloats<Fmax, 2>(k, OP_fmax);
  putInts<MaximumInt, 2>(k, OP_fmax);
  putFloats<Fmin, 2>(k, OP_fmin);
  putInts<MinimumInt, 2>(k, OP_fmin);
  putInts<And, 2>(k, OP_bitwise_and);
  putBool<And, 2>(k, OP_bitwise_and);
  putInts<Or, 2>(k, OP_bitwise_or);
  putBool<Or, 2>(k, OP_bitwise_or);
  putInts<Xor, 2>(k, OP_bitwise_xor);
  putBool<Xor, 2>(k, OP_bitwise_xor);
  putInts<Shl, 2>(k, OP_shl);
  putInts<Shr, 2>(k, OP_shr);
  put(k, OP_shr, U8, valueLoop<ShrUnsigned, 2, uint8_t, uint8_t>());
  putInts<Gcd, 2>(k, OP_gcd);
  putInts<Lcm, 2>(k, OP_lcm);
  putFloats<Copysign, 2>(k, OP_copysign);
  putFloats<Heaviside, 2>(k, OP_heaviside);
  putInts<HeavisideInt, 2>(k, OP_heaviside);
  putFloats<Prelu, 2>(k, OP_prelu);
  putFloats<Prelu, 2>(k, OP_leaky_relu);
  putFloats<Hardshrink, 2>(k, OP_hardshrink);
  putFloats<Softshrink, 2>(k, OP_softshrink);

  putFloats<Axpy, 3>(k, OP_axpy);
  putInts<AxpyInt, 3>(k, OP_axpy);
  putFloats<Clamp, 3>(k, OP_clamp);
  putInts<ClampInt, 3>(k, OP_clamp);
  putFloats<AddMul, 3>(k, OP_addcmul1);
  putInts<AddMulInt, 3>(k, OP_addcmul1);
  putFloats<AddDiv, 3>(k, OP_addcdiv1);
  putFloats<Lerp, 3>(k, OP_lerp);
}

}  // namespace tenzo::TENZO_LEVEL
