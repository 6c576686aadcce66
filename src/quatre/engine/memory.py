"""How much memory is left: of the machine, and of the container that this process may run in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
GROUPS = Path("/sys/fs/cgroup")


def available_memory(proc: Path = PROC, groups: Path = GROUPS) -> int:
    """Bytes that can be had without swapping; half of the physical memory where the system does not say."""
    try:
        return min(_field(proc / "meminfo", "MemAvailable:") * 1024, *_left_in_groups(proc, groups))
    except (OSError, StopIteration, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def mapped_memory(proc: Path = PROC) -> int:
    """Bytes of the files that this process has mapped, each part counted once.

    The system counts them as memory that it could give away; but every step would read the weights from disk then.
    """
    try:
        maps = (proc / "self/maps").read_text().splitlines()
    except OSError:
        return 0
    parts = set()
    for line in maps:
        place, _, offset, device, inode, *_ = line.split(maxsplit=5)
        if inode != "0":
            begin, end = (int(number, 16) for number in place.split("-"))
            parts.add((device, inode, int(offset, 16), end - begin))
    return sum(length for *_, length in parts)


def _left_in_groups(proc: Path, groups: Path) -> Iterator[int]:
    """What the limits of this process's control groups leave, files in memory not counted as used."""
    yield 1 << 62
    for line in (proc / "self/cgroup").read_text().splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers == "":
            root, limit, used, files = groups, "memory.max", "memory.current", "file"
        elif "memory" in controllers.split(","):
            root, limit, used, files = (
                groups / "memory",
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
                "total_cache",
            )
        else:
            continue
        own = root / name.lstrip("/")  # in a container it may be the root, whatever its name is outside
        for group in (folder for folder in (own, *own.parents) if folder.is_relative_to(root)):
            most = (group / limit).read_text().strip() if (group / limit).exists() else "max"
            if most != "max":
                yield int(most) - int((group / used).read_text()) + _field(group / "memory.stat", files)


def _field(path: Path, name: str) -> int:
    return next(int(line.split()[1]) for line in path.read_text().splitlines() if line.split()[0] == name)
