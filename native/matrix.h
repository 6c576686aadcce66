// A weight in memory: one matrix, or a stack of them, in panel form.
#pragma once

#include "buffer.h"
#include "pack.h"

namespace quatre {

class Matrix {
  public:
    // Pack `count` matrices like `first`; from one to the next, their parts are that far apart.
    struct Apart {
        long data, factors, groups;
    };
    Matrix(ThreadPool& pool, const StoredRows& first, int count, const Apart& apart);

    // Panels that lie somewhere already: panel_stack_bytes() of them, aligned to 64, that outlive the matrix.
    Matrix(const PanelFormat& format, int count, int rows, int cols, const std::uint8_t* data);

    int count() const { return count_; }
    int rows() const { return rows_; }
    int cols() const { return cols_; }
    const PanelFormat& format() const { return format_; }
    const std::uint8_t* data() const { return data_; }
    std::size_t bytes() const { return static_cast<std::size_t>(count_) * static_cast<std::size_t>(stride_); }

    Panels at(int i) const { return {format_, data_ + i * stride_, rows_, cols_}; }

  private:
    PanelFormat format_;
    int count_, rows_, cols_;
    long stride_;  // bytes of one matrix
    Buffer memory_;
    const std::uint8_t* data_;
};

// Bytes of `count` matrices in panel form, or -1 if no memory could hold them.
long panel_stack_bytes(const PanelFormat& format, long count, long rows, long cols);

}  // namespace quatre
