"""What all dialects share, tried on the smallest dialect there is."""

import io
from typing import Any

import pytest
from flask import Flask

from app.compat.common.dialect import Dialect
from app.http.bodies import FieldsBody
from app.http.credentials import key_header
from app.http.errors import HttpError
from app.http.flask_adapter import mount
from app.http.messages import Request, Response
from app.http.routes import Route
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from tests.compat.caller import Caller


def _echo(request: Request) -> Response:
    document = {"organization": request.organization_id, "fields": request.fields}
    return Response(200, document)


def _broken(_: Request) -> Response:
    return Response(200, {"never": 1 // 0})


def _error(error: HttpError) -> Response:
    return Response(error.status, {"wrong": error.code})


@pytest.fixture
def small(sqlite_app: Flask, call: Caller) -> Caller:
    dialect = Dialect(
        "small",
        ("/small/<rest:rest>",),
        _error,
        routes=(
            Route("POST", "/small/echo", _echo, "webhooks:manage", body=FieldsBody(("b",))),
            Route("GET", "/small/broken", _broken, "webhooks:manage"),
        ),
        credentials=(key_header("x-api-key"),),
    )
    mount(sqlite_app, dialect.surface())
    return call


def test_of_a_forms_fields_the_last_counts_where_no_list_is_asked_for(small: Caller) -> None:
    """As a Rails form sends a check box that is ticked."""
    form = b"active=0&active=1&b=1&b=2"
    kind = "application/x-www-form-urlencoded"
    answer = small("POST", "/small/echo", data=form, content_type=kind)
    assert answer.json["fields"] == {"active": "1", "b": ["1", "2"]}


def test_a_multipart_form_gives_its_fields_and_its_files_are_passed_over(small: Caller) -> None:
    form = {"a": "ü", "b": ["1", "2", "3"], "file": (io.BytesIO(b"x"), "name")}
    answer = small("POST", "/small/echo", data=form)
    assert answer.json["fields"] == {"a": "ü", "b": ["1", "2", "3"]}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (b"a=\xff", "application/x-www-form-urlencoded"),
        (b"&".join([b"a=1"] * 1001), "application/x-www-form-urlencoded"),
        (b"no boundary", "multipart/form-data"),
        (b"never ends", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\nno name\r\n--x--", "multipart/form-data; boundary=x"),
    ],
)
def test_a_form_that_is_none_is_refused_and_breaks_nothing(
    small: Caller, body: bytes, kind: str
) -> None:
    answer = small("POST", "/small/echo", data=body, content_type=kind)
    assert (answer.status_code, answer.json) == (400, {"wrong": "malformed"})


def test_an_empty_body_has_no_fields_whatever_it_is_called(small: Caller) -> None:
    answer = small("POST", "/small/echo", data=b" ", content_type="text/plain")
    assert answer.json["fields"] == {}


def test_what_breaks_on_our_side_has_the_dialects_shape_too(small: Caller) -> None:
    answer = small("GET", "/small/broken")
    assert (answer.status_code, answer.json) == (500, {"wrong": "internal"})


def test_options_names_the_methods_and_a_head_is_a_get_without_its_body(small: Caller) -> None:
    answer = small("OPTIONS", "/small/broken")
    assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    answer = small("HEAD", "/small/broken")
    assert (answer.status_code, answer.data) == (500, b"")


def test_a_path_with_two_slashes_is_no_redirect(small: Caller) -> None:
    assert small("GET", "/small//broken").status_code == 404


def test_a_request_id_comes_back(small: Caller) -> None:
    answer = small("GET", "/small/none", headers={"X-Request-Id": "mine-123"})
    assert answer.headers["X-Request-Id"] == "mine-123"


def test_the_key_opens_by_any_of_its_credentials(small: Caller, api_key: Any) -> None:
    for headers in (
        {"Authorization": f"Bearer {api_key.key}"},
        {"Authorization": f"tOkEn {api_key.key}"},
        {"x-api-key": api_key.key},
    ):
        assert small.by(**headers)("POST", "/small/echo").status_code == 200
    answer = small.by(x_api_key="other")("POST", "/small/echo")
    assert (answer.status_code, answer.json) == (401, {"wrong": "unauthorized"})
    assert len(answer.headers.getlist("WWW-Authenticate")) == 2


def test_a_platform_key_names_the_organization_in_the_header(
    small: Caller, organization: Any
) -> None:
    key = api_keys.create(None, "platform", actor=SYSTEM).key
    platform = small.by(Authorization=f"Bearer {key}")
    answer = platform("POST", "/small/echo")
    assert (answer.status_code, answer.json) == (400, {"wrong": "organization_missing"})
    named = {"Callboard-Organization": organization.id}
    answer = platform("POST", "/small/echo", headers=named)
    assert answer.json["organization"] == organization.id
    answer = platform("POST", "/small/echo", headers={"Callboard-Organization": "none"})
    assert answer.status_code == 404
