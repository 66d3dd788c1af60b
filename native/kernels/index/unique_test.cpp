// Different rows and most frequent values against plain loops over decoded values: every dtype, ties, NaN, both zeros,
// and rows that are equal but for their ends, at every level and for several numbers of threads.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "test/check.h"
#include "test/guarded.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

Rng rng;

// How a small whole number (or NaN) lies in memory.
template <class T>
T encoded(DType, double v) {
  return static_cast<T>(v);
}
template <>
uint16_t encoded<uint16_t>(DType t, double v) {
  const auto f = static_cast<float>(v);
  uint32_t bits;
  std::memcpy(&bits, &f, sizeof bits);
  if (t == BF16) return static_cast<uint16_t>(bits >> 16);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  if (v != v) return sign | 0x7e00;
  static const uint16_t sizes[] = {0, 0x3c00, 0x4000, 0x4200, 0x4400};
  return sign | sizes[static_cast<int>(std::fabs(v))];
}

// n values as numbers and, with gaps, as a kernel sees them.
template <class T>
struct Values {
  std::vector<double> numbers;
  Guarded block;
  Values(DType t, int64_t n, int64_t gap, int64_t kinds)
      : numbers(static_cast<size_t>(n)), block(std::max<int64_t>((n - 1) * gap + 1, 0), sizeof(T)) {
    const bool floating = t == F32 || t == F64 || t == F16 || t == BF16, negative = t != U8 && t != BOOL;
    for (int64_t i = 0; i < n; i++) {
      double v = static_cast<double>(rng.below(t == BOOL ? 2 : kinds) - (negative ? kinds / 2 : 0));
      if (floating && rng.below(8) == 0) v = NAN;
      if (floating && v == 0 && rng.below(2)) v = -0.0;
      numbers[static_cast<size_t>(i)] = v;
      block.template as<T>()[i * gap] = encoded<T>(t, v);
    }
  }
};

template <class F>
void eachType(const F& f) {
  eachNumber(f);
  f(uint8_t{}, BOOL);
  f(uint16_t{}, F16);
  f(uint16_t{}, BF16);
}

// Rows by their values: NaN last, and of two with one in the same place the first first.
bool rowBefore(const double* v, int64_t width, int64_t a, int64_t b) {
  for (int64_t k = 0; k < width; k++) {
    const double p = v[a * width + k], q = v[b * width + k];
    if (p < q || (p == p && q != q)) return true;
    if (p > q || (p != p && q == q)) return false;
    if (p != p) break;
  }
  return a < b;
}

template <class T>
void groups(DType t, int64_t n, int64_t width, bool sorted, int64_t kinds) {
  Values<T> x(t, n * width, 1, kinds);
  const double* v = x.numbers.data();
  std::vector<int64_t> order(static_cast<size_t>(n)), firsts, counts, inverse(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  if (sorted) std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return rowBefore(v, width, a, b); });
  for (size_t i = 0; i < order.size(); i++) {
    const int64_t row = order[i];
    if (i == 0 || !std::equal(v + row * width, v + (row + 1) * width, v + order[i - 1] * width)) {
      firsts.push_back(row);
      counts.push_back(0);
    }
    counts.back()++;
    inverse[static_cast<size_t>(row)] = static_cast<int64_t>(firsts.size()) - 1;
  }
  for (const bool all : {true, false}) {
    Guarded first(n, 8), to(n, 8), count(n, 8);
    int64_t found = -1;
    const UniqueArgs args{.firsts = out(first),
                          .inverse = all ? out(to) : Out{},
                          .counts = all ? out(count) : Out{},
                          .groups = out(&found, 1),
                          .a = in(x.block),
                          .n = n,
                          .width = width,
                          .sorted = sorted};
    CHECK(send(OP_unique, t, args) == OK);
    CHECK(first.intact() && to.intact() && count.intact());
    CHECK(found == static_cast<int64_t>(firsts.size()), "dtype %d: %d groups of %d", t, int(found), int(firsts.size()));
    if (found != static_cast<int64_t>(firsts.size())) continue;
    const auto is = [](Guarded& block, const std::vector<int64_t>& want) {
      return want.empty() || std::memcmp(block.as<int64_t>(), want.data(), want.size() * 8) == 0;
    };
    CHECK(is(first, firsts), "dtype %d, %d rows of %d, sorted %d", t, int(n), int(width), sorted);
    CHECK(!all || (is(to, inverse) && is(count, counts)), "dtype %d, %d rows of %d", t, int(n), int(width));
  }
}

// Modes along one of two dims, of which the other may be walked with gaps.
template <class T>
void modes(DType t, int64_t lines, int64_t n, int64_t kinds) {
  const bool across = rng.below(2);
  const int64_t gap = rng.below(2) + 1;
  Values<T> x(t, lines * n, gap, kinds);
  const int64_t step = across ? lines : 1, lineStep = across ? 1 : n;
  Guarded indices(lines, 8);
  const ModeArgs args{.indices = out(indices),
                      .a = in(x.block),
                      .dim = 1,
                      .ndim = 2,
                      .sizes = dims(std::vector<int64_t>{lines, n}),
                      .outStrides = dims({1, 0}),
                      .strides = dims(std::vector<int64_t>{lineStep * gap, step * gap})};
  CHECK(send(OP_mode, t, args) == OK);
  CHECK(indices.intact());
  for (int64_t l = 0; l < lines; l++) {
    const auto at = [&](int64_t i) { return x.numbers[static_cast<size_t>(l * lineStep + i * step)]; };
    int64_t most = 0, best = -1;
    for (int64_t i = 0; i < n; i++) {
      int64_t count = 0, last = i;
      for (int64_t j = 0; j < n; j++)
        if (j == i || at(j) == at(i)) {
          count++;
          last = std::max(last, j);
        }
      const bool smaller = best < 0 || at(i) < at(best) || (at(i) == at(i) && at(best) != at(best));
      if (count > most || (count == most && smaller)) best = last;
      most = std::max(most, count);
    }
    CHECK(indices.as<int64_t>()[l] == best, "dtype %d: %d, not %d", t, int(indices.as<int64_t>()[l]), int(best));
  }
}

void badInput() {
  std::vector<float> x(12);
  std::vector<int64_t> a(12), groups(1);
  const UniqueArgs good{.firsts = out(a), .groups = out(groups), .a = in(x), .n = 6, .width = 2, .sorted = true};
  CHECK(send(OP_unique, F32, good) == OK && groups[0] == 1 && a[0] == 0);
  UniqueArgs bad = good;
  bad.n = 7;
  CHECK(send(OP_unique, F32, bad) == BAD_COMMAND);
  bad = good;
  bad.groups = {};
  CHECK(send(OP_unique, F32, bad) == BAD_COMMAND);
  const ModeArgs mode{.indices = out(a),
                      .a = in(x),
                      .dim = 0,
                      .ndim = 1,
                      .sizes = dims({12}),
                      .outStrides = dims({0}),
                      .strides = dims({1})};
  CHECK(send(OP_mode, F32, mode) == OK && a[0] == 11);
  ModeArgs off = mode;
  off.outStrides = dims({1});
  CHECK(send(OP_mode, F32, off) == BAD_COMMAND);
  off = mode;
  off.dim = 1;
  CHECK(send(OP_mode, F32, off) == BAD_COMMAND);
  a[0] = -1;
  CHECK(send(OP_mode, F32, ModeArgs{.indices = out(a), .a = in(x), .ndim = 0}) == OK && a[0] == 0);
}

}  // namespace

int main() {
  eachLevel([](Level) {
    for (const int threads : {1, 5}) {
      setNumThreads(threads);
      for (int round = 0; round < 5; round++)
        eachType([&](auto v, DType t) {
          using T = decltype(v);
          for (const bool sorted : {true, false}) {
            groups<T>(t, rng.below(40), 1, sorted, 7);
            groups<T>(t, rng.below(300), rng.below(4) + 1, sorted, 3);
            groups<T>(t, rng.below(30), 9, sorted, 2);
          }
          modes<T>(t, rng.below(6), rng.below(30) + 1, 7);
          modes<T>(t, rng.below(300), rng.below(100) + 1, 9);
        });
      for (const bool sorted : {true, false}) {
        groups<int64_t>(I64, 20000, 1, sorted, 1000000);
        groups<float>(F32, 20000, 2, sorted, 100);
        groups<int8_t>(I8, 3, 0, sorted, 3);
      }
      modes<double>(F64, 2000, 20, 9);
    }
    badInput();
  });
  return report("unique");
}
