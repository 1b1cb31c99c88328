"""Event types can ask for a check of posted events; events keep what did not match."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.add_column("event_types", sa.Column("schema_check", sa.String(8)))
    op.add_column("events", sa.Column("schema_mismatches", sa.JSON))


def downgrade() -> None:
    op.drop_column("events", "schema_mismatches")
    op.drop_column("event_types", "schema_check")
