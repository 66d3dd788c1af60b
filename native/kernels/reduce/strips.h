// Walking a dim in the middle of a tensor: the lines along it, one by one where they are contiguous, 16 neighbours at
// a time where they are not.
#pragma once
#include "simd/lanes.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t GRAIN = 1 << 14;  // elements of a chunk

// 16 neighbouring columns, walked down the dim together: one cache line of floats a row, at every level.
template <class T>
struct Strip {
  static constexpr int W = VECTORS_OF_16<T>, N = Vec<T>::N;
  Vec<T> v[W];

  static Strip set1(T x) {
    Strip s;
    for (int w = 0; w < W; w++) s.v[w] = Vec<T>::set1(x);
    return s;
  }
  static Strip load(const T* p, int n) {
    Strip s;
    if (n == 16) {
      for (int w = 0; w < W; w++) s.v[w] = Vec<T>::load(p + w * N);
    } else {
      for (int w = 0; w < W; w++)
        s.v[w] = w * N < n ? Vec<T>::loadN(p + w * N, n - w * N < N ? n - w * N : N) : Vec<T>::zero();
    }
    return s;
  }
  void store(T* p, int n) const {
    for (int w = 0; w < W; w++)
      if (w * N < n) v[w].storeN(p + w * N, n - w * N < N ? n - w * N : N);
  }
  template <class F>
  static Strip map(const F& f) {
    Strip s;
    for (int w = 0; w < W; w++) s.v[w] = f(w);
    return s;
  }
};

// f(row) gives a Strip for each row; their sums, in double, 8 rows at a time in the element type.
template <class T, class F>
inline Strip<T> sumStrips(int64_t rows, const F& f) {
  Lanes total = Lanes::zero();
  for (int64_t i = 0; i < rows; i += 8) {
    const int64_t end = rows - i < 8 ? rows : i + 8;
    Strip<T> s = f(i);
    for (int64_t j = i + 1; j < end; j++) {
      const Strip<T> x = f(j);
      for (int w = 0; w < Strip<T>::W; w++) s.v[w] = s.v[w] + x.v[w];
    }
    total.add(s.v);
  }
  Strip<T> out;
  total.copyTo(out.v);
  return out;
}

// A contiguous tensor with the dim in question in the middle.
struct Lines {
  int64_t outer, dim, inner;
};

// Runs row(offset) for every row of an inner size of 1, else strip(offset, columns) for every strip.
template <class Row, class Columns>
inline void eachLine(const Lines& s, const Row& row, const Columns& strip) {
  if (s.inner == 1) {
    parallelRange(s.outer, s.dim < GRAIN ? GRAIN / s.dim : 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) row(i * s.dim);
    });
    return;
  }
  const int64_t strips = (s.inner + 15) / 16, work = s.dim * 16;
  parallelRange(s.outer * strips, work < GRAIN ? GRAIN / work : 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t j = i % strips * 16;
      strip(i / strips * s.dim * s.inner + j, static_cast<int>(s.inner - j < 16 ? s.inner - j : 16));
    }
  });
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
