/**
 * How far a result may lie from PyTorch's, by operation. A result is right when
 *   |got - want| <= relative * |want| + ofLargest * max |want|.
 * Figures are for float32; float64 gets them scaled by the ratio of the two machine epsilons (2^-29), the half types
 * get two units in their last place more, since both sides compute in float32 and round once.
 */
export interface Tolerance {
  relative: number
  ofLargest: number
}

const EPS = 2 ** -23

/** Nothing is computed, or one correctly rounded operation: the same bits. */
const EXACT: Tolerance = { relative: 0, ofLargest: 0 }
/** One elementary function: each side is within 2 units in the last place. */
const FUNCTION: Tolerance = { relative: 4 * EPS, ofLargest: 0 }
/** Elementary functions combined, with cancellation near a zero of the result. */
const COMPOSED: Tolerance = { relative: 16 * EPS, ofLargest: 2 * EPS }
/** Sums of products: the order of addition is free, so the error is relative to the largest terms. */
const SUMS: Tolerance = { relative: 16 * EPS, ofLargest: 16 * EPS }
/** Sums followed by a division, root or logarithm of their difference. */
const STATISTICS: Tolerance = { relative: 64 * EPS, ofLargest: 64 * EPS }
/** Functions whose series PyTorch evaluates less accurately than their last place. */
const SPECIAL: Tolerance = { relative: 64 * EPS, ofLargest: 16 * EPS }

const CLASSES: [Tolerance, string][] = [
  [
    EXACT,
    `abs absolute ceil floor round trunc fix frac neg negative positive sign sgn signbit isfinite isinf isnan isneginf isposinf logical_not
     bitwise_not nan_to_num clone contiguous square relu relu6 hardtanh hardshrink softshrink threshold leaky_relu add sub mul
     subtract multiply maximum minimum fmax fmin copysign nextafter heaviside gcd lcm eq ne lt le gt ge greater less greater_equal
     less_equal not_equal isclose allclose equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor
     bitwise_left_shift bitwise_right_shift clamp clamp_min clamp_max clip where fill amax amin aminmax argmax argmin any all max min
     count_nonzero median nanmedian mode cummax cummin sort argsort topk kthvalue msort unique unique_consecutive searchsorted bucketize
     isin reshape reshape_as view view_as permute transpose t T mT adjoint squeeze unsqueeze expand expand_as broadcast_to
     broadcast_tensors repeat tile cat concat stack hstack vstack dstack column_stack split split_with_sizes chunk tensor_split hsplit
     vsplit dsplit unbind narrow select flatten unflatten ravel movedim moveaxis swapaxes swapdims flip fliplr flipud roll rot90
     diagonal diag diag_embed tril triu meshgrid atleast_1d atleast_2d atleast_3d block_diag repeat_interleave unfold as_strided
     select_scatter slice_scatter diagonal_scatter cartesian_prod combinations diagflat __getitem__ __setitem__ index_select gather
     scatter index_fill index_copy index_put masked_fill masked_select masked_scatter nonzero argwhere take take_along_dim put
     tril_indices triu_indices embedding one_hot max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d pixel_shuffle
     pixel_unshuffle pad zeros ones eye full zeros_like ones_like full_like new_zeros new_ones new_full type_as copy_ fill_ zero_ item
     detach float double long int bool to numel dim element_size is_floating_point is_contiguous masked_fill_ fmod remainder
     floor_divide outer diff histc bincount dropout`,
  ],
  [
    EXACT,
    'div true_divide divide reciprocal add_ sub_ mul_ div_ floor_divide_ remainder_ eq_ lt_ logical_and_ bitwise_and_',
  ],
  [
    FUNCTION,
    `acos acosh asin asinh atan atanh cos cosh sin sinh tan tanh exp exp2 expm1 log log10 log1p log2 sqrt rsqrt erf sigmoid deg2rad rad2deg
     pow pow_ float_power atan2 arctan2 hypot rsub arange`,
  ],
  [
    COMPOSED,
    `sinc logit logaddexp logaddexp2 xlogy special.xlog1py gelu silu mish elu celu selu hardsigmoid hardswish softplus softsign logsigmoid
     tanhshrink prelu glu erfc erfinv ldexp logspace softmax log_softmax softmin logsumexp logcumsumexp special.entr lerp addcmul addcdiv linspace`,
  ],
  // PyTorch's own trigamma, the gradient, has ten digits.
  [{ relative: 2 ** 20 * EPS, ofLargest: 0 }, 'digamma'],
  [SPECIAL, 'lgamma i0 special.ndtr special.log_ndtr special.i0e special.i1 special.erfcx'],
  [
    SUMS,
    `sum mean prod nansum nanmean cumsum cumprod trace mm bmm matmul mv dot vdot addmm baddbmm addbmm addmv addr inner tensordot kron
     linalg.vecdot linalg.multi_dot linalg.matrix_power cross linalg.cross einsum linear bilinear conv1d conv2d conv3d conv_transpose1d
     conv_transpose2d conv_transpose3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d unfold scatter_add
     scatter_reduce index_add index_reduce quantile nanquantile trapezoid nll_loss mse_loss l1_loss smooth_l1_loss huber_loss`,
  ],
]

const BY_NAME = new Map<string, Tolerance>()
for (const [tolerance, names] of CLASSES) for (const name of names.split(/\s+/)) BY_NAME.set(name, tolerance)

/** The tolerance of an operation's results; gradients, which chain two rules and sum over broadcasts, get at least SUMS. */
export function toleranceOf(op: string, part: 'value' | 'gradient', dtype: string): Tolerance {
  const own = BY_NAME.get(op) ?? BY_NAME.get(op.split('.').pop() as string) ?? STATISTICS
  const t = {
    relative: part === 'value' ? own.relative : Math.max(own.relative * 4, SUMS.relative * 2),
    ofLargest: part === 'value' ? own.ofLargest : Math.max(own.ofLargest * 4, SUMS.ofLargest),
  }
  if (dtype === 'float64') return { relative: t.relative * 2 ** -29, ofLargest: t.ofLargest * 2 ** -29 }
  if (dtype === 'float16') return { relative: t.relative + 2 ** -9, ofLargest: t.ofLargest + 2 ** -11 }
  if (dtype === 'bfloat16') return { relative: t.relative + 2 ** -6, ofLargest: t.ofLargest + 2 ** -8 }
  return t
}

/** The first place where two lists of elements differ by more than allowed, in words, or null. */
export function difference(
  got: readonly (number | bigint)[],
  want: readonly (number | bigint)[],
  tolerance: Tolerance,
  /** The size of the terms that the elements are sums of, where it is known to be at least this. */
  scale = 0,
): string | null {
  if (got.length !== want.length) return `${got.length} elements instead of ${want.length}`
  let largest = scale
  for (const w of want) if (typeof w === 'number' && Number.isFinite(w)) largest = Math.max(largest, Math.abs(w))
  let worst = 0
  let message: string | null = null
  for (let i = 0; i < want.length; i++) {
    const g = got[i]!
    const w = want[i]!
    if (g === w) {
      if (g === 0 && !Object.is(g, w) && tolerance === EXACT_SIGNS)
        return `element ${i} is ${Object.is(g, -0) ? '-0' : '0'}`
      continue
    }
    if (typeof g === 'bigint' || typeof w === 'bigint') return `element ${i} is ${g} instead of ${w}`
    if (Number.isNaN(g) && Number.isNaN(w)) continue
    const allowed = tolerance.relative * Math.abs(w) + tolerance.ofLargest * largest
    const off = Math.abs(g - w)
    // Twice the smallest float32 denormal: results that underflow may round either way.
    if (off <= allowed || (tolerance.relative > 0 && off <= 2.9e-45)) continue
    const badness = Number.isNaN(off) || off === Infinity ? Infinity : off / Math.max(allowed, 1e-300)
    if (message === null || badness > worst) {
      worst = badness
      message = `element ${i} is ${g} instead of ${w} (relative ${(off / Math.abs(w)).toExponential(2)})`
    }
  }
  return message
}

/** For comparisons where the sign of a zero counts. */
export const EXACT_SIGNS: Tolerance = { relative: 0, ofLargest: 0 }
