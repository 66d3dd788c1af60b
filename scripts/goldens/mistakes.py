"""Records what PyTorch says to typical mistakes into test/goldens/ops/mistakes.json.gz."""
import torch
from oracle import save
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
    'to': [], 'searchsorted': [((f(2, 2), f(3, 2)), {})],
    'cross': [((f(2, 2), f(2, 2)), {}), ((f(3), f(2)), {})], 'trace': [((f(3),), {})], 'kron': [], 'tensordot': [((f(2, 3), f(2, 3)), {'dims': 1})],
})


def creation():
    like = f(2)
    return {
        'new_full': [((like, [-1], 1), {})], 'new_zeros': [((like, [-1]), {})],
    }


if __name__ == '__main__':
    MISTAKES.update(creation())
    operations = [operation(name, calls) for name, calls in MISTAKES.items() if calls]
    size = save('ops/mistakes.json.gz', operations)
    print('mistakes %d operations %d errors, %d allowed after all, %d bytes' % (
        len(operations), sum(len(o['errors']) for o in operations), sum(len(o['cases']) for o in operations), size))
