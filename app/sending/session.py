"""`requests` over the wire, one request at a time: for a check, and for what is sent by hand."""

from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from app.domain.addresses.guard import AddressGuard
from app.sending.http.client import HttpClient
from app.sending.http.outcome import Outcome
from app.sending.http.request import Request

DEFAULT_SECONDS = 15.0


class Unanswered(requests.RequestException):
    """No whole answer came; `outcome` says why."""

    def __init__(self, outcome: Outcome, request: requests.PreparedRequest) -> None:
        super().__init__(f"{outcome.cause}: {outcome.detail}", request=request)
        self.outcome = outcome


class UnansweredInTime(Unanswered, requests.Timeout):
    pass


class NotConnected(Unanswered, requests.ConnectionError):
    pass


class NotSecure(Unanswered, requests.exceptions.SSLError):
    pass


class BadUrl(Unanswered, requests.exceptions.InvalidURL):
    pass


class CallboardAdapter(BaseAdapter):
    """To be mounted in a Session. Its responses and its errors carry `outcome`.

    Nothing of the environment, and none of `verify`, `cert` and `proxies`, has an effect: who may
    be called and who is trusted is the installation's rule. `timeout` is one number of seconds,
    for the whole transfer."""

    def __init__(self, guard: AddressGuard, *, dns_servers: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._client = HttpClient(guard, max_in_flight=1, dns_servers=dns_servers)

    def send(
        self, request: requests.PreparedRequest, *_: Any, timeout: Any = None, **__: Any
    ) -> requests.Response:
        outcome = self.exchange(request, _seconds(timeout))
        if outcome.cause != "ok" or outcome.status is None:
            raise _error(outcome, request)
        return _response(outcome, request)

    def exchange(self, request: Request, seconds: float) -> Outcome:
        """Send it and wait for what becomes of it."""
        self._client.start(request, timeout=seconds, tag=None)
        while True:
            for _, outcome in self._client.poll(seconds):
                return outcome

    def close(self) -> None:
        self._client.close()


class CallboardSession(requests.Session):
    """A Session whose calls go over the wire and follow no redirect."""

    def __init__(self, guard: AddressGuard, *, dns_servers: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.trust_env = False
        # Its own would ask for compressed answers, and name another sender.
        self.headers = CaseInsensitiveDict({"Accept": "*/*"})
        adapter = CallboardAdapter(guard, dns_servers=dns_servers)
        self.adapters.clear()
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        return super().send(request, **{**kwargs, "allow_redirects": False})


def send_once(
    request: Request, guard: AddressGuard, timeout: float, *, dns_servers: tuple[str, ...] = ()
) -> Outcome:
    """One request on a connection of its own. timeout: seconds for all of it. Never raises for
    what the receiver does or what the request is."""
    adapter = CallboardAdapter(guard, dns_servers=dns_servers)
    try:
        return adapter.exchange(request, timeout)
    finally:
        adapter.close()


def _seconds(timeout: Any) -> float:
    if isinstance(timeout, tuple):
        given = [float(part) for part in timeout if part is not None]
        return sum(given) if given else DEFAULT_SECONDS
    return DEFAULT_SECONDS if timeout is None else float(timeout)


def _error(outcome: Outcome, request: requests.PreparedRequest) -> Unanswered:
    if outcome.cause.startswith("timeout_"):
        return UnansweredInTime(outcome, request)
    if outcome.cause.startswith("tls"):
        return NotSecure(outcome, request)
    if outcome.cause == "url":
        return BadUrl(outcome, request)
    return NotConnected(outcome, request)


def _response(outcome: Outcome, request: requests.PreparedRequest) -> requests.Response:
    response: Any = requests.Response()
    head = (outcome.response_head or b"").decode("latin-1").split("\r\n")
    response.status_code = outcome.status
    response.reason = head[0].split(" ", 2)[2] if head[0].count(" ") > 1 else ""
    for line in head[1:]:
        name, separator, value = line.partition(":")
        if separator:
            # Where a name occurs twice, as in RFC 9110: one value, separated by commas.
            before = response.headers.get(name)
            value = value.strip()
            response.headers[name] = value if before is None else f"{before}, {value}"
    response.url = request.url
    response.request = request
    response.outcome = outcome
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response._content = outcome.response_body  # noqa: SLF001 - it is read already
    response._content_consumed = True  # noqa: SLF001
    return response  # type: ignore[no-any-return]
