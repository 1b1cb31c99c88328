"""PostgreSQL refuses numbers that would stop a webhook, or everybody.

SQLite, and what this takes: docs/decisions/0018-check-numbers-in-postgresql.md.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

# Not a number is above infinity there.
CHECKS = {
    "webhooks": {
        "max_in_flight": "max_in_flight >= 1",
        "timeout_seconds": "timeout_seconds > 0 AND timeout_seconds < 'Infinity'",
        "rate_limit_per_second": (
            "rate_limit_per_second > 0 AND rate_limit_per_second < 'Infinity'"
        ),
    },
    "webhook_states": {
        "in_flight": "in_flight >= 0",
        "window": '"window" > 0 AND "window" < \'Infinity\'',
        "tat": "tat >= 0",
    },
    "due": {
        "attempt": "attempt >= 1",
        "run_start": "run_start >= 1",
        "next_at": "next_at >= 0",
        "bytes": "bytes >= 0",
        "delay_ms": "delay_ms >= 0",
    },
}
# What a row needs that breaks one: any later change of it would be refused.
REPAIRS = (
    """
    UPDATE webhooks SET max_in_flight = CASE WHEN max_in_flight >= 1 THEN max_in_flight ELSE 1 END,
        timeout_seconds = CASE WHEN timeout_seconds > 0 AND timeout_seconds < 'Infinity'
            THEN timeout_seconds ELSE 10 END,
        rate_limit_per_second = CASE WHEN rate_limit_per_second > 0
            AND rate_limit_per_second < 'Infinity' THEN rate_limit_per_second END,
        is_active = false, version = version + 1, disabled_at = updated_at,
        disabled_reason = 'Its settings were damaged. Check concurrency, timeout and rate limit, '
            'and save.'
    WHERE NOT (max_in_flight >= 1 AND timeout_seconds > 0 AND timeout_seconds < 'Infinity'
        AND (rate_limit_per_second IS NULL OR (rate_limit_per_second > 0
            AND rate_limit_per_second < 'Infinity')))
    """,
    """
    UPDATE webhook_states SET in_flight = greatest(in_flight, 0), "window" = NULL,
        tat = greatest(tat, 0)
    WHERE in_flight < 0 OR tat < 0 OR NOT ("window" > 0 AND "window" < 'Infinity')
    """,
    """
    UPDATE due SET run_start = greatest(run_start, 1), next_at = greatest(next_at, 0),
        bytes = greatest(bytes, 0), delay_ms = greatest(delay_ms, 0), attempt = greatest(attempt,
            (SELECT coalesce(max(number), 0) + 1 FROM attempts a
             WHERE a.delivery_id = due.delivery_id))
    WHERE attempt < 1 OR run_start < 1 OR next_at < 0 OR bytes < 0 OR delay_ms < 0
    """,
)


def upgrade() -> None:
    if not _is_postgresql():
        return
    for statement in REPAIRS:
        op.execute(sa.text(statement))
    for table, checks in CHECKS.items():
        added = ", ".join(
            f"ADD CONSTRAINT ck_{table}_{name} CHECK ({condition})"
            for name, condition in checks.items()
        )
        op.execute(sa.text(f"ALTER TABLE {table} {added}"))


def downgrade() -> None:
    if not _is_postgresql():
        return
    for table, checks in CHECKS.items():
        dropped = ", ".join(f"DROP CONSTRAINT ck_{table}_{name}" for name in checks)
        op.execute(sa.text(f"ALTER TABLE {table} {dropped}"))


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
