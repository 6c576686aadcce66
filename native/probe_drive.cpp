#include "probe_drive.h"

#include <atomic>
#include <chrono>

namespace quatre {

namespace {

constexpr long kPiece = 1 << 20;

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

}  // namespace

double read_rate(const Context& c, long bytes, Buffer& memory) {
    const long pieces = (bytes + kPiece - 1) / kPiece;
    auto* p = memory.get<std::uint8_t>(static_cast<std::size_t>(pieces * kPiece));
    std::atomic<int> sink{0};
    if (p[0] != 1) {  // memory that was never written is one page of zeros
        for (long i = 0; i < pieces * kPiece; i += 4) p[i] = 1;
    }
    const auto begin = Clock::now();
    c.pool.run(static_cast<int>(pieces), [&](int i, int) {
        if (c.kernels.read_bytes(p + i * kPiece, kPiece) < 0) ++sink;
    });
    return static_cast<double>(pieces * kPiece) / since(begin);
}

double product_rate(const Context& c, long rounds) {
    std::atomic<int> sink{0};
    const int pieces = 8 * c.pool.size();
    const auto begin = Clock::now();
    c.pool.run(pieces, [&](int, int) {
        if (c.kernels.multiply_codes(rounds) < 0) ++sink;
    });
    return 2.0 * static_cast<double>(rounds * c.kernels.products_per_round) * pieces / since(begin);
}

double dispatch_time(const Context& c, int runs) {
    constexpr double kTask = 10e-6;
    auto spin = [](int, int) {
        const auto begin = Clock::now();
        while (since(begin) < kTask) {}
    };
    const auto begin = Clock::now();
    for (int i = 0; i < runs; ++i) c.pool.run(c.pool.size(), spin);
    return since(begin) / runs - kTask;
}

}  // namespace quatre
