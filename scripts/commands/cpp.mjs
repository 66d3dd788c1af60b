// C++ of the native contract: the argument struct of each schema, its checks, its encoder for the tests, and the table of slots.
import { pascal } from './parse.mjs'

const NOTE = '// Written by scripts/generate-commands.mjs from native/ops.def. Do not edit: run `npm run generate`.'
const FIXED = { f32: 'F32', f64: 'F64', i64: 'I64', i32: 'I32', i16: 'I16', i8: 'I8', u8: 'U8', bool: 'BOOL' }

// ---- structs ------------------------------------------------------------------------------------------------------

function member(s) {
  switch (s.kind) {
    case 'pointer':
      return `${s.role === 'read' ? 'In' : 'Out'} ${s.name}`
    case 'real':
      return `double ${s.name}`
    case 'number':
      return `Number ${s.name}`
    case 'flag':
      return `bool ${s.name}`
    case 'rank':
      return `int ${s.name}`
    case 'axis':
      return `int ${s.name}`
    case 'dims':
      return `Dims ${s.name}`
    case 'list':
      return `int ${s.name}Count;\n  Index ${s.name}[MAX_INDICES]`
    default:
      return `int64_t ${s.name}${s.length > 1 ? `[${s.length}]` : ''}`
  }
}
const struct = (s) => `// ${s.ops.map((o) => o.name).join(' ')}
struct ${pascal(s.name)}Args {
${s.list ? `  struct Index {\n${s.list.slots.map((t) => `    ${member(t)};\n`).join('')}  };\n` : ''}${s.slots.map((t) => `  ${member(t)};\n`).join('')}};
`

const kernelType = (s) =>
  !s.map
    ? `Status (*)(const Command&, const ${pascal(s.name)}Args&)`
    : s.secondType
      ? 'MapLoop (*)(DType second)'
      : 'MapLoop'

export const header = ({ schemas }) => {
  const handlers = schemas.filter((s) => !s.map)
  return `${NOTE}
// What a command says, by its schema: a struct that is filled by decode(), which checks every slot. A handler gets it checked.
#pragma once
#include "command.h"

namespace tenzo {

enum Schema : uint8_t {
${schemas.map((s) => `  SCHEMA_${s.name},\n`).join('')}  SCHEMA_COUNT
};
constexpr bool isMap(Schema s) { return ${schemas
    .filter((s) => s.map)
    .map((s) => `s == SCHEMA_${s.name}`)
    .join(' || ')}; }

${handlers.map(struct).join('\n')}
// False: a slot is not what the schema says, or memory ends before the command would.
${handlers.map((s) => `bool decode(const Command&, ${pascal(s.name)}Args&);\n`).join('')}
// The kind of function that the kernel table holds for an operation of a schema. One with a second type among the operands
// of a map is a row: the loop for each of them.
template <Schema>
struct KernelOf;
${schemas.map((s) => `template <>\nstruct KernelOf<SCHEMA_${s.name}> {\n  using Type = ${kernelType(s)};\n};\n`).join('')}
}  // namespace tenzo
`
}

// ---- checks -------------------------------------------------------------------------------------------------------

const bytesOf = (type) =>
  type === 'T'
    ? 'itemsize(c.dtype)'
    : type === 'T2'
      ? 'itemsize(c.dtype2)'
      : type === 'generator'
        ? 'sizeof(GeneratorState)'
        : `itemsize(${FIXED[type]})`

/** An arithmetic expression over slots, in doubles. */
function expression(text, slots, owner) {
  const body = text.replace(/[A-Za-z_]\w*/g, (name) => {
    const s = slots.find((t) => t.name === name)
    if (!s) throw new Error(`no slot ${name}`)
    if (s.length > 1) throw new Error(`${name} is an array`)
    return `d(${owner}.${name})`
  })
  return /[+-]/.test(body) ? `(${body})` : body.includes('/') ? `whole(${body})` : body
}

function extent(s, schema, owner) {
  const e = s.extent
  const names = [...schema.slots, ...(schema.list?.slots ?? [])]
  if (e.kind === 'dense') {
    const factors = e.factors.flatMap((f) => {
      const array = names.find((t) => t.name === f && t.length > 1)
      if (array) return Array.from({ length: array.length }, (_, i) => `d(${owner}.${f}[${i}])`)
      return /^\d+$/.test(f) ? f : expression(f, names, owner)
    })
    return `elements({${factors.join(', ')}})`
  }
  const vector = names.find((t) => t.name === e.pairs[0].size)?.kind === 'dims'
  if (vector) {
    const [{ size, step, replaced }] = e.pairs
    const stepOwner = schema.list?.slots.some((t) => t.name === step) ? 'x' : 'a'
    const args = [`a.${size}`, `${stepOwner}.${step}`, 'a.ndim']
    if (replaced) args.push(`a.${replaced.axis}`, `a.${replaced.by}`)
    const walk = `reach(${args.join(', ')})`
    return s.list ? `withIndices(${walk}, a.${s.list}, a.${s.list}Count)` : walk
  }
  const step = (p) => (/^\d+$/.test(p.step) ? p.step : `d(a.${p.step})`)
  return `reach({${e.pairs.map((p) => `{d(a.${p.size}), ${step(p)}}`).join(', ')}})`
}

function check(s, base) {
  const at = `${base}[${s.at}]`
  switch (s.kind) {
    case 'real':
      return `a.${s.name} = ${at};`
    case 'number':
      return `a.${s.name} = {${at}};`
    case 'bits':
      return `a.${s.name} = bitsOf(${at});`
    case 'flag':
      return `if (!flag(${at}, a.${s.name})) return false;`
    case 'rank':
      return `if (!rank(${at}, a.${s.name})) return false;`
    case 'axis':
      return null // after the rank
    case 'list':
      return `if (!indexCount(${at}, a.${s.name}Count)) return false;`
    case 'signed':
    case 'int': {
      const least = s.kind === 'signed' ? '-EXACT' : String(s.least)
      return s.length > 1
        ? `for (int i = 0; i < ${s.length}; i++)\n    if (!integer(${base}[${s.at} + i], ${least}, a.${s.name}[i])) return false;`
        : `if (!integer(${at}, ${least}, a.${s.name})) return false;`
    }
    default:
      throw new Error(s.kind)
  }
}

function decoder(s) {
  const lines = [`if (c.slots < ${s.fixed}) return false;`, 'const double* const p = c.payload;']
  for (const t of s.slots) {
    if (t.kind === 'pointer' || t.kind === 'dims') continue
    const text = check(t, 'p')
    if (text) lines.push(text)
  }
  const vectors = s.vectors.length
  const size = [String(s.fixed)]
  if (vectors) size.push(`${vectors} * a.ndim`)
  if (s.list) size.push(`a.${s.list.name}Count * (${s.list.fixed} + a.ndim)`)
  lines.push(`if (c.slots != ${size.join(' + ')}) return false;`)
  s.vectors.forEach((v, i) => {
    lines.push(`if (!vector(p + ${s.fixed} + ${i} * a.ndim, a.ndim, a.${v.name})) return false;`)
  })
  for (const t of s.slots)
    if (t.kind === 'axis') lines.push(`if (!axis(p[${t.at}], a.ndim, a.${t.name})) return false;`)
  if (s.list) {
    lines.push(
      `const double* q = p + ${s.fixed} + ${vectors} * a.ndim;`,
      `for (int k = 0; k < a.${s.list.name}Count; k++, q += ${s.list.fixed} + a.ndim) {`,
      `  auto& x = a.${s.list.name}[k];`,
    )
    for (const t of s.list.slots) {
      if (t.kind === 'int') lines.push(`  if (!integer(q[${t.at}], ${t.least}, x.${t.name})) return false;`)
      if (t.kind === 'dims') lines.push(`  if (!vector(q + ${s.list.fixed}, a.ndim, x.${t.name})) return false;`)
    }
    for (const t of s.list.slots)
      if (t.kind === 'pointer')
        lines.push(
          `  if (!memory(q + ${t.at}, ${bytesOf(t.type)} * ${extent(t, s, 'x')}, ${t.optional}, x.${t.name})) return false;`,
        )
    lines.push('}')
  }
  for (const t of s.slots)
    if (t.kind === 'pointer')
      lines.push(
        `if (!memory(p + ${t.at}, ${bytesOf(t.type)} * ${extent(t, s, 'a')}, ${t.optional}, a.${t.name})) return false;`,
      )
  lines.push('return true;')
  return `bool decode(const Command& c, ${pascal(s.name)}Args& a) {\n${lines.map((l) => `  ${l}\n`).join('')}}\n`
}

const KIND = {
  pointer: 'POINTER',
  int: 'INT',
  signed: 'SIGNED',
  real: 'REAL',
  number: 'NUMBER',
  bits: 'BITS',
  flag: 'FLAG',
  rank: 'RANK',
  axis: 'AXIS',
  dims: 'VECTOR',
  list: 'LIST',
}
const ELEMENT = { T: 'OF_T', T2: 'OF_T2', generator: 'OF_GENERATOR' }
const slotInfo = (t) => {
  const [role, element] =
    t.kind === 'pointer' ? [t.role.toUpperCase(), ELEMENT[t.type] ?? FIXED[t.type]] : ['NEITHER', 'NOTHING']
  return `{"${t.name}", ${KIND[t.kind]}, ${role}, ${element}, ${t.kind === 'dims' ? -1 : t.at}, ${t.length ?? 1}, ${t.optional ?? false}}`
}

/** How `fn`, the kernel of a command `c`, is called. */
function call(s) {
  const kernel = `reinterpret_cast<KernelOf<SCHEMA_${s.name}>::Type>(fn)`
  if (!s.map)
    return `      ${pascal(s.name)}Args a;
      if (!decode(c, a)) return c.fail(BAD_COMMAND, c.op);
      return ${kernel}(c, a);
`
  const sizes = `      const int sizes[] = {${s.slots.map((t) => bytesOf(t.type)).join(', ')}};\n`
  const run = (loop) => `      return runMap(c, ${loop}, ${s.slots.length}, sizes);\n`
  return s.secondType
    ? `      const MapLoop loop = ${kernel}(c.dtype2);
      if (!loop) return c.fail(UNSUPPORTED_DTYPE, c.op, c.dtype2);
${sizes}${run('loop')}`
    : sizes + run(kernel)
}

export const source = ({ schemas }) => {
  const handlers = schemas.filter((s) => !s.map)
  return `${NOTE}
#include "arguments.h"

#include "decode.h"
#include "map.h"
#include "schema.h"

namespace tenzo {

${handlers.map(decoder).join('\n')}
Status runKernel(const Command& c, AnyFn fn) {
  switch (OPS[c.op].schema) {
${schemas.map((s) => `    case SCHEMA_${s.name}: {\n${call(s)}    }\n`).join('')}    default:
      return c.fail(BAD_COMMAND, c.op);
  }
}

namespace {
${schemas
  .map((s) => {
    const slots = s.slots.map(slotInfo)
    const own = s.list ? s.list.slots.map(slotInfo) : []
    return `const SlotInfo ${s.name}_SLOTS[] = {${slots.join(', ')}};\n${own.length ? `const SlotInfo ${s.name}_INDEX_SLOTS[] = {${own.join(', ')}};\n` : ''}`
  })
  .join('')}}  // namespace

const SchemaInfo SCHEMAS[SCHEMA_COUNT] = {
${schemas
  .map(
    (s) =>
      `    {"${s.name}", ${s.map}, ${s.fixed}, ${s.vectors.length}, ${s.slots.length}, ${s.name}_SLOTS, ${s.list ? `${s.list.slots.length}, ${s.name}_INDEX_SLOTS, ${s.list.fixed}` : '0, nullptr, 0'}},\n`,
  )
  .join('')}};

}  // namespace tenzo
`
}

// ---- encoders for the tests ---------------------------------------------------------------------------------------

function put(t, owner) {
  const v = `${owner}.${t.name}`
  if (t.kind === 'pointer') return `put(p, ${v});`
  if (t.kind === 'bits') return `put(p, ${v});`
  if (t.kind === 'number') return `p.push_back(${v}.slot);`
  if (t.kind === 'list') return `p.push_back(${v}Count);`
  if (t.kind === 'signed' || t.kind === 'int')
    return t.length > 1
      ? `for (const int64_t v : ${v}) p.push_back(static_cast<double>(v));`
      : `p.push_back(static_cast<double>(${v}));`
  return `p.push_back(${v});`
}
export const testEncoders = ({ schemas }) => `${NOTE}
// The payload of a command from its arguments, as TypeScript's encoders write it.
#pragma once
#include <cstring>
#include <vector>

#include "command/arguments.h"

namespace tenzo {

inline void put(std::vector<double>& p, const Memory& m) {
  p.push_back(static_cast<double>(reinterpret_cast<uintptr_t>(m.at)));
  p.push_back(static_cast<double>(m.bytes));
}
inline void put(std::vector<double>& p, int64_t bits) {
  double v;
  std::memcpy(&v, &bits, sizeof v);
  p.push_back(v);
}
inline void put(std::vector<double>& p, const Dims& v, int ndim) {
  for (int i = 0; i < ndim; i++) p.push_back(static_cast<double>(v[i]));
}

${schemas
  .filter((s) => !s.map)
  .map(
    (s) => `inline std::vector<double> encode(const ${pascal(s.name)}Args& a) {
  std::vector<double> p;
${s.slots
  .filter((t) => t.kind !== 'dims')
  .map((t) => `  ${put(t, 'a')}\n`)
  .join('')}${s.vectors.map((v) => `  put(p, a.${v.name}, a.ndim);\n`).join('')}${
  s.list
    ? `  for (int k = 0; k < a.${s.list.name}Count; k++) {\n    const auto& x = a.${s.list.name}[k];\n${s.list.slots
        .filter((t) => t.kind !== 'dims')
        .map((t) => `    ${put(t, 'x')}\n`)
        .join('')}${s.list.slots
        .filter((t) => t.kind === 'dims')
        .map((t) => `    put(p, x.${t.name}, a.ndim);\n`)
        .join('')}  }\n`
    : ''
}  return p;
}
`,
  )
  .join('\n')}
}  // namespace tenzo
`
