"""Notices from workers, the emails that tell members about them, and emails about accounts."""

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import ID, IDENTITY, Document, Id, Long, Millis

WAITING = text("state = 'waiting'")
PLANNED = text("next_at IS NOT NULL")


class Notice(Model):
    """A change of a webhook's health that a worker saw. A periodic task publishes it as a system
    event, adds it to emails and deletes it."""

    __tablename__ = "notices"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    organization_id: Mapped[Id]
    # webhook.disabled, webhook.failing, webhook.recovered, delivery.failed, webhook.digest.
    kind: Mapped[str] = mapped_column(String(40))
    webhook_id: Mapped[Id]
    delivery_id: Mapped[Id | None]
    at: Mapped[Millis]
    # reason, cause, status, since; of a digest also counts, last, deliveries.
    detail: Mapped[Document]


class NoticeDigest(Model):
    """What happened to a webhook since its last digest. Deleted when a new one may be sent at once,
    so that only webhooks with recent notices have a row."""

    __tablename__ = "notice_digests"
    __table_args__ = (
        Index(
            "ix_notice_digests_next_at",
            "next_at",
            postgresql_where=PLANNED,
            sqlite_where=PLANNED,
        ),
        Index("ix_notice_digests_sent_at", "sent_at"),
    )

    webhook_id: Mapped[str] = mapped_column(ID, primary_key=True)
    organization_id: Mapped[Id]
    # {kind: number of notices}.
    counts: Mapped[Document]
    # Of the latest notices: last (a kind), reason, cause, status, since; deliveries (ids).
    detail: Mapped[Document]
    # When to publish it; None while there is nothing new.
    next_at: Mapped[Millis | None]
    sent_at: Mapped[Millis | None]


class NotificationPreference(Model):
    """What a member is emailed about. Without a row the default of their role applies
    (`domain.notifications.system_events`)."""

    __tablename__ = "notification_choices"

    organization_id: Mapped[str] = mapped_column(
        ID, ForeignKey("organizations.id"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"), primary_key=True, index=True)
    # A list of kinds; empty: no email.
    kinds: Mapped[Document]
    updated_at: Mapped[Millis]


class QueuedEmail(Model):
    """One email to one member about one webhook. Notices are added to it until it is sent."""

    __tablename__ = "mails"
    __table_args__ = (
        # Later notices are added to the email that is still waiting.
        Index(
            "uq_mails_waiting",
            "organization_id",
            "user_id",
            "webhook_id",
            unique=True,
            postgresql_where=WAITING,
            sqlite_where=WAITING,
        ),
        Index("ix_mails_next_at", "next_at", postgresql_where=PLANNED, sqlite_where=PLANNED),
        # When the last email about this webhook was sent.
        Index("ix_mails_recipient", "organization_id", "user_id", "webhook_id", "id"),
        Index("ix_mails_organization_id_id", "organization_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    organization_id: Mapped[Id]
    user_id: Mapped[Id]
    webhook_id: Mapped[Id]
    # waiting, sending, sent, failed (retries exhausted) or dropped (no longer wanted).
    state: Mapped[str] = mapped_column(String(10))
    # {kind: number of notices}, and the documents of the first ones.
    counts: Mapped[Document]
    news: Mapped[Document]
    created_at: Mapped[Millis]
    # When to send it. While it is being sent: when to retry if no result is recorded.
    next_at: Mapped[Millis | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[Millis | None]
    # The mail server's error when it rejected the email.
    problem: Mapped[Long | None]


class AccountEmail(Model):
    """One email about an account. Links with a token are made when it is sent."""

    __tablename__ = "account_emails"
    __table_args__ = (
        Index(
            "ix_account_emails_next_at",
            "next_at",
            postgresql_where=PLANNED,
            sqlite_where=PLANNED,
        ),
        Index("ix_account_emails_created_at", "created_at"),
        Index("ix_account_emails_subject_id", "subject_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    # See `services.notifications.account_emails.Kind`.
    kind: Mapped[str] = mapped_column(String(30))
    to: Mapped[str] = mapped_column(String(254))
    # Of the invitation.
    subject_id: Mapped[Id | None]
    # What the text quotes, such as the address of a sign-in.
    detail: Mapped[Document]
    # waiting, sending, sent, failed (retries exhausted) or dropped (nobody to send it to).
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[Millis]
    # When to send it. While it is being sent: when to retry if no result is recorded.
    next_at: Mapped[Millis | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[Millis | None]
    # The mail server's error when it rejected the email.
    problem: Mapped[Long | None]
