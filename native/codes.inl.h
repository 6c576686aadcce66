// What a group of 32 columns holds: codes, and the scales that turn its integer sums into numbers. Included inside each
// ISA's own namespace, after point_codes.inl.h. Layouts: panels.h.

// -- Codes ----------------------------------------------------------------------------------------------------------
// vector<j>(p): vector j of the group at p, 64 unsigned codes below 2^kBits.

template <int bits, long group_bytes>
struct PlainCodes {
    static constexpr int kBits = bits;
    static constexpr long bytes() { return group_bytes; }
    explicit PlainCodes(const PanelFormat&) {}
};

template <int j>
inline B nibbles(const std::uint8_t* p) {
    const B both = b_load(p + 64 * (j % 4));
    return j < 4 ? b_low(both) : b_high(both);
}

struct NibbleCodes : PlainCodes<4, 256> {
    using PlainCodes::PlainCodes;
    template <int j>
    B vector(const std::uint8_t* p) const {
        return nibbles<j>(p);
    }
};

struct TwoCodes : PlainCodes<2, 128> {
    using PlainCodes::PlainCodes;
    template <int j>
    B vector(const std::uint8_t* p) const {
        return b_with<-2 * (j % 4), 3>(B{}, b_load(p + 64 * (j / 4)));
    }
};

struct TableCodes {
    static constexpr int kBits = 8;
    static constexpr long bytes() { return 256; }
    B table;
    explicit TableCodes(const PanelFormat& format) : table(b_table(format.table)) {}
    template <int j>
    B vector(const std::uint8_t* p) const {
        return b_look_up(table, nibbles<j>(p));
    }
};

struct FiveCodes : PlainCodes<5, 320> {
    using PlainCodes::PlainCodes;
    template <int j>
    B vector(const std::uint8_t* p) const {
        return b_with<4 - j, 16>(nibbles<j>(p), b_load(p + 256));
    }
};

struct SixCodes : PlainCodes<6, 384> {
    using PlainCodes::PlainCodes;
    template <int j>
    B vector(const std::uint8_t* p) const {
        return b_with<4 - 2 * (j % 4), 48>(nibbles<j>(p), b_load(p + 256 + 64 * (j / 4)));
    }
};

struct ByteCodes : PlainCodes<8, 512> {
    using PlainCodes::PlainCodes;
    template <int j>
    B vector(const std::uint8_t* p) const {
        return b_load(p + 64 * j);
    }
};

// A group of codes at hand: vectors by the way, or, of points, all at once.
template <class Code>
struct PassingGroup {
    static constexpr int kBits = Code::kBits;
    const Code& code;
    const std::uint8_t* p;
    template <int j>
    B vector() const {
        return code.template vector<j>(p);
    }
};

struct ExpandedGroup {
    static constexpr int kBits = PointCodes::kBits;
    B q[8];
    template <int j>
    B vector() const {
        return q[j];
    }
};

template <class Code>
inline PassingGroup<Code> group_of(const Code& code, const std::uint8_t* p) {
    return {code, p};
}
inline ExpandedGroup group_of(const PointCodes& code, const std::uint8_t* p) {
    ExpandedGroup group;
    code.expand(code.points, p, code.twice, group.q);
    return group;
}

template <int first, int n, class Group>
inline void load_codes(const Group& group, B* q) {
    if constexpr (n > 0) {
        *q = group.template vector<first>();
        load_codes<first + 1, n - 1>(group, q + 1);
    }
}

// dots[t] += vectors first … first + n - 1 of a group times their numbers of token t; `numbers` are those of token 0.
#if defined(__AVX512VNNI__)
// Tokens take turns: the latency of one token's product hides behind those of the others.
template <int first, int n, int T, class Group>
inline void add_products(const Group& group, const std::int8_t* numbers, I (&dots)[T]) {
    if constexpr (n > 0) {
        const B q = group.template vector<first>();
        QUATRE_UNROLL
        for (int t = 0; t < T; ++t) dots[t] = dot_vector(dots[t], q, numbers + t * kGroup + 4 * first);
        add_products<first + 1, n - 1>(group, numbers, dots);
    }
}
#else
// A token's products are first summed in 16 bits.
template <int first, int n, int T, class Group>
inline void add_products(const Group& group, const std::int8_t* numbers, I (&dots)[T]) {
    B q[n];
    load_codes<first, n>(group, q);
    QUATRE_UNROLL
    for (int t = 0; t < T; ++t) dots[t] = dot_vectors<Group::kBits, n>(dots[t], q, numbers + t * kGroup + 4 * first);
}
#endif

// -- Scales ---------------------------------------------------------------------------------------------------------
// A group has kParts parts with scales of their own; some lie with the codes. start(extra): what a part's integer sum
// begins with. add(part, dot, input_scale, extra, sum): the running float sum after one more part. finish(scales, sum):
// after all.

// Most scales are complete in each group.
struct CompleteScales {
    static F finish(const std::uint8_t*, F sum) { return sum; }
};

struct BiasedScales : CompleteScales {
    static constexpr int kParts = 1;
    F scale;
    int bias;
    static I start(const std::int32_t* extra) { return i_all(*extra); }
    F add(int, I dot, F input_scale, const std::int32_t*, F sum) const {
        return f_fma(f_from(dot), f_mul(scale, input_scale), sum);
    }
};

struct HalfScales : BiasedScales {
    HalfScales(const PanelFormat& format, const std::uint8_t* p, long g, const std::uint8_t*)
        : BiasedScales{{}, f_from_half(reinterpret_cast<const std::uint16_t*>(p + 32 * g)), format.bias} {}
};

struct WholeScales : BiasedScales {
    WholeScales(const PanelFormat& format, const std::uint8_t* p, long g, const std::uint8_t*)
        : BiasedScales{{}, f_from_half(reinterpret_cast<const std::uint16_t*>(p + 32 * (g / 8))), format.bias} {}
};

struct PowerScales : BiasedScales {
    PowerScales(const PanelFormat& format, const std::uint8_t* p, long g, const std::uint8_t*)
        : BiasedScales{{}, f_power(p + 16 * g), format.bias} {}
};

struct OffsetScales : CompleteScales {
    static constexpr int kParts = 1;
    F scale, offset;
    static I start(const std::int32_t*) { return i_all(0); }
    F add(int, I dot, F input_scale, const std::int32_t* extra, F sum) const {
        float scaled_sum;
        __builtin_memcpy(&scaled_sum, extra, 4);
        sum = f_fma(offset, f_all(scaled_sum), sum);
        return f_fma(f_from(dot), f_mul(scale, input_scale), sum);
    }
};

struct AffineScales : OffsetScales {
    AffineScales(const PanelFormat&, const std::uint8_t* p, long g, const std::uint8_t*) {
        const auto* halves = reinterpret_cast<const std::uint16_t*>(p + 64 * g);
        scale = f_from_half(halves);
        offset = f_from_half(halves + kRows);
    }
};

struct AffineKScales : OffsetScales {
    AffineKScales(const PanelFormat&, const std::uint8_t* p, long g, const std::uint8_t*) {
        const std::uint8_t* super = p + 320 * (g / 8);
        const auto* halves = reinterpret_cast<const std::uint16_t*>(super);
        const std::uint8_t* bytes = super + 64 + 32 * (g % 8);
        scale = f_mul(f_from_half(halves), f_from_u8(bytes));
        offset = f_mul(f_mul(f_from_half(halves + kRows), f_from_u8(bytes + kRows)), f_all(-1.0f));
    }
};

struct FineKScales : CompleteScales {
    static constexpr int kParts = 2;
    F scales[2], offsets[2];
    FineKScales(const PanelFormat&, const std::uint8_t* p, long g, const std::uint8_t*) {
        const std::uint8_t* super = p + 320 * (g / 8);
        const auto* halves = reinterpret_cast<const std::uint16_t*>(super);
        const F d = f_from_half(halves), minus = f_mul(f_from_half(halves + kRows), f_all(-1.0f));
        const std::uint8_t* bytes = super + 64 + 32 * (g % 8);
        for (int part = 0; part < 2; ++part, bytes += kRows) {
            scales[part] = f_mul(d, f_from_nibbles<0>(bytes));
            offsets[part] = f_mul(minus, f_from_nibbles<4>(bytes));
        }
    }
    static I start(const std::int32_t*) { return i_all(0); }
    F add(int part, I dot, F input_scale, const std::int32_t* extra, F sum) const {
        const F number = f_fma(f_from(dot), scales[part], f_mul(offsets[part], f_from(i_all(*extra))));
        return f_fma(number, input_scale, sum);
    }
};

struct HalvedScales {
    static constexpr int kParts = 2;
    F scales[2];
    int bias;
    static I start(const std::int32_t* extra) { return i_all(*extra); }
    F add(int part, I dot, F input_scale, const std::int32_t*, F sum) const {
        return f_fma(f_from(dot), f_mul(scales[part], input_scale), sum);
    }
};

struct SignedKScales : HalvedScales, CompleteScales {
    SignedKScales(const PanelFormat& format, const std::uint8_t* p, long g, const std::uint8_t*) {
        bias = format.bias;
        const std::uint8_t* super = p + 288 * (g / 8);
        const F d = f_from_half(reinterpret_cast<const std::uint16_t*>(super));
        const std::uint8_t* bytes = super + 32 + 32 * (g % 8);
        scales[0] = f_mul(d, f_from_s8(bytes));
        scales[1] = f_mul(d, f_from_s8(bytes + kRows));
    }
};

// unit · d of 256 columns, and what it is multiplied by.
inline F odd_unit(const PanelFormat& format, const std::uint8_t* super) {
    return f_mul(f_all(format.unit), f_from_half(reinterpret_cast<const std::uint16_t*>(super)));
}
inline F odd_factor(F s) { return f_fma(s, f_all(2.0f), f_all(1.0f)); }

struct OddScales : BiasedScales {
    OddScales(const PanelFormat& format, const std::uint8_t* p, long g, const std::uint8_t* codes) {
        bias = format.bias;
        const bool beside = format.scales == Scales::odd_32;
        const std::uint8_t* super = p + (beside ? 96 : 32) * (g / 8);
        const std::uint8_t* bytes = super + 32 + kRows * (g % 8 / 2);
        const F s = !beside ? f_from(scale_among(format.codes, codes))
                    : g % 2 ? f_from_nibbles<4>(bytes)
                            : f_from_nibbles<0>(bytes);
        scale = f_mul(odd_unit(format, super), odd_factor(s));
    }
};

struct Odd16Scales : HalvedScales, CompleteScales {
    Odd16Scales(const PanelFormat& format, const std::uint8_t* p, long g, const std::uint8_t*) {
        bias = format.bias;
        const std::uint8_t* super = p + 160 * (g / 8);
        const std::uint8_t* bytes = super + 32 + kRows * (g % 8);
        const F unit = odd_unit(format, super);
        scales[0] = f_mul(unit, odd_factor(f_from_nibbles<0>(bytes)));
        scales[1] = f_mul(unit, odd_factor(f_from_nibbles<4>(bytes)));
    }
};

struct MicroScales : HalvedScales {
    F factor;
    MicroScales(const PanelFormat& format, const std::uint8_t* p, long g, const std::uint8_t*)
        : factor(f_load(factors(p))) {
        bias = format.bias;
        scales[0] = f_from_micro(p + 64 + 32 * g);
        scales[1] = f_from_micro(p + 64 + 32 * g + kRows);
    }
    static const float* factors(const std::uint8_t* p) { return reinterpret_cast<const float*>(p); }
    static F finish(const std::uint8_t* p, F sum) { return f_mul(sum, f_load(factors(p))); }
};

// Calls work.template run<Code, Scale>() with the two that a quantised format is made of.
template <class Work>
inline void with_quantised(const PanelFormat& format, Work work) {
    switch (format.scales) {
        case Scales::none:
        case Scales::blocks:
            return;
        case Scales::half:
            switch (format.codes) {
                case Codes::nibble:
                    return work.template run<NibbleCodes, HalfScales>();
                case Codes::table:
                    return work.template run<TableCodes, HalfScales>();
                case Codes::five:
                    return work.template run<FiveCodes, HalfScales>();
                default:
                    return work.template run<ByteCodes, HalfScales>();
            }
        case Scales::whole:
            return work.template run<TwoCodes, WholeScales>();
        case Scales::power:
            return work.template run<TableCodes, PowerScales>();
        case Scales::affine:
            if (format.codes == Codes::five) return work.template run<FiveCodes, AffineScales>();
            return work.template run<NibbleCodes, AffineScales>();
        case Scales::affine_k:
            if (format.codes == Codes::five) return work.template run<FiveCodes, AffineKScales>();
            return work.template run<NibbleCodes, AffineKScales>();
        case Scales::fine_k:
            return work.template run<TwoCodes, FineKScales>();
        case Scales::odd:
        case Scales::odd_32:
            return work.template run<PointCodes, OddScales>();
        case Scales::odd_16:
            return work.template run<PointCodes, Odd16Scales>();
        case Scales::signed_k:
            switch (format.codes) {
                case Codes::nibble:
                    return work.template run<NibbleCodes, SignedKScales>();
                case Codes::table:
                    return work.template run<TableCodes, SignedKScales>();
                default:
                    return work.template run<SixCodes, SignedKScales>();
            }
        case Scales::micro:
            return work.template run<TableCodes, MicroScales>();
    }
}
