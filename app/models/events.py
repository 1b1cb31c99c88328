"""Events, and the idempotency keys they were published under."""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import ID, IDENTITY, Blob, Document, Id, Long, Millis, PackedId


class Event(Model):
    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_organization_id_id", "organization_id", "id"),
        # Lists one source's events, and finds its first and latest.
        Index(
            "ix_events_source",
            "organization_id",
            "source",
            "id",
            postgresql_where=text("source IS NOT NULL"),
            sqlite_where=text("source IS NOT NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.id"))
    type: Mapped[str] = mapped_column(String(128))
    source: Mapped[str | None] = mapped_column(String(512))
    ordering_key: Mapped[str | None] = mapped_column(String(512))
    occurred_at: Mapped[Millis]
    created_at: Mapped[Millis]
    # The producer's own id, which is its idempotency key.
    producer_id: Mapped[str | None] = mapped_column(String(128))
    # As received, byte for byte; None once it has expired.
    payload: Mapped[Blob | None]
    # The URL of the one-off callback, with merge fields filled in.
    callback: Mapped[Long | None]
    callback_preset: Mapped[str | None] = mapped_column(String(20))
    # The sample of a test send: no webhook missed it.
    is_test: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Of the event's span (W3C Trace Context); None while traces are off.
    traceparent: Mapped[str | None] = mapped_column(String(55))
    # Pairs of JSON path and sentence, where its type's schema is checked on post; None: there are
    # none. They may quote the payload, and expire with it.
    schema_mismatches: Mapped[Document | None]


class EventValue(Model):
    """A value of an event's payload to search by (docs/decisions/0022). Rows of an hour are next to
    each other, so that adding to it writes few pages; of a value, its events are in their order."""

    __tablename__ = "event_values"
    __table_args__ = ({"sqlite_with_rowid": False},)

    # `domain.events.search_values`: `hour_of` and `hashes`.
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(PackedId, primary_key=True)


class NewValues(Model):
    """Values of one transaction's events. They wait to be added to the index: it costs least to add
    many at once, and ingest only one row."""

    __tablename__ = "new_event_values"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    # Of each value the hash and the event's id, 8 and 16 bytes.
    packed: Mapped[Blob]


class RenderTemplate(Model):
    """An edit of the render dialect, from which renders are started."""

    __tablename__ = "render_templates"
    __table_args__ = (Index("ix_render_templates_organization_id_id", "organization_id", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.id"))
    name: Mapped[str] = mapped_column(String(200))
    # As received, byte for byte.
    edit: Mapped[Blob]
    created_at: Mapped[Millis]
    updated_at: Mapped[Millis]


class IdempotencyKey(Model):
    __tablename__ = "idempotency_keys"

    organization_id: Mapped[Id] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    event_id: Mapped[Id]
    # SHA-256 of the request, to reject another event under the same key.
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[Millis] = mapped_column(index=True)
