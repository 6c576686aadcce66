"""What users say around their requests, and what no tool is for."""

from __future__ import annotations

import random

from recipes.nano.abilities import worlds
from recipes.nano.example import Split

SYSTEM = (
    "You are a helpful assistant.",
    "You are an assistant with tools. Use them when they fit.",
    "Call a tool only if it fits the request.",
    "Use the tools to help the user.",
    "Be brief.",
    "You help the customers of {company}.",
    "Today is {date}.",
    "You are the assistant of {name}.",
    "Answer in one short sentence. Use tools where they help.",
)
NONE_FITS = "None of my tools can do that."
_BEFORE = ("Hi! ", "Hello. ", "Hey, ", "OK. ", "Next: ", "Good morning. ", "Right, ", "Thanks. ", "Great. ")
_AFTER = (" Thanks!", " Thank you.", " That would help.", " It is urgent.", " Cheers", " I am in a hurry.")
_CHAT = (
    "I had a long {word} with {name} in {city}, and now my {noun} is {adjective}. ",
    "You know, {name} told me about a {adjective} {noun} the other day, it was a nice {word}. ",
    "It has been a {adjective} day here in {city}, the {noun} was late and {name} lost the {word}. ",
    "My friend {name} is a {job} and always talks about {topic}, but that is another story. ",
    "I was reading about {topic} all morning. ",
    "{name} and I moved to {city} last year. ",
    "Sorry for the wait, the {noun} at the {word} was {adjective}. ",
)


def _filled(rng: random.Random, split: Split, text: str) -> str:
    return text.format(
        word=worlds.WORDS.draw(rng, split),
        name=worlds.first_name(rng, split),
        city=worlds.city(rng, split),
        noun=worlds.noun(rng, split),
        adjective=worlds.ADJECTIVE.draw(rng, split),
        job=worlds.JOB.draw(rng, split),
        topic=worlds.TOPIC.draw(rng, split),
        company=worlds.COMPANY.draw(rng, split),
        date=f"{rng.randint(2023, 2029)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
    )


def system(rng: random.Random, split: Split) -> str:
    return _filled(rng, split, rng.choice(SYSTEM))


def around(rng: random.Random, split: Split, request: str) -> str:
    """The request as a person may send it."""
    if rng.random() < 0.4:
        for long, short in (
            ("What is ", "What's "),
            ("I am ", "I'm "),
            ("I would ", "I'd "),
            ("Where is ", "Where's "),
        ):
            request = short + request.removeprefix(long) if request.startswith(long) else request
    draw = rng.random()
    if draw < 0.12:
        return rng.choice(_BEFORE) + request
    if draw < 0.2:
        return request + ("" if request[-1] in ".?!" else ".") + rng.choice(_AFTER)
    if draw < 0.27:
        return _filled(rng, split, rng.choice(_CHAT)) + request
    if draw < 0.29:
        return f"{request} {_filled(rng, split, rng.choice(_CHAT)).strip()}"
    return request


_SOCIAL = (
    (
        ("Hello!", "Hi", "Hi there!", "Good morning!", "Hey", "Good evening", "Hello, assistant"),
        "Hello! How can I help you?",
    ),
    (("Thank you!", "Thanks a lot", "Thanks!", "Great, thank you.", "Perfect, thanks"), "You are welcome!"),
    (
        ("How are you?", "How are you today?", "Hi, how are you?", "Are you well?"),
        "I am fine, thank you. How can I help you?",
    ),
    (("Goodbye!", "Bye", "See you later!", "Good night"), "Goodbye!"),
)
_OTHER = (
    "Tell me a joke.",
    "Write a poem about the {noun}.",
    "Who is {name}?",
    "What do you think of {topic}?",
    "Do you like {topic}?",
    "Explain {topic} to me.",
    "Sing a song about {city}.",
    "Who wrote the book about the {adjective} {noun}?",
    "Why is the {noun} {adjective}?",
    "Can you build me a {adjective} {noun}?",
    "I feel {adjective} today, what should I do?",
    "Guess what is in my {noun}.",
)


def small_talk(rng: random.Random, split: Split) -> tuple[str, str, str]:
    """A message that is for no tool, the answer, and the thought before it."""
    draw = rng.random()
    if draw < 0.35:
        messages, reply = rng.choice(_SOCIAL)
        return rng.choice(messages), reply, "No tool is needed."
    if draw < 0.65:
        left, right, sign = rng.randint(1, 12), rng.randint(1, 9), rng.choice("++-*")
        if sign == "*":
            left, right = rng.randint(2, 5), rng.randint(2, 5)
        if sign == "-" and right > left:
            left, right = right, left
        number = {"+": left + right, "-": left - right, "*": left * right}[sign]
        said = {"+": "plus", "-": "minus", "*": "times"}[sign]
        text = rng.choice(
            (f"What is {left} {sign} {right}?", f"{left} {sign} {right} = ?", f"How much is {left} {said} {right}?")
        )
        return text, str(number), f"No tool is needed: {left} {sign} {right} = {number}."
    return _filled(rng, split, rng.choice(_OTHER)), NONE_FITS, "No tool fits."
