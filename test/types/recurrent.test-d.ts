/** What the types of recurrent and attention layers promise. */
import { nn, rand, type Tensor } from 'tenzo'
import { exactly } from './assert'

const x = rand([5, 2, 3])
const h = rand([1, 2, 4])
const packed = nn.utils.rnn.packSequence([rand([2, 3]), rand([1, 3])])
type Packed = nn.utils.rnn.PackedSequence

// A call gives what it was given: a tensor for a tensor, packed sequences for packed ones.
const lstm = new nn.LSTM(3, 4, { numLayers: 1, projSize: 0 })
exactly<[Tensor, [Tensor, Tensor]]>()(lstm(x))
exactly<[Tensor, [Tensor, Tensor]]>()(lstm(x, [h, h]))
exactly<[Tensor, [Tensor, Tensor]]>()(lstm(x, { hx: [h, h] }))
exactly<[Tensor, [Tensor, Tensor]]>()(lstm(x, lstm(x)[1]))
exactly<[Packed, [Tensor, Tensor]]>()(lstm(packed))
exactly<nn.Parameter>()(lstm.weightIhL0)
exactly<nn.Parameter[][]>()(lstm.allWeights)
// @ts-expect-error an LSTM has two states
lstm(x, h)
// @ts-expect-error a wrong option name
new nn.LSTM(3, 4, { layers: 2 })
const gru = new nn.GRU(3, 4, 2)
exactly<[Tensor, Tensor]>()(gru(x, h))
exactly<[Packed, Tensor]>()(gru(packed))
// @ts-expect-error a GRU has one state
gru(x, [h, h])
// @ts-expect-error only an LSTM projects
new nn.GRU(3, 4, { projSize: 2 })
exactly<[Tensor, Tensor]>()(new nn.RNN(3, 4, { nonlinearity: 'relu' })(x))
// @ts-expect-error no such function
new nn.RNN(3, 4, { nonlinearity: 'sigmoid' })
// @ts-expect-error no tensor
gru(5)
exactly<Tensor>()(new nn.GRUCell(3, 4)(rand([2, 3])))
exactly<[Tensor, Tensor]>()(new nn.LSTMCell(3, 4)(rand([2, 3]), [rand([2, 4]), rand([2, 4])]))
exactly<nn.Parameter | null>()(new nn.RNNCell(3, 4).biasIh)

const mha = new nn.MultiheadAttention(4, 2, { kdim: 3, batchFirst: true })
exactly<[Tensor, Tensor | null]>()(mha(x, x, x, { needWeights: false, attnMask: null }))
// @ts-expect-error a value is missing
mha(x, x)
// @ts-expect-error a wrong option name
mha(x, x, x, { mask: null })
exactly<nn.Linear>()(mha.outProj)

const layer = new nn.TransformerEncoderLayer(4, 2, { activation: 'gelu', normFirst: true })
exactly<Tensor>()(layer(x, { srcMask: null }))
exactly<Tensor>()(new nn.TransformerEncoder(layer, 2, new nn.LayerNorm(4))(x))
exactly<Tensor>()(new nn.TransformerDecoder(new nn.TransformerDecoderLayer(4, 2), 2)(x, x, { tgtIsCausal: true }))
exactly<Tensor>()(new nn.Transformer(4, { nhead: 2, activation: (t) => t.tanh() })(x, x, { tgtMask: null }))
// @ts-expect-error no such activation
new nn.TransformerEncoderLayer(4, 2, { activation: 'tanh' })
// @ts-expect-error a decoder's layer needs a memory
new nn.TransformerEncoder(new nn.TransformerDecoderLayer(4, 2), 2)
exactly<Tensor>()(nn.Transformer.generateSquareSubsequentMask(3, { dtype: 'float64' }))
