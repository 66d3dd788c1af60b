"""Programs of registration, listings and conversions of modules (see module_state.py)."""
import torch
from torch import nn

from .common import Block, fill, leaf, named, Net


def assign(m, name, value):
    def run():
        setattr(m, name, value)
        list(m.named_parameters())
    return run


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


def non_leaf_parameters(say):
    x = leaf(1.0) * 2
    m = nn.Module()
    p = nn.Parameter(x)
    say(p.is_leaf, p.requires_grad)
    m.register_parameter('p', p)
    say(named(m.named_parameters()))
    say.error(lambda: nn.Parameter(torch.ones(1, dtype=torch.int64)))


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
