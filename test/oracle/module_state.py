"""Records small programs on modules (state, hooks, registration, containers) into test/goldens/module_state.json.gz.

Each program (module_programs/) says what it sees, line by line; test/nn/modules.<group>.test.ts holds the same programs in TypeScript.
"""
import inspect
import warnings

import torch
from oracle import save

from module_programs import containers, hooks, registration, state


def text(v):
    if isinstance(v, torch.Tensor):
        return str(v.tolist())
    if isinstance(v, (list, tuple)) and not hasattr(v, 'missing_keys'):
        return '[' + ', '.join(text(x) for x in v) + ']'
    if isinstance(v, bool) or v is None:
        return {True: 'true', False: 'false', None: 'null'}[v]
    return str(v)


class Said(list):
    def __call__(self, *values):
        self.append(' '.join(text(v) for v in values))

    def error(self, f):
        try:
            f()
            self('nothing thrown')
        except Exception as e:
            self('throws ' + str(e.args[0] if isinstance(e, KeyError) else e))


def programs(module):
    return {name: f for name, f in vars(module).items() if inspect.isfunction(f) and list(inspect.signature(f).parameters) == ['say']}


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    recorded = {}
    for module in (state, hooks, registration, containers):
        group = recorded[module.__name__.split('.')[-1]] = {}
        for name, run in programs(module).items():
            said = Said()
            run(said)
            group[name] = list(said)
    lines = sum(len(said) for group in recorded.values() for said in group.values())
    print('%d programs, %d lines, %d bytes' % (sum(map(len, recorded.values())), lines, save('module_state.json.gz', recorded)))
