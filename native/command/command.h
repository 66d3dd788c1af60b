// One decoded command. TypeScript writes commands as 8-byte slots (float64, int64 or a number in the dtype of the
// computation) into the environment's command buffer:
//   buffer: [0] end slot  [1] status code  [2..7] status detail  [8…] commands
//   command: op, dtype, dtype2, payload slot count, payload…
// What the payload holds is said by the operation's schema in native/ops.def. A command is self-contained: the only
// state behind it is the generator and the thread pool, and whatever it points to inside itself is relative to itself.
#pragma once
#include <cstdint>
#include <cstring>

#include "dtype.h"

namespace tenzo {

enum Status : int32_t {
  OK = 0,
  BAD_COMMAND = 1,         // unknown op, truncated payload, null pointer, too little memory: a bug above the border
  UNSUPPORTED_DTYPE = 2,   // detail: op, dtype
  INDEX_OUT_OF_RANGE = 3,  // detail: index, position of the index among the indices, size
  DIVISION_BY_ZERO = 4,    // integer division or remainder
  OUT_OF_MEMORY = 5,
};

constexpr int HEADER_SLOTS = 8;
constexpr int COMMAND_SLOTS = 4;
constexpr int MAX_DIMS = 64;  // as PyTorch
constexpr int MAX_OPERANDS = 4;
constexpr int MAX_INDICES = MAX_DIMS;

struct Command {
  const double* payload;
  int32_t op;
  DType dtype;    // of the computation
  DType dtype2;   // of the second type, where an op has one (cast target, index type)
  int32_t slots;  // payload length
  double* detail;

  Status fail(Status s, double a = 0, double b = 0, double c = 0) const {
    detail[0] = a;
    detail[1] = b;
    detail[2] = c;
    return s;
  }
};

// ---- what arguments are made of (arguments.h)

// Memory that a command addresses, and the bytes from there to the end of its storage.
struct Memory {
  void* at = nullptr;
  int64_t bytes = 0;
  explicit operator bool() const { return at != nullptr; }
};
// Memory that is written, or only read: it converts to a pointer of the type that the kernel works in.
struct Out : Memory {
  template <class T>
  [[gnu::always_inline]] operator T*() const {
    return static_cast<T*>(at);
  }
};
struct In : Memory {
  template <class T>
  [[gnu::always_inline]] operator const T*() const {
    return static_cast<const T*>(at);
  }
};
// A vector of the command: whole numbers from 0 on, already checked.
struct Dims {
  const double* p = nullptr;
  int64_t operator[](int64_t i) const { return static_cast<int64_t>(p[i]); }
};
// A value of the computation dtype: int64 where that is an integer, else float64.
struct Number {
  double slot = 0;
  double f64() const { return slot; }
  int64_t i64() const {
    int64_t v;
    std::memcpy(&v, &slot, sizeof v);
    return v;
  }
};

// One run of n elements; strides in bytes; ptr[0] is the output. The pointer after the last operand (stride 0) is the
// command's status cell, an int32_t: a loop that cannot go on (an integer divided by zero) stores a Status there.
using MapLoop = void (*)(char* const* ptr, const int64_t* stride, int64_t n);

}  // namespace tenzo
