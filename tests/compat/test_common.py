"""What all dialects share, tested with a minimal dialect."""

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


def test_the_last_value_of_a_repeated_form_field_counts(small: Caller) -> None:
    """As a Rails form sends a check box that is ticked."""
    form = b"active=0&active=1&b=1&b=2"
    kind = "application/x-www-form-urlencoded"
    response = small("POST", "/small/echo", data=form, content_type=kind)
    assert response.json["fields"] == {"active": "1", "b": ["1", "2"]}


def test_a_multipart_form_has_fields_and_its_files_are_skipped(small: Caller) -> None:
    form = {"a": "ü", "b": ["1", "2", "3"], "file": (io.BytesIO(b"x"), "name")}
    response = small("POST", "/small/echo", data=form)
    assert response.json["fields"] == {"a": "ü", "b": ["1", "2", "3"]}


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
def test_a_malformed_form_is_rejected(small: Caller, body: bytes, kind: str) -> None:
    response = small("POST", "/small/echo", data=body, content_type=kind)
    assert (response.status_code, response.json) == (400, {"wrong": "malformed"})


def test_an_empty_body_has_no_fields_whatever_its_content_type(small: Caller) -> None:
    response = small("POST", "/small/echo", data=b" ", content_type="text/plain")
    assert response.json["fields"] == {}


def test_an_internal_error_has_the_dialects_shape(small: Caller) -> None:
    response = small("GET", "/small/broken")
    assert (response.status_code, response.json) == (500, {"wrong": "internal"})


def test_options_lists_the_methods_and_head_is_get_without_the_body(small: Caller) -> None:
    response = small("OPTIONS", "/small/broken")
    assert (response.status_code, response.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    response = small("HEAD", "/small/broken")
    assert (response.status_code, response.data) == (500, b"")


def test_a_path_with_two_slashes_is_not_redirected(small: Caller) -> None:
    assert small("GET", "/small//broken").status_code == 404


def test_the_clients_request_id_is_returned(small: Caller) -> None:
    response = small("GET", "/small/none", headers={"X-Request-Id": "mine-123"})
    assert response.headers["X-Request-Id"] == "mine-123"


def test_the_key_works_with_every_credential_of_the_dialect(small: Caller, api_key: Any) -> None:
    for headers in (
        {"Authorization": f"Bearer {api_key.key}"},
        {"Authorization": f"tOkEn {api_key.key}"},
        {"x-api-key": api_key.key},
    ):
        assert small.by(**headers)("POST", "/small/echo").status_code == 200
    response = small.by(x_api_key="other")("POST", "/small/echo")
    assert (response.status_code, response.json) == (401, {"wrong": "unauthorized"})
    assert len(response.headers.getlist("WWW-Authenticate")) == 2


def test_a_platform_key_names_the_organization_in_the_header(
    small: Caller, organization: Any
) -> None:
    key = api_keys.create(None, "platform", actor=SYSTEM).key
    platform = small.by(Authorization=f"Bearer {key}")
    response = platform("POST", "/small/echo")
    assert (response.status_code, response.json) == (400, {"wrong": "organization_missing"})
    named = {"Callboard-Organization": organization.id}
    response = platform("POST", "/small/echo", headers=named)
    assert response.json["organization"] == organization.id
    response = platform("POST", "/small/echo", headers={"Callboard-Organization": "none"})
    assert response.status_code == 404
