"""Words of many languages in training are none that tests keep for themselves."""

from __future__ import annotations

from recipes.nano.abilities import records, tool_specs, worlds
from recipes.nano.example import Split


def parts(split: Split) -> set[str]:
    """The words of all names that the realistic domains of a split have."""
    names = {name for domain in records.BY_SPLIT[split] for one in domain.fields for name in one.names}
    for domain in tool_specs.BY_SPLIT[split]:
        for spec in tool_specs.DOMAINS[domain]:
            names |= {*spec.verbs, *spec.nouns, *(name for one in spec.parameters for name in one.names)}
    return {word for name in names for word in name.split("_")}


def test_names_that_only_tests_have_are_kept_back() -> None:
    words = set(worlds.real_words())
    assert len(words) > 25_000
    assert not words & (parts("test") - parts("train"))
    assert not words & (records.HELD_OUT | tool_specs.HELD_OUT)
    assert all(worlds.split_of(word) == "train" for word in words)
