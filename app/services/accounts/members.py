"""Members of an organization and their roles."""

from app.domain.accounts.fields import check_choice
from app.domain.accounts.permissions import ROLES
from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.models import Membership, User
from app.queries.accounts import users as accounts
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.services.sign_in import credentials
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

OWNER = "owner"
LAST_OWNER = "An organization needs an owner. Make someone else an owner first."


def add(
    session: WriteSession, organization_id: str, user_id: str, role: str, actor: Actor
) -> Membership:
    """In the caller's transaction. role: one of `domain.accounts.permissions.ROLES`."""
    row = Membership(
        organization_id=organization_id, user_id=user_id, role=role, created_at=now_ms()
    )
    session.add(row)
    after, email = {"role": role}, _email(session, user_id)
    audit.record(session, organization_id, actor, "member.create", user_id, after=after, name=email)
    return row


def change_role(organization_id: str, user_id: str, role: object, actor: Actor) -> Membership:
    """NotFound. Conflict: there would be no owner."""
    new_role = check_choice(role, tuple(ROLES), "role")
    with write_transaction() as session:
        row = _locked(session, organization_id, user_id)
        if new_role != OWNER:
            _refuse_last_owner(row)
        before, row.role = {"role": row.role}, new_role
        credentials.end_access(session, user_id, actor, organization_id)
        after = {"role": new_role}
        email = _email(session, user_id)
        audit.record(
            session, organization_id, actor, "member.update", user_id, before, after, name=email
        )
    return row


def apply_role(session: WriteSession, row: Membership, role: str, actor: Actor) -> bool:
    """Set the role in the caller's transaction. False: the last owner keeps theirs."""
    lock_organization(session, row.organization_id)
    is_last = row.role == OWNER and not accounts.has_other_owner(row.organization_id, row.user_id)
    if role != OWNER and is_last:
        return False
    if role != row.role:
        before, row.role = {"role": row.role}, role
        credentials.end_access(session, row.user_id, actor, row.organization_id)
        after = {"role": role}
        audit.record(
            session,
            row.organization_id,
            actor,
            "member.update",
            row.user_id,
            before,
            after,
            name=_email(session, row.user_id),
        )
    return True


def remove(organization_id: str, user_id: str, actor: Actor) -> None:
    """Remove a member; their next request no longer sees the organization. If it was their last
    one, their sessions end. Raises NotFound, or Conflict for the last owner."""
    with write_transaction() as session:
        row = _locked(session, organization_id, user_id)
        _refuse_last_owner(row)
        user = session.get(User, user_id)
        before = {"role": row.role, "email": user.email if user else None}
        session.delete(row)
        credentials.end_access(session, user_id, actor, organization_id)
        session.flush()
        if not accounts.organization_ids_of(user_id):
            credentials.end_sessions(session, user_id, actor)
        audit.record(session, organization_id, actor, "member.delete", user_id, before=before)


def _email(session: WriteSession, user_id: str) -> str:
    user = session.get(User, user_id)
    return user.email if user else ""


def _locked(session: WriteSession, organization_id: str, user_id: str) -> Membership:
    # Two owners cannot remove each other concurrently.
    lock_organization(session, organization_id)
    row = session.get(Membership, (organization_id, user_id))
    if row is None:
        raise NotFound
    return row


def _refuse_last_owner(row: Membership) -> None:
    if row.role == OWNER and not accounts.has_other_owner(row.organization_id, row.user_id):
        raise Conflict(LAST_OWNER)
