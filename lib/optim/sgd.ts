import { ValueError } from '../errors'
import { optionsOf } from '../check/options'
import { run } from '../runtime/commands'
import * as encode from '../runtime/encoders'
import { OP } from '../runtime/opcodes'
import type { Tensor } from '../tensor/tensor'
import { checkFlags, checkLearningRate, checkNotNegative, checkNumbers, checkWeightDecay } from './checks'
import { hasFusedStep, inRows, type Ready } from './fused'
import { type Given, Optimizer, type ParamGroup, type Params } from './optimizer'
import { penalized } from './stepwise'

/** Options of `SGD`. */
export interface SGDOptions {
  /** The learning rate. Default 1e-3. */
  lr: number
  /** Default 0. */
  momentum: number
  /** Taken off the gradient's share of the momentum. Default 0. */
  dampening: number
  /** L2 penalty. Default 0. */
  weightDecay: number
  /** Nesterov momentum. Default false. */
  nesterov: boolean
  /** Go up the gradient instead of down. Default false. */
  maximize: boolean
}
const NAMES = ['lr', 'momentum', 'dampening', 'weightDecay', 'nesterov', 'maximize'] as const

/** Stochastic gradient descent, with momentum (Sutskever et al. 2013). One fused pass a parameter. */
export class SGD extends Optimizer<SGDOptions> {
  constructor(params: Params<SGDOptions>, options?: number | Tensor | Given<SGDOptions>, rest?: Given<SGDOptions>) {
    const o = optionsOf<Partial<SGDOptions>>('SGD', NAMES, options, rest)
    super(params, {
      lr: 1e-3,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      maximize: false,
      ...o,
    })
  }

  protected override get fixedOptions() {
    return { differentiable: false, foreach: null, fused: null }
  }

  protected validate(o: SGDOptions): void {
    checkLearningRate(o.lr)
    checkNotNegative('momentum value', o.momentum)
    checkWeightDecay(o.weightDecay)
    if (o.nesterov && (o.momentum <= 0 || o.dampening !== 0))
      throw new ValueError('Nesterov momentum requires a momentum and zero dampening')
    checkNumbers('SGD', { dampening: o.dampening })
    checkFlags('SGD', { nesterov: o.nesterov, maximize: o.maximize })
  }

  protected update(group: ParamGroup<SGDOptions>): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group
    const done: Ready[] = []
    for (const p of group.params) {
      const grad = p.gradient
      if (grad === null || p.count === 0) continue
      if (!hasFusedStep(p)) {
        this.advance(p, grad, group)
        continue
      }
      const ready = inRows(p, grad)
      let buffer: Tensor | null = null
      let first = false
      if (momentum !== 0) {
        const state = this.state.get(p)
        const had = (state?.momentumBuffer ?? null) as Tensor | null
        first = had === null
        buffer = had ?? ready.param.detach().clone()
        if (first) this.state.set(p, { momentumBuffer: buffer })
      }
      encode.sgdStep(OP.sgd_step, p.info, {
        param: ready.param,
        grad: ready.grad,
        buffer,
        n: p.count,
        lr,
        momentum,
        dampening,
        weightDecay,
        nesterov,
        maximize,
        first,
      })
      done.push(ready)
    }
    run()
    for (const r of done) r.finish()
  }

  /** A step in single operations. */
  private advance(p: Tensor, given: Tensor, group: ParamGroup<SGDOptions>): void {
    const { lr, momentum, dampening, nesterov } = group
    const grad = penalized(group.maximize ? given.neg() : given, p, group.weightDecay)
    let update = grad
    if (momentum !== 0) {
      let buffer = (this.state.get(p)?.momentumBuffer ?? null) as Tensor | null
      if (buffer === null) {
        buffer = grad.detach().clone()
        this.state.set(p, { momentumBuffer: buffer })
      } else buffer.mul_(momentum).add_(grad, { alpha: 1 - dampening })
      update = nesterov ? grad.add(buffer, { alpha: momentum }) : buffer
    }
    p.add_(update, { alpha: -lr })
  }
}
