"""Two-factor authentication: the authenticator app's secret, recovery codes, who requires it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
IDENTITY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    # NULL: off. Processes of the previous release insert rows without a value.
    op.add_column("organizations", sa.Column("requires_two_factor", sa.Boolean))
    op.add_column("users", sa.Column("totp_secret", sa.LargeBinary))
    op.add_column("users", sa.Column("totp_confirmed_at", sa.BigInteger))
    op.add_column("users", sa.Column("totp_last_step", sa.BigInteger))
    op.create_table(
        "recovery_codes",
        sa.Column("id", IDENTITY, primary_key=True, autoincrement=True),
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("recovery_codes")
    for column in ("totp_last_step", "totp_confirmed_at", "totp_secret"):
        op.drop_column("users", column)
    op.drop_column("organizations", "requires_two_factor")
