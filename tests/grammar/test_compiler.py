"""What is refused, with which words, and that hostile grammars cost little."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fakes import END, ByteTokenizer
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import OverloadedError, RequestError
from quatre.grammar import compiler, making, tryout
from quatre.grammar.asker import Asker
from quatre.grammar.compiler import Grammars
from quatre.grammar.making import Made, Making
from quatre.grammar.schema import read_schema


@pytest.fixture(scope="module")
def grammars() -> Grammars:
    return Grammars(ByteTokenizer(), frozenset({END}), 300)


@pytest.fixture
def fresh() -> Grammars:
    """Where nothing is kept yet."""
    return Grammars(ByteTokenizer(), frozenset({END}), 300)


def refusal(grammars: Grammars, **asked: Any) -> str:
    with pytest.raises(RequestError) as caught:
        grammars.constraint(StructuredOutputsParams(**asked))
    assert caught.value.param == "structured_outputs"
    assert len(str(caught.value)) <= 600
    return str(caught.value)


@pytest.mark.parametrize(
    ("keyword", "schema"),
    [
        ("uniqueItems", {"type": "array", "uniqueItems": True}),
        ("not", {"not": {"type": "string"}}),
        ("if", {"if": {"type": "string"}, "then": {"minLength": 1}}),
        ("contains", {"type": "array", "contains": {"type": "string"}}),
        ("propertyNames", {"type": "object", "propertyNames": {"pattern": "^a"}}),
        ("dependentRequired", {"dependentRequired": {"a": ["b"]}}),
        ("$dynamicRef", {"$dynamicRef": "#x"}),
        ("oneOf", {"oneOf": [{"type": "integer"}, {"type": "number"}]}),
        ("format", {"type": "string", "format": "wow"}),
        ("type", {"type": "strin"}),
        ("minimum", {"type": "integer", "minimum": 5, "maximum": 3}),
        ("look-ahead", {"type": "string", "pattern": "(?=a)b"}),
        ("not present", {"$ref": "http://example.org/schema"}),
        ("does not exist", {"$ref": "#/nowhere"}),
        ("minItems", {"type": "array", "minItems": 1_000_000}),
        ("contentEncoding", {"type": "string", "contentEncoding": ["base64"]}),
        ("$ref", {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}),
        ("$ref", {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}),
        ("uniqueItems", {"type": "array", "uniqueItems": True, "x-guidance": {"lenient": True}}),
    ],
)
def test_a_schema_that_cannot_be_kept_is_refused_by_keyword(grammars: Grammars, keyword: str, schema: Any) -> None:
    assert keyword in refusal(grammars, json=schema)


@pytest.mark.parametrize(
    "asked",
    [
        {"json": "{"},
        {"json": False},
        {"json": '{"items":' * 5000 + "{}" + "}" * 5000},
        {"json": json.dumps({"enum": ["x" * 300_000]})},
        {"json": {"$defs": {f"a{i}": {"anyOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(3000)},
                  "$ref": "#/$defs/a0"}},
        {"regex": "("},
        {"regex": "(" * 3000 + "a" + ")" * 3000},
        {"regex": "a" * 20_000},
        {"grammar": "start: missing"},
        {"grammar": "root ::= (" + "(" * 5000},
        {"grammar": "start: " + "(" * 10_000 + '"a"' + ")" * 10_000},
        {"grammar": "\n".join(f"A{i}: A{i + 1} A{i + 1}" for i in range(40)) + '\nA40: "x"\nstart: A0'},
        {"grammar": "start: start"},
        {"choice": [str(i) for i in range(5000)]},
        {"regex": r"(\w|\d|\s)*" * 150},
        {"regex": "a\ud800"},
        {"json": '{"const":' + "[" * 900 + "]" * 900 + "}"},
        {"json": {"enum": [{"a": i, "b": [i]} for i in range(3000)]}},
        {"json": {"type": "array", "items": {}, "allOf": [{"maxItems": 10**30}]}},
        {"grammar": "\n" * 65_000},
        {"grammar": 'root ::= "a"{1000000000}'},
        {"choice": [str(i) for i in range(100_000)]},
    ],
)  # fmt: skip
def test_what_is_wrong_or_too_large_is_refused(grammars: Grammars, asked: dict[str, Any]) -> None:
    assert refusal(grammars, **asked)


@pytest.mark.parametrize(
    "asked", [{}, {"regex": "a", "json": {}}, {"choice": []}, {"choice": "ab"}, {"regex": 3}, {"json_object": False}]
)
def test_exactly_one_form(asked: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        StructuredOutputsParams(**asked)


def test_type_names_of_the_wild_are_read_and_data_is_left_alone() -> None:
    given = {"type": "dict", "properties": {"type": {"type": "float"}, "x": {"const": {"type": "dict"}}}}
    expected = {"type": "object", "properties": {"type": {"type": "number"}, "x": {"const": {"type": "dict"}}}}
    assert read_schema(given, "json") == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "ArrayList", "items": {"type": "String"}}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "any"}, {}),
        (
            {"type": "array", "items": {"type": "string"}, "enum": ["a", "b"]},
            {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        ),
        ({"type": "integer", "enum": ["1", "2"]}, {"type": "integer", "enum": [1, 2]}),
        ({"type": "integer", "enum": ["one"]}, {"type": "integer", "enum": ["one"]}),
        ({"type": "string", "enum": ["1"]}, {"type": "string", "enum": ["1"]}),
    ],
)
def test_function_descriptions_of_the_wild_are_read_as_meant(given: Any, expected: Any) -> None:
    assert read_schema(given, "json") == expected


def test_a_recursive_schema_that_can_end_is_taken() -> None:
    node = {"type": "array", "items": {"$ref": "#"}}
    assert read_schema(node, "json") == node


def test_the_same_grammar_is_compiled_once(fresh: Grammars, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = StructuredOutputsParams(regex="a+")
    first = fresh.constraint(asked)
    monkeypatch.setattr(compiler, "_compile", None)
    assert fresh.constraint(StructuredOutputsParams(regex="a+")) is first


def test_only_so_many_are_kept(fresh: Grammars, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "MOST_KEPT", 2)
    first = fresh.constraint(StructuredOutputsParams(regex="a"))
    fresh.constraint(StructuredOutputsParams(regex="b"))
    assert fresh.constraint(StructuredOutputsParams(regex="a")) is first
    fresh.constraint(StructuredOutputsParams(regex="c"))
    assert fresh.constraint(StructuredOutputsParams(regex="a")) is first
    monkeypatch.setattr(compiler, "MOST_KEPT_BYTES", 10)
    fresh.constraint(StructuredOutputsParams(regex="d"))
    assert fresh.constraint(StructuredOutputsParams(regex="a")) is not first


def test_a_compilation_that_does_not_end_is_given_up(fresh: Grammars, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take minutes, and more memory than most machines have. The limit counts seconds of computing, which may
    be many where others compute, too.
    """
    monkeypatch.setattr(making, "PATIENCE_S", 600.0)
    monkeypatch.setattr(tryout, "LONGEST_WAIT_S", 600.0)
    slow = {"json": {"type": "integer", "multipleOf": 9999991}}
    assert "simplify it" in refusal(fresh, **slow)
    monkeypatch.setattr(fresh, "_make", None)
    assert "simplify it" in refusal(fresh, **slow), "it is not tried again"


def test_what_would_crash_the_process_is_refused(grammars: Grammars) -> None:
    """llguidance's recursion has no limit there; in the server it would end all answers."""
    deep = "start: r0\n" + "\n".join(f"r{i}: r{i + 1}" for i in range(3000)) + "\nr3000: /a/"
    assert "too deep or too large" in refusal(grammars, grammar=deep)
    grammars.constraint(StructuredOutputsParams(regex="still there"))


def test_who_waits_too_long_is_not_blamed_and_finds_it_compiled_later(
    fresh: Grammars, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()
    made = compiler._compile
    monkeypatch.setattr(compiler, "_compile", lambda *asked: made(*asked) if done.wait(30) else None)
    monkeypatch.setattr(making, "PATIENCE_S", 0.01)
    try:
        with pytest.raises(OverloadedError, match="try again later"):
            fresh.constraint(StructuredOutputsParams(regex="a"))
    finally:
        done.set()
    monkeypatch.setattr(making, "PATIENCE_S", 30)
    monkeypatch.setattr(fresh, "_make", None)
    assert fresh.constraint(StructuredOutputsParams(regex="a")).mask()[ord("a")]


def slow(number: int) -> StructuredOutputsParams:
    """Each another grammar that cannot be compiled in the time there is."""
    return StructuredOutputsParams(json={"type": "integer", "multipleOf": 9_999_991 + 2 * number})


def begin_slow_ones(fresh: Grammars, asker: Asker, count: int) -> dict[Making, Made]:
    """What makes them, and what each waits for."""
    begun = [fresh.begin(slow(number), asker=asker) for number in range(count)]
    return {one: made for one in begun if (made := one.advance())}


def play(monkeypatch: pytest.MonkeyPatch, slowly: Callable[[float], None]) -> None:
    """Instead of trying slow ones, which are given so many seconds, do ``slowly``; it raises what comes of them."""
    run = tryout._Tryout.run

    def played(self: Any, source: str, longest: float, is_wanted: Any) -> tryout.Passed:
        if "multipleOf" in source:
            slowly(longest)
        passed: tryout.Passed = run(self, source, longest, is_wanted)
        return passed

    monkeypatch.setattr(tryout._Tryout, "run", played)


def test_a_quick_grammar_does_not_wait_for_all_slow_ones_of_others(
    fresh: Grammars, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow ones are played: three of them may go on, and the other client's has its turn by then."""
    turns = threading.Semaphore(0)

    def slowly(longest: float) -> None:
        turns.acquire(timeout=60)
        raise OverloadedError("over")

    play(monkeypatch, slowly)
    fresh.prepare()
    begun = begin_slow_ones(fresh, Asker("rude"), 40)
    try:
        polite = fresh.begin(StructuredOutputsParams(regex="a"), asker=Asker("polite"))
        made = polite.advance()
        assert made is not None
        assert not any(slow.done() for slow in begun.values())
        turns.release(3)
        assert made.result(50).mask()[ord("a")]
    finally:
        turns.release(40)
        fresh.close()


def test_what_is_slow_moves_out_of_the_way_of_the_same_client(fresh: Grammars, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow ones are played here: real ones end by themselves, at a limit that depends on the machine."""
    over = threading.Event()

    def slowly(longest: float) -> None:
        if longest == compiler.QUICK_S:
            raise tryout.TooSlowError("too slow")
        over.wait(60)
        raise OverloadedError("over")

    play(monkeypatch, slowly)
    begun = begin_slow_ones(fresh, Asker(), 6)
    try:
        assert fresh.constraint(StructuredOutputsParams(regex="a")).mask()[ord("a")]
        assert not any(made.done() for made in begun.values())
    finally:
        over.set()
        fresh.close()


def test_what_nobody_waits_for_any_more_is_not_compiled(fresh: Grammars, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what waits for its turn, nor what is being tried: the compilers are free again."""
    monkeypatch.setattr(compiler, "QUICK_S", 1000.0)
    fresh.prepare()
    for one in begin_slow_ones(fresh, Asker(), 5):  # more than are tried at once
        one.close()
    assert fresh.constraint(StructuredOutputsParams(regex="a")).mask()[ord("a")]
    fresh.close()


def test_who_leaves_takes_nothing_from_others_who_wait_for_the_same(fresh: Grammars) -> None:
    asked = StructuredOutputsParams(regex="a+")
    first, second = fresh.begin(asked), fresh.begin(asked)
    first.advance()
    made = second.advance()
    first.close()
    assert made is not None
    assert made.result(60).mask()[ord("a")]


def test_nothing_is_shared_between_salts(fresh: Grammars, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the compiled grammar nor that it was tried, so that no time tells what others have asked for."""
    tried: list[str] = []
    run = tryout._Tryout.run
    monkeypatch.setattr(
        tryout._Tryout, "run", lambda self, source, *rest: tried.append(source) or run(self, source, *rest)
    )
    asked = StructuredOutputsParams(regex="a+")
    first = fresh.constraint(asked, asker=Asker("one", salt="one"))
    second = fresh.constraint(asked, asker=Asker("two", salt="two"))
    assert second is not first
    assert len(tried) == 2
    assert fresh.constraint(asked, asker=Asker("three", salt="two")) is second
    assert len(tried) == 2


def test_the_place_of_the_keyword_is_told(grammars: Grammars) -> None:
    schema = {"type": "object", "properties": {"a/b": {"type": "array", "uniqueItems": True}}}
    assert "#/properties/a~1b" in refusal(grammars, json=schema)


def test_as_many_choices_as_promised(grammars: Grammars) -> None:
    first = grammars.constraint(StructuredOutputsParams(choice=[f"c{n}-{n * 7919 % 10007}" for n in range(4096)]))
    assert np.flatnonzero(first.mask()).tolist() == [ord("c")]


def test_numbers_that_no_machine_holds_are_refused(grammars: Grammars) -> None:
    assert "18446744073709551615" in refusal(grammars, json={"minimum": -(2**64) + 1, "type": "integer"})


def test_in_a_hurry_the_masks_are_the_same(fresh: Grammars) -> None:
    """Half of the preparation is made up for later, and what was compiled before then is compiled again."""
    asked = StructuredOutputsParams(json={"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]})
    fresh.hurry()
    hasty, kept = fresh.constraint(asked), fresh.constraint(asked)
    fresh.prepare()
    careful = fresh.constraint(asked)
    assert hasty is kept
    assert careful is not hasty
    assert careful is fresh.constraint(asked)
    for token in b'{"a": "some text':
        assert np.array_equal(hasty.mask(), careful.mask())
        assert hasty.mask()[token]
        assert not hasty.accept(token)
        assert not careful.accept(token)
