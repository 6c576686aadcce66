"""Images in requests: where their vectors stand, who waits for them, and which prompts share their pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from queue import SimpleQueue

import numpy as np
import pytest
from numpy.typing import NDArray
from test_engine import PAGE, CountingModel

from quatre.engine.config import EngineConfig
from quatre.engine.engine import Engine
from quatre.engine.prefix import PrefixKeys
from quatre.engine.request import Event, FinishReason, Image, Request, SamplingParams
from quatre.errors import RequestError

MARK = 9  # the token that stands where an image is


class FakeEncoder:
    """As many vectors as the image is wide; each is the image's first pixel and its own place."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.seen: list[float] = []

    def embed(self, images: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        assert self.gate.wait(10)
        results = []
        for pixels in images:
            if np.isnan(pixels).any():
                raise ValueError("it is not a picture")
            self.seen.append(float(pixels[0, 0, 0]))
            width = pixels.shape[2]
            results.append(np.stack((np.full(width, pixels[0, 0, 0]), np.arange(width)), -1).astype(np.float32))
        return results


@pytest.fixture
def model() -> CountingModel:
    return CountingModel()


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def engine(model: CountingModel, encoder: FakeEncoder) -> Iterator[Engine]:
    config = EngineConfig(max_num_batched_tokens=5, max_num_seqs=3, page_size=PAGE, kv_cache_memory=4 * 64 * 3)
    engine = Engine(model, config, encoder)
    yield engine
    model.gate.set()
    encoder.gate.set()
    engine.close()


def picture(value: float, width: int, first: int) -> Image:
    return Image(np.full((1, 1, width), value, np.float32), np.arange(first, first + width, dtype=np.int32))


def ask(engine: Engine, name: str, prompt: list[int], *images: Image, **more: object) -> SimpleQueue[Event]:
    events: SimpleQueue[Event] = SimpleQueue()
    params = SamplingParams(temperature=0, max_tokens=2)
    engine.submit(Request(id=name, prompt=prompt, params=params, images=images, **more), events.put)  # type: ignore[arg-type]
    return events


def end(events: SimpleQueue[Event]) -> list[Event]:
    seen = [events.get(timeout=10)]
    while seen[-1].finish_reason is None:
        seen.append(events.get(timeout=10))
    return seen


def test_vectors_stand_where_the_image_does_however_the_prompt_is_cut(engine: Engine, model: CountingModel) -> None:
    prompt = [1, 2, 3, *[MARK] * 6, 4, *[MARK] * 2, 5]
    end(ask(engine, "r", prompt, picture(0.5, 6, 3), picture(0.25, 2, 10)))
    found = {}
    for batch in model.steps:
        for rows, vectors in batch.vectors:
            for row, vector in zip(rows, vectors, strict=True):
                found[int(batch.positions[row])] = vector.tolist()
    expected = {3 + k: [0.5, k] for k in range(6)} | {10 + k: [0.25, k] for k in range(2)}
    assert found == expected


def test_the_same_image_is_encoded_once(engine: Engine, encoder: FakeEncoder) -> None:
    for name in "ab":
        end(ask(engine, name, [1, MARK, MARK, 2], picture(0.5, 2, 1)))
    end(ask(engine, "c", [1, MARK, MARK, 2], picture(0.75, 2, 1)))
    assert encoder.seen == [0.5, 0.75]
    engine.close()
    assert (engine.statistics.image_queries, engine.statistics.image_hits) == (3, 1)


def test_who_has_another_salt_cannot_tell_that_an_image_is_known(engine: Engine, encoder: FakeEncoder) -> None:
    for name, salt in zip("abcd", ("", "ann", "ann", "ben"), strict=True):
        end(ask(engine, name, [1, MARK, MARK, 2], picture(0.5, 2, 1), cache_salt=salt))
    assert encoder.seen == [0.5] * 3


def test_prompts_share_pages_only_with_the_same_image(engine: Engine) -> None:
    def cached(name: str, value: float, first: int) -> int | None:
        prompt = [1] * first + [MARK] * 6 + [1] * (6 - first) + [2]
        return end(ask(engine, name, prompt, picture(value, 6, first)))[0].cached_tokens

    assert [cached("a", 0.5, 2), cached("b", 0.5, 2)] == [0, 12]
    assert cached("c", 0.25, 2) == 0
    assert cached("d", 0.5, 6) == 4 - 4


def test_answers_go_on_while_an_image_is_encoded(engine: Engine, encoder: FakeEncoder) -> None:
    encoder.gate.clear()
    slow = ask(engine, "slow", [1, MARK, 2], picture(0.5, 1, 1))
    assert end(ask(engine, "text", [1, 2, 3]))[-1].finish_reason is FinishReason.LENGTH
    encoder.gate.set()
    assert end(slow)[-1].finish_reason is FinishReason.LENGTH


@pytest.mark.parametrize("how", ["cancelled", "timeout"])
def test_a_request_may_end_before_its_image_is_encoded(engine: Engine, encoder: FakeEncoder, how: str) -> None:
    encoder.gate.clear()
    events = ask(engine, "r", [1, MARK, 2], picture(0.5, 1, 1), timeout=0.05 if how == "timeout" else None)
    if how == "cancelled":
        engine.cancel("r")
    assert [event.finish_reason for event in end(events)] == [FinishReason(how)]
    encoder.gate.set()
    assert end(ask(engine, "r", [1, MARK, 2], picture(0.5, 1, 1)))[-1].finish_reason is FinishReason.LENGTH


def test_an_image_that_cannot_be_encoded_fails_alone(engine: Engine) -> None:
    bad = ask(engine, "bad", [1, MARK, 2], picture(float("nan"), 1, 1))
    short = ask(engine, "short", [1, MARK, 2], Image(np.ones((1, 1, 3), np.float32), np.array([1], np.int32)))
    for events, words in ((bad, "not a picture"), (short, "3 vectors, but the prompt has 1 places")):
        (event,) = end(events)
        assert event.finish_reason is FinishReason.ERROR
        assert event.error is not None
        assert words in event.error
    assert end(ask(engine, "good", [1, 2]))[-1].finish_reason is FinishReason.LENGTH


def test_a_text_model_refuses_images(model: CountingModel) -> None:
    engine = Engine(model, EngineConfig(page_size=PAGE, kv_cache_memory=4 * 64))
    try:
        with pytest.raises(RequestError, match="reads text only"):
            ask(engine, "r", [1, MARK, 2], picture(0.5, 1, 1))
    finally:
        engine.close()


def test_keys_name_the_part_of_the_image_that_a_page_holds() -> None:
    def keys(digest: bytes, places: list[int]) -> list[bytes]:
        return PrefixKeys(4, "", [(digest, places)]).upto([MARK] * 12, 12)

    text = PrefixKeys(4).upto([MARK] * 12, 12)
    one = keys(b"one", [4, 5, 6])
    assert one[0] == text[0]
    assert one[1] != text[1]
    assert keys(b"two", [4, 5, 6])[1] != one[1]
    assert keys(b"one", [3, 4, 5])[1] != one[1]
