// The state of a random generator: a block of memory that TypeScript owns, laid out as the bytes of PyTorch's
// `get_rng_state()`, so that taking, setting and exchanging a state with PyTorch is a copy of 5056 bytes.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tenzo {

constexpr int MT_WORDS = 624;
constexpr int MT_SHIFT = 397;

struct GeneratorState {
  uint64_t seed;
  int32_t left;  // 1 + words not yet drawn; at 1 the next draw makes a new block of words
  int32_t seeded;
  uint64_t next;             // position of the next word
  uint64_t words[MT_WORDS];  // 32 bits each
  double unused0;
  double nextNormal;  // second half of the last scalar Box-Muller pair
  double unused1;
  int32_t hasNextNormal;
  int32_t pad0;
  float nextFloatNormal;
  uint8_t hasNextFloatNormal;
  uint8_t pad1[3];
};
static_assert(sizeof(GeneratorState) == 5056 && offsetof(GeneratorState, nextNormal) == 5024 &&
              offsetof(GeneratorState, hasNextNormal) == 5040);

}  // namespace tenzo
