// Optimizer steps, one pass over a parameter: each does what torch.optim's plain loop over tensor operations does, with
// the same roundings (a product and a sum are fused where PyTorch's elementwise kernels fuse them), but reads and
// writes every array once; all but the gradient are updated in place.
#include "kernels/fill.h"
#include "simd/vec.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// A step is bound by memory; below this the threads cost more than they bring.
constexpr int64_t GRAIN = 1 << 14;

// step(i, m) updates elements i … i + m - 1, m at most one vector. A whole vector is a type of its own, so that its
// copy of the step has plain loads and stores.
template <class T>
struct Whole {
  constexpr operator int64_t() const { return Vec<T>::N; }
};
template <class T, class F>
inline void eachVector(int64_t n, const F& step) {
  parallelRange(n, GRAIN, [&](int64_t begin, int64_t end) {
    constexpr int N = Vec<T>::N;
    int64_t i = begin;
    for (; i + N <= end; i += N) step(i, Whole<T>{});
    if (i < end) step(i, end - i);
  });
}

// The gradient as a step sees it: negated to maximise, plus the weight decay of the parameter.
template <class T>
struct Gradient {
  using V = Vec<T>;
  const T* grad;
  V sign, decay;
  bool decays;
  Gradient(const T* g, double weightDecay, bool maximize)
      : grad(g),
        sign(V::set1(maximize ? T(-0.0) : T(0))),
        decay(V::set1(static_cast<T>(weightDecay))),
        decays(weightDecay != 0) {}
  V at(int64_t i, int64_t m, V param) const {
    const V g = V::loadN(grad + i, m) ^ sign;
    return decays ? fma(param, decay, g) : g;
  }
};

// The buffer is of the momentum, and left out without; in the first step it is not yet set, and takes the gradient.
template <class T>
Status sgdStep(const Command& c, const SgdStepArgs& a) {
  const int64_t n = a.n;
  T* const param = a.param;
  T* const buffer = a.buffer;
  if (n > 0 && a.momentum != 0 && !buffer) return c.fail(BAD_COMMAND, c.op);
  using V = Vec<T>;
  const V rate = V::set1(static_cast<T>(-a.lr)), keep = V::set1(static_cast<T>(a.momentum)),
          take = V::set1(static_cast<T>(1 - a.dampening));
  const Gradient<T> gradient(a.grad, a.weightDecay, a.maximize);
  const bool nesterov = a.nesterov, first = a.first;
  if (a.momentum == 0)
    eachVector<T>(n, [&](int64_t i, auto m) {
      const V p = V::loadN(param + i, m);
      fma(gradient.at(i, m, p), rate, p).storeN(param + i, m);
    });
  else
    eachVector<T>(n, [&](int64_t i, auto m) {
      const V p = V::loadN(param + i, m), g = gradient.at(i, m, p);
      const V b = first ? g : fma(g, take, V::loadN(buffer + i, m) * keep);
      b.storeN(buffer + i, m);
      fma(nesterov ? fma(b, keep, g) : b, rate, p).storeN(param + i, m);
    });
  return OK;
}

// maxExpAvgSq is of amsgrad, and left out without; decoupled is AdamW; the first step is 1.
template <class T>
Status adamStep(const Command&, const AdamStepArgs& a) {
  T* const param = a.param;
  T* const mean = a.expAvg;
  T* const square = a.expAvgSq;
  T* const largest = a.maxExpAvgSq;
  const double beta1 = a.beta1, beta2 = a.beta2;
  const bool shrinks = a.decoupled && a.weightDecay != 0;
  using V = Vec<T>;
  const auto set = [](double x) { return V::set1(static_cast<T>(x)); };
  const V shrink = set(1 - a.lr * a.weightDecay), eps = set(a.eps);
  // A weight of a half and more is interpolated from the other end, as PyTorch's lerp does.
  const T weight = static_cast<T>(1 - beta1);
  const bool fromMean = (weight < 0 ? -weight : weight) < T(0.5);
  const V coefficient = V::set1(fromMean ? weight : weight - T(1));
  const V keep = set(beta2), take = set(1 - beta2);
  const V correction = set(::pow(1 - ::pow(beta2, a.step), 0.5)), rate = set(-(a.lr / (1 - ::pow(beta1, a.step))));
  const Gradient<T> gradient(a.grad, a.decoupled ? 0 : a.weightDecay, a.maximize);
  eachVector<T>(a.n, [&](int64_t i, auto m) {
    V p = V::loadN(param + i, m);
    const V g = gradient.at(i, m, p);
    if (shrinks) p = p * shrink;
    const V old = V::loadN(mean + i, m);
    const V average = fma(coefficient, g - old, fromMean ? old : g);
    average.storeN(mean + i, m);
    V second = fma(take * g, g, V::loadN(square + i, m) * keep);
    second.storeN(square + i, m);
    if (largest) {
      second = maximum(V::loadN(largest + i, m), second);
      second.storeN(largest + i, m);
    }
    const V denominator = sqrt(second) / correction + eps;
    (p + rate * average / denominator).storeN(param + i, m);
  });
  return OK;
}

}  // namespace

void fill_optimizer(Kernels& k) {
  TENZO_KERNEL(sgd_step, sgdStep<T>)
  TENZO_KERNEL(adam_step, adamStep<T>)
}

}  // namespace tenzo::TENZO_LEVEL
