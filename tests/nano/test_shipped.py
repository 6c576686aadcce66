"""The checkpoint that comes with Quatre: small, of the recipe's shape, and able to do what it is shipped for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from quatre import LLM, SamplingParams
from quatre.checkpoint.builtin import nano
from quatre.eval import cases
from quatre.llm.outputs import CompletionOutput
from recipes.nano.shape import PARAMS
from recipes.nano.vocabulary import vocabulary

GREEDY = SamplingParams(temperature=0, max_tokens=300)
BEST_TWO = SamplingParams(temperature=0, max_tokens=300, logprobs=2)
TIE = 0.05  # nats


@pytest.fixture(scope="module")
def llm() -> Iterator[LLM]:
    with LLM(nano(), backend="native", max_model_len=2048) as made:
        yield made


def questions(ability: str, count: int) -> list[list[dict[str, Any]]]:
    """Held-out cases without tools and pictures, spread over all kinds."""
    every = [list(case.messages) for case in cases.load(ability)]
    return every[:: len(every) // count][:count]


def test_all_of_it_weighs_less_than_fifteen_megabytes() -> None:
    assert sum(file.stat().st_size for file in nano().iterdir()) < 15e6


def test_its_shape_and_vocabulary_are_the_recipes() -> None:
    params = json.loads((nano() / "params.json").read_text())
    assert params.pop("quantization")["qformat_weight"] == "fp8_e4m3"
    assert params == PARAMS
    assert json.loads((nano() / "tekken.json").read_text()) == vocabulary()


def test_it_does_sums_that_it_has_never_seen_when_it_may_think(llm: LLM) -> None:
    chosen = [case for case in cases.load("arithmetic") if case.kind.startswith(("addition", "subtraction"))][::5]
    outputs = llm.chat([list(case.messages) for case in chosen], GREEDY, reasoning_effort="high", use_tqdm=False)
    right = [
        output.outputs[0].text.strip() == case.expect["text"] for case, output in zip(chosen, outputs, strict=True)
    ]
    assert sum(right) >= 0.9 * len(right)


@pytest.mark.torch
def test_both_back_ends_give_the_same_greedy_answers(llm: LLM) -> None:
    """Until two tokens are as good as equal: the back ends add in other orders, and one of two ties is taken."""
    asked = [*questions("arithmetic", 8), *questions("languages", 6), *questions("small_talk", 6)]
    with LLM(nano(), backend="torch", max_model_len=2048) as other:
        for effort in ("none", "high"):
            ours, theirs = (
                [output.outputs[0] for output in one.chat(asked, BEST_TWO, reasoning_effort=effort, use_tqdm=False)]
                for one in (llm, other)
            )
            ties = [step for pair in zip(ours, theirs, strict=True) if (step := parting(*pair)) is not None]
            assert all(gap < TIE for gap in ties), ties
            assert len(ties) <= 2


def parting(one: CompletionOutput, other: CompletionOutput) -> float | None:
    """How much better the best token is than the second, in nats, where two answers part; None if they do not."""
    places = [place for place, (a, b) in enumerate(zip(one.token_ids, other.token_ids, strict=False)) if a != b]
    if not places:
        assert (one.reasoning, one.text) == (other.reasoning, other.text)
        return None
    assert one.logprobs is not None
    best, second, *_ = sorted((found.logprob for found in one.logprobs[places[0]].values()), reverse=True)
    return best - second
