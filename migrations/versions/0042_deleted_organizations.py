"""Organizations that are deleted, until all of their data is."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    # A deleted organization is suspended as well: that is what the previous release sees of it.
    op.add_column("organizations", sa.Column("deleted_at", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("organizations", "deleted_at")
