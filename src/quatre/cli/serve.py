"""``quatre serve``."""

from __future__ import annotations

import gc
import logging
from contextlib import ExitStack
from pathlib import Path

from quatre.engine.config import EngineConfig
from quatre.errors import ConfigError
from quatre.llm.opening import Backend, DType, open_runtime
from quatre.server.app import create_app
from quatre.server.run import is_local, open_socket, open_unix_socket, paths_of, serve, tls_of, url_of
from quatre.server.service import ServerConfig
from quatre.server.unready import LOADING, refusing

log = logging.getLogger(__name__)


def run_server(
    model: Path,
    host: str,
    port: int,
    server: ServerConfig,
    engine: EngineConfig,
    *,
    backend: Backend,
    dtype: DType,
    device: str,
    threads: int | None,
    uds: Path | None = None,
    mmproj: Path | None = None,
    chat_template: str | None = None,
) -> None:
    """Listen, load, make a first token, say where; until Ctrl-C or SIGTERM.

    ``uds``: a Unix socket to listen on instead. ``chat_template``: a file or a text, instead of the checkpoint's own.
    """
    gc.disable()  # until it serves: what is loaded stays, and looking for garbage in it is a sixth of the time
    template = None if chat_template is None else _template(chat_template)
    with ExitStack() as ending:
        # Before minutes of loading.
        listener = ending.enter_context(open_socket(host, port) if uds is None else open_unix_socket(uds))
        unserved = ending.enter_context(ExitStack())
        for path in paths_of(listener):
            unserved.callback(path.unlink, missing_ok=True)
        if not server.api_key and not is_local(listener):
            log.warning("everyone who can reach %s can use this server; set QUATRE_API_KEY to ask for a key", host)
        with refusing(listener, LOADING, tls_of(server)):
            runtime = open_runtime(
                model,
                backend=backend,
                dtype=dtype,
                device=device,
                threads=threads,
                config=engine,
                mmproj=mmproj,
                chat_template=template,
            )
            ending.callback(runtime.close)
            runtime.warm_up()
            # No web page reaches a Unix socket, so a request there may name any host.
            app = create_app(runtime, server, local_as=host if uds is None and is_local(listener) else None)
        names, url = ", ".join(app.state.service.names), url_of(listener, "https" if server.ssl_certfile else "http")
        where = f"{url}/v1" if uds is None else f"the socket {url}"
        unserved.pop_all()  # the server removes it when it stops; what is there then is the next one's
        serve(app, listener, on_ready=lambda: print(f"Serving {names} at {where}", flush=True))


def _template(given: str) -> str:
    """The file's text, or the template itself, which has braces. ConfigError if it is neither."""
    if "{" in given:
        return given
    try:
        return Path(given).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ConfigError(f"cannot read the chat template {given[:200]}: {reason}") from error
