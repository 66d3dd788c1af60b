/** Recurrent layers, their cells and packed sequences against recordings of PyTorch (test/oracle/layers_recurrent.py). */
import {
  autograd,
  getNumThreads,
  isTensor,
  manualSeed,
  nn,
  noGrad,
  randn,
  setNumThreads,
  type Tensor,
  tensor,
  zeros,
} from 'tenzo'
import { type CodedTensor, cotangent, decodeTensor, loadGoldens } from '../helpers/goldens'
import {
  type DrawnCase,
  expectRecorded,
  expectSame,
  type LayerCase,
  make,
  prepared,
  testDrawn,
  values,
} from '../helpers/layer-cases'

const { packPaddedSequence, packSequence, padPackedSequence, padSequence, unpackSequence, unpadSequence } = nn.utils.rnn

interface Recurrent extends LayerCase {
  input: { shape: number[]; lengths?: number[]; batchFirst?: boolean; enforceSorted?: boolean }
  hx?: number[][]
}
interface Failing {
  name: string
  args: number[]
  opts: Record<string, unknown>
  input: number[] | null
  hx: number[][] | null
  dtype?: 'float64'
  message: string
}
interface Packing {
  shape: number[]
  lengths: number[]
  batchFirst: boolean
  enforceSorted: boolean
  back: boolean
  value: number
  total: number | null
  print: string
  data: CodedTensor
  batchSizes: CodedTensor
  sorted: CodedTensor | null
  unsorted: CodedTensor | null
  padded: CodedTensor
  counts: CodedTensor
  grad: CodedTensor
  unpacked: CodedTensor[]
}
interface Padding {
  lengths: number[]
  rest: number[]
  batchFirst: boolean
  side: 'left' | 'right'
  value: number
  padded: CodedTensor
  grads: CodedTensor[]
  packed?: string
}
const goldens = loadGoldens<{
  layers: Recurrent[]
  cells: Recurrent[]
  drawn: DrawnCase[]
  errors: Failing[]
  packing: Packing[]
  padding: Padding[]
  packingErrors: { name: string; args: unknown[]; message: string }[]
}>('layers_recurrent.json.gz')

type AnyLayer = nn.Module & ((input: unknown, hx?: unknown) => unknown)
const title = (c: { name: string; args: number[]; opts: object; input: unknown; hx?: unknown }, i: number): string =>
  `${i}: ${c.name}(${c.args}, ${JSON.stringify(c.opts)}) of ${JSON.stringify(c.input)}${c.hx ? ' and a state' : ''}`

describe('layers', () => {
  test.each([...goldens.layers, ...goldens.cells].map((c, i) => [title(c, i), c] as const))('%s', (_, c) => {
    const m = prepared(c, make(c.name, c.args, c.opts) as AnyLayer)
    const leaf = (shape: number[], k: number) => values(shape, k, c.dtype).requiresGrad_()
    const x = leaf(c.input.shape, 1)
    const hx = c.hx?.map((s, n) => leaf(s, 2 + n))
    const { lengths, batchFirst, enforceSorted } = c.input
    const input = lengths ? packPaddedSequence(x, lengths, { batchFirst, enforceSorted }) : x
    if (c.seed !== null) manualSeed(c.seed)
    expectRecorded(c, m, [x, ...(hx ?? [])], () => m(input, c.name.startsWith('LSTM') ? hx : hx?.[0]))
  })
  testDrawn(goldens.drawn)
  test.each(goldens.errors.map((c, i) => [title(c, i), c] as const))('%s fails', (_, c) => {
    const attempt = () => {
      const m = make(c.name, c.args, c.opts) as AnyLayer
      if (c.input === null) return
      const hx = c.hx?.map((s) => zeros(s))
      m(zeros(c.input, { dtype: c.dtype ?? 'float32' }), c.name.startsWith('LSTM') ? hx : hx?.[0])
    }
    expect(attempt).toThrow(expect.objectContaining({ message: c.message, code: expect.stringMatching(/^ERR_TENZO/) }))
  })
})

describe('names', () => {
  test('accessors stand for the registered parameters', () => {
    const lstm = new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true, projSize: 2 })
    const state = lstm.stateDict()
    expect(lstm.weightIhL0.equal(state.get('weight_ih_l0') as Tensor)).toBe(true)
    expect(lstm.biasHhL1Reverse!.equal(state.get('bias_hh_l1_reverse') as Tensor)).toBe(true)
    expect([...lstm.weightHrL1!.shape]).toEqual([2, 4])
    const fresh = new nn.Parameter(zeros([16, 3]))
    lstm.weightIhL0 = fresh
    expect([...lstm.parameters()][0]).toBe(fresh)
    expect(lstm.allWeights[0]![0]).toBe(fresh)
    expect(lstm.allWeights.map((g) => g.length)).toEqual([5, 5, 5, 5])
    const flat = lstm.allWeights.flat()
    expect([...lstm.parameters()].every((p, i) => p === flat[i])).toBe(true)
    const cell = new nn.GRUCell(3, 4)
    cell.biasIh = null
    expect([...cell.stateDict().keys()]).toEqual(['weight_ih', 'weight_hh', 'bias_hh'])
  })
  test('a layer that shares its parameters with another computes the same', () => {
    const [a, b] = [new nn.GRU(2, 3), new nn.GRU(2, 3)]
    b.loadStateDict(a.stateDict())
    const x = randn([4, 2, 2])
    expect(a(x)[0].equal(b(x)[0])).toBe(true)
    a.flattenParameters()
    a.double()
    expect(a(x.double())[0].dtype).toBe('float64')
  })
})

describe('states', () => {
  test('what a call gives goes on where it stopped', () => {
    manualSeed(2)
    const lstm = new nn.LSTM(3, 4, { numLayers: 2 })
    const x = randn([6, 2, 3])
    const [whole, [h, c]] = lstm(x)
    const [, state] = lstm(x.narrow(0, 0, 4))
    const [rest, [h2, c2]] = lstm(x.narrow(0, 4, 2), state)
    expect(rest.allclose(whole.narrow(0, 4, 2), { atol: 1e-6 })).toBe(true)
    expect(h2.allclose(h, { atol: 1e-6 }) && c2.allclose(c, { atol: 1e-6 })).toBe(true)
  })
  test('an option object says the same as a position', () => {
    const gru = new nn.GRU(3, 4)
    const [x, hx] = [randn([5, 2, 3]), randn([1, 2, 4])]
    expect(gru(x, { hx })[0].equal(gru(x, hx)[0])).toBe(true)
    expect(gru(x, null)[0].equal(gru(x)[0])).toBe(true)
    // @ts-expect-error a wrong option name
    expect(() => gru(x, { h: hx })).toThrow("unexpected keyword argument 'h'")
  })
  test('states of another dtype and packed sizes that do not add up are refused', () => {
    const gru = new nn.GRU(3, 4)
    expect(() => gru(randn([5, 2, 3]), randn([1, 2, 4]).double())).toThrow(
      'mat1 and mat2 must have the same dtype, but got Double and Float',
    )
    const wrong = new nn.utils.rnn.PackedSequence(randn([3, 3]), tensor([2n, 2n]))
    expect(() => gru(wrong)).toThrow('add up to the rows of data')
    expect(() => new nn.LSTM(3, 4)(randn([5, 2, 3]), randn([1, 2, 4]) as never)).toThrow(/must be tuple of Tensors/)
    expect(() => gru(5 as never)).toThrow("argument 'input' must be Tensor")
  })
  test('nothing changes its input or its state', () => {
    const lstm = new nn.LSTM(2, 3)
    const [x, h, c] = [randn([4, 2, 2]), zeros([1, 2, 3]), zeros([1, 2, 3])]
    const before = [x, h, c].map((t) => t._version)
    lstm(x, [h, c])
    expect(h.abs().sum().item()).toBe(0)
    expect([x, h, c].map((t) => t._version)).toEqual(before)
  })
  test('a step of no rows', () => {
    expect([...new nn.GRU(2, 3)(zeros([4, 0, 2]))[0].shape]).toEqual([4, 0, 3])
    expect([...new nn.LSTMCell(2, 3)(zeros([0, 2]))[1].shape]).toEqual([0, 3])
  })
  test('dropout on a single layer is warned of', () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    new nn.LSTM(2, 3, { dropout: 0.5 })
    expect(warned.mock.calls[0]![0]).toMatch('non-zero dropout expects num_layers greater than 1')
    warned.mockRestore()
  })
})

describe('gradients', () => {
  const inputs = (m: nn.Module, ...shapes: number[][]): Tensor[] => [
    ...shapes.map((s, k) =>
      values(s, k + 1, 'float64')
        .mul(0.5)
        .requiresGrad_(),
    ),
    ...m.parameters(),
  ]
  /** The output for one input and the first states, whatever the layer. */
  type Recurrent = nn.RNN | nn.GRU | nn.LSTM
  const run = (m: Recurrent, x: Tensor | nn.utils.rnn.PackedSequence, hx?: Tensor[]): Tensor[] => {
    const call = m as unknown as (x: unknown, hx?: unknown) => [Tensor | nn.utils.rnn.PackedSequence, Tensor | Tensor[]]
    const [y, state] = call(x, m instanceof nn.LSTM ? hx : hx?.[0])
    return [isTensor(y) ? y : y.data, ...(Array.isArray(state) ? state : [state])]
  }
  const LAYERS: [string, () => Recurrent][] = [
    ['RNN', () => new nn.RNN(2, 2, { bidirectional: true })],
    ['RNN without bias', () => new nn.RNN(2, 2, { bias: false, nonlinearity: 'relu' })],
    ['GRU', () => new nn.GRU(2, 2, { numLayers: 2 })],
    ['GRU without bias', () => new nn.GRU(2, 2, { bias: false })],
    ['LSTM', () => new nn.LSTM(2, 2, { bidirectional: true })],
    ['LSTM with a projection', () => new nn.LSTM(2, 3, { projSize: 2, bias: false, numLayers: 2 })],
  ]
  test.each(LAYERS)('%s', (_, layer) => {
    manualSeed(1)
    const m = layer().double()
    const states = m.numLayers * (m.bidirectional ? 2 : 1)
    const hidden = m.projSize || m.hiddenSize
    const shapes = [[3, 2, 2], [states, 2, hidden], ...(m instanceof nn.LSTM ? [[states, 2, m.hiddenSize]] : [])]
    const f = (x: Tensor, ...hx: Tensor[]): Tensor[] => run(m, x, hx.slice(0, shapes.length - 1))
    const given = inputs(m, ...shapes)
    expect(autograd.gradcheck(f as never, given)).toBe(true)
    const packed = (x: Tensor): Tensor[] => run(m, packPaddedSequence(x, [3, 1]))
    expect(autograd.gradcheck(packed as never, inputs(m, [3, 2, 2]))).toBe(true)
  })
  test.each(LAYERS)('the second of %s', (_, layer) => {
    manualSeed(1)
    const m = layer().double()
    const f = (x: Tensor): Tensor => (run(m, packPaddedSequence(x, [2, 1]))[0] as Tensor).tanh()
    expect(autograd.gradgradcheck(f as never, inputs(m, [2, 2, 2]))).toBe(true)
  })
  test.each([
    ['RNNCell', () => new nn.RNNCell(2, 3)],
    ['GRUCell', () => new nn.GRUCell(2, 3)],
  ] as [string, () => nn.RNNCell | nn.GRUCell][])('%s', (_, cell) => {
    const m = cell().double()
    const f = (x: Tensor, h: Tensor): Tensor => m(x, h)
    expect(autograd.gradcheck(f as never, inputs(m, [2, 2], [2, 3]))).toBe(true)
    expect(autograd.gradgradcheck(f as never, inputs(m, [1, 2], [1, 3]))).toBe(true)
  })
  test('LSTMCell', () => {
    const m = new nn.LSTMCell(2, 3).double()
    const f = (x: Tensor, h: Tensor, c: Tensor): Tensor[] => m(x, [h, c])
    expect(autograd.gradcheck(f as never, inputs(m, [2, 2], [2, 3], [2, 3]))).toBe(true)
    expect(autograd.gradgradcheck(f as never, inputs(m, [1, 2], [1, 3], [1, 3]))).toBe(true)
  })
  test('frozen parameters get none, and noGrad records nothing', () => {
    const m = new nn.GRU(2, 3)
    m.weightHhL0.requiresGrad_(false)
    m(randn([3, 2, 2]))[0]
      .sum()
      .backward()
    expect(m.weightHhL0.grad).toBeNull()
    expect(m.weightIhL0.grad).not.toBeNull()
    expect(noGrad(() => m(randn([3, 2, 2])))[0].requiresGrad).toBe(false)
  })
  test('a parameter changed between the passes is noticed', () => {
    const m = new nn.LSTM(2, 3)
    const y = m(randn([3, 2, 2]))[0].sum()
    noGrad(() => m.weightHhL0.mul_(2))
    expect(() => y.backward()).toThrow('modified by an inplace operation')
  })
  test('where PyTorch lets the output be changed in place, so does Tenzo', () => {
    const gru = new nn.GRU(2, 3)
    const x = randn([4, 2, 2])
    const [plain] = gru(x)
    const wanted = autograd.grad(plain.mul(2).sum(), [...gru.parameters()])
    const [changed] = gru(x)
    autograd.grad(changed.mul_(2).sum(), [...gru.parameters()]).forEach((g, i) => {
      expect(g!.allclose(wanted[i]!)).toBe(true)
    })
    // The node of PyTorch's LSTM keeps its output.
    const [y] = new nn.LSTM(2, 3)(x)
    expect(() => y.mul_(2).sum().backward()).toThrow('modified by an inplace operation')
  })
  test('a graph that is kept gives the same again, one that is freed says so', () => {
    const m = new nn.LSTM(2, 3)
    const y = m(randn([4, 2, 2]))[0].sum()
    const [a, b] = [0, 1].map(() => autograd.grad(y, [m.weightHhL0], { retainGraph: true })[0] as Tensor)
    expect(a!.equal(b!)).toBe(true)
    y.backward()
    expect(() => y.backward()).toThrow('Trying to backward through the graph a second time')
  })
  test.each(['RNN', 'GRU', 'LSTM'] as const)('one parameter in two places of a %s', (name) => {
    manualSeed(0)
    const m = new nn[name](3, 3).double()
    m.weightHhL0 = m.weightIhL0
    const x = values([3, 2, 3], 1, 'float64').requiresGrad_()
    const f = (v: Tensor): Tensor => (m as nn.GRU)(v)[0]
    expect([...m.parameters()].length).toBe(3)
    expect(autograd.gradcheck(f as never, [x, ...m.parameters()])).toBe(true)
    expect(autograd.gradgradcheck(f as never, [x.detach().narrow(0, 0, 2).requiresGrad_(), ...m.parameters()])).toBe(
      true,
    )
  })
  test('the same bits with one thread and with two', () => {
    const threads = getNumThreads()
    manualSeed(0)
    const m = new nn.GRU(40, 70, { bidirectional: true })
    const x = randn([5, 33, 40])
    const results = [1, 2].map((n) => {
      setNumThreads(n)
      const [y] = m(x)
      return [y, ...autograd.grad(y.square().sum(), [...m.parameters()])]
    })
    setNumThreads(threads)
    results[0]!.forEach((t, i) => {
      expect(t!.equal(results[1]![i]!)).toBe(true)
    })
  })
  test('only one of the results is used', () => {
    const m = new nn.LSTM(2, 3)
    const x = randn([3, 2, 2])
    const [, [h, c]] = m(x)
    h.sum().backward()
    expect(m.weightIhL0.grad).not.toBeNull()
    m.zeroGrad()
    m(x)[1][1].sum().backward()
    expect(m.biasIhL0!.grad).not.toBeNull()
    expect(c.requiresGrad).toBe(true)
  })
})

describe('packing', () => {
  test.each(goldens.packing.map((c, i) => [`${i}: [${c.shape}] of lengths ${c.lengths}`, c] as const))('%s', (_, c) => {
    const x = values(c.shape, 1, 'float32').requiresGrad_()
    const { batchFirst, enforceSorted } = c
    const packed = packPaddedSequence(x, c.lengths, { batchFirst, enforceSorted })
    expect(String(packed)).toBe(c.print)
    const [padded, counts] = padPackedSequence(packed, c.back, { paddingValue: c.value, totalLength: c.total })
    const pairs: [Tensor | null, CodedTensor | null][] = [
      [packed.data, c.data],
      [packed.batchSizes, c.batchSizes],
      [packed.sortedIndices, c.sorted],
      [packed.unsortedIndices, c.unsorted],
      [padded, c.padded],
      [counts, c.counts],
    ]
    for (const [got, want] of pairs) expectSame(got, want)
    const total = padded
      .mul(cotangent(padded))
      .sum()
      .add(packed.data.mul(cotangent(packed.data)).sum())
    expectSame(autograd.grad(total, [x])[0] as Tensor, c.grad)
    unpackSequence(packed).forEach((t, i) => {
      expectSame(t, c.unpacked[i]!)
    })
    // A tensor of lengths says the same.
    const lengths = tensor(BigInt64Array.from(c.lengths, BigInt))
    expect(packPaddedSequence(x, lengths, { batchFirst, enforceSorted }).data.equal(packed.data)).toBe(true)
  })
  test.each(goldens.padding.map((c, i) => [`${i}: lengths ${c.lengths}, ${c.side}`, c] as const))(
    'padding %s',
    (_, c) => {
      const xs = c.lengths.map((n, k) => values([n, ...c.rest], k, 'float32').requiresGrad_())
      const padded = padSequence(xs, { batchFirst: c.batchFirst, paddingSide: c.side, paddingValue: c.value })
      expectSame(padded, c.padded)
      autograd.grad(padded.mul(cotangent(padded)).sum(), xs).forEach((g, i) => {
        expectSame(g as Tensor, c.grads[i]!)
      })
      if (c.side === 'right')
        unpadSequence(padded, c.lengths, c.batchFirst).forEach((t, i) => {
          expect(t.equal(xs[i]!)).toBe(true)
        })
      if (c.packed)
        expect(
          String(
            packSequence(
              xs.map((x) => x.detach()),
              false,
            ),
          ),
        ).toBe(c.packed)
    },
  )
  test.each(goldens.packingErrors.map((c, i) => [`${i}: ${c.name}`, c] as const))('%s fails', (_, c) => {
    const decode = (v: unknown): unknown =>
      Array.isArray(v) ? v.map(decode) : typeof v === 'object' && v !== null ? decodeTensor(v as CodedTensor) : v
    const f = (nn.utils.rnn as unknown as Record<string, (...a: unknown[]) => unknown>)[c.name]!
    expect(() => f(...c.args.map(decode))).toThrow(
      expect.objectContaining({ message: c.message, code: expect.stringMatching(/^ERR_TENZO/) }),
    )
  })
  test('other mistakes', () => {
    const x = zeros([2, 3])
    expect(() => packPaddedSequence(x, [3, 1], true, { enforceSorted: 1 as never })).toThrow('must be bool')
    expect(() => packPaddedSequence(x, 'no' as never)).toThrow("argument 'lengths'")
    expect(() => packPaddedSequence(x, [4, 1], true)).toThrow('a sequence of length 4 does not fit')
    const packed = packPaddedSequence(x, [3, 1], true)
    expect(() => padPackedSequence(packed, { totalLength: 2 })).toThrow(
      'Expected total_length to be at least the length of the longest sequence in input, but got total_length=2 and max sequence length being 3',
    )
    expect(() => padPackedSequence(x as never)).toThrow('must be PackedSequence')
    expect(() => padSequence(3 as never)).toThrow('Expected iterable for input sequences')
    expect(() => padSequence([x], { paddingSide: 'top' as never })).toThrow('one of left or right, but got top.')
    expect(() => unpadSequence(x, [1, 2, 3], true)).toThrow('one length for each of 2 sequences')
  })
  test('a PackedSequence is converted and taken apart', () => {
    const packed = packSequence([tensor([1.5, 2]), tensor([3])])
    expect(packed.to('float32')).toBe(packed)
    expect(packed.double().data.dtype).toBe('float64')
    expect(packed.long().data.toArray()).toEqual([1, 3, 2])
    const [data, batchSizes, sorted, unsorted] = packed
    expect(data === packed.data && batchSizes === packed.batchSizes).toBe(true)
    expect([sorted, unsorted]).toEqual([null, null])
    const order = tensor([2n, 0n, 1n])
    expect(nn.utils.rnn.invertPermutation(order)?.toArray()).toEqual([1, 2, 0])
    expect(nn.utils.rnn.invertPermutation(null)).toBeNull()
    for (const wrong of [tensor([0n, 0n]), tensor([1n, 2n]), tensor([0.5]), tensor(0n)])
      expect(() => nn.utils.rnn.invertPermutation(wrong)).toThrow('expected a permutation')
  })
})

// The turned weights were once known by their address alone: now and then a collection gave them away before they were read.
test('inference gives the same bits at every call', () => {
  manualSeed(0)
  const gru = new nn.GRU(128, 128)
  const x = randn([5, 128, 128])
  noGrad(() => {
    const wanted = gru(x)[0]
    let same = 0
    for (let i = 0; i < 300; i++) if (gru(x)[0].equal(wanted)) same++
    expect(same).toBe(300)
  })
})
