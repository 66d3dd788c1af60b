/** `nn.utils`: what works on parameters and modules from outside. */
export * from './parameters'
export * as rnn from './rnn'
