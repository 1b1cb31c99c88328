"""Who resent a delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    op.create_table(
        "resends",
        sa.Column("delivery_id", ID, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor_kind", sa.String(10), nullable=False),
        sa.Column("actor_name", sa.String(254), nullable=False),
        sa.Column("job_id", ID),
    )


def downgrade() -> None:
    op.drop_table("resends")
