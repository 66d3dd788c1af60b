// What the kernel benchmarks share: the clock, and commands run again and again.
#pragma once
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "dispatch/run.h"
#include "encode.h"
#include "threads/threads.h"

// Seconds: of the CPU for a single thread, which a busy machine disturbs less; else on the wall.
inline double now() {
  timespec t;
  clock_gettime(tenzo::numThreads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// Of one call, in seconds. The best says what the code can do, since other work on the machine only ever adds.
struct Times {
  double best, median;
};
// Short calls are timed several at once, for a quarter of a second in all.
template <class F>
Times timed(const F& call) {
  const auto several = [&](int64_t n) {
    const double start = now();
    for (int64_t i = 0; i < n; i++) call();
    return (now() - start) / static_cast<double>(n);
  };
  several(1);
  const int64_t together = std::max<int64_t>(1, static_cast<int64_t>(2e-4 / several(1)));
  std::vector<double> times;
  for (const double start = now(); times.size() < 5 || now() - start < 0.25;) times.push_back(several(together));
  std::sort(times.begin(), times.end());
  return {times[0], times[times.size() / 2]};
}

// A command by its payload; times of 0 where it is refused.
inline Times timed(tenzo::Op op, tenzo::DType type, const std::vector<double>& payload,
                   tenzo::DType type2 = tenzo::F32) {
  double detail[6];
  const tenzo::Command c{payload.data(), op, type, type2, static_cast<int32_t>(payload.size()), detail};
  const tenzo::Kernels& k = tenzo::kernels();
  if (runCommand(c, k) != tenzo::OK) return {};
  return timed([&] { runCommand(c, k); });
}
