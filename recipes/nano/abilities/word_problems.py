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


# Stories that only training tells. {y}: a currency's sign before a number, {z}: one behind it, or its name;
# {i}, {j}: a thing to buy and several of it, {e}: another one.
SIGNS = "$ $ $ € € £".split()
BEHIND = (" euros", " dollars", " €", "€", "$", " pounds")
GOODS = (
    "pen:pens ticket:tickets book:books bag:bags pear:pears cup:cups ball:balls lamp:lamps chair:chairs shirt:shirts "
    "cake:cakes toy:toys phone:phones notebook:notebooks sandwich:sandwiches coffee:coffees pizza:pizzas mug:mugs "
    "candle:candles hat:hats card:cards pencil:pencils burger:burgers plant:plants poster:posters game:games"
).split()
PRICES: list[Story] = [
    ("*", "A {i} costs {y}{a}. How much do {b} {j} cost?"),
    ("*", "A {i} costs {y}{a}. What do {b} {j} cost?"),
    ("*", "{J} cost {y}{a} each. How much do {b} {j} cost?"),
    ("*", "{J} cost {y}{a} each. How much are {b}?"),
    ("*", "{J} are {y}{a} each. How much do {b} {j} cost?"),
    ("*", "One {i} is {y}{a}. What is the price of {b} {j}?"),
    ("*", "A {i} is {y}{a}. {n} buys {b}. How much does {n} pay?"),
    ("*", "The price of a {i} is {y}{a}. How much do {b} of them cost?"),
    ("*", "How much do {b} {j} cost if a {i} costs {y}{a}?"),
    ("*", "How much are {b} {j} at {y}{a} each?"),
    ("*", "{n} buys {b} {j} at {y}{a} each. How much is that?"),
    ("*", "{n} buys {b} {j} for {y}{a} each. What is the total?"),
    ("*", "If a {i} costs {y}{a}, how much do {b} {j} cost?"),
    ("*", "I buy {b} {j}. Each costs {y}{a}. How much do I pay?"),
    ("*", "A {i} costs {a}{z}. How much do {b} {j} cost?"),
    ("*", "{J} cost {a}{z} each. How much do {b} {j} cost?"),
    ("*", "{n} earns {y}{a} an hour. How much does {n} earn in {b} hours?"),
    ("*", "{n} saves {y}{a} every week. How much is that after {b} weeks?"),
    ("*", "{n} sells {b} {j} for {y}{a} each. How much money does {n} get?"),
    ("*", "Ein Buch kostet {a} €. Wie viel kosten {b} Bücher?"),
    ("*", "Un livre coûte {a} €. Combien coûtent {b} livres ?"),
    ("*", "Un libro cuesta {a} €. ¿Cuánto cuestan {b} libros?"),
    ("*", "Un libro costa {a} €. Quanto costano {b} libri?"),
    ("+", "A {i} costs {y}{a} and a {e} costs {y}{b}. How much do they cost together?"),
    ("+", "A {i} costs {y}{a} and a {e} {y}{b}. What do both cost?"),
    ("+", "{n} pays {y}{a} for a {i} and {y}{b} for a {e}. How much is that in total?"),
    ("+", "{n} has {y}{a} and gets {y}{b} more. How much money does {n} have now?"),
    ("+", "{n} had {y}{a} and earned {y}{b}. How much does {n} have now?"),
    ("+", "The bill is {y}{a} and the tip is {y}{b}. How much is that together?"),
    ("+", "A {i} costs {y}{a}. A {e} costs {y}{b} more. How much does the {e} cost?"),
    ("-", "{n} has {y}{a} and spends {y}{b}. How much is left?"),
    ("-", "{n} has {y}{a}. A {i} costs {y}{b}. How much is left after buying it?"),
    ("-", "{n} pays with {y}{a}. The {i} costs {y}{b}. How much change does {n} get?"),
    ("-", "A {i} costs {y}{b}. I pay with {y}{a}. How much change do I get?"),
    ("-", "A {i} costs {y}{a}. It is now {y}{b} cheaper. What does it cost now?"),
    ("-", "I have {y}{a}. I spend {y}{b} on a {i}. How much money do I have left?"),
    ("-", "{n} wants a {i} that costs {y}{a} and has {y}{b}. How much is missing?"),
]
COMPARISONS: list[Story] = [  # the first number is the larger one, wherever it stands
    ("-", "{n} is {a} and {m} is {b} years old. How much younger is {m}?"),
    ("-", "{n} is {a} years old and {m} is {b}. How much older is {n}?"),
    ("-", "{n} is {a} years old. {m} is {b} years old. How much older is {n} than {m}?"),
    ("-", "{n} is {a} years old. {m} is {b} years old. How much younger is {m} than {n}?"),
    ("-", "{m} is {b} years old and {n} is {a}. How much older is {n}?"),
    ("-", "{m} is {b} and {n} is {a} years old. How much younger is {m} than {n}?"),
    ("-", "{n} is {a} years old, {m} is {b}. How many years older is {n}?"),
    ("-", "{n} is {a}, {m} is {b} years old. How many years younger is {m}?"),
    ("-", "{n} is {a} years old. {m} is {b} years younger. How old is {m}?"),
    ("+", "{n} is {a} years old. {m} is {b} years older. How old is {m}?"),
    ("-", "What is the age difference if {n} is {a} and {m} is {b} years old?"),
    ("-", "{n} is {a} years old. How old was {n} {b} years ago?"),
    ("-", "{n} is {a} cm tall and {m} is {b} cm tall. How much taller is {n}?"),
    ("-", "{n} is {a} cm tall and {m} is {b} cm tall. How much shorter is {m}?"),
    ("-", "One box weighs {a} kg and another {b} kg. How much heavier is the first?"),
    ("-", "One bag weighs {b} kg and another {a} kg. How much lighter is the first?"),
    ("-", "One road is {a} km long and another {b} km. How much longer is the first?"),
    ("-", "A {i} costs {y}{a} and a {e} costs {y}{b}. How much cheaper is the {e}?"),
    ("-", "A {i} costs {y}{a} and a {e} {y}{b}. How much more expensive is the {i}?"),
    ("-", "A {e} costs {y}{b} and a {i} {y}{a}. How much more does the {i} cost?"),
    ("-", "A {i} costs {y}{a} and a {e} {y}{b}. What is the difference in price?"),
    ("-", "{n} has {a} {t} and {m} has {b}. How many fewer does {m} have?"),
    ("-", "{m} has {b} {t} and {n} has {a}. How many more does {n} have?"),
    ("-", "{n} has {a} {t} and {m} has {b}. What is the difference?"),
]
MORE_TWO: list[Story] = [
    ("++", "A {i} costs {y}{a}, a {e} {y}{b} and a bag {y}{c}. How much is that together?"),
    ("++", "{n} saves {y}{a} in May, {y}{b} in June and {y}{c} in July. How much is that in total?"),
    ("++", "There are {a} {t} on a table, {b} on a chair and {c} on the floor. How many {t} are there?"),
    ("+-", "{n} has {y}{a}, gets {y}{b} and spends {y}{c}. How much is left?"),
    ("+-", "{n} had {a} {t}, found {b} more and lost {c}. How many {t} does {n} have now?"),
    ("+-", "{n} bakes {a} cakes in the morning and {b} in the afternoon. {n} sells {c}. How many cakes are left?"),
    ("+-", "A shop has {a} {j}. {b} more arrive and {c} are sold. How many {j} are left?"),
    ("-+", "{n} has {y}{a}, spends {y}{b} and then earns {y}{c}. How much does {n} have now?"),
    ("-+", "A train has {a} people on it. At a stop {b} get off and {c} get on. How many are on the train now?"),
    ("-+", "{n} has {a} {t}. {n} loses {b}, then {m} gives {n} {c}. How many {t} does {n} have?"),
    ("-+", "A shop has {a} {j}. It sells {b} and then gets {c} new ones. How many {j} does it have?"),
    ("--", "{n} has {y}{a}. {n} buys a {i} for {y}{b} and a {e} for {y}{c}. How much is left?"),
    ("--", "{n} has {a} {t}. {n} gives {b} to {m} and loses {c}. How many are left?"),
    ("--", "Of {a} people {p}, {b} leave at noon and {c} in the evening. How many are still there?"),
    ("*+", "{n} buys {a} {j} for {y}{b} each and a {e} for {y}{c}. How much does {n} pay?"),
    ("*+", "{n} buys {a} {j} at {y}{b} each and pays {y}{c} for delivery. What is the total?"),
    ("*+", "A {i} costs {y}{a}. {n} buys {b} of them and a {e} for {y}{c}. How much does {n} pay?"),
    ("*+", "{n} saves {y}{a} a week for {b} weeks. Then {m} adds {y}{c}. How much is that?"),
    ("*+", "There are {a} {h} with {b} {t} each. {m} brings {c} more {t}. How many {t} are there now?"),
    ("*-", "{n} sells {a} {j} for {y}{b} each and spends {y}{c}. How much money is left?"),
    ("*-", "{n} buys {a} {j} for {y}{b} each and gets {y}{c} off. How much does {n} pay?"),
    ("*-", "{n} has {a} {h} of {b} {t} each. {n} eats {c} of the {t}. How many {t} are left?"),
    ("*-", "Each {s} holds {a} {t}. {n} has {b} {h} and gives away {c} {t}. How many {t} are left?"),
    ("+*", "A {i} costs {y}{a} and a {e} costs {y}{b}. {n} buys {c} of each. How much does {n} pay?"),
    ("+*", "{n} reads {a} pages in the morning and {b} in the evening. How many pages is that in {c} days?"),
    ("-*", "A {i} costs {y}{a}, but is now {y}{b} cheaper. How much do {c} {j} cost now?"),
    ("-*", "{n} earns {y}{a} a day and spends {y}{b} of it. How much is left after {c} days?"),
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


def tell(rng: random.Random, text: str, a: int, b: int, c: int = 0, *, as_digits: bool = False) -> str:
    """The story with names, things and numbers put in, a few of these in words unless they stand ``as_digits``."""
    n, m, o = rng.sample(NAMES, 3)
    g, k = rng.choice(GROUPS)
    h = rng.choice(HOLDERS)
    words = {"n": n, "m": m, "o": o, "g": g, "k": k, "h": h, "s": SINGULAR[h], "p": rng.choice(PLACES)}
    in_words = rng.random() < 0.06 and not as_digits

    def show(number: int) -> str:
        return COUNTS[number] if in_words and number < len(COUNTS) else str(number)

    return text.format(a=show(a), b=show(b), c=show(c), t=rng.choice(THINGS), **words)


def tell_prices(rng: random.Random, text: str, a: int, b: int, c: int = 0) -> str:
    """A story that only training tells, with goods and currencies put in as well."""
    (i, j), (e, _) = (goods.split(":") for goods in rng.sample(GOODS, 2))
    words = {"y": rng.choice(SIGNS), "z": rng.choice(BEHIND), "i": i, "j": j, "J": j.capitalize(), "e": e}
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return tell(rng, text, a, b, c, as_digits=True)
