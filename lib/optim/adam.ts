import { notePublic, publicName } from '../check/class-names'
import { optionsOf } from '../check/options'
import { filled } from '../ops/define/results'
import { run } from '../runtime/commands'
import * as encode from '../runtime/encoders'
import { OP } from '../runtime/opcodes'
import { isTensor, type Tensor } from '../tensor/tensor'
import { checkTensorBetas, checkEps, checkFlags, checkLearningRate, checkWeightDecay } from './checks'
import { hasFusedStep, inRows, type Ready } from './fused'
import { type Given, Optimizer, type ParamGroup, type ParamState, type Params } from './optimizer'
import { penalized } from './stepwise'

/** Options of `Adam` and `AdamW`. */
export interface AdamOptions {
  /** The learning rate. Default 1e-3. */
  lr: number
  /** Decay of the running means of the gradient and of its square. Default [0.9, 0.999]. */
  betas: readonly [number, number]
  /** Added to the denominator. Default 1e-8. */
  eps: number
  /** L2 penalty (Adam), or decay of the weights themselves (AdamW). Default 0; AdamW 1e-2. */
  weightDecay: number
  /** Use the largest second moment so far (Reddi et al. 2018). Default false. */
  amsgrad: boolean
  /** Go up the gradient instead of down. Default false. */
  maximize: boolean
  /** Let the decay act on the weights themselves instead of the gradient. Default false; AdamW true. */
  decoupledWeightDecay: boolean
}
const DEFAULTS: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
  decoupledWeightDecay: false,
}
/** As they are given: both betas may be tensors of one element, too. */
type GivenAdam<O> = Omit<Given<O>, 'betas'> & { betas?: readonly [number | Tensor, number | Tensor] }
const NAMES = Object.keys(DEFAULTS) as (keyof AdamOptions)[]

/** Adam (Kingma and Ba 2015). One fused pass a parameter. */
export class Adam extends Optimizer<AdamOptions> {
  constructor(
    params: Params<AdamOptions, GivenAdam<AdamOptions>>,
    options?: number | Tensor | GivenAdam<AdamOptions>,
    rest?: GivenAdam<AdamOptions>,
  ) {
    const o = optionsOf<Partial<AdamOptions>>('Adam', NAMES, options, rest)
    super(params as Params<AdamOptions>, { ...DEFAULTS, ...o, ...(o.betas && { betas: withoutDims(o.betas) }) })
  }

  protected override get fixedOptions() {
    return { capturable: false, differentiable: false, foreach: null, fused: null }
  }

  protected validate(o: AdamOptions): void {
    const name = publicName(this.constructor)
    checkLearningRate(o.lr)
    checkEps(o.eps)
    checkTensorBetas(name, o.betas)
    checkWeightDecay(o.weightDecay)
    checkFlags(name, {
      amsgrad: o.amsgrad,
      maximize: o.maximize,
      decoupledWeightDecay: o.decoupledWeightDecay,
    })
  }

  protected update(group: ParamGroup<AdamOptions>): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = group
    const done: Ready[] = []
    for (const p of group.params) {
      const grad = p.gradient
      if (grad === null || p.count === 0) continue
      let state = this.state.get(p)
      if (!state) {
        const zeros = (): Tensor => filled([...p.sizes], 0, p.info)
        state = {
          step: 0,
          expAvg: zeros(),
          expAvgSq: zeros(),
          ...(amsgrad ? { maxExpAvgSq: zeros() } : {}),
        } as ParamState
        this.state.set(p, state)
      }
      state.step = Number(state.step) + 1
      if (!hasFusedStep(p)) {
        this.advance(p, grad, state, group)
        continue
      }
      const ready = inRows(p, grad)
      encode.adamStep(OP.adam_step, p.info, {
        param: ready.param,
        grad: ready.grad,
        expAvg: state.expAvg as Tensor,
        expAvgSq: state.expAvgSq as Tensor,
        maxExpAvgSq: amsgrad ? (state.maxExpAvgSq as Tensor) : null,
        n: p.count,
        lr,
        beta1: betas[0],
        beta2: betas[1],
        eps,
        weightDecay,
        decoupled: group.decoupledWeightDecay,
        maximize,
        step: state.step,
      })
      done.push(ready)
    }
    run()
    for (const r of done) r.finish()
  }

  /** A step in single operations. */
  private advance(p: Tensor, given: Tensor, state: ParamState, group: ParamGroup<AdamOptions>): void {
    const { lr, betas, weightDecay, decoupledWeightDecay } = group
    const expAvg = state.expAvg as Tensor
    const expAvgSq = state.expAvgSq as Tensor
    const turned = group.maximize ? given.neg() : given
    if (decoupledWeightDecay && weightDecay !== 0) p.mul_(1 - lr * weightDecay)
    const grad = decoupledWeightDecay ? turned : penalized(turned, p, weightDecay)
    expAvg.lerp_(grad, 1 - betas[0])
    expAvgSq.mul_(betas[1]).addcmul_(grad, grad, { value: 1 - betas[1] })
    let second = expAvgSq
    if (group.amsgrad) {
      second = state.maxExpAvgSq as Tensor
      second.copy_(second.maximum(expAvgSq))
    }
    const step = state.step as number
    const scale = second
      .sqrt()
      .div_(Math.sqrt(1 - betas[1] ** step))
      .add_(group.eps)
    p.addcdiv_(expAvg, scale, { value: -lr / (1 - betas[0] ** step) })
  }
}

/** Betas given as tensors of one element, without dims. */
const withoutDims = <B>(betas: B): B =>
  Array.isArray(betas) ? (betas.map((b: unknown) => (isTensor(b) && b.count === 1 ? b.reshape([]) : b)) as B) : betas

/** Options of `AdamW`. */
export type AdamWOptions = Omit<AdamOptions, 'decoupledWeightDecay'>
const W_NAMES = NAMES.filter((name) => name !== 'decoupledWeightDecay') as (keyof AdamWOptions)[]

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
export class AdamW extends Adam {
  constructor(
    params: Params<AdamWOptions, GivenAdam<AdamWOptions>>,
    options?: number | Tensor | GivenAdam<AdamWOptions>,
    rest?: GivenAdam<AdamWOptions>,
  ) {
    const given = optionsOf<Partial<AdamWOptions>>('AdamW', W_NAMES, options, rest)
    super(params, { weightDecay: 1e-2, ...given, decoupledWeightDecay: true })
  }
}
notePublic({ Adam, AdamW })
