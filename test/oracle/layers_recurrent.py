"""
Records random calls of the recurrent, attention and transformer layers, of their packing utilities, and their error texts.

They go into test/goldens/layers_{recurrent,attention}.json.gz. Parameters and inputs follow a formula that the tests repeat, so that only results are written down.
"""
import random

import torch
import torch.nn.functional as F
from oracle import cotangent, encode_tensor, message, save, setting
from torch import nn
from torch.nn.utils import rnn

rng = random.Random(setting('SEED', 0))


def chance(p):
    return rng.random() < p


def values(shape, k, dtype):
    """Exact in every floating dtype, without ties or symmetry."""
    n = torch.Size(shape).numel()
    return ((((torch.arange(n) * 37 + 11 * k) % 101) - 50).double() / 32).reshape(shape).to(dtype)


def fill(module):
    with torch.no_grad():
        for n, p in enumerate(module.parameters()):
            p.copy_(((torch.arange(p.numel(), dtype=torch.float64) * 7 + n) % 17 / 16 - 0.4).reshape(p.shape))


def name_of(dtype):
    return str(dtype).split('.')[1]


def differences(tensors):
    return [None if t is None else encode_tensor(t.detach()) for t in tensors]


def run(case, module, inputs, call, leaves):
    """What a call gives: outputs with their layout and node, and the gradients of inputs and parameters."""
    if case['seed'] is not None:
        torch.manual_seed(case['seed'])
    with torch.set_grad_enabled(not case['noGrad']):
        result = module(*inputs, **call)
    outs = []

    def collect(v):
        if isinstance(v, rnn.PackedSequence):
            outs.append(v.data)
        elif isinstance(v, (tuple, list)):
            for x in v:
                collect(x)
        else:
            outs.append(v)

    collect(result)
    case['outs'] = differences(outs)
    case['nodes'] = [None if o is None or o.grad_fn is None else o.grad_fn.name() for o in outs]
    taken = [o for o in outs if o is not None and o.requires_grad]
    if taken and not case['noGrad']:
        total = sum((o * cotangent(o)).sum() for o in taken)
        grads = torch.autograd.grad(total, leaves + list(module.parameters()), allow_unused=True)
        case['grads'] = differences(grads)
    return case


def base(name, args, opts, module, dtype):
    module.to(dtype)
    fill(module)
    return {'name': name, 'args': args, 'opts': opts, 'dtype': name_of(dtype), 'seed': None, 'noGrad': False, 'train': True,
            'print': str(module), 'keys': [[k, list(v.shape)] for k, v in module.state_dict().items()]}


# ---- recurrent ------------------------------------------------------------------------------------------------------

def recurrent_case(i):
    name = rng.choice(['RNN', 'LSTM', 'LSTM', 'GRU', 'GRU'])
    dtype = rng.choice([torch.float32, torch.float32, torch.float64, torch.float64, torch.bfloat16 if chance(0.3) else torch.float32])
    args = [rng.randint(1, 4), rng.randint(1, 4)]
    opts = {}
    if chance(0.4):
        opts['num_layers'] = rng.randint(1, 3)
    if chance(0.3):
        opts['bias'] = False
    if chance(0.4):
        opts['batch_first'] = True
    if chance(0.4):
        opts['bidirectional'] = True
    if name == 'RNN' and chance(0.5):
        opts['nonlinearity'] = rng.choice(['relu', 'tanh'])
    if name == 'LSTM' and args[1] > 1 and chance(0.3):
        opts['proj_size'] = rng.randint(1, args[1] - 1)
    if opts.get('num_layers', 1) > 1 and chance(0.4):
        opts['dropout'] = rng.choice([0.2, 0.5, 1.0])
    module = getattr(nn, name)(*args, **opts)
    case = base(name, args, opts, module, dtype)
    case['train'] = chance(0.7)
    module.train(case['train'])
    if case['train'] and 'dropout' in opts:
        case['seed'] = i
    case['noGrad'] = chance(0.15)
    time, batch = rng.randint(1, 5), rng.randint(1, 4)
    form = rng.choice(['batched', 'batched', 'unbatched', 'packed', 'packed'])
    leaves = []

    def leaf(shape, k):
        t = values(shape, k, dtype).requires_grad_()
        leaves.append(t)
        return t

    if form == 'unbatched':
        shape, batch = [time, args[0]], 0
        x = leaf(shape, 1)
        case['input'] = {'shape': shape}
    else:
        first = opts.get('batch_first', False) if form == 'batched' else chance(0.5)
        shape = [batch, time, args[0]] if first else [time, batch, args[0]]
        x = leaf(shape, 1)
        case['input'] = {'shape': shape}
        if form == 'packed':
            lengths = [rng.randint(1, time) for _ in range(batch)]
            ordered = chance(0.5)
            if ordered:
                lengths.sort(reverse=True)
            case['input'].update(lengths=lengths, batchFirst=first, enforceSorted=ordered)
            x = rnn.pack_padded_sequence(x, lengths, first, ordered)
    call = {}
    if chance(0.5):
        states = opts.get('num_layers', 1) * (2 if opts.get('bidirectional') else 1)
        shapes = [[states, batch, opts.get('proj_size', args[1])]] + ([[states, batch, args[1]]] if name == 'LSTM' else [])
        if form == 'unbatched':
            shapes = [[s[0], s[2]] for s in shapes]
        case['hx'] = shapes
        given = [leaf(s, 2 + n) for n, s in enumerate(shapes)]
        call['hx'] = tuple(given) if name == 'LSTM' else given[0]
    return run(case, module, [x], call, leaves)


def cell_case(i):
    name = rng.choice(['RNNCell', 'LSTMCell', 'GRUCell'])
    dtype = rng.choice([torch.float32, torch.float64])
    args = [rng.randint(1, 4), rng.randint(1, 4)]
    opts = {}
    if chance(0.3):
        opts['bias'] = False
    if name == 'RNNCell' and chance(0.6):
        opts['nonlinearity'] = rng.choice(['relu', 'tanh'])
    module = getattr(nn, name)(*args, **opts)
    case = base(name, args, opts, module, dtype)
    batch = [] if chance(0.3) else [rng.randint(1, 4)]
    case['input'] = {'shape': batch + args[:1]}
    leaves = [values(batch + args[:1], 1, dtype).requires_grad_()]
    call = {}
    if chance(0.6):
        case['hx'] = [batch + args[1:]] * (2 if name == 'LSTMCell' else 1)
        given = [values(s, 2 + n, dtype).requires_grad_() for n, s in enumerate(case['hx'])]
        leaves += given
        call['hx'] = tuple(given) if name == 'LSTMCell' else given[0]
    return run(case, module, leaves[:1], call, leaves)


def drawn():
    """The parameters that a seed draws."""
    out = []
    for name, args, opts in [('RNN', [2, 3], {}), ('RNN', [2, 3], {'nonlinearity': 'relu', 'num_layers': 2}), ('LSTM', [3, 2], {'bidirectional': True, 'num_layers': 2}),
                             ('LSTM', [2, 3], {'proj_size': 2, 'bias': False}), ('GRU', [2, 3], {'batch_first': True}), ('RNNCell', [2, 3], {}), ('LSTMCell', [2, 3], {'bias': False}),
                             ('GRUCell', [2, 3], {})]:
        torch.manual_seed(9)
        module = getattr(nn, name)(*args, **opts)
        out.append({'name': name, 'args': args, 'opts': opts, 'state': [[k, encode_tensor(v)] for k, v in module.state_dict().items()]})
    return out


RECURRENT_ERRORS = [
    # name, arguments, options, and shapes of the input and the states: null leaves the call out
    *[(n, [3, 4], o, None, None) for n in ('RNN', 'GRU') for o in ({'proj_size': 2},)],
    ('RNN', [3, 4], {'nonlinearity': 'sigmoid'}, None, None), ('LSTM', [3, 4], {'proj_size': 4}, None, None), ('LSTM', [3, 4], {'proj_size': -1}, None, None),
    ('LSTM', [0, 4], {}, None, None), ('LSTM', [3, 0], {}, None, None), ('LSTM', [3, 4], {'num_layers': 0}, None, None), ('LSTM', [3.5, 4], {}, None, None), ('GRU', [3, 4.5], {}, None, None),
    ('GRU', [3, 4], {'dropout': 1.5}, None, None), ('GRU', [3, 4], {'dropout': -0.5}, None, None),
    *[(n, [3, 4], {}, s, None) for n in ('RNN', 'LSTM', 'GRU') for s in ([3], [2, 2, 2, 3], [5, 2, 2], [5, 2], [0, 2, 3])],
    *[(n, [3, 4], o, s, h) for n in ('RNN', 'GRU') for o, s, h in (({}, [5, 2, 3], [[1, 4]]), ({}, [5, 3], [[1, 1, 4]]), ({}, [5, 2, 3], [[1, 3, 4]]), ({}, [5, 3], [[1, 5]]),
                                                                ({'num_layers': 2}, [5, 2, 3], [[1, 2, 4]]), ({'bidirectional': True, 'batch_first': True}, [5, 2, 3], [[2, 2, 4]]))],
    *[('LSTM', [3, 4], o, s, h) for o, s, h in (({}, [5, 2, 3], [[1, 4], [1, 4]]), ({}, [5, 3], [[1, 1, 4], [1, 4]]), ({}, [5, 2, 3], [[1, 3, 4], [1, 2, 4]]), ({}, [5, 2, 3], [[1, 2, 4], [1, 2, 3]]),
                                              ({'proj_size': 2}, [5, 2, 3], [[1, 2, 4], [1, 2, 4]]), ({}, [5, 2, 3], [[1, 2, 4]] * 3))],
    *[(n, [3, 4], {}, s, h) for n in ('RNNCell', 'GRUCell') for s, h in (([2, 2, 3], None), ([2, 5], None), ([2, 3], [[3, 4]]), ([2, 3], [[2, 5]]), ([2, 3], [[1, 2, 4]]), ([3], [[2, 4]]), ([2, 3], [[4]]))],
    *[('LSTMCell', [3, 4], {}, s, h) for s, h in (([2, 2, 3], None), ([2, 5], None), ([2, 3], [[3, 4], [3, 4]]), ([2, 3], [[2, 5], [2, 4]]), ([2, 3], [[2, 4], [2, 5]]), ([2, 3], [[1, 2, 4], [2, 4]]),
                                                 ([2, 3], [[2, 4]]), ([2, 3], [[2, 4], [1, 2, 4]]))],
    ('RNNCell', [3, 4], {'nonlinearity': 'sigmoid'}, [2, 3], None),
]


def recurrent_errors():
    out = []
    for name, args, opts, shape, hx in RECURRENT_ERRORS:
        def attempt():
            module = getattr(nn, name)(*args, **opts)
            if shape is None:
                return
            given = [] if hx is None else [torch.zeros(s) for s in hx]
            module(torch.zeros(shape), *([] if hx is None else [tuple(given)] if 'LSTM' in name else given))
        out.append({'name': name, 'args': args, 'opts': opts, 'input': shape, 'hx': hx, 'message': message(attempt)})
    wrong = message(lambda: nn.GRU(3, 4)(torch.zeros(2, 3, dtype=torch.float64)))
    out.append({'name': 'GRU', 'args': [3, 4], 'opts': {}, 'input': [2, 3], 'hx': None, 'dtype': 'float64', 'message': wrong})
    return out


# ---- packing --------------------------------------------------------------------------------------------------------

def packing_case():
    batch, time = rng.randint(1, 4), rng.randint(1, 5)
    first, ordered = chance(0.5), chance(0.5)
    rest = [rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
    shape = ([batch, time] if first else [time, batch]) + rest
    lengths = [rng.randint(1, time) for _ in range(batch)]
    if ordered:
        lengths.sort(reverse=True)
    x = values(shape, 1, torch.float32).requires_grad_()
    packed = rnn.pack_padded_sequence(x, lengths, first, ordered)
    back, value = chance(0.5), rng.choice([0.0, -1.5])
    total = max(lengths) + rng.randint(0, 2) if chance(0.5) else None
    padded, counts = rnn.pad_packed_sequence(packed, back, value, total)
    g, = torch.autograd.grad((padded * cotangent(padded)).sum() + (packed.data * cotangent(packed.data)).sum(), [x])
    return {'shape': shape, 'lengths': lengths, 'batchFirst': first, 'enforceSorted': ordered, 'back': back, 'value': value, 'total': total, 'print': str(packed),
            'data': encode_tensor(packed.data.detach()), 'batchSizes': encode_tensor(packed.batch_sizes), 'sorted': None if packed.sorted_indices is None else encode_tensor(packed.sorted_indices), 'unsorted': None if packed.unsorted_indices is None else encode_tensor(packed.unsorted_indices),
            'padded': encode_tensor(padded.detach()), 'counts': encode_tensor(counts), 'grad': encode_tensor(g), 'unpacked': [encode_tensor(t.detach()) for t in rnn.unpack_sequence(packed)]}


def padding_case():
    batch = rng.randint(1, 4)
    rest = [rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
    lengths = [rng.randint(0 if chance(0.2) else 1, 4) for _ in range(batch)]
    first, side, value = chance(0.5), rng.choice(['left', 'right']), rng.choice([0.0, 2.5])
    xs = [values([n] + rest, k, torch.float32).requires_grad_() for k, n in enumerate(lengths)]
    padded = rnn.pad_sequence(xs, first, value, side)
    grads = torch.autograd.grad((padded * cotangent(padded)).sum(), xs)
    case = {'lengths': lengths, 'rest': rest, 'batchFirst': first, 'side': side, 'value': value, 'padded': encode_tensor(padded.detach()), 'grads': differences(grads)}
    if min(lengths) > 0:
        case['packed'] = str(rnn.pack_sequence([x.detach() for x in xs], enforce_sorted=False))
    return case


def packing_errors():
    x = torch.zeros(2, 3, 2)
    calls = [('packPaddedSequence', [x, [2, 0], True]), ('packPaddedSequence', [x, [2, -1], True]), ('packPaddedSequence', [x, [2, 3], True]), ('packPaddedSequence', [x, [3, 2, 1], True]),
             ('packPaddedSequence', [torch.zeros(0, 2, 2), [1, 1]]), ('packPaddedSequence', [torch.zeros(3), [1, 1, 1]]), ('packPaddedSequence', [torch.zeros(2, 3), []]),
             ('packPaddedSequence', [x, torch.tensor([[2, 1]]), True]), ('padSequence', [[]]), ('padSequence', [[torch.zeros(2, 3), torch.zeros(3, 2)]]),
             ('packSequence', [[torch.zeros(2), torch.zeros(3)]]), ('packSequence', [[]]), ('packSequence', [[torch.zeros(0)]])]
    functions = {'packPaddedSequence': rnn.pack_padded_sequence, 'padSequence': rnn.pad_sequence, 'packSequence': rnn.pack_sequence}

    def code(v):
        return encode_tensor(v) if isinstance(v, torch.Tensor) else [code(e) for e in v] if isinstance(v, list) else v
    return [{'name': name, 'args': code(args), 'message': message(lambda: functions[name](*args))} for name, args in calls]


# ---- attention ------------------------------------------------------------------------------------------------------

def mask_of(shape, dtype, kind, k, infinite):
    """bool: mostly false. float: numbers, or only 0 and -Infinity."""
    pattern = values(shape, k, torch.float64)
    if kind == 'bool':
        return pattern > 0.8
    return torch.zeros(shape, dtype=dtype).masked_fill(pattern > 0.8, float('-inf')) if infinite else pattern.to(dtype)


def coded_mask(shape, kind, k, infinite):
    return {'shape': shape, 'kind': kind, 'k': k, 'infinite': infinite}


def attention_case(i):
    heads = rng.choice([1, 2, 2, 3])
    embed = heads * rng.randint(1, 3)
    dtype = rng.choice([torch.float32, torch.float64])
    opts = {}
    same = chance(0.4)
    if chance(0.3):
        opts['dropout'] = rng.choice([0.3, 1.0])
    if chance(0.2):
        opts['bias'] = False
    if chance(0.2):
        opts['add_bias_kv'] = True
    if chance(0.2):
        opts['add_zero_attn'] = True
    if chance(0.5):
        opts['batch_first'] = True
    if not same and chance(0.4):
        opts['kdim'] = rng.randint(1, 4)
    if not same and chance(0.4):
        opts['vdim'] = rng.randint(1, 4)
    module = nn.MultiheadAttention(embed, heads, **opts)
    case = base('MultiheadAttention', [embed, heads], opts, module, dtype)
    case['train'] = chance(0.5)
    module.train(case['train'])
    if case['train'] and 'dropout' in opts:
        case['seed'] = i
    case['noGrad'] = chance(0.35)
    batch, length = rng.randint(1, 3), rng.randint(1, 4)
    source = length if same else rng.randint(1, 4)
    batched = chance(0.75)

    def shape(time, features):
        return [time, features] if not batched else [batch, time, features] if opts.get('batch_first') else [time, batch, features]
    shapes = [shape(length, embed)]
    if not same:
        shapes += [shape(source, opts.get('kdim', embed))]
        if 'kdim' in opts or 'vdim' in opts or chance(0.6):
            shapes += [shape(source, opts.get('vdim', embed))]
    leaves = [values(s, 1 + n, dtype).requires_grad_() for n, s in enumerate(shapes)]
    order = [0, 0, 0] if same else [0, 1, min(2, len(leaves) - 1)]
    case['inputs'] = {'shapes': shapes, 'order': order}
    call, coded = {}, {}
    if chance(0.4):
        mask = coded_mask([batch, source] if batched else [source], rng.choice(['bool', 'float']), 5, chance(0.5))
        coded['key_padding_mask'] = mask
    if chance(0.5):
        full = [(batch if batched else 1) * heads, length, source]
        mask = coded_mask(rng.choice([full[1:], full]), rng.choice(['bool', 'float']), 7, chance(0.5))
        coded['attn_mask'] = mask
    if same and chance(0.2):
        coded['attn_mask'] = {'causal': length}
        call['is_causal'] = True
    for k, m in coded.items():
        call[k] = nn.Transformer.generate_square_subsequent_mask(m['causal'], dtype=dtype) if 'causal' in m else mask_of(m['shape'], dtype, m['kind'], m['k'], m['infinite'])
    if chance(0.5):
        call['need_weights'] = chance(0.3)
    if chance(0.3):
        call['average_attn_weights'] = False
    case['call'] = {**{k: v for k, v in call.items() if not isinstance(v, torch.Tensor)}, **coded}
    return run(case, module, [leaves[n] for n in order], call, leaves)


ACTIVATIONS = {'silu': F.silu, 'tanh': torch.tanh, 'ReLU': nn.ReLU(), 'GELU': nn.GELU(), 'SiLU': nn.SiLU()}


def transformer_case(i):
    name = rng.choice(['TransformerEncoderLayer', 'TransformerDecoderLayer', 'TransformerEncoder', 'TransformerDecoder', 'Transformer'])
    heads = rng.choice([1, 2, 2])
    d = rng.choice([4, 6])
    dtype = rng.choice([torch.float32, torch.float64])
    layer = {'dim_feedforward': rng.randint(1, 5), 'dropout': rng.choice([0.0, 0.0, 0.3])}
    if chance(0.5):
        layer['activation'] = rng.choice(['relu', 'gelu', *ACTIVATIONS])
    if chance(0.3):
        layer['layer_norm_eps'] = 1e-3
    if chance(0.5):
        layer['batch_first'] = True
    if chance(0.4):
        layer['norm_first'] = True
    if chance(0.2):
        layer['bias'] = False
    made = {**layer, 'activation': ACTIVATIONS.get(layer['activation'], layer['activation'])} if 'activation' in layer else layer
    extra = {}
    if name == 'Transformer':
        extra = {'num_encoder_layers': rng.randint(1, 2), 'num_decoder_layers': rng.randint(1, 2)}
        module = nn.Transformer(d, heads, **extra, **made)
    else:
        module = getattr(nn, name if name.endswith('Layer') else name + 'Layer')(d, heads, **made)
        if not name.endswith('Layer'):
            extra = {'num_layers': rng.randint(1, 2), 'norm': chance(0.5)}
            if name == 'TransformerEncoder' and chance(0.2):
                extra['enable_nested_tensor'] = False
            norm = nn.LayerNorm(d) if extra['norm'] else None
            nested = {'enable_nested_tensor': False} if 'enable_nested_tensor' in extra else {}
            module = getattr(nn, name)(module, extra['num_layers'], norm, **nested)
    case = base(name, [d, heads], layer, module, dtype)
    case['extra'] = extra
    case['train'] = chance(0.5)
    module.train(case['train'])
    if case['train'] and layer['dropout']:
        case['seed'] = i
    case['noGrad'] = chance(0.4)
    batch, source, target = rng.randint(1, 3), rng.randint(1, 4), rng.randint(1, 4)
    batched = chance(0.8)
    first = layer.get('batch_first')

    def shape(time):
        return [time, d] if not batched else [batch, time, d] if first else [time, batch, d]
    both = 'Encoder' not in name
    shapes = [shape(source)] if not both else [shape(source), shape(target)] if name == 'Transformer' else [shape(target), shape(source)]
    leaves = [values(s, 1 + n, dtype).requires_grad_() for n, s in enumerate(shapes)]
    case['inputs'] = {'shapes': shapes, 'order': list(range(len(shapes)))}
    # PyTorch's kernel for inference takes any number of a float mask but 0 for -Infinity.
    infinite = case['noGrad'] and not case['train']
    kinds = {'src': (source, source), 'tgt': (target, target), 'memory': (target, source)}
    call, coded = {}, {}
    for part in {'TransformerEncoderLayer': ['src'], 'TransformerEncoder': ['src'], 'Transformer': ['src', 'tgt', 'memory']}.get(name, ['tgt', 'memory']):
        rows, columns = kinds[part]
        mask_name = 'mask' if name == 'TransformerEncoder' else part + '_mask'
        if chance(0.4):
            full = [(batch if batched else 1) * heads, rows, columns]
            coded[mask_name] = coded_mask(rng.choice([full[1:], full]), rng.choice(['bool', 'float']), 7, infinite or chance(0.5))
        elif part != 'memory' and chance(0.3):
            coded[mask_name] = {'causal': rows}
            if chance(0.4):
                call['is_causal' if 'Encoder' in name else part + '_is_causal'] = True
        if chance(0.4):
            coded[part + '_key_padding_mask'] = coded_mask([batch, columns] if batched else [columns], rng.choice(['bool', 'float']), 5, infinite or chance(0.5))
            if infinite and chance(0.6):
                coded[part + '_key_padding_mask']['ended'] = [rng.randint(0, columns) for _ in range(batch if batched else 1)]
    for k, m in coded.items():
        if 'causal' in m:
            call[k] = nn.Transformer.generate_square_subsequent_mask(m['causal'], dtype=dtype)
        elif 'ended' in m:
            lengths = torch.tensor(m['ended']).unsqueeze(1)
            call[k] = (torch.arange(m['shape'][-1]) >= lengths).reshape(m['shape'])
        else:
            call[k] = mask_of(m['shape'], dtype, m['kind'], m['k'], m['infinite'])
    case['call'] = {**{k: v for k, v in call.items() if not isinstance(v, torch.Tensor)}, **coded}
    return run(case, module, leaves, call, leaves)


def attention_drawn():
    out = []
    for name, args, opts in [('MultiheadAttention', [4, 2], {}), ('MultiheadAttention', [4, 2], {'kdim': 3, 'add_bias_kv': True}), ('MultiheadAttention', [2, 1], {'bias': False, 'add_bias_kv': True}),
                             ('TransformerEncoderLayer', [2, 1], {'dim_feedforward': 3}), ('TransformerDecoderLayer', [2, 1], {'dim_feedforward': 3}),
                             ('Transformer', [], {'d_model': 2, 'nhead': 1, 'num_encoder_layers': 1, 'num_decoder_layers': 2, 'dim_feedforward': 2})]:
        torch.manual_seed(9)
        module = getattr(nn, name)(*args, **opts)
        out.append({'name': name, 'args': args, 'opts': opts, 'state': [[k, encode_tensor(v)] for k, v in module.state_dict().items()]})
    return out


ATTENTION_ERRORS = [
    # name, arguments, options, shapes of the inputs, options of the call (a mask by its shape and dtype)
    ('MultiheadAttention', [5, 2], {}, None, {}), ('MultiheadAttention', [0, 2], {}, None, {}), ('MultiheadAttention', [4, 0], {}, None, {}), ('MultiheadAttention', [4, -2], {}, None, {}),
    *[('MultiheadAttention', [4, 2], {}, s, c) for s, c in [
        ([[2, 3, 4], [3, 4], [3, 4]], {}), ([[3, 4], [2, 3, 4], [3, 4]], {}), ([[4], [4], [4]], {}), ([[3, 2, 5]] * 3, {}), ([[3, 2, 4], [3, 2, 4], [4, 2, 4]], {}),
        *[([[3, 2, 4], [5, 2, 4], [5, 2, 4]], {'attn_mask': m}) for m in ([[3, 3], 'float32'], [[2, 3, 5], 'float32'], [[5], 'float32'], [[3, 5], 'int64'], [[3, 5], 'float64'])],
        *[([[3, 2, 4], [5, 2, 4], [5, 2, 4]], {'key_padding_mask': m}) for m in ([[2, 4], 'float32'], [[3, 5], 'float32'], [[5], 'float32'], [[2, 5], 'int32'])],
        ([[3, 4], [5, 4], [5, 4]], {'key_padding_mask': [[2, 5], 'bool']}), ([[3, 4], [5, 4], [5, 4]], {'attn_mask': [[3, 3, 5], 'bool']}), ([[3, 4], [5, 4], [5, 4]], {'attn_mask': [[5], 'bool']}),
        ([[3, 2, 4], [5, 2, 4], [5, 2, 4]], {'is_causal': True}), ([[3, 2, 4], [5, 2, 4], [5, 2, 4]], {'attn_mask': [[3, 5], 'float64'], 'need_weights': False})]],
    ('MultiheadAttention', [4, 2], {'kdim': 3, 'vdim': 5}, [[3, 2, 4], [5, 2, 3], [4, 2, 5]], {}), ('MultiheadAttention', [4, 2], {'kdim': 3, 'vdim': 5}, [[3, 2, 4], [5, 2, 4], [5, 2, 5]], {}),
    ('TransformerEncoderLayer', [4, 2], {'activation': 'tanh'}, None, {}), ('TransformerDecoderLayer', [4, 2], {'activation': 'tanh'}, None, {}), ('TransformerEncoderLayer', [5, 2], {}, None, {}),
    *[('TransformerEncoderLayer', [4, 2], {'dim_feedforward': 3}, [[3, 2, 4]], c) for c in ({'src_mask': [[3, 3], 'int64']}, {'src_key_padding_mask': [[2, 3], 'int64']}, {'is_causal': True})],
    ('Transformer', [4, 2, 1, 1, 3], {}, [[3, 2, 4], [3, 1, 4]], {}), ('Transformer', [4, 2, 1, 1, 3], {}, [[3, 2, 5], [3, 2, 4]], {}), ('Transformer', [4, 2, 1, 1, 3], {}, [[3, 2, 4], [3, 2, 5]], {}),
]


def attention_errors():
    dtypes = {'float32': torch.float32, 'float64': torch.float64, 'int64': torch.int64, 'int32': torch.int32, 'bool': torch.bool}
    out = []
    for name, args, opts, shapes, call in ATTENTION_ERRORS:
        def attempt():
            module = getattr(nn, name)(*args, **opts)
            if shapes is not None:
                module(*[torch.zeros(s) for s in shapes], **{k: torch.zeros(v[0], dtype=dtypes[v[1]]) if isinstance(v, list) else v for k, v in call.items()})
        out.append({'name': name, 'args': args, 'opts': opts, 'inputs': shapes, 'call': call, 'message': message(attempt)})
    return out


if __name__ == '__main__':
    first, second = setting('COUNT', 110), setting('COUNT', 70)
    found = {
        'layers': [recurrent_case(i) for i in range(first)], 'cells': [cell_case(i) for i in range(first // 4)], 'drawn': drawn(), 'errors': recurrent_errors(),
        'packing': [packing_case() for _ in range(first // 5)], 'padding': [padding_case() for _ in range(first // 5)], 'packingErrors': packing_errors(),
    }
    print('recurrent: %d cases, %d bytes' % (sum(map(len, found.values())), save('layers_recurrent.json.gz', found)))
    found = {'layers': [attention_case(i) for i in range(second)] + [transformer_case(i) for i in range(second)], 'drawn': attention_drawn(), 'errors': attention_errors()}
    print('attention: %d cases, %d bytes' % (sum(map(len, found.values())), save('layers_attention.json.gz', found)))
