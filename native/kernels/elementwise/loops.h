// From a function of values (or vectors) to the MapLoop that the table holds.
//
// A loop works in blocks. Whatever is not contiguous is gathered to (or scattered from) a small buffer on the stack, a
// broadcast value fills its buffer once; so each op has one inner loop, over contiguous memory, and the same bits for
// every layout. An op is a struct F with static functions `of`, on values and, for float and double, on Vec.
#pragma once
#include "kernels/fill.h"
#include "simd/vec.h"

#if defined(__clang__)
#define TENZO_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define TENZO_INDEPENDENT _Pragma("GCC ivdep")  // in place is element by element
#else
#define TENZO_INDEPENDENT
#endif

// An inner loop is called from two places (whole and by blocks); one copy of its code is enough.
#if defined(_MSC_VER) && !defined(__clang__)
#define TENZO_NOINLINE __declspec(noinline)
#else
#define TENZO_NOINLINE __attribute__((noinline))
#endif

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t BLOCK = 256;

template <class T>
struct Source {
  T buffer[BLOCK];
  const char* p;
  int64_t stride;
  Source(const char* p, int64_t stride, int64_t n) : p(p), stride(stride) {
    if (stride) return;
    const T value = *reinterpret_cast<const T*>(p);
    for (int64_t i = 0; i < (n < BLOCK ? n : BLOCK); i++) buffer[i] = value;
  }
  const T* block(int64_t i, int64_t m) {
    if (stride == static_cast<int64_t>(sizeof(T))) return reinterpret_cast<const T*>(p) + i;
    if (stride) {
      const char* q = p + i * stride;
      for (int64_t j = 0; j < m; j++, q += stride) buffer[j] = *reinterpret_cast<const T*>(q);
    }
    return buffer;
  }
};

template <class T>
struct Sink {
  T buffer[BLOCK];
  char* p;
  int64_t stride;
  Sink(char* p, int64_t stride) : p(p), stride(stride) {}
  T* block(int64_t i) { return stride == static_cast<int64_t>(sizeof(T)) ? reinterpret_cast<T*>(p) + i : buffer; }
  void flush(int64_t i, int64_t m) {
    if (stride == static_cast<int64_t>(sizeof(T))) return;
    char* q = p + i * stride;
    for (int64_t j = 0; j < m; j++, q += stride) *reinterpret_cast<T*>(q) = buffer[j];
  }
};

template <class T>
inline bool unit(int64_t stride) {
  return stride == static_cast<int64_t>(sizeof(T));
}

// K::run(out, a, …, n) over contiguous memory.
template <class K, class O, class A>
void map1(char* const* ptr, const int64_t* stride, int64_t n) {
  if (unit<O>(stride[0]) && unit<A>(stride[1]))
    return K::run(reinterpret_cast<O*>(ptr[0]), reinterpret_cast<const A*>(ptr[1]), n);
  Sink<O> out(ptr[0], stride[0]);
  Source<A> a(ptr[1], stride[1], n);
  for (int64_t i = 0; i < n; i += BLOCK) {
    const int64_t m = n - i < BLOCK ? n - i : BLOCK;
    K::run(out.block(i), a.block(i, m), m);
    out.flush(i, m);
  }
}

template <class K, class O, class A, class B>
void map2(char* const* ptr, const int64_t* stride, int64_t n) {
  if (unit<O>(stride[0]) && unit<A>(stride[1]) && unit<B>(stride[2]))
    return K::run(reinterpret_cast<O*>(ptr[0]), reinterpret_cast<const A*>(ptr[1]), reinterpret_cast<const B*>(ptr[2]),
                  n);
  Sink<O> out(ptr[0], stride[0]);
  Source<A> a(ptr[1], stride[1], n);
  Source<B> b(ptr[2], stride[2], n);
  for (int64_t i = 0; i < n; i += BLOCK) {
    const int64_t m = n - i < BLOCK ? n - i : BLOCK;
    K::run(out.block(i), a.block(i, m), b.block(i, m), m);
    out.flush(i, m);
  }
}

template <class K, class O, class A, class B, class C>
void map3(char* const* ptr, const int64_t* stride, int64_t n) {
  if (unit<O>(stride[0]) && unit<A>(stride[1]) && unit<B>(stride[2]) && unit<C>(stride[3]))
    return K::run(reinterpret_cast<O*>(ptr[0]), reinterpret_cast<const A*>(ptr[1]), reinterpret_cast<const B*>(ptr[2]),
                  reinterpret_cast<const C*>(ptr[3]), n);
  Sink<O> out(ptr[0], stride[0]);
  Source<A> a(ptr[1], stride[1], n);
  Source<B> b(ptr[2], stride[2], n);
  Source<C> c(ptr[3], stride[3], n);
  for (int64_t i = 0; i < n; i += BLOCK) {
    const int64_t m = n - i < BLOCK ? n - i : BLOCK;
    K::run(out.block(i), a.block(i, m), b.block(i, m), c.block(i, m), m);
    out.flush(i, m);
  }
}

// ---- inner loops: by vectors, or by values (which the compiler vectorises where it can)

template <class F, class T>
struct ByVector {
  using V = Vec<T>;
  TENZO_NOINLINE static void run(T* o, const T* a, int64_t n) {
    int64_t i = 0;
    for (; i + V::N <= n; i += V::N) F::of(V::load(a + i)).store(o + i);
    if (i < n) F::of(V::loadN(a + i, n - i)).storeN(o + i, n - i);
  }
  TENZO_NOINLINE static void run(T* o, const T* a, const T* b, int64_t n) {
    int64_t i = 0;
    for (; i + V::N <= n; i += V::N) F::of(V::load(a + i), V::load(b + i)).store(o + i);
    if (i < n) F::of(V::loadN(a + i, n - i), V::loadN(b + i, n - i)).storeN(o + i, n - i);
  }
  TENZO_NOINLINE static void run(T* o, const T* a, const T* b, const T* c, int64_t n) {
    int64_t i = 0;
    for (; i + V::N <= n; i += V::N) F::of(V::load(a + i), V::load(b + i), V::load(c + i)).store(o + i);
    if (i < n) F::of(V::loadN(a + i, n - i), V::loadN(b + i, n - i), V::loadN(c + i, n - i)).storeN(o + i, n - i);
  }
};

template <class F>
struct ByValue {
  template <class O, class A>
  TENZO_NOINLINE static void run(O* o, const A* a, int64_t n) {
    TENZO_INDEPENDENT for (int64_t i = 0; i < n; i++) o[i] = F::of(a[i]);
  }
  template <class O, class A>
  TENZO_NOINLINE static void run(O* o, const A* a, const A* b, int64_t n) {
    TENZO_INDEPENDENT for (int64_t i = 0; i < n; i++) o[i] = F::of(a[i], b[i]);
  }
  template <class O, class A>
  TENZO_NOINLINE static void run(O* o, const A* a, const A* b, const A* c, int64_t n) {
    TENZO_INDEPENDENT for (int64_t i = 0; i < n; i++) o[i] = F::of(a[i], b[i], c[i]);
  }
};

// A function of doubles, for both float types.
template <auto FUNCTION>
struct InDouble {
  template <class T, class... Rest>
    requires IS_FLOAT<T>
  static T of(T a, Rest... rest) {
    return static_cast<T>(FUNCTION(static_cast<double>(a), static_cast<double>(rest)...));
  }
};

// ---- filling the table

template <class F, int OPERANDS, class T>
constexpr MapLoop vectorLoop() {
  if constexpr (OPERANDS == 1)
    return map1<ByVector<F, T>, T, T>;
  else if constexpr (OPERANDS == 2)
    return map2<ByVector<F, T>, T, T, T>;
  else
    return map3<ByVector<F, T>, T, T, T, T>;
}
template <class F, int OPERANDS, class O, class T>
constexpr MapLoop valueLoop() {
  if constexpr (OPERANDS == 1)
    return map1<ByValue<F>, O, T>;
  else if constexpr (OPERANDS == 2)
    return map2<ByValue<F>, O, T, T>;
  else
    return map3<ByValue<F>, O, T, T, T>;
}

// Any byte but 0 is true: memory that is also seen as another dtype may hold others than 1.
template <class F>
struct OfTruth {
  static uint8_t of(uint8_t a) { return F::of(static_cast<uint8_t>(a != 0)); }
  static uint8_t of(uint8_t a, uint8_t b) { return F::of(static_cast<uint8_t>(a != 0), static_cast<uint8_t>(b != 0)); }
};

// Whether F is a function of vectors of T.
template <class F, int OPERANDS, class T>
constexpr bool onVectors() {
  if constexpr (OPERANDS == 1)
    return requires(Vec<T> v) { F::of(v); };
  else if constexpr (OPERANDS == 2)
    return requires(Vec<T> v) { F::of(v, v); };
  else
    return requires(Vec<T> v) { F::of(v, v, v); };
}

// The loop of an operation for elements T: Floats, Ints and Bools are its functions of those, by vectors where there is
// one of vectors. The result of a test is a bool whatever is tested, and one function serves all that have none of
// their own.
template <Schema SCHEMA, class T, class Floats, class Ints, class Bools>
constexpr MapLoop mapLoop() {
  constexpr bool TEST = SCHEMA == SCHEMA_COMPARE || SCHEMA == SCHEMA_PREDICATE;
  constexpr int OPERANDS = SCHEMA == SCHEMA_UNARY || SCHEMA == SCHEMA_PREDICATE ? 1 : SCHEMA == SCHEMA_TERNARY ? 3 : 2;
  if constexpr (SAME<T, bool>)
    return valueLoop<OfTruth<Bools>, OPERANDS, uint8_t, uint8_t>();
  else if constexpr (TEST)
    return valueLoop<Floats, OPERANDS, uint8_t, T>();
  else if constexpr (!IS_FLOAT<T>)
    return valueLoop<Ints, OPERANDS, T, T>();
  else if constexpr (onVectors<Floats, OPERANDS, T>())
    return vectorLoop<Floats, OPERANDS, T>();
  else
    return valueLoop<Floats, OPERANDS, T, T>();
}
//   TENZO_MAP(add, Add, AddInt, Or)   functions of floats, integers and bools, as far as the operation has them
template <Op OP, class Floats, class Ints = Floats, class Bools = Ints>
void fillMap(Kernels& k) {
  fill<OP>(k, []<class T>() { return mapLoop<OPS[OP].schema, T, Floats, Ints, Bools>(); });
}
#define TENZO_MAP(op, ...) fillMap<OP_##op, __VA_ARGS__>(k);

// ---- integers that wrap

template <class T>
using Wide = Choose<sizeof(T) == 8, uint64_t, uint32_t>;

template <class T>
inline T wrapAdd(T a, T b) {
  using U = Wide<T>;
  return static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
}
template <class T>
inline T wrapSub(T a, T b) {
  using U = Wide<T>;
  return static_cast<T>(static_cast<U>(a) - static_cast<U>(b));
}
template <class T>
inline T wrapMul(T a, T b) {
  using U = Wide<T>;
  return static_cast<T>(static_cast<U>(a) * static_cast<U>(b));
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
