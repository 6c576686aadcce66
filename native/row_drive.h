// Row-wise operations on checked arguments: norm, activation and rotary embedding.
#pragma once

#include <vector>

#include "context.h"

namespace quatre {

// out[t] = w · x[t] / sqrt(mean(x[t]²) + eps); x and out [tokens, n]
void rms_norm(const Context&, const float* x, const float* w, float eps, int tokens, int n, float* out);

// out[t] = x[t] · Φ(x[t]), with the exact error function; x and out [tokens, n]
void gelu(const Context&, const float* x, int tokens, int n, float* out);

// Rotary embedding of x [tokens, heads, head_dim] into out; ops/interface.py, rope.
struct RopeTask {
    const float* x;
    float* out;
    const std::int32_t* positions;
    int tokens, heads, head_dim;
    const float* frequencies;  // [pairs]
    int pairs;
    float magnitude;
    bool interleaved;
    float beta;  // 0: no temperature
    int length;
};

// Angles of the last call: all layers of a step turn the same positions, and cosines cost more than the turning.
struct Angles {
    std::vector<std::int32_t> positions;
    std::vector<float> frequencies;
    float magnitude = 0;
    std::vector<float> cos, sin;  // [tokens, pairs], times the magnitude
};

void rope(const Context&, const RopeTask& task, Angles& angles);

}  // namespace quatre
