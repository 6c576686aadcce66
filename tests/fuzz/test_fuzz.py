"""A moment of ``make fuzz``, and that it would notice what it looks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import fuzz_files
import numpy as np
import pytest
from subjects import SUBJECTS, Subject
from worker import case

from quatre.errors import CheckpointError

CASES = 12


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # damaged weights overflow
@pytest.mark.parametrize("name", fuzz_files.SUBJECTS)
def test_damaged_files_end_in_a_sentence_or_in_a_model(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    subject = SUBJECTS[name]
    subject.write(folder)
    subject.read(folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    refused = sum(case(subject, folder, Random(f"{name} {number}")) for number in range(CASES))
    assert refused > 0
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_every_subject_is_fuzzed() -> None:
    assert set(fuzz_files.SUBJECTS) == set(SUBJECTS)


def growing(folder: Path) -> None:
    np.ones(60 << 20)


def unreadable(folder: Path) -> None:
    raise CheckpointError("two\nlines")


def talkative(folder: Path) -> None:
    raise CheckpointError("x" * 2000)


def broken(folder: Path) -> None:
    raise KeyError("w")


@pytest.mark.parametrize(
    ("read", "error", "words"),
    [
        (growing, AssertionError, "MB of memory"),
        (unreadable, AssertionError, r"two\\nlines"),
        (talkative, AssertionError, "2000 characters"),
        (broken, KeyError, "w"),
    ],
)
def test_what_is_no_sentence_is_noticed(
    tmp_path: Path, read: Callable[[Path], None], error: type[Exception], words: str
) -> None:
    (tmp_path / "f").write_bytes(b"sound")
    subject = Subject(lambda folder: None, {"f": lambda rng, data: data + b"!"}, read)
    with pytest.raises(error, match=words):
        case(subject, tmp_path, Random(0))
    assert (tmp_path / "f").read_bytes() == b"sound!"  # kept, to be looked at


WORKERS = {
    "crash": ("import ctypes; ctypes.string_at(0)", "exit status -11"),
    "hang": ("import time; time.sleep(60)", "nothing for 3 s"),
    "exception": ("raise KeyError('weights')", "KeyError: 'weights'"),
    "no more memory": ("raise MemoryError", "MemoryError"),
}


@pytest.mark.parametrize(("code", "words"), WORKERS.values(), ids=WORKERS.keys())
def test_a_worker_that_fails_says_at_which_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: str, words: str
) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(f"for number in (40, 41, 42): print(number, flush=True)\n{code}\n")
    monkeypatch.setattr(fuzz_files, "WORKER", worker)
    monkeypatch.setattr(fuzz_files, "KEPT", tmp_path / "kept")
    batch = fuzz_files.run_batch("gguf", tmp_path, 7, 40, 10, silence=3)
    assert (batch.cases, batch.last) == (3, 42)
    assert words in batch.failure
    monkeypatch.setattr(fuzz_files, "SILENCE_S", 3)
    assert fuzz_files.fuzz(["gguf"], 7, 40, 10, 0) == 1
    printed = capsys.readouterr().out
    assert "again: --subjects gguf --seed 7 --first 42 --cases 1" in printed
    assert "1 failed" in printed
    assert (tmp_path / "kept" / "gguf-7-42").is_dir()


def test_cases_can_be_seen_again() -> None:
    """The same seed damages the same file in the same way, wherever a batch begins."""
    data = bytes(range(200))
    change = SUBJECTS["png"].damage["picture"]
    assert change(Random("png 0 5"), data) == change(Random("png 0 5"), data) != change(Random("png 0 6"), data)
