"""Records what PyTorch says to typical mistakes: of one operation into test/goldens/ops/mistakes.json.gz, of several
steps (training, optimizers, data, layers) into test/goldens/mistakes.json, whose steps test/mistakes.test.ts repeats."""
import json

import torch
from oracle import save, write
from special import operation


def f(*shape):
    return torch.arange(1, 1 + torch.Size(shape).numel(), dtype=torch.float32).reshape(shape)


def i(*values, dtype=torch.int64):
    return torch.tensor(values, dtype=dtype)


def b(*values):
    return torch.tensor(values, dtype=torch.bool)


S = slice
PAIRS = [(f(2, 3), f(2, 4)), (f(3), f(4)), (f(2, 3, 4), f(3, 3)), (f(2), f(0)), (f(4, 1, 2), f(4, 5, 3))]
DIMS = [((f(2, 3), 2), {}), ((f(2, 3), -3), {}), ((f(), 1), {}), ((f(), -2), {})]


def optional(calls):
    return [((a[0],), {'dim': a[1], **o}) for a, o in calls]


MISTAKES = {name: [(pair, {}) for pair in PAIRS] for name in
            ('add sub mul div pow maximum minimum eq lt atan2 fmod remainder logical_and copysign hypot').split()}
MISTAKES.update({
    'add_': [((f(2, 3), f(3, 2)), {}), ((f(3), f(2, 3)), {}), ((f(2, 1), f(2, 3)), {}), ((i(1, 2), f(2)), {}), ((i(1, 2), 1.5), {}),
             ((b(True), i(1)), {}), ((f(3).requires_grad_(), f(3)), {}), ((f(1).expand(3), f(3)), {})],
    'mul_': [((i(1, 2), 0.5), {}), ((f(3), f(2, 3)), {})],
    'div_': [((i(4, 2), 2), {}), ((i(4, 2), i(1, 2)), {})],
    'copy_': [((f(2, 3), f(4)), {}), ((f(2), f(2, 2)), {}), ((f(3).requires_grad_(), f(3)), {})],
    'fill_': [((f(3), f(2)), {})],
    'zero_': [((f(3).requires_grad_(),), {})],
    'mm': [((f(2, 3), f(2, 3)), {}), ((f(2), f(2, 2)), {}), ((f(2, 2), f(2)), {}), ((f(2, 2), i(1, 2, 3, 4).reshape(2, 2)), {}),
           ((f(1, 2, 2), f(2, 2)), {})],
    'matmul': [((f(2, 3), f(4, 5)), {}), ((f(3), f(4)), {}), ((f(2, 3), f(2)), {}), ((f(), f(3)), {}), ((f(2), f(3, 2)), {}),
               ((f(2, 3, 4), f(3, 4, 5)), {}), ((f(2, 3, 4), f(2, 5, 4)), {}), ((f(2, 2), i(1, 2)), {}), ((b(True, False), b(True, True)), {}),
               ((f(2, 2, 2).double(), f(2, 2)), {})],
    'bmm': [((f(2, 3), f(3, 2)), {}), ((f(2, 2, 3), f(3, 3, 2)), {}), ((f(2, 2, 3), f(2, 4, 2)), {})],
    'mv': [((f(2, 3), f(2)), {}), ((f(2), f(2)), {})],
    'dot': [((f(2), f(3)), {}), ((f(2, 2), f(2, 2)), {}), ((f(2), i(1, 2)), {})],
    'outer': [((f(2, 2), f(2)), {}), ((f(2), f(2, 2)), {})],
    'addmm': [((f(2), f(2, 3), f(2, 3)), {}), ((f(5), f(2, 3), f(3, 2)), {}), ((f(2), f(2), f(3, 2)), {}),
              ((f(2), f(2, 3).double(), f(3, 2)), {})],
    'addmv': [((f(2), f(2, 3), f(2)), {}), ((f(4), f(2, 3), f(3)), {})],
    'baddbmm': [((f(2), f(2, 2, 3), f(3, 3, 2)), {}), ((f(2), f(2, 3), f(2, 3)), {})],
    'nn.functional.linear': [((f(2, 3), f(4, 5)), {}), ((f(2, 3), f(4, 3), ), {'bias': f(3)}), ((f(3), f(4, 5)), {}), ((f(2, 2, 3), f(4, 2)), {}),
                             ((i(1, 2, 3), f(4, 3)), {}), ((f(2, 3), f(4, 3).double()), {}), ((f(2, 3), f(2, 4, 3)), {})],
    'reshape': [((f(2, 3), [4, 2]), {}), ((f(2, 3), [-1, -1]), {}), ((f(2, 3), [-1, 4]), {}), ((f(2, 3), [-2, 3]), {}), ((f(0, 3), [-1, 0]), {}),
                ((f(2, 3), []), {})],
    'view': [((f(2, 3), [4, 2]), {}), ((f(2, 3).t(), [6]), {}), ((f(2, 3), [-1, -1]), {}), ((f(2, 3), [5, -1]), {})],
    'permute': [((f(2, 3), [0]), {}), ((f(2, 3), [0, 0]), {}), ((f(2, 3), [0, 2]), {}), ((f(2, 3), [0, 1, 2]), {})],
    'transpose': [((f(2, 3), 0, 2), {}), ((f(2, 3), -3, 0), {}), ((f(), 0, 1), {})],
    't': [((f(2, 3, 4),), {})],
    'squeeze': optional(DIMS), 'unsqueeze': [((f(2, 3), 3), {}), ((f(2, 3), -4), {})],
    'expand': [((f(2, 3), [3, 3]), {}), ((f(2, 3), [3]), {}), ((f(3), [-1, 3]), {}), ((f(3), [2, -2]), {}), ((f(2, 3), [2, 4]), {})],
    'broadcast_to': [((f(2, 3), [3, 3]), {}), ((f(2, 3), [3]), {})],
    'repeat': [((f(2, 3), [2]), {}), ((f(2, 3), [2, -1]), {})],
    'cat': [(([f(2, 3), f(2, 4)],), {}), (([f(2, 3), f(3)],), {}), (([],), {}), (([f(2, 3)],), {'dim': 2}), (([f(), f()],), {}),
            (([f(2, 3), f(3, 3)],), {'dim': 1}), (([f(2, 3), f(2, 3)],), {'dim': -3})],
    'stack': [(([f(2, 3), f(2, 4)],), {}), (([],), {}), (([f(2)],), {'dim': 2})],
    'split': [((f(4), 0), {}), ((f(4), -1), {}), ((f(4), [1, 2]), {}), ((f(4), [5, -1]), {}), ((f(4), 2), {'dim': 1}), ((f(), 1), {})],
    'chunk': [((f(4), 0), {}), ((f(4), 2), {'dim': 1}), ((f(), 1), {})],
    'unbind': optional(DIMS) + [((f(),), {})],
    'narrow': [((f(4), 0, 3, 2), {}), ((f(4), 0, -5, 1), {}), ((f(4), 0, 5, 0), {}), ((f(4), 1, 0, 1), {}), ((f(4), 0, 0, -1), {}), ((f(), 0, 0, 1), {})],
    'select': [((f(4), 0, 4), {}), ((f(4), 0, -5), {}), ((f(4), 1, 0), {}), ((f(), 0, 0), {})],
    'flatten': [((f(2, 3),), {'start_dim': 1, 'end_dim': 0}), ((f(2, 3),), {'start_dim': 2})],
    'unflatten': [((f(2, 6), 1, [4, 2]), {}), ((f(2, 6), 1, [-1, -1]), {}), ((f(2, 6), 2, [2]), {}), ((f(2, 6), 1, []), {})],
    'movedim': [((f(2, 3), [0, 1], [0]), {}), ((f(2, 3), [0, 0], [0, 1]), {}), ((f(2, 3), 2, 0), {})],
    'flip': [((f(2, 3), [0, 0]), {}), ((f(2, 3), [2]), {})],
    'roll': [((f(2, 3), [1, 2]), {'dims': [0]}), ((f(2, 3), 1), {'dims': 2}), ((f(2, 3), [1, 2]), {})],
    'diagonal': [((f(3),), {}), ((f(2, 2),), {'dim1': 0, 'dim2': 0}), ((f(2, 2),), {'dim1': 3})],
    'diag': [((f(2, 2, 2),), {}), ((f(),), {})],
    'tril': [((f(3),), {})], 'triu': [((f(),), {})],
    'as_strided': [((f(4), [2, 2], [1]), {}), ((f(4), [3, 3], [3, 1]), {}), ((f(4), [2], [-1]), {}), ((f(4), [-2], [1]), {})],
    'unfold': [((f(4), 0, 5, 1), {}), ((f(4), 0, 2, 0), {}), ((f(4), 1, 2, 1), {}), ((f(4), 0, -1, 1), {})],
    'repeat_interleave': [((f(3), i(1, 2)), {'dim': 0}), ((f(3), -1), {}), ((f(3), f(3)), {})],
    'mean': [((i(1, 2, 3),), {}), ((b(True),), {}), ((i(1, 2),), {'dim': 0}), ((f(2),), {'dtype': torch.int64})] + optional(DIMS),
    'sum': optional(DIMS) + [((f(2, 3),), {'dim': [0, 0]}), ((f(2, 3),), {'dim': [0, 2]}), ((f(2, 3),), {'dim': [1, -1]})],
    'prod': optional(DIMS), 'var': optional(DIMS) + [((i(1, 2),), {})], 'std': optional(DIMS) + [((i(1, 2),), {})],
    'amax': optional(DIMS) + [((f(0, 3),), {}), ((f(0, 3),), {'dim': 0})], 'amin': [((f(0),), {})],
    'max': DIMS + [((f(0),), {}), ((f(0, 3), 0), {}), ((f(2, 3), f(2, 4)), {})], 'min': DIMS + [((f(0),), {}), ((f(0, 3), 0), {})],
    'argmax': optional(DIMS) + [((f(0),), {}), ((f(0, 3),), {'dim': 0}), ((b(True),), {})], 'argmin': [((f(0),), {}), ((f(2, 0),), {'dim': 1})],
    'any': optional(DIMS), 'all': optional(DIMS), 'logsumexp': DIMS, 'softmax': DIMS + [((i(1, 2), 0), {})], 'log_softmax': DIMS + [((i(1, 2), 0), {})],
    'cumsum': DIMS, 'cumprod': DIMS, 'median': optional(DIMS), 'norm': [((i(1, 2),), {}), ((f(2),), {'dim': 1})],
    'sort': optional(DIMS), 'argsort': optional(DIMS), 'topk': [((f(3), 4), {}), ((f(3), -1), {}), ((f(3), 1), {'dim': 1}), ((f(), 2), {})],
    'kthvalue': [((f(3), 4), {}), ((f(3), 0), {})],
    '__getitem__': [((f(4, 3), (4,)), {}), ((f(4, 3), (-5,)), {}), ((f(4, 3), (0, 3)), {}), ((f(4, 3), (0, 0, 0)), {}), ((f(), (0,)), {}),
                    ((f(4, 3), (Ellipsis, Ellipsis)), {}), ((f(4, 3), (S(None, None, -1),)), {}), ((f(4, 3), (S(0, 2, 0),)), {}),
                    ((f(4, 3), (i(0, 4),)), {}), ((f(4, 3), (i(-5),)), {}), ((f(4, 3), (i(0, 1), i(0, 1, 2))), {}), ((f(4, 3), (f(2),)), {}),
                    ((f(4, 3), (b(True, False),)), {}), ((f(4, 3), (S(None), b(True, False, True, True))), {}), ((f(4, 3), (S(0, 1), i(7))), {})],
    '__setitem__': [((f(4, 3), (4,), 1), {}), ((f(4, 3), (0,), f(2)), {}), ((f(4, 3), (S(0, 2),), f(3, 3)), {}), ((f(4, 3), (i(0, 4),), 1), {}),
                    ((f(4, 3), (b(True, False),), 1), {}), ((f(4, 3), (b(True, False, True, True),), f(2, 3)), {}), ((f(4, 3), (i(0, 1),), f(3)[:2]), {}),
                    ((f(), (0,), 1), {})],
    'index_select': [((f(3), 0, i(3)), {}), ((f(3), 0, i(-1)), {}), ((f(3), 1, i(0)), {}), ((f(3), 0, f(1)), {}), ((f(3, 2), 0, i(0, 1).reshape(1, 2)), {})],
    'gather': [((f(2, 3), 1, i(0)), {}), ((f(2, 3), 1, i(3).reshape(1, 1)), {}), ((f(2, 3), 2, i(0).reshape(1, 1)), {}), ((f(2, 3), 1, f(1, 1)), {}),
               ((f(2, 3), 0, i(0, 0, 0, 0).reshape(1, 4)), {}), ((f(2, 3), 1, i(-1).reshape(1, 1)), {})],
    'scatter': [((f(2, 3), 1, i(3).reshape(1, 1), f(1, 1)), {}), ((f(2, 3), 1, i(0), f(1)), {}), ((f(2, 3), 1, i(0, 1).reshape(1, 2), f(1, 1)), {}),
                ((f(2, 3), 1, i(0).reshape(1, 1), f(1, 1).double()), {}), ((f(2, 3), 2, i(0).reshape(1, 1), f(1, 1)), {}),
                ((f(2, 3), 1, i(0).reshape(1, 1), f(1, 1)), {'reduce': 'mean'})],
    'scatter_add': [((f(2, 3), 1, i(3).reshape(1, 1), f(1, 1)), {}), ((f(2, 3), 1, i(0).reshape(1, 1), f(1, 1).double()), {})],
    'index_add': [((f(3), 0, i(3), f(1)), {}), ((f(3), 0, i(0, 1), f(3)), {}), ((f(3), 0, f(1), f(1)), {}), ((f(3), 1, i(0), f(1)), {}),
                  ((f(3), 0, i(0), f(1).double()), {})],
    'index_fill': [((f(3), 0, i(3), 1), {}), ((f(3), 1, i(0), 1), {}), ((f(3), 0, f(1), 1), {})],
    'index_copy': [((f(3), 0, i(3), f(1)), {}), ((f(3), 0, i(0, 1), f(3)), {}), ((f(3), 0, i(0), f(1).double()), {})],
    'masked_fill': [((f(3), i(1, 0, 1), 1), {}), ((f(3), b(True, False), 1), {}), ((f(3), b(True, False, True), f(2)), {}), ((i(1, 2), b(True, False), 1.5), {})],
    'masked_select': [((f(3), b(True, False)), {}), ((f(3), i(1, 0, 1)), {})],
    'masked_scatter': [((f(3), b(True, True, True), f(2)), {}), ((f(3), b(True, True, True), i(1, 2, 3)), {})],
    'take': [((f(3), i(3)), {}), ((f(3), i(-4)), {}), ((f(3), f(1)), {}), ((f(0), i(0)), {})],
    'put': [((f(3), i(3), f(1)), {}), ((f(3), i(0, 1), f(1)), {})],
    'where': [((b(True, False), f(3), f(3)), {}), ((f(2), f(2), f(2)), {}), ((b(True, False, True), f(3), f(2)), {})],
    'clamp': [((f(3),), {}), ((f(3),), {'min': f(2)})],
    'lerp': [((f(3), f(3).double(), 0.5), {}), ((f(3), f(3), f(2)), {})],
    'addcmul': [((f(3), f(2), f(3)), {})], 'addcdiv': [((i(1, 2), i(1, 2), i(1, 2)), {})],
    'neg': [((b(True),), {})], 'bitwise_not': [((f(1),), {})], 'bitwise_and': [((f(2), f(2)), {}), ((i(1), 1.5), {})], 'sub': [((b(True), b(True)), {}), ((b(True), f(1)), {})] + [(p, {}) for p in PAIRS],
    'floor_divide': [((i(1), i(0)), {}), ((i(1), 0), {})], 'remainder': [((i(1), i(0)), {})] + [(p, {}) for p in PAIRS],
    'div': [((f(2), f(2)), {'rounding_mode': 'ceil'})] + [(p, {}) for p in PAIRS], 'pow': [((i(2), -1), {}), ((i(2, 3), i(-1, 2)), {})] + [(p, {}) for p in PAIRS],
    'item': [((f(2),), {}), ((f(0),), {})],
    'nn.functional.conv2d': [((f(1, 3, 4, 4), f(2, 4, 3, 3)), {}), ((f(1, 3, 2, 2), f(2, 3, 3, 3)), {}), ((f(3, 4), f(2, 3, 3, 3)), {}),
                             ((f(1, 3, 4, 4), f(2, 3, 3, 3)), {'stride': 0}), ((f(1, 3, 4, 4), f(2, 3, 3, 3)), {'groups': 2}),
                             ((f(1, 3, 4, 4), f(2, 3, 3, 3)), {'bias': f(3)}), ((f(1, 3, 4, 4), f(2, 3, 3, 3)), {'padding': -1}),
                             ((f(1, 3, 4, 4), f(2, 3, 3, 3)), {'padding': 'full'}), ((f(1, 3, 4, 4), f(2, 3, 3, 3)), {'padding': 'same', 'stride': 2}),
                             ((f(1, 3, 4, 4), f(2, 3, 3, 3).double()), {}), ((f(1, 3, 4, 4), f(2, 3, 3)), {}), ((f(1, 3, 4, 4), f(2, 3, 3, 3)), {'dilation': 0}),
                             ((f(1, 3, 4, 4), f(2, 3, 3, 3)), {'groups': 0}), ((f(1, 4, 4, 4), f(3, 2, 3, 3)), {'groups': 2})],
    'nn.functional.conv1d': [((f(1, 3, 4), f(2, 4, 3)), {}), ((f(1, 3, 2), f(2, 3, 3)), {}), ((f(3), f(2, 3, 3)), {})],
    'nn.functional.max_pool2d': [((f(1, 1, 4, 4), 5), {}), ((f(4, 4), 2), {}), ((f(1, 1, 4, 4), 2), {'padding': 2}), ((f(1, 1, 4, 4), 0), {}),
                                 ((f(1, 1, 4, 4), 2), {'stride': 0}), ((f(1, 1, 4, 4), [1, 2, 3]), {}), ((f(1, 1, 4, 4), 2), {'dilation': 0})],
    'nn.functional.avg_pool2d': [((f(1, 1, 4, 4), 5), {}), ((f(4, 4), 2), {}), ((f(1, 1, 4, 4), 2), {'padding': 2}), ((f(1, 1, 4, 4), 2), {'divisor_override': 0})],
    'nn.functional.adaptive_avg_pool2d': [((f(4, 4), 2), {}), ((f(1, 1, 4, 4), [2, 2, 2]), {}), ((f(1, 1, 4, 4), [-1, 2]), {})],
    'nn.functional.batch_norm': [((f(2, 3), f(2), f(3)), {}), ((f(1, 3), f(3), f(3)), {'training': True}), ((f(2, 3), None, None), {}),
                                 ((f(2, 3), f(3), f(3)), {'weight': f(2)}), ((f(2, 3), f(3), f(3)), {'bias': f(4)}), ((f(3), f(3), f(3)), {'training': True})],
    'nn.functional.layer_norm': [((f(2, 3), [2]), {}), ((f(2, 3), [3]), {'weight': f(2)}), ((f(2, 3), []), {}), ((f(2, 3), [1, 2, 3]), {}), ((f(2, 3), [3]), {'bias': f(2)})],
    'nn.functional.group_norm': [((f(2, 3), 2), {}), ((f(2, 4), 2), {'weight': f(3)})],
    'nn.functional.embedding': [((i(0, 5), f(5, 2)), {}), ((i(-1), f(5, 2)), {}), ((f(2), f(5, 2)), {}), ((i(0), f(5)), {}), ((i(0), f(5, 2)), {'padding_idx': 5})],
    'nn.functional.one_hot': [((i(0, 3),), {'num_classes': 3}), ((i(-1, 2),), {}), ((f(2),), {}), ((i(0),), {'num_classes': 0})],
    'nn.functional.dropout': [((f(3),), {'p': 1.5}), ((f(3),), {'p': -0.5})],
    'nn.functional.pad': [((f(2, 3), [1]), {}), ((f(2, 3), [1, 1, 1, 1, 1, 1]), {}), ((f(2, 3), [-4, 0]), {}), ((f(1, 2, 3), [3, 0]), {'mode': 'reflect'}),
                          ((f(2, 3), [1, 1]), {'mode': 'mirror'}), ((f(1, 2, 3), [4, 0]), {'mode': 'circular'}), ((f(3), [1, 1]), {'mode': 'reflect'})],
    'nn.functional.cross_entropy': [((f(2, 3), i(0, 3)), {}), ((f(2, 3), i(0)), {}), ((f(2, 3), f(2)), {}), ((f(2, 3), i(0, 1)), {'reduction': 'avg'}),
                                    ((f(2, 3), i(0, 1)), {'weight': f(2)}), ((f(2, 3), i(0, 1)), {'label_smoothing': 2.0}), ((f(2, 3), i(0, -1)), {}),
                                    ((f(2, 3), i(0, 1, dtype=torch.int32)), {}), ((f(2, 3, 2), i(0, 1)), {}), ((f(), i(0)), {})],
    'nn.functional.nll_loss': [((f(2, 3), i(0, 3)), {}), ((f(2, 3), i(0)), {}), ((f(2, 3), i(0, 1)), {'weight': f(2)}), ((f(2, 3), f(2)), {}),
                               ((f(2, 3), i(0, 1)), {'reduction': 'avg'})],
    'nn.functional.mse_loss': [((f(2, 3), f(2, 2)), {}), ((f(2), f(2)), {'reduction': 'avg'})],
    'nn.functional.l1_loss': [((f(2, 3), f(2, 2)), {}), ((f(2), f(2)), {'reduction': 'avg'})],
    'nn.functional.smooth_l1_loss': [((f(2), f(2)), {'beta': -1.0}), ((f(2), f(2)), {'reduction': 'avg'})],
    'nn.functional.huber_loss': [((f(2), f(2)), {'delta': 0.0}), ((f(2), f(2)), {'reduction': 'avg'})],
    'nn.functional.binary_cross_entropy': [((f(2) * 2, f(2) / 4), {}), ((f(2) / 4, f(3) / 4), {}), ((f(2) / 4, i(0, 1)), {})],
    'nn.functional.binary_cross_entropy_with_logits': [((f(2), f(3)), {}), ((f(2, 2), f(2)), {})],
    'nn.functional.kl_div': [((f(2), f(2)), {'reduction': 'avg'})],
    'nn.functional.glu': [((f(3),), {}), ((f(),), {})], 'nn.functional.prelu': [((f(2, 3), f(2)), {}), ((f(2, 3), f(1, 3)), {})],
    'nn.functional.cosine_similarity': [((f(2, 3), f(2, 4)), {}), ((f(3), f(3)), {'dim': 1})],
    'nn.functional.softplus': [((i(1, 2),), {})], 'nn.functional.gelu': [((f(2),), {'approximate': 'erf'}), ((i(1),), {})],
    'nn.functional.relu': [((b(True),), {})], 'nn.functional.silu': [((i(1),), {})], 'nn.functional.hardtanh': [((f(2),), {'min_val': 2.0, 'max_val': 1.0})],
    'nn.functional.pixel_shuffle': [((f(1, 3, 2, 2), 2), {}), ((f(2, 2), 2), {})],
    'nn.functional.interpolate': [((f(3),), {'size': 4}), ((f(),), {'scale_factor': 2.0}), ((f(2, 3),), {'size': 4}), ((f(1, 2, 3),), {})],
    'to': [], 'searchsorted': [((f(2, 2), f(3, 2)), {})],
    'cross': [((f(2, 2), f(2, 2)), {}), ((f(3), f(2)), {})], 'trace': [((f(3),), {})], 'kron': [], 'tensordot': [((f(2, 3), f(2, 3)), {'dims': 1})],
})


def d(*shape):
    return f(*shape).double()


def long(*shape):
    return torch.zeros(shape, dtype=torch.int64)


# What random wrong calls brought up: which of several faults is named first, and PyTorch's several words for one fault.
MORE = {
    'bmm': [((d(2, 2, 3), f(2, 3, 2)), {}), ((f(2, 2, 3), d(2, 3, 2)), {}), ((f(2, 9, 9), d(2, 9, 9)), {}), ((d(2, 9, 9), f(2, 9, 9)), {}),
            ((f(2, 9, 9), long(2, 9, 9)), {}), ((f(2, 9, 9).half(), f(2, 9, 9).bfloat16()), {}), ((f(2, 2), f(2, 2, 2)), {}), ((f(2, 2, 2), f(2)), {})],
    'matmul': [((f(2, 2, 2), d(2, 2, 2)), {}), ((d(9), f(2, 9, 9)), {}), ((f(4, 1, 9, 9).double(), f(2, 9, 9)), {}), ((f(2, 2), f(5, 3, 4)), {}),
               ((f(2), f(5, 3, 4)), {}), ((f(1, 2, 2), f(5, 3, 4)), {}), ((f(3, 4), f(3)), {}), ((f(2, 1, 3, 4), f(3, 3, 4, 2)), {})],
    'mv': [((f(), f(2)), {}), ((f(2, 3), d(3)), {}), ((f(2, 2, 2), f(2)), {}), ((f(2, 3), f(3, 1)), {}), ((f(3, 4), d(3)), {})],
    'addmv': [((f(3, 3), f(3, 4), f(4)), {}), ((f(2), f(3, 4), f(4)), {}), ((f(3).double(), f(3, 4), f(4)), {}), ((f(2).double(), f(3, 4), f(5)), {}),
              ((f(), f(1, 2), f(3)), {}), ((f(3), f(3, 4), f(4, 1)), {})],
    'addr': [((f(3, 4), f(3), f(5)), {}), ((f(3, 4), f(3, 1), f(4)), {}), ((f(2, 3, 4), f(3), f(4)), {}), ((f(3, 4), f(), f(4)), {}), ((f(3, 4), f(3), f(1, 4)), {})],
    'addmm': [((d(2), f(2, 3), f(3, 2)), {}), ((f(2), f(2, 3), d(3, 2)), {}), ((f(2), f(2), d(3, 2)), {}), ((d(2), d(2, 3), f(3, 3)), {}), ((f(2, 3), f(2, 3), f(3, 2)), {})],
    'baddbmm': [((f(2, 2, 2), d(2, 2, 3), f(2, 3, 2)), {}), ((f(2, 2, 2), f(2, 2, 3), d(2, 3, 2)), {}), ((f(3), f(2, 2, 3), f(2, 3, 2)), {}), ((f(2), f(), f(3, 3, 2)), {}),
                ((f(2), f(2, 3), f()), {}), ((f(1, 2), f(2, 3), f(2, 3)), {}), ((f(2), f(2, 2, 3), f(2, 4, 2)), {}), ((f(2, 2, 2, 2), f(2, 2, 3), f(2, 3, 2)), {})],
    'addbmm': [((f(9, 9), f(2, 9, 9), f(3, 9, 9)), {}), ((f(9, 9), f(2, 9, 9), f(2, 8, 9)), {}), ((f(2, 1, 9), f(2, 9, 9), f(2, 9, 9)), {}), ((f(2), d(2, 3, 3), f(2, 3, 2)), {}),
               ((f(2), f(2, 3, 3), d(2, 3, 2)), {}), ((f(5), f(2, 3, 3), f(2, 3, 2)), {})],
    'inner': [((f(3), d(3)), {}), ((f(2, 3), f(2, 4)), {})],
    'tensordot': [((f(2, 3), d(2, 3)), {}), ((f(2, 3), f(3, 3)), {'dims': 3}), ((f(2, 3), f(3, 3)), {'dims': -1}), ((f(), f(2, 1, 2)), {'dims': [[0], [2]]}),
                  ((f(2, 3), f(3, 3)), {'dims': [[0, 1], [0]]}), ((f(2, 3), f(4, 3)), {'dims': [[0], [0]]})],
    'nn.functional.linear': [((f(), f(4, 3)), {}), ((f(3), f()), {}), ((f(2, 3), f()), {}), ((f(5), f(3)), {}), ((f(2, 3), f(4, 3)), {'bias': d(4)}), ((f(2, 5), f(3)), {})],
    'nn.functional.bilinear': [((f(2, 3), f(2, 4), d(5, 3, 4)), {}), ((f(2, 3), f(2, 4), f(5, 3)), {}), ((f(2, 3), f(4), f(5, 3, 4)), {}), ((f(2, 3), f(2, 4), f(5, 3, 4)), {'bias': f(4)}),
                               ((f(2, 3), f(2, 4), f(5, 3, 4)), {'bias': f()}), ((f(2, 3), f(3, 4), f(5, 3, 4)), {}), ((f(2, 4), f(2, 4), f(5, 3, 4)), {})],
    'linalg.vecdot': [((f(3), f(4)), {}), ((f(2, 3), f(2, 4)), {}), ((f(2, 3), d(2, 3)), {'dim': 5}), ((f(2, 3), f(2, 3)), {'dim': 5}), ((long(2), long(2)), {})],
    'linalg.cross': [((f(3), d(3)), {}), ((f(2), f(2)), {}), ((f(2, 3), f(4, 3)), {}), ((f(2, 3), f(3)), {})],
    'cross': [((f(2, 3), f(2, 3)), {'dim': 5}), ((f(2, 3), f(4, 3)), {'dim': 1}), ((f(), f()), {'dim': -1})],
    'trapezoid': [((f(2, 4), f(3)), {}), ((f(2, 4), f(2, 3)), {}), ((b(True, False),), {}), ((f(2, 4),), {'dim': 7}), ((f(),), {})],
    'linalg.multi_dot': [(([f(3), d(3, 2)],), {}), (([f(3), f(4, 2)],), {}), (([f(3)],), {}), (([f(2, 2), f(2), f(2, 2)],), {})],
    'linalg.matrix_norm': [((f(2, 2),), {'dim': [0]}), ((f(2, 2),), {'dim': [0, 1, 1]}), ((f(2),), {}), ((f(2, 2),), {'dim': [0, 0]})],
    'rot90': [((f(3, 3, 3),), {'dims': [3, -1]}), ((f(3, 3),), {'dims': [0, 4]}), ((f(3, 3),), {'dims': [0, 0]}), ((f(3, 3),), {'dims': [0]}), ((f(3),), {})],
    'unflatten': [((f(8), 0, [-3]), {}), ((f(8), 0, [-3, 2]), {}), ((f(), 0, [4, 2]), {}), ((f(4, 0), 1, [2, -1, 0]), {}), ((f(4, 6), 1, [5, -1]), {})],
    'expand': [((b(True, False).reshape(1, 2), [2]), {}), ((f(2, 3).bfloat16(), [3]), {}), ((f(2, 3).half(), [3]), {})],
    'split': [((f(4, 4), [1, 2]), {'dim': -1}), ((f(4, 4), 1), {'dim': 4})],
    'masked_fill': [((f(3), b(True, False), f(2)), {}), ((f(3), f(4), 1), {}), ((f(3), f(3), f(2)), {})],
    'masked_fill_': [((f(3), b(True, False), 1), {}), ((f(3), b(*[True] * 6).reshape(2, 3), 1), {}), ((f(3), f(4), 1), {}), ((f(3).requires_grad_(), b(True, True, True), 1), {})],
    'masked_scatter': [((f(3), b(True, False), f(2)), {})],
    'softmax': [((i(1, 2), 5), {}), ((b(True), -5), {})], 'log_softmax': [((i(1, 2), 5), {})],
    'cummax': [((f(), 3), {}), ((f(2), 3), {})], 'cummin': [((f(), -3), {})],
    'bitwise_and': [((f(2), f(3)), {})], 'bitwise_or': [((f(2), i(1, 2, 3)), {}), ((f(2), 1), {})], 'bitwise_left_shift': [((f(2), f(3)), {}), ((b(True), b(True)), {})],
    'gcd': [((f(2), f(3)), {}), ((f(2), f(2)), {})],
    'add_': [((i(1, 2), f(3)), {}), ((i(1, 2), f(2, 2)), {})], 'mul_': [((i(1, 2), f(3)), {})], 'div_': [((i(1, 2), f(3)), {})], 'pow_': [((i(1, 2), f(3)), {})],
    'index_copy': [((f(3), 0, i(1, dtype=torch.int32), d(1)), {}), ((f(3), 0, i(1), f(1, 1)), {}), ((f(3), 0, i(1, 2), f()), {}), ((f(2, 3), 0, i(0), f(1, 4)), {}),
                   ((f(2, 3), 1, i(0).reshape(1, 1), f(1, 4)), {}), ((f(2, 3, 4), 1, i(0, 1), f(2, 1, 4)), {}), ((f(2, 3, 4), 1, i(0, 1), f(3, 2, 5)), {}), ((f(2, 3), 0, i(5), f(1, 3)), {})],
    'index_add': [((f(2, 3), 1, i(0, 1), f(2)), {}), ((f(2, 3), 1, i(0, 1), f()), {}), ((f(2, 3), 0, i(0, 1), f(2)), {}), ((f(2), 0, i(5), f(1)), {})],
    'index_fill': [((f(3), 0, i(1).reshape(1, 1), 1.0), {})],
    'index_reduce': [((f(3), 0, i(1).reshape(1, 1), f(1), 'prod'), {}), ((f(3), 0, i(1), d(1), 'prod'), {}), ((f(3), 0, i(1), f(2), 'mean'), {})],
    'index_select': [((f(3, 2), 1, i(4)), {}), ((f(3, 2), 1, i(-1)), {}), ((f(3, 2, 2), 1, i(4)), {}), ((f(3, 2, 2), 2, i(4)), {})],
    'scatter': [((f(2, 3), 1, long(2, 1), f(1)), {'reduce': 'mean'}), ((f(2, 3), 1, f(2, 1), f(2, 1)), {})],
    'scatter_reduce': [((f(2, 3), 1, long(1, 2, 1), f(2, 1), 'mean'), {}), ((f(2, 3), 1, long(2, 1), d(2, 1), 'mean'), {}), ((f(2, 3), 1, f(2, 1), f(2, 1), 'sum'), {}),
                       ((f(2, 3), 1, long(2, 1) + 9, f(2, 1), 'sum'), {})],
    'put': [((f(3, 0), i(0), f(1)), {})],
    '__setitem__': [((f(4, 3), (i(0),), d(1, 3)), {}), ((f(4, 3), (0,), f(2, 3, 3)), {}), ((f(4, 3), (0, 0), f(2)), {}), ((f(4, 3), (i(0),), i(2)), {}), ((f(4, 3), (i(0),), f(1, 4)), {})],
    'searchsorted': [((f(3, 2), f(2, 2)), {}), ((f(3, 2), f()), {}), ((f(), f(2)), {}), ((f(3), f(2)), {'side': 'x'}), ((f(3), f(2)), {'side': 'left', 'right': True})],
    'nn.functional.mse_loss': [((f(2), f(3)), {'reduction': 'avg'})], 'nn.functional.l1_loss': [((f(2), f(3)), {'reduction': 'avg'})],
    'nn.functional.smooth_l1_loss': [((f(2), f(3)), {'beta': -1.0}), ((f(2), f(2)), {'beta': -1.0, 'reduction': 'avg'})],
    'nn.functional.huber_loss': [((f(2), f(3)), {'delta': 0.0})],
    'nn.functional.soft_margin_loss': [((f(2), f(2, 2)), {}), ((f(1), f(2)), {}), ((f(2), f(2)), {'reduction': 'avg'})],
    'nn.functional.embedding': [((b(True), f(5, 2)), {}), ((f(2).bfloat16(), f(5, 2)), {})],
}


def leaves(*shape):
    return (f(*shape) / 4).requires_grad_()


def half(*shape):
    return f(*shape).half()


def brain(*shape):
    return f(*shape).bfloat16()


# Odd calls, accepted or not: a number as the first operand, dims of empty tensors, and operands of mixed dtypes.
NUMBERS_FIRST = [((a, t), {}) for a in (2, -0.5, True) for t in (leaves(2, 2), i(1, 2, 3), half(2), f(2, 2).t(), b(True, False), f())]
ODD = {name: NUMBERS_FIRST for name in
       'add sub mul div true_divide floor_divide remainder pow float_power xlogy bitwise_and bitwise_or bitwise_left_shift'.split()}
ODD['sub'] = NUMBERS_FIRST + [((a, t), {'alpha': alpha}) for a in (2, 1.5) for t in (leaves(3), i(1, 2), b(True)) for alpha in (2, 0.5)]
ODD['div'] = NUMBERS_FIRST + [((a, t), {'rounding_mode': mode}) for a in (7, 7.5) for t in (leaves(3), i(1, 2)) for mode in ('floor', 'trunc')]
MIXED = [(f, d), (f, half), (half, brain), (half, f), (f, long), (long, f), (brain, f)]


def mixed(*shapes):
    # Values near 1: no dtype is left for the shapes.
    return [tuple(make(*s) / 8 if make is not long else make(*s) for make, s in zip(pair, shapes)) for pair in MIXED]


ODD.update({
    'floor_divide': NUMBERS_FIRST + [((leaves(3), 2), {}), ((f(3), leaves(3)), {})],
    'heaviside': [((leaves(3), f(3)), {})],
    'neg': [((b(True),), {})],
    'searchsorted': [((f(3), f(2)), {'sorter': s}) for s in (i(0, 1), i(0, 1, 2, dtype=torch.int32), i(0, 1, 2).reshape(1, 3), i(0, 1, 5), i(2, 1, 0), f(3))] + [
        ((f(2, 3), f(2, 2)), {'sorter': i(0, 1, 2)}), ((f(0), f(0)), {'sorter': i(0)})],
    'nanquantile': [((f(3), 2.0), {}), ((f(3), f(2, 2)), {}), ((f(0), 0.5), {}), ((f(3), d(2)), {})],
    'unique': [((f(),), {'dim': 0})], 'unique_consecutive': [((f(),), {'dim': -2})],
    'tensor_split': [((f(), 3), {}), ((f(), [1]), {'dim': 1})],
    'cat': [(([f(0), f(0)],), {'dim': 4}), (([f(0)],), {'dim': -5}), (([f(0), f(2, 3)],), {'dim': 1}), (([f(0), f(2, 3)],), {'dim': 2}), (([f(0, 3), f(0, 3)],), {'dim': 2})],
    'roll': [((f(0, 3), 1), {'dims': 5}), ((f(0, 3), [1, 2]), {'dims': [0, 7]}), ((f(0, 3), [1, 2]), {'dims': [0]}), ((f(), 1), {'dims': 2}), ((f(), 1), {'dims': 0})],
    'cummax': [((f(0, 3), 7), {})], 'cummin': [((f(0), -5), {})],
    'repeat': [((f(0), [-4]), {}), ((f(0), [2, -4]), {}), ((f(0, 3), [-2, 3]), {}), ((f(0), [-4, -2]), {}), ((f(0, 3), [2, -3]), {}), ((f(2), [-1, 0]), {}), ((f(2), [0, -1]), {})],
    'tile': [((f(0), [-4]), {})],
    'any': [((f(2, 3) - 3,), {'dim': []}), ((f(2, 3) - 3,), {'dim': [], 'keepdim': True}), ((i(0, 2, dtype=torch.uint8),), {'dim': []}), ((f(0, 3),), {'dim': []}), ((f(),), {'dim': []})],
    'all': [((f(2, 3) - 3,), {'dim': []}), ((i(0, 2),), {'dim': []})],
    'diff': [((f(3, 3),), {'dim': 1, 'prepend': f(2, 1)}), ((f(3, 3),), {'dim': 0, 'append': f(2, 2)}), ((f(3, 3),), {'n': 0, 'prepend': f(2, 2)}), ((f(3),), {'n': 0, 'dim': 5}),
             ((f(3),), {'n': -1, 'dim': 5}), ((f(3),), {'dim': 5}), ((f(3),), {'prepend': f(1, 1)})],
    'repeat_interleave': [((f(4), r), {'output_size': n}) for r in (i(1, 1, 2, 0), 2, i(2)) for n in (3, 4, 8, -1)] + [
        ((f(2, 4), i(1, 1, 2)), {'dim': -1}), ((f(), i(1, 2)), {'dim': 0}), ((f(), 2), {'dim': 0}), ((f(), 2), {'dim': -4}), ((f(), i(2)), {}), ((f(3), i(1, 2).reshape(1, 2)), {'dim': 2}),
        ((f(3), i(-1, 1, 2)), {}), ((f(3), -2), {'dim': 4}), ((leaves(4), i(2)), {}), ((leaves(2, 2), i(0, 2)), {'dim': 1})],
    'nn.functional.unfold': [((f(1, 1, 4, 4), [2]), {}), ((f(1, 1, 4, 4), 2), {'dilation': [1]}), ((f(1, 1, 4, 4), 2), {'padding': [1]}), ((f(1, 1, 4, 4), 2), {'stride': [1, 1, 1]}), ((f(1, 1, 4, 4), []), {})],
    'nn.functional.fold': [((f(1, 4, 9), [4], [2]), {}), ((f(1, 4, 9), 4, [2]), {}), ((f(1, 4, 9), [4, 4], 2), {'stride': [1]})],
    'nn.functional.batch_norm': [((f(2), f(0), f(0)), {'training': True}), ((f(2, 3), f(3), f(3)), {'eps': -0.5}), ((f(2, 3), f(3), f(3)), {'eps': -2.0}), ((f(2, 3), f(3), f(3)), {'eps': 0.0}), ((f(2, 3), f(3), f(3)), {'eps': 0.0, 'training': True}),
                                 ((half(2, 3), f(3), f(3)), {'weight': half(3)}), ((half(2, 3), f(3), f(3)), {}), ((half(2, 3), f(3), half(3)), {}), ((d(2, 3), f(3), f(3)), {}), ((f(2, 3), f(3), d(3)), {})],
    'nn.functional.instance_norm': [((a,), {'running_mean': m, 'running_var': v}) for a in (f(1, 2, 3), half(1, 2, 3)) for m in (f(2), d(2), half(2)) for v in (f(2), d(2), half(2))],
    'nn.functional.layer_norm': [((half(2, 3), [3]), {'weight': w, 'bias': c}) for w in (f(3), half(3)) for c in (f(3), half(3))] + [((long(2, 3), [3]), {'weight': f(3)}), ((d(2, 3), [3]), {'weight': f(3)})],
    'nn.functional.group_norm': [((long(2, 4), 2), {'weight': f(4)}), ((half(2, 4), 2), {'weight': f(4), 'bias': half(4)})],
    'nn.functional.cosine_similarity': [((f(2, 3), f(2, 3)), {'eps': -0.5}), ((f(2, 3), f(2, 3)), {'eps': 0.0})],
    'nn.functional.linear': [((x, w), {'bias': c}) for x, w in mixed((2, 3), (4, 3)) for c in (f(4), d(4), half(4))],
    'nn.functional.conv2d': [((x, w), {'bias': c}) for x, w in mixed((1, 2, 3, 3), (2, 2, 2, 2)) for c in (f(2), half(2))] + [
        ((brain(1, 2, 3, 3), brain(2, 2, 2, 2)), {'bias': f(2)}), ((f(1, 2, 3, 3).to(torch.int32), f(2, 2, 2, 2).to(torch.int32)), {}), ((f(1, 2, 3, 3), f(2, 2, 2)), {})],
    'nn.functional.conv_transpose2d': [((x, w), {'bias': c}) for x, w in mixed((1, 2, 3, 3), (2, 2, 2, 2)) for c in (f(2), half(2))] + [
        ((f(1, 2, 3, 3), f(2, 2, 2, 2)), {'bias': c}) for c in (d(2), i(1, 2))] + [((long(1, 2, 3, 3), long(2, 2, 2, 2)), {'bias': f(2)}), ((brain(1, 2, 3, 3), brain(2, 2, 2, 2)), {'bias': f(2)})],
    'einsum': [((eq, [x, y]), {}) for eq in ('ij,jk->ik', 'ij,jk->ijk') for x, y in mixed((2, 3), (3, 2))] + [(('ij,jk->k', [i(1, 2, dtype=torch.int32).reshape(2, 1), i(1, 2, dtype=torch.int32).reshape(1, 2)]), {})],
    'cdist': [(pair, {}) for pair in mixed((2, 3), (3, 3))],
    'nn.functional.hinge_embedding_loss': [((i(1, -1), f(2)), {'reduction': 'none'}), ((i(1, -1), f(2)), {}), ((half(2), brain(2)), {})],
    'nn.functional.soft_margin_loss': [((f(2), leaves(2)), {}), ((f(2) * 100 - 200, -f(2)), {'reduction': 'none'}), ((leaves(2), i(1, 1, dtype=torch.uint8)), {'reduction': 'none'})],
})
for name in 'mse_loss l1_loss smooth_l1_loss huber_loss soft_margin_loss binary_cross_entropy_with_logits'.split():
    ODD['nn.functional.' + name] = ODD.get('nn.functional.' + name, []) + [(pair, {'reduction': r}) for pair in mixed((2, 3), (2, 3)) for r in ('none', 'mean')] + [
        ((f(2, 1), f(2)), {'reduction': 'none'}), ((f(2), b(True, False)), {}), ((i(1, 2), f(2)), {})]


def creation():
    like = f(2)
    return {
        'new_full': [((like, [-1], 1), {})], 'new_zeros': [((like, [-1]), {})],
    }


# ---- several steps ------------------------------------------------------------------------------------------------------

def leaf(*shape):
    return f(*shape).clone().requires_grad_()


def twice(y):
    y.backward()
    y.backward()


def changed(make, change):
    x = leaf(3)
    y = make(x * 1)
    z = y[0].sum()
    with torch.no_grad():
        change(y[1])
    z.backward()


def steps():
    nn, optim, data = torch.nn, torch.optim, torch.utils.data
    p = lambda: [torch.nn.Parameter(torch.ones(2))]
    frozen = lambda x: (x.requires_grad_(False), x)[1]
    return {
        'backward of a vector': lambda: leaf(2).mul(2).backward(),
        'backward of a constant': lambda: f(2).sum().backward(),
        'backward twice': lambda: twice(leaf(2).exp().sum()),
        'backward with a gradient of another shape': lambda: leaf(2).mul(2).backward(f(3)),
        'backward of an integer': lambda: i(1).sum().backward(),
        'grad of an unused tensor': lambda: torch.autograd.grad(leaf(2).sum(), [leaf(2)]),
        'grad of a constant': lambda: torch.autograd.grad(leaf(2).sum(), [f(2)]),
        'requires_grad of integers': lambda: i(1, 2).requires_grad_(),
        'requires_grad off on a result': lambda: frozen(leaf(2).mul(2)),
        'a leaf in place': lambda: leaf(2).add_(1),
        'a view of a leaf in place': lambda: leaf(2)[:1].add_(1),
        'a leaf filled': lambda: leaf(2).fill_(1),
        'a leaf copied into': lambda: leaf(2).copy_(f(2)),
        'an entry of a leaf set': lambda: leaf(2).__setitem__(0, 1),
        'an expanded tensor in place': lambda: f(1).expand(3).add_(1),
        'an overlap in place': lambda: (lambda t: t[1:].add_(t[:-1]))(f(4)),
        'one of several views in place': lambda: leaf(4).mul(1).unbind()[0].add_(1),
        'a chunk in place': lambda: leaf(4).mul(1).chunk(2)[0].mul_(2),
        'a result of exp changed': lambda: changed(lambda x: (lambda y: (y, y))(x.exp()), lambda t: t.add_(1)),
        'a factor changed': lambda: changed(lambda x: (x * x, x), lambda t: t.add_(1)),
        'a result of sigmoid changed twice': lambda: changed(lambda x: (lambda y: (y, y))(x.sigmoid()), lambda t: t.add_(1).add_(1)),
        'item of several': lambda: f(3).item(),
        'item of none': lambda: f(0).item(),
        'a condition on several': lambda: bool(f(3)),
        'a floor division backward': lambda: leaf(3).floor_divide(2).sum().backward(),
        'a floor division in place backward': lambda: (leaf(3) * 1).floor_divide_(2).sum().backward(),
        'the remainder of a number backward': lambda: torch.remainder(7, leaf(3)).sum().backward(),
        'fmod of a leaf backward twice': lambda: twice(f(3).fmod(leaf(3)).sum()),
        'data of another shape, and a backward': lambda: (lambda x: ((x * 2).sum().backward(), setattr(x, 'data', f(4)), (x * 2).sum().backward()))(leaf(3)),
        'a module by a name': lambda: nn.Sequential(nn.ReLU())['a'],
        'modules from a name on': lambda: nn.Sequential(nn.ReLU())['a':],
        'modules from a fraction on': lambda: nn.ModuleList([nn.ReLU()])[0.5:],
        'data of another type': lambda: setattr(leaf(2), 'data', i(1, 2)),
        'a gradient of another shape': lambda: setattr(leaf(2), 'grad', f(3)),
        'a gradient of another dtype': lambda: setattr(leaf(2), 'grad', f(2).double()),
        'retain_grad of a constant': lambda: f(2).retain_grad(),
        'a hook on a constant': lambda: f(2).register_hook(lambda g: g),
        'a parameter of integers': lambda: nn.Parameter(i(1, 2)),
        'SGD of nothing': lambda: optim.SGD([], lr=0.1),
        'SGD of a result': lambda: optim.SGD([leaf(2).mul(2)], lr=0.1),
        'SGD of a constant twice': lambda: (lambda q: optim.SGD([q, q], lr=0.1) and optim.SGD([{'params': [q]}, {'params': [q]}], lr=0.1))(p()[0]),
        'SGD with a negative rate': lambda: optim.SGD(p(), lr=-1.0),
        'SGD with a negative momentum': lambda: optim.SGD(p(), lr=0.1, momentum=-0.5),
        'SGD with a negative decay': lambda: optim.SGD(p(), lr=0.1, weight_decay=-0.5),
        'SGD with nesterov alone': lambda: optim.SGD(p(), lr=0.1, nesterov=True),
        'SGD with nesterov and dampening': lambda: optim.SGD(p(), lr=0.1, nesterov=True, momentum=0.5, dampening=0.5),
        'Adam with a negative rate': lambda: optim.Adam(p(), lr=-0.5),
        'Adam with a first beta of 1': lambda: optim.Adam(p(), betas=(1.0, 0.9)),
        'Adam with a second beta of 2': lambda: optim.Adam(p(), betas=(0.9, 2.0)),
        'Adam with a negative eps': lambda: optim.Adam(p(), eps=-0.5),
        'Adam with a negative decay': lambda: optim.Adam(p(), weight_decay=-0.5),
        'AdamW with a first beta below 0': lambda: optim.AdamW(p(), betas=(-0.5, 0.9)),
        'a state of fewer groups': lambda: optim.SGD(p(), lr=0.1).load_state_dict(optim.SGD([{'params': p()}, {'params': p()}], lr=0.1).state_dict()),
        'a state of more parameters': lambda: optim.SGD(p(), lr=0.1).load_state_dict(optim.SGD(p() + p(), lr=0.1).state_dict()),
        'tensors of a data set that do not fit': lambda: data.TensorDataset(f(2), f(3)),
        'a loader of batches of 0': lambda: data.DataLoader(data.TensorDataset(f(2)), batch_size=0),
        'a loader of batches below 0': lambda: data.DataLoader(data.TensorDataset(f(2)), batch_size=-1),
        'a loader that shuffles a sampler': lambda: data.DataLoader(data.TensorDataset(f(2)), shuffle=True, sampler=data.SequentialSampler(f(2))),
        'a subset past the end': lambda: data.Subset(data.TensorDataset(f(2)), [5])[0],
        'a split of other lengths': lambda: data.random_split(data.TensorDataset(f(4)), [1, 2]),
        'samples that do not stack': lambda: next(iter(data.DataLoader([f(2), f(3)], batch_size=2))),
        'a linear layer of other features': lambda: nn.Linear(4, 2)(f(2, 3)),
        'a convolution of other channels': lambda: nn.Conv2d(3, 2, 3)(f(1, 4, 5, 5)),
        'a convolution of groups that do not divide': lambda: nn.Conv2d(3, 4, 3, groups=2),
        'a convolution of outputs that do not divide': lambda: nn.Conv2d(4, 3, 3, groups=2),
        'a batch norm of other features': lambda: nn.BatchNorm1d(4)(f(2, 3)),
        'a batch norm of one value': lambda: nn.BatchNorm1d(3)(f(1, 3)),
        'a batch norm of other dims': lambda: nn.BatchNorm2d(3)(f(2, 3)),
        'a layer norm of another shape': lambda: nn.LayerNorm(4)(f(2, 3)),
        'a group norm that does not divide': lambda: nn.GroupNorm(2, 3),
        'an embedding past its end': lambda: nn.Embedding(3, 2)(i(3)),
        'a padding index past the end': lambda: nn.Embedding(3, 2, padding_idx=3),
        'a dropout of 2': lambda: nn.Dropout(2.0),
        'a loss of other sizes': lambda: nn.CrossEntropyLoss()(f(2, 3), i(0)),
        'a loss of a class too many': lambda: nn.CrossEntropyLoss()(f(2, 3), i(0, 3)),
        'a loss of probabilities above 1': lambda: nn.BCELoss()(f(2), f(2)),
        'an lstm of other features': lambda: nn.LSTM(4, 2)(f(2, 3)),
    }


def outcomes():
    """What is no mistake after all, as PyTorch prints it."""
    def again(op):
        x = leaf(3)
        y = op(x).sum()
        y.backward()
        y.backward()
        return x.grad

    def replaced(value, *more):
        x = leaf(3)
        (x * 2).sum().backward()
        x.data = value
        for step in more:
            step(x)
        return x.grad

    layout = lambda x: str(list(x.stride()))
    return {
        'the layout of a number and a transposed tensor': lambda: layout(torch.add(torch.tensor(2.), f(4, 2).t())),
        'the layout of a row and a transposed tensor': lambda: layout(f(4) * f(4, 2).t()),
        'the layout of a column and a transposed tensor': lambda: layout(f(2, 1) - f(4, 2).t()),
        'the layout of a plane and permuted dims': lambda: layout(f(2, 2, 1) + f(4, 2, 2).permute(1, 2, 0)),
        'the layout of a choice': lambda: layout(torch.where(torch.tensor(True), f(4, 2).t(), f(4, 2).t())),
        'the layout of a power of a number': lambda: layout(torch.pow(2, f(4, 2).t())),
        'fmod of a number backward twice': lambda: again(lambda x: x.fmod(2)),
        'remainder of a number backward twice': lambda: again(lambda x: x.remainder(2)),
        'fmod of a constant backward twice': lambda: again(lambda x: x.fmod(f(3))),
        'fmod in place backward twice': lambda: again(lambda x: (x + 1).fmod_(2)),
        'floor division': lambda: leaf(3).floor_divide(2),
        'floor division of a number': lambda: torch.floor_divide(7, leaf(3)),
        'the name of a missing derivative': lambda: torch.remainder(7, leaf(3)).grad_fn.name(),
        'data of another dtype': lambda: replaced(f(3).double()),
        'data of another shape': lambda: replaced(f(4)),
        'data of another dtype, and back': lambda: replaced(f(3).double(), lambda x: setattr(x, 'data', f(3))),
        'data of another dtype, and a second backward': lambda: replaced(f(3).double(), lambda x: (x * 2).sum().backward()),
    }


def sentences():
    said = {}
    for name, run in steps().items():
        try:
            run()
        except Exception as e:
            said[name] = str(e)
    return said


if __name__ == '__main__':
    MISTAKES.update(creation())
    for name, calls in [*MORE.items(), *ODD.items()]:
        MISTAKES[name] = MISTAKES.get(name, []) + calls
    operations = [operation(name, calls) for name, calls in MISTAKES.items() if calls]
    size = save('ops/mistakes.json.gz', operations)
    print('mistakes %d operations %d errors, %d allowed after all, %d bytes' % (
        len(operations), sum(len(o['errors']) for o in operations), sum(len(o['cases']) for o in operations), size))

    said = sentences()
    write('mistakes.json', json.dumps(said, indent=1))
    print('%d of several steps' % len(said))
    printed = {name: str(run()) for name, run in outcomes().items()}
    write('outcomes.json', json.dumps(printed, indent=1))
    print('%d outcomes' % len(printed))
