// Pooling over windows of up to three spatial dims (leading ones are 1): maximum and average, with fixed or adaptive
// windows.
//
// Every row of outputs is done by vectors where its windows lie inside the row and step by 1 or 2; what is left of a
// row smaller than a vector is done by a vector that overlaps the one before. Other outputs are done one by one.
#include "kernels/fill.h"
#include "simd/vec.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t GRAIN = 1 << 16;  // elements read or written by a chunk
constexpr int VECTOR_BYTES = Vec<float>::N * 4;

inline int64_t minOf(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t maxOf(int64_t a, int64_t b) { return a > b ? a : b; }

// ---- windows

// One axis: the window of output o begins at o * stride - padding (or, if adaptive, divides the input evenly).
struct Axis {
  int64_t in, out, kernel, stride, padding, dilation;
  bool adaptive;

  // Coordinates begin, begin + dilation, … < end that are inside the input.
  void window(int64_t o, int64_t& begin, int64_t& end) const {
    if (adaptive) {
      begin = o * in / out;
      end = ((o + 1) * in + out - 1) / out;
      return;
    }
    begin = o * stride - padding;
    end = minOf(begin + (kernel - 1) * dilation + 1, in);
    if (begin < 0) begin += (-begin + dilation - 1) / dilation * dilation;
    end = maxOf(end, begin);
  }
  // Length of the window with its padding, which averages may count.
  int64_t paddedLength(int64_t o) const {
    if (adaptive) {
      int64_t begin, end;
      window(o, begin, end);
      return end - begin;
    }
    const int64_t begin = o * stride - padding;
    return minOf(begin + kernel, in + padding) - begin;
  }
  // Outputs [first, last) whose windows are wholly inside.
  void interior(int64_t& first, int64_t& last) const {
    first = minOf(out, (padding + stride - 1) / stride);
    const int64_t reach = in - 1 - (kernel - 1) * dilation + padding;
    last = reach < 0 ? first : maxOf(first, minOf(out, reach / stride + 1));
  }
};

struct Windows {
  Axis axis[3];
  int64_t inputs() const { return axis[0].in * axis[1].in * axis[2].in; }
  int64_t outputs() const { return axis[0].out * axis[1].out * axis[2].out; }

  // False if a number is so large that coordinates, or the elements of a window, would not fit 64 bits.
  static constexpr int64_t LIMIT = int64_t(1) << 31;
  template <class Args>
  bool fixed(const Args& a, const int64_t* dilation) {
    double window = 1;
    for (int d = 0; d < 3; d++) {
      axis[d] = {a.in[d], a.out[d], a.kernel[d], a.stride[d], a.padding[d], dilation ? dilation[d] : 1, false};
      const Axis& x = axis[d];
      if (x.in >= LIMIT || x.out >= LIMIT || x.kernel >= LIMIT || x.stride >= LIMIT || x.padding >= LIMIT ||
          x.dilation >= LIMIT)
        return false;
      window *= static_cast<double>(minOf(x.kernel, x.in + 2 * x.padding));
    }
    return window < 0x1p62;
  }
  // Windows of one length are told as such, since they run faster.
  template <class Args>
  bool adaptive(const Args& a) {
    for (int d = 0; d < 3; d++) {
      const int64_t n = a.in[d], m = a.out[d];
      if (n >= LIMIT || m >= LIMIT || (n == 0 && m > 0)) return false;
      const bool even = m > 0 && n % m == 0;
      axis[d] = {n, m, even ? n / m : 1, even ? n / m : 1, 0, 1, !even};
    }
    return true;
  }
};

// The windows of the last axis, found once for all rows.
struct Columns {
  const int32_t *begin, *end;
  const int32_t* length;  // what an average counts of them

  bool fill(const Axis& w, bool countPadding) {
    int32_t* t = static_cast<int32_t*>(scratch(0, static_cast<size_t>(3 * w.out) * sizeof(int32_t) + 64));
    if (!t) return false;
    for (int64_t o = 0; o < w.out; o++) {
      int64_t first, last;
      w.window(o, first, last);
      // Where there is no window at all PyTorch's index is outside of the input.
      if (first >= last) first = last = minOf(first, w.in - 1);
      t[o] = static_cast<int32_t>(first);
      t[w.out + o] = static_cast<int32_t>(last);
      t[2 * w.out + o] = static_cast<int32_t>(countPadding ? w.paddedLength(o) : last - first);
    }
    begin = t, end = t + w.out, length = t + 2 * w.out;
    return true;
  }
};

// ---- vectors of any element type

template <class T, int N>
struct Lanes {
  typedef T V __attribute__((vector_size(N * sizeof(T)), aligned(sizeof(T)), may_alias));
};

// V is aligned as its elements are; as an argument of a template it is not, to clang. (By memcpy GCC moves 32 bytes in
// two halves, through the stack.)
template <class V, class T>
inline V loadLanes(const T* p) {
#if defined(__clang__)
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
#else
  return *reinterpret_cast<const V*>(p);
#endif
}
template <class V, class T>
inline void storeLanes(T* p, V v) {
#if defined(__clang__)
  __builtin_memcpy(p, &v, sizeof v);
#else
  *reinterpret_cast<V*>(p) = v;
#endif
}

// The even and the odd elements of 2 N.
template <class V, int N>
inline void split(V a, V b, V& even, V& odd) {
  if constexpr (N == 2) {
    even = __builtin_shufflevector(a, b, 0, 2);
    odd = __builtin_shufflevector(a, b, 1, 3);
  } else if constexpr (N == 4) {
    even = __builtin_shufflevector(a, b, 0, 2, 4, 6);
    odd = __builtin_shufflevector(a, b, 1, 3, 5, 7);
  } else if constexpr (N == 8) {
    even = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
    odd = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
  } else {
    static_assert(N == 16);
    even = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    odd = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  }
}

// ---- what is done with a window: its maximum and where it is, or its sum

// PyTorch's rule: a later element wins if it is greater or NaN; the index of a window that is all -inf is its first.
template <class T, class Index>
struct Max {
  T* y;
  Index* indices;  // may be null

  static T least() {
    if constexpr (T(0.5) != T(0))
      return static_cast<T>(-__builtin_inf());
    else if constexpr (T(-1) > T(0))
      return T(0);
    else
      return static_cast<T>(T(1) << (8 * sizeof(T) - 1));
  }

  struct One {
    T best;
    int64_t at;
    void begin(int64_t first) {
      best = least();
      at = first;
    }
    void take(T v, int64_t i) {
      if (v > best || v != v) {
        best = v;
        at = i;
      }
    }
  };
  void finish(const One& s, int64_t o, int64_t) const {
    y[o] = s.best;
    if (indices) indices[o] = static_cast<Index>(s.at);
  }

  template <int N>
  struct Many {
    using V = typename Lanes<T, N>::V;
    using Int = Choose<sizeof(T) == 8, int64_t, int32_t>;
    using I = typename Lanes<Int, N>::V;
    V best;
    I at, lane;
    void begin(int64_t first, int64_t step) {
      best = V{} + least();
      for (int i = 0; i < N; i++) lane[i] = static_cast<Int>(i * step);
      at = lane + static_cast<Int>(first);
    }
    void take(V v, int64_t i) {
      const auto wins = (v > best) | (v != v);
      best = wins ? v : best;
      at = wins ? lane + static_cast<Int>(i) : at;
    }
  };
  template <int N>
  void finish(const Many<N>& s, int64_t o, int64_t) const {
    storeLanes(y + o, s.best);
    if (indices) {
      typename Many<N>::Int at[N];
      storeLanes(at, s.at);
      for (int i = 0; i < N; i++) indices[o + i] = static_cast<Index>(at[i]);
    }
  }
};

template <class T>
struct Average {
  T* y;

  struct One {
    T sum;
    void begin(int64_t) { sum = 0; }
    void take(T v, int64_t) { sum += v; }
  };
  void finish(const One& s, int64_t o, int64_t divisor) const {
    y[o] = divisor ? s.sum / static_cast<T>(divisor) : T(0);
  }

  template <int N>
  struct Many {
    using V = typename Lanes<T, N>::V;
    V sum;
    void begin(int64_t, int64_t) { sum = V{}; }
    void take(V v, int64_t) { sum += v; }
  };
  template <int N>
  void finish(const Many<N>& s, int64_t o, int64_t divisor) const {
    storeLanes(y + o, s.sum / (typename Many<N>::V{} + static_cast<T>(divisor)));
  }
};

// ---- the walk over outputs

// What an average is divided by.
struct Divisor {
  bool countPadding;
  int64_t fixed;  // or 0
};

template <class T, class Action>
class Pool {
  const Windows& w;
  const Axis &D, &H, &W;
  const Columns& columns;
  const T *x, *end;  // one plane; the end of all planes
  const Action& action;
  const Divisor divisor;

  struct Rows {
    int64_t d0, d1, h0, h1, count;
  };

 public:
  Pool(const Windows& windows, const Columns& table, const T* plane, const T* last, const Action& act, Divisor div)
      : w(windows),
        D(w.axis[0]),
        H(w.axis[1]),
        W(w.axis[2]),
        columns(table),
        x(plane),
        end(last),
        action(act),
        divisor(div) {}

  void run() const {
    int64_t first = 0, last = 0;
    if (!W.adaptive && W.stride <= 2) W.interior(first, last);
    for (int64_t d = 0, o = 0; d < D.out; d++)
      for (int64_t h = 0; h < H.out; h++, o += W.out) {
        Rows r;
        D.window(d, r.d0, r.d1);
        H.window(h, r.h0, r.h1);
        r.count = divisor.countPadding ? D.paddedLength(d) * H.paddedLength(h) : (r.d1 - r.d0) * (r.h1 - r.h0);
        if (r.d0 >= r.d1 || r.h0 >= r.h1) {
          r.d0 = minOf(r.d0, D.in - 1), r.h0 = minOf(r.h0, H.in - 1);
          r.d1 = r.d0, r.h1 = r.h0;
        }
        const int64_t done = sizeof(T) >= 4 && r.d1 > r.d0 ? vectors<VECTOR_BYTES>(r, o, first, last) : first;
        for (int64_t i = 0; i < first; i++) one(r, o, i);
        for (int64_t i = done; i < W.out; i++) one(r, o, i);
      }
  }

 private:
  int64_t divide(const Rows& r, int64_t o) const { return divisor.fixed ? divisor.fixed : r.count * columns.length[o]; }

  void one(const Rows& r, int64_t row, int64_t o) const {
    const int64_t begin = columns.begin[o], last = columns.end[o];
    typename Action::One s;
    s.begin((r.d0 * H.in + r.h0) * W.in + begin);
    for (int64_t d = r.d0; d < r.d1; d += D.dilation)
      for (int64_t h = r.h0; h < r.h1; h += H.dilation) {
        const int64_t at = (d * H.in + h) * W.in;
        for (int64_t i = begin; i < last; i += W.dilation) s.take(x[at + i], at + i);
      }
    action.finish(s, row + o, r.d1 > r.d0 && last > begin ? divide(r, o) : 0);
  }

  // Outputs [first, last) of a row, by the widest vectors that fit. Returns how far it came.
  template <int BYTES>
  int64_t vectors(const Rows& r, int64_t row, int64_t first, int64_t last) const {
    if constexpr (sizeof(T) >= 4) {
      constexpr int N = BYTES / static_cast<int>(sizeof(T));
      if (last - first >= N) {
        // The usual windows with their length known.
        const int64_t k = W.dilation == 1 ? W.kernel : 0;
        bool (Pool::*const f)(const Rows&, int64_t, int64_t) const =
            W.stride == 1 ? k == 3 ? &Pool::block<N, 1, 3> : &Pool::block<N, 1, 0>
            : k == 2 ? &Pool::block<N, 2, 2>
            : k == 3      ? &Pool::block<N, 2, 3>
                          : &Pool::block<N, 2, 0>;
        for (int64_t i = first; i < last; i += N) {
          // The last vector overlaps the one before, which gives the same outputs again.
          const int64_t at = minOf(i, last - N);
          if (!(this->*f)(r, row, at)) return i;
        }
        return last;
      }
      if constexpr (BYTES > 16) return vectors<BYTES / 2>(r, row, first, last);
    }
    return first;
  }

  template <int N, int STEP, int KERNEL>
  bool block(const Rows& r, int64_t row, int64_t o) const {
    using V = typename Lanes<T, N>::V;
    const int64_t begin = o * STEP - W.padding;
    const int64_t kernel = KERNEL ? KERNEL : W.kernel, dilation = KERNEL ? 1 : W.dilation;
    // Pairs are loaded whole, and the last may reach past the last plane.
    if (STEP == 2 && x + ((r.d1 - 1) * H.in + r.h1 - 1) * W.in + begin + (kernel - 1) * dilation + 2 * N > end)
      return false;
    typename Action::template Many<N> s;
    s.begin((r.d0 * H.in + r.h0) * W.in + begin, STEP);
    for (int64_t d = r.d0; d < r.d1; d += D.dilation)
      for (int64_t h = r.h0; h < r.h1; h += H.dilation) {
        const int64_t at = (d * H.in + h) * W.in + begin;
        if constexpr (STEP == 1) {
#pragma GCC unroll 3
          for (int64_t k = 0; k < kernel; k++) s.take(loadLanes<V>(x + at + k * dilation), at + k * dilation);
        } else {
          V even, odd;
#pragma GCC unroll 2
          for (int64_t k = 0; k < kernel; k += dilation == 1 ? 2 : 1) {
            const int64_t i = at + k * dilation;
            split<V, N>(loadLanes<V>(x + i), loadLanes<V>(x + i + N), even, odd);
            s.take(even, i);
            if (dilation == 1 && k + 1 < kernel) s.take(odd, i + 1);
          }
        }
      }
    action.finish(s, row + o, divide(r, o));
    return true;
  }
};

template <class F>
inline void eachPlane(int64_t planes, int64_t work, const F& f) {
  parallelRange(planes, GRAIN / maxOf(1, work), [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; p++) f(p);
  });
}

// ---- maxima

template <class T, class Index, class Args>
Status maxPoolAs(const Args& a, const Windows& w) {
  T* y = a.y;
  Index* indices = a.indices;
  const T *x = a.x, *end = x + a.planes * w.inputs();
  Columns columns;
  if (!columns.fill(w.axis[2], false)) return OUT_OF_MEMORY;
  eachPlane(a.planes, w.inputs(), [&](int64_t p) {
    const Max<T, Index> action = {y + p * w.outputs(), indices ? indices + p * w.outputs() : nullptr};
    Pool<T, Max<T, Index>>(w, columns, x + p * w.inputs(), end, action, {}).run();
  });
  return OK;
}

template <class T, class Args>
Status maxPoolOver(const Command& c, const Args& a, const Windows& w) {
  if (a.planes * w.outputs() == 0) return OK;
  if (w.inputs() == 0 || w.inputs() > INT32_MAX) return c.fail(BAD_COMMAND, c.op);
  if (!a.indices || c.dtype2 == I64) return maxPoolAs<T, int64_t>(a, w);
  if (c.dtype2 == I32) return maxPoolAs<T, int32_t>(a, w);
  return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype2);
}

template <class T>
Status maxPool(const Command& c, const MaxPoolArgs& a) {
  Windows w;
  if (!w.fixed(a, a.dilation)) return c.fail(BAD_COMMAND, c.op);
  return maxPoolOver<T>(c, a, w);
}

template <class T>
Status adaptiveMaxPool(const Command& c, const AdaptiveMaxPoolArgs& a) {
  Windows w;
  if (!w.adaptive(a)) return c.fail(BAD_COMMAND, c.op);
  return maxPoolOver<T>(c, a, w);
}

template <class T, class Index>
Status maxPoolBackwardAs(const Command& c, const MaxPoolBackwardArgs& a) {
  T* dx = a.dx;
  const T* dy = a.dy;
  const Index* indices = a.indices;
  const int64_t inputs = a.inputs, outputs = a.outputs;
  int64_t bad = -1;
  eachPlane(a.planes, inputs, [&](int64_t p) {
    T* to = dx + p * inputs;
    if (inputs > 0) __builtin_memset(to, 0, static_cast<size_t>(inputs) * sizeof(T));
    for (int64_t o = p * outputs; o < (p + 1) * outputs; o++) {
      const uint64_t i = static_cast<uint64_t>(indices[o]);
      if (i >= static_cast<uint64_t>(inputs)) {
        __atomic_store_n(&bad, o, __ATOMIC_RELAXED);
        return;
      }
      to[i] += dy[o];
    }
  });
  if (bad >= 0)
    return c.fail(INDEX_OUT_OF_RANGE, static_cast<double>(indices[bad]), static_cast<double>(bad),
                  static_cast<double>(inputs));
  return OK;
}

// For adaptive windows too.
template <class T>
Status maxPoolBackward(const Command& c, const MaxPoolBackwardArgs& a) {
  if (a.planes * a.inputs == 0 && a.planes * a.outputs == 0) return OK;
  if (c.dtype2 == I64) return maxPoolBackwardAs<T, int64_t>(c, a);
  if (c.dtype2 == I32) return maxPoolBackwardAs<T, int32_t>(c, a);
  return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype2);
}

// ---- averages

template <class T>
Status avgPoolOver(const Command& c, const T* x, T* y, int64_t planes, const Windows& w, Divisor divisor) {
  if (planes * w.outputs() == 0) return OK;
  if (w.inputs() == 0) return c.fail(BAD_COMMAND, c.op);
  const T* end = x + planes * w.inputs();
  Columns columns;
  if (!columns.fill(w.axis[2], divisor.countPadding)) return OUT_OF_MEMORY;
  eachPlane(planes, w.inputs(), [&](int64_t p) {
    const Average<T> action = {y + p * w.outputs()};
    Pool<T, Average<T>>(w, columns, x + p * w.inputs(), end, action, divisor).run();
  });
  return OK;
}

// Whole planes: the sum runs in 16 lanes, as all sums do.
template <class T>
void averagePlanes(const T* x, T* y, int64_t planes, int64_t size) {
  constexpr int N = Vec<T>::N, L = VECTORS_OF_16<T>;
  eachPlane(planes, size, [&](int64_t p) {
    const T* from = x + p * size;
    Vec<T> acc[L];
    for (int l = 0; l < L; l++) acc[l] = Vec<T>::zero();
    int64_t i = 0;
    for (; i + 16 <= size; i += 16)
      for (int l = 0; l < L; l++) acc[l] = acc[l] + Vec<T>::load(from + i + l * N);
    for (int l = 0; l < L; l++) acc[l] = acc[l] + Vec<T>::loadN(from + i + l * N, maxOf(0, size - i - l * N));
    y[p] = reduceAdd16<T>(acc) / static_cast<T>(size);
  });
}

// dx = the sum over every window of dy / divisor. A row of outputs is spread along its columns once, then added to all
// rows of its windows. `line` holds a row of dx and a row of dy.
template <class T>
void spread(const Windows& w, const Columns& columns, Divisor divisor, const T* dy, T* dx, T* line) {
  const Axis &D = w.axis[0], &H = w.axis[1], &W = w.axis[2];
  T* g = line + W.in;
  int64_t low = W.in, high = 0;
  for (int64_t o = 0; o < W.out; o++) {
    low = minOf(low, columns.begin[o]);
    high = maxOf(high, columns.end[o]);
  }
  __builtin_memset(dx, 0, static_cast<size_t>(w.inputs()) * sizeof(T));
  for (int64_t d = 0; d < D.out; d++)
    for (int64_t h = 0; h < H.out; h++, dy += W.out) {
      int64_t d0, d1, h0, h1;
      D.window(d, d0, d1);
      H.window(h, h0, h1);
      const int64_t count = divisor.countPadding ? D.paddedLength(d) * H.paddedLength(h) : (d1 - d0) * (h1 - h0);
      if (d0 >= d1 || h0 >= h1) continue;
      for (int64_t o = 0; o < W.out; o++)
        g[o] = dy[o] / static_cast<T>(divisor.fixed ? divisor.fixed : maxOf(1, count * columns.length[o]));
      for (int64_t i = low; i < high; i++) line[i] = 0;
      if (!W.adaptive && W.stride == 1) {
        const int64_t least = maxOf(0, W.padding - W.out + 1), most = minOf(W.kernel, W.in + W.padding);
        for (int64_t k = most - 1; k >= least; k--) {
          const int64_t first = maxOf(0, W.padding - k), last = minOf(W.out, W.in + W.padding - k);
          T* to = line + k - W.padding;
          for (int64_t o = first; o < last; o++) to[o] += g[o];
        }
      } else {
        for (int64_t o = 0; o < W.out; o++)
          for (int64_t i = columns.begin[o]; i < columns.end[o]; i++) line[i] += g[o];
      }
      for (int64_t i = d0; i < d1; i++)
        for (int64_t j = h0; j < h1; j++) {
          T* row = dx + (i * H.in + j) * W.in;
          for (int64_t k = low; k < high; k++) row[k] += line[k];
        }
    }
}

// Windows of one length, side by side, without padding: every input has one output at most.
template <class T, int STEP>
void spreadRow(const T* dy, T by, int64_t outputs, int64_t step, T* row) {
  if (STEP) step = STEP;
  for (int64_t o = 0; o < outputs; o++) {
    const T g = dy[o] / by;
    for (int64_t k = 0; k < step; k++) row[o * step + k] = g;
  }
}
template <class T>
void spreadApart(const Windows& w, int64_t by, const T* dy, T* dx) {
  const Axis &D = w.axis[0], &H = w.axis[1], &W = w.axis[2];
  const int64_t covered = W.out * W.stride;
  for (int64_t d = 0; d < D.in; d++)
    for (int64_t h = 0; h < H.in; h++, dx += W.in) {
      const int64_t od = d / D.stride, oh = h / H.stride;
      if (od >= D.out || oh >= H.out) {
        __builtin_memset(dx, 0, static_cast<size_t>(W.in) * sizeof(T));
        continue;
      }
      if (h % H.stride) {
        __builtin_memcpy(dx, dx - W.in, static_cast<size_t>(W.in) * sizeof(T));
        continue;
      }
      const T* from = dy + (od * H.out + oh) * W.out;
      if (W.stride == 2)
        spreadRow<T, 2>(from, static_cast<T>(by), W.out, 2, dx);
      else
        spreadRow<T, 0>(from, static_cast<T>(by), W.out, W.stride, dx);
      for (int64_t i = covered; i < W.in; i++) dx[i] = 0;
    }
}

template <class T>
Status avgPoolBackwardOver(const T* dy, T* dx, int64_t planes, const Windows& w, Divisor divisor) {
  if (planes * w.inputs() == 0) return OK;
  if (w.outputs() == 0) {
    __builtin_memset(dx, 0, static_cast<size_t>(planes * w.inputs()) * sizeof(T));
    return OK;
  }
  bool apart = true;
  int64_t taps = 1;
  for (const Axis& a : w.axis) {
    apart = apart && !a.adaptive && a.padding == 0 && a.kernel == a.stride && a.out * a.stride <= a.in;
    taps *= a.kernel;
  }
  Columns columns;
  if (!columns.fill(w.axis[2], divisor.countPadding)) return OUT_OF_MEMORY;
  bool failed = false;
  eachPlane(planes, w.inputs(), [&](int64_t p) {
    if (apart) {
      spreadApart<T>(w, divisor.fixed ? divisor.fixed : taps, dy + p * w.outputs(), dx + p * w.inputs());
    } else if (T* line =
                   static_cast<T*>(scratch(1, static_cast<size_t>(w.axis[2].in + w.axis[2].out) * sizeof(T) + 64))) {
      spread<T>(w, columns, divisor, dy + p * w.outputs(), dx + p * w.inputs(), line);
    } else {
      __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    }
  });
  return failed ? OUT_OF_MEMORY : OK;
}

template <class T>
Status avgPool(const Command& c, const AvgPoolArgs& a) {
  Windows w;
  if (!w.fixed(a, nullptr)) return c.fail(BAD_COMMAND, c.op);
  return avgPoolOver<T>(c, a.x, a.y, a.planes, w, {a.countPadding, a.divisor});
}
template <class T>
Status avgPoolBackward(const Command& c, const AvgPoolBackwardArgs& a) {
  Windows w;
  if (!w.fixed(a, nullptr)) return c.fail(BAD_COMMAND, c.op);
  return avgPoolBackwardOver<T>(a.dy, a.dx, a.planes, w, {a.countPadding, a.divisor});
}

template <class T>
Status adaptiveAvgPool(const Command& c, const AdaptiveAvgPoolArgs& a) {
  Windows w;
  if (!w.adaptive(a)) return c.fail(BAD_COMMAND, c.op);
  if (w.outputs() != 1) return avgPoolOver<T>(c, a.x, a.y, a.planes, w, {false, 0});
  averagePlanes<T>(a.x, a.y, a.planes, w.inputs());
  return OK;
}
template <class T>
Status adaptiveAvgPoolBackward(const Command& c, const AdaptiveAvgPoolBackwardArgs& a) {
  Windows w;
  if (!w.adaptive(a)) return c.fail(BAD_COMMAND, c.op);
  return avgPoolBackwardOver<T>(a.dy, a.dx, a.planes, w, {false, 0});
}

}  // namespace

void fill_pool(Kernels& k) {
  TENZO_KERNEL(max_pool, maxPool<T>)
  TENZO_KERNEL(adaptive_max_pool, adaptiveMaxPool<T>)
  TENZO_KERNEL(max_pool_backward, maxPoolBackward<T>)
  TENZO_KERNEL(avg_pool, avgPool<T>)
  TENZO_KERNEL(avg_pool_backward, avgPoolBackward<T>)
  TENZO_KERNEL(adaptive_avg_pool, adaptiveAvgPool<T>)
  TENZO_KERNEL(adaptive_avg_pool_backward, adaptiveAvgPoolBackward<T>)
}

}  // namespace tenzo::TENZO_LEVEL
