"""Records runs of optimizers into test/goldens/optimizers.json.gz: six steps of each option, what it prints, its state; and bad options."""
import itertools

import torch
from oracle import encode_tensor, message, save, short_error

LBFGS_OPTIONS = [{}, {'lr': 0.5}, {'max_iter': 4}, {'max_iter': 5, 'max_eval': 3}, {'history_size': 2}, {'tolerance_grad': 0.5}, {'tolerance_change': 0.05},
                 {'line_search_fn': 'strong_wolfe'}, {'line_search_fn': 'strong_wolfe', 'max_iter': 3, 'history_size': 2}]
OPTIONS = {
    'SGD': [{}, {'momentum': 0.9}, {'momentum': 0.9, 'dampening': 0.1}, {'momentum': 0.9, 'nesterov': True}, {'weight_decay': 0.1},
            {'momentum': 0.9, 'weight_decay': 0.1, 'nesterov': True}, {'maximize': True}, {'momentum': 0.5, 'maximize': True, 'weight_decay': 0.1}],
    'Adam': [{}, {'betas': (0.8, 0.99)}, {'eps': 1e-3}, {'weight_decay': 0.1}, {'amsgrad': True}, {'maximize': True}, {'amsgrad': True, 'weight_decay': 0.1, 'maximize': True},
             {'decoupled_weight_decay': True, 'weight_decay': 0.3}],
    'AdamW': [{}, {'betas': (0.8, 0.99)}, {'weight_decay': 0}, {'weight_decay': 0.3}, {'amsgrad': True}, {'maximize': True}],
    'RMSprop': [{}, {'alpha': 0.9}, {'eps': 1e-2}, {'momentum': 0.9}, {'centered': True}, {'weight_decay': 0.1}, {'maximize': True}, {'centered': True, 'momentum': 0.5, 'weight_decay': 0.1, 'maximize': True}],
    'Adagrad': [{}, {'lr_decay': 0.1}, {'weight_decay': 0.1}, {'initial_accumulator_value': 0.5}, {'eps': 0.1}, {'maximize': True}, {'lr_decay': 0.1, 'weight_decay': 0.1, 'maximize': True}],
    'Adadelta': [{}, {'rho': 0.8}, {'eps': 1e-2}, {'weight_decay': 0.1}, {'maximize': True}],
    'Adamax': [{}, {'betas': (0.8, 0.99)}, {'eps': 0.1}, {'weight_decay': 0.1}, {'maximize': True}],
    'NAdam': [{}, {'betas': (0.8, 0.99)}, {'eps': 0.1}, {'momentum_decay': 0.1}, {'weight_decay': 0.1}, {'decoupled_weight_decay': True, 'weight_decay': 0.1}, {'maximize': True}],
    'RAdam': [{}, {'betas': (0.5, 0.7)}, {'eps': 0.1, 'betas': (0.9, 0.9)}, {'weight_decay': 0.1}, {'decoupled_weight_decay': True, 'weight_decay': 0.1, 'betas': (0.8, 0.9)}, {'maximize': True}],
    'ASGD': [{}, {'lambd': 0.1}, {'alpha': 0.5, 'lambd': 0.3}, {'t0': 2}, {'weight_decay': 0.1}, {'t0': 0, 'maximize': True}],
    'Rprop': [{}, {'etas': (0.4, 1.3)}, {'step_sizes': (0.05, 0.11)}, {'maximize': True}],
}
BAD = [
    ('SGD', {'lr': -0.5}), ('SGD', {'lr': 0.1, 'momentum': -0.5}), ('SGD', {'lr': 0.1, 'nesterov': True}), ('SGD', {'lr': 0.1, 'weight_decay': -0.5}),
    ('SGD', {'momentum': 0.5, 'dampening': 0.5, 'nesterov': True}),
    *[(name, {'lr': -0.5}) for name in OPTIONS if name != 'SGD'], ('LBFGS', {'lr': -0.5}),
    *[(name, options) for name in ('Adam', 'AdamW', 'Adamax', 'NAdam', 'RAdam') for options in ({'betas': (1.5, 0.9)}, {'betas': (0.9, 1.5)}, {'eps': -0.5}, {'weight_decay': -0.5})],
    *[('RMSprop', {k: -0.5}) for k in ('eps', 'momentum', 'weight_decay', 'alpha')],
    *[('Adagrad', {k: -0.5}) for k in ('eps', 'lr_decay', 'weight_decay', 'initial_accumulator_value')],
    *[('Adadelta', {k: -0.5}) for k in ('eps', 'rho', 'weight_decay')], ('Adadelta', {'rho': 1.5}), ('NAdam', {'momentum_decay': -0.5}), ('ASGD', {'weight_decay': -0.5}),
    ('Rprop', {'etas': (1.5, 1.7)}), ('Rprop', {'etas': (0.5, 0.7)}), ('Rprop', {'etas': (-0.5, 1.5)}),
]


def plain(options):
    return {k: list(v) if isinstance(v, tuple) else v for k, v in options.items()}


def coded(v):
    if isinstance(v, torch.Tensor):
        return encode_tensor(v.detach().clone())
    return [coded(x) for x in v] if isinstance(v, list) else v


def start(dtype):
    a = (torch.arange(6, dtype=torch.float64) / 4 - 0.7).to(dtype).reshape(2, 3).requires_grad_()
    b = (torch.arange(19, dtype=torch.float64) / 8 - 1).to(dtype).requires_grad_()
    return a, b


def run(name, options, dtype, grouped):
    """Six steps from the same start with gradients that differ each step; a parameter without gradient now and then; two groups."""
    a, b = start(dtype)
    optimizer = getattr(torch.optim, name)([{'params': [a]}, {'params': [b], 'lr': 0.5}] if grouped else [a, b], lr=0.1, **options)
    text, steps = str(optimizer), []
    for step in range(6):
        for n, p in enumerate((a, b)):
            if n == 1 and step == 2:
                p.grad = None
                continue
            g = ((torch.arange(p.numel(), dtype=torch.float64) * 13 + step * 5 + n) % 11 - 4) / 8
            p.grad = g.to(dtype).reshape(p.shape)
        optimizer.step()
        steps.append([encode_tensor(a.detach().clone()), encode_tensor(b.detach().clone())])
    row = {'name': name, 'options': plain(options), 'dtype': str(dtype).split('.')[1], 'grouped': grouped, 'steps': steps, 'print': text}
    if grouped:
        row['state'] = {n: {k: coded(v) for k, v in s.items()} for n, s in optimizer.state_dict()['state'].items()}
    return row


def lbfgs(options, dtype):
    """Three steps on a mild form of Rosenbrock's function."""
    x = (torch.arange(6, dtype=torch.float64) / 4 - 0.7).to(dtype).reshape(2, 3).requires_grad_()
    optimizer = torch.optim.LBFGS([x], **options)
    calls = 0

    def closure():
        nonlocal calls
        calls += 1
        optimizer.zero_grad()
        v = x.reshape(-1)
        loss = ((v[1:] - v[:-1] ** 2) ** 2 + (1 - v[:-1]) ** 2).sum()
        loss.backward()
        return loss
    text, steps = str(optimizer), []
    for _ in range(3):
        loss = optimizer.step(closure)
        steps.append({'loss': loss.item(), 'x': encode_tensor(x.detach().clone()), 'calls': calls})
    state = optimizer.state_dict()['state'][0]
    return {'options': options, 'dtype': str(dtype).split('.')[1], 'steps': steps, 'print': text, 'keys': sorted(state), 'evaluations': state['func_evals'], 'iterations': state['n_iter']}


def mistakes():
    found = []
    for name, options in BAD:
        try:
            getattr(torch.optim, name)([torch.ones(2, requires_grad=True)], **options)
        except Exception as e:
            found.append({'name': name, 'options': plain(options), 'error': type(e).__name__, 'message': short_error(e)})
        else:
            raise AssertionError((name, options))
    return found


def groups():
    """What optimizers say about parameters, groups and state dicts."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
    first, second = ([p for p in layer.parameters()] for layer in net)
    named = list(net.named_parameters())
    sgd = torch.optim.SGD
    leaf = torch.ones(2, requires_grad=True)
    adam = torch.optim.Adam(named, lr=0.5)
    two = sgd([{'params': first}, {'params': second, 'lr': 0.5}])
    return {
        'named': str(adam), 'saved': adam.state_dict()['param_groups'], 'two': two.state_dict()['param_groups'],
        'messages': {
            'empty': message(lambda: sgd([])), 'not_a_leaf': message(lambda: sgd([leaf * 2])), 'twice': message(lambda: sgd([{'params': first}, {'params': first}])),
            'some_names': message(lambda: sgd([named[0], leaf])), 'other_names': message(lambda: sgd([{'params': named}, {'params': [leaf]}])),
            'other_names_added': message(lambda: sgd([leaf]).add_param_group({'params': named})),
            'lbfgs': message(lambda: torch.optim.LBFGS([{'params': first}, {'params': second}])),
            'number_of_groups': message(lambda: sgd(first).load_state_dict(two.state_dict())),
            'size_of_group': message(lambda: sgd(first).load_state_dict(sgd(first[:1]).state_dict())),
        }}


if __name__ == '__main__':
    runs = [run(name, options, dtype, grouped) for name, variants in OPTIONS.items()
            for options, dtype, grouped in itertools.product(variants, (torch.float32, torch.float64), (False, True))]
    searches = [lbfgs(options, dtype) for options in LBFGS_OPTIONS for dtype in (torch.float32, torch.float64)]
    bad = mistakes()
    size = save('optimizers.json.gz', {'runs': runs, 'lbfgs': searches, 'mistakes': bad, 'groups': groups()})
    print('%d runs, %d of LBFGS, %d mistakes, %d bytes' % (len(runs), len(searches), len(bad), size))
