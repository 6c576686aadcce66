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

inline int latent_words(int numbers, Number number) {
    return number == Number::f32 ? row_words<FloatDot>(numbers) : row_words<LatentPairsDot>(numbers);
}
