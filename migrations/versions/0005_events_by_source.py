"""Events by source."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    has_source = sa.text("source IS NOT NULL")
    op.create_index(
        "ix_events_source",
        "events",
        ["organization_id", "source", "id"],
        postgresql_where=has_source,
        sqlite_where=has_source,
    )


def downgrade() -> None:
    op.drop_index("ix_events_source", "events")
