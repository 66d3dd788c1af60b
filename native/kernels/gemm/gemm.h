// C = epilogue(alpha * A * B + beta * C + bias), batched: the driver around the micro-kernel of gemm_kernels.h.
//
// An operand is an object that can pack panels of itself, so a convolution packs its columns straight from the image:
//
//   static constexpr bool STRIDED;  // whether `direct` exists
//   // For p in [0, depth) and x in [0, count): element (k0 + p, first + x) of the operand of that batch goes to
//   // panel[p * width + x], where x runs along the rows of C for A and along its columns for B; [count, width) of each
//   // line, at most Vec<T>::N - 1 elements, is zero. Nothing past the panel's last line is written.
//   void pack(T* panel, int64_t batch, int64_t k0, int64_t depth, int64_t first, int64_t count, int64_t width) const;
//   // STRIDED only: the operand as it lies in memory; element (p, x) at data[p * alongK + x * across].
//   Direct<T> direct(int64_t batch) const;
//
// It must be safe to call `pack` from several threads at once. `Strided<T>` is the operand for a matrix with any
// strides.
//
// Every element of C is summed in the same order whatever its place, the level, the path and the number of threads: k
// is cut into blocks whose sizes depend on k only; each block is one chain of multiply-adds from 0 (fused but at the
// baseline level), and the blocks are added to C in order. So AVX2, AVX-512 and NEON give the same bits.
//
// The driver uses the scratch slots GEMM_SCRATCH … GEMM_SCRATCH + 4; `pack` may use any other.
#pragma once
#include "gemm_kernels.h"
#include "simd/vec.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int GEMM_SCRATCH = 0;

template <class T>
struct Direct {
  const T* data;
  int64_t alongK, across;
};

template <class T>
struct Gemm {
  int64_t m, n, k, batch = 1;
  T* c;
  int64_t cRow, cBatch = 0;  // the column stride is 1
  const T* bias = nullptr;
  int64_t biasRow = 0, biasCol = 0, biasBatch = 0;
  T alpha = 1, beta = 0;  // beta 0: C is not read
  bool relu = false;
  bool aShared = false, bShared = false;  // the operand is the same for every batch: it is packed once
  // The problem of which this one is the transpose, if it is one: results go to that one's C, with its bias.
  const Gemm* origin = nullptr;
};

// False: memory is out. Uses the thread pool.
template <class T, class A, class B>
bool gemm(const Gemm<T>& g, const A& a, const B& b);

// ---- cutting k

// k in blocks: each is one chain of fused multiply-adds, and the blocks are added up in order. This is how MKL cuts k
// for float32 with AVX-512, so that products have the bits of PyTorch there (docs/decisions/matmul.md). A panel of B as
// high as a block fits the first-level cache, with room for the panel of A that streams past it.
struct Depths {
  int64_t k, size, count;
  explicit Depths(int64_t k) : k(k) {
    size = k > 384 ? 192 : k > 192 ? k / 2 : k > 0 ? k : 1;
    count = (k + size - 1) / size;
  }
  int64_t begin(int64_t i) const { return i * size; }
  int64_t depth(int64_t i) const { return k - begin(i) < size ? k - begin(i) : size; }
};

// ---- the operand for a matrix in memory

// A panel whose lines lie contiguously: rows of k. Lines are stored as whole vectors in rising order, so what the last
// vector of one spills the next line overwrites; the last line is stored to the element.
template <class T>
void packLines(T* panel, const T* from, int64_t stride, int64_t depth, int64_t count, int64_t width) {
  constexpr int N = Vec<T>::N;
  const int64_t whole = count / N * N;
  for (int64_t p = 0; p < depth; p++) {
    int64_t x = 0;
    for (; x < whole; x += N) Vec<T>::load(from + x).store(panel + x);
    if (x < count) {
      const Vec<T> last = Vec<T>::loadN(from + x, count - x);
      if (p + 1 < depth)
        last.store(panel + x);
      else
        last.storeN(panel + x, width - x < N ? width - x : N);
    }
    from += stride;
    panel += width;
  }
}

// A panel that runs across contiguous k: blocks are transposed in registers. Columns past `count` repeat the last one:
// they are computed with and never stored.
template <class T>
void packAcross(T* panel, const T* from, int64_t stride, int64_t depth, int64_t count, int64_t width) {
  constexpr int N = Vec<T>::N;
  int64_t p = 0;
  for (; p + N <= depth; p += N) {
    for (int64_t x = 0; x < count; x += N) {
      const T* rows[N];
      for (int i = 0; i < N; i++) rows[i] = from + (x + i < count ? x + i : count - 1) * stride;
      Vec<T> block[N];
      transposeLoad(rows, p, block);
      T* to = panel + p * width + x;
      if (x + N <= width) {
        for (int i = 0; i < N; i++, to += width) block[i].store(to);
      } else if (x == 0) {  // spills on the next line, which comes later
        for (int i = 0; i < N - 1; i++, to += width) block[i].store(to);
        block[N - 1].storeN(to, width);
      } else {  // would spill on a first block that is there already
        for (int i = 0; i < N; i++, to += width) block[i].storeN(to, width - x);
      }
    }
  }
  for (; p < depth; p++)
    for (int64_t x = 0; x < width; x++) panel[p * width + x] = x < count ? from[x * stride + p] : T(0);
}

template <class T>
struct Strided {
  static constexpr bool STRIDED = true;
  const T* data;
  int64_t alongK, across, perBatch;

  Direct<T> direct(int64_t batch) const { return {data + batch * perBatch, alongK, across}; }
  void pack(T* panel, int64_t batch, int64_t k0, int64_t depth, int64_t first, int64_t count, int64_t width) const {
    const T* from = data + batch * perBatch + k0 * alongK + first * across;
    if (across == 1) return packLines(panel, from, alongK, depth, count, width);
    if (alongK == 1) return packAcross(panel, from, across, depth, count, width);
    for (int64_t p = 0; p < depth; p++)
      for (int64_t x = 0; x < width; x++) panel[p * width + x] = x < count ? from[p * alongK + x * across] : T(0);
  }
};

// ---- writing a tile

template <class T>
struct Finish {
  const Gemm<T>& g;
  // Whether a block of k may go to C by the kernel itself.
  bool plain(bool first, bool last) const {
    return !g.origin && g.alpha == T(1) && !(first && (g.beta != T(0) || g.bias)) && !(last && g.relu);
  }
  // C = epilogue(alpha * sum + what came before it) for a tile whose sums are in `sum`.
  void operator()(const T* sum, int64_t sumRow, int64_t batch, int64_t i0, int64_t j0, int64_t rows, int64_t cols,
                  bool first, bool last) const {
    if (g.origin) return transposed(sum, sumRow, batch, i0, j0, rows, cols, first, last);
    using V = Vec<T>;
    constexpr int N = V::N;
    const V alpha = V::set1(g.alpha), beta = V::set1(g.beta);
    const bool biasAlong = g.bias && first && g.biasCol == 1, biasFixed = g.bias && first && g.biasCol == 0;
    for (int64_t i = 0; i < rows; i++) {
      T* const c = g.c + batch * g.cBatch + (i0 + i) * g.cRow + j0;
      const T* const s = sum + i * sumRow;
      const T* const bias = g.bias ? g.bias + batch * g.biasBatch + (i0 + i) * g.biasRow + j0 * g.biasCol : nullptr;
      const V fixed = biasFixed ? V::set1(*bias) : V::zero();
      for (int64_t j = 0; j < cols; j += N) {
        const int64_t left = cols - j;
        const bool whole = left >= N;
        V x = whole ? V::load(s + j) : V::loadN(s + j, left);
        V before = V::zero();
        bool any = true;
        if (!first) {
          before = whole ? V::load(c + j) : V::loadN(c + j, left);
        } else if (g.bias) {
          if (biasAlong) {
            before = whole ? V::load(bias + j) : V::loadN(bias + j, left);
          } else if (biasFixed) {
            before = fixed;
          } else {
            T line[N] = {};
            for (int64_t l = 0; l < N && l < left; l++) line[l] = bias[(j + l) * g.biasCol];
            before = V::load(line);
          }
          if (g.beta != T(0)) before = fma(beta, whole ? V::load(c + j) : V::loadN(c + j, left), before);
        } else if (g.beta != T(0)) {
          before = beta * (whole ? V::load(c + j) : V::loadN(c + j, left));
        } else {
          any = false;
        }
        x = any ? fma(alpha, x, before) : alpha * x;
        if (last && g.relu) x = max(V::zero(), x);  // in this order a NaN stays
        if (whole)
          x.store(c + j);
        else
          x.storeN(c + j, left);
      }
    }
  }

 private:
  void transposed(const T* sum, int64_t sumRow, int64_t batch, int64_t i0, int64_t j0, int64_t rows, int64_t cols,
                  bool first, bool last) const {
    constexpr int64_t SIDE = 32;
    T block[SIDE * SIDE];
    for (int64_t i = 0; i < rows; i += SIDE)
      for (int64_t j = 0; j < cols; j += SIDE) {
        const int64_t height = rows - i < SIDE ? rows - i : SIDE, width = cols - j < SIDE ? cols - j : SIDE;
        for (int64_t y = 0; y < height; y++)
          for (int64_t x = 0; x < width; x++) block[x * height + y] = sum[(i + y) * sumRow + j + x];
        Finish{*g.origin}(block, height, batch, j0 + j, i0 + i, width, height, first, last);
      }
  }
};

}  // namespace
}  // namespace tenzo::TENZO_LEVEL

#include "gemm_driver.h"
