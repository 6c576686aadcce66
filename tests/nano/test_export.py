"""What training writes is an official FP8 checkpoint, and computes what training computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from quatre import LLM
from quatre.checkpoint import convert
from quatre.checkpoint.load import load
from quatre.formats.codebook4 import IQ4_NL
from quatre.model.mistral4 import Mistral4
from quatre.model.pixtral import Pixtral
from quatre.ops.native_backend import NativeOps
from recipes.nano import parameters, vocabulary
from recipes.nano.export import export
from recipes.nano.parameters import Rounding
from recipes.nano.shape import PARAMS
from recipes.nano.training_ops import TrainingOps, packed_batch

IDS = np.array([1, 36, 37, 3, *range(100, 140), 4], np.int32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights, exported."""
    trained = tmp_path_factory.mktemp("trained")
    vocabulary.write(trained)
    weights = {name: weight.detach() for name, weight in parameters.fresh(PARAMS, seed=3).items()}
    save_file(weights, trained / "weights.safetensors")
    export(trained, trained / "nano")
    return trained / "nano"


def trained_weights() -> dict[str, torch.Tensor]:
    weights = {name: weight.detach() for name, weight in parameters.fresh(PARAMS, seed=3).items()}
    return parameters.rounded(weights, list(parameters.rows(PARAMS)), Rounding.STORED)


@pytest.mark.torch
def test_the_native_back_end_computes_what_training_computed(folder: Path) -> None:
    config, _ = parameters.configs(PARAMS)
    model = Mistral4(config, trained_weights(), TrainingOps(torch.float32))
    batch = packed_batch(IDS, np.arange(len(IDS), dtype=np.int32), np.array([0, len(IDS)], np.int32))
    expected = model.logits(model.hidden(batch, model.new_cache(0, 1))).detach().numpy()[: len(IDS)]
    with LLM(folder) as llm:
        logits = llm.logits(IDS.tolist())
    assert np.abs(logits - expected).max() < 0.03 * np.abs(expected).max()  # 8-bit mantissas in the cache and inputs


@pytest.mark.torch
def test_four_bits_in_training_are_about_those_that_users_get() -> None:
    table = list(parameters.rows(PARAMS))
    fresh = {name: weight.detach() for name, weight in parameters.fresh(PARAMS, seed=3).items()}
    coded = parameters.rounded(fresh, table, Rounding.CODED)
    stored = trained_weights()
    for row in table:
        exact, mine = stored[row.name].numpy(), coded[row.name].numpy()
        if not convert._is_projection(row):
            assert np.array_equal(mine, exact)
            continue
        assert IQ4_NL.encode is not None
        theirs = IQ4_NL.decode(IQ4_NL.encode(exact.reshape(-1, exact.shape[-1]))).reshape(exact.shape)
        errors = [np.linalg.norm(one - exact) / np.linalg.norm(exact) for one in (mine, theirs)]
        assert 0.05 < errors[1] <= errors[0] < 0.12
        assert len(np.unique(mine.reshape(-1, 32)[0].round(6))) <= 16


@pytest.mark.torch
def test_sequences_side_by_side_do_not_see_each_other() -> None:
    config, _ = parameters.configs(PARAMS)
    model = Mistral4(config, trained_weights(), TrainingOps(torch.float32))
    both = np.concatenate((IDS[::-1], IDS)).astype(np.int32)
    positions = np.tile(np.arange(len(IDS), dtype=np.int32), 2)
    starts = np.array([0, len(IDS), 2 * len(IDS)], np.int32)
    alone = model.hidden(packed_batch(IDS, positions[: len(IDS)], starts[:2]), model.new_cache(0, 1))
    beside = model.hidden(packed_batch(both, positions, starts), model.new_cache(0, 1))
    torch.testing.assert_close(beside[len(IDS) : 2 * len(IDS)], alone[: len(IDS)], rtol=1e-4, atol=1e-5)


@pytest.mark.torch
def test_rounded_products_are_nearly_the_same() -> None:
    config, _ = parameters.configs(PARAMS)
    batch = packed_batch(IDS, np.arange(len(IDS), dtype=np.int32), np.array([0, len(IDS)], np.int32))
    logits = []
    for kind in (torch.float32, torch.bfloat16):
        model = Mistral4(config, trained_weights(), TrainingOps(kind))
        logits.append(model.logits(model.hidden(batch, model.new_cache(0, 1)))[: len(IDS)])
    assert logits[1].dtype == torch.float32
    assert not torch.equal(*logits)
    assert (logits[0] - logits[1]).abs().max() < 0.03 * logits[0].abs().max()


@pytest.mark.torch
def test_images_are_encoded_alike(folder: Path) -> None:
    _, vision = parameters.configs(PARAMS)
    pixels = np.random.default_rng(5).standard_normal((3, 56, 84)).astype(np.float32)
    [expected] = Pixtral(vision, trained_weights(), TrainingOps()).embed([pixels])
    eye = load(folder, NativeOps()).vision
    assert eye is not None
    [vectors] = eye.embed([pixels])
    assert np.abs(np.asarray(vectors) - expected.detach().numpy()).max() < 0.02 * expected.abs().max().item()


def test_names_and_types_are_those_of_the_release(folder: Path) -> None:
    from safetensors import safe_open

    with safe_open(folder / "consolidated.safetensors", "np") as file:
        kinds = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
    assert kinds["layers.0.experts.15.w2.weight"] == "F8_E4M3"
    assert kinds["layers.0.experts.15.w2.qscale_weight"] == "BF16"
    assert kinds["layers.3.attention.wkv_b.weight"] == "F8_E4M3"
    assert kinds["layers.3.gate.weight"] == kinds["output.weight"] == "BF16"
    assert kinds["vision_encoder.transformer.layers.0.attention.wq.weight"] == "BF16"
