/**
 * Python's pickle, read as data: the opcodes that `torch.save` and plain containers need, and no global but the ones the
 * caller knows by name. Nothing a file says can run code.
 */
import { FormatError } from '../errors'

/** A Python tuple, told from a list. */
export class PyTuple {
  constructor(readonly items: unknown[]) {}
}

/** A Python dict, of any keys; `ordered` for an OrderedDict. */
export class PyDict {
  readonly entries = new Map<unknown, unknown>()
  constructor(readonly ordered: boolean) {}
}

/** A name from a module, as the file gives it, with what it stands for when called. */
export class PyGlobal {
  constructor(
    readonly module: string,
    readonly name: string,
    readonly call: ((args: unknown[]) => unknown) | null,
    readonly value: unknown = undefined,
  ) {}
}

export interface UnpickleHooks {
  /** What a global stands for; undefined where it is not allowed. */
  findGlobal(module: string, name: string): PyGlobal | undefined
  persistentLoad(id: unknown): unknown
}

const MARK = Symbol('mark')
/** The result of an opcode that pushes nothing. */
const NOTHING = Symbol('nothing')

/** Runs a pickle; the result is made of numbers, bigints, strings, byte arrays, arrays, Sets, PyTuples and PyDicts. */
export function unpickle(bytes: Uint8Array, source: string, hooks: UnpickleHooks): unknown {
  return new Unpickler(bytes, source, hooks).run()
}

class Unpickler {
  readonly #bytes: Buffer
  readonly #source: string
  readonly #hooks: UnpickleHooks
  readonly #stack: unknown[] = []
  readonly #memo = new Map<number, unknown>()
  #at = 0

  constructor(bytes: Uint8Array, source: string, hooks: UnpickleHooks) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#source = source
    this.#hooks = hooks
  }

  #fail(what: string): never {
    throw new FormatError(`${this.#source}: invalid pickle: ${what}`, { source: this.#source, position: this.#at })
  }

  #take(length: number): Buffer {
    if (!(length <= this.#bytes.length - this.#at)) this.#fail('it ends too early')
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    if (end < 0) this.#fail('it ends too early')
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }

  #length64(): number {
    const length = this.#take(8).readBigUInt64LE()
    return length > BigInt(this.#bytes.length) ? this.#fail('it ends too early') : Number(length)
  }

  #pop(): unknown {
    if (this.#stack.length === 0 || this.#stack.at(-1) === MARK) this.#fail('a value is missing')
    return this.#stack.pop()
  }

  #popToMark(): unknown[] {
    const at = this.#stack.lastIndexOf(MARK)
    if (at < 0) this.#fail('a mark is missing')
    const items = this.#stack.splice(at)
    items.shift()
    return items
  }

  #top(): unknown {
    if (this.#stack.length === 0) this.#fail('a value is missing')
    return this.#stack.at(-1)
  }

  run(): unknown {
    for (;;) {
      const code = this.#take(1)[0]!
      if (code === 0x2e) return this.#pop() // STOP
      const value = this.#step(code)
      if (value !== NOTHING) this.#stack.push(value)
    }
  }

  #step(code: number): unknown {
    switch (code) {
      case 0x80: // PROTO
        if (this.#take(1)[0]! > 5) this.#fail('its protocol is newer than 5')
        return NOTHING
      case 0x95: // FRAME
        this.#take(8)
        return NOTHING
      case 0x28: // MARK
        return MARK
      case 0x30: // POP
        if (this.#stack.pop() === undefined && this.#stack.length === 0) this.#fail('a value is missing')
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
        return this.#take(this.#take(4).readUInt32LE()).toString('utf8')
      case 0x8c: // SHORT_BINUNICODE
        return this.#take(this.#take(1)[0]!).toString('utf8')
      case 0x8d: // BINUNICODE8
        return this.#take(this.#length64()).toString('utf8')
      case 0x54: // BINSTRING
        return this.#take(this.#take(4).readUInt32LE()).toString('latin1')
      case 0x55: // SHORT_BINSTRING
        return this.#take(this.#take(1)[0]!).toString('latin1')
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
        if (!(set instanceof Set)) return this.#fail('items are added to what is no set')
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
        return this.#global(String(this.#pop()), String(name))
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const args = this.#pop()
        const callee = this.#pop()
        if (!(callee instanceof PyGlobal) || callee.call === null || !(args instanceof PyTuple)) {
          return this.#fail('something is called that is no function')
        }
        return callee.call(args.items)
      }
      case 0x62: {
        // BUILD: the attributes of an object. An OrderedDict may have some, which are not part of its content.
        this.#pop()
        if (!(this.#top() instanceof PyDict)) this.#fail('an object has a state of its own')
        return NOTHING
      }
      case 0x51: // BINPERSID
        return this.#hooks.persistentLoad(this.#pop())
      default:
        return this.#fail(`opcode 0x${code.toString(16).padStart(2, '0')} is not allowed`)
    }
  }

  #integer(bytes: Buffer): number | bigint {
    let value = 0n
    for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
    value = BigInt.asIntN(bytes.length * 8, value)
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  #put(index: number): typeof NOTHING {
    this.#memo.set(index, this.#top())
    return NOTHING
  }

  #recall(index: number): unknown {
    return this.#memo.has(index) ? this.#memo.get(index) : this.#fail(`memo ${index} is empty`)
  }

  #append(items: unknown[]): typeof NOTHING {
    const list = this.#top()
    if (!Array.isArray(list)) return this.#fail('items are appended to what is no list')
    for (const item of items) list.push(item)
    return NOTHING
  }

  #setItems(dict: unknown, items: unknown[]): PyDict {
    if (!(dict instanceof PyDict) || items.length % 2 !== 0) return this.#fail('items are set on what is no dict')
    for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i], items[i + 1])
    return dict
  }

  #global(module: string, name: string): PyGlobal {
    const found = BUILTINS(module, name, (what) => this.#fail(what)) ?? this.#hooks.findGlobal(module, name)
    return (
      found ?? this.#fail(`the global ${module}.${name} is not allowed: only tensors and plain containers can be read`)
    )
  }
}

function BUILTINS(module: string, name: string, fail: (what: string) => never): PyGlobal | undefined {
  const define = (call: (args: unknown[]) => unknown): PyGlobal => new PyGlobal(module, name, call)
  switch (`${module}.${name}`) {
    case 'collections.OrderedDict':
      return define(([items]) => {
        const dict = new PyDict(true)
        for (const pair of (items as unknown[] | undefined) ?? []) {
          const [key, value] =
            pair instanceof PyTuple ? pair.items : Array.isArray(pair) ? pair : fail('a pair is missing')
          dict.entries.set(key, value)
        }
        return dict
      })
    case '__builtin__.set':
    case 'builtins.set':
    case '__builtin__.frozenset':
    case 'builtins.frozenset':
      return define(([items]) => new Set(Array.isArray(items) ? items : []))
    case '_codecs.encode':
      // How protocol 2 writes bytes.
      return define(([text, encoding]) => {
        if (typeof text !== 'string' || encoding !== 'latin1') return fail('bytes in an unknown encoding')
        return Uint8Array.from(Buffer.from(text, 'latin1'))
      })
    case '__builtin__.bytearray':
    case 'builtins.bytearray':
      return define(([bytes]) => (bytes instanceof Uint8Array ? bytes : new Uint8Array(0)))
    default:
      return undefined
  }
}
