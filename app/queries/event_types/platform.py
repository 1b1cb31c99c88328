"""Event types of the installation, which belong to every organization's catalogue."""

import msgspec
from sqlalchemy import select

from app.domain.event_types.versions import sample_of, schema_of
from app.models import EventType, PlatformEventType
from app.models.common.base import db


def get(name: str) -> PlatformEventType | None:
    return db.session.get(PlatformEventType, name)


def listed(*, archived: bool = False, limit: int | None = None) -> list[PlatformEventType]:
    """In alphabetical order. archived: include those."""
    statement = select(PlatformEventType).order_by(PlatformEventType.name).limit(limit)
    if not archived:
        statement = statement.where(PlatformEventType.archived.is_(False))
    return list(db.session.scalars(statement))


def names(limit: int) -> list[str]:
    """Without archived ones, in alphabetical order."""
    statement = select(PlatformEventType.name).where(PlatformEventType.archived.is_(False))
    return list(db.session.scalars(statement.order_by(PlatformEventType.name).limit(limit)))


def page(after: str | None, limit: int, q: str | None = None) -> list[PlatformEventType]:
    """Those after a name, without archived ones. q: text in the name or the description."""
    statement = select(PlatformEventType).where(PlatformEventType.archived.is_(False))
    if after is not None:
        statement = statement.where(PlatformEventType.name > after)
    if q:
        holds = PlatformEventType.name.icontains(q, autoescape=True)
        statement = statement.where(
            holds | PlatformEventType.description.icontains(q, autoescape=True)
        )
    return list(db.session.scalars(statement.order_by(PlatformEventType.name).limit(limit)))


def in_catalogue(organization_id: str, row: PlatformEventType) -> EventType:
    """The type as an entry of an organization's catalogue, which is never stored."""
    schema = schema_of(row.schemas)
    sample = sample_of(schema)
    return EventType(
        organization_id=organization_id,
        name=row.name,
        description=row.description,
        sample=None if sample is None else msgspec.json.encode(sample),
        schema=schema,
        created_at=row.created_at,
    )
