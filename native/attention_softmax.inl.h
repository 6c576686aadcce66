// Weights of one span, and the folding of spans.
//
// Scores come in units of log2 (the caller scales the query by softmax scale · log2 e), so a weight is 2^(score - top).
// A span yields (top, total, sum of weighted values); fold() joins it to the spans on its left.

// The greatest of n numbers, n a multiple of kLanes.
inline float greatest_in(const float* x, int n) {
    Floats even = all(kLowest), odd = even;  // two chains hide the latency of one
    int j = 0;
    for (; j + 2 * kLanes <= n; j += 2 * kLanes) {
        even = greater(even, load(x + j));
        odd = greater(odd, load(x + j + kLanes));
    }
    if (j < n) even = greater(even, load(x + j));
    return greatest_lane(greater(even, odd));
}

// Weights of one row of scores, in place: on return the words of Dot's A side. Positions outside lo … hi - 1 weigh 0.
// `row` is read and written in whole vectors around that range.
template <class Dot>
inline void weigh_row(float* row, int lo, int hi, float* top, float* total) {
    const int first = lo / kLanes * kLanes;
    const int end = round_up(hi, kLanes);
    for (int j = first; j < lo; ++j) row[j] = kLowest;
    for (int j = hi; j < end; ++j) row[j] = kLowest;
    *top = greatest_in(row + first, end - first);
    Floats sum = all(0.0f);
    for (int j = first; j < end; j += kLanes) {
        const Floats weight = power_of_two(sub(load(row + j), all(*top)));
        sum = add(sum, weight);
        // A pair takes half the room of its scores, so writing never overtakes reading.
        std::uint32_t* words = reinterpret_cast<std::uint32_t*>(row) + j / Dot::kPerUnit * Dot::kRowWords;
#if defined(__AVX512BF16__)
        if constexpr (Dot::kRowWords < Dot::kPerUnit) {
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), (__m256i)_mm512_cvtneps_pbh(weight));
            continue;
        }
#endif
        store(reinterpret_cast<float*>(words), weight);
    }
    *total = sum_lanes(sum);
}

// Weights of scores [positions][step], whose lanes are kLanes queries that see positions 0 … count - 1.
template <class Dot>
inline void weigh_columns(float* scores, long step, int count, float* top, float* total) {
    Floats highest = all(kLowest);
    for (int j = 0; j < count; ++j) highest = greater(highest, load(scores + j * step));
    Floats sum = all(0.0f);
    std::uint32_t* words = reinterpret_cast<std::uint32_t*>(scores);
    constexpr int kTogether = Dot::kPerUnit / Dot::kRowWords;  // positions in a word
    for (int j = 0; j < count; j += kTogether) {
        const Floats even = power_of_two(sub(load(scores + j * step), highest));
        sum = add(sum, even);
        Floats odd = all(0.0f);
        if (kTogether == 2 && j + 1 < count) {
            odd = power_of_two(sub(load(scores + (j + 1) * step), highest));
            sum = add(sum, odd);
        }
        store_units<Dot>(words + j / kTogether * step, even, odd);
    }
    store(top, highest);
    store(total, sum);
}

// What a query has gathered from the spans so far: sums[0 … width) are weighted by 2^(score - top).
struct Gathered {
    float top = 0.0f;
    float total = -1.0f;  // negative: no span yet
};

// Joins a span to the sums so far; width is a multiple of kLanes.
inline void fold(Gathered* so_far, float* sums, const float* span_sums, int width, float top, float total) {
    if (so_far->total < 0.0f) {
        if (sums != span_sums) std::memcpy(sums, span_sums, static_cast<std::size_t>(width) * sizeof(float));
        *so_far = {top, total};
        return;
    }
    const float new_top = greatest_lane(greater(all(so_far->top), all(top)));
    const Floats keep = power_of_two(all(so_far->top - new_top)), join = power_of_two(all(top - new_top));
    for (int i = 0; i < width; i += kLanes) store(sums + i, fma(load(span_sums + i), join, mul(load(sums + i), keep)));
    const Floats sum = fma(all(total), join, mul(all(so_far->total), keep));
    *so_far = {new_top, greatest_lane(sum)};
}

// Divides by the total weight: the first `width` numbers go to `out`.
inline void finish(const Gathered& gathered, const float* sums, int width, float* out) {
    const Floats share = all(1.0f / gathered.total);
    int i = 0;
    for (; i + kLanes <= width; i += kLanes) store(out + i, mul(load(sums + i), share));
    if (i < width) store_some(out + i, mul(load_some(sums + i, width - i), share), width - i);
}
