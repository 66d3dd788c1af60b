"""Records what every layer holds that was made with a dtype, under a seed -> test/goldens/factory.json.gz."""
import torch
from oracle import encode_tensor, save
from torch import nn

LAYERS = [
    ('Linear', [3, 20], {}), ('Linear', [3, 2], {'bias': False}), ('Bilinear', [2, 3, 2], {}), ('Conv1d', [3, 2, 2], {}), ('Conv2d', [2, 4, 3], {'groups': 2}),
    ('Conv3d', [1, 2, 2], {}), ('ConvTranspose1d', [2, 4, 3], {}), ('ConvTranspose2d', [2, 2, 3], {}), ('ConvTranspose3d', [2, 2, 2], {}),
    ('Embedding', [6, 3], {'padding_idx': 1}), ('EmbeddingBag', [6, 3], {'padding_idx': 1}), ('BatchNorm1d', [3], {}), ('BatchNorm2d', [3], {'bias': False}),
    ('BatchNorm3d', [3], {'affine': False}), ('InstanceNorm1d', [3], {'affine': True}), ('InstanceNorm2d', [3], {'track_running_stats': True}), ('InstanceNorm3d', [3], {}),
    ('LayerNorm', [4], {}), ('GroupNorm', [2, 4], {}), ('RMSNorm', [4], {}), ('PReLU', [3], {}),
    ('RNN', [2, 3], {'nonlinearity': 'relu'}), ('LSTM', [2, 3], {'proj_size': 2, 'bidirectional': True}), ('GRU', [2, 3], {'num_layers': 2}),
    ('RNNCell', [2, 3], {}), ('LSTMCell', [2, 3], {}), ('GRUCell', [2, 3], {'bias': False}),
    ('MultiheadAttention', [4, 2], {'add_bias_kv': True}), ('MultiheadAttention', [4, 2], {'kdim': 3, 'vdim': 2}),
    ('TransformerEncoderLayer', [4, 2], {'dim_feedforward': 5}), ('TransformerDecoderLayer', [4, 2], {'dim_feedforward': 5}),
    ('Transformer', [4], {'nhead': 2, 'num_encoder_layers': 2, 'num_decoder_layers': 1, 'dim_feedforward': 5}),
    ('AdaptiveLogSoftmaxWithLoss', [8, 12, [3, 7]], {'div_value': 2.0, 'head_bias': True}),
]
# What a lazy layer is shown, to take its sizes from.
LAZY = [
    ('LazyLinear', [4], {}, [2, 3]), ('LazyConv1d', [2, 2], {}, [2, 3, 4]), ('LazyConv2d', [2, 2], {}, [2, 3, 4, 4]), ('LazyConv3d', [2, 2], {'bias': False}, [2, 1, 4, 4, 4]),
    ('LazyConvTranspose1d', [2, 2], {}, [2, 3, 4]), ('LazyConvTranspose2d', [2, 2], {}, [2, 2, 4, 4]), ('LazyConvTranspose3d', [2, 2], {}, [2, 1, 4, 4, 4]),
    ('LazyBatchNorm1d', [], {}, [2, 3]), ('LazyBatchNorm2d', [], {}, [2, 3, 2, 2]), ('LazyBatchNorm3d', [], {}, [2, 3, 2, 2, 2]),
    ('LazyInstanceNorm1d', [], {}, [2, 3, 4]), ('LazyInstanceNorm2d', [], {}, [2, 3, 2, 2]), ('LazyInstanceNorm3d', [], {}, [2, 3, 2, 2, 2]),
]
DTYPES = [torch.float64, torch.bfloat16, torch.float16]


def record(name, args, options, shown=None):
    states = {}
    for dtype in DTYPES:
        torch.manual_seed(5)
        m = getattr(nn, name)(*args, **options, dtype=dtype, device='cpu')
        if shown:
            m(torch.ones(shown, dtype=dtype))
        states[str(dtype).removeprefix('torch.')] = [[k, encode_tensor(v)] for k, v in m.state_dict().items()]
    return {'name': name, 'args': args, 'options': options, 'shown': shown, 'states': states}


if __name__ == '__main__':
    found = [record(*row) for row in LAYERS + LAZY]
    print('%d layers, %d bytes' % (len(found), save('factory.json.gz', found)))
