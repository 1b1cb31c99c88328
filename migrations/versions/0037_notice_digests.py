"""Digests of notices, for chats."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True)
PLANNED = sa.text("next_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "notice_digests",
        sa.Column("webhook_id", ID, primary_key=True),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("sent_at", sa.BigInteger),
    )
    op.create_index(
        "ix_notice_digests_next_at",
        "notice_digests",
        ["next_at"],
        postgresql_where=PLANNED,
        sqlite_where=PLANNED,
    )
    op.create_index("ix_notice_digests_sent_at", "notice_digests", ["sent_at"])


def downgrade() -> None:
    op.drop_table("notice_digests")
