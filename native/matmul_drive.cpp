#include "matmul_drive.h"

#include <algorithm>
#include <vector>

namespace quatre {

namespace {

constexpr long kTaskBytes = 128 * 1024;   // weights of a task, about
constexpr long kStreamBytes = 2L << 20;   // of a task that reads them for one tile of tokens, at most
constexpr long kBlockBytes = 384 * 1024;  // inputs that stay in the second-level cache while weights pass by
constexpr std::size_t kSlack = 64;        // kernels may read, never use, one token more than there is

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
    auto* numbers =
        space.numbers.get<std::int8_t>(slots * static_cast<std::size_t>(format.number_bytes(cols)) + kSlack);
    auto* scales = space.scales.get<float>(slots * static_cast<std::size_t>(groups) + kSlack);
    auto* extra = space.extra.get<std::int32_t>(slots * static_cast<std::size_t>(extras) + kSlack);
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

// Every start of a task waits for memory, so weights that are read for one tile only are cut into long pieces first and
// short ones last, when they serve to keep all threads busy until the end.
void cut(const Context& c, const Panels& w, const Tiles& tiles, int span, std::vector<Piece>& pieces) {
    const auto panels_of = [&](long bytes) {
        return static_cast<int>(std::max(1L, bytes / std::max(1L, w.format.panel_bytes(w.cols))));
    };
    const int threads = c.pool.size(), least = std::min(panels_of(kTaskBytes), std::max(1, w.count() / (4 * threads)));
    const int most = tiles.count() == 1 ? std::max(least, panels_of(kStreamBytes)) : least;
    const long tile_bytes = tiles.most * (w.format.inputs().number_bytes(w.cols) + 1);
    const int block = static_cast<int>(std::max(1L, kBlockBytes / tile_bytes));
    for (int tile = 0; tile < tiles.count(); tile += block)
        for (int panel = 0, end; panel < w.count(); panel = end) {
            const int left = w.count() - panel;
            end = panel + std::min(left, std::clamp(left / (2 * threads), least, most));
            pieces.push_back({span, panel, end, tile, std::min(tiles.count(), tile + block)});
        }
}

void multiply_all(const Context& c, const std::vector<Product>& products, int tokens) {
    const Tiles tiles = {tokens, c.kernels.tile};
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < products.size(); ++i) cut(c, products[i].w, tiles, static_cast<int>(i), pieces);
    c.pool.run(static_cast<int>(pieces.size()), [&](int task, int) {
        const Piece& p = pieces[static_cast<std::size_t>(task)];
        const Product& y = products[static_cast<std::size_t>(p.span)];
        c.kernels.multiply({y.w, p.panel, p.panel_end, y.x, tiles, p.tile, p.tile_end, y.out, y.residual, y.w.rows});
    });
}

void linear(const Context& c, const Panels& w, const Inputs& x, int tokens, const float* residual, float* out) {
    multiply_all(c, {{w, x, residual, out}}, tokens);
}

}  // namespace quatre
