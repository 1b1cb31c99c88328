"""The delay of a retry beside the time when it is due."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # NULL: a first attempt, or a retry that a worker of the previous release scheduled.
    op.add_column("due", sa.Column("delay_ms", sa.BigInteger, nullable=True))


def downgrade() -> None:
    op.drop_column("due", "delay_ms")
