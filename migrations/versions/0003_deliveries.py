"""Deliveries, their attempts, what is due and who drains it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
IDENTITY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def where(condition: str) -> dict[str, sa.TextClause]:
    """The condition of a partial index, for either database."""
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def upgrade() -> None:
    create_deliveries()
    create_delivery_bodies()
    create_due()
    create_attempts()
    create_workers()


def downgrade() -> None:
    op.drop_table("workers")
    op.drop_table("attempts")
    op.drop_table("due")
    op.drop_table("delivery_bodies")
    op.drop_table("deliveries")


def create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ID, primary_key=True),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("webhook_id", ID, nullable=False),
        sa.Column("event_id", ID, sa.ForeignKey("events.id"), nullable=False),
        sa.Column("event_type", sa.String(128), nullable=False),
        sa.Column("source", sa.String(512)),
        sa.Column("url", sa.Text),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_status", sa.Integer),
        sa.Column("last_cause", sa.String(30)),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_deliveries_event_id", "deliveries", ["event_id"])
    op.create_index("ix_deliveries_organization_id_id", "deliveries", ["organization_id", "id"])
    op.create_index(
        "ix_deliveries_trouble",
        "deliveries",
        ["organization_id", "state", "id"],
        **where("state NOT IN ('pending', 'retrying', 'succeeded')"),
    )
    op.create_index("ix_deliveries_webhook_id_id", "deliveries", ["webhook_id", "id"])


def create_delivery_bodies() -> None:
    op.create_table(
        "delivery_bodies",
        sa.Column("delivery_id", ID, primary_key=True),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def create_due() -> None:
    op.create_table(
        "due",
        sa.Column("id", IDENTITY, primary_key=True, autoincrement=True),
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("webhook_id", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("run_start", sa.Integer, nullable=False),
        sa.Column("claimed_by", IDENTITY),
        sa.Column("ordering_key", sa.String(512)),
        sa.Column("head", sa.Boolean, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.UniqueConstraint("delivery_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_due_claimed", "due", ["claimed_by"], **where("claimed_by IS NOT NULL"))
    op.create_index(
        "ix_due_free",
        "due",
        ["webhook_id", "next_at", "id"],
        **where("claimed_by IS NULL AND head"),
    )
    op.create_index(
        "ix_due_order",
        "due",
        ["webhook_id", "ordering_key", "id"],
        **where("ordering_key IS NOT NULL"),
    )
    op.create_index(
        "uq_due_head",
        "due",
        ["webhook_id", "ordering_key"],
        unique=True,
        **where("head AND ordering_key IS NOT NULL"),
    )


def create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", IDENTITY, primary_key=True, autoincrement=True),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("webhook_id", ID, nullable=False),
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.String(30), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("request_head", sa.LargeBinary, nullable=False),
        sa.Column("response_head", sa.LargeBinary),
        sa.Column("response_body", sa.LargeBinary),
        sa.Column("response_truncated", sa.Boolean, nullable=False),
        sa.Column("remote_address", sa.String(45)),
        sa.Column("dns_us", sa.Integer),
        sa.Column("connect_us", sa.Integer),
        sa.Column("tls_us", sa.Integer),
        sa.Column("first_byte_us", sa.Integer),
        sa.Column("total_us", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_attempts_delivery_id_number", "attempts", ["delivery_id", "number"], unique=True
    )


def create_workers() -> None:
    op.create_table(
        "workers",
        sa.Column("id", IDENTITY, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("beat", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
