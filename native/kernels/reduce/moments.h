// Mean and sum of squared deviations, in double: blocks that stay in L1, joined by Chan's formula. One pass over
// memory, and no cancellation however far the mean lies from zero.
#pragma once
#include "simd/lanes.h"

namespace tenzo::TENZO_LEVEL {
namespace {

inline void widen(VecF x, VecD* v) {
  v[0] = widenLow(x);
  v[1] = widenHigh(x);
}
inline void widen(VecD x, VecD* v) { v[0] = x; }

struct Moment {
  double mean, m2, n;

  void join(const Moment& o) {
    if (o.n == 0) return;
    if (n == 0) {
      *this = o;
      return;
    }
    const double d = o.mean - mean, all = n + o.n;
    mean += d * (o.n / all);
    m2 += o.m2 + d * d * (n * o.n / all);
    n = all;
  }
  template <class T>
  void run(const T* x, int64_t count) {
    constexpr int64_t BLOCK = 2048;
    for (int64_t i = 0; i < count; i += BLOCK) join(block(x + i, count - i < BLOCK ? count - i : BLOCK));
  }
  // Deviations from the mean of the first 16, in one pass; where that lies so far off that the squares cancel, a second
  // pass takes them from the mean found.
  template <class T>
  static Moment block(const T* x, int64_t n) {
    const double k = static_cast<double>(n);
    const int64_t few = n < 16 ? n : 16;
    T center = static_cast<T>(sumRun(x, few) / static_cast<double>(few));
    for (bool again = true;; again = false) {
      const Vec<T> c = Vec<T>::set1(center);
      double d[2];
      sumRuns<T, 2>(n, d, [&](int64_t i, int m, Vec<T>* v) {
        const Vec<T> e = loadSome(x + i, m) - c;
        v[0] = m == Vec<T>::N ? e : firstLanes(e, m);
        v[1] = v[0] * v[0];
      });
      const double off = d[0] / k, lost = d[0] * off;
      const Moment m{static_cast<double>(center) + off, d[1] - lost, k};
      if (!again || !(lost > 0.5 * d[1])) return m;
      center = static_cast<T>(m.mean);
    }
  }
};

// The moments of up to 16 neighbouring columns.
template <class T>
inline void columnMoments(const T* x, int64_t rows, int64_t stride, int cols, Lanes& mean, Lanes& m2) {
  constexpr int N = Vec<T>::N, W = VECTORS_OF_16<T>, V = sizeof(T) == 4 ? 2 : 1;
  const auto each = [&](const auto& f) {
    for (int64_t r = 0; r < rows; r++)
      for (int w = 0; w < W && w * N < cols; w++) {
        VecD v[V];
        widen(loadSome(x + r * stride + w * N, cols - w * N < N ? cols - w * N : N), v);
        for (int h = 0; h < V; h++) f(w * V + h, v[h]);
      }
  };
  const VecD inv = VecD::set1(1 / static_cast<double>(rows));
  Lanes rest = Lanes::zero();
  mean = m2 = Lanes::zero();
  each([&](int i, VecD v) { mean.v[i] = mean.v[i] + v; });
  for (int i = 0; i < Lanes::W; i++) mean.v[i] = mean.v[i] * inv;
  each([&](int i, VecD v) {
    const VecD d = v - mean.v[i];
    rest.v[i] = rest.v[i] + d;
    m2.v[i] = fma(d, d, m2.v[i]);
  });
  for (int i = 0; i < Lanes::W; i++) {
    m2.v[i] = fnma(rest.v[i], rest.v[i] * inv, m2.v[i]);
    mean.v[i] = fma(rest.v[i], inv, mean.v[i]);
  }
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
