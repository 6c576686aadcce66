"""Who asks for a grammar."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asker:
    """``client``: with whom others take turns. ``salt``: compiled grammars are shared only where it is the same; their
    speed would tell what others have asked for."""

    client: str = ""
    salt: str = ""


NOBODY = Asker()
