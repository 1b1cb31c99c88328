"""Emails about accounts, browsers that people know, and networks of API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
IDENTITY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
DOCUMENT = sa.JSON(none_as_null=True)
PLANNED = sa.text("next_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "account_emails",
        sa.Column("id", IDENTITY, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("to", sa.String(254), nullable=False),
        sa.Column("subject_id", ID),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("problem", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_account_emails_next_at",
        "account_emails",
        ["next_at"],
        postgresql_where=PLANNED,
        sqlite_where=PLANNED,
    )
    op.create_index("ix_account_emails_created_at", "account_emails", ["created_at"])
    op.create_index("ix_account_emails_subject_id", "account_emails", ["subject_id"])
    op.create_table(
        "known_browsers",
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )
    # NULL: all networks. Processes of the previous release insert rows without a value.
    op.add_column("api_keys", sa.Column("allowed_networks", DOCUMENT))


def downgrade() -> None:
    op.drop_column("api_keys", "allowed_networks")
    op.drop_table("known_browsers")
    op.drop_table("account_emails")
