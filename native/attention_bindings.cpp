#include "core.h"

namespace quatre {

void bind_attention(nanobind::class_<Core>&) {}

}  // namespace quatre
