"""Organizations, the people and keys in them, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True)


def upgrade() -> None:
    create_organizations()
    create_users()
    create_memberships()
    create_invitations()
    create_api_keys()
    create_audit_entries()


def downgrade() -> None:
    op.drop_table("audit_entries")
    op.drop_table("api_keys")
    op.drop_table("invitations")
    op.drop_table("memberships")
    op.drop_table("users")
    op.drop_table("organizations")


def create_organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("webhooks_version", sa.Integer, nullable=False),
        sa.Column("callback_secret", sa.LargeBinary),
        sa.Column("previous_callback_secret", sa.LargeBinary),
        sa.Column("previous_callback_secret_until", sa.BigInteger),
        sa.Column("retention_days", sa.Integer),
    )


def create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", ID, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("link_serial", sa.Integer, nullable=False),
        sa.Column("session_serial", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("signed_in_at", sa.BigInteger),
        sa.UniqueConstraint("email"),
    )


def create_memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("organization_id", ID, sa.ForeignKey("organizations.id"), primary_key=True),
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"])


def create_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", ID, primary_key=True),
        sa.Column("organization_id", ID, sa.ForeignKey("organizations.id"), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("invited_by", ID),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("accepted_at", sa.BigInteger),
        sa.UniqueConstraint("organization_id", "email"),
    )


def create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", ID, primary_key=True),
        sa.Column("organization_id", ID, sa.ForeignKey("organizations.id")),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("prefix", sa.String(24), nullable=False),
        sa.Column("scopes", DOCUMENT),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("last_used_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_index("ix_api_keys_organization_id", "api_keys", ["organization_id"])


def create_audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", ID, primary_key=True),
        sa.Column("organization_id", ID),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("actor_kind", sa.String(10), nullable=False),
        sa.Column("actor_id", sa.String(128)),
        sa.Column("actor_name", sa.String(254), nullable=False),
        sa.Column("address", sa.String(45)),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject_id", sa.String(128)),
        sa.Column("before", DOCUMENT),
        sa.Column("after", DOCUMENT),
    )
    op.create_index(
        "ix_audit_entries_organization_id_id", "audit_entries", ["organization_id", "id"]
    )
