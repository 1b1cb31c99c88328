"""Webhooks, and the delivery state that only workers write."""

from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, event, false, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from app.domain.webhooks import damage
from app.models.common.base import Model
from app.models.common.columns import ID, Document, Id, Long, Millis, Sealed, checks

# The conditions of partial indexes. Statements must use the very same text: SQLite uses a
# partial index only then.
ONCE_WAITING = text(
    "webhooks.once AND webhooks.once_event_id IS NULL AND webhooks.deleted_at IS NULL"
)
IS_CALLBACK_TARGET = text("webhooks.kind = 'callback'")
# Also that of an index, from which an organization's webhooks are counted.
IS_KEPT = text("webhooks.kind = 'webhook' AND NOT webhooks.once AND webhooks.deleted_at IS NULL")


class Webhook(Model):
    __tablename__ = "webhooks"
    __table_args__ = (
        Index("ix_webhooks_organization_id_id", "organization_id", "id"),
        # Those that Callboard disabled, which every page asks for.
        Index(
            "ix_webhooks_disabled",
            "organization_id",
            postgresql_where=text("disabled_reason IS NOT NULL"),
            sqlite_where=text("disabled_reason IS NOT NULL"),
        ),
        Index(
            "ix_webhooks_once_waiting",
            "organization_id",
            "once_source",
            postgresql_where=text("once AND once_event_id IS NULL AND deleted_at IS NULL"),
            sqlite_where=text("once AND once_event_id IS NULL AND deleted_at IS NULL"),
        ),
        Index(
            "ix_webhooks_kept",
            "organization_id",
            postgresql_where=text("kind = 'webhook' AND NOT once AND deleted_at IS NULL"),
            sqlite_where=text("kind = 'webhook' AND NOT once AND deleted_at IS NULL"),
        ),
        Index(
            "uq_webhooks_uid",
            "organization_id",
            "uid",
            unique=True,
            postgresql_where=text("uid IS NOT NULL AND deleted_at IS NULL"),
            sqlite_where=text("uid IS NOT NULL AND deleted_at IS NULL"),
        ),
        # One callback target per organization, origin and preset.
        Index(
            "uq_webhooks_callback_lane",
            "organization_id",
            "preset",
            "url",
            unique=True,
            postgresql_where=text("kind = 'callback'"),
            sqlite_where=text("kind = 'callback'"),
        ),
        *checks(
            max_in_flight="max_in_flight >= 1",
            timeout_seconds="timeout_seconds > 0 AND timeout_seconds < 'Infinity'",
            rate_limit_per_second=(
                "rate_limit_per_second > 0 AND rate_limit_per_second < 'Infinity'"
            ),
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.id"))
    # `webhook`, or one that is never listed. `callback`: a target of one-off callbacks, whose `url`
    # is only the origin: each of its deliveries has its own. `listener`: see `models.listeners`.
    kind: Mapped[str] = mapped_column(String(10), default="webhook")
    # Raised by every change; a cached copy with another version is stale.
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[Long] = mapped_column(default="")
    url: Mapped[Long]
    preset: Mapped[str] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(40))
    # A format of `domain.bodies`; under `custom` also the JMESPath expression and its encoding.
    body_format: Mapped[str] = mapped_column(String(20))
    body_expression: Mapped[Long | None]
    body_encoding: Mapped[str] = mapped_column(String(10), default="json")
    # None: all; never [].
    event_types: Mapped[Document | None]
    sources: Mapped[Document | None]
    # A JMESPath expression over the event; None: no filter.
    filter: Mapped[Long | None]
    # [name, value] pairs, in order. While workers of the previous release run, also the secret ones
    # (`services.webhooks.secret_headers`).
    headers: Mapped[Document] = mapped_column(default=list)
    api_key: Mapped[Sealed | None]
    secret_token: Mapped[Sealed | None]
    secret_header: Mapped[str | None] = mapped_column(String(200))
    # A list such as ["200-299", "404"].
    success_statuses: Mapped[Document]
    timeout_seconds: Mapped[float] = mapped_column(Float)
    retry_policy: Mapped[Document]
    rate_limit_per_second: Mapped[float | None] = mapped_column(Float)
    max_in_flight: Mapped[int] = mapped_column(default=32)
    ordered: Mapped[bool] = mapped_column(default=False)
    # `v1` (HMAC-SHA256), `v1a` (ed25519) or `none`.
    signing: Mapped[str] = mapped_column(String(10), default="v1")
    signing_secret: Mapped[Sealed]
    previous_signing_secret: Mapped[Sealed | None]
    previous_signing_secret_until: Mapped[Millis | None]
    # The attribute `metadata` is reserved by SQLAlchemy.
    meta: Mapped[Document] = mapped_column("metadata", default=dict)
    is_active: Mapped[bool] = mapped_column(default=True)
    # Why Callboard disabled it; None when a person paused it, or when it is enabled.
    disabled_reason: Mapped[Long | None]
    disabled_at: Mapped[Millis | None]
    once: Mapped[bool] = mapped_column(default=False)
    # The source of a `once` webhook that names exactly one, for the index.
    once_source: Mapped[str | None] = mapped_column(String(512))
    once_event_id: Mapped[Id | None]
    created_at: Mapped[Millis]
    updated_at: Mapped[Millis]
    deleted_at: Mapped[Millis | None]
    # None: as the preset says.
    honors_retry_after: Mapped[bool | None]
    # Paused because its organization is suspended; resuming the organization enables it again.
    held: Mapped[bool] = mapped_column(default=False, server_default=false())
    # JSON text: [name, value] pairs.
    secret_headers: Mapped[Sealed | None]
    # The caller's own id for it, unique in the organization until the webhook is deleted.
    uid: Mapped[str | None] = mapped_column(String(256))
    # Of `domain.webhooks.schemes`, and its header; None: the scheme's.
    signature_scheme: Mapped[str] = mapped_column(
        String(20), default="standard", server_default="standard"
    )
    signature_header: Mapped[str | None] = mapped_column(String(200))
    # JSON text (`domain.webhooks.credentials.authentication`); None: none.
    authentication: Mapped[Sealed | None]
    # PEM text: certificate, chain and private key; None: none.
    client_certificate: Mapped[Sealed | None]
    # PEM text: certificates that are trusted instead of the public ones; None: those.
    ca_certificates: Mapped[Sealed | None]

    @property
    def damaged(self) -> tuple[str, ...]:
        """Columns that could not be read when the row was loaded."""
        return getattr(self, "_damaged", ())

    def columns(self) -> dict[str, Any]:
        """Values by column name, as `domain.webhooks.rows` takes them; without the columns
        that no rule reads (`meta` is not even named like its column)."""
        unused = ("metadata", "description", "held", "uid")
        names = (c.name for c in Webhook.__table__.columns if c.name not in unused)
        return {name: getattr(self, name) for name in names}


def _set_aside(row: Webhook, *_: object) -> None:
    """A row with settings that cannot be read is disabled in memory, with the reason and with
    defaults in their place. Saving the webhook repairs it (`services.webhooks.service`)."""
    wrong = damage.damaged(row.columns())
    row._damaged = tuple(wrong)  # type: ignore[attr-defined] # noqa: SLF001 -- not a column
    if wrong:
        for name in wrong:
            set_committed_value(row, name, damage.DEFAULTS[name])
        reason = f"Its settings are damaged: {damage.explain(wrong)}. Check them and save."
        set_committed_value(row, "is_active", value=False)
        set_committed_value(row, "disabled_reason", reason)
        set_committed_value(row, "disabled_at", row.updated_at)


event.listen(Webhook, "load", _set_aside)
event.listen(Webhook, "refresh", _set_aside)


class WebhookState(Model):
    """Created with the webhook, then written only by workers when they claim and record."""

    __tablename__ = "webhook_states"
    __table_args__ = tuple(
        checks(
            in_flight="in_flight >= 0",
            window='"window" > 0 AND "window" < \'Infinity\'',
            tat="tat >= 0",
        )
    )

    webhook_id: Mapped[str] = mapped_column(ID, ForeignKey("webhooks.id"), primary_key=True)
    organization_id: Mapped[Id] = mapped_column(index=True)
    # Claimed and not yet recorded, across all workers.
    in_flight: Mapped[int] = mapped_column(default=0)
    # The concurrency limit while throttled; None: `max_in_flight`.
    window: Mapped[float | None] = mapped_column(Float)
    # Theoretical arrival time of the rate limit (GCRA), in microseconds since the epoch.
    tat: Mapped[Millis] = mapped_column(default=0)
    last_success_at: Mapped[Millis | None]
    last_failure_at: Mapped[Millis | None]
    last_failure_cause: Mapped[str | None] = mapped_column(String(30))
    # The first failed attempt since the last success; None after a success.
    failing_since: Mapped[Millis | None]
    # When members were notified of the failure; None: not since the last success.
    told_failing_at: Mapped[Millis | None]
    # Failed attempts since the last success. Valid only with `failing_since`: workers of the
    # previous release do not write it.
    consecutive_failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class ExpressionOverrun(Model):
    """How often in a row a webhook's expression exceeded its budget. kind: `filter` or `body`."""

    __tablename__ = "expression_overruns"

    webhook_id: Mapped[str] = mapped_column(ID, ForeignKey("webhooks.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    number: Mapped[int]
