"""Languages for nano: spelling of numbers and dates, a phrase book without ambiguity, and held-out pairs."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import replace

import pytest
from ability_checks import CASES, answered, check_splits, check_well_formed, examples

from recipes.nano.abilities import languages, number_words
from recipes.nano.abilities.phrase_book import CALENDAR, LANGUAGES, PHRASES, WORDS, clear
from recipes.nano.abilities.split import held_out
from recipes.nano.example import Example

SPELLED = {
    0: "zero|zéro|null|cero|zero",
    16: "sixteen|seize|sechzehn|dieciséis|sedici",
    21: "twenty-one|vingt et un|einundzwanzig|veintiuno|ventuno",
    23: "twenty-three|vingt-trois|dreiundzwanzig|veintitrés|ventitré",
    30: "thirty|trente|dreißig|treinta|trenta",
    38: "thirty-eight|trente-huit|achtunddreißig|treinta y ocho|trentotto",
    71: "seventy-one|soixante et onze|einundsiebzig|setenta y uno|settantuno",
    80: "eighty|quatre-vingts|achtzig|ochenta|ottanta",
    81: "eighty-one|quatre-vingt-un|einundachtzig|ochenta y uno|ottantuno",
    99: "ninety-nine|quatre-vingt-dix-neuf|neunundneunzig|noventa y nueve|novantanove",
    100: "one hundred|cent|einhundert|cien|cento",
    108: "one hundred eight|cent huit|einhundertacht|ciento ocho|centotto",
    180: "one hundred eighty|cent quatre-vingts|einhundertachtzig|ciento ochenta|centottanta",
    200: "two hundred|deux cents|zweihundert|doscientos|duecento",
    517: "five hundred seventeen|cinq cent dix-sept|fünfhundertsiebzehn|quinientos diecisiete|cinquecentodiciassette",
    1000: "one thousand|mille|eintausend|mil|mille",
    2003: "two thousand three|deux mille trois|zweitausenddrei|dos mil tres|duemilatré",
    4780: (
        "four thousand seven hundred eighty|quatre mille sept cent quatre-vingts|viertausendsiebenhundertachtzig|"
        "cuatro mil setecientos ochenta|quattromilasettecentottanta"
    ),
}


class WithoutSystem:
    """The ability without the system prompts of its translations of bare texts."""

    NAME = languages.NAME

    @staticmethod
    def example(rng, split, effort) -> Example:
        made = languages.example(rng, split, effort)
        return replace(made, messages=tuple(m for m in made.messages if m["role"] != "system"))


def test_examples_are_well_formed() -> None:
    check_well_formed(WithoutSystem())


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_answers_meet_what_is_expected(split, effort) -> None:
    assert all(answered(example) for example in examples(languages, split, effort))


@pytest.mark.parametrize("n", SPELLED)
def test_numbers_are_spelled_as_grammars_have_it(n) -> None:
    assert "|".join(spell(n) for spell in number_words.WORDS) == SPELLED[n]


def test_no_two_numbers_share_their_words() -> None:
    for spell in number_words.WORDS:
        assert len({spell(n) for n in range(10_000)}) == 10_000


def test_dates_are_written_as_each_language_does() -> None:
    assert [languages.date_text(i, 2024, 3, 1) for i in range(5)] == [
        *("March 1, 2024", "1er mars 2024", "1. März 2024", "1 de marzo de 2024", "1º marzo 2024")
    ]


def test_every_line_of_the_phrase_book_has_five_languages() -> None:
    assert len(PHRASES) >= 140
    assert len(WORDS) >= 200
    for row in (*PHRASES, *WORDS, *CALENDAR):
        assert len(row) == len(LANGUAGES)
        assert all(text == text.strip() != "" for text in row)
    for english, french, _, spanish, _ in PHRASES:
        assert english[-1] in ".!?"
        assert re.search(r" [!?]$|\.$", french)
        assert (spanish[0] == "¿") == (spanish[-1] == "?")
        assert (spanish[0] == "¡") == (spanish[-1] == "!")


def test_what_is_asked_has_one_answer() -> None:
    """A text is a source only in the first line that has it."""
    owner: dict[str, tuple[str, ...]] = {}
    for row in (*PHRASES, *CALENDAR, *WORDS):
        for i, text in enumerate(row):
            if clear(row, i):
                assert owner.setdefault(text.lower(), row) == row


def test_the_splits_do_not_overlap() -> None:
    check_splits(languages)


def test_further_languages_of_a_text_are_asked_for_unless_they_are_held_out() -> None:
    rng = random.Random(0)
    for row in (*PHRASES, *WORDS):
        source, target = rng.sample(range(5), 2)
        there = [source, target]
        for asked, answer, thought, _ in languages.again(rng, row, source, target):
            language = LANGUAGES.index(thought.partition(":")[0])
            assert answer == row[language]
            assert any(names[language] in asked for names in languages.NAMES)
            assert thought.endswith(row[0])
            assert language not in there
            assert not any(held_out(languages.pair_key(row, other, language)) for other in there)
            there.append(language)
    rounds = [len(example.messages) // 2 for example in examples(languages, "train", "none")]
    assert max(rounds) == 4


def test_lists_of_words_have_no_held_out_pair_and_are_never_tested() -> None:
    rng = random.Random(0)
    for _ in range(500):
        ((asked, answer, thought, _),) = languages._vocabulary(rng, "train")
        language, _, english = thought.partition(": ")
        target = LANGUAGES.index(language)
        said = re.split(r", |; |\n", answer)
        rows = [
            next(row for row in WORDS if row[0] == word and row[target] == there)
            for word, there in zip(english.split(", "), said, strict=True)
        ]
        sources = [i for i in range(5) if i != target and all(row[i] in asked for row in rows)]
        assert any(not any(held_out(languages.pair_key(row, i, target)) for row in rows) for i in sources)
    assert not any(example.kind == "vocabulary" for example in examples(languages, "test", "none"))


def test_held_out_phrases_are_known_from_other_pairs() -> None:
    """Each line is trained out of and into every language that a held-out pair of it names, if it can be."""
    sources, targets = defaultdict(set), defaultdict(set)
    pairs = [(a, b) for a in range(5) for b in range(5) if a != b]
    for row in (*PHRASES, *WORDS):
        for a, b in pairs:
            if not held_out(languages.pair_key(row, a, b)):
                sources[row].add(a)
                targets[row].add(b)
    for row in (*PHRASES, *WORDS):
        assert len(sources[row]) == len(targets[row]) == 5, row


def test_further_wordings_are_trained_in_a_fair_share_and_never_tested(monkeypatch) -> None:
    seen = examples(languages, "train", "none")
    prompted = sum(example.messages[0]["role"] == "system" for example in seen) / len(seen)
    assert 0.03 < prompted < 0.09
    assert not any(e.messages[0]["role"] == "system" for e in examples(languages, "test", "none"))
    monkeypatch.setattr(languages, "FURTHER", 1.0)
    rng = random.Random("test/none")
    assert [languages.example(rng, "test", "none") for _ in range(200)] == list(
        examples(languages, "test", "none")[:200]
    )


def test_further_wordings_ask_for_what_is_answered() -> None:
    """No pair of the test is met in any of their turns, and a text means what the phrase book says."""
    rng = random.Random(0)
    rows = (*PHRASES, *WORDS)
    for _ in range(3000):
        kind, made, system = languages._further(rng)
        for asked, answer, thought, key in made:
            language, _, meaning = thought.partition(": ")
            if kind in ("phrases", "words"):
                assert not held_out(key)
                text, _, target = key.partition(" > ")
                assert target == language
                assert any(
                    row[0] == meaning
                    and row[LANGUAGES.index(target)] == answer
                    and text in [side.lower() for side in row]
                    for row in rows
                )
                assert text.rstrip(" .?") in asked.lower()
                bare = asked.lower().rstrip(".") == text.rstrip(".")
                assert bare == bool(system), (asked, system)
            elif kind == "numbers":
                assert not languages.number_words.number_held_out(int(key.removeprefix("number ")))
            else:
                assert not held_out(key)
        if system:
            targets = {thought.partition(":")[0] for _, _, thought, _ in made}
            assert len(targets) == 1
            goal = LANGUAGES.index(targets.pop())
            names = [voice[goal].lower() for voice in languages.NAMES]
            assert any(name in system.lower() for name in names)


def test_dates_of_america_have_the_month_first() -> None:
    forms = languages.date_forms(2025, 7, 4)
    assert {"July 4, 2025", "July 4th, 2025", "07/04/2025", "7/4/2025", "04.07.2025"} <= set(forms)
    assert "November 12th, 2001" in languages.date_forms(2001, 11, 12)
    rng = random.Random(0)
    met = 0
    for _ in range(2000):
        ((asked, answer, thought, iso),) = languages._american(rng)
        year, month, day = map(int, iso.split("-"))
        target = thought.partition(":")[0]
        assert answer == (iso if target == "ISO" else languages.date_text(LANGUAGES.index(target), year, month, day))
        if slashed := re.search(r"(\d+)/(\d+)/(\d{4})", asked):
            met += 1
            assert tuple(map(int, slashed.groups())) == (month, day, year)
    assert met > 200


def test_all_kinds_and_languages_appear_in_both_splits() -> None:
    for split in ("train", "test"):
        seen = list(examples(languages, split, "none"))
        assert {e.kind for e in seen} == set(languages.KINDS) - ({"vocabulary"} if split == "test" else set())
        greetings = {e.messages[-1]["content"] for e in seen if e.kind == "greetings"}
        assert len(greetings) == len(languages.GREETINGS)
