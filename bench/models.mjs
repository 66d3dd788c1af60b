// The models of the training cases, as bench/torch_bench.py has them.
import { nn } from 'tenzo'

const F = nn.functional

export class Lenet extends nn.Sequential {
  constructor() {
    super(
      new nn.Conv2d(1, 6, 5, { padding: 2 }),
      new nn.Sigmoid(),
      new nn.AvgPool2d(2),
      new nn.Conv2d(6, 16, 5),
      new nn.Sigmoid(),
      new nn.AvgPool2d(2),
      new nn.Flatten(),
      new nn.Linear(400, 120),
      new nn.Sigmoid(),
      new nn.Linear(120, 84),
      new nn.Sigmoid(),
      new nn.Linear(84, 10),
    )
  }
}

const conv = (i, o, kernel, stride, padding) => new nn.Conv2d(i, o, kernel, { stride, padding, bias: false })

class Block extends nn.Module {
  constructor(i, o, stride) {
    super()
    this.c1 = conv(i, o, 3, stride, 1)
    this.b1 = new nn.BatchNorm2d(o)
    this.c2 = conv(o, o, 3, 1, 1)
    this.b2 = new nn.BatchNorm2d(o)
    this.sc =
      stride !== 1 || i !== o ? new nn.Sequential(conv(i, o, 1, stride, 0), new nn.BatchNorm2d(o)) : new nn.Identity()
  }

  forward(x) {
    return F.relu(this.b2(this.c2(F.relu(this.b1(this.c1(x))))).add(this.sc(x)))
  }
}

export class Resnet extends nn.Module {
  constructor() {
    super()
    this.stem = new nn.Sequential(conv(3, 32, 3, 1, 1), new nn.BatchNorm2d(32), new nn.ReLU())
    this.body = new nn.Sequential(new Block(32, 32, 1), new Block(32, 64, 2), new Block(64, 128, 2))
    this.fc = new nn.Linear(128, 10)
  }

  forward(x) {
    return this.fc(this.body(this.stem(x)).mean([2, 3]))
  }
}

export class TransformerBlock extends nn.Module {
  constructor(d, heads, ffn) {
    super()
    this.heads = heads
    this.l1 = new nn.LayerNorm([d])
    this.l2 = new nn.LayerNorm([d])
    this.qkv = new nn.Linear(d, 3 * d)
    this.o = new nn.Linear(d, d)
    this.f1 = new nn.Linear(d, ffn)
    this.f2 = new nn.Linear(ffn, d)
  }

  forward(x) {
    const [batch, length, d] = x.shape
    const [q, k, v] = this.qkv(this.l1(x))
      .chunk(3, -1)
      .map((t) => t.view([batch, length, this.heads, d / this.heads]).transpose(1, 2))
    const scores = q.matmul(k.transpose(-1, -2)).div(Math.sqrt(d / this.heads))
    const attended = scores.softmax(-1).matmul(v)
    x = x.add(this.o(attended.transpose(1, 2).reshape([batch, length, d])))
    return x.add(this.f2(F.gelu(this.f1(this.l2(x)))))
  }
}

export class CharLstm extends nn.Module {
  constructor({ vocab, embed, hidden }) {
    super()
    this.e = new nn.Embedding(vocab, embed)
    this.r = new nn.LSTM(embed, hidden, { batchFirst: true })
    this.f = new nn.Linear(hidden, vocab)
  }

  forward(x) {
    return this.f(this.r(this.e(x))[0])
  }
}

export const mlp = (sizes) =>
  new nn.Sequential(
    ...sizes
      .slice(1)
      .flatMap((size, i) => [new nn.Linear(sizes[i], size), new nn.ReLU()])
      .slice(0, -1),
  )
