import logging
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from app.api import problems
from app.api.schemas import requests
from app.domain.common.errors import Conflict
from app.http.bodies import JsonBody
from app.http.flask_adapter import mount
from app.http.messages import Request, Response
from app.http.routes import Route, Surface
from app.models.base import csrf
from app.runtime.context import runtime_of
from app.runtime.limit_storage import LimitStorage
from app.runtime.rate_limits import RateLimiter
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
def test_a_wrong_method_is_told_the_right_ones(
    client: FlaskClient, app: Flask, method: str, path: str, allowed: str
) -> None:
    answer = client.open(f"/api/v1{path}", method=method)
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed


def test_options_tells_the_methods_without_a_credential(client: FlaskClient, app: Flask) -> None:
    answer = client.options("/api/v1/events")
    assert answer.status_code == 204
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_an_organizations_own_prefix_can_belong_to_a_dialect(app: Flask) -> None:
    rule = app.url_rule_class(
        "/api/v1/<uuid:organization_id>/widgets/", endpoint="theirs", methods=None
    )
    app.url_map.add(rule)
    app.view_functions["theirs"] = csrf.exempt(lambda organization_id: "theirs")
    client = app.test_client()
    assert client.get(f"/api/v1/{UNKNOWN}/widgets/").text == "theirs"
    assert client.open(f"/api/v1/{UNKNOWN}/widgets/", method="DELETE").text == "theirs"


@pytest.mark.parametrize("noun", ["events", "webhooks", "deliveries"])
def test_an_id_that_is_no_uuid_is_the_same_404_as_one_that_names_nothing(
    api: Caller, app: Flask, noun: str
):
    unknown = api("GET", f"/{noun}/{UNKNOWN}")
    problem(unknown, 404, "not_found")
    for bad in ("7", "null", "..", "%00", UNKNOWN + "0", UNKNOWN.replace("-", "")):
        wrong = api("GET", f"/{noun}/{bad}")
        assert {**wrong.json, "request_id": ""} == {**unknown.json, "request_id": ""}


def test_unknown_query_parameters_are_refused_with_the_known_ones(api: Caller, app: Flask) -> None:
    answer = api("GET", "/webhooks?page=2")
    problem(answer, 422, "invalid")
    (error,) = answer.json["errors"]
    assert error["field"] == "page"
    assert error["remedy"] == "Known parameters: cursor, include_once, limit, q."


def test_a_writing_path_takes_no_query_parameters(api: Caller, app: Flask) -> None:
    answer = api("POST", "/events?dry_run=true", {"type": "a", "payload": {}})
    problem(answer, 422, "invalid")


def test_a_request_id_of_the_callers_own_is_kept(client: FlaskClient, app: Flask) -> None:
    answer = client.get("/api/v1/nothing", headers={"X-Request-Id": "my-request-7"})
    assert problem(answer, 404, "no_such_path")["request_id"] == "my-request-7"


@pytest.mark.parametrize("given", ["x", "a b c d e f g", "<script>alert(1)</script>", "x" * 100])
def test_a_request_id_that_is_not_plain_is_replaced(
    client: FlaskClient, app: Flask, given: str
) -> None:
    answer = client.get("/api/v1/nothing", headers={"X-Request-Id": given})
    assert problem(answer, 404, "no_such_path")["request_id"] != given


def raising(error: Exception) -> Any:
    def handler(request: Request) -> Response:
        raise error

    return handler


def with_route(app: Flask, handler: Any, path: str = "/test", **more: Any) -> FlaskClient:
    route = Route("GET", path, handler, **more)
    mount(app, Surface("test", (route,), (), problems.render))
    return app.test_client()


def test_a_fault_of_our_own_is_a_500_with_an_id_and_nothing_else(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = with_route(app, raising(RuntimeError("the secret")))
    with caplog.at_level(logging.ERROR):
        answer = client.get("/test")
    found = problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert found["request_id"] in found["detail"]
    assert found["request_id"] in caplog.text
    assert "RuntimeError: the secret" in caplog.text


def test_a_database_that_does_not_answer_is_a_503(app: Flask) -> None:
    client = with_route(app, raising(OperationalError("SELECT", {}, Exception("gone"))))
    answer = client.get("/test")
    problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_a_conflict_says_what_it_is(app: Flask) -> None:
    client = with_route(app, raising(Conflict("It is cancelled already.")))
    assert problem(client.get("/test"), 409, "conflict")["detail"] == "It is cancelled already."


def test_an_answer_without_a_body_has_no_content_type(app: Flask) -> None:
    answer = with_route(app, lambda request: Response(204)).get("/test")
    assert answer.status_code == 204
    assert "Content-Type" not in answer.headers
    assert answer.data == b""


def test_head_is_answered_like_get_without_the_body(app: Flask) -> None:
    answer = with_route(app, lambda request: Response(200, {"a": 1})).head("/test")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == "7"


def test_a_key_over_its_rate_is_told_when_to_come_again(api: Caller, app: Flask) -> None:
    storage = LimitStorage(runtime_of(app).redis)
    runtime_of(app).api_limiter = RateLimiter(storage, "test", 2, 60)
    answers = [api("GET", "/webhooks/x") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].headers["X-RateLimit-Limit"] == "2"
    assert answers[2].headers["Retry-After"] == "60"
    problem(answers[2], 429, "rate_limited")


def test_the_body_of_a_route_is_one_of_the_inputs() -> None:
    from app.api import ROUTES

    schemas = [route.body.schema for route in ROUTES if isinstance(route.body, JsonBody)]
    assert all(schema and issubclass(schema, requests.Input) for schema in schemas)
