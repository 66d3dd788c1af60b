// The claim pool: one a process, shared by all environments.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tenzo {

// Runs fn(ctx, chunk) for every chunk in [0, chunks), on the caller and whichever workers join in. Returns when
// all are done. How work is split into chunks must depend on the problem only, never on the number of threads, so
// that results do not either. Nested or concurrent calls (another environment holds the pool) run serially.
void runChunks(int64_t chunks, void (*fn)(void* ctx, int64_t chunk), void* ctx);

int numThreads();
void setNumThreads(int n);  // clamped to [1, 256]

// A 64-byte-aligned workspace of the calling thread, kept between calls; null when memory is out. One live
// workspace a slot and thread: a kernel that needs two blocks takes two slots.
void* scratch(int slot, size_t bytes);
constexpr int SCRATCH_SLOTS = 8;

namespace {
// parallelFor(chunks, [&](int64_t chunk) { … })
template <class F>
inline void parallelFor(int64_t chunks, const F& f) {
  if (chunks <= 0) return;
  if (chunks == 1) return f(static_cast<int64_t>(0));
  runChunks(
      chunks, [](void* ctx, int64_t chunk) { (*static_cast<const F*>(ctx))(chunk); },
      const_cast<void*>(static_cast<const void*>(&f)));
}
// parallelRange(n, grain, [&](int64_t begin, int64_t end) { … }): ranges of `grain` items (the last may be shorter).
template <class F>
inline void parallelRange(int64_t n, int64_t grain, const F& f) {
  if (n <= 0) return;
  if (grain < 1) grain = 1;
  const int64_t chunks = (n + grain - 1) / grain;
  parallelFor(chunks, [&](int64_t c) { f(c * grain, (c + 1) * grain < n ? (c + 1) * grain : n); });
}
}  // namespace

}  // namespace tenzo
