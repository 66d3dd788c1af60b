// Reductions, softmax, losses and normalisation: microseconds (best and median of repeated calls) on f32.
//   reduce_bench [threads, default 1] [filter]
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "../runtime/dispatch.h"
#include "../runtime/threads.h"

using namespace tenzo;

namespace {

const char* filter = "";
double slot(const void* p) { return static_cast<double>(reinterpret_cast<uintptr_t>(p)); }
// The CPU time of a single thread, which a busy machine disturbs less; else the clock on the wall.
double now() {
  timespec t;
  clock_gettime(numThreads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) * 1e-3;
}

void bench(const std::string& name, double bytes, Op op, const std::vector<double>& payload, DType t = F32) {
  if (!std::strstr(name.c_str(), filter)) return;
  std::vector<double> buffer(HEADER_SLOTS, 0);
  buffer.insert(buffer.end(),
                {static_cast<double>(op), static_cast<double>(t), 0, static_cast<double>(payload.size())});
  buffer.insert(buffer.end(), payload.begin(), payload.end());
  std::vector<double> times;
  const double end = now() + 250000;
  while (times.size() < 5 || (now() < end && times.size() < 20000)) {
    buffer[0] = static_cast<double>(buffer.size());
    const double start = now();
    if (runBuffer(buffer.data(), static_cast<int64_t>(buffer.size())) != OK) {
      std::printf("%-34s refused\n", name.c_str());
      return;
    }
    times.push_back(now() - start);
  }
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  std::printf("%-34s best %9.2f us  median %9.2f us  %6.1f GB/s\n", name.c_str(), times[0], median,
              bytes / median / 1000);
}

std::vector<double> reduction(const std::vector<int64_t>& sizes, const std::vector<int>& reduced, void* out, void* out2,
                              const void* in, double param, bool transposed = false) {
  const size_t n = sizes.size();
  std::vector<double> p{static_cast<double>(n), slot(out), slot(out2), slot(in), param};
  std::vector<double> strides(n), outStrides(n, 0);
  double step = 1, outStep = 1;
  for (size_t i = 0; i < n; i++) {
    const size_t d = transposed ? i : n - 1 - i;
    strides[d] = step;
    step *= static_cast<double>(sizes[d]);
  }
  for (size_t i = n; i-- > 0;)
    if (!reduced[i]) outStrides[i] = outStep, outStep *= static_cast<double>(sizes[i]);
  for (int64_t s : sizes) p.push_back(static_cast<double>(s));
  p.insert(p.end(), strides.begin(), strides.end());
  p.insert(p.end(), outStrides.begin(), outStrides.end());
  for (int r : reduced) p.push_back(r);
  return p;
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
    bench(full + (transposed ? " T" : ""), n * itemsize(t), op,
          reduction(sizes, reduced, y.data(), op == OP_max || op == OP_min ? index.data() : nullptr, x.data(), param,
                    transposed),
          t);
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
  const auto cumulative = [&](const char* name, Op op, double rows, double cols, double dim) {
    bench(name, rows * cols * 8, op,
          {2, slot(y.data()), slot(index.data()), slot(x.data()), dim, rows, cols, cols, 1, cols, 1});
  };
  cumulative("cumsum dim 1", OP_cumsum, 1000, 1000, 1);
  cumulative("cumsum dim 0", OP_cumsum, 1000, 1000, 0);
  cumulative("cummax dim 1", OP_cummax, 1000, 1000, 1);

  for (const auto& [r, c, i] :
       {std::array<double, 3>{4096, 1024, 1}, {64, 10, 1}, {8192, 64, 1}, {128, 1000, 1}, {16, 21, 4096}}) {
    const std::string d = " [" + std::to_string(static_cast<int>(r)) + "," + std::to_string(static_cast<int>(c)) + "," +
                          std::to_string(static_cast<int>(i)) + "]";
    const double n = r * c * i;
    bench("softmax" + d, n * 8, OP_softmax, {slot(y.data()), slot(x.data()), r, c, i});
    bench("log_softmax" + d, n * 8, OP_log_softmax, {slot(y.data()), slot(x.data()), r, c, i});
    bench("softmax_backward" + d, n * 12, OP_softmax_backward,
          {slot(z.data()), slot(g.data()), slot(y.data()), r, c, i});
    bench("log_softmax_backward" + d, n * 12, OP_log_softmax_backward,
          {slot(z.data()), slot(g.data()), slot(y.data()), r, c, i});
    std::vector<float> stats(static_cast<size_t>(2 * r * i));
    std::vector<int64_t> target(static_cast<size_t>(r * i));
    for (size_t k = 0; k < target.size(); k++) target[k] = static_cast<int64_t>(k) % static_cast<int64_t>(c);
    float total, loss, one = 1;
    bench("cross_entropy" + d, n * 4, OP_cross_entropy,
          {slot(&loss), slot(x.data()), slot(target.data()), 0, slot(stats.data()), slot(&total), r, c, i, 1, -100, 0});
    bench("cross_entropy_backward" + d, n * 8, OP_cross_entropy_backward,
          {slot(z.data()), slot(&one), slot(x.data()), slot(target.data()), 0, slot(stats.data()), slot(&total), r, c,
           i, 1, -100, 0});
  }
  std::vector<float> w(5000, 1), b(5000, 0), mean(5000), inv(5000), gw(5000), gb(5000);
  for (const auto& [r, c] : {std::array<double, 2>{4096, 1024}, {64, 128}}) {
    const std::string d = " [" + std::to_string(static_cast<int>(r)) + "," + std::to_string(static_cast<int>(c)) + "]";
    bench("layer_norm" + d, r * c * 8, OP_layer_norm,
          {slot(y.data()), slot(x.data()), slot(w.data()), slot(b.data()), slot(mean.data()), slot(inv.data()), r, c,
           1e-5});
    bench("layer_norm_backward" + d, r * c * 12, OP_layer_norm_backward,
          {slot(z.data()), slot(gw.data()), slot(gb.data()), slot(g.data()), slot(x.data()), slot(w.data()),
           slot(mean.data()), slot(inv.data()), r, c});
  }
  for (const auto& [n, c, s] : {std::array<double, 3>{32, 64, 3136}, {64, 16, 196}, {128, 256, 1}, {8, 3, 50000}}) {
    const std::string d = " [" + std::to_string(static_cast<int>(n)) + "," + std::to_string(static_cast<int>(c)) + "," +
                          std::to_string(static_cast<int>(s)) + "]";
    bench("batch_norm" + d, n * c * s * 8, OP_batch_norm,
          {slot(y.data()), slot(x.data()), slot(w.data()), slot(b.data()), 0, 0, slot(mean.data()), slot(inv.data()), n,
           c, s, 1, 0.1, 1e-5});
    bench("batch_norm_backward" + d, n * c * s * 12, OP_batch_norm_backward,
          {slot(z.data()), slot(gw.data()), slot(gb.data()), slot(g.data()), slot(x.data()), slot(w.data()),
           slot(mean.data()), slot(inv.data()), n, c, s, 1, 1e-5});
    for (float& v : b) v = 1;
    bench("batch_norm eval" + d, n * c * s * 8, OP_batch_norm,
          {slot(y.data()), slot(x.data()), slot(w.data()), slot(b.data()), slot(w.data()), slot(b.data()), 0, 0, n, c,
           s, 0, 0.1, 1e-5});
  }
  bench("group_norm [8,32,3136] 8", 8.0 * 32 * 3136 * 8, OP_group_norm,
        {slot(y.data()), slot(x.data()), slot(w.data()), slot(b.data()), slot(mean.data()), slot(inv.data()), 8, 32,
         3136, 8, 1e-5});
  bench("group_norm_backward [8,32,3136] 8", 8.0 * 32 * 3136 * 12, OP_group_norm_backward,
        {slot(z.data()), slot(gw.data()), slot(gb.data()), slot(g.data()), slot(x.data()), slot(w.data()),
         slot(mean.data()), slot(inv.data()), 8, 32, 3136, 8});
}
