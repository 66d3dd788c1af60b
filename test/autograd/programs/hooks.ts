/** Programs of hooks and of autograd.graph: test/oracle/autograd_hooks.py in TypeScript. */
import {
  addcmul,
  autograd,
  cat,
  enableGrad,
  full,
  isGradEnabled,
  noGrad,
  ones,
  stack,
  type Tensor,
  tensor,
  zeros,
} from 'tenzo'
import { leaf, messageOf, OnPurpose, type Program, square } from './log'

const { grad, graph } = autograd
type Grads = readonly autograd.Grad[]

class Stop extends autograd.Function {
  static override forward(_ctx: autograd.Context, x: Tensor): Tensor {
    return x.mul(2)
  }
  static override backward(_ctx: autograd.Context, _g: Tensor) {
    return null
  }
}

export const hooks: Record<string, Program> = {
  hookReplaces(log) {
    const x = leaf(1, 2)
    const y = x.mul(3)
    y.registerHook((g) => g.mul(10))
    x.registerHook((g) => g.add(1))
    y.sum().backward()
    log(x.grad)
  },

  hookSees(log) {
    const x = leaf(1, 2)
    const y = x.mul(3)
    y.registerHook((g) => log('y', g))
    x.registerHook((g) => log('x', g, x.grad))
    y.mul(y).sum().backward()
    log(x.grad)
  },

  hookSeveralInOrder(log) {
    const x = leaf(1)
    const y = x.mul(3)
    for (const k of [2, 3, 5]) {
      y.registerHook((g) => {
        log('y', k, g)
        return g.mul(k)
      })
      x.registerHook((g) => {
        log('x', k, g)
        return g.add(k)
      })
    }
    y.sum().backward()
    log(x.grad)
  },

  hookRemoved(log) {
    const x = leaf(1)
    const y = x.mul(3)
    const h = y.registerHook((g) => g.mul(10))
    const k = x.registerHook((g) => g.mul(100))
    const one = ones([1])
    y.backward(one, { retainGraph: true })
    h.remove()
    y.backward(one, { retainGraph: true })
    k.remove()
    k.remove()
    y.backward(one)
    log(x.grad)
  },

  hookRemovedWhileRunning(log) {
    const x = leaf(1)
    const y = x.mul(3)
    const h = y.registerHook(() => {
      log('first')
      h.remove()
    })
    y.registerHook(() => log('second'))
    y.backward({ retainGraph: true })
    y.backward()
    log(x.grad)
  },

  hookRemovesLaterWhileRunning(log) {
    const x = leaf(1)
    x.registerHook(() => {
      log('first')
      later.remove()
    })
    const later = x.registerHook(() => log('second'))
    x.mul(3).backward()
    x.mul(3).backward()
  },

  hookWithoutGrad(log) {
    const x = tensor([1])
    log.fails(() => x.registerHook(() => null))
    log.fails(() => x.registerPostAccumulateGradHook(() => {}))
    log.fails(() => x.retainGrad())
  },

  hookReturnsWrongType(log) {
    const x = leaf(1)
    x.registerHook(() => 5 as unknown as Tensor)
    log(messageOf(() => x.mul(2).backward()).split("'")[0])
  },

  hookReturnsWrongShape(log) {
    const grow = () => ones([3])
    const double = (g: Tensor) => g.double()
    for (const hook of [grow, double]) {
      const x = leaf(1, 2)
      x.registerHook(hook)
      log.fails(() => x.mul(2).sum().backward())
      const y = leaf(1, 2).mul(1)
      y.registerHook(hook)
      log.fails(() => y.mul(2).sum().backward())
    }
  },

  hookBeforeAndAfterInPlace(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    y.registerHook((g) => log('before', g))
    y.mul_(3)
    y.registerHook((g) => log('after', g))
    y.sum().backward()
    log(x.grad)
  },

  hookOnViewAndBase(log) {
    const x = square()
    const y = x.mul(2)
    const v = y.at(0)
    v.registerHook((g) => log('view before', g))
    y.registerHook((g) => log('base before', g))
    v.mul_(3)
    v.registerHook((g) => log('view after', g))
    y.registerHook((g) => log('base after', g))
    y.mul(5).sum().backward()
    log(x.grad)
  },

  hookOnLeafWithGrad(log) {
    const x = leaf(1, 2)
    x.registerHook((g) => g.mul(10))
    log(grad(x.mul(2).sum(), x))
    log(x.grad)
    x.mul(2).sum().backward()
    log(x.grad)
  },

  hookOnIntermediateWithGrad(log) {
    const x = leaf(1, 2)
    const hooked = () => {
      const y = x.mul(2)
      y.registerHook((g) => {
        log('y', g)
        return g.mul(10)
      })
      return y
    }
    const a = hooked()
    log(grad(a.mul(3).sum(), [a, x]))
    const b = hooked()
    log(grad(b.mul(3).sum(), b))
    const c = hooked()
    c.retainGrad()
    c.mul(3)
      .sum()
      .backward({ inputs: [c] })
    log(c.grad, x.grad)
  },

  hookDoubleBackward(log) {
    const x = leaf(2)
    const y = x.pow(3)
    y.registerHook((g) => g.mul(x))
    const [g] = grad(y, x, { createGraph: true })
    log(g)
    log(grad(g!, x))
  },

  hookGradMode(log) {
    const x = leaf(2)
    x.registerHook((g) => log(isGradEnabled(), g.requiresGrad))
    const y = x.mul(x)
    y.registerHook((g) => log(isGradEnabled(), g.requiresGrad))
    y.backward({ retainGraph: true })
    y.backward({ createGraph: true })
  },

  hookThrows(log) {
    const x = leaf(2)
    const h = x.registerHook(() => {
      throw new OnPurpose('in hook')
    })
    const y = x.mul(x)
    log.fails(() => y.backward())
    log(isGradEnabled(), x.grad)
    h.remove()
    x.mul(x).backward()
    log(x.grad)
  },

  hookStartsBackward(log) {
    const [x, z] = [leaf(2), leaf(3)]
    const y = x.mul(x)
    y.registerHook((g) => {
      log.fails(() => z.mul(z).backward())
      enableGrad(() => z.mul(z).mul(g.detach()).backward())
      log('inner', z.grad)
    })
    y.mul(5).backward()
    log(x.grad, z.grad)
  },

  hookSameGraphInside(log) {
    const x = leaf(2)
    const y = x.mul(x)
    let seen = false
    y.registerHook(() => {
      if (seen) return
      seen = true
      log(grad(y, x, { retainGraph: true }))
    })
    y.mul(5).backward()
    log(x.grad)
  },

  hookNoneGradient(log) {
    const x = leaf(1)
    const y = x.mul(1)
    y.registerHook((g) => log('y', g))
    x.registerHook((g) => log('x', g))
    x.registerPostAccumulateGradHook((t) => log('after', t.grad))
    y.retainGrad()
    Stop.apply(y).backward()
    log(x.grad, y.grad)
  },

  hookOneOfTwoOutputs(log) {
    const x = leaf(1, 2, 3, 4)
    const [a, b] = x.mul(1).chunk(2) as [Tensor, Tensor]
    b.registerHook((g) => log('b', g))
    a.registerHook((g) => log('a', g))
    a.sum().backward()
    log(x.grad)
  },

  hookAddDetachedGradient(log) {
    const x = leaf(1, 2)
    const kept: Tensor[] = []
    x.registerHook((g) => void kept.push(g))
    x.mul(2).sum().backward()
    log(kept[0], kept[0] === x.grad)
    x.mul(5).sum().backward()
    log(kept[0], kept[1], x.grad)
  },

  retainGrad(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    log(y.retainsGrad, x.retainsGrad)
    y.retainGrad()
    y.retainGrad()
    x.retainGrad()
    log(y.retainsGrad, x.retainsGrad)
    const z = y.mul(y).sum()
    z.backward({ retainGraph: true })
    log(y.grad, x.grad)
    z.backward()
    log(y.grad, x.grad)
  },

  retainGradAfterHooks(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    y.retainGrad()
    y.registerHook((g) => g.mul(10))
    y.sum().backward()
    log(y.grad, x.grad)
  },

  retainGradInPlace(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    y.retainGrad()
    y.mul_(3)
    log(y.retainsGrad)
    y.retainGrad()
    y.mul(y).sum().backward()
    log(y.grad, x.grad)
  },

  retainGradInPlaceTwice(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    y.retainGrad()
    y.registerHook((g) => log('0', g))
    y.mul_(3)
    y.registerHook((g) => log('1', g))
    y.add_(1)
    y.registerHook((g) => log('2', g))
    y.mul(5).sum().backward()
    log(y.grad, x.grad)
  },

  retainGradOfView(log) {
    const x = square()
    const y = x.mul(2)
    const v = y.at(0)
    v.retainGrad()
    y.retainGrad()
    v.mul_(3)
    y.mul(5).sum().backward()
    log(v.grad, y.grad, x.grad)
  },

  retainGradOfBase(log) {
    const x = square()
    const y = x.mul(2)
    y.retainGrad()
    const v = y.at(0)
    y.mul_(3)
    v.mul(5).sum().backward()
    log(y.grad, x.grad)
  },

  retainGradCreateGraph(log) {
    const x = leaf(2)
    const y = x.mul(x)
    y.retainGrad()
    y.mul(y).backward({ createGraph: true })
    log(y.grad, x.grad)
  },

  retainGradIsACopy(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    y.retainGrad()
    const seed = tensor([1, 1])
    y.backward(seed)
    y.grad!.add_(5)
    log(seed, x.grad, y.grad)
  },

  postAccumulate(log) {
    const x = leaf(1, 2)
    const h = x.registerPostAccumulateGradHook((t) => log('after', t === x, t.grad))
    x.registerHook((g) => {
      log('hook', g)
      return g.mul(10)
    })
    x.mul(2).sum().backward()
    x.mul(2).sum().backward()
    h.remove()
    x.mul(2).sum().backward()
    log(x.grad)
  },

  postAccumulateOnIntermediate(log) {
    log.fails(() =>
      leaf(1, 2)
        .mul(2)
        .registerPostAccumulateGradHook(() => {}),
    )
  },

  postAccumulateSeveral(log) {
    const x = leaf(1, 2)
    x.registerPostAccumulateGradHook(() => log('1'))
    x.registerPostAccumulateGradHook(() => log('2'))
    x.mul(2).sum().backward()
    log(grad(x.mul(2).sum(), x))
  },

  postAccumulateReturns(log) {
    const x = leaf(1, 2)
    x.registerPostAccumulateGradHook((t) => t as unknown as undefined)
    log.fails(() => x.mul(2).sum().backward())
  },

  postAccumulateClears(log) {
    const [x, y] = [leaf(1, 2), leaf(3)]
    const step = (t: Tensor) => {
      noGrad(() => t.sub_(t.grad!.mul(0.5)))
      t.grad = null
    }
    x.registerPostAccumulateGradHook(step)
    y.registerPostAccumulateGradHook(step)
    for (let i = 0; i < 3; i++) x.mul(x).mul(y).sum().backward()
    log(x, y, x.grad, y.grad)
  },

  nodeNames(log) {
    const x = leaf(1, 2)
    const y = x.mul(2).add(1).sum()
    let fn = y.gradFn
    while (fn) {
      log(fn.name(), fn.nextFunctions[0]?.[1], fn.nextFunctions.length)
      fn = fn.nextFunctions[0]?.[0] ?? null
    }
    const a = x.viewAs(x).gradFn!.nextFunctions[0]![0]!
    log(a.name(), a.variable === x, a.nextFunctions)
    log(x.mul(2).add(x).gradFn!.nextFunctions[1]![0] === a)
  },

  nodeMetadata(log) {
    const x = leaf(1, 2)
    const y = x.mul(2)
    y.gradFn!.metadata.note = 5
    log(y.gradFn!.metadata.note, x.mul(2).gradFn!.metadata)
  },

  nodeHook(log) {
    const x = leaf(1, 2)
    const y = x.mul(3)
    y.gradFn!.registerHook((gi, go) => log('node', gi, go))
    y.registerHook((g) => log('tensor', g))
    y.sum().backward()
    log(x.grad)
  },

  nodeHookReplaces(log) {
    const [x, w] = [leaf(1, 2), leaf(3, 4)]
    const y = x.mul(w)
    y.gradFn!.registerHook((gi) => [gi[0]!.mul(10), gi[1]!.mul(100)])
    const h = y.gradFn!.registerHook((gi) => log(gi))
    y.sum().backward({ retainGraph: true })
    log(x.grad, w.grad)
    h.remove()
    y.sum().backward()
    log(x.grad, w.grad)
  },

  nodeHookWrong(log) {
    const short = (gi: Grads) => [gi[0] as Tensor]
    const shape = (gi: Grads) => [ones([5]), gi[1] as Tensor]
    const kind = (gi: Grads) => ['text' as unknown as Tensor, gi[1] as Tensor]
    for (const hook of [short, shape, kind]) {
      const y = leaf(1, 2).mul(leaf(3, 4))
      y.gradFn!.registerHook(hook)
      log(messageOf(() => y.sum().backward()).split(/ \(|'(?:str|string)'/)[0])
    }
  },

  nodeHookNone(log) {
    const x = leaf(1, 2)
    const y = x.mul(tensor([3, 4]))
    y.gradFn!.registerHook((gi, go) => log(gi, go))
    y.sum().backward()
    const z = x.mul(tensor([3, 4]))
    z.gradFn!.registerHook((gi) => [gi[0] as Tensor, ones([2])])
    log.fails(() => z.sum().backward())
  },

  nodePrehook(log) {
    const x = leaf(1, 2)
    const y = x.mul(3)
    y.gradFn!.registerPrehook((go) => {
      log('pre', go)
      return [go[0]!.mul(10)]
    })
    y.registerHook((g) => {
      log('tensor', g)
      return g.add(1)
    })
    y.retainGrad()
    y.gradFn!.registerHook((gi, go) => log('post', gi, go))
    y.sum().backward()
    log(x.grad, y.grad)
  },

  nodePrehookWrong(log) {
    const short = () => []
    const shape = () => [ones([5])]
    for (const hook of [short, shape]) {
      const y = leaf(1, 2).mul(3)
      y.gradFn!.registerPrehook(hook)
      log.fails(() => y.sum().backward())
    }
  },

  nodeHooksOrder(log) {
    const x = leaf(1)
    const y = x.mul(3)
    const a = y.gradFn!.nextFunctions[0]![0]!
    a.registerHook((gi, go) => log('acc post', gi, go, x.grad))
    a.registerPrehook((go) => log('acc pre', go, x.grad))
    x.registerPostAccumulateGradHook(() => log('after'))
    x.registerHook((g) => log('leaf', g))
    y.gradFn!.registerHook(() => log('post'))
    y.gradFn!.registerPrehook(() => log('pre'))
    y.registerHook(() => log('tensor'))
    y.backward()
  },

  nodeHookWithGrad(log) {
    const x = leaf(1)
    const y = x.mul(3)
    const a = y.gradFn!.nextFunctions[0]![0]!
    a.registerHook(() => log('acc post'))
    a.registerPrehook(() => log('acc pre'))
    y.gradFn!.registerPrehook(() => log('pre'))
    const z = y.mul(2)
    log(grad(z, x, { retainGraph: true }))
    log(grad(z, y, { retainGraph: true }))
    z.backward({ inputs: [x] })
  },

  orderOfLeaves(log) {
    const leaves = [0, 1, 2, 3, 4].map((i) => leaf(i))
    leaves.forEach((t, i) => {
      t.registerHook((g) => log('abcde'[i], g))
    })
    const [a, b, c, d, e] = leaves as [Tensor, Tensor, Tensor, Tensor, Tensor]
    addcmul(a, b, c).backward()
    cat([d, e, c, b, a]).sum().backward()
    stack([a.mul(b), c.mul(d), e])
      .sum()
      .backward()
    a.add(b).mul(c.add(d)).mul(e).backward()
    autograd.backward([e, d, c, b, a])
  },

  orderOfNodes(log) {
    const x = leaf(1)
    const a = x.mul(2)
    const b = x.mul(3)
    const c = a.mul(b)
    const d = b.sin()
    const e = c.add(d)
    ;[a, b, c, d, e].forEach((t, i) => {
      t.registerHook((g) => log('abcde'[i], g))
    })
    e.backward()
    log(x.grad)
  },

  multiGradHookAll(log) {
    const [x, y] = [leaf(1), leaf(2)]
    const [a, b] = [x.mul(3), y.mul(4)]
    const h = graph.registerMultiGradHook([a, b], (gs) => log('all', gs))
    a.mul(b).backward({ retainGraph: true })
    a.mul(2).backward({ retainGraph: true })
    log(grad(a.mul(b), x, { retainGraph: true }))
    h.remove()
    a.mul(b).backward()
  },

  multiGradHookAny(log) {
    const [x, y] = [leaf(1), leaf(2)]
    const [a, b] = [x.mul(3), y.mul(4)]
    graph.registerMultiGradHook([a, b, tensor(1)], (g) => log('any', g), { mode: 'any' })
    a.mul(b).backward({ retainGraph: true })
    a.mul(2).backward({ retainGraph: true })
    log.fails(() => graph.registerMultiGradHook([a, b], () => {}, { mode: 'some' as 'all' }))
  },

  multiGradHookLeaves(log) {
    const [x, y, z] = [leaf(1), leaf(2), leaf(3)]
    graph.registerMultiGradHook([x, y, z], (gs) => log(gs, x.grad, y.grad))
    x.mul(y).backward()
    x.mul(y).mul(z).backward()
    log.fails(() => graph.registerMultiGradHook([tensor(1)], () => {}))
  },

  gradientEdge(log) {
    const x = leaf(1, 2)
    const y = x.mul(3)
    const e = graph.getGradientEdge(y)
    log(e.node === y.gradFn, e.outputNr)
    const f = graph.getGradientEdge(x)
    log(f.node.name(), f.outputNr)
    log(grad(y.sum(), [e, f]))
    log.fails(() => graph.getGradientEdge(tensor([1])))
    const z = x.mul(2).sum()
    log(grad(graph.getGradientEdge(z), x))
    autograd.backward(graph.getGradientEdge(x.mul(3)), { gradient: tensor([1, 1]) })
    log(x.grad)
  },

  gradientEdgeErrors(log) {
    const x = leaf(1, 2)
    const y = x.mul(3)
    const e = graph.getGradientEdge(y)
    log.fails(() => grad(e, x))
    log.fails(() => grad(e, x, ones([3])))
    const z = leaf(1)
    log.fails(() => grad(y.sum(), graph.getGradientEdge(z)))
    log.fails(() => grad(y.sum(), graph.getGradientEdge(z.mul(1)), { materializeGrads: true }))
    log(grad(y.sum(), graph.getGradientEdge(z), { allowUnused: true }))
  },

  incrementVersion(log) {
    const x = leaf(1, 2)
    const y = x.mul(1)
    const z = y.mul(y)
    graph.incrementVersion(y)
    log(y._version)
    log.fails(() => z.sum().backward())
    graph.incrementVersion([x, y])
    log(x._version, y._version)
  },

  savedHooks(log) {
    const x = leaf(1, 2)
    const z = graph.savedTensorsHooks(
      (t) => {
        log('pack', t)
        return t.detach().mul(10)
      },
      (p) => {
        log('unpack', p)
        return p.div(10)
      },
      () => x.sin().exp(),
    )
    z.sum().backward()
    log(x.grad)
  },

  savedHooksWrongValues(log) {
    const x = leaf(1, 2)
    const y = graph.savedTensorsHooks(
      (t) => t.shape,
      (s) => full(s, 7),
      () => x.mul(x),
    )
    y.sum().backward()
    log(x.grad)
  },

  savedHooksDoubleBackward(log) {
    const x = leaf(1, 2)
    const y = graph.savedTensorsHooks(
      (t) => t,
      (t) => t,
      () => x.pow(3).sum(),
    )
    const [g] = grad(y, x, { createGraph: true })
    log(g)
    log(grad(g!.sum(), x))
    const z = graph.savedTensorsHooks(
      (t) => t.detach(),
      (t) => t,
      () => x.mul(1).exp().sum(),
    )
    const [h] = grad(z, x, { createGraph: true })
    log(h)
    log(grad(h!.sum(), x))
  },

  savedHooksNested(log) {
    const x = leaf(1, 2)
    let y: Tensor
    let z: Tensor
    {
      using _ = graph.savedTensorsHooks(
        () => log('outer'),
        () => ones([2]),
      )
      {
        using _ = graph.savedTensorsHooks(
          () => log('inner'),
          () => zeros([2]),
        )
        y = x.exp()
      }
      z = x.exp()
    }
    y.add(z).sum().backward()
    log(x.grad)
  },

  savedHooksWrongReturn(log) {
    const x = leaf(1, 2)
    const y = graph.savedTensorsHooks(
      (t) => t,
      () => 'text' as unknown as Tensor,
      () => x.exp(),
    )
    log(messageOf(() => y.sum().backward()).split('type')[0])
  },

  savedHooksInPlace(log) {
    const x = leaf(1, 2)
    using _ = graph.savedTensorsHooks(
      (t) => t.mul_(2),
      (p) => p,
    )
    log.fails(() => x.mul(1).exp())
    log.fails(() => x.mul(1).sin())
  },

  savedHooksNoVersionCheck(log) {
    const x = leaf(1, 2)
    const y = x.mul(1)
    const z = graph.savedTensorsHooks(
      (t) => t.clone(),
      (p) => p,
      () => y.mul(y),
    )
    y.add_(1)
    z.sum().backward()
    log(x.grad)
  },

  savedHooksFunction(log) {
    class Square extends autograd.Function {
      static override forward(ctx: autograd.Context, x: Tensor): Tensor {
        ctx.saveForBackward(x)
        log('forward')
        return x.mul(x)
      }
      static override backward(ctx: autograd.Context, g: Tensor) {
        const [x] = ctx.savedTensors as [Tensor]
        log('backward', x)
        return g.mul(2).mul(x)
      }
    }
    const x = leaf(1, 2)
    const y = graph.savedTensorsHooks(
      (t) => {
        log('pack', t)
        return t.detach().add(10)
      },
      (p) => p.sub(10),
      () => Square.apply(x),
    )
    y.sum().backward()
    log(x.grad)
  },

  savedHooksDisabled(log) {
    const x = leaf(1, 2)
    const same = (t: Tensor) => t
    const use = () => graph.savedTensorsHooks(same, same).restore()
    graph.disableSavedTensorsHooks('not now', () => {
      log.fails(use)
      graph.disableSavedTensorsHooks('nor here', () => log.fails(use))
      log.fails(use)
      x.mul(x).sum().backward()
    })
    log.fails(use)
    log(x.grad)
    log.fails(() => graph.savedTensorsHooks(same, same, () => graph.disableSavedTensorsHooks('inside', () => 0)))
  },

  savedHooksFreed(log) {
    const y = graph.savedTensorsHooks(
      (t) => t.detach(),
      (t) => t,
      () => leaf(1, 2).exp(),
    )
    y.sum().backward()
    log.fails(() => y.sum().backward())
  },

  saveOnCpu(log) {
    const x = leaf(1, 2)
    const y = graph.saveOnCpu(() => x.mul(x).exp())
    y.sum().backward()
    log(x.grad)
  },
}
