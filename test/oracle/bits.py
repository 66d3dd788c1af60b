"""Records fingerprints of results whose very bits are PyTorch's (MKL and oneDNN on an AMD CPU with AVX-512) into test/goldens/bits.json.

Inputs are drawn from the seed of each case, so only a hash of each result is kept. Elsewhere PyTorch may sum in another order.
"""
import hashlib

import torch
import torch.nn.functional as F
from oracle import rows, write


def digest(t):
    return hashlib.sha256(t.detach().contiguous().numpy().tobytes()).hexdigest()[:16]


def products():
    for m, k, n in [(4, 20, 12), (64, 84, 120), (5, 192, 33), (16, 193, 100), (33, 257, 31), (64, 384, 256), (7, 385, 12), (64, 400, 120), (32, 784, 256),
                    (100, 1000, 20), (256, 64, 784), (300, 300, 300), (20, 1201, 17)]:
        # Few vectors against a matrix that lies along k are dot products in Tenzo, at the speed of memory.
        for layout in ('nn', 'nt', 'tn', 'tt') if m > 8 or k < 64 else ('nn', 'tn'):
            yield dict(kind='matmul', sizes=[m, k, n], layout=layout)
        if m > 8 or k < 64:
            yield dict(kind='linear', sizes=[m, k, n])


def convolutions():
    # Batches of 16 and more: fewer small images go another way in PyTorch, through MKL.
    for batch, channels, out, kernel, size, stride, padding, dilation, groups in [
            (16, 1, 6, 5, 28, 1, 2, 1, 1), (16, 6, 16, 5, 14, 1, 0, 1, 1), (16, 3, 64, 7, 16, 2, 3, 1, 1), (16, 16, 16, 3, 8, 1, 1, 1, 1),
            (16, 20, 32, 3, 6, 1, 1, 1, 1), (16, 64, 64, 3, 8, 1, 1, 1, 1), (16, 64, 40, 1, 8, 1, 0, 1, 1), (16, 20, 40, 5, 9, 1, 2, 1, 1),
            (16, 24, 3, 3, 9, 1, 1, 2, 1), (16, 16, 16, 3, 8, 1, 1, 1, 16), (16, 40, 2, 7, 9, 1, 3, 1, 1), (16, 8, 16, 3, 8, 1, 1, 1, 2)]:
        yield dict(kind='conv2d', sizes=[batch, channels, size, size], weight=[out, channels // groups, kernel, kernel],
                   options=dict(stride=stride, padding=padding, dilation=dilation, groups=groups))


def run(case, seed):
    torch.manual_seed(seed)
    if case['kind'] == 'conv2d':
        x, w, b = torch.randn(case['sizes'], requires_grad=True), torch.randn(case['weight']), torch.randn(case['weight'][0])
        y = F.conv2d(x, w, b, **case['options'])
        results = dict(y=y, withoutBias=F.conv2d(x, w, None, **case['options']))
        # A strided or grouped convolution's input gradient is summed in an order of its own.
        if case['options']['stride'] == 1 and case['options']['groups'] == 1:
            results['gradient'] = torch.autograd.grad(y, x, torch.randn(y.shape))[0]
        return results
    m, k, n = case['sizes']
    a, b = torch.randn(m, k), torch.randn(k, n)
    if case['kind'] == 'linear':
        return dict(y=F.linear(a, b.t().contiguous(), torch.randn(n)))
    across = lambda t: t.t().contiguous().t()
    return dict(y=(across(a) if case['layout'][0] == 't' else a) @ (across(b) if case['layout'][1] == 't' else b))


if __name__ == '__main__':
    assert 'AVX512' in torch.backends.cpu.get_cpu_capability()
    cases = []
    for case in [*products(), *convolutions()]:
        results = run(case, len(cases))
        cases.append({**case, 'results': {name: digest(t) for name, t in results.items()}})
    print('%d cases, %d bytes' % (len(cases), write('bits.json', rows(cases))))
