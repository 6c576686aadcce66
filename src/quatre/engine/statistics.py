"""What the engine did and is doing, as numbers. Written by the engine thread, read by anyone at any time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Statistics:
    """``running``, ``waiting``, ``held_pages`` and ``known_pages`` are now; all others count from the start.

    running, waiting: sequences (a request with ``n`` answers has ``n``); who waits does so for a seat, for pages, for
        its pictures, or for the prompt that it shares
    pages, held_pages, known_pages: of the cache: all, in use, and with a prefix that a prompt may share
    prefix_queries, prefix_hits: prompt tokens that were looked up in the cache, and those found there
    prompt_tokens, generated_tokens: tokens of prompts that were computed, and tokens of answers
    step_tokens: how many steps computed so many tokens
    page_size, prefix_caching: see :class:`quatre.engine.config.EngineConfig`
    image_queries, image_hits: images of requests, and those whose vectors were known
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
    step_tokens: Counter[int] = field(default_factory=Counter)
    page_size: int = 0
    prefix_caching: bool = True
    image_queries: int = 0
    image_hits: int = 0
