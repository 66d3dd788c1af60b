// A block with guard bytes around it, at an address that is aligned to the element only: what a kernel may write.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "command/command.h"

class Guarded {
 public:
  Guarded(int64_t n, int size) : bytes_(static_cast<size_t>(n) * static_cast<size_t>(size)) {
    block_.assign(bytes_ + 2 * MARGIN, GUARD);
    // One element past a 64-byte boundary.
    const uintptr_t start = reinterpret_cast<uintptr_t>(block_.data());
    offset_ = (64 - start % 64) + static_cast<size_t>(size);
  }
  Guarded(Guarded&&) = default;  // a copy would lie elsewhere
  template <class T = char>
  T* as() {
    return reinterpret_cast<T*>(block_.data() + offset_);
  }
  double slot() { return static_cast<double>(reinterpret_cast<uintptr_t>(as())); }
  size_t bytes() const { return bytes_; }
  void clear() {
    if (bytes_ && bytes_ < block_.size()) std::memset(as(), 0, bytes_);
  }
  bool intact() const {
    for (size_t i = 0; i < block_.size(); i++)
      if ((i < offset_ || i >= offset_ + bytes_) && block_[i] != GUARD) return false;
    return true;
  }
  uint64_t hash() { return fnv(as(), bytes_); }
  static uint64_t fnv(const void* data, size_t n) {
    uint64_t h = 0xcbf29ce484222325ull;
    for (size_t i = 0; i < n; i++) h = (h ^ static_cast<const uint8_t*>(data)[i]) * 0x100000001b3ull;
    return h;
  }

 private:
  static constexpr size_t MARGIN = 640;
  static constexpr uint8_t GUARD = 0xff;  // NaN in every float type
  size_t bytes_, offset_;
  std::vector<uint8_t> block_;
};

// Of elements T.
template <class T>
struct GuardedOf : Guarded {
  explicit GuardedOf(int64_t n) : Guarded(n, sizeof(T)), n(n) {}
  T* data() { return as<T>(); }
  std::vector<T> values() { return std::vector<T>(data(), data() + n); }
  int64_t n;
};

inline tenzo::In in(Guarded& g) { return {{g.as(), static_cast<int64_t>(g.bytes())}}; }
inline tenzo::Out out(Guarded& g) { return {{g.as(), static_cast<int64_t>(g.bytes())}}; }

template <class T>
constexpr tenzo::DType dtypeOf = std::is_same_v<T, float>     ? tenzo::F32
                                 : std::is_same_v<T, double>  ? tenzo::F64
                                 : std::is_same_v<T, int64_t> ? tenzo::I64
                                 : std::is_same_v<T, int32_t> ? tenzo::I32
                                 : std::is_same_v<T, int16_t> ? tenzo::I16
                                 : std::is_same_v<T, int8_t>  ? tenzo::I8
                                                              : tenzo::U8;

// The element types, by their DType; f(type{}, dtype) for each of the set.
template <class F>
void eachNumber(const F& f) {
  f(float{}, tenzo::F32);
  f(double{}, tenzo::F64);
  f(int64_t{}, tenzo::I64);
  f(int32_t{}, tenzo::I32);
  f(int16_t{}, tenzo::I16);
  f(int8_t{}, tenzo::I8);
  f(uint8_t{}, tenzo::U8);
}
