// Walks a box of up to MAX_DIMS dimensions over several strided operands, in row-major order, and shares it out to
// threads along one dimension.
#pragma once
#include "kernels/fill.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

template <int OPERANDS>
struct Box {
  int ndim = 0;
  int operands = OPERANDS;
  int64_t sizes[MAX_DIMS];
  int64_t strides[OPERANDS][MAX_DIMS];

  int64_t count() const {
    int64_t n = 1;
    for (int d = 0; d < ndim; d++) n *= sizes[d];
    return n;
  }

  void setSizes(const Dims& d, int n) {
    ndim = n;
    for (int i = 0; i < n; i++) sizes[i] = d[i];
  }
  void setStrides(int operand, const Dims& d) {
    for (int i = 0; i < ndim; i++) strides[operand][i] = d[i];
  }

  // Drops dimensions of size 1 and joins neighbours that every operand walks as one. The order stays the same. A box
  // of no dimensions becomes one of one element.
  void coalesce() {
    int to = -1;
    for (int d = 0; d < ndim; d++) {
      if (sizes[d] == 1) continue;
      bool joins = to >= 0;
      for (int o = 0; joins && o < operands; o++) joins = strides[o][to] == strides[o][d] * sizes[d];
      if (joins)
        sizes[to] *= sizes[d];
      else
        sizes[++to] = sizes[d];
      for (int o = 0; o < operands; o++) strides[o][to] = strides[o][d];
    }
    if (to < 0) {
      sizes[0] = 1;
      for (int o = 0; o < operands; o++) strides[o][0] = 0;
      to = 0;
    }
    ndim = to + 1;
  }
};

// run(offsets, n): n elements along the last dimension from these element offsets; false ends the walk. Restricted
// to [begin, end) of dimension `split`.
template <int OPERANDS, class F>
inline bool walk(const Box<OPERANDS>& box, int split, int64_t begin, int64_t end, const F& run) {
  const int operands = OPERANDS == 1 ? 1 : box.operands;
  int64_t offsets[OPERANDS], position[MAX_DIMS], sizes[MAX_DIMS];
  for (int o = 0; o < operands; o++) offsets[o] = begin * box.strides[o][split];
  for (int d = 0; d < box.ndim; d++) {
    position[d] = 0;
    sizes[d] = d == split ? end - begin : box.sizes[d];
    if (sizes[d] == 0) return true;
  }
  const int last = box.ndim - 1;
  for (;;) {
    if (!run(offsets, sizes[last])) return false;
    int d = last - 1;
    for (; d >= 0; d--) {
      for (int o = 0; o < operands; o++) offsets[o] += box.strides[o][d];
      if (++position[d] < sizes[d]) break;
      position[d] = 0;
      for (int o = 0; o < operands; o++) offsets[o] -= box.strides[o][d] * sizes[d];
    }
    if (d < 0) return true;
  }
}

constexpr int64_t BOX_GRAIN = 1 << 13;  // the fewest elements a chunk
constexpr int64_t BOX_COLUMNS = 64;     // the fewest of them along the last dimension, if that is split

// walk(), shared out along the longest dimension in which operand 0, the one that is written, moves: chunks then never
// write to the same element, and each writes in row-major order. So the result does not depend on how it is split,
// even where elements are written or added to more than once, and the split may follow the number of threads.
template <int OPERANDS, class F>
inline void walkParallel(const Box<OPERANDS>& box, const F& run) {
  const int64_t total = box.count();
  const int threads = numThreads();
  int split = -1;
  for (int d = 0; d < box.ndim; d++)
    if (box.strides[0][d] != 0 && (split < 0 || box.sizes[d] > box.sizes[split])) split = d;
  if (split < 0 || threads == 1 || total < 2 * BOX_GRAIN) {
    walk(box, 0, 0, box.sizes[0], run);
    return;
  }
  const int64_t size = box.sizes[split], even = size / (4 * threads), least = BOX_GRAIN / (total / size);
  int64_t width = even > least ? even : least;
  if (split == box.ndim - 1 && width < BOX_COLUMNS) width = BOX_COLUMNS;
  parallelRange(size, width, [&](int64_t begin, int64_t end) { walk(box, split, begin, end, run); });
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
