// Moving numbers: bf16 rounding, rows of words, transposition of words.

inline float from_bf16(std::uint16_t half) {
    const std::uint32_t bits = static_cast<std::uint32_t>(half) << 16;
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

// To nearest, ties to even; NaN stays NaN.
inline std::uint16_t to_bf16(float x) {
    std::uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
    return static_cast<std::uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

inline std::uint32_t word_of(float x) {
    std::uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}

inline std::uint32_t word_of(float lower, float upper) {
    return to_bf16(lower) | static_cast<std::uint32_t>(to_bf16(upper)) << 16;
}

// How the A side of Dot spells n numbers.
template <class Dot>
constexpr int row_words(int n) {
    return (n + Dot::kPerUnit - 1) / Dot::kPerUnit * Dot::kRowWords;
}

// Writes n numbers as row words, a trailing half as zero.
template <class Dot>
inline void write_row(const float* x, int n, std::uint32_t* words) {
    if constexpr (Dot::kPerUnit == 2 && Dot::kRowWords == 1) {
        int i = 0;
#if defined(__AVX512BF16__)
        for (; i + 32 <= n; i += 32)
            store_words(words + i / 2, (__m512i)_mm512_cvtne2ps_pbh(load(x + i + 16), load(x + i)));
#endif
        for (; i + 1 < n; i += 2) words[i / 2] = word_of(x[i], x[i + 1]);
        if (i < n) words[i / 2] = word_of(x[i], 0.0f);
    } else {
        std::memcpy(words, x, static_cast<std::size_t>(n) * sizeof(float));
        for (int i = n; i < row_words<Dot>(n); ++i) words[i] = 0;
    }
}

// Reads n numbers from index `at` of stored ones, as row words; a trailing half becomes zero.
template <class Dot>
inline void read_row(const void* stored, Number number, long at, int n, std::uint32_t* words) {
    if (number == Number::f32) {
        write_row<Dot>(static_cast<const float*>(stored) + at, n, words);
        return;
    }
    const std::uint16_t* halves = static_cast<const std::uint16_t*>(stored) + at;
    if constexpr (Dot::kPerUnit == 2 && Dot::kRowWords == 1) {
        if (n % 2) words[n / 2] = 0;
        std::memcpy(words, halves, static_cast<std::size_t>(n) * 2);
    } else {
        float* out = reinterpret_cast<float*>(words);
        int i = 0;
        for (; i + kLanes <= n; i += kLanes) store(out + i, load_bf16(halves + i));
        for (; i < n; ++i) out[i] = from_bf16(halves[i]);
        for (; i < row_words<Dot>(n); ++i) out[i] = 0.0f;
    }
}

// Two vectors of neighbouring positions as one vector of units, or the first of them where a unit is one number.
template <class Dot>
inline void store_units(std::uint32_t* words, Floats even, Floats odd) {
#if defined(__AVX512BF16__)
    if constexpr (Dot::kPerUnit == 2 && Dot::kRowWords == 1) {
        const __m512i lower = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(even));
        const __m512i upper = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(odd));
        store_words(words, _mm512_or_si512(lower, _mm512_slli_epi32(upper, 16)));
        return;
    }
#endif
    (void)odd;
    store(reinterpret_cast<float*>(words), even);
}

// kLanes numbers in the type of row words, at number `at` of a row.
template <class Dot>
inline void store_numbers(std::uint32_t* row, int at, Floats x) {
#if defined(__AVX512BF16__)
    if constexpr (Dot::kPerUnit == 2 && Dot::kRowWords == 1) {
        char* place = reinterpret_cast<char*>(row) + 2 * at;
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(place), (__m256i)_mm512_cvtneps_pbh(x));
        return;
    }
#endif
    store(reinterpret_cast<float*>(row) + at, x);
}

// out[i * out_step + r] = in[r * in_step + i] for kLanes rows of n words.
#if defined(__AVX512F__)
inline void transpose_block(const std::uint32_t* in, long in_step, std::uint32_t* out, long out_step) {
    __m512i a[16], b[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) a[i] = load_words(in + i * in_step);
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        b[i] = _mm512_shuffle_i32x4(a[i], a[i + 4], 0x88);
        b[i + 4] = _mm512_shuffle_i32x4(a[i], a[i + 4], 0xDD);
        b[i + 8] = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0x88);
        b[i + 12] = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0xDD);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        store_words(out + i * out_step, _mm512_shuffle_i32x4(b[i], b[i + 8], 0x88));
        store_words(out + (i + 4) * out_step, _mm512_shuffle_i32x4(b[i + 4], b[i + 12], 0x88));
        store_words(out + (i + 8) * out_step, _mm512_shuffle_i32x4(b[i], b[i + 8], 0xDD));
        store_words(out + (i + 12) * out_step, _mm512_shuffle_i32x4(b[i + 4], b[i + 12], 0xDD));
    }
}
#else
inline void transpose_block(const std::uint32_t* in, long in_step, std::uint32_t* out, long out_step) {
    for (int i = 0; i < kLanes; ++i)
        for (int r = 0; r < kLanes; ++r) out[i * out_step + r] = in[r * in_step + i];
}
#endif

// The same for any number of rows up to kLanes; lanes without a row become zero.
inline void transpose_words(const std::uint32_t* in, long in_step, int rows, int n, std::uint32_t* out, long out_step) {
    int i = 0;
    if (rows == kLanes)
        for (; i + kLanes <= n; i += kLanes) transpose_block(in + i, in_step, out + i * out_step, out_step);
    for (; i < n; ++i)
        for (int r = 0; r < kLanes; ++r) out[i * out_step + r] = r < rows ? in[r * in_step + i] : 0;
}

// Fetches rows of memory ahead of their use, cache line by cache line and never twice. A burst of lines would stall the
// loads of the work that it is meant to overlap with, so kernels ask for a few at a time.
struct Prefetch {
    const char* const* rows = nullptr;
    int end = 0, row_bytes = 0;
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

// Scratch memory, handed out in pieces aligned to 64 bytes; without memory it only measures.
struct Scratch {
    char* memory;
    std::size_t used = 0;
    explicit Scratch(void* start = nullptr) : memory(static_cast<char*>(start)) {}
    template <class T>
    T* take(long n) {
        const std::size_t at = used;
        used += (static_cast<std::size_t>(n) * sizeof(T) + 63) / 64 * 64;
        return memory ? reinterpret_cast<T*>(memory + at) : nullptr;
    }
};
