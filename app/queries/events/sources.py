"""Find sources by a part of their name."""

from sqlalchemy import select

from app.models import Event
from app.models.common.base import db

# Events whose sources are examined.
NEWEST_SOURCES = 2_000


def sources_like(organization_id: str, text: str, limit: int) -> list[str]:
    """The source of this name, and those of the newest events that contain the text."""
    own = Event.organization_id == organization_id
    exact = db.session.scalars(
        select(Event.source).where(own, Event.source == text).order_by(Event.id.desc()).limit(1)
    ).all()
    newest = (
        select(Event.source).where(own).order_by(Event.id.desc()).limit(NEWEST_SOURCES).subquery().c
    )
    holds = newest.source.icontains(text, autoescape=True)
    similar = db.session.scalars(
        select(newest.source).where(holds).distinct().order_by(newest.source).limit(limit)
    )
    return list(dict.fromkeys(source for source in (*exact, *similar) if source))[:limit]
