"""Logos that organizations upload for their portals."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    # No foreign key: processes of the previous release delete organizations without it.
    op.create_table(
        "portal_logos",
        sa.Column("organization_id", ID, primary_key=True),
        sa.Column("media_type", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("portal_logos")
