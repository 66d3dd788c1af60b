// The register tiles of convolution. Both are  out[i][j] = plus[i][j] + (start[i][j] + sum over r of a[i][r] *
// b[r][j]), where one factor is a packed panel and the other lies in a padded image, at an address that is a sum of two
// offsets (one of the output, one of r). So no im2col matrix is ever built. What stands in parentheses is one chain of
// fused multiply-adds in the order of r, whatever the tile and the width of the vectors: all levels give the same bits.
#pragma once
#include "simd/vec.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// Rows and vectors of the tiles. Sixteen registers hold 12 accumulators at most, thirty-two hold 24.

// ---- vectors along channels: a[i][r] is the image at a[i] + offset[r], b a panel of V vectors a row
constexpr int CHANNEL_VECTORS = 2;
constexpr int MAX_CHANNEL_ROWS = 12;
// A tile of one vector needs more rows to hide the latency of a multiply-add.
constexpr int channelRows(int vectors) { return vectors == 1 ? MAX_CHANNEL_ROWS : REGISTERS == 32 ? 8 : 6; }

// Rows of sums in memory: zeros where `at` is null, one row for all where the stride is 0.
template <class T>
struct SumRows {
  const T* at;
  int64_t stride;
};

// Not inline: among the caller's variables the row pointers lose their registers (25 % of the speed).
template <class T, int R, int V>
[[gnu::noinline]] void channelTile(const T* const* a, const int32_t* offset, int64_t length, const T* panel,
                                   int64_t panelStride, T* out, int64_t outStride, SumRows<T> start, SumRows<T> plus) {
  constexpr int N = Vec<T>::N;
  Vec<T> acc[R][V];
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 8
    for (int j = 0; j < V; j++)
      acc[i][j] = start.at ? Vec<T>::load(start.at + i * start.stride + j * N) : Vec<T>::zero();
  const T* row[R];
#pragma GCC unroll 16
  for (int i = 0; i < R; i++) row[i] = a[i];
  for (int64_t r = 0; r < length; r++) {
    const int64_t o = offset[r];
    Vec<T> b[V];
#pragma GCC unroll 8
    for (int j = 0; j < V; j++) b[j] = Vec<T>::load(panel + j * N);
    panel += panelStride;
#pragma GCC unroll 16
    for (int i = 0; i < R; i++) {
      const Vec<T> x = Vec<T>::set1(row[i][o]);
#pragma GCC unroll 8
      for (int j = 0; j < V; j++) acc[i][j] = fma(x, b[j], acc[i][j]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 8
    for (int j = 0; j < V; j++) {
      const Vec<T> sum = plus.at ? Vec<T>::load(plus.at + i * plus.stride + j * N) + acc[i][j] : acc[i][j];
      sum.store(out + i * outStride + j * N);
    }
}

template <class T>
using ChannelTile = void (*)(const T* const*, const int32_t*, int64_t, const T*, int64_t, T*, int64_t, SumRows<T>,
                             SumRows<T>);
template <class T, int V, int R = channelRows(V)>
inline ChannelTile<T> channelTileOf(int64_t rows) {
  if constexpr (R > 1)
    if (rows != R) return channelTileOf<T, V, R - 1>(rows);
  return channelTile<T, R, V>;
}

// ---- vectors along pixels: b[r][j] is the image at b[j] + offset[r], a panel holds R values a row
constexpr int PIXEL_ROWS = REGISTERS == 32 ? 8 : 6;
// Vectors a tile of so many rows: enough accumulators to hide the latency of a multiply-add, as many as fit.
constexpr int pixelVectors(int rows) {
  if (REGISTERS == 32) return rows >= 7 ? 3 : rows >= 5 ? 4 : rows >= 3 ? 6 : 8;
  return rows >= 5 ? 2 : rows == 4 ? 3 : rows == 3 ? 4 : rows == 2 ? 5 : 8;
}
constexpr int MAX_PIXEL_VECTORS = 8;

// Where the vectors of a tile go when they need no further sums: `count` pixels of each, and `row` further for the next
// row.
template <class T>
struct PixelStore {
  T* to[MAX_PIXEL_VECTORS];
  int64_t count[MAX_PIXEL_VECTORS];
  int64_t row;
};

// `start`, `plus` (either may be null) and `out` are laid out alike. Stores to `out`, or to `store` if that is given.
template <class T, int R, int V>
inline void pixelTile(const T* const* b, const int32_t* offset, int64_t length, const T* panel, const T* start,
                      const T* plus, T* out, const PixelStore<T>* store) {
  constexpr int N = Vec<T>::N;
  Vec<T> acc[R][V];
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 8
    for (int j = 0; j < V; j++) acc[i][j] = start ? Vec<T>::load(start + (i * V + j) * N) : Vec<T>::zero();
  const T* column[V];
#pragma GCC unroll 8
  for (int j = 0; j < V; j++) column[j] = b[j];
  for (int64_t r = 0; r < length; r++) {
    const int64_t o = offset[r];
    Vec<T> x[V];
#pragma GCC unroll 8
    for (int j = 0; j < V; j++) x[j] = Vec<T>::load(column[j] + o);
#pragma GCC unroll 16
    for (int i = 0; i < R; i++) {
      const Vec<T> a = Vec<T>::set1(panel[i]);
#pragma GCC unroll 8
      for (int j = 0; j < V; j++) acc[i][j] = fma(a, x[j], acc[i][j]);
    }
    panel += R;
  }
  if (plus) {
#pragma GCC unroll 16
    for (int i = 0; i < R; i++)
#pragma GCC unroll 8
      for (int j = 0; j < V; j++) acc[i][j] = Vec<T>::load(plus + (i * V + j) * N) + acc[i][j];
  }
  if (store) {
#pragma GCC unroll 8
    for (int j = 0; j < V; j++) {
      T* to = store->to[j];
      const int64_t row = store->row, count = store->count[j];
      if (count == N) {
#pragma GCC unroll 16
        for (int i = 0; i < R; i++) acc[i][j].store(to + i * row);
      } else {
#pragma GCC unroll 16
        for (int i = 0; i < R; i++) acc[i][j].storeN(to + i * row, count);
      }
    }
    return;
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 8
    for (int j = 0; j < V; j++) acc[i][j].store(out + (i * V + j) * N);
}

template <class T>
using PixelTile = void (*)(const T* const*, const int32_t*, int64_t, const T*, const T*, const T*, T*,
                           const PixelStore<T>*);
template <class T, int R = PIXEL_ROWS>
inline PixelTile<T> pixelTileOf(int rows) {
  if constexpr (R > 1)
    if (rows != R) return pixelTileOf<T, R - 1>(rows);
  return pixelTile<T, R, pixelVectors(R)>;
}

// ---- sums over pixels, where channels are too few to fill a vector: lanes are pixels, 16 virtual lanes at every level
constexpr int DOT_LANES = 16;
// Outputs a tile: rows (of one operand) by columns (of the other).
template <class T>
constexpr int DOT_ROWS = REGISTERS / VECTORS_OF_16<T> >= 32  ? 4
                         : REGISTERS / VECTORS_OF_16<T> >= 8 ? 2
                                                             : 1;
template <class T>
constexpr int DOT_COLUMNS = REGISTERS / VECTORS_OF_16<T> >= 32  ? 5
                            : REGISTERS / VECTORS_OF_16<T> >= 8 ? 3
                                                                : 2;

// Rows of pixels of the two operands: row h begins at a + aRow[h] and at b + bRow[h], and is `width` pixels long.
// Pixels past `width` are masked in both, since a zero times what follows (a NaN perhaps) is not zero.
template <class T, int R, int C>
inline void dotTile(const T* const* a, const int64_t* aRow, const T* const* b, const int64_t* bRow, int64_t rows,
                    int64_t width, T* out, int64_t outStride) {
  constexpr int N = Vec<T>::N, L = VECTORS_OF_16<T>;
  Vec<T> acc[R][C][L];
#pragma GCC unroll 8
  for (int i = 0; i < R; i++)
#pragma GCC unroll 8
    for (int j = 0; j < C; j++)
#pragma GCC unroll 4
      for (int l = 0; l < L; l++) acc[i][j][l] = Vec<T>::zero();
  const int64_t full = width / DOT_LANES * DOT_LANES, rest = width - full;
  for (int64_t h = 0; h < rows; h++) {
    const int64_t ah = aRow[h], bh = bRow[h];
    for (int64_t w = 0; w < full; w += DOT_LANES)
#pragma GCC unroll 4
      for (int l = 0; l < L; l++) {
        Vec<T> x[R];
#pragma GCC unroll 8
        for (int i = 0; i < R; i++) x[i] = Vec<T>::load(a[i] + ah + w + l * N);
#pragma GCC unroll 8
        for (int j = 0; j < C; j++) {
          const Vec<T> y = Vec<T>::load(b[j] + bh + w + l * N);
#pragma GCC unroll 8
          for (int i = 0; i < R; i++) acc[i][j][l] = fma(x[i], y, acc[i][j][l]);
        }
      }
    if (rest)
#pragma GCC unroll 4
      for (int l = 0; l < L; l++) {
        const int64_t n = rest - l * N < 0 ? 0 : rest - l * N;
        Vec<T> x[R];
#pragma GCC unroll 8
        for (int i = 0; i < R; i++) x[i] = Vec<T>::loadN(a[i] + ah + full + l * N, n);
#pragma GCC unroll 8
        for (int j = 0; j < C; j++) {
          const Vec<T> y = Vec<T>::loadN(b[j] + bh + full + l * N, n);
#pragma GCC unroll 8
          for (int i = 0; i < R; i++) acc[i][j][l] = fma(x[i], y, acc[i][j][l]);
        }
      }
  }
#pragma GCC unroll 8
  for (int i = 0; i < R; i++)
#pragma GCC unroll 8
    for (int j = 0; j < C; j++) out[i * outStride + j] += reduceAdd16<T>(acc[i][j]);
}

template <class T>
using DotTile = void (*)(const T* const*, const int64_t*, const T* const*, const int64_t*, int64_t, int64_t, T*,
                         int64_t);
template <class T, int R = DOT_ROWS<T>, int C = DOT_COLUMNS<T>>
inline DotTile<T> dotTileOf(int64_t rows, int64_t columns) {
  if constexpr (R > 1)
    if (rows != R) return dotTileOf<T, R - 1, C>(rows, columns);
  if constexpr (C > 1)
    if (columns != C) return dotTileOf<T, R, C - 1>(rows, columns);
  return dotTile<T, R, C>;
}

// ---- dst[c][r] = src[r][c]
template <class T>
struct Four;
template <>
struct Four<float> {
  typedef float V __attribute__((vector_size(16), aligned(4), may_alias));
  typedef int32_t I __attribute__((vector_size(16)));
};
template <>
struct Four<double> {
  typedef double V __attribute__((vector_size(32), aligned(8), may_alias));
  typedef int64_t I __attribute__((vector_size(32)));
};

// The order matters where rows are a multiple of 4 KB apart, and few of their lines fit in the cache at once: GATHER
// reads whole lines of 4 rows of the source at a time, otherwise 4 rows of the destination are written at a time.
template <class T, bool GATHER>
inline void transpose(const T* src, int64_t srcStride, int64_t rows, int64_t columns, T* dst, int64_t dstStride) {
  using V = typename Four<T>::V;
  const auto block = [&](int64_t r, int64_t c) {
    const T* s = src + r * srcStride + c;
    T* d = dst + c * dstStride + r;
    V a0 = *reinterpret_cast<const V*>(s), a1 = *reinterpret_cast<const V*>(s + srcStride);
    V a2 = *reinterpret_cast<const V*>(s + 2 * srcStride), a3 = *reinterpret_cast<const V*>(s + 3 * srcStride);
    const V l0 = __builtin_shufflevector(a0, a1, 0, 4, 1, 5), h0 = __builtin_shufflevector(a0, a1, 2, 6, 3, 7);
    const V l1 = __builtin_shufflevector(a2, a3, 0, 4, 1, 5), h1 = __builtin_shufflevector(a2, a3, 2, 6, 3, 7);
    *reinterpret_cast<V*>(d) = __builtin_shufflevector(l0, l1, 0, 1, 4, 5);
    *reinterpret_cast<V*>(d + dstStride) = __builtin_shufflevector(l0, l1, 2, 3, 6, 7);
    *reinterpret_cast<V*>(d + 2 * dstStride) = __builtin_shufflevector(h0, h1, 0, 1, 4, 5);
    *reinterpret_cast<V*>(d + 3 * dstStride) = __builtin_shufflevector(h0, h1, 2, 3, 6, 7);
  };
  const int64_t wholeRows = rows / 4 * 4, wholeColumns = columns / 4 * 4;
  constexpr int64_t STEP = GATHER ? 16 : 4;
  for (int64_t first = 0; first < wholeColumns; first += STEP) {
    const int64_t last = first + STEP < wholeColumns ? first + STEP : wholeColumns;
    for (int64_t r = 0; r < wholeRows; r += 4)
      for (int64_t c = first; c < last; c += 4) block(r, c);
  }
  const auto one = [&](int64_t r, int64_t c) { dst[c * dstStride + r] = src[r * srcStride + c]; };
  for (int64_t c = 0; c < wholeColumns; c++)
    for (int64_t r = wholeRows; r < rows; r++) one(r, c);
  for (int64_t c = wholeColumns; c < columns; c++)
    for (int64_t r = 0; r < rows; r++) one(r, c);
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
