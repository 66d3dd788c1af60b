"""Records into test/goldens/seeds.json what PyTorch prints and computes in the tutorials' cases (test/seeds)."""
import json

import torch
from torch import nn
from torch.nn import functional as F
from oracle import encode, message, write

G = {}


def printed(v):
    """As Tenzo prints it: dtype names without `torch.`."""
    return str(v).replace('torch.', '')


class CenteredLayer(nn.Module):
    def forward(self, x):
        return x - x.mean()


class MyLinear(nn.Module):
    def __init__(self, in_units, units):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(in_units, units))
        self.bias = nn.Parameter(torch.randn(units))

    def forward(self, x):
        return F.relu(torch.matmul(x, self.weight) + self.bias)


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(20, 256)
        self.out = nn.Linear(256, 10)

    def forward(self, x):
        return self.out(F.relu(self.hidden(x)))


class FixedHiddenMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.rand_weight = torch.rand((20, 20), requires_grad=False)
        self.linear = nn.Linear(20, 20)

    def forward(self, x):
        x = self.linear(x)
        x = F.relu(torch.mm(x, self.rand_weight) + 1)
        x = self.linear(x)
        self.halvings = 0
        while x.abs().sum() > 1:
            x.div_(2)
            self.halvings += 1
        return x.sum()


def layers():
    G['centered'] = printed(CenteredLayer()(torch.tensor([1., 2, 3, 4, 5])))
    G['mean_of_ints'] = message(lambda: torch.tensor([1, 2]).mean())
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 128), CenteredLayer())
    G['centered_net'] = {'print': printed(net), 'mean': net(torch.rand(4, 8)).mean().item()}
    torch.manual_seed(0)
    linear = MyLinear(5, 3)
    x = torch.rand(2, 5)
    y = linear(x)
    y.sum().backward()
    G['my_linear'] = {'weight': printed(linear.weight), 'bias': printed(linear.bias), 'x': encode(x), 'out': encode(y.detach()), 'print': printed(linear),
                      'grad': encode(linear.weight.grad), 'no_grad': message(lambda: (linear.weight.data.sum()).backward())}
    optimizer = torch.optim.SGD(linear.parameters(), lr=0.1)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = (linear(x) - 1).pow(2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    G['my_linear']['losses'] = losses
    torch.manual_seed(0)
    net = nn.Sequential(MyLinear(64, 8), MyLinear(8, 1))
    G['my_linear_net'] = {'out': printed(net(torch.rand(2, 64))), 'print': printed(net)}
    G['mlp'] = printed(MLP())
    torch.manual_seed(0)
    G['mlp_out'] = printed(MLP()(torch.rand(2, 20)))
    torch.manual_seed(0)
    net = FixedHiddenMLP()
    out = net(torch.rand(2, 20))
    out.backward()
    G['fixed_hidden'] = {'out': printed(out), 'value': out.item(), 'halvings': net.halvings,
                         'gradient': net.linear.weight.grad.abs().sum().item(), 'keys': list(net.state_dict())}
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    G['past_the_end'] = message(lambda: net[3])
    G['before_the_start'] = message(lambda: net[-4])
    G['module_names'] = [message(lambda: net.add_module(nn.ReLU(), nn.ReLU())), message(lambda: net.add_module(0, nn.ReLU()))]
    G['nested'] = printed(nn.Sequential(MLP(), nn.Linear(16, 20), FixedHiddenMLP()))

    class Empty(nn.Module):
        pass
    G['no_forward'] = message(lambda: Empty()(torch.ones(1)))

    def assign():
        layer = nn.Linear(2, 2)
        layer.weight = torch.zeros(2, 2)
    G['assign_tensor'] = message(assign)
    x = torch.tensor([-100., -1, 0, 1, 100], requires_grad=True)
    y = 1 / (1 + torch.exp(-x))
    y.sum().backward()
    G['my_activation'] = {'out': printed(y.detach()), 'grad': encode(x.grad)}
    x.grad = None
    torch.sigmoid(x).sum().backward()
    G['sigmoid_grad'] = encode(x.grad)

    def anomaly():
        with torch.autograd.detect_anomaly():
            (1 / (1 + torch.exp(-x))).sum().backward()
    G['anomaly'] = message(anomaly)


def parameters():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    x = torch.rand(2, 4)
    G['net'] = {
        'out': printed(net(x)), 'print': printed(net), 'state': printed(net[2].state_dict()), 'bias': printed(net[2].bias),
        'bias_data': printed(net[2].bias.data), 'names': [n for n, _ in net.named_parameters()], 'all': printed(net.state_dict()),
        'named': [[n, list(p.shape)] for n, p in net[0].named_parameters()]}

    def init_normal(m):
        if type(m) is nn.Linear:
            nn.init.normal_(m.weight, mean=0, std=0.01)
            nn.init.zeros_(m.bias)
    torch.manual_seed(0)
    net.apply(init_normal)
    G['init_normal'] = [printed(net[0].weight.data[0]), printed(net[0].bias.data[0])]
    torch.manual_seed(0)
    nn.init.xavier_uniform_(net[0].weight)
    G['xavier'] = encode(net[0].weight.data[0])
    nn.init.constant_(net[2].weight, 42)
    G['init_42'] = printed(net[2].weight.data)
    torch.manual_seed(0)
    for m in net:
        if type(m) is nn.Linear:
            nn.init.uniform_(m.weight, -10, 10)
            m.weight.data *= m.weight.data.abs() >= 5
    G['my_init'] = printed(net[0].weight[:2])
    layer = nn.Linear(2, 2)
    G['leaf_in_place'] = message(lambda: layer.weight.mul_(2))
    torch.manual_seed(0)
    shared = nn.Linear(8, 8)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), shared, nn.ReLU(), shared, nn.ReLU(), nn.Linear(8, 1))
    net(torch.rand(2, 4)).sum().backward()
    G['shared'] = {'print': printed(net), 'names': [n for n, _ in net.named_parameters()], 'keys': list(net.state_dict()),
                   'gradient': encode(shared.weight.grad)}
    G['graph_twice'] = message(buffer_twice)
    other = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    state = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)).state_dict()
    state['3.weight'] = torch.zeros(1)
    del state['0.bias']
    G['load_errors'] = message(lambda: other.load_state_dict(state))
    G['loaded'] = str(other.load_state_dict(other.state_dict()))
    same = other.state_dict()
    del same['0.bias']
    same['more'] = torch.zeros(1)
    lists = other.load_state_dict(same, strict=False)
    G['load_lists'] = {'missing': lists.missing_keys, 'unexpected': lists.unexpected_keys, 'print': str(lists)}


def buffer_twice():
    x = torch.ones(4, 20, requires_grad=True)
    mean = torch.zeros(20)
    mean = 0.9 * mean + 0.1 * x.mean(0)
    mean.pow(2).sum().backward()
    mean = 0.9 * mean + 0.1 * x.mean(0)
    mean.pow(2).sum().backward()


class ChannelWiseNormalization(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, eps):
        mean = x.mean((0, 2, 3), keepdim=True)
        std = torch.sqrt(x.var((0, 2, 3), unbiased=False, keepdim=True) + eps)
        y = (x - mean) / std
        ctx.save_for_backward(y, std)
        return y

    @staticmethod
    def backward(ctx, g):
        y, std = ctx.saved_tensors
        dims = (0, 2, 3)
        return (g - g.mean(dims, keepdim=True) - y * (g * y).mean(dims, keepdim=True)) / std, None


class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, g):
        return g, g, g


class Few(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, g):
        return g


def functions():
    torch.manual_seed(0)
    x = torch.randn(4, 3, 2, 2, requires_grad=True)
    y = ChannelWiseNormalization.apply(x, 1e-5)
    (y * torch.arange(48.).reshape(4, 3, 2, 2)).sum().backward()
    G['normalization'] = {'x': encode(x.detach()), 'out': encode(y.detach()), 'grad': encode(x.grad), 'print': printed(y[0, 0])}
    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    G['too_many_gradients'] = message(lambda: Wrong.apply(a, b).sum().backward())
    G['too_few_gradients'] = message(lambda: Few.apply(a, b).sum().backward())

    def saved_changed():
        x = torch.ones(3, requires_grad=True)
        y = x * 2
        z = y * y
        y.add_(1)
        z.sum().backward()
    G['saved_changed'] = message(saved_changed)

    def twice():
        x = torch.ones(3, requires_grad=True)
        y = (x * x).sum()
        y.backward()
        y.backward()
    G['backward_twice'] = message(twice)
    G['not_scalar'] = message(lambda: (torch.ones(2, requires_grad=True) * 2).backward())
    G['broadcast'] = message(lambda: torch.ones(2, 3) + torch.ones(2, 4))
    G['mm'] = message(lambda: torch.ones(2, 4) @ torch.ones(3, 2))
    G['ambiguous'] = message(lambda: bool(torch.ones(2) > 1))
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5))
    torch.manual_seed(0)
    x = torch.rand(6, 4)
    net.eval()
    G['eval'] = encode(net(x).detach())
    net.train()
    G['train'] = {'out': encode(net(x).detach()), 'mean': encode(net[1].running_mean), 'var': encode(net[1].running_var)}
    net.eval()
    G['eval_after'] = encode(net(x).detach())
    torch.manual_seed(0)
    G['dropped'] = encode(nn.Dropout(0.5)(torch.ones(1000)))


def modules():
    made = {
        'Linear': [nn.Linear(3, 4), nn.Linear(3, 4, bias=False)], 'Conv2d': [nn.Conv2d(1, 6, 5), nn.Conv2d(3, 8, 3, stride=2, padding=1, groups=1, bias=False),
        nn.Conv2d(4, 8, (3, 5), padding=(1, 2), dilation=2, groups=2, padding_mode='zeros'), nn.Conv2d(1, 1, 3, padding='same')],
        'MaxPool2d': [nn.MaxPool2d(2), nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)], 'AvgPool2d': [nn.AvgPool2d(2), nn.AvgPool2d(3, stride=1, padding=1)],
        'Flatten': [nn.Flatten(), nn.Flatten(0, 1)], 'BatchNorm1d': [nn.BatchNorm1d(4), nn.BatchNorm1d(4, eps=1e-3, momentum=None, affine=False)],
        'BatchNorm2d': [nn.BatchNorm2d(4), nn.BatchNorm2d(4, track_running_stats=False)], 'LayerNorm': [nn.LayerNorm(4), nn.LayerNorm([2, 3], eps=1e-6, elementwise_affine=False)],
        'Dropout': [nn.Dropout(), nn.Dropout(0.25)], 'Embedding': [nn.Embedding(10, 3), nn.Embedding(10, 3, padding_idx=0)], 'ReLU': [nn.ReLU()], 'Sigmoid': [nn.Sigmoid()], 'Tanh': [nn.Tanh()], 'GELU': [nn.GELU(), nn.GELU('tanh')],
        'Softmax': [nn.Softmax(1), nn.Softmax(-1)], 'CrossEntropyLoss': [nn.CrossEntropyLoss()], 'MSELoss': [nn.MSELoss()], 'L1Loss': [nn.L1Loss()],
        'NLLLoss': [nn.NLLLoss()], 'BCEWithLogitsLoss': [nn.BCEWithLogitsLoss()],
    }
    G['modules'] = {k: [printed(m) for m in v] for k, v in made.items()}
    G['containers'] = [
        printed(nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.ReLU(), nn.Linear(2, 2))),
        printed(nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Linear(2, 1)])),
        printed(nn.ModuleDict({'a': nn.Linear(2, 2), 'b': nn.Sequential(nn.ReLU(), nn.Tanh())})),
        printed(nn.Sequential()),
        printed(nn.ModuleList([nn.Linear(2, 2) for _ in range(4)])),
    ]


def tensors():
    cases = {
        'ints': torch.arange(6).reshape(2, 3), 'large_ratio': torch.tensor([1e-5, 1., 1e5]), 'nan_inf': torch.tensor([float('nan'), float('inf'), -1.5]),
        'empty': torch.zeros(0, 3), 'scalar': torch.tensor(3.14159), 'double': torch.tensor([1.5], dtype=torch.float64),
        'bool': torch.tensor([True, False]), 'grad': torch.ones(2, requires_grad=True), 'grad_fn': torch.ones(2, requires_grad=True) * 2,
        'summary': torch.arange(2000.).reshape(40, 50), 'wide': torch.arange(30.) * 100.5, 'cube': torch.zeros(2, 2, 2), 'whole': torch.tensor([1., 2., 3.]),
        'minus_zero': torch.tensor([-0., 1.]), 'uint8': torch.tensor([1, 255], dtype=torch.uint8),
    }
    G['tensors'] = {k: printed(v) for k, v in cases.items()}
    options = [{'precision': 2}, {'precision': 8}, {'threshold': 5}, {'threshold': 5, 'edgeitems': 1}, {'linewidth': 40}, {'sci_mode': True}, {'sci_mode': False},
               {'profile': 'short'}, {'profile': 'full'}]
    G['print_options'] = []
    for given in options:
        torch.set_printoptions(**given)
        G['print_options'].append({'given': given, 'print': [printed(torch.linspace(0, 20, 12)), printed(torch.tensor([1e-5, 1., 1e5])), printed(torch.arange(1200))]})
        torch.set_printoptions(profile='default', sci_mode=None)


if __name__ == '__main__':
    for part in (layers, parameters, functions, modules, tensors):
        part()
    print(len(G), 'values,', write('seeds.json', json.dumps(G, indent=1, sort_keys=True) + '\n'), 'bytes')
