"""Export the event types as an OpenAPI document."""

import msgspec
from werkzeug.wrappers import Response

from app.domain.event_types.callbacks import PAYLOAD
from app.services.event_types import exports
from app.web.common.access import auth
from app.web.event_types.pages import READ, blueprint


@blueprint.get("/event-type-export")
@auth.permission_required(READ)
def export() -> Response:
    content = msgspec.json.encode(exports.document(auth.organization_id(), PAYLOAD))
    response = Response(content, mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="event-types.openapi.json"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
