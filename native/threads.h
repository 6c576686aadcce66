// A pool of threads that runs numbered tasks. An object that is passed around, never a global.
//
// Tasks are handed out by an atomic counter, so which thread runs which task is not fixed: a task's result must not
// depend on it. The calling thread works too, and never waits for a worker that has not begun; one that is still waking
// up costs nothing but its help. Workers spin for a short while after a run, because the next one usually follows
// within microseconds, and then sleep. Threads do not survive fork(): in the child, a pool from before refuses to run.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace quatre {

class ThreadPool {
  public:
    explicit ThreadPool(int size);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    // Threads that work, the caller included.
    int size() const { return static_cast<int>(workers_.size()) + 1; }

    // Calls task(index, worker) for index 0 … tasks - 1; worker is 0 … size() - 1 and names whose scratch memory to
    // use. Returns when all are done. Tasks must not throw. Calls from several threads take turns.
    template <class Task>
    void run(int tasks, Task&& task) {
        using Plain = std::remove_reference_t<Task>;
        run_erased(
            tasks, [](void* t, int index, int worker) { (*static_cast<Plain*>(t))(index, worker); },
            const_cast<void*>(static_cast<const void*>(&task)));
    }

  private:
    using Call = void (*)(void* task, int index, int worker);

    void run_erased(int tasks, Call call, void* task);
    void work(int worker);
    void help(int worker);

    std::vector<std::thread> workers_;
    int born_ = 0;     // forks before this pool
    std::mutex turn_;  // one run at a time

    // The job. Written by the caller while open_ is even, read by workers that have entered while it is odd.
    Call call_ = nullptr;
    void* task_ = nullptr;
    int tasks_ = 0;
    alignas(64) std::atomic<int> next_{0};
    alignas(64) std::atomic<std::uint32_t> open_{0};  // odd: there is a job
    alignas(64) std::atomic<int> inside_{0};          // workers that may be looking at the job
    alignas(64) std::atomic<int> asleep_{0};
    std::atomic<bool> quit_{false};
    struct Bed {
        std::mutex door;
        std::condition_variable wake;
    };
    std::unique_ptr<Bed> bed_ = std::make_unique<Bed>();
};

}  // namespace quatre
