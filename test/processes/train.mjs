/** What the programs of this folder let others do: a few steps of training, whose loss is the same everywhere. */
import { createRequire } from 'node:module'

export const tenzo = createRequire(import.meta.url)('../../dist/index.js')

/** @returns the last loss */
export function train(steps, from) {
  const { manualSeed, nn, optim, randn } = tenzo
  manualSeed(0)
  const net = new nn.Sequential(new nn.Linear(32, 64), new nn.Tanh(), new nn.Linear(64, 1))
  if (from) net.loadStateDict(from)
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 })
  const x = randn([128, 32])
  const y = x.sum(1, { keepdim: true })
  let loss
  for (let i = 0; i < steps; i++) {
    optimizer.zeroGrad()
    loss = nn.functional.mseLoss(net(x), y)
    loss.backward()
    optimizer.step()
  }
  return { loss: loss.item(), state: net.stateDict() }
}
