"""
Records what small programs of autograd do: values, order of hook calls, error texts -> test/goldens/autograd.json.gz.

The programs (autograd_programs/) are written in Python and recorded as JavaScript too (javascript.py) -> test/goldens/autograd_programs.json.gz, which
test/autograd/goldens.test.ts runs. A program logs what it sees; the two logs must be equal. With an argument, a regular expression, the programs of such
a name are run and their logs printed.
"""
import inspect
import json
import re
import sys
import warnings

import torch
from oracle import save, short_error

from autograd_programs import checks, common, function_gradients, functions, graph, hooks, passes
from javascript import Translator


class Log:
    def __init__(self):
        self.lines = []

    def __call__(self, *values):
        self.lines.append([plain(v) for v in values])

    def fails(self, f, before=None):
        """Logs the error text of a call, up to where `before` matches: what follows is Python's own; null where there is none."""
        try:
            f()
        except Exception as e:
            text = words(short_error(e))
            self.lines.append([text if before is None else re.split(before, text)[0]])
        else:
            self.lines.append([None])

    def warned(self, f):
        """What a call warns of."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            f()
        return [str(w.message) for w in caught]


def words(text):
    return re.sub(r'\btorch\.(?=Size|float|int|Tensor)', '', text)


def plain(v):
    if isinstance(v, torch.Tensor):
        return words(str(v))
    if isinstance(v, torch.Size):
        return list(v)
    if isinstance(v, str):
        return words(v)
    if v is None or isinstance(v, (bool, int, float)):
        return v
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    return words(str(v))


def record(program):
    torch.manual_seed(0)
    log = Log()
    program(log)
    assert torch.is_grad_enabled() and not torch.is_anomaly_enabled()
    return log.lines


def programs(module):
    return {name: f for name, f in vars(module).items() if inspect.isfunction(f) and list(inspect.signature(f).parameters) == ['log']}


if __name__ == '__main__':
    modules = (functions, function_gradients, hooks, graph, passes, checks)
    wanted = sys.argv[1] if len(sys.argv) > 1 else ''
    recorded = {name: record(f) for module in modules for name, f in programs(module).items() if re.search(wanted, name)}
    if wanted:
        for name, lines in recorded.items():
            print(name, *('   ' + json.dumps(line) for line in lines), sep='\n')
    else:
        print(len(recorded), 'programs,', save('autograd.json.gz', recorded), 'bytes')
        save('autograd_programs.json.gz', Translator().modules(map(inspect.getsource, (common, *modules))))
