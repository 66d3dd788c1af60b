"""
Records into test/goldens/promotion.json.gz what a number beside a tensor comes to: each op that takes one, each dtype, tensors with
and without dims, and Python's
ints, floats and bools. An int stands for a whole number in JavaScript, so that no whole float is among them but one beyond every integer.
"""
import json
import os
import subprocess
import sys

import torch
from oracle import DTYPE_NAME, encode_tensor, save

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]
NUMBERS = [2, 0, -1, 300, -300, 2 ** 40, 2.5, -0.5, 1e300, True]
# On the right and, where a free function takes one, on the left.
RIGHT = '''add sub mul div true_divide floor_divide remainder fmod pow float_power xlogy rsub
    eq ne lt le gt ge bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift
    clamp_min clamp_max copysign add_ sub_ mul_ div_ floor_divide_ remainder_ fmod_ pow_ xlogy_ clamp_min_ clamp_max_
    fill_ eq_ bitwise_and_ masked_fill'''.split()
LEFT = 'pow float_power xlogy remainder bitwise_and bitwise_left_shift'.split()


def elements(dtype, dims):
    x = torch.tensor([3, 0, 7, 1][:4 if dims else 1]).to(dtype)
    return x if dims else x[0]


def calls(dtype, dims):
    """Name, arguments, options, the call. `x` among the arguments is the tensor; the call makes it anew."""
    x = lambda: elements(dtype, dims)
    mask = lambda: torch.ones_like(x(), dtype=torch.bool)
    for n in NUMBERS:
        for name in RIGHT:
            if name == 'rsub':
                yield name, ['x', n], {}, lambda: torch.rsub(x(), n)
            elif name == 'masked_fill':
                yield name, ['x', 'mask', n], {}, lambda: x().masked_fill(mask(), n)
            else:
                yield name, ['x', n], {}, lambda: getattr(x(), name)(n)
        for name in LEFT:
            yield name, [n, 'x'], {}, lambda: getattr(torch, name)(n, x())
        for mode in ('floor', 'trunc'):
            yield 'div', ['x', n], {'rounding_mode': mode}, lambda: x().div(n, rounding_mode=mode)
        yield 'clamp_', ['x'], {'min': n}, lambda: x().clamp_(min=n)
        yield 'clamp_', ['x'], {'min': 1, 'max': n}, lambda: x().clamp_(1, n)
        yield 'add', ['x', 'x'], {'alpha': n}, lambda: x().add(x(), alpha=n)
        yield 'sub', ['x', 3], {'alpha': n}, lambda: x().sub(3, alpha=n)
        yield 'add_', ['x', n], {'alpha': 2}, lambda: x().add_(n, alpha=2)
        yield 'clamp', ['x'], {'min': n}, lambda: x().clamp(min=n)
        yield 'clamp', ['x'], {'min': 1, 'max': n}, lambda: x().clamp(1, n)
        yield 'clamp', ['x'], {'min': 0.5, 'max': n}, lambda: x().clamp(0.5, n)
        yield 'where', ['mask', 'x', n], {}, lambda: torch.where(mask(), x(), n)
        yield 'where', ['mask', n, 'x'], {}, lambda: torch.where(~mask(), n, x())
        yield 'where', ['mask', n, 1], {}, lambda: torch.where(mask(), n, 1)
        yield 'where', ['mask', n, 1.5], {}, lambda: torch.where(mask(), n, 1.5)
        yield 'result_type', ['x', n], {}, lambda: torch.empty((), dtype=torch.result_type(x(), n)).zero_()
        yield 'full', [[2], n], {}, lambda: torch.full([2], n)
        yield 'full_like', ['x', n], {}, lambda: torch.full_like(x(), n)
        yield 'new_full', ['x', [2], n], {}, lambda: x().new_full([2], n)
    # What PyTorch's signature calls a float is one, whole or not.
    f = torch.nn.functional
    for n in (0.0, 1.0, 2.5):
        yield 'nn.functional.margin_ranking_loss', ['x', 'x', 'x'], {'margin': n}, lambda: f.margin_ranking_loss(x(), x(), x(), margin=n)
        yield 'nn.functional.hinge_embedding_loss', ['x', 'x'], {'margin': n, 'reduction': 'sum'}, \
            lambda: f.hinge_embedding_loss(x(), x(), margin=n, reduction='sum')
        yield 'nn.functional.pairwise_distance', ['x', 'x'], {'eps': n}, lambda: f.pairwise_distance(x(), x(), eps=n)
        yield 'nn.functional.gaussian_nll_loss', ['x', 'x', n], {'eps': 1.0}, lambda: f.gaussian_nll_loss(x(), x(), n, eps=1.0)
    if not dims:
        yield 'full', [[2], 'x'], {}, lambda: torch.full([2], x())
        yield 'new_full', ['x', [2], 'x'], {}, lambda: x().new_full([2], x())


def made():
    seen = set()
    for dtype in DTYPES:
        for dims in (1, 0):
            for name, args, opts, call in calls(dtype, dims):
                row = {'name': name, 't': DTYPE_NAME[dtype], 'dims': dims, 'args': args, 'opts': opts}
                try:
                    out = call()
                    if out.dtype not in DTYPE_NAME:
                        continue
                    row['out'] = encode_tensor(out)
                except (RuntimeError, TypeError, ValueError) as e:
                    row['error'] = str(e).splitlines()[0]
                key = repr((name, row['args'], row['opts'])) if 'x' not in args else repr(row)
                if key not in seen:
                    seen.add(key)
                    yield row


def made_without_fma():
    """The same where a multiplication and an addition are two roundings, as on CPUs of the lowest level."""
    env = {**os.environ, 'ATEN_CPU_CAPABILITY': 'default'}
    done = subprocess.run([sys.executable, __file__, '--rows'], env=env, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


if __name__ == '__main__':
    rows = list(made())
    if '--rows' in sys.argv:
        json.dump(rows, sys.stdout)
        sys.exit()
    for row, plain in zip(rows, made_without_fma(), strict=True):
        if row.get('out') != plain.get('out'):
            row['outWithoutFma'] = plain['out']
    print(f'{len(rows)} calls, {sum("error" in r for r in rows)} refused, {save("promotion.json.gz", rows)} bytes')
