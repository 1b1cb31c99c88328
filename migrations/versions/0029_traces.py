"""The place of an event in a trace."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("events", sa.Column("traceparent", sa.String(55)))


def downgrade() -> None:
    op.drop_column("events", "traceparent")
