// Activations and their gradients, each in one pass. Formulas are PyTorch's, where they round differently.
#include "loops.h"
#include "simd/math_trig.h"

namespace tenzo::TENZO_LEVEL {
namespace {

template <class T>
inline Vec<T> one() {
  return Vec<T>::set1(1);
}
template <class T>
inline Vec<T> value(double x) {
  return Vec<T>::set1(static_cast<T>(x));
}
constexpr double SQRT_HALF = 0.7071067811865476, INV_SQRT_2PI = 0.3989422804014327;
constexpr double SQRT_2_OVER_PI = 0.7978845608028654, GELU_CUBIC = 0.044715;

struct LogSigmoid {
  template <class T>
  static Vec<T> of(Vec<T> x) {
    return min(Vec<T>::zero(), x) - log1p(exp(neg(abs(x))));
  }
};
struct LogSigmoidBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x) {
    // 1 - sigmoid(x), from the side that does not cancel
    const Vec<T> z = exp(neg(abs(x))), tail = z / (one<T>() + z);
    return g * select(x < Vec<T>::zero(), one<T>() - tail, tail);
  }
};

struct Silu {
  template <class T>
  static Vec<T> of(Vec<T> x) {
    return x / (one<T>() + exp(neg(x)));
  }
};
struct SiluBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x) {
    const Vec<T> s = sigmoid(x);
    return g * s * fma(x, one<T>() - s, one<T>());
  }
};

struct Gelu {
  template <class T>
  static Vec<T> of(Vec<T> x) {
    return x * value<T>(0.5) * (one<T>() + erf(x * value<T>(SQRT_HALF)));
  }
};
struct GeluBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x) {
    const Vec<T> cdf = value<T>(0.5) * (one<T>() + erf(x * value<T>(SQRT_HALF)));
    const Vec<T> pdf = exp(x * x * value<T>(-0.5)) * value<T>(INV_SQRT_2PI);
    return g * fma(x, pdf, cdf);
  }
};
template <class T>
inline Vec<T> geluInner(Vec<T> x) {
  return value<T>(SQRT_2_OVER_PI) * (x + value<T>(GELU_CUBIC) * (x * x * x));
}
struct GeluTanh {
  template <class T>
  static Vec<T> of(Vec<T> x) {
    return value<T>(0.5) * x * (one<T>() + tanh(geluInner(x)));
  }
};
struct GeluTanhBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x) {
    const Vec<T> t = tanh(geluInner(x)), slope = fma(x * x, value<T>(3 * GELU_CUBIC), one<T>());
    const Vec<T> left = value<T>(0.5) * (one<T>() + t);
    const Vec<T> right = value<T>(0.5) * x * fnma(t, t, one<T>()) * (value<T>(SQRT_2_OVER_PI) * slope);
    return g * (left + right);
  }
};

struct Softplus {
  template <class T>
  static Vec<T> of(Vec<T> x) {
    return select(x > value<T>(20), x, log1p(exp(x)));
  }
};
struct SoftplusBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x) {
    return select(x > value<T>(20), g, g * sigmoid(x));
  }
};

// tanh(log(1 + e)) = (e^2 + 2e) / (e^2 + 2e + 2)
template <class T>
inline Vec<T> tanhSoftplus(Vec<T> x) {
  const Vec<T> e = exp(min(value<T>(20), x)), n = e * (e + value<T>(2));
  return n / (n + value<T>(2));
}
struct Mish {
  template <class T>
  static Vec<T> of(Vec<T> x) {
    return x * tanhSoftplus(x);
  }
};
struct MishBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x) {
    const Vec<T> t = tanhSoftplus(x);
    return g * fma(x * sigmoid(x), fnma(t, t, one<T>()), t);
  }
};

struct Tanhshrink {
  template <class T>
  static Vec<T> of(Vec<T> x) {
    return x - tanh(x);
  }
};

// x > 0 ? x : alpha (exp(x) - 1)
struct Elu {
  template <class T>
  static Vec<T> of(Vec<T> x, Vec<T> alpha) {
    return select(x <= Vec<T>::zero(), alpha * expm1(x), x);
  }
};
struct EluBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x, Vec<T> alpha) {
    return select(x > Vec<T>::zero(), g, g * alpha * exp(x));
  }
};
struct Celu {
  template <class T>
  static Vec<T> of(Vec<T> x, Vec<T> alpha) {
    return select(x <= Vec<T>::zero(), alpha * expm1(x * (one<T>() / alpha)), x);
  }
};
struct CeluBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x, Vec<T> alpha) {
    return select(x > Vec<T>::zero(), g, g * exp(x * (one<T>() / alpha)));
  }
};

struct SigmoidBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> y) {
    return g * (one<T>() - y) * y;
  }
};
struct TanhBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> y) {
    return g * fnma(y, y, one<T>());
  }
};
struct ReluBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> y) {
    return select(y <= Vec<T>::zero(), Vec<T>::zero(), g);
  }
};
struct LeakyReluBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x, Vec<T> slope) {
    return select(x > Vec<T>::zero(), g, g * slope);
  }
};
struct HardsigmoidBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x) {
    return select((x > value<T>(-3)) & (x < value<T>(3)), g * value<T>(1.0f / 6.0f),
                  Vec<T>::zero());  // PyTorch's sixth is a float
  }
};
struct HardswishBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x) {
    const Vec<T> middle = g * (x / value<T>(3) + value<T>(0.5));
    return select(x <= value<T>(-3), Vec<T>::zero(), select(x >= value<T>(3), g, middle));
  }
};
// The gradient of x / (1 + |x|) term by term, as PyTorch's: at infinity it is NaN.
struct SoftsignBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x) {
    const Vec<T> d = one<T>() + abs(x), sign = select(x == Vec<T>::zero(), x, copysign(one<T>(), x));
    return g / d - g * (x / d / d) * sign;
  }
};
struct ShrinkBackward {
  template <class T>
  static Vec<T> of(Vec<T> g, Vec<T> x, Vec<T> lambda) {
    return select((x < neg(lambda)) | (x > lambda), g, Vec<T>::zero());
  }
};

}  // namespace

void fill_activation(Kernels& k) {
  TENZO_MAP(log_sigmoid, LogSigmoid)
  TENZO_MAP(silu, Silu)
  TENZO_MAP(gelu, Gelu)
  TENZO_MAP(gelu_tanh, GeluTanh)
  TENZO_MAP(softplus_1, Softplus)
  TENZO_MAP(mish, Mish)
  TENZO_MAP(tanhshrink, Tanhshrink)
  TENZO_MAP(elu, Elu)
  TENZO_MAP(celu, Celu)

  TENZO_MAP(sigmoid_backward, SigmoidBackward)
  TENZO_MAP(tanh_backward, TanhBackward)
  TENZO_MAP(relu_backward, ReluBackward)
  TENZO_MAP(silu_backward, SiluBackward)
  TENZO_MAP(gelu_backward, GeluBackward)
  TENZO_MAP(gelu_tanh_backward, GeluTanhBackward)
  TENZO_MAP(softplus_1_backward, SoftplusBackward)
  TENZO_MAP(log_sigmoid_backward, LogSigmoidBackward)
  TENZO_MAP(mish_backward, MishBackward)
  TENZO_MAP(hardswish_backward, HardswishBackward)
  TENZO_MAP(hardsigmoid_backward, HardsigmoidBackward)
  TENZO_MAP(softsign_backward, SoftsignBackward)
  TENZO_MAP(leaky_relu_backward, LeakyReluBackward)
  TENZO_MAP(elu_backward, EluBackward)
  TENZO_MAP(celu_backward, CeluBackward)
  TENZO_MAP(shrink_backward, ShrinkBackward)
}

}  // namespace tenzo::TENZO_LEVEL
