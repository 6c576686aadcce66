// Stored rows → panels, losslessly, and back (for tests).
#pragma once

#include "panels.h"
#include "threads.h"

namespace quatre {

// How a checkpoint stores rows; the layouts are defined by the decoders in src/quatre/formats/.
enum class Stored : int {
    f32,
    f16,
    bf16,
    f8_e4m3,
    q8_0,
    q4_0,
    q4_1,
    q5_0,
    q5_1,
    iq4_nl,
    iq4_xs,
    mxfp4,
    nvfp4,
    q2_k,
    q3_k,
    q4_k,
    q5_k,
    q6_k,
    tq1_0,
    tq2_0,
    iq1_s,
    iq1_m,
    iq2_xxs,
    iq2_xs,
    iq2_s,
    iq3_xxs,
    iq3_s
};

// `block`: columns that share a scale, where scales lie beside the rows.
PanelFormat panel_format(Stored stored, int block = 0);

// Bytes of a stored row, or 0 if that many columns are no whole number of its groups.
long row_bytes(Stored stored, long cols);

// What lies beside the rows of a matrix. f8_e4m3: the scales of blocks of rows and columns, `factors` row by row.
// nvfp4: one factor for all, and for every row an e4m3 scale for each of its groups of 16 columns; or its magnitude, of
// which the largest code, 127, is 480 instead of NaN.
struct Beside {
    const float* factors = nullptr;
    int block_rows = 1, block_cols = 1;
    const std::uint8_t* groups = nullptr;
    long group_stride = 0;  // from one row to the next
    bool magnitudes = false;
};

// Rows of a matrix in memory: row r begins at data + r * stride.
struct StoredRows {
    Stored stored;
    const std::uint8_t* data;
    long stride;
    int rows, cols;
    Beside beside;
};

// Fill the panels first … end - 1 of `out`, which is the beginning of panel 0.
void pack(const StoredRows& rows, int first, int end, std::uint8_t* out);

// One row in float32.
void decode_row(const Panels& panels, int row, float* out);

}  // namespace quatre
