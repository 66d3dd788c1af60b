// Bad commands by seeds, for every operation and dtype, at every level.
//   commands_test [rounds] [operation] [dtype] [round]
#include "test/bad_commands.h"

namespace {

constexpr int ROUNDS = 400;
int accepted[OP_COUNT][DTYPE_COUNT];

void seeded(Op op, DType t, int round) {
  rng.s = (static_cast<uint64_t>(op) * 16 + t) * 1000003 + static_cast<uint64_t>(round) + 0x9e3779b97f4a7c15ull;
  for (int i = 0; i < 4; i++) rng.next();
  if (runCase(op, t, round) == OK) accepted[op][t]++;
}

// The table has a kernel for what ops.def says, and for nothing else.
void tables() {
  for (int op = 0; op < OP_COUNT; op++)
    for (int t = 0; t < DTYPE_COUNT; t++) {
      const AnyFn f = kernels().table[op][t];
      const bool wanted = OPS[op].dtypes >> t & 1;
      CHECK((f != nullptr) == wanted, "%s dtype %d", OPS[op].name, t);
      if (!f || OPS[op].schema != SCHEMA_CAST) continue;
      for (int to = 0; to < DTYPE_COUNT; to++) {
        const MapLoop loop = reinterpret_cast<KernelOf<SCHEMA_CAST>::Type>(f)(static_cast<DType>(to));
        CHECK((loop != nullptr) == ((OPS[op].dtypes >> to & 1) != 0), "cast from %d to %d", t, to);
      }
    }
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : ROUNDS;
  const int only = argc > 4 ? std::atoi(argv[4]) : -1;
  start();
  eachLevel([&](Level) {
    tables();
    for (int op = 0; op < OP_COUNT; op++)
      for (int t = 0; t < DTYPE_COUNT; t++) {
        if (!(OPS[op].dtypes >> t & 1)) continue;
        if ((argc > 2 && std::strcmp(argv[2], OPS[op].name)) || (argc > 3 && std::atoi(argv[3]) != t)) continue;
        for (int round = 0; round < rounds; round++)
          if (only < 0 || round == only) seeded(static_cast<Op>(op), static_cast<DType>(t), round);
      }
  });
  if (argc <= 2)
    for (int op = 0; op < OP_COUNT; op++)
      for (int t = 0; t < DTYPE_COUNT; t++)
        if (OPS[op].dtypes >> t & 1) CHECK(accepted[op][t] > 0, "%s dtype %d: nothing was right", OPS[op].name, t);
  return report("commands_test");
}
