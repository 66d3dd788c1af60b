// Strided, broadcast iteration of the elementwise ops: from a command to calls of a kernel's one-dimensional loop.
//
// Dims are sorted by the output's strides and merged where every operand allows it. What is left is walked in tiles of
// two dims: the innermost (t0 elements) and a second one (t1 rows), a tile being the unit of work. A tile is run
//   by rows   one call a row; an operand that is contiguous along the second dim instead of the first (a + b.t(), a
//             transposed copy) is first transposed into scratch, since walking it across its rows misses the cache at
//             every element: 1024x1024 float32 takes ten times as long;
//   dense     one call for the whole tile, operands that do not lie densely copied to (and from) scratch: for rows so
//             short that a call each would cost more than the copy ([N, 3] + [3]).
#include "map.h"
#include "decode.h"
#include "threads/threads.h"

namespace tenzo {
namespace {

constexpr int64_t PARALLEL_ABOVE = 32768;  // elements: below, waking a thread costs more than it saves
constexpr int64_t CHUNK = 16384;           // elements a thread claims at once
constexpr double MOST_SHARED = 1 << 30;
constexpr int64_t SHORT_ROW = 32;
constexpr int64_t DENSE_TILE = 2048;
// 256 rows of the transposed operand, 128 bytes of each: of the tiles tried on 1024x1024 float32 the fastest (64 by 64
// takes a tenth longer, 16 by 256 twice as long).
constexpr int64_t TRANSPOSE_ROWS = 256, TRANSPOSE_BYTES = 128;

struct Dim {
  int64_t size;
  int64_t stride[MAX_OPERANDS];  // bytes
};

struct Axis {  // of the walk over tiles
  int64_t count;
  int64_t step[MAX_OPERANDS];
};

struct Plan {
  MapLoop loop;
  int operands, dims;
  const int* item;
  int32_t* status;
  char* base[MAX_OPERANDS];
  Dim dim[MAX_DIMS + 1];
  int second;      // the tile's second dim
  int64_t t0, t1;  // elements and rows of a tile
  bool dense;
  bool packed[MAX_OPERANDS];
  Axis axis[MAX_DIMS + 1];
  int axes;
};

// ---- copies between a strided tile and a dense one

using V4 = uint32_t __attribute__((vector_size(16)));

inline V4 loadV4(const void* p) {
  V4 v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// dst[j][i] = src[i][j] for 4-byte elements; rows of dst are n0 long, rows of src lie s0 bytes apart.
void transpose32(uint32_t* dst, const char* src, int64_t s0, int64_t n0, int64_t n1) {
  int64_t i = 0;
  for (; i + 4 <= n0; i += 4) {
    const char* r = src + i * s0;
    uint32_t* d = dst + i;
    int64_t j = 0;
    for (; j + 4 <= n1; j += 4) {
      const V4 a = loadV4(r + j * 4), b = loadV4(r + s0 + j * 4), c = loadV4(r + 2 * s0 + j * 4),
               e = loadV4(r + 3 * s0 + j * 4);
      const V4 ab0 = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab1 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
      const V4 ce0 = __builtin_shufflevector(c, e, 0, 4, 1, 5), ce1 = __builtin_shufflevector(c, e, 2, 6, 3, 7);
      const V4 out[4] = {__builtin_shufflevector(ab0, ce0, 0, 1, 4, 5), __builtin_shufflevector(ab0, ce0, 2, 3, 6, 7),
                         __builtin_shufflevector(ab1, ce1, 0, 1, 4, 5), __builtin_shufflevector(ab1, ce1, 2, 3, 6, 7)};
      for (int q = 0; q < 4; q++) std::memcpy(d + (j + q) * n0, &out[q], 16);
    }
    for (; j < n1; j++)
      for (int q = 0; q < 4; q++) d[j * n0 + q] = *reinterpret_cast<const uint32_t*>(r + q * s0 + j * 4);
  }
  for (; i < n0; i++)
    for (int64_t j = 0; j < n1; j++) dst[j * n0 + i] = *reinterpret_cast<const uint32_t*>(src + i * s0 + j * 4);
}

template <class U>
void pack(U* dst, const char* src, int64_t s0, int64_t s1, int64_t n0, int64_t n1) {
  constexpr int64_t W = sizeof(U);
  if (s0 == W && n0 >= 16) {
    for (int64_t j = 0; j < n1; j++) std::memcpy(dst + j * n0, src + j * s1, static_cast<size_t>(n0 * W));
  } else if (s1 == W && W == 4) {
    transpose32(reinterpret_cast<uint32_t*>(dst), src, s0, n0, n1);
  } else if (s1 == W) {
    int64_t i = 0;
    for (; i + 8 <= n0; i += 8)  // eight rows at once, so that a line of dst is written whole
      for (int64_t j = 0; j < n1; j++)
        for (int64_t q = 0; q < 8; q++) dst[j * n0 + i + q] = *reinterpret_cast<const U*>(src + (i + q) * s0 + j * W);
    for (; i < n0; i++)
      for (int64_t j = 0; j < n1; j++) dst[j * n0 + i] = *reinterpret_cast<const U*>(src + i * s0 + j * W);
  } else if (n0 < n1) {
    for (int64_t i = 0; i < n0; i++)
      for (int64_t j = 0; j < n1; j++) dst[j * n0 + i] = *reinterpret_cast<const U*>(src + i * s0 + j * s1);
  } else {
    for (int64_t j = 0; j < n1; j++)
      for (int64_t i = 0; i < n0; i++) dst[j * n0 + i] = *reinterpret_cast<const U*>(src + i * s0 + j * s1);
  }
}

template <class U>
void unpack(char* dst, const U* src, int64_t s0, int64_t s1, int64_t n0, int64_t n1) {
  for (int64_t i = 0; i < n0; i++)
    for (int64_t j = 0; j < n1; j++) *reinterpret_cast<U*>(dst + i * s0 + j * s1) = src[j * n0 + i];
}

void packAny(int item, char* dst, const char* src, int64_t s0, int64_t s1, int64_t n0, int64_t n1) {
  switch (item) {
    case 1:
      return pack(reinterpret_cast<uint8_t*>(dst), src, s0, s1, n0, n1);
    case 2:
      return pack(reinterpret_cast<uint16_t*>(dst), src, s0, s1, n0, n1);
    case 4:
      return pack(reinterpret_cast<uint32_t*>(dst), src, s0, s1, n0, n1);
    default:
      return pack(reinterpret_cast<uint64_t*>(dst), src, s0, s1, n0, n1);
  }
}

void unpackAny(int item, char* dst, const char* src, int64_t s0, int64_t s1, int64_t n0, int64_t n1) {
  switch (item) {
    case 1:
      return unpack(dst, reinterpret_cast<const uint8_t*>(src), s0, s1, n0, n1);
    case 2:
      return unpack(dst, reinterpret_cast<const uint16_t*>(src), s0, s1, n0, n1);
    case 4:
      return unpack(dst, reinterpret_cast<const uint32_t*>(src), s0, s1, n0, n1);
    default:
      return unpack(dst, reinterpret_cast<const uint64_t*>(src), s0, s1, n0, n1);
  }
}

// ---- one tile

struct Tile {
  char* ptr[MAX_OPERANDS + 1];
  char* buffer[MAX_OPERANDS];
  const char* held[MAX_OPERANDS];  // what a buffer was last packed from: a broadcast operand is packed once
  int64_t heldWidth[MAX_OPERANDS], heldRows[MAX_OPERANDS];
};

bool holds(Tile& t, int k, int64_t n0, int64_t n1) {
  if (k == 0) return false;
  if (t.held[k] == t.ptr[k] && n0 == t.heldWidth[k] && n1 <= t.heldRows[k]) return true;
  t.held[k] = t.ptr[k];
  t.heldWidth[k] = n0;
  t.heldRows[k] = n1;
  return false;
}

void runRows(const Plan& p, Tile& t, int64_t n0, int64_t n1) {
  const Dim &d0 = p.dim[0], &d1 = p.dim[p.second];
  char* ptr[MAX_OPERANDS + 1];
  int64_t s0[MAX_OPERANDS + 1], s1[MAX_OPERANDS];
  for (int k = 0; k < p.operands; k++) {
    if (p.packed[k]) {
      if (!holds(t, k, n0, n1)) packAny(p.item[k], t.buffer[k], t.ptr[k], d0.stride[k], d1.stride[k], n0, n1);
      ptr[k] = t.buffer[k];
      s0[k] = p.item[k];
      s1[k] = n0 * p.item[k];
    } else {
      ptr[k] = t.ptr[k];
      s0[k] = d0.stride[k];
      s1[k] = d1.stride[k];
    }
  }
  ptr[p.operands] = reinterpret_cast<char*>(p.status);
  s0[p.operands] = 0;
  for (int64_t j = 0; j < n1; j++) {
    p.loop(ptr, s0, n0);
    for (int k = 0; k < p.operands; k++) ptr[k] += s1[k];
  }
}

void runDense(const Plan& p, Tile& t, int64_t n0, int64_t n1) {
  const Dim &d0 = p.dim[0], &d1 = p.dim[p.second];
  char* ptr[MAX_OPERANDS + 1];
  int64_t s[MAX_OPERANDS + 1];
  bool unpackOut = false;
  for (int k = 0; k < p.operands; k++) {
    const int64_t a = d0.stride[k], b = d1.stride[k];
    ptr[k] = t.ptr[k];
    s[k] = p.item[k];
    if (a == 0 && b == 0) {
      s[k] = 0;
    } else if (a != p.item[k] || b != n0 * a) {
      ptr[k] = t.buffer[k];
      if (k == 0)
        unpackOut = true;
      else if (!holds(t, k, n0, n1))
        packAny(p.item[k], t.buffer[k], t.ptr[k], a, b, n0, n1);
    }
  }
  ptr[p.operands] = reinterpret_cast<char*>(p.status);
  s[p.operands] = 0;
  p.loop(ptr, s, n0 * n1);
  if (unpackOut) unpackAny(p.item[0], t.ptr[0], t.buffer[0], d0.stride[0], d1.stride[0], n0, n1);
}

void runTiles(const Plan& p, int64_t begin, int64_t end) {
  Tile t;
  const size_t elements = static_cast<size_t>(p.t0 * p.t1);
  for (int k = 0; k < p.operands; k++) {
    t.ptr[k] = p.base[k];
    t.buffer[k] = nullptr;
    t.held[k] = nullptr;
    if (p.packed[k] || p.dense) {
      t.buffer[k] = static_cast<char*>(scratch(k, elements * static_cast<size_t>(p.item[k])));
      if (!t.buffer[k]) {
        __atomic_store_n(p.status, OUT_OF_MEMORY, __ATOMIC_RELAXED);
        return;
      }
    }
  }
  int64_t at[MAX_DIMS + 1];
  for (int64_t a = 0, rest = begin; a < p.axes; a++) {
    at[a] = rest % p.axis[a].count;
    rest /= p.axis[a].count;
    for (int k = 0; k < p.operands; k++) t.ptr[k] += at[a] * p.axis[a].step[k];
  }
  const int64_t size0 = p.dim[0].size, size1 = p.dim[p.second].size;
  for (int64_t unit = begin; unit < end; unit++) {
    const int64_t left0 = size0 - at[0] * p.t0, left1 = size1 - at[1] * p.t1;
    const int64_t n0 = left0 < p.t0 ? left0 : p.t0, n1 = left1 < p.t1 ? left1 : p.t1;
    if (p.dense)
      runDense(p, t, n0, n1);
    else
      runRows(p, t, n0, n1);
    for (int a = 0; a < p.axes; a++) {
      for (int k = 0; k < p.operands; k++) t.ptr[k] += p.axis[a].step[k];
      if (++at[a] < p.axis[a].count) break;
      for (int k = 0; k < p.operands; k++) t.ptr[k] -= at[a] * p.axis[a].step[k];
      at[a] = 0;
    }
  }
}

// ---- the plan

// Drops dims of size 1, sorts by the output's strides (innermost first), merges what all operands step through evenly.
int sortAndMerge(Dim* dim, int dims, int operands) {
  int n = 0;
  for (int i = 0; i < dims; i++) {
    if (dim[i].size == 1) continue;
    const Dim d = dim[i];
    int at = n++;
    for (; at > 0; at--) {
      bool before = false;
      for (int k = 0; k < operands; k++) {
        if (d.stride[k] == dim[at - 1].stride[k]) continue;
        before = d.stride[k] < dim[at - 1].stride[k];
        break;
      }
      if (!before) break;
      dim[at] = dim[at - 1];
    }
    dim[at] = d;
  }
  int merged = 0;
  for (int i = 1; i < n; i++) {
    bool even = true;
    for (int k = 0; k < operands; k++) even &= dim[i].stride[k] == dim[merged].stride[k] * dim[merged].size;
    if (even)
      dim[merged].size *= dim[i].size;
    else
      dim[++merged] = dim[i];
  }
  return n ? merged + 1 : 0;
}

void chooseTile(Plan& p) {
  const Dim& d0 = p.dim[0];
  p.second = 1;
  p.dense = d0.size < SHORT_ROW;
  for (int k = 0; k < p.operands; k++) p.packed[k] = false;
  if (p.dense) {
    if (d0.size * p.dim[1].size < 4 * SHORT_ROW)
      for (int i = 2; i < p.dims; i++)
        if (p.dim[i].size > p.dim[p.second].size) p.second = i;
    p.t0 = d0.size;
    p.t1 = DENSE_TILE / p.t0;
    return;
  }
  bool transposes = false;
  int width = 1;
  for (int k = 1; k < p.operands; k++) {
    if (d0.stride[k] <= p.item[k]) continue;
    if (!transposes)
      for (int i = 1; i < p.dims; i++)
        if (p.dim[i].stride[k] == p.item[k]) {
          p.second = i;
          width = p.item[k];
          transposes = true;
          break;
        }
    p.packed[k] = transposes && p.dim[p.second].stride[k] < d0.stride[k];
  }
  const int64_t widest = transposes ? TRANSPOSE_ROWS : CHUNK;
  p.t0 = d0.size < widest ? d0.size : widest;
  p.t1 = transposes ? TRANSPOSE_BYTES / width : CHUNK / p.t0;
}

void chooseAxes(Plan& p) {
  auto axis = [&](int dim, int64_t tile) {
    Axis& a = p.axis[p.axes++];
    a.count = (p.dim[dim].size + tile - 1) / tile;
    for (int k = 0; k < p.operands; k++) a.step[k] = p.dim[dim].stride[k] * tile;
  };
  p.axes = 0;
  axis(0, p.t0);
  axis(p.second, p.t1);
  for (int i = 1; i < p.dims; i++)
    if (i != p.second) axis(i, 1);
}

Status finish(const Command& c, int32_t status) {
  return status == OK ? OK : c.fail(static_cast<Status>(status), c.op);
}

Status runStrided(const Command& c, Plan& p, int64_t n) {
  p.dims = sortAndMerge(p.dim, p.dims, p.operands);
  if (p.dims < 2) {
    char* ptr[MAX_OPERANDS + 1];
    int64_t stride[MAX_OPERANDS + 1] = {};
    for (int k = 0; k < p.operands; k++) {
      ptr[k] = p.base[k];
      stride[k] = p.dims ? p.dim[0].stride[k] : p.item[k];
    }
    ptr[p.operands] = reinterpret_cast<char*>(p.status);
    if (n <= PARALLEL_ABOVE) {
      p.loop(ptr, stride, n);
    } else {
      parallelRange(n, CHUNK, [&](int64_t begin, int64_t end) {
        char* at[MAX_OPERANDS + 1];
        for (int k = 0; k <= p.operands; k++) at[k] = ptr[k] + begin * stride[k];
        p.loop(at, stride, end - begin);
      });
    }
    return finish(c, *p.status);
  }
  chooseTile(p);
  chooseAxes(p);
  int64_t units = 1;
  for (int a = 0; a < p.axes; a++) units *= p.axis[a].count;
  if (n <= PARALLEL_ABOVE) {
    runTiles(p, 0, units);
  } else {
    const int64_t mean = n / units;
    parallelRange(units, mean < CHUNK ? CHUNK / mean : 1, [&](int64_t begin, int64_t end) { runTiles(p, begin, end); });
  }
  return finish(c, *p.status);
}

// One dim of few elements, each operand side by side or one value: what most commands of a small network are. False: it
// is none of these, and the general way looks at it.
bool runFlat(const Command& c, MapLoop loop, int operands, const int* item, int numbers, Status& result) {
  const double *pointers = c.payload + 1, *size = pointers + 2 * operands, *strides = size + 1;
  const int64_t n = static_cast<int64_t>(*size);
  if (static_cast<double>(n) != *size || n <= 0) return false;
  char* ptr[MAX_OPERANDS + 1];
  int64_t step[MAX_OPERANDS + 1];
  int32_t status = OK;
  for (int k = 0; k < operands; k++) {
    const double address = pointers[2 * k], bytes = pointers[2 * k + 1];
    const bool one = strides[k] == 0;
    if (one ? k == 0 && n > 1 : strides[k] != 1) return false;
    if (address < 0) {  // a number of the command
      if (k == 0 || !one || !(-address >= numbers && -address < c.slots)) return false;
      ptr[k] = reinterpret_cast<char*>(const_cast<double*>(c.payload - static_cast<int>(address)));
    } else {
      if (!(address >= 1 && address <= EXACT && bytes <= EXACT &&
            static_cast<double>((one ? 1 : n) * item[k]) <= bytes))
        return false;
      ptr[k] = reinterpret_cast<char*>(static_cast<uintptr_t>(address));
    }
    step[k] = one ? 0 : item[k];
  }
  ptr[operands] = reinterpret_cast<char*>(&status);
  step[operands] = 0;
  loop(ptr, step, n);
  result = finish(c, status);
  return true;
}

}  // namespace

Status runMap(const Command& c, MapLoop loop, int operands, const int* item) {
  int dims;
  if (c.slots < 1 + 2 * operands || !rank(c.payload[0], dims)) return c.fail(BAD_COMMAND, c.op);
  const int numbers = 1 + 2 * operands + dims * (1 + operands);
  if (c.slots < numbers) return c.fail(BAD_COMMAND, c.op);
  const double *pointers = c.payload + 1, *sizes = pointers + 2 * operands, *strides = sizes + dims;
  Status result;
  if (dims == 1 && sizes[0] <= static_cast<double>(PARALLEL_ABOVE) && runFlat(c, loop, operands, item, numbers, result))
    return result;

  int64_t size[MAX_DIMS], stride[MAX_OPERANDS][MAX_DIMS];
  double count = 1;
  for (int i = 0; i < dims; i++)
    if (sizes[i] == 0) return OK;  // beside it the others may be absurd
  for (int i = 0; i < dims; i++) {
    if (!integer(sizes[i], 0, size[i])) return c.fail(BAD_COMMAND, c.op);
    bool shared = size[i] > 1;  // along this dim nothing moves: once is enough
    for (int k = 0; shared && k < operands; k++) shared = strides[k * dims + i] == 0;
    if (shared) size[i] = 1;
    count *= d(size[i]);
  }
  char* base[MAX_OPERANDS];
  for (int k = 0; k < operands; k++) {
    double last = 0;
    for (int i = 0; i < dims; i++) {
      stride[k][i] = 0;
      if (size[i] == 1) continue;  // a stride that is not taken may be anything
      if (!integer(strides[k * dims + i], 0, stride[k][i])) return c.fail(BAD_COMMAND, c.op);
      last += d(size[i] - 1) * strides[k * dims + i];
    }
    const double address = pointers[2 * k];
    if (address < 0) {  // a number of the command
      if (k == 0 || !(-address >= numbers && -address < c.slots) || last != 0) return c.fail(BAD_COMMAND, c.op);
      base[k] = reinterpret_cast<char*>(const_cast<double*>(c.payload + static_cast<int>(-address)));
    } else {
      // Elements that are written may share memory, within reason: what would never end is refused.
      if (k == 0 && last + 1 < count && count > MOST_SHARED) return c.fail(BAD_COMMAND, c.op);
      Memory m;
      if (!memory(pointers + 2 * k, (last + 1) * item[k], false, m)) return c.fail(BAD_COMMAND, c.op);
      base[k] = static_cast<char*>(m.at);
    }
  }

  const int64_t n = static_cast<int64_t>(count);
  int32_t status = OK;
  if (dims <= 1 && n <= PARALLEL_ABOVE) {
    char* ptr[MAX_OPERANDS + 1];
    int64_t step[MAX_OPERANDS + 1];
    for (int k = 0; k < operands; k++) {
      ptr[k] = base[k];
      step[k] = dims ? stride[k][0] * item[k] : item[k];
    }
    ptr[operands] = reinterpret_cast<char*>(&status);
    step[operands] = 0;
    loop(ptr, step, n);
    return finish(c, status);
  }
  Plan p;
  p.loop = loop;
  p.operands = operands;
  p.dims = dims;
  p.item = item;
  p.status = &status;
  for (int k = 0; k < operands; k++) {
    p.base[k] = base[k];
    for (int i = 0; i < dims; i++) p.dim[i].stride[k] = stride[k][i] * item[k];
  }
  for (int i = 0; i < dims; i++) p.dim[i].size = size[i];
  return runStrided(c, p, n);
}

}  // namespace tenzo
