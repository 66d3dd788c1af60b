// One step of LSTM and GRU cells, but for their matrix products: gates, state and output in one pass over each row. All
// arrays are contiguous, rows of H or of 3 or 4 times H elements, gate by gate.
//   lstm_cell: 0 gates, 1 c before, 2 c (out), 3 h (out), 4 rows, 5 H
//     gates are i, f, g, o as the products and biases give them, and become sigmoid(i), sigmoid(f), tanh(g),
//     sigmoid(o); c = f c + i g, h = o tanh(c)
//   lstm_cell_backward: 0 gradient of the gates (out), 1 gates as the forward left them, 2 c before, 3 c, 4 gradient of
//   h,
//     5 gradient of c (0: none), 6 gradient of c before (out; may be 5), 7 rows, 8 H
//   gru_cell: 0 gates of the input, 1 gates of the state, 2 n's part of the latter (out), 3 h before, 4 h (out), 5
//   rows, 6 H
//     gates are r, z, n; those of the input become sigmoid(r), sigmoid(z), tanh(n); h = n + z (h before - n)
//   gru_cell_backward: 0 gradient of the input's gates (out), 1 of the state's gates (out), 2 gates as the forward left
//   them,
//     3 n's part of the state's, 4 h before, 5 gradient of h, 6 gradient of h before, to which is added what does not
//     come through the gates, 7 rows, 8 H
#include "../runtime/dispatch.h"
#include "../runtime/threads.h"
#include "../simd/math.h"
#include "../simd/math_trig.h"

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

// The vectors of one array's rows.
template <class T>
struct Rows {
  T* p;
  int64_t width;
  Vec<T> at(int64_t row, int64_t i, int m) const { return Vec<T>::loadN(p + row * width + i, m); }
  void put(int64_t row, int64_t i, int m, Vec<T> v) const { v.storeN(p + row * width + i, m); }
};

// Reads pointers, all but that at `optional` required, and the two sizes behind them; false where they cannot be.
template <class T>
inline bool readArrays(const Command& c, int count, int optional, T** pointers, int64_t& rows, int64_t& size) {
  if (c.slots < count + 2) return false;
  rows = c.i64(count);
  size = c.i64(count + 1);
  if (rows < 0 || size < 0) return false;
  for (int k = 0; k < count; k++) {
    pointers[k] = c.ptr<T>(k);
    if (rows * size > 0 && !pointers[k] && k != optional) return false;
  }
  return true;
}

template <class T>
Status lstmCell(const Command& c) {
  T* a[4];
  int64_t rows, size;
  if (!readArrays<T>(c, 4, -1, a, rows, size)) return c.fail(BAD_COMMAND, c.op);
  if (rows * size == 0) return OK;
  const Rows<T> gates{a[0], 4 * size}, before{a[1], size}, cell{a[2], size}, out{a[3], size};
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
Status lstmCellBackward(const Command& c) {
  T* a[7];
  int64_t rows, size;
  if (!readArrays<T>(c, 7, 5, a, rows, size)) return c.fail(BAD_COMMAND, c.op);
  if (rows * size == 0) return OK;
  const Rows<T> grads{a[0], 4 * size}, gates{a[1], 4 * size}, before{a[2], size}, cell{a[3], size}, gradH{a[4], size},
      gradC{a[5], size}, gradBefore{a[6], size};
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
Status gruCell(const Command& c) {
  T* a[5];
  int64_t rows, size;
  if (!readArrays<T>(c, 5, -1, a, rows, size)) return c.fail(BAD_COMMAND, c.op);
  if (rows * size == 0) return OK;
  const Rows<T> gates{a[0], 3 * size}, hidden{a[1], 3 * size}, kept{a[2], size}, before{a[3], size}, out{a[4], size};
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
Status gruCellBackward(const Command& c) {
  T* a[7];
  int64_t rows, size;
  if (!readArrays<T>(c, 7, -1, a, rows, size)) return c.fail(BAD_COMMAND, c.op);
  if (rows * size == 0) return OK;
  const Rows<T> gradIn{a[0], 3 * size}, gradHidden{a[1], 3 * size}, gates{a[2], 3 * size}, kept{a[3], size},
      before{a[4], size}, gradH{a[5], size}, gradBefore{a[6], size};
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

template <class T>
void fillCells(Kernels& k, DType t) {
  k.set(OP_lstm_cell, t, &lstmCell<T>);
  k.set(OP_lstm_cell_backward, t, &lstmCellBackward<T>);
  k.set(OP_gru_cell, t, &gruCell<T>);
  k.set(OP_gru_cell_backward, t, &gruCellBackward<T>);
}

}  // namespace

void fill_recurrent(Kernels& k) {
  fillCells<float>(k, F32);
  fillCells<double>(k, F64);
}

}  // namespace tenzo::TENZO_LEVEL
