"""
Records what PyTorch does to memory that several elements share into test/goldens/expanded.json.gz: every in-place method, every `out`
option, assignment by index, nn.functional with inplace, nn.init and the optimizers, on tensors that are expanded, overlap themselves,
have gaps, are empty, or share memory with an operand. A row has the words of the error, or the memory afterwards.

A tensor is a view of a numbered buffer, {"b": number, "t": dtype, "s": sizes, "st": strides, "o": offset}; buffer 0 is the target's. The
elements of buffer b are fill(dtype, b), which the test makes in the same way.
"""
import warnings
from operator import attrgetter

import torch
import torch.nn.functional as F
from oracle import contiguous_strides, encode_tensor, save, short_error

torch.set_warn_always(True)
ROOM = 64
INTS = (torch.int64, torch.int32, torch.uint8)


def fill(dtype, b):
    """Positive values below 2, that differ from buffer to buffer; of a bool 1 and 0."""
    n = torch.arange(ROOM, dtype=torch.int64)
    if dtype == torch.bool:
        return (n + b) % 3 == 0
    return (((n * 7 + b * 5) % 13) + 1).to(dtype) if dtype in INTS else (((n * 7 + b * 5) % 13 + 1) / 8).to(dtype)


class View:
    """A tensor to be made: of a buffer, with a layout."""

    def __init__(self, shape, dtype=torch.float32, strides=None, offset=0, buffer=None, grad=None):
        self.shape, self.dtype, self.offset, self.buffer, self.grad = list(shape), dtype, offset, buffer, grad
        self.strides = contiguous_strides(self.shape) if strides is None else list(strides)

    def numbered(self, buffer):
        return View(self.shape, self.dtype, self.strides, self.offset, buffer if self.buffer is None else self.buffer, self.grad)

    def coded(self):
        name = str(self.dtype).split('.')[1]
        out = {'b': self.buffer, 't': name, 's': self.shape, 'st': self.strides, 'o': self.offset}
        return {**out, 'g': self.grad} if self.grad else out

    def made(self, buffers):
        if self.buffer not in buffers:
            buffers[self.buffer] = fill(self.dtype, self.buffer)
            if self.grad == 'graph':
                buffers['leaf'] = buffers[self.buffer].requires_grad_()
                buffers[self.buffer] = buffers['leaf'] * 1
        whole = buffers[self.buffer]
        view = torch.as_strided(whole, self.shape, self.strides, self.offset)
        if self.grad == 'leaf':
            view = view.detach().requires_grad_()
        return view


def f(*shape):
    return View(shape)


def i(*shape):
    return View(shape, torch.int64)


class Literal:
    """A tensor of given values, such as indices."""

    def __init__(self, values, dtype=torch.int64):
        self.tensor = torch.tensor(values, dtype=dtype)


def ix(*values):
    return Literal(list(values))


def nested(values):
    return Literal(values)


def mask(values):
    return Literal(values, torch.bool)


def coded(v):
    if isinstance(v, View):
        return v.coded()
    if isinstance(v, Literal):
        return encode_tensor(v.tensor)
    if isinstance(v, (list, tuple)):
        return [coded(x) for x in v]
    if isinstance(v, slice):
        return {'slice': [v.start, v.stop, v.step]}
    if v is Ellipsis:
        return {'ellipsis': 1}
    if isinstance(v, float):
        return {'f': repr(v)}
    return v


def numbered(v, count):
    if isinstance(v, View):
        count[0] += 1
        return v.numbered(count[0])
    if isinstance(v, list):
        return [numbered(x, count) for x in v]
    return v


def made(v, buffers):
    if isinstance(v, View):
        return v.made(buffers)
    if isinstance(v, Literal):
        return v.tensor.clone()
    if isinstance(v, list):
        return [made(x, buffers) for x in v]
    return v


def layouts(shape):
    """The ways in which a tensor of a shape can lie in memory, by name: sizes and strides."""
    strides = contiguous_strides(shape)
    n = len(shape)
    out = {'dense': (shape, strides)}
    if n == 0:
        return out
    ones = [0] * n
    rest = contiguous_strides([1] + shape[1:])
    out['expanded'] = (shape, [0] + rest[1:])
    out['all'] = (shape, ones)
    out['one'] = ([1] + shape[1:], [0] + rest[1:])
    out['empty'] = (shape[:-1] + [0], [0] + [1] * (n - 1))
    out['gaps'] = (shape, [2 * s for s in strides])
    if n > 1:
        out['last'] = (shape, contiguous_strides(shape[:-1]) + [0])
        out['overlap'] = (shape, [1] * n)
        out['turned'] = (shape, strides[:-2] + [strides[-1], shape[-2]])
        out['turnedExpanded'] = (shape, [1] * (n - 1) + [0] if n == 2 else [0] * (n - 2) + [1, shape[-2]])
    return out


FORMS = {
    'method': lambda x, name, args, opts: getattr(x, name)(*args, **opts),
    'data': lambda x, name, args, opts: getattr(x.data, name)(*args, **opts),
    'functional': lambda x, name, args, opts: getattr(F, name)(x, *args, **opts),
    'init': lambda x, name, args, opts: getattr(torch.nn.init, name)(x, *args, **opts),
    'out': lambda x, name, args, opts: attrgetter(name)(torch)(*args, **opts, out=x),
    # A table whose rows are shortened where they are looked up; running statistics.
    'weight': lambda x, name, args, opts: getattr(F, name)(args[0], x, **opts),
    'running': lambda x, name, args, opts: getattr(F, name)(args[0], x, args[1], **opts),
    'set': lambda x, name, args, opts: x.__setitem__(tuple(args[0]), args[1]),
}


def row(form, name, layout, target, args, opts):
    count = [0]
    target = target.numbered(0)
    args = numbered(args, count)
    opts = {k: numbered(v, count) for k, v in opts.items()}
    out = {'form': form, 'name': name, 'layout': layout, 'x': target.coded(), 'args': coded(args), 'opts': {k: coded(v) for k, v in opts.items()}}
    buffers = {}
    x = target.made(buffers)
    given, named = made(args, buffers), {k: made(v, buffers) for k, v in opts.items()}
    torch.manual_seed(0)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always')
        try:
            result = FORMS[form](x, name, given, named)
        except Exception as e:
            out['error'] = short_error(e)
    if said:
        out['warnings'] = [str(w.message).split(' (Triggered internally')[0] for w in said]
    if 'error' in out:
        return out
    if isinstance(result, torch.Tensor) and result is not x and form == 'method':
        raise Exception('%s gives another tensor' % name)
    out['after'] = [list(x.shape), list(x.stride()), x.storage_offset()]
    # Only the memory that changed is written down.
    changes = {}
    for b, whole in buffers.items():
        if b == 'leaf':
            continue
        before = fill(whole.dtype, b)
        raw = lambda t: t.detach().reshape(-1).view(torch.uint8).reshape(ROOM, -1)
        changed = (raw(whole) != raw(before)).any(1).nonzero().flatten().tolist()
        if changed:
            changes[b] = [changed, encode_tensor(whole.detach()[changed])['d']]
    out['memory'] = changes
    if 'leaf' in buffers and x.requires_grad:
        try:
            (x.sum() + buffers[0].sum()).backward()
            out['grad'] = encode_tensor(buffers['leaf'].grad)['d']
        except Exception as e:
            out['gradError'] = short_error(e)
    return out


E2 = [2, 3]
UNARY = ('abs absolute acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh ceil cos cosh deg2rad digamma erf erfc '
         'erfinv exp exp2 expm1 fix floor frac i0 lgamma log log10 log1p log2 logit nan_to_num neg negative rad2deg reciprocal relu round rsqrt '
         'sgn sigmoid sign sin sinc sinh sqrt square tan tanh trunc').split()
BINARY = ('add sub mul div divide true_divide multiply subtract atan2 arctan2 copysign fmax_ fmod floor_divide float_power pow remainder hypot '
          'igamma igammac nextafter xlogy heaviside ldexp eq ne lt le gt ge greater greater_equal less less_equal not_equal '
          'logical_and logical_or logical_xor clamp_min clamp_max').split()
BINARY = [n for n in BINARY if hasattr(torch.Tensor, n + '_')]
INT_BINARY = 'bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift gcd lcm'.split()

# name: (shape, dtype, [(args, options), ...])
METHODS = {n + '_': (E2, torch.float32, [([], {})]) for n in UNARY}
METHODS.update({n + '_': (E2, torch.float32, [([f(2, 3)], {}), ([f(3)], {}), ([f(2, 2)], {}), ([2.0], {}), ([f()], {})]) for n in BINARY})
METHODS.update({n + '_': (E2, torch.int64, [([i(2, 3)], {}), ([f(2, 3)], {})]) for n in INT_BINARY})
METHODS.update({
    'add_': (E2, torch.float32, [([f(2, 3)], {}), ([f(2, 3)], {'alpha': 2}), ([f(3)], {}), ([f(2, 2)], {}), ([2.0], {}), ([View([2, 3], torch.float64)], {}), ([f(3, 2, 3)], {})]),
    'sub_': (E2, torch.float32, [([f(2, 3)], {}), ([f(2, 3)], {'alpha': 2})]),
    'div_': (E2, torch.float32, [([f(2, 3)], {}), ([f(2, 3)], {'rounding_mode': 'floor'}), ([f(2, 3)], {'rounding_mode': 'trunc'})]),
    'igamma_': (E2, torch.float32, [([f(2, 3)], {}), ([f(2, 2)], {})]), 'igammac_': (E2, torch.float32, [([f(2, 3)], {})]),
    'copysign_': (E2, torch.float32, [([f(2, 3)], {}), ([-1.0], {})]),
    'hypot_': (E2, torch.float32, [([f(2, 3)], {})]), 'nextafter_': (E2, torch.float32, [([f(2, 3)], {})]),
    'heaviside_': (E2, torch.float32, [([f(2, 3)], {})]), 'ldexp_': (E2, torch.float32, [([i(2, 3)], {})]),
    'atan2_': (E2, torch.float32, [([f(2, 3)], {}), ([f(2, 2)], {})]), 'arctan2_': (E2, torch.float32, [([f(2, 3)], {})]),
    'float_power_': (E2, torch.float64, [([f(2, 3)], {}), ([2.0], {})]),
    'logical_and_': (E2, torch.float32, [([f(2, 3)], {})]), 'logical_or_': (E2, torch.float32, [([f(2, 3)], {})]),
    'logical_xor_': (E2, torch.bool, [([View([2, 3], torch.bool)], {})]), 'logical_not_': (E2, torch.bool, [([], {})]),
    'bitwise_not_': (E2, torch.int64, [([], {})]),
    'polygamma_': (E2, torch.float32, [([1], {})]), 'mvlgamma_': (E2, torch.float32, [([1], {})]),
    'round_': (E2, torch.float32, [([], {}), ([], {'decimals': 1})]),
    'logit_': (E2, torch.float32, [([], {}), ([0.1], {})]),
    'nan_to_num_': (E2, torch.float32, [([], {})]),
    'clamp_': (E2, torch.float32, [([0.5, 1.0], {}), ([f(2, 3), f(2, 3)], {}), ([], {'min': 0.5}), ([], {'max': f(3)}), ([f(2, 2)], {})]),
    'clip_': (E2, torch.float32, [([0.5, 1.0], {}), ([f(2, 3), f(2, 3)], {})]),
    'clamp_min_': (E2, torch.float32, [([0.5], {}), ([f(2, 3)], {})]), 'clamp_max_': (E2, torch.float32, [([0.5], {}), ([f(2, 3)], {})]),
    'lerp_': (E2, torch.float32, [([f(2, 3), 0.5], {}), ([f(2, 3), f(2, 3)], {}), ([f(2, 2), 0.5], {})]),
    'addcmul_': (E2, torch.float32, [([f(2, 3), f(2, 3)], {}), ([f(2, 3), f(3)], {'value': 2.0}), ([f(2, 2), f(3)], {})]),
    'addcdiv_': (E2, torch.float32, [([f(2, 3), f(2, 3)], {}), ([f(2, 3), f(3)], {'value': 2.0})]),
    'copy_': (E2, torch.float32, [([f(2, 3)], {}), ([f(3)], {}), ([f()], {}), ([f(2, 2)], {}), ([i(2, 3)], {})]),
    'fill_': (E2, torch.float32, [([2.0], {}), ([f()], {}), ([f(1)], {})]),
    'zero_': (E2, torch.float32, [([], {})]),
    'addmm_': (E2, torch.float32, [([f(2, 2), f(2, 3)], {}), ([f(2, 2), f(2, 3)], {'beta': 0.5, 'alpha': 2.0}), ([f(2, 2), f(3, 3)], {})]),
    'addmv_': ([3], torch.float32, [([f(3, 2), f(2)], {}), ([f(3, 3), f(2)], {})]),
    'addr_': (E2, torch.float32, [([f(2), f(3)], {}), ([f(3), f(3)], {})]),
    'addbmm_': (E2, torch.float32, [([f(2, 2, 2), f(2, 2, 3)], {})]),
    'baddbmm_': ([2, 2, 3], torch.float32, [([f(2, 2, 2), f(2, 2, 3)], {})]),
    'cumsum_': (E2, torch.float32, [([0], {}), ([1], {}), ([2], {})]),
    'cumprod_': (E2, torch.float32, [([0], {}), ([1], {})]),
    'renorm_': (E2, torch.float32, [([2, 0, 0.5], {}), ([2, 1, 0.5], {})]),
    'tril_': (E2, torch.float32, [([], {}), ([1], {})]), 'triu_': (E2, torch.float32, [([], {}), ([1], {})]),
    'fill_diagonal_': (E2, torch.float32, [([9.0], {})]),
    'uniform_': (E2, torch.float32, [([], {})]), 'normal_': (E2, torch.float32, [([], {})]),
    'log_normal_': (E2, torch.float32, [([], {})]), 'exponential_': (E2, torch.float32, [([], {})]),
    'cauchy_': (E2, torch.float32, [([], {})]), 'geometric_': (E2, torch.float32, [([0.5], {})]),
    'random_': (E2, torch.float32, [([], {}), ([5], {}), ([2, 9], {})]),
    'bernoulli_': (E2, torch.float32, [([], {}), ([0.5], {}), ([Literal([[0.5, 0.25, 0.75], [0.5, 0.5, 0.5]], torch.float32)], {})]),
    'index_add_': (E2, torch.float32, [([0, ix(0, 1), f(2, 3)], {}), ([1, ix(0, 2), f(2, 2)], {}), ([0, ix(1), f(1, 3)], {'alpha': 2}), ([0, ix(0, 5), f(2, 3)], {})]),
    'index_copy_': (E2, torch.float32, [([0, ix(0, 1), f(2, 3)], {}), ([1, ix(0, 2), f(2, 2)], {}), ([1, ix(1), f(2, 1)], {}), ([0, ix(0, 5), f(2, 3)], {})]),
    'index_fill_': (E2, torch.float32, [([0, ix(0, 1), 9.0], {}), ([1, ix(0, 2), 9.0], {}), ([1, ix(1), f()], {}), ([0, ix(5), 9.0], {})]),
    'index_reduce_': (E2, torch.float32, [([0, ix(0, 1), f(2, 3), 'amax'], {}), ([1, ix(0, 2), f(2, 2), 'prod'], {}), ([0, ix(0, 1), f(2, 3), 'mean'], {'include_self': False})]),
    'index_put_': (E2, torch.float32, [([[ix(0, 1)], f(2, 3)], {}), ([[ix(0, 1), ix(0, 2)], f(2)], {}), ([[ix(0, 1)], f()], {}), ([[ix(0, 1)], f(3)], {'accumulate': True}),
                                       ([[mask([[True, False, True], [False, True, False]])], f()], {}), ([[mask([[True, False, True], [False, True, False]])], f(3)], {}),
                                       ([[ix(5)], f(3)], {})]),
    'masked_fill_': (E2, torch.float32, [([mask([[True, False, True], [False, True, False]]), 9.0], {}), ([mask([True, False, True]), f()], {}), ([mask([True, False]), 9.0], {})]),
    'masked_scatter_': (E2, torch.float32, [([mask([[True, False, True], [False, True, False]]), f(6)], {}), ([mask([True, False, True]), f(6)], {}), ([mask([True, False, True]), f(2)], {})]),
    'put_': (E2, torch.float32, [([ix(0, 5), f(2)], {}), ([ix(0, 5, 0), f(3)], {'accumulate': True}), ([ix(9), f(1)], {})]),
    'scatter_': (E2, torch.float32, [([0, nested([[0, 1, 0]]), f(1, 3)], {}), ([1, nested([[0, 2], [1, 0]]), f(2, 2)], {}), ([0, nested([[0, 1, 0]]), 9.0], {}),
                                     ([0, nested([[0, 1, 0]]), f(1, 3)], {'reduce': 'add'}), ([0, nested([[0, 1, 0]]), 2.0], {'reduce': 'multiply'}), ([0, nested([[0, 5, 0]]), 9.0], {})]),
    'scatter_add_': (E2, torch.float32, [([0, nested([[0, 1, 0]]), f(1, 3)], {}), ([1, nested([[0, 2], [1, 0]]), f(2, 2)], {})]),
    'scatter_reduce_': (E2, torch.float32, [([0, nested([[0, 1, 0]]), f(1, 3), 'sum'], {}), ([1, nested([[0, 2], [1, 0]]), f(2, 2), 'amax'], {}),
                                            ([1, nested([[0, 0], [1, 1]]), f(2, 2), 'mean'], {}), ([1, nested([[0, 0], [1, 1]]), f(2, 2), 'prod'], {'include_self': False})]),
    'resize_': (E2, torch.float32, [([[2, 3]], {}), ([[3, 2]], {}), ([[2]], {}), ([[1, 3]], {})]),
    'resize_as_': (E2, torch.float32, [([f(2, 3)], {}), ([f(3, 2)], {})]),
    'squeeze_': (E2, torch.float32, [([], {}), ([0], {})]), 'unsqueeze_': (E2, torch.float32, [([0], {}), ([2], {})]),
    'transpose_': (E2, torch.float32, [([0, 1], {})]), 'swapaxes_': (E2, torch.float32, [([0, 1], {})]), 'swapdims_': (E2, torch.float32, [([0, 1], {})]),
    't_': (E2, torch.float32, [([], {})]), 'as_strided_': (E2, torch.float32, [([[2, 2], [0, 1]], {}), ([[2, 2], [2, 1]], {})]),
    'detach_': (E2, torch.float32, [([], {})]), 'requires_grad_': (E2, torch.float32, [([], {})]),
    'set': None,
})
del METHODS['set']
for pair in ('fmax', 'fmin', 'maximum', 'minimum', 'logaddexp', 'logaddexp2'):
    METHODS.pop(pair + '_', None)

M23 = mask([[True, False, True], [False, True, False]])
S = slice
SETS = [([[0], 9.0]), ([[0], f(3)]), ([[0, 1], 9.0]), ([[0, 1], f()]), ([[Ellipsis], 9.0]), ([[Ellipsis], f(2, 3)]), ([[S(None), S(0, 2)], 9.0]), ([[S(None), S(0, 2)], f(2, 2)]),
        ([[S(0, 1)], f(1, 3)]), ([[S(None, None, 2)], 9.0]), ([[None, 0], 9.0]), ([[M23], 9.0]), ([[M23], f()]), ([[M23], f(1)]), ([[M23], f(3)]), ([[M23], View([], torch.float64)]),
        ([[mask([True, False])], 9.0]), ([[mask([True, False])], f(3)]), ([[mask([True, False])], f(1, 3)]), ([[mask([False, False])], f(0, 3)]), ([[S(None), mask([True, False, True])], f(2, 2)]),
        ([[S(None), mask([True, False, True])], 9.0]), ([[ix(0, 1)], 9.0]), ([[ix(0, 1)], f(2, 3)]), ([[ix(0, 1)], f(3)]), ([[S(None), ix(0, 2)], f(2, 2)]), ([[S(None), ix(0, 2)], 9.0]),
        ([[ix(0, 1), ix(0, 2)], f(2)]), ([[ix(0, 1), ix(0, 2)], 9.0]), ([[0, ix(0, 2)], f(2)]), ([[0, ix(0, 2)], 9.0]), ([[True], 9.0]), ([[False], 9.0]), ([[True], f(2, 3)]),
        ([[Literal(1)], 9.0]), ([[0, M23], 9.0]), ([[0], f(2)]), ([[M23], f(2)]), ([[ix(0, 1)], f(2)])]

FUNCTIONAL = {
    'relu': [([], {'inplace': True})], 'relu6': [([], {'inplace': True})], 'elu': [([], {'inplace': True})], 'selu': [([], {'inplace': True})],
    'celu': [([], {'inplace': True})], 'leaky_relu': [([], {'inplace': True})], 'hardtanh': [([], {'min_val': 0.25, 'max_val': 1.0, 'inplace': True})],
    'threshold': [([1.0, 9.0], {'inplace': True})], 'silu': [([], {'inplace': True})], 'mish': [([], {'inplace': True})],
    'hardswish': [([], {'inplace': True})], 'hardsigmoid': [([], {'inplace': True})], 'rrelu': [([], {'inplace': True}), ([], {'training': True, 'inplace': True})],
    'relu_': [([], {})], 'elu_': [([], {})], 'selu_': [([], {})], 'celu_': [([], {})], 'leaky_relu_': [([], {})], 'hardtanh_': [([], {'min_val': 0.25, 'max_val': 1.0})],
    'threshold_': [([1.0, 9.0], {})], 'rrelu_': [([], {})],
    'dropout': [([], {'p': p, 'inplace': True}) for p in (0.0, 0.5, 1.0)] + [([], {'training': False, 'inplace': True})],
    'alpha_dropout': [([], {'p': p, 'training': True, 'inplace': True}) for p in (0.0, 0.5, 1.0)],
    'feature_alpha_dropout': [([], {'p': 0.5, 'training': True, 'inplace': True})],
    'dropout1d': [([], {'p': 0.5, 'inplace': True})],
}
INIT = {
    'uniform_': [([], {})], 'normal_': [([], {})], 'trunc_normal_': [([], {})], 'constant_': [([9.0], {})], 'ones_': [([], {})], 'zeros_': [([], {})], 'eye_': [([], {})],
    'xavier_uniform_': [([], {})], 'xavier_normal_': [([], {})], 'kaiming_uniform_': [([], {})], 'kaiming_normal_': [([], {})], 'orthogonal_': [([], {})],
    'sparse_': [([0.5], {})],
}

# Those with an `out` option in Tenzo.
WITHOUT = 'relu deg2rad rad2deg sgn logit nan_to_num float_power ldexp'.split()
OUT = {n: [([f(2, 3)], {})] for n in UNARY if n not in WITHOUT}
OUT.update({n: [([f(2, 3), f(2, 3)], {}), ([f(2, 3), f(3)], {})] for n in BINARY if n not in WITHOUT})
OUT.update({n: [([f(2, 3), f(2, 3)], {}), ([f(2, 3), f(3)], {})] for n in ['fmax', 'fmin', 'maximum', 'minimum', 'logaddexp', 'logaddexp2']})
OUT.update({n: [([i(2, 3), i(2, 3)], {})] for n in INT_BINARY})
OUT.update({
    'copysign': [([f(2, 3), f(2, 3)], {})], 'clamp_min': [([f(2, 3), f(2, 3)], {})], 'clamp_max': [([f(2, 3), f(2, 3)], {})],
    'igamma': [([f(2, 3), f(2, 3)], {})], 'igammac': [([f(2, 3), f(2, 3)], {})],
    'sub': [([f(2, 3), f(2, 3)], {}), ([f(2, 3), f(2, 3)], {'alpha': 2})], 'add': [([f(2, 3), f(2, 3)], {}), ([f(2, 3), f(2, 3)], {'alpha': 2}), ([i(2, 3), i(2, 3)], {})],
    'div': [([f(2, 3), f(2, 3)], {}), ([f(2, 3), f(2, 3)], {'rounding_mode': 'floor'})],
    'round': [([f(2, 3)], {}), ([f(2, 3)], {'decimals': 1})],
    'clamp': [([f(2, 3)], {'min': 0.5, 'max': 1.0}), ([f(2, 3)], {'min': f(2, 3), 'max': f(2, 3)}), ([f(2, 3)], {'min': 0.5})],
    'clip': [([f(2, 3)], {'min': 0.5, 'max': 1.0})],
    'sum': [([f(4, 2, 3), 0], {}), ([f(2, 4, 3), 1], {})], 'nansum': [([f(4, 2, 3), 0], {})], 'mean': [([f(4, 2, 3), 0], {})], 'prod': [([f(4, 2, 3), 0], {})],
    'amax': [([f(4, 2, 3), 0], {})], 'amin': [([f(4, 2, 3), 0], {})], 'nanmean': [([f(4, 2, 3), 0], {})],
    'cat': [([[f(1, 3), f(1, 3)]], {}), ([[f(2, 1), f(2, 2)], 1], {})],
    'mm': [([f(2, 2), f(2, 3)], {})], 'matmul': [([f(2, 2), f(2, 3)], {})], 'bmm': [([f(2, 2, 2), f(2, 2, 3)], {})],
})
OUT['concat'] = OUT['concatenate'] = OUT['cat']
OUT.update({'special.' + n: [([f(2, 3)], {})] for n in ('log_ndtr', 'i0e', 'i1', 'i1e', 'erfcx', 'ndtri')})
OUT['special.xlog1py'] = [([f(2, 3), f(2, 3)], {})]
OUT['special.zeta'] = [([f(2, 3), f(2, 3)], {})]
OUT['bitwise_not'] = [([i(2, 3)], {})]
# Of one element type only, or cast from another: what PyTorch refuses then is not about memory.
CAST = 'exp add eq cat clamp_min logaddexp sum'.split()
OUT_DTYPES = {'bitwise_not': torch.int64, **{n: torch.int64 for n in INT_BINARY},
              **{n: torch.bool for n in 'eq ne lt le gt ge greater greater_equal less less_equal not_equal logical_and logical_or logical_xor'.split()}}


def shared(shape, dtype):
    """Operands that share the target's memory: pairs of a target and an operand of a shape, by name."""
    def v(s, st, o, g=None):
        return View(s, dtype, st, o, 0)
    rows, cols = shape
    dense = contiguous_strides(shape)
    yield 'same', v(shape, dense, 0), v(shape, dense, 0)
    yield 'sameGaps', v(shape, [6, 2], 0), v(shape, [6, 2], 0)
    yield 'shifted', v(shape, dense, 1), v(shape, dense, 0)
    yield 'shiftedBack', v(shape, dense, 0), v(shape, dense, 1)
    yield 'shiftedGaps', v(shape, [4, 1], 1), v(shape, [4, 1], 0)
    yield 'apart', v(shape, dense, 0), v(shape, dense, rows * cols)
    yield 'between', v(shape, [2 * cols, 2], 0), v(shape, [2 * cols, 2], 1)
    yield 'turned', v(shape, dense, 0), v(shape, [1, rows], 0)
    yield 'row', v(shape, dense, 0), v([cols], [1], 0)
    yield 'expandedRow', v(shape, dense, 0), v(shape, [0, 1], 0)
    yield 'element', v(shape, dense, 0), v([], [], 0)
    yield 'expandedBoth', v(shape, [0, 1], 0), v(shape, [0, 1], 0)
    yield 'rowOfExpanded', v(shape, [0, 1], 0), v([cols], [1], 0)


SHARED_METHODS = ('add_ mul_ sub_ div_ pow_ atan2_ eq_ logical_and_ fmod_ remainder_ clamp_min_ copy_ lerp_ hypot_ nextafter_ floor_divide_ xlogy_ igamma_').split()
THREE = {
    'addcmul_': lambda o: [[o, f(2, 3)], [f(2, 3), o]], 'addcdiv_': lambda o: [[o, f(2, 3)]], 'lerp_': lambda o: [[o, 0.5], [f(2, 3), o]],
    'clamp_': lambda o: [[o, f(2, 3)], [f(2, 3), o]],
}
FULL = {
    'index_add_': lambda o: [0, ix(1, 0), o], 'index_copy_': lambda o: [0, ix(1, 0), o], 'index_reduce_': lambda o: [0, ix(1, 0), o, 'amax'],
    'index_put_': lambda o: [[ix(1, 0)], o], 'masked_scatter_': lambda o: [M23, o], 'put_': lambda o: [nested([[5, 4, 3], [2, 1, 0]]), o],
    'scatter_': lambda o: [0, nested([[1, 0, 1], [0, 1, 0]]), o], 'scatter_add_': lambda o: [0, nested([[1, 0, 1], [0, 1, 0]]), o],
    'scatter_reduce_': lambda o: [0, nested([[1, 0, 1], [0, 1, 0]]), o, 'sum'],
}


def every():
    for name, (shape, dtype, calls) in METHODS.items():
        for layout, (sizes, strides) in layouts(shape).items():
            for args, opts in calls:
                yield row('method', name, layout, View(sizes, dtype, strides), args, opts)
            if layout in ('expanded', 'overlap', 'dense') and dtype.is_floating_point:
                for grad in ('leaf', 'graph'):
                    yield row('method', name, '%s %s' % (layout, grad), View(sizes, dtype, strides, grad=grad), *calls[0])
        yield row('data', name, 'expanded leaf', View(*layouts(shape)['expanded'][:1], dtype, layouts(shape)['expanded'][1], grad='leaf' if dtype.is_floating_point else None), *calls[0])
    for layout, (sizes, strides) in layouts(E2).items():
        for args in SETS:
            yield row('set', 'set', layout, View(sizes, torch.float32, strides), args, {})
        if layout in ('expanded', 'overlap', 'dense'):
            for grad in ('leaf', 'graph'):
                for args in SETS:
                    yield row('set', 'set', '%s %s' % (layout, grad), View(sizes, torch.float32, strides, grad=grad), args, {})
        for table, form in ((FUNCTIONAL, 'functional'), (INIT, 'init')):
            for name, calls in table.items():
                for args, opts in calls:
                    yield row(form, name, layout, View(sizes, torch.float32, strides), args, opts)
    for layout, (sizes, strides) in layouts([2, 2, 2]).items():
        for name in ('dropout1d', 'dropout2d', 'dropout3d', 'feature_alpha_dropout'):
            yield row('functional', name, layout, View(sizes, torch.float32, strides), [], {'p': 0.5, 'training': True, 'inplace': True})
        yield row('init', 'dirac_', layout, View(sizes, torch.float32, strides), [], {})
    for name, calls in OUT.items():
        dtype = OUT_DTYPES.get(name, torch.float32)
        for layout, (sizes, strides) in layouts([2, 2, 3] if name == 'bmm' else E2).items():
            for args, opts in calls:
                yield row('out', name, layout, View(sizes, dtype, strides), args, opts)
        if name in CAST:
            yield row('out', name, 'expanded cast', View(E2, torch.float64, [0, 1]), *calls[0])
        if name != 'bmm':
            yield row('out', name, 'dense leaf', View(E2, dtype, grad='leaf' if dtype.is_floating_point else None), *calls[0])
    for layout, (sizes, strides) in layouts(E2).items():
        for name, index in (('embedding', ix(0, 0)), ('embedding', ix(0)), ('embedding_bag', nested([[0, 0]]))):
            for norm in (0.1, 0.5):
                yield row('weight', name, layout, View(sizes, torch.float32, strides), [index], {'max_norm': norm})
    for layout, (sizes, strides) in layouts([3]).items():
        for name, opts in (('batch_norm', {'training': True}), ('instance_norm', {'use_input_stats': True})):
            if layout != 'one' and layout != 'empty':
                yield row('running', name, layout, View(sizes, torch.float32, strides), [f(2, 3, 4), f(3)], opts)
    for layout, target, operand in shared(E2, torch.float32):
        for name in SHARED_METHODS:
            yield row('method', name, 'shared ' + layout, target, [operand] + ([0.5] if name == 'lerp_' else []), {})
        for name, calls in THREE.items():
            for args in calls(operand):
                yield row('method', name, 'shared ' + layout, target, args, {})
        if operand.shape == E2:
            for name, args in FULL.items():
                yield row('method', name, 'shared ' + layout, target, args(operand), {})
            for index in ([ix(1, 0)], [Ellipsis], [S(None)], [ix(1, 0), S(None)]):
                yield row('set', 'set', 'shared ' + layout, target, [index, operand], {})
            for name in ('exp', 'round', 'clamp_min', 'add', 'div', 'clamp'):
                one = [operand, 0.5] if name in ('clamp_min', 'div', 'add') else [operand]
                yield row('out', name, 'shared ' + layout, target, one, {'min': 0.25, 'max': 1.0} if name == 'clamp' else {})
            for name in ('add', 'pow', 'maximum', 'clamp_max', 'lt'):
                yield row('out', name, 'shared ' + layout, target, [f(2, 3), operand], {})
            yield row('out', 'cat', 'shared ' + layout, View([4, 3], torch.float32, None, target.offset), [[operand, f(2, 3)]], {})
        else:
            yield row('method', 'fill_', 'shared ' + layout, target, [operand], {})
            yield row('method', 'index_fill_', 'shared ' + layout, target, [0, ix(0), operand], {})
            yield row('method', 'masked_fill_', 'shared ' + layout, target, [M23, operand], {})
            yield row('set', 'set', 'shared ' + layout, target, [[M23], operand], {})
            yield row('set', 'set', 'shared ' + layout, target, [[ix(0, 1)], operand], {})
            yield row('set', 'set', 'shared ' + layout, target, [[Ellipsis], operand], {})
    for name, dtype, layouts_of in (('masked_fill_', torch.bool, 1), ('masked_scatter_', torch.bool, 1), ('index_put_', torch.bool, 1)):
        for layout, target, operand in shared(E2, dtype):
            if operand.shape == E2 or name == 'masked_fill_':
                args = [operand, True] if name == 'masked_fill_' else [operand, View([6], torch.bool)] if name == 'masked_scatter_' else [[operand], View([], torch.bool)]
                yield row('method', name, 'mask shared ' + layout, target, args, {})
                if name == 'index_put_':
                    yield row('set', 'set', 'mask shared ' + layout, target, [[operand], True], {})
    # Indices in the memory that is written.
    for name in ('index_fill_', 'index_add_', 'index_copy_', 'index_put_', 'scatter_', 'scatter_add_', 'put_'):
        for layout, target, operand in (('same', View([2, 3], torch.int64, None, 0), None), ('apart', View([2, 3], torch.int64, None, 32), None)):
            two, full = View([1], torch.int64, [1], 13, 0), View([2, 3], torch.int64, [0, 0], 13, 0)
            target = View([2, 3], torch.int64, None, 10 if layout == 'same' else 32)
            args = {'index_fill_': [0, two, 9], 'index_add_': [0, two, i(1, 3)], 'index_copy_': [0, two, i(1, 3)], 'index_put_': [[two], i(1, 3)],
                    'scatter_': [0, full, i(2, 3)], 'scatter_add_': [0, full, i(2, 3)], 'put_': [full, i(2, 3)]}[name]
            yield row('method', name, 'index ' + layout, target, args, {})


OPTIMIZERS = {'SGD': [{'lr': 0.1}, {'lr': 0.1, 'momentum': 0.9}, {'lr': 0.1, 'weight_decay': 0.1, 'nesterov': True, 'momentum': 0.9}], 'Adam': [{}, {'amsgrad': True}], 'AdamW': [{}],
              'Adamax': [{}], 'NAdam': [{}], 'RAdam': [{}], 'Adagrad': [{}], 'Adadelta': [{}], 'RMSprop': [{}, {'momentum': 0.9, 'centered': True}], 'Rprop': [{}], 'ASGD': [{}], 'LBFGS': [{}]}


def optimizer(name, options, layout, sizes, strides, which):
    """One or two steps with an expanded parameter or an expanded gradient."""
    out = {'optimizer': name, 'options': {k: coded(v) for k, v in options.items()}, 'layout': layout, 'which': which, 's': sizes, 'st': strides}
    whole = [fill(torch.float32, 0), fill(torch.float32, 1)]
    dense = contiguous_strides(sizes)
    p = torch.as_strided(whole[0], sizes, strides if which == 'param' else dense).detach().requires_grad_()
    p.grad = torch.as_strided(whole[1], sizes, strides if which == 'grad' else dense)
    opt = getattr(torch.optim, name)([p], **options)
    done = 0
    try:
        for _ in range(2):
            opt.step(lambda: p.detach().sum()) if name == 'LBFGS' else opt.step()
            done += 1
        opt.zero_grad(set_to_none=False)
        done += 1
    except Exception as e:
        out['error'] = short_error(e)
    out['done'] = done
    out['memory'] = [encode_tensor(w[:16])['d'] for w in whole]
    return out


def clipping(layout, sizes, strides):
    for name, call in (('clip_grad_norm_', lambda p: torch.nn.utils.clip_grad_norm_([p], 0.5)), ('clip_grad_value_', lambda p: torch.nn.utils.clip_grad_value_([p], 0.5))):
        whole = fill(torch.float32, 1)
        p = torch.zeros(sizes, requires_grad=True)
        p.grad = torch.as_strided(whole, sizes, strides)
        out = {'clip': name, 'layout': layout, 's': sizes, 'st': strides}
        try:
            call(p)
            out['memory'] = encode_tensor(whole[:16])['d']
        except Exception as e:
            out['error'] = short_error(e)
        yield out


if __name__ == '__main__':
    rows = list(every())
    steps = [optimizer(n, o, l, s, st, w) for n, options in OPTIMIZERS.items() for o in options for l, (s, st) in layouts(E2).items() for w in ('param', 'grad')]
    clips = [c for l, (s, st) in layouts(E2).items() for c in clipping(l, s, st)]
    size = save('expanded.json.gz', {'rows': rows, 'steps': steps, 'clips': clips})
    print('%d calls, %d of them refused; %d optimizers; %d bytes' % (len(rows), sum('error' in r for r in rows), len(steps), size))
