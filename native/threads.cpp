#include "threads.h"

#include <chrono>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace quatre {

namespace {

constexpr auto kSpin = std::chrono::microseconds(50);

inline void pause_a_little() {
#if defined(__x86_64__)
    _mm_pause();
#else
    std::this_thread::yield();
#endif
}

}  // namespace

ThreadPool::ThreadPool(int size) {
    for (int worker = 1; worker < size; ++worker) workers_.emplace_back([this, worker] { work(worker); });
}

ThreadPool::~ThreadPool() {
    {
        std::lock_guard<std::mutex> lock(bed_);
        quit_ = true;
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
}

void ThreadPool::run_erased(int tasks, Call call, void* task) {
    if (workers_.empty() || tasks <= 1) {
        for (int index = 0; index < tasks; ++index) call(task, index, 0);
        return;
    }
    std::lock_guard<std::mutex> turn(turn_);
    call_ = call;
    task_ = task;
    tasks_ = tasks;
    next_ = 0;
    ++open_;
    if (asleep_ > 0) {
        {
            std::lock_guard<std::mutex> lock(bed_);
        }  // a worker between its last look and its sleep must see the job
        wake_.notify_all();
    }
    help(0);
    ++open_;
    while (inside_ > 0) pause_a_little();
}

void ThreadPool::help(int worker) {
    for (int index; (index = next_.fetch_add(1)) < tasks_;) call_(task_, index, worker);
}

void ThreadPool::work(int worker) {
    std::uint32_t seen = 0;
    auto idle_since = std::chrono::steady_clock::now();
    while (!quit_) {
        const std::uint32_t now = open_;
        if (now != seen && now % 2 == 1) {
            ++inside_;
            if (open_ == now) help(worker);  // still open: the caller will wait for inside_ to fall again
            --inside_;
            seen = now;
            idle_since = std::chrono::steady_clock::now();
        } else if (std::chrono::steady_clock::now() - idle_since < kSpin) {
            pause_a_little();
        } else {
            std::unique_lock<std::mutex> lock(bed_);
            ++asleep_;
            wake_.wait(lock, [&] { return quit_ || (open_ != seen && open_ % 2 == 1); });
            --asleep_;
        }
    }
}

}  // namespace quatre
