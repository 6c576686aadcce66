// Grouped-query attention: pages of keys and values are read in place.
//
// Row r of a task is query token r / group, head kv_head · group + r % group. The same tile serves one token's group
// (decode) and a run of tokens (prefill), so both give the same bits. Pages are laid out as KvShape says, so that a
// vector of neighbouring positions of a key, or of neighbouring numbers of a pair of values, is one load.

struct KvSpan {
    Column columns[kSpan];  // as many as positions, should pages hold one each
    Run runs[kSpan];
    SpanView view;
};

// A page of the sequence, by its place in the page table.
inline const std::uint32_t* kv_page(const GroupedTask& t, int page_index) {
    const long words = t.shape.page_words(t.pages.page_size);
    return static_cast<const std::uint32_t*>(t.pages.data) + t.pages.table[page_index] * words;
}

// Lists the columns and runs of positions start … start + count - 1.
inline void view_kv_span(const GroupedTask& t, int start, int count, KvSpan* span) {
    const KvShape& s = t.shape;
    const int size = t.pages.page_size, per = s.per_unit();
    const long keys = static_cast<long>(t.kv_head) * s.key_units() * size;
    const long values = s.key_words(size) + static_cast<long>(t.kv_head) * (size / per) * s.value_width();
    int columns = 0, runs = 0;
    for (int done = 0; done < count;) {
        const int place = (start + done) % size, length = least(size - place, count - done);
        const std::uint32_t* page = kv_page(t, (start + done) / size);
        for (int i = 0; i < length; i += kLanes) span->columns[columns++] = {page + keys + place + i, done + i};
        // The last run may end within a unit: it covers that unit, and masks decide what is seen of it.
        span->runs[runs++] = {page + values + place / per * s.value_width(), done / per,
                              (done + length + per - 1) / per};
        done += length;
    }
    span->view = {span->columns, columns,         size,       s.key_units(),           span->runs,
                  runs,          s.value_width(), 2 * kLanes, s.value_width() / kLanes};
}

struct GroupedScratch {
    Scratch scratch;
    ChunkScratch chunk;
    KvSpan* span;

    GroupedScratch(const KvShape& s, int tokens, void* memory)
        : scratch(memory),
          chunk(&scratch, tokens * (s.heads / s.kv_heads), s.head_dim, s.value_width() / kLanes),
          span(scratch.take<KvSpan>(1)) {}
};

inline std::size_t grouped_scratch(const KvShape& s, int tokens) {
    return GroupedScratch(s, tokens, nullptr).scratch.used;
}

struct GroupedRows {
    const KvShape& shape;
    int kv_head, tokens, first_position;
    const float* queries;
    float* outputs;
    int group, dim, width;

    GroupedRows(const KvShape& s, int head, int n, int position, const float* q, float* o)
        : shape(s),
          kv_head(head),
          tokens(n),
          first_position(position),
          queries(q),
          outputs(o),
          group(s.heads / s.kv_heads),
          dim(s.head_dim),
          width(s.head_dim) {}
    int count() const { return tokens * group; }
    int position(int row) const { return first_position + row / group; }
    const float* q(int row) const { return queries + offset(row); }
    float* out(int row) const { return outputs + offset(row); }
    long offset(int row) const {
        const long head = static_cast<long>(kv_head) * group + row % group;
        return (static_cast<long>(row / group) * shape.heads + head) * dim;
    }
};

template <class Dot>
inline void grouped_rows(const GroupedTask& t) {
    GroupedScratch s(t.shape, t.tokens, t.scratch);
    const GroupedRows rows(t.shape, t.kv_head, t.tokens, t.first_position, t.q, t.out);
    start_rows<Dot>(rows, t.scale, &s.chunk);
    const int context = t.first_position + t.tokens;
    for (int index = t.first_span; index < t.end_span; ++index) {
        const int start = index * kSpan;
        view_kv_span(t, start, least(context - start, kSpan), s.span);
        if (t.sums) {
            for (int r = 0; r < rows.count(); ++r) t.tops[2 * r + 1] = -1.0f;  // stays so if it sees nothing here
            attend_rows<Dot>(rows, s.span->view, start, t.window, &s.chunk, [&](int r, const Tile& tile, int place) {
                std::memcpy(t.sums + r * tile.sum_step, tile.sums + place * tile.sum_step,
                            static_cast<std::size_t>(tile.sum_step) * sizeof(float));
                t.tops[2 * r] = tile.top[place];
                t.tops[2 * r + 1] = tile.total[place];
            });
        } else {
            attend_rows<Dot>(rows, s.span->view, start, t.window, &s.chunk, FoldRow{&s.chunk});
        }
    }
    if (!t.sums) finish_rows(rows, s.chunk);
}

inline void grouped(const GroupedTask& t) {
    if (t.shape.number == Number::f32) grouped_rows<FloatDot>(t);
    else grouped_rows<CachedPairsDot>(t);
}

inline void fold_grouped(const FoldTask& t) {
    const GroupedRows rows(t.shape, t.kv_head, t.tokens, 0, nullptr, t.out);
    const int width = t.shape.value_width();
    for (int r = 0; r < rows.count(); ++r) {
        Gathered gathered;
        float* sums = t.sums + r * width;  // span by span into the first
        for (int span = 0; span < t.spans; ++span) {
            const long slot = static_cast<long>(span) * rows.count() + r;
            const float total = t.tops[2 * slot + 1];
            if (total < 0.0f) continue;
            fold(&gathered, sums, t.sums + slot * width, width, t.tops[2 * slot], total);
        }
        finish(gathered, sums, t.shape.head_dim, rows.out(r));
    }
}
