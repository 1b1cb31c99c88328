"""One line in the log for each accepted event."""

import time
from collections.abc import Sequence

from app.runtime.logs import wide
from app.services.events.receipts import Accepted


def log_events(results: Sequence[Accepted]) -> None:
    """After their commit. Events that were accepted before are left out."""
    for result in results:
        item = result.item
        if item is not None and wide.events.admits():
            wide.events.write(
                {
                    "event_id": result.published.id,
                    "request_id": item.request_id or None,
                    "organization_id": item.organization_id,
                    "type": item.draft.type,
                    "bytes": len(item.draft.payload),
                    "deliveries": len(result.published.deliveries),
                    "ms": round((time.monotonic() - item.began) * 1000, 2),
                }
            )
