// All kernels of one instruction set, and their table. An ISA file includes this inside its own anonymous namespace.

#include "sixteen.inl.h"

#include "words.inl.h"

#include "point_codes.inl.h"

#include "codes.inl.h"
#include "inputs.inl.h"
#include "matmul.inl.h"
#include "probes.inl.h"
#include "unpack.inl.h"
#include "exact.inl.h"
#include "vector.inl.h"
#include "sampling.inl.h"

constexpr Kernels table_of(const char* isa) {
    return {isa,
            multiply,
            kTile,
            spread_row,
            bf16_row,
            quantise_row,
            rms_norm_row,
            silu_mul_row,
            add_scaled_row,
            unpack_panel,
            multiply_exactly,
            attention_kernels,
            sampling_kernels,
            read_bytes,
            multiply_codes,
            kProbeProducts};
}
