"""Reports are jobs, too: of an organization or of the installation, with a result.

The table of background tasks came after the last release, whose processes therefore don't use it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.drop_table("background_tasks")
    with op.batch_alter_table("jobs") as jobs:
        jobs.alter_column("organization_id", existing_type=ID, nullable=True)
        jobs.add_column(sa.Column("result", DOCUMENT))


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE organization_id IS NULL")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_column("result")
        jobs.alter_column("organization_id", existing_type=ID, nullable=False)
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
