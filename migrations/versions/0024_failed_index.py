"""Let the index of failed deliveries also answer which of them are test sends."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

NAME, FAILED = "ix_deliveries_failed", sa.text("state = 'failed'")
COLUMNS = (
    "organization_id", "id", "webhook_id", "last_cause", "last_status", "updated_at", "state",
)  # fmt: skip


def upgrade() -> None:
    _replace([*COLUMNS, "is_test"])


def downgrade() -> None:
    _replace([*COLUMNS])


def _replace(columns: list[str]) -> None:
    op.drop_index(NAME, "deliveries")
    op.create_index(NAME, "deliveries", columns, postgresql_where=FAILED, sqlite_where=FAILED)
