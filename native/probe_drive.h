// What this machine reaches at most with all threads of a pool: benchmarks compare kernels with it.
#pragma once

#include "buffer.h"
#include "context.h"

namespace quatre {

// Bytes per second when `bytes` of memory are read once.
double read_rate(const Context&, long bytes, Buffer& memory);

// Int8 operations (two per product) per second from registers.
double product_rate(const Context&, long rounds);

// Seconds that a run with one short task per thread takes longer than the task: what it costs to share work.
double dispatch_time(const Context&, int runs);

}  // namespace quatre
