// Checks of values and repeated indices: what passes, what is named where something does not, and the guards of both.
#include <cmath>
#include <limits>

#include "test/check.h"
#include "test/guarded.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

Rng rng;

// A matrix walked along its rows or its columns, with a value out of range here and there.
template <class T>
void ranges(DType t, int64_t rows, int64_t columns) {
  const bool floating = t == F32 || t == F64, across = rng.below(2), nan = rng.below(2);
  std::vector<T> x(static_cast<size_t>(rows * columns));
  for (T& v : x) v = static_cast<T>(rng.below(4));
  for (int64_t wrong = x.empty() ? 0 : rng.below(3); wrong > 0; wrong--)
    x[static_cast<size_t>(rng.below(rows * columns))] = floating && rng.below(2) ? static_cast<T>(NAN) : T(4);
  const double low = rng.below(2) ? 0 : -INFINITY, high = rng.below(4) ? 3 : INFINITY;
  double detail[6], value = 0;
  int64_t position = -1;
  for (int64_t i = 0; i < rows * columns && position < 0; i++) {
    const T v = x[static_cast<size_t>(across ? i % rows * columns + i / rows : i)];
    const double d = static_cast<double>(v);
    if (d != d ? nan : d >= low && d <= high) continue;
    position = i;
    value = d;
  }
  const auto sizes = across ? dims(std::vector<int64_t>{columns, rows}) : dims(std::vector<int64_t>{rows, columns});
  const auto strides = across ? dims(std::vector<int64_t>{1, columns}) : dims(std::vector<int64_t>{columns, 1});
  const CheckRangeArgs args{
      .a = in(x), .low = low, .high = high, .nan = nan, .ndim = 2, .sizes = sizes, .strides = strides};
  const Status status = send(OP_check_range, t, args, detail);
  CHECK(status == (position < 0 ? OK : INDEX_OUT_OF_RANGE), "dtype %d", t);
  if (position < 0 || status == OK) return;
  CHECK(detail[1] == static_cast<double>(position), "dtype %d: at %g, not %d", t, detail[1], int(position));
  CHECK(detail[0] == value || (value != value && detail[0] != detail[0]), "dtype %d: %g, not %g", t, detail[0], value);
}

// Bounds need not be numbers of the dtype.
void bounds() {
  const std::vector<int64_t> ends{INT64_MIN, INT64_MAX};
  const auto check = [&](double low, double high) {
    return send(
        OP_check_range, I64,
        CheckRangeArgs{.a = in(ends), .low = low, .high = high, .ndim = 1, .sizes = dims({2}), .strides = dims({1})});
  };
  CHECK(check(-INFINITY, INFINITY) == OK && check(-0x1p63, 0x1p63) == OK);
  CHECK(check(0, INFINITY) == INDEX_OUT_OF_RANGE && check(-INFINITY, 0) == INDEX_OUT_OF_RANGE);
  const float tiny = std::numeric_limits<float>::denorm_min();
  CHECK(send(OP_check_range, F32,
             CheckRangeArgs{
                 .a = in(&tiny, 1), .low = std::numeric_limits<double>::denorm_min(), .high = 1, .ndim = 0}) == OK);
}

template <class T>
void repeats(DType t) {
  const int64_t n = rng.below(40), step = rng.below(3);
  std::vector<T> counts(static_cast<size_t>(n * step + 1));
  for (T& v : counts) v = static_cast<T>(rng.below(5));
  std::vector<int64_t> want;
  for (int64_t i = 0; i < n; i++)
    want.insert(want.end(), static_cast<size_t>(counts[static_cast<size_t>(i * step)]), i);
  const auto total = static_cast<int64_t>(want.size());
  Guarded to(total, 8);
  RepeatInterleaveArgs args{.out = out(to), .counts = in(counts), .n = n, .step = step, .total = total};
  CHECK(send(OP_repeat_interleave, t, args) == OK);
  CHECK(to.intact());
  CHECK(want.empty() || std::memcmp(to.as<int64_t>(), want.data(), want.size() * 8) == 0);
  double detail[6];
  if (total == 0) return;
  args.total = total - 1;
  CHECK(send(OP_repeat_interleave, t, args, detail) == INDEX_OUT_OF_RANGE && detail[0] == 0);
}
void badCounts() {
  std::vector<int64_t> to(8);
  double detail[6];
  const auto repeat = [&](const std::vector<int64_t>& counts, int64_t total) {
    const RepeatInterleaveArgs args{
        .out = out(to), .counts = in(counts), .n = static_cast<int64_t>(counts.size()), .step = 1, .total = total};
    return send(OP_repeat_interleave, I64, args, detail);
  };
  CHECK(repeat({5, -2}, 3) == INDEX_OUT_OF_RANGE && detail[0] == -2);
  CHECK(repeat({5, -2}, 4) == INDEX_OUT_OF_RANGE && detail[0] == 0);
  // Counts that wrap to the total.
  const int64_t quarter = INT64_C(1) << 62;
  CHECK(repeat({quarter, quarter, quarter, quarter, 3}, 3) == INDEX_OUT_OF_RANGE && detail[0] == 0);
  CHECK(repeat({3, 5}, 9) == BAD_COMMAND);
}

}  // namespace

int main() {
  eachLevel([](Level) {
    for (const int threads : {1, 5}) {
      setNumThreads(threads);
      for (int round = 0; round < 20; round++) {
        eachNumber([&](auto v, DType t) {
          ranges<decltype(v)>(t, rng.below(30), rng.below(40));
          if (round < 4) ranges<decltype(v)>(t, 200, 300);
        });
        repeats<int64_t>(I64);
        repeats<int32_t>(I32);
      }
    }
    bounds();
    badCounts();
  });
  return report("range");
}
