#include "moe_drive.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

namespace quatre {

namespace {

constexpr int kMostTokens = 1024;  // a longer call is done in parts: intermediate results stay within about 100 MB

// Experts of the same shape and formats, and the inputs of each: its slots, span by span.
struct Group {
    const Swiglu& w;
    GroupSpace& space;
    const int* token_of;  // of each slot, or null if slot i is token i
    std::vector<Span> spans;
    std::vector<int> experts;  // of each span
    Inputs gate, up, mid;
    float* hidden;          // [slots, width]
    float* out;             // [slots, dim]
    const float* residual;  // the same, or null

    std::size_t slots() const {
        return spans.empty() ? 0 : static_cast<std::size_t>(spans.back().first + spans.back().tiles.tokens);
    }
    int width() const { return w.w1.rows(); }
    int dim() const { return w.w2.rows(); }
    void add(int expert, int first, const Tiles& tiles) {
        experts.push_back(expert);
        spans.push_back({first, tiles});
    }
};

struct GroupPiece {
    Group* group;
    Piece piece;

    const Span& span() const { return group->spans[static_cast<std::size_t>(piece.span)]; }
    int expert() const { return group->experts[static_cast<std::size_t>(piece.span)]; }
    MultiplyTask task(const Matrix& w, const Inputs& x, float* out, const float* residual, long stride) const {
        return {w.at(expert()), piece.panel, piece.panel_end, x.from(span().first),
                span().tiles,   piece.tile,  piece.tile_end,  out,
                residual,       stride};
    }
};

std::vector<GroupPiece> pieces_of(const Context& c, std::vector<Group>& groups, const Matrix& (*which)(const Swiglu&)) {
    std::vector<GroupPiece> all;
    std::vector<Piece> pieces;
    for (Group& group : groups) {
        pieces.clear();
        for (std::size_t i = 0; i < group.spans.size(); ++i)
            cut(c, which(group.w).at(group.experts[i]), group.spans[i].tiles, static_cast<int>(i), pieces);
        for (const Piece& piece : pieces) all.push_back({&group, piece});
    }
    return all;
}

// The tokens of a piece within its span, and its rows.
struct Extent {
    int token, tokens, row, rows;
    Extent(const GroupPiece& p, int all_rows)
        : token(p.span().tiles.begin(p.piece.tile)),
          tokens(p.span().tiles.begin(p.piece.tile_end) - token),
          row(p.piece.panel * kRows),
          rows(std::min(all_rows, p.piece.panel_end * kRows) - row) {}
    std::size_t numbers() const { return static_cast<std::size_t>(tokens) * static_cast<std::size_t>(rows); }
};

// hidden = silu(w1 x) ⊙ w3 x for one piece. `memory` holds two blocks [tokens, rows of the piece].
void gate_piece(const Context& c, const GroupPiece& p, float* memory) {
    const Group& group = *p.group;
    const Extent e(p, group.width());
    const long back = static_cast<long>(e.token) * e.rows + e.row;  // kernels write at the row's and token's own place
    float* gate = memory;
    float* up = memory + e.numbers();
    c.kernels.multiply(p.task(group.w.w1, group.gate, gate - back, nullptr, e.rows));
    c.kernels.multiply(p.task(group.w.w3, group.up, up - back, nullptr, e.rows));
    float* out = group.hidden + (static_cast<long>(p.span().first) + e.token) * group.width() + e.row;
    for (long t = 0; t < e.tokens; ++t)
        c.kernels.silu_mul_row(gate + t * e.rows, up + t * e.rows, e.rows, out + t * group.width());
}

void prepare_group(const Context& c, Group& group, const float* x) {
    const InputFormat gate = group.w.w1.format().inputs(), up = group.w.w3.format().inputs();
    const int dim = group.w.w1.cols();
    group.gate = prepare(c, gate, x, group.token_of, group.spans, dim, group.space.gate);
    group.up = up == gate ? group.gate : prepare(c, up, x, group.token_of, group.spans, dim, group.space.up);
    group.hidden = group.space.hidden.get<float>(group.slots() * static_cast<std::size_t>(group.width()));
}

// The outputs of all groups for x [tokens, dim]. Every weight is read once.
void run_groups(const Context& c, std::vector<Group>& groups, const float* x, Buffer& partial) {
    for (Group& group : groups) prepare_group(c, group, x);
    const auto gates = pieces_of(c, groups, [](const Swiglu& w) -> const Matrix& { return w.w1; });
    std::size_t most = 0;
    for (const GroupPiece& p : gates) most = std::max(most, 2 * Extent(p, p.group->width()).numbers());
    auto* memory = partial.get<float>(most * static_cast<std::size_t>(c.pool.size()));
    c.pool.run(static_cast<int>(gates.size()), [&](int task, int worker) {
        gate_piece(c, gates[static_cast<std::size_t>(task)], memory + most * static_cast<std::size_t>(worker));
    });
    for (Group& group : groups)
        group.mid = prepare(c, group.w.w2.format().inputs(), group.hidden, nullptr, group.spans, group.width(),
                            group.space.mid);
    const auto downs = pieces_of(c, groups, [](const Swiglu& w) -> const Matrix& { return w.w2; });
    c.pool.run(static_cast<int>(downs.size()), [&](int task, int) {
        const GroupPiece& p = downs[static_cast<std::size_t>(task)];
        const Group& group = *p.group;
        const long at = static_cast<long>(p.span().first) * group.dim();
        c.kernels.multiply(
            p.task(group.w.w2, group.mid, group.out + at, group.residual ? group.residual + at : nullptr, group.dim()));
    });
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

// Which experts each token of a part goes to, and the slots that follow from it.
struct Routing {
    std::int32_t* chosen;    // [tokens, top_k]
    float* weights;          // [tokens, top_k]
    int* slot_of;            // [tokens, top_k]
    int* token_of;           // [tokens · top_k]: of each slot; slots are sorted by expert, then by token
    std::vector<int> begin;  // [experts + 1]: slots of each expert
};

Routing route_all(const Context& c, const MoeTask& task, MoeSpace& space) {
    const int experts = task.router.rows(), dim = task.router.cols(), k = task.top_k, tokens = task.tokens;
    const std::size_t routed = static_cast<std::size_t>(tokens) * static_cast<std::size_t>(k);
    auto* logits = space.logits.get<float>(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(experts));
    auto* numbers = space.chosen.get<std::int32_t>(3 * routed);
    Routing r = {numbers, space.weights.get<float>(routed), numbers + routed, numbers + 2 * routed, {}};
    const std::vector<Span> all = {{0, {tokens, c.kernels.tile}}};
    const Inputs in = prepare(c, exact_inputs(task.router.format()), task.x, nullptr, all, dim, space.router);
    linear(c, task.router.at(0), in, tokens, nullptr, logits);
    c.pool.run(tokens, [&](int t, int) {
        route(logits + static_cast<long>(t) * experts, experts, task, r.chosen + t * k, r.weights + t * k);
    });
    r.begin.assign(static_cast<std::size_t>(experts) + 1, 0);
    for (std::size_t i = 0; i < routed; ++i) ++r.begin[static_cast<std::size_t>(r.chosen[i]) + 1];
    std::partial_sum(r.begin.begin(), r.begin.end(), r.begin.begin());
    std::vector<int> next(r.begin.begin(), r.begin.end() - 1);
    for (std::size_t i = 0; i < routed; ++i) {
        r.slot_of[i] = next[static_cast<std::size_t>(r.chosen[i])]++;
        r.token_of[r.slot_of[i]] = static_cast<int>(i) / k;
    }
    return r;
}

void moe_part(const Context& c, const MoeTask& task, MoeSpace& space) {
    const int k = task.top_k;
    const long dim = task.router.cols();
    const Routing r = route_all(c, task, space);
    std::vector<Group> groups;
    groups.push_back({task.experts, space.routed, r.token_of, {}, {}, {}, {}, {}, nullptr, nullptr, nullptr});
    for (int e = 0; e < task.router.rows(); ++e) {
        const int first = r.begin[static_cast<std::size_t>(e)],
                  count = r.begin[static_cast<std::size_t>(e) + 1] - first;
        if (count > 0) groups[0].add(e, first, {count, c.kernels.tile});
    }
    if (task.shared) {
        groups.push_back({*task.shared, space.shared, nullptr, {}, {}, {}, {}, {}, nullptr, nullptr, nullptr});
        groups[1].add(0, 0, {task.tokens, c.kernels.tile});
    }
    for (Group& group : groups)
        group.out = group.space.outputs.get<float>(group.slots() * static_cast<std::size_t>(dim));
    run_groups(c, groups, task.x, space.partial);
    c.pool.run(task.tokens, [&](int t, int) {
        float* out = task.out + t * dim;
        std::memcpy(out, task.residual + t * dim, static_cast<std::size_t>(dim) * 4);
        for (int i = t * k; i < (t + 1) * k; ++i)
            c.kernels.add_scaled_row(r.weights[i], groups[0].out + r.slot_of[i] * dim, static_cast<int>(dim), out);
        if (task.shared) c.kernels.add_scaled_row(1.0f, groups[1].out + t * dim, static_cast<int>(dim), out);
    });
}

}  // namespace

void feed_forward(const Context& c, const Swiglu& w, const float* x, int tokens, const float* residual, float* out,
                  MoeSpace& space) {
    for (int first = 0; first < tokens; first += kMostTokens) {
        const long at = static_cast<long>(first) * w.w2.rows();
        std::vector<Group> groups;
        groups.push_back({w, space.shared, nullptr, {}, {}, {}, {}, {}, nullptr, out + at, residual + at});
        groups[0].add(0, 0, {std::min(tokens - first, kMostTokens), c.kernels.tile});
        run_groups(c, groups, x + at, space.partial);
    }
}

void moe(const Context& c, const MoeTask& task, MoeSpace& space) {
    for (int first = 0; first < task.tokens; first += kMostTokens) {
        const long at = static_cast<long>(first) * task.router.cols();
        MoeTask part = task;
        part.x += at;
        part.residual += at;
        part.out += at;
        part.tokens = std::min(task.tokens - first, kMostTokens);
        moe_part(c, part, space);
    }
}

}  // namespace quatre
