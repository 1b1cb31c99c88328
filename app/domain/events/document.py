"""An event as filters and body expressions see it."""

import json
from typing import Any

from app.domain.common.clock import iso
from app.domain.events.event import EventFacts
from app.domain.webhooks.filters import CannotEvaluate


def event_document(event: EventFacts) -> dict[str, Any]:
    """`{"id", "type", "source", "occurred_at", "payload"}`, the time in ISO 8601.

    Raises CannotEvaluate if the payload contains a number that cannot be parsed.
    """
    try:
        payload = json.loads(event.payload)
    except (ValueError, RecursionError) as error:
        raise CannotEvaluate(f"The payload cannot be parsed: {error}.") from error
    return {
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "occurred_at": iso(event.occurred_at),
        "payload": payload,
    }
