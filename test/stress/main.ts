/**
 * Prints a hash of the bits that each program gives, as JSON. Run twice, with and without TENZO_GC_STRESS, the two must agree.
 * node main.js [every] [a part of the names]
 */
import { createHash, type Hash } from 'node:crypto'
import { isTensor, manualSeed } from '../../lib'
import { programs } from './programs'

function add(hash: Hash, v: unknown): void {
  if (isTensor(v)) {
    hash.update(`${v.dtype} ${v.shape} `)
    add(hash, v.detach().toTypedArray())
  } else if (v instanceof Float32Array || v instanceof Float64Array) {
    // The sign and payload of a NaN are nobody's promise.
    for (let i = 0; i < v.length; i++) if (Number.isNaN(v[i])) v[i] = Number.NaN
    hash.update(new Uint8Array(v.buffer))
  } else if (ArrayBuffer.isView(v)) hash.update(new Uint8Array(v.buffer, v.byteOffset, v.byteLength))
  else if (Array.isArray(v)) for (const item of v) add(hash, item)
  else hash.update(String(v))
}

async function main(every: number, part: string): Promise<void> {
  const hashes: Record<string, string> = {}
  for (const [name, program] of programs(every)) {
    if (!name.includes(part)) continue
    manualSeed(1)
    const hash = createHash('sha1')
    await program((v) => add(hash, v))
    hashes[name] = hash.digest('hex')
  }
  console.log(JSON.stringify(hashes))
}
void main(Number(process.argv[2] ?? 1), process.argv[3] ?? '')
