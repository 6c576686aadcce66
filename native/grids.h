// The code books of the IQ formats: points of a grid that stand for 4 or 8 codes each.
#pragma once

#include <cstdint>

#include "pack.h"

namespace quatre {

// The codes of all points of a format, byte by byte, biased as panel_format() says; null for formats without any.
const std::uint8_t* grid_points(Stored stored);

}  // namespace quatre
