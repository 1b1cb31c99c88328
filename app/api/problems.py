"""Errors as RFC 9457 problem details: one shape on every path."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import msgspec
from msgspec import Meta

from app.domain.common.errors import CallboardError, FieldError, Invalid, RateLimited

CONTENT_TYPE = "application/problem+json"


class FieldProblem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is wrong with one field, and what would be right."""

    field: Annotated[
        str, Meta(description="Such as `url` or `events[3].type`; empty: the whole body.")
    ]
    code: Annotated[str, Meta(description="A stable word for programs.")]
    problem: str
    remedy: str


class Problem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What went wrong (RFC 9457)."""

    type: Annotated[str, Meta(description="`urn:callboard:problem:` and the code.")]
    title: str
    status: int
    detail: str
    code: Annotated[str, Meta(description="A stable word for programs.")]
    errors: list[FieldProblem]
    request_id: Annotated[str, Meta(description="To quote when asking about it.")]


@dataclass(eq=False)
class ProtocolError(Exception):
    """A problem of HTTP itself, which the domain has no word for."""

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


def no_such_path(path: str) -> ProtocolError:
    detail = f"Nothing is served at {path}. What is stands in /api/v1/openapi.json."
    return ProtocolError(404, "no_such_path", "There is no such path", detail)


def wrong_method(method: str, allowed: str) -> ProtocolError:
    detail = f"{method} is not taken here; these are: {allowed}."
    headers = (("Allow", allowed),)
    return ProtocolError(
        405, "method_not_allowed", "This method is not taken here", detail, (), headers
    )


def wrong_content_type(name: str, given: str, right: str) -> ProtocolError:
    said = f"{name} was {given!r}" if given else f"There was no {name}"
    error = FieldError(name, "content_type", f"{said}.", f"Send {name}: {right}.")
    detail = f"{said}; send {name}: {right}."
    return ProtocolError(
        415, "content_type", "The body is in a form that is not taken", detail, (error,)
    )


def internal(request_id: str) -> ProtocolError:
    detail = f"This is our fault. Quote {request_id} and it can be found in the log."
    return ProtocolError(500, "internal", "Something went wrong on this side", detail)


def of_error(error: CallboardError) -> ProtocolError:
    """The fault that says what `error` says."""
    errors = tuple(error.errors) if isinstance(error, Invalid) else ()
    headers: list[tuple[str, str]] = []
    if isinstance(error, RateLimited):
        headers.append(("Retry-After", str(error.retry_after)))
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", 'Bearer realm="callboard"'))
        headers.append(("WWW-Authenticate", 'Basic realm="callboard", charset="UTF-8"'))
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", "1"))
    return ProtocolError(
        error.status, error.code, error.title, error.detail, errors, tuple(headers)
    )


def render(fault: ProtocolError, request_id: str) -> bytes:
    problem = Problem(
        type=f"urn:callboard:problem:{fault.code}",
        title=fault.title,
        status=fault.status,
        detail=_writable(fault.detail),
        code=fault.code,
        errors=[
            FieldProblem(_writable(e.field), e.code, _writable(e.problem), _writable(e.remedy))
            for e in fault.errors
        ],
        request_id=request_id,
    )
    return msgspec.json.encode(problem)


def _writable(text: str) -> str:
    """Text may quote what a caller sent; a lone surrogate in it has no UTF-8."""
    return text.encode("utf-8", "replace").decode()
