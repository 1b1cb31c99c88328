"""/api/v1/audit-log: who changed what, as pages of JSON or as lines to archive."""

from typing import Any

import msgspec

from app.api.common.routes import CURSOR, LIMIT, PREFIX, SINCE, UNTIL, ApiRoute
from app.api.schemas import accounts as schemas
from app.api.schemas.responses import Page
from app.domain.accounts.permissions import AUDIT_READ
from app.http.messages import Request, Response
from app.http.parameters import integer, text
from app.queries import audit
from app.queries.audit import AuditFilter
from app.services.audit.reads import record_read

PATH = f"{PREFIX}/audit-log"
FILTERS = (
    text("actor", "An ID, or text in the actor's name."),
    text("action", "Such as webhook.update; a prefix if it ends with a dot."),
    text("object", "An ID, or text in the object's name."),
    SINCE,
    UNTIL,
)
LINES = integer("limit", 1, 1000, "Maximum number of lines.", 1000)
NDJSON = "application/x-ndjson"


def index(request: Request) -> Response:
    page = audit.page(
        request.organization_id, _filter(request), request.query["limit"], request.query["cursor"]
    )
    entries = [msgspec.convert(audit.document(row), schemas.AuditEntry) for row in page.rows]
    return Response(200, Page(entries, page.next_cursor))


def export(request: Request) -> Response:
    """At most 1,000 lines, so that memory stays bounded; `Next-Cursor` continues."""
    query = request.query
    if query["cursor"] is None and request.method != "HEAD":
        after = {"filter": {p.name: query[p.name] for p in FILTERS if query[p.name] is not None}}
        record_read(request.organization_id, request.actor, "audit_log.export", after=after)
    page = audit.page(request.organization_id, _filter(request), query["limit"], query["cursor"])
    lines = b"".join(msgspec.json.encode(audit.document(row)) + b"\n" for row in page.rows)
    headers = [("Cache-Control", "no-store")]
    if page.next_cursor is not None:
        headers.append(("Next-Cursor", page.next_cursor))
    return Response(200, lines, tuple(headers), NDJSON)


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
        summary="Export the audit log as lines of JSON; the header Next-Cursor continues",
        tag="Audit log",
        responses={200: schemas.AuditEntry},
        query=(*FILTERS, LINES, CURSOR),
        media_type=NDJSON,
    ),
)
