/**
 * Bools whose bytes are not 0 or 1 (test/oracle/bool_bytes.py): any byte but 0 is true in every operation, and no count of true
 * elements differs from another.
 */
import { Tensor, tensor } from '../../lib'
import { said } from '../autograd/steps'
import { flatten } from '../helpers/calls'
import {
  type Coded,
  type CodedTensor,
  camelCase,
  decodeTensor,
  elementsOf,
  freeFunction,
  isCodedTensor,
  loadGoldens,
  valuesOf,
} from '../helpers/goldens'
import { difference, toleranceOf } from '../helpers/tolerance'

type CodedArgument = Coded | { w: number[]; step: number } | CodedArgument[]
interface Row {
  name: string
  args: CodedArgument[]
  opts: Record<string, CodedArgument>
  error?: string
  out: Coded
  fields?: string[]
}

/** The byte of the recorder. */
const byte = (i: number): number => ((i * i * 31) % 5 === 0 ? 0 : (i * 89 + 2) % 256)
/** Bytes seen as bools: every `step`-th of them. */
function wild(sizes: number[], step: number): Tensor {
  const count = sizes.reduce((n, s) => n * s, 1)
  const bytes = tensor(Uint8Array.from({ length: count * step }, (_, i) => byte(i))).view('bool')
  const strides = sizes.map((_, d) => sizes.slice(d + 1).reduce((n, s) => n * s, step))
  return bytes.asStrided(sizes, strides)
}
function decode(a: CodedArgument): unknown {
  if (Array.isArray(a)) return a.map(decode)
  if (a === null || typeof a !== 'object') return a
  if ('w' in a) return wild(a.w, a.step)
  if ('f' in a) return Number(a.f)
  if ('i' in a) return BigInt(a.i)
  if ('dtype' in a) return a.dtype
  return decodeTensor(a as CodedTensor)
}

type Call = (...args: unknown[]) => unknown
const FREE = new Set(['cat', 'stack', 'where', 'kron', 'outer'])
function call(row: Row): unknown {
  const args = row.args.map(decode)
  const opts = Object.fromEntries(Object.entries(row.opts).map(([k, v]) => [camelCase(k), decode(v)]))
  const all = Object.keys(opts).length > 0 ? [...args, opts] : args
  const x = args[0] as Tensor
  if (row.name === '__getitem__') return x.at(...(args[1] as []))
  if (row.name === '__setitem__') return x.set(args[1] as [], args[2] as Tensor)
  if (FREE.has(row.name)) return (freeFunction(row.name) as Call)(...all)
  const method = (x as unknown as Record<string, Call>)[row.name === 'tolist' ? 'toArray' : camelCase(row.name)]!
  return method.apply(x, all.slice(1))
}

function check(row: Row): string | null {
  let value: unknown
  const message = said(() => {
    value = call(row)
  })
  if (row.error !== undefined) return message === null ? `is not refused: ${row.error}` : null
  if (message !== null) return `throws "${message}"`
  if (!row.fields && Array.isArray(row.out) && !row.out.some(isCodedTensor))
    return JSON.stringify(value) === JSON.stringify(row.out) ? null : `is ${JSON.stringify(value)}`
  const got = flatten(value, row.fields)
  const want = Array.isArray(row.out) ? row.out : [row.out]
  for (const [i, w] of want.entries()) {
    const g = got[i]
    if (!isCodedTensor(w)) {
      if (g !== w) return `is ${String(g)} instead of ${JSON.stringify(w)}`
      continue
    }
    if (!(g instanceof Tensor)) return `result ${i} is no tensor`
    if (g.dtype !== w.t || g.shape.join() !== w.s.join())
      return `result ${i} is ${g.dtype} [${g.shape}], not ${w.t} [${w.s}]`
    const d = difference(valuesOf(g), elementsOf(w), toleranceOf(row.name, 'value', w.t))
    if (d !== null) return `result ${i}: ${d}`
    // What comes of it counts as PyTorch's does.
    if (w.t === 'bool') {
      const ones = elementsOf(w).filter(Boolean).length
      if (Number(g.sum().item()) !== ones) return `result ${i} sums to ${g.sum().item()} instead of ${ones}`
      if (g.nonzero().shape[0] !== ones) return `result ${i} has ${g.nonzero().shape[0]} nonzero instead of ${ones}`
      if (g.maskedSelect(g).numel() !== ones)
        return `result ${i} selects ${g.maskedSelect(g).numel()} instead of ${ones}`
    }
  }
  return null
}

const rows = loadGoldens<Row[]>('bool_bytes.json.gz')
test.each([...new Set(rows.map((r) => r.name))])('%s', (name) => {
  const problems = rows
    .filter((r) => r.name === name)
    .flatMap((r) => {
      const p = check(r)
      return p === null ? [] : [`${JSON.stringify(r.args).slice(0, 120)}: ${p}`]
    })
  expect(problems).toEqual([])
})

test('the bytes stay what they are', () => {
  const bytes = tensor(Uint8Array.of(0, 2, 255))
  const bools = bytes.view('bool')
  expect(bools.sum().item()).toBe(2)
  expect([...bools.toTypedArray()]).toEqual([0, 1, 1])
  expect([...bytes.toTypedArray()]).toEqual([0, 2, 255])
  bytes.at(0).fill_(8)
  expect(bools.all().item()).toBe(true)
})
