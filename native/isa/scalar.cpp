#include <cstddef>
#include <cstdint>
#include <utility>
#include "kernels.h"

namespace quatre {
namespace {
#include "attention.inl.h"
#include "kernels.inl.h"
}  // namespace
const Kernels scalar_kernels = table_of("scalar");
}  // namespace quatre
