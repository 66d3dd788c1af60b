/** What there is besides operations: how near `nn.init` must come, and where members and exports are tested. */
import type { Tolerance } from '../helpers/tolerance'
import { EXACT, FUNCTION, STATISTICS } from './facts'

const of = (tolerance: Tolerance, names: string): [string, Tolerance][] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, tolerance])

/** How near `nn.init` must come. */
export const INIT: Readonly<Record<string, Tolerance>> = Object.fromEntries([
  // What is drawn has PyTorch's bits; what a norm scales it with has not.
  ...of(EXACT, 'uniform_ constant_ zeros_ ones_ eye_ sparse_ dirac_ xavier_uniform_ kaiming_uniform_'),
  ...of(FUNCTION, 'normal_ trunc_normal_ xavier_normal_ kaiming_normal_'),
  ...of(STATISTICS, 'orthogonal_'),
])

// ---- what else there is -------------------------------------------------------------------------------------------

const because = (reason: string, names: string): Record<string, string> =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, reason]),
  )

/** What a Tensor is made of, behind accessors that are no part of its types. */
export const INTERNAL: readonly string[] =
  `storage offset sizes strides count rowMajor info versions needsGrad fn outputNr accumulator viewInfo extras gradient`.split(
    ' ',
  )
/** Options that change no answer, of whatever operation. */
export const SILENT: Readonly<Record<string, string>> = because(
  'there is one place, and nothing to wait for: test/conventions.test.ts',
  'device pinMemory nonBlocking',
)
/** Members of Tensor that its prototype has, but does not list: see lib/ops/install.ts. */
export const UNLISTED: readonly string[] = ['T', 'mT', 'data', 'length', '_version']

/** Members of Tensor that are no operations, and where they are tested. */
export const MEMBERS: Readonly<Record<string, string>> = {
  ...because(
    'what a tensor is: read by every comparison with a recorded value',
    'shape dtype ndim length size stride storageOffset requiresGrad',
  ),
  ...because('sizes in bytes and elements: test/tensor', 'itemsize nbytes nelement meta'),
  ...because('there is one device: test/conventions.test.ts', 'device cpu cuda'),
  ...because('which memory: what is a view in the goldens', 'sharesStorage dataPtr _isView _base'),
  ...because('a dim by its number from either end: inside of operations', 'dimOf'),
  ...because(
    'of the graph: test/autograd, programs.json.gz, graphs.json.gz',
    `requiresGrad_ gradFn setGradFn isLeaf grad _version isInference retainGrad retainsGrad registerHook
     registerPostAccumulateGradHook more data`,
  ),
  ...because('memory given back: test/package/memory.test.ts, test/tensor/scope.test.ts', 'release'),
  ...because('JSON: test/tensor/json.test.ts', 'toJSON'),
  ...because('how it looks in tests: test/testing/equality.test.ts', '$$typeof toAsymmetricMatcher'),
}

/** Functions and classes among the exports that are no operations. */
export const EXPORTS: Readonly<Record<string, string>> = {
  ...because('the class', 'Tensor isTensor'),
  ...because('which dtype comes of two: promotion.json.gz', 'canCast promoteTypes resultType'),
  ...because(
    'a setting, read and set in test/autograd',
    'enableGrad inferenceMode isGradEnabled isInferenceModeEnabled noGrad setGradEnabled',
  ),
  ...because('limits of dtypes: test/tensor/type-info.test.ts', 'finfo FloatInfo iinfo IntInfo'),
  ...because('a setting, of creation: test/seeds', 'getDefaultDtype setDefaultDtype'),
  ...because('of the machine: test/package, bits.goldens.test.ts', 'cpuLevel getNumThreads setNumThreads'),
  ...because('of memory: test/package/memory.test.ts, test/tensor/scope.test.ts', 'emptyCache keep memoryStats scope'),
  ...because('of printing: test/tensor/format.test.ts', 'getPrintOptions printOptions setPrintOptions'),
  ...because(
    'errors: test/errors.test.ts, mistakes.test.ts',
    `ArgumentError AutogradError DTypeError FormatError IndexError MemoryError ModuleError NativeError NotImplementedError ReleasedError
     ShapeError StateDictError TenzoError ValueError`,
  ),
  ...because(
    'files: test/io',
    `SafetensorsFile load loadAsync loadModel loadModelAsync openSafetensors openSafetensorsAsync readIdx readIdxAsync save saveAsync
     saveModel saveModelAsync writeSafetensors writeSafetensorsAsync`,
  ),
  ...because(
    'states of generators: random.goldens.test.ts',
    'Generator getRngState initialSeed manualSeed seed setRngState',
  ),
  ...because('a scope: fork-rng.test.ts', 'forkRng'),
  ...because('no operation: test/nn/copy.test.ts', 'deepCopy'),
  ...because('part of an index: samples of `at` and `set`', 'Slice slice'),
}

/** Native operations that nothing reaches. */
export const UNREACHED: Readonly<Record<string, string>> = {}

/** Layers that PyTorch lacks, and where they are tested. */
export const OWN_LAYERS: Readonly<Record<string, string>> = {}
