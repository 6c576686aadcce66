// Sampling for Python: rows are checked here; the lock of the interpreter is not held while they are worked on.

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstring>

#include "checks.h"
#include "core.h"
#include "sampling.h"

namespace nb = nanobind;

namespace quatre {

namespace {

using Logits = ArrayIn<float, 2>;

// One draw per row: temperature, top-p, min-p and the random number [rows, 4], top-k [rows].
std::vector<int> draw_rows(const std::string& isa, const Logits& logits, const ArrayIn<double, 2>& how,
                           const ArrayIn<std::int32_t, 1>& top_k) {
    const long rows = static_cast<long>(logits.shape(0)), vocab = static_cast<long>(logits.shape(1));
    if (vocab < 1 || static_cast<long>(how.shape(0)) != rows || how.shape(1) != 4 ||
        static_cast<long>(top_k.shape(0)) != rows)
        throw std::invalid_argument("logits " + dimensions(logits) + ", draws " + dimensions(how) + " and top_k " +
                                    dimensions(top_k) + " do not fit each other");
    nb::gil_scoped_release release;
    RowSampler sampler(kernels_of(isa).sampling, static_cast<int>(vocab));
    std::vector<int> tokens(rows);
    for (long row = 0; row < rows; ++row) {
        const double* h = how.data() + 4 * row;
        const Draw draw = {static_cast<float>(h[0]), static_cast<float>(h[2]), top_k.data()[row], h[1], h[3]};
        tokens[row] = sampler.draw(logits.data() + row * vocab, draw);
    }
    return tokens;
}

nb::tuple score_row(const std::string& isa, const ArrayIn<float, 1>& logits, int token, int count) {
    const int vocab = static_cast<int>(logits.shape(0));
    if (token < 0 || token >= vocab)
        throw std::invalid_argument("token " + std::to_string(token) + " is not among the " + std::to_string(vocab) +
                                    " logits");
    Scored scored;
    {
        nb::gil_scoped_release release;
        scored = RowSampler(kernels_of(isa).sampling, vocab).score(logits.data(), token, count);
    }
    return nb::make_tuple(scored.logprob, scored.rank, scored.top);
}

}  // namespace

void bind_sampling(nb::module_& m) {
    m.def("draw_rows", &draw_rows, nb::arg("isa"), nb::arg("logits").noconvert(), nb::arg("how").noconvert(),
          nb::arg("top_k").noconvert());
    m.def("score_row", &score_row, nb::arg("isa"), nb::arg("logits").noconvert(), nb::arg("token"), nb::arg("count"));
}

}  // namespace quatre
