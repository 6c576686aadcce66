// The gated feed-forward and the mixture of experts, on checked arguments.
#pragma once

#include "matmul_drive.h"

namespace quatre {

// w2 · (silu(w1 x) ⊙ w3 x) for one expert or a stack of them.
struct Swiglu {
    const Matrix& w1;
    const Matrix& w3;
    const Matrix& w2;
};

// Memory for the routed experts, for the shared one (or a plain feed-forward), and for both.
struct GroupSpace {
    InputSpace gate, up, mid;
    Buffer hidden, outputs;
};
struct MoeSpace {
    GroupSpace routed, shared;
    InputSpace router;
    Buffer partial, logits, chosen, weights;
};

// out = residual + swiglu(x); x and out [tokens, dim]
void feed_forward(const Context&, const Swiglu& w, const float* x, int tokens, const float* residual, float* out,
                  MoeSpace& space);

struct MoeTask {
    const Matrix& router;
    Swiglu experts;
    const Swiglu* shared;  // or null
    const float* x;        // [tokens, dim]
    const float* residual;
    float* out;
    int tokens, top_k;
    bool normalise;
    float scale;
};

// out = residual + Σ_k weight_k · expert_k(x) + shared(x), in that order; experts by decreasing weight, ties by id.
void moe(const Context&, const MoeTask& task, MoeSpace& space);

}  // namespace quatre
