/** A process that saves by turns two states under one name, and is killed in the midst: the file is always the one or the other. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { tenzo } from './train.mjs'

const KILLS = 50
const states = [1, 2].map(
  (v) =>
    new Map([
      ['a', tenzo.full([400, 1000], v + 0.5)],
      ['b', tenzo.full([700], -v - 0.5)],
    ]),
)

if (process.argv[2] === 'save') {
  process.send('ready')
  for (let i = 0; ; i++)
    for (const extension of ['pt', 'safetensors', 'npz'])
      tenzo.save(states[i % 2], join(process.argv[3], `state.${extension}`))
}

export async function run({ folder }) {
  const names = ['state.pt', 'state.safetensors', 'state.npz']
  for (const name of names) tenzo.save(states[0], join(folder, name))
  let left = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'save', folder], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const ended = new Promise((resolve) => child.on('exit', resolve))
    await new Promise((resolve) => child.once('message', resolve))
    await sleep((kill * 7) % 61)
    child.kill('SIGKILL')
    await ended
    left = Math.max(left, readdirSync(folder).length - names.length)
    for (const name of names) {
      const state = tenzo.load(join(folder, name))
      const [a, b] = ['a', 'b'].map((key) => state.get(key))
      const one = states.find((s) => s.get('a').equal(a) && s.get('b').equal(b))
      if (!one) throw new Error(`${name} is neither state after ${kill + 1} kills`)
    }
  }
  for (const name of names) tenzo.save(states[0], join(folder, name))
  const stay = readdirSync(folder).filter((name) => !names.includes(name))
  if (stay.length > 0) throw new Error(`left behind: ${stay.join(' ')}`)
  return `${KILLS} kills, every file whole, at most ${left} left over at a time, none at the end`
}
