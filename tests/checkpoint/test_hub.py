"""Models by id, from a stand-in for the hub on this machine."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from gguf_files import write_mmproj
from official_checkpoints import VISION, vision_weights, write_fp8_hf, write_fp8_native
from quatre.checkpoint import hub as hubs
from quatre.checkpoint.hub import Hub, find, find_or_pull, model_id, pull
from quatre.checkpoint.load import collect, open_checkpoint
from quatre.errors import CheckpointError
from tiny_checkpoints import LLAMA, MISTRAL4, random_weights, write_gguf, write_hf, write_safetensors

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class StandIn:
    """A folder ``OWNER/NAME`` for each model; counts requests for files and notes their ranges."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.fetched: Counter[str] = Counter()
        self.asked = 0
        self.ranges: list[str] = []
        self.commit = COMMIT
        self.cut_at: int | None = None  # the connection breaks after so many bytes of a file, once
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                stand_in.answer(self, body=False)

            def do_GET(self) -> None:
                stand_in.answer(self, body=True)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hub(self, cache: Path) -> Hub:
        return Hub(f"http://127.0.0.1:{self.server.server_port}", cache)

    def answer(self, request: BaseHTTPRequestHandler, *, body: bool) -> None:
        self.asked += 1
        words = request.path.partition("?")[0].strip("/").split("/")
        if words[:2] == ["api", "models"]:
            self._send(request, *self._info("/".join(words[2:4]), words[5] if len(words) > 5 else "main"), {})
        else:
            self._file(request, self.root / words[0] / words[1] / "/".join(words[4:]), body)

    def _info(self, repo: str, revision: str) -> tuple[int, bytes]:
        folder = self.root / repo
        if not folder.is_dir() or revision not in ("main", self.commit):
            return 404, b"{}"
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        siblings = [self._sibling(folder, file) for file in files]
        return 200, json.dumps({"id": repo, "sha": self.commit, "siblings": siblings}).encode()

    def _sibling(self, folder: Path, file: Path) -> dict[str, Any]:
        size, name = file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest()
        lfs = {"lfs": {"size": size, "sha256": name, "pointerSize": 130}} if file.suffix != ".json" else {}
        return {"rfilename": str(file.relative_to(folder)), "size": size, "blobId": name, **lfs}

    def _file(self, request: BaseHTTPRequestHandler, file: Path, body: bool) -> None:
        if not file.is_file():
            self._send(request, 404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        data = file.read_bytes()
        headers = {
            "ETag": f'"{hashlib.sha256(data).hexdigest()}"',
            "X-Repo-Commit": self.commit,
            "Accept-Ranges": "bytes",
        }
        if not body:
            self._send(request, 200, data, headers, body=False)
            return
        self.fetched[file.name] += 1
        asked = request.headers.get("Range")
        if asked:
            self.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            self._send(request, 206, data[start:], headers)
        else:
            self._send(request, 200, data, headers)

    def _send(
        self, request: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str], *, body: bool = True
    ) -> None:
        request.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(data))}).items():
            request.send_header(name, value)
        request.end_headers()
        if not body:
            return
        if self.cut_at is not None and len(data) > self.cut_at:
            data, self.cut_at = data[: self.cut_at], None
        request.wfile.write(data)


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[StandIn]:
    server = StandIn(tmp_path / "hub")
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def hub(stand_in: StandIn, tmp_path: Path) -> Hub:
    return stand_in.hub(tmp_path / "cache")


def both_forms(folder: Path) -> None:
    write_fp8_hf(folder, MISTRAL4, random_weights(MISTRAL4))
    write_fp8_native(folder, MISTRAL4, random_weights(MISTRAL4))
    (folder / "tekken.json").write_text("{}")
    (folder / "picture.png").write_bytes(b"not wanted")


def test_only_the_files_of_one_form_are_fetched(
    stand_in: StandIn, hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    both_forms(tmp_path / "hub" / "some" / "model")
    with caplog.at_level(logging.INFO):
        path = pull("some/model", hub)
    shards = {f"consolidated-0000{i}-of-00002.safetensors" for i in (1, 2)}
    assert set(stand_in.fetched) == shards | {"params.json", "tekken.json", "consolidated.safetensors.index.json"}
    assert any(f"some/model, revision {COMMIT}: 5 files" in record.getMessage() for record in caplog.records)
    assert open_checkpoint(path).source == "native"


def test_a_form_that_lacks_a_file_gives_way_to_one_that_is_whole(stand_in: StandIn, hub: Hub, tmp_path: Path) -> None:
    """Mistral's own comes first, otherwise."""
    folder = tmp_path / "hub" / "some" / "model"
    both_forms(folder)
    (folder / "consolidated-00002-of-00002.safetensors").unlink()
    path = pull("some/model", hub)
    assert not any(name.startswith("consolidated-") for name in stand_in.fetched)
    assert open_checkpoint(path).source == "hf"
    assert find("some/model", hub) == path
    next(folder.glob("model-*")).unlink()
    with pytest.raises(CheckpointError, match=r"some/model lacks consolidated-00002-of-00002.safetensors, which its "):
        pull("some/model", Hub(hub.endpoint, tmp_path / "other"))


@pytest.mark.parametrize("form", ["model", "consolidated"])
def test_what_no_index_names_is_left_alone(stand_in: StandIn, hub: Hub, tmp_path: Path, form: str) -> None:
    """Repositories hold adapters, merged copies and leftovers beside the shards."""
    folder = tmp_path / "hub" / "some" / "model"
    (write_fp8_hf if form == "model" else write_fp8_native)(folder, MISTRAL4, random_weights(MISTRAL4))
    named = {file.name for file in folder.glob(f"{form}*.safetensors")}
    for stray in (f"{form}.safetensors", f"{form}-00001-of-00009.safetensors", "adapter_model.safetensors"):
        (folder / stray).write_bytes(bytes(100))
    path = pull("some/model", hub)
    assert {name for name in stand_in.fetched if name.endswith(".safetensors")} == named
    assert find("some/model", hub) == path
    collect(open_checkpoint(path))
    next(folder.glob(f"{form}-00001-of-00002*")).unlink()
    with pytest.raises(CheckpointError, match=rf"some/model lacks {form}-00001-of-00002.safetensors, which its index "):
        pull("some/model", Hub(hub.endpoint, tmp_path / "other"))


def test_offline_what_was_fetched_is_used(
    stand_in: StandIn, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_hf(tmp_path / "hub" / "some" / "model", LLAMA, random_weights(LLAMA))
    path = pull("some/model", hub)
    asked = stand_in.asked
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert pull("some/model", hub) == find_or_pull("some/model", hub) == path
    assert stand_in.asked == asked
    with pytest.raises(CheckpointError, match="some/other was not fetched yet, and HF_HUB_OFFLINE forbids"):
        pull("some/other", hub)


def test_looking_for_what_was_fetched_says_nothing_of_the_model(
    stand_in: StandIn, hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever opens it says so, once."""
    caplog.set_level(logging.WARNING, "quatre.checkpoint.hub")  # commands of other tests may have set it lower
    folder = tmp_path / "hub" / "some" / "model"
    write_hf(folder, LLAMA | {"novelty": 1}, random_weights(LLAMA))
    pull("some/model", hub)
    caplog.clear()
    find("some/model", hub)
    assert not caplog.records
    open_checkpoint(find("some/model", hub))
    assert len(caplog.records) == 1


def test_what_is_there_is_used_without_asking(
    stand_in: StandIn, hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "quatre.checkpoint.hub")
    write_hf(tmp_path / "hub" / "some" / "model", LLAMA, random_weights(LLAMA), shards=3)
    path = find_or_pull("some/model", hub)
    asked = stand_in.asked
    caplog.clear()
    assert find_or_pull("some/model", hub) == find("some/model", hub) == find(f"some/model@{COMMIT}", hub) == path
    assert caplog.messages == 3 * [f"some/model, revision {COMMIT}, fetched before"]
    assert stand_in.asked == asked
    fetched = stand_in.fetched.copy()
    assert pull("some/model", hub) == path  # asks for a newer revision, fetches nothing
    assert stand_in.asked > asked
    assert stand_in.fetched == fetched


def test_an_incomplete_download_is_not_a_model(stand_in: StandIn, hub: Hub, tmp_path: Path) -> None:
    write_hf(tmp_path / "hub" / "some" / "model", LLAMA, random_weights(LLAMA), shards=2)
    path = pull("some/model", hub)
    next(path.glob("model-00002*")).unlink()
    with pytest.raises(CheckpointError, match="no complete model of this name was fetched: quatre pull some/model"):
        find("some/model", hub)
    before = stand_in.fetched["model-00001-of-00002.safetensors"]
    open_checkpoint(find_or_pull("some/model", hub))
    assert stand_in.fetched["model-00001-of-00002.safetensors"] == before


def test_a_form_that_cannot_be_read_does_not_stand_for_the_other(stand_in: StandIn, hub: Hub, tmp_path: Path) -> None:
    """Other programs share the cache, and fetch what they like of a model."""
    folder = tmp_path / "hub" / "some" / "model"
    write_hf(folder, LLAMA, random_weights(LLAMA), shards=2)
    path = pull("some/model", hub)
    for file in path.glob("model-*"):
        file.unlink()
    (path / "params.json").write_text("{}")
    write_safetensors(path / "consolidated.safetensors", {"a": np.zeros(4, np.float32)})
    (path / "model-00001-of-00002.safetensors").symlink_to(folder / "model-00001-of-00002.safetensors")
    with pytest.raises(CheckpointError, match="no complete model"):
        find("some/model", hub)
    assert open_checkpoint(find_or_pull("some/model", hub)).source == "hf"


def test_a_broken_connection_is_taken_up_where_it_broke(
    stand_in: StandIn, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 10_000)
    write_hf(tmp_path / "hub" / "some" / "model", LLAMA, random_weights(LLAMA))
    stand_in.cut_at = 100_000
    path = find_or_pull("some/model", hub)
    open_checkpoint(path)
    assert [int(text.removeprefix("bytes=").partition("-")[0]) > 0 for text in stand_in.ranges] == [True]


def test_one_of_several_gguf_files(stand_in: StandIn, hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "some" / "quants"
    folder.mkdir(parents=True)
    for name, fmt in (("m-Q4_0.gguf", "q4_0"), ("m-Q8_0.gguf", "q8_0")):
        write_gguf(folder / name, LLAMA, random_weights(LLAMA), fmt=fmt)
    dim = LLAMA["hidden_size"]
    for fmt in ("f32", "f16"):
        write_mmproj(folder / f"mmproj-m-{fmt.upper()}.gguf", vision_weights(dim), VISION, dim, fmt)
    with pytest.raises(CheckpointError, match=r"holds 2 models; name one, as some/quants:Q4_K_M, of m-Q4_0\.gguf, m-Q"):
        pull("some/quants", hub)
    path = pull("some/quants:q8_0", hub)
    assert path.name == "m-Q8_0.gguf"
    assert set(stand_in.fetched) == {"m-Q8_0.gguf", "mmproj-m-F16.gguf"}
    assert find("some/quants:Q8_0", hub) == path
    encoder = open_checkpoint(path).encoder
    assert encoder is not None
    assert encoder.name == "mmproj-m-F16.gguf"


def test_a_part_that_the_repository_lacks(stand_in: StandIn, hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "some" / "quants"
    folder.mkdir(parents=True)
    (folder / "m-Q4_0-00001-of-00002.gguf").write_bytes(b"GGUF")
    with pytest.raises(CheckpointError, match=r"^some/quants lacks m-Q4_0-00002-of-00002\.gguf, which"):
        pull("some/quants", hub)
    assert not stand_in.fetched


def test_a_folder_for_each_quantisation_and_one_encoder_for_all(stand_in: StandIn, hub: Hub, tmp_path: Path) -> None:
    """Large models come so."""
    folder = tmp_path / "hub" / "some" / "quants"
    for fmt in ("q4_0", "q8_0"):
        (folder / fmt.upper()).mkdir(parents=True)
        name = f"{fmt.upper()}/m-{fmt.upper()}-00001-of-00001.gguf"
        write_gguf(folder / name, LLAMA, random_weights(LLAMA), fmt=fmt)
    dim = LLAMA["hidden_size"]
    write_mmproj(folder / "mmproj-F16.gguf", vision_weights(dim), VISION, dim, "f16")
    path = pull("some/quants:Q8_0", hub)
    assert set(stand_in.fetched) == {"m-Q8_0-00001-of-00001.gguf", "mmproj-F16.gguf"}
    assert find("some/quants:Q8_0", hub) == path
    encoder = open_checkpoint(path).encoder
    assert encoder is not None
    assert encoder.name == "mmproj-F16.gguf"


def test_what_does_not_work_is_one_sentence(
    stand_in: StandIn, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_hf(tmp_path / "hub" / "some" / "model", LLAMA, random_weights(LLAMA))
    (tmp_path / "hub" / "some" / "empty").mkdir()
    with pytest.raises(CheckpointError, match="holds no safetensors that can be read and no GGUF files"):
        pull("some/empty", hub)
    with pytest.raises(CheckpointError, match="there is no path some/absent, and the model could not"):
        pull("some/absent", hub)
    with pytest.raises(CheckpointError, match="is not the id of a model"):
        pull("./model", hub)
    with pytest.raises(CheckpointError, match="no path some/model, and the model could not be fetched"):
        pull("some/model", Hub("http://127.0.0.1:9", tmp_path / "other"))
    with monkeypatch.context() as silent:
        silent.setattr("huggingface_hub.HfApi.model_info", Mock(side_effect=TimeoutError))
        with pytest.raises(CheckpointError, match="from the hub: TimeoutError"):
            pull("some/model", hub)
    monkeypatch.setattr(hubs.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10}))
    with pytest.raises(CheckpointError, match=r"needs 0\.\d GB more, but .* has 0\.0 GB left; set HF_HOME"):
        pull("some/model", hub)


def test_what_a_new_revision_shares_takes_no_space(
    stand_in: StandIn, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another README makes another revision of 70 GB."""
    write_hf(tmp_path / "hub" / "some" / "model", LLAMA, random_weights(LLAMA))
    old = pull("some/model", hub)
    fetched = stand_in.fetched.copy()
    stand_in.commit = COMMIT[::-1]
    monkeypatch.setattr(hubs.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10}))
    new = pull("some/model", hub)
    assert (new.name, old.name) == (COMMIT[::-1], COMMIT)
    assert stand_in.fetched == fetched
    assert find("some/model", hub) == new


def test_paths_stay_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some" / "model").mkdir(parents=True)
    assert model_id("some/model") is None
    assert find("some/model") == Path("some/model")
    for text in ("model.gguf", "./some/other", "/some/other", "a/b/c", "~/model", "some/other/"):
        assert model_id(text) is None
    found = model_id("mistralai/Mistral-Small-4-119B-2603-NVFP4@main")
    assert found is not None
    assert (found.repo, found.revision) == ("mistralai/Mistral-Small-4-119B-2603-NVFP4", "main")
