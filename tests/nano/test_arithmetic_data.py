"""Arithmetic for nano: answers are right, and every line of a scratchpad is read back and recomputed."""

from __future__ import annotations

import random
import re

import pytest
from ability_checks import CASES, answered, check_splits, check_well_formed, examples

from recipes.nano.abilities import arithmetic
from recipes.nano.abilities.scratchpad import solve
from recipes.nano.example import Example

OPERATIONS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}
STEP = re.compile(r"([A-Za-z])(\d)([A-Za-z])(\d)(?:=(\d\d))?([+-]?)(\d)=(\d)([A-Za-z])(\d)")


def number(line: str) -> int:
    """``-R3Q5P6`` is -356; the places must go down one by one."""
    assert re.fullmatch(r"-?([A-Za-z]\d)+", line), line
    places = [ord(letter) for letter in re.findall("[A-Za-z]", line)]
    assert places == list(range(places[0], places[0] - len(places), -1)), line
    return int("".join(re.findall(r"-?\d", line))) if line[0] != "-" else -int("".join(re.findall(r"\d", line)))


def read_block(lines: list[str]) -> int:
    """The result of one operation, with every step checked against what stands above it."""
    operator, left, right = lines[0][0], number(lines[0][1:]), number(lines[1])
    known = dict(re.findall(r"([A-Za-z])(\d)", lines[0] + lines[1]))
    body = lines[2:]
    if operator == "-":
        compared = re.findall(r"([A-Z])(\d)([a-z])(\d)", body[0])
        assert all(a.lower() == b and known[a] == x and known[b] == y for a, x, b, y in compared)
        assert all(x == y for _, x, _, y in compared[:-1])
        sign = body.pop(0)[-1]
        first, second = compared[-1][1], compared[-1][3]
        assert sign == (">" if first > second else "<" if first < second else "=")
        if sign == "=":
            assert left == right
            assert not body
            return 0
        assert (sign == "<") == (left < right) == (body[-1][0] == "-")
    carry = 0
    for line in body[:-1]:
        if re.fullmatch(r"([A-Za-z]\d)+", line):  # zeros before a row, the carry and zeros after it
            digits = [int(d) for d in re.findall(r"\d", line)]
            assert digits[0] in (0, carry)
            assert not any(digits[1:])
            known |= dict(re.findall(r"([A-Za-z])(\d)", line))
            carry = 0
            continue
        match = STEP.fullmatch(line)
        assert match, line
        a, x, b, y, product, sign, before, after, place, digit = match.groups()
        assert (known[a], known[b]) == (x, y), line
        assert int(before) == carry, line
        if product:
            total = int(x) * int(y) + carry
            assert int(product) == int(x) * int(y)
        else:
            total = int(x) + int(y) + carry if sign == "+" else int(x) - int(y) - carry
        assert int(digit) == total % 10, line
        carry = int(after)
        assert carry == (total // 10 if total >= 0 else 1), line
        known[place] = digit
    result = re.findall(r"([A-Za-z])(\d)", body[-1])
    assert all(known.get(place, str(carry)) == digit for place, digit in result), body[-1]
    value = number(body[-1])
    assert value == OPERATIONS[operator](left, right)
    return value


def read(scratchpad: str) -> int:
    """The result of the last block; a block starts with its operation."""
    starts = [f"\n{line}" if re.match(r"[+*-][A-F]\d", line) else line for line in scratchpad.split("\n")]
    result = None
    for block in "\n".join(starts).strip().split("\n\n"):
        lines = block.split("\n")
        assert result is None or number(lines[0][1:]) == abs(result)
        result = read_block(lines)
    assert result is not None
    return result


def expression(key: str) -> int:
    """The value of ``12+7-5``, left to right, computed here on its own."""
    first, *rest = re.findall(r"^\d+|[+*-]\d+", key)
    total = int(first)
    for part in rest:
        total = OPERATIONS[part[0]](total, int(part[1:]))
    return total


def test_examples_are_well_formed() -> None:
    check_well_formed(arithmetic)


@pytest.mark.parametrize(("split", "effort"), CASES)
def test_answers_and_every_line_of_the_scratchpads_are_right(split, effort) -> None:
    for example in examples(arithmetic, split, effort):
        answer = example.messages[-1]["content"]
        assert answered(example)
        assert re.fullmatch(r"-?\d+", answer)
        assert int(answer) == expression(example.key)
        if effort == "high":
            assert read(example.messages[-1]["reasoning_content"]) == int(answer), example


def test_the_split_is_decided_by_the_problem() -> None:
    check_splits(arithmetic)
    assert arithmetic.tests((377, "+", (4821,))) == arithmetic.tests((4821, "+", (377,)))
    assert not any(arithmetic.tests((a, o, (b,))) for a in range(10) for b in range(10) for o in "+-*")


def test_all_kinds_appear() -> None:
    seen = {example.kind for example in examples(arithmetic, "train", "none")}
    assert seen == set(arithmetic.KINDS)
    tested = {example.kind for example in examples(arithmetic, "test", "none")}
    assert tested == set(arithmetic.KINDS) - arithmetic.NEVER_TESTED


def test_stories_ask_with_all_their_numbers() -> None:
    words = {word: str(i) for i, word in enumerate(arithmetic.word_problems.COUNTS)}
    for example in examples(arithmetic, "train", "none"):
        if example.kind.startswith("word"):
            text = re.sub(r"[a-z]+", lambda m: words.get(m[0], m[0]), example.messages[0]["content"])
            assert sorted(re.findall(r"\d+", text)) == sorted(re.findall(r"\d+", example.key)), example


def taught(count: int = 3000) -> list[Example]:
    """Examples in the forms that only training has."""
    rng = random.Random("taught")
    return [arithmetic._taught(rng, "high") for _ in range(count)]


def test_every_round_of_the_taught_forms_thinks_what_it_answers() -> None:
    for example in taught():
        for place, reply in enumerate(example.messages[1::2]):
            if 2 * place + 1 in example.unlearned:
                assert "reasoning_content" not in reply
                assert place == 0
                assert len(example.messages) == 4
                continue
            assert read(reply["reasoning_content"]) == int(reply["content"]), example
        assert answered(example)
        assert not any(sign in example.messages[0]["content"] for sign in "{}")


def test_differences_lists_and_prices_are_what_their_words_say() -> None:
    seen = dict.fromkeys(("difference", "younger", "list", "price"), 0)
    for example in taught():
        asked, answer = example.messages[0]["content"], int(example.messages[1]["content"])
        numbers = [int(digits) for digits in re.findall(r"\d+", asked)]
        if len(numbers) < 2:
            continue  # in words
        if "difference between" in asked:
            seen["difference"] += 1
            assert answer == abs(numbers[0] - numbers[1]), asked
        elif re.search(r"How (much|many years) (younger|older)", asked) and len(numbers) == 2:
            seen["younger"] += 1
            assert answer == abs(numbers[0] - numbers[1]), asked
        elif re.match(r"(Sum|Add|Total)\b.*\d, \d+( and|,)", asked) and len(numbers) > 2:
            seen["list"] += 1
            assert answer == sum(numbers), asked
        elif re.search(r"costs? [$€£]\d+( each)?\. How much do \d+", asked):
            seen["price"] += 1
            assert answer == numbers[0] * numbers[1], asked
    assert all(count > 20 for count in seen.values()), seen


def test_a_second_round_goes_on_from_the_first_answer() -> None:
    asked = {
        "+": ("add", "plus", "more"),
        "-": ("subtract", "minus", "take"),
        "*": ("double", "twice", "times", "triple"),
    }
    count = 0
    for example in taught():
        if len(example.messages) < 4:
            continue
        first, question, last = (example.messages[i]["content"] for i in (1, 2, 3))
        scratchpad = example.messages[3]["reasoning_content"].split("\n")
        operands = (number(scratchpad[0][1:]), number(scratchpad[1]))
        assert int(first) in operands, example
        said = {o for o, words in asked.items() if any(word in question.lower().split("?")[0] for word in words)}
        assert not said or scratchpad[0][0] in said, example
        told = [int(digits) for digits in re.findall(r"\d+", question)]
        from_told = re.search(r"from \d|\d minus (that|the)", question)
        if told and scratchpad[0][0] == "-":
            assert int(last) == (told[0] - int(first) if from_told else int(first) - told[0]), example
        count += 1
    assert count > 200


def test_the_taught_forms_never_reach_a_test(monkeypatch) -> None:
    before = examples(arithmetic, "test", "high")[:300]
    monkeypatch.setattr(arithmetic, "_taught", lambda *_: pytest.fail("a test draws from what only teaches"))
    monkeypatch.setattr(arithmetic, "TAUGHT", 1.0)
    rng = random.Random("test/high")
    assert tuple(arithmetic.example(rng, "test", "high") for _ in range(300)) == before


def test_a_subtraction_and_a_multiplication_as_written() -> None:
    assert solve(100, "-", 456).split("\n") == [
        *("-C1B0A0", "c4b5a6", "C1c4<", "a6A0-0=0P6", "b5B0-0=0Q5", "c4C1-0=0R3", "-R3Q5P6")
    ]
    assert solve(7, "*", 34).split("\n") == ["*B3A4", "a7", "A4a7=28+0=2P8", "B3a7=21+2=2Q3", "R2Q3P8"]


def test_scratchpads_are_short() -> None:
    rng = random.Random(0)
    for _ in range(200):
        assert len(solve(rng.randrange(100, 1000), "*", rng.randrange(10, 100))) <= 200
        assert len(solve(rng.randrange(10**5, 10**6), "+", rng.randrange(10**6))) <= 6 * 18
