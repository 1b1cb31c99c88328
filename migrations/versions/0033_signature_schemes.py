"""The scheme and the header of a webhook's signature."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    # Processes of the previous release insert rows without values, and sign by the standard.
    op.add_column(
        "webhooks",
        sa.Column("signature_scheme", sa.String(20), nullable=False, server_default="standard"),
    )
    op.add_column("webhooks", sa.Column("signature_header", sa.String(200)))


def downgrade() -> None:
    op.drop_column("webhooks", "signature_header")
    op.drop_column("webhooks", "signature_scheme")
