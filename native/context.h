// What every operation needs: the kernels of an instruction set, and threads.
#pragma once

#include "kernels.h"
#include "threads.h"

namespace quatre {

struct Context {
    const Kernels& kernels;
    ThreadPool& pool;
};

}  // namespace quatre
