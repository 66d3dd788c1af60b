"""Samples that OpInfo lacks, offers only too large, or that belong to an interface of Tenzo's own (`at`, `set`)."""
import math

import torch


def _tensor(dtype, *shape, start=0):
    """Small distinct values of either sign, exact in every dtype."""
    count = math.prod(shape)
    values = [((n * 7 + start) % 23) - 9 for n in range(count)]
    t = torch.tensor(values, dtype=torch.float64)
    if dtype.is_floating_point:
        return (t / 4).to(dtype).reshape(shape)
    if dtype == torch.uint8:
        return t.abs().to(dtype).reshape(shape)
    return (t > 0).reshape(shape) if dtype == torch.bool else t.to(dtype).reshape(shape)


# (name, signature) of what is recorded from EXTRA alone.
SIGNATURES = '''
__setitem__(input,index,value) swapaxes(input,axis0,axis1) swapdims(input,axis0,axis1) moveaxis(input,source,destination)
type_as(input,other) copy_(input,src) fill_(input,value) zero_(input) concat(tensors,dim=0) absolute(input) negative(input)
arctan2(input,other) divide(input,other,*,rounding_mode=None) multiply(input,other) subtract(input,other,*,alpha=1)
greater(input,other) less(input,other) greater_equal(input,other) less_equal(input,other) not_equal(input,other)
clip(input,min=None,max=None) fix(input) adjoint(input) numel(input) dim(input) element_size(input) is_floating_point(input)
is_contiguous(input) item(input) detach(input) float(input) double(input) long(input) int(input) bool(input)
to(input,dtype) masked_fill_(input,mask,value) nn.functional.softmax(input,dim=None,dtype=None)
nn.functional.log_softmax(input,dim=None,dtype=None) nn.functional.sigmoid(input) nn.functional.tanh(input)
nn.functional.lp_pool1d(input,norm_type,kernel_size,stride=None,ceil_mode=False)
nn.functional.lp_pool2d(input,norm_type,kernel_size,stride=None,ceil_mode=False)
nn.functional.lp_pool3d(input,norm_type,kernel_size,stride=None,ceil_mode=False)
fill_diagonal_(input,fill_value,wrap=False) is_same_size(input,other) is_nonzero(input) ndimension(input) is_signed(input)
'''


def extra(name, dtype, grad):
    """Yields (args, kwargs) for an operation and dtype."""
    def x(*shape, start=0):
        t = _tensor(dtype, *shape, start=start)
        return t.requires_grad_() if grad and dtype.is_floating_point else t

    def ints(*values):
        return torch.tensor(values)

    for args, kwargs in GENERATORS.get(name, lambda *_: ())(x, ints, dtype):
        # A list there would be an index tensor.
        yield tuple(tuple(a) if isinstance(a, list) and name.endswith('item__') else a for a in args), kwargs


def _kron(x, ints, dtype):
    yield (x(2, 3), x(3, 2, start=5)), {}
    yield (x(2), x(2, 2, start=5)), {}
    yield (x(2, 1, 2), x(3, 2, start=5)), {}


def _slice_scatter(x, ints, dtype):
    yield (x(5, 4), x(2, 4, start=3)), {'dim': 0, 'start': 1, 'end': 3}
    yield (x(5, 4), x(5, 2, start=3)), {'dim': 1, 'start': 0, 'end': 4, 'step': 2}
    yield (x(5, 4), x(2, 4, start=3)), {'start': -2}


def _set(x, ints, dtype):
    s = slice
    value = 1 if dtype == torch.bool else 3
    yield (x(4, 3), [0], value), {}
    yield (x(4, 3), [-1, 2], value), {}
    yield (x(4, 3), [s(1, 3)], x(3, start=2)), {}
    yield (x(4, 3), [s(None, None, 2), s(None, 2)], x(2, 1, start=2)), {}
    yield (x(4, 3), [Ellipsis, 1], x(4, start=2)), {}
    yield (x(4, 3), [s(None), None, 1], x(4, 1, start=2)), {}
    yield (x(4, 3), [ints(0, 2)], x(2, 3, start=2)), {}
    yield (x(4, 3), [ints(0, 2), ints(1, 1)], x(2, start=2)), {}
    yield (x(4, 3), [ints(3, -1 + 1)], value), {}
    yield (x(4, 3), [s(None), ints(2, 0)], x(4, 2, start=2)), {}
    yield (x(4, 3), [s(1, 4), ints(-1)], x(3, 1, start=2)), {}
    yield (x(4, 3), [torch.tensor([True, False, True, False])], x(2, 3, start=2)), {}
    yield (x(4, 3), [torch.tensor([[True, False, True]] * 4)], value), {}
    yield (x(2, 3, 4), [ints(0, 1), s(None), ints(3, 0)], x(2, 3, start=2)), {}
    yield (x(2, 3, 4), [ints(0, 1), Ellipsis, s(None, 2)], x(2, 3, 2, start=2)), {}
    yield (x(4, 3), [s(2, 2)], value), {}
    yield (x(4), [], x(1, start=1)), {}
    yield (x(), [], value), {}
    yield (x(), [Ellipsis], value), {}


def _get(x, ints, dtype):
    s = slice
    yield (x(4, 3), [0]), {}
    yield (x(4, 3), [-1, 2]), {}
    yield (x(4, 3), [None, Ellipsis, None]), {}
    yield (x(4, 3), [s(None, None, 2), s(-2, None)]), {}
    yield (x(4, 3), [s(10, 20)]), {}
    yield (x(4, 3), [s(-100, 2), None, 1]), {}
    yield (x(4, 3), [torch.tensor([[0, 1], [2, 3]])]), {}
    yield (x(4, 3), [torch.tensor([[0], [2]]), ints(1, 2, 0)]), {}
    yield (x(4, 3), [torch.tensor(1)]), {}
    yield (x(4, 3), [torch.tensor([True, False, True, True]), 1]), {}
    yield (x(4, 3), [s(None), torch.tensor([False, True, True])]), {}
    yield (x(4, 3), [torch.tensor(True)]), {}
    yield (x(4, 3), [torch.zeros(4, 3, dtype=torch.bool)]), {}
    yield (x(2, 3, 4), [ints(0, 1, 1), s(None), ints(3, 0, 2)]), {}
    yield (x(2, 3, 4), [s(None), ints(0, 2), None, ints(3, 1)]), {}
    yield (x(2, 3, 4), [Ellipsis, ints(3, 0)]), {}
    yield (x(2, 3, 4), [1, ints(2, 0)]), {}
    yield (x(2, 3, 4), [None, torch.tensor([[True, False, True], [False, False, True]])]), {}
    yield (x(4, 3), [torch.tensor([1, 2], dtype=torch.int32)]), {}
    yield (x(4, 3), [torch.zeros(0, dtype=torch.int64)]), {}
    yield (x(0, 3), [s(None), 1]), {}
    yield (x(), []), {}
    yield (x(), [None]), {}
    yield (x(), [Ellipsis]), {}


def _swap(x, ints, dtype):
    yield (x(2, 3, 4), 0, 2), {}
    yield (x(2, 3, 4), -1, 1), {}
    yield (x(), 0, -1), {}


def _move(x, ints, dtype):
    yield (x(2, 3, 4), 0, 2), {}
    yield (x(2, 3, 4), [0, -1], [1, 0]), {}


def _binary(x, ints, dtype):
    yield (x(2, 3), x(3, start=4)), {}
    yield (x(2, 3), 2), {}
    yield (x(2, 1), x(1, 4, start=3)), {}


def _divide(x, ints, dtype):
    yield (x(2, 3), 4), {}
    yield (x(2, 3), 4), {'rounding_mode': 'floor'}
    yield (x(2, 3), 4), {'rounding_mode': 'trunc'}


def _unary(x, ints, dtype):
    yield (x(2, 3),), {}
    yield (x(),), {}
    yield (x(0, 2),), {}


def _clip(x, ints, dtype):
    yield (x(2, 3),), {'min': 0}
    yield (x(2, 3),), {'min': -1, 'max': 2}
    yield (x(2, 3),), {'max': 1}


def _adjoint(x, ints, dtype):
    yield (x(2, 3),), {}
    yield (x(2, 3, 4),), {}


def _concat(x, ints, dtype):
    yield ([x(2, 3), x(1, 3, start=2)],), {}
    yield ([x(2, 3), x(2, 2, start=2)],), {'dim': -1}


def _copy(x, ints, dtype):
    yield (x(2, 3), x(3, start=2)), {}
    yield (x(2, 3), x(2, 1, start=2).detach().double()), {}
    yield (x(2, 3), torch.tensor(True)), {}


def _item(x, ints, dtype):
    yield (x(),), {}
    yield (x(1, 1),), {}


def _casts(x, ints, dtype):
    from oracle import DTYPES
    for target in DTYPES.values():
        yield (x(3, 4), target), {}


def _soft(x, ints, dtype):
    if dtype.is_floating_point:
        yield (x(2, 3), 1), {}
        yield (x(2, 3),), {'dim': 0}
        yield (x(2, 3, 2), -2), {}
    yield (x(2, 3), 1), {'dtype': torch.float64}
    yield (x(4), 0), {'dtype': torch.float32}


def _fill(x, ints, dtype):
    yield (x(2, 3), 1), {}
    yield (x(2, 3), torch.tensor(2.5)), {}


def _masked(x, ints, dtype):
    yield (x(2, 3), torch.tensor([True, False, True]), 1), {}


def _type_as(x, ints, dtype):
    yield (x(2, 3), torch.zeros(1, dtype=torch.int32)), {}
    yield (x(2, 3), torch.zeros(1, dtype=torch.float64)), {}


def _cat(x, ints, dtype):
    other = torch.tensor([[1, 2, 3]], dtype=torch.int16)
    yield ([x(2, 3), other],), {}
    yield ([torch.zeros(0), x(2, 3)],), {}
    yield ([x(2, 0), x(2, 3)],), {'dim': 1}


def _ctc(x, ints, dtype):
    if dtype not in (torch.float32, torch.float64):
        return
    targets = torch.tensor([[1, 2, 2, 4], [3, 3, 1, 0], [4, 1, 3, 2]])
    lengths = ints(9, 7, 8), ints(4, 2, 3)
    for reduction in ('mean', 'sum', 'none'):
        yield (x(9, 3, 5), targets, *lengths), {'reduction': reduction}
    yield (x(9, 3, 5), ints(1, 2, 2, 4, 3, 3, 4, 1, 3), *lengths), {'reduction': 'none'}
    yield (x(9, 3, 5), targets.int(), [9, 7, 8], [4, 2, 3]), {'blank': 0}
    yield (x(9, 3, 6), targets, *lengths), {'blank': 5, 'reduction': 'none'}
    for zero_infinity in (False, True):
        yield (x(9, 3, 5), targets, ints(2, 0, 8), ints(4, 0, 3)), {'zero_infinity': zero_infinity, 'reduction': 'none'}
        yield (x(9, 3, 5), targets, ints(2, 9, 8), ints(4, 0, 3)), {'zero_infinity': zero_infinity}
    yield (x(9, 5), targets[0], torch.tensor(9), torch.tensor(4)), {}
    yield (x(9, 5), targets[0], torch.tensor(9), torch.tensor(4)), {'reduction': 'none'}


def _lp_pool(n):
    def samples(x, ints, dtype):
        if dtype not in (torch.float32, torch.float64):
            return
        sizes = (7, 5, 4)[:n]
        for p in (2, 3, 1, float('inf'), -float('inf')):
            yield (x(2, 3, *sizes), p, 2), {}
        yield (x(3, *sizes), 2, 3), {'stride': 2, 'ceil_mode': True}
        if n > 1:
            yield (x(1, 2, *sizes), 4, (3, 2, 1)[:n]), {'stride': 1}
    return samples


def _fill_diagonal(x, ints, dtype):
    yield (x(4, 3), 1), {}
    yield (x(7, 3), 1), {'wrap': True}
    yield (x(7, 3), 1), {'wrap': False}
    yield (x(3, 3, 3), 1), {}


def _same_size(x, ints, dtype):
    yield (x(2, 3), x(2, 3)), {}
    yield (x(2, 3), x(3, 2)), {}


GENERATORS = {
    'fill_diagonal_': _fill_diagonal, 'is_same_size': _same_size, 'is_nonzero': _item,
    'nn.functional.lp_pool1d': _lp_pool(1), 'nn.functional.lp_pool2d': _lp_pool(2), 'nn.functional.lp_pool3d': _lp_pool(3),
    'nn.functional.ctc_loss': _ctc,
    'kron': _kron, 'slice_scatter': _slice_scatter, '__setitem__': _set, '__getitem__': _get, 'swapaxes': _swap,
    'swapdims': _swap, 'moveaxis': _move, 'divide': _divide, 'clip': _clip, 'adjoint': _adjoint, 'concat': _concat,
    'cat': _cat, 'copy_': _copy, 'item': _item, 'to': _casts, 'nn.functional.softmax': _soft,
    'nn.functional.log_softmax': _soft, 'fill_': _fill, 'masked_fill_': _masked, 'type_as': _type_as,
}
for _name in ('arctan2', 'multiply', 'subtract', 'greater', 'less', 'greater_equal', 'less_equal', 'not_equal'):
    GENERATORS[_name] = _binary
for _name in ('ndimension', 'is_signed', 'zero_', 'absolute', 'negative', 'fix', 'numel', 'dim', 'element_size', 'is_floating_point', 'is_contiguous',
              'detach', 'float', 'double', 'long', 'int', 'bool', 'nn.functional.sigmoid', 'nn.functional.tanh'):
    GENERATORS[_name] = _unary
