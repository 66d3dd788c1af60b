/**
 * Changes in place of memory that several elements share (test/oracle/expanded.py): which calls are refused and with which
 * words, what the others leave in memory, what they warn of, and the gradient through them.
 *
 * GOLDENS_REPORT=file   writes all mismatches as JSON lines.
 */
import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type DType, manualSeed, nn, optim, slice, Tensor, tensor, zeros } from '../../lib'
import { type OpDefinition, operation } from '../../lib/ops/define/registry'
import { said } from '../autograd/steps'
import {
  Arguments,
  type Coded,
  type CodedTensor,
  camelCase,
  contiguous,
  decodeTensor,
  elementsOf,
  freeFunction,
  type GoldenOp,
  isCodedTensor,
  loadGoldens,
  ROOT,
  valuesOf,
} from '../helpers/goldens'
import { difference, scaled, type Tolerance, toleranceOf } from '../helpers/tolerance'
import { INIT } from './marks'

/** A view of buffer `b`. */
interface CodedView {
  b: number
  t: DType
  s: number[]
  st: number[]
  o: number
  g?: 'leaf' | 'graph'
}
type CodedArgument = Coded | CodedView | CodedArgument[]
type Data = CodedTensor['d']
interface Row {
  form: 'method' | 'data' | 'functional' | 'init' | 'out' | 'weight' | 'running' | 'set'
  name: string
  layout: string
  x: CodedView
  args: CodedArgument[]
  opts: Record<string, CodedArgument>
  error?: string
  warnings?: string[]
  /** Sizes, strides and offset afterwards. */
  after?: [number[], number[], number]
  /** By buffer: which elements changed, and to what. */
  memory?: Record<string, [number[], Data]>
  grad?: Data
  gradError?: string
}
interface Step {
  optimizer: string
  options: Record<string, Coded>
  layout: string
  which: 'param' | 'grad'
  s: number[]
  st: number[]
  error?: string
  done: number
  memory: [Data, Data]
}
interface Clip {
  clip: string
  layout: string
  s: number[]
  st: number[]
  error?: string
  memory?: Data
}

const { rows, steps, clips } = loadGoldens<{ rows: Row[]; steps: Step[]; clips: Clip[] }>('expanded.json.gz')
const REPORT = process.env.GOLDENS_REPORT

// ---- buffers -----------------------------------------------------------------------------------------------------

const ROOM = 64
/** The elements of buffer `b`, as the recorder makes them. */
function fill(dtype: DType, b: number): Tensor {
  const n = Array.from({ length: ROOM }, (_, i) => i)
  if (dtype === 'bool') return tensor(n.map((i) => (i + b) % 3 === 0))
  const whole = n.map((i) => ((i * 7 + b * 5) % 13) + 1)
  const integral = dtype === 'int64' || dtype === 'int32' || dtype === 'uint8'
  return tensor(Float64Array.from(integral ? whole : whole.map((v) => v / 8))).to(dtype)
}

class Buffers {
  readonly all = new Map<number, Tensor>()
  leaf: Tensor | null = null

  view(c: CodedView): Tensor {
    let whole = this.all.get(c.b)
    if (whole === undefined) {
      whole = fill(c.t, c.b)
      if (c.g === 'graph') {
        this.leaf = whole.requiresGrad_()
        whole = whole.mul(1)
      }
      this.all.set(c.b, whole)
    }
    const view = whole.asStrided(c.s, c.st, { storageOffset: c.o })
    return c.g === 'leaf' ? view.detach().requiresGrad_() : view
  }

  decode(a: CodedArgument): unknown {
    if (Array.isArray(a)) return a.map((v) => this.decode(v))
    if (a === null || typeof a !== 'object') return a
    if ('b' in a) return this.view(a)
    if ('f' in a) return Number(a.f)
    if (isCodedTensor(a as Coded)) return decodeTensor(a as CodedTensor)
    if ('slice' in a) {
      const [start, stop, step] = a.slice
      return slice(start ?? null, stop ?? null, step ?? null)
    }
    return '...'
  }
}

// ---- calls -------------------------------------------------------------------------------------------------------

type Call = (...args: unknown[]) => unknown
const member = (owner: unknown, name: string): Call | undefined =>
  (owner as Record<string, Call | undefined>)[camelCase(name)]

function call(row: Row, x: Tensor, args: unknown[], opts: Record<string, unknown>): unknown {
  const named = Object.fromEntries(Object.entries(opts).map(([k, v]) => [camelCase(k), v]))
  const all = (more: Record<string, unknown> = {}): unknown[] => {
    const options = { ...named, ...more }
    return Object.keys(options).length > 0 ? [...args, options] : args
  }
  const apply = (owner: unknown, ...given: unknown[]): unknown => {
    const f = member(owner, row.name)
    if (f === undefined) throw new Error(`there is no ${row.form} ${row.name}`)
    return f.apply(owner, given)
  }
  switch (row.form) {
    case 'method':
      return apply(x, ...all())
    case 'data':
      return apply(x.data, ...all())
    case 'functional':
      return apply(nn.functional, x, ...all())
    case 'init':
      return apply(nn.init, x, ...all())
    case 'out':
      return (freeFunction(row.name) as Call)(...all({ out: x }))
    case 'weight':
      return (freeFunction(`nn.functional.${row.name}`) as Call)(args[0], x, named)
    case 'running':
      return row.name === 'batch_norm'
        ? nn.functional.batchNorm(args[0] as Tensor, x, args[1] as Tensor, named)
        : nn.functional.instanceNorm(args[0] as Tensor, x, { runningVar: args[1] as Tensor, ...named })
    case 'set':
      return x.set(args[0] as [], args[1] as Tensor)
  }
}

/** Both sides write names in their own way. */
const inOwnWords = (s: string): string =>
  s
    .replace(/torch\./g, '')
    .replace(/ Hint: .*$/s, '')
    .replace(/^\S+\(\): (functions with out=)/, '$1')
    .replace(/\b[a-z]+(_[a-z0-9]+)+\b/g, camelCase)
    .replace(/\s+/g, ' ')
    .trim()

function nearness(row: Row, part: 'value' | 'gradient'): Tolerance {
  if (row.form === 'init') return scaled(INIT[row.name] as Tolerance, part, row.x.t)
  const inNn = row.form === 'functional' || row.form === 'weight' || row.form === 'running'
  return toleranceOf(inNn ? `nn.functional.${row.name}` : row.name, part, row.x.t)
}

/** Every warning, not only the first of its kind. */
const warnings: string[] = []
jest.mock('../../lib/runtime/warn', () => ({ warnOnce: (text: string) => warnings.push(text) }))

function check(row: Row): string | null {
  const buffers = new Buffers()
  const x = buffers.view(row.x)
  const args = row.args.map((a) => buffers.decode(a))
  const opts = Object.fromEntries(Object.entries(row.opts).map(([k, v]) => [k, buffers.decode(v)]))
  manualSeed(0)
  warnings.length = 0
  const message = said(() => call(row, x, args, opts))
  if (row.error !== undefined) {
    if (message === null) return `is not refused: "${row.error}"`
    if (inOwnWords(message) !== inOwnWords(row.error)) return `says "${message}" instead of "${row.error}"`
  } else if (message !== null) return `throws "${message}"`
  const [got, want] = [warnings, row.warnings ?? []].map((w) =>
    w.map(inOwnWords).filter((t) => !OTHER_WARNINGS.test(t)),
  )
  if (got!.join('\n') !== want!.join('\n')) return `warns "${got!.join('; ')}" instead of "${want!.join('; ')}"`
  if (row.error !== undefined) return /unsupported operation/.test(row.error) ? unchanged(buffers) : null
  const [sizes, strides, offset] = row.after!
  if (x.shape.join() !== sizes.join()) return `has shape [${x.shape}] instead of [${sizes}]`
  const relevant = (s: readonly number[]): string => s.filter((_, d) => sizes[d]! > 1).join()
  if (relevant(x.stride()) !== relevant(strides)) return `has strides [${x.stride()}] instead of [${strides}]`
  if (x.storageOffset() !== offset) return `has offset ${x.storageOffset()} instead of ${offset}`
  const tolerance = nearness(row, 'value')
  for (const [b, whole] of buffers.all) {
    const before = valuesOf(fill(whole.dtype, b))
    const [places, data] = row.memory![b] ?? [[], whole.dtype.startsWith('float') ? '' : []]
    const wanted = [...before]
    elementsOf({ t: whole.dtype, s: [places.length], d: data }).forEach((v, i) => {
      wanted[places[i]!] = v
    })
    const d = difference(valuesOf(whole), wanted, tolerance)
    if (d !== null) return `memory ${b}: ${d}`
  }
  if (row.grad === undefined && row.gradError === undefined) return null
  const refused = said(() => x.sum().add(buffers.all.get(0)!.sum()).backward())
  if (row.gradError !== undefined)
    return refused === null
      ? `the gradient is not refused: ${row.gradError}`
      : inOwnWords(refused) === inOwnWords(row.gradError)
        ? null
        : `the gradient says "${refused}" instead of "${row.gradError}"`
  if (refused !== null) return `the gradient throws "${refused}"`
  const wanted = elementsOf({ t: row.x.t, s: [ROOM], d: row.grad! })
  const d = difference(valuesOf(buffers.leaf!.grad!), wanted, nearness(row, 'gradient'), 1)
  return d === null ? null : `gradient: ${d}`
}

/** What is refused must leave no trace. */
function unchanged(buffers: Buffers): string | null {
  for (const [b, whole] of buffers.all) {
    const d = difference(valuesOf(whole), valuesOf(fill(whole.dtype, b)), { relative: 0, ofLargest: 0 })
    if (d !== null) return `is refused, but memory ${b} changed: ${d}`
  }
  return null
}
/** Of operations themselves, whatever the memory; Tenzo says other things of them or nothing. */
const OTHER_WARNINGS = /in beta|reduce argument|was resized/

// ---- what stands -------------------------------------------------------------------------------------------------

/** Where elements meet, but all that meet get the same value: the order of the loop shows in nothing. */
const ORDER_FREE =
  /^(zero_|fill_|index_fill_|masked_fill_|tril_|triu_|fill_diagonal_|constant_|ones_|zeros_|eye_|relu_?|relu6|hardtanh_?|threshold_?|abs_|ceil_|floor_|trunc_|sign_|resize_|squeeze_)$/
/** The target meets itself in part, or an operand meets it in a layout with gaps: PyTorch looks at neither. */
const MEETING = /^overlap|shared (shiftedGaps|sameGaps|expandedRow|rowOfExpanded)/

/** Where Tenzo differs, and why. */
const KNOWN: { reason: string; of: (r: Row, problem: string) => boolean }[] = [
  {
    reason: 'the values depend on the order in which the loop goes over elements that meet',
    of: (r, p) =>
      /^(memory|gradient:)/.test(p) &&
      MEETING.test(r.layout) &&
      (!ORDER_FREE.test(r.name) || r.layout.startsWith('mask')),
  },
  {
    reason: 'PyTorch adds up in the target itself, and leaves there what is no result of anything; Tenzo refuses',
    of: (r, p) =>
      /^(addmv_|baddbmm_|batch_norm|sum|nansum|prod|amax|amin)$/.test(r.name) &&
      /^throws "unsupported operation: more/.test(p),
  },
  {
    reason:
      'an `out` of another shape, if not empty, is refused; PyTorch changes its shape and warns that it will not for ever',
    of: (r, p) => r.form === 'out' && r.layout === 'one' && / the broadcast shape |has shape /.test(p),
  },
  {
    reason: 'PyTorch resizes the target of an operation in place',
    of: (r, p) => r.name === 'addbmm_' && r.layout === 'one' && /^throws "output with shape/.test(p),
  },
  {
    reason:
      'PyTorch forgets that what has no derivative changes a tensor that requires one: a leaf too, with the old gradient',
    of: (r) => /^logical_(and|or)_$/.test(r.name) && /leaf|graph/.test(r.layout),
  },
  {
    reason: 'PyTorch has no derivative of the form in place',
    of: (_, p) => /^the gradient is not refused: the derivative for 'inplace version of a(cos|sin|tan)h'/.test(p),
  },
  {
    reason: 'slices of the index and the target are compared one by one, and only by this operation',
    of: (r) => r.name === 'index_reduce_' && r.layout === 'shared shiftedGaps',
  },
  {
    reason: 'an inner step speaks, of an index that was not given',
    of: (r) => r.name === 'index_reduce_' && r.layout === 'empty',
  },
]

const used = new Set<string>()
const report = (what: string, problem: string): string => {
  if (REPORT) appendFileSync(REPORT, `${JSON.stringify([what, problem])}\n`)
  return `${what}: ${problem}`
}

const groups = new Map<string, Row[]>()
for (const r of rows) {
  const key = `${r.form} ${r.name}`
  groups.set(key, [...(groups.get(key) ?? []), r])
}
test.each([...groups.keys()])('%s', (key) => {
  const problems: string[] = []
  for (const r of groups.get(key)!) {
    const p = check(r)
    if (p === null) continue
    const known = KNOWN.find((k) => k.of(r, p))
    if (known) used.add(known.reason)
    else problems.push(report(`${key} [${r.layout}] ${JSON.stringify(r.args)} ${JSON.stringify(r.opts)}`, p))
  }
  if (problems.length > 0) throw new Error(`\n  ${problems.join('\n  ')}`)
})
test('what is said to stand does', () => {
  expect(KNOWN.filter((k) => !used.has(k.reason)).map((k) => k.reason)).toEqual([])
})

// ---- optimizers and gradients ------------------------------------------------------------------------------------

const memoryOf = (whole: Tensor): (number | bigint)[] => valuesOf(whole.narrow(0, 0, 16))
const wanted = (d: Data): (number | bigint)[] => elementsOf({ t: 'float32', s: [16], d })

test.each(steps.map((s, i) => [`${s.optimizer} ${JSON.stringify(s.options)} ${s.which} ${s.layout}`, i] as const))(
  'a step of %s',
  (_, i) => {
    const s = steps[i]!
    const buffers = new Buffers()
    const view = (b: number, own: boolean): Tensor =>
      buffers.view({ b, t: 'float32', s: s.s, st: own ? s.st : contiguous(s.s), o: 0 })
    const p = view(0, s.which === 'param')
      .detach()
      .requiresGrad_()
    p.grad = view(1, s.which === 'grad')
    const options = Object.fromEntries(Object.entries(s.options).map(([k, v]) => [camelCase(k), buffers.decode(v)]))
    const o = new (optim as unknown as Record<string, new (...a: unknown[]) => optim.SGD>)[s.optimizer]!([p], options)
    let done = 0
    const message = said(() => {
      for (let k = 0; k < 2; k++, done++) o.step(() => p.detach().sum() as never)
      o.zeroGrad({ setToNone: false })
      done++
    })
    // PyTorch's LBFGS takes row-major gradients only.
    if (s.optimizer === 'LBFGS' && s.error?.startsWith('view size')) {
      expect(message).toBeNull()
      return
    }
    expect([message === null ? undefined : inOwnWords(message), done]).toEqual([
      s.error === undefined ? undefined : inOwnWords(s.error),
      s.done,
    ])
    if (s.layout === 'overlap') return
    for (const b of [0, 1])
      expect(
        difference(memoryOf(buffers.all.get(b)!), wanted(s.memory[b]!), { relative: 2 ** -19, ofLargest: 0 }),
      ).toBeNull()
  },
)

test.each(clips.map((c, i) => [`${c.clip} ${c.layout}`, i] as const))('%s', (_, i) => {
  const c = clips[i]!
  const buffers = new Buffers()
  const p = zeros(c.s).requiresGrad_()
  p.grad = buffers.view({ b: 1, t: 'float32', s: c.s, st: c.st, o: 0 })
  const message = said(() => (nn.utils as unknown as Record<string, Call>)[camelCase(c.clip)]!([p], 0.5))
  expect(message === null ? undefined : inOwnWords(message)).toEqual(
    c.error === undefined ? undefined : inOwnWords(c.error),
  )
  if (c.memory === undefined || c.layout === 'overlap') return
  expect(difference(memoryOf(buffers.all.get(1)!), wanted(c.memory), { relative: 2 ** -20, ofLargest: 0 })).toBeNull()
})

// ---- nothing is left out -----------------------------------------------------------------------------------------

const membersInPlace = Object.getOwnPropertyNames(Tensor.prototype).filter((n) => n.endsWith('_'))
const recordedMethods = new Set(rows.filter((r) => r.form === 'method').map((r) => camelCase(r.name)))
test('what is recorded is there', () => {
  expect(membersInPlace.length).toBeGreaterThan(150)
  expect([...recordedMethods].filter((n) => n.endsWith('_') && !membersInPlace.includes(n))).toEqual([])
})
/** Methods in place that PyTorch lacks: they refuse what its others do. */
test.each(membersInPlace.filter((n) => !recordedMethods.has(n)))('%s of Tenzo', (name) => {
  const { params } = operation(name.slice(0, -1)) as OpDefinition
  const required = params.filter((p) => p.presence === 'required').slice(1)
  // Any other argument is one that test/oracle/expanded.py has to give.
  expect(required.map((p) => p.type).filter((type) => !/^Tensor( or number)?$/i.test(type))).toEqual([])
  const expanded = tensor([0.5, 0.75]).expand([3, 2])
  const args = required.map(() => tensor(1))
  expect(said(() => (member(expanded, name) as Call).apply(expanded, args))).toMatch(
    /^unsupported operation: more than one/,
  )
})
test('every in-place form of nn.functional and nn.init is recorded', () => {
  for (const [form, owner] of [
    ['functional', nn.functional],
    ['init', nn.init],
  ] as const) {
    const recorded = new Set(rows.filter((r) => r.form === form).map((r) => camelCase(r.name)))
    // As the method of that name, which PyTorch lacks too.
    const own = form === 'functional' ? ['relu6_'] : []
    expect(Object.keys(owner).filter((n) => n.endsWith('_') && !recorded.has(n))).toEqual(own)
  }
})
/** Calls a free function of every family's samples with an `out`: which of them write into it? What is not recorded refuses as the others. */
test('every operation with an out option refuses memory that elements share', () => {
  const recorded = new Set(rows.filter((r) => r.form === 'out').map((r) => r.name))
  const taking = new Set<string>()
  for (const file of readdirSync(join(ROOT, 'ops'))) {
    for (const op of loadGoldens<{ ops?: GoldenOp[] } | GoldenOp[]>(`ops/${file}`) as GoldenOp[]) {
      const c = op.cases.find((k) => isCodedTensor(k.out) && k.out.s.reduce((a, b) => a * b, 1) > 1)
      if (!op.free || c === undefined || taking.has(op.name)) continue
      const given = new Arguments(c)
      const coded = c.out as CodedTensor
      const out = decodeTensor({ ...coded, g: undefined } as CodedTensor).clone()
      const f = freeFunction(op.name)
      let result: unknown
      said(() => {
        result = f?.(...given.args, { ...given.opts, out })
      })
      if (result !== out) continue
      taking.add(op.name)
      if (recorded.has(op.name)) continue
      const shared = zeros([], { dtype: out.dtype }).expand(out.shape)
      const refusal = said(() => f?.(...given.args, { ...given.opts, out: shared }))
      expect([op.name, refusal]).toEqual([op.name, expect.stringMatching(/^unsupported operation: more than one/)])
    }
  }
  expect(taking.size).toBeGreaterThan(90)
})
