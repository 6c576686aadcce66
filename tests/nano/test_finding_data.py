"""Finding for nano: every answer follows from the list, and from it alone."""

from __future__ import annotations

import json
import random

import pytest
from ability_checks import CASES, answered, examples

from recipes.nano.abilities import finding, worlds

COUNT = 300


def of_kind(kind: str) -> list[list[finding.Turn]]:
    rng = random.Random(5)
    return [finding.MAKERS[kind](rng, "train") for _ in range(COUNT)]


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_roles_alternate_and_the_answer_is_what_is_expected(split, effort) -> None:
    for example in examples(finding, split, effort, COUNT):
        roles = [message["role"] for message in example.messages]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert all(message["content"].strip() for message in example.messages)
        assert answered(example)


def test_all_kinds_appear() -> None:
    assert {example.kind for example in examples(finding, "train", "none", COUNT)} == set(finding.MAKERS)


def test_a_name_is_chosen_by_its_words_and_none_without_them() -> None:
    answers = set()
    for turns in of_kind("choose"):
        listed = turns[0][0]
        for asked, answer in turns:
            answers.add(answer == finding.NOBODY)
            assert answer == finding.NOBODY or answer in listed
            if answer != finding.NOBODY and "_" in answer:
                assert all(word in asked.lower() for word in answer.split("_"))
    assert answers == {True, False}


def test_whoever_is_asked_for_by_a_fact_is_the_only_one_with_it() -> None:
    asked_back = 0
    for turns in of_kind("table"):
        rows = turns[0][0].split("\n")
        for asked, answer in turns:
            if asked.startswith(("Whose ", "Who has ")):
                asked_back += 1
                assert any(row.startswith(answer) for row in rows)
            else:
                assert any(answer in row for row in rows)
    assert asked_back > 20


def test_fields_are_those_asked_for_and_null_where_the_text_has_none() -> None:
    nulls = 0
    for turns in of_kind("fill"):
        text = turns[0][0].lower()
        for _, answer in turns:
            for key, value in json.loads(answer).items():
                if value is None:
                    nulls += 1
                elif "_" in key or key.islower():
                    assert all(word in text for word in key.replace("-", "_").split("_"))
    assert nulls > 20


def test_each_of_a_list_has_a_line_and_no_other() -> None:
    for turns in of_kind("each"):
        for asked, answer in turns:
            lines = answer.split("\n")
            assert len(lines) == len(set(lines))
            name = lines[0].split(" ", 1)[0]
            for line in lines:
                (value,) = json.loads(line.removeprefix(f"{name} ")).values()
                assert (value if isinstance(value, str) else json.dumps(value)) in asked


def test_words_are_of_their_split() -> None:
    rng = random.Random(1)
    assert all(worlds.split_of(finding._word(rng, "train")) == "train" for _ in range(1000))
