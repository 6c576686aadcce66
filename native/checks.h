// Shapes are checked here, in C++, because a small model makes hundreds of calls per token. Failures become ValueError.
#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>

namespace quatre {

constexpr long kTokens = -1;  // a dimension that may be anything

inline std::string dimensions(std::initializer_list<long> sizes) {
    std::string text;
    for (const long size : sizes)
        text += (text.empty() ? "[" : ", ") + (size == kTokens ? std::string("tokens") : std::to_string(size));
    return text + "]";
}

template <class Array>
std::string dimensions(const Array& a) {
    std::string text;
    for (std::size_t i = 0; i < a.ndim(); ++i) text += (text.empty() ? "[" : ", ") + std::to_string(a.shape(i));
    return text + "]";
}

template <class Array>
void demand_shape(const char* name, const Array& a, std::initializer_list<long> expected) {
    std::size_t i = 0;
    for (const long size : expected) {
        if (size != kTokens && static_cast<long>(a.shape(i)) != size)
            throw std::invalid_argument(std::string(name) + " must be contiguous float32 " + dimensions(expected) +
                                        ", got " + dimensions(a));
        ++i;
    }
}

}  // namespace quatre
