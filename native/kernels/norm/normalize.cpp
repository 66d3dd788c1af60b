// Normalisation over batch, rows and groups. All tensors are contiguous: x is [n, c, s] or [rows, columns].
// Statistics: moments.h.
#include "kernels/fill.h"
#include "kernels/reduce/moments.h"
#include "kernels/reduce/strips.h"

namespace tenzo::TENZO_LEVEL {
namespace {

template <class T>
inline T at(const T* p, int64_t i, T otherwise) {
  return p ? p[i] : otherwise;
}

// y = (x - mean) * scale + shift. The subtraction first: x and mean are near, so it loses nothing.
template <class T>
inline void scaleRun(T* y, const T* x, int64_t n, T mean, T scale, T shift) {
  const Vec<T> m = Vec<T>::set1(mean), a = Vec<T>::set1(scale), b = Vec<T>::set1(shift);
  eachVector<T>(n, [&](int64_t i, int k) { fma(loadSome(x + i, k) - m, a, b).storeN(y + i, k); });
}

// The sums of g and of g * (x - mean).
template <class T>
inline void gradientSums(const T* g, const T* x, int64_t n, T mean, double* sums) {
  const Vec<T> m = Vec<T>::set1(mean);
  sumRuns<T, 2>(n, sums, [&](int64_t i, int k, Vec<T>* v) {
    v[0] = loadSome(g + i, k);
    v[1] = v[0] * (loadSome(x + i, k) - m);
  });
}

// gx = g * scale - (x - mean) * slope - level
template <class T>
inline void gradientRun(T* gx, const T* g, const T* x, int64_t n, T mean, T scale, T slope, T level) {
  const Vec<T> m = Vec<T>::set1(mean), a = Vec<T>::set1(scale), b = Vec<T>::set1(slope), c = Vec<T>::set1(level);
  eachVector<T>(n, [&](int64_t i, int k) {
    fma(loadSome(g + i, k), a, fnma(loadSome(x + i, k) - m, b, neg(c))).storeN(gx + i, k);
  });
}

// ---- batch norm

struct Batch {
  int64_t n, c, s;
  int64_t parts, images;  // the batch is split into parts of so many images where channels alone are too few tasks

  Batch(int64_t batch, int64_t channels, int64_t size) : n(batch), c(channels), s(size), parts(1), images(0) {
    if (empty()) return;
    if (c < 16 && n * c * s > 4 * GRAIN) {
      parts = n * c * s / (2 * GRAIN);
      if (parts > (31 + c) / c) parts = (31 + c) / c;
      if (parts > n) parts = n;
    }
    images = (n + parts - 1) / parts;
    parts = (n + images - 1) / images;
  }
  bool empty() const { return !n || !c || !s; }
  // f(channel, first image, end) for every channel of every part
  template <class F>
  void each(const F& f) const {
    const int64_t work = images * s;
    parallelRange(c * parts, work < GRAIN ? GRAIN / work : 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t first = i % parts * images;
        f(i / parts, i % parts, first, first + images < n ? first + images : n);
      }
    });
  }
};

// What a channel's elements are multiplied with, once its statistics are known.
template <class T>
struct BatchForward {
  Batch q;
  T* y;
  const T* x;
  const T* weight;
  const T* bias;
  T* runningMean;
  T* runningVar;
  T* mean;
  T* invstd;
  bool training;
  double momentum, eps;

  void finish(int64_t c, const Moment& m) const {
    const double count = static_cast<double>(q.n * q.s);
    mean[c] = static_cast<T>(m.mean);
    invstd[c] = static_cast<T>(1 / __builtin_sqrt(m.m2 / count + eps));
    if (runningMean)
      runningMean[c] = static_cast<T>((1 - momentum) * static_cast<double>(runningMean[c]) + momentum * m.mean);
    if (runningVar)
      runningVar[c] =
          static_cast<T>((1 - momentum) * static_cast<double>(runningVar[c]) + momentum * (m.m2 / (count - 1)));
  }
  T meanOf(int64_t c) const { return training ? mean[c] : runningMean[c]; }
  T scaleOf(int64_t c) const {
    const T i = training ? invstd[c] : static_cast<T>(1 / __builtin_sqrt(static_cast<double>(runningVar[c]) + eps));
    return i * at(weight, c, T(1));
  }
  void apply(int64_t c, int64_t begin, int64_t end) const {
    const T m = meanOf(c), a = scaleOf(c), b = at(bias, c, T(0));
    for (int64_t i = begin; i < end; i++) {
      const int64_t o = (i * q.c + c) * q.s;
      scaleRun(y + o, x + o, q.s, m, a, b);
    }
  }

  void images() const {
    if (!training) {
      q.each([&](int64_t c, int64_t, int64_t begin, int64_t end) { apply(c, begin, end); });
      return;
    }
    const auto fold = [&](int64_t c, int64_t begin, int64_t end) {
      Moment m{0, 0, 0};
      for (int64_t i = begin; i < end; i++) m.run(x + (i * q.c + c) * q.s, q.s);
      return m;
    };
    if (q.parts == 1) {  // the channel is still in the cache when it is normalised
      q.each([&](int64_t c, int64_t, int64_t begin, int64_t end) {
        finish(c, fold(c, begin, end));
        apply(c, begin, end);
      });
      return;
    }
    Moment parts[16 * 32];
    q.each(
        [&](int64_t c, int64_t part, int64_t begin, int64_t end) { parts[c * q.parts + part] = fold(c, begin, end); });
    for (int64_t c = 0; c < q.c; c++) {
      for (int64_t i = 1; i < q.parts; i++) parts[c * q.parts].join(parts[c * q.parts + i]);
      finish(c, parts[c * q.parts]);
    }
    q.each([&](int64_t c, int64_t, int64_t begin, int64_t end) { apply(c, begin, end); });
  }

  // S = 1: channels are columns; 16 of them are walked down the batch.
  void columns() const {
    constexpr int W = Strip<T>::W;
    const int64_t strips = (q.c + 15) / 16;
    parallelRange(strips, q.n * 16 < GRAIN ? GRAIN / (q.n * 16) : 1, [&](int64_t begin, int64_t end) {
      for (int64_t j = begin; j < end; j++) {
        const int64_t c = j * 16;
        const int n = q.c - c < 16 ? static_cast<int>(q.c - c) : 16;
        if (training) {
          Lanes m, m2;
          columnMoments(x + c, q.n, q.c, n, m, m2);
          double means[16], squares[16];
          for (int i = 0; i < Lanes::W; i++) {
            m.v[i].store(means + i * VecD::N);
            m2.v[i].store(squares + i * VecD::N);
          }
          for (int i = 0; i < n; i++) finish(c + i, {means[i], squares[i], static_cast<double>(q.n)});
        }
        T m[16] = {}, a[16] = {}, b[16] = {};
        for (int i = 0; i < n; i++) m[i] = meanOf(c + i), a[i] = scaleOf(c + i), b[i] = at(bias, c + i, T(0));
        const Strip<T> vm = Strip<T>::load(m, 16), va = Strip<T>::load(a, 16), vb = Strip<T>::load(b, 16);
        for (int64_t i = 0; i < q.n; i++) {
          Strip<T> v = Strip<T>::load(x + i * q.c + c, n);
          for (int w = 0; w < W; w++) v.v[w] = fma(v.v[w] - vm.v[w], va.v[w], vb.v[w]);
          v.store(y + i * q.c + c, n);
        }
      }
    });
  }
};

template <class T>
Status batchNorm(const Command& k, const BatchNormArgs& a) {
  const BatchForward<T> f{{a.n, a.c, a.s}, a.y,    a.x,      a.weight,   a.bias,     a.runningMean,
                          a.runningVar,    a.mean, a.invstd, a.training, a.momentum, a.eps};
  if (f.q.empty()) return OK;
  if (f.training ? !f.mean || !f.invstd : !f.runningMean || !f.runningVar) return k.fail(BAD_COMMAND, k.op);
  if (f.q.s == 1)
    f.columns();
  else
    f.images();
  return OK;
}

template <class T>
struct BatchBackward {
  Batch q;
  T* gx;
  T* gw;
  T* gb;
  const T* g;
  const T* x;
  const T* weight;
  const T* mean;
  const T* spread;
  bool training;
  double eps;

  T invstd(int64_t c) const {
    return training ? spread[c] : static_cast<T>(1 / __builtin_sqrt(static_cast<double>(spread[c]) + eps));
  }
  // sums: of g, and of g * (x - mean)
  void parameters(int64_t c, const double* sums) const {
    if (gb) gb[c] = static_cast<T>(sums[0]);
    if (gw) gw[c] = static_cast<T>(sums[1] * static_cast<double>(invstd(c)));
  }
  struct Factors {
    T scale, slope, level;
  };
  Factors factors(int64_t c, const double* sums) const {
    const double i = static_cast<double>(invstd(c)), a = i * static_cast<double>(at(weight, c, T(1)));
    const double n = static_cast<double>(q.n * q.s);
    if (!training) return {static_cast<T>(a), T(0), T(0)};
    return {static_cast<T>(a), static_cast<T>(a * i * i * sums[1] / n), static_cast<T>(a * sums[0] / n)};
  }
  bool needsSums() const { return training || gw || gb; }

  void apply(int64_t c, int64_t begin, int64_t end, const double* sums) const {
    const Factors f = factors(c, sums);
    for (int64_t i = begin; i < end; i++) {
      const int64_t o = (i * q.c + c) * q.s;
      gradientRun(gx + o, g + o, x + o, q.s, mean[c], f.scale, f.slope, f.level);
    }
  }
  void images() const {
    const auto fold = [&](int64_t c, int64_t begin, int64_t end, double* sums) {
      sums[0] = sums[1] = 0;
      if (!needsSums()) return;
      for (int64_t i = begin; i < end; i++) {
        const int64_t o = (i * q.c + c) * q.s;
        double s[2];
        gradientSums(g + o, x + o, q.s, mean[c], s);
        sums[0] += s[0];
        sums[1] += s[1];
      }
    };
    if (q.parts == 1) {
      q.each([&](int64_t c, int64_t, int64_t begin, int64_t end) {
        double sums[2];
        fold(c, begin, end, sums);
        parameters(c, sums);
        if (gx) apply(c, begin, end, sums);
      });
      return;
    }
    double parts[16 * 32][2];
    q.each(
        [&](int64_t c, int64_t part, int64_t begin, int64_t end) { fold(c, begin, end, parts[c * q.parts + part]); });
    for (int64_t c = 0; c < q.c; c++) {
      double* const sums = parts[c * q.parts];
      for (int64_t i = 1; i < q.parts; i++) {
        sums[0] += sums[2 * i];
        sums[1] += sums[2 * i + 1];
      }
      parameters(c, sums);
    }
    if (gx) q.each([&](int64_t c, int64_t, int64_t begin, int64_t end) { apply(c, begin, end, parts[c * q.parts]); });
  }
  void columns() const {
    constexpr int W = Strip<T>::W;
    const int64_t strips = (q.c + 15) / 16;
    parallelRange(strips, q.n * 16 < GRAIN ? GRAIN / (q.n * 16) : 1, [&](int64_t begin, int64_t end) {
      for (int64_t j = begin; j < end; j++) {
        const int64_t c = j * 16;
        const int n = q.c - c < 16 ? static_cast<int>(q.c - c) : 16;
        const Strip<T> m = Strip<T>::load(mean + c, n);
        double s0[16] = {}, s1[16] = {};
        if (needsSums()) {
          Lanes sum = Lanes::zero(), dot = Lanes::zero();
          for (int64_t i = 0; i < q.n; i++) {
            const Strip<T> a = Strip<T>::load(g + i * q.c + c, n), b = Strip<T>::load(x + i * q.c + c, n);
            sum.add(a.v);
            dot.add(Strip<T>::map([&](int w) { return a.v[w] * (b.v[w] - m.v[w]); }).v);
          }
          for (int i = 0; i < Lanes::W; i++) {
            sum.v[i].store(s0 + i * VecD::N);
            dot.v[i].store(s1 + i * VecD::N);
          }
        }
        T scale[16] = {}, slope[16] = {}, level[16] = {};
        for (int i = 0; i < n; i++) {
          const double sums[2] = {s0[i], s1[i]};
          parameters(c + i, sums);
          const Factors f = factors(c + i, sums);
          scale[i] = f.scale;
          slope[i] = f.slope;
          level[i] = f.level;
        }
        if (!gx) continue;
        const Strip<T> a = Strip<T>::load(scale, 16), b = Strip<T>::load(slope, 16), l = Strip<T>::load(level, 16);
        for (int64_t i = 0; i < q.n; i++) {
          const Strip<T> u = Strip<T>::load(g + i * q.c + c, n), v = Strip<T>::load(x + i * q.c + c, n);
          Strip<T> r;
          for (int w = 0; w < W; w++) r.v[w] = fma(u.v[w], a.v[w], fnma(v.v[w] - m.v[w], b.v[w], neg(l.v[w])));
          r.store(gx + i * q.c + c, n);
        }
      }
    });
  }
};

template <class T>
Status batchNormBackward(const Command&, const BatchNormBackwardArgs& a) {
  const BatchBackward<T> f{{a.n, a.c, a.s}, a.dx, a.dw, a.db, a.dy, a.x, a.weight, a.mean, a.spread, a.training, a.eps};
  if (f.q.empty()) {
    const double none[2] = {0, 0};
    for (int64_t c = 0; c < f.q.c; c++) f.parameters(c, none);
    return OK;
  }
  if (f.q.s == 1)
    f.columns();
  else
    f.images();
  return OK;
}

// ---- layer norm

template <class T>
Status layerNorm(const Command&, const LayerNormArgs& a) {
  T* const y = a.y;
  const T* const x = a.x;
  const T* const weight = a.weight;
  const T* const bias = a.bias;
  T* const mean = a.mean;
  T* const rstd = a.rstd;
  const int64_t rows = a.rows, cols = a.columns;
  const double eps = a.eps;
  if (!cols && !mean && !rstd) return OK;
  parallelRange(rows, cols < GRAIN ? GRAIN / (cols + 1) + 1 : 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const T* const row = x + r * cols;
      Moment s{0, 0, 0};
      if (cols) s.run(row, cols);
      const T m = static_cast<T>(s.mean);
      const T i = static_cast<T>(1 / __builtin_sqrt(s.m2 / static_cast<double>(cols) + eps));
      if (mean) mean[r] = m;
      if (rstd) rstd[r] = i;
      const Vec<T> vm = Vec<T>::set1(m), vi = Vec<T>::set1(i);
      T* const out = y + r * cols;
      const auto each = [&](const auto& map) {
        eachVector<T>(cols, [&](int64_t j, int n) { map((loadSome(row + j, n) - vm) * vi, j, n).storeN(out + j, n); });
      };
      if (weight && bias)
        each([&](Vec<T> v, int64_t j, int n) { return fma(v, loadSome(weight + j, n), loadSome(bias + j, n)); });
      else if (weight)
        each([&](Vec<T> v, int64_t j, int n) { return v * loadSome(weight + j, n); });
      else if (bias)
        each([&](Vec<T> v, int64_t j, int n) { return v + loadSome(bias + j, n); });
      else
        each([](Vec<T> v, int64_t, int) { return v; });
    }
  });
  return OK;
}

template <class T>
Status layerNormBackward(const Command& k, const LayerNormBackwardArgs& a) {
  using V = Vec<T>;
  T* const gx = a.dx;
  T* const gw = a.dw;
  T* const gb = a.db;
  const T* const g = a.dy;
  const T* const x = a.x;
  const T* const weight = a.weight;
  const T* const mean = a.mean;
  const T* const rstd = a.rstd;
  const int64_t rows = a.rows, cols = a.columns;
  if (!cols) return OK;
  // Each chunk of rows sums its share of gw and gb: in the element type over 16 rows, then in double.
  const bool parameters = gw || gb;
  int64_t grain = cols < GRAIN ? GRAIN / cols : 1;
  if (parameters && grain < (rows + 31) / 32) grain = (rows + 31) / 32;
  const int64_t chunks = (rows + grain - 1) / grain;
  const int64_t sums = 2 * chunks * cols;
  double* totals = nullptr;
  if (parameters && sums) {
    totals = static_cast<double*>(scratch(0, static_cast<size_t>(sums) * (sizeof(double) + sizeof(T))));
    if (!totals) return k.fail(OUT_OF_MEMORY);
  }
  parallelFor(chunks, [&](int64_t chunk) {
    double* const total = parameters ? totals + 2 * chunk * cols : nullptr;
    T* const recent = parameters ? reinterpret_cast<T*>(totals + sums) + 2 * chunk * cols : nullptr;
    if (parameters) {
      __builtin_memset(recent, 0, static_cast<size_t>(2 * cols) * sizeof(T));
      __builtin_memset(total, 0, static_cast<size_t>(2 * cols) * sizeof(double));
    }
    T* const recentB = parameters ? recent + cols : nullptr;
    const int64_t end = (chunk + 1) * grain < rows ? (chunk + 1) * grain : rows;
    for (int64_t r = chunk * grain; r < end; r++) {
      const T* const gr = g + r * cols;
      const T* const xr = x + r * cols;
      const V m = V::set1(mean[r]), i = V::set1(rstd[r]);
      V slope = V::zero(), level = V::zero();
      if (gx) {
        double s[2];
        sumRuns<T, 2>(cols, s, [&](int64_t j, int n, V* v) {
          v[0] = loadSome(gr + j, n);
          if (weight) v[0] = v[0] * loadSome(weight + j, n);
          v[1] = v[0] * (loadSome(xr + j, n) - m);
        });
        const double inv = static_cast<double>(rstd[r]), count = static_cast<double>(cols);
        slope = V::set1(static_cast<T>(inv * inv * s[1] / count));
        level = V::set1(static_cast<T>(s[0] / count));
      }
      eachVector<T>(cols, [&](int64_t j, int n) {
        const V v = loadSome(gr + j, n), d = loadSome(xr + j, n) - m;
        if (parameters) {
          fma(v, d * i, loadSome(recent + j, n)).storeN(recent + j, n);
          (loadSome(recentB + j, n) + v).storeN(recentB + j, n);
        }
        if (gx) {
          const V u = weight ? v * loadSome(weight + j, n) : v;
          (fnma(d, slope, u - level) * i).storeN(gx + r * cols + j, n);
        }
      });
      if (!parameters) continue;
      if ((r - chunk * grain) % 16 == 15 || r + 1 == end)
        for (int64_t j = 0; j < 2 * cols; j++) {
          total[j] += static_cast<double>(recent[j]);
          recent[j] = 0;
        }
    }
  });
  if (!parameters) return OK;
  parallelRange(cols, 256, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; j++) {
      double w = 0, b = 0;
      for (int64_t c = 0; c < chunks; c++) {
        w += totals[2 * c * cols + j];
        b += totals[(2 * c + 1) * cols + j];
      }
      if (gw) gw[j] = static_cast<T>(w);
      if (gb) gb[j] = static_cast<T>(b);
    }
  });
  return OK;
}

// ---- group norm

template <class T>
Status groupNorm(const Command& k, const GroupNormArgs& a) {
  T* const y = a.y;
  const T* const x = a.x;
  const T* const weight = a.weight;
  const T* const bias = a.bias;
  T* const mean = a.mean;
  T* const rstd = a.rstd;
  const int64_t n = a.n, c = a.c, s = a.s, groups = a.groups;
  const double eps = a.eps;
  if (c % groups) return k.fail(BAD_COMMAND, k.op);
  const int64_t width = c / groups, size = width * s;
  if (!size && !mean && !rstd) return OK;
  parallelRange(n * groups, size < GRAIN ? GRAIN / (size + 1) + 1 : 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      Moment m{0, 0, 0};
      if (size) m.run(x + i * size, size);
      const T mu = static_cast<T>(m.mean);
      const T inv = static_cast<T>(1 / __builtin_sqrt(m.m2 / static_cast<double>(size) + eps));
      if (mean) mean[i] = mu;
      if (rstd) rstd[i] = inv;
      for (int64_t j = 0; j < width && s > 0; j++) {
        const int64_t channel = i % groups * width + j, o = i * size + j * s;
        scaleRun(y + o, x + o, s, mu, inv * at(weight, channel, T(1)), at(bias, channel, T(0)));
      }
    }
  });
  return OK;
}

template <class T>
Status groupNormBackward(const Command& k, const GroupNormBackwardArgs& a) {
  T* const gx = a.dx;
  T* const gw = a.dw;
  T* const gb = a.db;
  const T* const g = a.dy;
  const T* const x = a.x;
  const T* const weight = a.weight;
  const T* const mean = a.mean;
  const T* const rstd = a.rstd;
  const int64_t n = a.n, c = a.c, s = a.s, groups = a.groups;
  if (c % groups) return k.fail(BAD_COMMAND, k.op);
  const int64_t width = c / groups, size = width * s;
  if (!s) {
    for (int64_t j = 0; j < c && (gw || gb); j++) {
      if (gw) gw[j] = 0;
      if (gb) gb[j] = 0;
    }
    return OK;
  }
  // The two sums of every channel of every image.
  double* const sums = static_cast<double*>(scratch(0, static_cast<size_t>(2 * n * c + 1) * sizeof(double)));
  if (!sums) return k.fail(OUT_OF_MEMORY);
  parallelRange(n * groups, size < GRAIN ? GRAIN / (size + 1) + 1 : 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      double sum = 0, dot = 0;
      for (int64_t j = 0; j < width; j++) {
        double* const own = sums + 2 * (i * width + j);
        own[0] = own[1] = 0;
        gradientSums(g + i * size + j * s, x + i * size + j * s, s, mean[i], own);
        const double w = static_cast<double>(at(weight, i % groups * width + j, T(1)));
        sum += w * own[0];
        dot += w * own[1];
      }
      if (!gx || !size) continue;
      const double inv = static_cast<double>(rstd[i]), count = static_cast<double>(size);
      const T slope = static_cast<T>(inv * inv * inv * dot / count), level = static_cast<T>(inv * sum / count);
      for (int64_t j = 0; j < width; j++) {
        const int64_t o = i * size + j * s;
        gradientRun(gx + o, g + o, x + o, s, mean[i], rstd[i] * at(weight, i % groups * width + j, T(1)), slope, level);
      }
    }
  });
  for (int64_t j = 0; j < c && (gw || gb); j++) {
    double w = 0, b = 0;
    for (int64_t i = 0; i < n; i++) {
      const double* const own = sums + 2 * (i * c + j);
      w += own[1] * static_cast<double>(rstd[i * groups + j / width]);
      b += own[0];
    }
    if (gw) gw[j] = static_cast<T>(w);
    if (gb) gb[j] = static_cast<T>(b);
  }
  return OK;
}

}  // namespace

void fill_normalize(Kernels& k) {
  TENZO_KERNEL(batch_norm, batchNorm<T>)
  TENZO_KERNEL(batch_norm_backward, batchNormBackward<T>)
  TENZO_KERNEL(layer_norm, layerNorm<T>)
  TENZO_KERNEL(layer_norm_backward, layerNormBackward<T>)
  TENZO_KERNEL(group_norm, groupNorm<T>)
  TENZO_KERNEL(group_norm_backward, groupNormBackward<T>)
}

}  // namespace tenzo::TENZO_LEVEL
