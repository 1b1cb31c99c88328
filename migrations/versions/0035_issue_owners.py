"""How long an acknowledgement of an issue lasts, and who takes care of the issue."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    # Processes of the previous release insert rows without values: until the next failure.
    op.add_column(
        "acknowledgements",
        sa.Column("lasts", sa.String(10), nullable=False, server_default="failure"),
    )
    op.add_column("acknowledgements", sa.Column("until", sa.BigInteger()))
    op.add_column("acknowledgements", sa.Column("owner_id", ID))
    op.add_column("acknowledgements", sa.Column("owner_name", sa.String(254)))


def downgrade() -> None:
    for name in ("owner_name", "owner_id", "until", "lasts"):
        op.drop_column("acknowledgements", name)
