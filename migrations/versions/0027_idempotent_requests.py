"""Responses that are kept for repeats of a request."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

TABLE = "idempotent_requests"
ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("api_key_id", ID),
        sa.Column("response", sa.LargeBinary),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_idempotent_requests_api_key_id", TABLE, ["api_key_id"])
    op.create_index("ix_idempotent_requests_created_at", TABLE, ["created_at"])


def downgrade() -> None:
    op.drop_table(TABLE)
