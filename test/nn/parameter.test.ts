import { inspect } from 'node:util'
import { arange, manualSeed, randn, type Tensor, tensor, zeros } from 'tenzo'
import { Parameter } from '../../lib/nn/parameter'

const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })

test('prints as PyTorch prints it', () => {
  manualSeed(0)
  const weight = new Parameter(randn([5, 3]))
  const text = `Parameter containing:
tensor([[ 1.5410, -0.2934, -2.1788],
        [ 0.5684, -1.0845, -1.3986],
        [ 0.4033,  0.8380, -0.7193],
        [-0.4033, -0.5966,  0.1820],
        [-0.8567,  1.1006, -1.0712]], requires_grad=True)`
  expect([String(weight), inspect(weight), `${weight}`]).toEqual([text, text, text])
  expect(String(weight.data)).not.toMatch(/Parameter|requires_grad/)
})

test('is a leaf over the memory of its tensor', () => {
  const x = zeros([2]).requiresGrad_()
  const y = x.mul(2)
  const p = new Parameter(y)
  expect([p.isLeaf, p.requiresGrad, p.sharesStorage(y)]).toEqual([true, true, true])
  p.mul(3).sum().backward()
  expect(p.grad!.toArray()).toEqual([3, 3])
  expect(x.grad).toBeNull()
  expect(() => p.mul_(2)).toThrow('a leaf Variable that requires grad is being used in an in-place operation.')
})

test('options', () => {
  expect(new Parameter().shape).toEqual([0])
  expect(new Parameter(zeros([1]), { requiresGrad: false }).requiresGrad).toBe(false)
  expect(new Parameter(zeros([1]), false).requiresGrad).toBe(false)
  expect(new Parameter(arange(2), false).dtype).toBe('int64')
  expect(() => new Parameter(tensor([true]))).toThrow(code('AUTOGRAD'))
  expect(() => new Parameter([1] as unknown as Tensor)).toThrow(code('ARGUMENT'))
  expect(() => new Parameter(zeros([1]), { requires_grad: false } as object)).toThrow(code('ARGUMENT'))
})
