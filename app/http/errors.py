"""Every failure of a request as one kind of error, which each surface renders in its own shape."""

import logging
from dataclasses import dataclass

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.common.errors import (
    CallboardError,
    FieldError,
    Invalid,
    RateLimited,
    Unavailable,
)
from app.http.messages import Headers, Request
from app.store.availability import is_reported

log = logging.getLogger("callboard.http")


@dataclass(eq=False)
class HttpError(Exception):
    """status: as in the native API; a dialect may use another one.

    code: a stable word for programs: `unauthorized`, `forbidden`, `no_such_path`, `not_found`,
    `method_not_allowed`, `malformed`, `content_type`, `too_large`, `rate_limited`, `invalid` (with
    `errors`), `organization_missing`, `conflict`, `unavailable`, `internal`, or a dialect's own.
    detail: one or two sentences. All texts may quote the request: they can be encoded as UTF-8.
    """

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Headers = ()
    request_id: str = ""

    def __post_init__(self) -> None:
        self.detail = encodable(self.detail)
        self.errors = tuple(
            FieldError(encodable(e.field), e.code, encodable(e.problem), encodable(e.remedy))
            for e in self.errors
        )


def no_such_path(path: str) -> HttpError:
    return HttpError(404, "no_such_path", "Not found", f"Nothing is served at {path[:200]}.")


def method_not_allowed(method: str, allowed: str) -> HttpError:
    detail = f"{method[:20]} is not allowed. Allowed methods: {allowed}."
    headers = (("Allow", allowed),)
    return HttpError(405, "method_not_allowed", "Method not allowed", detail, (), headers)


def unsupported_media_type(header: str, value: str, expected: str) -> HttpError:
    """value: of the request's header; "" if it is missing."""
    problem = f"{header} was {value[:100]!r}." if value else f"{header} is missing."
    remedy = f"Send {header}: {expected}."
    errors = (FieldError(header, "content_type", problem, remedy),)
    detail = f"{problem} {remedy}"
    return HttpError(415, "content_type", "Unsupported media type", detail, errors)


def from_exception(error: Exception, request: Request) -> HttpError:
    """The error for the client; a fault of ours is logged with its traceback as well."""
    http_error = _http_error(error, request)
    http_error.request_id = request.request_id
    return http_error


def _http_error(error: Exception, request: Request) -> HttpError:
    if isinstance(error, HttpError):
        return error
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        if not is_reported(error):
            log.error("request %s: database unavailable", request.request_id, exc_info=error)
        error = Unavailable("Database unavailable; nothing was changed. Retry the request.")
    if isinstance(error, MemoryError):
        log.error("request %s: not enough memory", request.request_id)
        error = Unavailable("Not enough memory at the moment. Retry the request.")
    if isinstance(error, CallboardError):
        return _of_domain(error)
    log.error("request %s failed", request.request_id, exc_info=error)
    detail = f"An internal error occurred. The log has its details under {request.request_id}."
    return HttpError(500, "internal", "Internal error", detail)


def _of_domain(error: CallboardError) -> HttpError:
    errors = tuple(error.errors) if isinstance(error, Invalid) else ()
    headers: Headers = ()
    if isinstance(error, RateLimited):
        headers = (("Retry-After", str(error.retry_after)),)
    elif error.status == 503:
        headers = (("Retry-After", "1"),)
    return HttpError(error.status, error.code, error.title, error.detail, errors, headers)


def encodable(text: str) -> str:
    """Text that quotes a request may hold a lone surrogate, which has no UTF-8."""
    return text.encode("utf-8", "replace").decode()
