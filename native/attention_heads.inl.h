// Per-head matrices in float32, in the direction that a product wants.

// Unpacked matrices are stored in steps of whole panels; vectors may be read over the whole step.
inline constexpr long head_step(int n) { return round_up(n, kRows); }

// out[j * step + i]: column j of every panel row i, that is, the transpose of what the panels hold.
inline void unpack_across(const HeadMatrix& w, int head, float* out, long step) {
    const Panels panels = w.of(head);
    for (int p = 0; p < panels.count(); ++p) w.unpack(panels, p, out + p * kRows, step);
}

// out[i * step + j]: the matrix as the panels hold it. `panel` is scratch for the columns of one panel.
inline void unpack_along(const HeadMatrix& w, int head, float* panel, float* out, long step) {
    const Panels panels = w.of(head);
    for (int p = 0; p < panels.count(); ++p) {
        w.unpack(panels, p, panel, kRows);
        const int rows = least(kRows, panels.rows - p * kRows);
        for (int j = 0; j < panels.cols; j += kLanes) {
            // kLanes columns of the panel are rows here: turned, each row of the matrix gets kLanes neighbours.
            const int columns = least(kLanes, panels.cols - j);
            std::uint32_t turned[kRows * kLanes];
            transpose_words(reinterpret_cast<const std::uint32_t*>(panel + j * kRows), kRows, columns, kRows, turned,
                            kLanes);
            for (int i = 0; i < rows; ++i)
                std::memcpy(out + (p * kRows + i) * step + j, turned + i * kLanes, sizeof(float) * kLanes);
        }
    }
}

// out[r] = panels · x[r] for a tile of inputs x_step apart, without unpacking. `spread` is scratch [cols + 1][rows].
inline void multiply_panels(const HeadMatrix& w, int head, const float* x, long x_step, int rows, float* spread,
                            float* out, long out_step) {
    const Panels panels = w.of(head);
    if (rows > 1) {
        for (int c = 0; c < panels.cols; ++c)
            for (int r = 0; r < rows; ++r) spread[c * rows + r] = x[r * x_step + c];
        x = spread;
    }
    const Inputs inputs = {{InputFormat::f32, 0}, panels.cols, reinterpret_cast<const char*>(x), nullptr, nullptr};
    w.multiply({panels, 0, panels.count(), inputs, {rows, rows}, 0, 1, out, nullptr, out_step});
}

// [rows][head_step(latent)]: a row of the matrix after the other.
inline void unpack_rows(const HeadMatrix& w, int head, float* panel, float* out, long step) {
    w.transposed ? unpack_across(w, head, out, step) : unpack_along(w, head, panel, out, step);
}

// [latent][head_step(rows)]: all rows side by side for each number of the latent.
inline void unpack_columns(const HeadMatrix& w, int head, float* panel, float* out, long step) {
    w.transposed ? unpack_along(w, head, panel, out, step) : unpack_across(w, head, out, step);
}
