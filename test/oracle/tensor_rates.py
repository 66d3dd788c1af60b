"""Records optimizers whose rates are tensors into test/goldens/tensor_rates.json: steps, what schedulers make of the tensor, and what is refused."""
import warnings

import torch
from oracle import encode_tensor, save, short_error
from torch.optim import lr_scheduler as S

RATES = {'no_dims': lambda: torch.tensor(0.1), 'one_element': lambda: torch.tensor([0.1]), 'double': lambda: torch.tensor(0.1, dtype=torch.float64),
         'two_elements': lambda: torch.tensor([0.1, 0.2]), 'none': lambda: torch.tensor([]), 'negative': lambda: torch.tensor(-1.0), 'negative_of_dim': lambda: torch.tensor([-1.5])}
BETAS = {'both': lambda: (torch.tensor(0.8), torch.tensor(0.9)), 'one_element': lambda: (torch.tensor([0.8]), torch.tensor([0.9])), 'mixed': lambda: (torch.tensor(0.8), 0.9)}
OPTIMIZERS = ['SGD', 'Adam', 'AdamW', 'RMSprop', 'Adagrad', 'Adadelta', 'Adamax', 'ASGD', 'NAdam', 'RAdam', 'Rprop', 'LBFGS']
SCHEDULERS = [
    ('StepLR', [2], {'gamma': 0.5}), ('MultiStepLR', [[1, 3]], {}), ('ExponentialLR', [0.5], {}), ('LinearLR', [], {}), ('ConstantLR', [], {'factor': 0.5, 'total_iters': 2}),
    ('PolynomialLR', [], {'total_iters': 8}), ('CosineAnnealingLR', [4], {}), ('CosineAnnealingWarmRestarts', [3], {}), ('CyclicLR', [0.01, 0.1], {'step_size_up': 3}),
    ('OneCycleLR', [0.1], {'total_steps': 10}), ('ReduceLROnPlateau', [], {'patience': 0}),
]


def run(name, options):
    p = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
    optimizer = getattr(torch.optim, name)([p], **options)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss
    for _ in range(3):
        optimizer.step(closure)
    return {'p': encode_tensor(p.detach().clone()), 'print': str(optimizer)}


def outcome(name, options):
    try:
        return run(name, options)
    except Exception as e:
        return {'error': short_error(e)}


def schedule(name, args, options):
    rate = torch.tensor(0.1)
    o = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=rate, momentum=0.9)
    scheduler = getattr(S, name)(o, *args, **options)
    rows = []
    for _ in range(6):
        rows.append(rate.item())
        o.step()
        scheduler.step(*([1.0] if name == 'ReduceLROnPlateau' else []))
    assert o.param_groups[0]['lr'] is rate
    return {'name': name, 'args': args, 'options': options, 'rows': rows}


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    golden = {
        'rates': [{'name': name, 'rate': rate, **outcome(name, {'lr': RATES[rate]()})} for name in OPTIMIZERS for rate in RATES],
        'betas': [{'name': name, 'betas': betas, **outcome(name, {'betas': BETAS[betas](), 'lr': 0.1})} for name in ('Adam', 'AdamW') for betas in BETAS],
        'schedules': [schedule(*case) for case in SCHEDULERS]}
    size = save('tensor_rates.json', golden)
    print(', '.join('%d %s' % (len(rows), part) for part, rows in golden.items()) + ', %d bytes' % size)
