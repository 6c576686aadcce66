"""Sampling parameters are checked when they are made."""

from __future__ import annotations

from typing import Any

import pytest

from quatre.engine.request import SamplingParams
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
    ],
)
def test_a_wrong_value_is_refused_and_named(field: str, value: Any) -> None:
    with pytest.raises(RequestError, match=field) as caught:
        SamplingParams(**{field: value})
    assert caught.value.param == field


def test_one_stop_string_may_stand_alone() -> None:
    assert SamplingParams(stop="END").stop == ("END",)
