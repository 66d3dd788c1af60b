/** Small programs on modules, written as test/oracle/module_state.py writes them, line by line as PyTorch ran them. */
import { isTensor, nn, noGrad, ones, type Tensor, TenzoError, tensor, zeros } from 'tenzo'
import { camelCase, loadGoldens } from './goldens'

type Golden = Record<string, Record<string, string[]>>

export function text(v: unknown): string {
  if (isTensor(v)) return text(v.toArray())
  if (Array.isArray(v)) return `[${v.map(text).join(', ')}]`
  if (v === undefined) return 'null'
  return String(v)
}

export class Said {
  readonly lines: string[] = []
  say = (...values: unknown[]): void => {
    this.lines.push(values.map(text).join(' '))
  }
  error = (f: () => unknown): void => {
    try {
      f()
      this.say('nothing thrown')
    } catch (e) {
      const own = e instanceof TenzoError || (e as Error).constructor === Error
      this.say(own ? `throws ${(e as Error).message}` : `throws from inside: ${(e as Error).stack}`)
    }
  }
}

const TYPES: Record<string, string> = {
  int: 'number',
  float: 'number',
  str: 'string',
  list: 'array',
  bool: 'boolean',
  dict: 'Object',
  NoneType: 'null',
}
/** Names of Python and PyTorch in JavaScript's words; both sides are compared after this. */
export const inOwnWords = (line: string): string =>
  line
    .replace(/<class '([^']*)'>/g, '$1')
    .replace(/torch\.nn\.modules\.\w+\./g, '')
    .replace(/torch\.nn\./g, '')
    .replace(/torch[. ]/g, '')
    .replace(/\bNone\b/g, 'null')
    .replace(/\b(is)?(int|float|str|list|bool|dict|NoneType)\b/g, (_, is: string = '', t: string) => is + TYPES[t])
    .replace(/(\d)\.0\b/g, '$1')
    .replace(/-0\b(?!\.)/g, '0')
    .replace(/\b_?[a-z]+(_[a-z0-9]+)+\b/g, camelCase)

export type Program = (say: Said['say'], error: Said['error']) => void

/** Runs each program of a group against what PyTorch said; all that is recorded must be there. */
export function comparePrograms(group: string, programs: Record<string, Program>): void {
  const recorded = loadGoldens<Golden>('module_state.json.gz')[group] as Record<string, string[]>
  test('every recorded program is here', () => {
    expect(Object.keys(programs).sort()).toEqual(Object.keys(recorded).map(camelCase).sort())
  })
  for (const [name, lines] of Object.entries(recorded))
    test(name, () => {
      const said = new Said()
      programs[camelCase(name)]?.(said.say, said.error)
      expect(said.lines.map(inOwnWords)).toEqual(lines.map(inOwnWords))
    })
}

export function fill<M extends nn.Module>(m: M): M {
  noGrad(() => {
    let n = 0
    for (const p of m.parameters()) {
      const values = Float32Array.from({ length: p.numel() }, (_, i) => (((i * 7 + n) % 17) - 6) / 4)
      p.copy_(tensor(values).reshape(p.shape))
      n++
    }
  })
  return m
}

export class Block extends nn.Module {
  lin: nn.Linear | null = new nn.Linear(2, 2)
  declare count: Tensor | null
  declare scratch: Tensor | null
  declare gain: nn.Parameter | null
  declare nothing: Tensor | null
  constructor() {
    super()
    this.registerBuffer('count', zeros([]))
    this.registerBuffer('scratch', ones([2]), { persistent: false })
    this.registerParameter('gain', null)
    this.registerBuffer('nothing', null)
  }
  forward(x: Tensor): Tensor {
    return (this.lin as nn.Linear)(x)
  }
}

export class Net extends nn.Module {
  first = new Block()
  bn = new nn.BatchNorm1d(2)
  scale = new nn.Parameter(ones([2]))
  last = new nn.Linear(2, 1)
  forward(x: Tensor): Tensor {
    return this.last(this.bn(this.first(x)).mul(this.scale))
  }
}

export const names = (pairs: Iterable<readonly [string, unknown]>): string[] => [...pairs].map(([name]) => name)
/** An empty module, as PyTorch's own nn.Module() is. */
export class Plain extends nn.Module {
  static {
    Object.defineProperty(this, 'name', { value: 'Module' })
  }
}
/** A module with fields set from outside, as Python's setattr does. */
export const open = (m: object): Record<string, unknown> => m as unknown as Record<string, unknown>
/** What the code under test warned of through Node. */
export function warnings(f: () => void): string[] {
  const seen: string[] = []
  const spy = jest.spyOn(process, 'emitWarning').mockImplementation((w) => {
    seen.push(String(w))
  })
  try {
    f()
  } finally {
    spy.mockRestore()
  }
  return seen
}
