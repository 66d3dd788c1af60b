// Cross entropy (log-softmax and loss in one) and negative log likelihood for class indices. Inputs are contiguous
// [n, c, s], targets [n, s].
// A target outside [0, C) that is not ignoreIndex: INDEX_OUT_OF_RANGE (target, its position, C), and nothing is
// written.
#include "kernels/fill.h"
#include "kernels/reduce/strips.h"
#include "simd/math.h"

namespace tenzo::TENZO_LEVEL {
namespace {

enum Reduction : int64_t { NONE, MEAN, SUM };

template <class T>
struct Classes {
  const int64_t* target;
  const T* weight;
  int64_t n, c, s;
  int64_t ignored;
  int64_t reduction;

  int64_t count() const { return n * s; }
  T weightOf(int64_t t) const { return weight ? weight[t] : T(1); }

  // What all four ops have.
  template <class Args>
  explicit Classes(const Args& a)
      : target(a.target), weight(a.weight), n(a.n), c(a.c), s(a.s), ignored(a.ignoreIndex), reduction(a.reduction) {}
  Status check(const Command& k, int64_t losses) const {
    if (reduction > SUM || losses != (reduction == NONE ? count() : 1)) return k.fail(BAD_COMMAND, k.op);
    for (int64_t i = 0; i < count(); i++)
      if (target[i] != ignored && (target[i] < 0 || target[i] >= c))
        return k.fail(INDEX_OUT_OF_RANGE, static_cast<double>(target[i]), static_cast<double>(i),
                      static_cast<double>(c));
    return OK;
  }
};

// Writes what the elements' losses reduce to. chunkOf(begin, end, total, weight) gives the sums of the losses and of
// the weights of those elements (and writes the losses where nothing is reduced); chunks are added in their order.
template <class T, class F>
Status reduceLoss(const Command& k, const Classes<T>& q, T* loss, T* totalWeight, int64_t grain, const F& chunkOf) {
  const int64_t chunks = (q.count() + grain - 1) / grain;
  double* const sums = static_cast<double*>(scratch(0, static_cast<size_t>(2 * chunks + 1) * sizeof(double)));
  if (!sums) return k.fail(OUT_OF_MEMORY);
  parallelFor(chunks, [&](int64_t i) {
    const int64_t begin = i * grain, end = begin + grain < q.count() ? begin + grain : q.count();
    chunkOf(begin, end, sums[2 * i], sums[2 * i + 1]);
  });
  double total = 0, weight = 0;
  for (int64_t i = 0; i < chunks; i++) {
    total += sums[2 * i];
    weight += sums[2 * i + 1];
  }
  if (q.reduction == MEAN) *loss = static_cast<T>(total) / static_cast<T>(weight);
  if (q.reduction == SUM) *loss = static_cast<T>(total);
  *totalWeight = static_cast<T>(weight);
  return OK;
}

template <class T>
Status crossEntropy(const Command& k, const CrossEntropyArgs& a) {
  using V = Vec<T>;
  const Classes<T> q(a);
  if (const Status e = q.check(k, a.losses)) return e;
  T* const loss = a.loss;
  const T* const logits = a.logits;
  T* const top = a.stats;
  T* const logSum = top + q.count();
  const double smoothing = a.labelSmoothing;

  // The largest logit and the log of the sum, for every position of one n: rows, or strips of 16 neighbours.
  const Lines lines{q.n, q.c, q.s};
  if (q.count() && q.c)
    eachLine(
        lines,
        [&](int64_t at) {
          const T* const x = logits + at;
          const T largest = extremeRun<true>(x, q.c);
          const V m = V::set1(largest);
          double sum;
          sumRuns<T, 1>(q.c, &sum, [&](int64_t i, int n, V* v) {
            const V e = exp(loadSome(x + i, n) - m);
            v[0] = n == V::N ? e : firstLanes(e, n);
          });
          top[at / q.c] = largest;
          log(V::set1(static_cast<T>(sum))).storeN(logSum + at / q.c, 1);
        },
        [&](int64_t at, int n) {
          const T* const x = logits + at;
          Strip<T> m = Strip<T>::load(x, n);
          for (int64_t i = 1; i < q.c; i++) {
            const Strip<T> v = Strip<T>::load(x + i * q.s, n);
            m = Strip<T>::map([&](int w) { return extremeOf<true>(m.v[w], v.v[w]); });
          }
          const Strip<T> sum = sumStrips<T>(q.c, [&](int64_t i) {
            const Strip<T> v = Strip<T>::load(x + i * q.s, n);
            return Strip<T>::map([&](int w) { return exp(v.v[w] - m.v[w]); });
          });
          const int64_t p = at / (q.c * q.s) * q.s + at % (q.c * q.s);
          m.store(top + p, n);
          Strip<T>::map([&](int w) { return log(sum.v[w]); }).store(logSum + p, n);
        });

  // Label smoothing adds, for each class, its share of the (weighted) negative log-probability.
  const double share = q.c ? smoothing / static_cast<double>(q.c) : 0;
  const auto smooth = [&](const T* x, T m, T l) {
    double sum = 0;
    if (q.s == 1) {
      const V vm = V::set1(m), vl = V::set1(l);
      sumRuns<T, 1>(q.c, &sum, [&](int64_t i, int n, V* v) {
        V p = loadSome(x + i, n) - vm - vl;
        if (q.weight) p = p * loadSome(q.weight + i, n);
        v[0] = n == V::N ? p : firstLanes(p, n);
      });
    } else {
      for (int64_t i = 0; i < q.c; i++) sum += static_cast<double>((x[i * q.s] - m - l) * q.weightOf(i));
    }
    return -sum;
  };
  return reduceLoss<T>(k, q, loss, a.totalWeight, smoothing != 0 ? GRAIN / (q.c + 1) + 1 : GRAIN,
                       [&](int64_t begin, int64_t end, double& total, double& weight) {
                         total = weight = 0;
                         for (int64_t i = begin; i < end; i++) {
                           const int64_t t = q.target[i];
                           double l = 0;
                           if (t != q.ignored) {
                             const T* const x = logits + i / q.s * q.c * q.s + i % q.s;
                             const T w = q.weightOf(t);
                             l = static_cast<double>(-(x[t * q.s] - top[i] - logSum[i]) * w);
                             if (smoothing != 0) l = l * (1 - smoothing) + smooth(x, top[i], logSum[i]) * share;
                             weight += static_cast<double>(w);
                           }
                           if (q.reduction == NONE)
                             loss[i] = static_cast<T>(l);
                           else
                             total += l;
                         }
                       });
}

// The gradient of a loss element: of its own output, or of the reduced one.
template <class T>
struct Scale {
  const T* grad;
  T common;
  bool each;
  Scale(const T* g, const T* totalWeight, int64_t reduction) : grad(g), common(0), each(reduction == NONE) {
    if (!each) common = reduction == MEAN ? g[0] / totalWeight[0] : g[0];
  }
  T of(int64_t i) const { return each ? grad[i] : common; }
};

template <class T>
Status crossEntropyBackward(const Command& k, const CrossEntropyBackwardArgs& args) {
  using V = Vec<T>;
  const Classes<T> q(args);
  if (const Status e = q.check(k, args.losses)) return e;
  if (!q.count() || !q.c) return OK;
  T* const out = args.dx;
  const T* const logits = args.logits;
  const T* const top = args.stats;
  const T* const logSum = top + q.count();
  const T smoothing = static_cast<T>(args.labelSmoothing);
  const Scale<T> scale(args.dy, args.totalWeight, q.reduction);
  const T share = smoothing / static_cast<T>(q.c), rest = 1 - smoothing;
  double allWeights = static_cast<double>(q.c);
  if (q.weight && smoothing != 0) allWeights = sumRun(q.weight, q.c);
  const T spread = smoothing == 0 ? T(0) : share * static_cast<T>(allWeights);

  // With p the probabilities and g the scale: g * (p * (rest * w[t] + spread) - share * w - rest * w[t] [c == t]).
  const auto row = [&](int64_t at) {
    const int64_t i = at / q.c, t = q.target[i];
    const T* const x = logits + at;
    T* const y = out + at;
    if (t == q.ignored) {
      for (int64_t c = 0; c < q.c; c++) y[c] = 0;
      return;
    }
    const T g = scale.of(i), w = q.weightOf(t) * rest;
    const V m = V::set1(top[i]), l = V::set1(logSum[i]), a = V::set1(g * (w + spread)), b = V::set1(g * share);
    eachVector<T>(q.c, [&](int64_t c, int n) {
      V d = a * exp(loadSome(x + c, n) - m - l);
      if (smoothing != 0) d = d - (q.weight ? b * loadSome(q.weight + c, n) : b);
      d.storeN(y + c, n);
    });
    y[t] -= g * w;
  };
  const auto strip = [&](int64_t at, int n) {
    const int64_t i = at / (q.c * q.s) * q.s + at % (q.c * q.s);
    T own[16], of[16], down[16];  // a, g * share and g * rest * w[t] of each column; all 0 where it is ignored
    for (int j = 0; j < 16; j++) {
      own[j] = of[j] = down[j] = 0;
      if (j >= n || q.target[i + j] == q.ignored) continue;
      const T g = scale.of(i + j), w = q.weightOf(q.target[i + j]) * rest;
      own[j] = g * (w + spread);
      of[j] = g * share;
      down[j] = g * w;
    }
    const Strip<T> m = Strip<T>::load(top + i, n), l = Strip<T>::load(logSum + i, n), a = Strip<T>::load(own, 16),
                   b = Strip<T>::load(of, 16);
    for (int64_t c = 0; c < q.c; c++) {
      const Strip<T> x = Strip<T>::load(logits + at + c * q.s, n);
      const V w = V::set1(q.weightOf(c));
      Strip<T>::map([&](int v) {
        const V d = a.v[v] * exp(x.v[v] - m.v[v] - l.v[v]);
        // An ignored position is 0 whatever its logits are.
        const V e = select(a.v[v] == V::zero(), V::zero(), d);
        return smoothing != 0 ? e - b.v[v] * w : e;
      }).store(out + at + c * q.s, n);
    }
    for (int j = 0; j < n; j++)
      if (q.target[i + j] != q.ignored) out[at + q.target[i + j] * q.s + j] -= down[j];
  };
  eachLine(Lines{q.n, q.c, q.s}, row, strip);
  return OK;
}

template <class T>
Status nllLoss(const Command& k, const NllLossArgs& a) {
  const Classes<T> q(a);
  if (const Status e = q.check(k, a.losses)) return e;
  T* const loss = a.loss;
  const T* const logs = a.logs;
  return reduceLoss<T>(k, q, loss, a.totalWeight, GRAIN,
                       [&](int64_t begin, int64_t end, double& total, double& weight) {
                         total = weight = 0;
                         for (int64_t i = begin; i < end; i++) {
                           const int64_t t = q.target[i];
                           T l = 0;
                           if (t != q.ignored) {
                             const T w = q.weightOf(t);
                             l = -logs[i / q.s * q.c * q.s + t * q.s + i % q.s] * w;
                             weight += static_cast<double>(w);
                           }
                           if (q.reduction == NONE)
                             loss[i] = l;
                           else
                             total += static_cast<double>(l);
                         }
                       });
}

template <class T>
Status nllLossBackward(const Command& k, const NllLossBackwardArgs& a) {
  const Classes<T> q(a);
  if (const Status e = q.check(k, a.losses)) return e;
  if (!q.count() || !q.c) return OK;
  T* const out = a.dx;
  const Scale<T> scale(a.dy, a.totalWeight, q.reduction);
  const int64_t size = q.c * q.s;
  parallelRange(q.n, size < GRAIN ? GRAIN / size : 1, [&](int64_t begin, int64_t end) {
    __builtin_memset(out + begin * size, 0, static_cast<size_t>((end - begin) * size) * sizeof(T));
    for (int64_t i = begin * q.s; i < end * q.s; i++) {
      const int64_t t = q.target[i];
      if (t != q.ignored) out[i / q.s * size + t * q.s + i % q.s] = -scale.of(i) * q.weightOf(t);
    }
  });
  return OK;
}

}  // namespace

void fill_loss(Kernels& k) {
  TENZO_KERNEL(cross_entropy, crossEntropy<T>)
  TENZO_KERNEL(cross_entropy_backward, crossEntropyBackward<T>)
  TENZO_KERNEL(nll_loss, nllLoss<T>)
  TENZO_KERNEL(nll_loss_backward, nllLossBackward<T>)
}

}  // namespace tenzo::TENZO_LEVEL
