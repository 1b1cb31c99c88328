"""Requests as nobody should send them, made at random from a seed."""

import random
from collections.abc import Callable, Sequence

METHODS = (
    "GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "BREW", "get",
    "PRI", "G@T", "", "A" * 30,
)  # fmt: skip
TARGETS = (
    "/healthz", "/api/v1/events", "/api/v1/events?limit=1", "/api/v1/events/batch",
    "/api/v1/nothing",
    "/nothing", "/sign-in", "/webhooks.json", "/v1/x", "/api/v1/%ff%fe", "/%2e%2e/healthz",
    "//healthz", "///api/v1/events", "/healthz#part", "/healthz?a=%zz", "http://other.test/healthz",
    "http://[", "*", "healthz", "/h\xe9", "/a b", "/a%00b", "/api/v1/events/" + "x" * 300, "/?" * 3,
    "/" + "x" * 8200, "/healthz;a=b", "other.test:80", "/api/v1/events%3Flimit=1", "/\x7f",
)  # fmt: skip
VERSIONS = ("HTTP/1.1",) * 12 + (
    "HTTP/1.0", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1 ", "",
)  # fmt: skip
FIELDS = (
    "Connection: close", "Connection: keep-alive", "Connection: Upgrade", "Upgrade: websocket",
    "Upgrade: h2c", "Expect: 100-continue", "Expect: other", "TE: trailers", "Trailer: X-T",
    "Host: second.test", "X_Under: 1", "Content_Length: 3", "X-Request-Id: chosen-by-me-1",
    "X-Forwarded-For: 192.0.2.1, 192.0.2.2", "X-Forwarded-Proto: https", "X-Forwarded-Ssl: off",
    "Content-Type: text/plain", "Content-Encoding: gzip", "X-Empty:", "X-Space : 1", " X-Folded: 1",
    "X-Obs: caf\xe9", "X-Nul: a\x00b", "X-Tab:\ta\t", "No colon", ": no name",
    "X-Long: " + "x" * 8300,
    "X-Cr: a\rb", "Cookie: callboard=nonsense", "Authorization: nonsense", "Content-Length: 5",
    "Content-Length: 0", "Transfer-Encoding: chunked", "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: xchunked",
    "Transfer-Encoding:\tchunked",
    "Content-Length: 1_0", "Content-Length: 0x5", "Content-Length: \xb2",
    "Sec-WebSocket-Version: 13",
)  # fmt: skip
BODIES = (
    b"", b"{}", b"[]", b'{"type":"a.b","payload":{}}', b'{"type":"a.b","payload":{"a":[1,2,3]}}',
    b'{"events":[{"type":"a.b","payload":{}}]}', b'{"type":"a.b"', b"\xff", b" " * 5000,
    b'{"type":"a.b","payload":{"a":"' + b"x" * 70_000 + b'"}}', b"x" * 1_100_000,
)  # fmt: skip


class OddRequests:
    """headers: credentials, sent with most requests."""

    def __init__(self, seed: int, headers: dict[str, str]) -> None:
        self._random = random.Random(seed)
        self._headers = [f"{name}: {value}" for name, value in headers.items()]

    def next(self) -> bytes:
        """The bytes of one connection: one to three requests, sometimes damaged."""
        choose = self._random
        data = b"".join(self._request() for _ in range(choose.choice((1, 1, 1, 2, 3))))
        if choose.random() < 0.3:
            data = self._damaged(data)
        return data

    def _request(self) -> bytes:
        choose = self._random
        plain = choose.random()
        method = choose.choice(("GET", "POST", "POST") if plain < 0.8 else METHODS)
        target = choose.choice(TARGETS[:4] if plain < 0.6 else TARGETS)
        version = choose.choice(VERSIONS) if plain > 0.3 else "HTTP/1.1"
        fields = ["Host: a.test"] if choose.random() < 0.95 else []
        fields += self._headers if choose.random() < 0.9 else []
        fields += ["Content-Type: application/json"] if choose.random() < 0.8 else []
        number = choose.choice((0, 0, 0, 1, 1, 2, 4))
        more = [choose.choice(FIELDS) for _ in range(number)]
        # Of several the old server reads the first; the front closes if any says so.
        first = next((field for field in more if field.startswith("Connection:")), None)
        fields += [field for field in more if field == first or not field.startswith("Connection:")]
        body, framing = self._framed(choose.choice(BODIES) if method != "GET" else b"")
        fields += framing
        choose.shuffle(fields)
        lines = [f"{method} {target} {version}", *fields, "", ""]
        end = "\n" if choose.random() < 0.01 else "\r\n"
        return end.join(lines).encode("latin-1") + body

    def _framed(self, body: bytes) -> tuple[bytes, list[str]]:
        choose = self._random
        kind = choose.random()
        if kind < 0.6:
            return body, [f"Content-Length: {len(body)}"] if body else []
        if kind < 0.85:
            return self._chunked(body), ["Transfer-Encoding: chunked"]
        wrong = max(0, len(body) + choose.choice((-3, -1, 1, 2, 100)))
        return body, [f"Content-Length: {wrong}"]

    def _chunked(self, body: bytes) -> bytes:
        choose = self._random
        parts, rest = [], body
        while rest:
            size = choose.randint(1, len(rest)) if len(rest) > 1 else 1
            extension = choose.choice((b"", b"", b"", b";a=b", b" ;a", b";a=\x01", b" "))
            parts.append(b"%x%b\r\n%b\r\n" % (size, extension, rest[:size]))
            rest = rest[size:]
        last = choose.choice((b"0", b"0", b"0", b"00", b"0;x=y", b"-0", b""))
        trailer = choose.choice(
            (b"", b"", b"", b"X-T: 1\r\n", b"Host: x\r\n", b"bad\r\n", b"Content-Length: 3\r\n")
        )
        return b"".join(parts) + last + b"\r\n" + trailer + b"\r\n"

    def _damaged(self, data: bytes) -> bytes:
        choose = self._random
        damages: Sequence[Callable[[bytes, int], bytes]] = (
            lambda d, at: d[:at],
            lambda d, at: d[:at] + bytes([choose.randrange(256)]) + d[at + 1 :],
            lambda d, at: d[:at] + d[at + 1 :],
            lambda d, at: d[:at] + choose.choice((b"\r", b"\n", b"\r\n", b"\x00", b" ")) + d[at:],
            lambda d, at: d[:at] + d[max(0, at - 20) : at] + d[at:],
        )
        # Mostly in the header, where it counts.
        limit = len(data) if choose.random() < 0.2 else min(len(data), 400)
        return choose.choice(damages)(data, choose.randrange(limit) if limit else 0)
