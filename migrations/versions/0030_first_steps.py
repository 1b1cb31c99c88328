"""Remember when an organization hid its first steps."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("organizations", sa.Column("first_steps_hidden_at", sa.BigInteger))
    # Who has deliveries needs no first steps.
    op.execute(
        "UPDATE organizations SET first_steps_hidden_at = created_at WHERE EXISTS"
        " (SELECT 1 FROM deliveries WHERE deliveries.organization_id = organizations.id)"
    )


def downgrade() -> None:
    op.drop_column("organizations", "first_steps_hidden_at")
