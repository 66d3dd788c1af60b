// Connectionist temporal classification (Graves et al. 2006): the log-probabilities of all alignments of a target
// with the input, summed by the forward and backward recursions over the target with a blank around each label.
// A label outside [0, C): INDEX_OUT_OF_RANGE (label, its position, C), and nothing is written.
#include "kernels/fill.h"
#include "simd/math.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

template <class T>
constexpr T INF = static_cast<T>(__builtin_inf());

template <class T>
struct Problem {
  const T* logs;
  const int64_t *targets, *inputLengths, *targetLengths;
  int64_t t, n, c, s, stride, blank, count;

  template <class Args>
  explicit Problem(const Args& a)
      : logs(a.logs),
        targets(a.targets),
        inputLengths(a.inputLengths),
        targetLengths(a.targetLengths),
        t(a.t),
        n(a.n),
        c(a.c),
        s(a.s),
        stride(a.targetStride),
        blank(a.blank),
        count(a.labels) {}
  Status check(const Command& k) const {
    if (blank >= c || stride < -1 || (n > 1 && stride > count)) return k.fail(BAD_COMMAND, k.op);
    int64_t begin = 0;
    for (int64_t b = 0; b < n; b++) {
      const int64_t length = targetLengths[b];
      if (length < 0 || length > s || inputLengths[b] < 0 || inputLengths[b] > t) return k.fail(BAD_COMMAND, k.op);
      if (stride >= 0) begin = b * stride;
      if (begin + length > count) return k.fail(BAD_COMMAND, k.op);
      for (int64_t i = begin; i < begin + length; i++)
        if (targets[i] < 0 || targets[i] >= c)
          return k.fail(INDEX_OUT_OF_RANGE, static_cast<double>(targets[i]), static_cast<double>(i),
                        static_cast<double>(c));
      if (stride < 0) begin += length;
    }
    return OK;
  }
  int64_t states() const { return 2 * s + 1; }
  int64_t begin(int64_t b) const {
    if (stride >= 0) return b * stride;
    int64_t at = 0;
    for (int64_t i = 0; i < b; i++) at += targetLengths[i];
    return at;
  }
  const T* row(int64_t time, int64_t b) const { return logs + (time * n + b) * c; }
};

// What one sample works with: its labels with blanks, which states may be reached past the blank between them, the
// log-probabilities of its labels at one time, and two rows of the recursion. Every row has two elements of -inf in
// front and a vector of them behind, so that neighbours need no conditions.
template <class T>
struct Sample {
  static constexpr int64_t PAD = 2 * Vec<T>::N + 2;
  int64_t* label;
  T *skip, *emit, *now, *next;
  int64_t length, times;

  static size_t bytes(int64_t states) { return static_cast<size_t>(states + PAD) * (sizeof(int64_t) + 4 * sizeof(T)); }
  bool init(const Problem<T>& q, int64_t b) {
    const int64_t room = q.states() + PAD;
    label = static_cast<int64_t*>(scratch(0, bytes(q.states())));
    if (!label) return false;
    T* const rows = reinterpret_cast<T*>(label + room);
    for (int64_t i = 0; i < 4 * room; i++) rows[i] = -INF<T>;
    skip = rows + 2;
    emit = skip + room;
    now = emit + room;
    next = now + room;
    length = 2 * q.targetLengths[b] + 1;
    times = q.inputLengths[b];
    const int64_t* const target = q.targets + q.begin(b);
    for (int64_t i = 0; i < length; i++) label[i] = i % 2 ? target[i / 2] : q.blank;
    for (int64_t i = 2; i < length; i++)
      if (label[i] != label[i - 2]) skip[i] = 0;
    return true;
  }
  void look(const T* row) {
    for (int64_t i = 0; i < length; i++) emit[i] = row[label[i]];
  }
  // next = log(exp(now) + exp(now one further) + exp(now two further, where that is allowed)) + emit, and they swap.
  // `step` is -1 for the forward and 1 for the backward recursion.
  void advance(int step) {
    using V = Vec<T>;
    const V none = V::set1(-INF<T>), zero = V::set1(0);
    const T* const allowed = step < 0 ? skip : skip + 2;
    for (int64_t i = 0; i < length; i += V::N) {
      const V a = V::load(now + i), b = V::load(now + i + step), c = V::load(now + i + 2 * step) + V::load(allowed + i);
      V m = max(max(a, b), c);
      m = select(m == none, zero, m);
      const V sum = exp(a - m) + exp(b - m) + exp(c - m);
      (log(sum) + m + V::load(emit + i)).store(next + i);
    }
    for (int64_t i = length; i < length + V::N; i++) next[i] = -INF<T>;
    T* const other = now;
    now = next;
    next = other;
  }
};

template <class T>
T logAdd(T a, T b) {
  const T top = a > b ? a : b, m = top == -INF<T> ? T(0) : top;
  T both[2] = {a - m, b - m};
  exp(Vec<T>::loadN(both, 2)).storeN(both, 2);
  T sum = both[0] + both[1];
  log(Vec<T>::set1(sum)).storeN(&sum, 1);
  return sum + m;
}

template <class T>
Status ctcLoss(const Command& k, const CtcLossArgs& a) {
  const Problem<T> q(a);
  if (const Status e = q.check(k)) return e;
  T* const loss = a.loss;
  T* const alpha = a.alpha;
  const int64_t states = q.states();
  bool failed = false;
  parallelFor(q.n, [&](int64_t b) {
    Sample<T> w;
    if (!w.init(q, b)) {
      __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
      return;
    }
    T* const rows = alpha + b * q.t * states;
    for (int64_t i = 0; i < q.t * states; i++) rows[i] = -INF<T>;
    if (w.times == 0) {
      loss[b] = w.length == 1 ? T(-0.0) : INF<T>;
      return;
    }
    w.look(q.row(0, b));
    w.now[0] = w.emit[0];
    if (w.length > 1) w.now[1] = w.emit[1];
    for (int64_t t = 0; t < w.times; t++) {
      if (t > 0) {
        w.look(q.row(t, b));
        w.advance(-1);
      }
      __builtin_memcpy(rows + t * states, w.now, static_cast<size_t>(w.length) * sizeof(T));
    }
    const T* const last = w.now + w.length - 1;
    loss[b] = -(w.length == 1 ? last[0] : logAdd(last[0], last[-1]));
  });
  return failed ? k.fail(OUT_OF_MEMORY) : OK;
}

template <class T>
Status ctcLossBackward(const Command& k, const CtcLossBackwardArgs& args) {
  using V = Vec<T>;
  const Problem<T> q(args);
  if (const Status e = q.check(k)) return e;
  T* const out = args.dx;
  const T* const grad = args.dy;
  const T* const alpha = args.alpha;
  const T* const loss = args.loss;
  const int64_t states = q.states();
  bool failed = false;
  parallelFor(q.n, [&](int64_t b) {
    Sample<T> w;
    if (!w.init(q, b)) {
      __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
      return;
    }
    const auto fill = [&](int64_t from, int64_t to, T value) {
      for (int64_t t = from; t < to; t++)
        for (int64_t c = 0; c < q.c; c++) out[(t * q.n + b) * q.c + c] = value;
    };
    fill(w.times, q.t, 0);
    if (w.times == 0) return;
    if (args.zeroInfinity && loss[b] == INF<T>) return fill(0, w.times, 0);
    // Impossible: PyTorch subtracts infinities here.
    if (!(loss[b] < INF<T>)) return fill(0, w.times, static_cast<T>(__builtin_nan("")));
    const V nll = V::set1(loss[b]);
    for (int64_t t = w.times - 1; t >= 0; t--) {
      const T* const x = q.row(t, b);
      T* const y = out + (t * q.n + b) * q.c;
      const T* const a = alpha + (b * q.t + t) * states;
      w.look(x);
      if (t == w.times - 1) {
        w.now[w.length - 1] = w.emit[w.length - 1];
        if (w.length > 1) w.now[w.length - 2] = w.emit[w.length - 2];
      } else {
        w.advance(1);
      }
      // exp(x), but NaN for a probability of zero, as PyTorch.
      for (int64_t c = 0; c < q.c; c += V::N) {
        const int n = q.c - c < V::N ? static_cast<int>(q.c - c) : V::N;
        const V v = V::loadN(x + c, n);
        (exp(v) + (v - v)).storeN(y + c, n);
      }
      // The probability of being in each state at this time goes off that of its label.
      for (int64_t i = 0; i < w.length; i += V::N) {
        const int n = w.length - i < V::N ? static_cast<int>(w.length - i) : V::N;
        T p[V::N];
        exp(V::loadN(a + i, n) + V::loadN(w.now + i, n) - V::loadN(w.emit + i, n) + nll).store(p);
        for (int j = 0; j < n; j++) y[w.label[i + j]] -= p[j];
      }
      for (int64_t c = 0; c < q.c; c++) y[c] *= grad[b];
    }
  });
  return failed ? k.fail(OUT_OF_MEMORY) : OK;
}

}  // namespace

void fill_ctc(Kernels& k) {
  TENZO_KERNEL(ctc_loss, ctcLoss<T>)
  TENZO_KERNEL(ctc_loss_backward, ctcLossBackward<T>)
}

}  // namespace tenzo::TENZO_LEVEL
