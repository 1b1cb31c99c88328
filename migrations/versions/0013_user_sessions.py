"""Sessions of people who are signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    op.create_table(
        "user_sessions",
        sa.Column("id", ID, primary_key=True),
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("remembered", sa.Boolean, nullable=False),
        sa.Column("address", sa.String(64)),
        sa.Column("agent", sa.String(300), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("user_sessions")
