// The optimizer steps against plain loops in double precision, at every level and for several numbers of threads.
#include <cmath>

#include "test/check.h"
#include "test/guarded.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

// A run of three steps: the parameter and its moments afterwards.
struct Trained {
  std::vector<std::vector<double>> arrays;
  uint64_t hash = 0;
};

struct Options {
  bool adam;
  double momentum, dampening, decay;
  bool nesterov, maximize, decoupled, amsgrad;
};

double gradientAt(int64_t i, int step) { return std::sin(static_cast<double>(i * 7 + step * 3 + 1)); }
double parameterAt(int64_t i) { return std::cos(static_cast<double>(i * 5 + 2)) * 2; }

constexpr double LR = 0.05, BETA1 = 0.9, BETA2 = 0.99, EPS = 1e-8;

template <class T>
Trained kernel(const Options& o, int64_t n) {
  const DType t = sizeof(T) == 4 ? F32 : F64;
  std::vector<Guarded> a;
  for (int k = 0; k < 4; k++) {
    a.emplace_back(n, static_cast<int>(sizeof(T)));
    a.back().clear();
  }
  Guarded grad(n, sizeof(T));
  for (int64_t i = 0; i < n; i++) a[0].as<T>()[i] = static_cast<T>(parameterAt(i));
  if (!o.adam && n > 0) std::memset(a[1].as(), 0xff, a[1].bytes());  // NaN until the first step sets it
  for (int step = 1; step <= 3; step++) {
    for (int64_t i = 0; i < n; i++) grad.as<T>()[i] = static_cast<T>(gradientAt(i, step));
    if (o.adam)
      CHECK(send(OP_adam_step, t,
                 AdamStepArgs{.param = out(a[0]),
                              .grad = in(grad),
                              .expAvg = out(a[1]),
                              .expAvgSq = out(a[2]),
                              .maxExpAvgSq = o.amsgrad ? out(a[3]) : Out{},
                              .n = n,
                              .lr = LR,
                              .beta1 = BETA1,
                              .beta2 = BETA2,
                              .eps = EPS,
                              .weightDecay = o.decay,
                              .decoupled = o.decoupled,
                              .maximize = o.maximize,
                              .step = static_cast<double>(step)}) == OK);
    else
      CHECK(send(OP_sgd_step, t,
                 SgdStepArgs{.param = out(a[0]),
                             .grad = in(grad),
                             .buffer = o.momentum != 0 ? out(a[1]) : Out{},
                             .n = n,
                             .lr = LR,
                             .momentum = o.momentum,
                             .dampening = o.dampening,
                             .weightDecay = o.decay,
                             .nesterov = o.nesterov,
                             .maximize = o.maximize,
                             .first = step == 1}) == OK);
    CHECK(grad.intact());
  }
  Trained r;
  for (auto& g : a) {
    CHECK(g.intact());
    r.hash = r.hash * 31 + g.hash();
    r.arrays.emplace_back(g.as<T>(), g.as<T>() + n);
  }
  return r;
}

Trained plain(const Options& o, int64_t n) {
  Trained r;
  r.arrays.assign(4, std::vector<double>(static_cast<size_t>(n)));
  for (size_t i = 0; i < static_cast<size_t>(n); i++) {
    double p = parameterAt(static_cast<int64_t>(i)), m = 0, v = 0, largest = 0;
    for (int step = 1; step <= 3; step++) {
      double g = gradientAt(static_cast<int64_t>(i), step);
      if (o.maximize) g = -g;
      if (o.decay != 0 && !o.decoupled) g += o.decay * p;
      if (o.adam) {
        if (o.decoupled) p *= 1 - LR * o.decay;
        m = BETA1 * m + (1 - BETA1) * g;
        v = BETA2 * v + (1 - BETA2) * g * g;
        largest = std::fmax(largest, v);
        const double denominator = std::sqrt(o.amsgrad ? largest : v) / std::sqrt(1 - std::pow(BETA2, step)) + EPS;
        p -= LR / (1 - std::pow(BETA1, step)) * m / denominator;
      } else {
        if (o.momentum != 0) {
          m = step == 1 ? g : o.momentum * m + (1 - o.dampening) * g;
          g = o.nesterov ? g + o.momentum * m : m;
        }
        p -= LR * g;
      }
    }
    r.arrays[0][i] = p;
    r.arrays[1][i] = m;
    r.arrays[2][i] = v;
    r.arrays[3][i] = o.amsgrad ? largest : 0;
  }
  return r;
}

template <class T>
void run(const Options& o, int64_t n, bool close) {
  Trained want;
  if (close) want = plain(o, n);
  const auto run = [&] {
    const Trained got = kernel<T>(o, n);
    const double tolerance = sizeof(T) == 4 ? 1e-5 : 1e-13;
    for (size_t k = 0; close && k < 4; k++)
      for (size_t i = 0; i < static_cast<size_t>(n); i++)
        if (!(k == 1 && !o.adam && o.momentum == 0))
          CHECK(std::fabs(got.arrays[k][i] - want.arrays[k][i]) <= tolerance * (1 + std::fabs(want.arrays[k][i])),
                "array %d at %d: %g, not %g", static_cast<int>(k), static_cast<int>(i), got.arrays[k][i],
                want.arrays[k][i]);
    return got.hash;
  };
  if (n < 1000)
    sameBits({1}, run);
  else
    sameBits({1, 2, 5}, run);
}

}  // namespace

int main() {
  const Options options[] = {
      {false, 0, 0, 0, false, false, false, false},    {false, 0, 0, 0.1, false, true, false, false},
      {false, 0.9, 0, 0, false, false, false, false},  {false, 0.9, 0.3, 0.1, false, true, false, false},
      {false, 0.9, 0, 0.1, true, false, false, false}, {true, 0, 0, 0, false, false, false, false},
      {true, 0, 0, 0.1, false, true, false, false},    {true, 0, 0, 0.1, false, false, true, false},
      {true, 0, 0, 0, false, true, false, true},       {true, 0, 0, 0.1, false, false, true, true},
  };
  for (const Options& o : options) {
    for (int64_t n = 0; n <= 35; n++) {
      run<float>(o, n, true);
      run<double>(o, n, true);
    }
    run<float>(o, 60013, false);
    run<double>(o, 60013, false);
  }
  eachLevel([](Level) {
    std::vector<float> x(8), g(8);
    const SgdStepArgs sgd{.param = out(x), .grad = in(g), .n = 8, .lr = 0.1, .first = true};
    CHECK(send(OP_sgd_step, F32, sgd) == OK);
    CHECK(send(OP_sgd_step, I32, sgd) == UNSUPPORTED_DTYPE);
    const auto refused = [&](const auto& change) {
      SgdStepArgs bad = sgd;
      change(bad);
      CHECK(send(OP_sgd_step, F32, bad) == BAD_COMMAND);
    };
    refused([](SgdStepArgs& a) { a.param = {}; });
    refused([](SgdStepArgs& a) { a.momentum = 0.9; });  // and no buffer
    refused([](SgdStepArgs& a) { a.n = -1; });
    refused([](SgdStepArgs& a) { a.n = 9; });
    CHECK(send(OP_sgd_step, F32, {8, 0.1}) == BAD_COMMAND);
    const AdamStepArgs adam{.param = out(x), .grad = in(g), .expAvg = out(x), .n = 8, .lr = 0.1, .step = 1};
    CHECK(send(OP_adam_step, F32, adam) == BAD_COMMAND);
  });
  return report("optimizer");
}
