// Passes over a row of logits, in blocks of kLogitBlock. Included inside each ISA's own namespace.

inline F logits_at(const float* x, int n, int i) {
    if (i + 16 <= n) return f_load(x + i);
    float last[16];
    for (int r = 0; r < 16; ++r) last[r] = i + r < n ? x[i + r] : -__builtin_inff();
    return f_load(last);
}

// maxima[b]: the largest number of block b, without NaN; -inf if there is none
void block_maxima(const float* x, int n, float* maxima) {
    for (int block = 0; block < n; block += kLogitBlock) {
        F most = f_all(-__builtin_inff());
        const int end = block + kLogitBlock < n ? block + kLogitBlock : n;
        for (int i = block; i < end; i += 16) most = f_larger(logits_at(x, n, i), most);  // of NaN, the second
        *maxima++ = f_most(most);
    }
}

// weights[i] = e^(scale · (x[i] - largest)), about e^-87 for NaN and -inf; sums[b]: of block b. `weights` has room for
// whole vectors.
void weigh_logits(const float* x, int n, float largest, float scale, float* weights, float* sums) {
    for (int block = 0; block < n; block += kLogitBlock) {
        F sum = f_zero();
        const int end = block + kLogitBlock < n ? block + kLogitBlock : n;
        for (int i = block; i < end; i += 16) {
            const F w = f_exp(f_mul(f_sub(logits_at(x, n, i), f_all(largest)), f_all(scale)));
            f_store(weights + i, w);
            sum = f_add(sum, w);
        }
        *sums++ = f_sum(sum);
    }
}

constexpr SamplingKernels sampling_kernels = {block_maxima, weigh_logits};
