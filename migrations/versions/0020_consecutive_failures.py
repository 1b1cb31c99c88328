"""Count the failed attempts since a webhook's last success."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

COLUMN = sa.Column("consecutive_failures", sa.Integer, nullable=False, server_default=sa.text("0"))


def upgrade() -> None:
    op.add_column("webhook_states", COLUMN)


def downgrade() -> None:
    op.drop_column("webhook_states", "consecutive_failures")
