"""Writes small files with numpy and PyTorch, and what is in them: test/goldens/npy/ and test/goldens/pt/.

Usage: PYTHON scripts/goldens/array_files.py   (a Python with torch 2.13 and numpy)
With `check`, reads what Tenzo wrote (written.pt, written.npz, written.npy there) and compares it instead.
"""

import collections
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[2] / "test" / "goldens"
NPY, PT = ROOT / "npy", ROOT / "pt"


def describe(value):
    """The value as JSON; tensors as printed, with what printing leaves out."""
    if isinstance(value, torch.Tensor):
        return {
            "tensor": str(value.detach()).replace("torch.", ""),
            "shape": list(value.shape),
            "stride": list(value.stride()),
            "dtype": str(value.dtype).removeprefix("torch."),
            "requiresGrad": value.requires_grad,
            "parameter": isinstance(value, nn.Parameter),
        }
    if isinstance(value, collections.OrderedDict):
        return {"map": [[describe(k), describe(v)] for k, v in value.items()]}
    if isinstance(value, dict):
        if all(isinstance(k, str) for k in value):
            return {"object": {k: describe(v) for k, v in value.items()}}
        return {"map": [[describe(k), describe(v)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"array": [describe(v) for v in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted(describe(v) for v in value)}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.hex()}
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    if isinstance(value, torch.device):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"bigint": str(value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value)}
    return value


def numpy_files():
    NPY.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    base = rng.normal(size=(2, 3)) * 10
    arrays = {f"{dtype}": base.astype(dtype) for dtype in ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "bool"]}
    arrays["uint8"] = np.arange(6, dtype="uint8").reshape(2, 3)
    arrays |= {
        "big": base.astype(">f4"),
        "big64": np.arange(-3, 3).astype(">i8"),
        "fortran": np.asfortranarray(np.arange(24, dtype="float32").reshape(2, 3, 4)),
        "scalar": np.array(2.5),
        "empty": np.zeros((0, 3), dtype="float32"),
        "long": np.arange(12345, dtype="int16")[:1],
        "wide": np.zeros((1,) * 20, dtype="int8"),
    }
    contents = {}
    for name, array in arrays.items():
        np.save(NPY / f"{name}.npy", array)
        order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        contents[name] = {"shape": list(array.shape), "dtype": array.dtype.newbyteorder("=").name, "values": [float(x) for x in array.reshape(-1)], "rewritten": order == "C" and array.dtype.byteorder != ">"}
    np.savez(NPY / "stored.npz", a=arrays["float32"], b=arrays["int64"], c=arrays["scalar"])
    np.savez_compressed(NPY / "deflated.npz", a=arrays["float32"], b=arrays["int64"], c=arrays["scalar"])
    (NPY / "contents.json").write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in contents.items()) + "\n}\n")


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
        self.b = nn.Linear(3, 3, bias=False)
        self.b.weight = self.a.weight
        self.norm = nn.BatchNorm1d(3)


def values():
    torch.manual_seed(0)
    base = torch.arange(12.0)
    shared = [1, 2]
    yield "tensor", torch.randn(2, 3)
    yield "list", [torch.ones(2), torch.zeros(2, 2)]
    yield "dict", {"x": torch.ones(2), "y": torch.arange(3)}
    yield "state", Tied().state_dict()
    yield "parameter", nn.Linear(2, 2).weight
    yield "dtypes", {str(d).removeprefix("torch."): torch.randn(4).mul(3).to(d) for d in [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.bool]} | {"uint8": torch.arange(4, dtype=torch.uint8)}
    yield "views", {"base": base, "row": base[4:8], "step": base[1::3], "turned": base.reshape(3, 4).t(), "expanded": torch.ones(1).expand(3), "empty": base[:0], "scalar": torch.tensor(3.5)}
    yield "plain", {"int": 3, "negative": -5, "short": 300, "word": 70000, "long": 2**40, "huge": 2**70, "least": -(2**63), "float": 0.1, "nan": math.nan, "inf": -math.inf, "yes": True, "no": False, "none": None, "text": "naïve 😀", "list": [1, [2, []]], "tuple": (1, 2, 3, 4), "nothing": (), "set": {1, 2}, "bytes": b"\x00\xff", "size": torch.Size([2, 3]), "dtype": torch.float16, "device": torch.device("cpu"), "keys": {1: "a", "b": 2}, "ordered": collections.OrderedDict(z=1, a=2), "shared": [shared, shared], "many": list(range(1100))}
    yield "leaf", torch.ones(2, requires_grad=True)


def pt_files():
    PT.mkdir(parents=True, exist_ok=True)
    contents = {}
    for name, value in values():
        torch.save(value, PT / f"{name}.pt")
        contents[name] = describe(value)
    for protocol in (3, 4, 5):
        torch.save({"x": torch.ones(2), "list": [1, 2], "set": {1}, "bytes": b"ab"}, PT / f"protocol{protocol}.pt", pickle_protocol=protocol)
        contents[f"protocol{protocol}"] = describe({"x": torch.ones(2), "list": [1, 2], "set": {1}, "bytes": b"ab"})
    torch.save(nn.Linear(2, 2), PT / "module.pt")
    torch.save(torch.ones(2, dtype=torch.complex64), PT / "complex.pt")
    torch.save(torch.ones(2), PT / "legacy.pt", _use_new_zipfile_serialization=False)
    (PT / "contents.json").write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in contents.items()) + "\n}\n")


def check():
    found = torch.load(PT / "written.pt", weights_only=True)
    state = found["state"]
    assert isinstance(state, collections.OrderedDict) and list(state) == ["a.weight", "b.weight", "turned"]
    assert state["a.weight"].untyped_storage().data_ptr() == state["b.weight"].untyped_storage().data_ptr()
    assert torch.equal(state["a.weight"], torch.arange(6.0).reshape(2, 3)) and torch.equal(state["turned"], state["a.weight"].t())
    assert isinstance(found["parameter"], nn.Parameter) and found["parameter"].requires_grad
    assert found["leaf"].requires_grad and found["leaf"].is_leaf
    for name, tensor in found["dtypes"].items():
        assert tensor.dtype == getattr(torch, name) and tensor.tolist() == [0, 1, 1 if name == "bool" else 2], name
    assert found["plain"] == {"int": 3, "negative": -5, "short": 300, "word": 70000, "long": 2**40, "huge": 2**70, "least": -(2**63), "float": 0.1, "inf": -math.inf, "yes": True, "none": None, "text": "naïve 😀", "list": [1, [2, []]], "set": {1, 2}, "bytes": b"\x00\xff", "many": list(range(1100))}
    assert math.copysign(1, found["zero"]) == -1 and found["again"] is found["state"]
    with np.load(NPY / "written.npz") as arrays:
        assert sorted(arrays) == ["a", "b"] and arrays["a"].tolist() == [[0, 2], [1, 3]] and arrays["b"].dtype == "int64"
    assert np.load(NPY / "written.npy").tolist() == [0.0, 0.5, 1.0]
    print("PyTorch and numpy read what was written")


if sys.argv[1:] == ["check"]:
    check()
else:
    numpy_files()
    pt_files()
