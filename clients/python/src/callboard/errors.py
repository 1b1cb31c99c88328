"""What can go wrong, as types: one for each kind of problem that the API reports (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import requests

PROBLEM_TYPE = "application/problem+json"


class CallboardError(Exception):
    """The base of everything that this package raises on purpose."""


class Unreachable(CallboardError):
    """No usable response after all retries: no connection, a timeout, or a gateway's error."""


class VerificationError(CallboardError):
    """A callback whose signature must not be trusted; the text says why."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One invalid field.

    field: a path such as `url` or `events[3].type`; "" is the whole body. code: for programs.
    """

    field: str
    code: str
    problem: str
    remedy: str


class ApiError(CallboardError):
    """The API refused a request. Subclasses are chosen by `code`, then by `status`.

    code: a stable word. title, detail: for people. errors: each invalid field. request_id: quote it
    to the operator, who finds it in the log. retry_after: seconds, where the API names them.
    """

    code_of_kind: ClassVar[str] = ""

    def __init__(
        self,
        status: int,
        *,
        code: str = "",
        title: str = "",
        detail: str = "",
        errors: tuple[FieldProblem, ...] = (),
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail or title or f"The API responded with status {status}.")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
        self.request_id = request_id
        self.retry_after = retry_after


class BadRequest(ApiError):
    code_of_kind = "bad_request"


class Malformed(BadRequest):
    """The body could not be read."""

    code_of_kind = "malformed"


class OrganizationMissing(BadRequest):
    """A platform key was used without naming an organization."""

    code_of_kind = "organization_missing"


class Unauthorized(ApiError):
    """The key is missing, unknown, expired or revoked."""

    code_of_kind = "unauthorized"


class Forbidden(ApiError):
    """The key lacks a scope."""

    code_of_kind = "forbidden"


class OrganizationSuspended(Forbidden):
    """The operator of the server has suspended the organization."""

    code_of_kind = "organization_suspended"


class NotFound(ApiError):
    code_of_kind = "not_found"


class NoSuchPath(NotFound):
    """This server has no such path: it is older than this client, or the URL is wrong."""

    code_of_kind = "no_such_path"


class MethodNotAllowed(ApiError):
    code_of_kind = "method_not_allowed"


class Conflict(ApiError):
    """The current state does not allow it, or an idempotency key was reused for another event."""

    code_of_kind = "conflict"


class TooLarge(ApiError):
    code_of_kind = "too_large"


class UnsupportedMediaType(ApiError):
    code_of_kind = "content_type"


class Invalid(ApiError):
    """Fields are invalid; `errors` has each of them."""

    code_of_kind = "invalid"


class RateLimited(ApiError):
    code_of_kind = "rate_limited"


class InternalError(ApiError):
    code_of_kind = "internal"


class Unavailable(ApiError):
    """The server cannot take requests now. Nothing was changed."""

    code_of_kind = "unavailable"


BY_CODE: Mapping[str, type[ApiError]] = {
    kind.code_of_kind: kind
    for kind in (
        BadRequest, Malformed, OrganizationMissing, Unauthorized, Forbidden, OrganizationSuspended,
        NotFound, NoSuchPath, MethodNotAllowed, Conflict, TooLarge, UnsupportedMediaType, Invalid,
        RateLimited, InternalError, Unavailable,
    )
}  # fmt: skip
BY_STATUS: Mapping[int, type[ApiError]] = {
    400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound, 405: MethodNotAllowed,
    409: Conflict, 413: TooLarge, 415: UnsupportedMediaType, 422: Invalid, 429: RateLimited,
    500: InternalError, 503: Unavailable,
}  # fmt: skip


def error_of(response: requests.Response) -> ApiError:
    """The error that `response`, of a status of 300 or more, reports."""
    problem = _problem(response)
    status, code = response.status_code, _text(problem, "code")
    kind = BY_CODE.get(code) or BY_STATUS.get(status) or ApiError
    detail = _text(problem, "detail")
    if not problem and 300 <= status < 400:
        detail = f"The server redirects to {response.headers.get('Location')}: use that URL."
    return kind(
        status,
        code=code,
        title=_text(problem, "title") or (response.reason or ""),
        detail=detail,
        errors=_field_problems(problem.get("errors")),
        request_id=_text(problem, "request_id") or response.headers.get("X-Request-Id", ""),
        retry_after=retry_after_of(response),
    )


def retry_after_of(response: requests.Response) -> float | None:
    """Seconds from a Retry-After header; None without one, or when it holds a date."""
    text = response.headers.get("Retry-After", "").strip()
    return float(text) if text.isascii() and text.isdecimal() else None


def _problem(response: requests.Response) -> dict[str, Any]:
    if not response.headers.get("Content-Type", "").startswith(PROBLEM_TYPE):
        return {}
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _field_problems(errors: object) -> tuple[FieldProblem, ...]:
    if not isinstance(errors, list):
        return ()
    names = ("field", "code", "problem", "remedy")
    return tuple(
        FieldProblem(*(_text(error, name) for name in names))
        for error in errors
        if isinstance(error, dict)
    )


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
