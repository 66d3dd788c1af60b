/** Gradients to check where samples do not lead: several values of an option, zeros among factors, changes in place. By operation. */
import * as tenzo from 'tenzo'
import { cat, stack, tensor, where } from 'tenzo'
import { type GradientCase, values } from '../helpers/values'

const x23 = (low?: number, high?: number, seed?: number) => values([2, 3], low, high, seed)
const zeros23 = () => tensor([0, 2, 0, 0.5, 0, -1], 'float64').reshape([2, 3]).clone().requiresGrad_()
const i64 = (v: number[], shape?: number[]) => tensor(v.map(BigInt)).reshape(shape ?? [v.length])
const square = () => values([3, 3])
const mask = tensor([
  [true, false, true],
  [false, true, true],
])

export const CASES: Record<string, GradientCase[]> = {
  gelu: [
    [(x) => x.gelu(), [x23()]],
    [(x) => x.gelu({ approximate: 'tanh' }), [x23()]],
  ],
  add: [[(x, y) => x.add(y, { alpha: 2 }), [x23(), values([3], -2, 2, 7)]]],
  sub: [
    [(x, y) => x.sub(y, { alpha: 3 }), [x23(), values([2, 1], -2, 2, 7)]],
    [(x) => tenzo.sub(1, x), [x23()]],
  ],
  rsub: [[(x, y) => tenzo.rsub(x, y), [x23(), x23(-2, 2, 4)]]],
  round: [[(x) => x.round({ decimals: 1 }).add(x), [values([2, 3], 0.51, 0.54)]]],
  where: [[(x, y) => where(mask, x, y), [x23(), values([3])]]],
  // Of numbers; of tensors there are samples.
  pow: [0, 1, 2, 3, 0.5, -0.5, -1, -2, 1.5].map((e) => [(x) => x.pow(e).add(x), [x23(0.3, 2)]]),
  'special.xlog1py': [
    [(x) => tenzo.special.xlog1py(x, 0.7), [x23()]],
    [(y) => tenzo.special.xlog1py(0.7, y), [x23(-0.7, 2)]],
  ],
  clamp: [
    [(x) => x.clamp(-0.5, 0.7), [x23()]],
    [(x, lo, hi) => x.clamp(lo, hi), [x23(), values([3], -1, -0.5), values([3], 0.5, 1)]],
  ],
  lerp: [
    [(x, y) => x.lerp(y, 0.3), [x23(), x23(-2, 2, 4)]],
    [(x, y, w) => x.lerp(y, w), [x23(), x23(-2, 2, 4), x23(0, 1, 9)]],
  ],
  addcmul: [[(x, a, b) => x.addcmul(a, b, { value: 0.5 }), [x23(), x23(-2, 2, 4), values([3])]]],
  addcdiv: [[(x, a, b) => x.addcdiv(a, b, { value: 0.5 }), [x23(), x23(-2, 2, 4), values([3], 0.5, 2)]]],
  logit: [[(x) => x.logit(), [x23(0.1, 0.9)]]],
  nanToNum: [[(x) => x.nanToNum(), [x23()]]],
  deg2rad: [[(x) => x.deg2rad(), [x23()]]],
  rad2deg: [[(x) => x.rad2deg(), [x23()]]],
  positive: [[(x) => x.positive().mul(2), [x23()]]],
  view: [[(x) => x.view([3, 2]).mul(x.view([3, 2])), [x23()]]],
  reshape: [[(x) => x.t().reshape([2, 3]).mul(x), [x23()]]],
  viewAs: [[(x) => x.viewAs(tenzo.zeros([6])).square(), [x23()]]],
  reshapeAs: [[(x) => x.reshapeAs(tenzo.zeros([6])).square(), [x23()]]],
  permute: [[(x) => x.permute([2, 0, 1]).square(), [values([2, 3, 2])]]],
  transpose: [[(x) => x.transpose(0, 1).square(), [x23()]]],
  t: [[(x) => x.t().square(), [x23()]]],
  adjoint: [[(x) => x.adjoint().square(), [x23()]]],
  movedim: [[(x) => x.movedim(0, 2).square(), [values([2, 3, 2])]]],
  squeeze: [
    [(x) => x.squeeze().square(), [values([2, 1, 3])]],
    [(x) => x.squeeze(1).square(), [values([2, 1, 3])]],
  ],
  unsqueeze: [[(x) => x.unsqueeze(1).square(), [x23()]]],
  expand: [[(x) => x.expand([4, 2, 3]).square(), [x23()]]],
  expandAs: [[(x) => x.expandAs(tenzo.zeros([4, 2, 3])).square(), [x23()]]],
  broadcastTo: [[(x) => x.broadcastTo([4, 2, 3]).square(), [x23()]]],
  narrow: [[(x) => x.narrow(1, 1, 2).square(), [x23()]]],
  select: [[(x) => x.select(1, -1).square(), [x23()]]],
  flatten: [[(x) => x.flatten().square(), [x23()]]],
  unflatten: [[(x) => x.unflatten(1, [3, 1]).square(), [x23()]]],
  ravel: [[(x) => x.ravel().square(), [x23()]]],
  asStrided: [[(x) => x.asStrided([2, 2], [1, 2]).square(), [x23()]]],
  diagonal: [[(x) => x.diagonal(1).square(), [x23()]]],
  unfold: [[(x) => x.unfold(1, 2, 1).square(), [x23()]]],
  split: [[(x) => x.square().split(2, 1), [x23()]]],
  chunk: [[(x) => x.square().chunk(2, 1), [x23()]]],
  tensorSplit: [[(x) => x.square().tensorSplit(2, 1), [x23()]]],
  unbind: [[(x) => x.square().unbind(1), [x23()]]],
  cat: [[(x, y) => cat([x, y.square()], 1), [x23(), values([2, 2])]]],
  stack: [[(x, y) => stack([x, y.square()], 1), [x23(), x23(-2, 2, 3)]]],
  hstack: [[(x, y) => tenzo.hstack([x, y.square()]), [x23(), values([2, 2])]]],
  vstack: [[(x, y) => tenzo.vstack([x, y.square()]), [x23(), values([1, 3])]]],
  repeat: [[(x) => x.repeat([2, 2]).square(), [x23()]]],
  tile: [[(x) => x.tile([2]).square(), [x23()]]],
  clone: [[(x) => x.clone().square(), [x23()]]],
  contiguous: [[(x) => x.t().contiguous().square(), [x23()]]],
  to: [[(x) => x.to('float64', { copy: true }).square(), [x23()]]],
  typeAs: [[(x) => x.square().typeAs(x), [x23()]]],
  double: [[(x) => x.square().double(), [x23()]]],
  copy_: [[(x, y) => x.clone().copy_(y).mul(x), [x23(), values([3])]]],
  fill_: [[(x, y) => x.clone().fill_(y).mul(x), [x23(), values([])]]],
  zero_: [[(x) => x.clone().zero_().add(x), [x23()]]],
  flip: [[(x) => x.flip([0, 1]).square(), [x23()]]],
  fliplr: [[(x) => x.fliplr().square(), [x23()]]],
  flipud: [[(x) => x.flipud().square(), [x23()]]],
  roll: [
    [(x) => x.roll(1, 1).square(), [x23()]],
    [(x) => x.roll([1, 2], [0, 1]).square(), [x23()]],
  ],
  rot90: [[(x) => x.rot90(1).square(), [x23()]]],
  sum: [
    [(x) => x.sum().square(), [x23()]],
    [(x) => x.sum(1, { keepdim: true }).square(), [x23()]],
    [(x) => x.sum([0, 1]), [x23()]],
  ],
  nansum: [[(x) => x.nansum(0).square(), [x23()]]],
  sumToSize: [[(x) => x.sumToSize([2, 1]).square(), [x23()]]],
  mean: [
    [(x) => x.mean().square(), [x23()]],
    [(x) => x.mean(0).square(), [x23()]],
  ],
  nanmean: [[(x) => x.nanmean(0).square(), [x23()]]],
  prod: [
    [(x) => x.prod(), [x23()]],
    [(x) => x.prod(1), [x23()]],
    [(x) => x.mul(tensor([1, 0, 1], 'float64')).prod(1), [x23()]],
    [(x) => x.mul(tensor([0, 0, 1], 'float64')).prod(), [x23()]],
    [(x) => x.prod(1), [zeros23()]],
    [(x) => x.prod(), [zeros23()]],
  ],
  amax: [[(x) => x.amax(1).square(), [x23()]]],
  amin: [[(x) => x.amin([0, 1]).square(), [x23()]]],
  aminmax: [[(x) => Object.values(x.aminmax({ dim: 1 })), [x23()]]],
  max: [
    [(x) => x.max().square(), [x23()]],
    [(x) => x.max(1).values.square(), [x23()]],
  ],
  min: [
    [(x) => x.min().square(), [x23()]],
    [(x) => x.min(0).values.square(), [x23()]],
  ],
  var: [
    [(x) => x.var(), [x23()]],
    [(x) => x.var(1, { correction: 0, keepdim: true }).square(), [x23()]],
  ],
  std: [
    [(x) => x.std(), [x23()]],
    [(x) => x.std(1).square(), [x23()]],
  ],
  varMean: [[(x) => x.varMean(1), [x23()]]],
  stdMean: [[(x) => x.stdMean(1), [x23()]]],
  norm: [2, 1, 3, 1.5, Infinity].map((p): GradientCase => [(x) => x.norm(p, { dim: 1 }), [x23()]]),
  dist: [[(x, y) => x.dist(y), [x23(), x23(-2, 2, 5)]]],
  logsumexp: [[(x) => x.logsumexp(1).square(), [x23()]]],
  cumsum: [[(x) => x.cumsum(1).square(), [x23()]]],
  cumprod: [
    [(x) => x.cumprod(1), [x23()]],
    [(x) => x.mul(tensor([1, 0, 1], 'float64')).cumprod(1), [x23()]],
    [(x) => x.cumprod(1), [zeros23()]],
    [(x) => x.cumprod(0), [zeros23()]],
  ],
  logcumsumexp: [[(x) => x.logcumsumexp(1).square(), [x23()]]],
  cummax: [[(x) => x.cummax(1).values.square(), [x23()]]],
  cummin: [[(x) => x.cummin(1).values.square(), [x23()]]],
  diff: [[(x) => x.diff().square(), [x23()]]],
  mm: [[(x, y) => x.mm(y), [x23(), values([3, 2])]]],
  bmm: [[(x, y) => x.bmm(y), [values([2, 2, 3]), values([2, 3, 2])]]],
  mv: [[(x, y) => x.mv(y), [x23(), values([3])]]],
  dot: [[(x, y) => x.dot(y), [values([3]), values([3], -2, 2, 4)]]],
  outer: [[(x, y) => x.outer(y), [values([3]), values([2], -2, 2, 4)]]],
  matmul: [
    [(x, y) => x.matmul(y), [values([2, 2, 3]), values([3, 2])]],
    [(x, y) => x.matmul(y), [values([2, 1, 2, 3]), values([2, 3, 2])]],
    [(x, y) => x.matmul(y), [values([3]), values([2, 3, 2])]],
    [(x, y) => x.matmul(y), [values([2, 2, 3]), values([3])]],
  ],
  addmm: [[(b, x, y) => b.addmm(x, y, { beta: 0.5, alpha: 2 }), [values([2]), x23(), values([3, 2])]]],
  addmm_: [[(b, x, y) => b.clone().addmm_(x, y), [values([2, 2]), x23(), values([3, 2])]]],
  baddbmm: [[(b, x, y) => b.baddbmm(x, y, { alpha: 2 }), [values([2]), values([2, 2, 3]), values([2, 3, 2])]]],
  baddbmm_: [[(b, x, y) => b.clone().baddbmm_(x, y), [values([2, 2, 2]), values([2, 2, 3]), values([2, 3, 2])]]],
  addbmm: [[(b, x, y) => b.addbmm(x, y), [values([2, 2]), values([2, 2, 3]), values([2, 3, 2])]]],
  addbmm_: [[(b, x, y) => b.clone().addbmm_(x, y), [values([2, 2]), values([2, 2, 3]), values([2, 3, 2])]]],
  addmv_: [[(b, x, y) => b.clone().addmv_(x, y), [values([2]), x23(), values([3])]]],
  addr_: [[(b, x, y) => b.clone().addr_(x, y), [x23(), values([2]), values([3])]]],
  addmv: [[(b, x, y) => b.addmv(x, y), [values([2]), x23(), values([3])]]],
  addr: [[(b, x, y) => b.addr(x, y, { beta: 2 }), [x23(), values([2]), values([3])]]],
  'nn.functional.linear': [
    [(x, w, b) => x.linear(w, b), [x23(), values([4, 3]), values([4])]],
    [(x, w, b) => x.linear(w, b), [values([2, 2, 3]), values([4, 3]), values([4])]],
    [(x, w, b) => x.linear(w, b), [values([3]), values([4, 3]), values([4])]],
    [(x, w) => x.linear(w), [x23(), values([4, 3])]],
  ],
  chainMatmul: [[(x, y, z) => tenzo.chainMatmul(x, y, z), [x23(), values([3, 2]), values([2, 2])]]],
  at: [
    [(x) => x.at('...', tenzo.slice(0, 3, 2)).square(), [x23()]],
    [(x) => x.at(tensor([1n, 0n, 1n])).square(), [x23()]],
    [(x) => x.at(mask).square(), [x23()]],
    [(x) => x.at('...', null, tensor([2n, 0n])).square(), [x23()]],
  ],
  index: [[(x) => tenzo.index(x, [null, i64([2, 0, 2])]).square(), [x23()]]],
  set: [
    [
      (x, v) =>
        x
          .clone()
          .set([tenzo.slice(0, 1), 1], v.sum())
          .square(),
      [x23(), values([3])],
    ],
  ],
  indexPut: [
    [(x, v) => x.indexPut([i64([1, 0])], v), [x23(), x23(-2, 2, 3)]],
    [(x, v) => x.indexPut([i64([1, 1])], v, { accumulate: true }), [x23(), x23(-2, 2, 3)]],
  ],
  indexPut_: [
    [
      (x, v) =>
        x
          .clone()
          .indexPut_([i64([1, 0])], v)
          .mul(x),
      [x23(), x23(-2, 2, 3)],
    ],
  ],
  gather: [[(x) => x.gather(1, i64([0, 2, 2, 1], [2, 2])).square(), [x23()]]],
  takeAlongDim: [[(x) => x.takeAlongDim(i64([0, 2, 2, 1], [2, 2]), 1).square(), [x23()]]],
  scatter: [[(x, s) => x.scatter(1, i64([0, 2, 2, 1], [2, 2]).narrow(1, 0, 1), s), [x23(), values([2, 1])]]],
  scatter_: [
    [
      (x, s) =>
        x
          .clone()
          .scatter_(1, i64([0, 2], [2, 1]), s)
          .mul(x),
      [x23(), values([2, 1])],
    ],
  ],
  scatterAdd: [[(x, s) => x.scatterAdd(1, i64([0, 2, 2, 1], [2, 2]), s), [x23(), values([2, 2])]]],
  scatterAdd_: [
    [
      (x, s) =>
        x
          .clone()
          .scatterAdd_(1, i64([0, 2, 2, 1], [2, 2]), s)
          .mul(x),
      [x23(), values([2, 2])],
    ],
  ],
  scatterReduce: (['sum', 'mean', 'prod', 'amax', 'amin'] as const).flatMap((r): GradientCase[] =>
    [true, false].map((includeSelf) => [
      (x, s) => x.scatterReduce(1, i64([0, 2, 2, 1], [2, 2]), s, r, { includeSelf }),
      [x23(0.3, 2), values([2, 2], 0.4, 1.9, 6)],
    ]),
  ),
  indexReduce: (['prod', 'mean', 'amax', 'amin'] as const).map(
    (r): GradientCase => [(x, s) => x.indexReduce(1, i64([0, 2]), s, r), [x23(0.3, 2), values([2, 2], 0.4, 1.9, 6)]],
  ),
  indexReduce_: [
    [
      (x, s) =>
        x
          .clone()
          .indexReduce_(1, i64([0, 2]), s, 'mean')
          .mul(x),
      [x23(), values([2, 2])],
    ],
  ],
  put: [[(x, s) => x.put(i64([0, 4]), s), [x23(), values([2])]]],
  put_: [
    [
      (x, s) =>
        x
          .clone()
          .put_(i64([0, 4]), s, { accumulate: true })
          .mul(x),
      [x23(), values([2])],
    ],
  ],
  indexSelect: [[(x) => x.indexSelect(1, i64([2, 0, 2])).square(), [x23()]]],
  indexAdd: [[(x, s) => x.indexAdd(1, i64([2, 0]), s, { alpha: 2 }), [x23(), values([2, 2])]]],
  indexAdd_: [
    [
      (x, s) =>
        x
          .clone()
          .indexAdd_(1, i64([2, 0]), s)
          .mul(x),
      [x23(), values([2, 2])],
    ],
  ],
  indexCopy: [[(x, s) => x.indexCopy(1, i64([2, 0]), s), [x23(), values([2, 2])]]],
  indexCopy_: [
    [
      (x, s) =>
        x
          .clone()
          .indexCopy_(1, i64([2, 0]), s)
          .mul(x),
      [x23(), values([2, 2])],
    ],
  ],
  indexFill: [[(x, v) => x.indexFill(1, i64([2, 0]), v), [x23(), values([])]]],
  indexFill_: [
    [
      (x, v) =>
        x
          .clone()
          .indexFill_(1, i64([2, 0]), v)
          .mul(x),
      [x23(), values([])],
    ],
  ],
  take: [[(x) => x.take(i64([5, 0, 5])).square(), [x23()]]],
  maskedFill: [[(x, v) => x.maskedFill(mask, v), [x23(), values([])]]],
  maskedFill_: [[(x) => x.clone().maskedFill_(mask, 3).mul(x), [x23()]]],
  maskedSelect: [[(x) => x.maskedSelect(mask).square(), [x23()]]],
  maskedScatter: [[(x, s) => x.maskedScatter(mask, s), [x23(), values([6])]]],
  maskedScatter_: [[(x, s) => x.clone().maskedScatter_(mask, s).mul(x), [x23(), values([6])]]],
  tril: [[(x) => x.tril().square(), [square()]]],
  triu: [[(x) => x.triu(1).square(), [square()]]],
  tril_: [[(x) => x.clone().tril_().mul(x), [square()]]],
  triu_: [[(x) => x.clone().triu_().mul(x), [square()]]],
  diag: [
    [(x) => x.diag(), [values([3])]],
    [(x) => x.diag().square(), [square()]],
  ],
  diagEmbed: [[(x) => x.diagEmbed({ offset: 1 }), [x23()]]],
  trace: [[(x) => x.trace().square(), [square()]]],
  sort: [[(x) => x.sort().values.mul(tensor([1, 2, 3], 'float64')), [x23()]]],
  msort: [[(x) => x.msort().square(), [x23()]]],
  topk: [[(x) => x.topk(2).values.square(), [x23()]]],
  kthvalue: [[(x) => x.kthvalue(2).values.square(), [x23()]]],
  median: [
    [(x) => x.median(1).values.square(), [x23()]],
    [(x) => x.median().square(), [x23()]],
    [(x) => x.nanmedian().square(), [x23()]],
  ],
  softmax: [
    [(x) => x.softmax(1).square(), [x23()]],
    [(x) => x.softmax(0), [x23()]],
  ],
  logSoftmax: [
    [(x) => x.logSoftmax(1).square(), [x23()]],
    [(x) => x.logSoftmax(0), [x23()]],
  ],
  softmin: [[(x) => x.softmin(1), [x23()]]],
  scatterReduce_: [
    [
      (x, s) =>
        x
          .clone()
          .scatterReduce_(1, i64([0, 2, 2, 1], [2, 2]), s, 'sum')
          .mul(x),
      [x23(), values([2, 2])],
    ],
  ],
  asTensor: [[(x) => tenzo.asTensor(x).square(), [x23()]]],
  renorm: [[(x) => x.renorm(2, 0, 1), [x23()]]],
  polygamma: [[(x) => tenzo.polygamma(1, x), [x23(0.5, 3)]]],
  'linalg.multiDot': [[(x, y, z) => tenzo.linalg.multiDot([x, y, z]), [x23(), values([3, 2]), values([2, 2])]]],
  'linalg.matrixNorm': ['fro' as const, 1, -1, Infinity].map(
    (p): GradientCase => [(x) => tenzo.linalg.matrixNorm(x, p), [x23()]],
  ),
  broadcastTensors: [[(x, y) => tenzo.broadcastTensors([x, y]), [x23(), values([3])]]],
  splitWithSizes: [[(x) => x.square().splitWithSizes([1, 2], 1), [x23()]]],
  vsplit: [[(x) => x.square().vsplit(2), [x23()]]],
  dsplit: [[(x) => x.square().dsplit([1]), [values([2, 1, 3])]]],
}
