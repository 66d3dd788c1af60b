import { arange, type Tensor, tensor, zeros } from 'tenzo'
import {
  ChainDataset,
  ConcatDataset,
  Dataset,
  IterableDataset,
  randomSplit,
  StackDataset,
  Subset,
  TensorDataset,
} from '../../../lib/utils/data'

const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })

class Count extends IterableDataset<number> {
  constructor(readonly count: number) {
    super()
  }
  override get length(): number {
    return this.count
  }
  override *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.count; i++) yield i
  }
}

describe('TensorDataset', () => {
  const x = arange(12, { dtype: 'float32' }).reshape([4, 3])
  const y = tensor([0n, 1n, 2n, 3n])
  const data = new TensorDataset(x, y)

  test('gives rows', () => {
    expect(data.length).toBe(4)
    const [row, label] = data.get(2)
    expect(row.toArray()).toEqual([6, 7, 8])
    expect(label.shape).toEqual([])
    expect(label.dtype).toBe('int64')
    expect(data.get(-1)[1].item()).toBe(3)
  })

  test('gives several rows at once', () => {
    const [rows, labels] = data.getBatch([3, -4, 3])!
    expect(rows.toArray()).toEqual([
      [9, 10, 11],
      [0, 1, 2],
      [9, 10, 11],
    ])
    expect(labels.toString()).toBe('tensor([3, 0, 3])')
  })

  test('refuses what does not fit', () => {
    expect(() => new TensorDataset()).toThrow(code('ARGUMENT'))
    expect(() => new TensorDataset(x, zeros([3]))).toThrow('Size mismatch between tensors')
    expect(() => new TensorDataset([1, 2] as unknown as Tensor)).toThrow(code('ARGUMENT'))
    expect(() => new TensorDataset(tensor(1))).toThrow(/no dimensions/)
    expect(() => data.get(4)).toThrow(code('INDEX'))
    expect(() => data.getBatch([0, 4])).toThrow(code('INDEX'))
    expect(() => data.getBatch([0.5])).toThrow(code('INDEX'))
  })

  test('a subclass with a get of its own has no shortcut', () => {
    class Doubled extends TensorDataset<[Tensor, Tensor]> {
      override get(index: number): [Tensor, Tensor] {
        const [x, y] = super.get(index)
        return [x.mul(2), y]
      }
    }
    expect(new Doubled(x, y).getBatch([0])).toBeUndefined()
  })
})

describe('Subset', () => {
  test('maps indices, nested, with every way to read', () => {
    const data = new TensorDataset(arange(10))
    const inner = new Subset(data, [9, 7, 5, 3])
    const outer = new Subset(inner, [3, 0])
    expect(outer.length).toBe(2)
    const item = outer.get(0) as [Tensor]
    expect(item[0].item()).toBe(3)
    expect((outer.getBatch([0, 1]) as [Tensor])[0].toString()).toBe('tensor([3, 9])')
    expect((outer.getItems([1, -1]) as [Tensor][]).map(([x]) => x.item())).toEqual([9, 9])
    expect(() => outer.get(2)).toThrow(code('INDEX'))
  })

  test('of an array has no shortcut', () => {
    expect(new Subset(['a', 'b', 'c'], [2]).getBatch([0])).toBeUndefined()
    expect(new Subset(['a', 'b', 'c'], [2]).get(0)).toBe('c')
    expect(() => new Subset(3 as unknown as string[], [0])).toThrow(code('ARGUMENT'))
  })

  test('a subclass with a get of its own is asked sample by sample', () => {
    class Loud extends Subset<string> {
      override get(index: number): string {
        return `${super.get(index) as string}!`
      }
    }
    expect(new Loud(['a', 'b'], [1, 0]).getItems([0, 1])).toEqual(['b!', 'a!'])
  })
})

describe('ConcatDataset', () => {
  test('finds each index, skips empty parts', () => {
    const data = new ConcatDataset([['a'], [], ['b', 'c'], new Subset(['d'], [0])])
    expect(data.length).toBe(4)
    expect(data.cumulativeSizes).toEqual([1, 1, 3, 4])
    expect([0, 1, 2, 3, -1, -4].map((i) => data.get(i))).toEqual(['a', 'b', 'c', 'd', 'd', 'a'])
    expect(() => data.get(-5)).toThrow('absolute value of index should not exceed dataset length')
    expect(() => data.get(4)).toThrow(code('INDEX'))
  })

  test('refuses nothing and streams', () => {
    expect(() => new ConcatDataset([])).toThrow('datasets should not be an empty iterable')
    expect(() => new ConcatDataset([new Count(3) as unknown as string[]])).toThrow('does not support IterableDataset')
  })
})

describe('StackDataset', () => {
  test('as tuple and by name', async () => {
    expect(
      new StackDataset([
        [1, 2],
        ['a', 'b'],
      ] as const).get(1),
    ).toEqual([2, 'b'])
    class Slow extends Dataset<number> {
      get length(): number {
        return 2
      }
      async get(index: number): Promise<number> {
        return index * 10
      }
    }
    await expect(new StackDataset({ x: new Slow(), y: ['a', 'b'] }).get(1)).resolves.toEqual({ x: 10, y: 'b' })
    expect(() => new StackDataset([[1], [1, 2]])).toThrow('Size mismatch between datasets')
    expect(() => new StackDataset([])).toThrow('At least one dataset should be passed')
  })
})

describe('ChainDataset', () => {
  test('streams one after the other', async () => {
    const chain = new ChainDataset([new Count(2), new Count(3)])
    expect(chain.length).toBe(5)
    expect([...chain]).toEqual([0, 1, 0, 1, 2])
    const found: number[] = []
    for await (const i of chain) found.push(i)
    expect(found).toEqual([0, 1, 0, 1, 2])
    expect(() => new ChainDataset([[1] as unknown as Count])).toThrow('only supports IterableDataset')
  })
})

describe('randomSplit', () => {
  test('refuses lengths that do not sum up', () => {
    expect(() => randomSplit([1, 2, 3], [1, 1])).toThrow(
      'Sum of input lengths does not equal the length of the input dataset!',
    )
    expect(() => randomSplit([1, 2, 3], [0.5, 2.5])).toThrow(code('VALUE'))
    expect(() => randomSplit([1, 2, 3], [1.5, -0.5])).toThrow('Fraction at index 0 is not between 0 and 1')
    expect(() => randomSplit([1, 2, 3], [4, -1])).toThrow(code('VALUE'))
    expect(() => randomSplit([1], [1], { generator: 3 as never })).toThrow(code('ARGUMENT'))
  })

  test('warns of an empty part', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    randomSplit([1, 2], [0.5, 0.5, 0])
    expect(warn.mock.calls).toEqual([['Length of split at index 2 is 0. This might result in an empty dataset.']])
    warn.mockRestore()
  })
})
