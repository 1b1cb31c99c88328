"""Ids of the caller's own, event types of the installation, and background tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True)
HAS_UID = sa.text("uid IS NOT NULL AND deleted_at IS NULL")


def upgrade() -> None:
    op.add_column("organizations", sa.Column("uid", sa.String(256)))
    op.add_column("organizations", sa.Column("metadata", DOCUMENT))
    op.create_index("uq_organizations_uid", "organizations", ["uid"], unique=True)
    op.add_column("webhooks", sa.Column("uid", sa.String(256)))
    op.create_index(
        "uq_webhooks_uid",
        "webhooks",
        ["organization_id", "uid"],
        unique=True,
        postgresql_where=HAS_UID,
        sqlite_where=HAS_UID,
    )
    op.create_table(
        "platform_event_types",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("schemas", DOCUMENT),
        sa.Column("group_name", sa.String(256)),
        sa.Column("archived", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("deprecated", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "background_tasks",
        sa.Column("id", ID, primary_key=True),
        sa.Column("organization_id", ID),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("terms", DOCUMENT, nullable=False),
        sa.Column("result", DOCUMENT, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_index(
        "ix_background_tasks_organization_id_id", "background_tasks", ["organization_id", "id"]
    )
    op.create_index("ix_background_tasks_state", "background_tasks", ["state"])


def downgrade() -> None:
    op.drop_table("background_tasks")
    op.drop_table("platform_event_types")
    op.drop_index("uq_webhooks_uid", "webhooks")
    op.drop_column("webhooks", "uid")
    op.drop_index("uq_organizations_uid", "organizations")
    op.drop_column("organizations", "metadata")
    op.drop_column("organizations", "uid")
