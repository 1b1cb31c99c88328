"""The installation itself: which SECRET_KEY encrypted its database."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import Millis, Sealed

# The id of the only row.
INSTALLATION_ID = 1


class Installation(Model):
    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # A known text; a key that cannot decrypt it cannot decrypt the rest of the database.
    canary: Mapped[Sealed]
    # `Vault.fingerprint` of the key that encrypted the canary.
    key_fingerprint: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Millis]
