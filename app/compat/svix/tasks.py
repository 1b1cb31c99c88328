"""Background tasks: recover, replay what is missing, and statistics."""

from collections.abc import Mapping
from typing import Any

from app.compat.common.views import Document
from app.compat.svix import applications, endpoints
from app.compat.svix.common import ids, paging
from app.compat.svix.common.fields import Body
from app.domain.common.clock import iso, now_ms
from app.domain.common.errors import NotFound, invalid
from app.http.messages import Request, Response
from app.models import BackgroundTask
from app.queries import background_tasks as task_queries
from app.services.background_tasks import kinds
from app.services.background_tasks import service as background

# Our kinds of tasks by Svix's names.
_KINDS = {
    "endpoint.recover": kinds.RECOVER,
    "endpoint.replay": kinds.SEND_MISSED,
    "event-type.aggregate": kinds.EVENT_TYPES,
    "application.stats": kinds.DELIVERIES,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def recover(request: Request) -> Response:
    return _resend(request, kinds.RECOVER)


def replay_missing(request: Request) -> Response:
    return _resend(request, kinds.SEND_MISSED)


def _resend(request: Request, kind: str) -> Response:
    row, body = endpoints.of_path(request), Body(request.fields)
    since, until = body.moment("since", required=True), body.moment("until")
    body.done()
    terms = {"webhook_id": row.id, "since": since, "until": until}
    task = background.start(request.organization_id, kind, terms, request.actor)
    return Response(202, _started(task))


def aggregate_event_types(request: Request) -> Response:
    terms = {"ids": _own(request)}
    owner = request.organization_id or None
    return Response(202, _started(background.start(owner, kinds.EVENT_TYPES, terms, request.actor)))


def aggregate_applications(request: Request) -> Response:
    body = Body(request.fields)
    since, until = (body.moment(name, required=True) for name in ("since", "until"))
    named = body.strings("appIds")
    body.done()
    known, unknown = _resolved(request, named or [])
    if named and not known:
        raise invalid("appIds", "choice", "None of these applications exists.", "")
    terms = {"ids": known if named else _own(request), "since": since, "until": until}
    owner = request.organization_id or None
    task = background.start(owner, kinds.DELIVERIES, terms, request.actor)
    return Response(202, _started(task) | {"unresolvedAppIds": unknown})


def _own(request: Request) -> list[str] | None:
    """An organization's key counts its own application only."""
    return [request.organization_id] if request.organization_id else None


def _resolved(request: Request, named: list[str]) -> tuple[list[str], list[str]]:
    known, unknown = [], []
    for text in named:
        try:
            known.append(applications.resolve(text, request.organization_id or None))
        except NotFound:
            unknown.append(text)
    return list(dict.fromkeys(known)), unknown


def index(request: Request) -> Response:
    direction, limit = paging.turn_of(request, paging.read_id(ids.TASK))
    query = request.query_fields()
    name, state = query.get("task"), query.get("status")
    if (name and name not in _KINDS) or (state and state not in _STATES):
        # Others are never started here.
        return Response(200, {"data": [], "iterator": None, "prevIterator": None, "done": True})
    turned = task_queries.page(
        request.organization_id or None,
        direction,
        limit,
        kinds=[_KINDS[name]] if name else (),
        state=state or None,
    )
    return Response(200, paging.page([_document(row) for row in turned.rows], turned, ids.TASK))


def show(request: Request) -> Response:
    id_ = ids.read(ids.TASK, request.ids["task_id"])
    row = task_queries.get(request.organization_id or None, id_) if id_ else None
    if row is None:
        raise NotFound("Entity not found.")
    return Response(200, _document(row))


_STATES = (background.RUNNING, background.FINISHED, background.FAILED)


def _started(row: BackgroundTask) -> Document:
    return {
        "id": ids.shown(ids.TASK, row.id),
        "status": row.state,
        "task": _NAMES[row.kind],
        "updatedAt": iso(row.updated_at or now_ms()),
    }


def _document(row: BackgroundTask) -> Document:
    return _started(row) | {"data": _data(row.kind, row.result)}


def _data(kind: str, result: Mapping[str, Any]) -> Document:
    error = {"error": result["error"]} if "error" in result else {}
    rows = result.get("rows", ())
    if kind == kinds.EVENT_TYPES:
        types = [
            {
                "appId": ids.shown(ids.APPLICATION, row["id"]),
                "explicitlySubscribedEventTypes": row["names"],
                "hasCatchAllEndpoint": row["has_all"],
            }
            for row in rows
        ]
        return {"event_types": types} | error
    if kind == kinds.DELIVERIES:
        stats = [
            {
                "appId": ids.shown(ids.APPLICATION, row["id"]),
                "appUid": row["uid"],
                "messageDestinations": row["number"],
            }
            for row in rows
        ]
        return {"appStats": stats} | error
    return {"messagesSent": result.get("number", 0)} | error
