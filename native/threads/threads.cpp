// The claim pool. A job is an atomic counter of chunks; whoever is there claims the next one. The caller works too, so
// a job never waits for a worker that the system has not scheduled: it waits only for chunks that a worker has begun.
//
// All that must be agreed on is in one word, the gate: is a job open, which one, and how many workers are inside. The
// job's fields are written only while the gate is shut and nobody is inside, and read only inside, so they need no
// lock.
#include "threads.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>

#include "cpu_count.h"

#if defined(_WIN32)
#include <malloc.h>
#include <process.h>
#include <windows.h>
#else
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#endif

namespace tenzo {
namespace {

constexpr int MAX_THREADS = 256;
// How long a worker looks for the next job before it parks. Waking a parked one costs the caller a system call (2-5
// us), and the ops of a training step follow each other within tens of microseconds.
constexpr auto SPIN = std::chrono::microseconds(100);
// From here on every look also yields, so that on a busy machine the spinning thread gives its core to whoever has
// work.
constexpr auto SPIN_ALONE = std::chrono::microseconds(20);

inline void pause() {
#if defined(__x86_64__) || defined(_M_X64)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("isb");  // `yield` is a no-op on most cores; isb waits about as long as x86's pause
#endif
}

inline void yieldCpu() {
#if defined(_WIN32)
  SwitchToThread();
#else
  sched_yield();
#endif
}

// Looks until done() or the time is up; says whether it is done.
template <class F>
bool spinUntil(const F& done) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  for (;;) {
    for (int i = 0; i < 16; i++) {
      if (done()) return true;
      pause();
    }
    const auto spent = Clock::now() - start;
    if (spent > SPIN) return done();
    if (spent > SPIN_ALONE) yieldCpu();
  }
}

// Threads are started without std::thread because a refusal (a limit on processes) must not be an exception: the job
// then simply runs on fewer threads.
bool startThread(void (*body)(void*), void* argument) {
  struct Start {
    void (*body)(void*);
    void* argument;
  };
  Start* start = new (std::nothrow) Start{body, argument};
  if (!start) return false;
#if defined(_WIN32)
  const uintptr_t thread = _beginthreadex(
      nullptr, 0,
      [](void* p) -> unsigned {
        const Start s = *static_cast<Start*>(p);
        delete static_cast<Start*>(p);
        s.body(s.argument);
        return 0;
      },
      start, 0, nullptr);
  if (thread) CloseHandle(reinterpret_cast<HANDLE>(thread));
  const bool started = thread != 0;
#else
  // A worker takes no signals: the process's handlers belong on the threads that expect them.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool started = pthread_create(
                           &thread, nullptr,
                           [](void* p) -> void* {
                             const Start s = *static_cast<Start*>(p);
                             delete static_cast<Start*>(p);
                             s.body(s.argument);
                             return nullptr;
                           },
                           start) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (started) pthread_detach(thread);
#endif
  if (!started) delete start;
  return started;
}

void nameThread(int worker) {
  char name[24];
  std::snprintf(name, sizeof name, "tenzo-%d", worker + 1);
#if defined(__linux__)
  pthread_setname_np(pthread_self(), name);
#elif defined(__APPLE__)
  pthread_setname_np(name);
#endif
}

class Pool;

struct Worker {
  Pool* pool;
  int index;
  std::atomic<bool> alive{false};
  std::atomic<bool> parked{false};
  bool signalled = false;  // under mutex
  std::mutex mutex;
  std::condition_variable wakeUp;
};

class Pool {
 public:
  Pool() {
    for (int i = 0; i < MAX_THREADS; i++) {
      workers_[i].pool = this;
      workers_[i].index = i;
    }
    int n = 0;
    if (const char* wanted = std::getenv("TENZO_NUM_THREADS")) n = std::atoi(wanted);
    threads_ = clamp(n > 0 ? n : usableCpus());
  }

  int threads() const { return threads_.load(std::memory_order_relaxed); }

  void setThreads(int n) {
    n = clamp(n);
    threads_.store(n, std::memory_order_seq_cst);
    for (int i = n - 1; i < MAX_THREADS; i++) wake(workers_[i]);  // those that are too many end themselves
  }

  bool acquire() { return !busy_.load(std::memory_order_relaxed) && !busy_.exchange(true, std::memory_order_acquire); }
  void release() { busy_.store(false, std::memory_order_release); }

  // Only the holder of the pool calls this.
  void run(int64_t chunks, void (*fn)(void*, int64_t), void* ctx) {
    int64_t helpers = threads() - 1;
    if (helpers > chunks - 1) helpers = chunks - 1;
    for (int i = 0; i < helpers; i++) start(workers_[i]);
    job_ = {fn, ctx, chunks, static_cast<int>(helpers)};
    next_.store(0, std::memory_order_relaxed);
    woken_.store(0, std::memory_order_relaxed);
    const uint64_t epoch = (gate_.load(std::memory_order_relaxed) & ~(EPOCH - 1)) + EPOCH;
    gate_.store(epoch | OPEN, std::memory_order_seq_cst);
    wakeTwo();
    claim();
    gate_.fetch_and(~OPEN, std::memory_order_acq_rel);
    const auto left = [this] { return !(gate_.load(std::memory_order_acquire) & INSIDE); };
    if (left() || spinUntil(left)) return;
    gate_.fetch_or(WAITED_FOR, std::memory_order_acq_rel);
    std::unique_lock<std::mutex> lock(doneMutex_);
    done_.wait(lock, left);
  }

 private:
  // The gate: workers inside | OPEN | WAITED_FOR | number of the job.
  static constexpr uint64_t INSIDE = 0xffff, OPEN = 1 << 16, WAITED_FOR = 1 << 17, EPOCH = 1 << 18;

  static int clamp(int n) { return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n; }

  void claim() {
    const auto [fn, ctx, chunks, helpers] = job_;
    for (int64_t c; (c = next_.fetch_add(1, std::memory_order_relaxed)) < chunks;) fn(ctx, c);
  }

  void start(Worker& w) {
    if (w.alive.load(std::memory_order_acquire)) return;
    w.alive.store(true, std::memory_order_relaxed);
    if (!startThread([](void* p) { static_cast<Worker*>(p)->pool->work(*static_cast<Worker*>(p)); }, &w))
      w.alive.store(false, std::memory_order_relaxed);
  }

  void wake(Worker& w) {
    if (!w.parked.load(std::memory_order_seq_cst) || !w.parked.exchange(false, std::memory_order_seq_cst)) return;
    {
      std::lock_guard<std::mutex> lock(w.mutex);
      w.signalled = true;
    }
    w.wakeUp.notify_one();
  }

  // The caller wakes two, each worker that joins wakes two more: with many cores the caller is not held up by system
  // calls.
  void wakeTwo() {
    for (int i = 0; i < 2; i++) {
      const int w = woken_.fetch_add(1, std::memory_order_relaxed);
      if (w >= job_.helpers) return;
      wake(workers_[w]);
    }
  }

  bool wanted(const Worker& w) const { return w.index < threads_.load(std::memory_order_seq_cst) - 1; }

  void work(Worker& self) {
    nameThread(self.index);
    uint64_t last = 0;
    const auto open = [&] {
      const uint64_t g = gate_.load(std::memory_order_seq_cst);
      return (g & OPEN) && g / EPOCH != last;
    };
    while (wanted(self)) {
      if (!spinUntil(open)) park(self, open);
      if (!wanted(self)) break;
      uint64_t g = gate_.load(std::memory_order_acquire);
      if (!(g & OPEN) || g / EPOCH == last) continue;
      if (!gate_.compare_exchange_strong(g, g + 1, std::memory_order_acq_rel)) continue;
      last = g / EPOCH;
      wakeTwo();
      claim();
      const uint64_t before = gate_.fetch_sub(1, std::memory_order_acq_rel);
      if ((before & WAITED_FOR) && (before & INSIDE) == 1) {
        std::lock_guard<std::mutex> lock(doneMutex_);
        done_.notify_one();
      }
    }
    self.alive.store(false, std::memory_order_release);
  }

  template <class F>
  void park(Worker& self, const F& open) {
    std::unique_lock<std::mutex> lock(self.mutex);
    self.signalled = false;
    // Either this look sees the job that has just been opened, or its caller sees that we are parked: both are seq_cst.
    self.parked.store(true, std::memory_order_seq_cst);
    if (!open() && wanted(self)) self.wakeUp.wait(lock, [&] { return self.signalled; });
    self.parked.store(false, std::memory_order_relaxed);
  }

  struct Job {
    void (*fn)(void*, int64_t);
    void* ctx;
    int64_t chunks;
    int helpers;
  };

  alignas(64) std::atomic<uint64_t> gate_{0};
  alignas(64) std::atomic<int64_t> next_{0};
  alignas(64) Job job_{};
  std::atomic<int> woken_{0};
  std::atomic<bool> busy_{false};
  std::atomic<int> threads_{1};
  std::mutex doneMutex_;
  std::condition_variable done_;
  Worker workers_[MAX_THREADS];
};

// Never destroyed: workers may look at it while the process exits.
Pool& pool() {
  static Pool* const p = new Pool;
  return *p;
}

// ---- workspaces

void* allocate(size_t bytes) {
#if defined(_WIN32)
  return _aligned_malloc(bytes, 64);
#else
  // Packed panels are read at strides of a panel: on large pages that costs no page walks.
  constexpr size_t LARGE_PAGE = size_t{2} << 20;
  void* p = nullptr;
  if (posix_memalign(&p, bytes >= LARGE_PAGE ? LARGE_PAGE : 64, bytes)) return nullptr;
#if defined(MADV_HUGEPAGE)
  if (bytes >= LARGE_PAGE) madvise(p, bytes, MADV_HUGEPAGE);
#endif
  return p;
#endif
}

void deallocate(void* p) {
#if defined(_WIN32)
  _aligned_free(p);
#else
  std::free(p);
#endif
}

struct Scratch {
  void* block[SCRATCH_SLOTS] = {};
  size_t size[SCRATCH_SLOTS] = {};
  ~Scratch() {
    for (void* b : block) deallocate(b);
  }
};
thread_local Scratch workspace;

}  // namespace

void runChunks(int64_t chunks, void (*fn)(void* ctx, int64_t chunk), void* ctx) {
  Pool& p = pool();
  if (chunks > 1 && p.threads() > 1 && p.acquire()) {
    p.run(chunks, fn, ctx);
    p.release();
    return;
  }
  for (int64_t c = 0; c < chunks; c++) fn(ctx, c);
}

int numThreads() { return pool().threads(); }
void setNumThreads(int n) { pool().setThreads(n); }

void* scratch(int slot, size_t bytes) {
  Scratch& s = workspace;
  if (slot < 0 || slot >= SCRATCH_SLOTS) return nullptr;
  if (s.size[slot] < bytes || !s.block[slot]) {
    deallocate(s.block[slot]);
    // Grows by halves, so that a series of growing problems does not allocate each time.
    size_t size = s.size[slot] + s.size[slot] / 2;
    if (size < bytes) size = bytes;
    size = (size + 4095) & ~size_t{4095};
    if (size < bytes) size = bytes;  // overflow of the rounding
    s.block[slot] = allocate(size ? size : 64);
    s.size[slot] = s.block[slot] ? size : 0;
  }
  return s.block[slot];
}

}  // namespace tenzo
