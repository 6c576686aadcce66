"""Pictures that messages name by their addresses → data URLs, which are read as those that clients send.

Only from hosts that the server was told of, at public addresses (:mod:`quatre.server.public_network`), hop by hop.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpcore
import httpx

from quatre import __version__
from quatre.chat.messages import about
from quatre.chat.pictures import MOST_BYTES
from quatre.chat.tokenizer import Message
from quatre.errors import ConfigError, RequestError
from quatre.server.public_network import NotPublicError, PublicNetwork

FETCH_S = 20.0
"""For all pictures of a request together."""

AT_ONCE = 8
"""Pictures that are being fetched, for all clients together."""

MOST_HOPS = 3
LONGEST_URL = 8192
PORTS = {"https": 443, "http": 80}
HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
REMOTE = re.compile("https?:", re.IGNORECASE)
HEADERS = {"user-agent": f"quatre/{__version__}", "accept": "image/*", "accept-encoding": "identity"}


@dataclass(frozen=True)
class Origin:
    """Where pictures may come from: a host, or with ``below`` all names below it, by one scheme and at one port."""

    scheme: str
    host: str
    port: int
    below: bool

    @classmethod
    def read(cls, entry: str) -> Origin:
        """``[http://|https://][*.]host[:port]``; https unless it says otherwise. ConfigError for anything else."""
        scheme, mark, rest = entry.rpartition("://")
        below = rest.startswith("*.")
        try:
            url = httpx.URL(f"{scheme if mark else 'https'}://{rest.removeprefix('*.')}")
        except httpx.InvalidURL:
            url = httpx.URL()
        plain = url.scheme in PORTS and url.host and url.raw_path == b"/" and not (url.userinfo or url.fragment)
        if not plain or not HOST.fullmatch(_host(url)):
            raise ConfigError(
                f"allow_image_url_domains has {entry!r:.100}; expected hosts such as example.org, *.example.com or "
                "http://example.net:8080"
            )
        return cls(url.scheme, _host(url), url.port or PORTS[url.scheme], below)

    def has(self, url: httpx.URL) -> bool:
        """Whether the address is one of this origin."""
        if (url.scheme, url.port or PORTS.get(url.scheme)) != (self.scheme, self.port):
            return False
        host = _host(url)
        return host.endswith("." + self.host) if self.below else host == self.host


class RemotePictures:
    """Fetches from ``domains``, see :meth:`Origin.read`. Tests have another ``network`` and ``context`` (for TLS)."""

    def __init__(
        self,
        domains: Sequence[str],
        network: httpcore.AsyncNetworkBackend | None = None,
        context: ssl.SSLContext | None = None,
        *,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._origins = [Origin.read(domain) for domain in domains]
        self._network = network or PublicNetwork()
        self._context = context
        self._most_bytes = most_bytes
        self._turns = asyncio.Semaphore(AT_ONCE)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._context or httpcore.default_ssl_context()

    async def fetched(self, messages: Sequence[Message]) -> Sequence[Message]:
        """The messages with data URLs in place of addresses. RequestError if one cannot be had.

        Without any domains nothing is fetched; whoever reads the messages says so.
        """
        places: dict[str, int] = {}  # of each address, the first message that has it
        for place, message in enumerate(messages):
            for part in _parts(message):
                if url := _remote(part):
                    places.setdefault(url, place)
        if not places or not self._origins:
            return messages
        budget = _Budget(self._most_bytes)
        tasks = {url: asyncio.create_task(self._data_url(url, place, budget)) for url, place in places.items()}
        try:
            async with asyncio.timeout(FETCH_S):
                await asyncio.gather(*tasks.values())
        except TimeoutError:
            raise _wrong(f"was not there within {FETCH_S:g} seconds") from None
        finally:
            for task in tasks.values():
                task.cancel()
        found = {url: task.result() for url, task in tasks.items()}
        return [_with(message, found) for message in messages]

    async def _data_url(self, url: str, place: int, budget: _Budget) -> str:
        async with self._turns:
            with about(place):
                content = await self._follow(url, budget)
            return await asyncio.to_thread(lambda: "data:;base64," + base64.b64encode(content).decode())

    async def _follow(self, address: str, budget: _Budget) -> bytes:
        """The content, through a few redirections, each of which is judged as the first address was."""
        url = self._judged(address, None)
        for _ in range(MOST_HOPS + 1):
            try:
                found = await self._get(url, budget)
            except NotPublicError:
                raise _wrong(f"is at {url.host!r:.80}, which has an address that is not public") from None
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
                raise _wrong(f"at {url.host!r:.80} cannot be had ({type(error).__name__})") from error
            if isinstance(found, bytes):
                return found
            url = self._judged(found.location, url)
        raise _wrong(f"is behind more than {MOST_HOPS} redirections")

    def _judged(self, address: str, before: httpx.URL | None) -> httpx.URL:
        """The one reading of an address; what is connected to is made of its parts."""
        try:
            url = httpx.URL(address) if before is None else before.join(address)
        except httpx.InvalidURL:
            raise _wrong("has an address that is no URL") from None
        if len(address) > LONGEST_URL or url.userinfo:
            raise _wrong("has an address with a name and password in it, or one that is far too long")
        if not any(origin.has(url) for origin in self._origins):
            raise _wrong(
                f"is at {f'{url.scheme}://{url.netloc.decode()}'!r:.100}, which is not among those that this server "
                "fetches from (--allow-image-url-domains)"
            )
        return url

    async def _get(self, url: httpx.URL, budget: _Budget) -> bytes | _Redirection:
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port or PORTS[url.scheme], target=url.raw_path
        )
        async with (
            httpcore.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._network) as pool,
            pool.stream("GET", target, headers=_headers(url)) as answer,
        ):
            headers = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status in (301, 302, 303, 307, 308) and b"location" in headers:
                return _Redirection(headers[b"location"])
            if answer.status != 200:
                raise _wrong(f"cannot be had: {url.host!r:.80} answers {answer.status}")
            if headers.get(b"content-encoding", "identity") != "identity":
                raise _wrong("comes compressed once more, which was not asked for")
            content = bytearray()
            async for piece in answer.aiter_stream():
                content += piece
                budget.spend(len(piece))
                if len(content) > MOST_BYTES:
                    raise _wrong(f"has more than {MOST_BYTES >> 20} MB")
            return bytes(content)


@dataclass(frozen=True)
class _Redirection:
    location: str


class _Budget:
    """Bytes that the pictures of a request may have together."""

    def __init__(self, most: int) -> None:
        self._left = self._most = most

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise _wrong(f"and the others of its request have more than {self._most / 2**20:g} MiB together")


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii").lower()


def _headers(url: httpx.URL) -> list[tuple[bytes, bytes]]:
    return [(b"host", url.netloc), *((name.encode(), value.encode()) for name, value in HEADERS.items())]


def _parts(message: Message) -> list[Any]:
    content = message.get("content")
    return content if isinstance(content, list) else []


def _remote(part: Any) -> str | None:
    """The address in a part of a message, in OpenAI's form or Mistral's, if it is none of a data URL."""
    asked = part.get("image_url") if isinstance(part, Mapping) and part.get("type") == "image_url" else None
    url = asked.get("url") if isinstance(asked, Mapping) else asked
    return url if isinstance(url, str) and REMOTE.match(url) else None


def _with(message: Message, found: Mapping[str, str]) -> Message:
    if not any(map(_remote, _parts(message))):
        return message
    parts = [
        {"type": "image_url", "image_url": {"url": found[url]}} if (url := _remote(part)) else part
        for part in _parts(message)
    ]
    return {**message, "content": parts}


def _wrong(what: str) -> RequestError:
    return RequestError(f"an image {what}", param="messages")
