// Stored rows → panels, losslessly, and back (for tests).
#pragma once

#include "panels.h"
#include "threads.h"

namespace quatre {

// How a checkpoint stores rows; the layouts are defined by the decoders in src/quatre/formats/.
enum class Stored : int { f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, iq4_nl, iq4_xs, mxfp4, q3_k, q4_k, q5_k, q6_k };

PanelFormat panel_format(Stored stored);

// Bytes of a stored row, or 0 if that many columns are no whole number of its groups.
long row_bytes(Stored stored, long cols);

// Rows of a matrix in memory: row r begins at data + r * stride.
struct StoredRows {
    Stored stored;
    const std::uint8_t* data;
    long stride;
    int rows, cols;
};

// Fill the panels first … end - 1 of `out`, which is the beginning of panel 0.
void pack(const StoredRows& rows, int first, int end, std::uint8_t* out);

// One row in float32.
void decode_row(const Panels& panels, int row, float* out);

}  // namespace quatre
