"""Registered workers."""

from sqlalchemy import exists, select

from app.models import Worker
from app.models.common.base import db


def is_previous_release_running() -> bool:
    """Whether a worker is registered that knows nothing of `webhooks.secret_headers`."""
    return bool(db.session.scalar(select(exists().where(Worker.release.is_(None)))))
