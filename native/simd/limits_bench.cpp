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

#include "test/multiply_adds.h"

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

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
  emit("fma_f32", threads, "gflops", rate(threads, 8, [](int) { return multiplyAdds(2000000); }) / 1e9);

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
