// Sixteen words, one per row of a panel, and what they pick from code books. Included inside each ISA's own namespace,
// after sixteen.inl.h.
//
//   i_load(p), i_from_u16(p), i_from_u8(p): 16 numbers of 32, 16 or 8 bits.
//   i_left<n>, i_right<n>, i_and, i_or, i_xor, i_add: word by word; shifts to the right bring in zeros.
//   i_at(table, index): the word of each row's index.
//   i_pair_at(table, index, first, second): the same where an entry is two words.
//   b_of(x): the bytes of the words. b_all(x): the same byte everywhere.
//   b_turned<j>(codes, signs, twice): twice - codes where a sign is set; those of vector j are bits 4j … 4j + 3.

#if defined(__AVX512F__) && defined(__AVX512BW__)

inline I i_load(const std::uint8_t* p) { return _mm512_loadu_si512(p); }
inline I i_from_u16(const std::uint8_t* p) {
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
inline I i_from_u8(const std::uint8_t* p) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
template <int n>
inline I i_left(I x) {
    return _mm512_slli_epi32(x, n);
}
template <int n>
inline I i_right(I x) {
    return _mm512_srli_epi32(x, n);
}
inline I i_and(I x, std::uint32_t mask) { return _mm512_and_si512(x, _mm512_set1_epi32(static_cast<int>(mask))); }
inline I i_or(I x, I y) { return _mm512_or_si512(x, y); }
inline I i_xor(I x, I y) { return _mm512_xor_si512(x, y); }
inline I i_add(I x, I y) { return _mm512_add_epi32(x, y); }
inline I i_at(const std::uint8_t* table, I index) { return _mm512_i32gather_epi32(index, table, 4); }
inline void i_pair_at(const std::uint8_t* table, I index, I& first, I& second) {
    const __m512i top = _mm512_i32gather_epi64(_mm512_castsi512_si256(index), table, 8);
    const __m512i bottom = _mm512_i32gather_epi64(_mm512_extracti64x4_epi64(index, 1), table, 8);
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    first = _mm512_permutex2var_epi32(top, even, bottom);
    second = _mm512_permutex2var_epi32(top, _mm512_add_epi32(even, _mm512_set1_epi32(1)), bottom);
}
inline B b_of(I x) { return x; }
inline B b_all(int x) { return _mm512_set1_epi8(static_cast<char>(x)); }
template <int j>
inline B b_turned(B codes, I signs, B twice) {
    constexpr int byte = 0x01010101 * (j / 2);
    const __m512i spread =
        _mm512_shuffle_epi8(signs, _mm512_set4_epi32(0x0C0C0C0C + byte, 0x08080808 + byte, 0x04040404 + byte, byte));
    const __mmask64 set =
        _mm512_test_epi8_mask(spread, _mm512_set1_epi32(static_cast<int>(j % 2 ? 0x80402010u : 0x08040201u)));
    return _mm512_mask_sub_epi8(codes, set, twice, codes);
}

#elif defined(__AVX2__)

inline I i_load(const std::uint8_t* p) {
    const B bytes = b_load(p);
    return {bytes.a, bytes.b};
}
inline I i_from_u16(const std::uint8_t* p) {
    return {_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))),
            _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16)))};
}
inline I i_from_u8(const std::uint8_t* p) {
    return {_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))),
            _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + 8)))};
}
template <int n>
inline I i_left(I x) {
    return {_mm256_slli_epi32(x.a, n), _mm256_slli_epi32(x.b, n)};
}
template <int n>
inline I i_right(I x) {
    return {_mm256_srli_epi32(x.a, n), _mm256_srli_epi32(x.b, n)};
}
inline I i_and(I x, std::uint32_t mask) {
    const __m256i m = _mm256_set1_epi32(static_cast<int>(mask));
    return {_mm256_and_si256(x.a, m), _mm256_and_si256(x.b, m)};
}
inline I i_or(I x, I y) { return {_mm256_or_si256(x.a, y.a), _mm256_or_si256(x.b, y.b)}; }
inline I i_xor(I x, I y) { return {_mm256_xor_si256(x.a, y.a), _mm256_xor_si256(x.b, y.b)}; }
inline I i_add(I x, I y) { return {_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b)}; }
template <int bytes>
inline I i_gathered(const std::uint8_t* table, I index) {
    const auto* words = reinterpret_cast<const int*>(table);
    return {_mm256_i32gather_epi32(words, index.a, bytes), _mm256_i32gather_epi32(words, index.b, bytes)};
}
inline I i_at(const std::uint8_t* table, I index) { return i_gathered<4>(table, index); }
inline void i_pair_at(const std::uint8_t* table, I index, I& first, I& second) {
    first = i_gathered<8>(table, index);
    second = i_gathered<8>(table + 4, index);
}
inline B b_of(I x) { return {x.a, x.b}; }
inline B b_all(int x) { return {_mm256_set1_epi8(static_cast<char>(x)), _mm256_set1_epi8(static_cast<char>(x))}; }
template <int j>
inline __m256i half_turned(__m256i codes, __m256i signs, __m256i twice) {
    constexpr int byte = 0x01010101 * (j / 2);
    const __m256i spread =
        _mm256_shuffle_epi8(signs, _mm256_setr_epi32(byte, 0x04040404 + byte, 0x08080808 + byte, 0x0C0C0C0C + byte,
                                                     byte, 0x04040404 + byte, 0x08080808 + byte, 0x0C0C0C0C + byte));
    const __m256i bits = _mm256_set1_epi32(static_cast<int>(j % 2 ? 0x80402010u : 0x08040201u));
    const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(spread, bits), bits);
    return _mm256_blendv_epi8(codes, _mm256_sub_epi8(twice, codes), set);
}
template <int j>
inline B b_turned(B codes, I signs, B twice) {
    return {half_turned<j>(codes.a, signs.a, twice.a), half_turned<j>(codes.b, signs.b, twice.b)};
}

#else

template <class Make>
inline I i_make(Make make) {
    I y;
    for (int r = 0; r < 16; ++r) y.at[r] = static_cast<std::int32_t>(make(r));
    return y;
}
inline std::uint32_t word(I x, int r) { return static_cast<std::uint32_t>(x.at[r]); }
inline I i_load(const std::uint8_t* p) {
    I y;
    __builtin_memcpy(&y, p, 64);
    return y;
}
inline I i_from_u16(const std::uint8_t* p) {
    return i_make([=](int r) { return p[2 * r] | p[2 * r + 1] << 8; });
}
inline I i_from_u8(const std::uint8_t* p) {
    return i_make([=](int r) { return p[r]; });
}
template <int n>
inline I i_left(I x) {
    return i_make([&](int r) { return word(x, r) << n; });
}
template <int n>
inline I i_right(I x) {
    return i_make([&](int r) { return word(x, r) >> n; });
}
inline I i_and(I x, std::uint32_t mask) {
    return i_make([&](int r) { return word(x, r) & mask; });
}
inline I i_or(I x, I y) {
    return i_make([&](int r) { return x.at[r] | y.at[r]; });
}
inline I i_xor(I x, I y) {
    return i_make([&](int r) { return x.at[r] ^ y.at[r]; });
}
inline I i_add(I x, I y) {
    return i_make([&](int r) { return word(x, r) + word(y, r); });
}
template <int bytes>
inline I i_gathered(const std::uint8_t* table, I index) {
    return i_make([&](int r) {
        std::uint32_t entry;
        __builtin_memcpy(&entry, table + bytes * index.at[r], 4);
        return entry;
    });
}
inline I i_at(const std::uint8_t* table, I index) { return i_gathered<4>(table, index); }
inline void i_pair_at(const std::uint8_t* table, I index, I& first, I& second) {
    first = i_gathered<8>(table, index);
    second = i_gathered<8>(table + 4, index);
}
inline B b_of(I x) {
    B y;
    __builtin_memcpy(&y, &x, 64);
    return y;
}
inline B b_all(int x) {
    return b_make([=](int) { return x; });
}
template <int j>
inline B b_turned(B codes, I signs, B twice) {
    return b_make([&](int i) {
        const bool set = word(signs, i / 4) >> (4 * j + i % 4) & 1;
        return set ? twice.at[i] - codes.at[i] : codes.at[i];
    });
}

#endif

// Four fields of 7 bits → a byte each, whose highest bit makes the number of bits that are set even.
inline I i_even_signs(I x) {
    const I low = i_or(i_and(x, 0x7F), i_and(i_left<1>(x), 0x7F00));
    const I seven = i_or(low, i_or(i_and(i_left<2>(x), 0x7F0000), i_and(i_left<3>(x), 0x7F000000)));
    I odd = i_xor(seven, i_right<4>(seven));
    odd = i_xor(odd, i_right<2>(odd));
    odd = i_xor(odd, i_right<1>(odd));
    return i_or(seven, i_left<7>(i_and(odd, 0x01010101)));
}
