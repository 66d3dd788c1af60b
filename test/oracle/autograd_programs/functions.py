"""
Programs of autograd.Function (see autograd.py): what it gives out, saves and marks. (PyTorch takes its functions from the class and needs no
@staticmethod.)
"""
import torch
from torch import tensor
from torch.autograd import Function, grad

from .common import leaf, square


class _Square(Function):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 2 * x


class _Twice(Function):
    def forward(ctx, x):
        return x * 2

    def backward(ctx, g):
        return g * 2


class Double(Function):
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    def backward(ctx, g):
        return g * 2


def function_plain(log):
    x = leaf(1., 2.)
    y = _Square.apply(x)
    log(y, y.grad_fn.name(), y.requires_grad, y.is_leaf)
    y.sum().backward()
    log(x.grad)


def function_scalar_arguments(log):
    class Scale(Function):
        def forward(ctx, x, k, name, flags):
            ctx.k = k
            log(k, name, flags, ctx.needs_input_grad)
            return x * k

        def backward(ctx, g):
            return g * ctx.k, None, None, None
    x = leaf(1., 2.)
    y = Scale.apply(x, 3, 'three', [1, 2])
    y.sum().backward()
    log(y, x.grad)


def function_setup_context(log):
    class Power(Function):
        def forward(x, n):
            return x ** n

        def setup_context(ctx, inputs, output):
            x, n = inputs
            ctx.n = n
            log(ctx.needs_input_grad, output)
            ctx.save_for_backward(x)

        def backward(ctx, g):
            x, = ctx.saved_tensors
            return g * ctx.n * x ** (ctx.n - 1), None
    x = leaf(1., 2.)
    y = Power.apply(x, 3)
    y.sum().backward()
    log(y, x.grad)


def function_several_outputs(log):
    class Both(Function):
        def forward(ctx, x, y):
            return x + y, x - y

        def backward(ctx, a, b):
            log(a, b)
            return a + b, a - b
    x, y = leaf(1., 2.), leaf(5., 7.)
    s, d = Both.apply(x, y)
    log(s, d, s.grad_fn is d.grad_fn, s.output_nr, d.output_nr)
    (s * 3).sum().backward()
    log(x.grad, y.grad)


def function_output_not_tensor(log):
    class Mixed(Function):
        def forward(ctx, x):
            return x * 2, 'note', 7, None

        def backward(ctx, g, *rest):
            log(g, rest)
            return g * 2
    x = leaf(1., 2.)
    y, note, n, none = Mixed.apply(x)
    log(y, note, n, none)
    y.sum().backward()
    log(x.grad)


def function_no_tensor_output(log):
    class Nothing(Function):
        def forward(ctx, x):
            return 5
    log.fails(lambda: Nothing.apply(leaf(1.)))


def function_returns_input(log):
    class Same(Function):
        def forward(ctx, x):
            return x

        def backward(ctx, g):
            return g * 10
    x = leaf(1., 2.)
    y = Same.apply(x)
    log(y is x, y, y._is_view(), x.is_leaf)
    y.sum().backward()
    log(x.grad)
    z = Same.apply(x * 2)
    log(z)
    plain = tensor([1., 2.])
    log(Same.apply(plain) is plain, Same.apply(plain))
    log.fails(lambda: Same.apply(x * 1).mul_(2))


def function_returns_input_twice(log):
    class Twice(Function):
        def forward(ctx, x):
            return x, x

        def backward(ctx, a, b):
            log(a, b)
            return a * 2 + b * 3
    x = leaf(1., 2.)
    a, b = Twice.apply(x)
    log(a is b, a, b)
    (a + b * 5).sum().backward()
    log(x.grad)


def function_same_output_twice(log):
    class Twice(Function):
        def forward(ctx, x):
            y = x * 2
            return y, y

        def backward(ctx, a, b):
            log(a, b)
            return a * 2 + b * 3
    x = leaf(1., 2.)
    a, b = Twice.apply(x)
    log(a is b, a.output_nr, b.output_nr)
    (a + b * 5).sum().backward()
    log(x.grad)


def function_returns_view(log):
    class Row(Function):
        def forward(ctx, x):
            ctx.shape = x.shape
            return x[0]

        def backward(ctx, g):
            out = torch.zeros(ctx.shape)
            out[0] = g
            return out
    x = square()
    y = Row.apply(x * 1)
    log(y, y._is_view())
    log.fails(lambda: y.mul_(2))
    y.sum().backward()
    log(x.grad)
    base = x * 1
    row = Row.apply(base)
    base.mul_(2)
    log.fails(lambda: row.is_leaf)


def function_returns_views(log):
    class Rows(Function):
        def forward(ctx, x):
            return x[0], x[1]

        def backward(ctx, a, b):
            return torch.stack([a, b])
    x = square()
    a, b = Rows.apply(x * 1)
    log(a, b, a._is_view())
    log.fails(lambda: a.mul_(2))
    (a * b).sum().backward()
    log(x.grad)


def function_output_changed_in_place(log):
    x = leaf(1., 2.)
    y = _Square.apply(x)
    y.mul_(3)
    log(y)
    y.sum().backward()
    log(x.grad)


def function_saves_output(log):
    class Exp(Function):
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        def backward(ctx, g):
            y, = ctx.saved_tensors
            log(y.grad_fn is None, y.requires_grad)
            return g * y
    x = leaf(0., 1.)
    y = Exp.apply(x)
    first, = grad(y.sum(), x, create_graph=True)
    log(first)
    second, = grad(first.sum(), x)
    log(second)


def function_saves_intermediate(log):
    class Cube(Function):
        def forward(ctx, x):
            s = x * x
            ctx.save_for_backward(x, s)
            return s * x

        def backward(ctx, g):
            x, s = ctx.saved_tensors
            log(x.requires_grad, s.requires_grad)
            return g * 3 * s
    x = leaf(1., 2.)
    first, = grad(Cube.apply(x).sum(), x, create_graph=True)
    log(first, first.requires_grad)


def function_saves_none(log):
    class Maybe(Function):
        def forward(ctx, x, y):
            ctx.save_for_backward(x, None, y)
            return x * 2

        def backward(ctx, g):
            log(ctx.saved_tensors)
            return g * 2, None
    x = leaf(1., 2.)
    Maybe.apply(x, None).sum().backward()
    log(x.grad)


def function_saves_wrong_type(log):
    class Wrong(Function):
        def forward(ctx, x):
            ctx.save_for_backward(x, 'text')
            return x * 2
    log.fails(lambda: Wrong.apply(leaf(1.)), before=r' \w+$')


def function_saved_tensors_twice(log):
    class Twice(Function):
        def forward(ctx, x):
            ctx.save_for_backward(x)
            log(ctx.saved_tensors)
            return x * 2

        def backward(ctx, g):
            a, b = ctx.saved_tensors[0], ctx.saved_tensors[0]
            log(a, b)
            return g * 2
    x = leaf(1., 2.)
    y = Twice.apply(x)
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    log(x.grad)
    log.fails(lambda: y.sum().backward())
    log.fails(lambda: y.grad_fn.saved_tensors)


def function_freed_without_saved(log):
    x = leaf(1., 2.)
    y = _Twice.apply(x)
    y.backward(torch.ones([2]))
    y.backward(torch.ones([2]))
    log(x.grad)


def function_save_again_replaces(log):
    class Again(Function):
        def forward(ctx, x, y):
            ctx.save_for_backward(x)
            ctx.save_for_backward(y)
            return x * y

        def backward(ctx, g):
            log(len(ctx.saved_tensors), ctx.saved_tensors[0])
            return g, g
    x, y = leaf(1., 2.), leaf(3., 4.)
    Again.apply(x, y).sum().backward()


def function_saved_input_changed(log):
    x = leaf(1., 2.)
    y = x * 1
    z = _Square.apply(y)
    y.add_(1)
    y.add_(1)
    log.fails(lambda: z.sum().backward())


def function_saved_output_changed(log):
    class Exp(Function):
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        def backward(ctx, g):
            y, = ctx.saved_tensors
            return g * y
    x = leaf(0., 1.)
    y = Exp.apply(x)
    y.mul_(2)
    log.fails(lambda: y.sum().backward())


def function_saved_leaf_changed(log):
    x = leaf(1., 2.)
    z = _Square.apply(x)
    with torch.no_grad():
        x.add_(1)
    log.fails(lambda: z.sum().backward())


def function_needs_input_grad(log):
    class Product(Function):
        def forward(ctx, x, y, k):
            log(ctx.needs_input_grad)
            ctx.save_for_backward(x, y)
            return x * y

        def backward(ctx, g):
            log(ctx.needs_input_grad)
            x, y = ctx.saved_tensors
            return g * y, g * x, None
    x, y = leaf(1., 2.), leaf(3., 4.)
    Product.apply(x, y, 1).sum().backward()
    Product.apply(x, tensor([1., 1.]), 1).sum().backward()
    with torch.no_grad():
        Product.apply(x, y, 1)
    log(x.grad, y.grad)
    log(grad(Product.apply(x, y, 1).sum(), y))


def function_mark_dirty(log):
    x = leaf(1., 2.)
    y = x * 1
    z = Double.apply(y)
    log(z is y, y, y._version, z._version)
    z.sum().backward()
    log(x.grad)
    log.fails(lambda: Double.apply(x))
    plain = tensor([1., 2.])
    log(Double.apply(plain) is plain, plain, plain._version)


def function_mark_dirty_not_returned(log):
    class Lost(Function):
        def forward(ctx, x):
            x.mul_(2)
            ctx.mark_dirty(x)
            return x * 2
    log.fails(lambda: Lost.apply(leaf(1., 2.) * 1))


def function_mark_dirty_not_input(log):
    class Other(Function):
        def forward(ctx, x):
            y = x * 2
            ctx.mark_dirty(y)
            return y

        def backward(ctx, g):
            return g * 2
    x = leaf(1., 2.)
    y = Other.apply(x)
    log(y, y._version)
    y.sum().backward()
    log(x.grad)


def function_mark_dirty_several(log):
    class Swap(Function):
        def forward(ctx, x, y):
            t = x.clone()
            x.copy_(y)
            y.copy_(t)
            ctx.mark_dirty(x, y)
            return x, y

        def backward(ctx, a, b):
            log(a, b)
            return b, a
    x, y = leaf(1., 2.), leaf(3., 4.)
    a, b = x * 1, y * 1
    c, d = Swap.apply(a, b)
    log(c, d, c is a, d is b)
    (c * 2 + d * 5).sum().backward()
    log(x.grad, y.grad)


def function_mark_dirty_view(log):
    x = square()
    y = x * 1
    v = y[0]
    w = Double.apply(v)
    log(w is v, v, y)
    y.sum().backward()
    log(x.grad)
    log.fails(lambda: Double.apply(x[0]))


def function_mark_dirty_view_two_outputs(log):
    class Double(Function):
        def forward(ctx, x):
            x.mul_(2)
            ctx.mark_dirty(x)
            return x, x * 1
    x = square()
    log.fails(lambda: Double.apply((x * 1)[0]))


def function_mark_dirty_wrong_type(log):
    class Wrong(Function):
        def forward(ctx, x):
            ctx.mark_dirty(x, 5)
            return x
    log.fails(lambda: Wrong.apply(leaf(1.) * 1), before=r'\d')


def function_mark_non_differentiable(log):
    class Sort(Function):
        def forward(ctx, x):
            values, indices = x.sort()
            ctx.mark_non_differentiable(indices)
            ctx.save_for_backward(x, indices)
            return values, indices

        def backward(ctx, g, gi):
            log(g, gi)
            x, indices = ctx.saved_tensors
            return torch.zeros_like(x).index_add(0, indices, g)
    x = leaf(3., 1., 2.)
    values, indices = Sort.apply(x)
    log(values, indices, values.requires_grad, indices.requires_grad)
    (values * tensor([1., 10., 100.])).sum().backward()
    log(x.grad)


def function_mark_non_differentiable_float(log):
    class Two(Function):
        def forward(ctx, x):
            a, b = x * 2, x * 3
            ctx.mark_non_differentiable(b)
            return a, b

        def backward(ctx, g, h):
            log(g, h)
            return g * 2
    x = leaf(1., 2.)
    a, b = Two.apply(x)
    log(a, b, b.is_leaf)
    a.sum().backward()
    log(x.grad)
    log.fails(lambda: b.sum().backward())
