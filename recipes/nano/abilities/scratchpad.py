"""Written arithmetic for a very small reader: each digit carries the letter of its place and is found by copying.

``4821 + 377``::

    +D4C8B2A1       the operation and the first number, places named from the right: A, B, C, D
    d0c3b7a7        the second number, in small letters, filled up with zeros
    A1a7+0=0P8      1 + 7, plus carry 0, makes carry 0 and at place P the digit 8
    B2b7+0=0Q9
    C8c3+0=1R1
    D4d0+1=0S5
    T0S5R1Q9P8      the last carry and the digits, from left to right

A subtraction first compares from the left until a place differs (``D4d4C8c3>``), takes the smaller from the larger, and
starts the last line with ``-`` if it had to swap. A multiplication writes each product of two digits before the carry
(``A3a5=15+0=1P5``); two rows (P, Q, ... and p, q, ...) are then added as above.
"""

from __future__ import annotations

FIRST = "ABCDEF"
RESULT = "PQRSTUV"
TOTAL = "GHIJKLM"


def places(number: int, width: int = 1) -> list[int]:
    """The digits of ``number`` from the right, at least ``width`` of them."""
    return [int(digit) for digit in reversed(str(number).zfill(width))]


def labelled(digits: list[int], letters: str) -> str:
    """``[1, 2, 8]`` as ``C8B2A1``."""
    return "".join(f"{letters[i]}{digits[i]}" for i in reversed(range(len(digits))))


def solve(left: int, operator: str, right: int) -> str:
    """The steps of ``left operator right`` for numbers that are not negative; operator is ``+``, ``-`` or ``*``."""
    return {"+": _add, "-": _subtract, "*": _multiply}[operator](left, right)


def _header(operator: str, left: list[int], right: list[int]) -> list[str]:
    return [operator + labelled(left, FIRST), labelled(right, FIRST.lower())]


def _sum(left: list[int], right: list[int], letters: str, results: str) -> list[str]:
    lines, digits, carry = [], [], 0
    for i, (a, b) in enumerate(zip(left, right, strict=True)):
        after, digit = divmod(a + b + carry, 10)
        lines.append(f"{letters[i]}{a}{letters[i].lower()}{b}+{carry}={after}{results[i]}{digit}")
        digits.append(digit)
        carry = after
    return [*lines, labelled([*digits, carry], results)]


def _add(left: int, right: int) -> str:
    width = len(str(max(left, right)))
    a, b = places(left, width), places(right, width)
    return "\n".join([*_header("+", a, b), *_sum(a, b, FIRST, RESULT)])


def _subtract(left: int, right: int) -> str:
    width = len(str(max(left, right)))
    a, b = places(left, width), places(right, width)
    lines = _header("-", a, b)
    compared, sign = "", "="
    for i in reversed(range(width)):
        compared += f"{FIRST[i]}{a[i]}{FIRST[i].lower()}{b[i]}"
        if a[i] != b[i]:
            sign = ">" if a[i] > b[i] else "<"
            break
    lines.append(compared + sign)
    if sign == "=":
        return "\n".join(lines)
    upper, lower = FIRST, FIRST.lower()
    if sign == "<":
        a, b, upper, lower = b, a, lower, upper
    digits, borrow = [], 0
    for i in range(width):
        digit = a[i] - b[i] - borrow
        after = int(digit < 0)
        digits.append(digit + 10 * after)
        lines.append(f"{upper[i]}{a[i]}{lower[i]}{b[i]}-{borrow}={after}{RESULT[i]}{digits[-1]}")
        borrow = after
    return "\n".join([*lines, ("-" if sign == "<" else "") + labelled(digits, RESULT)])


def _multiply(left: int, right: int) -> str:
    if len(str(left)) < len(str(right)):
        left, right = right, left
    a, b = places(left), places(right)
    lines = _header("*", a, b)
    width = len(a) + len(b)
    rows = []
    for shift, factor in enumerate(b):
        letters = RESULT.lower() if shift else RESULT
        row = [0] * shift
        lines += [f"{letters[i]}0" for i in range(shift)]
        carry = 0
        for i, digit in enumerate(a):
            after, result = divmod(digit * factor + carry, 10)
            step = f"{FIRST[i]}{digit}{FIRST[shift].lower()}{factor}={digit * factor:02d}+{carry}={after}"
            lines.append(f"{step}{letters[i + shift]}{result}")
            row.append(result)
            carry = after
        row += [carry] + [0] * (width - len(row) - 1)
        rows.append(row)
        if len(b) == 1:
            lines.append(labelled(row, letters))
        else:
            lines.append("".join(f"{letters[i]}{row[i]}" for i in range(shift + len(a), width)))
    if len(b) == 2:
        lines += _sum(rows[0], rows[1], RESULT, TOTAL)
    return "\n".join(lines)
