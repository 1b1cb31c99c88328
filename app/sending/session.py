"""A `requests` session for single outgoing calls, with the address guard of deliveries."""

from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from app.domain.addresses.guard import AddressGuard
from app.domain.addresses.proxies import Proxy
from app.domain.webhooks.credentials.certificates import ClientTls
from app.sending.http.client import HttpClient
from app.sending.http.outcome import Outcome
from app.sending.http.request import Request

DEFAULT_SECONDS = 15.0


class RequestFailed(requests.RequestException):
    """No complete response arrived; `outcome` says why."""

    def __init__(self, outcome: Outcome, request: requests.PreparedRequest) -> None:
        super().__init__(f"{outcome.cause}: {outcome.detail}", request=request)
        self.outcome = outcome


class RequestTimedOut(RequestFailed, requests.Timeout):
    pass


class ConnectionFailed(RequestFailed, requests.ConnectionError):
    pass


class TlsFailed(RequestFailed, requests.exceptions.SSLError):
    pass


class InvalidUrl(RequestFailed, requests.exceptions.InvalidURL):
    pass


class GuardedResponse(requests.Response):
    """`content` is the first 64 KiB of the body; see `outcome.response_truncated`."""

    def __init__(self, outcome: Outcome, request: requests.PreparedRequest) -> None:
        super().__init__()
        self.outcome = outcome
        self.request = request
        self.url = request.url or ""
        status_line, *lines = (outcome.response_head or b"").decode("latin-1").split("\r\n")
        self.status_code = outcome.status or 0
        self.reason = status_line.split(" ", 2)[2] if status_line.count(" ") > 1 else ""
        for header in lines:
            name, separator, value = header.partition(":")
            if separator:
                # Repeated headers are joined with commas, as RFC 9110 has it.
                previous = self.headers.get(name)
                value = value.strip()
                self.headers[name] = value if previous is None else f"{previous}, {value}"
        self.encoding = requests.utils.get_encoding_from_headers(self.headers)
        self._content = outcome.response_body
        self._content_consumed = True


class GuardedAdapter(BaseAdapter):
    """Sends through an HttpClient. Its responses and its errors carry the `outcome`.

    Ignores `verify` and `proxies`: the installation decides which addresses may be called and
    which authorities are trusted. `cert`: a ClientTls. `timeout`: seconds for the whole request."""

    def __init__(
        self,
        guard: AddressGuard,
        *,
        dns_servers: tuple[str, ...] = (),
        proxy: Proxy | None = None,
    ) -> None:
        super().__init__()
        self._client = HttpClient(guard, max_in_flight=1, dns_servers=dns_servers, proxy=proxy)

    def send(
        self,
        request: requests.PreparedRequest,
        *_: Any,
        timeout: Any = None,
        cert: Any = None,
        **__: Any,
    ) -> GuardedResponse:
        seconds = _seconds(timeout)
        tls = cert if isinstance(cert, ClientTls) else None
        self._client.start(request, timeout=seconds, tag=None, tls=tls)
        while not (finished := self._client.poll(seconds)):
            pass
        [(_tag, outcome)] = finished
        if outcome.cause != "ok":
            raise _error(outcome, request)
        return GuardedResponse(outcome, request)

    def close(self) -> None:
        self._client.close()


class GuardedSession(requests.Session):
    """The way of every outgoing call that is not a delivery. For one thread.

    proxy: the installation's. Follows no redirect, and ignores other proxies and .netrc."""

    def __init__(
        self,
        guard: AddressGuard,
        *,
        dns_servers: tuple[str, ...] = (),
        proxy: Proxy | None = None,
    ) -> None:
        super().__init__()
        self.trust_env = False
        # The defaults of requests would accept compressed responses and name another user agent.
        self.headers = CaseInsensitiveDict({"Accept": "*/*"})
        self.adapters.clear()
        # Any other URL fails with InvalidUrl.
        self.mount("", GuardedAdapter(guard, dns_servers=dns_servers, proxy=proxy))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        # Given proxies keep requests from parsing the URL, which fails for some invalid ones.
        return super().send(request, **{**kwargs, "proxies": {}})

    def get_redirect_target(self, _resp: requests.Response) -> None:
        return None

    def send_exactly(
        self, request: Request, timeout: float, tls: ClientTls | None = None
    ) -> Outcome:
        """Send a request byte for byte, as a delivery would be; timeout in seconds. tls: the
        certificates of the connection.

        An invalid request or a failed one is an outcome, never an error."""
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = request.method, request.url, request.body
        # May be a list: `prepare` and a mapping would join or drop repeated headers.
        prepared.headers = request.headers  # type: ignore[assignment]
        try:
            response = self.send(prepared, timeout=timeout, cert=tls)
        except RequestFailed as error:
            return error.outcome
        assert isinstance(response, GuardedResponse)
        return response.outcome


def _seconds(timeout: Any) -> float:
    """timeout: as requests has it: a number, or a pair for connecting and reading."""
    if isinstance(timeout, tuple):
        parts = [float(part) for part in timeout if part is not None]
        return sum(parts) if parts else DEFAULT_SECONDS
    return DEFAULT_SECONDS if timeout is None else float(timeout)


def _error(outcome: Outcome, request: requests.PreparedRequest) -> RequestFailed:
    if outcome.cause.startswith("timeout_"):
        return RequestTimedOut(outcome, request)
    if outcome.cause.startswith("tls"):
        return TlsFailed(outcome, request)
    if outcome.cause == "url":
        return InvalidUrl(outcome, request)
    return ConnectionFailed(outcome, request)
