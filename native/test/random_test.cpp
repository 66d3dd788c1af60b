// The random kernels against PyTorch's recorded streams, at every level and for several numbers of threads.
#include <cmath>

#include "../runtime/generator.h"
#include "../runtime/threads.h"
#include "check.h"
#include "guarded.h"

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

double bits(int64_t v) {
  double d;
  std::memcpy(&d, &v, 8);
  return d;
}

struct Generator {
  alignas(8) GeneratorState state;
  explicit Generator(int64_t seed) { CHECK(send(OP_generator_seed, I64, {::slot(&state), bits(seed)}) == OK); }
  double slot() { return ::slot(&state); }
  uint64_t hash() { return Guarded::fnv(&state, sizeof state); }
};

std::vector<double> payload(const Golden& g, Generator& gen, Guarded& out, const std::vector<double>& first,
                            const std::vector<double>& second) {
  std::vector<double> p{gen.slot(), out.slot(), static_cast<double>(g.n)};
  const auto add = [&](double x) { p.push_back(x); };
  switch (g.op) {
    case OP_random_from_to:
      add(bits(static_cast<int64_t>(g.a)));
      add(bits(static_cast<int64_t>(g.b)));
      break;
    case OP_random_normal:
      add(g.a), add(g.b), add(1);
      break;
    case OP_random_dropout:
      add(g.a), add(0), add(0);
      break;
    case OP_random_bernoulli_tensor:
    case OP_random_poisson:
      add(slot(first.data()));
      break;
    case OP_random_binomial:
      add(slot(first.data())), add(slot(second.data()));
      break;
    default:
      add(g.a), add(g.b);
  }
  return p;
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
    const Status s = send(g.op, g.dtype, payload(g, gen, out, first, second), nullptr, g.dtype2);
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
      CHECK(send(OP_random_normal, F32, {gen.slot(), out.slot(), n, 0, 1, 1}) == OK);
      CHECK(out.intact());
      if (!want) want = out.hash();
      CHECK(out.hash() == want, "%d threads", threads);
    }
  });
  double sum = 0, squares = 0;
  Generator gen(99);
  Guarded out(n, 4);
  send(OP_random_normal, F32, {gen.slot(), out.slot(), n, 0, 1, 1});
  for (int64_t i = 0; i < n; i++) {
    sum += out.as<float>()[i];
    squares += static_cast<double>(out.as<float>()[i]) * out.as<float>()[i];
  }
  CHECK(std::fabs(sum / n) < 0.005 && std::fabs(squares / n - 1) < 0.01);
}

void strided() {  // one by one, as PyTorch fills what is not contiguous: pairs, the second kept for the next call
  Generator a(5), b(5);
  Guarded all(40, 8), part(40, 8);
  CHECK(send(OP_random_normal, F64, {a.slot(), all.slot(), 40, 0, 1, 0}) == OK);
  for (int64_t i = 0; i < 40; i += 5)
    CHECK(send(OP_random_normal, F64, {b.slot(), slot(part.as<double>() + i), 5, 0, 1, 0}) == OK);
  CHECK(all.hash() == part.hash() && a.hash() == b.hash());
}

void multinomial() {
  const std::vector<float> p{1, 0, 3, 2, 0, 4};
  Generator a(6), b(6);
  Guarded out(60, 8), units(60, 8);
  double detail[6];
  CHECK(send(OP_random_multinomial, F32, {a.slot(), out.slot(), 2, slot(p.data()), 3, 30}) == OK);
  CHECK(send(OP_random_uniform, F64, {b.slot(), units.slot(), 60, 0, 1}) == OK);
  for (int i = 0; i < 60; i++) {
    const double u = units.as<double>()[i];
    const int64_t want = i < 30 ? (u <= 0.25f ? 0 : 2) : u <= static_cast<double>(2.0f / 6) ? 0 : 2;
    CHECK(out.as<int64_t>()[i] == want, "sample %d", i);
  }
  CHECK(out.intact());
  const std::vector<float> none{0, 0, 0}, negative{1, -1, 1}, infinite{1, INFINITY, 1};
  int reason = 0;
  for (const auto* q : {&none, &negative, &infinite}) {
    CHECK(send(OP_random_multinomial, F32, {a.slot(), out.slot(), 1, slot(q->data()), 3, 5}, detail) ==
          INDEX_OUT_OF_RANGE);
    CHECK(detail[0] == reason++);
  }
}

void badInput() {
  Generator gen(1);
  Guarded out(8, 4);
  const double o = out.slot(), g = gen.slot();
  CHECK(send(OP_random_uniform, F32, {0, o, 8, 0, 1}) == BAD_COMMAND);
  CHECK(send(OP_random_uniform, F32, {g + 4, o, 8, 0, 1}) == BAD_COMMAND);
  CHECK(send(OP_random_uniform, F32, {g, 0, 8, 0, 1}) == BAD_COMMAND);
  CHECK(send(OP_random_uniform, F32, {g, o, -1, 0, 1}) == BAD_COMMAND);
  CHECK(send(OP_random_uniform, F32, {g, o, 8, 0}) == BAD_COMMAND);
  CHECK(send(OP_random_uniform, I32, {g, o, 8, 0, 1}) == UNSUPPORTED_DTYPE);
  CHECK(send(OP_random_bernoulli, F32, {g, o, 8, 1.5}) == BAD_COMMAND);
  CHECK(send(OP_random_bernoulli, F32, {g, o, 8, NAN}) == BAD_COMMAND);
  CHECK(send(OP_generator_seed, I64, {0, 0}) == BAD_COMMAND);
  const float p[] = {0.5f, 1, 0, 2, 0.5f, 0.5f, 0.5f, 0.5f};
  double detail[6];
  CHECK(send(OP_random_bernoulli_tensor, F32, {g, o, 8, slot(p)}, detail) == INDEX_OUT_OF_RANGE);
  CHECK(detail[0] == 2 && detail[1] == 3);
  const float rates[] = {1, 2, -1, 0, 0, 0, 0, 0};
  CHECK(send(OP_random_poisson, F32, {g, o, 8, 0}) == BAD_COMMAND);
  CHECK(send(OP_random_poisson, F32, {g, o, 8, slot(rates)}, detail) == INDEX_OUT_OF_RANGE);
  CHECK(detail[0] == -1 && detail[1] == 2);
  CHECK(send(OP_random_poisson, I32, {g, o, 8, slot(rates)}) == UNSUPPORTED_DTYPE);
  CHECK(send(OP_random_binomial, F32, {g, o, 8, slot(rates), 0}) == BAD_COMMAND);
  CHECK(send(OP_random_binomial, F16, {g, o, 8, slot(rates), slot(rates)}) == UNSUPPORTED_DTYPE);
  gen.state.left = 0;
  CHECK(send(OP_random_uniform, F32, {g, o, 8, 0, 1}) == BAD_COMMAND);
  gen.state.left = 600;
  gen.state.next = 100;
  CHECK(send(OP_random_uniform, F32, {g, o, 8, 0, 1}) == BAD_COMMAND);
  CHECK(out.intact());
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
