"""Records how PyTorch's schedulers set learning rates and momentum into test/goldens/schedulers.json.gz, with their state dicts and texts."""
import warnings

import torch
from oracle import save, short_error
from torch.optim import lr_scheduler as S

STEPS = 25
# Name, required arguments, options. A function is written as [kind, number], see `function`.
CASES = [
    ('StepLR', [3], {}), ('StepLR', [4], {'gamma': 0.5}), ('StepLR', [1], {'gamma': 0.9}),
    ('MultiStepLR', [[3, 8]], {}), ('MultiStepLR', [[8, 3, 3, 12]], {'gamma': 0.5}), ('MultiStepLR', [[]], {}),
    ('ConstantLR', [], {}), ('ConstantLR', [], {'factor': 0.5, 'total_iters': 4}), ('ConstantLR', [], {'factor': 1.0, 'total_iters': 1}),
    ('LinearLR', [], {}), ('LinearLR', [], {'start_factor': 0.1, 'end_factor': 0.7, 'total_iters': 10}), ('LinearLR', [], {'start_factor': 1.0, 'end_factor': 0.0, 'total_iters': 20}),
    ('ExponentialLR', [0.9], {}), ('ExponentialLR', [1.5], {}), ('PolynomialLR', [], {}), ('PolynomialLR', [], {'total_iters': 20, 'power': 2.5}),
    ('CosineAnnealingLR', [10], {}), ('CosineAnnealingLR', [7], {'eta_min': 0.01}), ('CosineAnnealingLR', [1], {'eta_min': 0.01}), ('CosineAnnealingLR', [50], {}),
    ('CosineAnnealingWarmRestarts', [5], {}), ('CosineAnnealingWarmRestarts', [3], {'T_mult': 2, 'eta_min': 0.01}), ('CosineAnnealingWarmRestarts', [1], {}),
    ('LambdaLR', [['power', 0.95]], {}), ('LambdaLR', [[['power', 0.5], ['line', 0.1]]], {}), ('MultiplicativeLR', [['constant', 0.9]], {}),
    ('MultiplicativeLR', [[['constant', 0.5], ['line', 0.1]]], {}),
    ('CyclicLR', [0.01, 0.1], {'step_size_up': 4}), ('CyclicLR', [0.01, [0.1, 0.2]], {'step_size_up': 4, 'step_size_down': 6, 'mode': 'triangular2'}),
    ('CyclicLR', [[0.01, 0.02], 0.1], {'step_size_up': 3, 'mode': 'exp_range', 'gamma': 0.9, 'base_momentum': 0.5, 'max_momentum': [0.7, 0.8]}),
    ('CyclicLR', [0.01, 0.1], {'step_size_up': 5, 'cycle_momentum': False, 'scale_fn': ['power', 0.8]}),
    ('CyclicLR', [0.01, 0.1], {'step_size_up': 5, 'scale_fn': ['power', 0.8], 'scale_mode': 'iterations'}),
    ('OneCycleLR', [0.1], {'total_steps': 26}), ('OneCycleLR', [[0.1, 0.2]], {'epochs': 3, 'steps_per_epoch': 10, 'anneal_strategy': 'linear'}),
    ('OneCycleLR', [0.1], {'total_steps': 30, 'pct_start': 0.4, 'three_phase': True, 'div_factor': 10, 'final_div_factor': 100, 'base_momentum': 0.7, 'max_momentum': [0.8, 0.9]}),
    ('OneCycleLR', [0.1], {'total_steps': 27, 'cycle_momentum': False}),
    ('ReduceLROnPlateau', [], {}), ('ReduceLROnPlateau', [], {'patience': 1, 'factor': 0.5}), ('ReduceLROnPlateau', [], {'mode': 'max', 'patience': 0}),
    ('ReduceLROnPlateau', [], {'patience': 1, 'cooldown': 2, 'threshold': 0.1, 'min_lr': [0.05, 0.001]}),
    ('ReduceLROnPlateau', [], {'patience': 1, 'threshold_mode': 'abs', 'threshold': 0.2, 'min_lr': 0.02, 'eps': 0.05}),
    ('ReduceLROnPlateau', [], {'mode': 'max', 'threshold_mode': 'abs', 'patience': 2}),
]
COMBINED = [
    ('SequentialLR', [('ConstantLR', [], {'factor': 0.1, 'total_iters': 4}), ('ExponentialLR', [0.9], {})], [4]),
    ('SequentialLR', [('LinearLR', [], {'start_factor': 0.01, 'total_iters': 5}), ('CosineAnnealingLR', [10], {}), ('StepLR', [2], {'gamma': 0.5})], [5, 15]),
    ('SequentialLR', [('StepLR', [3], {}), ('CosineAnnealingWarmRestarts', [4], {}), ('PolynomialLR', [], {'total_iters': 6})], [6, 14]),
    ('SequentialLR', [('LambdaLR', [['power', 0.9]], {}), ('MultiStepLR', [[2, 5]], {})], [7]),
    ('ChainedScheduler', [('ConstantLR', [], {'factor': 0.1, 'total_iters': 4}), ('ExponentialLR', [0.9], {})], None),
    ('ChainedScheduler', [('LinearLR', [], {}), ('StepLR', [4], {}), ('MultiplicativeLR', [['constant', 0.99]], {})], None),
]


def function(v):
    """The functions that cases name: the tests have the same."""
    if isinstance(v, list) and v and isinstance(v[0], str):
        kind, a = v
        return {'power': lambda n: a ** n, 'line': lambda n: 1 - a * n / 10, 'constant': lambda n: a}[kind]
    return [function(x) for x in v] if isinstance(v, list) else v


def optimizer(kind):
    p, q = (torch.ones(1, requires_grad=True) for _ in range(2))
    groups = [{'params': [p]}, {'params': [q], 'lr': 0.25}]
    return torch.optim.SGD(groups, lr=0.5, momentum=0.9) if kind == 'SGD' else torch.optim.Adam(groups, lr=0.5)


def build(o, name, args, options):
    return getattr(S, name)(o, *function(args), **{k: function(v) if k == 'scale_fn' else v for k, v in options.items()})


def metric(step):
    """A loss that falls, stays and jumps."""
    return [5, 4, 3, 2.9, 2.89, 2.89, 2.89, 3, 3, 2, 2, 2, 2.5, 1, 1, 1, 1, 1, 1, 0.5, 0.9, 0.9, 0.9, 0.9, 0.9][step]


def plain(v):
    if isinstance(v, float) and v in (float('inf'), -float('inf')):
        return {'f': repr(v)}
    if isinstance(v, dict):
        return {str(k): plain(x) for k, x in v.items()}
    return [plain(x) for x in v] if isinstance(v, (list, tuple)) else v


def follow(o, scheduler):
    rows, text = [], str(o)
    for step in range(STEPS + 1):
        rows.append([g['lr'] for g in o.param_groups] + [g['momentum'] if 'momentum' in g else g['betas'][0] for g in o.param_groups])
        assert scheduler.get_last_lr() == rows[-1][:2]
        if step == STEPS:
            break
        o.step()
        if isinstance(scheduler, S.ReduceLROnPlateau):
            scheduler.step(metric(step))
        else:
            scheduler.step()
    return {'rows': rows, 'state': plain(scheduler.state_dict()), 'print': text}


def run(kind, name, args, options):
    o = optimizer(kind)
    return {'optimizer': kind, 'name': name, 'args': args, 'options': options, **follow(o, build(o, name, args, options))}


def closed(name, args, options):
    """What `step(epoch)` sets."""
    rows = []
    for epoch in (7, 2, 0, 12):
        o = optimizer('SGD')
        scheduler = build(o, name, args, options)
        o.step()
        scheduler.step(epoch)
        rows.append([epoch] + [g['lr'] for g in o.param_groups])
    return {'name': name, 'args': args, 'options': options, 'rows': rows}


def combined(name, parts, milestones):
    o = optimizer('SGD')
    schedulers = [build(o, *part) for part in parts]
    scheduler = S.SequentialLR(o, schedulers, milestones) if milestones else S.ChainedScheduler(schedulers, o)
    return {'name': name, 'parts': parts, 'milestones': milestones, **follow(o, scheduler)}


def mistakes():
    bad = [
        ('ConstantLR', [], {'factor': 1.5}), ('LinearLR', [], {'start_factor': 0.0}), ('LinearLR', [], {'start_factor': 1.5}), ('LinearLR', [], {'end_factor': -0.5}),
        ('CosineAnnealingWarmRestarts', [0], {}), ('CosineAnnealingWarmRestarts', [1.5], {}), ('CosineAnnealingWarmRestarts', [2], {'T_mult': 0}),
        ('LambdaLR', [[['power', 0.5]]], {}), ('MultiplicativeLR', [[['power', 0.5]] * 3], {}), ('CyclicLR', [[0.1], 0.2], {}), ('CyclicLR', [0.1, [0.2] * 3], {}),
        ('CyclicLR', [0.1, 0.2], {'mode': 'other'}), ('OneCycleLR', [0.1], {}), ('OneCycleLR', [0.1], {'total_steps': 0}), ('OneCycleLR', [0.1], {'total_steps': 1.5}),
        ('OneCycleLR', [0.1], {'epochs': 0, 'steps_per_epoch': 3}), ('OneCycleLR', [0.1], {'epochs': 2, 'steps_per_epoch': -3}), ('OneCycleLR', [0.1], {'epochs': 2}),
        ('OneCycleLR', [0.1], {'total_steps': 10, 'pct_start': 1.5}), ('OneCycleLR', [0.1], {'total_steps': 10, 'anneal_strategy': 'other'}), ('OneCycleLR', [[0.1]], {'total_steps': 10}),
        ('ReduceLROnPlateau', [], {'factor': 1.5}), ('ReduceLROnPlateau', [], {'mode': 'other'}), ('ReduceLROnPlateau', [], {'threshold_mode': 'other'}),
        ('ReduceLROnPlateau', [], {'min_lr': [0.1]}), ('StepLR', [3], {'last_epoch': 4}),
    ]
    found = []
    for name, args, options in bad:
        try:
            build(optimizer('SGD'), name, args, options)
        except Exception as e:
            text = e.args[0] if isinstance(e, KeyError) else short_error(e)
            found.append({'name': name, 'args': args, 'options': options, 'message': text})
        else:
            raise AssertionError((name, args, options))
    return found


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    golden = {
        'runs': [run(kind, *case) for case in CASES for kind in ('SGD', 'Adam')],
        'closed': [closed(*case) for case in CASES if case[0] not in ('CyclicLR', 'OneCycleLR', 'ReduceLROnPlateau', 'MultiplicativeLR')],
        'combined': [combined(*case) for case in COMBINED], 'mistakes': mistakes()}
    size = save('schedulers.json.gz', golden)
    print(', '.join('%d %s' % (len(rows), part) for part, rows in golden.items()) + ', %d bytes' % size)
