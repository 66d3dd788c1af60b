/** The files that test/oracle/pt_files.py recorded, and values described as it describes them. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { nn, Tensor } from 'tenzo'
import { rowMajorBytes } from '../../lib/io/tensor-bytes'

export const GOLDENS = join(__dirname, '../goldens/pt')

export interface Refusal {
  readonly error: string
  readonly text: string
}

export interface PtFile {
  readonly name: string
  readonly bytes: Buffer
  readonly expected: unknown
}

/** What one version of PyTorch wrote. */
export function recordedFiles(version: string): PtFile[] {
  const text = gunzipSync(fs.readFileSync(join(GOLDENS, `torch-${version}.json.gz`))).toString()
  const rows = JSON.parse(text) as Record<string, { file: string; expected: unknown }>
  return Object.entries(rows).map(([name, { file, expected }]) => ({
    name,
    bytes: Buffer.from(file, 'base64'),
    expected,
  }))
}

export const isRefusal = (expected: unknown): expected is Refusal =>
  typeof expected === 'object' && expected !== null && 'error' in expected

export function describeValue(value: unknown): unknown {
  if (value instanceof Tensor) {
    return {
      tensor: Buffer.concat([...rowMajorBytes(value.detach())]).toString('hex'),
      shape: value.shape,
      stride: value.stride(),
      dtype: value.dtype,
      requiresGrad: value.requiresGrad,
      parameter: value instanceof nn.Parameter,
    }
  }
  if (value instanceof Map) {
    const map = Array.from(value, (entry) => entry.map(describeValue))
    const metadata = (value as { metadata?: Map<string, unknown> }).metadata
    if (!metadata?.size) return { map }
    return { map, metadata: Array.from(metadata, ([name, item]) => [name, describeValue(item)]) }
  }
  if (value instanceof Set) {
    return { set: Array.from(value, describeValue).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) }
  }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (Array.isArray(value)) return { array: value.map(describeValue) }
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { number: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' }
  }
  if (typeof value !== 'object' || value === null) return value
  return { object: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, describeValue(item)])) }
}
