// The element types a storage can hold (native/dtypes.def).
#pragma once
#include <cstdint>

namespace tenzo {

enum DType : uint8_t {
#define TENZO_DTYPE(key, name, element, bytes) key,
#include "dtypes.def"
#undef TENZO_DTYPE
  DTYPE_COUNT
};

constexpr int ITEMSIZES[] = {
#define TENZO_DTYPE(key, name, element, bytes) bytes,
#include "dtypes.def"
#undef TENZO_DTYPE
};
constexpr int itemsize(DType t) { return ITEMSIZES[t]; }

// Sets of dtypes, as bit masks, for the tables of ops.def.
constexpr uint32_t bit(DType t) { return 1u << t; }
constexpr uint32_t FLOATS = bit(F32) | bit(F64);
constexpr uint32_t INTS = bit(I64) | bit(I32) | bit(I16) | bit(I8) | bit(U8);
constexpr uint32_t BOOLS = bit(BOOL);
constexpr uint32_t NUMS = FLOATS | INTS;
constexpr uint32_t ALL = NUMS | BOOLS;

}  // namespace tenzo
