/** The checksum of zip archives. */
import { LONGEST_CALL } from './files'

const POLYNOMIAL = 0xedb88320

let table: Int32Array | undefined
function makeTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
    return value
  })
}

/** A byte at a time: a tenth of zlib's speed. */
export function plainCrc32(bytes: Uint8Array, value = 0): number {
  table ??= makeTable()
  let crc = ~value
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 0xff]!
  return ~crc >>> 0
}

type Crc32 = (bytes: Uint8Array, value?: number) => number
let fastest: Crc32 | undefined

/** Goes on from `value`, that of the bytes before. */
export function crc32(bytes: Uint8Array, value = 0): number {
  // Node has it from 20.15 on. It is loaded with the first archive: most programs write none.
  fastest ??= (require('node:zlib') as { crc32?: Crc32 }).crc32 ?? plainCrc32
  let crc = value
  for (let at = 0; at < bytes.byteLength; at += LONGEST_CALL) crc = fastest(bytes.subarray(at, at + LONGEST_CALL), crc)
  return crc
}
