// Connectionist temporal classification against all alignments, one by one, in long double; gradients against the
// probability of each label at each time, summed over the same alignments.
#include <cmath>
#include <limits>

#include "test/check.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

Rng rng;

template <class T>
struct Case {
  int64_t t, n, c, s, blank;
  bool padded;
  std::vector<T> logs;
  std::vector<int64_t> targets, inputLengths, targetLengths;

  T at(int64_t time, int64_t b, int64_t k) const { return logs[static_cast<size_t>((time * n + b) * c + k)]; }
  void make() {
    logs.resize(static_cast<size_t>(t * n * c));
    for (int64_t i = 0; i < t * n; i++) {
      T* const row = logs.data() + i * c;
      double sum = 0;
      for (int64_t k = 0; k < c; k++) sum += std::exp(static_cast<double>(row[k] = static_cast<T>(rng.normal())));
      for (int64_t k = 0; k < c; k++) row[k] -= static_cast<T>(std::log(sum));
    }
    for (int64_t b = 0; b < n; b++) {
      inputLengths.push_back(b == 0 ? t : rng.below(t + 1));
      targetLengths.push_back(b == 0 ? s : rng.below(s + 1));
      for (int64_t i = 0; i < (padded ? s : targetLengths.back()); i++) {
        int64_t label = rng.below(c - 1);
        if (label >= blank) label++;
        targets.push_back(label);
      }
    }
  }
  std::vector<int64_t> target(int64_t b) const {
    int64_t begin = b * s;
    if (!padded) {
      begin = 0;
      for (int64_t i = 0; i < b; i++) begin += targetLengths[static_cast<size_t>(i)];
    }
    return {targets.begin() + begin, targets.begin() + begin + targetLengths[static_cast<size_t>(b)]};
  }
  // The probability of the target, and of each class at each time together with the target: over all c^T paths.
  long double likelihood(int64_t b, std::vector<long double>& share) const {
    const int64_t times = inputLengths[static_cast<size_t>(b)];
    const std::vector<int64_t> want = target(b);
    share.assign(static_cast<size_t>(t * c), 0);
    int64_t paths = 1;
    for (int64_t i = 0; i < times; i++) paths *= c;
    long double total = 0;
    for (int64_t p = 0; p < paths; p++) {
      std::vector<int64_t> path, labels;
      int64_t rest = p;
      long double log = 0;
      for (int64_t i = 0; i < times; i++, rest /= c) {
        path.push_back(rest % c);
        log += static_cast<long double>(at(i, b, rest % c));
        if (rest % c != blank && (i == 0 || path[static_cast<size_t>(i)] != path[static_cast<size_t>(i - 1)]))
          labels.push_back(rest % c);
      }
      if (labels != want) continue;
      const long double probability = std::exp(log);
      total += probability;
      for (int64_t i = 0; i < times; i++)
        share[static_cast<size_t>(i * c + path[static_cast<size_t>(i)])] += probability;
    }
    return total;
  }
  template <class Args>
  Args args() const {
    Args a = {};
    a.logs = in(logs), a.targets = in(targets);
    a.inputLengths = in(inputLengths), a.targetLengths = in(targetLengths);
    a.t = t, a.n = n, a.c = c, a.s = s;
    a.targetStride = padded ? s : -1;
    a.blank = blank;
    a.labels = static_cast<int64_t>(targets.size());
    return a;
  }
};

template <class T>
void check(DType type, Case<T> q) {
  q.make();
  const T bad = static_cast<T>(std::nan(""));
  const size_t states = static_cast<size_t>(q.n * q.t * (2 * q.s + 1));
  std::vector<T> loss(static_cast<size_t>(q.n) + 1, bad), alpha(states + 1, bad), grad(q.logs.size() + 1, bad), g;
  for (int64_t b = 0; b < q.n; b++) g.push_back(static_cast<T>(rng.normal()));
  auto forward = q.template args<CtcLossArgs>();
  forward.loss = out(loss), forward.alpha = out(alpha);
  CHECK(send(OP_ctc_loss, type, forward) == OK);
  auto backward = q.template args<CtcLossBackwardArgs>();
  backward.dx = out(grad), backward.dy = in(g), backward.alpha = in(alpha), backward.loss = in(loss);
  backward.zeroInfinity = true;
  CHECK(send(OP_ctc_loss_backward, type, backward) == OK);
  CHECK(std::isnan(loss.back()) && std::isnan(alpha.back()) && std::isnan(grad.back()));
  const double eps = type == F32 ? 3e-5 : 1e-12;
  std::vector<long double> share;
  for (int64_t b = 0; b < q.n; b++) {
    const long double total = q.likelihood(b, share);
    const double got = static_cast<double>(loss[static_cast<size_t>(b)]), want = static_cast<double>(-std::log(total));
    CHECK(total == 0 ? std::isinf(got) : std::fabs(got - want) <= eps * (1 + std::fabs(want)), "%.9g not %.9g", got,
          want);
    for (int64_t i = 0; i < q.t; i++)
      for (int64_t k = 0; k < q.c; k++) {
        const bool counts = total > 0 && i < q.inputLengths[static_cast<size_t>(b)];
        const long double y = std::exp(static_cast<long double>(q.at(i, b, k)));
        const double expected =
            counts
                ? static_cast<double>((y - share[static_cast<size_t>(i * q.c + k)] / total) * g[static_cast<size_t>(b)])
                : 0;
        const double found = static_cast<double>(grad[static_cast<size_t>((i * q.n + b) * q.c + k)]);
        CHECK(std::fabs(found - expected) <= eps, "gradient %.9g not %.9g", found, expected);
      }
  }
}

void refusals() {
  Case<float> q{3, 1, 3, 2, 0, true, {}, {}, {}, {}};
  q.make();
  std::vector<float> loss(1), alpha(15);
  auto args = q.args<CtcLossArgs>();
  args.loss = out(loss), args.alpha = out(alpha);
  double detail[6];
  q.targets[1] = 3;
  CHECK(send(OP_ctc_loss, F32, args, detail) == INDEX_OUT_OF_RANGE && detail[0] == 3 && detail[1] == 1);
  q.targets[1] = 1;
  q.inputLengths[0] = 4;
  CHECK(send(OP_ctc_loss, F32, args) == BAD_COMMAND);
  q.inputLengths[0] = 3;
  q.targetLengths[0] = 3;
  CHECK(send(OP_ctc_loss, F32, args) == BAD_COMMAND);
  q.targetLengths[0] = 2;
  CHECK(send(OP_ctc_loss, F32, args) == OK);
  args.blank = 3;
  CHECK(send(OP_ctc_loss, F32, args) == BAD_COMMAND);
}

}  // namespace

int main() {
  eachLevel([](Level) {
    refusals();
    for (int64_t s : {0, 1, 2, 3})
      for (bool padded : {true, false})
        for (int64_t blank : {0, 2}) {
          check<float>(F32, {6, 3, 3, s, blank, padded, {}, {}, {}, {}});
          check<double>(F64, {7, 2, 3, s, blank, padded, {}, {}, {}, {}});
        }
    check<double>(F64, {4, 2, 9, 4, 1, true, {}, {}, {}, {}});
  });
  return report("ctc_test");
}
