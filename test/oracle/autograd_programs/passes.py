"""Programs of backward, grad, leaves and modes (see autograd.py)."""
import torch
from torch import tensor
from torch.autograd import Function, backward, grad

from .common import leaf


def backward_errors(log):
    x = leaf(1., 2.)
    y = x * 2
    log.fails(lambda: y.backward())
    log.fails(lambda: y.backward(torch.ones([3])))
    log.fails(lambda: y.backward(torch.ones([2, 1])))
    log.fails(lambda: tensor([1.]).backward())
    log.fails(lambda: backward([y.sum(), tensor(1.)]))
    log.fails(lambda: backward([y.sum(), y], grad_tensors=[None, None]))
    log.fails(lambda: backward([y, y.sum()], grad_tensors=[torch.ones([2])]))
    log.fails(lambda: backward([y.sum()], grad_tensors=[tensor(1.), tensor(2.)]))
    log.fails(lambda: y.sum().backward(inputs=[]))
    log.fails(lambda: y.sum().backward(inputs=tensor([1.])))
    log.fails(lambda: backward([]))
    log(x.grad)


def backward_twice(log):
    x = leaf(1., 2.)
    y = (x * x).sum()
    y.backward()
    log.fails(lambda: y.backward())
    z = (x + x).sum()
    z.backward()
    log.fails(lambda: z.backward())
    log(x.grad)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    log(x.grad)


def backward_twice_partly(log):
    x = leaf(1., 2.)
    y = x.exp()
    y.sum().backward()
    log.fails(lambda: (y * 2).sum().backward())
    log(x.grad)


def backward_gradient_dtype(log):
    x = leaf(1., 2.)
    y = x * 2
    y.backward(tensor([1., 10.], dtype=torch.float64))
    log(x.grad)
    y = x * 2
    y.backward(tensor([1, 10]))
    log(x.grad)


def backward_several_roots(log):
    x, y = leaf(1., 2.), leaf(3., 4.)
    a, b = x * y, x + y
    backward([a, b], grad_tensors=[torch.ones([2]), tensor([10., 100.])])
    log(x.grad, y.grad)
    a = (x * y).sum()
    backward([a, a], grad_tensors=[None, None])
    log(x.grad, y.grad)
    log.fails(lambda: backward([a, tensor(3.)], grad_tensors=[None, tensor(1.)]))


def backward_root_inside(log):
    x = leaf(1., 2.)
    a = x * 2
    b = a * 3
    backward([a.sum(), b.sum()])
    log(x.grad)
    backward([x, x * 2], grad_tensors=[torch.ones([2]), torch.ones([2])])
    log(x.grad)


def backward_inputs(log):
    x, y = leaf(1., 2.), leaf(3., 4.)
    a = x * y
    b = a * a
    b.sum().backward(inputs=[x], retain_graph=True)
    log(x.grad, y.grad, a.retains_grad)
    b.sum().backward(inputs=[a, y], retain_graph=True)
    log(x.grad, y.grad, a.grad, a.retains_grad)
    b.sum().backward(inputs=x)
    log(x.grad)


def backward_inputs_unreached(log):
    x, y = leaf(1., 2.), leaf(3., 4.)
    (x * 2).sum().backward(inputs=[x, y])
    log(x.grad, y.grad)


def backward_inputs_freed(log):
    x, y = leaf(1., 2.), leaf(3., 4.)
    a = x.exp()
    b = y.exp()
    c = (a * b).sum()
    c.backward(inputs=[x])
    log(x.grad, y.grad)
    log.fails(lambda: (b * 1).sum().backward())
    log(y.grad)


def backward_create_graph(log):
    x = leaf(1., 2.)
    (x ** 3).sum().backward(create_graph=True)
    log(x.grad)
    g = x.grad
    x.grad = None
    g.sum().backward()
    log(x.grad)


def backward_create_graph_adds(log):
    x = leaf(2.)
    (x ** 2).backward(create_graph=True)
    first = x.grad
    (x ** 3).backward(create_graph=True)
    log(first, x.grad, first is x.grad)
    x = leaf(2.)
    (x ** 2).backward()
    first = x.grad
    (x ** 3).backward()
    log(first, x.grad, first is x.grad)


def grad_accumulates_in_place(log):
    x = leaf(1., 2.)
    (x * 2).sum().backward()
    g = x.grad
    v = g._version
    (x * 2).sum().backward()
    log(g, g is x.grad, g._version - v)
    x.grad = None
    (x * 2).sum().backward()
    log(g, x.grad)


def grad_assigned(log):
    x = leaf(1., 2.)

    def assign(v):
        def f():
            x.grad = v
        return f
    log.fails(assign(torch.ones([3])))
    log.fails(assign(torch.ones([1, 2])))
    log.fails(assign(torch.ones([2], dtype=torch.float64)))
    log.fails(assign(x))
    x.grad = torch.ones([2])
    log(x.grad)
    (x * 2).sum().backward()
    log(x.grad)
    x.grad = torch.ones([2], requires_grad=True) * 3
    log(x.grad)
    plain = tensor([1., 2.])
    plain.grad = torch.ones([2])
    log(plain.grad)


def grad_layout(log):
    x = torch.ones([2, 3]).t().requires_grad_()
    (x * 2).sum().backward()
    log(x.stride(), x.grad.stride())
    w = torch.ones([3, 2], requires_grad=True)
    (w.t() * torch.ones([2, 3])).sum().backward()
    log(w.grad.stride())
    e = torch.ones([1, 3]).expand([2, 3]).detach().requires_grad_()
    (e * 2).sum().backward()
    log(e.grad.stride())
    s = torch.ones([4, 6])[:, ::2].detach().requires_grad_()
    (s * 2).sum().backward()
    log(s.grad.stride())


def grad_of_intermediate(log):
    x = leaf(1., 2.)
    y = x * 2
    (y * 3).sum().backward()
    log(x.grad)
    log(grad((x * x).sum(), x))


def grad_errors(log):
    x, y = leaf(1., 2.), leaf(3., 4.)
    z = (x * 2).sum()
    log.fails(lambda: grad(z, y))
    log.fails(lambda: grad(z, tensor([1.])))
    log.fails(lambda: grad(z, []))
    log.fails(lambda: grad(x * 2, x))
    log.fails(lambda: grad(tensor(1.), x))
    log.fails(lambda: grad(z, [x, y], allow_unused=False, materialize_grads=True))
    log.fails(lambda: grad(z, x, torch.ones([2])))
    log.fails(lambda: grad([z, z], x, [torch.ones([])]))
    log(grad(z, [x, y], allow_unused=True))


def grad_unused(log):
    x, y = leaf(1., 2.), leaf(3., 4.)
    log(grad((x * 2).sum(), [x, y], allow_unused=True))
    log(grad((x * 2).sum(), [x, y], materialize_grads=True))
    log(grad((x * 2).sum(), [x, y], materialize_grads=True, create_graph=True))
    w = x * 1
    log(grad((x * 2).sum(), [w], allow_unused=True))


def grad_several_outputs(log):
    x, y = leaf(1., 2.), leaf(3., 4.)
    a, b = x * y, x + y
    log(grad([a, b], [x, y], [torch.ones([2]), tensor([10., 100.])]))
    a = (x * y).sum()
    log(grad([a, a * 2], [x, y]))


def grad_of_output_itself(log):
    x = leaf(1., 2.)
    y = x * 2
    log(grad(y, [y, x], tensor([1., 10.])))
    log(grad(x, x, tensor([1., 10.])))
    z = leaf(3.)
    log(grad(z, z))
    z.backward()
    log(z.grad)


def grad_same_input_twice(log):
    x = leaf(1., 2.)
    log(grad((x * 3).sum(), [x, x]))


def grad_of_dict(log):
    x, y = leaf(1., 2.), leaf(3., 4.)
    log(list(grad((x * y).sum(), {'x': x, 'y': y}).items()))


def grad_batched(log):
    x = leaf(1., 2.)
    seeds = tensor([[1., 0.], [0., 1.], [2., 3.]])
    log(grad(x * x, x, seeds, is_grads_batched=True))
    log(grad(x * x, x, seeds, is_grads_batched=True, create_graph=True)[0].sum())
    log.fails(lambda: grad(x * x, x, torch.ones([2]), is_grads_batched=True))


def grad_keeps_leaf_grad(log):
    x = leaf(1., 2.)
    (x * 2).sum().backward()
    log(grad((x * 5).sum(), x), x.grad)


def grad_partly_freed(log):
    x = leaf(0., 1.)
    y = x.exp()
    z = y.exp()
    log(grad(z.sum(), y))
    log(grad(y.sum(), x))
    log.fails(lambda: grad(z.sum(), y))


def grad_third_order(log):
    x = leaf(2.)
    g = x ** 5
    for _ in range(5):
        g, = grad(g, x, create_graph=True)
        log(g)
    log.fails(lambda: grad(g, x))


def grad_integer_output(log):
    x = leaf(1., 2.)
    log.fails(lambda: x.long().sum().backward())
    log.fails(lambda: tensor([1, 2], requires_grad=True))
    log.fails(lambda: tensor([True]).requires_grad_())
    log.fails(lambda: grad((x * 2).sum(), tensor([1])))


def leaves(log):
    x = leaf(1., 2.)
    y = x * 2
    log(x.is_leaf, y.is_leaf, tensor(1).is_leaf, y.detach().is_leaf, x.view([2, 1]).is_leaf)
    log.fails(lambda: y.requires_grad_(False))
    y.requires_grad_(True)
    log(y)

    def off():
        y.requires_grad = False
    log.fails(off)
    x.requires_grad_(False)
    log(x, y)
    y.sum().backward()
    log(x.grad)
    p = tensor([1.])
    p.requires_grad = True
    log(p, p.requires_grad_() is p)


def requires_grad_off_in_graph(log):
    x, y = leaf(1., 2.), leaf(3., 4.)
    z = (x * y).sum()
    x.requires_grad_(False)
    z.backward()
    log(x.grad, y.grad)


def detach(log):
    x = leaf(1., 2.)
    y = x * 2
    d = y.detach()
    log(d, d.requires_grad, d._is_view(), d.is_leaf)
    d.add_(1)
    log(y, y._version, d._version)
    z = y * y
    d.add_(1)
    log.fails(lambda: z.sum().backward())


def detach_in_place(log):
    x = leaf(1., 2.)
    y = x * 2
    log(y.detach_() is y, y, y.is_leaf)
    v = (x * 2)[0]
    log.fails(lambda: v.detach_())
    x.detach_()
    log(x, x.requires_grad)
    y.requires_grad_()
    (y * 3).sum().backward()
    log(y.grad)


def data(log):
    x = leaf(1., 2.)
    z = x * x
    x.data.mul_(10)
    log(x, x._version)
    z.sum().backward()
    log(x.grad)
    x.data = tensor([7., 8., 9.])
    log(x, x.grad)
    y = x * 2
    log(y.data, y.data.requires_grad)


def in_place_on_leaf(log):
    x = leaf(1., 2.)
    log.fails(lambda: x.add_(1))
    log.fails(lambda: x[0].add_(1))
    log.fails(lambda: x.view([2, 1]).mul_(2))

    def item():
        x[0] = 5
    log.fails(item)
    with torch.no_grad():
        x.add_(1)
        x[0] = 7
    log(x, x._version)
    y = tensor([1., 2.])
    y.add_(x)
    log(y, y.is_leaf)
    y.sum().backward()
    log(x.grad)


def in_place_saved(log):
    for f in (lambda y: y.exp(), lambda y: y * y, lambda y: y.sigmoid(), lambda y: y ** 2, lambda y: y.tanh(), lambda y: y.sqrt()):
        x = leaf(1., 2.)
        y = x * 1
        z = f(y)
        y.add_(1)
        log.fails(lambda: z.sum().backward())
        z = f(x * 1)
        z.add_(1)
        log.fails(lambda: z.sum().backward())


def in_place_matmul_operand(log):
    x = torch.ones([2, 3], requires_grad=True)
    w = torch.ones([3, 4], requires_grad=True)
    a = x * 1
    z = a.mm(w)
    a.mul_(2)
    log.fails(lambda: z.sum().backward())


def in_place_view_saved(log):
    x = torch.ones([2, 3], requires_grad=True)
    y = x * 1
    v = y[0]
    z = v * v
    y.mul_(2)
    log.fails(lambda: z.sum().backward())
    y = x * 1
    v = y.view([6])
    z = y * y
    v[0] = 5
    log.fails(lambda: z.sum().backward())


def modes(log):
    x = leaf(1., 2.)
    with torch.no_grad():
        log((x * 2).requires_grad, torch.is_grad_enabled())
        with torch.enable_grad():
            log((x * 2).requires_grad, torch.is_grad_enabled())
        log(torch.is_grad_enabled())
    with torch.set_grad_enabled(False):
        log((x * 2).requires_grad)
        with torch.set_grad_enabled(True):
            log((x * 2).requires_grad)
    log(torch.is_grad_enabled())
    torch.set_grad_enabled(False)
    log((x * 2).requires_grad)
    torch.set_grad_enabled(True)


def no_grad_leaf(log):
    with torch.no_grad():
        x = torch.ones([2], requires_grad=True)
        p = torch.nn.Parameter(torch.ones([1]))
        log(x, p.requires_grad)
        y = x * 2
    log(y)
    log.fails(lambda: y.sum().backward())
    (x * 3).sum().backward()
    log(x.grad)


def no_grad_backward(log):
    x = leaf(2.)
    y = x * x
    with torch.no_grad():
        y.backward(retain_graph=True)
        log(x.grad)
        log(grad(y, x, create_graph=True))


def no_grad_view(log):
    x = leaf(1., 2.) * 1
    with torch.no_grad():
        v = x[0]
    log(v.requires_grad, v)
    log.fails(lambda: v.mul_(2))
    with torch.no_grad():
        v.mul_(2)
    log(x)


def inference_basics(log):
    x = leaf(1., 2.)
    with torch.inference_mode():
        log(torch.is_inference_mode_enabled(), torch.is_grad_enabled())
        a = x * 2
        log(a, a.is_inference(), a.requires_grad, a.is_leaf)
        v = x[0]
        log(v.is_inference(), v.requires_grad)
        with torch.enable_grad():
            log(torch.is_grad_enabled(), (x * 2).requires_grad)
        with torch.inference_mode(False):
            log(torch.is_inference_mode_enabled(), torch.is_grad_enabled(), (x * 2).requires_grad)
        a.add_(1)
        b = torch.ones([2], requires_grad=True)
        log(b.requires_grad, b.is_inference(), (b * 2).requires_grad)
    log(torch.is_inference_mode_enabled(), torch.is_grad_enabled(), a, x.is_inference())
    with torch.inference_mode(False):
        log(torch.is_inference_mode_enabled(), (x * 2).requires_grad)


def inference_tensors_outside(log):
    x = leaf(1., 2.)
    with torch.inference_mode():
        a = torch.ones([2])
    log(a.is_inference(), (a * 2).is_inference(), a.clone().is_inference(), a[0].is_inference(), a.detach().is_inference())
    # PyTorch refuses only after it has changed the values: a tensor that no one looks at again.
    with torch.inference_mode():
        b = torch.ones([2])
    log.fails(lambda: b.add_(1))
    log.fails(lambda: b[0].mul_(2))
    log.fails(lambda: a.requires_grad_())
    log.fails(lambda: x * a)
    log.fails(lambda: a._version)
    log((x + a).requires_grad)
    log(x.detach() * a)
    log.fails(lambda: a.requires_grad_(False))
    with torch.no_grad():
        log(x * a)
        log.fails(lambda: b.add_(1))
    c = a.clone()
    c.add_(1)
    log((x * c))
    c.copy_(a)
    log(c)


def inference_in_place_on_normal(log):
    x = leaf(1., 2.)
    y = x * 1
    z = y * y
    n = tensor([1., 2.])
    with torch.inference_mode():
        n.add_(1)
        y.add_(1)
        log.fails(lambda: x.add_(1))
        v = n[0]
        v.mul_(2)
    log(n, n._version, n.is_inference(), v.is_inference())
    log.fails(lambda: z.sum().backward())
    n.add_(1)
    log(n)
    log.fails(lambda: v.mul_(2))


def inference_view(log):
    y = leaf(1., 2.) * 1
    with torch.inference_mode():
        v = y[0]
    log.fails(lambda: v.mul_(2))


def inference_backward(log):
    x = leaf(1., 2.)
    y = (x * x).sum()
    with torch.inference_mode():
        log.fails(lambda: (x * 2).sum().backward())
    y.backward()
    log(x.grad)


def inference_function(log):
    class Square(Function):
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        def backward(ctx, g):
            return g
    x = leaf(1., 2.)
    with torch.inference_mode():
        y = Square.apply(x)
        log(y, y.is_inference())


def anomaly_nan(log):
    x = leaf(0., 4.)
    with torch.autograd.detect_anomaly():
        y = x.sqrt()
        log.fails(lambda: (y * 0).sum().backward(), before='\n')
        log(torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
    log(torch.is_anomaly_enabled())
    with torch.autograd.detect_anomaly(check_nan=False):
        y = x.sqrt()
        (y * 0).sum().backward()
        log(x.grad, torch.is_anomaly_check_nan_enabled())
    torch.autograd.set_detect_anomaly(True, False)
    log(torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
    torch.autograd.set_detect_anomaly(False)
    log(torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
    with torch.autograd.set_detect_anomaly(True):
        log(torch.is_anomaly_enabled())
    log(torch.is_anomaly_enabled())


def anomaly_which_output(log):
    x, y = leaf(1., 2.), leaf(0., 0.)
    with torch.autograd.detect_anomaly():
        z = x / y
        log.fails(lambda: (z * 0).sum().backward(), before='\n')
        z = tensor([1., 1.]) * y.log()
        log.fails(lambda: (z * 0).sum().backward(), before='\n')


def anomaly_in_place(log):
    x = leaf(1., 2.)
    with torch.autograd.detect_anomaly():
        y = x.exp()
        y.add_(1)
        log.fails(lambda: y.sum().backward(), before='\n')


def anomaly_function(log):
    class Bad(Function):
        def forward(ctx, x):
            return x * 2

        def backward(ctx, g):
            return g * float('nan')
    with torch.autograd.detect_anomaly():
        y = Bad.apply(leaf(1.))
        log.fails(lambda: y.backward(), before='\n')


def anomaly_double_backward(log):
    x = leaf(0.)
    with torch.autograd.detect_anomaly():
        y = x ** 1.5
        g, = grad(y, x, create_graph=True)
        log(g)
        log.fails(lambda: (g * 0).backward(), before='\n')
