// The table of kernels, filled once at load with the best level that the CPU has (or TENZO_CPU names).
#pragma once
#include "command/arguments.h"

namespace tenzo {

#define TENZO_SCHEMA(...)
#define TENZO_PART(...)

enum Op : int32_t {
#define TENZO_OP(name, schema, dtypes) OP_##name,
#include "ops.def"
#undef TENZO_OP
  OP_COUNT
};

enum Level : int { BASELINE, AVX2, AVX512, NEON, LEVEL_COUNT };
const char* levelName(Level);
bool levelSupported(Level);  // compiled in, and this CPU runs it
Level bestLevel();

using AnyFn = void (*)();
struct OpInfo {
  const char* name;
  Schema schema;
  uint32_t dtypes;  // bit mask of DType: what the table must have an entry for
};
extern const OpInfo OPS[OP_COUNT];

// The slots of a schema, for whoever looks at commands in general: planning memory, tests of bad commands.
enum SlotKind : uint8_t { POINTER, INT, SIGNED, REAL, NUMBER, BITS, FLAG, RANK, AXIS, VECTOR, LIST };
enum Role : uint8_t { NEITHER, READ, WRITE, BOTH };
enum Element : uint8_t { NOTHING = DTYPE_COUNT, OF_T, OF_T2, OF_GENERATOR };  // or a DType
struct SlotInfo {
  const char* name;
  SlotKind kind;
  Role role;
  uint8_t element;  // of memory: a DType or Element
  int at;           // of a vector -1: vectors follow the fixed slots, in their order
  int length;       // slots of an array
  bool optional;
};
struct SchemaInfo {
  const char* name;
  bool map;
  int fixed, vectors, count;  // slots before the vectors; vectors; entries of `slots`
  const SlotInfo* slots;
  int indexCount;  // entries of `index`: what each index tensor adds
  const SlotInfo* index;
  int indexFixed;
};
extern const SchemaInfo SCHEMAS[SCHEMA_COUNT];

struct Kernels {
  AnyFn table[OP_COUNT][DTYPE_COUNT];
  // The function must be of the kind that the operation's schema asks for.
  template <Op OP>
  void set(DType t, typename KernelOf<OP>::type f) {
    table[OP][t] = reinterpret_cast<AnyFn>(f);
  }
};

const Kernels& kernelsAt(Level);  // filled on first use
const Kernels& kernels();         // of the level in force
Level level();
bool setLevel(Level);  // false if not supported; for tests and TENZO_CPU

// Decodes and runs every command of a buffer; stops at the first that fails. Fills the header.
Status runBuffer(double* buffer, int64_t capacitySlots);
Status runCommand(const Command&, const Kernels&);
Status runHandler(const Command&, AnyFn);  // arguments.cpp: checks the arguments and calls the handler with them

}  // namespace tenzo

// Each family's source is compiled once a level, with TENZO_LEVEL set to the namespace of that level
// (baseline, avx2, avx512, neon), and defines  void tenzo::TENZO_LEVEL::fill_<family>(Kernels&).
