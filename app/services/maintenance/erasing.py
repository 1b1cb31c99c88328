"""Erase what a deleted organization leaves behind, in small transactions.

The rounds of data retention call `step` until nothing is left, also after a restart: the only state
is what is still there. The organization's own row goes last.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, tuple_

from app.models import (
    Acknowledgement,
    ApiKey,
    AuditEntry,
    Counter,
    Due,
    EventType,
    ExpressionOverrun,
    IdempotencyKey,
    Invitation,
    Job,
    JobFile,
    Listener,
    Membership,
    Notice,
    NoticeDigest,
    NotificationPreference,
    Organization,
    PortalGeneration,
    PortalLogo,
    QueuedEmail,
    RenderTemplate,
    RetainedPayload,
    RetentionMark,
    SavedView,
    TestInbox,
    TestInboxRequest,
    Webhook,
    WebhookState,
)
from app.queries.maintenance import retention as rounds
from app.queries.maintenance import tasks as expired
from app.services.maintenance.expiry import delete_deliveries, delete_events
from app.store import event_values
from app.store.sessions import WriteSession

BATCH_SIZE = 400
# Webhooks have few rows of their own, but many counters.
WEBHOOKS = 20
_LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

# With an id of their own: erased in batches.
LISTED: tuple[Any, ...] = (
    *(TestInbox, QueuedEmail, RenderTemplate, SavedView, Job, ApiKey, Invitation),
    AuditEntry,
)
# The few that are left: erased at once with the organization.
FEW: tuple[Any, ...] = (
    *(EventType, NotificationPreference, Membership, PortalGeneration, PortalLogo),
    *(Acknowledgement, IdempotencyKey, RetainedPayload, Notice, RetentionMark),
)


def event_ids(organization_id: str) -> Sequence[str]:
    """Events whose payloads the next step deletes, if nothing changes until then."""
    ids = expired.batch(expired.oldest(organization_id, None, _LAST_ID))
    _, are_all = rounds.deliveries_of(ids)
    return ids if are_all else ()


def step(session: WriteSession, organization_id: str, known: event_values.Known) -> bool:
    """Erase a batch. False: the organization itself is gone. known: values of `event_ids`."""
    if (
        _events(session, organization_id, known)
        or _webhooks(session, organization_id)
        or _received(session, organization_id)
        or _files(session, organization_id)
        or any(_listed(session, organization_id, model) for model in LISTED)
    ):
        return True
    for model in FEW:
        session.execute(delete(model).where(model.organization_id == organization_id))
    session.execute(delete(Organization).where(Organization.id == organization_id))
    return False


def _events(session: WriteSession, organization_id: str, known: event_values.Known) -> bool:
    """Events with their deliveries, attempts and places in the due queue. A worker that is sending
    one finds its claim gone, and records nothing."""
    events = expired.oldest(organization_id, None, _LAST_ID)
    if not events:
        return False
    ids = expired.batch(events)
    deliveries, are_all = rounds.deliveries_of(ids)
    due_ids = select(Due.id).where(Due.delivery_id.in_(deliveries)).order_by(Due.id)
    session.execute(due_ids.with_for_update())
    session.execute(delete(Due).where(Due.delivery_id.in_(deliveries)))
    delete_deliveries(session, deliveries)
    if are_all:
        delete_events(session, organization_id, ids, known)
    return True


def _webhooks(session: WriteSession, organization_id: str) -> bool:
    """Webhooks with what workers know of them, their counters and the organization's."""
    own = select(Webhook.id).where(Webhook.organization_id == organization_id)
    ids = list(session.scalars(own.order_by(Webhook.id).limit(WEBHOOKS)))
    if _counters(session, ids or [organization_id]):
        return True
    if not ids:
        return False
    session.execute(delete(Listener).where(Listener.id.in_(ids)))
    for model in (WebhookState, ExpressionOverrun, NoticeDigest):
        session.execute(delete(model).where(model.webhook_id.in_(ids)))
    session.execute(delete(Webhook).where(Webhook.id.in_(ids)))
    return True


def _counters(session: WriteSession, subjects: Sequence[str]) -> bool:
    key = (Counter.subject_id, Counter.span, Counter.start, Counter.metric)
    mine = select(*key).where(Counter.subject_id.in_(subjects)).limit(BATCH_SIZE)
    rows = [tuple(row) for row in session.execute(mine)]
    if rows:
        session.execute(delete(Counter).where(tuple_(*key).in_(rows)))
    return bool(rows)


def _received(session: WriteSession, organization_id: str) -> bool:
    """Requests that test inboxes received."""
    inboxes = select(TestInbox.id).where(TestInbox.organization_id == organization_id)
    mine = select(TestInboxRequest.id).where(TestInboxRequest.catcher_id.in_(inboxes))
    ids = list(session.scalars(mine.limit(BATCH_SIZE)))
    session.execute(delete(TestInboxRequest).where(TestInboxRequest.id.in_(ids)))
    return bool(ids)


def _files(session: WriteSession, organization_id: str) -> bool:
    """Parts of the files that its jobs have written."""
    key = (JobFile.job_id, JobFile.start)
    jobs = select(Job.id).where(Job.organization_id == organization_id)
    mine = select(*key).where(JobFile.job_id.in_(jobs)).limit(WEBHOOKS)
    rows = [tuple(row) for row in session.execute(mine)]
    if rows:
        session.execute(delete(JobFile).where(tuple_(*key).in_(rows)))
    return bool(rows)


def _listed(session: WriteSession, organization_id: str, model: Any) -> bool:
    mine = select(model.id).where(model.organization_id == organization_id)
    ids = list(session.scalars(mine.limit(BATCH_SIZE)))
    session.execute(delete(model).where(model.id.in_(ids)))
    return bool(ids)
