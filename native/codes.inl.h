// What a group of 32 columns holds: codes, and the scales that turn its integer sums into numbers. Included inside each
// ISA's own namespace. Layouts: panels.h.

// -- Codes: a group as 8 vectors of unsigned codes ------------------------------------------------------------------
// kBits: codes are below 2^kBits.

template <int bits>
struct PlainCodes {
    static constexpr int kBits = bits;
    explicit PlainCodes(const PanelFormat&) {}
};

inline void load_nibbles(const std::uint8_t* p, B (&q)[8]) {
    for (int j = 0; j < 4; ++j) {
        const B both = b_load(p + 64 * j);
        q[j] = b_low(both);
        q[j + 4] = b_high(both);
    }
}

struct NibbleCodes : PlainCodes<4> {
    static constexpr long kBytes = 256;
    using PlainCodes::PlainCodes;
    void load(const std::uint8_t* p, B (&q)[8]) const { load_nibbles(p, q); }
};

struct TableCodes {
    static constexpr int kBits = 8;
    static constexpr long kBytes = 256;
    B table;
    explicit TableCodes(const PanelFormat& format) : table(b_table(format.table)) {}
    void load(const std::uint8_t* p, B (&q)[8]) const {
        load_nibbles(p, q);
        for (int j = 0; j < 8; ++j) q[j] = b_look_up(table, q[j]);
    }
};

struct FiveCodes : PlainCodes<5> {
    static constexpr long kBytes = 320;
    using PlainCodes::PlainCodes;
    void load(const std::uint8_t* p, B (&q)[8]) const {
        load_nibbles(p, q);
        const B high = b_load(p + 256);
        q[0] = b_with<4, 16>(q[0], high);
        q[1] = b_with<3, 16>(q[1], high);
        q[2] = b_with<2, 16>(q[2], high);
        q[3] = b_with<1, 16>(q[3], high);
        q[4] = b_with<0, 16>(q[4], high);
        q[5] = b_with<-1, 16>(q[5], high);
        q[6] = b_with<-2, 16>(q[6], high);
        q[7] = b_with<-3, 16>(q[7], high);
    }
};

struct SixCodes : PlainCodes<6> {
    static constexpr long kBytes = 384;
    using PlainCodes::PlainCodes;
    void load(const std::uint8_t* p, B (&q)[8]) const {
        load_nibbles(p, q);
        for (int half = 0; half < 2; ++half) {
            const B high = b_load(p + 256 + 64 * half);
            B* four = q + 4 * half;
            four[0] = b_with<4, 48>(four[0], high);
            four[1] = b_with<2, 48>(four[1], high);
            four[2] = b_with<0, 48>(four[2], high);
            four[3] = b_with<-2, 48>(four[3], high);
        }
    }
};

struct ByteCodes : PlainCodes<8> {
    static constexpr long kBytes = 512;
    using PlainCodes::PlainCodes;
    void load(const std::uint8_t* p, B (&q)[8]) const {
        for (int j = 0; j < 8; ++j) q[j] = b_load(p + 64 * j);
    }
};

// -- Scales: what becomes of a group's integer sums -----------------------------------------------------------------
// add<Code>(q, x, sum): the running float sum of one token after one more group.

struct GroupInput {  // one token's part of a group, see Inputs
    const std::int8_t* numbers;
    float scale;
    const std::int32_t* extra;
    int tile;  // tokens in the tile: how far apart two extras of one token are
};

inline F extra_float(const GroupInput& x) {
    float f;
    __builtin_memcpy(&f, x.extra, 4);
    return f_all(f);
}

struct BiasedScales {
    static constexpr int kExtras = 1;
    F scale;
    int bias;
    template <class Code>
    F add(const B* q, const GroupInput& x, F sum) const {
        const I dot = dot_vectors<Code::kBits, 8>(i_all(*x.extra), q, x.numbers);
        return f_fma(f_from(dot), f_mul(scale, f_all(x.scale)), sum);
    }
};

struct HalfScales : BiasedScales {
    HalfScales(const PanelFormat& format, const std::uint8_t* p, long g)
        : BiasedScales{f_from_half(reinterpret_cast<const std::uint16_t*>(p + 32 * g)), format.bias} {}
};

struct PowerScales : BiasedScales {
    PowerScales(const PanelFormat& format, const std::uint8_t* p, long g)
        : BiasedScales{f_power(p + 16 * g), format.bias} {}
};

template <class Code>
inline F add_affine(const B* q, const GroupInput& x, F scale, F offset, F sum) {
    const I dot = dot_vectors<Code::kBits, 8>(i_all(0), q, x.numbers);
    sum = f_fma(offset, extra_float(x), sum);
    return f_fma(f_from(dot), f_mul(scale, f_all(x.scale)), sum);
}

struct AffineScales {
    static constexpr int kExtras = 1;
    F scale, offset;
    AffineScales(const PanelFormat&, const std::uint8_t* p, long g) {
        const auto* halves = reinterpret_cast<const std::uint16_t*>(p + 64 * g);
        scale = f_from_half(halves);
        offset = f_from_half(halves + kRows);
    }
    template <class Code>
    F add(const B* q, const GroupInput& x, F sum) const {
        return add_affine<Code>(q, x, scale, offset, sum);
    }
};

struct AffineKScales {
    static constexpr int kExtras = 1;
    F scale, offset;
    AffineKScales(const PanelFormat&, const std::uint8_t* p, long g) {
        const std::uint8_t* super = p + 320 * (g / 8);
        const auto* halves = reinterpret_cast<const std::uint16_t*>(super);
        const std::uint8_t* bytes = super + 64 + 32 * (g % 8);
        scale = f_mul(f_from_half(halves), f_from_u8(bytes));
        offset = f_mul(f_mul(f_from_half(halves + kRows), f_from_u8(bytes + kRows)), f_all(-1.0f));
    }
    template <class Code>
    F add(const B* q, const GroupInput& x, F sum) const {
        return add_affine<Code>(q, x, scale, offset, sum);
    }
};

struct SignedKScales {
    static constexpr int kExtras = 2;
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
    F add(const B* q, const GroupInput& x, F sum) const {
        const F scale = f_all(x.scale);
        const I one = dot_vectors<Code::kBits, 4>(i_all(x.extra[0]), q, x.numbers);
        const I two = dot_vectors<Code::kBits, 4>(i_all(x.extra[x.tile]), q + 4, x.numbers + 16);
        sum = f_fma(f_from(one), f_mul(first, scale), sum);
        return f_fma(f_from(two), f_mul(second, scale), sum);
    }
};

// Calls work.template run<Code, Scale>() with the two that a quantised format is made of.
template <class Work>
inline void with_quantised(const PanelFormat& format, Work work) {
    switch (format.scales) {
        case Scales::none:
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
        case Scales::power:
            return work.template run<TableCodes, PowerScales>();
        case Scales::affine:
            if (format.codes == Codes::five) return work.template run<FiveCodes, AffineScales>();
            return work.template run<NibbleCodes, AffineScales>();
        case Scales::affine_k:
            if (format.codes == Codes::five) return work.template run<FiveCodes, AffineKScales>();
            return work.template run<NibbleCodes, AffineKScales>();
        case Scales::signed_k:
            switch (format.codes) {
                case Codes::nibble:
                    return work.template run<NibbleCodes, SignedKScales>();
                case Codes::table:
                    return work.template run<TableCodes, SignedKScales>();
                default:
                    return work.template run<SixCodes, SignedKScales>();
            }
    }
}
