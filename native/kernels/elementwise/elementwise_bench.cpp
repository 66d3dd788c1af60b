// Throughput of every elementwise op at every level, and of the layouts that matter, as GB/s of operands read and
// written.
//   elementwise_bench [op or case, all of them if none] [threads]
#include <cstdlib>
#include <cstring>
#include <string>

#include "test/bench.h"
#include "test/check.h"

using namespace tenzo;

namespace {

constexpr int64_t N = 1 << 20;

const char* const NAMES[] = {"float32", "float64", "float16", "bfloat16", "int64",
                             "int32",   "int16",   "int8",    "uint8",    "bool"};

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

void row(const char* name, Op op, DType t, int64_t bytes, const std::vector<int64_t>& sizes,
         std::vector<Operand>& operands) {
  std::vector<Memory> memory;
  std::vector<std::vector<int64_t>> strides;
  for (Operand& o : operands) {
    memory.push_back(out(o.bytes));
    strides.push_back(o.strides);
  }
  const std::vector<double> payload = elementwise(memory, sizes, strides);
  std::printf("%-28s %-8s", name, NAMES[t]);
  eachLevel([&](Level l) {
    const double median = timed(op, t, payload, t).median;
    std::printf("  %-9s %9.1f us %6.1f GB/s", levelName(l), median * 1e6, static_cast<double>(bytes) / median / 1e9);
  });
  std::printf("\n");
  std::fflush(stdout);
}

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
  row(info.name, op, t, bytes, {N}, operands);
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
    row(c.name, c.op, F32, bytes, c.sizes, operands);
  }
  return 0;
}
