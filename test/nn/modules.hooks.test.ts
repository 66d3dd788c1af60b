/** Hooks on modules, against programs recorded from PyTorch (test/oracle/module_state.py). */
import { autograd, nn, noGrad, ones, type Tensor, tensor, zeros } from 'tenzo'
import { comparePrograms, fill, type Said, warnings } from '../helpers/module-programs'

class Two extends nn.Module {
  forward(a: Tensor, b: Tensor): [Tensor, Tensor] {
    return [a.mul(2), b.mul(3)]
  }
}
class Pick extends nn.Module {
  forward(a: Tensor, n: number, b: Tensor): [Tensor, number, Tensor] {
    return [a.mul(n), n, b.mul(1)]
  }
}
class Fails extends nn.Module {
  override forward(_x: Tensor): Tensor {
    throw new Error('no')
  }
}
class Gives extends nn.Module {
  forward(x: Tensor): { a: Tensor } {
    return { a: x.mul(1) }
  }
}

type Say = Said['say']
const className = (m: nn.Module): string => m.constructor.name
const see =
  (say: Say, tag: string): nn.BackwardHook =>
  (m, gi, go) =>
    say(tag, className(m), gi, go)
const seePre =
  (say: Say, tag: string): nn.BackwardPreHook =>
  (m, go) =>
    say(tag, className(m), go)
const leaf = (...values: number[]): Tensor => tensor(values).requiresGrad_()
const first = (list: readonly unknown[]): Tensor => list[0] as Tensor

comparePrograms('hooks', {
  forwardHooks(say) {
    const net = new nn.Sequential(new nn.Identity(), new nn.ReLU())
    net.registerForwardPreHook((_m, x) => say('a', x))
    const b = net.registerForwardPreHook((_m, x) => first(x).mul(2))
    net.registerForwardPreHook((_m, x) => [first(x).add(1)], { prepend: true })
    net[0].registerForwardHook((_m, x, y) => say('inner', x, y))
    net.registerForwardHook((_m, _x, y) => (y as Tensor).mul(10))
    net.registerForwardHook((_m, x, y) => say('last', x, y))
    net.registerForwardHook((_m, x, y) => say('first', x, y), { prepend: true })
    say(net(tensor([1, -3])))
    b.remove()
    b.remove()
    say(net(tensor([1, -3])))
  },
  alwaysCalledHooks(say, error) {
    const m = new Fails()
    m.registerForwardHook((_m, _x, y) => say('plain', y))
    m.registerForwardHook((_m, x, y) => say('always', x, y), { alwaysCall: true })
    m.registerForwardHook(() => 5, { alwaysCall: true })
    m.registerForwardHook((_m, _x, y) => say('then', y), { alwaysCall: true })
    error(() => m(ones([1])))
    const ok = new nn.Identity()
    ok.registerForwardHook((_m, _x, y) => say('one', y), { alwaysCall: true })
    ok.registerForwardHook(
      (_m, _x, y) => {
        say('bad', y)
        throw new Error('in hook')
      },
      { alwaysCall: true },
    )
    ok.registerForwardHook((_m, _x, y) => say('two', y), { alwaysCall: true })
    error(() => ok(ones([1])))
  },
  throwingPreHook(say, error) {
    const m = new nn.Identity()
    m.registerForwardPreHook(() => {
      throw new Error('refused')
    })
    m.registerForwardHook((_m, x, y) => say('always', x, y), { alwaysCall: true })
    error(() => m(ones([1])))
  },
  globalHooks(say) {
    const net = new nn.Sequential(new nn.Identity(), new nn.Tanh())
    net[1].registerForwardHook(() => say('own'))
    net[1].registerFullBackwardHook(() => say('own backward'))
    const handles = [
      nn.registerModuleForwardPreHook((m) => say('pre', className(m))),
      nn.registerModuleForwardHook((m) => say('post', className(m))),
      nn.registerModuleFullBackwardPreHook((m, go) => say('backward pre', className(m), go)),
      nn.registerModuleFullBackwardHook((m, gi, go) => say('backward', className(m), gi, go)),
    ]
    const x = zeros([2]).requiresGrad_()
    net(x).sum().backward()
    for (const h of handles) h.remove()
    net(x).sum().backward()
    say(x.grad)
  },
  backwardHooks(say) {
    const [x, y, z] = [leaf(1, 2), leaf(3, 4), ones([2])]
    const m = new Two()
    m.registerFullBackwardHook(see(say, 'after'))
    m.registerFullBackwardPreHook(seePre(say, 'before'))
    const [a, b] = m(x, y)
    a.mul(b).sum().backward()
    say(x.grad, y.grad)
    say('one output')
    m(x, y)[0].sum().backward()
    say(x.grad, y.grad)
    say('an input without gradient')
    const [c, d] = m(x, z)
    c.add(d).sum().backward()
    say(x.grad)
    say('not recorded')
    noGrad(() => {
      say(m(x, y)[0].requiresGrad)
    })
  },
  backwardHooksOfOtherArguments(say) {
    const [x, y] = [leaf(1), leaf(2)]
    const m = new Pick()
    m.registerFullBackwardHook(see(say, 'after'))
    m.registerFullBackwardPreHook(seePre(say, 'before'))
    m(x, 3, y)[2].sum().backward()
    say(x.grad, y.grad)
    say(autograd.grad(m(x, 3, y)[0].sum(), [x])[0])
  },
  backwardHooksReplace(say) {
    const lin = fill(new nn.Linear(2, 1))
    const x = leaf(1, 2)
    lin.registerFullBackwardHook((_m, gi) => [first(gi).mul(10)])
    lin.registerFullBackwardHook(see(say, 'second'))
    lin.registerFullBackwardPreHook((_m, go) => [first(go).mul(2)])
    lin.registerFullBackwardPreHook(seePre(say, 'second'))
    lin.registerFullBackwardPreHook(seePre(say, 'first'), { prepend: true })
    lin.registerFullBackwardHook(see(say, 'first'), { prepend: true })
    lin(x).sum().backward()
    say(x.grad, lin.weight.grad)
    const other = new nn.Linear(2, 1)
    other.registerFullBackwardHook(() => [null])
    x.grad = null
    other(x).sum().backward()
    say(x.grad, other.weight.grad)
  },
  backwardHooksMistakes(_say, error) {
    const x = leaf(1, 2)
    const wrong = (v: unknown): nn.Gradients => v as nn.Gradients
    const hooks: nn.BackwardHook[] = [
      (_m, gi) => [first(gi), first(gi)],
      (_m, gi) => wrong(first(gi)),
      () => [],
      (_m, gi) => [first(gi).to('float64')],
      (_m, gi) => [first(gi).narrow(0, 0, 1)],
      () => wrong([5]),
    ]
    for (const hook of hooks) {
      const lin = new nn.Linear(2, 1)
      lin.registerFullBackwardHook(hook)
      error(() => lin(x).sum().backward())
    }
    const preHooks: nn.BackwardPreHook[] = [
      (_m, go) => [first(go), first(go)],
      (_m, go) => [first(go).to('float64')],
      (_m, go) => [first(go).repeat([2])],
    ]
    for (const hook of preHooks) {
      const lin = new nn.Linear(2, 1)
      lin.registerFullBackwardPreHook(hook)
      error(() => lin(x).sum().backward())
    }
  },
  backwardHooksWithoutInputs(say, error) {
    const lin = fill(new nn.Linear(2, 1))
    lin.registerFullBackwardHook(see(say, 'after'))
    lin.registerFullBackwardPreHook((_m, go) => [first(go).mul(2)])
    say(
      warnings(() =>
        lin(ones([2]))
          .sum()
          .backward(),
      ),
    )
    say(lin.weight.grad)
    warnings(() => {
      const handle = lin.registerFullBackwardHook(() => [ones([2])])
      error(() =>
        lin(ones([2]))
          .sum()
          .backward(),
      )
      handle.remove()
      lin.registerFullBackwardHook(() => [null])
      lin(ones([2]))
        .sum()
        .backward()
    })
    say(lin.weight.grad)
  },
  backwardHooksAndChangesInPlace(say, error) {
    const x = leaf(1, 2)
    const m = new nn.Identity()
    m.registerFullBackwardHook(see(say, 'after'))
    error(() => m(x.mul(1)).add_(1))
    const two = new Two()
    two.registerFullBackwardHook(see(say, 'after'))
    error(() => two(x.mul(1), x.mul(1))[0].add_(1))
    const relu = new nn.ReLU({ inplace: true })
    relu.registerFullBackwardHook(see(say, 'after'))
    error(() => relu(x.mul(1)))
    const z = m(x.mul(1)).add(1)
    z.add_(1)
    z.sum().backward()
    say(x.grad)
  },
  backwardHooksTwice(say) {
    const x = leaf(1, 2)
    const m = new nn.Tanh()
    const handle = m.registerFullBackwardHook((_m, gi, go) => say('after', gi.length, go.length))
    const y = m(x)
    y.sum().backward({ retainGraph: true })
    y.sum().backward({ retainGraph: true })
    handle.remove()
    say('removed')
    y.sum().backward()
    m(x).sum().backward()
    m.registerFullBackwardHook((_m, gi, go) => say('again', gi[0]?.requiresGrad, go[0]?.requiresGrad))
    const [g] = autograd.grad(m(x).mul(x).sum(), x, { createGraph: true })
    say(g?.requiresGrad)
  },
  backwardHooksOfOtherOutputs(say) {
    const m = new Gives()
    m.registerFullBackwardHook(see(say, 'after'))
    const x = leaf(1)
    say(
      warnings(() => m(x).a.sum().backward()),
      x.grad,
    )
  },
  gradFnOfHooked(say) {
    const m = new nn.Identity()
    m.registerFullBackwardHook(see(say, 'after'))
    say(m(leaf(1)).gradFn?.name())
    const fn = (t: unknown): string | undefined => (t as Tensor).gradFn?.name()
    m.registerForwardHook((_m, x, y) => say(fn(x[0]), fn(y)))
    m(leaf(1))
  },
})

describe('what PyTorch has no word for', () => {
  test('a hook that is no function is refused at once', () => {
    const m = new nn.Identity()
    for (const register of [
      'registerForwardHook',
      'registerForwardPreHook',
      'registerFullBackwardHook',
      'registerFullBackwardPreHook',
      'registerStateDictPreHook',
      'registerStateDictPostHook',
      'registerLoadStateDictPreHook',
      'registerLoadStateDictPostHook',
    ] as const)
      expect(() => m[register](5 as never)).toThrow(`${register}(): expected a function but got number`)
    expect(() => m.registerForwardHook(() => 1, { first: true } as object)).toThrow('unexpected keyword argument')
    expect(() => m.registerForwardHook(() => 1, { prepend: 1 } as object)).toThrow(nn.Module ? /prepend/ : '')
  })
  test('the same function twice is two hooks, and each handle takes its own away', () => {
    const m = new nn.Identity()
    let calls = 0
    const hook = () => {
      calls++
    }
    const handles = [m.registerForwardHook(hook), m.registerForwardHook(hook)]
    m(ones([1]))
    handles[1]?.remove()
    m(ones([1]))
    handles[0]?.remove()
    m(ones([1]))
    expect(calls).toBe(3)
  })
  test('a hook may take itself away, and `using` does', () => {
    const m = new nn.Identity()
    const seen: string[] = []
    const handle = m.registerForwardHook(() => {
      seen.push('once')
      handle.remove()
    })
    m.registerForwardHook(() => {
      seen.push('always')
    })
    {
      using _ = m.registerForwardHook(() => {
        seen.push('here')
      })
      m(ones([1]))
    }
    m(ones([1]))
    expect(seen).toEqual(['once', 'always', 'here', 'always'])
  })
  test('the gradients a hook sees cannot be written to', () => {
    const m = new nn.Tanh()
    m.registerFullBackwardHook((_m, gi) => {
      ;(gi as unknown[])[0] = null
    })
    expect(() => m(leaf(1)).sum().backward()).toThrow(TypeError)
  })
})
