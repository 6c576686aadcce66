// Products and row-wise operations on checked arguments: cut into tasks, run on the pool. Knows no instruction set.
#pragma once

#include "kernels.h"
#include "matrix.h"

namespace quatre {

// Inputs of products, prepared once per call and kept in memory that outlives it.
struct InputSpace {
    Buffer numbers, scales, sums, scaled_sums, halves;
};

struct Context {
    const Kernels& kernels;
    ThreadPool& pool;
};

// x [tokens, cols] as `format` wants its inputs.
Inputs prepare(const Context&, const PanelFormat& format, const float* x, int tokens, int cols, InputSpace& space);

// How many panels one task should take: a piece of the matrix that fits the second-level cache, and tasks enough for
// every thread.
int panels_per_task(const Context&, const Panels& w);

// out [tokens, rows] = (residual +) x · wᵀ
void linear(const Context&, const Panels& w, const Inputs& x, int tokens, const float* residual, float* out);

void rms_norm(const Context&, const float* x, const float* w, float eps, int tokens, int n, float* out);

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
void rope(const Context&, const RopeTask& task);

}  // namespace quatre
