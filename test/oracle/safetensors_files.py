"""Writes small files with the Python safetensors library, and what is in them: test/goldens/safetensors/.

(It needs `safetensors` beside torch.)
"""
import random
import re

import torch
from oracle import UNIX, path, rows, write
from safetensors import safe_open
from safetensors.torch import load_model, save_file, save_model
from torch import nn

DTYPES = "bool uint8 int8 int16 uint16 float16 bfloat16 int32 uint32 float32 float64 int64 uint64 complex64 float8_e4m3fn float8_e5m2 float8_e8m0fnu".split()


def raw(tensor):
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes().hex() if tensor.numel() else ""


def described(tensors):
    return {key: {"dtype": str(t.dtype).removeprefix("torch."), "shape": list(t.shape), "hex": raw(t)} for key, t in tensors.items()}


def files():
    """Writes files, and says what is in them."""
    torch.manual_seed(0)
    contents = {}

    def add(name, tensors, metadata=None):
        save_file(tensors, path(f"safetensors/{name}.safetensors"), metadata=metadata)
        contents[name] = {"metadata": metadata or {}, "tensors": described(tensors)}

    add("dtypes", {f"{d}.{i}": torch.randn(2, 3).abs().mul(3).to(getattr(torch, d)) for i, d in enumerate(DTYPES)}, {"format": "pt"})
    add("names", {"é": torch.tensor(1.5), "z": torch.zeros(0, 3), "\U0001f600": torch.ones(1), "\uffee": torch.ones(1), "10": torch.ones(2), "9": torch.ones(2), 'q"\\\n\x01\x7f/\u2028': torch.arange(3), "__proto__": torch.ones(3)}, {'k"\n\u2028é': "\\\x02😀"})
    add("empty", {})
    add("scalars", {"int": torch.tensor(-(2**62)), "bool": torch.tensor(True), "half": torch.tensor(65504.0, dtype=torch.float16)})
    add("state", nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)).state_dict(), {"format": "pt"})

    shared = nn.Linear(3, 3)
    tied = nn.Sequential(nn.Linear(3, 3), shared, nn.ReLU(), shared)
    save_model(tied, str(path("safetensors/tied.safetensors")))
    once = {k: v for k, v in tied.state_dict().items() if not k.startswith("3.")}
    contents["tied"] = {"metadata": {"3.weight": "1.weight", "3.bias": "1.bias"}, "tensors": described(once)}
    return contents


def outcome(run):
    """The result, or the error's words; a set of names prints in any order, so in this one."""
    try:
        return {"result": run()}
    except (RuntimeError, ValueError) as error:
        text = re.sub(r"\{('[^}]*')\}", lambda m: "{" + ", ".join(sorted(m[1].split(", "))) + "}", str(error))
        return {"error": " ".join(text.split()) if text.startswith("\n") else text}


def sharing(rng, scratch):
    """A module of buffers that are contiguous stretches of shared memory, and what becomes of it."""
    bases = [torch.arange(float(rng.choice([4, 6, 8]))) + 10 * i for i in range(rng.randint(1, 3))]
    views, module = {}, nn.Module()
    for name in rng.sample(["a", "b", "c", "w", "z", "é", "B"], rng.randint(1, 5)):
        base = rng.randrange(len(bases))
        size = len(bases[base])
        kind = rng.random()
        start, count = (0, size) if kind < 0.6 else (0, size // 2) if kind < 0.8 else (size // 2, size // 2) if kind < 0.9 else (1, 2)
        shape = [count] if rng.random() < 0.6 else [count // 2, 2]
        if shape[0] * (shape[1:] or [1])[0] != count:
            shape = [count]
        views[name] = {"base": base, "start": start, "shape": shape}
        module.register_buffer(name, bases[base][start : start + count].view(shape))
    case = {"bases": [len(b) for b in bases], "views": views}

    def saved():
        save_model(module, str(scratch))
        with safe_open(str(scratch), "pt") as file:
            return {"names": sorted(file.keys()), "metadata": file.metadata() or {}}

    case["save"] = outcome(saved)
    case["saveFile"] = outcome(lambda: save_file(module.state_dict(), str(scratch)))
    # A file with some of the names, and perhaps another.
    names = sorted(n for n in views if rng.random() < 0.7) + (["other"] if rng.random() < 0.3 else [])
    save_file({n: torch.full(views[n]["shape"], float(i + 1)) if n in views else torch.ones(1) for i, n in enumerate(names)}, str(scratch))
    case["file"], case["load"] = names, {}
    for strict in (True, False):
        for base, length in zip(bases, case["bases"]):
            base.copy_(torch.arange(float(length)))

        def loaded():
            missing, unexpected = load_model(module, str(scratch), strict=strict)
            return {"missing": sorted(missing), "unexpected": sorted(unexpected)}

        case["load"]["strict" if strict else "loose"] = outcome(loaded) | {"values": {n: module.state_dict()[n].flatten().tolist() for n in views}}
    return case


if __name__ == "__main__":
    write("safetensors/contents.json", rows(files()))
    rng, scratch = random.Random(0), path("safetensors/scratch.safetensors")
    cases = [sharing(rng, scratch) for _ in range(60)]
    scratch.unlink()
    write("safetensors/sharing.json.gz", rows(cases), system=UNIX)
