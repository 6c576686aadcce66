// From rows of float32 to the inputs of products (Inputs, panels.h): one token's row into its place in a tile of n.
// Included inside each ISA's own namespace.

// out[k · n] = x[k]
void spread_row(const float* x, int cols, int n, float* out) {
    for (long k = 0; k < cols; ++k) out[k * n] = x[k];
}

inline std::uint32_t to_bf16(float f) {  // nearest, ties to even; NaN stays NaN
    std::uint32_t u;
    __builtin_memcpy(&u, &f, 4);
    const std::uint32_t nearest = (u + 0x7FFF + ((u >> 16) & 1)) >> 16;
    return (u & 0x7FFFFFFF) > 0x7F800000 ? (u >> 16) | 0x40 : nearest;
}

// Pairs of bf16; an odd last number is paired with zero.
void bf16_row(const float* x, int cols, int n, std::uint32_t* out) {
    for (long k = 0; k < cols / 2; ++k) out[k * n] = to_bf16(x[2 * k]) | (to_bf16(x[2 * k + 1]) << 16);
    if (cols % 2) out[static_cast<long>(cols / 2) * n] = to_bf16(x[cols - 1]);
}

// A float with the 11 significant bits of a float16, but the range of a float32.
inline float eleven_bits(float x) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, &x, 4);
    if ((bits & 0x7F800000) == 0x7F800000) return x;
    bits = (bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFFu;
    __builtin_memcpy(&x, &bits, 4);
    return x;
}

inline std::int32_t bits_of(float x) {
    std::int32_t bits;
    __builtin_memcpy(&bits, &x, 4);
    return bits;
}

// -bias · sum, wrapping: the sum is anything where the input was not finite.
inline std::int32_t start_of(int bias, std::int32_t sum) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(-bias) * static_cast<std::uint32_t>(sum));
}

// Signed bytes in groups of 32: scale = largest magnitude / 127, numbers rounded to even. Scales and scaled sums keep
// as many bits as the float16 ones that llama.cpp makes of the same row, so that greedy answers of the two part only at
// true ties; their range is that of float32, which this model family needs (model.md 3). A group with a NaN or an
// infinity gets a NaN scale: the token's outputs become NaN, and no other token's.
void quantise_row(const float* x, int cols, InputFormat format, const QuantisedPlace& to) {
    const long n = to.tile;
    for (long g = 0; g < cols / kGroup; ++g) {
        const F a = f_load(x + g * kGroup), b = f_load(x + g * kGroup + 16);
        const float most = f_most(f_larger(f_abs(a), f_abs(b)));
        const float poison = f_sum(f_add(f_sub(a, a), f_sub(b, b)));  // 0, or NaN if any number is not finite
        const F inverse = f_all(most > 0 ? 127.0f / most : 0.0f);
        const I one = i_round(f_mul(a, inverse)), two = i_round(f_mul(b, inverse));
        std::int8_t* numbers = to.numbers + g * n * kGroup;
        i_store_bytes(numbers, one);
        i_store_bytes(numbers + 16, two);
        const std::int32_t first = i_sum(one), second = i_sum(two);
        const auto sum =
            static_cast<std::int32_t>(static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(second));
        const float scale = most / 127.0f + poison;
        to.scales[g * n] = eleven_bits(scale);
        switch (format.kind) {
            case InputFormat::start:
                to.extra[g * n] = start_of(format.bias, sum);
                break;
            case InputFormat::scaled:
                to.extra[g * n] = bits_of(eleven_bits(scale * static_cast<float>(sum)));
                break;
            default:
                to.extra[2 * g * n] = start_of(format.bias, first);
                to.extra[(2 * g + 1) * n] = start_of(format.bias, second);
        }
    }
}
