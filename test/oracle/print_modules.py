"""How PyTorch prints modules and optimizers: see print.py, which writes it down.

A module is {"c": class, "a": [required arguments], "o": {options}}, or {"custom": name, "extra": text, "children": [[name, module]]}, a
class of the user's own; "as" names it, {"ref": name} is the same one again. {"zeros": shape, "dtype": …} is a tensor. Arguments are drawn by
their names. Where PyTorch takes a float they are floats, but for those of LITERAL, to which its documentation passes integers.
"""
import inspect
import random

import torch
from torch import nn

# No layers of their own, deprecated, for several devices, or sparse.
LEFT_OUT = {'Module', 'Container', 'DataParallel', 'NLLLoss2d', 'RNNBase', 'RNNCellBase', 'SyncBatchNorm', 'ModuleList', 'ModuleDict', 'ParameterList', 'ParameterDict', 'Sequential'}
SKIP = {'size_average', 'reduce', 'device', 'dtype', 'return_indices', 'sparse', '_weight', '_freeze', '_random_samples', 'min_value', 'max_value', 'weight', 'pos_weight', 'args', 'kwargs', 'activation', 'distance_function', 'out_features_tail'}
LITERAL = {('Threshold', 'threshold'), ('Threshold', 'value'), ('Hardtanh', 'min_val'), ('Hardtanh', 'max_val'), ('LocalResponseNorm', 'k'), ('CrossMapLRN2d', 'k'), ('LPPool1d', 'norm_type'), ('LPPool2d', 'norm_type'), ('LPPool3d', 'norm_type')}
LITERAL |= {(f'ConstantPad{d}d', 'value') for d in (1, 2, 3)}
RNN = dict(input_size=None, hidden_size=None, num_layers=1, nonlinearity='tanh', bias=True, batch_first=False, dropout=0.0, bidirectional=False, proj_size=0)
RNNS = {'RNN': ['proj_size'], 'LSTM': ['nonlinearity'], 'GRU': ['nonlinearity', 'proj_size']}
NUMBERS = [0.5, 0.1, 1e-3, 2.0, 0.25, 1e-5, 3.5, 1.0, 1e-8, 0.0001, 20.0, 0.3333333333333333]


def camel(name):
    head, *rest = name.split('_')
    return head + ''.join(w.capitalize() for w in rest)


def draw(rng, cls, name, default):
    """A value for the parameter of that name."""
    dims = next((d for d in (1, 2, 3) if f'{d}d' in cls), 2)
    one = lambda *choices: rng.choice(choices)
    sized = lambda *choices: rng.choice(choices) if rng.random() < 0.5 else tuple(rng.choice(choices) for _ in range(dims))
    number = (lambda: one(-2, 2, 0, 1, 20, 0.1, -0.5, 3.5, 1e-6)) if (cls, name) in LITERAL else (lambda: rng.choice(NUMBERS))
    if name == 'padding':
        if 'Pad' in cls:
            return one(1, 2, 0) if rng.random() < 0.4 else tuple(one(0, 1, 2, 3) for _ in range(2 * dims))
        return one('same', 'valid') if cls.startswith(('Conv', 'LazyConv')) and 'Transpose' not in cls and rng.random() < 0.25 else sized(0, 1, 2)
    if isinstance(default, bool):
        return not default
    table = {
        'kernel_size': lambda: sized(1, 2, 3, 5), 'stride': lambda: sized(1, 2, 3), 'dilation': lambda: sized(1, 2), 'output_padding': lambda: sized(0, 1),
        'groups': lambda: one(1, 2, 4), 'num_groups': lambda: one(1, 2, 4), 'padding_mode': lambda: one('zeros', 'reflect', 'replicate', 'circular'),
        'normalized_shape': lambda: one(8, (8,), (4, 3), (2, 3, 4)), 'dim': lambda: one(0, 1, -1, 2), 'start_dim': lambda: one(0, 1, 2), 'end_dim': lambda: one(-1, 2, -2),
        'unflattened_size': lambda: one((2, 3), (2, 2, -1), (6,)), 'reduction': lambda: one('none', 'sum', 'mean'), 'approximate': lambda: one('none', 'tanh'),
        'p': lambda: one(1, 2) if cls == 'MultiMarginLoss' else one(0.0, 0.5, 0.1, 1.0, 0.25, 1e-5), 'padding_idx': lambda: one(0, 1, -1), 'mode': lambda: one('sum', 'mean', 'max') if cls == 'EmbeddingBag' else one('nearest', 'bilinear', 'bicubic', 'area'),
        'max_norm': lambda: one(1.0, 2.5, 0.1), 'norm_type': (lambda: one(1, 2, 3, 1.5)) if cls.startswith('LP') else (lambda: one(1.0, 2.0, 3.0)),
        'upscale_factor': lambda: one(2, 3), 'downscale_factor': lambda: one(2, 3), 'scale_factor': lambda: one(2.0, 0.5, 3.0, tuple(one(2.0, 1.5) for _ in range(dims))),
        'output_size': lambda: one(None, 1, 5) if 'Adaptive' in cls and rng.random() < 0.5 else tuple(one(1, 5, 7, *([None] if 'Adaptive' in cls else [])) for _ in range(dims)), 'output_ratio': lambda: one(0.5, tuple(0.5 for _ in range(dims))),
        'size': lambda: one(3, 5) if 'LR' in cls or 'Local' in cls else one(8, tuple(8 for _ in range(dims))), 'nonlinearity': lambda: one('tanh', 'relu'), 'momentum': lambda: one(0.2, 0.01, 1.0, 0.0) if 'Instance' in cls else one(0.2, None, 0.01, 1.0),
        'num_layers': lambda: one(2, 3), 'proj_size': lambda: 3, 'dropout': lambda: one(0.0, 0.2, 0.5), 'num_encoder_layers': lambda: one(1, 2), 'num_decoder_layers': lambda: one(1, 2), 'd_model': lambda: 16, 'nhead': lambda: one(2, 4), 'dim_feedforward': lambda: 32,
        'embed_dim': lambda: 16, 'num_heads': lambda: one(2, 4), 'kdim': lambda: one(8, 16), 'vdim': lambda: one(8, 16), 'blank': lambda: 1, 'cutoffs': lambda: one((4, 8), (6,)), 'n_classes': lambda: 20, 'num_classes': lambda: 6, 'ignore_index': lambda: one(-1, 0),
        'label_smoothing': lambda: one(0.1, 0.0), 'encoder_layer': lambda: 'TransformerEncoderLayer', 'decoder_layer': lambda: 'TransformerDecoderLayer', 'norm': lambda: 'LayerNorm', 'num_parameters': lambda: one(1, 4), 'lower': lambda: one(0.1, 0.0), 'upper': lambda: one(0.3, 0.5, 1.0),
        'align_corners': lambda: True, 'recompute_scale_factor': lambda: True, 'divisor_override': lambda: 3, 'distance_function': lambda: None,
    }
    if name in table:
        return table[name]()
    if isinstance(default, float) or 'eps' in name or name in ('value', 'threshold', 'k'):
        return number()
    if name in ('layer_norm_eps',):
        return 1e-6
    return one(4, 8, 12)


def build(spec, names):
    """The module that a specification describes."""
    if isinstance(spec, list):
        return tuple(build(s, names) for s in spec)
    if not isinstance(spec, dict):
        return spec
    if 'ref' in spec:
        return names[spec['ref']]
    if 'zeros' in spec:
        return torch.zeros(spec['zeros'], dtype=getattr(torch, spec.get('dtype', 'float32')))
    if 'pairs' in spec:
        return {k: build(v, names) for k, v in spec['pairs']}
    if 'custom' in spec:
        module = type(spec['custom'], (nn.Module,), {'extra_repr': lambda self, text=spec.get('extra', ''): text})()
        for name, child in spec.get('children', []):
            module.register_module(name, build(child, names))
    else:
        module = getattr(nn, spec['c'])(*(build(a, names) for a in spec.get('a', [])), **{k: build(v, names) for k, v in spec.get('o', {}).items()})
    if 'as' in spec:
        names[spec['as']] = module
    return module


def random_module(rng, cls):
    if cls in RNNS:
        parameters = [(k, inspect.Parameter.empty if v is None else v) for k, v in RNN.items() if k not in RNNS[cls]]
    else:
        parameters = [(p.name, p.default) for p in list(inspect.signature(getattr(nn, cls).__init__).parameters.values())[1:]]
    spec = {'c': cls, 'a': [], 'o': {}}
    share = rng.choice([0, 0.3, 0.7])
    for name, default in parameters:
        required = default is inspect.Parameter.empty
        if name in SKIP or not required and rng.random() >= share:
            continue
        value = draw(rng, cls, name, default)
        if value in ('TransformerEncoderLayer', 'TransformerDecoderLayer'):
            value = {'c': value, 'a': [16, 2], 'o': {'dim_feedforward': 32}}
        elif value == 'LayerNorm':
            value = {'c': 'LayerNorm', 'a': [16]}
        if required:
            spec['a'].append(value)
        else:
            spec['o'][name] = value
    return spec


def custom(name, *children, extra=''):
    return {'custom': name, 'extra': extra, 'children': [[k, v] for k, v in children]}


def layer(cls, *args, **options):
    return {'c': cls, 'a': list(args), 'o': options}


def trees():
    relu, tanh = layer('ReLU'), layer('Tanh')
    linear = layer('Linear', 2, 2)
    mlp = custom('MLP', ('hidden', layer('Linear', 20, 256)), ('out', layer('Linear', 256, 10)))
    sequential = lambda *modules: layer('Sequential', *modules)
    listed = lambda *modules: layer('ModuleList', list(modules))
    keyed = lambda **modules: layer('ModuleDict', {'pairs': [[k, v] for k, v in modules.items()]})
    zeros = lambda *shape, dtype='float32': {'zeros': list(shape), 'dtype': dtype}
    parameters = lambda *values: layer('ParameterList', list(values))
    blank = custom('Noted', extra='above\n\nbelow')
    nested = custom('Noted', ('child', blank), extra='x=1\ny=2')
    deep = relu
    for i in range(6):
        deep = custom(f'Level{i}', ('inner', deep), extra='depth' if i % 2 else '') if i % 3 else sequential(deep, tanh)
    block = sequential(layer('Conv2d', 4, 4, 3, padding=1, bias=False), layer('BatchNorm2d', 4), layer('ReLU', inplace=True))
    return [
        sequential(), listed(), layer('ModuleDict'), layer('ParameterList'), layer('ParameterDict'), custom('Nothing'), custom('Nothing', extra='note'), mlp,
        sequential(mlp, sequential(relu, relu), listed(relu, relu)),
        listed(linear, linear, relu, linear), listed(mlp, mlp, listed(mlp)), listed(relu), listed(relu, tanh, tanh, tanh, relu, relu), listed(sequential(relu, relu), sequential(relu, relu)),
        keyed(a=relu, b=listed(*[tanh] * 12)), keyed(a=keyed(), b=keyed(c=sequential())),
        blank, nested, custom('Noted', ('relu', relu), extra='x=1'), custom('Noted', ('relu', relu), extra='\n'), custom('Noted', extra='\n'), custom('Noted', extra=' '), custom('Noted', extra='one\n'), custom('Noted', ('m', custom('N', extra='a\n\n  b'))), sequential(nested, blank), listed(nested, nested, blank),
        parameters(zeros(3)), parameters(zeros(3), zeros(2, 3), zeros()), parameters(zeros(3, dtype='float64'), zeros(0, 2, dtype='float16')), sequential(parameters(zeros(3)), parameters(zeros(3), zeros(1))), listed(parameters(zeros(3)), parameters(zeros(3))),
        layer('ParameterDict', {'pairs': [['a', zeros(2, 3)]]}), layer('ParameterDict', {'pairs': [['a', zeros(2, 3)], ['b', zeros(dtype='float64')], ['c', zeros(1, dtype='bfloat16')], ['d', zeros(5, dtype='float16')]]}), custom('Holder', ('p', layer('ParameterDict', {'pairs': [['w', zeros(4)]]})), ('q', parameters())),
        sequential({**relu, 'as': 'r'}, {'ref': 'r'}), sequential({**mlp, 'as': 'm'}, tanh, {'ref': 'm'}), listed({**linear, 'as': 'l'}, {'ref': 'l'}, linear), custom('Shared', ('a', {**linear, 'as': 's'}), ('b', {'ref': 's'})),
        custom('Optional', ('a', relu), ('b', None), ('c', tanh)), custom('Optional', ('only', None)), custom('Optional', ('only', None), extra='x'),
        deep, sequential(deep, deep), sequential(block, block, layer('Flatten')), listed(*[block] * 3), listed(*[block] * 3, relu), custom('ResNet', ('stem', block), ('stages', listed(listed(block, block), listed(block, block))), ('head', sequential(layer('AdaptiveAvgPool2d', 1), layer('Flatten'), layer('Linear', 4, 10)))),
        custom('X', ('0', relu), ('name with space', tanh), ('ünï', relu)), sequential(*[relu] * 11), listed(*[relu] * 11), listed(*[relu, tanh] * 6),
    ]


def modules(seed, each):
    rng = random.Random(seed)
    rows, seen = [], set()

    def add(spec):
        try:
            text = repr(build(spec, {})).replace('torch.', '')
        except Exception:
            return False
        key = repr(spec)
        if key in seen:
            return False
        seen.add(key)
        rows.append({'m': spec, 'text': text})
        return True

    for tree in trees():
        assert add(tree), tree
    for cls in sorted(n for n, c in vars(nn).items() if isinstance(c, type) and issubclass(c, nn.Module) and n not in LEFT_OUT):
        found = tries = 0
        while found < each and tries < 60 * max(each, 1):
            tries += 1
            found += add(random_module(rng, cls))
        assert found or not each, cls
    return rows


def optimizers():
    """Each optimizer with its defaults, options of its own, and groups."""
    rows = []
    table = {
        'SGD': [{}, {'lr': 0.1}, {'lr': 1, 'momentum': 0.9, 'weight_decay': 1e-5}, {'lr': 0.01, 'momentum': 0.9, 'nesterov': True}, {'lr': 1e-5, 'maximize': True, 'dampening': 0.5, 'momentum': 0.5}],
        'Adam': [{}, {'lr': 1e-4, 'betas': (0.5, 0.99), 'eps': 1e-6}, {'amsgrad': True, 'weight_decay': 0.1}, {'maximize': True}],
        'AdamW': [{}, {'lr': 3e-4, 'betas': (0.9, 0.95), 'weight_decay': 0}, {'amsgrad': True}],
        'RMSprop': [{}, {'lr': 1e-3, 'alpha': 0.9, 'momentum': 0.9, 'centered': True}],
        'Adagrad': [{}, {'lr': 0.1, 'lr_decay': 0.01}], 'Adadelta': [{}, {'rho': 0.8}], 'Adamax': [{}, {'lr': 0.01}], 'NAdam': [{}, {'momentum_decay': 0.01}], 'RAdam': [{}, {'lr': 0.1}], 'ASGD': [{}, {'t0': 10}], 'Rprop': [{}, {'etas': (0.4, 1.3)}],
        'LBFGS': [{}, {'lr': 0.5, 'max_iter': 10, 'line_search_fn': 'strong_wolfe'}],
    }
    p = lambda: torch.zeros(2, requires_grad=True)
    for name, choices in table.items():
        cls = getattr(torch.optim, name)
        for options in choices:
            rows.append({'c': name, 'groups': [{}], 'o': options, 'text': repr(cls([p()], **options))})
        if name != 'LBFGS':
            groups = [{}, {'lr': 0.5}]
            rows.append({'c': name, 'groups': groups, 'o': {'weight_decay': 0.01}, 'text': repr(cls([{'params': [p()], **g} for g in groups], weight_decay=0.01)) if name != 'Rprop' else ''})
    return [r for r in rows if r['text']]
