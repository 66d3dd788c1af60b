/**
 * Programs of TypeScript users. Each must compile as it stands, with every compiler and setting (test/package/programs.test.ts); each
 * of its wrong twins, which differ from it in one place, must not, for the reason that is written here.
 */

export interface TypeProgram {
  readonly name: string
  readonly code: string
  /** What stands in the program, what stands there in the twin, and a part of what the compiler says of it. */
  readonly wrong: readonly (readonly [from: string, to: string, says: string | RegExp])[]
}

/** What each of them begins with. */
export const PRELUDE = `import { func, load, nn, noGrad, optim, rand, save, type Tensor, tensor, utils } from 'tenzo'
export const x: Tensor = rand([2, 3])
export { func, load, nn, noGrad, optim, save, tensor, utils }
`

// (What a class or a function passes to a module of a type parameter is compared as a list.)
const noTensor = /'\[?(string|number)\]?' is not assignable to .*(Tensor|\["forward"\])/

export const TYPE_PROGRAMS: readonly TypeProgram[] = [
  {
    name: 'a field that holds a Sequential or nothing',
    code: `
export class Block extends nn.Module {
  down: nn.Sequential | null = new nn.Sequential(new nn.Conv2d(3, 8, 1), new nn.BatchNorm2d(8))
  forward(x: Tensor): Tensor {
    const shortcut: Tensor = this.down === null ? x : this.down(x)
    return shortcut.add(x)
  }
}
export const none = new Block()
none.down = null`,
    wrong: [
      ['new nn.BatchNorm2d(8)', "'batch norm'", /TS(2345|2322|2769)/],
      ['this.down(x)', "this.down('x')", noTensor],
      ['shortcut: Tensor', 'shortcut: string', "'Tensor' is not assignable to type 'string'"],
    ],
  },
  {
    name: 'a Sequential of a list of modules',
    code: `
const layers: nn.Module[] = [new nn.Linear(3, 3), new nn.ReLU()]
export const net = new nn.Sequential(...layers)
export const y: Tensor = net(x)
export const more: nn.Sequential = new nn.Sequential(...layers, new nn.Linear(3, 1))
export const first: nn.Module | undefined = net[0]`,
    wrong: [
      ['layers: nn.Module[]', 'layers: unknown[]', /'unknown' is not assignable to .*Module/],
      ['new nn.ReLU()', 'nn.ReLU', /'typeof ReLU' is (not assignable to|missing)/],
    ],
  },
  {
    name: 'a list of layers of one kind, and what is made of a Sequential',
    code: `
export const deep = new nn.Sequential(...Array.from({ length: 3 }, () => new nn.Linear(3, 3)))
export const y: Tensor = deep(x)
export const head: nn.Linear | undefined = deep[0]
export const part = deep.slice(0, 2)
export const twice: nn.Sequential = deep.mul(2)
export const both = deep.add(new nn.Sequential(new nn.ReLU()))
export const z: Tensor = both(part(x))`,
    wrong: [
      ['= deep(x)', "= deep('x')", noTensor],
      ['= both(part(x))', '= both(part(1))', noTensor],
      ['head: nn.Linear', 'head: nn.ReLU', /'(weight|Linear)/],
    ],
  },
  {
    name: 'a value known as a module only',
    code: `
export function run(m: nn.Module): Tensor {
  return m(x)
}
export const lstm: nn.Module = new nn.LSTM(3, 2)
const [out, [h]] = lstm(x, { hx: null })
export const kept: Tensor = out.add(h)
export const y = run(new nn.Linear(3, 1))
export const activation: nn.Module = new nn.GELU()
export const modules: nn.Module[] = [new nn.Linear(1, 1), activation, new nn.Sequential(new nn.ReLU())]`,
    wrong: [
      ['run(new nn.Linear(3, 1))', 'run(nn.Linear)', "'typeof Linear'"],
      [
        'return m(x)',
        'return m.train()',
        /'Module' is (missing the following properties from|not assignable to) type 'Tensor'/,
      ],
      ['new nn.GELU()', 'nn.functional.gelu', /Module'/],
    ],
  },
  {
    name: 'a type parameter that has a forward',
    code: `
export function run<M extends nn.Module & { forward(x: Tensor): Tensor }>(m: M): Tensor {
  const y: Tensor = m(x)
  return m(y).add(1)
}
export function evaluated<M extends nn.Linear>(m: M): Tensor {
  return m.eval()(x)
}
export const a = run(new nn.Linear(3, 3))
export const b = run(new nn.Sequential(new nn.ReLU()))
export const c = evaluated(new nn.Linear(3, 3))`,
    wrong: [
      ['y: Tensor = m(x)', 'y: string = m(x)', "is not assignable to type 'string'"],
      ['m.eval()(x)', "m.eval()('x')", noTensor],
      ['run(new nn.Sequential(new nn.ReLU()))', 'run(nn.functional.relu)', /TS(2345|2740)/],
      ['run(new nn.Linear(3, 3))', 'run(new nn.LSTM(3, 3))', /not assignable/],
    ],
  },
  {
    name: 'a module that calls itself',
    code: `
export class Twice extends nn.Module {
  readonly fc = new nn.Linear(3, 3)
  forward(x: Tensor, options: { deep?: number } = {}): Tensor {
    const { deep = 0 } = options
    const y: Tensor = deep > 0 ? this(x, { deep: deep - 1 }) : x
    return this.fc(y)
  }
}
export class Thrice extends Twice {
  again(x: Tensor): Tensor {
    return this(this(x))
  }
}
export const y: Tensor = new Thrice()(x, { deep: 2 })`,
    wrong: [
      ['this(x, { deep: deep - 1 })', 'this(x, { depth: deep - 1 })', /'?depth'?/],
      ['this(this(x))', 'this(this(3))', noTensor],
      [
        'const y: Tensor = deep',
        'const y: number = deep',
        /'(Tensor|ReturnType<.*>|number \| Tensor)' is not assignable to type 'number'/,
      ],
      ['new Thrice()(x, { deep: 2 })', "new Thrice()(x, { deep: '2' })", "'string' is not assignable to type 'number'"],
    ],
  },
  {
    name: 'a learning rate of any optimizer',
    code: `
export function setLr(opt: optim.Optimizer, lr: number): void {
  for (const group of opt.paramGroups) group.lr = lr
}
setLr(new optim.SGD([x], { lr: 0.1 }), 0.2)
setLr(new optim.AdamW([x]), 0.2)
setLr(new optim.LBFGS([x]), 0.2)
export const all: optim.Optimizer[] = [new optim.Adam([x]), new optim.RMSprop([x])]
export const scheduler = new optim.lrScheduler.StepLR(all[0]!, 10)`,
    wrong: [
      ['group.lr = lr', 'group.rate = lr', "'rate' does not exist"],
      ['group.lr = lr', "group.lr = 'fast'", "'string' is not assignable to type 'number'"],
      ['setLr(new optim.LBFGS([x]), 0.2)', 'setLr(new nn.Linear(1, 1), 0.2)', "'Linear'"],
      ['new optim.SGD([x], { lr: 0.1 })', 'new optim.SGD([x], { learningRate: 0.1 })', "'learningRate'"],
    ],
  },
  {
    name: 'a Sequential under names',
    code: `
export const net = new nn.Sequential({ a: new nn.Linear(1, 2), b: new nn.ReLU() })
export const w = net.a.weight
export const y: Tensor = net(net.b(x))
export const any: nn.Sequential = net
export class Head extends nn.Sequential {
  constructor(units: number) {
    super({ fc: new nn.Linear(units, 1), act: new nn.Tanh() })
  }
}
export const z: Tensor = new Head(3)(x)`,
    wrong: [
      ['net.a.weight', 'net.b.weight', "'weight' does not exist"],
      ['net.a.weight', 'net.c', "'c' does not exist"],
      ['b: new nn.ReLU()', 'b: 3', /TS(2345|2322|2769)/],
      ['net(net.b(x))', "net('x')", noTensor],
      ['new Head(3)(x)', 'new Head(3)()', /TS2554|TS2345/],
    ],
  },
  {
    name: 'a Sequential keeps its tuple',
    code: `
export const net = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 1))
export const w: Tensor = net[2].weight
export const y: Tensor = net(x)
export const same = net.train().to('float64')
export const act: nn.ReLU = same[1]`,
    wrong: [
      ['net[2].weight', 'net[3]', "Property '3' does not exist"],
      ['net[2].weight', 'net[1].weight', "'weight' does not exist"],
      ['net(x)', 'net(x, x)', 'TS2554'],
      ['y: Tensor', 'y: number', "'Tensor' is not assignable to type 'number'"],
      ['new nn.Linear(3, 4)', 'new nn.Linear(3)', /TS2554|TS2555/],
      ['new nn.Linear(3, 4)', 'new nn.Linear(3, 4, { bais: true })', "'bais'"],
      ['new nn.ReLU()', 'new nn.LSTM(4, 4)', 'does not take what the one before it gives'],
    ],
  },
  {
    name: 'classes that extend Sequential',
    code: `
export class ConvBlock extends nn.Sequential {
  constructor(input: number, output: number) {
    super(new nn.Conv2d(input, output, 3), new nn.BatchNorm2d(output), new nn.ReLU())
  }
}
export class Scaled extends ConvBlock {
  readonly scale = new nn.Parameter(tensor(1))
  override forward(x: Tensor): Tensor {
    return super.forward(x).mul(this.scale)
  }
}
export class Recurrent extends nn.Sequential<nn.Module[]> {
  constructor() {
    super(new nn.LSTM(3, 3))
  }
}
export const y: Tensor = new Scaled(3, 8)(x)
export const stage: nn.Sequential = new nn.Sequential(new ConvBlock(3, 8), new Scaled(8, 8))`,
    wrong: [
      ['new nn.BatchNorm2d(output)', 'output', /'number' is not assignable/],
      ['new Scaled(3, 8)(x)', 'new Scaled(3, 8)(8)', noTensor],
      ['super.forward(x).mul', 'super.forward(x).multiplied', "'multiplied' does not exist"],
      [
        'extends nn.Sequential<nn.Module[]>',
        'extends nn.Sequential<number[]>',
        /'number(\[\])?' (does not satisfy|is not assignable)/,
      ],
    ],
  },
  {
    name: 'ModuleList and ModuleDict of mixed layers',
    code: `
export class Net extends nn.Module {
  readonly blocks = new nn.ModuleList([new nn.Linear(3, 3), new nn.ReLU(), new nn.Dropout({ p: 0.1 })])
  readonly heads = new nn.ModuleDict({ mean: new nn.Linear(3, 1), spread: new nn.Sequential(new nn.Linear(3, 1), new nn.Softplus()) })
  readonly rest: nn.ModuleList = new nn.ModuleList([new nn.Embedding(2, 3)])
  forward(x: Tensor): Tensor[] {
    for (const block of this.blocks) x = block(x)
    return this.heads.values().map((head) => head(x))
  }
}
export const net = new Net()
export const third = net.blocks.at(2)
export const mean: Tensor = net.heads.get('mean')(x)
export class Stack extends nn.ModuleList<nn.Linear> {
  forward(x: Tensor): Tensor {
    for (const layer of this) x = layer(x)
    return x
  }
}
export const y: Tensor = new Stack([new nn.Linear(3, 3)])(x)`,
    wrong: [
      ['x = block(x)', 'x = block(3)', noTensor],
      ["net.heads.get('mean')(x)", 'net.heads.get(0)(x)', "'number' is not assignable to parameter of type 'string'"],
      ['new Stack([new nn.Linear(3, 3)])', 'new Stack([new nn.ReLU()])', /'ReLU(\[\])?' is/],
      ['new nn.Embedding(2, 3)', 'nn.functional.relu', /TS(2322|2740|2769|2345)/],
    ],
  },
  {
    name: 'subclasses of subclasses',
    code: `
export abstract class Encoder extends nn.Module {
  abstract override forward(x: Tensor): Tensor
  embed(x: Tensor): Tensor {
    return this(x).mean(0)
  }
}
export class Dense extends Encoder {
  readonly fc = new nn.Linear(3, 3)
  forward(x: Tensor): Tensor {
    return this.fc(x)
  }
}
export class Noisy extends Dense {
  override forward(x: Tensor, options: { noise?: number } = {}): Tensor {
    return super.forward(x).add(options.noise ?? 0)
  }
}
export const encoders: Encoder[] = [new Dense(), new Noisy()]
export const dense: Dense = new Noisy()
export const y: Tensor = new Noisy()(x, { noise: 0.1 })
export const f: (x: Tensor) => Tensor = new Noisy()`,
    wrong: [
      ['new Noisy()(x, { noise: 0.1 })', 'new Noisy()(x, { nois: 0.1 })', "'nois'"],
      ['new Noisy()(x, { noise: 0.1 })', 'new Dense()(x, { noise: 0.1 })', 'TS2554'],
      ['override forward(x: Tensor, options', 'override forward(x: number, options', /TS2416/],
      ['this(x).mean(0)', "this('x').mean(0)", noTensor],
    ],
  },
  {
    name: 'modules that hold modules of a type parameter',
    code: `
export class Residual<M extends nn.Layer> extends nn.Module {
  constructor(readonly inner: M) {
    super()
  }
  forward(x: Tensor): Tensor {
    return this.inner(x).add(x)
  }
}
export const residual = new Residual(new nn.Linear(3, 3))
export const w = residual.inner.weight
export const y: Tensor = new nn.Sequential(residual, new Residual(residual))(x)`,
    wrong: [
      ['this.inner(x).add', "this.inner('x').add", noTensor],
      ['new Residual(residual)', 'new Residual(new nn.LSTM(3, 3))', /'LSTM'/],
      ['residual.inner.weight', 'residual.inner.weights', "'weights' does not exist"],
    ],
  },
  {
    name: 'generic training functions',
    code: `
export interface Task<M extends nn.Module> {
  readonly model: M
  readonly loss: (model: M, batch: Tensor) => Tensor
  readonly optimizer?: optim.Optimizer
}
export function fit<M extends nn.Module>(task: Task<M>, batches: Iterable<Tensor>): M {
  const optimizer = task.optimizer ?? new optim.Adam(task.model.parameters(), { lr: 1e-3 })
  for (const batch of batches) {
    optimizer.zeroGrad()
    task.loss(task.model.train(), batch).backward()
    optimizer.step()
  }
  return task.model.eval()
}
export const linear = fit({ model: new nn.Linear(3, 1), loss: (model, batch) => model(batch).square().mean() }, [x])
export const w = linear.weight
export function predict<M extends nn.Module & { forward(x: Tensor): Tensor }>(model: M, data: readonly Tensor[]): number[] {
  return noGrad(() => data.map((input) => model(input).item()))
}
export const outputs = predict(linear, [x])`,
    wrong: [
      ['model(batch).square()', "model('batch').square()", noTensor],
      ['new nn.Linear(3, 1)', 'nn.functional.relu', /TS(2322|2740|2741|2739)/],
      ['linear.weight', 'linear.wait', "'wait' does not exist"],
      ['predict(linear, [x])', 'predict(linear, [3])', noTensor],
    ],
  },
  {
    name: 'options that are passed on, be they there or not',
    code: `
export interface Config {
  bias?: boolean
  lr?: number
  dim?: number
  betas?: [number, number]
  strict?: boolean
}
export function build(o: Config) {
  const fc = new nn.Linear(3, 3, { bias: o.bias })
  const opt = new optim.Adam([{ params: fc.parameters(), lr: o.lr }], { lr: o.lr, betas: o.betas })
  const loader = new utils.data.DataLoader(new utils.data.TensorDataset(x), { batchSize: o.dim, shuffle: o.bias, collateFn: undefined })
  fc.loadStateDict(fc.stateDict(), { strict: o.strict })
  opt.zeroGrad({ setToNone: o.strict })
  const y = nn.functional.softmax(fc(x).sum(0, { keepdim: o.bias }), { dim: o.dim })
  const [batch] = [...loader]
  return { fc, opt, y, batch, print: x.norm({ p: o.lr, dim: o.dim }) }
}
export const built = build({})`,
    wrong: [
      ['{ bias: o.bias }', '{ bias: o.lr }', "is not assignable to type 'boolean"],
      ['{ bias: o.bias }', '{ bais: o.bias }', "'bais'"],
      ['lr: o.lr, betas: o.betas', 'lr: o.lr, beta: o.betas', "'beta'"],
      ['{ setToNone: o.strict }', '{ setToNone: o.betas }', 'is not assignable'],
    ],
  },
  {
    name: 'scopes that end by themselves',
    code: `
export function evaluate(net: nn.Layer): Tensor {
  using _guard = noGrad()
  using hook = net.registerForwardHook((_m, _inputs, output) => output)
  hook.remove()
  return net(x)
}
export const y = evaluate(new nn.Linear(3, 1))
x[Symbol.dispose]()`,
    wrong: [
      ['using _guard = noGrad()', 'using _guard = x.shape', '[Symbol.dispose]'],
      ['net(x)', 'net(_guard)', /'ModeGuard' is (missing|not assignable)/],
    ],
  },
  {
    name: 'sizes as ints and as arrays',
    code: `
export const a: Tensor = rand(4, 8)
export const b: Tensor = rand([4, 8], { dtype: 'float64' })
export const c: Tensor = rand(2, 3, { requiresGrad: true }).reshape(3, -1).permute(1, 0).expand(4, 2, 3)
export const made = (...size: number[]): Tensor => rand(...size).squeeze(0, 1).flip(0)
export const d: Tensor = x.view(-1).view(x.shape)`,
    wrong: [
      ['rand(4, 8)', 'rand([4], 8)', /TS(2345|2769)/],
      ['rand(4, 8)', 'rand(4, [8])', /TS(2345|2769)/],
      ['rand(4, 8)', "rand(4, 'a')", /TS(2345|2769)/],
      ["{ dtype: 'float64' }", "{ dtypo: 'float64' }", "'dtypo'"],
      ['{ requiresGrad: true }', '{ requireGrad: true }', "'requireGrad'"],
      ['expand(4, 2, 3)', 'expand(4, [3])', /TS(2345|2769)/],
    ],
  },
  {
    name: 'weights in files, and losses',
    code: `
export const net = new nn.Linear(3, 1)
save(net.stateDict(), 'net.safetensors')
export const keys: string[] = net.loadStateDict(net.stateDict()).missingKeys
export const loss: Tensor = new nn.CrossEntropyLoss({ reduction: 'sum' })(net(x), tensor([0n, 1n]))
export const parameters: [string, nn.Parameter][] = [...net.namedParameters()]
export const optimizer = new optim.SGD(net.namedParameters(), 0.1, { momentum: 0.9 })
optimizer.loadStateDict(optimizer.stateDict(), { byName: true })
export const out = func.functionalCall(net, new Map(net.namedParameters()), x)`,
    wrong: [
      ["reduction: 'sum'", "reduction: 'total'", `'"total"' is not assignable`],
      ['{ byName: true }', '{ byname: true }', "'byname'"],
      ['{ momentum: 0.9 }', '{ momentun: 0.9 }', "'momentun'"],
      ['(net(x), tensor([0n, 1n]))', '(net(x))', 'TS2554'],
    ],
  },
]
