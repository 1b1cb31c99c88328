"""Listeners, which fetch their callbacks."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    op.create_table(
        "listeners",
        sa.Column("id", ID, sa.ForeignKey("webhooks.id"), primary_key=True),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_listeners_organization_id", "listeners", ["organization_id"])
    op.create_index("ix_listeners_seen_at", "listeners", ["seen_at"])


def downgrade() -> None:
    op.drop_table("listeners")
