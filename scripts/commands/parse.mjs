// Reads the native contract: native/ops.def (operations and the schemas of their commands) and the constants of
// native/command. What comes out is plain data that the emitters beside this file write TypeScript and C++ from.
import { readFileSync } from 'node:fs'
import { inRoot } from '../setup.mjs'

const read = (path) => readFileSync(inRoot(path), 'utf8')
const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
export const fail = (message) => {
  console.error(`generate-commands: ${message}`)
  process.exit(1)
}

// ---- constants ----------------------------------------------------------------------------------------------------

/** The members of `enum name : type { … }`, in order, with their values. */
function readEnum(path, name) {
  const body = withoutComments(read(path)).match(new RegExp(`enum\\s+${name}\\b[^{]*\\{([^}]*)\\}`))?.[1]
  if (body === undefined) fail(`${path}: no enum ${name}`)
  const members = {}
  let next = 0
  for (const item of body
    .split(',')
    .map((s) => s.trim())
    .filter(Boolean)) {
    const [key, value] = item.split('=').map((s) => s.trim())
    if (value !== undefined) next = Number(value)
    if (!Number.isInteger(next)) fail(`${path}: ${name}::${key} is no plain number`)
    members[key] = next++
  }
  return members
}

/** `constexpr int NAME = 8;` constants. */
const readInts = (path) =>
  Object.fromEntries(
    [...withoutComments(read(path)).matchAll(/constexpr int ([A-Z][A-Z0-9_]*)\s*=\s*(\d+);/g)].map((m) => [
      m[1],
      Number(m[2]),
    ]),
  )

// ---- schemas ------------------------------------------------------------------------------------------------------

/** Splits at commas outside brackets. */
function items(text) {
  const out = []
  let depth = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    if ('([{'.includes(text[i])) depth++
    else if (')]}'.includes(text[i])) depth--
    else if (text[i] === ',' && depth === 0) {
      out.push(text.slice(at, i))
      at = i + 1
    }
  }
  out.push(text.slice(at))
  return out.map((s) => s.trim().replace(/\s+/g, ' ')).filter(Boolean)
}

/** Calls of a macro: their name and the text of the rest of their arguments. */
function* calls(text, macro) {
  const start = new RegExp(`\\b${macro}\\(`, 'g')
  for (let m = start.exec(text); m !== null; m = start.exec(text)) {
    let depth = 1
    let end = start.lastIndex
    for (; depth > 0 && end < text.length; end++) depth += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0
    const [name, ...rest] = items(text.slice(start.lastIndex, end - 1))
    yield { name, rest }
  }
}

const POINTER = /^(read|write|both)(\?)? (\w+): (\w+)(?: (\[.*\]|\{.*\}|[\w]+\{.*\}))?(?: \+ (\w+))?$/
const NUMBER = /^(int|signed|real|number|bits|flag|rank|axis|dims) (\w+)(?:\[(\d)\])?(?: >= (\d+))?$/
const LIST = /^list (\w+) \((.*)\)$/
const TYPES = ['T', 'T2', 'generator', 'f32', 'f64', 'i64', 'i32', 'i16', 'i8', 'u8', 'bool']

/** `[n, c]` or `{n: s}` as { kind, … }. */
function extentOf(text, where) {
  if (text.startsWith('[')) return { kind: 'dense', factors: items(text.slice(1, -1)) }
  const pairs = items(text.slice(1, -1)).map((pair) => {
    const m = pair.match(/^(\w+)(?:\((\w+): (\w+)\))?: (\w+)$/)
    if (!m) fail(`${where}: cannot read the walk "${pair}"`)
    return { size: m[1], replaced: m[2] ? { axis: m[2], by: m[3] } : null, step: m[4] }
  })
  return { kind: 'walk', pairs }
}

function slotsOf(list, parts, where) {
  const slots = []
  for (const text of list) {
    if (text.startsWith('use ')) {
      const part = parts.get(text.slice(4))
      if (!part) fail(`${where}: no part ${text.slice(4)}`)
      slots.push(...slotsOf(part, parts, where))
      continue
    }
    let m = text.match(LIST)
    if (m) {
      slots.push({ kind: 'list', name: m[1], slots: slotsOf(items(m[2]), parts, where) })
      continue
    }
    m = text.match(NUMBER)
    if (m) {
      slots.push({ kind: m[1], name: m[2], length: Number(m[3] ?? 1), least: Number(m[4] ?? 0) })
      continue
    }
    m = text.match(POINTER)
    if (!m) fail(`${where}: cannot read the slot "${text}"`)
    const [, role, optional, name, type, extent, list] = m
    if (!TYPES.includes(type)) fail(`${where}: ${name} has no type ${type}`)
    slots.push({
      kind: 'pointer',
      role,
      optional: optional !== undefined,
      name,
      type,
      extent: extent ? extentOf(extent, where) : null,
      list: list ?? null,
    })
  }
  return slots
}

/** Where each slot lies: pointers take two slots (address, bytes), vectors come after all else, items of a list last. */
function layOut(schema) {
  let at = schema.map ? 1 : 0
  for (const s of schema.slots) {
    if (s.kind === 'dims') continue
    s.at = at
    at += s.kind === 'pointer' ? 2 : (s.length ?? 1)
  }
  schema.fixed = at
  schema.vectors = schema.slots.filter((s) => s.kind === 'dims')
  schema.vectors.forEach((v, i) => {
    v.index = i
  })
  schema.list = schema.slots.find((s) => s.kind === 'list') ?? null
  schema.rank = schema.slots.find((s) => s.kind === 'rank') ?? null
  if (schema.list) {
    let own = 0
    for (const s of schema.list.slots) {
      s.at = own
      if (s.kind !== 'dims') own += s.kind === 'pointer' ? 2 : 1
    }
    schema.list.fixed = own
  }
  schema.secondType = schema.slots
    .flatMap((s) => (s.kind === 'list' ? s.slots : [s]))
    .some((s) => s.kind === 'pointer' && s.type === 'T2')
  return schema
}

// ---- the contract -------------------------------------------------------------------------------------------------

export function readContract() {
  const rows = [...calls(withoutComments(read('native/dtypes.def')), 'TENZO_DTYPE')].map(
    ({ name: key, rest }, code) => {
      const [name, , itemsize] = rest
      if (rest.length !== 3) fail(`native/dtypes.def: ${key}: expected TENZO_DTYPE(KEY, name, element, bytes)`)
      return { key, name, itemsize: Number(itemsize), code }
    },
  )
  const dtypes = Object.fromEntries(rows.map(({ key, code }) => [key, code]))
  const statuses = readEnum('native/command/command.h', 'Status')

  // Named sets of dtypes, and any expression over them that ops.def may use: A | B, A & ~B, bit(F32).
  const sets = { ...dtypes }
  const mask = (expression, where) => {
    if (!/^[\w\s|&~()]+$/.test(expression)) fail(`${where}: cannot read the dtypes "${expression}"`)
    const js = expression.replace(/\bbit\((\w+)\)/g, (_, t) =>
      t in dtypes ? `(1<<${dtypes[t]})` : fail(`${where}: ${t}?`),
    )
    const value = js.replace(/\b[A-Za-z_]\w*\b/g, (name) => {
      if (!(name in sets) || name in dtypes) fail(`${where}: "${name}" is no set of dtypes`)
      return String(sets[name])
    })
    return Number(new Function(`return ((${value}) >>> 0)`)())
  }
  for (const m of withoutComments(read('native/command/dtype.h')).matchAll(
    /constexpr uint32_t ([A-Z]\w*)\s*=\s*([^;]+);/g,
  ))
    sets[m[1]] = mask(m[2], `dtype.h: ${m[1]}`)

  const text = withoutComments(read('native/ops.def'))
  const parts = new Map([...calls(text, 'TENZO_PART')].map(({ name, rest }) => [name, rest]))
  const schemas = new Map()
  for (const { name, rest } of calls(text, 'TENZO_SCHEMA')) {
    const where = `native/ops.def: ${name}`
    if (schemas.has(name)) fail(`${where} is there twice`)
    const map = rest[0] === 'map'
    schemas.set(name, layOut({ name, map, slots: slotsOf(map ? rest.slice(1) : rest, parts, where), ops: [] }))
  }
  const ops = []
  for (const { name, rest } of calls(text, 'TENZO_OP')) {
    const where = `native/ops.def: ${name}`
    const schema = schemas.get(rest[0])
    if (rest.length < 2 || !schema) fail(`${where}: expected TENZO_OP(name, schema, dtypes)`)
    if (ops.some((op) => op.name === name)) fail(`${where} is there twice`)
    const op = { name, schema, dtypes: mask(rest[1], where), code: ops.length }
    ops.push(op)
    schema.ops.push(op)
  }
  for (const s of schemas.values())
    if (s.ops.length === 0) fail(`native/ops.def: no operation has the schema ${s.name}`)

  return {
    ops,
    schemas: [...schemas.values()],
    dtypes: rows,
    statuses,
    ints: readInts('native/command/command.h'),
  }
}

/** `CONV_BACKWARD_INPUT` → `ConvBackwardInput`. */
export const pascal = (name) => name.toLowerCase().replace(/(^|_)(\w)/g, (_, _u, c) => c.toUpperCase())
export const camel = (name) => name.toLowerCase().replace(/_(\w)/g, (_, c) => c.toUpperCase())
