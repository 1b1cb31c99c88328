"""API keys."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID, Document, Id, Millis


class ApiKey(Model):
    __tablename__ = "api_keys"

    id: Mapped[Id] = mapped_column(primary_key=True)
    # None: a platform key, valid for every organization.
    organization_id: Mapped[str | None] = mapped_column(
        ID, ForeignKey("organizations.id"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    # SHA-256 of the secret, in hex. The secret has 256 random bits and needs no slow hash.
    secret_hash: Mapped[str] = mapped_column(String(64))
    prefix: Mapped[str] = mapped_column(String(24))
    # None: all scopes.
    scopes: Mapped[Document | None]
    created_at: Mapped[Millis]
    expires_at: Mapped[Millis | None]
    last_used_at: Mapped[Millis | None]
    revoked_at: Mapped[Millis | None]
