/** Custom operations as the tutorials write them: cases 34 to 36. */
import { arange, autograd, noGrad, ones, sqrt, type Tensor, tensor, zeros } from 'tenzo'
import { decodeTensor } from '../helpers/goldens'
import { expectClose, messageOf, printed, want } from '../helpers/seeds'

class ChannelWiseNormalization extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, eps: number) {
    const mean = x.mean([0, 2, 3], { keepdim: true })
    const std = sqrt(x.var([0, 2, 3], { unbiased: false, keepdim: true }).add(eps))
    const y = x.sub(mean).div(std)
    ctx.saveForBackward(y, std)
    return y
  }
  static backward(ctx: autograd.Context, g: Tensor) {
    const [y, std] = ctx.savedTensors as [Tensor, Tensor]
    const over = (t: Tensor) => t.mean([0, 2, 3], { keepdim: true })
    return [
      g
        .sub(over(g))
        .sub(y.mul(over(g.mul(y))))
        .div(std),
      null,
    ]
  }
}

describe('34: a custom operation', () => {
  test('normalises each channel and knows its gradient', () => {
    const x = decodeTensor(want.normalization.x).requiresGrad_()
    const y = ChannelWiseNormalization.apply(x, 1e-5) as Tensor
    expectClose(y.detach(), want.normalization.out)
    for (let c = 0; c < 3; c++) {
      const channel = y.detach().select(1, c)
      expect(Math.abs(channel.mean().item())).toBeLessThan(1e-6)
      expect(channel.var({ unbiased: false }).item()).toBeCloseTo(1, 3)
    }
    y.mul(arange(48).to('float32').reshape([4, 3, 2, 2]))
      .sum()
      .backward()
    expectClose(x.grad as Tensor, want.normalization.grad, 1e-4)
    expect(printed(y)).toMatch(/grad_fn=<ChannelWiseNormalizationBackward>\)$/)
  })

  test('passes gradcheck', () => {
    const x = decodeTensor(want.normalization.x).to('float64').requiresGrad_()
    expect(autograd.gradcheck((t: Tensor) => ChannelWiseNormalization.apply(t, 1e-5) as Tensor, [x])).toBe(true)
  })

  test('makes no graph under noGrad', () => {
    const x = decodeTensor(want.normalization.x).requiresGrad_()
    const y = noGrad(() => ChannelWiseNormalization.apply(x, 1e-5) as Tensor)
    expect(y.requiresGrad).toBe(false)
    expect(y.gradFn).toBeNull()
  })

  test('names both counts when backward returns too many or too few', () => {
    class Wrong extends autograd.Function {
      static forward(_: autograd.Context, x: Tensor, y: Tensor) {
        return x.mul(y)
      }
      static backward(_: autograd.Context, g: Tensor): (Tensor | null)[] {
        return [g, g, g]
      }
    }
    class Few extends Wrong {
      static override backward(_: autograd.Context, g: Tensor) {
        return [g]
      }
    }
    const a = ones([2]).requiresGrad_()
    const b = ones([2]).requiresGrad_()
    expect(messageOf(() => (Wrong.apply(a, b) as Tensor).sum().backward())).toBe(want.too_many_gradients)
    expect(messageOf(() => (Few.apply(a, b) as Tensor).sum().backward())).toBe(want.too_few_gradients)
  })
})

describe('34: what a custom operation may return', () => {
  class Returns extends autograd.Function {
    static override forward(ctx: autograd.Context, x: Tensor, gradient: unknown): Tensor {
      ctx.gradient = gradient
      return x.mul(2)
    }
    static override backward(ctx: autograd.Context, _g: Tensor) {
      return [ctx.gradient, null]
    }
  }
  const said = (gradient: unknown) => {
    const x = ones([3]).requiresGrad_()
    try {
      Returns.apply(x, gradient).sum().backward()
    } catch (error) {
      return (error as Error).message
    }
    return x.grad
  }

  test('no gradient, or undefined', () => {
    expect(said(null)).toBeNull()
    expect(said(undefined)).toBeNull()
  })

  test('a larger one, which is summed, and one of another dtype, which is cast', () => {
    expect((said(ones([4, 3])) as Tensor).toArray()).toEqual([4, 4, 4])
    const cast = said(ones([3], { dtype: 'float64' })) as Tensor
    expect(cast.dtype).toBe('float32')
  })

  test('not one of another shape, nor what is no tensor', () => {
    expect(said(ones([2]))).toBe(
      'Function ReturnsBackward returned an invalid gradient at index 0 - got [2] but expected shape compatible with [3]',
    )
    expect(said(5)).toBe('expected Variable or None (got number)')
  })

  test('and its second derivative is checked too', () => {
    const x = decodeTensor(want.normalization.x).to('float64').requiresGrad_()
    // It saves the deviation, which counts as a constant: right first derivatives, wrong second ones.
    const f = (t: Tensor) => ChannelWiseNormalization.apply(t, 1e-5) as Tensor
    expect(autograd.gradcheck(f, [x])).toBe(true)
    expect(autograd.gradgradcheck(f, [x], { raiseException: false })).toBe(false)
  })
})

test('35: a saved tensor changed in place, in a custom operation', () => {
  class Square extends autograd.Function {
    static override forward(ctx: autograd.Context, x: Tensor): Tensor {
      ctx.saveForBackward(x)
      return x.mul(x)
    }
    static override backward(ctx: autograd.Context, g: Tensor) {
      return g.mul(2).mul(ctx.savedTensors[0] as Tensor)
    }
  }
  const y = ones([3]).requiresGrad_().exp()
  const z = Square.apply(y)
  y.add_(1)
  y.add_(1)
  expect(messageOf(() => z.sum().backward())).toBe(
    'one of the variables needed for gradient computation has been modified by an inplace operation: [torch.FloatTensor [3]], which is output 0 of Add, is at version 2; expected version 0 instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False).',
  )
})

test('35: a saved tensor changed in place', () => {
  const x = ones([3]).requiresGrad_()
  const y = x.mul(2)
  const z = y.mul(y)
  y.add_(1)
  const said = messageOf(() => z.sum().backward())
  expect(said).toMatch(
    /^one of the variables needed for gradient computation has been modified by an inplace operation: /,
  )
  expect(said).toContain('is at version 1; expected version 0 instead')
})

describe('36: what ctx can say', () => {
  test('needsInputGrad', () => {
    const seen: boolean[][] = []
    class Product extends autograd.Function {
      static forward(ctx: autograd.Context, x: Tensor, y: Tensor) {
        seen.push([...ctx.needsInputGrad])
        ctx.saveForBackward(x, y)
        return x.mul(y)
      }
      static backward(ctx: autograd.Context, g: Tensor) {
        const [x, y] = ctx.savedTensors as [Tensor, Tensor]
        return [ctx.needsInputGrad[0] ? g.mul(y) : null, ctx.needsInputGrad[1] ? g.mul(x) : null]
      }
    }
    const x = tensor([2, 3], { requiresGrad: true })
    ;(Product.apply(x, tensor([5, 7])) as Tensor).sum().backward()
    expect(seen[0]).toEqual([true, false])
    expect((x.grad as Tensor).toArray()).toEqual([5, 7])
  })

  test('markDirty', () => {
    class Doubled extends autograd.Function {
      static forward(ctx: autograd.Context, x: Tensor) {
        x.mul_(2)
        ctx.markDirty(x)
        return x
      }
      static backward(_: autograd.Context, g: Tensor) {
        return g.mul(2)
      }
    }
    const x = tensor([1, 2], { requiresGrad: true })
    const y = x.clone()
    const z = Doubled.apply(y) as Tensor
    expect(z).toBe(y)
    z.sum().backward()
    expect((x.grad as Tensor).toArray()).toEqual([2, 2])
  })

  test('markNonDifferentiable and setMaterializeGrads', () => {
    let second: Tensor | null | undefined
    class Sorted extends autograd.Function {
      static forward(ctx: autograd.Context, x: Tensor) {
        const { values, indices } = x.sort()
        ctx.markNonDifferentiable(indices)
        ctx.setMaterializeGrads(false)
        ctx.saveForBackward(indices)
        return [values, indices]
      }
      static backward(ctx: autograd.Context, g: Tensor, gi: Tensor | null) {
        second = gi
        const [indices] = ctx.savedTensors as [Tensor]
        return zeros([...g.shape]).scatter(0, indices, g)
      }
    }
    const x = tensor([3, 1, 2], { requiresGrad: true })
    const [values, indices] = Sorted.apply(x) as [Tensor, Tensor]
    expect(values.requiresGrad).toBe(true)
    expect(indices.requiresGrad).toBe(false)
    values
      .mul(tensor([1, 2, 3]))
      .sum()
      .backward()
    expect((x.grad as Tensor).toArray()).toEqual([3, 1, 2])
    expect(second ?? null).toBeNull()
  })

  test('double backward', () => {
    class Cube extends autograd.Function {
      static forward(ctx: autograd.Context, x: Tensor) {
        ctx.saveForBackward(x)
        return x.pow(3)
      }
      static backward(ctx: autograd.Context, g: Tensor) {
        const [x] = ctx.savedTensors as [Tensor]
        return g.mul(x.pow(2)).mul(3)
      }
    }
    const x = tensor([2], { requiresGrad: true })
    const [first] = autograd.grad((Cube.apply(x) as Tensor).sum(), x, { createGraph: true }) as [Tensor]
    expect(first.item()).toBe(12)
    const [again] = autograd.grad(first.sum(), x) as [Tensor]
    expect(again.item()).toBe(12)
  })
})
