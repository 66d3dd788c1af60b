"""
Records random small graphs with hooks, retained gradients, Functions of the user's own and higher derivatives into
test/goldens/graphs.json.gz. The steps are those of programs.py and more; at the end the gradient is asked for in one of
several ways. Kept are each step's error, every call of a hook in its order, and the gradients.
"""
import random

import torch
from oracle import encode_tensor, save, setting, short_error
from autograd_programs.functions import Double
from programs import any_step, call, code, leaf
from torch.autograd import Function, backward, grad

COUNT = setting('COUNT', 150)


# (PyTorch takes the functions from the class: they need no @staticmethod.)
class Square(Function):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 2 * x


class Exp(Function):
    def forward(ctx, x):
        y = x.sin()
        ctx.save_for_backward(x, y)
        return y

    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return g * x.cos() + 0 * y


class Same(Function):
    def forward(ctx, x):
        return x

    def backward(ctx, g):
        return g * 3


class Flat(Function):
    def forward(ctx, x):
        ctx.shape = x.shape
        return x.view(-1)

    def backward(ctx, g):
        return g.reshape(ctx.shape) * 2


class Both(Function):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2, x * x

    def backward(ctx, a, b):
        x, = ctx.saved_tensors
        return a * 2 + b * 2 * x


class Sparse(Function):
    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        y = x * 3
        ctx.mark_non_differentiable(y)
        return x * 2, y, x + 1

    def backward(ctx, a, b, c):
        if a is None and c is None:
            return None
        return (0 if a is None else a * 2) + (0 if c is None else c)


class Stop(Function):
    def forward(ctx, x):
        return x * 2

    def backward(ctx, g):
        return None


FUNCTIONS = {f.__name__: f for f in (Square, Exp, Double, Same, Flat, Both, Sparse, Stop)}


def coded(t):
    return None if t is None else encode_tensor(t.detach())


def hooked(rng, x, name, steps, log):
    """Registers a hook on a variable or its node."""
    kind = rng.choice(['tensor', 'tensor', 'tensor', 'node', 'pre', 'after'])
    id = len(steps)
    scale = rng.choice([None, None, 2, -1, 0.5])
    step = {'x': name, 'hook': kind, 'scale': scale}

    def changed(g):
        return None if g is None or scale is None else g * scale

    def one(g):
        log.append([id, coded(g)])
        return changed(g)

    def post(gi, go):
        log.append([id, [coded(g) for g in gi], [coded(g) for g in go]])
        return None if scale is None else tuple(changed(g) for g in gi)

    def pre(go):
        log.append([id, [coded(g) for g in go]])
        return None if scale is None else tuple(changed(g) for g in go)
    try:
        if kind == 'tensor':
            x.register_hook(one)
        elif kind == 'after':
            x.register_post_accumulate_grad_hook(lambda t: log.append([id, coded(t.grad)]))
        elif x.grad_fn is None:
            return None
        elif kind == 'node':
            x.grad_fn.register_hook(post)
        else:
            x.grad_fn.register_prehook(pre)
    except Exception as e:
        step['error'] = short_error(e)
    return step


def graph(seed):
    rng = random.Random(seed)
    dtype = torch.float64 if rng.random() < 0.8 else torch.float32
    variables = [leaf(rng, dtype) for _ in range(rng.randrange(2, 4))]
    leaves = list(range(len(variables)))
    out = {'leaves': [encode_tensor(v) for v in variables], 'steps': []}
    steps, log = out['steps'], []
    for i in leaves:
        if rng.random() < 0.8:
            steps.append({'x': i, 'name': 'mul', 'args': [1.5], 'opts': {}, 'made': 1})
            variables.append(variables[i] * 1.5)
    for _ in range(rng.randrange(5, 16)):
        i = len(variables) - 1 - min(int(rng.expovariate(0.4)), len(variables) - 1)
        x = variables[i]
        kind = rng.random()
        if kind < 0.25:
            step = hooked(rng, x, i, steps, log)
            if step:
                steps.append(step)
            continue
        if kind < 0.33:
            step = {'x': i, 'retain': 1}
            try:
                x.retain_grad()
            except Exception as e:
                step['error'] = short_error(e)
            steps.append(step)
            continue
        if kind < 0.52:
            name = rng.choice(list(FUNCTIONS))
            step = {'x': i, 'apply': name}
            run = lambda: FUNCTIONS[name].apply(x)
        else:
            name, args, opts = any_step(rng, x, variables, kind, (0.62, 0.72, 0.8, 0.88, 0.94))
            step = {'x': i, 'name': name, 'args': code(args, variables), 'opts': opts}
            run = lambda: call(name, x, args, opts)
        try:
            result = run()
        except Exception as e:
            step['error'] = short_error(e)
        else:
            made = list(result) if isinstance(result, (tuple, list)) else [result] if result is not None and result is not x else []
            made = [t for t in made if t is not x]
            variables += made
            step['made'] = len(made)
        steps.append(step)
        if any(v.numel() > 60 for v in variables) or len(variables) > 20:
            break
    roots = [i for i, v in enumerate(variables) if v.requires_grad and (i == len(variables) - 1 or rng.random() < 0.4)]
    out['roots'] = roots
    if not roots:
        return out
    how = rng.choice(['backward', 'backward', 'twice', 'grad', 'inputs', 'second', 'secondGrad', 'roots'])
    wanted = [i for i, v in enumerate(variables) if v.requires_grad and rng.random() < 0.4] or [roots[0]]
    out.update(how=how, wanted=wanted)
    try:
        out['results'] = finish(how, variables, roots, wanted, leaves)
    except Exception as e:
        out['error'] = short_error(e)
    out['log'] = log
    out['grads'] = [coded(v.grad) if known(v) else None for v in variables]
    return out


def known(v):
    try:
        return v.is_leaf or v.retains_grad
    except RuntimeError:
        return False


def finish(how, variables, roots, wanted, leaves):
    """Asks for gradients; what is returned besides what lies in `grad`."""
    chosen = [variables[i] for i in wanted]
    own = [variables[i] for i in leaves if variables[i].requires_grad]

    def loss():
        return sum((variables[i] * 1.5).sum() for i in roots)
    if how == 'backward':
        loss().backward()
    elif how == 'roots':
        backward([variables[i] for i in roots], [torch.ones_like(variables[i]) for i in roots])
    elif how == 'twice':
        value = loss()
        value.backward(retain_graph=True)
        value.backward()
    elif how == 'grad':
        return [coded(g) for g in grad(loss(), chosen, allow_unused=True)]
    elif how == 'inputs':
        loss().backward(inputs=chosen)
    elif how == 'second':
        loss().backward(create_graph=True)
        first = [t.grad for t in own if t.grad is not None and t.grad.requires_grad]
        if first:
            sum(g.sum() for g in first).backward()
    else:
        first = [g for g in grad(loss(), chosen, create_graph=True, allow_unused=True) if g is not None and g.requires_grad]
        if first:
            return [coded(g) for g in grad(sum(g.square().sum() for g in first), own, allow_unused=True)]
    return []


if __name__ == '__main__':
    first = setting('SEED', 0)
    graphs = [graph(first + seed) for seed in range(COUNT)]
    size = save('graphs.json.gz', graphs)
    print('%d graphs, %d steps, %d refused, %d calls of hooks, %d passes refused, %d bytes' % (
        COUNT, sum(len(g['steps']) for g in graphs), sum('error' in s for g in graphs for s in g['steps']),
        sum(len(g.get('log', [])) for g in graphs), sum('error' in g for g in graphs), size))
