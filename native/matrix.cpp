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
    data_ = memory_.get<std::uint8_t>(std::max<std::size_t>(bytes(), 64));
    const int tasks = (panels + kPackTask - 1) / kPackTask;
    pool.run(count * tasks, [&](int task, int) {
        const int i = task / tasks, panel = task % tasks * kPackTask;
        StoredRows rows = first;
        rows.data += i * apart.data;
        if (rows.beside.factors) rows.beside.factors += i * apart.factors;
        if (rows.beside.groups) rows.beside.groups += i * apart.groups;
        pack(rows, panel, std::min(panels, panel + kPackTask), data_ + i * stride_);
    });
}

}  // namespace quatre
