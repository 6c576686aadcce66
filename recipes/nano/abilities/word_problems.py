"""Small stories with numbers: one or two operations."""

from __future__ import annotations

import random

Story = tuple[str, str]  # the operations, such as "+" or "+*", and a text with {a} {b} {c}

NAMES = (
    "Anna Ben Clara David Emma Felix Grace Henry Ida Jack Kate Leo Mia Noah Olga Paul Rosa Sam Tina Victor Alice Bob "
    "Carlos Daniel Eva Frank Hannah Ivan Julia Karl Laura Maria Nina Oscar Peter Sara Tom Lucy Max Amir Yuki Priya"
).split()
THINGS = (
    "apples books coins stamps cards balls pens stones shells cakes cookies eggs flowers trees stars keys cups boxes "
    "bags letters photos tickets toys games bottles oranges pears lemons plums nuts marbles stickers candles chairs "
    "plates buttons beans seeds fish birds hats shirts tiles bricks pages songs points dollars euros"
).split()
HOLDERS = "boxes bags baskets rows shelves groups packs tables drawers jars".split()
SINGULAR = dict(zip(HOLDERS, "box bag basket row shelf group pack table drawer jar".split(), strict=True))
GROUPS = [("boys", "girls"), ("men", "women"), ("adults", "children"), ("dogs", "cats"), ("cows", "sheep")]
GROUPS += [("red balls", "blue balls"), ("green apples", "red apples"), ("cars", "trucks"), ("roses", "tulips")]
COUNTS = "zero one two three four five six seven eight nine ten eleven twelve".split()
PLACES = "in a shop|at a school|on a farm|in a park|in a hall|at a party|in a village|on a bus|in a garden".split("|")

HOW_MANY = (
    "How many {t} does {n} have now?|How many {t} does {n} have?|How many {t} are there now?|How many is that?|"
    "How many {t} in total?|How many {t} does {n} have in the end?"
).split("|")
LEFT = (
    "How many {t} are left?|How many {t} does {n} have left?|How many {t} remain?|How many are left?|"
    "How many {t} does {n} have now?|How many {t} does {n} still have?"
).split("|")
TOTAL = (
    "How many {t} are there in total?|How many {t} is that in total?|How many {t} are there?|"
    "How many {t} altogether?|What is the total number of {t}?|How many {t} are there in all?"
).split("|")

PLUS = (
    "{n} has {a} {t} and buys {b} more.|{n} has {a} {t} and gets {b} more.|{n} has {a} {t} and finds {b} more.|"
    "{n} has {a} {t}. {m} gives {n} {b} more.|{n} had {a} {t} and then got {b} more {t}.|"
    "{n} bought {a} {t} on Monday and {b} {t} on Tuesday.|{n} has {a} {t}. Then {m} brings {b} more.|"
    "{n} starts with {a} {t} and adds {b} more.|{n} collects {a} {t} and later {b} more."
).split("|")
MINUS = (
    "{n} has {a} {t} and gives {b} to {m}.|{n} has {a} {t} and loses {b} of them.|{n} has {a} {t} and sells {b}.|"
    "{n} had {a} {t} but lost {b}.|{n} has {a} {t}. {m} takes {b} of them.|{n} had {a} {t} and gave away {b}.|"
    "{n} bought {a} {t} and used {b}.|There are {a} {t} and {n} takes {b}.|{n} has {a} {t}. {n} gives {m} {b} {t}.|"
    "{n} baked {a} {t} and {m} ate {b} of them.|{n} has {a} {t} and eats {b}."
).split("|")
TIMES = (
    "There are {a} {h} with {b} {t} in each {s}.|{n} has {a} {h} with {b} {t} each.|{n} buys {a} {h} of {b} {t} each.|"
    "There are {a} {h}, and each {s} holds {b} {t}.|{n} fills {a} {h} with {b} {t} each.|"
    "Each {s} has {b} {t}. There are {a} {h}.|One {s} contains {b} {t}. {n} has {a} {h}."
).split("|")
OTHER: list[Story] = [
    ("+", "{n} has {a} {t} and {m} has {b} {t}. How many {t} do they have together?"),
    ("+", "{n} has {a} {t}. {m} has {b} more than {n}. How many {t} does {m} have?"),
    ("+", "{n} and {m} have {a} and {b} {t}. How many {t} do they have in total?"),
    ("+", "There are {a} {g} and {b} {k} {p}. How many are there in total?"),
    ("+", "There are {a} {g} and {b} {k} {p}. How many is that altogether?"),
    ("+", "{n} travels {a} km in the morning and {b} km in the afternoon. How far is that in total?"),
    ("+", "{n} reads {a} pages today and {b} pages tomorrow. How many pages is that?"),
    ("+", "A book costs {a} euros and a bag costs {b} euros. How much do they cost together?"),
    ("+", "A train has {a} people on it. {b} more get on. How many people are on it now?"),
    ("+", "{n} is {a} years old. How old will {n} be in {b} years?"),
    ("-", "{n} has {a} {t} and {m} has {b} {t}. How many more {t} does {n} have than {m}?"),
    ("-", "{n} has {a} {t}. {m} has {b} fewer. How many {t} does {m} have?"),
    ("-", "A bus has {a} people on it. {b} get off. How many people are still on the bus?"),
    ("-", "{n} wants to read {a} pages and has read {b}. How many pages are left?"),
    ("-", "{n} has {a} euros and spends {b} euros. How many euros are left?"),
    ("-", "{n} had {a} dollars and spent {b}. How much money is left?"),
    ("-", "There are {a} people {p}. {b} of them leave. How many people are left?"),
    ("-", "A trip is {a} km long. {n} has done {b} km. How many km remain?"),
    ("-", "Of {a} {t}, {b} are broken. How many are fine?"),
    ("-", "A counter shows {a}. It goes down by {b}. What does it show now?"),
    ("*", "{n} reads {a} pages a day. How many pages does {n} read in {b} days?"),
    ("*", "{n} buys {a} {t} for {b} euros each. How much does {n} pay?"),
    ("*", "A ticket costs {a} euros. How much do {b} tickets cost?"),
    ("*", "A car drives {a} km in an hour. How far does it drive in {b} hours?"),
    ("*", "Each of {a} people gets {b} {t}. How many {t} is that in total?"),
    ("*", "{n} works {a} hours a day. How many hours is that in {b} days?"),
    ("+", "{n} a {a} pommes et en achète {b}. Combien de pommes a {n} maintenant ?"),
    ("-", "{n} a {a} euros et en dépense {b}. Combien d'euros reste-t-il ?"),
    ("*", "Un livre coûte {a} euros. Combien coûtent {b} livres ?"),
    ("+", "{n} hat {a} Äpfel und kauft {b} dazu. Wie viele Äpfel hat {n} jetzt?"),
    ("-", "{n} hat {a} Euro und gibt {b} Euro aus. Wie viel Euro bleiben?"),
    ("*", "Ein Buch kostet {a} Euro. Wie viel kosten {b} Bücher?"),
    ("+", "{n} tiene {a} libros y compra {b} más. ¿Cuántos libros tiene ahora?"),
    ("-", "{n} tiene {a} euros y gasta {b}. ¿Cuántos euros le quedan?"),
    ("*", "Un libro cuesta {a} euros. ¿Cuánto cuestan {b} libros?"),
    ("+", "{n} ha {a} libri e ne compra altri {b}. Quanti libri ha adesso?"),
    ("-", "{n} ha {a} euro e ne spende {b}. Quanti euro restano?"),
    ("*", "Un libro costa {a} euro. Quanto costano {b} libri?"),
]
TWO: list[Story] = [
    ("++", "{n} has {a} {t}, {m} has {b} and {o} has {c}. How many {t} do they have together?"),
    ("++", "{n} has {a} {t}, buys {b} more and then finds {c}. How many {t} does {n} have now?"),
    ("++", "There are {a} {g} and {b} {k} {p}. Then {c} more arrive. How many are there now?"),
    ("++", "{n} reads {a} pages on Monday, {b} on Tuesday and {c} on Friday. How many pages is that in total?"),
    ("+-", "{n} has {a} {t}, buys {b} more and gives {c} to {m}. How many {t} does {n} have now?"),
    ("+-", "{n} had {a} {t}. {m} gave {n} {b} more. Then {n} lost {c}. How many are left?"),
    ("+-", "A bus has {a} people on it. {b} get on and {c} get off. How many people are on the bus now?"),
    ("+-", "{n} has {a} euros, earns {b} euros and spends {c} euros. How many euros are left?"),
    ("-+", "{n} has {a} {t}, gives away {b} and then gets {c} more. How many {t} does {n} have now?"),
    ("-+", "{n} had {a} {t}, sold {b} and bought {c}. How many {t} does {n} have now?"),
    ("-+", "A bus has {a} people on it. {b} get off and {c} get on. How many people are on it now?"),
    ("--", "{n} has {a} {t}. {n} gives {b} to {m} and {c} to {o}. How many {t} are left?"),
    ("--", "{n} had {a} {t}, sold {b} and lost {c}. How many {t} does {n} have left?"),
    ("--", "{n} has {a} euros. A book costs {b} euros and a bag {c} euros. How much is left after buying both?"),
    ("*+", "{n} has {a} {h} with {b} {t} each and {c} more {t}. How many {t} does {n} have in total?"),
    ("*+", "There are {a} {h} with {b} {t} in each {s}. {n} adds {c} {t}. How many {t} are there now?"),
    ("*+", "{n} buys {a} books for {b} euros each and a bag for {c} euros. How much does {n} pay?"),
    ("*-", "{n} has {a} {h} with {b} {t} each and gives away {c} {t}. How many {t} are left?"),
    ("*-", "There are {a} {h} with {b} {t} each. {c} {t} are broken. How many {t} are fine?"),
    ("*-", "{n} works {a} hours for {b} euros an hour and spends {c} euros. How many euros are left?"),
    ("+*", "{n} has {a} {t} and gets {b} more. {m} has {c} times as many as {n} has now. How many does {m} have?"),
    ("+*", "A book costs {a} euros and a bag {b} euros. {n} buys {c} of each. How much does {n} pay?"),
    ("-*", "{n} had {a} {t} and lost {b}. {m} has {c} times as many as {n} has now. How many does {m} have?"),
]


def one_step(rng: random.Random) -> Story:
    """An operation and a story about ``{a}`` and ``{b}``; subtractions expect the first to be the larger."""
    draw = rng.random()
    if draw < 0.45:
        return rng.choice(OTHER)
    if draw < 0.62:
        return "+", rng.choice(PLUS) + " " + rng.choice(HOW_MANY)
    if draw < 0.8:
        return "-", rng.choice(MINUS) + " " + rng.choice(LEFT)
    return "*", rng.choice(TIMES) + " " + rng.choice(TOTAL)


def two_steps(rng: random.Random) -> Story:
    """Two operations, done from left to right, and a story about ``{a}``, ``{b}`` and ``{c}``."""
    return rng.choice(TWO)


def tell(rng: random.Random, text: str, a: int, b: int, c: int = 0) -> str:
    """The story with names, things and numbers put in."""
    n, m, o = rng.sample(NAMES, 3)
    g, k = rng.choice(GROUPS)
    h = rng.choice(HOLDERS)
    words = {"n": n, "m": m, "o": o, "g": g, "k": k, "h": h, "s": SINGULAR[h], "p": rng.choice(PLACES)}
    in_words = rng.random() < 0.06

    def show(number: int) -> str:
        return COUNTS[number] if in_words and number < len(COUNTS) else str(number)

    return text.format(a=show(a), b=show(b), c=show(c), t=rng.choice(THINGS), **words)
