"""/api/v1/jobs: bulk work that goes on by itself: start, list, read and stop it."""

from collections.abc import Collection
from functools import partial
from typing import Any

from app.api.audit_log import BUSY_SECONDS, STREAMED
from app.api.common.routes import CURSOR, LIMIT, PREFIX, ApiRoute
from app.api.deliveries import CANCELLED_STATES, FILTERS, RESENT_STATES, STATE, filter_of
from app.api.schemas import jobs as schemas
from app.api.schemas import responses
from app.domain.common.clock import iso, iso_or_none, now_ms
from app.domain.common.errors import NotFound, RateLimited, invalid
from app.domain.jobs.kinds import (
    CANCEL,
    EVENT_EXPORTS,
    EXPORTS,
    IMPORT,
    RESEND,
    SEND_MISSED,
    STARTABLE,
)
from app.http.bodies import JsonBody
from app.http.credentials import authorize
from app.http.messages import Request, Response, Streamed
from app.http.parameters import choices, read_document
from app.models import Job
from app.queries import jobs as job_queries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.events.listing import EventFilter
from app.runtime.context import runtime
from app.services.audit.reads import record_read
from app.services.deliveries.bulk import Verb
from app.services.jobs import exporting, service
from app.services.jobs import progress as job_progress
from app.services.jobs.arguments import shown
from app.services.jobs.importing import OUTCOMES

PATH = f"{PREFIX}/jobs"
ITEM = f"{PATH}/<job_id>"
UNKNOWN = "No such job in this organization. List its jobs to find it."
# Who may start an import may follow and stop it.
MANAGE = "webhooks:manage"
KIND = choices("kind", list(STARTABLE), "What to do.", many=False)
STATES = {RESEND: RESENT_STATES, CANCEL: CANCELLED_STATES}
MIMETYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
_OF_EVENTS = ("event_type", "source", "since", "until", "q", "value")
EVENT_FILTERS = tuple(each for each in FILTERS if each.name in _OF_EVENTS)
MISSED = tuple(each for each in FILTERS if each.name in ("webhook_id", "since"))


def index(request: Request) -> Response:
    query = request.query
    page = job_queries.page(request.organization_id, query["limit"], query["cursor"])
    return Response(200, responses.Page([_listed(row) for row in page.rows], page.next_cursor))


def create(request: Request) -> Response:
    document = request.document()
    (kind,) = read_document((KIND,), {"kind": document.get("kind")})["kind"] or ("",)
    if not kind:
        raise invalid(
            "kind", "required", "A kind is required.", f"Use one of {', '.join(STARTABLE)}."
        )
    rest = {name: value for name, value in document.items() if name != "kind"}
    start = {SEND_MISSED: _send_missed, **dict.fromkeys(EXPORTS, _export)}.get(kind, _act)
    job = start(request, kind, rest)
    return Response(202, document_of(job))


def show(request: Request) -> Response:
    return Response(200, document_of(_get(request, "deliveries:read", {"deliveries:read", MANAGE})))


def file(request: Request) -> Response:
    job = exporting.file_of(request.organization_id, request.ids["job_id"])
    content_type = MIMETYPES[EXPORTS[job.kind]]
    if request.method == "HEAD":
        return Response(200, b"", STREAMED, content_type)
    slots = runtime().exports
    token = slots.acquire(request.organization_id)
    if token is None:
        raise RateLimited(BUSY_SECONDS, f"An export is running. Retry in {BUSY_SECONDS} s.")
    release = partial(slots.release, token)
    try:
        after = {"kind": job.kind, "count": job.done}
        record_read(request.organization_id, request.actor, "job.download", job.id, after=after)
    except BaseException:
        release()
        raise
    return Response(200, Streamed(exporting.content_of(job), release), STREAMED, content_type)


def stop(request: Request) -> Response:
    job_id = _get(request, "deliveries:resend", {MANAGE}).id
    return Response(200, document_of(service.stop(request.organization_id, job_id, request.actor)))


def _get(request: Request, permission: str, of_imports: Collection[str]) -> Job:
    """permission: for jobs besides imports. of_imports: one is enough. Forbidden, NotFound."""
    assert request.principal is not None
    job = job_queries.get(request.organization_id, request.ids["job_id"])
    if job is None or job.kind != IMPORT:
        authorize(request.principal, permission)
    elif not any(request.principal.allows(each) for each in of_imports):
        authorize(request.principal, MANAGE)
    if job is None:
        raise NotFound(UNKNOWN)
    return job


def _act(request: Request, kind: str, document: dict[str, Any]) -> Job:
    parameters = (STATES[kind], *FILTERS)
    values = read_document(parameters, document)
    if not any(document.get(parameter.name) is not None for parameter in parameters):
        remedy = f"Send at least one of {', '.join(each.name for each in parameters)}."
        raise invalid("", "required", "A filter is required.", remedy)
    verb: Verb = "cancel" if kind == CANCEL else "resend"
    return service.start_matching(request.organization_id, filter_of(values), request.actor, verb)


def _export(request: Request, kind: str, document: dict[str, Any]) -> Job:
    filters: DeliveryFilter | EventFilter
    if kind in EVENT_EXPORTS:
        values = read_document(EVENT_FILTERS, document)
        filters = EventFilter(type=values.pop("event_type"), **values)
    else:
        filters = filter_of(read_document((STATE, *FILTERS), document))
    return service.start_export(request.organization_id, filters, request.actor, EXPORTS[kind])


def _send_missed(request: Request, _: str, document: dict[str, Any]) -> Job:
    values = read_document(MISSED, document)
    for parameter in MISSED:
        if values[parameter.name] is None:
            problem = f"{parameter.name} is required to send missed events."
            raise invalid(parameter.name, "required", problem, "Send it.")
    return service.start_sending_missed(
        request.organization_id, values["webhook_id"], values["since"], request.actor
    )


def _listed(job: Job) -> schemas.ListedJob:
    return schemas.ListedJob(
        id=job.id,
        kind=job.kind,
        state=job.state,
        filter=shown(job.arguments),
        count=job.done,
        total=job.total if job.total_is_exact else None,
        problem=job.problem or None,
        started_by=job.actor_name,
        created_at=iso(job.created_at),
        started_at=iso_or_none(job.started_at),
        ended_at=iso_or_none(job.ended_at),
    )


def document_of(job: Job) -> schemas.Job:
    listed = _listed(job)
    progress = job_progress.of(job, now_ms())
    left = progress.seconds_left
    return schemas.Job(
        **{name: getattr(listed, name) for name in listed.__struct_fields__},
        deliveries=schemas.JobDeliveries(
            succeeded=progress.succeeded,
            failed=progress.failed,
            waiting=progress.waiting,
            on_hold=progress.on_hold,
            cancelled=progress.cancelled,
            elsewhere=progress.elsewhere,
        ),
        seconds_left=None if left is None else round(left, 1),
        imported=_imported(job),
    )


def _imported(job: Job) -> schemas.Imported | None:
    if job.kind != IMPORT:
        return None
    result = job.result or {}
    notes = [
        schemas.ImportNote(each["line"], each["name"], each["outcome"], each["note"])
        for each in result.get("lines", ())
    ]
    counts = {name: result.get(name, 0) for name in OUTCOMES}
    return schemas.Imported(**counts, notes=notes, more_notes=result.get("more", 0))


ROUTES = (
    ApiRoute(
        "GET",
        PATH,
        index,
        "deliveries:read",
        operation="listJobs",
        summary="List jobs, newest first",
        tag="Jobs",
        responses={200: responses.Page[schemas.ListedJob]},
        query=(LIMIT, CURSOR),
    ),
    ApiRoute(
        "POST",
        PATH,
        create,
        "deliveries:resend",
        operation="createJob",
        summary="Start a job that resends, cancels, recovers or exports any number of deliveries",
        tag="Jobs",
        responses={202: schemas.Job},
        body=JsonBody(schemas.JobInput),
        errors=(409,),
    ),
    ApiRoute(
        "GET",
        ITEM,
        show,
        "deliveries:read",
        MANAGE,
        operation="getJob",
        summary="Get a job with its progress",
        tag="Jobs",
        responses={200: schemas.Job},
    ),
    ApiRoute(
        "GET",
        f"{ITEM}/file",
        file,
        "deliveries:read",
        operation="getJobFile",
        summary="Download the file of an export, for a day after the job was created",
        tag="Jobs",
        responses={200: str},
        media_types=tuple(MIMETYPES.values()),
        streams=True,
        errors=(409,),
    ),
    ApiRoute(
        "POST",
        f"{ITEM}/stop",
        stop,
        "deliveries:resend",
        MANAGE,
        operation="stopJob",
        summary="Stop a job; what it has queued is still sent",
        tag="Jobs",
        responses={200: schemas.Job},
        errors=(409,),
    ),
)
