"""Records which calls take the ints of a list one by one, x.permute(0, 2, 1) -> test/goldens/sizes.json.

Asked is every public function and method that some overload of takes a list of ints by position, with values for the arguments before
that list, if they are of a kind that one can think of values for.
"""
import torch
from oracle import rows, write

# Sizes, dims and counts that a tensor of this shape can take.
SHAPE = [1, 1, 1]
LISTS = [[1, 1, 1], [0, 1, 2]]
BEFORE = {'Tensor': 'x', 'int': 0, 'number': 1, 'float': 1.0, 'bool': False, 'List[int]': [1]}
# What is no call of its own: parts of others, classes, other devices and libraries.
OTHERS = ('cudnn', 'miopen', 'mkldnn', 'quantized', 'sparse', 'Size', 'to_sparse', 'empty_quantized')


def overloads():
    """The kinds of the arguments before the first list of ints, by name."""
    found = {}
    for s in torch._C._jit_get_all_schemas():
        namespace, name = s.name.split('::')
        if namespace != 'aten' or name.startswith(('_', *OTHERS)) or s.overload_name.endswith('out'):
            continue
        if not (hasattr(torch, name) or hasattr(torch.Tensor, name)):
            continue
        positional = [str(a.type) for a in s.arguments if not a.kwarg_only]
        at = next((i for i, t in enumerate(positional) if t in ('List[int]', 'Optional[List[int]]')), None)
        if at is not None and all(t in BEFORE for t in positional[:at]):
            found.setdefault(name, set()).add(tuple(positional[:at]))
    return found


def outcome(f, *args):
    """The shapes of the tensors that a call gives, None where it throws or gives something else."""
    try:
        out = f(*[torch.ones(SHAPE) if a == 'x' else list(a) if isinstance(a, list) else a for a in args])
    except (TypeError, RuntimeError, ValueError, IndexError):
        return None
    out = out if isinstance(out, tuple) else (out,)
    return [list(t.shape) for t in out] if all(isinstance(t, torch.Tensor) for t in out) else None


def asked(f, before, ints):
    """How a call takes these ints; None where it takes no list of them either."""
    listed = outcome(f, *before, ints)
    if listed is None:
        return None
    spread = outcome(f, *before, *ints) == listed
    mixed = [[1, [1]], [[1], 1], [1, 'a'], [1, None]]
    return {'spread': spread, 'none': outcome(f, *before) is not None, 'mixed': any(outcome(f, *before, *m) is not None for m in mixed)}


def record(name, kinds):
    for before in sorted(kinds, key=lambda k: (len(k), k)):
        given = [BEFORE[kind] for kind in before]
        for ints in LISTS:
            function = asked(getattr(torch, name), given, ints) if hasattr(torch, name) else None
            own = before[:1] == ('Tensor',) and hasattr(torch.Tensor, name)
            method = asked(getattr(torch.Tensor, name), given, ints) if own else None
            if function or method:
                return {'name': name, 'before': given, 'ints': ints, 'function': function, 'method': method}
    return None


if __name__ == '__main__':
    found = [r for name, kinds in sorted(overloads().items()) if (r := record(name, kinds))]
    print('%d calls, %d bytes' % (len(found), write('sizes.json', rows(found))))
