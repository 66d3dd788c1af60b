// The loop driver of every reduction: collapses the dims, chooses how to walk them, splits the work, merges.
// It knows a reduction only as a Reducer: the inner loops of one operation and dtype, called a few hundred to
// thousands of elements at a time, so that one driver serves all of them.
//
// The number of chunks and their boundaries depend on sizes and strides only: any thread count gives the same bits.
#pragma once
#include "kernels/fill.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int ROWS = 8;             // rows that a column loop folds at once
constexpr int64_t TILE = 1024;      // columns of a tile: its accumulators stay in L1
constexpr int64_t GATHERED = 256;   // elements of a row, or columns of a tile, copied together when they lie apart
constexpr int64_t SHORT_RUN = 32;   // below this a contiguous run is not worth a call of its own
constexpr int64_t GRAIN = 1 << 15;  // elements of a chunk

// The accumulators of several outputs are two arrays, a and b (sizeB is 0 where an op has only one).
// `done` counts the elements already folded into an accumulator; `base` is the index, within the reduction, of the
// first new element (of the first row). Later rows and elements have the next indices.
struct Reducer {
  int itemsize, outSize, out2Size, sizeA, sizeB;
  bool ordered;  // the result names an index, so reduced dims keep their order
  double param;
  int64_t count;  // elements a reduction folds
  void (*clear)(const Reducer&, void* a, void* b, int64_t n);
  void (*run)(const Reducer&, void* a, void* b, const void* x, int64_t n, int64_t done, int64_t base);
  void (*columns)(const Reducer&, void* a, void* b, const void* const* rows, int count, int64_t cols, int64_t done,
                  int64_t base);
  void (*merge)(const Reducer&, void* a, void* b, const void* a2, const void* b2, int64_t n, int64_t done,
                int64_t done2);
  void (*reindex)(const Reducer&, void* b, int64_t n, int64_t factor, int64_t offset);
  void (*store)(const Reducer&, void* out, void* out2, int64_t stride, const void* a, const void* b, int64_t n);
  void (*gather)(void* to, const void* from, int64_t stride, int64_t n);
  void (*gatherAt)(void* to, const void* from, const int64_t* offsets, int64_t n);
};

// A policy P has types T (element), A, B, Out, Out2, the flag ORDERED, and the loops as typed static functions.
template <class P>
Reducer reducerOf(double param) {
  using T = typename P::T;
  using A = typename P::A;
  using B = typename P::B;
  using Out = typename P::Out;
  Reducer r;
  r.itemsize = sizeof(T);
  r.outSize = sizeof(Out);
  r.out2Size = P::OUT2_SIZE;
  r.sizeA = sizeof(A);
  r.sizeB = P::HAS_B ? sizeof(B) : 0;
  r.ordered = P::ORDERED;
  r.param = param;
  r.count = 0;
  r.clear = [](const Reducer&, void* a, void* b, int64_t n) { P::clear(static_cast<A*>(a), static_cast<B*>(b), n); };
  r.run = [](const Reducer& q, void* a, void* b, const void* x, int64_t n, int64_t done, int64_t base) {
    P::run(q, *static_cast<A*>(a), static_cast<B*>(b), static_cast<const T*>(x), n, done, base);
  };
  r.columns = [](const Reducer& q, void* a, void* b, const void* const* rows, int count, int64_t cols, int64_t done,
                 int64_t base) {
    const T* x[ROWS];
    for (int i = 0; i < ROWS; i++) x[i] = static_cast<const T*>(rows[i < count ? i : 0]);
    P::columns(q, static_cast<A*>(a), static_cast<B*>(b), x, count, cols, done, base);
  };
  r.merge = [](const Reducer& q, void* a, void* b, const void* a2, const void* b2, int64_t n, int64_t done,
               int64_t done2) {
    P::merge(q, static_cast<A*>(a), static_cast<B*>(b), static_cast<const A*>(a2), static_cast<const B*>(b2), n, done,
             done2);
  };
  r.reindex = [](const Reducer&, void* b, int64_t n, int64_t factor, int64_t offset) {
    if constexpr (P::ORDERED)
      for (int64_t i = 0; i < n; i++) static_cast<B*>(b)[i] = static_cast<B*>(b)[i] * factor + offset;
  };
  r.store = [](const Reducer& q, void* out, void* out2, int64_t stride, const void* a, const void* b, int64_t n) {
    P::store(q, static_cast<Out*>(out), out2, stride, static_cast<const A*>(a), static_cast<const B*>(b), n);
  };
  r.gather = [](void* to, const void* from, int64_t stride, int64_t n) {
    for (int64_t i = 0; i < n; i++) static_cast<T*>(to)[i] = static_cast<const T*>(from)[i * stride];
  };
  r.gatherAt = [](void* to, const void* from, const int64_t* offsets, int64_t n) {
    for (int64_t i = 0; i < n; i++) static_cast<T*>(to)[i] = static_cast<const T*>(from)[offsets[i]];
  };
  return r;
}

struct Dim {
  int64_t size, in, out;
};

// A position in some dims, last fastest, and its offsets in elements.
struct Walk {
  const Dim* dims;
  int n;
  int64_t in, out;
  int64_t at[MAX_DIMS];

  Walk(const Dim* d, int count, int64_t linear) : dims(d), n(count), in(0), out(0) {
    for (int i = n - 1; i >= 0; i--) {
      at[i] = linear % dims[i].size;
      linear /= dims[i].size;
      in += at[i] * dims[i].in;
      out += at[i] * dims[i].out;
    }
  }
  int64_t leftInRun() const { return n ? dims[n - 1].size - at[n - 1] : 1; }
  // k <= leftInRun()
  void advance(int64_t k) {
    if (!n) return;
    int i = n - 1;
    at[i] += k;
    in += k * dims[i].in;
    out += k * dims[i].out;
    while (at[i] == dims[i].size) {
      in -= at[i] * dims[i].in;
      out -= at[i] * dims[i].out;
      at[i] = 0;
      if (--i < 0) return;
      at[i]++;
      in += dims[i].in;
      out += dims[i].out;
    }
  }
};

// What the schemas of reductions have in common; out2 are the means or indices, where an op has them and they are asked
// for.
struct Operands {
  Out out, out2;
  In in;
  double param;
  int ndim;
  Dims sizes, inStrides, outStrides, reduced;
};
template <class Args>
Operands operandsOf(const Args& a) {
  Operands o{a.out, {}, a.a, a.param, a.ndim, a.sizes, a.strides, a.outStrides, a.reduced};
  if constexpr (requires { a.mean; }) o.out2 = a.mean;
  if constexpr (requires { a.indices; }) o.out2 = a.indices;
  return o;
}

struct Reduction {
  Reducer r;
  const char* in;
  char* out;
  char* out2;
  Dim kept[MAX_DIMS], reduced[MAX_DIMS];
  int nKept, nReduced;
  int64_t outputs, count;

  const char* at(int64_t offset) const { return in + offset * r.itemsize; }
  void store(int64_t offset, int64_t stride, const char* a, const char* b, int64_t n) const {
    r.store(r, out + offset * r.outSize, out2 ? out2 + offset * r.out2Size : nullptr, stride, a, b, n);
  }
};

// Large strides first, so that the last dim walks memory in order; broadcast dims (stride 0) stay outside.
inline void sortDims(Dim* d, int n) {
  const auto key = [](const Dim& x) { return x.in ? (x.in < 0 ? -x.in : x.in) : INT64_MAX; };
  for (int i = 1; i < n; i++) {
    const Dim x = d[i];
    int j = i;
    for (; j > 0 && key(d[j - 1]) < key(x); j--) d[j] = d[j - 1];
    d[j] = x;
  }
}
inline int joinDims(Dim* d, int n) {
  int last = 0;
  for (int i = 1; i < n; i++) {
    if (d[last].in == d[i].in * d[i].size && d[last].out == d[i].out * d[i].size)
      d[last] = {d[last].size * d[i].size, d[i].in, d[i].out};
    else
      d[++last] = d[i];
  }
  return n ? last + 1 : 0;
}

inline Status parse(const Command& c, const Operands& o, Reduction& q) {
  q.out = o.out;
  q.out2 = o.out2;
  q.in = o.in;
  q.nKept = q.nReduced = 0;
  q.outputs = q.count = 1;
  int64_t last = 0;  // the offset of the last output
  for (int i = 0; i < o.ndim; i++) {
    const Dim d{o.sizes[i], o.inStrides[i], o.outStrides[i]};
    const bool reduced = o.reduced[i] != 0;
    (reduced ? q.count : q.outputs) *= d.size;
    if (d.size == 1) continue;
    if (reduced) {
      q.reduced[q.nReduced++] = {d.size, d.in, 0};
    } else {
      last += (d.size - 1) * d.out;
      q.kept[q.nKept++] = d;
    }
  }
  if (!q.outputs) return OK;
  // A reduction of nothing has outputs all the same, where the schema's check of memory sees an empty walk.
  if ((last + 1) * q.r.outSize > o.out.bytes || (o.out2 && (last + 1) * q.r.out2Size > o.out2.bytes))
    return c.fail(BAD_COMMAND, c.op);
  sortDims(q.kept, q.nKept);
  if (!q.r.ordered) sortDims(q.reduced, q.nReduced);
  if (q.count) {
    q.nKept = joinDims(q.kept, q.nKept);
    q.nReduced = joinDims(q.reduced, q.nReduced);
  }
  q.r.count = q.count;
  return OK;
}

// ---- rows: each output folds its own elements, in contiguous runs or gathered

inline void foldRow(const Reduction& q, char* a, char* b, int64_t offset, int64_t begin, int64_t end) {
  const Reducer& r = q.r;
  Walk w(q.reduced, q.nReduced, begin);
  const bool whole = !q.nReduced || (q.reduced[q.nReduced - 1].in == 1 &&
                                     (q.nReduced == 1 || q.reduced[q.nReduced - 1].size >= SHORT_RUN));
  alignas(64) char buffer[GATHERED * 8];
  for (int64_t i = begin; i < end;) {
    if (whole) {
      const int64_t n = w.leftInRun() < end - i ? w.leftInRun() : end - i;
      r.run(r, a, b, q.at(offset + w.in), n, i - begin, i);
      w.advance(n);
      i += n;
      continue;
    }
    int64_t n = 0;
    while (n < GATHERED && i + n < end) {
      int64_t k = w.leftInRun();
      if (k > GATHERED - n) k = GATHERED - n;
      if (k > end - i - n) k = end - i - n;
      r.gather(buffer + n * r.itemsize, q.at(offset + w.in), q.reduced[q.nReduced - 1].in, k);
      w.advance(k);
      n += k;
    }
    r.run(r, a, b, buffer, n, i - begin, i);
    i += n;
  }
}

// Merges `parts` partial accumulators, `pitch` outputs apart, pairwise into the first; each holds `size` elements of
// `total`.
inline void mergeParts(const Reducer& r, char* a, char* b, int64_t parts, int64_t pitch, int64_t n, int64_t size,
                       int64_t total) {
  for (int64_t step = 1; step < parts; step *= 2)
    for (int64_t i = 0; i + step < parts; i += 2 * step) {
      const int64_t mid = (i + step) * size;
      const int64_t end = (i + 2 * step) * size < total ? (i + 2 * step) * size : total;
      r.merge(r, a + i * pitch * r.sizeA, b + i * pitch * r.sizeB, a + (i + step) * pitch * r.sizeA,
              b + (i + step) * pitch * r.sizeB, n, mid - i * size, end - mid);
    }
}

inline Status reduceRows(const Command& c, const Reduction& q) {
  const Reducer& r = q.r;
  if (q.outputs < 32 && q.count > 2 * GRAIN) {
    int64_t size = (q.count + 255) / 256;
    size = size < GRAIN ? GRAIN : (size + 1023) / 1024 * 1024;
    const int64_t parts = (q.count + size - 1) / size;
    const int64_t slots = q.outputs * parts;
    const int64_t bytesA = (slots * r.sizeA + 63) / 64 * 64;
    char* const a = static_cast<char*>(scratch(0, static_cast<size_t>(bytesA + slots * r.sizeB)));
    if (!a) return c.fail(OUT_OF_MEMORY);
    char* const b = a + bytesA;
    r.clear(r, a, b, slots);
    parallelFor(slots, [&](int64_t s) {
      const Walk w(q.kept, q.nKept, s / parts);
      const int64_t begin = s % parts * size;
      foldRow(q, a + s * r.sizeA, b + s * r.sizeB, w.in, begin, begin + size < q.count ? begin + size : q.count);
    });
    Walk w(q.kept, q.nKept, 0);
    for (int64_t o = 0; o < q.outputs; o++, w.advance(1)) {
      char* const oa = a + o * parts * r.sizeA;
      char* const ob = b + o * parts * r.sizeB;
      mergeParts(r, oa, ob, parts, 1, 1, size, q.count);
      q.store(w.out, 0, oa, ob, 1);
    }
    return OK;
  }
  parallelRange(q.outputs, q.count < GRAIN ? GRAIN / q.count : 1, [&](int64_t begin, int64_t end) {
    constexpr int64_t BATCH = 64;
    alignas(64) char a[BATCH * 8];
    alignas(64) char b[BATCH * 8];
    Walk w(q.kept, q.nKept, begin);
    const bool direct = q.nReduced == 1 && q.reduced[0].in == 1;
    for (int64_t o = begin; o < end;) {
      int64_t n = w.leftInRun() < end - o ? w.leftInRun() : end - o;
      if (n > BATCH) n = BATCH;
      const int64_t step = q.nKept ? q.kept[q.nKept - 1].in : 0;
      r.clear(r, a, b, n);
      for (int64_t i = 0; i < n; i++) {
        if (direct)
          r.run(r, a + i * r.sizeA, b + i * r.sizeB, q.at(w.in + i * step), q.count, 0, 0);
        else
          foldRow(q, a + i * r.sizeA, b + i * r.sizeB, w.in + i * step, 0, q.count);
      }
      q.store(w.out, q.nKept ? q.kept[q.nKept - 1].out : 0, a, b, n);
      w.advance(n);
      o += n;
    }
  });
  return OK;
}

// ---- columns: neighbouring outputs lie next to each other, so vectors run across them

// Folds rows [begin, end) of `cols` columns whose first row starts at `in`. `dims` are the dims of the rows.
inline void foldColumns(const Reducer& r, char* a, char* b, const char* in, const Dim* dims, int nDims, int64_t cols,
                        int64_t begin, int64_t end, int64_t done) {
  Walk w(dims, nDims, begin);
  const void* rows[ROWS];
  for (int64_t i = begin; i < end;) {
    int n = 0;
    for (; n < ROWS && i + n < end; n++, w.advance(1)) rows[n] = in + w.in * r.itemsize;
    r.columns(r, a, b, rows, n, cols, done + i - begin, i);
    i += n;
  }
}

inline Status reduceColumns(const Command& c, const Reduction& q) {
  const Reducer& r = q.r;
  const Dim inner = q.kept[q.nKept - 1];
  // A few columns in contiguous rows are widened: `group` rows count as one row of group * size columns, and the
  // columns that belong together are merged at the end.
  int64_t group = 1;
  Dim dims[MAX_DIMS];
  for (int i = 0; i < q.nReduced; i++) dims[i] = q.reduced[i];
  int64_t cols = inner.size, rows = q.count;
  if (cols < 64 && q.nReduced == 1 && dims[0].in == cols && rows >= 1024 / cols) {
    group = 512 / cols;
    if (group < 1) group = 1;
    rows = q.count / group;
    cols *= group;
    dims[0] = {rows, cols, 0};
  }
  const int64_t tilesAcross = (cols + TILE - 1) / TILE;
  const int64_t outer = q.outputs / inner.size;
  const int64_t tiles = outer * tilesAcross;
  const int64_t tileCols = cols < TILE ? cols : TILE;
  int64_t parts = 1;
  if (tiles < 32 && rows * cols * outer > 2 * GRAIN) {
    parts = rows * cols * outer / (4 * GRAIN) + 1;
    if (parts > (63 + tiles) / tiles) parts = (63 + tiles) / tiles;
    if (parts > 32) parts = 32;
    if (parts > (rows + 63) / 64) parts = (rows + 63) / 64;
  }
  const int64_t size = ((rows + parts - 1) / parts + ROWS - 1) / ROWS * ROWS;
  parts = (rows + size - 1) / size;
  const int64_t bytesA = (tileCols * parts * r.sizeA + 63) / 64 * 64;
  const int64_t tileBytes = bytesA + (tileCols * parts * r.sizeB + 63) / 64 * 64;

  const auto finish = [&](int64_t tile, char* a, char* b) {
    const Walk w(q.kept, q.nKept - 1, tile / tilesAcross);
    const int64_t first = tile % tilesAcross * TILE;
    int64_t n = cols - first < TILE ? cols - first : TILE;
    if (group > 1) {
      n = inner.size;
      for (int64_t g = 0; g < group; g++) r.reindex(r, b + g * n * r.sizeB, n, group, g);
      mergeParts(r, a, b, group, n, n, rows, rows * group);
      if (rows * group < q.count)
        foldColumns(r, a, b, q.at(w.in), q.reduced, 1, n, rows * group, q.count, rows * group);
    }
    q.store(w.out + first * inner.out, inner.out, a, b, n);
  };
  const auto fold = [&](int64_t tile, int64_t part, char* a, char* b) {
    const Walk w(q.kept, q.nKept - 1, tile / tilesAcross);
    const int64_t first = tile % tilesAcross * TILE;
    const int64_t n = cols - first < TILE ? cols - first : TILE;
    const int64_t begin = part * size, end = begin + size < rows ? begin + size : rows;
    r.clear(r, a, b, n);
    foldColumns(r, a, b, q.at(w.in + first), dims, q.nReduced, n, begin, end, 0);
  };

  if (parts == 1) {
    const int64_t work = tileCols * rows;
    parallelRange(tiles, work < GRAIN ? GRAIN / work : 1, [&](int64_t begin, int64_t end) {
      alignas(64) char a[TILE * 8];
      alignas(64) char b[TILE * 8];
      for (int64_t t = begin; t < end; t++) {
        fold(t, 0, a, b);
        finish(t, a, b);
      }
    });
    return OK;
  }
  char* const all = static_cast<char*>(scratch(0, static_cast<size_t>(tileBytes * tiles)));
  if (!all) return c.fail(OUT_OF_MEMORY);
  parallelFor(tiles * parts, [&](int64_t s) {
    char* const a = all + s / parts * tileBytes;
    char* const b = a + bytesA;
    const int64_t part = s % parts;
    fold(s / parts, part, a + part * tileCols * r.sizeA, b + part * tileCols * r.sizeB);
  });
  for (int64_t t = 0; t < tiles; t++) {
    char* const a = all + t * tileBytes;
    char* const b = a + bytesA;
    const int64_t first = t % tilesAcross * TILE;
    mergeParts(r, a, b, parts, tileCols, cols - first < TILE ? cols - first : TILE, size, rows);
    finish(t, a, b);
  }
  return OK;
}

// ---- gathered columns: many outputs of few elements each, wherever they lie; a tile is copied row by row

inline Status reduceGathered(const Reduction& q) {
  const Reducer& r = q.r;
  const int64_t tiles = (q.outputs + GATHERED - 1) / GATHERED;
  const int64_t work = GATHERED * q.count;
  parallelRange(tiles, work < GRAIN ? GRAIN / work : 1, [&](int64_t begin, int64_t end) {
    alignas(64) char buffer[ROWS * GATHERED * 8];
    alignas(64) char a[GATHERED * 8];
    alignas(64) char b[GATHERED * 8];
    int64_t offsets[GATHERED];
    const void* rows[ROWS];
    for (int i = 0; i < ROWS; i++) rows[i] = buffer + i * GATHERED * r.itemsize;
    for (int64_t t = begin; t < end; t++) {
      const int64_t first = t * GATHERED;
      const int64_t n = q.outputs - first < GATHERED ? q.outputs - first : GATHERED;
      Walk in(q.kept, q.nKept, first), out(q.kept, q.nKept, first);
      const bool even = in.leftInRun() >= n;  // one stride for the whole tile
      const int64_t start = in.in, step = q.nKept ? q.kept[q.nKept - 1].in : 0;
      if (!even)
        for (int64_t i = 0; i < n; i++, in.advance(1)) offsets[i] = in.in;
      r.clear(r, a, b, n);
      Walk w(q.reduced, q.nReduced, 0);
      for (int64_t i = 0; i < q.count;) {
        int k = 0;
        for (; k < ROWS && i + k < q.count; k++, w.advance(1)) {
          char* const to = buffer + k * GATHERED * r.itemsize;
          if (even)
            r.gather(to, q.at(start + w.in), step, n);
          else
            r.gatherAt(to, q.at(w.in), offsets, n);
        }
        r.columns(r, a, b, rows, k, n, i, i);
        i += k;
      }
      for (int64_t i = 0; i < n;) {
        const int64_t k = out.leftInRun() < n - i ? out.leftInRun() : n - i;
        q.store(out.out, q.nKept ? q.kept[q.nKept - 1].out : 0, a + i * r.sizeA, b + i * r.sizeB, k);
        out.advance(k);
        i += k;
      }
    }
  });
  return OK;
}

inline Status runReduction(const Command& c, const Operands& o, const Reducer& r) {
  Reduction q;
  q.r = r;
  if (const Status s = parse(c, o, q)) return s;
  if (!q.outputs) return OK;
  if (!q.count) {
    alignas(16) char a[8];
    alignas(16) char b[8];
    q.r.clear(q.r, a, b, 1);
    Walk w(q.kept, q.nKept, 0);
    for (int64_t o = 0; o < q.outputs; o++, w.advance(1)) q.store(w.out, 0, a, b, 1);
    return OK;
  }
  const bool runs = q.nReduced && q.reduced[q.nReduced - 1].in == 1 && q.reduced[q.nReduced - 1].size >= SHORT_RUN;
  // Columns pay where enough of them lie side by side, or where whole rows are contiguous and can be widened.
  bool columns = false;
  if (q.nKept && q.kept[q.nKept - 1].in == 1) {
    const int64_t width = q.kept[q.nKept - 1].size;
    const bool widens = q.nReduced == 1 && q.reduced[0].in == width && q.count >= 1024;
    columns = width >= SHORT_RUN || (width >= 4 && q.count >= SHORT_RUN) || widens;
  }
  if (!runs && columns) return reduceColumns(c, q);
  if (!runs && q.outputs >= 8 && q.count < SHORT_RUN) return reduceGathered(q);
  return reduceRows(c, q);
}

// What reductions with one accumulator share, unless they say otherwise: it starts at 0, is merged by +, and is the
// result.
template <class T_, class A_, class Out_ = T_>
struct OneAccumulator {
  using T = T_;
  using A = A_;
  using B = char;
  using Out = Out_;
  static constexpr bool HAS_B = false, ORDERED = false;
  static constexpr int OUT2_SIZE = 0;
  static void clear(A* a, char*, int64_t n) {
    for (int64_t i = 0; i < n; i++) a[i] = 0;
  }
  static void merge(const Reducer&, A* a, char*, const A* a2, const char*, int64_t n, int64_t, int64_t) {
    for (int64_t i = 0; i < n; i++) a[i] += a2[i];
  }
  static void store(const Reducer&, Out* out, void*, int64_t stride, const A* a, const char*, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i * stride] = static_cast<Out>(a[i]);
  }
};

template <class P, class Args>
Status reduction(const Command& c, const Args& a) {
  return runReduction(c, operandsOf(a), reducerOf<P>(a.param));
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
