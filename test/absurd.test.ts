/**
 * Absurd numbers: a count of 2⁵³, a fraction or NaN where a size belongs, a text. Each call either does what it can or
 * throws one of Tenzo's own errors, at once; it does not crash, take gigabytes, or never end.
 *
 * ABSURD_ALL=1 tries every number at every place of every kind of call (minutes); without it a fixed choice of them.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import * as tenzo from 'tenzo'
import { arange, nn, ones, slice, Tensor, tensor } from 'tenzo'
import { type OpDefinition, operations } from '../lib/ops/define/registry'
import { absurdCalls } from './helpers/absurd-calls'
import { freeFunction } from './helpers/goldens'

// A prime, so that all values and all places have their turn.
const EVERY = process.env.ABSURD_ALL ? 1 : 11
/** Milliseconds without a sign of life: more than a call may take, since the machine may be busy. */
const PATIENCE = 6000
const STARTING = 60_000

interface Run {
  /** The number of the call to go on with; null after the last. */
  next: number | null
  problems: string[]
}
/** Makes calls in another process from `first` on, up to the end or to one that does not come back. */
function run(first: number): Promise<Run> {
  const child = spawn(
    process.execPath,
    [
      '--max-old-space-size=1024',
      '--import',
      'tsx',
      join(__dirname, 'helpers', 'absurd-run.ts'),
      String(EVERY),
      String(first),
    ],
    { cwd: join(__dirname, '..'), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const problems: string[] = []
  let [rest, last, errors, hangs] = ['', '', '', false]
  let timer: NodeJS.Timeout
  const wait = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      hangs = true
      child.kill('SIGKILL')
    }, ms)
  }
  wait(STARTING)
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk).slice(-2000)
  })
  child.stdout.on('data', (chunk: Buffer) => {
    wait(PATIENCE)
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() as string
    for (const line of lines)
      if (line.startsWith('{')) {
        const { call, problem } = JSON.parse(line) as { call: string; problem: string }
        problems.push(`${call}: ${problem}`)
      } else last = line
  })
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (last === 'done') return resolve({ next: null, problems })
      const [, number, call] = /^(\d+) (.*)$/.exec(last) ?? []
      if (number === undefined) return reject(new Error(`the process that makes the calls does not start:\n${errors}`))
      problems.push(`${call}: ${hangs ? 'does not end' : `crashes (${signal ?? code}) ${errors}`}`)
      resolve({ next: Number(number) + 1, problems })
    })
  })
}

test(
  'every call returns or throws an error of its own',
  async () => {
    const problems: string[] = []
    for (let next: number | null = 0; next !== null && problems.length < 200; ) {
      const r: Run = await run(next)
      problems.push(...r.problems)
      next = r.next
    }
    expect(problems).toEqual([])
  },
  process.env.ABSURD_ALL ? 3_600_000 : 180_000,
)

// ---- everything is tried ------------------------------------------------------------------------------------------

const NUMBERS = /\b(int|float|number|index)\b/i
/** An operation none of whose parameters is a number: a function of this name, or a method. */
function takesNoNumber(name: string): boolean {
  const { op } = (freeFunction(name) ?? {}) as { op?: OpDefinition }
  const d = op ?? [...operations()].find((o) => o.method !== false && (o.name === name || o.name === `${name}_`))
  return d !== undefined && !d.params.some((p) => NUMBERS.test(p.type))
}
/** What else takes no number, or only as an element of data. */
const WITHOUT_NUMBERS = new Set(
  `
  canCast copy cpuLevel deepCopy emptyCache enableGrad finfo forkRng iinfo getDefaultDtype getNumThreads getPrintOptions inferenceMode isGradEnabled
  isInferenceModeEnabled isTensor keep memoryStats noGrad promoteTypes resultType scope setGradEnabled load loadAsync
  loadModel loadModelAsync openSafetensors openSafetensorsAsync readIdx readIdxAsync save saveAsync saveModel
  saveModelAsync writeSafetensors writeSafetensorsAsync getRngState initialSeed seed setRngState setDefaultDtype dim
  nelement elementSize storageOffset isContiguous sharesStorage dataPtr requiresGrad setGradFn meta isInference
  retainGrad more registerHook registerPostAccumulateGradHook release toString toJSON removeSpectralNorm
  removeWeightNorm fuseConvBnEval fuseConvBnWeights fuseLinearBnEval fuseLinearBnWeights parametersToVector
  vectorToParameters gammainc gammaincc
  Buffer Module Parameter StateDict UninitializedBuffer UninitializedParameter ModuleDict ParameterDict ParameterList
  Sequential Identity GELU Hardsigmoid Hardswish LogSigmoid Mish ReLU ReLU6 SELU SiLU Sigmoid Softmax2d Softsign Tanh
  Tanhshrink MultiLabelMarginLoss MultiLabelSoftMarginLoss BCELoss BCEWithLogitsLoss KLDivLoss L1Loss MSELoss
  SoftMarginLoss cpu cuda
  `
    .trim()
    .split(/\s+/),
)
test('every public function and layer that takes numbers is tried', () => {
  const isClass = (f: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(f))
  const tried = new Set(absurdCalls().map((c) => c.name))
  // What a prototype has behind getters is not to be read; a module's exports may be getters.
  const own = (space: object): [string, unknown][] =>
    space === Tensor.prototype
      ? Object.entries(Object.getOwnPropertyDescriptors(space)).map(([k, d]) => [k, d.value])
      : Object.entries(space)
  const missing: string[] = []
  const spaces: [string, object, boolean][] = [
    ['', tenzo, false],
    ['', Tensor.prototype, false],
    ['nn.functional.', nn.functional, false],
    ['nn.init.', nn.init, false],
    ['nn.utils.', nn.utils, false],
    ['linalg.', tenzo.linalg, false],
    ['special.', tenzo.special, false],
    ['nn.', nn, true],
  ]
  for (const [prefix, space, classes] of spaces)
    for (const [name, f] of own(space)) {
      if (typeof f !== 'function' || isClass(f) !== classes || name === 'constructor') continue
      // An operation in place takes what the operation itself takes.
      const base = name.replace(/_$/, '')
      if (WITHOUT_NUMBERS.has(base) || takesNoNumber(prefix + base)) continue
      if (!tried.has(prefix + name) && !tried.has(prefix + base) && !tried.has(base)) missing.push(prefix + name)
    }
  expect(missing).toEqual([])
})

// ---- absurd but legal ---------------------------------------------------------------------------------------------

/** What PyTorch 2.13 answers: values, or the words of its error. */
describe('as PyTorch', () => {
  const { functional: F } = nn
  const x = arange(12).to('float32').view([3, 4])
  const image = arange(36).to('float32').view([1, 1, 6, 6])
  const kernel = ones([1, 1, 3, 3])
  const two = ones([2, 2], { dtype: 'int64' })
  const N = 2 ** 31
  const results: Record<string, [() => Tensor, number[], (number | bigint)[]]> = {
    'the stride of a convolution that has one place': [
      () => F.conv2d(image, kernel, { stride: N }),
      [1, 1, 1, 1],
      [63],
    ],
    'the dilation of one tap': [
      () =>
        F.conv2d(image, ones([1, 1, 1, 1]), { dilation: N })
          .select(2, 0)
          .select(2, 0),
      [1, 1],
      [0],
    ],
    'the stride of unfold': [() => F.unfold(image, 3, { stride: N }).flatten().narrow(0, 0, 4), [4], [0, 1, 2, 6]],
    'the stride of fold': [() => F.fold(ones([1, 4, 1]), 2, 2, { stride: N }), [1, 1, 2, 2], [1, 1, 1, 1]],
    'the dilation of fold': [() => F.fold(ones([1, 1, 4]), 2, 1, { dilation: N }), [1, 1, 2, 2], [1, 1, 1, 1]],
    'maxPool1d, whose kernel has 64 bits': [() => F.maxPool1d(x, 2, N), [3, 1], [1, 5, 9]],
    roll: [() => x.roll(2 ** 40, 0), [3, 4], [8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7]],
    'roll back': [() => tensor([0, 1, 2]).roll(-(2 ** 31)), [3], [2, 0, 1]],
    rot90: [() => x.rot90(N + 1), [4, 3], [3, 7, 11, 2, 6, 10, 1, 5, 9, 0, 4, 8]],
    chunk: [() => x.chunk(N)[2] as Tensor, [1, 4], [8, 9, 10, 11]],
    split: [() => x.split(N)[0] as Tensor, [3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    'the step of unfold': [() => x.unfold(0, 2, N).select(1, 0), [1, 2], [0, 4]],
    'bits shifted away': [() => tensor([1n, 2n]).bitwiseLeftShift(2n ** 31n), [2], [0n, 0n]],
    diagonal: [() => x.diagonal(N), [0], []],
    diag: [() => x.diag(-N), [0], []],
    tril: [() => x.tril(-N).sum(), [], [0]],
    trilIndices: [() => tenzo.trilIndices(3, N), [2, 6], [0n, 1n, 1n, 2n, 2n, 2n, 0n, 0n, 1n, 0n, 1n, 2n]],
    triuIndices: [() => tenzo.triuIndices(N, 2), [2, 3], [0n, 0n, 1n, 0n, 1n, 1n]],
    'the offset of trilIndices': [() => tenzo.trilIndices(2, 2, N), [2, 4], [0n, 0n, 1n, 1n, 0n, 1n, 0n, 1n]],
    'the start of a slice': [() => x.at(slice(N, null)), [0, 4], []],
    'the step of a slice': [() => x.at(slice(null, null, 2 ** 40)), [1, 4], [0, 1, 2, 3]],
    'the step of a slice that is written to': [
      () => {
        const y = x.clone()
        y.set(slice(1, null, 2 ** 53), 7)
        return y.select(1, 0)
      },
      [3],
      [0, 7, 8],
    ],
    diff: [() => x.diff({ n: N }), [3, 0], []],
    'polygamma of an order of 32 bits': [() => tenzo.polygamma(N, tensor([1, 2])), [2], [NaN, NaN]],
    'polygamma of a higher one': [() => tenzo.polygamma(2 ** 40, tensor([1, 2])), [2], [-Infinity, -Infinity]],
    'decimals of round': [() => tensor([1, 2]).round({ decimals: N }), [2], [NaN, NaN]],
    matrixPower: [() => tenzo.matrixPower(tenzo.eye(2), N), [2, 2], [1, 0, 0, 1]],
    'the correction of std': [() => x.std({ correction: N }), [], [Infinity]],
    ignoreIndex: [() => F.nllLoss(x, tensor([0n, 1n, 2n]), { ignoreIndex: N }), [], [-5]],
    'alpha of integers': [
      () => tenzo.addmm(two, two, two, { alpha: N }),
      [2, 2],
      [4294967297n, 4294967297n, 4294967297n, 4294967297n],
    ],
    'combinations of more than there are': [() => tenzo.combinations(tensor([1, 2]), 2 ** 20), [0, 2 ** 20], []],
  }
  test.each(Object.keys(results))('%s', (name) => {
    const [call, shape, values] = results[name]!
    const got = call()
    expect([...got.shape]).toEqual(shape)
    expect([...(got.contiguous().flatten().toTypedArray() as Iterable<number | bigint>)]).toEqual(values)
  })

  const words: Record<string, [() => unknown, string]> = {
    'an integer of more than 64 bits': [() => x.roll(2 ** 64, 0), 'Overflow when unpacking long long'],
    'the stride of a pool': [() => F.maxPool2d(image, 2, N), 'value cannot be converted to type int without overflow'],
    'the stride of an average': [
      () => F.avgPool2d(image, 2, N),
      'value cannot be converted to type int without overflow',
    ],
    'a size of zeros': [
      () => tenzo.zeros([2 ** 40]),
      "DefaultCPUAllocator: can't allocate memory: you tried to allocate 4398046511104 bytes.",
    ],
    'sizes of zeros': [
      () => tenzo.zeros([N, N]),
      'Storage size calculation overflowed with sizes=[2147483648, 2147483648]',
    ],
    repeat: [() => x.repeat([N, N]), 'Storage size calculation overflowed with sizes=[6442450944, 8589934592]'],
    expand: [() => ones([1]).expand([2 ** 40, 2 ** 40]), 'numel: integer multiplication overflow'],
    diagEmbed: [() => x.diagEmbed(N), 'Storage size calculation overflowed with sizes=[3, 2147483652, 2147483652]'],
    asStrided: [
      () => x.asStrided([2], [N]),
      'setStorage: sizes [2], strides [2147483648], storage offset 0, and itemsize 4 requiring a storage size of 8589934596 are out of bounds for storage of size 48',
    ],
    'the length of narrow': [() => x.narrow(0, 1, N), 'start (1) + length (2147483648) exceeds dimension size (3).'],
    pixelShuffle: [
      () => F.pixelShuffle(image, 2 ** 40),
      'upscale factor is too large, (upscale_factor)^2 overflowed: upscale_factor=1099511627776',
    ],
    'the factor of interpolate': [
      () => F.interpolate(image, { scaleFactor: 2 ** 63 }),
      'value cannot be converted to type int64_t without overflow',
    ],
  }
  test.each(Object.keys(words))('%s, in words', (name) => {
    const [call, text] = words[name]!
    expect(call).toThrow(tenzo.TenzoError)
    expect(call).toThrow(text)
  })

  test('as many views as there is no memory for', () => {
    expect(() => x.tensorSplit(2 ** 31)).toThrow(tenzo.MemoryError)
    expect(() => ones([0]).chunk(2 ** 31)).toThrow(tenzo.MemoryError)
  })
  test('memory that could not be had is not counted', () => {
    const before = tenzo.memoryStats().liveBytes
    for (let i = 0; i < 3; i++) expect(() => tenzo.empty([2 ** 60])).toThrow(tenzo.MemoryError)
    expect(tenzo.memoryStats().liveBytes).toBe(before)
  })
})
