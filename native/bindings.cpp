// The Python module: arrays in, GIL out, one line per operation.

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "checks.h"
#include "core.h"

namespace nb = nanobind;
using namespace quatre;

namespace {

Stored stored_of(const std::string& name) {
    static const std::pair<const char*, Stored> kNames[] = {
        {"f32", Stored::f32},         {"f16", Stored::f16},         {"bf16", Stored::bf16},
        {"f8_e4m3", Stored::f8_e4m3}, {"nvfp4", Stored::nvfp4},     {"q8_0", Stored::q8_0},
        {"q4_0", Stored::q4_0},       {"q4_1", Stored::q4_1},       {"q5_0", Stored::q5_0},
        {"q5_1", Stored::q5_1},       {"iq4_nl", Stored::iq4_nl},   {"iq4_xs", Stored::iq4_xs},
        {"mxfp4", Stored::mxfp4},     {"q2_k", Stored::q2_k},       {"q3_k", Stored::q3_k},
        {"q4_k", Stored::q4_k},       {"q5_k", Stored::q5_k},       {"q6_k", Stored::q6_k},
        {"tq1_0", Stored::tq1_0},     {"tq2_0", Stored::tq2_0},     {"iq1_s", Stored::iq1_s},
        {"iq1_m", Stored::iq1_m},     {"iq2_xxs", Stored::iq2_xxs}, {"iq2_xs", Stored::iq2_xs},
        {"iq2_s", Stored::iq2_s},     {"iq3_xxs", Stored::iq3_xxs}, {"iq3_s", Stored::iq3_s}};
    for (const auto& [known, stored] : kNames)
        if (name == known) return stored;
    throw nb::value_error(("no kernel format for " + name).c_str());
}

// data [matrices, rows, row bytes]: rows are contiguous, the rest may be strided.
using StoredArray = nb::ndarray<const std::uint8_t, nb::numpy, nb::ndim<3>, nb::device::cpu>;
using FactorArray = ArrayIn<float, 3>;  // [matrices, blocks of rows, blocks of columns]

StoredRows stored_rows(const std::string& stored, const StoredArray& data, int cols) {
    const Stored format = stored_of(stored);
    constexpr std::size_t kMost = std::numeric_limits<int>::max();
    if (data.shape(0) > kMost || data.shape(1) > kMost)
        throw std::invalid_argument("data has more matrices or rows than kernels can count: " + dimensions(data));
    const long bytes = cols > 0 ? row_bytes(format, cols) : 0;
    if (bytes == 0) throw std::invalid_argument(stored + " cannot store rows of " + std::to_string(cols) + " numbers");
    if (static_cast<long>(data.shape(2)) != bytes || data.stride(2) != 1)
        throw std::invalid_argument("data must have contiguous rows of " + std::to_string(bytes) + " bytes for " +
                                    std::to_string(cols) + " numbers of " + stored + ", got " + dimensions(data));
    return {format, data.data(), data.stride(1), static_cast<int>(data.shape(1)), cols, {}};
}

Matrix* packed(Core& core, const StoredRows& rows, const StoredArray& data, long factors, long groups) {
    nb::gil_scoped_release release;
    return new Matrix(core.pool, rows, static_cast<int>(data.shape(0)), {data.stride(0), factors, groups});
}

Matrix* make_matrix(Core& core, const std::string& stored, const StoredArray& data, int cols) {
    const StoredRows rows = stored_rows(stored, data, cols);
    if (rows.stored == Stored::f8_e4m3 || rows.stored == Stored::nvfp4)
        throw std::invalid_argument(stored + " comes with scales beside its rows");
    return packed(core, rows, data, 0, 0);
}

int blocks(int all, int block) { return (all + block - 1) / block; }

Matrix* make_block_matrix(Core& core, const StoredArray& data, int cols, const FactorArray& factors, int block_rows,
                          int block_cols) {
    StoredRows rows = stored_rows("f8_e4m3", data, cols);
    if (block_rows < 1 || block_cols < 1 || (block_cols % 2 && block_cols < cols))
        throw std::invalid_argument("blocks must have rows and an even number of columns, got " +
                                    dimensions({block_rows, block_cols}));
    block_rows = std::min(block_rows, std::max(rows.rows, 1));
    block_cols = std::min(block_cols, cols);
    demand_shape("factors", factors,
                 {static_cast<long>(data.shape(0)), blocks(rows.rows, block_rows), blocks(cols, block_cols)});
    rows.beside = {factors.data(), block_rows, block_cols, nullptr, 0, false};
    return packed(core, rows, data, static_cast<long>(factors.shape(1) * factors.shape(2)), 0);
}

Matrix* make_micro_matrix(Core& core, const StoredArray& data, int cols, const StoredArray& groups,
                          const ArrayIn<float, 1>& factors, bool magnitudes) {
    StoredRows rows = stored_rows("nvfp4", data, cols);
    const auto matrices = static_cast<long>(data.shape(0));
    demand_shape("factors", factors, {matrices});
    if (static_cast<long>(groups.shape(0)) != matrices || groups.shape(1) != data.shape(1) ||
        static_cast<long>(groups.shape(2)) != cols / 16 || groups.stride(2) != 1)
        throw std::invalid_argument("groups must have contiguous rows, " +
                                    dimensions({matrices, static_cast<long>(rows.rows), cols / 16}) + ", got " +
                                    dimensions(groups));
    rows.beside = {factors.data(), 1, 1, groups.data(), groups.stride(1), magnitudes};
    return packed(core, rows, data, 1, groups.stride(0));
}

// The size and the format of panels that are described by the words of a file.
struct Described {
    PanelFormat format;
    long bytes;
};

Described described(const std::string& stored, int block, long count, long rows, int cols) {
    const Stored kind = stored_of(stored);
    constexpr long kMost = std::numeric_limits<int>::max();
    const bool blocks = kind == Stored::f8_e4m3;
    if (count < 1 || count > kMost || rows < 1 || rows > kMost || cols < 1 || row_bytes(kind, cols) == 0 ||
        (blocks && (block < 1 || block > cols || (block % 2 && block < cols))))
        throw std::invalid_argument("no panels of " + stored + " have the shape " +
                                    dimensions({count, rows, static_cast<long>(cols)}));
    const PanelFormat format = panel_format(kind, blocks ? block : 1);
    const long bytes = panel_stack_bytes(format, count, rows, cols);
    if (bytes < 0) throw std::invalid_argument("panels of " + stored + " are larger than any memory");
    return {format, bytes};
}

long panels_nbytes(const std::string& stored, int block, long count, long rows, int cols) {
    return described(stored, block, count, rows, cols).bytes;
}

Matrix* mapped_matrix(const std::string& stored, int block, long count, long rows, int cols,
                      const ArrayIn<std::uint8_t, 1>& panels) {
    const Described shape = described(stored, block, count, rows, cols);
    if (static_cast<long>(panels.shape(0)) != shape.bytes || reinterpret_cast<std::uintptr_t>(panels.data()) % 64)
        throw std::invalid_argument("panels must be " + std::to_string(shape.bytes) + " bytes, aligned to 64, got " +
                                    std::to_string(panels.shape(0)));
    return new Matrix(shape.format, static_cast<int>(count), static_cast<int>(rows), cols, panels.data());
}

nb::ndarray<nb::numpy, const std::uint8_t, nb::ndim<1>> panels_of(nb::handle_t<Matrix> self) {
    const auto& m = nb::cast<const Matrix&>(self);
    return {m.data(), {m.bytes()}, self};
}

void decode(const Matrix& m, const ArrayOut<float, 3>& out) {
    demand_shape("out", out, {m.count(), m.rows(), m.cols()});
    for (int i = 0; i < m.count(); ++i)
        for (int r = 0; r < m.rows(); ++r)
            decode_row(m.at(i), r, out.data() + (static_cast<long>(i) * m.rows() + r) * m.cols());
}

using In2 = ArrayIn<float, 2>;
using Out2 = ArrayOut<float, 2>;

int tokens_of(const In2& x) { return static_cast<int>(x.shape(0)); }

std::string shape_of(const Matrix& w) { return dimensions({w.count(), w.rows(), w.cols()}); }

using Norm = std::optional<ArrayIn<float, 1>>;

void demand_norm(const Norm& norm, const In2& x) {
    if (norm) demand_shape("norm", *norm, {static_cast<long>(x.shape(1))});
}

// x, or its rows normed into memory that lasts until the next call.
const float* normed(Core& core, const In2& x, const Norm& norm, float eps) {
    if (!norm) return x.data();
    const int tokens = tokens_of(x), n = static_cast<int>(x.shape(1));
    auto* out = core.normed.get<float>(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(n));
    rms_norm(core.context(), x.data(), norm->data(), eps, tokens, n, out);
    return out;
}

void demand_single(const Matrix& w) {
    if (w.count() != 1) throw std::invalid_argument("a product takes one matrix, got a stack " + shape_of(w));
}

void call_linear(Core& core, const Matrix& w, const In2& x, const std::optional<In2>& residual, const Out2& out) {
    const int tokens = tokens_of(x);
    demand_shape("x", x, {kTokens, w.cols()});
    demand_shape("out", out, {tokens, w.rows()});
    if (residual) demand_shape("residual", *residual, {tokens, w.rows()});
    demand_single(w);
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    const Context c = core.context();
    const std::vector<Span> all = {{0, {tokens, c.kernels.tile}}};
    const Inputs in = prepare(c, w.format().inputs(), x.data(), nullptr, all, w.cols(), core.inputs[0]);
    linear(c, w.at(0), in, tokens, residual ? residual->data() : nullptr, out.data());
}

// Several products of the same, perhaps normed, input.
void call_project(Core& core, const In2& x, const Norm& norm, float eps, const std::vector<const Matrix*>& weights,
                  const std::vector<Out2>& outs) {
    const int tokens = tokens_of(x), cols = static_cast<int>(x.shape(1));
    if (weights.size() != outs.size()) throw std::invalid_argument("every product needs an array of its own");
    demand_norm(norm, x);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        demand_single(*weights[i]);
        demand_shape("x", x, {kTokens, weights[i]->cols()});
        demand_shape("out", outs[i], {tokens, weights[i]->rows()});
    }
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    const Context c = core.context();
    const std::vector<Span> all = {{0, {tokens, c.kernels.tile}}};
    const float* input = normed(core, x, norm, eps);
    std::vector<Inputs> prepared;
    std::vector<Product> products;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const InputFormat format = weights[i]->format().inputs();
        const auto same =
            std::find_if(prepared.begin(), prepared.end(), [&](const Inputs& known) { return known.format == format; });
        if (same != prepared.end()) {
            products.push_back({weights[i]->at(0), *same, nullptr, outs[i].data()});
            continue;
        }
        if (prepared.size() == std::size(core.inputs)) {  // more formats than there is memory for: one after the other
            multiply_all(c, products, tokens);
            products.clear();
            prepared.clear();
        }
        prepared.push_back(prepare(c, format, input, nullptr, all, cols, core.inputs[prepared.size()]));
        products.push_back({weights[i]->at(0), prepared.back(), nullptr, outs[i].data()});
    }
    multiply_all(c, products, tokens);
}

void call_rms_norm(Core& core, const In2& x, const ArrayIn<float, 1>& w, float eps, const Out2& out) {
    const int tokens = tokens_of(x), n = static_cast<int>(w.shape(0));
    demand_shape("x", x, {kTokens, n});
    demand_shape("out", out, {tokens, n});
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    rms_norm(core.context(), x.data(), w.data(), eps, tokens, n, out.data());
}

void call_gelu(Core& core, const In2& x, const Out2& out) {
    const int tokens = tokens_of(x), n = static_cast<int>(x.shape(1));
    demand_shape("out", out, {tokens, n});
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    gelu(core.context(), x.data(), tokens, n, out.data());
}

void call_rope(Core& core, const ArrayIn<float, 3>& x, const ArrayIn<std::int32_t, 1>& positions,
               const ArrayIn<float, 1>& frequencies, float magnitude, bool interleaved, float beta, int length,
               const ArrayOut<float, 3>& out) {
    const int tokens = static_cast<int>(x.shape(0)), heads = static_cast<int>(x.shape(1));
    const int head_dim = static_cast<int>(x.shape(2)), pairs = static_cast<int>(frequencies.shape(0));
    if (head_dim < 2 * pairs)
        throw std::invalid_argument("x must have heads of at least " + std::to_string(2 * pairs) + " numbers, got " +
                                    std::to_string(head_dim));
    if (static_cast<int>(positions.shape(0)) != tokens)
        throw std::invalid_argument("positions must be one per token: " + std::to_string(tokens) + ", got " +
                                    std::to_string(positions.shape(0)));
    demand_shape("out", out, {tokens, heads, head_dim});
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    rope(core.context(),
         {x.data(), out.data(), positions.data(), tokens, heads, head_dim, frequencies.data(), pairs, magnitude,
          interleaved, beta, length},
         core.angles);
}

void demand_swiglu(const In2& x, const Swiglu& w, int count) {
    demand_shape("x", x, {kTokens, w.w1.cols()});
    const auto fits = [&](const Matrix& m, int rows, int cols) {
        return m.count() == count && m.rows() == rows && m.cols() == cols;
    };
    const int width = w.w2.cols(), dim = w.w2.rows();
    if (!fits(w.w1, width, dim) || !fits(w.w3, width, dim) || w.w2.count() != count)
        throw std::invalid_argument("w1, w3 and w2 of " + std::to_string(count) + " experts do not fit each other: " +
                                    shape_of(w.w1) + ", " + shape_of(w.w3) + ", " + shape_of(w.w2));
}

void call_feed_forward(Core& core, const Matrix& w1, const Matrix& w3, const Matrix& w2, const In2& x, const Norm& norm,
                       float eps, const In2& residual, const Out2& out) {
    const int tokens = tokens_of(x);
    demand_swiglu(x, {w1, w3, w2}, 1);
    demand_norm(norm, x);
    demand_shape("residual", residual, {tokens, w2.rows()});
    demand_shape("out", out, {tokens, w2.rows()});
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    const float* input = normed(core, x, norm, eps);
    feed_forward(core.context(), {w1, w3, w2}, input, tokens, residual.data(), out.data(), core.moe);
}

void call_moe(Core& core, const Matrix& router, const Matrix& w1, const Matrix& w3, const Matrix& w2, const Matrix* s1,
              const Matrix* s3, const Matrix* s2, int top_k, bool normalise, float scale, const In2& x,
              const Norm& norm, float eps, const In2& residual, const Out2& out) {
    const int tokens = tokens_of(x), experts = router.rows();
    const Swiglu routed = {w1, w3, w2}, shared = {s1 ? *s1 : w1, s3 ? *s3 : w3, s2 ? *s2 : w2};
    demand_shape("x", x, {kTokens, router.cols()});
    demand_swiglu(x, routed, experts);
    if (s1) demand_swiglu(x, shared, 1);
    demand_norm(norm, x);
    demand_shape("residual", residual, {tokens, router.cols()});
    demand_shape("out", out, {tokens, router.cols()});
    if (top_k < 1 || top_k > experts)
        throw std::invalid_argument("top_k must be from 1 to the " + std::to_string(experts) + " experts, got " +
                                    std::to_string(top_k));
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    const float* input = normed(core, x, norm, eps);
    const MoeTask task = {router,    routed, s1 ? &shared : nullptr, input, residual.data(), out.data(), tokens, top_k,
                          normalise, scale};
    moe(core.context(), task, core.moe);
}

double call_read_rate(Core& core, long bytes) {
    std::lock_guard<std::mutex> turn(core.turn);
    return read_rate(core.context(), bytes, core.probe);
}

double call_product_rate(Core& core, long rounds) {
    std::lock_guard<std::mutex> turn(core.turn);
    return product_rate(core.context(), rounds);
}

double call_dispatch_time(Core& core, int runs) {
    std::lock_guard<std::mutex> turn(core.turn);
    return dispatch_time(core.context(), runs);
}

}  // namespace

NB_MODULE(_native, m) {
    const auto any = nb::arg();
    const auto maybe = nb::arg().none();
    const auto array = nb::arg().noconvert();  // a converted copy would hide a mistake, or swallow an output
    constexpr auto owned = nb::rv_policy::take_ownership;

#if defined(NDEBUG)
    // A program that ends in the middle of an exception keeps objects alive; that is no news for its user.
    nb::set_leak_warnings(false);
#endif
    m.def("available_isas", &available_isas);

    nb::class_<Matrix>(m, "Matrix")
        .def_prop_ro("count", &Matrix::count)
        .def_prop_ro("rows", &Matrix::rows)
        .def_prop_ro("cols", &Matrix::cols)
        .def_prop_ro("nbytes", &Matrix::bytes)
        .def_prop_ro("panels", &panels_of)
        .def_static("panels_nbytes", &panels_nbytes)
        .def_static("mapped", &mapped_matrix, any, any, any, any, any, array, owned, nb::keep_alive<0, 6>())
        .def("decode", &decode, array);

    auto core = nb::class_<Core>(m, "Core")
                    .def(nb::init<const std::string&, int>())
                    .def_prop_ro("isa", [](const Core& c) { return c.kernels.isa; })
                    .def_prop_ro("threads", [](const Core& c) { return c.pool.size(); })
                    .def("matrix", &make_matrix, any, array, any, owned)
                    .def("block_matrix", &make_block_matrix, array, any, array, any, any, owned)
                    .def("micro_matrix", &make_micro_matrix, array, any, array, array, any, owned)
                    .def("linear", &call_linear, any, array, nb::arg().none().noconvert(), array)
                    .def("project", &call_project, array, nb::arg().none().noconvert(), any, any, any)
                    .def("rms_norm", &call_rms_norm, array, array, any, array)
                    .def("gelu", &call_gelu, array, array)
                    .def("read_rate", &call_read_rate, NoGil())
                    .def("product_rate", &call_product_rate, NoGil())
                    .def("dispatch_time", &call_dispatch_time, NoGil())
                    .def("rope", &call_rope, array, array, array, any, any, any, any, array)
                    .def("feed_forward", &call_feed_forward, any, any, any, array, nb::arg().none().noconvert(), any,
                         array, array)
                    .def("moe", &call_moe, any, any, any, any, maybe, maybe, maybe, any, any, any, array,
                         nb::arg().none().noconvert(), any, array, array);
    bind_attention(core);
    bind_sampling(m);
}
