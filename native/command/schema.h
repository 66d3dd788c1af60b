// What operations there are (native/ops.def) and what a command of each says, for whoever looks at commands in general:
// dispatch, planning memory, tests of bad commands.
#pragma once
#include "arguments.h"

namespace tenzo {

#define TENZO_SCHEMA(...)
#define TENZO_PART(...)

enum Op : int32_t {
#define TENZO_OP(name, schema, dtypes, ...) OP_##name,
#include "ops.def"
#undef TENZO_OP
  OP_COUNT
};

struct OpInfo {
  const char* name;
  Schema schema;
  uint32_t dtypes;  // bit mask of DType: what the table of kernels has an entry for
};
constexpr OpInfo OPS[OP_COUNT] = {
#define TENZO_OP(name, schema, dtypes, ...) {#name, SCHEMA_##schema, (dtypes)},
#include "ops.def"
#undef TENZO_OP
};

#undef TENZO_SCHEMA
#undef TENZO_PART

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

// A kernel of whatever kind KernelOf says.
using AnyFn = void (*)();
// Checks what the command says, by its operation's schema, and calls the kernel with it.
Status runKernel(const Command&, AnyFn);

}  // namespace tenzo
