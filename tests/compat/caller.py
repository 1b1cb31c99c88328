"""Sends what a client of an original sends, and provokes every error there is."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.runtime.context import runtime_of
from app.runtime.limit_storage import LimitStorage
from app.runtime.rate_limits import RateLimiter

NOBODY = "018f0000-0000-7000-8000-000000000000"
URL = "https://receiver.example.com/hook"


@dataclass
class Caller:
    """Sends requests under one credential."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)
    prefix: str = ""

    def __call__(self, method: str, path: str, document: Any = None, **more: Any) -> TestResponse:
        """document: sent as JSON."""
        if document is not None:
            more["json"] = document
        headers = self.headers | more.pop("headers", {})
        return self.client.open(self.prefix + path, method=method, headers=headers, **more)

    def by(self, **headers: str) -> "Caller":
        """The same with these headers alone; `_` stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers=named)


def refusals(
    call: Caller, collection: str, one: str, missing: str
) -> Iterator[tuple[str, int, TestResponse]]:
    """(what was wrong, the status that HTTP has for it, what was answered), whatever a route of
    a dialect can refuse but for fields. collection: takes POST. one: path of a webhook. missing:
    a path under the prefix at which nothing is served."""
    nobody = call.by()
    kind = "application/json"
    yield "no credential", 401, nobody("GET", one)
    yield "an unknown key", 401, nobody.by(Authorization="Bearer nonsense")("GET", one)
    yield "an unreadable credential", 401, nobody.by(Authorization="Basic !")("GET", one)
    yield "an unknown path", 404, call("GET", missing)
    yield "a path too deep", 404, call("POST", f"{missing}/and/more", {})
    yield "a wrong method", 405, call("DELETE", collection)
    yield "a method that nobody has", 405, call("BREW", one)
    yield "no JSON", 400, call("POST", collection, data=b'{"a":', content_type=kind)
    yield "a list", 400, call("POST", collection, data=b"[]", content_type=kind)
    yield "no UTF-8", 400, call("POST", collection, data=b'{"a":"\xff"}', content_type=kind)
    yield "a key twice", 400, call("POST", collection, data=b'{"a":1,"a":2}', content_type=kind)
    yield "a NUL", 400, call("POST", collection, data=rb'{"a":"\u0000"}', content_type=kind)
    yield "too deep", 400, call("POST", collection, data=b'{"a":' * 200, content_type=kind)
    yield "XML", 415, call("POST", collection, data=b"<a/>", content_type="text/xml")
    yield "no content type", 415, call("POST", collection, data=b"a=b")
    packed = {"Content-Encoding": "gzip"}
    yield "packed", 415, call("POST", collection, data=b"x", content_type=kind, headers=packed)
    yield "too large", 413, call("POST", collection, data=b" " * (2 << 20), content_type=kind)


def rate_limited(call: Caller, path: str) -> TestResponse:
    """The answer to one request too many."""
    runtime = runtime_of(call.client.application)
    runtime.api_limiter = RateLimiter(LimitStorage(runtime.redis), "test", 1, 60)
    call("GET", path)
    return call("GET", path)
