"""Send a callback to a receiver on this machine, and tell what it responded."""

import base64
import time
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import requests

from callboard.models import Callback, LocalResponse

# As much of a response as Callboard stores.
MAX_BODY = 64 << 10
MAX_HEADER_BYTES = 16 << 10
# The server needs the rest of its 28 seconds.
LONGEST_SECONDS = 25.0
_CONNECT_SECONDS = 5.0
# Of the connection, or about a coding that requests has undone.
_NOT_REPORTED = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding"})
_MAX_ERROR = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """status None: there was no response; error says why. excerpt: of the body, as text."""

    status: int | None
    reason: str
    seconds: float
    report: LocalResponse
    error: str = ""
    excerpt: str = ""

    @property
    def is_accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Forwarder:
    """Thread-safe. url: of the receiver; the query of a callback is added. seconds: how long it may
    take. verifies_tls: whether its certificate must be trusted."""

    def __init__(
        self, url: str, seconds: float = LONGEST_SECONDS, *, verifies_tls: bool = True
    ) -> None:
        self.url, self._seconds, self._verifies_tls = url, seconds, verifies_tls

    def forward(self, callback: Callback) -> Outcome:
        began = time.monotonic()
        try:
            with requests.Session() as session:
                # Neither a proxy nor a password from ~/.netrc: the receiver gets what was signed.
                session.trust_env = False
                with session.request(
                    callback["method"],
                    self._target(callback["query"]),
                    headers={each["name"]: each["value"] for each in callback["headers"]},
                    data=_bytes(callback) or None,
                    timeout=(_CONNECT_SECONDS, self._seconds),
                    allow_redirects=False,
                    stream=True,
                    verify=self._verifies_tls,
                ) as response:
                    body = _start_of(response, began + self._seconds)
        except requests.RequestException as error:
            text = self._explained(error)
            return Outcome(None, "", time.monotonic() - began, {"error": text}, text)
        seconds = time.monotonic() - began
        report = _report(response, body)
        if report is None:
            text = f"{self.url} responded with status {response.status_code}, which is no status"
            return Outcome(None, "", seconds, {"error": text}, text)
        excerpt = body[:2_000].decode("utf-8", "replace")
        return Outcome(response.status_code, response.reason, seconds, report, "", excerpt)

    def _target(self, query: str) -> str:
        if not query:
            return self.url
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, query)))))

    def _explained(self, error: requests.RequestException) -> str:
        if isinstance(error, requests.exceptions.SSLError):
            return f"{self.url}: its TLS certificate is not trusted (--skip-tls-verify accepts it)"
        if isinstance(error, requests.ConnectTimeout | requests.ReadTimeout):
            return f"{self.url} did not respond within {self._seconds:g} seconds"
        text = " ".join(str(error).split())
        if "Connection refused" in text:
            return f"Connection refused by {self.url}: is your receiver running?"
        return f"{self.url}: {text}"[:_MAX_ERROR]


def _bytes(callback: Callback) -> bytes:
    body = callback["body"]
    text = body["text"]
    return base64.b64decode(text) if body["encoding"] == "base64" else text.encode()


def _start_of(response: requests.Response, until: float) -> bytes:
    """Of the body, within the time."""
    body = bytearray()
    for chunk in response.iter_content(8192):
        body += chunk
        if len(body) >= MAX_BODY:
            break
        if time.monotonic() > until:
            raise requests.ReadTimeout
    return bytes(body[:MAX_BODY])


def _report(response: requests.Response, body: bytes) -> LocalResponse | None:
    if not 200 <= response.status_code <= 599:
        return None
    pairs = [(n, v) for n, v in response.headers.items() if n.lower() not in _NOT_REPORTED]
    report = LocalResponse(status=response.status_code)
    report["headers"] = [{"name": n, "value": v} for n, v in pairs[:100] if len(n + v) <= 4096]
    try:
        report["body"] = body.decode()
    except UnicodeDecodeError:
        report["body"], report["body_encoding"] = base64.b64encode(body).decode(), "base64"
    return report
