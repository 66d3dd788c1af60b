/** Two copies of the package in one process, on the main thread and in a Worker: each works, and a tensor of the other is refused. */
import assert from 'node:assert'
import { cpSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tenzo as one } from './train.mjs'

export async function run({ folder }) {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const copy = join(folder, 'node_modules', 'tenzo')
  mkdirSync(copy, { recursive: true })
  for (const path of ['package.json', 'dist', join('build', 'cmake', 'Release', 'tenzo.node')])
    cpSync(join(root, path), join(copy, path), { recursive: true })
  cpSync(join(root, 'node_modules', 'fflate'), join(folder, 'node_modules', 'fflate'), { recursive: true })
  const two = createRequire(join(folder, 'index.js'))('tenzo')
  assert.notStrictEqual(one, two)
  let steps = 0
  for (let i = 0; i < 200; i++) {
    const values = [one, two].map(({ manualSeed, nn, rand }) => {
      manualSeed(i)
      const layer = new nn.Linear(64, 64)
      layer(rand(32, 64)).sum().backward()
      return layer.weight.grad.sum().item()
    })
    assert.strictEqual(values[0], values[1])
    steps += 2
  }
  for (const mixed of [
    () => one.ones(2).add(two.ones(2)),
    () => two.cat([one.ones(2)]),
    () => new two.nn.Linear(2, 2)(one.ones(1, 2)),
  ])
    assert.throws(mixed, /that this copy of Tenzo did not make/)
  return `${steps} steps by two copies in turn, the same values; what mixes them is refused`
}
