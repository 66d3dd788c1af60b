// Reading and writing through index tensors, and selecting by masks.
//
// `index` and `index_put` are the one mechanism under advanced indexing, gather, scatter, scatter_add, scatter_reduce,
// index_select, index_add, index_copy, embedding, take and their gradients. An element of the iteration space has an
// address in the indexed tensor that is the sum of a strided part (strides are 0 along dimensions that only the
// indices walk) and, for each index tensor, index * stride of the dimension that it indexes:
//   x[:, i]        space [n, len(i)]   x strides [s0, 0], i strides [0, 1]
//   gather(x,1,i)  space of i          x strides [s0, 0], i strides those of i
//   embedding      space [len(i), e]   w strides [0, 1],  i strides [1, 0]
#include "box.h"
#include "simd/vec.h"

namespace tenzo::TENZO_LEVEL {
namespace {

using IndexBox = Box<2 + MAX_INDICES>;  // operands: written, read, then the indices

struct Indices {
  int count = 0;
  bool wrap = false;
  bool skips = false;
  int64_t skip = 0;
  const char* pointer[MAX_INDICES];
  int64_t size[MAX_INDICES], stride[MAX_INDICES];
};

// The box and the indices of a command; `first` and `second` are the strides of the operands 0 and 1.
template <class Args>
void read(const Args& a, const Dims& first, const Dims& second, IndexBox& box, Indices& x) {
  box.setSizes(a.sizes, a.ndim);
  box.setStrides(0, first);
  box.setStrides(1, second);
  x.count = a.indicesCount;
  x.wrap = a.wrap;
  for (int k = 0; k < x.count; k++) {
    x.pointer[k] = a.indices[k].index;
    x.size[k] = a.indices[k].size;
    x.stride[k] = a.indices[k].stride;
    box.setStrides(2 + k, a.indices[k].indexStrides);
  }
  box.operands = 2 + x.count;
  box.coalesce();
}

// The address part of index k at element `at` of its tensor; false if it is out of range.
template <class I>
inline bool resolve(const Indices& x, int k, int64_t at, int64_t& offset, int64_t& raw) {
  raw = reinterpret_cast<const I*>(x.pointer[k])[at];
  const int64_t i = x.wrap && raw < 0 ? raw + x.size[k] : raw;
  if (static_cast<uint64_t>(i) >= static_cast<uint64_t>(x.size[k])) return false;
  offset += i * x.stride[k];
  return true;
}

// Resolves the indices of a run and calls move(plain, indexed, n, plainStep, indexedStep) for stretches of one address
// step, else for single elements. Operand `indexed` is the one that the indices address, `plain` the other. The first
// index out of range ends it: which of the tensors, and the index.
template <class I, int indexed, class Move>
struct Run {
  static constexpr int plain = 1 - indexed;
  const IndexBox& box;
  const Indices& x;
  const Move& move;
  int last;
  bool constant;  // no index moves along the last dimension

  Run(const IndexBox& b, const Indices& i, const Move& m) : box(b), x(i), move(m), last(b.ndim - 1), constant(true) {
    for (int k = 0; k < x.count; k++) constant = constant && box.strides[2 + k][last] == 0;
  }

  bool operator()(const int64_t* offsets, int64_t n, int& which, int64_t& raw) const {
    const int64_t plainStep = box.strides[plain][last], indexedStep = box.strides[indexed][last];
    which = 0;
    if (constant) {
      int64_t at = offsets[indexed];
      for (int k = 0; k < x.count; k++) {
        which = k;
        const bool inside = resolve<I>(x, k, offsets[2 + k], at, raw);
        if (k == 0 && x.skips && raw == x.skip) return true;
        if (!inside) return false;
      }
      move(offsets[plain], at, n, plainStep, indexedStep);
      return true;
    }
    if (x.count == 1) {  // in locals, since what is written may be anywhere for all the compiler knows
      const I* const index = reinterpret_cast<const I*>(x.pointer[0]) + offsets[2];
      const int64_t step = box.strides[2][last], size = x.size[0], stride = x.stride[0], wrapped = x.wrap ? size : 0;
      const int64_t from = offsets[plain], to = offsets[indexed], skip = x.skip;
      const bool skips = x.skips;
      int64_t j = 0;
      // Plain indices, checked a block at a time: neither loop then stops for the other.
      for (constexpr int64_t BLOCK = 128; j + BLOCK <= n; j += BLOCK) {
        bool plainOnes = !skips;
        for (int64_t b = j; b < j + BLOCK; b++)
          plainOnes &= static_cast<uint64_t>(static_cast<int64_t>(index[b * step])) < static_cast<uint64_t>(size);
        if (!plainOnes) break;
        for (int64_t b = j; b < j + BLOCK; b++)
          move(from + b * plainStep, to + b * indexedStep + static_cast<int64_t>(index[b * step]) * stride, 1, 1, 1);
      }
      for (; j < n; j++) {
        const int64_t given = index[j * step], i = given < 0 ? given + wrapped : given;
        if (skips && given == skip) continue;
        if (static_cast<uint64_t>(i) >= static_cast<uint64_t>(size)) {
          raw = given;
          return false;
        }
        move(from + j * plainStep, to + j * indexedStep + i * stride, 1, 1, 1);
      }
      return true;
    }
    for (int64_t j = 0; j < n; j++) {
      int64_t at = offsets[indexed] + j * indexedStep;
      bool passed = false;
      for (int k = 0; k < x.count && !passed; k++) {
        const bool inside = resolve<I>(x, k, offsets[2 + k] + j * box.strides[2 + k][last], at, raw);
        passed = k == 0 && x.skips && raw == x.skip;
        if (!inside && !passed) {
          which = k;
          return false;
        }
      }
      if (!passed) move(offsets[plain] + j * plainStep, at, 1, 1, 1);
    }
    return true;
  }
};

struct Nothing {
  void operator()(int64_t, int64_t, int64_t, int64_t, int64_t) const {}
};

template <class I, int indexed, class Move>
Status through(const Command& c, const IndexBox& box, const Indices& x, const Move& move) {
  bool failed = false;
  const Run<I, indexed, Move> run(box, x, move);
  walkParallel(box, [&](const int64_t* offsets, int64_t n) {
    int which;
    int64_t raw;
    const bool ok = run(offsets, n, which, raw);
    if (!ok) __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    return ok;
  });
  if (!failed) return OK;
  // Which fault a thread met first is chance: look again for the first of all, moving nothing.
  int which = 0;
  int64_t raw = 0;
  const Nothing nothing;
  const Run<I, indexed, Nothing> check(box, x, nothing);
  walk(box, 0, 0, box.sizes[0], [&](const int64_t* offsets, int64_t n) { return check(offsets, n, which, raw); });
  return c.fail(INDEX_OUT_OF_RANGE, static_cast<double>(raw), which, static_cast<double>(x.size[which]));
}

template <class T>
inline void copyRun(T* to, const T* from, int64_t n, int64_t toStep, int64_t fromStep) {
  if (n == 1)
    *to = *from;
  else if (toStep == 1 && fromStep == 1)
    std::memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
  else
    for (int64_t j = 0; j < n; j++) to[j * toStep] = from[j * fromStep];
}

// INDEX_OUT_OF_RANGE: the index, which of the index tensors, size.
template <class T, class I>
Status indexGet(const Command& c, const IndexArgs& args) {
  IndexBox box;
  Indices x;
  read(args, args.outStrides, args.strides, box, x);
  T* out = args.out;
  const T* a = args.a;
  return through<I, 1>(c, box, x, [&](int64_t to, int64_t from, int64_t n, int64_t toStep, int64_t fromStep) {
    copyRun(out + to, a + from, n, toStep, fromStep);
  });
}
template <class T>
Status index(const Command& c, const IndexArgs& a) {
  if (c.dtype2 == I64) return indexGet<T, int64_t>(c, a);
  if (c.dtype2 == I32) return indexGet<T, int32_t>(c, a);
  return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype2);
}

// ---- writing

// Wrapping integer arithmetic (signed overflow is undefined in C++).
template <class T>
using Wide = Choose<IS_FLOAT<T>, T, uint64_t>;
inline float multiplyAdd(float a, float b, float c) { return FUSED ? __builtin_fmaf(a, b, c) : a * b + c; }
inline double multiplyAdd(double a, double b, double c) { return FUSED ? __builtin_fma(a, b, c) : a * b + c; }
inline uint64_t multiplyAdd(uint64_t a, uint64_t b, uint64_t c) { return a * b + c; }

template <class T>
inline T greater(T a, T b) {
  return a != a ? a : b != b ? b : a > b ? a : b;
}
template <class T>
inline T smaller(T a, T b) {
  return a != a ? a : b != b ? b : a < b ? a : b;
}

enum PutMode : int { ASSIGN, SUM, PROD, AMAX, AMIN };

template <class T, class F>
inline void combineRun(T* to, const T* from, int64_t n, int64_t toStep, int64_t fromStep, const F& f) {
  if (n > 1 && toStep == 1 && fromStep == 1)
    for (int64_t j = 0; j < n; j++) to[j] = f(to[j], from[j]);
  else
    for (int64_t j = 0; j < n; j++) to[j * toStep] = f(to[j * toStep], from[j * fromStep]);
}

// Adding floats, the gradient of every indexed read, gets loops of its own; all else shares one through a pointer,
// since a copy of the walk for each dtype, mode and index type would be most of the addon.
struct Combine {
  void (*run)(char* to, const char* from, int64_t n, int64_t toStep, int64_t fromStep, double alpha);
  char* self;
  const char* values;
  int64_t itemsize;
  double alpha;
  void operator()(int64_t from, int64_t to, int64_t n, int64_t fromStep, int64_t toStep) const {
    run(self + to * itemsize, values + from * itemsize, n, toStep, fromStep, alpha);
  }
};

// Any byte but 0 is true.
template <int mode>
void combineBools(char* self, const char* values, int64_t n, int64_t toStep, int64_t fromStep, double alpha) {
  const bool counts = mode != SUM || static_cast<int64_t>(alpha) != 0;
  combineRun(reinterpret_cast<uint8_t*>(self), reinterpret_cast<const uint8_t*>(values), n, toStep, fromStep,
             [counts](uint8_t a, uint8_t b) {
               const bool x = a != 0, y = (b != 0) & counts;
               return static_cast<uint8_t>(mode == SUM || mode == AMAX ? x | y : x & y);
             });
}

template <class T, int mode>
void combineAs(char* self, const char* values, int64_t n, int64_t toStep, int64_t fromStep, double alpha) {
  using W = Wide<T>;
  T* to = reinterpret_cast<T*>(self);
  const T* from = reinterpret_cast<const T*>(values);
  if constexpr (mode == SUM) {
    const W s = IS_FLOAT<T> ? static_cast<W>(alpha) : static_cast<W>(static_cast<int64_t>(alpha));
    combineRun(to, from, n, toStep, fromStep,
               [s](T a, T b) { return static_cast<T>(multiplyAdd(static_cast<W>(b), s, static_cast<W>(a))); });
  } else if constexpr (mode == PROD)
    combineRun(to, from, n, toStep, fromStep,
               [](T a, T b) { return static_cast<T>(static_cast<W>(a) * static_cast<W>(b)); });
  else if constexpr (mode == AMAX)
    combineRun(to, from, n, toStep, fromStep, greater<T>);
  else
    combineRun(to, from, n, toStep, fromStep, smaller<T>);
}

template <class T>
constexpr bool IS_BOOL = false;
template <>
constexpr bool IS_BOOL<bool> = true;
template <class T, int mode>
auto combiner() {
  if constexpr (IS_BOOL<T>)
    return &combineBools<mode>;
  else
    return &combineAs<T, mode>;
}

template <class T, class I>
Status indexPutAs(const Command& c, const IndexPutArgs& a, const IndexBox& box, const Indices& x) {
  if constexpr (IS_FLOAT<T>)
    if (a.mode == SUM && a.alpha == 1) {
      T* self = a.self;
      const T* values = a.values;
      return through<I, 0>(c, box, x, [&](int64_t from, int64_t to, int64_t n, int64_t fromStep, int64_t toStep) {
        combineRun(self + to, values + from, n, toStep, fromStep, [](T a, T b) { return a + b; });
      });
    }
  Combine combine{nullptr, a.self, a.values, sizeof(T), a.alpha};
  switch (a.mode) {
    case SUM:
      combine.run = combiner<T, SUM>();
      break;
    case PROD:
      combine.run = combiner<T, PROD>();
      break;
    case AMAX:
      combine.run = combiner<T, AMAX>();
      break;
    case AMIN:
      combine.run = combiner<T, AMIN>();
      break;
    default:
      return c.fail(BAD_COMMAND, c.op);
  }
  return through<I, 0>(c, box, x, combine);
}

template <class T, class I>
Status indexAssign(const Command& c, const IndexPutArgs& a, const IndexBox& box, const Indices& x) {
  T* self = a.self;
  const T* values = a.values;
  return through<I, 0>(c, box, x, [&](int64_t from, int64_t to, int64_t n, int64_t fromStep, int64_t toStep) {
    copyRun(self + to, values + from, n, toStep, fromStep);
  });
}

// The index of `skip` need not be in range. INDEX_OUT_OF_RANGE as for `index`; what came before it is written.
template <class T, class U>
Status indexPut(const Command& c, const IndexPutArgs& a) {
  if (a.mode > AMIN) return c.fail(BAD_COMMAND, c.op);
  if (c.dtype2 != I64 && c.dtype2 != I32) return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype2);
  IndexBox box;
  Indices x;
  read(a, a.strides, a.valueStrides, box, x);
  x.skips = a.skip >= -0x1p63 && a.skip < 0x1p63;
  if (x.skips) x.skip = static_cast<int64_t>(a.skip);
  const bool wide = c.dtype2 == I64;
  if (a.mode == ASSIGN) return wide ? indexAssign<U, int64_t>(c, a, box, x) : indexAssign<U, int32_t>(c, a, box, x);
  if constexpr (sizeof(T) == 2 && T(-1) > T(0))  // the 16-bit floats are stored, not computed with
    return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype);
  else
    return wide ? indexPutAs<T, int64_t>(c, a, box, x) : indexPutAs<T, int32_t>(c, a, box, x);
}

// ---- masks

template <class T>
inline bool isTrue(T v) {
  return v != T(0);
}
inline bool isTrue(Half v) { return (v.bits & 0x7fffu) != 0; }
inline bool isTrue(BFloat16 v) { return (v.bits & 0x7fffu) != 0; }

// The coordinates of the elements that are not 0, in row-major order; BAD_COMMAND if there are more than capacity.
template <class T>
Status nonzero(const Command& c, const NonzeroArgs& args) {
  Box<1> box;
  const int ndim = args.ndim;
  box.setSizes(args.sizes, ndim);
  box.setStrides(0, args.strides);
  int64_t* out = args.out;
  const T* a = args.a;
  const int64_t capacity = args.capacity;
  if (box.count() == 0) return OK;
  if (ndim < 1) return isTrue(*a) && capacity < 1 ? c.fail(BAD_COMMAND, c.op) : OK;
  int64_t found = 0, position[MAX_DIMS] = {};
  const int last = ndim - 1;
  const int64_t step = box.strides[0][last];
  const bool ok = walk(box, 0, 0, box.sizes[0], [&](const int64_t* offsets, int64_t n) {
    const T* row = a + offsets[0];
    int64_t j = 0;
    // While there is room: write each, keep the true ones. No branch to mispredict.
    for (; j < n && found < capacity; j++) {
      int64_t* to = out + found * ndim;
      for (int d = 0; d < last; d++) to[d] = position[d];
      to[last] = j;
      found += isTrue(row[j * step]);
    }
    for (; j < n; j++)
      if (isTrue(row[j * step])) return false;
    for (int d = last - 1; d >= 0; d--) {
      if (++position[d] < box.sizes[d]) break;
      position[d] = 0;
    }
    return true;
  });
  return ok ? OK : c.fail(BAD_COMMAND, c.op);
}

// BAD_COMMAND if the mask has more than capacity.
template <class T>
Status maskedSelect(const Command& c, const MaskedSelectArgs& args) {
  Box<2> box;
  box.setSizes(args.sizes, args.ndim);
  box.setStrides(0, args.strides);
  box.setStrides(1, args.maskStrides);
  T* out = args.out;
  const T* a = args.a;
  const uint8_t* mask = args.mask;
  const int64_t capacity = args.capacity;
  if (box.count() == 0) return OK;
  box.coalesce();
  const int64_t step = box.strides[0][box.ndim - 1], maskStep = box.strides[1][box.ndim - 1];
  int64_t found = 0;
  const bool ok = walk(box, 0, 0, box.sizes[0], [&](const int64_t* offsets, int64_t n) {
    const T* row = a + offsets[0];
    const uint8_t* m = mask + offsets[1];
    int64_t j = 0;
    for (; j < n && found < capacity; j++) {
      out[found] = row[j * step];
      found += m[j * maskStep] != 0;
    }
    for (; j < n; j++)
      if (m[j * maskStep]) return false;
    return true;
  });
  return ok ? OK : c.fail(BAD_COMMAND, c.op);
}

// INDEX_OUT_OF_RANGE: length, 0, length, when the mask has more than source.
template <class T>
Status maskedScatter(const Command& c, const MaskedScatterArgs& a) {
  Box<2> box;
  box.setSizes(a.sizes, a.ndim);
  box.setStrides(0, a.strides);
  box.setStrides(1, a.maskStrides);
  T* self = a.self;
  const uint8_t* mask = a.mask;
  const T* source = a.source;
  const int64_t length = a.length;
  if (box.count() == 0) return OK;
  box.coalesce();
  const int64_t step = box.strides[0][box.ndim - 1], maskStep = box.strides[1][box.ndim - 1];
  int64_t taken = 0;
  const bool ok = walk(box, 0, 0, box.sizes[0], [&](const int64_t* offsets, int64_t n) {
    T* row = self + offsets[0];
    const uint8_t* m = mask + offsets[1];
    for (int64_t j = 0; j < n; j++) {
      if (!m[j * maskStep]) continue;
      if (taken == length) return false;
      row[j * step] = source[taken++];
    }
    return true;
  });
  const double l = static_cast<double>(length);
  return ok ? OK : c.fail(INDEX_OUT_OF_RANGE, l, 0, l);
}

// ---- triangles

// out may be a.
template <class T>
Status triangle(const Command& c, const TriangleArgs& args) {
  if (args.ndim < 2) return c.fail(BAD_COMMAND, c.op);
  Box<2> box;
  box.setSizes(args.sizes, args.ndim);
  box.setStrides(0, args.outStrides);
  box.setStrides(1, args.strides);
  if (box.count() == 0) return OK;
  T* out = args.out;
  const T* a = args.a;
  const int64_t diagonal = args.diagonal, rows = box.sizes[box.ndim - 2], last = box.ndim - 1;
  const bool upper = args.upper;
  const int64_t outStep = box.strides[0][last], step = box.strides[1][last];
  int64_t row = 0;
  walk(box, 0, 0, box.sizes[0], [&](const int64_t* offsets, int64_t n) {
    // Columns before `edge` are of the lower part.
    const int64_t first = upper ? row + diagonal : row + diagonal + 1;
    const int64_t edge = first < 0 ? 0 : first > n ? n : first;
    T* o = out + offsets[0];
    const T* p = a + offsets[1];
    const int64_t zeroFrom = upper ? 0 : edge, zeroTo = upper ? edge : n;
    const int64_t keepFrom = upper ? edge : 0, keepTo = upper ? n : edge;
    if (o != p || outStep != step)
      copyRun(o + keepFrom * outStep, p + keepFrom * step, keepTo - keepFrom, outStep, step);
    for (int64_t j = zeroFrom; j < zeroTo; j++) o[j * outStep] = T(0);
    row = row + 1 == rows ? 0 : row + 1;
    return true;
  });
  return OK;
}

// ---- searching

// INDEX_OUT_OF_RANGE: an entry of the sorter, its position, boundaries a row.
template <class T, class O>
Status searchAs(const Command& c, const SearchsortedArgs& a) {
  O* out = a.out;
  const T* values = a.values;
  const T* boundaries = a.boundaries;
  const int64_t* sorter = a.sorter;
  const int64_t rows = a.rows, n = a.n, m = a.m, rowStep = a.rowStep;
  const bool right = a.right;
  if (rows * n == 0) return OK;
  if (sorter)
    for (int64_t i = 0; i < (rowStep ? rows * m : m); i++)
      if (static_cast<uint64_t>(sorter[i]) >= static_cast<uint64_t>(m))
        return c.fail(INDEX_OUT_OF_RANGE, static_cast<double>(sorter[i]), static_cast<double>(i),
                      static_cast<double>(m));
  parallelRange(rows * n, 1 << 10, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const T v = values[i];
      const T* b = boundaries + i / n * rowStep;
      const int64_t* s = sorter ? sorter + i / n * rowStep : nullptr;
      const auto before = [&](int64_t at) {
        const T x = b[s ? s[at] : at];
        return right ? !(x > v) : !(x >= v);
      };
      // PyTorch's own midpoints, since they decide where NaN among the boundaries leads; no branch to mispredict.
      int64_t low = 0, high = m;
      while (low < high) {
        const int64_t middle = low + (high - low) / 2, yes = -static_cast<int64_t>(before(middle));
        low = (yes & (middle + 1)) | (~yes & low);
        high = (yes & high) | (~yes & middle);
      }
      out[i] = static_cast<O>(low);
    }
  });
  return OK;
}
template <class T>
Status searchsorted(const Command& c, const SearchsortedArgs& a) {
  if (a.rowStep != a.m && a.rowStep != 0) return c.fail(BAD_COMMAND, c.op);
  if (c.dtype2 == I64) return searchAs<T, int64_t>(c, a);
  if (c.dtype2 == I32) return searchAs<T, int32_t>(c, a);
  return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype2);
}

}  // namespace

void fill_index(Kernels& k) {
  // What only moves elements is one function an element size; nonzero is by value where there are two zeros.
  TENZO_KERNEL(index, index<BitsOf<T>>)
  TENZO_KERNEL(masked_select, maskedSelect<BitsOf<T>>)
  TENZO_KERNEL(masked_scatter, maskedScatter<BitsOf<T>>)
  TENZO_KERNEL(triangle, triangle<BitsOf<T>>)
  TENZO_KERNEL(index_put, indexPut<Choose<IS_HALF<T>, uint16_t, T>, BitsOf<T>>)
  TENZO_KERNEL(nonzero, nonzero<Choose<IS_FLOAT<T> || IS_HALF<T>, T, BitsOf<T>>>)
  TENZO_KERNEL(searchsorted, searchsorted<T>)
}

}  // namespace tenzo::TENZO_LEVEL
