"""A budget of thinking, kept by what the sampler draws from random weights."""

from __future__ import annotations

import json

import numpy as np
import pytest
from random_answers import CALL, END_THINK, MODEL_VOCAB, Tokenizer, reply_of

from fakes import END, THINK
from quatre.chat.tools import read_calls
from quatre.engine.constraint import Constraint
from quatre.engine.request import Request, SamplingParams
from quatre.engine.sampler import SamplerState, sample_batch
from quatre.engine.structured import StructuredOutputsParams
from quatre.grammar.budget import ThinkingBudget
from quatre.grammar.compiler import Grammars

MOST_TOKENS = 400


def drawn(constraint: Constraint, seed: int) -> list[int]:
    state = SamplerState(Request(id="r", prompt=[0], params=SamplingParams(), constraint=constraint), seed)
    random = np.random.default_rng(seed)
    tokens: list[int] = []
    while len(tokens) < MOST_TOKENS:
        logits = random.normal(size=(1, MODEL_VOCAB)).astype(np.float32) * 3
        logits[0, THINK] += 12 * (not tokens)
        logits[0, END_THINK] -= 12
        (sampled,) = sample_batch(logits, [state])
        assert sampled.error is None
        tokens.append(sampled.token)
        if sampled.ends or sampled.token == END:
            break
    return tokens


def thought(tokens: list[int], *, is_open: bool = False) -> int:
    """Tokens between the marks."""
    begun = 0 if is_open else tokens.index(THINK) + 1
    return tokens.index(END_THINK) - begun


@pytest.mark.parametrize("budget", [0, 1, 20])
@pytest.mark.parametrize("is_open", [False, True])
def test_free_text(budget: int, is_open: bool) -> None:
    for seed in range(4):
        constraint = ThinkingBudget(None, (THINK, END_THINK), budget, MODEL_VOCAB, is_open=is_open)
        tokens = drawn(constraint.fork(), seed)
        assert thought(tokens, is_open=is_open) <= budget


def test_under_a_grammar_characters_are_completed_first() -> None:
    grammars = Grammars(Tokenizer(), frozenset({END}), MODEL_VOCAB)
    inner = grammars.constraint(StructuredOutputsParams(json={"type": "integer"}), thinking="may")
    for seed in range(12):
        constraint = ThinkingBudget(inner, (THINK, END_THINK), 5, MODEL_VOCAB, is_open=False)
        tokens = drawn(constraint.fork(), seed)
        if THINK in tokens:
            assert thought(tokens) <= 5 + 3, "up to three more bytes of a character"
        reply = reply_of(tokens)
        assert "\ufffd" not in reply.reasoning
        if len(tokens) < MOST_TOKENS:
            assert isinstance(json.loads(reply.content), int)


def test_with_calls() -> None:
    grammars = Grammars(Tokenizer(), frozenset({END}), MODEL_VOCAB)
    calls = read_calls([{"type": "function", "function": {"name": "f"}}], "required", parallel=False)
    inner = grammars.constraint(thinking="may", calls=calls)
    for seed in range(6):
        tokens = drawn(ThinkingBudget(inner, (THINK, END_THINK), 3, MODEL_VOCAB, is_open=False), seed)
        assert CALL in tokens
        assert [call.name for call in reply_of(tokens).calls] == ["f"]
