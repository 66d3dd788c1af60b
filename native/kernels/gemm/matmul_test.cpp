// matmul at every level: shapes around every blocking, layouts, broadcasts, epilogues, against plain sums in a wider
// type; the same bits at AVX2, AVX-512 (and NEON) and for any number of threads; nothing outside C is touched.
#include "test/check.h"
#include "test/guarded.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>

#include "threads/threads.h"

using namespace tenzo;

static Rng rng;

// A matrix (or a batch of them) in memory that ends exactly where its last element does, so that the sanitizer sees any
// read beyond, and starts one element after an aligned address.
template <class T>
struct Matrix {
  std::unique_ptr<T[]> memory;
  int64_t size = 0, row = 0, col = 0, batch = 0, offset = 0;
  T* data() const { return memory.get() + offset; }
  In in() const { return ::in(data(), size - offset); }
  T at(int64_t z, int64_t i, int64_t j) const { return data()[z * batch + i * row + j * col]; }
};

enum Layout { ROWS, COLUMNS, GAPS, REVERSED_GAPS, BROADCAST_ROW, BROADCAST_COLUMN, LAYOUTS };

template <class T>
T value() {
  if constexpr (std::is_floating_point_v<T>)
    return static_cast<T>(rng.normal());
  else
    return static_cast<T>(rng.next());
}

template <class T>
Matrix<T> matrix(int64_t batch, int64_t rows, int64_t cols, Layout layout, bool oneForAll = false) {
  Matrix<T> m;
  const int64_t pad = layout == GAPS || layout == REVERSED_GAPS ? 3 : 0;
  const int64_t step = layout == GAPS || layout == REVERSED_GAPS ? 2 : 1;
  if (layout == COLUMNS || layout == REVERSED_GAPS) {
    m.row = step;
    m.col = rows * step + pad;
    m.batch = m.col * cols;
  } else {
    m.col = step;
    m.row = cols * step + pad;
    m.batch = m.row * rows;
  }
  if (layout == BROADCAST_ROW) m.row = 0;
  if (layout == BROADCAST_COLUMN) m.col = 0;
  if (oneForAll) m.batch = 0;
  const bool empty = !batch || !rows || !cols;
  m.offset = 1;
  m.size = empty ? 1 : 2 + (batch - 1) * m.batch + (rows - 1) * m.row + (cols - 1) * m.col;
  m.memory.reset(new T[static_cast<size_t>(m.size)]);
  for (int64_t i = 0; i < m.size; i++) m.memory[static_cast<size_t>(i)] = value<T>();
  return m;
}

struct Problem {
  int64_t batch, m, n, k;
  Layout a = ROWS, b = ROWS;
  bool aOne = false, bOne = false;
  int bias = 0;  // 1 a row, 2 a column, 3 a matrix, 4 a number, 5 strided row, 6 a matrix for each batch
  double alpha = 1, beta = 0;
  bool relu = false;
  int gap = 0;  // between rows of C
  std::string name() const {
    char text[200];
    std::snprintf(text, sizeof text,
                  "batch %ld m %ld n %ld k %ld layouts %d %d shared %d %d bias %d alpha %g beta %g relu %d gap %d",
                  long(batch), long(m), long(n), long(k), a, b, aOne, bOne, bias, alpha, beta, relu, gap);
    return text;
  }
};

template <class T>
void check(const Problem& q, std::initializer_list<int> threadCounts = {1}) {
  using Ref = std::conditional_t<std::is_same_v<T, float>, double,
                                 std::conditional_t<std::is_same_v<T, double>, long double, uint64_t>>;
  constexpr bool FLOAT = std::is_floating_point_v<T>;
  const Matrix<T> a = matrix<T>(q.batch, q.m, q.k, q.a, q.aOne), b = matrix<T>(q.batch, q.k, q.n, q.b, q.bOne);
  const int64_t biasRow = q.bias == 2 ? 1 : q.bias == 3 || q.bias == 6 ? q.n : 0;
  const int64_t biasCol = q.bias == 1 || q.bias == 3 || q.bias == 6 ? 1 : q.bias == 5 ? 3 : 0;
  const int64_t biasBatch = q.bias == 6 ? q.m * q.n : 0;
  std::vector<T> bias(static_cast<size_t>((q.batch * q.m * q.n + q.m + 3 * q.n + 1)));
  for (T& x : bias) x = value<T>();

  const int64_t cRow = q.n + q.gap, cBatch = cRow * q.m + q.gap;
  const size_t cSize = static_cast<size_t>(q.batch * cBatch + 40);
  const auto initial = [&](size_t i) -> T {
    if constexpr (FLOAT)
      return q.beta == 0 ? std::numeric_limits<T>::quiet_NaN() : static_cast<T>(int64_t(i % 7) - 3);
    else
      return static_cast<T>(i * 37);
  };

  // Every element of small products, a sample of large ones (the others are compared between levels and thread counts).
  const int64_t all = q.batch * q.m * q.n;
  const int64_t count = all * q.k <= 1000000 ? all : std::min<int64_t>(all, 500000 / q.k + 200);
  struct Expected {
    size_t at;
    Ref value;
    double room;
  };
  std::vector<Expected> expected;
  for (int64_t e = 0; e < count; e++) {
    const int64_t index = count == all ? e : e == 0 ? all - 1 : rng.below(all);
    const int64_t z = index / (q.m * q.n), i = index / q.n % q.m, j = index % q.n;
    const size_t at = 20 + static_cast<size_t>(z * cBatch + i * cRow + j);
    Ref sum = 0;
    double size = 0;
    for (int64_t p = 0; p < q.k; p++) {
      const Ref product = static_cast<Ref>(a.at(z, i, p)) * static_cast<Ref>(b.at(z, p, j));
      sum += product;
      if constexpr (FLOAT) size += std::abs(static_cast<double>(product));
    }
    Ref x = static_cast<Ref>(FLOAT ? q.alpha : double(int64_t(q.alpha))) * sum;
    size *= std::abs(q.alpha);
    const auto add = [&](Ref y) {
      x += y;
      if constexpr (FLOAT) size += std::abs(static_cast<double>(y));
    };
    if (q.beta != 0) add(static_cast<Ref>(q.beta) * static_cast<Ref>(initial(at)));
    if (q.bias) add(static_cast<Ref>(bias[static_cast<size_t>(z * biasBatch + i * biasRow + j * biasCol)]));
    if (q.relu && (FLOAT ? x < 0 : static_cast<T>(x) < 0)) x = 0;
    expected.push_back(
        {at, x,
         size * double(std::min<int64_t>(q.k, 512) + q.k / 100 + 8) * double(std::numeric_limits<T>::epsilon())});
  }

  std::vector<T> exact;  // the bits at the first level that fuses
  for (int threads : threadCounts) {
    setNumThreads(threads);
    eachLevel([&](Level level) {
      std::vector<T> c(cSize);
      for (size_t i = 0; i < cSize; i++) c[i] = initial(i);
      const Status status = send(OP_matmul, dtypeOf<T>,
                                 MatmulArgs{.m = q.m,
                                            .n = q.n,
                                            .k = q.k,
                                            .batch = q.batch,
                                            .a = a.in(),
                                            .aRow = a.row,
                                            .aColumn = a.col,
                                            .aBatch = a.batch,
                                            .b = b.in(),
                                            .bRow = b.row,
                                            .bColumn = b.col,
                                            .bBatch = b.batch,
                                            .c = out(c.data() + 20, int64_t(cSize) - 20),
                                            .cRow = cRow,
                                            .cBatch = cBatch,
                                            .bias = q.bias ? in(bias) : In{},
                                            .biasRow = biasRow,
                                            .biasColumn = biasCol,
                                            .biasBatch = biasBatch,
                                            .alpha = q.alpha,
                                            .beta = q.beta,
                                            .relu = q.relu});
      CHECK(status == OK, "%s", q.name().c_str());
      bool good = true, padding = true;
      for (const Expected& e : expected) {
        if constexpr (FLOAT)
          good = good && std::abs(static_cast<double>(static_cast<Ref>(c[e.at]) - e.value)) <= e.room;
        else
          good = good && c[e.at] == static_cast<T>(e.value);
      }
      const auto untouched = [&](size_t from, size_t to) {
        for (size_t i = from; i < to; i++) {
          const T before = initial(i);
          padding = padding && std::memcmp(&c[i], &before, sizeof(T)) == 0;
        }
      };
      untouched(0, 20);
      for (int64_t z = 0; z < q.batch; z++) {
        for (int64_t i = 0; i < q.m; i++)
          untouched(size_t(20 + z * cBatch + i * cRow + q.n), size_t(20 + z * cBatch + (i + 1) * cRow));
        untouched(size_t(20 + z * cBatch + q.m * cRow), size_t(20 + (z + 1) * cBatch));
      }
      untouched(size_t(20 + q.batch * cBatch), cSize);
      CHECK(good, "%s %s", q.name().c_str(), FLOAT ? "float" : "int");
      CHECK(padding, "%s", q.name().c_str());
      if (fused(level) && FLOAT) {
        if (exact.empty()) {
          exact = c;
          noteBits(c.data(), cSize * sizeof(T));
        }
        CHECK(!std::memcmp(exact.data(), c.data(), cSize * sizeof(T)), "bits: %s threads %d", q.name().c_str(),
              threads);
      }
    });
  }
}

template <class T>
void shapes() {
  // Every height and width of a tile and its neighbours, at a few depths.
  for (int64_t m : {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 28, 29})
    for (int64_t n : {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 65})
      for (int64_t k : {1, 2, 17, 70}) {
        const int pick = int(rng.below(36));
        Problem q{1, m, n, k, Layout(pick % 6), Layout(pick / 6)};
        q.gap = int(rng.below(3));
        check<T>(q);
      }
}

template <class T>
void layouts() {
  for (int a = 0; a < LAYOUTS; a++)
    for (int b = 0; b < LAYOUTS; b++)
      for (auto [m, n, k] :
           {std::tuple{20, 40, 30}, {1, 50, 300}, {50, 1, 300}, {3, 70, 130}, {70, 3, 130}, {1, 1, 500}}) {
        Problem q{1, m, n, k, Layout(a), Layout(b)};
        check<T>(q);
        q.batch = 3;
        q.aOne = a % 2;
        q.bOne = b % 2;
        check<T>(q);
      }
}

template <class T>
void epilogues() {
  for (auto [m, n, k] : {std::tuple{20, 40, 30}, {1, 33, 20}, {33, 1, 20}, {17, 37, 800}, {4, 100, 500}, {5, 5, 0}})
    for (int bias = 0; bias <= 6; bias++)
      for (double alpha : {1.0, -2.0})
        for (double beta : {0.0, 1.0, 3.0})
          for (bool relu : {false, true}) {
            Problem q{2, m, n, k};
            q.b = bias % 2 ? COLUMNS : ROWS;
            q.a = bias % 3 ? COLUMNS : ROWS;
            q.bias = bias;
            q.alpha = alpha;
            q.beta = beta;
            q.relu = relu;
            q.gap = bias % 2;
            check<T>(q);
          }
}

// Shapes that take each way of blocking: many chunks, shared and private packing, long k, tall, wide, many batches.
template <class T>
void blockings() {
  struct {
    int64_t batch, m, n, k;
    bool doubleOnly = false;  // the sizes at which a cache is full come sooner
  } const large[] = {
      {1, 50, 70, 1100},       {1, 300, 24, 530},       {1, 30, 300, 530},       {1, 300, 10, 530},
      {1, 700, 11, 130},       {1, 8, 8, 6000},         {1, 3, 600, 1030},       {1, 600, 3, 530},
      {1, 1, 3000, 520},       {1, 3000, 1, 520},       {1, 1, 1, 100000},       {1, 2, 3, 40000},
      {70, 12, 20, 33},        {200, 4, 4, 4},          {5, 60, 70, 90},         {1, 150, 150, 64},
      {1, 16, 16, 5000},       {1, 1, 600, 1030},       {1, 600, 1, 1030},       {4, 1, 200, 300},
      {4, 200, 1, 300},        {1, 7, 520, 1000},       {1, 20, 530, 600},       {1, 130, 430, 530, true},
      {2, 140, 70, 600, true}, {3, 30, 200, 600, true}, {1, 420, 30, 1040, true}};
  for (const auto& x : large)
    for (int layout = 0; layout < 4 && (!x.doubleOnly || sizeof(T) == 8); layout++) {
      Problem q{x.batch, x.m, x.n, x.k, layout & 1 ? COLUMNS : ROWS, layout & 2 ? COLUMNS : ROWS};
      check<T>(q, {1, 5});
      if (x.batch > 1) {
        q.aOne = true;
        check<T>(q, {5});
        q.aOne = false;
        q.bOne = true;
        check<T>(q, {2});
      } else if (layout == 0 || layout == 3) {
        q.bias = 1;
        q.relu = true;
        q.gap = 5;
        check<T>(q, {2});
        q.bias = 2;
        q.alpha = 0.5;
        q.beta = 1;
        check<T>(q, {2});
      }
    }
}

static void specialValues() {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  eachLevel([&](Level) {
    for (int64_t m : {1, 5})
      for (int64_t n : {1, 20}) {
        const int64_t k = 40;
        std::vector<float> a(size_t(m * k), 0.f), b(size_t(k * n), 1.f), c(size_t(m * n));
        const auto run = [&] {
          CHECK(send(OP_matmul, F32,
                     MatmulArgs{.m = m,
                                .n = n,
                                .k = k,
                                .batch = 1,
                                .a = in(a),
                                .aRow = k,
                                .aColumn = 1,
                                .b = in(b),
                                .bRow = n,
                                .bColumn = 1,
                                .c = out(c),
                                .cRow = n,
                                .alpha = 1,
                                .relu = true}) == OK);
        };
        b[0] = inf;  // 0 * inf is NaN: zeros are not skipped; relu keeps it
        run();
        CHECK(std::isnan(c[0]) && (n == 1 || c[1] == 0));
        b[0] = nan;
        run();
        CHECK(std::isnan(c[0]));
        b[0] = 1;
        a[1] = inf;
        run();
        CHECK(c[0] == inf);
        a[1] = 1e-30f;  // the products are subnormal: kept
        for (float& x : b) x = 1e-10f;
        run();
        CHECK(c[0] == 1e-30f * 1e-10f && c[0] > 0);
      }
  });
}

static void badCommands() {
  std::vector<float> x(16, 1.f);
  const MatmulArgs good{.m = 2,
                        .n = 2,
                        .k = 2,
                        .batch = 1,
                        .a = in(x.data(), 4),
                        .aRow = 2,
                        .aColumn = 1,
                        .b = in(x.data() + 4, 4),
                        .bRow = 2,
                        .bColumn = 1,
                        .c = out(x.data() + 8, 4),
                        .cRow = 2,
                        .alpha = 1};
  const auto changed = [&](const auto& change, DType t = F32) {
    MatmulArgs a = good;
    change(a);
    return send(OP_matmul, t, a);
  };
  eachLevel([&](Level) {
    CHECK(send(OP_matmul, F32, good) == OK);
    CHECK(changed([](MatmulArgs& a) { a.a = {}; }) == BAD_COMMAND);
    CHECK(changed([](MatmulArgs& a) { a.b = {}; }) == BAD_COMMAND);
    CHECK(changed([](MatmulArgs& a) { a.c = {}; }) == BAD_COMMAND);
    CHECK(changed([](MatmulArgs& a) { a.a.bytes--; }) == BAD_COMMAND);
    CHECK(changed([](MatmulArgs& a) { a.bRow = 3; }) == BAD_COMMAND);
    CHECK(changed([](MatmulArgs& a) { a.cBatch = 1, a.batch = 2; }) == BAD_COMMAND);
    for (size_t i = 0; i < 4; i++)
      for (double v : {-1.0, double(INFINITY), double(NAN), 1e18}) {
        auto bad = encode(good);
        bad[i] = v;
        CHECK(send(OP_matmul, F32, bad) == BAD_COMMAND);
      }
    auto bad = encode(good);
    bad.back() = 7;
    CHECK(send(OP_matmul, F32, bad) == BAD_COMMAND);
    bad.pop_back();
    CHECK(send(OP_matmul, F32, bad) == BAD_COMMAND);
    CHECK(send(OP_matmul, BOOL, good) == UNSUPPORTED_DTYPE);
    // Broadcast dims need no memory, but are not endless.
    CHECK(changed([](MatmulArgs& a) { a.k = int64_t(1) << 53, a.aColumn = a.bRow = 0; }) == BAD_COMMAND);
    // A factor that is no int64
    CHECK(changed([](MatmulArgs& a) { a.alpha = 1e30; }, I16) == BAD_COMMAND);
    CHECK(changed([](MatmulArgs& a) { a.beta = double(NAN); }, I16) == BAD_COMMAND);
    // What has no elements may be left out.
    for (const DType t : {F32, I32}) {
      CHECK(changed([](MatmulArgs& a) { a.m = 0, a.a = {}, a.c = {}; }, t) == OK);
      CHECK(changed([](MatmulArgs& a) { a.n = 0, a.b = {}, a.c = {}; }, t) == OK);
      CHECK(changed([](MatmulArgs& a) { a.batch = 0, a.a = a.b = {}, a.c = {}; }, t) == OK);
    }
    CHECK(changed([](MatmulArgs& a) { a.k = 0, a.a = a.b = {}; }) == OK);
    CHECK(x[8] == 0 && x[11] == 0);
  });
}

template <class T>
void integers() {
  for (auto [m, n, k] : {std::tuple{1, 1, 1}, {3, 5, 7}, {17, 300, 20}, {40, 3, 200}, {2, 2, 0}})
    for (int layout = 0; layout < 9; layout++) {
      Problem q{2, m, n, k, Layout(layout % 3), Layout(layout / 3)};
      q.bias = layout % 7;
      q.alpha = layout % 2 ? 3 : 1;
      q.beta = layout % 3;
      q.relu = layout % 2;
      q.gap = layout % 2;
      check<T>(q);
    }
}

int main() {
  specialValues();
  badCommands();
  shapes<float>();
  shapes<double>();
  layouts<float>();
  layouts<double>();
  epilogues<float>();
  epilogues<double>();
  blockings<float>();
  blockings<double>();
  integers<int64_t>();
  integers<int32_t>();
  integers<int16_t>();
  integers<int8_t>();
  integers<uint8_t>();
  return report("matmul");
}
