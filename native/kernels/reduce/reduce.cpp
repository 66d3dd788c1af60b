// Sums, products, moments and norms. param is
//   norm               p: any (0 counts nonzeros, ±inf are the extremes of |x|)
//   var std            the correction
// Integer sums and products wrap, in the type given: the caller casts to the accumulation type first.
#include "reduce.h"
#include "moments.h"
#include "simd/math.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// Loads the same vector of up to ROWS rows; rows past `count` are zero, and every map keeps them so.
template <class T>
inline void loadRows(Vec<T>* v, const T* const* x, int count, int64_t j, int n) {
  for (int i = 0; i < ROWS; i++) v[i] = i < count ? loadSome(x[i] + j, n) : Vec<T>::zero();
}
template <class T>
inline Vec<T> addRows(const Vec<T>* v) {
  return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}
inline void addTo(double* a, VecF v, int n) {
  constexpr int H = VecD::N;
  const int low = n < H ? n : H;
  (VecD::loadN(a, low) + widenLow(v)).storeN(a, low);
  if (n > H) (VecD::loadN(a + H, n - H) + widenHigh(v)).storeN(a + H, n - H);
}
inline void addTo(double* a, VecD v, int n) { (VecD::loadN(a, n) + v).storeN(a, n); }

// ---- float sums, of mapped elements

struct Same {
  template <class V>
  static V map(V x) {
    return x;
  }
};
struct NoNan {
  template <class V>
  static V map(V x) {
    return select(x != x, V::zero(), x);
  }
};
struct Abs {
  template <class V>
  static V map(V x) {
    return abs(x);
  }
};
struct Square {
  template <class V>
  static V map(V x) {
    return x * x;
  }
};
struct NonZero {
  template <class V>
  static V map(V x) {
    return select(x != V::zero(), V::set1(1), V::zero());
  }
};

template <class T_, class Map>
struct FloatSum : OneAccumulator<T_, double> {
  using T = T_;
  static void run(const Reducer&, double& a, char*, const T* x, int64_t n, int64_t, int64_t) {
    a += sumRun(x, n, [](Vec<T> v) { return Map::map(v); });
  }
  static void columns(const Reducer&, double* a, char*, const T* const* x, int count, int64_t cols, int64_t, int64_t) {
    if (count == ROWS) {
      eachVector<T>(cols, [&](int64_t j, int n) {
        Vec<T> v[ROWS];
        for (int i = 0; i < ROWS; i++) v[i] = Map::map(loadSome(x[i] + j, n));
        addTo(a + j, addRows(v), n);
      });
      return;
    }
    eachVector<T>(cols, [&](int64_t j, int n) {
      Vec<T> v[ROWS];
      loadRows(v, x, count, j, n);
      for (int i = 0; i < ROWS; i++) v[i] = Map::map(v[i]);
      addTo(a + j, addRows(v), n);
    });
  }
};
template <class T>
using Sum = FloatSum<T, Same>;
template <class T>
using NanSum = FloatSum<T, NoNan>;
template <class T>
using Norm0 = FloatSum<T, NonZero>;
template <class T>
using Norm1 = FloatSum<T, Abs>;

template <class T>
struct Mean : FloatSum<T, Same> {
  // As PyTorch: the sum is rounded (and may overflow) before the division.
  static void store(const Reducer& q, T* out, void*, int64_t stride, const double* a, const char*, int64_t n) {
    const T count = static_cast<T>(q.count);
    for (int64_t i = 0; i < n; i++) out[i * stride] = static_cast<T>(a[i]) / count;
  }
};

template <class T>
struct Norm2 : FloatSum<T, Square> {
  static void store(const Reducer&, T* out, void*, int64_t stride, const double* a, const char*, int64_t n) {
    for (int64_t i = 0; i < n; i++)
      out[i * stride] = static_cast<T>(__builtin_sqrt(static_cast<double>(static_cast<T>(a[i]))));
  }
};

// Any other p: the powers of a block go through a buffer, because |0|^p is not 0 for p < 0.
template <class T_>
struct NormP : OneAccumulator<T_, double> {
  using T = T_;
  static void powers(const Reducer& q, float* to, const float* x, int64_t n) {
    const VecF p = VecF::set1(static_cast<float>(q.param));
    eachVector<float>(n, [&](int64_t j, int k) { pow(abs(loadSome(x + j, k)), p).storeN(to + j, k); });
  }
  static void powers(const Reducer& q, double* to, const double* x, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] = ::pow(__builtin_fabs(x[i]), q.param);
  }
  static void run(const Reducer& q, double& a, char*, const T* x, int64_t n, int64_t, int64_t) {
    T block[512];
    for (int64_t i = 0; i < n; i += 512) {
      const int64_t k = n - i < 512 ? n - i : 512;
      powers(q, block, x + i, k);
      a += sumRun(block, k);
    }
  }
  static void columns(const Reducer& q, double* a, char*, const T* const* x, int count, int64_t cols, int64_t,
                      int64_t) {
    T block[TILE];
    for (int i = 0; i < count; i++) {
      powers(q, block, x[i], cols);
      for (int64_t j = 0; j < cols; j++) a[j] += static_cast<double>(block[j]);
    }
  }
  static void store(const Reducer& q, T* out, void*, int64_t stride, const double* a, const char*, int64_t n) {
    for (int64_t i = 0; i < n; i++)
      out[i * stride] = static_cast<T>(::pow(static_cast<double>(static_cast<T>(a[i])), 1.0 / q.param));
  }
};

// The largest or smallest |x|.
template <class T_, bool MAX>
struct NormInf : OneAccumulator<T_, T_> {
  using T = T_;
  static void clear(T* a, char*, int64_t n) {
    for (int64_t i = 0; i < n; i++) a[i] = MAX ? T(0) : static_cast<T>(__builtin_inf());
  }
  static bool wins(T x, T m) { return (MAX ? x > m : x < m) || x != x; }
  static void run(const Reducer&, T& a, char*, const T* x, int64_t n, int64_t, int64_t) {
    T block[512];
    for (int64_t i = 0; i < n; i += 512) {
      const int64_t k = n - i < 512 ? n - i : 512;
      eachVector<T>(k, [&](int64_t j, int m) { abs(loadSome(x + i + j, m)).storeN(block + j, m); });
      const T m = extremeRun<MAX>(block, k);
      if (wins(m, a)) a = m;
    }
  }
  static void columns(const Reducer&, T* a, char*, const T* const* x, int count, int64_t cols, int64_t, int64_t) {
    eachVector<T>(cols, [&](int64_t j, int n) {
      Vec<T> m = loadSome(a + j, n);
      for (int i = 0; i < count; i++) m = extremeOf<MAX>(m, abs(loadSome(x[i] + j, n)));
      m.storeN(a + j, n);
    });
  }
  static void merge(const Reducer&, T* a, char*, const T* a2, const char*, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n; i++)
      if (wins(a2[i], a[i])) a[i] = a2[i];
  }
};

// ---- integer sums, and products

template <class T_>
struct IntSum : OneAccumulator<T_, BitsOf<T_>> {
  using T = T_;
  using U = BitsOf<T_>;  // wraps, where signed overflow is undefined
  static void run(const Reducer&, U& a, char*, const T* x, int64_t n, int64_t, int64_t) {
    U s = 0;
    for (int64_t i = 0; i < n; i++) s = static_cast<U>(s + static_cast<U>(x[i]));
    a = static_cast<U>(a + s);
  }
  static void columns(const Reducer&, U* a, char*, const T* const* x, int count, int64_t cols, int64_t, int64_t) {
    for (int i = 0; i < count; i++) {
      const T* const row = x[i];
      for (int64_t j = 0; j < cols; j++) a[j] = static_cast<U>(a[j] + static_cast<U>(row[j]));
    }
  }
};

template <class T_>
struct IntProd : OneAccumulator<T_, uint64_t> {
  using T = T_;
  static void clear(uint64_t* a, char*, int64_t n) {
    for (int64_t i = 0; i < n; i++) a[i] = 1;
  }
  static void run(const Reducer&, uint64_t& a, char*, const T* x, int64_t n, int64_t, int64_t) {
    uint64_t s[4] = {a, 1, 1, 1};
    int64_t i = 0;
    for (; i + 4 <= n; i += 4)
      for (int k = 0; k < 4; k++) s[k] *= static_cast<uint64_t>(x[i + k]);
    for (; i < n; i++) s[0] *= static_cast<uint64_t>(x[i]);
    a = s[0] * s[1] * s[2] * s[3];
  }
  static void columns(const Reducer&, uint64_t* a, char*, const T* const* x, int count, int64_t cols, int64_t,
                      int64_t) {
    for (int i = 0; i < count; i++) {
      const T* const row = x[i];
      for (int64_t j = 0; j < cols; j++) a[j] *= static_cast<uint64_t>(row[j]);
    }
  }
  static void merge(const Reducer&, uint64_t* a, char*, const uint64_t* a2, const char*, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n; i++) a[i] *= a2[i];
  }
};

// Products stay in the element type, so that they overflow where PyTorch's do.
template <class T_>
struct FloatProd : OneAccumulator<T_, T_> {
  using T = T_;
  static void clear(T* a, char*, int64_t n) {
    for (int64_t i = 0; i < n; i++) a[i] = 1;
  }
  static void run(const Reducer&, T& a, char*, const T* x, int64_t n, int64_t, int64_t) {
    constexpr int N = Vec<T>::N, W = VECTORS_OF_16<T>, U = Chain<T>::UNROLL;
    int64_t i = 0;
    if (n >= 32) {
      Vec<T> acc[U][W];
      for (int u = 0; u < U; u++)
        for (int w = 0; w < W; w++) acc[u][w] = Vec<T>::set1(1);
      for (; i + 16 * U <= n; i += 16 * U)
        for (int u = 0; u < U; u++)
          for (int w = 0; w < W; w++) acc[u][w] = acc[u][w] * Vec<T>::load(x + i + 16 * u + w * N);
      for (; i + 16 <= n; i += 16)
        for (int w = 0; w < W; w++) acc[0][w] = acc[0][w] * Vec<T>::load(x + i + w * N);
      T lanes[16];
      for (int w = 0; w < W; w++) {
        for (int u = 1; u < U; u++) acc[0][w] = acc[0][w] * acc[u][w];
        acc[0][w].store(lanes + w * N);
      }
      for (int half = 8; half > 0; half /= 2)
        for (int k = 0; k < half; k++) lanes[k] *= lanes[k + half];
      a *= lanes[0];
    }
    for (; i < n; i++) a *= x[i];
  }
  static void columns(const Reducer&, T* a, char*, const T* const* x, int count, int64_t cols, int64_t, int64_t) {
    eachVector<T>(cols, [&](int64_t j, int n) {
      Vec<T> m[ROWS];
      for (int i = 0; i < ROWS; i++) m[i] = i < count ? loadSome(x[i] + j, n) : Vec<T>::set1(1);
      for (int half = ROWS / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) m[i] = m[i] * m[i + half];
      (loadSome(a + j, n) * m[0]).storeN(a + j, n);
    });
  }
  static void merge(const Reducer&, T* a, char*, const T* a2, const char*, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n; i++) a[i] *= a2[i];
  }
};

// ---- variance (moments.h)

template <class T_, bool ROOT>
struct Moments {
  using T = T_;
  using A = double;
  using B = double;
  using Out = T_;
  static constexpr bool HAS_B = true, ORDERED = false;
  static constexpr int OUT2_SIZE = sizeof(T);

  static void clear(double* mean, double* m2, int64_t n) {
    for (int64_t i = 0; i < n; i++) mean[i] = m2[i] = 0;
  }
  static void run(const Reducer&, double& mean, double* m2, const T* x, int64_t n, int64_t done, int64_t) {
    Moment m{mean, *m2, static_cast<double>(done)};
    m.run(x, n);
    mean = m.mean;
    *m2 = m.m2;
  }
  static void columns(const Reducer&, double* mean, double* m2, const T* const* x, int count, int64_t cols,
                      int64_t done, int64_t) {
    constexpr int V = sizeof(T) == 4 ? 2 : 1;
    const double k = count, n = static_cast<double>(done);
    const VecD inv = VecD::set1(1 / k), share = VecD::set1(k / (n + k)), weight = VecD::set1(n * k / (n + k));
    eachVector<T>(cols, [&](int64_t j, int m) {
      VecD v[V][ROWS];
      for (int i = 0; i < ROWS; i++) {
        VecD wide[V];
        if (i < count)
          widen(loadSome(x[i] + j, m), wide);
        else
          for (int h = 0; h < V; h++) wide[h] = VecD::zero();
        for (int h = 0; h < V; h++) v[h][i] = wide[h];
      }
      for (int h = 0; h < V; h++) {
        const int left = m - h * VecD::N;
        if (left <= 0) break;
        const int lanes = left < VecD::N ? left : VecD::N;
        const int64_t at = j + h * VecD::N;
        const VecD c = addRows(v[h]) * inv;
        VecD q = VecD::zero();
        for (int i = 0; i < count; i++) {
          const VecD d = v[h][i] - c;
          q = fma(d, d, q);
        }
        if (done == 0) {
          c.storeN(mean + at, lanes);
          q.storeN(m2 + at, lanes);
        } else {
          const VecD old = VecD::loadN(mean + at, lanes), d = c - old;
          fma(d, share, old).storeN(mean + at, lanes);
          fma(d * d, weight, VecD::loadN(m2 + at, lanes) + q).storeN(m2 + at, lanes);
        }
      }
    });
  }
  static void merge(const Reducer&, double* mean, double* m2, const double* mean2, const double* m22, int64_t n,
                    int64_t done, int64_t done2) {
    for (int64_t i = 0; i < n; i++) {
      Moment m{mean[i], m2[i], static_cast<double>(done)};
      m.join({mean2[i], m22[i], static_cast<double>(done2)});
      mean[i] = m.mean;
      m2[i] = m.m2;
    }
  }
  static void store(const Reducer& q, T* out, void* out2, int64_t stride, const double* mean, const double* m2,
                    int64_t n) {
    const double nan = __builtin_nan("");
    const double freedom = static_cast<double>(q.count) - q.param;
    for (int64_t i = 0; i < n; i++) {
      const double v = q.count ? m2[i] / (freedom > 0 ? freedom : 0) : nan;
      out[i * stride] = static_cast<T>(ROOT ? __builtin_sqrt(v) : v);
      if (out2) static_cast<T*>(out2)[i * stride] = static_cast<T>(q.count ? mean[i] : nan);
    }
  }
};
template <class T>
using Var = Moments<T, false>;
template <class T>
using Std = Moments<T, true>;

// ---- logsumexp: the largest element so far, and the sum of exp(x - largest)

template <class T_>
struct LogSumExp {
  using T = T_;
  using A = T_;
  using B = double;
  using Out = T_;
  static constexpr bool HAS_B = true, ORDERED = false;
  static constexpr int OUT2_SIZE = 0;

  static void clear(T* a, double* b, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
      a[i] = static_cast<T>(-__builtin_inf());
      b[i] = 0;
    }
  }
  // Infinite maxima do not shift, as in PyTorch: exp(inf) and exp(-inf) then give the right limits.
  static T shift(T m) { return m - m == 0 ? m : m != m ? m : T(0); }
  static Vec<T> shift(Vec<T> m) {
    return select(abs(m) == Vec<T>::set1(static_cast<T>(__builtin_inf())), Vec<T>::zero(), m);
  }
  static void join(T& a, double& b, T a2, double b2) {
    const T m = a2 > a || a2 != a2 ? a2 : a;
    const double c = static_cast<double>(shift(m));
    const double s = b == 0 ? 0 : b * ::exp(static_cast<double>(shift(a)) - c);
    b = s + (b2 == 0 ? 0 : b2 * ::exp(static_cast<double>(shift(a2)) - c));
    a = m;
  }
  static void run(const Reducer&, T& a, double* b, const T* x, int64_t n, int64_t, int64_t) {
    constexpr int64_t BLOCK = 2048;
    for (int64_t i = 0; i < n; i += BLOCK) {
      const int64_t k = n - i < BLOCK ? n - i : BLOCK;
      const T m = extremeRun<true>(x + i, k);
      const Vec<T> c = Vec<T>::set1(shift(m));
      double s;
      sumRuns<T, 1>(k, &s, [&](int64_t j, int len, Vec<T>* v) {
        const Vec<T> e = exp(loadSome(x + i + j, len) - c);
        v[0] = len == Vec<T>::N ? e : firstLanes(e, len);
      });
      join(a, *b, m, s);
    }
  }
  static void columns(const Reducer&, T* a, double* b, const T* const* x, int count, int64_t cols, int64_t, int64_t) {
    eachVector<T>(cols, [&](int64_t j, int n) {
      const Vec<T> old = loadSome(a + j, n);
      Vec<T> m = old;
      for (int i = 0; i < count; i++) m = extremeOf<true>(m, loadSome(x[i] + j, n));
      const Vec<T> c = shift(m);
      Vec<T> v[ROWS];
      for (int i = 0; i < ROWS; i++) v[i] = i < count ? exp(loadSome(x[i] + j, n) - c) : Vec<T>::zero();
      // Nothing to rescale where no column has a larger element: most of the time, after the first rows.
      if (any(c != shift(old))) {
        T factor[Vec<T>::N];
        exp(shift(old) - c).store(factor);
        for (int i = 0; i < n; i++) b[j + i] = b[j + i] == 0 ? 0 : b[j + i] * static_cast<double>(factor[i]);
      }
      m.storeN(a + j, n);
      addTo(b + j, addRows(v), n);
    });
  }
  static void merge(const Reducer&, T* a, double* b, const T* a2, const double* b2, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n; i++) join(a[i], b[i], a2[i], b2[i]);
  }
  static void store(const Reducer&, T* out, void*, int64_t stride, const T* a, const double* b, int64_t n) {
    eachVector<T>(n, [&](int64_t i, int k) {
      T sum[Vec<T>::N] = {}, result[Vec<T>::N];
      for (int l = 0; l < k; l++) sum[l] = static_cast<T>(b[i + l]);
      (shift(loadSome(a + i, k)) + log(Vec<T>::load(sum))).store(result);
      for (int l = 0; l < k; l++) out[(i + l) * stride] = result[l];
    });
  }
};

// ---- norms

inline bool reducesNothing(const ReduceArgs& a) {
  for (int i = 0; i < a.ndim; i++)
    if (a.reduced[i] != 0 && a.sizes[i] != 1) return false;
  return true;
}

template <class T>
Status norm(const Command& c, const ReduceArgs& a) {
  const double p = a.param;
  // As PyTorch: the norm of a single element is its magnitude, where a square could overflow.
  if (p != 0 && reducesNothing(a)) return reduction<Norm1<T>>(c, a);
  if (p == 2) return reduction<Norm2<T>>(c, a);
  if (p == 1) return reduction<Norm1<T>>(c, a);
  if (p == 0) return reduction<Norm0<T>>(c, a);
  if (p == __builtin_inf()) return reduction<NormInf<T, true>>(c, a);
  if (p == -__builtin_inf()) return reduction<NormInf<T, false>>(c, a);
  return reduction<NormP<T>>(c, a);
}

}  // namespace

void fill_reduce(Kernels& k) {
  TENZO_KERNEL(sum, reduction<Choose<IS_FLOAT<T>, Sum<T>, IntSum<T>>>)
  TENZO_KERNEL(prod, reduction<Choose<IS_FLOAT<T>, FloatProd<T>, IntProd<T>>>)
  TENZO_KERNEL(mean, reduction<Mean<T>>)
  TENZO_KERNEL(nansum, reduction<NanSum<T>>)
  TENZO_KERNEL(var, reduction<Var<T>>)
  TENZO_KERNEL(std, reduction<Std<T>>)
  TENZO_KERNEL(logsumexp, reduction<LogSumExp<T>>)
  TENZO_KERNEL(norm, norm<T>)
}

}  // namespace tenzo::TENZO_LEVEL
