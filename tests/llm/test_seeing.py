"""A picture in a message changes the answer: from the data URL to the tokens, on a tiny random model that sees."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import mistral_common
import numpy as np
import pytest
from PIL import Image

import tiny_checkpoints as tiny
from quatre import LLM, SamplingParams
from quatre.errors import RequestError
from quatre.llm.outputs import RequestOutput
from tekken_files import v15_file

VISION = {
    "model_type": "pixtral",
    "hidden_act": "silu",
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "head_dim": 16,
    "image_size": 1540,
    "patch_size": 14,
}
VOCAB = 1400
GREEDY = SamplingParams(temperature=0, max_tokens=4, logprobs=0, ignore_eos=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mistral 4 with an image encoder and a short vocabulary of version 15."""
    path = tmp_path_factory.mktemp("sees")
    config = tiny.MISTRAL4 | {"vocab_size": VOCAB}
    tiny.write_hf(path, config, tiny.random_weights(config) | _encoder(config["hidden_size"]), spelling="bare")
    wrapper = {"model_type": "mistral3", "text_config": config, "vision_config": VISION, "spatial_merge_size": 2}
    wrapper |= {"tie_word_embeddings": False, "image_token_index": 10}
    (path / "config.json").write_text(json.dumps(wrapper))
    (path / "tekken.json").write_text(json.dumps(_vocabulary()))
    return path


def _encoder(dim: int) -> tiny.Weights:
    rng = np.random.default_rng(7)
    hidden, wide = VISION["hidden_size"], VISION["intermediate_size"]
    shapes: dict[str, tuple[int, ...]] = {"vision_tower.patch_conv.weight": (hidden, 3, 14, 14)}
    shapes["vision_tower.ln_pre.weight"] = (hidden,)
    for i in range(VISION["num_hidden_layers"]):
        layer = f"vision_tower.transformer.layers.{i}."
        shapes |= {f"{layer}attention.{name}_proj.weight": (hidden, hidden) for name in "qkvo"}
        shapes |= {f"{layer}feed_forward.{name}_proj.weight": (wide, hidden) for name in ("gate", "up")}
        shapes[f"{layer}feed_forward.down_proj.weight"] = (hidden, wide)
        shapes |= {f"{layer}{name}_norm.weight": (hidden,) for name in ("attention", "ffn")}
    projector = "multi_modal_projector."
    shapes[f"{projector}norm.weight"] = (hidden,)
    shapes[f"{projector}patch_merger.merging_layer.weight"] = (hidden, 4 * hidden)
    shapes |= {f"{projector}linear_1.weight": (dim, hidden), f"{projector}linear_2.weight": (dim, dim)}
    return {
        name: (rng.standard_normal(shape) * 2 / np.sqrt(np.prod(shape[1:])) + (len(shape) == 1)).astype(np.float32)
        for name, shape in shapes.items()
    }


def _vocabulary() -> dict[str, Any]:
    """The shipped one, cut to its first ranks."""
    shipped = json.loads((Path(mistral_common.__file__).parent / "data" / "tekken_240911.json").read_bytes())
    whole = v15_file(shipped)
    return whole | {"vocab": whole["vocab"][: VOCAB - 1000], "config": whole["config"] | {"default_vocab_size": VOCAB}}


@pytest.fixture(scope="module", params=["native", pytest.param("torch", marks=pytest.mark.torch)])
def llm(request: pytest.FixtureRequest, folder: Path) -> Any:
    with LLM(folder, backend=request.param, dtype="float32", max_model_len=1024, max_num_batched_tokens=50) as llm:
        yield llm


def picture(seed: int, size: tuple[int, int] = (84, 60)) -> dict[str, Any]:
    pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def ask(llm: LLM, *parts: dict[str, Any]) -> RequestOutput:
    content = [*parts, {"type": "text", "text": "a"}]
    (output,) = llm.chat([{"role": "user", "content": content}], GREEDY)
    return output


def scores(output: RequestOutput) -> list[float]:
    return [next(iter(choices.values())).logprob for choices in output.outputs[0].logprobs or []]


def test_answers_depend_on_the_picture(llm: LLM) -> None:
    one, other = ask(llm, picture(1)), ask(llm, picture(2))
    assert one.prompt_token_ids == other.prompt_token_ids
    assert one.prompt_token_ids.count(10) == 3 * 3
    assert scores(one) != scores(other)
    assert scores(ask(llm, picture(1), picture(2))) != scores(ask(llm, picture(2), picture(1)))


def test_the_same_picture_gives_the_same_answer_and_shares_its_pages(llm: LLM) -> None:
    first, again = ask(llm, picture(3, (280, 280))), ask(llm, picture(3, (280, 280)))
    assert scores(first) == scores(again) or llm.runtime.engine.model.ops.name == "torch"  # type: ignore[attr-defined]
    assert first.outputs[0].token_ids == again.outputs[0].token_ids
    assert again.usage.cached_tokens > 64


def test_native_and_torch_see_the_same(folder: Path) -> None:
    answers = []
    for backend in ("native", "torch"):
        with LLM(folder, backend=backend, dtype="float32", max_model_len=512) as llm:  # type: ignore[arg-type]
            answers.append(scores(ask(llm, picture(4))))
    np.testing.assert_allclose(answers[0], answers[1], atol=1e-3)


def test_a_damaged_picture_is_refused(llm: LLM) -> None:
    with pytest.raises(RequestError, match="damaged"):
        ask(llm, {"type": "image_url", "image_url": {"url": picture(1)["image_url"]["url"][:902]}})
