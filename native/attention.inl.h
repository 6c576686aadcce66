// The attention kernels of one instruction set. An ISA file includes this inside its own anonymous namespace.

namespace attention {

#include "attention_lanes.inl.h"
#include "attention_dot.inl.h"
#include "attention_words.inl.h"
#include "attention_heads.inl.h"
#include "attention_softmax.inl.h"
#include "attention_rows.inl.h"
#include "attention_latent.inl.h"
#include "attention_absorbed.inl.h"
#include "attention_expanded.inl.h"
#include "attention_gqa.inl.h"
#include "attention_store.inl.h"

constexpr AttentionKernels kernels = {
    store_latent,    absorb,           absorbed_spans,  combine,        expanded,
    store_kv,        grouped,          fold_grouped,    absorb_scratch, absorbed_span_scratch,
    combine_scratch, expanded_scratch, grouped_scratch, latent_words,
};

}  // namespace attention

constexpr AttentionKernels attention_kernels = attention::kernels;
