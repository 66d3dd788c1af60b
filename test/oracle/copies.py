"""Records what `copy.deepcopy` makes of tensors, modules and optimizers into test/goldens/copies.json."""
import copy
import warnings

import torch
from oracle import message, rows, write
from torch import nn


def tensors():
    t = torch.ones(2, requires_grad=True)
    t.grad, t.note = torch.tensor([3.0, 4.0]), [1]
    again = copy.deepcopy(t)
    p = nn.Parameter(torch.ones(2))
    p.grad = torch.ones(2)
    base = torch.arange(6.0)
    a, b = copy.deepcopy([base, base[2:4]])
    a[2] = 9
    matrix = torch.arange(6.0).reshape(2, 3).t()
    with torch.inference_mode():
        made = torch.ones(1)
    return {
        'tensor': [again.requires_grad, again.grad.tolist(), again.note, again.note is t.note], 'parameter': [copy.deepcopy(p).requires_grad, copy.deepcopy(p).grad],
        'view': [b.tolist(), b.storage_offset(), base[2].item()],
        'strides': [list(copy.deepcopy(x).stride()) for x in (matrix, nn.Parameter(matrix), torch.ones(1).expand(3))],
        'computed': message(lambda: copy.deepcopy(t * 2)), 'inference': copy.deepcopy(made).is_inference()}


def modules():
    linear = nn.Linear(2, 1)
    optimizer = torch.optim.Adam(linear.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    linear(torch.ones(2)).sum().backward()
    optimizer.step()
    net, own, rates = copy.deepcopy([linear, optimizer, scheduler])
    return {'moduleGradient': net.weight.grad, 'ties': [own.param_groups[0]['params'][0] is net.weight, list(own.state)[0] is net.weight, rates.optimizer is own]}


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    size = write('copies.json', rows({**tensors(), **modules()}))
    print('%d bytes' % size)
