"""
Records what PyTorch makes of numbers beside float16 and bfloat16 tensors, bit by bit, into test/goldens/halves.json.gz: most
operations round the number to the tensor's dtype first, mul, div, lerp and addcmul do not. 40 elements are more than PyTorch computes at once. And steps of
optimizers on parameters of these dtypes, into optimizers_halves.json.gz.
"""
import random

import torch
from oracle import encode_tensor, save, setting

SEED = setting('SEED', 0)
EACH = setting('COUNT', 2)
NUMBER = ['add', 'sub', 'mul', 'div', 'remainder', 'fmod', 'pow', 'copysign', 'floor_divide', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'clamp_min', 'clamp_max']
IN_PLACE = ['add_', 'sub_', 'mul_', 'div_', 'remainder_', 'fmod_', 'eq_', 'fill_', 'floor_divide_']


def record(rng, dtype, shape):
    def number():
        return rng.choice([0.1, 1 / 3, 257.3, -2.3, 1.0009765, rng.gauss(0, 3), rng.gauss(0, 3), float(rng.randrange(1, 6))])

    def tensor():
        n = torch.Size(shape).numel()
        return (torch.tensor([rng.gauss(0, 1) for _ in range(n)]) * rng.choice([0.3, 3, 40])).reshape(shape).to(dtype)

    def case(name, *args, **opts):
        x = tensor()
        made = {'x': encode_tensor(x), 'name': name, 'args': [encode_tensor(a) if isinstance(a, torch.Tensor) else a for a in args], 'opts': opts}
        if name in ('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'eq_'):
            # A number that rounds to one of the values.
            made['args'] = args = [x.flatten()[0].item() * (1 + 1e-5)]
        y = getattr(x, name)(*args, **opts)
        return {**made, 'y': encode_tensor(y)}

    for name in NUMBER + IN_PLACE:
        yield case(name, number())
    for name in ['add', 'sub', 'mul', 'div', 'fmod', 'eq', 'floor_divide', 'add_', 'div_']:
        yield case(name, torch.tensor(number(), dtype=torch.float64))
    for name in ['add', 'sub', 'add_', 'sub_']:
        yield case(name, tensor(), alpha=number())
        yield case(name, number(), alpha=number())
    yield case('add', torch.tensor([2049, 257, 4099, 70, 9][:shape[-1]] * (shape[-1] // 5), dtype=torch.int64))
    for name in ['addcmul', 'addcdiv', 'addcmul_', 'addcdiv_']:
        yield case(name, tensor(), tensor(), value=number())
    for name in ['lerp', 'lerp_']:
        yield case(name, tensor(), number())
    yield case('clamp', *sorted([number(), number() + 1]))


OPTIMIZERS = [
    ('SGD', dict(lr=.1)), ('SGD', dict(lr=.1, momentum=.9, weight_decay=.01, nesterov=True)), ('SGD', dict(lr=.1, momentum=.8, dampening=.1, maximize=True)),
    ('Adam', dict(lr=.01)), ('Adam', dict(lr=.01, weight_decay=.1, amsgrad=True)), ('Adam', dict(lr=.01, maximize=True, betas=(.8, .95))),
    ('AdamW', dict(lr=.01)), ('RMSprop', dict(lr=.01)), ('RMSprop', dict(lr=.01, momentum=.9, centered=True, weight_decay=.01)),
    ('Adagrad', dict(lr=.1, lr_decay=.1, weight_decay=.1)), ('Adadelta', dict(lr=1.)), ('Adamax', dict(lr=.01)), ('NAdam', dict(lr=.01)),
    ('RAdam', dict(lr=.01)), ('ASGD', dict(lr=.01, t0=2)), ('Rprop', dict(lr=.01))]


def run(rng, dtype, name, options):
    """Five steps of an optimizer on 34 values: two more than are computed at once."""
    def tensor():
        return torch.tensor([rng.gauss(0, 1) for _ in range(34)]).to(dtype)

    p = tensor().requires_grad_()
    made = {'name': name, 'options': options, 'start': encode_tensor(p.detach()), 'grads': []}
    optimizer = getattr(torch.optim, name)([p], **options)
    for _ in range(5):
        p.grad = tensor()
        made['grads'].append(encode_tensor(p.grad))
        optimizer.step()
    state = {k: encode_tensor(v) for k, v in optimizer.state[p].items() if isinstance(v, torch.Tensor) and k != 'step'}
    return {**made, 'end': encode_tensor(p.detach()), 'state': state}


if __name__ == '__main__':
    rng = random.Random(SEED)
    cases = [c for dtype in (torch.float16, torch.bfloat16) for shape in ([5], [40]) for _ in range(EACH) for c in record(rng, dtype, shape)]
    size = save('halves.json.gz', cases)
    print('%d cases, %d bytes' % (len(cases), size))
    runs = [run(rng, dtype, name, options) for dtype in (torch.float16, torch.bfloat16) for name, options in OPTIMIZERS]
    size = save('optimizers_halves.json.gz', runs)
    print('%d runs of optimizers, %d bytes' % (len(runs), size))
