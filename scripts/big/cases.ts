/** A case of scripts/test-big.mjs, in a process of its own: `cases.ts NAME FOLDER` prints its figures. */
import assert from 'node:assert'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { load, loadAsync, readIdx, safeOpen, save, slice, type Tensor, zeros } from '../../lib/index'
import { drive } from '../../lib/io/files'
import { npyHeader } from '../../lib/io/npy-header'
import { writeFile } from '../../lib/io/write'

const [name, folder] = process.argv.slice(2) as [string, string]
const path = (file: string): string => join(folder, file)

// 6 GB: the fourth tensor crosses 4 GB, the fifth begins behind it.
const TENSORS = 5
const ELEMENTS = 300_000_000
const element = (i: number): Tensor => zeros([ELEMENTS]).fill_(i + 1)
const large = (): Map<string, Tensor> => new Map(Array.from({ length: TENSORS }, (_, i) => [`w${i}`, element(i)]))
function checkLarge(state: ReadonlyMap<string, Tensor>): void {
  assert.deepStrictEqual([...state.keys()], [...large0.keys()])
  for (let i = 0; i < TENSORS; i++) {
    const w = state.get(`w${i}`)!
    assert.deepStrictEqual([...w.sizes], [ELEMENTS])
    assert.strictEqual(w.min().item(), i + 1)
    assert.strictEqual(w.max().item(), i + 1)
  }
}
const large0 = new Map(Array.from({ length: TENSORS }, (_, i) => [`w${i}`, i]))

// 2.7 GB, of 27 tensors.
const ROWS = 25_000
const COLUMNS = 1000

/** A gzipped IDX file of 4 GB of zeros that announces 100 bytes, and one that announces all of them. */
async function bomb(file: string, announced: number): Promise<void> {
  const gzip = createGzip({ level: 9 })
  const written = new Promise((resolve) => gzip.pipe(createWriteStream(file)).on('close', resolve))
  const head = Buffer.from([0, 0, 8, 1, 0, 0, 0, 0])
  head.writeUInt32BE(announced, 4)
  gzip.write(head)
  const piece = Buffer.alloc(1 << 24)
  for (let i = 0; i < 240; i++) if (!gzip.write(piece)) await new Promise((resolve) => gzip.once('drain', resolve))
  gzip.end()
  await written
}

/** A packed `.npz` of one tensor of 1 GB of zeros: about 1 MB. */
async function packedNpz(file: string): Promise<void> {
  const { Zip, ZipDeflate } = await import('fflate')
  const chunks: Uint8Array[] = []
  const zip = new Zip((error, chunk) => {
    assert.strictEqual(error, null)
    chunks.push(chunk)
  })
  const entry = new ZipDeflate('x.npy', { level: 6 })
  zip.add(entry)
  entry.push(npyHeader('float32', [250_000_000]))
  const piece = new Uint8Array(1e6)
  for (let i = 0; i < 1000; i++) entry.push(piece, i === 999)
  zip.end()
  drive(writeFile(file, chunks))
}

/** Prepares a case and gives what is measured of it. */
const CASES: Record<string, () => Promise<() => unknown> | (() => unknown)> = {
  'pt-save': () => {
    const state = large()
    return () => save(state, path('large.pt'))
  },
  'pt-load': () => () => checkLarge(load(path('large.pt'))),
  'pt-load-async': () => async () => checkLarge(await loadAsync(path('large.pt'))),
  'npz-save': () => {
    const state = large()
    return () => save(state, path('large.npz'))
  },
  'npz-load': () => () => checkLarge(load(path('large.npz'))),
  'npz-packed': async () => {
    await packedNpz(path('packed.npz'))
    return () => assert.strictEqual(load(path('packed.npz')).get('x')!.count, 250_000_000)
  },
  'idx-bomb': async () => {
    await bomb(path('lies.idx.gz'), 100)
    await bomb(path('all.idx.gz'), 240 * (1 << 24))
    return () => {
      assert.throws(() => readIdx(path('lies.idx.gz')), { code: 'ERR_TENZO_FORMAT' })
      assert.throws(() => readIdx(path('all.idx.gz'), { maxBytes: 1e9 }), { code: 'ERR_TENZO_MEMORY' })
    }
  },
  'safetensors-save': () => {
    const state = new Map(Array.from({ length: 27 }, (_, i) => [`w${i}`, zeros([ROWS, COLUMNS]).fill_(i)]))
    return () => save(state, path('large.safetensors'))
  },
  'safetensors-one': () => () => {
    using file = safeOpen(path('large.safetensors'))
    assert.strictEqual(file.getTensor('w13').max().item(), 13)
  },
  'safetensors-slice': () => () => {
    using file = safeOpen(path('large.safetensors'))
    for (const key of file.keys()) {
      const part = file.getSlice(key)
      assert.strictEqual(part.at(slice(), slice(0, 5)).min().item(), Number(key.slice(1)))
      assert.strictEqual(part.at(slice(100, 200)).max().item(), Number(key.slice(1)))
    }
  },
}

async function run(): Promise<void> {
  const measured = await CASES[name]!()
  const before = process.resourceUsage().maxRSS * 1024
  const start = performance.now()
  await measured()
  const seconds = (performance.now() - start) / 1e3
  process.stdout.write(JSON.stringify({ seconds, before, peak: process.resourceUsage().maxRSS * 1024 }))
}
run().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
