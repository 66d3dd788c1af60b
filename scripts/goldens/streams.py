"""Records PyTorch's random streams: native/test/random_goldens.inc for the kernels, test/goldens/random.json for the library.

    python scripts/goldens/streams.py

A stream is known by the 64-bit FNV-1a hash of its bytes and of the generator's state after it, and by its first and
last values. The double-precision normal family goes through the C library's logarithm, sine and cosine; where that
is another library than the recording machine's, a last bit may differ, so those are also compared by value.
"""
import json
import os
import struct

import torch

torch.set_num_threads(1)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHORT = {
    torch.float32: 'F32', torch.float64: 'F64', torch.float16: 'F16', torch.bfloat16: 'BF16', torch.int64: 'I64',
    torch.int32: 'I32', torch.int16: 'I16', torch.int8: 'I8', torch.uint8: 'U8', torch.bool: 'BOOL',
}
FLOATS = [torch.float32, torch.float64, torch.float16, torch.bfloat16]


def data(tensor):
    return bytes(tensor.detach().contiguous().reshape(-1).view(torch.uint8).tolist())


def fnv(raw):
    h = 0xcbf29ce484222325
    for b in raw:
        h = ((h ^ b) * 0x100000001b3) & 0xffffffffffffffff
    return h


def bits(value):
    return struct.unpack('<d', struct.pack('<q', value))[0]


# ---- the kernels

def native():
    rows = []

    def stream(op, dtype, n, seed, fill, a=0.0, b=0.0, integers=False, dtype2=torch.float32):
        out = torch.empty(n, dtype=dtype)
        torch.manual_seed(seed)
        fill(out)
        args = f'{a:#x}' if integers else float(a).hex()
        more = f'{b:#x}' if integers else float(b).hex()
        ends = [float(v) for v in ([*out[:2].tolist(), *out[-2:].tolist()] if n else [0, 0, 0, 0])]
        rows.append(
            f'{{OP_{op}, {SHORT[dtype]}, {SHORT[dtype2]}, {n}, {seed}, {str(integers).lower()}, {args}, {more}, '
            f'{fnv(data(out)):#x}ull, {fnv(data(torch.get_rng_state())):#x}ull, '
            f'{{{", ".join(v.hex() if v == v and abs(v) != float("inf") else "0" for v in ends)}}}}},')

    for n in (0, 1, 3, 15, 16, 17, 1000, 5003):
        for dtype in FLOATS:
            stream('random_uniform', dtype, n, 1, lambda t: t.uniform_(-0.3, 1.9), -0.3, 1.9)
            stream('random_normal', dtype, n, 2, lambda t: t.normal_(0.7, 1.3), 0.7, 1.3)
            stream('random_log_normal', dtype, n, 3, lambda t: t.log_normal_(0.4, 0.5), 0.4, 0.5)
            stream('random_exponential', dtype, n, 4, lambda t: t.exponential_(2.5), 2.5)
            stream('random_cauchy', dtype, n, 5, lambda t: t.cauchy_(0.4, 2.5), 0.4, 2.5)
            stream('random_dropout', dtype, n, 6,
                   lambda t: t.copy_(torch.nn.functional.dropout(torch.ones_like(t), 0.3)), 0.3)
        stream('random_perm', torch.int64, n, 7, lambda t: t.copy_(torch.randperm(len(t))))
    for n in (0, 5, 1000):
        for dtype in SHORT:
            stream('random_int', dtype, n, 8, lambda t: t.random_())
            stream('random_bernoulli', dtype, n, 9, lambda t: t.bernoulli_(0.3), 0.3)
            if dtype != torch.bool:
                stream('random_geometric', dtype, n, 10, lambda t: t.geometric_(0.3), 0.3)
            stream('random_from_to', dtype, n, 11, lambda t: t.random_(0, 2), 0, 2, integers=True)
            for p in FLOATS:
                stream('random_bernoulli_tensor', dtype, n, 12,
                       lambda t: t.bernoulli_(torch.full((len(t),), 0.3, dtype=p)), 0.3, dtype2=p)
        stream('random_from_to', torch.int64, n, 13, lambda t: t.random_(-7, 2**28 - 8), -7, 2**28 - 1, integers=True)
        stream('random_from_to', torch.int64, n, 14, lambda t: t.random_(-7, 2**40), -7, 2**40 + 7, integers=True)
        stream('random_from_to', torch.int64, n, 15, lambda t: t.random_(-2**63, None), -2**63, 0, integers=True)
    path = os.path.join(ROOT, 'native', 'test', 'random_goldens.inc')
    with open(path, 'w') as f:
        f.write('// Written by scripts/goldens/streams.py; PyTorch ' + torch.__version__.split('+')[0] + '.\n')
        f.write('\n'.join(rows) + '\n')


# ---- the library

def library():
    cases = []

    def record(name, seed, steps, run):
        """steps: JavaScript that makes the same tensors, an expression each (or one that gives them all)."""
        torch.manual_seed(seed)
        out = []
        for t in run():
            flat = t.detach().reshape(-1)
            ends = [*flat[:4].tolist(), *flat[-4:].tolist()]
            out.append({'dtype': str(t.dtype)[6:], 'shape': list(t.shape), 'hash': f'{fnv(data(t)):016x}',
                        'ends': [str(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in ends]})
        cases.append({'name': name, 'seed': str(seed), 'steps': steps, 'tensors': out,
                      'next': torch.rand(1, dtype=torch.float64).item()})

    for seed in (0, 42, -5, 2**40):
        record(f'mixed {seed}', seed,
               ['randn([3])', 'randn([20])', 'randn([2])', 'rand([700])', 'randn([1])', 'randint(10, [50])',
                'randperm(30)', "randn([4, 5], { dtype: 'float64' })", 'bernoulli(full([9], 0.3))', 'rand([2, 3])'],
               lambda: [torch.randn(3), torch.randn(20), torch.randn(2), torch.rand(700), torch.randn(1),
                        torch.randint(10, (50,)), torch.randperm(30), torch.randn(4, 5, dtype=torch.float64),
                        torch.bernoulli(torch.full((9,), 0.3)), torch.rand(2, 3)])

    def filled(method, *args, dtype=torch.float32, view=lambda t: t):
        return lambda: [getattr(view(torch.empty(7, 9, dtype=dtype)), method)(*args)]

    for method, args, call in (
            ('uniform_', (-1, 2), 'uniform_({ from: -1, to: 2 })'), ('normal_', (1, 3), 'normal_({ mean: 1, std: 3 })'),
            ('exponential_', (2,), 'exponential_(2)'), ('bernoulli_', (0.25,), 'bernoulli_(0.25)'),
            ('geometric_', (0.2,), 'geometric_(0.2)'), ('cauchy_', (1, 2), 'cauchy_({ median: 1, sigma: 2 })'),
            ('log_normal_', (1, 0.5), 'logNormal_({ mean: 1, std: 0.5 })'), ('random_', (3, 17), 'random_(3, 17)'),
            ('random_', (), 'random_()')):
        for dtype in (torch.float32, torch.float64, torch.bfloat16):
            name = str(dtype)[6:]
            record(f'{call} {name}', 3, [f"empty([7, 9], {{ dtype: '{name}' }}).{call}"],
                   filled(method, *args, dtype=dtype))
        record(f'{call} transposed', 4, [f'empty([7, 9]).t().{call}'], filled(method, *args, view=lambda t: t.t()))
        record(f'{call} every other', 4, [f"empty([7, 9]).at('...', slice(null, null, 2)).{call}"],
               filled(method, *args, view=lambda t: t[:, ::2]))

    record('multinomial', 5, ['multinomial(arange(1, 11).to(\'float32\').expand([3, 10]), 40, { replacement: true })',
                              'multinomial(arange(1, 11).to(\'float32\').expand([3, 10]), 6)',
                              'multinomial(arange(1, 11).to(\'float32\'), 1)'],
           lambda: [torch.multinomial(torch.arange(1, 11.).expand(3, 10), 40, replacement=True),
                    torch.multinomial(torch.arange(1, 11.).expand(3, 10), 6),
                    torch.multinomial(torch.arange(1, 11.), 1)])
    record('dropout', 6, ['nn.functional.dropout(ones([64, 10]), 0.3)', 'nn.functional.dropout(ones([5]), 0.5)'],
           lambda: [torch.nn.functional.dropout(torch.ones(64, 10), 0.3),
                    torch.nn.functional.dropout(torch.ones(5), 0.5)])

    nn = torch.nn
    for code, make in (
            ('nn.Linear(20, 30)', lambda: nn.Linear(20, 30)), ('nn.Linear(3, 2)', lambda: nn.Linear(3, 2)),
            ('nn.Conv2d(3, 8, 5)', lambda: nn.Conv2d(3, 8, 5)), ('nn.Embedding(10, 7)', lambda: nn.Embedding(10, 7)),
            ('nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1))',
             lambda: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)))):
        record(code, 0, [f'...new {code}.parameters()'], lambda: list(make().parameters()))
    for name, options, args in (
            ('xavierUniform_', '', {}), ('xavierNormal_', '', {}), ('kaimingUniform_', '', {}), ('kaimingNormal_', '', {}),
            ('uniform_', ', { a: -10, b: 10 }', {'a': -10, 'b': 10}),
            ('normal_', ', { mean: 0, std: 0.01 }', {'mean': 0, 'std': 0.01}), ('truncNormal_', '', {})):
        ours = f'nn.init.{name}(empty([13, 11]){options})'
        theirs = ''.join('_' + c.lower() if c.isupper() else c for c in name)
        record(ours, 0, [ours], lambda: [getattr(nn.init, theirs)(torch.empty(13, 11), **args)])

    def shuffled():
        loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.arange(50)), batch_size=7, shuffle=True)
        return [torch.cat([b[0] for b in loader]) for _ in range(2)]

    record('two epochs of a shuffled loader', 8,
           ['...(loader => [0, 1].map(() => cat([...loader].map(b => b[0]))))'
            '(new utils.data.DataLoader(new utils.data.TensorDataset(arange(50)), { batchSize: 7, shuffle: true }))'],
           shuffled)

    state = torch.manual_seed(9).get_state()
    torch.randn(3)
    later = torch.get_rng_state()
    path = os.path.join(ROOT, 'test', 'goldens', 'random.json')
    with open(path, 'w') as f:
        f.write('{"torch": "%s", "states": ' % torch.__version__.split('+')[0])
        json.dump({'seeded 9': f'{fnv(data(state)):016x}', 'after randn([3])': f'{fnv(data(later)):016x}'}, f)
        f.write(', "cases": [\n')
        f.write(',\n'.join(json.dumps(c) for c in cases))
        f.write('\n]}\n')


if __name__ == '__main__':
    native()
    library()
