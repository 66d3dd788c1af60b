// The claim pool: every chunk exactly once, whoever calls, however often the pool changes its size.
#include "threads.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "cpu_count.h"

using namespace tenzo;

static std::atomic<int> failures{0};
#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) {                                                   \
      std::printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      failures++;                                                         \
    }                                                                     \
  } while (0)

// Plain (not atomic) counts, so that the sanitizers see a chunk run twice or its result not handed over.
static void everyChunkOnce(int64_t chunks, int64_t work) {
  std::vector<int> count(static_cast<size_t>(chunks), 0);
  std::vector<double> result(static_cast<size_t>(chunks), 0);
  parallelFor(chunks, [&](int64_t c) {
    double x = static_cast<double>(c);
    for (int64_t i = 0; i < work; i++) x = x * 0.5 + 1;
    result[static_cast<size_t>(c)] = x;
    count[static_cast<size_t>(c)]++;
  });
  for (int64_t c = 0; c < chunks; c++) {
    CHECK(count[static_cast<size_t>(c)] == 1);
    double x = static_cast<double>(c);
    for (int64_t i = 0; i < work; i++) x = x * 0.5 + 1;
    CHECK(result[static_cast<size_t>(c)] == x);
  }
}

static void ranges() {
  for (int64_t n : {0, 1, 7, 64, 1000})
    for (int64_t grain : {-1, 0, 1, 3, 64, 5000}) {
      std::vector<int> count(static_cast<size_t>(n), 0);
      parallelRange(n, grain, [&](int64_t begin, int64_t end) {
        CHECK(begin < end && end <= n && end - begin <= (grain < 1 ? 1 : grain));
        for (int64_t i = begin; i < end; i++) count[static_cast<size_t>(i)]++;
      });
      for (int c : count) CHECK(c == 1);
    }
}

static void nested() {
  std::vector<int> count(16 * 16, 0);
  parallelFor(16, [&](int64_t a) { parallelFor(16, [&](int64_t b) { count[static_cast<size_t>(a * 16 + b)]++; }); });
  for (int c : count) CHECK(c == 1);
}

// Do workers really help? A chunk that waits for another chunk to have begun proves two threads.
static void workersJoin() {
  setNumThreads(2);
  std::atomic<int> begun{0};
  bool together = false;
  for (int attempt = 0; attempt < 20 && !together; attempt++) {
    begun = 0;
    std::atomic<bool> met{false};
    parallelFor(2, [&](int64_t) {
      begun++;
      const auto start = std::chrono::steady_clock::now();
      while (begun < 2 && std::chrono::steady_clock::now() - start < std::chrono::seconds(2)) std::this_thread::yield();
      if (begun == 2) met = true;
    });
    together = met;
  }
  CHECK(together);
}

static void manyEnvironments() {
  std::atomic<bool> stop{false};
  std::thread resizing([&] {
    int n = 1;
    while (!stop) {
      setNumThreads(n);
      n = n % 6 + 1;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  std::vector<std::thread> environments;
  for (int e = 0; e < 6; e++)
    environments.emplace_back([e] {
      for (int i = 0; i < 400; i++) {
        everyChunkOnce(1 + (i * 7 + e) % 40, i % 5 * 50);
        if (i % 16 == 0) nested();
        // Sleep past the workers' spin, so that parking and waking are met too.
        if (i % 50 == 0) std::this_thread::sleep_for(std::chrono::microseconds(300));
      }
    });
  for (auto& t : environments) t.join();
  stop = true;
  resizing.join();
}

static void shortLivedEnvironments() {
  setNumThreads(3);
  for (int i = 0; i < 50; i++)
    std::thread([] {
      everyChunkOnce(9, 20);
      CHECK(scratch(0, 1000) != nullptr);
    }).join();
}

static void workspaces() {
  setNumThreads(4);
  for (size_t bytes : {size_t{0}, size_t{1}, size_t{64}, size_t{5000}, size_t{100}, size_t{3} << 20}) {
    parallelFor(8, [&](int64_t) {
      char* blocks[SCRATCH_SLOTS];
      for (int s = 0; s < SCRATCH_SLOTS; s++) {
        blocks[s] = static_cast<char*>(scratch(s, bytes));
        CHECK(blocks[s] && reinterpret_cast<uintptr_t>(blocks[s]) % 64 == 0);
        if (blocks[s] && bytes) std::memset(blocks[s], s, bytes);
      }
      for (int s = 0; s < SCRATCH_SLOTS; s++)
        if (bytes) CHECK(blocks[s][0] == s && blocks[s][bytes - 1] == s);
    });
  }
  CHECK(scratch(-1, 1) == nullptr && scratch(SCRATCH_SLOTS, 1) == nullptr);
  const void* before = scratch(1, 100);
  CHECK(scratch(1, 50) == before);
}

static void sizes() {
  CHECK(usableCpus() >= 1);
  setNumThreads(0);
  CHECK(numThreads() == 1);
  setNumThreads(100000);
  CHECK(numThreads() == 256);
  setNumThreads(5);
  CHECK(numThreads() == 5);
}

int main() {
  setenv("TENZO_NUM_THREADS", "3", 1);
  CHECK(numThreads() == 3);
  for (int threads : {1, 2, 5}) {
    setNumThreads(threads);
    for (int64_t chunks : {0, 1, 2, 3, 64, 1000}) everyChunkOnce(chunks, 10);
    ranges();
    nested();
  }
  sizes();
  workersJoin();
  workspaces();
  shortLivedEnvironments();
  manyEnvironments();
  std::printf("threads: %d failures\n", failures.load());
  return failures != 0;
}
