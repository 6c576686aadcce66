// Expanded form of latent attention (model.md 2.2), one head at a time: keys and values of a span are made from the
// cached latents once, then every query of the task passes over them.

constexpr int kExpand = 32;  // positions expanded at a time; they stay in the first-level cache
constexpr int kExpandRows = kLanes == 16 ? 8 : kLanes;  // rows of a register tile; even, and a divisor of kLanes

template <class Dot>
struct ExpandedScratch {
    Scratch scratch;
    ChunkScratch chunk;
    int latent_words, key_words;  // words of a latent and of a key
    long key_row;                 // words from one gathered key to the next, with room for a whole vector
    int key_vectors, value_vectors;
    std::uint32_t* w_uk;  // [vector pairs][latent words][2 vectors]
    std::uint32_t* w_uv;
    float* weights;           // one matrix unpacked, [latent][head_step(rows)]
    float* panel;             // one panel of it
    std::uint32_t* latents;   // [kExpand][latent words]
    std::uint32_t* key_rows;  // [kExpand][key_row]
    std::uint32_t* rope;      // one rotated part
    const char** rows;        // where the positions of a span are cached
    std::uint32_t* keys;      // [kSpan / kLanes][key words][kLanes]
    std::uint32_t* values;    // [vector pairs][units of a span][2 vectors]
    Column* columns;

    ExpandedScratch(const LatentShape& s, int tokens, void* memory)
        : scratch(memory),
          chunk(&scratch, tokens, s.nope + s.rope, round_up(s.v, kValuePad) / kLanes),
          latent_words(row_words<Dot>(s.latent)),
          key_words(row_words<Dot>(s.nope + s.rope)),
          key_row(row_words<Dot>(s.nope + s.rope) + kLanes),
          key_vectors(round_up(s.nope, kLanes) / kLanes),
          value_vectors(round_up(s.v, kValuePad) / kLanes) {
        w_uk = take_blocks(key_vectors, latent_words);
        w_uv = take_blocks(value_vectors, latent_words);
        weights = scratch.take<float>(head_step(s.latent) * head_step(most(s.nope, s.v)));
        panel = scratch.take<float>(kRows * (most(most(s.nope, s.v), s.latent) + kLanes));
        latents = scratch.take<std::uint32_t>(static_cast<long>(kExpand) * latent_words);
        key_rows = scratch.take<std::uint32_t>(kExpand * key_row);
        rope = scratch.take<std::uint32_t>(row_words<Dot>(s.rope));
        rows = scratch.take<const char*>(kSpan);
        keys = scratch.take<std::uint32_t>(static_cast<long>(kSpan) * key_words);
        values = take_blocks(value_vectors, kSpan / Dot::kPerUnit);
        columns = scratch.take<Column>(kSpan / kLanes);
    }

    std::uint32_t* take_blocks(int vectors, int units) {
        return scratch.take<std::uint32_t>(static_cast<long>(vectors + 1) / 2 * units * 2 * kLanes);
    }

    SpanView view(Run* run, int count) const {
        for (int i = 0; i < kSpan / kLanes; ++i)
            columns[i] = {keys + static_cast<long>(i) * key_words * kLanes, i * kLanes};
        *run = {values, 0, kSpan / Dot::kPerUnit};
        return {columns,    round_up(count, kLanes) / kLanes,    kLanes,       key_words, run, 1,
                2 * kLanes, kSpan / Dot::kPerUnit * 2L * kLanes, value_vectors};
    }
};

inline std::size_t expanded_scratch(const LatentShape& s, int tokens) {
    const std::size_t narrow = ExpandedScratch<LatentPairsDot>(s, tokens, nullptr).scratch.used;
    const std::size_t wide = ExpandedScratch<FloatDot>(s, tokens, nullptr).scratch.used;
    return narrow > wide ? narrow : wide;
}

// One head's matrix as blocks of columns of units: [vector pairs][units of a latent][2 vectors].
template <class Dot>
inline void pack_matrix(const HeadMatrix& w, int head, int rows, int latent, const ExpandedScratch<Dot>& s, int vectors,
                        std::uint32_t* blocks) {
    constexpr int per = Dot::kPerUnit;
    const long step = head_step(rows);
    unpack_columns(w, head, s.panel, s.weights, step);
    for (int v = 0; v < vectors; ++v) {
        std::uint32_t* block = blocks + v / 2 * (s.latent_words * 2L * kLanes) + v % 2 * kLanes;
        for (int l = 0; l < latent; l += per, block += 2 * kLanes) {
            const float* numbers = s.weights + l * step + v * kLanes;
            const bool pair = per == 2 && l + 1 < latent;
            store_units<Dot>(block, load(numbers), pair ? load(numbers + step) : all(0.0f));
        }
    }
}

// Multiplies `rows` latents with C vectors of a packed matrix; put(row, vector, sums of kExpandRows rows).
template <class Dot, int C, class Put>
inline void expand_vectors(const ExpandedScratch<Dot>& s, const std::uint32_t* block, int rows, int vector,
                           const Put& put) {
    const std::uint32_t* columns[C];
    for (int c = 0; c < C; ++c) columns[c] = block + c * kLanes;
    for (int row = 0; row < rows; row += kExpandRows) {
        Floats sums[kExpandRows][C];
        clear(sums);
        multiply<Dot, kExpandRows, C>(sums, s.latents + row * s.latent_words, s.latent_words, 1, columns, 2 * kLanes,
                                      s.latent_words);
#pragma GCC unroll 2
        for (int c = 0; c < C; ++c) {
#pragma GCC unroll 16
            for (int r = 0; r < kExpandRows; r += 2) put(row + r, vector + c, sums[r][c], sums[r + 1][c]);
        }
    }
}

template <class Dot, class Put>
inline void expand_matrix(const ExpandedScratch<Dot>& s, const std::uint32_t* blocks, int vectors, int rows,
                          const Put& put) {
    for (int v = 0; v < vectors; v += 2) {
        const std::uint32_t* block = blocks + v / 2 * (s.latent_words * 2L * kLanes);
        if (v + 1 < vectors) expand_vectors<Dot, 2>(s, block, rows, v, put);
        else expand_vectors<Dot, 1>(s, block, rows, v, put);
    }
}

// Keys of the gathered latents: [k_nope | k_rope] row by row, then transposed into columns.
template <class Dot>
inline void expand_keys(const ExpandedTask& t, const ExpandedScratch<Dot>& s, int place, int count, int rows) {
    expand_matrix<Dot>(s, s.w_uk, s.key_vectors, rows, [&](int row, int v, Floats even, Floats odd) {
        store_numbers<Dot>(s.key_rows + row * s.key_row, v * kLanes, even);
        store_numbers<Dot>(s.key_rows + (row + 1) * s.key_row, v * kLanes, odd);
    });
    const LatentShape& shape = t.shape;
    const std::size_t bytes = Dot::kPerUnit == 2 ? 2 : 4;
    const std::size_t nope_bytes = bytes * static_cast<std::size_t>(shape.nope);
    for (int i = 0; i < rows; ++i) {
        char* row = reinterpret_cast<char*>(s.key_rows + i * s.key_row);
        std::memset(row + nope_bytes, 0, 4 * static_cast<std::size_t>(s.key_words) - nope_bytes);
        if (i >= count) continue;
        read_row<Dot>(s.rows[place + i], t.pages.number, shape.latent, shape.rope, s.rope);
        std::memcpy(row + nope_bytes, s.rope, bytes * static_cast<std::size_t>(shape.rope));
    }
    for (int i = 0; i < rows; i += kLanes)
        transpose_words(s.key_rows + i * s.key_row, s.key_row, kLanes, s.key_words,
                        s.keys + static_cast<long>(place + i) * s.key_words, kLanes);
}

template <class Dot>
inline void expand_values(const ExpandedScratch<Dot>& s, int place, int rows) {
    constexpr int per = Dot::kPerUnit;
    const long block = kSpan / per * 2L * kLanes;
    expand_matrix<Dot>(s, s.w_uv, s.value_vectors, rows, [&](int row, int v, Floats even, Floats odd) {
        std::uint32_t* unit = s.values + v / 2 * block + (place + row) / per * 2L * kLanes + v % 2 * kLanes;
        store_units<Dot>(unit, even, odd);
        if (per == 1) store_units<Dot>(unit + 2 * kLanes, odd, even);
    });
}

// Keys and values of positions start … start + count - 1, which is a span or the beginning of one.
template <class Dot>
inline void expand_span(const ExpandedTask& t, const ExpandedScratch<Dot>& s, int start, int count) {
    find_rows(t.pages, t.shape.width(), start, count, s.rows);
    for (int place = 0; place < count; place += kExpand) {
        const int n = least(kExpand, count - place), rows = round_up(n, kLanes);
        gather_rows<Dot>(s.rows + place, t.pages.number, n, 0, t.shape.latent, s.latents, s.latent_words);
        std::memset(s.latents + static_cast<long>(n) * s.latent_words, 0,
                    static_cast<std::size_t>(rows - n) * static_cast<std::size_t>(s.latent_words) * 4);
        expand_keys<Dot>(t, s, place, n, rows);
        expand_values<Dot>(s, place, rows);
    }
}

struct ExpandedRows {
    const ExpandedTask& t;
    int dim, width;
    explicit ExpandedRows(const ExpandedTask& task)
        : t(task), dim(task.shape.nope + task.shape.rope), width(task.shape.v) {}
    int count() const { return t.tokens; }
    int position(int row) const { return t.first_position + row; }
    long index(int row) const { return static_cast<long>(row) * t.shape.heads + t.head; }
    const float* q(int row) const { return t.q + index(row) * dim; }
    float* out(int row) const { return t.out + index(row) * width; }
};

template <class Dot>
inline void expanded_head(const ExpandedTask& t) {
    ExpandedScratch<Dot> s(t.shape, t.tokens, t.scratch);
    const ExpandedRows rows(t);
    pack_matrix<Dot>(t.w_uk, t.head, t.shape.nope, t.shape.latent, s, s.key_vectors, s.w_uk);
    pack_matrix<Dot>(t.w_uv, t.head, t.shape.v, t.shape.latent, s, s.value_vectors, s.w_uv);
    start_rows<Dot>(rows, t.scale, &s.chunk);
    const int context = t.first_position + t.tokens;
    for (int start = 0; start < context; start += kSpan) {
        const int count = least(kSpan, context - start);
        expand_span<Dot>(t, s, start, count);
        Run run;
        attend_rows<Dot>(rows, s.view(&run, count), start, 0, &s.chunk, FoldRow{&s.chunk});
    }
    finish_rows(rows, s.chunk);
}

inline void expanded(const ExpandedTask& t) {
    if (t.pages.number == Number::f32) expanded_head<FloatDot>(t);
    else expanded_head<LatentPairsDot>(t);
}
