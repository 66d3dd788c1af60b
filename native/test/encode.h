// Written by scripts/generate-commands.mjs from native/ops.def. Do not edit: run `npm run generate`.
// The payload of a command from its arguments, as TypeScript's encoders write it.
#pragma once
#include <cstring>
#include <vector>

#include "command/arguments.h"

namespace tenzo {

inline void put(std::vector<double>& p, const Memory& m) {
  p.push_back(static_cast<double>(reinterpret_cast<uintptr_t>(m.at)));
  p.push_back(static_cast<double>(m.bytes));
}
inline void put(std::vector<double>& p, int64_t bits) {
  double v;
  std::memcpy(&v, &bits, sizeof v);
  p.push_back(v);
}
inline void put(std::vector<double>& p, const Dims& v, int ndim) {
  for (int i = 0; i < ndim; i++) p.push_back(static_cast<double>(v[i]));
}

inline std::vector<double> encode(const ArangeArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.start.slot);
  p.push_back(a.step.slot);
  return p;
}

inline std::vector<double> encode(const LinspaceArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.start);
  p.push_back(a.end);
  return p;
}

inline std::vector<double> encode(const ReduceArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.a);
  p.push_back(a.param);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  put(p, a.outStrides, a.ndim);
  put(p, a.reduced, a.ndim);
  return p;
}

inline std::vector<double> encode(const ReduceMomentsArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.mean);
  put(p, a.a);
  p.push_back(a.param);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  put(p, a.outStrides, a.ndim);
  put(p, a.reduced, a.ndim);
  return p;
}

inline std::vector<double> encode(const ReduceExtremeArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.indices);
  put(p, a.a);
  p.push_back(a.param);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  put(p, a.outStrides, a.ndim);
  put(p, a.reduced, a.ndim);
  return p;
}

inline std::vector<double> encode(const ReduceCountArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.a);
  p.push_back(a.param);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  put(p, a.outStrides, a.ndim);
  put(p, a.reduced, a.ndim);
  return p;
}

inline std::vector<double> encode(const ReduceTruthArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.a);
  p.push_back(a.param);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  put(p, a.outStrides, a.ndim);
  put(p, a.reduced, a.ndim);
  return p;
}

inline std::vector<double> encode(const ScanArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.a);
  p.push_back(a.dim);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  put(p, a.outStrides, a.ndim);
  return p;
}

inline std::vector<double> encode(const ScanExtremeArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.indices);
  put(p, a.a);
  p.push_back(a.dim);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  put(p, a.outStrides, a.ndim);
  return p;
}

inline std::vector<double> encode(const ProdBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dy);
  put(p, a.x);
  put(p, a.y);
  p.push_back(static_cast<double>(a.outer));
  p.push_back(static_cast<double>(a.dim));
  p.push_back(static_cast<double>(a.inner));
  p.push_back(a.whole);
  return p;
}

inline std::vector<double> encode(const CumprodBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dy);
  put(p, a.x);
  put(p, a.y);
  p.push_back(static_cast<double>(a.outer));
  p.push_back(static_cast<double>(a.dim));
  p.push_back(static_cast<double>(a.inner));
  return p;
}

inline std::vector<double> encode(const MatmulArgs& a) {
  std::vector<double> p;
  p.push_back(static_cast<double>(a.m));
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.k));
  p.push_back(static_cast<double>(a.batch));
  put(p, a.a);
  p.push_back(static_cast<double>(a.aRow));
  p.push_back(static_cast<double>(a.aColumn));
  p.push_back(static_cast<double>(a.aBatch));
  put(p, a.b);
  p.push_back(static_cast<double>(a.bRow));
  p.push_back(static_cast<double>(a.bColumn));
  p.push_back(static_cast<double>(a.bBatch));
  put(p, a.c);
  p.push_back(static_cast<double>(a.cRow));
  p.push_back(static_cast<double>(a.cBatch));
  put(p, a.bias);
  p.push_back(static_cast<double>(a.biasRow));
  p.push_back(static_cast<double>(a.biasColumn));
  p.push_back(static_cast<double>(a.biasBatch));
  p.push_back(a.alpha);
  p.push_back(a.beta);
  p.push_back(a.relu);
  return p;
}

inline std::vector<double> encode(const ConvArgs& a) {
  std::vector<double> p;
  put(p, a.y);
  put(p, a.x);
  put(p, a.w);
  put(p, a.bias);
  p.push_back(static_cast<double>(a.batch));
  p.push_back(static_cast<double>(a.inChannels));
  p.push_back(static_cast<double>(a.outChannels));
  p.push_back(static_cast<double>(a.groups));
  for (const int64_t v : a.in) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.out) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.kernel) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.stride) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.padding) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.dilation) p.push_back(static_cast<double>(v));
  return p;
}

inline std::vector<double> encode(const ConvBackwardInputArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dy);
  put(p, a.w);
  put(p, a.bias);
  p.push_back(static_cast<double>(a.batch));
  p.push_back(static_cast<double>(a.inChannels));
  p.push_back(static_cast<double>(a.outChannels));
  p.push_back(static_cast<double>(a.groups));
  for (const int64_t v : a.in) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.out) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.kernel) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.stride) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.padding) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.dilation) p.push_back(static_cast<double>(v));
  return p;
}

inline std::vector<double> encode(const ConvBackwardWeightArgs& a) {
  std::vector<double> p;
  put(p, a.dw);
  put(p, a.x);
  put(p, a.dy);
  put(p, a.db);
  p.push_back(static_cast<double>(a.batch));
  p.push_back(static_cast<double>(a.inChannels));
  p.push_back(static_cast<double>(a.outChannels));
  p.push_back(static_cast<double>(a.groups));
  for (const int64_t v : a.in) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.out) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.kernel) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.stride) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.padding) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.dilation) p.push_back(static_cast<double>(v));
  return p;
}

inline std::vector<double> encode(const MaxPoolArgs& a) {
  std::vector<double> p;
  put(p, a.y);
  put(p, a.indices);
  put(p, a.x);
  p.push_back(static_cast<double>(a.planes));
  for (const int64_t v : a.in) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.out) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.kernel) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.stride) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.padding) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.dilation) p.push_back(static_cast<double>(v));
  return p;
}

inline std::vector<double> encode(const AdaptiveMaxPoolArgs& a) {
  std::vector<double> p;
  put(p, a.y);
  put(p, a.indices);
  put(p, a.x);
  p.push_back(static_cast<double>(a.planes));
  for (const int64_t v : a.in) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.out) p.push_back(static_cast<double>(v));
  return p;
}

inline std::vector<double> encode(const MaxPoolBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dy);
  put(p, a.indices);
  p.push_back(static_cast<double>(a.planes));
  p.push_back(static_cast<double>(a.inputs));
  p.push_back(static_cast<double>(a.outputs));
  return p;
}

inline std::vector<double> encode(const AvgPoolArgs& a) {
  std::vector<double> p;
  put(p, a.y);
  put(p, a.x);
  p.push_back(static_cast<double>(a.planes));
  for (const int64_t v : a.in) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.out) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.kernel) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.stride) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.padding) p.push_back(static_cast<double>(v));
  p.push_back(a.countPadding);
  p.push_back(static_cast<double>(a.divisor));
  return p;
}

inline std::vector<double> encode(const AvgPoolBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dy);
  p.push_back(static_cast<double>(a.planes));
  for (const int64_t v : a.in) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.out) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.kernel) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.stride) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.padding) p.push_back(static_cast<double>(v));
  p.push_back(a.countPadding);
  p.push_back(static_cast<double>(a.divisor));
  return p;
}

inline std::vector<double> encode(const AdaptiveAvgPoolArgs& a) {
  std::vector<double> p;
  put(p, a.y);
  put(p, a.x);
  p.push_back(static_cast<double>(a.planes));
  for (const int64_t v : a.in) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.out) p.push_back(static_cast<double>(v));
  return p;
}

inline std::vector<double> encode(const AdaptiveAvgPoolBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dy);
  p.push_back(static_cast<double>(a.planes));
  for (const int64_t v : a.in) p.push_back(static_cast<double>(v));
  for (const int64_t v : a.out) p.push_back(static_cast<double>(v));
  return p;
}

inline std::vector<double> encode(const SoftmaxArgs& a) {
  std::vector<double> p;
  put(p, a.y);
  put(p, a.x);
  p.push_back(static_cast<double>(a.outer));
  p.push_back(static_cast<double>(a.dim));
  p.push_back(static_cast<double>(a.inner));
  return p;
}

inline std::vector<double> encode(const SoftmaxBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dy);
  put(p, a.y);
  p.push_back(static_cast<double>(a.outer));
  p.push_back(static_cast<double>(a.dim));
  p.push_back(static_cast<double>(a.inner));
  return p;
}

inline std::vector<double> encode(const CrossEntropyArgs& a) {
  std::vector<double> p;
  put(p, a.loss);
  put(p, a.logits);
  put(p, a.target);
  put(p, a.weight);
  put(p, a.stats);
  put(p, a.totalWeight);
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.c));
  p.push_back(static_cast<double>(a.s));
  p.push_back(static_cast<double>(a.losses));
  p.push_back(static_cast<double>(a.reduction));
  p.push_back(static_cast<double>(a.ignoreIndex));
  p.push_back(a.labelSmoothing);
  return p;
}

inline std::vector<double> encode(const CrossEntropyBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dy);
  put(p, a.logits);
  put(p, a.target);
  put(p, a.weight);
  put(p, a.stats);
  put(p, a.totalWeight);
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.c));
  p.push_back(static_cast<double>(a.s));
  p.push_back(static_cast<double>(a.losses));
  p.push_back(static_cast<double>(a.reduction));
  p.push_back(static_cast<double>(a.ignoreIndex));
  p.push_back(a.labelSmoothing);
  return p;
}

inline std::vector<double> encode(const NllLossArgs& a) {
  std::vector<double> p;
  put(p, a.loss);
  put(p, a.logs);
  put(p, a.target);
  put(p, a.weight);
  put(p, a.totalWeight);
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.c));
  p.push_back(static_cast<double>(a.s));
  p.push_back(static_cast<double>(a.losses));
  p.push_back(static_cast<double>(a.reduction));
  p.push_back(static_cast<double>(a.ignoreIndex));
  return p;
}

inline std::vector<double> encode(const NllLossBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dy);
  put(p, a.target);
  put(p, a.weight);
  put(p, a.totalWeight);
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.c));
  p.push_back(static_cast<double>(a.s));
  p.push_back(static_cast<double>(a.losses));
  p.push_back(static_cast<double>(a.reduction));
  p.push_back(static_cast<double>(a.ignoreIndex));
  return p;
}

inline std::vector<double> encode(const CtcLossArgs& a) {
  std::vector<double> p;
  put(p, a.loss);
  put(p, a.alpha);
  put(p, a.logs);
  put(p, a.targets);
  put(p, a.inputLengths);
  put(p, a.targetLengths);
  p.push_back(static_cast<double>(a.t));
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.c));
  p.push_back(static_cast<double>(a.s));
  p.push_back(static_cast<double>(a.targetStride));
  p.push_back(static_cast<double>(a.blank));
  p.push_back(static_cast<double>(a.labels));
  return p;
}

inline std::vector<double> encode(const CtcLossBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dy);
  put(p, a.alpha);
  put(p, a.loss);
  put(p, a.logs);
  put(p, a.targets);
  put(p, a.inputLengths);
  put(p, a.targetLengths);
  p.push_back(static_cast<double>(a.t));
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.c));
  p.push_back(static_cast<double>(a.s));
  p.push_back(static_cast<double>(a.targetStride));
  p.push_back(static_cast<double>(a.blank));
  p.push_back(static_cast<double>(a.labels));
  p.push_back(a.zeroInfinity);
  return p;
}

inline std::vector<double> encode(const BatchNormArgs& a) {
  std::vector<double> p;
  put(p, a.y);
  put(p, a.x);
  put(p, a.weight);
  put(p, a.bias);
  put(p, a.runningMean);
  put(p, a.runningVar);
  put(p, a.mean);
  put(p, a.invstd);
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.c));
  p.push_back(static_cast<double>(a.s));
  p.push_back(a.training);
  p.push_back(a.momentum);
  p.push_back(a.eps);
  return p;
}

inline std::vector<double> encode(const BatchNormBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dw);
  put(p, a.db);
  put(p, a.dy);
  put(p, a.x);
  put(p, a.weight);
  put(p, a.mean);
  put(p, a.spread);
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.c));
  p.push_back(static_cast<double>(a.s));
  p.push_back(a.training);
  p.push_back(a.eps);
  return p;
}

inline std::vector<double> encode(const LayerNormArgs& a) {
  std::vector<double> p;
  put(p, a.y);
  put(p, a.x);
  put(p, a.weight);
  put(p, a.bias);
  put(p, a.mean);
  put(p, a.rstd);
  p.push_back(static_cast<double>(a.rows));
  p.push_back(static_cast<double>(a.columns));
  p.push_back(a.eps);
  return p;
}

inline std::vector<double> encode(const LayerNormBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dw);
  put(p, a.db);
  put(p, a.dy);
  put(p, a.x);
  put(p, a.weight);
  put(p, a.mean);
  put(p, a.rstd);
  p.push_back(static_cast<double>(a.rows));
  p.push_back(static_cast<double>(a.columns));
  return p;
}

inline std::vector<double> encode(const GroupNormArgs& a) {
  std::vector<double> p;
  put(p, a.y);
  put(p, a.x);
  put(p, a.weight);
  put(p, a.bias);
  put(p, a.mean);
  put(p, a.rstd);
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.c));
  p.push_back(static_cast<double>(a.s));
  p.push_back(static_cast<double>(a.groups));
  p.push_back(a.eps);
  return p;
}

inline std::vector<double> encode(const GroupNormBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dx);
  put(p, a.dw);
  put(p, a.db);
  put(p, a.dy);
  put(p, a.x);
  put(p, a.weight);
  put(p, a.mean);
  put(p, a.rstd);
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.c));
  p.push_back(static_cast<double>(a.s));
  p.push_back(static_cast<double>(a.groups));
  return p;
}

inline std::vector<double> encode(const IndexArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.a);
  p.push_back(a.wrap);
  p.push_back(a.ndim);
  p.push_back(a.indicesCount);
  put(p, a.sizes, a.ndim);
  put(p, a.outStrides, a.ndim);
  put(p, a.strides, a.ndim);
  for (int k = 0; k < a.indicesCount; k++) {
    const auto& x = a.indices[k];
    put(p, x.index);
    p.push_back(static_cast<double>(x.size));
    p.push_back(static_cast<double>(x.stride));
    put(p, x.indexStrides, a.ndim);
  }
  return p;
}

inline std::vector<double> encode(const IndexPutArgs& a) {
  std::vector<double> p;
  put(p, a.self);
  put(p, a.values);
  p.push_back(a.wrap);
  p.push_back(static_cast<double>(a.mode));
  p.push_back(a.alpha);
  p.push_back(a.skip);
  p.push_back(a.ndim);
  p.push_back(a.indicesCount);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  put(p, a.valueStrides, a.ndim);
  for (int k = 0; k < a.indicesCount; k++) {
    const auto& x = a.indices[k];
    put(p, x.index);
    p.push_back(static_cast<double>(x.size));
    p.push_back(static_cast<double>(x.stride));
    put(p, x.indexStrides, a.ndim);
  }
  return p;
}

inline std::vector<double> encode(const NonzeroArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.a);
  p.push_back(static_cast<double>(a.capacity));
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  return p;
}

inline std::vector<double> encode(const MaskedSelectArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.a);
  put(p, a.mask);
  p.push_back(static_cast<double>(a.capacity));
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  put(p, a.maskStrides, a.ndim);
  return p;
}

inline std::vector<double> encode(const MaskedScatterArgs& a) {
  std::vector<double> p;
  put(p, a.self);
  put(p, a.mask);
  put(p, a.source);
  p.push_back(static_cast<double>(a.length));
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  put(p, a.maskStrides, a.ndim);
  return p;
}

inline std::vector<double> encode(const TriangleArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.a);
  p.push_back(static_cast<double>(a.diagonal));
  p.push_back(a.upper);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.outStrides, a.ndim);
  put(p, a.strides, a.ndim);
  return p;
}

inline std::vector<double> encode(const SearchsortedArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.values);
  put(p, a.boundaries);
  put(p, a.sorter);
  p.push_back(static_cast<double>(a.rows));
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.m));
  p.push_back(static_cast<double>(a.rowStep));
  p.push_back(a.right);
  return p;
}

inline std::vector<double> encode(const SortArgs& a) {
  std::vector<double> p;
  put(p, a.values);
  put(p, a.indices);
  put(p, a.a);
  p.push_back(a.dim);
  p.push_back(a.descending);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.outStrides, a.ndim);
  put(p, a.strides, a.ndim);
  return p;
}

inline std::vector<double> encode(const TopkArgs& a) {
  std::vector<double> p;
  put(p, a.values);
  put(p, a.indices);
  put(p, a.a);
  p.push_back(a.dim);
  p.push_back(static_cast<double>(a.k));
  p.push_back(a.largest);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.outStrides, a.ndim);
  put(p, a.strides, a.ndim);
  return p;
}

inline std::vector<double> encode(const UniqueArgs& a) {
  std::vector<double> p;
  put(p, a.firsts);
  put(p, a.inverse);
  put(p, a.counts);
  put(p, a.groups);
  put(p, a.a);
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.width));
  p.push_back(a.sorted);
  return p;
}

inline std::vector<double> encode(const ModeArgs& a) {
  std::vector<double> p;
  put(p, a.indices);
  put(p, a.a);
  p.push_back(a.dim);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.outStrides, a.ndim);
  put(p, a.strides, a.ndim);
  return p;
}

inline std::vector<double> encode(const RepeatInterleaveArgs& a) {
  std::vector<double> p;
  put(p, a.out);
  put(p, a.counts);
  p.push_back(static_cast<double>(a.n));
  p.push_back(static_cast<double>(a.step));
  p.push_back(static_cast<double>(a.total));
  return p;
}

inline std::vector<double> encode(const CheckRangeArgs& a) {
  std::vector<double> p;
  put(p, a.a);
  p.push_back(a.low);
  p.push_back(a.high);
  p.push_back(a.nan);
  p.push_back(a.ndim);
  put(p, a.sizes, a.ndim);
  put(p, a.strides, a.ndim);
  return p;
}

inline std::vector<double> encode(const GeneratorSeedArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.seed);
  return p;
}

inline std::vector<double> encode(const RandomUniformArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.from);
  p.push_back(a.to);
  return p;
}

inline std::vector<double> encode(const RandomNormalArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.mean);
  p.push_back(a.std);
  p.push_back(a.grouped);
  return p;
}

inline std::vector<double> encode(const RandomLogNormalArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.mean);
  p.push_back(a.std);
  return p;
}

inline std::vector<double> encode(const RandomRateArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.rate);
  return p;
}

inline std::vector<double> encode(const RandomCauchyArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.median);
  p.push_back(a.sigma);
  return p;
}

inline std::vector<double> encode(const RandomFromToArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  put(p, a.base);
  put(p, a.range);
  return p;
}

inline std::vector<double> encode(const RandomIntArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  return p;
}

inline std::vector<double> encode(const RandomPermArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  return p;
}

inline std::vector<double> encode(const RandomProbabilityArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.p);
  return p;
}

inline std::vector<double> encode(const RandomBernoulliTensorArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  put(p, a.probabilities);
  p.push_back(static_cast<double>(a.n));
  return p;
}

inline std::vector<double> encode(const RandomDropoutArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.noise);
  put(p, a.out);
  put(p, a.a);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.p);
  return p;
}

inline std::vector<double> encode(const RandomMultinomialArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  put(p, a.probabilities);
  p.push_back(static_cast<double>(a.rows));
  p.push_back(static_cast<double>(a.categories));
  p.push_back(static_cast<double>(a.samples));
  return p;
}

inline std::vector<double> encode(const RandomPoissonArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  put(p, a.rates);
  p.push_back(static_cast<double>(a.n));
  return p;
}

inline std::vector<double> encode(const RandomBinomialArgs& a) {
  std::vector<double> p;
  put(p, a.state);
  put(p, a.out);
  put(p, a.counts);
  put(p, a.probabilities);
  p.push_back(static_cast<double>(a.n));
  return p;
}

inline std::vector<double> encode(const SgdStepArgs& a) {
  std::vector<double> p;
  put(p, a.param);
  put(p, a.grad);
  put(p, a.buffer);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.lr);
  p.push_back(a.momentum);
  p.push_back(a.dampening);
  p.push_back(a.weightDecay);
  p.push_back(a.nesterov);
  p.push_back(a.maximize);
  p.push_back(a.first);
  return p;
}

inline std::vector<double> encode(const AdamStepArgs& a) {
  std::vector<double> p;
  put(p, a.param);
  put(p, a.grad);
  put(p, a.expAvg);
  put(p, a.expAvgSq);
  put(p, a.maxExpAvgSq);
  p.push_back(static_cast<double>(a.n));
  p.push_back(a.lr);
  p.push_back(a.beta1);
  p.push_back(a.beta2);
  p.push_back(a.eps);
  p.push_back(a.weightDecay);
  p.push_back(a.decoupled);
  p.push_back(a.maximize);
  p.push_back(a.step);
  return p;
}

inline std::vector<double> encode(const LstmCellArgs& a) {
  std::vector<double> p;
  put(p, a.gates);
  put(p, a.before);
  put(p, a.cell);
  put(p, a.hidden);
  p.push_back(static_cast<double>(a.rows));
  p.push_back(static_cast<double>(a.h));
  return p;
}

inline std::vector<double> encode(const LstmCellBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dGates);
  put(p, a.gates);
  put(p, a.before);
  put(p, a.cell);
  put(p, a.dHidden);
  put(p, a.dCell);
  put(p, a.dBefore);
  p.push_back(static_cast<double>(a.rows));
  p.push_back(static_cast<double>(a.h));
  return p;
}

inline std::vector<double> encode(const GruCellArgs& a) {
  std::vector<double> p;
  put(p, a.gates);
  put(p, a.stateGates);
  put(p, a.kept);
  put(p, a.before);
  put(p, a.hidden);
  p.push_back(static_cast<double>(a.rows));
  p.push_back(static_cast<double>(a.h));
  return p;
}

inline std::vector<double> encode(const GruCellBackwardArgs& a) {
  std::vector<double> p;
  put(p, a.dGates);
  put(p, a.dStateGates);
  put(p, a.gates);
  put(p, a.kept);
  put(p, a.before);
  put(p, a.dHidden);
  put(p, a.dBefore);
  p.push_back(static_cast<double>(a.rows));
  p.push_back(static_cast<double>(a.h));
  return p;
}

}  // namespace tenzo
