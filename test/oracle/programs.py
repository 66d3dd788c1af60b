"""
Records random small programs of views, in-place changes and autograd into test/goldens/programs.json.gz.

A program starts from a few leaves and runs steps; each makes new variables or changes one in place, some under no_grad.
A step that throws has no effect but its message. At the end some variables are summed and differentiated. Kept are each
step's error, and of every variable its values, version counter, flags and printed text, and the leaves' gradients.
"""
import random

import torch
from oracle import encode_tensor, save, setting, short_error

COUNT = setting('COUNT', 300)
SHAPES = [(2, 3), (3, 2), (3,), (2, 3, 2), (1, 3), (4,), (2, 1), ()]


def leaf(rng, dtype):
    shape = rng.choice(SHAPES)
    values = [rng.randrange(-24, 25) / 8 or 0.5 for _ in range(torch.Size(shape).numel())]
    # A copy: reshape alone would make the leaf a view.
    return torch.tensor(values, dtype=dtype).reshape(shape).clone().requires_grad_(rng.random() < 0.7)


UNARY = ['sin', 'exp', 'tanh', 'relu', 'abs', 'neg', 'square', 'sigmoid', 'clone', 'cos', 'detach']
UNARY_IN_PLACE = ['sin_', 'exp_', 'tanh_', 'relu_', 'neg_', 'sigmoid_', 'zero_', 'abs_', 'square_', 'cos_']
BINARY = ['add', 'sub', 'mul', 'maximum']
BINARY_IN_PLACE = ['add_', 'sub_', 'mul_', 'copy_']


def view_step(rng, x):
    """(name, positional arguments, options) of a view of x."""
    d = x.dim()
    choice = rng.choice(['transpose', 'select', 'narrow', 'unsqueeze', 'squeeze', 'reshape', 'view', 'expand', 'permute', 'flatten',
                         'diagonal', 'getitem', 'unbind', 'chunk', 'split', 't', 'movedim'])
    dim = rng.randrange(-d, d) if d else 0
    size = x.shape[dim] if d else 1
    if choice == 'transpose':
        return choice, [dim, rng.randrange(-d, d) if d else 0], {}
    if choice == 'select':
        return choice, [dim, rng.randrange(-size, size + 1)], {}
    if choice == 'unsqueeze':
        return choice, [rng.randrange(-d - 1, d + 1)], {}
    if choice == 'squeeze':
        return choice, [], {'dim': dim} if rng.random() < 0.5 and d else {}
    if choice in ('reshape', 'view'):
        return choice, [rng.choice([[-1], [x.numel()], [2, -1], [-1, 3], [1, -1]])], {}
    if choice == 'getitem':
        kinds = [[slice(None, None, 2)], [0], [Ellipsis, 0], [None, Ellipsis], [slice(1, None)], [Ellipsis, slice(0, 2)]]
        return '__getitem__', [rng.choice(kinds)], {}
    if choice == 'chunk':
        return choice, [2], {'dim': dim} if d else {}
    if choice == 'split':
        return choice, [1], {'dim': dim} if d else {}
    return arranged(rng, x, choice, dim)


def arranged(rng, x, choice, dim):
    """What is drawn for a view that may be taken of anything."""
    d = x.dim()
    if choice == 'narrow':
        size = x.shape[dim] if d else 1
        start = rng.randrange(max(size, 1))
        return choice, [dim, start, rng.randrange(1, max(size - start, 1) + 1)], {}
    if choice == 'permute':
        order = list(range(d))
        rng.shuffle(order)
        return choice, [order], {}
    if choice == 'movedim':
        return choice, [dim, 0], {}
    if choice == 'diagonal':
        return choice, [], {'offset': rng.choice([0, 1, -1])}
    if choice == 'expand':
        return choice, [[2] + list(x.shape)], {}
    return choice, [], {}


def any_step(rng, x, variables, kind, limits):
    """A view, a function of one operand or of two, each also in place, or something else: by where `kind` lies between the limits."""
    view, unary, unary_in_place, binary, binary_in_place = limits
    if kind < view:
        return view_step(rng, x)
    if kind < unary_in_place:
        return rng.choice(UNARY if kind < unary else UNARY_IN_PLACE), [], {}
    if kind < binary_in_place:
        return rng.choice(BINARY if kind < binary else BINARY_IN_PLACE), [rng.choice(variables)], {}
    return other_step(rng, x)


def other_step(rng, x):
    d = x.dim()
    dim = rng.randrange(-d, d) if d else 0
    choice = rng.choice(['sum', 'mean', 'sum_dim', 'max', 'amax', 'masked_fill_', 'setitem', 'mul_number', 'pow', 'cumsum', 'softmax', 'flip', 'tril'])
    if choice == 'sum_dim':
        return 'sum', [], {'dim': dim, 'keepdim': rng.random() < 0.5}
    if choice in ('cumsum', 'softmax'):
        return choice, [dim], {}
    if choice == 'amax':
        return choice, [], {'dim': dim}
    if choice == 'masked_fill_':
        return choice, [torch.tensor(rng.random() < 0.7), 2.5], {}
    if choice == 'setitem':
        return '__setitem__', [rng.choice([[0], [Ellipsis, 0], [slice(1, None)], [Ellipsis]]), rng.choice([0.5, -1.5])], {}
    if choice == 'mul_number':
        return rng.choice(['mul', 'mul_', 'add_', 'div_']), [1.5], {}
    if choice == 'pow':
        return rng.choice(['pow', 'pow_']), [rng.choice([2, 3])], {}
    if choice == 'flip':
        return choice, [[dim] if d else []], {}
    if choice == 'tril':
        return rng.choice(['tril', 'tril_']), [], {}
    return choice, [], {}


def code(v, variables):
    if isinstance(v, torch.Tensor):
        for i, known in enumerate(variables):
            if known is v:
                return {'v': i}
        return encode_tensor(v)
    if isinstance(v, slice):
        return {'slice': [v.start, v.stop, v.step]}
    if v is Ellipsis:
        return {'ellipsis': 1}
    if isinstance(v, list):
        return [code(x, variables) for x in v]
    return v


def call(name, x, args, opts):
    if name == '__getitem__':
        return x[tuple(args[0])]
    if name == '__setitem__':
        x[tuple(args[0])] = args[1]
        return None
    if name == 'data':
        return x.data
    return getattr(x, name)(*args, **opts)


def program(seed):
    rng = random.Random(seed)
    dtype = torch.float64 if rng.random() < 0.8 else torch.float32
    variables = [leaf(rng, dtype) for _ in range(rng.randrange(2, 4))]
    leaves = list(range(len(variables)))
    coded = {'leaves': [encode_tensor(v) for v in variables], 'steps': []}
    # Leaves may not be changed in place: most programs work on what is made of them.
    for i in leaves:
        if rng.random() < 0.85:
            coded['steps'].append({'x': i, 'name': 'mul', 'args': [1.5], 'opts': {}, 'made': 1})
            variables.append(variables[i] * 1.5)
    for _ in range(rng.randrange(4, 13)):
        # The newest variables are used most, so that chains of views and changes grow.
        i = len(variables) - 1 - min(int(rng.expovariate(0.5)), len(variables) - 1)
        x = variables[i]
        kind = rng.random()
        no_grad = rng.random() < 0.12
        name, args, opts = ('data', [], {}) if 0.82 <= kind < 0.84 else any_step(rng, x, variables, kind, (0.36, 0.5, 0.6, 0.7, 0.82))
        step = {'x': i, 'name': name, 'args': code(args, variables), 'opts': opts}
        if no_grad:
            step['noGrad'] = 1
        try:
            with torch.set_grad_enabled(not no_grad):
                out = call(name, x, args, opts)
        except Exception as e:
            step['error'] = [type(e).__name__, short_error(e)]
        else:
            made = list(out) if isinstance(out, (tuple, list)) else [out] if out is not None and out is not x else []
            variables += made
            step['made'] = len(made)
        coded['steps'].append(step)
        if any(v.numel() > 60 for v in variables) or len(variables) > 24:
            break
    return finish(rng, coded, variables, leaves)


def finish(rng, coded, variables, leaves):
    """Records what became of the variables, and the gradients of a sum of some of them."""
    roots = [i for i, v in enumerate(variables) if v.requires_grad and (i == len(variables) - 1 or rng.random() < 0.5)]
    coded['roots'] = roots
    coded['retain'] = []
    for i in roots:
        if guarded(lambda: variables[i].is_leaf) is False and rng.random() < 0.5:
            variables[i].retain_grad()
            coded['retain'].append(i)
    coded['ends'] = [
        {'value': encode_tensor(v.detach()), 'version': v._version, 'requires': v.requires_grad, 'leaf': guarded(lambda: v.is_leaf), 'view': v._is_view(),
         'stride': list(v.stride()), 'offset': v.storage_offset(), 'print': guarded(lambda: str(v).replace('torch.', ''))}
        for v in variables]
    try:
        if roots:
            loss = sum((variables[i] * 1.5).sum() for i in roots)
            loss.backward()
            coded['grads'] = [None if v.grad is None else encode_tensor(v.grad) for v in (variables[i] for i in leaves + coded['retain'])]
    except Exception as e:
        coded['error'] = [type(e).__name__, short_error(e)]
    return coded


def guarded(f):
    try:
        return f()
    except Exception as e:
        return {'error': short_error(e)}


if __name__ == '__main__':
    programs = [program(seed) for seed in range(COUNT)]
    size = save('programs.json.gz', programs)
    steps = [s for p in programs for s in p['steps']]
    print('%d programs, %d steps, %d steps refused, %d backward passes, %d of them refused, %d bytes' % (
        COUNT, len(steps), sum('error' in s for s in steps), sum('grads' in p or 'error' in p for p in programs),
        sum('error' in p for p in programs), size))
