// Turns a case of cases.json into the function to be timed, as `make` of bench/torch_bench.py does.
import * as T from 'tenzo'
import { CharLstm, Lenet, mlp, Resnet, TransformerBlock } from './models.mjs'

const { autograd, nn, optim, ones, randint, randn, zeros } = T
const F = nn.functional
const input = (shape, requiresGrad = false) => randn(shape).requiresGrad_(requiresGrad)

function model(c) {
  const b = c.batch
  switch (c.model) {
    case 'mlp':
      return [mlp(c.sizes), input([b, c.sizes[0]]), randint(c.sizes.at(-1), [b])]
    case 'lenet':
      return [new Lenet(), input([b, ...c.input]), randint(10, [b])]
    case 'resnet_small':
      return [new Resnet(), input([b, ...c.input]), randint(10, [b])]
    case 'transformer':
      return [new TransformerBlock(c.d, c.heads, c.ffn), input([b, c.seq, c.d]), input([b, c.seq, c.d])]
    case 'lstm':
      return [new CharLstm(c), randint(c.vocab, [b, c.seq]), randint(c.vocab, [b, c.seq])]
    default:
      throw new Error(`no model ${c.model}`)
  }
}

const optimizers = {
  sgd: (p, c) => new optim.SGD(p, { lr: c.lr, momentum: c.momentum ?? 0 }),
  adam: (p, c) => new optim.Adam(p, { lr: c.lr }),
  adamw: (p, c) => new optim.AdamW(p, { lr: c.lr, weightDecay: c.wd ?? 0 }),
}

export function trainingStep(c) {
  const [net, x, y] = model(c)
  const parameters = [...net.parameters()]
  const optimizer = optimizers[c.optim](parameters, c)
  return () => {
    optimizer.zeroGrad()
    const out = net(x)
    const loss =
      c.loss === 'mse' ? F.mseLoss(out, y) : F.crossEntropy(out.reshape([-1, out.shape.at(-1)]), y.reshape([-1]))
    loss.backward()
    if (c.clip !== undefined) nn.utils.clipGradNorm_(parameters, c.clip)
    optimizer.step()
    return loss
  }
}

export function make(c) {
  const { op } = c
  const backward = Boolean(c.backward)
  const withBackward = (f, leaves) => {
    if (!backward) return f
    const g = T.randnLike(f())
    return () => autograd.grad(f(), leaves, g)
  }
  const into = (f) => {
    const out = T.emptyLike(input(c.shape))
    if (f(out) !== out) throw new Error('no { out }')
    return () => f(out)
  }
  switch (op) {
    case 'train':
      return trainingStep(c)
    case 'mm':
    case 'bmm': {
      const batch = op === 'mm' ? [] : [c.batch]
      const a = c.ta ? input([...batch, c.k, c.m]).transpose(-1, -2) : input([...batch, c.m, c.k])
      const b = c.tb ? input([...batch, c.n, c.k]).transpose(-1, -2) : input([...batch, c.k, c.n])
      return () => T[op](a, b)
    }
    case 'add':
    case 'mul': {
      const a = input(c.shape, c.grad)
      const b = input(c.other, c.grad)
      return c.out ? into((out) => T[op](a, b, { out })) : () => T[op](a, b)
    }
    case 'add_t': {
      const a = input(c.shape)
      const b = input(c.other)
      return () => a.add(b.t())
    }
    case 'add_chain': {
      const x = input(c.shape, true)
      return () => {
        let y = x
        for (let i = 0; i < c.len; i++) y = y.add(x)
        x.grad = null
        y.sum().backward()
      }
    }
    case 'relu':
    case 'exp':
    case 'tanh':
    case 'sigmoid':
    case 'gelu': {
      const a = input(c.shape)
      if (c.out) return into((out) => (op === 'relu' ? T.clampMin(a, 0, { out }) : T[op](a, { out })))
      const f = op === 'gelu' ? F.gelu : T[op]
      return () => f(a)
    }
    case 'sum':
    case 'mean':
    case 'max':
    case 'argmax': {
      const a = input(c.shape)
      if (c.axis === undefined) return () => a.sum()
      const f = op === 'max' ? T.amax : T[op]
      return () => f(a, c.axis)
    }
    case 'softmax':
    case 'log_softmax': {
      const a = input(c.shape)
      const f = op === 'softmax' ? T.softmax : T.logSoftmax
      return () => f(a, -1)
    }
    case 'layer_norm': {
      const n = c.shape.at(-1)
      const [x, weight, bias] = [input(c.shape, backward), input([n], backward), input([n], backward)]
      return withBackward(() => F.layerNorm(x, [n], { weight, bias, eps: c.eps }), [x, weight, bias])
    }
    case 'batch_norm2d': {
      const n = c.shape[1]
      const [x, weight, bias] = [input(c.shape, backward), input([n], backward), input([n], backward)]
      const [mean, variance] = [zeros([n]), ones([n])]
      const options = { weight, bias, training: true, momentum: c.momentum, eps: c.eps }
      return withBackward(() => F.batchNorm(x, mean, variance, options), [x, weight, bias])
    }
    case 'conv2d': {
      const x = input([c.N, c.ci, c.h, c.w], backward)
      const w = input([c.co, c.ci, c.k, c.k], backward)
      const bias = input([c.co], backward)
      return withBackward(() => F.conv2d(x, w, { bias, stride: c.stride, padding: c.pad }), [x, w, bias])
    }
    case 'max_pool2d': {
      const x = input(c.shape, backward)
      return withBackward(() => F.maxPool2d(x, c.k, { stride: c.stride }), [x])
    }
    default:
      throw new Error(`no case for ${op}`)
  }
}
