// Products of integers: exact modulo the width of the type, as PyTorch's. Included by matmul.cpp.
#pragma once
#include "command/arguments.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// Sums are kept unsigned (overflow is defined) and at least 32 bits wide.
template <int BYTES>
struct WideOf {
  using Type = uint32_t;
};
template <>
struct WideOf<8> {
  using Type = uint64_t;
};

template <class T>
bool integerProduct(const MatmulArgs& args) {
  using U = typename WideOf<sizeof(T)>::Type;
  constexpr int64_t WIDTH = 256;
  const int64_t m = args.m, n = args.n, k = args.k, batch = args.batch;
  if (m == 0 || n == 0 || batch == 0) return true;
  const T* const a = args.a;
  const T* const b = args.b;
  T* const out = args.c;
  const T* const bias = args.bias;
  const int64_t aRow = args.aRow, aCol = args.aColumn, aBatch = args.aBatch;
  const int64_t bRow = args.bRow, bCol = args.bColumn, bBatch = args.bBatch;
  const int64_t cRow = args.cRow, cBatch = args.cBatch;
  const int64_t biasRow = args.biasRow, biasCol = args.biasColumn, biasBatch = args.biasBatch;
  const U alpha = static_cast<U>(static_cast<int64_t>(args.alpha)),
          beta = static_cast<U>(static_cast<int64_t>(args.beta));
  const bool relu = args.relu;
  const int64_t strips = (n + WIDTH - 1) / WIDTH;

  // A chunk is some rows of one strip of columns of one batch.
  const int64_t perRow = k * (n < WIDTH ? n : WIDTH) + 1;
  int64_t rows = (1 << 18) / perRow;
  rows = rows < 1 ? 1 : rows > m ? m : rows;
  const int64_t rowPieces = (m + rows - 1) / rows;
  parallelFor(batch * strips * rowPieces, [&](int64_t chunk) {
    const int64_t i0 = chunk % rowPieces * rows, strip = chunk / rowPieces % strips, z = chunk / rowPieces / strips;
    const int64_t j0 = strip * WIDTH, width = n - j0 < WIDTH ? n - j0 : WIDTH;
    for (int64_t i = i0; i < i0 + rows && i < m; i++) {
      U sum[WIDTH] = {};
      const T* const x = a + z * aBatch + i * aRow;
      if (bCol == 1) {
        for (int64_t p = 0; p < k; p++) {
          const U f = static_cast<U>(x[p * aCol]);
          const T* const line = b + z * bBatch + p * bRow + j0;
          for (int64_t j = 0; j < width; j++) sum[j] += f * static_cast<U>(line[j]);
        }
      } else {
        for (int64_t j = 0; j < width; j++) {
          const T* const line = b + z * bBatch + (j0 + j) * bCol;
          U s = 0;
          for (int64_t p = 0; p < k; p++) s += static_cast<U>(x[p * aCol]) * static_cast<U>(line[p * bRow]);
          sum[j] = s;
        }
      }
      T* const to = out + z * cBatch + i * cRow + j0;
      for (int64_t j = 0; j < width; j++) {
        U v = alpha * sum[j];
        if (beta != 0) v += beta * static_cast<U>(to[j]);
        if (bias) v += static_cast<U>(bias[z * biasBatch + i * biasRow + (j0 + j) * biasCol]);
        T result = static_cast<T>(v);
        if (relu && result < 0) result = 0;
        to[j] = result;
      }
    }
  });
  return true;
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
