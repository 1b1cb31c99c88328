"""Delete an event's payload at once, instead of when it expires."""

from app.domain.common.clock import now_ms
from app.queries.events import listing as event_queries
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.deliveries.cancelling import cancel_deliveries
from app.services.maintenance import value_index
from app.services.maintenance.expiry import strip
from app.store.deadlocks import retry_on_deadlock
from app.store.transaction import write_transaction


def expunge(organization_id: str, event_id: str, actor: Actor) -> None:
    """Also deletes the bodies that were sent and what receivers responded, and cancels the event's
    open deliveries, which could not be sent without it. event_id: of the organization."""
    ids = [row.id for row in event_queries.deliveries_of(organization_id, event_id)]

    def work() -> None:
        with write_transaction() as session:
            cancelled = cancel_deliveries(session, organization_id, ids, now_ms())
            strip(session, [event_id])
            after = {"deliveries_cancelled": len(cancelled)}
            audit.record(session, organization_id, actor, "event.expunge", event_id, after=after)

    value_index.add_all()
    retry_on_deadlock(work)
    # The next deliveries of their ordering keys may go now.
    runtime().wake_up.notify()
