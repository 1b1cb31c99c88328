"""Acknowledge issues, so that others see that someone takes care of them, and reopen them."""

from sqlalchemy import delete

from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound, QuotaExceeded
from app.domain.issues.coverage import FAILURE, LONGEST, TIME
from app.models import Acknowledgement
from app.queries import acknowledgements as queries
from app.queries import webhooks as webhook_queries
from app.queries.accounts import users as user_queries
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.store.transaction import write_transaction

NOTE_LENGTH = 500
# Of an organization.
MAX_ACKNOWLEDGED = 5_000


def acknowledge(  # noqa: PLR0917 -- the issue, then who and what they note
    organization_id: str,
    webhook_id: str,
    cause: str,
    status: int | None,
    actor: Actor,
    note: str = "",
    seen: int | None = None,
    *,
    lasts: str = FAILURE,
    until: int | None = None,
    owner_id: str | None = None,
) -> None:
    """Acknowledge failures of this webhook for this cause until `seen` (milliseconds; at most now).
    Replaces an earlier acknowledgement. lasts: of `domain.issues.coverage`; until: the time, if
    it lasts until one, in milliseconds. owner_id: of the member who takes care of it. NotFound: no
    such webhook or member. QuotaExceeded.
    """
    now = now_ms()
    owner = _owner(organization_id, owner_id)
    with write_transaction() as session:
        key = _key(organization_id, webhook_id, cause, status)
        row = session.get(Acknowledgement, key)
        if row is None:
            _refuse_too_many(organization_id)
            names = ("organization_id", "webhook_id", "cause", "status")
            row = Acknowledgement(**dict(zip(names, key, strict=True)))
            session.add(row)
        row.at = now if seen is None else min(seen, now)
        row.actor_name = actor.name[:254]
        row.note = note.strip()[:NOTE_LENGTH]
        row.lasts = lasts
        row.until = min(until or now, now + LONGEST) if lasts == TIME else None
        row.owner_id, row.owner_name = owner_id, owner
        more = {"lasts": None if lasts == FAILURE else lasts, "until": row.until}
        more["owner"] = row.owner_name
        after = {"cause": cause, "status": status, "note": row.note}
        after |= {name: value for name, value in more.items() if value}
        audit.record(session, organization_id, actor, "failure.acknowledge", key[1], after=after)


def reopen(
    organization_id: str, webhook_id: str, cause: str, status: int | None, actor: Actor
) -> None:
    """Reopen the issue. NotFound: no such webhook, or the issue is not acknowledged."""
    with write_transaction() as session:
        key = _key(organization_id, webhook_id, cause, status)
        row = session.get(Acknowledgement, key)
        if row is None:
            raise NotFound
        before = {"cause": cause, "status": status, "note": row.note}
        session.execute(
            delete(Acknowledgement).where(
                Acknowledgement.organization_id == key[0],
                Acknowledgement.webhook_id == key[1],
                Acknowledgement.cause == key[2],
                Acknowledgement.status == key[3],
            )
        )
        audit.record(session, organization_id, actor, "failure.take_back", key[1], before=before)


def _refuse_too_many(organization_id: str) -> None:
    """Workers look through all acknowledgements again and again."""
    if queries.number(organization_id) >= MAX_ACKNOWLEDGED:
        raise QuotaExceeded(
            f"This organization has {MAX_ACKNOWLEDGED:,} acknowledged issues. Reopen issues that"
            " nobody takes care of any more."
        )


def _owner(organization_id: str, user_id: str | None) -> str | None:
    """The email address of the member. NotFound."""
    if user_id is None:
        return None
    row = user_queries.member(organization_id, user_id)
    if row is None:
        raise NotFound
    email: str = row.User.email
    return email


def _key(
    organization_id: str, webhook_id: str, cause: str, status: int | None
) -> tuple[str, str, str, int]:
    """The primary key. The webhook may be deleted, or a callback target. NotFound."""
    webhook = webhook_queries.get_any(organization_id, webhook_id)
    if webhook is None:
        raise NotFound
    return organization_id, webhook.id, cause[:30], status or 0
