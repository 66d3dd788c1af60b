/** Programs of autograd.Function: test/oracle/autograd_functions.py in TypeScript. */
import { autograd, enableGrad, isGradEnabled, noGrad, ones, stack, type Tensor, tensor, zeros, zerosLike } from 'tenzo'
import { leaf, type Log, messageOf, OnPurpose, type Program, square } from './log'

const { grad } = autograd
type Ctx = autograd.Context

class _Square extends autograd.Function {
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    ctx.saveForBackward(x)
    return x.mul(x)
  }
  static override backward(ctx: Ctx, g: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor]
    return g.mul(2).mul(x)
  }
}
class ByTwo extends autograd.Function {
  static override forward(_ctx: Ctx, x: Tensor): Tensor {
    return x.mul(2)
  }
  static override backward(_ctx: Ctx, g: Tensor): unknown {
    return g.mul(2)
  }
}
/** A class of the given name. */
const named = <C extends object>(name: string, cls: C): C => Object.defineProperty(cls, 'name', { value: name })
const saving = (back: (ctx: Ctx, g: Tensor) => Tensor) =>
  named(
    'Exp',
    class extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        const y = x.exp()
        ctx.saveForBackward(y)
        return y
      }
      static override backward(ctx: Ctx, g: Tensor): Tensor {
        return back(ctx, g)
      }
    },
  )

export const functions: Record<string, Program> = {
  functionPlain(log) {
    const x = leaf(1, 2)
    const y = _Square.apply(x)
    log(y, y.gradFn?.name(), y.requiresGrad, y.isLeaf)
    y.sum().backward()
    log(x.grad)
  },

  functionScalarArguments(log) {
    class Scale extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, k: number, name: string, flags: number[]): Tensor {
        ctx.k = k
        log(k, name, flags, ctx.needsInputGrad)
        return x.mul(k)
      }
      static override backward(ctx: Ctx, g: Tensor) {
        return [g.mul(ctx.k as number), null, null, null]
      }
    }
    const x = leaf(1, 2)
    const y = Scale.apply(x, 3, 'three', [1, 2])
    y.sum().backward()
    log(y, x.grad)
  },

  functionSetupContext(log) {
    class Power extends autograd.Function {
      static override forward(x: Tensor, n: number): Tensor {
        return x.pow(n)
      }
      static setupContext(ctx: Ctx, [x, n]: [Tensor, number], output: Tensor): void {
        ctx.n = n
        log(ctx.needsInputGrad, output)
        ctx.saveForBackward(x)
      }
      static override backward(ctx: Ctx, g: Tensor) {
        const [x] = ctx.savedTensors as [Tensor]
        const n = ctx.n as number
        return [g.mul(n).mul(x.pow(n - 1)), null]
      }
    }
    const x = leaf(1, 2)
    const y = Power.apply(x, 3)
    y.sum().backward()
    log(y, x.grad)
  },

  functionSeveralOutputs(log) {
    class Both extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor, y: Tensor): [Tensor, Tensor] {
        return [x.add(y), x.sub(y)]
      }
      static override backward(_ctx: Ctx, a: Tensor, b: Tensor) {
        log(a, b)
        return [a.add(b), a.sub(b)]
      }
    }
    const [x, y] = [leaf(1, 2), leaf(5, 7)]
    const [s, d] = Both.apply(x, y)
    log(s, d, s.gradFn === d.gradFn, s.outputNr, d.outputNr)
    s.mul(3).sum().backward()
    log(x.grad, y.grad)
  },

  functionOutputNotTensor(log) {
    class Mixed extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor): [Tensor, string, number, null] {
        return [x.mul(2), 'note', 7, null]
      }
      static override backward(_ctx: Ctx, g: Tensor, ...rest: unknown[]) {
        log(g, rest)
        return g.mul(2)
      }
    }
    const x = leaf(1, 2)
    const [y, note, n, none] = Mixed.apply(x)
    log(y, note, n, none)
    y.sum().backward()
    log(x.grad)
  },

  functionNoTensorOutput(log) {
    class Nothing extends autograd.Function {
      static override forward(_ctx: Ctx, _x: Tensor): number {
        return 5
      }
    }
    log.fails(() => Nothing.apply(leaf(1)))
  },

  functionReturnsInput(log) {
    class Same extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor): Tensor {
        return x
      }
      static override backward(_ctx: Ctx, g: Tensor) {
        return g.mul(10)
      }
    }
    const x = leaf(1, 2)
    const y = Same.apply(x)
    log(y === x, y, y._isView, x.isLeaf)
    y.sum().backward()
    log(x.grad)
    log(Same.apply(x.mul(2)))
    const plain = tensor([1, 2])
    log(Same.apply(plain) === plain, Same.apply(plain))
    log.fails(() => Same.apply(x.mul(1)).mul_(2))
  },

  functionReturnsInputTwice(log) {
    class Twice extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor): [Tensor, Tensor] {
        return [x, x]
      }
      static override backward(_ctx: Ctx, a: Tensor, b: Tensor) {
        log(a, b)
        return a.mul(2).add(b.mul(3))
      }
    }
    const x = leaf(1, 2)
    const [a, b] = Twice.apply(x)
    log(a === b, a, b)
    a.add(b.mul(5)).sum().backward()
    log(x.grad)
  },

  functionSameOutputTwice(log) {
    class Twice extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor): [Tensor, Tensor] {
        const y = x.mul(2)
        return [y, y]
      }
      static override backward(_ctx: Ctx, a: Tensor, b: Tensor) {
        log(a, b)
        return a.mul(2).add(b.mul(3))
      }
    }
    const x = leaf(1, 2)
    const [a, b] = Twice.apply(x)
    log(a === b, a.outputNr, b.outputNr)
    a.add(b.mul(5)).sum().backward()
    log(x.grad)
  },

  functionReturnsView(log) {
    class Row extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.select(0, 0)
      }
      static override backward(_ctx: Ctx, g: Tensor) {
        const out = zeros([2, 2])
        out.set(0, g)
        return out
      }
    }
    const x = square()
    const y = Row.apply(x.mul(1))
    log(y, y._isView)
    log.fails(() => y.mul_(2))
    y.sum().backward()
    log(x.grad)
    const base = x.mul(1)
    const row = Row.apply(base)
    base.mul_(2)
    log.fails(() => row.isLeaf)
  },

  functionReturnsViews(log) {
    class Rows extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor): [Tensor, Tensor] {
        return [x.select(0, 0), x.select(0, 1)]
      }
      static override backward(_ctx: Ctx, a: Tensor, b: Tensor) {
        return stack([a, b])
      }
    }
    const x = square()
    const [a, b] = Rows.apply(x.mul(1))
    log(a, b, a._isView)
    log.fails(() => a.mul_(2))
    a.mul(b).sum().backward()
    log(x.grad)
  },

  functionOutputChangedInPlace(log) {
    const x = leaf(1, 2)
    const y = _Square.apply(x)
    y.mul_(3)
    log(y)
    y.sum().backward()
    log(x.grad)
  },

  functionSavesOutput(log) {
    const Exp = saving((ctx, g) => {
      const [y] = ctx.savedTensors as [Tensor]
      log(y.gradFn === null, y.requiresGrad)
      return g.mul(y)
    })
    const x = leaf(0, 1)
    const y = Exp.apply(x)
    const [first] = grad(y.sum(), x, { createGraph: true })
    log(first)
    const [second] = grad(first!.sum(), x)
    log(second)
  },

  functionSavesIntermediate(log) {
    class Cube extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        const s = x.mul(x)
        ctx.saveForBackward(x, s)
        return s.mul(x)
      }
      static override backward(ctx: Ctx, g: Tensor) {
        const [x, s] = ctx.savedTensors as [Tensor, Tensor]
        log(x.requiresGrad, s.requiresGrad)
        return g.mul(3).mul(s)
      }
    }
    const x = leaf(1, 2)
    const [first] = grad(Cube.apply(x).sum(), x, { createGraph: true })
    log(first, first!.requiresGrad)
  },

  functionSavesNone(log) {
    class Maybe extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, y: Tensor | null): Tensor {
        ctx.saveForBackward(x, null, y)
        return x.mul(2)
      }
      static override backward(ctx: Ctx, g: Tensor) {
        log(ctx.savedTensors)
        return [g.mul(2), null]
      }
    }
    const x = leaf(1, 2)
    Maybe.apply(x, null).sum().backward()
    log(x.grad)
  },

  functionSavesWrongType(log) {
    class Wrong extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.saveForBackward(x, 'text' as unknown as Tensor)
        return x.mul(2)
      }
    }
    log(messageOf(() => Wrong.apply(leaf(1))).replace(/ \w+$/, ''))
  },

  functionSavedTensorsTwice(log) {
    class Twice extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.saveForBackward(x)
        log(ctx.savedTensors)
        return x.mul(2)
      }
      static override backward(ctx: Ctx, g: Tensor) {
        log(ctx.savedTensors[0], ctx.savedTensors[0])
        return g.mul(2)
      }
    }
    const x = leaf(1, 2)
    const y = Twice.apply(x)
    y.sum().backward({ retainGraph: true })
    y.sum().backward()
    log(x.grad)
    log.fails(() => y.sum().backward())
    log.fails(() => (y.gradFn as autograd.FunctionNode).savedTensors)
  },

  functionFreedWithoutSaved(log) {
    const x = leaf(1, 2)
    const y = ByTwo.apply(x)
    y.backward(ones([2]))
    y.backward(ones([2]))
    log(x.grad)
  },

  functionSaveAgainReplaces(log) {
    class Again extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, y: Tensor): Tensor {
        ctx.saveForBackward(x)
        ctx.saveForBackward(y)
        return x.mul(y)
      }
      static override backward(ctx: Ctx, g: Tensor) {
        log(ctx.savedTensors.length, ctx.savedTensors[0])
        return [g, g]
      }
    }
    Again.apply(leaf(1, 2), leaf(3, 4)).sum().backward()
  },

  functionSavedInputChanged(log) {
    const y = leaf(1, 2).mul(1)
    const z = _Square.apply(y)
    y.add_(1)
    y.add_(1)
    log.fails(() => z.sum().backward())
  },

  functionSavedOutputChanged(log) {
    const y = saving((ctx, g) => g.mul(ctx.savedTensors[0]!)).apply(leaf(0, 1))
    y.mul_(2)
    log.fails(() => y.sum().backward())
  },

  functionSavedLeafChanged(log) {
    const x = leaf(1, 2)
    const z = _Square.apply(x)
    noGrad(() => x.add_(1))
    log.fails(() => z.sum().backward())
  },

  functionNeedsInputGrad(log) {
    class Product extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, y: Tensor, _k: number): Tensor {
        log(ctx.needsInputGrad)
        ctx.saveForBackward(x, y)
        return x.mul(y)
      }
      static override backward(ctx: Ctx, g: Tensor) {
        log(ctx.needsInputGrad)
        const [x, y] = ctx.savedTensors as [Tensor, Tensor]
        return [g.mul(y), g.mul(x), null]
      }
    }
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    Product.apply(x, y, 1).sum().backward()
    Product.apply(x, tensor([1, 1]), 1)
      .sum()
      .backward()
    noGrad(() => Product.apply(x, y, 1))
    log(x.grad, y.grad)
    log(grad(Product.apply(x, y, 1).sum(), y))
  },

  functionMarkDirty(log) {
    class Double extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        x.mul_(2)
        ctx.markDirty(x)
        return x
      }
      static override backward(_ctx: Ctx, g: Tensor) {
        return g.mul(2)
      }
    }
    const x = leaf(1, 2)
    const y = x.mul(1)
    const z = Double.apply(y)
    log(z === y, y, y._version, z._version)
    z.sum().backward()
    log(x.grad)
    log.fails(() => Double.apply(x))
    const plain = tensor([1, 2])
    log(Double.apply(plain) === plain, plain, plain._version)
  },

  functionMarkDirtyNotReturned(log) {
    class Lost extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        x.mul_(2)
        ctx.markDirty(x)
        return x.mul(2)
      }
    }
    log.fails(() => Lost.apply(leaf(1, 2).mul(1)))
  },

  functionMarkDirtyNotInput(log) {
    class Other extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        const y = x.mul(2)
        ctx.markDirty(y)
        return y
      }
      static override backward(_ctx: Ctx, g: Tensor) {
        return g.mul(2)
      }
    }
    const x = leaf(1, 2)
    const y = Other.apply(x)
    log(y, y._version)
    y.sum().backward()
    log(x.grad)
  },

  functionMarkDirtySeveral(log) {
    class Swap extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, y: Tensor): [Tensor, Tensor] {
        const t = x.clone()
        x.copy_(y)
        y.copy_(t)
        ctx.markDirty(x, y)
        return [x, y]
      }
      static override backward(_ctx: Ctx, a: Tensor, b: Tensor) {
        log(a, b)
        return [b, a]
      }
    }
    const [x, y] = [leaf(1, 2), leaf(3, 4)]
    const [a, b] = [x.mul(1), y.mul(1)]
    const [c, d] = Swap.apply(a, b)
    log(c, d, c === a, d === b)
    c.mul(2).add(d.mul(5)).sum().backward()
    log(x.grad, y.grad)
  },

  functionMarkDirtyView(log) {
    class Double extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        x.mul_(2)
        ctx.markDirty(x)
        return x
      }
      static override backward(_ctx: Ctx, g: Tensor) {
        return g.mul(2)
      }
    }
    const x = square()
    const y = x.mul(1)
    const v = y.at(0)
    const w = Double.apply(v)
    log(w === v, v, y)
    y.sum().backward()
    log(x.grad)
    log.fails(() => Double.apply(x.at(0)))
  },

  functionMarkDirtyViewTwoOutputs(log) {
    class Double extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): [Tensor, Tensor] {
        x.mul_(2)
        ctx.markDirty(x)
        return [x, x.mul(1)]
      }
    }
    log.fails(() => Double.apply(square().mul(1).at(0)))
  },

  functionMarkDirtyWrongType(log) {
    class Wrong extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.markDirty(x, 5 as unknown as Tensor)
        return x
      }
    }
    log(messageOf(() => Wrong.apply(leaf(1).mul(1))).replace(/\d.*$/, ''))
  },

  functionMarkNonDifferentiable(log) {
    class Sort extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): [Tensor, Tensor] {
        const { values, indices } = x.sort()
        ctx.markNonDifferentiable(indices)
        ctx.saveForBackward(x, indices)
        return [values, indices]
      }
      static override backward(ctx: Ctx, g: Tensor, gi: Tensor) {
        log(g, gi)
        const [x, indices] = ctx.savedTensors as [Tensor, Tensor]
        return zerosLike(x).indexAdd(0, indices, g)
      }
    }
    const x = leaf(3, 1, 2)
    const [values, indices] = Sort.apply(x)
    log(values, indices, values.requiresGrad, indices.requiresGrad)
    values
      .mul(tensor([1, 10, 100]))
      .sum()
      .backward()
    log(x.grad)
  },

  functionMarkNonDifferentiableFloat(log) {
    class Two extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): [Tensor, Tensor] {
        const [a, b] = [x.mul(2), x.mul(3)]
        ctx.markNonDifferentiable(b)
        return [a, b]
      }
      static override backward(_ctx: Ctx, g: Tensor, h: Tensor) {
        log(g, h)
        return g.mul(2)
      }
    }
    const x = leaf(1, 2)
    const [a, b] = Two.apply(x)
    log(a, b, b.isLeaf)
    a.sum().backward()
    log(x.grad)
    log.fails(() => b.sum().backward())
  },

  functionMaterialize(log) {
    class Two extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, on: boolean): [Tensor, Tensor] {
        ctx.setMaterializeGrads(on)
        return [x.mul(2), x.mul(3)]
      }
      static override backward(_ctx: Ctx, g: Tensor | null, h: Tensor | null) {
        log(g, h)
        const parts = [g?.mul(2), h?.mul(3)].filter((t) => t !== undefined)
        return [parts.reduce((a, b) => a.add(b)), null]
      }
    }
    const x = leaf(1, 2)
    for (const on of [true, false]) for (const i of [0, 1] as const) Two.apply(x, on)[i].sum().backward()
    log(x.grad)
  },

  functionBackwardWithNoneReaching(log) {
    class Stop extends ByTwo {
      static override backward(_ctx: Ctx, _g: Tensor) {
        return null
      }
    }
    class See extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, on: boolean): Tensor {
        ctx.setMaterializeGrads(on)
        return x.mul(2)
      }
      static override backward(_ctx: Ctx, g: Tensor | null) {
        log(g)
        return [g, null]
      }
    }
    for (const on of [true, false]) {
      const x = leaf(1, 2)
      Stop.apply(See.apply(x, on)).sum().backward()
      log(x.grad)
    }
    const x = leaf(1, 2)
    Stop.apply(x.exp()).sum().backward()
    log(x.grad)
  },

  functionIntegerOutput(log) {
    class Arg extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor): [Tensor, Tensor] {
        return [x.argmax(), x.mul(2)]
      }
      static override backward(_ctx: Ctx, g: Tensor, h: Tensor) {
        log(g, h)
        return h.mul(2)
      }
    }
    const x = leaf(1, 2)
    const [i, y] = Arg.apply(x)
    log(i, y)
    y.sum().backward()
    log(x.grad)
  },

  functionIntegerInput(log) {
    class Take extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, i: Tensor): Tensor {
        ctx.saveForBackward(i)
        ctx.n = x.length
        log(ctx.needsInputGrad)
        return x.at(i)
      }
      static override backward(ctx: Ctx, g: Tensor) {
        const [i] = ctx.savedTensors as [Tensor]
        return [zeros([ctx.n as number]).indexAdd(0, i, g), null]
      }
    }
    const x = leaf(1, 2, 3)
    Take.apply(x, tensor([2n, 2n, 0n]))
      .sum()
      .backward()
    log(x.grad)
  },

  functionDoubleBackward(log) {
    const x = leaf(1, 2)
    const [a] = grad(_Square.apply(x).sum(), x, { createGraph: true })
    const [b] = grad(a!.sum(), x, { createGraph: true })
    log(a, b)
    const y = _Square.apply(_Square.apply(x))
    const [first] = grad(y.sum(), x, { createGraph: true })
    const [second] = grad(first!.sum(), x, { createGraph: true })
    const [third] = grad(second!.sum(), x)
    log(first, second, third)
  },

  functionOnceDifferentiable(log) {
    class Once extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.saveForBackward(x)
        return x.mul(x)
      }
      static override backward = autograd.onceDifferentiable((ctx, g: Tensor) => {
        const [x] = ctx.savedTensors as [Tensor]
        log(isGradEnabled())
        return g.mul(2).mul(x)
      })
    }
    const x = leaf(1, 2)
    Once.apply(x).sum().backward()
    log(x.grad)
    const [plain] = grad(Once.apply(x).sum(), x, { createGraph: true })
    log(plain!.requiresGrad)
    const y = Once.apply(x)
    const [first] = grad(y.mul(y).sum(), x, { createGraph: true })
    log(first)
    log.fails(() => first!.sum().backward())
  },

  functionNoGrad(log) {
    const y = noGrad(() => _Square.apply(leaf(1, 2)))
    log(y, y.requiresGrad, y.gradFn)
    log(_Square.apply(tensor([3])))
  },

  functionGradModeInside(log) {
    class Modes extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor): Tensor {
        log(isGradEnabled(), x.mul(2).requiresGrad)
        const y = enableGrad(() => x.mul(3))
        log(y.requiresGrad)
        return y
      }
      static override backward(_ctx: Ctx, g: Tensor) {
        log(isGradEnabled())
        return g.mul(3)
      }
    }
    const x = leaf(1, 2)
    const y = Modes.apply(x)
    log(y)
    y.sum().backward({ retainGraph: true })
    grad(y.sum(), x, { createGraph: true })
  },

  functionGraphInsideBackward(log) {
    class Inner extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        const own = x.detach().requiresGrad_()
        const y = enableGrad(() => own.sin())
        Object.assign(ctx, { x: own, y })
        return y.detach()
      }
      static override backward(ctx: Ctx, g: Tensor) {
        ;(ctx.y as Tensor).backward(g)
        return (ctx.x as Tensor).grad
      }
    }
    const x = leaf(0, 1)
    Inner.apply(x).sum().backward()
    log(x.grad)
  },

  functionWrongCount(log) {
    class Many extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor, y: Tensor): Tensor {
        return x.mul(y)
      }
      static override backward(_ctx: Ctx, g: Tensor): (Tensor | null)[] {
        return [g, g, g]
      }
    }
    class Few extends Many {
      static override backward(_ctx: Ctx, g: Tensor) {
        return [g]
      }
    }
    class Trailing extends Many {
      static override backward(_ctx: Ctx, g: Tensor) {
        return [g, g, null, null]
      }
    }
    class Empty extends Many {
      static override backward() {
        return []
      }
    }
    for (const cls of [Many, Few, Trailing, Empty]) log.fails(() => cls.apply(leaf(1, 2), leaf(3, 4)).sum().backward())
  },

  functionWrongShape(log) {
    class Wrong extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, shape: number[]): Tensor {
        ctx.shape = shape
        return x.mul(2)
      }
      static override backward(ctx: Ctx, _g: Tensor) {
        return [ones(ctx.shape as number[]), null]
      }
    }
    for (const shape of [[2], [3, 2], [1], [4, 3], [3, 1], [], [1, 3]]) {
      const x = leaf(1, 2, 3)
      log.fails(() => Wrong.apply(x, shape).sum().backward())
      log(x.grad)
    }
  },

  functionWrongDtype(log) {
    class Wrong extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, dtype: string): Tensor {
        ctx.dtype = dtype
        return x.mul(2)
      }
      static override backward(ctx: Ctx, _g: Tensor) {
        return [ones([2], { dtype: ctx.dtype as 'float64' }), null]
      }
    }
    for (const dtype of ['float64', 'int64', 'bool', 'float16']) {
      const x = leaf(1, 2)
      log.fails(() => Wrong.apply(x, dtype).sum().backward())
      log(x.grad)
    }
  },

  functionGradientForNumber(log) {
    class Wrong extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor, k: number): Tensor {
        return x.mul(k)
      }
      static override backward(_ctx: Ctx, g: Tensor) {
        return [g, g]
      }
    }
    log.fails(() => Wrong.apply(leaf(1), 2).sum().backward())
  },

  functionGradientForConstant(log) {
    class Fine extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor, y: Tensor): Tensor {
        return x.mul(y)
      }
      static override backward(_ctx: Ctx, g: Tensor) {
        return [g, ones([7])]
      }
    }
    const x = leaf(1, 2)
    Fine.apply(x, tensor([3, 4]))
      .sum()
      .backward()
    log(x.grad)
  },

  functionReturnsWrongType(log) {
    class Wrong extends ByTwo {
      static override backward(_ctx: Ctx, _g: Tensor) {
        return 5
      }
    }
    log(messageOf(() => Wrong.apply(leaf(1)).sum().backward()).replace(/\(.*$/, ''))
  },

  functionNoBackward(log) {
    class Half extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(2)
      }
    }
    const y = Half.apply(leaf(1))
    log(y)
    log.fails(() => y.backward())
  },

  functionNoForward(log) {
    class Half extends autograd.Function {
      static override backward(_ctx: Ctx, g: Tensor) {
        return g
      }
    }
    log.fails(() => (Half as unknown as { apply(x: Tensor): Tensor }).apply(leaf(1)))
  },

  functionVjp(log) {
    class Named extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(2)
      }
      static override vjp(_ctx: Ctx, g: Tensor) {
        return g.mul(7)
      }
    }
    class Two extends Named {
      static override backward(_ctx: Ctx, g: Tensor) {
        return g
      }
    }
    const x = leaf(1)
    Named.apply(x).sum().backward()
    log(x.grad)
    log.fails(() => Two.apply(x).sum().backward())
  },

  functionCalled(log) {
    log(_Square.forward(new autograd.Context(), tensor([3])))
    log.fails(() => autograd.Function.forward())
    log.fails(() => autograd.Function.backward(new autograd.Context()))
  },

  functionThrows(log) {
    class Bad extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor, late: boolean): Tensor {
        if (!late) throw new OnPurpose('in forward')
        return x.mul(2)
      }
      static override backward(): never {
        throw new OnPurpose('in backward')
      }
    }
    const x = leaf(1)
    log.fails(() => Bad.apply(x, false))
    log(isGradEnabled())
    log.fails(() => Bad.apply(x, true).sum().backward())
    log(isGradEnabled(), x.grad)
    x.mul(2).sum().backward()
    log(x.grad)
  },

  functionContextAttributes(log) {
    class Keep extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.factor = 4
        ctx.names = ['a', 'b']
        return x.mul(4)
      }
      static override backward(ctx: Ctx, g: Tensor) {
        log(ctx.factor, ctx.names)
        return g.mul(ctx.factor as number)
      }
    }
    const x = leaf(1)
    const y = Keep.apply(x)
    log((y.gradFn as autograd.FunctionNode).ctx.factor)
    y.backward()
    log(x.grad)
  },

  functionSameInputTwice(log) {
    class Product extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, y: Tensor): Tensor {
        ctx.saveForBackward(x, y)
        return x.mul(y)
      }
      static override backward(ctx: Ctx, g: Tensor) {
        const [x, y] = ctx.savedTensors as [Tensor, Tensor]
        return [g.mul(y), g.mul(x).mul(10)]
      }
    }
    const x = leaf(1, 2)
    Product.apply(x, x).sum().backward()
    log(x.grad)
  },

  functionListOfTensors(log) {
    class Total extends autograd.Function {
      static override forward(_ctx: Ctx, xs: Tensor[]): Tensor {
        return xs.reduce((a, b) => a.add(b))
      }
    }
    const x = leaf(1, 2)
    const y = Total.apply([x, x])
    log(y, y.requiresGrad)
  },

  functionReturnsList(log) {
    class Pair extends autograd.Function {
      static override forward(_ctx: Ctx, ...xs: Tensor[]): Tensor[] {
        return xs.map((x) => x.mul(2))
      }
      static override backward(ctx: Ctx, ...gs: Tensor[]) {
        log(gs.length, ctx.needsInputGrad)
        return gs.map((g) => g.mul(2))
      }
    }
    const [x, y] = [leaf(1), leaf(2)]
    const [a, b, c] = Pair.apply(x, y, tensor([3])) as [Tensor, Tensor, Tensor]
    log(a, b, c)
    a.add(b).add(c).sum().backward()
    log(x.grad, y.grad)
  },

  functionGradientIsSavedTensor(log) {
    class Handed extends autograd.Function {
      static override forward(ctx: Ctx, x: Tensor, w: Tensor): Tensor {
        ctx.saveForBackward(w)
        return x.mul(w).sum()
      }
      static override backward(ctx: Ctx, _g: Tensor) {
        return [ctx.savedTensors[0], null]
      }
    }
    const [x, w] = [leaf(1, 2), tensor([3, 4])]
    Handed.apply(x, w).backward()
    Handed.apply(x, w).backward()
    log(x.grad, w)
  },

  functionGradientIsIncoming(log) {
    class Same extends autograd.Function {
      static override forward(_ctx: Ctx, x: Tensor, y: Tensor): Tensor {
        return x.add(y)
      }
      static override backward(_ctx: Ctx, g: Tensor) {
        return [g, g]
      }
    }
    const [x, y, seed] = [leaf(1, 2), leaf(3, 4), tensor([1, 10])]
    Same.apply(x, y).backward(seed)
    x.grad!.add_(1)
    log(x.grad, y.grad, seed)
  },

  functionSavesHandedThrough(log) {
    class Late extends autograd.Function {
      static override forward(x: Tensor): Tensor {
        return x
      }
      static setupContext(ctx: Ctx, [x]: [Tensor]): void {
        ctx.saveForBackward(x)
      }
    }
    log.fails(() => Late.apply(leaf(1)))
  },
}

export type { Log }
