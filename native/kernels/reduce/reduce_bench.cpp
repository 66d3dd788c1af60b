// Reductions, softmax, losses and normalisation: microseconds (best and median of repeated calls) on f32.
//   reduce_bench [threads, default 1] [filter]
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "test/bench.h"
#include "test/check.h"

using namespace tenzo;

namespace {

const char* filter = "";

template <class Args>
void bench(const std::string& name, double bytes, Op op, const Args& args, DType t = F32) {
  if (!std::strstr(name.c_str(), filter)) return;
  const auto [best, median] = timed(op, t, encode(args));
  std::printf("%-34s best %9.2f us  median %9.2f us  %6.1f GB/s\n", name.c_str(), best * 1e6, median * 1e6,
              bytes / median / 1e9);
}

template <class Args>
void walk(Args& args, const std::vector<int64_t>& sizes, const std::vector<int>& reduced, bool transposed) {
  const size_t n = sizes.size();
  std::vector<int64_t> strides(n), outStrides(n, 0);
  int64_t step = 1, outStep = 1;
  for (size_t i = 0; i < n; i++) {
    const size_t d = transposed ? i : n - 1 - i;
    strides[d] = step;
    step *= sizes[d];
  }
  for (size_t i = n; i-- > 0;)
    if (!reduced[i]) outStrides[i] = outStep, outStep *= sizes[i];
  args.ndim = static_cast<int>(n);
  args.sizes = dims(sizes);
  args.strides = dims(strides);
  args.outStrides = dims(outStrides);
  args.reduced = dims(reduced);
}

}  // namespace

int main(int argc, char** argv) {
  setNumThreads(argc > 1 ? std::atoi(argv[1]) : 1);
  if (argc > 2) filter = argv[2];
  const size_t N = 10000000;
  std::vector<float> x(N), y(N), g(N), z(N);
  std::vector<int64_t> index(N);
  for (size_t i = 0; i < N; i++) {
    x[i] = static_cast<float>((i * 2654435761u) & 0xffffff) / 16777216.0f - 0.5f;
    g[i] = static_cast<float>((i * 40503u) & 0xffff) / 65536.0f - 0.5f;
  }
  const auto reduce = [&](const char* name, Op op, std::vector<int64_t> sizes, std::vector<int> reduced,
                          double param = 0, DType t = F32, bool transposed = false) {
    double n = 1;
    std::string full = std::string(name) + " [";
    for (size_t i = 0; i < sizes.size(); i++) {
      n *= static_cast<double>(sizes[i]);
      full += std::to_string(sizes[i]) + (reduced[i] ? "r" : "") + (i + 1 < sizes.size() ? "," : "]");
    }
    if (transposed) full += " T";
    const auto run = [&](auto args) {
      walk(args, sizes, reduced, transposed);
      args.out = out(y);
      args.a = in(x);
      args.param = param;
      bench(full, n * itemsize(t), op, args, t);
    };
    switch (OPS[op].schema) {
      case SCHEMA_REDUCE_MOMENTS:
        return run(ReduceMomentsArgs{});
      case SCHEMA_REDUCE_EXTREME: {
        ReduceExtremeArgs args{};
        args.indices = out(index);
        return run(args);
      }
      case SCHEMA_REDUCE_COUNT:
        return run(ReduceCountArgs{});
      case SCHEMA_REDUCE_TRUTH:
        return run(ReduceTruthArgs{});
      default:
        return run(ReduceArgs{});
    }
  };
  struct {
    const char* name;
    Op op;
    double param;
  } ops[] = {{"sum", OP_sum, 0},
             {"amax", OP_amax, 0},
             {"max", OP_max, 0},
             {"argmax", OP_argmax, 0},
             {"var", OP_var, 1},
             {"norm", OP_norm, 2},
             {"logsumexp", OP_logsumexp, 0},
             {"prod", OP_prod, 0},
             {"any", OP_any, 0},
             {"count_nonzero", OP_count_nonzero, 0}};
  for (const auto& o : ops) {
    reduce(o.name, o.op, {4096, 1024}, {1, 0}, o.param);
    reduce(o.name, o.op, {4096, 1024}, {0, 1}, o.param);
  }
  for (const auto& o : ops) {
    if (o.op == OP_any || o.op == OP_count_nonzero || o.op == OP_prod) continue;
    reduce(o.name, o.op, {10000000}, {1}, o.param);
    reduce(o.name, o.op, {1000000, 3}, {0, 1}, o.param);
    reduce(o.name, o.op, {1000000, 3}, {1, 0}, o.param);
    reduce(o.name, o.op, {100000, 10}, {0, 1}, o.param);
    reduce(o.name, o.op, {10}, {1}, o.param);
    reduce(o.name, o.op, {1000}, {1}, o.param);
  }
  reduce("sum", OP_sum, {32, 64, 3136}, {1, 0, 1});
  reduce("sum", OP_sum, {64, 10}, {1, 0});
  reduce("sum", OP_sum, {256, 256}, {0, 1}, 0, F32, true);
  reduce("sum", OP_sum, {1024, 64, 32}, {0, 1, 0});
  reduce("sum i64", OP_sum, {1000, 1000}, {0, 1}, 0, I64);
  reduce("sum i64", OP_sum, {1000, 1000}, {1, 0}, 0, I64);
  reduce("sum f64", OP_sum, {1000, 1000}, {0, 1}, 0, F64);
  const auto cumulative = [&](const char* name, Op op, int64_t rows, int64_t cols, int dim) {
    const double bytes = static_cast<double>(rows * cols * 8);
    const Dims sizes = dims(std::vector{rows, cols}), strides = dims(std::vector{cols, int64_t(1)});
    if (op == OP_cummax)
      bench(name, bytes, op, ScanExtremeArgs{out(y), out(index), in(x), dim, 2, sizes, strides, strides});
    else
      bench(name, bytes, op, ScanArgs{out(y), in(x), dim, 2, sizes, strides, strides});
  };
  cumulative("cumsum dim 1", OP_cumsum, 1000, 1000, 1);
  cumulative("cumsum dim 0", OP_cumsum, 1000, 1000, 0);
  cumulative("cummax dim 1", OP_cummax, 1000, 1000, 1);

  const auto named = [](const char* name, std::initializer_list<int64_t> sizes) {
    std::string text = std::string(name) + " [";
    for (int64_t s : sizes) text += std::to_string(s) + ",";
    text.back() = ']';
    return text;
  };
  for (const auto& [r, c, i] :
       {std::array<int64_t, 3>{4096, 1024, 1}, {64, 10, 1}, {8192, 64, 1}, {128, 1000, 1}, {16, 21, 4096}}) {
    const double n = static_cast<double>(r * c * i);
    const SoftmaxArgs forward{out(y), in(x), r, c, i};
    const SoftmaxBackwardArgs backward{out(z), in(g), in(y), r, c, i};
    bench(named("softmax", {r, c, i}), n * 8, OP_softmax, forward);
    bench(named("log_softmax", {r, c, i}), n * 8, OP_log_softmax, forward);
    bench(named("softmax_backward", {r, c, i}), n * 12, OP_softmax_backward, backward);
    bench(named("log_softmax_backward", {r, c, i}), n * 12, OP_log_softmax_backward, backward);
    std::vector<float> stats(static_cast<size_t>(2 * r * i));
    std::vector<int64_t> target(static_cast<size_t>(r * i));
    for (size_t k = 0; k < target.size(); k++) target[k] = static_cast<int64_t>(k) % c;
    float total, loss, one = 1;
    bench(named("cross_entropy", {r, c, i}), n * 4, OP_cross_entropy,
          CrossEntropyArgs{.loss = out(&loss, 1),
                           .logits = in(x),
                           .target = in(target),
                           .stats = out(stats),
                           .totalWeight = out(&total, 1),
                           .n = r,
                           .c = c,
                           .s = i,
                           .losses = 1,
                           .reduction = 1,
                           .ignoreIndex = -100});
    bench(named("cross_entropy_backward", {r, c, i}), n * 8, OP_cross_entropy_backward,
          CrossEntropyBackwardArgs{.dx = out(z),
                                   .dy = in(&one, 1),
                                   .logits = in(x),
                                   .target = in(target),
                                   .stats = in(stats),
                                   .totalWeight = in(&total, 1),
                                   .n = r,
                                   .c = c,
                                   .s = i,
                                   .losses = 1,
                                   .reduction = 1,
                                   .ignoreIndex = -100});
  }
  std::vector<float> w(5000, 1), b(5000, 0), mean(5000), inv(5000), gw(5000), gb(5000);
  for (const auto& [r, c] : {std::array<int64_t, 2>{4096, 1024}, {64, 128}}) {
    const double n = static_cast<double>(r * c);
    bench(named("layer_norm", {r, c}), n * 8, OP_layer_norm,
          LayerNormArgs{out(y), in(x), in(w), in(b), out(mean), out(inv), r, c, 1e-5});
    bench(named("layer_norm_backward", {r, c}), n * 12, OP_layer_norm_backward,
          LayerNormBackwardArgs{out(z), out(gw), out(gb), in(g), in(x), in(w), in(mean), in(inv), r, c});
  }
  for (const auto& [n, c, s] : {std::array<int64_t, 3>{32, 64, 3136}, {64, 16, 196}, {128, 256, 1}, {8, 3, 50000}}) {
    const double count = static_cast<double>(n * c * s);
    BatchNormArgs forward{.y = out(y),
                          .x = in(x),
                          .weight = in(w),
                          .bias = in(b),
                          .mean = out(mean),
                          .invstd = out(inv),
                          .n = n,
                          .c = c,
                          .s = s,
                          .training = true,
                          .momentum = 0.1,
                          .eps = 1e-5};
    bench(named("batch_norm", {n, c, s}), count * 8, OP_batch_norm, forward);
    bench(named("batch_norm_backward", {n, c, s}), count * 12, OP_batch_norm_backward,
          BatchNormBackwardArgs{.dx = out(z),
                                .dw = out(gw),
                                .db = out(gb),
                                .dy = in(g),
                                .x = in(x),
                                .weight = in(w),
                                .mean = in(mean),
                                .spread = in(inv),
                                .n = n,
                                .c = c,
                                .s = s,
                                .training = true,
                                .eps = 1e-5});
    for (float& v : b) v = 1;
    forward.training = false;
    forward.runningMean = out(w);
    forward.runningVar = out(b);
    bench(named("batch_norm eval", {n, c, s}), count * 8, OP_batch_norm, forward);
  }
  bench("group_norm [8,32,3136] 8", 8.0 * 32 * 3136 * 8, OP_group_norm,
        GroupNormArgs{out(y), in(x), in(w), in(b), out(mean), out(inv), 8, 32, 3136, 8, 1e-5});
  bench("group_norm_backward [8,32,3136] 8", 8.0 * 32 * 3136 * 12, OP_group_norm_backward,
        GroupNormBackwardArgs{out(z), out(gw), out(gb), in(g), in(x), in(w), in(mean), in(inv), 8, 32, 3136, 8});
}
