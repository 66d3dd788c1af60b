/** `func`: modules as functions of their parameters. */
export { functionalCall, type FunctionalCallOptions, type TensorsByName } from './functional-call'
