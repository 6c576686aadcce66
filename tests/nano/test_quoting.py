"""Thoughts go through a text in its own order."""

from __future__ import annotations

import random

from recipes.nano.abilities import extraction
from recipes.nano.abilities.quoting import place


def test_a_value_is_found_where_it_stands_as_a_word() -> None:
    text = "Order 150 has 15 boxes, 5.5 kg, for Anna and Ann."
    assert place(text, 15) == text.index("15 boxes")
    assert place(text, 5) == text.index("5")  # as no word by itself
    assert place(text, 5.5) == text.index("5.5")
    assert place(text, "Ann") == text.index("Ann.")
    assert place(text, "Bob") == len(text)
    assert place("a b a", "a", 1) == 4


def test_values_are_noted_in_the_order_of_the_text() -> None:
    text = "Edward Ford sent back 15 lamps in red."
    value = {"colour": "red", "returned": True, "group": {"count": 15, "customer": "Edward Ford"}, "price": None}
    assert extraction._thought(text, value) == "Edward Ford customer; 15 count; red colour; returned true; price -."


def test_rows_are_noted_one_after_the_other() -> None:
    text = "Medals: gold for Ann, gold for Bob."
    rows = [{"name": "Ann", "medal": "gold"}, {"name": "Bob", "medal": "gold"}]
    assert extraction._thought(text, rows) == "list 2: gold medal, Ann name | gold medal, Bob name."
    assert extraction._thought("We need ropes and nails.", {"things": ["ropes", "nails"]}) == "things 2: ropes | nails."


def test_every_value_is_noted() -> None:
    for seed in range(200):
        example = extraction.example(random.Random(seed), "train", "high")
        thought = example.messages[-1]["reasoning_content"]
        for key, found in extraction._leaves(
            {"list": example.expect["json"]} if isinstance(example.expect["json"], list) else example.expect["json"]
        ):
            assert key in thought
            if isinstance(found, str) and len(found) < extraction.LONG:
                assert f"{found} {key}" in thought
