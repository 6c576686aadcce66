#include "moe_drive.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

namespace quatre {

namespace {

// Rows of x that one expert works on: its slots are rows first … first + count - 1 of the gathered inputs.
struct Share {
    Panels w1, w3, w2;
    int first, count;
};

struct Piece {  // panels first … end - 1 of a share
    int share, first, end;
};

std::vector<Piece> pieces_of(const Context& c, const std::vector<Share>& shares, const Panels Share::*w) {
    std::vector<Piece> pieces;
    for (int s = 0; s < static_cast<int>(shares.size()); ++s) {
        const Panels& panels = shares[static_cast<std::size_t>(s)].*w;
        const int per = panels_per_task(c, panels);
        for (int p = 0; p < panels.count(); p += per) pieces.push_back({s, p, std::min(panels.count(), p + per)});
    }
    return pieces;
}

// silu(w1 x) ⊙ w3 x for one piece, into hidden [slots, width]. `memory` holds two blocks [count, rows of the piece].
void gate_piece(const Context& c, const Share& share, const Piece& piece, const Inputs& x, float* hidden, float* memory) {
    const int row = piece.first * kRows, rows = std::min(share.w1.rows, piece.end * kRows) - row;
    float* gate = memory - row;  // kernels write at the row's own place
    float* up = memory + static_cast<long>(share.count) * rows - row;
    c.kernels.multiply({share.w1, piece.first, piece.end, x, share.count, gate, nullptr, rows});
    c.kernels.multiply({share.w3, piece.first, piece.end, x, share.count, up, nullptr, rows});
    for (int t = 0; t < share.count; ++t) {
        const long at = static_cast<long>(t) * rows + row;
        float* out = hidden + static_cast<long>(share.first + t) * share.w1.rows + row;
        c.kernels.silu_mul_row(gate + at, up + at, rows, out);
    }
}

Inputs inputs_of(const Inputs& all, const PanelFormat& format, int first) {
    Inputs mine = all;
    const long bytes = format.codes == Codes::f32    ? 4L * all.cols
                       : format.codes == Codes::bf16 ? 4L * ((all.cols + 1) / 2)
                                                     : static_cast<long>(all.cols);
    mine.numbers = static_cast<const char*>(all.numbers) + first * bytes;
    return format.floating() ? mine : mine.from(first);
}

// The shares' outputs, [slots, dim]; x [slots, dim] is gathered by slot.
float* run_shares(const Context& c, const std::vector<Share>& shares, const float* x, int slots, MoeSpace& space) {
    const Panels& w1 = shares[0].w1;
    const Panels& w2 = shares[0].w2;
    const Inputs in = prepare(c, w1.format, x, slots, w1.cols, space.inputs);
    auto* hidden = space.hidden.get<float>(static_cast<std::size_t>(slots) * static_cast<std::size_t>(w1.rows));

    const std::vector<Piece> gates = pieces_of(c, shares, &Share::w1);
    std::size_t most = 0;
    for (const Piece& p : gates)
        most = std::max(most, static_cast<std::size_t>(shares[static_cast<std::size_t>(p.share)].count) *
                                  static_cast<std::size_t>(p.end - p.first) * kRows * 2);
    auto* memory = space.partial.get<float>(most * static_cast<std::size_t>(c.pool.size()));
    c.pool.run(static_cast<int>(gates.size()), [&](int task, int worker) {
        const Piece& piece = gates[static_cast<std::size_t>(task)];
        const Share& share = shares[static_cast<std::size_t>(piece.share)];
        gate_piece(c, share, piece, inputs_of(in, w1.format, share.first), hidden,
                   memory + most * static_cast<std::size_t>(worker));
    });

    const Inputs mid = prepare(c, w2.format, hidden, slots, w2.cols, space.hidden_inputs);
    auto* outputs = space.outputs.get<float>(static_cast<std::size_t>(slots) * static_cast<std::size_t>(w2.rows));
    const std::vector<Piece> downs = pieces_of(c, shares, &Share::w2);
    c.pool.run(static_cast<int>(downs.size()), [&](int task, int) {
        const Piece& piece = downs[static_cast<std::size_t>(task)];
        const Share& share = shares[static_cast<std::size_t>(piece.share)];
        c.kernels.multiply({share.w2, piece.first, piece.end, inputs_of(mid, w2.format, share.first), share.count,
                            outputs + static_cast<long>(share.first) * w2.rows, nullptr, w2.rows});
    });
    return outputs;
}

// The chosen experts of one token, by decreasing weight and then by id, and their weights.
void route(const float* logits, int experts, const MoeTask& task, std::int32_t* chosen, float* weights) {
    const float most = *std::max_element(logits, logits + experts);
    std::vector<float> p(static_cast<std::size_t>(experts));
    float sum = 0;
    for (int e = 0; e < experts; ++e) sum += p[static_cast<std::size_t>(e)] = std::exp(logits[e] - most);
    std::vector<std::int32_t> order(p.size());
    std::iota(order.begin(), order.end(), 0);
    // NaN sorts last, so that the order is total whatever the input was.
    const auto before = [&](std::int32_t a, std::int32_t b) {
        const float x = p[static_cast<std::size_t>(a)], y = p[static_cast<std::size_t>(b)];
        if (std::isnan(x) || std::isnan(y)) return std::isnan(x) == std::isnan(y) ? a < b : std::isnan(y);
        return x > y || (x == y && a < b);
    };
    std::partial_sort(order.begin(), order.begin() + task.top_k, order.end(), before);
    float kept = 0;
    for (int k = 0; k < task.top_k; ++k) {
        chosen[k] = order[static_cast<std::size_t>(k)];
        weights[k] = p[static_cast<std::size_t>(chosen[k])] / sum;
        kept += weights[k];
    }
    for (int k = 0; k < task.top_k; ++k)
        weights[k] = (task.normalise ? weights[k] / (kept + 1e-20f) : weights[k]) * task.scale;
}

}  // namespace

void feed_forward(const Context& c, const Swiglu& w, const float* x, int tokens, const float* residual, float* out,
                  MoeSpace& space) {
    const std::vector<Share> shares = {{w.w1.at(0), w.w3.at(0), w.w2.at(0), 0, tokens}};
    const float* y = run_shares(c, shares, x, tokens, space);
    const long n = w.w2.rows();
    c.pool.run(tokens, [&](int t, int) {
        for (long i = t * n; i < (t + 1) * n; ++i) out[i] = residual[i] + y[i];
    });
}

void moe(const Context& c, const MoeTask& task, MoeSpace& space) {
    const int experts = task.router.rows(), dim = task.router.cols(), k = task.top_k, tokens = task.tokens;
    const std::size_t routed = static_cast<std::size_t>(tokens) * static_cast<std::size_t>(k);
    auto* logits = space.logits.get<float>(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(experts));
    auto* chosen = space.slots.get<std::int32_t>(2 * routed);
    std::int32_t* slot = chosen + routed;  // of each (token, k)
    auto* weights = space.gates.get<float>(routed);
    const Inputs in = prepare(c, task.router.format(), task.x, tokens, dim, space.router_inputs);
    linear(c, task.router.at(0), in, tokens, nullptr, logits);
    c.pool.run(tokens, [&](int t, int) {
        route(logits + static_cast<long>(t) * experts, experts, task, chosen + t * k, weights + t * k);
    });

    // Slots: the (token, k) pairs sorted by expert, then by token; behind them one per token for the shared expert.
    std::vector<int> begin(static_cast<std::size_t>(experts) + 1, 0);
    for (std::size_t i = 0; i < routed; ++i) ++begin[static_cast<std::size_t>(chosen[i]) + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    std::vector<int> next(begin.begin(), begin.end() - 1);
    for (std::size_t i = 0; i < routed; ++i) slot[i] = next[static_cast<std::size_t>(chosen[i])]++;

    std::vector<Share> shares;
    for (int e = 0; e < experts; ++e) {
        const int first = begin[static_cast<std::size_t>(e)], count = begin[static_cast<std::size_t>(e) + 1] - first;
        if (count > 0) shares.push_back({task.experts.w1.at(e), task.experts.w3.at(e), task.experts.w2.at(e), first, count});
    }
    auto* gathered = space.gathered.get<float>(routed * static_cast<std::size_t>(dim));
    c.pool.run(tokens, [&](int t, int) {
        for (int i = t * k; i < (t + 1) * k; ++i)
            std::memcpy(gathered + static_cast<long>(slot[i]) * dim, task.x + static_cast<long>(t) * dim,
                        static_cast<std::size_t>(dim) * 4);
    });
    const float* y = run_shares(c, shares, gathered, static_cast<int>(routed), space);
    c.pool.run(tokens, [&](int t, int) {
        float* out = task.out + static_cast<long>(t) * dim;
        std::memcpy(out, task.residual + static_cast<long>(t) * dim, static_cast<std::size_t>(dim) * 4);
        for (int i = t * k; i < (t + 1) * k; ++i)
            c.kernels.add_scaled_row(weights[i], y + static_cast<long>(slot[i]) * dim, dim, out);
    });
    if (task.shared) feed_forward(c, *task.shared, task.x, tokens, task.out, task.out, space);
}

}  // namespace quatre
