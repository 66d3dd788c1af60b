// Written by scripts/generate-commands.mjs from native/ops.def. Do not edit: run `npm run generate`.
// What a command says, by its schema: a struct that is filled by decode(), which checks every slot. A handler gets it
// checked.
#pragma once
#include "command.h"

namespace tenzo {

enum Schema : uint8_t {
  SCHEMA_UNARY,
  SCHEMA_BINARY,
  SCHEMA_TERNARY,
  SCHEMA_COMPARE,
  SCHEMA_PREDICATE,
  SCHEMA_WHERE,
  SCHEMA_CAST,
  SCHEMA_ARANGE,
  SCHEMA_LINSPACE,
  SCHEMA_REDUCE,
  SCHEMA_REDUCE_MOMENTS,
  SCHEMA_REDUCE_EXTREME,
  SCHEMA_REDUCE_COUNT,
  SCHEMA_REDUCE_TRUTH,
  SCHEMA_SCAN,
  SCHEMA_SCAN_EXTREME,
  SCHEMA_PROD_BACKWARD,
  SCHEMA_CUMPROD_BACKWARD,
  SCHEMA_MATMUL,
  SCHEMA_CONV,
  SCHEMA_CONV_BACKWARD_INPUT,
  SCHEMA_CONV_BACKWARD_WEIGHT,
  SCHEMA_MAX_POOL,
  SCHEMA_ADAPTIVE_MAX_POOL,
  SCHEMA_MAX_POOL_BACKWARD,
  SCHEMA_AVG_POOL,
  SCHEMA_AVG_POOL_BACKWARD,
  SCHEMA_ADAPTIVE_AVG_POOL,
  SCHEMA_ADAPTIVE_AVG_POOL_BACKWARD,
  SCHEMA_SOFTMAX,
  SCHEMA_SOFTMAX_BACKWARD,
  SCHEMA_CROSS_ENTROPY,
  SCHEMA_CROSS_ENTROPY_BACKWARD,
  SCHEMA_NLL_LOSS,
  SCHEMA_NLL_LOSS_BACKWARD,
  SCHEMA_CTC_LOSS,
  SCHEMA_CTC_LOSS_BACKWARD,
  SCHEMA_BATCH_NORM,
  SCHEMA_BATCH_NORM_BACKWARD,
  SCHEMA_LAYER_NORM,
  SCHEMA_LAYER_NORM_BACKWARD,
  SCHEMA_GROUP_NORM,
  SCHEMA_GROUP_NORM_BACKWARD,
  SCHEMA_INDEX,
  SCHEMA_INDEX_PUT,
  SCHEMA_NONZERO,
  SCHEMA_MASKED_SELECT,
  SCHEMA_MASKED_SCATTER,
  SCHEMA_TRIANGLE,
  SCHEMA_SEARCHSORTED,
  SCHEMA_SORT,
  SCHEMA_TOPK,
  SCHEMA_UNIQUE,
  SCHEMA_MODE,
  SCHEMA_REPEAT_INTERLEAVE,
  SCHEMA_CHECK_RANGE,
  SCHEMA_GENERATOR_SEED,
  SCHEMA_RANDOM_UNIFORM,
  SCHEMA_RANDOM_NORMAL,
  SCHEMA_RANDOM_LOG_NORMAL,
  SCHEMA_RANDOM_RATE,
  SCHEMA_RANDOM_CAUCHY,
  SCHEMA_RANDOM_FROM_TO,
  SCHEMA_RANDOM_INT,
  SCHEMA_RANDOM_PERM,
  SCHEMA_RANDOM_PROBABILITY,
  SCHEMA_RANDOM_BERNOULLI_TENSOR,
  SCHEMA_RANDOM_DROPOUT,
  SCHEMA_RANDOM_MULTINOMIAL,
  SCHEMA_RANDOM_POISSON,
  SCHEMA_RANDOM_BINOMIAL,
  SCHEMA_SGD_STEP,
  SCHEMA_ADAM_STEP,
  SCHEMA_LSTM_CELL,
  SCHEMA_LSTM_CELL_BACKWARD,
  SCHEMA_GRU_CELL,
  SCHEMA_GRU_CELL_BACKWARD,
  SCHEMA_COUNT
};
constexpr bool isMap(Schema s) {
  return s == SCHEMA_UNARY || s == SCHEMA_BINARY || s == SCHEMA_TERNARY || s == SCHEMA_COMPARE ||
         s == SCHEMA_PREDICATE || s == SCHEMA_WHERE || s == SCHEMA_CAST;
}

// arange
struct ArangeArgs {
  Out out;
  int64_t n;
  Number start;
  Number step;
};

// linspace
struct LinspaceArgs {
  Out out;
  int64_t n;
  double start;
  double end;
};

// sum mean nansum prod norm logsumexp amax amin
struct ReduceArgs {
  Out out;
  In a;
  double param;
  int ndim;
  Dims sizes;
  Dims strides;
  Dims outStrides;
  Dims reduced;
};

// var std
struct ReduceMomentsArgs {
  Out out;
  Out mean;
  In a;
  double param;
  int ndim;
  Dims sizes;
  Dims strides;
  Dims outStrides;
  Dims reduced;
};

// max min
struct ReduceExtremeArgs {
  Out out;
  Out indices;
  In a;
  double param;
  int ndim;
  Dims sizes;
  Dims strides;
  Dims outStrides;
  Dims reduced;
};

// argmax argmin count_nonzero
struct ReduceCountArgs {
  Out out;
  In a;
  double param;
  int ndim;
  Dims sizes;
  Dims strides;
  Dims outStrides;
  Dims reduced;
};

// any all
struct ReduceTruthArgs {
  Out out;
  In a;
  double param;
  int ndim;
  Dims sizes;
  Dims strides;
  Dims outStrides;
  Dims reduced;
};

// cumsum cumprod logcumsumexp
struct ScanArgs {
  Out out;
  In a;
  int dim;
  int ndim;
  Dims sizes;
  Dims strides;
  Dims outStrides;
};

// cummax cummin
struct ScanExtremeArgs {
  Out out;
  Out indices;
  In a;
  int dim;
  int ndim;
  Dims sizes;
  Dims strides;
  Dims outStrides;
};

// prod_backward
struct ProdBackwardArgs {
  Out dx;
  In dy;
  In x;
  In y;
  int64_t outer;
  int64_t dim;
  int64_t inner;
  bool whole;
};

// cumprod_backward
struct CumprodBackwardArgs {
  Out dx;
  In dy;
  In x;
  In y;
  int64_t outer;
  int64_t dim;
  int64_t inner;
};

// matmul
struct MatmulArgs {
  int64_t m;
  int64_t n;
  int64_t k;
  int64_t batch;
  In a;
  int64_t aRow;
  int64_t aColumn;
  int64_t aBatch;
  In b;
  int64_t bRow;
  int64_t bColumn;
  int64_t bBatch;
  Out c;
  int64_t cRow;
  int64_t cBatch;
  In bias;
  int64_t biasRow;
  int64_t biasColumn;
  int64_t biasBatch;
  double alpha;
  double beta;
  bool relu;
};

// conv
struct ConvArgs {
  Out y;
  In x;
  In w;
  In bias;
  int64_t batch;
  int64_t inChannels;
  int64_t outChannels;
  int64_t groups;
  int64_t in[3];
  int64_t out[3];
  int64_t kernel[3];
  int64_t stride[3];
  int64_t padding[3];
  int64_t dilation[3];
};

// conv_backward_input
struct ConvBackwardInputArgs {
  Out dx;
  In dy;
  In w;
  In bias;
  int64_t batch;
  int64_t inChannels;
  int64_t outChannels;
  int64_t groups;
  int64_t in[3];
  int64_t out[3];
  int64_t kernel[3];
  int64_t stride[3];
  int64_t padding[3];
  int64_t dilation[3];
};

// conv_backward_weight
struct ConvBackwardWeightArgs {
  Out dw;
  In x;
  In dy;
  Out db;
  int64_t batch;
  int64_t inChannels;
  int64_t outChannels;
  int64_t groups;
  int64_t in[3];
  int64_t out[3];
  int64_t kernel[3];
  int64_t stride[3];
  int64_t padding[3];
  int64_t dilation[3];
};

// max_pool
struct MaxPoolArgs {
  Out y;
  Out indices;
  In x;
  int64_t planes;
  int64_t in[3];
  int64_t out[3];
  int64_t kernel[3];
  int64_t stride[3];
  int64_t padding[3];
  int64_t dilation[3];
};

// adaptive_max_pool
struct AdaptiveMaxPoolArgs {
  Out y;
  Out indices;
  In x;
  int64_t planes;
  int64_t in[3];
  int64_t out[3];
};

// max_pool_backward
struct MaxPoolBackwardArgs {
  Out dx;
  In dy;
  In indices;
  int64_t planes;
  int64_t inputs;
  int64_t outputs;
};

// avg_pool
struct AvgPoolArgs {
  Out y;
  In x;
  int64_t planes;
  int64_t in[3];
  int64_t out[3];
  int64_t kernel[3];
  int64_t stride[3];
  int64_t padding[3];
  bool countPadding;
  int64_t divisor;
};

// avg_pool_backward
struct AvgPoolBackwardArgs {
  Out dx;
  In dy;
  int64_t planes;
  int64_t in[3];
  int64_t out[3];
  int64_t kernel[3];
  int64_t stride[3];
  int64_t padding[3];
  bool countPadding;
  int64_t divisor;
};

// adaptive_avg_pool
struct AdaptiveAvgPoolArgs {
  Out y;
  In x;
  int64_t planes;
  int64_t in[3];
  int64_t out[3];
};

// adaptive_avg_pool_backward
struct AdaptiveAvgPoolBackwardArgs {
  Out dx;
  In dy;
  int64_t planes;
  int64_t in[3];
  int64_t out[3];
};

// softmax masked_softmax log_softmax
struct SoftmaxArgs {
  Out y;
  In x;
  int64_t outer;
  int64_t dim;
  int64_t inner;
};

// softmax_backward log_softmax_backward
struct SoftmaxBackwardArgs {
  Out dx;
  In dy;
  In y;
  int64_t outer;
  int64_t dim;
  int64_t inner;
};

// cross_entropy
struct CrossEntropyArgs {
  Out loss;
  In logits;
  In target;
  In weight;
  Out stats;
  Out totalWeight;
  int64_t n;
  int64_t c;
  int64_t s;
  int64_t losses;
  int64_t reduction;
  int64_t ignoreIndex;
  double labelSmoothing;
};

// cross_entropy_backward
struct CrossEntropyBackwardArgs {
  Out dx;
  In dy;
  In logits;
  In target;
  In weight;
  In stats;
  In totalWeight;
  int64_t n;
  int64_t c;
  int64_t s;
  int64_t losses;
  int64_t reduction;
  int64_t ignoreIndex;
  double labelSmoothing;
};

// nll_loss
struct NllLossArgs {
  Out loss;
  In logs;
  In target;
  In weight;
  Out totalWeight;
  int64_t n;
  int64_t c;
  int64_t s;
  int64_t losses;
  int64_t reduction;
  int64_t ignoreIndex;
};

// nll_loss_backward
struct NllLossBackwardArgs {
  Out dx;
  In dy;
  In target;
  In weight;
  In totalWeight;
  int64_t n;
  int64_t c;
  int64_t s;
  int64_t losses;
  int64_t reduction;
  int64_t ignoreIndex;
};

// ctc_loss
struct CtcLossArgs {
  Out loss;
  Out alpha;
  In logs;
  In targets;
  In inputLengths;
  In targetLengths;
  int64_t t;
  int64_t n;
  int64_t c;
  int64_t s;
  int64_t targetStride;
  int64_t blank;
  int64_t labels;
};

// ctc_loss_backward
struct CtcLossBackwardArgs {
  Out dx;
  In dy;
  In alpha;
  In loss;
  In logs;
  In targets;
  In inputLengths;
  In targetLengths;
  int64_t t;
  int64_t n;
  int64_t c;
  int64_t s;
  int64_t targetStride;
  int64_t blank;
  int64_t labels;
  bool zeroInfinity;
};

// batch_norm
struct BatchNormArgs {
  Out y;
  In x;
  In weight;
  In bias;
  Out runningMean;
  Out runningVar;
  Out mean;
  Out invstd;
  int64_t n;
  int64_t c;
  int64_t s;
  bool training;
  double momentum;
  double eps;
};

// batch_norm_backward
struct BatchNormBackwardArgs {
  Out dx;
  Out dw;
  Out db;
  In dy;
  In x;
  In weight;
  In mean;
  In spread;
  int64_t n;
  int64_t c;
  int64_t s;
  bool training;
  double eps;
};

// layer_norm
struct LayerNormArgs {
  Out y;
  In x;
  In weight;
  In bias;
  Out mean;
  Out rstd;
  int64_t rows;
  int64_t columns;
  double eps;
};

// layer_norm_backward
struct LayerNormBackwardArgs {
  Out dx;
  Out dw;
  Out db;
  In dy;
  In x;
  In weight;
  In mean;
  In rstd;
  int64_t rows;
  int64_t columns;
};

// group_norm
struct GroupNormArgs {
  Out y;
  In x;
  In weight;
  In bias;
  Out mean;
  Out rstd;
  int64_t n;
  int64_t c;
  int64_t s;
  int64_t groups;
  double eps;
};

// group_norm_backward
struct GroupNormBackwardArgs {
  Out dx;
  Out dw;
  Out db;
  In dy;
  In x;
  In weight;
  In mean;
  In rstd;
  int64_t n;
  int64_t c;
  int64_t s;
  int64_t groups;
};

// index
struct IndexArgs {
  struct Index {
    In index;
    int64_t size;
    int64_t stride;
    Dims indexStrides;
  };
  Out out;
  In a;
  bool wrap;
  int ndim;
  Dims sizes;
  Dims outStrides;
  Dims strides;
  int indicesCount;
  Index indices[MAX_INDICES];
};

// index_put
struct IndexPutArgs {
  struct Index {
    In index;
    int64_t size;
    int64_t stride;
    Dims indexStrides;
  };
  Out self;
  In values;
  bool wrap;
  int64_t mode;
  double alpha;
  double skip;
  int ndim;
  Dims sizes;
  Dims strides;
  Dims valueStrides;
  int indicesCount;
  Index indices[MAX_INDICES];
};

// nonzero
struct NonzeroArgs {
  Out out;
  In a;
  int64_t capacity;
  int ndim;
  Dims sizes;
  Dims strides;
};

// masked_select
struct MaskedSelectArgs {
  Out out;
  In a;
  In mask;
  int64_t capacity;
  int ndim;
  Dims sizes;
  Dims strides;
  Dims maskStrides;
};

// masked_scatter
struct MaskedScatterArgs {
  Out self;
  In mask;
  In source;
  int64_t length;
  int ndim;
  Dims sizes;
  Dims strides;
  Dims maskStrides;
};

// triangle
struct TriangleArgs {
  Out out;
  In a;
  int64_t diagonal;
  bool upper;
  int ndim;
  Dims sizes;
  Dims outStrides;
  Dims strides;
};

// searchsorted
struct SearchsortedArgs {
  Out out;
  In values;
  In boundaries;
  In sorter;
  int64_t rows;
  int64_t n;
  int64_t m;
  int64_t rowStep;
  bool right;
};

// sort
struct SortArgs {
  Out values;
  Out indices;
  In a;
  int dim;
  bool descending;
  int ndim;
  Dims sizes;
  Dims outStrides;
  Dims strides;
};

// topk
struct TopkArgs {
  Out values;
  Out indices;
  In a;
  int dim;
  int64_t k;
  bool largest;
  int ndim;
  Dims sizes;
  Dims outStrides;
  Dims strides;
};

// unique
struct UniqueArgs {
  Out firsts;
  Out inverse;
  Out counts;
  Out groups;
  In a;
  int64_t n;
  int64_t width;
  bool sorted;
};

// mode
struct ModeArgs {
  Out indices;
  In a;
  int dim;
  int ndim;
  Dims sizes;
  Dims outStrides;
  Dims strides;
};

// repeat_interleave
struct RepeatInterleaveArgs {
  Out out;
  In counts;
  int64_t n;
  int64_t step;
  int64_t total;
};

// check_range
struct CheckRangeArgs {
  In a;
  double low;
  double high;
  bool nan;
  int ndim;
  Dims sizes;
  Dims strides;
};

// generator_seed
struct GeneratorSeedArgs {
  Out state;
  int64_t seed;
};

// random_uniform
struct RandomUniformArgs {
  Out state;
  Out out;
  int64_t n;
  double from;
  double to;
};

// random_normal
struct RandomNormalArgs {
  Out state;
  Out out;
  int64_t n;
  double mean;
  double std;
  bool grouped;
};

// random_log_normal
struct RandomLogNormalArgs {
  Out state;
  Out out;
  int64_t n;
  double mean;
  double std;
};

// random_exponential
struct RandomRateArgs {
  Out state;
  Out out;
  int64_t n;
  double rate;
};

// random_cauchy
struct RandomCauchyArgs {
  Out state;
  Out out;
  int64_t n;
  double median;
  double sigma;
};

// random_from_to
struct RandomFromToArgs {
  Out state;
  Out out;
  int64_t n;
  int64_t base;
  int64_t range;
};

// random_int
struct RandomIntArgs {
  Out state;
  Out out;
  int64_t n;
};

// random_perm
struct RandomPermArgs {
  Out state;
  Out out;
  int64_t n;
};

// random_geometric random_bernoulli
struct RandomProbabilityArgs {
  Out state;
  Out out;
  int64_t n;
  double p;
};

// random_bernoulli_tensor
struct RandomBernoulliTensorArgs {
  Out state;
  Out out;
  In probabilities;
  int64_t n;
};

// random_dropout
struct RandomDropoutArgs {
  Out state;
  Out noise;
  Out out;
  In a;
  int64_t n;
  double p;
};

// random_multinomial
struct RandomMultinomialArgs {
  Out state;
  Out out;
  In probabilities;
  int64_t rows;
  int64_t categories;
  int64_t samples;
};

// random_poisson
struct RandomPoissonArgs {
  Out state;
  Out out;
  In rates;
  int64_t n;
};

// random_binomial
struct RandomBinomialArgs {
  Out state;
  Out out;
  In counts;
  In probabilities;
  int64_t n;
};

// sgd_step
struct SgdStepArgs {
  Out param;
  In grad;
  Out buffer;
  int64_t n;
  double lr;
  double momentum;
  double dampening;
  double weightDecay;
  bool nesterov;
  bool maximize;
  bool first;
};

// adam_step
struct AdamStepArgs {
  Out param;
  In grad;
  Out expAvg;
  Out expAvgSq;
  Out maxExpAvgSq;
  int64_t n;
  double lr;
  double beta1;
  double beta2;
  double eps;
  double weightDecay;
  bool decoupled;
  bool maximize;
  double step;
};

// lstm_cell
struct LstmCellArgs {
  Out gates;
  In before;
  Out cell;
  Out hidden;
  int64_t rows;
  int64_t h;
};

// lstm_cell_backward
struct LstmCellBackwardArgs {
  Out dGates;
  In gates;
  In before;
  In cell;
  In dHidden;
  In dCell;
  Out dBefore;
  int64_t rows;
  int64_t h;
};

// gru_cell
struct GruCellArgs {
  Out gates;
  In stateGates;
  Out kept;
  In before;
  Out hidden;
  int64_t rows;
  int64_t h;
};

// gru_cell_backward
struct GruCellBackwardArgs {
  Out dGates;
  Out dStateGates;
  In gates;
  In kept;
  In before;
  In dHidden;
  Out dBefore;
  int64_t rows;
  int64_t h;
};

// False: a slot is not what the schema says, or memory ends before the command would.
bool decode(const Command&, ArangeArgs&);
bool decode(const Command&, LinspaceArgs&);
bool decode(const Command&, ReduceArgs&);
bool decode(const Command&, ReduceMomentsArgs&);
bool decode(const Command&, ReduceExtremeArgs&);
bool decode(const Command&, ReduceCountArgs&);
bool decode(const Command&, ReduceTruthArgs&);
bool decode(const Command&, ScanArgs&);
bool decode(const Command&, ScanExtremeArgs&);
bool decode(const Command&, ProdBackwardArgs&);
bool decode(const Command&, CumprodBackwardArgs&);
bool decode(const Command&, MatmulArgs&);
bool decode(const Command&, ConvArgs&);
bool decode(const Command&, ConvBackwardInputArgs&);
bool decode(const Command&, ConvBackwardWeightArgs&);
bool decode(const Command&, MaxPoolArgs&);
bool decode(const Command&, AdaptiveMaxPoolArgs&);
bool decode(const Command&, MaxPoolBackwardArgs&);
bool decode(const Command&, AvgPoolArgs&);
bool decode(const Command&, AvgPoolBackwardArgs&);
bool decode(const Command&, AdaptiveAvgPoolArgs&);
bool decode(const Command&, AdaptiveAvgPoolBackwardArgs&);
bool decode(const Command&, SoftmaxArgs&);
bool decode(const Command&, SoftmaxBackwardArgs&);
bool decode(const Command&, CrossEntropyArgs&);
bool decode(const Command&, CrossEntropyBackwardArgs&);
bool decode(const Command&, NllLossArgs&);
bool decode(const Command&, NllLossBackwardArgs&);
bool decode(const Command&, CtcLossArgs&);
bool decode(const Command&, CtcLossBackwardArgs&);
bool decode(const Command&, BatchNormArgs&);
bool decode(const Command&, BatchNormBackwardArgs&);
bool decode(const Command&, LayerNormArgs&);
bool decode(const Command&, LayerNormBackwardArgs&);
bool decode(const Command&, GroupNormArgs&);
bool decode(const Command&, GroupNormBackwardArgs&);
bool decode(const Command&, IndexArgs&);
bool decode(const Command&, IndexPutArgs&);
bool decode(const Command&, NonzeroArgs&);
bool decode(const Command&, MaskedSelectArgs&);
bool decode(const Command&, MaskedScatterArgs&);
bool decode(const Command&, TriangleArgs&);
bool decode(const Command&, SearchsortedArgs&);
bool decode(const Command&, SortArgs&);
bool decode(const Command&, TopkArgs&);
bool decode(const Command&, UniqueArgs&);
bool decode(const Command&, ModeArgs&);
bool decode(const Command&, RepeatInterleaveArgs&);
bool decode(const Command&, CheckRangeArgs&);
bool decode(const Command&, GeneratorSeedArgs&);
bool decode(const Command&, RandomUniformArgs&);
bool decode(const Command&, RandomNormalArgs&);
bool decode(const Command&, RandomLogNormalArgs&);
bool decode(const Command&, RandomRateArgs&);
bool decode(const Command&, RandomCauchyArgs&);
bool decode(const Command&, RandomFromToArgs&);
bool decode(const Command&, RandomIntArgs&);
bool decode(const Command&, RandomPermArgs&);
bool decode(const Command&, RandomProbabilityArgs&);
bool decode(const Command&, RandomBernoulliTensorArgs&);
bool decode(const Command&, RandomDropoutArgs&);
bool decode(const Command&, RandomMultinomialArgs&);
bool decode(const Command&, RandomPoissonArgs&);
bool decode(const Command&, RandomBinomialArgs&);
bool decode(const Command&, SgdStepArgs&);
bool decode(const Command&, AdamStepArgs&);
bool decode(const Command&, LstmCellArgs&);
bool decode(const Command&, LstmCellBackwardArgs&);
bool decode(const Command&, GruCellArgs&);
bool decode(const Command&, GruCellBackwardArgs&);

// The kind of function that the kernel table holds for an operation of a schema. One with a second type among the
// operands of a map is a row: the loop for each of them.
template <Schema>
struct KernelOf;
template <>
struct KernelOf<SCHEMA_UNARY> {
  using Type = MapLoop;
};
template <>
struct KernelOf<SCHEMA_BINARY> {
  using Type = MapLoop;
};
template <>
struct KernelOf<SCHEMA_TERNARY> {
  using Type = MapLoop;
};
template <>
struct KernelOf<SCHEMA_COMPARE> {
  using Type = MapLoop;
};
template <>
struct KernelOf<SCHEMA_PREDICATE> {
  using Type = MapLoop;
};
template <>
struct KernelOf<SCHEMA_WHERE> {
  using Type = MapLoop;
};
template <>
struct KernelOf<SCHEMA_CAST> {
  using Type = MapLoop (*)(DType second);
};
template <>
struct KernelOf<SCHEMA_ARANGE> {
  using Type = Status (*)(const Command&, const ArangeArgs&);
};
template <>
struct KernelOf<SCHEMA_LINSPACE> {
  using Type = Status (*)(const Command&, const LinspaceArgs&);
};
template <>
struct KernelOf<SCHEMA_REDUCE> {
  using Type = Status (*)(const Command&, const ReduceArgs&);
};
template <>
struct KernelOf<SCHEMA_REDUCE_MOMENTS> {
  using Type = Status (*)(const Command&, const ReduceMomentsArgs&);
};
template <>
struct KernelOf<SCHEMA_REDUCE_EXTREME> {
  using Type = Status (*)(const Command&, const ReduceExtremeArgs&);
};
template <>
struct KernelOf<SCHEMA_REDUCE_COUNT> {
  using Type = Status (*)(const Command&, const ReduceCountArgs&);
};
template <>
struct KernelOf<SCHEMA_REDUCE_TRUTH> {
  using Type = Status (*)(const Command&, const ReduceTruthArgs&);
};
template <>
struct KernelOf<SCHEMA_SCAN> {
  using Type = Status (*)(const Command&, const ScanArgs&);
};
template <>
struct KernelOf<SCHEMA_SCAN_EXTREME> {
  using Type = Status (*)(const Command&, const ScanExtremeArgs&);
};
template <>
struct KernelOf<SCHEMA_PROD_BACKWARD> {
  using Type = Status (*)(const Command&, const ProdBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_CUMPROD_BACKWARD> {
  using Type = Status (*)(const Command&, const CumprodBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_MATMUL> {
  using Type = Status (*)(const Command&, const MatmulArgs&);
};
template <>
struct KernelOf<SCHEMA_CONV> {
  using Type = Status (*)(const Command&, const ConvArgs&);
};
template <>
struct KernelOf<SCHEMA_CONV_BACKWARD_INPUT> {
  using Type = Status (*)(const Command&, const ConvBackwardInputArgs&);
};
template <>
struct KernelOf<SCHEMA_CONV_BACKWARD_WEIGHT> {
  using Type = Status (*)(const Command&, const ConvBackwardWeightArgs&);
};
template <>
struct KernelOf<SCHEMA_MAX_POOL> {
  using Type = Status (*)(const Command&, const MaxPoolArgs&);
};
template <>
struct KernelOf<SCHEMA_ADAPTIVE_MAX_POOL> {
  using Type = Status (*)(const Command&, const AdaptiveMaxPoolArgs&);
};
template <>
struct KernelOf<SCHEMA_MAX_POOL_BACKWARD> {
  using Type = Status (*)(const Command&, const MaxPoolBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_AVG_POOL> {
  using Type = Status (*)(const Command&, const AvgPoolArgs&);
};
template <>
struct KernelOf<SCHEMA_AVG_POOL_BACKWARD> {
  using Type = Status (*)(const Command&, const AvgPoolBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_ADAPTIVE_AVG_POOL> {
  using Type = Status (*)(const Command&, const AdaptiveAvgPoolArgs&);
};
template <>
struct KernelOf<SCHEMA_ADAPTIVE_AVG_POOL_BACKWARD> {
  using Type = Status (*)(const Command&, const AdaptiveAvgPoolBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_SOFTMAX> {
  using Type = Status (*)(const Command&, const SoftmaxArgs&);
};
template <>
struct KernelOf<SCHEMA_SOFTMAX_BACKWARD> {
  using Type = Status (*)(const Command&, const SoftmaxBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_CROSS_ENTROPY> {
  using Type = Status (*)(const Command&, const CrossEntropyArgs&);
};
template <>
struct KernelOf<SCHEMA_CROSS_ENTROPY_BACKWARD> {
  using Type = Status (*)(const Command&, const CrossEntropyBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_NLL_LOSS> {
  using Type = Status (*)(const Command&, const NllLossArgs&);
};
template <>
struct KernelOf<SCHEMA_NLL_LOSS_BACKWARD> {
  using Type = Status (*)(const Command&, const NllLossBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_CTC_LOSS> {
  using Type = Status (*)(const Command&, const CtcLossArgs&);
};
template <>
struct KernelOf<SCHEMA_CTC_LOSS_BACKWARD> {
  using Type = Status (*)(const Command&, const CtcLossBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_BATCH_NORM> {
  using Type = Status (*)(const Command&, const BatchNormArgs&);
};
template <>
struct KernelOf<SCHEMA_BATCH_NORM_BACKWARD> {
  using Type = Status (*)(const Command&, const BatchNormBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_LAYER_NORM> {
  using Type = Status (*)(const Command&, const LayerNormArgs&);
};
template <>
struct KernelOf<SCHEMA_LAYER_NORM_BACKWARD> {
  using Type = Status (*)(const Command&, const LayerNormBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_GROUP_NORM> {
  using Type = Status (*)(const Command&, const GroupNormArgs&);
};
template <>
struct KernelOf<SCHEMA_GROUP_NORM_BACKWARD> {
  using Type = Status (*)(const Command&, const GroupNormBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_INDEX> {
  using Type = Status (*)(const Command&, const IndexArgs&);
};
template <>
struct KernelOf<SCHEMA_INDEX_PUT> {
  using Type = Status (*)(const Command&, const IndexPutArgs&);
};
template <>
struct KernelOf<SCHEMA_NONZERO> {
  using Type = Status (*)(const Command&, const NonzeroArgs&);
};
template <>
struct KernelOf<SCHEMA_MASKED_SELECT> {
  using Type = Status (*)(const Command&, const MaskedSelectArgs&);
};
template <>
struct KernelOf<SCHEMA_MASKED_SCATTER> {
  using Type = Status (*)(const Command&, const MaskedScatterArgs&);
};
template <>
struct KernelOf<SCHEMA_TRIANGLE> {
  using Type = Status (*)(const Command&, const TriangleArgs&);
};
template <>
struct KernelOf<SCHEMA_SEARCHSORTED> {
  using Type = Status (*)(const Command&, const SearchsortedArgs&);
};
template <>
struct KernelOf<SCHEMA_SORT> {
  using Type = Status (*)(const Command&, const SortArgs&);
};
template <>
struct KernelOf<SCHEMA_TOPK> {
  using Type = Status (*)(const Command&, const TopkArgs&);
};
template <>
struct KernelOf<SCHEMA_UNIQUE> {
  using Type = Status (*)(const Command&, const UniqueArgs&);
};
template <>
struct KernelOf<SCHEMA_MODE> {
  using Type = Status (*)(const Command&, const ModeArgs&);
};
template <>
struct KernelOf<SCHEMA_REPEAT_INTERLEAVE> {
  using Type = Status (*)(const Command&, const RepeatInterleaveArgs&);
};
template <>
struct KernelOf<SCHEMA_CHECK_RANGE> {
  using Type = Status (*)(const Command&, const CheckRangeArgs&);
};
template <>
struct KernelOf<SCHEMA_GENERATOR_SEED> {
  using Type = Status (*)(const Command&, const GeneratorSeedArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_UNIFORM> {
  using Type = Status (*)(const Command&, const RandomUniformArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_NORMAL> {
  using Type = Status (*)(const Command&, const RandomNormalArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_LOG_NORMAL> {
  using Type = Status (*)(const Command&, const RandomLogNormalArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_RATE> {
  using Type = Status (*)(const Command&, const RandomRateArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_CAUCHY> {
  using Type = Status (*)(const Command&, const RandomCauchyArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_FROM_TO> {
  using Type = Status (*)(const Command&, const RandomFromToArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_INT> {
  using Type = Status (*)(const Command&, const RandomIntArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_PERM> {
  using Type = Status (*)(const Command&, const RandomPermArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_PROBABILITY> {
  using Type = Status (*)(const Command&, const RandomProbabilityArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_BERNOULLI_TENSOR> {
  using Type = Status (*)(const Command&, const RandomBernoulliTensorArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_DROPOUT> {
  using Type = Status (*)(const Command&, const RandomDropoutArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_MULTINOMIAL> {
  using Type = Status (*)(const Command&, const RandomMultinomialArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_POISSON> {
  using Type = Status (*)(const Command&, const RandomPoissonArgs&);
};
template <>
struct KernelOf<SCHEMA_RANDOM_BINOMIAL> {
  using Type = Status (*)(const Command&, const RandomBinomialArgs&);
};
template <>
struct KernelOf<SCHEMA_SGD_STEP> {
  using Type = Status (*)(const Command&, const SgdStepArgs&);
};
template <>
struct KernelOf<SCHEMA_ADAM_STEP> {
  using Type = Status (*)(const Command&, const AdamStepArgs&);
};
template <>
struct KernelOf<SCHEMA_LSTM_CELL> {
  using Type = Status (*)(const Command&, const LstmCellArgs&);
};
template <>
struct KernelOf<SCHEMA_LSTM_CELL_BACKWARD> {
  using Type = Status (*)(const Command&, const LstmCellBackwardArgs&);
};
template <>
struct KernelOf<SCHEMA_GRU_CELL> {
  using Type = Status (*)(const Command&, const GruCellArgs&);
};
template <>
struct KernelOf<SCHEMA_GRU_CELL_BACKWARD> {
  using Type = Status (*)(const Command&, const GruCellBackwardArgs&);
};

}  // namespace tenzo
