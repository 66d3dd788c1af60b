"""Programs of state dicts and loading them of modules (see module_state.py)."""
from collections import OrderedDict

import torch
from torch import nn

from .common import Block, fill, named, Net


def state_keys(say):
    net = fill(Net())
    sd = net.state_dict()
    say(list(sd))
    say(list(net.state_dict(prefix='p.')))
    say([sd[k].requires_grad for k in sd], [v.requires_grad for v in net.state_dict(keep_vars=True).values()])
    say([k + ':' + str(v['version']) for k, v in sd._metadata.items()])
    say([k + ':' + str(v['version']) for k, v in net.state_dict(prefix='p.')._metadata.items()])
    say(named(net.named_parameters()), named(net.named_buffers()), named(net.named_modules()), named(net.named_children()))


def state_destination(say):
    out = OrderedDict(other=torch.ones(1))
    got = nn.Linear(1, 1).state_dict(destination=out, prefix='a.')
    say(got is out, list(out))


def state_shares_memory(say):
    lin = fill(nn.Linear(2, 1))
    sd = lin.state_dict()
    with torch.no_grad():
        sd['weight'].fill_(7)
    say(lin.weight)
    say(lin.state_dict(keep_vars=True)['weight'] is lin.weight, sd['weight'] is lin.weight)


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


def load_all_problems_at_once(say):
    net = fill(Net())
    say.error(lambda: Net().load_state_dict(broken(net)))


def load_not_strict_still_refuses_shapes(say):
    net = fill(Net())
    other = fill(Net())
    with torch.no_grad():
        for p in net.parameters():
            p.mul_(2)
    say.error(lambda: other.load_state_dict(broken(net), strict=False))
    say([list(p.flatten().tolist()) for p in other.parameters()])


def load_not_strict(say):
    sd = fill(Net()).state_dict()
    for k in ('first.lin.weight', 'bn.num_batches_tracked', 'last.bias'):
        del sd[k]
    sd['more'] = torch.ones(1)
    result = Net().load_state_dict(sd, strict=False)
    say(result)
    say(result.missing_keys, result.unexpected_keys)


def load_quotes_in_keys(say):
    say(nn.Linear(1, 1, bias=False).load_state_dict({"it's": torch.ones(1), 'say "so"': torch.ones(1)}, strict=False))
    say.error(lambda: nn.Linear(1, 1, bias=False).load_state_dict({"it's": torch.ones(1)}))


def load_wrong_values(say):
    say.error(lambda: nn.Linear(1, 1).load_state_dict({'weight': 5, 'bias': [1.0]}))
    say.error(lambda: nn.Linear(1, 1).load_state_dict({'weight': None, 'bias': 'b'}))
    say.error(lambda: nn.Linear(1, 1).load_state_dict(5))
    say.error(lambda: nn.Linear(1, 1).load_state_dict([1, 2]))
    say.error(lambda: nn.Linear(1, 1).load_state_dict(None))


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


def load_casts(say):
    lin = nn.Linear(1, 1)
    lin.load_state_dict({'weight': torch.ones(1, 1, dtype=torch.float64), 'bias': torch.tensor([3])})
    say(lin.weight, lin.weight.dtype == torch.float32, lin.bias, lin.bias.requires_grad)


def load_into_expanded(say):
    m = nn.Module()
    m.weight = nn.Parameter(torch.ones(1).expand(3))
    say.error(lambda: m.load_state_dict({'weight': torch.zeros(3)}))


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


def load_leaves_own_dict_alone(say):
    lin = nn.Linear(1, 1)
    lin.register_load_state_dict_pre_hook(lambda m, sd, *rest: sd.pop('bias'))
    sd = nn.Linear(1, 1).state_dict()
    say(lin.load_state_dict(sd, strict=False), list(sd))


def tied_parameters(say):
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
    net[2].weight = net[0].weight
    say(list(net.state_dict()), named(net.named_parameters()), named(net.named_parameters(remove_duplicate=False)))
    other = fill(nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)))
    net.load_state_dict(other.state_dict())
    say(net[0].weight is net[2].weight, net[0].weight)
    net.double()
    say(net[0].weight is net[2].weight, str(net[0].weight.dtype).split('.')[1])


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


def overridden_save_and_load(say):
    net = nn.Sequential(Versioned())
    sd = net.state_dict()
    say(list(sd), sd._metadata['0']['version'])
    say.error(lambda: net.load_state_dict(sd))
    del sd['0.also']
    say(net.load_state_dict(sd))
    say(net.load_state_dict({'0.w': torch.ones(2)}), net[0].weight, net[0].seen)


def lists_of_none(say):
    net = nn.Module()
    net.fc = nn.Linear(1, 1)
    net.fc = None
    net.register_module('empty', None)
    say(named(net.named_children()), named(net.named_modules()), list(net.state_dict()))
    say(net.load_state_dict({'fc.weight': torch.ones(1)}))
    say(net)
