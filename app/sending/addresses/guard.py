"""The guard: which addresses a connection may go to, asked after DNS and at every connect."""

import contextlib
import socket
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from ipaddress import ip_address

from app.domain.addresses.ranges import Target
from app.domain.addresses.urls import Address, refusal

MAX_CACHED = 4096


def _no_exemption(_: str) -> bool:
    return False


class Guard:
    """The address rule of this installation.

    allowed: permitted private targets. own_port: the port that this installation listens on; it is
    refused on every address of this machine. backend_ports: ports of Redis and the database; they
    are refused on every private address, permitted or not.
    exempt: whether a URL is that of a test inbox or a listener of ours, which may be called at any
    address. It must check the whole URL, because the exemption covers any address.
    """

    def __init__(
        self,
        allowed: Iterable[Target] = (),
        exempt: Callable[[str], bool] = _no_exemption,
        *,
        own_port: int | None = None,
        backend_ports: Collection[int] = (),
    ) -> None:
        self._allowed = tuple(allowed)
        self._exempt = exempt
        self._own_port = own_port
        self._backend_ports = frozenset(backend_ports)
        # Each connection asks three times about one of a few addresses.
        self._decisions: dict[tuple[str, int | None], bool] = {}

    def allowed(
        self, address: str | Address, url: str | None = None, port: int | None = None
    ) -> bool:
        """Whether `address` may be called on `port`, or on behalf of `url`."""
        key, decisions = (str(address), port), self._decisions
        decision = decisions.get(key)
        if decision is None:
            if len(decisions) >= MAX_CACHED:
                decisions.clear()
            decision = decisions[key] = self._decide(*key)
        return decision or (url is not None and self._exempt(url))

    def refuse_port(self, port: int) -> None:
        """Add a port of Redis that became known later. Thread-safe."""
        if port not in self._backend_ports:
            self._backend_ports |= {port}
            # A new one: a thread that is deciding by the former ports stores it in the former one.
            self._decisions = {}

    def is_exempt(self, url: str) -> bool:
        """Whether the URL is that of a test inbox or a listener of ours."""
        return self._exempt(url)

    def _decide(self, text: str, port: int | None) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        if refusal(address) is None:
            return True
        if port in self._backend_ports or (port == self._own_port and is_local(text)):
            return False
        return refusal(address, self._allowed, port) is None


@lru_cache(maxsize=1024)
def is_local(address: str) -> bool:
    """Whether the address belongs to this machine: only then can a socket be bound to it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        return True
    return False
