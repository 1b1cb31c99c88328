"""Whatever goes wrong, as one kind of thing that each dialect renders in its own shape."""

import logging
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.domain.common.errors import CallboardError, FieldError, Invalid, RateLimited, Unavailable

log = logging.getLogger("callboard.compat")

Headers = tuple[tuple[str, str], ...]


@dataclass(eq=False)
class Fault(Exception):
    """status: of HTTP, as the native API would have it; a dialect may have another for it.

    code: `unauthorized`, `forbidden`, `no_such_path`, `not_found`, `method_not_allowed`,
    `malformed`, `content_type`, `too_large`, `rate_limited`, `invalid` (with `errors`),
    `organization_missing`, `conflict`, `unavailable`, `internal`, `http`, or a dialect's own.
    message: a sentence or two, fit to be written as UTF-8.
    """

    status: int
    code: str
    message: str
    errors: tuple[FieldError, ...] = ()
    headers: Headers = ()


def no_such_path(path: str) -> Fault:
    return Fault(404, "no_such_path", writable(f"Nothing is served at {path[:200]}."))


def wrong_method(method: str, allowed: str) -> Fault:
    said = f"Method {method[:20]} not allowed; these are: {allowed}."
    return Fault(405, "method_not_allowed", writable(said), (), (("Allow", allowed),))


def wrong_content_type(given: str, right: str) -> Fault:
    said = f"The content type {given[:100]!r} is not taken" if given else "There is no content type"
    return Fault(415, "content_type", writable(f"{said}; send {right}."))


def fault_of(error: Exception, request_id: str, where: str) -> Fault:
    """The fault that says what `error` says; what is our own fault is also written into the log.
    where: method and path."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        log.error("request %s: the database did not answer", request_id, exc_info=error)
        error = Unavailable("The database did not answer; nothing was changed. Try again.")
    if isinstance(error, CallboardError):
        return _told(error)
    if isinstance(error, HTTPException) and (error.code or 500) < 500:
        status = error.code or 500
        return Fault(status, "http", error.description or HTTPStatus(status).phrase)
    log.error("request %s: %s", request_id, where, exc_info=error)
    said = f"Something went wrong on this side; the log tells more under {request_id}."
    return Fault(500, "internal", said)


def _told(error: CallboardError) -> Fault:
    errors = tuple(error.errors) if isinstance(error, Invalid) else ()
    headers: list[tuple[str, str]] = []
    if isinstance(error, RateLimited):
        headers.append(("Retry-After", str(error.retry_after)))
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", "1"))
    plain = tuple(
        FieldError(writable(e.field), e.code, writable(e.problem), writable(e.remedy))
        for e in errors
    )
    return Fault(error.status, error.code, writable(error.detail), plain, tuple(headers))


def writable(text: str) -> str:
    """Text may quote what a caller sent; a lone surrogate in it has no UTF-8."""
    return text.encode("utf-8", "replace").decode()
