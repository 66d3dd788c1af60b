// The table of kernels of this file's CPU level, from every family.
#include "dispatch/kernels.h"

namespace tenzo::TENZO_LEVEL {

#define TENZO_FAMILY(folder, name) void fill_##name(Kernels&);
#include "families.def"
#undef TENZO_FAMILY

void fillKernels(Kernels& k) {
#define TENZO_FAMILY(folder, name) fill_##name(k);
#include "families.def"
#undef TENZO_FAMILY
}

}  // namespace tenzo::TENZO_LEVEL
