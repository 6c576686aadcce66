"""Packed files give the same bits as their source, and no damage to them does worse than an error."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from official_checkpoints import write_fp8_hf, write_fp8_native, write_nvfp4_hf, write_nvfp4_native
from quatre.checkpoint import convert as converting
from quatre.checkpoint.convert import Written, convert
from quatre.checkpoint.load import load, open_checkpoint
from quatre.checkpoint.packed import PACKED, START, open_packed, verify
from quatre.engine.config import EngineConfig
from quatre.engine.scoring import all_logits
from quatre.errors import CheckpointError, ConfigError, QuatreError
from quatre.formats.base import StoredTensor
from quatre.formats.floats import BF16
from quatre.formats.registry import BY_NAME
from quatre.ops.native_backend import NativeOps
from tiny_checkpoints import LLAMA, MISTRAL4, random_weights, write_gguf, write_hf

IDS = list(range(40))


def hf(folder: Path, config: dict[str, Any], **options: Any) -> None:
    write_hf(folder, config, random_weights(config), **options)


def in_gguf(folder: Path, config: dict[str, Any], **options: Any) -> None:
    folder.mkdir()
    write_gguf(folder / "model.gguf", config, random_weights(config), **options)


def official(write: Callable[..., Any], folder: Path) -> None:
    write(folder, MISTRAL4, random_weights(MISTRAL4))


SOURCES: dict[str, Callable[[Path], None]] = {
    "llama, f32": partial(hf, config=LLAMA),
    "llama, bf16, tied": partial(hf, config=LLAMA | {"tie_word_embeddings": True}, fmt=BF16),
    "llama, gguf q8_0": partial(in_gguf, config=LLAMA, fmt="q8_0"),
    "mistral4, gguf q4_0": partial(in_gguf, config=MISTRAL4, fmt="q4_0"),
    "llama, gguf iq2_s": partial(in_gguf, config=LLAMA | {"hidden_size": 256, "intermediate_size": 512}, fmt="iq2_s"),
    "mistral4, gguf nvfp4": partial(in_gguf, config=MISTRAL4 | {"moe_intermediate_size": 64}, fmt="nvfp4"),
    "mistral4, bf16": partial(hf, config=MISTRAL4, fmt=BF16),
    "mistral4, fp8 native": partial(official, write_fp8_native),
    "mistral4, fp8": partial(official, write_fp8_hf),
    "mistral4, fp8 in blocks": partial(official, partial(write_fp8_hf, block=32)),
    "mistral4, nvfp4 native": partial(official, write_nvfp4_native),
    "mistral4, nvfp4": partial(official, write_nvfp4_hf),
}


@pytest.fixture(scope="module")
def ops() -> NativeOps:
    return NativeOps(threads=2)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, ops: NativeOps) -> Path:
    """A sound packed file."""
    folder = tmp_path_factory.mktemp("good")
    hf(folder / "source", LLAMA)
    return packed(folder / "source", folder / "target", ops)


def packed(source: Path, target: Path, ops: NativeOps, **options: Any) -> Path:
    return convert(source, target, ops, report=lambda written: None, **options)


def logits(path: Path, ops: NativeOps) -> NDArray[np.float32]:
    return all_logits(load(path, ops).model, IDS, EngineConfig())


@pytest.mark.parametrize("write", SOURCES.values(), ids=SOURCES.keys())
def test_the_same_bits_as_the_source(tmp_path: Path, ops: NativeOps, write: Callable[[Path], None]) -> None:
    write(tmp_path / "source")
    path = packed(tmp_path / "source", tmp_path / "target", ops)
    expected = logits(tmp_path / "source", ops)
    np.testing.assert_array_equal(logits(tmp_path / "target", ops), expected)
    np.testing.assert_array_equal(logits(path, ops), expected)
    source, target = open_checkpoint(tmp_path / "source"), open_checkpoint(path)
    assert (target.config, target.end_ids) == (source.config, source.end_ids)
    assert target.gguf_metadata == source.gguf_metadata
    assert target.is_float32 == source.is_float32
    assert sum(verify(path)) > 0


def test_panels_are_used_where_they_are_mapped(good: Path, ops: NativeOps) -> None:
    opened = open_packed(good)
    panels = opened.panels["layers.0.feed_forward.w1"]
    assert np.shares_memory(ops.matrix(panels).panels, panels.data)
    matrix = ops.matrix(panels)
    del opened, panels
    np.testing.assert_array_equal(ops.linear(np.zeros((1, 64), np.float32), matrix), 0)  # the mapping is still there


def test_another_back_end_asks_for_the_source(good: Path) -> None:
    class Other:
        name = "torch"

    with pytest.raises(ConfigError, match="is packed for the CPU kernels; the torch back end needs its source"):
        load(good, Other())  # type: ignore[arg-type]


def test_the_tokenizer_comes_along(tmp_path: Path, ops: NativeOps) -> None:
    hf(tmp_path / "source", LLAMA)
    (tmp_path / "source" / "tekken.json").write_text("{}")
    (tmp_path / "source" / "notes.txt").write_text("not this")
    packed(tmp_path / "source", tmp_path / "target", ops)
    names = {file.name for file in (tmp_path / "target").iterdir()}
    assert names == {PACKED, "tekken.json", "generation_config.json"}


def test_a_packed_file_may_have_any_name(tmp_path: Path, ops: NativeOps) -> None:
    hf(tmp_path / "source", LLAMA)
    path = packed(tmp_path / "source", tmp_path / "target", ops)
    path.rename(tmp_path / "target" / "llama.bin")
    for place in (tmp_path / "target", tmp_path / "target" / "llama.bin"):
        opened = open_checkpoint(place)
        assert (opened.source, opened.path) == ("packed", tmp_path / "target" / "llama.bin")
    shutil.copyfile(tmp_path / "target" / "llama.bin", tmp_path / "target" / "other.quatre")
    with pytest.raises(CheckpointError, match=r"holds 2 packed files; name one of them: llama\.bin, other\.quatre"):
        open_checkpoint(tmp_path / "target")


# -- Quantising ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quant", "most"), [("q8_0", 0.01), ("q4_0", 0.12), ("iq4_nl", 0.11), ("q4_1", 0.12)])
def test_quantising_rounds_projections_and_says_how_much(
    tmp_path: Path, ops: NativeOps, quant: str, most: float
) -> None:
    write_fp8_native(tmp_path / "source", MISTRAL4, random_weights(MISTRAL4))
    report: list[Written] = []
    path = convert(tmp_path / "source", tmp_path / "target", ops, quant=quant, report=report.append)
    formats = {w.name: w.format for w in report}
    assert formats["layers.0.experts.w1"] == formats["layers.1.attention.wo"] == quant
    assert formats["layers.0.gate"] == formats["output"] == formats["tok_embeddings"] == "bf16"
    for written in report:
        assert (written.error is not None) == (written.format == quant)
        assert written.error is None or 0 < written.error < most
    source = open_checkpoint(tmp_path / "source")
    row = next(row for row in source.rows() if row.name == "layers.1.experts.w2")
    exact = source.find(row).join().decode()  # type: ignore[union-attr]
    matrix = ops.matrix(open_packed(path).panels[row.name])
    found = np.empty_like(exact)
    matrix.decode(found)
    error = next(w.error for w in report if w.name == row.name)
    assert np.linalg.norm(found - exact) / np.linalg.norm(exact) == pytest.approx(error, rel=1e-3)


def test_what_has_4_bits_already_stays(tmp_path: Path, ops: NativeOps) -> None:
    in_gguf(tmp_path / "source", LLAMA, fmt="q4_1")
    report: list[Written] = []
    convert(tmp_path / "source", tmp_path / "target", ops, quant="q4_0", report=report.append)
    assert "q4_0" not in {w.format for w in report}


def test_rows_that_are_no_whole_groups_stay_and_that_is_said(
    tmp_path: Path, ops: NativeOps, caplog: pytest.LogCaptureFixture
) -> None:
    hf(tmp_path / "source", LLAMA)
    report: list[Written] = []
    convert(tmp_path / "source", tmp_path / "target", ops, quant="q4_k", report=report.append)
    assert {w.format for w in report} == {"f32"}
    assert "14 projections keep their numbers: rows must be whole groups of 256 for q4_k" in caplog.text
    caplog.clear()
    convert(tmp_path / "source", tmp_path / "other", ops, quant="q8_0", report=report.append)
    assert "keep their numbers" not in caplog.text


def memory() -> int:
    """Bytes of this process that are in memory, mapped files included."""
    words = Path("/proc/self/status").read_text().split()
    return 1024 * sum(int(words[words.index(key) + 1]) for key in ("RssAnon:", "RssFile:"))


@pytest.mark.parametrize("quant", [None, "q8_0"])
def test_memory_does_not_grow_with_the_model(
    tmp_path: Path, ops: NativeOps, monkeypatch: pytest.MonkeyPatch, quant: str | None
) -> None:
    """A layer of these has 14 MB, and its largest tensor 4."""
    config = LLAMA | {"hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 10}
    weights = {name: np.zeros_like(array) for name, array in random_weights(config).items()}
    assert sum(array.nbytes for array in weights.values()) > 130e6
    write_hf(tmp_path / "source", config, weights)
    del weights
    seen = []
    put = converting._put
    monkeypatch.setattr(converting, "_put", lambda *args: seen.append(memory()) or put(*args))
    packed(tmp_path / "source", tmp_path / "target", ops, quant=quant)
    assert max(seen) - seen[0] < 40e6


# -- Stopped, refused ----------------------------------------------------------------------------------------------


def test_a_stopped_conversion_goes_on_where_it_was(
    tmp_path: Path, ops: NativeOps, monkeypatch: pytest.MonkeyPatch
) -> None:
    hf(tmp_path / "source", LLAMA)
    whole = packed(tmp_path / "source", tmp_path / "whole", ops).read_bytes()

    def stop(written: Written) -> None:
        if written.number == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(tmp_path / "source", tmp_path / "target", ops, report=stop)
    assert not (tmp_path / "target" / PACKED).exists()
    with (tmp_path / "target" / f"{PACKED}.journal").open("a") as journal:
        journal.write('["layers.0.atten')  # a line that was cut off
    made: list[str] = []
    bytes_of = converting._bytes_of
    monkeypatch.setattr(converting, "_bytes_of", lambda job, ops: made.append(job.entry.name) or bytes_of(job, ops))
    path = packed(tmp_path / "source", tmp_path / "target", ops)
    assert path.read_bytes() == whole
    assert 0 < len(made) == len(open_packed(path).panels) + len(open_packed(path).tensors) - 5
    assert [file.name for file in (tmp_path / "target").glob("model*")] == [PACKED]


def test_what_is_done_is_not_lost_by_a_stop_right_after_going_on(
    tmp_path: Path, ops: NativeOps, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the errors of what was rounded before are told again, so that the table is whole."""
    hf(tmp_path / "source", LLAMA)
    written: list[Written] = []

    def stop(each: Written) -> None:
        written.append(each)
        if each.number == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(tmp_path / "source", tmp_path / "target", ops, quant="q8_0", report=stop)
    first = list(written)
    bytes_of = converting._bytes_of
    monkeypatch.setattr(converting, "_bytes_of", lambda job, ops: _stop(job))
    with pytest.raises(KeyboardInterrupt):
        convert(tmp_path / "source", tmp_path / "target", ops, quant="q8_0", report=written.append)
    again: list[Written] = []
    made: list[str] = []
    monkeypatch.setattr(converting, "_bytes_of", lambda job, ops: made.append(job.entry.name) or bytes_of(job, ops))
    convert(tmp_path / "source", tmp_path / "target", ops, quant="q8_0", report=again.append)
    assert again[:5] == first
    assert any(each.error for each in first)
    assert made == [each.name for each in again[5:]]


def test_a_conversion_of_something_else_begins_anew(tmp_path: Path, ops: NativeOps) -> None:
    hf(tmp_path / "source", LLAMA)
    with pytest.raises(KeyboardInterrupt):
        convert(tmp_path / "source", tmp_path / "target", ops, report=_stop)
    hf(tmp_path / "other", LLAMA, fmt=BF16)
    path = packed(tmp_path / "other", tmp_path / "target", ops)
    np.testing.assert_array_equal(logits(path, ops), logits(tmp_path / "other", ops))


def _stop(_: object) -> None:
    raise KeyboardInterrupt


def _stop_at(number: int) -> Callable[[Written], None]:
    def stop(written: Written) -> None:
        if written.number == number:
            raise KeyboardInterrupt

    return stop


@pytest.mark.parametrize("keep", ["time", "numbers"])
def test_another_source_of_the_same_size_begins_anew(
    tmp_path: Path, ops: NativeOps, monkeypatch: pytest.MonkeyPatch, keep: str
) -> None:
    """Another fine-tuning has the same names and sizes, and from an archive the same times."""
    hf(tmp_path / "source", LLAMA)
    with pytest.raises(KeyboardInterrupt):
        convert(tmp_path / "source", tmp_path / "target", ops, report=_stop_at(20))
    shard = next((tmp_path / "source").glob("*.safetensors"))
    before = shard.stat()
    if keep == "time":
        write_hf(tmp_path / "source", LLAMA, random_weights(LLAMA, seed=7))
        os.utime(shard, ns=(before.st_atime_ns, before.st_mtime_ns))
    else:
        os.utime(shard, ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))
    assert shard.stat().st_size == before.st_size
    afresh: list[str] = []
    put = converting._put
    monkeypatch.setattr(converting, "_put", lambda fd, entry, data: afresh.append(entry.name) or put(fd, entry, data))
    path = packed(tmp_path / "source", tmp_path / "target", ops)
    assert len(afresh) == len(open_packed(path).panels) + len(open_packed(path).tensors)
    assert path.read_bytes() == packed(tmp_path / "source", tmp_path / "afresh", ops).read_bytes()


def test_a_source_that_changes_meanwhile_is_no_source(tmp_path: Path, ops: NativeOps) -> None:
    hf(tmp_path / "source", LLAMA)
    shard = next((tmp_path / "source").glob("*.safetensors"))

    def touch(written: Written) -> None:
        os.utime(shard, ns=(1, written.number))

    with pytest.raises(CheckpointError, match="changed while it was converted; convert it again"):
        convert(tmp_path / "source", tmp_path / "target", ops, report=touch)
    assert not (tmp_path / "target" / PACKED).exists()
    with pytest.raises(CheckpointError, match="holds no checkpoint"):  # though what was written has its header by now
        open_checkpoint(tmp_path / "target")


def test_other_files_may_come_meanwhile(tmp_path: Path, ops: NativeOps) -> None:
    """The other form may still be on its way."""
    official(write_fp8_native, tmp_path / "source")

    def fetch(written: Written) -> None:
        (tmp_path / "source" / f"model-{written.number:05}-of-00999.safetensors").write_bytes(b"")

    path = convert(tmp_path / "source", tmp_path / "target", ops, report=fetch)
    assert sum(verify(path)) > 0


def test_every_part_of_a_gguf_is_looked_at(tmp_path: Path) -> None:
    parts = [tmp_path / f"m-0000{number}-of-00002.gguf" for number in (1, 2)]
    encoder = tmp_path / "mmproj.gguf"
    for part in parts:
        part.write_bytes(b"")
        opened: Any = SimpleNamespace(path=part, encoder=encoder, source="gguf")
        assert converting._files(opened) == [*parts, encoder]


def test_the_tekken_above_the_folder_of_a_quantisation_comes_along(tmp_path: Path, ops: NativeOps) -> None:
    in_gguf(tmp_path / "Q8_0", LLAMA, fmt="q8_0")
    source = (tmp_path / "Q8_0" / "model.gguf").rename(tmp_path / "Q8_0" / "m-Q8_0.gguf")
    for folder in (tmp_path, tmp_path / "Q8_0"):  # what is nearer counts
        (folder / "tekken.json").write_text(folder.name)
        for start in (source, source.parent):
            target = tmp_path / f"{folder.name}-{start.name}"
            packed(start, target, ops)
            assert (target / "tekken.json").read_text() == folder.name


@pytest.mark.parametrize(("fmt", "cols"), [("q8_0", 96), ("q6_k", 256), ("iq2_s", 256), ("tq1_0", 256)])
def test_the_same_weights_are_packed_as_the_same_bytes(ops: NativeOps, fmt: str, cols: int) -> None:
    """Also where a panel is filled up, whatever was in memory before."""
    kind = BY_NAME[fmt]
    data = np.zeros((40, kind.row_bytes(cols)), np.uint8)
    tensor = StoredTensor.from_buffer(fmt, kind, (40, cols), data.reshape(-1))
    seen = set()
    for byte in (0, 170, 255):
        garbage = [np.full(size, byte, np.uint8) for size in range(512, 40_000, 512)]
        del garbage
        seen.add(bytes(ops.matrix(tensor).panels))
    assert len(seen) == 1


def test_two_conversions_do_not_write_to_one_file(tmp_path: Path, ops: NativeOps) -> None:
    hf(tmp_path / "source", LLAMA)
    refused: list[str] = []

    def second(written: Written) -> None:
        if written.number == 3:
            with pytest.raises(CheckpointError, match="another conversion writes to") as error:
                packed(tmp_path / "source", tmp_path / "target", ops, quant="q8_0")
            refused.append(str(error.value))

    path = convert(tmp_path / "source", tmp_path / "target", ops, report=second)
    assert len(refused) == 1
    assert sum(verify(path)) > 0
    path.unlink()
    packed(tmp_path / "source", tmp_path / "target", ops)  # nothing is locked any more


def test_what_another_conversion_has_finished_meanwhile_stays(
    tmp_path: Path, ops: NativeOps, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may end after the second has begun and before that has the folder for itself."""
    hf(tmp_path / "source", LLAMA)
    plan = converting._plan

    def slowly(opened: Any, quant: Any) -> Any:
        monkeypatch.setattr(converting, "_plan", plan)
        packed(tmp_path / "source", tmp_path / "target", ops)
        return plan(opened, quant)

    monkeypatch.setattr(converting, "_plan", slowly)
    with pytest.raises(CheckpointError, match="exists; remove it, or name another folder"):
        packed(tmp_path / "source", tmp_path / "target", ops, quant="q8_0")
    assert "q8_0" not in {tensor.format.name for tensor in open_packed(tmp_path / "target" / PACKED).panels.values()}


def test_a_full_disk_is_one_sentence_and_the_same_command_goes_on(
    tmp_path: Path, ops: NativeOps, monkeypatch: pytest.MonkeyPatch
) -> None:
    hf(tmp_path / "source", LLAMA)
    put = converting._put

    def full(fd: int, entry: Any, data: Any) -> int:
        if entry.name.startswith("layers.1."):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return put(fd, entry, data)

    with monkeypatch.context() as disk:
        disk.setattr(converting, "_put", full)
        with pytest.raises(CheckpointError, match="cannot be written: No space left on device"):
            packed(tmp_path / "source", tmp_path / "target", ops)
    made: list[str] = []
    monkeypatch.setattr(converting, "_put", lambda fd, entry, data: made.append(entry.name) or put(fd, entry, data))
    path = packed(tmp_path / "source", tmp_path / "target", ops)
    assert made[0].startswith("layers.1.")
    assert sum(verify(path)) > 0


def test_what_cannot_be_converted_says_why(tmp_path: Path, ops: NativeOps, monkeypatch: pytest.MonkeyPatch) -> None:
    hf(tmp_path / "source", LLAMA)
    with pytest.raises(ConfigError, match="quant 'q3' is not one of q8_0"):
        packed(tmp_path / "source", tmp_path / "target", ops, quant="q3")
    with pytest.raises(CheckpointError, match="is the source; name another folder"):
        packed(tmp_path / "source", tmp_path / "source", ops)
    packed(tmp_path / "source", tmp_path / "target", ops)
    with pytest.raises(CheckpointError, match="exists; remove it, or name another folder"):
        packed(tmp_path / "source", tmp_path / "target", ops)
    with pytest.raises(CheckpointError, match="is packed already; convert what it was made of"):
        packed(tmp_path / "target", tmp_path / "again", ops)
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="cannot be written: File exists"):
        packed(tmp_path / "source", tmp_path / "file", ops)
    monkeypatch.setattr(converting.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10}))
    with pytest.raises(CheckpointError, match=r"has 0\.0 GB left, but 0\.0 GB more are needed"):
        packed(tmp_path / "source", tmp_path / "full", ops)


# -- Damage --------------------------------------------------------------------------------------------------------


def damaged(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / PACKED
    path.write_bytes(data)
    return path


def with_header(good: Path, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with its header changed by someone who knows how to keep the checksum right."""
    data = good.read_bytes()
    magic, version, _, size, whole = START.unpack(data[: START.size])
    header = json.loads(data[START.size : START.size + size])
    change(header)
    text = json.dumps(header, separators=(",", ":")).encode().ljust(size)
    assert len(text) == size
    return START.pack(magic, version, zlib.crc32(text), size, whole) + text + data[START.size + size :]


@pytest.mark.parametrize("keep", [0, 1, 8, 31, 32, 100, 4096, 5000, -1, -4096])
def test_a_truncated_file_is_refused(tmp_path: Path, good: Path, keep: int) -> None:
    with pytest.raises(CheckpointError):
        open_packed(damaged(tmp_path, good.read_bytes()[:keep]))


def test_another_version_says_what_to_do(tmp_path: Path, good: Path) -> None:
    data = bytearray(good.read_bytes())
    data[8] = 2
    with pytest.raises(CheckpointError, match="is a packed file of version 2, this program reads 1: convert the model"):
        open_checkpoint(damaged(tmp_path, bytes(data)))


@pytest.mark.parametrize("size", [0, 1, 2**20, 2**31, 2**63, 2**64 - 1])
def test_a_hostile_length_of_the_header_is_refused(tmp_path: Path, good: Path, size: int) -> None:
    data = good.read_bytes()
    magic, version, crc, _, whole = START.unpack(data[: START.size])
    start = START.pack(magic, version, crc, size, whole)
    with pytest.raises(CheckpointError):
        open_packed(damaged(tmp_path, start + data[START.size :]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found(tmp_path: Path, good: Path, place: float, bit: int) -> None:
    """In the header on opening; in the panels when asked to look; padding between tensors says nothing."""
    data = bytearray(good.read_bytes())
    size = START.size + START.unpack(data[: START.size])[3]
    at = int(place * size)
    data[at] ^= 1 << bit
    with pytest.raises(CheckpointError):
        open_checkpoint(damaged(tmp_path, bytes(data)))


def test_a_flipped_bit_in_a_tensor_is_named(tmp_path: Path, good: Path) -> None:
    data = bytearray(good.read_bytes())
    header = json.loads(data[START.size : START.size + START.unpack(data[: START.size])[3]])
    data[header["tensors"]["layers.1.attention.wk"]["offset"] + 7] ^= 4
    path = damaged(tmp_path, bytes(data))
    open_packed(path)
    with pytest.raises(CheckpointError, match=r"the checksum of layers\.1\.attention\.wk is wrong"):
        list(verify(path))
    data[header["tensors"]["norm"]["offset"]] ^= 1
    with pytest.raises(CheckpointError, match="the checksum of norm is wrong"):
        open_packed(damaged(tmp_path, bytes(data)))


HOSTILE: dict[str, Any] = {
    "a negative offset": {"offset": -4096},
    "an offset past the end": {"offset": 2**40},
    "an offset that is not aligned": {"offset": 4097},
    "a size past the end": {"nbytes": 2**50},
    "a negative size": {"nbytes": -1},
    "fewer bytes than the shape needs": {"nbytes": 64},
    "more rows than bytes": {"shape": [10**6, 64]},
    "a product that overflows": {"shape": [2**31 - 1, 2**31 - 1, 2**31 - 1]},
    "no rows": {"shape": [0, 64]},
    "too many dimensions": {"shape": [1, 1, 1, 64]},
    "a shape that is no list": {"shape": "wide"},
    "an unknown format": {"format": "q9_9"},
    "a format without panels": {"format": "u8"},
    "a block of no columns": {"format": "f8_e4m3", "block": 0, "nbytes": 4096},
    "a negative block": {"block": -1},
    "a checksum that is none": {"crc32": "xyz"},
    "a number that is a truth": {"offset": True},
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("name", ["layers.0.attention.wq", "norm", "tok_embeddings"])
def test_a_hostile_place_is_refused(
    tmp_path: Path, good: Path, ops: NativeOps, name: str, change: dict[str, Any]
) -> None:
    data = with_header(good, lambda header: header["tensors"][name].update(change))
    with pytest.raises(QuatreError):
        load(damaged(tmp_path, data), ops)


@pytest.mark.parametrize("key", ["source", "header", "tensors", "end_ids"])
@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [{}]], ids=repr)
def test_a_header_without_sense_is_refused(
    tmp_path: Path, good: Path, ops: NativeOps, key: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    if key == "end_ids" and value == []:
        return
    with pytest.raises(QuatreError):
        load(damaged(tmp_path, with_header(good, lambda header: header.update({key: value}))), ops)
