/** What the types of autograd promise. */
import { autograd, inferenceMode, noGrad, rand, tensor, type Tensor } from 'tenzo'
import { exactly, typed } from './assert'

const { functional, grad, graph } = autograd
const x = rand([3], { requiresGrad: true })

// ---- Function: `apply` is typed by `forward` -----------------------------------------------------------------------

class Scale extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor, factor: number, label?: string): Tensor {
    ctx.saveForBackward(x, null)
    ctx.label = label
    return x.mul(factor)
  }
  static override backward(ctx: autograd.Context, g: Tensor): [Tensor, null] {
    exactly<(Tensor | null)[]>()(ctx.savedTensors)
    exactly<readonly boolean[]>()(ctx.needsInputGrad)
    return [g, null]
  }
}
exactly<Tensor>()(Scale.apply(x, 2))
Scale.apply(x, 2, 'twice')
// @ts-expect-error a factor is missing
Scale.apply(x)
// @ts-expect-error a text is no factor
Scale.apply(x, '2')
// @ts-expect-error too many
Scale.apply(x, 2, 'twice', 3)

class Power extends autograd.Function {
  static override forward(x: Tensor, n: number): [Tensor, number] {
    return [x.pow(n), n]
  }
  static setupContext(ctx: autograd.Context, [x, n]: [Tensor, number], [y]: [Tensor, number]): void {
    ctx.saveForBackward(x, y)
    ctx.n = n
  }
}
exactly<[Tensor, number]>()(Power.apply(x, 3))
// @ts-expect-error with setupContext, forward takes no context
Power.apply(new autograd.Context(), x, 3)

class Once extends Scale {
  static override backward = autograd.onceDifferentiable((ctx, g: Tensor): [Tensor, null] => [
    g.mul(ctx.n as number),
    null,
  ])
}
exactly<Tensor>()(Once.apply(x, 2))

// @ts-expect-error only tensors are saved
new autograd.Context().saveForBackward('text')

// ---- grad and backward ---------------------------------------------------------------------------------------------

exactly<(Tensor | null)[]>()(grad(x.sum(), x))
exactly<(Tensor | null)[]>()(grad([x.sum()], [x], [null], { createGraph: true }))
exactly<Record<'a' | 'b', Tensor | null>>()(grad(x.sum(), { a: x, b: x }))
grad(graph.getGradientEdge(x.sum()), [x, graph.getGradientEdge(x)])
x.sum().backward({ inputs: { x } })
// @ts-expect-error an unknown option
grad(x.sum(), x, { createGraphs: true })
// @ts-expect-error a number has no gradient
grad(x.sum(), 5)

// ---- hooks and the graph -------------------------------------------------------------------------------------------

x.registerHook((g) => exactly<Tensor>()(g))
// @ts-expect-error a hook gives a tensor or nothing
x.registerHook(() => 5)
const node = typed(x.mul(2).gradFn)
exactly<string | undefined>()(node?.name())
node?.registerHook((inputs, outputs) => {
  exactly<readonly (Tensor | null)[]>()(inputs)
  return [...inputs, ...outputs]
})
graph.registerMultiGradHook([x], (grads) => void exactly<readonly (Tensor | null)[]>()(grads))
graph.registerMultiGradHook([x], (g) => void exactly<Tensor>()(g), { mode: 'any' })
// @ts-expect-error there is no such mode
graph.registerMultiGradHook([x], () => {}, { mode: 'some' })
exactly<Tensor>()(
  graph.savedTensorsHooks(
    (t) => t.shape,
    (shape) => rand([...exactlyShape(shape)]),
    () => x.mul(x),
  ),
)
function exactlyShape(shape: readonly number[]): readonly number[] {
  return shape
}
graph.savedTensorsHooks(
  // @ts-expect-error what was packed is unpacked
  (t) => t.shape,
  (text: string) => tensor(text.length),
)

// ---- functional ----------------------------------------------------------------------------------------------------

const square = (t: Tensor): Tensor => t.mul(t)
const both = (a: Tensor, b: Tensor): [Tensor, Tensor] => [a, b]
exactly<Tensor>()(functional.jacobian(square, x))
exactly<Tensor[]>()(functional.jacobian((a: Tensor, b: Tensor): Tensor => a.mul(b), [x, x]))
exactly<Tensor[][]>()(functional.jacobian(both, [x, x]))
exactly<Tensor>()(functional.hessian((t: Tensor) => square(t).sum(), x))
exactly<Tensor[][]>()(functional.hessian((a: Tensor, b: Tensor) => a.mul(b).sum(), [x, x]))
exactly<[Tensor, Tensor]>()(functional.vjp(square, x, x))
exactly<[Tensor[], Tensor[]]>()(functional.vjp(both, [x, x], [x, x], { createGraph: true }))
exactly<[Tensor, Tensor[]]>()(functional.vhp((a: Tensor, b: Tensor) => a.mul(b).sum(), [x, x], [x, x]))
// @ts-expect-error the function takes two
functional.jacobian(both, x)
// @ts-expect-error an unknown strategy
functional.jacobian(square, x, { strategy: 'sideways' })

// ---- modes and checks ----------------------------------------------------------------------------------------------

exactly<number>()(noGrad(() => 5))
exactly<number>()(inferenceMode(() => 5))
exactly<string>()(inferenceMode(false, () => 'x'))
exactly<number>()(autograd.detectAnomaly({ checkNan: false }, () => 5))
exactly<autograd.ModeGuard>()(autograd.detectAnomaly())
// @ts-expect-error a wrong option
autograd.setDetectAnomaly(true, { checkNaN: true })
exactly<boolean>()(autograd.gradcheck(square, x, { fastMode: true, nondetTol: 1e-8 }))
exactly<boolean>()(autograd.gradgradcheck((a: Tensor, n: number) => a.mul(n), [x, 3], null, { atol: 1 }))
// @ts-expect-error an unknown option
autograd.gradcheck(square, x, { tolerance: 1 })
