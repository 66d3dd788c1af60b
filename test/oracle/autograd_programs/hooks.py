"""Programs of hooks on tensors (see autograd.py)."""
import torch
from torch import tensor
from torch.autograd import Function, grad

from .common import leaf, square


def hook_replaces(log):
    x = leaf(1., 2.)
    y = x * 3
    y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    y.sum().backward()
    log(x.grad)


def hook_sees(log):
    x = leaf(1., 2.)
    y = x * 3
    y.register_hook(lambda g: log('y', g))
    x.register_hook(lambda g: log('x', g, x.grad))
    (y * y).sum().backward()
    log(x.grad)


def hook_several_in_order(log):
    x = leaf(1.)
    y = x * 3
    for k in (2, 3, 5):
        y.register_hook(lambda g, k=k: (log('y', k, g), g * k)[1])
        x.register_hook(lambda g, k=k: (log('x', k, g), g + k)[1])
    y.sum().backward()
    log(x.grad)


def hook_removed(log):
    x = leaf(1.)
    y = x * 3
    h = y.register_hook(lambda g: g * 10)
    k = x.register_hook(lambda g: g * 100)
    one = torch.ones([1])
    y.backward(one, retain_graph=True)
    h.remove()
    y.backward(one, retain_graph=True)
    k.remove()
    k.remove()
    y.backward(one)
    log(x.grad)


def hook_removed_while_running(log):
    x = leaf(1.)
    y = x * 3
    handles = []

    def first(g):
        log('first')
        handles[0].remove()

    def second(g):
        log('second')
    handles.append(y.register_hook(first))
    y.register_hook(second)
    y.backward(retain_graph=True)
    y.backward()
    log(x.grad)


def hook_removes_later_while_running(log):
    x = leaf(1.)
    handles = []
    x.register_hook(lambda g: (log('first'), handles[0].remove())[0])
    handles.append(x.register_hook(lambda g: log('second')))
    (x * 3).backward()
    (x * 3).backward()


def hook_without_grad(log):
    x = tensor([1.])
    log.fails(lambda: x.register_hook(lambda g: None))
    log.fails(lambda: x.register_post_accumulate_grad_hook(lambda t: None))
    log.fails(lambda: x.retain_grad())


def hook_returns_wrong_type(log):
    def wrong(g):
        return 5
    x = leaf(1.)
    x.register_hook(wrong)
    log.fails(lambda: (x * 2).backward(), before="'")


def hook_returns_wrong_shape(log):
    def grow(g):
        return torch.ones([3])

    def double(g):
        return g.double()
    for hook in (grow, double):
        x = leaf(1., 2.)
        x.register_hook(hook)
        log.fails(lambda: (x * 2).sum().backward())
        y = leaf(1., 2.) * 1
        y.register_hook(hook)
        log.fails(lambda: (y * 2).sum().backward())


def hook_before_and_after_in_place(log):
    x = leaf(1., 2.)
    y = x * 2
    y.register_hook(lambda g: log('before', g))
    y.mul_(3)
    y.register_hook(lambda g: log('after', g))
    y.sum().backward()
    log(x.grad)


def hook_on_view_and_base(log):
    x = square()
    y = x * 2
    v = y[0]
    v.register_hook(lambda g: log('view before', g))
    y.register_hook(lambda g: log('base before', g))
    v.mul_(3)
    v.register_hook(lambda g: log('view after', g))
    y.register_hook(lambda g: log('base after', g))
    (y * 5).sum().backward()
    log(x.grad)


def hook_on_leaf_with_grad(log):
    x = leaf(1., 2.)
    x.register_hook(lambda g: g * 10)
    log(grad((x * 2).sum(), x))
    log(x.grad)
    (x * 2).sum().backward()
    log(x.grad)


def hook_on_intermediate_with_grad(log):
    x = leaf(1., 2.)
    y = x * 2
    y.register_hook(lambda g: (log('y', g), g * 10)[1])
    log(grad((y * 3).sum(), [y, x]))
    y = x * 2
    y.register_hook(lambda g: (log('y', g), g * 10)[1])
    log(grad((y * 3).sum(), y))
    y = x * 2
    y.register_hook(lambda g: (log('y', g), g * 10)[1])
    y.retain_grad()
    (y * 3).sum().backward(inputs=[y])
    log(y.grad, x.grad)


def hook_double_backward(log):
    x = leaf(2.)
    y = x ** 3
    y.register_hook(lambda g: g * x)
    g, = grad(y, x, create_graph=True)
    log(g)
    log(grad(g, x))


def hook_grad_mode(log):
    x = leaf(2.)
    x.register_hook(lambda g: log(torch.is_grad_enabled(), g.requires_grad))
    y = x * x
    y.register_hook(lambda g: log(torch.is_grad_enabled(), g.requires_grad))
    y.backward(retain_graph=True)
    y.backward(create_graph=True)


def hook_throws(log):
    x = leaf(2.)

    def bad(g):
        raise ValueError('in hook')
    h = x.register_hook(bad)
    y = x * x
    log.fails(lambda: y.backward())
    log(torch.is_grad_enabled(), x.grad)
    h.remove()
    (x * x).backward()
    log(x.grad)


def hook_starts_backward(log):
    x = leaf(2.)
    z = leaf(3.)

    def inner(g):
        log.fails(lambda: (z * z).backward())
        with torch.enable_grad():
            (z * z * g.detach()).backward()
        log('inner', z.grad)
    y = x * x
    y.register_hook(inner)
    (y * 5).backward()
    log(x.grad, z.grad)


def hook_same_graph_inside(log):
    x = leaf(2.)
    y = x * x
    seen = []

    def inner(g):
        if len(seen) == 0:
            seen.append(1)
            log(grad(y, x, retain_graph=True))
    y.register_hook(inner)
    (y * 5).backward()
    log(x.grad)


def hook_none_gradient(log):
    class Stop(Function):
        def forward(ctx, x):
            return x * 2

        def backward(ctx, g):
            return None
    x = leaf(1.)
    y = x * 1
    y.register_hook(lambda g: log('y', g))
    x.register_hook(lambda g: log('x', g))
    x.register_post_accumulate_grad_hook(lambda t: log('after', t.grad))
    y.retain_grad()
    Stop.apply(y).backward()
    log(x.grad, y.grad)


def hook_one_of_two_outputs(log):
    x = leaf(1., 2., 3., 4.)
    a, b = (x * 1).chunk(2)
    b.register_hook(lambda g: log('b', g))
    a.register_hook(lambda g: log('a', g))
    a.sum().backward()
    log(x.grad)


def hook_add_detached_gradient(log):
    x = leaf(1., 2.)
    kept = []
    x.register_hook(lambda g: kept.append(g))
    (x * 2).sum().backward()
    log(kept[0], kept[0] is x.grad)
    (x * 5).sum().backward()
    log(kept[0], kept[1], x.grad)


def retain_grad(log):
    x = leaf(1., 2.)
    y = x * 2
    log(y.retains_grad, x.retains_grad)
    y.retain_grad()
    y.retain_grad()
    x.retain_grad()
    log(y.retains_grad, x.retains_grad)
    z = (y * y).sum()
    z.backward(retain_graph=True)
    log(y.grad, x.grad)
    z.backward()
    log(y.grad, x.grad)


def retain_grad_after_hooks(log):
    x = leaf(1., 2.)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    y.sum().backward()
    log(y.grad, x.grad)


def retain_grad_in_place(log):
    x = leaf(1., 2.)
    y = x * 2
    y.retain_grad()
    y.mul_(3)
    log(y.retains_grad)
    y.retain_grad()
    (y * y).sum().backward()
    log(y.grad, x.grad)


def retain_grad_in_place_twice(log):
    x = leaf(1., 2.)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: log('0', g))
    y.mul_(3)
    y.register_hook(lambda g: log('1', g))
    y.add_(1)
    y.register_hook(lambda g: log('2', g))
    (y * 5).sum().backward()
    log(y.grad, x.grad)


def retain_grad_of_view(log):
    x = square()
    y = x * 2
    v = y[0]
    v.retain_grad()
    y.retain_grad()
    v.mul_(3)
    (y * 5).sum().backward()
    log(v.grad, y.grad, x.grad)


def retain_grad_of_base(log):
    x = square()
    y = x * 2
    y.retain_grad()
    v = y[0]
    y.mul_(3)
    (v * 5).sum().backward()
    log(y.grad, x.grad)


def retain_grad_create_graph(log):
    x = leaf(2.)
    y = x * x
    y.retain_grad()
    (y * y).backward(create_graph=True)
    log(y.grad, x.grad)


def retain_grad_is_a_copy(log):
    x = leaf(1., 2.)
    y = x * 2
    y.retain_grad()
    seed = tensor([1., 1.])
    y.backward(seed)
    y.grad.add_(5)
    log(seed, x.grad, y.grad)


def post_accumulate(log):
    x = leaf(1., 2.)
    h = x.register_post_accumulate_grad_hook(lambda t: log('after', t is x, t.grad))
    x.register_hook(lambda g: (log('hook', g), g * 10)[1])
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    h.remove()
    (x * 2).sum().backward()
    log(x.grad)


def post_accumulate_on_intermediate(log):
    x = leaf(1., 2.)
    y = x * 2
    log.fails(lambda: y.register_post_accumulate_grad_hook(lambda t: None))


def post_accumulate_several(log):
    x = leaf(1., 2.)
    x.register_post_accumulate_grad_hook(lambda t: log('1'))
    x.register_post_accumulate_grad_hook(lambda t: log('2'))
    (x * 2).sum().backward()
    log(grad((x * 2).sum(), x))


def post_accumulate_returns(log):
    x = leaf(1., 2.)
    x.register_post_accumulate_grad_hook(lambda t: t)
    log.fails(lambda: (x * 2).sum().backward())


def post_accumulate_clears(log):
    x, y = leaf(1., 2.), leaf(3.)

    def step(t):
        with torch.no_grad():
            t -= 0.5 * t.grad
        t.grad = None
    x.register_post_accumulate_grad_hook(step)
    y.register_post_accumulate_grad_hook(step)
    for _ in range(3):
        (x * x * y).sum().backward()
    log(x, y, x.grad, y.grad)
