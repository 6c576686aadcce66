// One vector of float32, and the few things attention does with it. Included inside each ISA's own namespace.
//
// Floats holds kLanes numbers; fma() is fused where the instruction set fuses (so results differ in the last bits
// between instruction sets, never within one). Comparisons keep NaN alive: a NaN score gives a NaN output.

#if defined(__AVX512F__)

using Floats = __m512;
using Words = __m512i;
constexpr int kLanes = 16;
constexpr int kTileRows = 12;  // 12 × 2 accumulators of 32 registers

inline Floats all(float x) { return _mm512_set1_ps(x); }
inline Floats load(const float* p) { return _mm512_loadu_ps(p); }
inline Floats load_some(const float* p, int n) {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p);
}
inline void store(float* p, Floats x) { _mm512_storeu_ps(p, x); }
inline void store_some(float* p, Floats x, int n) {
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), x);
}
inline Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
inline Floats sub(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
inline Floats mul(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
inline Floats fma(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
inline Floats greater(Floats bound, Floats x) { return _mm512_max_ps(bound, x); }
inline float sum_lanes(Floats x) { return _mm512_reduce_add_ps(x); }
inline float greatest_lane(Floats x) { return _mm512_reduce_max_ps(x); }

// x as floor(x), which times_power() takes by itself, and the rest. -inf leaves a rest of 0.
inline Floats fraction(Floats x) { return _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
inline Floats times_power(Floats y, Floats x) { return _mm512_scalef_ps(y, x); }
inline Floats bounded(Floats x) { return x; }

inline Words load_words(const std::uint32_t* p) { return _mm512_loadu_si512(p); }
inline void store_words(std::uint32_t* p, Words x) { _mm512_storeu_si512(p, x); }
inline Floats lower_halves(Words x) { return _mm512_castsi512_ps(_mm512_slli_epi32(x, 16)); }
inline Floats upper_halves(Words x) { return _mm512_castsi512_ps(_mm512_and_si512(x, _mm512_set1_epi32(~0xFFFF))); }
inline Words mask_words(Words x, std::uint32_t mask) {
    return _mm512_and_si512(x, _mm512_set1_epi32(static_cast<int>(mask)));
}
inline Floats load_bf16(const std::uint16_t* p) {
    const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

#elif defined(__AVX2__)

using Floats = __m256;
using Words = __m256i;
constexpr int kLanes = 8;
constexpr int kTileRows = 6;  // 6 × 2 accumulators of 16 registers

inline __m256i first_lanes(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline Floats all(float x) { return _mm256_set1_ps(x); }
inline Floats load(const float* p) { return _mm256_loadu_ps(p); }
inline Floats load_some(const float* p, int n) { return _mm256_maskload_ps(p, first_lanes(n)); }
inline void store(float* p, Floats x) { _mm256_storeu_ps(p, x); }
inline void store_some(float* p, Floats x, int n) { _mm256_maskstore_ps(p, first_lanes(n), x); }
inline Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
inline Floats sub(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
inline Floats mul(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
inline Floats fma(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
inline Floats greater(Floats bound, Floats x) { return _mm256_max_ps(bound, x); }
inline float sum_lanes(Floats x) {
    __m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    y = _mm_add_ps(y, _mm_movehl_ps(y, y));
    return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}
inline float greatest_lane(Floats x) {
    __m128 y = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    y = _mm_max_ps(y, _mm_movehl_ps(y, y));
    return _mm_cvtss_f32(_mm_max_ss(y, _mm_movehdup_ps(y)));
}

inline Floats bounded(Floats x) { return greater(all(-127.0f), x); }  // 2^-127 becomes a factor of exactly 0
inline Floats fraction(Floats x) { return _mm256_sub_ps(x, _mm256_floor_ps(x)); }
inline Floats times_power(Floats y, Floats x) {
    const __m256i n = _mm256_cvttps_epi32(_mm256_floor_ps(x));
    const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(y, _mm256_castsi256_ps(power));
}

inline Words load_words(const std::uint32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline void store_words(std::uint32_t* p, Words x) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), x); }
inline Floats lower_halves(Words x) { return _mm256_castsi256_ps(_mm256_slli_epi32(x, 16)); }
inline Floats upper_halves(Words x) { return _mm256_castsi256_ps(_mm256_and_si256(x, _mm256_set1_epi32(~0xFFFF))); }
inline Words mask_words(Words x, std::uint32_t mask) {
    return _mm256_and_si256(x, _mm256_set1_epi32(static_cast<int>(mask)));
}
inline Floats load_bf16(const std::uint16_t* p) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

#else  // portable: vectors of the compiler, four lanes

typedef float Floats __attribute__((vector_size(16)));
typedef std::uint32_t Words __attribute__((vector_size(16)));
typedef std::int32_t Signed __attribute__((vector_size(16)));
constexpr int kLanes = 4;
constexpr int kTileRows = 4;  // 4 × 2 accumulators of 16 registers, and room for products

inline Floats as_floats(Words x) {
    Floats y;
    std::memcpy(&y, &x, sizeof y);
    return y;
}
inline Floats all(float x) { return Floats{x, x, x, x}; }
inline Floats load(const float* p) {
    Floats x;
    std::memcpy(&x, p, sizeof x);
    return x;
}
inline Floats load_some(const float* p, int n) {
    Floats x = all(0.0f);
    std::memcpy(&x, p, static_cast<std::size_t>(n) * sizeof(float));
    return x;
}
inline void store(float* p, Floats x) { std::memcpy(p, &x, sizeof x); }
inline void store_some(float* p, Floats x, int n) { std::memcpy(p, &x, static_cast<std::size_t>(n) * sizeof(float)); }
inline Floats add(Floats a, Floats b) { return a + b; }
inline Floats sub(Floats a, Floats b) { return a - b; }
inline Floats mul(Floats a, Floats b) { return a * b; }
inline Floats fma(Floats a, Floats b, Floats c) { return a * b + c; }
inline Floats greater(Floats bound, Floats x) { return bound > x ? bound : x; }
inline float sum_lanes(Floats x) { return (x[0] + x[2]) + (x[1] + x[3]); }
inline float greatest_lane(Floats x) {
    const float a = x[0] > x[2] ? x[0] : x[2], b = x[1] > x[3] ? x[1] : x[3];
    return a > b ? a : b;
}

inline Floats bounded(Floats x) { return greater(all(-127.0f), x); }  // 2^-127 becomes a factor of exactly 0
inline Floats down(Floats x) {                                        // floor, for -127 <= x <= 0
    const Floats whole = __builtin_convertvector(__builtin_convertvector(x, Signed), Floats);
    return whole > x ? whole - 1.0f : whole;
}
inline Floats fraction(Floats x) { return x - down(x); }
inline Floats times_power(Floats y, Floats x) {
    const Signed n = __builtin_convertvector(down(x), Signed);
    return y * as_floats((reinterpret_cast<const Words&>(n) + 127u) << 23);
}

inline Words load_words(const std::uint32_t* p) {
    Words x;
    std::memcpy(&x, p, sizeof x);
    return x;
}
inline void store_words(std::uint32_t* p, Words x) { std::memcpy(p, &x, sizeof x); }
inline Floats lower_halves(Words x) { return as_floats(x << 16); }
inline Floats upper_halves(Words x) { return as_floats(x & ~0xFFFFu); }
inline Words mask_words(Words x, std::uint32_t mask) { return x & mask; }
inline Floats load_bf16(const std::uint16_t* p) { return as_floats(Words{p[0], p[1], p[2], p[3]} << 16); }

#endif

inline Floats as_lanes(const std::uint32_t* p) { return load(reinterpret_cast<const float*>(p)); }

// 2^x for x <= 0, relative error 3e-7; exactly 1 at 0, exactly 0 at -inf, NaN at NaN.
inline Floats power_of_two(Floats x) {
    x = bounded(x);
    const Floats f = fraction(x);
    Floats y = all(0.0018671302823349833f);
    y = fma(y, f, all(0.009017029777169228f));
    y = fma(y, f, all(0.05579991266131401f));
    y = fma(y, f, all(0.24016444385051727f));
    y = fma(y, f, all(0.6931512951850891f));
    y = fma(y, f, all(1.0f));
    return times_power(y, x);
}

constexpr float kLowest = -__builtin_inff();

inline constexpr int round_up(int n, int multiple) { return (n + multiple - 1) / multiple * multiple; }
inline int least(int a, int b) { return a < b ? a : b; }
inline int most(int a, int b) { return a > b ? a : b; }
