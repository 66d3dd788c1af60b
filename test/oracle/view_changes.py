"""
Records gradients through views changed in place, of bases with every kind of layout, into test/goldens/view_changes.json.gz.

A base is a permuted, sliced, offset, expanded or plain copy of a leaf; one to three views follow one another; the last (or one on the way)
is changed in place, once or twice; in the end some of them are summed and differentiated, as in programs.py.
"""
import random

import torch
from oracle import encode_tensor, save, setting, short_error
from programs import arranged, call, code, finish

COUNT = setting('COUNT', 200)
SEED = setting('SEED', 0)


def values(rng, shape):
    n = torch.Size(shape).numel()
    return torch.tensor([rng.randrange(-24, 25) / 8 or 0.5 for _ in range(n)], dtype=torch.float64).reshape(shape).clone()


def base_steps(rng, shape):
    """Steps from a leaf to a base that is no view (mul keeps the layout of its operand) or to a view."""
    d = len(shape)
    order = list(range(d))
    rng.shuffle(order)
    kind = rng.choice(['plain', 'permuted', 'permuted', 'sliced', 'detached', 'strided'])
    if kind == 'plain':
        return [('mul', [1.5], {})]
    if kind == 'permuted':
        return [('permute', [order], {}), ('mul', [1.5], {})]
    if kind == 'sliced':
        dim = rng.randrange(d)
        return [('narrow', [dim, rng.randrange(shape[dim]), 1], {}), ('permute', [order], {}), ('clone', [], {})]
    if kind == 'detached':
        # A base with gaps and an offset that is a leaf's own memory seen by no graph; the change brings the graph in.
        dim = rng.randrange(d)
        return [('clone', [], {}), ('permute', [order], {}), ('narrow', [order.index(dim), min(1, shape[dim] - 1), max(shape[dim] - 1, 1)], {}),
                ('detach', [], {})]
    return [('permute', [order], {}), ('expand', [[2] + [shape[i] for i in order]], {}), ('clone', [], {})]


def view_step(rng, x, gaps):
    d = x.dim()
    choice = rng.choice(['as_strided', 'as_strided', 'transpose', 'select', 'narrow', 'unsqueeze', 'squeeze', 'view', 'permute', 'diagonal', 'getitem',
                         't', 'movedim', 'unfold', 'flatten', 'expand', 'unbind', 'reshape'])
    if choice == 'as_strided' and gaps:
        # Between the elements of the base PyTorch's gradient is whatever was in memory.
        choice = 'select'
    dim = rng.randrange(d) if d else 0
    size = x.shape[dim] if d else 1
    if choice == 'as_strided':
        n = x.untyped_storage().nbytes() // 8
        s = [rng.randrange(1, 4) for _ in range(rng.randrange(1, 3))]
        while True:
            # No two elements in one place: PyTorch's own result depends on the order then.
            strides, reach = [], 0
            for k in s:
                strides.append(reach + rng.randrange(1, 3))
                reach += strides[-1] * (k - 1)
            if reach < n:
                break
            s = [max(1, k - 1) for k in s]
        both = list(zip(s, strides))
        rng.shuffle(both)
        opts = {} if rng.random() < 0.3 and x.storage_offset() + reach < n else {'storage_offset': rng.randrange(n - reach)}
        return choice, [[a for a, _ in both], [b for _, b in both]], opts
    if choice == 'transpose':
        return choice, [dim, rng.randrange(d) if d else 0], {}
    if choice == 'select':
        return choice, [dim, rng.randrange(max(size, 1))], {}
    if choice == 'unsqueeze':
        return choice, [rng.randrange(d + 1)], {}
    if choice in ('view', 'reshape'):
        return choice, [rng.choice([[-1], [2, -1], [1, -1]])], {}
    if choice == 'getitem':
        return '__getitem__', [rng.choice([[slice(None, None, 2)], [0], [Ellipsis, 0], [None, Ellipsis], [slice(1, None)]])], {}
    if choice == 'unfold':
        k = rng.randrange(1, max(size, 1) + 1)
        return choice, [dim, k, rng.randrange(1, 3)], {}
    return arranged(rng, x, choice, dim)


CHANGES = [('mul_', [2.5]), ('exp_', []), ('sin_', []), ('add_', [1.5]), ('zero_', []), ('fill_', [0.75]), ('square_', []), ('mul_', None), ('copy_', None), ('add_', None)]


def changeable(x):
    """Not where elements partly meet in memory: what a change makes of them depends on the order of the loop."""
    if any(k == 0 and n > 1 for k, n in zip(x.stride(), x.shape)):
        return True
    places = torch.arange(x.untyped_storage().nbytes() // 8).as_strided(x.shape, x.stride(), x.storage_offset())
    return places.unique().numel() == x.numel()


def program(seed):
    rng = random.Random(seed * 7919 + SEED * 104729 + 1)
    shape = rng.choice([(2, 3), (3, 2), (2, 3, 2), (3, 4), (1, 3), (4,), (2, 2, 2)])
    variables = [values(rng, shape).requires_grad_()]
    coded = {'leaves': [encode_tensor(variables[0])], 'steps': []}

    def run(i, name, args, opts):
        x = variables[i]
        step = {'x': i, 'name': name, 'args': code(args, variables), 'opts': {'storageOffset' if k == 'storage_offset' else k: v for k, v in opts.items()}}
        coded['steps'].append(step)
        try:
            out = call(name, x, args, opts)
        except Exception as e:
            step['error'] = [type(e).__name__, short_error(e)]
            return
        made = list(out) if isinstance(out, (tuple, list)) else [out] if out is not x else []
        step['made'] = len(made)
        variables.extend(made)

    run(0, 'reshape', [[-1]], {})
    run(1, 'select', [0, 0], {})
    operand = 2
    run(0, 'mul', [1], {})
    for name, args, opts in base_steps(rng, shape):
        run(len(variables) - 1, name, args, opts)
    base = len(variables) - 1
    gaps = variables[base].untyped_storage().nbytes() // 8 > variables[base].numel()
    for _ in range(rng.randrange(1, 3)):
        for _ in range(rng.randrange(1, 4)):
            i = rng.randrange(base, len(variables))
            run(i, *view_step(rng, variables[i], gaps))
        name, args = rng.choice(CHANGES)
        run(rng.choice([i for i in range(base, len(variables)) if changeable(variables[i])]), name, [variables[operand]] if args is None else args, {})
        if any(v.numel() > 60 for v in variables) or len(variables) > 20:
            break
    return finish(rng, coded, variables, [0])


if __name__ == '__main__':
    programs = [program(seed) for seed in range(COUNT)]
    size = save('view_changes.json.gz', programs)
    print('%d programs, %d backward passes, %d bytes' % (COUNT, sum('grads' in p for p in programs), size))
