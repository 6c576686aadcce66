// Row-wise float32 work: norm, gated activation, weighted sums. Included inside each ISA's own namespace.
// Each row is computed alone and in one order.

// y = w · x / sqrt(mean(x²) + eps)
void rms_norm_row(const float* x, const float* w, float eps, int n, float* y) {
    F lanes = f_zero();
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        const F v = f_load(x + i);
        lanes = f_fma(v, v, lanes);
    }
    float sum = f_sum(lanes);
    for (; i < n; ++i) sum += x[i] * x[i];
    const float scale = 1.0f / __builtin_sqrtf(sum / static_cast<float>(n) + eps);
    for (i = 0; i + 16 <= n; i += 16) f_store(y + i, f_mul(f_mul(f_load(x + i), f_all(scale)), f_load(w + i)));
    for (; i < n; ++i) y[i] = x[i] * scale * w[i];
}

// e^x, about 1 ulp, for x clamped to ±87.
inline F f_exp(F x) {
    x = f_smaller(f_larger(x, f_all(-87.0f)), f_all(87.0f));
    const F magic = f_all(12582912.0f);  // 1.5 · 2^23: adding it leaves the rounded number in the low bits
    const F shifted = f_fma(x, f_all(1.44269504088896341f), magic);
    const F n = f_sub(shifted, magic);
    F r = f_fma(n, f_all(-0.693359375f), x);
    r = f_fma(n, f_all(2.12194440e-4f), r);
    F p = f_all(1.9875691500e-4f);
    p = f_fma(p, r, f_all(1.3981999507e-3f));
    p = f_fma(p, r, f_all(8.3334519073e-3f));
    p = f_fma(p, r, f_all(4.1665795894e-2f));
    p = f_fma(p, r, f_all(1.6666665459e-1f));
    p = f_fma(p, r, f_all(5.0000001201e-1f));
    p = f_fma(f_mul(r, r), p, f_add(r, f_all(1.0f)));
    return f_add_exponent(p, shifted);
}

inline F silu_times(F gate, F up) { return f_mul(f_div(gate, f_add(f_all(1.0f), f_exp(f_sub(f_zero(), gate)))), up); }

// y = silu(gate) · up
void silu_mul_row(const float* gate, const float* up, int n, float* y) {
    int i = 0;
    for (; i + 16 <= n; i += 16) f_store(y + i, silu_times(f_load(gate + i), f_load(up + i)));
    if (i == n) return;
    float g[16] = {}, u[16] = {}, last[16];
    for (int r = 0; i + r < n; ++r) g[r] = gate[i + r], u[r] = up[i + r];
    f_store(last, silu_times(f_load(g), f_load(u)));
    for (int r = 0; i + r < n; ++r) y[i + r] = last[r];
}

// y += a · x
void add_scaled_row(float a, const float* x, int n, float* y) {
    int i = 0;
    for (; i + 16 <= n; i += 16) f_store(y + i, f_fma(f_all(a), f_load(x + i), f_load(y + i)));
    for (; i < n; ++i) y[i] = y[i] + a * x[i];
}
