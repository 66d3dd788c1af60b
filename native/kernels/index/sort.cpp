// Sorting and selecting along a dimension, by the keys of sorting.h.
#include "sorting.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t FEW = 16;

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
  const bool narrow = line.n <= NARROW_MAX;
  const bool done = overLines(box, line.n, [&](int64_t out, int64_t in) {
    return narrow ? sortLine<Order, uint32_t>(line, out, in) : sortLine<Order, uint64_t>(line, out, in);
  });
  return done ? OK : c.fail(OUT_OF_MEMORY);
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
