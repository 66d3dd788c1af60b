#include "level.h"

#include <cstdlib>
#include <cstring>
#include <mutex>

namespace tenzo {

#define TENZO_CPU_LEVEL(name, ...) \
  namespace name {                 \
  void fillKernels(Kernels&);      \
  }
#include "compiled_levels.def"
#undef TENZO_CPU_LEVEL

namespace {

struct LevelInfo {
  const char* name;
  bool fused;
  bool (*supported)();
  void (*fill)(Kernels&);
};
#define HAS(feature) &&__builtin_cpu_supports(#feature)
#define TENZO_CPU_LEVEL(name, architecture, fuses, features, flags) \
  {#name, fuses, [] { return true features; }, name::fillKernels},
const LevelInfo LEVELS[] = {
#include "compiled_levels.def"
};
#undef TENZO_CPU_LEVEL
#undef HAS

Level initialLevel() {
  if (const char* wanted = std::getenv("TENZO_CPU"))
    for (int l = 0; l < LEVEL_COUNT; l++)
      if (!std::strcmp(wanted, LEVELS[l].name) && LEVELS[l].supported()) return static_cast<Level>(l);
  return bestLevel();
}
Level& current() {
  static Level l = initialLevel();
  return l;
}
const Kernels*& table() {
  static const Kernels* k = &kernelsAt(current());
  return k;
}

}  // namespace

const char* levelName(Level l) { return LEVELS[l].name; }
bool fused(Level l) { return LEVELS[l].fused; }
bool levelSupported(Level l) { return LEVELS[l].supported(); }

Level bestLevel() {
  int best = LEVEL_COUNT - 1;
  while (best > 0 && !LEVELS[best].supported()) best--;
  return static_cast<Level>(best);
}

const Kernels& kernelsAt(Level l) {
  static Kernels tables[LEVEL_COUNT];
  static std::once_flag once[LEVEL_COUNT];
  std::call_once(once[l], [l] { LEVELS[l].fill(tables[l]); });
  return tables[l];
}

Level level() { return current(); }
const Kernels& kernels() { return *table(); }
bool setLevel(Level l) {
  if (!levelSupported(l)) return false;
  current() = l;
  table() = &kernelsAt(l);
  return true;
}

}  // namespace tenzo
