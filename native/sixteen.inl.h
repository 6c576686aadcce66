// Sixteen lanes: one panel's rows. Floats (F), whole numbers (I), and 64 bytes of codes (B: four per lane).
//
// The kernels of matmul.inl.h are written once over these names; each instruction set says here what they are.
//   dot4(s, w, x): s[r] += Σ_i w[r][i] · x[i] over four unsigned codes w and four signed numbers x (in one 32-bit word),
//                  exact in 32 bits. small_dot4 may be used when all codes are at most 127.

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
inline F f_from_s8(const std::uint8_t* p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}
inline I i_all(std::int32_t x) { return _mm512_set1_epi32(x); }
inline B b_load(const std::uint8_t* p) { return _mm512_loadu_si512(p); }
inline B b_low(B x) { return _mm512_and_si512(x, _mm512_set1_epi8(15)); }
inline B b_high(B x) { return _mm512_and_si512(_mm512_srli_epi16(x, 4), _mm512_set1_epi8(15)); }
inline B b_table(const std::uint8_t* table) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
}
inline B b_look_up(B table, B codes) { return _mm512_shuffle_epi8(table, codes); }

#if defined(__AVX512VNNI__)
inline I dot4(I s, B w, std::int32_t x) { return _mm512_dpbusd_epi32(s, w, _mm512_set1_epi32(x)); }
inline I small_dot4(I s, B w, std::int32_t x) { return dot4(s, w, x); }
#else
inline I dot4(I s, B w, std::int32_t x) {
    const __m512i v = _mm512_set1_epi32(x);
    const __m512i even = _mm512_madd_epi16(_mm512_and_si512(w, _mm512_set1_epi16(255)),
                                           _mm512_srai_epi16(_mm512_slli_epi16(v, 8), 8));
    const __m512i odd = _mm512_madd_epi16(_mm512_srli_epi16(w, 8), _mm512_srai_epi16(v, 8));
    return _mm512_add_epi32(s, _mm512_add_epi32(even, odd));
}
inline I small_dot4(I s, B w, std::int32_t x) {
    const __m512i pairs = _mm512_maddubs_epi16(w, _mm512_set1_epi32(x));
    return _mm512_add_epi32(s, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
}
#endif
inline F f_sub(F a, F b) { return _mm512_sub_ps(a, b); }
inline F f_div(F a, F b) { return _mm512_div_ps(a, b); }
inline F f_abs(F a) { return _mm512_abs_ps(a); }
inline F f_larger(F a, F b) { return _mm512_max_ps(a, b); }
inline F f_smaller(F a, F b) { return _mm512_min_ps(a, b); }
inline F f_add_exponent(F a, F shifted) {
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), _mm512_slli_epi32(_mm512_castps_si512(shifted), 23)));
}
inline I i_round(F x) { return _mm512_cvtps_epi32(x); }
inline void i_store(std::int32_t* p, I x) { _mm512_storeu_si512(p, x); }
inline void i_store_bytes(std::int8_t* p, I x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtsepi32_epi8(x));
}
inline std::int32_t i_sum(I x) { return _mm512_reduce_add_epi32(x); }
using Pairs = __m512i;
inline Pairs p_load(const std::uint32_t* p) { return _mm512_loadu_si512(p); }
#if defined(__AVX512BF16__)
inline F dot2(F s, Pairs w, std::uint32_t x) {
    return _mm512_dpbf16_ps(s, reinterpret_cast<__m512bh>(w), reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(x))));
}
#else
inline F dot2(F s, Pairs w, std::uint32_t x) {
    const F even = _mm512_castsi512_ps(_mm512_slli_epi32(w, 16));
    const F odd = _mm512_castsi512_ps(_mm512_and_si512(w, _mm512_set1_epi32(static_cast<int>(0xFFFF0000u))));
    return f_fma(odd, f_all(upper_half(x)), f_fma(even, f_all(lower_half(x)), s));
}
#endif
constexpr int kTile = 12;  // tokens: 12 sums, 8 code vectors and a scale in 32 registers

#elif defined(__AVX2__)

struct F { __m256 a, b; };
struct I { __m256i a, b; };
struct B { __m256i a, b; };

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
inline F f_from_s8(const std::uint8_t* p) {
    return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))),
            _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + 8))))};
}
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
inline __m256i dot4_half(__m256i s, __m256i w, __m256i x_even, __m256i x_odd) {
    const __m256i even = _mm256_madd_epi16(_mm256_and_si256(w, _mm256_set1_epi16(255)), x_even);
    const __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(w, 8), x_odd);
    return _mm256_add_epi32(s, _mm256_add_epi32(even, odd));
}
inline I dot4(I s, B w, std::int32_t x) {
    const __m256i v = _mm256_set1_epi32(x);
    const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(v, 8), 8), odd = _mm256_srai_epi16(v, 8);
    return {dot4_half(s.a, w.a, even, odd), dot4_half(s.b, w.b, even, odd)};
}
inline __m256i small_dot4_half(__m256i s, __m256i w, __m256i x) {
    return _mm256_add_epi32(s, _mm256_madd_epi16(_mm256_maddubs_epi16(w, x), _mm256_set1_epi16(1)));
}
inline I small_dot4(I s, B w, std::int32_t x) {
    const __m256i v = _mm256_set1_epi32(x);
    return {small_dot4_half(s.a, w.a, v), small_dot4_half(s.b, w.b, v)};
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
    std::int32_t wide[16], sum = 0;
    i_store(wide, x);
    for (int r = 0; r < 16; ++r) sum += wide[r];
    return sum;
}
using Pairs = B;
inline Pairs p_load(const std::uint32_t* p) { return b_load(reinterpret_cast<const std::uint8_t*>(p)); }
inline __m256 even_bf16(__m256i w) { return _mm256_castsi256_ps(_mm256_slli_epi32(w, 16)); }
inline __m256 odd_bf16(__m256i w) {
    return _mm256_castsi256_ps(_mm256_and_si256(w, _mm256_set1_epi32(static_cast<int>(0xFFFF0000u))));
}
inline F dot2(F s, Pairs w, std::uint32_t x) {
    const F even = {even_bf16(w.a), even_bf16(w.b)}, odd = {odd_bf16(w.a), odd_bf16(w.b)};
    return f_fma(odd, f_all(upper_half(x)), f_fma(even, f_all(lower_half(x)), s));
}
constexpr int kTile = 4;

#else  // portable: plain loops that compilers turn into whatever vectors there are

struct F { float at[16]; };
struct I { std::int32_t at[16]; };
struct B { std::uint8_t at[64]; };

template <class Make>
inline F f_make(Make make) {
    F y;
    for (int r = 0; r < 16; ++r) y.at[r] = make(r);
    return y;
}
inline F f_zero() { return f_make([](int) { return 0.0f; }); }
inline F f_all(float x) { return f_make([=](int) { return x; }); }
inline F f_load(const float* p) { return f_make([=](int r) { return p[r]; }); }
inline void f_store(float* p, F x) {
    for (int r = 0; r < 16; ++r) p[r] = x.at[r];
}
inline F f_add(F a, F b) { return f_make([&](int r) { return a.at[r] + b.at[r]; }); }
inline F f_mul(F a, F b) { return f_make([&](int r) { return a.at[r] * b.at[r]; }); }
inline F f_fma(F a, F b, F c) { return f_make([&](int r) { return a.at[r] * b.at[r] + c.at[r]; }); }
inline F f_from(I x) { return f_make([&](int r) { return static_cast<float>(x.at[r]); }); }
inline F f_from_half(const std::uint16_t* p) { return f_make([=](int r) { return half_to_float(p[r]); }); }
inline F f_from_u8(const std::uint8_t* p) { return f_make([=](int r) { return static_cast<float>(p[r]); }); }
inline F f_from_s8(const std::uint8_t* p) {
    return f_make([=](int r) { return static_cast<float>(static_cast<std::int8_t>(p[r])); });
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
inline B b_load(const std::uint8_t* p) { return b_make([=](int i) { return p[i]; }); }
inline B b_low(B x) { return b_make([&](int i) { return x.at[i] & 15; }); }
inline B b_high(B x) { return b_make([&](int i) { return x.at[i] >> 4; }); }
inline B b_table(const std::uint8_t* table) { return b_make([=](int i) { return table[i % 16]; }); }
inline B b_look_up(B table, B codes) { return b_make([&](int i) { return table.at[codes.at[i]]; }); }
inline I dot4(I s, B w, std::int32_t x) {
    for (int i = 0; i < 4; ++i) {
        const int number = static_cast<std::int8_t>(static_cast<std::uint32_t>(x) >> (8 * i));
        for (int r = 0; r < 16; ++r) s.at[r] += w.at[4 * r + i] * number;
    }
    return s;
}
inline I small_dot4(I s, B w, std::int32_t x) { return dot4(s, w, x); }
inline F f_sub(F a, F b) { return f_make([&](int r) { return a.at[r] - b.at[r]; }); }
inline F f_div(F a, F b) { return f_make([&](int r) { return a.at[r] / b.at[r]; }); }
inline F f_abs(F a) { return f_make([&](int r) { return __builtin_fabsf(a.at[r]); }); }
inline F f_larger(F a, F b) { return f_make([&](int r) { return a.at[r] > b.at[r] ? a.at[r] : b.at[r]; }); }
inline F f_smaller(F a, F b) { return f_make([&](int r) { return a.at[r] < b.at[r] ? a.at[r] : b.at[r]; }); }
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
inline F dot2(F s, Pairs w, std::uint32_t x) {
    const float even = lower_half(x), odd = upper_half(x);
    return f_make([&](int r) {
        const auto both = static_cast<std::uint32_t>(w.at[r]);
        return upper_half(both) * odd + (lower_half(both) * even + s.at[r]);
    });
}
constexpr int kTile = 2;

#endif

// -- The same for every instruction set -----------------------------------------------------------------------------

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
