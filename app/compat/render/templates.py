"""/edit/v1/templates: edits that are stored, and renders that are started from them."""

from app.compat.common.views import Document
from app.compat.render import translate
from app.domain.common.clock import iso
from app.domain.common.errors import Invalid, NotFound
from app.domain.common.ids import canonical_id
from app.http.messages import Request, Response
from app.queries.events import render_templates as queries
from app.services.events import render_templates, renders


def index(request: Request) -> Response:
    owner = request.organization_id
    rows = [
        {
            "id": row.id,
            "name": row.name,
            "created": iso(row.created_at),
            "updated": iso(row.updated_at),
        }
        for row in queries.outlines(owner)
    ]
    return _ok({"owner": owner, "templates": rows})


def create(request: Request) -> Response:
    name, edit = translate.to_template(request.body)
    row = render_templates.create(request.organization_id, name, edit, request.actor)
    document = {"message": "Template Successfully Created", "id": row.id}
    return Response(201, translate.succeeded("Created", document))


def show(request: Request) -> Response:
    row = queries.get(request.organization_id, request.ids["template_id"])
    if row is None:
        raise NotFound(render_templates.UNKNOWN)
    return Response(200, translate.template(row.id, row.name, row.organization_id, row.edit))


def update(request: Request) -> Response:
    name, edit = translate.to_template(request.body)
    id_ = request.ids["template_id"]
    render_templates.update(request.organization_id, id_, name, edit, request.actor)
    return _ok({"message": "Template Successfully Updated", "id": id_})


def delete(request: Request) -> Response:
    render_templates.delete(request.organization_id, request.ids["template_id"], request.actor)
    return Response(204)


def render(request: Request) -> Response:
    """The merge fields of the request take the place of the template's."""
    asked = translate.to_render(request.body)
    organization_id, id_ = request.organization_id, canonical_id(asked.id)
    row = queries.get(organization_id, id_) if id_ else None
    if row is None:
        raise NotFound(render_templates.UNKNOWN)
    edit = translate.merged(row.edit, asked.merge)
    read = translate.to_create(edit)
    try:
        args = organization_id, edit, read.callback, read.merge, request.actor
        return Response(201, translate.created(renders.submit(*args)))
    except Invalid as error:
        raise translate.of_template(error) from None


def _ok(response: Document) -> Response:
    return Response(200, translate.succeeded("OK", response))
