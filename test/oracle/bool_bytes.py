"""
Records what PyTorch makes of bools whose bytes are not 0 or 1, as memory that is also seen as uint8 may hold, into
test/goldens/bool_bytes.json.gz. An argument {"w": sizes, "step": k} is such a tensor: every k-th of the bytes of byte(), viewed as bool.
"""
import torch
from oracle import encode, field_names, save, short_error


def byte(i):
    return 0 if i * i * 31 % 5 == 0 else (i * 89 + 2) % 256


class Wild:
    def __init__(self, *sizes, step=1):
        self.sizes, self.step = list(sizes), step

    def coded(self):
        return {'w': self.sizes, 'step': self.step}

    def made(self):
        n = torch.Size(self.sizes).numel() * self.step
        whole = torch.tensor([byte(i) for i in range(n)], dtype=torch.uint8).view(torch.bool)
        return whole.as_strided(self.sizes, [s * self.step for s in torch.empty(self.sizes).stride()])


class Integer:
    """A number that is an integer beside tensors: a bigint in Tenzo."""

    def __init__(self, value):
        self.value = value

    def coded(self):
        return {'i': self.value}

    def made(self):
        return self.value


def made(v):
    return v.made() if isinstance(v, (Wild, Integer)) else [made(x) for x in v] if isinstance(v, list) else v.clone() if isinstance(v, torch.Tensor) else v


def coded(v):
    return v.coded() if isinstance(v, (Wild, Integer)) else [coded(x) for x in v] if isinstance(v, list) else encode(v)


def f(*shape):
    return torch.arange(1, 1 + torch.Size(shape).numel(), dtype=torch.float32).reshape(shape)


def calls():
    for shape in ([8], [2, 4], [3, 70], [200]):
        for step in (1, 2):
            w, n = Wild(*shape, step=step), torch.Size(shape).numel()
            for name in ('sum any all max min amax amin prod nonzero argwhere count_nonzero logical_not bitwise_not sign isnan float double long int short byte half bfloat16 '
                         'clone contiguous exp sqrt aminmax unique nansum flatten square').split():
                yield name, [w], {}
            for name in 'any all sum prod max min amax amin cumsum cumprod cummax cummin count_nonzero softmax'.split():
                for dim in (0, -1):
                    yield name, [w, dim], {'dtype': torch.float32} if name == 'softmax' else {}
            for name in ('sort', 'argsort'):
                for descending in (False, True):
                    yield name, [w], {'dim': -1, 'descending': descending, 'stable': True}
            other = torch.arange(n).reshape(shape) % 2 == 0
            for name in ('eq ne lt le gt ge logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor mul add maximum minimum div pow '
                         'remainder equal').split():
                yield name, [w, other], {}
                yield name, [other, w], {}
                yield name, [w, Wild(*shape, step=3 - step)], {}
            for name in 'add mul eq lt'.split():
                yield name, [w, torch.ones(shape, dtype=torch.int64)], {}
                yield name, [f(*shape), w], {}
                yield name, [w, Integer(1)], {}
                yield name, [w, 2.5], {}
            x = f(*shape)
            yield 'masked_select', [x, w], {}
            yield 'masked_select', [w, other], {}
            yield 'masked_select', [w, w], {}
            yield 'masked_fill', [x, w, -1.0], {}
            yield 'masked_fill', [other, w, False], {}
            yield 'masked_scatter', [x, w, f(n) + 100], {}
            yield 'where', [w, x, -x], {}
            yield 'where', [other, w, ~other], {}
            yield '__getitem__', [x, [w]], {}
            yield '__getitem__', [w, [other]], {}
            yield '__getitem__', [w, [torch.tensor([1, 0])]], {}
            yield '__setitem__', [x, [w], -1.0], {}
            yield '__setitem__', [x, [w], f(int(w.made().sum()))], {}
            yield '__setitem__', [other, [w], torch.tensor(True)], {}
            yield '__setitem__', [other, [torch.tensor([0])], Wild(*shape[1:], step=step)], {}
            yield 'index_put', [x, [w], f(int(w.made().sum()))], {}
            yield 'cat', [[w, other]], {}
            yield 'stack', [[w, w]], {}
            yield 'tril', [Wild(4, 4, step=step)], {}
            yield 'diff', [w], {}
            yield 'flip', [w, [0]], {}
            yield 'roll', [w, 1], {}
            yield 'index_select', [w, 0, torch.tensor([1, 0])], {}
            index = torch.zeros(shape, dtype=torch.int64)
            yield 'gather', [w, 0, index], {}
            for name in ('scatter', 'scatter_add'):
                yield name, [torch.zeros(shape, dtype=torch.bool), 0, index, w], {}
                yield name, [w, 0, index, other], {}
            for reduce in ('amax', 'amin', 'prod', 'sum'):
                yield 'scatter_reduce', [torch.zeros(shape, dtype=torch.bool), 0, index, w, reduce], {}
                yield 'scatter_reduce', [w, 0, index, other, reduce], {}
            yield 'index_add', [torch.zeros(shape, dtype=torch.bool), 0, torch.arange(shape[0]), w], {}
            yield 'index_copy', [torch.zeros(shape, dtype=torch.bool), 0, torch.arange(shape[0]), w], {}
            yield 'index_fill', [w, 0, torch.tensor([0]), True], {}
            yield 'take', [w, torch.tensor([1, 2, 3])], {}
            yield 'repeat_interleave', [w, 2], {}
    yield 'outer', [Wild(8), Wild(8)], {}
    yield 'kron', [Wild(8), Wild(8)], {}
    yield 'clamp', [Wild(8)], {'min': torch.ones(8, dtype=torch.bool)}
    yield 'item', [Wild(1)], {}
    yield 'tolist', [Wild(8)], {}


def call(name, args, opts):
    if name == '__getitem__':
        return args[0][tuple(args[1])]
    if name == '__setitem__':
        args[0][tuple(args[1])] = args[2]
        return args[0]
    if name in ('cat', 'stack', 'where', 'kron', 'outer'):
        return getattr(torch, name)(*args)
    return getattr(args[0], name)(*args[1:], **opts)


def row(name, args, opts):
    out = {'name': name, 'args': coded(args), 'opts': {k: coded(v) for k, v in opts.items()}}
    try:
        result = call(name, made(args), opts)
    except Exception as e:
        return {**out, 'error': short_error(e)}
    names = field_names(result)
    return {**out, 'out': encode(result), **({'fields': names} if names else {})}


if __name__ == '__main__':
    rows = [row(*c) for c in calls()]
    size = save('bool_bytes.json.gz', rows)
    print('%d calls, %d of them refused, %d bytes' % (len(rows), sum('error' in r for r in rows), size))
