"""What is asked: random prompts of given lengths, or those of a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from quatre.errors import ConfigError

WORDS = "time year people way day man thing woman life child world school state family student group country".split()
"""A token each in most vocabularies; for servers that take text only."""


@dataclass(frozen=True)
class Ask:
    """One prompt (a text, token ids, or the messages of a conversation) and the most tokens of its answer."""

    prompt: str | list[int] | list[dict[str, Any]]
    output_len: int


@dataclass(frozen=True, kw_only=True)
class RandomLengths:
    """Lengths in tokens. Each is drawn evenly from ``length · (1 ± range_ratio)``; ``prefix_len`` tokens, which all
    prompts have in common, come on top."""

    input_len: int = 1024
    output_len: int = 128
    range_ratio: float = 0.0
    prefix_len: int = 0

    def __post_init__(self) -> None:
        if self.input_len < 1 or self.output_len < 1 or self.prefix_len < 0:
            raise ConfigError("random lengths must be at least 1 token, and the common prefix at least 0")
        if not 0 <= self.range_ratio < 1:
            raise ConfigError(f"the range ratio must be at least 0 and below 1, got {self.range_ratio}")


def random_asks(count: int, lengths: RandomLengths, seed: int, tokens: Sequence[int] | Sequence[str]) -> list[Ask]:
    """``count`` prompts made of ``tokens``: of ids exactly as long as asked for, of words about as long."""
    rng = np.random.default_rng(seed)
    inputs = _spread(rng, lengths.input_len, lengths.range_ratio, count)
    outputs = _spread(rng, lengths.output_len, lengths.range_ratio, count)
    prefix = rng.integers(len(tokens), size=lengths.prefix_len)
    asks = []
    for input_len, output_len in zip(inputs, outputs, strict=True):
        places = [*prefix.tolist(), *rng.integers(len(tokens), size=input_len).tolist()]
        chosen = [tokens[place] for place in places]
        prompt = " ".join(map(str, chosen)) if isinstance(chosen[0], str) else [int(token) for token in chosen]
        asks.append(Ask(prompt, output_len))
    return asks


def _spread(rng: np.random.Generator, length: int, ratio: float, count: int) -> list[int]:
    low, high = max(1, int(length * (1 - ratio))), max(1, int(length * (1 + ratio)))
    lengths: list[int] = rng.integers(low, high + 1, size=count).tolist()
    return lengths


def asks_of_file(path: Path, count: int, output_len: int) -> list[Ask]:
    """The first ``count`` lines of a JSON Lines file, from its beginning again if it has fewer.

    A line is an object with ``prompt`` (a text or token ids) or ``messages``, and with ``output_tokens`` if its answer
    shall have another limit than ``output_len``. ConfigError names the line that is something else.
    """
    asks: list[Ask] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if len(asks) == count:
                    break
                if line.strip():
                    asks.append(_ask_of(line, f"{path}, line {number}", output_len))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the dataset {path}: {error}") from error
    if not asks:
        raise ConfigError(f"the dataset {path} is empty")
    return [asks[place % len(asks)] for place in range(count)]


def _ask_of(line: str, place: str, output_len: int) -> Ask:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise ConfigError(f"{place} is not JSON: {error}") from error
    prompt = (data.get("prompt") or data.get("messages")) if isinstance(data, dict) else None
    if not isinstance(prompt, str | list) or not prompt:
        raise ConfigError(f"{place} is not an object with a prompt or messages")
    limit = data.get("output_tokens", output_len)
    if type(limit) is not int or limit < 1:
        raise ConfigError(f"{place}: output_tokens must be a number of tokens, got {limit!r}")
    return Ask(prompt, limit)
