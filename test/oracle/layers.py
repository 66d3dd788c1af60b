"""Records what PyTorch draws and does where its samples say nothing: initialisation, dropout, clipping, embedding options, resizing ->
test/goldens/layers.json.gz."""
import torch
import torch.nn.functional as F
from oracle import encode_tensor, save
from torch import nn


def values(*shape):
    """Exact in every floating dtype."""
    n = torch.Size(shape).numel()
    return (((torch.arange(n) * 7) % 23 - 11) / 8).reshape(shape)


def cotangent(t):
    return (((torch.arange(t.numel()) * 5) % 17 - 8) / 4).reshape(t.shape)


def drawn(seed, draw):
    torch.manual_seed(seed)
    return encode_tensor(draw().detach().contiguous())


def with_gradient(x, f):
    x = x.clone().requires_grad_()
    y = f(x)
    (y * cotangent(y)).sum().backward()
    return {'out': encode_tensor(y.detach().contiguous()), 'grad': encode_tensor(x.grad), 'after': encode_tensor(x.detach())}


def initialisation():
    fills = {
        'uniform_': [{'a': -1.0, 'b': 2.0}], 'normal_': [{'mean': 1.0, 'std': 2.0}],
        'trunc_normal_': [{'mean': 0.5, 'a': -1.0}, {'std': 3.0, 'a': 4.0, 'b': 5.0}],
        'xavier_uniform_': [{'gain': 2.0}], 'xavier_normal_': [{}],
        'kaiming_uniform_': [{'nonlinearity': 'relu', 'mode': 'fan_out'}, {'a': 2.236}], 'kaiming_normal_': [{'a': 0.1}],
        'orthogonal_': [{}, {'gain': 2.0}], 'eye_': [{}],
    }
    out = []
    for name, options in fills.items():
        for o in options:
            for shape in ((5, 7), (9, 2)):
                for dtype in (torch.float32, torch.float64):
                    out.append({'name': name, 'options': o, 'out': drawn(4, lambda: getattr(nn.init, name)(torch.empty(*shape, dtype=dtype), **o))})
    out.append({'name': 'sparse_', 'args': [0.4], 'options': {'std': 0.1}, 'out': drawn(4, lambda: nn.init.sparse_(torch.empty(5, 7), 0.4, std=0.1))})
    out.append({'name': 'dirac_', 'options': {'groups': 2}, 'out': drawn(4, lambda: nn.init.dirac_(torch.empty(4, 3, 3), groups=2))})
    return out


LAYERS = [
    ('Linear', [4, 8], {}), ('Linear', [5, 3], {'bias': False}), ('Bilinear', [2, 3, 2], {}), ('Conv1d', [3, 2, 2], {}), ('Conv2d', [2, 4, 3], {'groups': 2}),
    ('Conv3d', [1, 2, 2], {}), ('ConvTranspose1d', [2, 4, 3], {}), ('ConvTranspose2d', [2, 4, 3], {}), ('ConvTranspose3d', [2, 4, 2], {'bias': False}),
    ('Embedding', [5, 3], {'padding_idx': 1}), ('BatchNorm2d', [3], {}), ('LayerNorm', [4], {}), ('GroupNorm', [2, 4], {}), ('RMSNorm', [4], {}), ('PReLU', [3], {}),
]
PRINTED = [
    ('CosineSimilarity', [], {}), ('PairwiseDistance', [], {'p': 1}), ('PixelShuffle', [2], {}), ('PixelUnshuffle', [2], {}), ('Unfold', [[2, 3]], {'dilation': 2, 'padding': [1, 1], 'stride': 2}),
    ('Fold', [[4, 4], 2], {}), ('Upsample', [], {'scale_factor': 2.0}), ('Upsample', [], {'size': [3, 4], 'mode': 'bilinear', 'align_corners': True}), ('Upsample', [], {'scale_factor': [2.5, 2.0]}),
    ('UpsamplingNearest2d', [], {'scale_factor': 2.0}), ('UpsamplingBilinear2d', [], {'size': 4}), ('LocalResponseNorm', [2], {}), ('ConstantPad1d', [2, 3.5], {}), ('ConstantPad3d', [[1, 2, 3, 4, 5, 6], 3.5], {}),
    ('ZeroPad1d', [2], {}), ('ZeroPad3d', [1], {}), ('ReflectionPad1d', [2], {}), ('ReplicationPad3d', [1], {}), ('CircularPad2d', [[1, 2, 3, 4]], {}), ('MaxPool3d', [2], {}),
    ('AvgPool3d', [[2, 1, 2]], {'stride': 1, 'padding': [0, 0, 1]}), ('AdaptiveAvgPool3d', [[3, None, 2]], {}), ('AdaptiveMaxPool1d', [3], {}), ('Dropout3d', [], {}), ('FeatureAlphaDropout', [0.2], {}),
    ('InstanceNorm3d', [4], {}), ('TripletMarginLoss', [], {}), ('MultiMarginLoss', [], {}), ('Bilinear', [2, 3, 4], {'bias': False}), ('Dropout', [0.25], {}), ('Softmax', [], {'dim': 1}),
]


def as_tuples(v):
    return tuple(v) if isinstance(v, list) else v


def layers():
    out = []
    for name, args, options in LAYERS:
        torch.manual_seed(5)
        m = getattr(nn, name)(*args, **options)
        out.append({'name': name, 'args': args, 'options': options, 'state': [[k, encode_tensor(v)] for k, v in m.state_dict().items()], 'print': str(m)})
    for name, args, options in PRINTED:
        m = getattr(nn, name)(*map(as_tuples, args), **{k: as_tuples(v) for k, v in options.items()})
        out.append({'name': name, 'args': args, 'options': options, 'print': str(m)})
    return out


def dropouts():
    x = values(2, 3, 4, 5)
    out = []
    for name in ('dropout', 'dropout2d', 'dropout3d', 'alpha_dropout', 'feature_alpha_dropout'):
        for dtype in (torch.float32, torch.float64):
            out.append({'name': name, 'x': encode_tensor(x.to(dtype)), 'out': drawn(3, lambda: getattr(F, name)(x.to(dtype), 0.3, True))})
    out.append({'name': 'dropout1d', 'x': encode_tensor(x[0]), 'out': drawn(3, lambda: F.dropout1d(x[0], 0.3, True))})
    permuted = x.permute(3, 0, 2, 1)
    for name in ('dropout', 'alpha_dropout'):
        out.append({'name': name, 'x': encode_tensor(permuted, layout=True), 'out': drawn(3, lambda: getattr(F, name)(permuted, 0.3, True))})
    return out


def clipping():
    out = []
    for norm_type in (2.0, 1.0, 3.0, float('inf')):
        parameters = [nn.Parameter(values(2, 3)), nn.Parameter(values(4)), nn.Parameter(values(1))]
        for p in parameters[:2]:
            p.grad = p.detach() * 2 - 1
        norm = nn.utils.clip_grad_norm_(parameters, 1.5, norm_type=norm_type)
        out.append({'normType': str(norm_type), 'norm': encode_tensor(norm), 'grads': [encode_tensor(p.grad) for p in parameters[:2]]})
    return out


def embeddings():
    index = torch.tensor([[0, 1, 1], [3, 1, 0]])
    out = []
    for o in ({}, {'padding_idx': 1}, {'padding_idx': -4}, {'max_norm': 1.0}, {'max_norm': 2.0, 'norm_type': 1.0}, {'scale_grad_by_freq': True}, {'padding_idx': 3, 'scale_grad_by_freq': True}):
        out.append({'options': o, **with_gradient(values(4, 3), lambda w: F.embedding(index, w, **o))})
    return out


def resizing():
    x = values(2, 3, 4, 5)
    out = []
    for o in ({'scale_factor': 2.0}, {'size': [3, 7]}, {'scale_factor': [1.7, 0.6]}, {'size': [3, 7], 'mode': 'nearest-exact'}, {'scale_factor': 2.0, 'mode': 'bilinear'}, {'size': [3, 7], 'mode': 'bilinear'},
              {'size': [6, 3], 'mode': 'bilinear', 'align_corners': True}, {'scale_factor': [1.7, 0.6], 'mode': 'bilinear'}, {'scale_factor': 1.7, 'mode': 'bilinear', 'recompute_scale_factor': True}):
        out.append({'options': o, 'x': encode_tensor(x), **with_gradient(x, lambda v: F.interpolate(v, **{k: as_tuples(w) for k, w in o.items()}))})
    for o, shape in (({'scale_factor': 2.0, 'mode': 'linear'}, (2, 12, 5)), ({'size': [2, 5, 6], 'mode': 'trilinear'}, (1, 2, 3, 4, 5))):
        v = values(*shape)
        out.append({'options': o, 'x': encode_tensor(v), **with_gradient(v, lambda w: F.interpolate(w, **{k: as_tuples(z) for k, z in o.items()}))})
    return out


def activations():
    x = values(6, 20)
    return [
        {'name': 'rrelu', 'options': {'training': True}, 'x': encode_tensor(x), 'out': drawn(3, lambda: F.rrelu(x, training=True))},
        {'name': 'rrelu', 'options': {}, 'x': encode_tensor(x), 'out': drawn(3, lambda: F.rrelu(x))},
        {'name': 'gumbel_softmax', 'options': {'tau': 0.5}, 'x': encode_tensor(x), 'out': drawn(3, lambda: F.gumbel_softmax(x, tau=0.5))},
        {'name': 'gumbel_softmax', 'options': {'hard': True, 'dim': 0}, 'x': encode_tensor(x), 'out': drawn(3, lambda: F.gumbel_softmax(x, hard=True, dim=0))},
    ]


if __name__ == '__main__':
    found = {f.__name__: f() for f in (initialisation, layers, dropouts, clipping, embeddings, resizing, activations)}
    print('%d cases, %d bytes' % (sum(map(len, found.values())), save('layers.json.gz', found)))
