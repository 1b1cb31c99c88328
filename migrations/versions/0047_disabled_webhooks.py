"""Find the webhooks that Callboard disabled, which every page asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"

HAS_REASON = sa.text("disabled_reason IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_webhooks_disabled",
        "webhooks",
        ["organization_id"],
        postgresql_where=HAS_REASON,
        sqlite_where=HAS_REASON,
    )


def downgrade() -> None:
    op.drop_index("ix_webhooks_disabled", "webhooks")
