"""Programs of random draws, each written once and run by both: here by PyTorch, in test/ops/random.goldens.test.ts by Tenzo.

A program is a seed and calls. `Call('nn.init.normal_', Made([3, 4]), std=2)` is PyTorch's call and, by API.md's rule of
names, `nn.init.normal_(zeros([3, 4], …), { std: 2 })`. A layer is constructed, and its state recorded. Where the rule
does not reach, an `Expression` has both sides by hand.
"""
import torch
from torch import nn

import oracle  # noqa: F401, before torch.testing
from torch.testing._internal.common_modules import module_db

FLOATS = ['float32', 'float64', 'float16', 'bfloat16']
DTYPES = FLOATS + ['int64', 'int32', 'int16', 'int8', 'uint8', 'bool']
SCOPE = {'torch': torch, 'nn': nn, 'F': nn.functional, 'data': torch.utils.data}


def camel(name):
    head, *rest = name.rstrip('_').split('_')
    return head + ''.join(word.capitalize() for word in rest) + ('_' if name.endswith('_') else '')


class Expression:
    """`js`, and `make()` that gives the same in Python."""

    def __init__(self, javascript, make):
        self.js, self.make = javascript, make


def js(value):
    """A Python value as JavaScript."""
    if isinstance(value, Expression):
        return value.js
    if isinstance(value, torch.dtype):
        return f"'{str(value)[6:]}'"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, (list, tuple, range)):
        return '[' + ', '.join(map(js, value)) + ']'
    if isinstance(value, dict):
        return '{ ' + ', '.join(f'{camel(k)}: {js(v)}' for k, v in value.items()) + ' }'
    if isinstance(value, bool) or value is None:
        return {True: 'true', False: 'false', None: 'null'}[value]
    if isinstance(value, int):
        return f'{value}n' if abs(value) > 2**53 else str(value)
    return {'inf': 'Infinity', '-inf': '-Infinity', 'nan': 'NaN'}.get(str(value), repr(value))


def py(value):
    return value.make() if isinstance(value, Expression) else value


class Made(Expression):
    """An argument: a tensor of zeros or of the values 0, 1/8 … 7/8 times a number, and views of it."""

    def __init__(self, shape, dtype='float32', scale=None, views=''):
        count = torch.Size(shape).numel()
        self.dtype, self.views = dtype, views
        if scale is None:
            self.js = f"zeros({js(shape)}, {{ dtype: '{dtype}' }})"
            base = lambda: torch.zeros(shape, dtype=getattr(torch, dtype))
        else:
            self.js = f"arange({count}).mul(5).remainder(8).div(8).mul({js(scale)}).to('{dtype}').reshape({js(shape)})"
            base = lambda: (torch.arange(count) * 5 % 8 / 8 * scale).to(getattr(torch, dtype)).reshape(shape)
        python, self.js = VIEWS[views][0], self.js + VIEWS[views][1]
        self.make = lambda: python(base())


VIEWS = {
    '': (lambda t: t, ''),
    't': (lambda t: t.t(), '.t()'),
    'columns': (lambda t: t[:, ::2], ".at('...', slice(null, null, 2))"),
    'columns t': (lambda t: t[:, ::2].t(), ".at('...', slice(null, null, 2)).t()"),
    'rest': (lambda t: t[1:], '.at(slice(1, null))'),
    'permute': (lambda t: t.permute(2, 0, 1), '.permute([2, 0, 1])'),
    'expand': (lambda t: t[:1].expand(4, *t.shape[1:]), '.narrow(0, 0, 1).expand([4, -1])'),
    'leaf': (lambda t: t.requires_grad_(), '.requiresGrad_()'),
}

G = Expression('g', lambda: SCOPE['g'])  # the generator of the program


class Call(Expression):
    def __init__(self, path, *args, **options):
        owner, name = path.rsplit('.', 1)
        given = ', '.join([*map(js, args[1:] if owner == 'Tensor' else args), *([js(options)] if options else [])])
        prefix = {'torch': '', 'F': 'nn.functional.', 'nn': 'nn.', 'nn.init': 'nn.init.', 'data': 'utils.data.'}
        self.args, self.options = args, options
        if owner == 'Tensor':
            self.js = f'{js(args[0])}.{camel(name)}({given})'
            self.function = lambda x, *a, **k: getattr(x, name)(*a, **k)
        elif name[0].isupper():
            self.js = f'new {prefix[owner]}{name}({given})'
            self.function = getattr(SCOPE[owner], name)
        else:
            self.js = f'{prefix[owner]}{camel(name)}({given})'
            self.function = getattr(nn.init if owner == 'nn.init' else SCOPE[owner], name)

    def make(self):
        return self.function(*map(py, self.args), **{k: py(v) for k, v in self.options.items()})


def tensors(result):
    if isinstance(result, nn.Module):
        return list(result.state_dict().values())
    return result if isinstance(result, list) else [result]


# ---- programs ---------------------------------------------------------------------------------------------------------

def fills(x, g):
    """Every filling method on one tensor, with and without options."""
    return [
        Call('Tensor.uniform_', x), Call('Tensor.uniform_', x, **{'from': -1.5, 'to': 2.25}, **g),
        Call('Tensor.normal_', x), Call('Tensor.normal_', x, mean=0.7, std=1.3, **g),
        Call('Tensor.log_normal_', x), Call('Tensor.log_normal_', x, mean=0.4, std=0.5, **g),
        Call('Tensor.exponential_', x), Call('Tensor.exponential_', x, lambd=2.5, **g),
        Call('Tensor.cauchy_', x), Call('Tensor.cauchy_', x, median=0.4, sigma=2.5, **g),
        Call('Tensor.geometric_', x, 0.3, **g),
    ]


def anything(x, g):
    return [
        Call('Tensor.random_', x), Call('Tensor.random_', x, **g), Call('Tensor.random_', x, 2, **g),
        Call('Tensor.random_', x, 0, 2), Call('Tensor.bernoulli_', x), Call('Tensor.bernoulli_', x, 0.3, **g),
    ]


def programs():
    """(name, calls), each run from the seed that its place in the list gives."""
    seeded = {'generator': G}
    for shape in ([], [0], [1], [15], [16], [17], [33], [1000]):
        for dtype in FLOATS:
            yield f'fills {shape} {dtype}', fills(Made(shape, dtype), {})
    for dtype in FLOATS:
        yield f'fills of a generator {dtype}', fills(Made([5, 7], dtype), seeded)
        yield f'fills of views {dtype}', [
            c for views in ('t', 'columns', 'columns t', 'rest') for c in fills(Made([7, 18], dtype, views=views), {})]
        yield f'fills permuted {dtype}', fills(Made([3, 4, 5], dtype, views='permute'), {})
    yield 'a long tensor', [Call('torch.randn', [100003]), Call('torch.rand', [100003]), Call('torch.randn', [1])]
    for dtype in DTYPES:
        yield f'integers {dtype}', [
            c for shape in ([], [0], [40]) for c in anything(Made(shape, dtype), {})] + anything(
                Made([6, 8], dtype, views='columns t'), seeded)
        yield f'bernoulli {dtype}', [
            Call('Tensor.bernoulli_', Made([6, 7], dtype, views=views), Made(shape, p, 1))
            for p in FLOATS for views, shape in (('', [6, 7]), ('t', [7, 6]), ('', [7]), ('columns t', [4, 6]))]
    top = {'int64': 2**63 - 1, 'int32': 2**31 - 1, 'int16': 2**15 - 1, 'int8': 127, 'uint8': 255, 'bool': 1,
           'float32': 2**24, 'float64': 2**53, 'float16': 2**11, 'bfloat16': 2**8}
    for dtype, most in top.items():
        low = 0 if dtype in ('uint8', 'bool') else -most
        yield f'bounds of {dtype}', [
            Call('Tensor.random_', Made([20], dtype), most), Call('Tensor.random_', Made([20], dtype), low, most),
            Call('Tensor.random_', Made([20], dtype), most // 2, None)]
    wide = [c for d in ('int64', 'float32', 'float64', 'bfloat16') for c in (
        Call('Tensor.random_', Made([9], d), -2**63, None), Call('Tensor.random_', Made([9], d), 2**28),
        Call('Tensor.random_', Made([9], d), -5, 2**28 - 5), Call('Tensor.random_', Made([9], d), 2**28 - 1),
        Call('Tensor.random_', Made([9], d), -3, 2**33 + 5), Call('Tensor.random_', Made([9], d), -2**62, 2**63 - 1))]
    yield 'wide ranges', wide
    yield 'randint', [Call('torch.randint', 10, [50]), Call('torch.randint', -5, 5, [4, 3], **seeded)] + [
        Call('torch.randint', high, [9]) for high in (2**28 - 1, 2**28, 2**32, 2**33 + 5, 2**53, 2**62 + 1)] + [
        Call('torch.randint', 0, 2, [9], dtype=getattr(torch, d)) for d in DTYPES]
    yield 'rand and randn', [
        Call(f'torch.{f}', shape, dtype=getattr(torch, d)) for f in ('rand', 'randn') for d in FLOATS
        for shape in ([], [0], [5], [16], [3, 11])] + [Call('torch.rand', [3], **seeded), Call('torch.randn', [30], **seeded)]
    yield 'randperm', [Call('torch.randperm', n) for n in (0, 1, 2, 30, 1000)] + [
        Call('torch.randperm', 100, dtype=getattr(torch, d)) for d in DTYPES[:-1]] + [Call('torch.randperm', 20, **seeded)]
    yield 'in the shape of another', [
        Call(f'torch.{f}_like', Made(shape, d, views=views), *args)
        for d in ('float32', 'float64', 'bfloat16') for shape, views in (([5, 4], ''), ([5, 40], 't'), ([5, 9], 'columns t'))
        for f, args in (('rand', ()), ('randn', ()), ('randint', (9,)), ('randint', (-3, 2**31)))] + [
        Call('torch.rand_like', Made([3], 'int64'), dtype=torch.float64, **seeded)]
    yield 'normal', [
        Call('torch.normal', 1.5, 2.5, [20]), Call('torch.normal', -1.0, 0.5, [3], dtype=torch.float64, **seeded)] + [
        c for d in FLOATS for shape in ([5], [4, 5]) for c in (
            Call('torch.normal', Made(shape, d, 4)), Call('torch.normal', Made(shape, d, 4), 0.7),
            Call('torch.normal', 1.3, Made(shape, d, 2)), Call('torch.normal', Made(shape, d, 4), Made(shape, d, 2)),
            Call('torch.normal', Made([5], d, 4), Made([4, 5], 'float32', 2), **seeded))]
    yield 'bernoulli', [
        c for d in FLOATS for c in (
            Call('torch.bernoulli', Made([30], d, 1)), Call('torch.bernoulli', Made([5, 6], d, 1, 't'), **seeded),
            Call('torch.bernoulli', Made([5, 6], d, 1, 't'), 0.25), Call('Tensor.bernoulli', Made([3], d, 1)))] + [
        Call('torch.bernoulli', Made([9], 'int64', 3), 0.5)]
    # A category of weight 0 or two of one score would be chosen by the sort, not by the stream.
    yield 'multinomial', [
        Call('torch.multinomial', Expression('arange(1, 31).to(%s).reshape([3, 10])%s' % (js(getattr(torch, d)), suffix),
                                          lambda d=d, suffix=suffix: eval('t' + suffix, {'t': torch.arange(
                                              1, 31).to(getattr(torch, d)).reshape(3, 10)})), n, **options)
        for d in ('float32', 'float64') for suffix in ('', '.t()', '.select(0, 1)')
        for n, options in ((1, {}), (3, {}), (1, {'replacement': True}), (40, {'replacement': True, 'generator': G}))]
    yield 'poisson', [
        c for d in FLOATS for scale in (1, 9, 40, 3000) for c in (
            Call('torch.poisson', Made([40], d, scale)), Call('torch.poisson', Made([4, 6], d, scale, 't'), **seeded))]
    yield 'binomial', [
        c for d in ('float32', 'float64') for n in (8, 64, 4096) for c in (
            Call('torch.binomial', Made([40], d, n), Made([40], d, 1)),
            Call('torch.binomial', Made([4, 6], d, n, 't'), Made([4], d, 0.4), **seeded))]
    # Long enough for a count that tells whether count · p was computed in single or double precision.
    yield 'many binomials', [
        Call('torch.binomial', Call('torch.add', Made([300007], d, 1000), 9), Call('torch.add', Made([1], d, 0), 0.3))
        for d in ('float32', 'float64')]
    for p in (0.0, 0.3, 0.5, 1.0):
        for name, shapes in (('dropout', ([], [7], [64, 10])), ('alpha_dropout', ([7], [9, 10])),
                             ('feature_alpha_dropout', ([5, 3], [2, 3, 4])), ('dropout1d', ([5, 3], [2, 3, 4])),
                             ('dropout2d', ([2, 3, 4, 5],)), ('dropout3d', ([3, 2, 2, 2], [2, 3, 2, 2, 2]))):
            yield f'{name} {p}', [
                Call(f'F.{name}', Made(shape, d, 4), p, training=True, inplace=inplace)
                for d in FLOATS for shape in shapes for inplace in (False, True)]
    yield 'dropout of views', [
        Call('F.dropout', Made([7, 18], 'float32', 4, views), 0.4, inplace=inplace)
        for views in ('t', 'columns', 'columns t', 'rest') for inplace in (False, True)] + [
        Call('F.alpha_dropout', Made([7, 18], 'float32', 4, views), 0.4, training=True) for views in ('t', 'columns t')]
    yield 'rrelu', [
        Call('F.rrelu', Call('torch.sub', Made([6, 8], d, 4, views), 2), 0.1, upper=0.7, training=True, inplace=inplace)
        for d in ('float32', 'float64', 'bfloat16') for views in ('', 't', 'columns t') for inplace in (False, True)] + [
        Call('F.rrelu', Call('torch.sub', Made([30], 'float32', 4), 2), training=True)]
    # At the end, so that the seeds of those before stay: options that none of them gives.
    yield 'options', [
        Call('torch.randn_like', Made([2, 3]), **seeded), Call('torch.randint', 10, [5], **seeded),
        Call('torch.randint_like', Made([2, 3]), 9, **seeded), Call('Tensor.random_', Made([5]), 2, 7),
        Call('F.gumbel_softmax', Made([2, 3], 'float32', 4), hard=True, dim=0),
        Call('F.rrelu_', Call('torch.sub', Made([6]), 1), training=True),
        Call('F.feature_alpha_dropout', Made([2, 3, 4], 'float32', 2), 0.5, training=True)]


def initialisers():
    shapes = ([13, 11], [20, 16], [8, 4, 3, 3])
    gains = ('linear', 'conv1d', 'conv2d', 'conv3d', 'conv_transpose1d', 'conv_transpose2d', 'conv_transpose3d', 'sigmoid',
             'tanh', 'relu', 'leaky_relu', 'selu')
    for d in FLOATS:
        yield f'plain {d}', [
            c for shape in shapes for c in (
                Call('nn.init.uniform_', Made(shape, d, views='leaf')), Call('nn.init.uniform_', Made(shape, d), a=-10, b=10),
                Call('nn.init.normal_', Made(shape, d, views='leaf')), Call('nn.init.normal_', Made(shape, d), mean=2, std=0.01),
                Call('nn.init.constant_', Made(shape, d), 3), Call('nn.init.ones_', Made(shape, d)),
                Call('nn.init.zeros_', Made(shape, d)))]
        yield f'xavier {d}', [
            Call(f'nn.init.xavier_{f}_', Made(shape, d), **o) for shape in shapes for f in ('uniform', 'normal')
            for o in ({}, {'gain': 1.7}, {'gain': 0.5, 'generator': G})]
        yield f'kaiming {d}', [
            Call(f'nn.init.kaiming_{f}_', Made(shape, d), **o) for shape in shapes for f in ('uniform', 'normal')
            for o in ({}, {'a': 0.25}, {'mode': 'fan_out', 'generator': G}, {'nonlinearity': 'relu', 'mode': 'fan_out'})]
    yield 'kaiming for each nonlinearity', [
        Call(f'nn.init.kaiming_{f}_', Made([6, 5]), a=0.5, nonlinearity=n) for f in ('uniform', 'normal') for n in gains]
    yield 'gains', [
        Expression(f"tensor(nn.init.calculateGain({js(n)}{extra}), {{ dtype: 'float64' }})",
                lambda n=n, args=args: torch.tensor(nn.init.calculate_gain(n, *args), dtype=torch.float64))
        for n in gains for extra, args in (('', ()), (', 0.5', (0.5,)), (', null', (None,)), (', 3', (3,)))]
    yield 'without draws', [
        c for d in ('float32', 'float64', 'bfloat16', 'int64') for c in (
            [Call('nn.init.eye_', Made(shape, d, views=v)) for shape, v in (([3, 5], ''), ([5, 3], ''), ([4, 6], 't'))] +
            [Call('nn.init.dirac_', Made(shape, d), groups=g)
             for shape in ([4, 2, 3], [6, 3, 2, 5], [4, 4, 3, 3, 3]) for g in (1, 2)])]
    yield 'sparse', [
        Call('nn.init.sparse_', Made([10, 7], d), share, **o) for d in ('float32', 'float64')
        for share in (0.0, 0.1, 0.55, 1.0, 1.5) for o in ({}, {'std': 0.3, 'generator': G})]
    yield 'views', [
        Call(f'nn.init.{f}', Made([7, 18], views=v)) for v in ('t', 'columns t')
        for f in ('uniform_', 'normal_', 'xavier_uniform_', 'kaiming_normal_')]
    yield 'trunc_normal', [
        Call('nn.init.trunc_normal_', Made([13, 11], d), **o) for d in ('float32', 'float64')
        for o in ({}, {'std': 0.02}, {'mean': 0.3, 'std': 0.7, 'a': -1, 'b': 1}, {'generator': G})]


def layers():
    """(class, constructions); a lazy layer is made by its first input."""
    yield 'Linear', [((20, 30), {}), ((3, 2), {'bias': False}), ((0, 4), {})]
    yield 'Bilinear', [((5, 4, 3), {}), ((2, 3, 4), {'bias': False})]
    for n in (1, 2, 3):
        yield f'Conv{n}d', [((4, 6, 3), {}), ((4, 6, 2), {'groups': 2, 'bias': False})]
        yield f'ConvTranspose{n}d', [((4, 6, 3), {}), ((4, 6, 2), {'groups': 2, 'bias': False})]
        yield f'BatchNorm{n}d', [((5,), {}), ((5,), {'affine': False}), ((5,), {'track_running_stats': False})]
        yield f'InstanceNorm{n}d', [((5,), {}), ((5,), {'affine': True, 'track_running_stats': True})]
        for base, args in (('Conv', (6, 3)), ('ConvTranspose', (6, 3)), ('BatchNorm', ()), ('InstanceNorm', ())):
            affine = {'affine': True, 'track_running_stats': True} if base == 'InstanceNorm' else {}
            yield f'Lazy{base}{n}d', [(args, affine, [2, 4] + [5] * n)]
    yield 'LazyLinear', [((6,), {}, [2, 5]), ((6,), {'bias': False}, [2, 5])]
    yield 'Embedding', [((10, 7), {}), ((3, 2), {'padding_idx': 1})]
    yield 'EmbeddingBag', [((10, 7), {}), ((3, 2), {'padding_idx': 1})]
    yield 'LayerNorm', [(([3, 4],), {}), ((5,), {'bias': False})]
    yield 'GroupNorm', [((2, 6), {}), ((2, 6), {'affine': False})]
    yield 'RMSNorm', [((5,), {}), ((5,), {'elementwise_affine': False})]
    yield 'PReLU', [((), {}), ((), {'num_parameters': 3, 'init': 0.1})]
    for name in ('RNN', 'GRU', 'LSTM'):
        yield name, [((3, 8), {}), ((3, 5), {'num_layers': 2, 'bidirectional': True}), ((3, 5), {'bias': False})] + (
            [((3, 5), {'proj_size': 2})] if name == 'LSTM' else [])
        yield f'{name}Cell', [((3, 8), {}), ((3, 5), {'bias': False})]
    yield 'MultiheadAttention', [((8, 2), {}), ((8, 2), {'kdim': 5, 'vdim': 6, 'add_bias_kv': True}), ((8, 2), {'bias': False})]
    for part in ('Encoder', 'Decoder'):
        yield f'Transformer{part}Layer', [((8, 2), {'dim_feedforward': 12})]
        yield f'Transformer{part}', [((Call(f'nn.Transformer{part}Layer', 8, 2, dim_feedforward=12), 2), {})]
    yield 'Transformer', [((), {'d_model': 8, 'nhead': 2, 'num_encoder_layers': 1, 'num_decoder_layers': 2,
                                'dim_feedforward': 12})]
    yield 'AdaptiveLogSoftmaxWithLoss', [((8, 20, [5, 10]), {}), ((8, 20, [5]), {'head_bias': True})]


def made(name, args, options, inputs=None):
    call = Call(f'nn.{name}', *args, **options)
    if name == 'Transformer':  # no required argument: all go by name
        call.js = f'new nn.Transformer({js(options)})'
    if inputs is None:
        return Expression(f'[...{call.js}.stateDict().values()]' if call.js[0] != 'n' else f'[...({call.js}).stateDict().values()]',
                       lambda: tensors(call.make()))

    def first(layer=call):
        module = layer.make()
        module(torch.zeros(inputs))
        return tensors(module)
    return Expression(f'(layer => (layer(zeros({js(inputs)})), [...layer.stateDict().values()]))({call.js})', first)


def stateless():
    """The layers of torch.nn that have no parameters and no buffers; found by constructing them."""
    names = []
    known = {info.module_cls.__name__: info for info in module_db}
    for name in dir(nn):
        cls = getattr(nn, name)
        if not (isinstance(cls, type) and issubclass(cls, nn.Module)) or name.startswith('Lazy'):
            continue
        tries = [((), {}), ((2,), {}), ((2, 2), {}), ((2, 2, 2), {}), ((2, [2, 2]), {}), ((2,), {'output_size': 3})]
        if name in known:
            info = known[name]
            tries += [(s.constructor_input.args, s.constructor_input.kwargs) for s in info.module_inputs_func(
                info, device='cpu', dtype=torch.float32, requires_grad=False, training=True)[:1]]
        for args, kwargs in tries:
            try:
                module = cls(*args, **kwargs)
            except Exception:
                continue
            if not module.state_dict():
                names.append(name)
            break
    return names


def loaders():
    D = torch.utils.data
    for n in (1, 5, 33, 100):
        for option, generator in (('', {}), ('generator: g', {'generator': G})):
            given = lambda: {k: py(v) for k, v in generator.items()}
            as_tensor = lambda e: f"tensor([...{e}].map(BigInt), {{ dtype: 'int64' }})"
            rest = f', {option}' if option else ''
            yield f'{n} {option}', [
                Expression(f'(loader => cat([0, 1, 2].map(() => cat([...loader]))))(new utils.data.DataLoader('
                        f'Array.from({{ length: {n} }}, (_, i) => BigInt(i)), {{ batchSize: 7, shuffle: true{rest} }}))',
                        lambda: (lambda loader: torch.cat([torch.cat(list(loader)) for _ in range(3)]))(
                            D.DataLoader(range(n), batch_size=7, shuffle=True, **given()))),
                *[Expression(as_tensor(f'new utils.data.RandomSampler({{ length: {n} }}, '
                                    f'{{ replacement: {js(r)}, numSamples: {js(k)}{rest} }})'),
                          lambda r=r, k=k: torch.tensor(list(
                              D.RandomSampler(range(n), replacement=r, num_samples=k, **given()))))
                  for r in (False, True) for k in (None, 1, 32, 70)],
                Expression(as_tensor(f'new utils.data.SubsetRandomSampler(Array.from({{ length: {n} }}, (_, i) => 3 * i)'
                                  f'{", { " + option + " }" if option else ""})'),
                        lambda: torch.tensor(list(D.SubsetRandomSampler([3 * i for i in range(n)], **given())))),
                *[Expression(as_tensor(f'new utils.data.WeightedRandomSampler(Array.from({{ length: {n} }}, (_, i) => i + 1), '
                                    f'{k}, {{ replacement: {js(r)}{rest} }})'),
                          lambda r=r, k=k: torch.tensor(list(
                              D.WeightedRandomSampler([i + 1 for i in range(n)], k, r, **given()))))
                  for r, k in ((True, 40), (False, (n + 1) // 2))],
                *[Expression(f'...utils.data.randomSplit(Array.from({{ length: {n} }}, (_, i) => i), {js(parts)}'
                          f'{", { " + option + " }" if option else ""})'
                          f'.map(part => tensor(part.indices.map(BigInt), {{ dtype: \'int64\' }}))',
                          lambda parts=parts: [torch.tensor(s.indices, dtype=torch.int64)
                                               for s in D.random_split(range(n), parts, **given())])
                  for parts in ([n // 2, n - n // 2], [0.3, 0.3, 0.4])]]


def mixed():
    calls = [
        Call('torch.randn', [3]), Call('torch.randn', [20]), Call('torch.randn', [2]), Call('torch.rand', [700]),
        Call('torch.randn', [1]), Call('torch.randint', 10, [50]), Call('torch.randperm', 30),
        Call('torch.randn', [4, 5], dtype=torch.float64), Call('torch.bernoulli', Made([9], scale=1)),
        Call('Tensor.normal_', Made([7, 9], views='t')), Call('Tensor.log_normal_', Made([5])),
        Call('torch.randn', [7], dtype=torch.bfloat16), Call('torch.rand', [2, 3])]
    for seed in (0, 42, -5, 2**40, 2**63, 2**64 - 1, -2**63):
        yield f'mixed {seed}', calls, seed


def refusals():
    x = lambda d='float32', shape=(3,), scale=None, views='': Made(list(shape), d, scale, views)
    for method, args in (
            ('uniform_', {'from': 1, 'to': 0}), ('uniform_', {'from': 1 / 3, 'to': 1 / 7}), ('uniform_', {'to': float('inf')}),
            ('uniform_', {'from': float('nan')}), ('uniform_', {'from': -3e38, 'to': 3e38}), ('normal_', {'std': -1 / 3}),
            ('normal_', {'std': float('nan')}), ('log_normal_', {'std': 0}), ('exponential_', {'lambd': 0}),
            ('exponential_', {'lambd': -1e-7}), ('cauchy_', {'sigma': 0}), ('cauchy_', {'sigma': -2.5e6})):
        yield Call(f'Tensor.{method}', x(), **args)
        yield Call(f'Tensor.{method}', x(shape=(0,)), **args)
    for method, args in (('uniform_', ()), ('normal_', ()), ('log_normal_', ()), ('exponential_', ()), ('cauchy_', ()),
                         ('geometric_', (0.5,))):
        for d in ('int64', 'int8', 'uint8', 'bool'):
            if method != 'geometric_' or d == 'bool':
                yield Call(f'Tensor.{method}', x(d), *args)
        yield Call(f'Tensor.{method}', x(shape=(3, 2), views='expand'), *args)
        yield Call(f'Tensor.{method}', x(views='leaf'), *args)
    yield Call('Tensor.uniform_', x('float16'), to=1e5)
    yield Call('Tensor.uniform_', x('bfloat16'), to=3.4e38)
    for p in (0, 1, 1.5, float('nan')):
        yield Call('Tensor.geometric_', x(), p)
    for p in (1.1, -1 / 3, float('nan')):
        yield Call('Tensor.bernoulli_', x(), p)
        yield Call('torch.bernoulli', x(), p)
    for d in ('int64', 'bool'):
        yield Call('Tensor.bernoulli_', x(), x(d))
        yield Call('torch.bernoulli', x(d))
    yield Call('Tensor.bernoulli_', x(), x(shape=(4,)))
    yield Call('Tensor.bernoulli_', x(), x(shape=(2, 3)))
    for args in ((0,), (5, 5), (5, 3), (-2**64, 3)):
        yield Call('Tensor.random_', x(), *args)
    for d, args in (('int8', (200,)), ('int8', (-200, 3)), ('uint8', (-1, 3)), ('uint8', (257,)), ('int16', (2**16,)),
                    ('int32', (2**40,)), ('bool', (3,)), ('float16', (70000,)), ('float16', (-70000, 3)),
                    ('int32', (-2**63, None)), ('float16', (-2**63, None)), ('bool', (-2**63, None)), ('float32', (2**25, None))):
        yield Call('Tensor.random_', x(d), *args)
    for f in ('rand', 'randn'):
        yield Call(f'torch.{f}', [2, -1])
        for d in (torch.int64, torch.bool):
            yield Call(f'torch.{f}', [3], dtype=d)
        yield Call(f'torch.{f}_like', x('int32'))
    for args in ((0, [2]), (5, 3, [2]), (3, [-1]), (2**63, [2])):
        yield Call('torch.randint', *args)
    yield Call('torch.randint', 300, [2], dtype=torch.uint8)
    yield Call('torch.randint', 3, [2], requires_grad=True)
    yield Call('torch.randint_like', x(), 5, 3)
    for n, o in ((-1, {}), (300, {'dtype': torch.int8}), (257, {'dtype': torch.uint8}), (40000, {'dtype': torch.int16}),
                 (2050, {'dtype': torch.float16}), (2**24 + 2, {'dtype': torch.float32}), (3, {'dtype': torch.bool})):
        yield Call('torch.randperm', n, **o)
    for args in ((x(), -1.0), (x(), Call('torch.sub', x(scale=1), 0.5)), (0.0, Call('torch.sub', x(scale=1), 0.5)),
                 (0.0, -1.0, [3]), (x(), x(shape=(4,))), (x('int64'), 1.0), (x('int64'), x()), (0.0, x('int64'))):
        yield Call('torch.normal', *args)
    one = lambda *v: Expression(f'tensor([{", ".join(map(js, v))}])', lambda: torch.tensor([float(e) for e in v]))
    inf, nan = float('inf'), float('nan')
    for n, replacement in ((1, False), (2, False), (2, True)):
        for weights in (x(shape=()), x(shape=(2, 2, 2)), x('int64'), x(), one(1, -1), one(1, inf), one(1, nan), x(shape=(3, 0))):
            yield Call('torch.multinomial', weights, n, replacement=replacement)
    for n in (0, -1, 4):
        yield Call('torch.multinomial', x(scale=8), n)
    for rates in (one(1, -1), one(nan), x('int64'), x('bool', (0,))):
        yield Call('torch.poisson', rates)
    for a, b in ((x('int64'), x()), (x(), x('int64')), (x('float64'), x()), (x(), x(shape=(4,))), (x('float16'), x('float16'))):
        yield Call('torch.binomial', a, b)
    for f in ('dropout', 'alpha_dropout', 'feature_alpha_dropout', 'dropout1d', 'dropout2d', 'dropout3d'):
        yield Call(f'F.{f}', x(shape=(2, 3)), -0.5)
        yield Call(f'F.{f}', x(shape=(2, 3)), 1.5)
        yield Call(f'F.{f}', x('int64', (2, 3)), 0.5, training=True)
    for f in ('dropout1d', 'dropout2d', 'feature_alpha_dropout'):
        yield Call(f'F.{f}', x(), 0.5, training=True)
    for d in ('int64', 'float16'):
        yield Call('F.rrelu', x(d), training=True)
    for o in ({'lower': 0.5, 'upper': 0.25}, {'lower': -inf}, {'upper': inf}, {'upper': nan}):
        yield Call('F.rrelu', x(), **o)
    yield Call('F.gumbel_softmax', x('int64'))
    for f in ('xavier_uniform_', 'xavier_normal_', 'kaiming_uniform_', 'kaiming_normal_'):
        yield Call(f'nn.init.{f}', x())
        if f[0] == 'x':
            yield Call(f'nn.init.{f}', x(shape=(3, 3, 0)))
            yield Call(f'nn.init.{f}', x(shape=(3, 3)), gain=-1)
        else:
            yield Call(f'nn.init.{f}', x(shape=(3, 3)), nonlinearity='x')
            yield Expression(f'nn.init.{camel(f)}(zeros([3, 3]), {{ a: "b" }})',
                          lambda f=f: getattr(nn.init, f)(torch.zeros(3, 3), a='b'))
    yield Call('nn.init.calculate_gain', 'x')
    yield Call('nn.init.calculate_gain', 'leaky_relu', 'x')
    yield Call('nn.init.uniform_', x(), a=1, b=0)
    yield Call('nn.init.normal_', x(), std=-1)
    yield Call('nn.init.uniform_', x('int64'))
    yield Call('nn.init.eye_', x())
    yield Call('nn.init.dirac_', x(shape=(3, 3)))
    yield Call('nn.init.dirac_', x(shape=(3, 3, 3)), groups=2)
    yield Call('nn.init.orthogonal_', x())
    yield Call('nn.init.sparse_', x(), 0.1)
    yield Call('nn.init.trunc_normal_', x(), a=2, b=-2)
    generator = lambda text, f: Expression(f'new Generator().{text}', lambda: f(torch.Generator()))
    yield generator('manualSeed(2n ** 64n)', lambda g: g.manual_seed(2**64))
    yield generator('manualSeed(-(2n ** 63n) - 1n)', lambda g: g.manual_seed(-2**63 - 1))
    for size in (5055, 5056, 2 * 5056):
        yield generator(f"setState(zeros([{size}], {{ dtype: 'uint8' }}))",
                        lambda g: g.set_state(torch.zeros(size, dtype=torch.uint8)))
    yield generator("setState(zeros([10112], { dtype: 'uint8' }).at(slice(null, null, 2)))",
                    lambda g: g.set_state(torch.zeros(10112, dtype=torch.uint8)[::2]))


# ---- recording --------------------------------------------------------------------------------------------------------

def record(hash_of):
    def run(name, calls, seed):
        torch.manual_seed(seed)
        SCOPE['g'] = torch.Generator().manual_seed(seed // 2 + 1)
        recorded = []
        for t in (t for call in calls for t in tensors(call.make())):
            flat = t.detach().contiguous().reshape(-1)
            ends = [str(v) if isinstance(v, int) and not isinstance(v, bool) else v if abs(v) < 1e300 else str(v)
                    for v in flat[[0, -1]].tolist()] if len(flat) else []
            recorded.append([str(t.dtype)[6:], list(t.shape), hash_of(t), ends])
        draw = lambda **g: torch.rand(1, dtype=torch.float64, **g).item()
        return {'name': name, 'seed': str(seed), 'steps': [call.js for call in calls], 'tensors': recorded,
                'next': [draw(), draw(generator=SCOPE['g'])]}

    cases = [run(*case) for case in mixed()]
    groups = {'draws': programs(), 'nn.init': initialisers(), 'data': loaders(),
              'layers': ((name, [made(name, *c) for c in constructions]) for name, constructions in layers())}
    for group, members in groups.items():
        cases += [run(f'{group}: {name}', calls, i) for i, (name, calls) in enumerate(members)]

    errors = []
    for call in refusals():
        try:
            call.make()
        except Exception as e:
            # What PyTorch adds to a bare check invites to report it to PyTorch.
            errors.append({'step': call.js, 'message': str(e).split('\n')[0].split('  (Could this error')[0]})
        else:
            raise AssertionError(f'not refused: {call.js}')

    # A state with half a pair of normals in it, and what comes next.
    g = torch.Generator().manual_seed(2**50 + 9)
    torch.rand(700, generator=g)
    torch.randn(3, generator=g)
    state = {'bytes': bytes(g.get_state().tolist()).hex(), 'initialSeed': str(g.initial_seed()),
             'next': [torch.randn(3, dtype=torch.float64, generator=g).tolist(), torch.rand(2, generator=g).tolist()]}
    soft = []
    for d in ('float32', 'float64'):
        for hard in (False, True):
            torch.manual_seed(3)
            call = Call('F.gumbel_softmax', Made([2, 3], d, 4), 0.5, hard=hard)
            soft.append({'step': call.js, 'values': call.make().flatten().tolist(),
                         'next': torch.rand(1, dtype=torch.float64).item()})
        torch.manual_seed(3)
        call = Call('F.scaled_dot_product_attention', *[Made([1, 3, 4], d, n) for n in (4, 2, 1)], dropout_p=0.5)
        soft.append({'step': call.js, 'values': call.make().flatten().tolist(),
                     'next': torch.rand(1, dtype=torch.float64).item()})
    return {'cases': cases, 'errors': errors, 'state': state, 'soft': soft, 'stateless': stateless()}
