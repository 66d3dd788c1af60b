/** Dropout. */
import { publicName } from '../../check/class-names'
import { ValueError } from '../../errors'
import { optionsOf } from '../../check/options'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { Module } from '../module'
import { bool, flag, float, real } from './common'

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
    const name = publicName(new.target)
    const o = optionsOf<DropoutOptions>(name, ['p', 'inplace'], p, options)
    this.p = real(name, 'p', o.p, 0.5)
    this.inplace = flag(name, 'inplace', o.inplace, false)
    if (!(this.p >= 0 && this.p <= 1))
      throw new ValueError(`dropout probability has to be between 0 and 1, but got ${this.p}`)
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
