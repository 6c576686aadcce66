"""Conversations whose answer the earlier turns prescribe: a small model is sure of itself there.

Open questions do not compare engines token by token. In nearly every answer of 64 tokens this model is undecided at
one or two places, and there the last bit of a sum decides. Where a pattern is set, differences show what is wrong.
"""

from __future__ import annotations

SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"  # the file's own chat template


def _to(last: int, first: int = 1, step: int = 1) -> str:
    return ", ".join(str(n) for n in range(first, last + 1, step))


def _lines(text: str) -> str:
    return "\n".join(text.split())


MONTHS = _lines("January February March April May June July August September October November December")
DAYS = _lines("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
TWICE = "\n".join(f"2 x {n} = {2 * n}" for n in range(1, 11))

CHATS: dict[str, tuple[str, ...]] = {
    "numbers": ("Count from 1 to 12.", _to(12), "Count from 5 to 20.", _to(20, 5), "Count from 30 to 60."),
    "even numbers": (
        "Even numbers from 2 to 20.",
        _to(20, 2, 2),
        "Even numbers from 40 to 60.",
        _to(60, 40, 2),
        "Even numbers from 100 to 160.",
    ),
    "tens": ("Count by tens from 10 to 100.", _to(100, 10, 10), "Count by tens from 200 to 500."),
    "months": ("List the days of the week.", DAYS, "List the months."),
    "days": ("List the months.", MONTHS, "List the days of the week."),
    "multiples": ("Write the multiplication table of 2.", TWICE, "Write the multiplication table of 10."),
    "HTML": (
        "HTML list of: red, green",
        "<ul>\n  <li>red</li>\n  <li>green</li>\n</ul>",
        "HTML list of: apple, banana, cherry, date, fig, grape, kiwi, lemon",
    ),
    "JSON": (
        "JSON: Tom is 20 and lives in Rome.",
        '{"name": "Tom", "age": 20, "city": "Rome"}',
        "JSON: Ann is 31 and lives in Paris.",
        '{"name": "Ann", "age": 31, "city": "Paris"}',
        "JSON: Bob is 47 and lives in Berlin.",
    ),
    "bullets": (
        "Bullets: red, green, blue",
        "- red\n- green\n- blue",
        "Bullets: apple, banana, cherry, date, fig, grape, kiwi, lemon, mango, nut, orange, pear",
    ),
    "capitals": (
        "Capitals of France and Spain?",
        "France: Paris\nSpain: Madrid",
        "Capitals of Italy, Germany, Japan, China and Russia?",
    ),
    "German": (
        "Wiederhole: Guten Morgen.",
        "Guten Morgen.",
        "Wiederhole: Die Sonne scheint.",
        "Die Sonne scheint.",
        "Wiederhole: Der Himmel ist blau, und die Kinder spielen auf der Wiese.",
    ),
    "a story": (
        "Repeat: Once upon a time there was a king.",
        "Once upon a time there was a king.",
        "Repeat: The lighthouse had been dark for eleven years when Marta Oduya bought it.",
        "The lighthouse had been dark for eleven years when Marta Oduya bought it.",
        "Repeat: Her brother thought that she had lost her mind, but he came in April with a van full of timber.",
    ),
    "a letter": (
        "Repeat: Dear Tom, thank you for your letter.",
        "Dear Tom, thank you for your letter.",
        "Repeat: Dear Ms Okafor, your parcel will arrive on Friday between nine and eleven; please have your identity "
        "card ready, because the driver will ask for it.",
    ),
    "code": (
        "Repeat:\ndef f(x):\n    return x",
        "def f(x):\n    return x",
        "Repeat:\ndef area(width, height):\n"
        "    if width < 0:\n        raise ValueError(width)\n    return width * height",
    ),
    "dates": (
        "Repeat: 2024-01-31, 2024-02-29",
        "2024-01-31, 2024-02-29",
        "Repeat: 2024-03-31, 2024-04-30, 2024-05-31, 2024-06-30, 2024-07-31, 2024-08-31",
    ),
    "spelling": ("Spell: cat", "c a t", "Spell: horse", "h o r s e", "Spell: elephant"),
}


def as_text(turns: tuple[str, ...]) -> str:
    """The conversation as the chat template writes it, up to where the assistant answers."""
    roles = ("system", *("user", "assistant") * len(turns))
    said = zip(roles, (SYSTEM, *turns), strict=False)
    return "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in said) + "<|im_start|>assistant\n"
