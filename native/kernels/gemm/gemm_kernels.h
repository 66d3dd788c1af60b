// The register micro-kernel of matrix multiplication: a tile of C, a few rows high and a few vectors wide, is held in
// registers while k runs. Everything else (packing, blocking, threads, epilogues) is gemm.h's.
#pragma once
#include "simd/vec.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// Every element of the tile is one chain of fused multiply-adds in the order of k.
enum class TileStore {
  SET,    // C = chain from 0
  ADD,    // C = C + chain from 0
  CHAIN,  // C = chain from C
};

template <class T>
struct Tile {
  const T* a;  // element (i, k) at a[i * aRow + k * aCol]
  const T* b;  // row k at b[k * bRow], whole vectors of it readable
  T* c;
  int64_t k, aRow, aCol, bRow, cRow;
  int lanes;  // of the last vector, that are columns of C
  TileStore store;
};

template <class T>
using TileKernel = void (*)(const Tile<T>&);

// A count of lanes that the compiler knows.
template <int N>
struct Whole {
  constexpr operator int64_t() const { return N; }
};

template <class T, int ROWS, int VECTORS, bool UNIT_ROW>
void kernel(const Tile<T>& t) {
  using V = Vec<T>;
  constexpr int N = V::N;
  const int64_t k = t.k, aRow = t.aRow, aCol = t.aCol, bRow = t.bRow, cRow = t.cRow;
  T* const c = t.c;
  V acc[ROWS][VECTORS];
  if (t.store == TileStore::CHAIN) {
#pragma GCC unroll 16
    for (int i = 0; i < ROWS; i++) {
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS - 1; v++) acc[i][v] = V::load(c + i * cRow + v * N);
      acc[i][VECTORS - 1] = V::loadN(c + i * cRow + (VECTORS - 1) * N, t.lanes);
    }
  } else {
    // C is first read when the tile is done: have it on its way by then.
    if (t.store == TileStore::ADD && k > 32) {
#pragma GCC unroll 16
      for (int i = 0; i < ROWS; i++) {
        __builtin_prefetch(c + i * cRow, 1);
        __builtin_prefetch(c + i * cRow + VECTORS * N - 1, 1);
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS; v++) acc[i][v] = V::zero();
  }

  // One pointer a three rows: with the scaled index of an address it reaches the other two, and the pointers stay in
  // registers.
  constexpr int GROUPS = UNIT_ROW ? 1 : (ROWS + 2) / 3;
  const T* a[GROUPS];
#pragma GCC unroll 8
  for (int g = 0; g < GROUPS; g++) a[g] = t.a + 3 * g * aRow;
  const T* b = t.b;
  for (int64_t p = 0; p < k; p++) {
    V row[VECTORS];
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) row[v] = V::load(b + v * N);
#pragma GCC unroll 16
    for (int i = 0; i < ROWS; i++) {
      const V x = V::set1(UNIT_ROW ? a[0][i] : a[i / 3][(i % 3) * aRow]);
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS; v++) acc[i][v] = fma(x, row[v], acc[i][v]);
    }
#pragma GCC unroll 8
    for (int g = 0; g < GROUPS; g++) a[g] += aCol;
    b += bRow;
  }

  // With masks a partial last vector costs nothing; elsewhere whole vectors have a way of their own.
  const auto finish = [&](auto lastLanes) __attribute__((always_inline)) {
    const bool add = t.store == TileStore::ADD;
#pragma GCC unroll 16
    for (int i = 0; i < ROWS; i++) {
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS - 1; v++) {
        T* const at = c + i * cRow + v * N;
        (add ? V::load(at) + acc[i][v] : acc[i][v]).store(at);
      }
      T* const at = c + i * cRow + (VECTORS - 1) * N;
      const V last = acc[i][VECTORS - 1];
      (add ? V::loadN(at, lastLanes) + last : last).storeN(at, lastLanes);
    }
  };
  if (!MASKED_TAILS && t.lanes == N)
    finish(Whole<N>{});
  else
    finish(t.lanes);
}

template <class T>
struct KernelTable {
  TileKernel<T> at[GEMM_ROWS][GEMM_VECTORS][2];
  constexpr KernelTable() : at{} { rows<GEMM_ROWS>(); }
  template <int R>
  constexpr void rows() {
    if constexpr (R > 0) {
      vectors<R, GEMM_VECTORS>();
      rows<R - 1>();
    }
  }
  template <int R, int V>
  constexpr void vectors() {
    if constexpr (V > 0) {
      at[R - 1][V - 1][0] = kernel<T, R, V, false>;
      at[R - 1][V - 1][1] = kernel<T, R, V, true>;
      vectors<R, V - 1>();
    }
  }
};
template <class T>
constexpr KernelTable<T> KERNELS;

// The kernel for a tile of `rows` (1 … GEMM_ROWS) by `vectors` (1 … GEMM_VECTORS). unitRow: aRow is 1 (packed or
// transposed A).
template <class T>
inline TileKernel<T> tileKernel(int rows, int vectors, bool unitRow) {
  return KERNELS<T>.at[rows - 1][vectors - 1][unitRow];
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
