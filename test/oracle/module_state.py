"""Records small programs on modules (state, hooks, registration, containers) into test/goldens/module_state.json.gz.

Each program says what it sees, line by line; test/nn/modules.<group>.test.ts holds the same programs in TypeScript.
"""
import warnings
from collections import OrderedDict

import torch
from oracle import save
from torch import nn

GROUP = 'state'
PROGRAMS = {'state': {}, 'hooks': {}, 'registration': {}, 'containers': {}}


def program(f):
    PROGRAMS[GROUP][f.__name__] = f
    return f


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


def fill(m):
    with torch.no_grad():
        for n, p in enumerate(m.parameters()):
            p.copy_(torch.tensor([((i * 7 + n) % 17 - 6) / 4 for i in range(p.numel())]).reshape(p.shape))
    return m


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 2)
        self.register_buffer('count', torch.zeros(()))
        self.register_buffer('scratch', torch.ones(2), persistent=False)
        self.register_parameter('gain', None)
        self.register_buffer('nothing', None)

    def forward(self, x):
        return self.lin(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Block()
        self.bn = nn.BatchNorm1d(2)
        self.scale = nn.Parameter(torch.ones(2))
        self.last = nn.Linear(2, 1)

    def forward(self, x):
        return self.last(self.bn(self.first(x)) * self.scale)


class Named(nn.Module):
    """Counts its loads and renames an old key."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))

    def forward(self, x):
        return x * self.weight


def named(pairs):
    return [k for k, _ in pairs]


# ---- state ----------------------------------------------------------------------------------------------------------

@program
def state_keys(say):
    net = fill(Net())
    sd = net.state_dict()
    say(list(sd))
    say(list(net.state_dict(prefix='p.')))
    say([sd[k].requires_grad for k in sd], [v.requires_grad for v in net.state_dict(keep_vars=True).values()])
    say([k + ':' + str(v['version']) for k, v in sd._metadata.items()])
    say([k + ':' + str(v['version']) for k, v in net.state_dict(prefix='p.')._metadata.items()])
    say(named(net.named_parameters()), named(net.named_buffers()), named(net.named_modules()), named(net.named_children()))


@program
def state_destination(say):
    out = OrderedDict(other=torch.ones(1))
    got = nn.Linear(1, 1).state_dict(destination=out, prefix='a.')
    say(got is out, list(out))


@program
def state_shares_memory(say):
    lin = fill(nn.Linear(2, 1))
    sd = lin.state_dict()
    with torch.no_grad():
        sd['weight'].fill_(7)
    say(lin.weight)
    say(lin.state_dict(keep_vars=True)['weight'] is lin.weight, sd['weight'] is lin.weight)


@program
def load_plain(say):
    net, other = fill(Net()), Net()
    say(other.load_state_dict(net.state_dict()))
    say(other.last.weight, other.scale)
    say(nn.Linear(1, 1).load_state_dict({'weight': torch.ones(1, 1), 'bias': torch.zeros(1)}))


def broken(net):
    sd = net.state_dict()
    del sd['first.lin.bias']
    del sd['bn.running_mean']
    sd['first.extra'] = torch.ones(1)
    sd['unknown.weight'] = torch.ones(1)
    sd['bn.deep.weight'] = torch.ones(1)
    sd['first.lin.weight'] = torch.ones(3, 2)
    sd['last.bias'] = torch.ones(1, 1)
    return sd


@program
def load_all_problems_at_once(say):
    net = fill(Net())
    say.error(lambda: Net().load_state_dict(broken(net)))


@program
def load_not_strict_still_refuses_shapes(say):
    net = fill(Net())
    other = fill(Net())
    with torch.no_grad():
        for p in net.parameters():
            p.mul_(2)
    say.error(lambda: other.load_state_dict(broken(net), strict=False))
    say([list(p.flatten().tolist()) for p in other.parameters()])


@program
def load_not_strict(say):
    sd = fill(Net()).state_dict()
    for k in ('first.lin.weight', 'bn.num_batches_tracked', 'last.bias'):
        del sd[k]
    sd['more'] = torch.ones(1)
    result = Net().load_state_dict(sd, strict=False)
    say(result)
    say(result.missing_keys, result.unexpected_keys)


@program
def load_quotes_in_keys(say):
    say(nn.Linear(1, 1, bias=False).load_state_dict({"it's": torch.ones(1), 'say "so"': torch.ones(1)}, strict=False))
    say.error(lambda: nn.Linear(1, 1, bias=False).load_state_dict({"it's": torch.ones(1)}))


@program
def load_wrong_values(say):
    say.error(lambda: nn.Linear(1, 1).load_state_dict({'weight': 5, 'bias': [1.0]}))
    say.error(lambda: nn.Linear(1, 1).load_state_dict({'weight': None, 'bias': 'b'}))
    say.error(lambda: nn.Linear(1, 1).load_state_dict(5))
    say.error(lambda: nn.Linear(1, 1).load_state_dict([1, 2]))
    say.error(lambda: nn.Linear(1, 1).load_state_dict(None))


@program
def load_zero_dims(say):
    block = Block()
    sd = block.state_dict()
    sd['count'] = torch.tensor([5.0])
    say(block.load_state_dict(sd), block.count)
    sd['count'] = torch.ones(2)
    say.error(lambda: block.load_state_dict(sd))
    sd['count'] = torch.ones(1, 1)
    say.error(lambda: block.load_state_dict(sd))
    lin = nn.Linear(1, 1)
    say.error(lambda: lin.load_state_dict({'weight': torch.tensor(1.0), 'bias': torch.tensor(1.0)}))


@program
def load_casts(say):
    lin = nn.Linear(1, 1)
    lin.load_state_dict({'weight': torch.ones(1, 1, dtype=torch.float64), 'bias': torch.tensor([3])})
    say(lin.weight, lin.weight.dtype == torch.float32, lin.bias, lin.bias.requires_grad)


@program
def load_into_expanded(say):
    m = nn.Module()
    m.weight = nn.Parameter(torch.ones(1).expand(3))
    say.error(lambda: m.load_state_dict({'weight': torch.zeros(3)}))


@program
def load_assign(say):
    lin = nn.Linear(2, 1)
    lin.bias.requires_grad_(False)
    weight, bias = torch.ones(1, 2, dtype=torch.float64), nn.Parameter(torch.ones(1))
    say(lin.load_state_dict({'weight': weight, 'bias': bias}, assign=True))
    say(lin.weight.dtype == torch.float64, lin.weight.requires_grad, lin.bias is bias, lin.bias.requires_grad)
    with torch.no_grad():
        weight.fill_(4)
    say(lin.weight, isinstance(lin.weight, nn.Parameter))
    bn = nn.BatchNorm1d(1)
    mean = torch.ones(1)
    sd = bn.state_dict()
    sd['running_mean'] = mean
    bn.load_state_dict(sd, assign=True)
    say(bn.running_mean is mean)
    say.error(lambda: lin.load_state_dict({'weight': torch.ones(1, 2, dtype=torch.int64), 'bias': bias}, assign=True))


@program
def load_leaves_own_dict_alone(say):
    lin = nn.Linear(1, 1)
    lin.register_load_state_dict_pre_hook(lambda m, sd, *rest: sd.pop('bias'))
    sd = nn.Linear(1, 1).state_dict()
    say(lin.load_state_dict(sd, strict=False), list(sd))


@program
def tied_parameters(say):
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
    net[2].weight = net[0].weight
    say(list(net.state_dict()), named(net.named_parameters()), named(net.named_parameters(remove_duplicate=False)))
    other = fill(nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)))
    net.load_state_dict(other.state_dict())
    say(net[0].weight is net[2].weight, net[0].weight)
    net.double()
    say(net[0].weight is net[2].weight, str(net[0].weight.dtype).split('.')[1])


@program
def old_batch_norm(say):
    bn = nn.BatchNorm1d(2)
    sd = bn.state_dict()
    del sd['num_batches_tracked']
    say.error(lambda: nn.BatchNorm1d(2).load_state_dict(sd))
    say(nn.BatchNorm1d(2).load_state_dict(dict(sd)))
    sd._metadata['']['version'] = 1
    bn(torch.ones(2, 2))
    say(bn.load_state_dict(sd), bn.num_batches_tracked)
    net = nn.Sequential(nn.BatchNorm1d(2), nn.BatchNorm1d(2, track_running_stats=False))
    sd = {k: v for k, v in net.state_dict().items() if 'num' not in k}
    say(net.load_state_dict(sd))
    norm = nn.InstanceNorm1d(2, affine=True)
    sd = nn.InstanceNorm1d(2, affine=True, track_running_stats=True).state_dict()
    say.error(lambda: norm.load_state_dict(sd))
    say.error(lambda: norm.load_state_dict(dict(sd)))


class Extra(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(1, 1)
        self.told = 'new'

    def get_extra_state(self):
        return {'told': self.told}

    def set_extra_state(self, state):
        self.told = state['told']


class Giver(nn.Module):
    def get_extra_state(self):
        return 5


@program
def extra_state(say):
    net = nn.Sequential(Extra(), nn.Linear(1, 1))
    net[0].told = 'something'
    sd = net.state_dict()
    say(list(sd), sd['0._extra_state']['told'])
    other = nn.Sequential(Extra(), nn.Linear(1, 1))
    say(other.load_state_dict(sd), other[0].told)
    del sd['0._extra_state']
    say.error(lambda: other.load_state_dict(sd))
    say(other.load_state_dict(sd, strict=False))
    say.error(lambda: nn.Linear(1, 1).load_state_dict({**nn.Linear(1, 1).state_dict(), '_extra_state': 1}))
    say(list(Giver().state_dict()))
    say.error(lambda: Giver().load_state_dict(Giver().state_dict()))
    say.error(lambda: nn.Linear(1, 1).get_extra_state())
    say.error(lambda: nn.Linear(1, 1).set_extra_state(1))


@program
def state_dict_hooks(say):
    net = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    net.register_state_dict_pre_hook(lambda m, prefix, keep: say('pre', type(m).__name__, repr(prefix), keep))
    net[0].register_state_dict_pre_hook(lambda m, prefix, keep: say('pre', type(m).__name__, repr(prefix), keep))

    def post(m, sd, prefix, local):
        say('post', type(m).__name__, repr(prefix), list(sd), local['version'])
        sd[prefix + 'added'] = torch.ones(1)
    first = net[0].register_state_dict_post_hook(post)
    net.register_state_dict_post_hook(post)
    say(list(net.state_dict()))
    first.remove()
    say(list(net.state_dict(prefix='x.', keep_vars=True)))
    net.register_state_dict_post_hook(lambda *a: 5)
    say.error(lambda: net.state_dict())


@program
def load_hooks(say):
    net = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Linear(1, 1)))

    def pre(m, sd, prefix, local, strict, missing, unexpected, errors):
        say('pre', type(m).__name__, repr(prefix), sorted(sd), sorted(local), strict, missing, unexpected, errors)
        for key in [k for k in sd if k.startswith(prefix + 'old_')]:
            sd[key.replace('old_', '')] = sd.pop(key)
    net.register_load_state_dict_pre_hook(pre)
    net[0].register_load_state_dict_pre_hook(pre)
    net[1][0].register_load_state_dict_pre_hook(pre)
    net.register_load_state_dict_post_hook(lambda m, keys: say('post', type(m).__name__, keys))
    gone = net[1].register_load_state_dict_post_hook(lambda m, keys: say('post of', type(m).__name__, keys))
    sd = {'0.old_weight': torch.ones(1, 1), '0.bias': torch.ones(1), '1.0.old_weight': torch.ones(1, 1), '1.0.old_bias': torch.ones(1)}
    say.error(lambda: net.load_state_dict(sd))
    gone.remove()
    say(net.load_state_dict(net.state_dict(), assign=True))


@program
def load_post_hook_forgives(say):
    lin = nn.Linear(1, 1)

    def forgive(m, keys):
        keys.missing_keys.clear()
        del keys.unexpected_keys[0]
    handle = lin.register_load_state_dict_post_hook(forgive)
    say(lin.load_state_dict({'weight': torch.ones(1, 1), 'a': torch.ones(1)}))
    say.error(lambda: lin.load_state_dict({'weight': torch.ones(1, 1), 'a': torch.ones(1), 'b': torch.ones(1)}))
    handle.remove()
    lin.register_load_state_dict_post_hook(lambda m, keys: keys)
    say.error(lambda: lin.load_state_dict(lin.state_dict()))


@program
def load_pre_hook_adds_errors(say):
    lin = nn.Linear(1, 1)

    def complain(m, sd, prefix, local, strict, missing, unexpected, errors):
        errors.append('too old')
        missing.append('thing')
        unexpected.append('other')
    lin.register_load_state_dict_pre_hook(complain)
    say.error(lambda: lin.load_state_dict(lin.state_dict()))


class Versioned(nn.Module):
    _version = 3

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2))
        self.seen = []

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest):
        version = local_metadata.get('version', None)
        self.seen.append(version)
        if version is None or version < 3:
            state_dict[prefix + 'weight'] = state_dict.pop(prefix + 'w')
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        super()._save_to_state_dict(destination, prefix, keep_vars)
        destination[prefix + 'also'] = torch.ones(1)


@program
def overridden_save_and_load(say):
    net = nn.Sequential(Versioned())
    sd = net.state_dict()
    say(list(sd), sd._metadata['0']['version'])
    say.error(lambda: net.load_state_dict(sd))
    del sd['0.also']
    say(net.load_state_dict(sd))
    say(net.load_state_dict({'0.w': torch.ones(2)}), net[0].weight, net[0].seen)


@program
def lists_of_none(say):
    net = nn.Module()
    net.fc = nn.Linear(1, 1)
    net.fc = None
    net.register_module('empty', None)
    say(named(net.named_children()), named(net.named_modules()), list(net.state_dict()))
    say(net.load_state_dict({'fc.weight': torch.ones(1)}))
    say(net)


# ---- hooks ----------------------------------------------------------------------------------------------------------

GROUP = 'hooks'

@program
def forward_hooks(say):
    net = nn.Sequential(nn.Identity(), nn.ReLU())
    net.register_forward_pre_hook(lambda m, x: say('a', x))
    b = net.register_forward_pre_hook(lambda m, x: x[0] * 2)
    net.register_forward_pre_hook(lambda m, x: (x[0] + 1,), prepend=True)
    net[0].register_forward_hook(lambda m, x, y: say('inner', x, y))
    net.register_forward_hook(lambda m, x, y: y * 10)
    net.register_forward_hook(lambda m, x, y: say('last', x, y))
    net.register_forward_hook(lambda m, x, y: say('first', x, y), prepend=True)
    say(net(torch.tensor([1.0, -3.0])))
    b.remove()
    b.remove()
    say(net(torch.tensor([1.0, -3.0])))


@program
def always_called_hooks(say):
    class Fails(nn.Module):
        def forward(self, x):
            raise RuntimeError('no')
    m = Fails()
    m.register_forward_hook(lambda m, x, y: say('plain', y))
    m.register_forward_hook(lambda m, x, y: say('always', x, y), always_call=True)
    m.register_forward_hook(lambda m, x, y: 5, always_call=True)
    m.register_forward_hook(lambda m, x, y: say('then', y), always_call=True)
    say.error(lambda: m(torch.ones(1)))
    ok = nn.Identity()

    def bad(m, x, y):
        say('bad', y)
        raise RuntimeError('in hook')
    ok.register_forward_hook(lambda m, x, y: say('one', y), always_call=True)
    ok.register_forward_hook(bad, always_call=True)
    ok.register_forward_hook(lambda m, x, y: say('two', y), always_call=True)
    say.error(lambda: ok(torch.ones(1)))


@program
def throwing_pre_hook(say):
    m = nn.Identity()

    def bad(m, x):
        raise RuntimeError('refused')
    m.register_forward_pre_hook(bad)
    m.register_forward_hook(lambda m, x, y: say('always', x, y), always_call=True)
    say.error(lambda: m(torch.ones(1)))


@program
def global_hooks(say):
    M = torch.nn.modules.module
    net = nn.Sequential(nn.Identity(), nn.Tanh())
    net[1].register_forward_hook(lambda m, x, y: say('own'))
    net[1].register_full_backward_hook(lambda m, gi, go: say('own backward'))
    handles = [
        M.register_module_forward_pre_hook(lambda m, x: say('pre', type(m).__name__)),
        M.register_module_forward_hook(lambda m, x, y: say('post', type(m).__name__)),
        M.register_module_full_backward_pre_hook(lambda m, go: say('backward pre', type(m).__name__, go)),
        M.register_module_full_backward_hook(lambda m, gi, go: say('backward', type(m).__name__, gi, go)),
    ]
    x = torch.zeros(2, requires_grad=True)
    net(x).sum().backward()
    for h in handles:
        h.remove()
    net(x).sum().backward()
    say(x.grad)


class Two(nn.Module):
    def forward(self, a, b):
        return a * 2, b * 3


class Pick(nn.Module):
    def forward(self, a, n, b):
        return a * n, n, b * 1


def see(say, tag):
    return lambda m, gi, go: say(tag, type(m).__name__, gi, go)


def see_pre(say, tag):
    return lambda m, go: say(tag, type(m).__name__, go)


def leaf(*values):
    return torch.tensor(values, requires_grad=True)


@program
def backward_hooks(say):
    x, y, z = leaf(1.0, 2.0), leaf(3.0, 4.0), torch.ones(2)
    m = Two()
    m.register_full_backward_hook(see(say, 'after'))
    m.register_full_backward_pre_hook(see_pre(say, 'before'))
    a, b = m(x, y)
    (a * b).sum().backward()
    say(x.grad, y.grad)
    say('one output')
    m(x, y)[0].sum().backward()
    say(x.grad, y.grad)
    say('an input without gradient')
    a, b = m(x, z)
    (a + b).sum().backward()
    say(x.grad)
    say('not recorded')
    with torch.no_grad():
        say(m(x, y)[0].requires_grad)


@program
def backward_hooks_of_other_arguments(say):
    x, y = leaf(1.0), leaf(2.0)
    m = Pick()
    m.register_full_backward_hook(see(say, 'after'))
    m.register_full_backward_pre_hook(see_pre(say, 'before'))
    m(x, 3, y)[2].sum().backward()
    say(x.grad, y.grad)
    say(torch.autograd.grad(m(x, 3, y)[0].sum(), [x])[0])


@program
def backward_hooks_replace(say):
    lin = fill(nn.Linear(2, 1))
    x = leaf(1.0, 2.0)
    lin.register_full_backward_hook(lambda m, gi, go: (gi[0] * 10,))
    lin.register_full_backward_hook(see(say, 'second'))
    lin.register_full_backward_pre_hook(lambda m, go: (go[0] * 2,))
    lin.register_full_backward_pre_hook(see_pre(say, 'second'))
    lin.register_full_backward_pre_hook(see_pre(say, 'first'), prepend=True)
    lin.register_full_backward_hook(see(say, 'first'), prepend=True)
    lin(x).sum().backward()
    say(x.grad, lin.weight.grad)
    lin = nn.Linear(2, 1)
    lin.register_full_backward_hook(lambda m, gi, go: (None,))
    x.grad = None
    lin(x).sum().backward()
    say(x.grad, lin.weight.grad)


@program
def backward_hooks_mistakes(say):
    x = leaf(1.0, 2.0)
    for hook in (lambda m, gi, go: (gi[0], gi[0]), lambda m, gi, go: gi[0], lambda m, gi, go: (),
                 lambda m, gi, go: (gi[0].double(),), lambda m, gi, go: (gi[0][:1],), lambda m, gi, go: (5,)):
        lin = nn.Linear(2, 1)
        lin.register_full_backward_hook(hook)
        say.error(lambda: lin(x).sum().backward())
    for hook in (lambda m, go: (go[0], go[0]), lambda m, go: (go[0].double(),), lambda m, go: (go[0].repeat(2),)):
        lin = nn.Linear(2, 1)
        lin.register_full_backward_pre_hook(hook)
        say.error(lambda: lin(x).sum().backward())


@program
def backward_hooks_without_inputs(say):
    lin = fill(nn.Linear(2, 1))
    lin.register_full_backward_hook(see(say, 'after'))
    lin.register_full_backward_pre_hook(lambda m, go: (go[0] * 2,))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        lin(torch.ones(2)).sum().backward()
    say([str(w.message) for w in seen])
    say(lin.weight.grad)
    handle = lin.register_full_backward_hook(lambda m, gi, go: (torch.ones(2),))
    say.error(lambda: lin(torch.ones(2)).sum().backward())
    handle.remove()
    lin.register_full_backward_hook(lambda m, gi, go: (None,))
    lin(torch.ones(2)).sum().backward()
    say(lin.weight.grad)


@program
def backward_hooks_and_changes_in_place(say):
    x = leaf(1.0, 2.0)
    m = nn.Identity()
    m.register_full_backward_hook(see(say, 'after'))
    say.error(lambda: m(x * 1).add_(1))
    two = Two()
    two.register_full_backward_hook(see(say, 'after'))
    say.error(lambda: two(x * 1, x * 1)[0].add_(1))
    relu = nn.ReLU(inplace=True)
    relu.register_full_backward_hook(see(say, 'after'))
    say.error(lambda: relu(x * 1))
    y = m(x * 1)
    z = y + 1
    z.add_(1)
    z.sum().backward()
    say(x.grad)


@program
def backward_hooks_twice(say):
    x = leaf(1.0, 2.0)
    m = nn.Tanh()
    handle = m.register_full_backward_hook(lambda m, gi, go: say('after', len(gi), len(go)))
    y = m(x)
    y.sum().backward(retain_graph=True)
    y.sum().backward(retain_graph=True)
    handle.remove()
    say('removed')
    y.sum().backward()
    m(x).sum().backward()
    m.register_full_backward_hook(lambda m, gi, go: say('again', gi[0].requires_grad, go[0].requires_grad))
    g, = torch.autograd.grad((m(x) * x).sum(), x, create_graph=True)
    say(g.requires_grad)


@program
def backward_hooks_of_other_outputs(say):
    class Gives(nn.Module):
        def forward(self, x):
            return {'a': x * 1}
    m = Gives()
    m.register_full_backward_hook(see(say, 'after'))
    x = leaf(1.0)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        m(x)['a'].sum().backward()
    say([str(w.message) for w in seen], x.grad)


@program
def grad_fn_of_hooked(say):
    m = nn.Identity()
    m.register_full_backward_hook(see(say, 'after'))
    y = m(leaf(1.0))
    say(type(y.grad_fn).__name__)
    m.register_forward_hook(lambda m, x, y: say(type(x[0].grad_fn).__name__, type(y.grad_fn).__name__))
    m(leaf(1.0))


# ---- registration ---------------------------------------------------------------------------------------------------

GROUP = 'registration'

def assign(m, name, value):
    def run():
        setattr(m, name, value)
        list(m.named_parameters())
    return run


@program
def registration_errors(say):
    m = Block()
    for name in (5, None, 'a.b', '', 'forward', 'lin', 'training', 'scratch'):
        say.error(lambda: m.register_parameter(name, nn.Parameter(torch.ones(1))))
        say.error(lambda: m.register_buffer(name, torch.ones(1)))
        say.error(lambda: m.add_module(name, nn.ReLU()))
    for value in (5, 'text', torch.ones(1), torch.ones(1, dtype=torch.int64), nn.ReLU(), [1], True):
        say.error(lambda: m.register_parameter('p', value))
        say.error(lambda: m.add_module('m', value))
        if not isinstance(value, torch.Tensor):
            say.error(lambda: m.register_buffer('b', value))
    say.error(lambda: m.add_module(nn.ReLU(), nn.ReLU()))
    say.error(lambda: m.add_module(nn.Linear(1, 1), 5))
    say.error(lambda: m.register_buffer(torch.ones(1), torch.ones(1)))
    say(named(m.named_parameters()), named(m.named_buffers()), named(m.named_children()))


@program
def registering_again(say):
    m = Block()
    m.register_parameter('gain', nn.Parameter(torch.ones(1)))
    m.register_buffer('count', torch.ones(3))
    m.register_buffer('scratch', torch.ones(4), persistent=True)
    m.register_buffer('nothing', torch.ones(4), persistent=False)
    m.add_module('lin', nn.Linear(1, 1, bias=False))
    say(list(m.state_dict()), named(m.named_buffers()), named(m.named_parameters()))
    m.register_parameter('gain', None)
    m.register_buffer('count', None)
    m.add_module('lin', None)
    say(list(m.state_dict()), named(m.named_buffers()), named(m.named_parameters()))


@program
def assignment_rules(say):
    for value in (5, 'text', torch.ones(1), torch.ones(1, dtype=torch.int64), nn.ReLU(), [1.0], 1.5):
        lin = nn.Linear(1, 1)
        list(lin.parameters())
        say.error(assign(lin, 'weight', value))
    for value in (5, 'text', torch.ones(1), [1.0]):
        m = Block()
        list(m.parameters())
        say.error(assign(m, 'lin', value))
    for value in (5, 'text', [1.0]):
        m = Block()
        list(m.parameters())
        say.error(assign(m, 'count', value))


@program
def assignment_changes_kind(say):
    m = Block()
    kinds = lambda: say(named(m.named_parameters()), named(m.named_buffers()), named(m.named_children()), list(m.state_dict()))
    kinds()
    m.count = nn.Parameter(torch.ones(1))
    kinds()
    m.scratch = nn.Linear(1, 1, bias=False)
    kinds()
    m.lin = nn.Parameter(torch.ones(1))
    kinds()
    m.count = None
    m.nothing = torch.ones(1)
    kinds()
    del m.count
    kinds()
    m.count = torch.ones(1)
    kinds()
    m.gain = nn.Parameter(torch.ones(1))
    kinds()


@program
def buffers_as_values(say):
    m = nn.Module()
    m.a = nn.Buffer(torch.ones(2))
    m.b = nn.Buffer(torch.ones(2), persistent=False)
    m.c = torch.ones(2)
    say(named(m.named_buffers()), list(m.state_dict()), isinstance(m.a, nn.Buffer), isinstance(m.a, nn.Parameter), m.a.requires_grad)
    m.a = torch.zeros(3)
    m.b = torch.zeros(3)
    say(named(m.named_buffers()), list(m.state_dict()), m.a)
    m.a = nn.Buffer(torch.ones(1), persistent=False)
    m.b = nn.Buffer(torch.ones(1))
    say(named(m.named_buffers()), list(m.state_dict()))
    m.register_buffer('d', nn.Buffer(torch.ones(1), persistent=False))
    say(list(m.state_dict()))
    m.double()
    say([str(b.dtype).split('.')[1] for b in m.buffers()], nn.Buffer().shape[0])


@program
def non_leaf_parameters(say):
    x = leaf(1.0) * 2
    m = nn.Module()
    p = nn.Parameter(x)
    say(p.is_leaf, p.requires_grad)
    m.register_parameter('p', p)
    say(named(m.named_parameters()))
    say.error(lambda: nn.Parameter(torch.ones(1, dtype=torch.int64)))


@program
def order_of_registration(say):
    m = nn.Module()
    m.z = nn.Parameter(torch.ones(1))
    m.register_parameter('y', nn.Parameter(torch.ones(1)))
    m.x = nn.Parameter(torch.ones(1))
    m.add_module('10', nn.ReLU())
    m.add_module('2', nn.Tanh())
    m.child = nn.Linear(1, 1)
    m.register_buffer('b', torch.ones(1))
    m.y = nn.Parameter(torch.ones(2))
    say(named(m.named_parameters()), named(m.named_children()), list(m.state_dict()))
    say(m)


@program
def paths(say):
    net = Net()
    for target in ('', 'first', 'first.lin', 'last'):
        say(type(net.get_submodule(target)).__name__)
    for target in ('none', 'first.none', 'first.lin.weight', 'scale', 'first..lin', 'first.lin.', 'training'):
        say.error(lambda: net.get_submodule(target))
    say(list(net.get_parameter('first.lin.weight').shape), list(net.get_buffer('bn.running_mean').shape))
    for target in ('none', 'first.none', 'first.lin', 'none.weight', 'bn.running_mean', '', 'first.gain'):
        say.error(lambda: net.get_parameter(target))
    for target in ('none', 'first.none', 'first.lin', 'none.weight', 'scale', ''):
        say.error(lambda: net.get_buffer(target))
    net.set_submodule('first.lin', nn.Linear(2, 2, bias=False))
    net.set_submodule('first.more', nn.Linear(2, 2, bias=False))
    net.set_submodule('top', nn.ReLU())
    say(list(net.state_dict()))
    for target, module in (('', nn.ReLU()), ('first.lin', 5), ('no.lin', nn.ReLU()), ('scale', nn.ReLU()), ('first.scratch', nn.ReLU())):
        say.error(lambda: net.set_submodule(target, module))
    say.error(lambda: net.set_submodule('first.other', nn.ReLU(), strict=True))
    seq = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.ReLU(), nn.Tanh()))
    seq.set_submodule('1.0', nn.Sigmoid())
    say(type(seq.get_submodule('1.0')).__name__, seq)


@program
def listings(say):
    shared = nn.Linear(1, 1)
    net = nn.Sequential(shared, nn.Sequential(shared, nn.BatchNorm1d(1)), shared)
    say(named(net.named_modules()), named(net.named_modules(remove_duplicate=False)))
    say(named(net.named_modules(prefix='p')), named(net.named_children()))
    memo = {net[1]}
    say(named(net.named_modules(memo, 'q')), len(memo))
    say(named(net.named_parameters()), named(net.named_parameters('p')), named(net.named_parameters(recurse=False)))
    say(named(net.named_parameters(remove_duplicate=False)), named(net.named_parameters(prefix='p', remove_duplicate=False)))
    say(named(net.named_buffers('p')), named(net[1][1].named_buffers(recurse=False)), len(list(net.buffers(False))), len(list(net.parameters(False))))
    seen = []
    net.apply(lambda m: seen.append(type(m).__name__))
    say(seen)


@program
def conversions(say):
    net = fill(Net())
    net.first.register_buffer('index', torch.tensor([1, 2]))
    net(torch.ones(3, 2)).sum().backward()
    weight, grad = net.last.weight, net.last.weight.grad
    net.to(torch.float64)
    say(net.last.weight is weight, net.last.weight.grad is grad, str(grad.dtype).split('.')[1], str(net.bn.running_var.dtype).split('.')[1])
    say(str(net.first.index.dtype).split('.')[1], str(net.bn.num_batches_tracked.dtype).split('.')[1], net.last.weight.requires_grad)
    net.float()
    net.to(torch.ones(1, dtype=torch.bfloat16))
    say(str(net.scale.dtype).split('.')[1], str(net.scale.grad.dtype).split('.')[1])
    for bad in (torch.int64, torch.bool, torch.ones(1, dtype=torch.int32)):
        say.error(lambda: net.to(bad))
    net.to('cpu')
    net.half()
    say(str(net.scale.dtype).split('.')[1])
    net.type(torch.float32)
    say(str(net.first.index.dtype).split('.')[1])
    block = Block()
    say.error(lambda: block.type(torch.int64))
    net.to_empty(device='cpu')
    say(list(net.last.weight.shape), net.last.weight is weight, net.last.weight.requires_grad)


@program
def modes(say):
    net = Net()
    say(net.train(False) is net, [m.training for m in net.modules()])
    net.first.train()
    say([m.training for m in net.modules()], net.eval() is net)
    for bad in (1, 'yes', None):
        say.error(lambda: net.train(bad))
    net.requires_grad_(False)
    say([p.requires_grad for p in net.parameters()])
    net.requires_grad_()
    net(torch.ones(2, 2)).sum().backward()
    grad = net.scale.grad
    net.zero_grad(set_to_none=False)
    say(net.scale.grad is grad, grad, net.last.bias.grad)
    net.zero_grad()
    say(net.scale.grad)


# ---- containers -----------------------------------------------------------------------------------------------------

GROUP = 'containers'

@program
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


@program
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


@program
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


@program
def sequential_other_fields(say):
    s = nn.Sequential(nn.ReLU())
    s.extra = nn.Tanh()
    say(s, len(s), s(torch.tensor([0.0, -1.0])))
    s.count = 5
    say(len(s))
    say(nn.Sequential(), len(nn.Sequential()), nn.Sequential()(torch.ones(1)))


@program
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


@program
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


@program
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


@program
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


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    recorded = {group: {} for group in PROGRAMS}
    lines = 0
    for group, programs in PROGRAMS.items():
        for name, run in programs.items():
            said = Said()
            run(said)
            recorded[group][name] = list(said)
            lines += len(said)
    print('%d programs, %d lines, %d bytes' % (sum(map(len, recorded.values())), lines, save('module_state.json.gz', recorded)))
