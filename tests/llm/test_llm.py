"""The Python API over canned answers."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import quatre
from fakes import BOS, END, THINK, VOCAB, FakeEngine, fake_runtime
from marked import FIRST, MARKS, MarkedEngine, MarkedTokenizer, tokens_of
from quatre import LLM, SamplingParams, StructuredOutputsParams
from quatre.errors import ConfigError, EngineError, OverloadedError, RequestError
from quatre.llm.progress import progress_bar
from quatre.llm.runtime import Runtime


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def llm(engine: FakeEngine) -> Iterator[LLM]:
    with fake_runtime(engine) as runtime:
        yield LLM.of(runtime)


def test_one_text(llm: LLM, engine: FakeEngine) -> None:
    (output,) = llm.generate("Say:")
    assert output.prompt == "Say:"
    assert output.prompt_token_ids == [BOS, *b"Say:"]
    assert output.outputs[0].text == "Hello, world"
    assert output.outputs[0].finish_reason == "stop"
    assert output.usage.completion_tokens == 13
    assert output.outputs[0].logprobs is None
    assert output.prompt_logprobs is None
    assert engine.requests[0].stop_ids == {END}


def test_many_prompts_of_either_kind_keep_their_order(llm: LLM) -> None:
    outputs = llm.generate(["a", [7, 8], np.array([9])], SamplingParams(max_tokens=2))
    assert [output.prompt_token_ids for output in outputs] == [[BOS, 97], [7, 8], [9]]
    assert [output.prompt for output in outputs] == ["a", None, None]
    assert [output.outputs[0].finish_reason for output in outputs] == ["length"] * 3
    assert llm.generate([]) == []
    assert len(llm.generate([5, 6])) == 1


def test_params_for_each_prompt(llm: LLM) -> None:
    outputs = llm.generate(["a", "b"], [SamplingParams(max_tokens=1), SamplingParams(max_tokens=5)])
    assert [output.outputs[0].text for output in outputs] == ["H", "Hello"]
    with pytest.raises(RequestError, match="1 sampling_params for 2 prompts"):
        llm.generate(["a", "b"], [SamplingParams()])


def test_more_prompts_than_the_engine_takes_at_once() -> None:
    engine = FakeEngine("ok", places=2)
    with fake_runtime(engine) as runtime:
        outputs = LLM.of(runtime).generate(["x"] * 7)
    assert [output.outputs[0].text for output in outputs] == ["ok"] * 7


def test_engine_that_takes_nothing_is_an_error() -> None:
    with fake_runtime(FakeEngine(places=0)) as runtime, pytest.raises(OverloadedError):
        LLM.of(runtime).generate("x")


def test_failure_of_one_prompt_cancels_the_others() -> None:
    engine = FakeEngine("Hi", gate=threading.Semaphore(0))
    with fake_runtime(engine) as runtime:
        with pytest.raises(RequestError, match="512"):
            LLM.of(runtime).generate(["a", "b" * 600])
        assert engine.cancelled == [engine.requests[0].id]
    with fake_runtime(FakeEngine("Hi", failure="it broke")) as runtime, pytest.raises(EngineError, match="it broke"):
        LLM.of(runtime).generate("a")


def test_chat_of_one_and_of_many(llm: LLM, engine: FakeEngine) -> None:
    hi = [{"role": "user", "content": "Hi"}]
    (output,) = llm.chat(hi, reasoning_effort="high")
    assert output.outputs[0].text == "Hello, world"
    assert engine.requests[0].prompt == (BOS, *b"user: Hi\n", THINK)
    outputs = llm.chat([hi, [{"role": "user", "content": "Bye"}]])
    assert [bytes(output.prompt_token_ids[1:]) for output in outputs] == [b"user: Hi\n", b"user: Bye\n"]


def test_stream_gives_pieces_then_the_output(llm: LLM) -> None:
    pieces = llm.stream("Say:", SamplingParams(stop=" w"))
    assert list(pieces) == ["H", "e", "l", "l", "o", ","]
    assert pieces.output.prompt == "Say:"
    assert pieces.output.outputs[0].text == "Hello,"
    assert pieces.output.outputs[0].stop_reason == " w"
    assert "".join(llm.stream_chat([{"role": "user", "content": "Hi"}])) == "Hello, world"


def test_leaving_a_stream_cancels_it() -> None:
    gate = threading.Semaphore(3)
    engine = FakeEngine(gate=gate)
    with fake_runtime(engine) as runtime:
        llm = LLM.of(runtime)
        with llm.stream("Say:") as pieces:
            assert next(pieces) == "H"
        assert engine.cancelled == [engine.requests[0].id]
        assert pieces.output.outputs[0].finish_reason == "cancelled"
        assert list(pieces) == []
        gate.release()
        for _ in llm.stream("again"):
            break
        engine.wait_for(cancelled=2)


def test_logits_and_ids_need_no_tokenizer() -> None:
    runtime = Runtime(FakeEngine(), None, end_ids=frozenset({END}), name="bare")
    with LLM.of(runtime) as llm:
        scores = llm.logits([3, 5])
        assert scores.shape == (2, VOCAB)
        assert scores.argmax(axis=1).tolist() == [3, 5]
        (output,) = llm.generate([1, 2])
        assert (output.outputs[0].text, output.outputs[0].token_ids[-1]) == ("", END)
        with pytest.raises(ConfigError, match="bare has no tokenizer"):
            llm.generate("text")
        with pytest.raises(ConfigError, match="bare has no tokenizer"):
            llm.chat([{"role": "user", "content": "Hi"}])
        with pytest.raises(RequestError, match="stop needs a tokenizer"):
            llm.generate([1], SamplingParams(stop="x"))


def test_close_stops_the_engine(engine: FakeEngine) -> None:
    with fake_runtime(engine) as runtime, LLM.of(runtime):
        assert not engine.closed
    assert engine.closed


def test_warm_up_makes_a_token_or_raises() -> None:
    engine = FakeEngine()
    with fake_runtime(engine) as runtime:
        runtime.warm_up()
    assert engine.requests[0].params.max_tokens == 1
    with fake_runtime(FakeEngine("", failure="no luck")) as runtime, pytest.raises(EngineError, match="no luck"):
        runtime.warm_up()


def test_ignoring_the_end_leaves_only_the_callers_stop_tokens(llm: LLM, engine: FakeEngine) -> None:
    llm.generate("x", SamplingParams(ignore_eos=True, stop_token_ids=[44]))
    assert engine.requests[0].stop_ids == {44}


def test_public_names() -> None:
    assert dir(quatre) == sorted(
        ["LLM", "AsyncLLM", "QuatreError", "SamplingParams", "StructuredOutputsParams", "__version__"]
    )
    assert issubclass(ConfigError, quatre.QuatreError)
    with pytest.raises(AttributeError, match="has no attribute 'LMM'; it has LLM"):
        _ = quatre.LMM


@pytest.mark.parametrize("code", ["import quatre", "from quatre import LLM, SamplingParams, QuatreError, __version__"])
def test_importing_does_not_load_pytorch_or_a_server(code: str) -> None:
    heavy = "{'torch', 'transformers', 'fastapi', 'uvicorn'}"
    check = f"{code}; import sys; found = {heavy} & set(sys.modules); assert not found, found"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_import_alone_loads_nothing() -> None:
    check = "import sys, quatre; print([name for name in sys.modules if name.startswith(('quatre.', 'numpy'))])"
    done = subprocess.run([sys.executable, "-c", check], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_several_answers_to_each_prompt(llm: LLM) -> None:
    outputs = llm.generate(["a", "b"], SamplingParams(n=3, max_tokens=2))
    assert [[(answer.index, answer.text) for answer in output.outputs] for output in outputs] == [
        [(0, "He"), (1, "He"), (2, "He")]
    ] * 2
    assert [(output.usage.prompt_tokens, output.usage.completion_tokens) for output in outputs] == [(2, 6)] * 2


def test_a_stream_has_one_answer(llm: LLM) -> None:
    with pytest.raises(RequestError, match="one stream has one answer"):
        llm.stream("a", SamplingParams(n=2))


def test_a_form_is_compiled_for_the_request(llm: LLM, engine: FakeEngine) -> None:
    llm.generate("a", SamplingParams(structured_outputs=StructuredOutputsParams(choice=["Hello"])))
    constraint = engine.requests[0].constraint
    assert constraint is not None
    assert np.flatnonzero(constraint.mask()).tolist() == [ord("H")]


def test_bad_words_are_spelt_with_and_without_a_space(llm: LLM, engine: FakeEngine) -> None:
    llm.generate("a", SamplingParams(bad_words=["no"]))
    assert engine.requests[0].bad_tokens == (tuple(b"no"), tuple(b" no"))


@pytest.mark.parametrize(
    "params", [{"logit_bias": {VOCAB: 1}}, {"allowed_token_ids": [3, VOCAB]}, {"stop_token_ids": [VOCAB]}]
)
def test_tokens_outside_the_vocabulary_are_refused(llm: LLM, params) -> None:
    with pytest.raises(RequestError, match=f"vocabulary ends at {VOCAB - 1}") as caught:
        llm.generate("a", SamplingParams(**params))
    assert caught.value.param in params


def test_a_form_needs_a_tokenizer(engine: FakeEngine) -> None:
    runtime = Runtime(engine, None, name="bare")
    with LLM.of(runtime) as llm, pytest.raises(RequestError, match="need a tokenizer with an end token"):
        llm.generate([1], SamplingParams(structured_outputs=StructuredOutputsParams(choice=["Hello"])))


def test_the_bar_counts_answers_on_a_terminal_only(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("answers", 2) as advance:
        advance(5)
    assert capsys.readouterr() == ("", "")


def test_every_finished_answer_is_counted_once(llm: LLM, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []

    @contextmanager
    def bar(what: str, total: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
        assert (total, shown) == (6, True)
        yield counted.append

    monkeypatch.setattr("quatre.llm.llm.progress_bar", bar)
    llm.generate(["a", "b"], SamplingParams(n=3, max_tokens=4))
    assert counted == [4] * 6


CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": CITY}}
ASKED = [{"role": "user", "content": "Is it raining in Oslo?"}]


def test_tools_are_offered_and_their_calls_are_read() -> None:
    engine = MarkedEngine()
    engine.say('[THINK]ask[/THINK]Let me see.[TOOL_CALLS]weather[ARGS]{"city": "Oslo"}')
    with fake_runtime(engine, MarkedTokenizer()) as runtime:
        llm = LLM.of(runtime)
        (whole,) = llm.chat(ASKED, tools=[WEATHER], reasoning_effort="high")
        said = whole.outputs[0]
        assert engine.prompt().startswith("tools: 1\neffort: high\n")
        assert (said.reasoning, said.text) == ("ask", "Let me see.")
        assert [(call.name, call.arguments) for call in said.tool_calls] == [("weather", '{"city": "Oslo"}')]
        assert engine.requests[-1].constraint is not None
        with llm.stream_chat(ASKED, tools=[WEATHER]) as pieces:
            assert "".join(pieces) == "Let me see."
            assert pieces.output.outputs[0].tool_calls[0].arguments == '{"city": "Oslo"}'
        call = {"id": "aaaaaaaaa", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
        history = [*ASKED, {"role": "assistant", "tool_calls": [call]}]
        llm.chat([*history, {"role": "tool", "tool_call_id": "aaaaaaaaa", "content": "yes"}], tools=[WEATHER])
        assert "tool: yes" in engine.prompt()


def test_without_tools_nothing_is_called() -> None:
    engine = MarkedEngine()
    engine.say("[TOOL_CALLS]weather[ARGS]{}")
    with fake_runtime(engine, MarkedTokenizer()) as runtime:
        llm = LLM.of(runtime)
        for more in ({}, {"tools": [WEATHER], "tool_choice": "none"}):
            (whole,) = llm.chat(ASKED, **more)
            assert whole.outputs[0].tool_calls == []
            assert engine.requests[-1].bad_tokens == ((FIRST + MARKS.index("[TOOL_CALLS]"),),)
        with pytest.raises(RequestError, match="tool_choice names 'other'"):
            llm.chat(ASKED, tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "other"}})
        with pytest.raises(RequestError, match="min_tokens cannot be combined with tools"):
            llm.chat(ASKED, SamplingParams(min_tokens=3), tools=[WEATHER])


def fits(constraint: Any, text: str) -> bool:
    """Whether an answer may have these tokens, one after the other."""
    for token in tokens_of(text):
        if not constraint.mask()[token]:
            return False
        constraint.accept(token)
    return True


def test_what_rules_an_answer_lets_the_model_think_before() -> None:
    """A schema for the content, or a choice of the tool, and neither forbids reasoning where the effort asks for it."""
    with fake_runtime(engine := MarkedEngine(), MarkedTokenizer()) as runtime:
        engine.say("{}")
        llm = LLM.of(runtime)
        schema = SamplingParams(structured_outputs=StructuredOutputsParams(json=CITY))
        for effort, thinks in (("high", True), (None, False)):
            llm.chat(ASKED, schema, reasoning_effort=effort)
            assert fits(engine.requests[-1].constraint, '[THINK]hm[/THINK]{"city"') is thinks
        llm.chat(ASKED, schema)
        assert fits(engine.requests[-1].constraint, '{"city": "Oslo"}')
        llm.chat(ASKED, schema, tools=[WEATHER], tool_choice="required")
        assert not fits(engine.requests[-1].constraint, '{"city"')
        llm.chat(ASKED, schema, tools=[WEATHER], tool_choice="required")
        assert fits(engine.requests[-1].constraint, '[TOOL_CALLS]weather[ARGS]{"city": "Oslo"}')


def test_what_is_thought_is_not_part_of_the_text() -> None:
    engine = MarkedEngine()
    engine.say("[THINK]add [/THINK]4")
    with fake_runtime(engine, MarkedTokenizer()) as runtime:
        llm = LLM.of(runtime)
        (whole,) = llm.chat([{"role": "user", "content": "2+2?"}], reasoning_effort="high")
        assert (whole.outputs[0].reasoning, whole.outputs[0].text) == ("add", "4")
        with llm.stream_chat([{"role": "user", "content": "2+2?"}]) as pieces:
            assert [(piece.kind, piece.text) for piece in pieces.pieces()] == [
                *(("reasoning", letter) for letter in "add"),
                ("content", "4"),
            ]
            assert pieces.output.outputs[0].text == "4"
        with llm.stream_chat([{"role": "user", "content": "2+2?"}]) as pieces:
            assert "".join(pieces) == "4"
