"""The files that jobs export."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    op.create_table(
        "job_files",
        sa.Column("job_id", ID, primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_job_files_expires_at", "job_files", ["expires_at"])


def downgrade() -> None:
    op.drop_table("job_files")
