"""From a path to a model: every spelling gives the same weights, and what cannot be loaded says why."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from quatre.checkpoint.load import LoadedModel, load, open_checkpoint
from quatre.errors import CheckpointError, ConfigError, QuatreError
from quatre.formats.base import StoredTensor
from quatre.formats.floats import BF16, F16, F32
from tiny_checkpoints import (
    LLAMA,
    MINISTRAL3,
    MISTRAL,
    MISTRAL4,
    SPELLINGS,
    random_weights,
    rounded,
    write_gguf,
    write_hf,
    write_safetensors,
)

CONFIGS = {"llama": LLAMA, "mistral": MISTRAL, "ministral3": MINISTRAL3, "mistral4": MISTRAL4}
VARIANTS = CONFIGS | {
    "tied": LLAMA | {"tie_word_embeddings": True},
    "leading dense layer": MISTRAL4 | {"first_k_dense_replace": 1, "n_shared_experts": 2},
    "no query latent": MISTRAL4 | {"q_lora_rank": None, "n_shared_experts": 0},
}


class KeepingOps:
    """A back end that keeps stored tensors as they are, with the method that was asked to prepare them."""

    name = "keeping"

    def __init__(self) -> None:
        self.seen: list[tuple[str, StoredTensor]] = []

    def __getattr__(self, method: str) -> Any:
        def prepare(tensor: StoredTensor) -> StoredTensor:
            self.seen.append((method, tensor))
            return tensor

        if method in ("vector", "matrix", "head_matrix", "table"):
            return prepare
        raise AttributeError(method)

    def cache_bytes(self, width: int) -> int:
        return 2 * width


def loaded(path: Path) -> tuple[LoadedModel, dict[str, tuple[str, NDArray[np.float32]]]]:
    """The model, and for each of its tensors how it was prepared and its numbers, in order of the family's table."""
    ops = KeepingOps()
    model = load(path, ops)  # type: ignore[arg-type]
    rows = [row for row in open_checkpoint(path).family.table(model.config) if not row.optional]
    assert len(rows) == len(ops.seen)
    return model, {row.name: (how, t.decode()) for row, (how, t) in zip(rows, ops.seen, strict=True)}


def same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return a.keys() == b.keys() and all(a[k][0] == b[k][0] and np.array_equal(a[k][1], b[k][1]) for k in a)


# -- Hugging Face folders ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_spelling_gives_the_same_weights(tmp_path: Path, config: dict[str, Any]) -> None:
    weights = random_weights(config)
    model, expected = loaded(write_hf(tmp_path / "one", config, weights))
    for spelling in SPELLINGS:
        for shards in (1, 3):
            folder = write_hf(tmp_path / f"{spelling}{shards}", config, weights, spelling=spelling, shards=shards)
            other, got = loaded(folder)
            assert same(got, expected), (spelling, shards)
            assert other.config == model.config


@pytest.mark.parametrize("fmt", [F32, BF16, F16], ids=lambda fmt: fmt.name)
def test_weights_arrive_as_they_are_stored(tmp_path: Path, fmt: Any) -> None:
    weights = random_weights(LLAMA)
    model, got = loaded(write_hf(tmp_path / "m", LLAMA, weights, fmt=fmt))
    stored = rounded(weights, fmt)
    assert got["tok_embeddings"][0] == "table"
    assert got["norm"][0] == "vector"
    np.testing.assert_array_equal(got["tok_embeddings"][1], stored["embed_tokens.weight"])
    np.testing.assert_array_equal(got["output"][1], stored["/lm_head.weight"])
    np.testing.assert_array_equal(got["layers.1.attention.wk"][1], stored["layers.1.self_attn.k_proj.weight"])
    np.testing.assert_array_equal(got["layers.0.feed_forward.w3"][1], stored["layers.0.mlp.up_proj.weight"])
    assert model.nbytes == sum(array.size for array in weights.values()) * fmt.group_bytes


def test_latent_attention_and_experts_are_cut_out_of_their_tensors(tmp_path: Path) -> None:
    weights = random_weights(MISTRAL4)
    model, got = loaded(write_hf(tmp_path / "m", MISTRAL4, weights))
    kv_b = weights["layers.1.self_attn.kv_b_proj.weight"].reshape(4, 32 + 32, 32)
    gate_up = weights["layers.1.mlp.experts.gate_up_proj"]
    for name, how, array in (
        ("attention.w_uk", "head_matrix", kv_b[:, :32]),
        ("attention.w_uv", "head_matrix", kv_b[:, 32:]),
        ("experts.w1", "matrix", gate_up[:, :32]),
        ("experts.w3", "matrix", gate_up[:, 32:]),
        ("experts.w2", "matrix", weights["layers.1.mlp.experts.down_proj"]),
        ("gate", "matrix", weights["layers.1.mlp.gate.weight"]),
    ):
        assert got[f"layers.1.{name}"][0] == how, name
        np.testing.assert_array_equal(got[f"layers.1.{name}"][1], array, name)
    assert model.nbytes == 4 * sum(array.size for array in weights.values())


def test_a_tied_head_is_the_embedding_prepared_as_a_matrix(tmp_path: Path) -> None:
    config = LLAMA | {"tie_word_embeddings": True}
    weights = random_weights(config)
    model, got = loaded(write_hf(tmp_path / "m", config, weights))
    assert got["output"][0] == "matrix"
    np.testing.assert_array_equal(got["output"][1], weights["embed_tokens.weight"])
    assert model.nbytes == 4 * sum(array.size for array in weights.values())


@pytest.mark.parametrize(
    ("outer", "inner", "tied"),
    [(True, False, True), (False, True, False), (None, True, True), (None, False, False), (None, None, True)],
)
def test_the_wrapper_decides_whether_the_head_is_tied(
    tmp_path: Path, outer: bool | None, inner: bool | None, tied: bool
) -> None:
    """transformers does so: a text_config that says "not tied" may stand in a wrapper that ties."""
    folder = write_hf(tmp_path / "m", MISTRAL, random_weights(MISTRAL), spelling="published")
    config = json.loads((folder / "config.json").read_text())
    for part, value in ((config, outer), (config["text_config"], inner)):
        part.pop("tie_word_embeddings", None)
        if value is not None:
            part["tie_word_embeddings"] = value
    (folder / "config.json").write_text(json.dumps(config))
    assert open_checkpoint(folder).config.tied_embeddings is tied


def test_a_text_config_without_a_type_is_a_mistral(tmp_path: Path) -> None:
    folder = write_hf(tmp_path / "m", MISTRAL, random_weights(MISTRAL), spelling="published")
    config = json.loads((folder / "config.json").read_text())
    del config["text_config"]["model_type"]
    (folder / "config.json").write_text(json.dumps(config))
    assert loaded(folder)[0].family == "dense"


@pytest.mark.parametrize(
    ("generation", "config", "ids"),
    [
        ({"eos_token_id": [2, 7]}, 5, {2, 7}),
        ({"eos_token_id": 3}, 5, {3}),
        ({}, [5, 6], {5, 6}),
        (None, 5, {5}),
        (None, None, set()),
        ({"eos_token_id": [True, "2", -1, 4]}, None, {4}),
    ],
)
def test_end_tokens_come_from_the_headers(tmp_path: Path, generation: Any, config: Any, ids: set[int]) -> None:
    folder = write_hf(tmp_path / "m", LLAMA | {"eos_token_id": config}, random_weights(LLAMA))
    (folder / "generation_config.json").unlink()
    if generation is not None:
        (folder / "generation_config.json").write_text(json.dumps(generation))
    assert loaded(folder)[0].end_ids == ids


def test_an_image_encoder_is_left_out_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for spelling in ("library", "published"):
        folder = write_hf(tmp_path / spelling, MISTRAL4, random_weights(MISTRAL4), spelling=spelling, images=True)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            loaded(folder)
        (message,) = [record.getMessage() for record in caplog.records]
        assert message.startswith(f"{folder}: the image encoder (2 tensors) is left out, text only: ")
        assert message.endswith("the key hidden_size is missing")


def test_old_frequency_buffers_are_harmless(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    weights = random_weights(LLAMA) | {"layers.0.self_attn.rotary_emb.inv_freq": np.ones(16, np.float32)}
    with caplog.at_level(logging.WARNING):
        loaded(write_hf(tmp_path / "m", LLAMA, weights))
    assert not caplog.records


# -- GGUF files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fused", [False, True], ids=["split", "fused"])
@pytest.mark.parametrize("name", ["mistral4", "leading dense layer", "no query latent"])
def test_a_gguf_holds_the_weights_of_the_folder_it_was_made_from(tmp_path: Path, name: str, fused: bool) -> None:
    config = VARIANTS[name]
    weights = random_weights(config)
    hf, expected = loaded(write_hf(tmp_path / "m", config, weights))
    model, got = loaded(write_gguf(tmp_path / "m.gguf", config, weights, fused_experts=fused))
    assert same(got, expected)
    assert model.nbytes == hf.nbytes
    assert (model.source, model.family, model.end_ids) == ("gguf", "mistral4", {2})
    assert model.gguf_metadata is not None
    assert model.gguf_metadata["general.architecture"] == "mistral4"
    np.testing.assert_allclose(model.config.rope.magnitude, hf.config.rope.magnitude, rtol=1e-6)
    assert model.config.rope.temperature_beta == hf.config.rope.temperature_beta


@pytest.mark.parametrize("name", ["llama", "mistral", "ministral3", "tied"])
def test_a_dense_gguf_holds_the_same_weights_in_interleaved_rows(tmp_path: Path, name: str) -> None:
    config = VARIANTS[name]
    weights = random_weights(config)
    hf, expected = loaded(write_hf(tmp_path / "m", config, weights))
    model, got = loaded(write_gguf(tmp_path / "m.gguf", config, weights))
    turned = {row for row in got if row.endswith((".wq", ".wk"))}
    assert same({k: v for k, v in got.items() if k not in turned}, {k: expected[k] for k in expected.keys() - turned})
    for row in turned:  # lanes (i, i + 16) of each head of 32 became (2i, 2i + 1)
        by_head = got[row][1].reshape(-1, 16, 2, 64).swapaxes(1, 2).reshape(-1, 64)
        np.testing.assert_array_equal(by_head, expected[row][1], row)
    assert (model.config.rope_interleaved, hf.config.rope_interleaved) == (True, False)
    np.testing.assert_allclose(model.config.rope.frequencies(32), hf.config.rope.frequencies(32), rtol=1e-6)


@pytest.mark.parametrize(
    "fmt",
    [
        *("bf16", "f16", "q8_0", "q5_0", "q5_1", "q4_0", "q4_1", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k"),
        *("iq4_nl", "iq4_xs", "nvfp4", "mxfp4", "tq1_0", "tq2_0"),
        *("iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq3_xxs", "iq3_s"),
    ],
)
def test_quantised_weights_are_those_that_the_gguf_package_reads(tmp_path: Path, fmt: str) -> None:
    config = MISTRAL4 | {"hidden_size": 256, "q_lora_rank": 256, "moe_intermediate_size": 256}
    path = write_gguf(tmp_path / "m.gguf", config, random_weights(config), fmt=fmt)
    _, got = loaded(path)
    theirs = {t.name: t for t in gguf.GGUFReader(path).tensors}
    for row, name in (
        ("layers.0.experts.w1", "blk.0.ffn_gate_exps.weight"),
        ("layers.1.experts.w2", "blk.1.ffn_down_exps.weight"),
        ("layers.1.attention.wq_b", "blk.1.attn_q_b.weight"),
        ("layers.0.gate", "blk.0.ffn_gate_inp.weight"),
        ("tok_embeddings", "token_embd.weight"),
        ("output", "output.weight"),
    ):
        tensor = theirs[name]
        assert (tensor.tensor_type.name.lower() == fmt) == (row != "layers.0.gate")
        expected = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        if (scale := theirs.get(name.replace(".weight", ".scale"))) is not None:
            expected = expected * scale.data.reshape(-1, *(1,) * (expected.ndim - 1))
        np.testing.assert_array_equal(got[row][1], expected, row)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_every_key_that_converters_write_is_known(
    tmp_path: Path, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        open_checkpoint(write_gguf(tmp_path / "m.gguf", config, random_weights(config)))
        open_checkpoint(write_hf(tmp_path / "m", config, random_weights(config)))
    assert "ignoring unknown key" not in caplog.text


def test_unknown_keys_of_the_architecture_are_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    extra = {"llama.novelty": 0.5, "general.novelty": 0.5}
    path = write_gguf(tmp_path / "m.gguf", LLAMA, random_weights(LLAMA), extra=extra)
    with caplog.at_level(logging.WARNING):
        open_checkpoint(path)
    assert [r.getMessage() for r in caplog.records] == [f"{path}: ignoring unknown key 'llama.novelty' = 0.5"]


# -- What a path may be --------------------------------------------------------------------------------------------


def test_a_folder_with_one_gguf_is_that_gguf(tmp_path: Path) -> None:
    write_gguf(tmp_path / "weights.bin", LLAMA, random_weights(LLAMA))  # by content, not by name
    (tmp_path / "README.md").write_text("GGU")
    (tmp_path / "config.json").write_text("{}")  # often stands beside it
    model, _ = loaded(tmp_path)
    assert model.path == tmp_path / "weights.bin"
    assert model.source == "gguf"


def test_of_several_forms_one_is_read_and_that_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = write_hf(tmp_path, LLAMA, random_weights(LLAMA), shards=2)
    write_gguf(folder / "m.gguf", LLAMA, random_weights(LLAMA))
    hf = "config.json and model*.safetensors"
    assert open_checkpoint(folder).source == "hf"
    assert caplog.messages == [f"{folder} holds the weights twice; reading {hf}, without a need for m.gguf"]
    caplog.clear()
    write_gguf(folder / "n.gguf", LLAMA, random_weights(LLAMA))
    assert open_checkpoint(folder).source == "hf"
    assert caplog.messages == [f"{folder} holds the weights 3 times; reading {hf}, without a need for m.gguf, n.gguf"]
    (folder / "n.gguf").unlink()
    caplog.clear()
    next(folder.glob("model-00002*")).unlink()
    assert open_checkpoint(folder).source == "gguf"
    (said,) = caplog.messages
    assert said.startswith(f"{folder} holds the weights twice; reading m.gguf, because {folder} lacks model-00002-of-")
    (folder / "m.gguf").write_bytes(b"GGUF")
    with pytest.raises(CheckpointError, match="lacks model-00002-of-00002"):  # what one would have read first
        open_checkpoint(folder)


def _pointer(folder: Path, name: str) -> None:
    (folder / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4999899904\n")


@pytest.mark.parametrize("name", ["m.gguf", "model.safetensors"])
def test_what_git_leaves_in_the_place_of_a_file_is_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps(LLAMA))
    _pointer(tmp_path, name)
    with pytest.raises(CheckpointError, match=rf"{name} is only a pointer of Git LFS; fetch the file itself with git"):
        open_checkpoint(tmp_path)


def test_a_pointer_of_git_for_a_header(tmp_path: Path) -> None:
    write_hf(tmp_path, LLAMA, random_weights(LLAMA))
    _pointer(tmp_path, "config.json")
    with pytest.raises(CheckpointError, match=r"config\.json is only a pointer of Git LFS"):
        open_checkpoint(tmp_path)


def test_a_pointer_of_git_by_its_own_name(tmp_path: Path) -> None:
    _pointer(tmp_path, "m.gguf")
    with pytest.raises(CheckpointError, match=r"m\.gguf is only a pointer of Git LFS"):
        open_checkpoint(tmp_path / "m.gguf")


def _two_gguf(folder: Path) -> None:
    for name in ("a.gguf", "b.gguf"):
        write_gguf(folder / name, LLAMA, random_weights(LLAMA))


def _without_config(folder: Path) -> None:
    write_safetensors(folder / "model.safetensors", {"a": np.zeros(4, np.float32)})


def _native(folder: Path) -> None:
    (folder / "params.json").write_text("{}")
    write_safetensors(folder / "consolidated-00001.safetensors", {"a": np.zeros(4, np.float32)})


def _pickled(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(LLAMA))
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02")


FOLDERS = {
    "empty": (Path.exists, "holds no checkpoint; give a GGUF file, or a folder with config.json"),
    "two GGUF files": (_two_gguf, r"holds 2 GGUF files; name one of them: a\.gguf, b\.gguf"),
    "no config": (_without_config, r"holds safetensors but no config\.json"),
    "native form": (_native, r"params\.json describes no model that is supported"),
    "pickled": (_pickled, "holds pickled weights, which are never read; convert them to safetensors"),
    "no weights": (lambda folder: (folder / "config.json").write_text("{}"), r"holds a config\.json but no weights"),
}


@pytest.mark.parametrize(("fill", "message"), FOLDERS.values(), ids=FOLDERS.keys())
def test_a_folder_without_a_readable_checkpoint_says_why(tmp_path: Path, fill: Any, message: str) -> None:
    fill(tmp_path)
    with pytest.raises(CheckpointError, match=message):
        open_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model.pt", "is a pickle, which is never read"),
        ("model.safetensors", "is one file of a checkpoint; give the folder"),
        ("model.gguf", "is not a GGUF file"),
        ("absent", "does not exist; give a GGUF file"),
        ("x" * 300, "cannot be read: File name too long"),
    ],
)
def test_a_path_that_is_no_checkpoint_says_why(tmp_path: Path, name: str, message: str) -> None:
    if name.startswith("model"):
        (tmp_path / name).write_bytes(b"PK\3\4")
    with pytest.raises(CheckpointError, match=message):
        open_checkpoint(tmp_path / name)


# -- Headers and tensors that do not fit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"model_type": "gemma3"}, CheckpointError, r"config\.json: models of type 'gemma3' .* llama, ministral3, mis"),
        ({"model_type": None}, CheckpointError, "models of type 'None' are not supported"),
        ({"model_type": ["llama"]}, CheckpointError, "are not supported"),
        ({"model_type": "mistral3"}, CheckpointError, "text_config, which should describe the decoder, is not"),
        ({"quantization_config": {"quant_method": "awq"}}, CheckpointError, "is quantised .'awq'.* cannot be read"),
        ({"hidden_act": "gelu"}, ConfigError, "hidden_act = 'gelu' is not supported, only 'silu'"),
        ({"hidden_size": "64"}, ConfigError, "hidden_size = '64' is wrong, expected a whole number"),
        ({"hidden_size": 65}, QuatreError, "tensor .* shape .* the header and the weights do not belong together"),
        ({"num_hidden_layers": 2**31 - 1}, CheckpointError, r"lacks the tensors model\.layers\.2\..* and more"),
        ({"num_hidden_layers": 1}, CheckpointError, r"has the tensors model\.layers\.1\..* and more, which this model"),
    ],
)
def test_a_header_that_does_not_fit_says_what(tmp_path: Path, change: Any, error: type, message: str) -> None:
    folder = write_hf(tmp_path / "m", LLAMA, random_weights(LLAMA))
    (folder / "config.json").write_text(json.dumps(LLAMA | change))
    with pytest.raises(error, match=message):
        loaded(folder)


def test_missing_tensors_are_named(tmp_path: Path) -> None:
    weights = random_weights(LLAMA)
    del weights["layers.1.mlp.up_proj.weight"], weights["norm.weight"]
    folder = write_hf(tmp_path / "m", LLAMA, weights, spelling="library")
    with pytest.raises(CheckpointError) as error:
        loaded(folder)
    names = "model.language_model.layers.1.mlp.up_proj.weight, model.language_model.norm.weight"
    assert f"{folder} lacks the tensors {names}; the download is incomplete" in str(error.value)


def test_a_missing_head_that_is_not_tied_is_missed(tmp_path: Path) -> None:
    weights = random_weights(LLAMA)
    del weights["/lm_head.weight"]
    with pytest.raises(CheckpointError, match=r"lacks the tensors lm_head\.weight;"):
        loaded(write_hf(tmp_path / "m", LLAMA, weights))


def test_a_folder_that_is_no_language_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no tensor embed_tokens\.weight under any known prefix"):
        loaded(write_hf(tmp_path / "m", LLAMA, {"encoder.weight": np.zeros((2, 2), np.float32)}))


def test_unknown_architectures_of_gguf_list_the_known_ones(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "x.gguf", "gemma3")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(CheckpointError, match=r"models of type 'gemma3' .* supported are llama, mistral3, mistral4"):
        open_checkpoint(tmp_path / "x.gguf")
