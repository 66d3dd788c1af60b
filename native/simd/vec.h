// The vector type of the kernels: one concept, one file a CPU level (native/levels.def), <level>.h, which gives
//
//   Vec<T>           T is float or double; Vec<T>::N lanes
//   load store       unaligned; loadN/storeN: the first n (0…N) lanes, zero in the rest, no byte beyond is touched
//   set1 zero        + - * /   fma(a,b,c) = a*b + c   fnma(a,b,c) = c - a*b   (fused but for the baseline level)
//   min max          a < b ? a : b and a > b ? a : b, so b where either is NaN, at every level
//   minimum maximum  the same, but NaN where either is NaN
//   abs neg sqrt copysign(magnitude, sign)   round (half to even) floor ceil trunc
//   < <= > >= == !=  give Vec<T>::Mask (& | ^ ~ any all moveMask); select(mask, a, b); isnan
//   & | ^ andnot     on the bits (andnot(a, b) = ~a & b)
//   Vec<T>::Int      integers of the same width: set1 + - & | ^ shl<k> shr<k> (logical) eq(a, b)
//   asInt asFloat    the same bits;  toInt (nearest, |x| < 2^31 or 2^51) and toFloat convert
//   widenLow widenHigh narrow(low, high)   between Vec<float> and two Vec<double>
//   reduceAdd/Max/Min   upper half onto lower half, until one lane is left
//   transposeLoad(rows, at, out)   out[i] = { rows[0][at + i], rows[1][at + i], … }, N rows of N elements
//   REGISTERS        vector registers
//   MASKED_TAILS     whether loadN and storeN cost no more than load and store
//   GEMM_ROWS GEMM_VECTORS   the largest tile of a product, in rows and vectors: it fills the
//                    registers but for a row of B and an element of A
// and, where the CPU has instructions for it,
//   loadHalf storeHalf       N floats of half precision, by their bits
//   scale2(a, n)     a * 2^n, rounded once
// On top of these, here for every level, are abs neg copysign isnan minimum maximum, FUSED (levels.def's `fuses`) and
//   reduceAdd16 …    reductions of 16 virtual lanes held in VECTORS_OF_16<T> vectors
//
// Free functions are friends (found by their arguments), so that they hide nothing of <cmath>.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

namespace tenzo::TENZO_LEVEL {
namespace {
template <class T>
struct Vec;
}
}  // namespace tenzo::TENZO_LEVEL

#define TENZO_TEXT_OF(tokens) #tokens
#define TENZO_TEXT(tokens) TENZO_TEXT_OF(tokens)
#include TENZO_TEXT(TENZO_LEVEL.h)

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr bool FUSED = TENZO_FUSES;

using VecF = Vec<float>;
using VecD = Vec<double>;

template <class T>
constexpr int VECTORS_OF_16 = 16 / Vec<T>::N;

template <class T>
inline Vec<T> abs(Vec<T> a) {
  return andnot(Vec<T>::set1(T(-0.0)), a);
}
template <class T>
inline Vec<T> neg(Vec<T> a) {
  return a ^ Vec<T>::set1(T(-0.0));
}
template <class T>
inline Vec<T> signBits(Vec<T> a) {
  return a & Vec<T>::set1(T(-0.0));
}
template <class T>
inline Vec<T> copysign(Vec<T> magnitude, Vec<T> sign) {
  return abs(magnitude) | signBits(sign);
}
template <class T>
inline auto isnan(Vec<T> a) {
  return a != a;
}
template <class T>
inline Vec<T> minimum(Vec<T> a, Vec<T> b) {
  return select(a != a, a, min(a, b));
}
template <class T>
inline Vec<T> maximum(Vec<T> a, Vec<T> b) {
  return select(a != a, a, max(a, b));
}

// Folds 16 virtual lanes (VECTORS_OF_16<T> vectors, in order) to one vector: lane i with lane i + 8, then i + 4, …
// down to N lanes. reduceAdd and its kin go on in the same order, so a sum has the same bits at every level.
template <class T, class F>
inline Vec<T> fold16(const Vec<T>* acc, const F& combine) {
  Vec<T> a[VECTORS_OF_16<T>];
  for (int i = 0; i < VECTORS_OF_16<T>; i++) a[i] = acc[i];
  for (int half = VECTORS_OF_16<T> / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) a[i] = combine(a[i], a[i + half]);
  return a[0];
}
template <class T>
inline T reduceAdd16(const Vec<T>* acc) {
  return reduceAdd(fold16<T>(acc, [](Vec<T> a, Vec<T> b) { return a + b; }));
}
template <class T>
inline T reduceMax16(const Vec<T>* acc) {
  return reduceMax(fold16<T>(acc, [](Vec<T> a, Vec<T> b) { return max(a, b); }));
}
template <class T>
inline T reduceMin16(const Vec<T>* acc) {
  return reduceMin(fold16<T>(acc, [](Vec<T> a, Vec<T> b) { return min(a, b); }));
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
