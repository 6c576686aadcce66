// Our thread pool against OpenMP: what it costs to hand out a loop, on a quiet machine and on a busy one.
//
//     g++ -O2 -std=c++17 -fopenmp -Inative benchmarks/thread_pool.cpp native/threads.cpp -o thread_pool
//     ./thread_pool [threads] [how many other threads keep the machine busy]
//
// A decode step hands out some ten loops per layer of 20 to 2,000 µs. Here a loop has two tasks of 20 µs per thread,
// and everything above 40 µs is the price of handing it out and of waiting for the last. Both take turns.
#include "threads.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr double kTask = 20e-6;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void work() {
    const auto begin = Clock::now();
    while (since(begin) < kTask) {}
}

double median(std::vector<double> x) {
    std::sort(x.begin(), x.end());
    return x[x.size() / 2];
}

}  // namespace

// Medians and means of what `loops` loops took too long, in microseconds. The first are not counted: the threads of
// whoever had the last turn stop spinning meanwhile.
struct Price {
    std::vector<double> all, means;

    template <class Loop>
    void take_turn(const Loop& loop) {
        constexpr int kLoops = 500;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        for (int i = 0; i < 50; ++i) loop();
        double sum = 0;
        for (int i = 0; i < kLoops; ++i) {
            const auto begin = Clock::now();
            loop();
            all.push_back(1e6 * (since(begin) - 2 * kTask));
            sum += all.back();
        }
        means.push_back(sum / kLoops);
    }
};

int main(int count, char** words) {
    const int threads = count > 1 ? std::atoi(words[1]) : 2, busy = count > 2 ? std::atoi(words[2]) : 0;
    std::atomic<bool> quit{false};
    std::vector<std::thread> others;
    for (int i = 0; i < busy; ++i)
        others.emplace_back([&] {
            while (!quit) {}
        });
    omp_set_num_threads(threads);
    quatre::ThreadPool pool(threads);
    Price ours, theirs;
    for (int round = 0; round < 20; ++round) {
        ours.take_turn([&] { pool.run(2 * threads, [](int, int) { work(); }); });
        theirs.take_turn([&] {
#pragma omp parallel for schedule(dynamic, 1)
            for (int task = 0; task < 2 * threads; ++task) work();
        });
    }
    quit = true;
    for (auto& other : others) other.join();
    std::printf("%d threads, %d others: own pool %.2f us (mean %.1f), OpenMP %.2f us (mean %.1f)\n", threads, busy,
                median(ours.all), median(ours.means), median(theirs.all), median(theirs.means));
}
