// The random kernels against PyTorch's recorded streams, at every level and for several numbers of threads.
#include <cmath>

#include "command/generator.h"
#include "test/check.h"
#include "test/guarded.h"
#include "threads/threads.h"

using namespace tenzo;

namespace {

struct Golden {
  Op op;
  DType dtype, dtype2;
  int64_t n, seed;
  bool integers;
  double a, b;
  uint64_t hash, state;
  double ends[4];  // the first two and the last two values
};
const Golden GOLDENS[] = {
#include "random_goldens.inc"
};

struct Generator {
  alignas(8) GeneratorState state;
  explicit Generator(int64_t seed) { CHECK(send(OP_generator_seed, I64, GeneratorSeedArgs{memory(), seed}) == OK); }
  Out memory() { return out(&state, 1); }
  uint64_t hash() { return Guarded::fnv(&state, sizeof state); }
};

Status run(const Golden& g, Generator& gen, Guarded& to, const std::vector<double>& first,
           const std::vector<double>& second) {
  const auto go = [&](const auto& args) { return send(g.op, g.dtype, args, nullptr, g.dtype2); };
  const Out state = gen.memory();
  switch (g.op) {
    case OP_random_uniform:
      return go(RandomUniformArgs{state, out(to), g.n, g.a, g.b});
    case OP_random_normal:
      return go(RandomNormalArgs{state, out(to), g.n, g.a, g.b, true});
    case OP_random_log_normal:
      return go(RandomLogNormalArgs{state, out(to), g.n, g.a, g.b});
    case OP_random_exponential:
      return go(RandomRateArgs{state, out(to), g.n, g.a});
    case OP_random_cauchy:
      return go(RandomCauchyArgs{state, out(to), g.n, g.a, g.b});
    case OP_random_geometric:
    case OP_random_bernoulli:
      return go(RandomProbabilityArgs{state, out(to), g.n, g.a});
    case OP_random_from_to:
      return go(RandomFromToArgs{state, out(to), g.n, static_cast<int64_t>(g.a), static_cast<int64_t>(g.b)});
    case OP_random_int:
      return go(RandomIntArgs{state, out(to), g.n});
    case OP_random_perm:
      return go(RandomPermArgs{state, out(to), g.n});
    case OP_random_dropout:
      return go(RandomDropoutArgs{.state = state, .noise = out(to), .n = g.n, .p = g.a});
    case OP_random_bernoulli_tensor:
      return go(RandomBernoulliTensorArgs{state, out(to), in(first), g.n});
    case OP_random_poisson:
      return go(RandomPoissonArgs{state, out(to), in(first), g.n});
    case OP_random_binomial:
      return go(RandomBinomialArgs{state, out(to), in(first), in(second), g.n});
    default:
      return BAD_COMMAND;
  }
}

// n times a value in the dtype, as bytes held in doubles; of the half types only 0.3.
std::vector<double> filled(DType t, int64_t n, double value) {
  std::vector<double> block(static_cast<size_t>(n) + 1);
  const float f = static_cast<float>(value);
  const uint16_t half = 0x34cd, brain = 0x3e9a;
  const void* const values[] = {&f, &value, &half, &brain};
  for (int64_t i = 0; i < n; i++)
    std::memcpy(reinterpret_cast<char*>(block.data()) + i * itemsize(t), values[t], static_cast<size_t>(itemsize(t)));
  return block;
}

void goldens() {
  for (const Golden& g : GOLDENS) {
    Generator gen(g.seed);
    Guarded out(g.n, itemsize(g.dtype));
    const DType operands = g.op == OP_random_bernoulli_tensor                        ? g.dtype2
                           : g.op == OP_random_poisson || g.op == OP_random_binomial ? g.dtype
                                                                                     : F64;
    const auto first = filled(operands, g.n, g.a), second = filled(operands, g.n, g.b);
    const Status s = run(g, gen, out, first, second);
    CHECK(s == OK, "%s dtype %d n %d: status %d", OPS[g.op].name, g.dtype, static_cast<int>(g.n), s);
    CHECK(out.intact(), "%s dtype %d n %d", OPS[g.op].name, g.dtype, static_cast<int>(g.n));
    bool same = out.hash() == g.hash;
    const bool library = g.dtype == F64 && (g.op == OP_random_normal || g.op == OP_random_log_normal ||
                                            g.op == OP_random_exponential || g.op == OP_random_cauchy);
    if (!same && library) {  // another C library's last bit
      same = true;
      const int64_t k = g.n < 2 ? g.n : 2;
      for (int64_t i = 0; i < k; i++) {
        const double first = out.as<double>()[i], last = out.as<double>()[g.n - k + i];
        same = same && std::fabs(first - g.ends[i]) <= 1e-15 * (1 + std::fabs(g.ends[i])) &&
               std::fabs(last - g.ends[k + i]) <= 1e-15 * (1 + std::fabs(g.ends[k + i]));
      }
    }
    CHECK(same, "%s dtype %d n %d", OPS[g.op].name, g.dtype, static_cast<int>(g.n));
    // The state may hold a cached normal, which the library's last bit is in as well.
    if (g.op != OP_random_normal && g.op != OP_random_log_normal)
      CHECK(gen.hash() == g.state, "state of %s dtype %d n %d", OPS[g.op].name, g.dtype, static_cast<int>(g.n));
  }
}

// A long stream is the same bits at every level and for any number of threads.
void longStreams() {
  constexpr int64_t n = 1200007;
  uint64_t want = 0;
  eachLevel([&](Level) {
    for (const int threads : {1, 2, 5}) {
      setNumThreads(threads);
      Generator gen(99);
      Guarded out(n, 4);
      CHECK(send(OP_random_normal, F32, RandomNormalArgs{gen.memory(), ::out(out), n, 0, 1, true}) == OK);
      CHECK(out.intact());
      if (!want) want = out.hash();
      CHECK(out.hash() == want, "%d threads", threads);
    }
  });
  double sum = 0, squares = 0;
  Generator gen(99);
  Guarded out(n, 4);
  send(OP_random_normal, F32, RandomNormalArgs{gen.memory(), ::out(out), n, 0, 1, true});
  for (int64_t i = 0; i < n; i++) {
    sum += out.as<float>()[i];
    squares += static_cast<double>(out.as<float>()[i]) * out.as<float>()[i];
  }
  CHECK(std::fabs(sum / n) < 0.005 && std::fabs(squares / n - 1) < 0.01);
}

void strided() {  // one by one, as PyTorch fills what is not contiguous: pairs, the second kept for the next call
  Generator a(5), b(5);
  Guarded all(40, 8), part(40, 8);
  CHECK(send(OP_random_normal, F64, RandomNormalArgs{a.memory(), out(all), 40, 0, 1, false}) == OK);
  for (int64_t i = 0; i < 40; i += 5)
    CHECK(send(OP_random_normal, F64, RandomNormalArgs{b.memory(), out(part.as<double>() + i, 5), 5, 0, 1, false}) ==
          OK);
  CHECK(all.hash() == part.hash() && a.hash() == b.hash());
}

void multinomial() {
  const std::vector<float> p{1, 0, 3, 2, 0, 4};
  Generator a(6), b(6);
  Guarded out(60, 8), units(60, 8);
  double detail[6];
  CHECK(send(OP_random_multinomial, F32, RandomMultinomialArgs{a.memory(), ::out(out), in(p), 2, 3, 30}) == OK);
  CHECK(send(OP_random_uniform, F64, RandomUniformArgs{b.memory(), ::out(units), 60, 0, 1}) == OK);
  for (int i = 0; i < 60; i++) {
    const double u = units.as<double>()[i];
    const int64_t want = i < 30 ? (u <= 0.25f ? 0 : 2) : u <= static_cast<double>(2.0f / 6) ? 0 : 2;
    CHECK(out.as<int64_t>()[i] == want, "sample %d", i);
  }
  CHECK(out.intact());
  const std::vector<float> none{0, 0, 0}, negative{1, -1, 1}, infinite{1, INFINITY, 1};
  int reason = 0;
  for (const auto* q : {&none, &negative, &infinite}) {
    CHECK(send(OP_random_multinomial, F32, RandomMultinomialArgs{a.memory(), ::out(out), in(*q), 1, 3, 5}, detail) ==
          INDEX_OUT_OF_RANGE);
    CHECK(detail[0] == reason++);
  }
}

void badInput() {
  Generator gen(1);
  Guarded block(8, 4);
  const Out g = gen.memory(), o = out(block);
  const RandomUniformArgs good{g, o, 8, 0, 1};
  const auto uniform = [&](auto change) {
    RandomUniformArgs a = good;
    change(a);
    return send(OP_random_uniform, F32, a);
  };
  CHECK(send(OP_random_uniform, F32, good) == OK);
  CHECK(send(OP_random_uniform, I32, good) == UNSUPPORTED_DTYPE);
  CHECK(uniform([](auto& a) { a.state = {}; }) == BAD_COMMAND);
  CHECK(uniform([](auto& a) { a.state.at = static_cast<char*>(a.state.at) + 4; }) == BAD_COMMAND);
  CHECK(uniform([](auto& a) { a.state.bytes--; }) == BAD_COMMAND);
  CHECK(uniform([](auto& a) { a.out = {}; }) == BAD_COMMAND);
  CHECK(uniform([](auto& a) { a.n = -1; }) == BAD_COMMAND);
  CHECK(uniform([](auto& a) { a.n = 9; }) == BAD_COMMAND);
  std::vector<double> shorter = encode(good);
  shorter.pop_back();
  CHECK(send(OP_random_uniform, F32, shorter) == BAD_COMMAND);
  CHECK(send(OP_random_bernoulli, F32, RandomProbabilityArgs{g, o, 8, 1.5}) == BAD_COMMAND);
  CHECK(send(OP_random_bernoulli, F32, RandomProbabilityArgs{g, o, 8, NAN}) == BAD_COMMAND);
  CHECK(send(OP_generator_seed, I64, GeneratorSeedArgs{{}, 0}) == BAD_COMMAND);
  const std::vector<float> p{0.5f, 1, 0, 2, 0.5f, 0.5f, 0.5f, 0.5f}, rates{1, 2, -1, 0, 0, 0, 0, 0};
  CHECK(send(OP_random_dropout, F32, RandomDropoutArgs{g, o, o, {}, 8, 0.5}) == BAD_COMMAND);
  CHECK(send(OP_random_dropout, F32, RandomDropoutArgs{g, o, {}, in(p), 8, 0.5}) == BAD_COMMAND);
  double detail[6];
  CHECK(send(OP_random_bernoulli_tensor, F32, RandomBernoulliTensorArgs{g, o, in(p), 8}, detail) == INDEX_OUT_OF_RANGE);
  CHECK(detail[0] == 2 && detail[1] == 3);
  CHECK(send(OP_random_poisson, F32, RandomPoissonArgs{g, o, {}, 8}) == BAD_COMMAND);
  CHECK(send(OP_random_poisson, F32, RandomPoissonArgs{g, o, in(rates), 8}, detail) == INDEX_OUT_OF_RANGE);
  CHECK(detail[0] == -1 && detail[1] == 2);
  CHECK(send(OP_random_poisson, I32, RandomPoissonArgs{g, o, in(rates), 8}) == UNSUPPORTED_DTYPE);
  CHECK(send(OP_random_binomial, F32, RandomBinomialArgs{g, o, in(rates), {}, 8}) == BAD_COMMAND);
  CHECK(send(OP_random_binomial, F16, RandomBinomialArgs{g, o, in(rates), in(rates), 8}) == UNSUPPORTED_DTYPE);
  gen.state.left = 0;
  CHECK(send(OP_random_uniform, F32, good) == BAD_COMMAND);
  gen.state.left = 600;
  gen.state.next = 100;
  CHECK(send(OP_random_uniform, F32, good) == BAD_COMMAND);
  CHECK(block.intact());
}

}  // namespace

int main() {
  eachLevel([](Level) {
    goldens();
    strided();
    multinomial();
    badInput();
  });
  longStreams();
  return report("random");
}
