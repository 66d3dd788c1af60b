"""What the recorders share: where recordings go, what is asked of a run, how values are written down.

A tensor is {"t": dtype, "s": shape, "st": strides, "o": storage offset, "d": data, "g": 1}: data are the
elements in row-major order whatever the strides; floats as the hex of their little-endian bytes, so that NaN
payloads, infinities and signed zeros survive; integers and bools as a JSON list (int64 beyond 2^53 as strings).
Strides are left out when contiguous, "g" marks an input whose gradient is recorded.
"""
import gzip
import json
import math
import os
import sys
import types
import unittest
import warnings
from pathlib import Path

# torch.testing imports expecttest only for its own assertions, which no recorder uses.
try:
    import expecttest  # noqa: F401
except ImportError:
    stand_in = types.ModuleType('expecttest')
    stand_in.TestCase = unittest.TestCase
    sys.modules['expecttest'] = stand_in

import numpy as np
import torch

warnings.filterwarnings('ignore')
torch.set_num_threads(1)

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = ROOT / 'test' / 'goldens'
VERSION = torch.__version__.split('+')[0]


def setting(name, usual):
    """A number from the environment: GOLDENS_SEED and GOLDENS_COUNT draw other samples, or more."""
    return int(os.environ.get('GOLDENS_' + name, usual))


def path(name, usual=GOLDENS):
    """Where a recording goes: into GOLDENS_OUT or its usual folder."""
    out = Path(os.environ.get('GOLDENS_OUT', usual)) / name
    out.parent.mkdir(parents=True, exist_ok=True)
    return out

DTYPES = {
    'float32': torch.float32, 'float64': torch.float64, 'float16': torch.float16, 'bfloat16': torch.bfloat16,
    'int64': torch.int64, 'int32': torch.int32, 'int16': torch.int16, 'int8': torch.int8,
    'uint8': torch.uint8, 'bool': torch.bool,
}
DTYPE_NAME = {v: k for k, v in DTYPES.items()}
HALF = (torch.float16, torch.bfloat16)


class Unrecordable(Exception):
    """A value that Tenzo has no counterpart for (complex, sparse, device, generator)."""


def contiguous_strides(shape):
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= max(n, 1)
    return strides[::-1]


def encode_tensor(t, layout=False):
    if t.dtype not in DTYPE_NAME or t.layout != torch.strided or t.is_conj() or t.is_neg():
        raise Unrecordable(str(t.dtype))
    out = {'t': DTYPE_NAME[t.dtype], 's': list(t.shape)}
    if layout or not t.is_contiguous():
        if list(t.stride()) != contiguous_strides(t.shape):
            out['st'] = list(t.stride())
        if t.storage_offset():
            out['o'] = t.storage_offset()
    # The engine's lazy zero gradients have no storage to read.
    flat = torch.zeros(t.numel(), dtype=t.dtype) if t._is_zerotensor() else t.detach().contiguous().reshape(-1)
    if t.dtype.is_floating_point:
        raw = flat.view(torch.int16) if t.dtype in HALF else flat
        out['d'] = raw.numpy().tobytes().hex()
    else:
        values = flat.to(torch.int64).tolist()
        out['d'] = [v if abs(v) < 2 ** 53 else str(v) for v in values]
    if t.requires_grad and t.is_leaf:
        out['g'] = 1
    return out


def encode(v):
    """A JSON form of a call's argument or result. Python floats are {"f": repr}: 2.0 and 2 are different numbers."""
    if v is None or isinstance(v, (bool, str)):
        return v
    if isinstance(v, torch.Tensor):
        return encode_tensor(v)
    if isinstance(v, torch.dtype):
        if v not in DTYPE_NAME:
            raise Unrecordable(str(v))
        return {'dtype': DTYPE_NAME[v]}
    if isinstance(v, np.generic):
        v = v.item()
    if isinstance(v, int):
        return v if abs(v) < 2 ** 53 else {'big': str(v)}
    if isinstance(v, float):
        return {'f': repr(v)}
    if isinstance(v, slice):
        return {'slice': [v.start, v.stop, v.step]}
    if v is Ellipsis:
        return {'ellipsis': 1}
    if isinstance(v, (list, tuple)):
        return [encode(x) for x in v]
    raise Unrecordable(type(v).__name__)


def encode_inputs(v):
    if isinstance(v, torch.Tensor):
        return encode_tensor(v, layout=True)
    if isinstance(v, (list, tuple)):
        return [encode_inputs(x) for x in v]
    return encode(v)


def field_names(result):
    """The names of a torch.return_types value, or None for a plain tuple."""
    kind = type(result)
    if isinstance(result, tuple) and kind.__module__ == 'torch.return_types':
        return list(kind.__match_args__)
    return None


def tensors_in(v):
    if isinstance(v, torch.Tensor):
        return [v]
    if isinstance(v, (list, tuple)):
        return [t for x in v for t in tensors_in(x)]
    if isinstance(v, dict):
        return [t for x in v.values() for t in tensors_in(x)]
    return []


def map_tensors(v, f):
    if isinstance(v, torch.Tensor):
        return f(v)
    if isinstance(v, (list, tuple)) and not isinstance(v, torch.Size):
        return type(v)(map_tensors(x, f) for x in v) if type(v) in (list, tuple) else tuple(map_tensors(x, f) for x in v)
    if isinstance(v, dict):
        return {k: map_tensors(x, f) for k, x in v.items()}
    return v


KEPT_BITS = {torch.float32: 12, torch.float64: 12}


def shorten(t):
    """Cuts a float tensor's mantissas to 12 bits, so that inputs compress; sign, zero and range are kept."""
    if t.dtype not in KEPT_BITS:
        return t
    bits = (23 if t.dtype == torch.float32 else 52) - KEPT_BITS[t.dtype]
    raw_type = torch.int32 if t.dtype == torch.float32 else torch.int64
    with torch.no_grad():
        cut = (t.detach().contiguous().view(raw_type) & ~((1 << bits) - 1)).view(t.dtype)
        # Denormals keep their bits: cutting would make them zero.
        cut = torch.where(t.detach().abs() < torch.finfo(t.dtype).tiny, t.detach(), cut)
        out = torch.empty_strided(t.shape, t.stride(), dtype=t.dtype)
        if out.numel():
            # Overlapping elements (an expanded tensor) are not writable: such an input becomes contiguous.
            if 0 in t.stride():
                out = cut
            else:
                out.copy_(cut)
    return out.requires_grad_(t.requires_grad)


def spread(t, generator):
    """The same values in a storage with other strides and an offset: every second element, dims reversed."""
    if t.dim() == 0 or t.numel() == 0:
        return t
    with torch.no_grad():
        order = torch.randperm(t.dim(), generator=generator).tolist()
        strides, step = [0] * t.dim(), 2
        for d in order:
            strides[d] = step
            step *= t.shape[d]
        out = torch.empty(step + 2, dtype=t.dtype).zero_().as_strided(t.shape, strides, 3 if step > 4 else 1)
        out.copy_(t.detach())
    return out.requires_grad_(t.requires_grad)


def cotangent(t):
    """The fixed gradient every differentiable output gets: exact in every float type, reproduced by the runner."""
    n = torch.arange(t.numel(), dtype=torch.float64)
    return (((n * 37 + 11) % 29 - 14) / 8).to(t.dtype).reshape(t.shape)


def short_error(e):
    """The message without C++ source locations, which release builds of PyTorch add to some."""
    text = str(e)
    cut = text.find('\nException raised from')
    return text if cut < 0 else text[:cut]


def message(f):
    """What a call that must fail says."""
    try:
        f()
    except Exception as e:
        return short_error(e)
    raise AssertionError('nothing was thrown')


UNKNOWN, UNIX = 255, 3


def write(name, text, system=UNKNOWN, usual=GOLDENS):
    """Writes a recording, packed by the ending of its name, and returns its size. The system is a byte of a gzip file's head."""
    out, raw = path(name, usual), text.encode()
    if name.endswith('.gz'):
        raw = bytearray(gzip.compress(raw, mtime=0))
        raw[9] = system
    out.write_bytes(raw)
    return len(raw)


def save(name, value, **options):
    return write(name, json.dumps(value, separators=(',', ':')), **options)


def rows(values):
    """JSON of a list or a dictionary with an entry a line, so that a change of the recording can be read."""
    if isinstance(values, dict):
        return '{\n' + ',\n'.join(f'{json.dumps(k)}: {json.dumps(v)}' for k, v in values.items()) + '\n}\n'
    return '[\n' + ',\n'.join(map(json.dumps, values)) + '\n]\n'


def is_finite_number(v):
    return isinstance(v, (int, float)) and math.isfinite(v)
