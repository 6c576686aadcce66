// What the machine can do at most, for benchmarks to compare with. Included inside each ISA's own namespace.

// Reads n bytes, a multiple of 512, as kernels read panels. The result only keeps the loads alive.
float read_bytes(const std::uint8_t* p, long n) {
    F most[8];
    QUATRE_UNROLL
    for (int i = 0; i < 8; ++i) most[i] = f_zero();
    for (long at = 0; at < n; at += 512) {
        fetch_ahead<1>(p + at, 512);
        QUATRE_UNROLL
        for (int i = 0; i < 8; ++i)
            most[i] = f_larger(f_load(reinterpret_cast<const float*>(p + at) + 16 * i), most[i]);
    }
    float all = 0;
    for (int i = 0; i < 8; ++i) all += f_most(most[i]);
    return all;
}

// Products of 4-bit codes in registers: `rounds` times 16 sums of 8 vectors. Each sum takes part in 16 · 32 of them.
constexpr int kProbeSums = 16;
constexpr long kProbeProducts = kProbeSums * kRows * kGroup;

// Without this, the compiler sees zeros, and computes a product once.
template <class T>
inline void forget(const T*& p) {
    asm volatile("" : "+r"(p)::"memory");
}

float multiply_codes(long rounds) {
    const std::uint8_t nibbles[256] = {};
    const std::int8_t zeros[kGroup] = {};
    const std::int8_t* numbers = zeros;
    const std::uint8_t* codes = nibbles;
    forget(codes);
    B q[8];
    const NibbleCodes code(PanelFormat{});
    load_codes<0, 8>(group_of(code, codes), q);
    I sums[kProbeSums];
    QUATRE_UNROLL
    for (int t = 0; t < kProbeSums; ++t) sums[t] = i_all(t);
    for (long round = 0; round < rounds; ++round) {
#if defined(__AVX512VNNI__)
        forget(numbers);
        QUATRE_UNROLL
        for (int j = 0; j < 8; ++j) {
            QUATRE_UNROLL
            for (int t = 0; t < kProbeSums; ++t) sums[t] = dot_vector(sums[t], q[j], numbers + 4 * (t % 8));
        }
#else
        QUATRE_UNROLL
        for (int t = 0; t < kProbeSums; ++t) {
            forget(numbers);
            sums[t] = dot_vectors<4, 8>(sums[t], q, numbers);
        }
#endif
    }
    float all = 0;
    for (int t = 0; t < kProbeSums; ++t) all += f_most(f_from(sums[t]));
    return all;
}
