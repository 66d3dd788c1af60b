/** What the tests of recurrent and attention layers share: the formulas of test/oracle/layers_recurrent.py, and the comparison. */
import { autograd, manualSeed, noGrad, nn, type Tensor, tensor } from 'tenzo'
import type { DType } from '../../lib'
import { camelCase, type CodedTensor, contiguous, cotangent, elementsOf, valuesOf } from './goldens'
import { difference, type Tolerance } from './tolerance'

export interface LayerCase {
  name: string
  args: number[]
  opts: Record<string, unknown>
  dtype: DType
  seed: number | null
  noGrad: boolean
  train: boolean
  print: string
  keys: [string, number[]][]
  outs: (CodedTensor | null)[]
  nodes: (string | null)[]
  grads?: (CodedTensor | null)[]
}
export interface DrawnCase {
  name: string
  args: number[]
  opts: Record<string, unknown>
  state: [string, CodedTensor][]
}

/** PyTorch's option names as Tenzo's. */
export const inCamelCase = (o: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(o).map(([k, v]) => [camelCase(k), v]))
export function make(name: string, args: readonly unknown[], opts: Record<string, unknown>): nn.Module {
  const Class = (nn as unknown as Record<string, new (...a: unknown[]) => nn.Module>)[name]!
  const options = inCamelCase(opts)
  return new Class(...args, ...(Object.keys(options).length > 0 ? [options] : []))
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
/** Values without ties or symmetry, exact in every float dtype. */
export function values(shape: readonly number[], k: number, dtype: DType): Tensor {
  const v = Float64Array.from({ length: count(shape) }, (_, i) => (((i * 37 + 11 * k) % 101) - 50) / 32)
  return tensor(v).to(dtype).view(shape).clone()
}
export function fill(m: nn.Module): void {
  noGrad(() => {
    ;[...m.parameters()].forEach((p, n) => {
      p.copy_(tensor(Float64Array.from({ length: p.numel() }, (_, i) => ((i * 7 + n) % 17) / 16 - 0.4)).view(p.shape))
    })
  })
}

const TOLERANCES: Partial<Record<DType, Tolerance>> = {
  float64: { relative: 1e-12, ofLargest: 1e-13 },
  float32: { relative: 2e-5, ofLargest: 4e-6 },
  // PyTorch rounds after every step, Tenzo once.
  bfloat16: { relative: 2 ** -5, ofLargest: 2 ** -5 },
}
const EXACT: Tolerance = { relative: 0, ofLargest: 0 }
/** @param scale the size of the terms that the elements are sums of */
export function expectSame(got: Tensor | null, want: CodedTensor | null, scale = 0): void {
  if (want === null || got === null) {
    expect(got).toBe(want)
    return
  }
  expect(got.dtype).toBe(want.t)
  expect([...got.shape]).toEqual(want.s)
  expect(difference(valuesOf(got), elementsOf(want), TOLERANCES[want.t] ?? EXACT, scale)).toBeNull()
}

/** The tensors in a layer's result, in order. */
function outputsOf(result: unknown): (Tensor | null)[] {
  if (Array.isArray(result)) return result.flatMap(outputsOf)
  return [result instanceof nn.utils.rnn.PackedSequence ? result.data : (result as Tensor | null)]
}
/** Calls a layer as recorded and compares outputs, their layout and node, and all gradients. */
export function expectRecorded(c: LayerCase, m: nn.Module, leaves: Tensor[], call: () => unknown): void {
  const outs = outputsOf(c.noGrad ? noGrad(call) : call())
  expect(outs.length).toBe(c.outs.length)
  c.outs.forEach((want, i) => {
    const got = outs[i]!
    expectSame(got, want)
    if (want !== null && got.numel() > 0) {
      const strides = want.st ?? contiguous(want.s)
      expect(got.stride().filter((_, d) => want.s[d] !== 1)).toEqual(strides.filter((_, d) => want.s[d] !== 1))
    }
  })
  expect(outs.map((o) => o?.gradFn?.name() ?? null)).toEqual(c.nodes)
  if (c.grads === undefined) return
  const taken = outs.filter((o): o is Tensor => o?.requiresGrad === true)
  const total = taken.map((o) => o.mul(cotangent(o)).sum()).reduce((a, b) => a.add(b))
  const grads = autograd.grad(total, [...leaves, ...m.parameters()], { allowUnused: true })
  // Some gradients are differences that cancel: those of a key's bias, and of what is normalised.
  const sizes = c.grads.flatMap((g) => (g ? elementsOf(g).map((v) => Math.abs(Number(v))) : []))
  const largest = Math.max(0, ...sizes.filter(Number.isFinite))
  c.grads.forEach((want, i) => {
    expectSame(grads[i] ?? null, want, largest)
  })
}
export function expectState(m: nn.Module, state: readonly [string, CodedTensor][]): void {
  const own = [...m.stateDict()]
  expect(own.map(([k]) => k)).toEqual(state.map(([k]) => k))
  state.forEach(([, want], i) => {
    expect([...own[i]![1].shape]).toEqual(want.s)
    expect(valuesOf(own[i]![1])).toEqual(elementsOf(want))
  })
}

/** A recorded layer in its mode, with the parameters of the formula; printout and names of the state are PyTorch's. */
export function prepared<M extends nn.Module>(c: LayerCase, m: M): M {
  m.to(c.dtype)
  fill(m)
  m.train(c.train)
  expect(String(m)).toBe(c.print)
  expect([...m.stateDict()].map(([k, v]) => [k, [...v.shape]])).toEqual(c.keys)
  return m
}
export function testDrawn(drawn: readonly DrawnCase[]): void {
  test.each(drawn.map((c) => [`${c.name} ${JSON.stringify(c.opts)}`, c] as const))(
    '%s draws its parameters',
    (_, c) => {
      manualSeed(9)
      expectState(make(c.name, c.args, c.opts), c.state)
    },
  )
}
