/** Products of several tensors, norms of matrices and distances, all made of matmul, views and reductions. */
import { ArgumentError, DTypeError, NotImplementedError, ShapeError } from '../errors'
import { Category, type DType, promoteTypes } from '../runtime/dtype'
import { broadcastShapes, countOf, wrapDim, wrapDims } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import { CPP, describe, expectInt, expectTensor, notImplemented, optionsOf } from './core'
import { eye } from './create'
import { inPlaceOf } from './define/in-place'
import { bmm, dot, matmul } from './matmul'
import { norm } from './reduce'
import { expand, permute, reshape, unsqueeze } from './views'
import { named } from './named'

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)

/** `permute` and `reshape` in one: the dims of each group become one dim. */
const grouped = (x: Tensor, groups: readonly (readonly number[])[]): Tensor =>
  reshape(
    permute(x, groups.flat()),
    groups.map((g) => countOf(g.map((d) => x.sizes[d] as number))),
  )

/** The product of two vectors (real numbers have no conjugate). */
export const vdot = (x: Tensor, other: Tensor): Tensor => named(dot(x, other), 'VdotBackward0')
/** Products summed over the last dims of both; with a 0-d operand, `mul`. */
export function inner(x: Tensor, other: Tensor): Tensor {
  expectTensor('inner', 'input', x)
  expectTensor('inner', 'other', other)
  if (x.sizes.length === 0 || other.sizes.length === 0) return x.mul(other)
  if (x.sizes[x.sizes.length - 1] !== other.sizes[other.sizes.length - 1])
    throw new ShapeError(
      `inner() the last dimension must match on both input tensors but got shapes [${x.sizes.join(', ')}] and [${other.sizes.join(', ')}]`,
    )
  return tensordot(x, other, [[-1], [-1]])
}
/** Products summed over pairs of dims: the last `dims` of the first with the first of the second, or as listed. */
export function tensordot(
  a: Tensor,
  b: Tensor,
  dims?:
    | number
    | readonly [readonly number[], readonly number[]]
    | { dims?: number | readonly [readonly number[], readonly number[]] },
): Tensor {
  expectTensor('tensordot', 'a', a)
  expectTensor('tensordot', 'b', b)
  const given = (
    Array.isArray(dims)
      ? dims
      : (optionsOf<{ dims?: number | readonly [number[], number[]] }>('tensordot', ['dims'], dims).dims ?? 2)
  ) as number | readonly [readonly number[], readonly number[]]
  if (typeof given === 'number') {
    expectInt('tensordot', 'dims', given)
    if (given < 0) throw new ShapeError(`tensordot expects dims >= 0, but got dims=${given}`)
    if (given > Math.min(a.sizes.length, b.sizes.length))
      throw new ShapeError(`tensordot expects dims < ndim_a or ndim_b, but got dims=${given}`)
  } else if (!Array.isArray(given) || given.length !== 2 || !given.every(Array.isArray))
    throw new ArgumentError(`tensordot(): dims must be a number or two lists of dims, got ${describe(given)}`)
  const [da, db] = typeof given === 'number' ? [range(-given, 0), range(0, given)] : given
  if (da.length !== db.length) throw new ShapeError('both dimension lists should have same length')
  if (a.info !== b.info) throw new DTypeError('both inputs should have same dtype', { a: a.dtype, b: b.dtype })
  for (const [t, list] of [
    [a, da],
    [b, db],
  ] as const)
    if (t.sizes.length === 0 && list.length > 0) t.size(list[0] as number)
  const [ra, rb] = [wrapDims(da, a.sizes.length), wrapDims(db, b.sizes.length)]
  let [x, y] = [a, b]
  ra.forEach((d, i) => {
    const e = rb[i] as number
    const [m, n] = [a.sizes[d] as number, b.sizes[e] as number]
    if (m === n) return
    // A dim of size 1 broadcasts: the other is summed.
    if (m === 1) y = y.sum(e, { keepdim: true, dtype: y.dtype })
    else if (n === 1) x = x.sum(d, { keepdim: true, dtype: x.dtype })
    else
      throw new ShapeError(
        `contracted dimensions need to match, but first has size ${m} in dim ${da[i]} and second has size ${n} in dim ${db[i]}`,
      )
  })
  const [ka, kb] = [
    range(0, a.sizes.length).filter((d) => !ra.includes(d)),
    range(0, b.sizes.length).filter((d) => !rb.includes(d)),
  ]
  const product = matmul(grouped(x, [ka, ra]), grouped(y, [rb, kb]))
  return reshape(product, [...ka.map((d) => a.sizes[d] as number), ...kb.map((d) => b.sizes[d] as number)])
}
/** The Kronecker product: every element of the first times the whole second. */
export function kron(x: Tensor, other: Tensor): Tensor {
  expectTensor('kron', 'input', x)
  expectTensor('kron', 'other', other)
  const nd = Math.max(x.sizes.length, other.sizes.length)
  const padded = (t: Tensor): number[] => [...new Array<number>(nd - t.sizes.length).fill(1), ...t.sizes]
  const [p, q] = [padded(x), padded(other)]
  const product = reshape(
    x,
    p.flatMap((s) => [s, 1]),
  ).mul(
    reshape(
      other,
      q.flatMap((s) => [1, s]),
    ),
  )
  return named(
    reshape(
      product,
      p.map((s, i) => s * (q[i] as number)),
    ),
    'UnsafeViewBackward0',
  )
}

// ---- einsum -------------------------------------------------------------------------------------------------------

/** One operand with one label for each dim; labels of an ellipsis are numbers, counted from the right. */
interface Labelled {
  x: Tensor
  labels: (string | number)[]
}
function labelled(x: Tensor, term: string, i: number): Labelled {
  const [before, after, more] = term.split('...') as [string, string | undefined, string | undefined]
  if (more !== undefined)
    throw new ShapeError(`einsum(): found '.' for operand ${i} for which an ellipsis was already found`)
  for (const c of before + (after ?? ''))
    if (!/[a-zA-Z]/.test(c))
      throw new ShapeError(
        c === '.'
          ? `einsum(): found '.' for operand ${i} that is not part of any ellipsis`
          : `einsum(): invalid subscript given at index ${i} in the equation string, subscripts must be in [a-zA-Z]`,
      )
  const named = before.length + (after?.length ?? 0)
  const covered = x.sizes.length - named
  if (covered < 0 || (after === undefined && covered > 0))
    throw new ShapeError(
      `einsum(): the number of subscripts in the equation (${named})${after === undefined ? ' does not match' : ' is more than'} the number of dimensions (${x.sizes.length}) for operand ${i}${after === undefined ? ' and no ellipsis was given' : ''}`,
    )
  let labels: (string | number)[] = [...before, ...range(0, covered).map((k) => covered - 1 - k), ...(after ?? '')]
  // A label twice in one operand stands for the diagonal.
  let y = x
  for (let d = labels.length - 1; d >= 0; d--) {
    const first = labels.indexOf(labels[d] as string)
    if (first === d) continue
    if (y.sizes[first] !== y.sizes[d])
      throw new ShapeError(
        `einsum(): subscript ${String(labels[d])} is repeated for operand ${i} but the sizes don't match, ${y.sizes[d]} != ${y.sizes[first]}`,
      )
    const label = labels[d] as string
    y = y.diagonal({ offset: 0, dim1: first, dim2: d })
    labels = [...labels.filter((_, k) => k !== first && k !== d), label]
  }
  return { x: y, labels }
}
/** Two operands into one with the labels in `keep`, the others summed. */
function contract(p: Labelled, q: Labelled, keep: ReadonlySet<string | number>): Labelled {
  const summed = (o: Labelled, other: Labelled): Labelled => {
    const gone = o.labels.filter((l) => !keep.has(l) && !other.labels.includes(l))
    return gone.length === 0
      ? o
      : { x: o.x.sum(gone.map((l) => o.labels.indexOf(l))), labels: o.labels.filter((l) => !gone.includes(l)) }
  }
  let [a, b] = [summed(p, q), summed(q, p)]
  // A dim of size 1 beside a longer one: it is dropped where the product would have to repeat it.
  for (const l of a.labels.filter((k) => b.labels.includes(k))) {
    const [m, n] = [a.x.sizes[a.labels.indexOf(l)] as number, b.x.sizes[b.labels.indexOf(l)] as number]
    if (m === n) continue
    if (m === 1) a = { x: a.x.squeeze(a.labels.indexOf(l)), labels: a.labels.filter((k) => k !== l) }
    else if (n === 1) b = { x: b.x.squeeze(b.labels.indexOf(l)), labels: b.labels.filter((k) => k !== l) }
    else
      throw new ShapeError(
        `einsum(): operands do not broadcast with remapped shapes: sizes ${m} and ${n} of subscript ${String(l)}`,
      )
  }
  ;[a, b] = [summed(a, b), summed(b, a)]
  // Factors are promoted; what is summed is a product of matrices, which wants one dtype.
  const open = (o: Labelled): boolean => o.labels.every((l, d) => keep.has(l) || o.x.sizes[d] === 1)
  const factors = open(a) && open(q)
  if (factors) {
    const info = promoteTypes(a.x.dtype, b.x.dtype)
    if (a.x.dtype !== info) a = { ...a, x: a.x.to(info) }
    if (b.x.dtype !== info) b = { ...b, x: b.x.to(info) }
  }
  const shared = a.labels.filter((l) => b.labels.includes(l))
  const batch = shared.filter((l) => keep.has(l))
  const inside = shared.filter((l) => !keep.has(l))
  const [left, right] = [a.labels.filter((l) => !shared.includes(l)), b.labels.filter((l) => !shared.includes(l))]
  const at = (o: Labelled, labels: (string | number)[]): number[] => labels.map((l) => o.labels.indexOf(l))
  // No product of matrices takes bools; a product of factors does.
  const bools = a.x.dtype === 'bool' && b.x.dtype === 'bool'
  if (bools && !factors) throw notImplemented('bmm', a.x.info)
  const number = (x: Tensor): Tensor => (bools ? x.to('uint8') : x)
  const numbers = bmm(
    grouped(number(a.x), [at(a, batch), at(a, left), at(a, inside)]),
    grouped(number(b.x), [at(b, batch), at(b, inside), at(b, right)]),
  )
  const product = bools ? numbers.to('bool') : numbers
  const size = (o: Labelled, l: string | number): number => o.x.sizes[o.labels.indexOf(l)] as number
  return {
    x: reshape(product, [
      ...batch.map((l) => size(a, l)),
      ...left.map((l) => size(a, l)),
      ...right.map((l) => size(b, l)),
    ]),
    labels: [...batch, ...left, ...right],
  }
}
/** Einstein's summation: `einsum('bij,bjk->bik', [x, y])`. Operands are taken from left to right. */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  if (typeof equation !== 'string')
    throw new ArgumentError(`einsum(): argument 'equation' must be str, not ${typeof equation}`)
  if (!Array.isArray(operands) || operands.length === 0)
    throw new ShapeError(
      'einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list',
    )
  operands.forEach((o) => {
    expectTensor('einsum', 'operands', o)
  })
  const [inputs, output] = equation.replace(/\s+/g, '').split('->') as [string, string | undefined]
  const terms = inputs.split(',')
  if (terms.length < operands.length)
    throw new ShapeError('einsum(): more operands were provided than specified in the equation')
  if (terms.length > operands.length)
    throw new ShapeError('einsum(): fewer operands were provided than specified in the equation')
  const parts = terms.map((t, i) => labelled(operands[i] as Tensor, t, i))
  const dots = Math.max(0, ...parts.map((p) => p.labels.filter((l) => typeof l === 'number').length))
  const ellipsis = range(0, dots).map((k) => dots - 1 - k)
  const letters = parts.flatMap((p) => p.labels.filter((l): l is string => typeof l === 'string'))
  let result: (string | number)[]
  if (output === undefined) {
    // Without an arrow: the letters that occur once, in order.
    const all = terms.join('').replace(/\./g, '')
    result = [...ellipsis, ...[...new Set(letters)].filter((l) => all.split(l).length === 2).sort()]
  } else {
    const [before, after] = output.split('...') as [string, string | undefined]
    result = after === undefined ? [...before] : [...before, ...ellipsis, ...after]
    for (const l of [...before, ...(after ?? '')]) {
      if (!letters.includes(l))
        throw new ShapeError(`einsum(): output subscript ${l} does not appear in the equation for any input operand`)
      if (result.filter((k) => k === l).length > 1)
        throw new ShapeError(`einsum(): output subscript ${l} appears more than once in the output`)
    }
  }
  let acc = parts[0] as Labelled
  for (let i = 1; i < parts.length; i++) {
    const later = new Set<string | number>([...result, ...parts.slice(i + 1).flatMap((p) => p.labels)])
    acc = contract(acc, parts[i] as Labelled, later)
  }
  const gone = acc.labels.filter((l) => !result.includes(l))
  const x = gone.length > 0 ? acc.x.sum(gone.map((l) => acc.labels.indexOf(l))) : acc.x
  const labels = acc.labels.filter((l) => !gone.includes(l))
  const out = permute(
    x,
    result.filter((l) => labels.includes(l)).map((l) => labels.indexOf(l)),
  )
  const summed = parts.some((p) => p.labels.some((l) => !result.includes(l)))
  if (parts.length > 1) return named(out, summed ? 'ViewBackward0' : 'MulBackward0')
  return summed ? named(out, 'SumBackward1') : out
}

// ---- vectors and distances ----------------------------------------------------------------------------------------

/** The cross product along a dim of size 3; without `dim`, the first such dim. */
export function cross(x: Tensor, other: Tensor, dim?: number | { dim?: number }): Tensor {
  expectTensor('cross', 'input', x)
  expectTensor('cross', 'other', other)
  const o = optionsOf<{ dim?: number }>('cross', ['dim'], dim)
  if (o.dim !== undefined) return linalgCross(x, other, o)
  const d = x.sizes.indexOf(3)
  if (d < 0) throw new ShapeError('no dimension of size 3 in input')
  return linalgCross(x, other, { dim: d })
}
function linalgCross(x: Tensor, other: Tensor, options?: { dim?: number }): Tensor {
  expectTensor('cross', 'input', x)
  expectTensor('cross', 'other', other)
  const { dim = -1 } = optionsOf<{ dim?: number }>('cross', ['dim'], options)
  if (x.sizes.length !== other.sizes.length)
    throw new ShapeError('linalg.cross: inputs must have the same number of dimensions.')
  const d = wrapDim(dim, x.sizes.length)
  x.size(dim)
  if (x.sizes[d] !== 3 || other.sizes[d] !== 3)
    throw new ShapeError(
      `linalg.cross: inputs dimension ${dim} must have length 3. Got ${x.sizes[d]} and ${other.sizes[d]}`,
    )
  const shape = broadcastShapes(x.sizes, other.sizes)
  if (x.dtype === 'bool') throw notImplemented('cross', x.info)
  if (x.info !== other.info)
    throw new DTypeError(`expected scalar type ${x.info.scalarType} but found ${other.info.scalarType}`, {
      input: x.dtype,
      other: other.dtype,
    })
  const [a, b] = [expand(x, shape), expand(other, shape)]
  const product = a
    .roll(-1, d)
    .mul(b.roll(-2, d))
    .sub(a.roll(-2, d).mul(b.roll(-1, d)))
  return named(product, 'LinalgCrossBackward0')
}
/** The p-norm distance of every row of `x1` to every row of `x2`; leading dims broadcast. */
export function cdist(x1: Tensor, x2: Tensor, p?: number | { p?: number }): Tensor {
  expectTensor('cdist', 'x1', x1)
  expectTensor('cdist', 'x2', x2)
  const { p: order = 2 } = optionsOf<{ p?: number }>('cdist', ['p'], p)
  for (const [name, t] of [
    ['X1', x1],
    ['X2', x2],
  ] as const) {
    if (t.info.category !== Category.Float)
      throw new DTypeError(`cdist only supports floating-point dtypes, ${name} got: ${t.info.scalarType}`)
    if (t.sizes.length < 2)
      throw new ShapeError(`cdist only supports at least 2D tensors, ${name} got: ${t.sizes.length}D`)
  }
  const [m, n] = [x1.sizes[x1.sizes.length - 1], x2.sizes[x2.sizes.length - 1]]
  if (m !== n) throw new ShapeError(`X1 and X2 must have the same number of columns. X1: ${m} X2: ${n}`)
  if (!(order >= 0)) throw new ShapeError('cdist only supports non-negative p values')
  if (m === 0) return unsqueeze(x1, -2).sub(unsqueeze(x2, -3)).sum(-1)
  // Many rows PyTorch compares by a product of matrices, few by a kernel that knows one dtype and no half types.
  const byProduct = order === 2 && Math.max(x1.size(-2), x2.size(-2)) > 25
  if (!byProduct && x1.count > 0 && x2.count > 0) {
    if (x1.info.compute !== x1.info.name) throw notImplemented('cdist', x1.info)
    if (x1.info !== x2.info)
      throw new DTypeError(`expected scalar type ${x1.info.scalarType} but found ${x2.info.scalarType}`, {
        x1: x1.dtype,
        x2: x2.dtype,
      })
  }
  const difference = unsqueeze(x1, -2).sub(unsqueeze(x2, -3))
  // The count of differing entries has a gradient, of zeros.
  if (order === 0)
    return named(
      difference
        .mul(0)
        .sum(-1)
        .add(norm(difference.detach(), { p: 0, dim: -1 })),
      'CdistBackward0',
    )
  return named(norm(difference, { p: order, dim: -1 }), 'CdistBackward0')
}
/** Slices of a dim scaled down to a p-norm of at most `maxnorm`. */
export const renorm = Object.assign(limited, { inPlace: inPlaceOf(limited.name, limited) })
function limited(x: Tensor, p: number, dim: number, maxnorm: number): Tensor {
  expectTensor('renorm', 'input', x)
  if (x.sizes.length < 2)
    throw new ShapeError(`renorm: input needs at least 2 dimensions, got ${x.sizes.length} dimensions`)
  if (!(p > 0)) throw new ArgumentError('renorm: non-positive-norm not supported')
  if (!(maxnorm >= 0)) throw new ArgumentError(`renorm: expected maxnorm to be >= 0 but got ${maxnorm}`)
  const d = wrapDim(dim, x.sizes.length)
  const n = norm(x, { p, dim: range(0, x.sizes.length).filter((k) => k !== d), keepdim: true })
  const factor = n.add(1e-7).reciprocal().mul(maxnorm).maskedFill(n.gt(maxnorm).logicalNot(), 1)
  return named(x.mul(factor), 'RenormBackward0')
}
/** Options of `trapezoid`. */
export interface TrapezoidOptions {
  /** The points; else they lie `dx` apart. */
  x?: Tensor | null
  dx?: number
  dim?: number
}
/** The integral of samples along a dim by the trapezoidal rule. */
export function trapezoid(y: Tensor, x?: Tensor | TrapezoidOptions, options?: TrapezoidOptions): Tensor {
  expectTensor('trapezoid', 'y', y)
  const points = x !== undefined && 'sizes' in x ? (x as Tensor) : null
  const o = optionsOf<TrapezoidOptions>(
    'trapezoid',
    ['x', 'dx', 'dim'],
    points ? options : (x as TrapezoidOptions | undefined),
  )
  const { dx = 1, dim = -1 } = o
  const at = points ?? o.x ?? null
  if (y.dtype === 'bool' || at?.dtype === 'bool')
    throw new DTypeError(
      `trapezoid: received a bool input for ${at ? '`x` or `y`' : '`y`'}, but bool is not supported`,
      { y: y.dtype },
    )
  const size = y.size(dim)
  const d = wrapDim(dim, y.sizes.length)
  if (size === 0) return y.sum(d)
  const pairs = y.narrow(d, 1, size - 1).add(y.narrow(d, 0, size - 1))
  if (at === null) return named(pairs.sum(d).mul(dx).div(2), 'MulBackward1')
  const own = at.sizes.length === 1
  const k = own ? 0 : at.sizes.length - (y.sizes.length - d)
  const n = at.sizes[k] ?? 1
  if (own && n !== size)
    throw new ShapeError('trapezoid: There must be one `x` value for each sample point', {
      y: [...y.sizes],
      x: [...at.sizes],
    })
  // Steps along a dim of size 1 are none.
  if (n === 0 || k < 0) broadcastShapes(pairs.sizes, at.sizes)
  const steps = at.narrow(k, 1, n - 1).sub(at.narrow(k, 0, n - 1))
  const width = own
    ? reshape(
        steps,
        y.sizes.map((_, i) => (i === d ? n - 1 : 1)),
      )
    : steps
  return named(pairs.mul(width).sum(d).div(2), 'DivBackward1')
}
export { trapezoid as trapz }

// ---- torch.linalg -------------------------------------------------------------------------------------------------

/** Options of the norms in `linalg`. */
export interface LinalgNormOptions {
  ord?: number | string | null
  dim?: number | readonly number[] | null
  keepdim?: boolean
  dtype?: DType
}
type First = number | string | null | LinalgNormOptions
const normOptions = (op: string, first: First | undefined, rest: LinalgNormOptions | undefined): LinalgNormOptions =>
  optionsOf<LinalgNormOptions>(op, ['ord', 'dim', 'keepdim', 'dtype'], first ?? undefined, rest)
const defined = <T extends object>(o: T): T =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined && v !== null)) as T

function vectorNorm(x: Tensor, first?: First, rest?: LinalgNormOptions): Tensor {
  expectTensor('linalg.vectorNorm', 'input', x)
  const { ord = 2, ...o } = normOptions('linalg.vectorNorm', first, rest)
  if (typeof ord === 'string') throw new ArgumentError(`linalg.vector_norm(): argument 'ord' must be Number, not str`)
  return norm(x, { p: ord ?? 2, ...defined(o) })
}
function matrixNorm(x: Tensor, first?: First, rest?: LinalgNormOptions): Tensor {
  expectTensor('linalg.matrixNorm', 'input', x)
  const { ord = 'fro', dim = [-2, -1], keepdim = false, dtype } = normOptions('linalg.matrixNorm', first, rest)
  const a = dtype ? x.to(dtype) : x
  if (a.info.category !== Category.Float)
    throw new DTypeError(
      `linalg.matrix_norm: Expected a floating point or complex tensor as input. Got ${a.info.scalarType}`,
    )
  if (a.sizes.length < 2)
    throw new ShapeError(`linalg.matrix_norm: The input tensor A must have at least 2 dimensions.`)
  if (!Array.isArray(dim) || dim.length !== 2)
    throw new ShapeError(`linalg.matrix_norm: dim must be a 2-tuple. Got ${[dim].flat().join(' ')}`)
  const [r, c] = dim.map((d) => wrapDim(d, a.sizes.length)) as [number, number]
  if (r === c) throw new ShapeError(`linalg.matrix_norm: dims must be different. Got (${r}, ${c})`)
  if (ord === 'fro') return norm(a, { p: 2, dim: [r, c], keepdim })
  if (ord === 1 || ord === -1 || ord === Infinity || ord === -Infinity) {
    const [along, over] = Math.abs(ord as number) === 1 ? [r, c] : [c, r]
    const sums = a.abs().sum(along, { keepdim: true })
    const none = sums.sizes[over] === 0 && (ord as number) > 0
    const found = none
      ? sums.sum(over, { keepdim: true })
      : (ord as number) > 0
        ? sums.amax(over, { keepdim: true })
        : sums.amin(over, { keepdim: true })
    return named(keepdim ? found : found.squeeze([r, c]), (ord as number) > 0 ? 'AmaxBackward0' : 'AminBackward0')
  }
  if (ord === 'nuc' || ord === 2 || ord === -2)
    throw new NotImplementedError(
      `linalg.matrixNorm(): the norm ${String(ord)} needs singular values, which are not there yet`,
    )
  throw new ArgumentError(`linalg.matrix_norm: Order ${String(ord)} not supported.`)
}
function linalgNorm(x: Tensor, first?: First, rest?: LinalgNormOptions): Tensor {
  expectTensor('linalg.norm', 'input', x)
  const { ord = null, dim = null, ...o } = normOptions('linalg.norm', first, rest)
  const dims = dim === null ? null : typeof dim === 'number' ? [dim] : dim
  if (dims && dims.length !== 1 && dims.length !== 2)
    throw new ShapeError(`linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${dims.join(', ')}]`)
  if (ord !== null && dims === null && x.sizes.length !== 1 && x.sizes.length !== 2)
    throw new ShapeError(
      `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${x.sizes.length}D.`,
    )
  const matrix = ord !== null && (dims ? dims.length === 2 : x.sizes.length === 2)
  if (matrix) return matrixNorm(x, defined({ ord, dim: dims ?? [0, 1], ...o }))
  return vectorNorm(x, defined({ ord: ord ?? 2, ...(dims ? { dim: dims } : {}), ...o }))
}
function vecdot(x: Tensor, y: Tensor, options?: { dim?: number }): Tensor {
  expectTensor('linalg.vecdot', 'x', x)
  expectTensor('linalg.vecdot', 'y', y)
  const { dim = -1 } = optionsOf<{ dim?: number }>('linalg.vecdot', ['dim'], options)
  expectInt('linalg.vecdot', 'dim', dim)
  if (x.info.category !== Category.Float)
    throw new DTypeError(
      `linalg.vecdot: Expected a floating point or complex tensor as input. Got ${x.info.scalarType}`,
      { x: x.dtype },
    )
  if (x.info !== y.info)
    throw new DTypeError(
      `linalg.vecdot: Expected x and y to have the same dtype, but found x of type ${x.info.scalarType} and y of type ${y.info.scalarType} instead`,
      { x: x.dtype, y: y.dtype },
    )
  // Two vectors are a plain inner product, which does not broadcast.
  const dots = x.sizes.length === 1 && y.sizes.length === 1 ? dot(x, y) : x.mul(y).sum(dim)
  return dots.sizes.length === 0 ? named(dots, 'VdotBackward0') : dots
}
function matrixPower(x: Tensor, n: number): Tensor {
  expectTensor('linalg.matrixPower', 'input', x)
  expectInt('linalg.matrixPower', 'n', n)
  const [rows, columns] = x.sizes.slice(-2)
  if (x.sizes.length < 2)
    throw new ShapeError('linalg.matrix_power: The input tensor A must have at least 2 dimensions.')
  if (rows !== columns)
    throw new ShapeError(
      `linalg.matrix_power: A must be batches of square matrices, but they are ${rows} by ${columns} matrices`,
    )
  if (n < 0)
    throw new NotImplementedError('linalg.matrixPower(): negative powers need an inverse, which is not there yet')
  if (n === 0) return x.clone({ memoryFormat: 'contiguous' }).copy_(eye(rows as number, { dtype: x.dtype }))
  let result: Tensor | null = null
  let square = x
  for (let k = n; ; k = Math.floor(k / 2)) {
    if (k % 2 === 1) result = result === null ? square : matmul(result, square)
    if (k <= 1) return result as Tensor
    square = matmul(square, square)
  }
}
/** The product of matrices in the order that costs least. */
function multiDot(tensors: readonly Tensor[]): Tensor {
  const n = tensors.length
  if (n < 2) throw new ShapeError(`multi_dot(): expected at least 2 tensors but got ${n}`)
  const first = tensors[0] as Tensor
  const last = tensors[n - 1] as Tensor
  const odd = tensors.findIndex((t) => t.info !== first.info)
  const chain = tensors.map((t, i) => {
    const ends = i === 0 || i === n - 1
    if (t.sizes.length !== 2 && !(ends && t.sizes.length === 1))
      throw new ShapeError(
        `multi_dot(): ${ends ? `the ${i === 0 ? 'first' : 'last'} tensor must be 1D or 2D` : `tensor ${i} must be 2D`} but got ${t.sizes.length}D`,
      )
    return t.sizes.length === 2 ? t : unsqueeze(t, i === 0 ? 0 : 1)
  })
  if (odd > 0)
    throw new DTypeError(
      `multi_dot(): all tensors must have be the same dtype but tensor 0 is ${CPP[first.dtype]} and tensor ${odd} ${CPP[(tensors[odd] as Tensor).dtype]}`,
      { dtypes: tensors.map((t) => t.dtype) },
    )
  chain.slice(1).forEach((t, i) => {
    if ((chain[i] as Tensor).sizes[1] === t.sizes[0]) return
    const shown = (k: number): string => `[${(tensors[k] as Tensor).sizes.join(', ')}]`
    throw new ShapeError(
      `multi_dot(): tensors ${i} and ${i + 1} with shapes ${shown(i)} and ${shown(i + 1)} cannot be multiplied`,
    )
  })
  const edge = [(chain[0] as Tensor).sizes[0] as number, ...chain.map((t) => t.sizes[1] as number)]
  const cost = chain.map(() => new Array<number>(n).fill(0))
  const cut = chain.map(() => new Array<number>(n).fill(0))
  for (let length = 2; length <= n; length++)
    for (let i = 0, j = length - 1; j < n; i++, j++) {
      ;(cost[i] as number[])[j] = Infinity
      for (let k = i; k < j; k++) {
        const c =
          ((cost[i] as number[])[k] as number) +
          ((cost[k + 1] as number[])[j] as number) +
          (edge[i] as number) * (edge[k + 1] as number) * (edge[j + 1] as number)
        if (c < ((cost[i] as number[])[j] as number)) {
          ;(cost[i] as number[])[j] = c
          ;(cut[i] as number[])[j] = k
        }
      }
    }
  const multiply = (i: number, j: number): Tensor => {
    if (i === j) return chain[i] as Tensor
    const k = (cut[i] as number[])[j] as number
    return matmul(multiply(i, k), multiply(k + 1, j))
  }
  let out = multiply(0, n - 1)
  if (last.sizes.length === 1) out = out.squeeze(1)
  if (first.sizes.length === 1) out = out.squeeze(0)
  return named(out, 'ViewBackward0')
}

/** Linear algebra, as `torch.linalg`. */
export const linalg = {
  vectorNorm,
  matrixNorm,
  norm: linalgNorm,
  vecdot,
  matrixPower,
  multiDot,
  cross: linalgCross,
  matmul,
  diagonal: (x: Tensor, options?: { offset?: number; dim1?: number; dim2?: number }): Tensor =>
    x.diagonal({ dim1: -2, dim2: -1, ...options }),
} as const
