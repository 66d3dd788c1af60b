// Extremes, their indices (linear, in C order, within the reduced dims), and truth; param is unused.
// The first of equal elements is named. A NaN is above (below) all numbers, and the first NaN is named.
#include "reduce.h"
#include "simd/lanes.h"

namespace tenzo::TENZO_LEVEL {
namespace {

template <bool MAX, class T>
inline bool better(T x, T m) {
  return MAX ? x > m : x < m;
}
// x takes the place of m, which comes before it
template <bool MAX, class T>
inline bool beats(T x, T m) {
  if constexpr (IS_FLOAT<T>) return better<MAX>(x, m) || (x != x && m == m);
  return better<MAX>(x, m);
}

template <bool MAX, class T>
inline T extreme(const T* x, int64_t n) {
  if constexpr (IS_FLOAT<T>) {
    return extremeRun<MAX>(x, n);
  } else {
    T m = x[0];
    for (int64_t i = 0; i < n; i++) m = better<MAX>(x[i], m) ? x[i] : m;
    return m;
  }
}
template <class T>
inline int64_t firstIndex(const T* x, int64_t n, T v) {
  if constexpr (IS_FLOAT<T>) {
    return indexOf(x, n, v);
  } else {
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
      int hits = 0;
      for (int k = 0; k < 16; k++) hits |= x[i + k] == v;
      if (hits) break;
    }
    while (i < n && x[i] != v) i++;
    return i;
  }
}

template <class T_, bool MAX>
struct Extreme : OneAccumulator<T_, T_> {
  using T = T_;
  static void run(const Reducer&, T& a, char*, const T* x, int64_t n, int64_t done, int64_t) {
    const T m = extreme<MAX>(x, n);
    if (done == 0 || beats<MAX>(m, a)) a = m;
  }
  static void columns(const Reducer&, T* a, char*, const T* const* x, int count, int64_t cols, int64_t done, int64_t) {
    const T* const start = done ? a : x[0];
    if constexpr (IS_FLOAT<T>) {
      constexpr int N = Vec<T>::N;
      for (int64_t j = 0; j < cols; j += N) {
        const int n = cols - j < N ? static_cast<int>(cols - j) : N;
        Vec<T> m = loadSome(start + j, n);
        for (int i = 0; i < count; i++) m = extremeOf<MAX>(m, loadSome(x[i] + j, n));
        m.storeN(a + j, n);
      }
    } else {
      for (int64_t j = 0; j < cols; j++) a[j] = start[j];
      for (int i = 0; i < count; i++) {
        const T* const row = x[i];
        for (int64_t j = 0; j < cols; j++) a[j] = better<MAX>(row[j], a[j]) ? row[j] : a[j];
      }
    }
  }
  static void merge(const Reducer&, T* a, char*, const T* a2, const char*, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n; i++)
      if (beats<MAX>(a2[i], a[i])) a[i] = a2[i];
  }
};

template <class T, bool INDEX>
struct IndexOr {
  using Type = int64_t;
};
template <class T>
struct IndexOr<T, false> {
  using Type = T;
};

// An extreme with its index. INDEX_ONLY: out is the index.
template <class T_, bool MAX, bool INDEX_ONLY>
struct Indexed {
  using T = T_;
  using A = T_;
  using B = int64_t;
  using Out = typename IndexOr<T_, INDEX_ONLY>::Type;
  static constexpr bool HAS_B = true, ORDERED = true;
  static constexpr int OUT2_SIZE = sizeof(int64_t);

  static void clear(T* a, int64_t* b, int64_t n) {
    for (int64_t i = 0; i < n; i++) a[i] = 0, b[i] = 0;
  }
  static void run(const Reducer&, T& a, int64_t* b, const T* x, int64_t n, int64_t done, int64_t base) {
    // A block is searched only when its extreme wins, and then it is still in L1.
    constexpr int64_t BLOCK = 4096;
    for (int64_t i = 0; i < n; i += BLOCK) {
      const int64_t k = n - i < BLOCK ? n - i : BLOCK;
      const T m = extreme<MAX>(x + i, k);
      if (done + i == 0 || beats<MAX>(m, a)) {
        a = m;
        *b = base + i + firstIndex(x + i, k, m);
      }
    }
  }
  static void columns(const Reducer&, T* a, int64_t* b, const T* const* x, int count, int64_t cols, int64_t done,
                      int64_t base) {
    if (done == 0)
      for (int64_t j = 0; j < cols; j++) a[j] = x[0][j], b[j] = base;
    if constexpr (IS_FLOAT<T>) {
      // The winning row is noted in a vector of the element type (-1: none); indices are touched only where a
      // column has a new winner, which is rare after the first rows.
      constexpr int N = Vec<T>::N;
      for (int64_t j = 0; j < cols; j += N) {
        const int n = cols - j < N ? static_cast<int>(cols - j) : N;
        Vec<T> m = loadSome(a + j, n), winner = Vec<T>::set1(-1);
        for (int i = 0; i < count; i++) {
          const Vec<T> v = loadSome(x[i] + j, n);
          const auto wins = MAX ? ~(v <= m) & (m == m) : ~(v >= m) & (m == m);
          m = select(wins, v, m);
          winner = select(wins, Vec<T>::set1(static_cast<T>(i)), winner);
        }
        if (!any(winner >= Vec<T>::zero())) continue;
        m.storeN(a + j, n);
        T row[N];
        winner.store(row);
        for (int k = 0; k < n; k++)
          if (row[k] >= 0) b[j + k] = base + static_cast<int64_t>(row[k]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        const T* const row = x[i];
        for (int64_t j = 0; j < cols; j++) {
          const bool wins = better<MAX>(row[j], a[j]);
          a[j] = wins ? row[j] : a[j];
          b[j] = wins ? base + i : b[j];
        }
      }
    }
  }
  // Accumulators may come in any order, so ties go to the smaller index.
  static void merge(const Reducer&, T* a, int64_t* b, const T* a2, const int64_t* b2, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n; i++) {
      const bool tie = a2[i] == a[i] || (a2[i] != a2[i] && a[i] != a[i]);
      if (tie ? b2[i] < b[i] : beats<MAX>(a2[i], a[i])) a[i] = a2[i], b[i] = b2[i];
    }
  }
  static void store(const Reducer&, Out* out, void* out2, int64_t stride, const T* a, const int64_t* b, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
      if constexpr (INDEX_ONLY) {
        out[i * stride] = b[i];
      } else {
        out[i * stride] = a[i];
        if (out2) static_cast<int64_t*>(out2)[i * stride] = b[i];
      }
    }
  }
};

// Whether some element is nonzero (ALL: zero, and the answer is turned round).
template <class T_, bool ALL_OF>
struct Truth : OneAccumulator<T_, uint8_t, uint8_t> {
  using T = T_;
  static bool hit(T x) { return ALL_OF ? x == 0 : x != 0; }
  static void run(const Reducer&, uint8_t& a, char*, const T* x, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n && !a; i += 1024) {
      const int64_t end = n - i < 1024 ? n : i + 1024;
      uint8_t some = 0;
      for (int64_t j = i; j < end; j++) some |= static_cast<uint8_t>(hit(x[j]));
      a = some;
    }
  }
  static void columns(const Reducer&, uint8_t* a, char*, const T* const* x, int count, int64_t cols, int64_t, int64_t) {
    for (int i = 0; i < count; i++) {
      const T* const row = x[i];
      for (int64_t j = 0; j < cols; j++) a[j] |= static_cast<uint8_t>(hit(row[j]));
    }
  }
  static void merge(const Reducer&, uint8_t* a, char*, const uint8_t* a2, const char*, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n; i++) a[i] |= a2[i];
  }
  static void store(const Reducer&, uint8_t* out, void*, int64_t stride, const uint8_t* a, const char*, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i * stride] = ALL_OF ? !a[i] : a[i];
  }
};

template <class T_>
struct CountNonzero : OneAccumulator<T_, int64_t, int64_t> {
  using T = T_;
  static void run(const Reducer&, int64_t& a, char*, const T* x, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n; i += 4096) {
      const int64_t end = n - i < 4096 ? n : i + 4096;
      int32_t some = 0;
      for (int64_t j = i; j < end; j++) some += x[j] != 0;
      a += some;
    }
  }
  static void columns(const Reducer&, int64_t* a, char*, const T* const* x, int count, int64_t cols, int64_t, int64_t) {
    if constexpr (IS_FLOAT<T>) {
      constexpr int N = Vec<T>::N;
      for (int64_t j = 0; j < cols; j += N) {
        const int n = cols - j < N ? static_cast<int>(cols - j) : N;
        Vec<T> some = Vec<T>::zero();
        for (int i = 0; i < count; i++)
          some = some + select(loadSome(x[i] + j, n) != Vec<T>::zero(), Vec<T>::set1(1), Vec<T>::zero());
        T counts[N];
        some.store(counts);
        for (int k = 0; k < n; k++) a[j + k] += static_cast<int64_t>(counts[k]);
      }
      return;
    }
    uint8_t some[TILE];
    for (int64_t j = 0; j < cols; j++) some[j] = 0;
    for (int i = 0; i < count; i++) {
      const T* const row = x[i];
      for (int64_t j = 0; j < cols; j++) some[j] = static_cast<uint8_t>(some[j] + (row[j] != 0));
    }
    for (int64_t j = 0; j < cols; j++) a[j] += some[j];
  }
};

}  // namespace

void fill_reduce_order(Kernels& k) {
  // Where bools are ordered, they come as bytes of 0 and 1.
  TENZO_KERNEL(amax, reduction<Extreme<ByteForBool<T>, true>>)
  TENZO_KERNEL(amin, reduction<Extreme<ByteForBool<T>, false>>)
  TENZO_KERNEL(max, reduction<Indexed<ByteForBool<T>, true, false>>)
  TENZO_KERNEL(min, reduction<Indexed<ByteForBool<T>, false, false>>)
  TENZO_KERNEL(argmax, reduction<Indexed<ByteForBool<T>, true, true>>)
  TENZO_KERNEL(argmin, reduction<Indexed<ByteForBool<T>, false, true>>)
  TENZO_KERNEL(any, reduction<Truth<ByteForBool<T>, false>>)
  TENZO_KERNEL(all, reduction<Truth<ByteForBool<T>, true>>)
  TENZO_KERNEL(count_nonzero, reduction<CountNonzero<ByteForBool<T>>>)
}

}  // namespace tenzo::TENZO_LEVEL
