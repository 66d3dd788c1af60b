"""
Records first, second and third derivatives of reductions where they are special - zeros among factors, ties, NaN, infinities,
single elements - into test/goldens/derivatives.json.gz.

Every output gets the gradient `upstream`; the gradients that come of it are differentiated again with respect to the inputs and to
the gradient given, and so on. Each level is a list of gradients, null where there is none, or the error text.
"""
import random

import torch
from call import Call
from oracle import HALF, cotangent, encode_tensor, save, setting, short_error, tensors_in

SEED = setting('SEED', 0)
EACH = setting('COUNT', 4)
PLAIN = [2., -1., 3., .5, -2., 1., -.5, 4.]
NAN, INF = float('nan'), float('inf')
# What the elements are drawn from, by kind.
KINDS = {
    'plain': PLAIN, 'zero': PLAIN + [0.], 'zeros': PLAIN[:4] + [0.] * 3, 'all zeros': [0.], 'ties': [1., 2., -1.], 'equal': [2.],
    'signs': [-2., 2., 1.], 'nan': PLAIN[:4] + [NAN],
    'inf': PLAIN[:4] + [INF, -INF], 'one inf': PLAIN[:4] + [INF], 'minus inf': [-INF],
    'all': PLAIN[:3] + [0., NAN, INF, -INF], 'nans': [NAN], 'distinct': PLAIN,
}
SHAPES = [[3], [4], [2, 3], [3, 2], [2, 2, 3], [], [1], [3, 1], [1, 4], [6], [2, 0], [0]]


def upstream(t):
    """As oracle.cotangent, but nowhere 0: at a gradient of 0 PyTorch's logcumsumexp has NaN for a derivative."""
    return cotangent(t) + 1 / 16


class Draw:
    def __init__(self, rng):
        self.rng = rng

    def tensor(self, shape, kind, dtype):
        n = torch.Size(shape).numel()
        values = [self.rng.choice(KINDS[kind]) for _ in range(n)]
        if kind == 'distinct':
            values = self.rng.sample([k / 4 for k in range(-n, n)] + [INF, -INF], n)
        if kind == 'plain':
            values = [v + k / 16 for k, v in enumerate(values)]
        return torch.tensor(values, dtype=torch.float64).to(dtype).reshape(shape).requires_grad_()

    def dim(self, shape):
        n = max(1, len(shape))
        return self.rng.randrange(-n, n)

    def chance(self, p=.5):
        return self.rng.random() < p


def of_all(d, shape):
    return (), {}


def one_dim(d, shape):
    return (), {'dim': d.dim(shape), **({'keepdim': True} if d.chance(.3) else {})}


def all_or_dim(d, shape):
    return of_all(d, shape) if d.chance(.4) else one_dim(d, shape)


def dims(d, shape):
    if d.chance(.3) or not shape:
        return (), {}
    k = d.rng.randrange(1, len(shape) + 1)
    return (), {'dim': d.rng.sample(range(len(shape)), k), **({'keepdim': True} if d.chance(.3) else {})}


def running(d, shape):
    return (d.dim(shape),), {}


def wider(f):
    """Sometimes computed in another dtype than the input's."""
    def args(d, shape):
        rest, opts = f(d, shape)
        return rest, {**opts, **({'dtype': d.rng.choice([torch.float32, torch.float64])} if d.chance(.1) else {})}
    return args


def spread(d, shape):
    args, opts = dims(d, shape)
    if d.chance():
        opts['correction'] = d.rng.choice([0, 1, 2, 3, 7])
    return args, opts


def norm(d, shape):
    args, opts = dims(d, shape)
    return (), {'ord': d.rng.choice([0., 1., 2., 3., .5, 1.5, 2.5, -1., -2., INF, -INF]), **opts}


def kth(d, shape):
    dim = d.dim(shape)
    return (d.rng.randint(1, max(1, shape[dim]) if shape else 1),), {'dim': dim}


def top(d, shape):
    dim = d.dim(shape)
    return (d.rng.randrange(0, 1 + (shape[dim] if shape else 1)),), {'dim': dim, 'largest': d.chance()}


def quantile(d, shape):
    opts = {'interpolation': d.rng.choice(['linear', 'lower', 'higher', 'midpoint', 'nearest'])}
    if d.chance():
        opts['dim'] = d.dim(shape)
    return (d.rng.choice([0., .25, .5, .7, 1.]),), opts


def lse(d, shape):
    return (d.dim(shape) if d.chance() or not shape else list(range(len(shape))),), {'keepdim': d.chance(.3)}


ZEROS = ['plain', 'zero', 'zeros', 'all zeros', 'nan', 'inf', 'all']
EVERY = list(KINDS)
# name: how its arguments are drawn, the kinds of elements, and how many derivatives are taken.
OPERATIONS = {
    'prod': (wider(all_or_dim), ['zero', 'zeros'] * 2 + ZEROS, 3), 'cumprod': (wider(running), ['zero', 'zeros'] * 2 + ZEROS, 3),
    'median': (all_or_dim, EVERY, 2), 'nanmedian': (all_or_dim, EVERY, 2),
    'max': (all_or_dim, EVERY, 2), 'min': (all_or_dim, EVERY, 2), 'amax': (dims, EVERY, 2), 'amin': (dims, EVERY, 2), 'aminmax': (all_or_dim, EVERY, 2),
    'linalg.vector_norm': (norm, EVERY, 2), 'std': (spread, EVERY, 2), 'var': (spread, EVERY, 2), 'std_mean': (spread, EVERY, 2),
    'var_mean': (spread, EVERY, 2), 'logsumexp': (lse, EVERY, 2), 'logcumsumexp': (running, EVERY, 2), 'cummax': (running, EVERY, 2),
    'cummin': (running, EVERY, 2), 'cumsum': (running, EVERY, 2), 'mode': (one_dim, ['ties', 'equal', 'distinct', 'zeros'], 2),
    # Which of equal values these name is left open, and where mode sorts NaN.
    'kthvalue': (kth, ['distinct'], 2), 'topk': (top, ['distinct'], 2),
    'quantile': (quantile, EVERY, 2), 'nanquantile': (quantile, EVERY, 2), 'nansum': (dims, EVERY, 2), 'nanmean': (dims, EVERY, 2),
    'sum': (dims, EVERY, 2), 'mean': (dims, EVERY, 2),
}


# The quantiles know no half types; in those, the others' gradients are powers of e of what has been rounded.
PRECISE = ('quantile', 'nanquantile', 'logsumexp', 'logcumsumexp')


def scattered(d, name, dtype):
    """Values that meet at one place, with zeros among them."""
    reduce = d.rng.choice(['prod', 'prod', 'amax', 'amin', 'mean'] + (['sum'] if name == 'scatter_reduce' else []))
    kinds = [d.rng.choice(['zero', 'zeros', 'plain', 'ties', 'nan', 'inf']) for _ in range(2)]
    dim = d.rng.randrange(2)
    shape = [3, 3]
    shape[dim] = 2
    index = torch.tensor([d.rng.randrange(2) for _ in range(9)]).reshape(3, 3)
    return [d.tensor(shape, kinds[0], dtype), dim, index if name == 'scatter_reduce' else index[0], d.tensor([3, 3], kinds[1], dtype), reduce], \
        {'include_self': d.chance()}, 2


def drawn(d, name, dtype):
    if name not in OPERATIONS:
        return scattered(d, name, dtype)
    args, kinds, order = OPERATIONS[name]
    shape, kind = d.rng.choice(SHAPES[:5] if d.chance(.7) else SHAPES), d.rng.choice(kinds)
    rest, opts = args(d, shape)
    return [d.tensor(shape, kind, dtype), *rest], opts, order


def levels(call, leaves, order):
    outputs = [t for t in tensors_in(call.run(call.args, call.opts)) if t.requires_grad]
    given = [upstream(t).requires_grad_() for t in outputs]
    result, roots, seeds = [], outputs, given
    for level in range(order):
        try:
            grads = torch.autograd.grad(roots, leaves + (given if level else []), seeds, create_graph=True, allow_unused=True)
        except RuntimeError as e:
            result.append(short_error(e))
            break
        result.append([None if g is None else encode_tensor(g.detach()) for g in grads])
        roots = [g for g in grads if g is not None and g.requires_grad]
        if not roots:
            break
        seeds = [upstream(t) for t in roots]
    return result


def first_only(call, leaves):
    """The first derivative where none is to be differentiated again: a way of its own."""
    out = [t for t in tensors_in(call.run(call.args, call.opts)) if t.requires_grad]
    grads = torch.autograd.grad(out, leaves, [upstream(t) for t in out], allow_unused=True)
    return [None if g is None else encode_tensor(g) for g in grads]


if __name__ == '__main__':
    d = Draw(random.Random(SEED))
    rows = []
    for name in [*OPERATIONS, 'scatter_reduce', 'index_reduce']:
        count = EACH * (12 if 'prod' in name or 'reduce' in name else 4)
        for i in range(count):
            dtype = d.rng.choice([torch.float32, torch.float16, torch.bfloat16]) if i % 4 == 3 and name not in PRECISE else torch.float64
            args, opts, order = drawn(d, name, dtype)
            # Which of several NaN it names is left open.
            if name == 'nanmedian' and 'dim' in opts and args[0].isnan().all(opts['dim']).any():
                continue
            if dtype in HALF:
                order = min(order, 2)
            # Its second derivatives are NaN in PyTorch also for what no NaN is summed with.
            if name == 'logcumsumexp' and args[0].isnan().any():
                order = 1
            call = Call(name, args, opts, 0)
            coarser = torch.float32 if opts.get('dtype') == torch.float32 and dtype not in HALF else dtype
            row = {'name': name, 'dtype': str(coarser)[6:], **call.coded(), 'self': 0}
            try:
                derivatives = levels(call, [t for t in tensors_in(args) if t.requires_grad], order)
            except (RuntimeError, IndexError, ValueError):
                continue
            rows.append({**row, 'plain': first_only(call, [t for t in tensors_in(args) if t.requires_grad]), 'levels': derivatives})
    print('%d cases, %d bytes' % (len(rows), save('derivatives.json.gz', rows)))
