// Equal elements put together: the different rows of a matrix, and the most frequent value of each line. The zeros are
// one value, and no NaN equals another.
#include "sorting.h"

namespace tenzo::TENZO_LEVEL {
namespace {

template <class Order>
bool equal(typename Order::Key a, typename Order::Key b) {
  return a == b && !Order::isNaN(a);
}

// Orders rows column by column: the rows that are equal so far, which lie side by side, by the next one. So a column is
// read only where those before it decide nothing, and a NaN, which equals nothing, leaves its row where it came. A row
// that differs from the one before it is marked in `starts`.
template <class Order, class I>
void sortRows(const UniqueArgs& a, Item<typename Order::Key, I>* items, Item<typename Order::Key, I>* other,
              uint8_t* starts) {
  using K = typename Order::Key;
  const K* from = a.a;
  const int64_t n = a.n, width = a.width;
  for (int64_t i = 0; i < n; i++) {
    items[i].index = static_cast<I>(i);
    starts[i] = i == 0;
  }
  bool decided = false;
  for (int64_t column = 0; column < width && !decided; column++) {
    decided = true;
    for (int64_t begin = 0, end; begin < n; begin = end) {
      for (end = begin + 1; end < n && !starts[end];) end++;
      if (end - begin == 1) continue;
      for (int64_t i = begin; i < end; i++)
        items[i].key = Order::key(from[static_cast<int64_t>(items[i].index) * width + column]);
      const Item<K, I>* const sorted = sortItems(items + begin, other + begin, end - begin);
      if (sorted != items + begin)
        std::memcpy(items + begin, sorted, static_cast<size_t>(end - begin) * sizeof(Item<K, I>));
      for (int64_t i = begin + 1; i < end; i++) {
        starts[i] = !equal<Order>(items[i - 1].key, items[i].key);
        decided = decided && starts[i];
      }
    }
  }
}

template <class Order>
bool equalRows(const typename Order::Key* p, const typename Order::Key* q, int64_t width) {
  for (int64_t k = 0; k < width; k++)
    if (!equal<Order>(Order::key(p[k]), Order::key(q[k]))) return false;
  return true;
}

// The groups that begin at `starts`, of the rows in the order of `items`, or as they are.
template <class Row>
void numberGroups(const UniqueArgs& a, const uint8_t* starts, const Row& row) {
  int64_t* const firsts = a.firsts;
  int64_t* const inverse = a.inverse;
  int64_t* const counts = a.counts;
  int64_t groups = 0, begin = 0;
  for (int64_t place = 0; place < a.n; place++) {
    if (starts[place]) {
      if (counts && groups > 0) counts[groups - 1] = place - begin;
      begin = place;
      firsts[groups++] = row(place);
    }
    if (inverse) inverse[row(place)] = groups - 1;
  }
  if (counts && groups > 0) counts[groups - 1] = a.n - begin;
  int64_t* const count = a.groups;
  *count = groups;
}

template <class Order, class I>
bool sortedGroups(const UniqueArgs& a, uint8_t* starts) {
  using Row = Item<typename Order::Key, I>;
  const size_t bytes = static_cast<size_t>(a.n) * sizeof(Row);
  const Workspace items(0, bytes), other(1, bytes);
  if (!items.p || !other.p) return false;
  Row* const rows = static_cast<Row*>(items.p);
  sortRows<Order, I>(a, rows, static_cast<Row*>(other.p), starts);
  numberGroups(a, starts, [rows](int64_t place) { return static_cast<int64_t>(rows[place].index); });
  return true;
}

template <class Order>
Status unique(const Command& c, const UniqueArgs& a) {
  const Workspace memory(2, static_cast<size_t>(a.n) + 1);
  uint8_t* const starts = static_cast<uint8_t*>(memory.p);
  if (!starts) return c.fail(OUT_OF_MEMORY);
  if (a.sorted) {
    const bool done =
        a.n <= NARROW_MAX ? sortedGroups<Order, uint32_t>(a, starts) : sortedGroups<Order, uint64_t>(a, starts);
    return done ? OK : c.fail(OUT_OF_MEMORY);
  }
  const typename Order::Key* const from = a.a;
  for (int64_t i = 0; i < a.n; i++)
    starts[i] = i == 0 || !equalRows<Order>(from + (i - 1) * a.width, from + i * a.width, a.width);
  numberGroups(a, starts, [](int64_t place) { return place; });
  return OK;
}

// Where the most frequent of the n elements from `from` on, `step` apart, is last; of several the smallest.
template <class Order, class I>
bool modeOf(const typename Order::Key* from, int64_t step, int64_t n, int64_t& index) {
  using K = typename Order::Key;
  const size_t bytes = static_cast<size_t>(n) * sizeof(Item<K, I>);
  const Workspace a(0, bytes), b(1, bytes);
  if (!a.p || !b.p) return false;
  Item<K, I>* items = static_cast<Item<K, I>*>(a.p);
  for (int64_t i = 0; i < n; i++) items[i] = {Order::key(from[i * step]), static_cast<I>(i)};
  items = sortItems(items, static_cast<Item<K, I>*>(b.p), n);
  int64_t most = 0, run = 0;
  for (int64_t i = 0; i < n; i++) {
    run = i > 0 && equal<Order>(items[i - 1].key, items[i].key) ? run + 1 : 1;
    if (run <= most) continue;
    most = run;
    index = static_cast<int64_t>(items[i].index);
  }
  return true;
}

template <class Order>
Status mode(const Command& c, const ModeArgs& a) {
  Box<2> box;
  box.setSizes(a.sizes, a.ndim);
  box.setStrides(0, a.outStrides);
  box.setStrides(1, a.strides);
  if (box.count() == 0) return OK;
  int64_t n = 1, step = 0;
  if (a.ndim > 0) {
    if (a.outStrides[a.dim] != 0) return c.fail(BAD_COMMAND, c.op);
    n = box.sizes[a.dim];
    step = box.strides[1][a.dim];
    box.sizes[a.dim] = 1;
  }
  int64_t* const indices = a.indices;
  const typename Order::Key* const from = a.a;
  const bool done = overLines(box, n, [&](int64_t out, int64_t in) {
    return n <= NARROW_MAX ? modeOf<Order, uint32_t>(from + in, step, n, indices[out])
                           : modeOf<Order, uint64_t>(from + in, step, n, indices[out]);
  });
  return done ? OK : c.fail(OUT_OF_MEMORY);
}

}  // namespace

void fill_unique(Kernels& k) {
  TENZO_KERNEL(unique, unique<OrderOf<T>>)
  TENZO_KERNEL(mode, mode<OrderOf<T>>)
}

}  // namespace tenzo::TENZO_LEVEL
