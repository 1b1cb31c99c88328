"""Notifications: who wants mail, and the mails."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
IDENTITY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
DOCUMENT = sa.JSON(none_as_null=True)
WAITING = sa.text("state = 'waiting'")
PLANNED = sa.text("next_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "notification_choices",
        sa.Column("organization_id", ID, sa.ForeignKey("organizations.id"), primary_key=True),
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), primary_key=True, index=True),
        sa.Column("kinds", DOCUMENT, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "mails",
        sa.Column("id", IDENTITY, primary_key=True, autoincrement=True),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("webhook_id", ID, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("news", DOCUMENT, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("problem", sa.Text),
        sqlite_autoincrement=True,
    )
    recipient = ["organization_id", "user_id", "webhook_id"]
    op.create_index(
        "uq_mails_waiting",
        "mails",
        recipient,
        unique=True,
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.create_index(
        "ix_mails_next_at", "mails", ["next_at"], postgresql_where=PLANNED, sqlite_where=PLANNED
    )
    op.create_index("ix_mails_recipient", "mails", [*recipient, "id"])
    op.create_index("ix_mails_organization_id_id", "mails", ["organization_id", "id"])


def downgrade() -> None:
    for table in ("mails", "notification_choices"):
        op.drop_table(table)
