"""Records how PyTorch prints tensors, state dicts and modules: test/goldens/print.json.

Usage: PYTHON scripts/goldens/print.py   (a Python with torch 2.13)
"""

import json
import math
import random
import struct
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

OUT = Path(__file__).resolve().parents[2] / "test" / "goldens" / "print.json"
FLOATS = [torch.float32, torch.float64, torch.float16, torch.bfloat16]
INTS = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]
name = lambda dtype: str(dtype).removeprefix("torch.")


def encode(value):
    """JSON has neither nonfinite numbers nor minus zero nor 64-bit integers."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0 and math.copysign(1, value) < 0:
        return "-0"
    return value


def camel(options):
    return {("sciMode" if k == "sci_mode" else k): (str(v) if v == math.inf else v) for k, v in options.items()}


cases = []


def record(tensor, options=None, grad=None, lazy=None):
    torch.set_printoptions(profile="default")
    if options:
        torch.set_printoptions(**options)
    case = {"shape": list(tensor.shape), "dtype": name(tensor.dtype)}
    if lazy:
        case["lazy"] = lazy
    else:
        case["values"] = [encode(v) for v in tensor.reshape(-1).tolist()]
    if options:
        case["options"] = camel(options)
    shown = tensor
    if grad == "leaf":
        shown = tensor.clone().requires_grad_()
        case["requiresGrad"] = True
    elif grad == "parameter":
        shown = nn.Parameter(tensor.clone(), requires_grad=tensor.is_floating_point())
        case["isParameter"] = True
        case["requiresGrad"] = tensor.is_floating_point()
    elif grad == "node":
        shown = random.choice([lambda x: x.clone(), lambda x: x * 1, lambda x: x.view(x.shape), lambda x: x.squeeze(-1).reshape(x.shape)])(
            tensor.clone().requires_grad_()
        )
        case["gradFn"] = type(shown.grad_fn).__name__
    case["text"] = repr(shown).replace("dtype=torch.", "dtype=")
    torch.set_printoptions(profile="default")
    cases.append(case)


def random_values(count, dtype, rng):
    if dtype == torch.bool:
        return torch.tensor([rng.random() < 0.5 for _ in range(count)], dtype=dtype)
    if not dtype.is_floating_point:
        info = torch.iinfo(dtype)
        limit = min(info.max, 10 ** rng.randint(0, 19))
        low = max(info.min, -limit)
        if rng.random() < 0.5:
            low = 0
        return torch.tensor([rng.randint(low, limit) for _ in range(count)], dtype=dtype)
    kind = rng.choice(["normal", "normal", "scaled", "integral", "ties", "mixed", "wide", "special", "bits", "uniform"])
    scale = 10.0 ** rng.randint(-12, 12) if dtype != torch.float16 else 10.0 ** rng.randint(-6, 4)
    pick = {
        "normal": lambda: rng.gauss(0, 1),
        "uniform": lambda: rng.random(),
        "scaled": lambda: rng.gauss(0, 1) * scale,
        "integral": lambda: float(rng.randint(-(10 ** rng.randint(0, 9)), 10 ** rng.randint(0, 9))),
        "ties": lambda: rng.randint(-4000, 4000) / 2 ** rng.randint(1, 7),
        "mixed": lambda: rng.choice([0.0, -0.0, 1.0, rng.gauss(0, 1), math.nan, math.inf, -math.inf, rng.gauss(0, 100)]),
        "wide": lambda: rng.gauss(0, 1) * 10.0 ** rng.randint(-30, 30),
        "special": lambda: rng.choice([0.0, -0.0, math.nan, math.inf, -math.inf]),
        "bits": lambda: struct.unpack("<f", struct.pack("<I", rng.getrandbits(32)))[0],
    }[kind]
    return torch.tensor([pick() for _ in range(count)], dtype=torch.float64).to(dtype)


def random_options(rng):
    options = {}
    if rng.random() < 0.5:
        options["precision"] = rng.choice([0, 1, 2, 3, 6, 8, 10, 17])
    if rng.random() < 0.5:
        options["linewidth"] = rng.choice([1, 20, 40, 60, 79, 81, 120, 200])
    if rng.random() < 0.5:
        options["threshold"] = rng.choice([0, 1, 5, 20, 50, math.inf])
    if rng.random() < 0.5:
        options["edgeitems"] = rng.choice([0, 1, 2, 4, 5])
    if rng.random() < 0.4:
        options["sci_mode"] = rng.choice([True, False])
    if rng.random() < 0.2:
        options["profile"] = rng.choice(["default", "short", "full"])
    return options


def tensors():
    rng = random.Random(20240)
    for dtype in [*FLOATS, *INTS, torch.bool]:
        for shape in [(), (1,), (3,), (0,), (0, 3), (3, 0), (2, 3), (2, 0, 3), (1, 1, 1), (2, 2, 2)]:
            record(random_values(math.prod(shape), dtype, rng).reshape(shape))
    for _ in range(260):
        dims = rng.choice([0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5])
        top = [1, 40, 12, 6, 4, 3][dims]
        shape = [rng.randint(1 if rng.random() < 0.97 else 0, top) for _ in range(dims)]
        dtype = rng.choice([*FLOATS, *FLOATS, torch.float32, torch.float32, *INTS, torch.bool])
        values = random_values(math.prod(shape), dtype, rng).reshape(shape)
        grad = rng.choice([None, None, None, "leaf", "node", "parameter"]) if dtype.is_floating_point else None
        record(values, random_options(rng) if rng.random() < 0.45 else None, grad)
    # Summarised: value i is ((i * step) % modulus - offset) / divisor, exact in every dtype used here.
    for shape in [(1001,), (1000,), (10_000_000,), (50, 40), (7, 200), (200, 7), (6, 500), (11, 12, 13), (2, 3, 4, 100), (1, 1, 2000), (2000, 1), (7, 7, 7, 7), (5000, 2000)]:
        for dtype, step, modulus, offset, divisor in [
            (torch.float32, 1, 16384, 0, 1),
            (torch.float32, 37, 2048, 1024, 64),
            (torch.float64, 7919, 65536, 300, 1024),
            (torch.int64, 1, 2**30, 5, 1),
            (torch.float16, 11, 1024, 512, 8),
        ]:
            index = torch.arange(math.prod(shape), dtype=torch.int64)
            values = (index * step) % modulus - offset
            if dtype.is_floating_point:
                values = values.to(torch.float64) / divisor
            options = rng.choice([None, None, {"edgeitems": 2}, {"precision": 2, "linewidth": 60}, {"threshold": 10, "edgeitems": 0}, {"profile": "short"}])
            record(values.to(dtype).reshape(shape), options, None, {"step": step, "modulus": modulus, "offset": offset, "divisor": divisor})
    # Suffixes that just fit and just do not.
    for width in range(50, 84):
        record(torch.tensor([1.0] * 11), {"linewidth": width}, "node")
        record(torch.tensor([[1.0] * 5] * 2, dtype=torch.float64), {"linewidth": width}, "leaf")


def numbers():
    rng = random.Random(7)
    values = [0.0, -0.0, 0.5, 1.5, 2.5, 0.25, 0.125, 0.375, 0.03125, 0.09375, 0.99995, 9.99995, 9.5, 10.5, 1e21, 1e22, 1.5e300, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, math.nan, math.inf, -math.inf, 123456789.0, 25.0, 35.0, 250.0, 350.0, 1250000.0, 65504.0]
    values += [rng.randint(-(2**20), 2**20) / 2 ** rng.randint(0, 20) for _ in range(150)]
    values += [(2 * rng.randint(0, 9999) + 1) * 10 ** rng.randint(0, 12) * 5 for _ in range(40)]
    values += [struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0] for _ in range(80)]
    values += [struct.unpack("<f", struct.pack("<I", rng.getrandbits(32)))[0] for _ in range(80)]
    rows = []
    for value in values:
        for digits in {0, rng.randint(1, 12), 4}:
            rows.append([encode(float(value)), digits, f"{float(value):.{digits}f}", f"{float(value):.{digits}e}"])
    return rows


def strings():
    texts = ["weight", "0.weight", "it's", 'say "hi"', "both ' and \"", "back\\slash", "tab\tnew\nline\r", "\x00\x7f\x80\xa0", "naïve 中文 😀", "\u200b\ue000\U000e0001", ""]
    return [[text, repr(text)] for text in texts]


def state_dicts():
    torch.manual_seed(0)
    nets = [
        nn.Linear(3, 2),
        nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)),
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)),
        nn.ReLU(),
    ]
    rows = []
    for net in nets:
        state = net.state_dict()
        rows.append({"entries": [[k, {"shape": list(v.shape), "dtype": name(v.dtype), "values": [encode(x) for x in v.reshape(-1).tolist()]}] for k, v in state.items()], "text": repr(OrderedDict(state.items()))})
    return rows


def modules():
    class Noted(nn.Module):
        def __init__(self, note):
            super().__init__()
            self.note = note

        def extra_repr(self):
            return self.note

    class MLP(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(20, 256)
            self.out = nn.Linear(256, 10)

    blank = Noted("above\n\nbelow")
    nested = Noted("x=1\ny=2")
    nested.add_module("child", blank)
    one = Noted("x=1")
    one.add_module("relu", nn.ReLU())
    trees = [
        nn.ReLU(),
        nn.Sequential(),
        nn.ModuleList(),
        nn.ModuleDict(),
        MLP(),
        nn.Sequential(MLP(), nn.Sequential(nn.ReLU(), nn.ReLU()), nn.ModuleList([nn.ReLU(), nn.ReLU()])),
        nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)]),
        nn.ModuleList([MLP(), MLP(), nn.ModuleList([MLP()])]),
        nn.ModuleDict({"a": nn.ReLU(), "b": nn.ModuleList([nn.Tanh() for _ in range(12)])}),
        blank,
        nested,
        one,
        nn.Sequential(nested, one),
        nn.ParameterList([torch.zeros(3), torch.zeros(2, 3), torch.zeros(())]),
        nn.Sequential(nn.ParameterList([torch.zeros(3)])),
        nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, batch_first=True), 2),
    ]

    def view(module):
        children = [[key, view(child)] for key, child in module._modules.items()] if not isinstance(module, nn.ParameterList) else []
        return {"name": module._get_name(), "extra": module.extra_repr().replace("torch.", ""), "list": isinstance(module, nn.ModuleList), "children": children}

    return [{"module": view(tree), "text": repr(tree).replace("torch.", "")} for tree in trees]


tensors()
golden = {"torch": torch.__version__.split("+")[0], "tensors": cases, "numbers": numbers(), "strings": strings(), "stateDicts": state_dicts(), "modules": modules()}
OUT.parent.mkdir(parents=True, exist_ok=True)
lines = [f'"torch": {json.dumps(golden.pop("torch"))}']
lines += [f'"{key}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]" for key, rows in golden.items()]
OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(f"{len(cases)} tensors, {OUT.stat().st_size} bytes")
