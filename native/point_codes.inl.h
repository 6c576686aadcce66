// Codes that are points of a grid, four or eight columns at once. Included inside each ISA's own namespace, before
// codes.inl.h. Layouts: panels.h. A group is expanded as a whole, by a function per format, into the 8 vectors that
// other codes give one by one; products are the same for all.

// Of points of a group: byte i of `low`, and above it field i of `high`, `width` bits wide, of which those of `mask`
// count.
template <int i, int width, std::uint32_t mask>
inline I point_index(I low, I high) {
    const I index = i_and(i_right<8 * (i % 4)>(low), 255);
    if constexpr (mask == 0) return index;
    return i_or(index, i_left<8>(i_and(i_right<width * i>(high), mask)));
}

template <int width, std::uint32_t mask, int i = 0>
inline void eights_at(const std::uint8_t* points, I low, I high, I (&words)[8]) {
    if constexpr (i < 4) {
        i_pair_at(points, point_index<i, width, mask>(low, high), words[2 * i], words[2 * i + 1]);
        eights_at<width, mask, i + 1>(points, low, high, words);
    }
}

template <int width, std::uint32_t mask, int i = 0>
inline void fours_at(const std::uint8_t* points, const std::uint8_t* low, I high, I (&words)[8]) {
    if constexpr (i < 8) {
        words[i] = i_at(points, point_index<i, width, mask>(i_load(low + 64 * (i / 4)), high));
        fours_at<width, mask, i + 1>(points, low, high, words);
    }
}

template <int j = 0>
inline void turn(const I (&words)[8], I signs, B twice, B (&q)[8]) {
    if constexpr (j < 8) {
        q[j] = b_turned<j>(b_of(words[j]), signs, twice);
        turn<j + 1>(words, signs, twice, q);
    }
}

// The expansion of each format: of the group at p, with the points of its grid and twice its bias.

void expand_iq2_xxs(const std::uint8_t* points, const std::uint8_t* p, B twice, B (&q)[8]) {
    I words[8];
    const I signs = i_load(p + 64);
    eights_at<0, 0>(points, i_load(p), signs, words);
    turn(words, i_even_signs(signs), twice, q);
}

void expand_iq2_xs(const std::uint8_t* points, const std::uint8_t* p, B twice, B (&q)[8]) {
    I words[8];
    const I signs = i_load(p + 64);
    eights_at<1, 1>(points, i_load(p), i_right<28>(signs), words);
    turn(words, i_even_signs(signs), twice, q);
}

void expand_iq2_s(const std::uint8_t* points, const std::uint8_t* p, B twice, B (&q)[8]) {
    I words[8];
    eights_at<2, 3>(points, i_load(p), i_from_u8(p + 128), words);
    turn(words, i_load(p + 64), twice, q);
}

void expand_iq3_xxs(const std::uint8_t* points, const std::uint8_t* p, B twice, B (&q)[8]) {
    I words[8];
    const I signs = i_load(p + 128);
    fours_at<0, 0>(points, p, signs, words);
    turn(words, i_even_signs(signs), twice, q);
}

void expand_iq3_s(const std::uint8_t* points, const std::uint8_t* p, B twice, B (&q)[8]) {
    I words[8];
    fours_at<1, 1>(points, p, i_from_u8(p + 192), words);
    turn(words, i_load(p + 128), twice, q);
}

// Numbers -1, 0 and 1 of the grid are codes 0, 8 and 16, and one that is moved up instead of down is larger by 2.
inline I in_each_byte(I x) {
    const I both = i_or(x, i_left<8>(x));
    return i_or(both, i_left<16>(both));
}

// Bit `bit + step · i` of a word moves point i.
template <int bit, int step, int j = 0>
inline void move_up(const I (&words)[8], I up, B (&q)[8]) {
    if constexpr (j < 8) {
        const I two = in_each_byte(i_and(i_right<bit + step*(j / 2) - 1>(up), 2));
        q[j] = b_of(i_add(words[j], two));
        move_up<bit, step, j + 1>(words, up, q);
    }
}

void expand_iq1_s(const std::uint8_t* points, const std::uint8_t* p, B, B (&q)[8]) {
    I words[8];
    const I high = i_from_u16(p + 64);
    eights_at<3, 7>(points, i_load(p), high, words);
    move_up<15, 0>(words, high, q);
}

void expand_iq1_m(const std::uint8_t* points, const std::uint8_t* p, B, B (&q)[8]) {
    I words[8];
    const I high = i_from_u16(p + 64);
    eights_at<4, 7>(points, i_load(p), high, words);
    move_up<3, 4>(words, high, q);
}

using Expand = void (*)(const std::uint8_t* points, const std::uint8_t* p, B twice, B (&q)[8]);

inline Expand expansion(Codes codes) {
    switch (codes) {
        case Codes::iq1_s:
            return expand_iq1_s;
        case Codes::iq1_m:
            return expand_iq1_m;
        case Codes::iq2_xxs:
            return expand_iq2_xxs;
        case Codes::iq2_xs:
            return expand_iq2_xs;
        case Codes::iq2_s:
            return expand_iq2_s;
        case Codes::iq3_xxs:
            return expand_iq3_xxs;
        default:
            return expand_iq3_s;
    }
}

struct PointCodes {
    static constexpr int kBits = 7;
    const std::uint8_t* points;
    long group_bytes;
    Expand expand;
    B twice;
    explicit PointCodes(const PanelFormat& format)
        : points(format.points),
          group_bytes(format.group_codes()),
          expand(expansion(format.codes)),
          twice(b_all(2 * format.bias)) {}
    long bytes() const { return group_bytes; }
};

// The scale s of each row that lies with its codes.
inline I scale_among(Codes codes, const std::uint8_t* p) {
    switch (codes) {
        case Codes::iq1_s:
            return i_and(i_right<12>(i_from_u16(p + 64)), 7);
        case Codes::iq2_xxs:
            return i_right<28>(i_load(p + 64));
        default:
            return i_right<28>(i_load(p + 128));
    }
}
