// What both forms of latent attention need: cached rows.

// Where positions first … first + count - 1 of a sequence are cached.
inline void find_rows(const Pages& pages, int width, int first, int count, const char** rows) {
    const long row_bytes = static_cast<long>(cached_width(width, pages.number)) * bytes_of(pages.number);
    int page = first / pages.page_size, place = first % pages.page_size;
    for (int i = 0; i < count; ++page, place = 0) {
        const char* row = static_cast<const char*>(pages.data);
        row += (static_cast<long>(pages.table[page]) * pages.page_size + place) * row_bytes;
        for (; place < pages.page_size && i < count; ++place, row += row_bytes) rows[i++] = row;
    }
}

// Numbers from … from + n - 1 of each row, as row words at words + i * step.
template <class Dot>
inline void gather_rows(const char* const* rows, Number number, int count, int from, int n, std::uint32_t* words,
                        long step) {
    for (int i = 0; i < count; ++i) read_row<Dot>(rows[i], number, from, n, words + i * step);
}

// Fetches rows ahead of their use, cache line by cache line and never twice. A burst of lines would stall the loads of
// the work that it is meant to overlap with, so kernels ask for a few at a time.
struct Prefetch {
    const char* const* rows;
    int end, row_bytes;
    int row = 0, byte = 0;  // what comes next

    void some(int lines, int before_row) {
        for (before_row = least(before_row, end); lines > 0 && row < before_row; --lines) {
            __builtin_prefetch(rows[row] + byte, 0, 2);
            byte += 64;
            if (byte >= row_bytes) byte = 0, ++row;
        }
    }
    void up_to(int before_row) { some(kSpan * 1024, before_row); }
};

inline int latent_words(int numbers, Number number) {
    return number == Number::f32 ? row_words<FloatDot>(numbers) : row_words<LatentPairsDot>(numbers);
}
