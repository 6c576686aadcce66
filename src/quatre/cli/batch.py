"""``quatre run-batch``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from quatre.errors import QuatreError
from quatre.llm.progress import progress_bar
from quatre.llm.runtime import Runtime
from quatre.server.app import create_app
from quatre.server.batch import BatchFile, check_results, run_batch
from quatre.server.results import ResultFile
from quatre.server.service import ServerConfig


def answer_batch(
    runtime: Runtime, source: BatchFile, results: ResultFile, names: tuple[str, ...], *, at_once: int
) -> None:
    """Answer what has no answer yet, with a bar; at the end, or when it stops early, say how far it got."""
    failed = 0
    before = len(results.done)

    def done(result: dict[str, Any]) -> None:
        nonlocal failed
        response = result["response"] or {}
        failed += response.get("status_code") != 200
        usage = response.get("body", {}).get("usage") or {}
        advance(usage.get("completion_tokens") or usage.get("output_tokens") or 0)

    app = create_app(runtime, ServerConfig(served_model_name=names))
    try:
        with progress_bar("requests", len(source.ids), done=before) as advance:
            asyncio.run(run_batch(app, source, results, at_once=at_once, on_done=done))
    except (QuatreError, KeyboardInterrupt):
        _say(f"{len(results.done)} of {len(source.ids)} requests have their answer; run it again to go on")
        raise
    again = f", {before} of them by earlier runs" if before else ""
    _say(f"{len(results.done)} requests answered{again}")
    if failed:
        _say(f"{failed} failed; {results.path} says why")


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def open_files(source: Path, output: Path) -> tuple[BatchFile, ResultFile]:
    """Both files, before minutes of loading. ConfigError says what is wrong with them."""
    batch = BatchFile(source)
    results = ResultFile(output)
    try:
        check_results(batch, results)
    except BaseException:
        results.close()
        raise
    return batch, results
