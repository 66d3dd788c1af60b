/** The custom layers of the tutorials, beside the built-in ones. */
import { autograd, matmul, nn, noGrad, randn, sqrt, type Tensor, zeros } from 'tenzo'

/** Takes the mean off: a layer without parameters. */
export class CenteredLayer extends nn.Module {
  forward(x: Tensor): Tensor {
    return x.sub(x.mean())
  }
}

/** A fully connected layer of one's own: any Parameter that is assigned is registered. */
export class MyLinear extends nn.Module {
  weight: nn.Parameter
  bias: nn.Parameter
  constructor(inUnits: number, units: number) {
    super()
    this.weight = new nn.Parameter(randn(inUnits, units).mul(Math.sqrt(2 / inUnits)))
    this.bias = new nn.Parameter(zeros(units))
  }
  forward(x: Tensor): Tensor {
    return matmul(x, this.weight).add(this.bias).relu()
  }
}

/** Brings each channel of a batch to mean 0 and variance 1, with a gradient written by hand. */
export class ChannelWiseNormalization extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, eps: number): Tensor {
    const over = [0, 2, 3]
    const std = sqrt(x.var(over, { correction: 0, keepdim: true }).add(eps))
    const y = x.sub(x.mean(over, { keepdim: true })).div(std)
    ctx.saveForBackward(y, std)
    return y
  }
  static backward(ctx: autograd.Context, g: Tensor): (Tensor | null)[] {
    const [y, std] = ctx.savedTensors as [Tensor, Tensor]
    const mean = (t: Tensor): Tensor => t.mean([0, 2, 3], { keepdim: true })
    return [
      g
        .sub(mean(g))
        .sub(y.mul(mean(g.mul(y))))
        .div(std),
      null,
    ]
  }
}
export class ChannelNorm extends nn.Module {
  forward(x: Tensor): Tensor {
    return ChannelWiseNormalization.apply(x, 1e-5)
  }
}

/** Takes off a running mean of its inputs: state that is saved with the network, but not trained. */
export class RunningCentre extends nn.Module {
  declare runningMean: Tensor
  constructor(features: number) {
    super()
    this.registerBuffer('runningMean', zeros(features))
  }
  forward(x: Tensor): Tensor {
    // Under noGrad, or the graphs of all steps would hang together.
    if (this.training) noGrad(() => this.runningMean.mul_(0.99).add_(x.mean(0), { alpha: 0.01 }))
    return x.sub(this.runningMean)
  }
}
