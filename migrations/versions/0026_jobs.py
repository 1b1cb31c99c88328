"""Jobs: bulk work that a person started, and which deliveries each has acted on."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
OF_A_JOB = sa.text("job_id IS NOT NULL")
IS_OPEN = sa.text("state IN ('queued', 'running')")


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", ID, primary_key=True),
        sa.Column("organization_id", ID, sa.ForeignKey("organizations.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("arguments", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("actor_kind", sa.String(10), nullable=False),
        sa.Column("actor_id", sa.String(128)),
        sa.Column("actor_name", sa.String(254), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("total_is_exact", sa.Boolean, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("position", ID),
        sa.Column("runner", sa.String(64)),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("errors", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("touched_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_index("ix_jobs_organization_id_id", "jobs", ["organization_id", "id"])
    op.create_index(
        "ix_jobs_open", "jobs", ["touched_at"], postgresql_where=IS_OPEN, sqlite_where=IS_OPEN
    )
    # NULL: no job has acted on it. Processes of the previous release insert rows without a value.
    op.add_column("deliveries", sa.Column("job_id", ID))
    op.create_index(
        "ix_deliveries_job",
        "deliveries",
        ["job_id", "id", "state", "webhook_id"],
        postgresql_where=OF_A_JOB,
        sqlite_where=OF_A_JOB,
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_job", "deliveries")
    op.drop_column("deliveries", "job_id")
    op.drop_table("jobs")
