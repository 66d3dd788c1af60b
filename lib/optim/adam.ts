import { ValueError } from '../errors'
import { filled, optionsOf } from '../ops/core'
import { command, run } from '../runtime/commands'
import { OP } from '../runtime/opcodes'
import type { Tensor } from '../tensor/tensor'
import { inCompute, type Ready } from './fused'
import { Optimizer, type ParamGroup, type ParamState, type Params } from './optimizer'

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
}
const NAMES = ['lr', 'betas', 'eps', 'weightDecay', 'amsgrad', 'maximize'] as const
const DEFAULTS: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
}

/** Adam (Kingma and Ba 2015). One fused pass a parameter. */
export class Adam extends Optimizer<AdamOptions> {
  /** Whether the decay acts on the weights themselves (AdamW) instead of the gradient. */
  protected readonly decoupled: boolean = false

  constructor(params: Params<AdamOptions>, options?: number | Partial<AdamOptions>, rest?: Partial<AdamOptions>) {
    super(params, { ...DEFAULTS, ...optionsOf<Partial<AdamOptions>>('Adam', NAMES, options, rest) })
  }

  protected validate(o: AdamOptions): void {
    if (!(o.lr >= 0)) throw new ValueError(`Invalid learning rate: ${o.lr}`)
    if (!(o.eps >= 0)) throw new ValueError(`Invalid epsilon value: ${o.eps}`)
    if (!Array.isArray(o.betas) || o.betas.length !== 2) throw new ValueError('Adam: betas must be two numbers')
    o.betas.forEach((b, i) => {
      if (!(b >= 0 && b < 1)) throw new ValueError(`Invalid beta parameter at index ${i}: ${b}`)
    })
    if (!(o.weightDecay >= 0)) throw new ValueError(`Invalid weight_decay value: ${o.weightDecay}`)
  }

  protected update(group: ParamGroup<AdamOptions>): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = group
    const done: Ready[] = []
    for (const p of group.params) {
      const grad = p.gradient
      if (grad === null || p.count === 0) continue
      const ready = inCompute(p, grad)
      let state = this.state.get(p)
      if (!state) {
        const zeros = (): Tensor => filled([...p.sizes], 0, ready.param.info)
        state = {
          step: 0,
          expAvg: zeros(),
          expAvgSq: zeros(),
          ...(amsgrad ? { maxExpAvgSq: zeros() } : {}),
        } as ParamState
        this.state.set(p, state)
      }
      state.step = Number(state.step) + 1
      command(OP.adam_step, ready.param.info, ready.param.info, [
        p.count,
        ready.param.address,
        ready.grad.address,
        (state.expAvg as Tensor).address,
        (state.expAvgSq as Tensor).address,
        amsgrad ? (state.maxExpAvgSq as Tensor).address : 0,
        lr,
        betas[0],
        betas[1],
        eps,
        weightDecay,
        this.decoupled ? 1 : 0,
        maximize ? 1 : 0,
        state.step,
      ])
      done.push(ready)
    }
    run()
    for (const r of done) r.finish()
  }
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
export class AdamW extends Adam {
  protected override readonly decoupled = true
  constructor(params: Params<AdamOptions>, options?: number | Partial<AdamOptions>, rest?: Partial<AdamOptions>) {
    super(params, { weightDecay: 1e-2, ...optionsOf<Partial<AdamOptions>>('AdamW', NAMES, options, rest) })
  }
}
