"""Which cases are held out: decided by a hash, so that every generator and every run agrees."""

from __future__ import annotations

import hashlib
from functools import lru_cache

SHARE = 16  # one case in so many belongs to the test


@lru_cache(maxsize=1 << 16)
def held_out(case: str, share: int = SHARE) -> bool:
    """Whether ``case`` belongs to the test split."""
    return int.from_bytes(hashlib.sha256(case.encode()).digest()[:8], "big") % share == 0
