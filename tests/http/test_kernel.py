"""The kernel without any web framework: a request in, a response out."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from app.domain.common.errors import Conflict, Malformed, TooLarge
from app.http import kernel
from app.http.bodies import FieldsBody, JsonBody, NoBody
from app.http.errors import HttpError
from app.http.messages import Request, Response
from app.http.parameters import integer
from app.http.routes import Route, Surface, resources
from app.http.wsgi import EnvironHeaders, read_body

RUNTIME: Any = SimpleNamespace(settings=SimpleNamespace(max_event_bytes=100), tracing=None)


def render_error(error: HttpError) -> Response:
    return Response(error.status, {"code": error.code, "id": error.request_id})


def respond(route: Route, method: str = "", body: bytes = b"", **more: Any) -> Response:
    """The kernel's response to a request for the route's path."""
    headers = {
        f"HTTP_{name}" if name[:7] != "CONTENT" else name: value
        for name, value in more.pop("headers", {}).items()
    }
    request = Request(
        method=method or route.method,
        path=route.path,
        query_string=more.pop("query", b""),
        headers=EnvironHeaders(headers),
        read_body=lambda limit: body[: limit + 1],
        ids=more.pop("ids", {}),
    )
    surface = Surface("test", (route,), (), render_error, **more)
    [resource] = resources(surface.routes)
    return kernel.respond(surface, resource, request, RUNTIME)


def document(response: Response) -> Any:
    return json.loads(response.document)


def echo(request: Request) -> Response:
    return Response(200, {"ids": request.ids, "query": request.query, "fields": request.fields})


def test_a_response_has_its_headers_and_an_encoded_body() -> None:
    response = respond(Route("GET", "/a", lambda _: Response(201, {"é": 1}, (("X-A", "b"),))))
    assert (response.status, response.document) == (201, '{"é":1}'.encode())
    headers = dict(response.headers)
    assert headers.pop("X-Request-Id")
    assert headers == {"X-A": "b", "Content-Type": "application/json", "Content-Length": "8"}


def test_head_keeps_the_headers_and_drops_the_body() -> None:
    response = respond(Route("GET", "/a", lambda _: Response(200, "text")), "HEAD")
    assert (response.document, dict(response.headers)["Content-Length"]) == (b"", "4")


def test_a_response_without_a_document_has_no_content_headers() -> None:
    response = respond(Route("DELETE", "/a", lambda _: Response(204)))
    assert response.document is None
    assert [name for name, _ in response.headers] == ["X-Request-Id"]


def test_options_and_a_wrong_method_list_the_allowed_methods() -> None:
    route = Route("GET", "/a", echo)
    for method, status in (("OPTIONS", 204), ("BREW", 405)):
        response = respond(route, method)
        assert response.status == status
        assert dict(response.headers)["Allow"] == "GET, HEAD, OPTIONS"


def test_ids_are_canonical_and_an_invalid_one_raises_the_surfaces_error() -> None:
    route = Route("GET", "/<webhook_id>/<name>", echo)
    ids = {"webhook_id": "0198C7A2-7C1E-7000-8000-2F6B1F9D3C11", "name": "A"}
    response = respond(route, ids=ids, text_ids=frozenset({"name"}))
    assert document(response)["ids"] == {"webhook_id": ids["webhook_id"].lower(), "name": "A"}
    response = respond(route, ids={"webhook_id": "7"}, invalid_id=lambda: Conflict("no id"))
    assert response.status == 409


def test_declared_query_parameters_are_parsed() -> None:
    route = Route("GET", "/a", echo, query=(integer("limit", 1, 9, "", 5),))
    assert document(respond(route))["query"] == {"limit": 5}
    assert document(respond(route, query=b"limit=7"))["query"] == {"limit": 7}
    assert respond(route, query=b"limit=x").status == 422


@pytest.mark.parametrize(
    ("rule", "body", "content_type", "status"),
    [
        (NoBody(), b" {} ", "", 200),
        (NoBody(), b"[]", "", 400),
        (JsonBody(), b"{}", "application/json", 200),
        (JsonBody(), b"{}", 'Application/JSON; charset="UTF-8"', 200),
        (JsonBody(), b"{}", "application/json; charset=utf-16", 415),
        (JsonBody(), b"", "", 415),
        (JsonBody(optional=True), b"", "", 200),
        (FieldsBody(), b"a=1", "application/x-www-form-urlencoded", 200),
        (FieldsBody(), b'{"a":1}', "application/vnd.x+json", 200),
        (FieldsBody(), b"", "text/plain", 200),
        (FieldsBody(), b"a", "text/plain", 415),
    ],
)
def test_a_body_rule_decides_what_is_accepted(
    rule: Any, body: bytes, content_type: str, status: int
) -> None:
    headers = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
    response = respond(Route("POST", "/a", echo, body=rule), body=body, headers=headers)
    assert response.status == status


def test_an_error_has_the_surfaces_shape_and_the_request_id() -> None:
    def conflict(_: Request) -> Response:
        raise Conflict("Exists.")

    headers = {"X_REQUEST_ID": "mine-1234"}
    response = respond(Route("GET", "/a", conflict), headers=headers)
    assert document(response) == {"code": "conflict", "id": "mine-1234"}


def test_a_document_that_cannot_be_encoded_is_an_internal_error() -> None:
    response = respond(Route("GET", "/a", lambda _: Response(200, {"a": "\ud800"})))
    assert (response.status, document(response)["code"]) == (500, "internal")


def test_missing_credentials_are_a_401_with_the_surfaces_challenges() -> None:
    response = respond(Route("GET", "/a", echo, "webhooks:manage"), challenges=("Token",))
    assert (response.status, dict(response.headers)["WWW-Authenticate"]) == (401, "Token")


def wsgi_body(content: bytes, **environ: Any) -> bytes:
    return read_body({"wsgi.input": io.BytesIO(content), **environ}, 4)


def test_a_wsgi_body_is_read_by_its_length_or_to_its_end() -> None:
    assert wsgi_body(b"abcdef", CONTENT_LENGTH="4") == b"abcd"
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "1"}
    assert wsgi_body(b"abcd", **chunked, **{"wsgi.input_terminated": True}) == b"abcd"
    assert wsgi_body(b"abcd", **chunked) == b""


def test_a_wsgi_body_that_is_too_large_or_too_short_is_an_error() -> None:
    with pytest.raises(TooLarge):
        wsgi_body(b"abcde", CONTENT_LENGTH="5")
    with pytest.raises(TooLarge):
        wsgi_body(b"abcde", **{"wsgi.input_terminated": True})
    with pytest.raises(TooLarge):
        wsgi_body(b"", CONTENT_LENGTH="9" * 5000)
    with pytest.raises(Malformed):
        wsgi_body(b"abc", CONTENT_LENGTH="4")
