"""Programs of nodes, their hooks and autograd.graph (see autograd.py)."""
import torch
from torch import tensor
from torch.autograd import Function, grad, graph

from .common import leaf


def node_names(log):
    x = leaf(1., 2.)
    y = (x * 2 + 1).sum()
    fn = y.grad_fn
    while fn is not None:
        log(fn.name(), fn.next_functions[0][1] if fn.next_functions else None, len(fn.next_functions))
        fn = fn.next_functions[0][0] if fn.next_functions else None
    a = x.view_as(x).grad_fn.next_functions[0][0]
    log(a.name(), a.variable is x, a.next_functions)
    z = x * 2 + x
    log(z.grad_fn.next_functions[1][0] is a)


def node_metadata(log):
    x = leaf(1., 2.)
    y = x * 2
    y.grad_fn.metadata['note'] = 5
    log(y.grad_fn.metadata['note'], (x * 2).grad_fn.metadata)


def node_hook(log):
    x = leaf(1., 2.)
    y = x * 3
    y.grad_fn.register_hook(lambda gi, go: log('node', gi, go))
    y.register_hook(lambda g: log('tensor', g))
    y.sum().backward()
    log(x.grad)


def node_hook_replaces(log):
    x, w = leaf(1., 2.), leaf(3., 4.)
    y = x * w
    y.grad_fn.register_hook(lambda gi, go: (gi[0] * 10, gi[1] * 100))
    h = y.grad_fn.register_hook(lambda gi, go: (log(gi), None)[1])
    y.sum().backward(retain_graph=True)
    log(x.grad, w.grad)
    h.remove()
    y.sum().backward()
    log(x.grad, w.grad)


def node_hook_wrong(log):
    def short(gi, go):
        return (gi[0],)

    def shape(gi, go):
        return (torch.ones([5]), gi[1])

    def kind(gi, go):
        return ('text', gi[1])
    for hook in (short, shape, kind):
        x, w = leaf(1., 2.), leaf(3., 4.)
        y = x * w
        y.grad_fn.register_hook(hook)
        log.fails(lambda: y.sum().backward(), before=r" \(|'str(ing)?'")


def node_hook_none(log):
    x = leaf(1., 2.)
    y = x * tensor([3., 4.])
    y.grad_fn.register_hook(lambda gi, go: log(gi, go))
    y.sum().backward()

    def fill(gi, go):
        return (gi[0], torch.ones([2]))
    y = x * tensor([3., 4.])
    y.grad_fn.register_hook(fill)
    log.fails(lambda: y.sum().backward())


def node_prehook(log):
    x = leaf(1., 2.)
    y = x * 3
    y.grad_fn.register_prehook(lambda go: (log('pre', go), (go[0] * 10,))[1])
    y.register_hook(lambda g: (log('tensor', g), g + 1)[1])
    y.retain_grad()
    y.grad_fn.register_hook(lambda gi, go: log('post', gi, go))
    y.sum().backward()
    log(x.grad, y.grad)


def node_prehook_wrong(log):
    def short(go):
        return ()

    def shape(go):
        return (torch.ones([5]),)
    for hook in (short, shape):
        x = leaf(1., 2.)
        y = x * 3
        y.grad_fn.register_prehook(hook)
        log.fails(lambda: y.sum().backward())


def node_hooks_order(log):
    x = leaf(1.)
    y = x * 3
    a = y.grad_fn.next_functions[0][0]
    a.register_hook(lambda gi, go: log('acc post', gi, go, x.grad))
    a.register_prehook(lambda go: log('acc pre', go, x.grad))
    x.register_post_accumulate_grad_hook(lambda t: log('after'))
    x.register_hook(lambda g: log('leaf', g))
    y.grad_fn.register_hook(lambda gi, go: log('post'))
    y.grad_fn.register_prehook(lambda go: log('pre'))
    y.register_hook(lambda g: log('tensor'))
    y.backward()


def node_hook_with_grad(log):
    x = leaf(1.)
    y = x * 3
    a = y.grad_fn.next_functions[0][0]
    a.register_hook(lambda gi, go: log('acc post'))
    a.register_prehook(lambda go: log('acc pre'))
    y.grad_fn.register_prehook(lambda go: log('pre'))
    z = y * 2
    log(grad(z, x, retain_graph=True))
    log(grad(z, y, retain_graph=True))
    z.backward(inputs=[x])


def order_of_leaves(log):
    names = 'abcde'
    leaves = [leaf(float(i)) for i in range(5)]
    for n, t in zip(names, leaves):
        t.register_hook(lambda g, n=n: log(n, g))
    a, b, c, d, e = leaves
    torch.addcmul(a, b, c).backward()
    torch.cat([d, e, c, b, a]).sum().backward()
    torch.stack([a * b, c * d, e]).sum().backward()
    (((a + b) * (c + d)) * e).backward()
    torch.autograd.backward([e, d, c, b, a])


def order_of_nodes(log):
    x = leaf(1.)
    a = x * 2
    b = x * 3
    c = a * b
    d = b.sin()
    e = c + d
    for n, t in zip('abcde', (a, b, c, d, e)):
        t.register_hook(lambda g, n=n: log(n, g))
    e.backward()
    log(x.grad)


def multi_grad_hook_all(log):
    x, y = leaf(1.), leaf(2.)
    a, b = x * 3, y * 4
    h = graph.register_multi_grad_hook((a, b), lambda gs: log('all', gs))
    (a * b).backward(retain_graph=True)
    (a * 2).backward(retain_graph=True)
    log(grad(a * b, x, retain_graph=True))
    h.remove()
    (a * b).backward()


def multi_grad_hook_any(log):
    x, y = leaf(1.), leaf(2.)
    a, b = x * 3, y * 4
    graph.register_multi_grad_hook((a, b, tensor(1.)), lambda g: log('any', g), mode='any')
    (a * b).backward(retain_graph=True)
    (a * 2).backward(retain_graph=True)
    log.fails(lambda: graph.register_multi_grad_hook((a, b), lambda g: None, mode='some'))


def multi_grad_hook_leaves(log):
    x, y, z = leaf(1.), leaf(2.), leaf(3.)
    graph.register_multi_grad_hook((x, y, z), lambda gs: log(gs, x.grad, y.grad))
    (x * y).backward()
    (x * y * z).backward()
    log.fails(lambda: graph.register_multi_grad_hook((tensor(1.),), lambda gs: None))


def gradient_edge(log):
    x = leaf(1., 2.)
    y = x * 3
    e = graph.get_gradient_edge(y)
    log(e.node is y.grad_fn, e.output_nr)
    f = graph.get_gradient_edge(x)
    log(f.node.name(), f.output_nr)
    log(grad(y.sum(), [e, f]))
    log.fails(lambda: graph.get_gradient_edge(tensor([1.])))
    z = (x * 2).sum()
    log(grad(graph.get_gradient_edge(z), x))
    y = x * 3
    torch.autograd.backward(graph.get_gradient_edge(y), grad_tensors=tensor([1., 1.]))
    log(x.grad)


def gradient_edge_errors(log):
    x = leaf(1., 2.)
    y = x * 3
    e = graph.get_gradient_edge(y)
    log.fails(lambda: grad(e, x))
    log.fails(lambda: grad(e, x, torch.ones([3])))
    z = leaf(1.)
    log.fails(lambda: grad(y.sum(), graph.get_gradient_edge(z)))
    log.fails(lambda: grad(y.sum(), graph.get_gradient_edge(z * 1), materialize_grads=True))
    log(grad(y.sum(), graph.get_gradient_edge(z), allow_unused=True))


def increment_version(log):
    x = leaf(1., 2.)
    y = x * 1
    z = y * y
    graph.increment_version(y)
    log(y._version)
    log.fails(lambda: z.sum().backward())
    graph.increment_version([x, y])
    log(x._version, y._version)


def saved_hooks(log):
    def pack(t):
        log('pack', t)
        return t.detach() * 10

    def unpack(p):
        log('unpack', p)
        return p / 10
    x = leaf(1., 2.)
    with graph.saved_tensors_hooks(pack, unpack):
        z = x.sin().exp()
    z.sum().backward()
    log(x.grad)


def saved_hooks_wrong_values(log):
    x = leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: t.shape, lambda s: torch.full(s, 7.)):
        y = x * x
    y.sum().backward()
    log(x.grad)


def saved_hooks_double_backward(log):
    x = leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        y = (x ** 3).sum()
    g, = grad(y, x, create_graph=True)
    log(g)
    log(grad(g.sum(), x))
    with graph.saved_tensors_hooks(lambda t: t.detach(), lambda t: t):
        z = (x * 1).exp().sum()
    g, = grad(z, x, create_graph=True)
    log(g)
    log(grad(g.sum(), x))


def saved_hooks_nested(log):
    x = leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: log('outer'), lambda p: torch.ones([2])):
        with graph.saved_tensors_hooks(lambda t: log('inner'), lambda p: torch.zeros([2])):
            y = x.exp()
        z = x.exp()
    (y + z).sum().backward()
    log(x.grad)


def saved_hooks_wrong_return(log):
    x = leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: t, lambda p: 'text'):
        y = x.exp()
    log.fails(lambda: y.sum().backward(), before='type')


def saved_hooks_in_place(log):
    def pack(t):
        with torch.no_grad():
            t.mul_(2)
        return t
    x = leaf(1., 2.)
    with graph.saved_tensors_hooks(pack, lambda p: p):
        log.fails(lambda: (x * 1).exp())
        log.fails(lambda: (x * 1).sin())


def saved_hooks_no_version_check(log):
    x = leaf(1., 2.)
    y = x * 1
    with graph.saved_tensors_hooks(lambda t: t.clone(), lambda p: p):
        z = y * y
    y.add_(1)
    z.sum().backward()
    log(x.grad)


def saved_hooks_function(log):
    class Square(Function):
        def forward(ctx, x):
            ctx.save_for_backward(x)
            log('forward')
            return x * x

        def backward(ctx, g):
            x, = ctx.saved_tensors
            log('backward', x)
            return g * 2 * x
    x = leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: (log('pack', t), t.detach() + 10)[1], lambda p: p - 10):
        y = Square.apply(x)
    y.sum().backward()
    log(x.grad)


def saved_hooks_disabled(log):
    x = leaf(1., 2.)
    with graph.disable_saved_tensors_hooks('not now'):
        def use():
            with graph.saved_tensors_hooks(lambda t: t, lambda t: t):
                pass
        log.fails(use)
        with graph.disable_saved_tensors_hooks('nor here'):
            log.fails(use)
        log.fails(use)
        (x * x).sum().backward()
    log.fails(use)
    log(x.grad)

    def inside():
        with graph.saved_tensors_hooks(lambda t: t, lambda t: t):
            with graph.disable_saved_tensors_hooks('inside'):
                pass
    log.fails(inside)


def saved_hooks_freed(log):
    x = leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: t.detach(), lambda t: t):
        y = x.exp()
    y.sum().backward()
    log.fails(lambda: y.sum().backward())


def save_on_cpu(log):
    x = leaf(1., 2.)
    with graph.save_on_cpu():
        y = (x * x).exp()
    y.sum().backward()
    log(x.grad)
