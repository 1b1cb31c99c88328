"""Deprecated operations and fields say so: in each response, and in the description."""

from datetime import date
from typing import Annotated

import msgspec
import pytest
from flask import Flask

from app.api.common import problems
from app.api.common.deprecation import Deprecation
from app.api.common.routes import ApiRoute
from app.api.schemas.responses import Schema
from app.api.server.openapi import document
from app.domain.common.errors import NotFound
from app.http.flask_adapter import mount
from app.http.messages import Request, Response
from app.http.routes import Surface

OLD = Deprecation(date(2026, 11, 22), "`getNew`", date(2027, 11, 22))


class Shown(Schema, frozen=True):
    name: Annotated[str, OLD.meta]


def show(request: Request) -> Response:
    if request.query["missing"]:
        raise NotFound
    return Response(200, Shown("a"))


def route(deprecation: Deprecation | None) -> ApiRoute:
    from app.http.parameters import flag

    return ApiRoute(
        "GET",
        "/old",
        show,
        operation="getOld",
        summary="Get what is old",
        tag="Old",
        query=(flag("missing", "Whether it is."),),
        responses={200: Shown},
        deprecation=deprecation,
    )


@pytest.mark.parametrize("path", ["/old", "/old?missing=true", "/old?unknown=1"])
def test_each_response_of_a_deprecated_operation_says_so(sqlite_app: Flask, path: str) -> None:
    mount(sqlite_app, Surface("test", (route(OLD),), (), problems.render))
    headers = sqlite_app.test_client().get(path).headers
    # Dates of RFC 9745 and of RFC 8594.
    assert headers["Deprecation"] == "@1795305600"
    assert headers["Sunset"] == "Mon, 22 Nov 2027 00:00:00 GMT"


def test_without_a_last_day_no_sunset_is_sent(sqlite_app: Flask) -> None:
    undecided = Deprecation(OLD.since, OLD.instead)
    mount(sqlite_app, Surface("test", (route(undecided),), (), problems.render))
    headers = sqlite_app.test_client().get("/old").headers
    assert "Deprecation" in headers
    assert "Sunset" not in headers


def test_other_operations_say_nothing(sqlite_app: Flask) -> None:
    mount(sqlite_app, Surface("test", (route(None),), (), problems.render))
    headers = sqlite_app.test_client().get("/old").headers
    assert not {"Deprecation", "Sunset"} & set(headers.keys())


def test_the_description_marks_operations_and_fields() -> None:
    described = msgspec.json.decode(msgspec.json.encode(document([route(OLD)], "http://localhost")))
    operation = described["paths"]["/old"]["get"]
    assert operation["deprecated"] is True
    assert operation["description"] == (
        "Deprecated since 2026-11-22, works until 2027-11-22 at least: use `getNew`."
    )
    name = described["components"]["schemas"]["Shown"]["properties"]["name"]
    assert (name["deprecated"], name["description"]) == (True, operation["description"])


def test_nothing_is_deprecated_without_notice() -> None:
    with pytest.raises(ValueError, match="works for a while"):
        Deprecation(date(2026, 11, 22), "`getNew`", date(2026, 11, 21))
