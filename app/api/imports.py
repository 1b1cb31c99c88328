"""/api/v1/imports: webhooks and event types in one request, imported by a job."""

import msgspec

from app.api.common.fields import Fields, boolean
from app.api.common.routes import PREFIX, ApiRoute
from app.api.jobs import document_of
from app.api.schemas import jobs as schemas
from app.domain.common.errors import invalid
from app.domain.common.json_text import fields_of, items_of
from app.domain.jobs import import_lines
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.services.jobs import service
from app.services.jobs.arguments import ImportOptions

_REMEDY = 'Send a list of objects such as {"webhook": {...}} and {"event_type": {...}}.'


def create(request: Request) -> Response:
    fields = Fields(request.document(), ("items", "replace_existing", "paused"))
    lines = fields.take("items", lambda _, field: _lines(request.body, field)) or []
    replaces = fields.take("replace_existing", boolean) or False
    paused = fields.take("paused", _true_by_default)
    fields.done()
    options = ImportOptions(replaces, paused is not False)
    job = service.start_import(request.organization_id, lines, options, request.actor)
    return Response(202, document_of(job))


def _true_by_default(value: object, field: str) -> bool:
    return True if value is None else boolean(value, field)


def _lines(body: bytes, field: str) -> list[bytes]:
    """Each item on one line, with the bytes of its numbers and texts."""
    members = fields_of(body)
    try:
        items = items_of(bytes(members[field]))
    except (KeyError, ValueError) as error:
        raise invalid(field, "required", "The list of items is missing.", _REMEDY) from error
    return import_lines.split(
        b"\n".join(msgspec.json.format(item, indent=-1) for item in items), field
    )


ROUTES = (
    ApiRoute(
        "POST",
        f"{PREFIX}/imports",
        create,
        "webhooks:manage",
        operation="createImport",
        summary="Start a job that creates webhooks and event types from a list",
        tag="Jobs",
        responses={202: schemas.Job},
        body=JsonBody(schemas.OrganizationImport, max_bytes="max_batch_bytes"),
        errors=(409,),
    ),
)
