"""The catalogues of event types: of each organization, and of the installation."""

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import ID, Blob, Document, Long, Millis


class EventType(Model):
    __tablename__ = "event_types"

    organization_id: Mapped[str] = mapped_column(
        ID, ForeignKey("organizations.id"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    description: Mapped[Long] = mapped_column(default="")
    # JSON; None: the preset's sample, or an empty object.
    sample: Mapped[Blob | None]
    schema: Mapped[Document | None]
    created_at: Mapped[Millis]
    # What happens to posted events that do not match: `warn` or `reject`; None: nothing.
    schema_check: Mapped[str | None] = mapped_column(String(8))


class PlatformEventType(Model):
    """Defined by a platform key: part of every organization's catalogue."""

    __tablename__ = "platform_event_types"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    description: Mapped[Long] = mapped_column(default="")
    # JSON Schemas by version: {"1": {...}}.
    schemas: Mapped[Document | None]
    group_name: Mapped[str | None] = mapped_column(String(256))
    # Hidden from lists; events of this type are still accepted.
    archived: Mapped[bool] = mapped_column(default=False, server_default=false())
    deprecated: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[Millis]
    updated_at: Mapped[Millis]
