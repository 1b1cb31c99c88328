"""Send a file of any length while it is read, a few at a time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from flask import Response, request, stream_with_context

from app.domain.common.clock import now_ms
from app.runtime.context import runtime
from app.runtime.limits.slots import Slots

BUSY = "An export is already running. Try again when it has finished."
MIMETYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson"}


def begin(organization_id: str, record: Callable[[], None]) -> object | None:
    """A token for `stream`; None if too many exports are running. record: is called for a GET, to
    note in the audit log what is exported."""
    slots = runtime().exports
    token = slots.acquire(organization_id)
    if token is not None and request.method == "GET":
        try:
            record()
        except BaseException:
            slots.release(token)
            raise
    return token


def stream(token: object, chunks: Iterator[bytes], name: str, kind: str) -> Response:
    """name: of the file, without its time and ending. kind: a key of MIMETYPES."""
    slots = runtime().exports
    content = stream_with_context(_releasing(slots, token, chunks))
    response = Response(content, mimetype=MIMETYPES[kind])
    at = f"{datetime.fromtimestamp(now_ms() // 1000, UTC):%Y-%m-%dT%H%M%SZ}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{at}.{kind}"'
    # Proxies must not buffer it.
    response.headers["X-Accel-Buffering"] = "no"
    response.headers["Cache-Control"] = "private, no-store"
    # Covers a client that disconnects before the first chunk.
    response.call_on_close(lambda: slots.release(token))
    return response


def _releasing(slots: Slots, token: object, chunks: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    finally:
        slots.release(token)
