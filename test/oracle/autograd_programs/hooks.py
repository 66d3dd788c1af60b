"""Programs of hooks on tensors and nodes, and of autograd.graph (see autograd.py)."""
import torch
from torch import tensor
from torch.autograd import Function, grad, graph


def _leaf(*values):
    return tensor(list(values), requires_grad=True)


def hook_replaces(log):
    x = _leaf(1., 2.)
    y = x * 3
    y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    y.sum().backward()
    log(x.grad)


def hook_sees(log):
    x = _leaf(1., 2.)
    y = x * 3
    y.register_hook(lambda g: log('y', g))
    x.register_hook(lambda g: log('x', g, x.grad))
    (y * y).sum().backward()
    log(x.grad)


def hook_several_in_order(log):
    x = _leaf(1.)
    y = x * 3
    for k in (2, 3, 5):
        y.register_hook(lambda g, k=k: (log('y', k, g), g * k)[1])
        x.register_hook(lambda g, k=k: (log('x', k, g), g + k)[1])
    y.sum().backward()
    log(x.grad)


def hook_removed(log):
    x = _leaf(1.)
    y = x * 3
    h = y.register_hook(lambda g: g * 10)
    k = x.register_hook(lambda g: g * 100)
    one = torch.ones(1)
    y.backward(one, retain_graph=True)
    h.remove()
    y.backward(one, retain_graph=True)
    k.remove()
    k.remove()
    y.backward(one)
    log(x.grad)


def hook_removed_while_running(log):
    x = _leaf(1.)
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
    x = _leaf(1.)
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
    x = _leaf(1.)
    x.register_hook(wrong)
    try:
        (x * 2).backward()
    except Exception as e:
        log(str(e).split("'")[0])


def hook_returns_wrong_shape(log):
    def grow(g):
        return torch.ones(3)

    def double(g):
        return g.double()
    for hook in (grow, double):
        x = _leaf(1., 2.)
        x.register_hook(hook)
        log.fails(lambda: (x * 2).sum().backward())
        y = _leaf(1., 2.) * 1
        y.register_hook(hook)
        log.fails(lambda: (y * 2).sum().backward())


def hook_before_and_after_in_place(log):
    x = _leaf(1., 2.)
    y = x * 2
    y.register_hook(lambda g: log('before', g))
    y.mul_(3)
    y.register_hook(lambda g: log('after', g))
    y.sum().backward()
    log(x.grad)


def hook_on_view_and_base(log):
    x = tensor([[1., 2.], [3., 4.]], requires_grad=True)
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
    x = _leaf(1., 2.)
    x.register_hook(lambda g: g * 10)
    log(grad((x * 2).sum(), x))
    log(x.grad)
    (x * 2).sum().backward()
    log(x.grad)


def hook_on_intermediate_with_grad(log):
    x = _leaf(1., 2.)
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
    x = _leaf(2.)
    y = x ** 3
    y.register_hook(lambda g: g * x)
    g, = grad(y, x, create_graph=True)
    log(g)
    log(grad(g, x))


def hook_grad_mode(log):
    x = _leaf(2.)
    x.register_hook(lambda g: log(torch.is_grad_enabled(), g.requires_grad))
    y = x * x
    y.register_hook(lambda g: log(torch.is_grad_enabled(), g.requires_grad))
    y.backward(retain_graph=True)
    y.backward(create_graph=True)


def hook_throws(log):
    x = _leaf(2.)

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
    x = _leaf(2.)
    z = _leaf(3.)

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
    x = _leaf(2.)
    y = x * x
    seen = []

    def inner(g):
        if not seen:
            seen.append(1)
            log(grad(y, x, retain_graph=True))
    y.register_hook(inner)
    (y * 5).backward()
    log(x.grad)


def hook_none_gradient(log):
    class Stop(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return None
    x = _leaf(1.)
    y = x * 1
    y.register_hook(lambda g: log('y', g))
    x.register_hook(lambda g: log('x', g))
    x.register_post_accumulate_grad_hook(lambda t: log('after', t.grad))
    y.retain_grad()
    Stop.apply(y).backward()
    log(x.grad, y.grad)


def hook_one_of_two_outputs(log):
    x = _leaf(1., 2., 3., 4.)
    a, b = (x * 1).chunk(2)
    b.register_hook(lambda g: log('b', g))
    a.register_hook(lambda g: log('a', g))
    a.sum().backward()
    log(x.grad)


def hook_add_detached_gradient(log):
    x = _leaf(1., 2.)
    kept = []
    x.register_hook(lambda g: kept.append(g))
    (x * 2).sum().backward()
    log(kept[0], kept[0] is x.grad)
    (x * 5).sum().backward()
    log(kept[0], kept[1], x.grad)


def retain_grad(log):
    x = _leaf(1., 2.)
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
    x = _leaf(1., 2.)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    y.sum().backward()
    log(y.grad, x.grad)


def retain_grad_in_place(log):
    x = _leaf(1., 2.)
    y = x * 2
    y.retain_grad()
    y.mul_(3)
    log(y.retains_grad)
    y.retain_grad()
    (y * y).sum().backward()
    log(y.grad, x.grad)


def retain_grad_in_place_twice(log):
    x = _leaf(1., 2.)
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
    x = tensor([[1., 2.], [3., 4.]], requires_grad=True)
    y = x * 2
    v = y[0]
    v.retain_grad()
    y.retain_grad()
    v.mul_(3)
    (y * 5).sum().backward()
    log(v.grad, y.grad, x.grad)


def retain_grad_of_base(log):
    x = tensor([[1., 2.], [3., 4.]], requires_grad=True)
    y = x * 2
    y.retain_grad()
    v = y[0]
    y.mul_(3)
    (v * 5).sum().backward()
    log(y.grad, x.grad)


def retain_grad_create_graph(log):
    x = _leaf(2.)
    y = x * x
    y.retain_grad()
    (y * y).backward(create_graph=True)
    log(y.grad, x.grad)


def retain_grad_is_a_copy(log):
    x = _leaf(1., 2.)
    y = x * 2
    y.retain_grad()
    seed = tensor([1., 1.])
    y.backward(seed)
    y.grad.add_(5)
    log(seed, x.grad, y.grad)


def post_accumulate(log):
    x = _leaf(1., 2.)
    h = x.register_post_accumulate_grad_hook(lambda t: log('after', t is x, t.grad))
    x.register_hook(lambda g: (log('hook', g), g * 10)[1])
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    h.remove()
    (x * 2).sum().backward()
    log(x.grad)


def post_accumulate_on_intermediate(log):
    x = _leaf(1., 2.)
    y = x * 2
    log.fails(lambda: y.register_post_accumulate_grad_hook(lambda t: None))


def post_accumulate_several(log):
    x = _leaf(1., 2.)
    x.register_post_accumulate_grad_hook(lambda t: log('1'))
    x.register_post_accumulate_grad_hook(lambda t: log('2'))
    (x * 2).sum().backward()
    log(grad((x * 2).sum(), x))


def post_accumulate_returns(log):
    x = _leaf(1., 2.)
    x.register_post_accumulate_grad_hook(lambda t: t)
    log.fails(lambda: (x * 2).sum().backward())


def post_accumulate_clears(log):
    x, y = _leaf(1., 2.), _leaf(3.)

    def step(t):
        with torch.no_grad():
            t -= 0.5 * t.grad
        t.grad = None
    x.register_post_accumulate_grad_hook(step)
    y.register_post_accumulate_grad_hook(step)
    for _ in range(3):
        (x * x * y).sum().backward()
    log(x, y, x.grad, y.grad)


def node_names(log):
    x = _leaf(1., 2.)
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
    x = _leaf(1., 2.)
    y = x * 2
    y.grad_fn.metadata['note'] = 5
    log(y.grad_fn.metadata['note'], (x * 2).grad_fn.metadata)


def node_hook(log):
    x = _leaf(1., 2.)
    y = x * 3
    y.grad_fn.register_hook(lambda gi, go: log('node', gi, go))
    y.register_hook(lambda g: log('tensor', g))
    y.sum().backward()
    log(x.grad)


def node_hook_replaces(log):
    x, w = _leaf(1., 2.), _leaf(3., 4.)
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
        return (torch.ones(5), gi[1])

    def kind(gi, go):
        return ('text', gi[1])

    def notuple(gi, go):
        return gi[0]
    for hook in (short, shape, kind):
        x, w = _leaf(1., 2.), _leaf(3., 4.)
        y = x * w
        y.grad_fn.register_hook(hook)
        try:
            y.sum().backward()
        except Exception as e:
            log(str(e).split(' (')[0].split("'str'")[0])


def node_hook_none(log):
    x = _leaf(1., 2.)
    y = x * tensor([3., 4.])
    y.grad_fn.register_hook(lambda gi, go: log(gi, go))
    y.sum().backward()

    def fill(gi, go):
        return (gi[0], torch.ones(2))
    y = x * tensor([3., 4.])
    y.grad_fn.register_hook(fill)
    log.fails(lambda: y.sum().backward())


def node_prehook(log):
    x = _leaf(1., 2.)
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
        return (torch.ones(5),)
    for hook in (short, shape):
        x = _leaf(1., 2.)
        y = x * 3
        y.grad_fn.register_prehook(hook)
        log.fails(lambda: y.sum().backward())


def node_hooks_order(log):
    x = _leaf(1.)
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
    x = _leaf(1.)
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
    leaves = [_leaf(float(i)) for i in range(5)]
    for n, t in zip(names, leaves):
        t.register_hook(lambda g, n=n: log(n, g))
    a, b, c, d, e = leaves
    torch.addcmul(a, b, c).backward()
    torch.cat([d, e, c, b, a]).sum().backward()
    torch.stack([a * b, c * d, e]).sum().backward()
    (((a + b) * (c + d)) * e).backward()
    torch.autograd.backward([e, d, c, b, a])


def order_of_nodes(log):
    x = _leaf(1.)
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
    x, y = _leaf(1.), _leaf(2.)
    a, b = x * 3, y * 4
    h = graph.register_multi_grad_hook((a, b), lambda gs: log('all', gs))
    (a * b).backward(retain_graph=True)
    (a * 2).backward(retain_graph=True)
    log(grad(a * b, x, retain_graph=True))
    h.remove()
    (a * b).backward()


def multi_grad_hook_any(log):
    x, y = _leaf(1.), _leaf(2.)
    a, b = x * 3, y * 4
    graph.register_multi_grad_hook((a, b, tensor(1.)), lambda g: log('any', g), mode='any')
    (a * b).backward(retain_graph=True)
    (a * 2).backward(retain_graph=True)
    log.fails(lambda: graph.register_multi_grad_hook((a, b), lambda g: None, mode='some'))


def multi_grad_hook_leaves(log):
    x, y, z = _leaf(1.), _leaf(2.), _leaf(3.)
    graph.register_multi_grad_hook((x, y, z), lambda gs: log(gs, x.grad, y.grad))
    (x * y).backward()
    (x * y * z).backward()
    log.fails(lambda: graph.register_multi_grad_hook((tensor(1.),), lambda gs: None))


def gradient_edge(log):
    x = _leaf(1., 2.)
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
    torch.autograd.backward(graph.get_gradient_edge(y), tensor([1., 1.]))
    log(x.grad)


def gradient_edge_errors(log):
    x = _leaf(1., 2.)
    y = x * 3
    e = graph.get_gradient_edge(y)
    log.fails(lambda: grad(e, x))
    log.fails(lambda: grad(e, x, torch.ones(3)))
    z = _leaf(1.)
    log.fails(lambda: grad(y.sum(), graph.get_gradient_edge(z)))
    log.fails(lambda: grad(y.sum(), graph.get_gradient_edge(z * 1), materialize_grads=True))
    log(grad(y.sum(), graph.get_gradient_edge(z), allow_unused=True))


def increment_version(log):
    x = _leaf(1., 2.)
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
    x = _leaf(1., 2.)
    with graph.saved_tensors_hooks(pack, unpack):
        z = x.sin().exp()
    z.sum().backward()
    log(x.grad)


def saved_hooks_wrong_values(log):
    x = _leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: t.shape, lambda s: torch.full(s, 7.)):
        y = x * x
    y.sum().backward()
    log(x.grad)


def saved_hooks_double_backward(log):
    x = _leaf(1., 2.)
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
    x = _leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: log('outer'), lambda p: torch.ones(2)):
        with graph.saved_tensors_hooks(lambda t: log('inner'), lambda p: torch.zeros(2)):
            y = x.exp()
        z = x.exp()
    (y + z).sum().backward()
    log(x.grad)


def saved_hooks_wrong_return(log):
    x = _leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: t, lambda p: 'text'):
        y = x.exp()
    try:
        y.sum().backward()
    except TypeError as e:
        log(str(e).split('type')[0])


def saved_hooks_in_place(log):
    def pack(t):
        with torch.no_grad():
            t.mul_(2)
        return t
    x = _leaf(1., 2.)
    with graph.saved_tensors_hooks(pack, lambda p: p):
        log.fails(lambda: (x * 1).exp())
        log.fails(lambda: (x * 1).sin())


def saved_hooks_no_version_check(log):
    x = _leaf(1., 2.)
    y = x * 1
    with graph.saved_tensors_hooks(lambda t: t.clone(), lambda p: p):
        z = y * y
    y.add_(1)
    z.sum().backward()
    log(x.grad)


def saved_hooks_function(log):
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            log('forward')
            return x * x

        @staticmethod
        def backward(ctx, g):
            x, = ctx.saved_tensors
            log('backward', x)
            return g * 2 * x
    x = _leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: (log('pack', t), t.detach() + 10)[1], lambda p: p - 10):
        y = Square.apply(x)
    y.sum().backward()
    log(x.grad)


def saved_hooks_disabled(log):
    x = _leaf(1., 2.)
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
    x = _leaf(1., 2.)
    with graph.saved_tensors_hooks(lambda t: t.detach(), lambda t: t):
        y = x.exp()
    y.sum().backward()
    log.fails(lambda: y.sum().backward())


def save_on_cpu(log):
    x = _leaf(1., 2.)
    with graph.save_on_cpu():
        y = (x * x).exp()
    y.sum().backward()
    log(x.grad)
