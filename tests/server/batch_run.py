"""A batch over a slow fake engine, to be killed: ``python batch_run.py INPUT OUTPUT``."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from fakes import FakeEngine, fake_runtime
from quatre.cli.batch import answer_batch, open_files


def main() -> None:
    gate = threading.Semaphore(0)

    def open_slowly() -> None:
        while True:
            time.sleep(0.002)
            gate.release()

    threading.Thread(target=open_slowly, daemon=True).start()
    batch, results = open_files(Path(sys.argv[1]), Path(sys.argv[2]))
    with results, fake_runtime(FakeEngine("yes", gate=gate)) as runtime:
        answer_batch(runtime, batch, results, (), at_once=8)


if __name__ == "__main__":
    main()
