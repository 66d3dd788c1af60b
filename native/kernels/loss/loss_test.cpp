// Cross entropy and nll_loss, with every option, against plain loops in long double; gradients against the formula.
#include <algorithm>
#include <cmath>
#include <limits>

#include "test/check.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

Rng rng;
enum { NONE, MEAN, SUM };

template <class T>
struct Case {
  int64_t n, c, s;
  bool weighted;
  int64_t ignored;
  double smoothing;
  int reduction;
  std::vector<T> x, w, g;
  std::vector<int64_t> target;

  int64_t count() const { return n * s; }
  size_t outputs() const { return reduction == NONE ? static_cast<size_t>(count()) : 1; }
  int64_t at(int64_t i, int64_t k) const { return (i / s * c + k) * s + i % s; }
  long double weightOf(int64_t k) const {
    return weighted ? static_cast<long double>(w[static_cast<size_t>(k)]) : 1.0L;
  }

  void make() {
    x.resize(static_cast<size_t>(n * c * s));
    w.resize(static_cast<size_t>(c));
    g.resize(outputs());
    target.resize(static_cast<size_t>(count()));
    for (T& v : x) v = static_cast<T>(rng.normal() * 3);
    for (T& v : w) v = static_cast<T>(rng.uniform() + 0.1);
    for (T& v : g) v = static_cast<T>(rng.normal());
    for (int64_t& t : target) t = rng.below(5) == 0 ? ignored : rng.below(c);
  }
  // log-probabilities of the logits, or the values themselves
  std::vector<long double> logs(bool softmax) const {
    std::vector<long double> l(x.size());
    for (int64_t i = 0; i < count(); i++) {
      long double m = -INFINITY, sum = 0;
      for (int64_t k = 0; k < c; k++) m = std::max(m, static_cast<long double>(x[static_cast<size_t>(at(i, k))]));
      for (int64_t k = 0; k < c; k++) sum += std::exp(x[static_cast<size_t>(at(i, k))] - m);
      for (int64_t k = 0; k < c; k++)
        l[static_cast<size_t>(at(i, k))] = x[static_cast<size_t>(at(i, k))] - (softmax ? m + std::log(sum) : 0);
    }
    return l;
  }
};

template <class T>
void check(DType t, Case<T> q, bool softmax) {
  q.make();
  const long double eps = t == F32 ? 2e-6L : 1e-14L;
  const T bad = static_cast<T>(std::nan(""));
  std::vector<T> loss(q.outputs() + 4, bad), stats(static_cast<size_t>(2 * q.count()) + 4, bad),
      gx(q.x.size() + 4, bad);
  T total = bad;
  const int64_t losses = static_cast<int64_t>(q.outputs()), logits = static_cast<int64_t>(q.x.size());
  const In weightOrNone = q.weighted ? in(q.w) : In{};
  if (softmax) {
    CHECK(send(OP_cross_entropy, t,
               CrossEntropyArgs{.loss = out(loss.data(), losses),
                                .logits = in(q.x),
                                .target = in(q.target),
                                .weight = weightOrNone,
                                .stats = out(stats.data(), 2 * q.count()),
                                .totalWeight = out(&total, 1),
                                .n = q.n,
                                .c = q.c,
                                .s = q.s,
                                .losses = losses,
                                .reduction = q.reduction,
                                .ignoreIndex = q.ignored,
                                .labelSmoothing = q.smoothing}) == OK);
    CHECK(send(OP_cross_entropy_backward, t,
               CrossEntropyBackwardArgs{.dx = out(gx.data(), logits),
                                        .dy = in(q.g),
                                        .logits = in(q.x),
                                        .target = in(q.target),
                                        .weight = weightOrNone,
                                        .stats = in(stats.data(), 2 * q.count()),
                                        .totalWeight = in(&total, 1),
                                        .n = q.n,
                                        .c = q.c,
                                        .s = q.s,
                                        .losses = losses,
                                        .reduction = q.reduction,
                                        .ignoreIndex = q.ignored,
                                        .labelSmoothing = q.smoothing}) == OK);
  } else {
    CHECK(send(OP_nll_loss, t,
               NllLossArgs{.loss = out(loss.data(), losses),
                           .logs = in(q.x),
                           .target = in(q.target),
                           .weight = weightOrNone,
                           .totalWeight = out(&total, 1),
                           .n = q.n,
                           .c = q.c,
                           .s = q.s,
                           .losses = losses,
                           .reduction = q.reduction,
                           .ignoreIndex = q.ignored}) == OK);
    CHECK(send(OP_nll_loss_backward, t,
               NllLossBackwardArgs{.dx = out(gx.data(), logits),
                                   .dy = in(q.g),
                                   .target = in(q.target),
                                   .weight = weightOrNone,
                                   .totalWeight = in(&total, 1),
                                   .n = q.n,
                                   .c = q.c,
                                   .s = q.s,
                                   .losses = losses,
                                   .reduction = q.reduction,
                                   .ignoreIndex = q.ignored}) == OK);
  }
  for (size_t i = 0; i < 4; i++)
    CHECK(std::isnan(loss[q.outputs() + i]) && std::isnan(gx[q.x.size() + i]) &&
          std::isnan(stats[static_cast<size_t>(2 * q.count()) + i]));

  const auto l = q.logs(softmax);
  const long double share = q.smoothing / static_cast<long double>(q.c);
  long double sum = 0, weights = 0;
  std::vector<long double> each(static_cast<size_t>(q.count()), 0);
  for (int64_t i = 0; i < q.count(); i++) {
    const int64_t k = q.target[static_cast<size_t>(i)];
    if (k == q.ignored) continue;
    long double v = -q.weightOf(k) * l[static_cast<size_t>(q.at(i, k))] * (1 - q.smoothing);
    if (q.smoothing != 0)
      for (int64_t j = 0; j < q.c; j++) v -= share * q.weightOf(j) * l[static_cast<size_t>(q.at(i, j))];
    each[static_cast<size_t>(i)] = v;
    sum += v;
    weights += q.weightOf(k);
  }
  const auto same = [&](long double got, long double e) {
    return (std::isnan(e) && std::isnan(got)) || std::fabs(got - e) <= eps * std::max(1.0L, std::fabs(e));
  };
  if (q.reduction == NONE)
    for (int64_t i = 0; i < q.count(); i++)
      CHECK(same(loss[static_cast<size_t>(i)], each[static_cast<size_t>(i)]), "%.9g, expected %.9Lg",
            static_cast<double>(loss[static_cast<size_t>(i)]), each[static_cast<size_t>(i)]);
  else
    CHECK(same(loss[0], q.reduction == MEAN ? sum / weights : sum), "%.9g, expected %.9Lg",
          static_cast<double>(loss[0]), sum);
  CHECK(same(total, weights));

  for (int64_t i = 0; i < q.count(); i++) {
    const int64_t k = q.target[static_cast<size_t>(i)];
    const long double g = q.reduction == NONE   ? static_cast<long double>(q.g[static_cast<size_t>(i)])
                          : q.reduction == MEAN ? q.g[0] / weights
                                                : static_cast<long double>(q.g[0]);
    long double all = 0;  // sum of the gradients of the log-probabilities
    std::vector<long double> gl(static_cast<size_t>(q.c), 0);
    for (int64_t j = 0; j < q.c && k != q.ignored; j++) {
      gl[static_cast<size_t>(j)] = -g * (share * q.weightOf(j) + (j == k ? q.weightOf(k) * (1 - q.smoothing) : 0));
      all += gl[static_cast<size_t>(j)];
    }
    for (int64_t j = 0; j < q.c; j++) {
      const long double e =
          gl[static_cast<size_t>(j)] - (softmax ? std::exp(l[static_cast<size_t>(q.at(i, j))]) * all : 0);
      const long double got = gx[static_cast<size_t>(q.at(i, j))];
      CHECK(std::fabs(got - e) <= eps * std::max(1.0L, std::fabs(all)),
            "%s gradient [%lld %lld %lld] at %lld %lld: %.9Lg, expected %.9Lg", softmax ? "cross_entropy" : "nll_loss",
            static_cast<long long>(q.n), static_cast<long long>(q.c), static_cast<long long>(q.s),
            static_cast<long long>(i), static_cast<long long>(j), got, e);
    }
  }
}

template <class T>
void options(DType t, int64_t n, int64_t c, int64_t s) {
  for (bool weighted : {false, true})
    for (int reduction : {NONE, MEAN, SUM})
      for (int64_t ignored : {-100L, 1L}) {
        if (ignored >= c) continue;
        check<T>(t, {n, c, s, weighted, ignored, 0, reduction, {}, {}, {}, {}}, false);
        for (double smoothing : {0.0, 0.1, 1.0})
          check<T>(t, {n, c, s, weighted, ignored, smoothing, reduction, {}, {}, {}, {}}, true);
      }
}

void edges() {
  float x[10] = {}, loss = 7, stats[2], total = 7, g = 1, gx[10];
  int64_t target = 10;
  double detail[6];
  const CrossEntropyArgs p{.loss = out(&loss, 1),
                           .logits = in(x, 10),
                           .target = in(&target, 1),
                           .stats = out(stats, 2),
                           .totalWeight = out(&total, 1),
                           .n = 1,
                           .c = 10,
                           .s = 1,
                           .losses = 1,
                           .reduction = MEAN,
                           .ignoreIndex = -100};
  const CrossEntropyBackwardArgs b{.dx = out(gx, 10),
                                   .dy = in(&g, 1),
                                   .logits = in(x, 10),
                                   .target = in(&target, 1),
                                   .stats = in(stats, 2),
                                   .totalWeight = in(&total, 1),
                                   .n = 1,
                                   .c = 10,
                                   .s = 1,
                                   .losses = 1,
                                   .reduction = MEAN,
                                   .ignoreIndex = -100};
  const NllLossArgs nll{.loss = out(&loss, 1),
                        .logs = in(x, 10),
                        .target = in(&target, 1),
                        .totalWeight = out(&total, 1),
                        .n = 1,
                        .c = 10,
                        .s = 1,
                        .losses = 1,
                        .reduction = MEAN,
                        .ignoreIndex = -100};
  CHECK(send(OP_cross_entropy, F32, p, detail) == INDEX_OUT_OF_RANGE);
  CHECK(detail[0] == 10 && detail[1] == 0 && detail[2] == 10 && loss == 7);
  target = -1;
  CHECK(send(OP_cross_entropy, F32, p, detail) == INDEX_OUT_OF_RANGE && detail[0] == -1);
  CHECK(send(OP_cross_entropy_backward, F32, b) == INDEX_OUT_OF_RANGE);
  CHECK(send(OP_nll_loss, F32, nll) == INDEX_OUT_OF_RANGE);
  target = -100;  // no target counts: the mean is NaN, the gradient 0
  CHECK(send(OP_cross_entropy, F32, p) == OK && std::isnan(loss) && total == 0);
  CHECK(send(OP_cross_entropy_backward, F32, b) == OK);
  for (float v : gx) CHECK(v == 0);
  CrossEntropyArgs none = p;
  none.n = 0;
  CHECK(send(OP_cross_entropy, F32, none) == OK && std::isnan(loss));
  none.reduction = SUM;
  CHECK(send(OP_cross_entropy, F32, none) == OK && loss == 0);
  CHECK(send(OP_cross_entropy, F32, {1, 2}) == BAD_COMMAND);
  const auto refused = [&](const auto& change) {
    CrossEntropyArgs bad = p;
    change(bad);
    CHECK(send(OP_cross_entropy, F32, bad) == BAD_COMMAND);
  };
  refused([](CrossEntropyArgs& a) { a.logits = {}; });
  refused([](CrossEntropyArgs& a) { a.stats.bytes--; });
  refused([](CrossEntropyArgs& a) { a.reduction = 3; });
  refused([](CrossEntropyArgs& a) { a.losses = 0; });
  NllLossArgs each = nll;  // so many losses as it has elements, and not one for all
  each.reduction = NONE;
  each.n = each.losses = 0;
  CHECK(send(OP_nll_loss, F32, each) == OK);
  each.losses = 1;
  CHECK(send(OP_nll_loss, F32, each) == BAD_COMMAND);
  // impossible class
  target = 0;
  x[0] = -std::numeric_limits<float>::infinity();
  CHECK(send(OP_cross_entropy, F32, p) == OK && std::isinf(loss) && loss > 0);
  CHECK(send(OP_cross_entropy_backward, F32, b) == OK && gx[0] == -1 && std::fabs(gx[1] - 1 / 9.0f) < 1e-6f);
  // large logits lose nothing
  for (float& v : x) v = 10000;
  CHECK(send(OP_cross_entropy, F32, p) == OK && std::fabs(loss - std::log(10.0f)) < 1e-6f);
}

void everywhere() {
  rng = Rng();
  for (int64_t s : {1, 30}) {
    Case<float> q{600, 50, s, true, -100, 0.1, MEAN, {}, {}, {}, {}};
    q.make();
    std::vector<float> stats(static_cast<size_t>(2 * q.count()));
    float loss, total;
    const float first = sameBits({1, 2, 5}, [&] {
      send(OP_cross_entropy, F32,
           CrossEntropyArgs{.loss = out(&loss, 1),
                            .logits = in(q.x),
                            .target = in(q.target),
                            .weight = in(q.w),
                            .stats = out(stats),
                            .totalWeight = out(&total, 1),
                            .n = 600,
                            .c = 50,
                            .s = s,
                            .losses = 1,
                            .reduction = MEAN,
                            .ignoreIndex = -100,
                            .labelSmoothing = 0.1});
      return loss;
    });
    noteBits(&first, 4);
  }
}

}  // namespace

int main() {
  eachLevel([](Level) {
    edges();
    for (int64_t c : {1, 2, 10, 17, 100}) {
      options<float>(F32, 7, c, 1);
      options<float>(F32, 3, c, 5);
      options<float>(F32, 2, c, 33);
      options<double>(F64, 4, c, 1);
      options<double>(F64, 2, c, 19);
    }
    options<float>(F32, 3000, 11, 1);
  });
  everywhere();
  return report("loss_test");
}
