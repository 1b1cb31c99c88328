"""/edit/v1/render, and the older /v1/render: post an edit, and get the state of its render; and
/edit/v1/templates."""

from app.compat.common.dialect import Dialect
from app.compat.render import errors, templates, translate
from app.compat.render.translate import RenderEvent
from app.domain.common.errors import NotFound
from app.http.bodies import JsonBody
from app.http.credentials import key_header
from app.http.messages import Request, Response
from app.http.routes import Route
from app.models import Event
from app.queries.events import listing as event_queries
from app.services.events import renders

# The latest event that has a state is searched among so many; a render has five or six in all.
MAX_EVENTS = 20
TEMPLATE = "/templates/<template_id>"
READ, WRITE = "deliveries:read", "events:write"
# The original's two environments, and its older base path; a client's host ends in one of them.
PREFIXES = ("/edit/v1", "/edit/stage", "/v1")


def submit(request: Request) -> Response:
    body, organization_id = request.body, request.organization_id
    edit = translate.to_create(body)
    render_id = renders.submit(organization_id, body, edit.callback, edit.merge, request.actor)
    return Response(201, translate.created(render_id))


def show(request: Request) -> Response:
    render_id, organization_id = request.ids["render_id"], request.organization_id
    newest = event_queries.of_source(organization_id, render_id, MAX_EVENTS)
    first = event_queries.first_of_source(organization_id, render_id)
    with_data = request.query_fields().get("data", "").lower() not in ("false", "0")
    document = first and translate.render(
        render_id,
        organization_id,
        map(_render_event, newest),
        _render_event(first),
        with_data=with_data,
    )
    if document is None:
        raise NotFound("Render not found.")
    return Response(200, document)


def _render_event(event: Event) -> RenderEvent:
    return RenderEvent(event.type, event.occurred_at, event.payload)


DIALECT = Dialect(
    name="render",
    unmatched=("/edit", "/edit/<rest:rest>", "/v1/render/<rest:rest>", "/v1/templates/<rest:rest>"),
    error=errors.render,
    routes=tuple(
        route
        for prefix in PREFIXES
        for route in (
            Route("POST", f"{prefix}/render", submit, WRITE, body=JsonBody()),
            Route("GET", f"{prefix}/render/<render_id>", show, READ),
            Route("GET", f"{prefix}/templates", templates.index, READ),
            Route("POST", f"{prefix}/templates", templates.create, WRITE, body=JsonBody()),
            Route("POST", f"{prefix}/templates/render", templates.render, WRITE, body=JsonBody()),
            Route("GET", f"{prefix}{TEMPLATE}", templates.show, READ),
            Route("PUT", f"{prefix}{TEMPLATE}", templates.update, WRITE, body=JsonBody()),
            Route("DELETE", f"{prefix}{TEMPLATE}", templates.delete, WRITE),
        )
    ),
    credentials=(key_header("x-api-key"),),
)
