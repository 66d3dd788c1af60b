// Written by scripts/generate-methods.ts from the definitions of operations. Do not edit: run `npm run generate`.
/** Every operation as a method. (The modules are loaded here, so that all their definitions are on the register.) */
import './elementwise/binary'
import './elementwise/composed'
import './elementwise/gamma'
import './elementwise/log-products'
import './elementwise/pointwise'
import './elementwise/ternary'
import './indexing/counting'
import './indexing/flat'
import './indexing/gather'
import './indexing/index-select'
import './indexing/indexing'
import './indexing/masks'
import './indexing/order'
import './indexing/quantiles'
import './indexing/repeat-interleave'
import './indexing/unique'
import './linalg/matmul'
import './linalg/products'
import './linalg/statistics'
import './nn/activation'
import './random/in-place'
import './random/sampling'
import './reduce/cumulative'
import './reduce/extremes'
import './reduce/norms'
import './reduce/reduce'
import './reduce/softmax'
import './reduce/spread'
import './tensor/autograd'
import './tensor/conversion'
import './tensor/create'
import './tensor/fill'
import './tensor/flips'
import './tensor/joining'
import './tensor/questions'
import './tensor/read'
import './tensor/resize'
import './tensor/splitting'
import './tensor/triangles'
import './tensor/view-scatter'
import './tensor/views'
import type * as elementwise_binary from './elementwise/binary'
import type * as elementwise_composed from './elementwise/composed'
import type * as elementwise_gamma from './elementwise/gamma'
import type * as elementwise_log_products from './elementwise/log-products'
import type * as elementwise_pointwise from './elementwise/pointwise'
import type * as elementwise_ternary from './elementwise/ternary'
import type * as indexing_counting from './indexing/counting'
import type * as indexing_flat from './indexing/flat'
import type * as indexing_gather from './indexing/gather'
import type * as indexing_index_select from './indexing/index-select'
import type * as indexing_indexing from './indexing/indexing'
import type * as indexing_masks from './indexing/masks'
import type * as indexing_order from './indexing/order'
import type * as indexing_quantiles from './indexing/quantiles'
import type * as indexing_repeat_interleave from './indexing/repeat-interleave'
import type * as indexing_unique from './indexing/unique'
import type * as linalg_matmul from './linalg/matmul'
import type * as linalg_products from './linalg/products'
import type * as linalg_statistics from './linalg/statistics'
import type * as nn_activation from './nn/activation'
import type * as random_in_place from './random/in-place'
import type * as random_sampling from './random/sampling'
import type * as reduce_cumulative from './reduce/cumulative'
import type * as reduce_extremes from './reduce/extremes'
import type * as reduce_norms from './reduce/norms'
import type * as reduce_reduce from './reduce/reduce'
import type * as reduce_softmax from './reduce/softmax'
import type * as reduce_spread from './reduce/spread'
import type * as tensor_autograd from './tensor/autograd'
import type * as tensor_conversion from './tensor/conversion'
import type * as tensor_create from './tensor/create'
import type * as tensor_fill from './tensor/fill'
import type * as tensor_flips from './tensor/flips'
import type * as tensor_joining from './tensor/joining'
import type * as tensor_questions from './tensor/questions'
import type * as tensor_read from './tensor/read'
import type * as tensor_resize from './tensor/resize'
import type * as tensor_splitting from './tensor/splitting'
import type * as tensor_triangles from './tensor/triangles'
import type * as tensor_view_scatter from './tensor/view-scatter'
import type * as tensor_views from './tensor/views'
import type { InPlaceMethod, Method } from './define/method'

declare module '../tensor/tensor' {
  interface Tensor {
    /** The absolute value. */
    abs: Method<typeof elementwise_pointwise.abs>
    /**
     * `abs` in place.
     * The absolute value.
     */
    abs_: InPlaceMethod<typeof elementwise_pointwise.abs>
    /** |x|: `abs`. */
    absolute: Method<typeof elementwise_pointwise.absolute>
    /**
     * `absolute` in place.
     * |x|: `abs`.
     */
    absolute_: InPlaceMethod<typeof elementwise_pointwise.absolute>
    /** The arc cosine, in [0, π]. */
    acos: Method<typeof elementwise_pointwise.acos>
    /**
     * `acos` in place.
     * The arc cosine, in [0, π].
     */
    acos_: InPlaceMethod<typeof elementwise_pointwise.acos>
    /** The area hyperbolic cosine, of x ≥ 1. */
    acosh: Method<typeof elementwise_pointwise.acosh>
    /**
     * `acosh` in place.
     * The area hyperbolic cosine, of x ≥ 1.
     */
    acosh_: InPlaceMethod<typeof elementwise_pointwise.acosh>
    /** x + alpha · y. */
    add: Method<typeof elementwise_binary.add>
    /**
     * `add` in place.
     * x + alpha · y.
     */
    add_: InPlaceMethod<typeof elementwise_binary.add>
    /**
     * beta · input + alpha · Σ batch1 @ batch2.
     * @throws ShapeError where sizes differ; DTypeError for several dtypes
     */
    addbmm: Method<typeof linalg_matmul.addbmm>
    /**
     * `addbmm` in place.
     * beta · input + alpha · Σ batch1 @ batch2.
     * @throws ShapeError where sizes differ; DTypeError for several dtypes
     */
    addbmm_: InPlaceMethod<typeof linalg_matmul.addbmm>
    /** x + value · a / b. */
    addcdiv: Method<typeof elementwise_ternary.addcdiv>
    /**
     * `addcdiv` in place.
     * x + value · a / b.
     */
    addcdiv_: InPlaceMethod<typeof elementwise_ternary.addcdiv>
    /** x + value · a · b. */
    addcmul: Method<typeof elementwise_ternary.addcmul>
    /**
     * `addcmul` in place.
     * x + value · a · b.
     */
    addcmul_: InPlaceMethod<typeof elementwise_ternary.addcmul>
    /**
     * beta · input + alpha · mat1 @ mat2.
     * @throws ShapeError where the inner sizes differ; DTypeError for several dtypes
     */
    addmm: Method<typeof linalg_matmul.addmm>
    /**
     * `addmm` in place.
     * beta · input + alpha · mat1 @ mat2.
     * @throws ShapeError where the inner sizes differ; DTypeError for several dtypes
     */
    addmm_: InPlaceMethod<typeof linalg_matmul.addmm>
    /**
     * beta · input + alpha · mat @ vec.
     * @throws ShapeError where the sizes differ; DTypeError for several dtypes
     */
    addmv: Method<typeof linalg_matmul.addmv>
    /**
     * `addmv` in place.
     * beta · input + alpha · mat @ vec.
     * @throws ShapeError where the sizes differ; DTypeError for several dtypes
     */
    addmv_: InPlaceMethod<typeof linalg_matmul.addmv>
    /**
     * beta · input + alpha · outer(vec1, vec2).
     * @throws ShapeError for what is no vector
     */
    addr: Method<typeof linalg_matmul.addr>
    /**
     * `addr` in place.
     * beta · input + alpha · outer(vec1, vec2).
     * @throws ShapeError for what is no vector
     */
    addr_: InPlaceMethod<typeof linalg_matmul.addr>
    /** The last two dims exchanged: real numbers have no conjugate. @throws ShapeError for a vector */
    adjoint: Method<typeof tensor_views.adjoint>
    /** Whether no element is 0; bool, or uint8 of uint8. */
    all: Method<typeof reduce_reduce.all>
    /** Whether all elements are close: see `isclose`. */
    allclose: Method<typeof tensor_read.allclose>
    /** The largest value; equal ones share the gradient. */
    amax: Method<typeof reduce_extremes.amax>
    /** The smallest value; equal ones share the gradient. */
    amin: Method<typeof reduce_extremes.amin>
    /** The smallest and the largest value. */
    aminmax: Method<typeof reduce_extremes.aminmax>
    /** Whether any element is not 0; bool, or uint8 of uint8. */
    any: Method<typeof reduce_reduce.any>
    /** The arc cosine: `acos`. */
    arccos: Method<typeof elementwise_pointwise.arccos>
    /**
     * `arccos` in place.
     * The arc cosine: `acos`.
     */
    arccos_: InPlaceMethod<typeof elementwise_pointwise.arccos>
    /** The area hyperbolic cosine: `acosh`. */
    arccosh: Method<typeof elementwise_pointwise.arccosh>
    /**
     * `arccosh` in place.
     * The area hyperbolic cosine: `acosh`.
     */
    arccosh_: InPlaceMethod<typeof elementwise_pointwise.arccosh>
    /** The arc sine: `asin`. */
    arcsin: Method<typeof elementwise_pointwise.arcsin>
    /**
     * `arcsin` in place.
     * The arc sine: `asin`.
     */
    arcsin_: InPlaceMethod<typeof elementwise_pointwise.arcsin>
    /** The area hyperbolic sine: `asinh`. */
    arcsinh: Method<typeof elementwise_pointwise.arcsinh>
    /**
     * `arcsinh` in place.
     * The area hyperbolic sine: `asinh`.
     */
    arcsinh_: InPlaceMethod<typeof elementwise_pointwise.arcsinh>
    /** The arc tangent: `atan`. */
    arctan: Method<typeof elementwise_pointwise.arctan>
    /** The angle of the point (other, input): `atan2`. */
    arctan2: Method<typeof elementwise_binary.arctan2>
    /**
     * `arctan2` in place.
     * The angle of the point (other, input): `atan2`.
     */
    arctan2_: InPlaceMethod<typeof elementwise_binary.arctan2>
    /**
     * `arctan` in place.
     * The arc tangent: `atan`.
     */
    arctan_: InPlaceMethod<typeof elementwise_pointwise.arctan>
    /** The area hyperbolic tangent: `atanh`. */
    arctanh: Method<typeof elementwise_pointwise.arctanh>
    /**
     * `arctanh` in place.
     * The area hyperbolic tangent: `atanh`.
     */
    arctanh_: InPlaceMethod<typeof elementwise_pointwise.arctanh>
    /** Where the largest value is: its first index along `dim`, or in the flattened tensor; int64. */
    argmax: Method<typeof reduce_extremes.argmax>
    /** Where the smallest value is: its first index along `dim`, or in the flattened tensor; int64. */
    argmin: Method<typeof reduce_extremes.argmin>
    /** Where the values in order were, int64. */
    argsort: Method<typeof indexing_order.argsort>
    /** Where the elements are not 0: int64 [count, ndim]. */
    argwhere: Method<typeof indexing_masks.argwhere>
    /**
     * A view with any geometry inside the storage.
     * @param stride how many elements of the storage lie between neighbours of a dim; not negative
     * @throws ShapeError where it would lead out of the storage
     */
    asStrided: Method<typeof tensor_views.asStrided>
    /**
     * `asStrided` in place.
     * A view with any geometry inside the storage.
     * @param stride how many elements of the storage lie between neighbours of a dim; not negative
     * @throws ShapeError where it would lead out of the storage
     */
    asStrided_: InPlaceMethod<typeof tensor_views.asStrided>
    /** The arc sine, in [-π/2, π/2]. */
    asin: Method<typeof elementwise_pointwise.asin>
    /**
     * `asin` in place.
     * The arc sine, in [-π/2, π/2].
     */
    asin_: InPlaceMethod<typeof elementwise_pointwise.asin>
    /** The area hyperbolic sine. */
    asinh: Method<typeof elementwise_pointwise.asinh>
    /**
     * `asinh` in place.
     * The area hyperbolic sine.
     */
    asinh_: InPlaceMethod<typeof elementwise_pointwise.asinh>
    /**
     * PyTorch's brackets: `x.at(0, slice(1, 3), null, '...')`, with tensors of integers and masks as indices.
     * Numbers and slices give views, tensors a copy.
     * @throws IndexError for an index that is out of range, or of no kind
     */
    at: Method<typeof indexing_indexing.at>
    /** The arc tangent, in [-π/2, π/2]. */
    atan: Method<typeof elementwise_pointwise.atan>
    /** The angle of the point (y, x); the first operand is y. */
    atan2: Method<typeof elementwise_binary.atan2>
    /**
     * `atan2` in place.
     * The angle of the point (y, x); the first operand is y.
     */
    atan2_: InPlaceMethod<typeof elementwise_binary.atan2>
    /**
     * `atan` in place.
     * The arc tangent, in [-π/2, π/2].
     */
    atan_: InPlaceMethod<typeof elementwise_pointwise.atan>
    /** The area hyperbolic tangent, of |x| < 1. */
    atanh: Method<typeof elementwise_pointwise.atanh>
    /**
     * `atanh` in place.
     * The area hyperbolic tangent, of |x| < 1.
     */
    atanh_: InPlaceMethod<typeof elementwise_pointwise.atanh>
    /**
     * Adds the gradient of this tensor to the `grad` of the leaves it was made from.
     * @param gradient the gradient of the tensor; may be left out where it has one element
     * @throws AutogradError where it has none to give, or its graph was freed
     */
    backward: Method<typeof tensor_autograd.backward>
    /**
     * beta · input + alpha · batch1 @ batch2, for each batch.
     * @throws ShapeError where sizes differ; DTypeError for several dtypes
     */
    baddbmm: Method<typeof linalg_matmul.baddbmm>
    /**
     * `baddbmm` in place.
     * beta · input + alpha · batch1 @ batch2, for each batch.
     * @throws ShapeError where sizes differ; DTypeError for several dtypes
     */
    baddbmm_: InPlaceMethod<typeof linalg_matmul.baddbmm>
    /** Ones with the probabilities that the input holds, and zeros; `p` overrides them. @param x floating, unless `p` is given */
    bernoulli: Method<typeof random_sampling.bernoulli>
    /** Fills with ones of probability `p` (a number, or a floating tensor that broadcasts) and zeros. */
    bernoulli_: Method<typeof random_in_place.bernoulli_>
    /** The values in bfloat16. */
    bfloat16: Method<typeof tensor_conversion.bfloat16>
    /** How often each integer from 0 on occurs, or the sum of its weights. @param x a vector of integers, none negative */
    bincount: Method<typeof indexing_counting.bincount>
    /** The bits that both have; of bools whether both hold. */
    bitwiseAnd: Method<typeof elementwise_binary.bitwiseAnd>
    /**
     * `bitwiseAnd` in place.
     * The bits that both have; of bools whether both hold.
     */
    bitwiseAnd_: InPlaceMethod<typeof elementwise_binary.bitwiseAnd>
    /** x · 2ʸ of integers: bits moved up. */
    bitwiseLeftShift: Method<typeof elementwise_binary.bitwiseLeftShift>
    /**
     * `bitwiseLeftShift` in place.
     * x · 2ʸ of integers: bits moved up.
     */
    bitwiseLeftShift_: InPlaceMethod<typeof elementwise_binary.bitwiseLeftShift>
    /** Every bit turned; for bool, `logicalNot`. */
    bitwiseNot: Method<typeof elementwise_pointwise.bitwiseNot>
    /**
     * `bitwiseNot` in place.
     * Every bit turned; for bool, `logicalNot`.
     */
    bitwiseNot_: InPlaceMethod<typeof elementwise_pointwise.bitwiseNot>
    /** The bits that either has; of bools whether either holds. */
    bitwiseOr: Method<typeof elementwise_binary.bitwiseOr>
    /**
     * `bitwiseOr` in place.
     * The bits that either has; of bools whether either holds.
     */
    bitwiseOr_: InPlaceMethod<typeof elementwise_binary.bitwiseOr>
    /** x / 2ʸ of integers, rounded down: bits moved down, the sign staying. */
    bitwiseRightShift: Method<typeof elementwise_binary.bitwiseRightShift>
    /**
     * `bitwiseRightShift` in place.
     * x / 2ʸ of integers, rounded down: bits moved down, the sign staying.
     */
    bitwiseRightShift_: InPlaceMethod<typeof elementwise_binary.bitwiseRightShift>
    /** The bits that one of them has; of bools whether they differ. */
    bitwiseXor: Method<typeof elementwise_binary.bitwiseXor>
    /**
     * `bitwiseXor` in place.
     * The bits that one of them has; of bools whether they differ.
     */
    bitwiseXor_: InPlaceMethod<typeof elementwise_binary.bitwiseXor>
    /** The products of two batches of matrices. @throws ShapeError where sizes differ; DTypeError for two dtypes */
    bmm: Method<typeof linalg_matmul.bmm>
    /** Whether each value is not 0. */
    bool: Method<typeof tensor_conversion.bool>
    /** Broadcast to a larger shape without a copy: another name of `expand`. */
    broadcastTo: Method<typeof tensor_views.broadcastTo>
    /** The values in uint8. */
    byte: Method<typeof tensor_conversion.byte>
    /** Fills with the Cauchy distribution. @param x floating */
    cauchy_: Method<typeof random_in_place.cauchy_>
    /** The smallest integer that is not below. */
    ceil: Method<typeof elementwise_pointwise.ceil>
    /**
     * `ceil` in place.
     * The smallest integer that is not below.
     */
    ceil_: InPlaceMethod<typeof elementwise_pointwise.ceil>
    /** The values in int8. */
    char: Method<typeof tensor_conversion.char>
    /**
     * At most so many parts of equal size along a dim (the last may be smaller), as views.
     * @throws ShapeError for a number of parts that is not above 0
     */
    chunk: Method<typeof tensor_joining.chunk>
    /** Limits values to [min, max]; `clamp(x, min, max)` and `clamp(x, { min, max })` are the same. NaN stays. */
    clamp: Method<typeof elementwise_ternary.clamp>
    /** The smaller of x and an upper bound, `clamp` with that alone. */
    clampMax: Method<typeof elementwise_ternary.clampMax>
    /**
     * `clampMax` in place.
     * The smaller of x and an upper bound, `clamp` with that alone.
     */
    clampMax_: InPlaceMethod<typeof elementwise_ternary.clampMax>
    /** The larger of x and a lower bound, `clamp` with that alone. */
    clampMin: Method<typeof elementwise_ternary.clampMin>
    /**
     * `clampMin` in place.
     * The larger of x and a lower bound, `clamp` with that alone.
     */
    clampMin_: InPlaceMethod<typeof elementwise_ternary.clampMin>
    /**
     * `clamp` in place.
     * Limits values to [min, max]; `clamp(x, min, max)` and `clamp(x, { min, max })` are the same. NaN stays.
     */
    clamp_: InPlaceMethod<typeof elementwise_ternary.clamp>
    /** Limits values to [min, max]: `clamp`. */
    clip: Method<typeof elementwise_ternary.clip>
    /**
     * `clip` in place.
     * Limits values to [min, max]: `clamp`.
     */
    clip_: InPlaceMethod<typeof elementwise_ternary.clip>
    /** A copy in fresh memory; gradients flow through. */
    clone: Method<typeof tensor_conversion.clone>
    /** The tensor itself where it is row-major, else a row-major copy. */
    contiguous: Method<typeof tensor_conversion.contiguous>
    /** Writes the values of `source` (broadcast, cast) into this tensor. @throws ShapeError where it does not broadcast */
    copy_: Method<typeof tensor_fill.copy_>
    /** |x| with the sign of y. */
    copysign: Method<typeof elementwise_binary.copysign>
    /**
     * `copysign` in place.
     * |x| with the sign of y.
     */
    copysign_: InPlaceMethod<typeof elementwise_binary.copysign>
    /**
     * The correlations of variables.
     * @returns [variables, variables], or a scalar
     */
    corrcoef: Method<typeof linalg_statistics.corrcoef>
    /** The cosine of an angle in radians. */
    cos: Method<typeof elementwise_pointwise.cos>
    /**
     * `cos` in place.
     * The cosine of an angle in radians.
     */
    cos_: InPlaceMethod<typeof elementwise_pointwise.cos>
    /** The hyperbolic cosine. */
    cosh: Method<typeof elementwise_pointwise.cosh>
    /**
     * `cosh` in place.
     * The hyperbolic cosine.
     */
    cosh_: InPlaceMethod<typeof elementwise_pointwise.cosh>
    /** How many elements are not 0, of all or along dims, an array or the ints themselves; int64. */
    countNonzero: Method<typeof reduce_reduce.countNonzero>
    /**
     * The covariances of variables.
     * @returns [variables, variables], or a scalar
     */
    cov: Method<typeof linalg_statistics.cov>
    /** The cross product along a dim of size 3; without `dim`, the first such dim. @throws ShapeError where there is none */
    cross: Method<typeof linalg_products.cross>
    /** The largest value so far along a dim, and its last index. */
    cummax: Method<typeof reduce_cumulative.cummax>
    /** The smallest value so far along a dim, and its last index. */
    cummin: Method<typeof reduce_cumulative.cummin>
    /** Running products along a dim; integers are multiplied in int64. */
    cumprod: Method<typeof reduce_cumulative.cumprod>
    /**
     * `cumprod` in place.
     * Running products along a dim; integers are multiplied in int64.
     */
    cumprod_: InPlaceMethod<typeof reduce_cumulative.cumprod>
    /** Running sums along a dim; integers are summed in int64. */
    cumsum: Method<typeof reduce_cumulative.cumsum>
    /**
     * `cumsum` in place.
     * Running sums along a dim; integers are summed in int64.
     */
    cumsum_: InPlaceMethod<typeof reduce_cumulative.cumsum>
    /** Degrees to radians. */
    deg2rad: Method<typeof elementwise_pointwise.deg2rad>
    /**
     * `deg2rad` in place.
     * Degrees to radians.
     */
    deg2rad_: InPlaceMethod<typeof elementwise_pointwise.deg2rad>
    /** The same values, cut off from the graph; shares memory and versions. */
    detach: Method<typeof tensor_conversion.detach>
    /**
     * `detach` in place.
     * The same values, cut off from the graph; shares memory and versions.
     */
    detach_: InPlaceMethod<typeof tensor_conversion.detach>
    /** A matrix with a vector on its diagonal, or the diagonal of a matrix as a copy. @throws ShapeError for other tensors */
    diag: Method<typeof tensor_triangles.diag>
    /** Matrices with the last dim on their diagonals, the rest 0. @throws ShapeError where the two dims are one */
    diagEmbed: Method<typeof tensor_triangles.diagEmbed>
    /** All elements on the diagonal of a square matrix. @param offset how far above the main diagonal; default 0 */
    diagflat: Method<typeof tensor_view_scatter.diagflat>
    /** The diagonal of two dims, as the last dim. @throws ShapeError where the two are one */
    diagonal: Method<typeof tensor_views.diagonal>
    /** A copy in which a diagonal is `src`. @throws ShapeError where `src` has another shape */
    diagonalScatter: Method<typeof tensor_view_scatter.diagonalScatter>
    /**
     * Differences of neighbours along a dim, `n` times. Of bools: whether neighbours differ.
     * @throws ShapeError where `prepend` or `append` has other sizes than the input, but along the dim
     */
    diff: Method<typeof reduce_cumulative.diff>
    /** The derivative of `lgamma`. */
    digamma: Method<typeof elementwise_pointwise.digamma>
    /**
     * `digamma` in place.
     * The derivative of `lgamma`.
     */
    digamma_: InPlaceMethod<typeof elementwise_pointwise.digamma>
    /** The p-norm of the difference. @param y broadcasts with `x` */
    dist: Method<typeof reduce_norms.dist>
    /** x / y; integers give floats unless `roundingMode` is set. */
    div: Method<typeof elementwise_binary.div>
    /**
     * `div` in place.
     * x / y; integers give floats unless `roundingMode` is set.
     */
    div_: InPlaceMethod<typeof elementwise_binary.div>
    /** x / y: `div`. */
    divide: Method<typeof elementwise_binary.divide>
    /**
     * `divide` in place.
     * x / y: `div`.
     */
    divide_: InPlaceMethod<typeof elementwise_binary.divide>
    /** The inner product of two vectors. @throws ShapeError where they differ in length; DTypeError for two dtypes */
    dot: Method<typeof linalg_matmul.dot>
    /** The values in float64. */
    double: Method<typeof tensor_conversion.double>
    /** Parts along dim 2. @param indicesOrSections as of `hsplit` */
    dsplit: Method<typeof tensor_splitting.dsplit>
    /** Whether x = y, as a bool. */
    eq: Method<typeof elementwise_binary.eq>
    /**
     * `eq` in place.
     * Whether x = y, as a bool.
     */
    eq_: InPlaceMethod<typeof elementwise_binary.eq>
    /** Whether two tensors have the same shape and the same values (NaN differs from itself). */
    equal: Method<typeof tensor_read.equal>
    /** The error function. */
    erf: Method<typeof elementwise_pointwise.erf>
    /**
     * `erf` in place.
     * The error function.
     */
    erf_: InPlaceMethod<typeof elementwise_pointwise.erf>
    /** 1 - erf(x), exact for large x. */
    erfc: Method<typeof elementwise_pointwise.erfc>
    /**
     * `erfc` in place.
     * 1 - erf(x), exact for large x.
     */
    erfc_: InPlaceMethod<typeof elementwise_pointwise.erfc>
    /** The inverse of `erf`. */
    erfinv: Method<typeof elementwise_pointwise.erfinv>
    /**
     * `erfinv` in place.
     * The inverse of `erf`.
     */
    erfinv_: InPlaceMethod<typeof elementwise_pointwise.erfinv>
    /** eˣ. */
    exp: Method<typeof elementwise_pointwise.exp>
    /** 2ˣ. */
    exp2: Method<typeof elementwise_pointwise.exp2>
    /**
     * `exp2` in place.
     * 2ˣ.
     */
    exp2_: InPlaceMethod<typeof elementwise_pointwise.exp2>
    /**
     * `exp` in place.
     * eˣ.
     */
    exp_: InPlaceMethod<typeof elementwise_pointwise.exp>
    /**
     * Broadcast to a larger shape without a copy.
     * @param size an array, or the ints themselves; -1 keeps a size; there may be more dims in front
     * @throws ShapeError where a size other than 1 would change
     */
    expand: Method<typeof tensor_views.expand>
    /** As `expand`, to the shape of another tensor. */
    expandAs: Method<typeof tensor_views.expandAs>
    /** eˣ - 1, exact near 0. */
    expm1: Method<typeof elementwise_pointwise.expm1>
    /**
     * `expm1` in place.
     * eˣ - 1, exact near 0.
     */
    expm1_: InPlaceMethod<typeof elementwise_pointwise.expm1>
    /** Fills with the exponential distribution. @param x floating */
    exponential_: Method<typeof random_in_place.exponential_>
    /**
     * Fills the diagonal in place.
     * @param wrap go on below, after one row, in a matrix that is taller than wide
     */
    fillDiagonal_: Method<typeof tensor_triangles.fillDiagonal_>
    /** Sets every element to one value. @param value a number, or a 0-d tensor */
    fill_: Method<typeof tensor_fill.fill_>
    /** The integer part: `trunc`. */
    fix: Method<typeof elementwise_pointwise.fix>
    /**
     * `fix` in place.
     * The integer part: `trunc`.
     */
    fix_: InPlaceMethod<typeof elementwise_pointwise.fix>
    /**
     * Several dims as one, as a view where that is possible; a 0-d tensor as a vector.
     * @throws ShapeError where `startDim` comes after `endDim`
     */
    flatten: Method<typeof tensor_views.flatten>
    /** The order of elements turned along the given dims; a copy. @param dims an array, or the ints themselves */
    flip: Method<typeof tensor_flips.flip>
    /** Columns in reverse. @throws ShapeError for less than two dims */
    fliplr: Method<typeof tensor_flips.fliplr>
    /** Rows in reverse. @throws ShapeError for a 0-d tensor */
    flipud: Method<typeof tensor_flips.flipud>
    /** The values in float32. */
    float: Method<typeof tensor_conversion.float>
    /** A power computed in float64; in place the base must be of that dtype. @throws DTypeError in place, for any other dtype */
    floatPower: Method<typeof elementwise_composed.floatPower>
    /**
     * `floatPower` in place.
     * A power computed in float64; in place the base must be of that dtype. @throws DTypeError in place, for any other dtype
     */
    floatPower_: InPlaceMethod<typeof elementwise_composed.floatPower>
    /** The largest integer that is not above. */
    floor: Method<typeof elementwise_pointwise.floor>
    /** ⌊x / y⌋. */
    floorDivide: Method<typeof elementwise_binary.floorDivide>
    /**
     * `floorDivide` in place.
     * ⌊x / y⌋.
     */
    floorDivide_: InPlaceMethod<typeof elementwise_binary.floorDivide>
    /**
     * `floor` in place.
     * The largest integer that is not above.
     */
    floor_: InPlaceMethod<typeof elementwise_pointwise.floor>
    /** The larger value; NaN loses. */
    fmax: Method<typeof elementwise_binary.fmax>
    /**
     * `fmax` in place.
     * The larger value; NaN loses.
     */
    fmax_: InPlaceMethod<typeof elementwise_binary.fmax>
    /** The smaller value; NaN loses. */
    fmin: Method<typeof elementwise_binary.fmin>
    /**
     * `fmin` in place.
     * The smaller value; NaN loses.
     */
    fmin_: InPlaceMethod<typeof elementwise_binary.fmin>
    /** The remainder with the sign of the dividend, as C's fmod. */
    fmod: Method<typeof elementwise_binary.fmod>
    /**
     * `fmod` in place.
     * The remainder with the sign of the dividend, as C's fmod.
     */
    fmod_: InPlaceMethod<typeof elementwise_binary.fmod>
    /** x - trunc(x). */
    frac: Method<typeof elementwise_pointwise.frac>
    /**
     * `frac` in place.
     * x - trunc(x).
     */
    frac_: InPlaceMethod<typeof elementwise_pointwise.frac>
    /** Each element as mantissa · 2^exponent, the mantissa in [½, 1) and the exponent int32. @param x floating */
    frexp: Method<typeof elementwise_composed.frexp>
    /**
     * out[i][j] = x[index[i][j]][j] for dim 0, and likewise for other dims.
     * @param index int64 or int32, with as many dims as the input and none of them larger, but `dim`
     * @throws IndexError for an index that is out of range
     */
    gather: Method<typeof indexing_gather.gather>
    /** The greatest common divisor. */
    gcd: Method<typeof elementwise_binary.gcd>
    /**
     * `gcd` in place.
     * The greatest common divisor.
     */
    gcd_: InPlaceMethod<typeof elementwise_binary.gcd>
    /** Whether x ≥ y, as a bool. */
    ge: Method<typeof elementwise_binary.ge>
    /**
     * `ge` in place.
     * Whether x ≥ y, as a bool.
     */
    ge_: InPlaceMethod<typeof elementwise_binary.ge>
    /** x · Φ(x), with the normal distribution function Φ. @param x floating */
    gelu: Method<typeof elementwise_pointwise.gelu>
    /** Fills with the numbers of trials up to the first success of probability `p`, in (0, 1). @param x not bool */
    geometric_: Method<typeof random_in_place.geometric_>
    /** Every product of an element of one vector and one of the other: another name of `outer`. */
    ger: Method<typeof linalg_matmul.ger>
    /** x > y: `gt`. */
    greater: Method<typeof elementwise_binary.greater>
    /** x ≥ y: `ge`. */
    greaterEqual: Method<typeof elementwise_binary.greaterEqual>
    /**
     * `greaterEqual` in place.
     * x ≥ y: `ge`.
     */
    greaterEqual_: InPlaceMethod<typeof elementwise_binary.greaterEqual>
    /**
     * `greater` in place.
     * x > y: `gt`.
     */
    greater_: InPlaceMethod<typeof elementwise_binary.greater>
    /** Whether x > y, as a bool. */
    gt: Method<typeof elementwise_binary.gt>
    /**
     * `gt` in place.
     * Whether x > y, as a bool.
     */
    gt_: InPlaceMethod<typeof elementwise_binary.gt>
    /** The values in float16. */
    half: Method<typeof tensor_conversion.half>
    /** x, or 0 where |x| ≤ lambd. @param x floating */
    hardshrink: Method<typeof nn_activation.hardshrink>
    /** relu6(x + 3) / 6. */
    hardsigmoid: Method<typeof elementwise_pointwise.hardsigmoid>
    /**
     * `hardsigmoid` in place.
     * relu6(x + 3) / 6.
     */
    hardsigmoid_: InPlaceMethod<typeof elementwise_pointwise.hardsigmoid>
    /** x · relu6(x + 3) / 6 (Howard et al. 2019). */
    hardswish: Method<typeof elementwise_pointwise.hardswish>
    /**
     * `hardswish` in place.
     * x · relu6(x + 3) / 6 (Howard et al. 2019).
     */
    hardswish_: InPlaceMethod<typeof elementwise_pointwise.hardswish>
    /** The step function: 0 below zero, 1 above it, and `other` at zero itself. */
    heaviside: Method<typeof elementwise_binary.heaviside>
    /**
     * `heaviside` in place.
     * The step function: 0 below zero, 1 above it, and `other` at zero itself.
     */
    heaviside_: InPlaceMethod<typeof elementwise_binary.heaviside>
    /** How many values fall into each of `bins` equal parts of a range. @param x floating */
    histc: Method<typeof indexing_counting.histc>
    /**
     * Parts side by side: along dim 1, or dim 0 of a vector.
     * @param indicesOrSections how many, or where each but the first begins; of several numbers the latter
     * @throws ShapeError where the size is no multiple of the number
     */
    hsplit: Method<typeof tensor_splitting.hsplit>
    /** √(x² + y²). */
    hypot: Method<typeof elementwise_binary.hypot>
    /**
     * `hypot` in place.
     * √(x² + y²).
     */
    hypot_: InPlaceMethod<typeof elementwise_binary.hypot>
    /** The modified Bessel function of the first kind and order 0. */
    i0: Method<typeof elementwise_gamma.i0>
    /**
     * `i0` in place.
     * The modified Bessel function of the first kind and order 0.
     */
    i0_: InPlaceMethod<typeof elementwise_gamma.i0>
    /** The regularised lower incomplete gamma function. The gradient is that of `other` alone. */
    igamma: Method<typeof elementwise_gamma.igamma>
    /**
     * `igamma` in place.
     * The regularised lower incomplete gamma function. The gradient is that of `other` alone.
     */
    igamma_: InPlaceMethod<typeof elementwise_gamma.igamma>
    /** The regularised upper incomplete gamma function. The gradient is that of `other` alone. */
    igammac: Method<typeof elementwise_gamma.igammac>
    /**
     * `igammac` in place.
     * The regularised upper incomplete gamma function. The gradient is that of `other` alone.
     */
    igammac_: InPlaceMethod<typeof elementwise_gamma.igammac>
    /** As `indexAdd_`, on a copy. */
    indexAdd: Method<typeof indexing_index_select.indexAdd>
    /** Adds slices of `source` to the slices of this tensor that the indices name, in place. */
    indexAdd_: Method<typeof indexing_index_select.indexAdd_>
    /** As `indexCopy_`, on a copy. */
    indexCopy: Method<typeof indexing_index_select.indexCopy>
    /** Replaces the slices that the indices name by those of `source`, in place. @param index int64 */
    indexCopy_: Method<typeof indexing_index_select.indexCopy_>
    /** As `indexFill_`, on a copy. */
    indexFill: Method<typeof indexing_index_select.indexFill>
    /** Sets the slices that the indices name to one value, in place. @param value a number or a 0-d tensor */
    indexFill_: Method<typeof indexing_index_select.indexFill_>
    /** As `indexPut_`, on a copy. */
    indexPut: Method<typeof indexing_indexing.indexPut>
    /**
     * Writes values at index tensors, in place.
     * @param indices one a dim from the first on, of integers, or masks; null keeps a dim
     * @param values of the same dtype; broadcasts to what the indices pick
     * @throws IndexError for an index that is out of range
     */
    indexPut_: Method<typeof indexing_indexing.indexPut_>
    /** Combines slices of `source` into the slices that the indices name (and, unless `includeSelf` is false, with them). */
    indexReduce: Method<typeof indexing_index_select.indexReduce>
    /** As `indexReduce`, in place. */
    indexReduce_: Method<typeof indexing_index_select.indexReduce_>
    /**
     * The slices of a dim that a vector of indices names, in its order.
     * @param index int64 or int32, none negative
     * @throws IndexError for an index that is out of range
     */
    indexSelect: Method<typeof indexing_index_select.indexSelect>
    /** Products summed over the last dims of both; with a 0-d operand, `mul`. @throws ShapeError where the last dims differ */
    inner: Method<typeof linalg_products.inner>
    /** The values in int32. */
    int: Method<typeof tensor_conversion.int>
    /** Whether its numbers are complex: never. */
    isComplex: Method<typeof tensor_questions.isComplex>
    /** Whether the one element is not zero. @throws ValueError where there is not one element */
    isNonzero: Method<typeof tensor_questions.isNonzero>
    /** Whether two tensors have the same shape. */
    isSameSize: Method<typeof tensor_questions.isSameSize>
    /** Whether two tensors are the same elements of the same memory. */
    isSetTo: Method<typeof tensor_questions.isSetTo>
    /** Whether numbers of its dtype can be negative. */
    isSigned: Method<typeof tensor_questions.isSigned>
    /** Elementwise |x - other| ≤ atol + rtol · |other|. @throws ValueError for a negative tolerance or two dtypes */
    isclose: Method<typeof tensor_read.isclose>
    /** Whether it is neither infinite nor NaN, as a bool. */
    isfinite: Method<typeof elementwise_binary.isfinite>
    /**
     * `isfinite` in place.
     * Whether it is neither infinite nor NaN, as a bool.
     */
    isfinite_: InPlaceMethod<typeof elementwise_binary.isfinite>
    /** Whether it is infinite, as a bool. */
    isinf: Method<typeof elementwise_binary.isinf>
    /**
     * `isinf` in place.
     * Whether it is infinite, as a bool.
     */
    isinf_: InPlaceMethod<typeof elementwise_binary.isinf>
    /** Whether it is NaN, as a bool. */
    isnan: Method<typeof elementwise_binary.isnan>
    /**
     * `isnan` in place.
     * Whether it is NaN, as a bool.
     */
    isnan_: InPlaceMethod<typeof elementwise_binary.isnan>
    /** Whether each element is -∞. */
    isneginf: Method<typeof elementwise_composed.isneginf>
    /** Whether each element is +∞. */
    isposinf: Method<typeof elementwise_composed.isposinf>
    /** Where its elements are real: everywhere. */
    isreal: Method<typeof tensor_questions.isreal>
    /** The value of a one-element tensor as a number (bool tensors: a boolean). @throws ShapeError for any other size; ValueError for an int64 beyond 2⁵³ */
    item: Method<typeof tensor_read.item>
    /** The Kronecker product: every element of the first times the whole second. */
    kron: Method<typeof linalg_products.kron>
    /** The k-th smallest value of a dim (k from 1) and where it was. */
    kthvalue: Method<typeof indexing_order.kthvalue>
    /** The least common multiple. */
    lcm: Method<typeof elementwise_binary.lcm>
    /**
     * `lcm` in place.
     * The least common multiple.
     */
    lcm_: InPlaceMethod<typeof elementwise_binary.lcm>
    /** x · 2^other. */
    ldexp: Method<typeof elementwise_composed.ldexp>
    /**
     * `ldexp` in place.
     * x · 2^other.
     */
    ldexp_: InPlaceMethod<typeof elementwise_composed.ldexp>
    /** Whether x ≤ y, as a bool. */
    le: Method<typeof elementwise_binary.le>
    /**
     * `le` in place.
     * Whether x ≤ y, as a bool.
     */
    le_: InPlaceMethod<typeof elementwise_binary.le>
    /** x + weight · (end - x). */
    lerp: Method<typeof elementwise_ternary.lerp>
    /**
     * `lerp` in place.
     * x + weight · (end - x).
     */
    lerp_: InPlaceMethod<typeof elementwise_ternary.lerp>
    /** x < y: `lt`. */
    less: Method<typeof elementwise_binary.less>
    /** x ≤ y: `le`. */
    lessEqual: Method<typeof elementwise_binary.lessEqual>
    /**
     * `lessEqual` in place.
     * x ≤ y: `le`.
     */
    lessEqual_: InPlaceMethod<typeof elementwise_binary.lessEqual>
    /**
     * `less` in place.
     * x < y: `lt`.
     */
    less_: InPlaceMethod<typeof elementwise_binary.less>
    /** log |Γ(x)|. */
    lgamma: Method<typeof elementwise_pointwise.lgamma>
    /**
     * `lgamma` in place.
     * log |Γ(x)|.
     */
    lgamma_: InPlaceMethod<typeof elementwise_pointwise.lgamma>
    /**
     * x @ weightᵀ + bias.
     * @param weight [outFeatures, inFeatures], or [inFeatures] for one output
     * @param bias [outFeatures]
     * @returns [..., outFeatures]
     * @throws ShapeError where `inFeatures` differ; DTypeError for several dtypes
     */
    linear: Method<typeof linalg_matmul.linear>
    /** The natural logarithm. */
    log: Method<typeof elementwise_pointwise.log>
    /** The logarithm to base 10. */
    log10: Method<typeof elementwise_pointwise.log10>
    /**
     * `log10` in place.
     * The logarithm to base 10.
     */
    log10_: InPlaceMethod<typeof elementwise_pointwise.log10>
    /** log(1 + x), exact near 0. */
    log1p: Method<typeof elementwise_pointwise.log1p>
    /**
     * `log1p` in place.
     * log(1 + x), exact near 0.
     */
    log1p_: InPlaceMethod<typeof elementwise_pointwise.log1p>
    /** The logarithm to base 2. */
    log2: Method<typeof elementwise_pointwise.log2>
    /**
     * `log2` in place.
     * The logarithm to base 2.
     */
    log2_: InPlaceMethod<typeof elementwise_pointwise.log2>
    /** Fills with e to the power of a normal distribution. @param x floating */
    logNormal_: Method<typeof random_in_place.logNormal_>
    /** log(sigmoid(x)), without overflow. */
    logSigmoid: Method<typeof elementwise_pointwise.logSigmoid>
    /**
     * `logSigmoid` in place.
     * log(sigmoid(x)), without overflow.
     */
    logSigmoid_: InPlaceMethod<typeof elementwise_pointwise.logSigmoid>
    /**
     * The logarithm of the softmax along a dim, without overflow.
     * @param dim default 0 for 0, 1 and 3 dims, else 1
     */
    logSoftmax: Method<typeof reduce_softmax.logSoftmax>
    /**
     * `log` in place.
     * The natural logarithm.
     */
    log_: InPlaceMethod<typeof elementwise_pointwise.log>
    /** log(eˣ + eʸ). */
    logaddexp: Method<typeof elementwise_binary.logaddexp>
    /** log₂(2ˣ + 2ʸ). */
    logaddexp2: Method<typeof elementwise_binary.logaddexp2>
    /**
     * `logaddexp2` in place.
     * log₂(2ˣ + 2ʸ).
     */
    logaddexp2_: InPlaceMethod<typeof elementwise_binary.logaddexp2>
    /**
     * `logaddexp` in place.
     * log(eˣ + eʸ).
     */
    logaddexp_: InPlaceMethod<typeof elementwise_binary.logaddexp>
    /** log Σ eˣ of the elements so far, along a dim. @param x floating */
    logcumsumexp: Method<typeof reduce_cumulative.logcumsumexp>
    /** Whether both are not zero, as a bool. */
    logicalAnd: Method<typeof elementwise_binary.logicalAnd>
    /**
     * `logicalAnd` in place.
     * Whether both are not zero, as a bool.
     */
    logicalAnd_: InPlaceMethod<typeof elementwise_binary.logicalAnd>
    /** Whether it is zero, as a bool. */
    logicalNot: Method<typeof elementwise_binary.logicalNot>
    /**
     * `logicalNot` in place.
     * Whether it is zero, as a bool.
     */
    logicalNot_: InPlaceMethod<typeof elementwise_binary.logicalNot>
    /** Whether either is not zero, as a bool. */
    logicalOr: Method<typeof elementwise_binary.logicalOr>
    /**
     * `logicalOr` in place.
     * Whether either is not zero, as a bool.
     */
    logicalOr_: InPlaceMethod<typeof elementwise_binary.logicalOr>
    /** Whether one of them, and only one, is not zero, as a bool. */
    logicalXor: Method<typeof elementwise_binary.logicalXor>
    /**
     * `logicalXor` in place.
     * Whether one of them, and only one, is not zero, as a bool.
     */
    logicalXor_: InPlaceMethod<typeof elementwise_binary.logicalXor>
    /** log(x / (1 - x)); with `eps`, x is first limited to [eps, 1 - eps]. */
    logit: Method<typeof elementwise_pointwise.logit>
    /**
     * `logit` in place.
     * log(x / (1 - x)); with `eps`, x is first limited to [eps, 1 - eps].
     */
    logit_: InPlaceMethod<typeof elementwise_pointwise.logit>
    /** log Σ eˣ over `dim`, without overflow; of integers float32. */
    logsumexp: Method<typeof reduce_norms.logsumexp>
    /** The values in int64. */
    long: Method<typeof tensor_conversion.long>
    /** Whether x < y, as a bool. */
    lt: Method<typeof elementwise_binary.lt>
    /**
     * `lt` in place.
     * Whether x < y, as a bool.
     */
    lt_: InPlaceMethod<typeof elementwise_binary.lt>
    /**
     * A copy with one value where the mask holds.
     * @param mask bool; broadcasts with the input
     * @param value a number or a 0-d tensor
     */
    maskedFill: Method<typeof indexing_masks.maskedFill>
    /** As `maskedFill`, in place. @param mask bool; broadcasts to the tensor */
    maskedFill_: Method<typeof indexing_masks.maskedFill_>
    /** As `maskedScatter_`, on a copy. @param mask bool; both broadcast */
    maskedScatter: Method<typeof indexing_masks.maskedScatter>
    /**
     * Elements of `source`, in order, written where the mask holds, in place.
     * @param mask bool; broadcasts to the tensor
     * @param source as many elements or more, of the same dtype
     */
    maskedScatter_: Method<typeof indexing_masks.maskedScatter_>
    /** The elements where the mask (both broadcast) holds, as a vector. @param mask bool */
    maskedSelect: Method<typeof indexing_masks.maskedSelect>
    /**
     * The matrix product: vectors count as a row on the left and a column on the right, and leading dims broadcast.
     * @throws ShapeError where the inner sizes differ; DTypeError for two dtypes
     */
    matmul: Method<typeof linalg_matmul.matmul>
    /** A matrix, or a batch of them, times itself `n` times. */
    matrixPower: Method<typeof linalg_products.matrixPower>
    /**
     * The largest value of all, which equal ones share the gradient of; with `dim`, the largest along it and its first index; with a
     * tensor, `maximum`. NaN counts as the largest.
     */
    max: Method<typeof reduce_extremes.max>
    /** The larger value; NaN wins. */
    maximum: Method<typeof elementwise_binary.maximum>
    /**
     * `maximum` in place.
     * The larger value; NaN wins.
     */
    maximum_: InPlaceMethod<typeof elementwise_binary.maximum>
    /** The arithmetic mean over all elements or over `dim`. @param x floating, or `dtype` is */
    mean: Method<typeof reduce_reduce.mean>
    /** The lower median of all, or of a dim with its index; NaN where one of the values is. */
    median: Method<typeof indexing_quantiles.median>
    /**
     * The smallest value of all, which equal ones share the gradient of; with `dim`, the smallest along it and its first index; with a
     * tensor, `minimum`. NaN counts as the smallest.
     */
    min: Method<typeof reduce_extremes.min>
    /** The smaller value; NaN wins. */
    minimum: Method<typeof elementwise_binary.minimum>
    /**
     * `minimum` in place.
     * The smaller value; NaN wins.
     */
    minimum_: InPlaceMethod<typeof elementwise_binary.minimum>
    /** x · tanh(softplus(x)) (Misra 2019). */
    mish: Method<typeof elementwise_pointwise.mish>
    /**
     * `mish` in place.
     * x · tanh(softplus(x)) (Misra 2019).
     */
    mish_: InPlaceMethod<typeof elementwise_pointwise.mish>
    /** The product of two matrices. @throws ShapeError where the inner sizes differ; DTypeError for two dtypes */
    mm: Method<typeof linalg_matmul.mm>
    /** The most frequent value along a dim (the smallest of equals) and where it is. */
    mode: Method<typeof indexing_quantiles.mode>
    /** Dims moved to new places: another name of `movedim`. */
    moveaxis: Method<typeof tensor_views.moveaxis>
    /**
     * Dims moved to new places, the others keeping their order.
     * @param source which dims
     * @param destination where each of them goes
     * @throws ShapeError where the two differ in length, or a dim comes twice
     */
    movedim: Method<typeof tensor_views.movedim>
    /** Sorted along the first dim. */
    msort: Method<typeof indexing_order.msort>
    /** x · y. */
    mul: Method<typeof elementwise_binary.mul>
    /**
     * `mul` in place.
     * x · y.
     */
    mul_: InPlaceMethod<typeof elementwise_binary.mul>
    /**
     * Indices drawn with the weights of each row, which need not sum to 1; int64.
     * @returns [numSamples] or [rows, numSamples]
     */
    multinomial: Method<typeof random_sampling.multinomial>
    /** x · y: `mul`. */
    multiply: Method<typeof elementwise_binary.multiply>
    /**
     * `multiply` in place.
     * x · y: `mul`.
     */
    multiply_: InPlaceMethod<typeof elementwise_binary.multiply>
    /** The product of a matrix and a vector. @throws ShapeError where the sizes differ; DTypeError for two dtypes */
    mv: Method<typeof linalg_matmul.mv>
    /** The logarithm of the multivariate gamma function of dimension `p`. @param p 1 or more @throws ValueError for a smaller p */
    mvlgamma: Method<typeof elementwise_gamma.mvlgamma>
    /**
     * `mvlgamma` in place.
     * The logarithm of the multivariate gamma function of dimension `p`. @param p 1 or more @throws ValueError for a smaller p
     */
    mvlgamma_: InPlaceMethod<typeof elementwise_gamma.mvlgamma>
    /** Replaces NaN and infinities by numbers. */
    nanToNum: Method<typeof elementwise_pointwise.nanToNum>
    /**
     * `nanToNum` in place.
     * Replaces NaN and infinities by numbers.
     */
    nanToNum_: InPlaceMethod<typeof elementwise_pointwise.nanToNum>
    /** As `mean`, over the elements that are not NaN. @param x floating */
    nanmean: Method<typeof reduce_reduce.nanmean>
    /** The lower median of the elements that are not NaN, of all or of a dim with its index. */
    nanmedian: Method<typeof indexing_quantiles.nanmedian>
    /** As `quantile`, of the elements that are not NaN. @param x float32 or float64 */
    nanquantile: Method<typeof indexing_quantiles.nanquantile>
    /** As `sum`, with NaN counted as 0. */
    nansum: Method<typeof reduce_reduce.nansum>
    /**
     * A part of one dim.
     * @param start the first index; below 0 it counts from the end; a 0-d integer tensor may hold it
     * @param length how many
     * @throws IndexError for a start out of range; ShapeError where there are not so many
     */
    narrow: Method<typeof tensor_views.narrow>
    /** The number of dims, as `dim`. */
    ndimension: Method<typeof tensor_questions.ndimension>
    /** Whether x ≠ y, as a bool. */
    ne: Method<typeof elementwise_binary.ne>
    /**
     * `ne` in place.
     * Whether x ≠ y, as a bool.
     */
    ne_: InPlaceMethod<typeof elementwise_binary.ne>
    /** The value with its sign turned. */
    neg: Method<typeof elementwise_pointwise.neg>
    /**
     * `neg` in place.
     * The value with its sign turned.
     */
    neg_: InPlaceMethod<typeof elementwise_pointwise.neg>
    /** The value with its sign turned: `neg`. */
    negative: Method<typeof elementwise_pointwise.negative>
    /**
     * `negative` in place.
     * The value with its sign turned: `neg`.
     */
    negative_: InPlaceMethod<typeof elementwise_pointwise.negative>
    /** Uninitialised values of another size in the dtype of this tensor. @param size an array, or the ints themselves @throws ShapeError for a negative size */
    newEmpty: Method<typeof tensor_create.newEmpty>
    /** One value everywhere, of another size in the dtype of this tensor. @throws ShapeError for a negative size */
    newFull: Method<typeof tensor_create.newFull>
    /** Ones of another size in the dtype of this tensor. @param size an array, or the ints themselves @throws ShapeError for a negative size */
    newOnes: Method<typeof tensor_create.newOnes>
    /** A tensor of the data, copied, in the dtype of this tensor. @param data what `tensor` takes */
    newTensor: Method<typeof tensor_create.newTensor>
    /** Zeros of another size in the dtype of this tensor. @param size an array, or the ints themselves @throws ShapeError for a negative size */
    newZeros: Method<typeof tensor_create.newZeros>
    /** The next representable value after x toward y. */
    nextafter: Method<typeof elementwise_binary.nextafter>
    /**
     * `nextafter` in place.
     * The next representable value after x toward y.
     */
    nextafter_: InPlaceMethod<typeof elementwise_binary.nextafter>
    /** Where the elements are not 0: int64 [count, ndim], or with `asTuple` one vector a dim. */
    nonzero: Method<typeof indexing_masks.nonzero>
    /**
     * The p-norm of all elements, or of the vectors along `dim`.
     * @throws ShapeError for a norm without a value of nothing, as that of order Infinity
     */
    norm: Method<typeof reduce_norms.norm>
    /** Fills with the normal distribution. @param x floating */
    normal_: Method<typeof random_in_place.normal_>
    /** x ≠ y: `ne`. */
    notEqual: Method<typeof elementwise_binary.notEqual>
    /**
     * `notEqual` in place.
     * x ≠ y: `ne`.
     */
    notEqual_: InPlaceMethod<typeof elementwise_binary.notEqual>
    /** Every product of an element of one vector and one of the other. @throws ShapeError for what is no vector */
    outer: Method<typeof linalg_matmul.outer>
    /** The dims in another order. @param dims every dim once, an array or the ints themselves @throws ShapeError where they are not that */
    permute: Method<typeof tensor_views.permute>
    /** The n-th derivative of the digamma function. @param n 0 or more @throws ValueError for a negative n */
    polygamma: Method<typeof elementwise_gamma.polygamma>
    /**
     * `polygamma` in place.
     * The n-th derivative of the digamma function. @param n 0 or more @throws ValueError for a negative n
     */
    polygamma_: InPlaceMethod<typeof elementwise_gamma.polygamma>
    /** The value itself. @param x not bool */
    positive: Method<typeof elementwise_pointwise.positive>
    /** xʸ. */
    pow: Method<typeof elementwise_binary.pow>
    /**
     * `pow` in place.
     * xʸ.
     */
    pow_: InPlaceMethod<typeof elementwise_binary.pow>
    /**
     * x, or for negative values a learned multiple of it (He et al. 2015).
     * @param weight one value, or one a channel (dim 1), of the dtype of `x`
     */
    prelu: Method<typeof nn_activation.prelu>
    /** The product over all elements or over one `dim`; integers are multiplied in int64. */
    prod: Method<typeof reduce_reduce.prod>
    /** A copy with elements of the flattened tensor replaced (or, with `accumulate`, added to). @param index int64 */
    put: Method<typeof indexing_flat.put>
    /** As `put`, in place. @param index int64 */
    put_: Method<typeof indexing_flat.put_>
    /** The values below which given parts (a number, or a vector of them) of the elements lie. @param x float32 or float64 */
    quantile: Method<typeof indexing_quantiles.quantile>
    /** Radians to degrees. */
    rad2deg: Method<typeof elementwise_pointwise.rad2deg>
    /**
     * `rad2deg` in place.
     * Radians to degrees.
     */
    rad2deg_: InPlaceMethod<typeof elementwise_pointwise.rad2deg>
    /**
     * Fills with integers of [from, to): of [0, to) where one number is given, up to the largest of the dtype where `to` is null; without
     * bounds with all integers that the dtype holds exactly from 0 on (for bool with both values).
     */
    random_: Method<typeof random_in_place.random_>
    /** All elements as a vector; a view where possible. */
    ravel: Method<typeof tensor_views.ravel>
    /** 1 / x. */
    reciprocal: Method<typeof elementwise_pointwise.reciprocal>
    /**
     * `reciprocal` in place.
     * 1 / x.
     */
    reciprocal_: InPlaceMethod<typeof elementwise_pointwise.reciprocal>
    /** max(x, 0). */
    relu: Method<typeof elementwise_pointwise.relu>
    /** min(max(x, 0), 6). */
    relu6: Method<typeof elementwise_pointwise.relu6>
    /**
     * `relu6` in place.
     * min(max(x, 0), 6).
     */
    relu6_: InPlaceMethod<typeof elementwise_pointwise.relu6>
    /**
     * `relu` in place.
     * max(x, 0).
     */
    relu_: InPlaceMethod<typeof elementwise_pointwise.relu>
    /** The remainder with the sign of the divisor, as Python's %. */
    remainder: Method<typeof elementwise_binary.remainder>
    /**
     * `remainder` in place.
     * The remainder with the sign of the divisor, as Python's %.
     */
    remainder_: InPlaceMethod<typeof elementwise_binary.remainder>
    /** Slices of a dim scaled down to a p-norm of at most `maxnorm`. @throws ShapeError for less than two dims */
    renorm: Method<typeof linalg_products.renorm>
    /**
     * `renorm` in place.
     * Slices of a dim scaled down to a p-norm of at most `maxnorm`. @throws ShapeError for less than two dims
     */
    renorm_: InPlaceMethod<typeof linalg_products.renorm>
    /**
     * The tensor repeated along each dim; a copy.
     * @param repeats how often along each dim, an array or the ints themselves; there may be more dims in front
     * @throws ShapeError for fewer counts than dims
     */
    repeat: Method<typeof tensor_joining.repeat>
    /**
     * Every element several times in a row; or, of counts alone, each index as often as it counts.
     * @param repeats how often: a number, or a tensor with one count for each
     * @throws ShapeError for another number of counts than of elements; ValueError for a negative one
     */
    repeatInterleave: Method<typeof indexing_repeat_interleave.repeatInterleave>
    /**
     * The same elements in another shape, as a view where that is possible and as a copy otherwise.
     * @param shape an array, or the ints themselves; one size may be -1
     * @throws ShapeError where the sizes hold another number of elements
     */
    reshape: Method<typeof tensor_views.reshape>
    /** As `reshape`, in the shape of another tensor. */
    reshapeAs: Method<typeof tensor_views.reshapeAs>
    /** `resize_` to the shape of another tensor. */
    resizeAs_: Method<typeof tensor_resize.resizeAs_>
    /**
     * Gives a tensor another shape in place: its elements in memory order, as many as there are; further ones are anything.
     * Where more memory is needed, tensors that shared the old one keep it.
     * @param size an array, or the ints themselves
     */
    resize_: Method<typeof tensor_resize.resize_>
    /**
     * Elements moved round along dims, those pushed out coming in on the other side; a copy.
     * @param shifts how far, for each dim
     * @throws ShapeError for another number of dims than of shifts
     */
    roll: Method<typeof tensor_flips.roll>
    /** Quarter turns in the plane of two dims; a copy. @throws ShapeError where `dims` are not two different ones */
    rot90: Method<typeof tensor_flips.rot90>
    /** Rounds to the nearest integer, halves to the even one. */
    round: Method<typeof elementwise_pointwise.round>
    /**
     * `round` in place.
     * Rounds to the nearest integer, halves to the even one.
     */
    round_: InPlaceMethod<typeof elementwise_pointwise.round>
    /** 1 / √x. */
    rsqrt: Method<typeof elementwise_pointwise.rsqrt>
    /**
     * `rsqrt` in place.
     * 1 / √x.
     */
    rsqrt_: InPlaceMethod<typeof elementwise_pointwise.rsqrt>
    /** As `scatter_`, on a copy. */
    scatter: Method<typeof indexing_gather.scatter>
    /** As `scatterAdd_`, on a copy. */
    scatterAdd: Method<typeof indexing_gather.scatterAdd>
    /** x[index[i][j]][j] += src[i][j] for dim 0, in place. */
    scatterAdd_: Method<typeof indexing_gather.scatterAdd_>
    /** Scatters along a dim, combining what meets at one place (and, unless `includeSelf` is false, what was there). */
    scatterReduce: Method<typeof indexing_gather.scatterReduce>
    /** As `scatterReduce`, in place. */
    scatterReduce_: Method<typeof indexing_gather.scatterReduce_>
    /**
     * x[index[i][j]][j] = src[i][j] for dim 0, in place.
     * @param index int64 or int32, with as many dims as the tensor
     * @param src of the same dtype, no smaller than the index; or a number
     * @throws IndexError for an index that is out of range
     */
    scatter_: Method<typeof indexing_gather.scatter_>
    /**
     * One index of one dim; that dim is gone.
     * @param index below 0 it counts from the end
     * @throws IndexError out of range
     */
    select: Method<typeof tensor_views.select>
    /** A copy in which `select(dim, index)` is `src`. @throws ShapeError where `src` has another shape */
    selectScatter: Method<typeof tensor_view_scatter.selectScatter>
    /** Assigns to `x.at(...)`: `x.set([0, slice(1, 3)], value)`. The value (a number or tensor) broadcasts. */
    set: Method<typeof indexing_indexing.set>
    /** The sign: -1, 0 or 1. */
    sgn: Method<typeof elementwise_composed.sgn>
    /**
     * `sgn` in place.
     * The sign: -1, 0 or 1.
     */
    sgn_: InPlaceMethod<typeof elementwise_composed.sgn>
    /** The values in int16. */
    short: Method<typeof tensor_conversion.short>
    /** 1 / (1 + e⁻ˣ). */
    sigmoid: Method<typeof elementwise_pointwise.sigmoid>
    /**
     * `sigmoid` in place.
     * 1 / (1 + e⁻ˣ).
     */
    sigmoid_: InPlaceMethod<typeof elementwise_pointwise.sigmoid>
    /** -1, 0 or 1; NaN for NaN. */
    sign: Method<typeof elementwise_pointwise.sign>
    /**
     * `sign` in place.
     * -1, 0 or 1; NaN for NaN.
     */
    sign_: InPlaceMethod<typeof elementwise_pointwise.sign>
    /** Whether the sign bit is set, as a bool; of -0 it is. */
    signbit: Method<typeof elementwise_binary.signbit>
    /**
     * `signbit` in place.
     * Whether the sign bit is set, as a bool; of -0 it is.
     */
    signbit_: InPlaceMethod<typeof elementwise_binary.signbit>
    /** x · sigmoid(x). */
    silu: Method<typeof elementwise_pointwise.silu>
    /**
     * `silu` in place.
     * x · sigmoid(x).
     */
    silu_: InPlaceMethod<typeof elementwise_pointwise.silu>
    /** The sine of an angle in radians. */
    sin: Method<typeof elementwise_pointwise.sin>
    /**
     * `sin` in place.
     * The sine of an angle in radians.
     */
    sin_: InPlaceMethod<typeof elementwise_pointwise.sin>
    /** sin(πx) / (πx), 1 at 0. */
    sinc: Method<typeof elementwise_pointwise.sinc>
    /**
     * `sinc` in place.
     * sin(πx) / (πx), 1 at 0.
     */
    sinc_: InPlaceMethod<typeof elementwise_pointwise.sinc>
    /** The hyperbolic sine. */
    sinh: Method<typeof elementwise_pointwise.sinh>
    /**
     * `sinh` in place.
     * The hyperbolic sine.
     */
    sinh_: InPlaceMethod<typeof elementwise_pointwise.sinh>
    /** A copy in which a slice of a dim is `src`. @throws ShapeError where `src` has another shape */
    sliceScatter: Method<typeof tensor_view_scatter.sliceScatter>
    /**
     * eˣ / Σ eˣ along a dim.
     * @param dim default 0 for 0, 1 and 3 dims, else 1
     */
    softmax: Method<typeof reduce_softmax.softmax>
    /**
     * Softmax of the negated values.
     * @param dim default 0 for 0, 1 and 3 dims, else 1
     */
    softmin: Method<typeof reduce_softmax.softmin>
    /** x / (1 + |x|). */
    softsign: Method<typeof elementwise_pointwise.softsign>
    /**
     * `softsign` in place.
     * x / (1 + |x|).
     */
    softsign_: InPlaceMethod<typeof elementwise_pointwise.softsign>
    /** The values of a dim in order (NaN last), and where they were. */
    sort: Method<typeof indexing_order.sort>
    /**
     * Parts along a dim, as views.
     * @param splitSize the size of each (the last may be smaller), or of every one
     * @throws ShapeError where given sizes do not sum to that of the dim
     */
    split: Method<typeof tensor_joining.split>
    /** Views of the given sizes along a dim. @throws ShapeError where they do not sum to that of the dim */
    splitWithSizes: Method<typeof tensor_splitting.splitWithSizes>
    /** √x. */
    sqrt: Method<typeof elementwise_pointwise.sqrt>
    /**
     * `sqrt` in place.
     * √x.
     */
    sqrt_: InPlaceMethod<typeof elementwise_pointwise.sqrt>
    /** x²; of a bool int64. */
    square: Method<typeof elementwise_pointwise.square>
    /**
     * `square` in place.
     * x²; of a bool int64.
     */
    square_: InPlaceMethod<typeof elementwise_pointwise.square>
    /** Without the dims of size 1: all, or those named, as an array or one by one. @throws IndexError for a dim that is not there */
    squeeze: Method<typeof tensor_views.squeeze>
    /**
     * `squeeze` in place.
     * Without the dims of size 1: all, or those named, as an array or one by one. @throws IndexError for a dim that is not there
     */
    squeeze_: InPlaceMethod<typeof tensor_views.squeeze>
    /** The standard deviation; by default with Bessel's correction. @param x floating */
    std: Method<typeof reduce_spread.std>
    /** Standard deviation and mean. @param x floating */
    stdMean: Method<typeof reduce_spread.stdMean>
    /** x - alpha · y. */
    sub: Method<typeof elementwise_binary.sub>
    /**
     * `sub` in place.
     * x - alpha · y.
     */
    sub_: InPlaceMethod<typeof elementwise_binary.sub>
    /** x - alpha · y: `sub`. */
    subtract: Method<typeof elementwise_binary.subtract>
    /**
     * `subtract` in place.
     * x - alpha · y: `sub`.
     */
    subtract_: InPlaceMethod<typeof elementwise_binary.subtract>
    /** The sum over all elements or over `dim`; integers are summed in int64. */
    sum: Method<typeof reduce_reduce.sum>
    /**
     * The sum over dims that `size` lacks or has as 1: what broadcasting spread out, gathered.
     * @param size an array, or the ints themselves
     * @throws ShapeError for a size that does not broadcast to that of the tensor
     */
    sumToSize: Method<typeof reduce_reduce.sumToSize>
    /** Two dims exchanged: another name of `transpose`. */
    swapaxes: Method<typeof tensor_views.swapaxes>
    /**
     * `swapaxes` in place.
     * Two dims exchanged: another name of `transpose`.
     */
    swapaxes_: InPlaceMethod<typeof tensor_views.swapaxes>
    /** Two dims exchanged: another name of `transpose`. */
    swapdims: Method<typeof tensor_views.swapdims>
    /**
     * `swapdims` in place.
     * Two dims exchanged: another name of `transpose`.
     */
    swapdims_: InPlaceMethod<typeof tensor_views.swapdims>
    /** The transpose of a matrix; a vector or 0-d tensor as it is. @throws ShapeError for more than two dims */
    t: Method<typeof tensor_views.t>
    /**
     * `t` in place.
     * The transpose of a matrix; a vector or 0-d tensor as it is. @throws ShapeError for more than two dims
     */
    t_: InPlaceMethod<typeof tensor_views.t>
    /** Elements of the flattened tensor. @param index int64; the result has its shape */
    take: Method<typeof indexing_flat.take>
    /** As `gather`, with the other dims broadcast; without `dim`, of the flattened tensor. @param indices int64 */
    takeAlongDim: Method<typeof indexing_gather.takeAlongDim>
    /** The tangent of an angle in radians. */
    tan: Method<typeof elementwise_pointwise.tan>
    /**
     * `tan` in place.
     * The tangent of an angle in radians.
     */
    tan_: InPlaceMethod<typeof elementwise_pointwise.tan>
    /** The hyperbolic tangent. */
    tanh: Method<typeof elementwise_pointwise.tanh>
    /**
     * `tanh` in place.
     * The hyperbolic tangent.
     */
    tanh_: InPlaceMethod<typeof elementwise_pointwise.tanh>
    /** x - tanh(x). */
    tanhshrink: Method<typeof elementwise_pointwise.tanhshrink>
    /**
     * `tanhshrink` in place.
     * x - tanh(x).
     */
    tanhshrink_: InPlaceMethod<typeof elementwise_pointwise.tanhshrink>
    /**
     * As `chunk`, but as even as possible; or split before the given indices.
     * @param indicesOrSections how many parts, or where each but the first begins; an int64 tensor may hold either
     */
    tensorSplit: Method<typeof tensor_joining.tensorSplit>
    /** As `repeat`, with missing leading counts taken as 1. @param dims how often along each dim, an array or the ints themselves */
    tile: Method<typeof tensor_joining.tile>
    /**
     * The values in another dtype; the tensor itself where it has it already: `x.to('float64')`, `x.to(other)`, `x.to('cpu', 'float64')`.
     * @throws ArgumentError for any device but 'cpu'
     */
    to: Method<typeof tensor_conversion.to>
    /** The values as nested arrays of numbers (bool: booleans); a 0-d tensor gives one value. @throws ValueError for an int64 beyond 2⁵³ */
    toArray: Method<typeof tensor_read.toArray>
    /** A row-major copy of the values; float16 and bfloat16 as their bits (Uint16Array), bool as Uint8Array. */
    toTypedArray: Method<typeof tensor_read.toTypedArray>
    /** The values as nested arrays: PyTorch's name of `toArray`. */
    tolist: Method<typeof tensor_read.tolist>
    /** The `k` largest values of a dim, in order, and where they were. */
    topk: Method<typeof indexing_order.topk>
    /** The sum of the diagonal of a matrix. @throws ShapeError for another tensor; DTypeError for bools */
    trace: Method<typeof tensor_triangles.trace>
    /** Two dims exchanged. @throws IndexError for a dim that is not there */
    transpose: Method<typeof tensor_views.transpose>
    /**
     * `transpose` in place.
     * Two dims exchanged. @throws IndexError for a dim that is not there
     */
    transpose_: InPlaceMethod<typeof tensor_views.transpose>
    /** The lower triangle of each matrix, the rest 0. @throws ShapeError for less than two dims */
    tril: Method<typeof tensor_triangles.tril>
    /**
     * `tril` in place.
     * The lower triangle of each matrix, the rest 0. @throws ShapeError for less than two dims
     */
    tril_: InPlaceMethod<typeof tensor_triangles.tril>
    /** The upper triangle of each matrix, the rest 0. @throws ShapeError for less than two dims */
    triu: Method<typeof tensor_triangles.triu>
    /**
     * `triu` in place.
     * The upper triangle of each matrix, the rest 0. @throws ShapeError for less than two dims
     */
    triu_: InPlaceMethod<typeof tensor_triangles.triu>
    /** x / y: `div`. */
    trueDivide: Method<typeof elementwise_binary.trueDivide>
    /**
     * `trueDivide` in place.
     * x / y: `div`.
     */
    trueDivide_: InPlaceMethod<typeof elementwise_binary.trueDivide>
    /** The integer part: rounds toward zero. */
    trunc: Method<typeof elementwise_pointwise.trunc>
    /**
     * `trunc` in place.
     * The integer part: rounds toward zero.
     */
    trunc_: InPlaceMethod<typeof elementwise_pointwise.trunc>
    /** The values in another dtype: another name of `to`. */
    type: Method<typeof tensor_conversion.type>
    /** The values in the dtype of another tensor. */
    typeAs: Method<typeof tensor_conversion.typeAs>
    /** One view for each index of a dim, that dim gone. @throws IndexError for a dim that is not there */
    unbind: Method<typeof tensor_joining.unbind>
    /**
     * One dim as several.
     * @param sizes one of them may be -1
     * @throws ShapeError where they do not multiply up to the size of the dim
     */
    unflatten: Method<typeof tensor_views.unflatten>
    /**
     * Every window of a dim, as a new last dim.
     * @param size how many elements a window has
     * @param step how far apart windows begin
     * @throws ShapeError where no window fits
     */
    unfold: Method<typeof tensor_views.unfold>
    /** Fills with the uniform distribution of [from, to). @param x floating */
    uniform_: Method<typeof random_in_place.uniform_>
    /** The different values (or slices of `dim`) in order; with the options, where each went and how often each occurs. */
    unique: Method<typeof indexing_unique.unique>
    /** As `unique`, of runs: a value that comes again later counts again. */
    uniqueConsecutive: Method<typeof indexing_unique.uniqueConsecutive>
    /** With a dim of size 1 put in. @param dim before which; -1 puts it last @throws IndexError out of range */
    unsqueeze: Method<typeof tensor_views.unsqueeze>
    /**
     * `unsqueeze` in place.
     * With a dim of size 1 put in. @param dim before which; -1 puts it last @throws IndexError out of range
     */
    unsqueeze_: InPlaceMethod<typeof tensor_views.unsqueeze>
    /** The variance; by default with Bessel's correction (divisor n - 1). @param x floating */
    var: Method<typeof reduce_spread.var>
    /** Variance and mean in one pass. @param x floating */
    varMean: Method<typeof reduce_spread.varMean>
    /** The product of two vectors (real numbers have no conjugate). */
    vdot: Method<typeof linalg_products.vdot>
    /**
     * The same memory in another shape, or its bytes in another dtype.
     * @param shape sizes, an array or the ints themselves, of which one may be -1; or a dtype, whose item size the last dim grows or shrinks with
     * @throws ShapeError where the strides do not allow it; `reshape` copies then
     */
    view: Method<typeof tensor_views.view>
    /** As `view`, in the shape of another tensor. */
    viewAs: Method<typeof tensor_views.viewAs>
    /** Parts one below the other: along dim 0. @param indicesOrSections as of `hsplit` */
    vsplit: Method<typeof tensor_splitting.vsplit>
    /** Takes `x` where `condition` holds, else `y`; all three broadcast. */
    where: Method<typeof elementwise_ternary.where>
    /** x · log(y), 0 where x is 0. */
    xlogy: Method<typeof elementwise_log_products.xlogy>
    /**
     * `xlogy` in place.
     * x · log(y), 0 where x is 0.
     */
    xlogy_: InPlaceMethod<typeof elementwise_log_products.xlogy>
    /** Sets every element to 0. */
    zero_: Method<typeof tensor_fill.zero_>
  }
}

// biome-ignore lint/complexity/noUselessEmptyExport: without an export a bundler takes a file of imports for CommonJS
export {}
