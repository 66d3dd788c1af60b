// The element types a storage can hold. The order is shared with lib/runtime/dtype.ts (checked by
// scripts/generate-commands.mjs), because commands carry the number.
#pragma once
#include <cstdint>

namespace tenzo {

enum DType : uint8_t { F32, F64, F16, BF16, I64, I32, I16, I8, U8, BOOL, DTYPE_COUNT };

constexpr int itemsize(DType t) {
  return t == F64 || t == I64 ? 8 : t == F32 || t == I32 ? 4 : t == F16 || t == BF16 || t == I16 ? 2 : 1;
}

// Sets of dtypes, as bit masks, for the tables of ops.def.
constexpr uint32_t bit(DType t) { return 1u << t; }
constexpr uint32_t FLOATS = bit(F32) | bit(F64);
constexpr uint32_t INTS = bit(I64) | bit(I32) | bit(I16) | bit(I8) | bit(U8);
constexpr uint32_t BOOLS = bit(BOOL);
constexpr uint32_t NUMS = FLOATS | INTS;
constexpr uint32_t ALL = NUMS | BOOLS;

}  // namespace tenzo
