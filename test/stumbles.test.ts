// biome-ignore-all lint/suspicious/noDoubleEquals: it is what is tried
// biome-ignore-all lint/suspicious/noSelfCompare: it is what is tried
// biome-ignore-all lint/style/useTemplate: it is what is tried
/** What newcomers write, and what tells them what to write. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bincount, nn, ones, optim, save, saveAsync, saveModel, type Tensor, tensor, zeros } from 'tenzo'

const F = nn.functional

describe('operators', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the compiler refuses what is tried
  const tensors: Record<string, any> = {
    'one element': tensor([2]),
    'a 0-d one': tensor(2),
    int64: tensor(2n),
    several: ones([2, 3]),
    none: zeros([0]),
    'a parameter': new nn.Parameter(tensor([2])),
    'an uninitialized one': new nn.LazyLinear(2).weight,
  }
  const error = expect.objectContaining({
    code: 'ERR_TENZO_ARGUMENT',
    message: expect.stringMatching(/x\.add\(y\) and x\.eq\(y\)/),
  })
  test.each(Object.keys(tensors))('+ and == on %s name add and eq', (name) => {
    const x = tensors[name]
    for (const f of [
      () => x + 1,
      () => 1 + x,
      () => `loss` + x,
      () => x + x,
      () => x == 2,
      () => 2 == x,
      () => x != 2n,
    ])
      expect(f).toThrow(error)
    expect(x == x).toBe(true)
    expect(x == null).toBe(false)
    expect(`${x}`).toBe(String(x))
  })
  test('the others go by the one element', () => {
    const x = tensors['one element']
    expect([x - 1, x * 3, x / 4, x ** 3, -x, +x, x > 1, x <= 1]).toEqual([1, 6, 0.5, 8, -2, 2, true, false])
    expect(() => tensors.several - 1).toThrow('Boolean value of Tensor with more than one value is ambiguous')
  })
})

describe('floats where only integers do', () => {
  const [x, labels, index] = [ones([2, 3]), tensor([0, 2]), tensor([[0, 1]])]
  const calls: Record<string, (of: (t: Tensor) => Tensor) => unknown> = {
    crossEntropy: (of) => F.crossEntropy(x, of(labels)),
    nllLoss: (of) => F.nllLoss(x, of(labels)),
    multiMarginLoss: (of) => F.multiMarginLoss(x, of(labels)),
    embedding: (of) => F.embedding(of(labels), x.t()),
    embeddingBag: (of) => F.embeddingBag(of(index), x.t()),
    oneHot: (of) => F.oneHot(of(labels)),
    gather: (of) => x.gather(0, of(index)),
    scatter: (of) => x.scatter(0, of(index), x),
    indexSelect: (of) => x.indexSelect(1, of(labels)),
    indexAdd: (of) => x.indexAdd(1, of(labels), ones([2, 2])),
    indexFill: (of) => x.indexFill(1, of(labels), 1),
    indexCopy: (of) => x.indexCopy(1, of(labels), ones([2, 2])),
    take: (of) => x.take(of(labels)),
    put: (of) => x.clone().put_(of(labels), ones([2])),
    takeAlongDim: (of) => x.takeAlongDim(of(index), 1),
    at: (of) => x.t().at(of(labels)),
    set: (of) =>
      x
        .t()
        .clone()
        .set([of(labels)], 1),
    bincount: (of) => bincount(of(labels)),
  }
  const hint = "{ dtype: 'int64' }"
  test.each(Object.keys(calls))('%s names the dtype', (name) => {
    const call = calls[name]!
    expect(() => call((t) => t)).toThrow(hint)
    expect(() => call((t) => t.to('float64'))).toThrow(hint)
    expect(() => call((t) => t.to('int64'))).not.toThrow()
  })
  test('of other integers it says nothing', () => {
    expect(() => F.crossEntropy(x, labels.to('int32'))).toThrow(
      /^expected target dtype to be Long or Byte, but got Int$/,
    )
  })
})

describe('saving what is no data', () => {
  const net = new nn.Sequential(new nn.Linear(1, 2))
  const folder = mkdtempSync(join(tmpdir(), 'tenzo-stumbles-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const things: Record<string, unknown> = {
    Sequential: net,
    SGD: new optim.SGD(net.parameters(), { lr: 0.1 }),
    StepLR: new optim.lrScheduler.StepLR(new optim.SGD(net.parameters(), { lr: 0.1 }), 1),
  }
  const path = (extension: string) => join(folder, `x${extension}`)
  describe.each(Object.keys(things))('%s', (name) => {
    const error = expect.objectContaining({
      code: 'ERR_TENZO_ARGUMENT',
      message: expect.stringContaining(`a ${name} is code, and a file holds data: save(net.stateDict(), path)`),
    })
    test.each(['.pt', '.pth', '.safetensors', '.npz', '.npy'])('as %s', (extension) => {
      expect(() => save(things[name], path(extension))).toThrow(error)
      if (extension !== '.npy') expect(() => save({ it: things[name] }, path(extension))).toThrow(error)
    })
    test('without a path', () => {
      expect(() => (save as (value: unknown) => void)(things[name])).toThrow(error)
    })
  })
  test('with a promise', async () => {
    await expect(saveAsync(net, path('.pt'))).rejects.toThrow('saveAsync(net.stateDict(), path)')
  })
  test('what is right stays right', () => {
    for (const extension of ['.pt', '.safetensors', '.npz']) save(net.stateDict(), path(extension))
    saveModel(net, path('.safetensors'))
  })
})
