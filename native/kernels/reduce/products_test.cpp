// Gradients of products against sums over the products that leave one factor out: with no zero, one, and several.
#include <cmath>

#include "test/check.h"
#include "test/guarded.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

Rng rng;

struct Lines {
  int64_t outer, dim, inner;
  int64_t count() const { return outer * dim * inner; }
  int64_t at(int64_t o, int64_t r, int64_t i) const { return (o * dim + r) * inner + i; }
};

template <class T>
struct Case {
  Lines lines;
  std::vector<T> x;
  Case(const Lines& l, int64_t zeros) : lines(l), x(static_cast<size_t>(l.count())) {
    for (T& v : x) v = static_cast<T>((0.5 + rng.uniform()) * (rng.below(2) ? 1 : -1));
    for (; zeros > 0 && !x.empty(); zeros--)
      x[static_cast<size_t>(rng.below(l.count()))] = rng.below(2) ? T(0) : T(-0.0);
  }
  double factor(int64_t o, int64_t r, int64_t i) const {
    return static_cast<double>(x[static_cast<size_t>(lines.at(o, r, i))]);
  }
};

template <class T>
void compare(const char* name, Guarded& dx, const std::vector<double>& want) {
  CHECK(dx.intact());
  double most = 1;
  for (const double w : want) most = std::fmax(most, std::fabs(w));
  const double tolerance = (sizeof(T) == 4 ? 4e-6 : 1e-13) * most;
  for (size_t i = 0; i < want.size(); i++) {
    const double got = static_cast<double>(dx.as<T>()[i]);
    CHECK(std::fabs(got - want[i]) <= tolerance, "%s at %d: %g, not %g", name, int(i), got, want[i]);
  }
}

template <class T>
void products(DType t, const Lines& l, int64_t zeros, bool whole) {
  const Case<T> c(l, zeros);
  std::vector<T> dy(static_cast<size_t>(l.outer * l.inner)), y(dy.size());
  std::vector<double> want(static_cast<size_t>(l.count()));
  for (int64_t o = 0; o < l.outer; o++)
    for (int64_t i = 0; i < l.inner; i++) {
      const auto result = static_cast<size_t>(o * l.inner + i);
      dy[result] = static_cast<T>(rng.normal());
      double product = 1;
      for (int64_t r = 0; r < l.dim; r++) product *= c.factor(o, r, i);
      y[result] = static_cast<T>(product);
      for (int64_t r = 0; r < l.dim; r++) {
        double others = static_cast<double>(dy[result]);
        for (int64_t k = 0; k < l.dim; k++)
          if (k != r) others *= c.factor(o, k, i);
        want[static_cast<size_t>(l.at(o, r, i))] = others;
      }
    }
  Guarded dx(l.count(), sizeof(T));
  CHECK(send(OP_prod_backward, t,
             ProdBackwardArgs{.dx = out(dx),
                              .dy = in(dy),
                              .x = in(c.x),
                              .y = in(y),
                              .outer = l.outer,
                              .dim = l.dim,
                              .inner = l.inner,
                              .whole = whole}) == OK);
  compare<T>("prod", dx, want);
}

template <class T>
void running(DType t, const Lines& l, int64_t zeros) {
  const Case<T> c(l, zeros);
  std::vector<T> dy(c.x.size()), y(c.x.size());
  std::vector<double> want(c.x.size());
  for (T& g : dy) g = static_cast<T>(rng.normal());
  for (int64_t o = 0; o < l.outer; o++)
    for (int64_t i = 0; i < l.inner; i++) {
      double product = 1;
      for (int64_t r = 0; r < l.dim; r++)
        y[static_cast<size_t>(l.at(o, r, i))] = static_cast<T>(product *= c.factor(o, r, i));
      for (int64_t r = 0; r < l.dim; r++) {
        double others = 1, sum = 0;
        for (int64_t k = 0; k < l.dim; k++) {
          if (k != r) others *= c.factor(o, k, i);
          if (k >= r) sum += others * static_cast<double>(dy[static_cast<size_t>(l.at(o, k, i))]);
        }
        want[static_cast<size_t>(l.at(o, r, i))] = sum;
      }
    }
  Guarded dx(l.count(), sizeof(T));
  CHECK(send(OP_cumprod_backward, t,
             CumprodBackwardArgs{.dx = out(dx),
                                 .dy = in(dy),
                                 .x = in(c.x),
                                 .y = in(y),
                                 .outer = l.outer,
                                 .dim = l.dim,
                                 .inner = l.inner}) == OK);
  compare<T>("cumprod", dx, want);
}

template <class T>
void all(DType t) {
  for (const int64_t zeros : {0, 1, 2, 9})
    for (int round = 0; round < 8; round++) {
      const Lines l{rng.below(5), rng.below(12), rng.below(round < 6 ? 5 : 200)};
      products<T>(t, l, zeros, false);
      running<T>(t, l, zeros);
      products<T>(t, {1, rng.below(20), 1}, zeros, true);
    }
  products<T>(t, {40, 3, 500}, 0, false);
  products<T>(t, {500, 3, 40}, 1, false);
  running<T>(t, {40, 3, 500}, 100);
  running<T>(t, {5000, 5, 1}, 100);
}

}  // namespace

int main() {
  eachLevel([](Level) {
    for (const int threads : {1, 5}) {
      setNumThreads(threads);
      all<float>(F32);
      all<double>(F64);
    }
    std::vector<float> x(6), y(2);
    const ProdBackwardArgs good{.dx = out(x), .dy = in(y), .x = in(x), .y = in(y), .outer = 1, .dim = 3, .inner = 2};
    CHECK(send(OP_prod_backward, F32, good) == OK);
    ProdBackwardArgs bad = good;
    bad.inner = 3;
    CHECK(send(OP_prod_backward, F32, bad) == BAD_COMMAND);
  });
  return report("products");
}
