"""Pictures over HTTP: a random Mistral 4 with its image encoder, in the official FP8 layout, on the CPU kernels."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import mistral_common
import numpy as np
import openai
import pytest
from PIL import Image
from real_server import quatre_serve

from official_checkpoints import VISION, write_fp8_native
from tekken_files import saved, v15_file
from tiny_checkpoints import MISTRAL4, random_weights

VOCAB = 1400


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    folder = tmp_path_factory.mktemp("pictures") / "tiny"
    config = MISTRAL4 | {"vocab_size": VOCAB}
    write_fp8_native(folder, config, random_weights(config))
    whole = v15_file(json.loads((Path(mistral_common.__file__).parent / "data" / "tekken_240911.json").read_bytes()))
    image = {"image_patch_size": VISION["patch_size"], "max_image_size": 64, "spatial_merge_size": 2}
    short = {"vocab": whole["vocab"][: VOCAB - 1000], "config": whole["config"] | {"default_vocab_size": VOCAB}}
    saved(folder, whole | short | {"image": image})
    with (
        quatre_serve(folder, folder.parent / "log", "--max-model-len", "1024", "--backend", "native") as (url, _),
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=60) as client,
    ):
        yield client


def picture(seed: int, size: tuple[int, int] = (64, 40)) -> dict[str, Any]:
    """8 columns and 5 rows of vectors, unless said otherwise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def answer(client: openai.OpenAI, messages: list[dict[str, Any]]) -> tuple[list[float], Any]:
    """Log-probabilities of the first tokens, and the usage."""
    asked: dict[str, Any] = {"model": "tiny", "messages": messages, "max_tokens": 3, "temperature": 0, "logprobs": True}
    found = client.chat.completions.create(**asked, extra_body={"ignore_eos": True})
    logprobs = found.choices[0].logprobs
    assert logprobs is not None
    return [token.logprob for token in logprobs.content or []], found.usage


def ask(client: openai.OpenAI, *parts: dict[str, Any]) -> tuple[list[float], Any]:
    return answer(client, [{"role": "user", "content": [*parts, {"type": "text", "text": "a"}]}])


def test_several_pictures_in_their_order(client: openai.OpenAI) -> None:
    none, one, two = ask(client), ask(client, picture(1)), ask(client, picture(1), picture(2, (64, 24)))
    assert one[1].prompt_tokens - none[1].prompt_tokens == 9 * 5
    assert two[1].prompt_tokens - one[1].prompt_tokens == 9 * 3
    assert ask(client, picture(2, (64, 24)), picture(1))[0] != two[0]
    assert ask(client, picture(3))[0] != one[0]


def test_the_same_picture_again(client: openai.OpenAI) -> None:
    first, again = ask(client, picture(4, (64, 64))), ask(client, picture(4, (64, 64)))
    assert first[0] == again[0]
    assert again[1].prompt_tokens_details.cached_tokens >= 64


def test_a_picture_in_the_result_of_a_tool(client: openai.OpenAI) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}

    def seen(seed: int) -> list[float]:
        told = {"role": "tool", "tool_call_id": "call_1", "content": [picture(seed), {"type": "text", "text": "b"}]}
        return answer(
            client,
            [{"role": "user", "content": "a"}, {"role": "assistant", "content": None, "tool_calls": [call]}, told],
        )[0]

    assert seen(5) == seen(5)
    assert seen(5) != seen(6)


def test_what_is_no_picture_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="not fetched"):
        ask(client, {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}})
