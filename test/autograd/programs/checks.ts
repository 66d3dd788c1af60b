/** Programs of autograd.functional and gradcheck: test/oracle/autograd_checks.py in TypeScript. */
import { autograd, noGrad, ones, stack, type Tensor, tensor, zeros } from 'tenzo'
import { double, messageOf, type Program } from './log'

const { gradcheck, gradgradcheck } = autograd
const { hessian, hvp, jacobian, jvp, vhp, vjp } = autograd.functional

const sums = (x: Tensor) => x.exp().sum(1)
const cubes = (x: Tensor) => x.pow(3).sum()
const mixed = (x: Tensor, y: Tensor) => x.pow(2).mul(2).mul(y).add(y.pow(2).mul(3)).sum()
const pair = (x: Tensor, y: Tensor) => [x.mul(y), x.add(y.pow(2)).sum()]
const rows = (...r: number[][]) => tensor(r)
const X = rows([1, 2], [3, 4])
const Y = rows([0.5, -1], [2, 0])
const [X0, X1, Y0, Y1] = [X.at(0), X.at(1), Y.at(0), Y.at(1)]
/** A call whose types are wrong on purpose. */
const anyway = (f: unknown) => f as (...args: unknown[]) => unknown

let calls = 0
/** x.mul(2), with the gradient that `kind` says. */
class _Wrong extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor, kind: string): Tensor {
    ctx.kind = kind
    ctx.setMaterializeGrads(!kind.startsWith('undefined'))
    return x.mul(2)
  }
  static override backward(ctx: autograd.Context, g: Tensor | null): (Tensor | null)[] {
    calls++
    switch (ctx.kind) {
      case 'factor':
        return [g!.mul(3), null]
      case 'plus':
        return [g!.mul(2).add(1e-7), null]
      case 'reentrant':
        return [g!.mul(2).add(calls * 1e-9), null]
      case 'none':
        return [null, null]
    }
    if (g) return [g.mul(2), null]
    if (ctx.kind === 'undefined') throw new Error('cannot')
    return [ones([2], { dtype: 'float64' }), null]
  }
}
const wrong = (kind: string) => (x: Tensor) => _Wrong.apply(x, kind)

export const checks: Record<string, Program> = {
  functionalJacobian(log) {
    log(jacobian(sums, X.div(4)))
    log(jacobian(sums, X.div(4), { createGraph: true }))
    log(jacobian(mixed, [X, Y]))
    log(jacobian(pair, [X0, Y0]))
    log(jacobian((x: Tensor) => [x.mul(2), x.sum()], X0))
    const x = X0.clone().requiresGrad_()
    const self = (x: Tensor) => x.mul(x)
    log(jacobian(self, x), jacobian(self, x, { createGraph: true }))
    log(jacobian(self, x, { vectorize: true }))
    log(jacobian((x: Tensor, _y: Tensor) => x.mul(2), [X0, Y0]))
    log(jacobian(sums, X.div(4), { strategy: 'forward-mode', vectorize: true }))
  },

  functionalJacobianErrors(log) {
    log.fails(() => jacobian((x: Tensor, _y: Tensor) => x.mul(2), [X0, Y0], { strict: true }))
    log.fails(() => jacobian((_x: Tensor) => tensor([1]), X0, { strict: true }))
    log.fails(() => jacobian((x: Tensor) => x.mul(2), X0, { strict: true, createGraph: true }))
    log.fails(() => jacobian(sums, X, { strategy: 'sideways' as 'forward-mode' }))
    log.fails(() => jacobian(sums, X, { strategy: 'forward-mode', createGraph: true }))
    log.fails(() => jacobian(sums, X, { strategy: 'forward-mode' }))
    log.fails(() => jacobian(sums, X, { strict: true, vectorize: true }))
    log(jacobian((_x: Tensor) => tensor([1, 2]), X0))
  },

  functionalHessian(log) {
    log(hessian(cubes, X))
    log(hessian(cubes, X, { createGraph: true }))
    log(hessian(mixed, [X0, Y0]))
    log(hessian(cubes, X0, { vectorize: true }))
    log(hessian((x: Tensor) => x.sum(), X0))
    log(hessian((x: Tensor) => x.mul(x).sum().reshape([1]), X0))
  },

  functionalHessianErrors(log) {
    log.fails(() => hessian(sums, X))
    log.fails(() => anyway(hessian)(pair, [X, Y]))
    log.fails(() => hessian((x: Tensor) => x.sum(), X0, { strict: true }))
    log.fails(() => hessian((x: Tensor) => x.mul(x).sum(), X0, { strict: true, createGraph: true }))
    log.fails(() => hessian((x: Tensor, _y: Tensor) => x.mul(x).sum(), [X0, Y0], { strict: true }))
    log.fails(() => hessian(cubes, X, { outerJacobianStrategy: 'sideways' as 'forward-mode' }))
  },

  functionalVjp(log) {
    const v = tensor([1, 10])
    log(vjp(sums, X.div(4), v))
    log(vjp(cubes, X))
    log(vjp(mixed, [X, Y]))
    log(vjp(pair, [X0, Y0], [tensor([1, 2]), tensor(3)]))
    log(vjp(sums, X.div(4), v, { createGraph: true }))
    log(vjp(sums, X.div(4).requiresGrad_(), v, { createGraph: true }))
    log(vjp((x: Tensor, _y: Tensor) => x.sum(), [X, Y]))
  },

  functionalVjpErrors(log) {
    const one = tensor([1])
    log.fails(() => vjp(sums, X))
    log.fails(() => vjp(sums, X, one))
    log.fails(() => vjp(sums, X, [tensor([1, 2]), one]))
    log.fails(() => vjp(pair, [X, Y], [one, one]))
    log.fails(() => vjp(pair, [X, Y], one))
    log.fails(() => vjp((x: Tensor, _y: Tensor) => x.sum(), [X, Y], { strict: true }))
    log.fails(() => vjp((_x: Tensor) => tensor(1), X, { strict: true }))
    log.fails(() => vjp((x: Tensor) => x.sum(), X, { createGraph: true, strict: true }))
  },

  functionalJvp(log) {
    log(jvp(sums, X.div(4), ones([2, 2])))
    log(jvp(pair, [X0, Y0], [tensor([1, 2]), tensor([3, -1])]))
    log(jvp((x: Tensor) => x.mul(x), tensor(3)))
    log(jvp((x: Tensor) => x.mul(x), X0, X1, { createGraph: true }))
    log(jvp((x: Tensor) => x.mul(2), X0, X1))
    log(jvp((x: Tensor, _y: Tensor) => x.mul(2), [X0, Y0], [X1, Y1]))
    log(jvp((_x: Tensor) => tensor([1, 2]), X0, X1))
  },

  functionalJvpErrors(log) {
    log.fails(() => jvp(sums, X))
    log.fails(() => jvp(sums, X, tensor([1])))
    log.fails(() => jvp((x: Tensor, _y: Tensor) => x.mul(2), [X0, Y0], [X1, Y1], { strict: true }))
    log.fails(() => jvp((_x: Tensor) => tensor([1, 2]), X0, X1, { strict: true }))
  },

  functionalVhp(log) {
    log(vhp(cubes, X, ones([2, 2])))
    log(vhp(mixed, [X, Y], [ones([2, 2]), zeros([2, 2])]))
    log(vhp((x: Tensor) => x.mul(x).mul(x), tensor(3)))
    log(vhp(cubes, X, ones([2, 2]), { createGraph: true }))
    log(vhp((x: Tensor) => x.sum(), X, ones([2, 2])))
  },

  functionalHvp(log) {
    log(hvp(cubes, X, ones([2, 2])))
    log(hvp(mixed, [X, Y], [ones([2, 2]), zeros([2, 2])]))
    log(hvp((x: Tensor) => x.mul(x).mul(x), tensor(3)))
    log(hvp(cubes, X, ones([2, 2]), { createGraph: true }))
    log(hvp((x: Tensor) => x.sum(), X, ones([2, 2])))
  },

  functionalHvpErrors(log) {
    for (const f of [hvp, vhp]) {
      log.fails(() => f(cubes, X))
      log.fails(() => f(sums, X, X))
      log.fails(() => anyway(f)(pair, [X, Y], [X, Y]))
      log.fails(() => f(cubes, X, tensor([1])))
      log.fails(() => f(mixed, [X, Y], [X, tensor([1])]))
      log.fails(() => f(mixed, [X, Y], X))
      log.fails(() => f((x: Tensor) => x.sum(), X, X, { strict: true }))
      log.fails(() => f((x: Tensor) => x.mul(x).sum(), X, X, { strict: true, createGraph: true }))
    }
  },

  functionalModes(log) {
    noGrad(() => {
      log(jacobian((x: Tensor) => x.mul(x), X0))
      log(hessian(cubes, X0))
      log(vjp(cubes, X0))
      log(jvp((x: Tensor) => x.mul(x), X0, X1))
      log(hvp(cubes, X0, X1))
    })
  },

  checkPasses(log) {
    const [x, y] = [double(1, 2), double(3, 4)]
    log(gradcheck((x: Tensor) => x.mul(x), x))
    log(gradcheck((x: Tensor, y: Tensor) => x.mul(y), [x, y]))
    log(gradcheck((x: Tensor, y: Tensor) => [x.mul(y), x.add(y)], [x, y]))
    log(gradcheck((x: Tensor) => [x.mul(x), x.detach()], x))
    log(gradcheck((x: Tensor, k: number) => x.mul(k), [x, 3]))
    log(gradcheck((x: Tensor) => x.mul(x), x, { fastMode: true }))
    log(gradcheck((x: Tensor, y: Tensor) => x.mul(y.detach()), [x, y], { raiseException: false }))
    log(gradgradcheck((x: Tensor, y: Tensor) => x.mul(x).mul(y), [x, y]))
    log(gradgradcheck((x: Tensor) => x.pow(3), x, { genNonContigGradOutputs: true }))
    log(gradgradcheck((x: Tensor) => x.pow(3), x, double(1, -1)))
    log(gradgradcheck((x: Tensor) => x.pow(3), x, { fastMode: true }))
  },

  checkMismatch(log) {
    const [x, y] = [double(1, 2), double(3)]
    log.fails(() => gradcheck(wrong('factor'), x))
    log(gradcheck(wrong('factor'), x, { raiseException: false }))
    log.fails(() => gradcheck((x: Tensor, y: Tensor) => [x.add(y), wrong('factor')(x).mul(y)], [x, y]))
    log.fails(() => gradcheck(wrong('none'), x))
    log.fails(() => gradcheck((x: Tensor) => x.detach().mul(x), x))
    log.fails(() => gradcheck((x: Tensor) => wrong('factor')(x).mul(x.reshape([2, 1])), x))
  },

  checkNoDifferentiableOutputs(log) {
    const x = double(1.5, 2.5)
    log.fails(() => gradcheck((x: Tensor) => x.detach().mul(2), x))
    log(gradcheck((x: Tensor) => x.detach().mul(0), x))
    log(gradcheck((x: Tensor) => x.floor().detach(), x))
    log(gradcheck((x: Tensor) => x.argmax(), x))
    log.fails(() => gradcheck((x: Tensor) => x.detach().mul(2), x, { fastMode: true }))
  },

  checkNotMultiplied(log) {
    log.fails(() => gradcheck(wrong('plus'), double(1, 2)))
  },

  checkReentrant(log) {
    const x = double(1, 2)
    log.fails(() => gradcheck(wrong('reentrant'), x))
    log.fails(() => gradcheck(wrong('reentrant'), x, { nondetTol: 1e-6 }))
  },

  checkUndefined(log) {
    const x = double(1, 2)
    log.fails(() => gradcheck(wrong('undefined'), x))
    log.fails(() => gradcheck(wrong('undefined value'), x))
    log(gradcheck(wrong('undefined'), x, { checkUndefinedGrad: false }))
  },

  checkInputs(log) {
    const x = double(1, 2)
    const by2 = (x: Tensor) => x.mul(2)
    log.fails(() => gradcheck(by2, tensor([1])))
    log.fails(() => gradcheck(by2, double(1).detach().expand([3]).requiresGrad_()))
    log.fails(() => gradcheck(by2, x, { checkBackwardAd: false }))
    log.fails(() => gradcheck(by2, x, { checkBackwardAd: false, checkBatchedGrad: true, checkForwardAd: true }))
    log.fails(() => gradcheck(by2, x, { checkBatchedForwardGrad: true }))
    log.fails(() => gradgradcheck(by2, x, { checkRevOverRev: false }))
    const caught: string[] = []
    const { emitWarning } = process
    process.emitWarning = (w: string | Error) => void caught.push(String(w))
    try {
      const single = tensor([1, 2], { requiresGrad: true })
      log(gradcheck((x: Tensor) => x.mul(x), single, { eps: 1e-2, atol: 1e-2 }))
    } finally {
      process.emitWarning = emitWarning
    }
    log(caught[0])
  },

  checkFast(log) {
    const x = double(1, 2)
    const said = messageOf(() => gradcheck(wrong('factor'), x, { fastMode: true }))
    log(said)
    log(gradcheck(wrong('factor'), x, { fastMode: true, raiseException: false }))
    log.fails(() =>
      gradcheck((x: Tensor, y: Tensor) => [x.mul(y), wrong('factor')(x).sum()], [x, double(3, 4)], { fastMode: true }),
    )
  },

  checkPerturbedShape(log) {
    const x = double(1, 2)
    const above = (x: Tensor) => (x.at(0).item() as number) > 1
    log.fails(() => gradcheck((x: Tensor) => x.narrow(0, 0, above(x) ? 1 : 2).mul(2), x))
    log.fails(() => gradcheck((x: Tensor) => x.mul(2).to(above(x) ? 'float32' : 'float64'), x))
  },

  checkSecondOrder(log) {
    class Lost extends autograd.Function {
      static override forward(ctx: autograd.Context, x: Tensor): Tensor {
        ctx.x = x.detach()
        return x.mul(x)
      }
      static override backward(ctx: autograd.Context, g: Tensor) {
        return g.mul(2).mul(ctx.x as Tensor)
      }
    }
    const x = double(1, 2)
    log(gradcheck((x: Tensor) => Lost.apply(x), x))
    log.fails(() => gradgradcheck((x: Tensor) => Lost.apply(x), x, double(1, 1)))
  },

  checkSeveralRows(log) {
    const x = stack([double(1, 2), double(3, 4)])
      .detach()
      .requiresGrad_()
    log.fails(() => gradcheck((x: Tensor) => wrong('factor')(x).sum(0), x))
  },
}
