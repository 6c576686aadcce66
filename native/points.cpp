#include "points.h"

#include <cstring>

namespace quatre {

namespace {

std::uint32_t u16(const std::uint8_t* p) { return static_cast<std::uint32_t>(p[0] | p[1] << 8); }

std::uint32_t u32(const std::uint8_t* p) { return u16(p) | u16(p + 2) << 16; }

void put_word(std::uint8_t* sixteen, int r, std::uint32_t word) { std::memcpy(sixteen + 4 * r, &word, 4); }

void put_short(std::uint8_t* sixteen, int r, std::uint32_t word) {
    const auto low = static_cast<std::uint16_t>(word);
    std::memcpy(sixteen + 2 * r, &low, 2);
}

std::uint32_t word_at(const std::uint8_t* sixteen, int r) { return u32(sixteen + 4 * r); }

// A word of 9-bit points and 7 signs for every eight columns → lowest 8 bits of points, and signs below ninth bits.
void pack_iq2_xs(const std::uint8_t* four, int r, std::uint8_t* out) {
    std::uint32_t low = 0, signs = 0;
    for (int i = 0; i < 4; ++i) {
        const std::uint32_t word = u16(four + 2 * i);
        low |= (word & 255) << (8 * i);
        signs |= word >> 9 << (7 * i) | (word >> 8 & 1) << (28 + i);
    }
    put_word(out, r, low);
    put_word(out + 64, r, signs);
}

// The scales of IQ1_M, 3 bits each, in four words whose upper 4 bits are a float16, lowest first.
void scales_iq1_m(const std::uint8_t* words, int r, std::uint8_t* scales) {
    std::uint32_t d = 0;
    for (int i = 0; i < 4; ++i) d |= u16(words + 2 * i) >> 12 << (4 * i);
    put_short(scales, r, d);
    for (int g = 0; g < 8; ++g) {
        const std::uint32_t two = u16(words + g / 2 * 2) >> (g % 2 * 6);
        scales[32 + 16 * g + r] = static_cast<std::uint8_t>((two & 7) | (two >> 3 & 7) << 4);
    }
}

void pack_group(Stored stored, const std::uint8_t* block, int g, int r, std::uint8_t* out) {
    switch (stored) {
        case Stored::iq1_s:
            put_word(out, r, u32(block + 2 + 4 * g));
            return put_short(out + 64, r, u16(block + 34 + 2 * g) ^ 0x8000);
        case Stored::iq1_m:
            put_word(out, r, u32(block + 4 * g));
            return put_short(out + 64, r, u16(block + 32 + 2 * g) ^ 0x8888);
        case Stored::iq2_xxs:
            put_word(out, r, u32(block + 2 + 8 * g));
            return put_word(out + 64, r, u32(block + 6 + 8 * g));
        case Stored::iq2_xs:
            return pack_iq2_xs(block + 2 + 8 * g, r, out);
        case Stored::iq2_s:
            put_word(out, r, u32(block + 2 + 4 * g));
            put_word(out + 64, r, u32(block + 34 + 4 * g));
            out[128 + r] = block[66 + g];
            return;
        case Stored::iq3_xxs:
            put_word(out, r, u32(block + 2 + 8 * g));
            put_word(out + 64, r, u32(block + 6 + 8 * g));
            return put_word(out + 128, r, u32(block + 66 + 4 * g));
        default:
            put_word(out, r, u32(block + 2 + 8 * g));
            put_word(out + 64, r, u32(block + 6 + 8 * g));
            put_word(out + 128, r, u32(block + 74 + 4 * g));
            out[192 + r] = block[66 + g];
    }
}

// Which point of a group, for column k: its lowest 8 bits, and what lies above.
std::uint32_t point_of(Codes codes, const std::uint8_t* group, int r, int k) {
    const bool fours = codes == Codes::iq3_xxs || codes == Codes::iq3_s;
    const int i = fours ? k / 4 : k / 8;
    const std::uint32_t low = word_at(group + 64 * (i / 4), r) >> (8 * (i % 4)) & 255;
    switch (codes) {
        case Codes::iq1_s:
            return low | (u16(group + 64 + 2 * r) >> (3 * i) & 7) << 8;
        case Codes::iq1_m:
            return low | (u16(group + 64 + 2 * r) >> (4 * i) & 7) << 8;
        case Codes::iq2_xs:
            return low | (word_at(group + 64, r) >> (28 + i) & 1) << 8;
        case Codes::iq2_s:
            return low | (group[128 + r] >> (2 * i) & 3u) << 8;
        case Codes::iq3_s:
            return low | (group[192 + r] >> i & 1u) << 8;
        default:
            return low;
    }
}

bool even_sign(std::uint32_t signs, int k) {
    const std::uint32_t seven = signs >> (k / 8 * 7) & 127;
    return k % 8 < 7 ? seven >> (k % 8) & 1 : __builtin_popcount(seven) % 2;
}

bool negative(Codes codes, const std::uint8_t* group, int r, int k) {
    switch (codes) {
        case Codes::iq2_xxs:
        case Codes::iq2_xs:
            return even_sign(word_at(group + 64, r), k);
        case Codes::iq2_s:
            return word_at(group + 64, r) >> k & 1;
        case Codes::iq3_xxs:
            return even_sign(word_at(group + 128, r), k);
        default:
            return word_at(group + 128, r) >> k & 1;
    }
}

}  // namespace

void pack_points(Stored stored, const std::uint8_t* block, int r, std::uint8_t* codes, std::uint8_t* scales) {
    const long bytes = panel_format(stored).group_codes();
    for (int g = 0; g < 8; ++g) pack_group(stored, block, g, r, codes + g * bytes);
    if (stored == Stored::iq1_m) return scales_iq1_m(block + 48, r, scales);
    std::memcpy(scales + 2 * r, block, 2);
    if (stored == Stored::iq2_xs || stored == Stored::iq2_s)
        for (int g = 0; g < 8; ++g) scales[32 + 16 * g + r] = block[(stored == Stored::iq2_s ? 74 : 66) + g];
    if (stored == Stored::iq3_s)
        for (int g = 0; g < 4; ++g) scales[32 + 16 * g + r] = block[106 + g];
}

int point_code(const PanelFormat& format, const std::uint8_t* group, int r, int k) {
    const std::uint32_t point = point_of(format.codes, group, r, k);
    switch (format.codes) {
        case Codes::iq1_s:
            return format.points[8 * point + k % 8u] + 2 * (u16(group + 64 + 2 * r) >> 15 & 1);
        case Codes::iq1_m:
            return format.points[8 * point + k % 8u] + 2 * (u16(group + 64 + 2 * r) >> (4 * (k / 8) + 3) & 1);
        default: {
            const int width = format.codes >= Codes::iq3_xxs ? 4 : 8;
            const int code = format.points[width * point + k % width];
            return negative(format.codes, group, r, k) ? 2 * format.bias - code : code;
        }
    }
}

int point_factor(const PanelFormat& format, const std::uint8_t* group, const std::uint8_t* scales, int r, int k) {
    const int half = k / 16;
    switch (format.codes) {
        case Codes::iq1_s:
            return 2 * static_cast<int>(u16(group + 64 + 2 * r) >> 12 & 7) + 1;
        case Codes::iq2_xxs:
            return 2 * static_cast<int>(word_at(group + 64, r) >> 28) + 1;
        case Codes::iq3_xxs:
            return 2 * static_cast<int>(word_at(group + 128, r) >> 28) + 1;
        case Codes::iq3_s:
            return 2 * (scales[32 + 16 * (half / 4) + r] >> (half / 2 % 2 * 4) & 15) + 1;
        default:
            return 2 * (scales[32 + 16 * (half / 2) + r] >> (half % 2 * 4) & 15) + 1;
    }
}

}  // namespace quatre
