// Softmax, its logarithm and their gradients against plain loops in long double.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "test/check.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

Rng rng;

template <class T>
struct Padded {
  std::vector<T> v;
  int64_t n;
  explicit Padded(int64_t count) : v(static_cast<size_t>(count) + 33, static_cast<T>(std::nan(""))), n(count) {}
  T* data() { return v.data() + 17; }
  In in() { return ::in(data(), n); }
  Out out() { return ::out(data(), n); }
  bool clean() const {
    for (size_t i = 0; i < 17; i++)
      if (v[i] == v[i]) return false;
    for (size_t i = static_cast<size_t>(n) + 17; i < v.size(); i++)
      if (v[i] == v[i]) return false;
    return true;
  }
};

template <class T>
void shape(DType t, int64_t outer, int64_t dim, int64_t inner, double spread) {
  const int64_t n = outer * dim * inner;
  const long double eps = (t == F32 ? 3e-7L : 1e-15L) * (1 + std::log2(1.0L + static_cast<long double>(dim)) / 4);
  Padded<T> x(n), y(n), g(n), gx(n);
  for (bool log : {false, true}) {
    for (int64_t i = 0; i < n; i++) {
      x.data()[i] = static_cast<T>(rng.normal() * spread);
      g.data()[i] = static_cast<T>(rng.normal());
    }
    if (spread > 50 && dim > 1) x.data()[0] = -std::numeric_limits<T>::infinity();
    CHECK(send(log ? OP_log_softmax : OP_softmax, t, SoftmaxArgs{y.out(), x.in(), outer, dim, inner}) == OK);
    CHECK(send(log ? OP_log_softmax_backward : OP_softmax_backward, t,
               SoftmaxBackwardArgs{gx.out(), g.in(), y.in(), outer, dim, inner}) == OK);
    CHECK(y.clean() && gx.clean());
    for (int64_t o = 0; o < outer; o++)
      for (int64_t i = 0; i < inner; i++) {
        const auto at = [&](int64_t k) { return (o * dim + k) * inner + i; };
        long double m = -INFINITY, s = 0, d = 0, size = 0;
        for (int64_t k = 0; k < dim; k++) m = std::max(m, static_cast<long double>(x.data()[at(k)]));
        for (int64_t k = 0; k < dim; k++) s += std::exp(x.data()[at(k)] - m);
        for (int64_t k = 0; k < dim; k++) {
          const long double term = log ? static_cast<long double>(g.data()[at(k)])
                                       : static_cast<long double>(g.data()[at(k)]) * y.data()[at(k)];
          d += term;
          size += std::fabs(term);
        }
        for (int64_t k = 0; k < dim; k++) {
          const long double e = log ? x.data()[at(k)] - m - std::log(s) : std::exp(x.data()[at(k)] - m) / s;
          const long double got = y.data()[at(k)];
          const long double allowed =
              log ? eps * std::max(1.0L, std::fabs(e)) : eps * e * (1 + std::fabs(x.data()[at(k)] - m)) + 1e-38L;
          CHECK(got == e || std::fabs(got - e) <= allowed, "%s dtype %d [%lld %lld %lld]: %.9Lg, expected %.9Lg",
                log ? "log_softmax" : "softmax", t, static_cast<long long>(outer), static_cast<long long>(dim),
                static_cast<long long>(inner), got, e);
          const long double b = log ? g.data()[at(k)] - std::exp(got) * d : (g.data()[at(k)] - d) * got;
          CHECK(std::fabs(gx.data()[at(k)] - b) <= 4 * eps * (1 + size), "%s dtype %d gradient %.9Lg, expected %.9Lg",
                log ? "log_softmax" : "softmax", t, static_cast<long double>(gx.data()[at(k)]), b);
        }
      }
  }
}

void special() {
  const float inf = std::numeric_limits<float>::infinity();
  for (int64_t inner : {1, 3}) {
    std::vector<float> x(static_cast<size_t>(4 * inner)), y(x.size());
    const auto run = [&](Op op, const float(&v)[4]) {
      for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < static_cast<size_t>(inner); i++) x[k * static_cast<size_t>(inner) + i] = v[k];
      send(op, F32, SoftmaxArgs{out(y), in(x), 1, 4, inner});
    };
    run(OP_softmax, {-inf, -inf, -inf, -inf});
    for (float v : y) CHECK(std::isnan(v));
    run(OP_softmax, {0, -inf, 0, -inf});
    CHECK(y[0] == 0.5f && y[static_cast<size_t>(inner)] == 0);
    run(OP_masked_softmax, {-inf, -inf, -inf, -inf});
    for (float v : y) CHECK(v == 0);
    run(OP_masked_softmax, {1, std::nanf(""), -inf, 2});
    for (float v : y) CHECK(std::isnan(v));
    const float lines[][4] = {{0, -inf, 0, 3}, {-inf, -inf, -3e38f, -inf}, {1, inf, 0, 2}, {1e38f, -1e38f, 1e38f, 0}};
    for (const auto& v : lines) {
      run(OP_softmax, v);
      const std::vector<float> plain = y;
      run(OP_masked_softmax, v);
      CHECK(std::memcmp(y.data(), plain.data(), y.size() * 4) == 0);
    }
    run(OP_log_softmax, {0, -inf, 0, -inf});
    CHECK(y[static_cast<size_t>(inner)] == -inf);
    run(OP_softmax, {1, inf, 0, 2});
    for (float v : y) CHECK(std::isnan(v));
    run(OP_softmax, {1, std::nanf(""), 0, 2});
    for (float v : y) CHECK(std::isnan(v));
    run(OP_softmax, {1e38f, -1e38f, 1e38f, 0});
    CHECK(y[0] == 0.5f);
  }
  std::vector<float> x(6), y(6);
  const SoftmaxArgs good{out(y), in(x), 2, 3, 1};
  CHECK(send(OP_softmax, F32, good) == OK);
  CHECK(send(OP_softmax, F64, good) == BAD_COMMAND);
  CHECK(send(OP_softmax, F32, SoftmaxArgs{{}, {}, 2, 3, 1}) == BAD_COMMAND);
  CHECK(send(OP_softmax, F32, SoftmaxArgs{out(y), in(x), 2, 3, 2}) == BAD_COMMAND);
  CHECK(send(OP_softmax, F32, SoftmaxArgs{out(y), in(x), -2, 3, 1}) == BAD_COMMAND);
  CHECK(send(OP_softmax, F32, SoftmaxArgs{{}, {}, 0, 3, 1}) == OK);
  CHECK(send(OP_softmax, F32, {0}) == BAD_COMMAND);
}

void everywhere() {
  rng = Rng();
  for (const auto& [outer, dim, inner] : {std::array<int64_t, 3>{300, 257, 1}, {40, 33, 50}}) {
    const size_t n = static_cast<size_t>(outer * dim * inner);
    std::vector<float> x(n), y(n);
    for (float& v : x) v = static_cast<float>(rng.normal() * 5);
    sameBits({1, 2, 5}, [&] {
      send(OP_softmax, F32, SoftmaxArgs{out(y), in(x), outer, dim, inner});
      return y;
    });
    noteBits(y.data(), 4 * n);
  }
}

}  // namespace

int main() {
  eachLevel([](Level) {
    special();
    for (int64_t dim : {1, 2, 3, 7, 10, 15, 16, 17, 33, 100, 1000})
      for (double spread : {1.0, 100.0}) {
        shape<float>(F32, 5, dim, 1, spread);
        shape<double>(F64, 3, dim, 1, spread);
        for (int64_t inner : {2, 5, 16, 17, 40}) {
          shape<float>(F32, 3, dim, inner, spread);
          shape<double>(F64, 2, dim, inner, spread);
        }
      }
    shape<float>(F32, 400, 100, 1, 1);
    shape<float>(F32, 1, 40000, 1, 1);
  });
  everywhere();
  return report("softmax_test");
}
