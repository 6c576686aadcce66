// Sixteen lanes: one panel's rows. Floats (F), whole numbers (I), and 64 bytes of codes (B: four per lane).
//
// The kernels of matmul.inl.h are written once over these names; each instruction set says here what they are.
//   b_with<shift, mask>(low, high): low | (high << shift & mask), byte by byte; a negative shift goes right.
//   f_from_nibbles<shift>(p): 4 bits of each of 16 bytes, from bit `shift` on.
//   f_from_micro(p): 16 float16 numbers whose bits are those of a byte each, shifted left by 7.
//   p_from_e4m3(p): 16 pairs of bf16 from 16 pairs of bytes.
//   dot_vectors<bits, n>(s, q, x): s[r] += Σ_i q[r][i] · x[i] over the 4 n codes of n vectors, all below 2^bits, and as
//                  many numbers from -127 to 127; exact. AVX-512 VNNI has dot_vector instead, for one vector.

// Sums of a tile stay in registers only if every loop over its tokens is unrolled.
#define QUATRE_UNROLL _Pragma("GCC unroll 16")

inline std::int32_t four_of(const std::int8_t* x) {
    std::int32_t four;
    __builtin_memcpy(&four, x, 4);
    return four;
}

// How many sums of two products, code · number, fit a 16-bit number together.
template <int bits>
constexpr int kPairRun = 32767 / (2 * 127 * ((1 << bits) - 1));

// The two bf16 numbers of a word as float32.
inline float lower_half(std::uint32_t pair) {
    const std::uint32_t bits = pair << 16;
    float f;
    __builtin_memcpy(&f, &bits, 4);
    return f;
}
inline float upper_half(std::uint32_t pair) {
    const std::uint32_t bits = pair & 0xFFFF0000u;
    float f;
    __builtin_memcpy(&f, &bits, 4);
    return f;
}

// e4m3 → bf16. Normal numbers keep their fields, with another bias of the exponent. The others, by the lowest 5 bits of
// their code: the multiples of 2^-9, and NaN.
constexpr std::uint16_t kE4m3Exponent = (127 - 7) << 7;
constexpr std::uint16_t kE4m3Odd[32] = {0, 0x3B00, 0x3B80, 0x3BC0, 0x3C00, 0x3C20, 0x3C40, 0x3C60, 0, 0,     0,
                                        0, 0,      0,      0,      0,      0,      0,      0,      0, 0,     0,
                                        0, 0,      0,      0,      0,      0,      0,      0,      0, 0x7FC0};
constexpr std::uint8_t kE4m3Bytes[16] = {0, 0,    0x80, 0xC0, 0,    0x20, 0x40, 0x60,
                                         0, 0x3B, 0x3B, 0x3B, 0x3C, 0x3C, 0x3C, 0x3C};

#if defined(__AVX512F__) && defined(__AVX512BW__)

using F = __m512;
using I = __m512i;
using B = __m512i;

inline F f_zero() { return _mm512_setzero_ps(); }
inline F f_all(float x) { return _mm512_set1_ps(x); }
inline F f_load(const float* p) { return _mm512_loadu_ps(p); }
inline void f_store(float* p, F x) { _mm512_storeu_ps(p, x); }
inline F f_add(F a, F b) { return _mm512_add_ps(a, b); }
inline F f_mul(F a, F b) { return _mm512_mul_ps(a, b); }
inline F f_fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
inline F f_from(I x) { return _mm512_cvtepi32_ps(x); }
inline F f_from_half(const std::uint16_t* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
inline F f_from_u8(const std::uint8_t* p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}
template <int shift>
inline F f_from_nibbles(const std::uint8_t* p) {
    const __m512i words = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return _mm512_cvtepi32_ps(_mm512_and_si512(_mm512_srli_epi32(words, shift), _mm512_set1_epi32(15)));
}
inline F f_from_s8(const std::uint8_t* p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}
inline F f_from_micro(const std::uint8_t* p) {
    const __m256i bytes = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return _mm512_cvtph_ps(_mm256_slli_epi16(bytes, 7));
}
inline I i_all(std::int32_t x) { return _mm512_set1_epi32(x); }
inline B b_load(const std::uint8_t* p) { return _mm512_loadu_si512(p); }
inline B b_low(B x) { return _mm512_and_si512(x, _mm512_set1_epi8(15)); }
inline B b_high(B x) { return _mm512_and_si512(_mm512_srli_epi16(x, 4), _mm512_set1_epi8(15)); }
inline B b_table(const std::uint8_t* table) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
}
inline B b_look_up(B table, B codes) { return _mm512_shuffle_epi8(table, codes); }

template <int shift, int mask>
inline B b_with(B low, B high) {
    const __m512i moved =
        shift >= 0 ? _mm512_slli_epi16(high, shift >= 0 ? shift : 0) : _mm512_srli_epi16(high, shift < 0 ? -shift : 0);
    return _mm512_ternarylogic_epi32(low, moved, _mm512_set1_epi8(mask), 0xF8);  // low | (moved & mask)
}
#if defined(__AVX512VNNI__)
inline I dot_vector(I s, B q, const std::int8_t* x) { return _mm512_dpbusd_epi32(s, q, _mm512_set1_epi32(four_of(x))); }
#else
inline __m512i dot_bytes(__m512i s, __m512i w, std::int32_t x) {
    const __m512i v = _mm512_set1_epi32(x);
    const __m512i even =
        _mm512_madd_epi16(_mm512_and_si512(w, _mm512_set1_epi16(255)), _mm512_srai_epi16(_mm512_slli_epi16(v, 8), 8));
    const __m512i odd = _mm512_madd_epi16(_mm512_srli_epi16(w, 8), _mm512_srai_epi16(v, 8));
    return _mm512_add_epi32(s, _mm512_add_epi32(even, odd));
}
template <int bits, int n>
inline I dot_vectors(I s, const B* q, const std::int8_t* x) {
    if constexpr (bits == 8) {
        for (int j = 0; j < n; ++j) s = dot_bytes(s, q[j], four_of(x + 4 * j));
    } else {
        constexpr int run = kPairRun<bits> < n ? kPairRun<bits> : n;
        for (int j = 0; j < n; j += run) {
            __m512i pairs = _mm512_maddubs_epi16(q[j], _mm512_set1_epi32(four_of(x + 4 * j)));
            for (int i = j + 1; i < j + run; ++i)
                pairs = _mm512_add_epi16(pairs, _mm512_maddubs_epi16(q[i], _mm512_set1_epi32(four_of(x + 4 * i))));
            s = _mm512_add_epi32(s, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
        }
    }
    return s;
}
#endif
inline F f_sub(F a, F b) { return _mm512_sub_ps(a, b); }
inline F f_div(F a, F b) { return _mm512_div_ps(a, b); }
inline F f_abs(F a) { return _mm512_abs_ps(a); }
inline F f_larger(F a, F b) { return _mm512_max_ps(a, b); }
inline F f_smaller(F a, F b) { return _mm512_min_ps(a, b); }
inline F f_add_exponent(F a, F shifted) {
    return _mm512_castsi512_ps(
        _mm512_add_epi32(_mm512_castps_si512(a), _mm512_slli_epi32(_mm512_castps_si512(shifted), 23)));
}
inline I i_round(F x) { return _mm512_cvtps_epi32(x); }
inline void i_store(std::int32_t* p, I x) { _mm512_storeu_si512(p, x); }
inline void i_store_bytes(std::int8_t* p, I x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtsepi32_epi8(x));
}
inline std::int32_t i_sum(I x) {  // wraps, unlike GCC's _mm512_reduce_add_epi32
    const __m256i eight = _mm256_add_epi32(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1)));
}
using Pairs = __m512i;
inline Pairs p_load(const std::uint32_t* p) { return _mm512_loadu_si512(p); }
inline Pairs p_from_e4m3(const std::uint8_t* p) {
    const __m512i bytes = _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    const __m512i size = _mm512_and_si512(bytes, _mm512_set1_epi16(0x7F));
    const __m512i normal = _mm512_add_epi16(_mm512_slli_epi16(size, 4), _mm512_set1_epi16(kE4m3Exponent));
    const __mmask32 odd = _mm512_cmpgt_epu16_mask(_mm512_sub_epi16(size, _mm512_set1_epi16(8)),
                                                  _mm512_set1_epi16(0x7E - 8));  // subnormal or NaN
    const __m512i finite = _mm512_mask_permutexvar_epi16(normal, odd, size, _mm512_loadu_si512(kE4m3Odd));
    const __m512i sign = _mm512_slli_epi16(bytes, 8);
    return _mm512_ternarylogic_epi32(finite, sign, _mm512_set1_epi16(-0x8000), 0xF8);  // finite | (sign & mask)
}
inline F p_even(Pairs w) { return _mm512_castsi512_ps(_mm512_slli_epi32(w, 16)); }
inline F p_odd(Pairs w) {
    return _mm512_castsi512_ps(_mm512_and_si512(w, _mm512_set1_epi32(static_cast<int>(0xFFFF0000u))));
}
#if defined(__AVX512BF16__)
inline F dot2(F s, Pairs w, std::uint32_t x) {
    return _mm512_dpbf16_ps(s, reinterpret_cast<__m512bh>(w),
                            reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(x))));
}
#else
inline F dot2(F s, Pairs w, std::uint32_t x) {
    return f_fma(p_odd(w), f_all(upper_half(x)), f_fma(p_even(w), f_all(lower_half(x)), s));
}
#endif
constexpr int kTile = 12;  // tokens: 12 sums, 8 code vectors, scales and products in 32 registers

#elif defined(__AVX2__)

struct F {
    __m256 a, b;
};
struct I {
    __m256i a, b;
};
struct B {
    __m256i a, b;
};

inline F f_zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
inline F f_all(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
inline F f_load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
inline void f_store(float* p, F x) { _mm256_storeu_ps(p, x.a), _mm256_storeu_ps(p + 8, x.b); }
inline F f_add(F x, F y) { return {_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)}; }
inline F f_mul(F x, F y) { return {_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)}; }
inline F f_fma(F x, F y, F z) { return {_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)}; }
inline F f_from(I x) { return {_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b)}; }
inline F f_from_half(const std::uint16_t* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))),
            _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 8)))};
}
inline F f_from_u8(const std::uint8_t* p) {
    return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))),
            _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + 8))))};
}
template <int shift>
inline __m256 half_from_nibbles(const std::uint8_t* p) {
    const __m256i words = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
    return _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srli_epi32(words, shift), _mm256_set1_epi32(15)));
}
template <int shift>
inline F f_from_nibbles(const std::uint8_t* p) {
    return {half_from_nibbles<shift>(p), half_from_nibbles<shift>(p + 8)};
}
inline F f_from_s8(const std::uint8_t* p) {
    return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))),
            _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + 8))))};
}
inline __m256 half_from_micro(const std::uint8_t* p) {
    const __m128i bytes = _mm_cvtepu8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
    return _mm256_cvtph_ps(_mm_slli_epi16(bytes, 7));
}
inline F f_from_micro(const std::uint8_t* p) { return {half_from_micro(p), half_from_micro(p + 8)}; }
inline I i_all(std::int32_t x) { return {_mm256_set1_epi32(x), _mm256_set1_epi32(x)}; }
inline B b_load(const std::uint8_t* p) {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)),
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32))};
}
inline __m256i low_nibbles(__m256i x) { return _mm256_and_si256(x, _mm256_set1_epi8(15)); }
inline B b_low(B x) { return {low_nibbles(x.a), low_nibbles(x.b)}; }
inline B b_high(B x) { return {low_nibbles(_mm256_srli_epi16(x.a, 4)), low_nibbles(_mm256_srli_epi16(x.b, 4))}; }
inline B b_table(const std::uint8_t* table) {
    const __m256i t = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
    return {t, t};
}
inline B b_look_up(B table, B codes) {
    return {_mm256_shuffle_epi8(table.a, codes.a), _mm256_shuffle_epi8(table.b, codes.b)};
}
template <int shift, int mask>
inline __m256i with_half(__m256i low, __m256i high) {
    const __m256i moved =
        shift >= 0 ? _mm256_slli_epi16(high, shift >= 0 ? shift : 0) : _mm256_srli_epi16(high, shift < 0 ? -shift : 0);
    return _mm256_or_si256(low, _mm256_and_si256(moved, _mm256_set1_epi8(mask)));
}
template <int shift, int mask>
inline B b_with(B low, B high) {
    return {with_half<shift, mask>(low.a, high.a), with_half<shift, mask>(low.b, high.b)};
}
inline __m256i dot_bytes(__m256i s, __m256i w, __m256i x_even, __m256i x_odd) {
    const __m256i even = _mm256_madd_epi16(_mm256_and_si256(w, _mm256_set1_epi16(255)), x_even);
    const __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(w, 8), x_odd);
    return _mm256_add_epi32(s, _mm256_add_epi32(even, odd));
}
inline __m256i sum_pairs(__m256i s, __m256i pairs) {
    return _mm256_add_epi32(s, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
template <int bits, int n>
inline I dot_vectors(I s, const B* q, const std::int8_t* x) {
    if constexpr (bits == 8) {
        for (int j = 0; j < n; ++j) {
            const __m256i v = _mm256_set1_epi32(four_of(x + 4 * j));
            const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(v, 8), 8), odd = _mm256_srai_epi16(v, 8);
            s = {dot_bytes(s.a, q[j].a, even, odd), dot_bytes(s.b, q[j].b, even, odd)};
        }
    } else {
        constexpr int run = kPairRun<bits> < n ? kPairRun<bits> : n;
        for (int j = 0; j < n; j += run) {
            __m256i v = _mm256_set1_epi32(four_of(x + 4 * j));
            __m256i a = _mm256_maddubs_epi16(q[j].a, v), b = _mm256_maddubs_epi16(q[j].b, v);
            for (int i = j + 1; i < j + run; ++i) {
                v = _mm256_set1_epi32(four_of(x + 4 * i));
                a = _mm256_add_epi16(a, _mm256_maddubs_epi16(q[i].a, v));
                b = _mm256_add_epi16(b, _mm256_maddubs_epi16(q[i].b, v));
            }
            s = {sum_pairs(s.a, a), sum_pairs(s.b, b)};
        }
    }
    return s;
}
inline F f_sub(F x, F y) { return {_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)}; }
inline F f_div(F x, F y) { return {_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)}; }
inline __m256 without_sign(__m256 x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }
inline F f_abs(F x) { return {without_sign(x.a), without_sign(x.b)}; }
inline F f_larger(F x, F y) { return {_mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b)}; }
inline F f_smaller(F x, F y) { return {_mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b)}; }
inline __m256 add_exponent(__m256 x, __m256 shifted) {
    return _mm256_castsi256_ps(
        _mm256_add_epi32(_mm256_castps_si256(x), _mm256_slli_epi32(_mm256_castps_si256(shifted), 23)));
}
inline F f_add_exponent(F x, F shifted) { return {add_exponent(x.a, shifted.a), add_exponent(x.b, shifted.b)}; }
inline I i_round(F x) { return {_mm256_cvtps_epi32(x.a), _mm256_cvtps_epi32(x.b)}; }
inline void i_store(std::int32_t* p, I x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), x.a);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 8), x.b);
}
inline void i_store_bytes(std::int8_t* p, I x) {
    std::int32_t wide[16];
    i_store(wide, x);
    for (int r = 0; r < 16; ++r) p[r] = static_cast<std::int8_t>(wide[r]);
}
inline std::int32_t i_sum(I x) {
    std::int32_t wide[16];
    i_store(wide, x);
    std::uint32_t sum = 0;
    for (int r = 0; r < 16; ++r) sum += static_cast<std::uint32_t>(wide[r]);
    return static_cast<std::int32_t>(sum);
}
using Pairs = B;
inline Pairs p_load(const std::uint32_t* p) { return b_load(reinterpret_cast<const std::uint8_t*>(p)); }
inline __m256i words_from_e4m3(const std::uint8_t* p) {
    const __m256i bytes = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    const __m256i size = _mm256_and_si256(bytes, _mm256_set1_epi16(0x7F));
    const __m256i normal = _mm256_add_epi16(_mm256_slli_epi16(size, 4), _mm256_set1_epi16(kE4m3Exponent));
    // Subnormal numbers by table: bytes 0 … 7 hold the lower halves of words 0 … 7, and bytes 8 … 15 the upper.
    const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kE4m3Bytes)));
    const __m256i both = _mm256_or_si256(size, _mm256_slli_epi16(_mm256_or_si256(size, _mm256_set1_epi16(8)), 8));
    const __m256i small = _mm256_cmpgt_epi16(_mm256_set1_epi16(8), size);
    const __m256i number = _mm256_blendv_epi8(normal, _mm256_shuffle_epi8(table, both), small);
    const __m256i nan = _mm256_and_si256(_mm256_cmpeq_epi16(size, _mm256_set1_epi16(0x7F)), _mm256_set1_epi16(0x7FC0));
    const __m256i sign = _mm256_and_si256(_mm256_slli_epi16(bytes, 8), _mm256_set1_epi16(-0x8000));
    return _mm256_or_si256(_mm256_or_si256(number, nan), sign);
}
inline Pairs p_from_e4m3(const std::uint8_t* p) { return {words_from_e4m3(p), words_from_e4m3(p + 16)}; }
inline __m256 even_bf16(__m256i w) { return _mm256_castsi256_ps(_mm256_slli_epi32(w, 16)); }
inline __m256 odd_bf16(__m256i w) {
    return _mm256_castsi256_ps(_mm256_and_si256(w, _mm256_set1_epi32(static_cast<int>(0xFFFF0000u))));
}
inline F p_even(Pairs w) { return {even_bf16(w.a), even_bf16(w.b)}; }
inline F p_odd(Pairs w) { return {odd_bf16(w.a), odd_bf16(w.b)}; }
inline F dot2(F s, Pairs w, std::uint32_t x) {
    return f_fma(p_odd(w), f_all(upper_half(x)), f_fma(p_even(w), f_all(lower_half(x)), s));
}
constexpr int kTile = 4;

#else  // portable: plain loops that compilers turn into whatever vectors there are

struct F {
    float at[16];
};
struct I {
    std::int32_t at[16];
};
struct B {
    std::uint8_t at[64];
};

template <class Make>
inline F f_make(Make make) {
    F y;
    for (int r = 0; r < 16; ++r) y.at[r] = make(r);
    return y;
}
inline F f_zero() {
    return f_make([](int) { return 0.0f; });
}
inline F f_all(float x) {
    return f_make([=](int) { return x; });
}
inline F f_load(const float* p) {
    return f_make([=](int r) { return p[r]; });
}
inline void f_store(float* p, F x) {
    for (int r = 0; r < 16; ++r) p[r] = x.at[r];
}
inline F f_add(F a, F b) {
    return f_make([&](int r) { return a.at[r] + b.at[r]; });
}
inline F f_mul(F a, F b) {
    return f_make([&](int r) { return a.at[r] * b.at[r]; });
}
inline F f_fma(F a, F b, F c) {
    return f_make([&](int r) { return a.at[r] * b.at[r] + c.at[r]; });
}
inline F f_from(I x) {
    return f_make([&](int r) { return static_cast<float>(x.at[r]); });
}
inline F f_from_half(const std::uint16_t* p) {
    return f_make([=](int r) { return half_to_float(p[r]); });
}
inline F f_from_u8(const std::uint8_t* p) {
    return f_make([=](int r) { return static_cast<float>(p[r]); });
}
template <int shift>
inline F f_from_nibbles(const std::uint8_t* p) {
    return f_make([=](int r) { return static_cast<float>(p[r] >> shift & 15); });
}
inline F f_from_s8(const std::uint8_t* p) {
    return f_make([=](int r) { return static_cast<float>(static_cast<std::int8_t>(p[r])); });
}
inline F f_from_micro(const std::uint8_t* p) {
    return f_make([=](int r) { return half_to_float(static_cast<std::uint16_t>(p[r] << 7)); });
}
inline I i_all(std::int32_t x) {
    I y;
    for (int r = 0; r < 16; ++r) y.at[r] = x;
    return y;
}
template <class Make>
inline B b_make(Make make) {
    B y;
    for (int i = 0; i < 64; ++i) y.at[i] = static_cast<std::uint8_t>(make(i));
    return y;
}
inline B b_load(const std::uint8_t* p) {
    return b_make([=](int i) { return p[i]; });
}
inline B b_low(B x) {
    return b_make([&](int i) { return x.at[i] & 15; });
}
inline B b_high(B x) {
    return b_make([&](int i) { return x.at[i] >> 4; });
}
inline B b_table(const std::uint8_t* table) {
    return b_make([=](int i) { return table[i % 16]; });
}
inline B b_look_up(B table, B codes) {
    return b_make([&](int i) { return table.at[codes.at[i]]; });
}
template <int shift, int mask>
inline B b_with(B low, B high) {
    return b_make([&](int i) {
        const int moved = shift >= 0 ? high.at[i] << (shift >= 0 ? shift : 0) : high.at[i] >> (shift < 0 ? -shift : 0);
        return low.at[i] | (moved & mask);
    });
}
template <int bits, int n>
inline I dot_vectors(I s, const B* q, const std::int8_t* x) {  // wraps: it starts anywhere if inputs are not finite
    for (int j = 0; j < n; ++j)
        for (int i = 0; i < 4; ++i)
            for (int r = 0; r < 16; ++r) {
                const std::int32_t added = q[j].at[4 * r + i] * x[4 * j + i];
                s.at[r] =
                    static_cast<std::int32_t>(static_cast<std::uint32_t>(s.at[r]) + static_cast<std::uint32_t>(added));
            }
    return s;
}
inline F f_sub(F a, F b) {
    return f_make([&](int r) { return a.at[r] - b.at[r]; });
}
inline F f_div(F a, F b) {
    return f_make([&](int r) { return a.at[r] / b.at[r]; });
}
inline F f_abs(F a) {
    return f_make([&](int r) { return __builtin_fabsf(a.at[r]); });
}
inline F f_larger(F a, F b) {
    return f_make([&](int r) { return a.at[r] > b.at[r] ? a.at[r] : b.at[r]; });
}
inline F f_smaller(F a, F b) {
    return f_make([&](int r) { return a.at[r] < b.at[r] ? a.at[r] : b.at[r]; });
}
inline F f_add_exponent(F a, F shifted) {
    return f_make([&](int r) {
        std::uint32_t bits, more;
        __builtin_memcpy(&bits, &a.at[r], 4);
        __builtin_memcpy(&more, &shifted.at[r], 4);
        bits += more << 23;
        float y;
        __builtin_memcpy(&y, &bits, 4);
        return y;
    });
}
inline I i_round(F x) {
    I y;
    for (int r = 0; r < 16; ++r) {
        const bool fits = x.at[r] > -2.0e9f && x.at[r] < 2.0e9f;  // NaN does not
        y.at[r] = fits ? static_cast<std::int32_t>(__builtin_rintf(x.at[r])) : -2147483647 - 1;
    }
    return y;
}
inline void i_store_bytes(std::int8_t* p, I x) {
    for (int r = 0; r < 16; ++r) p[r] = static_cast<std::int8_t>(x.at[r]);
}
inline std::int32_t i_sum(I x) {
    std::uint32_t sum = 0;
    for (int r = 0; r < 16; ++r) sum += static_cast<std::uint32_t>(x.at[r]);
    return static_cast<std::int32_t>(sum);
}
using Pairs = I;
inline Pairs p_load(const std::uint32_t* p) {
    I y;
    __builtin_memcpy(&y, p, 64);
    return y;
}
inline std::uint32_t word_from_e4m3(std::uint32_t byte) {
    const std::uint32_t size = byte & 0x7F, sign = (byte & 0x80) << 8;
    return sign | (size < 8 || size == 0x7F ? kE4m3Odd[size % 32] : (size << 4) + kE4m3Exponent);
}
inline Pairs p_from_e4m3(const std::uint8_t* p) {
    Pairs y;
    for (int r = 0; r < 16; ++r)
        y.at[r] = static_cast<std::int32_t>(word_from_e4m3(p[2 * r]) | word_from_e4m3(p[2 * r + 1]) << 16);
    return y;
}
inline F p_even(Pairs w) {
    return f_make([&](int r) { return lower_half(static_cast<std::uint32_t>(w.at[r])); });
}
inline F p_odd(Pairs w) {
    return f_make([&](int r) { return upper_half(static_cast<std::uint32_t>(w.at[r])); });
}
inline F dot2(F s, Pairs w, std::uint32_t x) {
    return f_fma(p_odd(w), f_all(upper_half(x)), f_fma(p_even(w), f_all(lower_half(x)), s));
}
constexpr int kTile = 2;

#endif

// -- The same for every instruction set -----------------------------------------------------------------------------

// 2^(e - 128) of 16 bytes e.
inline F f_power(const std::uint8_t* p) {
    std::uint32_t bits[16];
    float powers[16];
    for (int r = 0; r < 16; ++r)
        bits[r] = p[r] > 1 ? (p[r] - 1u) << 23 : 0x200000u << p[r];  // the last two are subnormal
    __builtin_memcpy(powers, bits, sizeof powers);
    return f_load(powers);
}

// Sum and maximum of all lanes, in one order.
inline float f_sum(F x) {
    float at[16];
    f_store(at, x);
    for (int half = 8; half > 0; half /= 2)
        for (int r = 0; r < half; ++r) at[r] += at[r + half];
    return at[0];
}
inline float f_most(F x) {
    float at[16];
    f_store(at, x);
    for (int half = 8; half > 0; half /= 2)
        for (int r = 0; r < half; ++r) at[r] = at[r] > at[r + half] ? at[r] : at[r + half];
    return at[0];
}
