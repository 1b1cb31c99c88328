"""Counters, what people have acknowledged, and the failed deliveries by webhook and cause."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("span", sa.Integer, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("metric", sa.String(150), nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "span", "start", "metric"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_counters_span_start", "counters", ["span", "start"])
    op.create_table(
        "acknowledgements",
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("webhook_id", ID, nullable=False),
        sa.Column("cause", sa.String(30), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor_name", sa.String(254), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "webhook_id", "cause", "status"),
    )
    op.create_index(
        "ix_deliveries_failed",
        "deliveries",
        [
            "organization_id",
            "id",
            "webhook_id",
            "last_cause",
            "last_status",
            "updated_at",
            "state",
        ],
        postgresql_where=sa.text("state = 'failed'"),
        sqlite_where=sa.text("state = 'failed'"),
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_failed", "deliveries")
    op.drop_table("acknowledgements")
    op.drop_table("counters")
