/** Containers, against programs recorded from PyTorch (test/oracle/module_state.py). */
import { nn, ones, slice, type Tensor, tensor, zeros } from 'tenzo'
import { comparePrograms, fill, names, open } from '../helpers/module-programs'

const keys = (m: nn.Module): string[] => [...m.stateDict().keys()]
const any = (v: unknown): never => v as never
const className = (m: unknown): string => (m as nn.Module).constructor.name
const lin = (i: number, o: number): nn.Linear => new nn.Linear(i, o)
const at = (m: object, i: number): unknown => (m as unknown as Record<number, unknown>)[i]

comparePrograms('containers', {
  sequential(say, error) {
    const s = new nn.Sequential<nn.Layer[]>(lin(2, 3), new nn.ReLU(), lin(3, 1))
    say(s.length, className(s.at(-1)), className(s[1]))
    for (const i of [3, -4, 100]) error(() => s.at(i))
    error(() => s.at(1.5))
    error(() => s.at(any('a')))
    say(s.slice(1))
    say(s.slice(null, -1))
    say(s.at(slice(null, null, 2)))
    say(s.slice(null, null, -1))
    say(s.slice(5))
    say(keys(s.slice(1)), className(s.slice(1)[0]), className(s.slice(1)[1]))
    s[1] = new nn.Tanh()
    s.set(-1, lin(3, 2))
    say(s)
    error(() => s.set(3, new nn.Tanh()))
    error(() => {
      s[0] = any(5)
    })
    s.append(new nn.Sigmoid()).append(new nn.ReLU())
    say(s)
    s.insert(0, new nn.Identity())
    s.insert(-1, new nn.ELU())
    s.insert(s.length, new nn.SELU())
    say(s)
    error(() => s.insert(20, new nn.ReLU()))
    error(() => s.insert(-20, new nn.ReLU()))
    error(() => s.insert(0, any(5)))
    error(() => s.append(any(5)))
    say(className(s.pop(-1)), className(s.pop(0)), s.length, keys(s))
    say(s.pop(slice(0, 2)))
    s.delete(0)
    say(s)
    error(() => s.delete(7))
    s.extend([new nn.ReLU(), new nn.Tanh()])
    say(s, [...s].map(className))
  },
  sequentialArithmetic(say, error) {
    const a = new nn.Sequential<nn.Layer[]>(new nn.ReLU(), new nn.Tanh())
    const b = new nn.Sequential<nn.Layer[]>(lin(1, 1))
    say(a.add(b))
    say(a.mul(2), a.mul(2)[0] === a[0])
    a.add_(b)
    say(a)
    b.mul_(3)
    say(b, b[0] === b[2], [...b.parameters()].length)
    error(() => a.add(any(5)))
    error(() => a.add(any([new nn.ReLU()])))
    error(() => a.mul(0))
    error(() => a.mul(-1))
    error(() => a.mul(1.5))
    error(() => a.add_(any(5)))
    error(() => a.mul_(0))
  },
  sequentialNamed(say, error) {
    const s = new nn.Sequential({ conv: lin(2, 2), act: new nn.ReLU() as nn.Layer, out: lin(2, 1) })
    fill(s)
    const x = tensor([1, 2])
    say(s, keys(s), s[0] === s.conv, s[2] === s.out)
    say(s(x))
    s[1] = new nn.Tanh()
    say(s)
    open(s).act = new nn.Identity()
    say(s, s(x))
    say(s.slice(1))
    s.append(new nn.Sigmoid())
    say(s)
    s.delete(0)
    say(s)
    error(() => new nn.Sequential(new Map([['a.b', new nn.ReLU()]])))
    error(() => new nn.Sequential({ '': new nn.ReLU() }))
    error(() => new nn.Sequential(new Map([['forward', new nn.ReLU()]])))
    error(() => new nn.Sequential(any(5)))
    error(() => new nn.Sequential(new nn.ReLU(), any(null), any('x')))
  },
  sequentialOtherFields(say) {
    const s = new nn.Sequential(new nn.ReLU())
    open(s).extra = new nn.Tanh()
    say(s, s.length, s(tensor([0, -1])))
    open(s).count = 5
    say(s.length)
    say(new nn.Sequential(), new nn.Sequential().length, new nn.Sequential<nn.Module[]>()(ones([1])))
  },
  moduleList(say, error) {
    const l = new nn.ModuleList<nn.Module>([lin(1, 1), new nn.ReLU(), new nn.ReLU()])
    say(l, l.length, className(l.at(-1)))
    for (const i of [3, -4]) error(() => l.at(i))
    say(l.slice(1), keys(l.slice(1)), l.slice(null, null, -1))
    l[0] = new nn.Tanh()
    say(l)
    l.insert(1, lin(2, 2))
    say(l, keys(l))
    say(className(l.pop(1)), l)
    l.delete(slice(0, 2))
    say(l)
    l.extend([new nn.Tanh(), new nn.Tanh()])
    say(l, l.add([new nn.ReLU()]), l.length)
    error(() => l.extend(any(5)))
    error(() => l.append(any(5)))
    error(() => new nn.ModuleList([new nn.ReLU(), any(5)]))
    error(() => new nn.ModuleList(any(5)))
    error(() => l(any(ones([1]))))
    say(new nn.ModuleList())
  },
  moduleDict(say, error) {
    const d = new nn.ModuleDict<nn.Module>({ b: lin(1, 1), a: new nn.ReLU() })
    d.set('10', new nn.Tanh())
    d.set('2', new nn.Tanh())
    say(d, d.size, d.keys(), d.has('a'), d.has('c'))
    d.set('b', lin(2, 2))
    say(d.keys(), keys(d))
    say(className(d.pop('a')), names(d))
    d.delete('10')
    d.update({ x: new nn.ReLU(), w: new nn.ReLU() })
    d.update([['p', new nn.ELU()]])
    d.update(new nn.ModuleDict({ q: new nn.ReLU() }))
    say(d)
    for (const name of ['a.b', '', 'keys', 'forward', 5]) error(() => d.set(any(name), new nn.ReLU()))
    error(() => d.set('a', any(5)))
    error(() => d.update(any(5)))
    error(() => d.update(any([5])))
    error(() => d.update(any([['a', new nn.ReLU(), 5]])))
    d.clear()
    say(d, d.size)
  },
  parameterList(say, error) {
    const l = new nn.ParameterList([ones([2]), new nn.Parameter(ones([3, 2])), ones([])])
    say(
      l,
      l.length,
      keys(l),
      [...l].map((p) => p.requiresGrad),
    )
    say(l.at(-1), l[1]?.shape)
    for (const i of [3, -4]) error(() => l.at(i))
    l[0] = any(zeros([5]))
    l.set(-1, new nn.Parameter(zeros([1])))
    const printed = String(l)
    say(printed, l[0] instanceof nn.Parameter, names(l.namedParameters()))
    l.append(ones([1])).extend([ones([2])])
    say(l, l.slice(1, 3), l.at(slice(null, null, 2)).length)
    error(() => l.extend(any(5)))
    error(() => l.extend(ones([2])))
    error(() => (l as unknown as (x: Tensor) => unknown)(ones([1])))
    error(() => l.append(ones([1], { dtype: 'int64' })))
    say(new nn.ParameterList())
  },
  parameterDict(say, error) {
    let d = new nn.ParameterDict({ b: ones([2]), a: new nn.Parameter(ones([3, 2])) })
    say(d, d.size, d.keys(), keys(d))
    d.set('c', ones([1]))
    say(d.has('c'), d.has('z'), d.get('z'), d.get('z', 5), d.get('c')?.shape, d.get('c') instanceof nn.Parameter)
    d.update({ z: ones([1]), x: ones([1]) })
    d.update([['y', ones([1])]])
    say(d.keys(), d.copy().keys())
    say(d.pop('b').shape, d.popitem()[0], d.keys(), d.setdefault('new', ones([7])).shape, d.keys())
    d.delete('a')
    say(keys(d))
    error(() => (d as unknown as (x: Tensor) => unknown)(ones([1])))
    error(() => d.set(any(5), ones([1])))
    error(() => d.set('keys', ones([1])))
    error(() => d.set('a.b', ones([1])))
    error(() => d.update(any(5)))
    error(() => d.update(any([5])))
    error(() => d.update(any([['a', ones([1]), 5]])))
    d = new nn.ParameterDict({ a: ones([1]) })
    d.clear()
    say(d, d.size)
  },
})

test('an entry assigned past the end is refused when the list is next looked at', () => {
  const s = new nn.Sequential<nn.Layer[]>(new nn.ReLU())
  expect(() => {
    s[3] = new nn.Tanh()
    s(ones([1]))
  }).toThrow('index 3 is out of range')
  const p = new nn.ParameterList([ones([1])])
  expect(() => {
    p[2] = new nn.Parameter(ones([1]))
    return keys(p)
  }).toThrow('index 2 is out of range')
})

test('a Map keeps its order in a ParameterDict, a plain object is sorted', () => {
  const pairs: [string, Tensor][] = [
    ['b', ones([1])],
    ['a', ones([1])],
  ]
  expect(new nn.ParameterDict(new Map(pairs)).keys()).toEqual(['b', 'a'])
  expect(new nn.ParameterDict(pairs).keys()).toEqual(['b', 'a'])
  expect(new nn.ParameterDict(Object.fromEntries(pairs)).keys()).toEqual(['a', 'b'])
  expect(() => new nn.ModuleDict({}).get('none')).toThrow("ModuleDict has no module 'none'")
  expect(() => new nn.ParameterDict({}).pop('none')).toThrow("ParameterDict has no parameter 'none'")
})

test('entries beyond those of other lists are not there', () => {
  const long = new nn.ModuleList([new nn.ReLU(), new nn.ReLU(), new nn.ReLU()])
  const short = new nn.ModuleList([new nn.ReLU()])
  expect([at(long, 2) instanceof nn.ReLU, at(short, 2), at(short, 0) instanceof nn.ReLU]).toEqual([
    true,
    undefined,
    true,
  ])
})
