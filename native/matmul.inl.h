// Products of panels with inputs, and the preparation of inputs. Included inside each ISA's own namespace.
//
// Order of accumulation: an output element runs through its groups (or columns) from first to last in one float32
// sum per (row, token). Within a group the integer products are exact, so their order is free. Tiles of tokens share
// loaded weights but no sums: an element's bits do not depend on how many tokens there are.

// -- Codes: a group of 32 columns as 8 vectors of unsigned codes ----------------------------------------------------

struct NibbleCodes {
    static constexpr long kBytes = 256;
    static constexpr bool kSmall = true;  // codes up to 127
    explicit NibbleCodes(const PanelFormat&) {}
    void load(const std::uint8_t* p, B (&q)[8]) const {
        for (int j = 0; j < 4; ++j) {
            const B both = b_load(p + 64 * j);
            q[j] = b_low(both);
            q[j + 4] = b_high(both);
        }
    }
};

struct TableCodes {
    static constexpr long kBytes = 256;
    static constexpr bool kSmall = false;
    B table;
    explicit TableCodes(const PanelFormat& format) : table(b_table(format.table)) {}
    void load(const std::uint8_t* p, B (&q)[8]) const {
        for (int j = 0; j < 4; ++j) {
            const B both = b_load(p + 64 * j);
            q[j] = b_look_up(table, b_low(both));
            q[j + 4] = b_look_up(table, b_high(both));
        }
    }
};

template <bool small>
struct ByteCodes {
    static constexpr long kBytes = 512;
    static constexpr bool kSmall = small;
    explicit ByteCodes(const PanelFormat&) {}
    void load(const std::uint8_t* p, B (&q)[8]) const {
        for (int j = 0; j < 8; ++j) q[j] = b_load(p + 64 * j);
    }
};

template <class Code>
inline I dot_half(I s, const B* q, const std::int8_t* x) {  // 16 columns
    for (int j = 0; j < 4; ++j) {
        std::int32_t four;
        __builtin_memcpy(&four, x + 4 * j, 4);
        s = Code::kSmall ? small_dot4(s, q[j], four) : dot4(s, q[j], four);
    }
    return s;
}

template <class Code>
inline I dot_group(I s, const B* q, const std::int8_t* x) {
    return dot_half<Code>(dot_half<Code>(s, q, x), q + 4, x + 16);
}

// -- Scales: what becomes of a group's integer sums -----------------------------------------------------------------
// add(code, q, x, t, g, sum): the running float sum of one token after group g.

struct Token {  // one row of Inputs
    const std::int8_t* numbers;
    const float* scales;
    const std::int32_t* sums;
    const float* scaled_sums;
    const std::int32_t* halves;
};

struct HalfScales {
    F scale;
    int bias;
    HalfScales(const PanelFormat& format, const std::uint8_t* p, long g) : bias(format.bias) {
        scale = f_from_half(reinterpret_cast<const std::uint16_t*>(p + 32 * g));
    }
    template <class Code>
    F add(const B* q, const Token& x, long g, F sum) const {
        const I dot = dot_group<Code>(i_all(-bias * x.sums[g]), q, x.numbers + g * kGroup);
        return f_fma(f_from(dot), f_mul(scale, f_all(x.scales[g])), sum);
    }
};

template <class Code>
inline F add_affine(const B* q, const Token& x, long g, F scale, F offset, F sum) {
    const I dot = dot_group<Code>(i_all(0), q, x.numbers + g * kGroup);
    sum = f_fma(offset, f_all(x.scaled_sums[g]), sum);
    return f_fma(f_from(dot), f_mul(scale, f_all(x.scales[g])), sum);
}

struct AffineScales {
    F scale, offset;
    AffineScales(const PanelFormat&, const std::uint8_t* p, long g) {
        const auto* halves = reinterpret_cast<const std::uint16_t*>(p + 64 * g);
        scale = f_from_half(halves);
        offset = f_from_half(halves + kRows);
    }
    template <class Code>
    F add(const B* q, const Token& x, long g, F sum) const {
        return add_affine<Code>(q, x, g, scale, offset, sum);
    }
};

struct AffineKScales {
    F scale, offset;
    AffineKScales(const PanelFormat&, const std::uint8_t* p, long g) {
        const std::uint8_t* super = p + 320 * (g / 8);
        const auto* halves = reinterpret_cast<const std::uint16_t*>(super);
        const std::uint8_t* bytes = super + 64 + 32 * (g % 8);
        scale = f_mul(f_from_half(halves), f_from_u8(bytes));
        offset = f_mul(f_mul(f_from_half(halves + kRows), f_from_u8(bytes + kRows)), f_all(-1.0f));
    }
    template <class Code>
    F add(const B* q, const Token& x, long g, F sum) const {
        return add_affine<Code>(q, x, g, scale, offset, sum);
    }
};

struct SignedKScales {
    F first, second;
    int bias;
    SignedKScales(const PanelFormat& format, const std::uint8_t* p, long g) : bias(format.bias) {
        const std::uint8_t* super = p + 288 * (g / 8);
        const F d = f_from_half(reinterpret_cast<const std::uint16_t*>(super));
        const std::uint8_t* bytes = super + 32 + 32 * (g % 8);
        first = f_mul(d, f_from_s8(bytes));
        second = f_mul(d, f_from_s8(bytes + kRows));
    }
    template <class Code>
    F add(const B* q, const Token& x, long g, F sum) const {
        const std::int8_t* numbers = x.numbers + g * kGroup;
        const F scale = f_all(x.scales[g]);
        const I one = dot_half<Code>(i_all(-bias * x.halves[2 * g]), q, numbers);
        const I two = dot_half<Code>(i_all(-bias * x.halves[2 * g + 1]), q + 4, numbers + 16);
        sum = f_fma(f_from(one), f_mul(first, scale), sum);
        return f_fma(f_from(two), f_mul(second, scale), sum);
    }
};

// -- Tiles ----------------------------------------------------------------------------------------------------------

inline void write_rows(const MultiplyTask& task, int panel, int token, F sum) {
    const int row = panel * kRows, rows = task.w.rows - row;
    const long at = token * task.stride + row;
    if (rows >= kRows) {
        if (task.residual) sum = f_add(f_load(task.residual + at), sum);
        f_store(task.out + at, sum);
        return;
    }
    float some[kRows];
    f_store(some, sum);
    for (int r = 0; r < rows; ++r) task.out[at + r] = (task.residual ? task.residual[at + r] : 0.0f) + some[r];
}

// Ask for codes well before their turn: hardware prefetchers give up at every 4 KB, and a short tile computes too
// little to hide what they miss. Reading past the end is harmless, it is only a hint.
constexpr long kAhead = 2048;

inline void fetch_ahead(const std::uint8_t* p, long bytes) {
    for (long i = 0; i < bytes; i += 64) __builtin_prefetch(p + i, 0, 3);
}

template <class Code, class Scale>
struct QuantisedTile {
    template <int T>
    static void run(const MultiplyTask& task, int panel, int token) {
        const Code code(task.w.format);
        const std::uint8_t* codes = task.w.panel(panel);
        const std::uint8_t* scales = codes + task.w.format.code_bytes(task.w.cols);
        const long groups = task.w.cols / kGroup;
        const Inputs x = task.x.from(token);
        const std::int8_t* numbers = static_cast<const std::int8_t*>(x.numbers) + static_cast<long>(token) * x.cols;
        F sums[T];
        for (int t = 0; t < T; ++t) sums[t] = f_zero();
        for (long g = 0; g < groups; ++g) {
            B q[8];
            code.load(codes + g * Code::kBytes, q);
            fetch_ahead(codes + g * Code::kBytes + kAhead, Code::kBytes);
            const Scale scale(task.w.format, scales, g);
            for (int t = 0; t < T; ++t) {
                const Token one = {numbers + static_cast<long>(t) * x.cols, x.scales + t * groups, x.sums + t * groups,
                                   x.scaled_sums + t * groups, x.halves + 2 * t * groups};
                sums[t] = scale.template add<Code>(q, one, g, sums[t]);
            }
        }
        for (int t = 0; t < T; ++t) write_rows(task, panel, token + t, sums[t]);
    }
};

struct FloatTile {
    template <int T>
    static void run(const MultiplyTask& task, int panel, int token) {
        const auto* w = reinterpret_cast<const float*>(task.w.panel(panel));
        const float* x = static_cast<const float*>(task.x.numbers) + static_cast<long>(token) * task.x.cols;
        F sums[T];
        for (int t = 0; t < T; ++t) sums[t] = f_zero();
        for (long k = 0; k < task.w.cols; ++k) {
            const F column = f_load(w + k * kRows);
            for (int t = 0; t < T; ++t) sums[t] = f_fma(column, f_all(x[t * static_cast<long>(task.x.cols) + k]), sums[t]);
        }
        for (int t = 0; t < T; ++t) write_rows(task, panel, token + t, sums[t]);
    }
};

struct Bf16Tile {
    template <int T>
    static void run(const MultiplyTask& task, int panel, int token) {
        const auto* w = reinterpret_cast<const std::uint32_t*>(task.w.panel(panel));
        const long pairs = (task.w.cols + 1) / 2;
        const std::uint32_t* x = static_cast<const std::uint32_t*>(task.x.numbers) + token * pairs;
        F sums[T];
        for (int t = 0; t < T; ++t) sums[t] = f_zero();
        for (long k = 0; k < pairs; ++k) {
            const Pairs column = p_load(w + k * kRows);
            for (int t = 0; t < T; ++t) sums[t] = dot2(sums[t], column, x[t * pairs + k]);
        }
        for (int t = 0; t < T; ++t) write_rows(task, panel, token + t, sums[t]);
    }
};

// All tokens against all panels of a task: blocks of tokens that stay in the second-level cache while the task's few
// panels pass by, in tiles of kTile and then of what is left.
constexpr long kBlockBytes = 384 * 1024;

template <class Tile>
inline void run_panel(const MultiplyTask& task, int panel, int token, int end) {
    for (; token + kTile <= end; token += kTile) Tile::template run<kTile>(task, panel, token);
    if (kTile > 8 && token + 8 <= end) Tile::template run<8>(task, panel, token), token += 8;
    if (kTile > 4 && token + 4 <= end) Tile::template run<4>(task, panel, token), token += 4;
    if (kTile > 2 && token + 2 <= end) Tile::template run<2>(task, panel, token), token += 2;
    for (; token < end; ++token) Tile::template run<1>(task, panel, token);
}

template <class Tile>
inline void run_task(const MultiplyTask& task) {
    const long row_bytes = task.x.cols * (task.w.format.floating() ? 4 : 1) + 1;
    const int fit = static_cast<int>(kBlockBytes / row_bytes);
    const int block = fit > kTile ? fit / kTile * kTile : kTile;
    for (int token = 0; token < task.tokens; token += block) {
        const int end = token + block < task.tokens ? token + block : task.tokens;
        for (int panel = task.first; panel < task.end; ++panel) run_panel<Tile>(task, panel, token, end);
    }
}

void multiply(const MultiplyTask& task) {
    const PanelFormat& format = task.w.format;
    switch (format.scales) {
        case Scales::none:
            return format.codes == Codes::f32 ? run_task<FloatTile>(task) : run_task<Bf16Tile>(task);
        case Scales::half:
            if (format.codes == Codes::nibble) return run_task<QuantisedTile<NibbleCodes, HalfScales>>(task);
            if (format.codes == Codes::table) return run_task<QuantisedTile<TableCodes, HalfScales>>(task);
            return run_task<QuantisedTile<ByteCodes<false>, HalfScales>>(task);
        case Scales::affine:
            return run_task<QuantisedTile<NibbleCodes, AffineScales>>(task);
        case Scales::affine_k:
            if (format.codes == Codes::nibble) return run_task<QuantisedTile<NibbleCodes, AffineKScales>>(task);
            return run_task<QuantisedTile<ByteCodes<true>, AffineKScales>>(task);
        case Scales::signed_k:
            return run_task<QuantisedTile<ByteCodes<true>, SignedKScales>>(task);
    }
}

// -- Inputs ---------------------------------------------------------------------------------------------------------

// A float with the 11 significant bits of a float16, but the range of a float32.
inline float eleven_bits(float x) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, &x, 4);
    if ((bits & 0x7F800000) == 0x7F800000) return x;
    bits = (bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFFu;
    __builtin_memcpy(&x, &bits, 4);
    return x;
}

// One row of float32 → signed bytes in groups of 32: scale = largest magnitude / 127, numbers rounded to even. Scales and
// scaled sums keep as many bits as the float16 ones that llama.cpp makes of the same row, so that greedy answers of the
// two part only at true ties; their range is that of float32, which this model family needs (model.md 3). A group with a NaN or an infinity gets a NaN scale: the token's outputs become NaN, and no other token's.
void quantise_row(const float* x, int cols, std::int8_t* numbers, float* scales, std::int32_t* sums, float* scaled_sums,
                  std::int32_t* halves) {
    for (int g = 0; g < cols / kGroup; ++g) {
        const F a = f_load(x + g * kGroup), b = f_load(x + g * kGroup + 16);
        const float most = f_most(f_larger(f_abs(a), f_abs(b)));
        const float poison = f_sum(f_add(f_sub(a, a), f_sub(b, b)));  // 0, or NaN if any number is not finite
        const float inverse = most > 0 ? 127.0f / most : 0.0f;
        std::int8_t* q = numbers + g * kGroup;
        const I one = i_round(f_mul(a, f_all(inverse))), two = i_round(f_mul(b, f_all(inverse)));
        i_store_bytes(q, one);
        i_store_bytes(q + 16, two);
        const std::int32_t first = i_sum(one), second = i_sum(two);
        const float scale = most / 127.0f + poison;
        scales[g] = eleven_bits(scale);
        halves[2 * g] = first;
        halves[2 * g + 1] = second;
        sums[g] = first + second;
        scaled_sums[g] = eleven_bits(scale * static_cast<float>(sums[g]));
    }
}

// One row of float32 → pairs of bf16, rounded to nearest even; an odd last number is paired with zero.
void bf16_row(const float* x, int cols, std::uint32_t* pairs) {
    const auto round = [](float f) {
        std::uint32_t u;
        __builtin_memcpy(&u, &f, 4);
        if ((u & 0x7FFFFFFF) > 0x7F800000) return (u >> 16) | 0x40;  // NaN stays NaN
        return (u + 0x7FFF + ((u >> 16) & 1)) >> 16;
    };
    for (int k = 0; k + 1 < cols; k += 2) pairs[k / 2] = round(x[k]) | (round(x[k + 1]) << 16);
    if (cols % 2) pairs[cols / 2] = round(x[cols - 1]);
}
