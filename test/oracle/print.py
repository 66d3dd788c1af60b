"""Records how PyTorch prints tensors and state dicts into test/goldens/print.json.gz; print_modules.py adds modules and optimizers."""
import math
import random
import struct
from collections import OrderedDict

import torch
from oracle import DTYPE_NAME, VERSION, encode_tensor, save, setting, spread
from print_modules import modules, optimizers
from torch import nn

SEED, COUNT, EACH = setting('SEED', 20240), setting('COUNT', 560), setting('EACH', 4)
FLOATS = [torch.float32, torch.float64, torch.float16, torch.bfloat16]
INTS = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]
rng = random.Random(SEED)
cases = []


def plain(text):
    return text.replace('torch.', '')


def camel(options):
    return {('sciMode' if k == 'sci_mode' else k): ('inf' if v == math.inf else v) for k, v in options.items()}


def custom(name):
    """A Function of that name, whose node prints as <nameBackward>."""

    def forward(ctx, x):
        return x.clone()

    def backward(ctx, g):
        return g

    return type(name, (torch.autograd.Function,), {'forward': staticmethod(forward), 'backward': staticmethod(backward)}).apply


def written(x):
    y = x.clone()
    y[...] = 1 if y.dim() == 0 else y.detach().clone()
    return y


# What makes a tensor with a graph; the test has the same table.
NODES = {
    'clone': lambda x: x.clone(),
    'mul': lambda x: x * 1,
    'neg': lambda x: -x,
    'abs': lambda x: x.abs(),
    'relu': lambda x: x.relu(),
    'unsqueeze': lambda x: x.unsqueeze(0),
    'flatten': lambda x: x.flatten(),
    'permute': lambda x: x.permute(tuple(reversed(range(x.dim())))),
    'first': lambda x: x[0] if x.dim() and x.shape[0] else x.clone(),
    'expand': lambda x: x.expand(2, *x.shape),
    'cat': lambda x: torch.cat([x.reshape(-1), x.reshape(-1)]),
    'stack': lambda x: torch.stack([x, x]),
    'double': lambda x: x.double().clone(),
    'squeeze': lambda x: x.squeeze(),
    'written': written,
    'added': lambda x: x.clone().mul_(1),
    'CopyOf': lambda x: custom('CopyOf')(x),
    'ChannelWiseNormalizationWithAnExcessivelyLongName': lambda x: custom('ChannelWiseNormalizationWithAnExcessivelyLongName')(x),
}


def record(tensor, options=None, kind=None, default=None):
    torch.set_printoptions(profile='default')
    if default:
        torch.set_default_dtype(default)
    if options:
        torch.set_printoptions(**options)
    case = {'x': encode_tensor(tensor, layout=True)}
    if options:
        case['options'] = camel(options)
    if default:
        case['default'] = DTYPE_NAME[default]
    if kind:
        case['as'] = kind
    # An expanded leaf would print alike; cloning forgets the strides that nothing but the reading depends on.
    shown = tensor
    if kind == 'leaf':
        shown = tensor.clone().requires_grad_()
    elif kind in ('parameter', 'frozen'):
        shown = nn.Parameter(tensor.clone(), requires_grad=kind == 'parameter')
    elif kind:
        shown = NODES[kind](tensor.clone().requires_grad_())
    case['text'] = plain(repr(shown))
    torch.set_printoptions(profile='default')
    torch.set_default_dtype(torch.float32)
    cases.append(case)


def nearby(value, dtype):
    """A value of the dtype at most two steps from the given one."""
    t = torch.tensor(value, dtype=torch.float64).to(dtype)
    for _ in range(rng.randint(0, 2)):
        t = torch.nextafter(t, torch.tensor(rng.choice([-math.inf, math.inf]), dtype=dtype))
    return t.item() * rng.choice([1, -1])


def random_values(count, dtype):
    if dtype == torch.bool:
        return torch.tensor([rng.random() < rng.choice([0.5, 0, 1]) for _ in range(count)], dtype=dtype)
    if not dtype.is_floating_point:
        info = torch.iinfo(dtype)
        limit = min(info.max, 10 ** rng.randint(0, 19))
        low = max(info.min, -limit) if rng.random() < 0.5 else 0
        return torch.tensor([rng.choice([info.min, info.max, 0, -1 % 256]) if info.bits > 8 and rng.random() < 0.01 else rng.randint(low, limit) for _ in range(count)], dtype=dtype)
    info = torch.finfo(dtype)
    kind = rng.choice('normal normal normal scaled integral ties mixed wide special bits uniform threshold ratio tiny carry constant huge'.split())
    scale = 10.0 ** rng.randint(-12, 12) if dtype != torch.float16 else 10.0 ** rng.randint(-6, 4)
    base = rng.choice([1e-4, 1.0, 1e5, 3.7e-4, 0.001, 2.0**-13, 99999.0])
    sprinkle = rng.choice([0, 0, 0.1, 0.3])
    constant = rng.choice([0.0, -0.0, 1.0, 0.1, math.nan, -math.nan, math.inf, -math.inf, rng.gauss(0, 1), 1e8, 1e-4, info.max, info.tiny])
    pick = {
        'normal': lambda: rng.gauss(0, 1),
        'uniform': lambda: rng.random(),
        'scaled': lambda: rng.gauss(0, 1) * scale,
        'integral': lambda: float(rng.randint(-(10 ** rng.randint(0, 9)), 10 ** rng.randint(0, 9))),
        'ties': lambda: rng.randint(-4000, 4000) / 2 ** rng.randint(1, 7),
        'mixed': lambda: rng.choice([0.0, -0.0, 1.0, rng.gauss(0, 1), math.nan, math.inf, -math.inf, rng.gauss(0, 100)]),
        'wide': lambda: rng.gauss(0, 1) * 10.0 ** rng.randint(-30, 30),
        'special': lambda: rng.choice([0.0, -0.0, math.nan, math.inf, -math.inf]),
        'bits': lambda: struct.unpack('<f', struct.pack('<I', rng.getrandbits(32)))[0] if dtype != torch.float64 else struct.unpack('<d', struct.pack('<Q', rng.getrandbits(64)))[0],
        'threshold': lambda: nearby(rng.choice([1e8, 1e-4, 1.0, 1e5 + 0.5, 0.5]), dtype),
        'ratio': lambda: nearby(base * rng.choice([1, 1000]), dtype),
        'tiny': lambda: rng.randint(0, 1000) * info.smallest_normal * info.eps,
        'carry': lambda: rng.choice([-1, 1]) * (10.0 ** rng.randint(-2, 5) - 10.0 ** -rng.randint(1, 7)),
        'constant': lambda: constant,
        'huge': lambda: rng.choice([info.max, info.min, info.max / 2, 1.0]),
    }[kind]
    values = [rng.choice([0.0, -0.0, math.nan, math.inf, -math.inf]) if rng.random() < sprinkle else pick() for _ in range(count)]
    return torch.tensor(values, dtype=torch.float64).to(dtype)


def random_options(count, width):
    options = {}
    if rng.random() < 0.5:
        options['precision'] = rng.choice([0, 1, 2, 3, 5, 6, 8, 10, 17, 30])
    if rng.random() < 0.5:
        options['linewidth'] = rng.choice([0, 1, 10, 20, 40, 60, 79, 81, 120, 200, 1000])
    if rng.random() < 0.5:
        options['threshold'] = rng.choice([0, 1, 5, 20, 50, 10.5, math.inf, max(count - 1, 0), count, count + 1])
    if rng.random() < 0.5:
        options['edgeitems'] = rng.choice([0, 1, 2, 4, 5, width // 2, (width + 1) // 2])
    if rng.random() < 0.5:
        options['sci_mode'] = rng.choice([True, False, None])
    if rng.random() < 0.2:
        options['profile'] = rng.choice(['default', 'short', 'full'])
    return options


def random_layout(x):
    way = rng.choice(['', '', '', 'spread', 'transposed', 'expanded', 'step'])
    if way == 'spread':
        return spread(x, torch.Generator().manual_seed(rng.getrandbits(30)))
    if way == 'transposed':
        return x.permute(tuple(reversed(range(x.dim()))))
    if way == 'expanded' and x.numel() <= 60:
        return x.expand(rng.randint(1, 4), *x.shape)
    if way == 'step' and x.dim():
        return x[rng.randint(0, 1) :: 2]
    return x


def tensors():
    for dtype in [*FLOATS, *INTS, torch.bool]:
        for shape in [(), (1,), (0,), (0, 3), (3, 0), (2, 3), (2, 0, 3), (0, 0, 0), (1, 1, 1, 1), (2, 2, 2)]:
            record(random_values(math.prod(shape), dtype).reshape(shape), default=rng.choice([None, None, torch.float64]))
    for _ in range(COUNT):
        dims = rng.choice([0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5])
        top = [1, 40, 12, 6, 4, 3][dims]
        shape = [rng.randint(1 if rng.random() < 0.97 else 0, top) for _ in range(dims)]
        dtype = rng.choice([*FLOATS, *FLOATS, torch.float32, torch.float32, *INTS, torch.bool])
        values = random_layout(random_values(math.prod(shape), dtype).reshape(shape))
        kind = None
        if dtype.is_floating_point and rng.random() < 0.5:
            kind = rng.choice(['leaf', 'parameter', 'frozen', *NODES])
        elif rng.random() < 0.1:
            kind = 'frozen'
        options = random_options(values.numel(), values.shape[-1] if values.dim() else 1) if rng.random() < 0.5 else None
        record(values, options, kind, torch.float64 if rng.random() < 0.1 else None)
    # Suffixes that just fit and just do not.
    for width in range(50, 84, 1 if EACH else 2):
        record(torch.tensor([1.0] * 11), {'linewidth': width}, 'mul')
        record(torch.tensor([[1.0] * 5] * 2, dtype=torch.float64), {'linewidth': width}, 'leaf')
        record(torch.zeros((0, 4), dtype=torch.bfloat16), {'linewidth': width - 30}, 'relu')


def large():
    """Summarised ones: value i is ((i * step) % modulus - offset) / divisor, exact in every dtype used here."""
    rows = []
    for shape in [(1001,), (1000,), (100_000,), (50, 40), (7, 200), (200, 7), (6, 500), (11, 12, 13), (2, 3, 4, 100), (1, 1, 2000), (2000, 1), (7, 7, 7, 7), (3, 2, 2, 9, 17), (500, 200)]:
        for dtype, step, modulus, offset, divisor in [
            (torch.float32, 1, 16384, 0, 1),
            (torch.float32, 37, 2048, 1024, 64),
            (torch.float64, 7919, 65536, 300, 1024),
            (torch.int64, 1, 2**30, 5, 1),
            (torch.bool, 3, 4, 1, 1),
            (torch.float16, 11, 1024, 512, 8),
        ]:
            index = torch.arange(math.prod(shape), dtype=torch.int64)
            values = ((index * step) % modulus - offset).to(torch.float64) / divisor
            options = rng.choice([{}, {}, {'edgeitems': 2}, {'precision': 2, 'linewidth': 60}, {'threshold': 10, 'edgeitems': 0}, {'profile': 'short'}])
            torch.set_printoptions(**options)
            text = plain(repr(values.to(dtype).reshape(shape)))
            torch.set_printoptions(profile='default')
            rows.append({'shape': shape, 'dtype': DTYPE_NAME[dtype], 'step': step, 'modulus': modulus, 'offset': offset, 'divisor': divisor, 'options': camel(options), 'text': text})
    return rows


def encode_number(value):
    if math.isnan(value) or math.isinf(value):
        return str(value)
    return '-0' if value == 0 and math.copysign(1, value) < 0 else value


def numbers():
    values = [0.0, -0.0, 0.5, 1.5, 2.5, 0.25, 0.125, 0.375, 0.03125, 0.09375, 0.99995, 9.99995, 9.5, 10.5, 1e21, 1e22, 1.5e300, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, math.nan, math.inf, -math.inf, 123456789.0, 25.0, 35.0, 250.0, 350.0, 1250000.0, 65504.0, 1e16, 1e-4, 9.999e-5, 123456789012345680.0]
    values += [rng.randint(-(2**20), 2**20) / 2 ** rng.randint(0, 20) for _ in range(100)]
    values += [(2 * rng.randint(0, 9999) + 1) * 10 ** rng.randint(0, 12) * 5 for _ in range(40)]
    values += [struct.unpack('<d', struct.pack('<Q', rng.getrandbits(64)))[0] for _ in range(60)]
    values += [struct.unpack('<f', struct.pack('<I', rng.getrandbits(32)))[0] for _ in range(60)]
    values += [float(f'1.{rng.randint(0, 999)}e{rng.randint(-9, 25)}') for _ in range(40)]
    rows = []
    for value in map(float, values):
        for digits in sorted({0, rng.randint(1, 12), 4}):
            rows.append([encode_number(value), digits, f'{value:.{digits}f}', f'{value:.{digits}e}', repr(value)])
    return rows


def strings():
    texts = ['weight', '0.weight', "it's", 'say "hi"', 'both \' and "', 'back\\slash', 'tab\tnew\nline\r', '\x00\x7f\x80\xa0', 'naïve 中文 😀', '\u200b\ue000\U000e0001', '']
    return [[text, repr(text)] for text in texts]


def state_dicts():
    torch.manual_seed(0)
    nets = [
        nn.Linear(3, 2),
        nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)),
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).double(),
        nn.ReLU(),
    ]
    rows = []
    for net in nets:
        for keep in (False, True):
            state = net.state_dict(keep_vars=keep)
            rows.append({'keep': keep, 'entries': [[k, encode_tensor(v.detach()), isinstance(v, nn.Parameter)] for k, v in state.items()], 'text': plain(repr(OrderedDict(state.items())))})
    return rows


if __name__ == '__main__':
    tensors()
    golden = {
        'torch': VERSION,
        'tensors': cases,
        'large': large(),
        'numbers': numbers(),
        'strings': strings(),
        'stateDicts': state_dicts(),
        'modules': modules(SEED, EACH),
        'optimizers': optimizers(),
    }
    size = save('print.json.gz', golden)
    print(', '.join(f'{len(v)} {k}' for k, v in golden.items() if k != 'torch'), f'{size} bytes')
