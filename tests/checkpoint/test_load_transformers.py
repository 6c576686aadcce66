"""What transformers saves, we load: names, types, shards and wrappers; the logits tell whether all of it is right."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from quatre.checkpoint.load import load
from quatre.engine.config import EngineConfig
from quatre.engine.scoring import all_logits
from quatre.formats.floats import BF16
from tiny_checkpoints import (
    LLAMA,
    MINISTRAL3,
    MISTRAL,
    MISTRAL4,
    neutral,
    random_weights,
    rounded,
    transformers_model,
    write_gguf,
    write_hf,
)

pytestmark = pytest.mark.torch

MODELS = {
    "llama": LLAMA,
    "tied llama": LLAMA | {"tie_word_embeddings": True},
    "mistral": MISTRAL,
    "ministral3": MINISTRAL3,
    "mistral4": neutral(MISTRAL4),
    "mistral4 with a dense layer": neutral(MISTRAL4) | {"first_k_dense_replace": 1, "n_shared_experts": 2},
}
LONG = 300  # beyond the original context of 256, where the position temperature starts
IDS = np.random.default_rng(1).integers(0, LLAMA["vocab_size"], LONG)


@pytest.fixture(autouse=True)
def quiet() -> None:
    logging.getLogger("transformers").setLevel(logging.ERROR)


def our_logits(path: Path) -> NDArray[np.float32]:
    from quatre.ops.torch_backend import TorchOps

    return all_logits(load(path, TorchOps()).model, IDS.tolist(), EngineConfig())


def their_logits(model: Any) -> NDArray[np.float32]:
    import torch

    with torch.no_grad():
        logits: NDArray[np.float32] = model(torch.from_numpy(IDS)[None]).logits[0].numpy()
    return logits


@pytest.mark.parametrize("config", MODELS.values(), ids=MODELS.keys())
@pytest.mark.parametrize("shard_size", ["5GB", "60KB"], ids=["whole", "sharded"])
def test_what_transformers_saves_gives_its_logits(tmp_path: Path, config: dict[str, Any], shard_size: str) -> None:
    model = transformers_model(config, random_weights(config))
    model.save_pretrained(tmp_path, max_shard_size=shard_size)
    assert (len(list(tmp_path.glob("*.safetensors"))) > 1) == (shard_size == "60KB")
    np.testing.assert_allclose(our_logits(tmp_path), their_logits(model), atol=1e-4)


@pytest.mark.parametrize("name", ["mistral", "mistral4"])
def test_bf16_folders_give_the_logits_of_the_rounded_weights(tmp_path: Path, name: str) -> None:
    import torch

    config, weights = MODELS[name], random_weights(MODELS[name])
    transformers_model(config, weights).to(torch.bfloat16).save_pretrained(tmp_path)
    expected = their_logits(transformers_model(config, rounded(weights, BF16)))
    np.testing.assert_allclose(our_logits(tmp_path), expected, atol=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_folders_by_hand_and_gguf_files_give_the_same_logits(tmp_path: Path, name: str) -> None:
    config, weights = MODELS[name], random_weights(MODELS[name])
    expected = their_logits(transformers_model(config, weights))
    folder = write_hf(tmp_path / "m", config, weights, spelling="published", shards=2)
    np.testing.assert_allclose(our_logits(folder), expected, atol=1e-4)
    # GGUF files cannot say "neutral" in these words: they say what the release says, and mean the plain scale.
    as_released = MISTRAL4 | {k: config[k] for k in config if k != "rope_parameters"} if "mistral4" in name else config
    path = write_gguf(tmp_path / "m.gguf", as_released, weights)
    np.testing.assert_allclose(our_logits(path), expected, atol=1e-4)


@pytest.mark.parametrize("original", [True, False], ids=["published names", "library names"])
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("name", ["mistral", "ministral3", "mistral4"])
def test_wrappers_for_images_give_their_logits_for_text(tmp_path: Path, name: str, tied: bool, original: bool) -> None:
    import torch
    import transformers

    vision = {"model_type": "pixtral", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1}
    vision |= {"num_attention_heads": 2, "head_dim": 8, "image_size": 28, "patch_size": 14}
    config = transformers.Mistral3Config(text_config=MODELS[name], vision_config=vision, tie_word_embeddings=tied)
    torch.manual_seed(0)
    model = transformers.Mistral3ForConditionalGeneration(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, parameter.shape[-1] ** -0.5)
    model.save_pretrained(tmp_path, save_original_format=original)
    np.testing.assert_allclose(our_logits(tmp_path), their_logits(model), atol=1e-4)
