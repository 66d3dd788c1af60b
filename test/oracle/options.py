"""Records calls that show what an option does, where OpInfo's samples do not -> ops/options.json.gz, in the form of ops.py.

test/ops/completeness.test.ts says which options no sample shows. A row is (name, arguments, options); each is recorded in the
dtypes that `DTYPES_OF` says, with what it gives or what it throws.
"""
import math

import torch

from call import Call, flags
from extras import _tensor
from oracle import DTYPES, save
from ops import append_error, record

F = torch.nn.functional
INF, NAN = math.inf, math.nan


class X:
    """A tensor of the dtype that is recorded, whose gradient is too."""

    def __init__(self, *shape, start=0, scale=1, grad=True, of=None, turned=False):
        self.shape, self.start, self.scale, self.grad, self.of = shape, start, scale, grad, of
        self.turned = turned

    def make(self, dtype):
        t = _tensor(dtype, *self.shape, start=self.start) if self.of is None else torch.tensor(self.of).to(dtype)
        t = t.t() if self.turned else t
        if dtype.is_floating_point:
            t = t * self.scale
            return t.requires_grad_() if self.grad else t
        return t


def ints(*values, dtype=torch.int64):
    return torch.tensor(values, dtype=dtype)


def plain(*shape, **more):
    return X(*shape, grad=False, **more)


# Positive ones, for logarithms and variances.
def positive(*shape, start=0):
    return X(of=torch.tensor([((n * 5 + start) % 11 + 1) / 4 for n in range(math.prod(shape))]).reshape(shape).tolist())


RG = {'requires_grad': True}
ATTENTION = [X(3, 1, 4), X(3, 1, 4, start=3), X(3, 1, 4, start=5)]
# query, key, value, sizes, matrices of the projections; no dropout.
HEADS = [*ATTENTION, 4, 2, X(12, 4, scale=.5), X(12, scale=.5), None, None, False, 0.0, X(4, 4, scale=.5), X(4)]
APART = {'use_separate_proj_weight': True, 'q_proj_weight': X(4, 4, start=2), 'k_proj_weight': X(4, 4, start=4),
         'v_proj_weight': X(4, 4, start=6)}
STATIC = torch.tensor([1., -1., .5, 2., 0., 1., 2., -.5, 1., 1., 0., -1.]).reshape(2, 3, 2)
IMAGE = X(1, 2, 3, 4)
EMBEDDED = [ints(1, 0, 2, 1), X(3, 2)]
BAGS = [torch.tensor([[1, 0], [2, 1]]), X(3, 2)]

FLOATING = [
    # ---- reductions and order
    ('nanmean', [X(2, 3)], {'dtype': torch.float64}),
    ('aminmax', [X(2, 3)], {'dim': 1, 'keepdim': True}),
    ('max', [X(2, 3), 1], {'keepdim': True}),
    ('min', [X(2, 3), 0], {'keepdim': True}),
    ('mode', [X(2, 3)], {'dim': 1, 'keepdim': True}),
    ('kthvalue', [X(2, 3), 2], {'keepdim': True}),
    ('topk', [X(2, 5), 2], {'largest': False}),
    ('norm', [X(2, 3)], {'p': 2, 'dim': 1, 'keepdim': True}),
    ('norm', [X(2, 3)], {'p': 1, 'dim': 0}),
    ('norm', [plain(2, 3)], {'p': 2, 'dtype': torch.float64}),
    ('linalg.vector_norm', [X(2, 3)], {'dtype': torch.float64}),
    ('linalg.vector_norm', [X(2, 3)], {'ord': 1, 'keepdim': True}),
    ('linalg.matrix_norm', [X(2, 3)], {'dtype': torch.float64}),
    ('linalg.norm', [X(2, 3)], {'dtype': torch.float64}),
    ('linalg.norm', [X(2, 3)], {'dim': 1}),
    ('linalg.norm', [X(2, 3)], {'ord': 1, 'keepdim': True}),
    ('sum_to_size', [X(2, 3), [2, 1]], {}),
    ('sum_to_size', [X(2, 3), [3]], {}),
    ('sum_to_size', [X(2, 3), [2, 3]], {}),
    ('sum_to_size', [X(2, 3), [4]], {}),
    ('polygamma', [1, positive(2, 3)], {}),
    ('polygamma', [0, positive(2, 3)], {}),
    ('polygamma', [3, positive(2, 3)], {}),
    ('isclose', [plain(of=[1., NAN]), plain(of=[1., NAN])], {'equal_nan': True}),
    ('allclose', [plain(of=[1., NAN]), plain(of=[1., NAN])], {'equal_nan': True}),
    ('nan_to_num', [X(of=[NAN, INF, -INF, 1.])], {'nan': 2.0}),
    ('nan_to_num', [X(of=[NAN, INF, -INF, 1.])], {'posinf': 3.0}),
    ('nan_to_num', [X(of=[NAN, INF, -INF, 1.])], {'neginf': -3.0}),
    ('subtract', [X(2, 3), X(3, start=4)], {'alpha': 2}),
    # ---- activations
    ('nn.functional.leaky_relu', [X(2, 3)], {'negative_slope': 0.25}),
    ('hardshrink', [X(2, 3)], {'lambd': 1.0}),
    ('hardshrink', [X(2, 3)], {}),
    ('nn.functional.hardshrink', [X(2, 3)], {'lambd': 1.0}),
    ('nn.functional.softplus', [X(2, 3)], {'beta': 2.0, 'threshold': 1.0}),
    ('nn.functional.elu_', [plain(2, 3)], {'alpha': 0.5}),
    ('nn.functional.celu_', [plain(2, 3)], {'alpha': 0.5}),
    ('nn.functional.leaky_relu_', [plain(2, 3)], {'negative_slope': 0.25}),
    ('nn.functional.hardtanh_', [plain(2, 3)], {'min_val': -0.5}),
    ('nn.functional.hardtanh_', [plain(2, 3)], {'max_val': 0.5}),
    ('nn.functional.rrelu_', [plain(2, 3)], {'lower': 0.25, 'upper': 0.5}),
    ('nn.functional.dropout1d', [X(2, 3)], {'training': False}),
    ('nn.functional.dropout2d', [X(2, 3, 1)], {'training': False}),
    ('nn.functional.dropout3d', [X(2, 3, 1, 2)], {'training': False}),
    ('nn.functional.alpha_dropout', [X(2, 3)], {}),
    ('nn.functional.feature_alpha_dropout', [X(2, 3)], {'training': False}),
    # ---- products and attention
    ('chain_matmul', [X(2, 3), X(3, 2), X(2, 4)], {}),
    ('ger', [X(3), X(2, start=3)], {}),
    ('nn.functional.scaled_dot_product_attention', [X(1, 3, 4), X(1, 3, 4, start=3), X(1, 3, 4, start=5)], {'scale': 0.25}),
    ('nn.functional.scaled_dot_product_attention', [X(1, 4, 3, 2), X(1, 2, 3, 2), X(1, 2, 3, 2)], {'enable_gqa': True}),
    ('nn.functional.multi_head_attention_forward', HEADS, {}),
    ('nn.functional.multi_head_attention_forward', [*HEADS[:10], 0.5, *HEADS[11:]], {'training': False}),
    ('nn.functional.multi_head_attention_forward', HEADS, {'key_padding_mask': torch.tensor([[False, True, False]])}),
    ('nn.functional.multi_head_attention_forward', HEADS, {'need_weights': False}),
    ('nn.functional.multi_head_attention_forward', HEADS,
     {'attn_mask': torch.tensor([[False, True, True], [False, False, True], [False, False, False]])}),
    ('nn.functional.multi_head_attention_forward', [*HEADS[:5], None, *HEADS[6:]], APART),
    ('nn.functional.multi_head_attention_forward', HEADS, {'static_k': STATIC}),
    ('nn.functional.multi_head_attention_forward', HEADS, {'static_v': STATIC}),
    ('nn.functional.multi_head_attention_forward', HEADS, {'average_attn_weights': False}),
    ('nn.functional.multi_head_attention_forward', HEADS, {'is_causal': True}),
    # ---- convolution, pooling, images
    ('nn.functional.conv_transpose3d', [X(1, 2, 2, 2, 2), X(2, 1, 2, 1, 2)], {}),
    ('nn.functional.conv_transpose3d', [X(1, 2, 2, 2, 2), X(2, 1, 2, 1, 2)], {'bias': X(1), 'stride': 2}),
    ('nn.functional.conv_transpose3d', [X(1, 2, 2, 2, 2), X(2, 1, 2, 1, 2)], {'padding': (1, 0, 0)}),
    ('nn.functional.conv_transpose3d', [X(1, 2, 2, 2, 2), X(2, 1, 2, 1, 2)], {'stride': 2, 'output_padding': (0, 1, 0)}),
    ('nn.functional.conv_transpose3d', [X(1, 2, 2, 2, 2), X(2, 1, 2, 1, 2)], {'groups': 2}),
    ('nn.functional.conv_transpose3d', [X(1, 2, 2, 2, 2), X(2, 1, 2, 1, 2)], {'dilation': (2, 1, 1)}),
    ('nn.functional.max_pool1d', [X(1, 2, 6), 4], {'ceil_mode': True}),
    ('nn.functional.avg_pool2d', [X(1, 1, 3, 3), 2], {'padding': 1, 'count_include_pad': False}),
    ('nn.functional.avg_pool3d', [X(1, 1, 2, 3, 3), 2], {'padding': 1, 'count_include_pad': False}),
    ('nn.functional.adaptive_avg_pool3d', [X(1, 2, 3, 4, 2), [2, 3, 1]], {}),
    ('nn.functional.adaptive_avg_pool3d', [X(2, 3, 4, 2), 2], {}),
    ('nn.functional.adaptive_max_pool3d', [X(1, 2, 3, 4, 2), [2, 3, 1]], {}),
    ('nn.functional.adaptive_max_pool3d', [X(2, 3, 4, 2), 2], {'return_indices': True}),
    ('nn.functional.max_unpool1d', [X(1, 1, 3), ints(1, 3, 6).reshape(1, 1, 3), 3], {'stride': 2}),
    ('nn.functional.max_unpool1d', [X(1, 1, 3), ints(0, 1, 3).reshape(1, 1, 3), 2], {'padding': 1}),
    ('nn.functional.max_unpool3d', [X(1, 1, 1, 2, 2), ints(0, 1, 2, 3).reshape(1, 1, 1, 2, 2), (1, 2, 2)], {'padding': (0, 1, 1)}),
    ('nn.functional.lp_pool1d', [X(1, 2, 5), 2.0, 2], {'ceil_mode': True}),
    ('nn.functional.lp_pool2d', [X(1, 1, 5, 3), 2.0, 2], {'ceil_mode': True}),
    ('nn.functional.fold', [X(1, 4, 4), [3, 3], [2, 2]], {}),
    ('nn.functional.fold', [X(1, 4, 2), [3, 4], [2, 2]], {'dilation': 2}),
    ('nn.functional.fold', [X(1, 4, 9), [2, 2], [2, 2]], {'padding': 1}),
    ('nn.functional.fold', [X(4, 4), [4, 4], [2, 2]], {'stride': 2}),
    ('nn.functional.interpolate', [IMAGE], {'size': [4, 5]}),
    ('nn.functional.interpolate', [IMAGE], {'scale_factor': 2.0}),
    ('nn.functional.interpolate', [IMAGE], {'scale_factor': 1.6, 'recompute_scale_factor': True, 'mode': 'bilinear'}),
    ('nn.functional.interpolate', [IMAGE], {'size': [4, 5], 'mode': 'bilinear', 'align_corners': True}),
    ('nn.functional.interpolate', [IMAGE], {'size': [2, 2], 'mode': 'area'}),
    ('nn.functional.interpolate', [IMAGE], {'size': [5, 5], 'mode': 'nearest-exact'}),
    ('nn.functional.interpolate', [X(1, 2, 4)], {'size': 6, 'mode': 'linear'}),
    ('nn.functional.interpolate', [IMAGE], {'size': [5, 6], 'mode': 'bicubic'}),
    ('nn.functional.interpolate', [IMAGE], {'size': [4, 5], 'scale_factor': 2.0}),
    # ---- normalisation and looking up
    ('nn.functional.instance_norm', [X(2, 2, 3)],
     {'running_mean': plain(2), 'running_var': plain(of=[1., 2.]), 'use_input_stats': False}),
    ('nn.functional.normalize', [X(of=[[1e-3, 2e-3], [1., 2.]])], {'eps': 0.5}),
    ('nn.functional.embedding', EMBEDDED, {'scale_grad_by_freq': True}),
    ('nn.functional.embedding', EMBEDDED, {'padding_idx': 1}),
    ('nn.functional.embedding', [EMBEDDED[0], plain(3, 2)], {'max_norm': 0.5}),
    ('nn.functional.embedding', [EMBEDDED[0], plain(3, 2)], {'max_norm': 0.5, 'norm_type': 1.0}),
    ('nn.functional.embedding_bag', BAGS, {'scale_grad_by_freq': True}),
    ('nn.functional.embedding_bag', BAGS, {'padding_idx': 1}),
    ('nn.functional.embedding_bag', BAGS, {'mode': 'sum', 'per_sample_weights': X(2, 2)}),
    ('nn.functional.embedding_bag', [ints(1, 0, 2, 1), X(3, 2), ints(0, 2, 4)], {'include_last_offset': True}),
    ('nn.functional.embedding_bag', [BAGS[0], plain(3, 2)], {'max_norm': 0.5}),
    ('nn.functional.embedding_bag', [BAGS[0], plain(3, 2)], {'max_norm': 0.5, 'norm_type': 1.0}),
    # ---- losses
    ('nn.functional.triplet_margin_loss', [X(2, 3), X(2, 3, start=4), X(2, 3, start=8)], {'p': 1.0}),
    ('nn.functional.triplet_margin_loss', [X(2, 3), X(2, 3, start=4), X(2, 3, start=8)], {'eps': 0.5, 'margin': 9.0}),
    ('nn.functional.triplet_margin_with_distance_loss', [X(2, 3), X(2, 3, start=4), X(2, 3, start=8)], {}),
    ('nn.functional.triplet_margin_with_distance_loss', [X(2, 3), X(2, 3, start=4), X(2, 3, start=8)], {'margin': 9.0}),
    ('nn.functional.triplet_margin_with_distance_loss', [X(2, 3), X(2, 3, start=4), X(2, 3, start=8)],
     {'margin': 9.0, 'swap': True}),
    ('nn.functional.triplet_margin_with_distance_loss', [X(2, 3), X(2, 3, start=4), X(2, 3, start=8)],
     {'margin': 9.0, 'reduction': 'none'}),
    ('nn.functional.mse_loss', [X(2, 3), plain(2, 3, start=4)], {'weight': plain(2, 3, start=2)}),
    ('nn.functional.l1_loss', [X(2, 3), plain(2, 3, start=4)], {'weight': plain(2, 3, start=2)}),
    ('nn.functional.huber_loss', [X(2, 3), plain(2, 3, start=4)], {'weight': plain(2, 3, start=2)}),
    ('nn.functional.multilabel_soft_margin_loss', [X(2, 3), plain(of=[[1., 0., 1.], [0., 0., 1.]])], {'reduction': 'sum'}),
    ('nn.functional.multilabel_soft_margin_loss', [X(2, 3), plain(of=[[1., 0., 1.], [0., 0., 1.]])], {'reduction': 'none'}),
    ('nn.functional.poisson_nll_loss', [positive(2, 3), plain(of=[[1., 0., 2.], [3., 1., 0.]])], {'log_input': False, 'eps': 0.5}),
    ('nn.functional.gaussian_nll_loss', [X(2, 3), plain(2, 3, start=4), positive(2, 3)], {'eps': 1.0}),
]

ANY = [
    ('argsort', [plain(of=[[1, 0, 1, 0], [0, 0, 1, 1]])], {'stable': True}),
    ('isin', [plain(2, 3), plain(3, start=2)], {'invert': True}),
    ('index_put_', [plain(4), [ints(1, 1, 0)], plain(3, start=2)], {'accumulate': True}),
    ('put_', [plain(2, 2), ints(1, 1, 0), plain(3, start=2)], {'accumulate': True}),
    ('scatter_', [plain(2, 3), 1, torch.tensor([[0, 2], [1, 1]]), plain(2, 2, start=2)], {'reduce': 'add'}),
    ('scatter_reduce_', [plain(2, 3), 1, torch.tensor([[0, 2], [1, 1]]), plain(2, 2, start=2), 'sum'], {'include_self': False}),
    ('index_add_', [plain(3, 2), 0, ints(2, 0), plain(2, 2, start=2)], {'alpha': 2}),
    ('index_reduce_', [plain(3, 2), 0, ints(2, 2), plain(2, 2, start=2), 'prod'], {'include_self': False}),
    ('concatenate', [[X(2, 3), X(2, 1, start=2)]], {'dim': 1}),
    ('concatenate', [[X(2, 3), X(1, 3, start=2)]], {}),
    ('clone', [plain(of=[[1, 2, 3], [4, 5, 6]], turned=True)], {'memory_format': 'contiguous_format'}),
    ('to', [X(2, 3)], {'dtype': torch.float32, 'copy': True}),
    ('to', [X(2, 3)], {'dtype': torch.int64, 'copy': True}),
    ('type', [X(2, 3)], {'dtype': torch.float64}),
    ('index', [X(3, 2), [None, ints(1, 0)]], {}),
    ('index', [X(3, 2), [ints(2, 0)]], {}),
    ('is_set_to', [plain(2, 3), plain(2, 3)], {}),
    ('is_complex', [plain(2, 3)], {}),
    ('isreal', [plain(2, 3)], {}),
    ('tolist', [plain(2, 3)], {}),
    ('tolist', [plain()], {}),
    ('half', [X(2, 3)], {}), ('bfloat16', [X(2, 3)], {}), ('short', [X(2, 3)], {}), ('char', [X(2, 3)], {}),
    ('byte', [plain(of=[[1, 2], [3, 0]])], {}),
    ('new_tensor', [plain(2), [1, 2]], {}),
    ('new_tensor', [plain(2), [1, 2]], {'dtype': torch.int16}),
    *[(name, [plain(2, 3)], {'dtype': torch.float64, **RG}) for name in ('zeros_like', 'ones_like')],
    ('full_like', [plain(2, 3), 2.0], {'dtype': torch.float64, **RG}),
    # What it holds is anybody's: of nothing all is known.
    ('empty_like', [plain(0, 3)], {'dtype': torch.float64, **RG}),
    *[(name, [plain(2), [2, 3]], {'dtype': torch.float64, **RG}) for name in ('new_zeros', 'new_ones')],
    ('new_empty', [plain(2), [0, 3]], {'dtype': torch.float64, **RG}),
    ('new_full', [plain(2), [2, 3], 2.0], {'dtype': torch.float64, **RG}),
    ('new_tensor', [plain(2), [1.0, 2.0]], {'dtype': torch.float64, **RG}),
    *[(name, [plain(0, 3)], {'dtype': torch.float64, **RG}) for name in ('rand_like', 'randn_like')],
]

# These take no tensor.
ONCE = [
    ('tensor', [[[1, 2], [3, 4]]], {'dtype': torch.float32, **RG}),
    ('as_tensor', [[1, 2]], {'dtype': torch.float64}),
    ('scalar_tensor', [2.5], {}),
    ('scalar_tensor', [2.5], {'dtype': torch.float64, **RG}),
    ('empty', [[0, 3]], {'dtype': torch.float64, **RG}),
    ('zeros', [[2, 3]], RG), ('ones', [[2, 3]], RG), ('full', [[2], 1.5], RG),
    ('arange', [0, 3], {'dtype': torch.float32, **RG}),
    ('linspace', [0, 1, 3], RG), ('logspace', [0, 1, 3], RG), ('eye', [2], RG),
    ('rand', [[0, 3]], {'dtype': torch.float64, **RG}), ('randn', [[0, 3]], {'dtype': torch.float64, **RG}),
    ('randint', [5, [0, 3]], {'dtype': torch.float64, **RG}),
    ('normal', [0.0, 1.0, [0, 3]], {'dtype': torch.float64, **RG}),
    ('randperm', [0], {'dtype': torch.float64, **RG}),
    ('randint_like', [torch.zeros(0, 3), 5], {'dtype': torch.float64, **RG}),
]


def made(v, dtype):
    if isinstance(v, X):
        return v.make(dtype)
    if isinstance(v, (list, tuple)):
        return [made(x, dtype) for x in v]
    if isinstance(v, dict):
        return {k: made(x, dtype) for k, x in v.items()}
    if isinstance(v, torch.Tensor):
        return v.clone().to(dtype if v.dtype == torch.float32 and v.dim() == 3 else v.dtype)
    return v


class Free(Call):
    """Called as it is written down: names with an underscore change their argument."""

    def run(self, args, opts):
        owner = torch
        path = self.name.split('.')
        for part in path[:-1]:
            owner = getattr(owner, part)
        # `index` is ATen's alone.
        f = getattr(owner, path[-1], torch.ops.aten.index if path == ['index'] else None)
        if 'memory_format' in opts:
            opts = {**opts, 'memory_format': getattr(torch, opts['memory_format'])}
        # torch.half and its like are dtypes.
        if callable(f) and not isinstance(f, torch.dtype):
            return f(*args, **opts)
        return getattr(args[0], path[-1])(*args[1:], **opts)


def main():
    operations = {}
    for rows, dtypes in ((FLOATING, ('float32', 'float64')), (ANY, ('float32', 'int64')), (ONCE, ('float32',))):
        for name, args, opts in rows:
            for dtype in dtypes:
                o = operations.setdefault(name, {'name': name, **flags(name), **({'method': False, 'free': True} if name == 'index' else {}), 'cases': [], 'errors': []})
                self_index = args.index(next(a for a in args if isinstance(a, X))) if o['method'] and rows is not ONCE else -1
                call = Free(name, made(args, DTYPES[dtype]), made(opts, DTYPES[dtype]), self_index)
                # Integers have no gradient to ask for.
                if dtype == 'int64' and opts.get('requires_grad') and opts.get('dtype') is None:
                    continue
                try:
                    case = record(call, dtype)
                except Exception:
                    call = Free(name, made(args, DTYPES[dtype]), made(opts, DTYPES[dtype]), self_index)
                    append_error(o['errors'], set(), call)
                    continue
                o['cases'].append(case)
    for o in operations.values():
        print(o['name'], len(o['cases']), [e['message'][:90] for e in o['errors']])
    print(save('ops/options.json.gz', list(operations.values())), 'bytes')


if __name__ == '__main__':
    main()
