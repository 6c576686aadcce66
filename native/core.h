// What Python holds: the kernels of one instruction set, a pool of threads, and memory that calls reuse.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <mutex>
#include <string>

#include "attention_drive.h"
#include "dispatch.h"
#include "moe_drive.h"
#include "probe_drive.h"
#include "row_drive.h"

namespace quatre {

struct Core {
    Core(const std::string& isa, int threads) : kernels(kernels_of(isa)), pool(threads) {}

    Context context() { return {kernels, pool}; }

    const Kernels& kernels;
    ThreadPool pool;
    std::mutex turn;       // the memory below serves one call at a time
    InputSpace inputs[3];  // for as many formats as one input may be wanted in
    Buffer normed;
    Angles angles;
    MoeSpace moe;
    AttentionSpace attention;
    Buffer probe;
};

// Arguments as they arrive: shapes and types are checked by the Python callers in src/quatre/ops/.
template <class T, std::size_t dimensions>
using ArrayIn =
    nanobind::ndarray<const T, nanobind::numpy, nanobind::ndim<dimensions>, nanobind::c_contig, nanobind::device::cpu>;
template <class T, std::size_t dimensions>
using ArrayOut =
    nanobind::ndarray<T, nanobind::numpy, nanobind::ndim<dimensions>, nanobind::c_contig, nanobind::device::cpu>;

using NoGil = nanobind::call_guard<nanobind::gil_scoped_release>;

void bind_attention(nanobind::class_<Core>& core);
void bind_sampling(nanobind::module_& m);

}  // namespace quatre
