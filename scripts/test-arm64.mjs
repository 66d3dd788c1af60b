// npm run test:arm64: cross-builds for linux-arm64 and runs the kernel tests, and Node.js itself with the addon, under
// qemu. Needs Debian's g++-aarch64-linux-gnu and qemu-user.
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { checkNode, die, ensureDependencies, ensureJs, ensureNative, inRoot, node, otherNode, run } from './setup.mjs'

for (const [command, name] of [
  ['aarch64-linux-gnu-g++', 'g++-aarch64-linux-gnu'],
  ['qemu-aarch64', 'qemu-user'],
])
  if (spawnSync(command, ['--version']).status !== 0) die(`${command} is missing (on Debian: apt-get install ${name}).`)

checkNode()
ensureDependencies()
ensureNative({ tests: true, out: 'build/linux-arm64', arch: 'arm64', toolchain: 'scripts/linux-arm64.cmake' })
const jobs = ['-j', String(availableParallelism())]
let failed = run('ctest', ['--test-dir', 'build/linux-arm64', '--output-on-failure', ...jobs], { must: false })

node(['scripts/prebuild.mjs', '--arch=arm64'])
ensureJs()
const emulated = otherNode(process.versions.node.split('.')[0], 'arm64')
const train = `
  const { manualSeed, nn, optim, randn } = require('tenzo')
  manualSeed(0)
  const net = new nn.Sequential(new nn.Linear(16, 32), new nn.Tanh(), new nn.Linear(32, 1))
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.05 })
  const x = randn([64, 16])
  const y = x.sum(1, { keepdim: true })
  let loss
  for (let i = 0; i < 50; i++) {
    optimizer.zeroGrad()
    loss = nn.functional.mseLoss(net(x), y)
    loss.backward()
    optimizer.step()
  }
  console.log(process.env.TENZO_CPU ?? process.arch, loss.item())`
const addon = { TENZO_ADDON: inRoot('prebuilds/linux-arm64/tenzo.node') }
failed |= run('qemu-aarch64', ['-L', '/usr/aarch64-linux-gnu', emulated, '-e', train], { must: false, env: addon })
process.exitCode = failed ? 1 : 0
