"""Let a signed-in person read an API in the browser: the pages know who that is."""

from collections.abc import Callable

from flask import Flask, current_app, has_request_context, request

from app.http.messages import RequestHeaders
from app.services.accounts.api_keys import Principal

_EXTENSION = "callboard.person"
_SAFE = ("GET", "HEAD")


def set_person(app: Flask, person: Callable[[], Principal | None]) -> None:
    """person: who is signed in, with the permissions of their role."""
    app.extensions[_EXTENSION] = person


def session(headers: RequestHeaders) -> Principal | None:  # noqa: ARG001 -- a credential reader
    """The signed-in person. Only for requests that change nothing, so that a form of another site
    gains nothing from the cookie."""
    if not has_request_context() or request.method not in _SAFE:
        return None
    person: Callable[[], Principal | None] | None = current_app.extensions.get(_EXTENSION)
    return person() if person else None
