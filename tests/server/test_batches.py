"""Files and batches, as OpenAI's official client sees them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from serving import serving

from fakes import PATIENCE_S, FakeEngine, fake_runtime
from quatre.errors import ConfigError
from quatre.server.batches import PRIORITY
from quatre.server.file_store import FileStore
from quatre.server.service import ServerConfig

CHAT = "/v1/chat/completions"


def line(name: str, url: str = CHAT, **body: Any) -> str:
    asked = {"messages": [{"role": "user", "content": name}], **body}
    return json.dumps({"custom_id": name, "method": "POST", "url": url, "body": asked}) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def api(folder: Path) -> Iterator[openai.OpenAI]:
    with (
        serving(FakeEngine(), ServerConfig(files_dir=folder)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        yield client


def uploaded(client: openai.OpenAI, text: str | bytes, name: str = "in.jsonl") -> Any:
    return client.files.create(file=(name, text.encode() if isinstance(text, str) else text), purpose="batch")


def begun(client: openai.OpenAI, text: str, **more: Any) -> Any:
    file = uploaded(client, text)
    return client.batches.create(input_file_id=file.id, endpoint=CHAT, completion_window="24h", **more)


def until(client: openai.OpenAI, batch_id: str, enough: Callable[[Any], bool]) -> Any:
    end = time.monotonic() + 6 * PATIENCE_S
    while time.monotonic() < end:
        batch = client.batches.retrieve(batch_id)
        if enough(batch):
            return batch
        time.sleep(0.01)
    raise AssertionError(batch)


def ended(batch: Any) -> bool:
    return batch.status in ("completed", "failed", "cancelled")


def test_a_file_comes_back_as_it_went(api: openai.OpenAI, folder: Path) -> None:
    text = line("a") + "é\n"
    file = uploaded(api, text, "../../etc/passwd")
    assert (file.bytes, file.purpose, file.object, file.status) == (len(text.encode()), "batch", "file", "processed")
    assert file.filename == "../../etc/passwd"  # remembered, and part of no path
    assert {path.parent for path in folder.iterdir()} == {folder}
    assert all(path.name.startswith(("file-", "lock")) for path in folder.iterdir())
    assert api.files.content(file.id).text == text
    assert api.files.retrieve(file.id) == file
    other = uploaded(api, "x")
    assert {one.id for one in api.files.list()} == {file.id, other.id}
    assert len(list(api.files.list(limit=1))) == 2  # the client turns pages
    assert api.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError, match="there is no file"):
        api.files.retrieve(file.id)
    assert [path.suffix for path in folder.glob(f"{file.id}*")] == []


def test_a_batch_has_answers_and_errors_in_two_files(api: openai.OpenAI) -> None:
    wrong = [line("c", temperature=9), line("d", url="/v1/completions"), "no json\n"]
    batch = begun(api, line("a") + "".join(wrong) + line("b"), metadata={"purpose": "test"})
    assert (batch.status, batch.metadata) == ("validating", {"purpose": "test"})
    done = until(api, batch.id, ended)
    assert (done.status, done.errors) == ("completed", None)
    assert done.request_counts.model_dump() == {"total": 5, "completed": 2, "failed": 3}
    good = [json.loads(text) for text in api.files.content(done.output_file_id).text.splitlines()]
    bad = [json.loads(text) for text in api.files.content(done.error_file_id).text.splitlines()]
    assert {one["custom_id"] for one in good} == {"a", "b"}
    assert {one["response"]["body"]["choices"][0]["message"]["content"] for one in good} == {"Hello, world"}
    reasons = {one["custom_id"]: (one["response"] or {}).get("status_code") or one["error"]["code"] for one in bad}
    assert reasons == {"c": 400, "d": "invalid_url", None: "invalid_json"}
    assert [one.id for one in api.batches.list()] == [batch.id]
    assert done.in_progress_at <= done.finalizing_at <= done.completed_at
    assert api.files.retrieve(done.output_file_id).purpose == "batch_output"


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_file_without_requests_fails(api: openai.OpenAI, text: str) -> None:
    failed = until(api, begun(api, text).id, ended)
    assert failed.status == "failed"
    assert "has 0 requests" in failed.errors.data[0].message


def test_batches_wait_behind_everybody_and_can_be_cancelled(folder: Path) -> None:
    engine = FakeEngine(gate=threading.Semaphore(0))
    with (
        serving(engine, ServerConfig(files_dir=folder)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=PATIENCE_S) as client,
    ):
        first = begun(client, "".join(line(f"a{number}", priority=-5) for number in range(40)))
        second = begun(client, line("b"))
        engine.wait_for(requests=16)
        assert {request.priority for request in engine.requests} == {PRIORITY}
        assert len(engine.requests) == 16  # no more at once
        with pytest.raises(openai.BadRequestError, match="a batch that is not complete reads this file"):
            client.files.delete(first.input_file_id)
        for batch in (second, first):
            assert client.batches.cancel(batch.id).status == "cancelling"
        for batch in (second, first):
            stopped = until(client, batch.id, ended)
            assert (stopped.status, stopped.request_counts.completed) == ("cancelled", 0)
        engine.wait_for(cancelled=16)
        with pytest.raises(openai.BadRequestError, match="is cancelled and cannot be cancelled any more"):
            client.batches.cancel(first.id)
        assert client.files.delete(first.input_file_id).deleted


def test_a_batch_goes_on_after_a_restart(folder: Path) -> None:
    lines = "".join(line(f"a{number}") for number in range(20))
    words = len("Hello, world") + 1
    engine = FakeEngine(gate=threading.Semaphore(3 * words))
    config = ServerConfig(files_dir=folder, shutdown_timeout=0)
    with serving(engine, config) as url, openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
        batch = begun(client, lines)
        engine.wait_for(requests=16)
    again = FakeEngine()
    with serving(again, config) as url, openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
        done = until(client, batch.id, ended)
        assert done.request_counts.model_dump() == {"total": 20, "completed": 20, "failed": 0}
        texts = client.files.content(done.output_file_id).text.splitlines()
        assert sorted(json.loads(text)["custom_id"] for text in texts) == sorted(f"a{number}" for number in range(20))
        assert {one.purpose for one in client.files.list()} == {"batch", "batch_output"}


def test_each_key_has_files_of_its_own_and_batches_pass_the_door(folder: Path) -> None:
    config = ServerConfig(files_dir=folder, api_key=("one", "two"), isolate_prefix_cache_by_key=True)
    engine = FakeEngine()
    with serving(engine, config) as url:
        one, two = (openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) for key in ("one", "two"))
        with one, two:
            batch = begun(one, line("a"))
            done = until(one, batch.id, ended)
            assert (done.status, done.request_counts.completed) == ("completed", 1)
            assert list(two.files.list()) == []
            assert list(two.batches.list()) == []
            for attempt in (
                lambda: two.files.content(done.output_file_id),
                lambda: two.files.delete(done.input_file_id),
                lambda: two.batches.retrieve(batch.id),
                lambda: two.batches.cancel(batch.id),
            ):
                with pytest.raises(openai.NotFoundError):
                    attempt()
            with pytest.raises(openai.BadRequestError, match="there is no file"):
                two.batches.create(input_file_id=done.input_file_id, endpoint=CHAT, completion_window="24h")
    assert engine.requests[-1].cache_salt.strip()
    stored = "".join(path.read_text() for path in folder.glob("*.json"))
    assert '"one"' not in stored


@pytest.mark.parametrize(
    ("fields", "files", "param"),
    [
        ({"purpose": "fine-tune"}, {"file": b"x"}, "purpose"),
        ({}, {"file": b"x"}, "purpose"),
        ({"purpose": "batch"}, {"other": b"x"}, "file"),
        ({"purpose": "batch", "file": "x"}, {"more": b""}, "file"),
        ({"purpose": "batch", "expires_after[seconds]": "60"}, {"file": b"x"}, "expires_after"),
        ({"purpose": "batch"}, {"file": b"x", "second": b"y"}, "file"),
        ({"purpose": "x" * 5000}, {"file": b"x"}, "file"),
    ],
)
def test_wrong_uploads_are_refused_by_name(api: openai.OpenAI, fields: Any, files: Any, param: str) -> None:
    answer = httpx.post(f"{api.base_url}files", data=fields, files=files)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == param


def test_what_is_no_form_is_refused(api: openai.OpenAI) -> None:
    for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=x"):
        answer = httpx.post(f"{api.base_url}files", content=b"{}", headers={"content-type": kind})
        assert answer.status_code == 400, kind


@pytest.mark.parametrize(
    ("path", "mebibytes"), [("/v1/files", 202), ("/v1/files/", 202), ("/v1/batches", 33), ("/v1/files/x", 33)]
)
def test_only_uploads_may_be_large(api: openai.OpenAI, path: str, mebibytes: int) -> None:
    connection = HTTPConnection(api.base_url.host, api.base_url.port, timeout=PATIENCE_S)
    try:
        connection.putrequest("POST", path)
        connection.putheader("content-length", str(mebibytes << 20))
        connection.endheaders()
        assert connection.getresponse().status == 413
    finally:
        connection.close()


def test_web_pages_of_others_cannot_upload(api: openai.OpenAI) -> None:
    """A browser sends a form without asking the server first."""
    own = f"http://{api.base_url.host}:{api.base_url.port}"
    for origin, status in (("https://evil.example", 400), ("null", 400), (own, 200)):
        form = {"data": {"purpose": "batch"}, "files": {"file": b"x"}, "headers": {"origin": origin}}
        assert httpx.post(f"{api.base_url}files", **form).status_code == status


@pytest.mark.parametrize("name", ["..%2Flock", "%2Fetc%2Fpasswd", "lock", "file-" + "0" * 32, "batch_x"])
def test_ids_are_no_paths(api: openai.OpenAI, name: str) -> None:
    for path in (f"files/{name}", f"files/{name}/content", f"batches/{name}"):
        assert httpx.get(f"{api.base_url}{path}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"endpoint": "/v1/embeddings"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"input_file_id": "file-none"}, "input_file_id"),
        ({"output_expires_after": {"seconds": 1}}, "output_expires_after"),
        ({"metadata": {"a": 1}}, "metadata.a"),
    ],
)
def test_wrong_batches_are_refused_by_name(api: openai.OpenAI, fields: dict[str, Any], param: str) -> None:
    body = {"input_file_id": uploaded(api, "x").id, "endpoint": CHAT, "completion_window": "24h", **fields}
    answer = httpx.post(f"{api.base_url}batches", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


def test_without_a_folder_there_are_neither(client: openai.OpenAI) -> None:
    for attempt in (client.files.list, client.batches.list, lambda: uploaded(client, "x")):
        with pytest.raises(openai.NotFoundError, match="start it with --files-dir"):
            attempt()


def test_a_store_takes_only_so_much(folder: Path, monkeypatch: pytest.MonkeyPatch, api: openai.OpenAI) -> None:
    monkeypatch.setattr("quatre.server.file_store.MOST_FILES", 1)
    uploaded(api, "x")
    with pytest.raises(openai.APIStatusError, match="keeps no more files") as caught:
        uploaded(api, "y")
    assert caught.value.status_code == 413


def test_two_servers_cannot_share_a_folder(folder: Path) -> None:
    store = FileStore(folder)
    with pytest.raises(ConfigError, match="another server keeps its files"):
        FileStore(folder)
    store.close()
    FileStore(folder).close()


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"id": "file-1"}', "5"])
def test_a_damaged_folder_is_one_sentence(folder: Path, content: str) -> None:
    folder.mkdir()
    (folder / "file-1.json").write_text(content)
    with fake_runtime(FakeEngine()), pytest.raises(ConfigError, match=r"file-1\.json .*; remove it"):
        FileStore(folder)
