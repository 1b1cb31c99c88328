"""A client of a dialect, and every error that it can provoke."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.queries.accounts import users as accounts
from app.runtime.context import runtime_of
from app.runtime.limits.api_keys import RateLimiter
from app.runtime.limits.storage import LimitStorage
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM

UNKNOWN_ID = "018f0000-0000-7000-8000-000000000000"
JSON = "application/json"
URL = "https://receiver.example.com/hook"


@dataclass
class Caller:
    """Sends requests with the same credentials."""

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
        """The same client with only these headers; `_` stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers=named)


def every_error(
    call: Caller, collection: str, item: str, missing: str
) -> Iterator[tuple[str, int, TestResponse]]:
    """(fault, HTTP status, response) for every error of a route except field errors. collection:
    path that accepts POST. item: path of a webhook. missing: an unknown path under the prefix."""
    yield from _credential_errors(call, item)
    yield "an unknown path", 404, call("GET", missing)
    yield "a path too deep", 404, call("POST", f"{missing}/and/more", {})
    yield "a wrong method", 405, call("DELETE", collection)
    yield "an unknown method", 405, call("BREW", item)
    yield "no JSON", 400, call("POST", collection, data=b'{"a":', content_type=JSON)
    yield "a list", 400, call("POST", collection, data=b"[]", content_type=JSON)
    yield (
        "not UTF-8",
        400,
        call("POST", collection, data=b'{"a":"\xff"}', content_type=JSON),
    )
    yield (
        "a key twice",
        400,
        call("POST", collection, data=b'{"a":1,"a":2}', content_type=JSON),
    )
    yield "a NUL", 400, call("POST", collection, data=rb'{"a":"\u0000"}', content_type=JSON)
    yield "too deep", 400, call("POST", collection, data=b'{"a":' * 200, content_type=JSON)
    yield "XML", 415, call("POST", collection, data=b"<a/>", content_type="text/xml")
    yield "no content type", 415, call("POST", collection, data=b"a=b")
    headers = {"Content-Encoding": "gzip"}
    yield (
        "compressed",
        415,
        call("POST", collection, data=b"x", content_type=JSON, headers=headers),
    )
    yield (
        "too large",
        413,
        call("POST", collection, data=b" " * (2 << 20), content_type=JSON),
    )


def _credential_errors(call: Caller, item: str) -> Iterator[tuple[str, int, TestResponse]]:
    anonymous = call.by()
    yield "no credential", 401, anonymous("GET", item)
    yield "an unknown key", 401, anonymous.by(Authorization="Bearer nonsense")("GET", item)
    yield "an unreadable credential", 401, anonymous.by(Authorization="Basic !")("GET", item)
    restrict_keys(["198.51.100.0/24"])
    yield "another network", 403, call("GET", item)
    restrict_keys(None)


def restrict_keys(networks: list[str] | None) -> None:
    """Limit all API keys to these networks, or to none."""
    for organization in accounts.organizations(100).rows:
        for key in accounts.api_keys(organization.id):
            api_keys.restrict(organization.id, key.id, networks, SYSTEM)


def rate_limited(call: Caller, path: str) -> TestResponse:
    """The response to one request too many."""
    runtime = runtime_of(call.client.application)
    runtime.api_limiter = RateLimiter(LimitStorage(runtime.redis), "test", 1, 60)
    call("GET", path)
    return call("GET", path)
