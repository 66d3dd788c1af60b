"""What the programs on modules share (see module_state.py)."""
import torch
from torch import nn


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


def named(pairs):
    return [k for k, _ in pairs]


def leaf(*values):
    return torch.tensor(values, requires_grad=True)
