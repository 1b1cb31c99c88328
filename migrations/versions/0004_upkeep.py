"""What workers leave for later: tallies, notices, chores."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
IDENTITY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("id", IDENTITY, primary_key=True, autoincrement=True),
        sa.Column("minute", sa.BigInteger, nullable=False),
        sa.Column("deltas", sa.JSON(none_as_null=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "notices",
        sa.Column("id", IDENTITY, primary_key=True, autoincrement=True),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("webhook_id", ID, nullable=False),
        sa.Column("delivery_id", ID),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "chores",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("next_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("chores", "notices", "tallies"):
        op.drop_table(table)
