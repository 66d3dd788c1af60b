// matmul: C = epilogue(alpha * A * B + beta * C + bias), batched, with any strides of A and B.
//
// Payload (strides in elements; a stride of 0 broadcasts):
//   0 m   1 n   2 k   3 batch
//   4 A   5 aRow  6 aCol  7 aBatch        A is m x k
//   8 B   9 bRow  10 bCol  11 bBatch      B is k x n
//   12 C  13 cRow  14 cBatch              C is m x n, its columns lie side by side; it overlaps no operand
//   15 bias (0: none)  16 biasRow  17 biasCol  18 biasBatch
//   19 alpha  20 beta (0: C is not read)  21 epilogue (0 none, 1 relu)
#include "gemm.h"

#include "../runtime/dispatch.h"
#include "matmul_integer.h"
#include "matmul_vector.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int SLOTS = 22;

struct Shape {
  int64_t m, n, k, batch;
};

// Sizes and strides beyond any address space are a bug above the border, and must not overflow here.
bool valid(const Command& c, Shape& s) {
  if (c.slots < SLOTS) return false;
  constexpr int STRIDES[] = {5, 6, 7, 9, 10, 11, 13, 14, 16, 17, 18};
  for (const int i : STRIDES)
    if (!(c.f64(i) >= -9007199254740992.0 && c.f64(i) <= 9007199254740992.0)) return false;
  for (int i = 0; i < 4; i++)
    if (!(c.f64(i) >= 0 && c.f64(i) <= 9007199254740992.0)) return false;
  s = {c.i64(0), c.i64(1), c.i64(2), c.i64(3)};
  const double items = c.f64(0) * c.f64(1) * c.f64(3);
  if (items == 0) return true;
  if (items > 1e15 || !c.ptr(12)) return false;
  if (s.k && (!c.ptr(4) || !c.ptr(8))) return false;
  return c.i64(21) == 0 || c.i64(21) == 1;
}

// A large A that lies across k, times few columns: as the transposed product, B's columns being the few rows, it is
// read in order and not packed.
template <class T>
bool product(const Gemm<T>& g, const Strided<T>& a, const Strided<T>& b) {
  constexpr int64_t LARGE = 256 << 10;
  if (g.batch == 1 && a.across == 1 && a.alongK != 1 && g.n <= 2 * GEMM_ROWS && g.m >= 4 * g.n &&
      g.m * g.k * int64_t(sizeof(T)) > LARGE) {
    Gemm<T> t = g;
    t.m = g.n;
    t.n = g.m;
    t.origin = &g;
    return gemm(t, b, a);
  }
  return gemm(g, a, b);
}

template <class T>
Status matmulFloat(const Command& c) {
  Shape s;
  if (!valid(c, s)) return c.fail(BAD_COMMAND, c.op);
  Gemm<T> g;
  g.m = s.m;
  g.n = s.n;
  g.k = s.k;
  g.batch = s.batch;
  g.c = c.ptr<T>(12);
  g.cRow = c.i64(13);
  g.cBatch = c.i64(14);
  g.bias = c.ptr<const T>(15);
  g.biasRow = c.i64(16);
  g.biasCol = c.i64(17);
  g.biasBatch = c.i64(18);
  g.alpha = static_cast<T>(c.f64(19));
  g.beta = static_cast<T>(c.f64(20));
  g.relu = c.i64(21) == 1;
  Strided<T> a{c.ptr<const T>(4), c.i64(6), c.i64(5), c.i64(7)};
  Strided<T> b{c.ptr<const T>(8), c.i64(9), c.i64(10), c.i64(11)};
  // The stride of a dimension of one element says nothing, but could keep a kernel from seeing that memory is
  // contiguous.
  if (s.m == 1) a.across = 1;
  if (s.n == 1) b.across = 1;
  if (s.k == 1) a.alongK = b.alongK = 1;
  g.aShared = s.batch == 1 || a.perBatch == 0;
  g.bShared = s.batch == 1 || b.perBatch == 0;
  // Batches that differ in A only, and whose rows of A and C go on from one batch to the next, are one taller matrix.
  if (s.batch > 1 && b.perBatch == 0 && a.perBatch == s.m * a.across && g.cBatch == s.m * g.cRow &&
      (!g.bias || g.biasBatch == s.m * g.biasRow)) {
    g.m *= s.batch;
    g.batch = 1;
    g.aShared = g.bShared = true;
  }
  bool done = false;
  const bool ok = vectorProduct(g, a, b, done) && (done || product(g, a, b));
  return ok ? OK : c.fail(OUT_OF_MEMORY);
}

template <class T>
Status matmulInteger(const Command& c) {
  Shape s;
  if (!valid(c, s)) return c.fail(BAD_COMMAND, c.op);
  return integerProduct<T>(c) ? OK : c.fail(OUT_OF_MEMORY);
}

}  // namespace

void fill_matmul(Kernels& k) {
  k.set(OP_matmul, F32, matmulFloat<float>);
  k.set(OP_matmul, F64, matmulFloat<double>);
  k.set(OP_matmul, I64, matmulInteger<int64_t>);
  k.set(OP_matmul, I32, matmulInteger<int32_t>);
  k.set(OP_matmul, I16, matmulInteger<int16_t>);
  k.set(OP_matmul, I8, matmulInteger<int8_t>);
  k.set(OP_matmul, U8, matmulInteger<uint8_t>);
}

}  // namespace tenzo::TENZO_LEVEL
