// Indices repeated as often as they count.
#include "kernels/fill.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// INDEX_OUT_OF_RANGE: 0 where the counts do not sum to the total, else a negative count.
template <class T>
Status repeatInterleave(const Command& c, const RepeatInterleaveArgs& a) {
  const T* const counts = a.counts;
  uint64_t sum = 0;  // counts wrap, as they do where they are summed for the total
  double negative = 0;
  for (int64_t i = 0; i < a.n; i++) {
    const T count = counts[i * a.step];
    sum += static_cast<uint64_t>(static_cast<int64_t>(count));
    if (count < 0 && negative == 0) negative = static_cast<double>(count);
  }
  if (sum != static_cast<uint64_t>(a.total)) return c.fail(INDEX_OUT_OF_RANGE, 0);
  if (negative < 0) return c.fail(INDEX_OUT_OF_RANGE, negative);
  int64_t* const out = a.out;
  int64_t at = 0;
  for (int64_t i = 0; i < a.n; i++) {
    const auto count = static_cast<int64_t>(counts[i * a.step]);
    if (count > a.total - at) return c.fail(INDEX_OUT_OF_RANGE, 0);
    for (const int64_t end = at + count; at < end; at++) out[at] = i;
  }
  return OK;
}

}  // namespace

void fill_repeat(Kernels& k) { TENZO_KERNEL(repeat_interleave, repeatInterleave<T>) }

}  // namespace tenzo::TENZO_LEVEL
