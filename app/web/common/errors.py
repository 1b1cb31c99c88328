"""Render error pages: what happened, what to do, and an ID to find in the log."""

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, flash, g, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from app.domain.common.errors import CallboardError, NotFound, RateLimited, Suspended, Unauthorized
from app.http.page_log import request_id
from app.store.availability import is_reported
from app.web.common.access import auth
from app.web.common.local_paths import local_path

log = logging.getLogger("callboard.web")

# What SQLAlchemy raises when the database is unavailable or too busy.
DATABASE_UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeout)

# Title and what to do, by status.
WORDS = {
    400: ("Bad request", "Go back, reload the page and try again."),
    403: (
        "Permission denied",
        "An owner of this organization can change your role.",
    ),
    404: (
        "Not found",
        "Check the address. The page may have been deleted or belong to another organization.",
    ),
    405: ("Method not allowed", "Go back and use the button on the page."),
    413: ("Request too large", "Send less at once."),
    429: ("Too many requests", "Wait a moment, then try again."),
    500: (
        "Something went wrong",
        "The error was logged under the ID below. Try again in a moment.",
    ),
    503: ("Database unavailable", "Nothing was changed. Try again in a moment."),
}


SUSPENDED = ("Organization suspended", "Its deliveries wait, and go on when it is resumed.")


def register(app: Flask) -> None:
    """Handle all errors that no other surface has rendered in its own format."""
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(CallboardError, callboard_error)
    app.register_error_handler(Exception, unexpected_error)


def csrf_error(_: CSRFError) -> AnyResponse:
    """Return to the page of a form whose token does not match the session."""
    flash("The page was open for too long. Nothing was changed; please submit it again.", "warning")
    return redirect(_previous_page(), 303)


def _previous_page() -> str:
    """The path of the page that sent the form; never another site's, whatever Referer says."""
    referrer = urlsplit(request.referrer or "")
    path = local_path(referrer.path) if referrer.netloc == request.host else None
    query = f"?{referrer.query}" if path and referrer.query else ""
    return f"{path}{query}" if path else f"{request.script_root}/"


def http_error(error: HTTPException) -> AnyResponse | HTTPException:
    if error.response is not None or (error.code or 500) < 400:
        return error
    return page(error.code or 500, headers=dict(error.get_headers()))


def callboard_error(error: CallboardError) -> AnyResponse:
    if isinstance(error, Suspended):
        return page(error.status, error.detail, words=SUSPENDED)
    if isinstance(error, Unauthorized):
        return auth.to_sign_in()
    if isinstance(error, RateLimited):
        return page(429, error.detail, {"Retry-After": str(error.retry_after)})
    return page(error.status, "" if isinstance(error, NotFound) else error.detail)


def unexpected_error(error: Exception) -> Response:
    if not is_reported(error):
        rule = request.url_rule
        route = "" if rule is None else rule.rule
        log.error("request %s: %s %s", request_id(), request.method, route, exc_info=error)
    # The same error might break the navigation around the page.
    g.without_shell = True
    if isinstance(error, DATABASE_UNAVAILABLE):
        return page(503, headers={"Retry-After": "5"})
    return page(500)


def page(
    status: int,
    detail: str = "",
    headers: dict[str, str] | None = None,
    words: tuple[str, str] | None = None,
) -> Response:
    title, remedy = words or WORDS.get(status, ("Request refused", "Go back and try again."))
    body = render_template(
        "errors/error.html",
        status=status,
        heading=title,
        detail=detail,
        remedy=remedy,
        request_id=request_id(),
    )
    response = make_response(body, status)
    for name in ("Retry-After", "Allow"):
        if headers and name in headers:
            response.headers[name] = headers[name]
    return response
