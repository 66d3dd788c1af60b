"""Records PyTorch's own samples of every operation in table.py into test/goldens/ops/<family>.json.gz.

With names of families, only these.

A file is a list of operations {name, method, free, inplace, cases, errors}. A case is
{dtype, args, opts, out, fields?, grads?, view?, after?}: `out` the result (a tensor, or a nested list), `grads` the
gradients of the inputs marked "g" in order when every differentiable output gets oracle.cotangent, `after` the
inputs that the call changed. Which samples are kept is decided by what they cover that none before them did.
"""
import random
import sys

import torch
from oracle import (DTYPES, HALF, Unrecordable, cotangent, encode, encode_tensor, field_names, map_tensors, save, setting,
                    short_error, shorten, spread, tensors_in)
from call import bind, flags, parse_entries
from extras import SIGNATURES, extra
from table import FAMILIES
from torch.testing._internal.common_methods_invocations import op_db

OPINFO = {}
for info in op_db:
    OPINFO.setdefault(info.name, []).append(info)

CAPS = {'float32': 22, 'float64': 22, 'int64': 12, 'int32': 4, 'int16': 2, 'int8': 3, 'uint8': 5, 'bool': 6,
        'float16': 4, 'bfloat16': 4}
# What these do depends on the strides given.
LAYOUT = ('view', 'view_as', 'as_strided', 'is_contiguous')
# Another seed takes other samples, and others of the same coverage.
SEED = setting('SEED', 0)
MAX_ELEMENTS = 1500
MAX_BYTES = 100_000      # of one operation's tensors, all cases together, before compression
EXAMINED = 400


def features(call, tensors):
    """What a sample covers: each option and value, the rank and size class of each tensor, its argument kinds."""
    found = set()
    for k, v in call.opts.items():
        found.add(('option', k))
        found.add(('option', k, 'tensor' if isinstance(v, torch.Tensor) else repr(v)[:40]))
    for i, v in enumerate(call.args):
        if isinstance(v, torch.Tensor):
            found.add(('rank', i, v.dim()))
            found.add(('dtype', i, v.dtype))
            if v.numel() == 0:
                found.add(('empty', i, v.dim()))
            if not v.is_contiguous():
                found.add(('strided', i))
        else:
            found.add(('argument', i, type(v).__name__))
            found.add(('value', i, repr(v)[:60] if not tensors_in(v) else len(v)))
    shapes = [tuple(t.shape) for t in tensors]
    if len(set(shapes)) > 1:
        found.add(('broadcast', tuple(len(s) for s in shapes)))
    found.add(('grads', tuple(t.requires_grad for t in tensors)))
    return found


def candidates(name, entries, dtype):
    """Every (call, features, cost) that OpInfo offers for a dtype, bound to the signature."""
    found = []
    for info in OPINFO.get(name, []):
        variant = info.variant_test_name
        match = [e for e in entries if e[1] in (None, variant)]
        if not match or dtype not in info.dtypes:
            continue
        _, _, signature, star = match[0]
        differentiable = dtype.is_floating_point and info.supports_autograd and dtype not in HALF
        torch.manual_seed(sum(map(ord, info.name)) + SEED)
        random.seed(7 + SEED)
        for source in ('sample_inputs', 'reference_inputs'):
            try:
                samples = getattr(info, source)('cpu', dtype, requires_grad=differentiable)
                for n, sample in enumerate(samples):
                    if n >= EXAMINED:
                        break
                    try:
                        call = bind(name, signature, star, (sample.input,) + tuple(sample.args), sample.kwargs)
                    except (Unrecordable, TypeError):
                        continue
                    tensors = tensors_in(call.args) + tensors_in(call.opts)
                    if any(t.numel() > MAX_ELEMENTS or t.dtype.is_complex for t in tensors):
                        continue
                    cost = sum(t.numel() * (3 if t.dtype.is_floating_point else 1) for t in tensors)
                    found.append((call, features(call, tensors), cost))
            except Exception as e:  # an OpInfo may lack the generator for one source or dtype
                print('   ', name, variant, source, dtype, type(e).__name__, str(e)[:80], file=sys.stderr)
    _, _, signature, star = entries[0]
    for args, kwargs in extra(name, dtype, dtype not in HALF):
        call = bind(name, signature, star, args, kwargs)
        tensors = tensors_in(call.args) + tensors_in(call.opts)
        found.append((call, features(call, tensors) | {('extra', len(found))}, 0))
    return found


def choose(found, cap):
    """Greedily the samples that add the most uncovered features for their size."""
    chosen, covered, left = [], set(), list(found)
    if SEED:
        random.Random(SEED).shuffle(left)
        # Half of them at random, whatever they cover.
        chosen = left[:cap // 2]
        left = left[cap // 2:]
        covered = set().union(*(c[1] for c in chosen))
    while left and len(chosen) < cap:
        best = max(left, key=lambda c: (len(c[1] - covered) + 1e-6) / (60 + c[2]))
        if not best[1] - covered:
            break
        chosen.append(best)
        covered |= best[1]
        left.remove(best)
    return chosen


def record(call, dtype_name):
    """One case, or Unrecordable. The arguments are used as they are."""
    args, opts = call.args, call.opts
    coded = call.coded()
    inputs = tensors_in(args) + tensors_in(opts)
    before = [encode_tensor(t)['d'] for t in inputs]
    leaves = [t for t in inputs if t.requires_grad]
    out = call.run(args, opts)
    results = tensors_in(out)
    if any(t.numel() > MAX_ELEMENTS for t in results):
        raise Unrecordable('large')
    case = {'dtype': dtype_name, **coded, 'out': encode(out),
            **call.form()}
    names = field_names(out)
    if names:
        case['fields'] = names
    pointers = {t.untyped_storage().data_ptr() for t in inputs if t.numel()}
    if results and all(t.numel() and t.untyped_storage().data_ptr() in pointers for t in results):
        case['view'] = [[list(t.stride()), t.storage_offset()] for t in results]
    after = [encode_tensor(t) if encode_tensor(t)['d'] != b else None for t, b in zip(inputs, before)]
    if any(after):
        case['after'] = after
    roots = [t for t in results if t.requires_grad]
    if roots and leaves:
        grads = torch.autograd.grad(roots, leaves, [cotangent(t) for t in roots], allow_unused=True)
        if any(g is not None and g.dtype.is_complex for g in grads):
            raise Unrecordable('complex')
        case['grads'] = [encode(g) for g in grads]
        case['requires'] = [bool(t.requires_grad) for t in results]
    elif leaves:
        case['requires'] = [False for t in results]
    return case


def record_cases(name, entries):
    cases, spent = [], 0
    generator = torch.Generator().manual_seed(1)
    for dtype_name, dtype in DTYPES.items():
        found = candidates(name, entries, dtype)
        extras = [c for c in found if any(f[0] == 'extra' for f in c[1])]
        if dtype_name not in ('float32', 'float64', 'int64'):
            extras = extras[:10]
        sampled = choose([c for c in found if c not in extras], CAPS[dtype_name])
        for n, (call, _, _) in enumerate(sampled + extras):
            change = (lambda t: spread(shorten(t), generator)) if n % 3 == 2 and name not in LAYOUT else shorten
            try:
                call.args, call.opts = map_tensors(call.args, change), map_tensors(call.opts, change)
                case = record(call, dtype_name)
            except Unrecordable:
                continue
            except Exception as e:
                # Strides of a sample can be what it is about (view, as_strided).
                print('   ', name, dtype_name, type(e).__name__, str(e)[:100], file=sys.stderr)
                continue
            size = sum(len(t['d']) / 2 for t in walk(case))
            if spent + size > MAX_BYTES and n > 3:
                continue
            spent += size
            cases.append(case)
    return cases


def walk(v):
    if isinstance(v, dict):
        if 'd' in v:
            yield v
        else:
            for x in v.values():
                yield from walk(x)
    elif isinstance(v, list):
        for x in v:
            yield from walk(x)


def record_errors(name, entries):
    errors, seen = [], set()
    for info in OPINFO.get(name, []):
        if info.error_inputs_func is None:
            continue
        match = [e for e in entries if e[1] in (None, info.variant_test_name)]
        if not match:
            continue
        torch.manual_seed(3)
        try:
            given = list(info.error_inputs('cpu'))
        except Exception as e:
            print('   errors', name, type(e).__name__, e, file=sys.stderr)
            continue
        for error in given:
            sample = error.sample_input
            try:
                call = bind(name, match[0][2], match[0][3], (sample.input,) + tuple(sample.args), sample.kwargs)
            except (Unrecordable, TypeError):
                continue
            append_error(errors, seen, call)
    return errors


def append_error(errors, seen, call):
    """Makes the call, and appends what it throws unless that is known."""
    try:
        if any(t.numel() > MAX_ELEMENTS for t in tensors_in(call.args)):
            return
        coded = call.coded()
        call.run(call.args, call.opts)
    except Unrecordable:
        return
    except Exception as e:
        text = short_error(e)
        if (type(e).__name__, text) in seen:
            return
        seen.add((type(e).__name__, text))
        coded.update(error=type(e).__name__, message=text, **call.form())
        errors.append(coded)


def record_refusals(name, entries):
    """A sample of each dtype the operation does not take."""
    errors, seen = [], set()
    for info in OPINFO.get(name, []):
        match = [e for e in entries if e[1] in (None, info.variant_test_name)]
        for dtype in DTYPES.values():
            if not match or dtype in info.dtypes or dtype in HALF:
                continue
            torch.manual_seed(4)
            try:
                sample = next(iter(info.sample_inputs('cpu', dtype, requires_grad=False)))
                call = bind(name, match[0][2], match[0][3], (sample.input,) + tuple(sample.args), sample.kwargs)
            except Exception:
                continue
            append_error(errors, seen, call)
    return errors


def record_family(family):
    grouped = {}
    for entry in parse_entries(SIGNATURES if family == 'extra' else FAMILIES[family]):
        grouped.setdefault(entry[0], []).append(entry)
    operations = []
    for name, entries in grouped.items():
        if name not in OPINFO and family != 'extra':
            print('no OpInfo:', name, file=sys.stderr)
            continue
        operation = {'name': name, **flags(name), 'cases': record_cases(name, entries),
                     'errors': record_errors(name, entries) + record_refusals(name, entries)}
        operations.append(operation)
    size = save('ops/%s.json.gz' % family, operations)
    print('%-8s %3d operations %5d cases %4d errors %7d bytes' % (
        family, len(operations), sum(len(o['cases']) for o in operations),
        sum(len(o['errors']) for o in operations), size), flush=True)
    for o in operations:
        if not o['cases']:
            print('    no cases:', o['name'])


if __name__ == '__main__':
    for family in sys.argv[1:] or [*FAMILIES, 'extra']:
        record_family(family)
