// Elementwise operations whose whole kernel is an expression over vectors, which stands in their row of native/ops.def.
#include "loops.h"
#include "simd/math_trig.h"

namespace tenzo::TENZO_LEVEL {
namespace {

#define TENZO_SCHEMA(...)
#define TENZO_PART(...)
#define TENZO_OPERANDS_UNARY Vec<T> a
#define TENZO_OPERANDS_BINARY Vec<T> a, Vec<T> b
#define TENZO_OPERANDS_TERNARY Vec<T> a, Vec<T> b, Vec<T> c
#define TENZO_EXPRESSION(name, schema, ...)     \
  struct Of_##name {                            \
    template <class T>                          \
    static Vec<T> of(TENZO_OPERANDS_##schema) { \
      using V [[maybe_unused]] = Vec<T>;        \
      return __VA_ARGS__;                       \
    }                                           \
  };
#define TENZO_OP(name, schema, dtypes, ...) __VA_OPT__(TENZO_EXPRESSION(name, schema, __VA_ARGS__))
#include "ops.def"
#undef TENZO_OP

}  // namespace

void fill_expressions(Kernels& k) {
#define TENZO_OP(name, schema, dtypes, ...) __VA_OPT__(TENZO_MAP(name, Of_##name))
#include "ops.def"
#undef TENZO_OP
}

}  // namespace tenzo::TENZO_LEVEL
