"""
Records what small programs of autograd do: values, order of hook calls, error texts -> test/goldens/autograd.json.gz.

Each program stands twice, under the same name: here (autograd_programs/) in Python, in test/autograd/programs/ in TypeScript. It logs what it sees; the two logs must be equal.
"""
import json
import re
import sys
import traceback

import torch
from oracle import save, short_error

from autograd_programs import checks, functions, hooks, passes


class Log:
    def __init__(self):
        self.lines = []

    def __call__(self, *values):
        self.lines.append([plain(v) for v in values])

    def fails(self, f):
        """Logs the error text of a call; null where there is none."""
        try:
            f()
        except Exception as e:
            self.lines.append([words(short_error(e))])
        else:
            self.lines.append([None])


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


if __name__ == '__main__':
    recorded = {}
    for module in (functions, hooks, passes, checks):
        for name, f in list(vars(module).items()):
            if callable(f) and getattr(f, '__module__', '') == module.__name__ and not isinstance(f, type) and not name.startswith('_'):
                if len(sys.argv) > 1 and not re.search(sys.argv[1], name):
                    continue
                try:
                    recorded[name] = record(f)
                except Exception:
                    print('in', name)
                    traceback.print_exc()
    if len(sys.argv) > 1:
        for name, lines in recorded.items():
            print(name, *('   ' + json.dumps(line) for line in lines), sep='\n')
    else:
        print(len(recorded), 'programs,', save('autograd.json.gz', recorded), 'bytes')
