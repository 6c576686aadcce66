// The Python module: arrays in, GIL out, one line per operation.

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>

#include "core.h"

namespace nb = nanobind;
using namespace quatre;

namespace {

Stored stored_of(const std::string& name) {
    static const std::pair<const char*, Stored> kNames[] = {
        {"f32", Stored::f32},       {"f16", Stored::f16},       {"bf16", Stored::bf16},   {"q8_0", Stored::q8_0},
        {"q4_0", Stored::q4_0},     {"q4_1", Stored::q4_1},     {"q5_0", Stored::q5_0},   {"q5_1", Stored::q5_1},
        {"iq4_nl", Stored::iq4_nl}, {"iq4_xs", Stored::iq4_xs}, {"mxfp4", Stored::mxfp4}, {"q3_k", Stored::q3_k},
        {"q4_k", Stored::q4_k},     {"q5_k", Stored::q5_k},     {"q6_k", Stored::q6_k}};
    for (const auto& [known, stored] : kNames)
        if (name == known) return stored;
    throw nb::value_error(("no kernel format for " + name).c_str());
}

// data [matrices, rows, row bytes]: rows are contiguous, the rest may be strided.
using StoredArray = nb::ndarray<const std::uint8_t, nb::numpy, nb::ndim<3>, nb::device::cpu>;

Matrix* make_matrix(Core& core, const std::string& stored, const StoredArray& data, int cols) {
    const Stored format = stored_of(stored);
    nb::gil_scoped_release release;
    return new Matrix(core.pool, format, data.data(), static_cast<int>(data.shape(0)), data.stride(0),
                      static_cast<int>(data.shape(1)), data.stride(1), cols);
}

void decode(const Matrix& m, const ArrayOut<float, 3>& out) {
    for (int i = 0; i < m.count(); ++i)
        for (int r = 0; r < m.rows(); ++r)
            decode_row(m.at(i), r, out.data() + (static_cast<long>(i) * m.rows() + r) * m.cols());
}

using Optional2 = std::optional<ArrayIn<float, 2>>;

int tokens_of(const ArrayIn<float, 2>& x) { return static_cast<int>(x.shape(0)); }

void call_linear(Core& core, const Matrix& w, const ArrayIn<float, 2>& x, const Optional2& residual,
                 const ArrayOut<float, 2>& out) {
    std::lock_guard<std::mutex> turn(core.turn);
    const Context c = core.context();
    const int tokens = tokens_of(x);
    const std::vector<Span> all = {{0, {tokens, c.kernels.tile}}};
    const Inputs in = prepare(c, w.format().inputs(), x.data(), nullptr, all, w.cols(), core.inputs);
    linear(c, w.at(0), in, tokens, residual ? residual->data() : nullptr, out.data());
}

void call_rms_norm(Core& core, const ArrayIn<float, 2>& x, const ArrayIn<float, 1>& w, float eps,
                   const ArrayOut<float, 2>& out) {
    std::lock_guard<std::mutex> turn(core.turn);
    rms_norm(core.context(), x.data(), w.data(), eps, tokens_of(x), static_cast<int>(x.shape(1)), out.data());
}

void call_rope(Core& core, const ArrayIn<float, 3>& x, const ArrayIn<std::int32_t, 1>& positions,
               const ArrayIn<float, 1>& frequencies, float magnitude, bool interleaved, float beta, int length,
               const ArrayOut<float, 3>& out) {
    std::lock_guard<std::mutex> turn(core.turn);
    rope(core.context(),
         {x.data(), out.data(), positions.data(), static_cast<int>(x.shape(0)), static_cast<int>(x.shape(1)),
          static_cast<int>(x.shape(2)), frequencies.data(), static_cast<int>(frequencies.shape(0)), magnitude,
          interleaved, beta, length},
         core.angles);
}

void call_feed_forward(Core& core, const Matrix& w1, const Matrix& w3, const Matrix& w2, const ArrayIn<float, 2>& x,
                       const ArrayIn<float, 2>& residual, const ArrayOut<float, 2>& out) {
    std::lock_guard<std::mutex> turn(core.turn);
    feed_forward(core.context(), {w1, w3, w2}, x.data(), tokens_of(x), residual.data(), out.data(), core.moe);
}

void call_moe(Core& core, const Matrix& router, const Matrix& w1, const Matrix& w3, const Matrix& w2, const Matrix* s1,
              const Matrix* s3, const Matrix* s2, int top_k, bool normalise, float scale, const ArrayIn<float, 2>& x,
              const ArrayIn<float, 2>& residual, const ArrayOut<float, 2>& out) {
    std::lock_guard<std::mutex> turn(core.turn);
    const Swiglu shared = {s1 ? *s1 : w1, s1 ? *s3 : w3, s1 ? *s2 : w2};
    moe(core.context(),
        {router,
         {w1, w3, w2},
         s1 ? &shared : nullptr,
         x.data(),
         residual.data(),
         out.data(),
         tokens_of(x),
         top_k,
         normalise,
         scale},
        core.moe);
}

}  // namespace

NB_MODULE(_native, m) {
    m.def("available_isas", &available_isas);

    nb::class_<Matrix>(m, "Matrix")
        .def_prop_ro("count", &Matrix::count)
        .def_prop_ro("rows", &Matrix::rows)
        .def_prop_ro("cols", &Matrix::cols)
        .def_prop_ro("nbytes", &Matrix::bytes)
        .def("decode", &decode);

    auto core =
        nb::class_<Core>(m, "Core")
            .def(nb::init<const std::string&, int>())
            .def_prop_ro("isa", [](const Core& c) { return c.kernels.isa; })
            .def_prop_ro("threads", [](const Core& c) { return c.pool.size(); })
            .def("matrix", &make_matrix, nb::rv_policy::take_ownership)
            .def("linear", &call_linear, nb::arg(), nb::arg(), nb::arg().none(), nb::arg(), NoGil())
            .def("rms_norm", &call_rms_norm, NoGil())
            .def("rope", &call_rope, NoGil())
            .def("feed_forward", &call_feed_forward, NoGil())
            .def("moe", &call_moe, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(),
                 nb::arg().none(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), NoGil());
    bind_attention(core);
}
