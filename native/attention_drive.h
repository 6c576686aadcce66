// Cuts attention into tasks, runs them on the pool, and owns the memory they work in. Knows no instruction set.
#pragma once

#include <cstdint>

#include "attention.h"
#include "buffer.h"
#include "threads.h"

namespace quatre {

// Memory of attention calls, kept between them: fresh pages cost more than the arithmetic of a short step.
struct AttentionSpace {
    Buffer scratch;  // one piece per worker
    Buffer words, sums, tops, turns, rows, places;
};

// The tokens of one step (ops/interface.py, Batch).
struct AttentionBatch {
    int tokens, sequences, table_width, page_size;
    const std::int32_t* positions;    // [tokens]
    const std::int32_t* starts;       // [sequences + 1]
    const std::int32_t* contexts;     // [sequences]
    const std::int32_t* page_tables;  // [sequences, table_width]
    const bool* absorbed;             // [sequences]

    int first(int sequence) const { return starts[sequence]; }
    int count(int sequence) const { return starts[sequence + 1] - starts[sequence]; }
    const std::int32_t* table(int sequence) const { return page_tables + static_cast<long>(sequence) * table_width; }
};

struct AttentionContext {
    const AttentionKernels& kernels;
    ThreadPool& pool;
    AttentionSpace& space;
};

struct RotaryTable {
    const float* frequencies;  // [pairs]
    int pairs;
    float magnitude;
    bool interleaved;
};

// The four operations of ops/interface.py, on checked arguments.
void store_latent(const AttentionContext&, const float* kv, const float* norm, float eps, const RotaryTable&,
                  int latent, void* cache, Number, const AttentionBatch&);
void latent_attention(const AttentionContext&, const LatentShape&, const float* q, const HeadMatrix& w_uk,
                      const HeadMatrix& w_uv, const void* cache, Number, const AttentionBatch&, float scale,
                      float* out);
void store_kv(const AttentionContext&, const KvShape&, const float* k, const float* v, std::uint32_t* cache,
              const AttentionBatch&);
void grouped_attention(const AttentionContext&, const KvShape&, const float* q, const std::uint32_t* cache,
                       const AttentionBatch&, float scale, int window, bool causal, float* out);

}  // namespace quatre
