// Panels → float32, exactly. Included inside each ISA's own namespace, after matmul.inl.h.

// Byte i of each word: column 4 j + i of each row, for vector j of codes.
#if defined(__AVX512F__) && defined(__AVX512BW__)
inline F f_from_code(B x, int i) {
    const __m512i word = _mm512_srl_epi32(x, _mm_cvtsi32_si128(8 * i));
    return _mm512_cvtepi32_ps(_mm512_and_si512(word, _mm512_set1_epi32(255)));
}
#elif defined(__AVX2__)
inline __m256 half_from_code(__m256i x, int i) {
    const __m256i word = _mm256_srl_epi32(x, _mm_cvtsi32_si128(8 * i));
    return _mm256_cvtepi32_ps(_mm256_and_si256(word, _mm256_set1_epi32(255)));
}
inline F f_from_code(B x, int i) { return {half_from_code(x.a, i), half_from_code(x.b, i)}; }
#else
inline F f_from_code(B x, int i) {
    return f_make([&](int r) { return static_cast<float>(x.at[4 * r + i]); });
}
#endif

// value = scale · code + offset for half a group. Products are exact, so the sum rounds as the format's definition does.
struct CodeLine {
    F scale, offset;
};
inline CodeLine biased(F scale, int bias) { return {scale, f_mul(scale, f_all(static_cast<float>(-bias)))}; }
inline CodeLine line_of(const HalfScales& s, int) { return biased(s.scale, s.bias); }
inline CodeLine line_of(const AffineScales& s, int) { return {s.scale, s.offset}; }
inline CodeLine line_of(const AffineKScales& s, int) { return {s.scale, s.offset}; }
inline CodeLine line_of(const SignedKScales& s, int half) { return biased(half ? s.second : s.first, s.bias); }

template <class Code, class Scale>
void unpack_groups(const Panels& w, int panel, float* out, long step) {
    const Code code(w.format);
    const std::uint8_t* codes = w.panel(panel);
    const std::uint8_t* scales = codes + w.format.code_bytes(w.cols);
    for (long g = 0; g < w.cols / kGroup; ++g) {
        const Scale scale(w.format, scales, g);
        B q[8];
        code.load(codes + g * Code::kBytes, q);
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
    const std::uint8_t* numbers = w.panel(panel);
    for (int c = 0; c < w.cols; ++c)
        for (int r = 0; r < kRows; ++r) {
            std::uint16_t half;
            __builtin_memcpy(&half, numbers + (c / 2 * kRows + r) * 4 + c % 2 * 2, 2);
            const std::uint32_t bits = static_cast<std::uint32_t>(half) << 16;
            __builtin_memcpy(out + c * step + r, &bits, 4);
        }
}

// out[c * step + r] = number c of row r of a panel, for all of its 16 rows.
void unpack_panel(const Panels& w, int panel, float* out, long step) {
    switch (w.format.scales) {
        case Scales::none:
            return w.format.codes == Codes::f32 ? unpack_floats(w, panel, out, step) : unpack_bf16(w, panel, out, step);
        case Scales::half:
            if (w.format.codes == Codes::nibble) return unpack_groups<NibbleCodes, HalfScales>(w, panel, out, step);
            if (w.format.codes == Codes::table) return unpack_groups<TableCodes, HalfScales>(w, panel, out, step);
            return unpack_groups<ByteCodes<false>, HalfScales>(w, panel, out, step);
        case Scales::affine:
            return unpack_groups<NibbleCodes, AffineScales>(w, panel, out, step);
        case Scales::affine_k:
            if (w.format.codes == Codes::nibble) return unpack_groups<NibbleCodes, AffineKScales>(w, panel, out, step);
            return unpack_groups<ByteCodes<true>, AffineKScales>(w, panel, out, step);
        case Scales::signed_k:
            return unpack_groups<ByteCodes<true>, SignedKScales>(w, panel, out, step);
    }
}
