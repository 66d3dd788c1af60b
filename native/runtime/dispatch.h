// The table of kernels, filled once at load with the best level that the CPU has (or TENZO_CPU names).
#pragma once
#include "command.h"

namespace tenzo {

enum Op : int32_t {
#define TENZO_OP(name, kind, dtypes) OP_##name,
#include "../ops.def"
#undef TENZO_OP
  OP_COUNT
};

enum Level : int { BASELINE, AVX2, AVX512, NEON, LEVEL_COUNT };
const char* levelName(Level);
bool levelSupported(Level);  // compiled in, and this CPU runs it
Level bestLevel();

// How the decoder drives an op. Each kind says what its table entry is and how its payload is laid out.
enum Kind : uint8_t {
#define TENZO_KIND(name) KIND_##name,
#include "../kinds.def"
#undef TENZO_KIND
  KIND_COUNT
};

using AnyFn = void (*)();
struct OpInfo {
  const char* name;
  Kind kind;
  uint32_t dtypes;  // bit mask of DType: what the table must have an entry for
};
extern const OpInfo OPS[OP_COUNT];

struct Kernels {
  AnyFn table[OP_COUNT][DTYPE_COUNT];
  template <class F>
  void set(Op op, DType t, F* f) {
    table[op][t] = reinterpret_cast<AnyFn>(f);
  }
};

const Kernels& kernelsAt(Level);  // filled on first use
const Kernels& kernels();         // of the level in force
Level level();
bool setLevel(Level);  // false if not supported; for tests and TENZO_CPU

// Decodes and runs every command of a buffer; stops at the first that fails. Fills the header.
Status runBuffer(double* buffer, int64_t capacitySlots);
Status runCommand(const Command&, const Kernels&);

}  // namespace tenzo

// Each family's source is compiled once a level, with TENZO_LEVEL set to the namespace of that level
// (baseline, avx2, avx512, neon), and defines  void tenzo::TENZO_LEVEL::fill_<family>(Kernels&).
