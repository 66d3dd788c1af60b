// Where a convolution reads and writes, for convolutions of up to three spatial dims (leading ones are 1).
//
// Along one axis, output o and tap t meet at input o * step + at + t * delta. A convolution is that as it stands; its
// gradient by the input is the same with step 1, one problem for each remainder of the input coordinate by the stride
// (see conv.cpp).
//
// The input of a box of outputs is copied into scratch with its zero padding, split by remainder of the coordinate by
// the step. Then outputs that are neighbours read neighbours, for every tap, stride and dilation: the address of an
// input is
//   pixelOffset(output) + tapOffset(channel, tap).
#pragma once
#include "kernels/fill.h"
#include "simd/vec.h"
#include "threads/threads.h"

namespace tenzo::TENZO_LEVEL {
namespace {

constexpr int64_t BOX_BYTES =
    384 << 10;                         // of scratch for a box, input and sums: it should stay in the second-level cache
constexpr int64_t BOX_SUMS = 32;       // sums a pixel that are in scratch at a time, at most
constexpr int64_t BOX_WORK = 1 << 21;  // multiply-adds from which a box is worth a thread of its own
constexpr int64_t BOX_COUNT = 16;      // boxes to aim at, so that threads end together
constexpr int64_t MOST_SCRATCH = 1 << 26;  // elements of it, for one box
constexpr int64_t SMALL_BOX = 64;          // pixels: a smaller box leaves tiles empty
constexpr int64_t CHANNEL_BLOCK = 16;      // channels whose products are one chain (see SumOrder)
constexpr int64_t STRETCH =
    256;  // products of a chain a tile does at a time: their panel stays in the first-level cache

inline int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t minOf(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t maxOf(int64_t a, int64_t b) { return a > b ? a : b; }
// Sizes that memory cannot have stay so: a product of them does not wrap to one that it can.
constexpr int64_t HUGE_SIZE = int64_t(1) << 50;
inline int64_t sizeProduct(int64_t a, int64_t b) {
  return static_cast<double>(a) * static_cast<double>(b) < static_cast<double>(HUGE_SIZE) ? a * b : HUGE_SIZE;
}

struct Axis {
  int64_t in, out, step;
  int64_t taps, at, delta;        // tap t reads o * step + at + t * delta
  int64_t kernelAt, kernelDelta;  // and is entry kernelAt + t * kernelDelta of the kernel

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
  // Where no output reads padding and steps are 1, the source itself can serve as the image: then this is its batch
  // stride.
  int64_t direct = 0;

  int64_t taps() const { return axis[0].taps * axis[1].taps * axis[2].taps; }
  int64_t products() const { return channels * taps(); }
  int64_t outputs() const { return axis[0].out * axis[1].out * axis[2].out; }
  int64_t inputs() const { return axis[0].in * axis[1].in * axis[2].in; }
  // A vector may be read past the last pixel.
  int64_t scratchElements() const { return direct ? 0 : boxes.size[0] * image + 32; }
  // Offsets are 32-bit; and what is mostly padding should not take all memory.
  bool tooLarge() const {
    return sizeProduct(boxes.size[0], image) > (direct ? INT32_MAX - 64 : MOST_SCRATCH) || products() > INT32_MAX;
  }
  bool readsPadding() const {
    for (const Axis& a : axis)
      if (a.step != 1 || a.least() < 0 || a.out - 1 + a.least() + a.span() >= a.in) return true;
    return false;
  }

  void measure() {
    plane = 1;
    int64_t planes = 1;
    for (int d = 0; d < 3; d++) {
      length[d] = axis[d].length(boxes.size[d + 1]);
      phases[d] = axis[d].phases();
      plane = sizeProduct(plane, length[d]);
      planes = sizeProduct(planes, phases[d]);
    }
    channel = sizeProduct(plane, planes);
    // Channels a multiple of 4 KB apart would all fall on the same few lines of the first-level cache.
    if (channel % 256 == 0 && channels > 1) channel += 16;
    image = sizeProduct(channel, channels);
  }
  void useSource(int64_t batchStride) {
    if (readsPadding() || boxes.size[0] * batchStride > INT32_MAX - 64) return;
    direct = batchStride;
    for (int d = 0; d < 3; d++) length[d] = axis[d].in;
    plane = channel = inputs();
    image = batchStride;
  }

  // Chooses boxes: at most BOX_BYTES each, and about BOX_COUNT of them where the work is worth it. `groups` run as
  // boxes of their own, `rows` are the outputs a pixel.
  void split(int64_t groups, int64_t rows, int64_t itemsize) {
    boxes.size[0] = batch;
    for (int d = 0; d < 3; d++) boxes.size[d + 1] = axis[d].out;
    for (;;) {
      measure();
      for (int d = 0; d < 4; d++) boxes.count[d] = ceilDiv(d ? axis[d - 1].out : batch, boxes.size[d]);
      const int64_t sums = boxes.pixels() * minOf(rows, BOX_SUMS);
      const bool large = (sizeProduct(boxes.size[0], image) + sums) * itemsize > BOX_BYTES;
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
    const int64_t taps = this->taps();
    for (int64_t k = 0; k < taps && channels > 0; k++) {
      const int64_t t[3] = {k / (axis[1].taps * axis[2].taps), k / axis[2].taps % axis[1].taps, k % axis[2].taps};
      int64_t at = 0, phase = 0, kernel = 0;
      for (int i = 0; i < 3; i++) {
        const int64_t relative = axis[i].relative(t[i]);
        phase = phase * phases[i] + relative % axis[i].step;
        at = at * length[i] + relative / axis[i].step;
        kernel += (axis[i].kernelAt + t[i] * axis[i].kernelDelta) * kernelStride[i];
      }
      offset[k] = static_cast<int32_t>(phase * plane + at);
      if (kernelOffset) kernelOffset[k] = static_cast<int32_t>(kernel);
    }
    for (int64_t c = 1; c < channels; c++)
      for (int64_t k = 0; k < taps; k++) {
        offset[c * taps + k] = static_cast<int32_t>(c * channel + offset[k]);
        if (kernelOffset) kernelOffset[c * taps + k] = static_cast<int32_t>(c * kernelChannel + kernelOffset[k]);
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

  // The image that a box reads: copied into scratch, if it is not the source itself. `src` is the first channel wanted
  // of image 0; images are `batchStride` apart.
  template <class T>
  const T* load(const Box& box, const T* src, int64_t batchStride, T* scratch) const {
    int64_t first[3], count[3];
    bool inside = true;
    for (int d = 0; d < 3; d++) {
      const Axis& a = axis[d];
      first[d] = box.begin[d + 1] * a.step + a.least();
      count[d] = a.length(box.size[d + 1]);
      inside = inside && first[d] >= 0 && first[d] + (count[d] - 1) * a.step + phases[d] <= a.in;
    }
    src += box.begin[0] * batchStride;
    if (direct) return src + (first[0] * axis[1].in + first[1]) * axis[2].in + first[2];
    if (!inside) __builtin_memset(scratch, 0, static_cast<size_t>(box.size[0] * image) * sizeof(T));
    for (int64_t n = 0; n < box.size[0]; n++)
      for (int64_t c = 0; c < channels; c++)
        loadChannel(src + n * batchStride + c * inputs(), first, count, scratch + n * image + c * channel);
    return scratch;
  }

 private:
  // What of the coordinates first + i * step, i < count, is inside: [begin, end).
  static void clip(int64_t first, int64_t step, int64_t size, int64_t count, int64_t& begin, int64_t& end) {
    begin = first >= 0 ? 0 : minOf(count, ceilDiv(-first, step));
    end = first >= size ? begin : maxOf(begin, minOf(count, ceilDiv(size - first, step)));
  }

  template <class T>
  void loadChannel(const T* from, const int64_t* first, const int64_t* count, T* to) const {
    for (int64_t pd = 0; pd < phases[0]; pd++)
      for (int64_t ph = 0; ph < phases[1]; ph++)
        for (int64_t pw = 0; pw < phases[2]; pw++, to += plane) {
          const int64_t phase[3] = {pd, ph, pw};
          int64_t begin[3], end[3];
          for (int i = 0; i < 3; i++) clip(first[i] + phase[i], axis[i].step, axis[i].in, count[i], begin[i], end[i]);
          const int64_t n = end[2] - begin[2], step = axis[2].step;
          if (n <= 0) continue;
          for (int64_t i = begin[0]; i < end[0]; i++)
            for (int64_t j = begin[1]; j < end[1]; j++) {
              const int64_t d = first[0] + pd + i * axis[0].step, h = first[1] + ph + j * axis[1].step;
              loadRow(from + (d * axis[1].in + h) * axis[2].in + first[2] + pw + begin[2] * step, step,
                      to + (i * length[1] + j) * length[2] + begin[2], n);
            }
        }
  }

  template <class T>
  static void loadRow(const T* from, int64_t step, T* to, int64_t n) {
    if (step == 1) {
      // Rows are short: a call of memcpy takes longer.
      constexpr int N = Vec<T>::N;
      int64_t i = 0;
      for (; i + N <= n; i += N) Vec<T>::load(from + i).store(to + i);
      if (i < n) Vec<T>::loadN(from + i, n - i).storeN(to + i, n - i);
    } else if (step == 2) {
      for (int64_t i = 0; i < n; i++) to[i] = from[2 * i];
    } else {
      for (int64_t i = 0; i < n; i++) to[i] = from[i * step];
    }
  }
};

// The geometry of all three convolution commands.
struct ConvSizes {
  int64_t batch, inChannels, outChannels, groups;
  int64_t in[3], out[3], kernel[3], stride[3], padding[3], dilation[3];

  // False if the groups do not fit, or a number is so large that coordinates would not fit 64 bits.
  template <class Args>
  bool read(const Args& a) {
    constexpr int64_t LIMIT = int64_t(1) << 31;
    batch = a.batch, inChannels = a.inChannels, outChannels = a.outChannels, groups = a.groups;
    bool ok = batch < LIMIT && inChannels < LIMIT && outChannels < LIMIT && inChannels % groups == 0 &&
              outChannels % groups == 0;
    for (int d = 0; d < 3; d++) {
      in[d] = a.in[d], out[d] = a.out[d], kernel[d] = a.kernel[d];
      stride[d] = a.stride[d], padding[d] = a.padding[d], dilation[d] = a.dilation[d];
      ok = ok && in[d] < LIMIT && out[d] < LIMIT && kernel[d] < LIMIT && stride[d] < LIMIT && dilation[d] < LIMIT &&
           padding[d] > -LIMIT && padding[d] < LIMIT;
    }
    // Without channels there is no kernel either, and its size says nothing.
    if (inChannels == 0 || outChannels == 0) kernel[0] = kernel[1] = kernel[2] = 1;
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
    for (int d = 0; d < 3; d++) g.axis[d] = {in[d], out[d], stride[d], kernel[d], -padding[d], dilation[d], 0, 1};
    return g;
  }
};

}  // namespace
}  // namespace tenzo::TENZO_LEVEL
