// CPU levels: those of native/levels.def that this build has, and the one in force, which is chosen once at load (the
// best that the CPU has, or what TENZO_CPU names).
#pragma once
#include "kernels.h"

namespace tenzo {

enum Level : int {
#define TENZO_CPU_LEVEL(name, ...) LEVEL_##name,
#include "compiled_levels.def"
#undef TENZO_CPU_LEVEL
  LEVEL_COUNT
};
const char* levelName(Level);
bool fused(Level);           // its fma() rounds once: such levels give the same bits
bool levelSupported(Level);  // this CPU runs it
Level bestLevel();

Level level();
bool setLevel(Level);  // false if not supported; for tests

const Kernels& kernels();         // of the level in force
const Kernels& kernelsAt(Level);  // filled on first use

}  // namespace tenzo
