// Which instruction sets this machine has, and the kernels for one of them.
#pragma once

#include <string>
#include <vector>

#include "kernels.h"

namespace quatre {

// The instruction sets that this CPU and operating system can run, slowest first.
std::vector<std::string> available_isas();

// The kernels of an instruction set by name; "" or "auto" for the fastest. Throws std::invalid_argument with a sentence
// that lists the choices.
const Kernels& kernels_of(const std::string& isa);

}  // namespace quatre
