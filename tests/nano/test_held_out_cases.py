"""The cases of ``quatre eval`` are those that the recipe writes, and none of them is learned."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from quatre.eval import cases, judge
from quatre.eval.answer import Answer
from quatre.eval.cases import Case
from recipes.nano import write_cases
from recipes.nano.write_cases import NAMES, PER_KIND, SIZES, example
from recipes.nano.write_cases import case as made_case

ABILITIES = sorted(NAMES)
MEGABYTES = 3
TRAINED = 400  # examples of training that are looked at


def number(case: Case) -> int:
    return int(case.id.removeprefix(f"{case.ability}-"))


def test_there_is_a_file_for_each_ability() -> None:
    assert cases.names() == ABILITIES
    assert sum(path.stat().st_size for path in cases.FOLDER.iterdir()) < MEGABYTES * 1e6


@pytest.mark.parametrize("ability", ABILITIES)
def test_cases_are_what_the_recipe_writes(ability: str) -> None:
    stored = cases.load(ability)
    for case in stored[::9] if ability == "long_context" else stored:
        made = "".join(cases.lines([made_case(ability, number(case))]))
        assert json.loads(made) == json.loads("".join(cases.lines([case])))
    assert len({case.id for case in stored}) == len(stored)


@pytest.mark.parametrize("ability", ABILITIES)
def test_cases_are_spread_and_serve_every_effort(ability: str) -> None:
    stored = cases.load(ability)
    kinds = [case.kind for case in stored]
    if ability == "long_context":
        assert len(stored) % len(SIZES) == 0
    else:
        quota = PER_KIND[NAMES[ability]]
        assert len(stored) >= 100
        assert all(kinds.count(kind) <= quota for kind in set(kinds))
    for case in stored:
        assert case.ability == ability
        assert case.messages[-1]["role"] in ("user", "tool")
        assert not any("reasoning_content" in message for message in case.messages)


@pytest.mark.parametrize("ability", ABILITIES)
def test_the_generators_own_answers_are_judged_right(ability: str) -> None:
    for case in cases.load(ability)[::3]:
        answer = given(example(ability, number(case)).messages[-1])
        assert judge.problem(case.expect, answer) is None, case.id
        assert judge.has_form(case, answer) is not False, case.id


def given(message: Any) -> Answer:
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    spelled = tuple((call["name"], call["arguments"]) for call in calls)
    return Answer(content=message.get("content") or "", calls=spelled)


@pytest.mark.parametrize("ability", ABILITIES)
def test_no_case_is_learned(ability: str) -> None:
    """Neither what decides about the split, nor the last request in its words and pictures, wherever it may stand."""
    stored = cases.load(ability)
    keys = {example(ability, number(case)).key for case in stored}
    asked = {content(case.messages[-1]) for case in stored}
    rng = random.Random(ability)
    for place in range(TRAINED):
        trained = NAMES[ability].example(rng, "train", "high" if place % 2 else "none")
        assert trained.key not in keys
        requests = {content(message) for message in trained.messages if message["role"] in ("user", "tool")}
        assert not requests & asked or ability == "tools"  # there, the tools are new


def content(message: Any) -> str:
    return json.dumps(message["content"], sort_keys=True)


def test_a_kind_is_not_filled_twice_with_the_same() -> None:
    chosen = list(write_cases.chosen("languages"))
    keys = [example("languages", n).key for n in chosen]
    assert len(set(keys)) == len(keys)
    assert [case.id for case in cases.load("languages")] == [f"languages-{n}" for n in chosen]
