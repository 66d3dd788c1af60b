"""Records dtype promotion and extremal values into test/goldens/ops/{promotion,extremal}.json.gz."""
import itertools
import sys

import torch
from call import Call, flags
from extras import SIGNATURES
from oracle import DTYPES, Unrecordable, save, tensors_in
from ops import append_error, record
from table import FAMILIES
from call import parse_entries

SIGNED = {}
for text in [*FAMILIES.values(), SIGNATURES]:
    for name, _, signature, _ in parse_entries(text):
        SIGNED.setdefault(name, signature)

inf, nan = float('inf'), float('nan')


def operation(name, calls):
    """One golden operation from (args, opts) pairs; a call that throws becomes an error."""
    cases, errors, seen = [], [], set()
    self_index = -1
    signature = SIGNED.get(name) or SIGNED.get(name.rstrip('_'))
    if signature:
        required = [p for p in signature.parameters.values() if p.default is p.empty]
        names = [p.name for p in required]
        self_index = names.index('input') if 'input' in names else -1
    for args, opts in calls:
        receiver = self_index if self_index >= 0 and isinstance(args[self_index], torch.Tensor) else -1
        call = Call(name, list(args), dict(opts), receiver, signature)
        given = tensors_in(args)
        dtype = str(given[0].dtype).split('.')[1] if given else 'float32'
        try:
            cases.append(record(call, dtype))
        except Unrecordable:
            pass
        except Exception:
            append_error(errors, seen, Call(name, detached(args), dict(opts), receiver, signature))
    form = flags(name)
    if name.endswith('_'):
        form['free'] = False
    return {'name': name, **form, 'cases': cases, 'errors': errors}


def detached(args):
    return [a.detach().clone().requires_grad_(a.requires_grad) if isinstance(a, torch.Tensor) and a.is_contiguous() else a for a in args]


LEFT, RIGHT = [3, 1, 2], [2, 1, 3]
ARITHMETIC = ('add sub mul div true_divide floor_divide remainder fmod pow float_power atan2 maximum minimum fmax fmin hypot '
              'logaddexp copysign xlogy heaviside rsub eq ne lt le gt ge logical_and logical_or logical_xor bitwise_and '
              'bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift gcd lcm isclose dot mm').split()
WITH_NUMBERS = ('add sub mul div true_divide floor_divide remainder fmod pow float_power eq ne lt le gt ge bitwise_and bitwise_or '
                'bitwise_xor bitwise_left_shift bitwise_right_shift copysign xlogy rsub clamp_min clamp_max').split()
NUMBERS = (2, 2.5, -3, True, 1000)
IN_PLACE = 'add_ sub_ mul_ div_ floor_divide_ remainder_ pow_ eq_ lt_ logical_and_ bitwise_and_ copy_'.split()


def promotion_calls(name):
    matrix = name == 'mm'
    for a, b in itertools.product(DTYPES.values(), repeat=2):
        x, y = torch.tensor(LEFT).to(a), torch.tensor(RIGHT).to(b)
        if matrix:
            yield (x.reshape(1, 3), y.reshape(3, 1)), {}
            continue
        yield (x.clone(), y), {}
        if name not in IN_PLACE and name != 'dot':
            yield (x.clone(), y[0].clone()), {}
            yield (x[0].clone(), y), {}
            yield (x[0].clone(), y[0].clone()), {}
        elif name != 'dot':
            yield (x.clone(), y[0].clone()), {}
    if name in WITH_NUMBERS or name in IN_PLACE and name not in ('logical_and_', 'copy_'):
        for a, n in itertools.product(DTYPES.values(), NUMBERS):
            yield (torch.tensor(LEFT).to(a), n), {}
            yield (torch.tensor(LEFT).to(a)[0].clone(), n), {}
    if name in ('pow', 'remainder', 'xlogy', 'float_power', 'bitwise_and', 'bitwise_left_shift'):
        for a, n in itertools.product(DTYPES.values(), NUMBERS):
            yield (n, torch.tensor(RIGHT).to(a)), {}


def three_way():
    """Operations of three tensors, sums of many, and options that carry numbers."""
    kinds = list(DTYPES.values())
    for name in ('where', 'lerp', 'addcmul', 'addcdiv', 'clamp', 'cat', 'stack', 'masked_fill', 'index_put', 'scatter', 'index_add',
                 'addmm', 'index_fill', 'take', 'fill', 'add', 'sub'):
        yield operation_name(name, kinds)


def operation_name(name, kinds):
    calls = []
    for a, b in itertools.product(kinds, repeat=2):
        x, y, z = torch.tensor(LEFT).to(a), torch.tensor(RIGHT).to(b), torch.tensor([1, 2, 1]).to(b)
        index = torch.tensor([0, 2, 1])
        if name == 'where':
            mask = torch.tensor([True, False, True])
            calls += [((mask, x, y), {}), ((mask, x, y[0].clone()), {}), ((mask, x[0].clone(), y[0].clone()), {})]
        elif name == 'lerp':
            calls += [((x, y, z), {})]
        elif name in ('addcmul', 'addcdiv'):
            calls += [((x, y, z), {}), ((x, y, x.clone()), {'value': 2})]
        elif name == 'clamp':
            calls += [((x,), {'min': z, 'max': y}), ((x,), {'min': y})]
        elif name in ('cat', 'stack'):
            calls += [(([x, y],), {}), (([x, y, x.clone()],), {})]
        elif name == 'masked_fill':
            calls += [((x, torch.tensor([True, False, True]), y[0].clone()), {})]
        elif name == 'index_put':
            calls += [((x, [index], y), {}), ((x, [index], y), {'accumulate': True})]
        elif name == 'scatter':
            calls += [((x, 0, index, y), {})]
        elif name == 'index_add':
            calls += [((x, 0, index, y), {})]
        elif name == 'addmm':
            calls += [((x, y.reshape(3, 1), z.reshape(1, 3)), {})]
        elif name == 'take':
            calls += [((x, index.to(b)), {})]
    for a, n in itertools.product(kinds, NUMBERS + (-1, 0.5)):
        x, y = torch.tensor(LEFT).to(a), torch.tensor(RIGHT).to(a)
        if name == 'where':
            calls += [((torch.tensor([True, False, True]), x, n), {}), ((torch.tensor([True, False, True]), n, x), {})]
        elif name == 'lerp':
            calls += [((x, y, n), {})]
        elif name in ('addcmul', 'addcdiv'):
            calls += [((x, y, y.clone()), {'value': n})]
        elif name == 'clamp':
            calls += [((x,), {'min': n}), ((x,), {'max': n}), ((x,), {'min': n, 'max': 3})]
        elif name == 'masked_fill':
            calls += [((x, torch.tensor([True, False, True]), n), {})]
        elif name == 'scatter':
            calls += [((x, 0, torch.tensor([0, 2]), n), {})]
        elif name == 'index_fill':
            calls += [((x, 0, torch.tensor([0, 2]), n), {})]
        elif name == 'fill':
            calls += [((x, n), {})]
        elif name in ('add', 'sub'):
            calls += [((x, y), {'alpha': n})]
        elif name == 'addmm':
            calls += [((x, y.reshape(3, 1), y.reshape(1, 3)), {'alpha': n, 'beta': 2})]
    return operation(name, calls)


def unary_types():
    """Result types of one-tensor operations on every dtype; reductions with and without a dtype."""
    names = ('abs acos acosh asin asinh atan atanh ceil cos cosh deg2rad digamma erf erfc erfinv exp exp2 expm1 floor frac isfinite isinf '
             'isnan lgamma log log10 log1p log2 logical_not neg positive rad2deg reciprocal round rsqrt sigmoid sign sgn signbit sin sinc '
             'sinh sqrt square tan tanh trunc bitwise_not nan_to_num logit nn.functional.relu nn.functional.relu6 nn.functional.gelu '
             'nn.functional.silu nn.functional.mish nn.functional.elu nn.functional.selu nn.functional.leaky_relu nn.functional.hardtanh '
             'nn.functional.hardsigmoid nn.functional.hardswish nn.functional.softplus nn.functional.softsign nn.functional.logsigmoid '
             'nn.functional.tanhshrink').split()
    for name in names:
        yield operation(name, [((torch.tensor(values).to(a),), {}) for a in DTYPES.values() for values in ([1, 0, 3], 1)])
    reductions = ('sum mean prod nansum nanmean amax amin argmax argmin any all max min var std norm logsumexp count_nonzero median '
                  'cumsum cumprod cummax cummin sort argsort unique softmax log_softmax msort diff').split()
    for name in reductions:
        calls = []
        for a in DTYPES.values():
            x = torch.tensor([[3, 1, 2], [1, 5, 4]]).to(a)
            dims = [(1,)] if name in ('logsumexp', 'cumsum', 'cumprod', 'cummax', 'cummin', 'softmax', 'log_softmax') else [()]
            for d in dims:
                calls.append(((x,) + d, {}))
                if name in ('sum', 'mean', 'prod', 'nansum', 'cumsum', 'cumprod', 'softmax', 'log_softmax'):
                    calls += [((x,) + d, {'dtype': b}) for b in DTYPES.values()]
        yield operation(name, calls)


SPECIAL = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, 1e-8, -1e-8, 88.0, -88.0, 104.0, -104.0, 1e4, -1e4,
           7.389056, 3.1415927, -3.1415927, 0.99999994, 1.0000001]
EDGES = {
    torch.float32: [1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38, 16777216.0, 1e30],
    torch.float64: [5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, -1.7976931348623157e308,
                    709.0, -745.0, 9007199254740992.0, 1e300],
}
CROSS = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 2.0, -2.5, 0.5, 1e30, -1e-30]


def special(dtype, grad=True):
    values = SPECIAL + EDGES[dtype]
    return torch.tensor(values, dtype=dtype, requires_grad=grad)


def limits(dtype):
    info = torch.iinfo(dtype)
    values = [info.min, info.max, 0, 1, 2, info.max - 1, info.min + 1, 7]
    return torch.tensor(values, dtype=dtype)


def extremal():
    for text in (FAMILIES['unary'], 'nn.functional.softmin(input) special.i0e(input)'):
        for name, _, signature, _ in parse_entries(text):
            if name in ('nn.functional.glu', 'nn.functional.threshold', 'nn.functional.prelu', 'nn.functional.softmin'):
                continue
            calls = [((special(d),), {}) for d in EDGES]
            calls += [((limits(d),), {}) for d in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)]
            yield operation(name, calls)
    for name, _, _, _ in parse_entries(FAMILIES['binary']):
        if name in ('lerp', 'addcmul', 'addcdiv', 'clamp', 'where', 'dist', 'fill', 'allclose', 'equal', 'ldexp', 'nextafter'):
            continue
        calls = []
        for d in EDGES:
            grid = torch.tensor(CROSS, dtype=d)
            calls.append(((grid.reshape(-1, 1).clone().requires_grad_(), grid.clone().requires_grad_()), {}))
        for d in (torch.int64, torch.int32, torch.int8, torch.uint8):
            x, y = limits(d).reshape(-1, 1), limits(d)
            if name in ('div', 'true_divide', 'floor_divide', 'remainder', 'fmod'):
                # A zero divisor is an error of its own, and the lowest over -1 overflows.
                y = y[(y != 0) & (y != -1)]
            if name in ('pow', 'bitwise_left_shift', 'bitwise_right_shift', 'float_power'):
                y = torch.tensor([0, 1, 2, 3, 5], dtype=d)
            if name in ('gcd', 'lcm', 'rsub'):
                # PyTorch's own gcd of the lowest integer stops the process.
                x = y = torch.tensor([0, 1, 6, 4, 100, 127], dtype=d)
                x = x.reshape(-1, 1)
            calls.append(((x, y), {}))
        if name in ('div', 'floor_divide', 'remainder', 'fmod'):
            calls.append(((torch.tensor([3, 1]), torch.tensor([2, 0])), {}))
        if name == 'div':
            for d, mode in itertools.product(EDGES, ('floor', 'trunc')):
                grid = torch.tensor(CROSS, dtype=d)
                calls.append(((grid.reshape(-1, 1).clone(), grid.clone()), {'rounding_mode': mode}))
                calls.append(((torch.tensor([3, 1]), torch.tensor([2, 0])), {'rounding_mode': mode}))
        yield operation(name, calls)
    yield from extremal_reductions()
    yield from casts()


def extremal_reductions():
    rows = [[1.0, nan, 3.0], [inf, -inf, 0.0], [inf, 1.0, inf], [-inf, -inf, -inf], [-0.0, 0.0, -0.0], [nan, nan, nan], [2.0, 2.0, 1.0],
            [3e38, 3e38, -3e38], [1e-45, 0.0, -1e-45]]
    plain = 'sum mean prod nansum nanmean amax amin argmax argmin any all var std count_nonzero norm'.split()
    along = ('sum mean prod amax amin argmax argmin max min logsumexp cumsum cumprod cummax cummin sort argsort softmax log_softmax '
             'median nanmedian logcumsumexp any all var std nn.functional.normalize linalg.vector_norm').split()
    for name in sorted(set(plain + along)):
        calls = []
        for d in EDGES:
            x = torch.tensor(rows, dtype=d)
            if name in along:
                required = name in ('max', 'min', 'logsumexp', 'cumsum', 'cumprod', 'cummax', 'cummin', 'softmax', 'log_softmax', 'logcumsumexp')
                args, opts = ((1,), {}) if required else ((), {'dim': 1})
                calls.append(((x.clone().requires_grad_(),) + args, opts))
                if name == 'linalg.vector_norm':
                    calls += [((x.clone().requires_grad_(),), {'ord': p, 'dim': 1}) for p in (0, 1, inf, -inf, 3)]
                if name in ('sort', 'argsort'):
                    calls.append(((x.clone(),), {'dim': 1, 'descending': True}))
            if name in plain:
                calls += [((x.clone().requires_grad_(),), {}), ((x[6:7].clone().requires_grad_(),), {}), ((x[:0].clone(),), {}),
                          ((x[:, :0].clone(),), {'dim': 1}), ((x[0, 0].clone().requires_grad_(),), {})]
        for d in (torch.int64, torch.int32, torch.uint8):
            x = limits(d).reshape(2, 4)
            if name in along and name not in ('nn.functional.normalize', 'linalg.vector_norm', 'softmax', 'log_softmax', 'var', 'std', 'mean',
                                              'logsumexp', 'logcumsumexp'):
                required = name in ('max', 'min', 'cumsum', 'cumprod', 'cummax', 'cummin')
                calls.append(((x,) + ((1,) if required else ()), {} if required else {'dim': 1}))
        yield operation(name, calls)


def casts():
    """x.to(dtype) for every pair, with the values that both can hold or that wrap."""
    calls = []
    for a, b in itertools.product(DTYPES.values(), repeat=2):
        if a.is_floating_point:
            values = [0.0, -0.0, 1.5, -1.5, 2.5, 100.7, -3.0, 65504.0, 1e-7]
            if b.is_floating_point or b == torch.bool:
                values += [nan, inf, -inf, 1e-45, 70000.0, 3.4e38, 0.1, 1 + 2 ** -11, 1 + 3 * 2 ** -11]
            elif b in (torch.uint8, torch.int8, torch.int16):
                values = [v for v in values if abs(v) < 127 and (v >= 0 or b != torch.uint8)]
            x = torch.tensor(values, dtype=torch.float64).to(a)
        elif a == torch.bool:
            x = torch.tensor([True, False])
        else:
            x = limits(a)
        calls.append(((x, b), {}))
    yield operation('to', calls)


if __name__ == '__main__':
    promotion = [operation(n, promotion_calls(n)) for n in ARITHMETIC + IN_PLACE]
    promotion += list(three_way()) + list(unary_types())
    for name, operations in (('promotion', promotion), ('extremal', list(extremal()))):
        size = save('ops/%s.json.gz' % name, operations)
        print('%-9s %3d operations %5d cases %4d errors %7d bytes' % (
            name, len(operations), sum(len(o['cases']) for o in operations), sum(len(o['errors']) for o in operations), size))
        for o in operations:
            if not o['cases']:
                print('    no cases:', o['name'], o['errors'][:1], file=sys.stderr)
