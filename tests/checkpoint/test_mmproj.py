"""The image encoder in a GGUF file of its own: the same numbers as in other forms, found beside a model, or refused."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import official_checkpoints as official
import tiny_checkpoints as tiny
from gguf_files import write_mmproj
from quatre.checkpoint.convert import convert
from quatre.checkpoint.load import collect, load, open_checkpoint
from quatre.errors import CheckpointError, ConfigError
from quatre.formats.base import StoredTensor
from quatre.formats.registry import BY_NAME
from quatre.ops.interface import Array
from quatre.ops.native_backend import NativeOps
from quatre.ops.torch_backend import TorchOps

CONFIG = tiny.MISTRAL4
DIM: int = CONFIG["hidden_size"]
WEIGHTS = official.vision_weights(DIM)


def write_model(folder: Path) -> Path:
    return tiny.write_gguf(folder / "model.gguf", CONFIG, tiny.random_weights(CONFIG))


def mmproj(path: Path, fmt: str = "f32", weights: tiny.Weights = WEIGHTS, dim: int = DIM, **more: Any) -> Path:
    return write_mmproj(path, weights, official.VISION, dim, fmt, **more)


def pictures() -> list[Any]:
    rng = np.random.default_rng(3)
    return [rng.standard_normal((3, *sides)).astype(np.float32) for sides in ((16, 8), (24, 40))]


def seen(path: Path, ops: Any) -> list[Array]:
    vision = load(path, ops).vision
    assert vision is not None
    return [ops.to_numpy(vectors) for vectors in vision.embed(pictures())]


@pytest.mark.parametrize("backend", ["native", pytest.param("torch", marks=pytest.mark.torch)])
def test_it_sees_what_the_hugging_face_form_sees(tmp_path: Path, backend: str) -> None:
    """There, rows of queries and keys stand in another order, and lanes are turned in another."""
    ops: Any = NativeOps(threads=1, cache_dtype="f32") if backend == "native" else TorchOps("float32", "cpu", 1)
    write_model(tmp_path)
    mmproj(tmp_path / "mmproj.gguf")
    hf = tiny.write_hf(
        tmp_path / "hf", CONFIG, tiny.random_weights(CONFIG) | official.hf_vision(WEIGHTS), spelling="bare"
    )
    vision = official.VISION | {"model_type": "pixtral", "hidden_act": "silu"}
    outer = {"model_type": "mistral3", "tie_word_embeddings": False, "text_config": CONFIG, "vision_config": vision}
    (hf / "config.json").write_text(json.dumps(outer))
    for found, expected in zip(seen(tmp_path / "model.gguf", ops), seen(hf, ops), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5 * np.abs(expected).max())


@pytest.mark.parametrize("fmt", ["f32", "f16", "bf16", "q8_0", "q4_0", "q5_1"])
def test_every_number_of_every_type(tmp_path: Path, fmt: str) -> None:
    write_model(tmp_path)
    mmproj(tmp_path / "encoder.gguf", fmt)
    opened = open_checkpoint(tmp_path / "model.gguf")
    found = {row.native[0].name: t for row, t in collect(opened) if row.name.startswith("vision.")}
    assert found.keys() == WEIGHTS.keys()
    formats = set()
    for name, array in WEIGHTS.items():
        tensor = found[name]
        assert isinstance(tensor, StoredTensor)
        formats.add(tensor.format.name)
        encode, decode = BY_NAME[tensor.format.name].encode, BY_NAME[tensor.format.name].decode
        assert encode is not None
        expected = decode(encode(array)) if tensor.format.group <= array.shape[-1] else array
        assert np.array_equal(tensor.decode(), expected.reshape(tensor.shape)), name
    assert formats == {"f32", fmt}


def test_packed_together(tmp_path: Path) -> None:
    ops = NativeOps(threads=1)
    write_model(tmp_path)
    encoder = mmproj(tmp_path / "elsewhere.gguf", "bf16")
    mmproj(tmp_path / "another.gguf")  # so that it has to be named
    path = convert(tmp_path / "model.gguf", tmp_path / "packed", ops, mmproj=encoder, report=lambda _: None)
    encoder.rename(tmp_path / "beside.gguf")
    (tmp_path / "another.gguf").unlink()
    for found, expected in zip(seen(path, ops), seen(tmp_path / "model.gguf", ops), strict=True):
        assert np.array_equal(found, expected)


# -- Which one -----------------------------------------------------------------------------------------------------


def test_found_by_content_in_the_folder_of_the_model(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_model(tmp_path)
    mmproj(tmp_path / "aaa.gguf")
    with caplog.at_level(logging.INFO):
        for path in (tmp_path, tmp_path / "model.gguf"):
            assert open_checkpoint(path).vision is not None
    assert caplog.text.count("with the image encoder aaa.gguf") == 2


@pytest.mark.parametrize(
    ("folder", "sees"), [("Q4_0", True), ("m-Q4_0", True), ("m", False), ("0", False), ("other", False)]
)
def test_above_a_folder_of_one_quantisation(tmp_path: Path, folder: str, sees: bool) -> None:
    """What lies above another folder may be of another model."""
    write_model(tmp_path)
    (tmp_path / folder).mkdir()
    (tmp_path / "model.gguf").rename(tmp_path / folder / "m-Q4_0.gguf")
    mmproj(tmp_path / "mmproj.gguf")
    assert (open_checkpoint(tmp_path / folder / "m-Q4_0.gguf").vision is not None) is sees


def test_of_several_one_must_be_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_model(tmp_path)
    named = mmproj(tmp_path / "b.gguf")
    mmproj(tmp_path / "a.gguf", "f16")
    assert open_checkpoint(tmp_path).vision is None
    assert "name one of its image encoders with --mmproj: a.gguf, b.gguf" in caplog.text
    assert open_checkpoint(tmp_path, named).encoder == named


def test_one_that_does_not_fit_is_left_out_unless_it_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = write_model(tmp_path)
    other = mmproj(tmp_path / "other.gguf", weights=official.vision_weights(2 * DIM), dim=2 * DIM)
    assert open_checkpoint(model).vision is None
    assert f"made for a model of width {2 * DIM}, and this one has {DIM}" in caplog.text
    with pytest.raises(ConfigError, match="made for a model of width"):
        open_checkpoint(model, other)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"clip__projector_type": "gemma3"}, "of type 'gemma3' are not supported, only 'pixtral'"),
        ({"clip__projector_type": None, "clip__vision__projector_type": "lfm2"}, "'lfm2'"),
        ({"clip__projector_type": None}, "'unknown'"),
        ({"clip__use_gelu": True}, "clip.use_gelu = True"),
        ({"clip__vision__image_mean": [0.5, 0.5, 0.5]}, "image_mean of the image encoder is not that of Pixtral"),
        ({"clip__vision__image_std": [1.0]}, "a list of 3 numbers"),
        ({"clip__vision__spatial_merge_size": None}, "spatial_merge_size is missing"),
        ({"clip__vision__block_count": 3}, "v.blk.2"),
        ({"clip__vision__block_count": None}, "encodes no images"),
        ({"clip__vision__embedding_length": 64}, "has shape"),
    ],
)
def test_refused(tmp_path: Path, more: dict[str, Any], sentence: str) -> None:
    model = write_model(tmp_path)
    encoder = mmproj(tmp_path / "mmproj.gguf", **more)
    with pytest.raises((CheckpointError, ConfigError), match=sentence):
        collect(open_checkpoint(model, encoder))


def test_biases_are_refused(tmp_path: Path) -> None:
    model = write_model(tmp_path)
    wrong = {name: array for name, array in WEIGHTS.items() if name != "vision_encoder.ln_pre.weight"}
    with pytest.raises(CheckpointError, match=r"lacks or has too much: v\.pre_ln\.weight"):
        open_checkpoint(model, mmproj(tmp_path / "mmproj.gguf", weights=wrong))


def test_files_that_are_no_encoder(tmp_path: Path) -> None:
    model = write_model(tmp_path)
    encoder = mmproj(tmp_path / "mmproj.gguf")
    hf = tiny.write_hf(tmp_path / "hf", CONFIG, tiny.random_weights(CONFIG))
    with pytest.raises(CheckpointError, match="no image encoder but a model"):
        open_checkpoint(model, model)
    with pytest.raises(CheckpointError, match="not a GGUF file"):
        open_checkpoint(model, hf / "config.json")
    with pytest.raises(CheckpointError, match="not a GGUF file"):
        open_checkpoint(model, tmp_path / "nowhere.gguf")
    with pytest.raises(CheckpointError, match="only the image encoder of a model"):
        open_checkpoint(encoder)
    with pytest.raises(ConfigError, match="for models in GGUF files"):
        open_checkpoint(hf, encoder)


def test_a_damaged_one_beside_a_model_harms_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = write_model(tmp_path)
    encoder = mmproj(tmp_path / "mmproj.gguf")
    whole = encoder.read_bytes()
    encoder.write_bytes(whole[: len(whole) // 2])
    assert open_checkpoint(model).vision is None
    assert "cannot be used" in caplog.text
    encoder.write_bytes(whole[:40])
    assert open_checkpoint(model).vision is None
