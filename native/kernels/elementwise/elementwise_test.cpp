// Every elementwise op of ops.def, at every level: against plain double and int64 arithmetic, and to the bit against
// itself for every count up to past two vectors, start, stride, thread count and level with fused multiply-add.
#include <cmath>
#include <limits>

#include "reference.h"
#include "test/check.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

bool isFloat(DType t) { return t == F32 || t == F64; }

double read(const char* p, DType t) {
  switch (t) {
    case F32: {
      float x;
      std::memcpy(&x, p, 4);
      return x;
    }
    case F64: {
      double x;
      std::memcpy(&x, p, 8);
      return x;
    }
    case I64: {
      int64_t x;
      std::memcpy(&x, p, 8);
      return static_cast<double>(x);
    }
    case I32: {
      int32_t x;
      std::memcpy(&x, p, 4);
      return x;
    }
    case I16: {
      int16_t x;
      std::memcpy(&x, p, 2);
      return x;
    }
    case I8:
      return static_cast<int8_t>(*p);
    default:
      return static_cast<uint8_t>(*p);
  }
}

void write(char* p, DType t, double v) {
  switch (t) {
    case F32: {
      const float x = static_cast<float>(v);
      std::memcpy(p, &x, 4);
      return;
    }
    case F64:
      std::memcpy(p, &v, 8);
      return;
    default: {
      const int64_t x = static_cast<int64_t>(v);
      std::memcpy(p, &x, static_cast<size_t>(itemsize(t)));  // little endian
    }
  }
}

// An integer result wrapped to its type.
double wrap(int64_t v, DType t) {
  char b[8];
  std::memcpy(b, &v, 8);
  return read(b, t);
}

// ---- one op, one dtype

struct Shape {
  int inputs;
  DType out;
  DType in[3];
};
Shape shapeOf(const OpInfo& info, DType t) {
  switch (info.schema) {
    case SCHEMA_UNARY:
      return {1, t, {t, t, t}};
    case SCHEMA_BINARY:
      return {2, t, {t, t, t}};
    case SCHEMA_TERNARY:
      return {3, t, {t, t, t}};
    case SCHEMA_COMPARE:
      return {2, BOOL, {t, t, t}};
    case SCHEMA_PREDICATE:
      return {1, BOOL, {t, t, t}};
    case SCHEMA_WHERE:
      return {3, t, {BOOL, t, t}};
    default:
      return {0, t, {t, t, t}};
  }
}
bool divides(Op op) { return op == OP_floor_divide || op == OP_trunc_divide || op == OP_remainder || op == OP_fmod; }
bool isTest(const OpInfo& info) { return info.schema == SCHEMA_COMPARE || info.schema == SCHEMA_PREDICATE; }

double sample(Rng& rng, Op op, DType t, int operand, int64_t i) {
  if (t == BOOL) return static_cast<double>(rng.below(2));
  if (isFloat(t)) {
    static const double special[] = {0.0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, 21, -21};
    static const double extreme[] = {INF, -INF, NaN, 1e30, -1e30, 1e-40};
    const bool parameter = (op == OP_elu || op == OP_celu || op == OP_hardshrink || op == OP_softshrink) ? operand == 1
                           : op == OP_elu_backward || op == OP_celu_backward || op == OP_shrink_backward ? operand == 2
                                                                                                         : false;
    if (parameter) return 0.25 + static_cast<double>(rng.below(8)) / 8;
    const bool exact = isTest(OPS[op]) || op == OP_add || op == OP_sub || op == OP_mul || op == OP_div ||
                       op == OP_abs || op == OP_neg || op == OP_sign || op == OP_maximum || op == OP_minimum ||
                       op == OP_sqrt || op == OP_exp || op == OP_log || op == OP_tanh || op == OP_relu;
    if (exact && i % 5 == 1) return static_cast<float>(extreme[rng.below(6)]);
    if (i % 3 == 0) return special[rng.below(11)];
    return static_cast<float>(rng.normal() * (rng.below(3) ? 1.5 : 6));
  }
  const int64_t low = t == U8 ? 0 : -12;
  int64_t v = low + rng.below(25);
  if (op == OP_pow && operand == 1 && v > 9) v = 9;
  if (op == OP_add || op == OP_sub || op == OP_abs || op == OP_neg || isTest(OPS[op]))
    if (i % 7 == 3) v = t == U8 ? 255 : t == I8 ? -128 : t == I16 ? -32768 : v;
  if (divides(op) && operand == 1 && v == 0) v = 3;
  return static_cast<double>(v);
}

// Computed by the C library (a NaN's sign by the CPU), so the same at every level of a machine but not on every
// machine.
bool byLibrary(Op op, DType t) {
  switch (op) {
    case OP_lgamma:
    case OP_digamma:
    case OP_i0:
    case OP_i0e:
    case OP_i1:
    case OP_i1e:
    case OP_erfcx:
    case OP_log_ndtr:
    case OP_ndtri:
    case OP_zeta:
    case OP_igamma:
    case OP_igammac:
      return true;
    default:
      break;
  }
  return (t == F64 && (op == OP_pow || op == OP_hypot));
}

// A strided operand inside a block of canary bytes.
struct Block {
  std::vector<char> bytes;
  int64_t offset, stride, elements;
  DType type;
  Block(DType t, int64_t n, int64_t start, int64_t step) : stride(step), type(t) {
    offset = (8 + start) * itemsize(t);
    elements = step ? (n ? (n - 1) * step + 1 : 0) : 1;
    bytes.assign(static_cast<size_t>(offset + (elements + 8) * itemsize(t)), static_cast<char>(0xff));
  }
  char* at(int64_t i) { return bytes.data() + offset + i * stride * itemsize(type); }
  Memory memory() { return {at(0), elements * itemsize(type)}; }
  bool cleanOutside(int64_t n) const {
    const int w = itemsize(type);
    for (int64_t i = 0; i < static_cast<int64_t>(bytes.size()); i++) {
      const int64_t e = i - offset;
      const bool inside = e >= 0 && e < elements * w && n && (stride == 0 ? e < w : (e / w) % stride == 0);
      if (!inside && bytes[static_cast<size_t>(i)] != static_cast<char>(0xff)) return false;
    }
    return true;
  }
};

constexpr int64_t MOST = 300;

// What the float64 kernel makes of the samples: an operation that is one expression is right in float32 if it is in
// float64, which the tests in TypeScript hold against PyTorch or what the operation equals.
std::vector<double> inDoubles(Op op, DType t, const std::vector<double>* values, int inputs) {
  std::vector<double> out(MOST);
  if (!isFloat(t) || !(OPS[op].dtypes >> F64 & 1)) return out;
  std::vector<std::vector<double>> in(static_cast<size_t>(inputs));
  std::vector<Memory> operands{{out.data(), MOST * 8}};
  std::vector<std::vector<int64_t>> strides{{1}};
  for (int k = 0; k < inputs; k++) {
    std::vector<double>& v = in[static_cast<size_t>(k)];
    for (double x : values[k]) v.push_back(t == F32 ? static_cast<float>(x) : x);
    operands.push_back({v.data(), MOST * 8});
    strides.push_back({1});
  }
  CHECK(send(op, F64, elementwise(operands, {MOST}, strides)) == OK, "%s", OPS[op].name);
  return out;
}

void testOp(Op op, DType t, std::vector<char>& bitsOfFused) {
  const OpInfo& info = OPS[op];
  const Shape s = shapeOf(info, t);
  const int w = itemsize(s.out);
  Rng rng;
  std::vector<double> values[3];
  for (int k = 0; k < s.inputs; k++)
    for (int64_t i = 0; i < MOST; i++) values[k].push_back(sample(rng, op, s.in[k], k, i));

  auto run = [&](int64_t n, int64_t start, int64_t outStep, const int64_t* steps, std::vector<char>& result) {
    Block out(s.out, n, start, outStep);
    std::vector<Block> in;
    std::vector<Memory> operands{out.memory()};
    std::vector<std::vector<int64_t>> strides{{outStep}};
    for (int k = 0; k < s.inputs; k++) {
      in.emplace_back(s.in[k], n, start + k, steps[k]);
      for (int64_t i = 0; i < n; i++) write(in[k].at(i), s.in[k], values[k][static_cast<size_t>(steps[k] ? i : 0)]);
      operands.push_back(in[k].memory());
      strides.push_back({steps[k]});
    }
    CHECK(send(op, t, elementwise(operands, {n}, strides)) == OK, "%s %d", info.name, t);
    CHECK(out.cleanOutside(n), "%s dtype %d n %d start %d step %d", info.name, t, int(n), int(start), int(outStep));
    result.clear();
    for (int64_t i = 0; i < n; i++) result.insert(result.end(), out.at(i), out.at(i) + w);
  };

  const int64_t ones[] = {1, 1, 1}, mixed[] = {2, 1, 3}, others[] = {1, 3, 2};
  std::vector<char> whole, part;
  run(MOST, 0, 1, ones, whole);
  const std::vector<double> wide = inDoubles(op, t, values, s.inputs);
  for (int64_t i = 0; i < MOST; i++) {
    double v[3] = {0, 0, 0};
    char b[8];
    for (int k = 0; k < s.inputs; k++) {
      write(b, s.in[k], values[k][static_cast<size_t>(i)]);
      v[k] = read(b, s.in[k]);
    }
    const double got = read(whole.data() + i * w, s.out);
    double want;
    if (isFloat(t) || isTest(info)) {
      want = floating(op, v[0], v[1], v[2]);
      if (want == NO_REFERENCE) want = wide[static_cast<size_t>(i)];
    } else
      want = wrap(integral(op, int64_t(v[0]), int64_t(v[1]), int64_t(v[2]), t), t);
    if (op == OP_nextafter) want = t == F32 ? std::nextafterf(float(v[0]), float(v[1])) : std::nextafter(v[0], v[1]);
    if (op == OP_pow_scalar) continue;  // below, with one exponent
    if (t == F32 && isFloat(s.out)) want = static_cast<float>(want);
    const double scale = std::fabs(v[0]) + std::fabs(v[1]) + std::fabs(v[2]) + std::fabs(want);
    const double slack = isFloat(s.out) ? (t == F32 ? 2e-6 : 4e-15) * (scale < 1e30 ? scale : std::fabs(want)) : 0;
    const bool same = got == want || (std::isnan(got) && std::isnan(want)) || std::fabs(got - want) <= slack;
    CHECK(same, "%s dtype %d (%.9g, %.9g, %.9g) = %.9g, not %.9g", info.name, t, v[0], v[1], v[2], got, want);
  }

  // The same bits for any count, start and stride.
  auto compare = [&](int64_t n, int64_t start, int64_t step, const int64_t* steps, const std::vector<char>& expected) {
    run(n, start, step, steps, part);
    CHECK(!n || !std::memcmp(part.data(), expected.data(), static_cast<size_t>(n * w)),
          "%s dtype %d n %d start %d step %d,%d", info.name, t, int(n), int(start), int(step), int(steps[0]));
  };
  if (op != OP_pow_scalar) {
    for (int64_t n = 0; n <= 35; n++) compare(n, n % 4, 1, ones, whole);
    for (int64_t n : {1, 5, 17, 33, 257, 300}) {
      compare(n, 1, 2, ones, whole);
      compare(n, 3, 1, mixed, whole);
      compare(n, 2, 3, others, whole);
    }
    for (int scalar = 0; scalar < s.inputs; scalar++) {
      int64_t steps[] = {1, 1, 1};
      steps[scalar] = 0;
      std::vector<double> kept = values[scalar];
      for (double& v : values[scalar]) v = kept[0];
      std::vector<char> filled;
      run(MOST, 0, 1, ones, filled);
      for (int64_t n : {1, 7, 20, 300}) compare(n, 1, 1, steps, filled);
      values[scalar] = kept;
    }
  }
  // Levels that fuse give the same bits.
  if (!tenzo::fused(level()) || op == OP_pow_scalar) return;
  if (bitsOfFused.empty()) {
    bitsOfFused = whole;
    for (int64_t i = 0; i < MOST && !byLibrary(op, t); i++)
      if (!std::isnan(read(whole.data() + i * w, s.out))) noteBits(whole.data() + i * w, static_cast<size_t>(w));
  } else {
    CHECK(bitsOfFused == whole, "%s dtype %d differs between levels", info.name, t);
  }
}

void testOps() {
  std::vector<std::vector<char>> fused(static_cast<size_t>(OP_COUNT) * DTYPE_COUNT);
  eachLevel([&](Level) {
    for (int op = 0; op < OP_COUNT; op++) {
      if (!isMap(OPS[op].schema) || OPS[op].schema == SCHEMA_CAST) continue;
      for (int t = 0; t < DTYPE_COUNT; t++)
        if (kernels().table[op][t] && t != F16 && t != BF16)
          testOp(static_cast<Op>(op), static_cast<DType>(t), fused[static_cast<size_t>(op * DTYPE_COUNT + t)]);
    }
  });
}

// ---- number exponents, division by zero

void testScalarPower() {
  eachLevel([&](Level) {
    for (double e : {0.0, 1.0, 2.0, 3.0, 0.5, -0.5, -1.0, -2.0, 1.5, -3.0}) {
      std::vector<double> a, out(50);
      for (int i = 0; i < 50; i++) a.push_back(i == 7 ? -INF : i == 8 ? -0.0 : 0.1 * i - 1);
      // The exponent lies in the command, where its address says: minus the slot.
      std::vector<double> p = elementwise({::out(out), in(a), Memory{}}, {50}, {{1}, {1}, {0}});
      p[5] = -static_cast<double>(p.size());
      p.push_back(e);
      CHECK(send(OP_pow_scalar, F64, p) == OK);
      for (int i = 0; i < 50; i++) {
        const double want = e == 0.5 ? std::sqrt(a[i]) : e == -0.5 ? 1 / std::sqrt(a[i]) : std::pow(a[i], e);
        CHECK(out[i] == want || (std::isnan(out[i]) && std::isnan(want)) ||
                  std::fabs(out[i] - want) <= 1e-14 * std::fabs(want),
              "%g ^ %g = %g", a[i], e, out[i]);
      }
    }
  });
}

void testDivisionByZero() {
  eachLevel([&](Level) {
    std::vector<int32_t> a(100000, 7), b(100000, 2), out(100000);
    b[77777] = 0;
    for (Op op : {OP_floor_divide, OP_trunc_divide, OP_remainder, OP_fmod})
      CHECK(send(op, I32, elementwise({::out(out), in(a), in(b)}, 100000)) == DIVISION_BY_ZERO, "%s", OPS[op].name);
    const int64_t low = std::numeric_limits<int64_t>::min(), minus = -1;
    int64_t result;
    for (Op op : {OP_floor_divide, OP_trunc_divide, OP_remainder, OP_fmod}) {
      CHECK(send(op, I64, elementwise({::out(&result, 1), in(&low, 1), in(&minus, 1)}, {}, {{}, {}, {}})) == OK);
      CHECK(result == (op == OP_floor_divide || op == OP_trunc_divide ? low : 0));
    }
  });
}

// ---- bools of any byte

// The same results as of the bytes 0 and 1, and never another byte.
void testBoolBytes() {
  constexpr int N = 300;
  Rng bytes;
  std::vector<uint8_t> a(N), b(N), plainA(N), plainB(N), got(N), want(N);
  for (size_t i = 0; i < N; i++) {
    a[i] = bytes.below(3) ? static_cast<uint8_t>(bytes.below(256)) : 0;
    b[i] = bytes.below(3) ? static_cast<uint8_t>(bytes.below(256)) : 0;
    plainA[i] = a[i] != 0, plainB[i] = b[i] != 0;
  }
  eachLevel([&](Level) {
    for (Op op : {OP_eq, OP_ne, OP_lt, OP_le, OP_gt, OP_ge, OP_logical_and, OP_logical_or, OP_logical_xor,
                  OP_bitwise_and, OP_bitwise_or, OP_bitwise_xor}) {
      send(op, BOOL, elementwise({::out(got), in(a), in(b)}, N), nullptr, BOOL);
      send(op, BOOL, elementwise({::out(want), in(plainA), in(plainB)}, N), nullptr, BOOL);
      CHECK(got == want, "%s", OPS[op].name);
    }
    send(OP_logical_not, BOOL, elementwise({::out(got), in(a)}, N), nullptr, BOOL);
    for (size_t i = 0; i < N; i++) CHECK(got[i] == !plainA[i]);
    for (DType to : {U8, BOOL}) {
      send(OP_cast, BOOL, elementwise({::out(got), in(a)}, N), nullptr, to);
      CHECK(got == plainA, "cast to dtype %d", to);
    }
    std::vector<float> floats(N);
    std::vector<int64_t> longs(N);
    send(OP_cast, BOOL, elementwise({::out(floats), in(a)}, N), nullptr, F32);
    send(OP_cast, BOOL, elementwise({::out(longs), in(a)}, N), nullptr, I64);
    for (size_t i = 0; i < N; i++) CHECK(floats[i] == plainA[i] && longs[i] == plainA[i]);
  });
}

// ---- layouts

struct Layout {
  std::vector<int64_t> sizes;
  std::vector<std::vector<int64_t>> strides;  // of out, a, b
};

int64_t extent(const Layout& l, size_t k) {
  int64_t n = 1;
  for (size_t d = 0; d < l.sizes.size(); d++) {
    if (!l.sizes[d]) return 0;
    n += (l.sizes[d] - 1) * l.strides[k][d];
  }
  return n;
}

template <class T, class F>
void testLayout(Op op, DType t, const Layout& l, size_t operands, const F& f, const char* what) {
  Rng rng;
  std::vector<std::vector<T>> data;
  for (size_t k = 0; k < operands; k++) {
    data.emplace_back(static_cast<size_t>(extent(l, k)) + 8);
    for (T& v : data[k]) v = static_cast<T>(rng.below(100));
  }
  std::vector<T> want = data[0], first;
  std::vector<int64_t> at(l.sizes.size(), 0);
  int64_t n = 1;
  for (int64_t s : l.sizes) n *= s;
  for (int64_t i = 0; i < n; i++) {
    int64_t o[3] = {0, 0, 0};
    for (size_t k = 0; k < operands; k++)
      for (size_t d = 0; d < at.size(); d++) o[k] += at[d] * l.strides[k][d];
    want[static_cast<size_t>(o[0])] =
        f(data[1][static_cast<size_t>(o[1])], operands > 2 ? data[2][static_cast<size_t>(o[2])] : T(0));
    for (size_t d = at.size(); d-- > 0;) {
      if (++at[d] < l.sizes[d]) break;
      at[d] = 0;
    }
  }
  const std::vector<T> before = data[0];
  for (int threads : {1, 2, 5}) {
    setNumThreads(threads);
    data[0] = before;
    std::vector<Memory> memory;
    for (auto& d : data) memory.push_back(out(d));
    const std::vector<std::vector<int64_t>> strides(l.strides.begin(), l.strides.begin() + static_cast<int>(operands));
    CHECK(send(op, t, elementwise(memory, l.sizes, strides), nullptr, t) == OK, "%s", what);
    CHECK(!std::memcmp(data[0].data(), want.data(), want.size() * sizeof(T)), "%s: %s dtype %d, %d threads, %d dims",
          what, OPS[op].name, t, threads, int(l.sizes.size()));
  }
}

void testLayouts() {
  Rng rng;
  std::vector<Layout> layouts = {
      {{1000, 1000}, {{1000, 1}, {1000, 1}, {1, 1000}}},  // a + b.t()
      {{300, 257}, {{257, 1}, {1, 300}, {1, 300}}},       // both transposed
      {{257, 300}, {{1, 257}, {300, 1}, {1, 257}}},       // into a transposed output
      {{4096, 40}, {{40, 1}, {40, 1}, {0, 1}}},           // a row
      {{4096, 40}, {{40, 1}, {40, 1}, {1, 0}}},           // a column
      {{40000, 3}, {{3, 1}, {3, 1}, {0, 1}}},             // a short row
      {{40000, 3}, {{5, 1}, {7, 1}, {0, 0}}},             // slices
      {{7, 40000, 2}, {{80000, 2, 1}, {80000, 1, 40000}, {0, 2, 1}}},
      {{16, 8, 32, 33}, {{8448, 1056, 33, 1}, {8448, 1, 264, 8}, {0, 33, 0, 1}}},  // channels last
      {{3, 5}, {{5, 1}, {1, 3}, {5, 1}}},
      {{2, 2, 50000}, {{100000, 50000, 1}, {1, 2, 4}, {50000, 0, 1}}},
      {{50000, 2, 2}, {{4, 2, 1}, {1, 50000, 100000}, {2, 0, 1}}},
      {{100000}, {{1}, {2}, {0}}},
      {{0, 5}, {{5, 1}, {5, 1}, {5, 1}}},
      {{}, {{}, {}, {}}},
      {{1, 1, 1}, {{1, 1, 1}, {9, 9, 9}, {0, 0, 0}}},
  };
  for (int i = 0; i < 60; i++) {  // permuted, broadcast, padded at random
    const size_t dims = static_cast<size_t>(1 + rng.below(5));
    Layout l;
    for (size_t d = 0; d < dims; d++) l.sizes.push_back(1 + rng.below(dims > 3 ? 9 : 41));
    for (size_t k = 0; k < 3; k++) {
      std::vector<size_t> order;
      for (size_t d = 0; d < dims; d++) order.insert(order.begin() + rng.below(static_cast<int64_t>(d) + 1), d);
      std::vector<int64_t> strides(dims);
      int64_t step = 1 + (rng.below(4) == 0);
      for (size_t d : order) {
        const bool broadcast = k > 0 && rng.below(4) == 0;
        strides[d] = broadcast ? 0 : step;
        if (!broadcast) step *= l.sizes[d] + (rng.below(4) == 0);
      }
      l.strides.push_back(strides);
    }
    layouts.push_back(l);
  }
  eachLevel([&](Level) {
    for (size_t i = 0; i < layouts.size(); i++) {
      const Layout& l = layouts[i];
      char what[32];
      std::snprintf(what, sizeof what, "layout %d", int(i));
      testLayout<float>(
          OP_add, F32, l, 3, [](float a, float b) { return a + b; }, what);
      testLayout<float>(
          OP_cast, F32, l, 2, [](float a, float) { return a; }, what);
      if (level() != bestLevel() && i > 20) continue;
      testLayout<double>(
          OP_sub, F64, l, 3, [](double a, double b) { return a - b; }, what);
      testLayout<uint8_t>(
          OP_bitwise_xor, U8, l, 3, [](uint8_t a, uint8_t b) { return uint8_t(a ^ b); }, what);
      testLayout<uint16_t>(
          OP_cast, BF16, l, 2, [](uint16_t a, uint16_t) { return a; }, what);
      testLayout<int64_t>(
          OP_cast, I64, l, 2, [](int64_t a, int64_t) { return a; }, what);
    }
  });
  setNumThreads(2);
}

void testBadCommands() {
  std::vector<float> x{1, 2, 3, 4}, y{9, 9, 9, 9};
  const std::vector<double> good = elementwise({out(y), in(x)}, 4);
  enum { NDIM, OUT, OUT_BYTES, A, A_BYTES, SIZE, OUT_STRIDE, A_STRIDE };
  const auto with = [&](int at, double v) {
    std::vector<double> p = good;
    p[static_cast<size_t>(at)] = v;
    return p;
  };
  const std::vector<std::vector<double>> bad = {
      {},
      {1},
      {good.begin(), good.end() - 1},
      with(NDIM, NaN),
      with(NDIM, -1),
      with(NDIM, 0.5),
      with(NDIM, 2),
      with(NDIM, 65),
      with(OUT, 0),
      with(OUT, NaN),
      with(OUT, -7),
      with(OUT_BYTES, 15),
      with(OUT_BYTES, NaN),
      with(OUT_BYTES, -1),
      with(A, 0),
      with(A, -7),
      with(A, -8),
      with(A_BYTES, 15),
      with(SIZE, -4),
      with(SIZE, 3.5),
      with(SIZE, 5),
      with(SIZE, NaN),
      with(SIZE, INF),
      with(SIZE, 1e300),
      with(OUT_STRIDE, -1),
      with(OUT_STRIDE, 2),
      with(A_STRIDE, 0.5),
      with(A_STRIDE, NaN),
      with(A_STRIDE, INF),
  };
  for (const auto& p : bad) CHECK(send(OP_neg, F32, p) == BAD_COMMAND, "%d slots", int(p.size()));
  CHECK(y[0] == 9 && y[3] == 9);
  const Out one =
      out(y.data(), 1);  // elements may share memory: the last that is written stays, and nothing beside it changes
  CHECK(send(OP_neg, F32, elementwise({one, in(x)}, {4}, {{0}, {1}})) == OK && y[0] == -x[3] && y[1] == 9);
  y[0] = 9;
  CHECK(send(OP_neg, F32, elementwise({Memory{}, Memory{}}, 0)) == OK);
  CHECK(send(OP_neg, BOOL, good) == UNSUPPORTED_DTYPE);
  CHECK(send(OP_arange, F32, ArangeArgs{out(y), 4, {5}, {2}}) == OK && y[3] == 11);
  CHECK(send(OP_arange, F32, ArangeArgs{out(y), 5, {5}, {2}}) == BAD_COMMAND);
  CHECK(send(OP_arange, F32, ArangeArgs{{}, 4, {5}, {2}}) == BAD_COMMAND);
  CHECK(send(OP_arange, F32, {1, 4}) == BAD_COMMAND);
  CHECK(send(OP_linspace, F32, LinspaceArgs{out(y), -1, 0, 1}) == BAD_COMMAND);
}

}  // namespace

int main() {
  testOps();
  testScalarPower();
  testDivisionByZero();
  testBoolBytes();
  testLayouts();
  testBadCommands();
  return report("map_test");
}
