"""Who is told by mail of what the workers noticed, and the mails that tell them."""

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID, IDENTITY, Document, Id, Long, Millis

WAITING = text("state = 'waiting'")
PLANNED = text("next_at IS NOT NULL")


class NotificationChoice(Model):
    """What a member has chosen; without a row it is as their role has it (domain.notices)."""

    __tablename__ = "notification_choices"

    organization_id: Mapped[str] = mapped_column(
        ID, ForeignKey("organizations.id"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"), primary_key=True, index=True)
    # A list of kinds; an empty one: no mail.
    kinds: Mapped[Document]
    updated_at: Mapped[Millis]


class Mail(Model):
    """One mail to one member about one webhook, with all that was noticed until it went."""

    __tablename__ = "mails"
    __table_args__ = (
        # What is noticed next joins the mail that has not gone yet.
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
        # When the last one about this webhook went; and the list of an organization.
        Index("ix_mails_recipient", "organization_id", "user_id", "webhook_id", "id"),
        Index("ix_mails_organization_id_id", "organization_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    organization_id: Mapped[Id]
    user_id: Mapped[Id]
    webhook_id: Mapped[Id]
    # waiting, sending, sent, failed (given up) or dropped (nobody wants it any more).
    state: Mapped[str] = mapped_column(String(10))
    # {kind: how many}, and the first of them as lists of domain.notices.News.
    counts: Mapped[Document]
    news: Mapped[Document]
    created_at: Mapped[Millis]
    # When it is to go; while it is sent, when it is tried again unless it was recorded.
    next_at: Mapped[Millis | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[Millis | None]
    # What the mail server said when it did not take it.
    problem: Mapped[Long | None]
