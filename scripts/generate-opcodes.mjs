// Writes lib/runtime/opcodes.ts from the native contract: the operations of native/ops.def with their kinds and dtypes,
// the dtype codes, the status codes and the header layout of the command buffer. With --check, only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('..', import.meta.url)
const read = (path) => readFileSync(new URL(path, root), 'utf8')
const fail = (message) => {
  console.error(`generate-opcodes: ${message}`)
  process.exit(1)
}
const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')

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

const dtypes = readEnum('native/runtime/dtype.h', 'DType')
delete dtypes.DTYPE_COUNT
const statuses = readEnum('native/runtime/command.h', 'Status')
const kinds = [...withoutComments(read('native/kinds.def')).matchAll(/TENZO_KIND\((\w+)\)/g)].map((m) => m[1])

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
for (const m of withoutComments(read('native/runtime/dtype.h')).matchAll(
  /constexpr uint32_t ([A-Z]\w*)\s*=\s*([^;]+);/g,
))
  sets[m[1]] = mask(m[2], `dtype.h: ${m[1]}`)

const ops = []
for (const [index, line] of withoutComments(read('native/ops.def')).split('\n').entries()) {
  if (!line.trim() || line.trim().startsWith('#')) continue
  const where = `native/ops.def:${index + 1}`
  const m = line.trim().match(/^TENZO_OP\(\s*(\w+)\s*,\s*(\w+)\s*,\s*(.+)\)$/)
  if (!m) fail(`${where}: expected TENZO_OP(name, kind, dtypes), got "${line.trim()}"`)
  const [, name, kind, set] = m
  if (!kinds.includes(kind)) fail(`${where}: unknown kind ${kind}`)
  if (ops.some((op) => op.name === name)) fail(`${where}: ${name} is listed twice`)
  ops.push({ name, kind, dtypes: mask(set, where) })
}

const DTYPE_NAMES = {
  F32: 'float32',
  F64: 'float64',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
}
const dtypeNames = Object.keys(dtypes).map((t) => DTYPE_NAMES[t] ?? fail(`dtype.h: ${t} has no name here`))
const itemsizes = { 32: 4, 64: 8, 16: 2, 8: 1 }
const itemsize = (t) => itemsizes[t.match(/\d+$/)?.[0] ?? 8]
const ints = { ...readInts('native/runtime/command.h'), ...readInts('native/kernels/map.h') }
const object = (entries, indent = '  ') => entries.map(([k, v]) => `${indent}${k}: ${v},\n`).join('')
const list = (items, indent = '  ') => {
  const lines = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + item.length + 2 <= 119) lines[lines.length - 1] = `${last} ${item},`
    else lines.push(`${indent}${item},`)
  }
  return lines.map((l) => `${l}\n`).join('')
}

const text = `// Written by scripts/generate-opcodes.mjs from native/ops.def, native/kinds.def, native/runtime/dtype.h,
// native/runtime/command.h and native/kernels/map.h. Do not edit: run \`npm run generate\`.

/** Every element type; its index is the code that commands carry. */
export const DTYPE_NAMES = [
${list(dtypeNames.map((n) => `'${n}'`))}] as const
export type DTypeName = (typeof DTYPE_NAMES)[number]

/** Bytes of one element, by dtype code. */
export const DTYPE_ITEMSIZE: readonly number[] = [${Object.keys(dtypes).map(itemsize).join(', ')}]

/** Codes of native operations. */
export const OP = {
${object(ops.map((op, i) => [op.name, i]))}} as const
export type OpName = keyof typeof OP
export type OpCode = (typeof OP)[OpName]

export const OP_NAMES: readonly OpName[] = [
${list(ops.map((op) => `'${op.name}'`))}]

/** How the decoder drives an operation, by kind. */
export const KIND = {
${object(kinds.map((k, i) => [k, i]))}} as const

/** The kind of each operation, by its code. */
export const OP_KIND: readonly number[] = [
${list(ops.map((op) => String(kinds.indexOf(op.kind))))}]

/** The computation dtypes each operation has kernels for, by its code: bit \`d\` for dtype code \`d\`. */
export const OP_DTYPES: readonly number[] = [
${list(ops.map((op) => String(op.dtypes)))}]

/** What a run of the command buffer reports. */
export const STATUS = {
${object(Object.entries(statuses))}} as const

${Object.entries(ints)
  .map(([k, v]) => `export const ${k} = ${v}\n`)
  .join('')}`

const target = new URL('lib/runtime/opcodes.ts', root)
let current = ''
try {
  current = readFileSync(target, 'utf8')
} catch {}
if (process.argv.includes('--check')) {
  if (current !== text) fail('lib/runtime/opcodes.ts does not match the native contract: run `npm run generate`')
} else if (current !== text) {
  writeFileSync(target, text)
  console.log(`wrote ${fileURLToPath(target).replace(fileURLToPath(root), '')}: ${ops.length} operations`)
}
