"""Events → text: end tokens, stop strings, split characters, usage and failures."""

from __future__ import annotations

import pytest

from fakes import END, ByteTokenizer, logprobs_of
from quatre.chat.reply import Piece
from quatre.engine.request import Event, FinishReason, Request, SamplingParams
from quatre.errors import EngineError, OverloadedError
from quatre.llm.answer import Answer, Delta, output_of, usage_of


def answer_to(prompt: tuple[int, ...] = (1, 2), *, stop_ids=frozenset({END}), **params) -> tuple[Answer, list[str]]:
    """An answer and the ids that it asked to cancel."""
    cancelled: list[str] = []
    request = Request(id="r", prompt=prompt, params=SamplingParams(**params), stop_ids=stop_ids)
    return Answer(request, ByteTokenizer(), lambda: cancelled.append(request.id)), cancelled


def event(text: str = "", *, end: int | None = None, reason: FinishReason | None = None, scored: bool = False) -> Event:
    tokens = (*text.encode(), *([] if end is None else [end]))
    scores = tuple(logprobs_of(token, 1) for token in tokens) if scored else ()
    return Event(tokens=tokens, finish_reason=reason, logprobs=scores)


def test_text_comes_with_its_event_and_the_end_token_only_counts() -> None:
    answer, cancelled = answer_to()
    assert answer.push(event("Hel")) == Delta((Piece("content", "Hel"),), tuple(b"Hel"))
    last = answer.push(event("lo", end=END, reason=FinishReason.STOP))
    assert (last.text, last.tokens, last.finish_reason) == ("lo", (*b"lo", END), FinishReason.STOP)
    assert answer.text == "Hello"
    assert answer.token_ids == [*b"Hello", END]
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (2, 6, 8)
    assert answer.stop_reason is None
    assert cancelled == []


def test_end_token_that_spells_text_is_not_read() -> None:
    answer, _ = answer_to(stop_ids=frozenset({ord("!")}), stop_token_ids=[ord("!")])
    answer.push(event("Hi", end=ord("!"), reason=FinishReason.STOP))
    assert answer.text == "Hi"
    assert answer.stop_reason == ord("!")


def test_last_token_at_the_limit_is_read() -> None:
    answer, _ = answer_to()
    answer.push(event("Hi!", reason=FinishReason.LENGTH))
    assert answer.text == "Hi!"
    assert answer.finish_reason is FinishReason.LENGTH


def test_halves_of_a_character_wait_for_each_other() -> None:
    answer, _ = answer_to()
    first, second = "é".encode()
    assert answer.push(Event(tokens=(first,))).text == ""
    assert answer.push(Event(tokens=(second,))).text == "é"


def test_half_a_character_at_the_limit_is_shown_as_unknown() -> None:
    answer, _ = answer_to()
    first, _ = "é".encode()
    answer.push(Event(tokens=(ord("a"), first), finish_reason=FinishReason.LENGTH))
    assert answer.text == "a\ufffd"


def test_stop_string_across_events_ends_the_answer_before_it() -> None:
    answer, cancelled = answer_to(stop=["END"])
    assert answer.push(event("one E")).text == "one "
    last = answer.push(event("ND two", scored=True))
    assert (last.text, last.tokens, last.finish_reason) == ("", tuple(b"ND"), FinishReason.STOP)
    assert [entry.token for entry in last.logprobs] == list(b"ND")
    assert answer.stop_reason == "END"
    assert answer.usage.completion_tokens == len("one END")
    assert cancelled == ["r"]
    assert answer.push(event("late")) == Delta()
    assert answer.push(Event(finish_reason=FinishReason.CANCELLED)) == Delta()
    assert answer.text == "one "


def test_beginning_of_a_stop_string_that_did_not_come_is_text() -> None:
    answer, cancelled = answer_to(stop=["END"])
    answer.push(event("the EN"))
    answer.push(event("", end=END, reason=FinishReason.STOP))
    assert answer.text == "the EN"
    assert answer.stop_reason is None
    assert cancelled == []


def test_stop_string_in_the_last_event_needs_no_cancelling() -> None:
    answer, cancelled = answer_to(stop=["END"])
    answer.push(event("xEND", reason=FinishReason.LENGTH))
    assert (answer.text, answer.finish_reason, answer.stop_reason) == ("x", FinishReason.STOP, "END")
    assert cancelled == []


def test_failures_are_raised_once() -> None:
    answer, _ = answer_to()
    with pytest.raises(EngineError, match="it broke"):
        answer.push(Event(finish_reason=FinishReason.ERROR, error="it broke"))
    assert answer.finish_reason is FinishReason.ERROR
    stopped, _ = answer_to()
    with pytest.raises(OverloadedError, match="stopping"):
        stopped.push(Event(finish_reason=FinishReason.CANCELLED))


def test_cancelling_twice_or_after_the_end_asks_the_engine_once() -> None:
    answer, cancelled = answer_to()
    answer.push(event("Hi"))
    answer.cancel()
    answer.cancel()
    assert cancelled == ["r"]
    done, cancelled = answer_to()
    done.push(event("Hi", reason=FinishReason.LENGTH))
    done.cancel()
    assert cancelled == []


def test_without_tokenizer_there_are_ids_and_no_text() -> None:
    answer = Answer(Request(id="r", prompt=(1,), params=SamplingParams()), None, lambda: None)
    answer.push(event("Hi", reason=FinishReason.LENGTH))
    assert answer.token_ids == list(b"Hi")
    assert answer.text == ""


def test_output_has_vllms_form() -> None:
    answer, _ = answer_to(prompt=(97, 98), logprobs=1, prompt_logprobs=1)
    answer.push(
        Event(tokens=(ord("H"),), logprobs=(logprobs_of(ord("H"), 1),), prompt_logprobs=(None, logprobs_of(98, 1)))
    )
    answer.push(Event(tokens=(END,), logprobs=(logprobs_of(END, 1),), finish_reason=FinishReason.STOP))
    output = output_of([answer], "ab")
    (completion,) = output.outputs
    assert (output.request_id, output.prompt, output.prompt_token_ids) == ("r", "ab", [97, 98])
    assert (completion.text, completion.finish_reason, completion.index) == ("H", "stop", 0)
    assert completion.cumulative_logprob == -3.0
    assert completion.logprobs is not None
    chosen, likelier = completion.logprobs[0].items()
    assert (chosen[0], chosen[1].logprob, chosen[1].rank, chosen[1].decoded_token) == (ord("H"), -1.5, 2, "H")
    assert (likelier[0], likelier[1].rank) == (ord("G"), 1)
    assert output.prompt_logprobs is not None
    assert output.prompt_logprobs[0] is None
    assert output.prompt_logprobs[1][98].rank == 2


def test_no_stop_string_counts_before_min_tokens() -> None:
    answer, _ = answer_to(stop=["ab"], min_tokens=3)
    assert answer.push(event("ab")).text == "ab"
    assert answer.push(event("cab", reason=FinishReason.LENGTH)).text == "c"
    assert (answer.text, answer.stop_reason) == ("abc", "ab")


def test_the_stop_string_may_be_part_of_the_text() -> None:
    answer, _ = answer_to(stop=["END"], include_stop_str_in_output=True)
    assert answer.push(event("one END two")).text == "one END"


def test_several_answers_read_their_prompt_once() -> None:
    request = Request(id="r", prompt=(1, 2, 3), params=SamplingParams(n=2))
    answers = [Answer(request, ByteTokenizer(), lambda: None, index) for index in range(2)]
    answers[1].push(event("abc", reason=FinishReason.LENGTH))
    answers[0].push(event("x", reason=FinishReason.LENGTH))
    output = output_of(answers, None)
    assert [(each.index, each.text) for each in output.outputs] == [(0, "x"), (1, "abc")]
    assert (usage_of(answers).prompt_tokens, usage_of(answers).completion_tokens) == (3, 4)
    assert output.usage == usage_of(answers)
