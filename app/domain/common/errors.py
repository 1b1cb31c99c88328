"""Errors that a caller can cause; each surface renders them in its own format."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One error of one field.

    field: a path such as `url`, `retry_policy.kind` or `events[3].type`; "" is the whole body.
    code: a stable word for programs (`required`, `type`, `range`, `unknown`, `address`, ...).
    problem: a sentence on what is wrong. remedy: a sentence on how to fix it.
    """

    field: str
    code: str
    problem: str
    remedy: str


class CallboardError(Exception):
    """The base of errors that are reported to callers. `status` is the native API's HTTP status."""

    status = 400
    code = "bad_request"
    title = "Bad request"

    def __init__(self, detail: str = "", **extra: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra = extra


class Malformed(CallboardError):
    """The body cannot be parsed: not JSON, wrong content type, nested too deep."""

    status, code, title = 400, "malformed", "Malformed request body"


class Invalid(CallboardError):
    """The body was parsed, but some of its fields are invalid."""

    status, code, title = 422, "invalid", "Validation failed"

    def __init__(self, errors: list[FieldError], detail: str = "") -> None:
        super().__init__(detail or " ".join(_sentence(e) for e in errors[:3]))
        self.errors = errors


def check_all(*checks: Callable[[], T]) -> list[T]:
    """The results in the order of the checks. Raises Invalid with the errors of all that failed."""
    results: list[T] = []
    errors: list[FieldError] = []
    for check in checks:
        try:
            results.append(check())
        except Invalid as error:
            errors += error.errors
    if errors:
        raise Invalid(errors)
    return results


def _sentence(error: FieldError) -> str:
    return f"{error.field}: {error.problem}" if error.field else error.problem


class Unauthorized(CallboardError):
    status, code, title = 401, "unauthorized", "Missing or invalid credentials"


class Forbidden(CallboardError):
    status, code, title = 403, "forbidden", "Permission denied"


class Suspended(CallboardError):
    """The operator has suspended the organization."""

    status, code, title = 403, "organization_suspended", "Organization suspended"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            detail
            or "This organization is suspended. Ask the operator of this server to resume it."
        )


class NotFound(CallboardError):
    """Also raised for another organization's rows, so that callers cannot probe for them."""

    status, code, title = 404, "not_found", "Not found"


class Conflict(CallboardError):
    status, code, title = 409, "conflict", "Conflicts with the current state"


class QuotaExceeded(CallboardError):
    """The organization has reached one of its quotas; waiting does not help, unlike RateLimited."""

    status, code, title = 409, "quota_exceeded", "Quota exceeded"


class TooLarge(CallboardError):
    status, code, title = 413, "too_large", "Request body too large"


class RateLimited(CallboardError):
    """retry_after: whole seconds until the next request is allowed."""

    status, code, title = 429, "rate_limited", "Too many requests"

    def __init__(self, retry_after: int, detail: str = "") -> None:
        super().__init__(detail or f"Retry in {retry_after} s.")
        self.retry_after = retry_after


class Unavailable(CallboardError):
    """A fault on our side: nothing was accepted, and the same request can be retried."""

    status, code, title = 503, "unavailable", "Service unavailable"


def invalid(field: str, code: str, problem: str, remedy: str) -> Invalid:
    """Return an Invalid about one field."""
    return Invalid([FieldError(field, code, problem, remedy)])
