// One growing piece of memory, aligned to 64 bytes. Contents do not survive growth.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace quatre {

class Buffer {
  public:
    Buffer() = default;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { std::free(data_); }

    template <class T>
    T* get(std::size_t n) {
        const std::size_t bytes = (n * sizeof(T) + 63) / 64 * 64;
        if (bytes > size_) {
            std::free(data_);
            data_ = std::aligned_alloc(64, bytes);
            size_ = data_ ? bytes : 0;
            if (!data_) throw std::bad_alloc();
        }
        return static_cast<T*>(data_);
    }

  private:
    void* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace quatre
