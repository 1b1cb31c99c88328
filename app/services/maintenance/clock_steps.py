"""Let nothing wait longer than its own delay after the wall clock was set back.

What waits is stored with the time when it is due. A time further ahead than the delay that led to
it was written by a clock that was ahead: this machine's before it was corrected, or another one's.
It then waits for its delay from now on.
"""

import logging
from collections.abc import Sequence
from functools import partial

from sqlalchemy import update

from app.domain.common.clock import now_ms
from app.domain.webhooks.retries import MAX_WAIT_SECONDS
from app.models import Due, QueuedEmail, RetentionMark
from app.queries.maintenance import clock_steps as step_queries
from app.services.maintenance.periodic import PeriodicTask
from app.services.maintenance.retention import ROUND_MS
from app.services.notifications.webhook_email_task import LONGEST_WAITS_MS
from app.store.deadlocks import retry_on_deadlock
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)

_LONGEST_RETRY_MS = MAX_WAIT_SECONDS * 1000


def correct(_: float) -> bool:
    """Returns whether there may be more."""
    now = now_ms()
    due_ids = step_queries.deliveries(now, _LONGEST_RETRY_MS)
    email_ids = step_queries.emails(now, LONGEST_WAITS_MS)
    organization_ids = step_queries.retention_marks(now, ROUND_MS)
    if due_ids or email_ids or organization_ids:
        retry_on_deadlock(partial(_correct, due_ids, email_ids, organization_ids, now))
        number = len(due_ids)
        _log.warning("the clock was set back; rescheduled %d deliveries", number)
    return step_queries.AT_ONCE in (len(due_ids), len(email_ids))


CORRECTING = PeriodicTask("correcting", 30.0, correct)


def _correct(
    due_ids: Sequence[int], email_ids: Sequence[int], organization_ids: Sequence[str], now: int
) -> None:
    deliveries = update(Due).where(Due.id.in_(due_ids), Due.claimed_by.is_(None))
    emails = update(QueuedEmail).where(QueuedEmail.id.in_(email_ids))
    marks = update(RetentionMark).where(RetentionMark.organization_id.in_(organization_ids))
    retry_at = step_queries.delivery_delay(_LONGEST_RETRY_MS) + now
    email_at = step_queries.email_delay(LONGEST_WAITS_MS) + now
    with write_transaction() as session:
        # Rows that were sent meanwhile keep their times.
        session.execute(deliveries.where(Due.next_at > retry_at).values(next_at=retry_at))
        session.execute(emails.where(QueuedEmail.next_at > email_at).values(next_at=email_at))
        session.execute(marks.values(next_at=now))
