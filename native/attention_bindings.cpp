// Attention for Python: every shape, page number and position is checked here, before a pointer is followed. A decode
// step calls these once per layer, so the checks are in C++.

#include <stdexcept>
#include <string>

#include "core.h"

namespace nb = nanobind;

namespace quatre {

namespace {

using Ints = ArrayIn<std::int32_t, 1>;
using IntTable = ArrayIn<std::int32_t, 2>;
using Flags = ArrayIn<bool, 1>;
using Numbers1 = ArrayIn<float, 1>;
using Numbers2 = ArrayIn<float, 2>;
using Numbers3 = ArrayIn<float, 3>;
using Out2 = ArrayOut<float, 2>;
using AnyArray = nb::ndarray<nb::numpy, nb::c_contig, nb::device::cpu>;  // float32, or bf16 as uint16

void demand(bool holds, const std::string& sentence) {
    if (!holds) throw std::invalid_argument(sentence);
}

std::string is(const char* what, long found, long expected) {
    return std::string(what) + " is " + std::to_string(found) + ", expected " + std::to_string(expected);
}

void demand_equal(const char* what, std::size_t found, long expected) {
    demand(static_cast<long>(found) == expected, is(what, static_cast<long>(found), expected));
}

Number number_of(const AnyArray& a, const char* what) {
    if (a.dtype() == nb::dtype<float>()) return Number::f32;
    if (a.dtype() == nb::dtype<std::uint16_t>()) return Number::bf16;
    throw std::invalid_argument(std::string(what) + " holds neither float32 nor bf16 (as uint16)");
}

// The arrays of ops/interface.py, Batch.
struct BatchArrays {
    Ints positions, starts, contexts;
    IntTable page_tables;
    int page_size;
    Flags absorbed;
};

void check_sequence(const AttentionBatch& b, int s, long pages) {
    const int count = b.count(s);
    demand(count >= 0, "starts must not decrease");
    for (int i = 0; i < count; ++i)
        demand(b.positions[b.starts[s] + i] == b.contexts[s] - count + i,
               "positions of sequence " + std::to_string(s) + " are not the last " + std::to_string(count) +
                   " of its " + std::to_string(b.contexts[s]));
    demand(b.contexts[s] >= count, "a context is shorter than the tokens of the step");
    const long used = (static_cast<long>(b.contexts[s]) + b.page_size - 1) / b.page_size;
    demand(used <= b.table_width, "a context of " + std::to_string(b.contexts[s]) + " does not fit in " +
                                      std::to_string(b.table_width) + " pages of " + std::to_string(b.page_size));
    for (long i = 0; i < used; ++i)
        demand(b.table(s)[i] >= 0 && b.table(s)[i] < pages,
               "page " + std::to_string(b.table(s)[i]) + " is not one of the cache's " + std::to_string(pages));
}

// The batch as the drivers want it, once it makes sense for a cache of that many pages.
AttentionBatch checked(const BatchArrays& a, long tokens, std::size_t pages) {
    const AttentionBatch b{static_cast<int>(tokens),
                           static_cast<int>(a.contexts.shape(0)),
                           static_cast<int>(a.page_tables.shape(1)),
                           a.page_size,
                           a.positions.data(),
                           a.starts.data(),
                           a.contexts.data(),
                           a.page_tables.data(),
                           a.absorbed.data()};
    demand(a.page_size > 0, "a page holds no position");
    demand_equal("the number of positions", a.positions.shape(0), tokens);
    demand_equal("the number of starts", a.starts.shape(0), b.sequences + 1L);
    demand_equal("the number of page tables", a.page_tables.shape(0), b.sequences);
    demand_equal("the number of absorbed flags", a.absorbed.shape(0), b.sequences);
    demand(b.starts[0] == 0 && b.starts[b.sequences] == tokens, "starts do not span the tokens of the step");
    for (int s = 0; s < b.sequences; ++s) check_sequence(b, s, static_cast<long>(pages));
    return b;
}

// -- Latent attention ----------------------------------------------------------------------------------------------

// [pages, page size, cached width]
Number check_latent_cache(const AnyArray& cache, int width, int page_size) {
    demand(cache.ndim() == 3, "a latent cache has three dimensions");
    const Number number = number_of(cache, "the cache");
    demand_equal("the cache's page size", cache.shape(1), page_size);
    demand_equal("the cache's width", cache.shape(2), cached_width(width, number));
    return number;
}

// A Matrix of one matrix per head, stored [rows, cols] or the other way round.
HeadMatrix head_matrix(const Core& core, const Matrix& w, bool transposed, int heads, int rows, int cols) {
    demand_equal("the up-projection's heads", static_cast<std::size_t>(w.count()), heads);
    demand_equal("the up-projection's rows", static_cast<std::size_t>(transposed ? w.cols() : w.rows()), rows);
    demand_equal("the up-projection's latent size", static_cast<std::size_t>(transposed ? w.rows() : w.cols()), cols);
    const long head_bytes = static_cast<long>(w.bytes()) / w.count();
    return {w.at(0),          head_bytes, transposed, core.kernels.unpack_panel, core.kernels.multiply_exactly,
            core.kernels.tile};
}

void call_store_latent(Core& core, const Numbers2& kv, const Numbers1& norm, float eps, const Numbers1& frequencies,
                       float magnitude, bool interleaved, const AnyArray& cache, const Ints& positions,
                       const Ints& starts, const Ints& contexts, const IntTable& tables, int page_size,
                       const Flags& absorbed) {
    const int latent = static_cast<int>(norm.shape(0)), pairs = static_cast<int>(frequencies.shape(0));
    demand(latent > 0, "the norm of the latents is empty");
    demand_equal("the width of the projected latents", kv.shape(1), latent + 2L * pairs);
    const Number number = check_latent_cache(cache, latent + 2 * pairs, page_size);
    const AttentionBatch batch = checked({positions, starts, contexts, tables, page_size, absorbed},
                                         static_cast<long>(kv.shape(0)), cache.shape(0));
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    store_latent({core.kernels.attention, core.pool, core.attention}, kv.data(), norm.data(), eps,
                 {frequencies.data(), pairs, magnitude, interleaved}, latent, cache.data(), number, batch);
}

void call_latent_attention(Core& core, const Numbers3& q, const Matrix& w_uk, bool uk_transposed, const Matrix& w_uv,
                           bool uv_transposed, const AnyArray& cache, const Ints& positions, const Ints& starts,
                           const Ints& contexts, const IntTable& tables, int page_size, const Flags& absorbed,
                           float scale, const Out2& out) {
    const int heads = static_cast<int>(q.shape(1)), nope = uk_transposed ? w_uk.cols() : w_uk.rows();
    const LatentShape shape{heads, nope, static_cast<int>(q.shape(2)) - nope, uv_transposed ? w_uv.cols() : w_uv.rows(),
                            uk_transposed ? w_uk.rows() : w_uk.cols()};
    demand(shape.rope >= 0, "queries are narrower than the up-projection of keys");
    const HeadMatrix uk = head_matrix(core, w_uk, uk_transposed, heads, nope, shape.latent);
    const HeadMatrix uv = head_matrix(core, w_uv, uv_transposed, heads, shape.v, shape.latent);
    const Number number = check_latent_cache(cache, shape.width(), page_size);
    demand_equal("the number of outputs", out.shape(0), static_cast<long>(q.shape(0)));
    demand_equal("the width of the output", out.shape(1), static_cast<long>(heads) * shape.v);
    const AttentionBatch batch = checked({positions, starts, contexts, tables, page_size, absorbed},
                                         static_cast<long>(q.shape(0)), cache.shape(0));
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    latent_attention({core.kernels.attention, core.pool, core.attention}, shape, q.data(), uk, uv, cache.data(), number,
                     batch, scale, out.data());
}

// -- Grouped-query attention ---------------------------------------------------------------------------------------

using PageWords = ArrayOut<std::uint32_t, 2>;  // [pages, words of a page]

void check_kv_cache(const PageWords& cache, const KvShape& shape, int page_size) {
    demand(page_size > 0 && page_size % shape.per_unit() == 0,
           "pages of bf16 keys and values hold an even number of positions");
    demand_equal("the number of words of a page", cache.shape(1), shape.page_words(page_size));
}

int words_of_page(int kv_heads, int head_dim, bool bf16, int page_size) {
    return static_cast<int>(
        KvShape{kv_heads, kv_heads, head_dim, bf16 ? Number::bf16 : Number::f32}.page_words(page_size));
}

void call_store_kv(Core& core, const Numbers3& k, const Numbers3& v, const PageWords& cache, bool bf16,
                   const Ints& positions, const Ints& starts, const Ints& contexts, const IntTable& tables,
                   int page_size, const Flags& absorbed) {
    const int kv_heads = static_cast<int>(k.shape(1)), head_dim = static_cast<int>(k.shape(2));
    const KvShape shape{kv_heads, kv_heads, head_dim, bf16 ? Number::bf16 : Number::f32};
    demand_equal("the number of values", v.shape(0), static_cast<long>(k.shape(0)));
    demand_equal("the number of value heads", v.shape(1), kv_heads);
    demand_equal("the size of a value head", v.shape(2), head_dim);
    check_kv_cache(cache, shape, page_size);
    const AttentionBatch batch = checked({positions, starts, contexts, tables, page_size, absorbed},
                                         static_cast<long>(k.shape(0)), cache.shape(0));
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    store_kv({core.kernels.attention, core.pool, core.attention}, shape, k.data(), v.data(), cache.data(), batch);
}

void call_grouped_attention(Core& core, const Numbers3& q, const PageWords& cache, int kv_heads, bool bf16,
                            const Ints& positions, const Ints& starts, const Ints& contexts, const IntTable& tables,
                            int page_size, const Flags& absorbed, float scale, int window, bool causal,
                            const Out2& out) {
    const int heads = static_cast<int>(q.shape(1)), head_dim = static_cast<int>(q.shape(2));
    demand(kv_heads > 0 && heads % kv_heads == 0, std::to_string(heads) + " query heads cannot share " +
                                                      std::to_string(kv_heads) + " key/value heads equally");
    demand(window >= 0, "a window is negative");
    demand(causal || window == 0, "a window needs causal attention");
    const KvShape shape{heads, kv_heads, head_dim, bf16 ? Number::bf16 : Number::f32};
    check_kv_cache(cache, shape, page_size);
    demand_equal("the number of outputs", out.shape(0), static_cast<long>(q.shape(0)));
    demand_equal("the width of the output", out.shape(1), static_cast<long>(heads) * head_dim);
    const AttentionBatch batch = checked({positions, starts, contexts, tables, page_size, absorbed},
                                         static_cast<long>(q.shape(0)), cache.shape(0));
    nb::gil_scoped_release release;
    std::lock_guard<std::mutex> turn(core.turn);
    grouped_attention({core.kernels.attention, core.pool, core.attention}, shape, q.data(), cache.data(), batch, scale,
                      window, causal, out.data());
}

}  // namespace

void bind_attention(nb::class_<Core>& core) {
    // No conversions: a converted cache or output would be a copy that nobody sees.
    const auto arg = [](const char* name) { return nb::arg(name).noconvert(); };
#define QUATRE_BATCH_ARGS \
    arg("positions"), arg("starts"), arg("contexts"), arg("page_tables"), nb::arg("page_size"), arg("absorbed")
    core.def("store_latent", &call_store_latent, arg("kv"), arg("norm"), nb::arg("eps"), arg("frequencies"),
             nb::arg("magnitude"), nb::arg("interleaved"), arg("cache"), QUATRE_BATCH_ARGS);
    core.def("latent_attention", &call_latent_attention, arg("q"), nb::arg("w_uk"), nb::arg("uk_transposed"),
             nb::arg("w_uv"), nb::arg("uv_transposed"), arg("cache"), QUATRE_BATCH_ARGS, nb::arg("scale"), arg("out"));
    core.def("store_kv", &call_store_kv, arg("k"), arg("v"), arg("cache"), nb::arg("bf16"), QUATRE_BATCH_ARGS);
    core.def("grouped_attention", &call_grouped_attention, arg("q"), arg("cache"), nb::arg("kv_heads"), nb::arg("bf16"),
             QUATRE_BATCH_ARGS, nb::arg("scale"), nb::arg("window"), nb::arg("causal"), arg("out"));
#undef QUATRE_BATCH_ARGS
    core.def_static("words_of_page", &words_of_page);
}

}  // namespace quatre
