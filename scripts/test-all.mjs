// npm run test:all [-- part …]: all that there is to test, `npm test` first, then what takes too long for it; with names, only those.
import { die, node } from './setup.mjs'

const parts = {
  test: ['scripts/test.mjs'],
  types: ['scripts/types.mjs'],
  stress: ['scripts/stress.mjs', '--node=20,22,24'],
  processes: ['scripts/test-processes.mjs'],
  asan: ['scripts/test-asan.mjs'],
  walks: ['scripts/walks.mjs'],
  emulated: ['scripts/test-emulated.mjs'],
}
const wanted = process.argv.slice(2)
for (const name of wanted) if (!(name in parts)) die(`no part "${name}": ${Object.keys(parts).join(' ')}`)
const failures = []
for (const [name, args] of Object.entries(parts)) {
  if (wanted.length && !wanted.includes(name)) continue
  console.log(`\n==== ${name}`)
  if (node(args, { must: false }) !== 0) failures.push(name)
}
console.log(failures.length ? `\nfailed: ${failures.join(', ')}` : '\nall passed')
process.exitCode = failures.length ? 1 : 0
