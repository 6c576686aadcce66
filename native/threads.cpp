#include "threads.h"

#include <chrono>
#include <stdexcept>

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
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

constexpr int kPatience = 2000;  // pauses before the rest of the machine gets a turn

// How many forks lie between this process and the one that loaded the library.
std::atomic<int> forks{0};

void count_forks() {
#if defined(__unix__) || defined(__APPLE__)
    static const int once = pthread_atfork(nullptr, nullptr, [] { ++forks; });
    static_cast<void>(once);
#endif
}

}  // namespace

ThreadPool::ThreadPool(int size) {
    count_forks();
    born_ = forks;
    for (int worker = 1; worker < size; ++worker) workers_.emplace_back([this, worker] { work(worker); });
}

ThreadPool::~ThreadPool() {
    if (born_ != forks) {  // the threads stayed behind in the parent
        for (auto& worker : workers_) worker.detach();
        static_cast<void>(bed_.release());  // its destructor would wait for sleepers that do not exist
        return;
    }
    {
        std::lock_guard<std::mutex> lock(bed_->door);
        quit_ = true;
    }
    bed_->wake.notify_all();
    for (auto& worker : workers_) worker.join();
}

void ThreadPool::run_erased(int tasks, Call call, void* task) {
    if (!workers_.empty() && born_ != forks)
        throw std::runtime_error("this back end was made before the process forked; make a new one in the child");
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
            std::lock_guard<std::mutex> lock(bed_->door);
        }  // a worker between its last look and its sleep must see the job
        bed_->wake.notify_all();
    }
    help(0);
    ++open_;
    for (int waited = 0; inside_ > 0; ++waited) waited < kPatience ? pause_a_little() : std::this_thread::yield();
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
            std::unique_lock<std::mutex> lock(bed_->door);
            ++asleep_;
            bed_->wake.wait(lock, [&] { return quit_ || (open_ != seen && open_ % 2 == 1); });
            --asleep_;
        }
    }
}

}  // namespace quatre
