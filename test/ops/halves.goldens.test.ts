/** Numbers beside float16 and bfloat16 tensors, bit by bit (test/oracle/halves.py). */
import { Tensor } from 'tenzo'
import {
  camelCase,
  type Coded,
  type CodedTensor,
  decodeTensor,
  elementsOf,
  isCodedTensor,
  loadGoldens,
  valuesOf,
} from '../helpers/goldens'

interface Case {
  x: CodedTensor
  name: string
  args: Coded[]
  opts: Record<string, number>
  y: CodedTensor
}
const cases = loadGoldens<Case[]>('halves.json.gz')
const names = [...new Set(cases.map((c) => c.name))]

test.each(names)('%s', (name) => {
  for (const c of cases.filter((c) => c.name === name)) {
    const args: unknown[] = c.args.map((a) => (isCodedTensor(a) ? decodeTensor(a as CodedTensor) : a))
    if (Object.keys(c.opts).length > 0) args.push(c.opts)
    const x = decodeTensor(c.x) as unknown as Record<string, (...a: unknown[]) => unknown>
    const y = x[camelCase(name)]!(...args)
    const said = `${c.x.t} [${c.x.s}] ${JSON.stringify(c.args).slice(0, 80)} ${JSON.stringify(c.opts)}`
    if (!(y instanceof Tensor)) throw new Error(`${said}: no tensor`)
    expect([said, y.dtype, [...valuesOf(y)]]).toEqual([said, c.y.t, [...elementsOf(c.y)]])
  }
})
