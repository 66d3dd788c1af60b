#include "run.h"

#include "command/decode.h"

namespace tenzo {

Status runCommand(const Command& c, const Kernels& k) {
  const AnyFn kernel = k.table[c.op][c.dtype];
  return kernel ? runKernel(c, kernel) : c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype);
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
