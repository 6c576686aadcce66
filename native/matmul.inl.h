// Products of panels with inputs. Included inside each ISA's own namespace, after codes.inl.h.
//
// Order of accumulation: an output element runs through its groups (or columns) from first to last in one float32
// sum per (row, token). Within a group the integer products are exact, so their order is free. Tiles of tokens share
// loaded weights but no sums: an element's bits do not depend on how many tokens there are.

__attribute__((noinline)) void write_some_rows(const MultiplyTask& task, long at, int rows, F sum) {
    float some[kRows];
    f_store(some, sum);
    for (int r = 0; r < rows; ++r) task.out[at + r] = (task.residual ? task.residual[at + r] : 0.0f) + some[r];
}

inline void write_rows(const MultiplyTask& task, int panel, int token, F sum) {
    const int row = panel * kRows, rows = task.w.rows - row;
    const long at = token * task.stride + row;
    if (rows >= kRows) {
        if (task.residual) sum = f_add(f_load(task.residual + at), sum);
        f_store(task.out + at, sum);
        return;
    }
    write_some_rows(task, at, rows, sum);
}

// Kernels come for tiles of T = 1, 2, 4, 6, 8, 10 and 12 tokens. A tile of another size n goes through the next larger
// one: what is read in place of missing tokens is whatever follows in memory, and their sums are not written.
template <int T>
inline void write_tile(const MultiplyTask& task, int panel, int token, int n, const F (&sums)[T]) {
    QUATRE_UNROLL
    for (int t = 0; t < T; ++t)
        if (t < n) write_rows(task, panel, token + t, sums[t]);
}

// Ask for weights well before their turn: hardware prefetchers give up at every 4 KB, and a short tile computes too
// little to hide what they miss. Reading past the end is harmless, it is only a hint.
constexpr long kAhead = 4096;

// Tiles are of about the same size, so one of less than half the most is the only one: its weights are read once and
// need not push anything out of the second-level cache.
template <int T>
inline void fetch(const std::uint8_t* p) {
    __builtin_prefetch(p, 0, 2 * T < kTile ? 0 : 3);
}
template <int T>
inline void fetch_ahead(const std::uint8_t* p, long bytes) {
    for (long i = 0; i < bytes; i += 64) fetch<T>(p + kAhead + i);
}

template <class Code, class Scale>
struct QuantisedTile {
    template <int part, int T, class Group>
    static void add_part(const Group& group, const Scale& scale, const std::int8_t* numbers, const float* input_scales,
                         const std::int32_t* extra, int n, F (&sums)[T]) {
        constexpr int kVectors = 8 / Scale::kParts;
        I dots[T];
        QUATRE_UNROLL
        for (int t = 0; t < T; ++t) dots[t] = Scale::start(extra + part * n + t);
        add_products<part * kVectors, kVectors>(group, numbers, dots);
        QUATRE_UNROLL
        for (int t = 0; t < T; ++t)
            sums[t] = scale.add(part, dots[t], f_all(input_scales[t]), extra + part * n + t, sums[t]);
    }

    template <int T>
    static void run(const MultiplyTask& task, int panel, int token, int n) {
        const PanelFormat& format = task.w.format;
        const Code code(format);
        const std::uint8_t* codes = task.w.panel(panel);
        const std::uint8_t* scales = codes + format.code_bytes(task.w.cols);
        const Inputs x = task.x.from(token);
        const auto* numbers = reinterpret_cast<const std::int8_t*>(x.numbers);
        const float* input_scales = x.scales;
        const std::int32_t* extra = x.extra;
        F sums[T];
        QUATRE_UNROLL
        for (int t = 0; t < T; ++t) sums[t] = f_zero();
        const long groups = task.w.cols / kGroup;
        const long scale_bytes = format.scale_bytes(task.w.cols), panel_bytes = format.panel_bytes(task.w.cols);
        const long scale_step = scale_bytes / groups, ahead = kAhead / code.bytes();
        for (long g = 0; g < groups; ++g) {
            const Scale scale(format, scales, g, codes);
            // Behind the last codes lie scales, then the next panel.
            fetch_ahead<T>(g + ahead < groups ? codes : codes + scale_bytes, code.bytes());
            fetch<T>(scales + panel_bytes + g * scale_step);
            const auto group = group_of(code, codes);
            add_part<0>(group, scale, numbers, input_scales, extra, n, sums);
            if constexpr (Scale::kParts == 2) add_part<1>(group, scale, numbers, input_scales, extra, n, sums);
            codes += code.bytes();
            numbers += n * kGroup;
            input_scales += n;
            extra += n * Scale::kParts;
        }
        QUATRE_UNROLL
        for (int t = 0; t < T; ++t) sums[t] = Scale::finish(scales, sums[t]);
        write_tile<T>(task, panel, token, n, sums);
    }
};

struct FloatTile {
    template <int T>
    static void run(const MultiplyTask& task, int panel, int token, int n) {
        const auto* w = reinterpret_cast<const float*>(task.w.panel(panel));
        const auto* x = reinterpret_cast<const float*>(task.x.from(token).numbers);
        F sums[T];
        QUATRE_UNROLL
        for (int t = 0; t < T; ++t) sums[t] = f_zero();
        for (long k = 0; k < task.w.cols; ++k, w += kRows, x += n) {
            const F column = f_load(w);
            fetch_ahead<T>(reinterpret_cast<const std::uint8_t*>(w), 64);
            QUATRE_UNROLL
            for (int t = 0; t < T; ++t) sums[t] = f_fma(column, f_all(x[t]), sums[t]);
        }
        write_tile<T>(task, panel, token, n, sums);
    }
};

// Weights that come as pairs of bf16 numbers: as they are, or from bytes that share a scale per block of columns.
struct Bf16Weights {
    static constexpr long kBytes = 64;
    static constexpr bool kScaled = false;
    static Pairs load(const std::uint8_t* p) { return p_load(reinterpret_cast<const std::uint32_t*>(p)); }
};

struct E4m3Weights {
    static constexpr long kBytes = 32;
    static constexpr bool kScaled = true;
    static Pairs load(const std::uint8_t* p) { return p_from_e4m3(p); }
};

// Each block is summed on its own, then scaled.
template <class Weights>
struct PairTile {
    template <int T>
    static void add_pairs(const std::uint8_t* w, const std::uint32_t* x, long pairs, int n, F (&sums)[T]) {
        for (long k = 0; k < pairs; ++k, w += Weights::kBytes, x += n) {
            const Pairs column = Weights::load(w);
            if (Weights::kBytes == 64 || k % 2 == 0) fetch_ahead<T>(w, 64);
            QUATRE_UNROLL
            for (int t = 0; t < T; ++t) sums[t] = dot2(sums[t], column, x[t]);
        }
    }

    template <int T>
    static void run(const MultiplyTask& task, int panel, int token, int n) {
        const PanelFormat& format = task.w.format;
        const std::uint8_t* w = task.w.panel(panel);
        const auto* x = reinterpret_cast<const std::uint32_t*>(task.x.from(token).numbers);
        const long pairs = (task.w.cols + 1) / 2;
        F totals[T];
        QUATRE_UNROLL
        for (int t = 0; t < T; ++t) totals[t] = f_zero();
        if constexpr (!Weights::kScaled) {
            add_pairs(w, x, pairs, n, totals);
        } else {
            const auto* scales = reinterpret_cast<const float*>(w + format.code_bytes(task.w.cols));
            const long block = (format.block + 1) / 2;
            for (long k = 0; k < pairs; k += block, scales += kRows) {
                const F scale = f_load(scales);
                F sums[T];
                QUATRE_UNROLL
                for (int t = 0; t < T; ++t) sums[t] = f_zero();
                add_pairs(w + k * Weights::kBytes, x + k * n, block < pairs - k ? block : pairs - k, n, sums);
                QUATRE_UNROLL
                for (int t = 0; t < T; ++t) totals[t] = f_fma(sums[t], scale, totals[t]);
            }
        }
        write_tile<T>(task, panel, token, n, totals);
    }
};

// The same weights with float32 inputs, for the few products that must not round them (the router of a mixture).
template <class Weights>
struct WidePairTile {
    template <int T>
    static void run(const MultiplyTask& task, int panel, int token, int n) {
        const PanelFormat& format = task.w.format;
        const std::uint8_t* w = task.w.panel(panel);
        const auto* scales = reinterpret_cast<const float*>(w + format.code_bytes(task.w.cols));
        const auto* x = reinterpret_cast<const float*>(task.x.from(token).numbers);
        F sums[T];
        QUATRE_UNROLL
        for (int t = 0; t < T; ++t) sums[t] = f_zero();
        const long cols = task.w.cols;
        for (long k = 0; k < cols; k += 2, w += Weights::kBytes) {
            const Pairs pair = Weights::load(w);
            F even = p_even(pair), odd = p_odd(pair);
            if constexpr (Weights::kScaled) {
                const F scale = f_load(scales + k / format.block * kRows);
                even = f_mul(even, scale);
                odd = f_mul(odd, scale);
            }
            QUATRE_UNROLL
            for (int t = 0; t < T; ++t) sums[t] = f_fma(even, f_all(x[k * n + t]), sums[t]);
            if (k + 1 == cols) break;
            QUATRE_UNROLL
            for (int t = 0; t < T; ++t) sums[t] = f_fma(odd, f_all(x[(k + 1) * n + t]), sums[t]);
        }
        write_tile<T>(task, panel, token, n, sums);
    }
};

template <class Tile, int T = kTile>
inline void run_tile(const MultiplyTask& task, int panel, int token, int n) {
    constexpr int kSmaller = T > 4 ? T - 2 : T / 2;
    if constexpr (kSmaller > 0) {
        if (n <= kSmaller) return run_tile<Tile, kSmaller>(task, panel, token, n);
    }
    Tile::template run<T>(task, panel, token, n);
}

// A panel passes all tiles before the next panel comes: it is read from memory once, then from the cache.
template <class Tile>
inline void run_task(const MultiplyTask& task) {
    for (int panel = task.panel; panel < task.panel_end; ++panel)
        for (int tile = task.tile; tile < task.tile_end; ++tile) {
            const int token = task.tiles.begin(tile);
            run_tile<Tile>(task, panel, token, task.tiles.begin(tile + 1) - token);
        }
}

struct Multiplication {
    const MultiplyTask& task;
    template <class Code, class Scale>
    void run() const {
        run_task<QuantisedTile<Code, Scale>>(task);
    }
};

template <class Weights>
inline void multiply_pairs(const MultiplyTask& task) {
    task.x.format.kind == InputFormat::f32 ? run_task<WidePairTile<Weights>>(task) : run_task<PairTile<Weights>>(task);
}

void multiply(const MultiplyTask& task) {
    switch (task.w.format.codes) {
        case Codes::f32:
            return run_task<FloatTile>(task);
        case Codes::bf16:
            return multiply_pairs<Bf16Weights>(task);
        case Codes::e4m3:
            return multiply_pairs<E4m3Weights>(task);
        default:
            with_quantised(task.w.format, Multiplication{task});
    }
}
