"""Responses that are kept for repeats of a request."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import Id, Millis, Sealed


class IdempotentRequest(Model):
    """A POST request of the API with an Idempotency-Key; events have their own keys."""

    __tablename__ = "idempotent_requests"

    # SHA-256 of caller, path and key, in hexadecimal digits.
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    # SHA-256 of the query and the body: a key is for one request.
    fingerprint: Mapped[str] = mapped_column(String(64))
    # The API key's; None: the platform key of the environment.
    api_key_id: Mapped[Id | None] = mapped_column(index=True)
    # JSON, sealed because responses hold new secrets. None: the request has not ended.
    response: Mapped[Sealed | None]
    created_at: Mapped[Millis] = mapped_column(index=True)
