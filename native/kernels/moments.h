// Mean and sum of squared deviations, in double: two passes over a block that stays in L1, blocks joined by Chan's
// formula. One pass over memory, and no cancellation however far the mean lies from zero.
#pragma once
#include "lanes.h"

namespace tenzo::TENZO_LEVEL {
namespace {

inline void widen(VecF x, VecD* v) {
  v[0] = widenLow(x);
  v[1] = widenHigh(x);
}
inline void widen(VecD x, VecD* v) { v[0] = x; }

// The sums of x - center and of its square.
template <class T>
inline void deviations(const T* x, int64_t n, double center, double& sum, double& squares) {
  constexpr int N = Vec<T>::N, W = VECTORS_OF_16<T>, V = sizeof(T) == 4 ? 2 : 1;
  Lanes s = Lanes::zero(), s2 = Lanes::zero();
  const VecD c = VecD::set1(center);
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (int w = 0; w < W; w++) {
      VecD v[V];
      widen(Vec<T>::load(x + i + w * N), v);
      for (int h = 0; h < V; h++) {
        const VecD d = v[h] - c;
        s.v[w * V + h] = s.v[w * V + h] + d;
        s2.v[w * V + h] = fma(d, d, s2.v[w * V + h]);
      }
    }
  sum = s.total();
  squares = s2.total();
  for (; i < n; i++) {
    const double d = static_cast<double>(x[i]) - center;
    sum += d;
    squares += d * d;
  }
}

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
    for (int64_t i = 0; i < count; i += BLOCK) {
      const int64_t k = count - i < BLOCK ? count - i : BLOCK;
      const double kd = static_cast<double>(k), c = sumRun(x + i, k) / kd;
      // The second pass also corrects the rounding of the first one's mean.
      double d, d2;
      deviations(x + i, k, c, d, d2);
      join({c + d / kd, d2 - d * (d / kd), kd});
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
