"""Mark events and deliveries of test sends."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

TABLES = ("events", "deliveries")


def upgrade() -> None:
    for table in TABLES:
        column = sa.Column("is_test", sa.Boolean, nullable=False, server_default=sa.false())
        op.add_column(table, column)


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "is_test")
