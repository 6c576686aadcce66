"""``quatre generate``."""

from __future__ import annotations

import sys

from quatre.engine.request import SamplingParams
from quatre.llm import LLM


def run_generate(llm: LLM, prompt: str, params: SamplingParams) -> None:
    """Write the continuation to standard output as it comes, then a line break."""
    with llm.stream(prompt, params) as pieces:
        for piece in pieces:
            sys.stdout.write(piece)
            sys.stdout.flush()
    sys.stdout.write("\n")
    sys.stdout.flush()
