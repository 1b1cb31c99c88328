"""Send requests through the installation's proxy: CONNECT or SOCKS5, to checked addresses.

The guard's rule stays: names are resolved here, and the proxy is asked to connect to an address
that the guard allows, never to a name. Only test inboxes and listeners of this
installation, which the guard exempts, are called without the proxy.
"""

from dataclasses import replace
from typing import Any

import pycurl

from app.domain.addresses.guard import AddressGuard
from app.domain.addresses.proxies import Proxy
from app.sending.http.failures import Failure, describe_proxy
from app.sending.http.handle import CurlHandle
from app.sending.http.request import Origin, Outgoing

# Addresses of one name that the proxy is asked for, one after another.
MAX_ADDRESSES = 4
# pycurl has no names for these.
_SUPPRESS_CONNECT_HEADERS, _E_PROXY = 265, 97
_NOT_CONNECTED = frozenset({pycurl.E_COULDNT_CONNECT, pycurl.E_RECV_ERROR, _E_PROXY})
_TUNNEL_OPEN = 200


class Tunnels:
    """In place of `Pins`."""

    def pin(self, origin: Origin, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """Return the CONNECT_TO entry of each address. IPv4 comes first: many proxies have no
        IPv6."""
        name = origin.name or origin.host
        ordered = sorted(addresses, key=lambda text: ":" in text)[:MAX_ADDRESSES]
        return tuple(
            f"{_bracketed(name)}:{origin.port}:{_bracketed(text)}:{origin.port}" for text in ordered
        )

    def settle(self) -> None:
        pass


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


class _Anywhere:
    """The guard of the connection to the proxy, which the operator has chosen."""

    def allowed(self, *_: Any) -> bool:
        return True

    def is_exempt(self, _url: str) -> bool:
        return False


class TunnelHandle(CurlHandle):
    """A handle whose connections go through the proxy."""

    __slots__ = ("_is_direct", "_next", "_proxy", "_routes", "_rule")

    def __init__(
        self, guard: AddressGuard, ca_file: str, watched: dict[int, int], *, proxy: Proxy
    ) -> None:
        super().__init__(guard, ca_file, watched)
        self._rule, self._proxy = guard, proxy
        self._is_direct = True
        self._routes: tuple[str, ...] = ()
        self._next = 0
        for option, value in (
            (pycurl.NOPROXY, ""),  # Otherwise libcurl reads no_proxy.
            (pycurl.PROXY_CAINFO, ca_file),
            (pycurl.USERAGENT, "Callboard"),  # Of CONNECT only.
            (pycurl.HEADEROPT, pycurl.HEADER_SEPARATE),
            (_SUPPRESS_CONNECT_HEADERS, 1),
        ):
            self.curl.setopt(option, value)
        if proxy.username:
            self.curl.setopt(pycurl.PROXYUSERNAME, proxy.username)
            self.curl.setopt(pycurl.PROXYPASSWORD, proxy.password)
            self.curl.setopt(pycurl.PROXYAUTH, pycurl.HTTPAUTH_BASIC)

    def begin(self, outgoing: Outgoing, pin: str | tuple[str, ...] | None) -> None:
        """pin: of `Tunnels`."""
        assert isinstance(pin, tuple)
        super().begin(outgoing, None)
        self._routes, self._next = pin, 0
        is_direct = self._rule.is_exempt(outgoing.url)
        if is_direct != self._is_direct:
            self._is_direct = is_direct
            self._guard = self._rule if is_direct else _Anywhere()
            self.curl.setopt(pycurl.PROXY, "" if is_direct else self._proxy.url)
            self.curl.setopt(pycurl.HTTPPROXYTUNNEL, 0 if is_direct else 1)
        self._take_route()

    def _take_route(self) -> None:
        self.curl.setopt(pycurl.CONNECT_TO, [self._routes[self._next]])

    def should_repeat(self, code: int) -> bool:
        if super().should_repeat(code):
            return True
        has_other = self._next + 1 < len(self._routes)
        return has_other and not self._sent and not self.head and code in _NOT_CONNECTED

    def repeat(self) -> None:
        if not self._sent and self._next + 1 < len(self._routes):
            self._next += 1
            self._take_route()
        super().repeat()

    def phase(self) -> str:
        phase = super().phase()
        if phase != "timeout_tls" or self._is_direct or self._proxy.scheme == "socks5":
            return phase
        # Connected to the proxy; is the proxy connected to the receiver?
        is_open = self.curl.getinfo(pycurl.HTTP_CONNECTCODE) == _TUNNEL_OPEN
        return phase if is_open else "timeout_connect"

    def failure(self, code: int, message: str) -> Failure:
        failure = super().failure(code, message)
        if self._is_direct or self._sent:
            return failure
        get = self.curl.getinfo
        fault = describe_proxy(
            failure,
            get(pycurl.HTTP_CONNECTCODE),
            get(pycurl.PROXY_ERROR),
            is_tls=self._proxy.scheme == "https",
        )
        return replace(failure, fault=fault)

    def _before_send(self, remote: str, *more: object) -> int:
        result = super()._before_send(remote, *more)
        if not self._is_direct:
            # What the proxy was asked to connect to.
            self.remote = self._address()
        return result

    def _address(self) -> str:
        entry = self._routes[self._next]
        return entry.rpartition(":")[0].partition(f":{self.outgoing.origin.port}:")[2].strip("[]")
