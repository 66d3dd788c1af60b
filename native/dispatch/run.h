// Running a buffer of commands (native/command/command.h) with the kernels of the CPU level in force.
#pragma once
#include "level.h"

namespace tenzo {

// Decodes and runs every command of a buffer; stops at the first that fails. Fills the header.
Status runBuffer(double* buffer, int64_t capacitySlots);
Status runCommand(const Command&, const Kernels&);

}  // namespace tenzo
