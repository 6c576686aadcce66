"""All formats, by name and by the type numbers that GGUF files use. A new format is a file here and a line below."""

from __future__ import annotations

from quatre.formats.affine4 import Q4_1
from quatre.formats.base import Format
from quatre.formats.codebook4 import IQ4_NL, IQ4_XS, MXFP4, Q4_0
from quatre.formats.floats import BF16, F8_E4M3, F16, F32
from quatre.formats.iq1 import IQ1_M, IQ1_S
from quatre.formats.iq2 import IQ2_S, IQ2_XS, IQ2_XXS
from quatre.formats.iq3 import IQ3_S, IQ3_XXS
from quatre.formats.kquants import Q4_K, Q5_K, Q6_K
from quatre.formats.kquants_low import Q2_K, Q3_K
from quatre.formats.nvfp4 import NVFP4, NVFP4_BLOCKS
from quatre.formats.q5 import Q5_0, Q5_1
from quatre.formats.q8 import Q8_0
from quatre.formats.ternary import TQ1_0, TQ2_0

BY_NAME: dict[str, Format] = {
    fmt.name: fmt
    for fmt in (
        *(F32, F16, BF16, F8_E4M3),
        *(Q8_0, Q5_0, Q5_1, Q4_0, Q4_1, IQ4_NL, MXFP4, NVFP4),
        *(Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_XS),
        *(IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, TQ1_0, TQ2_0),
    )
}

BY_GGML_TYPE: dict[int, Format] = {
    0: F32,
    1: F16,
    2: Q4_0,
    3: Q4_1,
    6: Q5_0,
    7: Q5_1,
    8: Q8_0,
    10: Q2_K,
    11: Q3_K,
    12: Q4_K,
    13: Q5_K,
    14: Q6_K,
    16: IQ2_XXS,
    17: IQ2_XS,
    18: IQ3_XXS,
    19: IQ1_S,
    20: IQ4_NL,
    21: IQ3_S,
    22: IQ2_S,
    23: IQ4_XS,
    29: IQ1_M,
    30: BF16,
    34: TQ1_0,
    35: TQ2_0,
    39: MXFP4,
    40: NVFP4_BLOCKS,
}

GGML_NAMES: dict[int, str] = {
    9: "Q8_1",
    15: "Q8_K",
    24: "I8",
    25: "I16",
    26: "I32",
    27: "I64",
    28: "F64",
    41: "Q1_0",
    42: "Q2_0",
}
"""Types that GGUF knows and Quatre does not read, for the error message."""
