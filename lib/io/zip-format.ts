/** The numbers of the zip format. */

// What stands in a field of 16 or 32 bits whose value is in the zip64 part.
export const FULL16 = 0xffff
export const FULL32 = 0xffffffff

export const LOCAL = 0x04034b50
export const CENTRAL = 0x02014b50
export const END = 0x06054b50
export const END64 = 0x06064b50
export const LOCATOR64 = 0x07064b50
export const DESCRIPTOR = 0x08074b50

export const LOCAL_BYTES = 30
export const CENTRAL_BYTES = 46
export const END_BYTES = 22
export const END64_BYTES = 56
export const LOCATOR64_BYTES = 20
/** The extra field of zip64, by its id: sizes and a position of 64 bits. */
export const ZIP64_ID = 1
export const UTF8 = 1 << 11
export const ENCRYPTED = 1
export const HAS_DESCRIPTOR = 1 << 3
export const STORED = 0
export const DEFLATED = 8

/** Where the directory of an archive lies. */
export interface Directory {
  readonly count: number
  readonly start: number
  readonly length: number
}
