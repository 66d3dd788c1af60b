// The checks of single slots that the decoders of arguments.cpp are made of. Each is false where a slot is not what its
// schema says.
#pragma once
#include <cmath>
#include <initializer_list>

#include "command.h"
#include "generator.h"

namespace tenzo {

constexpr double EXACT = 9007199254740992.0;  // 2^53: integers and addresses are exact in a float64 up to here

inline double d(int64_t v) { return static_cast<double>(v); }
inline double d(int v) { return v; }
inline double whole(double quotient) { return std::floor(quotient); }

inline bool integer(double v, double least, int64_t& out) {
  if (!(v >= least && v <= EXACT)) return false;
  out = static_cast<int64_t>(v);
  return d(out) == v;
}
inline bool small(double v, int above, int& out) {  // a whole number from 0 to above - 1
  if (!(v >= 0 && v < above)) return false;
  out = static_cast<int>(v);
  return out == v;
}
inline bool rank(double v, int& out) { return small(v, MAX_DIMS + 1, out); }
inline bool indexCount(double v, int& out) { return small(v, MAX_INDICES + 1, out); }
// A number without dims is walked along dim 0.
inline bool axis(double v, int ndim, int& out) { return small(v, ndim ? ndim : 1, out); }
inline bool flag(double v, bool& out) {
  out = v != 0;
  return v == 0 || v == 1;
}
inline int64_t bitsOf(double v) {
  int64_t bits;
  std::memcpy(&bits, &v, sizeof bits);
  return bits;
}
inline bool vector(const double* p, int ndim, Dims& out) {
  out.p = p;
  int64_t ignored;
  for (int i = 0; i < ndim; i++)
    if (!integer(p[i], 0, ignored)) return false;
  return true;
}

// What follows counts the elements of memory that a command reaches. It is infinite, which no memory is, where a kernel
// that multiplies the same numbers, in whatever order, might meet one that is not exact: even if a size of 0 makes the
// result nothing.
inline double elements(std::initializer_list<double> factors) {
  double count = 1, most = 1;
  for (const double f : factors) {
    count *= f;
    if (f > 1) most *= f;
  }
  return most <= EXACT ? count : INFINITY;
}

// From the first element of a walk to its last.
class Reach {
  double last = 0, most = 1;
  bool empty = false;

 public:
  void step(double size, double by) {
    if (size == 0) {
      empty = true;
      return;
    }
    last += (size - 1) * by;
    most *= size;
  }
  double elements() const { return !(last < EXACT && most <= EXACT) ? INFINITY : empty ? 0 : last + 1; }
};
struct Steps {
  double size, step;
};
inline double reach(std::initializer_list<Steps> walk) {
  Reach r;
  for (const Steps& s : walk) r.step(s.size, s.step);
  return r.elements();
}
// The size of dim `replaced` is `by` here; a number without dims is walked along dim 0.
inline double reach(const Dims& sizes, const Dims& strides, int ndim, int replaced = -1, int64_t by = 0) {
  Reach r;
  for (int i = 0; i < ndim; i++) r.step(d(i == replaced ? by : sizes[i]), d(strides[i]));
  if (ndim == 0 && replaced == 0 && by == 0) return 0;
  return r.elements();
}
template <class Index>
double withIndices(double elements, const Index* indices, int count) {
  if (elements == 0) return 0;
  for (int k = 0; k < count; k++)
    if (indices[k].size > 0) elements += d(indices[k].size - 1) * d(indices[k].stride);
  return elements;
}

// Two slots: the address and the bytes that are there. Left out is an address of 0, which must be allowed or not
// matter.
inline bool memory(const double* p, double needed, bool optional, Memory& out) {
  out = {};
  if (!(needed <= EXACT)) return false;
  if (p[0] == 0) return optional || needed == 0;
  if (!(p[0] >= 1 && p[0] <= EXACT && p[1] >= 0 && p[1] <= EXACT && needed <= p[1])) return false;
  out.at = reinterpret_cast<void*>(static_cast<uintptr_t>(p[0]));
  out.bytes = static_cast<int64_t>(p[1]);
  return true;
}

}  // namespace tenzo
