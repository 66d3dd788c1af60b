// Batch, layer and group norm, forward and backward, against plain loops in long double.
#include <algorithm>
#include <array>
#include <cmath>

#include "test/check.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

Rng rng;

template <class T>
std::vector<T> random(int64_t n, double offset = 0, double spread = 1) {
  std::vector<T> v(static_cast<size_t>(n));
  for (T& x : v) x = static_cast<T>(offset + spread * rng.normal());
  return v;
}
constexpr int64_t ROOM = 8;
// With room behind that must stay untouched.
template <class T>
std::vector<T> blank(int64_t n) {
  return std::vector<T>(static_cast<size_t>(n + ROOM), static_cast<T>(std::nan("")));
}
template <class T>
Out front(std::vector<T>& v) {
  return out(v.data(), static_cast<int64_t>(v.size()) - ROOM);
}
template <class T>
In known(const std::vector<T>& v) {
  return in(v.data(), static_cast<int64_t>(v.size()) - ROOM);
}
template <class T>
bool untouched(const std::vector<T>& v) {
  for (size_t i = v.size() - ROOM; i < v.size(); i++)
    if (v[i] == v[i]) return false;
  return true;
}

// One normalisation seen generally: element (n, c, s) belongs to the statistics of set(n, c); weights go by channel.
template <class T>
struct Problem {
  int64_t n, c, s;
  int64_t sets;
  bool perChannel;  // batch norm: set = c; else set = n * groups + group
  int64_t groups;
  std::vector<T> x, w, b, g;
  std::vector<long double> mean, var;
  bool affine;

  int64_t set(int64_t i) const {
    const int64_t channel = i / s % c, image = i / s / c;
    return perChannel ? channel : image * groups + channel / (c / groups);
  }
  int64_t channel(int64_t i) const { return i / s % c; }
  int64_t size() const { return n * c * s; }
  int64_t setSize() const { return size() / sets; }
  long double weight(int64_t i) const {
    return affine ? static_cast<long double>(w[static_cast<size_t>(channel(i))]) : 1.0L;
  }
  long double bias(int64_t i) const {
    return affine ? static_cast<long double>(b[static_cast<size_t>(channel(i))]) : 0.0L;
  }

  void make(double offset) {
    x = random<T>(size(), offset, 2);
    w = random<T>(c, 1, 0.3);
    b = random<T>(c);
    g = random<T>(size());
    mean.assign(static_cast<size_t>(sets), 0);
    var.assign(static_cast<size_t>(sets), 0);
    for (int64_t i = 0; i < size(); i++) mean[static_cast<size_t>(set(i))] += x[static_cast<size_t>(i)];
    for (auto& m : mean) m /= static_cast<long double>(setSize());
    for (int64_t i = 0; i < size(); i++) {
      const long double v = x[static_cast<size_t>(i)] - mean[static_cast<size_t>(set(i))];
      var[static_cast<size_t>(set(i))] += v * v;
    }
    for (auto& v : var) v /= static_cast<long double>(setSize());
  }
};

void compare(const char* what, long double got, long double e, long double allowed, const char* op) {
  CHECK(std::fabs(got - e) <= allowed, "%s %s: %.9Lg, expected %.9Lg", op, what, got, e);
}

template <class T>
void checkForward(const Problem<T>& q, const std::vector<T>& y, const char* op, double eps, double offset, DType t) {
  const long double e0 = t == F32 ? 3e-7L : 1e-15L;
  for (int64_t i = 0; i < q.size(); i++) {
    const size_t k = static_cast<size_t>(q.set(i));
    const long double inv = 1 / std::sqrt(q.var[k] + eps);
    const long double e = (q.x[static_cast<size_t>(i)] - q.mean[k]) * inv * q.weight(i) + q.bias(i);
    // the mean is rounded to the element type
    compare("y", y[static_cast<size_t>(i)], e, e0 * (8 + std::fabs(e) + 2 * std::fabs(offset) * inv), op);
  }
  CHECK(untouched(y));
}

template <class T>
void checkBackward(const Problem<T>& q, const std::vector<T>& gx, const std::vector<T>& gw, const std::vector<T>& gb,
                   const char* op, double eps, double offset, DType t, bool training = true) {
  const long double e0 = t == F32 ? 1e-6L : 4e-15L;
  std::vector<long double> sum(static_cast<size_t>(q.sets), 0), dot = sum, inv = sum, ew(static_cast<size_t>(q.c), 0),
                                                                eb = ew, size = ew;
  for (size_t k = 0; k < inv.size(); k++) inv[k] = 1 / std::sqrt(q.var[k] + eps);
  const auto hat = [&](int64_t i) {
    const size_t k = static_cast<size_t>(q.set(i));
    return (q.x[static_cast<size_t>(i)] - q.mean[k]) * inv[k];
  };
  for (int64_t i = 0; i < q.size(); i++) {
    const long double g = q.g[static_cast<size_t>(i)];
    const size_t k = static_cast<size_t>(q.set(i)), c = static_cast<size_t>(q.channel(i));
    sum[k] += g * q.weight(i);
    dot[k] += g * q.weight(i) * hat(i);
    ew[c] += g * hat(i);
    eb[c] += g;
    size[c] += std::fabs(g) * (1 + std::fabs(hat(i)));
  }
  const long double count = static_cast<long double>(q.setSize());
  for (int64_t i = 0; i < q.size(); i++) {
    const size_t k = static_cast<size_t>(q.set(i));
    long double e = q.g[static_cast<size_t>(i)] * q.weight(i);
    if (training) e -= sum[k] / count + hat(i) * dot[k] / count;
    e *= inv[k];
    compare("gx", gx[static_cast<size_t>(i)], e, e0 * inv[k] * (8 + std::fabs(offset)), op);
  }
  for (size_t c = 0; c < ew.size(); c++) {
    compare("gw", gw[c], ew[c], e0 * (1 + size[c]) * (1 + std::fabs(offset)), op);
    compare("gb", gb[c], eb[c], e0 * (1 + size[c]), op);
  }
  CHECK(untouched(gx) && untouched(gw) && untouched(gb));
}

template <class T>
void batchNorm(DType t, int64_t n, int64_t c, int64_t s, bool affine, double offset, bool partly) {
  Problem<T> q{n, c, s, c, true, 1, {}, {}, {}, {}, {}, {}, affine};
  q.make(offset);
  const double eps = 1e-5, momentum = 0.1;
  auto y = blank<T>(q.size()), mean = blank<T>(c), inv = blank<T>(c), gx = blank<T>(q.size()), gw = blank<T>(c),
       gb = blank<T>(c);
  std::vector<T> rm = random<T>(c), rv(static_cast<size_t>(c), T(1.5));
  const std::vector<T> rm0 = rm;
  const In w = affine ? in(q.w) : In{}, b = affine ? in(q.b) : In{};
  BatchNormArgs forward{.y = front(y),
                        .x = in(q.x),
                        .weight = w,
                        .bias = b,
                        .runningMean = out(rm),
                        .runningVar = out(rv),
                        .mean = front(mean),
                        .invstd = front(inv),
                        .n = n,
                        .c = c,
                        .s = s,
                        .training = true,
                        .momentum = momentum,
                        .eps = eps};
  CHECK(send(OP_batch_norm, t, forward) == OK);
  checkForward(q, y, "batch_norm", eps, offset, t);
  CHECK(untouched(mean) && untouched(inv));
  const long double e0 = t == F32 ? 3e-7L : 1e-14L, count = static_cast<long double>(n * s);
  for (size_t k = 0; k < static_cast<size_t>(c); k++) {
    compare("mean", mean[k], q.mean[k], e0 * (1 + std::fabs(q.mean[k])), "batch_norm");
    compare("invstd", inv[k], 1 / std::sqrt(q.var[k] + eps), e0 / std::sqrt(q.var[k] + eps), "batch_norm");
    compare("running mean", rm[k], rm0[k] * 0.9L + 0.1L * q.mean[k], e0 * (2 + std::fabs(q.mean[k])), "batch_norm");
    if (count > 1)
      compare("running var", rv[k], 1.5L * 0.9L + 0.1L * q.var[k] * count / (count - 1), e0 * (2 + q.var[k] * 2),
              "batch_norm");
  }
  BatchNormBackwardArgs backward{.dx = front(gx),
                                 .dw = front(gw),
                                 .db = front(gb),
                                 .dy = in(q.g),
                                 .x = in(q.x),
                                 .weight = w,
                                 .mean = known(mean),
                                 .spread = known(inv),
                                 .n = n,
                                 .c = c,
                                 .s = s,
                                 .training = true,
                                 .eps = eps};
  CHECK(send(OP_batch_norm_backward, t, backward) == OK);
  if (n * s > 1) checkBackward(q, gx, gw, gb, "batch_norm_backward", eps, offset, t);
  if (partly) {  // each gradient alone
    BatchNormBackwardArgs alone = backward;
    auto one = blank<T>(q.size());
    alone.dx = front(one);
    alone.dw = alone.db = {};
    CHECK(send(OP_batch_norm_backward, t, alone) == OK);
    CHECK(std::equal(one.begin(), one.end() - ROOM, gx.begin()));
    one = blank<T>(c);
    alone.dx = {};
    alone.dw = front(one);
    CHECK(send(OP_batch_norm_backward, t, alone) == OK);
    CHECK(std::equal(one.begin(), one.end() - ROOM, gw.begin()));
  }
  // evaluation: the running statistics
  for (size_t k = 0; k < static_cast<size_t>(c); k++)
    q.mean[k] = rm[k] = rm0[k], q.var[k] = rv[k] = static_cast<T>(0.5 + rng.uniform());
  forward.mean = forward.invstd = {};
  forward.training = backward.training = false;
  CHECK(send(OP_batch_norm, t, forward) == OK);
  checkForward(q, y, "batch_norm eval", eps, offset, t);
  backward.mean = in(rm);
  backward.spread = in(rv);
  CHECK(send(OP_batch_norm_backward, t, backward) == OK);
  checkBackward(q, gx, gw, gb, "batch_norm_backward eval", eps, offset, t, false);
}

template <class T>
void groupNorm(DType t, int64_t n, int64_t c, int64_t s, int64_t groups, bool affine, double offset) {
  Problem<T> q{n, c, s, n * groups, false, groups, {}, {}, {}, {}, {}, {}, affine};
  q.make(offset);
  const double eps = 1e-5;
  auto y = blank<T>(q.size()), mean = blank<T>(n * groups), inv = blank<T>(n * groups), gx = blank<T>(q.size()),
       gw = blank<T>(c), gb = blank<T>(c);
  const In w = affine ? in(q.w) : In{}, b = affine ? in(q.b) : In{};
  CHECK(send(OP_group_norm, t,
             GroupNormArgs{.y = front(y),
                           .x = in(q.x),
                           .weight = w,
                           .bias = b,
                           .mean = front(mean),
                           .rstd = front(inv),
                           .n = n,
                           .c = c,
                           .s = s,
                           .groups = groups,
                           .eps = eps}) == OK);
  checkForward(q, y, "group_norm", eps, offset, t);
  CHECK(untouched(mean) && untouched(inv));
  CHECK(send(OP_group_norm_backward, t,
             GroupNormBackwardArgs{.dx = front(gx),
                                   .dw = front(gw),
                                   .db = front(gb),
                                   .dy = in(q.g),
                                   .x = in(q.x),
                                   .weight = w,
                                   .mean = known(mean),
                                   .rstd = known(inv),
                                   .n = n,
                                   .c = c,
                                   .s = s,
                                   .groups = groups}) == OK);
  checkBackward(q, gx, gw, gb, "group_norm_backward", eps, offset, t);
}

// Layer norm is the same problem with rows as images and columns as channels of one group.
template <class T>
void layerNorm(DType t, int64_t rows, int64_t cols, bool affine, double offset) {
  Problem<T> q{rows, cols, 1, rows, false, 1, {}, {}, {}, {}, {}, {}, affine};
  q.make(offset);
  const double eps = 1e-5;
  auto y = blank<T>(q.size()), mean = blank<T>(rows), inv = blank<T>(rows), gx = blank<T>(q.size()),
       gw = blank<T>(cols), gb = blank<T>(cols);
  const In w = affine ? in(q.w) : In{}, b = affine ? in(q.b) : In{};
  LayerNormArgs forward{.y = front(y),
                        .x = in(q.x),
                        .weight = w,
                        .bias = b,
                        .mean = front(mean),
                        .rstd = front(inv),
                        .rows = rows,
                        .columns = cols,
                        .eps = eps};
  CHECK(send(OP_layer_norm, t, forward) == OK);
  checkForward(q, y, "layer_norm", eps, offset, t);
  CHECK(untouched(mean) && untouched(inv));
  CHECK(send(OP_layer_norm_backward, t,
             LayerNormBackwardArgs{.dx = front(gx),
                                   .dw = front(gw),
                                   .db = front(gb),
                                   .dy = in(q.g),
                                   .x = in(q.x),
                                   .weight = w,
                                   .mean = known(mean),
                                   .rstd = known(inv),
                                   .rows = rows,
                                   .columns = cols}) == OK);
  checkBackward(q, gx, gw, gb, "layer_norm_backward", eps, offset, t);
  // a bias without a weight, and no gradients of parameters
  if (affine) {
    auto z = blank<T>(q.size());
    forward.y = front(z);
    forward.weight = {};
    forward.mean = forward.rstd = {};
    CHECK(send(OP_layer_norm, t, forward) == OK);
    for (T& v : q.w) v = 1;
    checkForward(q, z, "layer_norm bias", eps, offset, t);
  }
}

template <class T>
void all(DType t) {
  for (bool affine : {false, true})
    for (double offset : {0.0, 100.0}) {
      for (const auto& [n, c, s] : {std::array<int64_t, 3>{1, 1, 1},
                                    {2, 3, 1},
                                    {9, 17, 1},
                                    {33, 40, 1},
                                    {4, 3, 5},
                                    {2, 5, 49},
                                    {3, 20, 64},
                                    {70, 2, 1200},
                                    {5, 1, 40000}})
        batchNorm<T>(t, n, c, s, affine, offset, n < 5);
      for (const auto& [rows, cols] :
           {std::array<int64_t, 2>{1, 2}, {3, 5}, {7, 16}, {40, 33}, {2, 5000}, {700, 64}, {90, 1024}})
        layerNorm<T>(t, rows, cols, affine, offset);
      for (const auto& [n, c, s, groups] :
           {std::array<int64_t, 4>{1, 2, 3, 1}, {3, 6, 1, 2}, {2, 8, 25, 4}, {3, 12, 100, 12}, {2, 32, 64, 8}})
        groupNorm<T>(t, n, c, s, groups, affine, offset);
    }
}

void refused() {
  float x[4] = {}, y[4], mean[2] = {7, 7}, rstd[2] = {7, 7};
  BatchNormArgs batch{.y = out(y, 4), .x = in(x, 4), .n = 2, .c = 1, .s = 2, .training = true, .eps = 1e-5};
  CHECK(send(OP_batch_norm, F32, batch) == BAD_COMMAND);  // nowhere to put the statistics
  batch.mean = out(mean, 1);
  CHECK(send(OP_batch_norm, F32, batch) == BAD_COMMAND);
  batch.invstd = out(rstd, 1);
  CHECK(send(OP_batch_norm, F32, batch) == OK);
  batch.training = false;  // no running statistics
  CHECK(send(OP_batch_norm, F32, batch) == BAD_COMMAND);
  CHECK(send(OP_batch_norm, F32, {1}) == BAD_COMMAND);
  CHECK(send(OP_layer_norm, F32, LayerNormArgs{.rows = 2, .columns = 2}) == BAD_COMMAND);
  CHECK(send(OP_layer_norm, F32, LayerNormArgs{.rows = 0, .columns = 2}) == OK);
  GroupNormArgs group{.y = out(y, 4), .x = in(x, 4), .n = 1, .c = 4, .s = 1, .groups = 2};
  CHECK(send(OP_group_norm, F32, group) == OK);
  group.groups = 3;
  CHECK(send(OP_group_norm, F32, group) == BAD_COMMAND);
  group.groups = 0;
  CHECK(send(OP_group_norm, F32, group) == BAD_COMMAND);
  // Nothing to normalise, but sizes whose product overflows.
  const GroupNormBackwardArgs huge{.n = 1 << 10, .c = int64_t(1) << 53, .s = 0, .groups = int64_t(1) << 53};
  CHECK(send(OP_group_norm_backward, F32, huge) == BAD_COMMAND);
  mean[0] = mean[1] = 7;
  CHECK(send(OP_layer_norm, F32,
             LayerNormArgs{.mean = out(mean, 2), .rstd = out(rstd, 2), .rows = 2, .columns = 0, .eps = 1e-5}) == OK);
  CHECK(mean[1] == 0 && std::isnan(rstd[1]));
}

void everywhere() {
  rng = Rng();
  const int64_t n = 40, c = 5, s = 3000;
  const auto x = random<float>(n * c * s), g = random<float>(n * c * s);
  const auto all = sameBits({1, 2, 5}, [&] {
    std::vector<float> y(x.size()), gx(x.size()), mean(200), inv(200), gw(3000), gb(3000), all;
    const BatchNormArgs batch{.y = out(y),
                              .x = in(x),
                              .mean = out(mean),
                              .invstd = out(inv),
                              .n = n,
                              .c = c,
                              .s = s,
                              .training = true,
                              .momentum = 0.1,
                              .eps = 1e-5};
    const BatchNormBackwardArgs batchBackward{.dx = out(gx),
                                              .dw = out(gw),
                                              .db = out(gb),
                                              .dy = in(g),
                                              .x = in(x),
                                              .mean = in(mean),
                                              .spread = in(inv),
                                              .n = n,
                                              .c = c,
                                              .s = s,
                                              .training = true,
                                              .eps = 1e-5};
    const LayerNormArgs layer{
        .y = out(y), .x = in(x), .mean = out(mean), .rstd = out(inv), .rows = n * c, .columns = s, .eps = 1e-5};
    const LayerNormBackwardArgs layerBackward{.dx = out(gx),
                                              .dw = out(gw),
                                              .db = out(gb),
                                              .dy = in(g),
                                              .x = in(x),
                                              .mean = in(mean),
                                              .rstd = in(inv),
                                              .rows = n * c,
                                              .columns = s};
    const auto keep = [&] {
      for (const auto* v : {&y, &gx, &mean, &inv, &gw, &gb}) all.insert(all.end(), v->begin(), v->end());
    };
    CHECK(send(OP_batch_norm, F32, batch) == OK && send(OP_batch_norm_backward, F32, batchBackward) == OK);
    keep();
    CHECK(send(OP_layer_norm, F32, layer) == OK && send(OP_layer_norm_backward, F32, layerBackward) == OK);
    keep();
    return all;
  });
  noteBits(all.data(), 4 * all.size());
}

}  // namespace

int main() {
  eachLevel([](Level) {
    refused();
    all<float>(F32);
    all<double>(F64);
  });
  everywhere();
  return report("normalize_test");
}
