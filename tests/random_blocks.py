"""Random blocks of formats, for those that we cannot write: any bits are codes, only their scales must be sane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import Format

HALVES: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("iq4_nl", "iq4_xs", "iq1_s", "iq2_xxs", "iq2_xs", "iq2_s", "iq3_xxs", "iq3_s"), (0,)),
    **dict.fromkeys(("q4_k", "q5_k"), (0, 2)),
    "q2_k": (80, 82),
    "q3_k": (108,),
    "tq1_0": (52,),
    "tq2_0": (64,),
}
"""Where a block's float16 scales begin."""


def random_blocks(fmt: Format, shape: tuple[int, ...], seed: int = 0) -> NDArray[np.uint8]:
    """Rows of ``shape`` numbers, uint8 ``[*shape[:-1], row bytes]``, under scales of one thousandth."""
    data = np.random.default_rng(seed).integers(0, 256, (*shape[:-1], fmt.row_bytes(shape[-1])), np.uint8)
    blocks = data.reshape(-1, fmt.group_bytes)
    set_scales(fmt, blocks, np.full((len(blocks), 2), 0.001))
    return data


def set_scales(fmt: Format, blocks: NDArray[np.uint8], scales: NDArray[np.float64]) -> None:
    """The float16 scales of ``[n, group_bytes]`` blocks, ``[n, 2]`` for those that have two; of MXFP4, 2^-8."""
    bits = np.ascontiguousarray(scales.astype("<f2")).view("<u2")
    if fmt.name == "iq1_m":  # in the upper halves of four words, lowest first
        for i in range(4):
            blocks[:, 49 + 2 * i] = blocks[:, 49 + 2 * i] & 15 | (bits[:, 0] >> 4 * i & 15) << 4
    elif fmt.name == "mxfp4":
        blocks[:, 0] = 120
    else:
        for i, at in enumerate(HALVES[fmt.name]):
            blocks[:, at : at + 2] = bits[:, i : i + 1].copy().view(np.uint8)
