"""Small talk for nano: answers that are true, wordings that are held out, refusals of what is outside only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ability_checks import CASES, answered, check_splits, check_well_formed, examples
from typer.main import get_command

from quatre.cli.commands import app
from recipes.nano.abilities import outside, small_talk
from recipes.nano.abilities.intents import INTENTS, REAL

ROOT = Path(__file__).parents[2]


def test_examples_are_well_formed() -> None:
    check_well_formed(small_talk)


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_answers_meet_what_is_expected(split, effort) -> None:
    assert all(answered(example) for example in examples(small_talk, split, effort))


def test_the_splits_do_not_overlap() -> None:
    check_splits(small_talk)


def test_held_out_wordings_are_never_made_in_training() -> None:
    for example in examples(small_talk, "train", "none", 20_000):
        if example.kind != "refusal":
            assert small_talk.plain(example.messages[0]["content"]) not in small_talk.UNSEEN, example


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.name)
def test_every_intent_has_wordings_of_its_own(intent) -> None:
    assert len(intent.train) >= 10
    assert len(intent.test) >= 3
    mine = {small_talk.plain(text) for text in (*intent.train, *intent.test)}
    for other in INTENTS:
        if other is not intent:
            assert not mine & {small_talk.plain(text) for text in (*other.train, *other.test)}


def test_it_never_says_that_it_is_a_larger_model() -> None:
    for intent in INTENTS:
        assert "I am Mistral" not in intent.answer
        assert "119" not in intent.answer or intent.name in ("size", "load-real")
    answers = {intent.name: intent.answer for intent in INTENTS}
    assert answers["not-that"].startswith("No, I am Nano")
    assert "tiny" in answers["who"]
    assert answers["load-real"] == f"Run: quatre serve {REAL}"


def test_facts_have_wordings_of_their_own() -> None:
    said = [small_talk.plain(text) for intent in INTENTS for text in set(intent.train)]
    taught = [small_talk.plain(text) for fact in small_talk.FACTS for text in fact.train]
    assert len(set(taught)) == len(taught)
    assert not set(taught) & (small_talk.UNSEEN | set(said))


def test_facts_take_a_fair_share_of_training() -> None:
    names = {fact.name for fact in small_talk.FACTS}
    seen = examples(small_talk, "train", "none")
    assert 0.19 < sum(example.kind in names for example in seen) / len(seen) < 0.25


def test_facts_name_what_quatre_has() -> None:
    commands = get_command(app).commands
    answers = {fact.name: fact.answer for fact in small_talk.FACTS}
    written = [line for answer in answers.values() for line in re.findall(r"[Rr]un:? quatre ([a-z][^,.]*)", answer)]
    assert len(written) >= 7
    for line in written:
        name, *words = line.split()
        command = commands[name]
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {option for param in command.params for option in param.opts}
        assert {word for word in words if word.startswith("--")} <= options, line
    port = next(option for option in commands["serve"].params if option.name == "port")
    assert f"Port {port.default}," in answers["port"]
    assert answers["docs"] == "In README.md and the folder docs/guides."
    assert (ROOT / "README.md").is_file()
    assert (ROOT / "docs/guides").is_dir()


def test_it_never_claims_in_any_language_to_be_the_large_model() -> None:
    denials = [fact for fact in small_talk.FACTS if fact.name == "claims" or fact.name.startswith("who-")]
    assert len(denials) == 5
    for fact in denials:
        assert "Nano" in fact.answer
        assert "119" not in fact.answer


def test_every_subject_and_wording_is_met_and_some_are_held_out() -> None:
    kinds = {split: {e.kind for e in examples(small_talk, split, "none")} for split in ("train", "test")}
    assert kinds["test"] == {"refusal", *(intent.name for intent in INTENTS)}
    assert kinds["train"] == kinds["test"] | {fact.name for fact in small_talk.FACTS}
    for name, words in outside.FILL.items():
        assert len(set(words)) == len(words), name
        assert 0 < sum(outside.held_out(word, 8) for word in words) < len(words) / 3, name


def test_refusals_leave_alone_what_nano_can_do() -> None:
    inside = {
        small_talk.plain(text) for intent in (*INTENTS, *small_talk.FACTS) for text in (*intent.train, *intent.test)
    }
    for split, effort in CASES:
        for example in examples(small_talk, split, effort):
            if example.kind == "refusal":
                assert small_talk.plain(example.key) not in inside, example
                assert not any(c.isdigit() for c in example.key), example
