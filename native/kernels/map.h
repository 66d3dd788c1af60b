// Elementwise ops over strided, broadcast operands.
// Payload: ndim, ptr[operands] (out first), sizes[ndim], then strides[ndim] of each operand, in elements.
// A scalar operand is a pointer to a value (TypeScript points into the command itself) with all strides 0.
// Operands may be the same memory as `out` only with the same strides (in place); TypeScript sees to that.
#pragma once
#include "../runtime/dispatch.h"

namespace tenzo {

constexpr int MAX_DIMS = 64;  // as PyTorch
constexpr int MAX_OPERANDS = 4;

// One run of n elements; strides in bytes; ptr[0] is the output. The pointer after the last operand (stride 0) is the
// command's status cell, an int32_t: a loop that cannot go on (an integer divided by zero) stores a Status there.
using MapLoop = void (*)(char* const* ptr, const int64_t* stride, int64_t n);

Status runMap(const Command&, MapLoop, int operands, const int* itemsizes);

}  // namespace tenzo
