"""Delete an organization: at once for everybody who uses it, in the background for its data."""

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.common.clock import now_ms
from app.domain.common.errors import invalid
from app.models import Invitation, Membership, RetentionMark
from app.models.common.base import db
from app.services.accounts import credential_cache
from app.services.accounts.actor import Actor
from app.services.accounts.suspension import locked, switch
from app.services.audit import log as audit
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction


def delete_organization(organization_id: str, confirmation: str | None, actor: Actor) -> None:
    """No event is accepted and nothing more is sent after it returns; a background task erases all
    data. confirmation: the organization's name; None: the surface asks for none. Invalid: another
    name. NotFound."""
    with write_transaction() as session:
        organization = locked(session, organization_id)
        if confirmation not in (None, organization.name):
            problem = "This is not the organization's name."
            remedy = "Send its name exactly, to confirm that everything of it is to be deleted."
            raise invalid("confirm", "conflict", problem, remedy)
        now = now_ms()
        before = {"name": organization.name, "uid": organization.uid}
        # Processes of 0.1.0 refuse it, too: they know of suspension.
        organization.suspended_at = organization.suspended_at or now
        organization.deleted_at, organization.uid = now, None
        switch(session, organization_id, hold=True)
        for model in (Membership, Invitation):
            session.execute(delete(model).where(model.organization_id == organization_id))
        _erase_soon(session, organization_id, now)
        # Of the installation: the organization's own entries are erased with it.
        action = "organization.delete"
        audit.record(session, None, actor, action, organization_id, before=before)
    credential_cache.clear()


def _erase_soon(session: WriteSession, organization_id: str, now: int) -> None:
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    row = insert(RetentionMark).values(organization_id=organization_id, next_at=now)
    session.execute(row.on_conflict_do_nothing())
    mine = RetentionMark.organization_id == organization_id
    session.execute(update(RetentionMark).where(mine).values(next_at=now))
