// Dot products of rows of words with vectors of units, and the register tile built on them.
//
// A Dot says what a unit holds and what one step does. Rows (the A side) are broadcast word by word; the B side holds
// kLanes units side by side. Every accumulator of a tile runs through its units in order, so the size of the tile
// never shows in the result.

// float32 against float32.
struct FloatDot {
    static constexpr int kPerUnit = 1;   // numbers per unit of the B side
    static constexpr int kRowWords = 1;  // words of the A side per unit
    using Units = Floats;
    static Units load(const std::uint32_t* p) { return as_lanes(p); }
    static Units load_half(const std::uint32_t* p, bool) { return as_lanes(p); }
    static Floats step(Floats sum, const std::uint32_t* a, long, Units b) { return fma(broadcast(a), b, sum); }
    static Floats broadcast(const std::uint32_t* a) {
        float x;
        std::memcpy(&x, a, sizeof x);
        return all(x);
    }
};

// float32 against pairs of bf16, for instruction sets without a bf16 product.
struct WideDot {
    static constexpr int kPerUnit = 2;
    static constexpr int kRowWords = 2;
    struct Units {
        Floats lower, upper;
    };
    static Units load(const std::uint32_t* p) { return split(load_words(p)); }
    static Units load_half(const std::uint32_t* p, bool upper) {
        return split(mask_words(load_words(p), half_mask(upper)));
    }
    static Units split(Words w) { return {lower_halves(w), upper_halves(w)}; }
    static std::uint32_t half_mask(bool upper) { return upper ? 0xFFFF0000u : 0x0000FFFFu; }
    static Floats step(Floats sum, const std::uint32_t* a, long next, Units b) {
        return fma(FloatDot::broadcast(a + next), b.upper, fma(FloatDot::broadcast(a), b.lower, sum));
    }
};

#if defined(__AVX512BF16__)
// Pairs of bf16 against pairs of bf16, summed in float32.
struct PairDot {
    static constexpr int kPerUnit = 2;
    static constexpr int kRowWords = 1;
    using Units = Words;
    static Units load(const std::uint32_t* p) { return load_words(p); }
    static Units load_half(const std::uint32_t* p, bool upper) {
        return mask_words(load_words(p), WideDot::half_mask(upper));
    }
    static Floats step(Floats sum, const std::uint32_t* a, long, Units b) {
        int pair;
        std::memcpy(&pair, a, sizeof pair);
        return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_epi32(pair), (__m512bh)b);
    }
};
using CachedPairsDot = PairDot;  // how this instruction set multiplies with a bf16 cache that it reads in place
using LatentPairsDot = PairDot;  // … and with bf16 latents, which it copies (and may widen) first
#else
using CachedPairsDot = WideDot;
using LatentPairsDot = FloatDot;
#endif

// sums[r][c] += row r · vector c over `units` units. Word i of row r is a[r * row + i * step].
template <class Dot, int R, int C>
inline __attribute__((always_inline)) void multiply(Floats (&sums)[R][C], const std::uint32_t* a, long row, long step,
                                                    const std::uint32_t* const (&b)[C], long b_step, long units) {
    const std::uint32_t* rows[(R + 2) / 3];  // three rows to a pointer: x86 scales an index by 1 and 2 for free
#pragma GCC unroll 4
    for (int i = 0; i < (R + 2) / 3; ++i) rows[i] = a + 3 * i * row;
    for (long u = 0; u < units; ++u) {
        typename Dot::Units column[C];
#pragma GCC unroll 4
        for (int c = 0; c < C; ++c) column[c] = Dot::load(b[c] + u * b_step);
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
            for (int c = 0; c < C; ++c) sums[r][c] = Dot::step(sums[r][c], rows[r / 3] + r % 3 * row, step, column[c]);
#pragma GCC unroll 4
        for (int i = 0; i < (R + 2) / 3; ++i) rows[i] += Dot::kRowWords * step;
    }
}

template <int R, int C>
inline __attribute__((always_inline)) void clear(Floats (&sums)[R][C]) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
        for (int c = 0; c < C; ++c) sums[r][c] = all(0.0f);
}

// The tile in memory: row r's vectors at p + r * step.
template <int R, int C>
inline __attribute__((always_inline)) void load_tile(Floats (&sums)[R][C], const float* p, long step) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
        for (int c = 0; c < C; ++c) sums[r][c] = load(p + r * step + c * kLanes);
}

template <int R, int C>
inline __attribute__((always_inline)) void store_tile(const Floats (&sums)[R][C], float* p, long step) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
        for (int c = 0; c < C; ++c) store(p + r * step + c * kLanes, sums[r][c]);
}

// How many of n rows the next tile takes. 16 rows, a usual page, are two halves rather than 12 and 4.
inline int next_tile(int n) { return n <= kTileRows ? n : n == 16 && kTileRows == 12 ? 8 : kTileRows; }

template <int N>
struct Count {
    static constexpr int value = N;
};

constexpr int tile_of(int n) { return n < kTileRows ? n : kTileRows; }

// Calls f(Count<R>, first row) for tiles that cover `rows` rows. Few sizes, to keep the code small; none of them shows
// in a result.
template <class F>
inline void with_rows(int rows, F&& f) {
    for (int first = 0; first < rows;) {
        const int n = next_tile(rows - first);
        if (kTileRows >= 12 && n >= 12) f(Count<tile_of(12)>{}, first), first += 12;
        else if (kTileRows >= 8 && n >= 8) f(Count<tile_of(8)>{}, first), first += 8;
        else if (kTileRows >= 6 && n >= 6) f(Count<tile_of(6)>{}, first), first += 6;
        else if (n >= 4) f(Count<4>{}, first), first += 4;
        else if (n == 3) f(Count<3>{}, first), first += 3;
        else if (n == 2) f(Count<2>{}, first), first += 2;
        else f(Count<1>{}, first), first += 1;
    }
}
