// The driver of gemm.h (which includes it): cuts C into chunks of whole tiles, packs operands, runs chunks on the pool.
#pragma once

namespace tenzo::TENZO_LEVEL {
namespace {

// How a chunk reads an operand.
enum class Use {
  DIRECT,   // where it lies
  PRIVATE,  // packed by each chunk for itself, warm in that core's cache
  SHARED,   // packed ahead once, by all threads, for all chunks
};

struct Plan {
  Use a, b;
  bool perBatch;                 // one batch after the other, each cut into many chunks
  bool splitDepth;               // chunks are ranges of k
  bool thin;                     // so few rows that B is read once: in the order in which it lies
  int64_t rows, cols;            // panels of a chunk
  int64_t batches;               // of a chunk
  int64_t depths;                // blocks of k of a pass: as many as a shared operand may take memory for
  int64_t outerRows, outerCols;  // panels of a pass
};

template <class T, class A, class B>
class GemmRun {
 public:
  GemmRun(const Gemm<T>& g, const A& a, const B& b)
      : g(g), a(a), b(b), finish{g}, depths(g.k), colPanels((g.n + WIDTH - 1) / WIDTH) {
    cutRows(GEMM_ROWS);
  }

  bool run() {
    if (g.m <= 0 || g.n <= 0 || g.batch <= 0) return true;
    if (g.k <= 0) return noDepth();
    choosePlan();
    if (plan.splitDepth) return runSplitDepth();
    if (!plan.perBatch) return runBatches(0, g.batch);
    for (int64_t batch = 0; batch < g.batch; batch++)
      if (!runBatches(batch, batch + 1)) return false;
    return true;
  }

 private:
  static constexpr int N = Vec<T>::N;
  static constexpr int64_t WIDTH = GEMM_VECTORS * N;

  struct Range {
    int64_t begin, end;
    int64_t size() const { return end - begin; }
  };
  struct Shared {
    const T *a = nullptr, *b = nullptr;
    Range rows, cols, depth;  // panels and blocks of k that are packed
  };

  const Gemm<T>& g;
  const A& a;
  const B& b;
  const Finish<T> finish;
  const Depths depths;
  const int64_t colPanels;
  int64_t rowPanels, rowsEach, rowsExtra;
  Plan plan;

  // Row panels are as equal as can be: 128 rows are ten panels of 12 or 13, not nine of 14 and one of 2.
  void cutRows(int64_t most) {
    rowPanels = (g.m + most - 1) / most;
    rowsEach = rowPanels ? g.m / rowPanels : 0;
    rowsExtra = g.m - rowPanels * rowsEach;
  }
  int64_t row(int64_t panel) const { return panel * rowsEach + least(panel, rowsExtra); }
  int64_t col(int64_t panel) const { return panel * WIDTH < g.n ? panel * WIDTH : g.n; }
  int64_t paddedCol(int64_t panel) const { return (col(panel) + N - 1) / N * N; }

  // ---- the plan. It depends on the problem and the level, not on the number of threads.
  //
  // What decides is where the operands are read from. A chunk's panels of A stay in the second-level cache while those
  // of B pass by, so an element that comes from further away is used at least TALL times, and packing costs little
  // where a packed element is used for TALL rows or WIDE columns.
  //   A low C: all of A is packed ahead, chunks are ranges of columns and pack their own part of B.
  //   Else: a pass packs as much of B as the cache holds, chunks are blocks of TALL x WIDE and pack their own rows of
  //   A.

  static constexpr double MIN_CHUNK = 1 << 20;  // multiply-adds: below about 10 us a chunk is mostly hand-over
  static constexpr int64_t TALL = 128, WIDE = 512, THIN_WIDE = 512, THIN_DEPTH = 16;
  static constexpr double THIN_BYTES = 256 << 10;
  static constexpr double LOW_BYTES = 512 << 10;      // of a block of A that chunks of columns share
  static constexpr double PASS_BYTES = 1536 << 10;    // of packed B of one pass
  static constexpr double PRIVATE_BYTES = 512 << 10;  // of a chunk's own panels

  void choosePlan() {
    const double work = double(g.m) * double(g.n) * double(g.k), total = work * double(g.batch);
    const double line = double(depths.size) * sizeof(T);
    // More than some 64 chunks balance no better.
    const double chunk = total / 64 > MIN_CHUNK ? total / 64 : MIN_CHUNK;

    plan = {};
    plan.a = useOfA();
    plan.b = useOfB();
    plan.batches = 1;
    plan.rows = plan.outerRows = rowPanels;
    plan.cols = plan.outerCols = colPanels;
    plan.depths = depths.count;

    if (work <= chunk) {
      // Small matrices: a chunk is some whole batches. What they have in common is packed once.
      plan.batches = clamp(int64_t(chunk / work), g.batch);
      if (plan.a != Use::DIRECT && g.aShared && g.batch > plan.batches) plan.a = Use::SHARED;
      if (plan.b != Use::DIRECT && g.bShared && g.batch > plan.batches) plan.b = Use::SHARED;
    } else if (double(g.m) * line <= LOW_BYTES) {
      plan.perBatch = plan.a != Use::DIRECT && !g.aShared && g.batch > 1;
      if (plan.a != Use::DIRECT) plan.a = Use::SHARED;
      plan.cols = cut(colPanels, work / chunk);
      plan.depths = clamp(int64_t(2 * PASS_BYTES / (double(g.m) * line)), depths.count);
    } else {
      plan.perBatch = plan.b != Use::DIRECT && !g.bShared && g.batch > 1;
      if (plan.b != Use::DIRECT) plan.b = Use::SHARED;
      plan.rows = least(clamp(TALL / GEMM_ROWS, rowPanels), cut(rowPanels, work / chunk));
      plan.cols = least(clamp(WIDE / WIDTH, colPanels), colPanels);
      plan.outerCols = clamp(int64_t(PASS_BYTES / (line * double(WIDTH))), colPanels);
      if (plan.outerCols > plan.cols) plan.outerCols = plan.outerCols / plan.cols * plan.cols;
      plan.depths = clamp(int64_t(PASS_BYTES / (double(plan.outerCols * WIDTH) * line)), depths.count);
      if (plan.a == Use::PRIVATE && slowK(a)) {
        plan.a = Use::SHARED;
        plan.perBatch = g.batch > 1 && (plan.perBatch || !g.aShared);
        plan.outerRows = clamp(int64_t(PASS_BYTES / (line * GEMM_ROWS)), rowPanels);
        plan.depths =
            least(plan.depths, clamp(int64_t(PASS_BYTES / (double(plan.outerRows * GEMM_ROWS) * line)), depths.count));
      }
      const double own = double(plan.rows) * double(plan.cols) * GEMM_ROWS * WIDTH * double(g.k);
      if (own < MIN_CHUNK) plan.rows = clamp(int64_t(double(plan.rows) * MIN_CHUNK / own), rowPanels);
    }
    plan.thin = plan.b == Use::DIRECT && rowPanels <= 2 && double(g.n) * double(g.k) * sizeof(T) > THIN_BYTES;
    if (plan.thin) {
      plan.rows = rowPanels;
      plan.cols = clamp(THIN_WIDE / WIDTH, colPanels);
      plan.outerCols = colPanels;
    }
    if (plan.a == Use::PRIVATE) plan.rows = clamp(int64_t(PRIVATE_BYTES / (line * GEMM_ROWS)), plan.rows);
    if (plan.b == Use::PRIVATE) plan.cols = clamp(int64_t(PRIVATE_BYTES / (line * double(WIDTH))), plan.cols);

    plan.splitDepth = g.batch == 1 && depths.count >= 4 && total >= 4 * MIN_CHUNK &&
                      double(g.m) * double(g.n) <= 64 * 64 * (4 / sizeof(T)) &&
                      double(g.m) * double(g.n) * double(depths.count) * sizeof(T) <= double(32 << 20);
  }

  static constexpr double DIRECT_A_BYTES = 64 << 10, DIRECT_B_BYTES = 256 << 10;

  Use useOfA() const {
    if constexpr (!A::STRIDED) {
      return Use::PRIVATE;
    } else {
      const Direct<T> d = a.direct(0);
      const double bytes = double(g.m) * double(g.k) * sizeof(T);
      // Read along k, rows are prefetched well as they are, and packing would pay only for many columns.
      return bytes <= DIRECT_A_BYTES || (d.alongK == 1 && colPanels <= 16) ? Use::DIRECT : Use::PRIVATE;
    }
  }
  Use useOfB() const {
    if constexpr (!B::STRIDED) {
      return Use::PRIVATE;
    } else {
      const Direct<T> d = b.direct(0);
      if (d.across != 1 || g.n < N) return Use::PRIVATE;
      const double bytes = double(g.n) * double(g.k) * sizeof(T);
      return bytes <= DIRECT_B_BYTES || (g.m <= 128 && bytes <= 4 * DIRECT_B_BYTES) || rowPanels <= 2 ? Use::DIRECT
                                                                                                      : Use::PRIVATE;
    }
  }
  static int64_t clamp(int64_t x, int64_t most) { return x < 1 ? 1 : x > most ? most : x; }
  static int64_t pieces(int64_t panels, int64_t each) { return (panels + each - 1) / each; }
  static int64_t cut(int64_t panels, double parts) { return clamp(int64_t(double(panels) / parts), panels); }

  // ---- running it

  bool runBatches(int64_t batchBegin, int64_t batchEnd) {
    const int64_t batchPieces = pieces(batchEnd - batchBegin, plan.batches);
    for (int64_t r = 0; r < rowPanels; r += plan.outerRows)
      for (int64_t c = 0; c < colPanels; c += plan.outerCols)
        for (int64_t d = 0; d < depths.count; d += plan.depths) {
          Shared shared;
          shared.rows = {r, least(r + plan.outerRows, rowPanels)};
          shared.cols = {c, least(c + plan.outerCols, colPanels)};
          shared.depth = {d, least(d + plan.depths, depths.count)};
          if (!packShared(shared, batchBegin)) return false;
          const int64_t rowPieces = pieces(shared.rows.size(), plan.rows);
          const int64_t colPieces = pieces(shared.cols.size(), plan.cols);
          bool ok = true;
          parallelFor(batchPieces * rowPieces * colPieces, [&](int64_t i) {
            const int64_t rowPiece = i % rowPieces, colPiece = i / rowPieces % colPieces,
                          piece = i / rowPieces / colPieces;
            const Range rows = part(shared.rows, rowPiece, rowPieces), cols = part(shared.cols, colPiece, colPieces);
            const int64_t from = batchBegin + piece * plan.batches;
            for (int64_t batch = from; batch < least(from + plan.batches, batchEnd); batch++)
              if (!block(batch, rows, cols, shared.depth, shared, nullptr))
                __atomic_store_n(&ok, false, __ATOMIC_RELAXED);
          });
          if (!ok) return false;
        }
    return true;
  }

  static int64_t least(int64_t x, int64_t y) { return x < y ? x : y; }
  // Part i of n, as equal as can be.
  static Range part(Range whole, int64_t i, int64_t n) {
    return {whole.begin + whole.size() * i / n, whole.begin + whole.size() * (i + 1) / n};
  }

  bool packShared(Shared& s, int64_t batch) {
    const int64_t depth = depths.begin(s.depth.end - 1) + depths.depth(s.depth.end - 1) - depths.begin(s.depth.begin);
    if (plan.a == Use::SHARED) {
      T* const packed = workspace(0, offsetA(s.rows, s.rows.end, depth));
      if (!packed) return false;
      s.a = packed;
      packJobs(s.depth, s.rows, GEMM_ROWS, slowK(a), [&](int64_t d, Range panels, Range k) {
        packA(packed + sharedOffsetA(s, d, panels.begin), batch, d, panels, k);
      });
    }
    if (plan.b == Use::SHARED) {
      T* const packed = workspace(1, offsetB(s.cols, s.cols.end, depth));
      if (!packed) return false;
      s.b = packed;
      packJobs(s.depth, s.cols, WIDTH, slowK(b), [&](int64_t d, Range panels, Range k) {
        packB(packed + sharedOffsetB(s, d, panels.begin), batch, d, panels, k);
      });
    }
    return true;
  }

  // Whether an operand lies in memory in lines across k. Packing then goes line by line through all panels: a walk down
  // a single one would leave most of what the memory's prefetching fetches unused.
  template <class Operand>
  static bool slowK(const Operand& x) {
    if constexpr (Operand::STRIDED) return x.direct(0).alongK != 1;
    return false;
  }

  template <class F>
  void packJobs(Range depth, Range panels, int64_t width, bool slow, const F& f) const {
    constexpr int64_t JOB = 32 << 10;  // elements
    if (slow) {
      const int64_t lines = clamp(JOB / (panels.size() * width) / N * N, depths.size),
                    jobs = pieces(depths.size, lines);
      parallelFor(jobs * depth.size(), [&](int64_t i) {
        const int64_t d = depth.begin + i / jobs, k = i % jobs * lines, end = least(k + lines, depths.depth(d));
        if (k < end) f(d, panels, Range{k, end});
      });
    } else {
      const int64_t jobs = pieces(panels.size(), clamp(JOB / (depths.size * width), panels.size()));
      parallelFor(jobs * depth.size(), [&](int64_t i) {
        const int64_t d = depth.begin + i / jobs;
        f(d, part(panels, i % jobs, jobs), Range{0, depths.depth(d)});
      });
    }
  }

  T* workspace(int slot, int64_t elements) const {
    return static_cast<T*>(scratch(GEMM_SCRATCH + slot, static_cast<size_t>(elements) * sizeof(T)));
  }
  // Where the packed panel p lies among `panels` for one block of k.
  int64_t offsetA(Range panels, int64_t p, int64_t k) const { return (row(p) - row(panels.begin)) * k; }
  int64_t offsetB(Range panels, int64_t q, int64_t k) const { return (paddedCol(q) - col(panels.begin)) * k; }
  int64_t sharedOffsetA(const Shared& s, int64_t d, int64_t p) const {
    return offsetA(s.rows, s.rows.end, (d - s.depth.begin) * depths.size) + offsetA(s.rows, p, depths.depth(d));
  }
  int64_t sharedOffsetB(const Shared& s, int64_t d, int64_t q) const {
    return offsetB(s.cols, s.cols.end, (d - s.depth.begin) * depths.size) + offsetB(s.cols, q, depths.depth(d));
  }

  // Some panels, one after the other in `to`; of each the lines `k` of block d.
  void packA(T* to, int64_t batch, int64_t d, Range panels, Range k) const {
    const int64_t lines = slowK(a) ? LINES : k.size();
    for (int64_t p0 = k.begin; p0 < k.end; p0 += lines)
      for (int64_t p = panels.begin; p < panels.end; p++) {
        const int64_t rows = row(p + 1) - row(p);
        a.pack(to + offsetA(panels, p, depths.depth(d)) + p0 * rows, batch, depths.begin(d) + p0,
               least(lines, k.end - p0), row(p), rows, rows);
      }
  }
  void packB(T* to, int64_t batch, int64_t d, Range panels, Range k) const {
    const int64_t lines = slowK(b) ? LINES : k.size();
    for (int64_t p0 = k.begin; p0 < k.end; p0 += lines)
      for (int64_t q = panels.begin; q < panels.end; q++) {
        const int64_t width = paddedCol(q + 1) - col(q);
        b.pack(to + offsetB(panels, q, depths.depth(d)) + p0 * width, batch, depths.begin(d) + p0,
               least(lines, k.end - p0), col(q), col(q + 1) - col(q), width);
      }
  }
  static constexpr int64_t LINES = 8;

  // The tiles of `rows` x `cols` for some blocks of k. `sums`, if given, takes each block's sums instead of C.
  bool block(int64_t batch, Range rows, Range cols, Range depth, const Shared& s, T* sums) const {
    T* const ownA = plan.a == Use::PRIVATE ? workspace(2, offsetA(rows, rows.end, depths.size)) : nullptr;
    const bool partialPanel = plan.b == Use::DIRECT && col(cols.end) % N != 0;
    T* const ownB = plan.b == Use::PRIVATE ? workspace(3, offsetB(cols, cols.end, depths.size))
                    : partialPanel         ? workspace(3, WIDTH * depths.size)
                                           : nullptr;
    if ((plan.a == Use::PRIVATE && !ownA) || ((plan.b == Use::PRIVATE || partialPanel) && !ownB)) return false;

    // A thin C waits in the first-level cache while some lines of B pass by, each read as far as the chunk is wide: B
    // is too large to be walked down in strips of a tile's width.
    const int64_t width = col(cols.end) - col(cols.begin);
    T* const thin = plan.thin && !sums ? workspace(4, (row(rows.end) - row(rows.begin)) * width) : nullptr;
    if (plan.thin && !sums && !thin) return false;

    for (int64_t d = depth.begin; d < depth.end; d++) {
      const int64_t k = depths.depth(d);
      if (ownA) packA(ownA, batch, d, rows, {0, k});
      if (ownB) packB(ownB, batch, d, plan.b == Use::PRIVATE ? cols : Range{cols.end - 1, cols.end}, {0, k});

      if (thin) {
        for (int64_t p0 = 0; p0 < k; p0 += THIN_DEPTH)
          for (int64_t q = cols.begin; q < cols.end; q++)
            for (int64_t p = rows.begin; p < rows.end; p++) {
              Tile<T> t;
              readB(t, batch, cols, q, d, s, ownB);
              readA(t, batch, rows, p, d, s, ownA);
              t.a += p0 * t.aCol;
              t.b += p0 * t.bRow;
              t.k = least(THIN_DEPTH, k - p0);
              t.store = p0 ? TileStore::CHAIN : TileStore::SET;
              t.c = thin + (row(p) - row(rows.begin)) * width + col(q) - col(cols.begin);
              t.cRow = width;
              runTile(t, p, q);
            }
        finish(thin, width, batch, row(rows.begin), col(cols.begin), row(rows.end) - row(rows.begin), width, d == 0,
               d + 1 == depths.count);
        continue;
      }
      // The panel of B of a tile is usually what stays in the first-level cache while the rows of A pass by. With a
      // short k all of B is near, and C, which is then a large part of the traffic, is better written along its rows.
      // (With a very short one, where C is nearly all of it, that measured slower again: 21.8 against 17.8 ms at 4096 x
      // 8 x 4096.)
      const bool alongRows =
          k >= 32 && k <= SHORT && (cols.end - cols.begin) * WIDTH * k * int64_t(sizeof(T)) <= NEAR_BYTES;
      const int64_t outer = alongRows ? rows.size() : cols.size(), inner = alongRows ? cols.size() : rows.size();
      for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < inner; i++) {
          const int64_t p = rows.begin + (alongRows ? o : i), q = cols.begin + (alongRows ? i : o);
          Tile<T> t;
          t.k = k;
          readA(t, batch, rows, p, d, s, ownA);
          readB(t, batch, cols, q, d, s, ownB);
          tile(t, batch, p, q, d, sums ? sums + (d - depth.begin) * g.m * g.n : nullptr);
        }
    }
    return true;
  }
  static constexpr int64_t SHORT = 128, NEAR_BYTES = 512 << 10;

  void readA(Tile<T>& t, int64_t batch, Range rows, int64_t p, int64_t d, const Shared& s, const T* own) const {
    if (plan.a == Use::DIRECT) {
      if constexpr (A::STRIDED) {
        const Direct<T> direct = a.direct(batch);
        t.a = direct.data + depths.begin(d) * direct.alongK + row(p) * direct.across;
        t.aRow = direct.across;
        t.aCol = direct.alongK;
      }
    } else {
      t.a = own ? own + offsetA(rows, p, depths.depth(d)) : s.a + sharedOffsetA(s, d, p);
      t.aRow = 1;
      t.aCol = row(p + 1) - row(p);
    }
  }

  void readB(Tile<T>& t, int64_t batch, Range cols, int64_t q, int64_t d, const Shared& s, const T* own) const {
    t.bRow = paddedCol(q + 1) - col(q);
    if (plan.b == Use::PRIVATE) {
      t.b = own + offsetB(cols, q, depths.depth(d));
    } else if (plan.b == Use::SHARED) {
      t.b = s.b + sharedOffsetB(s, d, q);
    } else if (q + 1 == cols.end && col(cols.end) % N != 0) {
      t.b = own;  // the kernel reads whole vectors, which the last columns are not
    } else {
      if constexpr (B::STRIDED) {
        const Direct<T> direct = b.direct(batch);
        t.b = direct.data + depths.begin(d) * direct.alongK + col(q);
        t.bRow = direct.alongK;
      }
    }
  }

  void runTile(Tile<T>& t, int64_t p, int64_t q) const {
    const int64_t cols = col(q + 1) - col(q);
    const int vectors = static_cast<int>((cols + N - 1) / N);
    t.lanes = static_cast<int>(cols - (vectors - 1) * N);
    tileKernel<T>(static_cast<int>(row(p + 1) - row(p)), vectors, t.aRow == 1)(t);
  }

  void tile(Tile<T>& t, int64_t batch, int64_t p, int64_t q, int64_t d, T* sums) const {
    const int64_t i = row(p), j = col(q);
    t.store = TileStore::SET;
    if (sums) {
      t.c = sums + i * g.n + j;
      t.cRow = g.n;
      return runTile(t, p, q);
    }
    const bool first = d == 0, last = d + 1 == depths.count;
    if (finish.plain(first, last)) {
      t.c = g.c + batch * g.cBatch + i * g.cRow + j;
      t.cRow = g.cRow;
      if (!first) t.store = TileStore::ADD;
      return runTile(t, p, q);
    }
    alignas(64) T own[GEMM_ROWS * WIDTH];
    t.c = own;
    t.cRow = WIDTH;
    runTile(t, p, q);
    finish(own, WIDTH, batch, i, j, row(p + 1) - i, col(q + 1) - j, first, last);
  }

  // Few elements of C and a long k: blocks of k run apart, and are then added in the order in which they always are.
  bool runSplitDepth() {
    plan.a = plan.a == Use::SHARED ? Use::PRIVATE : plan.a;
    plan.b = plan.b == Use::SHARED ? Use::PRIVATE : plan.b;
    const int64_t area = g.m * g.n;
    T* const sums = workspace(0, area * depths.count);
    if (!sums) return false;
    const int64_t groups =
        clamp(int64_t(double(area) * double(g.k) / MIN_CHUNK), depths.count < 64 ? depths.count : 64);
    bool ok = true;
    parallelFor(groups, [&](int64_t i) {
      const Range depth = part({0, depths.count}, i, groups);
      if (!block(0, {0, rowPanels}, {0, colPanels}, depth, Shared{}, sums + depth.begin * area))
        __atomic_store_n(&ok, false, __ATOMIC_RELAXED);
    });
    if (!ok) return false;
    parallelRange(g.m, clamp((1 << 16) / (g.n * depths.count), g.m), [&](int64_t begin, int64_t end) {
      for (int64_t d = 0; d < depths.count; d++)
        finish(sums + d * area + begin * g.n, g.n, 0, begin, 0, end - begin, g.n, d == 0, d + 1 == depths.count);
    });
    return true;
  }

  bool noDepth() {
    const T zeros[WIDTH] = {};
    for (int64_t batch = 0; batch < g.batch; batch++)
      for (int64_t q = 0; q < colPanels; q++) finish(zeros, 0, batch, 0, col(q), g.m, col(q + 1) - col(q), true, true);
    return true;
  }
};

template <class T, class A, class B>
bool gemm(const Gemm<T>& g, const A& a, const B& b) {
  return GemmRun<T, A, B>(g, a, b).run();
}

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
