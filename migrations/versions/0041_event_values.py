"""Values of payloads to search by."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"

EVENT_ID = sa.Uuid(as_uuid=False).with_variant(sa.LargeBinary(16), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event_values",
        sa.Column("hour", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.BigInteger, primary_key=True, autoincrement=False),
        # SQLite stores the 16 bytes of the id.
        sa.Column("event_id", EVENT_ID, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "new_event_values",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.add_column("organizations", sa.Column("indexes_values", sa.Boolean))


def downgrade() -> None:
    op.drop_column("organizations", "indexes_values")
    op.drop_table("new_event_values")
    op.drop_table("event_values")
