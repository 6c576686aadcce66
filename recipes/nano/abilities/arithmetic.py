"""Sums, differences, products and small stories; with effort, the steps are written down first."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from recipes.nano.abilities import word_problems
from recipes.nano.abilities.number_words import WORDS, number_held_out
from recipes.nano.abilities.scratchpad import solve
from recipes.nano.abilities.split import held_out
from recipes.nano.example import Effort, Example, Split

NAME = "arithmetic"

Problem = tuple[int, str, tuple[int, ...]]  # 12, "+-", (7, 5) is 12 + 7 - 5
Round = tuple[Problem, str]  # a problem, and what a user says for it

FORMS = {
    "+": (
        "{a} + {b}|{a}+{b}|{a} + {b} =|{a}+{b}=|What is {a} + {b}?|What is {a} plus {b}?|Compute {a} + {b}.|"
        "Calculate {a} + {b}|Add {a} and {b}.|add {a} and {b}|{a} plus {b}|What's {a} + {b}?|How much is {a} + {b}?|"
        "What is the sum of {a} and {b}?|Please add {a} to {b}.|{a} + {b} = ?|Can you add {a} and {b}?|"
        "Work out {a} + {b}.|Solve {a} + {b}|Find the sum of {a} and {b}.|How much is {a} plus {b}?|"
        "I have {a} and add {b}. What do I get?|Tell me what {a} plus {b} is.|Sum: {a}, {b}|"
        "What do you get if you add {b} to {a}?|What does {a} + {b} equal?|What is the total of {a} and {b}?"
    ).split("|"),
    "-": (
        "{a} - {b}|{a}-{b}|{a} - {b} =|{a}-{b}=|What is {a} - {b}?|What is {a} minus {b}?|Compute {a} - {b}.|"
        "Calculate {a} - {b}|Subtract {b} from {a}.|subtract {b} from {a}|{a} minus {b}|What's {a} - {b}?|"
        "How much is {a} - {b}?|Take {b} away from {a}.|{a} - {b} = ?|Can you subtract {b} from {a}?|"
        "Work out {a} - {b}.|Solve {a} - {b}|How much is {a} minus {b}?|What is {a} less {b}?|"
        "Tell me what {a} minus {b} is.|What remains when you take {b} from {a}?|{a} take away {b}|"
        "What does {a} - {b} equal?|What do you get if you subtract {b} from {a}?"
    ).split("|"),
    "*": (
        "{a} * {b}|{a}*{b}|{a} x {b}|{a}x{b}|{a} × {b}|{a} × {b} =|{a} * {b} =|What is {a} * {b}?|What is {a} × {b}?|"
        "What is {a} times {b}?|What is {a} x {b}?|Compute {a} times {b}.|Compute {a} * {b}.|Calculate {a} * {b}|"
        "Calculate {a} × {b}.|Multiply {a} by {b}.|multiply {a} and {b}|{a} times {b}|What's {a} times {b}?|"
        "How much is {a} times {b}?|What is the product of {a} and {b}?|Find the product of {a} and {b}.|"
        "{a} * {b} = ?|Can you multiply {a} by {b}?|Work out {a} x {b}.|What is {a} multiplied by {b}?|"
        "Tell me what {a} times {b} is.|What does {a} * {b} equal?|How much is {a} * {b}?"
    ).split("|"),
}
ABROAD = {
    "+": (
        "Combien font {a} + {b} ?|Combien font {a} plus {b} ?|Calcule {a} + {b}.|Additionne {a} et {b}.|"
        "Quelle est la somme de {a} et {b} ?|Wie viel ist {a} + {b}?|Was ist {a} plus {b}?|Berechne {a} + {b}.|"
        "Addiere {a} und {b}.|Wie viel ist {a} plus {b}?|¿Cuánto es {a} + {b}?|¿Cuánto es {a} más {b}?|"
        "Calcula {a} + {b}.|Suma {a} y {b}.|Quanto fa {a} + {b}?|Quanto fa {a} più {b}?|Calcola {a} + {b}.|"
        "Somma {a} e {b}."
    ).split("|"),
    "-": (
        "Combien font {a} - {b} ?|Combien font {a} moins {b} ?|Calcule {a} - {b}.|Soustrais {b} de {a}.|"
        "Wie viel ist {a} - {b}?|Was ist {a} minus {b}?|Berechne {a} - {b}.|Ziehe {b} von {a} ab.|"
        "¿Cuánto es {a} - {b}?|¿Cuánto es {a} menos {b}?|Calcula {a} - {b}.|Resta {b} de {a}.|"
        "Quanto fa {a} - {b}?|Quanto fa {a} meno {b}?|Calcola {a} - {b}.|Sottrai {b} da {a}."
    ).split("|"),
    "*": (
        "Combien font {a} × {b} ?|Combien font {a} fois {b} ?|Calcule {a} × {b}.|Multiplie {a} par {b}.|"
        "Wie viel ist {a} × {b}?|Was ist {a} mal {b}?|Berechne {a} * {b}.|Multipliziere {a} mit {b}.|"
        "¿Cuánto es {a} × {b}?|¿Cuánto es {a} por {b}?|Calcula {a} * {b}.|Multiplica {a} por {b}.|"
        "Quanto fa {a} × {b}?|Quanto fa {a} per {b}?|Calcola {a} * {b}.|Moltiplica {a} per {b}."
    ).split("|"),
}
CHAINS = "{x}|{x} =|What is {x}?|Compute {x}.|Calculate {x}|How much is {x}?|Work out {x}.|What's {x}?|Solve {x}".split(
    "|"
)

# What follows only teaches: the test's cases are drawn from the forms above.
DIFFERENCES = (
    "What is the difference between {a} and {b}?|the difference between {a} and {b}|difference of {a} and {b}|"
    "Find the difference between {a} and {b}.|What's the difference between {a} and {b}?|difference between {a} and {b}|"
    "What is the difference of {a} and {b}?|Calculate the difference of {a} and {b}.|The difference of {a} and {b}?|"
    "Tell me the difference between {a} and {b}.|Work out the difference between {a} and {b}|Difference: {a}, {b}|"
    "Compute the difference between {a} and {b}.|How far apart are {a} and {b}?|How big is the difference of {a} and {b}?|"
    "Quelle est la différence entre {a} et {b} ?|Was ist die Differenz von {a} und {b}?|"
    "Wie groß ist die Differenz zwischen {a} und {b}?|¿Cuál es la diferencia entre {a} y {b}?|"
    "Qual è la differenza tra {a} e {b}?"
).split("|")
LARGER_FIRST = (  # here, the order tells what is taken from what
    "How much more is {a} than {b}?|By how much is {a} larger than {b}?|How much bigger is {a} than {b}?|"
    "How much less is {b} than {a}?|By how much is {b} smaller than {a}?|How much greater is {a} than {b}?|"
    "Decrease {a} by {b}.|Reduce {a} by {b}|Deduct {b} from {a}."
).split("|")
LISTS = {
    "+": (
        "Sum: {x}|Sum of {x}|Add: {x}|Add {y}.|add {y}|Add {x}|Add up {y}.|What is the sum of {y}?|Total: {x}|"
        "Find the sum of {y}.|Add these numbers: {x}|Add up these numbers: {x}.|What is the total of {y}?|"
        "Can you add {y}?|Sum up {x}.|What do {y} add up to?|{y} together?|How much are {y} together?|"
        "Please sum these: {x}|Calculate the sum of {y}.|The sum of {y}|{x}: what is the sum?|Compute the total of {x}.|"
        "Additionne {x}.|Addiere {x}.|Suma {x}.|Somma {x}."
    ).split("|"),
    "*": "Multiply {y}.|Product: {x}|What is the product of {y}?|Multiply these numbers: {x}|The product of {y}".split(
        "|"
    ),
}
IN_WORDS = {
    "+": (
        "{a} plus {b}|What is {a} plus {b}?|How much is {a} plus {b}?|What's {a} plus {b}?|Add {a} and {b}.|{a} + {b}|"
        "What is the sum of {a} and {b}?|{a} and {b} together?|Tell me what {a} plus {b} is.|{a} plus {b}?|"
        "Calculate {a} plus {b}.|What do you get if you add {b} to {a}?|{a} plus {b} is?"
    ).split("|"),
    "-": (
        "{a} minus {b}|What is {a} minus {b}?|How much is {a} minus {b}?|What's {a} minus {b}?|{a} minus {b}?|{a} - {b}|"
        "Subtract {b} from {a}.|Take {b} away from {a}.|Tell me what {a} minus {b} is.|{a} take away {b}|"
        "Calculate {a} minus {b}.|What is {a} less {b}?"
    ).split("|"),
    "*": (
        "{a} times {b}|What is {a} times {b}?|How much is {a} times {b}?|What's {a} times {b}?|Multiply {a} by {b}.|"
        "{a} times {b}?|What is {a} multiplied by {b}?|Tell me what {a} times {b} is.|Calculate {a} times {b}."
    ).split("|"),
}
IN_WORDS_ABROAD = {  # in the order of WORDS, without English
    "+": ("Combien font {a} plus {b} ?", "Was ist {a} plus {b}?", "¿Cuánto es {a} más {b}?", "Quanto fa {a} più {b}?"),
    "-": (
        "Combien font {a} moins {b} ?",
        "Was ist {a} minus {b}?",
        "¿Cuánto es {a} menos {b}?",
        "Quanto fa {a} meno {b}?",
    ),
    "*": ("Combien font {a} fois {b} ?", "Was ist {a} mal {b}?", "¿Cuánto es {a} por {b}?", "Quanto fa {a} per {b}?"),
}
FURTHER = {  # about the last answer
    "+": (
        "plus {n}?|Plus {n}?|plus {n}|And plus {n}?|Now add {n}.|Now add {n}|Add {n} to that.|Add {n} to it.|+ {n}|+{n}|"
        "And if you add {n} to that?|And if I add {n}?|What if I add {n} more?|And {n} more?|Add another {n}.|"
        "Then add {n}.|What is that plus {n}?|Add {n} to the result.|And with {n} added?|Increase it by {n}.|"
        "How much is that plus {n}?|Now plus {n}"
    ).split("|"),
    "-": (
        "minus {n}?|Minus {n}?|minus {n}|And minus {n}?|Now subtract {n}.|Now subtract {n}|Subtract {n} from that.|"
        "And if you subtract {n} from that?|And if I take away {n}?|What if I take {n} away?|And {n} less?|- {n}|-{n}|"
        "Take {n} from it.|Then subtract {n}.|What is that minus {n}?|Subtract {n} from the result.|Decrease it by {n}.|"
        "How much is that minus {n}?|Now take away {n}.|Now minus {n}|And without {n} of them?"
    ).split("|"),
    "*": (
        "times {n}?|Times {n}?|times {n}|And times {n}?|Now multiply it by {n}.|Multiply that by {n}.|* {n}|x {n}|"
        "And if you multiply that by {n}?|Then multiply by {n}.|What is that times {n}?|Multiply the result by {n}.|"
        "And {n} times that?|How much is {n} times that?|Now times {n}|And {n} times as much?"
    ).split("|"),
}
MULTIPLES = {
    2: (
        "Now double it|Now double it.|Double it.|double that|Double that.|And twice that?|And doubled?|"
        "What is twice that?|What if you double it?|And if I double that?|Double the result.|And twice as much?"
    ).split("|"),
    3: "Now triple it|Triple it.|Triple that.|And if you triple it?|And tripled?|And three times that?".split("|"),
}
FROM = (
    "Subtract that from {n}.|Take that away from {n}.|And {n} minus that?|What is {n} minus that?|"
    "Now subtract it from {n}.|How much is {n} minus the result?"
).split("|")
TAUGHT = 0.28  # of the training; the rest is made as the test is

WEIGHTS = {
    **{f"addition-{n}-digits": w for n, w in zip(range(1, 7), (1, 3, 4, 4, 5, 5), strict=True)},
    **{f"subtraction-{n}-digits": w for n, w in zip(range(1, 7), (1, 3, 4, 4, 5, 5), strict=True)},
    "multiplication-1x1": 2,
    "multiplication-2x1": 3,
    "multiplication-3x1": 4,
    "multiplication-4x1": 3,
    "multiplication-2x2": 5,
    "multiplication-3x2": 5,
    "three-numbers": 4,
    "word-problem-1-step": 10,
    "word-problem-2-steps": 7,
}
KINDS = tuple(WEIGHTS)
NEVER_TESTED = {"addition-1-digits", "subtraction-1-digits", "multiplication-1x1"}
EQUALLY_LONG: dict[Split, float] = {"train": 0.35, "test": 0.65}  # share; the others are harder, and need more exercise
CUMULATIVE = [sum(list(WEIGHTS.values())[: i + 1]) for i in range(len(WEIGHTS))]


def canonical(problem: Problem) -> str:
    """The problem as a text that does not depend on how it is asked: ``7+12`` is ``12+7``."""
    first, operators, rest = problem
    if len(set(operators)) == 1 and operators[0] in "+*":
        first, *others = sorted((first, *rest))
        rest = tuple(others)
    return str(first) + "".join(f"{o}{n}" for o, n in zip(operators, rest, strict=True))


def tests(problem: Problem) -> bool:
    """Whether ``problem`` is held out; two numbers of one digit never are, there are too few of them."""
    first, operators, rest = problem
    if len(operators) == 1 and max(first, *rest) < 10:
        return False
    return held_out(canonical(problem))


def value(problem: Problem) -> int:
    """The answer, from left to right."""
    total, operators, rest = problem
    for operator, number in zip(operators, rest, strict=True):
        total = {"+": total + number, "-": total - number, "*": total * number}[operator]
    return total


def steps(problem: Problem) -> str:
    """The scratchpad: one block of lines per operation, the first number of each later block being the last result."""
    total, operators, rest = problem
    blocks = []
    for operator, number in zip(operators, rest, strict=True):
        blocks.append(solve(total, operator, number))
        total = value((total, operator, (number,)))
    return "\n".join(blocks)


def _number(rng: random.Random, digits: int) -> int:
    if digits > 1 and rng.random() < 0.06:  # carries that run through, and zeros
        return int(rng.choice("19") + "".join(rng.choice("09") for _ in range(digits - 1)))
    return rng.randrange(10 ** (digits - 1) if digits > 1 else rng.randrange(2), 10**digits)


def _pair(rng: random.Random, digits: int, split: Split) -> tuple[int, int]:
    """Two numbers, the longer one of so many digits."""
    other = digits if rng.random() < EQUALLY_LONG[split] else rng.randint(1, digits)
    pair = [_number(rng, digits), _number(rng, other)]
    rng.shuffle(pair)
    return pair[0], pair[1]


def _bare(rng: random.Random, kind: str, split: Split) -> Problem:
    operation, _, size = kind.partition("-")
    if operation == "three":
        a, b, c = (_number(rng, rng.choice((1, 2, 2, 3, 3))) for _ in range(3))
        operators = "++" if rng.random() < 0.6 else rng.choice(("+-", "-+"))
        return (max(a, b) if operators == "-+" else a), operators, (min(a, b) if operators == "-+" else b, c)
    if operation == "multiplication":
        left, right = _number(rng, int(size[0])), _number(rng, int(size[2]))
        return (left, "*", (right,)) if rng.random() < 0.65 else (right, "*", (left,))
    a, b = _pair(rng, int(size[0]), split)
    if operation == "addition":
        return a, "+", (b,)
    if a < b and rng.random() < 0.65:
        a, b = b, a
    return a, "-", (b,)


def _story(rng: random.Random, kind: str) -> tuple[Problem, str]:
    if kind == "word-problem-1-step":
        operators, text = word_problems.one_step(rng)
    else:
        operators, text = word_problems.two_steps(rng)
    digits = rng.choice((1, 2, 2, 3, 3)) if len(operators) == 1 else rng.choice((1, 2, 2, 3))
    a, b, c = (max(2, _number(rng, rng.randint(max(1, digits - 1), digits))) for _ in range(3))
    if operators[0] == "*":
        a, b = (a, max(2, b % 10)) if digits == 3 or rng.random() < 0.7 else (a % 100 + 2, b % 100 + 2)
        if rng.random() < 0.5:
            a, b = b, a
    if operators[0] == "-" and a <= b:
        a, b = b + 1, a
    first = value((a, operators[0], (b,)))
    if operators[1:] == "*":
        c = max(2, c % 10)
    if operators[1:] == "-":
        c = rng.randint(1, max(1, min(first, 999)))
    numbers = (b, c)[: len(operators)]
    return (a, operators, numbers), text


def _ask(rng: random.Random, problem: Problem) -> str:
    a, operators, rest = problem
    grouped = rng.random() < 0.02

    def show(number: int) -> str:
        return f"{number:,}" if grouped else str(number)

    if len(operators) > 1:
        gap = rng.choice(("", " ", " "))
        return rng.choice(CHAINS).format(
            x=str(a) + "".join(f"{gap}{o}{gap}{n}" for o, n in zip(operators, rest, strict=True))
        )
    forms = ABROAD if max(a, *rest) < 1000 and rng.random() < 0.35 else FORMS
    return rng.choice(forms[operators]).format(a=show(a), b=show(rest[0]))


def _differences(rng: random.Random) -> tuple[str, list[Round]]:
    """Subtractions that are called differences; these are never negative."""
    digits = rng.choice((1, 2, 2, 3, 3, 4, 5))
    small, large = sorted(_pair(rng, digits, "train"))
    text = rng.choice(DIFFERENCES if rng.random() < 0.75 else LARGER_FIRST)
    shown = (small, large) if text in DIFFERENCES and rng.random() < 0.15 else (large, small)
    return f"subtraction-{len(str(large))}-digits", [((large, "-", (small,)), text.format(a=shown[0], b=shown[1]))]


def _lists(rng: random.Random) -> tuple[str, list[Round]]:
    """Three numbers, sometimes four, with commas between them."""
    operator = "+" if rng.random() < 0.88 else "*"
    count = 4 if operator == "+" and rng.random() < 0.15 else 3
    digits = rng.choice((1, 1, 2, 2, 3)) if operator == "+" else 1
    numbers = [_number(rng, rng.randint(max(1, digits - 1), digits)) for _ in range(count)]
    final = rng.choice((" and ", " and ", ", and "))
    words = {"x": ", ".join(map(str, numbers)), "y": ", ".join(map(str, numbers[:-1])) + final + str(numbers[-1])}
    problem = (numbers[0], operator * (count - 1), tuple(numbers[1:]))
    return "three-numbers", [(problem, rng.choice(LISTS[operator]).format(**words))]


def _in_words(rng: random.Random) -> tuple[str, list[Round]]:
    """Numbers that are spelled: ``five plus six``."""
    operator = rng.choice("++--*")
    digits = rng.choice((1, 1, 2, 2, 2, 3)) if operator != "*" else rng.choice((1, 1, 2))
    a, b = _number(rng, digits), _number(rng, rng.randint(1, digits) if operator != "*" else 1)
    while number_held_out(a) or number_held_out(b):  # whose words are a test's
        a, b = _number(rng, digits), _number(rng, rng.randint(1, digits))
    if operator == "-" and a < b:
        a, b = b, a
    language = 0 if rng.random() < 0.85 else rng.randrange(1, len(WORDS))
    text = IN_WORDS_ABROAD[operator][language - 1] if language else rng.choice(IN_WORDS[operator])
    spelled = [WORDS[language](number) for number in (a, b)]
    if rng.random() < 0.1:
        which = rng.randrange(2)
        spelled[which] = str((a, b)[which])
    text = text.format(a=spelled[0], b=spelled[1])
    longest = max(len(str(a)), len(str(b)))
    names = {
        "+": f"addition-{longest}-digits",
        "-": f"subtraction-{longest}-digits",
        "*": f"multiplication-{longest}x1",
    }
    return names[operator], [((a, operator, (b,)), text[0].upper() + text[1:] if rng.random() < 0.4 else text)]


def _price_or_comparison(rng: random.Random) -> tuple[str, list[Round]]:
    """One step: prices as they are written, and how much older, taller or dearer someone or something is."""
    operators, text = rng.choice(word_problems.PRICES if rng.random() < 0.6 else word_problems.COMPARISONS)
    a, b = (rng.randint(2, 10 ** rng.choice((1, 2, 2, 3)) - 1) for _ in range(2))
    if "year" in text or "old" in text:
        a, b = a % 90 + 2, b % 90 + 2
    if operators == "-" and a <= b:
        a, b = b + 1, a
    if operators == "*" and (a > 99 or b > 99 or rng.random() < 0.7):
        b = rng.randint(2, 9)
        if a < 100 and rng.random() < 0.4:
            a, b = b, a
    return "word-problem-1-step", [((a, operators, (b,)), word_problems.tell_prices(rng, text, a, b))]


def _further_story(rng: random.Random) -> tuple[str, list[Round]]:
    """Two steps: more stories than a test has."""
    operators, text = rng.choice(word_problems.MORE_TWO)
    a, b, c = (rng.randint(2, 10 ** rng.choice((1, 2, 2, 3)) - 1) for _ in range(3))
    if operators[0] == "*":
        a, b = (a, rng.randint(2, 9)) if rng.random() < 0.5 else (rng.randint(2, 9), b)
    if operators[0] == "-" and a <= b:
        a, b = b + 1, a
    first = value((a, operators[0], (b,)))
    if operators[1] == "*":
        c = rng.randint(2, 9)
    if operators[1] == "-":
        c = rng.randint(1, max(1, min(first, 999)))
    return "word-problem-2-steps", [((a, operators, (b, c)), word_problems.tell_prices(rng, text, a, b, c))]


def _first_round(rng: random.Random) -> Round:
    """A problem of one step, asked in any way."""
    if rng.random() < 0.3:
        return rng.choice((_differences, _in_words, _price_or_comparison))(rng)[1][0]
    kind = rng.choices(KINDS, cum_weights=CUMULATIVE)[0]
    if kind.startswith("word"):
        problem, story = _story(rng, "word-problem-1-step")
        return problem, word_problems.tell(rng, story, problem[0], *problem[2])
    problem = _bare(rng, kind, "train")
    return problem, _ask(rng, problem)


def _about_the_last(rng: random.Random, last: int) -> Round:
    """What to do with ``last``, which is not said again."""
    draw, n = rng.random(), max(1, _number(rng, rng.randint(1, max(2, min(4, len(str(last)))))))
    if draw < 0.33:
        return (last, "+", (n,)), rng.choice(FURTHER["+"]).format(n=n)
    if draw < 0.66 or last > 9999:
        n = n % last or 1 if n > last > 1 and rng.random() < 0.8 else n
        return (last, "-", (n,)), rng.choice(FURTHER["-"]).format(n=n)
    if draw < 0.74:
        n += last
        return (n, "-", (last,)), rng.choice(FROM).format(n=n)
    if draw < 0.9:
        n = rng.choice((2, 2, 2, 3))
        return (last, "*", (n,)), rng.choice(MULTIPLES[n])
    n = rng.randint(2, 9)
    return (last, "*", (n,)), rng.choice(FURTHER["*"]).format(n=n)


def _follow_up(rng: random.Random) -> tuple[str, list[Round]]:
    """Two rounds, of which the second is about the answer of the first."""
    while True:
        first = _first_round(rng)
        last = value(first[0])
        if not 0 <= last < 100_000:
            continue
        second = _about_the_last(rng, last)
        start, operators, rest = first[0]
        further, operator, number = second[0]
        if further != last or not tests((start, operators + operator, (*rest, *number))):
            return "three-numbers", [first, second]


TAUGHT_WEIGHTS: dict[Callable[[random.Random], tuple[str, list[Round]]], int] = {
    _differences: 18,
    _lists: 17,
    _in_words: 13,
    _price_or_comparison: 24,
    _further_story: 12,
    _follow_up: 16,
}


def _taught(rng: random.Random, effort: Effort) -> Example:
    """An example in forms that only training has."""
    while True:
        make = rng.choices(list(TAUGHT_WEIGHTS), weights=list(TAUGHT_WEIGHTS.values()))[0]
        kind, rounds = make(rng)
        if not any(tests(problem) for problem, _ in rounds):
            forgets = effort == "high" and rng.random() < 0.5
            return _conversation(kind, rounds, effort, forgets=forgets)


def _conversation(kind: str, rounds: list[Round], effort: Effort, *, forgets: bool = False) -> Example:
    """Each round with its answer, and with effort the steps before it. ``forgets``: earlier steps are missing, as when
    a client does not send them back; these answers are not learned."""
    messages: list[dict[str, Any]] = []
    for place, (problem, text) in enumerate(rounds, 1):
        reply = {"role": "assistant", "content": str(value(problem))}
        if effort == "high" and (place == len(rounds) or not forgets):
            reply["reasoning_content"] = steps(problem)
        messages += [{"role": "user", "content": text}, reply]
    return Example(
        ability=NAME,
        kind=kind,
        messages=tuple(messages),
        effort=effort,
        expect={"text": messages[-1]["content"]},
        key=canonical(rounds[-1][0]),
        unlearned=frozenset(range(1, len(messages) - 1, 2)) if forgets else frozenset(),
    )


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """A problem in someone's words, and its number."""
    if split == "train" and rng.random() < TAUGHT:  # a test draws nothing here, its cases stay
        return _taught(rng, effort)
    while True:
        kind = rng.choices(KINDS, cum_weights=CUMULATIVE)[0]
        if split == "test" and kind in NEVER_TESTED:
            continue
        story = ""
        if kind.startswith("word"):
            problem, story = _story(rng, kind)
        else:
            problem = _bare(rng, kind, split)
        if tests(problem) == (split == "test"):
            break
    first, _, rest = problem
    text = word_problems.tell(rng, story, first, *rest) if story else _ask(rng, problem)
    return _conversation(kind, [(problem, text)], effort)
