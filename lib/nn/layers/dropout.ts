/** Dropout. */
import { checkProbability } from '../../ops/nn/dropout-checks'
import { optionsOf } from '../../check/options'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { Module } from '../module'
import { bool, float } from './common'

/** Options of dropout layers. */
export interface DropoutOptions {
  /** The probability of 0. Default 0.5. */
  p?: number
  /** Overwrite the input. Default false. */
  inplace?: boolean
}
abstract class DropoutBase extends Module {
  readonly p: number
  readonly inplace: boolean
  constructor(p?: number | DropoutOptions, options?: DropoutOptions) {
    super()
    const o = optionsOf<DropoutOptions>('Dropout', ['p', 'inplace'], p, options)
    const { p: probability = 0.5, inplace = false } = o
    checkProbability(probability)
    this.p = probability
    this.inplace = inplace
  }
  override extraRepr(): string {
    return `p=${float(this.p)}, inplace=${bool(this.inplace)}`
  }
}
/** While training, zeros with probability p, and the rest scaled by 1 / (1 - p) (Srivastava et al. 2014). */
export class Dropout extends DropoutBase {
  override forward(x: Tensor): Tensor {
    return F.dropout(x, { p: this.p, training: this.training, inplace: this.inplace })
  }
}
/** Dropout of whole channels, on [batch, channels, length]. */
export class Dropout1d extends DropoutBase {
  override forward(x: Tensor): Tensor {
    return F.dropout1d(x, { p: this.p, training: this.training, inplace: this.inplace })
  }
}
/** Dropout of whole channels, on [batch, channels, height, width]. */
export class Dropout2d extends DropoutBase {
  override forward(x: Tensor): Tensor {
    return F.dropout2d(x, { p: this.p, training: this.training, inplace: this.inplace })
  }
}
/** Dropout of whole channels, on [batch, channels, depth, height, width]. */
export class Dropout3d extends DropoutBase {
  override forward(x: Tensor): Tensor {
    return F.dropout3d(x, { p: this.p, training: this.training, inplace: this.inplace })
  }
}
/** Alpha dropout of whole channels. */
export class FeatureAlphaDropout extends DropoutBase {
  override forward(x: Tensor): Tensor {
    return F.featureAlphaDropout(x, { p: this.p, training: this.training, inplace: this.inplace })
  }
}
/** Dropout that keeps mean and variance under SELU (Klambauer et al. 2017). */
export class AlphaDropout extends DropoutBase {
  override forward(x: Tensor): Tensor {
    return F.alphaDropout(x, { p: this.p, training: this.training, inplace: this.inplace })
  }
}
