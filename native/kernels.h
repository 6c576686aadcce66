// What an instruction set provides. Each file in isa/ fills one table; dispatch.cpp chooses one when the module loads.
#pragma once

#include "attention.h"
#include "panels.h"
#include "sampling.h"

namespace quatre {

// Where one token of a tile writes its quantised row.
struct QuantisedPlace {
    std::int8_t* numbers;
    float* scales;
    std::int32_t* extra;
    int tile;  // tokens in the tile
};

struct Kernels {
    const char* isa;
    void (*multiply)(const MultiplyTask&);
    int tile;  // most tokens of a tile
    void (*spread_row)(const float* x, int cols, int n, float* out);
    void (*bf16_row)(const float* x, int cols, int n, std::uint32_t* out);
    void (*quantise_row)(const float* x, int cols, InputFormat format, const QuantisedPlace& to);
    void (*rms_norm_row)(const float* x, const float* w, float eps, int n, float* y);
    void (*silu_mul_row)(const float* gate, const float* up, int n, float* y);
    void (*add_scaled_row)(float a, const float* x, int n, float* y);
    void (*unpack_panel)(const Panels& w, int panel, float* out, long step);  // out[col · step + row of the panel]
    void (*multiply_exactly)(const MultiplyTask&);
    AttentionKernels attention;
    SamplingKernels sampling;
    // Ceilings for benchmarks.
    float (*read_bytes)(const std::uint8_t* p, long n);
    float (*multiply_codes)(long rounds);
    long products_per_round;
};

extern const Kernels scalar_kernels;
#if defined(__x86_64__)
extern const Kernels avx2_kernels, avx512_kernels, avx512_vnni_kernels;
#endif

}  // namespace quatre
