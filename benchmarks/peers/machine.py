"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
ISAS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimddp", "i8mm", "sve")


def machine() -> dict[str, str]:
    """Processor, cores, memory, instruction sets and system."""
    cpu = _fields(Path("/proc/cpuinfo"))
    flags = (cpu.get("flags") or cpu.get("Features") or "").split()
    memory = int(_fields(Path("/proc/meminfo"))["MemTotal"].split()[0]) / 2**20
    return {
        "cpu": cpu.get("model name", platform.machine()),
        "family and model": f"{cpu.get('cpu family', '?')}/{cpu.get('model', '?')}",
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.1f} GiB",
        "isa": " ".join(isa for isa in ISAS if isa in flags),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
    }


def commit() -> str:
    """The commit that was measured, and whether the sources had changed since; "unknown" outside a checkout."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        changed = _git("status", "--porcelain", "--", "src", "native", "benchmarks", "CMakeLists.txt")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head} with uncommitted changes" if changed else head


def load_average() -> float:
    """Processes that wanted to run in the last minute."""
    return os.getloadavg()[0]


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


def _fields(path: Path) -> dict[str, str]:
    """``name : value`` lines; the first of a name counts."""
    found: dict[str, str] = {}
    for line in path.read_text().splitlines():
        name, _, value = line.partition(":")
        found.setdefault(name.strip(), value.strip())
    return found
