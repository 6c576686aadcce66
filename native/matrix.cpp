#include "matrix.h"

#include <algorithm>

namespace quatre {

namespace {

constexpr int kPackTask = 8;  // panels

}  // namespace

Matrix::Matrix(ThreadPool& pool, const StoredRows& first, int count, const Apart& apart)
    : format_(panel_format(first.stored, first.beside.block_cols)),
      count_(count),
      rows_(first.rows),
      cols_(first.cols) {
    const int panels = (rows_ + kRows - 1) / kRows;
    stride_ = panels * format_.panel_bytes(cols_);
    std::uint8_t* out = memory_.get<std::uint8_t>(std::max<std::size_t>(bytes(), 64));
    data_ = out;
    const int tasks = (panels + kPackTask - 1) / kPackTask;
    pool.run(count * tasks, [&](int task, int) {
        const int i = task / tasks, panel = task % tasks * kPackTask;
        StoredRows rows = first;
        rows.data += i * apart.data;
        if (rows.beside.factors) rows.beside.factors += i * apart.factors;
        if (rows.beside.groups) rows.beside.groups += i * apart.groups;
        pack(rows, panel, std::min(panels, panel + kPackTask), out + i * stride_);
    });
}

Matrix::Matrix(const PanelFormat& format, int count, int rows, int cols, const std::uint8_t* data)
    : format_(format),
      count_(count),
      rows_(rows),
      cols_(cols),
      stride_(panel_stack_bytes(format, 1, rows, cols)),
      data_(data) {}

long panel_stack_bytes(const PanelFormat& format, long count, long rows, long cols) {
    const long panels = (rows + kRows - 1) / kRows;
    long matrix, stack;
    if (__builtin_mul_overflow(panels, format.panel_bytes(cols), &matrix)) return -1;
    return __builtin_mul_overflow(matrix, count, &stack) ? -1 : stack;
}

}  // namespace quatre
