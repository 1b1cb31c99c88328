"""Remember when an organization hid its first steps."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("organizations", sa.Column("first_steps_hidden_at", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("organizations", "first_steps_hidden_at")
