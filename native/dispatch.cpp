#include "dispatch.h"

#include <stdexcept>

namespace quatre {

namespace {

struct Choice {
    const Kernels* kernels;
    bool (*runs)();
};

#if defined(__x86_64__)
bool has_avx2() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}
bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
bool has_avx512_vnni() {
    return has_avx512() && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16");
}
#endif

const Choice kChoices[] = {
    {&scalar_kernels, [] { return true; }},
#if defined(__x86_64__)
    {&avx2_kernels, has_avx2},
    {&avx512_kernels, has_avx512},
    {&avx512_vnni_kernels, has_avx512_vnni},
#endif
};

}  // namespace

std::vector<std::string> available_isas() {
    std::vector<std::string> names;
    for (const Choice& choice : kChoices)
        if (choice.runs()) names.emplace_back(choice.kernels->isa);
    return names;
}

const Kernels& kernels_of(const std::string& isa) {
    const Kernels* best = nullptr;
    std::string names;
    for (const Choice& choice : kChoices) {
        if (!choice.runs()) continue;
        best = choice.kernels;
        if (isa == best->isa) return *best;
        names += (names.empty() ? "" : ", ") + std::string(best->isa);
    }
    if (isa.empty() || isa == "auto") return *best;
    throw std::invalid_argument("instruction set '" + isa + "' is not one that this machine can run: " + names);
}

}  // namespace quatre
