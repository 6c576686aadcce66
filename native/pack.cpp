#include "pack.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "grids.h"
#include "points.h"

namespace quatre {

namespace {

// Values of the codes plus a bias, see formats/codebook4.py.
constexpr std::uint8_t kNonLinear[16] = {1,   24,  45,  63,  79,  93,  106, 118,  // plus 128
                                         129, 141, 153, 166, 181, 197, 217, 241};
constexpr std::uint8_t kE2M1Doubled[16] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0};  // plus 12

std::uint16_t u16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] | p[1] << 8); }

// -- Codes: group g of a row → 32 bytes -----------------------------------------------------------------------------

// 16 bytes of nibbles, low halves first.
void split_nibbles(const std::uint8_t* packed, std::uint8_t* codes) {
    for (int i = 0; i < 16; ++i) {
        codes[i] = packed[i] & 15;
        codes[i + 16] = packed[i] >> 4;
    }
}

// The same after a word that holds a fifth bit for each.
void split_fives(const std::uint8_t* packed, std::uint8_t* codes) {
    split_nibbles(packed + 4, codes);
    for (int i = 0; i < 32; ++i) codes[i] |= static_cast<std::uint8_t>((packed[i / 8] >> (i % 8) & 1) << 4);
}

// 16 bytes of nibbles, in order. A negative scale of 16 numbers turns into the sign bits of their codes.
void split_nvfp4(const std::uint8_t* packed, const std::uint8_t* scales, std::uint8_t* codes) {
    for (int i = 0; i < 16; ++i) {
        const int flip = scales[i / 8] >> 4 & 8;
        codes[2 * i] = static_cast<std::uint8_t>((packed[i] & 15) ^ flip);
        codes[2 * i + 1] = static_cast<std::uint8_t>((packed[i] >> 4) ^ flip);
    }
}

// Nibbles in runs of 32 bytes: one group in the low halves, the next one in the high halves.
void split_paired(const std::uint8_t* nibbles, int group, std::uint8_t* codes) {
    const int shift = group % 2 * 4;
    for (int i = 0; i < 32; ++i) codes[i] = nibbles[group / 2 * 32 + i] >> shift & 15;
}

// Pairs of bits in runs of 32 bytes: a group in the lowest ones, the next three above.
void split_twos(const std::uint8_t* pairs, int group, std::uint8_t* codes) {
    for (int i = 0; i < 32; ++i) codes[i] = pairs[group / 4 * 32 + i] >> (group % 4 * 2) & 3;
}

// Digits of base three, five in a byte or, in the last four, four, the first of all bytes of a run before the second.
void codes_tq1_0(const std::uint8_t* block, int group, std::uint8_t* codes) {
    constexpr int kPowers[5] = {1, 3, 9, 27, 81};
    const auto digit = [&](int byte, int place) {
        return static_cast<std::uint8_t>((block[byte] * kPowers[place] & 255) * 3 >> 8);
    };
    for (int i = 0; i < 32; ++i) {
        const int k = 32 * group + i;
        codes[i] = k < 160   ? digit(i, group)
                   : k < 240 ? digit(32 + k % 16, (k - 160) / 16)
                             : digit(48 + k % 4, (k - 240) / 4);
    }
}

void codes_q3_k(const std::uint8_t* block, int group, std::uint8_t* codes) {
    for (int i = 0; i < 32; ++i) {
        const int low = block[32 + group / 4 * 32 + i] >> (group % 4 * 2) & 3;
        codes[i] = static_cast<std::uint8_t>(low | (block[i] >> group & 1) << 2);
    }
}

void codes_q5_k(const std::uint8_t* block, int group, std::uint8_t* codes) {
    split_paired(block + 48, group, codes);
    for (int i = 0; i < 32; ++i) codes[i] |= static_cast<std::uint8_t>((block[16 + i] >> group & 1) << 4);
}

void codes_q6_k(const std::uint8_t* block, int group, std::uint8_t* codes) {
    const int half = group / 4, run = group % 4;
    const std::uint8_t* low = block + 64 * half + 32 * (run % 2);
    const std::uint8_t* high = block + 128 + 32 * half;
    const int shift = run < 2 ? 0 : 4;
    for (int i = 0; i < 32; ++i)
        codes[i] = static_cast<std::uint8_t>((low[i] >> shift & 15) | (high[i] >> (2 * run) & 3) << 4);
}

void codes_of(Stored stored, const std::uint8_t* row, long g, std::uint8_t* codes) {
    const long super = g / 8;
    const int group = static_cast<int>(g % 8);
    switch (stored) {
        case Stored::q8_0:
            for (int i = 0; i < 32; ++i) codes[i] = row[34 * g + 2 + i] ^ 0x80;
            return;
        case Stored::q4_0:
        case Stored::iq4_nl:
            return split_nibbles(row + 18 * g + 2, codes);
        case Stored::q4_1:
            return split_nibbles(row + 20 * g + 4, codes);
        case Stored::q5_0:
            return split_fives(row + 22 * g + 2, codes);
        case Stored::q5_1:
            return split_fives(row + 24 * g + 4, codes);
        case Stored::iq4_xs:
            return split_nibbles(row + 136 * super + 8 + 16 * group, codes);
        case Stored::mxfp4:
            return split_nibbles(row + 17 * g + 1, codes);
        case Stored::q2_k:
            return split_twos(row + 84 * super + 16, group, codes);
        case Stored::q3_k:
            return codes_q3_k(row + 110 * super, group, codes);
        case Stored::q4_k:
            return split_paired(row + 144 * super + 16, group, codes);
        case Stored::q5_k:
            return codes_q5_k(row + 176 * super, group, codes);
        case Stored::q6_k:
            return codes_q6_k(row + 210 * super, group, codes);
        case Stored::tq1_0:
            return codes_tq1_0(row + 54 * super, group, codes);
        case Stored::tq2_0:
            return split_twos(row + 66 * super, group, codes);
        default:
            return;
    }
}

// -- Scales: of group g of a row, into place r of the panel's scales ------------------------------------------------

void put_half(std::uint8_t* out, int r, const std::uint8_t* half) { std::memcpy(out + 2 * r, half, 2); }

// An e4m3 number without its sign; NaN becomes one of float16.
std::uint8_t micro_scale(std::uint8_t e4m3) { return (e4m3 & 0x7F) == 0x7F ? 0xFF : e4m3 & 0x7F; }

// The 6-bit scale and min of group j in the 12 bytes of a Q4_K or Q5_K block.
void six_bit_pair(const std::uint8_t* packed, int j, std::uint8_t* scale, std::uint8_t* min) {
    if (j < 4) {
        *scale = packed[j] & 63;
        *min = packed[j + 4] & 63;
    } else {
        *scale = static_cast<std::uint8_t>((packed[j + 4] & 15) | (packed[j - 4] >> 6) << 4);
        *min = static_cast<std::uint8_t>((packed[j + 4] >> 4) | (packed[j] >> 6) << 4);
    }
}

void scales_affine_k(const std::uint8_t* block, int group, int r, std::uint8_t* super) {
    if (group == 0) {
        put_half(super, r, block);
        put_half(super + 32, r, block + 2);
    }
    std::uint8_t* out = super + 64 + 32 * group + r;
    six_bit_pair(block + 4, group, out, out + 16);
}

void scales_q2_k(const std::uint8_t* block, int group, int r, std::uint8_t* super) {
    if (group == 0) {
        put_half(super, r, block + 80);
        put_half(super + 32, r, block + 82);
    }
    super[64 + 32 * group + r] = block[2 * group];
    super[80 + 32 * group + r] = block[2 * group + 1];
}

// The 6-bit scale of one of Q3_K's 16 groups.
std::uint8_t scale_q3_k(const std::uint8_t* packed, int j) {
    const int low = packed[j % 8] >> (j / 8 * 4) & 15, high = packed[8 + j % 4] >> (j / 4 * 2) & 3;
    return static_cast<std::uint8_t>((low | high << 4) - 32);
}

std::uint8_t scale_iq4_xs(const std::uint8_t* block, int group) {
    const int low = block[4 + group / 2] >> (group % 2 * 4) & 15, high = u16(block + 2) >> (2 * group) & 3;
    return static_cast<std::uint8_t>((low | high << 4) - 32);
}

void scales_signed_k(const std::uint8_t* d, std::uint8_t first, std::uint8_t second, int group, int r,
                     std::uint8_t* super) {
    if (group == 0) put_half(super, r, d);
    super[32 + 32 * group + r] = first;
    super[48 + 32 * group + r] = second;
}

void scales_of(Stored stored, const std::uint8_t* row, long g, int r, std::uint8_t* out) {
    const long super = g / 8;
    const int group = static_cast<int>(g % 8);
    switch (stored) {
        case Stored::q8_0:
            return put_half(out + 32 * g, r, row + 34 * g);
        case Stored::q4_0:
        case Stored::iq4_nl:
            return put_half(out + 32 * g, r, row + 18 * g);
        case Stored::q5_0:
            return put_half(out + 32 * g, r, row + 22 * g);
        case Stored::q4_1:
            put_half(out + 64 * g, r, row + 20 * g);
            return put_half(out + 64 * g + 32, r, row + 20 * g + 2);
        case Stored::q5_1:
            put_half(out + 64 * g, r, row + 24 * g);
            return put_half(out + 64 * g + 32, r, row + 24 * g + 2);
        case Stored::mxfp4:
            out[16 * g + r] = row[17 * g];
            return;
        case Stored::q4_k:
            return scales_affine_k(row + 144 * super, group, r, out + 320 * super);
        case Stored::q5_k:
            return scales_affine_k(row + 176 * super, group, r, out + 320 * super);
        case Stored::q2_k:
            return scales_q2_k(row + 84 * super, group, r, out + 320 * super);
        case Stored::q3_k: {
            const std::uint8_t* block = row + 110 * super;
            const std::uint8_t first = scale_q3_k(block + 96, 2 * group),
                               second = scale_q3_k(block + 96, 2 * group + 1);
            return scales_signed_k(block + 108, first, second, group, r, out + 288 * super);
        }
        case Stored::iq4_xs: {
            const std::uint8_t* block = row + 136 * super;
            const std::uint8_t scale = scale_iq4_xs(block, group);
            return scales_signed_k(block, scale, scale, group, r, out + 288 * super);
        }
        case Stored::q6_k: {
            const std::uint8_t* block = row + 210 * super;
            return scales_signed_k(block + 208, block[192 + 2 * group], block[193 + 2 * group], group, r,
                                   out + 288 * super);
        }
        case Stored::tq1_0:
            if (group == 0) put_half(out + 32 * super, r, row + 54 * super + 52);
            return;
        case Stored::tq2_0:
            if (group == 0) put_half(out + 32 * super, r, row + 66 * super + 64);
            return;
        default:
            return;
    }
}

// -- Panels ---------------------------------------------------------------------------------------------------------

// A group of 32 columns of 16 rows as 8 vectors of codes, into the format's bits.
void write_codes(Codes kind, const std::uint8_t (&v)[8][64], std::uint8_t* out) {
    if (kind == Codes::byte) {
        std::memcpy(out, v, sizeof v);
        return;
    }
    if (kind == Codes::two) {
        for (int i = 0; i < 128; ++i) {
            int four = 0;
            for (int j = 0; j < 4; ++j) four |= v[i / 64 * 4 + j][i % 64] << (2 * j);
            out[i] = static_cast<std::uint8_t>(four);
        }
        return;
    }
    for (int j = 0; j < 4; ++j)
        for (int i = 0; i < 64; ++i) out[64 * j + i] = static_cast<std::uint8_t>((v[j][i] & 15) | v[j + 4][i] << 4);
    if (kind == Codes::five)
        for (int i = 0; i < 64; ++i) {
            int high = 0;
            for (int j = 0; j < 8; ++j) high |= (v[j][i] >> 4) << j;
            out[256 + i] = static_cast<std::uint8_t>(high);
        }
    if (kind == Codes::six)
        for (int i = 0; i < 128; ++i) {
            int high = 0;
            for (int j = 0; j < 4; ++j) high |= (v[i / 64 * 4 + j][i % 64] >> 4) << (2 * j);
            out[256 + i] = static_cast<std::uint8_t>(high);
        }
}

constexpr float kMicroUnit = 128.0f;  // codes of nvfp4 are doubled, its scales 256 times too small

// `present` rows of a panel, from row `first` on; the rest are zeros.
void pack_quantised(const StoredRows& rows, const PanelFormat& format, int first, int present, std::uint8_t* panel) {
    const std::uint8_t* data = rows.data + first * rows.stride;
    std::uint8_t* scales = panel + format.code_bytes(rows.cols);
    if (rows.stored == Stored::nvfp4) {
        const float factor = *rows.beside.factors * kMicroUnit;
        for (int r = 0; r < present; ++r) std::memcpy(scales + 4 * r, &factor, 4);
    }
    std::uint8_t vectors[8][64] = {};
    for (long g = 0; g < rows.cols / kGroup; ++g) {
        for (int r = 0; r < present; ++r) {
            std::uint8_t codes[32];
            if (rows.stored == Stored::nvfp4) {
                const std::uint8_t* pair = rows.beside.groups + (first + r) * rows.beside.group_stride + 2 * g;
                split_nvfp4(data + r * rows.stride + 16 * g, pair, codes);
                const bool as_is = rows.beside.magnitudes;
                scales[64 + 32 * g + r] = as_is ? pair[0] : micro_scale(pair[0]);
                scales[64 + 32 * g + kRows + r] = as_is ? pair[1] : micro_scale(pair[1]);
            } else {
                codes_of(rows.stored, data + r * rows.stride, g, codes);
                scales_of(rows.stored, data + r * rows.stride, g, r, scales);
            }
            for (int j = 0; j < 8; ++j) std::memcpy(vectors[j] + 4 * r, codes + 4 * j, 4);
        }
        write_codes(format.codes, vectors, panel + g * format.group_codes());
    }
}

void pack_grids(const StoredRows& rows, const PanelFormat& format, int first, int present, std::uint8_t* panel) {
    const std::uint8_t* data = rows.data + first * rows.stride;
    std::uint8_t* scales = panel + format.code_bytes(rows.cols);
    const long block = row_bytes(rows.stored, 256);
    for (long super = 0; super < rows.cols / 256; ++super)
        for (int r = 0; r < present; ++r)
            pack_points(rows.stored, data + r * rows.stride + super * block, r, panel + super * format.code_bytes(256),
                        scales + super * format.scale_bytes(256));
}

void pack_scales(const StoredRows& rows, const PanelFormat& format, int first, int present, std::uint8_t* scales) {
    const Beside& beside = rows.beside;
    const long across = (rows.cols + beside.block_cols - 1) / beside.block_cols;
    for (long b = 0; b < (rows.cols + format.block - 1) / format.block; ++b)
        for (int r = 0; r < present; ++r) {
            const float* factor = beside.factors + (first + r) / beside.block_rows * across + b;
            std::memcpy(scales + (b * kRows + r) * 4, factor, 4);
        }
}

void pack_floating(const StoredRows& rows, const PanelFormat& format, int first, int present, std::uint8_t* panel) {
    const std::uint8_t* data = rows.data + first * rows.stride;
    if (format.scales == Scales::blocks)
        pack_scales(rows, format, first, present, panel + format.code_bytes(rows.cols));
    constexpr long kBlock = 16;  // columns whose part of the panel stays in the first-level cache
    for (long block = 0; block < rows.cols; block += kBlock)
        for (int r = 0; r < present; ++r) {
            const std::uint8_t* row = data + r * rows.stride;
            for (long k = block; k < std::min<long>(rows.cols, block + kBlock); ++k) {
                if (rows.stored == Stored::bf16) {
                    std::memcpy(panel + (k / 2 * kRows + r) * 4 + k % 2 * 2, row + 2 * k, 2);
                } else if (rows.stored == Stored::f8_e4m3) {
                    panel[(k / 2 * kRows + r) * 2 + k % 2] = row[k];
                } else if (rows.stored == Stored::f16) {
                    const float value = half_to_float(u16(row + 2 * k));
                    std::memcpy(panel + (k * kRows + r) * 4, &value, 4);
                } else {
                    std::memcpy(panel + (k * kRows + r) * 4, row + 4 * k, 4);
                }
            }
        }
}

// -- And back, one number at a time ---------------------------------------------------------------------------------

float half_at(const std::uint8_t* p) { return half_to_float(u16(p)); }

float e4m3_to_float(std::uint8_t byte) {
    const int exponent = byte >> 3 & 15, fraction = byte & 7;
    if ((byte & 0x7F) == 0x7F) return std::nanf("");
    const float size = exponent ? std::ldexp(static_cast<float>(8 + fraction), exponent - 10)
                                : std::ldexp(static_cast<float>(fraction), -9);
    return byte & 0x80 ? -size : size;
}

// value = factor · (scale · (code - bias) + offset) for every column of half a group.
struct Line {
    float scale;
    float offset = -0.0f;  // adding this changes nothing, not even the sign of a zero
    float factor = 1.0f;
};

Line line_of(const Panels& w, const std::uint8_t* panel, int r, long k) {
    const long g = k / kGroup, super = k / 256;
    const std::uint8_t* scales = panel + w.format.code_bytes(w.cols);
    switch (w.format.scales) {
        case Scales::half:
            return {half_at(scales + 32 * g + 2 * r)};
        case Scales::whole:
            return {half_at(scales + 32 * super + 2 * r)};
        case Scales::odd:
        case Scales::odd_32:
        case Scales::odd_16: {
            const std::uint8_t* p = scales + super * w.format.scale_bytes(256);
            const int factor =
                point_factor(w.format, panel + g * w.format.group_codes(), p, r, static_cast<int>(k % 256));
            return {w.format.unit * half_at(p + 2 * r) * static_cast<float>(factor)};
        }
        case Scales::power:
            return {std::ldexp(1.0f, scales[16 * g + r] - 128)};
        case Scales::affine:
            return {half_at(scales + 64 * g + 2 * r), half_at(scales + 64 * g + 32 + 2 * r)};
        case Scales::affine_k: {
            const std::uint8_t* p = scales + 320 * super;
            const std::uint8_t* bytes = p + 64 + 32 * (g % 8);
            return {half_at(p + 2 * r) * static_cast<float>(bytes[r]),
                    -half_at(p + 32 + 2 * r) * static_cast<float>(bytes[16 + r])};
        }
        case Scales::fine_k: {
            const std::uint8_t* p = scales + 320 * super;
            const int byte = p[64 + 16 * (k % 256 / 16) + r];
            return {half_at(p + 2 * r) * static_cast<float>(byte & 15),
                    -half_at(p + 32 + 2 * r) * static_cast<float>(byte >> 4)};
        }
        case Scales::micro: {
            const std::uint8_t* byte = scales + 64 + 32 * g + kRows * (k % kGroup / 16) + r;
            float factor;
            std::memcpy(&factor, scales + 4 * r, 4);
            return {half_to_float(static_cast<std::uint16_t>(*byte << 7)), -0.0f, factor};
        }
        default: {
            const std::uint8_t* p = scales + 288 * super;
            const auto s = static_cast<std::int8_t>(p[32 + 16 * (k % 256 / 16) + r]);
            return {half_at(p + 2 * r) * static_cast<float>(s)};
        }
    }
}

int code_at(const Panels& w, const std::uint8_t* group, int r, int k) {
    if (has_points(w.format.codes)) return point_code(w.format, group, r, k);
    const int j = k / 4, at = 4 * r + k % 4;
    if (w.format.codes == Codes::byte) return group[64 * j + at];
    if (w.format.codes == Codes::two) return group[64 * (j / 4) + at] >> (j % 4 * 2) & 3;
    const int low = group[64 * (j % 4) + at] >> (j / 4 * 4) & 15;
    switch (w.format.codes) {
        case Codes::table:
            return w.format.table[low];
        case Codes::five:
            return low | (group[256 + at] >> j & 1) << 4;
        case Codes::six:
            return low | (group[256 + 64 * (j / 4) + at] >> (j % 4 * 2) & 3) << 4;
        default:
            return low;
    }
}

float quantised_value(const Panels& w, const std::uint8_t* panel, int r, long k) {
    const int code = code_at(w, panel + k / kGroup * w.format.group_codes(), r, static_cast<int>(k % kGroup));
    const Line line = line_of(w, panel, r, k);
    return line.factor * (line.scale * static_cast<float>(code - w.format.bias) + line.offset);
}

}  // namespace

PanelFormat panel_format(Stored stored, int block) {
    const auto of = [](Codes codes, Scales scales, int bias) { return PanelFormat{codes, scales, bias, {}, 0}; };
    const auto looked_up = [](const std::uint8_t* table, Scales scales, int bias) {
        PanelFormat format = {Codes::table, scales, bias, {}, 0};
        std::memcpy(format.table, table, 16);
        return format;
    };
    const auto points = [stored](Codes codes, Scales scales, int bias, float unit) {
        return PanelFormat{codes, scales, bias, {}, 0, unit, grid_points(stored)};
    };
    switch (stored) {
        case Stored::f32:
        case Stored::f16:
            return of(Codes::f32, Scales::none, 0);
        case Stored::bf16:
            return of(Codes::bf16, Scales::none, 0);
        case Stored::f8_e4m3:
            return {Codes::e4m3, Scales::blocks, 0, {}, block};
        case Stored::q8_0:
            return of(Codes::byte, Scales::half, 128);
        case Stored::q4_0:
            return of(Codes::nibble, Scales::half, 8);
        case Stored::q4_1:
            return of(Codes::nibble, Scales::affine, 0);
        case Stored::q5_0:
            return of(Codes::five, Scales::half, 16);
        case Stored::q5_1:
            return of(Codes::five, Scales::affine, 0);
        case Stored::iq4_nl:
            return looked_up(kNonLinear, Scales::half, 128);
        case Stored::iq4_xs:
            return looked_up(kNonLinear, Scales::signed_k, 128);
        case Stored::mxfp4:
            return looked_up(kE2M1Doubled, Scales::power, 12);
        case Stored::nvfp4:
            return looked_up(kE2M1Doubled, Scales::micro, 12);
        case Stored::q2_k:
            return of(Codes::two, Scales::fine_k, 0);
        case Stored::q3_k:
            return of(Codes::nibble, Scales::signed_k, 4);
        case Stored::q4_k:
            return of(Codes::nibble, Scales::affine_k, 0);
        case Stored::q5_k:
            return of(Codes::five, Scales::affine_k, 0);
        case Stored::tq1_0:
        case Stored::tq2_0:
            return of(Codes::two, Scales::whole, 1);
        case Stored::iq1_s:
            return points(Codes::iq1_s, Scales::odd, 9, 0.125f);
        case Stored::iq1_m:
            return points(Codes::iq1_m, Scales::odd_16, 9, 0.125f);
        case Stored::iq2_xxs:
            return points(Codes::iq2_xxs, Scales::odd, 43, 0.125f);
        case Stored::iq2_xs:
            return points(Codes::iq2_xs, Scales::odd_16, 43, 0.125f);
        case Stored::iq2_s:
            return points(Codes::iq2_s, Scales::odd_16, 43, 0.125f);
        case Stored::iq3_xxs:
            return points(Codes::iq3_xxs, Scales::odd, 31, 0.5f);
        case Stored::iq3_s:
            return points(Codes::iq3_s, Scales::odd_32, 15, 1.0f);
        default:
            return of(Codes::six, Scales::signed_k, 32);
    }
}

long row_bytes(Stored stored, long cols) {
    struct Unit {
        int cols, bytes;
    };
    const auto unit = [stored]() -> Unit {
        switch (stored) {
            case Stored::f32:
                return {1, 4};
            case Stored::f16:
            case Stored::bf16:
                return {1, 2};
            case Stored::f8_e4m3:
                return {1, 1};
            case Stored::q8_0:
                return {32, 34};
            case Stored::q4_0:
            case Stored::iq4_nl:
                return {32, 18};
            case Stored::q4_1:
                return {32, 20};
            case Stored::q5_0:
                return {32, 22};
            case Stored::q5_1:
                return {32, 24};
            case Stored::mxfp4:
                return {32, 17};
            case Stored::nvfp4:
                return {32, 16};
            case Stored::iq4_xs:
                return {256, 136};
            case Stored::q2_k:
                return {256, 84};
            case Stored::q3_k:
                return {256, 110};
            case Stored::q4_k:
                return {256, 144};
            case Stored::q5_k:
                return {256, 176};
            case Stored::tq1_0:
                return {256, 54};
            case Stored::tq2_0:
            case Stored::iq2_xxs:
                return {256, 66};
            case Stored::iq1_s:
                return {256, 50};
            case Stored::iq1_m:
                return {256, 56};
            case Stored::iq2_xs:
                return {256, 74};
            case Stored::iq2_s:
                return {256, 82};
            case Stored::iq3_xxs:
                return {256, 98};
            case Stored::iq3_s:
                return {256, 110};
            default:
                return {256, 210};
        }
    }();
    return cols % unit.cols ? 0 : cols / unit.cols * unit.bytes;
}

void pack(const StoredRows& rows, int first, int end, std::uint8_t* out) {
    const PanelFormat format = panel_format(rows.stored, rows.beside.block_cols);
    const long bytes = format.panel_bytes(rows.cols);
    for (int p = first; p < end; ++p) {
        std::uint8_t* panel = out + p * bytes;
        const int present = std::min(kRows, rows.rows - p * kRows);
        std::memset(panel, 0, static_cast<std::size_t>(bytes));  // what is not filled ends in packed files, too
        const auto fill = format.floating() ? pack_floating : has_points(format.codes) ? pack_grids : pack_quantised;
        fill(rows, format, p * kRows, present, panel);
    }
}

void decode_row(const Panels& w, int row, float* out) {
    const std::uint8_t* panel = w.panel(row / kRows);
    const int r = row % kRows;
    for (long k = 0; k < w.cols; ++k) {
        if (w.format.codes == Codes::f32) {
            std::memcpy(out + k, panel + (k * kRows + r) * 4, 4);
        } else if (w.format.codes == Codes::bf16) {
            const std::uint32_t bits = static_cast<std::uint32_t>(u16(panel + (k / 2 * kRows + r) * 4 + k % 2 * 2))
                                       << 16;
            std::memcpy(out + k, &bits, 4);
        } else if (w.format.codes == Codes::e4m3) {
            float scale;
            std::memcpy(&scale, panel + w.format.code_bytes(w.cols) + (k / w.format.block * kRows + r) * 4, 4);
            out[k] = e4m3_to_float(panel[(k / 2 * kRows + r) * 2 + k % 2]) * scale;
        } else {
            out[k] = quantised_value(w, panel, r, k);
        }
    }
}

}  // namespace quatre
