// Elementwise ops over strided, broadcast operands: the schemas that begin with `map` in native/ops.def.
// Payload: ndim, (address, bytes to the end of the storage)[operands] (out first), sizes[ndim], then strides[ndim] of
// each operand, in elements. A number among the operands lies behind the strides, one slot each; its address is minus
// the slot of the payload, so that a command can be moved, and all its strides are 0. Operands may be the same memory
// as `out` only with the same strides (in place); TypeScript sees to that.
#pragma once
#include "command.h"

namespace tenzo {

Status runMap(const Command&, MapLoop, int operands, const int* itemsizes);

}  // namespace tenzo
