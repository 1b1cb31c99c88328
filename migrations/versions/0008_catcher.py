"""Catchers and what they caught; how often an organization has ended its portal links."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")


def upgrade() -> None:
    _create_catchers()
    _create_caught_requests()
    _create_portal_generations()


def _create_catchers() -> None:
    op.create_table(
        "catchers",
        sa.Column("id", ID, nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("delay_ms", sa.Integer, nullable=False),
        sa.Column("failure_percent", sa.Integer, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("last_received_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_catchers"),
        sa.UniqueConstraint("token", name="uq_catchers_token"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_catchers_organization_id"
        ),
    )
    op.create_index("ix_catchers_organization_id_id", "catchers", ["organization_id", "id"])


def _create_caught_requests() -> None:
    op.create_table(
        "caught_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("catcher_id", ID, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("event_type", sa.String(128)),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("remote_address", sa.String(45)),
        sa.Column("signature", sa.String(10), nullable=False),
        sa.Column("webhook_id", ID),
        sa.Column("delivery_id", ID),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("why", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_caught_requests"),
        sa.ForeignKeyConstraint(
            ["catcher_id"], ["catchers.id"], name="fk_caught_requests_catcher_id"
        ),
    )
    op.create_index("ix_caught_requests_catcher_id_id", "caught_requests", ["catcher_id", "id"])


def _create_portal_generations() -> None:
    op.create_table(
        "portal_generations",
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name="pk_portal_generations"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_portal_generations_organization_id"
        ),
    )


def downgrade() -> None:
    for table in ("portal_generations", "caught_requests", "catchers"):
        op.drop_table(table)
