"""What the engine did and is doing, as numbers. Written by the engine thread, read by anyone at any time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Statistics:
    """``running``, ``waiting``, ``held_pages`` and ``known_pages`` are now; all others count from the start.

    running, waiting: sequences (a request with ``n`` answers has ``n``)
    pages, held_pages, known_pages: of the cache: all, in use, and with a prefix that a prompt may share
    prefix_queries, prefix_hits: prompt tokens that were looked up in the cache, and those found there
    prompt_tokens, generated_tokens: tokens of prompts that were computed, and tokens of answers
    """

    running: int = 0
    waiting: int = 0
    pages: int = 0
    held_pages: int = 0
    known_pages: int = 0
    prefix_queries: int = 0
    prefix_hits: int = 0
    prompt_tokens: int = 0
    generated_tokens: int = 0
    preemptions: int = 0
    steps: int = 0
    step_seconds: float = 0.0
