"""Records calls whose options go by name, by position or are None - devices, workers, sizes to reach - with what each gives or
refuses -> test/goldens/conventions.json. Each is written twice, as Python and as JavaScript, and test/conventions.test.ts makes it there."""
import json
import warnings

import torch
import torch.nn.functional as F
from oracle import write
from torch import nn
from torch.utils.data import DataLoader


def summing(layer, *args, **options):
    """A transposed convolution that only adds, so that its values are whole numbers."""
    m = getattr(nn, layer)(*args, **options)
    with torch.no_grad():
        m(torch.zeros([1, 1, *[3] * int(layer[-2])]))
        m.weight.fill_(1)
        m.bias.fill_(0)
    return m


x, x1, x2 = torch.arange(3.), torch.arange(3.).view(1, 1, 3), torch.arange(9.).view(1, 1, 3, 3)
pooled, places = F.max_pool1d(torch.arange(7.).view(1, 1, 7), 2, return_indices=True)
up, up2 = summing('ConvTranspose1d', 1, 1, 3, stride=2), summing('ConvTranspose2d', 1, 1, 3, stride=2, padding=1)
lazy = summing('LazyConvTranspose1d', 1, 3, stride=2)
unpool, data = nn.MaxUnpool1d(2), list(range(4))

# Python and JavaScript; None where they are the same.
CALLS = [
    ("x.to('cpu')", None), ("x.to('cpu', torch.float64)", "x.to('cpu', 'float64')"), ("x.to(None, torch.int64)", "x.to(null, 'int64')"),
    ("x.to('cpu', dtype=torch.int64)", "x.to('cpu', { dtype: 'int64' })"), ("x.to('cpu', torch.int64, copy=True)", "x.to('cpu', 'int64', { copy: true })"),
    ("x.to(device='cpu', dtype=torch.int32, copy=True, non_blocking=True)", "x.to({ device: 'cpu', dtype: 'int32', copy: true, nonBlocking: true })"),
    ("x.to(torch.ones(1).long(), non_blocking=True)", "x.to(ones([1]).long(), { nonBlocking: true })"), ("x.to()", None), ("x.to(None)", "x.to(null)"),
    ("x.to(dtype=None, device=None)", "x.to({ dtype: null, device: null })"), ("x.to(copy=True)", "x.to({ copy: true })"), ("x.cpu()", None),
    ("[x.to('cpu') is x, x.to() is x, x.cpu() is x, x.to('cpu', copy=True) is x, x.to(x) is x]",
     "[x.to('cpu') === x, x.to() === x, x.cpu() === x, x.to('cpu', { copy: true }) === x, x.to(x) === x]"),
    ("[nn.Linear(2, 2).to('cpu', torch.float64).weight.dtype, nn.Linear(2, 2).to(x.double()).bias.dtype]",
     "[new nn.Linear(2, 2).to('cpu', 'float64').weight.dtype, new nn.Linear(2, 2).to(x.double()).bias.dtype]"),
    ("nn.Linear(2, 2).to('cpu', torch.int64)", "new nn.Linear(2, 2).to('cpu', 'int64')"),
    *[(f'torch.{py}', js) for py, js in [
        ("zeros(2, device='cpu', pin_memory=False)", "zeros([2], { device: 'cpu', pinMemory: false })"), ("zeros(2, device=None)", "zeros([2], { device: null })"),
        ("zeros(2, pin_memory=True)", "zeros([2], { pinMemory: true })"), ("ones_like(x, pin_memory=True)", "onesLike(x, { pinMemory: true })"),
        ("arange(3, pin_memory=True)", "arange(3, { pinMemory: true })"), ("rand(3, pin_memory=True)", "rand([3], { pinMemory: true })"),
        ("normal(0., 1., (2,), pin_memory=True)", "normal(0, 1, [2], { pinMemory: true })"),
        ("tril_indices(2, 2, device='cpu')", "trilIndices(2, 2, { device: 'cpu' })"), ("tril_indices(2, 2, pin_memory=True)", "trilIndices(2, 2, { pinMemory: true })"),
        ("as_tensor([1.], device='cpu')", "asTensor([1], { device: 'cpu' })"), ("as_tensor(1., requires_grad=True)", "asTensor([1], { requiresGrad: true })")]],
    ("x.new_tensor([1.], pin_memory=True)", "x.newTensor([1], { pinMemory: true })"), ("x.new_zeros(2, device='cpu')", "x.newZeros([2], { device: 'cpu' })"),
    *[(py, py.replace('output_size=', '{ outputSize: ').replace('None', 'null').replace('nn.M', 'new nn.M')[:-1] + (' })' if 'output_size' in py else ')')) for py in [
        f'{call}{size})' for call in ('up(x1', 'unpool(pooled, places', 'lazy(x1') for size in ('', ', None', ', [8]', ', [7]', ', output_size=[7]', ', output_size=[1, 1, 7]',
                                                                                         ', output_size=None', ', [20]', ', [4]', ', [1, 7]', ', [7, 7, 7, 7]')]],
    *[(py, py) for py in ('up(x1[0], [8])', 'up(x1[0], [1, 8])', 'up(x1[0], [9])', 'up2(x2, [5, 6])', 'up2(x2, [1, 1, 6, 5])', 'up2(x2, [6])', 'up2(x2, [4, 6])', 'up2(x2, [6, 7])')],
    *[(f'F.max_unpool1d(pooled, places, 2{py})', f'F.maxUnpool1d(pooled, places, 2{js})') for py, js in
      [(', None', ', null'), (', None, 0, [7]', ', null, { padding: 0, outputSize: [7] }'), (', output_size=None', ', { outputSize: null }')]],
    *[(f'nn.init.{py}', f'nn.init.{js}') for py, js in [
        ("calculate_gain('leakyRelu')", "calculateGain('leakyRelu')"), ("calculate_gain('convTranspose1d')", "calculateGain('convTranspose1d')"),
        ("kaiming_normal_(torch.ones(2, 2), nonlinearity='leakyRelu')", "kaimingNormal_(ones([2, 2]), { nonlinearity: 'leakyRelu' })"),
        ("kaiming_normal_(torch.ones(2, 2), mode='fan_max')", "kaimingNormal_(ones([2, 2]), { mode: 'fan_max' })")]],
    *[(f'[b.tolist() for b in DataLoader(data{py})]', f'[...new utils.data.DataLoader(data{js})].map((b) => b.tolist())') for py, js in [
        (', 2, num_workers=0, timeout=0, pin_memory=False', ', 2, { numWorkers: 0, timeout: 0, pinMemory: false }'), (', 3, pin_memory=True', ', 3, { pinMemory: true }'),
        (', prefetch_factor=None, worker_init_fn=None, multiprocessing_context=None, in_order=False, persistent_workers=False',
         ', { prefetchFactor: null, workerInitFn: null, multiprocessingContext: null, inOrder: false, persistentWorkers: false }'),
        (', sampler=None, batch_sampler=None, collate_fn=None, shuffle=None', ', { sampler: null, batchSampler: null, collateFn: null, shuffle: null }'),
        (', num_workers=-1', ', { numWorkers: -1 }'), (', timeout=-1', ', { timeout: -1 }'), (', timeout=5', ', { timeout: 5 }'), (', prefetch_factor=2', ', { prefetchFactor: 2 }'),
        (', prefetch_factor=0', ', { prefetchFactor: 0 }'), (', persistent_workers=True', ', { persistentWorkers: true }'),
        (", multiprocessing_context='spawn'", ", { multiprocessingContext: 'spawn' }"), (', num_workers=-1, timeout=-1, prefetch_factor=1', ', { numWorkers: -1, timeout: -1, prefetchFactor: 1 }'),
        (', timeout=-1, prefetch_factor=1, persistent_workers=True', ', { timeout: -1, prefetchFactor: 1, persistentWorkers: true }'),
        (", persistent_workers=True, multiprocessing_context='spawn'", ", { persistentWorkers: true, multiprocessingContext: 'spawn' }")]],
]


def plain(value):
    if isinstance(value, torch.Tensor):
        return {'dtype': plain(value.dtype), 'shape': list(value.shape), 'values': value.flatten().tolist()}
    if isinstance(value, torch.dtype):
        return str(value).removeprefix('torch.')
    return [plain(v) for v in value] if isinstance(value, list) else value


def outcome(python):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter('always')
        try:
            return {'gives': plain(eval(python)), 'warns': [str(w.message) for w in warned]}
        except (RuntimeError, ValueError, TypeError, AssertionError) as error:
            return {'refuses': str(error)}


if __name__ == '__main__':
    write('conventions.json', '[\n' + ',\n'.join(json.dumps({'call': js or py, **outcome(py)}) for py, js in CALLS) + '\n]\n')
