"""``quatre chat`` over a fake engine, to be run in a process of its own.

Writes "engine: cancelled" to standard error each time that a generation was stopped.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes import FakeEngine, fake_runtime
from quatre.cli.chat import Conversation, run_chat
from quatre.engine.request import SamplingParams
from quatre.llm import LLM


def main(answer: str, tokens: int) -> None:
    """Talk with an engine that gives ``tokens`` tokens in all and then falls silent."""
    engine = FakeEngine(answer, gate=threading.Semaphore(tokens))
    with fake_runtime(engine) as runtime:
        run_chat(Conversation(LLM.of(runtime), SamplingParams()))
    print("engine: cancelled", len(engine.cancelled), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
