// The table of kernels of one CPU level.
#pragma once
#include "command/schema.h"

namespace tenzo {

struct Kernels {
  AnyFn table[OP_COUNT][DTYPE_COUNT];
};

}  // namespace tenzo
