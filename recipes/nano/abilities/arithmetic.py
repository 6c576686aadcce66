"""Sums, differences, products and small stories; with effort, the steps are written down first."""

from __future__ import annotations

import random

from recipes.nano.abilities import word_problems
from recipes.nano.abilities.scratchpad import solve
from recipes.nano.abilities.split import held_out
from recipes.nano.example import Effort, Example, Split

NAME = "arithmetic"

Problem = tuple[int, str, tuple[int, ...]]  # 12, "+-", (7, 5) is 12 + 7 - 5

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


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """A problem in someone's words, and its number."""
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
    answer = str(value(problem))
    reply = {"role": "assistant", "content": answer}
    if effort == "high":
        reply["reasoning_content"] = steps(problem)
    return Example(
        ability=NAME,
        kind=kind,
        messages=({"role": "user", "content": text}, reply),
        effort=effort,
        expect={"text": answer},
        key=canonical(problem),
    )
