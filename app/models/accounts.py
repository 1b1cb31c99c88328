"""Organizations, users, memberships, invitations, API keys and portal links."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import ID, IDENTITY, Blob, Document, Id, Millis, Sealed


class Organization(Model):
    __tablename__ = "organizations"
    __table_args__ = (Index("uq_organizations_uid", "uid", unique=True),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Millis]
    # Raised by every change of a webhook; a cached copy with another version is stale.
    webhooks_version: Mapped[int] = mapped_column(default=0)
    # Signs one-off callbacks; both secrets sign during a rotation.
    callback_secret: Mapped[Sealed | None]
    previous_callback_secret: Mapped[Sealed | None]
    previous_callback_secret_until: Mapped[Millis | None]
    # None: RETENTION_DAYS.
    retention_days: Mapped[int | None]
    # Payloads and response bodies expire this early; None: with their records.
    payload_days: Mapped[int | None]
    # None: not suspended.
    suspended_at: Mapped[Millis | None]
    # Quotas (`domain.accounts.quotas`); None: the installation's.
    max_webhooks: Mapped[int | None]
    max_deliveries_per_event: Mapped[int | None]
    max_requests_per_host: Mapped[int | None]
    # Members without two-factor authentication cannot open the organization. None: False.
    requires_two_factor: Mapped[bool | None]
    # The caller's own id for it, unique in the installation.
    uid: Mapped[str | None] = mapped_column(String(256))
    # The attribute `metadata` is reserved by SQLAlchemy. None: empty.
    meta: Mapped[Document | None] = mapped_column("metadata")
    # None: the overview shows the first steps until they are done.
    first_steps_hidden_at: Mapped[Millis | None]
    # Whether new events can be found by values of their payload. None: True.
    indexes_values: Mapped[bool | None]
    # Nobody finds it any more, and a background task erases its data; None: not deleted.
    deleted_at: Mapped[Millis | None]


class User(Model):
    __tablename__ = "users"

    id: Mapped[Id] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # One-time links carry this number; using one raises it, which invalidates the others.
    link_serial: Mapped[int] = mapped_column(default=0)
    # Sessions carry this number; a new password raises it, which ends all other sessions.
    session_serial: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Millis]
    signed_in_at: Mapped[Millis | None]
    # Operates the installation: the pages below /platform.
    is_platform_owner: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The authenticator app's secret in Base 32; before totp_confirmed_at it is not asked for.
    totp_secret: Mapped[Sealed | None]
    totp_confirmed_at: Mapped[Millis | None]
    # The time step of the last accepted code; no code of it or an earlier one is accepted again.
    totp_last_step: Mapped[Millis | None]

    @property
    def has_two_factor(self) -> bool:
        return self.totp_confirmed_at is not None


class UserIdentity(Model):
    """A person at an OpenID provider. Its `sub` never changes; email addresses do."""

    __tablename__ = "user_identities"

    issuer: Mapped[str] = mapped_column(String(500), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"), index=True)
    created_at: Mapped[Millis]
    used_at: Mapped[Millis]


class RecoveryCode(Model):
    """Replaces one code of the authenticator app. Deleted when it is used."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"), index=True)
    # SHA-256 in hex; see `domain.accounts.one_time_codes`.
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Millis]


class UserSession(Model):
    """A browser in which a person is signed in. The signed cookie names the row."""

    __tablename__ = "user_sessions"

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"), index=True)
    created_at: Mapped[Millis]
    # Written at most once a minute.
    seen_at: Mapped[Millis]
    # "Remember this browser": lasts 30 days instead of 7, without a limit on idle hours.
    remembered: Mapped[bool]
    address: Mapped[str | None] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(300))
    # The organization that a platform owner has entered.
    entered_id: Mapped[Id | None]


class KnownBrowser(Model):
    """A browser in a network that a person has signed in with. Others are announced by email."""

    __tablename__ = "known_browsers"

    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"), primary_key=True)
    # See `domain.accounts.browsers`.
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[Millis]


class Membership(Model):
    __tablename__ = "memberships"

    organization_id: Mapped[str] = mapped_column(
        ID, ForeignKey("organizations.id"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[Millis]


class Invitation(Model):
    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("organization_id", "email"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.id"))
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(20))
    invited_by: Mapped[Id | None]
    created_at: Mapped[Millis]
    expires_at: Mapped[Millis]
    accepted_at: Mapped[Millis | None]


class ApiKey(Model):
    __tablename__ = "api_keys"

    id: Mapped[Id] = mapped_column(primary_key=True)
    # None: a platform key, valid for every organization.
    organization_id: Mapped[str | None] = mapped_column(
        ID, ForeignKey("organizations.id"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    # SHA-256 of the secret, in hex. The secret has 256 random bits and needs no slow hash.
    secret_hash: Mapped[str] = mapped_column(String(64))
    prefix: Mapped[str] = mapped_column(String(24))
    # None: all scopes.
    scopes: Mapped[Document | None]
    created_at: Mapped[Millis]
    expires_at: Mapped[Millis | None]
    last_used_at: Mapped[Millis | None]
    revoked_at: Mapped[Millis | None]
    # A list of CIDR networks from which the key may be used; None: from everywhere.
    allowed_networks: Mapped[Document | None]
    # The person for whom the API reference made it; None: it was created as a key.
    user_id: Mapped[str | None] = mapped_column(ID, index=True)


class PortalGeneration(Model):
    """Portal links carry this number; raising it revokes all earlier links. No row means 0."""

    __tablename__ = "portal_generations"

    organization_id: Mapped[str] = mapped_column(
        ID, ForeignKey("organizations.id"), primary_key=True
    )
    number: Mapped[int]


class PortalLogo(Model):
    """Uploaded, and built anew by `domain.portal.logos`. Without a foreign key, because processes
    of an earlier release delete organizations without it."""

    __tablename__ = "portal_logos"

    organization_id: Mapped[Id] = mapped_column(primary_key=True)
    media_type: Mapped[str] = mapped_column(String(20))
    # Of the content, in hexadecimal: part of its URL.
    digest: Mapped[str] = mapped_column(String(32))
    content: Mapped[Blob]
    created_at: Mapped[Millis]
