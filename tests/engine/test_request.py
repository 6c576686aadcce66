"""Sampling parameters are checked when they are made."""

from __future__ import annotations

from typing import Any

import pytest

from quatre.engine.request import SamplingParams
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import RequestError


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", -0.1),
        ("temperature", 2.1),
        ("temperature", float("nan")),
        ("temperature", "hot"),
        ("temperature", True),
        ("top_p", 0),
        ("top_p", 1.01),
        ("min_p", -1),
        ("top_k", -2),
        ("top_k", 1.5),
        ("seed", 2**64),
        ("max_tokens", 0),
        ("logprobs", 21),
        ("prompt_logprobs", -1),
        ("stop", [""]),
        ("bad_words", ["a", 3]),
        ("n", 0),
        ("n", 129),
        ("n", None),
        ("repetition_penalty", 0),
        ("repetition_penalty", 11),
        ("presence_penalty", 2.5),
        ("frequency_penalty", float("inf")),
        ("logit_bias", {1: 101}),
        ("logit_bias", {-1: 1}),
        ("logit_bias", {1: "much"}),
        ("logit_bias", dict.fromkeys(range(1025), 1)),
        ("allowed_token_ids", []),
        ("allowed_token_ids", [True]),
        ("min_tokens", -1),
        ("stop_token_ids", [-1]),
    ],
)
def test_a_wrong_value_is_refused_and_named(field: str, value: Any) -> None:
    with pytest.raises(RequestError, match=field) as caught:
        SamplingParams(**{field: value})
    assert caught.value.param == field


def test_one_stop_string_may_stand_alone() -> None:
    assert SamplingParams(stop="END").stop == ("END",)


def test_min_tokens_must_fit_into_max_tokens() -> None:
    with pytest.raises(RequestError, match="min_tokens must not be above max_tokens"):
        SamplingParams(min_tokens=5, max_tokens=4)


@pytest.mark.parametrize(
    "other", [{"ignore_eos": True}, {"min_tokens": 1}, {"allowed_token_ids": [1]}, {"bad_words": ["a"]}]
)
def test_what_contradicts_a_structured_output_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="cannot be combined"):
        SamplingParams(structured_outputs=StructuredOutputsParams(regex="a"), **other)
