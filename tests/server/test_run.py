"""Where the server listens."""

from __future__ import annotations

import socket

import pytest

from quatre.errors import ConfigError
from quatre.server.run import open_socket, url_of


def test_free_port_is_taken_but_refuses_until_it_listens() -> None:
    with open_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert url_of(listener) == f"http://127.0.0.1:{port}"
        assert listener.proto == socket.IPPROTO_TCP  # or asyncio leaves Nagle's algorithm on: 40 ms per token
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port} .*--port 0"):
            open_socket("127.0.0.1", port)


def test_unknown_host_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"cannot listen on no\.such\.host\.invalid:1"):
        open_socket("no.such.host.invalid", 1)


def test_every_network_is_reached_by_loopback() -> None:
    with open_socket("0.0.0.0", 0) as listener:
        assert url_of(listener).startswith("http://127.0.0.1:")
