"""How much of the machine went to anybody else meanwhile.

A busy machine does not slow both engines alike: llama.cpp's threads spin at barriers, so that one preempted thread
holds up the other, and it can lose a factor of ten where Quatre loses two. Quote ratios from a quiet machine only.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
QUIET = 0.05  # share of the processors
BUSY_FIELDS = (0, 1, 2, 5, 6, 7)  # user, nice, system, irq, softirq, steal


class Others:
    """Counts from its making: the share of all processors that went to processes not in ``mine``, or to other guests.

    A process that was started since may be added to ``mine``.
    """

    def __init__(self, mine: list[int]) -> None:
        self.mine = [*mine, os.getpid()]
        self.start, self.busy, self.own = time.monotonic(), _busy(), self._own()

    def share(self) -> float:
        """0 … 1, since the start."""
        others = (_busy() - self.busy) - (self._own() - self.own)
        wall = (time.monotonic() - self.start) * (os.cpu_count() or 1)
        return min(1.0, max(0.0, others / wall)) if wall else 0.0

    def _own(self) -> float:
        return sum(processor_seconds(pid) for pid in self.mine)


def wait_for_quiet(limit_s: float, mine: list[int], look_s: float = 0.5) -> float:
    """Return once the others have used under 5 % for ``look_s``, or after ``limit_s``; the seconds waited."""
    start = time.monotonic()
    while time.monotonic() - start < limit_s:
        others = Others(mine)
        time.sleep(look_s)
        if others.share() < QUIET:
            break
    return time.monotonic() - start


def _busy() -> float:
    """Seconds that all processors together have worked."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return TICK_S * sum(int(fields[i]) for i in BUSY_FIELDS)


def processor_seconds(pid: int) -> float:
    """What a process and its threads have worked."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return TICK_S * (int(after_name[11]) + int(after_name[12]))
