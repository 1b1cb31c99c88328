import logging
from typing import Any, get_args

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from app.api.common import problems
from app.api.schemas import requests
from app.domain.common.errors import Conflict
from app.http.bodies import JsonBody
from app.http.flask_adapter import csrf, mount
from app.http.messages import Request, Response
from app.http.routes import Route, Surface
from app.runtime.context import runtime_of
from app.runtime.limits.api_keys import RateLimiter
from app.runtime.limits.storage import LimitStorage
from tests.api.conftest import Caller, problem

UNKNOWN = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    return sqlite_app


UNKNOWN_PATHS = [
    "",
    "/",
    "/nothing",
    "/webhooks/",
    "//webhooks",
    "/webhooks/a/b/c",
    "/events/batch/x",
    "/%ff%0a/x",
    f"/{UNKNOWN}/nothing",
]


def test_an_unknown_path_is_a_problem(client: FlaskClient, app: Flask):
    for path in UNKNOWN_PATHS:
        for method in ("GET", "POST", "DELETE", "BREW"):
            problem(client.open(f"/api/v1{path}", method=method), 404, "no_such_path")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/events", "GET, HEAD, OPTIONS, POST"),
        ("BREW", "/events", "GET, HEAD, OPTIONS, POST"),
        ("GET", "/events/batch", "OPTIONS, POST"),
        ("POST", f"/webhooks/{UNKNOWN}", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("GET", "/deliveries/resend", "OPTIONS, POST"),
    ],
)
def test_a_405_lists_the_allowed_methods(
    client: FlaskClient, app: Flask, method: str, path: str, allowed: str
) -> None:
    response = client.open(f"/api/v1{path}", method=method)
    problem(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == allowed


def test_options_lists_the_methods_without_credentials(client: FlaskClient, app: Flask) -> None:
    response = client.options("/api/v1/events")
    assert response.status_code == 204
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_a_dialect_may_serve_paths_below_an_organization_id(app: Flask) -> None:
    rule = app.url_rule_class(
        "/api/v1/<uuid:organization_id>/widgets/", endpoint="theirs", methods=None
    )
    app.url_map.add(rule)
    app.view_functions["theirs"] = csrf.exempt(lambda organization_id: "theirs")
    client = app.test_client()
    assert client.get(f"/api/v1/{UNKNOWN}/widgets/").text == "theirs"
    assert client.open(f"/api/v1/{UNKNOWN}/widgets/", method="DELETE").text == "theirs"


@pytest.mark.parametrize("noun", ["events", "webhooks", "deliveries"])
def test_an_invalid_id_looks_like_an_unknown_one(api: Caller, app: Flask, noun: str):
    unknown = api("GET", f"/{noun}/{UNKNOWN}")
    problem(unknown, 404, "not_found")
    for bad in ("7", "null", "..", "%00", UNKNOWN + "0", UNKNOWN.replace("-", "")):
        wrong = api("GET", f"/{noun}/{bad}")
        assert {**wrong.json, "request_id": ""} == {**unknown.json, "request_id": ""}


def test_an_unknown_query_parameter_is_rejected_with_the_known_ones(
    api: Caller, app: Flask
) -> None:
    response = api("GET", "/webhooks?page=2")
    problem(response, 422, "invalid")
    (error,) = response.json["errors"]
    assert error["field"] == "page"
    assert error["remedy"] == "Known parameters: cursor, include_once, limit, metadata, q."


def test_a_writing_path_accepts_no_query_parameters(api: Caller, app: Flask) -> None:
    response = api("POST", "/events?dry_run=true", {"type": "a", "payload": {}})
    problem(response, 422, "invalid")


def test_a_plain_request_id_of_the_client_is_used(client: FlaskClient, app: Flask) -> None:
    response = client.get("/api/v1/nothing", headers={"X-Request-Id": "my-request-7"})
    assert problem(response, 404, "no_such_path")["request_id"] == "my-request-7"


@pytest.mark.parametrize("fields", ["x", "a b c d e f g", "<script>alert(1)</script>", "x" * 100])
def test_a_request_id_that_is_not_plain_is_replaced(
    client: FlaskClient, app: Flask, fields: str
) -> None:
    response = client.get("/api/v1/nothing", headers={"X-Request-Id": fields})
    assert problem(response, 404, "no_such_path")["request_id"] != fields


def raising(error: Exception) -> Any:
    def handler(request: Request) -> Response:
        raise error

    return handler


def with_route(app: Flask, handler: Any, path: str = "/test", **more: Any) -> FlaskClient:
    route = Route("GET", path, handler, **more)
    mount(app, Surface("test", (route,), (), problems.render))
    return app.test_client()


def test_an_internal_error_shows_only_its_request_id(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = with_route(app, raising(RuntimeError("the secret")))
    with caplog.at_level(logging.ERROR):
        response = client.get("/test")
    document = problem(response, 500, "internal")
    assert "secret" not in response.text
    assert document["request_id"] in document["detail"]
    assert document["request_id"] in caplog.text
    assert "RuntimeError: the secret" in caplog.text


def test_an_unavailable_database_is_a_503(app: Flask) -> None:
    client = with_route(app, raising(OperationalError("SELECT", {}, Exception("gone"))))
    response = client.get("/test")
    problem(response, 503, "unavailable")
    assert response.headers["Retry-After"] == "1"


def test_a_conflict_is_a_409_with_its_reason(app: Flask) -> None:
    client = with_route(app, raising(Conflict("It is cancelled already.")))
    assert problem(client.get("/test"), 409, "conflict")["detail"] == "It is cancelled already."


def test_a_response_without_a_body_has_no_content_type(app: Flask) -> None:
    response = with_route(app, lambda request: Response(204)).get("/test")
    assert response.status_code == 204
    assert "Content-Type" not in response.headers
    assert response.data == b""


def test_head_is_get_without_the_body(app: Flask) -> None:
    response = with_route(app, lambda request: Response(200, {"a": 1})).head("/test")
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == "7"


def test_a_key_over_its_rate_limit_learns_when_to_retry(api: Caller, app: Flask) -> None:
    storage = LimitStorage(runtime_of(app).redis)
    runtime_of(app).api_limiter = RateLimiter(storage, "test", 2, 60)
    responses = [api("GET", "/webhooks/x") for _ in range(3)]
    assert [response.status_code for response in responses] == [404, 404, 429]
    assert [response.headers["X-RateLimit-Remaining"] for response in responses] == ["1", "0", "0"]
    assert responses[2].headers["X-RateLimit-Limit"] == "2"
    assert responses[2].headers["Retry-After"] == "60"
    problem(responses[2], 429, "rate_limited")


def test_every_body_rule_has_a_request_schema() -> None:
    from app.api import ROUTES

    schemas = [route.body.schema for route in ROUTES if isinstance(route.body, JsonBody)]
    structs = [each for schema in schemas for each in get_args(schema) or (schema,)]
    assert all(issubclass(each, requests.Input) for each in structs)
