/** Attention and transformer layers against recordings of PyTorch (test/oracle/layers_recurrent.py). */
import { autograd, manualSeed, nn, noGrad, ones, randn, type Tensor, tanh, tensor, zeros } from 'tenzo'
import type { DType } from '../../lib'
import { camelCase, loadGoldens } from '../helpers/goldens'
import {
  type DrawnCase,
  expectRecorded,
  inCamelCase,
  type LayerCase,
  make,
  prepared,
  testDrawn,
  values,
} from '../helpers/layer-cases'

const F = nn.functional

interface CodedMask {
  shape: number[]
  kind: 'bool' | 'float'
  k: number
  infinite: boolean
  /** The lengths behind which everything is left out. */
  ended?: number[]
  causal?: number
}
interface Attending extends LayerCase {
  inputs: { shapes: number[][]; order: number[] }
  call: Record<string, CodedMask | boolean>
  extra?: Record<string, unknown>
}
interface Failing {
  name: string
  args: number[]
  opts: Record<string, unknown>
  inputs: number[][] | null
  call: Record<string, [number[], DType] | boolean>
  message: string
}
const goldens = loadGoldens<{ layers: Attending[]; drawn: DrawnCase[]; errors: Failing[] }>('layers_attention.json.gz')
type AnyLayer = nn.Module & ((...inputs: unknown[]) => unknown)

function maskOf(m: CodedMask | boolean, dtype: DType): Tensor | boolean {
  if (typeof m === 'boolean') return m
  if (m.causal !== undefined) return nn.Transformer.generateSquareSubsequentMask(m.causal, { dtype })
  if (m.ended) {
    const time = m.shape.at(-1)!
    const past = m.ended.map((n) => Array.from({ length: time }, (_, t) => t >= n))
    return tensor(past).view(m.shape)
  }
  const pattern = values(m.shape, m.k, 'float64')
  if (m.kind === 'bool') return pattern.gt(0.8)
  return m.infinite ? zeros(m.shape, { dtype }).maskedFill(pattern.gt(0.8), -Infinity) : pattern.to(dtype)
}
const ACTIVATIONS: Record<string, (x: Tensor) => Tensor> = {
  silu: F.silu,
  tanh,
  ReLU: new nn.ReLU(),
  GELU: new nn.GELU(),
  SiLU: new nn.SiLU(),
}
function makeLayer(c: Attending): nn.Module {
  const opts = { ...c.opts }
  if (typeof opts.activation === 'string') opts.activation = ACTIVATIONS[opts.activation] ?? opts.activation
  if (c.name === 'MultiheadAttention' || c.name.endsWith('Layer')) return make(c.name, c.args, opts)
  const [dModel, nhead] = c.args
  if (c.name === 'Transformer') return new nn.Transformer({ dModel, nhead, ...inCamelCase({ ...opts, ...c.extra }) })
  const { num_layers, norm, enable_nested_tensor } = c.extra as Record<string, never>
  const layer = make(`${c.name}Layer`, c.args, opts)
  const nested = enable_nested_tensor === undefined ? {} : { enable_nested_tensor }
  return make(c.name, [layer, num_layers, norm ? new nn.LayerNorm(dModel!) : null], nested)
}
const title = (c: { name: string; args: number[]; opts: object; call: object }, i: number): string =>
  `${i}: ${c.name}(${c.args}, ${JSON.stringify(c.opts)}) with ${Object.keys(c.call)}`

test.each(goldens.layers.map((c, i) => [title(c, i), c] as const))('%s', (_, c) => {
  const m = prepared(c, makeLayer(c) as AnyLayer)
  const leaves = c.inputs.shapes.map((s, n) => values(s, 1 + n, c.dtype).requiresGrad_())
  const call = Object.fromEntries(Object.entries(c.call).map(([k, v]) => [camelCase(k), maskOf(v, c.dtype)]))
  if (c.seed !== null) manualSeed(c.seed)
  expectRecorded(c, m, leaves, () => m(...c.inputs.order.map((n) => leaves[n]), call))
})
testDrawn(goldens.drawn)
test.each(goldens.errors.map((c, i) => [title(c, i), c] as const))('%s fails', (_, c) => {
  const attempt = () => {
    const sizes = ['dModel', 'nhead', 'numEncoderLayers', 'numDecoderLayers', 'dimFeedforward']
    const m = (
      c.name === 'Transformer'
        ? new nn.Transformer(Object.fromEntries(c.args.map((n, i) => [sizes[i], n])))
        : make(c.name, c.args, c.opts)
    ) as AnyLayer
    const call = Object.entries(c.call).map(([k, v]) => [
      camelCase(k),
      Array.isArray(v) ? zeros(v[0], { dtype: v[1] }) : v,
    ])
    if (c.inputs) m(...c.inputs.map((s) => zeros(s)), Object.fromEntries(call))
  }
  // A message from inside a layer names where it was.
  const message = expect.stringContaining(c.message.replace(/\.$/, '')) as string
  expect(attempt).toThrow(expect.objectContaining({ message, code: expect.stringMatching(/^ERR_TENZO/) }))
})

describe('names', () => {
  test('accessors stand for the registered parameters and children', () => {
    const mha = new nn.MultiheadAttention(4, 2, { addBiasKv: true })
    expect(mha.inProjWeight).toBe(mha.getParameter('in_proj_weight'))
    expect(mha.inProjBias).toBe(mha.getParameter('in_proj_bias'))
    expect(mha.biasK).toBe(mha.getParameter('bias_k'))
    expect(mha.outProj).toBe(mha.getSubmodule('out_proj'))
    const other = new nn.MultiheadAttention(4, 2, { kdim: 3 })
    expect(other.inProjWeight).toBeNull()
    expect([other.qProjWeight, other.kProjWeight, other.vProjWeight].map((w) => w?.shape)).toEqual([
      [4, 4],
      [4, 3],
      [4, 4],
    ])
    const decoder = new nn.TransformerDecoderLayer(4, 2, 8)
    expect(decoder.selfAttn).toBe(decoder.getSubmodule('self_attn'))
    expect(decoder.multiheadAttn).toBe(decoder.getSubmodule('multihead_attn'))
    const fresh = new nn.Parameter(ones([12]))
    mha.inProjBias = fresh
    expect(
      mha
        .stateDict()
        .get('in_proj_bias')
        ?.equal(ones([12])),
    ).toBe(true)
  })
})

describe('copies', () => {
  test('the layers of an encoder start equal and are their own', () => {
    const layer = new nn.TransformerEncoderLayer(4, 2, 8, { dropout: 0 })
    const encoder = new nn.TransformerEncoder(layer, 3)
    const [a, b] = [encoder.layers[0] as nn.TransformerEncoderLayer, encoder.layers[1] as nn.TransformerEncoderLayer]
    expect(a.linear1.weight.equal(layer.linear1.weight)).toBe(true)
    expect(a.linear1.weight).not.toBe(b.linear1.weight)
    expect(new Set(encoder.parameters()).size).toBe(3 * [...layer.parameters()].length)
    noGrad(() => a.linear1.weight.zero_())
    expect(b.linear1.weight.equal(layer.linear1.weight)).toBe(true)
    expect(a(randn([2, 1, 4])).shape).toEqual([2, 1, 4])
    encoder.eval()
    expect([a.training, a.selfAttn.training, layer.training]).toEqual([false, false, true])
  })
  test('a layer of the user with buffers, ties, containers and hooks', () => {
    class Own extends nn.Module {
      inner = new nn.Sequential(new nn.Linear(4, 4), new nn.Tanh())
      tied = this.inner[0]
      scales = [ones([1]), ones([1])]
      calls = 0
      constructor() {
        super()
        this.registerBuffer('seen', zeros([1]))
        this.registerBuffer('passing', zeros([1]), { persistent: false })
      }
      override forward(src: Tensor): Tensor {
        this.calls++
        return this.inner(src).add(this.tied(src))
      }
    }
    const own = new Own()
    let hooked = 0
    own.registerForwardHook(() => {
      hooked++
    })
    const encoder = new nn.TransformerEncoder(own, 2)
    const [a, b] = [encoder.layers[0] as unknown as Own, encoder.layers[1] as unknown as Own]
    expect(a).toBeInstanceOf(Own)
    expect(a.tied).toBe(a.inner[0])
    expect(a.tied).not.toBe(own.tied)
    a.inner.append(new nn.Identity())
    expect([a.inner.length, b.inner.length, own.inner.length]).toEqual([3, 2, 2])
    expect([...b.stateDict().keys()]).toEqual([...own.stateDict().keys()])
    expect([...b.buffers()].length).toBe(2)
    expect(b.scales[0]).not.toBe(own.scales[0])
    expect(encoder(randn([3, 4])).shape).toEqual([3, 4])
    expect([a.calls, b.calls, own.calls, hooked]).toEqual([1, 1, 0, 2])
  })
  test('a computed tensor cannot be copied', () => {
    class Own extends nn.Module {
      product = new nn.Parameter(ones([2])).mul(2)
      override forward(src: Tensor): Tensor {
        return src
      }
    }
    expect(() => new nn.TransformerEncoder(new Own(), 1)).toThrow('Only Tensors created explicitly by the user')
  })
})

describe('masks', () => {
  test('the causal mask', () => {
    expect(nn.Transformer.generateSquareSubsequentMask(3).toArray()).toEqual([
      [0, -Infinity, -Infinity],
      [0, 0, -Infinity],
      [0, 0, 0],
    ])
    expect(nn.Transformer.generateSquareSubsequentMask(2, { dtype: 'float64' }).dtype).toBe('float64')
    expect(() => nn.Transformer.generateSquareSubsequentMask(-1)).toThrow('non-negative')
  })
  test('under it no position sees what comes after', () => {
    const layer = new nn.TransformerEncoderLayer(4, 2, 8, { dropout: 0 })
    const x = randn([5, 1, 4])
    const mask = nn.Transformer.generateSquareSubsequentMask(5)
    const y = layer(x, mask)
    const changed = x.clone()
    changed.set(4, 9)
    expect(
      layer(changed, mask)
        .narrow(0, 0, 4)
        .allclose(y.narrow(0, 0, 4), { atol: 1e-6 }),
    ).toBe(true)
    expect(layer(x, { srcMask: mask, isCausal: true }).allclose(y, { atol: 1e-5 })).toBe(true)
  })
  test('what is left out has no influence, and weight zero', () => {
    const mha = new nn.MultiheadAttention(4, 2, { batchFirst: true })
    const [q, kv] = [randn([2, 3, 4]), randn([2, 5, 4])]
    const keyPaddingMask = tensor([
      [false, false, false, true, true],
      [false, false, false, false, true],
    ])
    const [y, w] = mha(q, kv, kv, { keyPaddingMask })
    expect((w as Tensor).sum(-1).allclose(ones([2, 3]))).toBe(true)
    expect((w as Tensor).maskedSelect(keyPaddingMask.unsqueeze(1)).toArray()).toEqual(new Array(9).fill(0))
    const other = kv.clone()
    other.set([0, 4], 7)
    expect(mha(q, other, other, keyPaddingMask)[0].allclose(y, { atol: 1e-6 })).toBe(true)
  })
})

describe('options', () => {
  test('wrong names and types are refused', () => {
    const mha = new nn.MultiheadAttention(4, 2)
    const x = randn([3, 1, 4])
    // @ts-expect-error a wrong option name
    expect(() => mha(x, x, x, { attentionMask: null })).toThrow("unexpected keyword argument 'attentionMask'")
    // @ts-expect-error a wrong option name
    expect(() => new nn.Transformer({ heads: 2 })).toThrow("unexpected keyword argument 'heads'")
    // @ts-expect-error no tensor
    expect(() => mha(x, x, 5)).toThrow("argument 'value' must be Tensor")
    expect(() => new nn.TransformerEncoderLayer(4, 2, { batchFirst: 1 as never })).toThrow('must be bool')
    expect(() => new nn.TransformerEncoder(5 as never, 2)).toThrow('not a Module subclass')
    expect(() => new nn.MultiheadAttention(4.5, 2)).toThrow('must be an integer')
    expect(() => new nn.MultiheadAttention(4, 2, { dropout: 2 })(x, x, x)).toThrow(
      'dropout probability has to be between 0 and 1, but got 2',
    )
  })
  test('static keys and values', () => {
    const [q, w, b] = [randn([2, 1, 4]), randn([12, 4]), randn([12])]
    const out = randn([4, 4])
    const fixed = randn([2, 3, 2])
    const call = (options: object) =>
      F.multiHeadAttentionForward(q, q, q, 4, 2, w, b, null, null, false, 0, out, null, options)
    const [y, weights] = call({ staticK: fixed, staticV: fixed })
    expect([y.shape, weights?.shape]).toEqual([
      [2, 1, 4],
      [1, 2, 3],
    ])
    expect(() => call({ staticK: randn([3, 3, 2]), staticV: fixed })).toThrow(
      'expecting static_k.size(0) of 2, but got 3',
    )
    expect(() => call({ staticK: fixed, staticV: randn([2, 3, 1]) })).toThrow(
      'expecting static_v.size(2) of 2, but got 1',
    )
    expect(() => call({ useSeparateProjWeight: true })).toThrow('q_proj_weight is None')
  })
  test('parts of a transformer can be replaced', () => {
    class Shift extends nn.Module {
      override forward(src: Tensor): Tensor {
        return src.add(1)
      }
    }
    const t = new nn.Transformer(4, { nhead: 2, dimFeedforward: 8, numDecoderLayers: 1, customEncoder: new Shift() })
    expect(String(t)).toMatch('(encoder): Shift()')
    expect(t(randn([3, 1, 4]), randn([2, 1, 4])).shape).toEqual([2, 1, 4])
  })
})

describe('gradients', () => {
  const x = (shape: number[], k: number) => values(shape, k, 'float64').mul(0.3).requiresGrad_()
  const check = (m: nn.Module, f: (...a: Tensor[]) => unknown, ...given: Tensor[]) => {
    const inputs = [...given, ...m.parameters()]
    expect(autograd.gradcheck(f as never, inputs)).toBe(true)
  }
  test('MultiheadAttention', () => {
    manualSeed(0)
    const m = new nn.MultiheadAttention(4, 2, { addBiasKv: true, addZeroAttn: true, kdim: 3 }).double()
    const mask = x([2, 3], 4)
    check(
      m,
      (q, k, v) => m(q!, k!, v!, { attnMask: mask }) as Tensor[],
      x([2, 1, 4], 1),
      x([3, 1, 3], 2),
      x([3, 1, 4], 3),
    )
    check(m, (q, k, v) => m(q!, k!, v!, { needWeights: false })[0], x([2, 4], 1), x([3, 3], 2), x([3, 4], 3))
    const self = new nn.MultiheadAttention(2, 1, { batchFirst: true }).double()
    check(self, (q) => self(q!, q!, q!)[0], x([1, 3, 2], 1))
    expect(autograd.gradgradcheck(((q: Tensor) => self(q, q, q)[0]) as never, [x([1, 2, 2], 1)])).toBe(true)
  })
  test('transformer layers', () => {
    manualSeed(0)
    const encoder = new nn.TransformerEncoderLayer(2, 1, 3, { dropout: 0, activation: 'gelu' }).double()
    check(encoder, (a) => encoder(a!), x([2, 1, 2], 1))
    const decoder = new nn.TransformerDecoderLayer(2, 1, 3, { dropout: 0, normFirst: true, activation: tanh }).double()
    check(decoder, (a, b) => decoder(a!, b!), x([2, 1, 2], 1), x([3, 1, 2], 2))
    const whole = new nn.Transformer(2, {
      nhead: 1,
      numEncoderLayers: 1,
      numDecoderLayers: 1,
      dimFeedforward: 2,
      dropout: 0,
      activation: 'gelu',
    }).double()
    check(whole, (a, b) => whole(a!, b!), x([2, 2], 1), x([3, 2], 2))
  })
})
