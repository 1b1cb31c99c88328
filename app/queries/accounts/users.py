"""Organizations, users, members, invitations and API keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from app.domain.common.clock import now_ms
from app.domain.common.ids import canonical_id
from app.models import (
    ApiKey,
    Invitation,
    Membership,
    Organization,
    RecoveryCode,
    User,
    UserIdentity,
    UserSession,
)
from app.models.common.base import db
from app.queries.common.pages import Page, cut, decode_cursor, next_cursor, taken

# Runs on many API requests: built once and without the ORM it takes a quarter of the time.
_KEYS, _ORGANIZATIONS = ApiKey.__table__, Organization.__table__
_CREDENTIAL = (
    select(
        _KEYS.c.id,
        _KEYS.c.organization_id,
        _KEYS.c.name,
        _KEYS.c.secret_hash,
        _KEYS.c.scopes,
        _KEYS.c.expires_at,
        _KEYS.c.last_used_at,
        _KEYS.c.revoked_at,
        _KEYS.c.allowed_networks,
        _ORGANIZATIONS.c.suspended_at,
    )
    .outerjoin_from(_KEYS, _ORGANIZATIONS, _ORGANIZATIONS.c.id == _KEYS.c.organization_id)
    .where(_KEYS.c.id == bindparam("key_id"))
)


def organization(organization_id: str) -> Organization | None:
    """None also for a deleted one."""
    row = db.session.get(Organization, organization_id)
    return None if row is None or row.deleted_at is not None else row


def organization_by_uid(uid: str) -> Organization | None:
    """By the caller's own id, among all organizations."""
    return db.session.scalar(select(Organization).where(Organization.uid == uid))


def first_organization() -> Organization | None:
    statement = select(Organization).where(Organization.deleted_at.is_(None))
    return db.session.scalar(statement.order_by(Organization.id).limit(1))


def organizations(limit: int, cursor: str | None = None) -> Page[Organization]:
    """All organizations, newest first; for platform keys only."""
    statement = select(Organization).where(Organization.deleted_at.is_(None))
    statement = statement.order_by(Organization.id.desc())
    below = decode_cursor(cursor)
    if below is not None:
        statement = statement.where(Organization.id < below)
    stretch = taken(cut(list(db.session.scalars(statement.limit(limit + 1))), None, limit), limit)
    return Page(stretch.rows, next_cursor(stretch))


def credential(key_id: str) -> Row[*tuple[Any, ...]] | None:
    """The columns that `services.accounts.api_keys` checks."""
    return db.session.connection().execute(_CREDENTIAL, {"key_id": key_id}).one_or_none()


def api_keys(organization_id: str | None) -> Sequence[ApiKey]:
    """Newest first, with revoked ones but for the API reference's. None: platform keys."""
    is_usable = ApiKey.revoked_at.is_(None) & (ApiKey.expires_at > now_ms())
    is_shown = ApiKey.user_id.is_(None) | is_usable
    return db.session.scalars(
        select(ApiKey)
        .where(ApiKey.organization_id.is_not_distinct_from(organization_id), is_shown)
        .order_by(ApiKey.id.desc())
    ).all()


def api_key(organization_id: str | None, key_id: str) -> ApiKey | None:
    return db.session.scalar(
        select(ApiKey).where(
            ApiKey.id == key_id, ApiKey.organization_id.is_not_distinct_from(organization_id)
        )
    )


def any_api_key(key_id: str) -> ApiKey | None:
    """Of any organization, or a platform key."""
    return db.session.get(ApiKey, key_id)


def user(user_id: str) -> User | None:
    return db.session.get(User, user_id)


def user_by_email(email: str) -> User | None:
    """email: normalized by `domain.accounts.fields.check_email`."""
    return db.session.scalar(select(User).where(User.email == email))


def memberships_of(user_id: str) -> Sequence[Row[Membership, Organization]]:
    """A user's organizations, by name."""
    return db.session.execute(
        select(Membership, Organization)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.user_id == user_id)
        .order_by(Organization.name, Organization.id)
    ).all()


def members(organization_id: str) -> Sequence[Row[Membership, User]]:
    """Members in the order in which they joined."""
    return db.session.execute(
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == organization_id)
        .order_by(Membership.created_at, User.id)
    ).all()


def member(organization_id: str, user_id: str) -> Row[Membership, User] | None:
    return db.session.execute(
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == organization_id, Membership.user_id == user_id)
    ).one_or_none()


def membership(organization_id: str, user_id: str) -> Membership | None:
    return db.session.get(Membership, (organization_id, user_id))


def invitations(organization_id: str) -> Sequence[Invitation]:
    """Open invitations, newest first, including expired ones."""
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.organization_id == organization_id, Invitation.accepted_at.is_(None))
        .order_by(Invitation.created_at.desc())
    ).all()


def invitation(organization_id: str, invitation_id: str) -> Invitation | None:
    return db.session.scalar(
        select(Invitation).where(
            Invitation.id == invitation_id, Invitation.organization_id == organization_id
        )
    )


def invitation_by_id(invitation_id: str) -> Row[Invitation, Organization] | None:
    """In any organization: only for the holder of its signed link."""
    return db.session.execute(
        select(Invitation, Organization)
        .join(Organization, Organization.id == Invitation.organization_id)
        .where(Invitation.id == invitation_id)
    ).one_or_none()


def invitations_for(email: str, now: int) -> Sequence[Invitation]:
    """Open invitations of an address, in any organization: only once it is proved to be theirs."""
    return db.session.scalars(
        select(Invitation)
        .where(
            Invitation.email == email,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id)
    ).all()


def has_identities(user_id: str) -> bool:
    """Whether the account belongs to a person at an OpenID provider."""
    statement = select(UserIdentity.user_id).where(UserIdentity.user_id == user_id).limit(1)
    return db.session.scalar(statement) is not None


def has_identity(user_id: str, issuer: str) -> bool:
    """Whether a person at this OpenID provider uses the account."""
    statement = select(UserIdentity.user_id).where(
        UserIdentity.user_id == user_id, UserIdentity.issuer == issuer
    )
    return db.session.scalar(statement.limit(1)) is not None


def first_user() -> User | None:
    return db.session.scalar(select(User).order_by(User.id).limit(1))


def has_anyone_signed_in(*, except_user_id: str | None = None) -> bool:
    statement = select(User.id).where(User.signed_in_at.is_not(None))
    if except_user_id is not None:
        statement = statement.where(User.id != except_user_id)
    return db.session.scalar(statement.limit(1)) is not None


def organization_ids_of(user_id: str) -> list[str]:
    return list(
        db.session.scalars(select(Membership.organization_id).where(Membership.user_id == user_id))
    )


def has_member_with_email(organization_id: str, email: str) -> bool:
    member = db.session.scalar(
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == organization_id, User.email == email)
    )
    return member is not None


def has_other_owner(organization_id: str, user_id: str) -> bool:
    """Whether the organization has another owner."""
    other = db.session.scalar(
        select(Membership.user_id)
        .where(
            Membership.organization_id == organization_id,
            Membership.role == "owner",
            Membership.user_id != user_id,
        )
        .limit(1)
    )
    return other is not None


def user_session(user_id: str, session_id: str) -> UserSession | None:
    """One of the person's own sessions, or None."""
    return db.session.scalar(
        select(UserSession).where(
            UserSession.id == canonical_id(session_id), UserSession.user_id == user_id
        )
    )


def user_sessions(user_id: str) -> Sequence[UserSession]:
    """All sessions of a person, the most recently used first; also expired ones."""
    statement = select(UserSession).where(UserSession.user_id == user_id)
    return db.session.scalars(statement.order_by(UserSession.seen_at.desc())).all()


def recovery_codes_left(user_id: str) -> int:
    statement = select(func.count()).where(RecoveryCode.user_id == user_id)
    return db.session.scalar(statement) or 0
