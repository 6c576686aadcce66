"""What a start consists of: ``start.py`` runs this file in a process of its own, as ``quatre serve`` would run.

    python benchmarks/start_parts.py PACKED BEGAN

``BEGAN`` is the caller's ``time.perf_counter()`` when it started this process: one clock for all of Linux. Here are
the steps of :mod:`quatre.cli.serve` and of a first request, in their order but without HTTP. Prints a JSON list of
``[part, seconds, processor seconds, bytes of memory of its own behind it]``.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import Any

QUESTION = [{"role": "user", "content": "What is the weather like in Paris?"}]
PARTS: list[tuple[str, float, float, int]] = []


def timed(name: str, work: Callable[[], Any]) -> Any:
    """What ``work`` returns; a line for the table."""
    began, worked = time.perf_counter(), time.process_time()
    result = work()
    PARTS.append((name, time.perf_counter() - began, time.process_time() - worked, own_memory()))
    return result


def own_memory() -> int:
    """Bytes that the system cannot drop."""
    words = Path("/proc/self/status").read_text().split()
    return 1024 * sum(int(words[words.index(key) + 1]) for key in ("RssAnon:", "RssShmem:"))


def first_token(runtime: Any) -> None:
    """Of the answer to a question, at temperature 0."""
    from quatre.engine.request import SamplingParams

    events: SimpleQueue[Any] = SimpleQueue()
    prompt = runtime.tokenizer.chat_prompt(QUESTION)
    runtime.start(
        runtime.request(prompt, SamplingParams(max_tokens=1, temperature=0)), lambda _, event: events.put(event)
    )
    events.get()


def main() -> None:
    """See above."""
    path, began = Path(sys.argv[1]), float(sys.argv[2])
    gc.disable()  # as the command does until it serves
    PARTS.append(("Python itself", time.perf_counter() - began, time.process_time(), own_memory()))
    timed("command line", lambda: import_module("quatre.cli.commands"))
    timed("web framework, engine, NumPy", lambda: import_module("quatre.cli.serve"))

    from quatre.chat.open import open_tokenizer
    from quatre.checkpoint.load import load, open_checkpoint
    from quatre.engine.engine import Engine
    from quatre.llm.opening import choose_ops
    from quatre.llm.runtime import Runtime
    from quatre.server.app import create_app

    opened = timed("the file's header", lambda: open_checkpoint(path))
    loaded = timed("weights, mapped", lambda: load(opened, choose_ops()))
    timed("mistral-common", lambda: import_module("quatre.chat.tekken"))
    tokenizer = timed("vocabulary", lambda: open_tokenizer(path, loaded.gguf_metadata))
    engine = timed("engine, cache", lambda: Engine(loaded.model, None, loaded.vision))
    runtime = Runtime(engine, tokenizer, end_ids=loaded.end_ids, name="m")
    timed("a first step", runtime.warm_up)
    timed("the app", lambda: create_app(runtime))
    timed("a prompt's first token", lambda: first_token(runtime))
    print(json.dumps(PARTS))
    sys.stdout.flush()
    runtime.close()


if __name__ == "__main__":
    main()
