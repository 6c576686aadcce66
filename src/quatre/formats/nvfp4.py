"""NVFP4: 4-bit floats (E2M1), two to a byte, the even column in the low half (model.md 4.2).

The codes alone decode to 0 … 6; what they are worth is said by the :class:`~quatre.formats.scales.GroupScales` beside
them.
"""

from __future__ import annotations

import numpy as np

from quatre.formats.base import Bytes, Floats, Format
from quatre.formats.scales import GROUP

E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6], np.float32)


def _decode(data: Bytes) -> Floats:
    values: Floats = E2M1[np.stack((data & 15, data >> 4), -1)]
    return values.reshape(*data.shape[:-1], 2 * data.shape[-1])


NVFP4 = Format("nvfp4", GROUP, GROUP // 2, _decode)
