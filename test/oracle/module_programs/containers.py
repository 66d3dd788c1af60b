"""Programs of containers of modules (see module_state.py)."""
from collections import OrderedDict

import torch
from torch import nn

from .common import fill, named


def sequential(say):
    s = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    say(len(s), type(s[-1]).__name__, type(s[1]).__name__)
    for i in (3, -4, 100):
        say.error(lambda: s[i])
    say.error(lambda: s[1.5])
    say.error(lambda: s['a'])
    say(s[1:])
    say(s[:-1])
    say(s[::2])
    say(s[::-1])
    say(s[5:])
    say(list(s[1:].state_dict()), type(s[1:][0]).__name__, type(s[1:][1]).__name__)
    s[1] = nn.Tanh()
    s[-1] = nn.Linear(3, 2)
    say(s)
    say.error(lambda: s.__setitem__(3, nn.Tanh()))
    say.error(lambda: s.__setitem__(0, 5))
    s.append(nn.Sigmoid()).append(nn.ReLU())
    say(s)
    s.insert(0, nn.Identity())
    s.insert(-1, nn.ELU())
    s.insert(len(s), nn.SELU())
    say(s)
    say.error(lambda: s.insert(20, nn.ReLU()))
    say.error(lambda: s.insert(-20, nn.ReLU()))
    say.error(lambda: s.insert(0, 5))
    say.error(lambda: s.append(5))
    say(type(s.pop(-1)).__name__, type(s.pop(0)).__name__, len(s), list(s.state_dict()))
    say(s.pop(slice(0, 2)))
    del s[0]
    say(s)
    say.error(lambda: s.__delitem__(7))
    s.extend([nn.ReLU(), nn.Tanh()])
    say(s, [type(m).__name__ for m in s])


def sequential_arithmetic(say):
    a, b = nn.Sequential(nn.ReLU(), nn.Tanh()), nn.Sequential(nn.Linear(1, 1))
    say(a + b)
    say(a * 2, (a * 2)[0] is a[0])
    a += b
    say(a)
    b *= 3
    say(b, b[0] is b[2], len(list(b.parameters())))
    say.error(lambda: a + 5)
    say.error(lambda: a + [nn.ReLU()])
    say.error(lambda: a * 0)
    say.error(lambda: a * -1)
    say.error(lambda: a * 1.5)
    say.error(lambda: a.__iadd__(5))
    say.error(lambda: a.__imul__(0))


def sequential_named(say):
    s = nn.Sequential(OrderedDict([('conv', nn.Linear(2, 2)), ('act', nn.ReLU()), ('out', nn.Linear(2, 1))]))
    fill(s)
    say(s, list(s.state_dict()), s[0] is s.conv, s[2] is s.out)
    say(s(torch.tensor([1.0, 2.0])))
    s[1] = nn.Tanh()
    say(s)
    s.act = nn.Identity()
    say(s, s(torch.tensor([1.0, 2.0])))
    say(s[1:])
    s.append(nn.Sigmoid())
    say(s)
    del s[0]
    say(s)
    say.error(lambda: nn.Sequential(OrderedDict([('a.b', nn.ReLU())])))
    say.error(lambda: nn.Sequential(OrderedDict([('', nn.ReLU())])))
    say.error(lambda: nn.Sequential(OrderedDict([('forward', nn.ReLU())])))
    say.error(lambda: nn.Sequential(5))
    say.error(lambda: nn.Sequential(nn.ReLU(), None, 'x'))


def sequential_other_fields(say):
    s = nn.Sequential(nn.ReLU())
    s.extra = nn.Tanh()
    say(s, len(s), s(torch.tensor([0.0, -1.0])))
    s.count = 5
    say(len(s))
    say(nn.Sequential(), len(nn.Sequential()), nn.Sequential()(torch.ones(1)))


def module_list(say):
    l = nn.ModuleList([nn.Linear(1, 1), nn.ReLU(), nn.ReLU()])
    say(l, len(l), type(l[-1]).__name__)
    for i in (3, -4):
        say.error(lambda: l[i])
    say(l[1:], list(l[1:].state_dict()), l[::-1])
    l[0] = nn.Tanh()
    say(l)
    l.insert(1, nn.Linear(2, 2))
    say(l, list(l.state_dict()))
    say(type(l.pop(1)).__name__, l)
    del l[0:2]
    say(l)
    l += [nn.Tanh(), nn.Tanh()]
    say(l, l + [nn.ReLU()], len(l))
    say.error(lambda: l.extend(5))
    say.error(lambda: l.append(5))
    say.error(lambda: nn.ModuleList([nn.ReLU(), 5]))
    say.error(lambda: nn.ModuleList(5))
    say.error(lambda: l(torch.ones(1)))
    say(nn.ModuleList())


def module_dict(say):
    d = nn.ModuleDict({'b': nn.Linear(1, 1), 'a': nn.ReLU()})
    d['10'] = nn.Tanh()
    d['2'] = nn.Tanh()
    say(d, len(d), list(d), 'a' in d, 'c' in d)
    d['b'] = nn.Linear(2, 2)
    say(list(d.keys()), list(d.state_dict()))
    say(type(d.pop('a')).__name__, list(d))
    del d['10']
    d.update({'x': nn.ReLU(), 'w': nn.ReLU()})
    d.update([('p', nn.ELU())])
    d.update(nn.ModuleDict({'q': nn.ReLU()}))
    say(d)
    for name in ('a.b', '', 'keys', 'forward', 5):
        say.error(lambda: d.__setitem__(name, nn.ReLU()))
    say.error(lambda: d.__setitem__('a', 5))
    say.error(lambda: d.update(5))
    say.error(lambda: d.update([5]))
    say.error(lambda: d.update([('a', nn.ReLU(), 5)]))
    d.clear()
    say(d, len(d))


def parameter_list(say):
    l = nn.ParameterList([torch.ones(2), nn.Parameter(torch.ones(3, 2)), torch.ones(())])
    say(l, len(l), list(l.state_dict()), [p.requires_grad for p in l])
    say(l[-1], list(l[1].shape))
    for i in (3, -4):
        say.error(lambda: l[i])
    l[0] = torch.zeros(5)
    l[-1] = nn.Parameter(torch.zeros(1))
    say(l, isinstance(l[0], nn.Parameter), named(l.named_parameters()))
    l.append(torch.ones(1)).extend([torch.ones(2)])
    say(l, l[1:3], len(l[::2]))
    say.error(lambda: l.extend(5))
    say.error(lambda: l.extend(torch.ones(2)))
    say.error(lambda: l(torch.ones(1)))
    say.error(lambda: l.append(torch.ones(1, dtype=torch.int64)))
    say(nn.ParameterList())


def parameter_dict(say):
    d = nn.ParameterDict({'b': torch.ones(2), 'a': nn.Parameter(torch.ones(3, 2))})
    say(d, len(d), list(d), list(d.state_dict()))
    d['c'] = torch.ones(1)
    say('c' in d, 'z' in d, d.get('z'), d.get('z', 5), list(d['c'].shape), isinstance(d['c'], nn.Parameter))
    d.update({'z': torch.ones(1), 'x': torch.ones(1)})
    d.update([('y', torch.ones(1))])
    say(list(d), list(d.copy()))
    say(list(d.pop('b').shape), d.popitem()[0], list(d), list(d.setdefault('new', torch.ones(7)).shape), list(d))
    del d['a']
    say(list(d.state_dict()))
    say.error(lambda: d(torch.ones(1)))
    say.error(lambda: d.__setitem__(5, torch.ones(1)))
    say.error(lambda: d.__setitem__('keys', torch.ones(1)))
    say.error(lambda: d.__setitem__('a.b', torch.ones(1)))
    say.error(lambda: d.update(5))
    say.error(lambda: d.update([5]))
    say.error(lambda: d.update([('a', torch.ones(1), 5)]))
    d = nn.ParameterDict({'a': torch.ones(1)})
    d.clear()
    say(d, len(d))
