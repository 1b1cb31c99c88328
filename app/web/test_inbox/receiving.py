"""Receive requests for test inboxes: open to anyone with the URL, any method, with size limits."""

import time

from flask import Blueprint, Response, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import RequestEntityTooLarge

from app.domain.common.errors import NotFound
from app.domain.test_inbox.responses import PATH, Reply
from app.http.flask_adapter import csrf
from app.models import TestInbox
from app.models.common.base import db
from app.queries import test_inbox as inbox_queries
from app.runtime.context import runtime
from app.services.accounts import credential_cache
from app.services.test_inbox import receiving
from app.services.test_inbox.receiving import Arrived

blueprint = Blueprint("catch", __name__)

# A longer body is read, so that the sender gets a response, but its signature is not checked.
READ_WHOLE = 4 << 20
READ_AT_MOST = 32 << 20
_CHUNK = 1 << 16

_MESSAGES = {
    "status": "Caught by Callboard.\n",
    "failure": "Caught by Callboard. It fails on purpose, by the failure rate.\n",
    "busy": "Caught by Callboard. Too many requests are being delayed; this one fails instead.\n",
}


@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF has no types
def catch(token: str) -> Response:
    inbox = inbox_queries.by_token(token)
    if inbox is None:
        return _text(404, "Test inbox not found.\n")
    if credential_cache.organization_state(inbox.organization_id) == "suspended":
        return _text(403, "This organization is suspended; the request was not stored.\n")
    wait = runtime().test_inbox_limiter.take(inbox.id).retry_after
    if wait is not None:
        return _text(429, "Too many requests; this one was not stored.\n", wait)
    try:
        arrived = _arrived()
    except RequestEntityTooLarge:
        return _text(413, f"The body has more than {READ_AT_MOST} bytes; it was not stored.\n")
    try:
        reply = _receive(inbox, arrived)
    except NotFound:
        return _text(404, "This test inbox was deleted.\n")
    return _text(reply.status, _MESSAGES[reply.why], 1 if reply.why == "busy" else None)


@blueprint.record_once
def _mount(state: BlueprintSetupState) -> None:
    """Accept every method, also unknown ones."""
    rule = state.app.url_rule_class(f"{PATH}<token>", endpoint="catch.catch", methods=None)
    rule.provide_automatic_options = False  # type: ignore[attr-defined]
    state.app.url_map.add(rule)
    state.app.view_functions["catch.catch"] = catch


def _receive(inbox: TestInbox, arrived: Arrived) -> Reply:
    """Store the request, then wait for the configured delay without a database connection."""
    reply = receiving.reply_to(inbox)
    has_room = reply.delay_seconds > 0 and runtime().test_inbox_delays.acquire(blocking=False)
    if reply.delay_seconds > 0 and not has_room:
        reply = receiving.too_busy(reply)
    try:
        receiving.keep(inbox, arrived, reply)
        db.session.remove()
        time.sleep(reply.delay_seconds)
    finally:
        if has_room:
            runtime().test_inbox_delays.release()
    return reply


def _arrived() -> Arrived:
    """Read the request. Raises RequestEntityTooLarge above READ_AT_MOST."""
    body, size = _read()
    query = request.query_string.decode("latin-1")
    return Arrived(
        method=request.method,
        target=request.environ.get("RAW_URI") or request.path + (f"?{query}" if query else ""),
        protocol=request.environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        headers=tuple(request.headers.items()),
        body=body,
        size=size,
        whole=size == len(body),
        address=request.remote_addr,
    )


def _read() -> tuple[bytes, int]:
    """Return the stored part of the body and the total length. Of an interrupted request the part
    that arrived counts, so that it can be inspected."""
    request.max_content_length = READ_AT_MOST
    stored, size = bytearray(), 0
    while True:
        try:
            chunk = request.stream.read(_CHUNK)
        except RequestEntityTooLarge:
            raise
        except Exception:  # noqa: BLE001 - each server has errors of its own for a broken body
            chunk = b""
        if not chunk:
            return bytes(stored), size
        size += len(chunk)
        if size <= READ_WHOLE:
            stored += chunk


def _text(status: int, message: str, retry_after: int | None = None) -> Response:
    headers = {"Cache-Control": "no-store"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Response(message, status, headers, mimetype="text/plain")
