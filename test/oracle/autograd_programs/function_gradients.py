"""Programs of autograd.Function (see autograd.py): its backward, modes, mistakes."""
import torch
from torch import tensor
from torch.autograd import Function, grad
from torch.autograd.function import once_differentiable

from .common import context_of, leaf
from .functions import _Square, _Twice


def function_materialize(log):
    class Two(Function):
        def forward(ctx, x, on):
            ctx.set_materialize_grads(on)
            return x * 2, x * 3

        def backward(ctx, g, h):
            log(g, h)
            g = 0 if g is None else g * 2
            h = 0 if h is None else h * 3
            return g + h, None
    x = leaf(1., 2.)
    for on in (True, False):
        a, b = Two.apply(x, on)
        a.sum().backward()
        a, b = Two.apply(x, on)
        b.sum().backward()
    log(x.grad)


def function_backward_with_none_reaching(log):
    class Stop(_Twice):
        def backward(ctx, g):
            return None

    class See(Function):
        def forward(ctx, x, on):
            ctx.set_materialize_grads(on)
            return x * 2

        def backward(ctx, g):
            log(g)
            return g, None
    for on in (True, False):
        x = leaf(1., 2.)
        y = Stop.apply(See.apply(x, on))
        y.sum().backward()
        log(x.grad)
    x = leaf(1., 2.)
    Stop.apply(x.exp()).sum().backward()
    log(x.grad)


def function_integer_output(log):
    class Arg(Function):
        def forward(ctx, x):
            return x.argmax(), x * 2

        def backward(ctx, g, h):
            log(g, h)
            return h * 2
    x = leaf(1., 2.)
    i, y = Arg.apply(x)
    log(i, y)
    y.sum().backward()
    log(x.grad)


def function_integer_input(log):
    class Take(Function):
        def forward(ctx, x, i):
            ctx.save_for_backward(i)
            ctx.n = len(x)
            log(ctx.needs_input_grad)
            return x[i]

        def backward(ctx, g):
            i, = ctx.saved_tensors
            return torch.zeros([ctx.n]).index_add(0, i, g), None
    x = leaf(1., 2., 3.)
    Take.apply(x, tensor([2, 2, 0])).sum().backward()
    log(x.grad)


def function_double_backward(log):
    x = leaf(1., 2.)
    first, = grad(_Square.apply(x).sum(), x, create_graph=True)
    second, = grad(first.sum(), x, create_graph=True)
    log(first, second)
    y = _Square.apply(_Square.apply(x))
    first, = grad(y.sum(), x, create_graph=True)
    second, = grad(first.sum(), x, create_graph=True)
    third, = grad(second.sum(), x)
    log(first, second, third)


def function_once_differentiable(log):
    class Once(Function):
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @once_differentiable
        def backward(ctx, g):
            x, = ctx.saved_tensors
            log(torch.is_grad_enabled())
            return g * 2 * x
    x = leaf(1., 2.)
    Once.apply(x).sum().backward()
    log(x.grad)
    first, = grad(Once.apply(x).sum(), x, create_graph=True)
    log(first.requires_grad)
    y = Once.apply(x)
    first, = grad((y * y).sum(), x, create_graph=True)
    log(first)
    log.fails(lambda: first.sum().backward())


def function_no_grad(log):
    x = leaf(1., 2.)
    with torch.no_grad():
        y = _Square.apply(x)
    log(y, y.requires_grad, y.grad_fn)
    log(_Square.apply(tensor([3.])))


def function_grad_mode_inside(log):
    class Modes(Function):
        def forward(ctx, x):
            log(torch.is_grad_enabled(), (x * 2).requires_grad)
            with torch.enable_grad():
                y = x * 3
            log(y.requires_grad)
            return y

        def backward(ctx, g):
            log(torch.is_grad_enabled())
            return g * 3
    x = leaf(1., 2.)
    y = Modes.apply(x)
    log(y)
    y.sum().backward(retain_graph=True)
    grad(y.sum(), x, create_graph=True)


def function_graph_inside_backward(log):
    class Inner(Function):
        def forward(ctx, x):
            with torch.enable_grad():
                ctx.x = x.detach().requires_grad_()
                ctx.y = ctx.x.sin()
            return ctx.y.detach()

        def backward(ctx, g):
            ctx.y.backward(g)
            return ctx.x.grad
    x = leaf(0., 1.)
    Inner.apply(x).sum().backward()
    log(x.grad)


def function_wrong_count(log):
    class Many(Function):
        def forward(ctx, x, y):
            return x * y

        def backward(ctx, g):
            return g, g, g

    class Few(Many):
        def backward(ctx, g):
            return g

    class Trailing(Many):
        def backward(ctx, g):
            return g, g, None, None

    class Empty(Many):
        def backward(ctx, g):
            return ()
    for cls in (Many, Few, Trailing, Empty):
        x, y = leaf(1., 2.), leaf(3., 4.)
        log.fails(lambda: cls.apply(x, y).sum().backward())


def function_wrong_shape(log):
    class Wrong(Function):
        def forward(ctx, x, shape):
            ctx.shape = shape
            return x * 2

        def backward(ctx, g):
            return torch.ones(ctx.shape), None
    for shape in ([2], [3, 2], [1], [4, 3], [3, 1], [], [1, 3]):
        x = leaf(1., 2., 3.)
        log.fails(lambda: Wrong.apply(x, shape).sum().backward())
        log(x.grad)


def function_wrong_dtype(log):
    class Wrong(Function):
        def forward(ctx, x, dtype):
            ctx.dtype = dtype
            return x * 2

        def backward(ctx, g):
            return torch.ones([2], dtype=ctx.dtype), None
    for dtype in (torch.float64, torch.int64, torch.bool, torch.float16):
        x = leaf(1., 2.)
        log.fails(lambda: Wrong.apply(x, dtype).sum().backward())
        log(x.grad)


def function_gradient_for_number(log):
    class Wrong(Function):
        def forward(ctx, x, k):
            return x * k

        def backward(ctx, g):
            return g, g
    log.fails(lambda: Wrong.apply(leaf(1.), 2).sum().backward())


def function_gradient_for_constant(log):
    class Fine(Function):
        def forward(ctx, x, y):
            return x * y

        def backward(ctx, g):
            return g, torch.ones([7])
    x = leaf(1., 2.)
    Fine.apply(x, tensor([3., 4.])).sum().backward()
    log(x.grad)


def function_returns_wrong_type(log):
    class Wrong(_Twice):
        def backward(ctx, g):
            return 5
    log.fails(lambda: Wrong.apply(leaf(1.)).sum().backward(), before=r'\(')


def function_no_backward(log):
    class Half(Function):
        def forward(ctx, x):
            return x * 2
    x = leaf(1.)
    y = Half.apply(x)
    log(y)
    log.fails(lambda: y.backward())


def function_no_forward(log):
    class Half(Function):
        def backward(ctx, g):
            return g
    log.fails(lambda: Half.apply(leaf(1.)))


def function_vjp(log):
    class Named(Function):
        def forward(ctx, x):
            return x * 2

        def vjp(ctx, g):
            return g * 7

    class Two(Named):
        def backward(ctx, g):
            return g
    x = leaf(1.)
    Named.apply(x).sum().backward()
    log(x.grad)
    log.fails(lambda: Two.apply(x).sum().backward())


def function_called(log):
    log(_Square.forward(torch.autograd.function.FunctionCtx(), tensor([3.])))
    log.fails(lambda: Function.forward(None))
    log.fails(lambda: Function.backward(None))


def function_throws(log):
    class Bad(Function):
        def forward(ctx, x, late):
            if not late:
                raise ValueError('in forward')
            return x * 2

        def backward(ctx, g):
            raise ValueError('in backward')
    x = leaf(1.)
    log.fails(lambda: Bad.apply(x, False))
    log(torch.is_grad_enabled())
    log.fails(lambda: Bad.apply(x, True).sum().backward())
    log(torch.is_grad_enabled(), x.grad)
    (x * 2).sum().backward()
    log(x.grad)


def function_context_attributes(log):
    class Keep(Function):
        def forward(ctx, x):
            ctx.factor = 4
            ctx.names = ['a', 'b']
            return x * ctx.factor

        def backward(ctx, g):
            log(ctx.factor, ctx.names)
            return g * ctx.factor
    x = leaf(1.)
    y = Keep.apply(x)
    log(context_of(y).factor)
    y.backward()
    log(x.grad)


def function_same_input_twice(log):
    class Product(Function):
        def forward(ctx, x, y):
            ctx.save_for_backward(x, y)
            return x * y

        def backward(ctx, g):
            x, y = ctx.saved_tensors
            return g * y, g * x * 10
    x = leaf(1., 2.)
    Product.apply(x, x).sum().backward()
    log(x.grad)


def function_list_of_tensors(log):
    class Total(Function):
        def forward(ctx, xs):
            return sum(xs)

        def backward(ctx, g):
            return None
    x = leaf(1., 2.)
    y = Total.apply([x, x])
    log(y, y.requires_grad)


def function_returns_list(log):
    class Pair(Function):
        def forward(ctx, *xs):
            return tuple(x * 2 for x in xs)

        def backward(ctx, *gs):
            log(len(gs), ctx.needs_input_grad)
            return tuple(g * 2 for g in gs)
    x, y = leaf(1.), leaf(2.)
    a, b, c = Pair.apply(x, y, tensor([3.]))
    log(a, b, c)
    (a + b + c).sum().backward()
    log(x.grad, y.grad)


def function_gradient_is_saved_tensor(log):
    class Handed(Function):
        def forward(ctx, x, w):
            ctx.save_for_backward(w)
            return (x * w).sum()

        def backward(ctx, g):
            w, = ctx.saved_tensors
            return w, None
    x, w = leaf(1., 2.), tensor([3., 4.])
    Handed.apply(x, w).backward()
    Handed.apply(x, w).backward()
    log(x.grad, w)


def function_gradient_is_incoming(log):
    class Same(Function):
        def forward(ctx, x, y):
            return x + y

        def backward(ctx, g):
            return g, g
    x, y = leaf(1., 2.), leaf(3., 4.)
    seed = tensor([1., 10.])
    Same.apply(x, y).backward(seed)
    x.grad.add_(1)
    log(x.grad, y.grad, seed)


def function_saves_handed_through(log):
    class Late(Function):
        def forward(x):
            return x

        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(inputs[0])
    log.fails(lambda: Late.apply(leaf(1.)))
