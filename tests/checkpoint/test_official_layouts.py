"""FP8 and NVFP4 checkpoints in the layouts that Mistral ships give the numbers that their formulas say."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

from official_checkpoints import (
    bf16,
    fp8,
    nvfp4,
    params,
    write_file,
    write_fp8_hf,
    write_fp8_native,
    write_nvfp4_hf,
    write_nvfp4_native,
)
from quatre.checkpoint import from_gguf
from quatre.checkpoint.convert import convert
from quatre.checkpoint.load import load, open_checkpoint
from quatre.checkpoint.safetensors import read_file
from quatre.checkpoint.scaled import with_scales
from quatre.checkpoint.survey import survey
from quatre.engine.config import EngineConfig
from quatre.engine.scoring import all_logits
from quatre.errors import CheckpointError, ConfigError
from quatre.formats.base import StoredTensor
from quatre.formats.floats import F32, f32_tensor
from quatre.ops.native_backend import NativeOps
from tiny_checkpoints import MISTRAL4, Weights, neutral, random_weights, transformers_model, write_gguf, write_hf

CONFIG = neutral(MISTRAL4)
IDS = np.random.default_rng(1).integers(0, CONFIG["vocab_size"], 300).tolist()

Writer = Callable[[Path, dict[str, Any], Weights], Weights]

LAYOUTS: dict[str, Writer] = {
    "fp8, Hugging Face": write_fp8_hf,
    "fp8 in blocks, Hugging Face": partial(write_fp8_hf, block=32),
    "fp8, native": write_fp8_native,
    "fp8 in blocks, native": partial(write_fp8_native, block=32),
    "nvfp4, native": write_nvfp4_native,
    "nvfp4, Hugging Face": write_nvfp4_hf,
}


def weights() -> Weights:
    """Random ones in which the two halves of fused matrices differ in size, so that their scales do."""
    drawn = random_weights(CONFIG)
    for name, array in drawn.items():
        if name.endswith("gate_up_proj"):
            array[:, array.shape[1] // 2 :] *= 1.7
    return drawn


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def checkpoint(layout: str, tmp_path: Path) -> tuple[Path, Weights]:
    return tmp_path, LAYOUTS[layout](tmp_path, CONFIG, weights())


def logits(path: Path, ops: Any) -> NDArray[np.float32]:
    return all_logits(load(path, ops).model, IDS, EngineConfig())


@pytest.mark.torch
def test_logits_are_those_of_the_dequantised_weights(checkpoint: tuple[Path, Weights], layout: str) -> None:
    import torch

    from quatre.ops.torch_backend import TorchOps

    path, meant = checkpoint
    with torch.no_grad():
        expected = transformers_model(CONFIG, meant)(torch.tensor(IDS)[None]).logits[0].numpy()
    np.testing.assert_allclose(logits(path, TorchOps()), expected, atol=1e-4, rtol=1e-4)
    # The kernels multiply e4m3 with bf16 and 4-bit weights with 8-bit activations. A token whose expert was chosen by
    # a hair may get another one, so this is about most tokens, not all.
    found = logits(path, NativeOps(threads=2))
    errors = np.linalg.norm(found - expected, axis=1) / np.linalg.norm(expected, axis=1)
    assert np.median(errors) < (0.02 if "fp8" in layout else 0.03)


def test_the_kernels_hold_exactly_these_numbers(checkpoint: tuple[Path, Weights], tmp_path: Path) -> None:
    path, meant = checkpoint
    plain = load(write_hf(tmp_path / "plain", CONFIG, meant), NativeOps(threads=1)).model
    ours = load(path, NativeOps(threads=1)).model
    for mine, theirs in zip(ours.layers, plain.layers, strict=True):  # type: ignore[attr-defined]
        pairs = [(mine.wo, theirs.wo), (mine.wq_a, theirs.wq_a), (mine.w_uk.panels, theirs.w_uk.panels)]
        for part in ("w1", "w3", "w2"):
            pairs.append((getattr(mine.experts, part), getattr(theirs.experts, part)))
        pairs += zip(mine.experts.shared, theirs.experts.shared, strict=True)
        for found, expected in pairs:
            np.testing.assert_allclose(numbers(found), numbers(expected), rtol=2e-7)


def test_a_gguf_holds_the_numbers_of_nvfp4_exactly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """llama.cpp's converter keeps the codes and both levels of scales, in an order of its own."""
    config = CONFIG | {"moe_intermediate_size": 64}
    drawn = random_weights(config)
    write_nvfp4_native(tmp_path / "native", config, drawn)
    path = write_gguf(tmp_path / "m.gguf", config, drawn, fmt="nvfp4")
    native, ours = (load(place, NativeOps(threads=1)).model for place in (tmp_path / "native", path))
    for mine, theirs in zip(ours.layers, native.layers, strict=True):  # type: ignore[attr-defined]
        for part in ("w1", "w3", "w2"):
            one, other = getattr(mine.experts, part), getattr(theirs.experts, part)
            assert len(one.panels) == len(other.panels)
            np.testing.assert_allclose(numbers(one), numbers(other), rtol=2e-7)
        for found, expected in zip(mine.experts.shared, theirs.experts.shared, strict=True):
            np.testing.assert_allclose(numbers(found), numbers(expected), rtol=2e-7)
    assert "no kernels" not in caplog.text
    parts = {part.name: part for part in survey(open_checkpoint(path))}
    assert parts["layers.0.experts.w1"].format == "nvfp4"
    assert parts["layers.0.experts.w1"].scales == "a scale per 16 columns and per matrix"


@pytest.mark.parametrize("scale", [np.ones(3, np.float32), np.zeros(6, np.float32), np.full(6, np.nan, np.float32)])
def test_factors_of_a_gguf_that_do_not_fit_are_refused(tmp_path: Path, scale: NDArray[np.float32]) -> None:
    tensors = {"w.weight": StoredTensor("w", F32, np.zeros((6, 4, 32), np.uint8)), "w.scale": f32_tensor("s", scale)}
    with pytest.raises(CheckpointError, match=r"expected one number per matrix|zero or no numbers"):
        from_gguf._with_factors(tensors)
    vector = {"w.weight": f32_tensor("w", np.ones(6, np.float32)), "w.scale": f32_tensor("s", scale[:1])}
    with pytest.raises(CheckpointError, match="expected one number per matrix"):
        from_gguf._with_factors(vector)


def numbers(matrix: Any) -> NDArray[np.float32]:
    out = np.empty((matrix.count, matrix.rows, matrix.cols), np.float32)
    matrix.decode(out)
    return out


def test_both_forms_have_the_same_shape_of_model(tmp_path: Path) -> None:
    write_fp8_hf(tmp_path / "hf", CONFIG, weights())
    write_fp8_native(tmp_path / "native", CONFIG, weights())
    hf, native = (open_checkpoint(tmp_path / name) for name in ("hf", "native"))
    assert native.config == hf.config
    assert (hf.source, native.source) == ("hf", "native")


def test_a_folder_with_both_forms_reads_one_and_says_which(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_fp8_hf(tmp_path, CONFIG, weights())
    write_fp8_native(tmp_path, CONFIG, weights())
    with caplog.at_level(logging.WARNING):  # what every command shows
        opened = open_checkpoint(tmp_path)
    assert opened.source == "native"
    said = [record.getMessage() for record in caplog.records if "twice" in record.getMessage()]
    native, hf = "params.json and consolidated*.safetensors", "config.json and model*.safetensors"
    assert said == [f"{tmp_path} holds the weights twice; reading {native}, without a need for {hf}"]
    caplog.clear()
    (tmp_path / "params.json").write_text('{"type": "of a model that only the other form can describe"}')
    assert open_checkpoint(tmp_path).source == "hf"
    assert f"{tmp_path} holds the weights twice; reading {hf}, without a need for {native}" in caplog.text


def pictures(path: Path, ops: Any) -> list[NDArray[np.float32]]:
    vision = load(path, ops).vision
    assert vision is not None
    rng = np.random.default_rng(0)
    return [np.asarray(x) for x in vision.embed([rng.standard_normal((3, *s)).astype(np.float32) for s in SIDES])]


SIDES = ((8, 16), (64, 40))


def test_both_forms_see_the_same(tmp_path: Path) -> None:
    """Their rotations pair different lanes, and their rows lie accordingly (model.md 5)."""
    write_fp8_hf(tmp_path / "hf", CONFIG, weights())
    write_fp8_native(tmp_path / "native", CONFIG, weights())
    ops = NativeOps(threads=2, cache_dtype="f32")
    hf, native = (pictures(tmp_path / form, ops) for form in ("hf", "native"))
    assert [len(vectors) for vectors in native] == [2, 40]
    for one, other in zip(hf, native, strict=True):
        np.testing.assert_allclose(one, other, atol=0.02 * np.abs(other).max())
        assert np.linalg.norm(one - other) < 0.01 * np.linalg.norm(other)


@pytest.mark.parametrize("write", [write_fp8_hf, write_fp8_native], ids=["hf", "native"])
def test_a_packed_model_sees_what_its_source_sees(tmp_path: Path, write: Writer) -> None:
    write(tmp_path / "source", CONFIG, weights())
    ops = NativeOps(threads=2)
    convert(tmp_path / "source", tmp_path / "target", ops, report=lambda written: None)
    for one, other in zip(pictures(tmp_path / "source", ops), pictures(tmp_path / "target", ops), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_encoder_that_cannot_be_read_is_left_out_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_nvfp4_native(tmp_path, CONFIG, weights())
    header = json.loads((tmp_path / "params.json").read_text())
    header["vision_encoder"]["mm_projector_id"] = "perceiver"
    (tmp_path / "params.json").write_text(json.dumps(header))
    assert load(tmp_path, NativeOps(threads=1)).vision is None
    (record,) = caplog.records
    assert "is left out, text only" in record.getMessage()
    assert "mm_projector_id = 'perceiver' is not supported" in record.getMessage()


# -- What does not fit ---------------------------------------------------------------------------------------------


def test_other_ways_of_quantising_are_refused(tmp_path: Path) -> None:
    write_fp8_hf(tmp_path, CONFIG, weights())
    config = json.loads((tmp_path / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "gptq", "bits": 4}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=r"is quantised .'gptq'.* read are fp8, compressed-tensors, modelopt"):
        open_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"moe": None}, ConfigError, "the key moe, which describes the experts, is missing"),
        ({"kv_lora_rank": None, "moe": {}}, CheckpointError, "describes no model that is supported"),
        ({"quantization": {"qformat_weight": "int8"}}, ConfigError, "qformat_weight = 'int8' is not supported"),
        ({"yarn": {"factor": 8, "original_max_position_embeddings": 256}}, ConfigError, "apply_scale = true"),
        ({"activation": "gelu"}, ConfigError, "activation = 'gelu' is not supported"),
    ],
)
def test_a_params_json_that_does_not_fit_says_what(tmp_path: Path, change: Any, error: Any, message: str) -> None:
    write_fp8_native(tmp_path, CONFIG, weights())
    (tmp_path / "params.json").write_text(json.dumps(params(CONFIG) | change))
    with pytest.raises(error, match=message):
        open_checkpoint(tmp_path)


def test_an_expert_that_is_missing_is_named(tmp_path: Path) -> None:
    write_fp8_native(tmp_path, CONFIG, weights())
    (tmp_path / "consolidated.safetensors.index.json").unlink()
    for file in tmp_path.glob("consolidated*.safetensors"):
        kept = {name: t.decode() for name, t in read_file(file).items() if ".experts.3.w1." not in name}
        write_file(file, {name: bf16(array) for name, array in kept.items()})
    with pytest.raises(CheckpointError, match=r"lacks the tensors layers\.0\.experts\.3\.w1\.weight"):
        load(tmp_path, NativeOps(threads=1))


def test_one_expert_of_another_shape_is_refused(tmp_path: Path) -> None:
    odd = np.ones((8, 8), np.float32)
    write_fp8_native(tmp_path, CONFIG, weights())
    file = tmp_path / "consolidated-00001-of-00002.safetensors"
    whole = {name: tensor.decode() for name, tensor in read_file(file).items()}
    name = next(n for n in whole if n.endswith("experts.3.w1.weight"))
    write_file(file, {n: bf16(odd if n == name else a) for n, a in whole.items()})
    with pytest.raises(CheckpointError, match=r"has shape \[6, 8, 8\], but the model header asks for"):
        load(tmp_path, NativeOps(threads=1))


def scaled(tmp_path: Path, **files: NDArray[Any]) -> Any:
    write_file(tmp_path / "x.safetensors", {name.replace("__", "."): array for name, array in files.items()})
    return with_scales(read_file(tmp_path / "x.safetensors"))


CODES, SCALE = fp8(np.random.default_rng(0).standard_normal((200, 300)).astype(np.float32))


@pytest.mark.parametrize(
    "scales",
    [np.ones((), np.float32), np.ones(1, np.float32), np.full((2, 3), 2, np.float32), np.full((200, 1), 3, np.float32)],
    ids=lambda s: str(s.shape),
)
def test_the_shape_of_scales_says_what_they_belong_to(tmp_path: Path, scales: NDArray[np.float32]) -> None:
    found = scaled(tmp_path, w__weight=CODES, w__weight_scale_inv=scales)["w.weight"]
    value = np.float32(scales.reshape(-1)[0])
    np.testing.assert_array_equal(found.decode(), CODES.astype(np.float32) * value)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"w__weight": CODES}, r"is stored in 8 bits, but its scale w\.weight_scale_inv is missing"),
        ({"w__weight": CODES, "w__weight_scale": np.ones(7, np.float32)}, "which is no scale per tensor, per row"),
        ({"w__weight": CODES, "w__weight_scale": np.full(1, np.nan, np.float32)}, "zero or no numbers"),
        ({"w__weight_packed": np.zeros((4, 8), np.uint8)}, r"stored in bytes, but w\.weight_scale is missing"),
        (
            {
                "w__weight_packed": np.zeros((4, 8), np.uint8),
                "w__weight_scale": np.zeros((4, 2), ml_dtypes.float8_e4m3fn),
                "w__weight_global_scale": np.ones(1, np.float32),
            },
            r"need f8_e4m3 \[4, 1\]",
        ),
        (
            {
                "w__weight_packed": np.zeros((4, 8), np.uint8),
                "w__weight_scale": np.zeros((4, 1), ml_dtypes.float8_e4m3fn),
                "w__weight_global_scale": np.zeros(1, np.float32),
            },
            "zero or no numbers",
        ),
    ],
)
def test_scales_that_do_not_fit_are_refused(tmp_path: Path, files: dict[str, Any], message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        scaled(tmp_path, **files)


def test_modelopt_gives_a_multiplier(tmp_path: Path) -> None:
    packed, scales, divisor, meant = nvfp4(np.random.default_rng(0).standard_normal((4, 32)).astype(np.float32))
    found = scaled(tmp_path, w__weight=packed, w__weight_scale=scales, w__weight_scale_2=1 / divisor)
    np.testing.assert_allclose(found["w.weight"].decode(), meant, rtol=2e-7)
