// Random numbers with PyTorch's own bits on the CPU: mt19937, and for each distribution the arithmetic that
// PyTorch's x86 build does, to the last rounding. What is fused there is fused here, at every level.
#include "command/generator.h"
#include "kernels/fill.h"
#include "random_math.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// ---- the engine

inline uint64_t twisted(uint64_t a, uint64_t b) {
  const uint64_t y = (a & 0x80000000u) | (b & 0x7fffffffu);
  return (y >> 1) ^ ((0 - (y & 1)) & 0x9908b0dfu);
}

inline uint32_t tempered(uint64_t word) {
  uint32_t y = static_cast<uint32_t>(word);
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

void twist(GeneratorState& g) {
  uint64_t* w = g.words;
  for (int j = 0; j < MT_WORDS - MT_SHIFT; j++) w[j] = w[j + MT_SHIFT] ^ twisted(w[j], w[j + 1]);
  for (int j = MT_WORDS - MT_SHIFT; j < MT_WORDS - 1; j++)
    w[j] = w[j - (MT_WORDS - MT_SHIFT)] ^ twisted(w[j], w[j + 1]);
  w[MT_WORDS - 1] = w[MT_SHIFT - 1] ^ twisted(w[MT_WORDS - 1], w[0]);
  g.left = MT_WORDS + 1;
  g.next = 0;
}

inline uint32_t draw(GeneratorState& g) {
  if (g.left == 1) twist(g);
  g.left--;
  return tempered(g.words[g.next++]);
}

inline uint64_t draw64(GeneratorState& g) {
  const uint64_t high = draw(g);
  return high << 32 | draw(g);
}

void drawMany(GeneratorState& g, uint32_t* out, int64_t n) {
  while (n > 0) {
    if (g.left == 1) twist(g);
    const int64_t k = n < g.left - 1 ? n : g.left - 1;
    const uint64_t* w = g.words + g.next;
    for (int64_t i = 0; i < k; i++) out[i] = tempered(w[i]);
    g.left -= static_cast<int32_t>(k);
    g.next += static_cast<uint64_t>(k);
    out += k;
    n -= k;
  }
}

// f(words, first, count) for n items of `per` words each, in blocks that stay in the first-level cache.
constexpr int BLOCK = 1024;
template <int per, class F>
inline void blocks(GeneratorState& g, int64_t n, const F& f) {
  uint32_t words[BLOCK * per];
  for (int64_t i = 0; i < n; i += BLOCK) {
    const int64_t k = n - i < BLOCK ? n - i : BLOCK;
    drawMany(g, words, k * per);
    f(words, i, k);
  }
}

// 24 (float) or 53 (double) random bits as a number in [0, 1). The double is put together from two exact halves,
// because an unsigned 64-bit conversion has no vector form before AVX-512.
inline float unit(uint32_t w) { return static_cast<float>(static_cast<int32_t>(w & 0xffffffu)) * 0x1p-24f; }
inline double unit(uint32_t high, uint32_t low) {
  const double h = static_cast<int32_t>(high & 0x1fffffu);
  const double l = static_cast<double>(static_cast<int32_t>(low ^ 0x80000000u)) + 2147483648.0;
  return (h * 4294967296.0 + l) * 0x1p-53;
}
inline double unitDouble(GeneratorState& g) {
  const uint32_t high = draw(g);
  return unit(high, draw(g));
}

// Of such an engine every number is 0, and what rejects numbers would go on for ever.
bool allZero(const GeneratorState& g) {
  if (g.words[0] & 0x80000000u) return false;  // the other bits of the first word are never used
  for (int j = 1; j < MT_WORDS; j++)
    if (static_cast<uint32_t>(g.words[j])) return false;
  return true;
}

// The state if it is one that the engine could have left behind; null else.
GeneratorState* stateOf(const Out& memory) {
  GeneratorState* const g = memory;
  if (reinterpret_cast<uintptr_t>(g) % 8) return nullptr;
  if (g->left < 1 || g->left > MT_WORDS || g->next > MT_WORDS || g->left - 1 > MT_WORDS - static_cast<int64_t>(g->next))
    return nullptr;
  return allZero(*g) ? nullptr : g;
}

// State and output of a filling op.
template <class T>
struct Fill {
  GeneratorState* g;
  T* out;
  int64_t n;
  template <class Args>
  explicit Fill(const Args& a) : g(stateOf(a.state)), out(a.out), n(a.n) {}
  explicit operator bool() const { return g != nullptr; }
};

// One item from one call of f, in order: the form of the distributions that PyTorch computes one by one.
template <class T, class F>
Status each(const Fill<T>& fill, const F& f) {
  for (int64_t i = 0; i < fill.n; i++) fill.out[i] = to<T>(f(*fill.g));
  return OK;
}

Status generatorSeed(const Command& c, const GeneratorSeedArgs& a) {
  if (reinterpret_cast<uintptr_t>(a.state.at) % 8) return c.fail(BAD_COMMAND, c.op);
  GeneratorState& g = *static_cast<GeneratorState*>(a.state);
  std::memset(&g, 0, sizeof g);
  g.seed = static_cast<uint64_t>(a.seed);
  g.left = 1;
  g.seeded = 1;
  uint32_t w = static_cast<uint32_t>(g.seed);
  g.words[0] = w;
  for (uint32_t j = 1; j < MT_WORDS; j++) g.words[j] = w = 1812433253u * (w ^ (w >> 30)) + j;
  return OK;
}

template <class T>
Status uniform(const Command& c, const RandomUniformArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  using A = Compute<T>;
  T* out = fill.out;
  const A from = static_cast<A>(a.from), width = static_cast<A>(a.to) - from;
  // Rounding may reach the upper bound, which is not of the interval.
  const T upper = to<T>(a.to), lower = to<T>(a.from);
  if constexpr (sizeof(A) == 4)
    blocks<1>(*fill.g, fill.n, [&](const uint32_t* w, int64_t first, int64_t k) {
      for (int64_t i = 0; i < k; i++) {
        const T v = to<T>(fused(unit(w[i]), width, from));
        out[first + i] = same(v, upper) ? lower : v;
      }
    });
  else
    blocks<2>(*fill.g, fill.n, [&](const uint32_t* w, int64_t first, int64_t k) {
      for (int64_t i = 0; i < k; i++) {
        const T v = fused(unit(w[2 * i], w[2 * i + 1]), width, from);
        out[first + i] = v == upper ? lower : v;
      }
    });
  return OK;
}

// ---- normal

constexpr double TWO_PI = 6.283185307179586;

double scalarNormal(GeneratorState& g, double mean, double std) {
  double sample;
  if (g.hasNextNormal) {
    g.hasNextNormal = 0;
    sample = g.nextNormal;
    g.nextNormal = 0;
  } else {
    const double u1 = unitDouble(g), u2 = unitDouble(g);
    const double r = ::sqrt(-2.0 * ::log1p(-u2)), theta = TWO_PI * u1;
    g.nextNormal = r * ::sin(theta);
    g.hasNextNormal = 1;
    sample = r * ::cos(theta);
  }
  return fused(sample, std, mean);
}

template <class A>
void drawUnits(GeneratorState& g, A* out, int64_t n) {
  if constexpr (sizeof(A) == 4)
    blocks<1>(g, n, [&](const uint32_t* w, int64_t first, int64_t k) {
      for (int64_t i = 0; i < k; i++) out[first + i] = unit(w[i]);
    });
  else
    blocks<2>(g, n, [&](const uint32_t* w, int64_t first, int64_t k) {
      for (int64_t i = 0; i < k; i++) out[first + i] = unit(w[2 * i], w[2 * i + 1]);
    });
}

// The engine is serial, the transform is not: uniforms of a part are drawn first, then its groups are shared out.
constexpr int64_t NORMAL_PART = 1 << 19, NORMAL_GRAIN = 1 << 13;

template <class T>
Status normal(const Command& c, const RandomNormalArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  const double mean = a.mean, std = a.std;
  GeneratorState& g = *fill.g;
  const int64_t n = fill.n;
  if (n < 16 || !a.grouped) return each(fill, [&](GeneratorState& s) { return scalarNormal(s, mean, std); });
  using A = Compute<T>;
  const A m = static_cast<A>(mean), s = static_cast<A>(std);
  if constexpr (sizeof(T) == sizeof(A)) {
    for (int64_t part = 0; part < n; part += NORMAL_PART) {
      const int64_t k = n - part < NORMAL_PART ? n - part : NORMAL_PART;
      T* out = fill.out + part;
      drawUnits(g, out, k);
      parallelRange(k / 16, NORMAL_GRAIN / 16,
                    [&](int64_t b, int64_t e) { boxMuller(out + 16 * b, out + 16 * b, e - b, m, s); });
    }
  } else {
    A units[BLOCK], normals[BLOCK];
    const int64_t whole = n / 16 * 16;
    for (int64_t i = 0; i < whole; i += BLOCK) {
      const int64_t k = whole - i < BLOCK ? whole - i : BLOCK;
      drawUnits(g, units, k);
      boxMuller(units, normals, k / 16, m, s);
      for (int64_t j = 0; j < k; j++) fill.out[i + j] = to<T>(normals[j]);
    }
  }
  if (n % 16) {  // the last 16 are drawn anew, over some that were done
    A group[16];
    drawUnits(g, group, 16);
    boxMuller(group, group, 1, m, s);
    for (int j = 0; j < 16; j++) fill.out[n - 16 + j] = to<T>(group[j]);
  }
  return OK;
}

template <class T>
Status logNormal(const Command& c, const RandomLogNormalArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  const double mean = a.mean, std = a.std;
  return each(fill, [&](GeneratorState& g) { return ::exp(scalarNormal(g, mean, std)); });
}

template <class T>
Status exponential(const Command& c, const RandomRateArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  const double scale = -1.0 / a.rate;
  return each(fill, [&](GeneratorState& g) { return scale * ::log1p(-unitDouble(g)); });
}

template <class T>
Status cauchy(const Command& c, const RandomCauchyArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  const double median = a.median, sigma = a.sigma;
  return each(fill, [&](GeneratorState& g) { return fused(sigma, ::tan(TWO_PI / 2 * (unitDouble(g) - 0.5)), median); });
}

template <class T>
Status geometric(const Command& c, const RandomProbabilityArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  const double logQ = ::log1p(-a.p);
  return each(fill, [&](GeneratorState& g) { return ::ceil(::log(unitDouble(g)) / logQ); });
}

// ---- integers

template <class T>
Status fromTo(const Command& c, const RandomFromToArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  const uint64_t base = static_cast<uint64_t>(a.base), range = static_cast<uint64_t>(a.range);
  T* out = fill.out;
  if (range == 0) return each(fill, [](GeneratorState& g) { return static_cast<int64_t>(draw64(g)); });
  if (range >= uint64_t(1) << 28)
    return each(fill, [&](GeneratorState& g) { return static_cast<int64_t>(draw64(g) % range + base); });
  const uint32_t range32 = static_cast<uint32_t>(range);
  blocks<1>(*fill.g, fill.n, [&](const uint32_t* w, int64_t first, int64_t k) {
    for (int64_t i = 0; i < k; i++) out[first + i] = to<T>(static_cast<int64_t>(w[i] % range32 + base));
  });
  return OK;
}

// All non-negative integers that the dtype holds exactly (for bool both values): `random_()`.
template <class T>
Status anyInt(const Command& c, const RandomIntArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  if constexpr (sizeof(T) == 8) {
    const uint64_t modulus = T(0.5) == T(0) ? uint64_t(1) << 63 : (uint64_t(1) << 53) + 1;
    return each(fill, [&](GeneratorState& g) { return static_cast<int64_t>(draw64(g) % modulus); });
  } else {
    const uint32_t modulus = integers<T>();
    return each(fill, [&](GeneratorState& g) { return static_cast<int64_t>(draw(g) % modulus); });
  }
}

Status perm(const Command& c, const RandomPermArgs& a) {
  const Fill<int64_t> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  int64_t* out = fill.out;
  const int64_t n = fill.n;
  if (n < 0xffffffffll / 20) {
    for (int64_t i = 0; i < n; i++) out[i] = i;
    if (n > 1)
      blocks<1>(*fill.g, n - 1, [&](const uint32_t* w, int64_t first, int64_t k) {
        for (int64_t i = first; i < first + k; i++) {
          const int64_t z = i + w[i - first] % static_cast<uint32_t>(n - i);
          const int64_t t = out[i];
          out[i] = out[z];
          out[z] = t;
        }
      });
    return OK;
  }
  for (int64_t i = 0; i < n; i++) {  // 32 bits would be visibly uneven: the inside-out shuffle with 64
    const int64_t z = static_cast<int64_t>(draw64(*fill.g) % static_cast<uint64_t>(i + 1));
    out[i] = i;
    out[i] = out[z];
    out[z] = i;
  }
  return OK;
}

// ---- coins

// x < p for x = k / 2^53 is k < ceil(p * 2^53) in integers.
inline int64_t threshold(double p) { return static_cast<int64_t>(::ceil(p * 0x1p53)); }
inline int64_t bits53(const uint32_t* w) { return static_cast<int64_t>(w[0] & 0x1fffffu) << 32 | w[1]; }

// v or zero, without a branch that would be mispredicted half of the time.
template <class T>
inline T onlyIf(bool keep, T v) {
  using U = BitsOf<T>;
  return __builtin_bit_cast(T, static_cast<U>(__builtin_bit_cast(U, v) & static_cast<U>(0 - static_cast<U>(keep))));
}

template <class T>
Status bernoulli(const Command& c, const RandomProbabilityArgs& a) {
  const Fill<T> fill(a);
  if (!fill || !(a.p >= 0 && a.p <= 1)) return c.fail(BAD_COMMAND, c.op);
  const int64_t limit = threshold(a.p);
  T* out = fill.out;
  const T one = to<T>(1);
  blocks<2>(*fill.g, fill.n, [&](const uint32_t* w, int64_t first, int64_t k) {
    for (int64_t i = 0; i < k; i++) out[first + i] = onlyIf(bits53(w + 2 * i) < limit, one);
  });
  return OK;
}

// INDEX_OUT_OF_RANGE: the first probability that is not of [0, 1], its position, 1.
template <class T, class P>
Status bernoulliTensor(const Command& c, const RandomBernoulliTensorArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  const P* p = a.probabilities;
  for (int64_t i = 0; i < fill.n; i++) {
    const Compute<P> q = from(p[i]);
    if (!(q >= 0 && q <= 1)) return c.fail(INDEX_OUT_OF_RANGE, q, static_cast<double>(i), 1);
    if constexpr (sizeof(P) == 8)
      fill.out[i] = to<T>(unitDouble(*fill.g) < q);
    else
      fill.out[i] = to<T>(unit(draw(*fill.g)) < q);
  }
  return OK;
}
template <class T>
Status bernoulliTensorOf(const Command& c, const RandomBernoulliTensorArgs& a) {
  switch (c.dtype2) {
    case F32:
      return bernoulliTensor<T, float>(c, a);
    case F64:
      return bernoulliTensor<T, double>(c, a);
    case F16:
      return bernoulliTensor<T, Half>(c, a);
    case BF16:
      return bernoulliTensor<T, BFloat16>(c, a);
    default:
      return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype2);
  }
}

template <class T>
Status dropout(const Command& c, const RandomDropoutArgs& a) {
  GeneratorState* const g = stateOf(a.state);
  if (!g || !(a.p >= 0 && a.p < 1) || !a.out != !a.a) return c.fail(BAD_COMMAND, c.op);
  const double keep = 1 - a.p;
  const int64_t limit = threshold(keep);
  T* noise = a.noise;
  T* out = a.out;
  const T* x = a.a;
  using A = Compute<T>;
  const T kept = to<T>(A(1) / static_cast<A>(keep));
  blocks<2>(*g, a.n, [&](const uint32_t* w, int64_t first, int64_t k) {
    for (int64_t i = 0; i < k; i++) noise[first + i] = onlyIf(bits53(w + 2 * i) < limit, kept);
    if (out)
      for (int64_t i = first; i < first + k; i++) out[i] = to<T>(from(x[i]) * from(noise[i]));
  });
  return OK;
}

// With replacement. (Without, PyTorch composes: the top of probabilities / exponential.)
// INDEX_OUT_OF_RANGE: 0 the sum is not positive, 1 an entry is negative or NaN, 2 an entry is infinite; row.
template <class T>
Status multinomial(const Command& c, const RandomMultinomialArgs& a) {
  GeneratorState* const g = stateOf(a.state);
  const int64_t rows = a.rows, categories = a.categories, samples = a.samples;
  if (!g || categories < 1 || samples < 1) return c.fail(BAD_COMMAND, c.op);
  if (rows == 0) return OK;
  int64_t* const out = a.out;
  const T* p = a.probabilities;
  using A = Compute<T>;
  A* cumulative = static_cast<A*>(scratch(0, static_cast<size_t>(categories) * sizeof(A)));
  if (!cumulative) return c.fail(OUT_OF_MEMORY);
  for (int64_t row = 0; row < rows; row++) {
    const T* q = p + row * categories;
    A sum = 0;
    for (int64_t j = 0; j < categories; j++) {
      const A v = from(q[j]);
      if (!(v >= 0)) return c.fail(INDEX_OUT_OF_RANGE, 1, static_cast<double>(row));
      if (!(v - v == 0)) return c.fail(INDEX_OUT_OF_RANGE, 2, static_cast<double>(row));
      cumulative[j] = sum += v;
    }
    if (!(sum > 0)) return c.fail(INDEX_OUT_OF_RANGE, 0, static_cast<double>(row));
    for (int64_t j = 0; j < categories; j++) cumulative[j] /= sum;
    cumulative[categories - 1] = 1;
    for (int64_t s = 0; s < samples; s++) {
      const double u = unitDouble(*g);
      int64_t low = 0, high = categories;
      while (high > low) {
        const int64_t mid = low + (high - low) / 2;
        if (static_cast<double>(cumulative[mid]) < u)
          low = mid + 1;
        else
          high = mid;
      }
      out[row * samples + s] = low;
    }
  }
  return OK;
}

// ---- counts

// Transformed rejection (Hoermann 1993) from a mean of 10 on, below that the products of uniforms up to exp(-rate).
double poissonCount(GeneratorState& g, double rate) {
  if (rate == 0) return 0;
  if (rate < 10) {
    const double limit = ::exp(-rate);
    int64_t count = 0;
    for (double product = unitDouble(g); product > limit; product *= unitDouble(g)) count++;
    return static_cast<double>(count);
  }
  const double logRate = ::log(rate);
  const double b = 0.931 + 2.53 * ::sqrt(rate), a = -0.059 + 0.02483 * b;
  const double inverseAlpha = 1.1239 + 1.1328 / (b - 3.4), tight = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = unitDouble(g) - 0.5, v = unitDouble(g);
    const double us = 0.5 - ::fabs(u);
    const double k = ::floor((2 * a / us + b) * u + rate + 0.43);
    // Beyond 64 bits PyTorch's conversion gives the smallest integer.
    const double count = k >= -0x1p63 && k < 0x1p63 ? k : -0x1p63;
    if (us >= 0.07 && v <= tight) return count;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (::log(v) + ::log(inverseAlpha) - ::log(a / (us * us) + b) <= -rate + k * logRate - ::lgamma(k + 1))
      return count;
  }
}

// INDEX_OUT_OF_RANGE: the first rate that is negative or NaN, its position.
template <class T>
Status poisson(const Command& c, const RandomPoissonArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  const T* rates = a.rates;
  for (int64_t i = 0; i < fill.n; i++) {
    const double rate = static_cast<double>(from(rates[i]));
    if (!(rate >= 0)) return c.fail(INDEX_OUT_OF_RANGE, rate, static_cast<double>(i));
    fill.out[i] = to<T>(poissonCount(*fill.g, rate));
  }
  return OK;
}

// ln k! less its approximation by Stirling's formula, as tabulated there.
template <class S>
double stirlingTail(S k) {
  static constexpr double TABLE[] = {0.0810614667953272,  0.0413406959554092, 0.0276779256849983, 0.02079067210376509,
                                     0.0166446911898211,  0.0138761288230707, 0.0118967099458917, 0.0104112652619720,
                                     0.00925546218271273, 0.00833056343336287};
  if (k <= 9) return TABLE[k > 0 ? static_cast<int>(k) : 0];
  const double square = (k + 1) * (k + 1);
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

// For p up to 1/2: transformed rejection (Hoermann 1993) where the mean is 10 or more, else sums of geometric gaps.
// S is the dtype: PyTorch computes what depends on count and probability alone in it, the rest in double.
template <class S>
S binomialCount(GeneratorState& g, S n, S p) {
  if (n * p < 10) {
    const double logQ = std::log1p(-p);
    S sum = 0, count = 0;
    for (;;) {
      sum = static_cast<S>(sum + ::ceil(::log(unitDouble(g)) / logQ));
      if (sum > n) return count;
      count += 1;
    }
  }
  const double deviation = std::sqrt(n * p * (1 - p));
  const double b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p, c = n * p + 0.5;
  const double tight = 0.92 - 4.2 / b, r = p / (1 - p), alpha = (2.83 + 5.1 / b) * deviation;
  const double m = std::floor((n + 1) * p);
  for (;;) {
    const double u = unitDouble(g) - 0.5, v = unitDouble(g);
    const double us = 0.5 - ::fabs(u);
    const S k = static_cast<S>(::floor((2 * a / us + b) * u + c));
    if (us >= 0.07 && v <= tight) return k;
    if (k < 0 || k > n) continue;
    const double bound = (m + 0.5) * ::log((m + 1) / (r * (n - m + 1))) + (n + 1) * ::log((n - m + 1) / (n - k + 1)) +
                         (k + 0.5) * ::log(r * (n - k + 1) / (k + 1)) + stirlingTail(static_cast<S>(m)) +
                         stirlingTail(static_cast<S>(n - m)) - stirlingTail(k) - stirlingTail(n - k);
    if (::log(v * alpha / (a / (us * us) + b)) <= bound) return k;
  }
}

template <class T>
Status binomial(const Command& c, const RandomBinomialArgs& a) {
  const Fill<T> fill(a);
  if (!fill) return c.fail(BAD_COMMAND, c.op);
  const T* counts = a.counts;
  const T* ps = a.probabilities;
  for (int64_t i = 0; i < fill.n; i++) {
    const T n = counts[i], p = ps[i];
    T k;
    if (n <= 0 || p <= 0)
      k = 0;
    else if (p >= 1 || n != n)
      k = n;
    else if (p <= T(0.5))
      k = binomialCount(*fill.g, n, p);
    else if (p > T(0.5))
      k = n - binomialCount(*fill.g, n, 1 - p);
    else
      k = p;  // NaN
    fill.out[i] = k;
  }
  return OK;
}

}  // namespace

void fill_random(Kernels& k) {
  TENZO_KERNEL(generator_seed, generatorSeed)
  TENZO_KERNEL(random_uniform, uniform<T>)
  TENZO_KERNEL(random_normal, normal<T>)
  TENZO_KERNEL(random_log_normal, logNormal<T>)
  TENZO_KERNEL(random_exponential, exponential<T>)
  TENZO_KERNEL(random_cauchy, cauchy<T>)
  TENZO_KERNEL(random_geometric, geometric<T>)
  TENZO_KERNEL(random_from_to, fromTo<T>)
  TENZO_KERNEL(random_int, anyInt<T>)
  TENZO_KERNEL(random_perm, perm)
  TENZO_KERNEL(random_bernoulli, bernoulli<T>)
  TENZO_KERNEL(random_bernoulli_tensor, bernoulliTensorOf<T>)
  TENZO_KERNEL(random_dropout, dropout<T>)
  TENZO_KERNEL(random_multinomial, multinomial<T>)
  TENZO_KERNEL(random_poisson, poisson<T>)
  TENZO_KERNEL(random_binomial, binomial<T>)
}

}  // namespace tenzo::TENZO_LEVEL
