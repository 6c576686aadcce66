// Scheduling of latent attention and of the caches. Tasks are chosen for balance only: no result depends on them.
#include "attention_drive.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace quatre {

namespace {

constexpr float kLog2e = 1.4426950408889634f;
constexpr int kStoreTokens = 16;              // tokens of one store task
constexpr std::size_t kSumBytes = 64u << 20;  // absorbed spans are kept up to here before they are folded

int spans_of(int position) { return position / kSpan + 1; }

// How many of `total` spans go into one task. Tasks of several read ahead from one span to the next; there must still
// be enough tasks for every worker.
int spans_together(long total, int workers) {
    return static_cast<int>(std::clamp<long>(total / (4L * workers), 1, kSpanGroup));
}

int padded(int n) { return (n + kValuePad - 1) / kValuePad * kValuePad; }

// Scratch of every worker, `bytes` each.
struct WorkerScratch {
    char* memory;
    std::size_t bytes;
    WorkerScratch(const AttentionContext& c, std::size_t size) : bytes((size + 4095) / 4096 * 4096) {
        memory = c.space.scratch.get<char>(bytes * static_cast<std::size_t>(c.pool.size()));
    }
    void* of(int worker) const { return memory + bytes * static_cast<std::size_t>(worker); }
};

// Calls f(packed token, page number, place in the page) for every token of the batch.
template <class F>
void for_places(const AttentionBatch& b, F&& f) {
    for (int s = 0; s < b.sequences; ++s)
        for (int t = b.starts[s]; t < b.starts[s + 1]; ++t)
            f(t, b.table(s)[b.positions[t] / b.page_size], b.positions[t] % b.page_size);
}

int store_tasks(int tokens) { return (tokens + kStoreTokens - 1) / kStoreTokens; }

void fill_turns(const RotaryTable& rotary, const std::int32_t* positions, int first, int end, float* cos, float* sin) {
    for (int t = first; t < end; ++t)
        for (int i = 0; i < rotary.pairs; ++i) {
            // The angle is a float32 product by definition; its cosine is taken in double, exact up to rounding.
            const float angle = static_cast<float>(positions[t]) * rotary.frequencies[i];
            const long at = static_cast<long>(t) * rotary.pairs + i;
            cos[at] = static_cast<float>(std::cos(static_cast<double>(angle))) * rotary.magnitude;
            sin[at] = static_cast<float>(std::sin(static_cast<double>(angle))) * rotary.magnitude;
        }
}

}  // namespace

void store_latent(const AttentionContext& c, const float* kv, const float* norm, float eps, const RotaryTable& rotary,
                  int latent, void* cache, Number number, const AttentionBatch& b) {
    const long row_bytes = static_cast<long>(cached_width(latent + 2 * rotary.pairs, number)) * bytes_of(number);
    void** rows = c.space.rows.get<void*>(static_cast<std::size_t>(b.tokens));
    for_places(b, [&](int t, int page, int place) {
        rows[t] = static_cast<char*>(cache) + (static_cast<long>(page) * b.page_size + place) * row_bytes;
    });
    const std::size_t angles = static_cast<std::size_t>(b.tokens) * static_cast<std::size_t>(rotary.pairs);
    float* cos = c.space.turns.get<float>(2 * angles);
    float* sin = cos + angles;
    c.pool.run(store_tasks(b.tokens), [&](int task, int) {
        const int first = task * kStoreTokens, end = std::min(b.tokens, first + kStoreTokens);
        fill_turns(rotary, b.positions, first, end, cos, sin);
        c.kernels.store_latent(
            {kv, norm, eps, latent, {cos, sin, rotary.pairs, rotary.interleaved}, rows, number, first, end});
    });
}

// -- Latent attention ----------------------------------------------------------------------------------------------

namespace {

struct LatentCall {
    const AttentionContext& c;
    const LatentShape& shape;
    const float* q;
    const HeadMatrix& w_uk;
    const HeadMatrix& w_uv;
    const void* cache;
    Number number;
    const AttentionBatch& b;
    float scale;
    float* out;

    Pages pages(int sequence) const { return {cache, b.table(sequence), b.page_size, number}; }
    long query_numbers() const { return static_cast<long>(shape.heads) * (shape.nope + shape.rope); }
};

// Up to kTokenGroup neighbouring absorbed queries of one sequence.
struct TokenGroup {
    int sequence, token, count, spans;  // spans of the last of them
    int index;                          // of the first, among the absorbed tokens of the round
    long slot;                          // of the first; each has `spans` slots
};

// Absorbed tokens whose span sums fit in memory together.
struct Round {
    std::vector<TokenGroup> groups;
    std::vector<int> token, slot, spans;
    long slots = 0;

    void add(const AttentionBatch& b, int sequence, int first, int count) {
        const int last = b.positions[first + count - 1];
        groups.push_back({sequence, first, count, spans_of(last), static_cast<int>(token.size()), slots});
        for (int i = 0; i < count; ++i) {
            token.push_back(first + i);
            slot.push_back(static_cast<int>(slots));
            spans.push_back(spans_of(b.positions[first + i]));
            slots += spans_of(last);
        }
    }
};

std::vector<Round> plan_rounds(const AttentionBatch& b, std::size_t slot_bytes) {
    const long most = std::max<long>(1, static_cast<long>(kSumBytes / slot_bytes));
    std::vector<Round> rounds;
    for (int s = 0; s < b.sequences; ++s) {
        if (!b.absorbed[s]) continue;
        for (int t = b.starts[s]; t < b.starts[s + 1]; t += kTokenGroup) {
            if (rounds.empty() || rounds.back().slots >= most) rounds.emplace_back();
            rounds.back().add(b, s, t, std::min(kTokenGroup, b.starts[s + 1] - t));
        }
    }
    return rounds;
}

void absorb_queries(const LatentCall& l, const Round& round, std::uint32_t* words) {
    const WorkerScratch scratch(l.c, l.c.kernels.absorb_scratch(l.shape));
    l.c.pool.run(l.shape.heads, [&](int head, int worker) {
        l.c.kernels.absorb({l.shape, l.w_uk, head, l.q, round.token.data(), static_cast<int>(round.token.size()),
                            l.scale, l.number, words, scratch.of(worker)});
    });
}

// Neighbouring spans of one group of tokens.
struct SpanPart {
    int group, first, spans;
};

std::vector<SpanPart> plan_parts(const Round& round, int workers) {
    long total = 0;
    for (const TokenGroup& g : round.groups) total += g.spans;
    const int together = spans_together(total, workers);
    std::vector<SpanPart> parts;
    for (int g = 0; g < static_cast<int>(round.groups.size()); ++g) {
        const int spans = round.groups[static_cast<std::size_t>(g)].spans;
        for (int first = 0; first < spans; first += together)
            parts.push_back({g, first, std::min(together, spans - first)});
    }
    return parts;
}

void attend_spans(const LatentCall& l, const Round& round, const std::uint32_t* words, float* sums, float* tops) {
    const std::vector<SpanPart> parts = plan_parts(round, l.c.pool.size());
    const long sum_step = static_cast<long>(l.shape.heads) * padded(l.shape.latent), top_step = 2L * l.shape.heads;
    const long token_words = static_cast<long>(l.shape.heads) * l.c.kernels.latent_words(l.shape.width(), l.number);
    const WorkerScratch scratch(l.c, l.c.kernels.absorbed_span_scratch(l.shape, kTokenGroup));
    l.c.pool.run(static_cast<int>(parts.size()), [&](int task, int worker) {
        const SpanPart& part = parts[static_cast<std::size_t>(task)];
        const TokenGroup& g = round.groups[static_cast<std::size_t>(part.group)];
        const int first = part.first * kSpan, first_position = l.b.positions[g.token];
        const int count = std::min(part.spans * kSpan, first_position + g.count - first);
        const long slot = g.slot + part.first;
        l.c.kernels.absorbed_spans({l.shape, l.pages(g.sequence), first, count, words + g.index * token_words, g.count,
                                    first_position, sums + slot * sum_step, tops + slot * top_step, g.spans,
                                    scratch.of(worker)});
    });
}

void combine_heads(const LatentCall& l, const Round& round, const float* sums, const float* tops) {
    const WorkerScratch scratch(l.c, l.c.kernels.combine_scratch(l.shape));
    l.c.pool.run(l.shape.heads, [&](int head, int worker) {
        l.c.kernels.combine({l.shape, l.w_uv, head, sums, tops, round.slot.data(), round.spans.data(),
                             round.token.data(), static_cast<int>(round.token.size()), l.out, scratch.of(worker)});
    });
}

void attend_absorbed(const LatentCall& l) {
    const std::size_t heads = static_cast<std::size_t>(l.shape.heads);
    const std::size_t slot_numbers = heads * static_cast<std::size_t>(padded(l.shape.latent));
    const std::size_t token_words =
        heads * static_cast<std::size_t>(l.c.kernels.latent_words(l.shape.width(), l.number));
    for (const Round& round : plan_rounds(l.b, slot_numbers * sizeof(float))) {
        std::uint32_t* words = l.c.space.words.get<std::uint32_t>(round.token.size() * token_words);
        float* sums = l.c.space.sums.get<float>(static_cast<std::size_t>(round.slots) * slot_numbers);
        float* tops = l.c.space.tops.get<float>(static_cast<std::size_t>(round.slots) * 2 * heads);
        absorb_queries(l, round, words);
        attend_spans(l, round, words, sums, tops);
        combine_heads(l, round, sums, tops);
    }
}

// Queries of one sequence that one expanded task takes through its context.
struct QueryChunk {
    int sequence, first, count;
    long work;  // in proportion to its time
};

// Cuts every sequence that `wanted` accepts into chunks of at most `most` tokens, the longest work first.
template <class Wanted>
std::vector<QueryChunk> plan_chunks(const AttentionBatch& b, int most, Wanted wanted) {
    std::vector<QueryChunk> chunks;
    for (int s = 0; s < b.sequences; ++s) {
        if (!wanted(s)) continue;
        for (int t = b.starts[s]; t < b.starts[s + 1]; t += most) {
            const int count = std::min(most, b.starts[s + 1] - t);
            chunks.push_back({s, t, count, static_cast<long>(count) * (b.positions[t] + count)});
        }
    }
    std::stable_sort(chunks.begin(), chunks.end(),
                     [](const QueryChunk& x, const QueryChunk& y) { return x.work > y.work; });
    return chunks;
}

int longest(const std::vector<QueryChunk>& chunks) {
    int most = 0;
    for (const QueryChunk& chunk : chunks) most = std::max(most, chunk.count);
    return most;
}

// Every chunk expands its context anew, so chunks are as long as they can be while every worker has a task.
std::vector<QueryChunk> plan_expanded(const LatentCall& l) {
    for (int most = kQueryChunk;; most /= 2) {
        auto chunks = plan_chunks(l.b, most, [&](int s) { return !l.b.absorbed[s]; });
        const long tasks = static_cast<long>(chunks.size()) * l.shape.heads;
        if (tasks >= l.c.pool.size() || most <= kSpan) return chunks;
    }
}

void attend_expanded(const LatentCall& l) {
    const auto chunks = plan_expanded(l);
    if (chunks.empty()) return;
    const WorkerScratch scratch(l.c, l.c.kernels.expanded_scratch(l.shape, longest(chunks)));
    const int heads = l.shape.heads;
    l.c.pool.run(static_cast<int>(chunks.size()) * heads, [&](int task, int worker) {
        const QueryChunk& chunk = chunks[static_cast<std::size_t>(task / heads)];
        l.c.kernels.expanded({l.shape, l.w_uk, l.w_uv, task % heads, l.pages(chunk.sequence),
                              l.q + chunk.first * l.query_numbers(), chunk.count, l.b.positions[chunk.first], l.scale,
                              l.out + static_cast<long>(chunk.first) * heads * l.shape.v, scratch.of(worker)});
    });
}

}  // namespace

void latent_attention(const AttentionContext& c, const LatentShape& shape, const float* q, const HeadMatrix& w_uk,
                      const HeadMatrix& w_uv, const void* cache, Number number, const AttentionBatch& b, float scale,
                      float* out) {
    const LatentCall call{c, shape, q, w_uk, w_uv, cache, number, b, scale * kLog2e, out};
    attend_absorbed(call);
    attend_expanded(call);
}

// -- Grouped-query attention ---------------------------------------------------------------------------------------

void store_kv(const AttentionContext& c, const KvShape& shape, const float* k, const float* v, std::uint32_t* cache,
              const AttentionBatch& b) {
    std::uint32_t** pages = c.space.rows.get<std::uint32_t*>(static_cast<std::size_t>(b.tokens));
    int* places = c.space.places.get<int>(static_cast<std::size_t>(b.tokens));
    for_places(b, [&](int t, int page, int place) {
        pages[t] = cache + page * shape.page_words(b.page_size);
        places[t] = place;
    });
    c.pool.run(store_tasks(b.tokens), [&](int task, int) {
        const int first = task * kStoreTokens;
        c.kernels.store_kv({shape, k, v, pages, places, b.page_size, first, std::min(b.tokens, first + kStoreTokens)});
    });
}

namespace {

constexpr int kSplitTokens = 8;  // sequences with more queries than this are parallel enough over their queries

struct GroupedCall {
    const AttentionContext& c;
    const KvShape& shape;
    const float* q;
    const std::uint32_t* cache;
    const AttentionBatch& b;
    float scale;
    int window;
    bool causal;
    float* out;

    int seen(int sequence) const { return causal ? 0 : b.contexts[sequence]; }
    int group() const { return shape.heads / shape.kv_heads; }
    // Of all positions that a chunk's queries see.
    int end_span(const QueryChunk& chunk) const {
        return spans_of(causal ? b.positions[chunk.first] + chunk.count - 1 : seen(chunk.sequence) - 1);
    }
    int first_span(int position) const { return window ? std::max(0, position - window + 1) / kSpan : 0; }
    long query_numbers() const { return static_cast<long>(shape.heads) * shape.head_dim; }
    Pages pages(int sequence) const { return {cache, b.table(sequence), b.page_size, shape.number}; }

    GroupedTask task(const QueryChunk& chunk, int kv_head, int first, int end, float* sums, float* tops,
                     void* scratch) const {
        const long at = chunk.first * query_numbers();
        return {shape,
                kv_head,
                pages(chunk.sequence),
                window,
                seen(chunk.sequence),
                q + at,
                chunk.count,
                b.positions[chunk.first],
                scale,
                first,
                end,
                out + at,
                sums,
                tops,
                scratch};
    }
};

// A sequence with few queries and a long context: its spans run as tasks of their own and are folded afterwards.
struct SplitSequence {
    QueryChunk chunk;
    int first_span, spans;
    long slot;  // of (kv head 0, span 0, row 0)
};

// Sequences that alone would keep one worker busy while others are idle.
std::vector<bool> choose_split(const GroupedCall& g) {
    long total = 0;
    const auto work = [&](int s) { return static_cast<long>(g.b.count(s)) * g.b.contexts[s]; };
    for (int s = 0; s < g.b.sequences; ++s) total += work(s);
    std::vector<bool> split(static_cast<std::size_t>(g.b.sequences));
    for (int s = 0; s < g.b.sequences; ++s)
        split[static_cast<std::size_t>(s)] = g.b.count(s) > 0 && g.b.count(s) <= kSplitTokens && g.c.pool.size() > 1 &&
                                             work(s) * 4 * g.c.pool.size() > total * g.shape.kv_heads;
    return split;
}

void attend_whole(const GroupedCall& g, const std::vector<bool>& split) {
    const int most = std::max(1, kRowChunk / g.group());
    const auto chunks = plan_chunks(g.b, most, [&](int s) { return !split[static_cast<std::size_t>(s)]; });
    if (chunks.empty()) return;
    const WorkerScratch scratch(g.c, g.c.kernels.grouped_scratch(g.shape, longest(chunks)));
    g.c.pool.run(static_cast<int>(chunks.size()) * g.shape.kv_heads, [&](int task, int worker) {
        const QueryChunk& chunk = chunks[static_cast<std::size_t>(task / g.shape.kv_heads)];
        const int position = g.b.positions[chunk.first];
        g.c.kernels.grouped(g.task(chunk, task % g.shape.kv_heads, g.first_span(position), g.end_span(chunk), nullptr,
                                   nullptr, scratch.of(worker)));
    });
}

std::vector<SplitSequence> plan_split(const GroupedCall& g, const std::vector<bool>& split, long* slots) {
    std::vector<SplitSequence> sequences;
    for (int s = 0; s < g.b.sequences; ++s) {
        if (!split[static_cast<std::size_t>(s)]) continue;
        const QueryChunk chunk{s, g.b.starts[s], g.b.count(s), 0};
        const int position = g.b.positions[chunk.first], first = g.first_span(position);
        const int spans = g.end_span(chunk) - first;
        sequences.push_back({chunk, first, spans, *slots});
        *slots += static_cast<long>(g.shape.kv_heads) * spans * chunk.count * g.group();
    }
    return sequences;
}

// Neighbouring spans of one key/value head of a split sequence.
struct GroupedPart {
    int sequence, kv_head, first, spans;
};

std::vector<GroupedPart> plan_grouped_parts(const GroupedCall& g, const std::vector<SplitSequence>& sequences) {
    long total = 0;
    for (const SplitSequence& s : sequences) total += static_cast<long>(s.spans) * g.shape.kv_heads;
    const int together = spans_together(total, g.c.pool.size());
    std::vector<GroupedPart> parts;
    for (int i = 0; i < static_cast<int>(sequences.size()); ++i)
        for (int head = 0; head < g.shape.kv_heads; ++head) {
            const int spans = sequences[static_cast<std::size_t>(i)].spans;
            for (int first = 0; first < spans; first += together)
                parts.push_back({i, head, first, std::min(together, spans - first)});
        }
    return parts;
}

void attend_split(const GroupedCall& g, const std::vector<bool>& split) {
    long slots = 0;
    const auto sequences = plan_split(g, split, &slots);
    if (sequences.empty()) return;
    const auto parts = plan_grouped_parts(g, sequences);
    const long width = g.shape.value_width();
    float* sums = g.c.space.sums.get<float>(static_cast<std::size_t>(slots * width));
    float* tops = g.c.space.tops.get<float>(static_cast<std::size_t>(slots * 2));
    const auto slot_of = [&](const SplitSequence& s, int head, int span) {
        return s.slot + (static_cast<long>(head) * s.spans + span) * s.chunk.count * g.group();
    };
    const WorkerScratch scratch(g.c, g.c.kernels.grouped_scratch(g.shape, kSplitTokens));
    g.c.pool.run(static_cast<int>(parts.size()), [&](int task, int worker) {
        const GroupedPart& part = parts[static_cast<std::size_t>(task)];
        const SplitSequence& s = sequences[static_cast<std::size_t>(part.sequence)];
        const long slot = slot_of(s, part.kv_head, part.first);
        const int first = s.first_span + part.first;
        g.c.kernels.grouped(g.task(s.chunk, part.kv_head, first, first + part.spans, sums + slot * width,
                                   tops + slot * 2, scratch.of(worker)));
    });
    g.c.pool.run(static_cast<int>(sequences.size()) * g.shape.kv_heads, [&](int task, int) {
        const SplitSequence& s = sequences[static_cast<std::size_t>(task / g.shape.kv_heads)];
        const int head = task % g.shape.kv_heads;
        const long slot = slot_of(s, head, 0);
        g.c.kernels.fold({g.shape, head, s.chunk.count, s.spans, sums + slot * width, tops + slot * 2,
                          g.out + s.chunk.first * g.query_numbers()});
    });
}

}  // namespace

void grouped_attention(const AttentionContext& c, const KvShape& shape, const float* q, const std::uint32_t* cache,
                       const AttentionBatch& b, float scale, int window, bool causal, float* out) {
    const GroupedCall call{c, shape, q, cache, b, scale * kLog2e, window, causal, out};
    const std::vector<bool> split = choose_split(call);
    attend_split(call, split);
    attend_whole(call, split);
}

}  // namespace quatre
