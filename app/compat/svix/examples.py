"""Send an example to an endpoint: our test send."""

import msgspec

from app.compat.svix import endpoints, translate
from app.compat.svix.common.fields import Body
from app.domain.common.errors import invalid
from app.domain.event_types.names import check_name
from app.domain.event_types.versions import sample_of
from app.http.messages import Request, Response
from app.queries.event_types import catalogue as event_type_queries
from app.services.webhooks import test_sends

MAX_INDEX = 1_000


def send(request: Request) -> Response:
    """Responds when the receiver has; there are no retries."""
    row, body = endpoints.of_path(request), Body(request.fields)
    body.refuse("An example has the payload of its event type.", "payload")
    name = body.text("eventType", required=True)
    index = body.whole("exampleIndex", 0, MAX_INDEX)
    body.done()
    type_ = check_name(name, "eventType")
    payload = _example(request.organization_id, type_, index) if index else None
    result = test_sends.check(
        request.organization_id, row.id, request.actor, type_=type_, payload=payload
    )
    event = result.event
    view = translate.MessageView(
        event.id, event.type, event.source, None, event.payload, event.occurred_at
    )
    return Response(202, translate.message(view, with_content=True))


def _example(organization_id: str, name: str, index: int) -> bytes:
    row = event_type_queries.get(organization_id, name)
    sample = sample_of(None if row is None else row.schema, index)
    if sample is None:
        problem = "The event type has no such example."
        raise invalid("exampleIndex", "range", problem, "Omit the field for the first example.")
    return msgspec.json.encode(sample)
