"""Records PyTorch's random streams: native/kernels/random/random_goldens.inc for the kernels, test/goldens/random.json.gz for the
library (its programs are in stream_programs.py).

A stream is known by a hash of its bytes (64-bit FNV-1a for the kernels, the first half of MD5 for the library), by the
generator's state or the next draw after it, and by its first and last values. The double-precision normal family goes through the C library's logarithm, sine and cosine; where that
is another library than the recording machine's, a last bit may differ, so those are also compared by value.
"""
import hashlib

import torch
from oracle import ROOT, UNIX, VERSION, save, write

import stream_programs

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
        for dtype in FLOATS[:2]:
            for rate in (0.25, 9.75, 10, 1000):
                stream('random_poisson', dtype, n, 16,
                       lambda t: t.copy_(torch.poisson(torch.full_like(t, rate))), rate)
            for count, p in ((30, 0.25), (200, 0.5), (1e6, 0.75), (3, 0.9375)):
                stream('random_binomial', dtype, n, 17,
                       lambda t: t.copy_(torch.binomial(torch.full_like(t, count), torch.full_like(t, p))), count, p)
        stream('random_from_to', torch.int64, n, 13, lambda t: t.random_(-7, 2**28 - 8), -7, 2**28 - 1, integers=True)
        stream('random_from_to', torch.int64, n, 14, lambda t: t.random_(-7, 2**40), -7, 2**40 + 7, integers=True)
        stream('random_from_to', torch.int64, n, 15, lambda t: t.random_(-2**63, None), -2**63, 0, integers=True)
    head = f'// Written by test/oracle/streams.py; PyTorch {VERSION}.'
    write('random_goldens.inc', '\n'.join([head, *rows]) + '\n', usual=ROOT / 'native' / 'kernels' / 'random')


# ---- the library

def library():
    save('random.json.gz', {'torch': VERSION, **stream_programs.record(lambda t: hashlib.md5(data(t)).hexdigest()[:16])}, system=UNIX)


if __name__ == '__main__':
    native()
    library()
