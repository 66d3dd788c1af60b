// Products of integers: exact modulo the width of the type, as PyTorch's. Included by matmul.cpp.
#pragma once
#include "../runtime/command.h"
#include "../runtime/threads.h"

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
bool integerProduct(const Command& c) {
  using U = typename WideOf<sizeof(T)>::Type;
  constexpr int64_t WIDTH = 256;
  const int64_t m = c.i64(0), n = c.i64(1), k = c.i64(2), batch = c.i64(3);
  if (m == 0 || n == 0 || batch == 0) return true;
  const T* const a = c.ptr<const T>(4);
  const T* const b = c.ptr<const T>(8);
  T* const out = c.ptr<T>(12);
  const T* const bias = c.ptr<const T>(15);
  const int64_t aRow = c.i64(5), aCol = c.i64(6), aBatch = c.i64(7);
  const int64_t bRow = c.i64(9), bCol = c.i64(10), bBatch = c.i64(11);
  const int64_t cRow = c.i64(13), cBatch = c.i64(14);
  const int64_t biasRow = c.i64(16), biasCol = c.i64(17), biasBatch = c.i64(18);
  const U alpha = static_cast<U>(c.i64(19)), beta = static_cast<U>(c.i64(20));
  const bool relu = c.i64(21) == 1;
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
