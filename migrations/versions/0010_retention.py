"""Retention: when payloads expire, and how far the cleaning has come."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    op.add_column("organizations", sa.Column("payload_days", sa.Integer))
    op.create_table(
        "retention_marks",
        sa.Column("organization_id", ID, sa.ForeignKey("organizations.id"), primary_key=True),
        sa.Column("next_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("events_after", ID),
        sa.Column("held_after", ID),
        sa.Column("payloads_after", ID),
    )
    op.create_table(
        "held_payloads",
        sa.Column("organization_id", ID, primary_key=True),
        sa.Column("event_id", ID, primary_key=True),
    )


def downgrade() -> None:
    for table in ("held_payloads", "retention_marks"):
        op.drop_table(table)
    op.drop_column("organizations", "payload_days")
