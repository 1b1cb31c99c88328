"""Entries of the audit log name the client's program and the object."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("agent", sa.String(300), nullable=True))
    op.add_column("audit_entries", sa.Column("subject_name", sa.String(300), nullable=True))


def downgrade() -> None:
    op.drop_column("audit_entries", "subject_name")
    op.drop_column("audit_entries", "agent")
