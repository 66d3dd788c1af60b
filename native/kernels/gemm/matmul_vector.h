// Products with a vector or a few of them, where memory is the limit: the matrix is read once, in the order in which it
// lies, and not packed. Included by matmul.cpp.
//
//   dots    the matrix lies along k (x * W^T, W * x): dot products over 16 virtual lanes, in blocks of DOT_DEPTH
//   strips  the matrix lies across k (x * W): multiples of its rows are added up, in the same order as in gemm
//
// Which of them, or gemm, computes a product depends on its shape and layout only, so AVX2, AVX-512 and NEON give the
// same bits, and so does any number of threads.
#pragma once
#include "gemm.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t FEW = 8;
constexpr int64_t DOT_DEPTH = 4096;
constexpr int64_t VECTOR_CHUNK = 1 << 16;  // elements of the matrix: about 10 us from a third-level cache

// Sums of 16 lanes that fit the registers beside what is loaded.
constexpr int DOT_REGISTERS = REGISTERS / 2;

// out[f * outRow + s] = dot product of few[f] and many[s] over at most DOT_DEPTH elements, added to what is there if
// `add`.
template <class T, int F, int S>
void dotTile(const T* few, int64_t fewStride, const T* many, int64_t manyStride, int64_t k, T* out, int64_t outFew,
             int64_t outMany, bool add) {
  using V = Vec<T>;
  constexpr int N = V::N, L = VECTORS_OF_16<T>;
  V acc[F][S][L];
#pragma GCC unroll 8
  for (int f = 0; f < F; f++)
#pragma GCC unroll 8
    for (int s = 0; s < S; s++)
#pragma GCC unroll 8
      for (int l = 0; l < L; l++) acc[f][s][l] = V::zero();
  int64_t p = 0;
  for (; p + 16 <= k; p += 16) {
#pragma GCC unroll 8
    for (int l = 0; l < L; l++) {
      V m[S];
#pragma GCC unroll 8
      for (int s = 0; s < S; s++) m[s] = V::load(many + s * manyStride + p + l * N);
#pragma GCC unroll 8
      for (int f = 0; f < F; f++) {
        const V x = V::load(few + f * fewStride + p + l * N);
#pragma GCC unroll 8
        for (int s = 0; s < S; s++) acc[f][s][l] = fma(x, m[s], acc[f][s][l]);
      }
    }
  }
  if (p < k) {
#pragma GCC unroll 8
    for (int l = 0; l < L; l++) {
      const int64_t left = k - p - l * N, n = left < 0 ? 0 : left < N ? left : N;
      V m[S];
#pragma GCC unroll 8
      for (int s = 0; s < S; s++) m[s] = V::loadN(many + s * manyStride + p + l * N, n);
#pragma GCC unroll 8
      for (int f = 0; f < F; f++) {
        const V x = V::loadN(few + f * fewStride + p + l * N, n);
#pragma GCC unroll 8
        for (int s = 0; s < S; s++) acc[f][s][l] = fma(x, m[s], acc[f][s][l]);
      }
    }
  }
#pragma GCC unroll 8
  for (int f = 0; f < F; f++)
#pragma GCC unroll 8
    for (int s = 0; s < S; s++) {
      T& to = out[f * outFew + s * outMany];
      const T sum = reduceAdd16<T>(acc[f][s]);
      to = add ? to + sum : sum;
    }
}

template <class T>
class DotRun {
 public:
  // out(f, s) for the vectors few[f] and the rows many[s] of a matrix, all contiguous.
  int64_t fewCount, manyCount, k;
  const T* few;
  int64_t fewStride;
  const T* many;
  int64_t manyStride;

  void run(int64_t begin, int64_t end, int64_t p0, int64_t depth, T* out, int64_t outFew, int64_t outMany,
           bool add) const {
    // The widest tiles first: 8, 4, 2 and 1 vectors, as many rows beside them as there are registers.
    int64_t f = 0;
    for (; fits<8>() && f + 8 <= fewCount; f += 8) rows<8>(f, begin, end, p0, depth, out, outFew, outMany, add);
    for (; fits<4>() && f + 4 <= fewCount; f += 4) rows<4>(f, begin, end, p0, depth, out, outFew, outMany, add);
    for (; fits<2>() && f + 2 <= fewCount; f += 2) rows<2>(f, begin, end, p0, depth, out, outFew, outMany, add);
    for (; f < fewCount; f++) rows<1>(f, begin, end, p0, depth, out, outFew, outMany, add);
  }

 private:
  static constexpr int L = VECTORS_OF_16<T>;
  template <int F>
  static constexpr bool fits() {
    return F * L <= DOT_REGISTERS;
  }
  template <int F>
  void rows(int64_t f, int64_t begin, int64_t end, int64_t p0, int64_t depth, T* out, int64_t outFew, int64_t outMany,
            bool add) const {
    if constexpr (fits<F>()) {
      constexpr int MOST = DOT_REGISTERS / (F * L), S = MOST > 8 ? 8 : MOST;
      const T* const x = few + f * fewStride + p0;
      T* const to = out + f * outFew;
      int64_t s = begin;
      for (; s + S <= end; s += S)
        dotTile<T, F, S>(x, fewStride, many + s * manyStride + p0, manyStride, depth, to + (s - begin) * outMany,
                         outFew, outMany, add);
      for (; s < end; s++)
        dotTile<T, F, 1>(x, fewStride, many + s * manyStride + p0, manyStride, depth, to + (s - begin) * outMany,
                         outFew, outMany, add);
    }
  }
};

// `fewAreRows`: the vectors are rows of A and the matrix is B; else they are columns of B and the matrix is A.
template <class T>
bool dots(const Gemm<T>& g, const Strided<T>& few, const Strided<T>& many, bool fewAreRows) {
  const Finish<T> finish{g};
  const int64_t F = fewAreRows ? g.m : g.n, M = fewAreRows ? g.n : g.m, k = g.k;
  const int64_t blocks = (k + DOT_DEPTH - 1) / DOT_DEPTH;

  const T* vectors = few.data;
  int64_t vectorStride = few.across, vectorBatch = few.perBatch;
  if (few.alongK != 1) {
    const int64_t batches = few.perBatch ? g.batch : 1;
    T* const copy = static_cast<T*>(scratch(GEMM_SCRATCH, static_cast<size_t>(batches * F * k) * sizeof(T)));
    if (!copy) return false;
    for (int64_t z = 0; z < batches; z++)
      for (int64_t f = 0; f < F; f++)
        for (int64_t p = 0; p < k; p++)
          copy[(z * F + f) * k + p] = few.data[z * few.perBatch + f * few.across + p * few.alongK];
    vectors = copy;
    vectorStride = k;
    vectorBatch = few.perBatch ? F * k : 0;
  }
  const auto part = [&](int64_t z) {
    return DotRun<T>{F, M, k, vectors + z * vectorBatch, vectorStride, many.data + z * many.perBatch, many.across};
  };
  const auto write = [&](const T* sums, int64_t sumRow, int64_t z, int64_t begin, int64_t end) {
    if (fewAreRows)
      finish(sums, sumRow, z, 0, begin, F, end - begin, true, true);
    else
      finish(sums, sumRow, z, begin, 0, end - begin, F, true, true);
  };

  // Long dot products of few rows: the blocks of k are the chunks.
  if (blocks > 1 && M <= 32 && g.batch == 1) {
    T* const sums = static_cast<T*>(scratch(GEMM_SCRATCH + 1, static_cast<size_t>((blocks + 1) * F * M) * sizeof(T)));
    if (!sums) return false;
    const int64_t outFew = fewAreRows ? M : 1, outMany = fewAreRows ? 1 : F;
    parallelFor(blocks, [&](int64_t b) {
      const int64_t p0 = b * DOT_DEPTH, depth = k - p0 < DOT_DEPTH ? k - p0 : DOT_DEPTH;
      part(0).run(0, M, p0, depth, sums + (b + 1) * F * M, outFew, outMany, false);
    });
    for (int64_t i = 0; i < F * M; i++) {
      T sum = sums[F * M + i];
      for (int64_t b = 2; b <= blocks; b++) sum += sums[b * F * M + i];
      sums[i] = sum;
    }
    write(sums, outFew == 1 ? F : M, 0, 0, M);
    return true;
  }

  constexpr int64_t LINES = 64;  // of one tile of results; a multiple of every tile height above
  int64_t lines = VECTOR_CHUNK * 2 / ((F + 1) * k) / LINES * LINES;
  if (lines < LINES) lines = M * F * k < 2 * VECTOR_CHUNK ? M : VECTOR_CHUNK * 2 / ((F + 1) * k) / 8 * 8;
  if (lines < 8) lines = 8;
  const int64_t pieces = (M + lines - 1) / lines;
  // Small products of many batches share a chunk.
  int64_t batches = VECTOR_CHUNK / (M * k * F);
  batches = batches < 1 || pieces > 1 ? 1 : batches > g.batch ? g.batch : batches;
  const int64_t groups = (g.batch + batches - 1) / batches;
  parallelFor(groups * pieces, [&](int64_t chunk) {
    const int64_t begin = chunk % pieces * lines, end = begin + lines < M ? begin + lines : M;
    const int64_t z0 = chunk / pieces * batches;
    T sums[FEW * LINES];
    for (int64_t z = z0; z < z0 + batches && z < g.batch; z++) {
      const DotRun<T> run = part(z);
      for (int64_t s = begin; s < end; s += LINES) {
        const int64_t to = s + LINES < end ? s + LINES : end;
        const int64_t outFew = fewAreRows ? LINES : 1, outMany = fewAreRows ? 1 : F;
        for (int64_t b = 0; b < blocks; b++) {
          const int64_t p0 = b * DOT_DEPTH, depth = k - p0 < DOT_DEPTH ? k - p0 : DOT_DEPTH;
          run.run(s, to, p0, depth, sums, outFew, outMany, b > 0);
        }
        write(sums, fewAreRows ? LINES : F, z, s, to);
      }
    }
  });
  return true;
}

// acc[0, n) = the chain of multiply-adds over `depth` rows of a matrix, `x` being their factors.
template <class T>
void addRows(const T* x, int64_t xStride, const T* rows, int64_t rowStride, int64_t depth, T* acc, int64_t n) {
  using V = Vec<T>;
  constexpr int N = V::N, GROUP = 8, WIDE = 4;
  for (int64_t p = 0; p < depth; p += GROUP) {
    const int count = depth - p < GROUP ? static_cast<int>(depth - p) : GROUP;
    V f[GROUP];
    for (int i = 0; i < GROUP; i++) f[i] = V::set1(i < count ? x[(p + i) * xStride] : T(0));
    const T* const from = rows + p * rowStride;
    int64_t j = 0;
    if (count == GROUP)
      for (; j + WIDE * N <= n; j += WIDE * N) {
        V a[WIDE];
#pragma GCC unroll 4
        for (int v = 0; v < WIDE; v++) a[v] = p ? V::load(acc + j + v * N) : V::zero();
#pragma GCC unroll 8
        for (int i = 0; i < GROUP; i++)
#pragma GCC unroll 4
          for (int v = 0; v < WIDE; v++) a[v] = fma(f[i], V::load(from + i * rowStride + j + v * N), a[v]);
#pragma GCC unroll 4
        for (int v = 0; v < WIDE; v++) a[v].store(acc + j + v * N);
      }
    for (; j < n; j += N) {
      const int64_t left = n - j < N ? n - j : N;
      V a = p ? V::loadN(acc + j, left) : V::zero();
      for (int i = 0; i < count; i++) a = fma(f[i], V::loadN(from + i * rowStride + j, left), a);
      a.storeN(acc + j, left);
    }
  }
}

// m = 1, rows of B contiguous. Chunks are blocks of k of a strip of columns: with a strip as wide as can be, memory is
// read in order. The blocks are added up afterwards.
template <class T>
bool strips(const Gemm<T>& g, const Strided<T>& a, const Strided<T>& b) {
  const Finish<T> finish{g};
  const Depths depths(g.k);
  constexpr int64_t STRIP = 1024;
  if (g.n * g.k * g.batch <= VECTOR_CHUNK && g.n <= STRIP) {
    T acc[STRIP];
    for (int64_t z = 0; z < g.batch; z++)
      for (int64_t d = 0; d < depths.count; d++) {
        const int64_t p0 = depths.begin(d);
        addRows(a.data + z * a.perBatch + p0 * a.alongK, a.alongK, b.data + z * b.perBatch + p0 * b.alongK, b.alongK,
                depths.depth(d), acc, g.n);
        finish(acc, 0, z, 0, 0, 1, g.n, d == 0, d + 1 == depths.count);
      }
    return true;
  }
  T* const sums = static_cast<T*>(
      scratch(GEMM_SCRATCH, static_cast<size_t>(depths.count * g.n) * static_cast<size_t>(g.batch) * sizeof(T)));
  if (!sums) return false;
  const int64_t pieces = (g.n + STRIP - 1) / STRIP;
  parallelFor(g.batch * depths.count * pieces, [&](int64_t chunk) {
    const int64_t j = chunk % pieces * STRIP, d = chunk / pieces % depths.count, z = chunk / pieces / depths.count;
    const int64_t p0 = depths.begin(d);
    addRows(a.data + z * a.perBatch + p0 * a.alongK, a.alongK, b.data + z * b.perBatch + p0 * b.alongK + j, b.alongK,
            depths.depth(d), sums + (z * depths.count + d) * g.n + j, g.n - j < STRIP ? g.n - j : STRIP);
  });
  for (int64_t z = 0; z < g.batch; z++)
    for (int64_t d = 0; d < depths.count; d++)
      finish(sums + (z * depths.count + d) * g.n, 0, z, 0, 0, 1, g.n, d == 0, d + 1 == depths.count);
  return true;
}

// Computes the product if it is one of these, and says so. False: memory is out.
template <class T>
bool vectorProduct(const Gemm<T>& g, const Strided<T>& a, const Strided<T>& b, bool& done) {
  done = true;
  if (g.m > 0 && g.n > 0 && g.k > 0 && g.batch > 0) {
    if (g.n == 1 && g.m > 1 && g.cRow == 1) {
      // A column is a row of the transposed problem.
      Gemm<T> t = g;
      t.m = 1;
      t.n = g.m;
      t.cRow = g.m;
      t.biasRow = g.biasCol;
      t.biasCol = g.biasRow;
      t.aShared = g.bShared;
      t.bShared = g.aShared;
      return vectorProduct(t, b, a, done);
    }
    const int64_t least = g.m == 1 || g.n == 1 ? 8 : 64;
    if (g.m <= FEW && b.alongK == 1 && g.k >= least && g.n > 1) return dots(g, a, b, true);
    if (g.n <= FEW && a.alongK == 1 && g.k >= least) return dots(g, b, a, false);
    if (g.m == 1 && b.across == 1) return strips(g, a, b);
  }
  done = false;
  return true;
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
