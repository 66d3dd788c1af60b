"""Programs of hooks of modules (see module_state.py)."""
import warnings

import torch
from torch import nn

from .common import fill, leaf


def forward_hooks(say):
    net = nn.Sequential(nn.Identity(), nn.ReLU())
    net.register_forward_pre_hook(lambda m, x: say('a', x))
    b = net.register_forward_pre_hook(lambda m, x: x[0] * 2)
    net.register_forward_pre_hook(lambda m, x: (x[0] + 1,), prepend=True)
    net[0].register_forward_hook(lambda m, x, y: say('inner', x, y))
    net.register_forward_hook(lambda m, x, y: y * 10)
    net.register_forward_hook(lambda m, x, y: say('last', x, y))
    net.register_forward_hook(lambda m, x, y: say('first', x, y), prepend=True)
    say(net(torch.tensor([1.0, -3.0])))
    b.remove()
    b.remove()
    say(net(torch.tensor([1.0, -3.0])))


def always_called_hooks(say):
    class Fails(nn.Module):
        def forward(self, x):
            raise RuntimeError('no')
    m = Fails()
    m.register_forward_hook(lambda m, x, y: say('plain', y))
    m.register_forward_hook(lambda m, x, y: say('always', x, y), always_call=True)
    m.register_forward_hook(lambda m, x, y: 5, always_call=True)
    m.register_forward_hook(lambda m, x, y: say('then', y), always_call=True)
    say.error(lambda: m(torch.ones(1)))
    ok = nn.Identity()

    def bad(m, x, y):
        say('bad', y)
        raise RuntimeError('in hook')
    ok.register_forward_hook(lambda m, x, y: say('one', y), always_call=True)
    ok.register_forward_hook(bad, always_call=True)
    ok.register_forward_hook(lambda m, x, y: say('two', y), always_call=True)
    say.error(lambda: ok(torch.ones(1)))


def throwing_pre_hook(say):
    m = nn.Identity()

    def bad(m, x):
        raise RuntimeError('refused')
    m.register_forward_pre_hook(bad)
    m.register_forward_hook(lambda m, x, y: say('always', x, y), always_call=True)
    say.error(lambda: m(torch.ones(1)))


def global_hooks(say):
    M = torch.nn.modules.module
    net = nn.Sequential(nn.Identity(), nn.Tanh())
    net[1].register_forward_hook(lambda m, x, y: say('own'))
    net[1].register_full_backward_hook(lambda m, gi, go: say('own backward'))
    handles = [
        M.register_module_forward_pre_hook(lambda m, x: say('pre', type(m).__name__)),
        M.register_module_forward_hook(lambda m, x, y: say('post', type(m).__name__)),
        M.register_module_full_backward_pre_hook(lambda m, go: say('backward pre', type(m).__name__, go)),
        M.register_module_full_backward_hook(lambda m, gi, go: say('backward', type(m).__name__, gi, go)),
    ]
    x = torch.zeros(2, requires_grad=True)
    net(x).sum().backward()
    for h in handles:
        h.remove()
    net(x).sum().backward()
    say(x.grad)


class Two(nn.Module):
    def forward(self, a, b):
        return a * 2, b * 3


class Pick(nn.Module):
    def forward(self, a, n, b):
        return a * n, n, b * 1


def see(say, tag):
    return lambda m, gi, go: say(tag, type(m).__name__, gi, go)


def see_pre(say, tag):
    return lambda m, go: say(tag, type(m).__name__, go)


def backward_hooks(say):
    x, y, z = leaf(1.0, 2.0), leaf(3.0, 4.0), torch.ones(2)
    m = Two()
    m.register_full_backward_hook(see(say, 'after'))
    m.register_full_backward_pre_hook(see_pre(say, 'before'))
    a, b = m(x, y)
    (a * b).sum().backward()
    say(x.grad, y.grad)
    say('one output')
    m(x, y)[0].sum().backward()
    say(x.grad, y.grad)
    say('an input without gradient')
    a, b = m(x, z)
    (a + b).sum().backward()
    say(x.grad)
    say('not recorded')
    with torch.no_grad():
        say(m(x, y)[0].requires_grad)


def backward_hooks_of_other_arguments(say):
    x, y = leaf(1.0), leaf(2.0)
    m = Pick()
    m.register_full_backward_hook(see(say, 'after'))
    m.register_full_backward_pre_hook(see_pre(say, 'before'))
    m(x, 3, y)[2].sum().backward()
    say(x.grad, y.grad)
    say(torch.autograd.grad(m(x, 3, y)[0].sum(), [x])[0])


def backward_hooks_replace(say):
    lin = fill(nn.Linear(2, 1))
    x = leaf(1.0, 2.0)
    lin.register_full_backward_hook(lambda m, gi, go: (gi[0] * 10,))
    lin.register_full_backward_hook(see(say, 'second'))
    lin.register_full_backward_pre_hook(lambda m, go: (go[0] * 2,))
    lin.register_full_backward_pre_hook(see_pre(say, 'second'))
    lin.register_full_backward_pre_hook(see_pre(say, 'first'), prepend=True)
    lin.register_full_backward_hook(see(say, 'first'), prepend=True)
    lin(x).sum().backward()
    say(x.grad, lin.weight.grad)
    lin = nn.Linear(2, 1)
    lin.register_full_backward_hook(lambda m, gi, go: (None,))
    x.grad = None
    lin(x).sum().backward()
    say(x.grad, lin.weight.grad)


def backward_hooks_mistakes(say):
    x = leaf(1.0, 2.0)
    for hook in (lambda m, gi, go: (gi[0], gi[0]), lambda m, gi, go: gi[0], lambda m, gi, go: (),
                 lambda m, gi, go: (gi[0].double(),), lambda m, gi, go: (gi[0][:1],), lambda m, gi, go: (5,)):
        lin = nn.Linear(2, 1)
        lin.register_full_backward_hook(hook)
        say.error(lambda: lin(x).sum().backward())
    for hook in (lambda m, go: (go[0], go[0]), lambda m, go: (go[0].double(),), lambda m, go: (go[0].repeat(2),)):
        lin = nn.Linear(2, 1)
        lin.register_full_backward_pre_hook(hook)
        say.error(lambda: lin(x).sum().backward())


def backward_hooks_without_inputs(say):
    lin = fill(nn.Linear(2, 1))
    lin.register_full_backward_hook(see(say, 'after'))
    lin.register_full_backward_pre_hook(lambda m, go: (go[0] * 2,))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        lin(torch.ones(2)).sum().backward()
    say([str(w.message) for w in seen])
    say(lin.weight.grad)
    handle = lin.register_full_backward_hook(lambda m, gi, go: (torch.ones(2),))
    say.error(lambda: lin(torch.ones(2)).sum().backward())
    handle.remove()
    lin.register_full_backward_hook(lambda m, gi, go: (None,))
    lin(torch.ones(2)).sum().backward()
    say(lin.weight.grad)


def backward_hooks_and_changes_in_place(say):
    x = leaf(1.0, 2.0)
    m = nn.Identity()
    m.register_full_backward_hook(see(say, 'after'))
    say.error(lambda: m(x * 1).add_(1))
    two = Two()
    two.register_full_backward_hook(see(say, 'after'))
    say.error(lambda: two(x * 1, x * 1)[0].add_(1))
    relu = nn.ReLU(inplace=True)
    relu.register_full_backward_hook(see(say, 'after'))
    say.error(lambda: relu(x * 1))
    y = m(x * 1)
    z = y + 1
    z.add_(1)
    z.sum().backward()
    say(x.grad)


def backward_hooks_twice(say):
    x = leaf(1.0, 2.0)
    m = nn.Tanh()
    handle = m.register_full_backward_hook(lambda m, gi, go: say('after', len(gi), len(go)))
    y = m(x)
    y.sum().backward(retain_graph=True)
    y.sum().backward(retain_graph=True)
    handle.remove()
    say('removed')
    y.sum().backward()
    m(x).sum().backward()
    m.register_full_backward_hook(lambda m, gi, go: say('again', gi[0].requires_grad, go[0].requires_grad))
    g, = torch.autograd.grad((m(x) * x).sum(), x, create_graph=True)
    say(g.requires_grad)


def backward_hooks_of_other_outputs(say):
    class Gives(nn.Module):
        def forward(self, x):
            return {'a': x * 1}
    m = Gives()
    m.register_full_backward_hook(see(say, 'after'))
    x = leaf(1.0)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        m(x)['a'].sum().backward()
    say([str(w.message) for w in seen], x.grad)


def grad_fn_of_hooked(say):
    m = nn.Identity()
    m.register_full_backward_hook(see(say, 'after'))
    y = m(leaf(1.0))
    say(type(y.grad_fn).__name__)
    m.register_forward_hook(lambda m, x, y: say(type(x[0].grad_fn).__name__, type(y.grad_fn).__name__))
    m(leaf(1.0))
