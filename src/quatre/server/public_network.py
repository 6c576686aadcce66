"""Connections to public addresses only: what a name resolves to is judged, and the very address judged is connected to.

A name that is looked up twice may have another answer the second time (DNS rebinding), so here it is looked up once, at
the only place that connects.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpcore

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, for a port."""

INSIDE = tuple(
    map(
        ipaddress.ip_network,
        (
            "168.63.129.16/32",  # of Azure's inside; other clouds' are link-local, private or shared
            "192.0.0.0/24",  # this and the rest are public for the ipaddress of some Python or other
            "192.88.99.0/24",
            "64:ff9b::/96",  # the address of IPv4 that such a one holds is anywhere
            "64:ff9b:1::/48",
            "2001::/23",
            "2002::/16",
            "3fff::/20",
            "fec0::/10",
        ),
    )
)

_names = ThreadPoolExecutor(4, thread_name_prefix="quatre-names")  # a name server that is slow holds up nothing else


class NotPublicError(Exception):
    """A host has an address that is not one of the public internet."""


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """For httpcore. ``resolve`` and ``network``, which connects to an address, are others only in tests."""

    def __init__(self, resolve: Resolve | None = None, network: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._resolve = resolve or _look_up
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address of the host. NotPublicError if any of them is not public."""
        addresses = await self._resolve(host, port)
        if not addresses:
            raise httpcore.ConnectError("no addresses")
        if not all(map(is_public, addresses)):
            raise NotPublicError
        return await self._network.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Between tries, of which there is one."""
        await self._network.sleep(seconds)


def is_public(address: str) -> bool:
    """Whether the address is one of the public internet, and not another one in disguise."""
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(one, ipaddress.IPv6Address) and one.ipv4_mapped:
        return False
    return one.is_global and not (one.is_multicast or one.is_reserved or any(one in network for network in INSIDE))


async def _look_up(host: str, port: int) -> Sequence[str]:
    try:
        found = await asyncio.get_running_loop().run_in_executor(
            _names, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("the name is not known") from error
    return [str(address[0]) for _, _, _, _, address in found]
