import { nn, tensor } from 'tenzo'

test('JSON holds the values', () => {
  const x = tensor([
    [1, -2.5],
    [0, 4],
  ])
  expect(JSON.stringify({ x, y: x.t() })).toBe('{"x":[[1,-2.5],[0,4]],"y":[[1,0],[-2.5,4]]}')
  expect(JSON.stringify([tensor(3n), tensor([true, false]), tensor([]), new nn.Parameter(x.at(0))])).toBe(
    '[3,[true,false],[],[1,-2.5]]',
  )
  expect(JSON.stringify(tensor([Number.NaN, Infinity, 1.5]).to('bfloat16'))).toBe('[null,null,1.5]')
})
