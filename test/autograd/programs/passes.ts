/** Programs of backward, grad, leaves and modes: test/oracle/autograd_passes.py in TypeScript. */
import {
  autograd,
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  nn,
  noGrad,
  ones,
  setGradEnabled,
  slice,
  type Tensor,
  tensor,
} from 'tenzo'
import { leaf, type Log, messageOf, type Program } from './log'

const { backward, grad } = autograd

/** An error of anomaly mode: the first line is PyTorch's, the rest says where. */
const failsAnomalous = (log: Log, f: () => unknown): void => log(messageOf(f).split('\n')[0])

export const passes: Record<string, Program> = {
  backwardErrors(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    log.fails(() => y.backward())
    log.fails(() => y.backward(ones([3])))
    log.fails(() => y.backward(ones([2, 1])))
    log.fails(() => tensor([1]).backward())
    log.fails(() => backward([y.sum(), tensor(1)]))
    log.fails(() => backward([y.sum(), y], { gradient: [null, null] }))
    log.fails(() => backward([y, y.sum()], { gradient: [ones([2])] }))
    log.fails(() => backward([y.sum()], { gradient: [tensor(1), tensor(2)] }))
    log.fails(() => y.sum().backward({ inputs: [] }))
    log.fails(() => y.sum().backward({ inputs: tensor([1]) }))
    log.fails(() => backward([]))
    log(x.grad)
  },

  backwardTwice(log) {
    const x = leaf(1, 2)
    const y = x.mul(x).sum()
    y.backward()
    log.fails(() => y.backward())
    const z = x.add(x).sum()
    z.backward()
    log.fails(() => z.backward())
    log(x.grad)
    const w = x.mul(x).sum()
    w.backward({ retainGraph: true })
    w.backward()
    log(x.grad)
  },

  backwardTwicePartly(log) {
    const x = leaf(1, 2)
    const y = x.exp()
    y.sum().backward()
    log.fails(() => y.mul(2).sum().backward())
    log(x.grad)
  },

  backwardGradientDtype(log) {
    const x = leaf(1, 2)
    x.mul(2).backward(tensor([1, 10], { dtype: 'float64' }))
    log(x.grad)
    x.mul(2).backward(tensor([1n, 10n]))
    log(x.grad)
  },

  backwardSeveralRoots(log) {
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    backward([x.mul(y), x.add(y)], { gradient: [ones([2]), tensor([10, 100])] })
    log(x.grad, y.grad)
    const a = x.mul(y).sum()
    backward([a, a], { gradient: [null, null] })
    log(x.grad, y.grad)
    log.fails(() => backward([a, tensor(3)], { gradient: [null, tensor(1)] }))
  },

  backwardRootInside(log) {
    const x = leaf(1, 2)
    const a = x.mul(2)
    backward([a.sum(), a.mul(3).sum()])
    log(x.grad)
    backward([x, x.mul(2)], { gradient: [ones([2]), ones([2])] })
    log(x.grad)
  },

  backwardInputs(log) {
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    const a = x.mul(y)
    const b = a.mul(a)
    b.sum().backward({ inputs: [x], retainGraph: true })
    log(x.grad, y.grad, a.retainsGrad)
    b.sum().backward({ inputs: [a, y], retainGraph: true })
    log(x.grad, y.grad, a.grad, a.retainsGrad)
    b.sum().backward({ inputs: x })
    log(x.grad)
  },

  backwardInputsUnreached(log) {
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    x.mul(2)
      .sum()
      .backward({ inputs: [x, y] })
    log(x.grad, y.grad)
  },

  backwardInputsFreed(log) {
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    const b = y.exp()
    x.exp()
      .mul(b)
      .sum()
      .backward({ inputs: [x] })
    log(x.grad, y.grad)
    log.fails(() => b.mul(1).sum().backward())
    log(y.grad)
  },

  backwardCreateGraph(log) {
    const x = leaf(1, 2)
    x.pow(3).sum().backward({ createGraph: true })
    log(x.grad)
    const g = x.grad!
    x.grad = null
    g.sum().backward()
    log(x.grad)
  },

  backwardCreateGraphAdds(log) {
    for (const createGraph of [true, false]) {
      const x = leaf(2)
      x.pow(2).backward({ createGraph })
      const first = x.grad
      x.pow(3).backward({ createGraph })
      log(first, x.grad, first === x.grad)
    }
  },

  gradAccumulatesInPlace(log) {
    const x = leaf(1, 2)
    x.mul(2).sum().backward()
    const g = x.grad!
    const v = g._version
    x.mul(2).sum().backward()
    log(g, g === x.grad, g._version - v)
    x.grad = null
    x.mul(2).sum().backward()
    log(g, x.grad)
  },

  gradAssigned(log) {
    const x = leaf(1, 2)
    const assign = (v: Tensor) => () => {
      x.grad = v
    }
    log.fails(assign(ones([3])))
    log.fails(assign(ones([1, 2])))
    log.fails(assign(ones([2], { dtype: 'float64' })))
    log.fails(assign(x))
    x.grad = ones([2])
    log(x.grad)
    x.mul(2).sum().backward()
    log(x.grad)
    x.grad = ones([2], { requiresGrad: true }).mul(3)
    log(x.grad)
    const plain = tensor([1, 2])
    plain.grad = ones([2])
    log(plain.grad)
  },

  gradLayout(log) {
    const x = ones([2, 3]).t().requiresGrad_()
    x.mul(2).sum().backward()
    log(x.stride(), x.grad!.stride())
    const w = ones([3, 2], { requiresGrad: true })
    w.t()
      .mul(ones([2, 3]))
      .sum()
      .backward()
    log(w.grad!.stride())
    const e = ones([1, 3]).expand([2, 3]).detach().requiresGrad_()
    e.mul(2).sum().backward()
    log(e.grad!.stride())
    const s = ones([4, 6])
      .at('...', slice(null, null, 2))
      .detach()
      .requiresGrad_()
    s.mul(2).sum().backward()
    log(s.grad!.stride())
  },

  gradOfIntermediate(log) {
    const x = leaf(1, 2)
    x.mul(2).mul(3).sum().backward()
    log(x.grad)
    log(grad(x.mul(x).sum(), x))
  },

  gradErrors(log) {
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    const z = x.mul(2).sum()
    log.fails(() => grad(z, y))
    log.fails(() => grad(z, tensor([1])))
    log.fails(() => grad(z, []))
    log.fails(() => grad(x.mul(2), x))
    log.fails(() => grad(tensor(1), x))
    log.fails(() => grad(z, [x, y], { allowUnused: false, materializeGrads: true }))
    log.fails(() => grad(z, x, ones([2])))
    log.fails(() => grad([z, z], x, [ones([])]))
    log(grad(z, [x, y], { allowUnused: true }))
  },

  gradUnused(log) {
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    const z = () => x.mul(2).sum()
    log(grad(z(), [x, y], { allowUnused: true }))
    log(grad(z(), [x, y], { materializeGrads: true }))
    log(grad(z(), [x, y], { materializeGrads: true, createGraph: true }))
    log(grad(z(), [x.mul(1)], { allowUnused: true }))
  },

  gradSeveralOutputs(log) {
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    log(grad([x.mul(y), x.add(y)], [x, y], [ones([2]), tensor([10, 100])]))
    const a = x.mul(y).sum()
    log(grad([a, a.mul(2)], [x, y]))
  },

  gradOfOutputItself(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    log(grad(y, [y, x], tensor([1, 10])))
    log(grad(x, x, tensor([1, 10])))
    const z = leaf(3)
    log(grad(z, z))
    z.backward()
    log(z.grad)
  },

  gradSameInputTwice(log) {
    const x = leaf(1, 2)
    log(grad(x.mul(3).sum(), [x, x]))
  },

  gradOfDict(log) {
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    log(Object.entries(grad(x.mul(y).sum(), { x, y })))
  },

  gradBatched(log) {
    const x = leaf(1, 2)
    const seeds = tensor([
      [1, 0],
      [0, 1],
      [2, 3],
    ])
    log(grad(x.mul(x), x, seeds, { isGradsBatched: true }))
    log(grad(x.mul(x), x, seeds, { isGradsBatched: true, createGraph: true })[0]!.sum())
    log.fails(() => grad(x.mul(x), x, ones([2]), { isGradsBatched: true }))
  },

  gradKeepsLeafGrad(log) {
    const x = leaf(1, 2)
    x.mul(2).sum().backward()
    log(grad(x.mul(5).sum(), x), x.grad)
  },

  gradPartlyFreed(log) {
    const x = leaf(0, 1)
    const y = x.exp()
    const z = y.exp()
    log(grad(z.sum(), y))
    log(grad(y.sum(), x))
    log.fails(() => grad(z.sum(), y))
  },

  gradThirdOrder(log) {
    const x = leaf(2)
    let g = x.pow(5)
    for (let i = 0; i < 5; i++) {
      g = grad(g, x, { createGraph: true })[0]!
      log(g)
    }
    log.fails(() => grad(g, x))
  },

  gradIntegerOutput(log) {
    const x = leaf(1, 2)
    log.fails(() => x.long().sum().backward())
    log.fails(() => tensor([1n, 2n], { requiresGrad: true }))
    log.fails(() => tensor([true]).requiresGrad_())
    log.fails(() => grad(x.mul(2).sum(), tensor([1n])))
  },

  leaves(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    log(x.isLeaf, y.isLeaf, tensor(1n).isLeaf, y.detach().isLeaf, x.view([2, 1]).isLeaf)
    log.fails(() => y.requiresGrad_(false))
    y.requiresGrad_(true)
    log(y)
    log.fails(() => {
      y.requiresGrad = false
    })
    x.requiresGrad_(false)
    log(x, y)
    y.sum().backward()
    log(x.grad)
    const p = tensor([1])
    p.requiresGrad = true
    log(p, p.requiresGrad_() === p)
  },

  requiresGradOffInGraph(log) {
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    const z = x.mul(y).sum()
    x.requiresGrad_(false)
    z.backward()
    log(x.grad, y.grad)
  },

  detach(log) {
    const y = leaf(1, 2).mul(2)
    const d = y.detach()
    log(d, d.requiresGrad, d._isView, d.isLeaf)
    d.add_(1)
    log(y, y._version, d._version)
    const z = y.mul(y)
    d.add_(1)
    log.fails(() => z.sum().backward())
  },

  detachInPlace(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    log(y.detach_() === y, y, y.isLeaf)
    const v = x.mul(2).at(0)
    log.fails(() => v.detach_())
    x.detach_()
    log(x, x.requiresGrad)
    y.requiresGrad_()
    y.mul(3).sum().backward()
    log(y.grad)
  },

  data(log) {
    const x = leaf(1, 2)
    const z = x.mul(x)
    x.data.mul_(10)
    log(x, x._version)
    z.sum().backward()
    log(x.grad)
    x.data = tensor([7, 8, 9])
    log(x, x.grad)
    const y = x.mul(2)
    log(y.data, y.data.requiresGrad)
  },

  inPlaceOnLeaf(log) {
    const x = leaf(1, 2)
    log.fails(() => x.add_(1))
    log.fails(() => x.at(0).add_(1))
    log.fails(() => x.view([2, 1]).mul_(2))
    log.fails(() => x.set(0, 5))
    noGrad(() => {
      x.add_(1)
      x.set(0, 7)
    })
    log(x, x._version)
    const y = tensor([1, 2])
    y.add_(x)
    log(y, y.isLeaf)
    y.sum().backward()
    log(x.grad)
  },

  inPlaceSaved(log) {
    const fs: ((y: Tensor) => Tensor)[] = [
      (y) => y.exp(),
      (y) => y.mul(y),
      (y) => y.sigmoid(),
      (y) => y.pow(2),
      (y) => y.tanh(),
      (y) => y.sqrt(),
    ]
    for (const f of fs) {
      const x = leaf(1, 2)
      const y = x.mul(1)
      const z = f(y)
      y.add_(1)
      log.fails(() => z.sum().backward())
      const w = f(x.mul(1))
      w.add_(1)
      log.fails(() => w.sum().backward())
    }
  },

  inPlaceMatmulOperand(log) {
    const a = ones([2, 3], { requiresGrad: true }).mul(1)
    const z = a.mm(ones([3, 4], { requiresGrad: true }))
    a.mul_(2)
    log.fails(() => z.sum().backward())
  },

  inPlaceViewSaved(log) {
    const x = ones([2, 3], { requiresGrad: true })
    const y = x.mul(1)
    const v = y.at(0)
    const z = v.mul(v)
    y.mul_(2)
    log.fails(() => z.sum().backward())
    const w = x.mul(1)
    const flat = w.view([6])
    const q = w.mul(w)
    flat.set(0, 5)
    log.fails(() => q.sum().backward())
  },

  modes(log) {
    const x = leaf(1, 2)
    noGrad(() => {
      log(x.mul(2).requiresGrad, isGradEnabled())
      enableGrad(() => log(x.mul(2).requiresGrad, isGradEnabled()))
      log(isGradEnabled())
    })
    {
      using _ = setGradEnabled(false)
      log(x.mul(2).requiresGrad)
      setGradEnabled(true, () => log(x.mul(2).requiresGrad))
    }
    log(isGradEnabled())
    setGradEnabled(false)
    log(x.mul(2).requiresGrad)
    setGradEnabled(true)
  },

  noGradLeaf(log) {
    const [x, y] = noGrad(() => {
      const x = ones([2], { requiresGrad: true })
      log(x, new nn.Parameter(ones([1])).requiresGrad)
      return [x, x.mul(2)] as const
    })
    log(y)
    log.fails(() => y.sum().backward())
    x.mul(3).sum().backward()
    log(x.grad)
  },

  noGradBackward(log) {
    const x = leaf(2)
    const y = x.mul(x)
    noGrad(() => {
      y.backward({ retainGraph: true })
      log(x.grad)
      log(grad(y, x, { createGraph: true }))
    })
  },

  noGradView(log) {
    const x = leaf(1, 2).mul(1)
    const v = noGrad(() => x.at(0))
    log(v.requiresGrad, v)
    log.fails(() => v.mul_(2))
    noGrad(() => v.mul_(2))
    log(x)
  },

  inferenceBasics(log) {
    const x = leaf(1, 2)
    const a = inferenceMode(() => {
      log(isInferenceModeEnabled(), isGradEnabled())
      const a = x.mul(2)
      log(a, a.isInference(), a.requiresGrad, a.isLeaf)
      const v = x.at(0)
      log(v.isInference(), v.requiresGrad)
      enableGrad(() => log(isGradEnabled(), x.mul(2).requiresGrad))
      inferenceMode(false, () => log(isInferenceModeEnabled(), isGradEnabled(), x.mul(2).requiresGrad))
      a.add_(1)
      const b = ones([2], { requiresGrad: true })
      log(b.requiresGrad, b.isInference(), b.mul(2).requiresGrad)
      return a
    })
    log(isInferenceModeEnabled(), isGradEnabled(), a, x.isInference())
    inferenceMode(false, () => log(isInferenceModeEnabled(), x.mul(2).requiresGrad))
  },

  inferenceTensorsOutside(log) {
    const x = leaf(1, 2)
    const a = inferenceMode(() => ones([2]))
    log(...[a, a.mul(2), a.clone(), a.at(0), a.detach()].map((t) => t.isInference()))
    const b = inferenceMode(() => ones([2]))
    log.fails(() => b.add_(1))
    log.fails(() => b.at(0).mul_(2))
    log.fails(() => a.requiresGrad_())
    log.fails(() => x.mul(a))
    log.fails(() => a._version)
    log(x.add(a).requiresGrad)
    log(x.detach().mul(a))
    log.fails(() => a.requiresGrad_(false))
    noGrad(() => {
      log(x.mul(a))
      log.fails(() => b.add_(1))
    })
    const c = a.clone()
    c.add_(1)
    log(x.mul(c))
    c.copy_(a)
    log(c)
  },

  inferenceInPlaceOnNormal(log) {
    const x = leaf(1, 2)
    const y = x.mul(1)
    const z = y.mul(y)
    const n = tensor([1, 2])
    const v = inferenceMode(() => {
      n.add_(1)
      y.add_(1)
      log.fails(() => x.add_(1))
      const v = n.at(0)
      v.mul_(2)
      return v
    })
    log(n, n._version, n.isInference(), v.isInference())
    log.fails(() => z.sum().backward())
    n.add_(1)
    log(n)
    log.fails(() => v.mul_(2))
  },

  inferenceView(log) {
    const y = leaf(1, 2).mul(1)
    const v = inferenceMode(() => y.at(0))
    log.fails(() => v.mul_(2))
  },

  inferenceBackward(log) {
    const x = leaf(1, 2)
    const y = x.mul(x).sum()
    inferenceMode(() => log.fails(() => x.mul(2).sum().backward()))
    y.backward()
    log(x.grad)
  },

  inferenceFunction(log) {
    class Square extends autograd.Function {
      static override forward(ctx: autograd.Context, x: Tensor): Tensor {
        ctx.saveForBackward(x)
        return x.mul(x)
      }
    }
    const y = inferenceMode(() => Square.apply(leaf(1, 2)))
    log(y, y.isInference())
  },

  anomalyNan(log) {
    const x = leaf(0, 4)
    autograd.detectAnomaly(() => {
      const y = x.sqrt()
      failsAnomalous(log, () => y.mul(0).sum().backward())
      log(autograd.isAnomalyEnabled(), autograd.isAnomalyCheckNanEnabled())
    })
    log(autograd.isAnomalyEnabled())
    autograd.detectAnomaly({ checkNan: false }, () => {
      x.sqrt().mul(0).sum().backward()
      log(x.grad, autograd.isAnomalyCheckNanEnabled())
    })
    autograd.setDetectAnomaly(true, false)
    log(autograd.isAnomalyEnabled(), autograd.isAnomalyCheckNanEnabled())
    autograd.setDetectAnomaly(false)
    log(autograd.isAnomalyEnabled(), autograd.isAnomalyCheckNanEnabled())
    {
      using _ = autograd.setDetectAnomaly(true)
      log(autograd.isAnomalyEnabled())
    }
    log(autograd.isAnomalyEnabled())
  },

  anomalyWhichOutput(log) {
    const [x, y] = [leaf(1, 2), leaf(0, 0)]
    using _ = autograd.detectAnomaly()
    const z = x.div(y)
    failsAnomalous(log, () => z.mul(0).sum().backward())
    const w = tensor([1, 1]).mul(y.log())
    failsAnomalous(log, () => w.mul(0).sum().backward())
  },

  anomalyInPlace(log) {
    using _ = autograd.detectAnomaly()
    const y = leaf(1, 2).exp()
    y.add_(1)
    failsAnomalous(log, () => y.sum().backward())
  },

  anomalyFunction(log) {
    class Bad extends autograd.Function {
      static override forward(_ctx: autograd.Context, x: Tensor): Tensor {
        return x.mul(2)
      }
      static override backward(_ctx: autograd.Context, g: Tensor) {
        return g.mul(Number.NaN)
      }
    }
    using _ = autograd.detectAnomaly()
    const y = Bad.apply(leaf(1))
    failsAnomalous(log, () => y.backward())
  },

  anomalyDoubleBackward(log) {
    const x = leaf(0)
    using _ = autograd.detectAnomaly()
    const [g] = grad(x.pow(1.5), x, { createGraph: true })
    log(g)
    failsAnomalous(log, () => g!.mul(0).backward())
  },
}
