// Weights as the kernels stream them: panels of 16 rows, interleaved.
//
// A panel holds 16 rows of a matrix (the last one is padded with rows of zeros). All of its codes come first, then all
// of its scales, so that codes stay aligned to cache lines:
//
//   f32      per column: 16 floats
//   bf16     per pair of columns: 16 pairs
//   others   per group of 32 columns, codes: 8 vectors of 64 bytes; vector j holds columns 4j … 4j + 3 of each row.
//            Nibbles keep vector j in the low and vector j + 4 in the high halves of one vector.
//
// Scales of a panel, by kind (G groups of 32 columns, S = G / 8 super-groups):
//   half     G × [16 × f16 scale]                                        value = scale · (code - bias)
//   affine   G × [16 × f16 scale, 16 × f16 offset]                       value = scale · code + offset
//   affine_k S × [16 × f16 d, 16 × f16 dmin, 8 × (16 × u8 s, 16 × u8 m)]   value = d · s · code - dmin · m
//   signed_k S × [16 × f16 d, 16 × (16 × s8 s)]     groups of 16 columns  value = d · s · (code - bias)
//
// The numbers are those of the source format, bit for bit.
#pragma once

#include <cstdint>

namespace quatre {

constexpr int kRows = 16;
constexpr int kGroup = 32;

enum class Codes : int { f32, bf16, nibble, table, byte };
enum class Scales : int { none, half, affine, affine_k, signed_k };

struct PanelFormat {
    Codes codes;
    Scales scales;
    int bias;                 // subtracted from every code
    std::uint8_t table[16];   // Codes::table: what each nibble stands for, plus bias

    bool floating() const { return scales == Scales::none; }
    long group_codes() const { return codes == Codes::byte ? 512 : 256; }

    // Bytes of all codes, and of all scales, of a panel with that many columns.
    long code_bytes(long cols) const {
        if (codes == Codes::f32) return cols * kRows * 4;
        if (codes == Codes::bf16) return (cols + 1) / 2 * kRows * 4;
        return cols / kGroup * group_codes();
    }
    long scale_bytes(long cols) const {
        switch (scales) {
            case Scales::half: return cols / kGroup * 32;
            case Scales::affine: return cols / kGroup * 64;
            case Scales::affine_k: return cols / 256 * 320;
            case Scales::signed_k: return cols / 256 * 288;
            default: return 0;
        }
    }
    long panel_bytes(long cols) const { return (code_bytes(cols) + scale_bytes(cols) + 63) / 64 * 64; }
};

// One matrix in panel form, [rows, cols]; `data` is aligned to 64.
struct Panels {
    PanelFormat format;
    const std::uint8_t* data;
    int rows, cols;

    int count() const { return (rows + kRows - 1) / kRows; }
    const std::uint8_t* panel(int p) const { return data + p * format.panel_bytes(cols); }
};

// Inputs of products, one row per token, as the format of the weights wants them.
//   f32     numbers: float [tokens, cols]
//   bf16    numbers: two bf16 a word, the lower the earlier, [tokens, (cols + 1) / 2]
//   others  numbers: int8 [tokens, cols], one scale per group of 32; value = scale · number. Sums of the numbers of
//           each group, and of each half group, save the kernels from multiplying by the bias.
struct Inputs {
    const void* numbers;
    const float* scales;          // [tokens, G]
    const std::int32_t* sums;     // [tokens, G]
    const float* scaled_sums;     // [tokens, G]: scale · sum
    const std::int32_t* halves;   // [tokens, 2 G]: sums of 16
    int cols;

    Inputs from(long token) const {
        const long g = cols / kGroup;
        Inputs rest = *this;
        rest.scales += token * g;
        rest.sums += token * g;
        rest.scaled_sums += token * g;
        rest.halves += token * 2 * g;
        return rest;
    }
};

// out[t, r] = residual[t, r] + x[t] · w[r] for the rows of panels first … end - 1.
struct MultiplyTask {
    Panels w;
    int first, end;
    Inputs x;
    int tokens;
    float* out;              // of row 0, token 0
    const float* residual;   // or null
    long stride;             // of out and residual, in numbers
};

inline float half_to_float(std::uint16_t h) {
    const std::uint32_t sign = static_cast<std::uint32_t>(h & 0x8000) << 16;
    std::uint32_t bits = h & 0x7FFF;
    union { std::uint32_t u; float f; } y;
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
