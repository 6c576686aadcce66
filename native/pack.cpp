#include "pack.h"

#include <cstring>

namespace quatre {

namespace {

// Values of IQ4_NL's codes plus 128, see formats/codebook4.py.
constexpr std::uint8_t kNonLinear[16] = {1,   24,  45,  63,  79,  93,  106, 118,
                                         129, 141, 153, 166, 181, 197, 217, 241};

std::uint16_t u16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] | p[1] << 8); }

void put_u16(std::uint8_t* p, const std::uint8_t* half) { std::memcpy(p, half, 2); }

// 16 bytes of nibbles, low halves first → 32 codes.
void split_nibbles(const std::uint8_t* packed, std::uint8_t* codes) {
    for (int i = 0; i < 16; ++i) {
        codes[i] = packed[i] & 15;
        codes[i + 16] = packed[i] >> 4;
    }
}

// The 32 codes of group g in a K-quant row whose nibbles come in runs of 32 bytes: one group low, the next one high.
void split_paired(const std::uint8_t* nibbles, int group, std::uint8_t* codes) {
    for (int i = 0; i < 32; ++i) {
        const std::uint8_t both = nibbles[group / 2 * 32 + i];
        codes[i] = group % 2 ? both >> 4 : both & 15;
    }
}

void codes_of(Stored stored, const std::uint8_t* row, long g, std::uint8_t* codes) {
    const long super = g / 8;
    const int group = static_cast<int>(g % 8);
    switch (stored) {
        case Stored::q8_0:
            for (int i = 0; i < 32; ++i) codes[i] = row[34 * g + 2 + i] ^ 0x80;
            return;
        case Stored::q4_0:
        case Stored::iq4_nl: return split_nibbles(row + 18 * g + 2, codes);
        case Stored::q4_1: return split_nibbles(row + 20 * g + 4, codes);
        case Stored::q4_k: return split_paired(row + 144 * super + 16, group, codes);
        case Stored::q5_k:
            split_paired(row + 176 * super + 48, group, codes);
            for (int i = 0; i < 32; ++i) codes[i] |= static_cast<std::uint8_t>((row[176 * super + 16 + i] >> group & 1) << 4);
            return;
        case Stored::q6_k: {
            const std::uint8_t* block = row + 210 * super;
            const int half = group / 4, run = group % 4;
            for (int i = 0; i < 32; ++i) {
                const std::uint8_t low = block[64 * half + 32 * (run % 2) + i];
                const std::uint8_t high = block[128 + 32 * half + i];
                codes[i] = static_cast<std::uint8_t>((run < 2 ? low & 15 : low >> 4) | (high >> (2 * run) & 3) << 4);
            }
            return;
        }
        default: return;
    }
}

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

void pack_scales_affine_k(const std::uint8_t* block, int r, std::uint8_t* out) {
    put_u16(out + 2 * r, block);
    put_u16(out + 32 + 2 * r, block + 2);
    for (int j = 0; j < 8; ++j) six_bit_pair(block + 4, j, out + 64 + 32 * j + r, out + 80 + 32 * j + r);
}

// The scales of row r of a panel.
void pack_scales(const StoredRows& rows, const std::uint8_t* row, int r, std::uint8_t* out) {
    const long groups = rows.cols / kGroup, supers = rows.cols / 256;
    switch (rows.stored) {
        case Stored::q8_0:
            for (long g = 0; g < groups; ++g) put_u16(out + 32 * g + 2 * r, row + 34 * g);
            return;
        case Stored::q4_0:
        case Stored::iq4_nl:
            for (long g = 0; g < groups; ++g) put_u16(out + 32 * g + 2 * r, row + 18 * g);
            return;
        case Stored::q4_1:
            for (long g = 0; g < groups; ++g) {
                put_u16(out + 64 * g + 2 * r, row + 20 * g);
                put_u16(out + 64 * g + 32 + 2 * r, row + 20 * g + 2);
            }
            return;
        case Stored::q4_k:
            for (long s = 0; s < supers; ++s) pack_scales_affine_k(row + 144 * s, r, out + 320 * s);
            return;
        case Stored::q5_k:
            for (long s = 0; s < supers; ++s) pack_scales_affine_k(row + 176 * s, r, out + 320 * s);
            return;
        case Stored::q6_k:
            for (long s = 0; s < supers; ++s) {
                put_u16(out + 288 * s + 2 * r, row + 210 * s + 208);
                for (int j = 0; j < 16; ++j) out[288 * s + 32 + 16 * j + r] = row[210 * s + 192 + j];
            }
            return;
        default: return;
    }
}

void pack_quantised_row(const StoredRows& rows, const PanelFormat& format, const std::uint8_t* row, int r,
                        std::uint8_t* panel) {
    std::uint8_t codes[32];
    for (long g = 0; g < rows.cols / kGroup; ++g) {
        codes_of(rows.stored, row, g, codes);
        std::uint8_t* out = panel + g * format.group_codes() + 4 * r;
        if (format.codes == Codes::byte) {
            for (int j = 0; j < 8; ++j) std::memcpy(out + 64 * j, codes + 4 * j, 4);
            continue;
        }
        for (int i = 0; i < 16; ++i) out[64 * (i / 4) + i % 4] = static_cast<std::uint8_t>(codes[i] | codes[i + 16] << 4);
    }
    pack_scales(rows, row, r, panel + format.code_bytes(rows.cols));
}

void pack_floating_row(const StoredRows& rows, const std::uint8_t* row, int r, std::uint8_t* panel) {
    for (long k = 0; k < rows.cols; ++k) {
        if (rows.stored == Stored::bf16) {
            std::memcpy(panel + (k / 2 * kRows + r) * 4 + k % 2 * 2, row + 2 * k, 2);
        } else if (rows.stored == Stored::f16) {
            const float value = half_to_float(u16(row + 2 * k));
            std::memcpy(panel + (k * kRows + r) * 4, &value, 4);
        } else {
            std::memcpy(panel + (k * kRows + r) * 4, row + 4 * k, 4);
        }
    }
}

float half_at(const std::uint8_t* p) { return half_to_float(u16(p)); }

// value = scale · (code - bias) + offset for every column of a group, or of half a group.
struct Line {
    float scale, offset;
};

Line line_of(const Panels& w, const std::uint8_t* scales, int r, long k) {
    const long g = k / kGroup, super = k / 256;
    const float bias = static_cast<float>(w.format.bias);
    switch (w.format.scales) {
        case Scales::half: return {half_at(scales + 32 * g + 2 * r), bias};
        case Scales::affine: return {half_at(scales + 64 * g + 2 * r), half_at(scales + 64 * g + 32 + 2 * r)};
        case Scales::affine_k: {
            const std::uint8_t* p = scales + 320 * super;
            const std::uint8_t* bytes = p + 64 + 32 * (g % 8);
            return {half_at(p + 2 * r) * static_cast<float>(bytes[r]),
                    half_at(p + 32 + 2 * r) * static_cast<float>(bytes[16 + r])};
        }
        default: {
            const std::uint8_t* p = scales + 288 * super;
            const auto s = static_cast<std::int8_t>(p[32 + 16 * (k % 256 / 16) + r]);
            return {half_at(p + 2 * r) * static_cast<float>(s), bias};
        }
    }
}

float quantised_value(const Panels& w, const std::uint8_t* panel, int r, long k) {
    const long g = k / kGroup;
    const int in_group = static_cast<int>(k % kGroup);
    const std::uint8_t* codes = panel + g * w.format.group_codes();
    int code;
    if (w.format.codes == Codes::byte) {
        code = codes[64 * (in_group / 4) + 4 * r + in_group % 4];
    } else {
        const int i = in_group % 16;
        const std::uint8_t both = codes[64 * (i / 4) + 4 * r + i % 4];
        code = in_group < 16 ? both & 15 : both >> 4;
        if (w.format.codes == Codes::table) code = w.format.table[code];
    }
    const Line line = line_of(w, panel + w.format.code_bytes(w.cols), r, k);
    const float c = static_cast<float>(code);
    switch (w.format.scales) {
        case Scales::affine: return line.scale * c + line.offset;
        case Scales::affine_k: return line.scale * c - line.offset;
        default: return line.scale * (c - line.offset);
    }
}

}  // namespace

PanelFormat panel_format(Stored stored) {
    PanelFormat format = {};
    const auto is = [&](Codes codes, Scales scales, int bias) {
        format.codes = codes;
        format.scales = scales;
        format.bias = bias;
    };
    switch (stored) {
        case Stored::f32:
        case Stored::f16: is(Codes::f32, Scales::none, 0); break;
        case Stored::bf16: is(Codes::bf16, Scales::none, 0); break;
        case Stored::q8_0: is(Codes::byte, Scales::half, 128); break;
        case Stored::q4_0: is(Codes::nibble, Scales::half, 8); break;
        case Stored::q4_1: is(Codes::nibble, Scales::affine, 0); break;
        case Stored::q4_k: is(Codes::nibble, Scales::affine_k, 0); break;
        case Stored::q5_k: is(Codes::byte, Scales::affine_k, 0); break;
        case Stored::q6_k: is(Codes::byte, Scales::signed_k, 32); break;
        case Stored::iq4_nl:
            is(Codes::table, Scales::half, 128);
            std::memcpy(format.table, kNonLinear, 16);
            break;
    }
    return format;
}

void pack(const StoredRows& rows, int first, int end, std::uint8_t* out) {
    const PanelFormat format = panel_format(rows.stored);
    const long bytes = format.panel_bytes(rows.cols);
    for (int p = first; p < end; ++p) {
        std::uint8_t* panel = out + p * bytes;
        std::memset(panel, 0, static_cast<std::size_t>(bytes));
        for (int r = 0; r < kRows && p * kRows + r < rows.rows; ++r) {
            const std::uint8_t* row = rows.data + (static_cast<long>(p) * kRows + r) * rows.stride;
            format.floating() ? pack_floating_row(rows, row, r, panel) : pack_quantised_row(rows, format, row, r, panel);
        }
    }
}

void decode_row(const Panels& w, int row, float* out) {
    const std::uint8_t* panel = w.panel(row / kRows);
    const int r = row % kRows;
    for (long k = 0; k < w.cols; ++k) {
        if (w.format.codes == Codes::f32) {
            std::memcpy(out + k, panel + (k * kRows + r) * 4, 4);
        } else if (w.format.codes == Codes::bf16) {
            const std::uint32_t bits = static_cast<std::uint32_t>(u16(panel + (k / 2 * kRows + r) * 4 + k % 2 * 2)) << 16;
            std::memcpy(out + k, &bits, 4);
        } else {
            out[k] = quantised_value(w, panel, r, k);
        }
    }
}

}  // namespace quatre
