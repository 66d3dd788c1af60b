/** The state of modules, against programs recorded from PyTorch (test/oracle/module_state.py). */
import { isTensor, nn, noGrad, ones, type Tensor, tensor, zeros } from 'tenzo'
import { Block, comparePrograms, fill, Net, names, open, Plain } from '../helpers/module-programs'

const keys = (d: ReadonlyMap<string, unknown>): string[] => [...d.keys()]
const t11 = (): Tensor => ones([1, 1])

function broken(net: Net): nn.StateDict {
  const sd = net.stateDict()
  sd.delete('first.lin.bias')
  sd.delete('bn.running_mean')
  sd.set('first.extra', ones([1]))
  sd.set('unknown.weight', ones([1]))
  sd.set('bn.deep.weight', ones([1]))
  sd.set('first.lin.weight', ones([3, 2]))
  sd.set('last.bias', ones([1, 1]))
  return sd
}
const repr = (s: string): string => `'${s}'`

class Extra extends nn.Module {
  lin = new nn.Linear(1, 1)
  told = 'new'
  override forward(x: Tensor): Tensor {
    return this.lin(x)
  }
  override getExtraState(): unknown {
    return { told: this.told }
  }
  override setExtraState(state: unknown): void {
    this.told = (state as { told: string }).told
  }
}
class Giver extends nn.Module {
  override getExtraState(): unknown {
    return 5
  }
}
class Versioned extends nn.Module {
  override readonly _version: number = 3
  weight = new nn.Parameter(zeros([2]))
  seen: (number | undefined)[] = []
  override _loadFromStateDict(
    stateDict: nn.StateDict,
    prefix: string,
    local: nn.LocalMetadata,
    strict: boolean,
    missingKeys: string[],
    unexpectedKeys: string[],
    errorMsgs: string[],
  ): void {
    const { version } = local
    this.seen.push(version)
    if (version === undefined || version < 3) {
      stateDict.set(`${prefix}weight`, stateDict.get(`${prefix}w`) as Tensor)
      stateDict.delete(`${prefix}w`)
    }
    super._loadFromStateDict(stateDict, prefix, local, strict, missingKeys, unexpectedKeys, errorMsgs)
  }
  override _saveToStateDict(destination: nn.StateDict, prefix: string, keepVars: boolean): void {
    super._saveToStateDict(destination, prefix, keepVars)
    destination.set(`${prefix}also`, ones([1]))
  }
}

comparePrograms('state', {
  stateKeys(say) {
    const net = fill(new Net())
    const sd = net.stateDict()
    say(keys(sd))
    say(keys(net.stateDict({ prefix: 'p.' })))
    say(
      [...sd.values()].map((v) => v.requiresGrad),
      [...net.stateDict({ keepVars: true }).values()].map((v) => v.requiresGrad),
    )
    const versions = (d: nn.StateDict): string[] => [...d.metadata].map(([k, v]) => `${k}:${v.version}`)
    say(versions(sd))
    say(versions(net.stateDict({ prefix: 'p.' })))
    say(names(net.namedParameters()), names(net.namedBuffers()), names(net.namedModules()), names(net.namedChildren()))
  },
  stateDestination(say) {
    const out = new nn.StateDict([['other', ones([1])]])
    const got = new nn.Linear(1, 1).stateDict({ destination: out, prefix: 'a.' })
    say(got === out, keys(out))
  },
  stateSharesMemory(say) {
    const lin = fill(new nn.Linear(2, 1))
    const sd = lin.stateDict()
    noGrad(() => sd.get('weight')?.fill_(7))
    say(lin.weight)
    say(lin.stateDict({ keepVars: true }).get('weight') === lin.weight, sd.get('weight') === lin.weight)
  },
  loadPlain(say) {
    const net = fill(new Net())
    const other = new Net()
    say(other.loadStateDict(net.stateDict()))
    say(other.last.weight, other.scale)
    say(new nn.Linear(1, 1).loadStateDict({ weight: t11(), bias: zeros([1]) }))
  },
  loadAllProblemsAtOnce(_say, error) {
    error(() => new Net().loadStateDict(broken(fill(new Net()))))
  },
  loadNotStrictStillRefusesShapes(say, error) {
    const net = fill(new Net())
    const other = fill(new Net())
    noGrad(() => {
      for (const p of net.parameters()) p.mul_(2)
    })
    error(() => other.loadStateDict(broken(net), { strict: false }))
    say([...other.parameters()].map((p) => p.flatten()))
  },
  loadNotStrict(say) {
    const sd = fill(new Net()).stateDict()
    for (const k of ['first.lin.weight', 'bn.num_batches_tracked', 'last.bias']) sd.delete(k)
    sd.set('more', ones([1]))
    const result = new Net().loadStateDict(sd, { strict: false })
    say(result)
    say(result.missingKeys, result.unexpectedKeys)
  },
  loadQuotesInKeys(say, error) {
    const lin = () => new nn.Linear(1, 1, { bias: false })
    say(lin().loadStateDict({ "it's": ones([1]), 'say "so"': ones([1]) }, { strict: false }))
    error(() => lin().loadStateDict({ "it's": ones([1]) }))
  },
  loadWrongValues(_say, error) {
    const load = (state: unknown) => () => new nn.Linear(1, 1).loadStateDict(state as Record<string, Tensor>)
    error(load({ weight: 5, bias: [1] }))
    error(load({ weight: null, bias: 'b' }))
    error(load(5))
    error(load([1, 2]))
    error(load(null))
  },
  loadZeroDims(say, error) {
    const block = new Block()
    const sd = block.stateDict()
    sd.set('count', tensor([5]))
    say(block.loadStateDict(sd), block.count)
    sd.set('count', ones([2]))
    error(() => block.loadStateDict(sd))
    sd.set('count', ones([1, 1]))
    error(() => block.loadStateDict(sd))
    error(() => new nn.Linear(1, 1).loadStateDict({ weight: tensor(1), bias: tensor(1) }))
  },
  loadCasts(say) {
    const lin = new nn.Linear(1, 1)
    lin.loadStateDict({ weight: ones([1, 1], { dtype: 'float64' }), bias: tensor([3n]) })
    say(lin.weight, lin.weight.dtype === 'float32', lin.bias, lin.bias?.requiresGrad)
  },
  loadIntoExpanded(_say, error) {
    const m = new Plain()
    open(m).weight = new nn.Parameter(ones([1]).expand([3]))
    error(() => m.loadStateDict({ weight: zeros([3]) }))
  },
  loadAssign(say, error) {
    const lin = new nn.Linear(2, 1)
    lin.bias?.requiresGrad_(false)
    const weight = ones([1, 2], { dtype: 'float64' })
    const bias = new nn.Parameter(ones([1]))
    say(lin.loadStateDict({ weight, bias }, { assign: true }))
    say(lin.weight.dtype === 'float64', lin.weight.requiresGrad, lin.bias === bias, lin.bias?.requiresGrad)
    noGrad(() => weight.fill_(4))
    say(lin.weight, lin.weight instanceof nn.Parameter)
    const bn = new nn.BatchNorm1d(1)
    const mean = ones([1])
    const sd = bn.stateDict()
    sd.set('running_mean', mean)
    bn.loadStateDict(sd, { assign: true })
    say(bn.runningMean === mean)
    error(() => lin.loadStateDict({ weight: ones([1, 2], { dtype: 'int64' }), bias }, { assign: true }))
  },
  loadLeavesOwnDictAlone(say) {
    const lin = new nn.Linear(1, 1)
    lin.registerLoadStateDictPreHook((_m, sd) => {
      sd.delete('bias')
    })
    const sd = new nn.Linear(1, 1).stateDict()
    say(lin.loadStateDict(sd, false), keys(sd))
  },
  tiedParameters(say) {
    const make = () => new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU(), new nn.Linear(2, 2))
    const net = make()
    net[2].weight = net[0].weight
    say(keys(net.stateDict()), names(net.namedParameters()), names(net.namedParameters({ removeDuplicate: false })))
    net.loadStateDict(fill(make()).stateDict())
    say(net[0].weight === net[2].weight, net[0].weight)
    net.double()
    say(net[0].weight === net[2].weight, net[0].weight.dtype)
  },
  oldBatchNorm(say, error) {
    const bn = new nn.BatchNorm1d(2)
    const sd = bn.stateDict()
    sd.delete('num_batches_tracked')
    error(() => new nn.BatchNorm1d(2).loadStateDict(sd))
    say(new nn.BatchNorm1d(2).loadStateDict(new Map(sd)))
    sd.metadata.set('', { version: 1 })
    bn(ones([2, 2]))
    say(bn.loadStateDict(sd), bn.numBatchesTracked)
    const net = new nn.Sequential(new nn.BatchNorm1d(2), new nn.BatchNorm1d(2, { trackRunningStats: false }))
    say(net.loadStateDict(new Map([...net.stateDict()].filter(([k]) => !k.includes('num')))))
    const norm = new nn.InstanceNorm1d(2, { affine: true })
    const other = new nn.InstanceNorm1d(2, { affine: true, trackRunningStats: true }).stateDict()
    error(() => norm.loadStateDict(other))
    error(() => norm.loadStateDict(new Map(other)))
  },
  extraState(say, error) {
    const make = () => new nn.Sequential(new Extra(), new nn.Linear(1, 1))
    const net = make()
    net[0].told = 'something'
    const sd = net.stateDict()
    say(keys(sd), (sd.get('0._extra_state') as unknown as { told: string }).told)
    const other = make()
    say(other.loadStateDict(sd), other[0].told)
    sd.delete('0._extra_state')
    error(() => other.loadStateDict(sd))
    say(other.loadStateDict(sd, { strict: false }))
    const lin = new nn.Linear(1, 1)
    error(() => lin.loadStateDict(new Map([...lin.stateDict(), ['_extra_state', 1 as unknown as Tensor]])))
    say(keys(new Giver().stateDict()))
    error(() => new Giver().loadStateDict(new Giver().stateDict()))
    error(() => lin.getExtraState())
    error(() => lin.setExtraState(1))
  },
  stateDictHooks(say, error) {
    const net = new nn.Sequential(new nn.Linear(1, 1), new nn.ReLU())
    const pre: nn.StateDictPreHook = (m, prefix, keep) => say('pre', m.constructor.name, repr(prefix), keep)
    net.registerStateDictPreHook(pre)
    net[0].registerStateDictPreHook(pre)
    const post: nn.StateDictPostHook = (m, sd, prefix, local) => {
      say('post', m.constructor.name, repr(prefix), keys(sd), local.version)
      sd.set(`${prefix}added`, ones([1]))
    }
    const first = net[0].registerStateDictPostHook(post)
    net.registerStateDictPostHook(post)
    say(keys(net.stateDict()))
    first.remove()
    say(keys(net.stateDict({ prefix: 'x.', keepVars: true })))
    net.registerStateDictPostHook(() => 5 as unknown as void)
    error(() => net.stateDict())
  },
  loadHooks(say, error) {
    const net = new nn.Sequential(new nn.Linear(1, 1), new nn.Sequential(new nn.Linear(1, 1)))
    const pre: nn.LoadStateDictPreHook = (m, sd, prefix, local, strict, missing, unexpected, errors) => {
      const known = Object.keys(local).sort()
      say('pre', m.constructor.name, repr(prefix), keys(sd).sort(), known, strict, missing, unexpected, errors)
      for (const key of keys(sd).filter((k) => k.startsWith(`${prefix}old_`))) {
        sd.set(key.replace('old_', ''), sd.get(key) as Tensor)
        sd.delete(key)
      }
    }
    net.registerLoadStateDictPreHook(pre)
    net[0].registerLoadStateDictPreHook(pre)
    net[1][0].registerLoadStateDictPreHook(pre)
    const shown = (k: nn.IncompatibleKeys): string => String(k)
    net.registerLoadStateDictPostHook((m, k) => say('post', m.constructor.name, shown(k)))
    const gone = net[1].registerLoadStateDictPostHook((m, k) => say('post of', m.constructor.name, shown(k)))
    error(() =>
      net.loadStateDict({
        '0.old_weight': t11(),
        '0.bias': ones([1]),
        '1.0.old_weight': t11(),
        '1.0.old_bias': ones([1]),
      }),
    )
    gone.remove()
    say(net.loadStateDict(net.stateDict(), { assign: true }))
  },
  loadPostHookForgives(say, error) {
    const lin = new nn.Linear(1, 1)
    const handle = lin.registerLoadStateDictPostHook((_m, k) => {
      k.missingKeys.length = 0
      k.unexpectedKeys.shift()
    })
    say(lin.loadStateDict({ weight: t11(), a: ones([1]) }))
    error(() => lin.loadStateDict({ weight: t11(), a: ones([1]), b: ones([1]) }))
    handle.remove()
    lin.registerLoadStateDictPostHook((_m, k) => k as unknown as void)
    error(() => lin.loadStateDict(lin.stateDict()))
  },
  loadPreHookAddsErrors(_say, error) {
    const lin = new nn.Linear(1, 1)
    lin.registerLoadStateDictPreHook((_m, _sd, _prefix, _local, _strict, missing, unexpected, errors) => {
      errors.push('too old')
      missing.push('thing')
      unexpected.push('other')
    })
    error(() => lin.loadStateDict(lin.stateDict()))
  },
  overriddenSaveAndLoad(say, error) {
    const net = new nn.Sequential(new Versioned() as nn.Module)
    const own = net[0] as Versioned
    const sd = net.stateDict()
    say(keys(sd), sd.metadata.get('0')?.version)
    error(() => net.loadStateDict(sd))
    sd.delete('0.also')
    say(net.loadStateDict(sd))
    say(net.loadStateDict({ '0.w': ones([2]) }), own.weight, own.seen)
  },
  listsOfNone(say) {
    const net = new Plain()
    open(net).fc = new nn.Linear(1, 1)
    names(net.namedChildren())
    open(net).fc = null
    net.registerModule('empty', null)
    say(names(net.namedChildren()), names(net.namedModules()), keys(net.stateDict()))
    say(net.loadStateDict({ 'fc.weight': ones([1]) }))
    say(net)
  },
})

test('metadata of a state dict survives in the order of the modules', () => {
  const net = new nn.Sequential(new nn.BatchNorm1d(1), new nn.Linear(1, 1))
  const { metadata } = net.stateDict()
  expect([...metadata]).toEqual([
    ['', { version: 1 }],
    ['0', { version: 2 }],
    ['1', { version: 1 }],
  ])
  expect([...net.stateDict().values()].every(isTensor)).toBe(true)
})
