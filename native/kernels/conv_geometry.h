// Where a convolution reads and writes, for convolutions of up to three spatial dims (leading ones are 1).
//
// Along one axis, output o and tap t meet at input o * step + at + t * delta. A convolution is that as it stands; its gradient by
// the input is the same with step 1, one problem for each remainder of the input coordinate by the stride (see conv.cpp).
//
// The input of a box of outputs is copied into scratch with its zero padding, split by remainder of the coordinate by the step.
// Then outputs that are neighbours read neighbours, for every tap, stride and dilation: the address of an input is
//   pixelOffset(output) + tapOffset(channel, tap).
#pragma once
#include "../runtime/dispatch.h"
#include "../runtime/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t BOX_BYTES = 384 << 10;      // of scratch for the input of a box: it should stay in the second-level cache
constexpr int64_t BOX_WORK = 1 << 21;         // multiply-adds from which a box is worth a thread of its own
constexpr int64_t BOX_COUNT = 16;             // boxes to aim at, so that threads end together
constexpr int64_t SMALL_BOX = 64;             // pixels: a smaller box leaves tiles empty
constexpr int64_t CHAIN = 256;                // products a chain: partial sums of chains add up with less error than one long chain

inline int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t minOf(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t maxOf(int64_t a, int64_t b) { return a > b ? a : b; }

struct Axis {
  int64_t in, out, step;
  int64_t taps, at, delta;       // tap t reads o * step + at + t * delta
  int64_t kernelAt, kernelDelta; // and is entry kernelAt + t * kernelDelta of the kernel

  int64_t span() const { return taps > 0 ? (taps - 1) * (delta < 0 ? -delta : delta) : 0; }
  int64_t least() const { return delta < 0 && taps > 0 ? at + (taps - 1) * delta : at; }
  // Remainders that any tap can need.
  int64_t phases() const { return minOf(step, span() + 1); }
  // Entries of one remainder that a box of so many outputs reads.
  int64_t length(int64_t outputs) const { return outputs + span() / step; }
  int64_t relative(int64_t t) const { return at + t * delta - least(); }
};

// The sizes of boxes of outputs, in batch and three spatial dims; the last of each dim may be smaller.
struct Boxes {
  int64_t size[4], count[4];
  int64_t total() const { return count[0] * count[1] * count[2] * count[3]; }
  int64_t pixels() const { return size[0] * size[1] * size[2] * size[3]; }
};
struct Box {
  int64_t begin[4], size[4];
  int64_t pixels() const { return size[0] * size[1] * size[2] * size[3]; }
};

struct Geometry {
  int64_t batch, channels;  // channels of one group of the input
  Axis axis[3];
  Boxes boxes;
  // of the scratch image
  int64_t length[3], phases[3];
  int64_t plane, channel, image;  // elements of one phase, one channel, one image

  int64_t taps() const { return axis[0].taps * axis[1].taps * axis[2].taps; }
  int64_t products() const { return channels * taps(); }
  int64_t outputs() const { return axis[0].out * axis[1].out * axis[2].out; }
  int64_t inputs() const { return axis[0].in * axis[1].in * axis[2].in; }
  int64_t scratchElements() const { return boxes.size[0] * image + 32; }  // a vector may be read past the last pixel

  void measure() {
    plane = 1;
    int64_t planes = 1;
    for (int d = 0; d < 3; d++) {
      length[d] = axis[d].length(boxes.size[d + 1]);
      phases[d] = axis[d].phases();
      plane *= length[d];
      planes *= phases[d];
    }
    channel = plane * planes;
    // Channels a multiple of 4 KB apart would all fall on the same few lines of the first-level cache.
    if (channel % 256 == 0 && channels > 1) channel += 16;
    image = channel * channels;
  }

  // Chooses boxes: at most BOX_BYTES each, and about BOX_COUNT of them where the work is worth it. `groups` run as boxes
  // of their own, `rows` are the outputs a pixel.
  void split(int64_t groups, int64_t rows, int64_t itemsize) {
    boxes.size[0] = batch;
    for (int d = 0; d < 3; d++) boxes.size[d + 1] = axis[d].out;
    for (;;) {
      measure();
      for (int d = 0; d < 4; d++) boxes.count[d] = ceilDiv(d ? axis[d - 1].out : batch, boxes.size[d]);
      const bool large = boxes.size[0] * image * itemsize > BOX_BYTES;
      const bool few = boxes.total() * groups < BOX_COUNT && boxes.pixels() > SMALL_BOX &&
                       boxes.pixels() * rows * products() > BOX_WORK;
      if (!large && !few) return;
      int d = 0;
      while (d < 3 && boxes.size[d] <= 1) d++;
      // Rows shorter than a tile help nobody.
      if (d == 3 && boxes.size[3] <= SMALL_BOX) return;
      boxes.size[d] = ceilDiv(boxes.size[d], 2);
    }
  }

  Box box(int64_t i) const {
    Box b;
    for (int d = 3; d >= 0; d--) {
      const int64_t end = d ? axis[d - 1].out : batch;
      b.begin[d] = i % boxes.count[d] * boxes.size[d];
      b.size[d] = minOf(boxes.size[d], end - b.begin[d]);
      i /= boxes.count[d];
    }
    return b;
  }

  // Offsets of all (channel, tap) pairs in the scratch image, and, where asked, in the kernel.
  void tapOffsets(int32_t* offset, int32_t* kernelOffset, int64_t kernelChannel, const int64_t* kernelStride) const {
    int64_t k = 0;
    for (int64_t c = 0; c < channels; c++)
      for (int64_t d = 0; d < axis[0].taps; d++)
        for (int64_t h = 0; h < axis[1].taps; h++)
          for (int64_t w = 0; w < axis[2].taps; w++, k++) {
            const int64_t t[3] = {d, h, w};
            int64_t at = 0, phase = 0, kernel = c * kernelChannel;
            for (int i = 0; i < 3; i++) {
              const int64_t relative = axis[i].relative(t[i]);
              phase = phase * phases[i] + relative % axis[i].step;
              at = at * length[i] + relative / axis[i].step;
              kernel += (axis[i].kernelAt + t[i] * axis[i].kernelDelta) * kernelStride[i];
            }
            offset[k] = static_cast<int32_t>(c * channel + phase * plane + at);
            if (kernelOffset) kernelOffset[k] = static_cast<int32_t>(kernel);
          }
  }

  // Offset of the output pixel (n, d, h, w) of a box.
  int64_t pixelOffset(int64_t n, int64_t d, int64_t h, int64_t w) const {
    return n * image + (d * length[1] + h) * length[2] + w;
  }

  void listPixels(const Box& b, int32_t* list) const {
    for (int64_t n = 0; n < b.size[0]; n++)
      for (int64_t d = 0; d < b.size[1]; d++)
        for (int64_t h = 0; h < b.size[2]; h++) {
          const int64_t at = pixelOffset(n, d, h, 0);
          for (int64_t w = 0; w < b.size[3]; w++) *list++ = static_cast<int32_t>(at + w);
        }
  }

  // Copies what a box reads. `src` is the first channel wanted of image 0; images are `batchStride` apart.
  template <class T>
  void load(const Box& box, const T* src, int64_t batchStride, T* scratch) const {
    const Axis &D = axis[0], &H = axis[1], &W = axis[2];
    const int64_t d0 = box.begin[1] * D.step + D.least(), h0 = box.begin[2] * H.step + H.least(),
                  w0 = box.begin[3] * W.step + W.least();
    const int64_t nd = D.length(box.size[1]), nh = H.length(box.size[2]), nw = W.length(box.size[3]);
    for (int64_t n = 0; n < box.size[0]; n++)
      for (int64_t c = 0; c < channels; c++) {
        const T* from = src + (box.begin[0] + n) * batchStride + c * inputs();
        T* to = scratch + n * image + c * channel;
        for (int64_t pd = 0; pd < phases[0]; pd++)
          for (int64_t ph = 0; ph < phases[1]; ph++) {
            T* planes = to + (pd * phases[1] + ph) * phases[2] * plane;
            for (int64_t i = 0; i < nd; i++)
              for (int64_t j = 0; j < nh; j++) {
                const int64_t d = d0 + i * D.step + pd, h = h0 + j * H.step + ph;
                const bool inside = d >= 0 && d < D.in && h >= 0 && h < H.in;
                T* row = planes + (i * length[1] + j) * length[2];
                for (int64_t pw = 0; pw < phases[2]; pw++)
                  loadRow(inside ? from + (d * H.in + h) * W.in : nullptr, w0 + pw, W.step, W.in, row + pw * plane, nw);
              }
          }
      }
  }

 private:
  // to[i] = from[first + i * step] where that is inside, else zero.
  template <class T>
  static void loadRow(const T* from, int64_t first, int64_t step, int64_t size, T* to, int64_t n) {
    const int64_t begin = !from ? n : first >= 0 ? 0 : minOf(n, ceilDiv(-first, step));
    const int64_t end = !from || first >= size ? begin : maxOf(begin, minOf(n, ceilDiv(size - first, step)));
    for (int64_t i = 0; i < begin; i++) to[i] = 0;
    if (step == 1) {
      if (end > begin) __builtin_memcpy(to + begin, from + first + begin, static_cast<size_t>(end - begin) * sizeof(T));
    } else if (step == 2) {
      const T* f = from + first;
      for (int64_t i = begin; i < end; i++) to[i] = f[2 * i];
    } else {
      for (int64_t i = begin; i < end; i++) to[i] = from[first + i * step];
    }
    for (int64_t i = end; i < n; i++) to[i] = 0;
  }
};

// The geometry slots that all three convolution commands share, from slot 4 on.
struct ConvSizes {
  int64_t batch, inChannels, outChannels, groups;
  int64_t in[3], out[3], kernel[3], stride[3], padding[3], dilation[3];
  static constexpr int SLOTS = 26;

  bool decode(const Command& c) {
    if (c.slots < SLOTS) return false;
    batch = c.i64(4), inChannels = c.i64(5), outChannels = c.i64(6), groups = c.i64(7);
    constexpr int64_t LIMIT = int64_t(1) << 31;
    bool ok = batch >= 0 && batch < LIMIT && groups >= 1 && inChannels >= 0 && outChannels >= 0 && inChannels < LIMIT &&
              outChannels < LIMIT && inChannels % groups == 0 && outChannels % groups == 0;
    for (int d = 0; d < 3; d++) {
      in[d] = c.i64(8 + d), out[d] = c.i64(11 + d), kernel[d] = c.i64(14 + d);
      stride[d] = c.i64(17 + d), padding[d] = c.i64(20 + d), dilation[d] = c.i64(23 + d);
      ok = ok && in[d] >= 0 && out[d] >= 0 && kernel[d] >= 1 && stride[d] >= 1 && dilation[d] >= 1 && in[d] < LIMIT &&
           out[d] < LIMIT && kernel[d] < LIMIT && stride[d] < LIMIT && dilation[d] < LIMIT && padding[d] > -LIMIT &&
           padding[d] < LIMIT;
    }
    return ok;
  }
  int64_t inputs() const { return in[0] * in[1] * in[2]; }
  int64_t outputs() const { return out[0] * out[1] * out[2]; }
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  int64_t groupIn() const { return inChannels / groups; }
  int64_t groupOut() const { return outChannels / groups; }

  // The geometry of the convolution itself: outputs gather inputs.
  Geometry forward() const {
    Geometry g;
    g.batch = batch;
    g.channels = groupIn();
    for (int d = 0; d < 3; d++)
      g.axis[d] = {in[d], out[d], stride[d], kernel[d], -padding[d], dilation[d], 0, 1};
    return g;
  }
};

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
