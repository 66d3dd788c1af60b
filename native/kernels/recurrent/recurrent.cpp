// One step of LSTM and GRU cells, but for their matrix products: gates, state and output in one pass over each row. All
// arrays are contiguous, rows of h or of 3 or 4 times h elements, gate by gate; native/ops.def says what each gate is.
// The backward takes the gates as the forward left them.
#include "kernels/fill.h"
#include "simd/math.h"
#include "simd/math_trig.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t GRAIN = 1 << 12;  // elements of a chunk; each takes five functions or as many gradients

// step(row, i, m) for the elements i … i + m - 1 of every row, m at most one vector.
template <class T, class F>
inline void eachVector(int64_t rows, int64_t size, const F& step) {
  parallelRange(rows, size < GRAIN ? GRAIN / size : 1, [&](int64_t begin, int64_t end) {
    constexpr int N = Vec<T>::N;
    for (int64_t row = begin; row < end; row++)
      for (int64_t i = 0; i < size; i += N) step(row, i, size - i < N ? static_cast<int>(size - i) : N);
  });
}

// The vectors of one array's rows; those of Rows are written too.
template <class T>
struct Read {
  const T* p;
  int64_t width;
  Vec<T> at(int64_t row, int64_t i, int m) const { return Vec<T>::loadN(p + row * width + i, m); }
};
template <class T>
struct Rows {
  T* p;
  int64_t width;
  Vec<T> at(int64_t row, int64_t i, int m) const { return Vec<T>::loadN(p + row * width + i, m); }
  void put(int64_t row, int64_t i, int m, Vec<T> v) const { v.storeN(p + row * width + i, m); }
};

template <class T>
Status lstmCell(const Command&, const LstmCellArgs& a) {
  const int64_t rows = a.rows, size = a.h;
  if (!rows || !size) return OK;
  const Read<T> before{a.before, size};
  const Rows<T> gates{a.gates, 4 * size}, cell{a.cell, size}, out{a.hidden, size};
  eachVector<T>(rows, size, [&](int64_t row, int64_t i, int m) {
    const Vec<T> in = sigmoid(gates.at(row, i, m)), forget = sigmoid(gates.at(row, size + i, m)),
                 fresh = tanh(gates.at(row, 2 * size + i, m)), show = sigmoid(gates.at(row, 3 * size + i, m));
    const Vec<T> next = fma(forget, before.at(row, i, m), in * fresh);
    gates.put(row, i, m, in);
    gates.put(row, size + i, m, forget);
    gates.put(row, 2 * size + i, m, fresh);
    gates.put(row, 3 * size + i, m, show);
    cell.put(row, i, m, next);
    out.put(row, i, m, show * tanh(next));
  });
  return OK;
}

template <class T>
Status lstmCellBackward(const Command&, const LstmCellBackwardArgs& a) {
  const int64_t rows = a.rows, size = a.h;
  if (!rows || !size) return OK;
  const Read<T> gates{a.gates, 4 * size}, before{a.before, size}, cell{a.cell, size}, gradH{a.dHidden, size},
      gradC{a.dCell, size};
  const Rows<T> grads{a.dGates, 4 * size}, gradBefore{a.dBefore, size};
  const Vec<T> one = Vec<T>::set1(T(1));
  eachVector<T>(rows, size, [&](int64_t row, int64_t i, int m) {
    const Vec<T> in = gates.at(row, i, m), forget = gates.at(row, size + i, m), fresh = gates.at(row, 2 * size + i, m),
                 show = gates.at(row, 3 * size + i, m);
    const Vec<T> t = tanh(cell.at(row, i, m)), gh = gradH.at(row, i, m);
    const Vec<T> through = gh * show * fnma(t, t, one);
    const Vec<T> gc = gradC.p ? through + gradC.at(row, i, m) : through;
    grads.put(row, i, m, gc * fresh * in * (one - in));
    grads.put(row, size + i, m, gc * before.at(row, i, m) * forget * (one - forget));
    grads.put(row, 2 * size + i, m, gc * in * fnma(fresh, fresh, one));
    grads.put(row, 3 * size + i, m, gh * t * show * (one - show));
    gradBefore.put(row, i, m, gc * forget);
  });
  return OK;
}

template <class T>
Status gruCell(const Command&, const GruCellArgs& a) {
  const int64_t rows = a.rows, size = a.h;
  if (!rows || !size) return OK;
  const Read<T> hidden{a.stateGates, 3 * size}, before{a.before, size};
  const Rows<T> gates{a.gates, 3 * size}, kept{a.kept, size}, out{a.hidden, size};
  eachVector<T>(rows, size, [&](int64_t row, int64_t i, int m) {
    const Vec<T> part = hidden.at(row, 2 * size + i, m);
    const Vec<T> reset = sigmoid(gates.at(row, i, m) + hidden.at(row, i, m)),
                 update = sigmoid(gates.at(row, size + i, m) + hidden.at(row, size + i, m)),
                 fresh = tanh(fma(reset, part, gates.at(row, 2 * size + i, m)));
    const Vec<T> next = fma(before.at(row, i, m) - fresh, update, fresh);
    gates.put(row, i, m, reset);
    gates.put(row, size + i, m, update);
    gates.put(row, 2 * size + i, m, fresh);
    kept.put(row, i, m, part);
    out.put(row, i, m, next);
  });
  return OK;
}

template <class T>
Status gruCellBackward(const Command&, const GruCellBackwardArgs& a) {
  const int64_t rows = a.rows, size = a.h;
  if (!rows || !size) return OK;
  const Read<T> gates{a.gates, 3 * size}, kept{a.kept, size}, before{a.before, size}, gradH{a.dHidden, size};
  const Rows<T> gradIn{a.dGates, 3 * size}, gradHidden{a.dStateGates, 3 * size}, gradBefore{a.dBefore, size};
  const Vec<T> one = Vec<T>::set1(T(1));
  eachVector<T>(rows, size, [&](int64_t row, int64_t i, int m) {
    const Vec<T> reset = gates.at(row, i, m), update = gates.at(row, size + i, m),
                 fresh = gates.at(row, 2 * size + i, m);
    const Vec<T> g = gradH.at(row, i, m);
    const Vec<T> gn = g * (one - update) * fnma(fresh, fresh, one);
    const Vec<T> gr = gn * kept.at(row, i, m) * reset * (one - reset);
    const Vec<T> gz = g * (before.at(row, i, m) - fresh) * update * (one - update);
    gradIn.put(row, i, m, gr);
    gradIn.put(row, size + i, m, gz);
    gradIn.put(row, 2 * size + i, m, gn);
    gradHidden.put(row, i, m, gr);
    gradHidden.put(row, size + i, m, gz);
    gradHidden.put(row, 2 * size + i, m, gn * reset);
    gradBefore.put(row, i, m, fma(g, update, gradBefore.at(row, i, m)));
  });
  return OK;
}

}  // namespace

void fill_recurrent(Kernels& k) {
  TENZO_KERNEL(lstm_cell, lstmCell<T>)
  TENZO_KERNEL(lstm_cell_backward, lstmCellBackward<T>)
  TENZO_KERNEL(gru_cell, gruCell<T>)
  TENZO_KERNEL(gru_cell_backward, gruCellBackward<T>)
}

}  // namespace tenzo::TENZO_LEVEL
