"""Tenants, the people in them, and how they came in."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID, Id, Millis, Sealed


class Organization(Model):
    __tablename__ = "organizations"

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Millis]
    # Goes up with every change of a webhook, so that a process knows when its copy is old.
    webhooks_version: Mapped[int] = mapped_column(default=0)
    # Signs one-off callbacks; two of them while one is rotated.
    callback_secret: Mapped[Sealed | None]
    previous_callback_secret: Mapped[Sealed | None]
    previous_callback_secret_until: Mapped[Millis | None]
    # None: as RETENTION_DAYS says.
    retention_days: Mapped[int | None]
    # Payloads and what receivers answered go sooner than their records; None: with them.
    payload_days: Mapped[int | None]


class User(Model):
    __tablename__ = "users"

    id: Mapped[Id] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # A signed one-time link carries this number; using one raises it, and older links are dead.
    link_serial: Mapped[int] = mapped_column(default=0)
    # A session carries this number; a new password raises it, and all older sessions end.
    session_serial: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Millis]
    signed_in_at: Mapped[Millis | None]


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
