/** Options as PyTorch has them: where and in what dtype layers are made. A wrong name is an error, a wrong value too. */
import { nn, type Tensor } from 'tenzo'
import { exactly } from './assert'

exactly<nn.Linear>()(new nn.Linear(2, 3, { dtype: 'float64', device: 'cpu' }))
new nn.Linear(2, 3, true, { dtype: null, device: null })
new nn.LSTM(2, 3, 1, { dtype: 'bfloat16' })
new nn.LazyBatchNorm2d({ dtype: 'float16' })
new nn.Transformer({ dModel: 4, dtype: 'float64' })
const options: nn.FactoryOptions = { dtype: 'float64' }
new nn.Sequential(new nn.Conv2d(1, 2, 3, options), new nn.BatchNorm2d(2, options), new nn.PReLU(options))
// @ts-expect-error a wrong option name
new nn.Linear(2, 3, { dType: 'float64' })
// @ts-expect-error no dtype
new nn.Conv2d(1, 2, 3, { dtype: 'double' })
// @ts-expect-error no device of ours
new nn.Embedding(2, 3, { device: 'cuda' })
// @ts-expect-error it has nothing of a dtype
new nn.Dropout({ dtype: 'float64' })
exactly<Tensor>()(nn.Transformer.generateSquareSubsequentMask(3, 'cpu', { dtype: 'float64' }))
