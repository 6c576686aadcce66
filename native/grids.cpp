#include "grids.h"

#include <vector>

namespace quatre {

namespace {

// src/quatre/formats/grids.bin, which grids.py describes.
constexpr std::uint8_t kFile[] = {
#include "grids.inc"
};

// `bytes` bytes of the file, from `at` on: fields of `bits`, each the place of a number in `codes`.
std::vector<std::uint8_t> unfolded(int at, int bytes, int bits, const std::uint8_t* codes) {
    std::vector<std::uint8_t> points;
    points.reserve(static_cast<std::size_t>(bytes) * 8 / static_cast<std::size_t>(bits));
    for (int i = at; i < at + bytes; ++i)
        for (int shift = 0; shift < 8; shift += bits) points.push_back(codes[kFile[i] >> shift & ((1 << bits) - 1)]);
    return points;
}

// 43 + 8, 25, 43; the fourth does not occur.
constexpr std::uint8_t kTwo[4] = {51, 68, 86, 0};
// 31 + half of 4, 12 … 52, 62.
constexpr std::uint8_t kThreeXxs[16] = {33, 37, 41, 45, 49, 53, 57, 62};
// 15 + 1, 3 … 15.
constexpr std::uint8_t kThreeS[16] = {16, 18, 20, 22, 24, 26, 28, 30};
// 9 + eight times -1, 0, 1, less one.
constexpr std::uint8_t kOne[4] = {0, 8, 16, 0};

}  // namespace

const std::uint8_t* grid_points(Stored stored) {
    static const auto two_xxs = unfolded(0, 512, 2, kTwo), two_xs = unfolded(512, 1024, 2, kTwo),
                      two_s = unfolded(1536, 2048, 2, kTwo), three_xxs = unfolded(3584, 512, 4, kThreeXxs),
                      three_s = unfolded(4096, 1024, 4, kThreeS), one = unfolded(5120, 4096, 2, kOne);
    switch (stored) {
        case Stored::iq2_xxs:
            return two_xxs.data();
        case Stored::iq2_xs:
            return two_xs.data();
        case Stored::iq2_s:
            return two_s.data();
        case Stored::iq3_xxs:
            return three_xxs.data();
        case Stored::iq3_s:
            return three_s.data();
        case Stored::iq1_s:
        case Stored::iq1_m:
            return one.data();
        default:
            return nullptr;
    }
}

}  // namespace quatre
