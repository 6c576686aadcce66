#include "matmul_drive.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace quatre {

namespace {

constexpr long kTaskBytes = 128 * 1024;
constexpr int kPackTask = 8;  // panels

// Rows per task when each is cheap.
int rows_per_task(const Context& c, int rows) { return std::max(1, rows / (4 * c.pool.size())); }

template <class Work>
void over_rows(const Context& c, int rows, Work work) {
    const int per = rows_per_task(c, rows);
    c.pool.run((rows + per - 1) / per, [&](int task, int) {
        for (int row = task * per; row < std::min(rows, (task + 1) * per); ++row) work(row);
    });
}

}  // namespace

Matrix::Matrix(ThreadPool& pool, Stored stored, const std::uint8_t* data, int count, long matrix_stride, int rows,
               long row_stride, int cols)
    : format_(panel_format(stored)), count_(count), rows_(rows), cols_(cols) {
    const int panels = (rows + kRows - 1) / kRows;
    stride_ = panels * format_.panel_bytes(cols);
    data_ = memory_.get<std::uint8_t>(std::max<std::size_t>(bytes(), 64));
    const int tasks = (panels + kPackTask - 1) / kPackTask;
    pool.run(count * tasks, [&](int task, int) {
        const int i = task / tasks, first = task % tasks * kPackTask;
        const StoredRows source = {stored, data + i * matrix_stride, row_stride, rows, cols};
        pack(source, first, std::min(panels, first + kPackTask), data_ + i * stride_);
    });
}

Inputs prepare(const Context& c, const PanelFormat& format, const float* x, int tokens, int cols, InputSpace& space) {
    const std::size_t n = static_cast<std::size_t>(tokens);
    const long groups = cols / kGroup;
    if (format.codes == Codes::f32) return {x, nullptr, nullptr, nullptr, nullptr, cols};
    if (format.codes == Codes::bf16) {
        const long pairs = (cols + 1) / 2;
        auto* words = space.numbers.get<std::uint32_t>(n * static_cast<std::size_t>(pairs));
        over_rows(c, tokens, [&](int t) { c.kernels.bf16_row(x + static_cast<long>(t) * cols, cols, words + t * pairs); });
        return {words, nullptr, nullptr, nullptr, nullptr, cols};
    }
    const std::size_t all = n * static_cast<std::size_t>(groups);
    auto* numbers = space.numbers.get<std::int8_t>(n * static_cast<std::size_t>(cols));
    auto* scales = space.scales.get<float>(all);
    auto* sums = space.sums.get<std::int32_t>(all);
    auto* scaled = space.scaled_sums.get<float>(all);
    auto* halves = space.halves.get<std::int32_t>(2 * all);
    over_rows(c, tokens, [&](int t) {
        c.kernels.quantise_row(x + static_cast<long>(t) * cols, cols, numbers + static_cast<long>(t) * cols,
                               scales + t * groups, sums + t * groups, scaled + t * groups, halves + 2 * t * groups);
    });
    return {numbers, scales, sums, scaled, halves, cols};
}

int panels_per_task(const Context& c, const Panels& w) {
    const long by_cache = std::max(1L, kTaskBytes / std::max(1L, w.format.panel_bytes(w.cols)));
    const long by_threads = std::max(1, w.count() / (4 * c.pool.size()));
    return static_cast<int>(std::min(by_cache, by_threads));
}

void linear(const Context& c, const Panels& w, const Inputs& x, int tokens, const float* residual, float* out) {
    const int per = panels_per_task(c, w);
    c.pool.run((w.count() + per - 1) / per, [&](int task, int) {
        c.kernels.multiply({w, task * per, std::min(w.count(), (task + 1) * per), x, tokens, out, residual, w.rows});
    });
}

void rms_norm(const Context& c, const float* x, const float* w, float eps, int tokens, int n, float* out) {
    over_rows(c, tokens, [&](int t) {
        c.kernels.rms_norm_row(x + static_cast<long>(t) * n, w, eps, n, out + static_cast<long>(t) * n);
    });
}

namespace {

// Turn the last 2 · pairs lanes of every head of one token.
void turn(const RopeTask& k, int token) {
    std::vector<float> cos(static_cast<std::size_t>(k.pairs)), sin(cos.size());
    const float place = static_cast<float>(k.positions[token]);
    for (int i = 0; i < k.pairs; ++i) {
        const double angle = place * k.frequencies[i];  // the product is float32, as the models were trained with
        cos[static_cast<std::size_t>(i)] = static_cast<float>(std::cos(angle)) * k.magnitude;
        sin[static_cast<std::size_t>(i)] = static_cast<float>(std::sin(angle)) * k.magnitude;
    }
    float temperature = 1.0f;
    if (k.beta != 0) temperature += k.beta * std::log1p(std::floor(place / static_cast<float>(k.length)));
    const int keep = k.head_dim - 2 * k.pairs;
    const int near = k.interleaved ? 1 : k.pairs, step = k.interleaved ? 2 : 1;
    for (int h = 0; h < k.heads; ++h) {
        const long at = (static_cast<long>(token) * k.heads + h) * k.head_dim;
        const float* x = k.x + at;
        float* y = k.out + at;
        for (int i = 0; i < keep; ++i) y[i] = x[i] * temperature;
        for (int i = 0; i < k.pairs; ++i) {
            const float a = x[keep + i * step], b = x[keep + i * step + near];
            const float c = cos[static_cast<std::size_t>(i)], s = sin[static_cast<std::size_t>(i)];
            y[keep + i * step] = (a * c - b * s) * temperature;
            y[keep + i * step + near] = (b * c + a * s) * temperature;
        }
    }
}

}  // namespace

void rope(const Context& c, const RopeTask& task) {
    over_rows(c, task.tokens, [&](int token) { turn(task, token); });
}

}  // namespace quatre
