"""Records in which order PyTorch's samplers, loaders and splits visit data: test/goldens/data.json."""
import itertools
import json

import torch
from oracle import write
from torch.utils.data import DataLoader, RandomSampler, SubsetRandomSampler, TensorDataset, WeightedRandomSampler, random_split


def seeded(seed, own):
    """Seeds the default generator, and gives one of the caller's own if wanted."""
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed + 1) if own else None


def after(generator):
    """What the streams give next: they must have been used up equally far."""
    return [torch.rand(2).tolist(), torch.rand(2, generator=generator).tolist() if generator else None]


def loaders():
    rows = []
    for seed, (n, batch), drop_last, own in itertools.product([0, 1, 2**40 + 7], [(1, 1), (10, 3), (10, 5), (7, 20), (100, 32)], [False, True], [False, True]):
        generator = seeded(seed, own)
        loader = DataLoader(TensorDataset(torch.arange(n)), batch_size=batch, shuffle=True, drop_last=drop_last, generator=generator)
        passes = []
        for _ in range(2):
            passes.append([[x.tolist() for (x,) in loader], after(generator)])
        # A pass left after its first batch.
        for _ in loader:
            break
        passes.append([[], after(generator)])
        rows.append({"seed": seed, "n": n, "batchSize": batch, "dropLast": drop_last, "own": own, "length": len(loader), "passes": passes})
    return rows


def samplers():
    rows = []
    for seed, own, (n, options) in itertools.product(
        [0, 3],
        [False, True],
        [(5, {}), (5, {"num_samples": 3}), (5, {"num_samples": 13}), (5, {"num_samples": 10}), (7, {"replacement": True}), (7, {"replacement": True, "num_samples": 70}), (1000, {"replacement": True, "num_samples": 64})],
    ):
        generator = seeded(seed, own)
        order = list(RandomSampler(range(n), generator=generator, **options))
        rows.append({"kind": "random", "seed": seed, "own": own, "n": n, "replacement": options.get("replacement", False), "numSamples": options.get("num_samples"), "order": order, "after": after(generator)})
    for seed, own in itertools.product([0, 3], [False, True]):
        generator = seeded(seed, own)
        order = list(SubsetRandomSampler([3, 1, 4, 15, 9, 26], generator=generator))
        rows.append({"kind": "subset", "seed": seed, "own": own, "indices": [3, 1, 4, 15, 9, 26], "order": order, "after": after(generator)})
        for replacement, count in [(True, 20), (False, 4), (True, 1), (False, 1)]:
            generator = seeded(seed, own)
            weights = [0.1, 0.9, 0.4, 0.7, 3.0, 0.6]
            order = list(WeightedRandomSampler(weights, count, replacement=replacement, generator=generator))
            rows.append({"kind": "weighted", "seed": seed, "own": own, "weights": weights, "replacement": replacement, "numSamples": count, "order": order, "after": after(generator)})
    return rows


def splits():
    rows = []
    for seed, own, (n, lengths) in itertools.product([0, 5], [False, True], [(10, [3, 7]), (10, [0.3, 0.7]), (30, [0.3, 0.3, 0.4]), (11, [0.5, 0.5]), (7, [1 / 3, 1 / 3, 1 / 3]), (4, [0, 4]), (3, [1.0])]):
        generator = seeded(seed, own)
        parts = random_split(range(n), lengths, **({"generator": generator} if own else {}))
        rows.append({"seed": seed, "own": own, "n": n, "lengths": lengths, "parts": [list(part.indices) for part in parts], "after": after(generator)})
    return rows


if __name__ == "__main__":
    golden = {"loaders": loaders(), "samplers": samplers(), "splits": splits()}
    text = ",\n".join(f'"{key}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]" for key, rows in golden.items())
    print(write("data.json", "{\n" + text + "\n}\n"), "bytes")
