// Cumulative operations along one dim: cumsum cumprod logcumsumexp (values), cummax cummin (values, int64 indices).
// Float values accumulate in double, integers wrap, as in PyTorch.
#include "kernels/fill.h"
#include "simd/vec.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t COLUMNS = 256;    // lines walked side by side when their neighbours are contiguous
constexpr int64_t GRAIN = 1 << 14;  // elements of a chunk

// Of integers: modulo 2^64, then cut.
template <class T>
using Accumulator = Choose<IS_FLOAT<T>, double, uint64_t>;

template <class T_>
struct CumSum {
  using T = T_;
  using State = Accumulator<T>;
  static constexpr bool INDEXED = false;
  static State start() { return 0; }
  static T step(State& s, int64_t*, T x, int64_t) {
    s += static_cast<State>(x);
    return static_cast<T>(s);
  }
};
template <class T_>
struct CumProd {
  using T = T_;
  using State = Accumulator<T>;
  static constexpr bool INDEXED = false;
  static State start() { return 1; }
  static T step(State& s, int64_t*, T x, int64_t) {
    s *= static_cast<State>(x);
    return static_cast<T>(s);
  }
};
template <class T_>
struct LogCumSumExp {
  using T = T_;
  using State = double;
  static constexpr bool INDEXED = false;
  static State start() { return -__builtin_inf(); }
  static T step(State& s, int64_t*, T x, int64_t) {
    const double v = static_cast<double>(x);
    if (s != s || v != v) {
      s = __builtin_nan("");
    } else {
      const double high = v > s ? v : s, low = v > s ? s : v;
      // Two equal infinities have no difference; any other pair has.
      s = high == low && high - high != 0 ? high : high + ::log1p(::exp(low - high));
    }
    return static_cast<T>(s);
  }
};
// The last of equal elements is named, and the last NaN.
template <class T_, bool MAX>
struct CumExtreme {
  using T = T_;
  using State = T_;
  static constexpr bool INDEXED = true;
  static State start() { return 0; }
  static T step(State& s, int64_t* index, T x, int64_t i) {
    // The common case first: x does not reach s. What is left is an update unless s alone is NaN.
    if (i == 0 || (!(MAX ? x < s : x > s) && (s == s || x != x))) {
      s = x;
      *index = i;
    }
    return s;
  }
};

template <class Args>
int64_t* indicesOf(const Args& a) {
  if constexpr (requires { a.indices; })
    return a.indices;
  else
    return nullptr;
}

template <class P, class Args>
Status cumulative(const Command&, const Args& a) {
  using T = typename P::T;
  using State = typename P::State;
  T* const out = a.out;
  int64_t* const out2 = indicesOf(a);
  const T* const in = a.a;
  int64_t size[MAX_DIMS], is[MAX_DIMS], os[MAX_DIMS];
  int64_t lines = 1;
  int n = 0, across = -1;  // across: the other dim that is contiguous on both sides
  for (int i = 0; i < a.ndim; i++) {
    const int64_t s = a.sizes[i];
    if (s == 0) return OK;
    if (i == a.dim || s == 1) continue;
    lines *= s;
    size[n] = s;
    is[n] = a.strides[i];
    os[n] = a.outStrides[i];
    if (is[n] == 1 && os[n] == 1) across = n;
    n++;
  }
  const bool number = a.ndim == 0;
  const int64_t length = number ? 1 : a.sizes[a.dim], step = number ? 0 : a.strides[a.dim],
                outStep = number ? 0 : a.outStrides[a.dim];
  // The contiguous dim goes last, and its lines are walked together.
  int64_t group = 1;
  if (across >= 0 && step != 1 && size[across] >= 4) {
    const int64_t s = size[across];
    for (int i = across; i + 1 < n; i++) size[i] = size[i + 1], is[i] = is[i + 1], os[i] = os[i + 1];
    n--;
    lines /= s;
    group = s;
  }
  const int64_t tiles = (group + COLUMNS - 1) / COLUMNS, width = group < COLUMNS ? group : COLUMNS;
  parallelRange(lines * tiles, width * length < GRAIN ? GRAIN / (width * length) : 1, [&](int64_t begin, int64_t end) {
    State state[COLUMNS];
    int64_t index[COLUMNS];
    for (int64_t t = begin; t < end; t++) {
      int64_t line = t / tiles, from = t % tiles * COLUMNS, to = from;
      const int64_t cols = group - from < COLUMNS ? group - from : COLUMNS;
      for (int i = n - 1; i >= 0; i--) {
        from += line % size[i] * is[i];
        to += line % size[i] * os[i];
        line /= size[i];
      }
      if (cols == 1) {
        State s = P::start();
        int64_t k = 0;
        for (int64_t r = 0; r < length; r++) {
          out[to + r * outStep] = P::step(s, &k, in[from + r * step], r);
          if (P::INDEXED && out2) out2[to + r * outStep] = k;
        }
        continue;
      }
      for (int64_t j = 0; j < cols; j++) state[j] = P::start(), index[j] = 0;
      for (int64_t r = 0; r < length; r++) {
        const T* const x = in + from + r * step;
        T* const y = out + to + r * outStep;
        for (int64_t j = 0; j < cols; j++) y[j] = P::step(state[j], index + j, x[j], r);
        if (P::INDEXED && out2)
          for (int64_t j = 0; j < cols; j++) out2[to + r * outStep + j] = index[j];
      }
    }
  });
  return OK;
}

}  // namespace

void fill_cumulative(Kernels& k) {
  TENZO_KERNEL(cumsum, cumulative<CumSum<T>>)
  TENZO_KERNEL(cumprod, cumulative<CumProd<T>>)
  TENZO_KERNEL(logcumsumexp, cumulative<LogCumSumExp<T>>)
  TENZO_KERNEL(cummax, cumulative<CumExtreme<ByteForBool<T>, true>>)
  TENZO_KERNEL(cummin, cumulative<CumExtreme<ByteForBool<T>, false>>)
}

}  // namespace tenzo::TENZO_LEVEL
