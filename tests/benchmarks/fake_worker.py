"""A worker without an engine: what it answers, and how it fails, is chosen by the job."""

from __future__ import annotations

import os
import sys
import time

from peers.answering import answers_only, serve


def echo(number: float) -> float:
    """Prints as a careless library does, through Python and beneath it."""
    print("not an answer")
    os.write(1, b"nor this\n")
    return number


def die() -> None:
    """As an engine that is out of memory."""
    sys.exit(3)


def work(seconds: float) -> None:
    """Keep a processor busy."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def sleep(seconds: float) -> None:
    """Hang."""
    time.sleep(seconds)


def main() -> None:
    """Serve."""
    answers = answers_only()
    serve({"echo": echo, "die": die, "sleep": sleep, "work": work}, answers)


if __name__ == "__main__":
    main()
