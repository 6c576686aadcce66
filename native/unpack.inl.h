// Panels → float32, exactly. Included inside each ISA's own namespace, after matmul.inl.h.

// f_from_code: byte i of each word, that is, column 4 j + i of each row, for vector j of codes.
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

// value = scale · code + offset for half a group. Products are exact, so the sum rounds as the format's definition
// does.
struct CodeLine {
    F scale, offset;
    F value(F code) const { return f_fma(scale, code, offset); }
};
struct FactorLine {
    CodeLine line;
    F factor;
    F value(F code) const { return f_mul(factor, line.value(code)); }
};
inline CodeLine biased(F scale, int bias) { return {scale, f_mul(scale, f_all(static_cast<float>(-bias)))}; }
inline CodeLine line_of(const BiasedScales& s, int) { return biased(s.scale, s.bias); }
inline CodeLine line_of(const OffsetScales& s, int) { return {s.scale, s.offset}; }
inline CodeLine line_of(const FineKScales& s, int half) { return {s.scales[half], s.offsets[half]}; }
inline CodeLine line_of(const HalvedScales& s, int half) { return biased(s.scales[half], s.bias); }
inline FactorLine line_of(const MicroScales& s, int half) { return {biased(s.scales[half], s.bias), s.factor}; }

template <class Code, class Scale>
void unpack_groups(const Panels& w, int panel, float* out, long step) {
    const Code code(w.format);
    const std::uint8_t* codes = w.panel(panel);
    const std::uint8_t* scales = codes + w.format.code_bytes(w.cols);
    for (long g = 0; g < w.cols / kGroup; ++g) {
        const Scale scale(w.format, scales, g, codes + g * code.bytes());
        B q[8];
        load_codes<0, 8>(group_of(code, codes + g * code.bytes()), q);
        for (int j = 0; j < 8; ++j) {
            const auto line = line_of(scale, j / 4);
            for (int i = 0; i < 4; ++i, out += step) f_store(out, line.value(f_from_code(q[j], i)));
        }
    }
}

void unpack_floats(const Panels& w, int panel, float* out, long step) {
    const float* numbers = reinterpret_cast<const float*>(w.panel(panel));
    for (int c = 0; c < w.cols; ++c) f_store(out + c * step, f_load(numbers + c * kRows));
}

template <class Weights>
void unpack_pairs(const Panels& w, int panel, float* out, long step) {
    const std::uint8_t* pairs = w.panel(panel);
    const auto* scales = reinterpret_cast<const float*>(pairs + w.format.code_bytes(w.cols));
    for (int c = 0; c < w.cols; c += 2, pairs += Weights::kBytes) {
        const Pairs pair = Weights::load(pairs);
        F even = p_even(pair), odd = p_odd(pair);
        if constexpr (Weights::kScaled) {
            const F scale = f_load(scales + c / w.format.block * kRows);
            even = f_mul(even, scale);
            odd = f_mul(odd, scale);
        }
        f_store(out + c * step, even);
        if (c + 1 < w.cols) f_store(out + (c + 1) * step, odd);
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
    if (w.format.codes == Codes::bf16) return unpack_pairs<Bf16Weights>(w, panel, out, step);
    if (w.format.codes == Codes::e4m3) return unpack_pairs<E4m3Weights>(w, panel, out, step);
    with_quantised(w.format, Unpacking{w, panel, out, step});
}
