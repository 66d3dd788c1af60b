import { enableGrad, noGrad } from '../autograd/mode'
import { ArgumentError, ValueError } from '../errors'
import { describe } from '../check/arguments'
import { optionsOf } from '../check/options'
import { scalarTensor, zerosLike } from '../ops/tensor/create'
import { cat } from '../ops/tensor/joining'
import { isTensor, type Tensor } from '../tensor/tensor'
import { checkLearningRate, checkNumbers } from './checks'
import { type Given, inNumbers, Optimizer, type ParamGroup, type ParamState, type Params } from './optimizer'
import { type Search, strongWolfe } from './strong-wolfe'

/** Options of `LBFGS`. */
export interface LBFGSOptions {
  /** The step length without line search, and where a line search begins. Default 1. */
  lr: number
  /** Iterations in a step. Default 20. */
  maxIter: number
  /** Evaluations of the function in a step. Default 1.25 times `maxIter`. */
  maxEval: number
  /** A step ends when no part of the gradient is larger. Default 1e-7. */
  toleranceGrad: number
  /** A step ends when the function or the parameters change less. Default 1e-9. */
  toleranceChange: number
  /** How many updates are remembered. Default 100. */
  historySize: number
  /** The line search: `'strong_wolfe'`, or none. Default null. */
  lineSearchFn: 'strong_wolfe' | null
}
const NAMES = ['lr', 'maxIter', 'maxEval', 'toleranceGrad', 'toleranceChange', 'historySize', 'lineSearchFn'] as const

// The state dict's names are PyTorch's; H_diag keeps its own, which camel case would lose.
interface State {
  funcEvals: number
  nIter: number
  /** The direction, and how far the last step went along it. */
  d: Tensor | null
  t: number | Tensor
  /** Differences of gradients and of parameters, and the reciprocals of their products. */
  oldDirs: Tensor[]
  oldStps: Tensor[]
  ro: Tensor[]
  H_diag: number | Tensor
  prevFlatGrad: Tensor | null
  prevLoss: number | null
  /** One product each remembered update, of the last iteration. */
  al?: (Tensor | null)[]
}

/**
 * Limited-memory BFGS (after Schmidt's minFunc). `step` takes a closure that computes the loss and its gradients, and calls it
 * several times; all parameters are one group.
 */
export class LBFGS extends Optimizer<LBFGSOptions> {
  constructor(
    params: Params<LBFGSOptions>,
    options?: number | Tensor | Given<LBFGSOptions>,
    rest?: Given<LBFGSOptions>,
  ) {
    const given = optionsOf<Partial<LBFGSOptions>>('LBFGS', NAMES, options, rest)
    const maxIter = given.maxIter ?? 20
    checkNumbers('LBFGS', { maxIter })
    super(params, {
      lr: 1,
      toleranceGrad: 1e-7,
      toleranceChange: 1e-9,
      historySize: 100,
      lineSearchFn: null,
      ...given,
      maxIter,
      maxEval: given.maxEval ?? Math.floor((maxIter * 5) / 4),
    })
    if (this.paramGroups.length !== 1)
      throw new ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
  }

  protected validate(o: LBFGSOptions): void {
    checkLearningRate(o.lr)
    if (o.lineSearchFn !== null && o.lineSearchFn !== 'strong_wolfe')
      throw new ValueError("only 'strong_wolfe' is supported", { lineSearchFn: o.lineSearchFn })
  }

  protected update(): never {
    throw new ArgumentError('LBFGS.step(): a closure is required')
  }

  /**
   * Minimises along several directions.
   * @param closure clears the gradients, computes the loss and its gradients and returns the loss, a tensor or a number
   * @returns the first loss
   */
  override step(): never
  override step<T>(closure: () => T): T
  override step<T>(closure?: () => T): T {
    if (typeof closure !== 'function')
      throw new ArgumentError(`LBFGS.step(): closure must be a function, not ${describe(closure)}`)
    this.stepCalled = true
    return noGrad(() => this.minimize(() => enableGrad(closure)))
  }

  private minimize<T>(closure: () => T): T {
    const group = inNumbers(this.paramGroups[0]!) as ParamGroup<LBFGSOptions>
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize } = group
    const state = this.searchState()
    const first = closure()
    let loss = numberOf(first)
    let evaluations = 1
    state.funcEvals++
    let grad = this.flatGradient()
    if (largest(grad) <= toleranceGrad) return first

    for (let n = 1; n <= maxIter; n++) {
      state.nIter++
      const d = state.nIter === 1 ? firstDirection(state, grad) : nextDirection(state, grad, historySize)
      state.d = kept(d)
      if (state.prevFlatGrad === null) state.prevFlatGrad = kept(grad.clone())
      else state.prevFlatGrad.copy_(grad)
      const before = loss
      state.prevLoss = before
      // The length of the first step is a tensor in PyTorch, and rounded as one.
      let t: number = state.nIter === 1 ? grad.abs().sum().reciprocal().clampMax(1).mul(lr).item() : lr
      state.t = state.nIter === 1 ? kept(scalarOf(grad, t)) : t

      const slope = grad.dot(d).item()
      if (slope > -toleranceChange) break

      let calls = 0
      let small = false
      if (group.lineSearchFn !== null) {
        const from = { t, d, f: loss, g: grad, slope, maxEvaluations: maxEval - evaluations }
        const found = this.search(closure, from)
        loss = found.f
        grad = found.g
        t = found.t
        state.t = t
        calls = found.evaluations
        small = largest(grad) <= toleranceGrad
      } else {
        this.move(t, d)
        // After the last iteration nobody needs the loss there: in a stochastic setting it would be another function's.
        if (n !== maxIter) {
          loss = numberOf(closure())
          grad = this.flatGradient()
          small = largest(grad) <= toleranceGrad
          calls = 1
        }
      }
      evaluations += calls
      state.funcEvals += calls
      if (n === maxIter || evaluations >= maxEval || small) break
      if (largest(d.mul(t)) <= toleranceChange) break
      if (Math.abs(loss - before) < toleranceChange) break
    }
    return first
  }

  /** Searches along a direction, and moves to where the search ends. */
  private search(closure: () => unknown, from: Omit<Search, 'evaluate'>): ReturnType<typeof strongWolfe> {
    const { params } = this.paramGroups[0]!
    const start = params.map((p) => p.clone())
    const evaluate = (length: number): { f: number; g: Tensor } => {
      this.move(length, from.d)
      const f = numberOf(closure())
      const g = this.flatGradient()
      params.forEach((p, i) => {
        p.copy_(start[i] as Tensor)
      })
      return { f, g }
    }
    const found = strongWolfe(Object.assign({ evaluate }, from))
    this.move(found.t, from.d)
    return found
  }

  /** The state, which in PyTorch lies with the first parameter. */
  private searchState(): State {
    const p = this.paramGroups[0]!.params[0] as Tensor
    let state = this.state.get(p) as State | undefined
    if (state === undefined) {
      state = {
        funcEvals: 0,
        nIter: 0,
        d: null,
        t: 0,
        oldDirs: [],
        oldStps: [],
        ro: [],
        H_diag: 1,
        prevFlatGrad: null,
        prevLoss: null,
      }
      this.state.set(p, state as unknown as ParamState)
    }
    return state
  }

  private flatGradient(): Tensor {
    const { params } = this.paramGroups[0]!
    return cat(params.map((p) => (p.gradient ?? zerosLike(p)).reshape([-1])))
  }

  private move(length: number, d: Tensor): void {
    let offset = 0
    for (const p of this.paramGroups[0]!.params) {
      p.add_(d.narrow(0, offset, p.count).reshape([...p.sizes]), { alpha: length })
      offset += p.count
    }
  }

  // What is remembered has the length of all parameters together.
  protected override loaded(value: unknown, _name: string, p: Tensor): unknown {
    if (Array.isArray(value)) return value.map((v) => this.loaded(v, _name, p))
    return isTensor(value) ? kept(value.detach().to(p.dtype).clone()) : value
  }
}

function firstDirection(state: State, grad: Tensor): Tensor {
  state.oldDirs = []
  state.oldStps = []
  state.ro = []
  state.H_diag = 1
  return grad.neg()
}

/** Remembers the last update, and multiplies the gradient by the approximate inverse Hessian. */
function nextDirection(state: State, grad: Tensor, historySize: number): Tensor {
  const { oldDirs, oldStps, ro } = state
  const y = grad.sub(state.prevFlatGrad as Tensor)
  const s = (state.d as Tensor).mul(state.t)
  const ys = y.dot(s)
  if (ys.item() > 1e-10) {
    if (oldDirs.length === historySize) for (const list of [oldDirs, oldStps, ro]) list.shift()
    oldDirs.push(kept(y))
    oldStps.push(kept(s))
    ro.push(kept(ys.reciprocal()))
    state.H_diag = kept(ys.div(y.dot(y)))
  }
  state.al ??= Array.from({ length: historySize }, () => null)
  const { al } = state
  const q = grad.neg()
  for (let i = oldDirs.length - 1; i >= 0; i--) {
    const a = kept(oldStps[i]!.dot(q).mul(ro[i]!))
    al[i] = a
    q.add_(oldDirs[i]!, { alpha: -a.item() })
  }
  const d = q.mul(state.H_diag)
  oldDirs.forEach((dir, i) => {
    const b = dir.dot(d).mul(ro[i]!)
    d.add_(oldStps[i]!, { alpha: al[i]!.sub(b).item() })
  })
  return d
}

/** Marks what outlives the step, also where a scope ends around it. */
function kept(x: Tensor): Tensor {
  x.storage.kept = true
  return x
}
const scalarOf = (like: Tensor, value: number): Tensor => scalarTensor(value, { dtype: like.dtype as 'float32' })
const largest = (x: Tensor): number => x.abs().max().item()
const numberOf = (loss: unknown): number => {
  const value = isTensor(loss) ? loss.item() : loss
  if (typeof value !== 'number')
    throw new ArgumentError(`LBFGS.step(): closure must return the loss, a tensor or a number, not ${describe(loss)}`)
  return value
}
