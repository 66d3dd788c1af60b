/** What the graph nodes of results are called (`grad_fn=<MulBackward0>`), against PyTorch's names (test/oracle/nodes.py). */
import { Tensor } from '../../lib'
import { callOf, flatten } from '../helpers/calls'
import { Arguments, type CodedCall, type GoldenOp, loadGoldens } from '../helpers/goldens'
import { differs } from '../helpers/tolerance'

interface NodeCase extends CodedCall {
  nodes: (string | null)[]
  fields?: string[]
}
type NodeOp = Omit<GoldenOp, 'cases'> & { cases: NodeCase[] }

/** The results' nodes; null where the call is one of the differences. */
function nodesOf(op: NodeOp, c: NodeCase): (string | null)[] | null {
  // What changes its receiver does so to a copy, here as there.
  const form = op.free && !op.name.endsWith('_') ? 'function' : 'method'
  try {
    const results = flatten(
      callOf(op as unknown as GoldenOp, form, { ...c, out: null } as CodedCall, new Arguments(c)),
      c.fields,
    )
    return results.filter((t): t is Tensor => t instanceof Tensor).map((t) => t.gradFn?.label ?? null)
  } catch (error) {
    if (differs(op.name, String(error))) return null
    throw error
  }
}

const ONLY = process.env.GOLDENS_OPS?.split(',')
const ops = loadGoldens<NodeOp[]>('nodes.json.gz').filter((op) => !ONLY || ONLY.includes(op.name))
if (ops.length === 0) test('nothing selected', () => {})
for (const op of ops) {
  test(op.name, () => {
    for (const c of op.cases) {
      const nodes = nodesOf(op, c)
      if (nodes) expect({ args: c.args, opts: c.opts, nodes }).toEqual({ args: c.args, opts: c.opts, nodes: c.nodes })
    }
  })
}
