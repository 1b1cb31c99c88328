"""Acknowledged issues."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import Id, Long, Millis


class Acknowledgement(Model):
    """Failures of this webhook for this cause until `at` are acknowledged; which later ones reopen
    the issue depends on `lasts`."""

    __tablename__ = "acknowledgements"

    organization_id: Mapped[Id] = mapped_column(primary_key=True)
    webhook_id: Mapped[Id] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(String(30), primary_key=True)
    # Of the response; 0: none.
    status: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Millis]
    actor_name: Mapped[str] = mapped_column(String(254))
    note: Mapped[Long] = mapped_column(default="")
    # Of `domain.issues.coverage`: until the next failure, until deliveries succeed (`until` is then
    # the first success after `at`), or `until`.
    lasts: Mapped[str] = mapped_column(String(10), default="failure", server_default="failure")
    until: Mapped[Millis | None]
    # Who takes care of it: a member at that time.
    owner_id: Mapped[Id | None]
    owner_name: Mapped[str | None] = mapped_column(String(254))
