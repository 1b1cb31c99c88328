"""The audit log."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import ID, Document, Id, Millis


class AuditEntry(Model):
    """`before` and `after` contain only the fields that changed, never a secret. Names are copied:
    an entry can be read when its actor and its object are gone."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_organization_id_id", "organization_id", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    # None: concerns the whole installation, such as a platform key.
    organization_id: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[Millis]
    # `user`, `api_key`, `portal` or `system`, with its id and its name at that time.
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str | None] = mapped_column(String(128))
    actor_name: Mapped[str] = mapped_column(String(254), default="")
    address: Mapped[str | None] = mapped_column(String(45))
    # Such as `webhook.create`, `delivery.resend`, `api_key.revoke`.
    action: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[str | None] = mapped_column(String(128))
    before: Mapped[Document | None]
    after: Mapped[Document | None]
    # The User-Agent of the client.
    agent: Mapped[str | None] = mapped_column(String(300))
    # Of the object, at that time.
    subject_name: Mapped[str | None] = mapped_column(String(300))
