"""Errors of the native API as RFC 9457 problem details: one shape on every path."""

from typing import Annotated

import msgspec
from msgspec import Meta

from app.http.errors import HttpError
from app.http.messages import Response

CONTENT_TYPE = "application/problem+json"


class FieldProblem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An error of one field, and its remedy."""

    field: Annotated[
        str, Meta(description="Such as `url` or `events[3].type`; empty: the whole body.")
    ]
    code: Annotated[str, Meta(description="A stable word for programs.")]
    problem: str
    remedy: str


class Problem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An error (RFC 9457)."""

    type: Annotated[str, Meta(description="`urn:callboard:problem:` and the code.")]
    title: str
    status: int
    detail: str
    code: Annotated[str, Meta(description="A stable word for programs.")]
    errors: list[FieldProblem]
    request_id: Annotated[str, Meta(description="Quote it when you ask for support.")]


def render(error: HttpError) -> Response:
    detail = error.detail
    if error.code == "no_such_path":
        detail += " See /api/v1/openapi.json for all paths."
    problem = Problem(
        type=f"urn:callboard:problem:{error.code}",
        title=error.title,
        status=error.status,
        detail=detail,
        code=error.code,
        errors=[FieldProblem(e.field, e.code, e.problem, e.remedy) for e in error.errors],
        request_id=error.request_id,
    )
    return Response(error.status, problem, content_type=CONTENT_TYPE)
