// Sorting and selecting along a dimension. Both work on keys: unsigned integers of the element's size in the order of
// the elements (NaN after everything, the zeros equal), complemented for descending order, so that one stable radix
// sort serves every dtype. Equal elements keep their order, whether ascending or descending.
#include <cstdlib>

#include "box.h"

namespace tenzo::TENZO_LEVEL {
namespace {

template <class K>
constexpr K TOP_BIT = K(K(1) << (8 * sizeof(K) - 1));

// Element representations: the bits as an unsigned K, and how they order.
template <class K, int exponentBits>
struct FloatOrder {
  using Key = K;
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
  static K key(K bits) { return K(bits ^ TOP_BIT<K>); }
};
template <class K>
struct UnsignedOrder {
  using Key = K;
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
constexpr int64_t FEW = 16;

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

// The k items of the smallest keys, those of equal keys by index, in index order; `items` is compacted in place.
template <class K, class I>
void selectItems(Item<K, I>* items, int64_t n, int64_t k) {
  K prefix = 0, mask = 0;
  int64_t wanted = k;  // of the items that match the prefix
  for (int shift = 8 * int(sizeof(K)) - 8; shift >= 0; shift -= 8) {
    int64_t counts[256] = {};
    for (int64_t i = 0; i < n; i++)
      if ((items[i].key & mask) == prefix) counts[(items[i].key >> shift) & 255]++;
    int digit = 0;
    while (counts[digit] < wanted) wanted -= counts[digit++];
    prefix = K(prefix | K(K(digit) << shift));
    mask = K(mask | K(K(255) << shift));
  }
  int64_t to = 0;
  for (int64_t i = 0; i < n && to < k; i++) {
    const bool equal = items[i].key == prefix;
    if (items[i].key > prefix || (equal && wanted == 0)) continue;
    wanted -= equal;
    items[to++] = items[i];
  }
}

// The k items of the smallest keys in order, for a few k: most elements only meet the comparison with the last.
template <class Order, class I>
void selectFew(const typename Order::Key* from, int64_t step, typename Order::Key flip, int64_t n, int64_t k,
               Item<typename Order::Key, I>* items) {
  using K = typename Order::Key;
  int64_t held = 0;
  for (int64_t i = 0; i < n; i++) {
    const K key = K(Order::key(from[i * step]) ^ flip);
    if (held == k && key >= items[k - 1].key) continue;
    int64_t j = held < k ? held++ : k - 1;
    for (; j > 0 && items[j - 1].key > key; j--) items[j] = items[j - 1];
    items[j] = {key, static_cast<I>(i)};
  }
}

// One line of a, and where it goes. Of values and indices either may be missing.
template <class K>
struct Line {
  K* values;
  int64_t* indices;
  const K* a;
  int64_t n, k;  // elements in, elements out
  int64_t inStep, outStep;
  bool reversed;
};

template <class Order, class I>
bool sortLine(const Line<typename Order::Key>& line, int64_t out, int64_t in) {
  using K = typename Order::Key;
  const int64_t n = line.n;
  const Workspace a(0, static_cast<size_t>(n) * sizeof(Item<K, I>)), b(1, static_cast<size_t>(n) * sizeof(Item<K, I>));
  if (!a.p || !b.p) return false;
  Item<K, I>* items = static_cast<Item<K, I>*>(a.p);
  const K* from = line.a + in;
  const K flip = line.reversed ? K(~K(0)) : K(0);
  if (line.k <= FEW && line.k < n)
    selectFew<Order>(from, line.inStep, flip, n, line.k, items);
  else {
    for (int64_t i = 0; i < n; i++) items[i] = {K(Order::key(from[i * line.inStep]) ^ flip), static_cast<I>(i)};
    const bool few = line.k < n / 4;
    if (few) selectItems(items, n, line.k);
    items = sortItems(items, static_cast<Item<K, I>*>(b.p), few ? line.k : n);
  }
  if (K* const values = line.values)
    for (int64_t i = 0; i < line.k; i++)
      values[out + i * line.outStep] = from[static_cast<int64_t>(items[i].index) * line.inStep];
  if (int64_t* const indices = line.indices)
    for (int64_t i = 0; i < line.k; i++) indices[out + i * line.outStep] = static_cast<int64_t>(items[i].index);
  return true;
}

// k of every line along a.dim; the box holds the sizes with that dimension, operand 0 the outputs, operand 1 the input.
template <class Order, class Args>
Status eachLine(const Command& c, const Args& a, int64_t k, bool reversed) {
  if (!a.values && !a.indices) return c.fail(BAD_COMMAND, c.op);
  Box<2> box;
  box.setSizes(a.sizes, a.ndim);
  box.setStrides(0, a.outStrides);
  box.setStrides(1, a.strides);
  Line<typename Order::Key> line{a.values, a.indices, a.a, 1, k, 0, 0, reversed};
  if (a.ndim > 0) {
    line.n = box.sizes[a.dim];
    line.outStep = box.strides[0][a.dim];
    line.inStep = box.strides[1][a.dim];
    box.sizes[a.dim] = 1;
  }
  if (k > line.n) return c.fail(BAD_COMMAND, c.op);
  if (box.count() == 0 || k == 0) return OK;
  box.coalesce();
  const int64_t lines = box.count(), inner = box.sizes[box.ndim - 1];
  const int64_t grain = BOX_GRAIN / line.n;
  bool failed = false;
  parallelRange(lines, grain, [&](int64_t begin, int64_t end) {
    for (int64_t l = begin; l < end; l++) {
      int64_t rest = l / inner, out = l % inner * box.strides[0][box.ndim - 1],
              in = l % inner * box.strides[1][box.ndim - 1];
      for (int d = box.ndim - 2; d >= 0; d--) {
        const int64_t position = rest % box.sizes[d];
        rest /= box.sizes[d];
        out += position * box.strides[0][d];
        in += position * box.strides[1][d];
      }
      const bool narrow = line.n <= INT64_C(0xffffffff);
      if (!(narrow ? sortLine<Order, uint32_t>(line, out, in) : sortLine<Order, uint64_t>(line, out, in)))
        __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    }
  });
  return failed ? c.fail(OUT_OF_MEMORY) : OK;
}

template <class Order>
Status sort(const Command& c, const SortArgs& a) {
  return eachLine<Order>(c, a, a.ndim ? a.sizes[a.dim] : 1, a.descending);
}

// In order, the first of equal ones first.
template <class Order>
Status topk(const Command& c, const TopkArgs& a) {
  return eachLine<Order>(c, a, a.k, a.largest);
}

}  // namespace

void fill_sort(Kernels& k) {
  TENZO_KERNEL(sort, sort<OrderOf<T>>)
  TENZO_KERNEL(topk, topk<OrderOf<T>>)
}

}  // namespace tenzo::TENZO_LEVEL
