// matmul: C = epilogue(alpha * A * B + beta * C + bias), batched, with any strides of A, B and the bias (a stride of 0
// broadcasts). The columns of C lie side by side, and it overlaps no operand.
#include "gemm.h"

#include "kernels/fill.h"
#include "matmul_integer.h"
#include "matmul_vector.h"

namespace tenzo::TENZO_LEVEL {
namespace {

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
Status matmulFloat(const Command& c, const MatmulArgs& s) {
  Gemm<T> g;
  g.m = s.m;
  g.n = s.n;
  g.k = s.k;
  g.batch = s.batch;
  g.c = s.c;
  g.cRow = s.cRow;
  g.cBatch = s.cBatch;
  g.bias = s.bias;
  g.biasRow = s.biasRow;
  g.biasCol = s.biasColumn;
  g.biasBatch = s.biasBatch;
  g.alpha = static_cast<T>(s.alpha);
  g.beta = static_cast<T>(s.beta);
  g.relu = s.relu;
  Strided<T> a{s.a, s.aColumn, s.aRow, s.aBatch};
  Strided<T> b{s.b, s.bRow, s.bColumn, s.bBatch};
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
Status matmulInteger(const Command& c, const MatmulArgs& s) {
  const auto integer = [](double x) { return x >= -0x1p63 && x < 0x1p63; };
  if (!integer(s.alpha) || !integer(s.beta)) return c.fail(BAD_COMMAND, c.op);
  return integerProduct<T>(s) ? OK : c.fail(OUT_OF_MEMORY);
}

template <class T>
Status matmul(const Command& c, const MatmulArgs& s) {
  if constexpr (IS_FLOAT<T>)
    return matmulFloat<T>(c, s);
  else
    return matmulInteger<T>(c, s);
}

}  // namespace

void fill_matmul(Kernels& k) { TENZO_KERNEL(matmul, matmul<T>) }

}  // namespace tenzo::TENZO_LEVEL
