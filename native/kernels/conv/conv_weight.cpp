// The gradient of convolution by its kernel and its bias. The sum over the batch is cut into parts that depend on the
// sizes only, so its bits do not depend on the number of threads.
#include "conv_geometry.h"
#include "conv_tiles.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t SLICE_CHANNELS = 128;  // output channels a task, so that the transposed gradient of a block of pixels
constexpr int64_t BLOCK_PIXELS = 128;    // stays in the first-level cache
constexpr int64_t SLICE_ELEMENTS =
    1 << 16;  // entries of the kernel a task, so that its sums stay in the second-level cache
constexpr int64_t PART_ELEMENTS = 1 << 21;  // entries of all partial kernels together
// Lanes are pixels for so few output channels a group: fewer where rows are short, since every row begins anew.
inline int64_t fewChannels(int64_t width) { return width >= 24 ? 8 : 3; }

// Slots of scratch: of the caller for all chunks, then of a chunk.
enum { TABLE, PARTIALS, IMAGE, LISTS, PANEL };

template <class T>
class WeightGradient {
  static constexpr int N = Vec<T>::N;
  static constexpr int64_t LANES = CHANNEL_VECTORS * N;

  const ConvSizes& s;
  const T *x, *dy;
  T* dw;
  Geometry g;
  int64_t rows, products;  // of a group: output channels, entries of the kernel an output channel
  bool alongChannels;
  int64_t rowSlice, rowSlices;          // output channels of a task
  int64_t channelSlice, channelSlices;  // input channels of a task
  int64_t parts;                        // of the sum over pixels
  int64_t width;                        // of a row of partial sums
  int64_t slices, sliceElements, partElements;
  const int32_t* offset;
  T* partials;

 public:
  WeightGradient(const ConvSizes& sizes, const T* input, const T* gradient, T* out)
      : s(sizes), x(input), dy(gradient), dw(out), g(sizes.forward()), rows(sizes.groupOut()) {
    products = g.products();
  }

  Status run() {
    if (s.outChannels * products == 0) return OK;
    if (s.batch * s.outputs() == 0) {
      __builtin_memset(dw, 0, static_cast<size_t>(s.outChannels * products) * sizeof(T));
      return OK;
    }
    alongChannels = rows > fewChannels(s.out[2]);
    rowSlice = alongChannels ? minOf(rows, SLICE_CHANNELS) : rows;
    rowSlices = ceilDiv(rows, rowSlice);
    channelSlice = g.channels;
    if (alongChannels) channelSlice = minOf(g.channels, maxOf(1, SLICE_ELEMENTS / (rowSlice * s.taps())));
    channelSlices = ceilDiv(g.channels, channelSlice);
    g.channels = channelSlice;
    const int64_t pieces = s.groups * rowSlices * channelSlices;
    g.split(pieces, rowSlice, sizeof(T));
    if (alongChannels) g.useSource(s.inChannels * s.inputs());
    if (g.tooLarge() || products > INT32_MAX) return OUT_OF_MEMORY;

    const int64_t boxWork = maxOf(1, g.boxes.pixels() * rowSlice * g.products());
    parts = minOf(ceilDiv(BOX_COUNT, pieces), maxOf(1, PART_ELEMENTS / (s.outChannels * products)));
    parts = maxOf(1, minOf(minOf(parts, g.boxes.total()), g.boxes.total() * boxWork / BOX_WORK));
    slices = s.groups * rowSlices;
    width = alongChannels ? ceilDiv(rowSlice, N) * N : products;
    sliceElements = alongChannels ? products * width : rows * width;
    partElements = slices * sliceElements;

    int32_t* table = static_cast<int32_t*>(scratch(TABLE, static_cast<size_t>(g.products()) * sizeof(int32_t) + 64));
    partials = static_cast<T*>(scratch(PARTIALS, static_cast<size_t>(parts * partElements) * sizeof(T) + 64));
    if (!table || !partials) return OUT_OF_MEMORY;
    const int64_t kernelStep[3] = {0, 0, 0};
    g.tapOffsets(table, nullptr, 0, kernelStep);
    offset = table;

    bool failed = false;
    const int64_t tasks = pieces * parts;
    const int64_t taskWork = boxWork * ceilDiv(g.boxes.total(), parts);
    parallelRange(tasks, maxOf(1, BOX_WORK / taskWork), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t piece = i / parts;
        const bool done = alongChannels
                              ? sumAlongChannels(piece / channelSlices, piece % channelSlices * channelSlice, i % parts)
                              : sumAlongPixels(piece, i % parts);
        if (!done) __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
      }
    });
    if (failed) return OUT_OF_MEMORY;
    collect();
    return OK;
  }

 private:
  int64_t panelWidth(int64_t lane) const { return minOf(LANES, width - lane); }

  // ---- lanes are output channels: the gradient is transposed, a block of pixels at a time
  bool sumAlongChannels(int64_t slice, int64_t channel, int64_t part) const {
    const int64_t group = slice / rowSlices, row = slice % rowSlices * rowSlice;
    const int64_t rowCount = minOf(rowSlice, rows - row), channelCount = minOf(channelSlice, s.groupIn() - channel);
    const int64_t entries = channelCount * s.taps();
    Geometry own = g;
    own.channels = channelCount;
    T* space = static_cast<T*>(scratch(IMAGE, static_cast<size_t>(g.scratchElements()) * sizeof(T) + 64));
    int32_t* list = static_cast<int32_t*>(scratch(LISTS, static_cast<size_t>(g.boxes.pixels()) * sizeof(int32_t)));
    T* panel = static_cast<T*>(scratch(PANEL, static_cast<size_t>(BLOCK_PIXELS * width) * sizeof(T)));
    if (!space || !list || !panel) return false;
    __builtin_memset(panel, 0, static_cast<size_t>(BLOCK_PIXELS * width) * sizeof(T));
    T* sums = partials + part * partElements + slice * sliceElements + channel * s.taps() * width;
    __builtin_memset(sums, 0, static_cast<size_t>(entries * width) * sizeof(T));
    const T* gradient = dy + (group * rows + row) * s.outputs();

    const int64_t boxes = g.boxes.total();
    for (int64_t i = part * boxes / parts; i < (part + 1) * boxes / parts; i++) {
      const Box b = g.box(i);
      const T* image = own.load(b, x + (group * s.groupIn() + channel) * s.inputs(), s.inChannels * s.inputs(), space);
      g.listPixels(b, list);
      // Lines of pixels that follow each other in dy, too.
      const bool whole = b.size[3] == s.out[2];
      const int64_t line = whole ? b.size[2] * b.size[3] : b.size[3], lines = whole ? 1 : b.size[2];
      const int64_t pixels = b.pixels();
      for (int64_t first = 0; first < pixels; first += BLOCK_PIXELS) {
        const int64_t last = minOf(pixels, first + BLOCK_PIXELS);
        for (int64_t at = first; at < last;) {
          const int64_t l = at / line, w = at % line, count = minOf(line - w, last - at);
          const int64_t h = l % lines, d = l / lines % b.size[1], n = l / lines / b.size[1];
          const T* from = gradient + (b.begin[0] + n) * s.outChannels * s.outputs() +
                          ((b.begin[1] + d) * s.out[1] + b.begin[2] + h) * s.out[2] + b.begin[3] + w;
          // A panel for every pair of vectors, so that its rows follow each other.
          for (int64_t lane = 0; lane < rowCount; lane += LANES)
            transpose<T, true>(from + lane * s.outputs(), s.outputs(), minOf(LANES, rowCount - lane), count,
                               panel + lane * BLOCK_PIXELS + (at - first) * panelWidth(lane), panelWidth(lane));
          at += count;
        }
        for (int64_t lane = 0; lane < width; lane += LANES) {
          const bool wide = panelWidth(lane) == LANES;
          const int64_t most = wide ? channelRows(CHANNEL_VECTORS) : channelRows(1);
          for (int64_t k = 0; k < entries; k += most) {
            const int64_t count = minOf(most, entries - k);
            const T* a[MAX_CHANNEL_ROWS];
            for (int64_t r = 0; r < count; r++) a[r] = image + offset[k + r];
            const ChannelTile<T> tile = wide ? channelTileOf<T, CHANNEL_VECTORS>(count) : channelTileOf<T, 1>(count);
            T* out = sums + k * width + lane;
            tile(a, list + first, last - first, panel + lane * BLOCK_PIXELS, panelWidth(lane), out, width, {},
                 {out, width});
          }
        }
      }
    }
    return true;
  }

  // ---- lanes are pixels of a row
  bool sumAlongPixels(int64_t group, int64_t part) const {
    const int64_t most = g.boxes.size[0] * g.boxes.size[1] * g.boxes.size[2];
    T* space = static_cast<T*>(scratch(IMAGE, static_cast<size_t>(g.scratchElements()) * sizeof(T) + 64));
    int64_t* lists = static_cast<int64_t*>(scratch(LISTS, static_cast<size_t>(2 * most) * sizeof(int64_t)));
    if (!space || !lists) return false;
    T* sums = partials + part * partElements + group * sliceElements;
    __builtin_memset(sums, 0, static_cast<size_t>(rows * products) * sizeof(T));
    const int64_t boxes = g.boxes.total();
    const int64_t rowTiles = ceilDiv(rows, DOT_ROWS<T>), columnTiles = ceilDiv(products, DOT_COLUMNS<T>);
    for (int64_t i = part * boxes / parts; i < (part + 1) * boxes / parts; i++) {
      const Box b = g.box(i);
      const T* image = g.load(b, x + group * s.groupIn() * s.inputs(), s.inChannels * s.inputs(), space);
      int64_t *yRow = lists, *xRow = lists + most, count = 0;
      for (int64_t n = 0; n < b.size[0]; n++)
        for (int64_t d = 0; d < b.size[1]; d++)
          for (int64_t h = 0; h < b.size[2]; h++, count++) {
            yRow[count] = (b.begin[0] + n) * s.outChannels * s.outputs() +
                          ((b.begin[1] + d) * s.out[1] + b.begin[2] + h) * s.out[2] + b.begin[3];
            xRow[count] = g.pixelOffset(n, d, h, 0);
          }
      for (int64_t column = 0; column < columnTiles; column++) {
        const int64_t k = column * products / columnTiles, columns = (column + 1) * products / columnTiles - k;
        const T* b1[DOT_COLUMNS<T>];
        for (int64_t j = 0; j < columns; j++) b1[j] = image + offset[k + j];
        for (int64_t tile = 0; tile < rowTiles; tile++) {
          const int64_t row = tile * rows / rowTiles, height = (tile + 1) * rows / rowTiles - row;
          const T* a[DOT_ROWS<T>];
          for (int64_t r = 0; r < height; r++) a[r] = dy + (group * rows + row + r) * s.outputs();
          dotTileOf<T>(height, columns)(a, yRow, b1, xRow, count, b.size[3], sums + row * products + k, products);
        }
      }
    }
    return true;
  }

  // Adds the parts up, in order, and brings them into the kernel's layout.
  void collect() const {
    const int64_t lines = alongChannels ? products : rows;  // of a slice
    const int64_t block = maxOf(1, (1 << 14) / (width * parts)), blocks = ceilDiv(lines, block);
    parallelFor(slices * blocks, [&](int64_t i) {
      const int64_t slice = i / blocks, line = i % blocks * block, count = minOf(block, lines - line);
      T* sums = partials + slice * sliceElements + line * width;
      const int64_t n = count * width, whole = n / N * N;
      for (int64_t part = 1; part < parts; part++) {
        const T* more = sums + part * partElements;
        for (int64_t j = 0; j < whole; j += N) (Vec<T>::load(sums + j) + Vec<T>::load(more + j)).store(sums + j);
        for (int64_t j = whole; j < n; j++) sums[j] += more[j];
      }
      const int64_t row = slice / rowSlices * rows + slice % rowSlices * rowSlice;
      if (alongChannels)
        transpose<T, false>(sums, width, count, minOf(rowSlice, rows - slice % rowSlices * rowSlice),
                            dw + row * products + line, products);
      else
        __builtin_memcpy(dw + row * products + line * products, sums, static_cast<size_t>(n) * sizeof(T));
    });
  }
};

template <class T>
void biasGradient(const ConvSizes& s, const T* dy, T* db) {
  constexpr int N = Vec<T>::N, L = VECTORS_OF_16<T>;
  const int64_t pixels = s.outputs(), full = pixels / 16 * 16;
  const int64_t batch = pixels > 0 ? s.batch : 0;
  const int64_t grain = maxOf(1, (1 << 18) / maxOf(1, pixels * batch));
  parallelRange(s.outChannels, grain, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; c++) {
      T sum = 0;
      for (int64_t n = 0; n < batch; n++) {
        const T* p = dy + (n * s.outChannels + c) * pixels;
        Vec<T> acc[L];
        for (int l = 0; l < L; l++) acc[l] = Vec<T>::zero();
        for (int64_t i = 0; i < full; i += 16)
          for (int l = 0; l < L; l++) acc[l] = acc[l] + Vec<T>::load(p + i + l * N);
        for (int l = 0; l < L; l++) acc[l] = acc[l] + Vec<T>::loadN(p + full + l * N, maxOf(0, pixels - full - l * N));
        sum += reduceAdd16<T>(acc);
      }
      db[c] = sum;
    }
  });
}

// db is the sum of dy over batch and pixels.
template <class T>
Status convBackwardWeight(const Command& c, const ConvBackwardWeightArgs& a) {
  ConvSizes s;
  if (!s.read(a)) return c.fail(BAD_COMMAND, c.op);
  if (a.dw) {
    const Status status = WeightGradient<T>(s, a.x, a.dy, a.dw).run();
    if (status != OK) return status;
  }
  if (a.db) biasGradient<T>(s, a.dy, a.db);
  return OK;
}

}  // namespace

void fill_conv_weight(Kernels& k) { TENZO_KERNEL(conv_backward_weight, convBackwardWeight<T>) }

}  // namespace tenzo::TENZO_LEVEL
