// What the kernel tests share: a check that counts, a small generator, and commands sent as TypeScript sends them.
#pragma once
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <initializer_list>
#include <vector>

#include "dispatch/run.h"
#include "encode.h"
#include "threads/threads.h"

static int failures = 0;
inline void explain() {}
__attribute__((format(printf, 1, 2))) inline void explain(const char* format, ...) {
  va_list args;
  va_start(args, format);
  std::vprintf(format, args);
  va_end(args);
}
#define CHECK(condition, ...)                                                                                   \
  do {                                                                                                          \
    if (!(condition) && failures++ < 20) {                                                                      \
      std::printf("%s:%d: [%s] not so: %s ", __FILE__, __LINE__, tenzo::levelName(tenzo::level()), #condition); \
      explain(__VA_ARGS__);                                                                                     \
      std::printf("\n");                                                                                        \
    }                                                                                                           \
  } while (0)

struct Rng {
  uint64_t s = 88172645463325252ull;
  uint64_t next() {
    s ^= s << 13;
    s ^= s >> 7;
    return s ^= s << 17;
  }
  int64_t below(int64_t n) { return static_cast<int64_t>(next() >> 1) % n; }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double normal() {  // near enough: what the tests need is values of both signs and several sizes
    double t = -6;
    for (int i = 0; i < 12; i++) t += uniform();
    return t;
  }
};

inline double slot(const void* p) { return static_cast<double>(reinterpret_cast<uintptr_t>(p)); }

inline tenzo::Status send(tenzo::Op op, tenzo::DType dtype, const std::vector<double>& payload,
                          double* detail = nullptr, tenzo::DType dtype2 = tenzo::F32) {
  std::vector<double> buffer(tenzo::HEADER_SLOTS, 0);
  buffer.push_back(op);
  buffer.push_back(dtype);
  buffer.push_back(dtype2);
  buffer.push_back(static_cast<double>(payload.size()));
  buffer.insert(buffer.end(), payload.begin(), payload.end());
  buffer[0] = static_cast<double>(buffer.size());
  const tenzo::Status s = tenzo::runBuffer(buffer.data(), static_cast<int64_t>(buffer.size()));
  if (detail) std::memcpy(detail, buffer.data() + 2, 6 * sizeof(double));
  return s;
}

// A command by its arguments: the struct of the operation's schema.
template <class Args>
tenzo::Status send(tenzo::Op op, tenzo::DType dtype, const Args& args, double* detail = nullptr,
                   tenzo::DType dtype2 = tenzo::F32) {
  return send(op, dtype, encode(args), detail, dtype2);
}

// Memory of so many elements, as an argument. Left out is {}.
template <class T>
tenzo::In in(const T* p, int64_t count) {
  return {{const_cast<T*>(p), count * static_cast<int64_t>(sizeof(T))}};
}
template <class T>
tenzo::Out out(T* p, int64_t count) {
  return {{p, count * static_cast<int64_t>(sizeof(T))}};
}
template <class T>
tenzo::In in(const std::vector<T>& v) {
  return in(v.data(), static_cast<int64_t>(v.size()));
}
template <class T>
tenzo::Out out(std::vector<T>& v) {
  return out(v.data(), static_cast<int64_t>(v.size()));
}
// A vector as an argument: Dims only points at it, so it is kept until the test ends.
template <class T>
tenzo::Dims dims(const std::vector<T>& v) {
  thread_local std::deque<std::vector<double>> kept;
  kept.emplace_back(v.begin(), v.end());
  return {kept.back().data()};
}
inline tenzo::Dims dims(std::initializer_list<double> v) { return dims(std::vector<double>(v)); }
// A value of an integer dtype as an argument; of a float dtype it is {x}.
inline tenzo::Number integer(int64_t v) {
  tenzo::Number n;
  std::memcpy(&n.slot, &v, sizeof v);
  return n;
}

// The payload of an elementwise operation: the operands, out first, and the strides of each.
inline std::vector<double> elementwise(const std::vector<tenzo::Memory>& operands, const std::vector<int64_t>& sizes,
                                       const std::vector<std::vector<int64_t>>& strides) {
  std::vector<double> p{static_cast<double>(sizes.size())};
  for (const tenzo::Memory& m : operands) put(p, m);
  p.insert(p.end(), sizes.begin(), sizes.end());
  for (const auto& s : strides) p.insert(p.end(), s.begin(), s.end());
  return p;
}
// n elements side by side in each.
inline std::vector<double> elementwise(const std::vector<tenzo::Memory>& operands, int64_t n) {
  return elementwise(operands, {n}, std::vector<std::vector<int64_t>>(operands.size(), {1}));
}

template <class F>
void eachLevel(const F& f) {
  for (int l = 0; l < tenzo::LEVEL_COUNT; l++)
    if (tenzo::setLevel(static_cast<tenzo::Level>(l))) f(static_cast<tenzo::Level>(l));
}

// What `run` returns must be the same for any number of threads, and the same at every level that fuses; that is
// returned.
template <class F>
auto sameBits(std::initializer_list<int> threads, const F& run) {
  std::vector<decltype(run())> ofFused;
  eachLevel([&](tenzo::Level l) {
    std::vector<decltype(run())> ofLevel;
    auto& want = tenzo::fused(l) ? ofFused : ofLevel;
    for (const int n : threads) {
      tenzo::setNumThreads(n);
      auto got = run();
      if (want.empty())
        want.push_back(std::move(got));
      else
        CHECK(got == want[0], "other bits with %d threads", n);
    }
  });
  return ofFused.empty() ? decltype(run()){} : ofFused[0];
}

// A fingerprint of results that every fused level must agree on; report() prints it, so that machines can be compared.
static uint64_t fingerprint = 14695981039346656037ull;
inline void noteBits(const void* p, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    fingerprint = (fingerprint ^ static_cast<const unsigned char*>(p)[i]) * 1099511628211ull;
}

inline int report(const char* name) {
  std::printf("%s: %s (%d failed), bits %016llx\n", name, failures ? "FAILED" : "passed", failures,
              static_cast<unsigned long long>(fingerprint));
  return failures != 0;
}
