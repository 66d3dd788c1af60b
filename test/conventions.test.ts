/** How options are given: by name, first by position, null for the default; devices, workers, sizes to reach (test/oracle/conventions.py). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tenzo from 'tenzo'
import {
  arange,
  Generator,
  isTensor,
  load,
  loadAsync,
  loadModel,
  nn,
  noGrad,
  ones,
  save,
  type Tensor,
  utils,
  zeros,
} from 'tenzo'
import { callOf } from './helpers/calls'
import { Arguments, type GoldenOp, loadGoldens } from './helpers/goldens'
import { inOwnWords } from './helpers/module-programs'
import { few, operations, qualifiedName, randomCalls, samples } from './helpers/samples'

type Recorded = { call: string } & ({ gives: unknown; warns: string[] } | { refuses: string })
const recorded = loadGoldens<Recorded[]>('conventions.json')

// ---- what PyTorch gives and refuses -----------------------------------------------------------------------------------

type Layer = nn.Module & { weight: Tensor; bias: Tensor }
function summing<M extends Layer>(m: M, dims: number): M {
  noGrad(() => {
    ;(m as unknown as (x: Tensor) => Tensor)(zeros([1, 1, ...new Array<number>(dims).fill(3)]))
    m.weight.fill_(1)
    m.bias.fill_(0)
  })
  return m
}
const series = (n: number): Tensor => arange(n).float()
const [pooled, places] = nn.functional.maxPool1d(series(7).view([1, 1, 7]), 2, { returnIndices: true })
const { asTensor, normal, onesLike, rand, trilIndices } = tenzo
const scope: Record<string, unknown> = {
  ...{ arange, asTensor, nn, normal, ones, onesLike, rand, trilIndices, utils, zeros },
  F: nn.functional,
  x: series(3),
  x1: series(3).view([1, 1, 3]),
  x2: series(9).view([1, 1, 3, 3]),
  pooled,
  places,
  up: summing(new nn.ConvTranspose1d(1, 1, 3, { stride: 2 }) as Layer, 1),
  up2: summing(new nn.ConvTranspose2d(1, 1, 3, { stride: 2, padding: 1 }) as Layer, 2),
  lazy: summing(new nn.LazyConvTranspose1d(1, 3, { stride: 2 }) as Layer, 1),
  unpool: new nn.MaxUnpool1d(2),
  data: [0, 1, 2, 3],
}
const evaluate = (call: string): unknown =>
  new Function(...Object.keys(scope), `return ${call}`)(...Object.values(scope)) as unknown
const plain = (v: unknown): unknown =>
  isTensor(v)
    ? { dtype: v.dtype, shape: [...v.shape], values: [...v.detach().contiguous().toTypedArray()].map(Number) }
    : v

test.each(recorded.map((r) => [r.call, r] as const))('%s', (call, want) => {
  if ('refuses' in want) {
    let error: unknown
    try {
      evaluate(call)
    } catch (e) {
      error = e
    }
    expect(error).toBeInstanceOf(tenzo.TenzoError)
    expect(inOwnWords((error as Error).message)).toBe(inOwnWords(want.refuses))
    return
  }
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  try {
    expect(plain(evaluate(call))).toEqual(want.gives)
    expect(warned.mock.calls.map(([text]) => inOwnWords(String(text)))).toEqual(want.warns.map(inOwnWords))
  } finally {
    warned.mockRestore()
  }
})

// ---- the one device ---------------------------------------------------------------------------------------------------

/** What names another device says which there is, in one way everywhere. */
const refusal = (op: string, or = ''): string => `${op}(): expected ${or}the device 'cpu', the only one, but got 'cuda'`
const calls = new Map<string, (options: object) => unknown>()
for (const d of operations()) {
  if (!d.params.some((p) => p.name === 'device')) continue
  const name = qualifiedName(d)
  const [sample] = few(samples.get(name) ?? [], 1)
  if (sample)
    calls.set(name, (options) => {
      const given = new Arguments(sample.call)
      Object.assign(given.opts, options)
      return callOf({ name } as GoldenOp, 'function', sample.call, given)
    })
}
// Its samples have the dtype by position, after which there is no device.
calls.set('to', (options) => ones([2]).to(options))
for (const { op, inputs } of randomCalls()) {
  const name = qualifiedName(op)
  const draw = (tenzo as unknown as Record<string, (...args: unknown[]) => unknown>)[name]
  if (draw && op.params.some((p) => p.name === 'device') && !calls.has(name))
    calls.set(name, (options) => draw(...inputs, options))
}

describe('device', () => {
  test('is an option of every function that makes a tensor', () => {
    const makers = `tensor asTensor scalarTensor empty zeros ones full emptyLike zerosLike onesLike fullLike newZeros newOnes newEmpty newFull newTensor
      arange linspace logspace eye rand randn randint randLike randnLike randintLike randperm normal trilIndices triuIndices to type`
    expect([...calls.keys()].sort()).toEqual(makers.split(/\s+/).sort())
  })
  test.each([...calls])('of %s', (name, call) => {
    expect(isTensor(call({ device: 'cpu' }))).toBe(true)
    expect(isTensor(call({ device: null }))).toBe(true)
    expect(() => call({ device: 'cuda' })).toThrow(refusal(name === 'type' ? 'to' : name))
    expect(() => call({ device: 3 })).toThrow(/the only one, but got number$/)
  })
  const x = ones([2])
  const net = new nn.Linear(2, 2)
  const any = (v: unknown): never => v as never
  test.each<[string, string, () => unknown]>([
    ['to', 'a dtype or ', () => x.to(any('cuda'))],
    ['to', 'a dtype or ', () => net.to(any('cuda'))],
    ['to', '', () => net.to({ device: any('cuda') })],
    ['toEmpty', '', () => net.toEmpty({ device: any('cuda') })],
    ['cuda', '', () => x.cuda()],
    ['cuda', '', () => net.cuda()],
    ['Linear', '', () => new nn.Linear(2, 2, { device: any('cuda') })],
    ['Generator', '', () => new Generator(any('cuda'))],
    ['Generator', '', () => new Generator({ device: any('cuda') })],
    ['load', '', () => load('none.pt', { mapLocation: any('cuda') })],
    ['load', '', () => load('none.pt', any('cuda'))],
    ['loadModel', '', () => loadModel(net, 'none.pt', { device: any('cuda') })],
  ])('another is refused by %s', (op, or, call) => {
    expect(call).toThrow(refusal(op, or))
    expect(call).toThrow(tenzo.ArgumentError)
  })
  test('what is there stays', async () => {
    expect([x.device, x.cpu() === x, net.cpu() === net, net.to('cpu') === net]).toEqual(['cpu', true, true, true])
    expect([new Generator('cpu').device, new Generator({ device: 'cpu' }).initialSeed()]).toEqual([
      'cpu',
      new Generator().initialSeed(),
    ])
    const folder = mkdtempSync(join(tmpdir(), 'tenzo-'))
    try {
      const path = join(folder, 'x.npy') as `${string}.npy`
      save(x, path)
      for (const got of [
        load(path, 'cpu'),
        load(path, { mapLocation: 'cpu', weightsOnly: true }),
        load(path, null, { weightsOnly: null }),
        await loadAsync(path, { mapLocation: 'cpu' }),
      ])
        expect(got).toEqual(x)
      expect(() => load(path, { weightsOnly: any(false) })).toThrow(tenzo.ValueError)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  test('packed sequences follow', () => {
    const packed = nn.utils.rnn.packSequence([ones([2, 3])])
    expect([packed.cpu() === packed, packed.to('cpu') === packed]).toEqual([true, true])
    expect(packed.to('cpu', 'float64').data.dtype).toBe('float64')
  })
  test('a word that is no dtype is none of a device, too', () => {
    for (const word of ['float', 'int', ''])
      expect(() => x.to(any(word))).toThrow(
        `to(): expected a dtype or the device 'cpu', the only one, but got '${word}'`,
      )
    expect(() => x.to('cpu', any('cpu'))).toThrow(tenzo.ArgumentError)
    expect(() => x.to('float64', any({ device: 'cpu' }))).toThrow(/unexpected keyword argument 'device'/)
    expect(() => x.to(x, any('float64'))).toThrow(tenzo.ArgumentError)
    expect(() => x.to('cpu', 'float64', any({ copy: 1 }))).toThrow(/'copy' must be bool/)
  })
})

// ---- words, null and workers ------------------------------------------------------------------------------------------

test("words of options are PyTorch's, and the error of another lists them", () => {
  const w = ones([2, 2])
  expect(() => nn.init.kaimingNormal_(w, { mode: 'fanOut' as 'fan_out' })).toThrow(
    /please use one of \['fan_in', 'fan_out'\]/,
  )
  expect(nn.init.calculateGain('conv_transpose3d')).toBe(1)
  try {
    nn.init.calculateGain('leakyRelu' as 'leaky_relu')
  } catch (e) {
    expect((e as tenzo.ValueError).data.known).toContain('leaky_relu')
  }
  expect.assertions(3)
})
test('null is the default, by position and by name', () => {
  const drawn = (fill: (w: Tensor) => Tensor): unknown => {
    tenzo.manualSeed(3)
    return fill(zeros([3, 3])).toArray()
  }
  const { init } = nn
  expect(drawn((w) => init.kaimingUniform_(w, null, { mode: null, nonlinearity: null }))).toEqual(
    drawn(init.kaimingUniform_),
  )
  expect(drawn((w) => init.truncNormal_(w, { mean: null, std: null, a: null, b: null }))).toEqual(
    drawn(init.truncNormal_),
  )
  expect(drawn((w) => init.orthogonal_(w, { gain: null }))).toEqual(drawn(init.orthogonal_))
  expect(drawn((w) => init.xavierNormal_(w, null))).toEqual(drawn(init.xavierNormal_))
  const [q] = [ones([2, 1, 4])]
  const attention = new nn.MultiheadAttention(4, 2)
  expect(attention(q, q, q, null, { needWeights: null, averageAttnWeights: null, isCausal: null })[1]).toEqual(
    attention(q, q, q)[1],
  )
  // The one null by position that says something.
  expect([...new utils.data.DataLoader([1, 2], null)]).toEqual([1, 2])
})
test('workers are not there yet', () => {
  expect(() => new utils.data.DataLoader([1], { numWorkers: 2 })).toThrow(tenzo.NotImplementedError)
  expect(() => new utils.data.DataLoader([1], { numWorkers: 2, prefetchFactor: -1 })).toThrow(
    'prefetchFactor option should be non-negative',
  )
  for (const options of [
    { numWorkers: 1.5 },
    { timeout: 'long' },
    { pinMemory: 1 },
    { workerInitFn: 3 },
    { inOrder: 'yes' },
  ])
    expect(() => new utils.data.DataLoader([1], options as object)).toThrow(tenzo.ArgumentError)
})
