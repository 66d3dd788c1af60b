// One decoded command. TypeScript writes commands as 8-byte slots (float64; int64 where a slot is
// read with `bits`) into the environment's command buffer:
//   buffer: [0] end slot  [1] status code  [2..7] status detail  [8…] commands
//   command: op, dtype, dtype2, payload slot count, payload…
// A command is self-contained: the only state behind it is the generator and the thread pool.
#pragma once
#include <cstdint>
#include <cstring>

#include "dtype.h"

namespace tenzo {

enum Status : int32_t {
  OK = 0,
  BAD_COMMAND = 1,         // unknown op, truncated payload, null pointer: a bug above the border
  UNSUPPORTED_DTYPE = 2,   // detail: op, dtype
  INDEX_OUT_OF_RANGE = 3,  // detail: index, position of the index among the indices, size
  DIVISION_BY_ZERO = 4,    // integer division or remainder
  OUT_OF_MEMORY = 5,
};

constexpr int HEADER_SLOTS = 8;
constexpr int COMMAND_SLOTS = 4;

struct Command {
  const double* p;  // payload
  int32_t op;
  DType dtype;    // of the computation
  DType dtype2;   // of the second type, where an op has one (cast target, index type)
  int32_t slots;  // payload length
  double* detail;

  template <class T = char>
  T* ptr(int i) const {
    return reinterpret_cast<T*>(static_cast<uintptr_t>(p[i]));
  }
  int64_t i64(int i) const { return static_cast<int64_t>(p[i]); }
  double f64(int i) const { return p[i]; }
  int64_t bits(int i) const {
    int64_t v;
    std::memcpy(&v, p + i, 8);
    return v;
  }
  Status fail(Status s, double a = 0, double b = 0, double c = 0) const {
    detail[0] = a;
    detail[1] = b;
    detail[2] = c;
    return s;
  }
};

using Handler = Status (*)(const Command&);

}  // namespace tenzo
