"""What waits longer than the delay that led to it, because the clock was set back since."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, select

from app.models import Due, QueuedEmail, RetentionMark
from app.models.common.base import db

# Corrected in one transaction.
AT_ONCE = 1000
# Clocks of machines that share a database may differ by this much.
SKEW_MS = 1000


def delivery_delay(longest: int) -> ColumnElement[int]:
    """The delay (ms) of a due row. longest: of a retry that an earlier release scheduled."""
    delay = func.coalesce(Due.delay_ms, case((Due.attempt == Due.run_start, 0), else_=longest))
    return cast(delay, BigInteger)


def deliveries(now: int, longest: int) -> Sequence[int]:
    """Ids of unclaimed due rows."""
    limit = now + SKEW_MS
    waiting = select(Due.id).where(
        Due.claimed_by.is_(None),
        # Passes most rows without looking at their delay.
        and_(Due.next_at > limit, Due.next_at > delivery_delay(longest) + limit),
    )
    return db.session.scalars(waiting.limit(AT_ONCE)).all()


def email_delay(delays: Sequence[int]) -> ColumnElement[int]:
    """delays: ms, by the number of attempts so far."""
    by_tries = ((QueuedEmail.tries == n, delay) for n, delay in enumerate(delays))
    return cast(case(*by_tries, else_=0), BigInteger)


def emails(now: int, delays: Sequence[int]) -> Sequence[int]:
    late = QueuedEmail.next_at > email_delay(delays) + (now + SKEW_MS)
    return db.session.scalars(select(QueuedEmail.id).where(late).limit(AT_ONCE)).all()


def retention_marks(now: int, delay: int) -> Sequence[str]:
    """Ids of organizations."""
    late = RetentionMark.next_at > now + SKEW_MS + delay
    return db.session.scalars(select(RetentionMark.organization_id).where(late)).all()
