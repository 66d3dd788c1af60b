// Softmax and its logarithm over one dim of contiguous tensors seen as [outer, dim, inner].
// The backward takes the forward's y; dx may be dy's memory, y may be x's.
#include "kernels/fill.h"
#include "simd/math.h"
#include "strips.h"

namespace tenzo::TENZO_LEVEL {
namespace {

template <class T>
constexpr T MOST = T(__FLT_MAX__);
template <>
constexpr double MOST<double> = __DBL_MAX__;

// MASKED: a line of nothing but -infinity has no softmax; it gives zeros. A largest value, and a factor, that are held
// in the finite numbers leave every other line as it is.
template <class T, bool LOG, bool MASKED = false>
Status softmax(const Command&, const SoftmaxArgs& a) {
  T* const out = a.y;
  const T* const in = a.x;
  const Lines s{a.outer, a.dim, a.inner};
  if (!s.outer || !s.dim || !s.inner) return OK;
  using V = Vec<T>;
  constexpr int W = Strip<T>::W;
  eachLine(
      s,
      [&](int64_t at) {
        const T* const x = in + at;
        T* const y = out + at;
        const T top = extremeRun<true>(x, s.dim);
        const V m = V::set1(MASKED && top < -MOST<T> ? -MOST<T> : top);
        double sum;
        sumRuns<T, 1>(s.dim, &sum, [&](int64_t i, int n, V* v) {
          const V e = exp(loadSome(x + i, n) - m);
          if (!LOG) e.storeN(y + i, n);
          v[0] = n == V::N ? e : firstLanes(e, n);
        });
        if (LOG) {
          const V l = log(V::set1(static_cast<T>(sum)));
          eachVector<T>(s.dim, [&](int64_t i, int n) { (loadSome(x + i, n) - m - l).storeN(y + i, n); });
        } else {
          const V r = V::set1(static_cast<T>(MASKED && sum == 0 ? 0 : 1 / sum));
          eachVector<T>(s.dim, [&](int64_t i, int n) { (loadSome(y + i, n) * r).storeN(y + i, n); });
        }
      },
      [&](int64_t at, int n) {
        const T* const x = in + at;
        T* const y = out + at;
        Strip<T> m = Strip<T>::load(x, n);
        for (int64_t i = 1; i < s.dim; i++) {
          const Strip<T> v = Strip<T>::load(x + i * s.inner, n);
          m = Strip<T>::map([&](int w) { return extremeOf<true>(m.v[w], v.v[w]); });
        }
        if (MASKED) m = Strip<T>::map([&](int w) { return extremeOf<true>(m.v[w], V::set1(-MOST<T>)); });
        const Strip<T> sum = sumStrips<T>(s.dim, [&](int64_t i) {
          const Strip<T> v = Strip<T>::load(x + i * s.inner, n);
          const Strip<T> e = Strip<T>::map([&](int w) { return exp(v.v[w] - m.v[w]); });
          if (!LOG) e.store(y + i * s.inner, n);
          return e;
        });
        Strip<T> f;
        for (int w = 0; w < W; w++) {
          f.v[w] = LOG ? log(sum.v[w]) : V::set1(1) / sum.v[w];
          if (MASKED) f.v[w] = extremeOf<false>(f.v[w], V::set1(MOST<T>));
        }
        for (int64_t i = 0; i < s.dim; i++) {
          const Strip<T> v = Strip<T>::load((LOG ? x : y) + i * s.inner, n);
          Strip<T>::map([&](int w) {
            return LOG ? v.v[w] - m.v[w] - f.v[w] : v.v[w] * f.v[w];
          }).store(y + i * s.inner, n);
        }
      });
  return OK;
}

template <class T, bool LOG>
Status softmaxBackward(const Command&, const SoftmaxBackwardArgs& a) {
  T* const out = a.dx;
  const T* const grad = a.dy;
  const T* const output = a.y;
  const Lines s{a.outer, a.dim, a.inner};
  if (!s.outer || !s.dim || !s.inner) return OK;
  using V = Vec<T>;
  eachLine(
      s,
      [&](int64_t at) {
        const T* const g = grad + at;
        const T* const y = output + at;
        double sum;
        sumRuns<T, 1>(s.dim, &sum, [&](int64_t i, int n, V* v) {
          v[0] = LOG ? loadSome(g + i, n) : loadSome(g + i, n) * loadSome(y + i, n);
        });
        const V d = V::set1(static_cast<T>(sum));
        eachVector<T>(s.dim, [&](int64_t i, int n) {
          const V a = loadSome(g + i, n), b = loadSome(y + i, n);
          (LOG ? a - exp(b) * d : (a - d) * b).storeN(out + at + i, n);
        });
      },
      [&](int64_t at, int n) {
        const T* const g = grad + at;
        const T* const y = output + at;
        const Strip<T> d = sumStrips<T>(s.dim, [&](int64_t i) {
          const Strip<T> a = Strip<T>::load(g + i * s.inner, n);
          if (LOG) return a;
          const Strip<T> b = Strip<T>::load(y + i * s.inner, n);
          return Strip<T>::map([&](int w) { return a.v[w] * b.v[w]; });
        });
        for (int64_t i = 0; i < s.dim; i++) {
          const Strip<T> a = Strip<T>::load(g + i * s.inner, n), b = Strip<T>::load(y + i * s.inner, n);
          Strip<T>::map([&](int w) {
            return LOG ? a.v[w] - exp(b.v[w]) * d.v[w] : (a.v[w] - d.v[w]) * b.v[w];
          }).store(out + at + i * s.inner, n);
        }
      });
  return OK;
}

}  // namespace

void fill_softmax(Kernels& k) {
  TENZO_KERNEL(softmax, softmax<T, false>)
  TENZO_KERNEL(masked_softmax, softmax<T, false, true>)
  TENZO_KERNEL(log_softmax, softmax<T, true>)
  TENZO_KERNEL(softmax_backward, softmaxBackward<T, false>)
  TENZO_KERNEL(log_softmax_backward, softmaxBackward<T, true>)
}

}  // namespace tenzo::TENZO_LEVEL
