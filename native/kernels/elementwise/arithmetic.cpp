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

// ---- binary

TENZO_VECTOR2(Add, a + b)
TENZO_VALUE2(AddInt, wrapAdd(a, b))
TENZO_VECTOR2(Sub, a - b)
TENZO_VALUE2(SubInt, wrapSub(a, b))
TENZO_VECTOR2(Mul, a* b)
TENZO_VALUE2(MulInt, wrapMul(a, b))
TENZO_VECTOR2(Maximum, maximum(a, b))
TENZO_VALUE2(MaximumInt, a > b ? a : b)
TENZO_VECTOR2(Minimum, minimum(a, b))
TENZO_VALUE2(MinimumInt, a < b ? a : b)
TENZO_VECTOR2(Fmax, select(isnan(b), a, max(a, b)))
TENZO_VECTOR2(Fmin, select(isnan(b), a, min(a, b)))
TENZO_VALUE2(And, a& b)
TENZO_VALUE2(Or, a | b)
TENZO_VALUE2(Xor, a ^ b)
TENZO_VECTOR2(Heaviside, select(a == V::zero(), b, select(a > V::zero(), V::set1(1), V::zero())))
TENZO_VALUE2(HeavisideInt, a == T(0) ? b : T(a > T(0)))

template <class T>
constexpr int BITS = 8 * static_cast<int>(sizeof(T));
TENZO_VALUE2(Shl, b < T(0) || b >= T(BITS<T>) ? 0 : static_cast<Wide<T>>(a) << static_cast<int>(b))
struct Shr {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(a >> static_cast<int>(b < T(0) || b >= T(BITS<T>) ? T(BITS<T> - 1) : b));
  }
  static uint8_t of(uint8_t a, uint8_t b) { return static_cast<uint8_t>(b >= 8 ? 0 : a >> b); }
};

// ---- divisors

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
  TENZO_MAP(abs, Abs, AbsInt)
  TENZO_MAP(neg, Neg, NegInt)
  TENZO_MAP(sign, Sign, SignInt)
  TENZO_MAP(square, Square, SquareInt)
  TENZO_MAP(bitwise_not, void, NotInt, NotBool)
  TENZO_MAP(relu, Relu, ReluInt)

  TENZO_MAP(add, Add, AddInt, Or)
  TENZO_MAP(sub, Sub, SubInt)
  TENZO_MAP(mul, Mul, MulInt, And)
  TENZO_MAP(maximum, Maximum, MaximumInt)
  TENZO_MAP(minimum, Minimum, MinimumInt)
  TENZO_MAP(fmax, Fmax, MaximumInt)
  TENZO_MAP(fmin, Fmin, MinimumInt)
  TENZO_MAP(bitwise_and, And)
  TENZO_MAP(bitwise_or, Or)
  TENZO_MAP(bitwise_xor, Xor)
  TENZO_MAP(shl, Shl)
  TENZO_MAP(shr, Shr)
  TENZO_MAP(gcd, Gcd)
  TENZO_MAP(lcm, Lcm)
  TENZO_MAP(heaviside, Heaviside, HeavisideInt)

  TENZO_MAP(axpy, Axpy, AxpyInt)
  TENZO_MAP(clamp, Clamp, ClampInt)
  TENZO_MAP(addcmul1, AddMul, AddMulInt)
  TENZO_MAP(addcdiv1, AddDiv)
  TENZO_MAP(lerp, Lerp)
}

}  // namespace tenzo::TENZO_LEVEL
