"""/api/v1/audit-log: who changed what, as pages of JSON or as lines to archive."""

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import chain
from typing import Any

import msgspec

from app.api.common.routes import CURSOR, LIMIT, PREFIX, SINCE, UNTIL, ApiRoute
from app.api.schemas import accounts as schemas
from app.api.schemas.responses import Page
from app.domain.accounts.permissions import AUDIT_READ
from app.domain.common.errors import RateLimited
from app.http.messages import Request, Response, Streamed
from app.http.parameters import integer, text
from app.queries import audit
from app.queries.audit import AuditFilter
from app.runtime.context import runtime
from app.services.audit.reads import record_read

PATH = f"{PREFIX}/audit-log"
FILTERS = (
    text("actor", "An ID, or text in the actor's name."),
    text("action", "Such as webhook.update; a prefix if it ends with a dot."),
    text("object", "An ID, or text in the object's name."),
    SINCE,
    UNTIL,
)
LINES = integer(
    "limit", 1, 1000, "Maximum number of lines; the header `Next-Cursor` continues. Default: all."
)
START = text("cursor", "`Next-Cursor` of the previous lines.")
NDJSON = "application/x-ndjson"
# Proxies must not buffer it.
STREAMED = (("X-Accel-Buffering", "no"),)
# After which a client may ask whether the other export has ended.
BUSY_SECONDS = 10


def index(request: Request) -> Response:
    page = audit.page(
        request.organization_id, _filter(request), request.query["limit"], request.query["cursor"]
    )
    entries = [msgspec.convert(audit.document(row), schemas.AuditEntry) for row in page.rows]
    return Response(200, Page(entries, page.next_cursor))


def export(request: Request) -> Response:
    """Everything is streamed while it is read, in batches; with a limit it is one page."""
    if request.query["limit"] is not None:
        return _page_of_lines(request)
    if request.method == "HEAD":
        return Response(200, b"", STREAMED, NDJSON)
    slots = runtime().exports
    token = slots.acquire(request.organization_id)
    if token is None:
        raise RateLimited(BUSY_SECONDS, f"An export is running. Retry in {BUSY_SECONDS} s.")
    release = partial(slots.release, token)
    try:
        _record(request)
        # The first batch is read before the response begins: a wrong cursor is still refused.
        batches = audit.batches(request.organization_id, _filter(request), request.query["cursor"])
        first = next(batches, [])
    except BaseException:
        release()
        raise
    parts = (_lines(documents) for documents in chain([first], batches) if documents)
    return Response(200, Streamed(parts, release), STREAMED, NDJSON)


def _page_of_lines(request: Request) -> Response:
    query = request.query
    if query["cursor"] is None and request.method != "HEAD":
        _record(request)
    page = audit.page(request.organization_id, _filter(request), query["limit"], query["cursor"])
    cursor = page.next_cursor
    headers = () if cursor is None else (("Next-Cursor", cursor),)
    return Response(200, _lines(map(audit.document, page.rows)), headers, NDJSON)


def _record(request: Request) -> None:
    query = request.query
    after = {"filter": {p.name: query[p.name] for p in FILTERS if query[p.name] is not None}}
    record_read(request.organization_id, request.actor, "audit_log.export", after=after)


def _lines(documents: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(document) + b"\n" for document in documents)


def _filter(request: Request) -> AuditFilter:
    query: dict[str, Any] = request.query
    return AuditFilter(
        actor=query["actor"],
        action=query["action"],
        subject=query["object"],
        since=query["since"],
        until=query["until"],
    )


ROUTES = (
    ApiRoute(
        "GET",
        PATH,
        index,
        AUDIT_READ,
        operation="listAuditEntries",
        summary="List entries of the audit log, newest first",
        tag="Audit log",
        responses={200: Page[schemas.AuditEntry]},
        query=(*FILTERS, LIMIT, CURSOR),
    ),
    ApiRoute(
        "GET",
        f"{PATH}.ndjson",
        export,
        AUDIT_READ,
        operation="exportAuditLog",
        summary="Export the audit log as lines of JSON, newest first: all, or `limit` of them",
        tag="Audit log",
        responses={200: schemas.AuditEntry},
        query=(*FILTERS, LINES, START),
        media_types=(NDJSON,),
        streams=True,
    ),
)
