// Written by scripts/generate-opcodes.mjs from native/ops.def, native/kinds.def, native/runtime/dtype.h,
// native/runtime/command.h and native/kernels/map.h. Do not edit: run `npm run generate`.

/** Every element type; its index is the code that commands carry. */
export const DTYPE_NAMES = [
  'float32', 'float64', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool',
] as const
export type DTypeName = (typeof DTYPE_NAMES)[number]

/** Bytes of one element, by dtype code. */
export const DTYPE_ITEMSIZE: readonly number[] = [4, 8, 2, 2, 8, 4, 2, 1, 1, 1]

/** Codes of native operations. */
export const OP = {
} as const
export type OpName = keyof typeof OP
export type OpCode = (typeof OP)[OpName]

export const OP_NAMES: readonly OpName[] = [
]

/** How the decoder drives an operation, by kind. */
export const KIND = {
  UNARY: 0,
  BINARY: 1,
  TERNARY: 2,
  COMPARE: 3,
  PREDICATE: 4,
  CAST: 5,
  HANDLER: 6,
} as const

/** The kind of each operation, by its code. */
export const OP_KIND: readonly number[] = [
]

/** The computation dtypes each operation has kernels for, by its code: bit `d` for dtype code `d`. */
export const OP_DTYPES: readonly number[] = [
]

/** What a run of the command buffer reports. */
export const STATUS = {
  OK: 0,
  BAD_COMMAND: 1,
  UNSUPPORTED_DTYPE: 2,
  INDEX_OUT_OF_RANGE: 3,
  DIVISION_BY_ZERO: 4,
  OUT_OF_MEMORY: 5,
} as const

export const HEADER_SLOTS = 8
export const COMMAND_SLOTS = 4
export const MAX_DIMS = 64
export const MAX_OPERANDS = 4
