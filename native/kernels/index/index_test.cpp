// Indexed reads and writes, masks, triangles, searching, sorting and selecting against plain loops over coordinates:
// random shapes and layouts of every dtype, at every level and for several numbers of threads.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "test/check.h"
#include "test/guarded.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

Rng rng;
using Sizes = std::vector<int64_t>;

int64_t product(const Sizes& d) { return std::accumulate(d.begin(), d.end(), int64_t(1), std::multiplies<int64_t>()); }
Sizes contiguous(const Sizes& sizes) {
  Sizes s(sizes.size(), 1);
  for (size_t d = sizes.size(); d-- > 1;) s[d - 1] = s[d] * std::max<int64_t>(sizes[d], 1);
  return s;
}
// Strides of the sizes in a random order of dimensions, with a gap now and then.
Sizes layout(const Sizes& sizes) {
  Sizes order(sizes.size()), s(sizes.size());
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i-- > 1;) std::swap(order[i], order[static_cast<size_t>(rng.below(int64_t(i) + 1))]);
  int64_t step = rng.below(4) == 0 ? 2 : 1;
  for (const int64_t d : order) {
    s[static_cast<size_t>(d)] = step;
    step *= std::max<int64_t>(sizes[static_cast<size_t>(d)], 1) + (rng.below(5) == 0);
  }
  return s;
}
int64_t extent(const Sizes& sizes, const Sizes& strides) {
  int64_t last = 0;
  for (size_t d = 0; d < sizes.size(); d++) {
    if (sizes[d] == 0) return 0;
    last += (sizes[d] - 1) * strides[d];
  }
  return last + 1;
}
// f(coordinates) for each element in row-major order
template <class F>
void each(const Sizes& sizes, const F& f) {
  if (product(sizes) == 0) return;
  Sizes at(sizes.size(), 0);
  for (;;) {
    f(at);
    size_t d = sizes.size();
    while (d > 0 && ++at[d - 1] == sizes[d - 1]) at[--d] = 0;
    if (d == 0) return;
  }
}
int64_t offset(const Sizes& at, const Sizes& strides) {
  int64_t o = 0;
  for (size_t d = 0; d < at.size(); d++) o += at[d] * strides[d];
  return o;
}

template <class T>
T value() {
  if (sizeof(T) >= 4 && T(0.5) != T(0)) {
    const int64_t kind = rng.below(12);
    if (kind == 0) return static_cast<T>(NAN);
    if (kind == 1) return static_cast<T>(-0.0);
    return static_cast<T>(rng.below(9) - 4);
  }
  return static_cast<T>(rng.below(7) - (std::numeric_limits<T>::is_signed ? 3 : 0));
}

template <class T>
struct Array {
  Sizes sizes, strides;
  Guarded block;
  explicit Array(const Sizes& s) : Array(s, layout(s)) {}
  Array(const Sizes& s, const Sizes& st) : sizes(s), strides(st), block(extent(s, st), sizeof(T)) {
    for (int64_t i = 0; i < extent(s, st); i++) block.as<T>()[i] = value<T>();
  }
  T& operator[](const Sizes& at) { return block.template as<T>()[offset(at, strides)]; }
  operator Guarded&() { return block; }
};

template <class T>
bool same(T a, T b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0 || (a != a && b != b);
}

Sizes randomDims(int64_t most) {
  Sizes d(static_cast<size_t>(rng.below(4)) + 1);
  for (auto& s : d) s = rng.below(12) == 0 ? 0 : rng.below(most) + 1;
  return d;
}

template <class T>
T combined(int mode, T a, T b, double alpha) {
  using W = typename std::conditional<std::is_floating_point<T>::value, T, uint64_t>::type;
  switch (mode) {
    case 0:
      return b;
    case 1:
      if (std::is_floating_point<T>::value)
        return alpha == 1 ? static_cast<T>(a + b)
                          : static_cast<T>(std::fma(static_cast<double>(b), alpha, static_cast<double>(a)));
      return static_cast<T>(static_cast<W>(a) + static_cast<W>(b) * static_cast<W>(static_cast<int64_t>(alpha)));
    case 2:
      return static_cast<T>(static_cast<W>(a) * static_cast<W>(b));
    case 3:
      return a != a ? a : b != b ? b : std::max(a, b);
    default:
      return a != a ? a : b != b ? b : std::min(a, b);
  }
}

// x is indexed along some dimensions by tensors that walk some dimensions of a result space.
template <class T>
void indexed(DType t, const Sizes& sizes, bool big) {
  const size_t ndim = sizes.size();
  const size_t count = static_cast<size_t>(rng.below(static_cast<int64_t>(ndim) + 1));
  const bool wrap = rng.below(2), narrow = rng.below(2);
  Array<T> x(sizes);
  // The space: the dimensions that are not indexed (the last ndim - count, to keep it simple), then 0-2 of the
  // indices'.
  Sizes space, xStrides;
  for (size_t d = count; d < ndim; d++) {
    space.push_back(sizes[d]);
    xStrides.push_back(x.strides[d]);
  }
  for (int64_t k = rng.below(3); k > 0; k--) {
    space.insert(space.begin() + rng.below(static_cast<int64_t>(space.size()) + 1), rng.below(big ? 30 : 4) + 1);
    xStrides.assign(space.size(), -1);
  }
  // Which dimensions of the space are the kept ones is found again by matching from the left; the rest are the
  // indices'.
  Sizes kept;
  {
    size_t d = count;
    for (size_t s = 0; s < space.size(); s++) {
      const bool isKept = d < ndim && space[s] == sizes[d] && space.size() - s >= ndim - d;
      xStrides[s] = isKept ? x.strides[d] : 0;
      kept.push_back(isKept);
      if (isKept) d++;
    }
    if (d < ndim) return;  // the sizes misled the matching; another round will do
  }
  for (size_t k = 0; k < count; k++)
    if (sizes[k] == 0) return;
  std::vector<std::vector<int64_t>> raw(count);
  std::vector<Array<int32_t>> narrowIndex;
  std::vector<Array<int64_t>> wideIndex;
  for (size_t k = 0; k < count; k++) {
    Sizes s;
    for (size_t d = 0; d < space.size(); d++) s.push_back(kept[d] || rng.below(4) == 0 ? 1 : space[d]);
    Sizes st = layout(s);
    Array<int64_t> w(s, st);
    Array<int32_t> n(s, st);
    each(s, [&](const Sizes& at) {
      int64_t i = rng.below(sizes[k]);
      if (wrap && rng.below(2)) i -= sizes[k];
      w[at] = i;
      n[at] = static_cast<int32_t>(i);
    });
    for (size_t d = 0; d < s.size(); d++)
      if (s[d] == 1) w.strides[d] = n.strides[d] = 0;
    wideIndex.push_back(std::move(w));
    narrowIndex.push_back(std::move(n));
  }
  const DType it = narrow ? I32 : I64;
  const auto addIndices = [&](auto& args) {
    args.wrap = wrap;
    args.ndim = static_cast<int>(space.size());
    args.indicesCount = static_cast<int>(count);
    for (size_t k = 0; k < count; k++)
      args.indices[k] = {narrow ? in(narrowIndex[k]) : in(wideIndex[k]), sizes[k], x.strides[k],
                         dims(wideIndex[k].strides)};
  };
  const auto target = [&](const Sizes& at) {
    int64_t o = offset(at, xStrides);
    for (size_t k = 0; k < count; k++) {
      const int64_t i = wideIndex[k][at];
      o += (i < 0 ? i + sizes[k] : i) * x.strides[k];
    }
    return o;
  };
  {
    Array<T> out(space);
    IndexArgs args{.out = ::out(out), .a = in(x), .sizes = dims(space)};
    args.outStrides = dims(out.strides), args.strides = dims(xStrides);
    addIndices(args);
    CHECK(send(OP_index, t, args, nullptr, it) == OK);
    CHECK(out.block.intact());
    each(space,
         [&](const Sizes& at) { CHECK(same(out[at], x.block.template as<T>()[target(at)]), "index dtype %d", t); });
  }
  const int mode = static_cast<int>(rng.below(5));
  const double alpha = rng.below(2) ? 1 : -2;
  Array<T> values(space);
  const int64_t n = extent(x.sizes, x.strides);
  std::vector<T> want(x.block.template as<T>(), x.block.template as<T>() + n);
  const bool skips = count > 0 && rng.below(3) == 0;
  const int64_t skip = skips ? rng.below(sizes[0]) : 0;
  each(space, [&](const Sizes& at) {
    if (skips && wideIndex[0][at] == skip) return;
    T& w = want[static_cast<size_t>(target(at))];
    w = combined(mode, w, values[at], alpha);
  });
  IndexPutArgs args{.self = out(x), .values = in(values), .mode = mode, .alpha = alpha};
  args.skip = skips ? static_cast<double>(skip) : NAN;
  args.sizes = dims(space), args.strides = dims(xStrides), args.valueStrides = dims(values.strides);
  addIndices(args);
  CHECK(send(OP_index_put, t, args, nullptr, it) == OK);
  CHECK(x.block.intact());
  for (int64_t i = 0; i < n; i++) {
    const T got = x.block.template as<T>()[i], expected = want[static_cast<size_t>(i)];
    // Adding alpha * value rounds once or twice, by level.
    const bool near = std::is_floating_point<T>::value && std::fabs(double(got) - double(expected)) < 1e-5;
    CHECK(same(got, expected) || got == expected || near, "index_put dtype %d mode %d: %g, not %g", t, mode,
          double(got), double(expected));
  }
}

template <class T>
void masks(DType t, const Sizes& sizes) {
  Array<T> x(sizes);
  Array<uint8_t> m(sizes);
  // Any byte but 0 is true.
  each(sizes, [&](const Sizes& at) { m[at] = static_cast<uint8_t>(rng.below(3) ? 0 : 1 + rng.below(255)); });
  const int ndim = static_cast<int>(sizes.size());
  const Dims sizeSlots = dims(sizes), strides = dims(x.strides), maskStrides = dims(m.strides);
  std::vector<T> chosen;
  std::vector<int64_t> coordinates;
  int64_t nonzero = 0;
  each(sizes, [&](const Sizes& at) {
    if (m[at]) chosen.push_back(x[at]);
    if (x[at] != T(0)) {
      nonzero++;
      coordinates.insert(coordinates.end(), at.begin(), at.end());
    }
  });
  for (const int64_t missing : {0, 1}) {
    const int64_t room = static_cast<int64_t>(chosen.size()) - missing;
    if (room < 0) continue;
    Guarded out(room, sizeof(T));
    const MaskedSelectArgs args{::out(out), in(x), in(m), room, ndim, sizeSlots, strides, maskStrides};
    CHECK(send(OP_masked_select, t, args) == (missing ? BAD_COMMAND : OK));
    CHECK(out.intact());
    for (int64_t i = 0; i < room; i++)
      CHECK(same(out.as<T>()[i], chosen[static_cast<size_t>(i)]), "masked_select dtype %d", t);
  }
  for (const int64_t missing : {0, 1}) {
    const int64_t room = nonzero - missing, width = static_cast<int64_t>(sizes.size());
    if (room < 0) continue;
    Guarded out(room * width, 8);
    const NonzeroArgs args{::out(out), in(x), room, ndim, sizeSlots, strides};
    CHECK(send(OP_nonzero, t, args) == (missing ? BAD_COMMAND : OK));
    CHECK(out.intact());
    CHECK(room == 0 || std::memcmp(out.as(), coordinates.data(), static_cast<size_t>(room * width) * 8) == 0,
          "nonzero dtype %d", t);
  }
  for (const int64_t missing : {0, 1}) {
    const int64_t room = static_cast<int64_t>(chosen.size()) - missing;
    if (room < 0) continue;
    Array<T> y(sizes), source(Sizes{room}, Sizes{1});
    Array<T> before(sizes, contiguous(sizes));
    each(sizes, [&](const Sizes& at) { before[at] = y[at]; });
    const MaskedScatterArgs args{out(y), in(m), in(source), room, ndim, sizeSlots, dims(y.strides), maskStrides};
    CHECK(send(OP_masked_scatter, t, args) == (missing ? INDEX_OUT_OF_RANGE : OK));
    CHECK(y.block.intact());
    int64_t taken = 0;
    if (!missing)
      each(sizes, [&](const Sizes& at) {
        CHECK(same(y[at], m[at] ? source[Sizes{taken}] : before[at]), "masked_scatter dtype %d", t);
        taken += m[at] != 0;
      });
  }
  if (sizes.size() >= 2)
    for (const bool upper : {false, true}) {
      const int64_t diagonal = rng.below(9) - 4;
      Array<T> out(sizes);
      CHECK(send(OP_triangle, t,
                 TriangleArgs{::out(out), in(x), diagonal, upper, ndim, sizeSlots, dims(out.strides), strides}) == OK);
      CHECK(out.block.intact());
      each(sizes, [&](const Sizes& at) {
        const int64_t above = at[at.size() - 1] - at[at.size() - 2];
        const bool keep = upper ? above >= diagonal : above <= diagonal;
        CHECK(same(out[at], keep ? x[at] : T(0)), "triangle dtype %d", t);
      });
    }
}

template <class T>
bool before(T a, T b, bool reversed) {  // NaN is greater than all
  const bool greaterA = a != a, greaterB = b != b;
  if (greaterA || greaterB) return reversed ? greaterA && !greaterB : greaterB && !greaterA;
  return reversed ? a > b : a < b;
}

template <class T>
void sorts(DType t, const Sizes& sizes) {
  const size_t dim = static_cast<size_t>(rng.below(static_cast<int64_t>(sizes.size())));
  const bool reversed = rng.below(2);
  Array<T> x(sizes);
  const int ndim = static_cast<int>(sizes.size()), axis = static_cast<int>(dim);
  for (const bool top : {false, true}) {
    Sizes outSizes = sizes;
    if (top) outSizes[dim] = rng.below(sizes[dim] + 1);
    const Sizes strides = layout(outSizes);
    Array<T> values(outSizes, strides);
    Array<int64_t> indices(outSizes, strides);
    const Status status = top ? send(OP_topk, t,
                                     TopkArgs{out(values), out(indices), in(x), axis, outSizes[dim], reversed, ndim,
                                              dims(sizes), dims(strides), dims(x.strides)})
                              : send(OP_sort, t,
                                     SortArgs{out(values), out(indices), in(x), axis, reversed, ndim, dims(sizes),
                                              dims(strides), dims(x.strides)});
    CHECK(status == OK);
    CHECK(values.block.intact() && indices.block.intact());
    Sizes lines = sizes;
    lines[dim] = sizes[dim] ? 1 : 0;
    each(lines, [&](const Sizes& line) {
      std::vector<int64_t> order(static_cast<size_t>(sizes[dim]));
      std::iota(order.begin(), order.end(), 0);
      const auto at = [&](int64_t i) {
        Sizes c = line;
        c[dim] = i;
        return c;
      };
      std::stable_sort(order.begin(), order.end(),
                       [&](int64_t a, int64_t b) { return before(x[at(a)], x[at(b)], reversed); });
      for (int64_t i = 0; i < outSizes[dim]; i++) {
        CHECK(indices[at(i)] == order[static_cast<size_t>(i)], "%s dtype %d: %d, not %d", top ? "topk" : "sort", t,
              static_cast<int>(indices[at(i)]), static_cast<int>(order[static_cast<size_t>(i)]));
        CHECK(same(values[at(i)], x[at(order[static_cast<size_t>(i)])]), "%s dtype %d", top ? "topk" : "sort", t);
      }
    });
  }
}

template <class T>
void search(DType t) {
  const int64_t rows = rng.below(3) + 1, n = rng.below(400), m = rng.below(20);
  const bool right = rng.below(2), shared = rng.below(2);
  Array<T> values(Sizes{rows, n}, Sizes{n, 1}), boundaries(Sizes{shared ? 1 : rows, m}, Sizes{m, 1});
  Guarded out(rows * n, 4);
  T* b = boundaries.block.template as<T>();
  for (int64_t i = 0; i < (shared ? 1 : rows) * m; i++)
    if (b[i] != b[i]) b[i] = T(1);
  for (int64_t r = 0; r < (shared ? 1 : rows); r++) std::sort(b + r * m, b + (r + 1) * m);
  const SearchsortedArgs args{.out = ::out(out),
                              .values = in(values),
                              .boundaries = in(boundaries),
                              .rows = rows,
                              .n = n,
                              .m = m,
                              .rowStep = shared ? 0 : m,
                              .right = right};
  CHECK(send(OP_searchsorted, t, args, nullptr, I32) == OK);
  CHECK(out.intact());
  for (int64_t i = 0; i < rows * n; i++) {
    const T v = values.block.template as<T>()[i];
    const T* row = b + (shared ? 0 : i / n * m);
    int64_t want = 0;
    while (want < m && (right ? !(row[want] > v) : !(row[want] >= v))) want++;
    CHECK(out.as<int32_t>()[i] == want, "searchsorted dtype %d", t);
  }
}

void badInput() {
  std::vector<float> x(12), to(16);
  std::vector<int64_t> index{0, 2, 3, 7};
  double detail[6];
  // x is [3, 4], its rows are chosen
  const IndexArgs good{.out = out(to),
                       .a = in(x),
                       .wrap = true,
                       .ndim = 2,
                       .sizes = dims({4, 4}),
                       .outStrides = dims({4, 1}),
                       .strides = dims({0, 1}),
                       .indicesCount = 1,
                       .indices = {{in(index), 3, 4, dims({1, 0})}}};
  const auto get = [&](auto change, DType it = I64) {
    IndexArgs a = good;
    change(a);
    return send(OP_index, F32, a, detail, it);
  };
  CHECK(get([](auto& a) { a.wrap = false; }) == INDEX_OUT_OF_RANGE);
  CHECK(detail[0] == 3 && detail[1] == 0 && detail[2] == 3);
  index = {0, -1, 2, -4};
  CHECK(get([](auto& a) { a.wrap = false; }) == INDEX_OUT_OF_RANGE && detail[0] == -1);
  CHECK(get([](auto&) {}) == INDEX_OUT_OF_RANGE && detail[0] == -4);
  CHECK(get([](auto& a) { a.indices[0].size = 0; }) == INDEX_OUT_OF_RANGE);
  CHECK(get([](auto&) {}, F32) == UNSUPPORTED_DTYPE);
  CHECK(get([](auto& a) { a.indices[0].index = {}; }) == BAD_COMMAND);
  CHECK(get([](auto& a) { a.indices[0].index.bytes--; }) == BAD_COMMAND);
  CHECK(get([](auto& a) { a.indices[0].size = 4; }) == BAD_COMMAND);
  CHECK(get([](auto& a) { a.out = {}; }) == BAD_COMMAND);
  CHECK(get([](auto& a) { a.sizes = dims({-4, 4}); }) == BAD_COMMAND);
  std::vector<double> p = encode(good);
  p.pop_back();
  CHECK(send(OP_index, F32, p, detail, I64) == BAD_COMMAND);
  p = encode(good);
  p[5] = 65;
  CHECK(send(OP_index, F32, p, detail, I64) == BAD_COMMAND);
  const auto row = dims({12}), one = dims({1});
  CHECK(send(OP_sort, F32, SortArgs{out(to), {}, in(x), 0, false, 1, row, one, one}) == OK);
  CHECK(send(OP_sort, F32, SortArgs{out(to), {}, in(x), 1, false, 1, row, one, one}) == BAD_COMMAND);
  CHECK(send(OP_sort, F32, SortArgs{{}, {}, in(x), 0, false, 1, row, one, one}) == BAD_COMMAND);
  CHECK(send(OP_topk, F32, TopkArgs{out(to), {}, in(x), 0, 13, false, 1, row, one, one}) == BAD_COMMAND);
}

// Many threads meet faults; the one that is named is the first.
void firstFault() {
  constexpr int64_t n = 200000;
  std::vector<float> x(10), to(n);
  std::vector<int64_t> index(n, 3);
  index[150000] = 77;
  index[90000] = 55;
  index[180000] = 99;
  double detail[6];
  const IndexArgs args{.out = out(to),
                       .a = in(x),
                       .ndim = 1,
                       .sizes = dims({n}),
                       .outStrides = dims({1}),
                       .strides = dims({0}),
                       .indicesCount = 1,
                       .indices = {{in(index), 10, 1, dims({1})}}};
  CHECK(send(OP_index, F32, args, detail, I64) == INDEX_OUT_OF_RANGE);
  CHECK(detail[0] == 55);
}

// Bools combine as what they mean, whatever their bytes, into the bytes 0 and 1.
void bools() {
  for (const int mode : {1, 2, 3, 4})
    for (const uint8_t a : {0, 1, 2, 255})
      for (const uint8_t b : {0, 1, 2, 255})
        for (const double alpha : {1.0, 0.0}) {
          uint8_t self = a, value = b;
          const int64_t index = 0;
          const IndexPutArgs args{.self = out(&self, 1),
                                  .values = in(&value, 1),
                                  .wrap = false,
                                  .mode = mode,
                                  .alpha = alpha,
                                  .skip = NAN,
                                  .ndim = 1,
                                  .sizes = dims({1}),
                                  .strides = dims({0}),
                                  .valueStrides = dims({0}),
                                  .indicesCount = 1,
                                  .indices = {{in(&index, 1), 1, 1, dims({0})}}};
          CHECK(send(OP_index_put, BOOL, args, nullptr, I64) == OK);
          const bool adds = mode != 1 || alpha != 0;
          CHECK(self == (mode == 1 || mode == 3 ? a || (b && adds) : a && b), "mode %d of %d and %d: %d", mode, a, b,
                self);
        }
}

}  // namespace

int main() {
  eachLevel([](Level) {
    for (const int threads : {1, 2, 5}) {
      setNumThreads(threads);
      for (int round = 0; round < 6; round++)
        eachNumber([&](auto v, DType t) {
          using T = decltype(v);
          indexed<T>(t, randomDims(9), false);
          masks<T>(t, randomDims(9));
          sorts<T>(t, randomDims(9));
          search<T>(t);
        });
      sorts<float>(F32, {3, 500});
      sorts<double>(F64, {300, 10});
      sorts<uint8_t>(U8, {5000});
      for (int round = 0; round < 4; round++) {
        indexed<float>(F32, {20, 40, 25}, true);
        indexed<int16_t>(I16, {50, 400}, true);
      }
      firstFault();
    }
    bools();
    badInput();
  });
  return report("index");
}
