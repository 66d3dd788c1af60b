// How a family fills the table: a line for each operation, with its kernel for an element type T. It is entered for
// every dtype that native/ops.def declares, so one that a kernel does not take does not compile.
//   TENZO_KERNEL(conv, conv<T>)
// Each family's source is compiled once a CPU level, with TENZO_LEVEL set to the namespace of that level, and defines
//   void tenzo::TENZO_LEVEL::fill_<name>(Kernels&)
#pragma once
#include "dispatch/kernels.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// ---- element types

struct Half {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};

template <DType>
struct ElementOf;
#define TENZO_DTYPE(dtype, name, element, bytes)                           \
  template <>                                                              \
  struct ElementOf<dtype> {                                                \
    using Type = element;                                                  \
    static_assert(sizeof(element) == bytes, "native/dtypes.def: " #dtype); \
  };
#include "dtypes.def"
#undef TENZO_DTYPE

template <class A, class B>
constexpr bool SAME = false;
template <class A>
constexpr bool SAME<A, A> = true;
template <class T>
constexpr bool IS_FLOAT = SAME<T, float> || SAME<T, double>;
template <class T>
constexpr bool IS_HALF = SAME<T, Half> || SAME<T, BFloat16>;

// Either, by a condition.
template <bool CONDITION, class A, class B>
struct Choice {
  using Type = A;
};
template <class A, class B>
struct Choice<false, A, B> {
  using Type = B;
};
template <bool CONDITION, class A, class B>
using Choose = typename Choice<CONDITION, A, B>::Type;

// An unsigned integer of the element's size: for what moves elements, or looks at their bits.
template <class T>
using BitsOf =
    Choose<sizeof(T) == 8, uint64_t, Choose<sizeof(T) == 4, uint32_t, Choose<sizeof(T) == 2, uint16_t, uint8_t>>>;
// Bools as the bytes they are, any but 0 being true: memory may be seen as another dtype, too.
template <class T>
using ByteForBool = Choose<SAME<T, bool>, uint8_t, T>;

// ---- filling

template <Op OP>
using Kernel = typename KernelOf<OPS[OP].schema>::Type;

template <Op OP, int DTYPE = 0, class F>
void fill(Kernels& k, const F& kernelOf) {
  if constexpr (DTYPE < DTYPE_COUNT) {
    if constexpr (OPS[OP].dtypes >> DTYPE & 1) {
      const Kernel<OP> kernel = kernelOf.template operator()<typename ElementOf<static_cast<DType>(DTYPE)>::Type>();
      k.table[OP][DTYPE] = reinterpret_cast<AnyFn>(kernel);
    }
    fill<OP, DTYPE + 1>(k, kernelOf);
  }
}
#define TENZO_KERNEL(op, ...) \
  fill<OP_##op>(              \
      k, []<class T>() -> Kernel<OP_##op> { return __VA_ARGS__; });

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
