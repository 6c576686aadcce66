// Writing the caches.

inline void store_number(void* row, Number number, long index, float x) {
    if (number == Number::f32) {
        std::memcpy(static_cast<char*>(row) + 4 * index, &x, sizeof x);
    } else {
        const std::uint16_t half = to_bf16(x);
        std::memcpy(static_cast<char*>(row) + 2 * index, &half, sizeof half);
    }
}

// 1 / sqrt(mean(x^2) + eps).
inline float inverse_rms(const float* x, int n, float eps) {
    Floats squares = all(0.0f);
    int i = 0;
    for (; i + kLanes <= n; i += kLanes) squares = fma(load(x + i), load(x + i), squares);
    if (i < n) squares = fma(load_some(x + i, n - i), load_some(x + i, n - i), squares);
    return 1.0f / __builtin_sqrtf(sum_lanes(squares) / static_cast<float>(n) + eps);
}

// Latent: normed. Rope part: pair i is turned by the token's angle i.
inline void store_latent(const StoreLatentTask& t) {
    const int pairs = t.turns.pairs, width = t.latent + 2 * pairs;
    for (int token = t.first; token < t.end; ++token) {
        const float* x = t.kv + static_cast<long>(token) * width;
        const float share = inverse_rms(x, t.latent, t.eps);
        for (int i = 0; i < t.latent; ++i) store_number(t.rows[token], t.number, i, x[i] * share * t.norm[i]);
        for (int i = 0; i < pairs; ++i) {
            const int a = t.latent + (t.turns.interleaved ? 2 * i : i);
            const int b = t.latent + (t.turns.interleaved ? 2 * i + 1 : i + pairs);
            const float cos = t.turns.cos[static_cast<long>(token) * pairs + i];
            const float sin = t.turns.sin[static_cast<long>(token) * pairs + i];
            store_number(t.rows[token], t.number, a, x[a] * cos - x[b] * sin);
            store_number(t.rows[token], t.number, b, x[b] * cos + x[a] * sin);
        }
    }
}

// Number `part` of unit `unit` of a key/value page.
inline long number_index(const KvShape& s, long unit, int part) { return s.per_unit() * unit + part; }

inline void store_kv(const StoreKvTask& t) {
    const KvShape& s = t.shape;
    const int per = s.per_unit(), size = t.page_size, dim = s.head_dim;
    for (int token = t.first; token < t.end; ++token) {
        const int place = t.place[token];
        for (int head = 0; head < s.kv_heads; ++head) {
            const long in = (static_cast<long>(token) * s.kv_heads + head) * dim;
            std::uint32_t* keys = t.page[token] + static_cast<long>(head) * s.key_units() * size;
            std::uint32_t* values = t.page[token] + s.key_words(size) +
                                    (static_cast<long>(head) * (size / per) + place / per) * s.value_width();
            for (int i = 0; i < dim; ++i) {
                const long key_unit = static_cast<long>(i / per) * size + place;
                store_number(keys, s.number, number_index(s, key_unit, i % per), t.k[in + i]);
                store_number(values, s.number, number_index(s, i, place % per), t.v[in + i]);
            }
        }
    }
}
