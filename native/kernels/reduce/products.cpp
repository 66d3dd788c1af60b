// Gradients of products, which a zero among the factors makes another formula: x[i] out of a product is the product
// over x[i], but for x[i] = 0. What is divided, multiplied and summed is rounded as if each step were an operation of
// its own.
#include "kernels/fill.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t GRAIN = 1 << 14;  // elements of a chunk
constexpr int64_t COLUMNS = 64;     // lines walked side by side

// run(first element, lines side by side) for tiles of the lines along the middle one of three dims.
template <class Args, class F>
void overTiles(const Args& a, const F& run) {
  if (a.dim == 0) return;  // no elements, and lines without number
  const int64_t tiles = (a.inner + COLUMNS - 1) / COLUMNS;
  const int64_t cost = a.dim * (a.inner < COLUMNS ? a.inner : COLUMNS);
  parallelRange(a.outer * tiles, cost < GRAIN ? GRAIN / (cost + 1) : 1, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t column = t % tiles * COLUMNS, left = a.inner - column;
      run(t / tiles * a.dim * a.inner + column, left < COLUMNS ? left : COLUMNS);
    }
  });
}

template <class T>
int64_t zerosIn(const T* x, int64_t n) {
  int64_t zeros = 0;
  parallelRange(n, GRAIN, [&](int64_t begin, int64_t end) {
    int64_t found = 0;
    for (int64_t i = begin; i < end; i++) found += x[i] == T(0);
    if (found) __atomic_fetch_add(&zeros, found, __ATOMIC_RELAXED);
  });
  return zeros;
}

template <class T>
Status prodBackward(const Command&, const ProdBackwardArgs& a) {
  T* const dx = a.dx;
  const T *const dy = a.dy, *const x = a.x, *const y = a.y;
  const int64_t n = a.outer * a.dim * a.inner, inner = a.inner, line = a.dim * inner;
  const int64_t zeros = zerosIn(x, n);
  if (a.whole && zeros > 1) {
    for (int64_t i = 0; i < n; i++) dx[i] = T(0);
    return OK;
  }
  if (zeros == 0) {
    parallelRange(n, GRAIN, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin, next; i < end; i = next) {
        const int64_t outer = i / line;
        next = inner == 1 ? (outer + 1) * line : i - i % inner + inner;
        if (next > end) next = end;
        if (inner == 1) {
          const T g = dy[outer], product = y[outer];
          for (int64_t j = i; j < next; j++) dx[j] = g * (product / x[j]);
        } else {
          const int64_t back = i - (outer * inner + i % inner);
          for (int64_t j = i; j < next; j++) dx[j] = dy[j - back] * (y[j - back] / x[j]);
        }
      }
    });
    return OK;
  }
  // The product of those before, times that of those after.
  overTiles(a, [&](int64_t first, int64_t columns) {
    const int64_t result = first / line * inner + first % inner;
    double product[COLUMNS];
    for (int64_t j = 0; j < columns; j++) product[j] = 1;
    for (int64_t r = 0; r < a.dim; r++)
      for (int64_t j = 0, i = first + r * inner; j < columns; j++, i++) {
        dx[i] = static_cast<T>(product[j]);
        product[j] *= static_cast<double>(x[i]);
      }
    for (int64_t j = 0; j < columns; j++) product[j] = 1;
    for (int64_t r = a.dim - 1; r >= 0; r--)
      for (int64_t j = 0, i = first + r * inner; j < columns; j++, i++) {
        dx[i] = dx[i] * static_cast<T>(product[j]) * dy[result + j];
        product[j] *= static_cast<double>(x[i]);
      }
  });
  return OK;
}

// Before the first zero the running sum from behind of dy y, up to the zero, over x; at it the products that leave it
// out; behind it nothing.
template <class T>
Status cumprodBackward(const Command&, const CumprodBackwardArgs& a) {
  T* const dx = a.dx;
  const T *const dy = a.dy, *const x = a.x, *const y = a.y;
  const int64_t inner = a.inner;
  overTiles(a, [&](int64_t first, int64_t columns) {
    int64_t zero[COLUMNS];
    for (int64_t j = 0; j < columns; j++) zero[j] = a.dim;
    for (int64_t r = a.dim - 1; r >= 0; r--)
      for (int64_t j = 0, i = first + r * inner; j < columns; j++, i++) zero[j] = x[i] == T(0) ? r : zero[j];
    double sum[COLUMNS] = {};
    for (int64_t r = a.dim - 1; r >= 0; r--)
      for (int64_t j = 0, i = first + r * inner; j < columns; j++, i++) {
        const bool before = r < zero[j];
        const T part = dy[i] * y[i];
        sum[j] += before ? static_cast<double>(part) : 0.0;
        dx[i] = before ? static_cast<T>(sum[j]) / x[i] : T(0);
      }
    for (int64_t j = 0; j < columns; j++) {
      if (zero[j] == a.dim) continue;
      double ahead = 1, after = 1, total = 0;
      for (int64_t r = 0; r < zero[j]; r++) ahead *= static_cast<double>(x[first + r * inner + j]);
      for (int64_t r = zero[j]; r < a.dim; r++) {
        const int64_t i = first + r * inner + j;
        if (r > zero[j] && x[i] == T(0)) break;
        if (r > zero[j]) after *= static_cast<double>(x[i]);
        const T part = dy[i] * static_cast<T>(after);
        total += static_cast<double>(part);
      }
      dx[first + zero[j] * inner + j] = static_cast<T>(total) * static_cast<T>(ahead);
    }
  });
  return OK;
}

}  // namespace

void fill_products(Kernels& k) {
  TENZO_KERNEL(prod_backward, prodBackward<T>)
  TENZO_KERNEL(cumprod_backward, cumprodBackward<T>)
}

}  // namespace tenzo::TENZO_LEVEL
