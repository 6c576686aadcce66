"""Forms that count further than the grammar engine can follow are refused; what is taken holds to its end."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from llguidance import LLMatcher, LLTokenizer
from llguidance._tokenizer import TokenizerWrapper

from quatre.chat.markup import Markup
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import RequestError
from quatre.grammar.lengths import MOST_COUNTED, STATES, WIDE_STATES, check_grammar, states
from quatre.grammar.source import source_of
from quatre.grammar.tryout_child import LIMITS
from quickly import quickly


def source(**asked: Any) -> str:
    return source_of(StructuredOutputsParams(**asked), Markup())


@pytest.mark.parametrize(
    ("keyword", "schema"),
    [
        ("minLength 65537", {"type": "string", "minLength": 65_537}),
        ("maxLength 1000000", {"type": "string", "maxLength": 1_000_000}),
        ("maxLength 40000", {"properties": {"a": {"maxLength": 40_000}, "b": {"maxLength": 35_000}}}),
        ("maxLength 5000", {"type": "string", "pattern": r"^\w*$", "maxLength": 5000}),
        ("pattern", {"type": "string", "pattern": "^(ab{100}){1000}$"}),
        ("pattern", {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\p{L}{2,5000}$"}]}),
    ],
)
def test_lengths_that_cannot_be_followed_are_refused_by_keyword(keyword: str, schema: Any) -> None:
    with pytest.raises(RequestError, match="minLength above" if "65537" in keyword else f"{keyword}.*together"):
        source(json=schema)


@pytest.mark.parametrize(
    "asked",
    [
        {"regex": r"\w{5000}"},
        {"regex": ".{0,70000}"},
        {"grammar": r"start: /\w{3000}/ x" + "\nx: /\\w{3000}/"},
        {"grammar": "start: /((a{1000}){1000}){1000}/"},
        {"grammar": '%ignore /(a{1000}){1000}/\nstart: "a"'},
        {"grammar": 'start: A\nA: "ab"{40000}'},
        {"grammar": 'start: A\nA: ("a" | "b")~40000..50000'},
        {"grammar": 'start: A "x"\nA.2: B{300} // of three hundred\nB: C C?\nC: ["x" /[a-z]{200}/]'},
        {"grammar": "start: A\nA: /\\w/{5000}"},
        {"grammar": 'start: A | B\nA: /[a-z]{40000}/\nB: A "x"'},
        {"grammar": "start: x\nx[stop=/a{70000}/]: /(.|\\n)*/"},
        {"grammar": 'start: x\nx[lazy, stop="END" /\\w{5000}/].5: /(.|\\n)*/'},
        {"grammar": "start[stop=/[x]/]: /a{80000}/"},
        {"grammar": 'start: x\nx[capture="]", stop=/[x]y{80000}/]: /a/'},
        {"grammar": 'root ::= item{5000}\nitem ::= ("a" [0-9"])  {7,8}'},
        {"grammar": "start: A0\n" + "\n".join(f"A{n}: A{n + 1}" for n in range(5000)) + '\nA5000: "a"'},
        {"json": {}, "whitespace_pattern": "[ ]{0,100000}"},
    ],
)
def test_so_are_regular_expressions(asked: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="repetitions may be"):
        source(**asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"json": {"type": "string", "minLength": 65_536}},
        {"json": {"type": "string", "maxLength": 65_536}},
        {"json": {"anyOf": [{"maxLength": 40_000, "type": "string"}, {"items": {"maxLength": 40_000}}]}},
        {"json": {"type": "array", "items": {"type": "boolean"}, "minItems": 65_536}},
        {"json": {"const": {"maxLength": 10**9}}},
        {"regex": r"\w{4000}"},
        {"regex": "[a-z]{60000}"},
        {"grammar": 'start: x{65536}\nx: "a"'},
        {"grammar": 'start: (A B){65536}\nA: "a"\nB: /[a-z]/'},
        {"grammar": 'start: A\nA: B\nB: C\nC: "a"{60000}'},
        {"grammar": 'start: A // A: "a"{90000}\nA: "{90000}" # {90000}'},
        {"grammar": 'root ::= "a"{60000}'},
        {"grammar": "start: A\nA: A{90000}"},
        {"grammar": 'start: A\nA: "a"{000000000000060000}'},
    ],
)  # fmt: skip
def test_what_can_be_followed_is_taken(asked: dict[str, Any]) -> None:
    assert source(**asked)


@pytest.mark.parametrize("piece", [*'<[("/{~a \n\\#', "A:", "A: A ", '"\\', "/\\", "[\\", '\na["', "\na[/"])
@pytest.mark.parametrize("head", ["start: ", "root ::= ", "a["])
def test_reading_a_grammar_takes_time_in_proportion_to_its_length(head: str, piece: str) -> None:
    def run() -> None:
        with suppress(RequestError):
            check_grammar(head + piece * (60_000 // len(piece)), "grammar")

    quickly(2, run)


def test_states_of_nested_groups() -> None:
    assert states("(?:ab{3}){10}") == 40 * STATES
    assert states(r"(\w{2}|[^\]x]){3,5}") == 5 * (2 * WIDE_STATES + STATES)
    assert states(r"\{3}\(a{2,}") == 6 * STATES
    assert states("(" * 50 + "a" + "){9}" * 50) > MOST_COUNTED


class Pieces:
    """Single bytes, and many texts of several characters of all lengths in UTF-8, cut anywhere."""

    bos_token_id = None
    eos_token_id = 0
    special_token_ids = (0,)

    def __init__(self, draw: random.Random) -> None:
        ranges = ((32, 127), (0xA0, 0x7FF), (0x800, 0xD7FF), (0x10000, 0x10FFFF))
        texts = {
            "".join(chr(draw.randrange(*draw.choice(ranges))) for _ in range(draw.choice((1, 1, 2, 3)))).encode()
            for _ in range(3000)
        }
        pieces = sorted({text[draw.randrange(2) :] for text in texts if len(text) > 2})
        self.tokens = [b"<[0]>", *(bytes([byte]) for byte in range(256)), *pieces]

    def __call__(self, text: str) -> list[int]:
        return [1 + byte for byte in text.encode()]


@pytest.mark.parametrize(
    "asked",
    [
        {"json": {"type": "string", "minLength": 65_536}},
        {"regex": rf"\w{{{MOST_COUNTED // WIDE_STATES}}}"},
    ],
)
def test_a_random_answer_of_the_greatest_length_holds_to_its_end(asked: dict[str, Any]) -> None:
    """With every mask on the way, as for a model: it is in those that the engine meets all states."""
    draw = random.Random(1)
    trie = LLTokenizer(TokenizerWrapper(Pieces(draw)), eos_token=[0])
    matcher = LLMatcher(trie, source(**asked), limits=LIMITS, log_level=0)
    random_numbers = np.random.default_rng(1)
    while not matcher.is_stopped():
        mask = np.unpackbits(np.frombuffer(matcher.compute_bitmask(), np.uint8), bitorder="little")
        assert not matcher.is_error(), matcher.get_error()
        allowed = np.flatnonzero(mask)
        assert matcher.consume_token(int(allowed[random_numbers.integers(len(allowed))])), matcher.get_error()
        if mask[0]:  # it may end here
            break
    assert not matcher.is_error()
