"""A webhook's own choice whether Retry-After delays its retries."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    # NULL: as the preset says. Processes of the previous release insert rows without a value.
    op.add_column("webhooks", sa.Column("honors_retry_after", sa.Boolean, nullable=True))
    webhooks = sa.table("webhooks", sa.column("preset"), sa.column("honors_retry_after"))
    honors = webhooks.c.preset.in_(("standard", "custom"))
    op.execute(webhooks.update().values(honors_retry_after=honors))


def downgrade() -> None:
    op.drop_column("webhooks", "honors_retry_after")
