"""Records files of torch.save() and what is in them: test/goldens/pt/torch-<version>.json.gz.

With `check`, reads what Tenzo wrote (written.pt and others there) and compares it instead.

With an older torch the same values are recorded as that version writes them (1.13: Debian's python3-torch). For versions that
cannot be run here, the function `layout` builds what they are documented to write: the names in the archive, and the keys
of the storages. No other part differs: the pickles are PyTorch's own.
"""

import base64
import collections
import copy
import io
import json
import math
import pickle
import struct
import sys
import tarfile
import zipfile

import numpy as np
import torch
from oracle import GOLDENS, UNIX, rows, write
from torch import nn, optim

PT = GOLDENS / "pt"
VERSION = ".".join(torch.__version__.split(".")[:2])
NEWEST = VERSION == "2.13"
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]


def name_of(dtype):
    return str(dtype).replace("torch.", "")


def describe(value):
    """The value as JSON; tensors bit by bit."""
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(value.astype(value.dtype.newbyteorder("=")))
        # The strides of an array without elements mean nothing.
        value = value if value.numel() else torch.zeros(value.shape, dtype=value.dtype)
    if isinstance(value, np.generic):
        value = value.item()
    if type(value).__name__.endswith("TypedStorage"):
        value = torch.tensor(value.tolist(), dtype=value.dtype)
    elif "Storage" in type(value).__name__:
        value = torch.tensor(value.tolist(), dtype=torch.uint8)
    if isinstance(value, torch.Tensor):
        raw = torch.empty(value.numel(), dtype=value.dtype).copy_(value.detach().reshape(-1))
        return {
            "tensor": (raw.view(torch.uint8).numpy().tobytes().hex() if raw.numel() else "") if raw.dtype != torch.bool else bytes(raw.tolist()).hex(),
            "shape": list(value.shape),
            "stride": list(value.stride()),
            "dtype": name_of(value.dtype),
            "requiresGrad": value.requires_grad,
            "parameter": isinstance(value, nn.Parameter),
        }
    if isinstance(value, collections.OrderedDict):
        described = {"map": [[describe(k), describe(v)] for k, v in value.items()]}
        metadata = getattr(value, "_metadata", None)
        if metadata is not None:
            described["metadata"] = [[k, describe(v)] for k, v in metadata.items()]
        return described
    if isinstance(value, dict):
        if all(isinstance(k, str) for k in value):
            return {"object": {k: describe(v) for k, v in value.items()}}
        return {"map": [[describe(k), describe(v)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"array": [describe(v) for v in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted((describe(v) for v in value), key=json.dumps)}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.hex()}
    if isinstance(value, (torch.dtype, torch.layout)):
        return str(value) if isinstance(value, torch.layout) else name_of(value)
    if isinstance(value, torch.device):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"bigint": str(value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value)}
    return value


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
        self.b = nn.Linear(3, 3, bias=False)
        self.b.weight = self.a.weight
        self.norm = nn.BatchNorm1d(3)


def train(net, optimizer):
    """Two steps."""
    for _ in range(2):
        optimizer.zero_grad()
        net(torch.ones(4, 3)).square().mean().backward()
        optimizer.step()


def trained(make):
    """A net and its optimizer after two steps."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
    optimizer = make(net)
    train(net, optimizer)
    return net, optimizer


def resumed(make):
    """The states after two steps, and the net's after two more."""
    net, optimizer = trained(make)
    saved = copy.deepcopy({"model": net.state_dict(), "optimizer": optimizer.state_dict()})
    train(net, optimizer)
    return saved | {"after": net.state_dict()}


def values():
    """What every version can write."""
    torch.manual_seed(0)
    base = torch.arange(12.0)
    shared = [1, 2]
    yield "tensor", torch.randn(2, 3)
    yield "list", [torch.ones(2), torch.zeros(2, 2)]
    yield "dict", {"x": torch.ones(2), "y": torch.arange(3)}
    yield "state", Tied().state_dict()
    yield "parameter", nn.Linear(2, 2).weight
    yield "frozen", nn.Parameter(torch.arange(3), requires_grad=False)
    yield "dtypes", {name_of(d): torch.randn(4).mul(3).to(d) for d in DTYPES if d != torch.uint8} | {"uint8": torch.arange(4, dtype=torch.uint8)}
    yield "views", {"base": base, "row": base[4:8], "step": base[1::3], "turned": base.reshape(3, 4).t(), "expanded": torch.ones(1).expand(3), "empty": base[:0], "scalar": torch.tensor(3.5), "hollow": torch.zeros(2, 0, 3), "alone": torch.zeros(0), "after": torch.ones(2), "window": base.as_strided((3, 4), (2, 1), 1)}
    yield "plain", {"int": 3, "negative": -5, "short": 300, "word": 70000, "long": 2**40, "huge": 2**70, "least": -(2**63), "float": 0.1, "nan": math.nan, "inf": -math.inf, "yes": True, "no": False, "none": None, "text": "naïve 😀", "half": "\ud800x", "list": [1, [2, []]], "tuple": (1, 2, 3, 4), "nothing": (), "set": {1, 2}, "frozen": frozenset([(1, 2), "a"]), "bytes": b"\x00\xff", "array": bytearray(b"\x01\xfe"), "size": torch.Size([2, 3]), "dtype": torch.float16, "other dtype": torch.complex64, "device": torch.device("cpu"), "gpu": torch.device("cuda", 1), "layout": torch.strided, "keys": {1: "a", "b": 2, (1, 2): 3, None: 4}, "ordered": collections.OrderedDict(z=1, a=2), "shared": [shared, shared], "many": list(range(1100)), "__proto__": {"__proto__": 1}, "": 0}
    yield "leaf", torch.ones(2, requires_grad=True)
    yield "defaultdict", collections.defaultdict(list, a=[1], b=[torch.ones(1)])
    yield "counter", collections.Counter("abca")
    yield "numpy", {"f8": np.float64(0.1), "f4": np.float32(0.1), "f2": np.float16(0.1), "i8": np.int64(-3), "u8": np.uint64(2**63), "u2": np.uint16(9), "b": np.bool_(True), "array": np.arange(6.0).reshape(2, 3), "ints": np.arange(3, dtype="int16"), "turned": np.asfortranarray(np.arange(6, dtype="float32").reshape(2, 3)), "big": np.arange(3, dtype=">i4"), "zero": np.array(2.5), "none": np.zeros((0, 2))}
    yield "storages", [torch.arange(3.0).storage(), torch.arange(4, dtype=torch.uint8).storage()]
    yield "resumed SGD", resumed(lambda n: optim.SGD(n.parameters(), lr=0.1, momentum=0.9, dampening=0.5, weight_decay=0.01))
    yield "resumed Adam", resumed(lambda n: optim.Adam(n.parameters(), lr=0.01, betas=(0.8, 0.99), amsgrad=True))
    groups = lambda n: [{"params": n[0].parameters()}, {"params": n[2].parameters(), "lr": 0.5}]
    yield "resumed AdamW", resumed(lambda n: optim.AdamW(groups(n), lr=0.01))
    net, _ = trained(lambda n: optim.SGD(n.parameters(), lr=0.1))
    fresh = optim.Adam(net.parameters())
    yield "fresh Adam", fresh.state_dict()
    net, optimizer = trained(lambda n: optim.RMSprop(n.parameters(), lr=0.01, momentum=0.1))
    yield "checkpoint", {"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict(), "best": np.float64(0.25), "rng": torch.get_rng_state()[:8].clone(), "history": collections.defaultdict(list, loss=[1.5, 0.5])}


def shared_net():
    """The tutorials' net with one layer in two places (case 28)."""
    torch.manual_seed(0)
    shared = nn.Linear(8, 8)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), shared, nn.ReLU(), shared, nn.ReLU(), nn.Linear(8, 1))


def cases():
    """Cases 28 and 33 of the tutorials."""
    net = shared_net()
    x = torch.rand(2, 4)
    yield "case 28", {"state": net.state_dict(), "x": x, "y": net(x).detach()}
    x, y = torch.arange(4), torch.zeros(4)
    yield "case 33 tensor", x
    yield "case 33 list", [x, y]
    yield "case 33 dict", {"x": x, "y": y}


def save(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def legacy(value):
    return save(value, _use_new_zipfile_serialization=False)


def rezip(data, rename=lambda name: name, drop=(), add=(), change=lambda name, content: content, method=zipfile.ZIP_STORED):
    """The same archive with other entries, written by Python's zipfile."""
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name in source.namelist():
            if not name.split("/", 1)[1].startswith(tuple(drop)) or not drop:
                target.writestr(rename(name), change(name, source.read(name)))
        for name, content in add:
            target.writestr(name, content)
    return out.getvalue()


def layout(value, version):
    """A file as another version lays it out."""
    data = save(value)
    newer = (".format_version", ".storage_alignment", ".data/")
    if version == "2.1":
        return rezip(data, drop=newer)
    if version in ("2.0", "1.6"):
        data = rezip(data, drop=(*newer, "byteorder"))
    if version == "1.6":
        # The keys were addresses then, and the archive had the name of the file.
        keys = {}
        pickled = zipfile.ZipFile(io.BytesIO(data)).read("archive/data.pkl")
        for i in range(10):
            keys[f"archive/data/{i}"] = f"model/data/{94000000000000 + 64 * i}"
            short, long = str(i).encode(), str(94000000000000 + 64 * i).encode()
            pickled = pickled.replace(b"X\x01\x00\x00\x00" + short + b"q", b"X" + struct.pack("<I", len(long)) + long + b"q")
        return rezip(data, rename=lambda n: keys.get(n, n.replace("archive/", "model/")), change=lambda n, c: pickled if n.endswith(".pkl") else c)
    return data


def big_endian(value, itemsize):
    swap = lambda name, content: b"big" if name.endswith("byteorder") else np.frombuffer(content, f"u{itemsize}").byteswap().tobytes() if "/data/" in name else content
    return rezip(save(value), change=swap)


def on_gpu(value):
    """As a machine with GPUs writes it: only the location differs."""
    original = torch.serialization.location_tag
    torch.serialization.location_tag = lambda storage: "cuda:0"
    try:
        return save(value), legacy(value)
    finally:
        torch.serialization.location_tag = original


class Persistent:
    """Pickled as the persistent id that it holds."""

    def __init__(self, id):
        self.id = id


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.id if isinstance(value, Persistent) else None


class Call:
    """Pickled as the call of a function."""

    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


def pickled(value):
    buffer = io.BytesIO()
    Pickler(buffer, 2).dump(value)
    return buffer.getvalue()


def old_views():
    """Before PyTorch 0.4 a view of a storage was a storage of its own: two views of one root."""
    view = lambda key, offset, count: Persistent(("storage", torch.FloatStorage, "1", "cpu", 6, (key, offset, count)))
    rebuild = torch._utils._rebuild_tensor
    tensors = [Call(rebuild, view("2", 0, 4), 0, (2, 2), (2, 1)), Call(rebuild, view("3", 3, 3), 1, (2,), (1,)), Call(rebuild, view("2", 0, 4), 1, (3,), (1,))]
    head = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}]
    data = b"".join(map(pickled, head)) + pickled(tensors) + pickled(["1"])
    return data + struct.pack("<q6f", 6, *range(6)), [torch.tensor([[0.0, 1.0], [2.0, 3.0]]), torch.tensor([4.0, 5.0]), torch.tensor([1.0, 2.0, 3.0])]


def untyped(tensor):
    """A tensor whose dtype stands beside an untyped storage, which PyTorch has for its newest dtypes."""
    dtype = tensor.dtype
    reduce = Call(torch._utils._rebuild_tensor_v3, tensor.untyped_storage(), 1, (2,), (1,), False, collections.OrderedDict(), dtype)
    return reduce


def tar():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as target:
        for name in ("storages", "tensors", "pickle"):
            target.addfile(tarfile.TarInfo(name))
    return out.getvalue()


def script():
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), buffer)
    return buffer.getvalue()


def files():
    for name, value in values():
        yield name, save(value), describe(value)
        yield f"legacy {name}", legacy(value), describe(value)
    if not NEWEST:
        return
    for name, value in cases():
        yield name, save(value), describe(value)
    every = {"x": torch.ones(2), "list": [1, 2], "set": {1}, "bytes": b"ab", "array": bytearray(b"ab"), "numpy": np.arange(3), "scalar": np.float32(2), "text": "é" * 300}
    for protocol in (3, 4, 5):
        yield f"protocol {protocol}", save(every, pickle_protocol=protocol), describe(every)
        yield f"legacy protocol {protocol}", save(every, pickle_protocol=protocol, _use_new_zipfile_serialization=False), describe(every)
    for version in ("1.6", "2.0", "2.1"):
        state = Tied().state_dict()
        yield f"layout of {version}", layout(state, version), describe(state)
    floats, halves = torch.randn(5), torch.randn(5).half()
    for itemsize, tensor in ((4, floats), (2, halves), (8, torch.arange(3)), (1, torch.tensor([True, False]))):
        yield f"big endian {itemsize}", big_endian([tensor], itemsize), describe([tensor])
    yield "compressed", rezip(save({"x": torch.zeros(1000), "y": floats}), method=zipfile.ZIP_DEFLATED), describe({"x": torch.zeros(1000), "y": floats})
    zipped, old = on_gpu([floats])
    yield "gpu", zipped, describe([floats])
    yield "legacy gpu", old, describe([floats])
    data, tensors = old_views()
    yield "legacy storage views", data, describe(tensors)
    longs = torch.arange(4)
    yield "untyped", save([untyped(longs)]), describe([longs[1:3]])
    yield "untyped storage", save(longs.untyped_storage()), describe(longs.untyped_storage())
    torch.serialization.set_crc32_options(False)
    yield "no checksums", save([floats]), describe([floats])
    torch.serialization.set_crc32_options(True)
    hung = torch.ones(2)
    hung.note = "hung on it"
    parameter = nn.Parameter(torch.ones(2))
    parameter.note = "hung on it"
    yield "attributes", save([hung, parameter]), describe([torch.ones(2), nn.Parameter(torch.ones(2))])
    device = [Call(torch._utils._rebuild_device_tensor_from_numpy, np.arange(3.0), torch.float32, "xla:0", True), Call(torch._utils._rebuild_device_tensor_from_cpu_tensor, floats, torch.float32, "xla:0", False)]
    yield "other device", save(device), describe([torch.arange(3.0, requires_grad=True), floats])

    dtype, form = "ERR_TENZO_DTYPE", "ERR_TENZO_FORMAT"
    refused = lambda code, text: {"error": code, "text": text}
    named = lambda value: {"model": collections.OrderedDict({"a.weight": torch.ones(1), "b.weight": value})}
    for t in (torch.complex64, torch.complex128, torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2):
        yield f"of {name_of(t)}", save(named(torch.ones(2).to(t))), refused(dtype, f'the tensor ["model"]["b.weight"] is {name_of(t)}, which has no counterpart')
    yield "legacy of complex64", legacy(torch.ones(2, dtype=torch.complex64)), refused(dtype, "the tensor is complex64, which has no counterpart")
    yield "quantized", save(named(torch.quantize_per_tensor(floats, 0.1, 0, torch.qint8))), refused(dtype, 'the tensor ["model"]["b.weight"] is qint8')
    yield "sparse", save([torch.eye(2).to_sparse()]), refused(form, "the tensor [0] is sparse (torch.sparse_coo)")
    yield "negative view", save([torch.ones(2, dtype=torch.complex64).conj().imag]), refused(form, "the tensor [0] is a view with the neg bit set")
    yield "meta", save([torch.ones(2, device="meta")]), refused(form, "the tensor [0] is on the meta device, without data")
    yield "numpy uint16", save({"x": np.arange(3, dtype="uint16")}), refused(dtype, 'the tensor ["x"] is a numpy array of u2')
    yield "complex number", save([1j]), refused(form, "is a complex number")
    yield "module", save(nn.Linear(2, 2)), refused(form, "Unsupported global: GLOBAL torch.nn.modules.linear.Linear was not an allowed global by default")
    import argparse

    yield "namespace", save({"args": argparse.Namespace(lr=1)}), refused(form, "Unsupported global: GLOBAL argparse.Namespace was not an allowed global by default")
    yield "function", save({"f": print}), refused(form, "Unsupported global: GLOBAL print was not an allowed global by default")
    yield "legacy function", legacy({"f": print}), refused(form, "Unsupported global: GLOBAL print was not an allowed global by default")
    yield "type", save({"type": int}), refused(form, "the name builtins.int is no data")
    yield "script", script(), refused(form, "a TorchScript archive")
    yield "tar", tar(), refused(form, "the tar format of PyTorch before 0.2")


def record():
    found = {name: {"file": base64.b64encode(data).decode(), "expected": expected} for name, data, expected in files()}
    print(f"{len(found)} files, {write(f'pt/torch-{VERSION}.json.gz', rows(found), system=UNIX)} bytes")


def check():
    from safetensors.torch import load_model

    found = torch.load(PT / "written.pt", weights_only=True)
    torch.load(PT / "written.pt", weights_only=True, mmap=True)
    state = found["state"]
    assert isinstance(state, collections.OrderedDict) and list(state) == ["a.weight", "b.weight", "turned"]
    assert state._metadata == collections.OrderedDict({"": {"version": 1}, "a": {"version": 2}})
    assert state["a.weight"].untyped_storage().data_ptr() == state["b.weight"].untyped_storage().data_ptr()
    assert torch.equal(state["a.weight"], torch.arange(6.0).reshape(2, 3)) and torch.equal(state["turned"], state["a.weight"].t())
    assert isinstance(found["parameter"], nn.Parameter) and found["parameter"].requires_grad
    assert found["leaf"].requires_grad and found["leaf"].is_leaf
    for name, tensor in found["dtypes"].items():
        assert tensor.dtype == getattr(torch, name) and tensor.tolist() == [0, 1, 1 if name == "bool" else 2], name
    assert found["plain"] == {"int": 3, "negative": -5, "short": 300, "word": 70000, "long": 2**40, "huge": 2**70, "least": -(2**63), "float": 0.1, "inf": -math.inf, "yes": True, "none": None, "text": "naïve 😀", "half": "\ud800x", "list": [1, [2, []]], "set": {1, 2}, "keys": {1: 2, (3, (4,)): 5}, "bytes": b"\x00\xff", "many": list(range(1100))}
    assert math.copysign(1, found["zero"]) == -1 and found["again"] is found["state"]
    net, _ = trained(lambda n: optim.SGD(n.parameters(), lr=0.1))
    for name, make in (("sgd", optim.SGD), ("adam", optim.Adam)):
        optimizer = make(net.parameters(), lr=1)
        optimizer.load_state_dict(found[name])
        for parameter in net.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
        assert optimizer.param_groups[0]["lr"] == 0.5 and type(list(optimizer.state.values())[0]["step" if name == "adam" else "momentum_buffer"]) is torch.Tensor
    records = [record.filename for record in zipfile.ZipFile(PT / "written.pt").infolist()]
    own = zipfile.ZipFile(io.BytesIO(save(found))).namelist()
    assert records == [n for n in own if n != "archive/.data/serialization_id"], (records, own)
    net = shared_net()
    tied = torch.load(PT / "case28.pt", weights_only=True)
    assert tied["2.weight"].untyped_storage().data_ptr() == tied["4.weight"].untyped_storage().data_ptr()
    assert str(net.load_state_dict(tied)) == "<All keys matched successfully>"
    assert all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), shared_net().state_dict().values()))
    for parameter in net.parameters():
        nn.init.zeros_(parameter)
    assert load_model(net, str(PT / "case28.safetensors")) == (set(), [])
    assert all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), shared_net().state_dict().values()))
    x, y = torch.arange(4), torch.zeros(4)
    for name, value in (("tensor", x), ("list", [x, y]), ("dict", {"x": x, "y": y})):
        assert describe(torch.load(PT / f"case33-{name}.pt", weights_only=True)) == describe(value)
    print("PyTorch reads what was written")


if __name__ == "__main__":
    check() if sys.argv[1:] == ["check"] else record()
