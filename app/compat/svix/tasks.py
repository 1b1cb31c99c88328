"""Background tasks are jobs: recover, replay what is missing, and statistics."""

from collections.abc import Mapping
from typing import Any

from app.compat.common.views import Document
from app.compat.svix import applications, endpoints
from app.compat.svix.common import ids, paging
from app.compat.svix.common.fields import Body
from app.domain.common.clock import iso
from app.domain.common.errors import NotFound, invalid
from app.domain.deliveries.states import FAILED
from app.domain.jobs import kinds
from app.http.messages import Request, Response
from app.models import Job
from app.queries import jobs as job_queries
from app.queries.deliveries.filters import DeliveryFilter
from app.services.jobs import service as jobs
from app.services.jobs.arguments import Subjects

# Our kinds of jobs by Svix's names.
_KINDS = {
    "endpoint.recover": kinds.RESEND,
    "endpoint.replay": kinds.SEND_MISSED,
    "event-type.aggregate": kinds.EVENT_TYPES,
    "application.stats": kinds.DELIVERY_COUNTS,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_STATES = {
    "running": (kinds.QUEUED, kinds.RUNNING),
    "finished": (kinds.COMPLETED,),
    "failed": (kinds.FAILED, kinds.STOPPED),
}
_STATE_NAMES = {state: name for name, states in _STATES.items() for state in states}


def recover(request: Request) -> Response:
    webhook_id, since, until = _span(request)
    failed = DeliveryFilter(states=(FAILED,), webhook_id=webhook_id, since=since, until=until)
    job = jobs.start_matching(request.organization_id, failed, request.actor, "resend")
    return Response(202, _started(job))


def replay_missing(request: Request) -> Response:
    webhook_id, since, until = _span(request)
    scope = request.organization_id, webhook_id, since, request.actor
    return Response(202, _started(jobs.start_sending_missed(*scope, until=until)))


def _span(request: Request) -> tuple[str, int, int | None]:
    row, body = endpoints.of_path(request), Body(request.fields)
    since, until = body.moment("since", required=True), body.moment("until")
    body.done()
    assert since is not None, "required"
    return row.id, since, until


def aggregate_event_types(request: Request) -> Response:
    return Response(202, _started(_report(request, kinds.EVENT_TYPES, Subjects(_own(request)))))


def aggregate_applications(request: Request) -> Response:
    body = Body(request.fields)
    since, until = (body.moment(name, required=True) for name in ("since", "until"))
    named = body.strings("appIds")
    body.done()
    known, unknown = _resolved(request, named or [])
    if named and not known:
        raise invalid("appIds", "choice", "None of these applications exists.", "")
    subjects = Subjects(known if named else _own(request), since, until)
    job = _report(request, kinds.DELIVERY_COUNTS, subjects)
    return Response(202, _started(job) | {"unresolvedAppIds": unknown})


def _report(request: Request, kind: str, subjects: Subjects) -> Job:
    return jobs.start_report(request.organization_id or None, kind, subjects, request.actor)


def _own(request: Request) -> tuple[str, ...] | None:
    """An organization's key counts its own application only."""
    return (request.organization_id,) if request.organization_id else None


def _resolved(request: Request, named: list[str]) -> tuple[tuple[str, ...], list[str]]:
    known, unknown = [], []
    for text in named:
        try:
            known.append(applications.resolve(text, request.organization_id or None))
        except NotFound:
            unknown.append(text)
    return tuple(dict.fromkeys(known)), unknown


def index(request: Request) -> Response:
    direction, limit = paging.turn_of(request, paging.read_id(ids.TASK))
    query = request.query_fields()
    name, state = query.get("task"), query.get("status")
    if (name and name not in _KINDS) or (state and state not in _STATES):
        # Others are never started here.
        return Response(200, {"data": [], "iterator": None, "prevIterator": None, "done": True})
    turned = job_queries.turned(
        request.organization_id or None,
        direction,
        limit,
        kinds=[_KINDS[name]] if name else list(_NAMES),
        states=_STATES[state] if state else (),
    )
    return Response(200, paging.page([_document(row) for row in turned.rows], turned, ids.TASK))


def show(request: Request) -> Response:
    id_ = ids.read(ids.TASK, request.ids["task_id"])
    row = job_queries.of_any_kind(request.organization_id or None, id_) if id_ else None
    if row is None or row.kind not in _NAMES:
        raise NotFound("Entity not found.")
    return Response(200, _document(row))


def _started(row: Job) -> Document:
    return {
        "id": ids.shown(ids.TASK, row.id),
        "status": _STATE_NAMES.get(row.state, "failed"),
        "task": _NAMES[row.kind],
        "updatedAt": iso(max(row.created_at, row.touched_at, row.ended_at or 0)),
    }


def _document(row: Job) -> Document:
    error = {"error": row.problem} if row.problem else {}
    return _started(row) | {"data": _data(row) | error}


def _data(row: Job) -> Document:
    rows: list[Mapping[str, Any]] = (row.result or {}).get("rows", [])
    if row.kind == kinds.EVENT_TYPES:
        types = [
            {
                "appId": ids.shown(ids.APPLICATION, row["id"]),
                "explicitlySubscribedEventTypes": row["names"],
                "hasCatchAllEndpoint": row["has_all"],
            }
            for row in rows
        ]
        return {"event_types": types}
    if row.kind == kinds.DELIVERY_COUNTS:
        stats = [
            {
                "appId": ids.shown(ids.APPLICATION, row["id"]),
                "appUid": row["uid"],
                "messageDestinations": row["number"],
            }
            for row in rows
        ]
        return {"appStats": stats}
    return {"messagesSent": row.done}
