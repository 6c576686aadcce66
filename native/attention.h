// Attention over paged caches: what the drivers (attention_*.cpp) and the kernels (attention_*.inl.h) agree on.
//
// Units. A "unit" is the 32-bit word that one step of a dot product consumes: one float32, or a pair of neighbouring
// bf16 numbers (the lower half is the earlier one). Kernels multiply rows of words against vectors of units.
//
// Order of accumulation (design decision 3). Positions are cut into spans of kSpan from position 0. Within a span each
// (query, head) takes its own maximum, its weights, their sum, and the weighted sum of values in order of position;
// spans are then folded from left to right. Scores run through the head's numbers in order. So an output depends on
// the query, the cached positions it may see, and the instruction set, and on nothing else: not on the number of
// queries, threads or sequences, nor on where pages lie. Numbers outside the visible range are never multiplied, not
// even by zero, so that a NaN in another token or in a recycled page cannot reach this one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "panels.h"

namespace quatre {

constexpr int kSpan = 512;         // positions that share one maximum; a multiple of every vector length
constexpr int kValuePad = 16;      // value rows of the key/value cache are padded to this many units
constexpr int kQueryChunk = 4096;  // queries that one expanded task takes through the context, at most
constexpr int kRowChunk = 768;     // rows (queries of one key/value head) of one grouped task; whole tiles of 12
constexpr int kTokenGroup = 4;     // absorbed queries that share one pass over a span
constexpr int kSpanGroup = 4;      // neighbouring spans that one task of a split sequence may take

enum class Number : int { f32 = 0, bf16 = 1 };

QUATRE_EVERYWHERE int bytes_of(Number number) { return number == Number::f32 ? 4 : 2; }

// Numbers from one row of a latent cache to the next: rows hold whole units, the spare half is zero.
QUATRE_EVERYWHERE int cached_width(int width, Number number) {
    return number == Number::bf16 ? (width + 1) / 2 * 2 : width;
}

// The pages of one layer as one sequence sees them.
struct Pages {
    const void* data;           // first byte of page 0
    const std::int32_t* table;  // page numbers of the sequence, in order of position
    int page_size;              // positions per page
    Number number;
};

// A stack of per-head matrices, logically [heads, rows, latent]; panels hold each as it is or, `transposed`, the other
// way round (GGUF files store the keys' projection so).
struct HeadMatrix {
    Panels first;     // of head 0
    long head_bytes;  // from one head's panels to the next
    bool transposed;
    void (*unpack)(const Panels&, int panel, float* out, long step);
    void (*multiply)(const MultiplyTask&);  // with float32 inputs
    int tile;                               // most tokens of such a product

    QUATRE_EVERYWHERE Panels of(int head) const {
        Panels panels = first;
        panels.data += head * head_bytes;
        return panels;
    }
};

// Head sizes of latent attention; a cached row is [latent | rope] numbers, see cached_width().
struct LatentShape {
    int heads, nope, rope, v, latent;
    QUATRE_EVERYWHERE int width() const { return latent + rope; }
};

// Rotation of `pairs` lane pairs for `tokens` tokens: cos and sin are [tokens, pairs], magnitude included.
struct Turns {
    const float* cos;
    const float* sin;
    int pairs;
    bool interleaved;
};

// Norm and rotate tokens first … end - 1 of kv [tokens, latent + rope] and write each to rows[token].
struct StoreLatentTask {
    const float* kv;
    const float* norm;
    float eps;
    int latent;
    Turns turns;
    void* const* rows;
    Number number;
    int first, end;
};

// q~[h] = W_UK[h]^T q_nope[h] for one head of `tokens` tokens, times `scale`, then [q~ | scale · q_rope] as words.
struct AbsorbTask {
    LatentShape shape;
    HeadMatrix w_uk;
    int head;
    const float* q;    // [tokens, heads, nope + rope]
    const int* token;  // which packed tokens, [tokens]
    int tokens;
    float scale;           // softmax scale · log2(e): weights are powers of two
    Number number;         // of the cache
    std::uint32_t* words;  // [tokens, heads, latent_words(width)]
    void* scratch;
};

// Up to kSpanGroup neighbouring spans of one sequence against up to kTokenGroup of its absorbed queries, all heads.
// Sums of token t and span s (counted from the first) go to slot t * token_slots + s.
struct AbsorbedSpanTask {
    LatentShape shape;
    Pages pages;
    int first, count;            // positions first … first + count - 1 of the cache; first is a multiple of kSpan
    const std::uint32_t* words;  // [tokens, heads, latent_words(width)]
    int tokens;
    int first_position;  // of the first query; the others follow
    float* sums;         // [slots, heads, latent], padded rows
    float* tops;         // [slots, 2, heads]: maximum and sum of weights
    long token_slots;
    void* scratch;
};

// Fold the spans of `tokens` tokens for one head and apply W_UV.
struct CombineTask {
    LatentShape shape;
    HeadMatrix w_uv;
    int head;
    const float* sums;  // [slots, heads, latent], padded rows
    const float* tops;  // [slots, 2, heads]
    const int* slot;    // first slot of each token, [tokens]
    const int* spans;   // how many slots each token has, [tokens]
    const int* token;   // which packed tokens, [tokens]
    int tokens;
    float* out;  // [all tokens, heads · v]
    void* scratch;
};

// One head of one sequence in expanded form: `tokens` consecutive queries against everything before them.
struct ExpandedTask {
    LatentShape shape;
    HeadMatrix w_uk, w_uv;
    int head;
    Pages pages;
    const float* q;  // of the first query, all heads
    int tokens;
    int first_position;
    float scale;  // softmax scale · log2(e)
    float* out;   // of the first query, all heads
    void* scratch;
};

// A key/value page: per kv head, keys as [units of a head][page_size] and values as [page_size in units][padded head].
struct KvShape {
    int heads, kv_heads, head_dim;
    Number number;
    QUATRE_EVERYWHERE int per_unit() const { return number == Number::bf16 ? 2 : 1; }
    QUATRE_EVERYWHERE int key_units() const { return (head_dim + per_unit() - 1) / per_unit(); }
    QUATRE_EVERYWHERE int value_width() const { return (head_dim + kValuePad - 1) / kValuePad * kValuePad; }
    QUATRE_EVERYWHERE long key_words(int page_size) const {
        return static_cast<long>(kv_heads) * key_units() * page_size;
    }
    QUATRE_EVERYWHERE long value_words(int page_size) const {
        return static_cast<long>(kv_heads) * (page_size / per_unit()) * value_width();
    }
    QUATRE_EVERYWHERE long page_words(int page_size) const { return key_words(page_size) + value_words(page_size); }
};

// Write tokens first … end - 1 of k and v, [tokens, kv_heads, head_dim]; token t goes to place[t] of page[t].
struct StoreKvTask {
    KvShape shape;
    const float* k;
    const float* v;
    std::uint32_t* const* page;
    const int* place;
    int page_size;
    int first, end;
};

// Queries of one sequence that read one kv head, against spans first_span … end_span - 1 of its positions.
struct GroupedTask {
    KvShape shape;
    int kv_head;
    Pages pages;
    int window;      // 0: none
    int seen;        // positions that every query sees; 0: those up to its own
    const float* q;  // of the first query, all heads
    int tokens;
    int first_position;

    QUATRE_EVERYWHERE int context() const { return seen ? seen : first_position + tokens; }
    float scale;  // softmax scale · log2(e)
    int first_span, end_span;
    float* out;   // of the first query, all heads; used when sums is null
    float* sums;  // [spans, tokens · group, padded head] instead of out
    float* tops;  // [spans, tokens · group, 2]
    void* scratch;
};

// Fold the spans of every query that reads one kv head: slots [spans, tokens · group]. Overwrites those of span 0.
struct FoldTask {
    KvShape shape;
    int kv_head;
    int tokens, spans;
    float* sums;
    const float* tops;
    float* out;
};

// The kernels of one instruction set. Sizes of scratch are in bytes; scratch is aligned to 64.
struct AttentionKernels {
    void (*store_latent)(const StoreLatentTask&);
    void (*absorb)(const AbsorbTask&);
    void (*absorbed_spans)(const AbsorbedSpanTask&);
    void (*combine)(const CombineTask&);
    void (*expanded)(const ExpandedTask&);
    void (*store_kv)(const StoreKvTask&);
    void (*grouped)(const GroupedTask&);
    void (*fold)(const FoldTask&);
    std::size_t (*absorb_scratch)(const LatentShape&);
    std::size_t (*absorbed_span_scratch)(const LatentShape&, int tokens);
    std::size_t (*combine_scratch)(const LatentShape&);
    std::size_t (*expanded_scratch)(const LatentShape&, int tokens);
    std::size_t (*grouped_scratch)(const KvShape&, int tokens);
    int (*latent_words)(int numbers, Number number);  // words of a query row against a cache of that type
};

}  // namespace quatre
