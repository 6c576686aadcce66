"""Free memory, read from what the kernel says about a made-up machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from quatre.engine import config
from quatre.engine.config import EngineConfig
from quatre.engine.memory import available_memory, mapped_memory
from quatre.errors import ConfigError

GIB = 1 << 30
MAPS = """\
55fb1d9fc000-55fb5d9fc000 r--p 00000000 fe:00 260131                     /models/a file.gguf
55fc1d9fc000-55fc5d9fc000 r--p 00000000 fe:00 260131                     /models/a file.gguf
55fd1d9fc000-55fd5d9fc000 rw-p 00000000 00:00 0                          [heap]
55fd6d9fc000-55fd7d9fc000 rw-p 00000000 00:00 0
"""


def machine(folder: Path, groups: str) -> Path:
    (folder / "self").mkdir(parents=True)
    (folder / "meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable: {10 * GIB // 1024} kB\n")
    (folder / "self/maps").write_text(MAPS)
    (folder / "self/cgroup").write_text(groups)
    return folder


def group(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


def test_mapped_files_are_not_free_and_are_counted_once(tmp_path: Path) -> None:
    proc = machine(tmp_path / "proc", "0::/\n")
    assert available_memory(proc, tmp_path / "none") == 10 * GIB
    assert mapped_memory(proc) == GIB


def test_the_limit_of_a_container_counts_but_not_its_page_cache(tmp_path: Path) -> None:
    proc, groups = machine(tmp_path / "proc", "0::/outer/inner\n"), tmp_path / "groups"
    group(groups / "outer/inner", memory__max="max", memory__current=5 * GIB, memory__stat=f"anon 1\nfile {GIB}")
    (groups / "outer/memory.max").write_text(str(7 * GIB))
    (groups / "outer/memory.current").write_text(str(5 * GIB))
    (groups / "outer/memory.stat").write_text(f"anon 1\nfile {2 * GIB}\n")
    assert available_memory(proc, groups) == (7 - 5 + 2) * GIB


def test_a_group_that_is_the_root_of_its_container(tmp_path: Path) -> None:
    proc, groups = machine(tmp_path / "proc", "9:cpu:/\n4:memory:/docker/abc\n"), tmp_path / "groups"
    group(
        groups / "memory",
        memory__limit_in_bytes=3 * GIB,
        memory__usage_in_bytes=GIB,
        memory__stat="cache 5\ntotal_cache 0",
    )
    assert available_memory(proc, groups) == (3 - 1) * GIB


def test_a_system_that_says_nothing_has_half_of_its_memory(tmp_path: Path) -> None:
    assert available_memory(tmp_path / "none", tmp_path) > GIB // 4
    assert mapped_memory(tmp_path / "none") == 0


class Model:
    """What the options depend on."""

    max_positions = 1 << 18
    cache_bytes_per_token = 1 << 14


def resolve(monkeypatch: pytest.MonkeyPatch, free: int, weights: int = 0, **options: int) -> EngineConfig:
    monkeypatch.setattr(config, "available_memory", lambda: free + weights)
    monkeypatch.setattr(config, "mapped_memory", lambda: weights)
    return EngineConfig(**options).resolve(Model())  # type: ignore[arg-type]


def test_the_cache_takes_a_share_of_what_is_free_and_the_context_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = resolve(monkeypatch, 8 * GIB, weights=60 * GIB)
    assert (chosen.kv_cache_memory, chosen.max_model_len) == (2 * GIB, 1 << 17)


def test_a_context_that_was_asked_for_may_take_more(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = resolve(monkeypatch, 8 * GIB, max_model_len=1 << 18)
    assert (chosen.kv_cache_memory, chosen.max_model_len) == (4 * GIB, 1 << 18)
    with pytest.raises(ConfigError, match=rf"lower max_model_len to {3 * 9 * (1 << 16) // 10 // 32 * 32} "):
        resolve(monkeypatch, 3 * GIB, max_model_len=1 << 18)


def test_a_cache_larger_than_what_is_free_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"would take 4\.00 GiB, but 3\.00 GiB are free.*lower kv_cache_memory to"):
        resolve(monkeypatch, 3 * GIB, kv_cache_memory=4 * GIB)
    assert resolve(monkeypatch, 3 * GIB, kv_cache_memory=4 * GIB, max_model_len=64, max_num_seqs=2).kv_cache_memory == (
        2 * 64 << 14
    )


def test_weights_that_leave_nothing_are_no_secret_and_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="set kv_cache_memory to start anyway"):
        resolve(monkeypatch, -GIB, weights=5 * GIB)
    assert resolve(monkeypatch, -GIB, weights=5 * GIB, kv_cache_memory=GIB).max_model_len == 1 << 16
