"""HTTP requests to one server: credentials, timeouts, retries, errors as types."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from typing import Any, Self
from urllib.parse import quote, urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from callboard._version import __version__
from callboard.errors import CallboardError, Unreachable, error_of, retry_after_of
from callboard.retries import RetryPolicy

PREFIX = "/api/v1"
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
# The server took nothing: any request may be sent again.
NOTHING_TAKEN = frozenset({429, 503})
# A gateway gave up: the server may have carried the request out.
GATEWAY_ERRORS, NOT_IMPLEMENTED = frozenset({502, 504}), 501

# Of a download that are in memory at a time.
PIECE_BYTES = 64 << 10

Timeout = float | tuple[float, float]


class _Bearer(AuthBase):
    """Set as `auth`, so that requests does not prefer a password from ~/.netrc."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Transport:
    """timeout: seconds to connect and to wait for data, or a pair of both."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        organization: str | None = None,
        timeout: Timeout = (5.0, 30.0),
        retry_policy: RetryPolicy | None = None,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = checked_url(url)
        self.retry_policy = retry_policy or RetryPolicy()
        self.timeout = timeout
        self._session = session or requests.Session()
        self._sleep = sleep
        self._auth = _Bearer(_checked_key(key))
        self._headers = {"User-Agent": f"callboard-python/{__version__}"}
        self._headers["Accept"] = "application/json, application/problem+json"
        self.organization = organization
        if organization is not None:
            self._headers["Callboard-Organization"] = organization

    def close(self) -> None:
        self._session.close()

    def without_retries(self) -> Self:
        """For callers that repeat requests in their own way; the session is shared."""
        other = copy(self)
        other.retry_policy = RetryPolicy(retries=0)
        return other

    def for_organization(self, organization_id: str) -> Self:
        """The same for another organization; the session is shared."""
        other = copy(self)
        other.organization = organization_id
        other._headers = self._headers | {"Callboard-Organization": organization_id}  # noqa: SLF001
        return other

    def get(self, path: str, **query: Any) -> Any:
        return self.request("GET", path, query=query)

    def request(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        idempotency_key: str | None = None,
        repeatable: bool = False,
    ) -> Any:
        """The response's JSON, or None if it has no body.

        document: what to send as JSON; body: the same as bytes. repeatable: the server treats a
        repeat as the same request, although the method alone does not promise it.
        ApiError: the server refused it. Unreachable: no response in spite of all retries.
        """
        headers = dict(self._headers)
        if document is not None:
            body = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        repeatable = repeatable or idempotency_key is not None or method in IDEMPOTENT
        prepared = requests.Request(
            method, f"{self.url}{PREFIX}{path}", headers, data=body, params=_texts(query or {})
        )
        return _document(self._response(prepared, repeatable))

    def download(self, path: str, write: Callable[[bytes], object], **query: Any) -> int:
        """Hand the bytes of a response to `write`, in pieces; how many there were.

        The request is repeated until the response begins, but not once `write` has had bytes:
        Unreachable if the download breaks off. ApiError: the server refused it.
        """
        headers = self._headers | {"Accept": "*/*"}
        url = f"{self.url}{PREFIX}{path}"
        request = requests.Request("GET", url, headers, params=_texts(query))
        size = 0
        with self._response(request, repeatable=True, stream=True) as response:
            pieces = response.iter_content(PIECE_BYTES)
            while piece := self._piece(pieces, size):
                write(piece)
                size += len(piece)
        return size

    def _piece(self, pieces: Iterator[bytes], size: int) -> bytes:
        """b"": the end. size: of those before, for the error."""
        try:
            return next(pieces, b"")
        except requests.RequestException as error:
            text = f"The download broke off after {size} bytes: {_reason(error)}"
            raise Unreachable(text) from error

    def _response(
        self, request: requests.Request, repeatable: bool, *, stream: bool = False
    ) -> requests.Response:
        """stream: its body is not read yet, and the caller closes it."""
        retry = 0
        while True:
            retry += 1
            is_last = retry > self.retry_policy.retries
            retry_after: float | None = None
            try:
                response = self._send(request, stream=stream)
            except requests.RequestException as error:
                if isinstance(error, ValueError):
                    # An invalid URL or header: no request was made, and none can be.
                    raise CallboardError(str(error)) from error
                if is_last or not (repeatable or _was_not_sent(error)):
                    raise Unreachable(self._no_response(error)) from error
            else:
                if response.status_code < 300:
                    return response
                # Else a streamed one would keep its connection.
                with response:
                    if is_last or not _may_repeat(response.status_code, repeatable):
                        raise self._refused(response)
                    retry_after = retry_after_of(response)
            self._sleep(self.retry_policy.delay(retry, retry_after))

    def _send(self, request: requests.Request, *, stream: bool) -> requests.Response:
        request.auth = self._auth
        prepared = self._session.prepare_request(request)
        settings = self._session.merge_environment_settings(prepared.url, {}, stream, None, None)
        return self._session.send(prepared, timeout=self.timeout, allow_redirects=False, **settings)

    def _refused(self, response: requests.Response) -> CallboardError:
        if response.status_code in GATEWAY_ERRORS:
            return Unreachable(f"{self.url} responded with status {response.status_code}.")
        return error_of(response)

    def _no_response(self, error: requests.RequestException) -> str:
        if isinstance(error, requests.exceptions.SSLError):
            return f"The TLS certificate of {self.url} is not trusted: {_reason(error)}"
        if isinstance(error, requests.Timeout):
            return f"{self.url} did not respond within {self.timeout} seconds."
        if _was_not_sent(error):
            return f"Cannot connect to {self.url}. Check the URL and that the server runs."
        return f"The connection to {self.url} failed: {_reason(error)}"


def path_of(*segments: str) -> str:
    """`/webhooks/<id>` from its segments, each percent-encoded."""
    for segment in segments:
        # An empty or dot segment would address another resource.
        if segment in ("", ".", ".."):
            raise ValueError(f"{segment!r} is not an id.")
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


def checked_url(url: str) -> str:
    """`url` without a trailing slash; CallboardError unless it is an http or https URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise CallboardError(f"{url!r} is not a URL such as https://callboard.example.com")
    return url.rstrip("/").removesuffix(PREFIX)


def _checked_key(key: str) -> str:
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise CallboardError("The API key is empty or has characters that no key has.")
    return key


def _texts(query: Mapping[str, Any]) -> dict[str, str]:
    """Without what is None; booleans and lists as the API writes them."""
    return {name: _query_text(value) for name, value in query.items() if value is not None}


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)


def _may_repeat(status: int, repeatable: bool) -> bool:
    return status in NOTHING_TAKEN or (repeatable and status >= 500 and status != NOT_IMPLEMENTED)


def _was_not_sent(error: requests.RequestException) -> bool:
    """Whether no connection was made, so that the server cannot have carried it out."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _reason(error: requests.RequestException) -> str:
    cause = error.args[0] if error.args else error
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return " ".join(str(reason).split())[:200]


def _document(response: requests.Response) -> Any:
    if response.status_code == 204 or not response.content:
        return None
    try:
        return response.json()
    except ValueError as error:
        where = response.url.partition("?")[0]
        raise CallboardError(f"{where} did not respond with JSON: is this Callboard?") from error
