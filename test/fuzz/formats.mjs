// One process of scripts/fuzz.mjs: reads damaged files of one format until it is told to stop, each written to a place where the parent
// finds it when this process hangs or dies. What is no TenzoError, takes seconds, or claims memory that the file cannot ask for is a finding.
//   node formats.mjs FORMAT FILE SEED ROUNDS SECONDS | node formats.mjs FORMAT FILE (one file, as it is)
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as tenzo from 'tenzo'

const goldens = new URL('../goldens/', import.meta.url).pathname
const MOST_SECONDS = 5
const MOST_BYTES = 512 * 1024 * 1024

const [format, file, seed, rounds, seconds] = process.argv.slice(2)

const all = (folder, extension) =>
  readdirSync(join(goldens, folder))
    .filter((name) => name.endsWith(extension))
    .map((name) => readFileSync(join(goldens, folder, name)))

function ptFiles() {
  return readdirSync(join(goldens, 'pt'))
    .filter((name) => name.startsWith('torch-'))
    .flatMap((name) => Object.values(JSON.parse(gunzipSync(readFileSync(join(goldens, 'pt', name))).toString())))
    .map(({ file }) => Buffer.from(file, 'base64'))
}
/** Small files of each type; MNIST's format is too plain to be recorded. */
function idxFiles() {
  const sizes = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 }
  return Object.entries(sizes).flatMap(([code, size]) => {
    const plain = Buffer.concat([
      Buffer.from([0, 0, Number(code), 2, 0, 0, 0, 2, 0, 0, 0, 3]),
      Buffer.alloc(6 * size, 1),
    ])
    return [plain, gzipSync(plain)]
  })
}
const { load, loadAsync, readIdx, readIdxAsync } = tenzo
const FORMATS = {
  pt: { files: ptFiles, read: [load, loadAsync] },
  safetensors: { files: () => all('safetensors', '.safetensors'), read: [load, loadAsync] },
  npy: { files: () => all('npy', '.npy'), read: [load, loadAsync] },
  npz: { files: () => all('npy', '.npz'), read: [load, loadAsync] },
  idx: { files: idxFiles, read: [readIdx, readIdxAsync] },
}

/** Numbers below n, the same for the same seed. */
function choices(seed) {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  return (n) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % n
  }
}

/** Numbers that sizes, counts and offsets overflow with, in the widths in which files hold them. */
const NUMBERS = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
]
function number(below) {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(NUMBERS[below(NUMBERS.length)])
  const some = bytes.subarray(0, 2 ** below(4))
  return below(2) ? some : Buffer.from(some).reverse()
}

function mutate(bytes, files, below) {
  let b = Buffer.from(bytes)
  for (let k = 1 + below(4); k > 0; k--) {
    // Heads and ends of files decide more than what lies between.
    const near = [b.length, Math.min(b.length, 200), b.length][below(3)]
    const at = below(2) ? below(near + 1) : Math.max(0, b.length - below(near + 1))
    const length = Math.min(b.length - at, 1 + below(below(4) ? 8 : 200))
    const kind = below(8)
    if (kind === 0) b = b.subarray(0, at)
    else if (kind === 1) b = Buffer.concat([b.subarray(0, at), b.subarray(at + length)])
    else if (kind === 2) b = Buffer.concat([b.subarray(0, at + length), b.subarray(at)])
    else if (kind === 3) b = Buffer.concat([b.subarray(0, at), number(below), b.subarray(at)])
    else if (kind === 4) {
      const other = files[below(files.length)]
      b = Buffer.concat([b.subarray(0, at), other.subarray(below(other.length + 1))])
    } else if (at < b.length) {
      if (kind === 5) b[at] ^= 1 << below(8)
      else if (kind === 6) b[at] = below(256)
      else number(below).copy(b, at)
    }
  }
  return b
}

/** Reads the file; returns what is wrong with how that went, or null. */
async function wrongWith(read) {
  const before = process.resourceUsage().maxRSS
  const start = performance.now()
  try {
    await read(file)
  } catch (error) {
    if (!(error instanceof tenzo.TenzoError)) return `${error?.stack ?? error}`
  }
  const spent = (performance.now() - start) / 1000
  if (spent > MOST_SECONDS) return `it took ${spent.toFixed(1)} s`
  const claimed = (process.resourceUsage().maxRSS - before) * 1024
  return claimed > MOST_BYTES ? `it claimed ${(claimed / 2 ** 20).toFixed(0)} MB` : null
}

function found(what) {
  console.error(what)
  process.exit(1)
}

const { files, read } = FORMATS[format]
if (seed === undefined) {
  for (const one of read) {
    const wrong = await wrongWith(one)
    if (wrong) found(wrong)
  }
} else {
  const below = choices(Number(seed))
  const corpus = files()
  if (corpus.length === 0 || !existsSync(goldens)) found('no files to start from')
  const start = performance.now()
  let round = 0
  let accepted = 0
  for (; round < Number(rounds) && performance.now() - start < Number(seconds) * 1000; round++) {
    const bytes = mutate(corpus[below(corpus.length)], corpus, below)
    writeFileSync(file, bytes)
    let fine = true
    const one = read[round % 8 === 0 ? 1 : 0]
    const wrong = await wrongWith(async (path) => {
      fine = false
      await one(path)
      fine = true
    })
    if (wrong) found(wrong)
    if (fine) accepted++
  }
  console.log(JSON.stringify({ rounds: round, accepted }))
}
