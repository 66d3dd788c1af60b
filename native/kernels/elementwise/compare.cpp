// Comparisons, predicates and where.
#include "loops.h"

namespace tenzo::TENZO_LEVEL {
namespace {

#define TENZO_TEST2(Name, expression)          \
  struct Name {                                \
    template <class T>                         \
    static uint8_t of(T a, T b) {              \
      return static_cast<uint8_t>(expression); \
    }                                          \
  };
TENZO_TEST2(Eq, a == b)
TENZO_TEST2(EqNan, (a == b) | ((a != a) & (b != b)))
TENZO_TEST2(Ne, a != b)
TENZO_TEST2(Lt, a < b)
TENZO_TEST2(Le, a <= b)
TENZO_TEST2(Gt, a > b)
TENZO_TEST2(Ge, a >= b)
TENZO_TEST2(LogicalAnd, (a != T(0)) & (b != T(0)))
TENZO_TEST2(LogicalOr, (a != T(0)) | (b != T(0)))
TENZO_TEST2(LogicalXor, (a != T(0)) != (b != T(0)))
#undef TENZO_TEST2

inline float infinity(float) { return __builtin_inff(); }
inline double infinity(double) { return __builtin_inf(); }
inline float magnitude(float x) { return __builtin_fabsf(x); }
inline double magnitude(double x) { return __builtin_fabs(x); }

struct IsNan {
  template <class T>
  static uint8_t of(T a) {
    return a != a;
  }
};
struct IsInf {
  template <class T>
  static uint8_t of(T a) {
    if constexpr (IS_FLOAT<T>) return magnitude(a) == infinity(a);
    return 0;
  }
};
struct IsFinite {
  template <class T>
  static uint8_t of(T a) {
    if constexpr (IS_FLOAT<T>) return magnitude(a) < infinity(a);
    return 1;
  }
};
struct SignBit {
  template <class T>
  static uint8_t of(T a) {
    return a < T(0);
  }
  static uint8_t of(float a) {
    uint32_t u;
    std::memcpy(&u, &a, 4);
    return static_cast<uint8_t>(u >> 31);
  }
  static uint8_t of(double a) {
    uint64_t u;
    std::memcpy(&u, &a, 8);
    return static_cast<uint8_t>(u >> 63);
  }
};
struct LogicalNot {
  template <class T>
  static uint8_t of(T a) {
    return a == T(0);
  }
};

struct Where {
  template <class U>
  TENZO_NOINLINE static void run(U* o, const uint8_t* condition, const U* a, const U* b, int64_t n) {
    TENZO_INDEPENDENT for (int64_t i = 0; i < n; i++) o[i] = condition[i] ? a[i] : b[i];
  }
};
template <class U>
void whereLoop(char* const* ptr, const int64_t* stride, int64_t n) {
  map3<Where, U, uint8_t, U, U>(ptr, stride, n);
}

}  // namespace

void fill_compare(Kernels& k) {
  TENZO_MAP(eq, Eq)
  TENZO_MAP(eq_nan, EqNan)
  TENZO_MAP(ne, Ne)
  TENZO_MAP(lt, Lt)
  TENZO_MAP(le, Le)
  TENZO_MAP(gt, Gt)
  TENZO_MAP(ge, Ge)
  TENZO_MAP(logical_and, LogicalAnd)
  TENZO_MAP(logical_or, LogicalOr)
  TENZO_MAP(logical_xor, LogicalXor)
  TENZO_MAP(isnan, IsNan)
  TENZO_MAP(isinf, IsInf)
  TENZO_MAP(isfinite, IsFinite)
  TENZO_MAP(signbit, SignBit)
  TENZO_MAP(logical_not, LogicalNot)
  TENZO_KERNEL(where, whereLoop<BitsOf<T>>)
}

}  // namespace tenzo::TENZO_LEVEL
