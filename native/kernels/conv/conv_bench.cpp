// Convolution at the sizes of bench/: forward, and forward with the gradients by kernel and bias, and by input.
//   conv_bench [threads] [name part] [batch]        TENZO_CPU chooses the level
// The best of the runs.
#include <cstdlib>
#include <cstring>

#include "test/bench.h"

using namespace tenzo;

struct Shape {
  const char* name;
  int n, ci, h, w, co, k, pad, stride, groups;
};
static const Shape SHAPES[] = {
    {"32x1x28x28_6_k5p2", 32, 1, 28, 28, 6, 5, 2, 1, 1},
    {"256x1x28x28_6_k5p2", 256, 1, 28, 28, 6, 5, 2, 1, 1},
    {"256x6x14x14_16_k5", 256, 6, 14, 14, 16, 5, 0, 1, 1},
    {"256x16x14x14_32_k3p1", 256, 16, 14, 14, 32, 3, 1, 1, 1},
    {"32x64x56x56_64_k3p1", 32, 64, 56, 56, 64, 3, 1, 1, 1},
    {"32x64x56x56_128_k1", 32, 64, 56, 56, 128, 1, 0, 1, 1},
    {"32x64x56x56_128_k3s2", 32, 64, 56, 56, 128, 3, 1, 2, 1},
    {"64x3x32x32_32_k3p1", 64, 3, 32, 32, 32, 3, 1, 1, 1},
    {"64x64x16x16_64_k3p1", 64, 64, 16, 16, 64, 3, 1, 1, 1},
    {"64x128x8x8_128_k3p1", 64, 128, 8, 8, 128, 3, 1, 1, 1},
    {"1x512x7x7_512_k3p1", 1, 512, 7, 7, 512, 3, 1, 1, 1},
    {"1x3x224x224_64_k7s2", 1, 3, 224, 224, 64, 7, 3, 2, 1},
    {"32x64x56x56_64_k3_depthwise", 32, 64, 56, 56, 64, 3, 1, 1, 64},
};

struct Run {
  Op op;
  std::vector<double> payload;
};

int main(int argc, char** argv) {
  setNumThreads(argc > 1 ? std::atoi(argv[1]) : 1);
  std::printf("%s, %d threads; microseconds (GFLOP/s)\n%-30s %20s %20s %20s\n", levelName(level()), numThreads(), "",
              "forward", "kernel and bias", "input");
  for (Shape s : SHAPES) {
    if (argc > 3) s.n = std::atoi(argv[3]);
    if (argc > 2 && !std::strstr(s.name, argv[2])) continue;
    const int oh = (s.h + 2 * s.pad - s.k) / s.stride + 1, ow = (s.w + 2 * s.pad - s.k) / s.stride + 1;
    const auto filled = [](size_t n) {
      std::vector<float> v(n);
      for (size_t i = 0; i < n; i++) v[i] = static_cast<float>(i % 17) / 17 - 0.5f;
      return v;
    };
    const auto size = [](int a, int b, int c, int d) {
      return static_cast<size_t>(a) * static_cast<size_t>(b) * static_cast<size_t>(c) * static_cast<size_t>(d);
    };
    std::vector<float> x = filled(size(s.n, s.ci, s.h, s.w)), w = filled(size(s.co, s.ci / s.groups, s.k, s.k)),
                       bias = filled(static_cast<size_t>(s.co)), y = filled(size(s.n, s.co, oh, ow)), dx = x, dw = w,
                       db = bias;
    const auto geometry = [&](auto a) {
      a.batch = s.n, a.inChannels = s.ci, a.outChannels = s.co, a.groups = s.groups;
      const int64_t sizes[3][6] = {
          {1, 1, 1, 1, 0, 1}, {s.h, oh, s.k, s.stride, s.pad, 1}, {s.w, ow, s.k, s.stride, s.pad, 1}};
      for (int d = 0; d < 3; d++) {
        a.in[d] = sizes[d][0], a.out[d] = sizes[d][1], a.kernel[d] = sizes[d][2];
        a.stride[d] = sizes[d][3], a.padding[d] = sizes[d][4], a.dilation[d] = sizes[d][5];
      }
      return encode(a);
    };
    const auto memory = [](std::vector<float>& v) {
      return Memory{v.data(), static_cast<int64_t>(v.size() * sizeof(float))};
    };
    const double flops = 2.0 * static_cast<double>(y.size()) * (s.ci / s.groups) * s.k * s.k;
    Run runs[3] = {{OP_conv, geometry(ConvArgs{{memory(y)}, {memory(x)}, {memory(w)}, {memory(bias)}})},
                   {OP_conv_backward_weight,
                    geometry(ConvBackwardWeightArgs{{memory(dw)}, {memory(x)}, {memory(y)}, {memory(db)}})},
                   {OP_conv_backward_input, geometry(ConvBackwardInputArgs{{memory(dx)}, {memory(y)}, {memory(w)}})}};
    std::printf("%-30s", s.name);
    for (const Run& r : runs) {
      const double us = timed(r.op, F32, r.payload).best * 1e6;
      std::printf(" %11.0f (%6.1f)", us, flops / us * 1e-3);
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}
