"""What every endpoint needs: the model, the names that it answers to, and the options of the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Thread
from time import time
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import Request as HttpRequest

from quatre.chat.effort import EffortMap
from quatre.chat.tokenizer import Message
from quatre.engine.constraint import Constraint
from quatre.errors import ConfigError, RequestError
from quatre.grammar.asker import Asker
from quatre.llm.forms import Forms
from quatre.llm.runtime import Runtime
from quatre.server.fields import CompletionFields, is_text, naming
from quatre.server.hosts import ALL, THIS_MACHINE, check_hosts, check_proxies
from quatre.server.metrics import Metrics
from quatre.server.middleware import CLIENT, HOST, MAX_BODY_BYTES
from quatre.server.partings import Partings
from quatre.server.responses_store import ResponseStore
from quatre.server.traces import Traces

if TYPE_CHECKING:
    from quatre.server.remote_pictures import RemotePictures

T = TypeVar("T")

KEEP_ALIVE_S = 15.0

FIRST_S = 2.0
"""After the start, that belong to a client who waited for it."""

LEAST_PRIORITY: ContextVar[int] = ContextVar("least_priority", default=0)
"""The number of a request's priority is at least this: those of a batch come behind all others."""


@dataclass(frozen=True, kw_only=True)
class ServerConfig:
    """Options of the server, named as vLLM names its flags.

    served_model_name: names that requests may use as ``model``; empty for the checkpoint's own. One that ends with "*"
        stands for all that begin so
    api_key: keys, one of which clients must present; empty for an open server
    efforts: which reasoning effort each of OpenAI's words stands for
    sse_keep_alive_interval: seconds of silence after which a stream sends a comment
    isolate_prefix_cache_by_key: whether clients with different keys share neither computed prefixes nor compiled
        grammars, whose speed would tell one what another has asked
    enable_force_include_usage: whether streams count their tokens though the request does not ask for it
    normalize_agent_prompts: whether what agents change in system prompts at every turn is kept out of their beginning
    log_prompts: whether the log may show what users write
    files_dir: folder for files and batches; None for a server that has neither
    playground: whether there is a page at ``/`` to try the model with
    ssl_certfile, ssl_keyfile: certificate chain and its private key, for HTTPS
    allowed_origins: web pages whose scripts may use the server; "*" for all
    allowed_hosts: what a request's Host may be beside this machine's own names, see :func:`.hosts.check_hosts`; "*" for
        all. Without any it is looked at only where a web page could do harm by it, see :meth:`known_hosts`
    forwarded_allow_ips: addresses and networks of proxies whose ``X-Forwarded-For`` says who the client is and whose
        ``X-Forwarded-Proto`` says how it came; "*" for any. Without keys clients take turns by address
    max_request_bytes: largest body of a request that is no upload
    allow_image_url_domains: hosts that pictures are fetched from, see :meth:`.remote_pictures.Origin.read`
    otlp_traces_endpoint: URL that OpenTelemetry spans are sent to; None for no spans
    request_timeout: seconds after which an answer fails, if its request does not ask for fewer; None for any number
    shutdown_timeout: seconds that running answers may go on after the first Ctrl-C or SIGTERM
    """

    served_model_name: tuple[str, ...] = ()
    api_key: tuple[str, ...] = ()
    efforts: EffortMap = field(default_factory=EffortMap)
    sse_keep_alive_interval: float = KEEP_ALIVE_S
    isolate_prefix_cache_by_key: bool = False
    enable_force_include_usage: bool = False
    normalize_agent_prompts: bool = True
    log_prompts: bool = False
    files_dir: Path | None = None
    playground: bool = True
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    allowed_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    forwarded_allow_ips: tuple[str, ...] = THIS_MACHINE
    max_request_bytes: int = MAX_BODY_BYTES
    allow_image_url_domains: tuple[str, ...] = ()
    otlp_traces_endpoint: str | None = None
    request_timeout: float | None = None
    shutdown_timeout: int = 10

    def __post_init__(self) -> None:
        if "" in self.api_key:
            raise ConfigError("an API key is empty; give one, or leave the option out for an open server")
        if self.isolate_prefix_cache_by_key and not self.api_key:
            raise ConfigError("isolate_prefix_cache_by_key needs API keys; give some, or leave it out")
        if self.max_request_bytes < 1:
            raise ConfigError(f"max_request_bytes must be at least 1, got {self.max_request_bytes}")
        if self.ssl_keyfile is not None and self.ssl_certfile is None:
            raise ConfigError("ssl_keyfile needs an ssl_certfile")
        if self.shutdown_timeout < 0:
            raise ConfigError(f"shutdown_timeout must be at least 0 seconds, got {self.shutdown_timeout}")
        if self.otlp_traces_endpoint is not None and not self.otlp_traces_endpoint.startswith(("http://", "https://")):
            raise ConfigError("otlp_traces_endpoint must be a URL such as http://localhost:4318/v1/traces")
        if self.request_timeout is not None and not self.request_timeout > 0:
            raise ConfigError(f"request_timeout must be above 0 seconds, got {self.request_timeout}")
        if not self.sse_keep_alive_interval > 0:
            raise ConfigError(f"sse_keep_alive_interval must be above 0 seconds, got {self.sse_keep_alive_interval}")
        check_hosts(self.allowed_hosts)
        check_proxies(self.forwarded_allow_ips)

    def known_hosts(self, local_as: str | None) -> tuple[str, ...] | None:
        """The hosts that a request may name, beside those that always mean this machine; None for any.

        ``local_as``: where the server listens, if only its own machine can reach it there. If it then asks for no key,
        every web page that is read on the machine could reach it too.
        """
        if ALL in self.allowed_hosts or not (self.allowed_hosts or (local_as and not self.api_key)):
            return None
        return (*self.allowed_hosts, *((local_as,) if local_as else ()))


class Service:
    """One served model. Lives in ``app.state.service``. ConfigError if the checkpoint has no tokenizer."""

    def __init__(self, runtime: Runtime, config: ServerConfig) -> None:
        self.runtime = runtime
        self.tokenizer = runtime.tokenizer
        self.config = config
        self.names = tuple(name for name in config.served_model_name if not name.endswith("*")) or (runtime.name,)
        self._beginnings = tuple(name[:-1] for name in config.served_model_name if name.endswith("*"))
        self.started = int(time())
        self.responses = ResponseStore()
        self.efforts_told: set[str | None] = set()
        self.changes_told: set[str] = set()
        self.partings = Partings(self.tokenizer if config.log_prompts else None)
        self.pictures = _remote_pictures(config)
        config.efforts.check(self.tokenizer)  # now, rather than at every request
        config.efforts.effort(config.efforts.default, self.tokenizer.efforts)
        self.metrics = Metrics(runtime, self.names[0])
        endpoint = config.otlp_traces_endpoint
        self.traces = None if endpoint is None else Traces(runtime, self.names[0], endpoint)
        self._prompts = ThreadPoolExecutor(1, thread_name_prefix="quatre-prompts")
        self.forms = Forms(runtime)

    @cached_property
    def fills_in(self) -> bool:
        """Whether the vocabulary has marks for a text in the middle."""
        try:
            self.tokenizer.fim_prompt("", "")
        except RequestError:
            return False
        return True

    async def with_pictures(self, messages: Sequence[Message]) -> Sequence[Message]:
        """The messages with pictures in place of addresses, where the server may fetch them. RequestError says no."""
        return messages if self.pictures is None else await self.pictures.fetched(messages)

    def prepare(self) -> None:
        """Get ready, in the background, for requests that ask for a form: later it would hold up running answers."""
        Thread(target=self.runtime.prepare_grammars, args=(FIRST_S,), name="quatre-prepare", daemon=True).start()

    def check_model(self, name: str) -> None:
        """RequestError ``model_not_found`` (a 404) unless the name is served here."""
        if name not in self.names and not (is_text(name) and name.startswith(self._beginnings)):
            served = ", ".join(self.names)
            raise RequestError(
                f"The model {name[:200]!r} is not served here; this server has {served}.",
                param="model",
                code="model_not_found",
            )

    async def in_prompt_thread(self, work: Callable[[], T]) -> T:
        """Run tokenizing beside the event loop: a long prompt takes seconds, and others' tokens must go on flowing.

        One thread, because tokenizers do not promise to be thread-safe.
        """
        return await asyncio.get_running_loop().run_in_executor(self._prompts, work)

    async def constraint(self, body: CompletionFields) -> Constraint | None:
        """The compiled form that the answer must have, if the body asks for one. Nobody else waits for the compiler."""
        asked = body.structure()
        if asked is None:
            return None
        with naming({"structured_outputs": body.structure_field or ""}):
            return await self.forms.constraint(asked, asker=self.asker(body.terms()))

    def shows_usage(self, body: CompletionFields) -> bool:
        """Whether a stream ends with a chunk that counts the tokens."""
        return body.include_usage or self.config.enable_force_include_usage

    def asker(self, wanted: Mapping[str, Any]) -> Asker:
        """The present client, who ``wanted`` these terms: takes turns by key, or by address where there are none."""
        return Asker(CLIENT.get() or HOST.get(), self.terms(wanted).get("cache_salt", ""))

    def terms(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """How the engine is to treat the request of the present client, who ``wanted`` this."""
        terms = dict(wanted)
        if LEAST_PRIORITY.get():
            terms["priority"] = max(LEAST_PRIORITY.get(), terms.get("priority", 0))
        if self.config.request_timeout is not None:
            terms["timeout"] = min(self.config.request_timeout, terms.get("timeout", self.config.request_timeout))
        if self.config.isolate_prefix_cache_by_key:
            terms["cache_salt"] = f"{CLIENT.get()} {wanted.get('cache_salt', '')}"
        return terms

    def close(self) -> None:
        """Stop the engine."""
        self._prompts.shutdown(wait=False, cancel_futures=True)
        self.forms.close()
        self.runtime.close()
        if self.traces is not None:
            self.traces.close()


def service_of(request: HttpRequest) -> Service:
    """The service of the app that received the request."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


def _remote_pictures(config: ServerConfig) -> RemotePictures | None:
    """None for a server that fetches nothing: an HTTP client is a sixth of what starting imports."""
    if not config.allow_image_url_domains:
        return None
    from quatre.server.remote_pictures import RemotePictures

    return RemotePictures(config.allow_image_url_domains, most_bytes=config.max_request_bytes)
