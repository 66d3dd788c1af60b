/** Small programs for native operations that belong to no operation of the register: steps of optimizers, cells of layers. */
import { nn, optim, type Tensor, tensor } from '../../lib'

const x = (): Tensor => tensor([0.5, -1, 2, 0.25, 1.5, -0.75]).reshape([3, 1, 2]).requiresGrad_()

function layer(l: (x: Tensor) => unknown): void {
  const [y] = l(x()) as [Tensor]
  y.square().sum().backward()
}
function steps(make: (p: Tensor[]) => optim.SGD | optim.Adam): void {
  const p = x()
  const o = make([p])
  p.square().sum().backward()
  o.step()
  o.step()
}

export const PROGRAMS: readonly (() => void)[] = [
  () => steps((p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 })),
  () => steps((p) => new optim.Adam(p, { lr: 0.1 })),
  () => steps((p) => new optim.AdamW(p, { lr: 0.1 })),
  () => layer(new nn.LSTM(2, 2)),
  () => layer(new nn.GRU(2, 2)),
]
