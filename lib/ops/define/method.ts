/** Types of methods, from those of the functions: the first parameter becomes the receiver. */

/** The method of an operation, of one that says which parameter the receiver is too. */
export type Method<F> = F extends { readonly method: infer M } ? WithReceiver<M> : WithReceiver<F>

// Up to four overloads are kept.
type WithReceiver<F> = F extends {
  (x: never, ...a: infer A1): infer R1
  (x: never, ...a: infer A2): infer R2
  (x: never, ...a: infer A3): infer R3
  (x: never, ...a: infer A4): infer R4
}
  ? [A1, A2, A3] extends [A4, A4, A4]
    ? (...a: A4) => R4
    : { (...a: A1): R1; (...a: A2): R2; (...a: A3): R3; (...a: A4): R4 }
  : F extends (x: never, ...a: infer A) => infer R
    ? (...a: A) => R
    : never

/** The method in place of an operation that has that form. */
export type InPlaceMethod<F> = F extends { readonly inPlace: infer I } ? WithReceiver<I> : never
