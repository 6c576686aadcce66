"""The strict header reader."""

from __future__ import annotations

import logging

import pytest

from quatre.errors import ConfigError
from quatre.model.header import Header


@pytest.mark.parametrize("value", ["4", True, 0, -1, 2**40, 4.0, [4]])
def test_a_size_must_be_a_positive_whole_number(value: object) -> None:
    with pytest.raises(ConfigError, match=r"config\.json: hidden_size = .* is wrong, expected a whole number"):
        Header({"hidden_size": value}, "config.json").integer("hidden_size")


@pytest.mark.parametrize("value", ["1e-5", True, float("nan"), float("inf"), -1.0])
def test_a_real_must_be_finite_and_not_negative(value: object) -> None:
    with pytest.raises(ConfigError, match="rms_norm_eps"):
        Header({"rms_norm_eps": value}, "config.json").real("rms_norm_eps")


@pytest.mark.parametrize("value", [0.5, 10**400, 1e300])
def test_a_real_has_bounds(value: float) -> None:
    with pytest.raises(ConfigError, match=r"rope_theta = .* is wrong, expected a number from 2 to 1e\+18"):
        Header({"rope_theta": value}, "config.json").real("rope_theta", low=2.0)
    assert Header({"rope_theta": 10_000}, "config.json").optional_real("rope_theta", low=2.0) == 10_000.0


def test_null_says_nothing_and_is_not_reported() -> None:
    assert Header({"novelty": None, "other": 0}, "config.json").unread() == {"other": 0}


def test_missing_and_null_keys_need_a_default() -> None:
    header = Header({"a": None}, "config.json")
    assert header.integer("a", default=3) == 3
    assert header.optional_integer("b") is None
    with pytest.raises(ConfigError, match="the key b is missing"):
        header.integer("b")


def test_expect_refuses_what_is_not_supported() -> None:
    header = Header({"hidden_act": "gelu"}, "config.json")
    header.expect("absent", "silu")
    with pytest.raises(ConfigError, match="hidden_act = 'gelu' is not supported, only 'silu' is"):
        header.expect("hidden_act", "silu")


def test_unknown_keys_are_reported_once_with_their_value(caplog: pytest.LogCaptureFixture) -> None:
    header = Header({"hidden_size": 8, "novelty": 7, "use_cache": True, "part": {"odd": 1}}, "config.json")
    header.integer("hidden_size")
    assert header.section("part") is not None
    with caplog.at_level(logging.WARNING):
        header.finish()
    assert [record.getMessage() for record in caplog.records] == [
        "config.json: ignoring unknown key 'novelty' = 7",
        "config.json, part: ignoring unknown key 'odd' = 1",
    ]


def test_prefixed_view_reads_the_same_mapping() -> None:
    header = Header({"llama.block_count": 2}, "model.gguf")
    assert header.within("llama.").integer("block_count") == 2
    assert header.unread() == {}
    with pytest.raises(ConfigError, match=r"the key llama\.context_length is missing"):
        header.within("llama.").integer("context_length")
