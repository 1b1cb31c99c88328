"""Sign-in with OpenID Connect, platform owners, and suspended organizations."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    op.create_table(
        "user_identities",
        sa.Column("issuer", sa.String(500), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
    )
    # With defaults of the database: the previous release inserts rows without these columns.
    op.add_column(
        "users",
        sa.Column("is_platform_owner", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.add_column("user_sessions", sa.Column("entered_id", ID))
    op.add_column("organizations", sa.Column("suspended_at", sa.BigInteger))
    op.add_column(
        "webhooks",
        sa.Column("held", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    # The first person of the installation operates it.
    op.execute(
        "UPDATE users SET is_platform_owner = true"
        " WHERE id = (SELECT id FROM users ORDER BY id LIMIT 1)"
    )


def downgrade() -> None:
    op.drop_column("webhooks", "held")
    op.drop_column("organizations", "suspended_at")
    op.drop_column("user_sessions", "entered_id")
    op.drop_column("users", "is_platform_owner")
    op.drop_table("user_identities")
