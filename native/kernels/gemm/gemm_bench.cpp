// Matrix products: time, GFLOP/s and the share of what one core's multiply-add units can do.
//   gemm_bench [part of a case's name] [--threads=1,2] [--f64]
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "test/bench.h"
#include "test/multiply_adds.h"

using namespace tenzo;
static double peakGflops() {
  double best = 0;
  for (int i = 0; i < 20; i++) {
    const double start = now();
    const double flops = multiplyAdds(200000, levelName(level()));
    best = std::max(best, flops / (now() - start) / 1e9);
  }
  return best;
}

// ---- the cases

struct Case {
  const char* name;
  int64_t batch, m, k, n;
  bool ta, tb;
};
static const Case CASES[] = {
    {"mm_64", 1, 64, 64, 64, 0, 0},
    {"mm_128", 1, 128, 128, 128, 0, 0},
    {"mm_256", 1, 256, 256, 256, 0, 0},
    {"mm_512", 1, 512, 512, 512, 0, 0},
    {"mm_1024", 1, 1024, 1024, 1024, 0, 0},
    {"mm_2048", 1, 2048, 2048, 2048, 0, 0},
    {"mm_1024_nt", 1, 1024, 1024, 1024, 0, 1},
    {"mm_1024_tn", 1, 1024, 1024, 1024, 1, 0},
    {"mm_64x784x256_nn", 1, 64, 784, 256, 0, 0},
    {"mm_64x784x256_nt", 1, 64, 784, 256, 0, 1},
    {"mm_64x1024x1024_nn", 1, 64, 1024, 1024, 0, 0},
    {"mm_64x1024x1024_nt", 1, 64, 1024, 1024, 0, 1},
    {"mm_64x2048x2048_nn", 1, 64, 2048, 2048, 0, 0},
    {"mm_64x2048x2048_nt", 1, 64, 2048, 2048, 0, 1},
    {"mm_2048x64x2048_tn", 1, 2048, 64, 2048, 1, 0},
    {"mm_256x64x784_tn", 1, 256, 64, 784, 1, 0},
    {"mm_256x256x10_nn", 1, 256, 256, 10, 0, 0},
    {"mm_256x256x10_nt", 1, 256, 256, 10, 0, 1},
    {"mm_1024x1024x10_nn", 1, 1024, 1024, 10, 0, 0},
    {"mm_1024x1024x10_tn", 1, 1024, 1024, 10, 1, 0},
    {"mm_10x1024x1024_nt", 1, 10, 1024, 1024, 0, 1},
    {"mm_10x1024x1024_nn", 1, 10, 1024, 1024, 0, 0},
    {"mm_10x1024x1024_tn", 1, 10, 1024, 1024, 1, 0},
    {"mm_10x256x256_tn", 1, 10, 256, 256, 1, 0},
    {"mm_1024x1024x64_nn", 1, 1024, 1024, 64, 0, 0},
    {"mm_1024x1024x64_nt", 1, 1024, 1024, 64, 0, 1},
    {"mm_1024x1024x64_tn", 1, 1024, 1024, 64, 1, 0},
    {"mm_8x4096x4096_nn", 1, 8, 4096, 4096, 0, 0},
    {"mm_8x4096x4096_nt", 1, 8, 4096, 4096, 0, 1},
    {"mm_4096x8x4096_tn", 1, 4096, 8, 4096, 1, 0},
    {"mm_1x1024x1024_nn", 1, 1, 1024, 1024, 0, 0},
    {"mm_1x1024x1024_nt", 1, 1, 1024, 1024, 0, 1},
    {"mm_1024x1024x1_nn", 1, 1024, 1024, 1, 0, 0},
    {"mm_1024x1024x1_tn", 1, 1024, 1024, 1, 1, 0},
    {"mm_16x65536x16_tn", 1, 16, 65536, 16, 1, 0},
    {"mm_3x3x3", 1, 3, 3, 3, 0, 0},
    {"mm_16x16x16", 1, 16, 16, 16, 0, 0},
    {"bmm_32x128x64x128_nt", 32, 128, 64, 128, 0, 1},
    {"bmm_32x128x128x64_nn", 32, 128, 128, 64, 0, 0},
    {"bmm_4x128x128x64_nn", 4, 128, 128, 64, 0, 0},
    {"bmm_4x128x64x128_nt", 4, 128, 64, 128, 0, 1},
    {"bmm_1024x8x8x8", 1024, 8, 8, 8, 0, 0},
};

template <class T>
static void bench(const Case& x, DType type, const std::vector<int>& threads, double peak) {
  const auto numbers = [](int64_t n) {
    std::vector<T> v(static_cast<size_t>(n + 16));
    uint32_t s = 1;
    for (auto& e : v) e = T((s = s * 1664525u + 1013904223u) >> 8) / T(1 << 24) - T(0.5);
    return v;
  };
  std::vector<T> a = numbers(x.batch * x.m * x.k), b = numbers(x.batch * x.k * x.n), c = numbers(x.batch * x.m * x.n);
  const auto aligned = [](std::vector<T>& v) -> Memory {  // as the engine's storages
    const uintptr_t start = reinterpret_cast<uintptr_t>(v.data()), at = (start + 63) / 64 * 64;
    return {reinterpret_cast<void*>(at), int64_t(v.size() * sizeof(T) - (at - start))};
  };
  const std::vector<double> payload = encode(MatmulArgs{.m = x.m,
                                                        .n = x.n,
                                                        .k = x.k,
                                                        .batch = x.batch,
                                                        .a = {aligned(a)},
                                                        .aRow = x.ta ? 1 : x.k,
                                                        .aColumn = x.ta ? x.m : 1,
                                                        .aBatch = x.m * x.k,
                                                        .b = {aligned(b)},
                                                        .bRow = x.tb ? 1 : x.n,
                                                        .bColumn = x.tb ? x.k : 1,
                                                        .bBatch = x.k * x.n,
                                                        .c = {aligned(c)},
                                                        .cRow = x.n,
                                                        .cBatch = x.m * x.n,
                                                        .alpha = 1});
  const double flops = 2.0 * double(x.batch) * double(x.m) * double(x.n) * double(x.k);
  std::printf("%-24s", x.name);
  double one = 0;
  for (int t : threads) {
    setNumThreads(t);
    const auto [best, median] = timed(OP_matmul, type, payload);
    if (t == threads[0]) one = median;
    std::printf("  | %d: %9.2f us (best %9.2f) %7.1f GFLOP/s %4.0f%%", t, median * 1e6, best * 1e6,
                flops / median / 1e9, flops / median / 1e9 / peak * 100);
    if (t != threads[0]) std::printf(" x%.2f", one / median);
  }
  std::printf("\n");
  std::fflush(stdout);
}

int main(int argc, char** argv) {
  std::string only;
  std::vector<int> threads = {1, 2};
  bool doubles = false;
  for (int i = 1; i < argc; i++) {
    if (!std::strncmp(argv[i], "--threads=", 10)) {
      threads.clear();
      for (char* at = argv[i] + 10; *at; at += *at == ',') threads.push_back(int(std::strtol(at, &at, 10)));
    } else if (!std::strcmp(argv[i], "--f64")) {
      doubles = true;
    } else {
      only = argv[i];
    }
  }
  const double peak = peakGflops() / (doubles ? 2 : 1);
  std::printf("level %s, peak of one core %.1f GFLOP/s\n", levelName(level()), peak);
  for (const Case& x : CASES)
    if (only.empty() || std::strstr(x.name, only.c_str())) {
      if (doubles)
        bench<double>(x, F64, threads, peak);
      else
        bench<float>(x, F32, threads, peak);
    }
}
