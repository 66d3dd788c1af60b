// Written by scripts/generate-commands.mjs from native/ops.def. Do not edit: run `npm run generate`.
#include "arguments.h"

#include "decode.h"
#include "map.h"
#include "schema.h"

namespace tenzo {

bool decode(const Command& c, ArangeArgs& a) {
  if (c.slots < 5) return false;
  const double* const p = c.payload;
  if (!integer(p[2], 0, a.n)) return false;
  a.start = {p[3]};
  a.step = {p[4]};
  if (c.slots != 5) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, LinspaceArgs& a) {
  if (c.slots < 5) return false;
  const double* const p = c.payload;
  if (!integer(p[2], 0, a.n)) return false;
  a.start = p[3];
  a.end = p[4];
  if (c.slots != 5) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, ReduceArgs& a) {
  if (c.slots < 6) return false;
  const double* const p = c.payload;
  a.param = p[4];
  if (!rank(p[5], a.ndim)) return false;
  if (c.slots != 6 + 4 * a.ndim) return false;
  if (!vector(p + 6 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 6 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!vector(p + 6 + 2 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!vector(p + 6 + 3 * a.ndim, a.ndim, a.reduced)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.outStrides, a.ndim), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, ReduceMomentsArgs& a) {
  if (c.slots < 8) return false;
  const double* const p = c.payload;
  a.param = p[6];
  if (!rank(p[7], a.ndim)) return false;
  if (c.slots != 8 + 4 * a.ndim) return false;
  if (!vector(p + 8 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 8 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!vector(p + 8 + 2 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!vector(p + 8 + 3 * a.ndim, a.ndim, a.reduced)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.outStrides, a.ndim), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach(a.sizes, a.outStrides, a.ndim), true, a.mean)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, ReduceExtremeArgs& a) {
  if (c.slots < 8) return false;
  const double* const p = c.payload;
  a.param = p[6];
  if (!rank(p[7], a.ndim)) return false;
  if (c.slots != 8 + 4 * a.ndim) return false;
  if (!vector(p + 8 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 8 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!vector(p + 8 + 2 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!vector(p + 8 + 3 * a.ndim, a.ndim, a.reduced)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.outStrides, a.ndim), false, a.out)) return false;
  if (!memory(p + 2, itemsize(I64) * reach(a.sizes, a.outStrides, a.ndim), true, a.indices)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, ReduceCountArgs& a) {
  if (c.slots < 6) return false;
  const double* const p = c.payload;
  a.param = p[4];
  if (!rank(p[5], a.ndim)) return false;
  if (c.slots != 6 + 4 * a.ndim) return false;
  if (!vector(p + 6 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 6 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!vector(p + 6 + 2 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!vector(p + 6 + 3 * a.ndim, a.ndim, a.reduced)) return false;
  if (!memory(p + 0, itemsize(I64) * reach(a.sizes, a.outStrides, a.ndim), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, ReduceTruthArgs& a) {
  if (c.slots < 6) return false;
  const double* const p = c.payload;
  a.param = p[4];
  if (!rank(p[5], a.ndim)) return false;
  if (c.slots != 6 + 4 * a.ndim) return false;
  if (!vector(p + 6 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 6 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!vector(p + 6 + 2 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!vector(p + 6 + 3 * a.ndim, a.ndim, a.reduced)) return false;
  if (!memory(p + 0, itemsize(BOOL) * reach(a.sizes, a.outStrides, a.ndim), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, ScanArgs& a) {
  if (c.slots < 6) return false;
  const double* const p = c.payload;
  if (!rank(p[5], a.ndim)) return false;
  if (c.slots != 6 + 3 * a.ndim) return false;
  if (!vector(p + 6 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 6 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!vector(p + 6 + 2 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!axis(p[4], a.ndim, a.dim)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.outStrides, a.ndim), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, ScanExtremeArgs& a) {
  if (c.slots < 8) return false;
  const double* const p = c.payload;
  if (!rank(p[7], a.ndim)) return false;
  if (c.slots != 8 + 3 * a.ndim) return false;
  if (!vector(p + 8 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 8 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!vector(p + 8 + 2 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!axis(p[6], a.ndim, a.dim)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.outStrides, a.ndim), false, a.out)) return false;
  if (!memory(p + 2, itemsize(I64) * reach(a.sizes, a.outStrides, a.ndim), true, a.indices)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, ProdBackwardArgs& a) {
  if (c.slots < 12) return false;
  const double* const p = c.payload;
  if (!integer(p[8], 0, a.outer)) return false;
  if (!integer(p[9], 0, a.dim)) return false;
  if (!integer(p[10], 0, a.inner)) return false;
  if (!flag(p[11], a.whole)) return false;
  if (c.slots != 12) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.dx)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.outer), d(a.inner)}), false, a.dy)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.x)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.outer), d(a.inner)}), false, a.y)) return false;
  return true;
}

bool decode(const Command& c, CumprodBackwardArgs& a) {
  if (c.slots < 11) return false;
  const double* const p = c.payload;
  if (!integer(p[8], 0, a.outer)) return false;
  if (!integer(p[9], 0, a.dim)) return false;
  if (!integer(p[10], 0, a.inner)) return false;
  if (c.slots != 11) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.dx)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.dy)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.x)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.y)) return false;
  return true;
}

bool decode(const Command& c, MatmulArgs& a) {
  if (c.slots < 26) return false;
  const double* const p = c.payload;
  if (!integer(p[0], 0, a.m)) return false;
  if (!integer(p[1], 0, a.n)) return false;
  if (!integer(p[2], 0, a.k)) return false;
  if (!integer(p[3], 0, a.batch)) return false;
  if (!integer(p[6], 0, a.aRow)) return false;
  if (!integer(p[7], 0, a.aColumn)) return false;
  if (!integer(p[8], 0, a.aBatch)) return false;
  if (!integer(p[11], 0, a.bRow)) return false;
  if (!integer(p[12], 0, a.bColumn)) return false;
  if (!integer(p[13], 0, a.bBatch)) return false;
  if (!integer(p[16], 0, a.cRow)) return false;
  if (!integer(p[17], 0, a.cBatch)) return false;
  if (!integer(p[20], 0, a.biasRow)) return false;
  if (!integer(p[21], 0, a.biasColumn)) return false;
  if (!integer(p[22], 0, a.biasBatch)) return false;
  a.alpha = p[23];
  a.beta = p[24];
  if (!flag(p[25], a.relu)) return false;
  if (c.slots != 26) return false;
  if (!memory(p + 4,
              itemsize(c.dtype) * reach({{d(a.m), d(a.aRow)}, {d(a.k), d(a.aColumn)}, {d(a.batch), d(a.aBatch)}}),
              false, a.a))
    return false;
  if (!memory(p + 9,
              itemsize(c.dtype) * reach({{d(a.k), d(a.bRow)}, {d(a.n), d(a.bColumn)}, {d(a.batch), d(a.bBatch)}}),
              false, a.b))
    return false;
  if (!memory(p + 14, itemsize(c.dtype) * reach({{d(a.m), d(a.cRow)}, {d(a.n), 1}, {d(a.batch), d(a.cBatch)}}), false,
              a.c))
    return false;
  if (!memory(
          p + 18,
          itemsize(c.dtype) * reach({{d(a.m), d(a.biasRow)}, {d(a.n), d(a.biasColumn)}, {d(a.batch), d(a.biasBatch)}}),
          true, a.bias))
    return false;
  return true;
}

bool decode(const Command& c, ConvArgs& a) {
  if (c.slots < 30) return false;
  const double* const p = c.payload;
  if (!integer(p[8], 0, a.batch)) return false;
  if (!integer(p[9], 0, a.inChannels)) return false;
  if (!integer(p[10], 0, a.outChannels)) return false;
  if (!integer(p[11], 1, a.groups)) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[12 + i], 0, a.in[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[15 + i], 0, a.out[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[18 + i], 1, a.kernel[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[21 + i], 1, a.stride[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[24 + i], -EXACT, a.padding[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[27 + i], 1, a.dilation[i])) return false;
  if (c.slots != 30) return false;
  if (!memory(p + 0,
              itemsize(c.dtype) * elements({d(a.batch), d(a.outChannels), d(a.out[0]), d(a.out[1]), d(a.out[2])}),
              false, a.y))
    return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.batch), d(a.inChannels), d(a.in[0]), d(a.in[1]), d(a.in[2])}),
              false, a.x))
    return false;
  if (!memory(p + 4,
              itemsize(c.dtype) * elements({d(a.outChannels), whole(d(a.inChannels) / d(a.groups)), d(a.kernel[0]),
                                            d(a.kernel[1]), d(a.kernel[2])}),
              false, a.w))
    return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.outChannels)}), true, a.bias)) return false;
  return true;
}

bool decode(const Command& c, ConvBackwardInputArgs& a) {
  if (c.slots < 30) return false;
  const double* const p = c.payload;
  if (!integer(p[8], 0, a.batch)) return false;
  if (!integer(p[9], 0, a.inChannels)) return false;
  if (!integer(p[10], 0, a.outChannels)) return false;
  if (!integer(p[11], 1, a.groups)) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[12 + i], 0, a.in[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[15 + i], 0, a.out[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[18 + i], 1, a.kernel[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[21 + i], 1, a.stride[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[24 + i], -EXACT, a.padding[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[27 + i], 1, a.dilation[i])) return false;
  if (c.slots != 30) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.batch), d(a.inChannels), d(a.in[0]), d(a.in[1]), d(a.in[2])}),
              false, a.dx))
    return false;
  if (!memory(p + 2,
              itemsize(c.dtype) * elements({d(a.batch), d(a.outChannels), d(a.out[0]), d(a.out[1]), d(a.out[2])}),
              false, a.dy))
    return false;
  if (!memory(p + 4,
              itemsize(c.dtype) * elements({d(a.outChannels), whole(d(a.inChannels) / d(a.groups)), d(a.kernel[0]),
                                            d(a.kernel[1]), d(a.kernel[2])}),
              false, a.w))
    return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.inChannels)}), true, a.bias)) return false;
  return true;
}

bool decode(const Command& c, ConvBackwardWeightArgs& a) {
  if (c.slots < 30) return false;
  const double* const p = c.payload;
  if (!integer(p[8], 0, a.batch)) return false;
  if (!integer(p[9], 0, a.inChannels)) return false;
  if (!integer(p[10], 0, a.outChannels)) return false;
  if (!integer(p[11], 1, a.groups)) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[12 + i], 0, a.in[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[15 + i], 0, a.out[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[18 + i], 1, a.kernel[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[21 + i], 1, a.stride[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[24 + i], -EXACT, a.padding[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[27 + i], 1, a.dilation[i])) return false;
  if (c.slots != 30) return false;
  if (!memory(p + 0,
              itemsize(c.dtype) * elements({d(a.outChannels), whole(d(a.inChannels) / d(a.groups)), d(a.kernel[0]),
                                            d(a.kernel[1]), d(a.kernel[2])}),
              true, a.dw))
    return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.batch), d(a.inChannels), d(a.in[0]), d(a.in[1]), d(a.in[2])}),
              false, a.x))
    return false;
  if (!memory(p + 4,
              itemsize(c.dtype) * elements({d(a.batch), d(a.outChannels), d(a.out[0]), d(a.out[1]), d(a.out[2])}),
              false, a.dy))
    return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.outChannels)}), true, a.db)) return false;
  return true;
}

bool decode(const Command& c, MaxPoolArgs& a) {
  if (c.slots < 25) return false;
  const double* const p = c.payload;
  if (!integer(p[6], 0, a.planes)) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[7 + i], 0, a.in[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[10 + i], 0, a.out[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[13 + i], 1, a.kernel[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[16 + i], 1, a.stride[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[19 + i], 0, a.padding[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[22 + i], 1, a.dilation[i])) return false;
  if (c.slots != 25) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.planes), d(a.out[0]), d(a.out[1]), d(a.out[2])}), false, a.y))
    return false;
  if (!memory(p + 2, itemsize(c.dtype2) * elements({d(a.planes), d(a.out[0]), d(a.out[1]), d(a.out[2])}), true,
              a.indices))
    return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.planes), d(a.in[0]), d(a.in[1]), d(a.in[2])}), false, a.x))
    return false;
  return true;
}

bool decode(const Command& c, AdaptiveMaxPoolArgs& a) {
  if (c.slots < 13) return false;
  const double* const p = c.payload;
  if (!integer(p[6], 0, a.planes)) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[7 + i], 0, a.in[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[10 + i], 0, a.out[i])) return false;
  if (c.slots != 13) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.planes), d(a.out[0]), d(a.out[1]), d(a.out[2])}), false, a.y))
    return false;
  if (!memory(p + 2, itemsize(c.dtype2) * elements({d(a.planes), d(a.out[0]), d(a.out[1]), d(a.out[2])}), true,
              a.indices))
    return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.planes), d(a.in[0]), d(a.in[1]), d(a.in[2])}), false, a.x))
    return false;
  return true;
}

bool decode(const Command& c, MaxPoolBackwardArgs& a) {
  if (c.slots < 9) return false;
  const double* const p = c.payload;
  if (!integer(p[6], 0, a.planes)) return false;
  if (!integer(p[7], 0, a.inputs)) return false;
  if (!integer(p[8], 0, a.outputs)) return false;
  if (c.slots != 9) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.planes), d(a.inputs)}), false, a.dx)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.planes), d(a.outputs)}), false, a.dy)) return false;
  if (!memory(p + 4, itemsize(c.dtype2) * elements({d(a.planes), d(a.outputs)}), false, a.indices)) return false;
  return true;
}

bool decode(const Command& c, AvgPoolArgs& a) {
  if (c.slots < 22) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.planes)) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[5 + i], 0, a.in[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[8 + i], 0, a.out[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[11 + i], 1, a.kernel[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[14 + i], 1, a.stride[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[17 + i], 0, a.padding[i])) return false;
  if (!flag(p[20], a.countPadding)) return false;
  if (!integer(p[21], -EXACT, a.divisor)) return false;
  if (c.slots != 22) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.planes), d(a.out[0]), d(a.out[1]), d(a.out[2])}), false, a.y))
    return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.planes), d(a.in[0]), d(a.in[1]), d(a.in[2])}), false, a.x))
    return false;
  return true;
}

bool decode(const Command& c, AvgPoolBackwardArgs& a) {
  if (c.slots < 22) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.planes)) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[5 + i], 0, a.in[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[8 + i], 0, a.out[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[11 + i], 1, a.kernel[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[14 + i], 1, a.stride[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[17 + i], 0, a.padding[i])) return false;
  if (!flag(p[20], a.countPadding)) return false;
  if (!integer(p[21], -EXACT, a.divisor)) return false;
  if (c.slots != 22) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.planes), d(a.in[0]), d(a.in[1]), d(a.in[2])}), false, a.dx))
    return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.planes), d(a.out[0]), d(a.out[1]), d(a.out[2])}), false, a.dy))
    return false;
  return true;
}

bool decode(const Command& c, AdaptiveAvgPoolArgs& a) {
  if (c.slots < 11) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.planes)) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[5 + i], 0, a.in[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[8 + i], 0, a.out[i])) return false;
  if (c.slots != 11) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.planes), d(a.out[0]), d(a.out[1]), d(a.out[2])}), false, a.y))
    return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.planes), d(a.in[0]), d(a.in[1]), d(a.in[2])}), false, a.x))
    return false;
  return true;
}

bool decode(const Command& c, AdaptiveAvgPoolBackwardArgs& a) {
  if (c.slots < 11) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.planes)) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[5 + i], 0, a.in[i])) return false;
  for (int i = 0; i < 3; i++)
    if (!integer(p[8 + i], 0, a.out[i])) return false;
  if (c.slots != 11) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.planes), d(a.in[0]), d(a.in[1]), d(a.in[2])}), false, a.dx))
    return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.planes), d(a.out[0]), d(a.out[1]), d(a.out[2])}), false, a.dy))
    return false;
  return true;
}

bool decode(const Command& c, SoftmaxArgs& a) {
  if (c.slots < 7) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.outer)) return false;
  if (!integer(p[5], 0, a.dim)) return false;
  if (!integer(p[6], 0, a.inner)) return false;
  if (c.slots != 7) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.y)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.x)) return false;
  return true;
}

bool decode(const Command& c, SoftmaxBackwardArgs& a) {
  if (c.slots < 9) return false;
  const double* const p = c.payload;
  if (!integer(p[6], 0, a.outer)) return false;
  if (!integer(p[7], 0, a.dim)) return false;
  if (!integer(p[8], 0, a.inner)) return false;
  if (c.slots != 9) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.dx)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.dy)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.outer), d(a.dim), d(a.inner)}), false, a.y)) return false;
  return true;
}

bool decode(const Command& c, CrossEntropyArgs& a) {
  if (c.slots < 19) return false;
  const double* const p = c.payload;
  if (!integer(p[12], 0, a.n)) return false;
  if (!integer(p[13], 0, a.c)) return false;
  if (!integer(p[14], 0, a.s)) return false;
  if (!integer(p[15], 0, a.losses)) return false;
  if (!integer(p[16], 0, a.reduction)) return false;
  if (!integer(p[17], -EXACT, a.ignoreIndex)) return false;
  a.labelSmoothing = p[18];
  if (c.slots != 19) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.losses)}), false, a.loss)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.logits)) return false;
  if (!memory(p + 4, itemsize(I64) * elements({d(a.n), d(a.s)}), false, a.target)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.c)}), true, a.weight)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({2, d(a.n), d(a.s)}), false, a.stats)) return false;
  if (!memory(p + 10, itemsize(c.dtype) * elements({1}), false, a.totalWeight)) return false;
  return true;
}

bool decode(const Command& c, CrossEntropyBackwardArgs& a) {
  if (c.slots < 21) return false;
  const double* const p = c.payload;
  if (!integer(p[14], 0, a.n)) return false;
  if (!integer(p[15], 0, a.c)) return false;
  if (!integer(p[16], 0, a.s)) return false;
  if (!integer(p[17], 0, a.losses)) return false;
  if (!integer(p[18], 0, a.reduction)) return false;
  if (!integer(p[19], -EXACT, a.ignoreIndex)) return false;
  a.labelSmoothing = p[20];
  if (c.slots != 21) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.dx)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.losses)}), false, a.dy)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.logits)) return false;
  if (!memory(p + 6, itemsize(I64) * elements({d(a.n), d(a.s)}), false, a.target)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.c)}), true, a.weight)) return false;
  if (!memory(p + 10, itemsize(c.dtype) * elements({2, d(a.n), d(a.s)}), false, a.stats)) return false;
  if (!memory(p + 12, itemsize(c.dtype) * elements({1}), false, a.totalWeight)) return false;
  return true;
}

bool decode(const Command& c, NllLossArgs& a) {
  if (c.slots < 16) return false;
  const double* const p = c.payload;
  if (!integer(p[10], 0, a.n)) return false;
  if (!integer(p[11], 0, a.c)) return false;
  if (!integer(p[12], 0, a.s)) return false;
  if (!integer(p[13], 0, a.losses)) return false;
  if (!integer(p[14], 0, a.reduction)) return false;
  if (!integer(p[15], -EXACT, a.ignoreIndex)) return false;
  if (c.slots != 16) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.losses)}), false, a.loss)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.logs)) return false;
  if (!memory(p + 4, itemsize(I64) * elements({d(a.n), d(a.s)}), false, a.target)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.c)}), true, a.weight)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({1}), false, a.totalWeight)) return false;
  return true;
}

bool decode(const Command& c, NllLossBackwardArgs& a) {
  if (c.slots < 16) return false;
  const double* const p = c.payload;
  if (!integer(p[10], 0, a.n)) return false;
  if (!integer(p[11], 0, a.c)) return false;
  if (!integer(p[12], 0, a.s)) return false;
  if (!integer(p[13], 0, a.losses)) return false;
  if (!integer(p[14], 0, a.reduction)) return false;
  if (!integer(p[15], -EXACT, a.ignoreIndex)) return false;
  if (c.slots != 16) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.dx)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.losses)}), false, a.dy)) return false;
  if (!memory(p + 4, itemsize(I64) * elements({d(a.n), d(a.s)}), false, a.target)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.c)}), true, a.weight)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({1}), false, a.totalWeight)) return false;
  return true;
}

bool decode(const Command& c, CtcLossArgs& a) {
  if (c.slots < 19) return false;
  const double* const p = c.payload;
  if (!integer(p[12], 1, a.t)) return false;
  if (!integer(p[13], 0, a.n)) return false;
  if (!integer(p[14], 1, a.c)) return false;
  if (!integer(p[15], 0, a.s)) return false;
  if (!integer(p[16], -EXACT, a.targetStride)) return false;
  if (!integer(p[17], 0, a.blank)) return false;
  if (!integer(p[18], 0, a.labels)) return false;
  if (c.slots != 19) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n)}), false, a.loss)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n), d(a.t), (2 * d(a.s) + 1)}), false, a.alpha)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.t), d(a.n), d(a.c)}), false, a.logs)) return false;
  if (!memory(p + 6, itemsize(I64) * elements({d(a.labels)}), false, a.targets)) return false;
  if (!memory(p + 8, itemsize(I64) * elements({d(a.n)}), false, a.inputLengths)) return false;
  if (!memory(p + 10, itemsize(I64) * elements({d(a.n)}), false, a.targetLengths)) return false;
  return true;
}

bool decode(const Command& c, CtcLossBackwardArgs& a) {
  if (c.slots < 24) return false;
  const double* const p = c.payload;
  if (!integer(p[16], 1, a.t)) return false;
  if (!integer(p[17], 0, a.n)) return false;
  if (!integer(p[18], 1, a.c)) return false;
  if (!integer(p[19], 0, a.s)) return false;
  if (!integer(p[20], -EXACT, a.targetStride)) return false;
  if (!integer(p[21], 0, a.blank)) return false;
  if (!integer(p[22], 0, a.labels)) return false;
  if (!flag(p[23], a.zeroInfinity)) return false;
  if (c.slots != 24) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.t), d(a.n), d(a.c)}), false, a.dx)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.dy)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.n), d(a.t), (2 * d(a.s) + 1)}), false, a.alpha)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.n)}), false, a.loss)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.t), d(a.n), d(a.c)}), false, a.logs)) return false;
  if (!memory(p + 10, itemsize(I64) * elements({d(a.labels)}), false, a.targets)) return false;
  if (!memory(p + 12, itemsize(I64) * elements({d(a.n)}), false, a.inputLengths)) return false;
  if (!memory(p + 14, itemsize(I64) * elements({d(a.n)}), false, a.targetLengths)) return false;
  return true;
}

bool decode(const Command& c, BatchNormArgs& a) {
  if (c.slots < 22) return false;
  const double* const p = c.payload;
  if (!integer(p[16], 0, a.n)) return false;
  if (!integer(p[17], 0, a.c)) return false;
  if (!integer(p[18], 0, a.s)) return false;
  if (!flag(p[19], a.training)) return false;
  a.momentum = p[20];
  a.eps = p[21];
  if (c.slots != 22) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.y)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.x)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.c)}), true, a.weight)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.c)}), true, a.bias)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.c)}), true, a.runningMean)) return false;
  if (!memory(p + 10, itemsize(c.dtype) * elements({d(a.c)}), true, a.runningVar)) return false;
  if (!memory(p + 12, itemsize(c.dtype) * elements({d(a.c)}), true, a.mean)) return false;
  if (!memory(p + 14, itemsize(c.dtype) * elements({d(a.c)}), true, a.invstd)) return false;
  return true;
}

bool decode(const Command& c, BatchNormBackwardArgs& a) {
  if (c.slots < 21) return false;
  const double* const p = c.payload;
  if (!integer(p[16], 0, a.n)) return false;
  if (!integer(p[17], 0, a.c)) return false;
  if (!integer(p[18], 0, a.s)) return false;
  if (!flag(p[19], a.training)) return false;
  a.eps = p[20];
  if (c.slots != 21) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), true, a.dx)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.c)}), true, a.dw)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.c)}), true, a.db)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.dy)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.x)) return false;
  if (!memory(p + 10, itemsize(c.dtype) * elements({d(a.c)}), true, a.weight)) return false;
  if (!memory(p + 12, itemsize(c.dtype) * elements({d(a.c)}), false, a.mean)) return false;
  if (!memory(p + 14, itemsize(c.dtype) * elements({d(a.c)}), false, a.spread)) return false;
  return true;
}

bool decode(const Command& c, LayerNormArgs& a) {
  if (c.slots < 15) return false;
  const double* const p = c.payload;
  if (!integer(p[12], 0, a.rows)) return false;
  if (!integer(p[13], 0, a.columns)) return false;
  a.eps = p[14];
  if (c.slots != 15) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.rows), d(a.columns)}), false, a.y)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.rows), d(a.columns)}), false, a.x)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.columns)}), true, a.weight)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.columns)}), true, a.bias)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.rows)}), true, a.mean)) return false;
  if (!memory(p + 10, itemsize(c.dtype) * elements({d(a.rows)}), true, a.rstd)) return false;
  return true;
}

bool decode(const Command& c, LayerNormBackwardArgs& a) {
  if (c.slots < 18) return false;
  const double* const p = c.payload;
  if (!integer(p[16], 0, a.rows)) return false;
  if (!integer(p[17], 0, a.columns)) return false;
  if (c.slots != 18) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.rows), d(a.columns)}), true, a.dx)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.columns)}), true, a.dw)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.columns)}), true, a.db)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.rows), d(a.columns)}), false, a.dy)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.rows), d(a.columns)}), false, a.x)) return false;
  if (!memory(p + 10, itemsize(c.dtype) * elements({d(a.columns)}), true, a.weight)) return false;
  if (!memory(p + 12, itemsize(c.dtype) * elements({d(a.rows)}), false, a.mean)) return false;
  if (!memory(p + 14, itemsize(c.dtype) * elements({d(a.rows)}), false, a.rstd)) return false;
  return true;
}

bool decode(const Command& c, GroupNormArgs& a) {
  if (c.slots < 17) return false;
  const double* const p = c.payload;
  if (!integer(p[12], 0, a.n)) return false;
  if (!integer(p[13], 0, a.c)) return false;
  if (!integer(p[14], 0, a.s)) return false;
  if (!integer(p[15], 1, a.groups)) return false;
  a.eps = p[16];
  if (c.slots != 17) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.y)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.x)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.c)}), true, a.weight)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.c)}), true, a.bias)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.n), d(a.groups)}), true, a.mean)) return false;
  if (!memory(p + 10, itemsize(c.dtype) * elements({d(a.n), d(a.groups)}), true, a.rstd)) return false;
  return true;
}

bool decode(const Command& c, GroupNormBackwardArgs& a) {
  if (c.slots < 20) return false;
  const double* const p = c.payload;
  if (!integer(p[16], 0, a.n)) return false;
  if (!integer(p[17], 0, a.c)) return false;
  if (!integer(p[18], 0, a.s)) return false;
  if (!integer(p[19], 1, a.groups)) return false;
  if (c.slots != 20) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), true, a.dx)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.c)}), true, a.dw)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.c)}), true, a.db)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.dy)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.n), d(a.c), d(a.s)}), false, a.x)) return false;
  if (!memory(p + 10, itemsize(c.dtype) * elements({d(a.c)}), true, a.weight)) return false;
  if (!memory(p + 12, itemsize(c.dtype) * elements({d(a.n), d(a.groups)}), false, a.mean)) return false;
  if (!memory(p + 14, itemsize(c.dtype) * elements({d(a.n), d(a.groups)}), false, a.rstd)) return false;
  return true;
}

bool decode(const Command& c, IndexArgs& a) {
  if (c.slots < 7) return false;
  const double* const p = c.payload;
  if (!flag(p[4], a.wrap)) return false;
  if (!rank(p[5], a.ndim)) return false;
  if (!indexCount(p[6], a.indicesCount)) return false;
  if (c.slots != 7 + 3 * a.ndim + a.indicesCount * (4 + a.ndim)) return false;
  if (!vector(p + 7 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 7 + 1 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!vector(p + 7 + 2 * a.ndim, a.ndim, a.strides)) return false;
  const double* q = p + 7 + 3 * a.ndim;
  for (int k = 0; k < a.indicesCount; k++, q += 4 + a.ndim) {
    auto& x = a.indices[k];
    if (!integer(q[2], 0, x.size)) return false;
    if (!integer(q[3], 0, x.stride)) return false;
    if (!vector(q + 4, a.ndim, x.indexStrides)) return false;
    if (!memory(q + 0, itemsize(c.dtype2) * reach(a.sizes, x.indexStrides, a.ndim), false, x.index)) return false;
  }
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.outStrides, a.ndim), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * withIndices(reach(a.sizes, a.strides, a.ndim), a.indices, a.indicesCount),
              false, a.a))
    return false;
  return true;
}

bool decode(const Command& c, IndexPutArgs& a) {
  if (c.slots < 10) return false;
  const double* const p = c.payload;
  if (!flag(p[4], a.wrap)) return false;
  if (!integer(p[5], 0, a.mode)) return false;
  a.alpha = p[6];
  a.skip = p[7];
  if (!rank(p[8], a.ndim)) return false;
  if (!indexCount(p[9], a.indicesCount)) return false;
  if (c.slots != 10 + 3 * a.ndim + a.indicesCount * (4 + a.ndim)) return false;
  if (!vector(p + 10 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 10 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!vector(p + 10 + 2 * a.ndim, a.ndim, a.valueStrides)) return false;
  const double* q = p + 10 + 3 * a.ndim;
  for (int k = 0; k < a.indicesCount; k++, q += 4 + a.ndim) {
    auto& x = a.indices[k];
    if (!integer(q[2], 0, x.size)) return false;
    if (!integer(q[3], 0, x.stride)) return false;
    if (!vector(q + 4, a.ndim, x.indexStrides)) return false;
    if (!memory(q + 0, itemsize(c.dtype2) * reach(a.sizes, x.indexStrides, a.ndim), false, x.index)) return false;
  }
  if (!memory(p + 0, itemsize(c.dtype) * withIndices(reach(a.sizes, a.strides, a.ndim), a.indices, a.indicesCount),
              false, a.self))
    return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach(a.sizes, a.valueStrides, a.ndim), false, a.values)) return false;
  return true;
}

bool decode(const Command& c, NonzeroArgs& a) {
  if (c.slots < 6) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.capacity)) return false;
  if (!rank(p[5], a.ndim)) return false;
  if (c.slots != 6 + 2 * a.ndim) return false;
  if (!vector(p + 6 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 6 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!memory(p + 0, itemsize(I64) * elements({d(a.capacity), d(a.ndim)}), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, MaskedSelectArgs& a) {
  if (c.slots < 8) return false;
  const double* const p = c.payload;
  if (!integer(p[6], 0, a.capacity)) return false;
  if (!rank(p[7], a.ndim)) return false;
  if (c.slots != 8 + 3 * a.ndim) return false;
  if (!vector(p + 8 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 8 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!vector(p + 8 + 2 * a.ndim, a.ndim, a.maskStrides)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.capacity)}), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  if (!memory(p + 4, itemsize(BOOL) * reach(a.sizes, a.maskStrides, a.ndim), false, a.mask)) return false;
  return true;
}

bool decode(const Command& c, MaskedScatterArgs& a) {
  if (c.slots < 8) return false;
  const double* const p = c.payload;
  if (!integer(p[6], 0, a.length)) return false;
  if (!rank(p[7], a.ndim)) return false;
  if (c.slots != 8 + 3 * a.ndim) return false;
  if (!vector(p + 8 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 8 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!vector(p + 8 + 2 * a.ndim, a.ndim, a.maskStrides)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.self)) return false;
  if (!memory(p + 2, itemsize(BOOL) * reach(a.sizes, a.maskStrides, a.ndim), false, a.mask)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.length)}), false, a.source)) return false;
  return true;
}

bool decode(const Command& c, TriangleArgs& a) {
  if (c.slots < 7) return false;
  const double* const p = c.payload;
  if (!integer(p[4], -EXACT, a.diagonal)) return false;
  if (!flag(p[5], a.upper)) return false;
  if (!rank(p[6], a.ndim)) return false;
  if (c.slots != 7 + 3 * a.ndim) return false;
  if (!vector(p + 7 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 7 + 1 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!vector(p + 7 + 2 * a.ndim, a.ndim, a.strides)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.outStrides, a.ndim), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, SearchsortedArgs& a) {
  if (c.slots < 13) return false;
  const double* const p = c.payload;
  if (!integer(p[8], 0, a.rows)) return false;
  if (!integer(p[9], 0, a.n)) return false;
  if (!integer(p[10], 0, a.m)) return false;
  if (!integer(p[11], 0, a.rowStep)) return false;
  if (!flag(p[12], a.right)) return false;
  if (c.slots != 13) return false;
  if (!memory(p + 0, itemsize(c.dtype2) * elements({d(a.rows), d(a.n)}), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.rows), d(a.n)}), false, a.values)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * reach({{d(a.rows), d(a.rowStep)}, {d(a.m), 1}}), false, a.boundaries))
    return false;
  if (!memory(p + 6, itemsize(I64) * reach({{d(a.rows), d(a.rowStep)}, {d(a.m), 1}}), true, a.sorter)) return false;
  return true;
}

bool decode(const Command& c, SortArgs& a) {
  if (c.slots < 9) return false;
  const double* const p = c.payload;
  if (!flag(p[7], a.descending)) return false;
  if (!rank(p[8], a.ndim)) return false;
  if (c.slots != 9 + 3 * a.ndim) return false;
  if (!vector(p + 9 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 9 + 1 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!vector(p + 9 + 2 * a.ndim, a.ndim, a.strides)) return false;
  if (!axis(p[6], a.ndim, a.dim)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.outStrides, a.ndim), true, a.values)) return false;
  if (!memory(p + 2, itemsize(I64) * reach(a.sizes, a.outStrides, a.ndim), true, a.indices)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, TopkArgs& a) {
  if (c.slots < 10) return false;
  const double* const p = c.payload;
  if (!integer(p[7], 0, a.k)) return false;
  if (!flag(p[8], a.largest)) return false;
  if (!rank(p[9], a.ndim)) return false;
  if (c.slots != 10 + 3 * a.ndim) return false;
  if (!vector(p + 10 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 10 + 1 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!vector(p + 10 + 2 * a.ndim, a.ndim, a.strides)) return false;
  if (!axis(p[6], a.ndim, a.dim)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.outStrides, a.ndim, a.dim, a.k), true, a.values))
    return false;
  if (!memory(p + 2, itemsize(I64) * reach(a.sizes, a.outStrides, a.ndim, a.dim, a.k), true, a.indices)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, UniqueArgs& a) {
  if (c.slots < 13) return false;
  const double* const p = c.payload;
  if (!integer(p[10], 0, a.n)) return false;
  if (!integer(p[11], 0, a.width)) return false;
  if (!flag(p[12], a.sorted)) return false;
  if (c.slots != 13) return false;
  if (!memory(p + 0, itemsize(I64) * elements({d(a.n)}), false, a.firsts)) return false;
  if (!memory(p + 2, itemsize(I64) * elements({d(a.n)}), true, a.inverse)) return false;
  if (!memory(p + 4, itemsize(I64) * elements({d(a.n)}), true, a.counts)) return false;
  if (!memory(p + 6, itemsize(I64) * elements({1}), false, a.groups)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.n), d(a.width)}), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, ModeArgs& a) {
  if (c.slots < 6) return false;
  const double* const p = c.payload;
  if (!rank(p[5], a.ndim)) return false;
  if (c.slots != 6 + 3 * a.ndim) return false;
  if (!vector(p + 6 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 6 + 1 * a.ndim, a.ndim, a.outStrides)) return false;
  if (!vector(p + 6 + 2 * a.ndim, a.ndim, a.strides)) return false;
  if (!axis(p[4], a.ndim, a.dim)) return false;
  if (!memory(p + 0, itemsize(I64) * reach(a.sizes, a.outStrides, a.ndim), false, a.indices)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, RepeatInterleaveArgs& a) {
  if (c.slots < 7) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.n)) return false;
  if (!integer(p[5], 0, a.step)) return false;
  if (!integer(p[6], 0, a.total)) return false;
  if (c.slots != 7) return false;
  if (!memory(p + 0, itemsize(I64) * elements({d(a.total)}), false, a.out)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * reach({{d(a.n), d(a.step)}}), false, a.counts)) return false;
  return true;
}

bool decode(const Command& c, CheckRangeArgs& a) {
  if (c.slots < 6) return false;
  const double* const p = c.payload;
  a.low = p[2];
  a.high = p[3];
  if (!flag(p[4], a.nan)) return false;
  if (!rank(p[5], a.ndim)) return false;
  if (c.slots != 6 + 2 * a.ndim) return false;
  if (!vector(p + 6 + 0 * a.ndim, a.ndim, a.sizes)) return false;
  if (!vector(p + 6 + 1 * a.ndim, a.ndim, a.strides)) return false;
  if (!memory(p + 0, itemsize(c.dtype) * reach(a.sizes, a.strides, a.ndim), false, a.a)) return false;
  return true;
}

bool decode(const Command& c, GeneratorSeedArgs& a) {
  if (c.slots < 3) return false;
  const double* const p = c.payload;
  a.seed = bitsOf(p[2]);
  if (c.slots != 3) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  return true;
}

bool decode(const Command& c, RandomUniformArgs& a) {
  if (c.slots < 7) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.n)) return false;
  a.from = p[5];
  a.to = p[6];
  if (c.slots != 7) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, RandomNormalArgs& a) {
  if (c.slots < 8) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.n)) return false;
  a.mean = p[5];
  a.std = p[6];
  if (!flag(p[7], a.grouped)) return false;
  if (c.slots != 8) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, RandomLogNormalArgs& a) {
  if (c.slots < 7) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.n)) return false;
  a.mean = p[5];
  a.std = p[6];
  if (c.slots != 7) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, RandomRateArgs& a) {
  if (c.slots < 6) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.n)) return false;
  a.rate = p[5];
  if (c.slots != 6) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, RandomCauchyArgs& a) {
  if (c.slots < 7) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.n)) return false;
  a.median = p[5];
  a.sigma = p[6];
  if (c.slots != 7) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, RandomFromToArgs& a) {
  if (c.slots < 7) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.n)) return false;
  a.base = bitsOf(p[5]);
  a.range = bitsOf(p[6]);
  if (c.slots != 7) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, RandomIntArgs& a) {
  if (c.slots < 5) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.n)) return false;
  if (c.slots != 5) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, RandomPermArgs& a) {
  if (c.slots < 5) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.n)) return false;
  if (c.slots != 5) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(I64) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, RandomProbabilityArgs& a) {
  if (c.slots < 6) return false;
  const double* const p = c.payload;
  if (!integer(p[4], 0, a.n)) return false;
  a.p = p[5];
  if (c.slots != 6) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  return true;
}

bool decode(const Command& c, RandomBernoulliTensorArgs& a) {
  if (c.slots < 7) return false;
  const double* const p = c.payload;
  if (!integer(p[6], 0, a.n)) return false;
  if (c.slots != 7) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  if (!memory(p + 4, itemsize(c.dtype2) * elements({d(a.n)}), false, a.probabilities)) return false;
  return true;
}

bool decode(const Command& c, RandomDropoutArgs& a) {
  if (c.slots < 10) return false;
  const double* const p = c.payload;
  if (!integer(p[8], 0, a.n)) return false;
  a.p = p[9];
  if (c.slots != 10) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.noise)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.n)}), true, a.out)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.n)}), true, a.a)) return false;
  return true;
}

bool decode(const Command& c, RandomMultinomialArgs& a) {
  if (c.slots < 9) return false;
  const double* const p = c.payload;
  if (!integer(p[6], 0, a.rows)) return false;
  if (!integer(p[7], 0, a.categories)) return false;
  if (!integer(p[8], 0, a.samples)) return false;
  if (c.slots != 9) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(I64) * elements({d(a.rows), d(a.samples)}), false, a.out)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.rows), d(a.categories)}), false, a.probabilities)) return false;
  return true;
}

bool decode(const Command& c, RandomPoissonArgs& a) {
  if (c.slots < 7) return false;
  const double* const p = c.payload;
  if (!integer(p[6], 0, a.n)) return false;
  if (c.slots != 7) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.n)}), false, a.rates)) return false;
  return true;
}

bool decode(const Command& c, RandomBinomialArgs& a) {
  if (c.slots < 9) return false;
  const double* const p = c.payload;
  if (!integer(p[8], 0, a.n)) return false;
  if (c.slots != 9) return false;
  if (!memory(p + 0, sizeof(GeneratorState) * elements({1}), false, a.state)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.out)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.n)}), false, a.counts)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.n)}), false, a.probabilities)) return false;
  return true;
}

bool decode(const Command& c, SgdStepArgs& a) {
  if (c.slots < 14) return false;
  const double* const p = c.payload;
  if (!integer(p[6], 0, a.n)) return false;
  a.lr = p[7];
  a.momentum = p[8];
  a.dampening = p[9];
  a.weightDecay = p[10];
  if (!flag(p[11], a.nesterov)) return false;
  if (!flag(p[12], a.maximize)) return false;
  if (!flag(p[13], a.first)) return false;
  if (c.slots != 14) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n)}), false, a.param)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.grad)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.n)}), true, a.buffer)) return false;
  return true;
}

bool decode(const Command& c, AdamStepArgs& a) {
  if (c.slots < 19) return false;
  const double* const p = c.payload;
  if (!integer(p[10], 0, a.n)) return false;
  a.lr = p[11];
  a.beta1 = p[12];
  a.beta2 = p[13];
  a.eps = p[14];
  a.weightDecay = p[15];
  if (!flag(p[16], a.decoupled)) return false;
  if (!flag(p[17], a.maximize)) return false;
  a.step = p[18];
  if (c.slots != 19) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.n)}), false, a.param)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.n)}), false, a.grad)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.n)}), false, a.expAvg)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.n)}), false, a.expAvgSq)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.n)}), true, a.maxExpAvgSq)) return false;
  return true;
}

bool decode(const Command& c, LstmCellArgs& a) {
  if (c.slots < 10) return false;
  const double* const p = c.payload;
  if (!integer(p[8], 0, a.rows)) return false;
  if (!integer(p[9], 0, a.h)) return false;
  if (c.slots != 10) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.rows), 4 * d(a.h)}), false, a.gates)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.before)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.cell)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.hidden)) return false;
  return true;
}

bool decode(const Command& c, LstmCellBackwardArgs& a) {
  if (c.slots < 16) return false;
  const double* const p = c.payload;
  if (!integer(p[14], 0, a.rows)) return false;
  if (!integer(p[15], 0, a.h)) return false;
  if (c.slots != 16) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.rows), 4 * d(a.h)}), false, a.dGates)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.rows), 4 * d(a.h)}), false, a.gates)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.before)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.cell)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.dHidden)) return false;
  if (!memory(p + 10, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), true, a.dCell)) return false;
  if (!memory(p + 12, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.dBefore)) return false;
  return true;
}

bool decode(const Command& c, GruCellArgs& a) {
  if (c.slots < 12) return false;
  const double* const p = c.payload;
  if (!integer(p[10], 0, a.rows)) return false;
  if (!integer(p[11], 0, a.h)) return false;
  if (c.slots != 12) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.rows), 3 * d(a.h)}), false, a.gates)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.rows), 3 * d(a.h)}), false, a.stateGates)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.kept)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.before)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.hidden)) return false;
  return true;
}

bool decode(const Command& c, GruCellBackwardArgs& a) {
  if (c.slots < 16) return false;
  const double* const p = c.payload;
  if (!integer(p[14], 0, a.rows)) return false;
  if (!integer(p[15], 0, a.h)) return false;
  if (c.slots != 16) return false;
  if (!memory(p + 0, itemsize(c.dtype) * elements({d(a.rows), 3 * d(a.h)}), false, a.dGates)) return false;
  if (!memory(p + 2, itemsize(c.dtype) * elements({d(a.rows), 3 * d(a.h)}), false, a.dStateGates)) return false;
  if (!memory(p + 4, itemsize(c.dtype) * elements({d(a.rows), 3 * d(a.h)}), false, a.gates)) return false;
  if (!memory(p + 6, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.kept)) return false;
  if (!memory(p + 8, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.before)) return false;
  if (!memory(p + 10, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.dHidden)) return false;
  if (!memory(p + 12, itemsize(c.dtype) * elements({d(a.rows), d(a.h)}), false, a.dBefore)) return false;
  return true;
}

Status runKernel(const Command& c, AnyFn fn) {
  switch (OPS[c.op].schema) {
    case SCHEMA_UNARY: {
      const int sizes[] = {itemsize(c.dtype), itemsize(c.dtype)};
      return runMap(c, reinterpret_cast<KernelOf<SCHEMA_UNARY>::Type>(fn), 2, sizes);
    }
    case SCHEMA_BINARY: {
      const int sizes[] = {itemsize(c.dtype), itemsize(c.dtype), itemsize(c.dtype)};
      return runMap(c, reinterpret_cast<KernelOf<SCHEMA_BINARY>::Type>(fn), 3, sizes);
    }
    case SCHEMA_TERNARY: {
      const int sizes[] = {itemsize(c.dtype), itemsize(c.dtype), itemsize(c.dtype), itemsize(c.dtype)};
      return runMap(c, reinterpret_cast<KernelOf<SCHEMA_TERNARY>::Type>(fn), 4, sizes);
    }
    case SCHEMA_COMPARE: {
      const int sizes[] = {itemsize(BOOL), itemsize(c.dtype), itemsize(c.dtype)};
      return runMap(c, reinterpret_cast<KernelOf<SCHEMA_COMPARE>::Type>(fn), 3, sizes);
    }
    case SCHEMA_PREDICATE: {
      const int sizes[] = {itemsize(BOOL), itemsize(c.dtype)};
      return runMap(c, reinterpret_cast<KernelOf<SCHEMA_PREDICATE>::Type>(fn), 2, sizes);
    }
    case SCHEMA_WHERE: {
      const int sizes[] = {itemsize(c.dtype), itemsize(BOOL), itemsize(c.dtype), itemsize(c.dtype)};
      return runMap(c, reinterpret_cast<KernelOf<SCHEMA_WHERE>::Type>(fn), 4, sizes);
    }
    case SCHEMA_CAST: {
      const MapLoop loop = reinterpret_cast<KernelOf<SCHEMA_CAST>::Type>(fn)(c.dtype2);
      if (!loop) return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype2);
      const int sizes[] = {itemsize(c.dtype2), itemsize(c.dtype)};
      return runMap(c, loop, 2, sizes);
    }
    case SCHEMA_ARANGE: {
      ArangeArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_ARANGE>::Type>(fn)(c, a);
    }
    case SCHEMA_LINSPACE: {
      LinspaceArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_LINSPACE>::Type>(fn)(c, a);
    }
    case SCHEMA_REDUCE: {
      ReduceArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_REDUCE>::Type>(fn)(c, a);
    }
    case SCHEMA_REDUCE_MOMENTS: {
      ReduceMomentsArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_REDUCE_MOMENTS>::Type>(fn)(c, a);
    }
    case SCHEMA_REDUCE_EXTREME: {
      ReduceExtremeArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_REDUCE_EXTREME>::Type>(fn)(c, a);
    }
    case SCHEMA_REDUCE_COUNT: {
      ReduceCountArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_REDUCE_COUNT>::Type>(fn)(c, a);
    }
    case SCHEMA_REDUCE_TRUTH: {
      ReduceTruthArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_REDUCE_TRUTH>::Type>(fn)(c, a);
    }
    case SCHEMA_SCAN: {
      ScanArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_SCAN>::Type>(fn)(c, a);
    }
    case SCHEMA_SCAN_EXTREME: {
      ScanExtremeArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_SCAN_EXTREME>::Type>(fn)(c, a);
    }
    case SCHEMA_PROD_BACKWARD: {
      ProdBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_PROD_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_CUMPROD_BACKWARD: {
      CumprodBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_CUMPROD_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_MATMUL: {
      MatmulArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_MATMUL>::Type>(fn)(c, a);
    }
    case SCHEMA_CONV: {
      ConvArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_CONV>::Type>(fn)(c, a);
    }
    case SCHEMA_CONV_BACKWARD_INPUT: {
      ConvBackwardInputArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_CONV_BACKWARD_INPUT>::Type>(fn)(c, a);
    }
    case SCHEMA_CONV_BACKWARD_WEIGHT: {
      ConvBackwardWeightArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_CONV_BACKWARD_WEIGHT>::Type>(fn)(c, a);
    }
    case SCHEMA_MAX_POOL: {
      MaxPoolArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_MAX_POOL>::Type>(fn)(c, a);
    }
    case SCHEMA_ADAPTIVE_MAX_POOL: {
      AdaptiveMaxPoolArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_ADAPTIVE_MAX_POOL>::Type>(fn)(c, a);
    }
    case SCHEMA_MAX_POOL_BACKWARD: {
      MaxPoolBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_MAX_POOL_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_AVG_POOL: {
      AvgPoolArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_AVG_POOL>::Type>(fn)(c, a);
    }
    case SCHEMA_AVG_POOL_BACKWARD: {
      AvgPoolBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_AVG_POOL_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_ADAPTIVE_AVG_POOL: {
      AdaptiveAvgPoolArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_ADAPTIVE_AVG_POOL>::Type>(fn)(c, a);
    }
    case SCHEMA_ADAPTIVE_AVG_POOL_BACKWARD: {
      AdaptiveAvgPoolBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_ADAPTIVE_AVG_POOL_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_SOFTMAX: {
      SoftmaxArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_SOFTMAX>::Type>(fn)(c, a);
    }
    case SCHEMA_SOFTMAX_BACKWARD: {
      SoftmaxBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_SOFTMAX_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_CROSS_ENTROPY: {
      CrossEntropyArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_CROSS_ENTROPY>::Type>(fn)(c, a);
    }
    case SCHEMA_CROSS_ENTROPY_BACKWARD: {
      CrossEntropyBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_CROSS_ENTROPY_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_NLL_LOSS: {
      NllLossArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_NLL_LOSS>::Type>(fn)(c, a);
    }
    case SCHEMA_NLL_LOSS_BACKWARD: {
      NllLossBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_NLL_LOSS_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_CTC_LOSS: {
      CtcLossArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_CTC_LOSS>::Type>(fn)(c, a);
    }
    case SCHEMA_CTC_LOSS_BACKWARD: {
      CtcLossBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_CTC_LOSS_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_BATCH_NORM: {
      BatchNormArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_BATCH_NORM>::Type>(fn)(c, a);
    }
    case SCHEMA_BATCH_NORM_BACKWARD: {
      BatchNormBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_BATCH_NORM_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_LAYER_NORM: {
      LayerNormArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_LAYER_NORM>::Type>(fn)(c, a);
    }
    case SCHEMA_LAYER_NORM_BACKWARD: {
      LayerNormBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_LAYER_NORM_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_GROUP_NORM: {
      GroupNormArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_GROUP_NORM>::Type>(fn)(c, a);
    }
    case SCHEMA_GROUP_NORM_BACKWARD: {
      GroupNormBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_GROUP_NORM_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_INDEX: {
      IndexArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_INDEX>::Type>(fn)(c, a);
    }
    case SCHEMA_INDEX_PUT: {
      IndexPutArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_INDEX_PUT>::Type>(fn)(c, a);
    }
    case SCHEMA_NONZERO: {
      NonzeroArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_NONZERO>::Type>(fn)(c, a);
    }
    case SCHEMA_MASKED_SELECT: {
      MaskedSelectArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_MASKED_SELECT>::Type>(fn)(c, a);
    }
    case SCHEMA_MASKED_SCATTER: {
      MaskedScatterArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_MASKED_SCATTER>::Type>(fn)(c, a);
    }
    case SCHEMA_TRIANGLE: {
      TriangleArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_TRIANGLE>::Type>(fn)(c, a);
    }
    case SCHEMA_SEARCHSORTED: {
      SearchsortedArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_SEARCHSORTED>::Type>(fn)(c, a);
    }
    case SCHEMA_SORT: {
      SortArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_SORT>::Type>(fn)(c, a);
    }
    case SCHEMA_TOPK: {
      TopkArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_TOPK>::Type>(fn)(c, a);
    }
    case SCHEMA_UNIQUE: {
      UniqueArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_UNIQUE>::Type>(fn)(c, a);
    }
    case SCHEMA_MODE: {
      ModeArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_MODE>::Type>(fn)(c, a);
    }
    case SCHEMA_REPEAT_INTERLEAVE: {
      RepeatInterleaveArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_REPEAT_INTERLEAVE>::Type>(fn)(c, a);
    }
    case SCHEMA_CHECK_RANGE: {
      CheckRangeArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_CHECK_RANGE>::Type>(fn)(c, a);
    }
    case SCHEMA_GENERATOR_SEED: {
      GeneratorSeedArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_GENERATOR_SEED>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_UNIFORM: {
      RandomUniformArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_UNIFORM>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_NORMAL: {
      RandomNormalArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_NORMAL>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_LOG_NORMAL: {
      RandomLogNormalArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_LOG_NORMAL>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_RATE: {
      RandomRateArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_RATE>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_CAUCHY: {
      RandomCauchyArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_CAUCHY>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_FROM_TO: {
      RandomFromToArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_FROM_TO>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_INT: {
      RandomIntArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_INT>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_PERM: {
      RandomPermArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_PERM>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_PROBABILITY: {
      RandomProbabilityArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_PROBABILITY>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_BERNOULLI_TENSOR: {
      RandomBernoulliTensorArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_BERNOULLI_TENSOR>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_DROPOUT: {
      RandomDropoutArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_DROPOUT>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_MULTINOMIAL: {
      RandomMultinomialArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_MULTINOMIAL>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_POISSON: {
      RandomPoissonArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_POISSON>::Type>(fn)(c, a);
    }
    case SCHEMA_RANDOM_BINOMIAL: {
      RandomBinomialArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_RANDOM_BINOMIAL>::Type>(fn)(c, a);
    }
    case SCHEMA_SGD_STEP: {
      SgdStepArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_SGD_STEP>::Type>(fn)(c, a);
    }
    case SCHEMA_ADAM_STEP: {
      AdamStepArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_ADAM_STEP>::Type>(fn)(c, a);
    }
    case SCHEMA_LSTM_CELL: {
      LstmCellArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_LSTM_CELL>::Type>(fn)(c, a);
    }
    case SCHEMA_LSTM_CELL_BACKWARD: {
      LstmCellBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_LSTM_CELL_BACKWARD>::Type>(fn)(c, a);
    }
    case SCHEMA_GRU_CELL: {
      GruCellArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_GRU_CELL>::Type>(fn)(c, a);
    }
    case SCHEMA_GRU_CELL_BACKWARD: {
      GruCellBackwardArgs a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return reinterpret_cast<KernelOf<SCHEMA_GRU_CELL_BACKWARD>::Type>(fn)(c, a);
    }
    default:
      return c.fail(BAD_COMMAND, c.op);
  }
}

namespace {
const SlotInfo UNARY_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 1, 1, false}, {"a", POINTER, READ, OF_T, 3, 1, false}};
const SlotInfo BINARY_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 1, 1, false},
                                 {"a", POINTER, READ, OF_T, 3, 1, false},
                                 {"b", POINTER, READ, OF_T, 5, 1, false}};
const SlotInfo TERNARY_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 1, 1, false},
                                  {"a", POINTER, READ, OF_T, 3, 1, false},
                                  {"b", POINTER, READ, OF_T, 5, 1, false},
                                  {"c", POINTER, READ, OF_T, 7, 1, false}};
const SlotInfo COMPARE_SLOTS[] = {{"out", POINTER, WRITE, BOOL, 1, 1, false},
                                  {"a", POINTER, READ, OF_T, 3, 1, false},
                                  {"b", POINTER, READ, OF_T, 5, 1, false}};
const SlotInfo PREDICATE_SLOTS[] = {{"out", POINTER, WRITE, BOOL, 1, 1, false},
                                    {"a", POINTER, READ, OF_T, 3, 1, false}};
const SlotInfo WHERE_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 1, 1, false},
                                {"condition", POINTER, READ, BOOL, 3, 1, false},
                                {"a", POINTER, READ, OF_T, 5, 1, false},
                                {"b", POINTER, READ, OF_T, 7, 1, false}};
const SlotInfo CAST_SLOTS[] = {{"out", POINTER, WRITE, OF_T2, 1, 1, false}, {"a", POINTER, READ, OF_T, 3, 1, false}};
const SlotInfo ARANGE_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 0, 1, false},
                                 {"n", INT, NEITHER, NOTHING, 2, 1, false},
                                 {"start", NUMBER, NEITHER, NOTHING, 3, 1, false},
                                 {"step", NUMBER, NEITHER, NOTHING, 4, 1, false}};
const SlotInfo LINSPACE_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 0, 1, false},
                                   {"n", INT, NEITHER, NOTHING, 2, 1, false},
                                   {"start", REAL, NEITHER, NOTHING, 3, 1, false},
                                   {"end", REAL, NEITHER, NOTHING, 4, 1, false}};
const SlotInfo REDUCE_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 0, 1, false},
                                 {"a", POINTER, READ, OF_T, 2, 1, false},
                                 {"param", REAL, NEITHER, NOTHING, 4, 1, false},
                                 {"ndim", RANK, NEITHER, NOTHING, 5, 1, false},
                                 {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                 {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                 {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                 {"reduced", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo REDUCE_MOMENTS_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 0, 1, false},
                                         {"mean", POINTER, WRITE, OF_T, 2, 1, true},
                                         {"a", POINTER, READ, OF_T, 4, 1, false},
                                         {"param", REAL, NEITHER, NOTHING, 6, 1, false},
                                         {"ndim", RANK, NEITHER, NOTHING, 7, 1, false},
                                         {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                         {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                         {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                         {"reduced", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo REDUCE_EXTREME_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 0, 1, false},
                                         {"indices", POINTER, WRITE, I64, 2, 1, true},
                                         {"a", POINTER, READ, OF_T, 4, 1, false},
                                         {"param", REAL, NEITHER, NOTHING, 6, 1, false},
                                         {"ndim", RANK, NEITHER, NOTHING, 7, 1, false},
                                         {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                         {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                         {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                         {"reduced", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo REDUCE_COUNT_SLOTS[] = {{"out", POINTER, WRITE, I64, 0, 1, false},
                                       {"a", POINTER, READ, OF_T, 2, 1, false},
                                       {"param", REAL, NEITHER, NOTHING, 4, 1, false},
                                       {"ndim", RANK, NEITHER, NOTHING, 5, 1, false},
                                       {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                       {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                       {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                       {"reduced", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo REDUCE_TRUTH_SLOTS[] = {{"out", POINTER, WRITE, BOOL, 0, 1, false},
                                       {"a", POINTER, READ, OF_T, 2, 1, false},
                                       {"param", REAL, NEITHER, NOTHING, 4, 1, false},
                                       {"ndim", RANK, NEITHER, NOTHING, 5, 1, false},
                                       {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                       {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                       {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                       {"reduced", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo SCAN_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 0, 1, false},
                               {"a", POINTER, READ, OF_T, 2, 1, false},
                               {"dim", AXIS, NEITHER, NOTHING, 4, 1, false},
                               {"ndim", RANK, NEITHER, NOTHING, 5, 1, false},
                               {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                               {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                               {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo SCAN_EXTREME_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 0, 1, false},
                                       {"indices", POINTER, WRITE, I64, 2, 1, true},
                                       {"a", POINTER, READ, OF_T, 4, 1, false},
                                       {"dim", AXIS, NEITHER, NOTHING, 6, 1, false},
                                       {"ndim", RANK, NEITHER, NOTHING, 7, 1, false},
                                       {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                       {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                       {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo PROD_BACKWARD_SLOTS[] = {
    {"dx", POINTER, WRITE, OF_T, 0, 1, false},      {"dy", POINTER, READ, OF_T, 2, 1, false},
    {"x", POINTER, READ, OF_T, 4, 1, false},        {"y", POINTER, READ, OF_T, 6, 1, false},
    {"outer", INT, NEITHER, NOTHING, 8, 1, false},  {"dim", INT, NEITHER, NOTHING, 9, 1, false},
    {"inner", INT, NEITHER, NOTHING, 10, 1, false}, {"whole", FLAG, NEITHER, NOTHING, 11, 1, false}};
const SlotInfo CUMPROD_BACKWARD_SLOTS[] = {
    {"dx", POINTER, WRITE, OF_T, 0, 1, false},     {"dy", POINTER, READ, OF_T, 2, 1, false},
    {"x", POINTER, READ, OF_T, 4, 1, false},       {"y", POINTER, READ, OF_T, 6, 1, false},
    {"outer", INT, NEITHER, NOTHING, 8, 1, false}, {"dim", INT, NEITHER, NOTHING, 9, 1, false},
    {"inner", INT, NEITHER, NOTHING, 10, 1, false}};
const SlotInfo MATMUL_SLOTS[] = {{"m", INT, NEITHER, NOTHING, 0, 1, false},
                                 {"n", INT, NEITHER, NOTHING, 1, 1, false},
                                 {"k", INT, NEITHER, NOTHING, 2, 1, false},
                                 {"batch", INT, NEITHER, NOTHING, 3, 1, false},
                                 {"a", POINTER, READ, OF_T, 4, 1, false},
                                 {"aRow", INT, NEITHER, NOTHING, 6, 1, false},
                                 {"aColumn", INT, NEITHER, NOTHING, 7, 1, false},
                                 {"aBatch", INT, NEITHER, NOTHING, 8, 1, false},
                                 {"b", POINTER, READ, OF_T, 9, 1, false},
                                 {"bRow", INT, NEITHER, NOTHING, 11, 1, false},
                                 {"bColumn", INT, NEITHER, NOTHING, 12, 1, false},
                                 {"bBatch", INT, NEITHER, NOTHING, 13, 1, false},
                                 {"c", POINTER, BOTH, OF_T, 14, 1, false},
                                 {"cRow", INT, NEITHER, NOTHING, 16, 1, false},
                                 {"cBatch", INT, NEITHER, NOTHING, 17, 1, false},
                                 {"bias", POINTER, READ, OF_T, 18, 1, true},
                                 {"biasRow", INT, NEITHER, NOTHING, 20, 1, false},
                                 {"biasColumn", INT, NEITHER, NOTHING, 21, 1, false},
                                 {"biasBatch", INT, NEITHER, NOTHING, 22, 1, false},
                                 {"alpha", REAL, NEITHER, NOTHING, 23, 1, false},
                                 {"beta", REAL, NEITHER, NOTHING, 24, 1, false},
                                 {"relu", FLAG, NEITHER, NOTHING, 25, 1, false}};
const SlotInfo CONV_SLOTS[] = {{"y", POINTER, WRITE, OF_T, 0, 1, false},
                               {"x", POINTER, READ, OF_T, 2, 1, false},
                               {"w", POINTER, READ, OF_T, 4, 1, false},
                               {"bias", POINTER, READ, OF_T, 6, 1, true},
                               {"batch", INT, NEITHER, NOTHING, 8, 1, false},
                               {"inChannels", INT, NEITHER, NOTHING, 9, 1, false},
                               {"outChannels", INT, NEITHER, NOTHING, 10, 1, false},
                               {"groups", INT, NEITHER, NOTHING, 11, 1, false},
                               {"in", INT, NEITHER, NOTHING, 12, 3, false},
                               {"out", INT, NEITHER, NOTHING, 15, 3, false},
                               {"kernel", INT, NEITHER, NOTHING, 18, 3, false},
                               {"stride", INT, NEITHER, NOTHING, 21, 3, false},
                               {"padding", SIGNED, NEITHER, NOTHING, 24, 3, false},
                               {"dilation", INT, NEITHER, NOTHING, 27, 3, false}};
const SlotInfo CONV_BACKWARD_INPUT_SLOTS[] = {{"dx", POINTER, WRITE, OF_T, 0, 1, false},
                                              {"dy", POINTER, READ, OF_T, 2, 1, false},
                                              {"w", POINTER, READ, OF_T, 4, 1, false},
                                              {"bias", POINTER, READ, OF_T, 6, 1, true},
                                              {"batch", INT, NEITHER, NOTHING, 8, 1, false},
                                              {"inChannels", INT, NEITHER, NOTHING, 9, 1, false},
                                              {"outChannels", INT, NEITHER, NOTHING, 10, 1, false},
                                              {"groups", INT, NEITHER, NOTHING, 11, 1, false},
                                              {"in", INT, NEITHER, NOTHING, 12, 3, false},
                                              {"out", INT, NEITHER, NOTHING, 15, 3, false},
                                              {"kernel", INT, NEITHER, NOTHING, 18, 3, false},
                                              {"stride", INT, NEITHER, NOTHING, 21, 3, false},
                                              {"padding", SIGNED, NEITHER, NOTHING, 24, 3, false},
                                              {"dilation", INT, NEITHER, NOTHING, 27, 3, false}};
const SlotInfo CONV_BACKWARD_WEIGHT_SLOTS[] = {{"dw", POINTER, WRITE, OF_T, 0, 1, true},
                                               {"x", POINTER, READ, OF_T, 2, 1, false},
                                               {"dy", POINTER, READ, OF_T, 4, 1, false},
                                               {"db", POINTER, WRITE, OF_T, 6, 1, true},
                                               {"batch", INT, NEITHER, NOTHING, 8, 1, false},
                                               {"inChannels", INT, NEITHER, NOTHING, 9, 1, false},
                                               {"outChannels", INT, NEITHER, NOTHING, 10, 1, false},
                                               {"groups", INT, NEITHER, NOTHING, 11, 1, false},
                                               {"in", INT, NEITHER, NOTHING, 12, 3, false},
                                               {"out", INT, NEITHER, NOTHING, 15, 3, false},
                                               {"kernel", INT, NEITHER, NOTHING, 18, 3, false},
                                               {"stride", INT, NEITHER, NOTHING, 21, 3, false},
                                               {"padding", SIGNED, NEITHER, NOTHING, 24, 3, false},
                                               {"dilation", INT, NEITHER, NOTHING, 27, 3, false}};
const SlotInfo MAX_POOL_SLOTS[] = {
    {"y", POINTER, WRITE, OF_T, 0, 1, false},         {"indices", POINTER, WRITE, OF_T2, 2, 1, true},
    {"x", POINTER, READ, OF_T, 4, 1, false},          {"planes", INT, NEITHER, NOTHING, 6, 1, false},
    {"in", INT, NEITHER, NOTHING, 7, 3, false},       {"out", INT, NEITHER, NOTHING, 10, 3, false},
    {"kernel", INT, NEITHER, NOTHING, 13, 3, false},  {"stride", INT, NEITHER, NOTHING, 16, 3, false},
    {"padding", INT, NEITHER, NOTHING, 19, 3, false}, {"dilation", INT, NEITHER, NOTHING, 22, 3, false}};
const SlotInfo ADAPTIVE_MAX_POOL_SLOTS[] = {
    {"y", POINTER, WRITE, OF_T, 0, 1, false},   {"indices", POINTER, WRITE, OF_T2, 2, 1, true},
    {"x", POINTER, READ, OF_T, 4, 1, false},    {"planes", INT, NEITHER, NOTHING, 6, 1, false},
    {"in", INT, NEITHER, NOTHING, 7, 3, false}, {"out", INT, NEITHER, NOTHING, 10, 3, false}};
const SlotInfo MAX_POOL_BACKWARD_SLOTS[] = {
    {"dx", POINTER, WRITE, OF_T, 0, 1, false},      {"dy", POINTER, READ, OF_T, 2, 1, false},
    {"indices", POINTER, READ, OF_T2, 4, 1, false}, {"planes", INT, NEITHER, NOTHING, 6, 1, false},
    {"inputs", INT, NEITHER, NOTHING, 7, 1, false}, {"outputs", INT, NEITHER, NOTHING, 8, 1, false}};
const SlotInfo AVG_POOL_SLOTS[] = {{"y", POINTER, WRITE, OF_T, 0, 1, false},
                                   {"x", POINTER, READ, OF_T, 2, 1, false},
                                   {"planes", INT, NEITHER, NOTHING, 4, 1, false},
                                   {"in", INT, NEITHER, NOTHING, 5, 3, false},
                                   {"out", INT, NEITHER, NOTHING, 8, 3, false},
                                   {"kernel", INT, NEITHER, NOTHING, 11, 3, false},
                                   {"stride", INT, NEITHER, NOTHING, 14, 3, false},
                                   {"padding", INT, NEITHER, NOTHING, 17, 3, false},
                                   {"countPadding", FLAG, NEITHER, NOTHING, 20, 1, false},
                                   {"divisor", SIGNED, NEITHER, NOTHING, 21, 1, false}};
const SlotInfo AVG_POOL_BACKWARD_SLOTS[] = {{"dx", POINTER, WRITE, OF_T, 0, 1, false},
                                            {"dy", POINTER, READ, OF_T, 2, 1, false},
                                            {"planes", INT, NEITHER, NOTHING, 4, 1, false},
                                            {"in", INT, NEITHER, NOTHING, 5, 3, false},
                                            {"out", INT, NEITHER, NOTHING, 8, 3, false},
                                            {"kernel", INT, NEITHER, NOTHING, 11, 3, false},
                                            {"stride", INT, NEITHER, NOTHING, 14, 3, false},
                                            {"padding", INT, NEITHER, NOTHING, 17, 3, false},
                                            {"countPadding", FLAG, NEITHER, NOTHING, 20, 1, false},
                                            {"divisor", SIGNED, NEITHER, NOTHING, 21, 1, false}};
const SlotInfo ADAPTIVE_AVG_POOL_SLOTS[] = {{"y", POINTER, WRITE, OF_T, 0, 1, false},
                                            {"x", POINTER, READ, OF_T, 2, 1, false},
                                            {"planes", INT, NEITHER, NOTHING, 4, 1, false},
                                            {"in", INT, NEITHER, NOTHING, 5, 3, false},
                                            {"out", INT, NEITHER, NOTHING, 8, 3, false}};
const SlotInfo ADAPTIVE_AVG_POOL_BACKWARD_SLOTS[] = {{"dx", POINTER, WRITE, OF_T, 0, 1, false},
                                                     {"dy", POINTER, READ, OF_T, 2, 1, false},
                                                     {"planes", INT, NEITHER, NOTHING, 4, 1, false},
                                                     {"in", INT, NEITHER, NOTHING, 5, 3, false},
                                                     {"out", INT, NEITHER, NOTHING, 8, 3, false}};
const SlotInfo SOFTMAX_SLOTS[] = {{"y", POINTER, WRITE, OF_T, 0, 1, false},
                                  {"x", POINTER, READ, OF_T, 2, 1, false},
                                  {"outer", INT, NEITHER, NOTHING, 4, 1, false},
                                  {"dim", INT, NEITHER, NOTHING, 5, 1, false},
                                  {"inner", INT, NEITHER, NOTHING, 6, 1, false}};
const SlotInfo SOFTMAX_BACKWARD_SLOTS[] = {
    {"dx", POINTER, WRITE, OF_T, 0, 1, false},   {"dy", POINTER, READ, OF_T, 2, 1, false},
    {"y", POINTER, READ, OF_T, 4, 1, false},     {"outer", INT, NEITHER, NOTHING, 6, 1, false},
    {"dim", INT, NEITHER, NOTHING, 7, 1, false}, {"inner", INT, NEITHER, NOTHING, 8, 1, false}};
const SlotInfo CROSS_ENTROPY_SLOTS[] = {{"loss", POINTER, WRITE, OF_T, 0, 1, false},
                                        {"logits", POINTER, READ, OF_T, 2, 1, false},
                                        {"target", POINTER, READ, I64, 4, 1, false},
                                        {"weight", POINTER, READ, OF_T, 6, 1, true},
                                        {"stats", POINTER, WRITE, OF_T, 8, 1, false},
                                        {"totalWeight", POINTER, WRITE, OF_T, 10, 1, false},
                                        {"n", INT, NEITHER, NOTHING, 12, 1, false},
                                        {"c", INT, NEITHER, NOTHING, 13, 1, false},
                                        {"s", INT, NEITHER, NOTHING, 14, 1, false},
                                        {"losses", INT, NEITHER, NOTHING, 15, 1, false},
                                        {"reduction", INT, NEITHER, NOTHING, 16, 1, false},
                                        {"ignoreIndex", SIGNED, NEITHER, NOTHING, 17, 1, false},
                                        {"labelSmoothing", REAL, NEITHER, NOTHING, 18, 1, false}};
const SlotInfo CROSS_ENTROPY_BACKWARD_SLOTS[] = {{"dx", POINTER, WRITE, OF_T, 0, 1, false},
                                                 {"dy", POINTER, READ, OF_T, 2, 1, false},
                                                 {"logits", POINTER, READ, OF_T, 4, 1, false},
                                                 {"target", POINTER, READ, I64, 6, 1, false},
                                                 {"weight", POINTER, READ, OF_T, 8, 1, true},
                                                 {"stats", POINTER, READ, OF_T, 10, 1, false},
                                                 {"totalWeight", POINTER, READ, OF_T, 12, 1, false},
                                                 {"n", INT, NEITHER, NOTHING, 14, 1, false},
                                                 {"c", INT, NEITHER, NOTHING, 15, 1, false},
                                                 {"s", INT, NEITHER, NOTHING, 16, 1, false},
                                                 {"losses", INT, NEITHER, NOTHING, 17, 1, false},
                                                 {"reduction", INT, NEITHER, NOTHING, 18, 1, false},
                                                 {"ignoreIndex", SIGNED, NEITHER, NOTHING, 19, 1, false},
                                                 {"labelSmoothing", REAL, NEITHER, NOTHING, 20, 1, false}};
const SlotInfo NLL_LOSS_SLOTS[] = {{"loss", POINTER, WRITE, OF_T, 0, 1, false},
                                   {"logs", POINTER, READ, OF_T, 2, 1, false},
                                   {"target", POINTER, READ, I64, 4, 1, false},
                                   {"weight", POINTER, READ, OF_T, 6, 1, true},
                                   {"totalWeight", POINTER, WRITE, OF_T, 8, 1, false},
                                   {"n", INT, NEITHER, NOTHING, 10, 1, false},
                                   {"c", INT, NEITHER, NOTHING, 11, 1, false},
                                   {"s", INT, NEITHER, NOTHING, 12, 1, false},
                                   {"losses", INT, NEITHER, NOTHING, 13, 1, false},
                                   {"reduction", INT, NEITHER, NOTHING, 14, 1, false},
                                   {"ignoreIndex", SIGNED, NEITHER, NOTHING, 15, 1, false}};
const SlotInfo NLL_LOSS_BACKWARD_SLOTS[] = {{"dx", POINTER, WRITE, OF_T, 0, 1, false},
                                            {"dy", POINTER, READ, OF_T, 2, 1, false},
                                            {"target", POINTER, READ, I64, 4, 1, false},
                                            {"weight", POINTER, READ, OF_T, 6, 1, true},
                                            {"totalWeight", POINTER, READ, OF_T, 8, 1, false},
                                            {"n", INT, NEITHER, NOTHING, 10, 1, false},
                                            {"c", INT, NEITHER, NOTHING, 11, 1, false},
                                            {"s", INT, NEITHER, NOTHING, 12, 1, false},
                                            {"losses", INT, NEITHER, NOTHING, 13, 1, false},
                                            {"reduction", INT, NEITHER, NOTHING, 14, 1, false},
                                            {"ignoreIndex", SIGNED, NEITHER, NOTHING, 15, 1, false}};
const SlotInfo CTC_LOSS_SLOTS[] = {{"loss", POINTER, WRITE, OF_T, 0, 1, false},
                                   {"alpha", POINTER, WRITE, OF_T, 2, 1, false},
                                   {"logs", POINTER, READ, OF_T, 4, 1, false},
                                   {"targets", POINTER, READ, I64, 6, 1, false},
                                   {"inputLengths", POINTER, READ, I64, 8, 1, false},
                                   {"targetLengths", POINTER, READ, I64, 10, 1, false},
                                   {"t", INT, NEITHER, NOTHING, 12, 1, false},
                                   {"n", INT, NEITHER, NOTHING, 13, 1, false},
                                   {"c", INT, NEITHER, NOTHING, 14, 1, false},
                                   {"s", INT, NEITHER, NOTHING, 15, 1, false},
                                   {"targetStride", SIGNED, NEITHER, NOTHING, 16, 1, false},
                                   {"blank", INT, NEITHER, NOTHING, 17, 1, false},
                                   {"labels", INT, NEITHER, NOTHING, 18, 1, false}};
const SlotInfo CTC_LOSS_BACKWARD_SLOTS[] = {{"dx", POINTER, WRITE, OF_T, 0, 1, false},
                                            {"dy", POINTER, READ, OF_T, 2, 1, false},
                                            {"alpha", POINTER, READ, OF_T, 4, 1, false},
                                            {"loss", POINTER, READ, OF_T, 6, 1, false},
                                            {"logs", POINTER, READ, OF_T, 8, 1, false},
                                            {"targets", POINTER, READ, I64, 10, 1, false},
                                            {"inputLengths", POINTER, READ, I64, 12, 1, false},
                                            {"targetLengths", POINTER, READ, I64, 14, 1, false},
                                            {"t", INT, NEITHER, NOTHING, 16, 1, false},
                                            {"n", INT, NEITHER, NOTHING, 17, 1, false},
                                            {"c", INT, NEITHER, NOTHING, 18, 1, false},
                                            {"s", INT, NEITHER, NOTHING, 19, 1, false},
                                            {"targetStride", SIGNED, NEITHER, NOTHING, 20, 1, false},
                                            {"blank", INT, NEITHER, NOTHING, 21, 1, false},
                                            {"labels", INT, NEITHER, NOTHING, 22, 1, false},
                                            {"zeroInfinity", FLAG, NEITHER, NOTHING, 23, 1, false}};
const SlotInfo BATCH_NORM_SLOTS[] = {
    {"y", POINTER, WRITE, OF_T, 0, 1, false},           {"x", POINTER, READ, OF_T, 2, 1, false},
    {"weight", POINTER, READ, OF_T, 4, 1, true},        {"bias", POINTER, READ, OF_T, 6, 1, true},
    {"runningMean", POINTER, BOTH, OF_T, 8, 1, true},   {"runningVar", POINTER, BOTH, OF_T, 10, 1, true},
    {"mean", POINTER, WRITE, OF_T, 12, 1, true},        {"invstd", POINTER, WRITE, OF_T, 14, 1, true},
    {"n", INT, NEITHER, NOTHING, 16, 1, false},         {"c", INT, NEITHER, NOTHING, 17, 1, false},
    {"s", INT, NEITHER, NOTHING, 18, 1, false},         {"training", FLAG, NEITHER, NOTHING, 19, 1, false},
    {"momentum", REAL, NEITHER, NOTHING, 20, 1, false}, {"eps", REAL, NEITHER, NOTHING, 21, 1, false}};
const SlotInfo BATCH_NORM_BACKWARD_SLOTS[] = {
    {"dx", POINTER, WRITE, OF_T, 0, 1, true},     {"dw", POINTER, WRITE, OF_T, 2, 1, true},
    {"db", POINTER, WRITE, OF_T, 4, 1, true},     {"dy", POINTER, READ, OF_T, 6, 1, false},
    {"x", POINTER, READ, OF_T, 8, 1, false},      {"weight", POINTER, READ, OF_T, 10, 1, true},
    {"mean", POINTER, READ, OF_T, 12, 1, false},  {"spread", POINTER, READ, OF_T, 14, 1, false},
    {"n", INT, NEITHER, NOTHING, 16, 1, false},   {"c", INT, NEITHER, NOTHING, 17, 1, false},
    {"s", INT, NEITHER, NOTHING, 18, 1, false},   {"training", FLAG, NEITHER, NOTHING, 19, 1, false},
    {"eps", REAL, NEITHER, NOTHING, 20, 1, false}};
const SlotInfo LAYER_NORM_SLOTS[] = {
    {"y", POINTER, WRITE, OF_T, 0, 1, false},      {"x", POINTER, READ, OF_T, 2, 1, false},
    {"weight", POINTER, READ, OF_T, 4, 1, true},   {"bias", POINTER, READ, OF_T, 6, 1, true},
    {"mean", POINTER, WRITE, OF_T, 8, 1, true},    {"rstd", POINTER, WRITE, OF_T, 10, 1, true},
    {"rows", INT, NEITHER, NOTHING, 12, 1, false}, {"columns", INT, NEITHER, NOTHING, 13, 1, false},
    {"eps", REAL, NEITHER, NOTHING, 14, 1, false}};
const SlotInfo LAYER_NORM_BACKWARD_SLOTS[] = {
    {"dx", POINTER, WRITE, OF_T, 0, 1, true},      {"dw", POINTER, WRITE, OF_T, 2, 1, true},
    {"db", POINTER, WRITE, OF_T, 4, 1, true},      {"dy", POINTER, READ, OF_T, 6, 1, false},
    {"x", POINTER, READ, OF_T, 8, 1, false},       {"weight", POINTER, READ, OF_T, 10, 1, true},
    {"mean", POINTER, READ, OF_T, 12, 1, false},   {"rstd", POINTER, READ, OF_T, 14, 1, false},
    {"rows", INT, NEITHER, NOTHING, 16, 1, false}, {"columns", INT, NEITHER, NOTHING, 17, 1, false}};
const SlotInfo GROUP_NORM_SLOTS[] = {
    {"y", POINTER, WRITE, OF_T, 0, 1, false},     {"x", POINTER, READ, OF_T, 2, 1, false},
    {"weight", POINTER, READ, OF_T, 4, 1, true},  {"bias", POINTER, READ, OF_T, 6, 1, true},
    {"mean", POINTER, WRITE, OF_T, 8, 1, true},   {"rstd", POINTER, WRITE, OF_T, 10, 1, true},
    {"n", INT, NEITHER, NOTHING, 12, 1, false},   {"c", INT, NEITHER, NOTHING, 13, 1, false},
    {"s", INT, NEITHER, NOTHING, 14, 1, false},   {"groups", INT, NEITHER, NOTHING, 15, 1, false},
    {"eps", REAL, NEITHER, NOTHING, 16, 1, false}};
const SlotInfo GROUP_NORM_BACKWARD_SLOTS[] = {
    {"dx", POINTER, WRITE, OF_T, 0, 1, true},    {"dw", POINTER, WRITE, OF_T, 2, 1, true},
    {"db", POINTER, WRITE, OF_T, 4, 1, true},    {"dy", POINTER, READ, OF_T, 6, 1, false},
    {"x", POINTER, READ, OF_T, 8, 1, false},     {"weight", POINTER, READ, OF_T, 10, 1, true},
    {"mean", POINTER, READ, OF_T, 12, 1, false}, {"rstd", POINTER, READ, OF_T, 14, 1, false},
    {"n", INT, NEITHER, NOTHING, 16, 1, false},  {"c", INT, NEITHER, NOTHING, 17, 1, false},
    {"s", INT, NEITHER, NOTHING, 18, 1, false},  {"groups", INT, NEITHER, NOTHING, 19, 1, false}};
const SlotInfo INDEX_SLOTS[] = {
    {"out", POINTER, WRITE, OF_T, 0, 1, false},          {"a", POINTER, READ, OF_T, 2, 1, false},
    {"wrap", FLAG, NEITHER, NOTHING, 4, 1, false},       {"ndim", RANK, NEITHER, NOTHING, 5, 1, false},
    {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},   {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
    {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false}, {"indices", LIST, NEITHER, NOTHING, 6, 1, false}};
const SlotInfo INDEX_INDEX_SLOTS[] = {{"index", POINTER, READ, OF_T2, 0, 1, false},
                                      {"size", INT, NEITHER, NOTHING, 2, 1, false},
                                      {"stride", INT, NEITHER, NOTHING, 3, 1, false},
                                      {"indexStrides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo INDEX_PUT_SLOTS[] = {
    {"self", POINTER, BOTH, OF_T, 0, 1, false},          {"values", POINTER, READ, OF_T, 2, 1, false},
    {"wrap", FLAG, NEITHER, NOTHING, 4, 1, false},       {"mode", INT, NEITHER, NOTHING, 5, 1, false},
    {"alpha", REAL, NEITHER, NOTHING, 6, 1, false},      {"skip", REAL, NEITHER, NOTHING, 7, 1, false},
    {"ndim", RANK, NEITHER, NOTHING, 8, 1, false},       {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
    {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false}, {"valueStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
    {"indices", LIST, NEITHER, NOTHING, 9, 1, false}};
const SlotInfo INDEX_PUT_INDEX_SLOTS[] = {{"index", POINTER, READ, OF_T2, 0, 1, false},
                                          {"size", INT, NEITHER, NOTHING, 2, 1, false},
                                          {"stride", INT, NEITHER, NOTHING, 3, 1, false},
                                          {"indexStrides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo NONZERO_SLOTS[] = {
    {"out", POINTER, WRITE, I64, 0, 1, false},         {"a", POINTER, READ, OF_T, 2, 1, false},
    {"capacity", INT, NEITHER, NOTHING, 4, 1, false},  {"ndim", RANK, NEITHER, NOTHING, 5, 1, false},
    {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false}, {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo MASKED_SELECT_SLOTS[] = {
    {"out", POINTER, WRITE, OF_T, 0, 1, false},          {"a", POINTER, READ, OF_T, 2, 1, false},
    {"mask", POINTER, READ, BOOL, 4, 1, false},          {"capacity", INT, NEITHER, NOTHING, 6, 1, false},
    {"ndim", RANK, NEITHER, NOTHING, 7, 1, false},       {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
    {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false}, {"maskStrides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo MASKED_SCATTER_SLOTS[] = {
    {"self", POINTER, BOTH, OF_T, 0, 1, false},          {"mask", POINTER, READ, BOOL, 2, 1, false},
    {"source", POINTER, READ, OF_T, 4, 1, false},        {"length", INT, NEITHER, NOTHING, 6, 1, false},
    {"ndim", RANK, NEITHER, NOTHING, 7, 1, false},       {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
    {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false}, {"maskStrides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo TRIANGLE_SLOTS[] = {{"out", POINTER, WRITE, OF_T, 0, 1, false},
                                   {"a", POINTER, READ, OF_T, 2, 1, false},
                                   {"diagonal", SIGNED, NEITHER, NOTHING, 4, 1, false},
                                   {"upper", FLAG, NEITHER, NOTHING, 5, 1, false},
                                   {"ndim", RANK, NEITHER, NOTHING, 6, 1, false},
                                   {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                   {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                   {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo SEARCHSORTED_SLOTS[] = {
    {"out", POINTER, WRITE, OF_T2, 0, 1, false},      {"values", POINTER, READ, OF_T, 2, 1, false},
    {"boundaries", POINTER, READ, OF_T, 4, 1, false}, {"sorter", POINTER, READ, I64, 6, 1, true},
    {"rows", INT, NEITHER, NOTHING, 8, 1, false},     {"n", INT, NEITHER, NOTHING, 9, 1, false},
    {"m", INT, NEITHER, NOTHING, 10, 1, false},       {"rowStep", INT, NEITHER, NOTHING, 11, 1, false},
    {"right", FLAG, NEITHER, NOTHING, 12, 1, false}};
const SlotInfo SORT_SLOTS[] = {{"values", POINTER, WRITE, OF_T, 0, 1, true},
                               {"indices", POINTER, WRITE, I64, 2, 1, true},
                               {"a", POINTER, READ, OF_T, 4, 1, false},
                               {"dim", AXIS, NEITHER, NOTHING, 6, 1, false},
                               {"descending", FLAG, NEITHER, NOTHING, 7, 1, false},
                               {"ndim", RANK, NEITHER, NOTHING, 8, 1, false},
                               {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                               {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                               {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo TOPK_SLOTS[] = {{"values", POINTER, WRITE, OF_T, 0, 1, true},
                               {"indices", POINTER, WRITE, I64, 2, 1, true},
                               {"a", POINTER, READ, OF_T, 4, 1, false},
                               {"dim", AXIS, NEITHER, NOTHING, 6, 1, false},
                               {"k", INT, NEITHER, NOTHING, 7, 1, false},
                               {"largest", FLAG, NEITHER, NOTHING, 8, 1, false},
                               {"ndim", RANK, NEITHER, NOTHING, 9, 1, false},
                               {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                               {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
                               {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo UNIQUE_SLOTS[] = {
    {"firsts", POINTER, WRITE, I64, 0, 1, false},   {"inverse", POINTER, WRITE, I64, 2, 1, true},
    {"counts", POINTER, WRITE, I64, 4, 1, true},    {"groups", POINTER, WRITE, I64, 6, 1, false},
    {"a", POINTER, READ, OF_T, 8, 1, false},        {"n", INT, NEITHER, NOTHING, 10, 1, false},
    {"width", INT, NEITHER, NOTHING, 11, 1, false}, {"sorted", FLAG, NEITHER, NOTHING, 12, 1, false}};
const SlotInfo MODE_SLOTS[] = {
    {"indices", POINTER, WRITE, I64, 0, 1, false},      {"a", POINTER, READ, OF_T, 2, 1, false},
    {"dim", AXIS, NEITHER, NOTHING, 4, 1, false},       {"ndim", RANK, NEITHER, NOTHING, 5, 1, false},
    {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},  {"outStrides", VECTOR, NEITHER, NOTHING, -1, 1, false},
    {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo REPEAT_INTERLEAVE_SLOTS[] = {{"out", POINTER, WRITE, I64, 0, 1, false},
                                            {"counts", POINTER, READ, OF_T, 2, 1, false},
                                            {"n", INT, NEITHER, NOTHING, 4, 1, false},
                                            {"step", INT, NEITHER, NOTHING, 5, 1, false},
                                            {"total", INT, NEITHER, NOTHING, 6, 1, false}};
const SlotInfo CHECK_RANGE_SLOTS[] = {{"a", POINTER, READ, OF_T, 0, 1, false},
                                      {"low", REAL, NEITHER, NOTHING, 2, 1, false},
                                      {"high", REAL, NEITHER, NOTHING, 3, 1, false},
                                      {"nan", FLAG, NEITHER, NOTHING, 4, 1, false},
                                      {"ndim", RANK, NEITHER, NOTHING, 5, 1, false},
                                      {"sizes", VECTOR, NEITHER, NOTHING, -1, 1, false},
                                      {"strides", VECTOR, NEITHER, NOTHING, -1, 1, false}};
const SlotInfo GENERATOR_SEED_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                         {"seed", BITS, NEITHER, NOTHING, 2, 1, false}};
const SlotInfo RANDOM_UNIFORM_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                         {"out", POINTER, WRITE, OF_T, 2, 1, false},
                                         {"n", INT, NEITHER, NOTHING, 4, 1, false},
                                         {"from", REAL, NEITHER, NOTHING, 5, 1, false},
                                         {"to", REAL, NEITHER, NOTHING, 6, 1, false}};
const SlotInfo RANDOM_NORMAL_SLOTS[] = {
    {"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false}, {"out", POINTER, WRITE, OF_T, 2, 1, false},
    {"n", INT, NEITHER, NOTHING, 4, 1, false},           {"mean", REAL, NEITHER, NOTHING, 5, 1, false},
    {"std", REAL, NEITHER, NOTHING, 6, 1, false},        {"grouped", FLAG, NEITHER, NOTHING, 7, 1, false}};
const SlotInfo RANDOM_LOG_NORMAL_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                            {"out", POINTER, WRITE, OF_T, 2, 1, false},
                                            {"n", INT, NEITHER, NOTHING, 4, 1, false},
                                            {"mean", REAL, NEITHER, NOTHING, 5, 1, false},
                                            {"std", REAL, NEITHER, NOTHING, 6, 1, false}};
const SlotInfo RANDOM_RATE_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                      {"out", POINTER, WRITE, OF_T, 2, 1, false},
                                      {"n", INT, NEITHER, NOTHING, 4, 1, false},
                                      {"rate", REAL, NEITHER, NOTHING, 5, 1, false}};
const SlotInfo RANDOM_CAUCHY_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                        {"out", POINTER, WRITE, OF_T, 2, 1, false},
                                        {"n", INT, NEITHER, NOTHING, 4, 1, false},
                                        {"median", REAL, NEITHER, NOTHING, 5, 1, false},
                                        {"sigma", REAL, NEITHER, NOTHING, 6, 1, false}};
const SlotInfo RANDOM_FROM_TO_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                         {"out", POINTER, WRITE, OF_T, 2, 1, false},
                                         {"n", INT, NEITHER, NOTHING, 4, 1, false},
                                         {"base", BITS, NEITHER, NOTHING, 5, 1, false},
                                         {"range", BITS, NEITHER, NOTHING, 6, 1, false}};
const SlotInfo RANDOM_INT_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                     {"out", POINTER, WRITE, OF_T, 2, 1, false},
                                     {"n", INT, NEITHER, NOTHING, 4, 1, false}};
const SlotInfo RANDOM_PERM_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                      {"out", POINTER, WRITE, I64, 2, 1, false},
                                      {"n", INT, NEITHER, NOTHING, 4, 1, false}};
const SlotInfo RANDOM_PROBABILITY_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                             {"out", POINTER, WRITE, OF_T, 2, 1, false},
                                             {"n", INT, NEITHER, NOTHING, 4, 1, false},
                                             {"p", REAL, NEITHER, NOTHING, 5, 1, false}};
const SlotInfo RANDOM_BERNOULLI_TENSOR_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                                  {"out", POINTER, WRITE, OF_T, 2, 1, false},
                                                  {"probabilities", POINTER, READ, OF_T2, 4, 1, false},
                                                  {"n", INT, NEITHER, NOTHING, 6, 1, false}};
const SlotInfo RANDOM_DROPOUT_SLOTS[] = {
    {"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false}, {"noise", POINTER, WRITE, OF_T, 2, 1, false},
    {"out", POINTER, WRITE, OF_T, 4, 1, true},           {"a", POINTER, READ, OF_T, 6, 1, true},
    {"n", INT, NEITHER, NOTHING, 8, 1, false},           {"p", REAL, NEITHER, NOTHING, 9, 1, false}};
const SlotInfo RANDOM_MULTINOMIAL_SLOTS[] = {
    {"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false}, {"out", POINTER, WRITE, I64, 2, 1, false},
    {"probabilities", POINTER, READ, OF_T, 4, 1, false}, {"rows", INT, NEITHER, NOTHING, 6, 1, false},
    {"categories", INT, NEITHER, NOTHING, 7, 1, false},  {"samples", INT, NEITHER, NOTHING, 8, 1, false}};
const SlotInfo RANDOM_POISSON_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                         {"out", POINTER, WRITE, OF_T, 2, 1, false},
                                         {"rates", POINTER, READ, OF_T, 4, 1, false},
                                         {"n", INT, NEITHER, NOTHING, 6, 1, false}};
const SlotInfo RANDOM_BINOMIAL_SLOTS[] = {{"state", POINTER, BOTH, OF_GENERATOR, 0, 1, false},
                                          {"out", POINTER, WRITE, OF_T, 2, 1, false},
                                          {"counts", POINTER, READ, OF_T, 4, 1, false},
                                          {"probabilities", POINTER, READ, OF_T, 6, 1, false},
                                          {"n", INT, NEITHER, NOTHING, 8, 1, false}};
const SlotInfo SGD_STEP_SLOTS[] = {
    {"param", POINTER, BOTH, OF_T, 0, 1, false},        {"grad", POINTER, READ, OF_T, 2, 1, false},
    {"buffer", POINTER, BOTH, OF_T, 4, 1, true},        {"n", INT, NEITHER, NOTHING, 6, 1, false},
    {"lr", REAL, NEITHER, NOTHING, 7, 1, false},        {"momentum", REAL, NEITHER, NOTHING, 8, 1, false},
    {"dampening", REAL, NEITHER, NOTHING, 9, 1, false}, {"weightDecay", REAL, NEITHER, NOTHING, 10, 1, false},
    {"nesterov", FLAG, NEITHER, NOTHING, 11, 1, false}, {"maximize", FLAG, NEITHER, NOTHING, 12, 1, false},
    {"first", FLAG, NEITHER, NOTHING, 13, 1, false}};
const SlotInfo ADAM_STEP_SLOTS[] = {
    {"param", POINTER, BOTH, OF_T, 0, 1, false},           {"grad", POINTER, READ, OF_T, 2, 1, false},
    {"expAvg", POINTER, BOTH, OF_T, 4, 1, false},          {"expAvgSq", POINTER, BOTH, OF_T, 6, 1, false},
    {"maxExpAvgSq", POINTER, BOTH, OF_T, 8, 1, true},      {"n", INT, NEITHER, NOTHING, 10, 1, false},
    {"lr", REAL, NEITHER, NOTHING, 11, 1, false},          {"beta1", REAL, NEITHER, NOTHING, 12, 1, false},
    {"beta2", REAL, NEITHER, NOTHING, 13, 1, false},       {"eps", REAL, NEITHER, NOTHING, 14, 1, false},
    {"weightDecay", REAL, NEITHER, NOTHING, 15, 1, false}, {"decoupled", FLAG, NEITHER, NOTHING, 16, 1, false},
    {"maximize", FLAG, NEITHER, NOTHING, 17, 1, false},    {"step", REAL, NEITHER, NOTHING, 18, 1, false}};
const SlotInfo LSTM_CELL_SLOTS[] = {
    {"gates", POINTER, BOTH, OF_T, 0, 1, false},  {"before", POINTER, READ, OF_T, 2, 1, false},
    {"cell", POINTER, WRITE, OF_T, 4, 1, false},  {"hidden", POINTER, WRITE, OF_T, 6, 1, false},
    {"rows", INT, NEITHER, NOTHING, 8, 1, false}, {"h", INT, NEITHER, NOTHING, 9, 1, false}};
const SlotInfo LSTM_CELL_BACKWARD_SLOTS[] = {
    {"dGates", POINTER, WRITE, OF_T, 0, 1, false},   {"gates", POINTER, READ, OF_T, 2, 1, false},
    {"before", POINTER, READ, OF_T, 4, 1, false},    {"cell", POINTER, READ, OF_T, 6, 1, false},
    {"dHidden", POINTER, READ, OF_T, 8, 1, false},   {"dCell", POINTER, READ, OF_T, 10, 1, true},
    {"dBefore", POINTER, WRITE, OF_T, 12, 1, false}, {"rows", INT, NEITHER, NOTHING, 14, 1, false},
    {"h", INT, NEITHER, NOTHING, 15, 1, false}};
const SlotInfo GRU_CELL_SLOTS[] = {
    {"gates", POINTER, BOTH, OF_T, 0, 1, false},   {"stateGates", POINTER, READ, OF_T, 2, 1, false},
    {"kept", POINTER, WRITE, OF_T, 4, 1, false},   {"before", POINTER, READ, OF_T, 6, 1, false},
    {"hidden", POINTER, WRITE, OF_T, 8, 1, false}, {"rows", INT, NEITHER, NOTHING, 10, 1, false},
    {"h", INT, NEITHER, NOTHING, 11, 1, false}};
const SlotInfo GRU_CELL_BACKWARD_SLOTS[] = {
    {"dGates", POINTER, WRITE, OF_T, 0, 1, false},  {"dStateGates", POINTER, WRITE, OF_T, 2, 1, false},
    {"gates", POINTER, READ, OF_T, 4, 1, false},    {"kept", POINTER, READ, OF_T, 6, 1, false},
    {"before", POINTER, READ, OF_T, 8, 1, false},   {"dHidden", POINTER, READ, OF_T, 10, 1, false},
    {"dBefore", POINTER, BOTH, OF_T, 12, 1, false}, {"rows", INT, NEITHER, NOTHING, 14, 1, false},
    {"h", INT, NEITHER, NOTHING, 15, 1, false}};
}  // namespace

const SchemaInfo SCHEMAS[SCHEMA_COUNT] = {
    {"UNARY", true, 5, 0, 2, UNARY_SLOTS, 0, nullptr, 0},
    {"BINARY", true, 7, 0, 3, BINARY_SLOTS, 0, nullptr, 0},
    {"TERNARY", true, 9, 0, 4, TERNARY_SLOTS, 0, nullptr, 0},
    {"COMPARE", true, 7, 0, 3, COMPARE_SLOTS, 0, nullptr, 0},
    {"PREDICATE", true, 5, 0, 2, PREDICATE_SLOTS, 0, nullptr, 0},
    {"WHERE", true, 9, 0, 4, WHERE_SLOTS, 0, nullptr, 0},
    {"CAST", true, 5, 0, 2, CAST_SLOTS, 0, nullptr, 0},
    {"ARANGE", false, 5, 0, 4, ARANGE_SLOTS, 0, nullptr, 0},
    {"LINSPACE", false, 5, 0, 4, LINSPACE_SLOTS, 0, nullptr, 0},
    {"REDUCE", false, 6, 4, 8, REDUCE_SLOTS, 0, nullptr, 0},
    {"REDUCE_MOMENTS", false, 8, 4, 9, REDUCE_MOMENTS_SLOTS, 0, nullptr, 0},
    {"REDUCE_EXTREME", false, 8, 4, 9, REDUCE_EXTREME_SLOTS, 0, nullptr, 0},
    {"REDUCE_COUNT", false, 6, 4, 8, REDUCE_COUNT_SLOTS, 0, nullptr, 0},
    {"REDUCE_TRUTH", false, 6, 4, 8, REDUCE_TRUTH_SLOTS, 0, nullptr, 0},
    {"SCAN", false, 6, 3, 7, SCAN_SLOTS, 0, nullptr, 0},
    {"SCAN_EXTREME", false, 8, 3, 8, SCAN_EXTREME_SLOTS, 0, nullptr, 0},
    {"PROD_BACKWARD", false, 12, 0, 8, PROD_BACKWARD_SLOTS, 0, nullptr, 0},
    {"CUMPROD_BACKWARD", false, 11, 0, 7, CUMPROD_BACKWARD_SLOTS, 0, nullptr, 0},
    {"MATMUL", false, 26, 0, 22, MATMUL_SLOTS, 0, nullptr, 0},
    {"CONV", false, 30, 0, 14, CONV_SLOTS, 0, nullptr, 0},
    {"CONV_BACKWARD_INPUT", false, 30, 0, 14, CONV_BACKWARD_INPUT_SLOTS, 0, nullptr, 0},
    {"CONV_BACKWARD_WEIGHT", false, 30, 0, 14, CONV_BACKWARD_WEIGHT_SLOTS, 0, nullptr, 0},
    {"MAX_POOL", false, 25, 0, 10, MAX_POOL_SLOTS, 0, nullptr, 0},
    {"ADAPTIVE_MAX_POOL", false, 13, 0, 6, ADAPTIVE_MAX_POOL_SLOTS, 0, nullptr, 0},
    {"MAX_POOL_BACKWARD", false, 9, 0, 6, MAX_POOL_BACKWARD_SLOTS, 0, nullptr, 0},
    {"AVG_POOL", false, 22, 0, 10, AVG_POOL_SLOTS, 0, nullptr, 0},
    {"AVG_POOL_BACKWARD", false, 22, 0, 10, AVG_POOL_BACKWARD_SLOTS, 0, nullptr, 0},
    {"ADAPTIVE_AVG_POOL", false, 11, 0, 5, ADAPTIVE_AVG_POOL_SLOTS, 0, nullptr, 0},
    {"ADAPTIVE_AVG_POOL_BACKWARD", false, 11, 0, 5, ADAPTIVE_AVG_POOL_BACKWARD_SLOTS, 0, nullptr, 0},
    {"SOFTMAX", false, 7, 0, 5, SOFTMAX_SLOTS, 0, nullptr, 0},
    {"SOFTMAX_BACKWARD", false, 9, 0, 6, SOFTMAX_BACKWARD_SLOTS, 0, nullptr, 0},
    {"CROSS_ENTROPY", false, 19, 0, 13, CROSS_ENTROPY_SLOTS, 0, nullptr, 0},
    {"CROSS_ENTROPY_BACKWARD", false, 21, 0, 14, CROSS_ENTROPY_BACKWARD_SLOTS, 0, nullptr, 0},
    {"NLL_LOSS", false, 16, 0, 11, NLL_LOSS_SLOTS, 0, nullptr, 0},
    {"NLL_LOSS_BACKWARD", false, 16, 0, 11, NLL_LOSS_BACKWARD_SLOTS, 0, nullptr, 0},
    {"CTC_LOSS", false, 19, 0, 13, CTC_LOSS_SLOTS, 0, nullptr, 0},
    {"CTC_LOSS_BACKWARD", false, 24, 0, 16, CTC_LOSS_BACKWARD_SLOTS, 0, nullptr, 0},
    {"BATCH_NORM", false, 22, 0, 14, BATCH_NORM_SLOTS, 0, nullptr, 0},
    {"BATCH_NORM_BACKWARD", false, 21, 0, 13, BATCH_NORM_BACKWARD_SLOTS, 0, nullptr, 0},
    {"LAYER_NORM", false, 15, 0, 9, LAYER_NORM_SLOTS, 0, nullptr, 0},
    {"LAYER_NORM_BACKWARD", false, 18, 0, 10, LAYER_NORM_BACKWARD_SLOTS, 0, nullptr, 0},
    {"GROUP_NORM", false, 17, 0, 11, GROUP_NORM_SLOTS, 0, nullptr, 0},
    {"GROUP_NORM_BACKWARD", false, 20, 0, 12, GROUP_NORM_BACKWARD_SLOTS, 0, nullptr, 0},
    {"INDEX", false, 7, 3, 8, INDEX_SLOTS, 4, INDEX_INDEX_SLOTS, 4},
    {"INDEX_PUT", false, 10, 3, 11, INDEX_PUT_SLOTS, 4, INDEX_PUT_INDEX_SLOTS, 4},
    {"NONZERO", false, 6, 2, 6, NONZERO_SLOTS, 0, nullptr, 0},
    {"MASKED_SELECT", false, 8, 3, 8, MASKED_SELECT_SLOTS, 0, nullptr, 0},
    {"MASKED_SCATTER", false, 8, 3, 8, MASKED_SCATTER_SLOTS, 0, nullptr, 0},
    {"TRIANGLE", false, 7, 3, 8, TRIANGLE_SLOTS, 0, nullptr, 0},
    {"SEARCHSORTED", false, 13, 0, 9, SEARCHSORTED_SLOTS, 0, nullptr, 0},
    {"SORT", false, 9, 3, 9, SORT_SLOTS, 0, nullptr, 0},
    {"TOPK", false, 10, 3, 10, TOPK_SLOTS, 0, nullptr, 0},
    {"UNIQUE", false, 13, 0, 8, UNIQUE_SLOTS, 0, nullptr, 0},
    {"MODE", false, 6, 3, 7, MODE_SLOTS, 0, nullptr, 0},
    {"REPEAT_INTERLEAVE", false, 7, 0, 5, REPEAT_INTERLEAVE_SLOTS, 0, nullptr, 0},
    {"CHECK_RANGE", false, 6, 2, 7, CHECK_RANGE_SLOTS, 0, nullptr, 0},
    {"GENERATOR_SEED", false, 3, 0, 2, GENERATOR_SEED_SLOTS, 0, nullptr, 0},
    {"RANDOM_UNIFORM", false, 7, 0, 5, RANDOM_UNIFORM_SLOTS, 0, nullptr, 0},
    {"RANDOM_NORMAL", false, 8, 0, 6, RANDOM_NORMAL_SLOTS, 0, nullptr, 0},
    {"RANDOM_LOG_NORMAL", false, 7, 0, 5, RANDOM_LOG_NORMAL_SLOTS, 0, nullptr, 0},
    {"RANDOM_RATE", false, 6, 0, 4, RANDOM_RATE_SLOTS, 0, nullptr, 0},
    {"RANDOM_CAUCHY", false, 7, 0, 5, RANDOM_CAUCHY_SLOTS, 0, nullptr, 0},
    {"RANDOM_FROM_TO", false, 7, 0, 5, RANDOM_FROM_TO_SLOTS, 0, nullptr, 0},
    {"RANDOM_INT", false, 5, 0, 3, RANDOM_INT_SLOTS, 0, nullptr, 0},
    {"RANDOM_PERM", false, 5, 0, 3, RANDOM_PERM_SLOTS, 0, nullptr, 0},
    {"RANDOM_PROBABILITY", false, 6, 0, 4, RANDOM_PROBABILITY_SLOTS, 0, nullptr, 0},
    {"RANDOM_BERNOULLI_TENSOR", false, 7, 0, 4, RANDOM_BERNOULLI_TENSOR_SLOTS, 0, nullptr, 0},
    {"RANDOM_DROPOUT", false, 10, 0, 6, RANDOM_DROPOUT_SLOTS, 0, nullptr, 0},
    {"RANDOM_MULTINOMIAL", false, 9, 0, 6, RANDOM_MULTINOMIAL_SLOTS, 0, nullptr, 0},
    {"RANDOM_POISSON", false, 7, 0, 4, RANDOM_POISSON_SLOTS, 0, nullptr, 0},
    {"RANDOM_BINOMIAL", false, 9, 0, 5, RANDOM_BINOMIAL_SLOTS, 0, nullptr, 0},
    {"SGD_STEP", false, 14, 0, 11, SGD_STEP_SLOTS, 0, nullptr, 0},
    {"ADAM_STEP", false, 19, 0, 14, ADAM_STEP_SLOTS, 0, nullptr, 0},
    {"LSTM_CELL", false, 10, 0, 6, LSTM_CELL_SLOTS, 0, nullptr, 0},
    {"LSTM_CELL_BACKWARD", false, 16, 0, 9, LSTM_CELL_BACKWARD_SLOTS, 0, nullptr, 0},
    {"GRU_CELL", false, 12, 0, 7, GRU_CELL_SLOTS, 0, nullptr, 0},
    {"GRU_CELL_BACKWARD", false, 16, 0, 9, GRU_CELL_BACKWARD_SLOTS, 0, nullptr, 0},
};

}  // namespace tenzo
