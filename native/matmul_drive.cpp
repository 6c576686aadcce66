#include "matmul_drive.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace quatre {

namespace {

constexpr long kTaskBytes = 128 * 1024;   // weights
constexpr long kBlockBytes = 384 * 1024;  // inputs that stay in the second-level cache while weights pass by
constexpr int kPackTask = 8;              // panels

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

namespace {

struct Tile {
    int first, count;
};

std::vector<Tile> tiles_of(const std::vector<Span>& spans) {
    std::vector<Tile> tiles;
    for (const Span& span : spans)
        for (int i = 0; i < span.tiles.count(); ++i) {
            const int begin = span.tiles.begin(i);
            tiles.push_back({span.first + begin, span.tiles.begin(i + 1) - begin});
        }
    return tiles;
}

// One token's row into place t of a tile of n.
void prepare_row(const Kernels& k, InputFormat format, const float* x, int cols, int t, int n,
                 const QuantisedPlace& tile) {
    char* numbers = reinterpret_cast<char*>(tile.numbers);
    switch (format.kind) {
        case InputFormat::f32:
            return k.spread_row(x, cols, n, reinterpret_cast<float*>(numbers) + t);
        case InputFormat::bf16:
            return k.bf16_row(x, cols, n, reinterpret_cast<std::uint32_t*>(numbers) + t);
        default:
            k.quantise_row(x, cols, format, {tile.numbers + t * kGroup, tile.scales + t, tile.extra + t, n});
    }
}

}  // namespace

Inputs prepare(const Context& c, InputFormat format, const float* x, const int* row_of, const std::vector<Span>& spans,
               int cols, InputSpace& space) {
    const std::vector<Tile> tiles = tiles_of(spans);
    const auto slots = static_cast<std::size_t>(tiles.empty() ? 0 : tiles.back().first + tiles.back().count);
    if (format.kind == InputFormat::f32 && !row_of && slots == 1)  // one token is laid out as it is
        return {format, cols, reinterpret_cast<const char*>(x), nullptr, nullptr};
    const long groups = format.floating() ? 0 : cols / kGroup, extras = format.floating() ? 0 : format.extras(cols);
    auto* numbers = space.numbers.get<std::int8_t>(slots * static_cast<std::size_t>(format.number_bytes(cols)));
    auto* scales = space.scales.get<float>(slots * static_cast<std::size_t>(groups));
    auto* extra = space.extra.get<std::int32_t>(slots * static_cast<std::size_t>(extras));
    c.pool.run(static_cast<int>(tiles.size()), [&](int task, int) {
        const Tile& tile = tiles[static_cast<std::size_t>(task)];
        const QuantisedPlace place = {numbers + tile.first * format.number_bytes(cols), scales + tile.first * groups,
                                      extra + tile.first * extras, tile.count};
        for (int t = 0; t < tile.count; ++t) {
            const long row = row_of ? row_of[tile.first + t] : tile.first + t;
            prepare_row(c.kernels, format, x + row * cols, cols, t, tile.count, place);
        }
    });
    return {format, cols, reinterpret_cast<const char*>(numbers), scales, extra};
}

InputFormat exact_inputs(const PanelFormat& weights) {
    return weights.floating() ? InputFormat{InputFormat::f32, 0} : weights.inputs();
}

void cut(const Context& c, const Panels& w, const Tiles& tiles, int span, std::vector<Piece>& pieces) {
    const long by_cache = std::max(1L, kTaskBytes / std::max(1L, w.format.panel_bytes(w.cols)));
    const long by_threads = std::max(1, w.count() / (4 * c.pool.size()));
    const int panels = static_cast<int>(std::min(by_cache, by_threads));
    const long tile_bytes = tiles.most * (w.format.inputs().number_bytes(w.cols) + 1);
    const int block = static_cast<int>(std::max(1L, kBlockBytes / tile_bytes));
    for (int tile = 0; tile < tiles.count(); tile += block)
        for (int panel = 0; panel < w.count(); panel += panels)
            pieces.push_back(
                {span, panel, std::min(w.count(), panel + panels), tile, std::min(tiles.count(), tile + block)});
}

void linear(const Context& c, const Panels& w, const Inputs& x, int tokens, const float* residual, float* out) {
    const Tiles tiles = {tokens, c.kernels.tile};
    std::vector<Piece> pieces;
    cut(c, w, tiles, 0, pieces);
    c.pool.run(static_cast<int>(pieces.size()), [&](int task, int) {
        const Piece& p = pieces[static_cast<std::size_t>(task)];
        c.kernels.multiply({w, p.panel, p.panel_end, x, tiles, p.tile, p.tile_end, out, residual, w.rows});
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
