/**
 * Python's pickle, read as data: the opcodes that `torch.save` and plain containers need, and no global but the ones the
 * caller knows by name. Nothing a file says can run code.
 */
import { getHeapStatistics } from 'node:v8'
import { FormatError, MemoryError } from '../errors'

/** A Python tuple, told from a list. */
export class PyTuple {
  constructor(readonly items: unknown[]) {}
}

/** A Python dict, of any keys; `ordered` for an OrderedDict. */
export class PyDict {
  readonly entries = new Map<unknown, unknown>()
  /** What the object has beside its entries: `_metadata` of a state dict. */
  attributes: PyDict | undefined
  constructor(readonly ordered: boolean) {}
}

/** An object that is made first and given its state afterwards. */
export abstract class PyObject {
  /** @throws FormatError by `fail` */
  abstract build(state: unknown, machine: Machine): void
  /** What it is as plain data. */
  abstract plain(): unknown
}

/** A name from a module, as the file gives it, with what it stands for when called. */
export class PyGlobal {
  constructor(
    readonly module: string,
    readonly name: string,
    readonly call: ((args: unknown[], machine: Machine) => unknown) | null,
    readonly value: unknown = undefined,
  ) {}
}

/** Stands where the file has a tensor that cannot be: found again, with its place, when the result is put together. */
export class Unreadable {
  constructor(
    /** Completes "the tensor is …": a dtype, or `sparse`. */
    readonly what: string,
    readonly isDType = false,
  ) {}
}

/** What a called global may ask of the machine. */
export interface Machine {
  readonly fail: (what: string) => never
  /** Accounts for copied bytes or elements: a small file must not have the same large object copied again and again. */
  readonly spend: (count: number) => void
}

export interface UnpickleHooks {
  /** What a global stands for; undefined where it is not allowed. */
  findGlobal(module: string, name: string): PyGlobal | undefined
  persistentLoad(id: unknown): unknown
}

const MARK = Symbol('mark')
/** The result of an opcode that pushes nothing. */
const NOTHING = Symbol('nothing')

/** Runs the pickle at `start`; the result is made of what this file exports, of plain values, arrays and Sets. */
export function unpickle(
  bytes: Uint8Array,
  source: string,
  hooks: UnpickleHooks,
  start = 0,
): { value: unknown; end: number } {
  return new Unpickler(bytes, source, hooks, start).run()
}

// Longer integers than any that is meant.
const MAX_INTEGER_BYTES = 65536

// What values cost in JavaScript, made and converted, at most: a byte of a pickle can make a dict.
const VALUE_BYTES = 64
const LIST_BYTES = 160
const DICT_BYTES = 800
const DICTS: ReadonlySet<number> = new Set([0x7d, 0x64, 0x8f, 0x91])

class Unpickler implements Machine {
  readonly source: string
  readonly #bytes: Buffer
  readonly #hooks: UnpickleHooks
  readonly #stack: unknown[] = []
  readonly #memo = new Map<number, unknown>()
  #at: number
  #credit: number
  /** V8 ends the process where its heap is full, so no more than half of it is filled. */
  #heapLeft = getHeapStatistics().heap_size_limit / 2

  constructor(bytes: Uint8Array, source: string, hooks: UnpickleHooks, start: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.source = source
    this.#hooks = hooks
    this.#at = start
    // What Python pickled was written out item by item, so no honest file copies much more than it has bytes.
    this.#credit = 4 * (bytes.byteLength - start)
  }

  // Arrow functions, so that a called global can take them out of the machine.
  readonly fail = (what: string): never => {
    throw new FormatError(`${this.source}: invalid pickle: ${what}`, { source: this.source, position: this.#at })
  }

  readonly spend = (count: number): void => {
    this.#credit -= count
    if (this.#credit < 0) this.fail('it copies more than it holds')
  }

  #claim(bytes: number): void {
    this.#heapLeft -= bytes
    if (this.#heapLeft >= 0) return
    const what = 'its values need more memory than JavaScript has: if it can be trusted, raise --max-old-space-size'
    throw new MemoryError(`${this.source}: ${what}`, { source: this.source })
  }

  #take(length: number): Buffer {
    if (!(length <= this.#bytes.length - this.#at)) this.fail('it ends too early')
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    if (end < 0) this.fail('it ends too early')
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }

  #text(length: number): string {
    return decodeText(this.#take(length)) ?? this.fail('a text is not UTF-8')
  }

  /** A string of Python 2: text where it is UTF-8, as PyTorch takes it; else bytes. */
  #oldText(length: number): string | Uint8Array {
    const bytes = this.#take(length)
    return decodeText(bytes) ?? Uint8Array.from(bytes)
  }

  #length64(): number {
    const length = this.#take(8).readBigUInt64LE()
    return length > BigInt(this.#bytes.length) ? this.fail('it ends too early') : Number(length)
  }

  #pop(): unknown {
    if (this.#stack.length === 0 || this.#stack.at(-1) === MARK) this.fail('a value is missing')
    return this.#stack.pop()
  }

  #popToMark(): unknown[] {
    const at = this.#stack.lastIndexOf(MARK)
    if (at < 0) this.fail('a mark is missing')
    const items = this.#stack.splice(at)
    items.shift()
    return items
  }

  #top(): unknown {
    if (this.#stack.length === 0) this.fail('a value is missing')
    return this.#stack.at(-1)
  }

  run(): { value: unknown; end: number } {
    for (;;) {
      const code = this.#take(1)[0]!
      if (code === 0x2e) return { value: this.#pop(), end: this.#at } // STOP
      this.#claim(VALUE_BYTES)
      const value = this.#step(code)
      if (value !== NOTHING) this.#stack.push(value)
    }
  }

  #step(code: number): unknown {
    switch (code) {
      case 0x80: // PROTO
        if (this.#take(1)[0]! > 5) this.fail('its protocol is newer than 5')
        return NOTHING
      case 0x95: // FRAME
        this.#take(8)
        return NOTHING
      case 0x28: // MARK
        return MARK
      case 0x30: // POP
        if (this.#stack.pop() === undefined && this.#stack.length === 0) this.fail('a value is missing')
        return NOTHING
      case 0x4e: // NONE
        return null
      case 0x88: // NEWTRUE
        return true
      case 0x89: // NEWFALSE
        return false
      case 0x4b: // BININT1
        return this.#take(1)[0]
      case 0x4d: // BININT2
        return this.#take(2).readUInt16LE()
      case 0x4a: // BININT
        return this.#take(4).readInt32LE()
      case 0x8a: // LONG1
        return this.#integer(this.#take(this.#take(1)[0]!))
      case 0x8b: // LONG4
        return this.#integer(this.#take(this.#take(4).readUInt32LE()))
      case 0x47: // BINFLOAT
        return this.#take(8).readDoubleBE()
      case 0x58: // BINUNICODE
        return this.#text(this.#take(4).readUInt32LE())
      case 0x8c: // SHORT_BINUNICODE
        return this.#text(this.#take(1)[0]!)
      case 0x8d: // BINUNICODE8
        return this.#text(this.#length64())
      case 0x54: // BINSTRING
        return this.#oldText(this.#take(4).readUInt32LE())
      case 0x55: // SHORT_BINSTRING
        return this.#oldText(this.#take(1)[0]!)
      case 0x42: // BINBYTES
        return Uint8Array.from(this.#take(this.#take(4).readUInt32LE()))
      case 0x43: // SHORT_BINBYTES
        return Uint8Array.from(this.#take(this.#take(1)[0]!))
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return Uint8Array.from(this.#take(this.#length64()))
      case 0x71: // BINPUT
        return this.#put(this.#take(1)[0]!)
      case 0x72: // LONG_BINPUT
        return this.#put(this.#take(4).readUInt32LE())
      case 0x94: // MEMOIZE
        return this.#put(this.#memo.size)
      case 0x68: // BINGET
        return this.#recall(this.#take(1)[0]!)
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#take(4).readUInt32LE())
      default:
        return this.#stepContainer(code)
    }
  }

  #stepContainer(code: number): unknown {
    this.#claim(DICTS.has(code) ? DICT_BYTES : LIST_BYTES)
    switch (code) {
      case 0x7d: // EMPTY_DICT
        return new PyDict(false)
      case 0x5d: // EMPTY_LIST
        return []
      case 0x29: // EMPTY_TUPLE
        return new PyTuple([])
      case 0x8f: // EMPTY_SET
        return new Set()
      case 0x74: // TUPLE
        return new PyTuple(this.#popToMark())
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: {
        // TUPLE3
        const items = Array.from({ length: code - 0x84 }, () => this.#pop())
        return new PyTuple(items.reverse())
      }
      case 0x64: // DICT
        return this.#setItems(new PyDict(false), this.#popToMark())
      case 0x6c: // LIST
        return this.#popToMark()
      case 0x91: // FROZENSET
        return new Set(this.#popToMark())
      case 0x61: // APPEND
        return this.#append([this.#pop()])
      case 0x65: // APPENDS
        return this.#append(this.#popToMark())
      case 0x90: {
        // ADDITEMS
        const items = this.#popToMark()
        const set = this.#top()
        if (!(set instanceof Set)) return this.fail('items are added to what is no set')
        for (const item of items) set.add(item)
        return NOTHING
      }
      case 0x73: {
        // SETITEM
        const value = this.#pop()
        const key = this.#pop()
        this.#setItems(this.#top(), [key, value])
        return NOTHING
      }
      case 0x75: {
        // SETITEMS
        const items = this.#popToMark()
        this.#setItems(this.#top(), items)
        return NOTHING
      }
      case 0x63: // GLOBAL
        return this.#global(this.#line(), this.#line())
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop()
        const module = this.#pop()
        if (typeof module !== 'string' || typeof name !== 'string') return this.fail('a global without a name')
        return this.#global(module, name)
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const args = this.#pop()
        const callee = this.#pop()
        if (!(callee instanceof PyGlobal) || callee.call === null || !(args instanceof PyTuple)) {
          return this.fail('something is called that is no function')
        }
        return callee.call(args.items, this)
      }
      case 0x62: {
        // BUILD
        const state = this.#pop()
        const object = this.#top()
        if (object instanceof PyObject) object.build(state, this)
        else if (object instanceof PyDict && object.ordered && state instanceof PyDict) object.attributes = state
        else this.fail('an object has a state of its own')
        return NOTHING
      }
      case 0x51: // BINPERSID
        return this.#hooks.persistentLoad(this.#pop())
      default:
        return this.fail(`opcode 0x${code.toString(16).padStart(2, '0')} is not allowed`)
    }
  }

  #integer(bytes: Buffer): number | bigint {
    if (bytes.length === 0) return 0
    if (bytes.length > MAX_INTEGER_BYTES) this.fail(`an integer has ${bytes.length} bytes`)
    const digits = Buffer.from(bytes).reverse().toString('hex')
    const value = BigInt.asIntN(bytes.length * 8, BigInt(`0x${digits}`))
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  #put(index: number): typeof NOTHING {
    this.#memo.set(index, this.#top())
    return NOTHING
  }

  #recall(index: number): unknown {
    return this.#memo.has(index) ? this.#memo.get(index) : this.fail(`memo ${index} is empty`)
  }

  #append(items: unknown[]): typeof NOTHING {
    const list = this.#top()
    if (!Array.isArray(list)) return this.fail('items are appended to what is no list')
    for (const item of items) list.push(item)
    return NOTHING
  }

  #setItems(dict: unknown, items: unknown[]): PyDict {
    if (!(dict instanceof PyDict) || items.length % 2 !== 0) return this.fail('items are set on what is no dict')
    for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i], items[i + 1])
    return dict
  }

  #global(module: string, name: string): PyGlobal {
    const [newModule, newName] = python3Name(module, name)
    const found = this.#hooks.findGlobal(newModule, newName)
    if (found !== undefined) return found
    const path = newModule === 'builtins' ? newName : `${newModule}.${newName}`
    throw new FormatError(
      `${this.source}: Unsupported global: GLOBAL ${path} was not an allowed global by default. ` +
        'Only tensors and plain data can be read, nothing that would run code: save the state dict, not the object.',
      { source: this.source, global: path },
    )
  }
}

/** Protocol 2, which torch.save writes, has the names of Python 2. */
function python3Name(module: string, name: string): [module: string, name: string] {
  if (module === 'copy_reg') return ['copyreg', name]
  if (module !== '__builtin__') return [module, name]
  return ['builtins', name === 'long' ? 'int' : name === 'unicode' ? 'str' : name]
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text as Python pickles it: UTF-8 that may have halves of surrogate pairs. Undefined for anything else. */
function decodeText(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8')
  // Only then something may have been replaced.
  if (!text.includes('\ufffd')) return text
  const parts: string[] = []
  let start = 0
  try {
    for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
      if (at + 2 >= bytes.length || bytes[at + 1]! < 0xa0 || bytes[at + 1]! > 0xbf || bytes[at + 2]! >> 6 !== 2)
        continue
      parts.push(strict.decode(bytes.subarray(start, at)))
      parts.push(String.fromCharCode(0xd000 | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f)))
      start = at + 3
      at += 2
    }
    return parts.join('') + strict.decode(bytes.subarray(start))
  } catch {
    return undefined
  }
}
