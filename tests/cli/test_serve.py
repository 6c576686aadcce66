"""What ``quatre serve`` leaves behind."""

from __future__ import annotations

import socket
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from quatre.cli import serve
from quatre.engine.config import EngineConfig
from quatre.errors import CheckpointError
from quatre.server.run import open_unix_socket
from quatre.server.service import ServerConfig


def run(uds: Path) -> None:
    options = {"backend": "native", "dtype": "auto", "device": "cpu", "threads": 1}
    serve.run_server("model", "127.0.0.1", 0, ServerConfig(), EngineConfig(), uds=uds, **options)  # type: ignore[arg-type]


def test_a_start_that_fails_takes_its_socket_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "open_runtime", MagicMock(side_effect=CheckpointError("no")))
    with pytest.raises(CheckpointError):
        run(tmp_path / "quatre.sock")
    assert list(tmp_path.iterdir()) == []


def test_the_socket_of_the_next_server_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may begin while this one still closes its engine."""
    path = tmp_path / "quatre.sock"
    following: list[socket.socket] = []

    def served(app: object, listener: socket.socket, on_ready: object) -> None:
        listener.close()
        path.unlink()
        following.append(open_unix_socket(path))

    for name in ("open_runtime", "create_app"):
        monkeypatch.setattr(serve, name, MagicMock())
    monkeypatch.setattr(serve, "serve", served)
    run(path)
    assert path.is_socket()
    following[0].close()
