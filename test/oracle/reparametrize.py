"""Records weight and spectral normalisation in both forms, and lazy layers, into test/goldens/reparametrize.json.gz."""
import warnings

import torch
from oracle import encode_tensor, save
from torch import nn
from torch.nn.utils import parametrizations, parametrize, remove_spectral_norm, remove_weight_norm, spectral_norm, weight_norm

warnings.simplefilter('ignore')

LAYERS = {
    'Linear': (lambda: nn.Linear(4, 3), (2, 4)),
    'Conv2d': (lambda: nn.Conv2d(2, 3, 2), (1, 2, 4, 4)),
    'ConvTranspose2d': (lambda: nn.ConvTranspose2d(2, 3, 2), (1, 2, 3, 3)),
}
# name -> what is done to the layer, with its options, and how it is undone
WRAPS = {
    'parametrizations.weight_norm': (parametrizations.weight_norm, lambda m: parametrize.remove_parametrizations(m, 'weight')),
    'parametrizations.spectral_norm': (parametrizations.spectral_norm, lambda m: parametrize.remove_parametrizations(m, 'weight')),
    'weight_norm': (weight_norm, remove_weight_norm),
    'spectral_norm': (spectral_norm, remove_spectral_norm),
}
OPTIONS = {'weight_norm': [{}, {'dim': 1}, {'dim': None}], 'spectral_norm': [{}, {'n_power_iterations': 3, 'dim': 1, 'eps': 1e-6}]}

LAZY = [
    ('LazyLinear', [3], {}, (2, 5)), ('LazyLinear', [3], {'bias': False}, (2, 4, 5)),
    ('LazyConv1d', [4, 3], {}, (2, 2, 7)), ('LazyConv2d', [4, [3, 2]], {'stride': 2, 'groups': 2, 'padding': 'valid'}, (2, 4, 7, 7)),
    ('LazyConv2d', [4, 3], {'bias': False}, (3, 7, 7)), ('LazyConv3d', [2, 2], {}, (1, 3, 4, 4, 4)),
    ('LazyConv2d', [4, 3], {'groups': 2}, (2, 3, 7, 7)), ('LazyConv2d', [4, 3], {}, (2, 3)),
    ('LazyConvTranspose1d', [4, 3], {'groups': 2}, (2, 2, 7)), ('LazyConvTranspose2d', [4, 3], {'stride': 2, 'output_padding': 1}, (2, 3, 4, 4)),
    ('LazyConvTranspose3d', [2, 2], {}, (1, 3, 2, 2, 2)), ('LazyBatchNorm1d', [], {}, (4, 3)), ('LazyBatchNorm1d', [], {}, (4, 3, 2, 2)),
    ('LazyBatchNorm2d', [], {'eps': 1e-3, 'affine': False}, (4, 3, 2, 2)), ('LazyBatchNorm3d', [], {'track_running_stats': False}, (4, 3, 2, 2, 2)),
    ('LazyInstanceNorm1d', [], {}, (4, 3, 5)), ('LazyInstanceNorm2d', [], {'affine': False, 'track_running_stats': False}, (4, 3, 2, 2)),
    ('LazyInstanceNorm3d', [], {'momentum': 0.3}, (4, 3, 2, 2, 2)),
]


def state(m):
    return [[k, encode_tensor(v)] for k, v in m.state_dict().items()]


def wrapped():
    for name, (wrap, unwrap) in WRAPS.items():
        for options in OPTIONS[name.split('.')[-1]]:
            for layer, (make, shape) in LAYERS.items():
                torch.manual_seed(7)
                m = wrap(make(), **options)
                x = torch.randn(shape)
                case = {'wrap': name, 'options': options, 'layer': layer, 'shape': shape, 'print': str(m), 'state': state(m), 'steps': []}
                for _ in range(2):
                    m.zero_grad()
                    y = m(x)
                    (y * torch.arange(1, y.numel() + 1).reshape(y.shape)).sum().backward()
                    case['steps'].append({'out': encode_tensor(y.detach()), 'grads': [[k, encode_tensor(p.grad)] for k, p in m.named_parameters()], 'state': state(m)})
                m.eval()
                case['eval'] = encode_tensor(m(x).detach())
                unwrap(m)
                case.update(after=str(m), left=state(m))
                yield case


def lazy():
    for name, args, options, shape in LAZY:
        torch.manual_seed(11)
        m = getattr(nn, name)(*args, **options)
        case = {'name': name, 'args': args, 'options': options, 'shape': shape, 'print': str(m), 'uninitialized': [[k, str(v)] for k, v in m.state_dict().items()]}
        x = torch.randn(shape)
        try:
            y = m(x)
        except Exception as e:
            yield {**case, 'error': str(e)}
            continue
        yield {**case, 'after': str(m), 'state': state(m), 'out': encode_tensor(y.detach()), 'next': encode_tensor(torch.rand(3))}


if __name__ == '__main__':
    wraps, lazies = list(wrapped()), list(lazy())
    size = save('reparametrize.json.gz', {'wrapped': wraps, 'lazy': lazies})
    print('%d wrapped layers, %d lazy ones, %d bytes' % (len(wraps), len(lazies), size))
