#include "dispatch.h"

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "command/decode.h"
#include "command/map.h"

namespace tenzo {

const OpInfo OPS[OP_COUNT] = {
#define TENZO_OP(name, schema, dtypes) {#name, SCHEMA_##schema, dtypes},
#include "ops.def"
#undef TENZO_OP
};

#define TENZO_FAMILY(folder, name) \
  namespace baseline {             \
  void fill_##name(Kernels&);      \
  }                                \
  namespace avx2 {                 \
  void fill_##name(Kernels&);      \
  }                                \
  namespace avx512 {               \
  void fill_##name(Kernels&);      \
  }                                \
  namespace neon {                 \
  void fill_##name(Kernels&);      \
  }
#include "families.def"
#undef TENZO_FAMILY

const char* levelName(Level l) {
  static const char* const names[] = {"baseline", "avx2", "avx512", "neon"};
  return names[l];
}

bool levelSupported(Level l) {
#if TENZO_HAS_X86
  __builtin_cpu_init();
  switch (l) {
    case BASELINE:
      return true;
#if TENZO_HAS_LEVEL_avx2
    case AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
#endif
#if TENZO_HAS_LEVEL_avx512
    case AVX512:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
             __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    default:
      return false;
  }
#else
  return l == NEON;
#endif
}

Level bestLevel() {
  for (int l = LEVEL_COUNT - 1; l > 0; l--)
    if (levelSupported(static_cast<Level>(l))) return static_cast<Level>(l);
  return BASELINE;
}

const Kernels& kernelsAt(Level l) {
  static Kernels tables[LEVEL_COUNT];
  static std::once_flag once[LEVEL_COUNT];
  std::call_once(once[l], [l] {
    [[maybe_unused]] Kernels& k = tables[l];
    switch (l) {
#define TENZO_FAMILY(folder, name) fill_##name(k);
#if TENZO_HAS_LEVEL_baseline
      case BASELINE: {
        using namespace baseline;
#include "families.def"
        break;
      }
#endif
#if TENZO_HAS_LEVEL_avx2
      case AVX2: {
        using namespace avx2;
#include "families.def"
        break;
      }
#endif
#if TENZO_HAS_LEVEL_avx512
      case AVX512: {
        using namespace avx512;
#include "families.def"
        break;
      }
#endif
#if TENZO_HAS_LEVEL_neon
      case NEON: {
        using namespace neon;
#include "families.def"
        break;
      }
#endif
      default:
        break;
    }
#undef TENZO_FAMILY
  });
  return tables[l];
}

namespace {
Level initialLevel() {
  if (const char* wanted = std::getenv("TENZO_CPU"))
    for (int l = 0; l < LEVEL_COUNT; l++)
      if (!std::strcmp(wanted, levelName(static_cast<Level>(l))) && levelSupported(static_cast<Level>(l)))
        return static_cast<Level>(l);
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

Level level() { return current(); }
const Kernels& kernels() { return *table(); }
bool setLevel(Level l) {
  if (!levelSupported(l)) return false;
  current() = l;
  table() = &kernelsAt(l);
  return true;
}

Status runCommand(const Command& c, const Kernels& k) {
  const AnyFn fn = k.table[c.op][c.dtype];
  if (!fn) return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype);
  const int a = itemsize(c.dtype);
  switch (OPS[c.op].schema) {
    case SCHEMA_UNARY: {
      const int sizes[] = {a, a};
      return runMap(c, reinterpret_cast<MapLoop>(fn), 2, sizes);
    }
    case SCHEMA_BINARY: {
      const int sizes[] = {a, a, a};
      return runMap(c, reinterpret_cast<MapLoop>(fn), 3, sizes);
    }
    case SCHEMA_TERNARY: {
      const int sizes[] = {a, a, a, a};
      return runMap(c, reinterpret_cast<MapLoop>(fn), 4, sizes);
    }
    case SCHEMA_COMPARE: {
      const int sizes[] = {1, a, a};
      return runMap(c, reinterpret_cast<MapLoop>(fn), 3, sizes);
    }
    case SCHEMA_PREDICATE: {
      const int sizes[] = {1, a};
      return runMap(c, reinterpret_cast<MapLoop>(fn), 2, sizes);
    }
    case SCHEMA_WHERE: {
      const int sizes[] = {a, 1, a, a};
      return runMap(c, reinterpret_cast<MapLoop>(fn), 4, sizes);
    }
    case SCHEMA_CAST: {
      // The table entry of a cast is the row of its source type: a function from target type to loop.
      const MapLoop loop = reinterpret_cast<MapLoop (*)(DType)>(fn)(c.dtype2);
      if (!loop) return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype2);
      const int sizes[] = {itemsize(c.dtype2), a};
      return runMap(c, loop, 2, sizes);
    }
    default:
      return runHandler(c, fn);
  }
}

Status runBuffer(double* buffer, int64_t capacitySlots) {
  int64_t end = 0;
  Status status = integer(buffer[0], HEADER_SLOTS, end) && end <= capacitySlots ? OK : BAD_COMMAND;
  const Kernels& k = kernels();
  for (int64_t at = HEADER_SLOTS; status == OK && at < end;) {
    const double* const h = buffer + at;
    int op, dtype, dtype2;
    int64_t slots;
    if (end - at < COMMAND_SLOTS || !small(h[0], OP_COUNT, op) || !small(h[1], DTYPE_COUNT, dtype) ||
        !small(h[2], DTYPE_COUNT, dtype2) || !integer(h[3], 0, slots) || slots > end - at - COMMAND_SLOTS ||
        slots > INT32_MAX) {
      status = BAD_COMMAND;
      break;
    }
    const Command c{h + COMMAND_SLOTS,           op,        static_cast<DType>(dtype), static_cast<DType>(dtype2),
                    static_cast<int32_t>(slots), buffer + 2};
    status = runCommand(c, k);
    at += COMMAND_SLOTS + slots;
  }
  buffer[0] = HEADER_SLOTS;
  buffer[1] = status;
  return status;
}

}  // namespace tenzo
