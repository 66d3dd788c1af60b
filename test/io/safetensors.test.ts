import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  openSafetensors,
  openSafetensorsAsync,
  type SafetensorsDType,
  type SafetensorsTensor,
  writeSafetensors,
  writeSafetensorsAsync,
} from '../../lib/io/safetensors'

const GOLDENS = join(__dirname, '../goldens/safetensors')
const contents = JSON.parse(fs.readFileSync(join(GOLDENS, 'contents.json'), 'utf8')) as Record<
  string,
  { metadata: Record<string, string>; tensors: Record<string, { dtype: string; shape: number[]; hex: string }> }
>

const NAMES: Record<string, SafetensorsDType> = {
  bool: 'BOOL',
  uint8: 'U8',
  int8: 'I8',
  int16: 'I16',
  uint16: 'U16',
  float16: 'F16',
  bfloat16: 'BF16',
  int32: 'I32',
  uint32: 'U32',
  float32: 'F32',
  float64: 'F64',
  int64: 'I64',
  uint64: 'U64',
  complex64: 'C64',
  float8_e4m3fn: 'F8_E4M3',
  float8_e5m2: 'F8_E5M2',
  float8_e8m0fnu: 'F8_E8M0',
}

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-safetensors-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))
let count = 0
const fresh = (): string => join(folder, `${count++}.safetensors`)

describe.each(Object.entries(contents))('the file %s of the Python library', (name, { metadata, tensors }) => {
  const path = join(GOLDENS, `${name}.safetensors`)
  const entries = Object.entries(tensors).map(([key, { dtype, shape, hex }]): [string, SafetensorsTensor] => [
    key,
    { dtype: NAMES[dtype]!, shape, bytes: Buffer.from(hex, 'hex') },
  ])

  test.each(['sync', 'async'])('is read, %s', async (mode) => {
    const file = mode === 'sync' ? openSafetensors(path) : await openSafetensorsAsync(path)
    expect({ ...file.metadata }).toEqual(metadata)
    expect([...file.tensors.keys()].sort()).toEqual(entries.map(([key]) => key).sort())
    for (const [key, { dtype, shape, bytes }] of entries) {
      const found = file.tensors.get(key)!
      expect([found.dtype, found.shape, found.byteLength]).toEqual([dtype, shape, (bytes as Uint8Array).byteLength])
      const target = Buffer.alloc(found.byteLength, 0xee)
      if (mode === 'sync') file.readInto(key, target)
      else await file.readIntoAsync(key, target)
      expect(target.toString('hex')).toBe((bytes as Buffer).toString('hex'))
    }
    file.close()
    file.close()
  })

  // The Python library writes several metadata in random order.
  const bytesComparable = Object.keys(metadata).length < 2
  test.each(['sync', 'async'])('is written, %s', async (mode) => {
    const target = fresh()
    if (mode === 'sync') writeSafetensors(target, entries, metadata)
    else await writeSafetensorsAsync(target, [...entries].reverse(), metadata)
    if (bytesComparable) expect(fs.readFileSync(target).equals(fs.readFileSync(path))).toBe(true)
    expect(fs.statSync(target).size).toBe(fs.statSync(path).size)
    using file = openSafetensors(target)
    expect({ ...file.metadata }).toEqual(metadata)
  })
})

const raw = (header: string, data = 0, length?: number): Buffer => {
  const json = Buffer.from(header)
  const bytes = Buffer.alloc(8 + json.length + data)
  bytes.writeBigUInt64LE(BigInt(length ?? json.length))
  json.copy(bytes, 8)
  return bytes
}
const one = (fields: string): string => `{"a":{${fields}}}`

describe('a damaged file is refused', () => {
  const cases: [string, Buffer, RegExp][] = [
    ['empty', Buffer.alloc(0), /0 bytes, fewer than the 8/],
    ['short', Buffer.alloc(7), /fewer than the 8/],
    ['huge header', raw('{}', 0, 2 ** 40), /1099511627776 bytes long/],
    ['header past the end', raw('{}', 0, 3), /past its end/],
    ['not UTF-8', Buffer.concat([raw('{"a', 0, 5), Buffer.from([0xff, 0xfe])]), /not UTF-8/],
    ['no object', raw('[]'), /does not begin/],
    ['leading blank', raw(' {}'), /does not begin/],
    ['no JSON', raw('{"a":}'), /not JSON/],
    ['zero header', raw(''), /does not begin/],
    ['a tensor that is null', raw('{"a":null}'), /"a" is not an object/],
    ['a tensor that is a list', raw('{"a":[]}'), /"a" is not an object/],
    ['metadata not text', raw('{"__metadata__":{"k":1}}'), /"k" is not a string/],
    ['unknown dtype', raw(one('"dtype":"F31","shape":[1],"data_offsets":[0,4]'), 4), /unknown dtype "F31"/],
    ['inherited dtype', raw(one('"dtype":"toString","shape":[1],"data_offsets":[0,4]'), 4), /unknown dtype/],
    ['no dtype', raw(one('"shape":[1],"data_offsets":[0,4]'), 4), /unknown dtype/],
    ['negative size', raw(one('"dtype":"F32","shape":[-1],"data_offsets":[0,4]'), 4), /invalid shape/],
    ['fractional size', raw(one('"dtype":"F32","shape":[0.5],"data_offsets":[0,2]'), 2), /invalid shape/],
    ['no shape', raw(one('"dtype":"F32","data_offsets":[0,4]'), 4), /invalid shape/],
    [
      'overflowing shape',
      raw(one('"dtype":"F32","shape":[9007199254740991,4],"data_offsets":[0,4]'), 4),
      /needs no whole/,
    ],
    ['half a byte', raw(one('"dtype":"F4","shape":[3],"data_offsets":[0,2]'), 2), /needs no whole/],
    ['three offsets', raw(one('"dtype":"F32","shape":[1],"data_offsets":[0,4,4]'), 4), /invalid data_offsets/],
    ['backward offsets', raw(one('"dtype":"F32","shape":[1],"data_offsets":[4,0]'), 4), /invalid data_offsets/],
    ['offsets off the shape', raw(one('"dtype":"F32","shape":[2],"data_offsets":[0,4]'), 4), /needs 8 bytes.* span 4/],
    ['unknown field', raw(one('"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1'), 4), /unknown field "x"/],
    ['gap at the start', raw(one('"dtype":"U8","shape":[1],"data_offsets":[1,2]'), 2), /leaves a gap/],
    [
      'overlap',
      raw(
        '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        3,
      ),
      /"b" overlaps/,
    ],
    ['truncated', raw(one('"dtype":"F32","shape":[2],"data_offsets":[0,8]'), 7), /truncated/],
    ['bytes behind', raw(one('"dtype":"F32","shape":[2],"data_offsets":[0,8]'), 9), /bytes behind/],
    [
      'a name twice',
      raw(
        '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      ),
      /"a" occurs twice/,
    ],
  ]
  test.each(cases)('%s', async (_name, bytes, message) => {
    const path = fresh()
    fs.writeFileSync(path, bytes)
    const expected = expect.objectContaining({ code: 'ERR_TENZO_FORMAT', message: expect.stringMatching(message) })
    expect(() => openSafetensors(path)).toThrow(expected)
    await expect(openSafetensorsAsync(path)).rejects.toEqual(expected)
  })

  test('every truncation and every damaged byte of the header either reads or throws FormatError', () => {
    const bytes = fs.readFileSync(join(GOLDENS, 'state.safetensors'))
    const path = fresh()
    const attempt = (content: Buffer): boolean => {
      fs.writeFileSync(path, content)
      try {
        openSafetensors(path).close()
        return true
      } catch (error) {
        expect((error as { code?: string }).code).toBe('ERR_TENZO_FORMAT')
        return false
      }
    }
    for (let size = 0; size < bytes.length; size += 3) expect(attempt(bytes.subarray(0, size))).toBe(false)
    for (let i = 0; i < 300; i++) {
      const damaged = Buffer.from(bytes)
      damaged[i] = damaged[i]! ^ (1 << (i % 8))
      attempt(damaged)
    }
  })

  test('a file that shrinks while it is open', () => {
    const path = fresh()
    writeSafetensors(path, [['a', { dtype: 'F32', shape: [64], bytes: new Uint8Array(256) }]])
    using file = openSafetensors(path)
    fs.truncateSync(path, fs.statSync(path).size - 10)
    expect(() => file.readInto('a', new Uint8Array(256))).toThrow(/ends at byte .*, 10 bytes too early/)
  })
})

describe('reading', () => {
  test('asks for a known name, the right size, an open file', () => {
    const file = openSafetensors(join(GOLDENS, 'state.safetensors'))
    expect(() => file.readInto('nope', new Uint8Array(4))).toThrow(/no tensor is named "nope"/)
    expect(() => file.readInto('0.bias', new Uint8Array(31))).toThrow(/has 32 bytes, but the destination 31/)
    file.close()
    expect(() => file.readInto('0.bias', new Uint8Array(32))).toThrow(/closed/)
  })

  test('a missing file', async () => {
    const path = join(folder, 'missing')
    const expected = expect.objectContaining({
      code: 'ERR_TENZO_FILE',
      data: { path, code: 'ENOENT', syscall: 'open' },
    })
    expect(() => openSafetensors(path)).toThrow(expected)
    await expect(openSafetensorsAsync(path)).rejects.toEqual(expected)
  })
})

describe('writing', () => {
  const row = (extra: Partial<SafetensorsTensor> = {}): SafetensorsTensor => ({
    dtype: 'F32',
    shape: [2],
    bytes: new Uint8Array(8),
    ...extra,
  })

  test('takes bytes in pieces, made as they are wanted', () => {
    const path = fresh()
    let alive = 0
    function* pieces(): Generator<Uint8Array> {
      for (let i = 0; i < 4; i++) {
        expect(alive++).toBe(0)
        yield new Uint8Array([i, i])
        alive--
      }
    }
    writeSafetensors(path, new Map([['a', row({ bytes: pieces() })]]))
    using file = openSafetensors(path)
    const target = new Uint8Array(8)
    file.readInto('a', target)
    expect([...target]).toEqual([0, 0, 1, 1, 2, 2, 3, 3])
  })

  test.each<[string, Iterable<[string, SafetensorsTensor]>, RegExp]>([
    ['too few bytes', [['a', row({ bytes: new Uint8Array(7) })]], /needs 8 bytes, but got 7/],
    ['too many bytes', [['a', row({ bytes: [new Uint8Array(8), new Uint8Array(1)] })]], /needs 8 bytes, but got 9/],
    [
      'a name twice',
      [
        ['a', row()],
        ['a', row()],
      ],
      /"a" is given twice/,
    ],
    ['the reserved name', [['__metadata__', row()]], /may not be named/],
    ['half a surrogate pair', [['\ud800', row()]], /not valid Unicode/],
    ['an unknown dtype', [['a', row({ dtype: 'float32' as 'F32' })]], /unknown dtype/],
    ['a negative size', [['a', row({ shape: [-2] })]], /cannot fill/],
  ])('refuses %s and leaves the old file alone', async (_name, entries, message) => {
    const path = fresh()
    fs.writeFileSync(path, 'old')
    const expected = expect.objectContaining({ code: 'ERR_TENZO_VALUE', message: expect.stringMatching(message) })
    expect(() => writeSafetensors(path, entries)).toThrow(expected)
    await expect(writeSafetensorsAsync(path, entries)).rejects.toEqual(expected)
    expect(fs.readFileSync(path, 'utf8')).toBe('old')
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('follows a link', () => {
    const [path, link] = [fresh(), fresh()]
    fs.writeFileSync(path, 'old')
    fs.symlinkSync(path, link)
    writeSafetensors(link, [['a', row()]])
    expect(fs.lstatSync(link).isSymbolicLink()).toBe(true)
    openSafetensors(path).close()
  })
})
