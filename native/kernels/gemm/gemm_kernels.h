// The register micro-kernel of matrix multiplication: a tile of C, a few rows high and a few vectors wide, is held in
// registers while k runs. Everything else (packing, blocking, threads, epilogues) is gemm.h's.
#pragma once
#include <cstdint>

namespace tenzo::TENZO_LEVEL {

// The largest tile of a level, in rows and in vectors: it fills the registers but for a row of B and an element of A.
#if TENZO_LEVEL_IS_avx512
constexpr int GEMM_ROWS = 14, GEMM_VECTORS = 2;
#elif TENZO_LEVEL_IS_avx2
constexpr int GEMM_ROWS = 6, GEMM_VECTORS = 2;
#elif TENZO_LEVEL_IS_neon
constexpr int GEMM_ROWS = 7, GEMM_VECTORS = 3;  // the compiler keeps each element of A in a register of its own
#else
constexpr int GEMM_ROWS = 4, GEMM_VECTORS = 2;
#endif

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

// The kernel for a tile of `rows` (1 … GEMM_ROWS) by `vectors` (1 … GEMM_VECTORS). unitRow: aRow is 1 (packed or
// transposed A).
template <class T>
TileKernel<T> tileKernel(int rows, int vectors, bool unitRow);

}  // namespace tenzo::TENZO_LEVEL
