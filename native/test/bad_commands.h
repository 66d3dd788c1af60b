// Commands as nobody should send them. Payloads are made at random from the tables of native/ops.def and then spoilt:
// any status will do, but nothing outside the memory that a command names may be touched, nothing may crash, and
// nothing may run on. What is told is true: behind each address are the bytes that the command says.
#pragma once
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string>

#include "check.h"
#include "command/generator.h"
#include "threads/threads.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif
#ifdef SANITIZED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) (void)0
#define ASAN_UNPOISON_MEMORY_REGION(at, size) (void)0
#endif

using namespace tenzo;

namespace {

#ifdef SANITIZED
constexpr double SLOW = 20;  // seconds of the CPU
#else
constexpr double SLOW = 2;
#endif

constexpr double NaN = NAN, INF = INFINITY;

// What decides: numbers of a seed or, while there are any, the bytes of a fuzzer's input.
struct Choices : Rng {
  const unsigned char* data = nullptr;
  size_t left = 0;
  uint64_t next() { return left ? take(8) : Rng::next(); }
  int64_t below(int64_t n) {
    return left ? static_cast<int64_t>((n <= 256 ? take(1) : take(8) >> 1) % static_cast<uint64_t>(n)) : Rng::below(n);
  }

 private:
  uint64_t take(int bytes) {
    uint64_t v = 0;
    for (; bytes && left; bytes--, left--) v = v << 8 | *data++;
    return v;
  }
};
Choices rng;

struct Case {
  int op, dtype, round;
} now;
void tell() {
  std::fprintf(stderr, "%s, dtype %d, round %d, at %s\n", OPS[now.op].name, now.dtype, now.round, levelName(level()));
}
void onSignal(int number) {
  tell();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

template <size_t N>
double oneOf(const double (&values)[N]) {
  return values[rng.below(N)];
}
bool chance(int percent) { return rng.below(100) < percent; }

// ---- memory with something that must not change on both sides

class Arena {
  static constexpr int64_t ROOM = 1 << 14, MARGIN = 256, BLOCKS = 12;
  static constexpr unsigned char GUARD = 0xa5;
  struct Block {
    std::vector<unsigned char> bytes;
    int64_t begin = 0, end = 0;
  };
  Block blocks[BLOCKS];
  int used = 0;
  std::vector<unsigned char> contents[DTYPE_COUNT], units[DTYPE_COUNT];  // units: floats of [0, 1)

 public:
  Arena() {
    for (Block& b : blocks) b.bytes.assign(ROOM + 2 * MARGIN, 0);
    for (int k = 0; k < DTYPE_COUNT; k++) {
      const DType t = static_cast<DType>(k);
      contents[t].resize(2 * ROOM);
      units[t].resize(2 * ROOM);
      for (size_t i = 0; i < 2 * ROOM; i += static_cast<size_t>(itemsize(t))) {
        store(t, &contents[t][i], false);
        store(t, &units[t][i], true);
      }
    }
  }
  // Up to ROOM bytes of plausible elements, or of noise; but a bool is 0 or 1.
  Memory take(DType t) {
    const int64_t bytes = chance(60)   ? ROOM - 8 * rng.below(8)
                          : chance(80) ? rng.below(600)
                          : chance(70) ? rng.below(ROOM)
                                       : 0;
    const bool own = t == BOOL || chance(75);
    const std::vector<unsigned char>& from =
        chance(40) ? units[t] : contents[own ? static_cast<int64_t>(t) : rng.below(DTYPE_COUNT)];
    return filled(&from[static_cast<size_t>(8 * rng.below(ROOM / 8))], bytes);
  }
  Memory takeGenerator() {
    GeneratorState g = {};
    g.left = 1, g.seeded = 1;
    for (uint64_t& w : g.words) w = rng.next() >> 32;
    if (chance(50)) {
      g.next = static_cast<uint64_t>(rng.below(MT_WORDS));
      g.left = static_cast<int32_t>(MT_WORDS - static_cast<int64_t>(g.next) + 1 - rng.below(2));
    }
    if (chance(50)) g.hasNextNormal = static_cast<int32_t>(rng.next());
    if (chance(10)) std::memset(g.words, 0, sizeof g.words);
    if (chance(30)) g.left = static_cast<int32_t>(chance(50) ? rng.below(700) : rng.next());
    if (chance(30)) g.next = chance(50) ? static_cast<uint64_t>(rng.below(700)) : rng.next();
    if (chance(20))
      for (size_t i = 0; i < sizeof g; i++)
        reinterpret_cast<unsigned char*>(&g)[i] = static_cast<unsigned char>(rng.next() >> 20);
    const int64_t size = sizeof g;
    return filled(reinterpret_cast<const unsigned char*>(&g), chance(80) ? size : rng.below(size));
  }
  bool intact() const {
    for (int k = 0; k < used; k++) {
      const Block& b = blocks[k];
      ASAN_UNPOISON_MEMORY_REGION(b.bytes.data(), b.bytes.size());
      for (int64_t i = b.begin - MARGIN; i < b.begin; i++)
        if (b.bytes[static_cast<size_t>(i)] != GUARD) return false;
      for (int64_t i = b.end; i < b.end + MARGIN; i++)
        if (b.bytes[static_cast<size_t>(i)] != GUARD) return false;
    }
    return true;
  }
  void reset() { used = 0; }
  bool full() const { return used == BLOCKS; }

 private:
  Memory filled(const unsigned char* from, int64_t bytes) {
    Block& b = blocks[used++];
    b.begin = MARGIN + 8 * (chance(50) ? 0 : rng.below((ROOM - bytes) / 8 < 8 ? (ROOM - bytes) / 8 + 1 : 8));
    b.end = b.begin + bytes;
    unsigned char* const at = b.bytes.data();
    std::memset(at + b.begin - MARGIN, GUARD, MARGIN);
    std::memset(at + b.end, GUARD, MARGIN);
    if (bytes) std::memcpy(at + b.begin, from, static_cast<size_t>(bytes));
    ASAN_POISON_MEMORY_REGION(at, b.begin);
    ASAN_POISON_MEMORY_REGION(at + b.end, static_cast<int64_t>(b.bytes.size()) - b.end);
    return {at + b.begin, bytes};
  }
  // Small numbers for the most part: they are what indices, labels and lengths may be.
  static void store(DType t, unsigned char* to, bool unit) {
    const uint64_t bits = rng.next();
    if (!unit && chance(3)) {
      std::memcpy(to, &bits, static_cast<size_t>(itemsize(t)));
      if (t == BOOL) *to &= 1;
    } else if (t == F32) {
      const float v = static_cast<float>(unit || chance(50) ? rng.uniform() : rng.normal() * 3);
      std::memcpy(to, &v, 4);
    } else if (t == F64) {
      const double v = unit || chance(50) ? rng.uniform() : rng.normal() * 3;
      std::memcpy(to, &v, 8);
    } else if (t == F16 || t == BF16) {
      const uint16_t v = static_cast<uint16_t>((t == F16 ? 0x3000 : 0x3e00) + rng.below(t == F16 ? 0xc00 : 0x180));
      std::memcpy(to, &v, 2);
    } else {
      const int64_t v = t == BOOL ? rng.below(2) : unit || chance(90) ? rng.below(3) : rng.below(40) - 20;
      std::memcpy(to, &v, static_cast<size_t>(itemsize(t)));
    }
  }
};
Arena arena;

// ---- payloads

enum SlotUse : uint8_t { PLAIN, ADDRESS, BYTES, LAYOUT, SPOILT };
struct Payload {
  std::vector<double> slots;
  std::vector<SlotUse> use;
  std::vector<int64_t> sizes;
  int vectorsAt = 0, vectors = 0, indicesAt = 0, indices = 0, indexFixed = 0;

  void resize(int n) {
    slots.resize(static_cast<size_t>(n), 0);
    use.resize(static_cast<size_t>(n), PLAIN);
  }
  double& operator[](int i) { return slots[static_cast<size_t>(i)]; }
  int size() const { return static_cast<int>(slots.size()); }
  int ndim() const { return static_cast<int>(sizes.size()); }
  void put(int at, const Memory& m) {
    (*this)[at] = slot(m.at), (*this)[at + 1] = static_cast<double>(m.bytes);
    use[static_cast<size_t>(at)] = ADDRESS, use[static_cast<size_t>(at) + 1] = BYTES;
  }
  void append(const std::vector<int64_t>& v) {
    for (const int64_t x : v) slots.push_back(static_cast<double>(x)), use.push_back(PLAIN);
  }
};

int64_t smallSize() { return chance(4) ? 0 : chance(45) ? 1 : chance(90) ? 1 + rng.below(4) : rng.below(30); }

std::vector<int64_t> someSizes() {
  std::vector<int64_t> s(static_cast<size_t>(chance(97) ? rng.below(5) : MAX_DIMS));
  for (int64_t& n : s) n = s.size() > 5 && chance(95) ? 1 : smallSize();
  return s;
}
std::vector<int64_t> someStrides(const std::vector<int64_t>& sizes, bool mayStay) {
  std::vector<int64_t> s(sizes.size());
  int64_t step = 1;
  const bool forwards = chance(25), random = chance(15);
  for (size_t i = 0; i < s.size(); i++) {
    const size_t d = forwards ? i : s.size() - 1 - i;
    const bool stays = mayStay && chance(25);
    s[d] = random ? rng.below(6) : stays ? 0 : step;
    if (!stays) step *= sizes[d] + chance(5);
  }
  return s;
}

double someReal() {
  static const double values[] = {0, 1, 1, 1, 2, 0.5, 0.5, 0.1, 0.9, -1, -0.5, 3, 1e-5, NaN, INF, -INF, 1e300, -1e300};
  return oneOf(values);
}
double someNumber(DType t) {
  if (t == F32 || t == F64 || t == F16 || t == BF16) return someReal();
  const int64_t v = chance(80) ? rng.below(20) - 5 : static_cast<int64_t>(rng.next());
  double bits;
  std::memcpy(&bits, &v, sizeof bits);
  return bits;
}

Memory someMemory(const SlotInfo& s, DType t, DType t2) {
  if (arena.full() || (s.optional && chance(40))) return {};
  if (s.element == OF_GENERATOR) return arena.takeGenerator();
  return arena.take(s.element == OF_T ? t : s.element == OF_T2 ? t2 : static_cast<DType>(s.element));
}

// What a number of this name has to fit to, more often than chance would have it.
void fit(const SchemaInfo& schema, Payload& p) {
  const auto at = [&](const char* name) -> double* {
    for (int i = 0; i < schema.count; i++) {
      const SlotInfo& s = schema.slots[i];
      if (s.at >= 0 && s.kind != POINTER && !std::strcmp(s.name, name)) return &p[s.at];
    }
    return nullptr;
  };
  if (chance(20)) return;
  if (double* groups = at("groups")) *groups = chance(70) ? 1 : 2;
  if (double* reduction = at("reduction")) {
    *reduction = static_cast<double>(rng.below(3));
    *at("losses") = *reduction == 0 ? *at("n") * *at("s") : 1;
  }
  if (double* p = at("p")) *p = rng.uniform();
  if (double* mode = at("mode")) *mode = static_cast<double>(rng.below(5));
  if (double* capacity = at("capacity")) *capacity = static_cast<double>(rng.below(200));
  if (double* length = at("length")) *length = static_cast<double>(rng.below(200));
  if (double* step = at("rowStep")) *step = chance(50) ? *at("m") : 0;
  if (double* blank = at("blank")) {
    *blank = 0;
    *at("t") += 2;
    *at("targetStride") = chance(50) ? -1 : *at("s");
    *at("labels") = *at("n") * *at("s");
  }
}

Payload handlerPayload(const SchemaInfo& schema, DType t, DType t2) {
  Payload p;
  p.vectors = schema.vectors, p.vectorsAt = schema.fixed, p.indexFixed = schema.indexFixed;
  if (p.vectors) p.sizes = someSizes();
  if (schema.indexCount) p.indices = static_cast<int>(chance(95) ? rng.below(4) : 0);
  p.resize(schema.fixed);
  for (int i = 0; i < schema.count; i++) {
    const SlotInfo& s = schema.slots[i];
    for (int k = 0; k < s.length; k++) {
      const int at = s.at + k;
      switch (s.kind) {
        case POINTER:
          p.put(at, someMemory(s, t, t2));
          break;
        case INT:
          p[at] = static_cast<double>(smallSize());
          break;
        case SIGNED:
          p[at] = static_cast<double>(rng.below(5) - 2);
          break;
        case REAL:
          p[at] = someReal();
          break;
        case NUMBER:
          p[at] = someNumber(t);
          break;
        case BITS:
          p[at] = someNumber(I64);
          break;
        case FLAG:
          p[at] = chance(50);
          break;
        case RANK:
          p[at] = p.ndim();
          p.use[static_cast<size_t>(at)] = LAYOUT;
          break;
        case AXIS:
          p[at] = p.ndim() ? static_cast<double>(rng.below(p.ndim())) : 0;
          break;
        case LIST:
          p[at] = p.indices;
          p.use[static_cast<size_t>(at)] = LAYOUT;
          break;
        case VECTOR:
          break;
      }
    }
  }
  const bool reduces = !std::strncmp(schema.name, "REDUCE", 6);
  std::vector<int64_t> flags(p.sizes.size());
  for (int64_t& f : flags) f = chance(50);
  for (int i = 0; i < schema.count; i++) {
    const SlotInfo& s = schema.slots[i];
    if (s.kind != VECTOR) continue;
    const bool ofOut = !std::strcmp(s.name, "outStrides");
    if (!std::strcmp(s.name, "sizes")) {
      p.append(p.sizes);
    } else if (!std::strcmp(s.name, "reduced")) {
      p.append(flags);
    } else if (ofOut && reduces && chance(90)) {
      std::vector<int64_t> kept = p.sizes;
      for (size_t d = 0; d < kept.size(); d++) kept[d] = flags[d] ? 1 : kept[d];
      std::vector<int64_t> strides = someStrides(kept, false);
      for (size_t d = 0; d < kept.size(); d++) strides[d] = flags[d] ? 0 : strides[d];
      p.append(strides);
    } else {
      p.append(someStrides(p.sizes, !ofOut));
    }
  }
  p.indicesAt = p.size();
  for (int k = 0; k < p.indices; k++) {
    const int at = p.size();
    p.resize(at + schema.indexFixed);
    for (int i = 0; i < schema.indexCount; i++) {
      const SlotInfo& s = schema.index[i];
      if (s.kind == POINTER) p.put(at + s.at, someMemory(s, t, t2));
      if (s.kind == INT) p[at + s.at] = static_cast<double>(smallSize());
      if (s.kind == VECTOR) p.append(someStrides(p.sizes, true));
    }
  }
  fit(schema, p);
  return p;
}

Payload mapPayload(const SchemaInfo& schema, DType t, DType t2) {
  Payload p;
  p.sizes = someSizes();
  p.vectors = 1 + schema.count, p.vectorsAt = schema.fixed;
  p.resize(schema.fixed);
  p[0] = p.ndim();
  p.use[0] = LAYOUT;
  p.append(p.sizes);
  std::vector<int> numbers;
  for (int i = 0; i < schema.count; i++) {
    const bool number = i > 0 && chance(25);
    if (number)
      numbers.push_back(schema.slots[i].at);
    else
      p.put(schema.slots[i].at, someMemory(schema.slots[i], t, t2));
    p.append(number ? std::vector<int64_t>(p.sizes.size(), 0) : someStrides(p.sizes, i > 0));
  }
  for (const int at : numbers) {
    p[at] = -p.size();
    p.use[static_cast<size_t>(at)] = ADDRESS;
    p.append({0});
    p.slots.back() = someNumber(t);
  }
  return p;
}

// ---- spoiling them

constexpr double TWO31 = 2147483648.0, TWO40 = 1099511627776.0, TWO53 = 9007199254740992.0;

void spoil(Payload& p, const SchemaInfo& schema) {
  static const double anything[] = {NaN,       -1,    0.5,       1e300, -1e300,    TWO53,  TWO53 - 1,   -TWO53, TWO31,
                                    TWO31 - 1, TWO40, TWO40 + 1, 65,    INT32_MIN, INF,    -INF,        0,      1,
                                    2,         3,     7,         1e15,  1e9,       100000, 4294967296.0};
  // Never an address that could be one, or more bytes than there are.
  static const double noAddress[] = {0, 0, NaN, -1, 0.5, -5, -9, -20, 1e300, INF, -INF, -TWO40};
  static const double noBytes[] = {0, 1, 3, NaN, -1, 0.5, 1e300, INF, -TWO53};
  for (int64_t k = chance(25) ? 0 : chance(70) ? 1 : 1 + rng.below(3); k > 0 && p.size(); k--) {
    const int at = static_cast<int>(rng.below(p.size()));
    switch (p.use[static_cast<size_t>(at)]) {
      case PLAIN:
        p[at] = oneOf(anything);
        break;
      case ADDRESS:
        p[at] = oneOf(noAddress);
        break;
      case BYTES:
        if (const double v = chance(50) ? std::floor(p[at] / 2) : oneOf(noBytes); !(v > p[at] && v < TWO53)) p[at] = v;
        p.use[static_cast<size_t>(at)] = SPOILT;  // what is smaller is still true, but only once
        break;
      case SPOILT:
        break;
      case LAYOUT: {  // what follows would be read as something else, addresses too, if another slot told the same lie
        const double before = p[at];
        p[at] = oneOf(anything);
        if (p.indices && p[at] != before) return;
        break;
      }
    }
  }
  // A dim so large may be walked without moving, and that would go on for long: it is what was asked for.
  for (int d = 0; d < p.ndim(); d++) {
    if (!(p[p.vectorsAt + d] > 1e4)) continue;
    for (int v = 1; v < p.vectors; v++)
      if (p[p.vectorsAt + v * p.ndim() + d] == 0) p[p.vectorsAt + v * p.ndim() + d] = 1;
    for (int k = 0; k < p.indices; k++)
      if (double& step = p[p.indicesAt + k * (p.indexFixed + p.ndim()) + p.indexFixed + d]; step == 0) step = 1;
  }
  if (!std::strcmp(schema.name, "MATMUL"))
    for (int i = 0; i < schema.count; i++)
      if (schema.slots[i].kind == INT && p[schema.slots[i].at] > 1e6)
        for (int j = 4; j < schema.count; j++)
          if (schema.slots[j].kind == INT && p[schema.slots[j].at] == 0) p[schema.slots[j].at] = 1;
  if (chance(6)) {
    const double fill[] = {0, NaN, -1, 0.5};
    const int64_t n = rng.below(5) + 1;
    if (chance(50))
      for (int64_t i = 0; i < n; i++) p.slots.push_back(oneOf(fill));
    else
      p.slots.resize(static_cast<size_t>(p.size() > n ? p.size() - n : 0));
  }
}

// A case that `rng` makes up.
Status runCase(Op op, DType t, int round = 0) {
  now = {op, t, round};
  arena.reset();
  const SchemaInfo& schema = SCHEMAS[OPS[op].schema];
  static const double indexTypes[] = {I64, I32}, floatTypes[] = {F32, F64, F16, BF16};
  DType t2 = static_cast<DType>(rng.below(DTYPE_COUNT));
  if (OPS[op].schema != SCHEMA_CAST && chance(80))
    t2 = static_cast<DType>(OPS[op].schema == SCHEMA_RANDOM_BERNOULLI_TENSOR ? oneOf(floatTypes) : oneOf(indexTypes));
  Payload p = schema.map ? mapPayload(schema, t, t2) : handlerPayload(schema, t, t2);
  spoil(p, schema);

  std::vector<double> buffer(HEADER_SLOTS, 0);
  for (const double v : {double(op), double(t), double(t2), double(p.size())}) buffer.push_back(v);
  buffer.insert(buffer.end(), p.slots.begin(), p.slots.end());
  buffer[0] = static_cast<double>(buffer.size());
  if (chance(3)) {  // a bad head: none of these is an operation, a dtype, or a length
    static const double bad[] = {NaN, -1, 0.5, 1e300, 1e9, 256, 511.5, TWO53, TWO40, -INF};
    const int64_t k = rng.below(5);
    buffer[static_cast<size_t>(k == 4 ? 0 : HEADER_SLOTS + k)] = oneOf(bad) + (k == 3 ? 1e6 : 0);
  }
  const std::clock_t start = std::clock();
  const Status s = runBuffer(buffer.data(), static_cast<int64_t>(buffer.size()));
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  CHECK(seconds < SLOW, "%s dtype %d round %d takes %.1f s", OPS[op].name, t, round, seconds);
  CHECK(arena.intact(), "%s dtype %d round %d wrote outside (status %d)", OPS[op].name, t, round, s);
  CHECK(s >= OK && s <= OUT_OF_MEMORY);
  return s;
}

// To be called once, before the first case.
void start() {
#ifdef SANITIZED
  __sanitizer_set_death_callback(tell);
#else
  for (const int s : {SIGSEGV, SIGFPE, SIGBUS, SIGABRT}) std::signal(s, onSignal);
#endif
  setNumThreads(2);
}

}  // namespace

#ifdef SANITIZED
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}
#endif
