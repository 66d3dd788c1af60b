/** What a number beside a tensor comes to, by op, dtype and kind of number (test/oracle/promotion.py). */
import * as tenzo from 'tenzo'
import { type DType, empty, ones, resultType, type Scalar, type Tensor, tensor } from 'tenzo'
import { camelCase, type CodedTensor, elementsOf, loadGoldens, valuesOf } from '../helpers/goldens'
import { factsOf } from './facts'

type Argument = 'x' | 'mask' | Scalar | number[]
interface Row {
  name: string
  t: DType
  dims: 0 | 1
  args: Argument[]
  opts: Record<string, Scalar | string>
  out?: CodedTensor
  error?: string
}
const rows = loadGoldens<Row[]>('promotion.json.gz')
const free = tenzo as unknown as Record<string, (...args: unknown[]) => Tensor>

const elements = (r: Row): Tensor =>
  tensor(r.dims ? [3, 0, 7, 1] : [3], { dtype: 'float64' })
    .to(r.t)
    .reshape(r.dims ? [4] : [])

/** @param wide whole numbers as bigints, which are ints whatever their value */
function call(r: Row, wide: boolean): Tensor {
  const scalar = (v: unknown): unknown => (wide && Number.isInteger(v) ? BigInt(v as number) : v)
  const x = elements(r)
  const mask = ones(x.shape, { dtype: 'bool' })
  const left = r.args[0] !== 'x' && r.args[1] === 'x'
  const args = r.args.map((a) =>
    a === 'x' ? (r.name === 'where' && r.args[2] === 'x' ? x : x) : a === 'mask' ? mask : scalar(a),
  )
  const opts = Object.fromEntries(Object.entries(r.opts).map(([k, v]) => [camelCase(k), scalar(v)]))
  const all = Object.keys(opts).length > 0 ? [...args, opts] : args
  const name = camelCase(r.name)
  if (name === 'where' && r.args[2] === 'x') args[0] = mask.logicalNot()
  if (name === 'resultType') return empty([], { dtype: resultType(x, args[1] as Scalar) }).zero_()
  if (r.args[0] !== 'x' || left || name === 'rsub' || name === 'fullLike') return free[name]!(...(name === 'where' ? args : all))
  return (x as unknown as typeof free)[name]!(...all.slice(1))
}

const names = [...new Set(rows.map((r) => r.name))]
test.each(names)('%s', (name) => {
  const wrong: string[] = []
  for (const r of rows.filter((row) => row.name === name))
    for (const wide of [false, true]) {
      const said = `${r.t}[${r.dims ? 4 : ''}] ${JSON.stringify([r.args, r.opts])}${wide ? ' as bigint' : ''}`
      let got: Tensor
      try {
        got = call(r, wide)
      } catch (error) {
        if (r.error === undefined) wrong.push(`${said}: throws ${(error as Error).message}, not ${r.out!.t}`)
        continue
      }
      if (r.error !== undefined) wrong.push(`${said}: gives ${got.dtype}, not ${r.error}`)
      else if (got.dtype !== r.out!.t || String(valuesOf(got)) !== String(elementsOf(r.out!)))
        wrong.push(`${said}: ${got.dtype} ${valuesOf(got)}, not ${r.out!.t} ${elementsOf(r.out!)}`)
    }
  void factsOf
  expect(wrong).toEqual([])
})
