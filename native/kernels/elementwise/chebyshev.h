// Sums of Chebyshev polynomials, by Clenshaw's recurrence.
#pragma once
#include "dispatch/kernels.h"

namespace tenzo::TENZO_LEVEL {
namespace {

inline double chebyshev(double t, const double* c, int n) {
  double b0 = c[n - 1], b1 = 0, b2 = 0;
  for (int i = n - 2; i >= 0; i--) {
    b2 = b1;
    b1 = b0;
    b0 = t * b1 - b2 + c[i];
  }
  return 0.5 * (b0 - b2);
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
