// Weights as the kernels stream them: panels of 16 rows, interleaved.
//
// A panel holds 16 rows of a matrix (the last one is padded with rows of zeros). All of its codes come first, then all
// of its scales, so that codes stay aligned to cache lines:
//
//   f32      per column: 16 floats
//   bf16     per pair of columns: 16 pairs
//   e4m3     the same, in bytes
//   others   per group of 32 columns, codes: 8 vectors of 64 bytes; vector j holds columns 4j … 4j + 3 of each row.
//            two             vectors 0 … 3 in one vector, 4 … 7 in the next, 2 bits each, lowest first
//            nibble, table   vector j in the low and vector j + 4 in the high halves of one vector
//            five            the same, then one vector whose bit j is the fifth bit of vector j
//            six             the same, then two vectors with the upper 2 bits of vectors 0 … 3 and 4 … 7, lowest first
//            iq…             points of grids, which stand for the codes of 4 (iq3) or 8 columns. First 16 × u32, or two
//                            times that for iq3: the lowest 8 bits of each point. Then what the file holds beside them:
//              iq2_xxs, iq3_xxs   16 × u32: 4 × 7 signs, whose eighth makes the number of those that are set even; s
//              iq2_xs             16 × u32: 4 × 7 signs, 4 × the ninth bit of a point
//              iq2_s, iq3_s       16 × u32: 32 signs; 16 × u8: 4 × 2 more bits of a point, or 8 × one
//              iq1_s              16 × u16: 4 × 3 more bits of a point, 3 bits s, one that moves all codes up by 2
//              iq1_m              16 × u16: 4 × (3 more bits of a point, one that moves its codes up by 2)
//
// Scales of a panel, by kind (G groups of 32 columns, S = G / 8 super-groups):
//   half     G × [16 × f16 scale]                                        value = scale · (code - bias)
//   whole    S × [16 × f16 d]                                            value = d · (code - bias)
//   power    G × [16 × u8 e]                                             value = 2^(e - 128) · (code - bias)
//   affine   G × [16 × f16 scale, 16 × f16 offset]                       value = scale · code + offset
//   affine_k S × [16 × f16 d, 16 × f16 dmin, 8 × (16 × u8 s, 16 × u8 m)]   value = d · s · code - dmin · m
//   fine_k   S × [16 × f16 d, 16 × f16 dmin, 16 × (16 × u8 s | m << 4)]  groups of 16 columns, value as in affine_k
//   odd      S × [16 × f16 d], s with the codes     value = unit · d · (2 s + 1) · (code - bias)
//   odd_32   S × [16 × f16 d, 4 × (16 × u8: s of two groups, 4 bits each)], the same
//   odd_16   S × [16 × f16 d, 8 × (16 × u8: s of two half groups)]          groups of 16 columns, the same
//   signed_k S × [16 × f16 d, 16 × (16 × s8 s)]     groups of 16 columns  value = d · s · (code - bias)
//   micro    [16 × f32 f], 2 G × [16 × u8 s]        groups of 16 columns  value = f · (s · (code - bias))
//            where s << 7 is a float16: the bits of an e4m3 number without its sign, 256 times too small; f makes up
//   blocks   per `block` columns (or fewer at the end): 16 × f32 f         value = f · number
//
// The numbers are those of the source format, bit for bit.
#pragma once

#include <cstdint>

// Functions that both kernels and drivers use must leave no copy of themselves in a kernel's object file: the linker
// might give code compiled for AVX-512 to the rest of the program.
#define QUATRE_EVERYWHERE __attribute__((always_inline)) inline

namespace quatre {

constexpr int kRows = 16;
constexpr int kGroup = 32;

enum class Codes : int {
    f32,
    bf16,
    e4m3,
    two,
    nibble,
    table,
    five,
    six,
    byte,
    iq1_s,
    iq1_m,
    iq2_xxs,
    iq2_xs,
    iq2_s,
    iq3_xxs,
    iq3_s
};
enum class Scales : int {
    none,
    half,
    whole,
    power,
    affine,
    affine_k,
    fine_k,
    odd,
    odd_32,
    odd_16,
    signed_k,
    micro,
    blocks
};

// How a product wants its inputs, see Inputs.
struct InputFormat {
    enum Kind : int { f32, bf16, start, scaled, starts } kind;
    int bias;

    QUATRE_EVERYWHERE bool floating() const { return kind == f32 || kind == bf16; }
    QUATRE_EVERYWHERE bool operator==(const InputFormat& other) const {
        return kind == other.kind && bias == other.bias;
    }
    QUATRE_EVERYWHERE long number_bytes(long cols) const {
        return kind == f32 ? 4 * cols : kind == bf16 ? (cols + 1) / 2 * 4 : cols;
    }
    QUATRE_EVERYWHERE long extras(long cols) const { return cols / kGroup * (kind == starts ? 2 : 1); }
};

struct PanelFormat {
    Codes codes;
    Scales scales;
    int bias;                              // subtracted from every code
    std::uint8_t table[16];                // Codes::table: what each nibble stands for, plus bias
    int block;                             // Scales::blocks: columns that share a scale; even, or all
    float unit = 1;                        // Scales::odd …
    const std::uint8_t* points = nullptr;  // Codes::iq1_s …: the codes of all points of the grid

    QUATRE_EVERYWHERE bool floating() const { return codes <= Codes::e4m3; }
    QUATRE_EVERYWHERE long group_codes() const {
        switch (codes) {
            case Codes::iq1_s:
            case Codes::iq1_m:
                return 96;
            case Codes::two:
            case Codes::iq2_xxs:
            case Codes::iq2_xs:
                return 128;
            case Codes::iq2_s:
                return 144;
            case Codes::iq3_xxs:
                return 192;
            case Codes::iq3_s:
                return 208;
            case Codes::five:
                return 320;
            case Codes::six:
                return 384;
            case Codes::byte:
                return 512;
            default:
                return 256;
        }
    }
    QUATRE_EVERYWHERE InputFormat inputs() const {
        switch (scales) {
            case Scales::none:
            case Scales::blocks:
                return {codes == Codes::f32 ? InputFormat::f32 : InputFormat::bf16, 0};
            case Scales::half:
            case Scales::whole:
            case Scales::power:
            case Scales::odd:
            case Scales::odd_32:
                return {InputFormat::start, bias};
            case Scales::odd_16:
            case Scales::signed_k:
            case Scales::micro:
                return {InputFormat::starts, bias};
            case Scales::fine_k:
                return {InputFormat::starts, -1};  // the sums themselves: mins differ from one half to the other
            default:
                return {InputFormat::scaled, 0};
        }
    }

    // Bytes of all codes, and of all scales, of a panel with that many columns.
    QUATRE_EVERYWHERE long code_bytes(long cols) const {
        if (codes == Codes::f32) return cols * kRows * 4;
        if (codes == Codes::bf16) return (cols + 1) / 2 * kRows * 4;
        if (codes == Codes::e4m3) return (cols + 1) / 2 * kRows * 2;
        return cols / kGroup * group_codes();
    }
    QUATRE_EVERYWHERE long scale_bytes(long cols) const {
        switch (scales) {
            case Scales::half:
                return cols / kGroup * 32;
            case Scales::power:
                return cols / kGroup * 16;
            case Scales::whole:
            case Scales::odd:
                return cols / 256 * 32;
            case Scales::odd_32:
                return cols / 256 * 96;
            case Scales::odd_16:
                return cols / 256 * 160;
            case Scales::affine:
                return cols / kGroup * 64;
            case Scales::affine_k:
            case Scales::fine_k:
                return cols / 256 * 320;
            case Scales::signed_k:
                return cols / 256 * 288;
            case Scales::micro:
                return 64 + cols / kGroup * 32;
            case Scales::blocks:
                return (cols + block - 1) / block * 64;
            default:
                return 0;
        }
    }
    QUATRE_EVERYWHERE long panel_bytes(long cols) const {
        return (code_bytes(cols) + scale_bytes(cols) + 63) / 64 * 64;
    }
};

// One matrix in panel form, [rows, cols]; `data` is aligned to 64.
struct Panels {
    PanelFormat format;
    const std::uint8_t* data;
    int rows, cols;

    QUATRE_EVERYWHERE int count() const { return (rows + kRows - 1) / kRows; }
    QUATRE_EVERYWHERE const std::uint8_t* panel(int p) const { return data + p * format.panel_bytes(cols); }
};

// Tokens are multiplied in tiles of at most `most`, all of about the same size, so that no weight is read for a few
// stragglers. A token's result does not depend on its tile.
struct Tiles {
    int tokens, most;

    QUATRE_EVERYWHERE int count() const { return (tokens + most - 1) / most; }
    QUATRE_EVERYWHERE int begin(int tile) const { return static_cast<int>(static_cast<long>(tokens) * tile / count()); }
};

// Inputs of products. Each tile of n tokens lies unit by unit, so that kernels read one short run of memory per unit:
//   f32      numbers [cols][n] floats
//   bf16     numbers [(cols + 1) / 2][n] words of two, the lower the earlier
//   others   numbers [G][n][32] int8 and scales [G][n] floats, value = scale · number; and what saves the kernels from
//            treating the bias or offset of each code on its own:
//            start   extra [G][n] int32: -bias · sum of a group's numbers
//            starts  extra [G][2][n] int32: the same for each half group
//            scaled  extra [G][n] float: scale · sum of a group's numbers
struct Inputs {
    InputFormat format;
    int cols;
    const char* numbers;
    const float* scales;
    const std::int32_t* extra;

    // The inputs from a token on; tokens before it fill whole tiles.
    QUATRE_EVERYWHERE Inputs from(long token) const {
        Inputs rest = *this;
        rest.numbers += token * format.number_bytes(cols);
        if (!format.floating()) {
            rest.scales += token * (cols / kGroup);
            rest.extra += token * format.extras(cols);
        }
        return rest;
    }
};

// out[t, r] = residual[t, r] + x[t] · w[r] for the rows of some panels and the tokens of some tiles.
struct MultiplyTask {
    Panels w;
    int panel, panel_end;
    Inputs x;  // from the first token of all tiles on
    Tiles tiles;
    int tile, tile_end;
    float* out;             // of row 0 and the first token of all tiles
    const float* residual;  // the same place, or null
    long stride;            // of out and residual, in numbers
};

QUATRE_EVERYWHERE float half_to_float(std::uint16_t h) {
    const std::uint32_t sign = static_cast<std::uint32_t>(h & 0x8000) << 16;
    std::uint32_t bits = h & 0x7FFF;
    union {
        std::uint32_t u;
        float f;
    } y;
    if (bits >= 0x7C00) {
        y.u = sign | 0x7F800000 | ((bits & 0x3FF) << 13);  // infinity or NaN
    } else if (bits >= 0x400) {
        y.u = sign | ((bits << 13) + ((127 - 15) << 23));
    } else {
        y.f = static_cast<float>(bits) * 5.9604644775390625e-08f;  // 2^-24: subnormal or zero
        y.u |= sign;
    }
    return y.f;
}

}  // namespace quatre
