"""What a sequence knows, and what it costs to know it."""

from __future__ import annotations

import tracemalloc

import pytest

from quatre.engine.request import Request, SamplingParams
from quatre.engine.sequence import Sequence, Tokens


@pytest.mark.parametrize("prompt", [(), (1,), (1, 2, 3)])
@pytest.mark.parametrize("answer", [(), (4,), (4, 5, 6)])
def test_tokens_are_read_like_a_list(prompt: tuple[int, ...], answer: tuple[int, ...]) -> None:
    tokens, known = Tokens(prompt), [*prompt, *answer]
    for token in answer:
        tokens.append(token)
    assert len(tokens) == len(known)
    assert list(tokens) == known
    for start in range(len(known) + 2):
        for stop in range(start, len(known) + 2):
            assert tokens[start:stop] == known[start:stop]
    assert tokens[:] == known
    assert tokens[-2:] == known[-2:]
    if known:
        assert tokens[-1] == known[-1]
    with pytest.raises(IndexError):
        tokens[len(known)]


def test_answers_to_one_prompt_hold_it_once() -> None:
    request = Request(id="r", prompt=tuple(range(200_000)), params=SamplingParams(n=128))
    tracemalloc.start()
    answers = [Sequence(request, lambda event: None, limit=300_000, index=index) for index in range(128)]
    for answer in answers:
        answer.append(7)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 1_000_000
    assert all(answer.tokens[199_999:] == [199_999, 7] for answer in answers)
