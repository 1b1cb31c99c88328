"""How a webhook's requests authenticate at the receiver."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    # Null: not at all. Workers of the previous release send such webhooks' requests without it.
    op.add_column("webhooks", sa.Column("authentication", sa.LargeBinary))


def downgrade() -> None:
    op.drop_column("webhooks", "authentication")
