"""
Records into test/goldens/powers.json.gz, bit by bit, what PyTorch makes of tensors raised to numbers, with first and second
gradients; of other arithmetic with numbers at special values; and of xlogy, xlog1py and softsign. 64 elements are a multiple of
what PyTorch computes at once in any type; 7 are fewer, and go one by one.
"""
import math

import torch
import torch.nn.functional as F
from oracle import encode_tensor, save

inf, nan = math.inf, math.nan
TYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
EXPONENTS = [0, 1, 2, 3, 0.5, -0.5, -1, -2, 1.5, -3, 4, inf, -inf, nan]
# Rounded to float32 these are 2 and 0.5, which PyTorch computes otherwise: but not one value at a time.
NEAR = [2 + 1e-9, 0.5 + 1e-9]
SPECIAL = [0.0, -0.0, inf, -inf, nan, 1.0, -1.0]
NUMBERS = [0.0, -0.0, inf, -inf, nan, 2.0, -2.5]
ARITHMETIC = 'add sub rsub mul div remainder fmod floor_divide copysign clamp_min clamp_max'.split()


def values(dtype):
    """Special values, subnormals, the ends of the range, and random ones."""
    edges = [torch.finfo(dtype).tiny / 16, -torch.finfo(dtype).tiny / 16, torch.finfo(dtype).max, -torch.finfo(dtype).max]
    drawn = torch.randn(64 - len(SPECIAL) - len(edges), dtype=torch.float64) * 2
    return torch.cat([torch.tensor(SPECIAL + edges, dtype=torch.float64), drawn]).to(dtype)


def powers():
    for dtype in TYPES:
        for e in EXPONENTS + NEAR:
            for x in (values(dtype), values(dtype)[:7], values(dtype)[-7:], values(dtype)[-1])[:1 if e in NEAR else 4]:
                x.requires_grad_()
                y = x.pow(e)
                made = {'e': repr(float(e)), 'x': encode_tensor(x.detach()), 'y': encode_tensor(y)}
                if x.numel() == 64 and dtype.itemsize > 2:
                    g = torch.autograd.grad(y.sum(), x, create_graph=True)[0]
                    made['gradient'] = encode_tensor(g)
                    if g.requires_grad:
                        made['second'] = encode_tensor(torch.autograd.grad(g.sum(), x)[0])
                yield made


def arithmetic():
    for dtype in TYPES:
        for name in ARITHMETIC:
            for n in NUMBERS:
                x = values(dtype)[:16]
                f = torch.rsub if name == 'rsub' else getattr(torch.Tensor, name)
                yield {'name': name, 'n': [repr(n)], 'x': encode_tensor(x), 'y': encode_tensor(f(x, n))}
        for bounds in ((0.0, 1.0), (-0.0, 1.0), (-1.0, 0.0), (-1.0, -0.0)):
            x = values(dtype)[:16]
            yield {'name': 'clamp', 'n': [repr(n) for n in bounds], 'x': encode_tensor(x), 'y': encode_tensor(x.clamp(*bounds))}


def products():
    for dtype in TYPES:
        for name, f in (('xlogy', torch.xlogy), ('xlog1py', torch.special.xlog1py), ('softsign', lambda x, _: F.softsign(x))):
            x, y, g = values(dtype).requires_grad_(), values(dtype)[torch.randperm(64)].requires_grad_(), torch.randn(64).to(dtype)
            z = f(x, y)
            gradients = torch.autograd.grad(z, (x, y)[:1 if name == 'softsign' else 2], g)
            tensors = {'x': x, 'y': y, 'g': g, 'z': z, 'gx': gradients[0], 'gy': gradients[-1]}
            yield {'name': name, **{k: encode_tensor(t.detach()) for k, t in tensors.items()}}


if __name__ == '__main__':
    torch.manual_seed(0)
    made = {'powers': list(powers()), 'arithmetic': list(arithmetic()), 'products': list(products())}
    size = save('powers.json.gz', made)
    print('%s, %d bytes' % ({k: len(v) for k, v in made.items()}, size))
