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
  generator_seed: 0,
  random_uniform: 1,
  random_normal: 2,
  random_log_normal: 3,
  random_exponential: 4,
  random_cauchy: 5,
  random_geometric: 6,
  random_from_to: 7,
  random_int: 8,
  random_perm: 9,
  random_bernoulli: 10,
  random_bernoulli_tensor: 11,
  random_dropout: 12,
  random_multinomial: 13,
} as const
export type OpName = keyof typeof OP
export type OpCode = (typeof OP)[OpName]

export const OP_NAMES: readonly OpName[] = [
  'generator_seed', 'random_uniform', 'random_normal', 'random_log_normal', 'random_exponential', 'random_cauchy',
  'random_geometric', 'random_from_to', 'random_int', 'random_perm', 'random_bernoulli', 'random_bernoulli_tensor',
  'random_dropout', 'random_multinomial',
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
  6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
]

/** The computation dtypes each operation has kernels for, by its code: bit `d` for dtype code `d`. */
export const OP_DTYPES: readonly number[] = [
  16, 15, 15, 15, 15, 15, 1023, 1023, 1023, 16, 1023, 1023, 15, 15,
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
