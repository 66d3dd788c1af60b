"""Programs of autograd.functional and gradcheck (see autograd.py)."""
import torch
from torch import tensor
from torch.autograd import Function, gradcheck, gradgradcheck
from torch.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp

from .common import double, leaf


def _sums(x):
    return x.exp().sum(1)


def _cubes(x):
    return x.pow(3).sum()


def _mixed(x, y):
    return (2 * x.pow(2) * y + 3 * y.pow(2)).sum()


def _pair(x, y):
    return x * y, (x + y.pow(2)).sum()


X = tensor([[1., 2.], [3., 4.]])
Y = tensor([[0.5, -1.], [2., 0.]])


def functional_jacobian(log):
    log(jacobian(_sums, X / 4))
    log(jacobian(_sums, X / 4, create_graph=True))
    log(jacobian(_mixed, (X, Y)))
    log(jacobian(_pair, (X[0], Y[0])))
    log(jacobian(lambda x: (x * 2, x.sum()), X[0]))
    x = X[0].clone().requires_grad_()
    log(jacobian(lambda x: x * x, x), jacobian(lambda x: x * x, x, create_graph=True))
    log(jacobian(lambda x: x * x, x, vectorize=True))
    log(jacobian(lambda x, y: x * 2, (X[0], Y[0])))
    log(jacobian(_sums, X / 4, strategy='forward-mode', vectorize=True))


def functional_jacobian_errors(log):
    log.fails(lambda: jacobian(lambda x, y: x * 2, (X[0], Y[0]), strict=True))
    log.fails(lambda: jacobian(lambda x: tensor([1.]), X[0], strict=True))
    log.fails(lambda: jacobian(lambda x: x * 2, X[0], strict=True, create_graph=True))
    log.fails(lambda: jacobian(_sums, X, strategy='sideways'))
    log.fails(lambda: jacobian(_sums, X, strategy='forward-mode', create_graph=True))
    log.fails(lambda: jacobian(_sums, X, strategy='forward-mode'))
    log.fails(lambda: jacobian(_sums, X, strict=True, vectorize=True))
    log(jacobian(lambda x: tensor([1., 2.]), X[0]))


def functional_hessian(log):
    log(hessian(_cubes, X))
    log(hessian(_cubes, X, create_graph=True))
    log(hessian(_mixed, (X[0], Y[0])))
    log(hessian(_cubes, X[0], vectorize=True))
    log(hessian(lambda x: x.sum(), X[0]))
    log(hessian(lambda x: (x * x).sum().reshape([1]), X[0]))


def functional_hessian_errors(log):
    log.fails(lambda: hessian(_sums, X))
    log.fails(lambda: hessian(_pair, (X, Y)))
    log.fails(lambda: hessian(lambda x: x.sum(), X[0], strict=True))
    log.fails(lambda: hessian(lambda x: (x * x).sum(), X[0], strict=True, create_graph=True))
    log.fails(lambda: hessian(lambda x, y: (x * x).sum(), (X[0], Y[0]), strict=True))
    log.fails(lambda: hessian(_cubes, X, outer_jacobian_strategy='sideways'))


def functional_vjp(log):
    log(vjp(_sums, X / 4, tensor([1., 10.])))
    log(vjp(_cubes, X))
    log(vjp(_mixed, (X, Y)))
    log(vjp(_pair, (X[0], Y[0]), (tensor([1., 2.]), tensor(3.))))
    log(vjp(_sums, X / 4, tensor([1., 10.]), create_graph=True))
    x = (X / 4).requires_grad_()
    log(vjp(_sums, x, tensor([1., 10.]), create_graph=True))
    log(vjp(lambda x, y: x.sum(), (X, Y)))


def functional_vjp_errors(log):
    log.fails(lambda: vjp(_sums, X))
    log.fails(lambda: vjp(_sums, X, tensor([1.])))
    log.fails(lambda: vjp(_sums, X, (tensor([1., 2.]), tensor([1.]))))
    log.fails(lambda: vjp(_pair, (X, Y), (tensor([1.]), tensor([1.]))))
    log.fails(lambda: vjp(_pair, (X, Y), tensor([1.])))
    log.fails(lambda: vjp(lambda x, y: x.sum(), (X, Y), strict=True))
    log.fails(lambda: vjp(lambda x: tensor(1.), X, strict=True))
    log.fails(lambda: vjp(lambda x: x.sum(), X, create_graph=True, strict=True))


def functional_jvp(log):
    log(jvp(_sums, X / 4, torch.ones([2, 2])))
    log(jvp(_pair, (X[0], Y[0]), (tensor([1., 2.]), tensor([3., -1.]))))
    log(jvp(lambda x: x * x, tensor(3.)))
    log(jvp(lambda x: x * x, X[0], X[1], create_graph=True))
    log(jvp(lambda x: x * 2, X[0], X[1]))
    log(jvp(lambda x, y: x * 2, (X[0], Y[0]), (X[1], Y[1])))
    log(jvp(lambda x: tensor([1., 2.]), X[0], X[1]))


def functional_jvp_errors(log):
    log.fails(lambda: jvp(_sums, X))
    log.fails(lambda: jvp(_sums, X, tensor([1.])))
    log.fails(lambda: jvp(lambda x, y: x * 2, (X[0], Y[0]), (X[1], Y[1]), strict=True))
    log.fails(lambda: jvp(lambda x: tensor([1., 2.]), X[0], X[1], strict=True))


def _products(f, log):
    log(f(_cubes, X, torch.ones([2, 2])))
    log(f(_mixed, (X, Y), (torch.ones([2, 2]), torch.zeros([2, 2]))))
    log(f(lambda x: x * x * x, tensor(3.)))
    log(f(_cubes, X, torch.ones([2, 2]), create_graph=True))
    log(f(lambda x: x.sum(), X, torch.ones([2, 2])))


def functional_vhp(log):
    _products(vhp, log)


def functional_hvp(log):
    _products(hvp, log)


def functional_hvp_errors(log):
    for f in (hvp, vhp):
        log.fails(lambda: f(_cubes, X))
        log.fails(lambda: f(_sums, X, X))
        log.fails(lambda: f(_pair, (X, Y), (X, Y)))
        log.fails(lambda: f(_cubes, X, tensor([1.])))
        log.fails(lambda: f(_mixed, (X, Y), (X, tensor([1.]))))
        log.fails(lambda: f(_mixed, (X, Y), X))
        log.fails(lambda: f(lambda x: x.sum(), X, X, strict=True))
        log.fails(lambda: f(lambda x: (x * x).sum(), X, X, strict=True, create_graph=True))


def functional_modes(log):
    with torch.no_grad():
        log(jacobian(lambda x: x * x, X[0]))
        log(hessian(_cubes, X[0]))
        log(vjp(_cubes, X[0]))
        log(jvp(lambda x: x * x, X[0], X[1]))
        log(hvp(_cubes, X[0], X[1]))


class _Wrong(Function):
    """x * 2, with the gradient that `kind` says."""
    calls = 0

    def forward(ctx, x, kind):
        ctx.kind = kind
        ctx.set_materialize_grads(kind not in ('undefined', 'undefined value'))
        return x * 2

    def backward(ctx, g):
        _Wrong.calls += 1
        if ctx.kind == 'factor':
            return g * 3, None
        if ctx.kind == 'plus':
            return g * 2 + 1e-7, None
        if ctx.kind == 'reentrant':
            return g * 2 + _Wrong.calls * 1e-9, None
        if ctx.kind == 'none':
            return None, None
        if ctx.kind == 'undefined' and g is None:
            raise RuntimeError('cannot')
        if ctx.kind == 'undefined value' and g is None:
            return torch.ones([2], dtype=torch.float64), None
        return g * 2, None


def check_passes(log):
    x, y = double(1., 2.), double(3., 4.)
    log(gradcheck(lambda x: x * x, x))
    log(gradcheck(lambda x, y: x * y, [x, y]))
    log(gradcheck(lambda x, y: (x * y, x + y), (x, y)))
    log(gradcheck(lambda x: (x * x, x.detach()), x))
    log(gradcheck(lambda x, k: x * k, (x, 3)))
    log(gradcheck(lambda x: x * x, x, fast_mode=True))
    log(gradcheck(lambda x, y: x * y.detach(), (x, y), raise_exception=False))
    log(gradgradcheck(lambda x, y: x * x * y, [x, y]))
    log(gradgradcheck(lambda x: x ** 3, x, gen_non_contig_grad_outputs=True))
    log(gradgradcheck(lambda x: x ** 3, x, double(1., -1.)))
    log(gradgradcheck(lambda x: x ** 3, x, fast_mode=True))


def check_mismatch(log):
    x = double(1., 2.)
    log.fails(lambda: gradcheck(lambda x: _Wrong.apply(x, 'factor'), x))
    log(gradcheck(lambda x: _Wrong.apply(x, 'factor'), x, raise_exception=False))
    y = double(3.)
    log.fails(lambda: gradcheck(lambda x, y: (x + y, _Wrong.apply(x, 'factor') * y), (x, y)))
    log.fails(lambda: gradcheck(lambda x: _Wrong.apply(x, 'none'), x))
    log.fails(lambda: gradcheck(lambda x: x.detach() * x, x))
    log.fails(lambda: gradcheck(lambda x: _Wrong.apply(x, 'factor') * x.reshape([2, 1]), x))


def check_no_differentiable_outputs(log):
    x = double(1.5, 2.5)
    log.fails(lambda: gradcheck(lambda x: x.detach() * 2, x))
    log(gradcheck(lambda x: x.detach() * 0, x))
    log(gradcheck(lambda x: x.floor().detach(), x))
    log(gradcheck(lambda x: x.argmax(), x))
    log.fails(lambda: gradcheck(lambda x: x.detach() * 2, x, fast_mode=True))


def check_not_multiplied(log):
    x = double(1., 2.)
    log.fails(lambda: gradcheck(lambda x: _Wrong.apply(x, 'plus'), x))


def check_reentrant(log):
    x = double(1., 2.)
    log.fails(lambda: gradcheck(lambda x: _Wrong.apply(x, 'reentrant'), x))
    log.fails(lambda: gradcheck(lambda x: _Wrong.apply(x, 'reentrant'), x, nondet_tol=1e-6))


def check_undefined(log):
    x = double(1., 2.)
    log.fails(lambda: gradcheck(lambda x: _Wrong.apply(x, 'undefined'), x))
    log.fails(lambda: gradcheck(lambda x: _Wrong.apply(x, 'undefined value'), x))
    log(gradcheck(lambda x: _Wrong.apply(x, 'undefined'), x, check_undefined_grad=False))


def check_inputs(log):
    x = double(1., 2.)
    log.fails(lambda: gradcheck(lambda x: x * 2, tensor([1.])))
    log.fails(lambda: gradcheck(lambda x: x * 2, double(1.).detach().expand([3]).requires_grad_()))
    log.fails(lambda: gradcheck(lambda x: x * 2, x, check_backward_ad=False))
    log.fails(lambda: gradcheck(lambda x: x * 2, x, check_backward_ad=False, check_batched_grad=True, check_forward_ad=True))
    log.fails(lambda: gradcheck(lambda x: x * 2, x, check_batched_forward_grad=True))
    log.fails(lambda: gradgradcheck(lambda x: x * 2, x, check_rev_over_rev=False))
    log(log.warned(lambda: log(gradcheck(lambda x: x * x, leaf(1., 2.), eps=1e-2, atol=1e-2)))[0])


def check_fast(log):
    x = double(1., 2.)
    log.fails(lambda: gradcheck(lambda x: _Wrong.apply(x, 'factor'), x, fast_mode=True))
    log(gradcheck(lambda x: _Wrong.apply(x, 'factor'), x, fast_mode=True, raise_exception=False))
    log.fails(lambda: gradcheck(lambda x, y: (x * y, _Wrong.apply(x, 'factor').sum()), (x, double(3., 4.)), fast_mode=True))


def check_perturbed_shape(log):
    x = double(1., 2.)
    log.fails(lambda: gradcheck(lambda x: x[:1 if x[0] > 1 else 2] * 2, x))
    log.fails(lambda: gradcheck(lambda x: (x * 2).to(torch.float32 if x[0] > 1 else torch.float64), x))


def check_second_order(log):
    class Lost(Function):
        def forward(ctx, x):
            ctx.x = x.detach()
            return x * x

        def backward(ctx, g):
            return g * 2 * ctx.x
    x = double(1., 2.)
    log(gradcheck(lambda x: Lost.apply(x), x))
    log.fails(lambda: gradgradcheck(lambda x: Lost.apply(x), x, double(1., 1.)))


def check_several_rows(log):
    x = tensor([[1., 2.], [3., 4.]], dtype=torch.float64, requires_grad=True)
    log.fails(lambda: gradcheck(lambda x: _Wrong.apply(x, 'factor').sum(0), x))
