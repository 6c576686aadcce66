"""The image encoder equals that of transformers, alone and in front of the decoder, on both back ends."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pytest
import torch
import transformers
from numpy.typing import NDArray
from odd_mistral4 import ODD

from quatre.checkpoint.load import LoadedModel, load
from quatre.model.pixtral import Pixels
from quatre.ops.interface import Batch
from quatre.ops.native_backend import NativeOps
from quatre.ops.torch_backend import TorchOps
from tiny_checkpoints import MINISTRAL3

pytestmark = pytest.mark.torch

TOLERANCE = 1e-4
IMAGE = 7  # the token that an image's vectors replace
VISION = {
    "hidden_size": 48,
    "intermediate_size": 80,
    "num_hidden_layers": 3,
    "num_attention_heads": 3,
    "head_dim": 16,
    "image_size": 64,
    "patch_size": 4,
    "hidden_act": "silu",
    "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
}
SIDES = ((16, 8), (64, 40), (16, 56))


@pytest.fixture(scope="module", params=["mistral4", "ministral3"])
def model(request: pytest.FixtureRequest) -> Any:
    text = ODD if request.param == "mistral4" else MINISTRAL3
    config = transformers.Mistral3Config(
        vision_config=transformers.PixtralVisionConfig(**deepcopy(VISION)),
        text_config=oracle.CLASSES[request.param][0](**{k: v for k, v in deepcopy(text).items() if k != "model_type"}),
        image_token_index=IMAGE,
        spatial_merge_size=2,
        tie_word_embeddings=False,
    )
    model = transformers.Mistral3ForConditionalGeneration(config).eval()
    return oracle.randomise(model)


@pytest.fixture(scope="module")
def folder(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images")
    model.save_pretrained(path)
    return path


@pytest.fixture(scope="module", params=["torch", "native"])
def loaded(request: pytest.FixtureRequest, folder: Path) -> LoadedModel:
    ops = TorchOps() if request.param == "torch" else NativeOps(threads=2, cache_dtype="f32")
    return load(folder, ops)


def images(seed: int = 0) -> list[Pixels]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((3, *sides)).astype(np.float32) for sides in SIDES]


@torch.no_grad()
def features(model: Any, pixels: Pixels) -> NDArray[np.float32]:
    """transformers' vectors of one image."""
    batch = torch.from_numpy(pixels)[None]
    found = model.model.get_image_features(pixel_values=batch, image_sizes=torch.tensor([pixels.shape[1:]]))
    vectors: NDArray[np.float32] = found.pooler_output[0].numpy()
    return vectors


def test_vectors(model: Any, loaded: LoadedModel) -> None:
    assert loaded.vision is not None
    for found, pixels in zip(loaded.vision.embed(images()), images(), strict=True):
        expected = features(model, pixels)
        np.testing.assert_allclose(loaded.model.ops.to_numpy(found), expected, rtol=0, atol=TOLERANCE)


def test_images_of_one_call_do_not_see_each_other(loaded: LoadedModel) -> None:
    assert loaded.vision is not None
    ops = loaded.model.ops
    together = loaded.vision.embed(images())
    for pixels, found in zip(images(), together, strict=True):
        (alone,) = loaded.vision.embed([pixels])
        if ops.name == "native":
            assert np.array_equal(alone.view(np.uint32), found.view(np.uint32))
        else:
            np.testing.assert_allclose(ops.to_numpy(alone), ops.to_numpy(found), atol=1e-5)


def test_logits_behind_an_image(model: Any, loaded: LoadedModel) -> None:
    """Text, an image of 8 · 5 vectors, text."""
    assert loaded.vision is not None
    pixels = images()[1]
    ids = [3, 5, *[IMAGE] * 40, 9, 11, 12]
    with torch.no_grad():
        expected = model(
            input_ids=torch.tensor([ids]),
            pixel_values=torch.from_numpy(pixels)[None],
            image_sizes=torch.tensor([pixels.shape[1:]]),
        ).logits[0]
    decoder = loaded.model
    (vectors,) = loaded.vision.embed([pixels])
    batch = Batch(
        ids=np.array(ids, np.int32),
        positions=np.arange(len(ids), dtype=np.int32),
        starts=np.array([0, len(ids)], np.int32),
        contexts=np.array([len(ids)], np.int32),
        page_tables=np.arange(2, dtype=np.int32)[None],
        page_size=32,
        absorbed=np.array([False]),
        vectors=((np.arange(2, 42, dtype=np.int32), vectors),),
    )
    logits = decoder.ops.to_numpy(decoder.logits(decoder.hidden(batch, decoder.new_cache(2, 32))))
    np.testing.assert_allclose(logits, expected.numpy(), rtol=0, atol=2 * TOLERANCE)


@pytest.mark.parametrize("shape", [(3, 12, 8), (1, 8, 8), (3, 0, 8)])
def test_sides_that_do_not_fit_are_refused(loaded: LoadedModel, shape: tuple[int, ...]) -> None:
    assert loaded.vision is not None
    with pytest.raises(ValueError, match=r"images are \[3, n · 8, m · 8\]"):
        loaded.vision.embed([np.zeros(shape, np.float32)])
