/**
 * What needs gigabytes: archives and files over 4 GB, written, read, in what time and memory. `npm run test:big` takes about five minutes,
 * 20 GB of disk and 10 GB of memory; `-- pt npz` runs those only, and `--keep` leaves the files to be looked at with other programs.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const GB = 1e9
const SOURCE = join(root, 'scripts', 'big', 'cases.ts')

/** Each case is a process of its own, so that its peak is its own; the most it may take beyond what it holds. */
const CASES = {
  'pt-save': { peak: 6.4 * GB },
  'pt-load': { peak: 6.4 * GB },
  'pt-load-async': { peak: 6.4 * GB },
  'npz-save': { peak: 6.4 * GB },
  'npz-load': { peak: 6.4 * GB },
  'npz-packed': { peak: 1.4 * GB },
  'idx-bomb': { peak: 0.25 * GB },
  'safetensors-save': { peak: 3.1 * GB },
  'safetensors-one': { peak: 0.25 * GB },
  'safetensors-slice': { peak: 0.25 * GB },
}

const args = process.argv.slice(2)
const wanted = args.filter((arg) => !arg.startsWith('--'))
mkdirSync(join(root, 'build'), { recursive: true })
const folder = mkdtempSync(join(root, 'build', 'big-'))
const tsx = createRequire(import.meta.url).resolve('tsx')
let failed = 0
let passed = 0
try {
  for (const [name, { peak }] of Object.entries(CASES)) {
    if (wanted.length > 0 && !wanted.some((part) => name.startsWith(part))) continue
    const done = spawnSync(process.execPath, ['--import', tsx, SOURCE, name, folder], { encoding: 'utf8', cwd: root })
    const figures = done.status === 0 ? JSON.parse(done.stdout) : null
    const isGood = figures !== null && figures.peak <= peak
    if (isGood) passed++
    else failed++
    const what = figures
      ? `${figures.seconds.toFixed(1)} s, peak ${(figures.peak / 1e6).toFixed(0)} MB (${(figures.before / 1e6).toFixed(0)} before; ${(peak / 1e6).toFixed(0)} allowed)${figures.note ? `, ${figures.note}` : ''}`
      : done.stderr
    console.log(`${isGood ? 'ok  ' : 'FAIL'} ${name}: ${what}`)
  }
} finally {
  if (!args.includes('--keep')) rmSync(folder, { recursive: true })
  else console.log(folder)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
