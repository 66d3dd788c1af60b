/** `nn.utils`: what works on parameters and modules from outside. */
export * from './fusion'
export * from './parameters'
export * as parametrizations from './parametrizations'
export * as parametrize from './parametrize'
export * as rnn from './rnn'
export { skipInit } from './skip-init'
export { removeSpectralNorm, removeWeightNorm, spectralNorm, weightNorm } from './weight-norm'
