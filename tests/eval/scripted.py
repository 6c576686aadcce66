"""An OpenAI-compatible server on a socket whose answers are written down beforehand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[dict[str, Any]], tuple[int, bytes]]
"""A request's body → status and body of the answer."""


def completion(content: str | None = None, *calls: tuple[str, str], reasoning: str = "", tokens: int = 5) -> bytes:
    """A chat completion; ``calls`` are names and arguments. Each character of reasoning counts as a token."""
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if calls:
        message["tool_calls"] = [
            {"id": f"call{i}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for i, (name, arguments) in enumerate(calls)
        ]
    if reasoning:
        message["reasoning_content"] = reasoning
    usage = {
        "completion_tokens": tokens + len(reasoning),
        "completion_tokens_details": {"reasoning_tokens": len(reasoning)},
    }
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    return json.dumps({"choices": [choice], "usage": usage}).encode()


@contextmanager
def scripted(script: Script) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The server's URL, and what it was asked so far, ``authorization`` included."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, b'{"data": [{"id": "scripted"}]}')

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append({**body, "authorization": self.headers.get("authorization")})
            self._send(*script(body))

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1", asked
        finally:
            server.shutdown()
            thread.join()
