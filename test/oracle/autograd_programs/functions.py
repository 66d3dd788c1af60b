"""Programs of autograd.Function (see autograd.py)."""
import torch
from torch import tensor
from torch.autograd import Function, grad
from torch.autograd.function import once_differentiable


def _leaf(*values):
    return tensor(list(values), requires_grad=True)


class _Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 2 * x


def function_plain(log):
    x = _leaf(1., 2.)
    y = _Square.apply(x)
    log(y, y.grad_fn.name(), y.requires_grad, y.is_leaf)
    y.sum().backward()
    log(x.grad)


def function_scalar_arguments(log):
    class Scale(Function):
        @staticmethod
        def forward(ctx, x, k, name, flags):
            ctx.k = k
            log(k, name, flags, ctx.needs_input_grad)
            return x * k

        @staticmethod
        def backward(ctx, g):
            return g * ctx.k, None, None, None
    x = _leaf(1., 2.)
    y = Scale.apply(x, 3, 'three', [1, 2])
    y.sum().backward()
    log(y, x.grad)


def function_setup_context(log):
    class Power(Function):
        @staticmethod
        def forward(x, n):
            return x ** n

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, n = inputs
            ctx.n = n
            log(ctx.needs_input_grad, output)
            ctx.save_for_backward(x)

        @staticmethod
        def backward(ctx, g):
            x, = ctx.saved_tensors
            return g * ctx.n * x ** (ctx.n - 1), None
    x = _leaf(1., 2.)
    y = Power.apply(x, 3)
    y.sum().backward()
    log(y, x.grad)


def function_several_outputs(log):
    class Both(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y, x - y

        @staticmethod
        def backward(ctx, a, b):
            log(a, b)
            return a + b, a - b
    x, y = _leaf(1., 2.), _leaf(5., 7.)
    s, d = Both.apply(x, y)
    log(s, d, s.grad_fn is d.grad_fn, s.output_nr, d.output_nr)
    (s * 3).sum().backward()
    log(x.grad, y.grad)


def function_output_not_tensor(log):
    class Mixed(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, 'note', 7, None

        @staticmethod
        def backward(ctx, g, *rest):
            log(g, rest)
            return g * 2
    x = _leaf(1., 2.)
    y, note, n, none = Mixed.apply(x)
    log(y, note, n, none)
    y.sum().backward()
    log(x.grad)


def function_no_tensor_output(log):
    class Nothing(Function):
        @staticmethod
        def forward(ctx, x):
            return 5

        @staticmethod
        def backward(ctx, g):
            return g
    log.fails(lambda: Nothing.apply(_leaf(1.)))


def function_returns_input(log):
    class Same(Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 10
    x = _leaf(1., 2.)
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
        @staticmethod
        def forward(ctx, x):
            return x, x

        @staticmethod
        def backward(ctx, a, b):
            log(a, b)
            return a * 2 + b * 3
    x = _leaf(1., 2.)
    a, b = Twice.apply(x)
    log(a is b, a, b)
    (a + b * 5).sum().backward()
    log(x.grad)


def function_same_output_twice(log):
    class Twice(Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            return y, y

        @staticmethod
        def backward(ctx, a, b):
            log(a, b)
            return a * 2 + b * 3
    x = _leaf(1., 2.)
    a, b = Twice.apply(x)
    log(a is b, a.output_nr, b.output_nr)
    (a + b * 5).sum().backward()
    log(x.grad)


def function_returns_view(log):
    class Row(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.shape = x.shape
            return x[0]

        @staticmethod
        def backward(ctx, g):
            out = torch.zeros(ctx.shape)
            out[0] = g
            return out
    x = tensor([[1., 2.], [3., 4.]], requires_grad=True)
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
        @staticmethod
        def forward(ctx, x):
            return x[0], x[1]

        @staticmethod
        def backward(ctx, a, b):
            return torch.stack([a, b])
    x = tensor([[1., 2.], [3., 4.]], requires_grad=True)
    a, b = Rows.apply(x * 1)
    log(a, b, a._is_view())
    log.fails(lambda: a.mul_(2))
    (a * b).sum().backward()
    log(x.grad)


def function_output_changed_in_place(log):
    x = _leaf(1., 2.)
    y = _Square.apply(x)
    y.mul_(3)
    log(y)
    y.sum().backward()
    log(x.grad)


def function_saves_output(log):
    class Exp(Function):
        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            y, = ctx.saved_tensors
            log(y.grad_fn is None, y.requires_grad)
            return g * y
    x = _leaf(0., 1.)
    y = Exp.apply(x)
    first, = grad(y.sum(), x, create_graph=True)
    log(first)
    second, = grad(first.sum(), x)
    log(second)


def function_saves_intermediate(log):
    class Cube(Function):
        @staticmethod
        def forward(ctx, x):
            s = x * x
            ctx.save_for_backward(x, s)
            return s * x

        @staticmethod
        def backward(ctx, g):
            x, s = ctx.saved_tensors
            log(x.requires_grad, s.requires_grad)
            return g * 3 * s
    x = _leaf(1., 2.)
    first, = grad(Cube.apply(x).sum(), x, create_graph=True)
    log(first, first.requires_grad)


def function_saves_none(log):
    class Maybe(Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x, None, y)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            log(ctx.saved_tensors)
            return g * 2, None
    x = _leaf(1., 2.)
    Maybe.apply(x, None).sum().backward()
    log(x.grad)


def function_saves_wrong_type(log):
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, 'text')
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g
    try:
        Wrong.apply(_leaf(1.))
    except TypeError as e:
        log(str(e).rsplit(' ', 1)[0])


def function_saved_tensors_twice(log):
    class Twice(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            log(ctx.saved_tensors)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            a, b = ctx.saved_tensors[0], ctx.saved_tensors[0]
            log(a, b)
            return g * 2
    x = _leaf(1., 2.)
    y = Twice.apply(x)
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    log(x.grad)
    log.fails(lambda: y.sum().backward())
    log.fails(lambda: y.grad_fn.saved_tensors)


def function_freed_without_saved(log):
    class Twice(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2
    x = _leaf(1., 2.)
    y = Twice.apply(x)
    y.backward(torch.ones(2))
    y.backward(torch.ones(2))
    log(x.grad)


def function_save_again_replaces(log):
    class Again(Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x)
            ctx.save_for_backward(y)
            return x * y

        @staticmethod
        def backward(ctx, g):
            log(len(ctx.saved_tensors), ctx.saved_tensors[0])
            return g, g
    x, y = _leaf(1., 2.), _leaf(3., 4.)
    Again.apply(x, y).sum().backward()


def function_saved_input_changed(log):
    x = _leaf(1., 2.)
    y = x * 1
    z = _Square.apply(y)
    y.add_(1)
    y.add_(1)
    log.fails(lambda: z.sum().backward())


def function_saved_output_changed(log):
    class Exp(Function):
        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            y, = ctx.saved_tensors
            return g * y
    x = _leaf(0., 1.)
    y = Exp.apply(x)
    y.mul_(2)
    log.fails(lambda: y.sum().backward())


def function_saved_leaf_changed(log):
    x = _leaf(1., 2.)
    z = _Square.apply(x)
    with torch.no_grad():
        x.add_(1)
    log.fails(lambda: z.sum().backward())


def function_needs_input_grad(log):
    class Product(Function):
        @staticmethod
        def forward(ctx, x, y, k):
            log(ctx.needs_input_grad)
            ctx.save_for_backward(x, y)
            return x * y

        @staticmethod
        def backward(ctx, g):
            log(ctx.needs_input_grad)
            x, y = ctx.saved_tensors
            return g * y, g * x, None
    x, y = _leaf(1., 2.), _leaf(3., 4.)
    Product.apply(x, y, 1).sum().backward()
    Product.apply(x, tensor([1., 1.]), 1).sum().backward()
    with torch.no_grad():
        Product.apply(x, y, 1)
    log(x.grad, y.grad)
    log(grad(Product.apply(x, y, 1).sum(), y))


def function_mark_dirty(log):
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            x.mul_(2)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 2
    x = _leaf(1., 2.)
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
        @staticmethod
        def forward(ctx, x):
            x.mul_(2)
            ctx.mark_dirty(x)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2
    log.fails(lambda: Lost.apply(_leaf(1., 2.) * 1))


def function_mark_dirty_not_input(log):
    class Other(Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            ctx.mark_dirty(y)
            return y

        @staticmethod
        def backward(ctx, g):
            return g * 2
    x = _leaf(1., 2.)
    y = Other.apply(x)
    log(y, y._version)
    y.sum().backward()
    log(x.grad)


def function_mark_dirty_several(log):
    class Swap(Function):
        @staticmethod
        def forward(ctx, x, y):
            t = x.clone()
            x.copy_(y)
            y.copy_(t)
            ctx.mark_dirty(x, y)
            return x, y

        @staticmethod
        def backward(ctx, a, b):
            log(a, b)
            return b, a
    x, y = _leaf(1., 2.), _leaf(3., 4.)
    a, b = x * 1, y * 1
    c, d = Swap.apply(a, b)
    log(c, d, c is a, d is b)
    (c * 2 + d * 5).sum().backward()
    log(x.grad, y.grad)


def function_mark_dirty_view(log):
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            x.mul_(2)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 2
    x = tensor([[1., 2.], [3., 4.]], requires_grad=True)
    y = x * 1
    v = y[0]
    w = Double.apply(v)
    log(w is v, v, y)
    y.sum().backward()
    log(x.grad)
    log.fails(lambda: Double.apply(x[0]))


def function_mark_dirty_view_two_outputs(log):
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            x.mul_(2)
            ctx.mark_dirty(x)
            return x, x * 1

        @staticmethod
        def backward(ctx, a, b):
            return a * 2 + b * 2
    x = tensor([[1., 2.], [3., 4.]], requires_grad=True)
    log.fails(lambda: Double.apply((x * 1)[0]))


def function_mark_dirty_wrong_type(log):
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x, 5)
            return x

        @staticmethod
        def backward(ctx, g):
            return g
    try:
        Wrong.apply(_leaf(1.) * 1)
    except RuntimeError as e:
        log(str(e))


def function_mark_non_differentiable(log):
    class Sort(Function):
        @staticmethod
        def forward(ctx, x):
            values, indices = x.sort()
            ctx.mark_non_differentiable(indices)
            ctx.save_for_backward(x, indices)
            return values, indices

        @staticmethod
        def backward(ctx, g, gi):
            log(g, gi)
            x, indices = ctx.saved_tensors
            return torch.zeros_like(x).index_add(0, indices, g)
    x = _leaf(3., 1., 2.)
    values, indices = Sort.apply(x)
    log(values, indices, values.requires_grad, indices.requires_grad)
    (values * tensor([1., 10., 100.])).sum().backward()
    log(x.grad)


def function_mark_non_differentiable_float(log):
    class Two(Function):
        @staticmethod
        def forward(ctx, x):
            a, b = x * 2, x * 3
            ctx.mark_non_differentiable(b)
            return a, b

        @staticmethod
        def backward(ctx, g, h):
            log(g, h)
            return g * 2
    x = _leaf(1., 2.)
    a, b = Two.apply(x)
    log(a, b, b.is_leaf)
    a.sum().backward()
    log(x.grad)
    log.fails(lambda: b.sum().backward())


def function_materialize(log):
    class Two(Function):
        @staticmethod
        def forward(ctx, x, on):
            ctx.set_materialize_grads(on)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, g, h):
            log(g, h)
            g = 0 if g is None else g * 2
            h = 0 if h is None else h * 3
            return g + h, None
    x = _leaf(1., 2.)
    for on in (True, False):
        a, b = Two.apply(x, on)
        a.sum().backward()
        a, b = Two.apply(x, on)
        b.sum().backward()
    log(x.grad)


def function_backward_with_none_reaching(log):
    class Stop(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return None

    class See(Function):
        @staticmethod
        def forward(ctx, x, on):
            ctx.set_materialize_grads(on)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            log(g)
            return g, None
    for on in (True, False):
        x = _leaf(1., 2.)
        y = Stop.apply(See.apply(x, on))
        y.sum().backward()
        log(x.grad)
    x = _leaf(1., 2.)
    Stop.apply(x.exp()).sum().backward()
    log(x.grad)


def function_integer_output(log):
    class Arg(Function):
        @staticmethod
        def forward(ctx, x):
            return x.argmax(), x * 2

        @staticmethod
        def backward(ctx, g, h):
            log(g, h)
            return h * 2
    x = _leaf(1., 2.)
    i, y = Arg.apply(x)
    log(i, y)
    y.sum().backward()
    log(x.grad)


def function_integer_input(log):
    class Take(Function):
        @staticmethod
        def forward(ctx, x, i):
            ctx.save_for_backward(i)
            ctx.n = len(x)
            log(ctx.needs_input_grad)
            return x[i]

        @staticmethod
        def backward(ctx, g):
            i, = ctx.saved_tensors
            return torch.zeros(ctx.n).index_add(0, i, g), None
    x = _leaf(1., 2., 3.)
    Take.apply(x, tensor([2, 2, 0])).sum().backward()
    log(x.grad)


def function_double_backward(log):
    x = _leaf(1., 2.)
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
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            x, = ctx.saved_tensors
            log(torch.is_grad_enabled())
            return g * 2 * x
    x = _leaf(1., 2.)
    Once.apply(x).sum().backward()
    log(x.grad)
    first, = grad(Once.apply(x).sum(), x, create_graph=True)
    log(first.requires_grad)
    y = Once.apply(x)
    first, = grad((y * y).sum(), x, create_graph=True)
    log(first)
    log.fails(lambda: first.sum().backward())


def function_no_grad(log):
    x = _leaf(1., 2.)
    with torch.no_grad():
        y = _Square.apply(x)
    log(y, y.requires_grad, y.grad_fn)
    log(_Square.apply(tensor([3.])))


def function_grad_mode_inside(log):
    class Modes(Function):
        @staticmethod
        def forward(ctx, x):
            log(torch.is_grad_enabled(), (x * 2).requires_grad)
            with torch.enable_grad():
                y = x * 3
            log(y.requires_grad)
            return y

        @staticmethod
        def backward(ctx, g):
            log(torch.is_grad_enabled())
            return g * 3
    x = _leaf(1., 2.)
    y = Modes.apply(x)
    log(y)
    y.sum().backward(retain_graph=True)
    grad(y.sum(), x, create_graph=True)


def function_graph_inside_backward(log):
    class Inner(Function):
        @staticmethod
        def forward(ctx, x):
            with torch.enable_grad():
                ctx.x = x.detach().requires_grad_()
                ctx.y = ctx.x.sin()
            return ctx.y.detach()

        @staticmethod
        def backward(ctx, g):
            ctx.y.backward(g)
            return ctx.x.grad
    x = _leaf(0., 1.)
    Inner.apply(x).sum().backward()
    log(x.grad)


def function_wrong_count(log):
    class Many(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, g):
            return g, g, g

    class Few(Many):
        @staticmethod
        def backward(ctx, g):
            return g

    class Trailing(Many):
        @staticmethod
        def backward(ctx, g):
            return g, g, None, None

    class Empty(Many):
        @staticmethod
        def backward(ctx, g):
            return ()
    for cls in (Many, Few, Trailing, Empty):
        x, y = _leaf(1., 2.), _leaf(3., 4.)
        log.fails(lambda: cls.apply(x, y).sum().backward())


def function_wrong_shape(log):
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x, shape):
            ctx.shape = shape
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return torch.ones(ctx.shape), None
    for shape in ([2], [3, 2], [1], [4, 3], [3, 1], [], [1, 3]):
        x = _leaf(1., 2., 3.)
        log.fails(lambda: Wrong.apply(x, shape).sum().backward())
        log(x.grad)


def function_wrong_dtype(log):
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x, dtype):
            ctx.dtype = dtype
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return torch.ones(2, dtype=ctx.dtype), None
    for dtype in (torch.float64, torch.int64, torch.bool, torch.float16):
        x = _leaf(1., 2.)
        log.fails(lambda: Wrong.apply(x, dtype).sum().backward())
        log(x.grad)


def function_gradient_for_number(log):
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x, k):
            return x * k

        @staticmethod
        def backward(ctx, g):
            return g, g
    log.fails(lambda: Wrong.apply(_leaf(1.), 2).sum().backward())


def function_gradient_for_constant(log):
    class Fine(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, g):
            return g, torch.ones(7)
    x = _leaf(1., 2.)
    Fine.apply(x, tensor([3., 4.])).sum().backward()
    log(x.grad)


def function_returns_wrong_type(log):
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return 5
    try:
        Wrong.apply(_leaf(1.)).sum().backward()
    except Exception as e:
        log(str(e).rsplit('(', 1)[0])


def function_no_backward(log):
    class Half(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2
    x = _leaf(1.)
    y = Half.apply(x)
    log(y)
    log.fails(lambda: y.backward())


def function_no_forward(log):
    class Half(Function):
        @staticmethod
        def backward(ctx, g):
            return g
    log.fails(lambda: Half.apply(_leaf(1.)))


def function_vjp(log):
    class Named(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def vjp(ctx, g):
            return g * 7

    class Two(Named):
        @staticmethod
        def backward(ctx, g):
            return g
    x = _leaf(1.)
    Named.apply(x).sum().backward()
    log(x.grad)
    log.fails(lambda: Two.apply(x).sum().backward())


def function_called(log):
    log(_Square.forward(torch.autograd.function.FunctionCtx(), tensor([3.])))
    log.fails(lambda: Function.forward(None))
    log.fails(lambda: Function.backward(None))


def function_throws(log):
    class Bad(Function):
        @staticmethod
        def forward(ctx, x, late):
            if not late:
                raise ValueError('in forward')
            return x * 2

        @staticmethod
        def backward(ctx, g):
            raise ValueError('in backward')
    x = _leaf(1.)
    log.fails(lambda: Bad.apply(x, False))
    log(torch.is_grad_enabled())
    log.fails(lambda: Bad.apply(x, True).sum().backward())
    log(torch.is_grad_enabled(), x.grad)
    (x * 2).sum().backward()
    log(x.grad)


def function_context_attributes(log):
    class Keep(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.factor = 4
            ctx.names = ['a', 'b']
            return x * ctx.factor

        @staticmethod
        def backward(ctx, g):
            log(ctx.factor, ctx.names)
            return g * ctx.factor
    x = _leaf(1.)
    y = Keep.apply(x)
    log(y.grad_fn.factor)
    y.backward()
    log(x.grad)


def function_same_input_twice(log):
    class Product(Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x, y)
            return x * y

        @staticmethod
        def backward(ctx, g):
            x, y = ctx.saved_tensors
            return g * y, g * x * 10
    x = _leaf(1., 2.)
    Product.apply(x, x).sum().backward()
    log(x.grad)


def function_list_of_tensors(log):
    class Total(Function):
        @staticmethod
        def forward(ctx, xs):
            return sum(xs)

        @staticmethod
        def backward(ctx, g):
            return None
    x = _leaf(1., 2.)
    y = Total.apply([x, x])
    log(y, y.requires_grad)


def function_returns_list(log):
    class Pair(Function):
        @staticmethod
        def forward(ctx, *xs):
            return tuple(x * 2 for x in xs)

        @staticmethod
        def backward(ctx, *gs):
            log(len(gs), ctx.needs_input_grad)
            return tuple(g * 2 for g in gs)
    x, y = _leaf(1.), _leaf(2.)
    a, b, c = Pair.apply(x, y, tensor([3.]))
    log(a, b, c)
    (a + b + c).sum().backward()
    log(x.grad, y.grad)


def function_gradient_is_saved_tensor(log):
    class Handed(Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.save_for_backward(w)
            return (x * w).sum()

        @staticmethod
        def backward(ctx, g):
            w, = ctx.saved_tensors
            return w, None
    x, w = _leaf(1., 2.), tensor([3., 4.])
    Handed.apply(x, w).backward()
    Handed.apply(x, w).backward()
    log(x.grad, w)


def function_gradient_is_incoming(log):
    class Same(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y

        @staticmethod
        def backward(ctx, g):
            return g, g
    x, y = _leaf(1., 2.), _leaf(3., 4.)
    seed = tensor([1., 10.])
    Same.apply(x, y).backward(seed)
    x.grad.add_(1)
    log(x.grad, y.grad, seed)


def function_saves_handed_through(log):
    class Late(Function):
        @staticmethod
        def forward(x):
            return x

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(inputs[0])
    log.fails(lambda: Late.apply(_leaf(1.)))
