"""Random prompts and prompts from files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quatre.bench.workload import WORDS, Ask, RandomLengths, asks_of_file, random_asks
from quatre.errors import ConfigError


@given(st.integers(1, 300), st.integers(1, 300), st.floats(0, 0.99), st.integers(0, 50), st.integers(0, 9))
def test_lengths_stay_in_range_and_prefixes_are_shared(
    input_len: int, output_len: int, ratio: float, prefix: int, seed: int
) -> None:
    lengths = RandomLengths(input_len=input_len, output_len=output_len, range_ratio=ratio, prefix_len=prefix)
    asks = random_asks(8, lengths, seed, range(10, 20))
    for ask in asks:
        own = len(ask.prompt) - prefix
        assert max(1, int(input_len * (1 - ratio))) <= own <= int(input_len * (1 + ratio))
        assert max(1, int(output_len * (1 - ratio))) <= ask.output_len <= int(output_len * (1 + ratio))
        assert ask.prompt[:prefix] == asks[0].prompt[:prefix]
        assert set(ask.prompt) <= set(range(10, 20))
    assert asks == random_asks(8, lengths, seed, range(10, 20))


def test_words_where_ids_are_not_taken() -> None:
    (ask,) = random_asks(1, RandomLengths(input_len=5, prefix_len=2), 0, WORDS)
    assert isinstance(ask.prompt, str)
    assert len(ask.prompt.split()) == 7


def test_files_in_both_forms_and_again_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "asks.jsonl"
    path.write_text('{"prompt": "a", "output_tokens": 5}\n\n{"messages": [{"role": "user", "content": "b"}]}\n')
    assert asks_of_file(path, 3, 9) == [Ask("a", 5), Ask([{"role": "user", "content": "b"}], 9), Ask("a", 5)]
    assert len(asks_of_file(path, 1, 9)) == 1


@pytest.mark.parametrize(
    "line", ["{", "5", "{}", '{"prompt": ""}', '{"prompt": 5}', '{"prompt": "a", "output_tokens": "5"}']
)
def test_odd_lines_are_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "asks.jsonl"
    path.write_text('{"prompt": "a"}\n' + line + "\n")
    with pytest.raises(ConfigError, match="line 2"):
        asks_of_file(path, 5, 1)


def test_no_file_and_nothing_in_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        asks_of_file(tmp_path / "none", 1, 1)
    (tmp_path / "empty").touch()
    with pytest.raises(ConfigError, match="empty"):
        asks_of_file(tmp_path / "empty", 1, 1)


@pytest.mark.parametrize("options", [{"input_len": 0}, {"output_len": 0}, {"range_ratio": 1}, {"prefix_len": -1}])
def test_impossible_lengths(options: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        RandomLengths(**options)
