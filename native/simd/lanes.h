// Loops over one contiguous run, in the fixed order of 16 virtual lanes: what reductions, softmax, losses and
// normalisation share. Every level of the same fusing gives the same bits.
#pragma once
#include "vec.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// 16 lanes of double. Sums of float add short float chains into it, so that their error does not grow with the length.
struct Lanes {
  static constexpr int W = VECTORS_OF_16<double>;
  VecD v[W];

  static Lanes zero() {
    Lanes s;
    for (int i = 0; i < W; i++) s.v[i] = VecD::zero();
    return s;
  }
  void add(const VecD* x) {
    for (int i = 0; i < W; i++) v[i] = v[i] + x[i];
  }
  void add(const VecF* x) {
    for (int i = 0; i < W / 2; i++) {
      v[2 * i] = v[2 * i] + widenLow(x[i]);
      v[2 * i + 1] = v[2 * i + 1] + widenHigh(x[i]);
    }
  }
  void copyTo(VecF* x) const {
    for (int i = 0; i < W / 2; i++) x[i] = narrow(v[2 * i], v[2 * i + 1]);
  }
  void copyTo(VecD* x) const {
    for (int i = 0; i < W; i++) x[i] = v[i];
  }
  double total() const { return reduceAdd16<double>(v); }
};

template <class T>
struct Chain;  // how many groups of 16 lanes are summed side by side, and how deep, before they enter Lanes
template <>
struct Chain<float> {
  static constexpr int UNROLL = 4, DEPTH = 8;
};
template <>
struct Chain<double> {
  static constexpr int UNROLL = 2, DEPTH = 16;
};

// Sums K quantities over a run at once: f(i, n, x) sets x[k] to the k-th quantity of elements i … of one vector, of
// which n are real (the rest must come out as 0).
template <class T, int K, class F>  // K: 1 or 2
inline void sumRuns(int64_t n, double* sums, const F& f) {
  constexpr int W = VECTORS_OF_16<T>, N = Vec<T>::N, U = Chain<T>::UNROLL / K, D = Chain<T>::DEPTH;
  Lanes total[K];
  for (int k = 0; k < K; k++) total[k] = Lanes::zero();
  int64_t i = 0;
  while (i < n) {
    Vec<T> acc[U][K][W];
    for (int u = 0; u < U; u++)
      for (int k = 0; k < K; k++)
        for (int w = 0; w < W; w++) acc[u][k][w] = Vec<T>::zero();
    const int64_t block = n - i < 16 * U * D ? n - i : 16 * U * D;
    int64_t j = 0;
    for (; j + 16 * U <= block; j += 16 * U)
      for (int u = 0; u < U; u++)
        for (int w = 0; w < W; w++) {
          Vec<T> x[K];
          f(i + j + 16 * u + w * N, N, x);
          for (int k = 0; k < K; k++) acc[u][k][w] = acc[u][k][w] + x[k];
        }
    for (int u = 0; u < U; u++)
      for (int w = 0; w < W; w++) {
        const int64_t left = block - j - 16 * u - w * N;
        if (left <= 0) continue;
        Vec<T> x[K];
        f(i + j + 16 * u + w * N, left < N ? static_cast<int>(left) : N, x);
        for (int k = 0; k < K; k++) acc[u][k][w] = acc[u][k][w] + x[k];
      }
    for (int k = 0; k < K; k++) {
      for (int half = U / 2; half > 0; half /= 2)
        for (int u = 0; u < half; u++)
          for (int w = 0; w < W; w++) acc[u][k][w] = acc[u][k][w] + acc[u + half][k][w];
      total[k].add(acc[0][k]);
    }
    i += block;
  }
  for (int k = 0; k < K; k++) sums[k] = total[k].total();
}

template <class T>
inline Vec<T> loadSome(const T* p, int n) {
  return n == Vec<T>::N ? Vec<T>::load(p) : Vec<T>::loadN(p, n);
}

// The first n lanes of v, zero in the rest.
template <class T>
inline Vec<T> firstLanes(Vec<T> v, int n) {
  alignas(64) static constexpr T INDEX[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return select(Vec<T>::load(INDEX) < Vec<T>::set1(static_cast<T>(n)), v, Vec<T>::zero());
}

// Calls f(j, n) for each vector of a run of `count`, n of its lanes real.
template <class T, class F>
inline void eachVector(int64_t count, const F& f) {
  constexpr int N = Vec<T>::N;
  int64_t j = 0;
  for (; j + N <= count; j += N) f(j, N);
  if (j < count) f(j, static_cast<int>(count - j));
}

// The sum of map(x) over a run; map(0) must be 0.
template <class T, class F>
inline double sumRun(const T* x, int64_t n, const F& map) {
  double s;
  // A double has no wider type to add into: halving keeps its error logarithmic.
  if (sizeof(T) == 8 && n > 8192) {
    const int64_t half = (n / 2 + 511) / 512 * 512;
    return sumRun(x, half, map) + sumRun(x + half, n - half, map);
  }
  sumRuns<T, 1>(n, &s, [&](int64_t i, int k, Vec<T>* v) { v[0] = map(loadSome(x + i, k)); });
  return s;
}
template <class T>
inline double sumRun(const T* x, int64_t n) {
  return sumRun(x, n, [](Vec<T> v) { return v; });
}

// The larger of a and b as PyTorch orders: NaN above all, the first of equals. For MAX = false the smaller.
template <bool MAX, class T>
inline Vec<T> extremeOf(Vec<T> a, Vec<T> b) {
  return select((MAX ? b > a : b < a) | (b != b), b, a);
}

// The largest (smallest) element of a non-empty run; NaN where there is one.
template <bool MAX, class T>
inline T extremeRun(const T* x, int64_t n) {
  if (n < 16) {
    T m = x[0];
    for (int64_t i = 1; i < n; i++)
      if ((MAX ? x[i] > m : x[i] < m) || x[i] != x[i]) m = x[i];
    return m;
  }
  constexpr int N = Vec<T>::N, W = VECTORS_OF_16<T>, U = Chain<T>::UNROLL;
  Vec<T> acc[U][W];
  for (int u = 0; u < U; u++)
    for (int w = 0; w < W; w++) acc[u][w] = Vec<T>::load(x + w * N);
  auto nan = acc[0][0] != acc[0][0];
  const auto take = [&](Vec<T>& m, Vec<T> v) {
    nan = nan | (v != v);
    m = MAX ? max(v, m) : min(v, m);  // a NaN in v leaves m
  };
  for (int w = 0; w < W; w++) nan = nan | (acc[0][w] != acc[0][w]);
  int64_t i = 16;
  for (; i + 16 * U <= n; i += 16 * U)
    for (int u = 0; u < U; u++)
      for (int w = 0; w < W; w++) take(acc[u][w], Vec<T>::load(x + i + 16 * u + w * N));
  for (; i + 16 <= n; i += 16)
    for (int w = 0; w < W; w++) take(acc[0][w], Vec<T>::load(x + i + w * N));
  for (int w = 0; w < W; w++) take(acc[0][w], Vec<T>::load(x + n - 16 + w * N));  // overlaps: an extreme may
  if (any(nan)) return static_cast<T>(__builtin_nan(""));
  for (int u = 1; u < U; u++)
    for (int w = 0; w < W; w++) take(acc[0][w], acc[u][w]);
  return MAX ? reduceMax16<T>(acc[0]) : reduceMin16<T>(acc[0]);
}

// The first index of value v (of a NaN where v is one) in a run that holds it.
template <class T>
inline int64_t indexOf(const T* x, int64_t n, T v) {
  constexpr int N = Vec<T>::N;
  const Vec<T> key = Vec<T>::set1(v);
  const bool nan = v != v;
  int64_t i = 0;
  for (; i + N <= n; i += N) {
    const Vec<T> y = Vec<T>::load(x + i);
    const unsigned hit = moveMask(nan ? y != y : y == key);
    if (hit) return i + __builtin_ctz(hit);
  }
  for (; i < n; i++)
    if (nan ? x[i] != x[i] : x[i] == v) return i;
  return 0;
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
