// Checks of values, which answer by the status of their command.
#include "box.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// What elements are compared as, so that a bound need not be one of their dtype.
template <class T>
using Wide = Choose<IS_FLOAT<T>, double, int64_t>;

template <class W>
W bound(double v);
template <>
double bound(double v) {
  return v;
}
template <>
int64_t bound(double v) {
  return v >= 0x1p63 ? INT64_MAX : v < -0x1p63 ? INT64_MIN : static_cast<int64_t>(v);
}

template <class T, bool nan>
Status rangeAs(const Command& c, const CheckRangeArgs& a) {
  using W = Wide<T>;
  Box<1> box;
  box.setSizes(a.sizes, a.ndim);
  box.setStrides(0, a.strides);
  if (box.count() == 0) return OK;
  box.coalesce();
  const T* const from = a.a;
  const W low = bound<W>(a.low), high = bound<W>(a.high);
  const int64_t step = box.strides[0][box.ndim - 1];
  const auto fits = [low, high](T v) {
    const W w = static_cast<W>(v);
    return nan ? !(w < low) & !(w > high) : (w >= low) & (w <= high);
  };
  bool failed = false;
  walkParallel(box, [&](const int64_t* offsets, int64_t n) {
    const T* const row = from + offsets[0];
    bool all = true;
    if (step == 1)
      for (int64_t j = 0; j < n; j++) all &= fits(row[j]);
    else
      for (int64_t j = 0; j < n; j++) all &= fits(row[j * step]);
    if (!all) __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    return all;
  });
  if (!failed) return OK;
  // Which one a thread met first is chance: look again for the first of all.
  int64_t position = 0;
  double value = 0;
  walk(box, 0, 0, box.sizes[0], [&](const int64_t* offsets, int64_t n) {
    const T* const row = from + offsets[0];
    for (int64_t j = 0; j < n; j++, position++)
      if (!fits(row[j * step])) {
        value = static_cast<double>(row[j * step]);
        return false;
      }
    return true;
  });
  return c.fail(INDEX_OUT_OF_RANGE, value, static_cast<double>(position));
}
template <class T>
Status checkRange(const Command& c, const CheckRangeArgs& a) {
  return a.nan ? rangeAs<T, true>(c, a) : rangeAs<T, false>(c, a);
}

}  // namespace

void fill_range(Kernels& k) { TENZO_KERNEL(check_range, checkRange<T>) }

}  // namespace tenzo::TENZO_LEVEL
