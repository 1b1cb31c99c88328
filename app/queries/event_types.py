"""The catalogue of an organization's event types."""

from sqlalchemy import select

from app.extensions import db
from app.models import EventType

# More names than this help nobody in a list to tick.
LISTED = 500


def names(organization_id: str) -> list[str]:
    """In alphabetical order, LISTED of them at most."""
    found = db.session.scalars(
        select(EventType.name)
        .where(EventType.organization_id == organization_id)
        .order_by(EventType.name)
        .limit(LISTED)
    )
    return list(found)
