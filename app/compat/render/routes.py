"""/edit/v1/render: posting an edit, and asking what became of it."""

from flask import Request

from app.compat.common.dialect import Answer, Call, Dialect, Route
from app.compat.common.faults import wrong_content_type
from app.compat.common.request_fields import JSON, body_of
from app.compat.render import translate
from app.compat.render.translate import Happened
from app.domain.common.errors import NotFound
from app.models import Event
from app.queries.events import listing as events
from app.runtime.metrics import count_events
from app.services.events import renders

# The latest that tells a state is looked for among so many; a render has five or six in all.
LOOKED_AT = 20
# The original's two environments; a client's host ends in one of them.
PREFIXES = ("/edit/v1", "/edit/stage")


def submit(call: Call) -> Answer:
    body = _json_of(call.request)
    edit = translate.edit_of(body)
    queued = renders.submit(call.organization_id, body, edit.callback, edit.merge, call.actor)
    count_events(1, queued.deliveries)
    return Answer(201, translate.created(queued.id))


def show(call: Call) -> Answer:
    render_id, organization_id = call.id("render_id"), call.organization_id
    newest = events.of_source(organization_id, render_id, LOOKED_AT)
    first = events.first_of_source(organization_id, render_id)
    with_data = call.request.args.get("data", "").lower() not in ("false", "0")
    document = first and translate.shown(
        render_id,
        organization_id,
        map(_happened, newest),
        _happened(first),
        with_data=with_data,
    )
    if document is None:
        raise NotFound("There is no render with this id.")
    return Answer(200, document)


def _happened(event: Event) -> Happened:
    return Happened(event.type, event.occurred_at, event.payload)


def _json_of(request: Request) -> bytes:
    body = body_of(request)
    if request.mimetype != JSON:
        raise wrong_content_type(request.headers.get("Content-Type", ""), JSON)
    return body


DIALECT = Dialect(
    name="render",
    routes=tuple(
        route
        for prefix in PREFIXES
        for route in (
            Route("POST", f"{prefix}/render", submit, "events:write"),
            Route("GET", f"{prefix}/render/<render_id>", show, "deliveries:read"),
        )
    ),
    rest=("/edit", "/edit/<other:rest>"),
    fault=translate.fault,
    key_headers=("x-api-key",),
)
