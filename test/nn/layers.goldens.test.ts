/** What layers draw and do where PyTorch's own samples say nothing (test/oracle/layers.py). */
import { manualSeed, nn, type Tensor, tensor, zeros } from 'tenzo'
import { camelCase, type CodedTensor, decodeTensor, elementsOf, loadGoldens, valuesOf } from '../helpers/goldens'
import { difference } from '../helpers/tolerance'

interface Recorded {
  name: string
  args?: unknown[]
  options: Record<string, unknown>
  x: CodedTensor
  out: CodedTensor
  grad: CodedTensor
  after: CodedTensor
  print: string
  state?: [string, CodedTensor][]
  normType: string
  norm: CodedTensor
  grads: CodedTensor[]
}
const goldens = loadGoldens<Record<string, Recorded[]>>('layers.json.gz')
const EXACT = { relative: 0, ofLargest: 0 }
const CLOSE = { relative: 2e-6, ofLargest: 2e-6 }

function same(got: Tensor, want: CodedTensor, tolerance = EXACT): void {
  expect(got.dtype).toBe(want.t)
  expect([...got.shape]).toEqual(want.s)
  expect(difference(valuesOf(got), elementsOf(want), tolerance)).toBeNull()
}
const inCamelCase = (o: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(o).map(([k, v]) => [camelCase(k), v]))
const cotangent = (t: Tensor): Tensor =>
  tensor(Float32Array.from({ length: t.numel() }, (_, i) => (((i * 5) % 17) - 8) / 4)).view(t.shape)
type AnyFunction = (...args: unknown[]) => Tensor
const named = (space: object, name: string) => (space as Record<string, AnyFunction>)[camelCase(name)] as AnyFunction

test.each(
  goldens.initialisation!.map((c) => [`${c.name} ${JSON.stringify(c.options)} ${c.out.t} [${c.out.s}]`, c] as const),
)('init.%s', (_, c) => {
  const t = zeros(c.out.s, { dtype: c.out.t as 'float32' })
  manualSeed(4)
  named(nn.init, c.name)(t, ...(c.args ?? []), inCamelCase(c.options))
  // The factor of a matrix is found by another method; its digits are those of the arithmetic.
  same(t, c.out, c.name === 'orthogonal_' ? { relative: 1e-5, ofLargest: 1e-5 } : EXACT)
})

test.each(goldens.layers!.map((c) => [c.print, c] as const))('%s', (print, c) => {
  manualSeed(5)
  const Class = (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[c.name]!
  const options = inCamelCase(c.options)
  const m = new Class(...c.args!, ...(Object.keys(options).length > 0 ? [options] : []))
  expect(String(m)).toBe(print)
  if (!c.state) return
  const state = [...m.stateDict()]
  expect(state.map(([k]) => k)).toEqual(c.state.map(([k]) => k))
  c.state.forEach(([, want], i) => {
    same(state[i]![1], want)
  })
})

test.each(goldens.dropouts!.map((c) => [`${c.name} ${c.x.t} [${c.x.s}]`, c] as const))(
  '%s draws its stream',
  (_, c) => {
    manualSeed(3)
    same(
      named(nn.functional, c.name)(decodeTensor(c.x), 0.3, { training: true }),
      c.out,
      c.name.includes('alpha') ? { relative: 2 ** -22, ofLargest: 2 ** -22 } : EXACT,
    )
  },
)

test.each(goldens.clipping!.map((c) => [c.normType, c] as const))('clipGradNorm_ by norm %s', (normType, c) => {
  const parameters = [[2, 3], [4], [1]].map((shape) => {
    const n = shape.reduce((a, b) => a * b, 1)
    return new nn.Parameter(tensor(Float32Array.from({ length: n }, (_, i) => (((i * 7) % 23) - 11) / 8)).view(shape))
  })
  for (const p of parameters.slice(0, 2)) p.grad = p.detach().mul(2).sub(1)
  const norm = nn.utils.clipGradNorm_(parameters, 1.5, { normType: normType === 'inf' ? Infinity : Number(normType) })
  same(norm, c.norm, CLOSE)
  c.grads.forEach((want, i) => {
    same(parameters[i]!.grad as Tensor, want, CLOSE)
  })
  expect(parameters[2]!.grad).toBeNull()
})
test('clipGradNorm_ refuses norms that are not finite when asked to', () => {
  const p = new nn.Parameter(zeros([2]))
  p.grad = tensor([Infinity, 1])
  expect(() => nn.utils.clipGradNorm_([p], 1, { errorIfNonfinite: true })).toThrow(
    /The total norm of order 2.0 for gradients from `parameters` is non-finite/,
  )
  expect(nn.utils.clipGradNorm_([], 1).item()).toBe(0)
})
test('clipGradValue_ limits every element', () => {
  const p = new nn.Parameter(zeros([3]))
  p.grad = tensor([-3, 0.5, 2])
  nn.utils.clipGradValue_(p, 1)
  expect(p.grad.toArray()).toEqual([-1, 0.5, 1])
})
test('parameters to a vector and back', () => {
  const net = new nn.Linear(2, 3)
  const v = nn.utils.parametersToVector(net.parameters())
  expect([...v.shape]).toEqual([9])
  nn.utils.vectorToParameters(tensor([1, 2, 3, 4, 5, 6, 7, 8, 9]), net.parameters())
  expect(net.weight.toArray()).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  expect(net.bias?.toArray()).toEqual([7, 8, 9])
  expect(() => nn.utils.vectorToParameters(zeros([3]), net.parameters())).toThrow(
    "shape '[3, 2]' is invalid for input of size 3",
  )
})

test.each(goldens.embeddings!.map((c) => [JSON.stringify(c.options), c] as const))('embedding with %s', (_, c) => {
  const w = tensor(Float32Array.from({ length: 12 }, (_x, i) => (((i * 7) % 23) - 11) / 8))
    .view([4, 3])
    .clone()
    .requiresGrad_()
  const y = nn.functional.embedding(
    tensor([
      [0n, 1n, 1n],
      [3n, 1n, 0n],
    ]),
    w,
    inCamelCase(c.options),
  )
  same(y, c.out, CLOSE)
  y.mul(cotangent(y)).sum().backward()
  same(w.grad as Tensor, c.grad, CLOSE)
  same(w.detach(), c.after, CLOSE)
})

test.each(goldens.resizing!.map((c) => [JSON.stringify(c.options), c] as const))('interpolate %s', (_, c) => {
  const x = decodeTensor(c.x).requiresGrad_()
  const y = nn.functional.interpolate(x, inCamelCase(c.options))
  same(y, c.out, CLOSE)
  y.mul(cotangent(y)).sum().backward()
  same(x.grad as Tensor, c.grad, CLOSE)
})

test.each(goldens.activations!.map((c) => [`${c.name} ${JSON.stringify(c.options)}`, c] as const))('%s', (_, c) => {
  manualSeed(3)
  same(named(nn.functional, c.name)(decodeTensor(c.x), inCamelCase(c.options)), c.out, CLOSE)
})
