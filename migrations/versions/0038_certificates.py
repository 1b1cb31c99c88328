"""Client certificates of webhooks, and the authorities that they trust."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    # Null: none. Workers of the previous release send such webhooks' requests without a client
    # certificate, and trust the public authorities only.
    op.add_column("webhooks", sa.Column("client_certificate", sa.LargeBinary))
    op.add_column("webhooks", sa.Column("ca_certificates", sa.LargeBinary))


def downgrade() -> None:
    op.drop_column("webhooks", "ca_certificates")
    op.drop_column("webhooks", "client_certificate")
