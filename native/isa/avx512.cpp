#include <cstddef>
#include <cstdint>
#include <utility>

#include <immintrin.h>

#include "kernels.h"

namespace quatre {
namespace {
#include "attention.inl.h"
#include "kernels.inl.h"
}  // namespace
const Kernels avx512_kernels = table_of("avx512");
}  // namespace quatre
