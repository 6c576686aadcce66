"""``quatre inspect``, ``quatre plan`` and ``quatre convert``, as one runs them."""

from __future__ import annotations

import shutil
from pathlib import Path

import mistral_common
import numpy as np
import pytest
from typer.testing import CliRunner

from official_checkpoints import write_fp8_hf, write_nvfp4_native
from quatre.chat.tekken_file import TABLES
from quatre.checkpoint.load import collect, load, open_checkpoint, prepare
from quatre.checkpoint.packed import PACKED
from quatre.checkpoint.survey import survey, touched_bytes
from quatre.cli.commands import app
from quatre.cli.plan import make_plan
from quatre.cli.sizes import count, size
from quatre.errors import CheckpointError, ConfigError
from quatre.ops.native_backend import NativeOps
from tiny_checkpoints import LLAMA, MISTRAL4, random_weights, write_gguf, write_hf


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_inspect_shows_formats_shapes_and_scales(tmp_path: Path) -> None:
    write_nvfp4_native(tmp_path, MISTRAL4, random_weights(MISTRAL4))
    output = run("inspect", tmp_path)
    assert "mistral4, Mistral's own form" in output
    assert "layers 0 to 1, alike" in output
    assert output.count("experts.w1") == 2  # routed and shared, of one layer
    assert "experts.w2  nvfp4 [6, 64, 32]  6 tensors, a scale per 16 columns and per matrix" in output
    assert "tok_embeddings  bf16 [96, 64]" in output


def test_layers_that_differ_stand_apart(tmp_path: Path) -> None:
    config = MISTRAL4 | {"first_k_dense_replace": 1, "num_hidden_layers": 3}
    output = run("inspect", write_hf(tmp_path / "m", config, random_weights(config)))
    assert "layer 0  " in output
    assert "layers 1 to 2, alike" in output


def test_the_image_encoders_layers_stand_together_too(tmp_path: Path) -> None:
    write_nvfp4_native(tmp_path, MISTRAL4, random_weights(MISTRAL4))
    output = run("inspect", tmp_path)
    assert "vision layers 0 to 1, alike, each with" in output
    assert output.count("attention.wk  bf16") == 1
    assert "vision.w_out" in output
    assert output.index("layers 0 to 1, alike") < output.index("output  bf16") < output.index("vision layers 0")


def test_inspect_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        run("inspect", tmp_path / "absent")
    write_hf(tmp_path / "m", LLAMA, random_weights(LLAMA))
    with pytest.raises(ConfigError, match="has no checksums"):
        run("inspect", tmp_path / "m", "--check")


def test_convert_then_inspect_and_check(tmp_path: Path) -> None:
    write_fp8_hf(tmp_path / "source", MISTRAL4, random_weights(MISTRAL4))
    output = run("convert", tmp_path / "source", tmp_path / "target", "--quant", "q8_0")
    assert "layers.0.experts.w1  q8_0  relative error 0.00" in output
    assert "tensors rounded to q8_0" in output
    assert "every checksum is right" in run("inspect", tmp_path / "target", "--check")
    data = bytearray((tmp_path / "target" / PACKED).read_bytes())
    data[-4096] ^= 1  # in the last tensor
    (tmp_path / "target" / PACKED).write_bytes(data)
    with pytest.raises(CheckpointError, match=r"the checksum of vision\.w_out is wrong"):
        run("inspect", tmp_path / "target" / PACKED, "--check")


def test_convert_writes_tables_of_the_tokenizer(tmp_path: Path) -> None:
    shipped = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
    source = write_hf(tmp_path / "source", MISTRAL4, random_weights(MISTRAL4))
    shutil.copyfile(shipped, source / "tekken.json")
    run("convert", source, tmp_path / "target")
    assert (tmp_path / "target" / "tekken.json").read_bytes() == shipped.read_bytes()
    assert (tmp_path / "target" / TABLES).exists()
    (source / "tekken.json").write_text("{")
    run("convert", source, tmp_path / "other")
    assert (tmp_path / "other" / PACKED).exists()
    assert not (tmp_path / "other" / TABLES).exists()


def test_the_plan_counts_what_the_model_counts(tmp_path: Path) -> None:
    weights = random_weights(MISTRAL4)
    path = write_hf(tmp_path / "m", MISTRAL4, weights)
    ops = NativeOps(threads=1)
    plan = make_plan(open_checkpoint(path), ops)
    loaded = load(path, ops)
    assert plan.parameters == sum(array.size for array in weights.values())
    assert plan.weights == loaded.nbytes == sum(array.nbytes for array in weights.values())
    assert plan.cache_per_token == loaded.model.cache_bytes_per_token
    assert plan.max_positions == loaded.model.max_positions
    experts = sum(array.nbytes for name, array in weights.items() if ".experts." in name)
    padding = plan.memory - plan.weights  # of the last panel of a matrix to 16 rows
    assert plan.touched == plan.memory - weights["embed_tokens.weight"].nbytes - experts * 4 // 6
    routers = [array for name, array in weights.items() if name.endswith("gate.weight")]
    assert padding == sum(10 * 4 * array.shape[1] for array in routers)
    assert plan.bandwidth > 1e8
    assert plan.rate(1000) < plan.rate() == plan.bandwidth / plan.touched


@pytest.mark.parametrize("fmt", ["f16", "q3_k", "q2_k", "q4_k", "iq2_s", "iq3_xxs"])
def test_the_plan_knows_what_the_kernels_hold(tmp_path: Path, fmt: str, caplog: pytest.LogCaptureFixture) -> None:
    """f16 becomes f32, 3 bits lie in 4; others take what they take in the file."""
    config = LLAMA | {"hidden_size": 256, "intermediate_size": 512, "tie_word_embeddings": True}
    opened = open_checkpoint(write_gguf(tmp_path / "m.gguf", config, random_weights(config), fmt=fmt))
    ops = NativeOps(threads=1)
    plan = make_plan(opened, ops)
    held = prepare(collect(opened), ops).values()
    assert plan.memory == sum(int(getattr(weight, "panels", getattr(weight, "data", weight)).nbytes) for weight in held)
    assert plan.memory > plan.weights
    assert plan.decoded == ()
    assert plan.cache == int((plan.free - plan.memory) * 0.25)
    load(opened, ops, free=plan.memory - 1)
    assert "there are no kernels" not in caplog.text
    assert "GB are free; packed by quatre convert they need not fit" in caplog.text
    caplog.clear()
    load(opened, ops, free=plan.memory)
    assert "are free" not in caplog.text


def test_the_plan_names_what_has_no_kernels(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Rows of 48 numbers are whole groups of NVFP4, but not of its kernels."""
    config = MISTRAL4 | {"moe_intermediate_size": 48}
    write_nvfp4_native(tmp_path, config, random_weights(config))
    opened, ops = open_checkpoint(tmp_path), NativeOps(threads=1)
    assert make_plan(opened, ops).decoded == ("nvfp4",)
    load(opened, ops)
    assert "there are no kernels for nvfp4" in caplog.text


def test_a_tied_head_is_read_but_counted_once(tmp_path: Path) -> None:
    config = LLAMA | {"tie_word_embeddings": True}
    weights = random_weights(config)
    parts = survey(open_checkpoint(write_hf(tmp_path / "m", config, weights)))
    total = sum(array.nbytes for array in weights.values())
    assert sum(part.nbytes for part in parts) == total == touched_bytes(parts, 0, 0)
    assert sum(part.parameters for part in parts) == sum(array.size for array in weights.values())
    run("convert", tmp_path / "m", tmp_path / "packed")  # where the head is stored by itself
    packed = survey(open_checkpoint(tmp_path / "packed"))
    assert sum(part.parameters for part in packed) == sum(array.size for array in weights.values())
    run("convert", write_gguf(tmp_path / "tied.gguf", config, weights), tmp_path / "packed-gguf")
    packed = survey(open_checkpoint(tmp_path / "packed-gguf"))
    assert sum(part.parameters for part in packed) == sum(array.size for array in weights.values())
    untied = random_weights(LLAMA)
    parts = survey(open_checkpoint(write_gguf(tmp_path / "m.gguf", LLAMA, untied)))
    assert sum(part.parameters for part in parts) == sum(array.size for array in untied.values())
    run("convert", tmp_path / "m.gguf", tmp_path / "packed-untied")
    packed = survey(open_checkpoint(tmp_path / "packed-untied"))
    assert sum(part.parameters for part in packed) == sum(array.size for array in untied.values())


def test_plan_prints_what_fits_and_after_a_run_how_far_off_it_was(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", LLAMA, random_weights(LLAMA), fmt="q8_0")
    output = run("plan", path, "--run", "--threads", "1")
    for words in ("parameters", "q8_0", "cache per token", "longest context", "GB/s, measured", "tokens per second"):
        assert words in output
    assert "of what memory allows" in output


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1234, "1.23 kB"), (999_900, "1 MB"), (5.6e9, "5.6 GB"), (7e13, "70000 GB")],
)
def test_sizes_are_readable(nbytes: float, text: str) -> None:
    assert size(nbytes) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (123_456, "123,456"),
        (7_160_000, "7.16 million"),
        (119_401_317_952, "119 billion"),
        (999_900_000, "1 billion"),
        (2 * 10**12, "2000 billion"),
    ],
)
def test_counts_are_readable(number: int, text: str) -> None:
    assert count(number) == text


def test_a_packed_model_has_the_same_plan(tmp_path: Path) -> None:
    write_nvfp4_native(tmp_path / "source", MISTRAL4, random_weights(MISTRAL4))
    run("convert", tmp_path / "source", tmp_path / "target")
    ops = NativeOps(threads=1)
    source, target = (make_plan(open_checkpoint(tmp_path / name), ops) for name in ("source", "target"))
    assert target.parameters == source.parameters
    assert target.by_format.keys() - {"f32"} == source.by_format.keys()
    assert np.isclose(target.touched, source.touched, rtol=0.3)  # panels of 16 rows; norms in float32
