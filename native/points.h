// Rows of the formats whose codes are points of a grid (Codes::iq1_s … iq3_s): into panels, and single numbers back.
#pragma once

#include "pack.h"

namespace quatre {

QUATRE_EVERYWHERE bool has_points(Codes codes) { return codes >= Codes::iq1_s; }

// One row's block of 256 numbers → its place r in `codes`, those of 8 groups, and in `scales` of the same columns.
void pack_points(Stored stored, const std::uint8_t* block, int r, std::uint8_t* codes, std::uint8_t* scales);

// Of row r: the code of column k of a group, and the factor 2 s + 1 of column k of 256.
int point_code(const PanelFormat& format, const std::uint8_t* group, int r, int k);
int point_factor(const PanelFormat& format, const std::uint8_t* group, const std::uint8_t* scales, int r, int k);

}  // namespace quatre
