"""A batch of cases in a process of its own, so that a crash ends nobody else: ``fuzz_files.py`` starts it and listens.

Before each case its number goes to standard output; at the end, how many were refused. Exit status 1 and a traceback
for the first case that ends in anything but a sentence, takes long, or takes much memory.
"""

from __future__ import annotations

import faulthandler
import logging
import resource
import sys
import time
import warnings
from pathlib import Path
from random import Random

from subjects import SUBJECTS, Subject

from quatre.errors import QuatreError

PATIENCE_S = 5.0  # of processor time; a sound file takes a tenth of a second
MOST_GROWTH = 200 << 20  # bytes more at once than before the case; all the files of a subject have less than 2 MB
FORGET_PEAK, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
ADDRESS_SPACE = 12 << 30  # so that what a file merely claims raises MemoryError, whatever the machine has


class Formatted(logging.Handler):
    """Warnings are part of what a file can make happen: each is written, to nowhere."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raises what formatting raises."""
        self.format(record)


def run(subject: str, folder: Path, seed: int, first: int, count: int) -> int:
    """Cases ``first`` and the following; how many were refused. Raises for one that fails."""
    chosen = SUBJECTS[subject]
    chosen.write(folder)
    chosen.read(folder)  # sound, and everything imported
    refused = 0
    for number in range(first, first + count):
        print(number, flush=True)
        refused += case(chosen, folder, Random(f"{subject} {seed} {number}"))
    return refused


def case(subject: Subject, folder: Path, rng: Random) -> bool:
    """Damage one file, read everything, put the file back. Whether it was refused."""
    target = folder / rng.choice(sorted(subject.damage))
    sound = target.read_bytes()
    _replace(target, subject.damage[target.name](rng, sound))
    FORGET_PEAK.write_text("5")  # or what took more memory earlier in this process would hide what this case takes
    memory, began = _memory("VmRSS"), time.process_time()
    refused = False
    try:
        subject.read(folder)
    except QuatreError as error:
        refused = True
        check_sentence(str(error))
    taken, grown = time.process_time() - began, _memory("VmHWM") - memory
    if taken > PATIENCE_S:
        raise AssertionError(f"{taken:.1f} s of computing")
    if grown > MOST_GROWTH:
        raise AssertionError(f"{grown >> 20} MB of memory")
    _replace(target, sound)
    return refused


def check_sentence(message: str) -> None:
    """Errors are for terminals and logs: short, in one line, of printable characters."""
    assert 0 < len(message) < 1500, f"{len(message)} characters"
    assert message.isprintable(), ascii(message)


def _replace(path: Path, data: bytes) -> None:
    """As another file: the old one may still be mapped."""
    path.unlink()
    path.write_bytes(data)


def _memory(which: str) -> int:
    """Bytes of memory now (``VmRSS``) or at most since the peak was forgotten (``VmHWM``); see proc(5)."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(which))
    return 1024 * int(line.split()[1])


def main() -> None:
    """Arguments: subject, folder (empty), seed, first case, number of cases."""
    subject, folder, *numbers = sys.argv[1:]
    faulthandler.enable()
    warnings.simplefilter("ignore", RuntimeWarning)  # damaged weights overflow
    logging.basicConfig(level=logging.INFO, handlers=[Formatted()])
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(f"refused {run(subject, Path(folder), *map(int, numbers))}", flush=True)


if __name__ == "__main__":
    main()
