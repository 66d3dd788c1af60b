/**
 * Every operation against PyTorch's own samples (test/oracle): dtype, shape, values, gradients, views, what changed in
 * place, and error messages; called as a method, as a free function and in place.
 *
 * GOLDENS_OPS=add,mul   runs only these; GOLDENS_REPORT=file   writes all mismatches as JSON lines.
 */
import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { autograd, Tensor, TenzoError } from '../../lib'
import { callOf, type Form, flatten } from '../helpers/calls'
import {
  Arguments,
  type Coded,
  type CodedCall,
  type CodedTensor,
  camelCase,
  cotangent,
  elementsOf,
  freeFunction,
  type GoldenCase,
  type GoldenError,
  type GoldenOp,
  isCodedTensor,
  loadGoldens,
  ROOT,
  valuesOf,
} from '../helpers/goldens'
import { difference, differs, EXACT_SIGNS, type Tolerance, toleranceOf } from '../helpers/tolerance'

const ONLY = process.env.GOLDENS_OPS?.split(',')
const REPORT = process.env.GOLDENS_REPORT
/** Here the sign of a zero counts too, but for the choice between two zeros. */
const EXTREMAL = new Set(['extremal'])
const EITHER_ZERO =
  /^(maximum|minimum|fmax|fmin|max|min|amax|amin|clamp_min|clamp_max|sort|msort|cummax|cummin|median|nanmedian)$/

/** Where PyTorch leaves the order or choice among equal elements open, indices are compared by what they select. */
const OPEN_INDICES = new Set(['topk', 'kthvalue', 'median', 'nanmedian', 'mode'])

function flattenCoded(c: Coded): Coded[] {
  return Array.isArray(c) ? c.flatMap(flattenCoded) : [c]
}

function compareTensor(got: unknown, want: CodedTensor, tolerance: Tolerance, scale = 0): string | null {
  if (!(got instanceof Tensor)) return `is ${got === null ? 'null' : typeof got}, not a tensor`
  if (got.dtype !== want.t) return `dtype is ${got.dtype} instead of ${want.t}`
  if (got.shape.join() !== want.s.join()) return `shape is [${got.shape.join(', ')}] instead of [${want.s.join(', ')}]`
  return difference(valuesOf(got), elementsOf(want), tolerance, scale)
}

function compareLeaf(got: unknown, want: Coded, tolerance: Tolerance): string | null {
  if (isCodedTensor(want)) return compareTensor(got, want, tolerance)
  if (want !== null && typeof want === 'object' && 'f' in want) {
    const w = Number(want.f.replace('inf', 'Infinity'))
    return difference([got as number], [w], tolerance)
  }
  return Number(got) === Number(want) && (got === null) === (want === null)
    ? null
    : `is ${String(got)} instead of ${String(want)}`
}

function checkCase(op: GoldenOp, c: GoldenCase, form: Form, family: string): string | null {
  // One form with bigints, the others with whole numbers: both count as ints.
  const given = new Arguments(c, form === 'method')
  const value = callOf(op, form, c, given)
  const got = flatten(value, c.fields)
  const want = flattenCoded(c.out)
  if (
    c.fields &&
    (typeof value !== 'object' ||
      Array.isArray(value) ||
      Object.keys(value as object).join() !== c.fields.map(camelCase).join())
  )
    return `result has the fields ${typeof value === 'object' ? Object.keys(value as object) : typeof value} instead of ${c.fields.map(camelCase)}`
  if (got.length !== want.length) return `${got.length} results instead of ${want.length}`
  const tolerance = toleranceOf(op.name, 'value', c.dtype)
  let indicesDiffer = false
  for (let i = 0; i < want.length; i++) {
    const w = want[i] as Coded
    if (OPEN_INDICES.has(op.name) && i === 1 && isCodedTensor(w) && got[1] instanceof Tensor) {
      indicesDiffer = difference(valuesOf(got[1]), elementsOf(w), tolerance) !== null
      if (indicesDiffer && got[1].dtype === w.t && got[1].shape.join() === w.s.join()) continue
    }
    const signs =
      tolerance.relative === 0 && EXTREMAL.has(family) && !EITHER_ZERO.test(op.name) ? EXACT_SIGNS : tolerance
    const result = got[i]
    if (form !== 'inPlace' && isCodedTensor(w) && w.g && result instanceof Tensor && !result.requiresGrad)
      return 'does not require a gradient'
    const d = compareLeaf(
      got[i],
      w,
      isCodedTensor(w) && w.t.includes('float') ? withDtype(op.name, w.t, signs, c.dtype) : signs,
    )
    if (d !== null) return want.length === 1 ? d : `result ${i}: ${d}`
  }
  if (indicesDiffer) return null
  const results = got.filter((t): t is Tensor => t instanceof Tensor)
  if (form !== 'inPlace' && c.requires) {
    const flags = results.map((t) => t.requiresGrad)
    if (flags.join() !== c.requires.join()) return `requiresGrad is ${flags} instead of ${c.requires}`
  }
  if (form !== 'inPlace' && c.view) {
    const d = results.map((t, i) => viewDifference(t, c.view![i]!, given)).find((x) => x !== null)
    if (d) return d
  }
  if (form !== 'inPlace' && c.after) {
    for (let i = 0; i < c.after.length; i++) {
      const want = c.after[i] ?? given.coded[i]!
      if (form === 'method' && i === c.self && op.name.endsWith('_') && given.coded[i]!.g) continue
      const d = compareTensor(given.tensors[i]!.detach(), want, tolerance)
      if (d !== null) return `afterwards input ${i} ${d}`
    }
  }
  return c.grads ? checkGradients(op, c, given, results) : null
}

/** A result may have another dtype than its case (a cast, `dtype`): the coarser of the two decides. */
function withDtype(op: string, t: string, own: Tolerance, dtype: string): Tolerance {
  if (t === dtype || own === EXACT_SIGNS) return own
  const other = toleranceOf(op, 'value', t)
  return own.relative > other.relative && !/^u?int|bool/.test(dtype) ? own : other
}

function viewDifference(t: Tensor, [strides, offset]: [number[], number], given: Arguments): string | null {
  if (t.numel() === 0) return null
  if (!given.tensors.some((x) => x.sharesStorage(t))) return 'is a copy instead of a view'
  const relevant = (s: readonly number[]) => s.filter((_, d) => t.shape[d]! > 1).join()
  if (relevant(t.stride()) !== relevant(strides)) return `strides are [${t.stride()}] instead of [${strides}]`
  return t.storageOffset() === offset ? null : `storage offset is ${t.storageOffset()} instead of ${offset}`
}

function checkGradients(op: GoldenOp, c: GoldenCase, given: Arguments, results: Tensor[]): string | null {
  const roots = results.filter((t) => t.requiresGrad)
  if (roots.length === 0) return 'does not require grad'
  const grads = autograd.grad(roots, given.leaves, { gradOutputs: roots.map(cotangent), allowUnused: true })
  for (let i = 0; i < c.grads!.length; i++) {
    const want = c.grads![i]!
    const got = grads[i]!
    if (want === null || got === null) {
      if (want !== null || got !== null)
        return `gradient ${i} is ${got === null ? 'null' : 'a tensor'} instead of ${want === null ? 'null' : 'a tensor'}`
      continue
    }
    // The cotangents are near 1, so a sum of them over broadcast dims has terms of at least that size.
    // Beside an operand of half precision PyTorch rounds what it multiplies a float32 gradient with.
    const half = given.coded.find((t) => t.t === 'bfloat16' || t.t === 'float16')?.t
    const d = compareTensor(got, want, toleranceOf(op.name, 'gradient', half ?? want.t), 1)
    if (d !== null) return `gradient ${i}: ${d}`
  }
  return null
}

// ---- errors --------------------------------------------------------------------------------------------------------

/** Names of Python that Tenzo writes in its own way; both sides are compared after this. */
const inOwnWords = (s: string): string =>
  s
    .replace(/ \(numbers make float32; [^)]*\)$/, '')
    .replace(/torch\.Size\((\[[^\]]*\])\)/g, '$1')
    .replace(/torch\./g, '')
    .replace(/\b[a-z]+(_[a-z0-9]+)+\b/g, camelCase)
    .replace(/\s+/g, ' ')
    .trim()

const CLASSES: Record<string, string[]> = {
  IndexError: ['IndexError'],
  TypeError: ['ArgumentError', 'DTypeError'],
  NotImplementedError: ['DTypeError', 'NotImplementedError', 'ValueError', 'ShapeError'],
  ValueError: ['ValueError', 'ShapeError', 'ArgumentError', 'DTypeError'],
}

/** Python's argument parser speaks of Python; and which kernel lacks a dtype is an inner name. Only the refusal counts. */
const OWN_TEXT = [
  /received an invalid combination of arguments/,
  /must be .*, (not|but got|found) /,
  / not implemented for '/,
  /got an unexpected keyword/,
  /Exception raised from/,
  /INTERNAL ASSERT/,
  /does not support|not supported|unsupported|only supported|only supports/i,
]

function checkError(op: GoldenOp, e: GoldenError, form: Form): string | null {
  let thrown: unknown = null
  let result: unknown
  try {
    const given = new Arguments(e, form === 'method')
    result = callOf(op, form, e, given)
  } catch (error) {
    thrown = error
  }
  // Taking a number where Python's argument parser wants a tensor is no fault.
  if (
    thrown === null &&
    e.error === 'TypeError' &&
    /must be Tensor, not (int|float|bool)|invalid combination of arguments - got \((Tensor, )?(int|float|bool)/.test(
      e.message,
    )
  )
    return null
  if (thrown === null) return `throws nothing (${summary(result)}) instead of ${e.error}: ${e.message}`
  if (!(thrown instanceof TenzoError)) return `throws ${String(thrown)} instead of ${e.error}: ${e.message}`
  const exact = inOwnWords(thrown.message) === inOwnWords(e.message)
  if (!exact && !OWN_TEXT.some((r) => r.test(e.message)) && e.error !== 'TypeError' && e.error !== 'AssertionError')
    return `says "${thrown.message}" instead of "${e.message}"`
  const classes = CLASSES[e.error]
  if (classes && !classes.includes(thrown.name)) return `throws ${thrown.name} instead of ${e.error}: ${e.message}`
  return null
}

const summary = (v: unknown): string =>
  v instanceof Tensor ? `${v.dtype}[${v.shape}]` : Array.isArray(v) ? `${v.length} results` : String(v)

// ---- the tests -----------------------------------------------------------------------------------------------------

const short = (call: CodedCall): string => {
  const show = (c: Coded): string =>
    isCodedTensor(c)
      ? `${c.t}[${c.s}]${c.st || c.o ? '~' : ''}${c.g ? '*' : ''}`
      : Array.isArray(c)
        ? `[${c.map(show).join(', ')}]`
        : JSON.stringify(c)
  const opts = Object.entries(call.opts).map(([k, v]) => `${camelCase(k)}: ${show(v)}`)
  return `(${[...call.args.map(show), ...(opts.length ? [`{ ${opts.join(', ')} }`] : [])].join(', ')})`
}

function formsOf(op: GoldenOp, c: CodedCall & { out?: Coded }): Form[] {
  if (op.name.startsWith('__')) return ['method']
  // Two plain numbers are no business of a tensor library.
  if (op.method && !JSON.stringify([c.args, c.opts]).includes('"t":')) return []
  const forms: Form[] = []
  const receiver = c.self === undefined ? undefined : c.args[c.self]
  if (op.method && isCodedTensor(receiver)) forms.push('method')
  if (op.free && (op.name.includes('.') || !op.name.endsWith('_'))) forms.push('function')
  const out = c.out
  // In place where the result fits the receiver: what it computes is then known too.
  if (
    op.inplace &&
    isCodedTensor(receiver) &&
    isCodedTensor(out) &&
    out.t === receiver.t &&
    out.s.join() === receiver.s.join() &&
    !receiver.st?.includes(0)
  )
    forms.push('inPlace')
  return forms
}

function isMissing(op: GoldenOp): boolean {
  if (op.name.startsWith('__')) return false
  const name = camelCase(op.name.split('.').pop() as string)
  return (
    (op.free && freeFunction(op.name) === undefined) ||
    (op.method && !/^(T|mT)$/.test(name) && !(name in Tensor.prototype))
  )
}

function checkOp(op: GoldenOp, family: string): string[] {
  const failures: string[] = []
  const note = (what: string, form: Form, call: CodedCall): void => {
    if (differs(op.name, what)) return
    failures.push(`${form} ${op.name}${short(call)}: ${what}`)
  }
  const guarded = (form: Form, call: CodedCall, check: () => string | null): void => {
    let what: string | null
    try {
      what = check()
    } catch (error) {
      const e = error as Error
      const at =
        e instanceof TenzoError
          ? ''
          : ` ${
              e.stack
                ?.split('\n')
                .find((l) => l.includes('/lib/'))
                ?.trim()
                .replace(/\(.*\/lib\//, '(lib/') ?? ''
            }`
      what = `throws ${e.name}: ${e.message}${at}`
    }
    if (what !== null) note(what, form, call)
  }
  for (const c of op.cases) for (const form of formsOf(op, c)) guarded(form, c, () => checkCase(op, c, form, family))
  for (const e of op.errors)
    for (const form of formsOf(op, e).filter((f) => f !== 'inPlace')) guarded(form, e, () => checkError(op, e, form))
  if (REPORT)
    for (const f of failures) appendFileSync(REPORT, `${JSON.stringify({ family, op: op.name, failure: f })}\n`)
  return failures
}

const FAMILIES = readdirSync(join(ROOT, 'ops')).map((f) => {
  const ops = loadGoldens<GoldenOp[]>(`ops/${f}`).filter((op) => !ONLY || ONLY.includes(op.name))
  return [f.replace('.json.gz', ''), ops] as const
})

describe.each(FAMILIES.filter(([, ops]) => ops.length > 0))('%s', (family, ops) => {
  for (const op of ops) {
    test(op.name, () => {
      if (isMissing(op)) throw new Error(`Tenzo lacks ${op.name}`)
      const failures = checkOp(op, family)
      if (failures.length > 0)
        throw new Error(
          `${failures.length} mismatches:\n${failures
            .slice(0, 12)
            .map((f) => `  ${f.slice(0, 600)}`)
            .join('\n')}`,
        )
    })
  }
})
