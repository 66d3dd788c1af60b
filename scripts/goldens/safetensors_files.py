"""Writes small files with the Python safetensors library, and what is in them: test/goldens/safetensors/.

Usage: PYTHON scripts/goldens/safetensors_files.py   (a Python with torch 2.13 and safetensors)
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file, save_model
from torch import nn

OUT = Path(__file__).resolve().parents[2] / "test" / "goldens" / "safetensors"
OUT.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)

DTYPES = "bool uint8 int8 int16 uint16 float16 bfloat16 int32 uint32 float32 float64 int64 uint64 complex64 float8_e4m3fn float8_e5m2 float8_e8m0fnu".split()


def raw(tensor):
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes().hex() if tensor.numel() else ""


def write(name, tensors, metadata=None):
    save_file(tensors, OUT / f"{name}.safetensors", metadata=metadata)
    contents[name] = {
        "metadata": metadata or {},
        "tensors": {
            key: {"dtype": str(t.dtype).removeprefix("torch."), "shape": list(t.shape), "hex": raw(t)} for key, t in tensors.items()
        },
    }


contents = {}
write("dtypes", {f"{d}.{i}": torch.randn(2, 3).abs().mul(3).to(getattr(torch, d)) for i, d in enumerate(DTYPES)}, {"format": "pt"})
write("names", {"é": torch.tensor(1.5), "z": torch.zeros(0, 3), "\U0001f600": torch.ones(1), "\uffee": torch.ones(1), "10": torch.ones(2), "9": torch.ones(2), 'q"\\\n\x01\x7f/\u2028': torch.arange(3), "__proto__": torch.ones(3)}, {'k"\n\u2028é': "\\\x02😀"})
write("empty", {})
write("scalars", {"int": torch.tensor(-(2**62)), "bool": torch.tensor(True), "half": torch.tensor(65504.0, dtype=torch.float16)})
write("state", nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)).state_dict(), {"format": "pt"})

shared = nn.Linear(3, 3)
tied = nn.Sequential(nn.Linear(3, 3), shared, nn.ReLU(), shared)
state = tied.state_dict()
save_model(tied, str(OUT / "tied.safetensors"))
contents["tied"] = {"metadata": {"3.weight": "1.weight", "3.bias": "1.bias"}, "tensors": {k: {"dtype": "float32", "shape": list(v.shape), "hex": raw(v)} for k, v in state.items() if not k.startswith("3.")}}

lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in contents.items()]
(OUT / "contents.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
