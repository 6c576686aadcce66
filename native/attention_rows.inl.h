// Queries against one span of keys and values whose lanes are positions (keys) and numbers (values).
//
// This serves grouped-query attention, which reads its pages in place, and the expanded form of latent attention,
// which lays the span out in scratch. A tile of up to kTileRows queries shares every load of a key or value.

// kLanes neighbouring keys: their first unit, and the position in the span of lane 0. Lanes past the end of a page
// give scores that the next column, or the mask, overwrites.
struct Column {
    const std::uint32_t* units;
    int place;
};

// Values of units first … end - 1 of the span, unit first at `units`.
struct Run {
    const std::uint32_t* units;
    int first, end;
};

struct SpanView {
    const Column* columns;
    int num_columns;
    long key_step;  // words from one key unit to the next
    int key_units;
    const Run* runs;
    int num_runs;
    long value_step;   // words from one value unit to the next
    long value_block;  // words from one pair of value vectors to the next pair
    int value_vectors;
    Prefetch* ahead = nullptr;  // fetches as many lines as are read, where one pass over them cannot wait for memory
};

constexpr int kFetchUnits = 32;         // units between two looks ahead
constexpr int kScoreStep = kSpan + 16;  // room for a column that starts at the last position; no power of two

// Scratch of one tile: scores (then weights) per row, and the sums of the span.
struct Tile {
    float* scores;  // [kTileRows][kScoreStep]
    float* sums;    // [kTileRows][sum_step]
    long sum_step;
    float top[kTileRows], total[kTileRows];
    int lo[kTileRows], hi[kTileRows];  // positions of the span that each row sees; hi <= lo: none

    Tile(Scratch* scratch, int value_vectors)
        : scores(scratch->take<float>(kTileRows * kScoreStep)),
          sums(scratch->take<float>(static_cast<long>(kTileRows) * value_vectors * kLanes)),
          sum_step(static_cast<long>(value_vectors) * kLanes) {}
};

template <class Dot, int R, int C>
inline void score_tile(const std::uint32_t* queries, const SpanView& span, int column, float* scores) {
    const std::uint32_t* keys[C];
    float* out[C];
#pragma GCC unroll 4
    for (int c = 0; c < C; ++c) {
        keys[c] = span.columns[column + c].units;
        out[c] = scores + span.columns[column + c].place;
    }
    Floats sums[R][C];
    clear(sums);
    for (int u = 0; u < span.key_units; u += kFetchUnits) {
        const int units = least(kFetchUnits, span.key_units - u);
        if (span.ahead) span.ahead->some(units * C, span.ahead->end);
        multiply<Dot, R, C>(sums, queries + u * Dot::kRowWords * kTileRows, 1, kTileRows, keys, span.key_step, units);
#pragma GCC unroll 4
        for (int c = 0; c < C; ++c) keys[c] += units * span.key_step;
    }
#pragma GCC unroll 4
    for (int c = 0; c < C; ++c)
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) store(out[c] + r * kScoreStep, sums[r][c]);
}

// Scores of `rows` queries (words [key units][kTileRows]) with positions lo … hi - 1, a little more at both ends.
template <class Dot>
inline void score_span(const std::uint32_t* queries, int rows, const SpanView& span, int lo, int hi, float* scores) {
    int column = 0, end = span.num_columns;
    while (column + 1 < end && span.columns[column + 1].place <= lo) ++column;
    while (end > column && span.columns[end - 1].place >= hi) --end;
    with_rows(rows, [&](auto count, int first) {
        constexpr int R = decltype(count)::value;
        const std::uint32_t* mine = queries + first;
        float* my_scores = scores + first * kScoreStep;
        int i = column;
        for (; i + 2 <= end; i += 2) score_tile<Dot, R, 2>(mine, span, i, my_scores);
        if (i < end) score_tile<Dot, R, 1>(mine, span, i, my_scores);
    });
}

// Where the weights of a tile are: word i of row r at words[r * row + i * step].
struct RowWeights {  // one row after the other, as weigh_row() leaves them
    static constexpr long row = kScoreStep, step = 1;
    const std::uint32_t* words;
};
struct ColumnWeights {  // rows are lanes, as weigh_columns() leaves them
    static constexpr long row = 1;
    const std::uint32_t* words;
    long step;
};

// sums[R rows] of C value vectors, over units first … end - 1. `fresh` starts from zero instead of from sums.
template <class Dot, int R, int C, class Weights>
inline void add_values(const Weights& weights, const SpanView& span, int vector, int first, int end, bool fresh,
                       float* sums, long sum_step) {
    Floats acc[R][C];
    if (fresh) clear(acc);
    else load_tile(acc, sums + vector * kLanes, sum_step);
    const long start = vector / 2 * span.value_block + vector % 2 * kLanes;
    for (int i = 0; i < span.num_runs; ++i) {
        const Run& run = span.runs[i];
        const int from = most(first, run.first), to = least(end, run.end);
        if (from >= to) continue;
        if (span.ahead) span.ahead->some((to - from) * C, span.ahead->end);
        const std::uint32_t* values[C];
        for (int c = 0; c < C; ++c) values[c] = run.units + start + c * kLanes + (from - run.first) * span.value_step;
        multiply<Dot, R, C>(acc, weights.words + from * Dot::kRowWords * weights.step, weights.row, weights.step,
                            values, span.value_step, to - from);
    }
    store_tile(acc, sums + vector * kLanes, sum_step);
}

// All value vectors of R rows over units from … to - 1.
template <class Dot, int R>
inline void add_vectors(const RowWeights& weights, const SpanView& span, int from, int to, bool fresh, float* sums,
                        long sum_step) {
    int v = 0;
    for (; v + 2 <= span.value_vectors; v += 2)
        add_values<Dot, R, 2>(weights, span, v, from, to, fresh, sums, sum_step);
    if (v < span.value_vectors) add_values<Dot, R, 1>(weights, span, v, from, to, fresh, sums, sum_step);
}

// The same run by run: memory is then read in order, which matters where it is what one waits for.
template <class Dot, int R>
inline void add_runs(const RowWeights& weights, const SpanView& span, int from, int to, bool fresh, float* sums,
                     long sum_step) {
    SpanView one = span;
    one.num_runs = 1;
    for (int i = 0; i < span.num_runs; ++i, ++one.runs) {
        const int first = most(from, one.runs->first), end = least(to, one.runs->end);
        if (first >= end) continue;
        add_vectors<Dot, R>(weights, one, first, end, fresh, sums, sum_step);
        fresh = false;
    }
}

template <class Dot>
inline void add_units(const RowWeights& weights, int rows, const SpanView& span, int from, int to, bool fresh,
                      float* sums, long sum_step) {
    with_rows(rows, [&](auto count, int first) {
        constexpr int R = decltype(count)::value;
        const RowWeights mine{weights.words + first * kScoreStep};
        if (span.ahead) add_runs<Dot, R>(mine, span, from, to, fresh, sums + first * sum_step, sum_step);
        else add_vectors<Dot, R>(mine, span, from, to, fresh, sums + first * sum_step, sum_step);
    });
}

// One position whose neighbour in the pair is not seen: the neighbour's value is masked, not weighted by zero.
template <class Dot, class Weights>
inline void add_half_unit(const Weights& weights, const SpanView& span, int position, bool fresh, float* sums) {
    const int unit = position / 2;
    int i = 0;
    while (span.runs[i].end <= unit) ++i;
    const std::uint32_t* values = span.runs[i].units + (unit - span.runs[i].first) * span.value_step;
    const std::uint32_t* word = weights.words + unit * Dot::kRowWords * weights.step;
    for (int v = 0; v < span.value_vectors; ++v) {
        const auto half = Dot::load_half(values + v / 2 * span.value_block + v % 2 * kLanes, position % 2 == 1);
        const Floats sum = fresh ? all(0.0f) : load(sums + v * kLanes);
        store(sums + v * kLanes, Dot::step(sum, word, weights.step, half));
    }
}

// One row over exactly positions lo … hi - 1.
template <class Dot>
inline void add_range(const RowWeights& weights, const SpanView& span, int lo, int hi, bool fresh, float* sums) {
    constexpr int per = Dot::kPerUnit;
    if (lo >= hi) return;
    if (lo % per) {
        add_half_unit<Dot>(weights, span, lo, fresh, sums);
        ++lo;
        fresh = false;
    }
    if (lo / per < hi / per) {
        add_units<Dot>(weights, 1, span, lo / per, hi / per, fresh, sums, 0);
        fresh = false;
    }
    if (hi % per && lo < hi) add_half_unit<Dot>(weights, span, hi - 1, fresh, sums);
}

// The span's weighted values of each row: the middle that all rows see as one tile, the ends row by row.
template <class Dot>
inline void add_span(const SpanView& span, int rows, const int* lo, const int* hi, float* scores, float* sums,
                     long sum_step) {
    constexpr int per = Dot::kPerUnit;
    int from = 0, to = kSpan;
    for (int r = 0; r < rows; ++r) {
        from = most(from, lo[r]);
        to = least(to, hi[r]);
    }
    from = round_up(from, per);
    to = to / per * per;
    const bool shared = from < to;
    const auto row_weights = [&](int r) {
        return RowWeights{reinterpret_cast<const std::uint32_t*>(scores + r * kScoreStep)};
    };
    for (int r = 0; r < rows; ++r)
        add_range<Dot>(row_weights(r), span, lo[r], shared ? from : hi[r], true, sums + r * sum_step);
    if (!shared) return;
    // Rows that already hold a left end must resume from it; a row without one starts at `from` exactly.
    bool fresh = true;
    for (int r = 0; r < rows; ++r) fresh = fresh && lo[r] == from;
    if (!fresh)
        for (int r = 0; r < rows; ++r)
            if (lo[r] == from) std::memset(sums + r * sum_step, 0, static_cast<std::size_t>(sum_step) * sizeof(float));
    const RowWeights tile{reinterpret_cast<const std::uint32_t*>(scores)};
    add_units<Dot>(tile, rows, span, from / per, to / per, fresh, sums, sum_step);
    for (int r = 0; r < rows; ++r) add_range<Dot>(row_weights(r), span, to, hi[r], false, sums + r * sum_step);
}

// One tile of queries against one span. Rows are in order of position, so those that see anything are neighbours:
// [*begin, *end) on return; their tile.top, total and sums are valid.
template <class Dot>
inline void attend_span(Tile* tile, const std::uint32_t* queries, int rows, const SpanView& span, int* begin,
                        int* end) {
    int a = 0, b = rows;
    while (a < b && tile->hi[a] <= tile->lo[a]) ++a;
    while (b > a && tile->hi[b - 1] <= tile->lo[b - 1]) --b;
    *begin = a;
    *end = b;
    if (a == b) return;
    score_span<Dot>(queries + a, b - a, span, tile->lo[a], tile->hi[b - 1], tile->scores + a * kScoreStep);
    for (int r = a; r < b; ++r)
        weigh_row<Dot>(tile->scores + r * kScoreStep, tile->lo[r], tile->hi[r], &tile->top[r], &tile->total[r]);
    add_span<Dot>(span, b - a, tile->lo + a, tile->hi + a, tile->scores + a * kScoreStep,
                  tile->sums + a * tile->sum_step, tile->sum_step);
}

// Lays out `rows` queries as the words of a tile, [words of a query][kTileRows]; row(r) points at its n numbers.
// `line` is scratch for 2 · row_words(n) words.
template <class Dot, class RowAt>
inline void pack_queries(RowAt row, int rows, int n, float scale, float* line, std::uint32_t* words) {
    const int count = row_words<Dot>(n);
    std::uint32_t* spelled = reinterpret_cast<std::uint32_t*>(line + round_up(n, 2));
    for (int r = 0; r < rows; ++r) {
        const float* x = row(r);
        const float* later = row(r + kTileRows);  // rows lie far apart, which no hardware prefetcher follows
        for (int i = 0; i < n; i += 16) __builtin_prefetch(later + i);
        for (int i = 0; i < n; ++i) line[i] = x[i] * scale;
        write_row<Dot>(line, n, spelled);
        for (int i = 0; i < count; ++i) words[i * kTileRows + r] = spelled[i];
    }
}

// -- All queries of a task against all spans -----------------------------------------------------------------------

// Rows (queries of one key head) are described by: count(), dim (numbers of a query), width (numbers of an output),
// position(r), q(r), out(r). They are in order of position. Sums are gathered side by side, not in the output, whose
// rows lie so far apart that they would evict one another from the caches.
struct ChunkScratch {
    Tile tile;
    Gathered* gathered;
    float* sums;             // [rows][tile.sum_step]
    std::uint32_t* queries;  // [tiles][words of a query][kTileRows]
    float* line;

    ChunkScratch(Scratch* scratch, int rows, int dim, int value_vectors)
        : tile(scratch, value_vectors),
          gathered(scratch->take<Gathered>(rows)),
          sums(scratch->take<float>(rows * tile.sum_step)),
          queries(scratch->take<std::uint32_t>(static_cast<long>(rows + 2 * kTileRows) * round_up(dim, 2))),
          line(scratch->take<float>(2L * round_up(dim, 2))) {}
};

// Calls f(tile index, first row, rows) for every tile.
template <class F>
inline void for_tiles(int rows, F&& f) {
    for (int index = 0, first = 0; first < rows; ++index) {
        const int count = next_tile(rows - first);
        f(index, first, count);
        first += count;
    }
}

// What becomes of a span's sums of row r, which are in row `place` of the tile: they are folded into those so far.
struct FoldRow {
    ChunkScratch* s;
    void operator()(int r, const Tile& tile, int place) const {
        fold(&s->gathered[r], s->sums + r * tile.sum_step, tile.sums + place * tile.sum_step,
             static_cast<int>(tile.sum_step), tile.top[place], tile.total[place]);
    }
};

// One span, which begins at position `start`, against every tile.
template <class Dot, class Rows, class Sink>
inline void attend_rows(const Rows& rows, const SpanView& span, int start, int window, ChunkScratch* s,
                        const Sink& sink) {
    const long tile_words = static_cast<long>(row_words<Dot>(rows.dim)) * kTileRows;
    for_tiles(rows.count(), [&](int index, int first, int count) {
        if (rows.position(first + count - 1) < start) return;
        for (int r = 0; r < count; ++r) {
            const int position = rows.position(first + r);
            const int oldest = window ? most(position - window + 1, 0) : 0;
            s->tile.lo[r] = most(oldest - start, 0);
            s->tile.hi[r] = least(position + 1 - start, kSpan);
        }
        int begin, end;
        attend_span<Dot>(&s->tile, s->queries + index * tile_words, count, span, &begin, &end);
        for (int r = begin; r < end; ++r) sink(first + r, s->tile, r);
    });
}

template <class Dot, class Rows>
inline void start_rows(const Rows& rows, float scale, ChunkScratch* s) {
    const long tile_words = static_cast<long>(row_words<Dot>(rows.dim)) * kTileRows;
    for_tiles(rows.count(), [&](int index, int first, int count) {
        pack_queries<Dot>([&](int r) { return rows.q(first + r); }, count, rows.dim, scale, s->line,
                          s->queries + index * tile_words);
    });
    for (int r = 0; r < rows.count(); ++r) s->gathered[r] = Gathered{};
}

template <class Rows>
inline void finish_rows(const Rows& rows, const ChunkScratch& s) {
    for (int r = 0; r < rows.count(); ++r) finish(s.gathered[r], s.sums + r * s.tile.sum_step, rows.width, rows.out(r));
}
