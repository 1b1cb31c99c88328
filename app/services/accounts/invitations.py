"""Invite people into an organization with a signed one-time link."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain.accounts.fields import check_choice, check_email, check_name, check_password
from app.domain.accounts.permissions import ROLES
from app.domain.common.clock import now_ms
from app.domain.common.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Unauthorized,
    check_all,
    invalid,
)
from app.domain.common.ids import new_id
from app.models import Invitation, Membership, Organization, User
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.runtime.limits.sign_in import Limit
from app.services.accounts import users
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.services.notifications import account_emails
from app.services.sign_in import attempts, link_tokens, passwords
from app.services.sign_in.first_factor import person
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Emails that an organization can have sent in our name, and that one address can be sent.
MAILS_OF_ORGANIZATION = Limit("invitations of an organization", 100, attempts.DAY_SECONDS)
MAILS_TO_ADDRESS = Limit("invitations to an address", 5, attempts.DAY_SECONDS)
DEAD_LINK = "This invitation was accepted, revoked or has expired. Ask for a new one."


@dataclass(frozen=True, slots=True)
class Invited:
    """What the holder of a link may see before accepting. has_account: a user with this address
    exists, and must sign in to accept."""

    invitation: Invitation
    organization: Organization
    has_account: bool


def create(
    organization_id: str, email: object, role: object, actor: Actor
) -> tuple[Invitation, str]:
    """Returns the invitation and the token of its link, which is also emailed if there is a mail
    server. Inviting the same address again replaces the earlier link. Invalid: the person is
    already a member. NotFound: no such organization. RateLimited."""
    address, new_role = check_email(email), check_choice(role, tuple(ROLES), "role")
    _count_email(organization_id, address)
    with write_transaction() as session:
        # Concurrent invitations of the same person replace each other.
        lock_organization(session, organization_id)
        _refuse_members(organization_id, address)
        row = session.scalar(
            select(Invitation).where(
                Invitation.organization_id == organization_id, Invitation.email == address
            )
        )
        if row is not None:
            session.delete(row)
            session.flush()
        return add(session, organization_id, address, new_role, actor)


def add(
    session: WriteSession, organization_id: str, email: str, role: str, actor: Actor
) -> tuple[Invitation, str]:
    """Like `create`, in the caller's transaction, with checked values, for a new address."""
    now = now_ms()
    row = Invitation(
        id=new_id(),
        organization_id=organization_id,
        email=email,
        role=role,
        invited_by=actor.user_id,
        created_at=now,
        expires_at=now + link_tokens.INVITATION_SECONDS * 1000,
    )
    session.add(row)
    _send(session, row, actor)
    after = {"email": email, "role": role}
    audit.record(session, organization_id, actor, "invitation.create", row.id, after=after)
    return row, link_tokens.invitation(row.id)


def resend(organization_id: str, invitation_id: str, actor: Actor) -> tuple[Invitation, str]:
    """A new link for another week, by email and as the token. Earlier links of the invitation stay
    valid until they expire. NotFound: accepted or revoked. RateLimited."""
    row = accounts.invitation(organization_id, invitation_id)
    if row is None:
        raise NotFound
    _count_email(organization_id, row.email)
    with write_transaction() as session:
        row = accounts.invitation(organization_id, invitation_id)
        if row is None or row.accepted_at is not None:
            raise NotFound
        before = {"expires_at": row.expires_at}
        row.expires_at = now_ms() + link_tokens.INVITATION_SECONDS * 1000
        _send(session, row, actor)
        after = {"email": row.email, "expires_at": row.expires_at}
        action = "invitation.resend"
        audit.record(session, organization_id, actor, action, row.id, before=before, after=after)
    return row, link_tokens.invitation(row.id)


def link(token: str) -> str:
    """The URL of an invitation. Never from the Host header, which the client chooses."""
    return f"{runtime().settings.public_url}/invitations/{token}"


def revoke(organization_id: str, invitation_id: str, actor: Actor) -> None:
    with write_transaction() as session:
        row = accounts.invitation(organization_id, invitation_id)
        if row is None or row.accepted_at is not None:
            raise NotFound
        before = {"email": row.email, "role": row.role}
        audit.record(session, organization_id, actor, "invitation.revoke", row.id, before=before)
        session.delete(row)


def read(token: str) -> Invited:
    """The invitation of a link. Unauthorized: an invalid or expired link."""
    invitation_id = link_tokens.read_invitation(token)
    row = accounts.invitation_by_id(invitation_id) if isinstance(invitation_id, str) else None
    if row is None or row[0].accepted_at or row[0].expires_at <= now_ms():
        raise Unauthorized(DEAD_LINK)
    invitation, organization = row
    has_account = accounts.user_by_email(invitation.email) is not None
    return Invited(invitation, organization, has_account)


def accept(token: str, name: object, password: object, address: str | None) -> User:
    """Create a user and their membership. Conflict: a user with this address exists, whose password
    the holder of the link must not set. Forbidden: passwords are disabled."""
    passwords.check_enabled()
    invited = read(token)
    if invited.has_account:
        raise Conflict("An account with this email exists. Sign in to accept the invitation.")
    checked_name, checked_password = check_all(
        lambda: check_name(name), lambda: check_password(password)
    )
    password_hash = passwords.hashed(checked_password)
    try:
        with write_transaction() as session:
            user = users.add(session, invited.invitation.email, checked_name, password_hash)
            user.signed_in_at = now_ms()
            join(session, invited.invitation.id, user, address)
    except IntegrityError:
        raise Conflict("The invitation was already accepted.") from None
    return user


def accept_as(token: str, user_id: str, address: str | None) -> Organization:
    """Add the signed-in user. Forbidden: the invitation is for another address."""
    invited = read(token)
    with write_transaction() as session:
        user = users.locked(session, user_id)
        if user.email != invited.invitation.email:
            raise Forbidden(f"The invitation is for {invited.invitation.email}, not for you.")
        join(session, invited.invitation.id, user, address)
    return invited.organization


def join(session: WriteSession, invitation_id: str, user: User, address: str | None) -> None:
    """Accept an invitation in the caller's transaction. Unauthorized: it is no longer open."""
    row = session.get(Invitation, invitation_id, with_for_update=True)
    if row is None or row.accepted_at is not None:
        raise Unauthorized(DEAD_LINK)
    row.accepted_at = now_ms()
    if session.get(Membership, (row.organization_id, user.id)) is None:
        session.add(
            Membership(
                organization_id=row.organization_id,
                user_id=user.id,
                role=row.role,
                created_at=row.accepted_at,
            )
        )
    after = {"email": user.email, "role": row.role}
    actor = person(user, address)
    audit.record(session, row.organization_id, actor, "invitation.accept", row.id, after=after)


def _count_email(organization_id: str, email: str) -> None:
    if account_emails.can_send():
        attempts.count([(MAILS_OF_ORGANIZATION, organization_id), (MAILS_TO_ADDRESS, email)])


def _send(session: WriteSession, row: Invitation, actor: Actor) -> None:
    """Queue the email, in the caller's transaction."""
    inviter = {"invited_by": actor.name if actor.kind == "user" else None}
    account_emails.enqueue(session, "invitation", row.email, subject_id=row.id, detail=inviter)


def _refuse_members(organization_id: str, email: str) -> None:
    if accounts.has_member_with_email(organization_id, email):
        remedy = "Change their role instead."
        raise invalid("email", "member", "This person is already a member.", remedy)
