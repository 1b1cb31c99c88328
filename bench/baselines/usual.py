"""(b), (c) A typical implementation: SQLAlchemy ORM, one RQ job per delivery, `requests.post`."""

import hashlib
import hmac
import os
import time
from datetime import UTC, datetime

import requests
from sqlalchemy import ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class UsualWebhook(Base):
    __tablename__ = "usual_webhooks"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    secret: Mapped[str]


class UsualDelivery(Base):
    __tablename__ = "usual_deliveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("usual_webhooks.id"))
    payload: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending", index=True)
    webhook: Mapped[UsualWebhook] = relationship()


class UsualAttempt(Base):
    __tablename__ = "usual_attempts"
    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("usual_deliveries.id"))
    status: Mapped[int]
    body: Mapped[str]
    target: Mapped[datetime]


_engine = None


def opened() -> object:
    """One engine per process."""
    global _engine  # noqa: PLW0603 -- typical code
    if _engine is None:
        _engine = create_engine(os.environ["USUAL_DATABASE_URL"])
        if _engine.dialect.name == "sqlite":
            event.listen(_engine, "connect", _pragmas)
    return _engine


def _pragmas(connection: object, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


def send(delivery_id: int) -> None:
    """The RQ job."""
    with Session(opened()) as session:  # type: ignore[arg-type]
        delivery = session.scalars(
            select(UsualDelivery).where(UsualDelivery.id == delivery_id)
        ).one()
        body = delivery.payload.encode()
        stamp = str(int(time.time()))
        signature = hmac.new(delivery.webhook.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "webhook-timestamp": stamp}
        headers["webhook-signature"] = signature
        response = requests.post(delivery.webhook.url, data=body, headers=headers, timeout=10)
        delivery.state = "succeeded" if response.ok else "failed"
        session.add(
            UsualAttempt(
                delivery_id=delivery.id,
                status=response.status_code,
                body=response.text[:1000],
                target=datetime.now(UTC),
            )
        )
        session.commit()


def fill(urls: list[str], payload: str, number: int) -> None:
    """Create tables, webhooks and `number` deliveries."""
    engine = opened()
    Base.metadata.create_all(engine)  # type: ignore[arg-type]
    with Session(engine) as session:  # type: ignore[arg-type]
        session.add_all(
            UsualWebhook(id=n + 1, url=url, secret="secret") for n, url in enumerate(urls)
        )
        session.add_all(
            UsualDelivery(id=n + 1, webhook_id=n % len(urls) + 1, payload=payload)
            for n in range(number)
        )
        session.commit()
