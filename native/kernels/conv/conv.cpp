// Convolution and its gradient by the input (which is also transposed convolution), by implicit matrix multiplication:
// see conv_geometry.h for the addresses and conv_tiles.h for the arithmetic. docs/decisions/convolution.md has the
// measurements.
#include "conv_geometry.h"
#include "conv_tiles.h"

namespace tenzo::TENZO_LEVEL {
namespace {

// dst[row][pixel] = bias[row] + sum over channel and tap of kernel[row][channel][tap] * src[channel][pixel and tap]
template <class T>
struct Gather {
  Geometry geometry;
  int64_t groups, rows;
  const T* src;
  int64_t srcBatch, srcGroup;
  T* dst;
  int64_t dstBatch, dstGroup, dstRow, dstStep[3];
  const T* kernel;
  int64_t kernelGroup, kernelRow, kernelChannel, kernelStep[3];
  const T* bias;
};

// Slots of scratch. What the caller prepares for all chunks:
enum { TABLES, PANELS };
// What a chunk holds:
enum { IMAGE = 2, LISTS, SUMS, PART };

// The order in which the products of an output are summed: sixteen channels at a time, within them tap by tap, within a
// tap channel by channel. The products of such a block are one chain of multiply-adds from 0, and blocks are added to
// the bias in order; with a single tap all channels are one chain, which begins with the bias, as it does where every
// channel is a group of its own. This is oneDNN's order for AVX-512, found with inputs that show which terms meet first
// (as in FPRev, Xie et al. 2024), so that the bits are those of PyTorch.
struct SumOrder {
  int64_t channels, taps;
  bool fromBias;  // the first chain begins with the bias; otherwise it is added to it

  int64_t block() const { return taps == 1 ? maxOf(1, channels) : CHANNEL_BLOCK * taps; }
  // Where the product of a channel and a tap stands.
  int64_t at(int64_t channel, int64_t tap) const {
    if (taps == 1) return channel;
    const int64_t first = channel / CHANNEL_BLOCK * CHANNEL_BLOCK;
    return first * taps + tap * minOf(CHANNEL_BLOCK, channels - first) + (channel - first);
  }
};

// A stretch of a chain, short enough for its panel to stay in the first-level cache.
struct Stretch {
  int64_t begin, length;
  bool firstBlock, opens, closes;  // of the first block; at the beginning, at the end of its chain
};

// A stretch of neighbouring outputs: lanes of a list of pixel vectors, and where they go.
struct Run {
  int32_t lane, count;
  int64_t dst;
};

template <class T>
class GatherRunner {
  static constexpr int N = Vec<T>::N;
  static constexpr int BLOCK = CHANNEL_VECTORS * N;  // output channels a panel of the channel tiles

  const Gather<T>& p;
  Geometry g;
  int64_t products;
  SumOrder order;
  bool alongChannels;
  int64_t rowBlocks;
  int64_t groupsAChunk, groupChunks, rowParts;
  const int32_t* offset;
  const T* panels;
  int64_t panelGroup;  // elements of the panels of one group

 public:
  explicit GatherRunner(const Gather<T>& gather)
      : p(gather),
        g(gather.geometry),
        products(g.products()),
        order{g.channels, g.taps(), g.taps() == 1 || (g.channels == 1 && p.groups > 1)} {}

  Status run() {
    if (g.batch == 0 || g.outputs() == 0 || p.rows == 0) return OK;
    g.split(p.groups, p.rows, sizeof(T));
    choose();
    if (alongChannels) g.useSource(p.srcBatch);
    if (g.tooLarge()) return OUT_OF_MEMORY;
    int32_t* tables = static_cast<int32_t*>(scratch(TABLES, static_cast<size_t>(products) * 3 * sizeof(int32_t) + 64));
    const int64_t width = alongChannels ? ceilDiv(p.rows, N) * N : p.rows;
    panelGroup = width * products;
    T* packed = static_cast<T*>(scratch(PANELS, static_cast<size_t>(panelGroup * p.groups) * sizeof(T) + 64));
    if (!tables || !packed) return OUT_OF_MEMORY;
    int32_t *inOrder = tables + products, *kernelOffset = inOrder + products;
    g.tapOffsets(tables, kernelOffset, p.kernelChannel, p.kernelStep);
    for (int64_t k = 0; k < products; k++) inOrder[order.at(k / order.taps, k % order.taps)] = tables[k];
    offset = inOrder;
    panels = packed;
    pack(packed, kernelOffset);

    bool failed = false;
    const int64_t chunks = g.boxes.total() * groupChunks * rowParts;
    parallelFor(chunks, [&](int64_t chunk) {
      const int64_t part = chunk % rowParts, range = chunk / rowParts % groupChunks;
      if (!runChunk(g.box(chunk / rowParts / groupChunks), range * groupsAChunk,
                    minOf(p.groups, (range + 1) * groupsAChunk), part * rowBlocks / rowParts,
                    (part + 1) * rowBlocks / rowParts))
        __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    });
    return failed ? OUT_OF_MEMORY : OK;
  }

 private:
  // The rows of a plane of a box, for vectors along pixels.
  struct Lines {
    int64_t count, length;
    bool apart;  // every row begins a vector; otherwise vectors run on over the padding between rows
    int64_t vectors;
  };
  Lines lines(const Box& b) const {
    Lines l = {b.size[2], b.size[3], true, 0};
    // Rows without a gap, in the image and in the output, are one row.
    if (b.size[3] == g.length[2] && p.dstStep[1] == b.size[3] * p.dstStep[2]) l = {1, b.size[2] * b.size[3], true, 0};
    l.vectors = l.count * ceilDiv(l.length, N);
    const int64_t flat = ceilDiv((l.count - 1) * g.length[2] + l.length, N);
    if (flat < l.vectors) {
      l.apart = false;
      l.vectors = flat;
    }
    return l;
  }

  void choose() {
    Box b = g.box(0);
    const int64_t vectors = b.size[0] * b.size[1] * lines(b).vectors;
    // In multiply-adds of a vector. Pixel tiles load across cache lines, and with one row do little else; the sums of
    // the channel tiles must be transposed.
    const int64_t byPixels = vectors * p.rows * products * (p.rows == 1 ? 2 : 1) * 9 / 8;
    const int64_t byChannels = b.pixels() * ceilDiv(p.rows, N) * (products + 16);
    alongChannels = byChannels < byPixels;
    rowBlocks = alongChannels ? ceilDiv(p.rows, BLOCK) : ceilDiv(p.rows, PIXEL_ROWS);

    const int64_t work = maxOf(1, b.pixels() * p.rows * products);
    groupsAChunk = minOf(p.groups, maxOf(1, BOX_WORK / work));
    groupChunks = ceilDiv(p.groups, groupsAChunk);
    rowParts = 1;
    const int64_t chunks = g.boxes.total() * groupChunks;
    if (chunks < BOX_COUNT && work > BOX_WORK) rowParts = minOf(rowBlocks, ceilDiv(BOX_COUNT, chunks));
  }

  int64_t rowBegin(int64_t block) const {
    return alongChannels ? minOf(p.rows, block * BLOCK) : block * p.rows / rowBlocks;
  }
  // Row blocks are packed one after the other: for every product the values of the block's rows, filled up to whole
  // vectors for the channel tiles.
  int64_t blockWidth(int64_t block) const {
    const int64_t rows = rowBegin(block + 1) - rowBegin(block);
    return alongChannels ? ceilDiv(rows, N) * N : rows;
  }

  void pack(T* packed, const int32_t* kernelOffset) const {
    const int64_t blocks = p.groups * rowBlocks;
    const int64_t grain = maxOf(1, (1 << 16) / maxOf(1, panelGroup / rowBlocks));
    parallelRange(blocks, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t group = i / rowBlocks, block = i % rowBlocks, row = rowBegin(block);
        const int64_t rows = rowBegin(block + 1) - row, width = blockWidth(block);
        const T* from = p.kernel + group * p.kernelGroup + row * p.kernelRow;
        T* to = packed + group * panelGroup + row * products;
        // Entries of the kernel that follow each other, such as the taps of a channel, are transposed as one.
        const auto at = [&](int64_t k) { return order.at(k / order.taps, k % order.taps); };
        for (int64_t k = 0, next; k < products; k = next) {
          next = k + 1;
          const int64_t first = at(k), step = next < products ? at(next) - first : 1;
          while (next < products && kernelOffset[next] == kernelOffset[k] + (next - k) &&
                 at(next) == first + (next - k) * step)
            next++;
          transpose<T, true>(from + kernelOffset[k], p.kernelRow, rows, next - k, to + first * width,
                             next - k > 1 ? step * width : width);
        }
        for (int64_t r = rows; r < width; r++)
          for (int64_t k = 0; k < products; k++) to[k * width + r] = 0;
      }
    });
  }

  bool runChunk(const Box& box, int64_t groupBegin, int64_t groupEnd, int64_t blockBegin, int64_t blockEnd) const {
    T* own = static_cast<T*>(scratch(IMAGE, static_cast<size_t>(g.scratchElements()) * sizeof(T) + 64));
    if (!own) return false;
    if (alongChannels) {
      const int64_t pixels = box.pixels();
      int32_t* list =
          static_cast<int32_t*>(scratch(LISTS, static_cast<size_t>(pixels + MAX_CHANNEL_ROWS) * sizeof(int32_t)));
      const size_t bytes = static_cast<size_t>((pixels + MAX_CHANNEL_ROWS) * BLOCK) * sizeof(T);
      T* sums = static_cast<T*>(scratch(SUMS, bytes));
      T* part = products > order.block() && order.block() > STRETCH ? static_cast<T*>(scratch(PART, bytes)) : sums;
      if (!list || !sums || !part) return false;
      g.listPixels(box, list);
      for (int i = 0; i < MAX_CHANNEL_ROWS; i++) list[pixels + i] = list[pixels - 1];
      for (int64_t group = groupBegin; group < groupEnd; group++) {
        const T* image = g.load(box, p.src + group * p.srcGroup, p.srcBatch, own);
        for (int64_t block = blockBegin; block < blockEnd; block++) {
          if (blockWidth(block) == BLOCK)
            sumChannels<CHANNEL_VECTORS>(image, list, pixels, group, block, sums, part);
          else
            sumChannels<1>(image, list, pixels, group, block, sums, part);
          storeChannels(box, group, block, sums);
        }
      }
      return true;
    }
    const int64_t most = box.size[0] * box.size[1] * box.size[2] * (ceilDiv(maxOf(g.length[2], box.size[3]), N) + 1);
    const size_t listBytes = static_cast<size_t>(most + MAX_PIXEL_VECTORS) * sizeof(int32_t);
    char* lists = static_cast<char*>(
        scratch(LISTS, listBytes + 64 + static_cast<size_t>(most + MAX_PIXEL_VECTORS) * sizeof(Run)));
    if (!lists) return false;
    int32_t* list = reinterpret_cast<int32_t*>(lists);
    Run* runs = reinterpret_cast<Run*>(lists + (listBytes + 63) / 64 * 64);
    const Lines l = lines(box);
    const int64_t vectors = listVectors(box, l, list, runs);
    for (int64_t group = groupBegin; group < groupEnd; group++) {
      const T* image = g.load(box, p.src + group * p.srcGroup, p.srcBatch, own);
      for (int64_t block = blockBegin; block < blockEnd; block++)
        sumPixels(image, l, list, vectors, runs, group, block);
    }
    return true;
  }

  template <class Body>
  void forStretches(const Body& body) const {
    if (products == 0) return body(Stretch{0, 0, true, true, true});
    for (int64_t block = 0; block < products; block += order.block()) {
      const int64_t length = minOf(order.block(), products - block), count = ceilDiv(length, STRETCH);
      for (int64_t i = 0; i < count; i++) {
        const int64_t begin = i * length / count, end = (i + 1) * length / count;
        body(Stretch{block + begin, end - begin, block == 0, i == 0, i == count - 1});
      }
    }
  }

  // ---- vectors along channels
  template <int V>
  void sumChannels(const T* image, const int32_t* list, int64_t pixels, int64_t group, int64_t block, T* sums,
                   T* part) const {
    constexpr int64_t WIDTH = V * N;
    const int64_t row = rowBegin(block), rows = rowBegin(block + 1) - row;
    const T* panel = panels + group * panelGroup + row * products;
    alignas(64) T bias[WIDTH] = {};
    if (p.bias) __builtin_memcpy(bias, p.bias + group * p.rows + row, static_cast<size_t>(rows) * sizeof(T));
    const SumRows<T> none = {nullptr, 0}, ofBias = {p.bias ? bias : nullptr, 0};
    forStretches([&](const Stretch& s) {
      // A chain that does not add to the first goes on apart from it until it is complete.
      T* out = s.firstBlock || s.closes ? sums : part;
      SumRows<T> start = !s.opens ? SumRows<T>{s.firstBlock ? sums : part, WIDTH} : order.fromBias ? ofBias : none;
      SumRows<T> plus = !s.closes || (s.firstBlock && order.fromBias) ? none
                        : s.firstBlock                                ? ofBias
                                                                      : SumRows<T>{sums, WIDTH};
      constexpr int R = channelRows(V);
      for (int64_t i = 0; i < pixels; i += R) {
        const T* a[R];
        for (int r = 0; r < R; r++) a[r] = image + list[i + r];
        channelTile<T, R, V>(a, offset + s.begin, s.length, panel + s.begin * WIDTH, WIDTH, out + i * WIDTH, WIDTH,
                             start, plus);
        if (start.at) start.at += R * start.stride;
        if (plus.at) plus.at += R * plus.stride;
      }
    });
  }

  void storeChannels(const Box& b, int64_t group, int64_t block, const T* sums) const {
    const int64_t row = rowBegin(block), rows = rowBegin(block + 1) - row, width = blockWidth(block);
    // Rows of outputs that follow each other without a gap are stored as one.
    const bool whole = p.dstStep[2] == 1 && p.dstStep[1] == b.size[3];
    const int64_t pixels = whole ? b.size[2] * b.size[3] : b.size[3], lines = whole ? 1 : b.size[2];
    for (int64_t n = 0; n < b.size[0]; n++)
      for (int64_t d = 0; d < b.size[1]; d++)
        for (int64_t h = 0; h < lines; h++, sums += pixels * width) {
          T* to = p.dst + (b.begin[0] + n) * p.dstBatch + group * p.dstGroup + row * p.dstRow +
                  (b.begin[1] + d) * p.dstStep[0] + (b.begin[2] + h) * p.dstStep[1] + b.begin[3] * p.dstStep[2];
          if (p.dstStep[2] == 1) {
            transpose<T, false>(sums, width, pixels, rows, to, p.dstRow);
          } else {
            for (int64_t r = 0; r < rows; r++)
              for (int64_t w = 0; w < pixels; w++) to[r * p.dstRow + w * p.dstStep[2]] = sums[w * width + r];
          }
        }
  }

  // ---- vectors along pixels
  int64_t listVectors(const Box& b, const Lines& l, int32_t* list, Run* run) const {
    int64_t vectors = 0;
    for (int64_t n = 0; n < b.size[0]; n++)
      for (int64_t d = 0; d < b.size[1]; d++) {
        const int64_t plane = vectors, at = g.pixelOffset(n, d, 0, 0);
        for (int64_t h = 0; h < l.count; h++) {
          const int64_t dst = (b.begin[0] + n) * p.dstBatch + (b.begin[1] + d) * p.dstStep[0] +
                              (b.begin[2] + h) * p.dstStep[1] + b.begin[3] * p.dstStep[2];
          // Lanes of this row: from the beginning of a vector, or on from where the row before ended.
          int64_t lane = l.apart ? vectors * N : plane * N + h * g.length[2];
          for (int64_t w = 0; w < l.length;) {
            const int64_t vector = lane / N, n1 = minOf(N - lane % N, l.length - w);
            while (vectors <= vector) {
              list[vectors] = static_cast<int32_t>(l.apart ? at + h * g.length[2] + w : at + (vectors - plane) * N);
              vectors++;
            }
            *run++ = {static_cast<int32_t>(lane), static_cast<int32_t>(n1), dst + w * p.dstStep[2]};
            w += n1;
            lane += n1;
          }
        }
      }
    for (int i = 0; i < MAX_PIXEL_VECTORS; i++) {
      list[vectors + i] = list[vectors - 1];
      run[i] = {INT32_MAX, 0, 0};
    }
    return vectors;
  }

  void sumPixels(const T* image, const Lines& l, const int32_t* list, int64_t vectors, const Run* run, int64_t group,
                 int64_t block) const {
    const int64_t row = rowBegin(block);
    const int rows = static_cast<int>(rowBegin(block + 1) - row), width = pixelVectors(rows), lanes = width * N;
    const PixelTile<T> tile = pixelTileOf<T>(rows);
    const T* panel = panels + group * panelGroup + row * products;
    T* dst = p.dst + group * p.dstGroup + row * p.dstRow;
    constexpr int MOST = MAX_PIXEL_VECTORS * 4;
    static_assert(PIXEL_ROWS * pixelVectors(PIXEL_ROWS) <= MOST);
    // One vector more: the last run of a tile is loaded whole.
    alignas(64) T sums[(MOST + 1) * N], part[MOST * N], biases[MOST * N];
    const T* bias = p.bias ? biases : nullptr;
    if (bias)
      for (int r = 0; r < rows; r++)
        for (int64_t i = 0; i < lanes; i++) biases[r * lanes + i] = p.bias[group * p.rows + row + r];
    const bool direct = l.apart && p.dstStep[2] == 1 && products <= minOf(order.block(), STRETCH);  // runs are vectors
    for (int64_t v = 0; v < vectors; v += width) {
      const T* b[MAX_PIXEL_VECTORS];
      for (int j = 0; j < width; j++) b[j] = image + list[v + j];
      PixelStore<T> store;
      if (direct)
        for (int j = 0; j < width; j++, run++) {
          store.to[j] = dst + run->dst;
          store.count[j] = run->count;
        }
      store.row = p.dstRow;
      forStretches([&](const Stretch& s) {
        const T* start = !s.opens ? (s.firstBlock ? sums : part) : order.fromBias ? bias : nullptr;
        const T* plus = !s.closes || (s.firstBlock && order.fromBias) ? nullptr : s.firstBlock ? bias : sums;
        tile(b, offset + s.begin, s.length, panel + s.begin * rows, start, plus, s.firstBlock || s.closes ? sums : part,
             direct ? &store : nullptr);
      });
      if (direct) continue;
      const int64_t first = v * N, end = first + lanes;
      for (; run->lane < end; run++)
        for (int r = 0; r < rows; r++) {
          const T* from = sums + r * lanes + (run->lane - first);
          T* to = dst + r * p.dstRow + run->dst;
          if (p.dstStep[2] == 1) {
            const Vec<T> x = Vec<T>::load(from);
            if (run->count == N)
              x.store(to);
            else
              x.storeN(to, run->count);
          } else {
            for (int64_t i = 0; i < run->count; i++) to[i * p.dstStep[2]] = from[i];
          }
        }
    }
  }
};

template <class T>
Status conv(const Command& c, const ConvArgs& a) {
  ConvSizes s;
  if (!s.read(a)) return c.fail(BAD_COMMAND, c.op);
  if (s.batch * s.outChannels * s.outputs() == 0) return OK;
  Gather<T> p;
  p.geometry = s.forward();
  p.groups = s.groups;
  p.rows = s.groupOut();
  p.src = a.x;
  p.srcGroup = s.groupIn() * s.inputs();
  p.srcBatch = s.inChannels * s.inputs();
  p.dst = a.y;
  p.dstRow = s.outputs();
  p.dstGroup = p.rows * p.dstRow;
  p.dstBatch = s.outChannels * p.dstRow;
  p.dstStep[2] = 1, p.dstStep[1] = s.out[2], p.dstStep[0] = s.out[1] * s.out[2];
  p.kernel = a.w;
  p.kernelStep[2] = 1, p.kernelStep[1] = s.kernel[2], p.kernelStep[0] = s.kernel[1] * s.kernel[2];
  p.kernelChannel = s.taps();
  p.kernelRow = s.groupIn() * s.taps();
  p.kernelGroup = p.rows * p.kernelRow;
  p.bias = a.bias;
  return GatherRunner<T>(p).run();
}

// The taps that reach inputs of remainder `phase` by the stride: input phase + i * stride takes from output
// i + (phase + padding - t * dilation) / stride where that is whole, for every tap t. An arithmetic sequence of taps.
inline Axis backwardAxis(const ConvSizes& s, int d, int64_t phase) {
  const int64_t stride = s.stride[d], dilation = s.dilation[d], from = phase + s.padding[d];
  Axis a = {s.out[d], s.in[d] > phase ? ceilDiv(s.in[d] - phase, stride) : 0, 1, 0, 0, 0, 0, 0};
  int64_t divisor = stride, b = dilation;
  while (b) {
    const int64_t r = divisor % b;
    divisor = b;
    b = r;
  }
  const int64_t period = stride / divisor;
  int64_t t = 0;
  while (t < period && t < s.kernel[d] && (from - t * dilation) % stride != 0) t++;
  if (t == period || t >= s.kernel[d]) return a;
  a.taps = ceilDiv(s.kernel[d] - t, period);
  a.at = (from - t * dilation) / stride;
  a.delta = -(dilation / divisor);
  a.kernelAt = t;
  a.kernelDelta = period;
  return a;
}

// The geometry is that of the convolution whose gradient this is. The bias, one value a channel of dx, is for
// transposed convolution.
template <class T>
Status convBackwardInput(const Command& c, const ConvBackwardInputArgs& a) {
  ConvSizes s;
  if (!s.read(a)) return c.fail(BAD_COMMAND, c.op);
  if (s.batch * s.inChannels * s.inputs() == 0) return OK;
  Gather<T> p;
  p.geometry.batch = s.batch;
  p.geometry.channels = s.groupOut();
  p.groups = s.groups;
  p.rows = s.groupIn();
  p.src = a.dy;
  p.srcGroup = s.groupOut() * s.outputs();
  p.srcBatch = s.outChannels * s.outputs();
  p.dstRow = s.inputs();
  p.dstGroup = p.rows * p.dstRow;
  p.dstBatch = s.inChannels * p.dstRow;
  const int64_t step[3] = {s.in[1] * s.in[2], s.in[2], 1};
  for (int d = 0; d < 3; d++) p.dstStep[d] = step[d] * s.stride[d];
  p.kernel = a.w;
  p.kernelStep[2] = 1, p.kernelStep[1] = s.kernel[2], p.kernelStep[0] = s.kernel[1] * s.kernel[2];
  p.kernelChannel = s.groupIn() * s.taps();
  p.kernelRow = s.taps();
  p.kernelGroup = s.groupOut() * p.kernelChannel;
  p.bias = a.bias;
  int64_t phase[3];
  for (phase[0] = 0; phase[0] < minOf(s.stride[0], s.in[0]); phase[0]++)
    for (phase[1] = 0; phase[1] < minOf(s.stride[1], s.in[1]); phase[1]++)
      for (phase[2] = 0; phase[2] < minOf(s.stride[2], s.in[2]); phase[2]++) {
        p.dst = a.dx;
        for (int d = 0; d < 3; d++) {
          p.geometry.axis[d] = backwardAxis(s, d, phase[d]);
          p.dst += phase[d] * step[d];
        }
        const Status status = GatherRunner<T>(p).run();
        if (status != OK) return status;
      }
  return OK;
}

}  // namespace

void fill_conv(Kernels& k) {
  TENZO_KERNEL(conv, conv<T>)
  TENZO_KERNEL(conv_backward_input, convBackwardInput<T>)
}

}  // namespace tenzo::TENZO_LEVEL
