"""Records what PyTorch calls the graph nodes (`grad_fn=<MulBackward0>`) of every operation's results into test/goldens/nodes.json.gz.

One sample of each operation for every combination of names. The names depend on no value: all numbers are made simple.
"""
import sys

import ops
import torch
from extras import SIGNATURES
from oracle import Unrecordable, field_names, map_tensors, save, tensors_in
from table import FAMILIES

SAMPLES = 40


def simple(t):
    """The same tensor with values that compress; those of integers may be indices."""
    if not t.dtype.is_floating_point:
        return t
    with torch.no_grad():
        out = torch.empty_strided(t.shape, t.stride(), dtype=t.dtype).fill_(0.5)
    return out.requires_grad_(t.requires_grad)


def case(call):
    inputs = tensors_in(call.args) + tensors_in(call.opts)
    if not any(t.requires_grad for t in inputs):
        raise Unrecordable('no gradient')
    coded = call.coded()
    out = call.run(call.args, call.opts)
    results = tensors_in(out)
    nodes = [None if t.grad_fn is None else type(t.grad_fn).__name__ for t in results]
    if not any(nodes):
        raise Unrecordable('no gradient')
    row = {**coded, **call.form(), 'nodes': nodes}
    if field_names(out):
        row['fields'] = field_names(out)
    return row


def operations():
    for family in [*FAMILIES, 'extra']:
        grouped = {}
        for entry in ops.parse_entries(SIGNATURES if family == 'extra' else FAMILIES[family]):
            grouped.setdefault(entry[0], []).append(entry)
        for name, entries in grouped.items():
            if name not in ops.OPINFO and family != 'extra':
                continue
            cases, seen = [], set()
            samples = sorted(ops.candidates(name, entries, torch.float32), key=lambda c: (c[2] == 0, c[2]))
            for call, _, _ in samples[:SAMPLES] + samples[SAMPLES::7]:
                try:
                    call.args, call.opts = map_tensors(call.args, simple), map_tensors(call.opts, simple)
                    # An empty tensor takes other ways.
                    if any(t.numel() == 0 for t in tensors_in(call.args) + tensors_in(call.opts)):
                        continue
                    row = case(call)
                except Exception as e:
                    if not isinstance(e, Unrecordable):
                        print('   ', name, type(e).__name__, str(e)[:80], file=sys.stderr)
                    continue
                if tuple(row['nodes']) in seen or 'NotImplemented' in row['nodes']:
                    continue
                seen.add(tuple(row['nodes']))
                cases.append(row)
            if cases:
                yield {'name': name, **ops.flags(name), 'cases': cases}


if __name__ == '__main__':
    found = list(operations())
    size = save('nodes.json.gz', found)
    print(len(found), 'operations,', sum(len(o['cases']) for o in found), 'cases,', size, 'bytes')
