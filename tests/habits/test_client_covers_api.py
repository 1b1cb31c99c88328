"""What the API can do, the Python client can do: each operation has a method, or a reason."""

import inspect
import io
import re
from collections import defaultdict
from typing import Any

import pytest

from app.api import ROUTES
from app.api.common.routes import PREFIX
from callboard import Callboard
from callboard.paging import Pages
from callboard.resources.base import Resource

WITHOUT_METHOD = {
    "getHealth": "load balancers ask, without credentials",
    "getLiveness": "load balancers ask, without credentials",
    "getReadiness": "load balancers ask, without credentials",
}
# Required arguments that are not a text.
ARGUMENTS: dict[str, Any] = {
    "batch": [],
    "events": [{"type": "a.b", "payload": {}}],
    "items": [],
    "lines": [],
    "number": 1,
    "payload": {},
    "response": {},
    "since": "2026-02-24T00:00:00Z",
    "target": io.BytesIO(),
}
VARIABLE = re.compile(r"<\w+>")


class Recorder:
    """Stands where the transport is, and notes which requests the client makes."""

    def __init__(self) -> None:
        self.requests: set[tuple[str, str]] = set()

    def without_retries(self) -> "Recorder":
        return self

    def request(self, method: str, path: str, *_: Any, **__: Any) -> Any:
        self.requests.add((method, PREFIX + path))
        document: Any = defaultdict(str, data=[], events=[], webhooks={}, next_cursor=None)
        document["x-next-cursor"] = None
        return document

    def get(self, path: str, **_: Any) -> Any:
        return self.request("GET", path)

    def download(self, path: str, *_: Any) -> int:
        self.request("GET", path)
        return 0


def requests_of_the_client() -> set[tuple[str, str]]:
    client, recorder = Callboard("http://localhost", "k"), Recorder()
    client._use(recorder)  # type: ignore[arg-type]
    for resource in vars(client).values():
        if isinstance(resource, Resource):
            # A stream sends batches from a thread of its own, as `create_batch` does.
            for _, method in inspect.getmembers(resource, inspect.ismethod):
                if not method.__name__.startswith("_") and method != client.events.stream:
                    call(method)
    return recorder.requests


def call(method: Any) -> None:
    """With each required argument."""
    positional, named = [], {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_KEYWORD,
            parameter.VAR_POSITIONAL,
        ):
            continue
        value = ARGUMENTS.get(name, "x")
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = value
        else:
            positional.append(value)
    result = method(*positional, **named)
    if isinstance(result, Pages):
        list(result)


@pytest.fixture(scope="module")
def requested() -> set[tuple[str, str]]:
    return requests_of_the_client()


def is_of(route: Any, method: str, path: str) -> bool:
    pattern = VARIABLE.sub("[^/]+", route.path.replace(".", r"\."))
    return method == route.method and re.fullmatch(pattern, path) is not None


def test_every_operation_has_a_method_of_the_client(requested: set[tuple[str, str]]) -> None:
    missing = {
        route.operation
        for route in ROUTES
        if not any(is_of(route, *request) for request in requested)
    }
    assert missing == WITHOUT_METHOD.keys()


def test_the_client_requests_only_what_the_api_serves(requested: set[tuple[str, str]]) -> None:
    unknown = [
        request for request in requested if not any(is_of(route, *request) for route in ROUTES)
    ]
    assert unknown == []
