// What sorting is made of: keys, which are unsigned integers of the element's size in the order of the elements (NaN
// after everything, the zeros equal), complemented for descending order, so that one stable radix sort serves every
// dtype. Equal elements keep their order, whether ascending or descending.
#pragma once
#include <cstdlib>

#include "box.h"

namespace tenzo::TENZO_LEVEL {
namespace {

template <class K>
constexpr K TOP_BIT = K(K(1) << (8 * sizeof(K) - 1));

// Element representations: the bits as an unsigned K, and how they order. The key of NaN is one that no other value
// has.
template <class K, int exponentBits>
struct FloatOrder {
  using Key = K;
  static bool isNaN(K key) { return key == K(~K(0)); }
  static K key(K bits) {
    constexpr int mantissa = 8 * int(sizeof(K)) - 1 - exponentBits;
    constexpr K infinity = K(((K(1) << exponentBits) - 1) << mantissa);
    const K magnitude = K(bits & K(~TOP_BIT<K>));
    if (magnitude > infinity) return K(~K(0));
    if (magnitude == 0) return TOP_BIT<K>;
    return bits & TOP_BIT<K> ? K(~bits) : K(bits | TOP_BIT<K>);
  }
};
template <class K>
struct SignedOrder {
  using Key = K;
  static bool isNaN(K) { return false; }
  static K key(K bits) { return K(bits ^ TOP_BIT<K>); }
};
template <class K>
struct UnsignedOrder {
  using Key = K;
  static bool isNaN(K) { return false; }
  static K key(K bits) { return bits; }
};

template <class T>
struct OrderFor {
  using Type = Choose<(T(-1) < T(0)), SignedOrder<BitsOf<T>>, UnsignedOrder<BitsOf<T>>>;
};
template <>
struct OrderFor<float> {
  using Type = FloatOrder<uint32_t, 8>;
};
template <>
struct OrderFor<double> {
  using Type = FloatOrder<uint64_t, 11>;
};
template <>
struct OrderFor<Half> {
  using Type = FloatOrder<uint16_t, 5>;
};
template <>
struct OrderFor<BFloat16> {
  using Type = FloatOrder<uint16_t, 8>;
};
template <class T>
using OrderOf = typename OrderFor<T>::Type;

template <class K, class I>
struct Item {
  K key;
  I index;
};

// Memory for one line. What is large goes back at once; the thread's own workspace is kept for the rest.
struct Workspace {
  void* p;
  bool owned;
  Workspace(int slot, size_t bytes) : owned(bytes > (size_t(8) << 20)) {
    p = owned ? std::malloc(bytes) : scratch(slot, bytes);
  }
  ~Workspace() {
    if (owned) std::free(p);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
};

constexpr int64_t INSERTION_MAX = 64;

// Sorts items stably by key; the result is in `items` or in `other`, and is returned.
template <class K, class I>
Item<K, I>* sortItems(Item<K, I>* items, Item<K, I>* other, int64_t n) {
  if (n <= INSERTION_MAX) {
    for (int64_t i = 1; i < n; i++) {
      const Item<K, I> x = items[i];
      int64_t j = i;
      for (; j > 0 && items[j - 1].key > x.key; j--) items[j] = items[j - 1];
      items[j] = x;
    }
    return items;
  }
  constexpr int passes = sizeof(K);
  int64_t counts[passes][256] = {};
  for (int64_t i = 0; i < n; i++)
    for (int p = 0; p < passes; p++) counts[p][(items[i].key >> (8 * p)) & 255]++;
  for (int p = 0; p < passes; p++) {
    int64_t* const at = counts[p];
    if (at[(items[0].key >> (8 * p)) & 255] == n) continue;  // all alike in this digit
    int64_t sum = 0;
    for (int b = 0; b < 256; b++) {
      const int64_t m = at[b];
      at[b] = sum;
      sum += m;
    }
    for (int64_t i = 0; i < n; i++) other[at[(items[i].key >> (8 * p)) & 255]++] = items[i];
    Item<K, I>* const t = items;
    items = other;
    other = t;
  }
  return items;
}

constexpr int64_t NARROW_MAX = INT64_C(0xffffffff);  // lines up to here number their items in 32 bits

// run(out, in) for each line of a box, whose offsets these are in the two operands, shared out to threads as what lines
// of n elements cost; whether all of them were true.
template <class F>
bool overLines(Box<2>& box, int64_t n, const F& run) {
  box.coalesce();
  const int64_t inner = box.sizes[box.ndim - 1];
  bool failed = false;
  parallelRange(box.count(), BOX_GRAIN / n, [&](int64_t begin, int64_t end) {
    for (int64_t l = begin; l < end; l++) {
      int64_t rest = l / inner, out = l % inner * box.strides[0][box.ndim - 1],
              in = l % inner * box.strides[1][box.ndim - 1];
      for (int d = box.ndim - 2; d >= 0; d--) {
        const int64_t position = rest % box.sizes[d];
        rest /= box.sizes[d];
        out += position * box.strides[0][d];
        in += position * box.strides[1][d];
      }
      if (!run(out, in)) __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    }
  });
  return !failed;
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
