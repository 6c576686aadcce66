"""Which hosts a request may name. A browser names the one in its address bar, so a web page whose name was made to mean
this machine (DNS rebinding), and which the browser then takes for the server's own, is known by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from quatre.errors import ConfigError
from quatre.server.errors import Failure

ALL = "*"
THIS_MACHINE = ("127.0.0.1", "::1")
_SENT = re.compile(r"(\[[^\s\[\]]+\]|[^\s:/@\[\]]+)(:\d{1,5})?")
_ENTRY = re.compile(r"(\*\.)?[\w-]+(\.[\w-]+)*", re.ASCII)


def check_hosts(entries: Sequence[str]) -> None:
    """ConfigError for what is no name, no address, no ``*.name`` for all names below it, and no ``*``."""
    for entry in entries:
        if entry != ALL and not _ENTRY.fullmatch(entry) and _address(entry) is None:
            raise ConfigError(
                f"allowed_hosts has {entry!r:.100}; expected hosts without a port, such as example.org, *.example.com "
                "or 192.0.2.1"
            )


def check_proxies(entries: Sequence[str]) -> None:
    """ConfigError for what is no address, no network such as ``10.0.0.0/8``, and no ``*``."""
    for entry in entries:
        try:
            if entry != ALL:
                ip_network(entry)
        except ValueError as error:
            raise ConfigError(
                f"forwarded_allow_ips has {entry!r:.100}; expected addresses or networks, such as 10.0.0.1 or "
                f"10.0.0.0/8: {error}"
            ) from error


def is_loopback(host: str) -> bool:
    """Whether it means this machine on every machine."""
    address = _address(host)
    return host == "localhost" or (address is not None and _unmapped(address).is_loopback)


def client_address(host: str) -> str:
    """The address of a client as it is written elsewhere: a socket for both families shows those of IPv4 as
    ``::ffff:192.0.2.1``, which no list of proxies has."""
    address = _address(host)
    return host if address is None else str(_unmapped(address))


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


class KnownHosts:
    """Refuses requests for hosts that are neither this machine's own names nor among ``hosts``."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app = app
        self._names = {_plain(host) for host in hosts}
        self._endings = tuple(host[1:].lower() for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = Headers(scope=scope).getlist("host") if scope["type"] == "http" else []
        for host in sent:  # none at all is HTTP/1.0, which no browser speaks
            if not self._knows(host):
                message = (
                    f"This server does not answer for the host {host[:100]!r}; if that is its name, start it with "
                    "--allowed-hosts and that name."
                )
                failure = Failure(status=403, message=message, code="host_not_allowed")
                return await failure.response(scope["path"])(scope, receive, send)
        return await self.app(scope, receive, send)

    def _knows(self, sent: str) -> bool:
        found = _SENT.fullmatch(sent)
        host = _plain(found[1]) if found else ""
        return is_loopback(host) or host in self._names or host.endswith(self._endings)


def _plain(host: str) -> str:
    """A name or an address in the one form in which they are compared."""
    address = _address(host)
    return host.lower().rstrip(".") if address is None else str(address)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
