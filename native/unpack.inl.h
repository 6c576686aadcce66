// Panels → float32, exactly. Included inside each ISA's own namespace, after matmul.inl.h.

// f_from_code: byte i of each word, that is, column 4 j + i of each row, for vector j of codes.
// f_lower, f_upper: the two bf16 numbers of each word.
#if defined(__AVX512F__) && defined(__AVX512BW__)
inline F f_from_code(B x, int i) {
    const __m512i word = _mm512_srl_epi32(x, _mm_cvtsi32_si128(8 * i));
    return _mm512_cvtepi32_ps(_mm512_and_si512(word, _mm512_set1_epi32(255)));
}
inline F f_lower(B x) { return _mm512_castsi512_ps(_mm512_slli_epi32(x, 16)); }
inline F f_upper(B x) { return _mm512_castsi512_ps(_mm512_and_si512(x, _mm512_set1_epi32(~0xFFFF))); }
#elif defined(__AVX2__)
inline __m256 half_from_code(__m256i x, int i) {
    const __m256i word = _mm256_srl_epi32(x, _mm_cvtsi32_si128(8 * i));
    return _mm256_cvtepi32_ps(_mm256_and_si256(word, _mm256_set1_epi32(255)));
}
inline F f_from_code(B x, int i) { return {half_from_code(x.a, i), half_from_code(x.b, i)}; }
inline __m256 half_lower(__m256i x) { return _mm256_castsi256_ps(_mm256_slli_epi32(x, 16)); }
inline __m256 half_upper(__m256i x) { return _mm256_castsi256_ps(_mm256_and_si256(x, _mm256_set1_epi32(~0xFFFF))); }
inline F f_lower(B x) { return {half_lower(x.a), half_lower(x.b)}; }
inline F f_upper(B x) { return {half_upper(x.a), half_upper(x.b)}; }
#else
inline F f_from_code(B x, int i) {
    return f_make([&](int r) { return static_cast<float>(x.at[4 * r + i]); });
}
inline float float_of_bytes(std::uint32_t low, std::uint32_t high) {
    const std::uint32_t bits = low << 16 | high << 24;
    float y;
    __builtin_memcpy(&y, &bits, 4);
    return y;
}
inline F f_lower(B x) {
    return f_make([&](int r) { return float_of_bytes(x.at[4 * r], x.at[4 * r + 1]); });
}
inline F f_upper(B x) {
    return f_make([&](int r) { return float_of_bytes(x.at[4 * r + 2], x.at[4 * r + 3]); });
}
#endif

// value = scale · code + offset for half a group. Products are exact, so the sum rounds as the format's definition
// does.
struct CodeLine {
    F scale, offset;
};
inline CodeLine biased(F scale, int bias) { return {scale, f_mul(scale, f_all(static_cast<float>(-bias)))}; }
inline CodeLine line_of(const BiasedScales& s, int) { return biased(s.scale, s.bias); }
inline CodeLine line_of(const OffsetScales& s, int) { return {s.scale, s.offset}; }
inline CodeLine line_of(const SignedKScales& s, int half) { return biased(s.scales[half], s.bias); }

template <class Code, class Scale>
void unpack_groups(const Panels& w, int panel, float* out, long step) {
    const Code code(w.format);
    const std::uint8_t* codes = w.panel(panel);
    const std::uint8_t* scales = codes + w.format.code_bytes(w.cols);
    for (long g = 0; g < w.cols / kGroup; ++g) {
        const Scale scale(w.format, scales, g);
        B q[8];
        load_codes<0, 8>(code, codes + g * Code::kBytes, q);
        for (int j = 0; j < 8; ++j) {
            const CodeLine line = line_of(scale, j / 4);
            for (int i = 0; i < 4; ++i, out += step) f_store(out, f_fma(line.scale, f_from_code(q[j], i), line.offset));
        }
    }
}

void unpack_floats(const Panels& w, int panel, float* out, long step) {
    const float* numbers = reinterpret_cast<const float*>(w.panel(panel));
    for (int c = 0; c < w.cols; ++c) f_store(out + c * step, f_load(numbers + c * kRows));
}

void unpack_bf16(const Panels& w, int panel, float* out, long step) {
    const std::uint8_t* pairs = w.panel(panel);
    for (int c = 0; c < w.cols; c += 2, pairs += 4 * kRows) {
        const B pair = b_load(pairs);
        f_store(out + c * step, f_lower(pair));
        if (c + 1 < w.cols) f_store(out + (c + 1) * step, f_upper(pair));
    }
}

struct Unpacking {
    const Panels& w;
    int panel;
    float* out;
    long step;
    template <class Code, class Scale>
    void run() const {
        unpack_groups<Code, Scale>(w, panel, out, step);
    }
};

// out[c * step + r] = number c of row r of a panel, for all of its 16 rows.
void unpack_panel(const Panels& w, int panel, float* out, long step) {
    if (w.format.codes == Codes::f32) return unpack_floats(w, panel, out, step);
    if (w.format.codes == Codes::bf16) return unpack_bf16(w, panel, out, step);
    with_quantised(w.format, Unpacking{w, panel, out, step});
}
