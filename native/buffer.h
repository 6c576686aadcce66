// One growing piece of memory, aligned to 64 bytes. Contents do not survive growth.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace quatre {

class Buffer {
    static constexpr std::size_t kHugePage = 2 * 1024 * 1024;

  public:
    Buffer() = default;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { std::free(data_); }

    template <class T>
    T* get(std::size_t n) {
        const std::size_t step = n * sizeof(T) >= kHugePage ? kHugePage : 64;
        const std::size_t bytes = (n * sizeof(T) + step - 1) / step * step;
        if (bytes > size_) {
            std::free(data_);
            data_ = std::aligned_alloc(step, bytes);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
            if (data_ && bytes >= kHugePage) madvise(data_, bytes, MADV_HUGEPAGE);  // fewer misses when weights stream
#endif
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
