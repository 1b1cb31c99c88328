"""Find attempts by the time at which they started, and tell retried ones from final ones."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"

IS_LATE = sa.text("late_at IS NOT NULL")
# As in `domain.deliveries.lateness`. Few rows: retries, and what waited for a paused webhook.
_LATE = """
UPDATE attempts SET late_at = started_at WHERE id IN (
    SELECT attempts.id FROM attempts JOIN deliveries ON deliveries.id = attempts.delivery_id
    WHERE attempts.started_at - deliveries.created_at NOT BETWEEN -60000 AND 300000)"""
# What a resend followed had ended, as far as rows can tell.
_RETRIED = """
UPDATE attempts SET retried = coalesce((
    SELECT CASE
        WHEN attempts.number < deliveries.attempts THEN NOT EXISTS (
            SELECT 1 FROM resends
            WHERE resends.delivery_id = attempts.delivery_id
                AND resends.number = attempts.number + 1)
        ELSE deliveries.state IN ('retrying', 'cancelled') END
    FROM deliveries WHERE deliveries.id = attempts.delivery_id), {false})
WHERE cause != 'ok'"""


def upgrade() -> None:
    op.add_column("attempts", sa.Column("late_at", sa.BigInteger))
    op.add_column("attempts", sa.Column("retried", sa.Boolean))
    op.execute(_LATE)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(_RETRIED.format(false="0" if is_sqlite else "false"))
    op.create_index(
        "ix_attempts_late",
        "attempts",
        ["organization_id", "late_at"],
        postgresql_where=IS_LATE,
        sqlite_where=IS_LATE,
    )


def downgrade() -> None:
    op.drop_index("ix_attempts_late", "attempts")
    op.drop_column("attempts", "retried")
    op.drop_column("attempts", "late_at")
