"""What consumers register, and what producers post."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True)


def where(condition: str) -> dict[str, sa.TextClause]:
    """The condition of a partial index, for either database."""
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def upgrade() -> None:
    create_webhooks()
    create_webhook_states()
    create_event_types()
    create_events()
    create_idempotency_keys()


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("events")
    op.drop_table("event_types")
    op.drop_table("webhook_states")
    op.drop_table("webhooks")


def columns_of_what_is_sent() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", ID, primary_key=True),
        sa.Column("organization_id", ID, sa.ForeignKey("organizations.id"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("preset", sa.String(20), nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("body_format", sa.String(20), nullable=False),
        sa.Column("body_expression", sa.Text),
        sa.Column("body_encoding", sa.String(10), nullable=False),
        sa.Column("event_types", DOCUMENT),
        sa.Column("sources", DOCUMENT),
        sa.Column("filter", sa.Text),
        sa.Column("headers", DOCUMENT, nullable=False),
        sa.Column("api_key", sa.LargeBinary),
        sa.Column("secret_token", sa.LargeBinary),
        sa.Column("secret_header", sa.String(200)),
        sa.Column("success_statuses", DOCUMENT, nullable=False),
        sa.Column("timeout_seconds", sa.Float, nullable=False),
        sa.Column("retry_policy", DOCUMENT, nullable=False),
        sa.Column("rate_limit_per_second", sa.Float),
        sa.Column("max_in_flight", sa.Integer, nullable=False),
        sa.Column("ordered", sa.Boolean, nullable=False),
    ]


def columns_of_secrets_and_state() -> list[sa.Column[Any]]:
    return [
        sa.Column("signing", sa.String(10), nullable=False),
        sa.Column("signing_secret", sa.LargeBinary, nullable=False),
        sa.Column("previous_signing_secret", sa.LargeBinary),
        sa.Column("previous_signing_secret_until", sa.BigInteger),
        sa.Column("metadata", DOCUMENT, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("disabled_reason", sa.Text),
        sa.Column("disabled_at", sa.BigInteger),
        sa.Column("once", sa.Boolean, nullable=False),
        sa.Column("once_source", sa.String(512)),
        sa.Column("once_event_id", ID),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("deleted_at", sa.BigInteger),
    ]


def create_webhooks() -> None:
    op.create_table(
        "webhooks",
        *columns_of_what_is_sent(),
        *columns_of_secrets_and_state(),
    )
    op.create_index(
        "ix_webhooks_once_waiting",
        "webhooks",
        ["organization_id", "once_source"],
        **where("once AND once_event_id IS NULL AND deleted_at IS NULL"),
    )
    op.create_index("ix_webhooks_organization_id_id", "webhooks", ["organization_id", "id"])
    op.create_index(
        "uq_webhooks_callback_lane",
        "webhooks",
        ["organization_id", "preset", "url"],
        unique=True,
        **where("kind = 'callback'"),
    )


def create_webhook_states() -> None:
    op.create_table(
        "webhook_states",
        sa.Column("webhook_id", ID, sa.ForeignKey("webhooks.id"), primary_key=True),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("in_flight", sa.Integer, nullable=False),
        sa.Column("window", sa.Float),
        sa.Column("tat", sa.BigInteger, nullable=False),
        sa.Column("last_success_at", sa.BigInteger),
        sa.Column("last_failure_at", sa.BigInteger),
        sa.Column("last_failure_cause", sa.String(30)),
        sa.Column("failing_since", sa.BigInteger),
        sa.Column("told_failing_at", sa.BigInteger),
    )
    op.create_index("ix_webhook_states_organization_id", "webhook_states", ["organization_id"])


def create_event_types() -> None:
    op.create_table(
        "event_types",
        sa.Column("organization_id", ID, sa.ForeignKey("organizations.id"), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("sample", sa.LargeBinary),
        sa.Column("schema", DOCUMENT),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", ID, primary_key=True),
        sa.Column("organization_id", ID, sa.ForeignKey("organizations.id"), nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("source", sa.String(512)),
        sa.Column("ordering_key", sa.String(512)),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("producer_id", sa.String(128)),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("callback", sa.Text),
        sa.Column("callback_preset", sa.String(20)),
    )
    op.create_index("ix_events_organization_id_id", "events", ["organization_id", "id"])


def create_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("organization_id", ID, primary_key=True),
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
