// Bad commands by bytes, so that a fuzzer that sees which code they reach can look for others: the bytes decide what
// the seeds of commands_test decide. Linked with libFuzzer (npm run fuzz -- commands) this is its target; by itself it
// mutates inputs that brought something new, as far as it can tell: an operation, dtype and status.
//   commands_fuzz_test [rounds] [file of an earlier finding …]
#include "test/bad_commands.h"

#include <set>

using Bytes = std::vector<unsigned char>;

static Status status;

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  start();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size < 2) return 0;
  static std::vector<std::pair<Op, DType>> kernels;
  if (kernels.empty())
    for (int op = 0; op < OP_COUNT; op++)
      for (int t = 0; t < DTYPE_COUNT; t++)
        if (OPS[op].dtypes >> t & 1) kernels.emplace_back(static_cast<Op>(op), static_cast<DType>(t));
  const auto [op, t] = kernels[static_cast<size_t>(data[0] << 8 | data[1]) % kernels.size()];
  rng = {};
  rng.data = data + 2, rng.left = size - 2;
  status = runCase(op, t);
  if (failures) std::abort();
  return 0;
}

#ifndef TENZO_LIBFUZZER
static Bytes current;

// Where a sanitizer or a signal ends the program, its input is what is wanted.
static void keep() {
  tell();
  const char* const path = std::getenv("TENZO_FINDING");
  std::FILE* const file = path ? std::fopen(path, "wb") : nullptr;
  if (!file) return;
  std::fwrite(current.data(), 1, current.size(), file);
  std::fclose(file);
}

static void mutate(Bytes& b, Rng& r, const std::vector<Bytes>& corpus) {
  for (int64_t k = 1 + r.below(4); k > 0; k--) {
    const size_t at = b.empty() ? 0 : static_cast<size_t>(r.below(static_cast<int64_t>(b.size())));
    switch (r.below(5)) {
      case 0:
        if (!b.empty()) b[at] ^= static_cast<unsigned char>(1 << r.below(8));
        break;
      case 1:
        if (!b.empty()) b[at] = static_cast<unsigned char>(r.below(256));
        break;
      case 2:
        b.insert(b.begin() + static_cast<int64_t>(at), static_cast<unsigned char>(r.below(256)));
        break;
      case 3:
        if (b.size() > 2) b.erase(b.begin() + static_cast<int64_t>(at));
        break;
      case 4: {
        const Bytes& other = corpus[static_cast<size_t>(r.below(static_cast<int64_t>(corpus.size())))];
        if (other.size() > at) b.resize(at), b.insert(b.end(), other.begin() + static_cast<int64_t>(at), other.end());
        break;
      }
    }
  }
  if (b.size() > 1024) b.resize(1024);
}

int main(int argc, char** argv) {
  LLVMFuzzerInitialize(nullptr, nullptr);
#ifdef SANITIZED
  __sanitizer_set_death_callback(keep);
#else
  for (const int s : {SIGSEGV, SIGFPE, SIGBUS, SIGABRT})
    std::signal(s, [](int number) {
      keep();
      std::signal(number, SIG_DFL);
      std::raise(number);
    });
#endif
  for (int i = 2; i < argc; i++) {
    std::FILE* const file = std::fopen(argv[i], "rb");
    CHECK(file, "%s", argv[i]);
    if (!file) continue;
    current.resize(1 << 16);
    current.resize(std::fread(current.data(), 1, current.size(), file));
    std::fclose(file);
    LLVMFuzzerTestOneInput(current.data(), current.size());
  }
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const char* const seed = std::getenv("TENZO_SEED");
  Rng r;
  r.s += seed ? std::strtoull(seed, nullptr, 10) * 0x9e3779b97f4a7c15ull : 0;
  std::vector<Bytes> corpus(1);
  std::set<int> seen;
  for (int round = 0; round < rounds; round++) {
    if (r.below(8) == 0) {
      current.resize(static_cast<size_t>(2 + r.below(300)));
      for (unsigned char& b : current) b = static_cast<unsigned char>(r.below(256));
    } else {
      current = corpus[static_cast<size_t>(r.below(static_cast<int64_t>(corpus.size())))];
      mutate(current, r, corpus);
    }
    if (current.size() < 2) continue;
    LLVMFuzzerTestOneInput(current.data(), current.size());
    if (seen.insert((now.op * DTYPE_COUNT + now.dtype) * 8 + status).second) corpus.push_back(current);
  }
  std::printf("%d rounds, %zu of operation, dtype and status\n", rounds, seen.size());
  CHECK(rounds < 10'000 || seen.size() > OP_COUNT);
  return report("commands_fuzz_test");
}
#endif
