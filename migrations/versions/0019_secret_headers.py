"""Headers with credentials are encrypted, once no worker of the previous release sends them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("secret_headers", sa.LargeBinary, nullable=True))
    # NULL: a worker of the previous release, which reads `webhooks.headers` alone.
    op.add_column("workers", sa.Column("release", sa.String(40), nullable=True))
    op.create_table(
        "sealing_marks",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("position", sa.String(64), nullable=True),
        sa.Column("until", sa.String(64), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("sealing_marks")
    op.drop_column("workers", "release")
    op.drop_column("webhooks", "secret_headers")
