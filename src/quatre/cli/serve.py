"""``quatre serve``."""

from __future__ import annotations

import gc
import logging
from contextlib import ExitStack
from pathlib import Path

from quatre.engine.config import EngineConfig
from quatre.llm.opening import Backend, DType, open_runtime
from quatre.server.app import create_app
from quatre.server.hosts import is_loopback
from quatre.server.run import open_socket, serve, tls_of, url_of
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
    mmproj: Path | None = None,
) -> None:
    """Listen, load, make a first token, say where; until Ctrl-C or SIGTERM."""
    gc.disable()  # until it serves: what is loaded stays, and looking for garbage in it is a sixth of the time
    listener = open_socket(host, port)  # before minutes of loading
    is_local = is_loopback(listener.getsockname()[0])
    if not server.api_key and not is_local:
        log.warning("everyone who can reach %s can use this server; set QUATRE_API_KEY to ask for a key", host)
    with ExitStack() as ending:
        with refusing(listener, LOADING, tls_of(server)):
            runtime = open_runtime(
                model, backend=backend, dtype=dtype, device=device, threads=threads, config=engine, mmproj=mmproj
            )
            ending.callback(runtime.close)
            runtime.warm_up()
            app = create_app(runtime, server, local_as=host if is_local else None)
        names = ", ".join(app.state.service.names)
        url = url_of(listener, "https" if server.ssl_certfile else "http")
        serve(app, listener, on_ready=lambda: print(f"Serving {names} at {url}/v1", flush=True))
