"""Data retention: delete what is older than its organization keeps it.

A periodic task checks each minute whether an organization is due, and starts a background thread
that deletes small batches with pauses, so that neither deliveries nor publishing wait: at most some
thousand deliveries a second on one worker.
"""

import logging
import time
from functools import partial
from typing import Any

from sqlalchemy import delete, exists, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.common.clock import now_ms
from app.domain.maintenance.retention import DAY_MS, Retention, check_choice, effective
from app.models import AuditEntry, Organization, RetentionMark
from app.models.common.base import db
from app.queries.maintenance import retention as rounds
from app.queries.maintenance import tasks as maintenance_queries
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.services.maintenance import erasing, leftovers
from app.services.maintenance.expiry import Round
from app.services.maintenance.periodic import PeriodicTask
from app.store import event_values
from app.store.availability import is_reported
from app.store.deadlocks import retry_on_deadlock
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)

# Between two rounds of an organization.
ROUND_MS = 3_600_000
# The pause after each transaction: a multiple of its duration, within bounds. SQLite has one writer
# at a time, and Python one running thread.
REST, SHORTEST_REST, LONGEST_REST = 3.0, 0.002, 0.5


def work(_: float) -> bool:
    _mark_new(now_ms())
    _delete_installation_entries(now_ms())
    _delete_left_values()
    if maintenance_queries.is_retention_due(now_ms()):
        runtime().background.start("retention", clean)
    return False


def _delete_installation_entries(now: int) -> None:
    """A batch of old audit entries that belong to no organization, such as refused sign-ins."""
    before = now - runtime().settings.audit_retention_days * DAY_MS
    ids = maintenance_queries.old_audit_entries(None, before, leftovers.BATCH_SIZE)
    if ids:
        with write_transaction() as session:
            session.execute(delete(AuditEntry).where(AuditEntry.id.in_(ids)))


def _delete_left_values() -> None:
    hour = maintenance_queries.hour_before_events()
    if hour is not None:
        with write_transaction() as session:
            event_values.delete_some_before(session, hour, leftovers.BATCH_SIZE)


RETENTION = PeriodicTask("retention", 60.0, work)


def clean() -> None:
    """Run until no organization is due."""
    while True:
        started = time.monotonic()
        if not clean_some(now_ms()):
            return
        took = time.monotonic() - started
        time.sleep(min(max(took * REST, SHORTEST_REST), LONGEST_REST))


def clean_all() -> tuple[int, int]:
    """Start a round of every organization and run until none is due. Returns the number of events
    before and after."""
    before = maintenance_queries.event_count()
    _mark_new(now_ms())
    with write_transaction() as session:
        session.execute(update(RetentionMark).values(next_at=now_ms()))
    clean()
    oldest = now_ms() - runtime().settings.audit_retention_days * DAY_MS
    while maintenance_queries.old_audit_entries(None, oldest, 1):
        _delete_installation_entries(now_ms())
    return before, maintenance_queries.event_count()


def clean_some(now: int) -> bool:
    """Run one transaction for the organization that is due longest. False: none is due. An
    organization whose transaction fails waits for its next round, so that others have a turn."""
    taken: list[str] = []
    try:
        return retry_on_deadlock(partial(_clean_longest_due, now, taken))
    except Exception as error:
        if not taken or is_reported(error):
            raise
        _log.exception("retention of organization %s failed", taken[-1])
    with write_transaction() as session:
        session.execute(
            update(RetentionMark)
            .where(RetentionMark.organization_id == taken[-1])
            .values(next_at=now + ROUND_MS)
        )
    return True


def _clean_longest_due(now: int, taken: list[str]) -> bool:
    """taken: gets the organization's id, also if its transaction fails."""
    taken.clear()
    known = _values_ahead(now, taken)
    with write_transaction() as session:
        mark = session.scalars(
            select(RetentionMark)
            .where(RetentionMark.next_at <= now)
            .order_by(RetentionMark.next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if mark is None:
            return False
        taken[:] = [mark.organization_id]
        organization = session.get_one(Organization, mark.organization_id)
        if organization.deleted_at is not None:
            if erasing.step(session, organization.id, known):
                mark.next_at = now
            return True
        if Round(session, mark, kept_by(organization), now, known).step():
            # Other due organizations come first.
            mark.next_at = now
        else:
            mark.events_after = mark.held_after = None
            mark.next_at = now + ROUND_MS
    return True


def _values_ahead(now: int, taken: list[str]) -> event_values.Known:
    """Values of the events that the next transaction deletes, so that their payloads are not read
    while all other writers wait."""
    due: Any = rounds.longest_due(now)
    if due is None:
        return {}
    taken.append(due.organization_id)
    if due.deleted_at is not None:
        return event_values.read_values(erasing.event_ids(due.organization_id))
    following = Round(db.session, due, kept_by(due), now)  # type: ignore[arg-type]
    return event_values.read_values(following.event_ids())


def kept_by(organization: Organization) -> Retention:
    most = runtime().settings.retention_days
    return effective(organization.retention_days, organization.payload_days, most)


def choose(
    organization_id: str, retention_days: object, payload_days: object, actor: Actor
) -> Retention:
    """None: the installation's default. Invalid, NotFound."""
    days, sooner = check_choice(retention_days, payload_days, runtime().settings.retention_days)
    with write_transaction() as session:
        organization = lock_organization(session, organization_id)
        before = _fields(organization)
        organization.retention_days, organization.payload_days = days, sooner
        audit.record(
            session,
            organization_id,
            actor,
            "organization.update",
            organization_id,
            before,
            _fields(organization),
        )
        session.execute(
            update(RetentionMark)
            .where(RetentionMark.organization_id == organization_id)
            .values(next_at=now_ms())
        )
    return kept_by(organization)


def _fields(organization: Organization) -> dict[str, int | None]:
    return {
        "retention_days": organization.retention_days,
        "payload_days": organization.payload_days,
    }


def _mark_new(now: int) -> None:
    """Add missing marks."""
    if not maintenance_queries.has_organization_without_mark():
        return
    marked = exists(
        select(RetentionMark.organization_id).where(
            RetentionMark.organization_id == Organization.id
        )
    )
    new = select(Organization.id, literal(now)).where(~marked)
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    rows = insert(RetentionMark).from_select(["organization_id", "next_at"], new)
    with write_transaction() as session:
        # Another worker may add them concurrently.
        session.execute(rows.on_conflict_do_nothing())
