"""Records PyTorch's own samples of modules (ModuleInfo) into test/goldens/modules.json.gz."""
import inspect

import torch
from oracle import Unrecordable, cotangent, encode, encode_tensor, map_tensors, save, shorten, short_error, tensors_in
from torch.testing._internal.common_modules import module_db

NAMES = '''Linear Identity Flatten Unflatten Conv1d Conv2d ConvTranspose2d MaxPool1d MaxPool2d AvgPool1d AvgPool2d AdaptiveAvgPool2d BatchNorm1d BatchNorm2d LayerNorm
GroupNorm InstanceNorm2d RMSNorm Embedding ReLU ReLU6 LeakyReLU PReLU ELU CELU SELU GELU SiLU Mish Sigmoid Tanh Softmax LogSoftmax Softmin Softplus Softsign Softshrink
Hardshrink Hardtanh Hardsigmoid Hardswish LogSigmoid Tanhshrink Threshold GLU CrossEntropyLoss MSELoss L1Loss NLLLoss BCELoss BCEWithLogitsLoss SmoothL1Loss HuberLoss
KLDivLoss PoissonNLLLoss GaussianNLLLoss HingeEmbeddingLoss MarginRankingLoss CosineEmbeddingLoss TripletMarginLoss SoftMarginLoss MultiLabelMarginLoss
MultiLabelSoftMarginLoss MultiMarginLoss CosineSimilarity PairwiseDistance ConstantPad2d ZeroPad2d ReflectionPad2d ReplicationPad2d PixelShuffle Upsample CTCLoss Softmax2d LPPool1d LPPool2d LPPool3d'''.split()
MAX_ELEMENTS = 500


def code(v):
    if isinstance(v, torch.Tensor):
        return encode_tensor(v, layout=True)
    if isinstance(v, (list, tuple)):
        return [code(x) for x in v]
    return encode(v)


def constructor(cls, args, kwargs):
    """The arguments as Tenzo takes them: required ones by position, the rest by name."""
    kwargs = {k: v for k, v in kwargs.items() if k not in ('device', 'dtype')}
    signature = inspect.signature(cls.__init__)
    bound = signature.bind(None, *args, **kwargs)
    required, options = [], {}
    for p in list(signature.parameters.values())[1:]:
        if p.name not in bound.arguments:
            continue
        value = bound.arguments[p.name]
        if p.kind is p.VAR_POSITIONAL:
            required += value
        elif p.default is p.empty:
            required.append(value)
        elif value is not None or p.default is not None:
            options[p.name] = value
    first = next((p.name for p in list(signature.parameters.values())[1:] if p.default is not p.empty), None)
    return required, options, first if options.get(first) is not None else None


def record(info, sample, dtype, training):
    cls = info.module_cls
    required, options, first = constructor(cls, sample.constructor_input.args, sample.constructor_input.kwargs)
    module = cls(*required, **options)
    module = module.to(dtype)
    module.train(training)
    inputs = map_tensors(list(sample.forward_input.args), lambda t: shorten(t.detach()).requires_grad_(t.requires_grad))
    if sample.forward_input.kwargs or any(t.numel() > MAX_ELEMENTS or t.is_complex() for t in tensors_in(inputs)):
        raise Unrecordable('large')
    with torch.no_grad():
        for n, p in enumerate(module.parameters()):
            p.copy_(((torch.arange(p.numel(), dtype=torch.float64) * 7 + n) % 17 / 16 - 0.4).reshape(p.shape))
    case = {
        'dtype': str(dtype).split('.')[1], 'training': training, 'args': code(required), 'opts': {k: code(v) for k, v in options.items()},
        'print': str(module).replace('torch.', ''), 'state': [[k, list(v.shape), str(v.dtype).split('.')[1]] for k, v in module.state_dict().items()],
        'inputs': code(inputs)}
    if first:
        case['first'] = first
    out = module(*inputs)
    if not isinstance(out, torch.Tensor) or out.numel() > MAX_ELEMENTS:
        raise Unrecordable('result')
    case['out'] = code(out.detach())
    case['buffers'] = [code(b) for b in module.buffers()]
    leaves = [t for t in tensors_in(inputs) if t.requires_grad]
    if out.requires_grad:
        grads = torch.autograd.grad(out, leaves + list(module.parameters()), cotangent(out), allow_unused=True)
        case['grads'] = [None if g is None else code(g) for g in grads]
    return case


def modules():
    found = []
    for info in module_db:
        name = info.module_cls.__name__
        if name not in NAMES:
            continue
        cases, errors, seen = [], [], set()
        for dtype, training in ((torch.float32, True), (torch.float64, False), (torch.float32, False)):
            if dtype not in info.dtypes:
                continue
            torch.manual_seed(5)
            samples = info.module_inputs_func(info, device='cpu', dtype=dtype, requires_grad=True, training=training)
            for n, sample in enumerate(samples):
                if sample.forward_input is None:
                    continue
                if name in ('Dropout',) and training:
                    continue
                key = (repr(sample.constructor_input.args) + repr(sample.constructor_input.kwargs) + str([tuple(t.shape) for t in tensors_in(list(sample.forward_input.args))]))
                if (key, dtype) in seen or len([c for c in cases if c['dtype'] == str(dtype).split('.')[1]]) >= 10 or training and (key, 'all') in seen:
                    continue
                try:
                    cases.append(record(info, sample, dtype, training))
                    seen.add((key, dtype))
                except (Unrecordable, TypeError):
                    pass
                except Exception as e:
                    print('   ', name, type(e).__name__, str(e)[:120])
        if info.module_error_inputs_func is not None:
            try:
                given = list(info.module_error_inputs_func(info, device='cpu', dtype=torch.float32, requires_grad=False, training=True))
            except Exception:
                given = []
            for error in given:
                sample = error.module_error_input
                try:
                    required, options, first = constructor(info.module_cls, sample.constructor_input.args, sample.constructor_input.kwargs)
                    inputs = list(sample.forward_input.args) if sample.forward_input else []
                    coded = {'args': code(required), 'opts': {k: code(v) for k, v in options.items()}, 'inputs': code(inputs)}
                except (Unrecordable, TypeError):
                    continue
                try:
                    info.module_cls(*required, **options)(*inputs)
                except Exception as e:
                    errors.append({**coded, 'error': type(e).__name__, 'message': short_error(e)})
        found.append({'name': name, 'cases': cases, 'errors': errors})
    size = save('modules.json.gz', found)
    print('%d modules, %d cases, %d errors, %d bytes; not there: %s' % (
        len(found), sum(len(m['cases']) for m in found), sum(len(m['errors']) for m in found), size,
        ' '.join(set(NAMES) - {m['name'] for m in found})))


if __name__ == '__main__':
    modules()
