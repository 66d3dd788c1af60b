/** Gradients: `backward`, `grad`, operations of one's own, hooks, modes, and checks. */
export { Context, Function, FunctionNode, onceDifferentiable } from '../autograd/function'
export * as functional from './functional'
export {
  type Checked,
  GradcheckError,
  type GradcheckOptions,
  gradcheck,
  type GradgradcheckOptions,
  gradgradcheck,
} from './gradcheck'
export * as graph from '../autograd/graph'
export {
  type AnomalyOptions,
  detectAnomaly,
  isAnomalyCheckNanEnabled,
  isAnomalyEnabled,
  setDetectAnomaly,
} from '../autograd/anomaly'
export {
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  type ModeGuard,
  noGrad,
  setGradEnabled,
} from '../autograd/mode'
export type { Grad, GradientEdge, Node } from '../autograd/node'
export {
  backward,
  type BackwardOptions,
  type Differentiated,
  grad,
  type GradOptions,
  type OneOrMore,
} from '../autograd/passes'
