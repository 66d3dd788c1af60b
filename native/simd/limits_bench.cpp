// The machine's limits, measured in the same run as what is held against them: float32 multiply-adds a second and the
// bandwidth of copying what no cache holds, for 1 … N threads. JSON lines {peer, name, threads, metric, value}.
//   limits_bench [threads, default 1]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#if TENZO_HAS_X86
#include <immintrin.h>
#else
#include <arm_neon.h>
#endif

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Twelve independent chains cover the latency of two units; the result is used so that nothing is dropped.
constexpr int CHAINS = 12;
constexpr int64_t ROUNDS = 2000000;

#if TENZO_HAS_X86
__attribute__((target("avx512f"))) double fma512() {
  __m512 x[CHAINS], a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
  for (auto& v : x) v = b;
  for (int64_t i = 0; i < ROUNDS; i++)
    for (auto& v : x) v = _mm512_fmadd_ps(v, a, b);
  float sum = 0;
  for (auto& v : x) sum += _mm512_cvtss_f32(v);
  return sum > 0 ? 2.0 * 16 * CHAINS * ROUNDS : 0;
}
__attribute__((target("avx2,fma"))) double fma256() {
  __m256 x[CHAINS], a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
  for (auto& v : x) v = b;
  for (int64_t i = 0; i < ROUNDS; i++)
    for (auto& v : x) v = _mm256_fmadd_ps(v, a, b);
  float sum = 0;
  for (auto& v : x) sum += _mm256_cvtss_f32(v);
  return sum > 0 ? 2.0 * 8 * CHAINS * ROUNDS : 0;
}
double fma128() {
  __m128 x[CHAINS], a = _mm_set1_ps(0.999f), b = _mm_set1_ps(0.001f);
  for (auto& v : x) v = b;
  for (int64_t i = 0; i < ROUNDS; i++)
    for (auto& v : x) v = _mm_add_ps(_mm_mul_ps(v, a), b);
  float sum = 0;
  for (auto& v : x) sum += _mm_cvtss_f32(v);
  return sum > 0 ? 2.0 * 4 * CHAINS * ROUNDS : 0;
}
double multiplyAdds() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return fma512();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return fma256();
  return fma128();
}
#else
double multiplyAdds() {
  float32x4_t x[CHAINS], a = vdupq_n_f32(0.999f), b = vdupq_n_f32(0.001f);
  for (auto& v : x) v = b;
  for (int64_t i = 0; i < ROUNDS; i++)
    for (auto& v : x) v = vfmaq_f32(b, v, a);
  float sum = 0;
  for (auto& v : x) sum += vgetq_lane_f32(v, 0);
  return sum > 0 ? 2.0 * 4 * CHAINS * ROUNDS : 0;
}
#endif

// Runs `work` on so many threads at once; the best rate of several rounds, in units of `work`'s result a second.
template <class F>
double rate(int threads, int rounds, const F& work) {
  double best = 0;
  for (int round = 0; round < rounds; round++) {
    std::atomic<int> ready{0};
    std::vector<double> amount(threads);
    std::vector<std::thread> pool;
    std::atomic<bool> go{false};
    for (int t = 0; t < threads; t++)
      pool.emplace_back([&, t] {
        ready++;
        while (!go) std::this_thread::yield();
        amount[t] = work(t);
      });
    while (ready < threads) std::this_thread::yield();
    const double start = now();
    go = true;
    for (auto& thread : pool) thread.join();
    const double seconds = now() - start;
    double sum = 0;
    for (double a : amount) sum += a;
    best = std::max(best, sum / seconds);
  }
  return best;
}

void emit(const char* name, int threads, const char* metric, double value) {
  std::printf("{\"peer\":\"machine\",\"name\":\"%s\",\"threads\":%d,\"metric\":\"%s\",\"value\":%.5g}\n", name, threads,
              metric, value);
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::max(1, std::atoi(argv[1])) : 1;
  emit("fma_f32", threads, "gflops", rate(threads, 8, [](int) { return multiplyAdds(); }) / 1e9);

  constexpr size_t BYTES = size_t{256} << 20;
  std::vector<char*> from(threads), to(threads);
  for (int t = 0; t < threads; t++) {
    from[t] = static_cast<char*>(std::malloc(BYTES));
    to[t] = static_cast<char*>(std::malloc(BYTES));
    if (!from[t] || !to[t]) return 1;
    std::memset(from[t], 1, BYTES);
    std::memset(to[t], 2, BYTES);
  }
  emit("copy", threads, "gbps", rate(threads, 5, [&](int t) {
                                  std::memcpy(to[t], from[t], BYTES);
                                  return 2.0 * BYTES;
                                }) / 1e9);
  for (int t = 0; t < threads; t++) {
    std::free(from[t]);
    std::free(to[t]);
  }
}
