"""Writes small files with numpy, and what is in them: test/goldens/npy/.

With `check`, reads what Tenzo wrote (written.npz, written.npy there) and compares it instead.
"""
import sys

import numpy as np
from oracle import GOLDENS, path, rows, write


def numpy_files():
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
        np.save(path(f"npy/{name}.npy"), array)
        order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        contents[name] = {"shape": list(array.shape), "dtype": array.dtype.newbyteorder("=").name, "values": [float(x) for x in array.reshape(-1)], "rewritten": order == "C" and array.dtype.byteorder != ">"}
    np.savez(path("npy/stored.npz"), a=arrays["float32"], b=arrays["int64"], c=arrays["scalar"])
    np.savez_compressed(path("npy/deflated.npz"), a=arrays["float32"], b=arrays["int64"], c=arrays["scalar"])
    write("npy/contents.json", rows(contents))


def check():
    with np.load(GOLDENS / "npy/written.npz") as arrays:
        assert sorted(arrays) == ["a", "b"] and arrays["a"].tolist() == [[0, 2], [1, 3]] and arrays["b"].dtype == "int64"
    assert np.load(GOLDENS / "npy/written.npy").tolist() == [0.0, 0.5, 1.0]
    print("numpy reads what was written")


if __name__ == "__main__":
    check() if sys.argv[1:] == ["check"] else numpy_files()
