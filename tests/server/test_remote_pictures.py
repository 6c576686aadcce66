"""Pictures by their addresses: only from hosts that are listed, at public addresses, in measure; on every endpoint.

The internet of these tests is on this machine: names resolve to what a test says, and whoever connects to a public
address reaches a server of the test's.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from PIL import Image
from serving import self_signed, serving

from fakes import PATIENCE_S, ByteTokenizer, FakeEngine
from quatre.chat.messages import read_messages
from quatre.chat.pictures import open_picture
from quatre.errors import ConfigError, RequestError
from quatre.server import public_network, remote_pictures
from quatre.server.public_network import PublicNetwork, is_public
from quatre.server.remote_pictures import Origin, RemotePictures
from quatre.server.service import ServerConfig

PUBLIC = "93.184.216.34"


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (3, 2), (9, 8, 7)).save(file, "PNG")
    return file.getvalue()


PNG = png()


class Site:
    """A web server, and the network on which it is at a public address, whatever the port."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[tuple[str, str]] = []
        self.connected: list[tuple[str, int]] = []
        self.names: dict[str, Sequence[str]] = {"pictures.example": [PUBLIC]}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.headers["host"], self.path))
                site.answers.get(self.path, picture)(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join(PATIENCE_S)
        self.server.server_close()

    def network(self) -> PublicNetwork:
        site = self

        class Loopback(httpcore.AnyIOBackend):
            async def connect_tcp(
                self, host: str, port: int, timeout: float | None = None, *rest: Any
            ) -> httpcore.AsyncNetworkStream:
                site.connected.append((host, port))
                return await super().connect_tcp("127.0.0.1", site.server.server_port, timeout, *rest)

        async def resolve(host: str, port: int) -> Sequence[str]:
            return self.names.get(host, ())

        return PublicNetwork(resolve, Loopback())

    def fetch(self, url: str, *domains: str, **more: Any) -> bytes:
        """What the picture at the address becomes."""

        async def fetch() -> Any:
            pictures = RemotePictures(domains or ["http://pictures.example"], self.network(), **more)
            return await pictures.fetched([message(url)])

        (told,) = asyncio.run(fetch())
        shown = told["content"][1]["image_url"]["url"]
        head, _, content = shown.partition(",")
        assert head == "data:;base64"
        assert told["content"][0] == {"type": "text", "text": "What is it?"}
        return base64.b64decode(content)


def message(url: str) -> dict[str, Any]:
    shown = {"type": "image_url", "image_url": {"url": url}}
    return {"role": "user", "content": [{"type": "text", "text": "What is it?"}, shown]}


def picture(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, PNG)


def reply(handler: BaseHTTPRequestHandler, status: int, content: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"content-length": str(len(content)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


def to(location: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: reply(handler, 302, location=location)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


# -- What may be fetched -----------------------------------------------------------------------------------------------


def test_a_picture_from_a_listed_host(site: Site) -> None:
    content = site.fetch("http://pictures.example/a/cat.png?size=3&x=%20#top")
    assert content == PNG
    assert site.asked == [("pictures.example", "/a/cat.png?size=3&x=%20")]
    assert site.connected == [(PUBLIC, 80)]
    assert open_picture("data:;base64," + base64.b64encode(content).decode()).size == (3, 2)


@pytest.mark.parametrize(
    ("entry", "yes", "no"),
    [
        (
            "example.org",
            ["https://example.org/a", "https://EXAMPLE.org:443/"],
            ["http://example.org/", "https://a.example.org/", "https://example.org:8443/", "https://example.org.evil/"],
        ),
        (
            "*.example.com",
            ["https://a.example.com/", "https://a.b.example.com/"],
            ["https://example.com/", "https://evilexample.com/", "https://a.example.com.evil.net/"],
        ),
        ("http://example.org:8080", ["http://example.org:8080/"], ["http://example.org/", "https://example.org:8080/"]),
        ("*.bücher.example", ["https://a.bücher.example/", "https://a.xn--bcher-kva.example"], ["https://a.example/"]),
    ],
)
def test_which_addresses_an_entry_means(entry: str, yes: list[str], no: list[str]) -> None:
    origin = Origin.read(entry)
    assert [origin.has(httpx.URL(url)) for url in yes] == [True] * len(yes)
    assert [origin.has(httpx.URL(url)) for url in no] == [False] * len(no)


@pytest.mark.parametrize(
    "entry", ["*", "", "ftp://a.example", "a.example/path", "u:p@a.example", "*.*.example", "a b", "https://", "a:x"]
)
def test_entries_that_mean_nothing_stop_the_start(entry: str) -> None:
    with pytest.raises(ConfigError, match="expected hosts such as"):
        RemotePictures([entry])


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://other.example/cat.png", "not among those .*--allow-image-url-domains"),
        ("https://pictures.example/cat.png", "not among those"),
        ("http://pictures.example@other.example/", "name and password"),
        ("http://u:p@pictures.example/", "name and password"),
        ("http://pictures.example\\@other.example/", "name and password"),
        ("http://pictures.example:81/", "not among those"),
        ("http://pictures.example./", "not among those"),
        ("http://[::1", "no URL"),
        ("http://pictures.example/" + "x" * 9000, "too long"),
    ],
)
def test_other_addresses_are_refused_and_nobody_is_asked(site: Site, url: str, words: str) -> None:
    with pytest.raises(RequestError, match=words) as refusal:
        site.fetch(url)
    assert refusal.value.param == "messages"
    assert len(str(refusal.value)) < 300
    assert not site.connected


# -- Where it is -------------------------------------------------------------------------------------------------------

INSIDE = [
    *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("100.100.100.200", "168.63.129.16", "192.0.0.192", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1"),
    *("::ffff:93.184.216.34", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "::127.0.0.1", "2001:db8::1"),
    "no address",
]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_of_the_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700:4700::1111"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("addresses", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::1", PUBLIC]])
def test_a_host_with_any_address_inside_is_not_connected_to(site: Site, addresses: list[str]) -> None:
    site.names["pictures.example"] = addresses
    with pytest.raises(RequestError, match="an address that is not public"):
        site.fetch("http://pictures.example/cat.png")
    assert not site.connected


def test_a_listed_address_of_this_machine_is_refused_by_the_real_network() -> None:
    pictures = RemotePictures(["http://localhost:9", "http://127.0.0.1:9"])
    for host in ("localhost", "127.0.0.1"):
        with pytest.raises(RequestError, match="not public"):
            asyncio.run(pictures.fetched([message(f"http://{host}:9/")]))


def test_the_name_is_looked_up_once_and_that_address_is_the_one(site: Site) -> None:
    """A name server that gives a public address first and one of the inside after that."""
    given: Iterator[list[str]] = iter([[PUBLIC], ["127.0.0.1"]])
    lookups = []
    network = site.network()

    async def rebinding(host: str, port: int) -> list[str]:
        lookups.append(host)
        return next(given)

    async def fetch() -> None:
        pictures = RemotePictures(["http://pictures.example"], PublicNetwork(rebinding, network._network))
        await pictures.fetched([message("http://pictures.example/cat.png")])

    asyncio.run(fetch())
    assert lookups == ["pictures.example"]
    assert site.connected == [(PUBLIC, 80)]


def test_names_that_do_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise OSError("no such name")

    monkeypatch.setattr(public_network.socket, "getaddrinfo", unknown)
    with pytest.raises(RequestError, match="cannot be had"):
        asyncio.run(RemotePictures(["a.example"]).fetched([message("https://a.example/")]))


# -- Redirections ------------------------------------------------------------------------------------------------------


def test_a_few_redirections_are_followed(site: Site) -> None:
    site.names["b.pictures.example"] = ["8.8.8.8"]
    site.answers = {"/1": to("/2"), "/2": to("http://b.pictures.example/3"), "/3": to("4")}
    assert site.fetch("http://pictures.example/1", "http://pictures.example", "http://*.pictures.example") == PNG
    assert [path for _, path in site.asked] == ["/1", "/2", "/3", "/4"]
    assert site.connected[2:] == [("8.8.8.8", 80)] * 2


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://169.254.169.254/latest/meta-data", "not among those"),
        ("http://other.example/", "not among those"),
        ("//other.example/", "not among those"),
        ("https://pictures.example/", "not among those"),
        ("file:///etc/passwd", "not among those"),
        ("http://inside.pictures.example/", "not public"),
        ("/loop", "more than 3 redirections"),
        ("http://[::1", "no URL"),
    ],
)
def test_each_hop_is_judged(site: Site, location: str, words: str) -> None:
    site.names["inside.pictures.example"] = ["192.168.0.1"]
    site.answers = {"/1": to(location), "/loop": to("/loop")}
    with pytest.raises(RequestError, match=words):
        site.fetch("http://pictures.example/1", "http://pictures.example", "http://inside.pictures.example")
    assert {address for address, _ in site.connected} == {PUBLIC}


# -- Measure -----------------------------------------------------------------------------------------------------------


def chunks(handler: BaseHTTPRequestHandler, pieces: Iterable[bytes]) -> None:
    handler.send_response(200)
    handler.end_headers()  # without a length: until the connection closes
    try:
        for piece in pieces:
            handler.wfile.write(piece)
    except OSError:
        pass


def test_what_grows_too_large_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_pictures, "MOST_BYTES", 1 << 20)
    sent = []

    def endless() -> Iterator[bytes]:
        while len(sent) < 1000:
            sent.append(None)
            yield bytes(1 << 16)

    site.answers = {"/endless": lambda handler: chunks(handler, endless())}
    with pytest.raises(RequestError, match="has more than 1 MB"):
        site.fetch("http://pictures.example/endless")
    assert len(sent) < 1000


def test_pictures_of_a_request_have_a_limit_together(site: Site) -> None:
    async def fetch() -> None:
        pictures = RemotePictures(["http://pictures.example"], site.network(), most_bytes=2 * len(PNG))
        same = [message("http://pictures.example/0")] * 5
        assert len(await pictures.fetched(same)) == 5  # the same address is asked once
        with pytest.raises(RequestError, match="together"):
            await pictures.fetched([message(f"http://pictures.example/{place}") for place in range(3)])

    asyncio.run(fetch())
    assert sum(path == "/0" for _, path in site.asked) <= 2


def test_what_takes_too_long_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_pictures, "FETCH_S", 0.3)
    over = threading.Event()

    def trickle() -> Iterator[bytes]:
        while not over.wait(0.05):
            yield b"x"

    site.answers = {"/slow": lambda handler: chunks(handler, trickle())}
    try:
        with pytest.raises(RequestError, match=r"not there within 0\.3 seconds"):
            site.fetch("http://pictures.example/slow")
    finally:
        over.set()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda handler: reply(handler, 404), "answers 404"),
        (lambda handler: reply(handler, 304), "answers 304"),
        (lambda handler: reply(handler, 200, PNG, content_encoding="gzip"), "compressed"),
        (lambda handler: handler.wfile.write(b"no HTTP at all\r\n\r\n"), "cannot be had"),
        (lambda handler: reply(handler, 200, b"", content_length="5"), "cannot be had"),
    ],
)
def test_other_answers_are_no_pictures(site: Site, answer: Any, words: str) -> None:
    site.answers = {"/": answer}
    with pytest.raises(RequestError, match=words):
        site.fetch("http://pictures.example/")


# -- TLS ---------------------------------------------------------------------------------------------------------------


def test_https_checks_the_name_of_the_host(site: Site, tmp_path: Path) -> None:
    key, certificate = self_signed(tmp_path, "DNS:pictures.example")
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    site.server.socket = served.wrap_socket(site.server.socket, server_side=True)
    site.names["other.example"] = [PUBLIC]
    trusting = ssl.create_default_context(cafile=str(certificate))
    assert site.fetch("https://pictures.example/", "pictures.example", context=trusting) == PNG
    assert site.connected == [(PUBLIC, 443)]
    for url, context in (("https://other.example/", trusting), ("https://pictures.example/", None)):
        with pytest.raises(RequestError, match="cannot be had"):
            site.fetch(url, "pictures.example", "other.example", context=context)
    assert len(site.asked) == 1


# -- The endpoints -----------------------------------------------------------------------------------------------------

URL = "http://pictures.example/cat.png"
TEXT = {"type": "text", "text": "What is it?"}
REQUESTS = {
    "/v1/chat/completions": {"messages": [message(URL)]},
    "/v1/responses": {
        "input": [{"role": "user", "content": [{"type": "input_image", "image_url": URL}]}],
    },
    "/v1/messages": {
        "max_tokens": 9,
        "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": URL}}, TEXT]}],
    },
    "/v1/messages/count_tokens": {
        "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": URL}}, TEXT]}],
    },
    "/tokenize": {"messages": [message(URL)]},
}


class Seeing(ByteTokenizer):
    """Opens the pictures as real tokenizers do, and writes their sizes."""

    def chat_prompt(self, messages: Any, **more: Any) -> list[int]:
        parts = [part for turn in read_messages(messages) for part in turn.parts]
        sizes = [open_picture(part.text).size for part in parts if part.kind == "image"]
        return super().encode(f"{sizes}", bos=True)


class SeeingEngine(FakeEngine):
    sees = True


@pytest.mark.parametrize("path", REQUESTS)
def test_every_endpoint_fetches(site: Site, path: str) -> None:
    engine = SeeingEngine()

    def prepare(app: Any) -> None:
        app.state.service.pictures = RemotePictures(["http://pictures.example"], site.network())

    with serving(engine, tokenizer=Seeing(), prepare=prepare) as url:
        answer = httpx.post(url + path, json={"model": "fake", **REQUESTS[path]}, timeout=60)
    assert answer.status_code == 200, answer.text
    assert len(site.asked) == 1
    if engine.requests:
        assert bytes(engine.requests[0].prompt[1:]) == b"[(3, 2)]"


@pytest.mark.parametrize("domains", [(), ("other.example",)])
@pytest.mark.parametrize("path", REQUESTS)
def test_every_endpoint_refuses_unless_told(path: str, domains: tuple[str, ...]) -> None:
    with serving(SeeingEngine(), ServerConfig(allow_image_url_domains=domains), tokenizer=Seeing()) as url:
        answer = httpx.post(url + path, json={"model": "fake", **REQUESTS[path]}, timeout=60)
    assert answer.status_code == 400
    assert "--allow-image-url-domains" in answer.json()["error"]["message"]
    assert answer.json()["error"]["param"] == ("input" if "responses" in path else "messages")


@pytest.mark.parametrize("path", REQUESTS)
def test_nothing_is_fetched_for_a_model_that_cannot_see(site: Site, path: str) -> None:
    def prepare(app: Any) -> None:
        app.state.service.pictures = RemotePictures(["http://pictures.example"], site.network())

    with serving(FakeEngine(), tokenizer=Seeing(), prepare=prepare) as url:
        answer = httpx.post(url + path, json={"model": "fake", **REQUESTS[path]}, timeout=60)
    assert answer.status_code == 400
    place = "input[0]" if "responses" in path else "messages[0]"
    assert answer.json()["error"]["message"] == f"{place} has an image, but this model reads text only"
    assert site.asked == site.connected == []


@pytest.mark.parametrize(
    ("path", "place"), [("/v1/chat/completions", "messages[1]: "), ("/v1/responses", "input[1]: ")]
)
def test_a_picture_that_cannot_be_had_is_named_by_its_message(site: Site, path: str, place: str) -> None:
    def prepare(app: Any) -> None:
        app.state.service.pictures = RemotePictures(["http://pictures.example"], site.network())

    field = "input" if "responses" in path else "messages"
    body = {"model": "fake", field: [{"role": "user", "content": "Hi"}, *REQUESTS[path][field]]}
    site.answers = {"/cat.png": lambda handler: handler.send_error(404)}
    with serving(SeeingEngine(), tokenizer=Seeing(), prepare=prepare) as url:
        error = httpx.post(url + path, json=body, timeout=60).json()["error"]
    assert error["message"].startswith(f"{place}an image cannot be had")
    assert error["param"] == field


def test_others_are_answered_while_a_picture_is_awaited(site: Site) -> None:
    over = threading.Event()
    asked = threading.Event()

    def late(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        over.wait(PATIENCE_S)
        picture(handler)

    site.answers = {"/cat.png": late}

    def prepare(app: Any) -> None:
        app.state.service.pictures = RemotePictures(["http://pictures.example"], site.network())

    with serving(SeeingEngine(), tokenizer=Seeing(), prepare=prepare) as url:
        body = {"model": "fake", "messages": [message(URL)]}
        answers: list[httpx.Response] = []
        waiting = threading.Thread(
            target=lambda: answers.append(httpx.post(url + "/v1/chat/completions", json=body, timeout=60))
        )
        waiting.start()
        try:
            assert asked.wait(PATIENCE_S)
            others = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}]}
            assert httpx.post(url + "/v1/chat/completions", json=others, timeout=PATIENCE_S).status_code == 200
            assert not answers
        finally:
            over.set()
            waiting.join(PATIENCE_S)
    assert answers[0].status_code == 200
