"""API keys that the API reference makes for a person name them."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    # No foreign key: processes of the previous release delete users without it.
    op.add_column("api_keys", sa.Column("user_id", ID))
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])


def downgrade() -> None:
    op.drop_index("ix_api_keys_user_id", "api_keys")
    op.drop_column("api_keys", "user_id")
