#include "matrix.h"

#include <algorithm>

namespace quatre {

namespace {

constexpr int kPackTask = 8;  // panels

}  // namespace

Matrix::Matrix(ThreadPool& pool, Stored stored, const std::uint8_t* data, int count, long matrix_stride, int rows,
               long row_stride, int cols)
    : format_(panel_format(stored)), count_(count), rows_(rows), cols_(cols) {
    const int panels = (rows + kRows - 1) / kRows;
    stride_ = panels * format_.panel_bytes(cols);
    data_ = memory_.get<std::uint8_t>(std::max<std::size_t>(bytes(), 64));
    const int tasks = (panels + kPackTask - 1) / kPackTask;
    pool.run(count * tasks, [&](int task, int) {
        const int i = task / tasks, first = task % tasks * kPackTask;
        const StoredRows source = {stored, data + i * matrix_stride, row_stride, rows, cols};
        pack(source, first, std::min(panels, first + kPackTask), data_ + i * stride_);
    });
}

}  // namespace quatre
