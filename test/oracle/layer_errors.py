"""Records what functions and layers of nn say of inputs with too few or too many dims, and `interpolate` of its sizes, into test/goldens/layer_errors.json."""
import warnings

import torch
import torch.nn.functional as F
from oracle import save, short_error
from torch import nn

# What the tests do alike, by name; the input has sizes of 2.
DIMS = {
    'batch_norm': lambda x: F.batch_norm(x, None, None, training=True), 'batch_norm_eval': lambda x: F.batch_norm(x, None, None),
    'batch_norm_statistics': lambda x: F.batch_norm(x, torch.ones(0), torch.ones(0), training=True), 'unfold': lambda x: F.unfold(x, 1),
    'avg_pool2d': lambda x: F.avg_pool2d(x, 1), 'avg_pool3d': lambda x: F.avg_pool3d(x, 1), 'lp_pool2d': lambda x: F.lp_pool2d(x, 2.0, 2),
    'adaptive_avg_pool2d': lambda x: F.adaptive_avg_pool2d(x, 2), 'adaptive_avg_pool3d': lambda x: F.adaptive_avg_pool3d(x, 2),
    'fractional2d': lambda x: F.fractional_max_pool2d(x, 1, output_size=1), 'fractional2d_ratio': lambda x: F.fractional_max_pool2d(x, 1, output_ratio=(0.5, 0.5)),
    'fractional3d': lambda x: F.fractional_max_pool3d(x, 1, output_size=1), 'fractional3d_ratio': lambda x: F.fractional_max_pool3d(x, 1, output_ratio=(0.5, 0.5, 0.5)),
    'cross_entropy': lambda x: F.cross_entropy(x, torch.tensor([0])), 'pack_padded_sequence': lambda x: nn.utils.rnn.pack_padded_sequence(x, [1]),
    'normalize': lambda x: F.normalize(x, dim=1), 'log_softmax': lambda x: F.log_softmax(x, 1), 'glu': lambda x: F.glu(x, 1),
    **{f'{kind}Pad{n}d': lambda x, kind=kind, n=n: getattr(nn, f'{kind}Pad{n}d')(1, *([0.5] if kind == 'Constant' else []))(x)
       for kind in ('Circular', 'Reflection', 'Replication', 'Zero', 'Constant') for n in (1, 2, 3)},
}
SIZES = [([1, 1, 4, 4], {'size': [2, 2, 2]}), ([1, 1, 4, 4], {'size': [2]}), ([1, 1, 4], {'size': [2, 3]}), ([1, 1, 4, 4], {'scale_factor': [2, 2, 2.5]}),
         ([1, 1, 4, 4], {'scale_factor': [0.5]}), ([4, 4], {'size': 2}), ([1, 1, 4, 4], {'size': [0, 3]}), ([1, 1, 0, 4], {'size': 2}), ([1, 1, 0], {'size': 2, 'mode': 'linear'}),
         ([1, 0, 4, 4], {'size': 2}), ([1, 1, 4, 4, 0], {'size': 2, 'mode': 'trilinear'}), ([1, 1, 4, 4], {'size': 2, 'mode': 'linear'}), ([1, 1, 4, 4], {'scale_factor': 0.1}), *[([1, 0] + [4] * n, {'size': 2, 'mode': mode}) for mode, n in
          (('nearest', 1), ('nearest', 3), ('nearest-exact', 2), ('linear', 1), ('bilinear', 2), ('bicubic', 2), ('trilinear', 3))],
         ([0, 1, 4, 4], {'size': 2})]


def said(f):
    try:
        f()
    except Exception as e:
        return short_error(e)
    return None


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    golden = {'dims': [{'name': name, 'dims': dims, 'error': said(lambda: call(torch.ones([2] * dims)))} for name, call in DIMS.items() for dims in range(7)],
              'interpolate': [{'input': shape, 'options': options, 'error': said(lambda: F.interpolate(torch.ones(shape), **options))} for shape, options in SIZES]}
    size = save('layer_errors.json', golden)
    print('%d calls, %d bytes' % (sum(map(len, golden.values())), size))
