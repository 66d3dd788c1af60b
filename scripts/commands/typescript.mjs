// TypeScript of the native contract: codes and constants, the encoders of commands, and the table of what they touch.
import { camel, pascal } from './parse.mjs'

const WIDTH = 119
const list = (items, indent = '  ') => {
  const lines = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + item.length + 2 <= WIDTH) lines[lines.length - 1] = `${last} ${item},`
    else lines.push(`${indent}${item},`)
  }
  return lines.map((l) => `${l}\n`).join('')
}
const object = (entries) => entries.map(([k, v]) => `  ${k}: ${v},\n`).join('')
const NOTE =
  'Written by scripts/generate-commands.mjs from native/ops.def and native/command. Do not edit: run `npm run generate`.'

export const opcodes = ({ ops, dtypes, statuses, ints }) => `// ${NOTE}

/** Every element type; its index is the code that commands carry. */
export const DTYPE_NAMES = [
${list(dtypes.map((d) => `'${d.name}'`))}] as const
export type DTypeName = (typeof DTYPE_NAMES)[number]

/** Codes of native operations. */
export const OP = {
${object(ops.map((op) => [op.name, op.code]))}} as const
export type OpName = keyof typeof OP
export type OpCode = (typeof OP)[OpName]

export const OP_NAMES: readonly OpName[] = [
${list(ops.map((op) => `'${op.name}'`))}]

/** The computation dtypes each operation has kernels for, by its code: bit \`d\` for dtype code \`d\`. */
export const OP_DTYPES: readonly number[] = [
${list(ops.map((op) => String(op.dtypes)))}]

/** What a run of the command buffer reports. */
export const STATUS = {
${object(Object.entries(statuses))}} as const

${Object.entries(ints)
  .map(([k, v]) => `export const ${k} = ${v}\n`)
  .join('')}`

// ---- encoders -----------------------------------------------------------------------------------------------------

const FIXED = {
  f32: 'float32',
  f64: 'float64',
  i64: 'int64',
  i32: 'int32',
  i16: 'int16',
  i8: 'int8',
  u8: 'uint8',
  bool: 'bool',
}
const infoOf = (type) => (type === 'T' ? 'info' : type === 'T2' ? 'info2' : `DTYPES.${FIXED[type]}`)

function memberType(s) {
  if (s.kind === 'pointer') return s.type === 'generator' ? 'GeneratorMemory' : s.optional ? 'Memory | null' : 'Memory'
  if (s.kind === 'flag') return 'boolean'
  if (s.kind === 'bits') return 'bigint'
  if (s.kind === 'number') return 'Scalar'
  if (s.kind === 'dims') return 'readonly number[]'
  if (s.kind === 'list') return `readonly ${pascal(s.schema)}Index[]`
  return s.length > 1 ? 'readonly number[]' : 'number'
}
const shape = (s) =>
  s.extent === null
    ? ''
    : s.extent.kind === 'dense'
      ? ` [${s.extent.factors.join(', ')}]`
      : ` {${s.extent.pairs.map((p) => `${p.size}${p.replaced ? ` (${p.replaced.axis}: ${p.replaced.by})` : ''}: ${p.step}`).join(', ')}}${s.list ? ` and what ${s.list} reach` : ''}`
const doc = (s) =>
  s.kind === 'pointer'
    ? `  /** ${{ read: 'Read', write: 'Written', both: 'Read and written' }[s.role]}: ${s.type}${shape(s)}. */\n`
    : s.kind === 'dims' && s.size
      ? ''
      : ''
const members = (slots) =>
  slots
    .filter((s) => s.kind !== 'rank')
    .map((s) => `${doc(s)}  ${s.name}: ${memberType(s)}\n`)
    .join('')

function writeSlot(s, base, from, rank) {
  const at = s.at === 0 ? base : `${base} + ${s.at}`
  const value = `${from}.${s.name}`
  switch (s.kind) {
    case 'pointer':
      if (s.type === 'generator') return `generator(${at}, ${value})`
      return `${s.extent?.kind === 'dense' ? 'dense' : 'strided'}${s.optional ? 'OrNone' : ''}(${at}, ${value}, ${infoOf(s.type)})`
    case 'flag':
      return `f64[${at}] = ${value} ? 1 : 0`
    case 'bits':
      return `i64[${at}] = BigInt.asIntN(64, ${value})`
    case 'number':
      return `number(${at}, ${value}, info)`
    case 'rank':
      return `f64[${at}] = ${rank}`
    case 'list':
      return `f64[${at}] = ${value}.length`
    default:
      return s.length > 1 ? `vector(${at}, ${value}, ${s.length})` : `f64[${at}] = ${value}`
  }
}

function encoder(s) {
  const name = pascal(s.name)
  const lines = []
  for (const slot of s.slots) if (slot.kind === 'list') slot.schema = s.name
  if (s.list)
    lines.push(
      `/** One index tensor of \`${camel(s.name)}\`. */`,
      `export interface ${name}Index {\n${members(s.list.slots)}}`,
    )
  lines.push(
    `/** What a command of ${s.ops.map((o) => o.name).join(', ')} carries. */`,
    `export interface ${name}Args {\n${members(s.slots)}}`,
  )
  const rank = s.vectors.length ? `a.${s.vectors[0].name}.length` : null
  const size = [String(s.fixed)]
  if (rank) size.push(`${s.vectors.length} * ndim`)
  if (s.list) size.push(`a.${s.list.name}.length * (${s.list.fixed} + ndim)`)
  const body = []
  if (rank) body.push(`const ndim = ${rank}`)
  body.push(`const p = head(op, info.code, ${s.secondType ? 'info2' : 'info'}.code, ${size.join(' + ')})`)
  for (const slot of s.slots) if (slot.kind !== 'dims') body.push(writeSlot(slot, 'p', 'a', 'ndim'))
  s.vectors.forEach((v, i) => {
    body.push(`vector(p + ${s.fixed}${i === 0 ? '' : i === 1 ? ' + ndim' : ` + ${i} * ndim`}, a.${v.name}, ndim)`)
  })
  if (s.list) {
    body.push(
      `let q = p + ${s.fixed} + ${s.vectors.length} * ndim`,
      `for (const x of a.${s.list.name}) {`,
      ...s.list.slots.filter((t) => t.kind !== 'dims').map((t) => `  ${writeSlot(t, 'q', 'x', 'ndim')}`),
      ...s.list.slots.filter((t) => t.kind === 'dims').map((t) => `  vector(q + ${s.list.fixed}, x.${t.name}, ndim)`),
      `  q += ${s.list.fixed} + ndim`,
      '}',
    )
  }
  const ops = s.ops.map((o) => `typeof OP.${o.name}`).join(' | ')
  const parameters = ['op', 'info', ...(s.secondType ? ['info2'] : []), 'a']
  const types = { op: ops, info: 'DTypeInfo', info2: 'DTypeInfo', a: `${name}Args` }
  lines.push(
    `export function ${camel(s.name)}(${parameters.map((k) => `${k}: ${types[k]}`).join(', ')}): void {`,
    ...body.map((l) => `  ${l}`),
    '}',
  )
  return `${lines.join('\n')}\n`
}

export const encoders = ({ schemas }) => `// ${NOTE}
/**
 * The encoders of commands: one a schema. They take memory by its role, check it, and keep it alive until the command has run.
 * \`info\` is the dtype of the computation, \`info2\` the second one where the schema has one.
 */
import {
  dense,
  denseOrNone,
  f64,
  generator,
  type GeneratorMemory,
  head,
  i64,
  type Memory,
  number,
  strided,
  stridedOrNone,
  vector,
} from './commands'
import { type DTypeInfo, DTYPES, type Scalar } from './dtype'
import type { OP } from './opcodes'

${schemas
  .filter((s) => !s.map)
  .map(encoder)
  .join('\n')}`

// ---- what commands touch ------------------------------------------------------------------------------------------

const operandsOf = (s) =>
  s.slots
    .filter((t) => t.kind === 'pointer')
    .map(
      (t) =>
        `{ name: '${t.name}', slot: ${s.map ? 1 + 2 * s.slots.indexOf(t) : t.at}, role: '${t.role}', type: '${t.type}', optional: ${t.optional} }`,
    )

export const table = ({ ops, schemas }) => `// ${NOTE}
/** What commands read and write, for whoever looks at a command without running it: planning memory, tests of completeness. */
import type { OpName } from './opcodes'

/** Memory that a command addresses: its slot holds the address, the next one the bytes from there to the end of the storage. */
export interface OperandInfo {
  readonly name: string
  readonly slot: number
  readonly role: 'read' | 'write' | 'both'
  /** T: the computation dtype, T2: the second one, or a dtype. */
  readonly type: string
  readonly optional: boolean
}
export interface SchemaInfo {
  /** A strided, broadcast walk; a read operand whose address is negative is a number in the command itself. */
  readonly map: boolean
  readonly operands: readonly OperandInfo[]
  /** Of operations that take index tensors: where they begin follows from \`fixed\` and the vectors. */
  readonly list: boolean
}
export const SCHEMAS = {
${schemas
  .map(
    (s) =>
      `  ${s.name}: {\n    map: ${s.map},\n    list: ${s.list !== null},\n    operands: [\n${operandsOf(s)
        .map((o) => `      ${o},\n`)
        .join('')}    ],\n  },\n`,
  )
  .join('')}} as const satisfies Record<string, SchemaInfo>
export type SchemaName = keyof typeof SCHEMAS

export const OP_SCHEMAS: { readonly [O in OpName]: SchemaName } = {
${ops.map((op) => `  ${op.name}: '${op.schema.name}',\n`).join('')}}
`
