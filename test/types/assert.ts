/** Statements about types, checked by `tsc -p tsconfig.test.json` and by nothing at run time. */

/** true where `T` is `any`. */
export type IsAny<T> = 0 extends 1 & T ? true : false
/** true where two types are the same, `any` being the same as itself alone. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles where `Claim` is true. */
export declare function holds<Claim extends true>(): void
/** Compiles where the type of the value is not `any`. */
export declare function typed<T>(value: T, ...isAny: IsAny<T> extends true ? [never] : []): T
/** Compiles where the type of the value is exactly `T`. */
export declare function exactly<T>(): <V>(value: V, ...differs: Same<V, T> extends true ? [] : [V, 'is not', T]) => void
