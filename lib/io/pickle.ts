/** Python's pickle, written in protocol 2, which every Python and PyTorch's restricted reader take. */
import { isPlain } from '../check/options'
import { ArgumentError, ValueError } from '../errors'
import { refuseWhole } from './checks'

/** Writes a value of a kind that plain data has not: a call of a global, or a persistent id. */
export interface PickleWriter {
  /** A name from a module. */
  global(module: string, name: string): void
  tuple(...items: (() => void)[]): void
  /** Calls what was written last but one with the tuple written last. */
  reduce(): void
  /** Hands the value written last to the reader's `persistent_load`. */
  persistentId(): void
  /** An OrderedDict, with attributes where there are some; it takes care that the map is known before its items. */
  map(map: ReadonlyMap<unknown, unknown>, attributes?: object): void
  value(value: unknown): void
}

/**
 * Pickles numbers, bigints, strings, booleans, null, arrays (as lists), Sets, Uint8Arrays (as bytes), Maps (as
 * OrderedDicts) and plain objects (as dicts). `special` writes what it knows and returns true; it is asked first.
 */
export function pickle(value: unknown, special: (value: object, writer: PickleWriter) => boolean): Uint8Array {
  const pickler = new Pickler(special)
  pickler.value(value)
  return pickler.finish()
}

// Python itself gives up at about this depth.
const MAX_DEPTH = 900

class Pickler implements PickleWriter {
  readonly #special: (value: object, writer: PickleWriter) => boolean
  readonly #chunks: Buffer[] = [Buffer.from([0x80, 2])]
  readonly #memo = new Map<unknown, number>()
  readonly #globals = new Map<string, number>()
  #nextMemo = 0
  #depth = 0

  constructor(special: (value: object, writer: PickleWriter) => boolean) {
    this.#special = special
  }

  finish(): Uint8Array {
    this.#op('.')
    return Buffer.concat(this.#chunks)
  }

  #op(code: string): void {
    this.#chunks.push(Buffer.from(code, 'latin1'))
  }

  #number(code: string, bytes: number, value: number): void {
    const chunk = Buffer.alloc(1 + bytes, code, 'latin1')
    if (bytes === 8) chunk.writeDoubleBE(value, 1)
    else if (code === 'J') chunk.writeInt32LE(value, 1)
    else chunk.writeUIntLE(value, 1, bytes)
    this.#chunks.push(chunk)
  }

  #memoize(key: unknown, memo: Map<unknown, number> = this.#memo): void {
    const index = this.#nextMemo++
    memo.set(key, index)
    if (index < 256) this.#number('q', 1, index)
    else this.#number('r', 4, index)
  }

  #recall(key: unknown, memo: ReadonlyMap<unknown, number> = this.#memo): boolean {
    const index = memo.get(key)
    if (index === undefined) return false
    if (index < 256) this.#number('h', 1, index)
    else this.#number('j', 4, index)
    return true
  }

  global(module: string, name: string): void {
    const text = `c${module}\n${name}\n`
    if (this.#recall(text, this.#globals)) return
    this.#op(text)
    this.#memoize(text, this.#globals as Map<unknown, number>)
  }

  tuple(...items: (() => void)[]): void {
    if (items.length > 3) this.#op('(')
    for (const item of items) item()
    this.#op([')', '\x85', '\x86', '\x87'][items.length] ?? 't')
  }

  reduce(): void {
    this.#op('R')
  }

  persistentId(): void {
    this.#op('Q')
  }

  value(value: unknown): void {
    if (value === null || value === undefined) this.#op('N')
    else if (typeof value === 'boolean') this.#op(value ? '\x88' : '\x89')
    else if (typeof value === 'string') this.#string(value)
    else if (typeof value === 'bigint') this.#long(value)
    else if (typeof value === 'object') this.#object(value)
    else if (typeof value !== 'number') {
      refuseWhole('save', value)
      throw new ArgumentError(`save(): a ${typeof value} cannot be saved`)
    }
    // What is an integer in JavaScript is one in Python: an epoch, an index.
    else if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#integer(value)
    else this.#number('G', 8, value)
  }

  #integer(value: number): void {
    if (value >= 0 && value < 0x100) this.#number('K', 1, value)
    else if (value >= 0 && value < 0x10000) this.#number('M', 2, value)
    else if (value === (value | 0)) this.#number('J', 4, value)
    else this.#long(BigInt(value))
  }

  #long(value: bigint): void {
    let length = 1
    while (length < 256 && BigInt.asIntN(length * 8, value) !== value) length++
    // Python could read longer ones, PyTorch's restricted reader cannot.
    if (length > 255) throw new ValueError('save(): an integer has more than 255 bytes')
    const bytes = Buffer.alloc(length)
    let rest = value
    for (let i = 0; i < length; i++) {
      bytes[i] = Number(rest & 0xffn)
      rest >>= 8n
    }
    this.#number('\x8a', 1, length)
    this.#chunks.push(bytes)
  }

  #string(text: string): void {
    if (this.#recall(text)) return
    const bytes = encodeText(text)
    this.#number('X', 4, bytes.length)
    this.#chunks.push(bytes)
    this.#memoize(text)
  }

  #object(value: object): void {
    if (this.#recall(value)) return
    if (++this.#depth > MAX_DEPTH) throw new ValueError('save(): the value is nested too deeply')
    if (this.#special(value, this)) {
      if (!this.#memo.has(value)) this.#memoize(value)
    } else if (Array.isArray(value)) {
      this.#op(']')
      this.#memoize(value)
      this.#batches(value, 'e', (item) => this.value(item))
    } else if (value instanceof Map) {
      this.map(value)
    } else if (value instanceof Set) {
      this.global('__builtin__', 'set')
      this.tuple(() => {
        this.#op(']')
        this.#batches([...value], 'e', (item) => this.#key(item))
      })
      this.#op('R')
      this.#memoize(value)
    } else if (value instanceof Uint8Array) {
      this.global('_codecs', 'encode')
      this.tuple(
        () => this.#string(Buffer.from(value).toString('latin1')),
        () => this.#string('latin1'),
      )
      this.#op('R')
      this.#memoize(value)
    } else if (isPlain(value)) {
      this.#op('}')
      this.#memoize(value)
      this.#items(Object.entries(value))
    } else {
      refuseWhole('save', value)
      throw new ArgumentError(
        `save(): a ${value.constructor?.name ?? 'object'} cannot be saved: save its stateDict(), or plain data`,
      )
    }
    this.#depth--
  }

  map(map: ReadonlyMap<unknown, unknown>, attributes?: object): void {
    this.global('collections', 'OrderedDict')
    this.#op(')R')
    this.#memoize(map)
    this.#items(map)
    if (attributes === undefined) return
    this.value(attributes)
    this.#op('b')
  }

  #items(entries: Iterable<readonly [unknown, unknown]>): void {
    this.#batches([...entries], 'u', ([key, item]) => {
      this.#key(key)
      this.value(item)
    })
  }

  /** A key of a dict or an item of a set: Python takes no list or dict there, but a tuple. */
  #key(value: unknown): void {
    if (Array.isArray(value)) {
      if (++this.#depth > MAX_DEPTH) throw new ValueError('save(): the value is nested too deeply')
      this.tuple(...value.map((item) => () => this.#key(item)))
      this.#depth--
    } else if (value instanceof Map || value instanceof Set || isPlain(value)) {
      throw new ArgumentError('save(): an object cannot be a key of a Map or an item of a Set, as in Python')
    } else {
      this.value(value)
    }
  }

  // In portions, as Python does it: a reader's stack stays small.
  #batches<T>(items: readonly T[], close: string, write: (item: T) => void): void {
    for (let i = 0; i < items.length; i += 1000) {
      this.#op('(')
      for (const item of items.slice(i, i + 1000)) write(item)
      this.#op(close)
    }
  }
}

/** Halves of surrogate pairs, which UTF-8 has not, as Python writes them. */
function encodeText(text: string): Buffer {
  if (!/\p{Surrogate}/u.test(text)) return Buffer.from(text)
  return Buffer.concat(
    text.split(/(\p{Surrogate})/u).map((part) => {
      if (!/^\p{Surrogate}$/u.test(part)) return Buffer.from(part)
      const unit = part.charCodeAt(0)
      return Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)])
    }),
  )
}
