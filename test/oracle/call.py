"""Binds OpInfo's samples to the signatures of table.py and calls PyTorch the way Tenzo will be called."""
import inspect
import re

import torch
from oracle import Unrecordable, encode_inputs


def parse_entries(text):
    """Yields (name, variant or None, inspect.Signature, star parameter or None) in the order written."""
    for m in re.finditer(r'([\w.]+)(?:@(\w+))?\(', text):
        depth, i = 1, m.end()
        while depth:
            depth += {'(': 1, ')': -1}.get(text[i], 0)
            i += 1
        if text[m.start() - 1:m.start()] not in ('', ' ', '\n'):
            continue
        params = text[m.end():i - 1]
        star = re.search(r'\*(\w+)', params)
        signature = inspect.signature(eval('lambda %s: 0' % params))
        yield m.group(1), m.group(2), signature, star.group(1) if star else None


def resolve(name):
    """The PyTorch callable of a golden's name; a Tensor property is read."""
    owner = torch
    for part in name.split('.')[:-1]:
        owner = getattr(owner, part)
    last = name.split('.')[-1]
    if callable(getattr(owner, last, None)):
        return getattr(owner, last)
    member = getattr(torch.Tensor, last)
    if callable(member):
        return lambda x, *a, **k: getattr(x, last)(*a, **k)
    return lambda x: getattr(x, last)


def takes_varargs(name):
    return name in ('broadcast_tensors', 'meshgrid', 'atleast_1d', 'atleast_2d', 'atleast_3d', 'block_diag',
                    'cartesian_prod', 'view', 'expand', 'repeat', 'zeros', 'ones')


# Recorded on a clone, so that a leaf can be the input and its gradient is recorded too.
IN_PLACE = ('copy_', 'fill_', 'zero_', 'masked_fill_', 'fill_diagonal_')

PROMOTED = ('other', 'exponent', 'input')


def promotes(op, parameter):
    """Whether a number given for this takes part in the promotion of dtypes."""
    if op in ('max', 'min'):
        return False
    return parameter in PROMOTED or (op, parameter) == ('full', 'fill_value') or op in ('clamp', 'clip') and parameter in ('min', 'max')


def as_number(op, parameter, v):
    """A JavaScript number cannot tell 2.0 from 2: where the dtype follows from it, PyTorch is asked about the int."""
    return int(v) if isinstance(v, float) and v.is_integer() and abs(v) < 2 ** 53 and promotes(op, parameter) else v

IGNORED = ('device', 'layout', 'pin_memory', 'memory_format', 'requires_grad')


def plain(v):
    """torch.Size and tuples as plain lists, which is what an array is in Tenzo."""
    if isinstance(v, (torch.Size, tuple, list)):
        return [plain(x) for x in v]
    return v


class Call:
    """name, positional arguments and options, all as Tenzo will see them."""

    def __init__(self, name, args, opts, self_index, signature=None):
        self.name, self.args, self.opts, self.self_index = name, args, opts, self_index
        optional = [p for p in signature.parameters.values() if p.default is not p.empty] if signature else []
        # The option that may also be given by position: the first one, where PyTorch takes it by position too.
        first = optional[0] if optional and optional[0].kind is optional[0].POSITIONAL_OR_KEYWORD else None
        self.names = list(signature.parameters) if signature else []
        self.first = first.name if first and opts.get(first.name) is not None else None

    def coded(self):
        """The arguments in JSON; an int that takes part in dtype promotion is {"i": n}, a number or a bigint in Tenzo."""
        required = [n for n in self.names if n not in self.opts] + [''] * len(self.args)
        def code(name, v):
            return {'i': v} if type(v) is int and promotes(self.name, name) else encode_inputs(v)
        return {'args': [code(n, v) for n, v in zip(required, self.args)], 'opts': {k: code(k, v) for k, v in self.opts.items()}}

    def form(self):
        """What the runner needs to know of how to make the call."""
        form = {}
        if self.self_index >= 0:
            form['self'] = self.self_index
        if self.first:
            form['first'] = self.first
        return form

    def run(self, args, opts):
        f = resolve(self.name)
        if self.name == '__getitem__':
            return args[0][tuple(args[1])]
        if self.name == '__setitem__':
            changed = args[0].clone()
            changed[tuple(args[1])] = args[2]
            return changed
        if self.name in IN_PLACE:
            return f(args[0].clone(), *args[1:], **opts)
        if self.name == 'einsum':
            return f(args[0], *args[1])
        if takes_varargs(self.name):
            star = 1 if self.self_index == 0 else 0
            if self.name in ('view', 'expand', 'repeat', 'zeros', 'ones'):
                return f(*args[:star], tuple(args[star]), **opts)
            return f(*args[:star], *args[star], **opts)
        if self.name in ('var', 'std', 'var_mean', 'std_mean') and 'unbiased' in opts and 'dim' not in opts:
            opts = {**opts, 'dim': None}
        if self.name in ('nn.functional.embedding', 'nn.functional.embedding_bag') and opts.get('max_norm') is not None:
            raise Unrecordable('renormalises its weight')
        return f(*args, **opts)


def flags(name):
    """Which forms PyTorch has: x.op(…), op(x, …), x.op_(…)."""
    owner = torch
    for part in name.split('.')[:-1]:
        owner = getattr(owner, part)
    last = name.split('.')[-1]
    return {
        'method': hasattr(torch.Tensor, last) and '.' not in name,
        'free': callable(getattr(owner, last, None)),
        'inplace': '.' not in name and hasattr(torch.Tensor, last + '_'),
    }


def bind(name, signature, star, args, kwargs):
    kwargs = {k: v for k, v in kwargs.items() if k not in IGNORED}
    if 'generator' in kwargs:
        raise Unrecordable('generator')
    args, kwargs = adjust(name, list(args), kwargs)
    bound = signature.bind(*args, **kwargs)
    required, options, self_index = [], {}, -1
    for p in signature.parameters.values():
        if p.kind is p.VAR_POSITIONAL:
            value = bound.arguments.get(p.name, ())
            if len(value) == 1 and isinstance(value[0], (tuple, list, torch.Size)):
                value = value[0]
            required.append(plain(value))
        elif p.default is p.empty:
            if p.name == 'input':
                self_index = len(required)
            value = as_number(name, p.name, bound.arguments[p.name])
            required.append(value if p.name == 'index' and name in ('__getitem__', '__setitem__') else plain(value))
        elif p.name in bound.arguments:
            value = as_number(name, p.name, plain(bound.arguments[p.name]))
            if value is not None or p.default is not None:
                options[p.name] = value
    if self_index < 0 and 'self' in signature.parameters:
        self_index = 0
    return Call(name, required, options, self_index, signature)


def adjust(name, args, kwargs):
    """Where OpInfo calls an operation in another way than its documented signature."""
    if name in ('__getitem__', '__setitem__'):
        index = args[1]
        # A Python list inside an index is an integer tensor; a tuple is the index itself.
        entries = index if isinstance(index, tuple) else (index,)
        args[1] = [torch.tensor(e) if isinstance(e, list) else e for e in entries]
    elif name in ('nn.functional.embedding', 'nn.functional.embedding_bag') and args[0].dtype.is_floating_point:
        args[0], args[1] = args[1], args[0]
        if kwargs.pop('sparse', False):
            raise Unrecordable('sparse gradients')
    elif name.startswith('nn.functional.fractional_max_pool') and args[0].dim() > 3:
        # Where the windows are is given, so that nothing is drawn.
        n = int(name[-2])
        samples = torch.rand(args[0].shape[0], args[0].shape[1], n, generator=torch.Generator().manual_seed(args[0].numel()))
        kwargs['_random_samples'] = samples.to(args[0].dtype)
    elif name == 'cdist':
        del args[3:]
    elif name == 'einsum':
        args = [args[1], args[0]]
    elif name == 'where' and len(args) == 3:
        args = [args[1], args[0], args[2]]
    elif name in ('scatter', 'masked_fill', 'fill') and 'value' in kwargs and name == 'scatter':
        args.append(kwargs.pop('value'))
    elif name == 'arange':
        names = ['start', 'end', 'step']
        given = dict(zip(names, args))
        given.update({k: kwargs.pop(k) for k in names if k in kwargs})
        if 'end' not in given:
            given = {'start': 0, 'end': given['start']}
        # A JavaScript number cannot tell 2.0 from 2, and arange is int64 for whole numbers.
        given = {k: int(v) if isinstance(v, bool) or isinstance(v, float) and v.is_integer() else v for k, v in given.items()}
        args = [given['start'], given['end']] + ([given['step']] if 'step' in given else [])
    elif name in ('var', 'std', 'var_mean', 'std_mean') and len(args) > 1 and isinstance(args[1], bool):
        kwargs['unbiased'] = args.pop(1)
    elif name == 'tile' and len(args) > 2:
        args = [args[0], args[1:]]
    elif name == 'nn.functional.dropout' and kwargs.get('training', True) and kwargs.get('p', args[1] if len(args) > 1 else 0.5) not in (0, 1, 0.0, 1.0):
        raise Unrecordable('random')
    elif name == 'nn.functional.scaled_dot_product_attention' and kwargs.get('dropout_p', 0) > 0:
        raise Unrecordable('random')
    elif name == 'meshgrid' or name.startswith('atleast') or name in ('broadcast_tensors', 'block_diag', 'cartesian_prod'):
        if len(args) == 1 and isinstance(args[0], (list, tuple)):
            args = list(args[0])
    elif name == 'prod' and len(args) > 1 and isinstance(args[1], torch.dtype):
        kwargs['dtype'] = args.pop(1)
    return args, kwargs
