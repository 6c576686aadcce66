// Absorbed form of latent attention (model.md 2.3): all heads against the cached rows themselves.
//
// Scores are taken with heads as lanes, so a cached row is broadcast word by word and needs no transposing. Values are
// the same rows with neighbouring positions paired, laid out once per span in blocks of two vectors that stay in the
// first-level cache while every head passes over them.

constexpr int kAhead = 32;       // rows that are fetched, at the least, before the one being scored
constexpr int kFarAhead = 320;   // rows fetched ahead at the most; they share the second-level cache with the span
constexpr int kLineUnits = 16;   // units of a cache line
constexpr int kUnitBlock = 64;   // units summed at a time: values and weights then share the first-level cache
constexpr int kBlockLines = 24;  // cache lines fetched meanwhile: half of a span during its scores, half during sums

// -- Queries -------------------------------------------------------------------------------------------------------

struct AbsorbScratch {
    Scratch scratch;
    long step;
    float* weights;   // [nope][step]
    float* panel;     // one panel of the weights, unpacked
    float* absorbed;  // [kTileRows][step]
    float* line;

    AbsorbScratch(const LatentShape& s, void* memory) : scratch(memory), step(head_step(s.latent)) {
        weights = scratch.take<float>(head_step(s.nope) * step);
        panel = scratch.take<float>(kRows * (most(s.nope, s.latent) + kLanes));
        absorbed = scratch.take<float>(kTileRows * step);
        line = scratch.take<float>(s.width() + s.latent + kLanes);
    }
};

inline std::size_t absorb_scratch(const LatentShape& s) { return AbsorbScratch(s, nullptr).scratch.used; }

// C vectors of out[r] = x[r] · w, for R rows x `x_step` apart and w [units][step].
template <int R, int C>
inline void project_vectors(const float* x, long x_step, int units, const float* w, long step, float* out,
                            long out_step) {
    Floats sums[R][C];
    clear(sums);
    const std::uint32_t* columns[C];
    for (int c = 0; c < C; ++c) columns[c] = reinterpret_cast<const std::uint32_t*>(w + c * kLanes);
    multiply<FloatDot, R, C>(sums, reinterpret_cast<const std::uint32_t*>(x), x_step, 1, columns, step, units);
    store_tile(sums, out, out_step);
}

// The same for all vectors of up to kTileRows rows.
inline void project(const float* x, long x_step, int rows, int units, const float* w, long step, float* out,
                    long out_step) {
    with_rows(rows, [&](auto count, int first) {
        constexpr int R = decltype(count)::value;
        const float* my_x = x + first * x_step;
        float* my_out = out + first * out_step;
        constexpr int C = R <= kTileRows / 4 ? 4 : R <= kTileRows / 2 ? 2 : 1;  // enough sums to hide their latency
        long at = 0;
        for (; at + C * kLanes <= step; at += C * kLanes)
            project_vectors<R, C>(my_x, x_step, units, w + at, step, my_out + at, out_step);
        for (; at < step; at += kLanes) project_vectors<R, 1>(my_x, x_step, units, w + at, step, my_out + at, out_step);
    });
}

template <class Dot>
inline void write_absorbed(const AbsorbTask& t, const AbsorbScratch& s, const float* absorbed, const float* q,
                           std::uint32_t* words) {
    for (int i = 0; i < t.shape.latent; ++i) s.line[i] = absorbed[i] * t.scale;
    for (int i = 0; i < t.shape.rope; ++i) s.line[t.shape.latent + i] = q[t.shape.nope + i] * t.scale;
    write_row<Dot>(s.line, t.shape.width(), words);
}

inline void absorb(const AbsorbTask& t) {
    AbsorbScratch s(t.shape, t.scratch);
    const LatentShape& shape = t.shape;
    const bool few = t.w_uk.transposed && t.tokens <= t.w_uk.tile;  // unpacking would cost more than it saves
    if (!few) unpack_rows(t.w_uk, t.head, s.panel, s.weights, s.step);
    const long row = static_cast<long>(shape.heads) * (shape.nope + shape.rope);
    const int width = latent_words(shape.width(), t.number);
    for (int i = 0; i < t.tokens; ++i) {
        const float* q = t.q + t.token[i] * row + static_cast<long>(t.head) * (shape.nope + shape.rope);
        int rows = 1;  // neighbours among the packed tokens go together
        while (rows < kTileRows && i + rows < t.tokens && t.token[i + rows] == t.token[i] + rows) ++rows;
        if (few) multiply_panels(t.w_uk, t.head, q, row, rows, s.weights, s.absorbed, s.step);
        else project(q, row, rows, shape.nope, s.weights, s.step, s.absorbed, s.step);
        for (int r = 0; r < rows; ++r) {
            std::uint32_t* words = t.words + (static_cast<long>(i + r) * shape.heads + t.head) * width;
            if (t.number == Number::f32) write_absorbed<FloatDot>(t, s, s.absorbed + r * s.step, q + r * row, words);
            else write_absorbed<LatentPairsDot>(t, s, s.absorbed + r * s.step, q + r * row, words);
        }
        i += rows - 1;
    }
}

// -- Spans ---------------------------------------------------------------------------------------------------------

template <class Dot>
struct AbsorbedScratch {
    static constexpr bool kPairs = Dot::kPerUnit == 2;
    Scratch scratch;
    int lanes;               // heads, padded
    long words;              // of a row
    const char** cached;     // where the positions of the task are cached
    std::uint32_t* queries;  // [tokens][words][lanes]
    float* scores;           // [tokens][kSpan][lanes]
    std::uint32_t* rows;     // [kSpan][words], unless the cache can be read in place
    std::uint32_t* values;   // [vector pairs][kSpan / 2][2 vectors], or the rows themselves
    float* top;              // [2][lanes]
    SpanView view;
    Run run;

    AbsorbedScratch(const LatentShape& s, int tokens, void* memory)
        : scratch(memory), lanes(round_up(s.heads, kLanes)), words(row_words<Dot>(s.width())) {
        const int padded = round_up(s.latent, kValuePad), vectors = padded / kLanes;
        cached = scratch.take<const char*>(kSpanGroup * kSpan);
        queries = scratch.take<std::uint32_t>(tokens * words * lanes);
        scores = scratch.take<float>(static_cast<long>(tokens) * kSpan * lanes);
        top = scratch.take<float>(2L * lanes);
        if (kPairs) {
            rows = nullptr;
            values = scratch.take<std::uint32_t>(round_up(padded, 2 * kLanes) * (kSpan / 2));
            view = {nullptr, 0, 0, 0, &run, 1, 2 * kLanes, kSpan / 2 * 2 * kLanes, vectors};
        } else {
            rows = values = scratch.take<std::uint32_t>(kSpan * words + kValuePad);
            view = {nullptr, 0, 0, 0, &run, 1, words, 2 * kLanes, vectors};
        }
        run = {values, 0, kSpan / Dot::kPerUnit};
    }
};

inline std::size_t absorbed_span_scratch(const LatentShape& s, int tokens) {
    const std::size_t narrow = AbsorbedScratch<LatentPairsDot>(s, tokens, nullptr).scratch.used;
    const std::size_t wide = AbsorbedScratch<FloatDot>(s, tokens, nullptr).scratch.used;
    return narrow > wide ? narrow : wide;
}

// Scores of R rows of words, `step` apart, with C vectors of heads: [R][s.lanes]. Fetches `fetched` lines per line
// read.
template <class Dot, int R, int C>
inline void score_heads(const AbsorbedScratch<Dot>& s, const std::uint32_t* queries, const std::uint32_t* rows,
                        long step, float* scores, Prefetch* ahead, int fetched, int before_row) {
    Floats sums[R][C];
    clear(sums);
    const std::uint32_t* columns[C];
    for (int c = 0; c < C; ++c) columns[c] = queries + c * kLanes;
    for (long u = 0; u < s.words; u += kLineUnits) {
        ahead->some(fetched, before_row);
        const long units = s.words - u < kLineUnits ? s.words - u : kLineUnits;
        multiply<Dot, R, C>(sums, rows + u, step, 1, columns, s.lanes, units);
#pragma GCC unroll 4
        for (int c = 0; c < C; ++c) columns[c] += kLineUnits * s.lanes;
    }
    store_tile(sums, scores, s.lanes);
}

// Scores of `count` rows, the first at place `start` of the span and row `first_row` of the task, for every token.
template <class Dot>
inline void score_rows(const AbsorbedScratch<Dot>& s, const std::uint32_t* rows, long step, int start, int count,
                       int first_row, int tokens, Prefetch* ahead) {
    ahead->up_to(first_row + count + kAhead);
    with_rows(count, [&](auto n, int first) {
        constexpr int R = decltype(n)::value;
        const int before_row = first_row + first + kFarAhead;
        for (int token = 0; token < tokens; ++token) {
            const std::uint32_t* queries = s.queries + token * s.words * s.lanes;
            float* scores = s.scores + (static_cast<long>(token) * kSpan + start + first) * s.lanes;
            int lane = 0;
            for (; lane + 2 * kLanes <= s.lanes; lane += 2 * kLanes)
                score_heads<Dot, R, 2>(s, queries + lane, rows + first * step, step, scores + lane, ahead, (R + 1) / 2,
                                       before_row);
            if (lane < s.lanes)
                score_heads<Dot, R, 1>(s, queries + lane, rows + first * step, step, scores + lane, ahead, (R + 1) / 2,
                                       before_row);
        }
    });
}

#if defined(__AVX512BF16__)
// Two rows of bf16 as units of neighbouring positions, in blocks of two vectors.
inline void pair_rows(const char* even, const char* odd, int vectors, long block, std::uint32_t* units) {
    const __m512i lower = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6,
                                           37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i upper = _mm512_add_epi16(lower, _mm512_set1_epi16(16));
    for (int v = 0; v < vectors; v += 2, units += block) {
        const __m512i a = _mm512_loadu_si512(even + v * 32), b = _mm512_loadu_si512(odd + v * 32);
        store_words(units, _mm512_permutex2var_epi16(a, lower, b));
        store_words(units + kLanes, _mm512_permutex2var_epi16(a, upper, b));
    }
}
#endif

// Scores the span's rows where they lie and lays out their values in pairs. A last position without a partner is
// paired with itself: the partner is masked where it is used.
template <class Dot>
inline void read_pairs(const AbsorbedScratch<Dot>& s, const char* const* cached, int count, int page_size, int at_page,
                       int tokens, Prefetch* ahead) {
#if defined(__AVX512BF16__)
    for (int done = 0, paired = 0; done < count;) {
        const int n = next_tile(least(page_size - (at_page + done) % page_size, count - done));
        const int row = static_cast<int>(cached - ahead->rows) + done;
        score_rows<Dot>(s, reinterpret_cast<const std::uint32_t*>(cached[done]), s.words, done, n, row, tokens, ahead);
        done += n;
        for (; paired + 1 < done || (done == count && paired < count); paired += 2)
            pair_rows(cached[paired], cached[least(paired + 1, count - 1)], s.view.value_vectors, s.view.value_block,
                      s.values + paired / 2 * 2 * kLanes);
    }
#else
    (void)s, (void)cached, (void)count, (void)page_size, (void)at_page, (void)tokens, (void)ahead;
#endif
}

// The same for rows that are copied, and widened, first.
template <class Dot>
inline void read_copies(const AbsorbedScratch<Dot>& s, const char* const* cached, Number number, int count, int width,
                        int tokens, Prefetch* ahead) {
    for (int done = 0; done < count;) {
        const int n = next_tile(count - done);
        std::uint32_t* rows = s.rows + done * s.words;
        gather_rows<Dot>(cached + done, number, n, 0, width, rows, s.words);
        score_rows<Dot>(s, rows, s.words, done, n, static_cast<int>(cached - ahead->rows) + done, tokens, ahead);
        done += n;
    }
}

// sums[head] = the span's values weighted by one token's words [units][lanes], of which it sees `seen` positions.
// Rows of the next span are fetched meanwhile.
template <class Dot>
inline void add_seen(const AbsorbedScratch<Dot>& s, const std::uint32_t* words, int heads, int seen, float* sums,
                     Prefetch* ahead, int before_row) {
    const long step = static_cast<long>(s.view.value_vectors) * kLanes;
    const int units = seen / Dot::kPerUnit;
    for (int v = 0; v < s.view.value_vectors; v += 2) {
        const int vectors = least(2, s.view.value_vectors - v);
        for (int from = 0; from == 0 || from < units; from += kUnitBlock) {
            const int to = least(units, from + kUnitBlock);
            with_rows(heads, [&](auto count, int head) {
                constexpr int R = decltype(count)::value;
                const ColumnWeights weights{words + head, s.lanes};
                ahead->some(kBlockLines, before_row);
                if (vectors == 2)
                    add_values<Dot, R, 2>(weights, s.view, v, from, to, from == 0, sums + head * step, step);
                else add_values<Dot, R, 1>(weights, s.view, v, from, to, from == 0, sums + head * step, step);
            });
        }
    }
    if (seen % Dot::kPerUnit)
        for (int head = 0; head < heads; ++head)
            add_half_unit<Dot>(ColumnWeights{words + head, s.lanes}, s.view, seen - 1, false, sums + head * step);
}

// Weights and sums of one token for a span of which it sees `seen` positions.
template <class Dot>
inline void attend_token(const AbsorbedScratch<Dot>& s, int heads, int token, int seen, float* sums, float* tops,
                         Prefetch* ahead, int before_row) {
    float* scores = s.scores + static_cast<long>(token) * kSpan * s.lanes;
    for (int lane = 0; lane < s.lanes; lane += kLanes)
        weigh_columns<Dot>(scores + lane, s.lanes, seen, s.top + lane, s.top + s.lanes + lane);
    std::memcpy(tops, s.top, static_cast<std::size_t>(heads) * sizeof(float));
    std::memcpy(tops + heads, s.top + s.lanes, static_cast<std::size_t>(heads) * sizeof(float));
    add_seen<Dot>(s, reinterpret_cast<const std::uint32_t*>(scores), heads, seen, sums, ahead, before_row);
}

template <class Dot>
inline void lay_out_queries(const AbsorbedSpanTask& t, const AbsorbedScratch<Dot>& s) {
    for (int token = 0; token < t.tokens; ++token)
        for (int head = 0; head < t.shape.heads; head += kLanes)
            transpose_words(t.words + (static_cast<long>(token) * t.shape.heads + head) * s.words, s.words,
                            least(kLanes, t.shape.heads - head), static_cast<int>(s.words),
                            s.queries + token * s.words * s.lanes + head, s.lanes);
}

template <class Dot>
inline void absorbed_spans_of(const AbsorbedSpanTask& t) {
    AbsorbedScratch<Dot> s(t.shape, t.tokens, t.scratch);
    const int heads = t.shape.heads, width = t.shape.width();
    const long sums_step = static_cast<long>(heads) * round_up(t.shape.latent, kValuePad);
    find_rows(t.pages, width, t.first, t.count, s.cached);
    Prefetch ahead{s.cached, t.count, width * bytes_of(t.pages.number)};
    ahead.up_to(kAhead);
    lay_out_queries<Dot>(t, s);
    for (int place = 0, span = 0; place < t.count; place += kSpan, ++span) {
        const int count = least(kSpan, t.count - place);
        if (s.kPairs)
            read_pairs<Dot>(s, s.cached + place, count, t.pages.page_size, (t.first + place) % t.pages.page_size,
                            t.tokens, &ahead);
        else read_copies<Dot>(s, s.cached + place, t.pages.number, count, width, t.tokens, &ahead);
        for (int token = 0; token < t.tokens; ++token) {
            const int seen = least(count, t.first_position + token + 1 - t.first - place);
            if (seen <= 0) continue;
            const long slot = token * t.token_slots + span;
            attend_token<Dot>(s, heads, token, seen, t.sums + slot * sums_step, t.tops + slot * 2 * heads, &ahead,
                              place + count + kFarAhead);
        }
    }
}

inline void absorbed_spans(const AbsorbedSpanTask& t) {
    if (t.pages.number == Number::f32) absorbed_spans_of<FloatDot>(t);
    else absorbed_spans_of<LatentPairsDot>(t);
}

// -- Folding and the way out of the latent space -------------------------------------------------------------------

struct CombineScratch {
    Scratch scratch;
    long step, out_step;
    float* latents;  // [kTileRows][latent, padded]
    float* weights;  // [latent][out_step]
    float* panel;    // one panel of the weights, unpacked
    float* outputs;  // [kTileRows][out_step]

    CombineScratch(const LatentShape& s, void* memory)
        : scratch(memory), step(round_up(s.latent, kValuePad)), out_step(head_step(s.v)) {
        latents = scratch.take<float>(kTileRows * step);
        weights = scratch.take<float>(head_step(s.latent) * out_step);
        panel = scratch.take<float>(kRows * (most(s.v, s.latent) + kLanes));
        outputs = scratch.take<float>(kTileRows * out_step);
    }
};

inline std::size_t combine_scratch(const LatentShape& s) { return CombineScratch(s, nullptr).scratch.used; }

// The average latent of token i of the task, in row r of s.latents.
inline void fold_latent(const CombineTask& t, const CombineScratch& s, int i, int r) {
    const int heads = t.shape.heads;
    float* z = s.latents + r * s.step;
    Gathered gathered;
    for (long slot = t.slot[i]; slot < t.slot[i] + t.spans[i]; ++slot) {
        const float* tops = t.tops + slot * 2 * heads + t.head;
        fold(&gathered, z, t.sums + (slot * heads + t.head) * s.step, static_cast<int>(s.step), tops[0], tops[heads]);
    }
    finish(gathered, z, t.shape.latent, z);
}

inline void combine(const CombineTask& t) {
    CombineScratch s(t.shape, t.scratch);
    const LatentShape& shape = t.shape;
    const bool few = !t.w_uv.transposed && t.tokens <= t.w_uv.tile;
    if (!few) unpack_columns(t.w_uv, t.head, s.panel, s.weights, s.out_step);
    for (int first = 0; first < t.tokens; first += kTileRows) {
        const int count = least(kTileRows, t.tokens - first);
        for (int r = 0; r < count; ++r) fold_latent(t, s, first + r, r);
        if (few) multiply_panels(t.w_uv, t.head, s.latents, s.step, count, s.weights, s.outputs, s.out_step);
        else project(s.latents, s.step, count, shape.latent, s.weights, s.out_step, s.outputs, s.out_step);
        for (int r = 0; r < count; ++r)
            std::memcpy(t.out + (static_cast<long>(t.token[first + r]) * shape.heads + t.head) * shape.v,
                        s.outputs + r * s.out_step, static_cast<std::size_t>(shape.v) * sizeof(float));
    }
}
