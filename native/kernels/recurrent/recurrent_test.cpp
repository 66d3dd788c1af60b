// The cells of LSTM and GRU against plain loops in double precision, at every level and for several numbers of threads;
// their gradients against those of the plain loops by differences.
#include <cmath>

#include "test/check.h"
#include "test/guarded.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

double valueAt(int64_t i, int which) { return std::sin(static_cast<double>(i * 7 + which * 3 + 1)) * 2; }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct Shape {
  int64_t rows, size;
};
using Array = std::vector<double>;
Array arrayOf(int64_t n, int which) {
  Array a(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; i++) a[static_cast<size_t>(i)] = valueAt(i, which);
  return a;
}

// Sum of c and h, each times its gradient, of an LSTM's step; what it computes stays in the arrays.
struct Lstm {
  Shape s;
  Array gates, before, gradH, gradC, cell, out;
  explicit Lstm(Shape shape)
      : s(shape),
        gates(arrayOf(4 * s.rows * s.size, 0)),
        before(arrayOf(s.rows * s.size, 1)),
        gradH(arrayOf(s.rows * s.size, 2)),
        gradC(arrayOf(s.rows * s.size, 3)),
        cell(before.size()),
        out(before.size()) {}
  double run(bool withC) {
    double total = 0;
    for (int64_t r = 0; r < s.rows; r++)
      for (int64_t i = 0; i < s.size; i++) {
        const auto gate = [&](int64_t g) { return gates[static_cast<size_t>((r * 4 + g) * s.size + i)]; };
        const size_t at = static_cast<size_t>(r * s.size + i);
        cell[at] = sigmoid(gate(1)) * before[at] + sigmoid(gate(0)) * std::tanh(gate(2));
        out[at] = sigmoid(gate(3)) * std::tanh(cell[at]);
        total += out[at] * gradH[at] + (withC ? cell[at] * gradC[at] : 0);
      }
    return total;
  }
};
struct Gru {
  Shape s;
  Array gates, hidden, before, gradH, out;
  explicit Gru(Shape shape)
      : s(shape),
        gates(arrayOf(3 * s.rows * s.size, 0)),
        hidden(arrayOf(3 * s.rows * s.size, 1)),
        before(arrayOf(s.rows * s.size, 2)),
        gradH(arrayOf(s.rows * s.size, 3)),
        out(before.size()) {}
  double run() {
    double total = 0;
    for (int64_t r = 0; r < s.rows; r++)
      for (int64_t i = 0; i < s.size; i++) {
        const auto at3 = [&](int64_t g) { return static_cast<size_t>((r * 3 + g) * s.size + i); };
        const size_t at = static_cast<size_t>(r * s.size + i);
        const double reset = sigmoid(gates[at3(0)] + hidden[at3(0)]), update = sigmoid(gates[at3(1)] + hidden[at3(1)]);
        const double fresh = std::tanh(gates[at3(2)] + reset * hidden[at3(2)]);
        out[at] = fresh + update * (before[at] - fresh);
        total += out[at] * gradH[at];
      }
    return total;
  }
};

// The gradient of run() by one of its arrays.
template <class F>
Array byDifferences(Array& x, const F& run) {
  Array g(x.size());
  for (size_t i = 0; i < x.size(); i++) {
    const double kept = x[i], h = 1e-6;
    x[i] = kept + h;
    const double above = run();
    x[i] = kept - h;
    g[i] = (above - run()) / (2 * h);
    x[i] = kept;
  }
  return g;
}

template <class T>
struct Block : Guarded {
  explicit Block(const Array& a) : Guarded(static_cast<int64_t>(a.size()), sizeof(T)) {
    for (size_t i = 0; i < a.size(); i++) this->template as<T>()[i] = static_cast<T>(a[i]);
  }
  explicit Block(size_t n) : Guarded(static_cast<int64_t>(n), sizeof(T)) { clear(); }
};
template <class T>
void near(Block<T>& got, const Array& want, double tolerance, const char* what) {
  CHECK(got.intact(), "%s", what);
  for (size_t i = 0; i < want.size(); i++)
    CHECK(std::fabs(static_cast<double>(got.template as<T>()[i]) - want[i]) <= tolerance * (1 + std::fabs(want[i])),
          "%s at %d: %g, not %g", what, static_cast<int>(i), static_cast<double>(got.template as<T>()[i]), want[i]);
}

template <class T>
uint64_t lstm(Shape s, bool withC, bool check) {
  const DType t = sizeof(T) == 4 ? F32 : F64;
  const double tolerance = sizeof(T) == 4 ? 2e-6 : 1e-13;
  Lstm want(s);
  const size_t n = want.before.size();
  Block<T> gates(want.gates), before(want.before), cell(n), hidden(n), gradH(want.gradH), gradC(want.gradC);
  Block<T> gradGates(4 * n), gradBefore(n);
  CHECK(send(OP_lstm_cell, t,
             LstmCellArgs{.gates = out(gates),
                          .before = in(before),
                          .cell = out(cell),
                          .hidden = out(hidden),
                          .rows = s.rows,
                          .h = s.size}) == OK);
  CHECK(send(OP_lstm_cell_backward, t,
             LstmCellBackwardArgs{.dGates = out(gradGates),
                                  .gates = in(gates),
                                  .before = in(before),
                                  .cell = in(cell),
                                  .dHidden = in(gradH),
                                  .dCell = withC ? in(gradC) : In{},
                                  .dBefore = out(gradBefore),
                                  .rows = s.rows,
                                  .h = s.size}) == OK);
  if (check) {
    const auto run = [&] { return want.run(withC); };
    run();
    near(cell, want.cell, tolerance, "c");
    near(hidden, want.out, tolerance, "h");
    const double loose = sizeof(T) == 4 ? 1e-5 : 1e-8;
    near(gradGates, byDifferences(want.gates, run), loose, "gradient of the gates");
    near(gradBefore, byDifferences(want.before, run), loose, "gradient of c before");
    CHECK(gates.intact() && gradH.intact() && gradC.intact() && before.intact());
  }
  return (((gates.hash() * 31 + cell.hash()) * 31 + hidden.hash()) * 31 + gradGates.hash()) * 31 + gradBefore.hash();
}

template <class T>
uint64_t gru(Shape s, bool check) {
  const DType t = sizeof(T) == 4 ? F32 : F64;
  const double tolerance = sizeof(T) == 4 ? 2e-6 : 1e-13;
  Gru want(s);
  const size_t n = want.before.size();
  Block<T> gates(want.gates), state(want.hidden), before(want.before), kept(n), hidden(n), gradH(want.gradH);
  // What is there already stays: the gradient of h before is added to.
  const Array there = arrayOf(static_cast<int64_t>(n), 9);
  Block<T> gradGates(3 * n), gradHidden(3 * n), gradBefore(there);
  CHECK(send(OP_gru_cell, t,
             GruCellArgs{.gates = out(gates),
                         .stateGates = in(state),
                         .kept = out(kept),
                         .before = in(before),
                         .hidden = out(hidden),
                         .rows = s.rows,
                         .h = s.size}) == OK);
  CHECK(send(OP_gru_cell_backward, t,
             GruCellBackwardArgs{.dGates = out(gradGates),
                                 .dStateGates = out(gradHidden),
                                 .gates = in(gates),
                                 .kept = in(kept),
                                 .before = in(before),
                                 .dHidden = in(gradH),
                                 .dBefore = out(gradBefore),
                                 .rows = s.rows,
                                 .h = s.size}) == OK);
  if (check) {
    const auto run = [&] { return want.run(); };
    run();
    near(hidden, want.out, tolerance, "h");
    const double loose = sizeof(T) == 4 ? 1e-5 : 1e-8;
    near(gradGates, byDifferences(want.gates, run), loose, "gradient of the input's gates");
    near(gradHidden, byDifferences(want.hidden, run), loose, "gradient of the state's gates");
    Array before2 = byDifferences(want.before, run);
    for (size_t i = 0; i < n; i++) before2[i] += there[i];
    near(gradBefore, before2, loose, "gradient of h before");
    CHECK(state.intact() && kept.intact() && before.intact() && gradH.intact());
  }
  return (((gates.hash() * 31 + kept.hash()) * 31 + hidden.hash()) * 31 + gradGates.hash()) * 31 + gradBefore.hash();
}

// With more threads only what is large enough to be shared out.
template <class F>
void everywhere(bool large, const F& run) {
  if (large)
    sameBits({1, 2, 5}, run);
  else
    sameBits({1}, run);
}

template <class T>
void all() {
  const auto shapes = [](bool large, const auto& run) {
    if (large) return run(Shape{67, 301});
    for (int64_t size = 0; size <= 35; size++)
      for (const int64_t rows : {0, 1, 3})
        if (rows * size < 40) run(Shape{rows, size});
  };
  for (const bool large : {false, true})
    shapes(large, [&](Shape s) {
      for (const bool withC : {false, true}) everywhere(large, [&] { return lstm<T>(s, withC, !large); });
      everywhere(large, [&] { return gru<T>(s, !large); });
    });
}

}  // namespace

int main() {
  all<float>();
  all<double>();
  eachLevel([](Level) {
    std::vector<float> x(64);
    const In r = in(x);
    const Out w = out(x);
    CHECK(send(OP_lstm_cell, F32, LstmCellArgs{w, r, w, {}, 2, 2}) == BAD_COMMAND);
    CHECK(send(OP_lstm_cell, F32, LstmCellArgs{w, r, w, w, -1, 2}) == BAD_COMMAND);
    CHECK(send(OP_lstm_cell, F32, LstmCellArgs{w, r, w, w, 3, 6}) == BAD_COMMAND);  // more gates than there are
    CHECK(send(OP_lstm_cell, F32, {1, 2}) == BAD_COMMAND);
    CHECK(send(OP_lstm_cell_backward, F32, LstmCellBackwardArgs{w, r, r, r, {}, {}, w, 2, 2}) == BAD_COMMAND);
    CHECK(send(OP_gru_cell, F32, GruCellArgs{w, r, w, {}, w, 2, 2}) == BAD_COMMAND);
    CHECK(send(OP_gru_cell_backward, F32, GruCellBackwardArgs{w, w, r, r, r, r, {}, 2, 2}) == BAD_COMMAND);
    CHECK(send(OP_gru_cell, I32, GruCellArgs{w, r, w, r, w, 2, 2}) == UNSUPPORTED_DTYPE);
    CHECK(send(OP_lstm_cell, F32, LstmCellArgs{.h = 5}) == OK);
  });
  return report("recurrent");
}
