/**
 * Prints a hash of the bits that each program gives, as JSON. Run twice, with and without TENZO_GC_STRESS=1, the two must agree.
 * node main.js [every] [name contains]
 */
import { createHash } from 'node:crypto'
import { isTensor, manualSeed, type Tensor } from '../../lib'
import { programs } from './programs'

const every = Number(process.argv[2] ?? 1)
const only = process.argv[3] ?? ''
const out: Record<string, string> = {}

for (const [name, program] of programs(every)) {
  if (!name.includes(only)) continue
  manualSeed(1)
  const hash = createHash('sha1')
  const note = (v: unknown): void => {
    if (isTensor(v)) {
      const t: Tensor = v.detach().contiguous()
      hash.update(`${t.dtype} ${t.shape}`)
      const bytes = t.toTypedArray()
      // The sign and payload of a NaN are nobody's promise.
      hash.update(
        bytes instanceof Float32Array || bytes instanceof Float64Array
          ? new Uint8Array(bytes.map((x) => (Number.isNaN(x) ? Number.NaN : x)).buffer)
          : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      )
    } else if (Array.isArray(v)) v.forEach(note)
    else hash.update(String(v))
  }
  program(note)
  out[name] = hash.digest('hex').slice(0, 16)
}
console.log(JSON.stringify(out))
