// Throughput of every elementwise op at every level, and of the layouts that matter, as GB/s of operands read and
// written.
//   kernels_bench [op or case, all of them if none] [threads]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "dispatch/dispatch.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

constexpr int64_t N = 1 << 20;

double slot(const void* p) { return static_cast<double>(reinterpret_cast<uintptr_t>(p)); }

struct Operand {
  std::vector<char> bytes;
  std::vector<int64_t> strides;
};

Operand operand(int64_t elements, DType t, std::vector<int64_t> strides) {
  Operand o;
  o.bytes.resize(static_cast<size_t>(elements * itemsize(t)) + 64);
  for (int64_t i = 0; i < elements; i++) {
    const double v = 0.1 + 0.8 * static_cast<double>(i * 7919 % 10007) / 10007;
    char* at = o.bytes.data() + i * itemsize(t);
    if (t == F32) {
      const float x = static_cast<float>(v);
      std::memcpy(at, &x, 4);
    } else if (t == F64) {
      std::memcpy(at, &v, 8);
    } else if (t == F16 || t == BF16) {
      std::memcpy(at, t == F16 ? "\x00\x38" : "\x00\x3f", 2);
    } else {
      std::memset(at, 0, static_cast<size_t>(itemsize(t)));
      *at = static_cast<char>(t == BOOL ? i & 1 : 1 + i % 7);
    }
  }
  o.strides = std::move(strides);
  return o;
}

std::vector<double> command(Op op, DType t, DType t2, const std::vector<int64_t>& sizes,
                            const std::vector<Operand>& operands) {
  std::vector<double> b(HEADER_SLOTS, 0);
  const size_t slots = 1 + 2 * operands.size() + sizes.size() * (1 + operands.size());
  for (double v : {double(op), double(t), double(t2), double(slots), double(sizes.size())}) b.push_back(v);
  for (const Operand& o : operands) {
    b.push_back(slot(o.bytes.data()));
    b.push_back(static_cast<double>(o.bytes.size()));
  }
  for (int64_t s : sizes) b.push_back(static_cast<double>(s));
  for (const Operand& o : operands)
    for (int64_t s : o.strides) b.push_back(static_cast<double>(s));
  b[0] = static_cast<double>(b.size());
  return b;
}

// The median of several runs, in microseconds.
double measure(const std::vector<double>& command) {
  std::vector<double> times;
  std::vector<double> b = command;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 60; i++) {
    b[0] = command[0];
    const auto t0 = std::chrono::steady_clock::now();
    if (runBuffer(b.data(), static_cast<int64_t>(b.size())) != OK) return -1;
    const auto t1 = std::chrono::steady_clock::now();
    times.push_back(std::chrono::duration<double, std::micro>(t1 - t0).count());
    if (i >= 5 && t1 - start > std::chrono::milliseconds(150)) break;
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void row(const char* name, const char* type, int64_t bytes, const std::function<std::vector<double>()>& make) {
  std::printf("%-28s %-8s", name, type);
  const std::vector<double> c = make();
  for (int l = 0; l < LEVEL_COUNT; l++)
    if (setLevel(static_cast<Level>(l))) {
      const double us = measure(c);
      if (us < 0)
        std::printf("  %-9s       (failed)     ", levelName(static_cast<Level>(l)));
      else
        std::printf("  %-9s %9.1f us %6.1f GB/s", levelName(static_cast<Level>(l)), us,
                    static_cast<double>(bytes) / us / 1000);
    }
  std::printf("\n");
  std::fflush(stdout);
}

const char* const NAMES[] = {"float32", "float64", "float16", "bfloat16", "int64",
                             "int32",   "int16",   "int8",    "uint8",    "bool"};

void op1d(Op op, DType t) {
  const OpInfo& info = OPS[op];
  std::vector<Operand> operands;
  int64_t bytes = 0;
  auto add = [&](DType type) {
    operands.push_back(operand(N, type, {1}));
    bytes += N * itemsize(type);
  };
  const bool test = info.schema == SCHEMA_COMPARE || info.schema == SCHEMA_PREDICATE;
  add(test ? BOOL : t);
  if (info.schema == SCHEMA_WHERE) add(BOOL);
  const int inputs = info.schema == SCHEMA_UNARY || info.schema == SCHEMA_PREDICATE || info.schema == SCHEMA_CAST ? 1
                     : info.schema == SCHEMA_TERNARY                                                              ? 3
                                                                                                                  : 2;
  for (int i = 0; i < inputs; i++) add(t);
  row(info.name, NAMES[t], bytes, [&] { return command(op, t, t, {N}, operands); });
}

struct Case {
  const char* name;
  Op op;
  std::vector<int64_t> sizes;
  std::vector<std::vector<int64_t>> strides;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string wanted = argc > 1 ? argv[1] : "";
  if (argc > 2) setNumThreads(std::atoi(argv[2]));
  for (int i = 0; i < OP_COUNT; i++) {
    const OpInfo& info = OPS[i];
    if (!isMap(info.schema) || (!wanted.empty() && wanted != "all" && wanted != info.name)) continue;
    for (DType t : {F32, F64, I64, I32, U8, BOOL})
      if (info.dtypes & bit(t) && (info.schema != SCHEMA_CAST || t == F32)) op1d(static_cast<Op>(i), t);
  }
  const std::vector<Case> cases = {
      {"add_rows_4096x1024", OP_add, {4096, 1024}, {{1024, 1}, {1024, 1}, {0, 1}}},
      {"add_column_4096x1024", OP_add, {4096, 1024}, {{1024, 1}, {1024, 1}, {1, 0}}},
      {"add_t_1024", OP_add, {1024, 1024}, {{1024, 1}, {1024, 1}, {1, 1024}}},
      {"copy_t_1024", OP_cast, {1024, 1024}, {{1024, 1}, {1, 1024}}},
      {"copy_nhwc_nchw", OP_cast, {32, 64, 1024}, {{65536, 1024, 1}, {65536, 1, 64}}},
      {"add_short_3", OP_add, {349525, 3}, {{3, 1}, {3, 1}, {0, 1}}},
      {"add_bias_nchw_49", OP_add, {128, 128, 49}, {{6272, 49, 1}, {6272, 49, 1}, {0, 1, 0}}},
      {"mul_strided_2", OP_mul, {N}, {{1}, {2}, {1}}},
      {"copy_slice_5of8", OP_cast, {131072, 5}, {{5, 1}, {8, 1}}},
      {"add_scalar", OP_add, {N}, {{1}, {1}, {0}}},
      {"add_16M", OP_add, {N * 16}, {{1}, {1}, {1}}},
      {"add_4", OP_add, {4}, {{1}, {1}, {1}}},
      {"add_2x2", OP_add, {2, 2}, {{2, 1}, {2, 1}, {2, 1}}},
  };
  for (const Case& c : cases) {
    if (!wanted.empty() && wanted != "cases" && wanted != c.name) continue;
    int64_t bytes = 0;
    std::vector<Operand> operands;
    for (const auto& s : c.strides) {
      int64_t elements = 1, distinct = 1;
      for (size_t d = 0; d < s.size(); d++) {
        elements += (c.sizes[d] - 1) * s[d];
        if (s[d]) distinct *= c.sizes[d];
      }
      operands.push_back(operand(elements, F32, s));
      bytes += distinct * 4;
    }
    row(c.name, "float32", bytes, [&] { return command(c.op, F32, F32, c.sizes, operands); });
  }
  return 0;
}
