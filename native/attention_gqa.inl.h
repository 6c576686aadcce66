// Grouped-query attention: pages of keys and values are read in place.
//
// Row r of a task is query token r / group, head kv_head · group + r % group. The same tile serves one token's group
// (decode) and a run of tokens (prefill), so both give the same bits. Pages are laid out as KvShape says, so that a
// vector of neighbouring positions of a key, or of neighbouring numbers of a pair of values, is one load.

constexpr int kFetchPages[2] = {8, 128};  // page sizes worth fetching ahead: few pieces, and read nearly in order
constexpr int kFetchLead = 32 * 1024;     // bytes between what is fetched and what is read

struct KvSpan {
    Column columns[kSpan];  // as many as positions, should pages hold one each
    Run runs[kSpan];
    const char* pieces[kSpanGroup * 2 * (kSpan / kFetchPages[0] + 1)];
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

// Spans first … end - 1 as pieces of memory in the order in which one tile of queries reads them: the keys of a span,
// page by page, then its values.
inline Prefetch look_ahead(const GroupedTask& t, int first, int end, KvSpan* span) {
    const KvShape& s = t.shape;
    const int size = t.pages.page_size, context = t.context();
    const long head_keys = static_cast<long>(s.key_units()) * size;
    const long head_values = static_cast<long>(size / s.per_unit()) * s.value_width();
    int count = 0;
    for (int index = first; index < end; ++index) {
        const int from = index * kSpan / size, to = (least((index + 1) * kSpan, context) - 1) / size;
        for (int values = 0; values < 2; ++values)
            for (int page = from; page <= to; ++page) {
                const long at = values ? s.key_words(size) + t.kv_head * head_values : t.kv_head * head_keys;
                span->pieces[count++] = reinterpret_cast<const char*>(kv_page(t, page) + at);
            }
    }
    Prefetch ahead;
    ahead.rows = span->pieces;
    ahead.end = count;
    ahead.row_bytes = 4 * static_cast<int>(head_keys > head_values ? head_keys : head_values);
    ahead.some(kFetchLead / 64, count);
    return ahead;
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
    int kv_head, tokens, first_position, seen;
    const float* queries;
    float* outputs;
    int group, dim, width;

    GroupedRows(const KvShape& s, int head, int n, int position, int all, const float* q, float* o)
        : shape(s),
          kv_head(head),
          tokens(n),
          first_position(position),
          seen(all),
          queries(q),
          outputs(o),
          group(s.heads / s.kv_heads),
          dim(s.head_dim),
          width(s.head_dim) {}
    int count() const { return tokens * group; }
    int position(int row) const { return seen ? seen - 1 : first_position + row / group; }  // the last that it sees
    const float* q(int row) const { return queries + offset(row); }
    float* out(int row) const { return outputs + offset(row); }
    long offset(int row) const {
        const long head = static_cast<long>(kv_head) * group + row % group;
        return (static_cast<long>(row / group) * shape.heads + head) * dim;
    }
};

// One span of a task: folded into the sums so far, or stored in the slots of span `slot`.
template <class Dot>
inline void grouped_span(const GroupedTask& t, const GroupedRows& rows, int start, int slot, GroupedScratch* s) {
    if (!t.sums) {
        attend_rows<Dot>(rows, s->span->view, start, t.window, &s->chunk, FoldRow{&s->chunk});
        return;
    }
    const long step = s->chunk.tile.sum_step;
    float* sums = t.sums + slot * rows.count() * step;
    float* tops = t.tops + slot * rows.count() * 2L;
    for (int r = 0; r < rows.count(); ++r) tops[2 * r + 1] = -1.0f;  // stays so if it sees nothing here
    attend_rows<Dot>(rows, s->span->view, start, t.window, &s->chunk, [&](int r, const Tile& tile, int place) {
        std::memcpy(sums + r * step, tile.sums + place * step, static_cast<std::size_t>(step) * sizeof(float));
        tops[2 * r] = tile.top[place];
        tops[2 * r + 1] = tile.total[place];
    });
}

template <class Dot>
inline void grouped_rows(const GroupedTask& t) {
    GroupedScratch s(t.shape, t.tokens, t.scratch);
    const GroupedRows rows(t.shape, t.kv_head, t.tokens, t.first_position, t.seen, t.q, t.out);
    start_rows<Dot>(rows, t.scale, &s.chunk);
    const int context = t.context(), size = t.pages.page_size;
    const bool fetch = rows.count() <= kTileRows && size >= kFetchPages[0] && size <= kFetchPages[1];
    for (int first = t.first_span; first < t.end_span; first += kSpanGroup) {
        const int end = least(first + kSpanGroup, t.end_span);
        Prefetch ahead;
        if (fetch) ahead = look_ahead(t, first, end, s.span);
        for (int index = first; index < end; ++index) {
            const int start = index * kSpan;
            view_kv_span(t, start, least(context - start, kSpan), s.span);
            if (fetch) s.span->view.ahead = &ahead;
            grouped_span<Dot>(t, rows, start, index - t.first_span, &s);
        }
    }
    if (!t.sums) finish_rows(rows, s.chunk);
}

inline void grouped(const GroupedTask& t) {
    if (t.shape.number == Number::f32) grouped_rows<FloatDot>(t);
    else grouped_rows<CachedPairsDot>(t);
}

inline void fold_grouped(const FoldTask& t) {
    const GroupedRows rows(t.shape, t.kv_head, t.tokens, 0, 0, nullptr, t.out);
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
