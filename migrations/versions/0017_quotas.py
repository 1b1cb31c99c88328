"""An organization's own quotas, and an index from which its webhooks are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

COLUMNS = ("max_webhooks", "max_deliveries_per_event", "max_requests_per_host")
IS_KEPT = sa.text("kind = 'webhook' AND NOT once AND deleted_at IS NULL")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("organizations", sa.Column(name, sa.Integer, nullable=True))
    op.create_index(
        "ix_webhooks_kept",
        "webhooks",
        ["organization_id"],
        postgresql_where=IS_KEPT,
        sqlite_where=IS_KEPT,
    )


def downgrade() -> None:
    op.drop_index("ix_webhooks_kept", "webhooks")
    for name in COLUMNS:
        op.drop_column("organizations", name)
