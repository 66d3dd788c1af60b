/** What a random program may do to a tensor: once with the real one, once with the plain one. `n` are numbers to choose by. */
import { cat, slice, stack, type Tensor, tensor, where } from 'tenzo'
import { broadcast, build, fold, get, type Kind, map, overlapping, type Ref, values, view, write } from './reference'

export interface Operands {
  x: Tensor
  /** Of the same dtype as x, and can be broadcast to it. */
  y: Tensor
  rx: Ref
  ry: Ref
  n: readonly number[]
}
type Made = readonly [Tensor, Ref]
export interface Step {
  /** A view of x must share its memory. */
  kind: 'view' | 'copy' | 'in place'
  /** Null: x is not of a form that it takes. */
  run(o: Operands): Made | null
}

const isFloat = (d: Kind): boolean => /float/.test(d)
/** What sums are kept in. */
const sumKind = (d: Kind): Kind => (isFloat(d) ? d : 'int64')
const LIMIT = 100
const small = (v: number): number => Math.min(LIMIT, Math.max(-LIMIT, v))
/** The same of a tensor. (Minus a hundred has no room in uint8.) */
const limits = (x: Tensor): { min?: number; max: number } =>
  x.dtype === 'uint8' ? { max: LIMIT } : { min: -LIMIT, max: LIMIT }
const limited = (x: Tensor): Tensor => x.clamp(limits(x))
/** A number that has room in the dtype. */
const scalarFor = (n: number, d: Kind): number => (d === 'uint8' ? n % 10 : (n % 19) - 9)
const total = (line: number[]): number => line.reduce((a, b) => a + b, 0)
const pick = (n: number | undefined, of: number): number => (n as number) % of

/** Arithmetic whose results are kept small, so that all of them are whole and exact. */
const arithmetic = (f: (x: Tensor, y: Tensor) => Tensor, g: (x: number, y: number) => number): Step => ({
  kind: 'copy',
  run: ({ x, y, rx, ry }) => {
    const exact = build(rx.shape, rx.dtype, (p) => g(get(rx, p), broadcast(ry, p)))
    return [limited(f(x, y)), map(exact, small)]
  },
})
const unary = (f: (x: Tensor) => Tensor, g: (v: number) => number): Step => ({
  kind: 'copy',
  run: ({ x, rx }) => [f(x), map(rx, g)],
})
const inPlace = (
  f: (o: Operands, n: number) => Tensor,
  g: (o: Operands, n: number) => (p: number[], old: number) => number,
  /** It may write into memory that elements share: whatever it finds there, it leaves the same. */
  idempotent = false,
): Step => ({
  kind: 'in place',
  run: (o) => {
    const n = scalarFor(o.n[0] as number, o.rx.dtype)
    // Before anything is written: g reads its operands when it is called.
    const other = { ...o, ry: { ...o.ry, store: [...o.ry.store] } }
    const value = g(other, n)
    if (overlapping(o.rx) && !idempotent) {
      // Of other ones than expanded nobody promises anything.
      if (!o.x.stride().some((step, d) => step === 0 && o.x.size(d) > 1)) return null
      let thrown = false
      try {
        f(o, n)
      } catch {
        thrown = true
      }
      if (!thrown) throw new Error('wrote into memory that elements share')
      return null
    }
    const out = f(o, n)
    return [out, write(o.rx, value)]
  },
})
/** With a dim of x. */
const along = (kind: Step['kind'], run: (o: Operands, d: number, size: number) => Made | null, empty = true): Step => ({
  kind,
  run: (o) => {
    if (o.rx.shape.length === 0) return null
    const d = pick(o.n[0], o.rx.shape.length)
    const size = o.rx.shape[d] as number
    return size === 0 && !empty ? null : run(o, d, size)
  },
})
const put = (p: readonly number[], d: number, ...values: number[]): number[] => [
  ...p.slice(0, d),
  ...values,
  ...p.slice(d + 1),
]
const insert = (p: readonly number[], d: number, value: number): number[] => [...p.slice(0, d), value, ...p.slice(d)]
const remove = (p: readonly number[], d: number): number[] => [...p.slice(0, d), ...p.slice(d + 1)]
const indices = (o: Operands, size: number, length: number): number[] =>
  Array.from({ length }, (_, i) => pick((o.n[i % 4] as number) + 3 * i, size))
const int64 = (list: readonly number[]): Tensor => tensor(list.map(BigInt), { dtype: 'int64' }).reshape([list.length])

export const STEPS: Record<string, Step> = {
  // ---- views
  transpose: along('view', ({ x, rx, n }, d) => {
    const e = pick(n[1], rx.shape.length)
    const swap = (p: readonly number[]): number[] => p.map((v, i) => (i === d ? p[e] : i === e ? p[d] : v) as number)
    return [x.transpose(d, e), view(rx, swap(rx.shape), swap)]
  }),
  movedim: along('view', ({ x, rx, n }, d) => {
    const e = pick(n[1], rx.shape.length)
    const back = (p: number[]): number[] => insert(remove(p, e), d, p[e] as number)
    return [x.movedim(d, e), view(rx, insert(remove(rx.shape, d), e, rx.shape[d] as number), back)]
  }),
  narrow: along('view', ({ x, rx, n }, d, size) => {
    const start = pick(n[1], size + 1)
    const length = pick(n[2], size - start + 1)
    return [x.narrow(d, start, length), view(rx, put(rx.shape, d, length), (p) => put(p, d, (p[d] as number) + start))]
  }),
  slice: along('view', ({ x, rx, n }, d, size) => {
    const [start, step] = [pick(n[1], size + 1), 1 + pick(n[2], 3)]
    const length = Math.ceil((size - start) / step)
    const index = [...new Array<null>(d).fill(null).map(() => slice(0, null)), slice(start - size || size, size, step)]
    // (From the end, where there is an element to count from.)
    if (start === size) return null
    return [x.at(...index), view(rx, put(rx.shape, d, length), (p) => put(p, d, start + (p[d] as number) * step))]
  }),
  select: along(
    'view',
    ({ x, rx, n }, d, size) => {
      const i = pick(n[1], size)
      return [x.select(d, i - ((n[2] as number & 1) ? size : 0)), view(rx, remove(rx.shape, d), (p) => insert(p, d, i))]
    },
    false,
  ),
  unsqueeze: {
    kind: 'view',
    run: ({ x, rx, n }) => {
      if (rx.shape.length >= 5) return null
      const d = pick(n[0], rx.shape.length + 1)
      return [x.unsqueeze(d), view(rx, insert(rx.shape, d, 1), (p) => remove(p, d))]
    },
  },
  squeeze: {
    kind: 'view',
    run: ({ x, rx }) => {
      const back = (p: number[]): number[] => {
        let k = 0
        return rx.shape.map((s) => (s === 1 ? 0 : (p[k++] as number)))
      }
      return [
        x.squeeze(),
        view(
          rx,
          rx.shape.filter((s) => s !== 1),
          back,
        ),
      ]
    },
  },
  expand: {
    kind: 'view',
    run: ({ x, rx, n }) => {
      const shape = rx.shape.map((s, d) => (s === 1 ? 1 + pick(n[d % 4], 3) : s))
      if (rx.shape.length < 4 && (n[0] as number) & 1) shape.unshift(2)
      return [
        x.expand(shape),
        view(rx, shape, (p) => p.slice(p.length - rx.shape.length).map((i, d) => (rx.shape[d] === 1 ? 0 : i))),
      ]
    },
  },
  diagonal: {
    kind: 'view',
    run: ({ x, rx, n }) => {
      if (rx.shape.length < 2) return null
      const d = pick(n[0], rx.shape.length)
      const e = (d + 1 + pick(n[1], rx.shape.length - 1)) % rx.shape.length
      const offset = pick(n[2], 3) - 1
      const [a, b] = [Math.max(0, -offset), Math.max(0, offset)]
      const length = Math.max(0, Math.min((rx.shape[d] as number) - a, (rx.shape[e] as number) - b))
      const rest = rx.shape.map((_, i) => i).filter((i) => i !== d && i !== e)
      const made = view(rx, [...rest.map((i) => rx.shape[i] as number), length], (p) => {
        const k = p[p.length - 1] as number
        return rx.shape.map((_, i) => (i === d ? k + a : i === e ? k + b : (p[rest.indexOf(i)] as number)))
      })
      return [x.diagonal({ offset, dim1: d, dim2: e }), made]
    },
  },
  unfold: along('view', ({ x, rx, n }, d, size) => {
    if (rx.shape.length >= 5) return null
    const [length, step] = [pick(n[1], size + 1), 1 + pick(n[2], 2)]
    const windows = Math.floor((size - length) / step) + 1
    return [
      x.unfold(d, length, step),
      view(rx, [...put(rx.shape, d, windows), length], (p) =>
        put(p.slice(0, -1), d, (p[d] as number) * step + (p.at(-1) as number)),
      ),
    ]
  }),
  detach: { kind: 'view', run: ({ x, rx }) => [x.detach(), rx] },

  // ---- copies
  reshape: {
    kind: 'copy',
    run: ({ x, rx }) => [
      x.reshape([-1]).clone(),
      build([rx.at.length], rx.dtype, ([i]) => rx.store[rx.at[i as number] as number] as number),
    ],
  },
  clone: unary(
    (x) => x.clone(),
    (v) => v,
  ),
  contiguous: unary(
    (x) => x.contiguous().clone(),
    (v) => v,
  ),
  flip: along('copy', ({ x, rx }, d, size) => [
    x.flip([d]),
    build(rx.shape, rx.dtype, (p) => get(rx, put(p, d, size - 1 - (p[d] as number)))),
  ]),
  roll: along(
    'copy',
    ({ x, rx, n }, d, size) => {
      const by = pick(n[1], 7) - 3
      const back = (p: number[]): number[] => put(p, d, ((((p[d] as number) - by) % size) + size) % size)
      return [x.roll([by], [d]), build(rx.shape, rx.dtype, (p) => get(rx, back(p)))]
    },
    false,
  ),
  cat: along('copy', ({ x, rx }, d, size) => [
    cat([x, x.flip([d])], d),
    build(put(rx.shape, d, 2 * size), rx.dtype, (p) => {
      const i = p[d] as number
      return get(rx, put(p, d, i < size ? i : 2 * size - 1 - i))
    }),
  ]),
  stack: along('copy', ({ x, rx }, d) =>
    rx.shape.length >= 5
      ? null
      : [
          stack([x, x.neg()], d),
          build(insert(rx.shape, d, 2), rx.dtype, (p) => get(rx, remove(p, d)) * (p[d] ? -1 : 1)),
        ],
  ),
  indexSelect: along(
    'copy',
    (o, d, size) => {
      const picked = indices(o, size, 3)
      return [
        o.x.indexSelect(d, int64(picked)),
        build(put(o.rx.shape, d, 3), o.rx.dtype, (p) => get(o.rx, put(p, d, picked[p[d] as number] as number))),
      ]
    },
    false,
  ),
  gather: along(
    'copy',
    (o, d, size) => {
      const at = build(o.rx.shape, 'int64', (p) => pick((o.n[1] as number) + total(p), size))
      return [
        o.x.gather(d, int64(values(at)).reshape(o.rx.shape)),
        build(o.rx.shape, o.rx.dtype, (p) => get(o.rx, put(p, d, get(at, p)))),
      ]
    },
    false,
  ),
  'an index of lists': along(
    'copy',
    (o, d, size) => {
      const picked = indices(o, size, 4)
      const index = [...new Array<null>(d).fill(null).map(() => slice(0, null)), int64(picked)]
      return [
        o.x.at(...index),
        build(put(o.rx.shape, d, 4), o.rx.dtype, (p) => get(o.rx, put(p, d, picked[p[d] as number] as number))),
      ]
    },
    false,
  ),
  maskedSelect: {
    kind: 'copy',
    run: ({ x, rx }) => {
      const kept = values(rx).filter((v) => v > 1)
      return [x.maskedSelect(x.gt(1)), build([kept.length], rx.dtype, ([i]) => kept[i as number] as number)]
    },
  },
  where: {
    kind: 'copy',
    run: ({ x, y, rx, ry }) => [
      where(x.gt(y), x, y),
      build(rx.shape, rx.dtype, (p) => Math.max(get(rx, p), broadcast(ry, p))),
    ],
  },
  add: arithmetic(
    (x, y) => x.add(y),
    (a, b) => a + b,
  ),
  sub: arithmetic(
    (x, y) => x.sub(y),
    (a, b) => a - b,
  ),
  mul: arithmetic(
    (x, y) => x.mul(y),
    (a, b) => a * b,
  ),
  maximum: arithmetic((x, y) => x.maximum(y), Math.max),
  minimum: arithmetic((x, y) => x.minimum(y), Math.min),
  abs: unary(
    (x) => x.abs(),
    (v) => Math.abs(v),
  ),
  // (0 - v: of floats, as -0 is another value than 0 here.)
  negated: unary(
    (x) => x.mul(-1).add(0),
    (v) => -v + 0,
  ),
  sum: along('copy', ({ x, rx }, d) => [x.sum(d), fold(rx, d, sumKind(rx.dtype), total)]),
  'sum of all': { kind: 'copy', run: ({ x, rx }) => [x.sum(), build([], sumKind(rx.dtype), () => total(values(rx)))] },
  amax: along('copy', ({ x, rx }, d) => [x.amax(d), fold(rx, d, rx.dtype, (line) => Math.max(...line))], false),
  min: along('copy', ({ x, rx }, d) => [x.min(d).values, fold(rx, d, rx.dtype, (line) => Math.min(...line))], false),
  argmax: along(
    'copy',
    ({ x, rx }, d) => [x.argmax(d), fold(rx, d, 'int64', (line) => line.indexOf(Math.max(...line)))],
    false,
  ),
  cumsum: along('copy', ({ x, rx }, d) => {
    const sums = (p: number[]): number =>
      total(Array.from({ length: (p[d] as number) + 1 }, (_, i) => get(rx, put(p, d, i))))
    return [x.cumsum(d), build(rx.shape, sumKind(rx.dtype), sums)]
  }),
  sort: along('copy', ({ x, rx }, d, size) => {
    const line = (p: number[]): number[] =>
      Array.from({ length: size }, (_, i) => get(rx, put(p, d, i))).sort((a, b) => a - b)
    return [x.sort(d).values, build(rx.shape, rx.dtype, (p) => line(p)[p[d] as number] as number)]
  }),
  matmul: {
    kind: 'copy',
    run: ({ x, rx }) => {
      if (rx.shape.length !== 2) return null
      const [m, k] = rx.shape as [number, number]
      const sum = ([i, j]: number[]): number =>
        total(Array.from({ length: k }, (_, c) => get(rx, [i as number, c]) * get(rx, [j as number, c])))
      return [limited(x.matmul(x.t())), map(build([m, m], rx.dtype, sum), small)]
    },
  },
  count: {
    kind: 'copy',
    run: ({ x, rx }) => [x.gt(0).sum(), build([], 'int64', () => values(rx).filter((v) => v > 0).length)],
  },

  // ---- in place
  add_: inPlace(
    ({ x, y }) => x.add_(y).clamp_(limits(x)),
    ({ rx, ry }) =>
      (p, old) => {
        const sum = build([], rx.dtype, () => old + broadcast(ry, p))
        return small(get(sum, []))
      },
  ),
  copy_: inPlace(
    ({ x, y }) => x.copy_(y),
    ({ ry }) =>
      (p) =>
        broadcast(ry, p),
  ),
  fill_: inPlace(
    ({ x }, n) => x.fill_(n),
    (_, n) => () => n,
    true,
  ),
  zero_: inPlace(
    ({ x }) => x.zero_(),
    () => () => 0,
    true,
  ),
  abs_: inPlace(
    ({ x }) => x.abs_(),
    () => (_, old) => Math.abs(old),
  ),
  clamp_: inPlace(
    ({ x }, n) => x.clamp_({ max: n }),
    (_, n) => (_p, old) => Math.min(old, n),
  ),
  maskedFill_: inPlace(
    ({ x }, n) => x.maskedFill_(x.gt(1), n),
    (_, n) => (_p, old) => (old > 1 ? n : old),
    true,
  ),
  'set of a mask': inPlace(
    ({ x }, n) => {
      x.set([x.lt(0)], n)
      return x
    },
    (_, n) => (_p, old) => (old < 0 ? n : old),
    true,
  ),
}
