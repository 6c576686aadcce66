#include "row_drive.h"

#include <algorithm>
#include <cmath>

namespace quatre {

namespace {

// Work on single rows is short, so a task takes several.
template <class Work>
void over_rows(const Context& c, int rows, Work work) {
    const int per = std::max(1, rows / (4 * c.pool.size()));
    c.pool.run((rows + per - 1) / per, [&](int task, int) {
        for (int row = task * per; row < std::min(rows, (task + 1) * per); ++row) work(row);
    });
}

template <class Number>
bool same(const std::vector<Number>& known, const Number* now, int n) {
    return static_cast<int>(known.size()) == n && std::equal(known.begin(), known.end(), now);
}

void find_angles(const Context& c, const RopeTask& k, Angles& a) {
    if (same(a.positions, k.positions, k.tokens) && same(a.frequencies, k.frequencies, k.pairs) &&
        a.magnitude == k.magnitude)
        return;
    a.positions.assign(k.positions, k.positions + k.tokens);
    a.frequencies.assign(k.frequencies, k.frequencies + k.pairs);
    a.magnitude = k.magnitude;
    a.cos.resize(static_cast<std::size_t>(k.tokens) * static_cast<std::size_t>(k.pairs));
    a.sin.resize(a.cos.size());
    over_rows(c, k.tokens, [&](int token) {
        const float place = static_cast<float>(k.positions[token]);
        for (int i = 0; i < k.pairs; ++i) {
            const double angle = place * k.frequencies[i];  // the product is float32, as the models were trained with
            const auto at =
                static_cast<std::size_t>(token) * static_cast<std::size_t>(k.pairs) + static_cast<std::size_t>(i);
            a.cos[at] = static_cast<float>(std::cos(angle)) * k.magnitude;
            a.sin[at] = static_cast<float>(std::sin(angle)) * k.magnitude;
        }
    });
}

float temperature_at(const RopeTask& k, int token) {
    if (k.beta == 0) return 1.0f;
    const float place = static_cast<float>(k.positions[token]);
    return 1.0f + k.beta * std::log1p(std::floor(place / static_cast<float>(k.length)));
}

// One head: its last 2 · pairs lanes are turned, all are multiplied by the temperature.
void turn(const RopeTask& k, const float* x, const float* cos, const float* sin, float temperature, float* y) {
    const int keep = k.head_dim - 2 * k.pairs;
    const int near = k.interleaved ? 1 : k.pairs, step = k.interleaved ? 2 : 1;
    for (int i = 0; i < keep; ++i) y[i] = x[i] * temperature;
    for (int i = 0; i < k.pairs; ++i) {
        const float a = x[keep + i * step], b = x[keep + i * step + near];
        y[keep + i * step] = (a * cos[i] - b * sin[i]) * temperature;
        y[keep + i * step + near] = (b * cos[i] + a * sin[i]) * temperature;
    }
}

}  // namespace

void gelu(const Context& c, const float* x, int tokens, int n, float* out) {
    over_rows(c, tokens, [&](int t) {
        const long at = static_cast<long>(t) * n;
        for (long i = at; i < at + n; ++i) out[i] = 0.5f * x[i] * (1.0f + std::erf(x[i] * 0.70710678f));
    });
}

void rms_norm(const Context& c, const float* x, const float* w, float eps, int tokens, int n, float* out) {
    over_rows(c, tokens, [&](int t) {
        c.kernels.rms_norm_row(x + static_cast<long>(t) * n, w, eps, n, out + static_cast<long>(t) * n);
    });
}

void rope(const Context& c, const RopeTask& task, Angles& angles) {
    find_angles(c, task, angles);
    over_rows(c, task.tokens, [&](int token) {
        const float temperature = temperature_at(task, token);
        const float* cos = angles.cos.data() + static_cast<long>(token) * task.pairs;
        const float* sin = angles.sin.data() + static_cast<long>(token) * task.pairs;
        for (int h = 0; h < task.heads; ++h) {
            const long at = (static_cast<long>(token) * task.heads + h) * task.head_dim;
            turn(task, task.x + at, cos, sin, temperature, task.out + at);
        }
    });
}

}  // namespace quatre
